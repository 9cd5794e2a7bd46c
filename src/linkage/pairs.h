/*
 * pairs.h
 *		Candidate pairs: records that share a key in at least one pass, each pair
 *		once, one after the other and without storing any.
 */
#ifndef DUPEX_LINKAGE_PAIRS_H
#define DUPEX_LINKAGE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkage/blocking.h"

/* a record in the order of its block */
typedef struct DupexBlockEntry
{
	uint64_t	key;
	uint32_t	record;
} DupexBlockEntry;

/* what happened in a pass */
typedef struct DupexPassCounts
{
	uint64_t	records;		/* with a key */
	uint64_t	blocks;			/* of two records and more */
	uint64_t	pairs;			/* that no earlier pass had */
	uint64_t	large_blocks;
	uint64_t	largest;		/* records of the largest block */
	uint64_t	left_out;		/* pairs of large blocks that were not
								 * compared */
} DupexPassCounts;

/*
 * The caller gives all memory; records are numbered from 0. Of two lists only pairs of
 * one record before split and one from it on are made; the first of them may be empty,
 * so split alone does not tell. stop (or NULL) is asked while a block is gone through.
 */
typedef struct DupexPairs
{
	uint32_t	records;
	bool		two_lists;
	uint32_t	split;			/* of two lists, records of the first one */
	uint32_t	max_block;		/* at least 2 */
	int			passes;
	uint64_t   *key[DUPEX_LINKAGE_PASSES];	/* of each record; 0 for none */
	uint32_t   *rank[DUPEX_LINKAGE_PASSES]; /* of each record; work space */
	const uint64_t *order;		/* of each record: neighbours are alike */
	DupexBlockEntry *entries;	/* of each record; work space */
	DupexBlockEntry *sorted;	/* the same */
	bool		(*stop) (void *);
	void	   *stop_data;
	DupexPassCounts counts[DUPEX_LINKAGE_PASSES];
} DupexPairs;

/* gets each pair, a before b */
typedef void (*DupexPair) (void *state, uint32_t a, uint32_t b);

extern bool dupex_pairs_each(DupexPairs *pairs, DupexPair pair, void *state);

#endif							/* DUPEX_LINKAGE_PAIRS_H */
