/*
 * pg_counts.h
 *		What the files of type purchase_counts share: pg_counts.c aggregates, pg_counts_work.c holds
 *		the state meanwhile, pg_counts_io.c reads and writes.
 */
#ifndef DUPEX_PG_COUNTS_H
#define DUPEX_PG_COUNTS_H

#include "value/pg_value.h"

#define DUPEX_PURCHASE_COUNTS_VERSION	1

struct DupexPurchaseTable;

/*
 * A state that an aggregate works on, while a row is added. A small one is flat and has its slots
 * behind the rows; a large one has its own memory (pg_large_state.h).
 */
typedef struct DupexPurchaseWork
{
	DupexPurchaseCounts *counts;
	DupexPurchaseSlot *slots;
	struct DupexPurchaseTable *table;	/* NULL of a small one */
	MemoryContext context;		/* where a large one is made */
} DupexPurchaseWork;

/*
 * The state that a transition function may change: its first argument where an aggregate calls,
 * else a copy; a new one where it is NULL.
 */
extern DupexPurchaseWork dupex_purchase_work_of_call(FunctionCallInfo fcinfo);

/* a state for a transition function that has none, with the rows of another one */
extern DupexPurchaseWork dupex_purchase_work_of_copy(FunctionCallInfo fcinfo, const DupexPurchaseCounts *from);

/* adds a row; 54000 beyond the limits of the state and of its weights */
extern void dupex_purchase_work_add(DupexPurchaseWork *work, const DupexPurchaseRow *row);

/* the datum that a transition function returns */
extern Datum dupex_purchase_work_return(const DupexPurchaseWork *work);

/* leaves a customer out and counts him, for a NULL or because he cannot be; returns the state */
extern Datum dupex_purchase_counts_leave_out(FunctionCallInfo fcinfo, bool is_null);

/* takes a customer in; one who cannot be is 22023, or left out and counted; returns the state */
extern Datum dupex_purchase_counts_take(FunctionCallInfo fcinfo, double frequency, double recency, double age, double weight,
										bool skip_impossible);

/* the rows of a datum in any order and the counts beside them, to read; not what else it has */
extern const DupexPurchaseCounts *dupex_purchase_counts_in_any_form(Datum datum);

/* the same customers in the stored form, as a datum for the caller of a final function */
extern Datum dupex_purchase_counts_finish(Datum datum);

/* the same customers in the stored form, in memory of its own */
extern DupexPurchaseCounts *dupex_purchase_counts_copy(Datum datum);

/* a stored state of so many rows, for those who fill it */
extern DupexPurchaseCounts *dupex_purchase_counts_allocate(uint32 row_count);

/* brings rows that were filled in any order, equal ones several times, into the stored form;
 * false when a weight goes beyond 63 bits */
extern bool dupex_purchase_counts_arrange(DupexPurchaseCounts *counts);

#endif							/* DUPEX_PG_COUNTS_H */
