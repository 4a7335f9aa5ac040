/* An automaton of cells in a row: how many live in the course of time, and which in the end. */
#define _POSIX_C_SOURCE 199309L
#include "row.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    unsigned long rule = argc == 4 ? strtoul(argv[1], NULL, 10) : 256;
    unsigned long words = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    long generations = argc == 4 ? atol(argv[3]) : -1;
    if (rule > 255 || words == 0 || words > 1ul << 24 || generations < 0) {
        fprintf(stderr, "usage: %s RULE WORDS GENERATIONS\n", argv[0]);
        return 2;
    }
    struct row row;
    if (!row_open(&row, words))
        return 1;
    size_t lived = 0;
    double begun = now();
    for (long generation = 0; generation < generations; generation++) {
        lived += row_living(&row);
        row_step(&row, (unsigned)rule);
    }
    double seconds = now() - begun;
    printf("lived %zu living %zu\ndigest %016llx\nseconds %.6f\n", lived, row_living(&row),
           (unsigned long long)row_digest(&row), seconds);
    row_close(&row);
    return 0;
}
