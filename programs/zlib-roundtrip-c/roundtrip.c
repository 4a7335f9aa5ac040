/* A file through the zlib that is installed: deflated, written as gzip, and inflated again. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

static void fail(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

static unsigned char *make(size_t size)
{
    unsigned char *made = malloc(size ? size : 1);
    if (!made)
        fail("memory", "there is not enough");
    return made;
}

static unsigned char *read_file(const char *name, uLong *size)
{
    FILE *file = fopen(name, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        fail(name, "cannot be read");
    long length = ftell(file);
    if (length < 0 || length > 1L << 30)
        fail(name, "is no file, or too large");
    unsigned char *bytes = make((size_t)length);
    rewind(file);
    *size = fread(bytes, 1, (size_t)length, file);
    if (ferror(file))
        fail(name, "cannot be read");
    fclose(file);
    return bytes;
}

static void write_file(const char *name, const unsigned char *bytes, uLong size)
{
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
        fail(name, "cannot be written");
}

static void write_gzip(const char *name, const unsigned char *bytes, uLong size, int level)
{
    char mode[] = {'w', 'b', (char)('0' + level), '\0'};
    gzFile file = gzopen(name, mode);
    if (!file || gzwrite(file, bytes, (unsigned)size) != (int)size || gzclose(file) != Z_OK)
        fail(name, "cannot be written");
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    int level = argc == 6 ? (int)strtol(argv[2], NULL, 10) : 0;
    size_t rounds = argc == 6 ? strtoul(argv[3], NULL, 10) : 0;
    if (level < 1 || level > 9 || !rounds) {
        fprintf(stderr, "usage: %s FILE LEVEL ROUNDS PACKED UNPACKED, LEVEL 1 to 9\n", argv[0]);
        return 2;
    }
    uLong size;
    unsigned char *bytes = read_file(argv[1], &size);
    uLong room = compressBound(size), packed_size = 0, back_size = 0;
    unsigned char *packed = make(room), *back = make(size);

    double begun = now();
    for (size_t round = 0; round < rounds; round++) {
        packed_size = room;
        back_size = size;
        if (compress2(packed, &packed_size, bytes, size, level) != Z_OK)
            fail(argv[1], "cannot be deflated");
        if (uncompress(back, &back_size, packed, packed_size) != Z_OK)
            fail(argv[1], "cannot be inflated again");
    }
    double seconds = now() - begun;

    write_gzip(argv[4], bytes, size, level);
    write_file(argv[5], back, back_size);
    printf("crc32 %08lx\nadler32 %08lx\n", crc32(0, back, (uInt)back_size),
           adler32(1, back, (uInt)back_size));
    printf("smaller %s\nround trip %s\n", packed_size < size ? "yes" : "no",
           back_size == size && !memcmp(bytes, back, size) ? "the same" : "different");
    printf("packed %lu\nseconds %.6f\nzlib %s\n", packed_size, seconds, zlibVersion());
    free(bytes);
    free(packed);
    free(back);
    return 0;
}
