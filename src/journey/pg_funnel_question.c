/*
 * pg_funnel_question.c
 *		What is asked of a funnel (window, steps, mode, entry, rules), and the functions that ask it
 *		of a stored state.
 */
#include "journey/pg_funnel.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "runner/pg_rows.h"
#include "runner/pg_stop.h"

/*
 * The arguments behind the state: within, step_count, mode, entry, rules.
 */
#define FIRST_QUESTION_ARGUMENT		1
#define QUESTION_ARGUMENTS			5

static int
find_word(const text *word, const char *const names[], int count)
{
	Size		length = VARSIZE_ANY_EXHDR(word);

	for (int i = 0; i < count; i++)
		if (strlen(names[i]) == length && memcmp(names[i], VARDATA_ANY(word), length) == 0)
			return i;
	return -1;
}

static DupexFunnelMode
mode_of_text(const text *word)
{
	static const char *const names[] = {
		[DUPEX_FUNNEL_DEFAULT] = "default",
		[DUPEX_FUNNEL_STRICT_ORDER] = "strict_order",
		[DUPEX_FUNNEL_STRICT_DEDUP] = "strict_dedup",
		[DUPEX_FUNNEL_STRICT_INCREASE] = "strict_increase",
		[DUPEX_FUNNEL_STRICT_ONCE] = "strict_once"
	};
	int			mode = find_word(word, names, lengthof(names));

	if (mode < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown mode of a funnel: \"%s\"", text_to_cstring(word)),
				 errhint("Modes are default, strict_order, strict_dedup, strict_increase and strict_once.")));
	return (DupexFunnelMode) mode;
}

static DupexFunnelEntry
entry_of_text(const text *word)
{
	static const char *const names[] = {
		[DUPEX_FUNNEL_FIRST] = "first",
		[DUPEX_FUNNEL_BEST] = "best",
		[DUPEX_FUNNEL_EVERY] = "every"
	};
	int			entry = find_word(word, names, lengthof(names));

	if (entry < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown entry of a funnel: \"%s\"", text_to_cstring(word)),
				 errhint("Entries are first, best and every.")));
	return (DupexFunnelEntry) entry;
}

static char *
text_of_interval(const Interval *span)
{
	return DatumGetCString(DirectFunctionCall1(interval_out, PointerGetDatum(span)));
}

/*
 * The microseconds of an interval; a day has 24 hours. Raises 22023 for one that is negative, or
 * has months, which are of different lengths, or is too long.
 */
static int64
microseconds_of(const Interval *span, const char *what)
{
	int64		microseconds;

	if (span->month != 0 && !INTERVAL_NOT_FINITE(span))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of a funnel has months or years: %s", what, text_of_interval(span)),
				 errdetail("Months are of different lengths."),
				 errhint("Say it in days, such as '30 days'.")));
	if (pg_mul_s64_overflow(span->day, USECS_PER_DAY, &microseconds) || pg_add_s64_overflow(microseconds, span->time, &microseconds))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of a funnel is too long: %s", what, text_of_interval(span)),
				 errhint("For no limit a million days are enough.")));
	if (microseconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of a funnel is negative: %s", what, text_of_interval(span)),
				 errhint("It is the time from one step to a later one, zero at least.")));
	return microseconds;
}

/*
 * An interval of so many microseconds, in days and hours as the difference of two times is.
 */
Interval *
dupex_funnel_interval(int64 microseconds)
{
	Interval   *span = palloc0(sizeof(Interval));

	span->day = (int32) (microseconds / USECS_PER_DAY);
	span->time = microseconds % USECS_PER_DAY;
	return span;
}

/*
 * Gaps from an array whose element i is for the way from step i to step i + 1. NULL is no limit.
 */
static void
read_gaps(const DupexFunnelPlan *plan, Datum array, const char *what, int64 *gaps)
{
	ArrayType  *values = DatumGetArrayTypeP(array);
	Datum	   *spans;
	bool	   *nulls;
	int			count;

	deconstruct_array(values, INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE, &spans, &nulls, &count);
	if (ARR_NDIM(values) > 1 || count > plan->step_count - 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has %d elements for a funnel of %d steps", what, count, plan->step_count),
				 errhint("Element 1 is for the way from step 1 to step 2, and so on; NULL or no element is no limit.")));
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			gaps[i + 2] = microseconds_of(DatumGetIntervalP(spans[i]), what);
}

static void
read_optional(DupexFunnelPlan *plan, Datum array)
{
	Datum	   *steps;
	bool	   *nulls;
	int			count;

	deconstruct_array(DatumGetArrayTypeP(array), INT4OID, sizeof(int32), true, TYPALIGN_INT, &steps, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		int32		step = nulls[i] ? 0 : DatumGetInt32(steps[i]);

		if (step <= 1 || step >= plan->step_count)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("optional_steps has step %s of a funnel of %d steps", nulls[i] ? "NULL" : psprintf("%d", step), plan->step_count),
					 errhint("Any step may be optional but the first and the last one.")));
		plan->optional |= dupex_funnel_bit(step);
	}
}

static void
read_exclusions(DupexFunnelPlan *plan, Datum array)
{
	ArrayType  *values = DatumGetArrayTypeP(array);
	Datum	   *numbers;
	bool	   *nulls;
	int			count;

	deconstruct_array(values, INT4OID, sizeof(int32), true, TYPALIGN_INT, &numbers, &nulls, &count);
	if (count > 0 && (count % 3 != 0 || (ARR_NDIM(values) == 2 && ARR_DIMS(values)[1] != 3)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exclusions has %d elements, not three for each", count),
				 errhint("Each is {event, after, before}, such as {{5,1,2}}: event 5 between step 1 and step 2.")));
	if (count / 3 > DUPEX_FUNNEL_MAX_EXCLUSIONS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a funnel has %d exclusions, more than %d", count / 3, DUPEX_FUNNEL_MAX_EXCLUSIONS)));
	for (int i = 0; i < count; i += 3)
	{
		DupexFunnelExclusion *exclusion = &plan->exclusions[plan->exclusion_count++];
		int32		event = nulls[i] ? 0 : DatumGetInt32(numbers[i]);
		int32		after = nulls[i + 1] ? 0 : DatumGetInt32(numbers[i + 1]);
		int32		before = nulls[i + 2] ? 0 : DatumGetInt32(numbers[i + 2]);

		if (event < 1 || event > DUPEX_FUNNEL_MAX_STEPS || after < 1 || after >= before || before > plan->step_count)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("exclusion {%d,%d,%d} of a funnel of %d steps", event, after, before, plan->step_count),
					 errhint("It is {event, after, before}: the event's number from 1 to %d, a step, and a later step.", DUPEX_FUNNEL_MAX_STEPS)));
		exclusion->event = dupex_funnel_bit(event);
		exclusion->after = after;
		exclusion->before = before;
	}
}

/*
 * Raises 22023 for gaps that contradict each other or the window: nobody could go through.
 */
static void
check_gaps(const DupexFunnelPlan *plan)
{
	int64		shortest = 0;

	for (int step = 2; step <= plan->step_count; step++)
	{
		if (plan->min_gap[step] > plan->max_gap[step])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the minimum gap from step %d to step %d is longer than the maximum", step - 1, step),
					 errdetail("Minimum %s, maximum %s.", text_of_interval(dupex_funnel_interval(plan->min_gap[step])),
							   text_of_interval(dupex_funnel_interval(plan->max_gap[step])))));
		if (!(plan->optional & dupex_funnel_bit(step)) &&
			(pg_add_s64_overflow(shortest, plan->min_gap[step], &shortest) || shortest > plan->within))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the minimum gaps up to step %d are longer than the window", step),
					 errdetail("The window is %s.", text_of_interval(dupex_funnel_interval(plan->within))),
					 errhint("Lengthen within, or shorten min_gaps.")));
	}
}

static void
read_rules(DupexFunnelPlan *plan, Datum rules)
{
	HeapTupleHeader row = DatumGetHeapTupleHeader(rules);
	Datum		value;
	bool		is_null;

	value = GetAttributeByName(row, "min_gaps", &is_null);
	if (!is_null)
		read_gaps(plan, value, "min_gaps", plan->min_gap);
	value = GetAttributeByName(row, "max_gaps", &is_null);
	if (!is_null)
		read_gaps(plan, value, "max_gaps", plan->max_gap);
	value = GetAttributeByName(row, "optional_steps", &is_null);
	if (!is_null)
		read_optional(plan, value);
	value = GetAttributeByName(row, "exclusions", &is_null);
	if (!is_null)
		read_exclusions(plan, value);
	check_gaps(plan);
}

/*
 * Makes a plan of the arguments. Raises 22023 and 54000 for what cannot be asked.
 */
void
dupex_funnel_question(DupexFunnelPlan *plan, const Interval *within, int step_count, const text *mode, const text *entry,
					  Datum rules, bool has_rules)
{
	if (step_count > DUPEX_FUNNEL_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a funnel of %d steps", step_count),
				 errdetail("A funnel has %d steps at most: a bit of an integer for each.", DUPEX_FUNNEL_MAX_STEPS),
				 errhint("Leave out steps, or ask for the first part and the second part by themselves.")));
	if (step_count < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a funnel of %d steps", step_count),
				 errhint("step_count is from 1 to %d.", DUPEX_FUNNEL_MAX_STEPS)));
	plan->step_count = step_count;
	plan->mode = mode_of_text(mode);
	plan->entry = entry_of_text(entry);
	plan->within = microseconds_of(within, "the window");
	plan->optional = 0;
	plan->exclusion_count = 0;
	plan->pause = dupex_pause_for_interrupt;
	for (int step = 0; step <= step_count; step++)
	{
		plan->min_gap[step] = 0;
		plan->max_gap[step] = PG_INT64_MAX;
	}
	if (has_rules)
		read_rules(plan, rules);
	dupex_funnel_plan(plan);
}

/*
 * What the accessors begin with: false when an argument but the rules is NULL.
 */
static bool
begin(FunctionCallInfo fcinfo, DupexFunnelPlan *plan, DupexFunnelRun **run)
{
	const int	first = FIRST_QUESTION_ARGUMENT;
	DupexFunnelEvent *events;
	uint32		count;

	Assert(PG_NARGS() == first + QUESTION_ARGUMENTS);
	for (int i = 0; i < first + QUESTION_ARGUMENTS - 1; i++)
		if (PG_ARGISNULL(i))
			return false;
	dupex_funnel_question(plan, PG_GETARG_INTERVAL_P(first), PG_GETARG_INT32(first + 1), PG_GETARG_TEXT_PP(first + 2),
						  PG_GETARG_TEXT_PP(first + 3), PG_ARGISNULL(first + 4) ? (Datum) 0 : PG_GETARG_DATUM(first + 4), !PG_ARGISNULL(first + 4));
	events = dupex_funnel_argument(fcinfo, 0, &count);
	*run = dupex_funnel_begin(plan, events, count,
							  MemoryContextAllocHuge(CurrentMemoryContext, dupex_funnel_space(plan, events, count)));
	return true;
}

/*
 * The chain that gets furthest: of entry every, the first of those that do. False as begin() is.
 */
static bool
best_chain(FunctionCallInfo fcinfo, DupexFunnelPlan *plan, DupexFunnelChain *best)
{
	DupexFunnelChain chain;
	DupexFunnelRun *run;

	best->level = 0;
	best->taken = 0;
	if (!begin(fcinfo, plan, &run))
		return false;
	while (best->level < plan->step_count && dupex_funnel_next(run, &chain))
	{
		if (chain.level > best->level)
			*best = chain;
		if (plan->entry != DUPEX_FUNNEL_EVERY)
			break;
	}
	return true;
}

/*
 * The times of a chain: an element for each step up to the furthest, NULL where an optional one
 * was left out.
 */
static Datum
array_of_chain(const DupexFunnelChain *chain)
{
	Datum		values[DUPEX_FUNNEL_MAX_STEPS];
	bool		nulls[DUPEX_FUNNEL_MAX_STEPS];
	int			bound = 1;
	int			count = chain->level;

	if (count == 0)
		return PointerGetDatum(construct_empty_array(TIMESTAMPTZOID));
	for (int i = 0; i < count; i++)
	{
		nulls[i] = !(chain->taken & dupex_funnel_bit(i + 1));
		values[i] = nulls[i] ? (Datum) 0 : TimestampTzGetDatum(chain->at[i]);
	}
	return PointerGetDatum(construct_md_array(values, nulls, 1, &count, &bound, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * The furthest step, 0 for none.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_level);
Datum
dupex_funnel_level(PG_FUNCTION_ARGS)
{
	DupexFunnelPlan plan;
	DupexFunnelChain chain;

	if (!best_chain(fcinfo, &plan, &chain))
		PG_RETURN_NULL();
	PG_RETURN_INT32(chain.level);
}

/*
 * When the steps were taken.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_chain);
Datum
dupex_funnel_chain(PG_FUNCTION_ARGS)
{
	DupexFunnelPlan plan;
	DupexFunnelChain chain;

	if (!best_chain(fcinfo, &plan, &chain))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(array_of_chain(&chain));
}

/*
 * The time from each step to the next that was taken; the first element is 0.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_step_times);
Datum
dupex_funnel_step_times(PG_FUNCTION_ARGS)
{
	DupexFunnelPlan plan;
	DupexFunnelChain chain;
	Datum		values[DUPEX_FUNNEL_MAX_STEPS];
	bool		nulls[DUPEX_FUNNEL_MAX_STEPS];
	int			bound = 1;
	int64		last = 0;

	if (!best_chain(fcinfo, &plan, &chain))
		PG_RETURN_NULL();
	if (chain.level == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INTERVALOID));
	for (int i = 0; i < chain.level; i++)
	{
		nulls[i] = !(chain.taken & dupex_funnel_bit(i + 1));
		values[i] = (Datum) 0;
		if (nulls[i])
			continue;
		values[i] = PointerGetDatum(dupex_funnel_interval(i == 0 ? 0 : chain.at[i] - last));
		last = chain.at[i];
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(values, nulls, 1, &chain.level, &bound, INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE));
}

/*
 * The time from the first to the last step; NULL for who did not get there.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_total_time);
Datum
dupex_funnel_total_time(PG_FUNCTION_ARGS)
{
	DupexFunnelPlan plan;
	DupexFunnelChain chain;

	if (!best_chain(fcinfo, &plan, &chain) || chain.level == 0 || chain.level < plan.step_count)
		PG_RETURN_NULL();
	PG_RETURN_INTERVAL_P(dupex_funnel_interval(chain.at[chain.level - 1] - chain.at[0]));
}

/*
 * How often the person went through all steps.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_completions);
Datum
dupex_funnel_completions(PG_FUNCTION_ARGS)
{
	DupexFunnelPlan plan;
	DupexFunnelChain chain;
	DupexFunnelRun *run;
	int32		completions = 0;

	if (!begin(fcinfo, &plan, &run))
		PG_RETURN_NULL();
	while (dupex_funnel_next(run, &chain))
		completions += chain.level == plan.step_count;
	PG_RETURN_INT32(completions);
}

static void
fill_attempts(FunctionCallInfo fcinfo, DupexRows *rows)
{
	DupexFunnelPlan plan;
	DupexFunnelChain chain;
	DupexFunnelRun *run;
	Datum		values[3];
	bool		nulls[3] = {false};

	if (!begin(fcinfo, &plan, &run))
		return;
	while (dupex_funnel_next(run, &chain))
	{
		values[0] = Int32GetDatum((int32) rows->count + 1);
		values[1] = Int32GetDatum(chain.level);
		values[2] = array_of_chain(&chain);
		dupex_rows_add(rows, values, nulls);
	}
}

/*
 * All attempts, a row each: number, furthest step, times.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_attempts);
Datum
dupex_funnel_attempts(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 3, fill_attempts);
}
