/*
 * sequential.c
 *		A test that may be looked at every day.
 *
 * An ordinary p value is good for one look at a time that was fixed before. Who looks every day
 * and stops at the first p below .05 finds a winner among equals far more often than once in
 * twenty times. The mixture sequential probability ratio test compares "no difference" with
 * "differences of about tau"; the probability that its likelihood ratio ever exceeds 1 / alpha
 * is at most alpha when nothing differs, however often one looks.
 *
 * With d the difference and V its variance at this look:
 *		L = sqrt(V / (V + tau2)) exp(d^2 tau2 / (2 V (V + tau2)))
 * The interval holds all differences that the same test, shifted there, does not reject: it
 * holds the true one at all looks together with the confidence.
 *
 * Sources: H. Robbins (1970); R. Johari, P. Koomen, L. Pekelis and D. Walsh (2017).
 *
 * Pure C.
 */
#include "sequential.h"

#include <math.h>

#include "root.h"
#include "special.h"

/*
 * The test of a difference with this variance, mixing over differences of variance tau2 > 0.
 * The p value is 1 / L, at most 1; over several looks it is the smallest so far.
 */
DupexSequential
dupex_sequential(double difference, double variance, double tau2, double confidence)
{
	DupexSequential result = {NAN, NAN, NAN, NAN};
	double		shrink = variance / (variance + tau2);
	double		exponent = difference * difference / (2 * variance) * (tau2 / (variance + tau2));
	double		half_width;

	if (!(variance > 0))
		return result;
	result.likelihood_ratio = fmin(sqrt(shrink) * exp(exponent), 1e300);
	result.p_value = fmin(1, exp(-exponent) / sqrt(shrink));
	half_width = sqrt(2 * variance * (1 + variance / tau2) * (-log(1 - confidence) - log(shrink) / 2));
	result.lower = difference - half_width;
	result.upper = difference + half_width;
	return result;
}

/*
 * The same for the rates a minus b, whose variances are estimated. Where all are failures in one
 * group and all successes in the other both estimates are 0; then the pooled one is taken.
 * Undefined without trials, and while all trials of both, or none, are successes.
 */
DupexSequential
dupex_sequential_rates(DupexTwoRates rates, double tau2, double confidence)
{
	double		p = rates.successes_a / rates.trials_a;
	double		q = rates.successes_b / rates.trials_b;
	double		difference = dupex_difference_of_products(rates.successes_a, rates.trials_b, rates.successes_b, rates.trials_a)
	/ rates.trials_a / rates.trials_b;
	double		variance = p * (1 - p) / rates.trials_a + q * (1 - q) / rates.trials_b;
	DupexSequential result;

	if (variance == 0)
	{
		double		pooled = (rates.successes_a + rates.successes_b) / (rates.trials_a + rates.trials_b);

		variance = pooled * (1 - pooled) * (1 / rates.trials_a + 1 / rates.trials_b);
	}
	result = dupex_sequential(difference, variance, tau2, confidence);
	result.lower = fmax(-1, result.lower);
	result.upper = fmin(1, result.upper);
	if (isnan(variance) || variance == 0)
		result.lower = result.upper = NAN;
	return result;
}

static double
slope_of_width(double r, const void *context)
{
	return r - log1p(r) - *(const double *) context;
}

/*
 * The tau2 that makes the interval narrowest at the look where the difference has this variance.
 *
 * With r = tau2 / V the squared width is (1 + 1 / r) (log(1 + r) + A), A = -2 log(1 - confidence),
 * which is least where r = log(1 + r) + A.
 */
double
dupex_sequential_tau2(double variance, double confidence)
{
	double		a = -2 * log(1 - confidence);

	return variance * dupex_find_root(slope_of_width, &a, a, 3 * a + 10);
}
