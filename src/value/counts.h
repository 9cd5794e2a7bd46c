/*
 * counts.h
 *		Purchase counts: the distinct (x, t_x, T) of all customers with their weights.
 *
 * Pure C. counts.c tells the idea.
 */
#ifndef DUPEX_COUNTS_H
#define DUPEX_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A row: how often a customer has bought again (x), when last (t_x) and how long ago first (T),
 * times counted from the first purchase. On disk as it is: 32 bytes without padding. The layout
 * never changes.
 *
 * The weight is the number of customers, in units of 2^-32: a whole number and a fraction, so
 * that weights add up exactly in any order.
 */
typedef struct DupexPurchaseRow
{
	uint32_t	frequency;
	uint32_t	weight_fraction;
	uint64_t	weight_whole;
	double		recency;
	double		age;
} DupexPurchaseRow;

#define DUPEX_PURCHASE_FREQUENCY_MAX	UINT32_C(4294967295)
#define DUPEX_PURCHASE_WEIGHT_MAX		4503599627370496.0	/* 2^52, of a row handed
															 * in */

/* rows of a sample: see dupex_purchase_sample() */
#define DUPEX_PURCHASE_SAMPLE			8192

typedef enum DupexPurchaseStatus
{
	DUPEX_PURCHASE_OK = 0,
	DUPEX_PURCHASE_NOT_FINITE,	/* NaN or infinite */
	DUPEX_PURCHASE_NEGATIVE,
	DUPEX_PURCHASE_NOT_WHOLE,	/* frequency is not a whole number */
	DUPEX_PURCHASE_TOO_OFTEN,	/* frequency beyond 32 bits */
	DUPEX_PURCHASE_LATE,		/* recency after age */
	DUPEX_PURCHASE_NEVER_AGAIN, /* frequency 0 with a recency above 0 */
	DUPEX_PURCHASE_AT_ONCE,		/* frequency above 0 with recency 0 */
	DUPEX_PURCHASE_WEIGHT		/* weight negative, not finite or above the
								 * maximum */
} DupexPurchaseStatus;

/*
 * A slot of the hash table that finds a row: 0 where it is free, else the row's number counted
 * from 1, and above it a few bits of the row's hash, so that most slots are passed by without a
 * look at the row. Four bytes, since a row takes only 32 and there may be millions.
 */
typedef uint32_t DupexPurchaseSlot;

#define DUPEX_PURCHASE_NUMBER_BITS		25
#define DUPEX_PURCHASE_ROWS_MAX			((UINT32_C(1) << DUPEX_PURCHASE_NUMBER_BITS) - 1)

/*
 * The order of rows: by x, then t_x, then T. Weights do not count. Returns -1, 0 or 1.
 */
static inline int
dupex_purchase_row_compare(const DupexPurchaseRow *a, const DupexPurchaseRow *b)
{
	if (a->frequency != b->frequency)
		return a->frequency < b->frequency ? -1 : 1;
	if (a->recency != b->recency)
		return a->recency < b->recency ? -1 : 1;
	if (a->age != b->age)
		return a->age < b->age ? -1 : 1;
	return 0;
}

/*
 * The weight as a double: exact up to 2^21 with fractions, up to 2^53 for whole numbers.
 */
static inline double
dupex_purchase_weight(const DupexPurchaseRow *row)
{
	return (double) row->weight_whole + (double) row->weight_fraction / 4294967296.0;
}

extern DupexPurchaseStatus dupex_purchase_check(double frequency, double recency, double age);
extern DupexPurchaseStatus dupex_purchase_row_make(double frequency, double recency, double age, double weight,
												   DupexPurchaseRow *row);
extern bool dupex_purchase_row_is_valid(const DupexPurchaseRow *row);
extern bool dupex_purchase_row_add(DupexPurchaseRow *row, const DupexPurchaseRow *addend);
extern uint32_t dupex_purchase_row_hash(const DupexPurchaseRow *row);
extern bool dupex_purchase_table_add(DupexPurchaseRow *rows, uint32_t *row_count, DupexPurchaseSlot *slots,
									 uint32_t slot_count, const DupexPurchaseRow *row);
extern void dupex_purchase_table_index(const DupexPurchaseRow *rows, uint32_t row_count,
									   DupexPurchaseSlot *slots, uint32_t slot_count);
extern uint32_t dupex_purchase_sample(const DupexPurchaseRow *rows, uint32_t row_count, DupexPurchaseRow *sample);
extern double dupex_purchase_customers(const DupexPurchaseRow *rows, uint32_t row_count);

#endif							/* DUPEX_COUNTS_H */
