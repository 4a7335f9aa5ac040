/* Edges of a grey image (binary PGM): the length of Sobel's gradient at every pixel. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int at(const struct image *image, int x, int y)
{
    return image->pixels[y * image->width + x];
}

/* How steep the image is: the length of Sobel's gradient, at most 255, and nothing at the edges. */
static void slopes(const struct image *from, struct image *to)
{
    memset(to->pixels, 0, (size_t)from->width * (size_t)from->height);
    for (int y = 1; y < from->height - 1; y++)
        for (int x = 1; x < from->width - 1; x++) {
            int across = at(from, x + 1, y - 1) + 2 * at(from, x + 1, y) + at(from, x + 1, y + 1)
                         - at(from, x - 1, y - 1) - 2 * at(from, x - 1, y) - at(from, x - 1, y + 1);
            int down = at(from, x - 1, y + 1) + 2 * at(from, x, y + 1) + at(from, x + 1, y + 1)
                       - at(from, x - 1, y - 1) - 2 * at(from, x, y - 1) - at(from, x + 1, y - 1);
            int square = across * across + down * down, length = 0;
            while (length < 255 && (length + 1) * (length + 1) <= square)
                length++;
            to->pixels[y * from->width + x] = (uint8_t)length;
        }
}

static int count_above(const struct image *image, int threshold)
{
    int count = 0;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            count += at(image, x, y) > threshold;
    return count;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    const char *repeat = getenv("EDGES_REPEAT");
    size_t times = repeat ? strtoul(repeat, NULL, 10) : 1;
    int threshold = argc == 4 ? (int)strtol(argv[3], NULL, 10) : -1;
    if (threshold < 0 || threshold > 254 || !times) {
        fprintf(stderr, "usage: %s INPUT OUTPUT THRESHOLD, THRESHOLD 0 to 254\n", argv[0]);
        return 2;
    }
    struct image image = read_image(argv[1]), edges = image;
    edges.pixels = make_pixels(image.width, image.height);

    double begun = now();
    for (size_t i = 0; i < times; i++)
        slopes(&image, &edges);
    double seconds = now() - begun;

    write_image(argv[2], &edges);
    printf("%d by %d pixels\n", image.width, image.height);
    printf("above %d: %d\n", threshold, count_above(&edges, threshold));
    printf("seconds %.6f\n", seconds / (double)times);
    free(image.pixels);
    free(edges.pixels);
    return 0;
}
