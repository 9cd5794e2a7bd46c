/*
 * pg_counts.c
 *		The aggregate purchase_counts_agg and its relatives: from rows (x, t_x, T) to the state
 *		purchase_counts that all models of purchases are fitted to.
 *
 * The state is flat: while an aggregate works on it, it has room for more rows and a hash table
 * behind them, and both double when they are full. (One memory context a group, which an
 * expanded object needs, would make many groups slow.) The final function sorts the rows and
 * drops the slack. What comes from a table or through a partial aggregate may be of either form;
 * text, binary form and models see the sorted one only, so that the same rows give the same
 * bytes by whatever plan.
 */
#include "dupex.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "value/pg_value.h"
#include "value/pg_counts.h"
#include "state/pg_state.h"

/* room for one row: with a million groups most have few */
#define FIRST_SLOTS		2

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

/*
 * A customer's row that cannot be: 22023, and which one. What can be done about it depends on
 * whether rows are collected, or a model is asked of one.
 */
void
dupex_purchase_complain(DupexPurchaseStatus status, double frequency, double recency, double age, double weight,
						bool is_collecting)
{
	const char *detail = NULL;

	switch (status)
	{
		case DUPEX_PURCHASE_OK:
		case DUPEX_PURCHASE_NOT_FINITE:
			detail = "All numbers must be finite.";
			break;
		case DUPEX_PURCHASE_NEGATIVE:
			detail = "Neither frequency nor times are negative.";
			break;
		case DUPEX_PURCHASE_NOT_WHOLE:
			detail = "Frequency is the number of repeat purchases, a whole number.";
			break;
		case DUPEX_PURCHASE_TOO_OFTEN:
			detail = "Frequency goes up to 4294967295.";
			break;
		case DUPEX_PURCHASE_LATE:
			detail = "Recency, the time from the first to the last purchase, is after the age, the time from the first purchase to the end of observation.";
			break;
		case DUPEX_PURCHASE_NEVER_AGAIN:
			detail = "Without a repeat purchase recency is 0.";
			break;
		case DUPEX_PURCHASE_AT_ONCE:
			detail = "With a repeat purchase recency is above 0: purchases at the time of the first are part of the first.";
			break;
		case DUPEX_PURCHASE_WEIGHT:
			detail = "A weight is a number of customers, from 0 to 2^52.";
			break;
	}
	if (status == DUPEX_PURCHASE_WEIGHT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("impossible weight %g of row: frequency %g, recency %g, age %g", weight, frequency, recency, age),
				 errdetail("%s", detail),
				 errhint("purchase_counts_possible_agg() leaves such rows out and counts them.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("impossible customer: frequency %g, recency %g, age %g", frequency, recency, age),
			 errdetail("%s", detail),
			 is_collecting
			 ? errhint("purchase_summary() makes possible ones of orders; purchase_is_possible() tells which rows are, and purchase_counts_possible_agg() leaves the others out and counts them.")
			 : errhint("purchase_summary() makes possible ones of orders; purchase_is_possible() tells which rows are.")));
	pg_unreachable();
}

/*
 * Interrupts come through; otherwise go on.
 */
bool
dupex_stop_by_interrupt(void *data)
{
	CHECK_FOR_INTERRUPTS();
	return false;
}

static void
complain_of_weight(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the weights of equal customers add up to more than 2^63")));
}

/*
 * The slots of a state that is worked on.
 */
static inline DupexPurchaseSlot *
slots_of(const DupexPurchaseCounts *counts)
{
	return (DupexPurchaseSlot *) (counts->rows + counts->capacity);
}

/*
 * A state with room for rows, and slots when slot_count is not 0.
 */
static DupexPurchaseCounts *
allocate(uint32 capacity, uint32 slot_count)
{
	Size		size = offsetof(DupexPurchaseCounts, rows) + (Size) capacity * sizeof(DupexPurchaseRow);
	DupexPurchaseCounts *counts;

	size += (Size) slot_count * sizeof(DupexPurchaseSlot);
	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many different customers for type %s", "purchase_counts"),
				 errdetail("%u rows of different frequency, recency and age need more than one gigabyte.", capacity),
				 errhint("Round the times to whole days or weeks, or fit to a random part of the customers.")));
	counts = palloc(size);
	memset(counts, 0, offsetof(DupexPurchaseCounts, rows));
	SET_VARSIZE(counts, size);
	counts->version = DUPEX_PURCHASE_COUNTS_VERSION;
	counts->is_working = slot_count > 0;
	counts->capacity = capacity;
	counts->slot_count = slot_count;
	if (slot_count > 0)
		memset(slots_of(counts), 0, slot_count * sizeof(DupexPurchaseSlot));
	return counts;
}

/*
 * A stored state without rows, for those who fill it in order.
 */
DupexPurchaseCounts *
dupex_purchase_counts_allocate(uint32 row_count)
{
	DupexPurchaseCounts *counts = allocate(row_count, 0);

	counts->row_count = row_count;
	return counts;
}

/*
 * A state to work on that has the rows of another one, and room for one more at least.
 */
static DupexPurchaseCounts *
make_working(const DupexPurchaseCounts *from)
{
	uint64		slot_count = FIRST_SLOTS;
	DupexPurchaseCounts *counts;

	while (slot_count * 3 / 4 <= from->row_count)
		slot_count *= 2;
	if (slot_count > PG_UINT32_MAX / 2)
		slot_count = PG_UINT32_MAX / 2 + 1;
	counts = allocate((uint32) (slot_count * 3 / 4), (uint32) slot_count);
	counts->nulls = from->nulls;
	counts->impossible = from->impossible;
	if (from->is_working)
	{
		memcpy(counts->rows, from->rows, from->row_count * sizeof(DupexPurchaseRow));
		counts->row_count = from->row_count;
		dupex_purchase_table_index(slots_of(from), from->slot_count, slots_of(counts), counts->slot_count);
		return counts;
	}
	for (uint32 i = 0; i < from->row_count; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!dupex_purchase_table_add(counts->rows, &counts->row_count, slots_of(counts), counts->slot_count, &from->rows[i]))
			complain_of_weight();
	}
	return counts;
}

/*
 * The rows of a state in order, without slack: what is stored.
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

/*
 * Brings rows that stand in any order, equal ones several times, into the stored form. False
 * when a weight goes beyond 63 bits.
 */
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
	SET_VARSIZE(counts, offsetof(DupexPurchaseCounts, rows) + counts->row_count * sizeof(DupexPurchaseRow));
	return true;
}

/*
 * A state from a datum, in whatever form it is.
 */
static DupexPurchaseCounts *
counts_of_datum(Datum datum)
{
	DupexPurchaseCounts *counts = (DupexPurchaseCounts *) PG_DETOAST_DATUM(datum);

	dupex_state_check_version("purchase_counts", counts->version, DUPEX_PURCHASE_COUNTS_VERSION);
	return counts;
}

const DupexPurchaseCounts *
dupex_purchase_counts_argument(FunctionCallInfo fcinfo, int n)
{
	DupexPurchaseCounts *counts = counts_of_datum(PG_GETARG_DATUM(n));

	return counts->is_working ? make_stored(counts) : counts;
}

/*
 * The state that a transition function may change, in working form: its first argument where an
 * aggregate calls, else a copy; a new one where it is NULL.
 */
static DupexPurchaseCounts *
own_state(FunctionCallInfo fcinfo)
{
	DupexPurchaseCounts *counts;

	if (PG_ARGISNULL(0))
		return allocate(FIRST_SLOTS * 3 / 4, FIRST_SLOTS);
	counts = counts_of_datum(PG_GETARG_DATUM(0));
	if (counts->is_working && AggCheckCallContext(fcinfo, NULL))
		return counts;
	return make_working(counts);
}

/*
 * Adds a row to a state in working form, which may move.
 */
static DupexPurchaseCounts *
add_row(DupexPurchaseCounts *counts, const DupexPurchaseRow *row)
{
	if (counts->row_count == counts->capacity)
		counts = make_working(counts);
	if (!dupex_purchase_table_add(counts->rows, &counts->row_count, slots_of(counts), counts->slot_count, row))
		complain_of_weight();
	return counts;
}

/*
 * The transition of both aggregates. A row with a NULL is left out and counted; one that cannot
 * be is an error, or left out and counted too.
 */
static Datum
transition(FunctionCallInfo fcinfo, bool skip_impossible)
{
	DupexPurchaseCounts *counts = own_state(fcinfo);
	DupexPurchaseStatus status;
	DupexPurchaseRow row;
	double		value[4];

	for (int i = 0; i < 4; i++)
	{
		if (PG_ARGISNULL(i + 1))
		{
			counts->nulls++;
			PG_RETURN_POINTER(counts);
		}
		value[i] = PG_GETARG_FLOAT8(i + 1);
	}
	status = dupex_purchase_row_make(value[0], value[1], value[2], value[3], &row);
	if (status != DUPEX_PURCHASE_OK)
	{
		if (!skip_impossible)
			dupex_purchase_complain(status, value[0], value[1], value[2], value[3], true);
		counts->impossible++;
	}
	else if (row.weight_whole > 0 || row.weight_fraction > 0)
		counts = add_row(counts, &row);
	PG_RETURN_POINTER(counts);
}

PG_FUNCTION_INFO_V1(dupex_purchase_counts_add);
Datum
dupex_purchase_counts_add(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, false);
}

PG_FUNCTION_INFO_V1(dupex_purchase_counts_add_possible);
Datum
dupex_purchase_counts_add_possible(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, true);
}

/*
 * The transition of rollup() and the combine function of the aggregates. NULL on either side
 * adds nothing. The second argument is never changed.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_combine);
Datum
dupex_purchase_counts_combine(PG_FUNCTION_ARGS)
{
	DupexPurchaseCounts *counts;
	DupexPurchaseCounts *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(own_state(fcinfo));
	}
	other = counts_of_datum(PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(make_working(other));
	counts = own_state(fcinfo);
	counts->nulls += other->nulls;
	counts->impossible += other->impossible;
	for (uint32 i = 0; i < other->row_count; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		counts = add_row(counts, &other->rows[i]);
	}
	PG_RETURN_POINTER(counts);
}

/*
 * The final function: the stored form; NULL where there is no row.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_final);
Datum
dupex_purchase_counts_final(PG_FUNCTION_ARGS)
{
	DupexPurchaseCounts *counts;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	counts = counts_of_datum(PG_GETARG_DATUM(0));
	if (counts->row_count == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(counts->is_working ? make_stored(counts) : counts);
}

/*
 * purchase_counts_customers(counts): the sum of the weights.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_customers);
Datum
dupex_purchase_counts_customers(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);

	PG_RETURN_FLOAT8(dupex_purchase_customers(counts->rows, counts->row_count));
}

/*
 * purchase_counts_skipped(counts): rows left out for a NULL, and because they cannot be.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_skipped);
Datum
dupex_purchase_counts_skipped(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	TupleDesc	description;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "result type is not a row");
	values[0] = Int64GetDatum(counts->nulls);
	values[1] = Int64GetDatum(counts->impossible);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls)));
}

/*
 * purchase_counts_rows(counts): the rows, in order.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_rows);
Datum
dupex_purchase_counts_rows(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	const DupexPurchaseCounts *counts;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		TupleDesc	description;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		counts = (const DupexPurchaseCounts *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
		if (counts->is_working)
			counts = make_stored(counts);
		context->user_fctx = unconstify(DupexPurchaseCounts *, counts);
		if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "result type is not a row");
		context->tuple_desc = BlessTupleDesc(description);
		MemoryContextSwitchTo(old);
	}
	context = SRF_PERCALL_SETUP();
	counts = context->user_fctx;
	if (context->call_cntr < counts->row_count)
	{
		const DupexPurchaseRow *row = &counts->rows[context->call_cntr];
		Datum		values[4];
		bool		nulls[4] = {false, false, false, false};

		values[0] = Float8GetDatum(row->frequency);
		values[1] = Float8GetDatum(row->recency);
		values[2] = Float8GetDatum(row->age);
		values[3] = Float8GetDatum(dupex_purchase_weight(row));
		SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(context->tuple_desc, values, nulls)));
	}
	SRF_RETURN_DONE(context);
}

/*
 * purchase_is_possible(frequency, recency, age): whether models take the row.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_is_possible);
Datum
dupex_purchase_is_possible(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_purchase_check(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2)) == DUPEX_PURCHASE_OK);
}
