/* Memory bandwidth: four simple sweeps over arrays that no cache holds, the best of several rounds.
   Bytes are counted as they are named in the source: two arrays for copy and scale, three for add
   and triad. The arrays' contents are checked against what the rounds must have made of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COPY, SCALE, ADD, TRIAD, SWEEPS };

static const char *const names[SWEEPS] = {"copy", "scale", "add", "triad"};
static const double arrays_of[SWEEPS] = {2, 2, 3, 3};
static const double factor = 0.25;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sweep(int which, size_t n, double *restrict a, double *restrict b, double *restrict c)
{
    switch (which) {
    case COPY:
        for (size_t i = 0; i < n; i++)
            c[i] = a[i];
        break;
    case SCALE:
        for (size_t i = 0; i < n; i++)
            b[i] = factor * c[i];
        break;
    case ADD:
        for (size_t i = 0; i < n; i++)
            c[i] = a[i] + b[i];
        break;
    default:
        for (size_t i = 0; i < n; i++)
            a[i] = b[i] + factor * c[i];
    }
}

/* A sum in which elements that change places show. */
static double weighted(size_t n, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * (double)(1 + i % 5);
    return sum;
}

int main(int argc, char **argv)
{
    size_t n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    int rounds = argc == 3 ? atoi(argv[2]) : 0;
    if (n == 0 || n > 1000000000 || rounds < 1 || rounds > 100) {
        fprintf(stderr, "usage: %s ELEMENTS ROUNDS\n", argv[0]);
        return 2;
    }
    double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), *c = malloc(n * sizeof *c);
    if (!a || !b || !c)
        return 1;
    for (size_t i = 0; i < n; i++) {
        a[i] = 1 + (double)(i % 16) / 16;
        b[i] = c[i] = 0;
    }
    double best[SWEEPS] = {INFINITY, INFINITY, INFINITY, INFINITY};
    for (int round = 0; round < rounds; round++)
        for (int which = 0; which < SWEEPS; which++) {
            double begun = now();
            sweep(which, n, a, b, c);
            best[which] = fmin(best[which], now() - begun);
        }
    printf("a %.12e\nb %.12e\nc %.12e\n", weighted(n, a), weighted(n, b), weighted(n, c));
    for (int which = 0; which < SWEEPS; which++)
        printf("%s %.6e B/s\n", names[which],
               arrays_of[which] * (double)(n * sizeof *a) / fmax(best[which], 1e-9));
    free(a);
    free(b);
    free(c);
    return 0;
}
