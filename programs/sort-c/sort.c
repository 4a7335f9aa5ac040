/* Quicksort and merge sort of whole numbers, read from a file or made up. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void sorter(int64_t *values, size_t count);

static void insertion_sort(int64_t *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int64_t value = values[i];
        size_t at = i;
        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

static int64_t median(int64_t a, int64_t b, int64_t c)
{
    if (a > b) {
        int64_t kept = a;
        a = b;
        b = kept;
    }
    return c < a ? a : c > b ? b : c;
}

/* Three parts: below, equal to and above the pivot, so that equal numbers cost nothing more. */
static void quick_sort(int64_t *values, size_t count)
{
    while (count > 16) {
        int64_t pivot = median(values[0], values[count / 2], values[count - 1]);
        size_t low = 0, at = 0, high = count;
        while (at < high) {
            int64_t value = values[at];
            if (value < pivot) {
                values[at++] = values[low];
                values[low++] = value;
            } else if (value > pivot) {
                values[at] = values[--high];
                values[high] = value;
            } else
                at++;
        }
        quick_sort(values, low);
        values += high;
        count -= high;
    }
    insertion_sort(values, count);
}

static void merge(const int64_t *from, size_t middle, size_t count, int64_t *to)
{
    size_t left = 0, right = middle;
    for (size_t at = 0; at < count; at++)
        if (right == count || (left < middle && from[left] <= from[right]))
            to[at] = from[left++];
        else
            to[at] = from[right++];
}

/* From runs of one upwards, to and fro between the numbers and a second array. */
static void merge_sort(int64_t *values, size_t count)
{
    int64_t *spare = malloc(count * sizeof *spare), *from = values, *to = spare;
    if (!spare)
        abort();
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t start = 0; start < count; start += 2 * run) {
            size_t length = count - start < 2 * run ? count - start : 2 * run;
            merge(from + start, run < length ? run : length, length, to + start);
        }
        int64_t *kept = from;
        from = to;
        to = kept;
    }
    if (from != values)
        memcpy(values, from, count * sizeof *values);
    free(spare);
}

/* The numbers of a file, one a line; what is no number ends the program. */
static int64_t *read_numbers(const char *path, size_t *count)
{
    FILE *file = fopen(path, "r");
    int64_t *values = NULL;
    char line[64];
    for (*count = 0; file && fgets(line, sizeof line, file); ++*count) {
        char *end;
        if ((*count & (*count - 1)) == 0) /* full: at 0, 1, 2, 4, 8 … */
            values = realloc(values, (*count ? 2 * *count : 1) * sizeof *values);
        errno = 0;
        int64_t value = strtoll(line, &end, 10);
        if (!values || end == line || *end != '\n' || errno) {
            fprintf(stderr, "%s: line %zu is no whole number\n", path, *count + 1);
            exit(1);
        }
        values[*count] = value;
    }
    if (!*count) {
        fprintf(stderr, "%s: cannot be read, or is empty\n", path);
        exit(1);
    }
    fclose(file);
    return values;
}

static int64_t *make_numbers(size_t count)
{
    int64_t *values = malloc(count * sizeof *values);
    uint64_t state = 88172645463325252U;
    for (size_t i = 0; values && i < count; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        values[i] = (int64_t)(state >> 33) - (1 << 30);
    }
    return values;
}

static void write_numbers(const char *path, const int64_t *values, size_t count)
{
    FILE *file = fopen(path, "w");
    for (size_t i = 0; file && i < count; i++)
        fprintf(file, "%" PRId64 "\n", values[i]);
    if (!file || fclose(file)) {
        fprintf(stderr, "%s: cannot be written\n", path);
        exit(1);
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t rounds = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
    sorter *sort = argc != 5 ? NULL : !strcmp(argv[1], "quick") ? quick_sort
                   : !strcmp(argv[1], "merge")                  ? merge_sort : NULL;
    if (!sort || !rounds) {
        fprintf(stderr, "usage: %s quick|merge FILE|COUNT ROUNDS OUTPUT\n", argv[0]);
        return 2;
    }
    char *end;
    size_t count = strtoul(argv[2], &end, 10);
    int64_t *given = *end || !count ? read_numbers(argv[2], &count) : make_numbers(count);
    int64_t *values = malloc(count * sizeof *values);
    if (!given || !values)
        return 1;

    double begun = now();
    for (size_t round = 0; round < rounds; round++) {
        memcpy(values, given, count * sizeof *values);
        sort(values, count);
    }
    double seconds = now() - begun;

    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum = sum * 31 + (uint64_t)values[i];
    printf("count %zu\nleast %" PRId64 "\nmiddle %" PRId64 "\ngreatest %" PRId64 "\n", count,
           values[0], values[count / 2], values[count - 1]);
    printf("sum in order %016" PRIx64 "\nseconds %.6f\n", sum, seconds);
    write_numbers(argv[4], values, count);
    free(given);
    free(values);
    return 0;
}
