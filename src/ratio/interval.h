/*
 * interval.h
 *		Confidence intervals of rates and of the difference of two rates.
 *
 * Pure C. interval.c names the sources.
 */
#ifndef DUPEX_INTERVAL_H
#define DUPEX_INTERVAL_H

#include <stdbool.h>

#include "rate.h"

typedef enum DupexIntervalMethod
{
	DUPEX_INTERVAL_WILSON,
	DUPEX_INTERVAL_WILSON_CC,
	DUPEX_INTERVAL_CLOPPER_PEARSON,
	DUPEX_INTERVAL_AGRESTI_COULL,
	DUPEX_INTERVAL_JEFFREYS
} DupexIntervalMethod;

typedef struct DupexInterval
{
	double		lower;
	double		upper;
} DupexInterval;

typedef struct DupexDifference
{
	double		difference;
	double		lower;
	double		upper;
} DupexDifference;

extern bool dupex_interval_method(const char *name, DupexIntervalMethod *method);
extern DupexInterval dupex_rate_interval(DupexRate rate, double confidence, DupexIntervalMethod method);
extern DupexDifference dupex_rate_difference(DupexRate a, DupexRate b, double confidence);

#endif							/* DUPEX_INTERVAL_H */
