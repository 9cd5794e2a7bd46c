/*
 * quantile.c
 *		Quantiles by selection: no sort, expected linear time.
 */
#include "journey/quantile.h"

#include <math.h>

/*
 * Puts the value of the given rank (0 is the smallest) in its place, smaller ones before it and
 * larger ones behind it (C. A. R. Hoare, Algorithm 65: Find, 1961; three-way partition). Pivots
 * are taken from places that no order of the values can foresee.
 */
static void
select_rank(int64_t *values, size_t count, size_t rank)
{
	size_t		low = 0;
	size_t		high = count;
	uint64_t	dice = UINT64_C(88172645463325252);

	while (high - low > 1)
	{
		size_t		smaller = low;
		size_t		larger = high;
		int64_t		pivot;

		dice ^= dice << 13;
		dice ^= dice >> 7;
		dice ^= dice << 17;
		pivot = values[low + (size_t) (dice % (high - low))];
		for (size_t i = low; i < larger;)
		{
			int64_t		value = values[i];

			if (value < pivot)
			{
				values[i++] = values[smaller];
				values[smaller++] = value;
			}
			else if (value > pivot)
			{
				values[i] = values[--larger];
				values[larger] = value;
			}
			else
				i++;
		}
		if (rank < smaller)
			high = smaller;
		else if (rank >= larger)
			low = larger;
		else
			return;
	}
}

/*
 * What lies a part of the way between two values, rounded.
 */
int64_t
dupex_quantile_between(int64_t value, int64_t next, double part)
{
	return value + (int64_t) llround(part * (double) (next - value));
}

/*
 * The quantile of values that are not negative, at least one, between the two next to it where it
 * falls between (as percentile_cont does), rounded. Changes the order of the values.
 */
int64_t
dupex_quantile(int64_t *values, size_t count, double fraction)
{
	double		place = fraction * (double) (count - 1);
	size_t		rank = (size_t) floor(place);
	double		rest = place - floor(place);
	int64_t		value;
	int64_t		next;

	select_rank(values, count, rank);
	value = values[rank];
	if (rest == 0 || rank + 1 == count)
		return value;
	next = values[rank + 1];
	for (size_t i = rank + 2; i < count; i++)
		if (values[i] < next)
			next = values[i];
	return dupex_quantile_between(value, next, rest);
}
