/*
 * mean.h
 *		Tests of means: Welch's, and the interval of one mean.
 *
 * Pure C. mean.c names the sources.
 */
#ifndef DUPEX_MEAN_H
#define DUPEX_MEAN_H

/*
 * A mean, the variance of what it is made of, and of how many. NaN where undefined.
 */
typedef struct DupexMean
{
	double		mean;
	double		variance;
	double		people;
} DupexMean;

typedef struct DupexMeanTest
{
	double		difference;
	double		lower;
	double		upper;
	double		statistic;
	double		df;
	double		p_value;
} DupexMeanTest;

extern DupexMeanTest dupex_test_means(DupexMean a, DupexMean b, double confidence);
extern DupexMeanTest dupex_test_mean(DupexMean a, double confidence);

#endif							/* DUPEX_MEAN_H */
