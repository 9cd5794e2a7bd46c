/*
 * strata.c
 *		Two groups compared within strata: the test of Mantel and Haenszel.
 *
 * When groups differ in more than what is tested (more of the good list got offer B), the
 * comparison is made within each stratum and the results are put together. The numbers are those
 * of R's mantelhaen.test for tables of two rows and two columns.
 *
 * Sources: N. Mantel and W. Haenszel (1959); J. Robins, N. Breslow and S. Greenland (1986) for
 * the variance of the log odds ratio; S. Greenland and J. Robins (1985) for the difference.
 *
 * Pure C.
 */
#include "strata.h"

#include <math.h>

#include "distribution.h"
#include "normal.h"
#include "special.h"
#include "sum.h"

/* what is added up over the strata */
typedef struct StrataSums
{
	DupexSum	deviation;		/* of successes in a from what is expected */
	DupexSum	variance;
	DupexSum	with;			/* R of Robins, Breslow and Greenland */
	DupexSum	against;		/* S */
	DupexSum	with_with;		/* PR, PS + QR, QS */
	DupexSum	with_against;
	DupexSum	against_against;
	DupexSum	difference;
	DupexSum	weight;
} StrataSums;

static void
add_stratum(StrataSums *sums, const DupexTwoRates *r)
{
	double		a = r->successes_a;
	double		b = r->trials_a - a;
	double		c = r->successes_b;
	double		d = r->trials_b - c;
	double		n = r->trials_a + r->trials_b;
	double		with = a / n * d;
	double		against = b / n * c;
	double		p = (a + d) / n;
	double		q = (b + c) / n;

	dupex_sum_add(&sums->deviation, dupex_difference_of_products(a, d, b, c) / n);
	dupex_sum_add(&sums->variance, r->trials_a / n * (r->trials_b / n) * ((a + c) / (n - 1)) * (b + d));
	dupex_sum_add(&sums->with, with);
	dupex_sum_add(&sums->against, against);
	dupex_sum_add(&sums->with_with, p * with);
	dupex_sum_add(&sums->with_against, p * against + q * with);
	dupex_sum_add(&sums->against_against, q * against);
	dupex_sum_add(&sums->difference, dupex_difference_of_products(a, r->trials_b, c, r->trials_a) / n);
	dupex_sum_add(&sums->weight, r->trials_a / n * r->trials_b);
}

/*
 * Compares a with b over all strata. A stratum in which one of them has no trials says nothing
 * and is left out. The statistic is undefined when no stratum could differ, the odds ratio when
 * there is no pair of a success and a failure in opposite groups.
 */
DupexStrata
dupex_test_strata(size_t strata, const DupexTwoRates *rates, bool correct, double confidence)
{
	static const StrataSums nothing;
	StrataSums	sums = nothing;
	DupexStrata result = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	double		deviation;
	double		variance;
	double		with;
	double		against;

	for (size_t i = 0; i < strata; i++)
	{
		if (rates[i].trials_a > 0 && rates[i].trials_b > 0)
			add_stratum(&sums, &rates[i]);
	}
	deviation = fabs(dupex_sum_value(&sums.deviation));
	variance = dupex_sum_value(&sums.variance);
	with = dupex_sum_value(&sums.with);
	against = dupex_sum_value(&sums.against);

	if (dupex_sum_value(&sums.weight) > 0)
		result.difference = dupex_sum_value(&sums.difference) / dupex_sum_value(&sums.weight);
	if (variance > 0)
	{
		/* R's rule: all of the correction or none */
		if (correct && deviation >= 0.5)
			deviation -= 0.5;
		result.statistic = deviation * (deviation / variance);
		result.df = 1;
		result.p_value = dupex_chi_square_upper_tail(result.statistic, 1);
	}
	if (against > 0)
		result.odds_ratio = with / against;
	if (with > 0 && against > 0)
	{
		double		error = sqrt(dupex_sum_value(&sums.with_with) / (2 * with * with)
								 + dupex_sum_value(&sums.with_against) / (2 * with * against)
								 + dupex_sum_value(&sums.against_against) / (2 * against * against));
		double		z = -dupex_normal_quantile(0.5 * (1 - confidence));

		result.lower = result.odds_ratio * exp(-z * error);
		result.upper = result.odds_ratio * exp(z * error);
	}
	return result;
}
