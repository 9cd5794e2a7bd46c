/*
 * rate.h
 *		Rates: successes of trials, which add up exactly.
 *
 * Pure C. rate.c tells the idea.
 */
#ifndef DUPEX_RATE_H
#define DUPEX_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is on disk: 16 bytes without padding, so equal values have equal bytes. The layout never
 * changes. 0 <= successes <= trials.
 */
typedef struct DupexRate
{
	int64_t		successes;
	int64_t		trials;
} DupexRate;

typedef enum DupexRateStatus
{
	DUPEX_RATE_OK = 0,
	DUPEX_RATE_SYNTAX,			/* not two whole numbers with a slash between */
	DUPEX_RATE_RANGE,			/* a count does not fit into 63 bits */
	DUPEX_RATE_IMPOSSIBLE		/* a count below zero, or more successes than
								 * trials */
} DupexRateStatus;

/* room for the text of a rate: two numbers of 19 digits, a slash and the NUL */
#define DUPEX_RATE_TEXT_SIZE	40

extern DupexRateStatus dupex_rate_make(int64_t successes, int64_t trials, DupexRate *rate);
extern DupexRateStatus dupex_rate_parse(const char *text, size_t length, DupexRate *rate);
extern size_t dupex_rate_format(const DupexRate *rate, char *text);
extern DupexRateStatus dupex_rate_add(DupexRate *sum, const DupexRate *addend);
extern DupexRateStatus dupex_rate_subtract(DupexRate *difference, const DupexRate *subtrahend);
extern int	dupex_rate_compare(const DupexRate *a, const DupexRate *b);

#endif							/* DUPEX_RATE_H */
