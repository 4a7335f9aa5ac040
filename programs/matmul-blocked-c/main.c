/* Product of two square matrices by the way that VARIANT names.
 *
 * All elements are multiples of a small power of two, so the sums are exact in any order.
 */
#define _POSIX_C_SOURCE 200809L
#include "multiply.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifndef VARIANT
#define VARIANT multiply_blocked
#endif

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (n == 0 || n > 20000) {
        fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    double *a = malloc(n * n * sizeof *a), *b = malloc(n * n * sizeof *b);
    double *c = calloc(n * n, sizeof *c);
    if (!a || !b || !c)
        return 1;
    for (size_t i = 0; i < n * n; i++) {
        a[i] = (double)(i % 17) / 16;
        b[i] = (double)(i % 13) / 8 - 0.5;
    }
    double begun = now();
    VARIANT(n, a, b, c);
    double seconds = now() - begun;

    double trace = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        trace += c[i * n + i];
        for (size_t j = 0; j < n; j++)
            sum += c[i * n + j] * (double)((i + 2 * j) % 5);
    }
    printf("trace %.7f\nweighted sum %.7f\n", trace, sum);
    printf("seconds %.6f\n", seconds);
    printf("rate %.0f\n", 2.0 * (double)(n * n * n) / (seconds > 0 ? seconds : 1e-9));
    free(a);
    free(b);
    free(c);
    return 0;
}
