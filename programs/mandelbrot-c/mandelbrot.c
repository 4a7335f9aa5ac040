/* The Mandelbrot set as a grey image (PGM), in fixed point: every compiler draws the same. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const int64_t one = (int64_t)1 << 26;

/* After how many steps z = z * z + c has left the circle of radius two; *limit* when it stays. */
static int escape(int64_t real, int64_t imaginary, int limit)
{
    int64_t x = 0, y = 0;
    for (int step = 0; step < limit; step++) {
        int64_t xx = x * x / one, yy = y * y / one;
        if (xx + yy > 4 * one)
            return step;
        y = 2 * x * y / one + imaginary;
        x = xx - yy + real;
    }
    return limit;
}

/* From -2.25 to 0.75 and, downwards, from 1 to -1; a pixel is white that stays for ever. */
static int64_t draw(int width, int height, int limit, uint8_t *pixels)
{
    int64_t steps = 0;
    for (int row = 0; row < height; row++)
        for (int column = 0; column < width; column++) {
            int64_t real = 3 * one * column / width - 9 * one / 4;
            int64_t imaginary = one - 2 * one * row / height;
            int step = escape(real, imaginary, limit);
            pixels[row * width + column] = (uint8_t)(step * 255 / limit);
            steps += step;
        }
    return steps;
}

static int write_image(const char *name, int width, int height, const uint8_t *pixels)
{
    FILE *file = fopen(name, "wb");
    size_t size = (size_t)width * (size_t)height;
    return file && fprintf(file, "P5\n%d %d\n255\n", width, height) > 0
           && fwrite(pixels, 1, size, file) == size && fclose(file) == 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    int width = argc == 4 ? (int)strtol(argv[1], NULL, 10) : 0, height = width / 3 * 2;
    int limit = argc == 4 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (width < 3 || width > 30000 || limit < 1 || limit > 1000000) {
        fprintf(stderr, "usage: %s WIDTH LIMIT OUTPUT\n", argv[0]);
        return 2;
    }
    uint8_t *pixels = malloc((size_t)width * (size_t)height);
    if (!pixels)
        return 1;
    double begun = now();
    int64_t steps = draw(width, height, limit, pixels);
    double seconds = now() - begun;

    printf("%d by %d pixels, %lld steps\n", width, height, (long long)steps);
    printf("seconds %.6f\n", seconds);
    printf("rate %.0f\n", (double)steps / (seconds > 0 ? seconds : 1e-9));
    if (!write_image(argv[3], width, height, pixels)) {
        fprintf(stderr, "%s: cannot be written\n", argv[3]);
        return 1;
    }
    free(pixels);
    return 0;
}
