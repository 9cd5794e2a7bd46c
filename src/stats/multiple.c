/*
 * multiple.c
 *		P values of several tests, adjusted for their number.
 *
 * The numbers are those of R's p.adjust. An adjusted p value is the level at which the procedure
 * would just reject.
 *
 * Sources: S. Holm (1979); Y. Hochberg (1988); G. Hommel (1988), in the form of S. Wright
 * (1992); Y. Benjamini and Y. Hochberg (1995); Y. Benjamini and D. Yekutieli (2001).
 *
 * Pure C.
 */
#include "multiple.h"

#include <math.h>
#include <string.h>

/*
 * Looks a method up by its name: R's, or that in lower case; false when there is none.
 */
bool
dupex_adjustment_method(const char *name, DupexAdjustment *method)
{
	static const struct
	{
		const char *name;
		DupexAdjustment method;
	}			methods[] = {
		{"holm", DUPEX_ADJUST_HOLM},
		{"hochberg", DUPEX_ADJUST_HOCHBERG},
		{"hommel", DUPEX_ADJUST_HOMMEL},
		{"bonferroni", DUPEX_ADJUST_BONFERRONI},
		{"BH", DUPEX_ADJUST_BH},
		{"bh", DUPEX_ADJUST_BH},
		{"fdr", DUPEX_ADJUST_BH},
		{"BY", DUPEX_ADJUST_BY},
		{"by", DUPEX_ADJUST_BY},
		{"none", DUPEX_ADJUST_NONE}
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
	{
		if (strcmp(name, methods[i].name) == 0)
		{
			*method = methods[i].method;
			return true;
		}
	}
	return false;
}

/*
 * From the largest down: the smallest of factor * p so far, where the largest has rank n.
 */
static void
step_up(size_t count, double *p, double numerator, bool by_rank)
{
	double		least = 1;

	for (size_t i = count; i > 0; i--)
	{
		double		factor = by_rank ? numerator / (double) i : numerator - (double) i;

		least = fmin(least, factor * p[i - 1]);
		p[i - 1] = least;
	}
}

/*
 * Hommel's: of all sizes m of a set of hypotheses what Simes's test of the m largest demands.
 * scratch has room for 2 count numbers.
 */
static void
hommel(size_t count, double *p, double *scratch)
{
	double	   *adjusted = scratch;
	double	   *level = scratch + count;
	double		least = INFINITY;

	for (size_t i = 0; i < count; i++)
		least = fmin(least, (double) count * p[i] / (double) (i + 1));
	for (size_t i = 0; i < count; i++)
		adjusted[i] = level[i] = least;
	for (size_t m = count - 1; m >= 2; m--)
	{
		size_t		first = count - m + 1;	/* of the m - 1 largest */
		double		q = INFINITY;

		for (size_t i = first; i < count; i++)
			q = fmin(q, (double) m * p[i] / (double) (i - first + 2));
		for (size_t i = 0; i < first; i++)
			level[i] = fmin((double) m * p[i], q);
		for (size_t i = first; i < count; i++)
			level[i] = level[first - 1];
		for (size_t i = 0; i < count; i++)
			adjusted[i] = fmax(adjusted[i], level[i]);
	}
	for (size_t i = 0; i < count; i++)
		p[i] = fmax(adjusted[i], p[i]);
}

/*
 * Adjusts p values that are sorted from the smallest up, in place. scratch has room for 2 count
 * numbers.
 */
void
dupex_adjust(size_t count, double *p, DupexAdjustment method, double *scratch)
{
	double		n = (double) count;
	double		largest = 0;
	double		harmonic = 0;

	switch (method)
	{
		case DUPEX_ADJUST_HOLM:
			for (size_t i = 0; i < count; i++)
			{
				largest = fmax(largest, fmin(1, (n - (double) i) * p[i]));
				p[i] = largest;
			}
			break;
		case DUPEX_ADJUST_BONFERRONI:
			for (size_t i = 0; i < count; i++)
				p[i] = fmin(1, n * p[i]);
			break;
		case DUPEX_ADJUST_HOCHBERG:
			step_up(count, p, n + 1, false);
			break;
		case DUPEX_ADJUST_HOMMEL:
			if (count > 1)
				hommel(count, p, scratch);
			break;
		case DUPEX_ADJUST_BH:
			step_up(count, p, n, true);
			break;
		case DUPEX_ADJUST_BY:
			for (size_t i = count; i > 0; i--)
				harmonic += 1 / (double) i;
			step_up(count, p, n * harmonic, true);
			break;
		case DUPEX_ADJUST_NONE:
			break;
	}
}
