/*
 * pg_store.c
 *		Functions that return many rows: into a store that goes to disk beyond work_mem.
 *
 *	dupex_store_open(fcinfo, COLUMNS, &store);
 *	tuplestore_putvalues(store.rows, store.type, values, nulls);	for each row
 *	return (Datum) 0;
 *
 * pg_rows.h is for one row and for a few.
 */
#include "runner/pg_store.h"

#include "miscadmin.h"

/*
 * Opens the store that the caller of a set-returning function reads. It outlives the call.
 */
void
dupex_store_open(FunctionCallInfo fcinfo, int columns, DupexStore *store)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext before;
	TupleDesc	type;

	if (result == NULL || !IsA(result, ReturnSetInfo) || (result->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a function that returns a set was called where none can be taken")));

	/*
	 * made anew for each call, so it must not stay as long as the query,
	 * which may call very often
	 */
	if (get_call_result_type(fcinfo, NULL, &type) != TYPEFUNC_COMPOSITE || type->natts != columns)
		elog(ERROR, "a function is declared with other columns than %d", columns);
	before = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
	store->type = CreateTupleDescCopy(type);
	store->rows = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0, false, work_mem);
	result->returnMode = SFRM_Materialize;
	result->setResult = store->rows;
	result->setDesc = store->type;
	MemoryContextSwitchTo(before);
}
