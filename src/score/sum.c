/*
 * sum.c
 *		Sums of weights that do not depend on the order of the addends.
 *
 * Floating point numbers add up to something else in another order, and a parallel plan has an
 * order of its own each time. So each weight is first rounded to 12 decimals, by itself, and
 * then added up as whole numbers, exactly. Counts are not rounded at all.
 *
 * Pure C: no memory is allocated, nothing depends on the locale.
 */
#include "sum.h"

#include <math.h>

/*
 * The sum of one value, rounded to 12 decimals. False for NaN, a negative value, and 10^15 or
 * more.
 */
bool
dupex_sum_from(double value, DupexSum *sum)
{
	double		whole;

	if (!(value >= 0 && value < (double) DUPEX_SUM_LIMIT))
		return false;
	whole = floor(value);
	sum->whole = (int64_t) whole;

	/*
	 * the difference is exact, so this rounds twice at most, and the same
	 * everywhere
	 */
	sum->part = (int64_t) rint((value - whole) * (double) DUPEX_SUM_PARTS);
	if (sum->part == DUPEX_SUM_PARTS)
	{
		sum->part = 0;
		sum->whole++;
	}
	return sum->whole < DUPEX_SUM_LIMIT;
}

/*
 * Whether the bytes, which may come from anywhere, are those of a sum.
 */
bool
dupex_sum_is_valid(const DupexSum *sum)
{
	return sum->whole >= 0 && sum->whole < DUPEX_SUM_LIMIT && sum->part >= 0 && sum->part < DUPEX_SUM_PARTS;
}

/*
 * Adds. False, with the sum as it was, when that would reach 10^15.
 */
bool
dupex_sum_add(DupexSum *sum, const DupexSum *addend)
{
	int64_t		part = sum->part + addend->part;
	int64_t		carry = part >= DUPEX_SUM_PARTS;
	int64_t		whole = sum->whole + addend->whole + carry;

	if (whole >= DUPEX_SUM_LIMIT)
		return false;
	sum->whole = whole;
	sum->part = part - carry * DUPEX_SUM_PARTS;
	return true;
}

/*
 * Multiplies by a factor that is not negative. False when there is no such sum.
 */
bool
dupex_sum_scale(DupexSum *sum, double factor)
{
	return dupex_sum_from(dupex_sum_value(sum) * factor, sum);
}

/*
 * The sum as a floating point number: the nearest one for whole numbers, and within one unit of
 * its last place otherwise.
 */
double
dupex_sum_value(const DupexSum *sum)
{
	if (sum->part == 0)
		return (double) sum->whole;
	return (double) sum->whole + (double) sum->part / (double) DUPEX_SUM_PARTS;
}

/*
 * Writes the sum as a decimal number without zeros at the end, such as 12.5, and a NUL. Returns
 * the length without the NUL, less than DUPEX_SUM_TEXT_SIZE.
 */
size_t
dupex_sum_format(const DupexSum *sum, char *text)
{
	char		reversed[DUPEX_SUM_TEXT_SIZE];
	size_t		length = 0;
	size_t		used = 0;
	int64_t		whole = sum->whole;
	int64_t		unit = DUPEX_SUM_PARTS / 10;
	int64_t		part = sum->part;

	do
	{
		reversed[length++] = (char) ('0' + whole % 10);
		whole /= 10;
	} while (whole > 0);
	while (length > 0)
		text[used++] = reversed[--length];
	if (part > 0)
		text[used++] = '.';
	for (; part > 0; unit /= 10)
	{
		text[used++] = (char) ('0' + part / unit);
		part %= unit;
	}
	text[used] = '\0';
	return used;
}
