/*
 * special.c
 *		Special functions: log gamma and its derivative, the incomplete beta function and its inverse.
 *
 * Counts reach billions, and confidence can be asked for to many nines. So everything is built
 * such that neither costs digits: powers are compared with their largest value instead of being
 * multiplied by large factorials, a number close to 1 travels together with its distance from 1
 * (x and y with x + y = 1), and of the two tails the small one is computed.
 *
 * Pure C: no memory, no state, no error; a result that does not exist is NaN.
 */
#include "special.h"

#include <float.h>
#include <math.h>

#include "normal.h"

#define HALF_LOG_TWO_PI	0.91893853320467274178
#define TWO_PI			6.28318530717958647693
#define EULER_GAMMA		0.57721566490153286061

/* from here on Stirling's series has full accuracy */
#define STIRLING_FROM	10.0

/* a rising factorial of up to so many whole steps is multiplied out */
#define RISING_STEPS	32.0

/* where the smaller parameter is above this, integration replaces the continued fraction */
#define INTEGRATE_FROM	200.0

/* the inverse: steps at most, and the longest one in log odds */
#define MAX_STEPS		100
#define MAX_STEP		30.0

/* odds further out than this are those of 0 or 1 */
#define LEAST_ODDS		1e-290

/*
 * log(1 + x) - x for x > -1, without the cancellation of writing that down. Relative accuracy
 * 5e-16 for |x| <= .5, absolute 1e-15 times log(1 + x) elsewhere.
 *
 * Source: log(1 + x) = 2 artanh(r) with r = x / (2 + x), and x - 2 r = r x.
 */
double
dupex_log1p_minus_x(double x)
{
	double		r;
	double		r2;
	double		power;
	double		sum = 0;

	if (!(fabs(x) <= 0.5))
		return log1p(x) - x;

	r = x / (2 + x);
	r2 = r * r;
	power = 2 * r * r2;
	for (int k = 3; k < 60; k += 2)
	{
		double		term = power / k;

		sum += term;
		if (fabs(term) <= fabs(sum) * (DBL_EPSILON / 4))
			break;
		power *= r2;
	}
	return sum - r * x;
}

/*
 * What Stirling's formula misses, for x > 0:
 *		log_gamma(x) - [(x - 1/2) log(x) - x + log(2 pi) / 2].
 * Absolute accuracy 4e-15 for x >= .1, relative 1e-15 from 10 on.
 *
 * Source: DLMF 5.11.1 from 10 on; below, the recurrence
 *		error(x) = error(x + 1) + (x + 1/2) log(1 + 1/x) - 1.
 */
double
dupex_stirling_error(double x)
{
	static const double coefficient[] = {
		1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156,
		-3617.0 / 122400
	};
	double		below = 0;
	double		sum = 0;
	double		inverse;
	double		inverse2;

	for (; x < STIRLING_FROM; x += 1)
		below += (x + 0.5) * log1p(1 / x) - 1;

	inverse = 1 / x;
	inverse2 = inverse * inverse;
	for (int k = (int) (sizeof(coefficient) / sizeof(coefficient[0])) - 1; k >= 0; k--)
		sum = sum * inverse2 + coefficient[k];
	return below + inverse * sum;
}

/*
 * log(gamma(2 + x)) for |x| <= 1/2, from its Taylor series (DLMF 5.7.3):
 *		(1 - euler_gamma) x + sum over k >= 2 of (-1)^k (zeta(k) - 1) x^k / k.
 */
static double
log_gamma_near_two(double x)
{
	/* zeta(k) - 1, k from 2 on; the 28th term is below 1e-18 */
	static const double zeta_minus_1[] = {
		6.4493406684822643647e-1, 2.0205690315959428540e-1, 8.2323233711138191516e-2,
		3.6927755143369926331e-2, 1.7343061984449139715e-2, 8.3492773819228268398e-3,
		4.0773561979443393787e-3, 2.0083928260822144179e-3, 9.9457512781808533715e-4,
		4.9418860411946455870e-4, 2.4608655330804829864e-4, 1.2271334757848914675e-4,
		6.1248135058704829259e-5, 3.0588236307020493552e-5, 1.5282259408651871733e-5,
		7.6371976378997622736e-6, 3.8172932649998398565e-6, 1.9082127165539389257e-6,
		9.5396203387279611315e-7, 4.7693298678780646312e-7, 2.3845050272773299000e-7,
		1.1921992596531107307e-7, 5.9608189051259479612e-8, 2.9803503514652280186e-8,
		1.4901554828365041235e-8, 7.4507117898354294920e-9, 3.7253340247884570548e-9,
	};
	const int	terms = (int) (sizeof(zeta_minus_1) / sizeof(zeta_minus_1[0]));
	double		sum = 0;

	for (int k = terms + 1; k >= 2; k--)
		sum = x * (sum + (k % 2 == 0 ? 1 : -1) * zeta_minus_1[k - 2] / k);
	return x * (sum + (1 - EULER_GAMMA));
}

/*
 * log(gamma(x)) for x > 0; plus infinity at 0, NaN below. Relative accuracy 4e-15, also near the
 * zeros at 1 and 2, up to the largest double whose result is one (2.5e305).
 *
 * Source: Stirling's formula from 10 on, the Taylor series around 2 below, reached by
 * gamma(x + 1) = x gamma(x).
 */
double
dupex_log_gamma(double x)
{
	double		product = 1;

	if (!(x > 0))
		return x == 0 ? INFINITY : NAN;
	if (x >= STIRLING_FROM)
		return (x - 0.5) * (log(x) - 1) - 0.5 + HALF_LOG_TWO_PI + dupex_stirling_error(x);
	if (x < 0.5)
		return dupex_log_gamma(x + 1) - log(x);
	if (x < 1.5)
		return log_gamma_near_two(x - 1) - log1p(x - 1);
	while (x > 2.5)
	{
		x -= 1;
		product *= x;
	}
	return log(product) + log_gamma_near_two(x - 2);
}

/*
 * The logarithm of the rising factorial: log(gamma(a + x) / gamma(a)) for a > 0 and x >= 0, which
 * need not be a whole number. NaN elsewhere. Relative accuracy 1e-14, or absolute 1e-15 where the
 * result is small. The difference of two log gammas would lose all digits for a large a.
 *
 * Source: Stirling's formula for both, with the logarithms drawn together; below 10 the
 * recurrence; for a few whole steps the product itself.
 */
double
dupex_log_rising(double a, double x)
{
	double		product = 1;
	double		sum = 0;

	if (!(a > 0 && x >= 0))
		return NAN;
	if (x <= RISING_STEPS && x == floor(x))
	{
		for (double i = 0; i < x; i += 1)
		{
			product *= a + i;
			if (product > 1e150 || product < 1e-150)
			{
				sum += log(product);
				product = 1;
			}
		}
		return sum + log(product);
	}
	for (; a < STIRLING_FROM; a += 1)
		sum -= log1p(x / a);
	sum += (a - 0.5) * log1p(x / a) + x * (log(a + x) - 1);
	return sum + (dupex_stirling_error(a + x) - dupex_stirling_error(a));
}

/*
 * What log(x) - 1 / (2 x) misses of digamma(x), with the sign changed, for x >= 10 (DLMF 5.11.2).
 */
static double
digamma_error(double x)
{
	static const double coefficient[] = {
		1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12,
		-3617.0 / 8160
	};
	double		inverse2 = 1 / (x * x);
	double		sum = 0;

	for (int k = (int) (sizeof(coefficient) / sizeof(coefficient[0])) - 1; k >= 0; k--)
		sum = sum * inverse2 + coefficient[k];
	return sum * inverse2;
}

/*
 * digamma(x), the derivative of log(gamma(x)), for x > 0; NaN elsewhere. Relative accuracy 4e-15,
 * near its zero at 1.46 absolute 2e-15.
 *
 * Source: the asymptotic series from 10 on, the recurrence below.
 */
double
dupex_digamma(double x)
{
	double		sum = 0;

	if (!(x > 0))
		return NAN;
	for (; x < STIRLING_FROM; x += 1)
		sum -= 1 / x;
	return sum + log(x) - 0.5 / x - digamma_error(x);
}

/*
 * digamma(a + x) - digamma(a) for a > 0 and x >= 0; NaN elsewhere. Relative accuracy 1e-14: the
 * derivative of dupex_log_rising() by a, made in the same ways.
 */
double
dupex_digamma_rising(double a, double x)
{
	double		sum = 0;

	if (!(a > 0 && x >= 0))
		return NAN;
	if (x <= RISING_STEPS && x == floor(x))
	{
		for (double i = 0; i < x; i += 1)
			sum += 1 / (a + i);
		return sum;
	}
	for (; a < STIRLING_FROM; a += 1)
		sum += x / (a * (a + x));
	sum += log1p(x / a) + x / (2 * a * (a + x));
	return sum + (digamma_error(a) - digamma_error(a + x));
}

/*
 * a b - c d with the rounding error of about one operation (Kahan).
 */
double
dupex_difference_of_products(double a, double b, double c, double d)
{
	double		cd = c * d;
	double		error = fma(-c, d, cd);

	return fma(a, b, -cd) + error;
}

/*
 * a log(x / p) - a (x / p - 1), where p = a / (a + b) and excess = x / p - 1, which the caller
 * knows to full accuracy.
 */
static double
deviance(double a, double b, double x, double excess)
{
	if (fabs(excess) <= 0.5)
		return a * dupex_log1p_minus_x(excess);
	return a * (log(x * ((a + b) / a)) - excess);
}

/*
 * x^a y^b / B(a, b), for a, b > 0 and y = 1 - x, both above 0. Relative accuracy 1e-14, and where
 * the power is far from its maximum 1e-15 times its logarithm.
 *
 * Source: the saddle-point form of C. Loader, Fast and Accurate Computation of Binomial
 * Probabilities (2000). The logarithms of the power and of B are large numbers that nearly
 * cancel. With p = a / (a + b) the power's maximum is taken out, which cancels against Stirling's
 * formula for B in closed form, and what is left are the small numbers themselves.
 */
double
dupex_beta_power(double a, double b, double x, double y)
{
	double		n = a + b;
	double		distance = dupex_difference_of_products(b, x, a, y);
	double		exponent = deviance(a, b, x, distance / a) + deviance(b, a, y, -distance / b);
	double		correction = dupex_stirling_error(a) + dupex_stirling_error(b) - dupex_stirling_error(n);

	/* a / n first: a * b may be beyond the largest double */
	return sqrt(a / n * b / TWO_PI) * exp(exponent - correction);
}

/*
 * The integral of the beta density from 0 to x over x^a y^b / B(a, b), as a continued fraction.
 * For x < (a + 1) / (a + b + 2) its first denominators are positive, so no digits are lost, and
 * the number of steps grows with the root of the smaller parameter.
 *
 * Source: the even part of DLMF 8.17.22, in the form of A. Didonato and A. Morris, Algorithm 708
 * (1992), evaluated by Lentz's method as modified by I. Thompson and A. Barnett (1986).
 */
static double
beta_fraction(double a, double b, double x, double y)
{
	const double tiny = 1e-300;
	double		start = dupex_difference_of_products(a, y, b, x) + 1;
	double		c = a * start / (a + 1);
	double		d = 0;
	double		denominator = c;

	for (int m = 1; m < 10000; m++)
	{
		double		step = a + 2 * m - 1;
		double		above = (a + m - 1) / step * ((a + b + m - 1) / step) * m * (b - m) * x * x;
		double		below = m + m * (b - m) * x / step + (a + m) * (start + m * (1 + y)) / (step + 2);
		double		factor;

		d = below + above * d;
		c = below + above / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		factor = c * d;
		denominator *= factor;
		if (fabs(factor - 1) <= DBL_EPSILON)
			break;
	}
	return 1 / denominator;
}

/*
 * The integral of the beta density from 0 to x over x^a y^(b-1) / B(a, b), for large a and b and
 * x not above the mean or little.
 *
 * With t = x (1 - w) the integrand is exp(g(w)), g(0) = 0, falling like exp(-slope w) far out in
 * the tail and like exp(-curvature w^2 / 2) near the mode. So it is integrated by eight times
 * sixteen points of Gauss and Legendre over the stretch on which it matters. g is computed
 * without cancellation: its linear part from the exact difference of products, the rest by
 * log(1 + w) - w.
 */
static double
beta_integral(double a, double b, double x, double y)
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
	double		odds = x / y;
	double		slope = dupex_difference_of_products(a - 1, y, b - 1, x) / y;
	double		curvature = (a - 1) + (b - 1) * odds * odds;
	double		end = fmin(1, 14 / sqrt(curvature));
	double		half;
	double		sum = 0;

	if (slope > 0)
		end = fmin(end, 45 / slope);
	half = end / (2 * panels);
	for (int panel = 0; panel < panels; panel++)
	{
		double		middle = half * (2 * panel + 1);

		for (int i = 0; i < 16; i++)
		{
			double		w = middle + (i % 2 == 0 ? half : -half) * node[i / 2];
			double		exponent = (a - 1) * dupex_log1p_minus_x(-w) - slope * w;

			exponent += (b - 1) * dupex_log1p_minus_x(w * odds);
			sum += weight[i / 2] * exp(exponent);
		}
	}
	return sum * half;
}

/*
 * The lower tail for x not above the mean, or little above.
 */
static double
beta_small_tail(double a, double b, double x, double y)
{
	double		power = dupex_beta_power(a, b, x, y);

	if (power == 0)
		return 0;
	if (fmin(a, b) > INTEGRATE_FROM)
		return power / y * beta_integral(a, b, x, y);
	return power * beta_fraction(a, b, x, y);
}

/*
 * The regularised incomplete beta function: lower = I_x(a, b), the probability that a beta
 * variable with parameters a and b is below x, and upper = 1 - lower, for a, b > 0 and
 * y = 1 - x, given separately so that neither end loses digits. NaN for parameters that are not
 * positive.
 *
 * Relative accuracy of the smaller tail 1e-13 for tails above 1e-30, plus what x itself is good
 * for: an error of one ulp in x moves the tail by 2e-16 sqrt(a + b) of its standard deviations.
 */
void
dupex_beta_tails(double a, double b, double x, double y, double *lower, double *upper)
{
	if (!(a > 0 && b > 0 && x >= 0 && y >= 0))
		*lower = *upper = NAN;
	else if (x == 0 || y == 0)
	{
		*lower = x == 0 ? 0 : 1;
		*upper = 1 - *lower;
	}
	else if (x * (b + 1) <= (a + 1) * y)	/* x below (a + 1) / (a + b + 2) */
	{
		*lower = fmin(1, beta_small_tail(a, b, x, y));
		*upper = 1 - *lower;
	}
	else
	{
		*upper = fmin(1, beta_small_tail(b, a, y, x));
		*lower = 1 - *upper;
	}
}

/*
 * The inverse: x, and y = 1 - x, with I_x(a, b) = p, for 0 < p < 1. For an upper tail
 * exchange a and b, and x and y. NaN outside of the range of the parameters.
 *
 * Relative accuracy of x and of y 1e-13 for p from 1e-30 to 1/2, a and b from .1 to 1e19; an x
 * or y below 1e-290 comes out as 0. Parameters below .1 are no less accurate, but for x and y
 * near that end: both pile up at the ends of the range.
 *
 * Method: Newton's on the logarithm of the tail as a function of u = log(x / y). That function is
 * concave, so from the left of the solution the steps approach it without ever overshooting,
 * and from the right one step leads to the left. A step multiplies the odds x / y, which keeps
 * the digits of both.
 */
void
dupex_beta_quantile(double a, double b, double p, double *x, double *y)
{
	double		mean_odds = a / b;
	double		odds;

	if (!(a > 0 && b > 0 && p > 0 && p < 1))
	{
		*x = *y = NAN;
		return;
	}

	/* the start: log odds are nearly normal */
	odds = mean_odds * exp(dupex_normal_quantile(p) * sqrt(1 / a + 1 / b));

	for (int i = 0; i < MAX_STEPS; i++)
	{
		double		lower;
		double		upper;
		double		power;
		double		miss;

		odds = fmin(fmax(odds, LEAST_ODDS), 1 / LEAST_ODDS);
		*x = odds / (1 + odds);
		*y = 1 / (1 + odds);
		dupex_beta_tails(a, b, *x, *y, &lower, &upper);
		if ((odds == LEAST_ODDS && lower >= p) || (odds == 1 / LEAST_ODDS && upper >= 1 - p))
		{
			*x = odds > 1;
			*y = odds < 1;
			return;
		}

		/* the derivative of the tail by u */
		power = dupex_beta_power(a, b, *x, *y);
		if (lower < 1e-290 || power < 1e-290)
		{
			/*
			 * the start was too far out: back half the way, counted in
			 * logarithms
			 */
			odds = sqrt(odds) * sqrt(mean_odds);
			continue;
		}
		miss = lower < 0.9 ? log(p / lower) : log1p((p - 1 + upper) / lower);
		odds *= exp(fmax(-MAX_STEP, fmin(MAX_STEP, miss * lower / power)));

		/* the next miss would be the square of this one */
		if (fabs(miss) < 1e-9)
			break;
	}
	*x = odds / (1 + odds);
	*y = 1 / (1 + odds);
}
