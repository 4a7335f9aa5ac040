/* c = a * b for two square matrices with small known elements; prints what proves it right. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void multiply(size_t n, const double *a, const double *b, double *c)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
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
        a[i] = (double)(i % 17) / 16;
        b[i] = (double)(i % 13) / 8 - 0.5;
    }
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    multiply(n, a, b, c);
    clock_gettime(CLOCK_MONOTONIC, &ended);

    double trace = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        trace += c[i * n + i];
        for (size_t j = 0; j < n; j++)
            sum += c[i * n + j] * (double)((i + 2 * j) % 5);
    }
    printf("trace %.9f\nweighted sum %.9f\n", trace, sum);
    printf("seconds %.6f\n",
           (double)(ended.tv_sec - begun.tv_sec) + 1e-9 * (double)(ended.tv_nsec - begun.tv_nsec));
    free(a);
    free(b);
    free(c);
    return 0;
}
