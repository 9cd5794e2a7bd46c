/*
 * strata.h
 *		Two groups compared within strata: the test of Mantel and Haenszel.
 *
 * Pure C. strata.c names the sources.
 */
#ifndef DUPEX_STRATA_H
#define DUPEX_STRATA_H

#include <stdbool.h>
#include <stddef.h>

#include "proportion.h"

/*
 * The test, the common odds ratio with its interval, and the common difference of the rates.
 * What is undefined is NaN.
 */
typedef struct DupexStrata
{
	double		statistic;
	double		df;
	double		p_value;
	double		odds_ratio;
	double		lower;
	double		upper;
	double		difference;
} DupexStrata;

extern DupexStrata dupex_test_strata(size_t strata, const DupexTwoRates *rates, bool correct, double confidence);

#endif							/* DUPEX_STRATA_H */
