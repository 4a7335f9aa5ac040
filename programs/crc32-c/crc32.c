/* CRC-32 as of gzip and PNG: bit by bit, by a table, and by eight tables at once. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint32_t method(uint32_t crc, const uint8_t *bytes, size_t size);

static uint32_t table[8][256];

static uint32_t shifted(uint32_t crc, int bits)
{
    for (int i = 0; i < bits; i++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    return crc;
}

/* table[k][b]: what byte b does to the remainder when k bytes more have followed it. */
static void make_tables(void)
{
    for (uint32_t byte = 0; byte < 256; byte++)
        table[0][byte] = shifted(byte, 8);
    for (int k = 1; k < 8; k++)
        for (int byte = 0; byte < 256; byte++)
            table[k][byte] = table[k - 1][byte] >> 8 ^ table[0][table[k - 1][byte] & 255];
}

static uint32_t by_bit(uint32_t crc, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        crc = shifted(crc ^ bytes[i], 8);
    return crc;
}

static uint32_t by_byte(uint32_t crc, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        crc = crc >> 8 ^ table[0][(crc ^ bytes[i]) & 255];
    return crc;
}

static uint32_t by_eight(uint32_t crc, const uint8_t *bytes, size_t size)
{
    for (; size >= 8; size -= 8, bytes += 8) {
        uint32_t next = 0;
        for (int i = 0; i < 8; i++) {
            uint8_t head = i < 4 ? (uint8_t)(crc >> 8 * i) : 0;
            next ^= table[7 - i][bytes[i] ^ head];
        }
        crc = next;
    }
    return by_byte(crc, bytes, size);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t room = 0;
    *size = 0;
    while (file && !feof(file) && !ferror(file)) {
        room = room ? 2 * room : 4096;
        bytes = realloc(bytes, room);
        if (!bytes)
            break;
        *size += fread(bytes + *size, 1, room - *size, file);
    }
    if (!file || !bytes || ferror(file)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    fclose(file);
    return bytes;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t rounds = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    method *chosen = argc != 4 ? NULL : !strcmp(argv[1], "bit") ? by_bit
                     : !strcmp(argv[1], "byte")                 ? by_byte
                     : !strcmp(argv[1], "eight")                ? by_eight : NULL;
    if (!chosen || !rounds) {
        fprintf(stderr, "usage: %s bit|byte|eight FILE ROUNDS\n", argv[0]);
        return 2;
    }
    size_t size;
    uint8_t *bytes = read_file(argv[2], &size);

    double begun = now();
    make_tables();
    printf("crc32 %08" PRIx32 "\n", chosen(0xffffffffU, bytes, size) ^ 0xffffffffU);
    uint32_t crc = 0xffffffffU;
    for (size_t round = 0; round < rounds; round++)
        crc = chosen(crc, bytes, size);
    double seconds = now() - begun;

    printf("crc32 of %zu times the file %08" PRIx32 "\n", rounds, crc ^ 0xffffffffU);
    printf("seconds %.6f\n", seconds);
    printf("rate %.0f\n", (double)(size * (rounds + 1)) / (seconds > 0 ? seconds : 1e-9));
    free(bytes);
    return 0;
}
