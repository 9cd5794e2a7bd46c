/*
 * power.h
 *		How many people a test needs, what it can find, and what a rollout will bring.
 *
 * Pure C. power.c names the sources.
 */
#ifndef DUPEX_POWER_H
#define DUPEX_POWER_H

/*
 * A test of two rates: n people in the first group, n * ratio in the second.
 */
typedef struct DupexPowerRates
{
	double		p1;
	double		p2;
	double		n;
	double		power;
	double		significance;
	double		ratio;
} DupexPowerRates;

/*
 * A test of two means, n people in each group.
 */
typedef struct DupexPowerMeans
{
	double		delta;
	double		deviation;
	double		n;
	double		power;
	double		significance;
} DupexPowerMeans;

extern double dupex_power_rates(const DupexPowerRates *test);
extern double dupex_power_rates_n(const DupexPowerRates *test);
extern double dupex_power_rates_p2(const DupexPowerRates *test);
extern double dupex_power_means(const DupexPowerMeans *test);
extern double dupex_power_means_n(const DupexPowerMeans *test);
extern double dupex_power_means_delta(const DupexPowerMeans *test);
extern double dupex_test_size(double rate, double precision, double confidence, double universe);
extern void dupex_rollout_score(double successes, double trials, double rollout, double confidence, double *lower, double *upper);

#endif							/* DUPEX_POWER_H */
