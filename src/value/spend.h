/*
 * spend.h
 *		Spend counts: the distinct (repeat orders, mean value) of all customers with their weights.
 *
 * Pure C. spend.c tells the idea.
 */
#ifndef DUPEX_SPEND_H
#define DUPEX_SPEND_H

#include <stdbool.h>
#include <stdint.h>

#include "value/counts.h"

/*
 * A row: customers with so many repeat orders of this mean value, or, with both 0, repeat
 * customers whose orders had no value. The weight is the number of customers in units of 2^-32,
 * as in a DupexPurchaseRow. On disk as it is: 24 bytes without padding. The layout never changes.
 */
typedef struct DupexSpendRow
{
	double		mean_value;
	uint64_t	weight_whole;
	uint32_t	weight_fraction;
	uint32_t	frequency;
} DupexSpendRow;

typedef enum DupexSpendStatus
{
	DUPEX_SPEND_OK = 0,
	DUPEX_SPEND_NOTHING,		/* nothing to count: no repeat order, or
								 * weight 0 */
	DUPEX_SPEND_FREQUENCY,		/* not a whole number from 0 to 2^32 - 1 */
	DUPEX_SPEND_VALUE,			/* not finite */
	DUPEX_SPEND_WEIGHT
} DupexSpendStatus;

/*
 * The order of rows: by the number of orders, then by their value. Weights do not count. Here, so
 * that sorts have it within them. Returns -1, 0 or 1.
 */
static inline int
dupex_spend_row_compare(const DupexSpendRow *a, const DupexSpendRow *b)
{
	if (a->frequency != b->frequency)
		return a->frequency < b->frequency ? -1 : 1;
	if (a->mean_value != b->mean_value)
		return a->mean_value < b->mean_value ? -1 : 1;
	return 0;
}

extern double dupex_spend_weight(const DupexSpendRow *row);
extern DupexSpendStatus dupex_spend_row_make(double frequency, double mean_value, double weight, DupexSpendRow *row);
extern bool dupex_spend_row_is_valid(const DupexSpendRow *row);
extern bool dupex_spend_rows_join(DupexSpendRow *rows, uint32_t *row_count);

#endif							/* DUPEX_SPEND_H */
