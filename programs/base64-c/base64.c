/* Base64 (RFC 4648) of a file in lines of 76, and back again. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE = 76 };

struct buffer {
    uint8_t *at;
    size_t size;
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void fail(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

static struct buffer make_buffer(size_t room)
{
    struct buffer made = {malloc(room ? room : 1), 0};
    if (!made.at)
        fail("memory", "there is not enough");
    return made;
}

static struct buffer encode(const struct buffer *in)
{
    size_t letters = (in->size + 2) / 3 * 4, written = 0;
    struct buffer out = make_buffer(letters + letters / LINE + 1);
    for (size_t i = 0; i < in->size; i += 3) {
        uint32_t group = (uint32_t)in->at[i] << 16;
        if (i + 1 < in->size)
            group |= (uint32_t)in->at[i + 1] << 8;
        if (i + 2 < in->size)
            group |= in->at[i + 2];
        for (size_t k = 0; k < 4; k++) {
            int empty = i + k > in->size;
            out.at[out.size++] = (uint8_t)(empty ? '=' : alphabet[group >> (18 - 6 * k) & 63]);
        }
        written += 4;
        if (written % LINE == 0 || written == letters)
            out.at[out.size++] = '\n';
    }
    return out;
}

static struct buffer decode(const char *name, const struct buffer *in)
{
    int8_t value[256];
    uint32_t group = 0;
    size_t letters = 0, padding = 0;
    struct buffer out = make_buffer(in->size / 4 * 3 + 3);
    memset(value, -1, sizeof value);
    for (int i = 0; i < 64; i++)
        value[(unsigned char)alphabet[i]] = (int8_t)i;
    for (size_t i = 0; i < in->size; i++) {
        uint8_t letter = in->at[i];
        if (letter == '\n')
            continue;
        padding += letter == '=';
        if (padding ? letter != '=' || padding > 2 : value[letter] < 0)
            fail(name, "is not base64");
        group = group << 6 | (padding ? 0U : (uint32_t)value[letter]);
        if (++letters % 4 == 0)
            for (size_t k = 0; k < 3 - padding; k++)
                out.at[out.size++] = (uint8_t)(group >> (16 - 8 * k));
    }
    if (letters % 4 != 0)
        fail(name, "ends too early");
    return out;
}

static struct buffer read_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        fail(name, "cannot be read");
    long size = ftell(file);
    if (size < 0 || size > INT32_MAX)
        fail(name, "is no file, or too large");
    struct buffer all = make_buffer((size_t)size);
    rewind(file);
    all.size = fread(all.at, 1, (size_t)size, file);
    if (ferror(file))
        fail(name, "cannot be read");
    fclose(file);
    return all;
}

static void write_file(const char *name, const struct buffer *all)
{
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(all->at, 1, all->size, file) != all->size || fclose(file))
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
    int encodes = argc == 5 && !strcmp(argv[1], "encode");
    size_t rounds = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
    if (!rounds || (!encodes && strcmp(argv[1], "decode") != 0)) {
        fprintf(stderr, "usage: %s encode|decode INPUT OUTPUT ROUNDS\n", argv[0]);
        return 2;
    }
    struct buffer in = read_file(argv[2]), out = {0};
    double begun = now();
    for (size_t round = 0; round < rounds; round++) {
        free(out.at);
        out = encodes ? encode(&in) : decode(argv[2], &in);
    }
    double seconds = now() - begun;
    write_file(argv[3], &out);
    printf("from %zu to %zu bytes\nseconds %.6f\n", in.size, out.size, seconds);
    free(in.at);
    free(out.at);
    return 0;
}
