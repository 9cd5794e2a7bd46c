/*
 * interval.c
 *		Confidence intervals of rates and of the difference of two rates.
 *
 * Each bound is computed so that it keeps its digits however near to 0 it is: by quotients
 * instead of differences, and from successes and failures instead of rates. Counts go up to
 * 2^63, confidence up to 1 - 1e-15. Relative accuracy of both bounds is 1e-13 (for Agresti and
 * Coull absolute accuracy 1e-15), apart from what 1 - confidence has lost before it came here.
 *
 * Sources: E. B. Wilson (1927); C. Clopper and E. Pearson (1934); R. Newcombe, Two-sided
 * confidence intervals for the single proportion, and Interval estimation for the difference
 * between independent proportions (both 1998); A. Agresti and B. Coull (1998); L. Brown, T. Cai
 * and A. DasGupta, Interval Estimation for a Binomial Proportion (2001).
 *
 * Pure C.
 */
#include "interval.h"

#include <math.h>
#include <string.h>

#include "stats/normal.h"
#include "stats/special.h"

/*
 * Looks a method up by the name that it has in SQL; false when there is none.
 */
bool
dupex_interval_method(const char *name, DupexIntervalMethod *method)
{
	static const struct
	{
		const char *name;
		DupexIntervalMethod method;
	}			methods[] = {
		{"wilson", DUPEX_INTERVAL_WILSON},
		{"wilson_cc", DUPEX_INTERVAL_WILSON_CC},
		{"clopper_pearson", DUPEX_INTERVAL_CLOPPER_PEARSON},
		{"agresti_coull", DUPEX_INTERVAL_AGRESTI_COULL},
		{"jeffreys", DUPEX_INTERVAL_JEFFREYS}
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
	{
		if (strcmp(name, methods[i].name) == 0)
		{
			*method = methods[i].method;
			return true;
		}
	}
	return false;
}

/*
 * Wilson's score interval, for s successes and f failures: the two p with
 *		(s / n - p)^2 = z^2 p (1 - p) / n, where n = s + f.
 * The smaller is written as a quotient, the product of the two over the larger. The bounds are
 * exactly 0 for s = 0 and 1 for f = 0.
 */
static DupexInterval
wilson(double s, double f, double z)
{
	double		n = s + f;
	double		upper_part = s + 0.5 * z * z + z * sqrt(s / n * f + 0.25 * z * z);
	DupexInterval interval = {0, 1};

	if (s > 0)
		interval.lower = s / n * (s / upper_part);
	if (f > 0)
		interval.upper = fmin(1, upper_part / (n + z * z));
	return interval;
}

/*
 * The same with the rate moved half a success towards each bound.
 */
static DupexInterval
wilson_cc(double s, double f, double z)
{
	DupexInterval interval = {0, 1};

	if (s > 0)
		interval.lower = wilson(s - 0.5, f + 0.5, z).lower;
	if (f > 0)
		interval.upper = wilson(s + 0.5, f - 0.5, z).upper;
	return interval;
}

/*
 * The p at which s successes or more have the probability tail, and the one at which s or less
 * have it: the binomial tails are incomplete beta functions. 0 for s = 0 and 1 for f = 0.
 */
static DupexInterval
clopper_pearson(double s, double f, double tail)
{
	DupexInterval interval = {0, 1};
	double		complement;

	if (s > 0)
		dupex_beta_quantile(s, f + 1, tail, &interval.lower, &complement);
	if (f > 0)
		dupex_beta_quantile(f, s + 1, tail, &complement, &interval.upper);
	return interval;
}

/*
 * The quantiles of the posterior under Jeffreys's prior, beta(1/2, 1/2); 0 for s = 0 and 1 for
 * f = 0, as Brown, Cai and DasGupta have it, so that the interval holds the rate.
 */
static DupexInterval
jeffreys(double s, double f, double tail)
{
	DupexInterval interval = {0, 1};
	double		complement;

	if (s > 0)
		dupex_beta_quantile(s + 0.5, f + 0.5, tail, &interval.lower, &complement);
	if (f > 0)
		dupex_beta_quantile(f + 0.5, s + 0.5, tail, &complement, &interval.upper);
	return interval;
}

/*
 * Agresti and Coull add z^2 / 2 successes and as many failures and then take the simple normal
 * interval. It is not clipped: near 0 and 1 it goes beyond, which is a warning in itself.
 */
static DupexInterval
agresti_coull(double s, double f, double z)
{
	double		half_z2 = 0.5 * z * z;
	double		n = s + f + z * z;
	double		p = (s + half_z2) / n;
	double		q = (f + half_z2) / n;
	double		margin = z * sqrt(p * q / n);
	DupexInterval interval = {p - margin, p + margin};

	return interval;
}

/*
 * The two-sided interval of a rate; 0 < confidence < 1. NaN for a rate without trials.
 */
DupexInterval
dupex_rate_interval(DupexRate rate, double confidence, DupexIntervalMethod method)
{
	double		s = (double) rate.successes;
	double		f = (double) (rate.trials - rate.successes);
	double		tail = 0.5 * (1 - confidence);
	double		z = -dupex_normal_quantile(tail);
	DupexInterval undefined = {NAN, NAN};

	if (rate.trials == 0)
		return undefined;
	switch (method)
	{
		case DUPEX_INTERVAL_WILSON:
			return wilson(s, f, z);
		case DUPEX_INTERVAL_WILSON_CC:
			return wilson_cc(s, f, z);
		case DUPEX_INTERVAL_CLOPPER_PEARSON:
			return clopper_pearson(s, f, tail);
		case DUPEX_INTERVAL_AGRESTI_COULL:
			return agresti_coull(s, f, z);
		case DUPEX_INTERVAL_JEFFREYS:
			return jeffreys(s, f, tail);
	}
	return undefined;
}

/*
 * The difference a - b of two independent rates with its interval: Newcombe's method 10, from the
 * two Wilson intervals. NaN where either has no trials.
 */
DupexDifference
dupex_rate_difference(DupexRate a, DupexRate b, double confidence)
{
	DupexInterval interval_a = dupex_rate_interval(a, confidence, DUPEX_INTERVAL_WILSON);
	DupexInterval interval_b = dupex_rate_interval(b, confidence, DUPEX_INTERVAL_WILSON);
	double		n_a = (double) a.trials;
	double		n_b = (double) b.trials;
	double		p_a = (double) a.successes / n_a;
	double		p_b = (double) b.successes / n_b;
	double		difference = dupex_difference_of_products((double) a.successes, n_b, (double) b.successes, n_a) / n_a / n_b;
	DupexDifference result;

	result.difference = difference;
	result.lower = difference - hypot(p_a - interval_a.lower, interval_b.upper - p_b);
	result.upper = difference + hypot(interval_a.upper - p_a, p_b - interval_b.lower);
	return result;
}
