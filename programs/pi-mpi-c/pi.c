/* The number pi as an integral that processes share out among themselves, each taking every so
   many-th strip; one process puts the shares together. */
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

/* What the strips of one process add up to: the middle of each is its height. */
static double share_of(long strips, int rank, int ranks)
{
    double width = 1.0 / (double)strips, sum = 0;
    for (long i = rank; i < strips; i += ranks) {
        double x = ((double)i + 0.5) * width;
        sum += 4 / (1 + x * x);
    }
    return sum * width;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    long strips = argc > 1 ? atol(argv[1]) : 0;
    if (strips < 1) {
        if (rank == 0)
            fprintf(stderr, "usage: %s STRIPS\n", argv[0]);
        MPI_Finalize();
        return 2;
    }
    MPI_Barrier(MPI_COMM_WORLD);
    double begun = MPI_Wtime();
    double share = share_of(strips, rank, ranks), pi = 0;
    MPI_Reduce(&share, &pi, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    double seconds = MPI_Wtime() - begun;
    if (rank == 0)
        printf("pi %.10f\nerror below one part in a million: %s\nranks %d\nseconds %.6f\n", pi,
               fabs(pi - acos(-1)) < 1e-6 ? "yes" : "NO", ranks, seconds);
    MPI_Finalize();
    return 0;
}
