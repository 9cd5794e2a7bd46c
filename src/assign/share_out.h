/*
 * share_out.h
 *		Items shared out among receivers: each goes to the least loaded one.
 *
 * Pure C. share_out.c tells the idea.
 */
#ifndef DUPEX_SHARE_OUT_H
#define DUPEX_SHARE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who can receive. The load is taken / weight, the weight above 0; capacity is what taken may
 * reach, and may be infinite. Level counts for items that ask for one; all_levels: it takes
 * any. place is the caller's number for the receiver.
 */
typedef struct DupexReceiver
{
	int64_t		id;
	int32_t		pool;
	int32_t		level;
	bool		all_levels;
	int32_t		taken;
	double		capacity;
	double		weight;
	size_t		place;
} DupexReceiver;

/*
 * What is to be received: the pools to look in, one after the other; the level that the receiver
 * must exceed, when has_above; its owner, when has_owner, who does not get it; and who has had it.
 */
typedef struct DupexShareItem
{
	const int32_t *pools;
	size_t		pool_count;
	int32_t		above;
	bool		has_above;
	int64_t		owner;
	bool		has_owner;
	const int64_t *had;
	size_t		had_count;
} DupexShareItem;

/*
 * Who gets it, NULL: nobody; in which of its pools, from 0; and whether anybody but the owner
 * could have it, at capacity or not (told for sure only where nobody gets it).
 */
typedef struct DupexShareChoice
{
	DupexReceiver *receiver;
	size_t		tier;
	bool		is_possible;
} DupexShareChoice;

extern void dupex_receivers_sort(DupexReceiver *receivers, size_t count);
extern DupexShareChoice dupex_share_out(DupexReceiver *receivers, size_t count, const DupexShareItem *item);

#endif							/* DUPEX_SHARE_OUT_H */
