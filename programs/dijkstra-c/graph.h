/* Undirected graphs with weights, read from lists of edges. */
#ifndef GRAPH_H
#define GRAPH_H

#include <stddef.h>

struct graph {
    size_t nodes;
    size_t *start; /* the neighbours of node i are neighbour[start[i]] to [start[i + 1] - 1] */
    size_t *neighbour;
    unsigned *weight;
};

/* Lines that begin with # are comments; the first other one holds the numbers of nodes and edges,
 * every further one two nodes (from 0) and a weight. Ends the program when *name* is no such file.
 */
struct graph read_graph(const char *name);
void free_graph(struct graph *graph);

#endif
