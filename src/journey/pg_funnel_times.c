/*
 * pg_funnel_times.c
 *		The times to convert of many people, and their quantiles, exactly.
 *
 * There is a series for each group and step. They stay in memory, where selection finds a quantile
 * without a sort, up to half of work_mem; beyond it all go into one external sort by series, which
 * is then read once, series after series.
 */
#include "journey/pg_funnel_times.h"

#include <math.h>

#include "access/tupdesc.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplesort.h"

#include "journey/quantile.h"

/*
 * The times of a step: since the step before in the first half of the room, since the first step in
 * the second.
 */
typedef struct Series
{
	int64	   *values;
	int64		count;
	int64		capacity;
} Series;

struct DupexFunnelTimes
{
	MemoryContext context;
	Series	   *series;
	Size		series_count;
	Size		held;
	Size		budget;
	Tuplesortstate *sort;		/* NULL: all in memory */
	TupleTableSlot *slot;
	bool		is_sorted;
};

/*
 * No times yet, in a child of the context.
 */
DupexFunnelTimes *
dupex_funnel_times_create(MemoryContext parent, Size series)
{
	MemoryContext context = AllocSetContextCreate(parent, "dupex times", ALLOCSET_DEFAULT_SIZES);
	DupexFunnelTimes *times = MemoryContextAllocZero(context, sizeof(DupexFunnelTimes));

	times->context = context;
	times->series_count = series;
	times->series = MemoryContextAllocExtended(context, (series + 1) * sizeof(Series), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	times->budget = (Size) work_mem * 1024 / 2;
	return times;
}

/*
 * Gives back memory and files.
 */
void
dupex_funnel_times_free(DupexFunnelTimes *times)
{
	if (times->sort)
	{
		ExecDropSingleTupleTableSlot(times->slot);
		tuplesort_end(times->sort);
	}
	MemoryContextDelete(times->context);
}

/*
 * Which of the two times of a series a row of the sort is.
 */
static int64
key_of(uint32 series, bool is_total)
{
	return (int64) series * 2 + is_total;
}

static void
put(DupexFunnelTimes *times, int64 key, int64 value)
{
	ExecClearTuple(times->slot);
	times->slot->tts_values[0] = Int64GetDatum(key);
	times->slot->tts_values[1] = Int64GetDatum(value);
	times->slot->tts_isnull[0] = times->slot->tts_isnull[1] = false;
	ExecStoreVirtualTuple(times->slot);
	tuplesort_puttupleslot(times->sort, times->slot);
}

/*
 * Moves everything into an external sort.
 */
static void
begin_sort(DupexFunnelTimes *times)
{
	AttrNumber	columns[] = {1, 2};
	Oid			operators[] = {Int8LessOperator, Int8LessOperator};
	Oid			collations[] = {InvalidOid, InvalidOid};
	bool		nulls_first[] = {false, false};
	TupleDesc	type = CreateTemplateTupleDesc(2);

	TupleDescInitEntry(type, 1, "series", INT8OID, -1, 0);
	TupleDescInitEntry(type, 2, "microseconds", INT8OID, -1, 0);
	times->sort = tuplesort_begin_heap(type, 2, columns, operators, collations, nulls_first, Max(work_mem / 2, 64), NULL, false);
	times->slot = MakeSingleTupleTableSlot(type, &TTSOpsVirtual);
	for (Size i = 0; i < times->series_count; i++)
	{
		Series	   *series = &times->series[i];

		for (int64 j = 0; j < series->count; j++)
		{
			put(times, key_of((uint32) i, false), series->values[j]);
			put(times, key_of((uint32) i, true), series->values[series->capacity + j]);
		}
		if (series->values)
			pfree(series->values);
		series->values = NULL;
		series->capacity = 0;
	}
}

/*
 * Twice the room for a series, if there is any left.
 */
static void
enlarge(DupexFunnelTimes *times, Series *series)
{
	int64		capacity = Max(16, series->capacity * 2);
	int64	   *values;

	times->held += (Size) (capacity - series->capacity) * 2 * sizeof(int64);
	if (times->held > times->budget)
	{
		begin_sort(times);
		return;
	}
	values = MemoryContextAllocHuge(times->context, (Size) capacity * 2 * sizeof(int64));
	if (series->values)
	{
		memcpy(values, series->values, (Size) series->count * sizeof(int64));
		memcpy(values + capacity, series->values + series->capacity, (Size) series->count * sizeof(int64));
		pfree(series->values);
	}
	series->values = values;
	series->capacity = capacity;
}

/*
 * Adds the times of one chain to a series.
 */
void
dupex_funnel_times_add(DupexFunnelTimes *times, uint32 number, int64 since_previous, int64 since_first)
{
	Series	   *series = &times->series[number];

	if (times->sort == NULL && series->count == series->capacity)
	{
		MemoryContext before = MemoryContextSwitchTo(times->context);

		enlarge(times, series);
		MemoryContextSwitchTo(before);
	}
	if (times->sort)
	{
		put(times, key_of(number, false), since_previous);
		put(times, key_of(number, true), since_first);
	}
	else
	{
		series->values[series->count] = since_previous;
		series->values[series->capacity + series->count] = since_first;
	}
	series->count++;
}

/*
 * Two quantiles of the next count rows of the sort.
 */
static void
read_quantiles(DupexFunnelTimes *times, int64 key, int64 count, double percentile, int64 *median, int64 *other)
{
	const double fractions[] = {0.5, percentile};
	int64		at_rank[2][2] = {{0, 0}, {0, 0}};
	int64	   *results[] = {median, other};

	for (int64 rank = 0; rank < count; rank++)
	{
		if (!tuplesort_gettupleslot(times->sort, true, false, times->slot, NULL))
			elog(ERROR, "a sort of times ended too early");
		slot_getallattrs(times->slot);
		if (DatumGetInt64(times->slot->tts_values[0]) != key)
			elog(ERROR, "a sort of times is at series " INT64_FORMAT ", not " INT64_FORMAT, DatumGetInt64(times->slot->tts_values[0]), key);
		for (int i = 0; i < 2; i++)
		{
			int64		place = (int64) floor(fractions[i] * (double) (count - 1));

			if (rank == place)
				at_rank[i][0] = at_rank[i][1] = DatumGetInt64(times->slot->tts_values[1]);
			else if (rank == place + 1)
				at_rank[i][1] = DatumGetInt64(times->slot->tts_values[1]);
		}
	}
	for (int i = 0; i < 2; i++)
	{
		double		place = fractions[i] * (double) (count - 1);

		*results[i] = dupex_quantile_between(at_rank[i][0], at_rank[i][1], place - floor(place));
	}
}

/*
 * The quantiles of a series that is not empty. Series are asked for in ascending order, each that
 * is not empty once.
 */
void
dupex_funnel_times_quantiles(DupexFunnelTimes *times, uint32 number, double percentile, DupexFunnelQuantiles *quantiles)
{
	Series	   *series = &times->series[number];

	if (times->sort)
	{
		if (!times->is_sorted)
		{
			MemoryContext before = MemoryContextSwitchTo(times->context);
			TupleDesc	type = CreateTupleDescCopy(times->slot->tts_tupleDescriptor);

			tuplesort_performsort(times->sort);
			times->is_sorted = true;
			/* what a sort gives back fits only into a slot of this kind */
			ExecDropSingleTupleTableSlot(times->slot);
			times->slot = MakeSingleTupleTableSlot(type, &TTSOpsMinimalTuple);
			MemoryContextSwitchTo(before);
		}
		read_quantiles(times, key_of(number, false), series->count, percentile, &quantiles->median, &quantiles->percentile);
		read_quantiles(times, key_of(number, true), series->count, percentile, &quantiles->median_total, &quantiles->percentile_total);
		return;
	}
	quantiles->median = dupex_quantile(series->values, (size_t) series->count, 0.5);
	quantiles->percentile = dupex_quantile(series->values, (size_t) series->count, percentile);
	quantiles->median_total = dupex_quantile(series->values + series->capacity, (size_t) series->count, 0.5);
	quantiles->percentile_total = dupex_quantile(series->values + series->capacity, (size_t) series->count, percentile);
}
