/*
 * distribution.c
 *		The distributions of tests: chi-square, t, F, binomial, noncentral t.
 *
 * All but the last are incomplete gamma and beta functions under other names; the accuracy is
 * theirs: relative 1e-13 of the small tail. Degrees of freedom need not be whole numbers.
 *
 * Pure C: no memory, no state, no error; a result that does not exist is NaN.
 */
#include "distribution.h"

#include <math.h>

#include "gamma.h"
#include "normal.h"
#include "special.h"

/* the narrowest panel, in standard deviations: adding less to a number may leave it as it is */
#define NARROWEST		1e-13

/*
 * Probability that a chi-square with df > 0 degrees of freedom exceeds x; 1 for x below 0.
 */
double
dupex_chi_square_upper_tail(double x, double df)
{
	double		lower;
	double		upper;

	if (x <= 0)
		return df > 0 ? 1 : NAN;
	dupex_gamma_tails(df / 2, x / 2, &lower, &upper);
	return upper;
}

/*
 * The two numbers that add up to 1 of which the tails of t and F are incomplete beta functions:
 * part / (part + rest) and its complement, for huge parts as well.
 */
static void
shares(double part, double rest, double *x, double *y)
{
	if (part > rest)
	{
		double		ratio = rest / part;

		*x = 1 / (1 + ratio);
		*y = ratio / (1 + ratio);
	}
	else
	{
		double		ratio = part / rest;

		*x = ratio / (1 + ratio);
		*y = 1 / (1 + ratio);
	}
}

/*
 * P(T > t) of Student's t with df > 0 degrees of freedom (Abramowitz and Stegun 26.7.1). An
 * infinite df is the normal distribution.
 */
double
dupex_t_upper_tail(double t, double df)
{
	double		x;
	double		y;
	double		lower;
	double		upper;

	if (isnan(t) || !(df > 0))
		return NAN;
	if (isinf(df))
		return dupex_normal_upper_tail(t);
	if (isinf(t))
		return t > 0 ? 0 : 1;
	shares(df, t * t, &x, &y);
	dupex_beta_tails(df / 2, 0.5, x, y, &lower, &upper);
	return t > 0 ? lower / 2 : 0.5 + upper / 2;
}

/*
 * t with P(T < t) = p for 0 < p < 1; infinite at 0 and 1, NaN elsewhere. Relative accuracy 1e-13
 * for p from 1e-30 to .4; near 1/2 absolute 1e-15. For a quantile far up ask for the one far
 * down and change its sign.
 */
double
dupex_t_quantile(double p, double df)
{
	double		x;
	double		y;

	if (!(df > 0))
		return NAN;
	if (p > 0.5)
		return p <= 1 ? -dupex_t_quantile(1 - p, df) : NAN;
	if (isinf(df) || !(p > 0))
		return dupex_normal_quantile(p);
	if (p == 0.5)
		return 0;
	if (p < 0.25)
		dupex_beta_quantile(df / 2, 0.5, 2 * p, &x, &y);
	else
		dupex_beta_quantile(0.5, df / 2, 1 - 2 * p, &y, &x);
	return -sqrt(df / x * y);
}

/*
 * The tails of F with df1 and df2 > 0 degrees of freedom at f (Abramowitz and Stegun 26.6.2).
 */
void
dupex_f_tails(double f, double df1, double df2, double *lower, double *upper)
{
	double		x;
	double		y;

	if (isnan(f) || !(df1 > 0 && df2 > 0) || isinf(df1) || isinf(df2))
		*lower = *upper = NAN;
	else if (f <= 0 || isinf(f))
	{
		*lower = f > 0;
		*upper = 1 - *lower;
	}
	else
	{
		shares(df1 * f, df2, &x, &y);
		dupex_beta_tails(df1 / 2, df2 / 2, x, y, lower, upper);
	}
}

/*
 * f with a lower (or upper) tail of p, for 0 < p < 1; NaN elsewhere.
 */
double
dupex_f_quantile(double p, double df1, double df2, bool upper)
{
	double		x;
	double		y;

	if (!(df1 > 0 && df2 > 0))
		return NAN;
	if (upper)
		dupex_beta_quantile(df2 / 2, df1 / 2, p, &y, &x);
	else
		dupex_beta_quantile(df1 / 2, df2 / 2, p, &x, &y);
	return x == 0 ? 0 : x / y * (df2 / df1);
}

/*
 * The probability of exactly so many successes of so many trials, both whole numbers, at a
 * success rate of p. Relative accuracy 1e-14 and 1e-15 times its logarithm.
 */
double
dupex_binomial_probability(double successes, double trials, double p)
{
	double		failures = trials - successes;

	if (!(successes >= 0 && failures >= 0))
		return 0;
	if (p <= 0 || p >= 1)
		return (p <= 0 ? successes : failures) == 0;
	if (successes == 0)
		return exp(trials * log1p(-p));
	if (failures == 0)
		return exp(trials * log(p));
	return dupex_beta_power(successes, failures, p, 1 - p) * (trials / successes / failures);
}

/*
 * The probabilities of at most so many successes and of more (Abramowitz and Stegun 26.5.24).
 */
void
dupex_binomial_tails(double successes, double trials, double p, double *at_most, double *above)
{
	if (successes < 0 || successes >= trials)
	{
		*at_most = successes >= 0;
		*above = 1 - *at_most;
	}
	else if (p <= 0 || p >= 1)
	{
		*at_most = p <= 0;
		*above = 1 - *at_most;
	}
	else
		dupex_beta_tails(successes + 1, trials - successes, p, 1 - p, above, at_most);
}

/* points of Gauss and Legendre, from 0 to 1, eight of sixteen: the rest by symmetry */
static const double node[8] = {
	0.0950125098376374401853, 0.2816035507792589132304, 0.4580167776572273863424, 0.6178762444026437484466,
	0.7554044083550030338951, 0.8656312023878317438804, 0.9445750230732325760779, 0.9894009349916499325961
};
static const double weight[8] = {
	0.1894506104550684962853, 0.1826034150449235888667, 0.1691565193950025381893, 0.1495959888165767320815,
	0.1246289712555338720524, 0.0951585116824927848099, 0.0622535239386478928628, 0.0271524594117540948517
};

/*
 * P(T > t) for (Z + shift) / S, where Z is standard normal and S^2 a chi-square over its df
 * degrees of freedom, df >= 1/2: the power of a t test. Absolute accuracy 1e-13.
 *
 * By definition, the mean of P(Z > t s - shift) over s. In v = log(s) the density of s is smooth
 * and has a standard deviation of about 1 / sqrt(2 df); the normal tail changes within
 * 1 / (t s). Panels are as narrow as the finer of the two wants them, but for a t so large that
 * the normal tail is a step: there one panel takes it in, which it is too narrow to matter.
 */
double
dupex_noncentral_t_upper_tail(double t, double df, double shift)
{
	double		deviation = 1 / sqrt(2 * df);
	double		end = fmin(10 * deviation, log1p(6 * deviation) + 3 * deviation);
	double		v = -(sqrt(40 / df) + 40 / df);
	double		sum = 0;

	if (!(df >= 0.5) || !isfinite(t) || !isfinite(shift))
		return NAN;
	while (v < end)
	{
		double		width = fmin(1, fmax(1.2 * deviation, 0.25 * fabs(v)));
		double		half;

		/*
		 * where the normal tail is neither 0 nor 1 it wants panels of its
		 * own, and so does the way there
		 */
		if (t != 0)
		{
			double		scale = 1 / (fabs(t) * exp(v));
			double		distance = fabs(t * exp(v) - shift) * scale;

			width = fmin(width, fmax(1.2 * scale, fmin(0.25 * distance, 1)));
		}
		width = fmin(fmax(width, NARROWEST * deviation), end - v);
		half = width / 2;
		for (int i = 0; i < 16; i++)
		{
			double		at = v + half + (i % 2 == 0 ? half : -half) * node[i / 2];
			double		s = exp(at);

			sum += half * weight[i / 2] * 2 * dupex_gamma_power(df / 2, df / 2 * s * s) * dupex_normal_upper_tail(t * s - shift);
		}
		v += width;
	}
	return fmin(1, sum);
}
