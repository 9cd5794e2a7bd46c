/*
 * pairs.c
 *		Candidate pairs, pass by pass.
 *
 * The records of a pass are sorted by their keys, and all pairs of a block are
 * made. A block of more than max_block records (everybody who left "info@..." as
 * his address) is not skipped: its records are sorted by what they look like, and
 * each is compared with its next max_block / 2 neighbours, so that a record is in
 * no more pairs of a pass than it can be in an ordinary block (M. A. Hernandez,
 * S. J. Stolfo, "The merge/purge problem for large databases", SIGMOD 1995). What
 * was left out is counted.
 *
 * A pair that an earlier pass had is known by the keys and ranks of its records:
 * nothing has to be remembered of the pairs themselves.
 */
#include "linkage/pairs.h"

#include <stdlib.h>
#include <string.h>

/*
 * Sorts the entries by key, the records of a key staying in their order: eight
 * rounds of a radix sort, of which those are left out that change nothing. Returns
 * where the result is.
 */
static DupexBlockEntry *
sort_entries(DupexBlockEntry *from, DupexBlockEntry *to, size_t count)
{
	for (int shift = 0; shift < 64; shift += 8)
	{
		size_t		start[257] = {0};
		DupexBlockEntry *other;

		for (size_t i = 0; i < count; i++)
			start[(from[i].key >> shift & 255) + 1]++;
		if (count > 0 && start[(from[0].key >> shift & 255) + 1] == count)
			continue;
		for (int i = 0; i < 256; i++)
			start[i + 1] += start[i];
		for (size_t i = 0; i < count; i++)
			to[start[from[i].key >> shift & 255]++] = from[i];
		other = from;
		from = to;
		to = other;
	}
	return from;
}

/* a block's record with what it looks like, for large blocks */
static int
compare_looks(const void *a, const void *b)
{
	const DupexBlockEntry *x = a;
	const DupexBlockEntry *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->record < y->record ? -1 : x->record > y->record;
}

/*
 * Whether pass q has made the pair.
 */
static bool
was_made(const DupexPairs *pairs, int q, uint32_t a, uint32_t b)
{
	uint32_t	rank_a;
	uint32_t	rank_b;

	if (pairs->key[q][a] == 0 || pairs->key[q][a] != pairs->key[q][b])
		return false;
	rank_a = pairs->rank[q][a];
	rank_b = pairs->rank[q][b];
	if (rank_a == 0)
		return true;
	return (rank_a > rank_b ? rank_a - rank_b : rank_b - rank_a) <= pairs->max_block / 2;
}

/* a pass at work */
typedef struct Scan
{
	DupexPairs *pairs;
	int			pass;
	DupexPair	pair;
	void	   *state;
} Scan;

/*
 * Whether two records may be a pair at all: of two lists they must be of both.
 */
static bool
is_allowed(const DupexPairs *pairs, uint32_t a, uint32_t b)
{
	return !pairs->two_lists || (a < pairs->split) != (b < pairs->split);
}

static void
make_pair(Scan *scan, uint32_t a, uint32_t b)
{
	for (int q = 0; q < scan->pass; q++)
	{
		if (was_made(scan->pairs, q, a, b))
			return;
	}
	scan->pairs->counts[scan->pass].pairs++;
	scan->pair(scan->state, a < b ? a : b, a < b ? b : a);
}

/*
 * All pairs of a block, or, where it is large, those of neighbours. False when stop said
 * so: pairs that an earlier pass has made, or that are of one list, never reach the
 * caller, and there may be very many of them.
 */
static bool
make_block(Scan *scan, DupexBlockEntry *block, size_t count)
{
	DupexPairs *pairs = scan->pairs;
	DupexPassCounts *counts = &pairs->counts[scan->pass];
	bool		large = count > pairs->max_block;
	size_t		window = large ? pairs->max_block / 2 : count;
	uint64_t	first = 0;
	uint64_t	seen = 0;

	counts->blocks += count > 1;
	counts->large_blocks += large;
	if (count > counts->largest)
		counts->largest = count;
	for (size_t i = 0; i < count; i++)
		first += block[i].record < pairs->split;
	if (large)
	{
		for (size_t i = 0; i < count; i++)
			block[i].key = pairs->order[block[i].record];
		qsort(block, count, sizeof(DupexBlockEntry), compare_looks);
		for (size_t i = 0; i < count; i++)
			pairs->rank[scan->pass][block[i].record] = (uint32_t) i + 1;
	}
	else if (pairs->two_lists && (first == 0 || first == count))
		return true;
	for (size_t i = 0; i < count; i++)
	{
		if (pairs->stop != NULL && pairs->stop(pairs->stop_data))
			return false;
		for (size_t j = i + 1; j < count && j - i <= window; j++)
		{
			if (!is_allowed(pairs, block[i].record, block[j].record))
				continue;
			seen++;
			make_pair(scan, block[i].record, block[j].record);
		}
	}
	if (large)
		counts->left_out += (pairs->two_lists ? first * (count - first) : (uint64_t) count * (count - 1) / 2) - seen;
	return true;
}

/*
 * Makes every candidate pair once; the same ones in the same order each time. False when
 * stop said so.
 */
bool
dupex_pairs_each(DupexPairs *pairs, DupexPair pair, void *state)
{
	Scan		scan = {pairs, 0, pair, state};

	for (scan.pass = 0; scan.pass < pairs->passes; scan.pass++)
	{
		const uint64_t *key = pairs->key[scan.pass];
		DupexBlockEntry *entries;
		size_t		count = 0;

		memset(&pairs->counts[scan.pass], 0, sizeof(DupexPassCounts));
		memset(pairs->rank[scan.pass], 0, (size_t) pairs->records * sizeof(uint32_t));
		for (uint32_t i = 0; i < pairs->records; i++)
		{
			if (key[i] == 0)
				continue;
			pairs->entries[count].key = key[i];
			pairs->entries[count++].record = i;
		}
		pairs->counts[scan.pass].records = count;
		entries = sort_entries(pairs->entries, pairs->sorted, count);
		for (size_t from = 0; from < count;)
		{
			size_t		to = from + 1;
			uint64_t	block_key = entries[from].key;

			while (to < count && entries[to].key == block_key)
				to++;
			if (!make_block(&scan, entries + from, to - from))
				return false;
			from = to;
		}
	}
	return true;
}
