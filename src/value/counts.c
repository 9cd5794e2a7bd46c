/*
 * counts.c
 *		Purchase counts: the distinct (x, t_x, T) of all customers with their weights.
 *
 * All models of purchases look at a customer through three numbers, and at customers with the
 * same three numbers once, times how many they are. So a state that holds the distinct rows
 * serves every model, and a model is fitted by going over it again and again in memory.
 *
 * Whatever plan has collected the rows, the fit must give the same bits. Weights therefore add
 * up exactly (whole numbers and 32 bits of fraction, no floating point), and the rows are
 * brought into one order at the end: then the state does not depend on the way, and neither does
 * any sum over it. While rows come in, a hash table with open addressing finds the row that is
 * already there.
 */
#include "value/counts.h"

#include <math.h>
#include <string.h>

#define FRACTION_UNIT	4294967296.0	/* 2^32 */

/*
 * Tells what is wrong with a customer's numbers, if anything is.
 */
DupexPurchaseStatus
dupex_purchase_check(double frequency, double recency, double age)
{
	if (!isfinite(frequency) || !isfinite(recency) || !isfinite(age))
		return DUPEX_PURCHASE_NOT_FINITE;
	if (frequency < 0 || recency < 0 || age < 0)
		return DUPEX_PURCHASE_NEGATIVE;
	if (frequency != floor(frequency))
		return DUPEX_PURCHASE_NOT_WHOLE;
	if (frequency > DUPEX_PURCHASE_FREQUENCY_MAX)
		return DUPEX_PURCHASE_TOO_OFTEN;
	if (recency > age)
		return DUPEX_PURCHASE_LATE;
	if (frequency == 0 && recency > 0)
		return DUPEX_PURCHASE_NEVER_AGAIN;
	if (frequency > 0 && recency == 0)
		return DUPEX_PURCHASE_AT_ONCE;
	return DUPEX_PURCHASE_OK;
}

/*
 * Makes a row. The weight is rounded to a multiple of 2^-32 (once, before anything is added), so
 * it may become 0. On a status other than DUPEX_PURCHASE_OK the row is not filled.
 */
DupexPurchaseStatus
dupex_purchase_row_make(double frequency, double recency, double age, double weight, DupexPurchaseRow *row)
{
	DupexPurchaseStatus status = dupex_purchase_check(frequency, recency, age);
	double		whole;
	double		fraction;

	if (status != DUPEX_PURCHASE_OK)
		return status;
	if (!(weight >= 0 && weight <= DUPEX_PURCHASE_WEIGHT_MAX))
		return DUPEX_PURCHASE_WEIGHT;
	whole = floor(weight);
	fraction = rint((weight - whole) * FRACTION_UNIT);
	if (fraction == FRACTION_UNIT)
	{
		whole += 1;
		fraction = 0;
	}
	row->frequency = (uint32_t) frequency;
	row->weight_whole = (uint64_t) whole;
	row->weight_fraction = (uint32_t) fraction;

	/* adding 0 turns -0 into 0: equal values have equal bytes */
	row->recency = recency + 0.0;
	row->age = age + 0.0;
	return DUPEX_PURCHASE_OK;
}

/*
 * Whether the bytes of a row are what dupex_purchase_row_make() could have made, with a weight
 * above 0, which sums may have taken beyond that of a single row.
 */
bool
dupex_purchase_row_is_valid(const DupexPurchaseRow *row)
{
	return dupex_purchase_check(row->frequency, row->recency, row->age) == DUPEX_PURCHASE_OK &&
		!signbit(row->recency) && !signbit(row->age) &&
		row->weight_whole <= INT64_MAX && (row->weight_whole > 0 || row->weight_fraction > 0);
}

/*
 * Adds the weight of a row to another one; false when the sum is beyond 63 bits.
 */
bool
dupex_purchase_row_add(DupexPurchaseRow *row, const DupexPurchaseRow *addend)
{
	uint64_t	fraction = (uint64_t) row->weight_fraction + addend->weight_fraction;
	uint64_t	whole = row->weight_whole + addend->weight_whole + (fraction >> 32);

	/* neither addend is above INT64_MAX, so the sum does not wrap */
	if (whole > INT64_MAX)
		return false;
	row->weight_whole = whole;
	row->weight_fraction = (uint32_t) fraction;
	return true;
}

/*
 * A hash of (x, t_x, T): multiplications that carry low bits up, shifts that bring high ones
 * down. Times of whole days have all their bits high, exact ones everywhere.
 */
uint32_t
dupex_purchase_row_hash(const DupexPurchaseRow *row)
{
	uint64_t	recency;
	uint64_t	age;
	uint64_t	hash = row->frequency;

	memcpy(&recency, &row->recency, sizeof(recency));
	memcpy(&age, &row->age, sizeof(age));
	hash = (hash + UINT64_C(0x9E3779B97F4A7C15)) * UINT64_C(0xBF58476D1CE4E5B9);
	hash = (hash ^ (hash >> 29) ^ recency) * UINT64_C(0x94D049BB133111EB);
	hash = (hash ^ (hash >> 31) ^ age) * UINT64_C(0xBF58476D1CE4E5B9);
	hash = (hash ^ (hash >> 30)) * UINT64_C(0x94D049BB133111EB);
	return (uint32_t) (hash >> 32);
}

/*
 * Where the search for a row begins: the high bits of the hash, stretched over a table of any
 * size. The low bits go into the slot.
 */
static inline uint32_t
first_slot(uint32_t hash, uint32_t slot_count)
{
	return (uint32_t) (((uint64_t) hash * slot_count) >> 32);
}

static inline DupexPurchaseSlot
make_slot(uint32_t hash, uint32_t number)
{
	return hash << DUPEX_PURCHASE_NUMBER_BITS | number;
}

/*
 * Adds a row to those there are: its weight to the one of the same (x, t_x, T), else a row at
 * the end, for which there must be room. slot_count is above the number of rows, and rows are at
 * most DUPEX_PURCHASE_ROWS_MAX. False when a weight goes beyond 63 bits.
 */
bool
dupex_purchase_table_add(DupexPurchaseRow *rows, uint32_t *row_count, DupexPurchaseSlot *slots,
						 uint32_t slot_count, const DupexPurchaseRow *row)
{
	uint32_t	hash = dupex_purchase_row_hash(row);
	uint32_t	slot = first_slot(hash, slot_count);

	for (; slots[slot] != 0; slot = slot + 1 < slot_count ? slot + 1 : 0)
	{
		DupexPurchaseRow *there;

		if ((slots[slot] ^ make_slot(hash, 0)) > DUPEX_PURCHASE_ROWS_MAX)
			continue;
		there = &rows[(slots[slot] & DUPEX_PURCHASE_ROWS_MAX) - 1];
		if (there->frequency == row->frequency && there->recency == row->recency && there->age == row->age)
			return dupex_purchase_row_add(there, row);
	}
	rows[(*row_count)++] = *row;
	slots[slot] = make_slot(hash, *row_count);
	return true;
}

/*
 * Fills free slots with rows that are all different.
 */
void
dupex_purchase_table_index(const DupexPurchaseRow *rows, uint32_t row_count,
						   DupexPurchaseSlot *slots, uint32_t slot_count)
{
	for (uint32_t i = 0; i < row_count; i++)
	{
		uint32_t	hash = dupex_purchase_row_hash(&rows[i]);
		uint32_t	slot = first_slot(hash, slot_count);

		while (slots[slot] != 0)
			slot = slot + 1 < slot_count ? slot + 1 : 0;
		slots[slot] = make_slot(hash, i + 1);
	}
}

/*
 * The number of customers: the weights added up exactly and rounded once.
 */
double
dupex_purchase_customers(const DupexPurchaseRow *rows, uint32_t row_count)
{
	DupexPurchaseRow total = {0};
	double		beyond = 0;

	for (uint32_t i = 0; i < row_count; i++)
		if (!dupex_purchase_row_add(&total, &rows[i]))
			beyond += dupex_purchase_weight(&rows[i]);
	return dupex_purchase_weight(&total) + beyond;
}

/*
 * Takes each so many-th of the rows, which are in order, with its weight: a sample that has its
 * share of each frequency, and is the same each time. Returns how many it took, DUPEX_PURCHASE_SAMPLE
 * at most. Models fit it first to get near the solution.
 */
uint32_t
dupex_purchase_sample(const DupexPurchaseRow *rows, uint32_t row_count, DupexPurchaseRow *sample)
{
	uint32_t	stride = row_count / DUPEX_PURCHASE_SAMPLE + 1;
	uint32_t	count = 0;

	for (uint64_t i = stride / 2; i < row_count; i += stride)
		sample[count++] = rows[i];
	return count;
}
