/* Radix-2 fast Fourier transform, forwards and back; prints what proves it right. */
#define _POSIX_C_SOURCE 200809L
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const double pi = 3.14159265358979323846;

/* Put every element where the bits of its index, read backwards, say. */
static void reverse_bits(size_t n, double complex *x)
{
    for (size_t i = 1, j = 0; i < n; i++) {
        size_t bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j |= bit;
        if (i < j) {
            double complex kept = x[i];
            x[i] = x[j];
            x[j] = kept;
        }
    }
}

/* In place; roots[k] is exp(-2 pi i k / n), conjugated on the way back. Nothing is scaled. */
static void transform(size_t n, double complex *x, const double complex *roots, int back)
{
    reverse_bits(n, x);
    for (size_t length = 2; length <= n; length *= 2) {
        size_t half = length / 2, stride = n / length;
        for (size_t start = 0; start < n; start += length)
            for (size_t k = 0; k < half; k++) {
                double complex root = back ? conj(roots[k * stride]) : roots[k * stride];
                double complex even = x[start + k], odd = root * x[start + k + half];
                x[start + k] = even + odd;
                x[start + k + half] = even - odd;
            }
    }
}

static double signal(size_t i)
{
    return (double)((7 * i * i + 3 * i) % 31) / 31 - 0.25;
}

static double energy(size_t n, const double complex *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += creal(x[i]) * creal(x[i]) + cimag(x[i]) * cimag(x[i]);
    return sum;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    size_t rounds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (n < 16 || n > 1UL << 24 || (n & (n - 1)) || !rounds) {
        fprintf(stderr, "usage: %s N ROUNDS, where N is a power of two from 16 on\n", argv[0]);
        return 2;
    }
    double complex *x = malloc(n * sizeof *x), *roots = malloc(n / 2 * sizeof *roots);
    if (!x || !roots)
        return 1;
    for (size_t i = 0; i < n; i++)
        x[i] = signal(i);
    for (size_t k = 0; k < n / 2; k++)
        roots[k] = cos(2 * pi * (double)k / (double)n) - I * sin(2 * pi * (double)k / (double)n);

    double before = energy(n, x), begun = now();
    for (size_t round = 0; round < rounds; round++) {
        transform(n, x, roots, 0);
        if (round + 1 == rounds)
            break; /* the last spectrum is what is shown */
        transform(n, x, roots, 1);
        for (size_t i = 0; i < n; i++)
            x[i] /= (double)n;
    }
    double seconds = now() - begun;

    for (size_t bin = 0; bin <= n / 2; bin += n / 16)
        printf("bin %zu: %.9f\n", bin, cabs(x[bin]));
    printf("energy: %.9f before, %.9f after\n", before, energy(n, x) / (double)n);
    transform(n, x, roots, 1);
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, cabs(x[i] / (double)n - signal(i)));
    printf("round trip: %s\n", worst < 1e-11 ? "the same" : "different");
    printf("seconds %.6f\n", seconds);
    free(x);
    free(roots);
    return 0;
}
