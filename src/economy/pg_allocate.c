/*
 * pg_allocate.c
 *		budget_allocate: a budget shared out among channels.
 */
#include "economy/pg_numbers.h"

#include <math.h>

#include "funcapi.h"
#include "utils/memutils.h"

#include "economy/allocate.h"
#include "runner/pg_rows.h"
#include "runner/pg_stop.h"

#define MAX_CHANNELS	10000

/* columns of budget_allocate */
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

/* the arguments, and what the calls that return the rows need */
typedef struct SharedBudget
{
	size_t		given;			/* channels of the call */
	size_t		count;			/* those of them with a curve */
	DupexChannel *channels;
	long	   *place;			/* of each channel given among them; -1: none */
	double	   *fixed;			/* what a channel without a curve gets */
	double		budget;			/* for those with a curve */
	DupexAllocation result;
} SharedBudget;

/* the arrays of the call, in order of the arguments from the second on */
enum
{
	LIST_MAXIMUM,
	LIST_HALF,
	LIST_SLOPE,
	LIST_LOWER,
	LIST_UPPER,
	LISTS
};

static const char *const list_names[LISTS] = {"maximum", "half_saturation", "slope", "lower", "upper"};

/*
 * Element i of a list; the default where the list or the element is NULL.
 */
static double
element(double *const *lists, bool *const *nulls, int list, size_t i, double otherwise)
{
	return lists[list] == NULL || nulls[list][i] ? otherwise : lists[list][i];
}

static void
complain_of_channel(size_t i, const char *what, double number, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s of channel %zu is %g", what, i + 1, number),
			 errdetail("%s", detail)));
}

/*
 * Reads the lists into the plan: curves and limits of the channels.
 */
static void
read_channels(FunctionCallInfo fcinfo, SharedBudget *plan, double budget)
{
	double	   *lists[LISTS] = {NULL};
	bool	   *nulls[LISTS] = {NULL};
	double		least = 0;

	for (int list = 0; list < LISTS; list++)
	{
		size_t		count;

		if (PG_ARGISNULL(list + 1))
			continue;
		lists[list] = dupex_economy_numbers(fcinfo, list + 1, list_names[list], &count, &nulls[list]);
		if (list == LIST_MAXIMUM)
			plan->given = count;
		if (count != plan->given || count > MAX_CHANNELS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%zu elements of argument %s for %zu channels", count, list_names[list], plan->given),
					 errdetail("Each argument has one element for each channel, of which there are at most %d.", MAX_CHANNELS)));
	}
	plan->channels = palloc0(sizeof(DupexChannel) * (plan->given + 1));
	plan->place = palloc(sizeof(long) * (plan->given + 1));
	plan->fixed = palloc(sizeof(double) * (plan->given + 1));
	plan->budget = budget;
	for (size_t i = 0; i < plan->given; i++)
	{
		DupexCurve	curve = {element(lists, nulls, LIST_MAXIMUM, i, 0), element(lists, nulls, LIST_HALF, i, 0), element(lists, nulls, LIST_SLOPE, i, 1)};
		double		lower = element(lists, nulls, LIST_LOWER, i, 0);
		double		upper = element(lists, nulls, LIST_UPPER, i, Max(budget, lower));

		if (lower < 0)
			complain_of_channel(i, "lower", lower, "The least expense of a channel is not negative.");
		if (upper < lower)
			complain_of_channel(i, "upper", upper, psprintf("It is below the least expense, %g.", lower));
		least += lower;
		plan->fixed[i] = lower;
		plan->place[i] = -1;
		if (nulls[LIST_MAXIMUM][i] || nulls[LIST_HALF][i])
		{
			plan->budget -= lower;
			continue;
		}
		if (!(curve.maximum >= 0) || !(curve.half > 0) || !(curve.slope > 0))
			complain_of_channel(i, !(curve.maximum >= 0) ? "maximum" : !(curve.half > 0) ? "half_saturation" : "slope",
								!(curve.maximum >= 0) ? curve.maximum : !(curve.half > 0) ? curve.half : curve.slope,
								"The numbers of a curve are above 0; NULL for a channel without one, which gets its least expense.");
		plan->place[i] = (long) plan->count;
		plan->channels[plan->count].curve = curve;
		plan->channels[plan->count].lower = lower;
		plan->channels[plan->count++].upper = Min(upper, Max(budget, lower));
	}
	if (least > budget)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a budget of %g", budget),
				 errdetail("The least expenses of the channels add up to %g.", least),
				 errhint("Lower them, or raise the budget.")));
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
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		budget = dupex_economy_number(fcinfo, 0, "budget", 0, false, HUGE_VAL);
		double		least_marginal = PG_ARGISNULL(7) ? 0 : dupex_economy_number(fcinfo, 7, "least_marginal", 0, false, HUGE_VAL);
		double	   *space;

		read_channels(fcinfo, plan, budget);
		space = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(double) * (DUPEX_BUDGET_SPACE(plan->count) + 1));
		if (PG_ARGISNULL(6))
			dupex_budget_allocate(plan->channels, plan->count, plan->budget, least_marginal, space, dupex_stop_by_interrupt, &plan->result);
		else
		{
			double		step = dupex_economy_number(fcinfo, 6, "step", 0, true, HUGE_VAL);

			if (budget / step > DUPEX_BUDGET_STEPS)
				ereport(ERROR,
						(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						 errmsg("a budget of %g in steps of %g", budget, step),
						 errdetail("There are at most %g steps.", DUPEX_BUDGET_STEPS),
						 errhint("Leave step out: then the optimum is found without steps.")));
			dupex_budget_allocate_steps(plan->channels, plan->count, plan->budget, least_marginal, step, space, dupex_stop_by_interrupt, &plan->result);
		}
		pfree(space);
	}
	MemoryContextSwitchTo(before);
}

/*
 * budget_allocate(budget, maximum, half_saturation, slope, lower, upper, step, least_marginal):
 * a row for each channel, in order of the arrays.
 */
PG_FUNCTION_INFO_V1(dupex_sql_budget_allocate);
Datum
dupex_sql_budget_allocate(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	SharedBudget *plan;
	Datum		values[PLAN_COLUMNS] = {0};
	bool		nulls[PLAN_COLUMNS] = {false};
	size_t		i;
	const DupexChannel *channel;
	double		marginal;

	if (SRF_IS_FIRSTCALL())
		begin(fcinfo, SRF_FIRSTCALL_INIT());
	context = SRF_PERCALL_SETUP();
	plan = context->user_fctx;
	i = (size_t) context->call_cntr;
	if (i >= plan->given)
		SRF_RETURN_DONE(context);
	values[PLAN_CHANNEL] = Int32GetDatum((int32) i + 1);
	values[PLAN_SPEND] = Float8GetDatum(plan->fixed[i]);
	nulls[PLAN_OUTCOME] = nulls[PLAN_MARGINAL] = plan->place[i] < 0;
	if (plan->place[i] >= 0)
	{
		channel = &plan->channels[plan->place[i]];
		marginal = dupex_curve_marginal(&channel->curve, channel->spend);
		values[PLAN_SPEND] = Float8GetDatum(channel->spend);
		values[PLAN_OUTCOME] = Float8GetDatum(dupex_curve_value(&channel->curve, channel->spend));
		nulls[PLAN_MARGINAL] = !isfinite(marginal);
		values[PLAN_MARGINAL] = Float8GetDatum(marginal);
	}
	nulls[PLAN_LAST_MARGINAL] = nulls[PLAN_BOUND] = plan->count == 0;
	values[PLAN_LAST_MARGINAL] = Float8GetDatum(plan->result.last_marginal);
	values[PLAN_BOUND] = Float8GetDatum(plan->result.bound);
	SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(context->tuple_desc, values, nulls)));
}
