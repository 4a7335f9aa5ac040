/* Reductions of a long sequence by threads: a sum, a dot product, the place of the largest
   element (a reduction of its own) and a histogram (a reduction of an array). */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BINS = 8 };

struct peak {
    double value;
    size_t place;
};

/* The larger one; of equal ones that which comes first, whatever the order of the threads. */
static struct peak higher(struct peak a, struct peak b)
{
    if (a.value > b.value || (a.value == b.value && a.place < b.place))
        return a;
    return b;
}

#pragma omp declare reduction(highest : struct peak : omp_out = higher(omp_out, omp_in)) \
    initializer(omp_priv = omp_orig)

/* Element i of the sequence, in [0, 1): the high bits of a mixed counter. */
static double element(size_t i)
{
    uint64_t x = (uint64_t)i * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    return (double)(x >> 40) / (double)(UINT64_C(1) << 24);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (n == 0 || n > 1000000000) {
        fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    double *x = malloc(n * sizeof *x);
    if (!x)
        return 1;
    double begun = omp_get_wtime();
#pragma omp parallel for
    for (size_t i = 0; i < n; i++)
        x[i] = element(i);

    double sum = 0, dot = 0;
    unsigned long bins[BINS] = {0};
    struct peak top = {x[0], 0};
#pragma omp parallel for reduction(+ : sum, dot, bins) reduction(highest : top)
    for (size_t i = 0; i < n; i++) {
        struct peak here = {x[i], i};
        sum += x[i];
        dot += x[i] * x[n - 1 - i];
        bins[(int)(x[i] * BINS)]++;
        top = higher(top, here);
    }
    double seconds = omp_get_wtime() - begun;

    printf("sum %.9f\ndot %.9f\nlargest %.9f at %zu\nbins", sum, dot, top.value, top.place);
    for (int i = 0; i < BINS; i++)
        printf(" %lu", bins[i]);
    printf("\nthreads %d\nseconds %.6f\n", omp_get_max_threads(), seconds);
    free(x);
    return 0;
}
