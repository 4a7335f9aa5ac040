/* Product of a sparse matrix and a vector. */
#define _POSIX_C_SOURCE 200809L
#include "matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int write_vector(const char *name, const double *x, size_t size)
{
    FILE *file = fopen(name, "w");
    for (size_t i = 0; file && i < size; i++)
        fprintf(file, "%.9f\n", x[i]);
    return file && fclose(file) == 0;
}

int main(int argc, char **argv)
{
    size_t rounds = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (!rounds) {
        fprintf(stderr, "usage: %s MATRIX ROUNDS OUTPUT\n", argv[0]);
        return 2;
    }
    struct matrix a = read_matrix(argv[1]);
    size_t stored = a.start[a.rows];
    double *x = malloc(a.columns * sizeof *x), *y = malloc(a.rows * sizeof *y);
    if (!x || !y)
        return 1;
    for (size_t i = 0; i < a.columns; i++)
        x[i] = 1 + (double)(i % 7) / 8;

    double begun = now();
    for (size_t round = 0; round < rounds; round++)
        multiply(&a, x, y);
    double seconds = now() - begun;

    double sum = 0, square = 0;
    for (size_t i = 0; i < a.rows; i++) {
        sum += y[i];
        square += y[i] * y[i];
    }
    printf("%zu by %zu, %zu stored\n", a.rows, a.columns, stored);
    printf("sum %.9f\nlength %.9f\nseconds %.6f\n", sum, sqrt(square), seconds);
    printf("rate %.0f\n", (double)(2 * stored * rounds) / (seconds > 0 ? seconds : 1e-9));
    if (!write_vector(argv[3], y, a.rows)) {
        fprintf(stderr, "%s: cannot be written\n", argv[3]);
        return 1;
    }
    free(x);
    free(y);
    free_matrix(&a);
    return 0;
}
