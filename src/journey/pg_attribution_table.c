/*
 * pg_attribution_table.c
 *		attribution_table(): the rules of attribution over a query of touches and conversions.
 *
 * The rows of each person are put together (pg_people.h), walked over like a journey, and what each
 * channel gets is added up at once: no row for a touch is ever made.
 */
#include "dupex.h"

#include "common/int.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "journey/pg_attribution.h"
#include "runner/pg_people.h"
#include "runner/pg_words.h"
#include "runner/pg_rows.h"

#define BILLION			INT64CONST(1000000000)
#define LABEL_SIZE		(DUPEX_NAME_BYTES + 16)

/*
 * A touch, milestone or conversion as it is kept: the number of a name, or a value.
 */
typedef struct Record
{
	int64		at;
	int64		what;
	uint8		kind;			/* DupexStepKind */
	uint8		scale;
} Record;

/*
 * What one channel got of one model: exactly.
 */
typedef struct Total
{
	int64		weight;			/* billionths */
	int64		whole;
	int64		billionths;		/* of the same sign as whole, or 0 */
	bool		is_there;
} Total;

typedef struct Table
{
	DupexAttributionQuestion *question;
	int			columns;
	DupexPeople *people;
	DupexWords *names;
	uint32	   *ranks;			/* of names by bytes */
	bool	   *is_ignored;		/* by rank */
	bool	   *is_milestone;	/* by rank */
	uint32	   *number_of_rank;
	DupexWords *labels;			/* of counted touches; NULL: labels are ranks */
	int			decimals;		/* most of any value */
	uint32		capacity;		/* labels that each model has room for */
	Total	   *totals[DUPEX_MODELS];
	Total		untouched[DUPEX_MODELS];

	/* of one person, used again */
	uint32		room;
	DupexAttributionFacts facts;
} Table;

/*
 * Order of records: as that of the steps of a journey; names have become ranks.
 */
static inline int
compare_records(const Record *a, const Record *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->what < b->what ? -1 : a->what > b->what;
}

#define ST_SORT sort_records
#define ST_ELEMENT_TYPE Record
#define ST_COMPARE(a, b) compare_records(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static const DupexQueryColumn columns[] = {
	{"person", DUPEX_COLUMN_KEY},
	{"time", DUPEX_COLUMN_TIME},
	{"channel", DUPEX_COLUMN_TEXT},
	{"value", DUPEX_COLUMN_NUMERIC},
	{"milestone", DUPEX_COLUMN_TEXT,.is_optional = true}
};

static void
start(void *state, int count, bool key_is_text)
{
	((Table *) state)->columns = count;
}

static void
keep_name(Table *table, const DupexQueryKey *key, int64 at, DupexStepKind kind, Datum name)
{
	text	   *word = DatumGetTextPP(name);
	Record		record = {at, 0, (uint8) kind, 0};

	if (VARSIZE_ANY_EXHDR(word) > DUPEX_NAME_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("name too long: \"%.60s...\"", text_to_cstring(word)),
				 errdetail("The name of a channel or milestone has up to %d bytes.", DUPEX_NAME_BYTES)));
	record.what = dupex_words_number(table->names, VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));
	dupex_people_add(table->people, key, &record);
}

static void
keep_value(Table *table, const DupexQueryKey *key, int64 at, Datum numeric)
{
	char	   *str = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
	Record		record = {at, 0, DUPEX_STEP_CONVERSION, 0};
	DupexValue	value;

	if (dupex_value_parse(str, strlen(str), &value) != DUPEX_VALUE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value %.60s is out of range", str),
				 errdetail("The value of a conversion is a number of up to %d digits, at most %d of them decimals.", DUPEX_VALUE_DIGITS, DUPEX_VALUE_DECIMALS),
				 errhint("Round it first, such as with round(value, 4).")));
	record.what = value.mantissa;
	record.scale = (uint8) value.scale;
	dupex_people_add(table->people, key, &record);
}

/*
 * One row of the query, as journey_milestone_agg() takes it. A row without person or time is left
 * out, as are steps after as_of.
 */
static void
keep_row(void *state, const Datum *values, const bool *nulls)
{
	Table	   *table = state;
	const DupexQueryKey *key = (const DupexQueryKey *) DatumGetPointer(values[0]);
	TimestampTz at;

	if (nulls[0] || nulls[1])
		return;
	at = DatumGetTimestampTz(values[1]);
	if (at < DUPEX_FIRST_TIME || at >= DUPEX_END_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a step of a journey at %s", TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : TIMESTAMP_IS_NOEND(at) ? "infinity" : timestamptz_to_str(at)),
				 errdetail("Times of touches, milestones and conversions are in the years 1 to 9999."),
				 errhint("Leave out what has not happened; a row without time does not count.")));
	if (at > table->question->as_of)
		return;
	if (!nulls[2])
		keep_name(table, key, at, DUPEX_STEP_TOUCH, values[2]);
	if (!nulls[3])
		keep_value(table, key, at, values[3]);
	if (table->columns > 4 && !nulls[4])
		keep_name(table, key, at, DUPEX_STEP_MILESTONE, values[4]);
}

/*
 * What is known of names when all are there, by rank.
 */
static void
learn_names(Table *table)
{
	const DupexAttributionQuestion *question = table->question;
	uint32		count = dupex_words_count(table->names);

	table->ranks = dupex_words_ranks(table->names);
	table->number_of_rank = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) count + 1) * sizeof(uint32));
	table->is_ignored = MemoryContextAllocHuge(CurrentMemoryContext, (Size) count + 1);
	table->is_milestone = MemoryContextAllocHuge(CurrentMemoryContext, (Size) count + 1);
	for (uint32 number = 0; number < count; number++)
	{
		text	   *name = dupex_words_text(table->names, number);
		uint32		rank = table->ranks[number];

		table->number_of_rank[rank] = number;
		table->is_ignored[rank] = dupex_name_is_in(&question->ignored, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		table->is_milestone[rank] = question->all_milestones ||
			dupex_name_is_in(&question->milestones, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		pfree(name);
	}
	table->facts.name_count = count;
	for (int i = 0; i < question->transform_count; i++)
		if (question->transforms[i] == DUPEX_PATH_FREQUENCY && table->labels == NULL)
			table->labels = dupex_words_create(CurrentMemoryContext);
}

/*
 * The number that a touch is counted under.
 */
static uint32
label_number(Table *table, const DupexTouch *touch)
{
	text	   *name;
	char		label[LABEL_SIZE];
	int			length;
	uint32		number;

	if (table->labels == NULL)
		return touch->name;
	name = dupex_words_text(table->names, table->number_of_rank[touch->name]);
	length = snprintf(label, LABEL_SIZE, "%.*s(%u)", (int) VARSIZE_ANY_EXHDR(name), VARDATA_ANY(name), touch->times);
	number = dupex_words_number(table->labels, label, (Size) length);
	pfree(name);
	return number;
}

static Total *
total_of(Table *table, const DupexCredit *credit)
{
	uint32		label;

	if (credit->touch == NULL)
		return &table->untouched[credit->model];
	label = label_number(table, credit->touch);
	if (label >= table->capacity)
	{
		uint32		capacity = Max(64, 2 * label);

		for (int i = 0; i < table->question->model_count; i++)
		{
			Total	  **totals = &table->totals[table->question->models[i]];
			Total	   *larger = MemoryContextAllocExtended(table->question->memory, capacity * sizeof(Total), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

			if (table->capacity > 0)
			{
				memcpy(larger, *totals, table->capacity * sizeof(Total));
				pfree(*totals);
			}
			*totals = larger;
		}
		table->capacity = capacity;
	}
	return &table->totals[credit->model][label];
}

static const int64 powers_of_ten[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, BILLION
};

static void
add_credit(void *state, const DupexCredit *credit)
{
	Table	   *table = state;
	Total	   *total = total_of(table, credit);
	int64		unit = powers_of_ten[credit->decimals];

	table->decimals = Max(table->decimals, credit->decimals);
	total->is_there = true;
	total->billionths += credit->value % unit * (BILLION / unit);
	if (pg_add_s64_overflow(total->weight, credit->weight, &total->weight) ||
		pg_add_s64_overflow(total->whole, credit->value / unit + total->billionths / BILLION, &total->whole))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a sum of attribution is out of range"),
				 errhint("Use a larger unit of money, such as thousands.")));
	total->billionths %= BILLION;
}

/*
 * Memory for the facts of a person with so many records.
 */
static void
make_room(Table *table, uint32 count)
{
	DupexAttributionFacts *facts = &table->facts;

	if (count <= table->room)
		return;
	if (table->room > 0)
	{
		pfree(facts->touches);
		pfree(facts->conversions);
		pfree(facts->milestones);
	}
	table->room = Max(64, 2 * count);
	facts->touches = MemoryContextAllocHuge(table->question->memory, table->room * sizeof(DupexTouch));
	facts->conversions = MemoryContextAllocHuge(table->question->memory, table->room * sizeof(DupexConversion));
	facts->milestones = MemoryContextAllocHuge(table->question->memory, table->room * sizeof(DupexMilestone));
}

/*
 * All records of one person.
 */
static void
walk_person(void *state, const DupexQueryKey *key, void *all, uint32 count)
{
	Table	   *table = state;
	Record	   *records = all;
	DupexAttributionFacts *facts = &table->facts;
	bool		has_conversion = false;

	for (uint32 i = 0; i < count; i++)
		has_conversion = has_conversion || records[i].kind == DUPEX_STEP_CONVERSION;
	if (!has_conversion)
		return;
	for (uint32 i = 0; i < count; i++)
		if (records[i].kind != DUPEX_STEP_CONVERSION)
			records[i].what = table->ranks[records[i].what];
	sort_records(records, count);
	make_room(table, count);
	facts->touch_count = facts->conversion_count = facts->milestone_count = 0;
	for (uint32 i = 0; i < count; i++)
	{
		const Record *record = &records[i];

		if (record->kind == DUPEX_STEP_CONVERSION)
		{
			DupexConversion *conversion = &facts->conversions[facts->conversion_count++];

			conversion->at = record->at;
			conversion->value.mantissa = record->what;
			conversion->value.scale = record->scale;
		}
		else if (record->kind == DUPEX_STEP_TOUCH)
		{
			DupexTouch *touch = &facts->touches[facts->touch_count++];

			touch->at = record->at;
			touch->name = (uint32) record->what;
			touch->times = 0;
			touch->is_ignored = table->is_ignored[record->what];
		}
		else if (table->is_milestone[record->what])
		{
			facts->milestones[facts->milestone_count].at = record->at;
			facts->milestones[facts->milestone_count++].name = (uint32) record->what;
		}
	}
	dupex_attribution_walk(table->question, facts, add_credit, table);
}

/*
 * The exact value of a total, with as many decimals as all have.
 */
static Datum
value_of(const Total *total, int decimals)
{
	int64		unit = powers_of_ten[decimals];
	int64		billionths = total->billionths;
	int64		whole = total->whole;
	const char *sign;
	char	   *str;

	/* parts of different signs become alike */
	if (whole > 0 && billionths < 0)
	{
		whole--;
		billionths += BILLION;
	}
	else if (whole < 0 && billionths > 0)
	{
		whole++;
		billionths -= BILLION;
	}
	sign = whole < 0 || billionths < 0 ? "-" : "";
	if (decimals == 0)
		return NumericGetDatum(int64_to_numeric(whole));
	str = psprintf("%s" UINT64_FORMAT ".%0*d", sign, (uint64) (whole < 0 ? -whole : whole), decimals,
				   (int) ((billionths < 0 ? -billionths : billionths) / (BILLION / unit)));
	return DirectFunctionCall3(numeric_in, CStringGetDatum(str), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static void
add_row(const Table *table, DupexRows *rows, DupexAttributionModel model, text *channel, const Total *total)
{
	Datum		values[4];
	bool		nulls[4] = {false};

	if (!total->is_there)
		return;
	values[0] = CStringGetTextDatum(dupex_model_names[model]);
	values[1] = PointerGetDatum(channel);
	nulls[1] = channel == NULL;
	values[2] = NumericGetDatum(int64_div_fast_to_numeric(total->weight, DUPEX_VALUE_DECIMALS));
	values[3] = value_of(total, table->decimals);
	dupex_rows_add(rows, values, nulls);
}

/*
 * The rows: models in the order in which they were asked for, channels by their bytes, then what
 * nobody touched.
 */
static void
add_rows(const Table *table, DupexRows *rows)
{
	const DupexWords *words = table->labels ? table->labels : table->names;
	uint32		count = dupex_words_count(words);
	uint32	   *ranks = dupex_words_ranks(words);
	uint32	   *number_of_rank = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) count + 1) * sizeof(uint32));

	for (uint32 number = 0; number < count; number++)
		number_of_rank[ranks[number]] = number;
	for (int m = 0; m < table->question->model_count; m++)
	{
		DupexAttributionModel model = table->question->models[m];

		for (uint32 rank = 0; rank < count; rank++)
		{
			uint32		label = table->labels ? number_of_rank[rank] : rank;

			if (label < table->capacity)
				add_row(table, rows, model, dupex_words_text(words, number_of_rank[rank]), &table->totals[model][label]);
		}
		add_row(table, rows, model, NULL, &table->untouched[model]);
	}
}

static void
fill(FunctionCallInfo fcinfo, DupexRows *rows)
{
	static const DupexQuery query = {
		.function = "attribution_table",
		.returns = "(person bigint or text, at timestamptz, channel text, value numeric [, milestone text])",
		.columns = columns,
		.count = lengthof(columns),
		.start = start,
		.row = keep_row
	};
	Table		table = {dupex_attribution_question()};

	if (PG_ARGISNULL(0))
		return;
	dupex_models_argument(fcinfo, 1, table.question);
	dupex_window_arguments(fcinfo, 2, 3, 8, table.question);
	dupex_weight_arguments(fcinfo, 4, 7, 9, table.question);
	dupex_path_arguments(fcinfo, 5, 6, table.question);
	dupex_as_of_argument(fcinfo, 10, table.question);
	table.names = dupex_words_create(CurrentMemoryContext);
	table.people = dupex_people_create(CurrentMemoryContext, sizeof(Record));
	dupex_query_run(&query, PG_GETARG_TEXT_PP(0), &table);
	learn_names(&table);
	dupex_people_each(table.people, walk_person, &table);
	dupex_people_free(table.people);
	add_rows(&table, rows);
}

/*
 * attribution_table(query, models, lookback, max_touches, half_life, ignored, transforms,
 * milestones, since_conversion, decimals, as_of). No row for a NULL query.
 */
PG_FUNCTION_INFO_V1(dupex_attribution_table);
Datum
dupex_attribution_table(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 4, fill);
}
