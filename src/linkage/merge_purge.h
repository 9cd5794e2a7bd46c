/*
 * merge_purge.h
 *		Merge/purge: of the rows of many lists, which one of each entity is used, and what becomes of
 *		the others.
 *
 * Pure C over arrays of the caller. In this order:
 *
 *	dupex_purge_sort()			rows in order of preference, equal to their numbers from then on
 *	dupex_components_*()		over these numbers: rows with a key in common become one entity
 *	dupex_purge_attach()		or, without bridges: rows of equal lists do, and the others follow
 *	dupex_purge_judge()			the fate of each row
 *	dupex_purge_household()		for each household: of its rows that are left, no more than so many
 *
 * merge_purge.c tells the rules.
 */
#ifndef DUPEX_MERGE_PURGE_H
#define DUPEX_MERGE_PURGE_H

#include <stdbool.h>
#include <stdint.h>

#define DUPEX_PURGE_NONE	UINT32_MAX

typedef enum DupexFate
{
	DUPEX_FATE_NET,				/* used */
	DUPEX_FATE_INVALID,			/* of no use by itself */
	DUPEX_FATE_INTRA,			/* its list has the entity before */
	DUPEX_FATE_SUPPRESSED,		/* its entity is on a suppression list */
	DUPEX_FATE_INTER,			/* another list has the entity, and keeps it */
	DUPEX_FATE_HOUSEHOLD		/* others of its household are used */
} DupexFate;

#define DUPEX_FATES		6

typedef struct DupexPurgeRow
{
	int64_t		row_no;			/* the user's number in the list */
	uint32_t	list;			/* and DUPEX_PURGE_INVALID */
	uint32_t	arrival;		/* how many rows came before */
} DupexPurgeRow;

#define DUPEX_PURGE_INVALID	UINT32_C(0x80000000)
#define DUPEX_PURGE_LIST(row) ((row)->list & ~DUPEX_PURGE_INVALID)

/*
 * A list. They are sorted: suppression lists first, then by priority, then by name.
 */
typedef struct DupexPurgeList
{
	uint64_t	hash;			/* of name and seed */
	uint32_t	priority;		/* 0: a suppression list; equal for lists that
								 * are equals */
} DupexPurgeList;

/*
 * Arrays of count elements, but lists. What is known of an entity stands at its leader, the first
 * of its rows.
 */
typedef struct DupexPurge
{
	uint32_t	count;
	uint32_t	list_count;
	const DupexPurgeList *lists;
	bool		random_priority;	/* lists of equal priority draw lots */
	DupexPurgeRow *rows;
	uint32_t   *entity;			/* leader of each row's entity */
	uint8_t    *fate;			/* DupexFate of each row */
	uint32_t   *survivor;		/* of an entity, the row that stands for it;
								 * NONE when it is suppressed */
	uint32_t   *on_lists;		/* of an entity, on how many lists it is,
								 * without those that suppress */
	uint32_t   *next;			/* the entity's next row that is the first of
								 * its list, or NONE */
	uint32_t   *first;			/* work space; see dupex_purge_first() */
	uint32_t   *instead;		/* of a row dropped for its household, one
								 * that is used */
} DupexPurge;

/*
 * A row that has a key or household, of which half of the hash stands elsewhere.
 */
typedef struct DupexPurgeKey
{
	uint64_t	high;			/* the other half */
	uint32_t	arrival;
	uint32_t	unused;
} DupexPurgeKey;

/*
 * Two rows with a key in common, of lists of different priority.
 */
typedef struct DupexPurgeLink
{
	uint32_t	earlier;
	uint32_t	later;
} DupexPurgeLink;

/*
 * A row of a household, while it is thinned out.
 */
typedef struct DupexPurgeMember
{
	uint64_t	lot;
	uint32_t	rank;
	uint32_t	row;
} DupexPurgeMember;

/* rows between two calls of stop */
#define DUPEX_PURGE_STRIDE	65536

extern bool dupex_purge_sort(DupexPurgeRow *rows, DupexPurgeRow *space, uint32_t count, uint32_t *starts, uint32_t list_count,
							 bool (*stop) (void *), void *data);
extern uint32_t dupex_purge_repeated(const DupexPurgeRow *rows, uint32_t count);
extern uint32_t dupex_purge_same_key(DupexPurgeKey *keys, uint32_t count);
extern void dupex_purge_sort_numbers(uint32_t *numbers, uint32_t count);
extern void dupex_purge_attach(uint32_t *entity, uint32_t count, const DupexPurgeLink *links, uint32_t link_count,
							   uint32_t *ends, uint32_t *targets);
extern bool dupex_purge_judge(DupexPurge *purge, bool (*stop) (void *), void *data);
extern void dupex_purge_household(DupexPurge *purge, DupexPurgeMember *members, uint32_t count, uint32_t keep);
extern void dupex_purge_forget_first(DupexPurge *purge);
extern uint32_t dupex_purge_first(DupexPurge *purge, uint32_t row);
extern void dupex_overlap_add(uint64_t *counts, uint32_t *lists, uint32_t count);

/* the place of a pair of lists, a <= b, in the counts of overlaps */
static inline uint64_t
dupex_overlap_place(uint32_t a, uint32_t b)
{
	return (uint64_t) b * (b + 1) / 2 + a;
}

#endif							/* DUPEX_MERGE_PURGE_H */
