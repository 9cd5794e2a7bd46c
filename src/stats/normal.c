/*
 * normal.c
 *		The standard normal distribution.
 *
 * Pure C over erfc() of the C library, which is accurate to an ulp or so in glibc, musl and the
 * BSDs, far into the tail as well.
 */
#include "normal.h"

#include <math.h>

/* the root of 1/2, and what the first constant lacks as a double */
#define SQRT_HALF		0.70710678118654752440
#define SQRT_HALF_REST	(-4.8336466567264567e-17)
#define TWO_OVER_SQRT_PI 1.12837916709551257390
#define SQRT_TWO_PI		2.50662827463100050242

/*
 * P(Z > z). Relative accuracy 1e-15 where the result is a normal double (z < 37), for negative z
 * as well.
 *
 * The tail is erfc(z / sqrt(2)) / 2. Far out an ulp of that argument changes the tail by z^2
 * ulps, so the rounding error of the argument is found and put right by the derivative.
 */
double
dupex_normal_upper_tail(double z)
{
	double		argument = z * SQRT_HALF;
	double		rest;

	if (!(fabs(argument) < 40))
		return 0.5 * erfc(argument);	/* 0 or 1, and infinite arguments */
	rest = fma(z, SQRT_HALF, -argument) + z * SQRT_HALF_REST;
	return 0.5 * (erfc(argument) - rest * TWO_OVER_SQRT_PI * exp(-argument * argument));
}

/*
 * z with P(Z < z) = p, for 0 < p < 1; minus or plus infinity at 0 and 1, NaN elsewhere. For a
 * quantile far up ask for the one far down and change its sign: a p close to 1 has lost the
 * digits that matter.
 *
 * Accuracy 1e-15, relative or absolute whichever is larger, for all p from the smallest normal
 * double on. Method: the rational approximation of Hastings (Abramowitz and Stegun 26.2.23, off
 * by less than 4.5e-4), then two steps of Halley's method on the tail. A step cubes the error,
 * so the second one reaches what erfc() allows.
 */
double
dupex_normal_quantile(double p)
{
	double		t;
	double		z;

	if (p == 0.5)
		return 0;
	if (p > 0.5)
		return p < 1 ? -dupex_normal_quantile(1 - p) : (p == 1 ? INFINITY : NAN);
	if (!(p > 0))
		return p == 0 ? -INFINITY : NAN;

	t = sqrt(-2 * log(p));
	z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
		(1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
	for (int i = 0; i < 2; i++)
	{
		double		density = exp(-0.5 * z * z) / SQRT_TWO_PI;
		double		newton = (dupex_normal_upper_tail(z) - p) / density;

		z += newton / (1 - 0.5 * z * newton);
	}
	return -z;
}
