/*
 * pg_discount.c
 *		discounted_value and residual_value: what a customer's orders to come are worth.
 *
 * The value is the probability that the customer is alive, times the discounted orders of one
 * who is, times the expected value of an order. The middle one costs the most, an evaluation a
 * period, and depends on frequency and age alone. Customers counted in whole days share these,
 * so the last results are kept in a table and found again. Customers of exact times do not
 * share them, and lose little.
 */
#include "dupex.h"

#include <math.h>

#include "value/bgbb.h"
#include "value/bgnbd.h"
#include "value/discount.h"
#include "value/gamma_gamma.h"
#include "value/nbd.h"
#include "value/pareto.h"
#include "value/pg_arguments.h"
#include "value/pg_bgbb.h"
#include "value/pg_spend.h"
#include "value/pg_value.h"

#define SLOTS	8192			/* a power of two */

#define FOR_EVER	(-1)		/* a number of periods */

/* a result of the table; stands as long as its generation is the current one */
typedef struct Slot
{
	double		frequency;
	double		age;
	double		value;
	uint64		generation;
} Slot;

/* a model argument: what dupex_model_argument() keeps, and whether we have seen it */
typedef struct ModelMemory
{
	DupexModelMemory common;
	bool		is_known;
} ModelMemory;

/*
 * In fn_extra. There are two models, and dupex_model_argument() keeps one in the fn_extra of
 * one function: so each has a FmgrInfo of its own.
 */
typedef struct Memory
{
	FmgrInfo	model;
	FmgrInfo	spend;
	int			periods;
	double		period_length;
	double		rate;
	uint64		generation;
	Slot		slots[SLOTS];
} Memory;

typedef enum Kind
{
	BGNBD = 0,
	MBGNBD = 1,					/* as first_dropout of DupexBgnbd */
	PARETO,
	NBD
} Kind;

/* a customer of a model, for the pure functions */
typedef struct Customer
{
	Kind		kind;
	DupexBgnbd	bgnbd;
	DupexBgnbdAlive if_alive;
	DupexParetoModel pareto;
	DupexNbdModel nbd;
	double		frequency;
	double		recency;
	double		age;
} Customer;

/*
 * The memory of the calling function.
 */
static Memory *
get_memory(FunctionCallInfo fcinfo)
{
	Memory	   *memory = fcinfo->flinfo->fn_extra;

	if (memory == NULL)
	{
		memory = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Memory));
		memory->model.fn_mcxt = memory->spend.fn_mcxt = fcinfo->flinfo->fn_mcxt;
		memory->generation = 1;
		fcinfo->flinfo->fn_extra = memory;
	}
	return memory;
}

/*
 * The parameters of the model that is argument n. What was computed with another one is
 * forgotten.
 */
static const double *
model_argument(FunctionCallInfo fcinfo, int n, int size, Memory *memory, FmgrInfo *flinfo)
{
	LOCAL_FCINFO(inner, 1);
	ModelMemory *model;

	InitFunctionCallInfoData(*inner, flinfo, 1, InvalidOid, NULL, NULL);
	inner->args[0] = fcinfo->args[n];
	model = (ModelMemory *) dupex_model_argument(inner, 0, size, sizeof(ModelMemory));
	if (!model->is_known)
	{
		model->is_known = true;
		memory->generation++;
	}
	return model->common.parameter;
}

/*
 * The expected value of an order; not finite where it is infinite, or its sums are too large.
 */
static double
order_value(FunctionCallInfo fcinfo, int spend, Memory *memory, double frequency, double mean_value)
{
	const double *parameter = model_argument(fcinfo, spend, DUPEX_GAMMA_GAMMA_PARAMETERS, memory, &memory->spend);
	DupexGammaGammaModel model = {parameter[0], parameter[1], parameter[2]};

	dupex_spend_check(frequency, mean_value);
	return dupex_gamma_gamma_expected(&model, frequency, mean_value);
}

/*
 * The customer of arguments 0 (model) and 2 to 4.
 */
static Customer
customer_argument(FunctionCallInfo fcinfo, Kind kind, Memory *memory)
{
	const double *p = model_argument(fcinfo, 0, kind == NBD ? DUPEX_NBD_PARAMETERS : 4, memory, &memory->model);
	Customer	customer = {kind};
	double		row[3];

	dupex_customer_arguments(fcinfo, 2, row);
	customer.frequency = row[0];
	customer.recency = row[1];
	customer.age = row[2];
	switch (kind)
	{
		case BGNBD:
		case MBGNBD:
			customer.bgnbd.r = p[0];
			customer.bgnbd.alpha = p[1];
			customer.bgnbd.a = p[2];
			customer.bgnbd.b = p[3];
			customer.bgnbd.first_dropout = kind;
			customer.if_alive = dupex_bgnbd_when_alive(&customer.bgnbd, row[0], row[2]);
			break;
		case PARETO:
			customer.pareto.r = p[0];
			customer.pareto.alpha = p[1];
			customer.pareto.s = p[2];
			customer.pareto.beta = p[3];
			break;
		case NBD:
			customer.nbd.r = p[0];
			customer.nbd.alpha = p[1];
			break;
	}
	return customer;
}

static double
alive(const Customer *customer)
{
	switch (customer->kind)
	{
		case BGNBD:
		case MBGNBD:
			return dupex_bgnbd_alive(&customer->bgnbd, customer->frequency, customer->recency, customer->age);
		case PARETO:
			return dupex_pareto_alive(&customer->pareto, customer->frequency, customer->recency, customer->age, 0);
		case NBD:
			break;
	}
	return 1;
}

/*
 * Expected orders of a customer who is alive, within each horizon.
 */
static void
expected_orders(const void *data, const double *horizon, int count, double *orders)
{
	const Customer *customer = data;

	switch (customer->kind)
	{
		case BGNBD:
		case MBGNBD:
			dupex_bgnbd_orders_until(&customer->if_alive, horizon, count, orders);
			break;
		case PARETO:
			dupex_pareto_kernels(&customer->pareto, customer->frequency, customer->age, horizon, count, orders);
			break;
		case NBD:
			for (int i = 0; i < count; i++)
				orders[i] = dupex_nbd_kernel(&customer->nbd, customer->frequency, customer->age, horizon[i]);
			break;
	}
}

/*
 * The place of a result in the table, and whether it is there. Of residual values there are
 * FOR_EVER periods.
 */
static Slot *
find_slot(Memory *memory, const Customer *customer, int periods, double period_length, double rate, bool *is_known)
{
	uint64		hash = (uint64) customer->frequency * UINT64CONST(0x9E3779B97F4A7C15);
	uint64		bits;
	Slot	   *slot;

	if (memory->periods != periods || memory->period_length != period_length || memory->rate != rate)
	{
		memory->periods = periods;
		memory->period_length = period_length;
		memory->rate = rate;
		memory->generation++;
	}
	memcpy(&bits, &customer->age, sizeof(bits));
	hash = (hash ^ bits) * UINT64CONST(0xBF58476D1CE4E5B9);
	hash = (hash ^ (hash >> 31)) * UINT64CONST(0x94D049BB133111EB);
	slot = &memory->slots[(hash >> 40) % SLOTS];
	*is_known = slot->generation == memory->generation && slot->frequency == customer->frequency && slot->age == customer->age;
	slot->frequency = customer->frequency;
	slot->age = customer->age;
	slot->generation = memory->generation;
	return slot;
}

/*
 * The discounted orders of a customer who is alive, from the table if it has been asked before.
 */
static double
discounted_orders(Memory *memory, const Customer *customer, int periods, double period_length, double rate)
{
	bool		is_known;
	Slot	   *slot = find_slot(memory, customer, periods, period_length, rate, &is_known);

	if (!is_known)
		slot->value = dupex_discounted_orders(expected_orders, customer, periods, period_length, rate);
	return slot->value;
}

/*
 * Those for ever, of Pareto/NBD.
 */
static double
residual_orders(Memory *memory, const Customer *customer, double rate)
{
	bool		is_known;
	Slot	   *slot = find_slot(memory, customer, FOR_EVER, 0, rate, &is_known);

	if (!is_known)
		slot->value = dupex_pareto_discounted_kernel(&customer->pareto, customer->frequency, customer->age, rate);
	return slot->value;
}

/*
 * Whether an argument is NULL that must not be: any but the mean value (number mean_value) of a
 * customer without repeat orders.
 */
static bool
is_unknown(FunctionCallInfo fcinfo, bool is_once, int mean_value)
{
	for (int i = 0; i < PG_NARGS(); i++)
		if (PG_ARGISNULL(i) && !(i == mean_value && is_once))
			return true;
	return false;
}

/*
 * discounted_value(model, spend, frequency, recency, age, mean_value, periods, period_length,
 * rate_per_period): NULL for a NULL, and where the expected value of an order is infinite.
 */
static Datum
discounted_value(FunctionCallInfo fcinfo, Kind kind)
{
	Memory	   *memory = get_memory(fcinfo);
	Customer	customer;
	double		value;
	double		period_length;
	double		rate;
	int			periods;

	if (is_unknown(fcinfo, !PG_ARGISNULL(2) && PG_GETARG_FLOAT8(2) == 0, 5))
		PG_RETURN_NULL();
	customer = customer_argument(fcinfo, kind, memory);
	value = order_value(fcinfo, 1, memory, customer.frequency, PG_ARGISNULL(5) ? 0 : PG_GETARG_FLOAT8(5));
	periods = dupex_periods_argument(fcinfo, 6, DUPEX_DISCOUNT_MAX_PERIODS);
	period_length = dupex_horizon_argument(fcinfo, 7);
	rate = dupex_discount_argument(fcinfo, 8);
	if (!isfinite(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value * alive(&customer) * discounted_orders(memory, &customer, periods, period_length, rate));
}

PG_FUNCTION_INFO_V1(dupex_bgnbd_sql_discounted_value);
Datum
dupex_bgnbd_sql_discounted_value(PG_FUNCTION_ARGS)
{
	return discounted_value(fcinfo, BGNBD);
}

PG_FUNCTION_INFO_V1(dupex_mbgnbd_sql_discounted_value);
Datum
dupex_mbgnbd_sql_discounted_value(PG_FUNCTION_ARGS)
{
	return discounted_value(fcinfo, MBGNBD);
}

PG_FUNCTION_INFO_V1(dupex_pareto_sql_discounted_value);
Datum
dupex_pareto_sql_discounted_value(PG_FUNCTION_ARGS)
{
	return discounted_value(fcinfo, PARETO);
}

PG_FUNCTION_INFO_V1(dupex_nbd_sql_discounted_value);
Datum
dupex_nbd_sql_discounted_value(PG_FUNCTION_ARGS)
{
	return discounted_value(fcinfo, NBD);
}

/*
 * residual_value(model pareto_nbd_model, spend, frequency, recency, age, mean_value, rate): for
 * ever; NULL where that is infinite.
 */
PG_FUNCTION_INFO_V1(dupex_pareto_sql_residual_value);
Datum
dupex_pareto_sql_residual_value(PG_FUNCTION_ARGS)
{
	Memory	   *memory = get_memory(fcinfo);
	Customer	customer;
	double		value;

	if (is_unknown(fcinfo, !PG_ARGISNULL(2) && PG_GETARG_FLOAT8(2) == 0, 5))
		PG_RETURN_NULL();
	customer = customer_argument(fcinfo, PARETO, memory);
	value = order_value(fcinfo, 1, memory, customer.frequency, PG_ARGISNULL(5) ? 0 : PG_GETARG_FLOAT8(5))
		* residual_orders(memory, &customer, dupex_discount_argument(fcinfo, 6));
	if (!isfinite(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(alive(&customer) * value);
}

/*
 * The customer of a BG/BB model of arguments 0 (model) and 2 to 4, and the expected value of an
 * order.
 */
static double
bgbb_customer(FunctionCallInfo fcinfo, Memory *memory, DupexBgbbModel *model, DupexBgbbRow *row)
{
	const double *p = model_argument(fcinfo, 0, DUPEX_BGBB_PARAMETERS, memory, &memory->model);

	model->alpha = p[0];
	model->beta = p[1];
	model->gamma = p[2];
	model->delta = p[3];
	*row = dupex_bgbb_customer_arguments(fcinfo, 2);
	return order_value(fcinfo, 1, memory, row->frequency, PG_ARGISNULL(5) ? 0 : PG_GETARG_FLOAT8(5));
}

/*
 * discounted_value(model bgbb_model, spend, frequency, recency, opportunities, mean_value,
 * periods, rate_per_period)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_discounted_value);
Datum
dupex_bgbb_sql_discounted_value(PG_FUNCTION_ARGS)
{
	Memory	   *memory = get_memory(fcinfo);
	DupexBgbbModel model;
	DupexBgbbRow row;
	double		value;
	int			periods;

	if (is_unknown(fcinfo, !PG_ARGISNULL(2) && PG_GETARG_INT32(2) == 0, 5))
		PG_RETURN_NULL();
	value = bgbb_customer(fcinfo, memory, &model, &row);
	periods = dupex_periods_argument(fcinfo, 6, DUPEX_BGBB_MAX_PERIODS);
	value *= dupex_bgbb_discounted_kernel(&model, row.frequency, row.periods, periods, dupex_discount_argument(fcinfo, 7));
	if (!isfinite(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(dupex_bgbb_alive(&model, &row, 0) * value);
}

/*
 * residual_value(model bgbb_model, spend, frequency, recency, opportunities, mean_value,
 * rate_per_period)
 */
PG_FUNCTION_INFO_V1(dupex_bgbb_sql_residual_value);
Datum
dupex_bgbb_sql_residual_value(PG_FUNCTION_ARGS)
{
	Memory	   *memory = get_memory(fcinfo);
	DupexBgbbModel model;
	DupexBgbbRow row;
	double		value;

	if (is_unknown(fcinfo, !PG_ARGISNULL(2) && PG_GETARG_INT32(2) == 0, 5))
		PG_RETURN_NULL();
	value = bgbb_customer(fcinfo, memory, &model, &row);
	value *= dupex_bgbb_residual_kernel(&model, row.frequency, row.periods, dupex_discount_argument(fcinfo, 6));
	if (!isfinite(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(dupex_bgbb_alive(&model, &row, 0) * value);
}
