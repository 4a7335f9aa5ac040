/* Where patterns stand in a text: Knuth-Morris-Pratt, and Boyer-Moore as Horspool has it. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 200 };

struct places {
    size_t count, first, last;
};

typedef struct places finder(const char *text, size_t size, const char *pattern, size_t length);

static void note(struct places *found, size_t place)
{
    if (!found->count++)
        found->first = place;
    found->last = place;
}

static struct places find_kmp(const char *text, size_t size, const char *pattern, size_t length)
{
    struct places found = {0, 0, 0};
    size_t border[LONGEST + 1] = {0}; /* of each head: the longest end that is a head, too */
    for (size_t i = 1, k = 0; i < length; i++) {
        while (k && pattern[i] != pattern[k])
            k = border[k];
        k += pattern[i] == pattern[k];
        border[i + 1] = k;
    }
    for (size_t i = 0, k = 0; i < size; i++) {
        while (k && (k == length || text[i] != pattern[k]))
            k = border[k];
        k += text[i] == pattern[k];
        if (k == length)
            note(&found, i + 1 - length);
    }
    return found;
}

static struct places find_horspool(const char *text, size_t size, const char *pattern,
                                   size_t length)
{
    struct places found = {0, 0, 0};
    size_t shift[256]; /* by the letter below the pattern's end: how far it may move on */
    for (size_t i = 0; i < 256; i++)
        shift[i] = length;
    for (size_t i = 0; i + 1 < length; i++)
        shift[(unsigned char)pattern[i]] = length - 1 - i;
    for (size_t i = 0; i + length <= size; i += shift[(unsigned char)text[i + length - 1]])
        if (!memcmp(text + i, pattern, length))
            note(&found, i);
    return found;
}

static char *read_file(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    char *text = NULL;
    size_t room = 0;
    *size = 0;
    while (file && !feof(file) && !ferror(file)) {
        room = room ? 2 * room : 4096;
        text = realloc(text, room);
        if (!text)
            break;
        *size += fread(text + *size, 1, room - *size, file);
    }
    if (!file || !text || ferror(file)) {
        fprintf(stderr, "%s: cannot be read\n", name);
        exit(1);
    }
    fclose(file);
    return text;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t rounds = argc == 5 ? strtoul(argv[4], NULL, 10) : 0, size;
    finder *find = argc != 5 ? NULL : !strcmp(argv[1], "kmp") ? find_kmp
                   : !strcmp(argv[1], "horspool")             ? find_horspool : NULL;
    if (!find || !rounds) {
        fprintf(stderr, "usage: %s kmp|horspool TEXT PATTERNS ROUNDS\n", argv[0]);
        return 2;
    }
    char *text = read_file(argv[2], &size), pattern[LONGEST + 2];
    FILE *patterns = fopen(argv[3], "r");
    double seconds = 0;
    while (patterns && fgets(pattern, sizeof pattern, patterns)) {
        size_t length = strcspn(pattern, "\n");
        if (!length || length > LONGEST) {
            fprintf(stderr, "%s: a pattern is empty or longer than %d\n", argv[3], LONGEST);
            return 1;
        }
        struct places found = {0, 0, 0};
        double begun = now();
        for (size_t round = 0; round < rounds; round++)
            found = find(text, size, pattern, length);
        seconds += now() - begun;
        printf("%.*s: %zu", (int)length, pattern, found.count);
        if (found.count)
            printf(", from %zu to %zu", found.first, found.last);
        printf("\n");
    }
    if (!patterns) {
        fprintf(stderr, "%s: cannot be read\n", argv[3]);
        return 1;
    }
    printf("seconds %.6f\n", seconds);
    fclose(patterns);
    free(text);
    return 0;
}
