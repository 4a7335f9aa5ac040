/* Pi from random points in a square: how many of them lie in the quarter of a circle.
 *
 * All in whole numbers, so that every compiler counts the same points.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A counter whose bits are mixed until nothing of its order is left. */
static uint64_t draw(uint64_t *counter)
{
    uint64_t bits = *counter += 0x9e3779b97f4a7c15U;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebU;
    return bits ^ bits >> 31;
}

static uint64_t count_inside(uint64_t points, uint64_t seed)
{
    uint64_t inside = 0;
    for (uint64_t i = 0; i < points; i++) {
        uint64_t bits = draw(&seed), x = bits >> 33, y = bits & 0x7fffffff;
        inside += x * x + y * y < (uint64_t)1 << 62;
    }
    return inside;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    uint64_t points = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    if (!points) {
        fprintf(stderr, "usage: %s POINTS SEED\n", argv[0]);
        return 2;
    }
    double begun = now();
    uint64_t inside = count_inside(points, strtoull(argv[2], NULL, 10));
    double seconds = now() - begun;

    printf("inside %" PRIu64 " of %" PRIu64 "\n", inside, points);
    printf("pi is about %.4f\n", 4 * (double)inside / (double)points);
    printf("seconds %.6f\n", seconds);
    printf("rate %.0f\n", (double)points / (seconds > 0 ? seconds : 1e-9));
    return 0;
}
