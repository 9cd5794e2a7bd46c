/*
 * pg_cohort_count.c
 *		Counts the events of one person after the other into cohorts.
 *
 * A clock begins at the start of a person. Each event after it lies in a period of that clock, and
 * each period counts in a range of cells of her cohort (retention.c). Nothing is sorted: that a
 * person counts once in a cell is found by a stamp on the cell.
 */
#include "dupex.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "journey/pg_cohort.h"
#include "runner/pg_query.h"

/*
 * Makes ready to count: what is asked has been filled in.
 */
void
dupex_cohort_prepare(DupexCohortCount *count, MemoryContext context)
{
	count->context = context;
	count->cohort_capacity = 64;
	count->cohorts = MemoryContextAlloc(context, count->cohort_capacity * sizeof(DupexCohort));
	count->table = MemoryContextAllocZero(context, 2 * count->cohort_capacity * sizeof(uint32));
	count->stamp_count = 64;
	count->stamps = MemoryContextAllocZero(context, (Size) count->stamp_count * sizeof(uint64));
}

/*
 * The place of a cohort in the table: where it is, or where it would be.
 */
static inline uint32
slot_of(const DupexCohortCount *count, uint32 group, int64 period)
{
	uint32		mask = 2 * count->cohort_capacity - 1;
	uint32		slot = (uint32) dupex_hash_number((uint64) group << 32 ^ (uint64) period) & mask;

	while (count->table[slot] != 0)
	{
		const DupexCohort *cohort = &count->cohorts[count->table[slot] - 1];

		if (cohort->group == group && cohort->period == period)
			break;
		slot = (slot + 1) & mask;
	}
	return slot;
}

/*
 * The cohort of a group and a period, new or known.
 */
static DupexCohort *
find_cohort(DupexCohortCount *count, uint32 group, int64 period)
{
	uint32		slot = slot_of(count, group, period);
	DupexCohort *cohort;

	if (count->table[slot] != 0)
		return &count->cohorts[count->table[slot] - 1];
	if (count->cohort_count == count->cohort_capacity)
	{
		/* a cohort has one cell at least, so there are not too many */
		count->cohort_capacity *= 2;
		count->cohorts = repalloc_huge(count->cohorts, count->cohort_capacity * sizeof(DupexCohort));
		pfree(count->table);
		count->table = MemoryContextAllocExtended(count->context, 2 * (Size) count->cohort_capacity * sizeof(uint32), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		for (uint32 i = 0; i < count->cohort_count; i++)
			count->table[slot_of(count, count->cohorts[i].group, count->cohorts[i].period)] = i + 1;
		slot = slot_of(count, group, period);
	}
	count->table[slot] = ++count->cohort_count;
	cohort = &count->cohorts[count->cohort_count - 1];
	memset(cohort, 0, sizeof(DupexCohort));
	cohort->group = group;
	cohort->period = period;
	return cohort;
}

/*
 * An array with room for more elements, the new ones zero. NULL is an array without elements.
 */
static void *
enlarged(MemoryContext context, void *array, Size from, Size to)
{
	array = array ? repalloc_huge(array, to) : MemoryContextAllocHuge(context, to);
	memset((char *) array + from, 0, to - from);
	return array;
}

/*
 * Room for the observed cells of a clock in the cohort, and for their stamps.
 */
static void
make_room(DupexCohortCount *count, DupexCohort *cohort, int32 observed)
{
	int32		capacity = Max(observed, Min(cohort->capacity * 2, count->cells.limit));
	Size		from = cohort->sums ? (Size) cohort->capacity + 1 : 0;

	count->cell_count += (int64) capacity - cohort->capacity + (cohort->sums == NULL);
	if (observed > DUPEX_RETENTION_MAX_CELLS || count->cell_count > DUPEX_COHORT_MAX_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many cells for a table of cohorts"),
				 errdetail("There may be %d periods, and " INT64_FORMAT " cells of all cohorts.", DUPEX_RETENTION_MAX_CELLS, DUPEX_COHORT_MAX_CELLS),
				 errhint("Use longer periods, brackets, max_periods, or fewer groups.")));
	cohort->sums = enlarged(count->context, cohort->sums, from * sizeof(DupexRetentionCell), ((Size) capacity + 1) * sizeof(DupexRetentionCell));
	if (count->has_money)
		cohort->values = enlarged(count->context, cohort->values, from * sizeof(DupexMoney), ((Size) capacity + 1) * sizeof(DupexMoney));
	cohort->capacity = capacity;
	if (capacity > count->stamp_count)
	{
		count->stamps = enlarged(count->context, count->stamps, (Size) count->stamp_count * sizeof(uint64), (Size) capacity * sizeof(uint64));
		count->stamp_count = capacity;
	}
}

static void
add_money(DupexMoney *sum, int64 whole, int64 billionths)
{
	/* billionths of one amount are below 10^9: so many rows there are not */
	sum->billionths += billionths;
	if (pg_add_s64_overflow(sum->whole, whole, &sum->whole))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of values out of range"),
				 errdetail("The values of a cohort add up to 18 digits before the decimal point."),
				 errhint("Use a larger unit of money, such as thousands.")));
}

/*
 * What an event is: of times only each is start and return.
 */
static inline uint32
mark_of(const DupexCohortCount *count, const DupexCohortEvent *event)
{
	return count->event_size < sizeof(DupexCohortEvent) ? DUPEX_EVENT_STARTS | DUPEX_EVENT_RETURNS : event->mark;
}

#define EVENT(count, events, i) ((const DupexCohortEvent *) ((events) + (Size) (i) * (count)->event_size))

/*
 * Counts a person whose clock begins at the origin; the events before number first are before it.
 */
static void
count_clock(DupexCohortCount *count, int64 origin, uint32 group, const char *events, uint32 first_event, uint32 event_count)
{
	DupexClock	clock = dupex_clock_start(&count->period, origin);
	int32		observed = dupex_cells_observed(&count->cells, dupex_clock_number(&clock, count->until));
	DupexCohort *cohort = find_cohort(count, group, dupex_period_index(&count->cohort_period, origin));
	bool		is_range = count->cells.mode != DUPEX_RETENTION_ON;
	int64		extreme = -1;	/* the first or last period, of what counts in
								 * a range of cells */
	int32		first;
	int32		last;

	if (cohort->sums == NULL || observed > cohort->capacity)
		make_room(count, cohort, observed);
	count->clocks++;
	cohort->size++;
	cohort->sums[observed].observed++;
	if (observed == 0)
		return;
	for (uint32 i = first_event; i < event_count; i++)
	{
		const DupexCohortEvent *event = EVENT(count, events, i);
		int64		period;

		if (event->at < origin || event->at > count->until || !(mark_of(count, event) & DUPEX_EVENT_RETURNS))
			continue;
		period = dupex_clock_number(&clock, event->at);
		if (is_range)
		{
			if (extreme < 0 || (count->cells.mode == DUPEX_RETENTION_WITHIN ? period < extreme : period > extreme))
				extreme = period;
			if (!count->has_money)
				continue;
		}
		if (!dupex_cells_of_period(&count->cells, period, observed, &first, &last))
			continue;
		if (!is_range && count->stamps[first] != count->clocks)
		{
			count->stamps[first] = count->clocks;
			dupex_retention_count(cohort->sums, observed, first, first);
		}
		if (count->has_money)
		{
			add_money(&cohort->values[first], event->whole, event->billionths);
			add_money(&cohort->values[last + 1], -event->whole, -event->billionths);
		}
	}
	if (extreme >= 0 && dupex_cells_of_period(&count->cells, extreme, observed, &first, &last))
		dupex_retention_count(cohort->sums, observed, first, last);
}

/*
 * The group of two that comes first; none comes last.
 */
static uint32
first_group(const DupexCohortCount *count, uint32 a, uint32 b)
{
	if (a == 0 || b == 0)
		return Max(a, b);
	return count->ranks[a - 1] < count->ranks[b - 1] ? a : b;
}

/*
 * The group of the start events from number i on that are of the same time.
 */
static uint32
group_of_start(const DupexCohortCount *count, const char *events, uint32 i, uint32 event_count)
{
	int64		at = EVENT(count, events, i)->at;
	uint32		group = 0;

	if (count->event_size < sizeof(DupexCohortEvent))
		return 0;
	for (; i < event_count; i++)
	{
		const DupexCohortEvent *event = EVENT(count, events, i);

		if (event->at == at && event->mark & DUPEX_EVENT_STARTS)
			group = first_group(count, group, DUPEX_EVENT_GROUP(event->mark));
	}
	return group;
}

static int
by_time(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/*
 * Counts a person in each cohort in which she has a start event.
 */
static void
count_every_start(DupexCohortCount *count, char *events, uint32 event_count)
{
	int64		last_period = PG_INT64_MIN;

	qsort(events, event_count, count->event_size, by_time);
	for (uint32 i = 0; i < event_count; i++)
	{
		const DupexCohortEvent *event = EVENT(count, events, i);
		uint32		ties = i + 1;
		int64		period;

		if (event->at > count->until)
			break;
		if (!(mark_of(count, event) & DUPEX_EVENT_STARTS))
			continue;
		period = dupex_period_index(&count->cohort_period, event->at);
		if (period <= last_period)
			continue;
		last_period = period;
		CHECK_FOR_INTERRUPTS();
		while (ties < event_count && EVENT(count, events, ties)->at == event->at)
			ties++;
		/* a return at the time of the start may have been sorted before it */
		while (i > 0 && EVENT(count, events, i - 1)->at == event->at)
			i--;
		count_clock(count, event->at, group_of_start(count, events, i, ties), events, i, event_count);
		i = ties - 1;
	}
}

/*
 * Counts all events of a person; they may be put into another order.
 */
void
dupex_cohort_person(DupexCohortCount *count, char *events, uint32 event_count)
{
	uint32		start = event_count;
	int64		origin = PG_INT64_MAX;

	if (count->every)
	{
		count_every_start(count, events, event_count);
		return;
	}
	for (uint32 i = 0; i < event_count; i++)
	{
		const DupexCohortEvent *event = EVENT(count, events, i);

		if (event->at < origin && mark_of(count, event) & DUPEX_EVENT_STARTS)
		{
			start = i;
			origin = event->at;
		}
	}
	if (start < event_count && origin <= count->until)
		count_clock(count, origin, group_of_start(count, events, start, event_count), events, 0, event_count);
}

/*
 * Order of cohorts: by group, none last, then by period.
 */
static int
by_group(const void *a, const void *b, void *state)
{
	const DupexCohort *x = a;
	const DupexCohort *y = b;

	if (x->group != y->group)
		return first_group(state, x->group, y->group) == x->group ? -1 : 1;
	return x->period < y->period ? -1 : x->period > y->period;
}

/*
 * Makes counts of the sums and brings the cohorts into order. Returns the number of cells that
 * are observed for somebody.
 */
int32
dupex_cohort_finish(DupexCohortCount *count)
{
	int32		observed = 0;

	for (uint32 i = 0; i < count->cohort_count; i++)
	{
		DupexCohort *cohort = &count->cohorts[i];

		dupex_retention_sum(cohort->sums, cohort->capacity);
		for (int32 n = 0; n < cohort->capacity; n++)
		{
			if (n > 0 && count->has_money)
				add_money(&cohort->values[n], cohort->values[n - 1].whole, cohort->values[n - 1].billionths);
			if (cohort->sums[n].observed > 0)
				observed = Max(observed, n + 1);
		}
	}
	qsort_arg(count->cohorts, count->cohort_count, sizeof(DupexCohort), by_group, count);
	return observed;
}
