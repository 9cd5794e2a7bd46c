/*
 * fisher.c
 *		Fisher's exact test of a table of two rows and two columns.
 *
 * With the sums of rows and columns given, the count in the first cell has a hypergeometric
 * distribution; with an odds ratio other than 1, Fisher's noncentral one, whose probabilities are
 * the former times ratio^count. Probabilities of neighbours differ by a simple factor, so tails
 * are added up from the count outwards until the rest no longer matters: that takes some ten
 * standard deviations, not the whole support, which may be 10^9 wide. One probability to start
 * from comes from the saddle-point form (special.c).
 *
 * The two-sided p value is that of R: the sum of all probabilities that are not larger than the
 * one of the table, where a difference below 1e-7 counts as none. The odds ratio is the
 * conditional maximum likelihood estimate, its interval the one that agrees with the one-sided
 * tests.
 *
 * Sources: R. Fisher (1935); J. Cornfield (1956) for the interval; C. Loader (2000).
 *
 * Pure C.
 */
#include "fisher.h"

#include <math.h>

#include "distribution.h"
#include "normal.h"

/* a term that adds less than this share ends a sum */
#define NEGLIGIBLE	1e-19

/* where sums are scaled down */
#define LARGE		1e200

#define MAX_STEPS	200

static double
least_count(DupexHypergeometric table)
{
	return fmax(0, table.column - table.other);
}

static double
largest_count(DupexHypergeometric table)
{
	return fmin(table.row, table.column);
}

/*
 * The probability of a count. Relative accuracy 1e-13 and 1e-15 times its logarithm.
 *
 * As three binomial probabilities with one success rate (Loader); any would do, the share of
 * the column keeps all three near their modes.
 */
double
dupex_hypergeometric_probability(DupexHypergeometric table, double count)
{
	double		n = table.row + table.other;
	double		p = table.column / n;

	if (count < least_count(table) || count > largest_count(table))
		return 0;
	if (table.column == 0 || table.column == n)
		return 1;
	return dupex_binomial_probability(count, table.row, p)
		* (dupex_binomial_probability(table.column - count, table.other, p)
		   / dupex_binomial_probability(table.column, n, p));
}

/*
 * The probability of count + 1 over the one of count.
 */
static double
step_up(DupexHypergeometric table, double count)
{
	return (table.row - count) / (count + 1) * ((table.column - count) / (table.other - table.column + count + 1));
}

/*
 * The count of the highest probability, about.
 */
static double
central_mode(DupexHypergeometric table)
{
	double		mode = floor((table.row + 1) * ((table.column + 1) / (table.row + table.other + 2)));

	return fmin(fmax(mode, least_count(table)), largest_count(table));
}

/*
 * Probability of counts from here outwards, upwards or downwards, where it falls.
 */
static double
outer_tail(DupexHypergeometric table, double count, bool up)
{
	double		term = dupex_hypergeometric_probability(table, count);
	double		sum = 0;

	while (term > NEGLIGIBLE * sum)
	{
		sum += term;
		term *= up ? step_up(table, count) : 1 / step_up(table, count - 1);
		count += up ? 1 : -1;
	}
	return sum;
}

/*
 * The probabilities of at most and of at least this count. Relative accuracy 1e-12 of the
 * smaller one.
 */
void
dupex_hypergeometric_tails(DupexHypergeometric table, double count, double *at_most, double *at_least)
{
	double		here = dupex_hypergeometric_probability(table, count);

	if (count < least_count(table))
	{
		*at_most = 0;
		*at_least = 1;
	}
	else if (count > largest_count(table))
	{
		*at_most = 1;
		*at_least = 0;
	}
	else if (count <= central_mode(table))
	{
		*at_most = count == largest_count(table) ? 1 : fmin(1, outer_tail(table, count, false));
		*at_least = count == least_count(table) ? 1 : fmin(1, 1 - *at_most + here);
	}
	else
	{
		*at_least = fmin(1, outer_tail(table, count, true));
		*at_most = count == largest_count(table) ? 1 : fmin(1, 1 - *at_least + here);
	}
}

/*
 * Probability of all counts on one side of the mode that are not likelier than limit: they
 * begin where bisection finds the first.
 */
static double
unlikely_tail(DupexHypergeometric table, double limit, bool up)
{
	double		inner = central_mode(table);
	double		outer = up ? largest_count(table) : least_count(table);

	if (dupex_hypergeometric_probability(table, outer) > limit)
		return 0;
	while (fabs(outer - inner) > 1)
	{
		double		middle = floor(inner + (outer - inner) / 2);

		if (middle == inner)
			middle++;
		if (dupex_hypergeometric_probability(table, middle) <= limit)
			outer = middle;
		else
			inner = middle;
	}
	return outer_tail(table, outer, up);
}

/*
 * Sums over the noncentral distribution, all relative to the probability of count, or of
 * something smaller where that is too small.
 */
typedef struct NoncentralSums
{
	double		below;			/* of smaller counts */
	double		here;			/* of the count */
	double		above;			/* of larger counts */
	double		first_below;	/* times their distance from the count */
	double		first_above;
	double		second;			/* times the square of it */
} NoncentralSums;

static void
scale_sums(NoncentralSums *sums, double factor)
{
	sums->below *= factor;
	sums->here *= factor;
	sums->above *= factor;
	sums->first_below *= factor;
	sums->first_above *= factor;
	sums->second *= factor;
}

/*
 * Adds the sums of one direction.
 */
static void
add_direction(DupexHypergeometric table, double count, double ratio, bool up, NoncentralSums *sums)
{
	double		end = (up ? largest_count(table) : least_count(table));
	double		term = sums->here;
	double		sum = 0;
	double		first = 0;
	double		second = 0;
	double		at = count;

	while (at != end)
	{
		double		factor = up ? ratio * step_up(table, at) : 1 / (ratio * step_up(table, at - 1));
		double		distance;

		at += up ? 1 : -1;
		distance = fabs(at - count);
		term *= factor;
		sum += term;
		first += term * distance;
		second += term * distance * distance;
		if (term > LARGE)
		{
			scale_sums(sums, 1 / LARGE);
			term /= LARGE;
			sum /= LARGE;
			first /= LARGE;
			second /= LARGE;
		}
		/* the squares die last */
		if (factor < 1 && term * distance * distance <= NEGLIGIBLE * second && term <= NEGLIGIBLE * (sum + sums->here))
			break;
	}
	if (up)
	{
		sums->above = sum;
		sums->first_above = first;
	}
	else
	{
		sums->below = sum;
		sums->first_below = first;
	}
	sums->second += second;
}

static NoncentralSums
noncentral_sums(DupexHypergeometric table, double count, double ratio)
{
	NoncentralSums sums = {0, 1, 0, 0, 0, 0};

	add_direction(table, count, ratio, true, &sums);
	add_direction(table, count, ratio, false, &sums);
	return sums;
}

/* what is to be found: the mean at the count, or a tail of this size */
typedef enum Wanted
{
	MEAN,
	UPPER_TAIL,
	LOWER_TAIL
} Wanted;

/*
 * The odds ratio at which the mean is the count, or at which the probability of at least (at
 * most) the count is tail: Newton's method in the logarithm of the odds ratio, kept within what
 * is already known of the root.
 */
static double
solve_ratio(DupexHypergeometric table, double count, Wanted wanted, double tail, double start)
{
	double		low = -INFINITY;
	double		high = INFINITY;
	double		at = start;

	for (int i = 0; i < MAX_STEPS; i++)
	{
		NoncentralSums s = noncentral_sums(table, count, exp(at));
		double		total = s.below + s.here + s.above;
		double		mean = (s.first_above - s.first_below) / total;
		double		value;
		double		slope;
		double		next;

		if (wanted == MEAN)
		{
			/* rises with the ratio; the slope is the variance */
			value = mean;
			slope = s.second / total - mean * mean;
		}
		else
		{
			double		mass = wanted == UPPER_TAIL ? s.here + s.above : s.here + s.below;
			double		first = wanted == UPPER_TAIL ? s.first_above : -s.first_below;

			/* log of the tail; its slope is how much its mean is off */
			value = log(mass / total / tail);
			slope = first / mass - mean;
			if (wanted == LOWER_TAIL)
			{
				value = -value;
				slope = -slope;
			}
		}
		if (value > 0)
			high = at;
		else
			low = at;
		/* the step is bounded: far out the sums would run long */
		next = at - fmax(-5, fmin(5, value / slope));

		/* the next step would be the square of this one */
		if (fabs(next - at) <= 1e-8)
			return exp(next);
		if (!(next > low && next < high))
			next = isfinite(low) && isfinite(high) ? low + (high - low) / 2 : (value > 0 ? at - 5 : at + 5);
		at = next;
	}
	return exp(at);
}

/*
 * The test of a table a, b, c, d (counts, together up to DUPEX_FISHER_LIMIT). Where only one
 * table has these sums all p values are 1 and the odds ratio is undefined (NaN). An infinite
 * odds ratio or upper bound means that there is none.
 *
 * Accuracy 1e-11 relative for p values, 1e-10 for odds ratio and bounds.
 */
DupexFisher
dupex_fisher_test(double a, double b, double c, double d, double confidence)
{
	DupexHypergeometric table = {a + b, c + d, a + c};
	DupexFisher result = {1, 1, 1, NAN, 0, INFINITY};
	double		limit = dupex_hypergeometric_probability(table, a) * (1 + 1e-7);
	double		tail = 0.5 * (1 - confidence);
	double		middle;
	double		spread;

	if (least_count(table) == largest_count(table))
		return result;
	dupex_hypergeometric_tails(table, a, &result.p_less, &result.p_greater);
	if (dupex_hypergeometric_probability(table, central_mode(table)) > limit)
		result.p_value = fmin(1, unlikely_tail(table, limit, true) + unlikely_tail(table, limit, false));

	middle = log((a + 0.5) / (b + 0.5) * ((d + 0.5) / (c + 0.5)));
	spread = -dupex_normal_quantile(tail) * sqrt(1 / (a + 0.5) + 1 / (b + 0.5) + 1 / (c + 0.5) + 1 / (d + 0.5));
	if (a == least_count(table))
		result.odds_ratio = 0;
	else
		result.lower = solve_ratio(table, a, UPPER_TAIL, tail, middle - spread);
	if (a == largest_count(table))
		result.odds_ratio = INFINITY;
	else
		result.upper = solve_ratio(table, a, LOWER_TAIL, tail, middle + spread);
	if (a > least_count(table) && a < largest_count(table))
		result.odds_ratio = solve_ratio(table, a, MEAN, 0, middle);
	return result;
}

/*
 * How many successes a rollout will have after so many in a test: the numbers that the exact test
 * of equal rates, with half of 1 - confidence on each side, would not reject (A. Thatcher, 1964).
 * Covers at least with this confidence, whatever the rate is. Counts, together up to
 * DUPEX_FISHER_LIMIT.
 */
void
dupex_rollout_exact(double successes, double trials, double rollout, double confidence, double *lower, double *upper)
{
	double		tail = 0.5 * (1 - confidence);

	for (int side = 0; side < 2; side++)
	{
		/*
		 * the number nearest to the middle that is rejected, and one that is
		 * not
		 */
		double		kept = floor(rollout * (successes / trials));
		double		rejected = side == 0 ? -1 : rollout + 1;

		while (fabs(kept - rejected) > 1)
		{
			double		middle = floor(kept + (rejected - kept) / 2);
			DupexHypergeometric table = {trials, rollout, successes};
			double		at_most;
			double		at_least;

			if (middle == kept)
				middle++;
			table.column = successes + middle;
			dupex_hypergeometric_tails(table, successes, &at_most, &at_least);
			if ((side == 0 ? at_least : at_most) > tail)
				kept = middle;
			else
				rejected = middle;
		}
		*(side == 0 ? lower : upper) = kept;
	}
}
