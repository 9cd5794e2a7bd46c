/*
 * pg_er.c
 *		The SQL side of type er: input and output, arithmetic, aggregates, comparison.
 *
 * Every aggregate of dupex is built like the ones here. The state is the type itself, which has
 * a name, exact text and binary forms: so a state can be stored, sent to a parallel worker or to
 * another node, and rolled up later. One function serves as the + operator, as the transition
 * of rollup() and as the combine function of both aggregates, so they cannot disagree. A
 * transition function changes its state in place where it is one of an aggregate, and a copy
 * where it is called by hand. There is no cache from row to row.
 */
#include "dupex.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "ratio/er.h"

#define DatumGetErP(datum)		((DupexEr *) DatumGetPointer(datum))
#define PG_GETARG_ER_P(n)		DatumGetErP(PG_GETARG_DATUM(n))
#define PG_RETURN_ER_P(er)		PG_RETURN_POINTER(er)

#define MAX_QUOTED_DIGITS		60

/*
 * The state that a transition function may change: its first argument where an aggregate calls
 * (the executor made that copy for us), else a copy of it. The combine function may do so with
 * its first argument too, never with its second.
 */
static DupexEr *
own_first_argument(FunctionCallInfo fcinfo)
{
	DupexEr    *er = PG_GETARG_ER_P(0);

	if (!AggCheckCallContext(fcinfo, NULL))
	{
		DupexEr    *copy = palloc(sizeof(DupexEr));

		*copy = *er;
		er = copy;
	}
	return er;
}

/*
 * Raises 22003 for a sum that does not fit.
 */
static void
check_sum(DupexAmountStatus status)
{
	if (status != DUPEX_AMOUNT_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("er out of range"),
				 errdetail("Expense and revenue have up to %d digits before the decimal point.", DUPEX_AMOUNT_DIGITS),
				 errhint("Add up in a larger unit of money, such as thousands.")));
}

/*
 * The amount of a numeric. Raises 22003, naming the part (expense or revenue) and the value,
 * for what an er cannot hold exactly.
 *
 * By way of the text, which of numeric's public functions is the fastest one: numeric_send()
 * takes half as long again, to multiply and cast to bigint four times as long.
 */
static DupexAmount
amount_from_numeric(Datum value, const char *part)
{
	char	   *str = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	size_t		length = strlen(str);
	DupexAmount amount;
	DupexAmountStatus status = dupex_amount_parse(str, length, &amount);

	if (status == DUPEX_AMOUNT_OK)
		return amount;

	/* a numeric can have 150,000 digits */
	if (length > MAX_QUOTED_DIGITS)
		strcpy(str + MAX_QUOTED_DIGITS - 3, "...");

	switch (status)
	{
		case DUPEX_AMOUNT_DECIMALS_LOST:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s %s has more than %d decimals", part, str, DUPEX_AMOUNT_DECIMALS),
					 errdetail("Type er adds up exactly and therefore never rounds by itself."),
					 errhint("Round it first, such as with round(%s, 4).", part)));
			break;
		case DUPEX_AMOUNT_RANGE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s %s is out of range for type er", part, str),
					 errdetail("It has up to %d digits before the decimal point.", DUPEX_AMOUNT_DIGITS),
					 errhint("Use a larger unit of money, such as thousands.")));
			break;
		default:				/* NaN and the infinities */
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s must not be %s", part, str),
					 errdetail("A sum with it would hide all other amounts."),
					 errhint("Use NULL for an unknown amount.")));
	}
	return amount;				/* not reached */
}

/*
 * "expense:revenue" to er. A text that is none is 22P02, a number that does not fit 22003; both
 * are soft errors where PostgreSQL has those.
 */
PG_FUNCTION_INFO_V1(dupex_er_in);
Datum
dupex_er_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	DupexEr    *er = palloc(sizeof(DupexEr));

	switch (dupex_er_parse(str, strlen(str), er))
	{
		case DUPEX_AMOUNT_OK:
			break;
		case DUPEX_AMOUNT_RANGE:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" is out of range for type %s", str, "er"),
					 errdetail("Expense and revenue have up to %d digits before the decimal point.", DUPEX_AMOUNT_DIGITS),
					 errhint("Use a larger unit of money, such as thousands.")));
			break;
		case DUPEX_AMOUNT_DECIMALS_LOST:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" has more than %d decimals", str, DUPEX_AMOUNT_DECIMALS),
					 errdetail("Type er adds up exactly and therefore never rounds by itself."),
					 errhint("Round the amounts first.")));
			break;
		default:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"", "er", str),
					 errdetail("An er is written expense:revenue, two decimal numbers without exponent."),
					 errhint("Write 1200:4800 for an expense of 1200 and a revenue of 4800.")));
	}
	PG_RETURN_ER_P(er);
}

/*
 * er to "expense:revenue", exactly, trailing zeros trimmed.
 */
PG_FUNCTION_INFO_V1(dupex_er_out);
Datum
dupex_er_out(PG_FUNCTION_ARGS)
{
	char	   *str = palloc(DUPEX_ER_TEXT_SIZE);

	dupex_er_format(PG_GETARG_ER_P(0), str);
	PG_RETURN_CSTRING(str);
}

/*
 * Binary form: whole and billionths of the expense, then of the revenue (int8, int4, int8,
 * int4). What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_er_recv);
Datum
dupex_er_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	DupexEr    *er = palloc(sizeof(DupexEr));

	er->expense_whole = pq_getmsgint64(message);
	er->expense_billionths = (int32) pq_getmsgint(message, 4);
	er->revenue_whole = pq_getmsgint64(message);
	er->revenue_billionths = (int32) pq_getmsgint(message, 4);
	if (!dupex_er_is_valid(er))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", "er"),
				 errdetail("The expense is %lld and %d billionths, the revenue %lld and %d billionths.",
						   (long long) er->expense_whole, (int) er->expense_billionths,
						   (long long) er->revenue_whole, (int) er->revenue_billionths),
				 errhint("Billionths go from 0 to 999,999,999, absolute values stay below 10^%d.", DUPEX_AMOUNT_DIGITS)));
	PG_RETURN_ER_P(er);
}

PG_FUNCTION_INFO_V1(dupex_er_send);
Datum
dupex_er_send(PG_FUNCTION_ARGS)
{
	DupexEr    *er = PG_GETARG_ER_P(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint64(&message, (uint64) er->expense_whole);
	pq_sendint32(&message, (uint32) er->expense_billionths);
	pq_sendint64(&message, (uint64) er->revenue_whole);
	pq_sendint32(&message, (uint32) er->revenue_billionths);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * er(expense, revenue). Strict; raises 22003 for what does not fit.
 */
PG_FUNCTION_INFO_V1(dupex_er_construct);
Datum
dupex_er_construct(PG_FUNCTION_ARGS)
{
	DupexEr    *er = palloc(sizeof(DupexEr));

	*er = dupex_er_make(amount_from_numeric(PG_GETARG_DATUM(0), "expense"),
						amount_from_numeric(PG_GETARG_DATUM(1), "revenue"));
	PG_RETURN_ER_P(er);
}

/*
 * The amount as a numeric with as many decimals as it needs.
 */
static Numeric
amount_to_numeric(DupexAmount amount)
{
	char		str[DUPEX_AMOUNT_TEXT_SIZE];

	if (amount.billionths == 0)
		return int64_to_numeric(amount.whole);
	dupex_amount_format(amount, str);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(str),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

PG_FUNCTION_INFO_V1(dupex_er_get_expense);
Datum
dupex_er_get_expense(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(amount_to_numeric(dupex_er_expense(PG_GETARG_ER_P(0))));
}

PG_FUNCTION_INFO_V1(dupex_er_get_revenue);
Datum
dupex_er_get_revenue(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(amount_to_numeric(dupex_er_revenue(PG_GETARG_ER_P(0))));
}

/*
 * expense / revenue by numeric's own division, which gives at least 16 significant digits;
 * trailing zeros trimmed. NULL where the revenue is 0.
 */
PG_FUNCTION_INFO_V1(dupex_er_get_ratio);
Datum
dupex_er_get_ratio(PG_FUNCTION_ARGS)
{
	DupexEr    *er = PG_GETARG_ER_P(0);
	Datum		ratio;

	if (er->revenue_whole == 0 && er->revenue_billionths == 0)
		PG_RETURN_NULL();
	ratio = DirectFunctionCall2(numeric_div,
								NumericGetDatum(amount_to_numeric(dupex_er_expense(er))),
								NumericGetDatum(amount_to_numeric(dupex_er_revenue(er))));
	PG_RETURN_DATUM(DirectFunctionCall1(numeric_trim_scale, ratio));
}

/*
 * er + er; the transition of rollup(er) and the combine function of the aggregates, for which
 * the executor takes care of NULL on either side since the function is strict.
 */
PG_FUNCTION_INFO_V1(dupex_er_plus);
Datum
dupex_er_plus(PG_FUNCTION_ARGS)
{
	DupexEr    *sum = own_first_argument(fcinfo);

	check_sum(dupex_er_add(sum, PG_GETARG_ER_P(1)));
	PG_RETURN_ER_P(sum);
}

/*
 * er - er; the inverse transition of rollup(er), exact.
 */
PG_FUNCTION_INFO_V1(dupex_er_minus);
Datum
dupex_er_minus(PG_FUNCTION_ARGS)
{
	DupexEr    *difference = own_first_argument(fcinfo);

	check_sum(dupex_er_subtract(difference, PG_GETARG_ER_P(1)));
	PG_RETURN_ER_P(difference);
}

/*
 * Transition of er_agg(expense, revenue). A NULL part adds nothing to its sum; a row with
 * neither part leaves the state as it is, so that a group of only such rows gives NULL.
 *
 * The first state is made in the row's own memory: the executor copies it to where it lives.
 */
PG_FUNCTION_INFO_V1(dupex_er_agg_add);
Datum
dupex_er_agg_add(PG_FUNCTION_ARGS)
{
	DupexAmount expense = {0};
	DupexAmount revenue = {0};
	DupexEr    *state;
	DupexEr		row;

	if (PG_ARGISNULL(1) && PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}

	if (!PG_ARGISNULL(1))
		expense = amount_from_numeric(PG_GETARG_DATUM(1), "expense");
	if (!PG_ARGISNULL(2))
		revenue = amount_from_numeric(PG_GETARG_DATUM(2), "revenue");
	row = dupex_er_make(expense, revenue);

	if (PG_ARGISNULL(0))
	{
		state = palloc(sizeof(DupexEr));
		*state = row;
	}
	else
	{
		state = own_first_argument(fcinfo);
		check_sum(dupex_er_add(state, &row));
	}
	PG_RETURN_ER_P(state);
}

/*
 * Comparison: dupex_er_compare() tells the order.
 */
PG_FUNCTION_INFO_V1(dupex_er_cmp);
Datum
dupex_er_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(dupex_er_compare(PG_GETARG_ER_P(0), PG_GETARG_ER_P(1)));
}

PG_FUNCTION_INFO_V1(dupex_er_eq);
Datum
dupex_er_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_ER_P(0), PG_GETARG_ER_P(1), sizeof(DupexEr)) == 0);
}

PG_FUNCTION_INFO_V1(dupex_er_ne);
Datum
dupex_er_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_ER_P(0), PG_GETARG_ER_P(1), sizeof(DupexEr)) != 0);
}

PG_FUNCTION_INFO_V1(dupex_er_lt);
Datum
dupex_er_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_er_compare(PG_GETARG_ER_P(0), PG_GETARG_ER_P(1)) < 0);
}

PG_FUNCTION_INFO_V1(dupex_er_le);
Datum
dupex_er_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_er_compare(PG_GETARG_ER_P(0), PG_GETARG_ER_P(1)) <= 0);
}

PG_FUNCTION_INFO_V1(dupex_er_gt);
Datum
dupex_er_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_er_compare(PG_GETARG_ER_P(0), PG_GETARG_ER_P(1)) > 0);
}

PG_FUNCTION_INFO_V1(dupex_er_ge);
Datum
dupex_er_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_er_compare(PG_GETARG_ER_P(0), PG_GETARG_ER_P(1)) >= 0);
}

PG_FUNCTION_INFO_V1(dupex_er_hash);
Datum
dupex_er_hash(PG_FUNCTION_ARGS)
{
	return hash_any((unsigned char *) PG_GETARG_ER_P(0), sizeof(DupexEr));
}

PG_FUNCTION_INFO_V1(dupex_er_hash_extended);
Datum
dupex_er_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((unsigned char *) PG_GETARG_ER_P(0), sizeof(DupexEr), (uint64) PG_GETARG_INT64(1));
}
