/*
 * pg_counts_work.c
 *		The state purchase_counts while an aggregate works on it.
 *
 * A small state is flat, with room for more rows and a hash table behind them, and a larger one
 * takes its place when it is full. A state of thousands of rows becomes a large one
 * (pg_large_state.h): its rows grow where they are, by a small part at a time, and its hash table,
 * which has but four bytes a slot, is given back before the next one is made. At the end the rows
 * are sorted where they stand. So a million different rows take little more while they are
 * collected than their 32 bytes each.
 */
#include "dupex.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "state/pg_large_state.h"
#include "state/pg_state.h"
#include "value/pg_counts.h"

/* slots of a state with room for one row: with a million groups most have few */
#define FIRST_SLOTS		2

/* up to here, 8 kilobytes, a flat state doubles, as its memory does by itself */
#define DOUBLING_SLOTS	256

/* rows above which a state becomes a large one */
#define FLAT_ROWS		1536

/* a large state's slots are taken up to 5/6, and 5/4 as many are made then */
#define MOST_TAKEN(slot_count)		((uint32) ((uint64) (slot_count) * 5 / 6))
#define SLOTS_FOR(row_count)		((uint32) ((uint64) (row_count) * 3 / 2))

#define SIZE_OF(row_count)			(offsetof(DupexPurchaseCounts, rows) + (Size) (row_count) * sizeof(DupexPurchaseRow))
#define STORED_ROWS_MAX				((uint32) ((MaxAllocSize - offsetof(DupexPurchaseCounts, rows)) / sizeof(DupexPurchaseRow)))

StaticAssertDecl(STORED_ROWS_MAX <= DUPEX_PURCHASE_ROWS_MAX, "slots of purchase_counts cannot number its rows");

/*
 * A large state. Its flat form is the stored one, but for the length, where it has no slots.
 */
typedef struct DupexPurchaseTable
{
	DupexLargeState large;
	DupexPurchaseSlot *slots;	/* NULL when the rows are sorted */
	uint32		allocated;		/* rows there is memory for */
} DupexPurchaseTable;

/*
 * Order of rows for the sort: qsort with the comparison written into it.
 */
#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE DupexPurchaseRow
#define ST_COMPARE(a, b) dupex_purchase_row_compare(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

static void
check_size(uint64 row_count)
{
	if (row_count > STORED_ROWS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many different customers for type %s", "purchase_counts"),
				 errdetail("%llu rows of different frequency, recency and age need more than one gigabyte.", (unsigned long long) row_count),
				 errhint("Round the times to whole days or weeks, or fit to a random part of the customers.")));
}

/*
 * A flat state with room for rows, and slots when slot_count is not 0.
 */
static DupexPurchaseCounts *
allocate(uint32 capacity, uint32 slot_count)
{
	Size		size = SIZE_OF(capacity) + (Size) slot_count * sizeof(DupexPurchaseSlot);
	DupexPurchaseCounts *counts = palloc(size);

	memset(counts, 0, offsetof(DupexPurchaseCounts, rows));
	SET_VARSIZE(counts, size);
	counts->version = DUPEX_PURCHASE_COUNTS_VERSION;
	counts->is_working = slot_count > 0;
	counts->capacity = capacity;
	counts->slot_count = slot_count;
	if (slot_count > 0)
		memset(counts->rows + capacity, 0, slot_count * sizeof(DupexPurchaseSlot));
	return counts;
}

DupexPurchaseCounts *
dupex_purchase_counts_allocate(uint32 row_count)
{
	DupexPurchaseCounts *counts;

	check_size(row_count);
	counts = allocate(row_count, 0);
	counts->row_count = row_count;
	return counts;
}

bool
dupex_purchase_counts_arrange(DupexPurchaseCounts *counts)
{
	uint32		last = 0;

	sort_rows(counts->rows, counts->row_count);
	for (uint32 i = 1; i < counts->row_count; i++)
	{
		if (dupex_purchase_row_compare(&counts->rows[last], &counts->rows[i]) != 0)
			counts->rows[++last] = counts->rows[i];
		else if (!dupex_purchase_row_add(&counts->rows[last], &counts->rows[i]))
			return false;
	}
	if (counts->row_count > 0)
		counts->row_count = last + 1;
	counts->capacity = counts->row_count;
	SET_VARSIZE(counts, SIZE_OF(counts->row_count));
	return true;
}

/*
 * Sorts the rows and drops the slots.
 */
static Size
finish(DupexLargeState *large)
{
	DupexPurchaseTable *table = (DupexPurchaseTable *) large;
	DupexPurchaseCounts *counts = large->flat;

	if (table->slots != NULL)
	{
		pfree(table->slots);
		table->slots = NULL;
		counts->slot_count = 0;
		counts->capacity = counts->row_count;
		counts->is_working = 0;
		sort_rows(counts->rows, counts->row_count);
	}
	return SIZE_OF(counts->row_count);
}

const DupexPurchaseCounts *
dupex_purchase_counts_in_any_form(Datum datum)
{
	DupexLargeState *large = dupex_large_state_of_datum(datum, finish);
	DupexPurchaseCounts *counts;

	if (large)
		return large->flat;
	counts = (DupexPurchaseCounts *) PG_DETOAST_DATUM(datum);
	dupex_state_check_version("purchase_counts", counts->version, DUPEX_PURCHASE_COUNTS_VERSION);
	return counts;
}

/*
 * The rows of a flat state in order, without slack.
 */
static DupexPurchaseCounts *
make_stored(const DupexPurchaseCounts *from)
{
	DupexPurchaseCounts *counts = dupex_purchase_counts_allocate(from->row_count);

	counts->nulls = from->nulls;
	counts->impossible = from->impossible;
	memcpy(counts->rows, from->rows, from->row_count * sizeof(DupexPurchaseRow));
	sort_rows(counts->rows, counts->row_count);
	return counts;
}

const DupexPurchaseCounts *
dupex_purchase_counts_argument(FunctionCallInfo fcinfo, int n)
{
	DupexLargeState *large = dupex_large_state_of_datum(PG_GETARG_DATUM(n), finish);
	const DupexPurchaseCounts *counts;

	if (large)
	{
		finish(large);
		return large->flat;
	}
	counts = dupex_purchase_counts_in_any_form(PG_GETARG_DATUM(n));
	return counts->is_working ? make_stored(counts) : counts;
}

DupexPurchaseCounts *
dupex_purchase_counts_copy(Datum datum)
{
	DupexPurchaseCounts *counts = (DupexPurchaseCounts *) PG_DETOAST_DATUM_COPY(datum);

	dupex_state_check_version("purchase_counts", counts->version, DUPEX_PURCHASE_COUNTS_VERSION);
	return counts->is_working ? make_stored(counts) : counts;
}

Datum
dupex_purchase_counts_finish(Datum datum)
{
	DupexLargeState *large = dupex_large_state_of_datum(datum, finish);
	const DupexPurchaseCounts *counts;

	if (large)
		return dupex_large_state_finished(large);
	counts = dupex_purchase_counts_in_any_form(datum);
	return PointerGetDatum(counts->is_working ? make_stored(counts) : counts);
}

/*
 * New slots for the rows of a large state, more than there are rows. The old ones go first.
 */
static void
index_table(DupexPurchaseTable *table)
{
	DupexPurchaseCounts *counts = table->large.flat;
	uint32		slot_count = SLOTS_FOR(counts->row_count);

	if (table->slots)
		pfree(table->slots);
	table->slots = NULL;
	table->slots = MemoryContextAllocZero(table->large.header.eoh_context, slot_count * sizeof(DupexPurchaseSlot));
	counts->slot_count = slot_count;
	dupex_purchase_table_index(counts->rows, counts->row_count, table->slots, slot_count);
}

/*
 * Room in a large state for one row more at least, of which it may have 33 millions.
 */
static void
grow_table(DupexPurchaseTable *table)
{
	DupexPurchaseCounts *counts = table->large.flat;

	CHECK_FOR_INTERRUPTS();
	check_size((uint64) counts->row_count + 1);
	if (table->allocated == counts->row_count)
	{
		table->allocated = Min(table->allocated + table->allocated / 32 + 1, STORED_ROWS_MAX);
		table->large.flat = counts = repalloc(counts, SIZE_OF(table->allocated));
	}
	if (table->slots == NULL || MOST_TAKEN(counts->slot_count) <= counts->row_count)
		index_table(table);
	counts->is_working = 1;
	counts->capacity = Min(table->allocated, MOST_TAKEN(counts->slot_count));
}

/*
 * Makes a large state of the rows of another one.
 */
static void
work_as_table(DupexPurchaseWork *work, const DupexPurchaseCounts *from)
{
	DupexPurchaseTable *table = dupex_large_state_make(work->context, finish, sizeof(DupexPurchaseTable));

	table->allocated = from->row_count;
	table->large.flat = MemoryContextAlloc(table->large.header.eoh_context, SIZE_OF(from->row_count));
	memcpy(table->large.flat, from, SIZE_OF(from->row_count));
	grow_table(table);
	work->table = table;
	work->counts = table->large.flat;
	work->slots = table->slots;
}

/*
 * Makes a state to work on of the rows of a state in any form, with room for one more at least.
 */
static void
work_on_copy(DupexPurchaseWork *work, const DupexPurchaseCounts *from)
{
	uint32		slot_count = FIRST_SLOTS;
	DupexPurchaseCounts *counts;

	if (from->row_count >= FLAT_ROWS)
	{
		work_as_table(work, from);
		return;
	}
	while (slot_count * 3 / 4 <= from->row_count)
		slot_count += slot_count < DOUBLING_SLOTS ? slot_count : slot_count / 4;
	counts = allocate(slot_count * 3 / 4, slot_count);
	counts->nulls = from->nulls;
	counts->impossible = from->impossible;
	counts->row_count = from->row_count;
	memcpy(counts->rows, from->rows, from->row_count * sizeof(DupexPurchaseRow));
	work->counts = counts;
	work->slots = (DupexPurchaseSlot *) (counts->rows + counts->capacity);
	dupex_purchase_table_index(counts->rows, counts->row_count, work->slots, slot_count);
}

DupexPurchaseWork
dupex_purchase_work_of_call(FunctionCallInfo fcinfo)
{
	DupexPurchaseWork work = {NULL, NULL, NULL, CurrentMemoryContext};
	bool		is_own = AggCheckCallContext(fcinfo, &work.context) != 0;
	DupexPurchaseCounts *counts;

	if (PG_ARGISNULL(0))
	{
		work.counts = allocate(FIRST_SLOTS * 3 / 4, FIRST_SLOTS);
		work.slots = (DupexPurchaseSlot *) (work.counts->rows + work.counts->capacity);
		return work;
	}
	counts = unconstify(DupexPurchaseCounts *, dupex_purchase_counts_in_any_form(PG_GETARG_DATUM(0)));
	if (is_own && VARATT_IS_EXTERNAL_EXPANDED_RW(PG_GETARG_POINTER(0)))
	{
		work.table = dupex_large_state_of_datum(PG_GETARG_DATUM(0), finish);
		if (work.table && work.table->slots == NULL)
			grow_table(work.table);
	}
	if (work.table)
	{
		work.counts = work.table->large.flat;
		work.slots = work.table->slots;
	}
	else if (is_own && counts->is_working)
	{
		work.counts = counts;
		work.slots = (DupexPurchaseSlot *) (counts->rows + counts->capacity);
	}
	else
		work_on_copy(&work, counts);
	return work;
}

DupexPurchaseWork
dupex_purchase_work_of_copy(FunctionCallInfo fcinfo, const DupexPurchaseCounts *from)
{
	DupexPurchaseWork work = {NULL, NULL, NULL, CurrentMemoryContext};

	AggCheckCallContext(fcinfo, &work.context);
	work_on_copy(&work, from);
	return work;
}

void
dupex_purchase_work_add(DupexPurchaseWork *work, const DupexPurchaseRow *row)
{
	DupexPurchaseCounts *counts = work->counts;

	if (counts->row_count == counts->capacity)
	{
		if (work->table)
		{
			grow_table(work->table);
			work->counts = work->table->large.flat;
			work->slots = work->table->slots;
		}
		else
			work_on_copy(work, counts);
		counts = work->counts;
	}
	if (!dupex_purchase_table_add(counts->rows, &counts->row_count, work->slots, counts->slot_count, row))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the weights of equal customers add up to more than 2^63")));
}

Datum
dupex_purchase_work_return(const DupexPurchaseWork *work)
{
	return work->table ? dupex_large_state_working(&work->table->large) : PointerGetDatum(work->counts);
}
