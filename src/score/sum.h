/*
 * sum.h
 *		Sums of weights that do not depend on the order of the addends.
 *
 * Pure C. sum.c tells the idea.
 */
#ifndef DUPEX_SUM_H
#define DUPEX_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUPEX_SUM_DECIMALS	12
#define DUPEX_SUM_PARTS		INT64_C(1000000000000)	/* 10^12 */
#define DUPEX_SUM_LIMIT		INT64_C(1000000000000000)	/* 10^15 */

/*
 * whole + part / 10^12 with 0 <= part < 10^12 and 0 <= whole < 10^15. On disk within states: 16
 * bytes without padding; the layout never changes.
 */
typedef struct DupexSum
{
	int64_t		whole;
	int64_t		part;
} DupexSum;

/* room for the text of a sum: 15 digits, point, 12 decimals and the NUL */
#define DUPEX_SUM_TEXT_SIZE	32

extern bool dupex_sum_from(double value, DupexSum *sum);
extern bool dupex_sum_is_valid(const DupexSum *sum);
extern bool dupex_sum_add(DupexSum *sum, const DupexSum *addend);
extern bool dupex_sum_scale(DupexSum *sum, double factor);
extern double dupex_sum_value(const DupexSum *sum);
extern size_t dupex_sum_format(const DupexSum *sum, char *text);

#endif							/* DUPEX_SUM_H */
