/*
 * pg_rows.c
 *		Functions that return a few rows.
 *
 * The first call makes all rows, the others hand them out one by one. For tables of bins and
 * reasons, not for as many rows as there are data.
 */
#include "score/pg_rows.h"

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
		TupleDesc	type;

		context = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &type) != TYPEFUNC_COMPOSITE || type->natts != columns)
			elog(ERROR, "a function is declared with other columns than %d", columns);
		rows = palloc0(sizeof(DupexRows));
		rows->type = BlessTupleDesc(type);
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
