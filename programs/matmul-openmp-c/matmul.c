/* c = a * b for two square matrices, in tiles that the threads share out among themselves. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { TILE = 32 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One tile of c, which no other thread writes. */
static void multiply_tile(size_t n, const double *a, const double *b, double *c, size_t row,
                          size_t column)
{
    size_t last_row = smaller(row + TILE, n), last_column = smaller(column + TILE, n);
    for (size_t middle = 0; middle < n; middle += TILE) {
        size_t last = smaller(middle + TILE, n);
        for (size_t i = row; i < last_row; i++)
            for (size_t k = middle; k < last; k++)
                for (size_t j = column; j < last_column; j++)
                    c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
}

static void multiply(size_t n, const double *a, const double *b, double *c)
{
#pragma omp parallel for collapse(2) schedule(dynamic)
    for (size_t row = 0; row < n; row += TILE)
        for (size_t column = 0; column < n; column += TILE)
            multiply_tile(n, a, b, c, row, column);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (n == 0 || n > 20000) {
        fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    double *a = malloc(n * n * sizeof *a), *b = malloc(n * n * sizeof *b);
    double *c = calloc(n * n, sizeof *c);
    if (!a || !b || !c)
        return 1;
    for (size_t i = 0; i < n * n; i++) {
        a[i] = (double)(i % 19) / 16 - 0.25;
        b[i] = (double)(i % 11) / 8;
    }
    double begun = omp_get_wtime();
    multiply(n, a, b, c);
    double seconds = omp_get_wtime() - begun;

    double trace = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        trace += c[i * n + i];
        for (size_t j = 0; j < n; j++)
            sum += c[i * n + j] * (double)((2 * i + j) % 7);
    }
    printf("trace %.9f\nweighted sum %.9f\n", trace, sum);
    printf("threads %d\nseconds %.6f\n", omp_get_max_threads(), seconds);
    free(a);
    free(b);
    free(c);
    return 0;
}
