/*
 * merge_purge.c
 *		The rules of merge/purge, in a few passes over arrays.
 *
 * Rows are numbered by preference: suppression lists, then lists by priority, within a list by the
 * user's number. So the least row of an entity says all: when it is of a suppression list the
 * entity is suppressed, else it stands for the entity (unless equals draw lots), and the rows of
 * one list follow each other. Nothing depends on the order in which rows came.
 *
 * A row has one fate, in this order: invalid; intra, when its list has the entity before;
 * suppressed; inter, when another list keeps the entity; household; net. So the counts of the fates
 * add up to the rows of a list, and one row is left of each entity that is left.
 *
 * Lots are hashes of seed, list and row, the least wins (D. Thaler, C. Ravishankar, Using name-based
 * mappings to increase hit rates, IEEE/ACM Transactions on Networking 6(1), 1998): whoever joins or
 * leaves, the others keep their order.
 */
#include "linkage/merge_purge.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * Rows of one list by number: least significant byte first, leaving out bytes that are the same
 * everywhere. Eight passes at most; returns where the result is.
 */
static DupexPurgeRow *
sort_by_number(DupexPurgeRow *rows, DupexPurgeRow *space, uint32_t count)
{
	uint64_t	differ = 0;

	for (uint32_t i = 1; i < count; i++)
		differ |= (uint64_t) rows[i].row_no ^ (uint64_t) rows[0].row_no;
	for (int shift = 0; shift < 64; shift += 8)
	{
		/* the sign's bit turned round puts negative numbers first */
		uint8_t		sign = shift == 56 ? 0x80 : 0;
		uint32_t	place[256] = {0};
		uint32_t	total = 0;
		DupexPurgeRow *other;

		if ((differ >> shift & 0xff) == 0)
			continue;
		for (uint32_t i = 0; i < count; i++)
			place[(uint8_t) ((uint64_t) rows[i].row_no >> shift) ^ sign]++;
		for (int i = 0; i < 256; i++)
		{
			uint32_t	here = place[i];

			place[i] = total;
			total += here;
		}
		for (uint32_t i = 0; i < count; i++)
			space[place[(uint8_t) ((uint64_t) rows[i].row_no >> shift) ^ sign]++] = rows[i];
		other = rows;
		rows = space;
		space = other;
	}
	return rows;
}

/*
 * Brings rows into the order of lists and, within a list, of their numbers. space is for as many rows,
 * starts for list_count + 1 numbers, which become the first row of each list. False when stop said so.
 */
bool
dupex_purge_sort(DupexPurgeRow *rows, DupexPurgeRow *space, uint32_t count, uint32_t *starts, uint32_t list_count,
				 bool (*stop) (void *), void *data)
{
	uint32_t	begin = 0;

	memset(starts, 0, ((size_t) list_count + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; i < count; i++)
		starts[DUPEX_PURGE_LIST(&rows[i]) + 1]++;
	for (uint32_t i = 0; i < list_count; i++)
		starts[i + 1] += starts[i];
	for (uint32_t i = 0; i < count; i++)
		space[starts[DUPEX_PURGE_LIST(&rows[i])]++] = rows[i];
	for (uint32_t i = 0; i < list_count; i++)
	{
		/* now each start is the end of its list */
		uint32_t	length = starts[i] - begin;
		DupexPurgeRow *sorted = &space[begin];
		uint32_t	in_order = 1;

		if (stop != NULL && stop(data))
			return false;
		while (in_order < length && sorted[in_order - 1].row_no < sorted[in_order].row_no)
			in_order++;
		if (in_order < length)
			sorted = sort_by_number(sorted, &rows[begin], length);
		if (length > 0 && sorted != &rows[begin])
			memcpy(&rows[begin], sorted, length * sizeof(DupexPurgeRow));
		begin = starts[i];
	}
	for (uint32_t i = list_count; i > 0; i--)
		starts[i] = starts[i - 1];
	starts[0] = 0;
	return true;
}

/*
 * Of sorted rows the first one that has list and number of the one before it, or NONE.
 */
uint32_t
dupex_purge_repeated(const DupexPurgeRow *rows, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (rows[i].row_no == rows[i - 1].row_no && DUPEX_PURGE_LIST(&rows[i]) == DUPEX_PURGE_LIST(&rows[i - 1]))
			return i;
	return DUPEX_PURGE_NONE;
}

/*
 * Of keys with the same half of a hash, brings those with the whole hash of the first one to the front;
 * returns how many. As good as always these are all.
 */
uint32_t
dupex_purge_same_key(DupexPurgeKey *keys, uint32_t count)
{
	uint32_t	same = 1;

	for (uint32_t i = 1; i < count; i++)
		if (keys[i].high == keys[0].high)
		{
			DupexPurgeKey other = keys[same];

			keys[same++] = keys[i];
			keys[i] = other;
		}
	return same;
}

static int
compare_numbers(const void *left, const void *right)
{
	uint32_t	a = *(const uint32_t *) left;
	uint32_t	b = *(const uint32_t *) right;

	return a < b ? -1 : a > b;
}

/*
 * Sorts a few numbers, mostly two or three.
 */
void
dupex_purge_sort_numbers(uint32_t *numbers, uint32_t count)
{
	if (count > 16)
	{
		qsort(numbers, count, sizeof(uint32_t), compare_numbers);
		return;
	}
	for (uint32_t i = 1; i < count; i++)
	{
		uint32_t	number = numbers[i];
		uint32_t	place = i;

		for (; place > 0 && numbers[place - 1] > number; place--)
			numbers[place] = numbers[place - 1];
		numbers[place] = number;
	}
}

/*
 * Entities without bridges. entity has the components of rows of equal lists, by their leaders; each
 * of them now goes to the best entity of better lists that one of its rows has a key in common with. So
 * no row changes what the rows before it have become, and yet no two rows with a key in common are
 * both used.
 *
 * The links of a key are those from each row to the one before it; that is enough, as what that one
 * found is at least as good. ends is for count + 1 numbers, targets for link_count.
 */
void
dupex_purge_attach(uint32_t *entity, uint32_t count, const DupexPurgeLink *links, uint32_t link_count,
				   uint32_t *ends, uint32_t *targets)
{
	/* the links of each component, by a counting sort */
	memset(ends, 0, ((size_t) count + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; i < link_count; i++)
		ends[entity[links[i].later] + 1]++;
	for (uint32_t i = 0; i < count; i++)
		ends[i + 1] += ends[i];
	for (uint32_t i = 0; i < link_count; i++)
		targets[ends[entity[links[i].later]]++] = entity[links[i].earlier];

	/* a target is of a better list, so it comes first and is done */
	for (uint32_t row = 0; row < count; row++)
	{
		uint32_t	begin = row == 0 ? 0 : ends[row - 1];

		entity[row] = entity[entity[row]];
		for (uint32_t i = begin; i < ends[row]; i++)
			if (entity[targets[i]] < entity[row])
				entity[row] = entity[targets[i]];
	}
}

/*
 * The lot that a row draws: the finalizer of splitmix64 over list and number.
 */
static uint64_t
lot_of(const DupexPurge *purge, uint32_t row)
{
	const DupexPurgeRow *r = &purge->rows[row];
	uint64_t	lot = purge->lists[DUPEX_PURGE_LIST(r)].hash + (uint64_t) r->row_no * UINT64_C(0x9e3779b97f4a7c15);

	lot ^= lot >> 30;
	lot *= UINT64_C(0xbf58476d1ce4e5b9);
	lot ^= lot >> 27;
	lot *= UINT64_C(0x94d049bb133111eb);
	return lot ^ lot >> 31;
}

static inline uint32_t
priority_of(const DupexPurge *purge, uint32_t row)
{
	return purge->lists[DUPEX_PURGE_LIST(&purge->rows[row])].priority;
}

/*
 * Begins a walk over all rows in their order: no list of any entity has been seen.
 */
void
dupex_purge_forget_first(DupexPurge *purge)
{
	memset(purge->first, 0xff, (size_t) purge->count * sizeof(uint32_t));
}

/*
 * On a walk over all valid rows in their order: the first row of this row's entity in its list, which
 * may be itself.
 */
uint32_t
dupex_purge_first(DupexPurge *purge, uint32_t row)
{
	uint32_t   *first = &purge->first[purge->entity[row]];

	if (*first == DUPEX_PURGE_NONE || DUPEX_PURGE_LIST(&purge->rows[*first]) != DUPEX_PURGE_LIST(&purge->rows[row]))
		*first = row;
	return *first;
}

/*
 * What a row that is the first of its list says of its entity.
 */
static void
meet_list(DupexPurge *purge, uint32_t row, uint32_t *last)
{
	uint32_t	leader = purge->entity[row];
	uint32_t   *survivor = &purge->survivor[leader];

	if (priority_of(purge, row) == 0)
		return;
	purge->on_lists[leader]++;
	if (last[leader] != DUPEX_PURGE_NONE)
		purge->next[last[leader]] = row;
	last[leader] = row;
	if (priority_of(purge, leader) == 0)
		return;
	if (*survivor == DUPEX_PURGE_NONE ||
		(purge->random_priority && priority_of(purge, row) == priority_of(purge, leader) &&
		 lot_of(purge, row) < lot_of(purge, *survivor)))
		*survivor = row;
}

/*
 * Says the fate of each row but for households, and fills in all that is known of entities. Rows are
 * sorted, entity has the leaders, an invalid row being an entity of its own. False when stop said so.
 */
bool
dupex_purge_judge(DupexPurge *purge, bool (*stop) (void *), void *data)
{
	/* instead is of no use before households are looked at */
	uint32_t   *last = purge->instead;

	memset(purge->survivor, 0xff, (size_t) purge->count * sizeof(uint32_t));
	memset(purge->on_lists, 0, (size_t) purge->count * sizeof(uint32_t));
	memset(last, 0xff, (size_t) purge->count * sizeof(uint32_t));
	memset(purge->next, 0xff, (size_t) purge->count * sizeof(uint32_t));
	dupex_purge_forget_first(purge);
	for (uint32_t row = 0; row < purge->count; row++)
	{
		if (row % DUPEX_PURGE_STRIDE == 0 && stop != NULL && stop(data))
			return false;
		if (purge->rows[row].list & DUPEX_PURGE_INVALID)
			purge->fate[row] = DUPEX_FATE_INVALID;
		else if (dupex_purge_first(purge, row) != row)
			purge->fate[row] = DUPEX_FATE_INTRA;
		else
		{
			purge->fate[row] = DUPEX_FATE_INTER;
			meet_list(purge, row, last);
		}
	}
	for (uint32_t row = 0; row < purge->count; row++)
	{
		if (purge->fate[row] != DUPEX_FATE_INTER)
			continue;
		if (priority_of(purge, purge->entity[row]) == 0)
			purge->fate[row] = DUPEX_FATE_SUPPRESSED;
		else if (purge->survivor[purge->entity[row]] == row)
			purge->fate[row] = DUPEX_FATE_NET;
	}
	return true;
}

static int
compare_members(const void *left, const void *right)
{
	const DupexPurgeMember *a = left;
	const DupexPurgeMember *b = right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->lot != b->lot)
		return a->lot < b->lot ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/*
 * All rows of one household, in any order: of those that are net the first so many stay so, by their
 * lists and then by lot. members have their rows set; the rest is work space.
 */
void
dupex_purge_household(DupexPurge *purge, DupexPurgeMember *members, uint32_t count, uint32_t keep)
{
	uint32_t	used = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		uint32_t	row = members[i].row;

		if (purge->fate[row] != DUPEX_FATE_NET)
			continue;
		members[used].row = row;
		members[used].lot = lot_of(purge, row);
		members[used++].rank = purge->random_priority ? priority_of(purge, row) : DUPEX_PURGE_LIST(&purge->rows[row]);
	}
	if (used <= keep)
		return;
	qsort(members, used, sizeof(DupexPurgeMember), compare_members);
	for (uint32_t i = keep; i < used; i++)
	{
		purge->fate[members[i].row] = DUPEX_FATE_HOUSEHOLD;
		purge->instead[members[i].row] = members[0].row;
	}
}

/*
 * One entity with the lists of its rows, a list perhaps several times: one more in each pair of lists
 * that have it, and in each list (the pair of it with itself).
 */
void
dupex_overlap_add(uint64_t *counts, uint32_t *lists, uint32_t count)
{
	uint32_t	distinct = 1;

	if (count == 1)
	{
		counts[dupex_overlap_place(lists[0], lists[0])]++;
		return;
	}
	dupex_purge_sort_numbers(lists, count);
	for (uint32_t i = 1; i < count; i++)
		if (lists[i] != lists[i - 1])
			lists[distinct++] = lists[i];
	for (uint32_t b = 0; b < distinct; b++)
		for (uint32_t a = 0; a <= b; a++)
			counts[dupex_overlap_place(lists[a], lists[b])]++;
}
