/* Shortest ways from the first node of a graph (Dijkstra), with a binary heap. */
#define _POSIX_C_SOURCE 200809L
#include "graph.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct visit {
    uint64_t distance;
    size_t node;
};

/* The nearest is first: no element is nearer than the one at half its place. */
struct heap {
    struct visit *at; /* from 1 on */
    size_t count;
};

static void push(struct heap *heap, struct visit visit)
{
    size_t place = ++heap->count;
    for (; place > 1 && heap->at[place / 2].distance > visit.distance; place /= 2)
        heap->at[place] = heap->at[place / 2];
    heap->at[place] = visit;
}

static struct visit pop(struct heap *heap)
{
    struct visit nearest = heap->at[1], moved = heap->at[heap->count--];
    size_t place = 1;
    for (size_t child; (child = 2 * place) <= heap->count; place = child) {
        if (child < heap->count && heap->at[child + 1].distance < heap->at[child].distance)
            child++;
        if (heap->at[child].distance >= moved.distance)
            break;
        heap->at[place] = heap->at[child];
    }
    heap->at[place] = moved;
    return nearest;
}

/* *distance* becomes UINT64_MAX where there is no way. */
static void search(const struct graph *graph, size_t from, uint64_t *distance, struct heap *heap)
{
    for (size_t i = 0; i < graph->nodes; i++)
        distance[i] = UINT64_MAX;
    distance[from] = 0;
    heap->count = 0;
    push(heap, (struct visit){0, from});
    while (heap->count) {
        struct visit visit = pop(heap);
        if (visit.distance > distance[visit.node])
            continue; /* a shorter way was found after this one was noted */
        for (size_t i = graph->start[visit.node]; i < graph->start[visit.node + 1]; i++) {
            size_t other = graph->neighbour[i];
            uint64_t length = visit.distance + graph->weight[i];
            if (length < distance[other]) {
                distance[other] = length;
                push(heap, (struct visit){length, other});
            }
        }
    }
}

static void write_distances(FILE *file, const uint64_t *distance, size_t nodes)
{
    uint64_t farthest = 0, sum = 0;
    size_t reached = 0;
    for (size_t i = 0; i < nodes; i++) {
        if (distance[i] == UINT64_MAX) {
            fprintf(file, "no way\n");
            continue;
        }
        fprintf(file, "%" PRIu64 "\n", distance[i]);
        farthest = distance[i] > farthest ? distance[i] : farthest;
        sum += distance[i];
        reached++;
    }
    printf("reached %zu of %zu\n", reached, nodes);
    printf("farthest %" PRIu64 "\nsum %" PRIu64 "\n", farthest, sum);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t rounds = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (!rounds) {
        fprintf(stderr, "usage: %s GRAPH ROUNDS OUTPUT\n", argv[0]);
        return 2;
    }
    struct graph graph = read_graph(argv[1]);
    size_t room = graph.start[graph.nodes] + 2; /* every edge is noted at most once each way */
    uint64_t *distance = malloc(graph.nodes * sizeof *distance);
    struct heap heap = {malloc(room * sizeof *heap.at), 0};
    FILE *file = fopen(argv[3], "w");
    if (!distance || !heap.at || !file) {
        fprintf(stderr, "%s: cannot be written, or there is not enough memory\n", argv[3]);
        return 1;
    }
    double begun = now();
    for (size_t round = 1; round < rounds; round++)
        search(&graph, round * 7 % graph.nodes, distance, &heap);
    search(&graph, 0, distance, &heap);
    double seconds = now() - begun;

    write_distances(file, distance, graph.nodes);
    printf("seconds %.6f\n", seconds);
    fclose(file);
    free(distance);
    free(heap.at);
    free_graph(&graph);
    return 0;
}
