/*
 * pg_attribution_rows.c
 *		attribution() and attribution_paths(): what one journey says.
 */
#include "dupex.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "journey/pg_attribution.h"
#include "journey/pg_journey.h"
#include "runner/pg_store.h"

#define WEIGHT_DECIMALS		9

/* longest label of a path: a name and how often, such as mail(12) */
#define LABEL_SIZE			(DUPEX_NAME_BYTES + 16)

#define CREDIT_COLUMNS		6
#define PATH_COLUMNS		4

/*
 * Where rows go, and what they are made of.
 */
typedef struct RowStore
{
	DupexStore	store;
	MemoryContext row;			/* of one row */
	const DupexJourney *journey;
	Datum		models[DUPEX_MODELS];
} RowStore;

/*
 * Opens the store that the caller reads; its rows have so many columns.
 */
static void
open_rows(FunctionCallInfo fcinfo, int columns, RowStore *rows)
{
	dupex_store_open(fcinfo, columns, &rows->store);
	rows->row = AllocSetContextCreate(CurrentMemoryContext, "dupex row of attribution", ALLOCSET_SMALL_SIZES);
}

/*
 * The name of a touch's channel; behind it how often, where a transform counted.
 */
static Datum
label_of(const DupexJourney *journey, const DupexTouch *touch)
{
	char		label[LABEL_SIZE];
	size_t		length;
	const char *name = dupex_journey_name(journey, touch->name, &length);

	if (touch->times == 0)
		return PointerGetDatum(cstring_to_text_with_len(name, (int) length));
	memcpy(label, name, length);
	length += (size_t) snprintf(label + length, LABEL_SIZE - length, "(%u)", touch->times);
	return PointerGetDatum(cstring_to_text_with_len(label, (int) length));
}

static void
add_credit(void *state, const DupexCredit *credit)
{
	RowStore   *rows = state;
	MemoryContext before = MemoryContextSwitchTo(rows->row);
	Datum		values[CREDIT_COLUMNS] = {0};
	bool		nulls[CREDIT_COLUMNS] = {false};

	values[0] = rows->models[credit->model];
	if (credit->touch != NULL)
	{
		values[1] = label_of(rows->journey, credit->touch);
		values[4] = TimestampTzGetDatum(credit->touch->at);
	}
	nulls[1] = nulls[4] = credit->touch == NULL;
	values[2] = NumericGetDatum(int64_div_fast_to_numeric(credit->weight, WEIGHT_DECIMALS));
	values[3] = NumericGetDatum(int64_div_fast_to_numeric(credit->value, credit->decimals));
	values[5] = TimestampTzGetDatum(credit->converted_at);
	tuplestore_putvalues(rows->store.rows, rows->store.type, values, nulls);
	MemoryContextSwitchTo(before);
	MemoryContextReset(rows->row);
}

/*
 * attribution(journey, models, lookback, max_touches, half_life, ignored, transforms, milestones,
 * since_conversion, decimals, as_of): a row for each conversion, model and touch that gets
 * something. No row for a NULL journey.
 */
PG_FUNCTION_INFO_V1(dupex_attribution);
Datum
dupex_attribution(PG_FUNCTION_ARGS)
{
	RowStore	rows = {{NULL}};
	DupexAttributionQuestion *question = dupex_attribution_question();
	DupexAttributionFacts facts;

	open_rows(fcinfo, CREDIT_COLUMNS, &rows);
	dupex_models_argument(fcinfo, 1, question);
	dupex_window_arguments(fcinfo, 2, 3, 8, question);
	dupex_weight_arguments(fcinfo, 4, 7, 9, question);
	dupex_path_arguments(fcinfo, 5, 6, question);
	dupex_as_of_argument(fcinfo, 10, question);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	rows.journey = dupex_journey_of_datum(PG_GETARG_DATUM(0));
	for (int i = 0; i < question->model_count; i++)
		rows.models[question->models[i]] = CStringGetTextDatum(dupex_model_names[question->models[i]]);
	dupex_journey_facts(question, rows.journey, &facts);
	dupex_attribution_walk(question, &facts, add_credit, &rows);
	return (Datum) 0;
}

static void
add_path(void *state, const DupexPath *path)
{
	RowStore   *rows = state;
	MemoryContext before = MemoryContextSwitchTo(rows->row);
	Datum	   *labels = MemoryContextAllocHuge(rows->row, Max(path->count, 1) * sizeof(Datum));
	Datum		values[PATH_COLUMNS] = {0};
	bool		nulls[PATH_COLUMNS] = {false};

	for (uint32 i = 0; i < path->count; i++)
		labels[i] = label_of(rows->journey, &path->touches[i]);
	values[0] = PointerGetDatum(construct_array(labels, (int) path->count, TEXTOID, -1, false, TYPALIGN_INT));
	values[1] = Float8GetDatum(path->conversion != NULL);
	values[2] = Float8GetDatum(0);
	if (path->conversion != NULL)
	{
		char		str[DUPEX_VALUE_TEXT_SIZE];

		dupex_value_format(path->conversion->value, str);
		values[2] = DirectFunctionCall1(float8in, CStringGetDatum(str));
	}
	values[3] = Float8GetDatum(path->conversion == NULL);
	tuplestore_putvalues(rows->store.rows, rows->store.type, values, nulls);
	MemoryContextSwitchTo(before);
	MemoryContextReset(rows->row);
}

/*
 * attribution_paths(journey, lookback, max_touches, ignored, transforms, since_conversion,
 * as_of): a row for each conversion, and one for what has led to none so far.
 */
PG_FUNCTION_INFO_V1(dupex_attribution_paths);
Datum
dupex_attribution_paths(PG_FUNCTION_ARGS)
{
	RowStore	rows = {{NULL}};
	DupexAttributionQuestion *question = dupex_attribution_question();
	DupexAttributionFacts facts;

	open_rows(fcinfo, PATH_COLUMNS, &rows);
	dupex_window_arguments(fcinfo, 1, 2, 5, question);
	dupex_path_arguments(fcinfo, 3, 4, question);
	dupex_as_of_argument(fcinfo, 6, question);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	rows.journey = dupex_journey_of_datum(PG_GETARG_DATUM(0));
	dupex_journey_facts(question, rows.journey, &facts);
	dupex_path_walk(question, &facts, add_path, &rows);
	return (Datum) 0;
}
