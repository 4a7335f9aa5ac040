/* Sparse matrices by rows, read from files in the coordinate form of Matrix Market. */
#ifndef MATRIX_H
#define MATRIX_H

#include <stddef.h>

struct matrix {
    size_t rows, columns;
    size_t *start; /* of row i: its elements are start[i] to start[i + 1] - 1 */
    size_t *column;
    double *value;
};

/* Ends the program when *name* is no such file. */
struct matrix read_matrix(const char *name);
void free_matrix(struct matrix *matrix);
/* y = A x */
void multiply(const struct matrix *a, const double *x, double *y);

#endif
