/* Huffman coding of the bytes of a file, and back again.
 *
 * The packed form is the length of the text (four bytes, lowest first), the lengths of the codes
 * of all 256 bytes (a byte each), then the codes, highest bit first. Codes are canonical: shorter
 * ones first, those of one length in the order of their bytes.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BYTES = 256, HEADER = 4 + BYTES, DEEPEST = 57 };

struct buffer {
    uint8_t *at;
    size_t size;
};

static void fail(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

static struct buffer make_buffer(size_t size)
{
    struct buffer made = {calloc(size ? size : 1, 1), size};
    if (!made.at)
        fail("memory", "there is not enough");
    return made;
}

/* The lightest node without a parent, the one made first among equals; -1 when there is none. */
static int lightest(const uint64_t *weight, const int *parent, int nodes)
{
    int best = -1;
    for (int i = 0; i < nodes; i++)
        if (weight[i] && parent[i] < 0 && (best < 0 || weight[i] < weight[best]))
            best = i;
    return best;
}

/* How long the code of each byte is: the depth of its leaf in the tree. */
static void code_lengths(const struct buffer *text, uint8_t length[BYTES])
{
    uint64_t weight[2 * BYTES] = {0};
    int parent[2 * BYTES], nodes = BYTES;
    for (size_t i = 0; i < text->size; i++)
        weight[text->at[i]]++;
    for (int i = 0; i < 2 * BYTES; i++)
        parent[i] = -1;
    for (;; nodes++) {
        int a = lightest(weight, parent, nodes), b;
        if (a < 0)
            break;
        parent[a] = nodes;
        b = lightest(weight, parent, nodes);
        if (b < 0) {
            parent[a] = -1; /* the root; a leaf if there is one kind of byte alone */
            break;
        }
        parent[b] = nodes;
        weight[nodes] = weight[a] + weight[b];
    }
    for (int i = 0; i < BYTES; i++) {
        length[i] = 0;
        for (int node = i; parent[node] >= 0; node = parent[node])
            length[i]++;
        if (weight[i] && !length[i])
            length[i] = 1;
    }
}

/* Canonical codes; also the first code and the first place of each length, for decoding. */
static int make_codes(const uint8_t length[BYTES], uint64_t code[BYTES], uint8_t order[BYTES],
                      uint64_t first[DEEPEST + 2], int place[DEEPEST + 2])
{
    uint64_t next = 0;
    int placed = 0;
    for (int bits = 1; bits <= DEEPEST + 1; bits++, next <<= 1) {
        first[bits] = next;
        place[bits] = placed;
        for (int byte = 0; bits <= DEEPEST && byte < BYTES; byte++)
            if (length[byte] == bits) {
                order[placed++] = (uint8_t)byte;
                code[byte] = next++;
            }
        if (next > (uint64_t)1 << bits)
            return 0;
    }
    return 1;
}

static struct buffer encode(const struct buffer *text)
{
    uint64_t code[BYTES], first[DEEPEST + 2], bits = 0;
    uint8_t length[BYTES], order[BYTES];
    int place[DEEPEST + 2];
    code_lengths(text, length);
    make_codes(length, code, order, first, place);
    for (size_t i = 0; i < text->size; i++)
        bits += length[text->at[i]];
    struct buffer packed = make_buffer(HEADER + (size_t)(bits + 7) / 8);
    for (int i = 0; i < 4; i++)
        packed.at[i] = (uint8_t)(text->size >> 8 * i);
    memcpy(packed.at + 4, length, BYTES);
    size_t at = 8 * (size_t)HEADER;
    for (size_t i = 0; i < text->size; i++)
        for (int bit = length[text->at[i]] - 1; bit >= 0; bit--, at++)
            packed.at[at / 8] |= (uint8_t)((code[text->at[i]] >> bit & 1) << (7 - at % 8));
    return packed;
}

static struct buffer decode(const char *name, const struct buffer *packed)
{
    uint64_t code[BYTES], first[DEEPEST + 2];
    uint8_t order[BYTES];
    int place[DEEPEST + 2];
    size_t size = 0, at = 8 * (size_t)HEADER;
    if (packed->size < HEADER || !make_codes(packed->at + 4, code, order, first, place))
        fail(name, "is not of this kind");
    for (int i = 0; i < 4; i++)
        size |= (size_t)packed->at[i] << 8 * i;
    if (size > 8 * (packed->size - HEADER))
        fail(name, "ends too early");
    struct buffer text = make_buffer(size);
    for (size_t i = 0; i < size; i++) {
        uint64_t value = 0;
        int bits = 0, found = 0;
        while (!found) {
            if (at / 8 >= packed->size || bits == DEEPEST)
                fail(name, "holds what is no code");
            value = value << 1 | (packed->at[at / 8] >> (7 - at % 8) & 1);
            at++;
            bits++;
            found = value < first[bits] + (uint64_t)(place[bits + 1] - place[bits]);
        }
        text.at[i] = order[place[bits] + (int)(value - first[bits])];
    }
    return text;
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
    if (fread(all.at, 1, all.size, file) != all.size)
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
