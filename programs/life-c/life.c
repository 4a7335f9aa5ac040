/* Conway's game of life on a square whose edges meet; the last generation is a bitmap (PBM). */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* About three cells in eight live. */
static void scatter(uint8_t *cells, size_t count)
{
    uint32_t state = 2463534242U;
    for (size_t i = 0; i < count; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        cells[i] = state % 8 < 3;
    }
}

static void next_generation(size_t n, const uint8_t *from, uint8_t *to)
{
    for (size_t y = 0; y < n; y++) {
        const uint8_t *above = from + (y + n - 1) % n * n, *here = from + y * n;
        const uint8_t *below = from + (y + 1) % n * n;
        for (size_t x = 0; x < n; x++) {
            size_t left = (x + n - 1) % n, right = (x + 1) % n;
            int around = above[left] + above[x] + above[right] + here[left] + here[right]
                         + below[left] + below[x] + below[right];
            to[y * n + x] = around == 3 || (around == 2 && here[x]);
        }
    }
}

static size_t count_living(const uint8_t *cells, size_t count)
{
    size_t living = 0;
    for (size_t i = 0; i < count; i++)
        living += cells[i];
    return living;
}

static int write_bitmap(const char *name, size_t n, const uint8_t *cells)
{
    FILE *file = fopen(name, "wb");
    if (!file || fprintf(file, "P4\n%zu %zu\n", n, n) < 0)
        return 0;
    for (size_t i = 0; i < n * n; i += 8) {
        int byte = 0;
        for (size_t bit = 0; bit < 8; bit++)
            byte = byte << 1 | cells[i + bit];
        putc(byte, file);
    }
    return fclose(file) == 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t n = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    size_t steps = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (n < 8 || n > 20000 || n % 8 || !steps) {
        fprintf(stderr, "usage: %s N STEPS OUTPUT, N a multiple of 8\n", argv[0]);
        return 2;
    }
    uint8_t *cells = malloc(n * n), *next = malloc(n * n);
    if (!cells || !next)
        return 1;
    scatter(cells, n * n);
    printf("living %zu", count_living(cells, n * n));
    double begun = now();
    for (size_t i = 0; i < steps; i++) {
        next_generation(n, cells, next);
        uint8_t *kept = cells;
        cells = next;
        next = kept;
    }
    double seconds = now() - begun;

    printf(", after %zu generations %zu\n", steps, count_living(cells, n * n));
    printf("seconds %.6f\n", seconds);
    printf("rate %.0f\n", (double)(n * n * steps) / (seconds > 0 ? seconds : 1e-9));
    if (!write_bitmap(argv[3], n, cells)) {
        fprintf(stderr, "%s: cannot be written\n", argv[3]);
        return 1;
    }
    free(cells);
    free(next);
    return 0;
}
