/*
 * allocate.h
 *		Shares a budget out among channels whose response curves are known.
 *
 * Pure C. allocate.c tells the method.
 */
#ifndef DUPEX_BUDGET_H
#define DUPEX_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#include "economy/curve.h"

typedef struct DupexChannel
{
	DupexCurve	curve;
	double		lower;			/* gets at least this */
	double		upper;			/* and at most this */
	double		spend;			/* the result */
} DupexChannel;

typedef struct DupexAllocation
{
	double		outcome;
	double		bound;			/* no allocation brings more */
	double		last_marginal;	/* what the last unit of money brought */
	double		spent;
	bool		is_stopped;
} DupexAllocation;

/* doubles that the caller lends for so many channels */
#define DUPEX_BUDGET_DEPTH	48
#define DUPEX_BUDGET_SPACE(channels)	((channels) * (2 * (DUPEX_BUDGET_DEPTH + 2) + 3))

/* steps of money at most, over all channels */
#define DUPEX_BUDGET_STEPS	1e7

extern void dupex_budget_allocate(DupexChannel *channels, size_t count, double budget, double least_marginal, double *space,
								  bool (*stop) (void *), DupexAllocation *result);
extern void dupex_budget_allocate_steps(DupexChannel *channels, size_t count, double budget, double least_marginal, double step,
										double *space, bool (*stop) (void *), DupexAllocation *result);

#endif							/* DUPEX_BUDGET_H */
