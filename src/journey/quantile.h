/*
 * quantile.h
 *		Quantiles of whole numbers.
 *
 * Pure C.
 */
#ifndef DUPEX_QUANTILE_H
#define DUPEX_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

extern int64_t dupex_quantile_between(int64_t value, int64_t next, double part);
extern int64_t dupex_quantile(int64_t *values, size_t count, double fraction);

#endif							/* DUPEX_QUANTILE_H */
