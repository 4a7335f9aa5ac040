/* Box blur of a grey image (binary PGM): the mean of a square around every pixel. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct image {
    int width, height;
    uint8_t *pixels;
};

static void fail(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

static uint8_t *make_pixels(int width, int height)
{
    uint8_t *pixels = malloc((size_t)width * (size_t)height);
    if (!pixels)
        fail("memory", "there is not enough");
    return pixels;
}

/* The next number of a header, in which a comment goes from # to the end of its line. */
static int read_number(FILE *file)
{
    int letter = getc(file), number = 0;
    while (letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n' || letter == '#') {
        while (letter == '#')
            do
                letter = getc(file);
            while (letter != '\n' && letter != EOF);
        letter = getc(file);
    }
    if (letter < '0' || letter > '9')
        return -1;
    for (; letter >= '0' && letter <= '9' && number < 100000; letter = getc(file))
        number = 10 * number + letter - '0';
    return number;
}

static struct image read_image(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file)
        fail(name, "cannot be read");
    if (getc(file) != 'P' || getc(file) != '5')
        fail(name, "is no binary PGM");
    struct image image = {.width = read_number(file)};
    image.height = read_number(file);
    if (image.width < 1 || image.width > 30000 || image.height < 1 || image.height > 30000)
        fail(name, "has no size, or too large a one");
    if (read_number(file) != 255)
        fail(name, "has not 255 as its white");
    size_t size = (size_t)image.width * (size_t)image.height;
    image.pixels = make_pixels(image.width, image.height);
    if (fread(image.pixels, 1, size, file) != size)
        fail(name, "ends too early");
    fclose(file);
    return image;
}

static void write_image(const char *name, const struct image *image)
{
    FILE *file = fopen(name, "wb");
    size_t size = (size_t)image->width * (size_t)image->height;
    if (!file || fprintf(file, "P5\n%d %d\n255\n", image->width, image->height) < 0
        || fwrite(image->pixels, 1, size, file) != size || fclose(file))
        fail(name, "cannot be written");
}

/* The mean of the pixels at most *radius* away that there are, rounded. */
static uint8_t mean_around(const struct image *image, int x, int y, int radius)
{
    int left = x > radius ? x - radius : 0, top = y > radius ? y - radius : 0;
    int right = x + radius < image->width ? x + radius : image->width - 1;
    int bottom = y + radius < image->height ? y + radius : image->height - 1;
    unsigned sum = 0, count = (unsigned)((right - left + 1) * (bottom - top + 1));
    for (int i = top; i <= bottom; i++)
        for (int j = left; j <= right; j++)
            sum += image->pixels[i * image->width + j];
    return (uint8_t)((sum + count / 2) / count);
}

static void blur(const struct image *from, struct image *to, int radius)
{
    for (int y = 0; y < from->height; y++)
        for (int x = 0; x < from->width; x++)
            to->pixels[y * from->width + x] = mean_around(from, x, y, radius);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    const char *repeat = getenv("BLUR_REPEAT");
    size_t times = repeat ? strtoul(repeat, NULL, 10) : 1;
    int radius = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;
    if (radius < 1 || radius > 100 || !times) {
        fprintf(stderr, "usage: %s INPUT OUTPUT RADIUS, RADIUS 1 to 100\n", argv[0]);
        return 2;
    }
    struct image image = read_image(argv[1]), blurred = image;
    blurred.pixels = make_pixels(image.width, image.height);

    double begun = now();
    for (size_t i = 0; i < times; i++)
        blur(&image, &blurred, radius);
    double seconds = now() - begun;

    write_image(argv[2], &blurred);
    printf("%d by %d pixels\nseconds %.6f\n", image.width, image.height, seconds / (double)times);
    free(image.pixels);
    free(blurred.pixels);
    return 0;
}
