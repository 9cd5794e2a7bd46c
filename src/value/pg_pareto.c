/*
 * pg_pareto.c
 *		The SQL side of the models Pareto/NBD and NBD.
 */
#include "dupex.h"

#include <math.h>

#include "value/nbd.h"
#include "value/pareto_fit.h"
#include "value/pg_arguments.h"
#include "value/pg_value.h"
#include "value/reason.h"

#define REASON_SIZE	300

/*
 * The model that is the first argument.
 */
static DupexParetoModel
pareto_argument(FunctionCallInfo fcinfo)
{
	const double *parameter = dupex_model_argument(fcinfo, 0, DUPEX_PARETO_PARAMETERS, sizeof(DupexModelMemory))->parameter;
	DupexParetoModel model = {parameter[0], parameter[1], parameter[2], parameter[3]};

	return model;
}

static DupexNbdModel
nbd_argument(FunctionCallInfo fcinfo)
{
	const double *parameter = dupex_model_argument(fcinfo, 0, DUPEX_NBD_PARAMETERS, sizeof(DupexModelMemory))->parameter;
	DupexNbdModel model = {parameter[0], parameter[1]};

	return model;
}

/*
 * pareto_nbd_fit(counts, unit): NULL where there is no customer.
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_fit);
Datum
dupex_pareto_sql_fit(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	const char *unit = dupex_unit_argument(fcinfo, 1);
	DupexPurchaseRow *sample;
	DupexFit	fit;
	char		reason[REASON_SIZE];

	if (counts->row_count == 0)
		PG_RETURN_NULL();
	sample = palloc(DUPEX_PURCHASE_SAMPLE * sizeof(DupexPurchaseRow));
	dupex_pareto_fit(counts->rows, counts->row_count, dupex_stop_by_interrupt, sample, &fit);
	pfree(sample);
	dupex_pareto_reason(&fit, counts->rows[counts->row_count - 1].frequency > 0, reason, sizeof(reason));
	return dupex_model_return(fcinfo, &fit, reason, unit);
}

PG_FUNCTION_INFO_V1(dupex_pareto_sql_log_likelihood);
Datum
dupex_pareto_sql_log_likelihood(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 1);

	PG_RETURN_FLOAT8(dupex_pareto_log_likelihood(&model, counts->rows, counts->row_count, dupex_stop_by_interrupt));
}

/*
 * pareto_nbd_alive(model, frequency, recency, age, ahead)
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_alive);
Datum
dupex_pareto_sql_alive(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);
	double		ahead = dupex_horizon_argument(fcinfo, 4);
	double		row[3];

	dupex_customer_arguments(fcinfo, 1, row);
	PG_RETURN_FLOAT8(dupex_pareto_alive(&model, row[0], row[1], row[2], ahead));
}

/*
 * pareto_nbd_expected(model, frequency, recency, age, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_expected);
Datum
dupex_pareto_sql_expected(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);
	double		horizon = dupex_horizon_argument(fcinfo, 4);
	double		row[3];

	dupex_customer_arguments(fcinfo, 1, row);
	PG_RETURN_FLOAT8(dupex_pareto_alive(&model, row[0], row[1], row[2], 0)
					 * dupex_pareto_kernel(&model, row[0], row[2], horizon));
}

/*
 * The probability of exactly so many orders in the horizon. Without any the customer may also
 * be gone already.
 */
static double
exactly(const DupexParetoModel *model, const double *row, double orders, double horizon)
{
	double		odds = dupex_pareto_dropout_odds(model, row[0], row[1], row[2]);
	double		if_alive = dupex_pareto_orders_if_alive(model, row[0], row[2], orders, horizon);

	return if_alive / (1 + odds) + (orders == 0 ? 1 / (1 + 1 / odds) : 0);
}

/*
 * pareto_nbd_none(model, frequency, recency, age, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_none);
Datum
dupex_pareto_sql_none(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);
	double		horizon = dupex_horizon_argument(fcinfo, 4);
	double		row[3];

	dupex_customer_arguments(fcinfo, 1, row);
	PG_RETURN_FLOAT8(exactly(&model, row, 0, horizon));
}

/*
 * pareto_nbd_exactly(model, orders, frequency, recency, age, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_exactly);
Datum
dupex_pareto_sql_exactly(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);
	int			orders = dupex_orders_argument(fcinfo, 1);
	double		horizon = dupex_horizon_argument(fcinfo, 5);
	double		row[3];

	dupex_customer_arguments(fcinfo, 2, row);
	PG_RETURN_FLOAT8(exactly(&model, row, orders, horizon));
}

/*
 * pareto_nbd_new_customer(model, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_new_customer);
Datum
dupex_pareto_sql_new_customer(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);

	PG_RETURN_FLOAT8(dupex_pareto_kernel(&model, 0, 0, dupex_horizon_argument(fcinfo, 1)));
}

/*
 * pareto_nbd_new_customer_exactly(model, orders, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_new_customer_exactly);
Datum
dupex_pareto_sql_new_customer_exactly(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);
	int			orders = dupex_orders_argument(fcinfo, 1);

	PG_RETURN_FLOAT8(dupex_pareto_orders_if_alive(&model, 0, 0, orders, dupex_horizon_argument(fcinfo, 2)));
}

/*
 * pareto_nbd_residual(model, frequency, recency, age, rate): NULL where it is infinite.
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_residual);
Datum
dupex_pareto_sql_residual(PG_FUNCTION_ARGS)
{
	DupexParetoModel model = pareto_argument(fcinfo);
	double		rate = dupex_discount_argument(fcinfo, 4);
	double		row[3];
	double		orders;

	dupex_customer_arguments(fcinfo, 1, row);
	orders = dupex_pareto_discounted_kernel(&model, row[0], row[2], rate);
	if (isinf(orders))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(dupex_pareto_alive(&model, row[0], row[1], row[2], 0) * orders);
}

/*
 * nbd_fit(counts, unit): NULL where there is no customer.
 */
PG_FUNCTION_INFO_V1(dupex_nbd_sql_fit);
Datum
dupex_nbd_sql_fit(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	const char *unit = dupex_unit_argument(fcinfo, 1);
	DupexFit	fit;
	char		reason[REASON_SIZE];

	if (counts->row_count == 0)
		PG_RETURN_NULL();
	dupex_nbd_fit(counts->rows, counts->row_count, dupex_stop_by_interrupt, &fit);
	dupex_nbd_reason(&fit, counts->rows[counts->row_count - 1].frequency > 0, reason, sizeof(reason));
	return dupex_model_return(fcinfo, &fit, reason, unit);
}

PG_FUNCTION_INFO_V1(dupex_nbd_sql_log_likelihood);
Datum
dupex_nbd_sql_log_likelihood(PG_FUNCTION_ARGS)
{
	DupexNbdModel model = nbd_argument(fcinfo);
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 1);

	PG_RETURN_FLOAT8(dupex_nbd_log_likelihood(&model, counts->rows, counts->row_count, dupex_stop_by_interrupt));
}

/*
 * nbd_alive(model, frequency, recency, age, ahead): nobody ever drops out.
 */
PG_FUNCTION_INFO_V1(dupex_nbd_sql_alive);
Datum
dupex_nbd_sql_alive(PG_FUNCTION_ARGS)
{
	double		row[3];

	nbd_argument(fcinfo);
	dupex_horizon_argument(fcinfo, 4);
	dupex_customer_arguments(fcinfo, 1, row);
	PG_RETURN_FLOAT8(1);
}

/*
 * nbd_expected(model, frequency, recency, age, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_nbd_sql_expected);
Datum
dupex_nbd_sql_expected(PG_FUNCTION_ARGS)
{
	DupexNbdModel model = nbd_argument(fcinfo);
	double		horizon = dupex_horizon_argument(fcinfo, 4);
	double		row[3];

	dupex_customer_arguments(fcinfo, 1, row);
	PG_RETURN_FLOAT8(dupex_nbd_kernel(&model, row[0], row[2], horizon));
}

/*
 * nbd_none(model, frequency, recency, age, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_nbd_sql_none);
Datum
dupex_nbd_sql_none(PG_FUNCTION_ARGS)
{
	DupexNbdModel model = nbd_argument(fcinfo);
	double		horizon = dupex_horizon_argument(fcinfo, 4);
	double		row[3];

	dupex_customer_arguments(fcinfo, 1, row);
	PG_RETURN_FLOAT8(dupex_nbd_orders(&model, row[0], row[2], 0, horizon));
}

/*
 * nbd_exactly(model, orders, frequency, recency, age, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_nbd_sql_exactly);
Datum
dupex_nbd_sql_exactly(PG_FUNCTION_ARGS)
{
	DupexNbdModel model = nbd_argument(fcinfo);
	int			orders = dupex_orders_argument(fcinfo, 1);
	double		horizon = dupex_horizon_argument(fcinfo, 5);
	double		row[3];

	dupex_customer_arguments(fcinfo, 2, row);
	PG_RETURN_FLOAT8(dupex_nbd_orders(&model, row[0], row[2], orders, horizon));
}

/*
 * nbd_new_customer(model, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_nbd_sql_new_customer);
Datum
dupex_nbd_sql_new_customer(PG_FUNCTION_ARGS)
{
	DupexNbdModel model = nbd_argument(fcinfo);

	PG_RETURN_FLOAT8(dupex_nbd_kernel(&model, 0, 0, dupex_horizon_argument(fcinfo, 1)));
}

/*
 * nbd_new_customer_exactly(model, orders, horizon)
 */
PG_FUNCTION_INFO_V1(dupex_nbd_sql_new_customer_exactly);
Datum
dupex_nbd_sql_new_customer_exactly(PG_FUNCTION_ARGS)
{
	DupexNbdModel model = nbd_argument(fcinfo);
	int			orders = dupex_orders_argument(fcinfo, 1);

	PG_RETURN_FLOAT8(dupex_nbd_orders(&model, 0, 0, orders, dupex_horizon_argument(fcinfo, 2)));
}
