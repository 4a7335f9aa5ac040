/* Bodies that attract each other, moved in leaps (kick, drift, kick); energy is kept. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct body {
    double place[3], speed[3], pull[3], mass;
};

static const double softening = 0.05; /* keeps the pull of close bodies finite */

/* Numbers from 0 to 1, always the same ones. */
static double draw(void)
{
    static uint32_t state = 12345;
    state = state * 1664525U + 1013904223U;
    return (double)(state >> 8) / (1 << 24);
}

static void scatter(struct body *bodies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bodies[i].mass = (0.5 + draw()) / (double)count;
        for (int k = 0; k < 3; k++) {
            bodies[i].place[k] = 2 * draw() - 1;
            bodies[i].speed[k] = 0.2 * (2 * draw() - 1);
        }
    }
}

static double square_distance(const struct body *a, const struct body *b, double apart[3])
{
    double sum = softening * softening;
    for (int k = 0; k < 3; k++) {
        apart[k] = b->place[k] - a->place[k];
        sum += apart[k] * apart[k];
    }
    return sum;
}

static void pull(struct body *bodies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < 3; k++)
            bodies[i].pull[k] = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            double apart[3], square = square_distance(&bodies[i], &bodies[j], apart);
            double strength = 1 / (square * sqrt(square));
            for (int k = 0; k < 3; k++) {
                bodies[i].pull[k] += apart[k] * bodies[j].mass * strength;
                bodies[j].pull[k] -= apart[k] * bodies[i].mass * strength;
            }
        }
}

static void leap(struct body *bodies, size_t count, double dt)
{
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < 3; k++) {
            bodies[i].speed[k] += 0.5 * dt * bodies[i].pull[k];
            bodies[i].place[k] += dt * bodies[i].speed[k];
        }
    pull(bodies, count);
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < 3; k++)
            bodies[i].speed[k] += 0.5 * dt * bodies[i].pull[k];
}

static double energy(const struct body *bodies, size_t count)
{
    double sum = 0, apart[3];
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < 3; k++)
            sum += 0.5 * bodies[i].mass * bodies[i].speed[k] * bodies[i].speed[k];
        for (size_t j = i + 1; j < count; j++)
            sum -= bodies[i].mass * bodies[j].mass
                   / sqrt(square_distance(&bodies[i], &bodies[j], apart));
    }
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
    size_t count = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    size_t steps = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (count < 2 || count > 1000000 || !steps) {
        fprintf(stderr, "usage: %s BODIES STEPS\n", argv[0]);
        return 2;
    }
    struct body *bodies = malloc(count * sizeof *bodies);
    if (!bodies)
        return 1;
    scatter(bodies, count);
    pull(bodies, count);
    double before = energy(bodies, count), begun = now();
    for (size_t i = 0; i < steps; i++)
        leap(bodies, count, 0.001);
    double seconds = now() - begun, after = energy(bodies, count);

    printf("energy %.9f before, %.9f after\n", before, after);
    printf("kept %s\n", fabs(after - before) < 1e-4 * fabs(before) ? "yes" : "no");
    for (size_t i = 0; i < count; i += count / 2)
        printf("body %zu at %.9f %.9f %.9f\n", i, bodies[i].place[0], bodies[i].place[1],
               bodies[i].place[2]);
    printf("seconds %.6f\n", seconds);
    free(bodies);
    return 0;
}
