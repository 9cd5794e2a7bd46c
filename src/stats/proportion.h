/*
 * proportion.h
 *		Tests of success rates of two and more groups, and of counts in tables.
 *
 * Pure C. proportion.c names the sources.
 */
#ifndef DUPEX_PROPORTION_H
#define DUPEX_PROPORTION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a test says. What is undefined is NaN: everything where a rate is undefined or nothing
 * can differ, the bounds where the test has none.
 */
typedef struct DupexTest
{
	double		statistic;
	double		df;
	double		p_value;
	double		lower;
	double		upper;
} DupexTest;

/*
 * Two rates: their counts, which are whole numbers.
 */
typedef struct DupexTwoRates
{
	double		successes_a;
	double		trials_a;
	double		successes_b;
	double		trials_b;
} DupexTwoRates;

/*
 * An estimate with its interval. An infinite upper bound means that there is none.
 */
typedef struct DupexEstimate
{
	double		value;
	double		lower;
	double		upper;
} DupexEstimate;

extern DupexTest dupex_test_proportions(size_t groups, const double *successes, const double *trials, bool correct, double confidence);
extern DupexTest dupex_test_table(size_t rows, size_t columns, const double *counts, bool correct, double *least_expected);
extern DupexTest dupex_test_shares(size_t cells, const double *counts, const double *shares, double *least_expected);
extern DupexTest dupex_test_trend(size_t groups, const double *successes, const double *trials, const double *scores);
extern DupexTest dupex_test_pairs(double only_first, double only_second, bool correct);
extern double dupex_rate_z(DupexTwoRates rates, bool correct);
extern DupexEstimate dupex_rate_ratio_koopman(DupexTwoRates rates, double confidence);
extern DupexEstimate dupex_rate_ratio_katz(DupexTwoRates rates, double confidence);
extern double dupex_binomial_two_sided(double successes, double trials, double p);

#endif							/* DUPEX_PROPORTION_H */
