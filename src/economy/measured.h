/*
 * measured.h
 *		Shares a budget out among channels of which single points were measured.
 *
 * Pure C. measured.c tells the method.
 */
#ifndef DUPEX_MEASURED_H
#define DUPEX_MEASURED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * An expense, what it brought, and the number of the channel.
 */
typedef struct DupexMeasured
{
	double		spend;
	double		outcome;
	size_t		channel;
	size_t		next;			/* where the best step from here leads */
} DupexMeasured;

/*
 * A channel: its points from begin to before end, and after dupex_measured_allocate() what it gets.
 */
typedef struct DupexMeasuredChannel
{
	size_t		begin;
	size_t		end;
	double		spend;
	double		outcome;
	double		marginal;		/* what one more unit of money would bring; 0
								 * at the last point */
	/* of the search: the points that may be taken, and where it stands */
	size_t		low;
	size_t		high;
	size_t		at;
	size_t		step;
	double		rate;
} DupexMeasuredChannel;

typedef struct DupexMeasuredResult
{
	double		outcome;
	double		bound;			/* no allocation brings more */
	double		last_marginal;	/* what the last unit of money brought where
								 * that was least; 0 without any */
	bool		is_stopped;
} DupexMeasuredResult;

extern size_t dupex_measured_prepare(DupexMeasured *points, size_t count, DupexMeasuredChannel *channels, size_t channel_count);
extern void dupex_measured_allocate(DupexMeasured *points, DupexMeasuredChannel *channels, size_t count, double budget, double least_marginal,
									bool is_whole, size_t *heap, bool (*stop) (void *), DupexMeasuredResult *result);

#endif							/* DUPEX_MEASURED_H */
