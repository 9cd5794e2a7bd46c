/*
 * pg_cohort_table.c
 *		cohort_table(): a query of events in, the triangle of its cohorts out.
 *
 * The rows of each person are put together within work_mem, and in temporary files beyond it
 * (runner/pg_people.h), and counted person by person (pg_cohort_count.c). What is kept to the end
 * is the triangle only.
 */
#include "dupex.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/plancache.h"
#include "utils/timestamp.h"

#include "journey/pg_cohort.h"
#include "ratio/er.h"
#include "ratio/interval.h"
#include "runner/pg_people.h"
#include "runner/pg_rows.h"

#define RESULT_COLUMNS	12
#define MAX_COLUMNS		6

typedef struct CohortTable
{
	DupexCohortCount count;
	DupexZoneMemory zones;
	DupexBracket brackets[DUPEX_RETENTION_MAX_BRACKETS];
	float8		confidence;
	int32		max_periods;

	/* columns of the query, -1 where there is none */
	DupexQueryColumn columns[MAX_COLUMNS];
	int			column_count;
	int			value_no;
	int			group_no;
	int			start_no;
	int			return_no;

	DupexPeople *people;
	DupexWords *words;
	int			scale;			/* decimals of values */
	int32		cells;			/* rows a cohort */
} CohortTable;

/*
 * Finds out which columns a query has. Queries that are none are left to the runner to complain
 * of.
 */
static void
find_columns(CohortTable *table, text *sql)
{
	SPIPlanPtr	plan;
	List	   *sources;
	CachedPlanSource *source;

	table->columns[0] = (DupexQueryColumn)
	{
		"person", DUPEX_COLUMN_KEY, false
	};
	table->columns[1] = (DupexQueryColumn)
	{
		"at", DUPEX_COLUMN_TIME, false
	};
	table->column_count = 2;
	table->value_no = table->group_no = table->start_no = table->return_no = -1;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare(text_to_cstring(sql), 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	sources = SPI_plan_get_plan_sources(plan);
	source = list_length(sources) == 1 ? linitial(sources) : NULL;
	for (int i = 2; source && source->resultDesc && i < Min(source->resultDesc->natts, MAX_COLUMNS); i++)
	{
		Oid			type = getBaseType(TupleDescAttr(source->resultDesc, i)->atttypid);
		DupexQueryColumn column = {"group_value", DUPEX_COLUMN_TEXT, false};
		int		   *no = &table->group_no;

		if (type == BOOLOID)
		{
			no = table->start_no < 0 ? &table->start_no : &table->return_no;
			column = (DupexQueryColumn)
			{
				table->start_no < 0 ? "is_start" : "is_return", DUPEX_COLUMN_BOOLEAN, false
			};
		}
		else if (type == NUMERICOID || type == INT2OID || type == INT4OID || type == INT8OID || type == FLOAT4OID || type == FLOAT8OID)
		{
			no = &table->value_no;
			column = (DupexQueryColumn)
			{
				"value", DUPEX_COLUMN_NUMERIC, false
			};
		}
		if (*no >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column %d of the query of cohort_table is a second %s", i + 1, column.name),
					 errdetail("Behind person and time a number is the value, a text the group, a boolean tells the start, a second one the return."),
					 errhint("Leave it out.")));
		*no = i;
		table->columns[table->column_count++] = column;
	}
	SPI_finish();
}

/*
 * A numeric as whole and billionths; scale becomes as large as its decimals. Its binary form is its public one: base
 * 10,000 digits, the first of weight 10,000^weight. Raises 22003 for what does not fit.
 */
static void
amount_of_numeric(Datum numeric, DupexCohortEvent *event, int *scale)
{
	bytea	   *message = DatumGetByteaP(DirectFunctionCall1(numeric_send, numeric));
	const unsigned char *at = (const unsigned char *) VARDATA(message);
	int			digits = at[0] << 8 | at[1];
	int			weight = (int16) (at[2] << 8 | at[3]);
	int			sign = at[4] << 8 | at[5];
	int64		whole = 0;
	int64		billionths = 0;
	bool		fits = sign == 0 || sign == 0x4000;

	static const int64 units[] = {100000, 10};
	static const int64 decimals[] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};

	for (int i = 0; i < digits && fits; i++)
	{
		int			digit = at[8 + 2 * i] << 8 | at[9 + 2 * i];
		int			exponent = weight - i;

		if (exponent >= 0)
		{
			fits = whole < DUPEX_AMOUNT_LIMIT / 10000;
			whole = fits ? whole * 10000 + digit : 0;
		}
		else if (exponent >= -2)
			billionths += digit * units[-exponent - 1];
		else
		{
			fits = exponent == -3 && digit % 1000 == 0;
			billionths += digit / 1000;
		}
	}
	/* zeros at the end are not written */
	for (int i = digits; i <= weight && fits; i++)
	{
		fits = whole < DUPEX_AMOUNT_LIMIT / 10000;
		whole *= fits ? 10000 : 0;
	}
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value %.60s is out of range for cohort_table", DatumGetCString(DirectFunctionCall1(numeric_out, numeric))),
				 errdetail("It is a number of up to %d digits before and %d behind the decimal point.", DUPEX_AMOUNT_DIGITS, DUPEX_AMOUNT_DECIMALS),
				 errhint("Round it first, such as with round(amount, 4).")));
	event->whole = sign ? -whole : whole;
	event->billionths = (int32) (sign ? -billionths : billionths);
	/* as many decimals as the value with the most of them needs */
	while (billionths % decimals[*scale] != 0)
		++* scale;
}

/*
 * A row of the query. Rows without person or time are no events.
 */
static void
take_row(void *state, const Datum *values, const bool *nulls)
{
	CohortTable *table = state;
	DupexCohortEvent event = {0};

	if (nulls[0] || nulls[1])
		return;
	event.at = DatumGetTimestampTz(values[1]);
	dupex_check_moment(event.at, "time of an event");
	if (table->value_no >= 0 && !nulls[table->value_no])
		amount_of_numeric(values[table->value_no], &event, &table->scale);
	if (table->start_no < 0 || (!nulls[table->start_no] && DatumGetBool(values[table->start_no])))
		event.mark |= DUPEX_EVENT_STARTS;
	if (table->return_no >= 0 ? !nulls[table->return_no] && DatumGetBool(values[table->return_no])
		: table->start_no < 0 || !(event.mark & DUPEX_EVENT_STARTS))
		event.mark |= DUPEX_EVENT_RETURNS;
	if (event.mark == 0)
		return;
	if (table->group_no >= 0 && !nulls[table->group_no] && event.mark & DUPEX_EVENT_STARTS)
	{
		text	   *group = DatumGetTextPP(values[table->group_no]);
		uint32		number = dupex_words_number(table->words, VARDATA_ANY(group), VARSIZE_ANY_EXHDR(group));

		if (number >= DUPEX_EVENT_MAX_GROUPS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many different groups")));
		event.mark |= (number + 1) << 2;
	}
	dupex_people_add(table->people, (const DupexQueryKey *) DatumGetPointer(values[0]), &event);
}

static void
take_person(void *state, const DupexQueryKey *key, void *events, uint32 count)
{
	dupex_cohort_person(state, events, count);
}

/*
 * Reads the arguments; raises 22004 where one that must be there is NULL.
 */
static void
take_arguments(FunctionCallInfo fcinfo, CohortTable *table)
{
	static const char *const names[] = {
		"query", "period", "zone", "observed_until", "mode", "brackets", "cohort_period", "entry", "max_periods", "week_start", "rolling", "confidence"
	};
	DupexCohortCount *count = &table->count;
	char	   *entry;

	for (int i = 0; i < (int) lengthof(names); i++)
		if (PG_ARGISNULL(i) && i != 5 && i != 6 && i != 8)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument %s of cohort_table is NULL", names[i]),
					 errhint("Only brackets, cohort_period and max_periods may be NULL.")));
	count->period.unit = dupex_period_unit_named(PG_GETARG_TEXT_PP(1));
	count->period.zone = dupex_zone_named(&table->zones, PG_GETARG_TEXT_PP(2));
	count->period.week_start = dupex_week_start_checked(PG_GETARG_INT32(9));
	count->period.is_rolling = PG_GETARG_BOOL(10);
	count->until = PG_GETARG_TIMESTAMPTZ(3);
	dupex_check_moment(count->until, "observed_until");
	count->cohort_period = count->period;
	count->cohort_period.is_rolling = false;
	if (!PG_ARGISNULL(6))
		count->cohort_period.unit = dupex_period_unit_named(PG_GETARG_TEXT_PP(6));
	else if (count->period.unit == DUPEX_PERIOD_HOUR)
		count->cohort_period.unit = DUPEX_PERIOD_DAY;
	if (count->cohort_period.unit == DUPEX_PERIOD_HOUR)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cohorts are of days, not of hours"),
				 errhint("Say day, week, month, quarter or year for cohort_period.")));
	count->cells.mode = dupex_retention_mode_named(PG_GETARG_TEXT_PP(4));
	count->cells.limit = DUPEX_RETENTION_MAX_CELLS + 1;
	if (!PG_ARGISNULL(5))
	{
		count->cells.bracket_count = dupex_brackets_of_text(PG_GETARG_TEXT_PP(5), count->cells.mode, table->brackets);
		count->cells.brackets = table->brackets;
	}
	entry = text_to_cstring(PG_GETARG_TEXT_PP(7));
	count->every = strcmp(entry, "every") == 0;
	if (!count->every && strcmp(entry, "first") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown entry: \"%.60s\"", entry),
				 errhint("It is first: the cohort of the first start, or every: each cohort with a start.")));
	if (!PG_ARGISNULL(8))
	{
		if (PG_GETARG_INT32(8) < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("max_periods is %d", PG_GETARG_INT32(8)),
					 errhint("It is how many periods to show, the first one being that of the start; NULL for all.")));
		count->cells.limit = Min(PG_GETARG_INT32(8), count->cells.limit);
	}
	table->confidence = PG_GETARG_FLOAT8(11);
	if (!(table->confidence > 0 && table->confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence %g is not between 0 and 1", table->confidence),
				 errhint("Say 0.95 for 95 percent.")));
}

/*
 * Reads all events and counts them.
 */
static void
count_cohorts(FunctionCallInfo fcinfo, CohortTable *table)
{
	DupexCohortCount *count = &table->count;
	text	   *sql = PG_GETARG_TEXT_PP(0);
	DupexQuery	query = {
		.function = "cohort_table",
		.returns = "(person bigint or text, at timestamptz [, value numeric] [, group_value text] [, is_start boolean [, is_return boolean]])",
		.row = take_row
	};

	find_columns(table, sql);
	query.columns = table->columns;
	query.count = table->column_count;
	count->has_money = table->value_no >= 0;
	count->event_size = table->column_count > 2 ? sizeof(DupexCohortEvent) : sizeof(int64);
	table->words = dupex_words_create(CurrentMemoryContext);
	table->people = dupex_people_create(CurrentMemoryContext, count->event_size);
	dupex_query_run(&query, sql, table);
	count->ranks = dupex_words_ranks(table->words);
	dupex_cohort_prepare(count, CurrentMemoryContext);
	dupex_people_each(table->people, take_person, count);
	dupex_people_free(table->people);
	table->cells = dupex_cohort_finish(count);
	if (count->cells.bracket_count > 0)
		table->cells = Min(count->cells.bracket_count, count->cells.limit);
	table->cells = Max(table->cells, 1);
}

/*
 * A sum of money as a numeric with so many decimals.
 */
static Datum
numeric_of_money(DupexMoney money, int scale)
{
	char		string[64];
	int64		whole = money.whole + money.billionths / DUPEX_BILLION;
	int64		billionths = money.billionths % DUPEX_BILLION;
	bool		is_negative;

	if (whole > 0 && billionths < 0)
	{
		whole--;
		billionths += DUPEX_BILLION;
	}
	else if (whole < 0 && billionths > 0)
	{
		whole++;
		billionths -= DUPEX_BILLION;
	}
	is_negative = whole < 0 || billionths < 0;
	snprintf(string, sizeof(string), "%s" UINT64_FORMAT ".%09d", is_negative ? "-" : "",
			 is_negative ? (uint64) 0 - (uint64) whole : (uint64) whole, (int) (is_negative ? -billionths : billionths));
	string[strlen(string) - (DUPEX_AMOUNT_DECIMALS - scale) - (scale == 0)] = '\0';
	return DirectFunctionCall3(numeric_in, CStringGetDatum(string), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/*
 * Row number cell of a cohort.
 */
static HeapTuple
make_row(const CohortTable *table, TupleDesc type, const DupexCohort *cohort, int32 cell)
{
	const DupexCohortCount *count = &table->count;
	DupexRetentionCell none = {0};
	const DupexRetentionCell *found = cell < cohort->capacity ? &cohort->sums[cell] : &none;
	int32		first = count->cells.bracket_count > 0 ? count->cells.brackets[cell].first : cell;
	int32		last = count->cells.bracket_count > 0 ? count->cells.brackets[cell].last
	: count->cells.mode == DUPEX_RETENTION_ON_OR_AFTER ? -1 : cell;
	Datum		values[RESULT_COLUMNS] = {0};
	bool		nulls[RESULT_COLUMNS] = {false, false, false, true, true, true, false, false, true, true, true, true};

	values[0] = DateADTGetDatum((DateADT) dupex_period_first_day(count->cohort_period.unit, count->cohort_period.week_start, cohort->period));
	values[1] = Int32GetDatum(first);
	values[2] = Int64GetDatum(cohort->size);
	values[6] = Int32GetDatum(last);
	nulls[6] = last == -1;
	values[7] = Int64GetDatum(found->observed);
	if (found->observed > 0)
	{
		DupexRate	rate = {found->people, found->observed};
		DupexInterval interval = dupex_rate_interval(rate, table->confidence, DUPEX_INTERVAL_WILSON);

		nulls[3] = nulls[4] = nulls[8] = nulls[9] = false;
		values[3] = Int64GetDatum(found->people);
		values[4] = Float8GetDatum((double) found->people / (double) found->observed);
		if (count->has_money)
		{
			nulls[5] = false;
			values[5] = numeric_of_money(cohort->values[cell], table->scale);
		}
		values[8] = Float8GetDatum(interval.lower);
		values[9] = Float8GetDatum(interval.upper);
		nulls[10] = found->before == 0;
		values[10] = Float8GetDatum(nulls[10] ? 0 : (double) found->people / (double) found->before);
	}
	if (cohort->group > 0)
	{
		nulls[11] = false;
		values[11] = PointerGetDatum(dupex_words_text(table->words, cohort->group - 1));
	}
	return heap_form_tuple(type, values, nulls);
}

/*
 * cohort_table(query, period, ...): the first call counts, and each makes a row.
 */
PG_FUNCTION_INFO_V1(dupex_cohort_table);
Datum
dupex_cohort_table(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	CohortTable *table;
	uint64		cohort;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext before;

		context = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->tuple_desc = dupex_row_type(fcinfo, RESULT_COLUMNS);
		table = palloc0(sizeof(CohortTable));
		take_arguments(fcinfo, table);
		count_cohorts(fcinfo, table);
		context->user_fctx = table;
		MemoryContextSwitchTo(before);
	}
	context = SRF_PERCALL_SETUP();
	table = context->user_fctx;
	cohort = context->call_cntr / (uint64) table->cells;
	if (cohort < table->count.cohort_count)
	{
		HeapTuple	row = make_row(table, context->tuple_desc, &table->count.cohorts[cohort], (int32) (context->call_cntr % (uint64) table->cells));

		SRF_RETURN_NEXT(context, HeapTupleGetDatum(row));
	}
	SRF_RETURN_DONE(context);
}
