/* A pipeline of threads with bounded queues between them: one makes blocks of numbers, some
   digest them, and one puts the digests back in order and chains them. The result must not
   depend on who was faster. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WORDS = 512, DEPTH = 8, WORKERS_MAX = 64 };

struct block {
    unsigned long number;
    uint64_t words[WORDS];
    uint64_t digest;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct block *held[DEPTH];
    unsigned first, count;
    unsigned writers; /* who may still put; none left and nothing held is the end */
};

struct line {
    struct queue raw, done;
    unsigned long blocks;
};

static void open_queue(struct queue *q, unsigned writers)
{
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->changed, NULL);
    q->first = q->count = 0;
    q->writers = writers;
}

static void put(struct queue *q, struct block *block)
{
    pthread_mutex_lock(&q->lock);
    while (q->count == DEPTH)
        pthread_cond_wait(&q->changed, &q->lock);
    q->held[(q->first + q->count++) % DEPTH] = block;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static struct block *take(struct queue *q)
{
    struct block *block = NULL;
    pthread_mutex_lock(&q->lock);
    while (q->count == 0 && q->writers > 0)
        pthread_cond_wait(&q->changed, &q->lock);
    if (q->count > 0) {
        block = q->held[q->first];
        q->first = (q->first + 1) % DEPTH;
        q->count--;
    }
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    return block;
}

static void leave(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->writers--;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 31)) * UINT64_C(0x7FB5D329728EA185);
    x = (x ^ (x >> 27)) * UINT64_C(0x81DADEF4BC2DD44D);
    return x ^ (x >> 33);
}

static void *produce(void *argument)
{
    struct line *line = argument;
    uint64_t state = 1;
    for (unsigned long number = 0; number < line->blocks; number++) {
        struct block *block = malloc(sizeof *block);
        if (!block)
            exit(1);
        block->number = number;
        for (int i = 0; i < WORDS; i++)
            block->words[i] = state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        put(&line->raw, block);
    }
    leave(&line->raw);
    return NULL;
}

static void *digest(void *argument)
{
    struct line *line = argument;
    for (struct block *block; (block = take(&line->raw));) {
        block->digest = block->number;
        for (int i = 0; i < WORDS; i++)
            block->digest = mixed(block->digest ^ block->words[i]);
        put(&line->done, block);
    }
    leave(&line->done);
    return NULL;
}

int main(int argc, char **argv)
{
    struct line line = {.blocks = argc == 3 ? strtoul(argv[1], NULL, 10) : 0};
    unsigned long workers = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (line.blocks == 0 || line.blocks > 10000000 || workers == 0 || workers > WORKERS_MAX) {
        fprintf(stderr, "usage: %s BLOCKS WORKERS\n", argv[0]);
        return 2;
    }
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    open_queue(&line.raw, 1);
    open_queue(&line.done, (unsigned)workers);
    pthread_t producer, crew[WORKERS_MAX];
    if (pthread_create(&producer, NULL, produce, &line))
        return 1;
    for (unsigned long i = 0; i < workers; i++)
        if (pthread_create(&crew[i], NULL, digest, &line))
            return 1;

    uint64_t *digests = calloc(line.blocks, sizeof *digests), chain = 0;
    if (!digests)
        return 1;
    for (struct block *block; (block = take(&line.done)); free(block))
        digests[block->number] = block->digest;
    for (unsigned long number = 0; number < line.blocks; number++)
        chain = mixed(chain ^ digests[number]);

    pthread_join(producer, NULL);
    for (unsigned long i = 0; i < workers; i++)
        pthread_join(crew[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("blocks %lu\nchain %016llx\n", line.blocks, (unsigned long long)chain);
    printf("seconds %.6f\n",
           (double)(ended.tv_sec - begun.tv_sec) + 1e-9 * (double)(ended.tv_nsec - begun.tv_nsec));
    free(digests);
    return 0;
}
