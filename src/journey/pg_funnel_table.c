/*
 * pg_funnel_table.c
 *		funnel_table(): a funnel over all people of a query.
 *
 * The events are put together by person (runner/pg_people.h), each person is run through once,
 * and what is left of him are a count for each step that he took and the times that it took him.
 */
#include "journey/pg_funnel.h"

#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "journey/pg_funnel_times.h"
#include "runner/pg_people.h"
#include "runner/pg_words.h"
#include "runner/pg_rows.h"

#define COLUMNS		9

/*
 * People of a group who took each step, and the times of those who did.
 */
typedef struct GroupCounts
{
	int64		people[DUPEX_FUNNEL_MAX_STEPS];
} GroupCounts;

typedef struct Table
{
	DupexFunnelPlan plan;
	bool		has_groups;
	DupexPeople *people;
	DupexWords *words;
	uint32		steps_seen;		/* of all events */
	uint32		of_use;			/* steps that make a difference */
	uint32	   *ranks;			/* of groups, by number; the last is that of
								 * NULL */
	GroupCounts *groups;		/* by rank */
	uint32		group_count;
	DupexFunnelTimes *times;
	MemoryContext context;
	DupexFunnelEvent *sort_space;
	Size		sort_size;
	void	   *run_space;
	Size		run_size;
} Table;

static void
start(void *state, int columns, bool key_is_text)
{
	Table	   *table = state;

	table->has_groups = columns == 4;
}

/*
 * One event of the query.
 */
static void
row(void *state, const Datum *values, const bool *nulls)
{
	Table	   *table = state;
	DupexFunnelEvent event = {0, 0, 0};

	if (nulls[0] || nulls[1])
		return;
	event.at = DatumGetTimestampTz(values[1]);
	dupex_funnel_check_time(event.at);
	if (!nulls[2])
	{
		int64		steps = DatumGetInt64(values[2]);

		if (unlikely(steps < PG_INT32_MIN || steps > PG_UINT32_MAX))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("steps of an event are " INT64_FORMAT, steps),
					 errdetail("They are a bit for each of %d steps at most: step 1 is 1, step 2 is 2, step 3 is 4.", DUPEX_FUNNEL_MAX_STEPS)));
		event.steps = (uint32) steps;
	}
	if (!(event.steps & table->of_use) && table->plan.mode != DUPEX_FUNNEL_STRICT_ORDER)
		return;
	table->steps_seen |= event.steps;
	if (table->has_groups && (event.steps & 1))
	{
		if (nulls[3])
			event.group = PG_UINT32_MAX;
		else
		{
			text	   *word = (text *) DatumGetPointer(values[3]);

			event.group = dupex_words_number(table->words, VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));
		}
	}
	dupex_people_add(table->people, (const DupexQueryKey *) DatumGetPointer(values[0]), &event);
}

/*
 * Space that grows with the person with most events.
 */
static void *
make_space(Table *table, void *space, Size *size, Size needed)
{
	if (needed <= *size)
		return space;
	if (space)
		pfree(space);
	*size = needed + needed / 2;
	return MemoryContextAllocHuge(table->context, *size);
}

static void
count_chain(Table *table, const DupexFunnelChain *chain)
{
	GroupCounts *group = &table->groups[chain->group];
	int64		last = chain->at[0];

	group->people[0]++;
	for (int step = 2; step <= chain->level; step++)
	{
		int64		at = chain->at[step - 1];

		if (!(chain->taken & dupex_funnel_bit(step)))
			continue;
		group->people[step - 1]++;
		dupex_funnel_times_add(table->times, chain->group * (uint32) table->plan.step_count + (uint32) (step - 1),
							   at - last, at - chain->at[0]);
		last = at;
	}
}

/*
 * One person of the query.
 */
static void
person(void *state, const DupexQueryKey *key, void *records, uint32 count)
{
	Table	   *table = state;
	DupexFunnelEvent *events = records;
	DupexFunnelRun *run;
	DupexFunnelChain chain;
	uint32		seen = 0;

	for (uint32 i = 0; i < count; i++)
	{
		seen |= events[i].steps;
		if (table->has_groups && (events[i].steps & 1))
			events[i].group = events[i].group == PG_UINT32_MAX ? table->group_count - 1 : table->ranks[events[i].group];
	}
	/* who never began went nowhere */
	if (!(seen & 1))
		return;
	if (!dupex_funnel_is_sorted(events, count))
	{
		if (count > 16)
			table->sort_space = make_space(table, table->sort_space, &table->sort_size, count * sizeof(DupexFunnelEvent));
		count = dupex_funnel_sort(events, count, table->sort_space);
	}
	table->run_space = make_space(table, table->run_space, &table->run_size, dupex_funnel_space(&table->plan, events, count));
	run = dupex_funnel_begin(&table->plan, events, count, table->run_space);
	while (dupex_funnel_next(run, &chain))
	{
		if (chain.level > 0)
			count_chain(table, &chain);
		if (table->plan.entry != DUPEX_FUNNEL_EVERY)
			break;
	}
}

static void
set_interval(Datum *values, bool *nulls, int column, bool is_known, int64 microseconds)
{
	nulls[column] = !is_known;
	if (is_known)
		values[column] = PointerGetDatum(dupex_funnel_interval(microseconds));
}

/*
 * The rows of a group, one a step.
 */
static void
add_group(Table *table, uint32 rank, text *value, double percentile, DupexRows *rows)
{
	const GroupCounts *group = &table->groups[rank];
	int64		previous = group->people[0];

	for (int step = 1; step <= table->plan.step_count; step++)
	{
		int64		people = group->people[step - 1];
		DupexFunnelQuantiles quantiles = {0, 0, 0, 0};
		Datum		values[COLUMNS] = {0};
		bool		nulls[COLUMNS] = {false};
		bool		has_times = step > 1 && people > 0;

		if (has_times)
			dupex_funnel_times_quantiles(table->times, rank * (uint32) table->plan.step_count + (uint32) (step - 1), percentile, &quantiles);
		nulls[0] = value == NULL;
		values[0] = PointerGetDatum(value);
		values[1] = Int32GetDatum(step);
		values[2] = Int64GetDatum(people);
		nulls[3] = group->people[0] == 0;
		values[3] = Float8GetDatum(nulls[3] ? 0 : (double) people / (double) group->people[0]);
		nulls[4] = step == 1 || previous == 0;
		values[4] = Float8GetDatum(nulls[4] ? 0 : (double) people / (double) previous);
		set_interval(values, nulls, 5, has_times, quantiles.median);
		set_interval(values, nulls, 6, has_times, quantiles.percentile);
		set_interval(values, nulls, 7, has_times, quantiles.median_total);
		set_interval(values, nulls, 8, has_times, quantiles.percentile_total);
		dupex_rows_add(rows, values, nulls);
		if (!(table->plan.optional & dupex_funnel_bit(step)))
			previous = people;
	}
}

static void
add_rows(Table *table, double percentile, DupexRows *rows)
{
	uint32	   *numbers;

	if (!table->has_groups)
	{
		add_group(table, 0, NULL, percentile, rows);
		return;
	}
	numbers = palloc(table->group_count * sizeof(uint32));
	for (uint32 i = 0; i + 1 < table->group_count; i++)
		numbers[table->ranks[i]] = i;
	for (uint32 rank = 0; rank < table->group_count; rank++)
		if (table->groups[rank].people[0] > 0)
			add_group(table, rank, rank + 1 == table->group_count ? NULL : dupex_words_text(table->words, numbers[rank]), percentile, rows);
}

/*
 * Asks the question of the plan's steps again, with as many as were seen.
 */
static int
steps_seen(const Table *table)
{
	if (table->plan.exclusion_count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exclusions without step_count"),
				 errdetail("Events that exclude are bits behind those of the steps."),
				 errhint("Give step_count, the number of steps.")));
	return table->steps_seen == 0 ? 0 : pg_leftmost_one_pos32(table->steps_seen) + 1;
}

static void
check_arguments(FunctionCallInfo fcinfo)
{
	static const char *const names[] = {"query", "within", NULL, "mode", "entry", NULL, "percentile"};

	for (int i = 0; i < (int) lengthof(names); i++)
		if (names[i] && PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s of funnel_table is NULL", names[i]),
					 errhint("Only step_count and rules may be NULL.")));
	if (!(PG_GETARG_FLOAT8(6) >= 0 && PG_GETARG_FLOAT8(6) <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("percentile of funnel_table is %g", PG_GETARG_FLOAT8(6)),
				 errhint("It is a fraction from 0 to 1, such as 0.9.")));
}

static void
ask(FunctionCallInfo fcinfo, DupexFunnelPlan *plan, int step_count)
{
	dupex_funnel_question(plan, PG_GETARG_INTERVAL_P(1), step_count, PG_GETARG_TEXT_PP(3), PG_GETARG_TEXT_PP(4),
						  PG_ARGISNULL(5) ? (Datum) 0 : PG_GETARG_DATUM(5), !PG_ARGISNULL(5));
}

static void
fill(FunctionCallInfo fcinfo, DupexRows *rows)
{
	static const DupexQueryColumn columns[] = {
		{"person", DUPEX_COLUMN_KEY, false},
		{"time of the event", DUPEX_COLUMN_TIME, false},
		{"steps", DUPEX_COLUMN_INTEGER, false},
		{"group", DUPEX_COLUMN_TEXT, true}
	};
	static const DupexQuery query = {
		.function = "funnel_table",
		.returns = "(person bigint or text, at timestamptz, steps int [, group_value text])",
		.columns = columns,
		.count = lengthof(columns),
		.start = start,
		.row = row
	};
	Table		table = {0};
	MemoryContext before;

	check_arguments(fcinfo);
	table.context = AllocSetContextCreate(CurrentMemoryContext, "dupex funnel_table", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(table.context);
	/* the largest number is as good as any where the events tell it */
	ask(fcinfo, &table.plan, PG_ARGISNULL(2) ? DUPEX_FUNNEL_MAX_STEPS : PG_GETARG_INT32(2));
	table.of_use = PG_ARGISNULL(2) ? PG_UINT32_MAX : table.plan.all_steps;
	for (int i = 0; i < table.plan.exclusion_count; i++)
		table.of_use |= table.plan.exclusions[i].event;
	table.words = dupex_words_create(table.context);
	table.people = dupex_people_create(table.context, sizeof(DupexFunnelEvent));
	dupex_query_run(&query, PG_GETARG_TEXT_PP(0), &table);

	if (PG_ARGISNULL(2))
	{
		int			step_count = steps_seen(&table);

		if (step_count > 0)
			ask(fcinfo, &table.plan, step_count);
		else
			table.plan.step_count = 0;
	}
	table.ranks = dupex_words_ranks(table.words);
	table.group_count = dupex_words_count(table.words) + 1;
	table.groups = MemoryContextAllocExtended(table.context, table.group_count * sizeof(GroupCounts), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table.times = dupex_funnel_times_create(table.context, (Size) table.group_count * table.plan.step_count);
	if (table.plan.step_count > 0)
		dupex_people_each(table.people, person, &table);
	dupex_people_free(table.people);
	MemoryContextSwitchTo(before);
	add_rows(&table, PG_GETARG_FLOAT8(6), rows);
	dupex_funnel_times_free(table.times);
	MemoryContextDelete(table.context);
}

/*
 * funnel_table(query, within, step_count, mode, entry, rules, percentile)
 */
PG_FUNCTION_INFO_V1(dupex_funnel_table);
Datum
dupex_funnel_table(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, COLUMNS, fill);
}
