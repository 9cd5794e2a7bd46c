/*
 * pg_distribution.c
 *		The distributions as SQL functions: cumulative, upper tail, quantile.
 *
 * Here infinities are answers (the normal quantile of 0 is minus infinity), so they are returned
 * as they are. NaN and parameters that no distribution has raise 22023.
 */
#include "dupex.h"

#include <math.h>

#include "stats/distribution.h"
#include "stats/gamma.h"
#include "stats/normal.h"
#include "stats/pg_stats.h"
#include "stats/special.h"

/*
 * Where the distribution is asked for; raises 22023 for NaN.
 */
static double
place_argument(FunctionCallInfo fcinfo, int n)
{
	double		x = PG_GETARG_FLOAT8(n);

	if (isnan(x))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a distribution has no value at NaN"),
				 errhint("Use NULL for an unknown number.")));
	return x;
}

static double
probability_argument(FunctionCallInfo fcinfo, int n)
{
	return dupex_share_argument(fcinfo, n, "probability", "Write 0.95 for 95 percent.");
}

/*
 * A parameter above 0. One so small that its half would be 0 is taken for a larger one, which has
 * the same distribution in all digits.
 */
static double
parameter_argument(FunctionCallInfo fcinfo, int n, const char *name, const char *hint)
{
	return fmax(dupex_positive_argument(fcinfo, n, name, hint), 1e-300);
}

static double
df_argument(FunctionCallInfo fcinfo, int n)
{
	return parameter_argument(fcinfo, n, "number of degrees of freedom", "It is above 0 and need not be a whole number.");
}

/*
 * Degrees of freedom of a ratio, t or F, which has come to its limit long before 1e100.
 */
static double
ratio_df_argument(FunctionCallInfo fcinfo, int n)
{
	return fmin(df_argument(fcinfo, n), 1e100);
}

/*
 * Degrees of freedom of t, which may be infinite: then it is the normal distribution.
 */
static double
t_df_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_GETARG_FLOAT8(n) == INFINITY ? INFINITY : ratio_df_argument(fcinfo, n);
}

static double
shape_argument(FunctionCallInfo fcinfo, int n)
{
	return parameter_argument(fcinfo, n, "parameter", "Parameters of this distribution are above 0.");
}

static double
scale_argument(FunctionCallInfo fcinfo, int n)
{
	return dupex_positive_argument(fcinfo, n, "parameter", "Parameters of this distribution are above 0.");
}

PG_FUNCTION_INFO_V1(dupex_normal_cdf);
Datum
dupex_normal_cdf(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(dupex_normal_upper_tail(-place_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(dupex_normal_upper);
Datum
dupex_normal_upper(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(dupex_normal_upper_tail(place_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(dupex_normal_get_quantile);
Datum
dupex_normal_get_quantile(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(dupex_normal_quantile(probability_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(dupex_t_cdf);
Datum
dupex_t_cdf(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(dupex_t_upper_tail(-place_argument(fcinfo, 0), t_df_argument(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(dupex_t_upper);
Datum
dupex_t_upper(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(dupex_t_upper_tail(place_argument(fcinfo, 0), t_df_argument(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(dupex_t_get_quantile);
Datum
dupex_t_get_quantile(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(dupex_t_quantile(probability_argument(fcinfo, 0), t_df_argument(fcinfo, 1)));
}

/*
 * Both tails of a gamma variable of scale 1; outside of its range 0 and 1.
 */
static void
gamma_tails(double shape, double x, double *lower, double *upper)
{
	if (x <= 0 || isinf(x))
	{
		*lower = x > 0;
		*upper = 1 - *lower;
	}
	else
		dupex_gamma_tails(shape, x, lower, upper);
}

/*
 * A quantile of a gamma variable of scale 1, the ends of its range at 0 and 1. Above the median
 * from the other tail.
 */
static double
gamma_quantile(double p, double shape)
{
	if (p == 0 || p == 1)
		return p == 0 ? 0 : INFINITY;
	return p <= 0.5 ? dupex_gamma_quantile(shape, p, false) : dupex_gamma_quantile(shape, 1 - p, true);
}

PG_FUNCTION_INFO_V1(dupex_chi_square_cdf);
Datum
dupex_chi_square_cdf(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	gamma_tails(df_argument(fcinfo, 1) / 2, place_argument(fcinfo, 0) / 2, &lower, &upper);
	PG_RETURN_FLOAT8(lower);
}

PG_FUNCTION_INFO_V1(dupex_chi_square_upper);
Datum
dupex_chi_square_upper(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	gamma_tails(df_argument(fcinfo, 1) / 2, place_argument(fcinfo, 0) / 2, &lower, &upper);
	PG_RETURN_FLOAT8(upper);
}

PG_FUNCTION_INFO_V1(dupex_chi_square_get_quantile);
Datum
dupex_chi_square_get_quantile(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(2 * gamma_quantile(probability_argument(fcinfo, 0), df_argument(fcinfo, 1) / 2));
}

PG_FUNCTION_INFO_V1(dupex_gamma_cdf);
Datum
dupex_gamma_cdf(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	gamma_tails(shape_argument(fcinfo, 1), place_argument(fcinfo, 0) / scale_argument(fcinfo, 2), &lower, &upper);
	PG_RETURN_FLOAT8(lower);
}

PG_FUNCTION_INFO_V1(dupex_gamma_upper);
Datum
dupex_gamma_upper(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	gamma_tails(shape_argument(fcinfo, 1), place_argument(fcinfo, 0) / scale_argument(fcinfo, 2), &lower, &upper);
	PG_RETURN_FLOAT8(upper);
}

PG_FUNCTION_INFO_V1(dupex_gamma_get_quantile);
Datum
dupex_gamma_get_quantile(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(scale_argument(fcinfo, 2) * gamma_quantile(probability_argument(fcinfo, 0), shape_argument(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(dupex_f_cdf);
Datum
dupex_f_cdf(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	dupex_f_tails(place_argument(fcinfo, 0), ratio_df_argument(fcinfo, 1), ratio_df_argument(fcinfo, 2), &lower, &upper);
	PG_RETURN_FLOAT8(lower);
}

PG_FUNCTION_INFO_V1(dupex_f_upper);
Datum
dupex_f_upper(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	dupex_f_tails(place_argument(fcinfo, 0), ratio_df_argument(fcinfo, 1), ratio_df_argument(fcinfo, 2), &lower, &upper);
	PG_RETURN_FLOAT8(upper);
}

PG_FUNCTION_INFO_V1(dupex_f_get_quantile);
Datum
dupex_f_get_quantile(PG_FUNCTION_ARGS)
{
	double		p = probability_argument(fcinfo, 0);
	double		df1 = ratio_df_argument(fcinfo, 1);
	double		df2 = ratio_df_argument(fcinfo, 2);

	if (p == 0 || p == 1)
		PG_RETURN_FLOAT8(p == 0 ? 0 : INFINITY);
	PG_RETURN_FLOAT8(p <= 0.5 ? dupex_f_quantile(p, df1, df2, false) : dupex_f_quantile(1 - p, df1, df2, true));
}

/*
 * Both tails of a beta variable; outside of its range 0 and 1.
 */
static void
beta_tails(FunctionCallInfo fcinfo, double *lower, double *upper)
{
	double		x = place_argument(fcinfo, 0);
	double		a = shape_argument(fcinfo, 1);
	double		b = shape_argument(fcinfo, 2);

	x = fmin(fmax(x, 0), 1);
	dupex_beta_tails(a, b, x, 1 - x, lower, upper);
}

PG_FUNCTION_INFO_V1(dupex_beta_cdf);
Datum
dupex_beta_cdf(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	beta_tails(fcinfo, &lower, &upper);
	PG_RETURN_FLOAT8(lower);
}

PG_FUNCTION_INFO_V1(dupex_beta_upper);
Datum
dupex_beta_upper(PG_FUNCTION_ARGS)
{
	double		lower;
	double		upper;

	beta_tails(fcinfo, &lower, &upper);
	PG_RETURN_FLOAT8(upper);
}

PG_FUNCTION_INFO_V1(dupex_beta_get_quantile);
Datum
dupex_beta_get_quantile(PG_FUNCTION_ARGS)
{
	double		p = probability_argument(fcinfo, 0);
	double		a = shape_argument(fcinfo, 1);
	double		b = shape_argument(fcinfo, 2);
	double		x;
	double		y;

	if (p == 0 || p == 1)
		PG_RETURN_FLOAT8(p);
	if (p <= 0.5)
		dupex_beta_quantile(a, b, p, &x, &y);
	else
		dupex_beta_quantile(b, a, 1 - p, &y, &x);
	PG_RETURN_FLOAT8(x);
}

PG_FUNCTION_INFO_V1(dupex_binomial_cdf);
Datum
dupex_binomial_cdf(PG_FUNCTION_ARGS)
{
	double		trials = dupex_count_argument(fcinfo, 1, "number of trials");
	double		at_most;
	double		above;

	dupex_binomial_tails((double) PG_GETARG_INT64(0), trials, probability_argument(fcinfo, 2), &at_most, &above);
	PG_RETURN_FLOAT8(at_most);
}

PG_FUNCTION_INFO_V1(dupex_binomial_upper);
Datum
dupex_binomial_upper(PG_FUNCTION_ARGS)
{
	double		trials = dupex_count_argument(fcinfo, 1, "number of trials");
	double		at_most;
	double		above;

	dupex_binomial_tails((double) PG_GETARG_INT64(0), trials, probability_argument(fcinfo, 2), &at_most, &above);
	PG_RETURN_FLOAT8(above);
}

/*
 * At most, and more than, so many events (Abramowitz and Stegun 26.4.21).
 */
static void
poisson_tails(FunctionCallInfo fcinfo, double *at_most, double *above)
{
	double		count = (double) PG_GETARG_INT64(0);
	double		mean = PG_GETARG_FLOAT8(1);

	if (!(mean >= 0) || isinf(mean))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("mean %g is not a number from 0 on", mean),
				 errhint("It is how many events are to be expected.")));
	if (count < 0)
	{
		*at_most = 0;
		*above = 1;
	}
	else
		dupex_gamma_tails(count + 1, mean, above, at_most);
}

PG_FUNCTION_INFO_V1(dupex_poisson_cdf);
Datum
dupex_poisson_cdf(PG_FUNCTION_ARGS)
{
	double		at_most;
	double		above;

	poisson_tails(fcinfo, &at_most, &above);
	PG_RETURN_FLOAT8(at_most);
}

PG_FUNCTION_INFO_V1(dupex_poisson_upper);
Datum
dupex_poisson_upper(PG_FUNCTION_ARGS)
{
	double		at_most;
	double		above;

	poisson_tails(fcinfo, &at_most, &above);
	PG_RETURN_FLOAT8(above);
}
