/*
 * pg_funnel.h
 *		What the PostgreSQL sides of funnels share.
 */
#ifndef DUPEX_PG_FUNNEL_H
#define DUPEX_PG_FUNNEL_H

#include "dupex.h"

#include "datatype/timestamp.h"

#include "journey/funnel.h"

/*
 * A state as it is stored, and of each of its events: the layout never changes. While an aggregate
 * works on it, it is a DupexFunnelLog, which begins alike.
 */
typedef struct DupexFunnelStored
{
	uint32		at_low;
	uint32		at_high;
	uint32		steps;
} DupexFunnelStored;

typedef struct DupexFunnel
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		is_log;			/* 1 only while an aggregate works on it */
	uint16		unused;
	uint32		count;
	DupexFunnelStored events[FLEXIBLE_ARRAY_MEMBER];
} DupexFunnel;

extern DupexFunnelEvent *dupex_funnel_argument(FunctionCallInfo fcinfo, int n, uint32 *count);
extern void dupex_funnel_check_time(TimestampTz at);

extern void dupex_funnel_question(DupexFunnelPlan *plan, const Interval *within, int step_count, const text *mode, const text *entry,
								  Datum rules, bool has_rules);
extern Interval *dupex_funnel_interval(int64 microseconds);

#endif							/* DUPEX_PG_FUNNEL_H */
