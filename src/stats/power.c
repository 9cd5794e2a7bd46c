/*
 * power.c
 *		How many people a test needs, what it can find, and what a rollout will bring.
 *
 * The numbers are those of R's power.prop.test and power.t.test (two-sided, not strict: a result
 * that is significant in the wrong direction does not count). Results are not rounded: who has
 * to mail takes the next whole number.
 *
 * Sources: J. Fleiss, Statistical Methods for Rates and Proportions (1981), for groups of
 * different size; P. Wheaton's rule of test sizes in direct mail; K. Krishnamoorthy and J. Peng
 * (2011) for the prediction interval.
 *
 * Pure C.
 */
#include "power.h"

#include <math.h>

#include "distribution.h"
#include "normal.h"
#include "root.h"

/* sizes are looked for up to here */
#define LARGEST_SIZE	1e15

/*
 * The two standard errors times the root of n: if the rates are the same, and if they are not.
 */
static void
deviations(const DupexPowerRates *test, double *same, double *different)
{
	double		r = test->ratio;
	double		mean = (test->p1 + r * test->p2) / (1 + r);

	*same = sqrt(mean * (1 - mean) * (1 + 1 / r));
	*different = sqrt(test->p1 * (1 - test->p1) + test->p2 * (1 - test->p2) / r);
}

/*
 * The probability that the test finds the difference.
 */
double
dupex_power_rates(const DupexPowerRates *test)
{
	double		critical = -dupex_normal_quantile(test->significance / 2);
	double		same;
	double		different;
	double		excess;

	deviations(test, &same, &different);
	excess = sqrt(test->n) * fabs(test->p1 - test->p2) - critical * same;
	if (different == 0)			/* rates of 0 and 1 */
		return excess > 0;
	return dupex_normal_upper_tail(-excess / different);
}

/*
 * The size of the first group. NaN for equal rates.
 */
double
dupex_power_rates_n(const DupexPowerRates *test)
{
	double		critical = -dupex_normal_quantile(test->significance / 2);
	double		same;
	double		different;
	double		root;

	deviations(test, &same, &different);
	root = (critical * same + dupex_normal_quantile(test->power) * different) / fabs(test->p1 - test->p2);
	if (test->p1 == test->p2)
		return NAN;
	return root > 0 ? root * root : 0;
}

static double
miss_of_p2(double p2, const void *context)
{
	DupexPowerRates test = *(const DupexPowerRates *) context;

	test.p2 = p2;
	return dupex_power_rates(&test) - test.power;
}

/*
 * The least rate above p1 that the test finds. NaN when it cannot find even a rate of 1, or has
 * that power without any difference.
 */
double
dupex_power_rates_p2(const DupexPowerRates *test)
{
	return dupex_find_root(miss_of_p2, test, test->p1, 1);
}

/*
 * The probability that a t test with n in each group finds a difference of delta. n > 1.
 */
double
dupex_power_means(const DupexPowerMeans *test)
{
	double		df = 2 * (test->n - 1);
	double		critical = -dupex_t_quantile(test->significance / 2, df);
	double		shift = sqrt(test->n / 2) * fabs(test->delta) / test->deviation;

	return dupex_noncentral_t_upper_tail(critical, df, shift);
}

static double
miss_of_size(double n, const void *context)
{
	DupexPowerMeans test = *(const DupexPowerMeans *) context;

	test.n = n;
	return dupex_power_means(&test) - test.power;
}

/*
 * The size of each group, at least 2 as R has it. NaN without a difference.
 */
double
dupex_power_means_n(const DupexPowerMeans *test)
{
	double		critical = -dupex_normal_quantile(test->significance / 2);
	double		root = (critical + dupex_normal_quantile(test->power)) * test->deviation / fabs(test->delta);
	double		guess = 2 * root * root;

	if (test->delta == 0)
		return NAN;
	if (!(guess < LARGEST_SIZE))
		return guess;
	if (miss_of_size(2, test) >= 0)
		return 2;
	return dupex_find_root(miss_of_size, test, 2, 2 * guess + 1000);
}

static double
miss_of_delta(double delta, const void *context)
{
	DupexPowerMeans test = *(const DupexPowerMeans *) context;

	test.delta = delta;
	return dupex_power_means(&test) - test.power;
}

/*
 * The least difference that the test finds. NaN when the power is that without any difference.
 */
double
dupex_power_means_delta(const DupexPowerMeans *test)
{
	double		high = 8 * test->deviation / sqrt(test->n / 2);

	while (miss_of_delta(high, test) < 0 && high < 1e200)
		high *= 2;
	return dupex_find_root(miss_of_delta, test, 0, high);
}

/*
 * How many pieces a test needs so that the interval around this rate reaches so far to each side
 * (Wheaton); in a universe of so many, of which the test is a part (INFINITY for none).
 */
double
dupex_test_size(double rate, double precision, double confidence, double universe)
{
	double		z = -dupex_normal_quantile(0.5 * (1 - confidence));
	double		n = rate * (1 - rate) * (z / precision) * (z / precision);

	return n / (1 + n / universe);
}

/*
 * How many successes a rollout will have after so many in a test, as real numbers: those that
 * the score test of equal rates (the pooled z test) would not reject. Both samples vary. The two
 * roots of a quadratic equation in the rate of the rollout, cut off at 0 and at the rollout.
 *
 * A test without successes, or with nothing else, is taken for half a success, or failure, as
 * the source does; that bound itself is kept exact.
 */
void
dupex_rollout_score(double successes, double trials, double rollout, double confidence, double *lower, double *upper)
{
	double		z = -dupex_normal_quantile(0.5 * (1 - confidence));
	double		x = fmin(fmax(successes, 0.5), trials - 0.5);
	double		p = x / trials;
	double		n = trials + rollout;
	double		c = z * z / trials * (n / rollout); /* z^2 (1/trials +
													 * 1/rollout) */
	double		w = rollout / n;

	/* the pooled rate is p + w e, where e is the rollout's rate less p */
	double		a = 1 + c * w * w;
	double		b = c * w * (1 - 2 * p);
	double		root = sqrt(b * b + 4 * a * c * p * (1 - p));

	*lower = successes == 0 ? 0 : fmax(0, rollout * (p + (b - root) / (2 * a)));
	*upper = successes == trials ? rollout : fmin(rollout, rollout * (p + (b + root) / (2 * a)));
}
