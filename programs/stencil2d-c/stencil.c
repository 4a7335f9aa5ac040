/* Heat spreads over a square plate: Jacobi steps of the five-point stencil, edges held fixed. */
#define _POSIX_C_SOURCE 200809L
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The top edge is hot, the right edge warms from bottom to top, all else begins cold. */
static void prepare(size_t n, double *grid)
{
    for (size_t i = 0; i < n * n; i++)
        grid[i] = 0;
    for (size_t j = 0; j < n; j++)
        grid[j] = 100;
    for (size_t i = 1; i < n; i++)
        grid[i * n + n - 1] = 50 * (double)(n - 1 - i) / (double)(n - 1);
}

static void step(size_t n, const double *from, double *to)
{
    for (size_t i = 1; i < n - 1; i++)
        for (size_t j = 1; j < n - 1; j++) {
            const double *at = from + i * n + j;
            to[i * n + j] = 0.25 * (at[-1] + at[1] + at[-(ptrdiff_t)n] + at[n]);
        }
}

/* Nine by nine places of the plate, edges among them. */
static int write_samples(const char *path, size_t n, const double *grid)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return 0;
    for (size_t i = 0; i <= 8; i++)
        for (size_t j = 0; j <= 8; j++) {
            size_t row = i * (n - 1) / 8, column = j * (n - 1) / 8;
            fprintf(file, "%.9f%c", grid[row * n + column], j < 8 ? ' ' : '\n');
        }
    return fclose(file) == 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t n = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    size_t steps = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (n < 9 || n > 20000 || !steps) {
        fprintf(stderr, "usage: %s N STEPS OUTPUT\n", argv[0]);
        return 2;
    }
    double *grid = malloc(n * n * sizeof *grid), *next = malloc(n * n * sizeof *next);
    if (!grid || !next)
        return 1;
    prepare(n, grid);
    prepare(n, next);

    double begun = now();
    for (size_t i = 0; i < steps; i++) {
        step(n, grid, next);
        double *kept = grid;
        grid = next;
        next = kept;
    }
    double seconds = now() - begun;

    double sum = 0;
    for (size_t i = 0; i < n * n; i++)
        sum += grid[i];
    printf("mean %.9f\nseconds %.6f\n", sum / (double)(n * n), seconds);
    printf("rate %.1f\n", (double)((n - 2) * (n - 2) * steps) / (seconds > 0 ? seconds : 1e-9));
    if (!write_samples(argv[3], n, grid)) {
        fprintf(stderr, "%s: cannot be written\n", argv[3]);
        return 1;
    }
    free(grid);
    free(next);
    return 0;
}
