/* The spectrum of a signal of three tones by FFTW: which frequencies stand out and how strong they
   are, whether no energy was lost on the way, and whether the way back gives the signal again. */
#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TONES = 3 };

static const double pi = 3.14159265358979323846;
static const size_t parts[TONES] = {3, 16, 5};         /* the tones' frequencies: n / part */
static const double amplitudes[TONES] = {1, 0.5, 0.25};
static const double phases[TONES] = {0.25, 0.5, 1};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double signal_at(size_t i, size_t n)
{
    double sum = 0;
    for (int tone = 0; tone < TONES; tone++) {
        size_t turns = n / parts[tone] * i % n; /* exact, so that the sine is */
        sum += amplitudes[tone] * sin(2 * pi * (double)turns / (double)n + phases[tone]);
    }
    return sum;
}

static double energy(size_t n, const fftw_complex *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += creal(x[i]) * creal(x[i]) + cimag(x[i]) * cimag(x[i]);
    return sum;
}

static void print_tones(size_t n, const fftw_complex *spectrum)
{
    for (size_t i = 0; i < n / 2; i++) {
        double amplitude = 2 * cabs(spectrum[i]) / (double)n;
        if (amplitude > 0.01)
            printf("tone %zu amplitude %.9f phase %.9f\n", i, amplitude,
                   carg(spectrum[i]) + pi / 2);
    }
}

static double worst_difference(size_t n, const fftw_complex *back)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, cabs(back[i] / (double)n - signal_at(i, n)));
    return worst;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (n < 64 || n > 100000000) {
        fprintf(stderr, "usage: %s SAMPLES\n", argv[0]);
        return 2;
    }
    fftw_complex *x = fftw_alloc_complex(n);
    if (!x)
        return 1;
    fftw_plan there = fftw_plan_dft_1d((int)n, x, x, FFTW_FORWARD, FFTW_ESTIMATE);
    fftw_plan back = fftw_plan_dft_1d((int)n, x, x, FFTW_BACKWARD, FFTW_ESTIMATE);
    if (!there || !back)
        return 1;
    for (size_t i = 0; i < n; i++)
        x[i] = signal_at(i, n);
    double before = energy(n, x);

    double begun = now();
    fftw_execute(there);
    double seconds = now() - begun;
    print_tones(n, x);
    printf("energy %.6f of %.6f\n", energy(n, x) / (double)n, before);
    begun = now();
    fftw_execute(back);
    seconds += now() - begun;
    printf("back %s\nseconds %.6f\n", worst_difference(n, x) < 1e-12 ? "passed" : "FAILED", seconds);

    fftw_destroy_plan(there);
    fftw_destroy_plan(back);
    fftw_free(x);
    return 0;
}
