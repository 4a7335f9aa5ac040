/* Counts the words of a text in a hash table with open addressing; shows the most frequent. */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct slot {
    const char *word; /* into the text; NULL when the slot is empty */
    size_t length;
    unsigned long count;
};

struct table {
    struct slot *slots;
    size_t room, used; /* the room is a power of two and at most three quarters of it are used */
};

static void *make(size_t count, size_t size)
{
    void *made = calloc(count, size);
    if (!made) {
        fprintf(stderr, "there is not enough memory\n");
        exit(1);
    }
    return made;
}

static uint32_t hash(const char *word, size_t length)
{
    uint32_t value = 2166136261U;
    for (size_t i = 0; i < length; i++)
        value = (value ^ (unsigned char)word[i]) * 16777619U;
    return value;
}

/* The slot of a word, or the empty one where it belongs. */
static struct slot *find(const struct table *table, const char *word, size_t length)
{
    size_t place = hash(word, length) & (table->room - 1);
    for (;; place = (place + 1) & (table->room - 1)) {
        struct slot *slot = &table->slots[place];
        if (!slot->word || (slot->length == length && !memcmp(slot->word, word, length)))
            return slot;
    }
}

static void grow(struct table *table)
{
    struct table larger = {make(2 * table->room, sizeof *larger.slots), 2 * table->room,
                           table->used};
    for (size_t i = 0; i < table->room; i++)
        if (table->slots[i].word)
            *find(&larger, table->slots[i].word, table->slots[i].length) = table->slots[i];
    free(table->slots);
    *table = larger;
}

static void count(struct table *table, const char *word, size_t length)
{
    struct slot *slot = find(table, word, length);
    if (!slot->word) {
        if (4 * (table->used + 1) > 3 * table->room) {
            grow(table);
            slot = find(table, word, length);
        }
        *slot = (struct slot){word, length, 0};
        table->used++;
    }
    slot->count++;
}

/* Words are letters on end, in lower case already. */
static struct table count_words(const char *text, size_t size)
{
    struct table table = {make(16, sizeof *table.slots), 16, 0};
    for (size_t i = 0; i < size; i++) {
        size_t start = i;
        while (i < size && text[i] >= 'a' && text[i] <= 'z')
            i++;
        if (i > start)
            count(&table, text + start, i - start);
    }
    return table;
}

/* More frequent ones first, those of one count by the alphabet; empty slots last. */
static int by_count(const void *left, const void *right)
{
    const struct slot *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    if (!a->word || !b->word)
        return 0;
    int order = memcmp(a->word, b->word, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static char *read_lower(const char *name, size_t *size)
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
    for (size_t i = 0; i < *size; i++)
        text[i] = (char)tolower((unsigned char)text[i]);
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
    size_t shown = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, size;
    size_t rounds = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (!shown || !rounds) {
        fprintf(stderr, "usage: %s TEXT SHOWN ROUNDS\n", argv[0]);
        return 2;
    }
    char *text = read_lower(argv[1], &size);
    struct table table = {NULL, 0, 0};
    double begun = now();
    for (size_t round = 0; round < rounds; round++) {
        free(table.slots);
        table = count_words(text, size);
    }
    double seconds = now() - begun;

    qsort(table.slots, table.room, sizeof *table.slots, by_count);
    printf("different words %zu\n", table.used);
    for (size_t i = 0; i < shown && i < table.used; i++)
        printf("%lu %.*s\n", table.slots[i].count, (int)table.slots[i].length,
               table.slots[i].word);
    printf("seconds %.6f\n", seconds);
    free(table.slots);
    free(text);
    return 0;
}
