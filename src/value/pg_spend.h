/*
 * pg_spend.h
 *		The state spend_counts: pg_spend.c aggregates, pg_spend_work.c holds the state meanwhile,
 *		pg_spend_io.c reads and writes.
 */
#ifndef DUPEX_PG_SPEND_H
#define DUPEX_PG_SPEND_H

#include "dupex.h"

#include "value/spend.h"

#define DUPEX_SPEND_COUNTS_VERSION	1

/*
 * A flat varlena. What is stored has its rows in order (dupex_spend_row_compare), each once, and
 * no slack. What an aggregate works on has room for more rows, in any order.
 */
typedef struct DupexSpendCounts
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		is_working;		/* 1 in an aggregate, 0 when stored */
	uint16		unused;
	uint32		row_count;
	uint32		capacity;		/* rows there is room for */
	int64		nulls;			/* rows left out because something was NULL */
	DupexSpendRow rows[FLEXIBLE_ARRAY_MEMBER];
} DupexSpendCounts;

struct DupexSpendTable;

/*
 * A state that an aggregate works on, while a row is added. A small one is flat, a large one has
 * its own memory (pg_large_state.h).
 */
typedef struct DupexSpendWork
{
	DupexSpendCounts *counts;
	struct DupexSpendTable *table;	/* NULL of a small one */
	MemoryContext context;		/* where a large one is made */
} DupexSpendWork;

/*
 * The state that a transition function may change: its first argument where an aggregate calls,
 * else a copy; a new one where it is NULL.
 */
extern DupexSpendWork dupex_spend_work_of_call(FunctionCallInfo fcinfo);

/* adds a row; 54000 beyond one gigabyte */
extern void dupex_spend_work_add(DupexSpendWork *work, const DupexSpendRow *row);

/* the datum that a transition function returns */
extern Datum dupex_spend_work_return(const DupexSpendWork *work);

/* the rows of a datum in any order, equal ones several times, and the count beside them, to read */
extern const DupexSpendCounts *dupex_spend_counts_in_any_form(Datum datum);

/* the same customers in the stored form, as a datum for the caller of a final function */
extern Datum dupex_spend_counts_finish(Datum datum);

/* a stored state without rows and with room for some; 54000 beyond one gigabyte */
extern DupexSpendCounts *dupex_spend_counts_allocate(uint32 capacity);

/* argument n as it would be stored; may be the argument itself */
extern const DupexSpendCounts *dupex_spend_counts_argument(FunctionCallInfo fcinfo, int n);

/* raises 22023 with the numbers for a customer who cannot be */
extern void dupex_spend_check(double frequency, double mean_value);

#endif							/* DUPEX_PG_SPEND_H */
