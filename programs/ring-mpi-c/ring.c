/* A token goes round a ring of processes, each of which signs it, and comes back with what proves
   that it was everywhere, in order. Then the processes shift a block of numbers all the way round
   at once. The time of a pass is the latency of a message, that of a shift tells the bandwidth. */
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOKEN, BLOCK };

static uint64_t signed_by(uint64_t token, int rank)
{
    return (token ^ (uint64_t)(rank + 1)) * UINT64_C(0x100000001B3);
}

static uint64_t pass_token(int rank, int ranks, long rounds)
{
    int next = (rank + 1) % ranks, previous = (rank + ranks - 1) % ranks;
    uint64_t token = UINT64_C(0xCBF29CE484222325);
    for (long round = 0; round < rounds; round++) {
        if (rank == 0) {
            token = signed_by(token, rank);
            MPI_Sendrecv_replace(&token, 1, MPI_UINT64_T, next, TOKEN, previous, TOKEN,
                                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        } else {
            MPI_Recv(&token, 1, MPI_UINT64_T, previous, TOKEN, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            token = signed_by(token, rank);
            MPI_Send(&token, 1, MPI_UINT64_T, next, TOKEN, MPI_COMM_WORLD);
        }
    }
    return token;
}

/* After as many shifts as there are processes each has its own block again, changed by all. */
static void shift(int rank, int ranks, int count, int64_t *block)
{
    int next = (rank + 1) % ranks, previous = (rank + ranks - 1) % ranks;
    for (int step = 0; step < ranks; step++) {
        for (int i = 0; i < count; i++)
            block[i] = block[i] * 3 + rank;
        MPI_Sendrecv_replace(block, count, MPI_INT64_T, next, BLOCK, previous, BLOCK,
                             MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

static int64_t sum_of_blocks(int count, const int64_t *block)
{
    int64_t own = 0, all = 0;
    for (int i = 0; i < count; i++)
        own += block[i] * (1 + i % 7);
    MPI_Reduce(&own, &all, 1, MPI_INT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
    return all;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    long rounds = argc == 3 ? atol(argv[1]) : 0;
    int count = argc == 3 ? atoi(argv[2]) : 0;
    if (rounds < 1 || count < 1 || count > 100000000) {
        if (rank == 0)
            fprintf(stderr, "usage: %s ROUNDS NUMBERS\n", argv[0]);
        MPI_Finalize();
        return 2;
    }
    int64_t *block = malloc((size_t)count * sizeof *block);
    if (!block)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int i = 0; i < count; i++)
        block[i] = rank * 1000 + i % 100;

    double begun = MPI_Wtime();
    uint64_t token = pass_token(rank, ranks, rounds);
    double passed = MPI_Wtime();
    shift(rank, ranks, count, block);
    double ended = MPI_Wtime();
    int64_t sum = sum_of_blocks(count, block);
    if (rank == 0)
        printf("ranks %d\ntoken %016llx\nblocks %lld\nlatency %.6e s\nbandwidth %.6e B/s\n", ranks,
               (unsigned long long)token, (long long)sum,
               (passed - begun) / (double)rounds / ranks,
               (double)count * sizeof *block * ranks / (ended - passed));
    free(block);
    MPI_Finalize();
    return 0;
}
