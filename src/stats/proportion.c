/*
 * proportion.c
 *		Tests of success rates of two and more groups, and of counts in tables.
 *
 * The numbers are those of R's prop.test, chisq.test, prop.trend.test, mcnemar.test and
 * binom.test, its rule of the continuity correction included: it never moves a count beyond
 * what was expected. Counts arrive as doubles that hold whole numbers. Differences from the
 * expected counts are computed as differences of products, so that they keep their digits
 * however large the counts are.
 *
 * Sources: K. Pearson (1900); F. Yates (1934); W. Cochran (1954) and P. Armitage (1955);
 * Q. McNemar (1947); D. Katz et al. (1978) and P. Koopman (1984) for the ratio of two rates.
 *
 * Pure C.
 */
#include "proportion.h"

#include <math.h>

#include "distribution.h"
#include "normal.h"
#include "root.h"
#include "special.h"
#include "sum.h"

static const DupexTest undefined = {NAN, NAN, NAN, NAN, NAN};

/*
 * The interval of R's prop.test for one rate: Wilson's, the rate moved by the correction.
 */
static void
one_rate_interval(double rate, double trials, double shift, double z, DupexTest *test)
{
	double		z2 = z * z / (2 * trials);
	double		up = rate + shift / trials;
	double		down = rate - shift / trials;

	test->upper = up >= 1 ? 1 : (up + z2 + z * sqrt(up * (1 - up) / trials + z2 / (2 * trials))) / (1 + 2 * z2);
	test->lower = down <= 0 ? 0 : (down + z2 - z * sqrt(down * (1 - down) / trials + z2 / (2 * trials))) / (1 + 2 * z2);
	test->lower = fmax(test->lower, 0);
	test->upper = fmin(test->upper, 1);
}

/*
 * The interval of R's prop.test for the difference of two rates: Wald's, widened by the
 * correction.
 */
static void
two_rates_interval(const double *successes, const double *trials, double shift, double z, DupexTest *test)
{
	double		p = successes[0] / trials[0];
	double		q = successes[1] / trials[1];
	double		difference = dupex_difference_of_products(successes[0], trials[1], successes[1], trials[0]) / trials[0] / trials[1];
	double		width = z * sqrt(p * (1 - p) / trials[0] + q * (1 - q) / trials[1]) + shift * (1 / trials[0] + 1 / trials[1]);

	test->lower = fmax(difference - width, -1);
	test->upper = fmin(difference + width, 1);
}

/*
 * Do the groups have the same success rate? One group is tested against 1/2. Undefined when a
 * group has no trials, and the statistic when all trials, or none, are successes. The bounds are
 * those of the difference first minus second of two groups, of the rate of one group.
 */
DupexTest
dupex_test_proportions(size_t groups, const double *successes, const double *trials, bool correct, double confidence)
{
	DupexTest	test = undefined;
	double		z = -dupex_normal_quantile(0.5 * (1 - confidence));
	double		all_successes = 0;
	double		all_trials = 0;
	double		shift = correct && groups <= 2 ? 0.5 : 0;
	DupexSum	sum = {0, 0};

	for (size_t i = 0; i < groups; i++)
	{
		all_successes += successes[i];
		all_trials += trials[i];
		if (!(trials[i] > 0))
			return undefined;
	}
	if (groups == 0)
		return undefined;
	if (groups == 1)
	{
		double		distance = fabs(successes[0] - trials[0] / 2);

		shift = fmin(shift, distance);
		test.statistic = 4 * (distance - shift) * (distance - shift) / trials[0];
		test.df = 1;
		test.p_value = dupex_chi_square_upper_tail(test.statistic, 1);
		one_rate_interval(successes[0] / trials[0], trials[0], shift, z, &test);
		return test;
	}
	if (groups == 2)
	{
		double		distance = fabs(dupex_difference_of_products(successes[0], trials[1], successes[1], trials[0]) / all_trials);

		shift = fmin(shift, distance);
		two_rates_interval(successes, trials, shift, z, &test);
	}
	if (all_successes == 0 || all_successes == all_trials)
		return test;
	for (size_t i = 0; i < groups; i++)
	{
		/*
		 * the distance from what is expected, the same for successes and
		 * failures
		 */
		double		distance = dupex_difference_of_products(successes[i], all_trials, trials[i], all_successes) / all_trials;

		distance = fabs(distance) - shift;
		dupex_sum_add(&sum, distance * distance / trials[i]);
	}
	test.statistic = dupex_sum_value(&sum) * (all_trials / all_successes) * (all_trials / (all_trials - all_successes));
	test.df = (double) groups - 1;
	test.p_value = dupex_chi_square_upper_tail(test.statistic, test.df);
	return test;
}

/*
 * The pooled z of two rates, a minus b; with the correction of Yates moved towards 0. NaN when
 * there are no trials in either group, or all, or none, are successes.
 */
double
dupex_rate_z(DupexTwoRates rates, bool correct)
{
	double		n = rates.trials_a + rates.trials_b;
	double		s = rates.successes_a + rates.successes_b;
	double		distance = dupex_difference_of_products(rates.successes_a, rates.trials_b, rates.successes_b, rates.trials_a) / n;
	double		shift = correct ? fmin(0.5, fabs(distance)) : 0;
	double		scale = sqrt(rates.trials_a / n * (rates.trials_b / n) * (s / n) * (n - s));

	if (!(rates.trials_a > 0 && rates.trials_b > 0) || s == 0 || s == n)
		return NAN;
	return (distance - copysign(shift, distance)) / scale;
}

/*
 * Are rows and columns of a table (row by row) independent? Undefined when a row or a column
 * has no counts. Also gives the least expected count: below 5 the approximation is rough.
 */
DupexTest
dupex_test_table(size_t rows, size_t columns, const double *counts, bool correct, double *least_expected)
{
	DupexTest	test = undefined;
	DupexSum	sum = {0, 0};
	double		total = 0;
	double		shift = 0;

	for (size_t i = 0; i < rows * columns; i++)
		total += counts[i];
	*least_expected = INFINITY;

	/* the correction of R: 1/2, but no more than the least distance */
	if (correct && rows == 2 && columns == 2)
		shift = fmin(0.5, fabs(dupex_difference_of_products(counts[0], counts[3], counts[1], counts[2]) / total));
	for (size_t i = 0; i < rows; i++)
	{
		double		row = 0;

		for (size_t j = 0; j < columns; j++)
			row += counts[i * columns + j];
		for (size_t j = 0; j < columns; j++)
		{
			double		column = 0;
			double		expected;
			double		distance;

			for (size_t k = 0; k < rows; k++)
				column += counts[k * columns + j];
			expected = row * (column / total);
			distance = fabs(dupex_difference_of_products(counts[i * columns + j], total, row, column) / total) - shift;
			*least_expected = fmin(*least_expected, expected);
			dupex_sum_add(&sum, distance * distance / expected);
		}
	}
	if (!(*least_expected > 0) || total == 0 || rows < 2 || columns < 2)
		return undefined;
	test.statistic = dupex_sum_value(&sum);
	test.df = (double) (rows - 1) * (double) (columns - 1);
	test.p_value = dupex_chi_square_upper_tail(test.statistic, test.df);
	return test;
}

/*
 * Do counts come in these shares? Shares are positive and need not add up to 1; NULL means equal
 * shares. Undefined for fewer than two cells and without counts.
 */
DupexTest
dupex_test_shares(size_t cells, const double *counts, const double *shares, double *least_expected)
{
	DupexTest	test = undefined;
	DupexSum	sum = {0, 0};
	double		total = 0;
	double		share_total = 0;

	*least_expected = INFINITY;
	for (size_t i = 0; i < cells; i++)
	{
		total += counts[i];
		share_total += shares == NULL ? 1 : shares[i];
	}
	if (cells < 2 || total == 0)
		return undefined;
	for (size_t i = 0; i < cells; i++)
	{
		double		share = shares == NULL ? 1 : shares[i];
		double		expected = total * (share / share_total);
		double		distance = dupex_difference_of_products(counts[i], share_total, total, share) / share_total;

		*least_expected = fmin(*least_expected, expected);
		dupex_sum_add(&sum, distance / expected * distance);
	}
	test.statistic = dupex_sum_value(&sum);
	test.df = (double) cells - 1;
	test.p_value = dupex_chi_square_upper_tail(test.statistic, test.df);
	return test;
}

/*
 * Does the success rate rise or fall with the score? The test of Cochran and Armitage, as R's
 * prop.trend.test; NULL means scores 1, 2, 3 ... Undefined when a group has no trials, when all
 * trials, or none, are successes, and when all scores are equal.
 */
DupexTest
dupex_test_trend(size_t groups, const double *successes, const double *trials, const double *scores)
{
	DupexTest	test = undefined;
	double		all_successes = 0;
	double		all_trials = 0;
	double		mean = 0;
	DupexSum	cross = {0, 0};
	DupexSum	square = {0, 0};

	for (size_t i = 0; i < groups; i++)
	{
		all_successes += successes[i];
		all_trials += trials[i];
		if (!(trials[i] > 0))
			return undefined;
	}
	if (groups < 2 || all_successes == 0 || all_successes == all_trials)
		return undefined;
	for (size_t i = 0; i < groups; i++)
		mean += trials[i] / all_trials * (scores == NULL ? (double) i + 1 : scores[i]);
	for (size_t i = 0; i < groups; i++)
	{
		double		score = (scores == NULL ? (double) i + 1 : scores[i]) - mean;

		dupex_sum_add(&cross, score * dupex_difference_of_products(successes[i], all_trials, trials[i], all_successes) / all_trials);
		dupex_sum_add(&square, score * score * trials[i]);
	}
	if (!(dupex_sum_value(&square) > 0))
		return undefined;
	test.statistic = dupex_sum_value(&cross) * (dupex_sum_value(&cross) / dupex_sum_value(&square))
		* (all_trials / all_successes) * (all_trials / (all_trials - all_successes));
	test.df = 1;
	test.p_value = dupex_chi_square_upper_tail(test.statistic, 1);
	return test;
}

/*
 * McNemar's test of pairs: how many answered only the first, how many only the second. As R, the
 * correction takes 1 off the difference. Undefined without such pairs.
 */
DupexTest
dupex_test_pairs(double only_first, double only_second, bool correct)
{
	DupexTest	test = undefined;
	double		distance = fabs(only_first - only_second);

	if (only_first + only_second == 0)
		return undefined;
	if (correct && distance > 0)
		distance -= 1;
	test.statistic = distance * (distance / (only_first + only_second));
	test.df = 1;
	test.p_value = dupex_chi_square_upper_tail(test.statistic, 1);
	return test;
}

/* the logarithm of a ratio that is as good as infinite */
#define FARTHEST	600

/*
 * The score statistic of a ratio of exp(log_ratio), signed, less the critical value: two rates
 * that have this ratio and fit best (the smaller root of a quadratic equation), and how far the
 * counts are from them.
 */
typedef struct RatioScore
{
	DupexTwoRates rates;
	double		z;
} RatioScore;

static double
ratio_score(double log_ratio, const void *context)
{
	const RatioScore *score = context;
	const DupexTwoRates *r = &score->rates;
	double		ratio = exp(log_ratio);
	double		n = r->trials_a + r->trials_b;
	double		s = r->successes_a + r->successes_b;
	double		b = ratio * (r->trials_a + r->successes_b) + r->successes_a + r->trials_b;
	double		root = sqrt(fmax(0, dupex_difference_of_products(b, b, 4 * ratio * n, s)));
	double		p_b = 2 * s / (b + root);
	double		p_a = fmin(1, ratio * p_b);
	double		miss_a;
	double		miss_b;
	double		variance;

	p_b = fmin(1, p_b);
	miss_a = fma(-r->trials_a, p_a, r->successes_a);
	miss_b = fma(-r->trials_b, p_b, r->successes_b);
	variance = r->trials_a * p_a * (1 - p_a);
	miss_a = variance > 0 ? miss_a * miss_a / variance : (miss_a == 0 ? 0 : INFINITY);
	variance = r->trials_b * p_b * (1 - p_b);
	miss_b = variance > 0 ? miss_b * miss_b / variance : (miss_b == 0 ? 0 : INFINITY);
	return fmin(sqrt(miss_a + miss_b), 1e100) - score->z;
}

/*
 * The logarithm of the ratio at which the score is 0: between outer, where it is to be above 0,
 * and inner, where it is to be below. An end where it is not moves on, outer by step and inner
 * against it, each time twice as far, up to ratios that are as good as 0 or infinite.
 */
static double
ratio_bound(const RatioScore *score, double outer, double inner, double step)
{
	for (double by = step; ratio_score(outer, score) < 0 && fabs(outer) < FARTHEST; by *= 2)
		outer = fmax(-FARTHEST, fmin(FARTHEST, outer + by));
	for (double by = step; ratio_score(inner, score) > 0 && fabs(inner) < FARTHEST; by *= 2)
		inner = fmax(-FARTHEST, fmin(FARTHEST, inner - by));
	return dupex_find_root(ratio_score, score, outer, inner);
}

/*
 * The ratio a / b of two rates with Koopman's score interval: the ratios that a chi-square test
 * would not reject. Undefined without trials or without any success. The lower bound is 0 where a
 * has no success, the upper infinite where b has none. Relative accuracy 1e-10 of the bounds.
 */
DupexEstimate
dupex_rate_ratio_koopman(DupexTwoRates rates, double confidence)
{
	RatioScore	score = {rates, -dupex_normal_quantile(0.5 * (1 - confidence))};
	DupexEstimate estimate = {NAN, NAN, NAN};
	double		start;
	double		step;

	if (!(rates.trials_a > 0 && rates.trials_b > 0) || rates.successes_a + rates.successes_b == 0)
		return estimate;
	estimate.value = rates.successes_a / rates.trials_a / (rates.successes_b / rates.trials_b);
	estimate.lower = estimate.upper = estimate.value;
	if (!(score.z > 0))
		return estimate;		/* next to no confidence */
	estimate.lower = 0;
	estimate.upper = INFINITY;

	/* where both have successes the score at the ratio itself is -z */
	start = log(fmax(rates.successes_a, 0.5) / rates.trials_a) - log(fmax(rates.successes_b, 0.5) / rates.trials_b);
	step = score.z * sqrt(1 / fmax(rates.successes_a, 0.5) + 1 / fmax(rates.successes_b, 0.5)) + 1e-9;
	if (rates.successes_a > 0)
		estimate.lower = exp(ratio_bound(&score, start - step, rates.successes_b > 0 ? start : start + 2 * step, -step));
	if (rates.successes_b > 0)
		estimate.upper = exp(ratio_bound(&score, start + step, rates.successes_a > 0 ? start : start - 2 * step, step));
	return estimate;
}

/*
 * The same with the interval of Katz et al.: the logarithm of the ratio is nearly normal. The
 * bounds are undefined where either group has no success.
 */
DupexEstimate
dupex_rate_ratio_katz(DupexTwoRates rates, double confidence)
{
	double		z = -dupex_normal_quantile(0.5 * (1 - confidence));
	DupexEstimate estimate = {NAN, NAN, NAN};
	double		error;

	if (!(rates.trials_a > 0 && rates.trials_b > 0) || rates.successes_a + rates.successes_b == 0)
		return estimate;
	estimate.value = rates.successes_a / rates.trials_a / (rates.successes_b / rates.trials_b);
	if (rates.successes_a == 0 || rates.successes_b == 0)
		return estimate;
	error = sqrt((rates.trials_a - rates.successes_a) / rates.successes_a / rates.trials_a
				 + (rates.trials_b - rates.successes_b) / rates.successes_b / rates.trials_b);
	estimate.lower = estimate.value * exp(-z * error);
	estimate.upper = estimate.value * exp(z * error);
	return estimate;
}

/*
 * From the mode outwards probabilities fall: the first number of successes on the way from inner
 * to outer, both included, that is no likelier than limit; NaN when there is none. Beyond 2^53 it
 * is one of the numbers that a double can be.
 */
static double
first_unlikely(double inner, double outer, double trials, double p, double limit)
{
	if (dupex_binomial_probability(inner, trials, p) <= limit)
		return inner;
	if (dupex_binomial_probability(outer, trials, p) > limit)
		return NAN;
	while (true)
	{
		double		middle = floor(inner + (outer - inner) / 2);

		if (middle == inner || middle == outer)
			return outer;
		if (dupex_binomial_probability(middle, trials, p) <= limit)
			outer = middle;
		else
			inner = middle;
	}
}

/*
 * The two-sided p value of the binomial test, as R's binom.test: the probability of all numbers
 * of successes that are no likelier than this one. What differs by less than 1e-7 counts as
 * equally likely.
 */
double
dupex_binomial_two_sided(double successes, double trials, double p)
{
	double		limit = dupex_binomial_probability(successes, trials, p) * (1 + 1e-7);
	double		mean = trials * p;
	double		other;
	double		at_most = 0;
	double		above = 0;
	double		ignored;

	if (p <= 0 || p >= 1)
		return successes == (p <= 0 ? 0 : trials);
	if (successes == mean)
		return 1;
	if (successes < mean)
	{
		other = first_unlikely(ceil(mean), trials, trials, p, limit);
		dupex_binomial_tails(successes, trials, p, &at_most, &ignored);
		if (!isnan(other))
			dupex_binomial_tails(other - 1, trials, p, &ignored, &above);
	}
	else
	{
		other = first_unlikely(floor(mean), 0, trials, p, limit);
		dupex_binomial_tails(successes - 1, trials, p, &ignored, &above);
		if (!isnan(other))
			dupex_binomial_tails(other, trials, p, &at_most, &ignored);
	}
	return fmin(1, at_most + above);
}
