/*
 * gamma.c
 *		The incomplete gamma function and its inverse.
 *
 * Built as the incomplete beta function in special.c: the density is made of small numbers only
 * (the saddle-point form), of the two tails the small one is computed, and a large parameter
 * costs no more than a small one.
 *
 * Pure C: no memory, no state, no error; a result that does not exist is NaN.
 */
#include "gamma.h"

#include <float.h>
#include <math.h>

#include "normal.h"
#include "special.h"

#define TWO_PI			6.28318530717958647693

/* above this parameter integration replaces series and continued fraction */
#define INTEGRATE_FROM	200.0

/* the inverse: steps at most, and the longest one in the logarithm of x */
#define MAX_STEPS		200
#define MAX_STEP		30.0

/*
 * x^a exp(-x) / gamma(a) for a > 0 and x >= 0: the density of log(x). Relative accuracy 1e-14,
 * and where it is far from its maximum 1e-15 times its logarithm.
 *
 * Source: as dupex_beta_power(), the saddle-point form of C. Loader (2000).
 */
double
dupex_gamma_power(double a, double x)
{
	double		excess = (x - a) / a;
	double		exponent;

	if (x == 0 || isinf(x))
		return 0;
	if (fabs(excess) <= 0.5)
		exponent = a * dupex_log1p_minus_x(excess);
	else
		exponent = a * (log(x / a) - excess);
	return sqrt(a / TWO_PI) * exp(exponent - dupex_stirling_error(a));
}

/*
 * The lower tail over the power: 1 / a + x / (a (a + 1)) + ... (DLMF 8.11.4), for x not much
 * above a.
 */
static double
lower_series(double a, double x)
{
	double		term = 1 / a;
	double		sum = term;

	for (int k = 1; k < 100000; k++)
	{
		term *= x / (a + k);
		sum += term;
		if (term <= sum * (DBL_EPSILON / 8))
			break;
	}
	return sum;
}

/*
 * The upper tail over the power, as a continued fraction (DLMF 8.9.2, its even part), for x
 * above a + 1. Evaluated by Lentz's method as modified by I. Thompson and A. Barnett (1986).
 */
static double
upper_fraction(double a, double x)
{
	const double tiny = 1e-300;
	double		below = x + 1 - a;
	double		c = 1 / tiny;
	double		d = 1 / below;
	double		result = d;

	for (int k = 1; k < 100000; k++)
	{
		double		above = -k * (k - a);
		double		factor;

		below += 2;
		d = below + above * d;
		c = below + above / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		factor = c * d;
		result *= factor;
		if (fabs(factor - 1) <= DBL_EPSILON)
			break;
	}
	return result;
}

/*
 * Either tail over the power for a large a: the integral of (1 + sign w)^(a - 1) exp(-sign x w)
 * over w from 0 on. Sign is -1 for the lower tail (w up to 1), 1 for the upper one. As in
 * beta_integral() of special.c: the exponent without cancellation, eight times sixteen points
 * of Gauss and Legendre over the stretch on which it matters.
 */
static double
large_integral(double a, double x, int sign)
{
	static const double node[8] = {
		0.0950125098376374401853, 0.2816035507792589132304, 0.4580167776572273863424, 0.6178762444026437484466,
		0.7554044083550030338951, 0.8656312023878317438804, 0.9445750230732325760779, 0.9894009349916499325961
	};
	static const double weight[8] = {
		0.1894506104550684962853, 0.1826034150449235888667, 0.1691565193950025381893, 0.1495959888165767320815,
		0.1246289712555338720524, 0.0951585116824927848099, 0.0622535239386478928628, 0.0271524594117540948517
	};
	const int	panels = 8;
	double		slope = sign * (x - (a - 1));
	double		end = 14 / sqrt(a - 1);
	double		half;
	double		sum = 0;

	if (sign < 0)
		end = fmin(1, end);
	if (slope > 0)
		end = fmin(end, 45 / slope);
	half = end / (2 * panels);
	for (int panel = 0; panel < panels; panel++)
	{
		double		middle = half * (2 * panel + 1);

		for (int i = 0; i < 16; i++)
		{
			double		w = middle + (i % 2 == 0 ? half : -half) * node[i / 2];

			sum += weight[i / 2] * exp((a - 1) * dupex_log1p_minus_x(sign * w) - slope * w);
		}
	}
	return sum * half;
}

/*
 * The regularised incomplete gamma function: lower = P(a, x), the probability that a gamma
 * variable of shape a and scale 1 is below x, and upper = 1 - lower, for a > 0 and x >= 0. NaN
 * elsewhere.
 *
 * Relative accuracy of the smaller tail 1e-13 for a from .1 on and tails above 1e-30, plus what
 * x itself is good for: an error of one ulp in x moves the tail by 2e-16 sqrt(a) of its standard
 * deviations. Below 1e-30 an ulp of the exponent counts as well: 2e-16 times the logarithm of
 * the tail.
 */
void
dupex_gamma_tails(double a, double x, double *lower, double *upper)
{
	double		power;

	if (!(a > 0 && x >= 0))
	{
		*lower = *upper = NAN;
		return;
	}
	power = dupex_gamma_power(a, x);
	if (x <= a)
	{
		if (power > 0)
			power *= a > INTEGRATE_FROM ? large_integral(a, x, -1) : lower_series(a, x);
		*lower = fmin(1, power);
		*upper = 1 - *lower;
	}
	else if (x > a + 1 || a > INTEGRATE_FROM)
	{
		if (power > 0)
			power *= a > INTEGRATE_FROM ? large_integral(a, x, 1) : upper_fraction(a, x);
		*upper = fmin(1, power);
		*lower = 1 - *upper;
	}
	else
	{
		*lower = fmin(1, power * lower_series(a, x));
		*upper = 1 - *lower;
	}
}

/*
 * The inverse: x with a lower (or upper) tail of p, for 0 < p < 1 and a > 0; NaN elsewhere.
 * Relative accuracy 1e-13 for a from .1 on and p from 1e-30 to 1/2, absolute accuracy 1e-13 of
 * the standard deviation for p above; for p close to 1 ask for the other tail.
 *
 * Method: Newton's on the logarithm of the tail as a function of log(x). Both tails are
 * log-concave in it, so from the far side the steps approach the solution without overshooting,
 * and from the other side one step leads there (as dupex_beta_quantile()).
 */
double
dupex_gamma_quantile(double a, double p, bool upper)
{
	double		z;
	double		x;

	if (!(a > 0 && p > 0 && p < 1))
		return NAN;

	/*
	 * the start: the cube root is nearly normal (E. Wilson and M. Hilferty,
	 * 1931)
	 */
	z = dupex_normal_quantile(p) * (upper ? -1 : 1);
	x = 1 - 1 / (9 * a) + z / (3 * sqrt(a));
	x = x > 0.2 ? a * x * x * x : a * exp(-2 - fabs(z) / sqrt(a));

	for (int i = 0; i < MAX_STEPS; i++)
	{
		double		lower_tail;
		double		upper_tail;
		double		tail;
		double		power = dupex_gamma_power(a, x);
		double		miss;
		double		step;

		dupex_gamma_tails(a, x, &lower_tail, &upper_tail);
		tail = upper ? upper_tail : lower_tail;
		if (tail < 1e-290 || power < 1e-290)
		{
			/* the start was too far out: back half the way, in logarithms */
			if (x < 1e-290)
				return 0;
			x = sqrt(x) * sqrt(a);
			continue;
		}
		miss = tail < 0.9 ? log(p / tail) : log1p((p - 1 + (upper ? lower_tail : upper_tail)) / tail);
		step = fmax(-MAX_STEP, fmin(MAX_STEP, miss * tail / power));
		x *= exp(upper ? -step : step);

		/* the next miss would be the square of this one */
		if (fabs(miss) < 1e-9)
			break;
	}
	return x;
}
