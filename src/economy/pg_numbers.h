/*
 * pg_numbers.h
 *		Arguments of the functions on money and time: arrays of numbers, shares; and their results.
 */
#ifndef DUPEX_PG_NUMBERS_H
#define DUPEX_PG_NUMBERS_H

#include "dupex.h"

extern double *dupex_economy_numbers(FunctionCallInfo fcinfo, int n, const char *name, size_t *count, bool **nulls);
extern double dupex_economy_number(FunctionCallInfo fcinfo, int n, const char *name, double low, bool is_above, double high);
extern double dupex_economy_result(double result, const char *name);

#endif							/* DUPEX_PG_NUMBERS_H */
