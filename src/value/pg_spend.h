/*
 * pg_spend.h
 *		The state spend_counts: pg_spend.c aggregates and fits, pg_spend_io.c reads and writes.
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

extern DupexSpendCounts *dupex_spend_counts_allocate(uint32 capacity);

/* argument n as it would be stored; may be the argument itself */
extern const DupexSpendCounts *dupex_spend_counts_argument(FunctionCallInfo fcinfo, int n);

/* raises 22023 with the numbers for a customer who cannot be */
extern void dupex_spend_check(double frequency, double mean_value);

#endif							/* DUPEX_PG_SPEND_H */
