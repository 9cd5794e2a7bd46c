/*
 * share_out.c
 *		Items shared out among receivers: each goes to the least loaded one.
 *
 * Pure C. Items (leads, calls, complaints) come one by one. Each names pools of receivers in
 * order of preference, such as the salespeople of a team, then its managers. It goes to the least
 * loaded receiver of the first pool that has one who may have it: below capacity, not the owner,
 * and without having had it before. Only when there is none in any of the pools, those who have
 * had it are asked too. Giving the next item to the least loaded is list scheduling (R. Graham,
 * Bounds on multiprocessing timing anomalies, 1969): with items of one size the loads of a pool
 * stay within one item of each other. Equal loads: the smaller id. So the same input gives the
 * same choices.
 *
 * A pool is searched from its first to its last receiver. Pools are teams, of tens or hundreds;
 * and who has had an item is looked at only for receivers who would be better than the best so far.
 */
#include "assign/share_out.h"

#include <stdlib.h>

static int
compare_receivers(const void *a, const void *b)
{
	const DupexReceiver *left = a;
	const DupexReceiver *right = b;

	if (left->pool != right->pool)
		return left->pool < right->pool ? -1 : 1;
	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return 0;
}

/*
 * Puts receivers into the order that dupex_share_out() expects: by pool, then by id.
 */
void
dupex_receivers_sort(DupexReceiver *receivers, size_t count)
{
	if (count > 1)
		qsort(receivers, count, sizeof(DupexReceiver), compare_receivers);
}

/*
 * The first receiver of a pool, or where it would stand.
 */
static size_t
pool_begin(const DupexReceiver *receivers, size_t count, int32_t pool)
{
	size_t		low = 0;
	size_t		high = count;

	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (receivers[middle].pool < pool)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has_had(const DupexShareItem *item, int64_t id)
{
	for (size_t i = 0; i < item->had_count; i++)
		if (item->had[i] == id)
			return true;
	return false;
}

/*
 * The least loaded receiver of a pool who may have the item, NULL when there is none.
 */
static DupexReceiver *
least_loaded(DupexReceiver *receivers, size_t count, const DupexShareItem *item, int32_t pool,
			 bool before_too, bool *is_possible)
{
	DupexReceiver *best = NULL;
	double		best_load = 0;

	for (size_t i = pool_begin(receivers, count, pool); i < count && receivers[i].pool == pool; i++)
	{
		DupexReceiver *receiver = &receivers[i];
		double		load = receiver->taken / receiver->weight;

		if (item->has_owner && receiver->id == item->owner)
			continue;
		if (item->has_above && !receiver->all_levels && receiver->level <= item->above)
			continue;
		*is_possible = true;
		/* in the order of their ids: of equal loads the first is the best */
		if (receiver->taken >= receiver->capacity || receiver->taken == INT32_MAX || (best != NULL && load >= best_load))
			continue;
		if (!before_too && has_had(item, receiver->id))
			continue;
		best = receiver;
		best_load = load;
	}
	return best;
}

/*
 * Chooses who gets an item, and counts it as taken. Receivers are sorted.
 */
DupexShareChoice
dupex_share_out(DupexReceiver *receivers, size_t count, const DupexShareItem *item)
{
	DupexShareChoice choice = {NULL, 0, false};

	for (int before_too = 0; before_too <= 1; before_too++)
		for (size_t tier = 0; tier < item->pool_count; tier++)
		{
			choice.receiver = least_loaded(receivers, count, item, item->pools[tier], before_too, &choice.is_possible);
			if (choice.receiver != NULL)
			{
				choice.receiver->taken++;
				choice.tier = tier;
				return choice;
			}
		}
	return choice;
}
