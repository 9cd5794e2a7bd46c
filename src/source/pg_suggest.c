/*
 * pg_suggest.c
 *		source_suggest: registered codes ranked by their distance from a quoted
 *		one.
 */
#include "pg_source.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "runner/pg_rows.h"
#include "source/suggest.h"

/* columns of source_suggest */
enum
{
	SUGGEST_CODE,
	SUGGEST_DISTANCE,
	SUGGEST_REPAIR,
	SUGGEST_COLUMNS
};

/* how often a long search looks for a cancel request */
#define CANDIDATES_PER_CHECK 4096

/*
 * Considers all candidates; NULLs among them are passed over.
 */
static void
search(DupexSuggestions *suggestions, const DupexQuoted *quoted,
	   ArrayType *candidates, int32 max_results)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	Size		wanted;
	Size		capacity;

	deconstruct_array(candidates, ARR_ELEMTYPE(candidates), sizeof(int64),
					  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls,
					  &count);
	wanted = (Size) Min(max_results, count);
	capacity = add_size(mul_size(wanted, 2), 32);
	dupex_suggest_begin(suggestions, quoted,
						MemoryContextAllocHuge(CurrentMemoryContext,
											   mul_size(capacity, sizeof(DupexSuggestion))),
						capacity, wanted);
	for (int i = 0; i < count; i++)
	{
		if (i % CANDIDATES_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			dupex_suggest_offer(suggestions, DatumGetSourceCode(elements[i]));
	}
	dupex_suggest_finish(suggestions);
	pfree(elements);
	pfree(nulls);
}

/* what the calls that return the rows need */
typedef struct SuggestState
{
	DupexQuoted quoted;
	DupexSuggestions suggestions;
} SuggestState;

/*
 * The first call: does all the work. NULL quoted or candidates, or nothing
 * readable, give no rows; NULL max_results means all. 22023 for a negative one.
 */
static void
begin(FunctionCallInfo fcinfo, FuncCallContext *context)
{
	MemoryContext before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
	SuggestState *state = palloc0(sizeof(SuggestState));
	int32		max_results = PG_ARGISNULL(2) ? PG_INT32_MAX : PG_GETARG_INT32(2);

	if (max_results < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_results must not be negative: \"%d\"", max_results),
				 errdetail("It is the number of codes to suggest."),
				 errhint("Use NULL for all candidates.")));
	context->tuple_desc = dupex_row_type(fcinfo, SUGGEST_COLUMNS);
	context->user_fctx = state;
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
	{
		text	   *quoted = PG_GETARG_TEXT_PP(0);

		dupex_quoted_prepare(&state->quoted, VARDATA_ANY(quoted),
							 VARSIZE_ANY_EXHDR(quoted),
							 GetDatabaseEncoding() == PG_UTF8 ? NULL
							 : dupex_server_character_length);
		if (state->quoted.readable > 0)
			search(&state->suggestions, &state->quoted,
				   PG_GETARG_ARRAYTYPE_P(1), max_results);
	}
	MemoryContextSwitchTo(before);
}

/*
 * source_suggest(quoted, candidates, max_results): the nearest candidates, each
 * once, the nearest first, and in words what differs (NULL when nothing does).
 */
PG_FUNCTION_INFO_V1(dupex_source_suggest);
Datum
dupex_source_suggest(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	SuggestState *state;
	const DupexSuggestion *suggestion;
	Datum		values[SUGGEST_COLUMNS];
	bool		nulls[SUGGEST_COLUMNS] = {false};
	char		repair[400];

	if (SRF_IS_FIRSTCALL())
		begin(fcinfo, SRF_FIRSTCALL_INIT());
	context = SRF_PERCALL_SETUP();
	state = context->user_fctx;
	if (context->call_cntr >= state->suggestions.count)
		SRF_RETURN_DONE(context);
	suggestion = &state->suggestions.list[context->call_cntr];
	dupex_suggest_tell(&state->quoted, suggestion->code, repair, sizeof(repair));
	values[SUGGEST_CODE] = SourceCodeGetDatum(suggestion->code);
	values[SUGGEST_DISTANCE] = Float8GetDatum(suggestion->distance / 10.0);
	values[SUGGEST_REPAIR] = CStringGetTextDatum(repair);
	nulls[SUGGEST_REPAIR] = repair[0] == '\0';
	SRF_RETURN_NEXT(context,
					HeapTupleGetDatum(heap_form_tuple(context->tuple_desc,
													  values, nulls)));
}
