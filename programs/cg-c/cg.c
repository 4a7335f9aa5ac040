/* Solves A x = b for a symmetric positive definite sparse A by conjugate gradients. */
#define _POSIX_C_SOURCE 200809L
#include "matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* y = y + factor x */
static void add(size_t n, double factor, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

/* *x* begins as nothing; *room* holds three vectors. Returns the number of steps, 0 for none. */
static size_t solve(const struct matrix *a, const double *b, double *x, double *room, size_t most)
{
    size_t n = a->rows;
    double *rest = room, *direction = room + n, *image = room + 2 * n;
    for (size_t i = 0; i < n; i++) {
        x[i] = 0;
        rest[i] = direction[i] = b[i];
    }
    double square = dot(n, rest, rest), enough = 1e-24 * square;
    for (size_t step = 1; step <= most; step++) {
        multiply(a, direction, image);
        double length = square / dot(n, direction, image);
        add(n, length, direction, x);
        add(n, -length, image, rest);
        double next = dot(n, rest, rest);
        if (next <= enough)
            return step;
        for (size_t i = 0; i < n; i++)
            direction[i] = rest[i] + next / square * direction[i];
        square = next;
    }
    return 0;
}

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
    size_t rounds = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, steps = 0;
    if (!rounds) {
        fprintf(stderr, "usage: %s MATRIX ROUNDS OUTPUT\n", argv[0]);
        return 2;
    }
    struct matrix a = read_matrix(argv[1]);
    size_t n = a.rows;
    double *b = malloc(n * sizeof *b), *x = malloc(n * sizeof *x);
    double *room = malloc(3 * n * sizeof *room);
    if (!b || !x || !room || a.columns != n) {
        fprintf(stderr, "%s: is not square, or too large\n", argv[1]);
        return 1;
    }
    for (size_t i = 0; i < n; i++)
        b[i] = 1 + (double)(i % 3);

    double begun = now();
    for (size_t round = 0; round < rounds; round++)
        steps = solve(&a, b, x, room, 10 * n);
    double seconds = now() - begun;

    multiply(&a, x, room);
    add(n, -1, b, room);
    double rest = sqrt(dot(n, room, room) / dot(n, b, b));
    printf("unknowns %zu\nsolved %s\n", n, steps && rest < 1e-11 ? "yes" : "no");
    printf("steps %zu\nseconds %.6f\n", steps, seconds);
    if (!write_vector(argv[3], x, n)) {
        fprintf(stderr, "%s: cannot be written\n", argv[3]);
        return 1;
    }
    free(b);
    free(x);
    free(room);
    free_matrix(&a);
    return 0;
}
