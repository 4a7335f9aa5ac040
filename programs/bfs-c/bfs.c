/* Breadth-first search: how many edges every node is away from the first. */
#define _POSIX_C_SOURCE 200809L
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* *depth* becomes -1 where there is no way; returns how many nodes were reached. */
static size_t search(const struct graph *graph, size_t from, long *depth, size_t *queue)
{
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < graph->nodes; i++)
        depth[i] = -1;
    depth[from] = 0;
    queue[tail++] = from;
    while (head < tail) {
        size_t node = queue[head++];
        for (size_t i = graph->start[node]; i < graph->start[node + 1]; i++) {
            size_t other = graph->neighbour[i];
            if (depth[other] < 0) {
                depth[other] = depth[node] + 1;
                queue[tail++] = other;
            }
        }
    }
    return tail;
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
    long *depth = malloc(graph.nodes * sizeof *depth);
    size_t *queue = malloc(graph.nodes * sizeof *queue);
    FILE *file = fopen(argv[3], "w");
    if (!depth || !queue || !file) {
        fprintf(stderr, "%s: cannot be written, or there is not enough memory\n", argv[3]);
        return 1;
    }
    double begun = now();
    for (size_t round = 1; round < rounds; round++)
        search(&graph, round * 7 % graph.nodes, depth, queue);
    size_t reached = search(&graph, 0, depth, queue);
    double seconds = now() - begun;

    printf("reached %zu of %zu\n", reached, graph.nodes);
    printf("farthest %zu, %ld away\n", queue[reached - 1], depth[queue[reached - 1]]);
    printf("seconds %.6f\n", seconds);
    for (size_t i = 0; i < graph.nodes; i++)
        fprintf(file, "%ld\n", depth[i]);
    fclose(file);
    free(depth);
    free(queue);
    free_graph(&graph);
    return 0;
}
