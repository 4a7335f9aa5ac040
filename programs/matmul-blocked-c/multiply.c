#include "multiply.h"

#include <stdlib.h>

#ifndef BLOCK
#define BLOCK 32
#endif

void multiply_naive(size_t n, const double *a, const double *b, double *c)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
}

void multiply_transposed(size_t n, const double *a, const double *b, double *c)
{
    double *turned = malloc(n * n * sizeof *turned);
    if (!turned)
        abort();
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < n; j++)
            turned[j * n + k] = b[k * n + j];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += a[i * n + k] * turned[j * n + k];
            c[i * n + j] = sum;
        }
    free(turned);
}

static size_t end_of_block(size_t start, size_t n)
{
    return start + BLOCK < n ? start + BLOCK : n;
}

/* What one square of a and one of b add to one of c. */
static void add_block(size_t n, size_t row, size_t middle, size_t column, const double *a,
                      const double *b, double *c)
{
    size_t last_row = end_of_block(row, n), last_middle = end_of_block(middle, n);
    size_t last_column = end_of_block(column, n);
    for (size_t i = row; i < last_row; i++)
        for (size_t k = middle; k < last_middle; k++)
            for (size_t j = column; j < last_column; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
}

void multiply_blocked(size_t n, const double *a, const double *b, double *c)
{
    for (size_t row = 0; row < n; row += BLOCK)
        for (size_t middle = 0; middle < n; middle += BLOCK)
            for (size_t column = 0; column < n; column += BLOCK)
                add_block(n, row, middle, column, a, b, c);
}
