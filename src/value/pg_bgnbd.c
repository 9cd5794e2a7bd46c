/*
 * pg_bgnbd.c
 *		The SQL side of the models BG/NBD and MBG/NBD. Each function comes twice, once for each
 *		model, with the same body.
 *
 * What is to be expected of a customer who is alive depends on (frequency, age, horizon) alone,
 * and customers of whole days share these: in a million there are a few thousand different ones.
 * So the last values are kept in a small table beside the model, which makes most of a query's
 * rows cost a look into it.
 */
#include "dupex.h"

#include "common/hashfn.h"

#include "value/bgnbd.h"
#include "value/pg_arguments.h"
#include "value/pg_value.h"

#define BG		0
#define MBG		1

#define MEMORY_SLOTS	2048	/* a power of two */

typedef struct Slot
{
	double		frequency;
	double		age;
	double		horizon;
	double		value;
	bool		is_used;
} Slot;

typedef struct Memory
{
	DupexModelMemory common;
	DupexBgnbd	model;
	Slot		slots[MEMORY_SLOTS];
} Memory;

/* what is asked of a customer who is alive */
typedef double (*Question) (const DupexBgnbdAlive *customer, double horizon);

/*
 * The model that is the first argument.
 */
static Memory *
model_argument(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = (Memory *) dupex_model_argument(fcinfo, 0, 4, sizeof(Memory));

	memory->model.r = memory->common.parameter[0];
	memory->model.alpha = memory->common.parameter[1];
	memory->model.a = memory->common.parameter[2];
	memory->model.b = memory->common.parameter[3];
	memory->model.first_dropout = first_dropout;
	return memory;
}

/*
 * The answer for a customer who is alive, from the table if it has been asked before.
 */
static double
ask(Memory *memory, Question question, double frequency, double age, double horizon)
{
	uint64		hash = (uint64) frequency * UINT64CONST(0x9E3779B97F4A7C15);
	uint64		bits;
	Slot	   *slot;

	memcpy(&bits, &age, sizeof(bits));
	hash = (hash ^ bits) * UINT64CONST(0xBF58476D1CE4E5B9);
	hash ^= hash >> 31;
	memcpy(&bits, &horizon, sizeof(bits));
	hash = (hash ^ bits) * UINT64CONST(0x94D049BB133111EB);
	slot = &memory->slots[(hash >> 40) & (MEMORY_SLOTS - 1)];
	if (!slot->is_used || slot->frequency != frequency || slot->age != age || slot->horizon != horizon)
	{
		DupexBgnbdAlive customer = dupex_bgnbd_when_alive(&memory->model, frequency, age);

		slot->value = question(&customer, horizon);
		slot->frequency = frequency;
		slot->age = age;
		slot->horizon = horizon;
		slot->is_used = true;
	}
	return slot->value;
}

/*
 * fit(counts, unit): NULL where there is no customer.
 */
static Datum
fit(FunctionCallInfo fcinfo, int first_dropout)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	const char *unit = dupex_unit_argument(fcinfo, 1);
	DupexFit	result;
	char		reason[200];

	if (counts->row_count == 0)
		PG_RETURN_NULL();
	dupex_bgnbd_fit(counts->rows, counts->row_count, first_dropout, dupex_stop_by_interrupt,
					palloc(DUPEX_PURCHASE_SAMPLE * sizeof(DupexPurchaseRow)), &result);
	dupex_bgnbd_reason(&result, counts->rows[counts->row_count - 1].frequency > 0, reason, sizeof(reason));
	return dupex_model_return(fcinfo, &result, reason, unit);
}

/*
 * log_likelihood(model, counts)
 */
static Datum
log_likelihood(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = model_argument(fcinfo, first_dropout);
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 1);

	PG_RETURN_FLOAT8(dupex_bgnbd_log_likelihood(&memory->model, counts->rows, counts->row_count, dupex_stop_by_interrupt));
}

/*
 * alive(model, frequency, recency, age, ahead)
 */
static Datum
alive(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = model_argument(fcinfo, first_dropout);
	double		ahead = dupex_horizon_argument(fcinfo, 4);
	double		row[3];
	double		now;

	dupex_customer_arguments(fcinfo, 1, row);
	now = dupex_bgnbd_alive(&memory->model, row[0], row[1], row[2]);
	if (ahead == 0 || now == 0)
		PG_RETURN_FLOAT8(now);
	PG_RETURN_FLOAT8(now * ask(memory, dupex_bgnbd_still_alive, row[0], row[2], ahead));
}

/*
 * expected(model, frequency, recency, age, horizon)
 */
static Datum
expected(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = model_argument(fcinfo, first_dropout);
	double		horizon = dupex_horizon_argument(fcinfo, 4);
	double		row[3];

	dupex_customer_arguments(fcinfo, 1, row);
	PG_RETURN_FLOAT8(dupex_bgnbd_alive(&memory->model, row[0], row[1], row[2]) *
					 ask(memory, dupex_bgnbd_orders, row[0], row[2], horizon));
}

/*
 * none(model, frequency, recency, age, horizon)
 */
static Datum
none(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = model_argument(fcinfo, first_dropout);
	double		horizon = dupex_horizon_argument(fcinfo, 4);
	double		row[3];
	DupexBgnbdAlive customer;

	dupex_customer_arguments(fcinfo, 1, row);
	customer = dupex_bgnbd_when_alive(&memory->model, row[0], row[2]);
	PG_RETURN_FLOAT8(dupex_bgnbd_none(&memory->model, &customer, row[0], row[1], row[2], horizon));
}

/*
 * new_customer(model, horizon)
 */
static Datum
new_customer(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = model_argument(fcinfo, first_dropout);
	double		horizon = dupex_horizon_argument(fcinfo, 1);
	double		is_alive;
	DupexBgnbdAlive customer = dupex_bgnbd_when_new(&memory->model, &is_alive);

	PG_RETURN_FLOAT8(is_alive * dupex_bgnbd_orders(&customer, horizon));
}

/*
 * exactly(model, orders, frequency, recency, age, horizon)
 */
static Datum
exactly(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = model_argument(fcinfo, first_dropout);
	int			orders = dupex_orders_argument(fcinfo, 1);
	double		horizon = dupex_horizon_argument(fcinfo, 5);
	double		row[3];
	DupexBgnbdAlive customer;

	dupex_customer_arguments(fcinfo, 2, row);
	customer = dupex_bgnbd_when_alive(&memory->model, row[0], row[2]);
	if (orders == 0)
		PG_RETURN_FLOAT8(dupex_bgnbd_none(&memory->model, &customer, row[0], row[1], row[2], horizon));
	PG_RETURN_FLOAT8(dupex_bgnbd_alive(&memory->model, row[0], row[1], row[2]) *
					 dupex_bgnbd_exactly(&customer, orders, horizon));
}

/*
 * new_customer_exactly(model, orders, horizon)
 */
static Datum
new_customer_exactly(FunctionCallInfo fcinfo, int first_dropout)
{
	Memory	   *memory = model_argument(fcinfo, first_dropout);
	int			orders = dupex_orders_argument(fcinfo, 1);
	double		horizon = dupex_horizon_argument(fcinfo, 2);
	double		is_alive;
	DupexBgnbdAlive customer = dupex_bgnbd_when_new(&memory->model, &is_alive);

	if (orders == 0)
		PG_RETURN_FLOAT8((1 - is_alive) + is_alive * dupex_bgnbd_exactly(&customer, 0, horizon));
	PG_RETURN_FLOAT8(is_alive * dupex_bgnbd_exactly(&customer, orders, horizon));
}

/*
 * Each of the above for either model.
 */
#define FOR_BOTH(function) \
	PG_FUNCTION_INFO_V1(dupex_bgnbd_sql_##function); \
	PG_FUNCTION_INFO_V1(dupex_mbgnbd_sql_##function); \
	Datum dupex_bgnbd_sql_##function(PG_FUNCTION_ARGS) \
	{ \
		return function(fcinfo, BG); \
	} \
	Datum dupex_mbgnbd_sql_##function(PG_FUNCTION_ARGS) \
	{ \
		return function(fcinfo, MBG); \
	}

FOR_BOTH(fit)
FOR_BOTH(log_likelihood)
FOR_BOTH(alive)
FOR_BOTH(expected)
FOR_BOTH(none)
FOR_BOTH(new_customer)
FOR_BOTH(exactly)
FOR_BOTH(new_customer_exactly)
