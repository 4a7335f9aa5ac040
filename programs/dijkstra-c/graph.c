#include "graph.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 1 << 28, HEAVIEST = 1 << 20 };

struct edge {
    size_t from, to;
    unsigned weight;
};

static void fail(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

static void *make(size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size);
    if (!made)
        fail("memory", "there is not enough");
    return made;
}

static char *next_line(const char *name, FILE *file, char *line, int size)
{
    do
        if (!fgets(line, size, file))
            fail(name, "ends too early");
    while (line[0] == '#');
    return line;
}

/* A whole number from 0 to *most*; *text* moves behind it. */
static size_t number(const char *name, char **text, size_t most)
{
    char *end;
    long long found = strtoll(*text, &end, 10);
    if (end == *text || found < 0 || (unsigned long long)found > most)
        fail(name, "holds a number that is none, or out of range");
    *text = end;
    return (size_t)found;
}

static void set_neighbour(struct graph *graph, size_t *next, size_t node, size_t other,
                          unsigned weight)
{
    size_t place = next[node]++;
    graph->neighbour[place] = other;
    graph->weight[place] = weight;
}

static struct graph by_nodes(size_t nodes, const struct edge *edges, size_t count)
{
    struct graph made = {nodes, make(nodes + 2, sizeof *made.start),
                         make(2 * count, sizeof *made.neighbour),
                         make(2 * count, sizeof *made.weight)};
    size_t *next = made.start + 1; /* where the next neighbour of a node goes */
    for (size_t i = 0; i < count; i++) {
        made.start[edges[i].from + 2]++;
        made.start[edges[i].to + 2]++;
    }
    for (size_t node = 1; node < nodes; node++)
        next[node] += next[node - 1];
    for (size_t i = 0; i < count; i++) {
        set_neighbour(&made, next, edges[i].from, edges[i].to, edges[i].weight);
        set_neighbour(&made, next, edges[i].to, edges[i].from, edges[i].weight);
    }
    return made;
}

struct graph read_graph(const char *name)
{
    char line[256], *text = line;
    FILE *file = fopen(name, "r");
    if (!file)
        fail(name, "cannot be read");
    next_line(name, file, line, sizeof line);
    size_t nodes = number(name, &text, MOST), count = number(name, &text, MOST);
    if (!nodes)
        fail(name, "has no nodes");
    struct edge *edges = make(count, sizeof *edges);
    for (size_t i = 0; i < count; i++) {
        text = next_line(name, file, line, sizeof line);
        edges[i].from = number(name, &text, nodes - 1);
        edges[i].to = number(name, &text, nodes - 1);
        edges[i].weight = (unsigned)number(name, &text, HEAVIEST);
    }
    fclose(file);
    struct graph made = by_nodes(nodes, edges, count);
    free(edges);
    return made;
}

void free_graph(struct graph *graph)
{
    free(graph->start);
    free(graph->neighbour);
    free(graph->weight);
}
