/* Ways to multiply two square matrices. All want c to be zeros; BLOCK is given to the compiler. */
#ifndef MULTIPLY_H
#define MULTIPLY_H

#include <stddef.h>

typedef void multiply(size_t n, const double *a, const double *b, double *c);

multiply multiply_naive;      /* each element by itself, down the columns of b */
multiply multiply_transposed; /* along the rows of a copy of b that is turned over */
multiply multiply_blocked;    /* squares of BLOCK by BLOCK, which stay in the cache */

#endif
