/*
 * pg_numbers.h
 *		Arguments of the functions on money and time: arrays of numbers, shares, confidence.
 */
#ifndef DUPEX_PG_NUMBERS_H
#define DUPEX_PG_NUMBERS_H

#include "dupex.h"

extern double *dupex_numbers_argument(FunctionCallInfo fcinfo, int n, const char *name, size_t *count, bool **nulls);
extern double dupex_number_argument(FunctionCallInfo fcinfo, int n, const char *name, double low, bool is_above, double high);
extern double dupex_confidence_argument(FunctionCallInfo fcinfo, int n);
extern bool dupex_never_stop(void);

#endif							/* DUPEX_PG_NUMBERS_H */
