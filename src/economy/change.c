/*
 * change.c
 *		Before and after: the change of a ratio of sums, with an interval.
 *
 * What an effort brings is counted in blocks of time, such as weeks, on both sides of a dated
 * change. Days or orders are no independent trials (a campaign makes many of both), weeks nearly
 * are: so the spread between the blocks says what chance does. The ratio of two sums over blocks
 * has the variance of amount - ratio * base, divided by the squared mean of the bases (W. Cochran,
 * Sampling Techniques, 6.3); with bases of 1 that is the variance of a mean. The two sides may
 * spread differently: degrees of freedom after B. Welch (1947) and F. Satterthwaite (1946).
 *
 * Pure C.
 */
#include "economy/change.h"

#include <math.h>

#include "stats/special.h"

/* a side: its ratio, the variance of that, and the degrees of freedom */
typedef struct Side
{
	bool		is_known;
	double		ratio;
	double		variance;
	double		freedom;
} Side;

static Side
measure(const DupexBlocks *blocks)
{
	Side		side = {false, 0, 0, (double) blocks->count - 1};
	double		amount = 0;
	double		base = 0;

	for (size_t i = 0; i < blocks->count; i++)
	{
		amount += blocks->amounts[i];
		base += blocks->bases ? blocks->bases[i] : 1;
	}
	if (!(base > 0) || !isfinite(amount / base))
		return side;
	side.is_known = true;
	side.ratio = amount / base;
	for (size_t i = 0; i < blocks->count && side.freedom > 0; i++)
	{
		double		off = blocks->amounts[i] - side.ratio * (blocks->bases ? blocks->bases[i] : 1);

		side.variance += off * off * (double) blocks->count / side.freedom / base / base;
	}
	return side;
}

/*
 * The ratio before and after, and the difference with its limits, which want two blocks at least
 * on both sides and some spread. Bases are not negative.
 */
DupexChange
dupex_ratio_change(const DupexBlocks *before, const DupexBlocks *after, double confidence)
{
	Side		sides[2] = {measure(before), measure(after)};
	DupexChange change = {{sides[0].is_known, sides[1].is_known}, {sides[0].ratio, sides[1].ratio}, false, 0, 0, 0, 1};
	double		variance = sides[0].variance + sides[1].variance;
	double		freedom;
	double		x;
	double		y;
	double		below;
	double		above;
	double		reach;

	change.difference = sides[1].ratio - sides[0].ratio;
	if (!sides[0].is_known || !sides[1].is_known || before->count < 2 || after->count < 2 || !(variance > 0) || !isfinite(variance))
		return change;
	freedom = variance * variance /
		(sides[0].variance * sides[0].variance / sides[0].freedom + sides[1].variance * sides[1].variance / sides[1].freedom);
	if (!isfinite(freedom))
		return change;

	/* f / (f + t^2) of Student's t is a beta variable */
	dupex_beta_quantile(freedom / 2, 0.5, 1 - confidence, &x, &y);
	reach = sqrt(freedom * y / x * variance);
	dupex_beta_tails(freedom / 2, 0.5, freedom * variance / (freedom * variance + change.difference * change.difference),
					 change.difference * change.difference / (freedom * variance + change.difference * change.difference), &below, &above);
	change.has_limits = isfinite(reach);
	change.lower = change.difference - reach;
	change.upper = change.difference + reach;
	change.p_value = below;
	return change;
}
