/* A ring of cells, 64 in a word, each of which is 0 or 1. */
#ifndef ROW_H
#define ROW_H

#include <stddef.h>
#include <stdint.h>

struct row {
    size_t words;
    uint64_t *cells; /* cell 0 is the lowest bit of the first word */
    uint64_t *next;
};

/* A ring with one living cell in the middle; 0 when there is no memory for it. */
int row_open(struct row *row, size_t words);
void row_close(struct row *row);

/* One generation: what a cell becomes is the bit of the rule that it and its neighbours number,
   the left one having the value 4. All cells of a word are done at once. */
void row_step(struct row *row, unsigned rule);

size_t row_living(const struct row *row);

/* A digest of which cells live. */
uint64_t row_digest(const struct row *row);

#endif
