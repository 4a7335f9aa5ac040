"""The library `xopenme` anew: programs of CK call it to take the times of their kernels.

It has the interface of CK's and writes the same file. Unlike that one it may be finished and used
again, which programs do that take times in a loop. The language is that of 1989, as is theirs.
"""

from __future__ import annotations

HEADER = """\
/* Times of kernels, written as JSON where the program ends; the interface is that of xOpenME. */
#ifndef XOPENME_H
#define XOPENME_H
#ifdef __cplusplus
extern "C" {
#endif
void xopenme_init(int timers, int variables);
void xopenme_clock_start(int timer);
void xopenme_clock_end(int timer);
double xopenme_get_timer(int timer);
void xopenme_add_var_i(int variable, char *format, int value);
void xopenme_add_var_f(int variable, char *format, float value);
void xopenme_add_var_d(int variable, char *format, double value);
void xopenme_add_var_s(int variable, char *format, void *value);
void xopenme_dump_memory(char *name, void *bytes, long size);
void xopenme_dump_state(void);
void xopenme_finish(void);
#ifdef __cplusplus
}
#endif
#endif
"""
"""`xopenme.h`."""

SOURCE = """\
/* Times of kernels, written as JSON where the program ends; the interface is that of xOpenME. */
#include "xopenme.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#define MOST 1024
#define LENGTH 512

static int timers, variables;
static double begin[MOST], seconds[MOST];
static char state[MOST][LENGTH];

static double now(void) {
  struct timeval time;
  gettimeofday(&time, NULL);
  return time.tv_sec + time.tv_usec / 1e6;
}

static int limited(int count) { return count < 0 ? 0 : count > MOST ? MOST : count; }

static int is_timer(int timer) { return timer >= 0 && timer < timers; }

static char *place(int variable) {
  static char nowhere[LENGTH];
  return variable >= 0 && variable < variables ? state[variable] : nowhere;
}

void xopenme_init(int ntimers, int nvariables) {
  timers = limited(ntimers);
  variables = limited(nvariables);
}

void xopenme_clock_start(int timer) {
  if (is_timer(timer)) begin[timer] = now();
}

void xopenme_clock_end(int timer) {
  if (is_timer(timer)) seconds[timer] = now() - begin[timer];
}

double xopenme_get_timer(int timer) { return is_timer(timer) ? seconds[timer] : 0; }

void xopenme_add_var_i(int variable, char *format, int value) {
  sprintf(place(variable), format, value);
}

void xopenme_add_var_f(int variable, char *format, float value) {
  sprintf(place(variable), format, value);
}

void xopenme_add_var_d(int variable, char *format, double value) {
  sprintf(place(variable), format, value);
}

void xopenme_add_var_s(int variable, char *format, void *value) {
  sprintf(place(variable), format, value);
}

void xopenme_dump_memory(char *name, void *bytes, long size) {
  FILE *file = fopen(name, "wb");
  if (file == NULL) return;
  fwrite(bytes, size, 1, file);
  fclose(file);
}

static void dump_variables(FILE *file, const char *before) {
  const char *comma = "";
  int i;
  fprintf(file, "%s \\"run_time_state\\":{\\n", before);
  for (i = 0; i < variables; i++) {
    if (state[i][0] == 0) continue;
    fprintf(file, "%s  %s", comma, state[i]);
    comma = ",\\n";
  }
  fprintf(file, "\\n }");
}

void xopenme_dump_state(void) {
  const char *name = getenv("XOPENME_TIME_FILE");
  FILE *file = fopen(name ? name : "tmp-ck-timer.json", "w");
  int i;
  if (file == NULL) {
    printf("Error: can't open timer file for writing\\n");
    exit(1);
  }
  fprintf(file, "{\\n");
  if (timers > 0) fprintf(file, " \\"execution_time\\":%.6f", seconds[0]);
  for (i = 0; i < timers; i++)
    fprintf(file, ",\\n \\"execution_time_kernel_%d\\":%.6f", i, seconds[i]);
  if (variables > 0) dump_variables(file, timers > 0 ? ",\\n" : "");
  fprintf(file, "\\n}\\n");
  fclose(file);
}

void xopenme_finish(void) {}
"""
"""`xopenme.c`."""
