/* Floating point speed: a dense system of equations solved by elimination with row exchanges.
   The right hand side belongs to a known solution, and the residual says whether what came out
   is as near to it as this arithmetic can be. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The matrix, always the same: elements in [-0.5, 0.5). */
static void fill(size_t n, double *a)
{
    uint32_t state = 2463534242u;
    for (size_t i = 0; i < n * n; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        a[i] = (double)state / 4294967296.0 - 0.5;
    }
}

static double known(size_t i)
{
    return 1 + (double)(i % 4) / 2;
}

static void times_known(size_t n, const double *a, double *b)
{
    for (size_t i = 0; i < n; i++) {
        b[i] = 0;
        for (size_t j = 0; j < n; j++)
            b[i] += a[i * n + j] * known(j);
    }
}

static size_t pivot_below(size_t n, const double *a, size_t column)
{
    size_t best = column;
    for (size_t row = column + 1; row < n; row++)
        if (fabs(a[row * n + column]) > fabs(a[best * n + column]))
            best = row;
    return best;
}

static void exchange(size_t n, double *a, double *b, size_t row, size_t other)
{
    for (size_t j = 0; j < n && row != other; j++) {
        double kept = a[row * n + j];
        a[row * n + j] = a[other * n + j];
        a[other * n + j] = kept;
    }
    double kept = b[row];
    b[row] = b[other];
    b[other] = kept;
}

/* Makes a upper triangular and b what belongs to it; the logarithm of |determinant|. */
static double eliminate(size_t n, double *a, double *b)
{
    double logarithm = 0;
    for (size_t k = 0; k < n; k++) {
        exchange(n, a, b, k, pivot_below(n, a, k));
        logarithm += log(fabs(a[k * n + k]));
        for (size_t row = k + 1; row < n; row++) {
            double ratio = a[row * n + k] / a[k * n + k];
            for (size_t j = k; j < n; j++)
                a[row * n + j] -= ratio * a[k * n + j];
            b[row] -= ratio * b[k];
        }
    }
    return logarithm;
}

static void substitute(size_t n, const double *a, double *x)
{
    for (size_t i = n; i-- > 0;) {
        for (size_t j = i + 1; j < n; j++)
            x[i] -= a[i * n + j] * x[j];
        x[i] /= a[i * n + i];
    }
}

/* The largest element of a x - b, in units of what rounding alone may leave. */
static double residual(size_t n, const double *a, const double *x, const double *b)
{
    double largest = 0, of_a = 0, of_x = 0;
    for (size_t i = 0; i < n; i++) {
        double r = -b[i];
        for (size_t j = 0; j < n; j++) {
            r += a[i * n + j] * x[j];
            of_a = fmax(of_a, fabs(a[i * n + j]));
        }
        largest = fmax(largest, fabs(r));
        of_x = fmax(of_x, fabs(x[i]));
    }
    return largest / (of_a * of_x * (double)n * DBL_EPSILON);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (n == 0 || n > 20000) {
        fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    double *a = malloc(n * n * sizeof *a), *b = malloc(n * sizeof *b), *x = malloc(n * sizeof *x);
    if (!a || !b || !x)
        return 1;
    fill(n, a);
    times_known(n, a, x);
    double begun = now();
    double logarithm = eliminate(n, a, x);
    substitute(n, a, x);
    double seconds = now() - begun;

    fill(n, a);
    times_known(n, a, b);
    double sum = 0, size = (double)n;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * (double)(1 + i % 3);
    printf("log determinant %.9f\nweighted sum %.9f\n", logarithm, sum);
    printf("residual %s\n", residual(n, a, x, b) < 16 ? "passed" : "FAILED");
    printf("flops %.6e\nseconds %.6f\n", (2 * size * size * size / 3 + 2 * size * size) / seconds,
           seconds);
    free(a);
    free(b);
    free(x);
    return 0;
}
