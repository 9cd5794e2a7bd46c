/*
 * root.c
 *		The root of a monotone function between two points.
 *
 * Pure C.
 */
#include "root.h"

#include <math.h>

#define MAX_STEPS	200

/*
 * A point between low and high where the function has its root, to the last digits of a double;
 * NaN when its signs at low and high are the same, or when it is NaN somewhere.
 *
 * Method: false position in the form of Illinois (the value at an end that stays twice is
 * halved), with a bisection whenever two steps have not halved the interval.
 */
double
dupex_find_root(DupexFunction function, const void *context, double low, double high)
{
	double		at_low = function(low, context);
	double		at_high = function(high, context);
	double		width = fabs(high - low);
	int			side = 0;

	if (at_low == 0)
		return low;
	if (at_high == 0)
		return high;
	if (!(at_low * at_high < 0) && !((at_low < 0) != (at_high < 0) && !isnan(at_low) && !isnan(at_high)))
		return NAN;
	for (int i = 0; i < MAX_STEPS; i++)
	{
		double		middle = low + (high - low) * (at_low / (at_low - at_high));
		double		value;

		if (i % 3 == 2)
		{
			if (fabs(high - low) > width / 2)
				middle = low + (high - low) / 2;
			width = fabs(high - low);
		}
		if (!(middle > fmin(low, high) && middle < fmax(low, high)))
			middle = low + (high - low) / 2;
		if (middle == low || middle == high)
			break;
		value = function(middle, context);
		if (value == 0 || isnan(value))
			return isnan(value) ? value : middle;
		if ((value < 0) == (at_low < 0))
		{
			low = middle;
			at_low = value;
			if (side < 0)
				at_high /= 2;
			side = -1;
		}
		else
		{
			high = middle;
			at_high = value;
			if (side > 0)
				at_low /= 2;
			side = 1;
		}
		if (fabs(high - low) <= 4e-16 * fmax(fabs(low), fabs(high)))
			break;
	}
	return low + (high - low) / 2;
}
