/*
 * mean.c
 *		Tests of means: Welch's, and the interval of one mean.
 *
 * The numbers are those of R's t.test.
 *
 * Sources: Student (1908); B. Welch (1947), whose test does not ask that both groups spread
 * alike. Spend never does: the group that buys more also spreads more.
 *
 * Pure C.
 */
#include "mean.h"

#include <math.h>

#include "distribution.h"

/*
 * What follows from a difference, its squared standard error, and the degrees of freedom.
 */
static DupexMeanTest
finish(double difference, double error2, double df, double confidence)
{
	DupexMeanTest test = {difference, NAN, NAN, NAN, NAN, NAN};
	double		margin;

	/* without any spread there is nothing to compare a difference with */
	if (!(error2 > 0))
		return test;
	test.df = df;
	test.statistic = difference / sqrt(error2);
	test.p_value = 2 * dupex_t_upper_tail(fabs(test.statistic), df);
	margin = -dupex_t_quantile(0.5 * (1 - confidence), df) * sqrt(error2);
	test.lower = difference - margin;
	test.upper = difference + margin;
	return test;
}

/*
 * The difference of two means, a minus b. Undefined but for the difference itself where a group
 * has fewer than two people, or nobody differs from anybody.
 */
DupexMeanTest
dupex_test_means(DupexMean a, DupexMean b, double confidence)
{
	double		part_a = a.variance / a.people;
	double		part_b = b.variance / b.people;
	double		error2 = part_a + part_b;

	/* shares, so that no square leaves the range of doubles */
	return finish(a.mean - b.mean, error2,
				  1 / ((part_a / error2) * (part_a / error2) / (a.people - 1) + (part_b / error2) * (part_b / error2) / (b.people - 1)),
				  confidence);
}

/*
 * One mean, with its interval, tested against 0.
 */
DupexMeanTest
dupex_test_mean(DupexMean a, double confidence)
{
	return finish(a.mean, a.variance / a.people, a.people - 1, confidence);
}
