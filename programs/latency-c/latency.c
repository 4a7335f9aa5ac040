/* Memory latency: one long walk through a circle of cache lines in random order, in which each step
   has to wait for the one before. A walk of as many steps as there are lines comes back to where
   it began and has seen every line; the one that is timed goes on from there. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct line {
    uint32_t next;
    uint32_t seen;
    char rest[56];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A number below a limit, from the high bits of a linear congruence. */
static uint32_t below(uint32_t limit)
{
    static uint64_t state = 88172645463325252u;
    state = state * UINT64_C(6364136223846793005) + 1;
    return (uint32_t)(((state >> 33) * limit) >> 31);
}

/* One circle through all lines: an exchange with an earlier line joins it to the circle so far. */
static void link_up(uint32_t lines, struct line *at)
{
    for (uint32_t i = 0; i < lines; i++)
        at[i].next = i;
    for (uint32_t i = lines - 1; i > 0; i--) {
        uint32_t other = below(i), kept = at[i].next;
        at[i].next = at[other].next;
        at[other].next = kept;
    }
}

static uint32_t seen_once(uint32_t lines, struct line *at)
{
    uint32_t count = 0, place = 0;
    for (uint32_t step = 0; step < lines; step++) {
        count += at[place].seen++ == 0;
        place = at[place].next;
    }
    return place == 0 ? count : 0;
}

static uint32_t walk(uint32_t steps, const struct line *at)
{
    uint32_t place = 0;
    while (steps-- > 0)
        place = at[place].next;
    return place;
}

int main(int argc, char **argv)
{
    unsigned long kib = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long steps = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (kib == 0 || kib > 64ul << 20 || steps == 0 || steps > UINT32_MAX) {
        fprintf(stderr, "usage: %s KIB STEPS\n", argv[0]);
        return 2;
    }
    uint32_t lines = (uint32_t)(kib * 1024 / sizeof(struct line));
    struct line *at = calloc(lines, sizeof *at);
    if (!at)
        return 1;
    link_up(lines, at);
    uint32_t seen = seen_once(lines, at);
    double begun = now();
    uint32_t place = walk((uint32_t)steps, at);
    double seconds = now() - begun;

    printf("lines %u\nseen %u\nends at %u\n", (unsigned)lines, (unsigned)seen, (unsigned)place);
    printf("latency %.6e s\n", seconds / (double)steps);
    free(at);
    return 0;
}
