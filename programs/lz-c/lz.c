/* Compression by references to what came before (LZ77), and back again.
 *
 * The packed form is the length of the text (four bytes, lowest first), then groups of eight items
 * behind a byte of flags, lowest bit first: a literal byte (0), or a reference (1) in two bytes:
 * twelve bits of distance less one, four bits of length less three.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHORTEST = 3, LONGEST = 18, WINDOW = 4096, HASHES = 1 << 13, TRIES = 64 };

struct bytes {
    uint8_t *at;
    size_t size, room;
};

static void fail(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

static void put(struct bytes *out, unsigned byte)
{
    if (out->size == out->room) {
        out->room = out->room ? 2 * out->room : 4096;
        out->at = realloc(out->at, out->room);
        if (!out->at)
            fail("memory", "there is not enough");
    }
    out->at[out->size++] = (uint8_t)byte;
}

static size_t hash(const uint8_t *at)
{
    return ((uint32_t)at[0] * 33U * 33U + at[1] * 33U + at[2]) % HASHES;
}

static size_t common(const uint8_t *a, const uint8_t *b, size_t most)
{
    size_t length = 0;
    while (length < most && a[length] == b[length])
        length++;
    return length;
}

/* The longest text of the window that goes on like the one at *here*; 0 when too short to pay. */
static size_t longest(const struct bytes *in, size_t here, const size_t *last, const size_t *before,
                      size_t *distance)
{
    size_t most = in->size - here < LONGEST ? in->size - here : LONGEST, best = 0;
    if (most < SHORTEST)
        return 0;
    size_t at = last[hash(in->at + here)];
    for (int i = 0; i < TRIES && at != SIZE_MAX && here - at <= WINDOW; i++) {
        size_t length = common(in->at + at, in->at + here, most);
        if (length > best) {
            best = length;
            *distance = here - at;
        }
        at = before[at % WINDOW];
    }
    return best < SHORTEST ? 0 : best;
}

static void pack(const struct bytes *in, struct bytes *out)
{
    static size_t last[HASHES], before[WINDOW]; /* chains of places with one hash */
    size_t flags = 0, items = 0;
    for (size_t i = 0; i < HASHES; i++)
        last[i] = SIZE_MAX;
    for (int i = 0; i < 4; i++)
        put(out, (unsigned)(in->size >> (8 * i)) & 255);
    for (size_t here = 0; here < in->size; items++) {
        if (items % 8 == 0) {
            flags = out->size;
            put(out, 0);
        }
        size_t distance = 0, length = longest(in, here, last, before, &distance);
        if (length) {
            out->at[flags] = (uint8_t)(out->at[flags] | 1U << items % 8);
            put(out, (unsigned)(distance - 1) & 255);
            put(out, (unsigned)((distance - 1) >> 8 << 4 | (length - SHORTEST)));
        } else {
            put(out, in->at[here]);
            length = 1;
        }
        for (size_t end = here + length; here < end; here++)
            if (here + SHORTEST <= in->size) {
                before[here % WINDOW] = last[hash(in->at + here)];
                last[hash(in->at + here)] = here;
            }
    }
}

static void unpack(const char *name, const struct bytes *in, struct bytes *out)
{
    size_t at = 4, size = 0;
    unsigned flags = 0;
    for (size_t i = 0; i < 4 && in->size >= 4; i++)
        size |= (size_t)in->at[i] << 8 * i;
    for (size_t items = 0; out->size < size; items++, flags >>= 1) {
        if (items % 8 == 0 && at < in->size)
            flags = in->at[at++];
        size_t width = flags & 1 ? 2 : 1;
        if (at + width > in->size)
            fail(name, "ends too early");
        if (flags & 1) {
            size_t distance = (in->at[at] | (size_t)in->at[at + 1] >> 4 << 8) + 1;
            size_t length = (in->at[at + 1] & 15U) + SHORTEST;
            if (distance > out->size || length > size - out->size)
                fail(name, "refers to what is not there");
            while (length--)
                put(out, out->at[out->size - distance]);
        } else
            put(out, in->at[at]);
        at += width;
    }
    if (at != in->size)
        fail(name, "goes on after its end");
}

static struct bytes read_file(const char *name)
{
    struct bytes all = {0};
    FILE *file = fopen(name, "rb");
    for (int byte; file && (byte = getc(file)) != EOF;)
        put(&all, (unsigned)byte);
    if (!file || ferror(file) || all.size > UINT32_MAX)
        fail(name, "cannot be read");
    fclose(file);
    return all;
}

static void write_file(const char *name, const struct bytes *all)
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
    int packs = argc == 5 && !strcmp(argv[1], "pack");
    size_t rounds = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
    if (!rounds || (!packs && strcmp(argv[1], "unpack") != 0)) {
        fprintf(stderr, "usage: %s pack|unpack INPUT OUTPUT ROUNDS\n", argv[0]);
        return 2;
    }
    struct bytes in = read_file(argv[2]), out = {0};
    double begun = now();
    for (size_t round = 0; round < rounds; round++) {
        out.size = 0;
        if (packs)
            pack(&in, &out);
        else
            unpack(argv[2], &in, &out);
    }
    double seconds = now() - begun;
    write_file(argv[3], &out);
    printf("from %zu to %zu bytes\nseconds %.6f\n", in.size, out.size, seconds);
    free(in.at);
    free(out.at);
    return 0;
}
