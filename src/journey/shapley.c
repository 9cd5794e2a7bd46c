/*
 * shapley.c
 *		Shapley values of channels, in closed form.
 *
 * The game: a set of channels is worth what those paths brought that have no other channels. A
 * channel's Shapley value is what it adds to the channels that are there already, in the mean over
 * all orders in which they can come. A sum over all subsets in general; but this game is a sum of
 * games, one for each set of channels that paths have, in which only the whole set is worth
 * something. There all members are alike, so each has the same value: what the paths of a set
 * brought, divided by the number of its channels (L. S. Shapley, A value for n-person games, 1953;
 * K. Zhao, S. H. Mahboobi, S. R. Bagheri, Shapley value methods for attribution modeling, 2018).
 */
#include "journey/shapley.h"

/*
 * Leaves each channel of a path once, in the order of their first touches; returns how many they
 * are. Paths have numbers from 1 on.
 */
uint32_t
dupex_shapley_distinct(DupexShapley *channels, uint64_t path, uint32_t *touched, uint32_t count)
{
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		if (channels[touched[i]].path == path)
			continue;
		channels[touched[i]].path = path;
		touched[kept++] = touched[i];
	}
	return kept;
}

/*
 * Adds what the paths of a set of different channels brought.
 */
void
dupex_shapley_add(DupexShapley *channels, const uint32_t *touched, uint32_t count, double conversions, double value)
{
	for (uint32_t i = 0; i < count; i++)
	{
		dupex_sum_add(&channels[touched[i]].conversions, conversions / count);
		dupex_sum_add(&channels[touched[i]].value, value / count);
	}
}
