/*
 * pg_measured.c
 *		budget_allocate_points: a budget shared out among channels by what was measured.
 */
#include "economy/pg_numbers.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "economy/measured.h"
#include "runner/pg_rows.h"
#include "runner/pg_stop.h"

#define MAX_POINTS	1000000

/* columns of budget_allocate_points */
enum
{
	PLAN_CHANNEL,
	PLAN_SPEND,
	PLAN_OUTCOME,
	PLAN_MARGINAL,
	PLAN_LAST_MARGINAL,
	PLAN_BOUND,
	PLAN_COLUMNS
};

/* a point as it was given */
typedef struct GivenPoint
{
	const text *name;
	double		spend;
	double		outcome;
	size_t		place;			/* in the arrays, from 0 */
	size_t		first;			/* place of the first point of its channel */
} GivenPoint;

/* what the calls that return the rows need */
typedef struct SharedBudget
{
	size_t		count;
	const text **names;
	DupexMeasuredChannel *channels;
	DupexMeasuredResult result;
} SharedBudget;

static int
compare_names(const text *a, const text *b)
{
	size_t		left = VARSIZE_ANY_EXHDR(a);
	size_t		right = VARSIZE_ANY_EXHDR(b);
	int			order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(left, right));

	return order != 0 ? order : left < right ? -1 : left > right;
}

static int
by_name(const void *a, const void *b)
{
	const GivenPoint *left = a;
	const GivenPoint *right = b;
	int			order = compare_names(left->name, right->name);

	return order != 0 ? order : left->place < right->place ? -1 : left->place > right->place;
}

static int
by_channel(const void *a, const void *b)
{
	const GivenPoint *left = a;
	const GivenPoint *right = b;

	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	if (left->spend != right->spend)
		return left->spend < right->spend ? -1 : 1;
	/* the mean of equal expenses shall not depend on the order of the rows */
	return left->outcome < right->outcome ? -1 : left->outcome > right->outcome;
}

/*
 * The points of the arguments channels, spends and outcomes, but for those with a NULL. Raises
 * 22023 for arrays of different lengths and for a negative expense, 54000 for too many.
 */
static GivenPoint *
read_points(FunctionCallInfo fcinfo, size_t *count)
{
	ArrayType  *names = PG_GETARG_ARRAYTYPE_P(1);
	bool	   *no_spend;
	bool	   *no_outcome;
	size_t		spend_count;
	size_t		outcome_count;
	double	   *spends = dupex_economy_numbers(fcinfo, 2, "spends", &spend_count, &no_spend);
	double	   *outcomes = dupex_economy_numbers(fcinfo, 3, "outcomes", &outcome_count, &no_outcome);
	Datum	   *elements;
	bool	   *no_name;
	int			length;
	GivenPoint *points;

	if (ARR_NDIM(names) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("argument %s has %d dimensions", "channels", ARR_NDIM(names)),
				 errdetail("It is a list: an array of one dimension.")));
	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &elements, &no_name, &length);
	if ((size_t) length != spend_count || (size_t) length != outcome_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d channels, %zu spends and %zu outcomes", length, spend_count, outcome_count),
				 errdetail("Each point has one of each."),
				 errhint("Make the three arrays with array_agg() of the same rows.")));
	if (length > MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d points", length),
				 errdetail("There are at most %d.", MAX_POINTS),
				 errhint("Give the mean of points that lie close together.")));
	points = palloc(sizeof(GivenPoint) * Max(length, 1));
	*count = 0;
	for (int i = 0; i < length; i++)
	{
		GivenPoint *point = &points[*count];

		if (no_name[i] || no_spend[i] || no_outcome[i])
			continue;
		if (spends[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %d of argument spends is %g", i + 1, spends[i]),
					 errdetail("An expense is not negative.")));
		point->name = DatumGetTextPP(elements[i]);
		point->spend = spends[i];
		point->outcome = outcomes[i];
		point->place = *count;
		++*count;
	}
	return points;
}

/*
 * Makes channels of points that are in order of their names: in the order in which they are first
 * named.
 */
static void
number_channels(GivenPoint *given, size_t count, SharedBudget *plan)
{
	for (size_t i = 0; i < count; i++)
	{
		bool		is_same = i > 0 && compare_names(given[i - 1].name, given[i].name) == 0;

		given[i].first = is_same ? given[i - 1].first : given[i].place;
		plan->count += !is_same;
	}
	qsort(given, count, sizeof(GivenPoint), by_channel);
	plan->channels = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(DupexMeasuredChannel) * (plan->count + 1));
	plan->names = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(text *) * (plan->count + 1));
}

/*
 * The points as the allocation takes them: nothing brings nothing, where it was not measured.
 */
static DupexMeasured *
make_points(const GivenPoint *given, size_t given_count, SharedBudget *plan, size_t *count)
{
	DupexMeasured *points = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(DupexMeasured) * (given_count + plan->count + 1));
	size_t		channel = 0;

	*count = 0;
	for (size_t i = 0; i < given_count; i++)
	{
		bool		is_first = i == 0 || given[i - 1].first != given[i].first;

		channel += is_first && i > 0;
		if (is_first)
			plan->names[channel] = cstring_to_text_with_len(VARDATA_ANY(given[i].name), (int) VARSIZE_ANY_EXHDR(given[i].name));
		if (is_first && given[i].spend > 0)
			points[(*count)++] = (DupexMeasured)
		{
			.channel = channel
		};
		points[(*count)++] = (DupexMeasured)
		{
			.spend = given[i].spend,.outcome = given[i].outcome,.channel = channel
		};
	}
	return points;
}

/*
 * The first call: does all the work.
 */
static void
begin(FunctionCallInfo fcinfo, FuncCallContext *context)
{
	MemoryContext before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
	SharedBudget *plan = palloc0(sizeof(SharedBudget));

	context->tuple_desc = dupex_row_type(fcinfo, PLAN_COLUMNS);
	context->user_fctx = plan;
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3) && !PG_ARGISNULL(4))
	{
		double		budget = dupex_economy_number(fcinfo, 0, "budget", 0, false, HUGE_VAL);
		double		least_marginal = PG_ARGISNULL(5) ? 0 : dupex_economy_number(fcinfo, 5, "least_marginal", 0, false, HUGE_VAL);
		size_t		given_count;
		size_t		count;
		GivenPoint *given = read_points(fcinfo, &given_count);
		DupexMeasured *points;
		size_t	   *heap;

		qsort(given, given_count, sizeof(GivenPoint), by_name);
		number_channels(given, given_count, plan);
		points = make_points(given, given_count, plan, &count);
		dupex_measured_prepare(points, count, plan->channels, plan->count);
		heap = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(size_t) * (plan->count + 1));
		dupex_measured_allocate(points, plan->channels, plan->count, budget, least_marginal, PG_GETARG_BOOL(4), heap, dupex_stop_by_interrupt, &plan->result);
		pfree(heap);
		pfree(points);
		pfree(given);
	}
	MemoryContextSwitchTo(before);
}

/*
 * budget_allocate_points(budget, channels, spends, outcomes, whole_points, least_marginal): a row
 * for each channel, in the order in which they are first named.
 */
PG_FUNCTION_INFO_V1(dupex_sql_budget_allocate_points);
Datum
dupex_sql_budget_allocate_points(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	SharedBudget *plan;
	const DupexMeasuredChannel *channel;
	Datum		values[PLAN_COLUMNS] = {0};
	bool		nulls[PLAN_COLUMNS] = {false};

	if (SRF_IS_FIRSTCALL())
		begin(fcinfo, SRF_FIRSTCALL_INIT());
	context = SRF_PERCALL_SETUP();
	plan = context->user_fctx;
	if (context->call_cntr >= plan->count)
		SRF_RETURN_DONE(context);
	channel = &plan->channels[context->call_cntr];
	values[PLAN_CHANNEL] = PointerGetDatum(plan->names[context->call_cntr]);
	values[PLAN_SPEND] = Float8GetDatum(channel->spend);
	values[PLAN_OUTCOME] = Float8GetDatum(dupex_economy_result(channel->outcome, "outcome"));
	values[PLAN_MARGINAL] = Float8GetDatum(dupex_economy_result(channel->marginal, "marginal"));
	values[PLAN_LAST_MARGINAL] = Float8GetDatum(dupex_economy_result(plan->result.last_marginal, "last_marginal"));
	values[PLAN_BOUND] = Float8GetDatum(dupex_economy_result(plan->result.bound, "bound"));
	SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(context->tuple_desc, values, nulls)));
}
