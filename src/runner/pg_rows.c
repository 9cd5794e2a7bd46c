/*
 * pg_rows.c
 *		Functions that return a row, or a few rows.
 *
 * Of a few rows the first call makes all, and the others hand them out one by one: for tables of
 * bins and reasons, not for as many rows as there are data (pg_store.h).
 */
#include "runner/pg_rows.h"

/*
 * The row type of a function's result, which has so many columns, in the current memory context.
 */
TupleDesc
dupex_row_type(FunctionCallInfo fcinfo, int columns)
{
	TupleDesc	type;

	if (get_call_result_type(fcinfo, NULL, &type) != TYPEFUNC_COMPOSITE || type->natts != columns)
		elog(ERROR, "a function is declared with other columns than %d", columns);
	return BlessTupleDesc(type);
}

/*
 * The same, looked up once for an expression, since that costs more than most rows. For functions
 * that keep nothing else in fn_extra.
 */
TupleDesc
dupex_row_type_once(FunctionCallInfo fcinfo, int columns)
{
	MemoryContext before;

	if (fcinfo->flinfo->fn_extra == NULL)
	{
		before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = dupex_row_type(fcinfo, columns);
		MemoryContextSwitchTo(before);
	}
	return fcinfo->flinfo->fn_extra;
}

/*
 * Body of a set-returning function: fill makes the rows at the first call.
 */
Datum
dupex_rows_return(FunctionCallInfo fcinfo, int columns,
				  void (*fill) (FunctionCallInfo fcinfo, DupexRows *rows))
{
	FuncCallContext *context;
	DupexRows  *rows;
	HeapTuple	row;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext before;

		context = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		rows = palloc0(sizeof(DupexRows));
		rows->type = dupex_row_type(fcinfo, columns);
		context->user_fctx = rows;
		fill(fcinfo, rows);
		MemoryContextSwitchTo(before);
	}
	context = SRF_PERCALL_SETUP();
	rows = context->user_fctx;
	if (context->call_cntr >= rows->count)
		SRF_RETURN_DONE(context);
	/* the macro counts the call before it looks at the row */
	row = rows->rows[context->call_cntr];
	SRF_RETURN_NEXT(context, HeapTupleGetDatum(row));
}

/*
 * One more row.
 */
void
dupex_rows_add(DupexRows *rows, Datum *values, bool *nulls)
{
	if (rows->count == rows->capacity)
	{
		rows->capacity = rows->capacity == 0 ? 16 : 2 * rows->capacity;
		rows->rows = rows->rows == NULL ? palloc(rows->capacity * sizeof(HeapTuple))
			: repalloc(rows->rows, rows->capacity * sizeof(HeapTuple));
	}
	rows->rows[rows->count++] = heap_form_tuple(rows->type, values, nulls);
}
