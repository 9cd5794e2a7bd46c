/*
 * tally.h
 *		A flat table of keys with sums: the state of the aggregates for scores.
 *
 * Pure C. tally.c tells the idea.
 */
#ifndef DUPEX_TALLY_H
#define DUPEX_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/sum.h"

#define DUPEX_TALLY_VERSION	1
#define DUPEX_TALLY_MAX_SUMS	3

/*
 * The head of a state; the index and the entries follow it. On disk: the layout never changes
 * without a new version. Stored states have no index and no free space, and their entries are
 * sorted, so equal states have equal bytes.
 */
typedef struct DupexTally
{
	int32_t		vl_len_;		/* PostgreSQL's length word */
	uint8_t		version;
	uint8_t		kind;			/* which state it is: one of DupexTallyKind */
	uint8_t		sums;			/* of each key: 1 to 3 */
	uint8_t		unused;			/* 0 */
	uint32_t	width;			/* of a kind's own, such as the number of
								 * features */
	uint32_t	count;			/* of entries */
	uint32_t	buckets;		/* of the index, a power of two, or 0 */
	uint32_t	used;			/* bytes of entries */
	uint32_t	room;			/* bytes for entries */
	uint32_t	unused2;		/* 0 */
} DupexTally;

typedef enum DupexTallyKind
{
	DUPEX_TALLY_POINTS = 1,
	DUPEX_TALLY_NAIVE_BAYES,
	DUPEX_TALLY_GAINS,
	DUPEX_TALLY_LOGISTIC,
	DUPEX_TALLY_LOGISTIC_CASES
} DupexTallyKind;

/*
 * An entry: this head, the sums, the key, and zeros up to a multiple of 8 bytes.
 */
typedef struct DupexTallyEntry
{
	uint32_t	hash;
	uint32_t	length;			/* of the key */
} DupexTallyEntry;

/*
 * The sums of an entry.
 */
static inline DupexSum *
dupex_tally_sums(const DupexTallyEntry *entry)
{
	return (DupexSum *) (uintptr_t) (entry + 1);
}

/*
 * The key of an entry of this tally; its length is in the entry.
 */
static inline const char *
dupex_tally_key(const DupexTally *tally, const DupexTallyEntry *entry)
{
	return (const char *) (dupex_tally_sums(entry) + tally->sums);
}

extern uint32_t dupex_tally_hash(const void *key, size_t length);
extern size_t dupex_tally_least_size(size_t key_length, int sums);
extern size_t dupex_tally_size_for(size_t count, size_t bytes);
extern size_t dupex_tally_entry_size(size_t key_length, int sums);
extern size_t dupex_tally_compact_size(const DupexTally *tally);
extern void dupex_tally_init(DupexTally *tally, size_t size, int kind, int sums, uint32_t width);
extern void dupex_tally_init_compact(DupexTally *tally, const DupexTally *like);
extern DupexSum *dupex_tally_slot(DupexTally *tally, const void *key, size_t length, uint32_t hash);
extern void dupex_tally_append(DupexTally *tally, const DupexTally *from, const DupexTallyEntry *entry);
extern void dupex_tally_copy(DupexTally *to, const DupexTally *from, size_t count);
extern const DupexTallyEntry *dupex_tally_find(const DupexTally *tally, const void *key, size_t length);
extern const DupexTallyEntry *dupex_tally_next(const DupexTally *tally, const DupexTallyEntry *entry);

#endif							/* DUPEX_TALLY_H */
