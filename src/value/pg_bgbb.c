/*
 * pg_bgbb.c
 *		The SQL side of the models whose time is counted in periods: BG/BB (opportunities to
 *		order) and sBG (renewals).
 */
#include "value/pg_bgbb.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "value/beta_geometric.h"
#include "value/pg_arguments.h"
#include "value/pg_counts.h"
#include "value/reason.h"

#define REASON_SIZE	300

/*
 * NULL when 0 <= frequency <= recency <= periods <= the limit, with recency 0 exactly when
 * frequency is 0; else what is wrong.
 */
static const char *
what_is_impossible(double frequency, double recency, double periods)
{
	if (!(frequency >= 0 && recency >= 0 && periods >= 0))
		return "None of the numbers is negative.";
	if (frequency != floor(frequency) || recency != floor(recency) || periods != floor(periods))
		return "All are whole numbers of opportunities.";
	if (periods > DUPEX_BGBB_MAX_PERIODS)
		return "There are at most 10000 opportunities.";
	if (recency > periods)
		return "Recency, the number of the last opportunity at which there was an order, is beyond the opportunities there were.";
	if (frequency > recency || (frequency == 0 && recency > 0))
		return "There are more orders than opportunities up to the last one, or none and yet a last one.";
	return NULL;
}

/*
 * Raises 22023 for a customer who cannot be. Where they are collected, there is a way to leave
 * them out.
 */
static void
check_customer(double frequency, double recency, double periods, bool is_collecting)
{
	const char *detail = what_is_impossible(frequency, recency, periods);

	if (detail)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("impossible customer: frequency %g, recency %g, periods %g", frequency, recency, periods),
				 errdetail("%s", detail),
				 is_collecting ? errhint("bgbb_possible_agg() leaves such customers out and counts them.") : 0));
}

DupexBgbbRow
dupex_bgbb_customer_arguments(FunctionCallInfo fcinfo, int n)
{
	DupexBgbbRow row = {PG_GETARG_INT32(n), PG_GETARG_INT32(n + 1), PG_GETARG_INT32(n + 2), 1};

	check_customer(row.frequency, row.recency, row.periods, false);
	return row;
}

static DupexBgbbModel
bgbb_argument(FunctionCallInfo fcinfo)
{
	const double *p = dupex_model_argument(fcinfo, 0, DUPEX_BGBB_PARAMETERS, sizeof(DupexModelMemory))->parameter;
	DupexBgbbModel model = {p[0], p[1], p[2], p[3]};

	return model;
}

/*
 * The transition of bgbb_agg(frequency, recency, periods, weight) and of its relative that leaves
 * impossible customers out. The state is purchase_counts, of which these are rows with whole
 * numbers.
 */
static Datum
transition(FunctionCallInfo fcinfo, bool skip_impossible)
{
	double		number[3];

	for (int i = 1; i <= 4; i++)
		if (PG_ARGISNULL(i))
			return dupex_purchase_counts_leave_out(fcinfo, true);
	for (int i = 0; i < 3; i++)
		number[i] = PG_GETARG_INT32(i + 1);
	if (skip_impossible && what_is_impossible(number[0], number[1], number[2]))
		return dupex_purchase_counts_leave_out(fcinfo, false);
	check_customer(number[0], number[1], number[2], true);
	return dupex_purchase_counts_take(fcinfo, number[0], number[1], number[2], PG_GETARG_FLOAT8(4), skip_impossible);
}

PG_FUNCTION_INFO_V1(dupex_bgbb_counts_add);
Datum
dupex_bgbb_counts_add(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, false);
}

PG_FUNCTION_INFO_V1(dupex_bgbb_counts_add_possible);
Datum
dupex_bgbb_counts_add_possible(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, true);
}

/*
 * bgbb_fit(counts, unit): NULL where there is no customer; 22023 for customers of other models.
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_fit);
Datum
dupex_bgbb_sql_fit(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	const char *unit = dupex_unit_argument(fcinfo, 1);
	DupexBgbbRow *rows;
	double	   *table;
	DupexFit	fit;
	char		reason[REASON_SIZE];

	if (counts->row_count == 0)
		PG_RETURN_NULL();
	rows = MemoryContextAllocHuge(CurrentMemoryContext, counts->row_count * sizeof(DupexBgbbRow));
	for (uint32 i = 0; i < counts->row_count; i++)
	{
		const DupexPurchaseRow *row = &counts->rows[i];

		check_customer(row->frequency, row->recency, row->age, false);
		rows[i].frequency = (int) row->frequency;
		rows[i].recency = (int) row->recency;
		rows[i].periods = (int) row->age;
		rows[i].weight = dupex_purchase_weight(row);
	}
	table = palloc(DUPEX_BGBB_TABLE_SIZE(DUPEX_BGBB_MAX_PERIODS) * sizeof(double));
	dupex_bgbb_fit(rows, counts->row_count, table, dupex_stop_by_interrupt, &fit);
	dupex_bgbb_reason(&fit, rows[counts->row_count - 1].frequency > 0, reason, sizeof(reason));
	pfree(table);
	pfree(rows);
	return dupex_model_return(fcinfo, &fit, reason, unit);
}

/*
 * bgbb_alive(model, frequency, recency, periods, ahead)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_alive);
Datum
dupex_bgbb_sql_alive(PG_FUNCTION_ARGS)
{
	DupexBgbbModel model = bgbb_argument(fcinfo);
	DupexBgbbRow row = dupex_bgbb_customer_arguments(fcinfo, 1);

	PG_RETURN_FLOAT8(dupex_bgbb_alive(&model, &row, dupex_periods_argument(fcinfo, 4, DUPEX_BGBB_MAX_PERIODS)));
}

/*
 * bgbb_expected(model, frequency, recency, periods, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_expected);
Datum
dupex_bgbb_sql_expected(PG_FUNCTION_ARGS)
{
	DupexBgbbModel model = bgbb_argument(fcinfo);
	DupexBgbbRow row = dupex_bgbb_customer_arguments(fcinfo, 1);
	int			horizon = dupex_periods_argument(fcinfo, 4, DUPEX_BGBB_MAX_PERIODS);

	PG_RETURN_FLOAT8(dupex_bgbb_alive(&model, &row, 0) * dupex_bgbb_kernel(&model, row.frequency, row.periods, horizon));
}

/*
 * The probability of exactly so many orders at the next horizon opportunities.
 */
static double
exactly(const DupexBgbbModel *model, const DupexBgbbRow *row, int orders, int horizon)
{
	double		alive = dupex_bgbb_alive(model, row, 0);
	double		if_alive = dupex_bgbb_orders_if_alive(model, row->frequency, row->periods, orders, horizon);

	return alive * if_alive + (orders == 0 ? 1 - alive : 0);
}

/*
 * bgbb_none(model, frequency, recency, periods, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_none);
Datum
dupex_bgbb_sql_none(PG_FUNCTION_ARGS)
{
	DupexBgbbModel model = bgbb_argument(fcinfo);
	DupexBgbbRow row = dupex_bgbb_customer_arguments(fcinfo, 1);

	PG_RETURN_FLOAT8(exactly(&model, &row, 0, dupex_periods_argument(fcinfo, 4, DUPEX_BGBB_MAX_PERIODS)));
}

/*
 * bgbb_exactly(model, orders, frequency, recency, periods, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_exactly);
Datum
dupex_bgbb_sql_exactly(PG_FUNCTION_ARGS)
{
	DupexBgbbModel model = bgbb_argument(fcinfo);
	int			orders = dupex_orders_argument(fcinfo, 1);
	DupexBgbbRow row = dupex_bgbb_customer_arguments(fcinfo, 2);

	PG_RETURN_FLOAT8(exactly(&model, &row, orders, dupex_periods_argument(fcinfo, 5, DUPEX_BGBB_MAX_PERIODS)));
}

/*
 * bgbb_new_customer(model, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_new_customer);
Datum
dupex_bgbb_sql_new_customer(PG_FUNCTION_ARGS)
{
	DupexBgbbModel model = bgbb_argument(fcinfo);

	PG_RETURN_FLOAT8(dupex_bgbb_kernel(&model, 0, 0, dupex_periods_argument(fcinfo, 1, DUPEX_BGBB_MAX_PERIODS)));
}

/*
 * bgbb_new_customer_exactly(model, orders, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_new_customer_exactly);
Datum
dupex_bgbb_sql_new_customer_exactly(PG_FUNCTION_ARGS)
{
	DupexBgbbModel model = bgbb_argument(fcinfo);
	int			orders = dupex_orders_argument(fcinfo, 1);
	int			horizon = dupex_periods_argument(fcinfo, 2, DUPEX_BGBB_MAX_PERIODS);

	PG_RETURN_FLOAT8(dupex_bgbb_orders_if_alive(&model, 0, 0, orders, horizon));
}

/*
 * bgbb_residual(model, frequency, recency, periods, rate_per_period): NULL where it is infinite.
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_residual);
Datum
dupex_bgbb_sql_residual(PG_FUNCTION_ARGS)
{
	DupexBgbbModel model = bgbb_argument(fcinfo);
	DupexBgbbRow row = dupex_bgbb_customer_arguments(fcinfo, 1);
	double		orders = dupex_bgbb_residual_kernel(&model, row.frequency, row.periods, dupex_discount_argument(fcinfo, 4));

	if (isinf(orders))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(dupex_bgbb_alive(&model, &row, 0) * orders);
}

/*
 * sbg_fit(survivors, unit): NULL where there is no customer.
 */
PG_FUNCTION_INFO_V1(dupex_sbg_sql_fit);
Datum
dupex_sbg_sql_fit(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	const char *unit = dupex_unit_argument(fcinfo, 1);
	Datum	   *elements;
	int64	   *survivors;
	int			count;
	DupexFit	fit;
	char		reason[REASON_SIZE];

	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] < 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the survivors of a cohort are an array of one dimension with an element at least, and without NULLs"),
				 errhint("Write those at the start first, then those that were left after each period: ARRAY[1000, 869, 743].")));
	deconstruct_array(array, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, NULL, &count);
	survivors = palloc(count * sizeof(int64));
	for (int i = 0; i < count; i++)
		survivors[i] = DatumGetInt64(elements[i]);
	if (survivors[0] < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a cohort of %lld customers", (long long) survivors[0]),
				 errdetail("The first element is the number of customers at the start.")));
	for (int i = 1; i < count; i++)
		if (survivors[i] < 0 || survivors[i] > survivors[i - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%lld survivors after %d periods, %lld before", (long long) survivors[i], i, (long long) survivors[i - 1]),
					 errdetail("Survivors neither become more nor negative.")));
	if (survivors[0] == 0)
		PG_RETURN_NULL();
	dupex_sbg_fit(survivors, count, dupex_stop_by_interrupt, &fit);
	dupex_sbg_reason(&fit, count > 1, reason, sizeof(reason));
	return dupex_model_return(fcinfo, &fit, reason, unit);
}

/*
 * The parameters alpha and beta of an sBG model.
 */
static const double *
sbg_argument(FunctionCallInfo fcinfo)
{
	return dupex_model_argument(fcinfo, 0, DUPEX_SBG_PARAMETERS, sizeof(DupexModelMemory))->parameter;
}

/*
 * sbg_retention(model, period): of those there before it.
 */
PG_FUNCTION_INFO_V1(dupex_sbg_sql_retention);
Datum
dupex_sbg_sql_retention(PG_FUNCTION_ARGS)
{
	const double *p = sbg_argument(fcinfo);
	int			period = PG_GETARG_INT32(1);

	if (period < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("retention in period %d", period),
				 errdetail("Periods are counted from 1: the first ends with the first renewal.")));
	PG_RETURN_FLOAT8((p[1] + (period - 1)) / (p[0] + p[1] + (period - 1)));
}

/*
 * sbg_survival(model, periods)
 */
PG_FUNCTION_INFO_V1(dupex_sbg_sql_survival);
Datum
dupex_sbg_sql_survival(PG_FUNCTION_ARGS)
{
	const double *p = sbg_argument(fcinfo);

	PG_RETURN_FLOAT8(dupex_beta_geometric_survival(p[0], p[1], dupex_periods_argument(fcinfo, 1, PG_INT32_MAX)));
}

/*
 * sbg_residual(model, renewals, rate_per_period): NULL where it is infinite.
 */
PG_FUNCTION_INFO_V1(dupex_sbg_sql_residual);
Datum
dupex_sbg_sql_residual(PG_FUNCTION_ARGS)
{
	const double *p = sbg_argument(fcinfo);
	int			renewals = dupex_periods_argument(fcinfo, 1, PG_INT32_MAX);
	double		periods = dupex_beta_geometric_annuity(p[0], p[1] + renewals, dupex_discount_argument(fcinfo, 2));

	if (isinf(periods))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(periods);
}
