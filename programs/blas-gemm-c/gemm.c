/* c = alpha a b + beta c with the matrix product of a BLAS; prints what proves it right. */
#include <cblas.h>
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
    int n = argc > 1 ? atoi(argv[1]) : 0;
    if (n < 1 || n > 20000) {
        fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    size_t count = (size_t)n * (size_t)n;
    double *a = malloc(count * sizeof *a), *b = malloc(count * sizeof *b);
    double *c = malloc(count * sizeof *c);
    if (!a || !b || !c)
        return 1;
    for (size_t i = 0; i < count; i++) {
        a[i] = (double)(i % 17) / 16;
        b[i] = (double)(i % 13) / 8 - 0.5;
        c[i] = (double)(i % 7) / 4;
    }
    double begun = now();
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 2, a, n, b, n, -1, c, n);
    double seconds = now() - begun, size = (double)n;

    double trace = 0, sum = 0;
    for (int i = 0; i < n; i++) {
        trace += c[i * n + i];
        for (int j = 0; j < n; j++)
            sum += c[i * n + j] * (double)((i + 2 * j) % 5);
    }
    printf("trace %.9f\nweighted sum %.9f\n", trace, sum);
    printf("flops %.6e\nseconds %.6f\n", 2 * size * size * size / seconds, seconds);
    free(a);
    free(b);
    free(c);
    return 0;
}
