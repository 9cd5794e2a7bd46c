/*
 * curve.c
 *		Response curves: what an expense brings, and how that is carried over into later periods.
 *
 * A response saturates: the second thousand brings less than the first. The curve of Hill
 * (A. V. Hill 1910, in marketing mix models since Robyn and Meridian) says so with three
 * numbers: what the most can be, the expense that brings half of it, and a slope; with slope 1
 * it is the curve of Michaelis and Menten (1913). The carry-over of Broadbent (1979), "adstock",
 * keeps a share of each period's effect for the next one.
 *
 * Pure C; no result is NaN for the arguments allowed.
 */
#include "economy/curve.h"

#include <math.h>

/*
 * The outcome of an expense; 0 for none. Powers that overflow leave 0 or the maximum.
 */
double
dupex_curve_value(const DupexCurve *curve, double spend)
{
	if (!(spend > 0))
		return 0;
	return curve->maximum / (1 + pow(curve->half / spend, curve->slope));
}

/*
 * What one more unit of money brings: the derivative. At 0 it is 0, maximum / half or infinite,
 * for a slope above, at or below 1.
 */
double
dupex_curve_marginal(const DupexCurve *curve, double spend)
{
	double		ratio;

	if (!(spend > 0))
		return curve->slope > 1 ? 0 : curve->slope == 1 ? curve->maximum / curve->half : HUGE_VAL;
	ratio = pow(curve->half / spend, curve->slope);

	/* both shares by themselves, so that neither loses digits */
	return curve->maximum * curve->slope / (1 + ratio) / (1 + 1 / ratio) / spend;
}

/*
 * The expense up to which each further unit brings more than the one before; 0 where the curve
 * is concave from the beginning.
 */
double
dupex_curve_inflection(const DupexCurve *curve)
{
	if (!(curve->slope > 1))
		return 0;
	return curve->half * pow((curve->slope - 1) / (curve->slope + 1), 1 / curve->slope);
}

/*
 * Carries over: stock[t] is the sum of retention^lag * spend[t - lag] over the lags 0 to max_lag
 * (max_lag below 0: all). Normalised, the weights add up to 1, so that the sum of all stocks is
 * the money spent. stock must not be spend.
 */
void
dupex_adstock(const double *spend, size_t count, double retention, long max_lag, int is_normalised, double *stock)
{
	int			is_limited = max_lag >= 0 && (size_t) max_lag < count;
	double		leaving = 0;
	double		total = 1 / (1 - retention);

	if (max_lag >= 0)
	{
		/* the sum of the first powers */
		leaving = pow(retention, (double) max_lag + 1);
		total = -expm1(((double) max_lag + 1) * log(retention)) / (1 - retention);
	}
	for (size_t t = 0; t < count; t++)
	{
		stock[t] = 0;
		if (is_limited && max_lag < 64)
		{
			/* added up anew: nothing is taken away that was rounded before */
			double		power = 1;

			for (size_t lag = 0; lag <= (size_t) max_lag && lag <= t; lag++, power *= retention)
				stock[t] += power * spend[t - lag];
		}
		else
		{
			stock[t] = spend[t] + (t > 0 ? retention * stock[t - 1] : 0);
			if (is_limited && t > (size_t) max_lag)
				stock[t] -= leaving * spend[t - (size_t) max_lag - 1];
			if (stock[t] < 0)
				stock[t] = 0;
		}
	}
	for (size_t t = 0; t < count && is_normalised; t++)
		stock[t] /= total;
}
