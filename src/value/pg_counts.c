/*
 * pg_counts.c
 *		The aggregate purchase_counts_agg and its relatives: from rows (x, t_x, T) to the state
 *		purchase_counts that all models of purchases are fitted to.
 *
 * pg_counts_work.c holds the state while it grows, in one of two forms; what comes from a table or
 * through a partial aggregate may be of the flat one. Text, binary form and models see the rows
 * sorted and without slack only, so that the same rows give the same bytes by whatever plan.
 */
#include "dupex.h"

#include "funcapi.h"
#include "miscadmin.h"

#include "runner/pg_rows.h"
#include "value/pg_value.h"
#include "value/pg_counts.h"
#include "value/pg_left_out.h"

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
				 errhint("purchase_counts_possible_agg() and, for periods, bgbb_possible_agg() leave such rows out and count them.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("impossible customer: frequency %g, recency %g, age %g", frequency, recency, age),
			 errdetail("%s", detail),
			 is_collecting
			 ? errhint("purchase_summary() makes possible ones of orders; purchase_is_possible() tells which rows are, and purchase_counts_possible_agg() leaves the others out and counts them.")
			 : errhint("purchase_summary() makes possible ones of orders; purchase_is_possible() tells which rows are.")));
	pg_unreachable();
}

Datum
dupex_purchase_counts_leave_out(FunctionCallInfo fcinfo, bool is_null)
{
	DupexPurchaseWork work = dupex_purchase_work_of_call(fcinfo);

	if (is_null)
		work.counts->nulls = dupex_left_out_add(work.counts->nulls, 1);
	else
		work.counts->impossible = dupex_left_out_add(work.counts->impossible, 1);
	return dupex_purchase_work_return(&work);
}

Datum
dupex_purchase_counts_take(FunctionCallInfo fcinfo, double frequency, double recency, double age, double weight,
						   bool skip_impossible)
{
	DupexPurchaseRow row;
	DupexPurchaseStatus status = dupex_purchase_row_make(frequency, recency, age, weight, &row);
	DupexPurchaseWork work;

	if (status != DUPEX_PURCHASE_OK)
	{
		if (!skip_impossible)
			dupex_purchase_complain(status, frequency, recency, age, weight, true);
		return dupex_purchase_counts_leave_out(fcinfo, false);
	}
	work = dupex_purchase_work_of_call(fcinfo);
	if (row.weight_whole > 0 || row.weight_fraction > 0)
		dupex_purchase_work_add(&work, &row);
	return dupex_purchase_work_return(&work);
}

/*
 * The transition of both aggregates. A row with a NULL is left out and counted; one that cannot
 * be is an error, or left out and counted too.
 */
static Datum
transition(FunctionCallInfo fcinfo, bool skip_impossible)
{
	for (int i = 1; i <= 4; i++)
		if (PG_ARGISNULL(i))
			return dupex_purchase_counts_leave_out(fcinfo, true);
	return dupex_purchase_counts_take(fcinfo, PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3),
									  PG_GETARG_FLOAT8(4), skip_impossible);
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
	DupexPurchaseWork work;
	const DupexPurchaseCounts *other;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
	{
		work = dupex_purchase_work_of_call(fcinfo);
		return dupex_purchase_work_return(&work);
	}
	other = dupex_purchase_counts_in_any_form(PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
	{
		work = dupex_purchase_work_of_copy(fcinfo, other);
		return dupex_purchase_work_return(&work);
	}
	work = dupex_purchase_work_of_call(fcinfo);
	work.counts->nulls = dupex_left_out_add(work.counts->nulls, other->nulls);
	work.counts->impossible = dupex_left_out_add(work.counts->impossible, other->impossible);
	for (uint32 i = 0; i < other->row_count; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		dupex_purchase_work_add(&work, &other->rows[i]);
	}
	return dupex_purchase_work_return(&work);
}

/*
 * The final function: the stored form; NULL where nothing came. What was left out counts when
 * this is rolled up, so it is kept also where all was.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_final);
Datum
dupex_purchase_counts_final(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	counts = dupex_purchase_counts_in_any_form(PG_GETARG_DATUM(0));
	if (counts->row_count == 0 && counts->nulls == 0 && counts->impossible == 0)
		PG_RETURN_NULL();
	return dupex_purchase_counts_finish(PG_GETARG_DATUM(0));
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
	Datum		values[2];
	bool		nulls[2] = {false, false};

	values[0] = Int64GetDatum(counts->nulls);
	values[1] = Int64GetDatum(counts->impossible);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, 2), values, nulls)));
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

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->user_fctx = dupex_purchase_counts_copy(PG_GETARG_DATUM(0));
		context->tuple_desc = dupex_row_type(fcinfo, 4);
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
