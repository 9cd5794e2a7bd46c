/*
 * moments.h
 *		How many, their sum and the sum of their squares: all that a mean and its test need.
 *
 * Pure C. moments.c tells the idea.
 */
#ifndef DUPEX_MOMENTS_H
#define DUPEX_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ratio/er.h"

#define DUPEX_SQUARES_LIMBS		6
#define DUPEX_SQUARES_DIGITS	36	/* before the decimal point */
#define DUPEX_SQUARES_DECIMALS	18

/*
 * What is on disk: 48 bytes without padding, so equal values have equal bytes. The layout never
 * changes. The sum is whole + billionths / 10^9 as in type er; the squares are in units of
 * 10^-18, 32 bits a limb, the least significant first, below 10^54.
 */
typedef struct DupexMoments
{
	int64_t		people;
	int64_t		sum_whole;
	int32_t		sum_billionths;
	uint32_t	squares[DUPEX_SQUARES_LIMBS];
	uint32_t	zero;
} DupexMoments;

typedef enum DupexMomentsStatus
{
	DUPEX_MOMENTS_OK = 0,
	DUPEX_MOMENTS_SYNTAX,		/* not people:sum:sum of squares */
	DUPEX_MOMENTS_RANGE,		/* too many digits before the point, or too
								 * many people */
	DUPEX_MOMENTS_DECIMALS_LOST,	/* too many decimals */
	DUPEX_MOMENTS_IMPOSSIBLE	/* nobody with a sum, or less than the square
								 * of the sum allows */
} DupexMomentsStatus;

/* room for the text: count, amount, squares, two colons and the NUL */
#define DUPEX_MOMENTS_TEXT_SIZE	(20 + DUPEX_AMOUNT_TEXT_SIZE + 2 + DUPEX_SQUARES_DIGITS + DUPEX_SQUARES_DECIMALS + 4)

extern DupexMoments dupex_moments_of(DupexAmount amount);
extern DupexMomentsStatus dupex_moments_add(DupexMoments *sum, const DupexMoments *addend);
extern bool dupex_moments_is_valid(const DupexMoments *moments);
extern DupexMomentsStatus dupex_moments_parse(const char *text, size_t length, DupexMoments *moments);
extern size_t dupex_moments_format(const DupexMoments *moments, char *text);
extern size_t dupex_moments_format_squares(const DupexMoments *moments, char *text);
extern double dupex_moments_mean(const DupexMoments *moments);
extern double dupex_moments_variance(const DupexMoments *moments);

#endif							/* DUPEX_MOMENTS_H */
