/*
 * pg_merge_purge.h
 *		merge_purge(): what its parts share.
 *
 * pg_merge_purge.c reads the query and runs the passes, pg_purge_lists.c knows the lists and what the
 * caller wants of them, pg_purge_rows.c writes the result.
 */
#ifndef DUPEX_PG_MERGE_PURGE_H
#define DUPEX_PG_MERGE_PURGE_H

#include "dupex.h"

#include "utils/array.h"

#include "linkage/merge_purge.h"
#include "linkage/siphash.h"
#include "runner/pg_people.h"
#include "runner/pg_words.h"

/*
 * A list by the number under which it was first seen.
 */
typedef struct DupexSeenList
{
	bool		is_suppression;
	uint32		priority;		/* 0: a suppression list */
} DupexSeenList;

typedef struct DupexNamedList
{
	const char *name;
	size_t		length;
	uint32		priority;
	bool		is_met;			/* has a row */
} DupexNamedList;

/*
 * The lists of a query, and those that the caller named.
 */
typedef struct DupexPurgeLists
{
	DupexNamedList *named;
	int			named_count;
	uint32		last_priority;	/* of all that nobody named */
	DupexWords *words;
	DupexSeenList *seen;
	uint32		capacity;

	/* when all rows have been read: by place */
	uint32	   *places;			/* of each number */
	DupexPurgeList *lists;
	Datum	   *names;			/* text */
} DupexPurgeLists;

typedef struct DupexPurgeJob
{
	MemoryContext context;
	DupexPurgeLists lists;
	DupexSipKey key;			/* of the hashes of keys, another one each
								 * time */
	int			columns;
	int			keep;			/* per household; 0: no households */
	bool		bridging;
	DupexPurgeLink *links;		/* without bridging */
	uint32		link_count;
	uint32		link_capacity;
	uint32	   *numbers;		/* of one key */
	uint32		number_capacity;
	uint32		capacity;		/* of purge.rows */
	DupexPeople *keys;
	DupexPeople *households;
	uint32	   *position;		/* of each arrival */
	DupexPurge	purge;
	DupexPurgeMember *members;
	uint32		member_capacity;
} DupexPurgeJob;

extern void dupex_purge_name_lists(DupexPurgeLists *lists, ArrayType *priority, ArrayType *ranks, ArrayType *suppressions);
extern uint32 dupex_purge_list_number(DupexPurgeLists *lists, text *name);
extern void dupex_purge_order_lists(DupexPurgeLists *lists, int64 seed);
extern bool *dupex_purge_wanted(const DupexPurgeLists *lists, ArrayType *names);
extern void dupex_purge_write(DupexPurgeJob *job, const bool *wanted, FunctionCallInfo fcinfo);

#endif							/* DUPEX_PG_MERGE_PURGE_H */
