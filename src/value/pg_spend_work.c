/*
 * pg_spend_work.c
 *		The state spend_counts while an aggregate works on it.
 *
 * Most mean values are different, so rows are just collected. A state that is full is sorted and
 * its equal rows are joined; when that does not make room for as many again, a small one is
 * doubled. One of thousands of rows becomes a large state (pg_large_state.h), which grows where it
 * is, by a small part at a time, and is sorted when it has 60 percent more rows than the last time:
 * so it takes less than 40 bytes a different row, however often each comes, and 25 where none comes
 * twice.
 */
#include "value/pg_spend.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "state/pg_large_state.h"
#include "state/pg_state.h"

#define FIRST_CAPACITY	4

/* rows above which a state becomes a large one */
#define FLAT_ROWS		2048

#define SIZE_OF(row_count)	(offsetof(DupexSpendCounts, rows) + (Size) (row_count) * sizeof(DupexSpendRow))
#define ROWS_MAX			((uint32) ((MaxAllocSize - offsetof(DupexSpendCounts, rows)) / sizeof(DupexSpendRow)))

/*
 * A large state.
 */
typedef struct DupexSpendTable
{
	DupexLargeState large;
	uint32		allocated;		/* rows there is memory for */
	uint32		joined;			/* rows left when they were last sorted */
} DupexSpendTable;

/*
 * Order of rows for the sort: qsort with the comparison written into it.
 */
#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE DupexSpendRow
#define ST_COMPARE(a, b) dupex_spend_row_compare(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

static void
check_size(uint64 row_count)
{
	if (row_count > ROWS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many different customers for type %s", "spend_counts"),
				 errdetail("%llu rows of different frequency and mean value need more than one gigabyte.", (unsigned long long) row_count),
				 errhint("Round the mean values, or fit to a random part of the customers.")));
}

DupexSpendCounts *
dupex_spend_counts_allocate(uint32 capacity)
{
	DupexSpendCounts *counts;

	check_size(capacity);
	counts = palloc(SIZE_OF(capacity));
	memset(counts, 0, offsetof(DupexSpendCounts, rows));
	SET_VARSIZE(counts, SIZE_OF(capacity));
	counts->version = DUPEX_SPEND_COUNTS_VERSION;
	counts->capacity = capacity;
	return counts;
}

/*
 * A flat state that has the rows of another one, with this much room.
 */
static DupexSpendCounts *
copy_counts(const DupexSpendCounts *from, uint32 capacity, bool is_working)
{
	DupexSpendCounts *counts = dupex_spend_counts_allocate(capacity);

	counts->is_working = is_working;
	counts->nulls = from->nulls;
	counts->row_count = from->row_count;
	memcpy(counts->rows, from->rows, from->row_count * sizeof(DupexSpendRow));
	return counts;
}

/*
 * Sorts the rows of a state and joins equal ones.
 */
static void
join_rows(DupexSpendCounts *counts)
{
	sort_rows(counts->rows, counts->row_count);
	if (!dupex_spend_rows_join(counts->rows, &counts->row_count))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the weights of equal customers add up to more than 2^63")));
}

/*
 * What is stored of a flat state in working form.
 */
static DupexSpendCounts *
make_stored(const DupexSpendCounts *from)
{
	DupexSpendCounts *counts = copy_counts(from, from->row_count, false);

	join_rows(counts);
	counts->capacity = counts->row_count;
	SET_VARSIZE(counts, SIZE_OF(counts->row_count));
	return counts;
}

/*
 * Sorts and joins the rows of a large state.
 */
static Size
finish(DupexLargeState *large)
{
	DupexSpendTable *table = (DupexSpendTable *) large;
	DupexSpendCounts *counts = large->flat;

	if (counts->is_working)
	{
		join_rows(counts);
		table->joined = counts->row_count;
		counts->capacity = counts->row_count;
		counts->is_working = 0;
	}
	return SIZE_OF(counts->row_count);
}

const DupexSpendCounts *
dupex_spend_counts_in_any_form(Datum datum)
{
	DupexLargeState *large = dupex_large_state_of_datum(datum, finish);
	DupexSpendCounts *counts;

	if (large)
		return large->flat;
	counts = (DupexSpendCounts *) PG_DETOAST_DATUM(datum);
	dupex_state_check_version("spend_counts", counts->version, DUPEX_SPEND_COUNTS_VERSION);
	return counts;
}

const DupexSpendCounts *
dupex_spend_counts_argument(FunctionCallInfo fcinfo, int n)
{
	DupexLargeState *large = dupex_large_state_of_datum(PG_GETARG_DATUM(n), finish);
	const DupexSpendCounts *counts;

	if (large)
	{
		finish(large);
		return large->flat;
	}
	counts = dupex_spend_counts_in_any_form(PG_GETARG_DATUM(n));
	return counts->is_working ? make_stored(counts) : counts;
}

Datum
dupex_spend_counts_finish(Datum datum)
{
	DupexLargeState *large = dupex_large_state_of_datum(datum, finish);
	const DupexSpendCounts *counts;

	if (large)
		return dupex_large_state_finished(large);
	counts = dupex_spend_counts_in_any_form(datum);
	return PointerGetDatum(counts->is_working ? make_stored(counts) : counts);
}

/*
 * Makes a large state of the rows of another one, which are all different.
 */
static void
work_as_table(DupexSpendWork *work, const DupexSpendCounts *from)
{
	DupexSpendTable *table = dupex_large_state_make(work->context, finish, sizeof(DupexSpendTable));
	DupexSpendCounts *counts = MemoryContextAlloc(table->large.header.eoh_context, SIZE_OF(from->row_count));

	memcpy(counts, from, SIZE_OF(from->row_count));
	counts->is_working = 1;
	counts->capacity = table->allocated = table->joined = from->row_count;
	table->large.flat = counts;
	work->table = table;
	work->counts = counts;
}

/*
 * Room for a row in a state that is full.
 */
static void
make_room(DupexSpendWork *work)
{
	DupexSpendCounts *counts = work->counts;
	DupexSpendTable *table = work->table;

	if (table == NULL)
	{
		join_rows(counts);
		if (counts->row_count < counts->capacity / 2)
			return;
		if (counts->row_count <= FLAT_ROWS / 2)
		{
			work->counts = copy_counts(counts, Max(counts->row_count * 2, FIRST_CAPACITY), true);
			return;
		}
		work_as_table(work, counts);
		table = work->table;
		counts = work->counts;
	}
	else if (counts->row_count - table->joined >= table->joined / 5 * 3 || counts->row_count == ROWS_MAX)
	{
		join_rows(counts);
		table->joined = counts->row_count;
	}
	CHECK_FOR_INTERRUPTS();
	if (counts->row_count == table->allocated)
	{
		check_size((uint64) counts->row_count + 1);
		table->allocated = Min(table->allocated + table->allocated / 32 + 1, ROWS_MAX);
		table->large.flat = work->counts = counts = repalloc(counts, SIZE_OF(table->allocated));
	}
	counts->capacity = table->allocated;
}

DupexSpendWork
dupex_spend_work_of_call(FunctionCallInfo fcinfo)
{
	DupexSpendWork work = {NULL, NULL, CurrentMemoryContext};
	bool		is_own = AggCheckCallContext(fcinfo, &work.context) != 0;
	DupexSpendCounts *counts;

	if (PG_ARGISNULL(0))
	{
		work.counts = dupex_spend_counts_allocate(FIRST_CAPACITY);
		work.counts->is_working = 1;
		return work;
	}
	counts = unconstify(DupexSpendCounts *, dupex_spend_counts_in_any_form(PG_GETARG_DATUM(0)));
	if (is_own && VARATT_IS_EXTERNAL_EXPANDED_RW(PG_GETARG_POINTER(0)))
		work.table = dupex_large_state_of_datum(PG_GETARG_DATUM(0), finish);
	if (work.table)
	{
		counts->is_working = 1;
		counts->capacity = work.table->allocated;
		work.counts = counts;
	}
	else if (is_own && counts->is_working)
		work.counts = counts;
	else
	{
		if (counts->is_working)
			counts = make_stored(counts);
		if (counts->row_count > FLAT_ROWS / 2)
			work_as_table(&work, counts);
		else
			work.counts = copy_counts(counts, Max(counts->row_count, FIRST_CAPACITY), true);
	}
	return work;
}

void
dupex_spend_work_add(DupexSpendWork *work, const DupexSpendRow *row)
{
	if (work->counts->row_count == work->counts->capacity)
		make_room(work);
	work->counts->rows[work->counts->row_count++] = *row;
}

Datum
dupex_spend_work_return(const DupexSpendWork *work)
{
	return work->table ? dupex_large_state_working(&work->table->large) : PointerGetDatum(work->counts);
}
