/*
 * pg_cohort.h
 *		Counting of cohorts: what cohort_table() asks, and what it gets for each cohort.
 */
#ifndef DUPEX_PG_COHORT_H
#define DUPEX_PG_COHORT_H

#include "dupex.h"

#include "journey/pg_period.h"
#include "runner/pg_words.h"

/* cells of all cohorts together; each takes 24 bytes, with sums of money 40 */
#define DUPEX_COHORT_MAX_CELLS	INT64CONST(10000000)

/*
 * A sum of money: whole + billionths / 10^9; the two may differ in sign.
 */
typedef struct DupexMoney
{
	int64		whole;
	int64		billionths;
} DupexMoney;

/*
 * An event as it is kept. With times only, mark and money are not there: an event is then the
 * first eight bytes of this.
 */
typedef struct DupexCohortEvent
{
	int64		at;
	int64		whole;
	int32		billionths;
	uint32		mark;			/* 1: starts, 2: comes back; group number + 1
								 * times 4, 0 when there is none */
} DupexCohortEvent;

#define DUPEX_EVENT_STARTS		1
#define DUPEX_EVENT_RETURNS		2
#define DUPEX_EVENT_GROUP(mark)	((mark) >> 2)
#define DUPEX_EVENT_MAX_GROUPS	((UINT32_C(1) << 30) - 1)

/*
 * People of one group whose clock began in one period.
 */
typedef struct DupexCohort
{
	uint32		group;			/* number + 1; 0 when there is none */
	int64		period;
	int64		size;
	int32		capacity;		/* of cells */
	DupexRetentionCell *sums;	/* one more than capacity */
	DupexMoney *values;			/* likewise; NULL without money */
} DupexCohort;

typedef struct DupexCohortCount
{
	/* what is asked */
	DupexPeriod period;
	DupexPeriod cohort_period;	/* whose start is the cohort's date */
	DupexCells	cells;
	int64		until;
	bool		every;			/* start events: each cohort in which somebody
								 * has one; else the first only */
	bool		has_money;
	Size		event_size;
	const uint32 *ranks;		/* of groups, by number */
	MemoryContext context;

	/* what is found */
	DupexCohort *cohorts;
	uint32		cohort_count;
	uint32		cohort_capacity;
	uint32	   *table;			/* number + 1 of a cohort, or 0: by hash,
								 * twice as long as the array */
	int64		cell_count;
	uint64	   *stamps;			/* which clock a cell was counted for last */
	int32		stamp_count;
	uint64		clocks;
} DupexCohortCount;

extern void dupex_cohort_prepare(DupexCohortCount *count, MemoryContext context);
extern void dupex_cohort_person(DupexCohortCount *count, char *events, uint32 event_count);
extern int32 dupex_cohort_finish(DupexCohortCount *count);

#endif							/* DUPEX_PG_COHORT_H */
