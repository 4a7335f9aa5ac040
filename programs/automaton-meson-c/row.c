#include "row.h"

#include <stdlib.h>

int row_open(struct row *row, size_t words)
{
    row->words = words;
    row->cells = calloc(words, sizeof *row->cells);
    row->next = calloc(words, sizeof *row->next);
    if (!row->cells || !row->next)
        return 0;
    row->cells[words / 2] = 1;
    return 1;
}

void row_close(struct row *row)
{
    free(row->cells);
    free(row->next);
}

/* The cells of one word, by those to their left, themselves and those to their right. */
static uint64_t ruled(unsigned rule, uint64_t left, uint64_t here, uint64_t right)
{
    uint64_t made = 0;
    for (unsigned number = 0; number < 8; number++)
        if (rule >> number & 1)
            made |= (number & 4 ? left : ~left) & (number & 2 ? here : ~here)
                & (number & 1 ? right : ~right);
    return made;
}

void row_step(struct row *row, unsigned rule)
{
    size_t words = row->words;
    for (size_t i = 0; i < words; i++) {
        uint64_t here = row->cells[i];
        uint64_t before = row->cells[(i + words - 1) % words];
        uint64_t after = row->cells[(i + 1) % words];
        row->next[i] = ruled(rule, here << 1 | before >> 63, here, here >> 1 | after << 63);
    }
    uint64_t *kept = row->cells;
    row->cells = row->next;
    row->next = kept;
}

size_t row_living(const struct row *row)
{
    size_t count = 0;
    for (size_t i = 0; i < row->words; i++)
        for (uint64_t word = row->cells[i]; word; word &= word - 1)
            count++;
    return count;
}

uint64_t row_digest(const struct row *row)
{
    uint64_t digest = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < row->words; i++)
        digest = (digest ^ row->cells[i]) * UINT64_C(0x100000001B3);
    return digest;
}
