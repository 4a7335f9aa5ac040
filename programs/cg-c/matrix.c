#include "matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct element {
    size_t row, column;
    double value;
};

static void fail(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

static void *make(size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size);
    if (!made)
        fail("memory", "there is not enough");
    return made;
}

/* The next line that is no comment. */
static char *next_line(const char *name, FILE *file, char *line, int size)
{
    do
        if (!fgets(line, size, file))
            fail(name, "ends too early");
    while (line[0] == '%');
    return line;
}

/* A whole number from 1 to *most*; *text* moves behind it. */
static size_t count(const char *name, char **text, size_t most)
{
    char *end;
    long long number = strtoll(*text, &end, 10);
    if (end == *text || number < 1 || (unsigned long long)number > most)
        fail(name, "holds a number that is none, or out of range");
    *text = end;
    return (size_t)number;
}

static int is_symmetric(const char *name, FILE *file)
{
    static const char general[] = "%%MatrixMarket matrix coordinate real general\n";
    static const char symmetric[] = "%%MatrixMarket matrix coordinate real symmetric\n";
    char line[128] = "";
    if (!fgets(line, sizeof line, file) || (strcmp(line, general) && strcmp(line, symmetric)))
        fail(name, "is no real coordinate matrix of Matrix Market, general or symmetric");
    return !strcmp(line, symmetric);
}

static struct matrix by_rows(size_t rows, size_t columns, const struct element *all, size_t count)
{
    struct matrix made = {rows, columns, make(rows + 2, sizeof *made.start),
                          make(count, sizeof *made.column), make(count, sizeof *made.value)};
    size_t *next = made.start + 1; /* where the next element of a row goes */
    for (size_t i = 0; i < count; i++)
        made.start[all[i].row + 2]++;
    for (size_t row = 1; row < rows; row++)
        next[row] += next[row - 1];
    for (size_t i = 0; i < count; i++) {
        size_t place = next[all[i].row]++;
        made.column[place] = all[i].column;
        made.value[place] = all[i].value;
    }
    return made;
}

struct matrix read_matrix(const char *name)
{
    char line[256], *text = line, *end;
    FILE *file = fopen(name, "r");
    if (!file)
        fail(name, "cannot be read");
    int symmetric = is_symmetric(name, file);
    next_line(name, file, line, sizeof line);
    size_t rows = count(name, &text, 1UL << 30), columns = count(name, &text, 1UL << 30);
    size_t listed = count(name, &text, 1UL << 30), used = 0;
    if (symmetric && rows != columns)
        fail(name, "is symmetric but not square");
    struct element *all = make(2 * listed, sizeof *all);
    for (size_t i = 0; i < listed; i++) {
        text = next_line(name, file, line, sizeof line);
        size_t row = count(name, &text, rows) - 1, column = count(name, &text, columns) - 1;
        double value = strtod(text, &end);
        if (end == text || *end != '\n' || !isfinite(value))
            fail(name, "holds an element without a value");
        all[used++] = (struct element){row, column, value};
        if (symmetric && row != column)
            all[used++] = (struct element){column, row, value};
    }
    fclose(file);
    struct matrix made = by_rows(rows, columns, all, used);
    free(all);
    return made;
}

void free_matrix(struct matrix *matrix)
{
    free(matrix->start);
    free(matrix->column);
    free(matrix->value);
}

void multiply(const struct matrix *a, const double *x, double *y)
{
    for (size_t row = 0; row < a->rows; row++) {
        double sum = 0;
        for (size_t i = a->start[row]; i < a->start[row + 1]; i++)
            sum += a->value[i] * x[a->column[i]];
        y[row] = sum;
    }
}
