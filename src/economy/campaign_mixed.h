/*
 * campaign_mixed.h
 *		The days on which people answer who do not all wait alike.
 *
 * Pure C. campaign_mixed.c tells the model.
 */
#ifndef DUPEX_CAMPAIGN_MIXED_H
#define DUPEX_CAMPAIGN_MIXED_H

#include <stddef.h>

/* days at most */
#define DUPEX_MIXED_DAYS	1000

/* the parameters, in this order, of which the logarithms are taken */
enum
{
	DUPEX_MIXED_ODDS,
	DUPEX_MIXED_DELIVERY,
	DUPEX_MIXED_HETEROGENEITY,
	DUPEX_MIXED_PARAMETERS
};

/*
 * The share of the final response that comes on each day, up to the last one together, and the
 * derivatives by the logarithms of the parameters.
 */
typedef struct DupexMixed
{
	double		on_day[DUPEX_MIXED_DAYS];
	double		on_day_by[DUPEX_MIXED_PARAMETERS][DUPEX_MIXED_DAYS];
	double		so_far;
	double		so_far_by[DUPEX_MIXED_PARAMETERS];
} DupexMixed;

extern void dupex_mixed_days(double odds, double delivery, double heterogeneity, size_t days, DupexMixed *mixed);

#endif							/* DUPEX_CAMPAIGN_MIXED_H */
