/*
 * change.h
 *		Before and after: the change of a ratio of sums, with an interval.
 *
 * Pure C. change.c tells the method.
 */
#ifndef DUPEX_CHANGE_H
#define DUPEX_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

/* amounts and bases of the blocks of time of one side */
typedef struct DupexBlocks
{
	const double *amounts;
	const double *bases;		/* NULL: 1 each, so that the ratio is the mean */
	size_t		count;
} DupexBlocks;

typedef struct DupexChange
{
	bool		is_known[2];	/* before, after: there is a base */
	double		ratio[2];
	bool		has_limits;
	double		difference;		/* after less before */
	double		lower;
	double		upper;
	double		p_value;
} DupexChange;

extern DupexChange dupex_ratio_change(const DupexBlocks *before, const DupexBlocks *after, double confidence);

#endif							/* DUPEX_CHANGE_H */
