/*
 * sequential.h
 *		A test that may be looked at every day.
 *
 * Pure C. sequential.c names the sources.
 */
#ifndef DUPEX_SEQUENTIAL_H
#define DUPEX_SEQUENTIAL_H

#include "proportion.h"

/*
 * What the test says at one look. NaN where undefined.
 */
typedef struct DupexSequential
{
	double		likelihood_ratio;
	double		p_value;
	double		lower;
	double		upper;
} DupexSequential;

extern DupexSequential dupex_sequential(double difference, double variance, double tau2, double confidence);
extern DupexSequential dupex_sequential_rates(DupexTwoRates rates, double tau2, double confidence);
extern double dupex_sequential_tau2(double variance, double confidence);

#endif							/* DUPEX_SEQUENTIAL_H */
