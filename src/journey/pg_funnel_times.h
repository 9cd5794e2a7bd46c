/*
 * pg_funnel_times.h
 *		The times to convert of many people, and their quantiles.
 */
#ifndef DUPEX_PG_FUNNEL_TIMES_H
#define DUPEX_PG_FUNNEL_TIMES_H

#include "dupex.h"

typedef struct DupexFunnelTimes DupexFunnelTimes;

/*
 * In microseconds: since the step before, and since the first step.
 */
typedef struct DupexFunnelQuantiles
{
	int64		median;
	int64		percentile;
	int64		median_total;
	int64		percentile_total;
} DupexFunnelQuantiles;

extern DupexFunnelTimes *dupex_funnel_times_create(MemoryContext parent, Size series);
extern void dupex_funnel_times_add(DupexFunnelTimes *times, uint32 series, int64 since_previous, int64 since_first);
extern void dupex_funnel_times_quantiles(DupexFunnelTimes *times, uint32 series, double percentile, DupexFunnelQuantiles *quantiles);
extern void dupex_funnel_times_free(DupexFunnelTimes *times);

#endif							/* DUPEX_PG_FUNNEL_TIMES_H */
