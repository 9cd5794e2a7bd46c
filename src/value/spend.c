/*
 * spend.c
 *		Spend counts: the distinct (repeat orders, mean value) of all customers with their weights.
 *
 * What counts.c is for models of purchases, this is for the model of spending. Most mean values
 * are different, so no hash table looks for equal ones: rows are collected, and now and then
 * sorted and joined. Weights add up exactly, so the state does not depend on the order of the
 * rows.
 *
 * Pure C: no memory, no state, no error.
 */
#include "value/spend.h"

#include <math.h>

/*
 * The weight as the row of a purchase, whose arithmetic it shares.
 */
static DupexPurchaseRow
weight_of(const DupexSpendRow *row)
{
	DupexPurchaseRow weight = {0, row->weight_fraction, row->weight_whole, 0, 0};

	return weight;
}

/*
 * The number of customers.
 */
double
dupex_spend_weight(const DupexSpendRow *row)
{
	DupexPurchaseRow weight = weight_of(row);

	return dupex_purchase_weight(&weight);
}

/*
 * Makes a row of a customer. One without repeat orders is nothing to count; one whose repeat
 * orders had no value, or a negative one, becomes the row with 0 and 0.
 */
DupexSpendStatus
dupex_spend_row_make(double frequency, double mean_value, double weight, DupexSpendRow *row)
{
	DupexPurchaseRow purchase;
	DupexPurchaseStatus status = dupex_purchase_row_make(frequency, frequency > 0 ? 1 : 0, 1, weight, &purchase);

	if (status == DUPEX_PURCHASE_WEIGHT)
		return DUPEX_SPEND_WEIGHT;
	if (status != DUPEX_PURCHASE_OK)
		return DUPEX_SPEND_FREQUENCY;
	if (!isfinite(mean_value))
		return DUPEX_SPEND_VALUE;
	if (frequency == 0)
		return DUPEX_SPEND_NOTHING;
	if (purchase.weight_whole == 0 && purchase.weight_fraction == 0)
		return DUPEX_SPEND_NOTHING;
	row->mean_value = mean_value > 0 ? mean_value : 0;
	row->frequency = mean_value > 0 ? purchase.frequency : 0;
	row->weight_whole = purchase.weight_whole;
	row->weight_fraction = purchase.weight_fraction;
	return DUPEX_SPEND_OK;
}

/*
 * Whether the bytes of a row are what dupex_spend_row_make() and sums could have made.
 */
bool
dupex_spend_row_is_valid(const DupexSpendRow *row)
{
	return isfinite(row->mean_value) && !signbit(row->mean_value) && (row->frequency > 0) == (row->mean_value > 0) &&
		row->weight_whole <= INT64_MAX && (row->weight_whole > 0 || row->weight_fraction > 0);
}

/*
 * Joins equal rows of a sorted array. False when their weights go beyond 63 bits.
 */
bool
dupex_spend_rows_join(DupexSpendRow *rows, uint32_t *row_count)
{
	uint32_t	kept = 0;

	for (uint32_t i = 1; i < *row_count; i++)
	{
		if (dupex_spend_row_compare(&rows[kept], &rows[i]) == 0)
		{
			DupexPurchaseRow sum = weight_of(&rows[kept]);
			DupexPurchaseRow addend = weight_of(&rows[i]);

			if (!dupex_purchase_row_add(&sum, &addend))
				return false;
			rows[kept].weight_whole = sum.weight_whole;
			rows[kept].weight_fraction = sum.weight_fraction;
		}
		else
			rows[++kept] = rows[i];
	}
	if (*row_count > 0)
		*row_count = kept + 1;
	return true;
}
