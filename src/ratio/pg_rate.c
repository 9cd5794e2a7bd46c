/*
 * pg_rate.c
 *		The SQL side of type rate: input and output, arithmetic, aggregates, comparison.
 *
 * Built as pg_er.c, which tells why.
 */
#include "dupex.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "ratio/rate.h"

#define DatumGetRateP(datum)	((DupexRate *) DatumGetPointer(datum))
#define PG_GETARG_RATE_P(n)		DatumGetRateP(PG_GETARG_DATUM(n))
#define PG_RETURN_RATE_P(rate)	PG_RETURN_POINTER(rate)

/*
 * The state that a transition function may change: its first argument where an aggregate calls,
 * else a copy of it.
 */
static DupexRate *
own_first_argument(FunctionCallInfo fcinfo)
{
	DupexRate  *rate = PG_GETARG_RATE_P(0);

	if (!AggCheckCallContext(fcinfo, NULL))
	{
		DupexRate  *copy = palloc(sizeof(DupexRate));

		*copy = *rate;
		rate = copy;
	}
	return rate;
}

/*
 * "successes/trials" to rate. A text that is none is 22P02, as is one that tells of more
 * successes than trials; a count beyond bigint is 22003. All are soft errors where PostgreSQL
 * has those.
 */
PG_FUNCTION_INFO_V1(dupex_rate_in);
Datum
dupex_rate_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	DupexRate  *rate = palloc(sizeof(DupexRate));

	switch (dupex_rate_parse(str, strlen(str), rate))
	{
		case DUPEX_RATE_OK:
			break;
		case DUPEX_RATE_RANGE:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" is out of range for type %s", str, "rate"),
					 errdetail("Successes and trials are of type bigint.")));
			break;
		case DUPEX_RATE_IMPOSSIBLE:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid value for type %s: \"%s\"", "rate", str),
					 errdetail("Successes go from 0 to the number of trials."),
					 errhint("Successes are the first number, trials the second.")));
			break;
		default:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"", "rate", str),
					 errdetail("A rate is written successes/trials, two whole numbers."),
					 errhint("Write 37/1000 for 37 successes in 1000 trials.")));
	}
	PG_RETURN_RATE_P(rate);
}

PG_FUNCTION_INFO_V1(dupex_rate_out);
Datum
dupex_rate_out(PG_FUNCTION_ARGS)
{
	char	   *str = palloc(DUPEX_RATE_TEXT_SIZE);

	dupex_rate_format(PG_GETARG_RATE_P(0), str);
	PG_RETURN_CSTRING(str);
}

/*
 * Binary form: successes and trials (int8, int8). What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_rate_recv);
Datum
dupex_rate_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	DupexRate  *rate = palloc(sizeof(DupexRate));
	int64		successes = pq_getmsgint64(message);
	int64		trials = pq_getmsgint64(message);

	if (dupex_rate_make(successes, trials, rate) != DUPEX_RATE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", "rate"),
				 errdetail("There are %lld successes in %lld trials.", (long long) successes, (long long) trials),
				 errhint("Successes go from 0 to the number of trials.")));
	PG_RETURN_RATE_P(rate);
}

PG_FUNCTION_INFO_V1(dupex_rate_send);
Datum
dupex_rate_send(PG_FUNCTION_ARGS)
{
	DupexRate  *rate = PG_GETARG_RATE_P(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint64(&message, (uint64) rate->successes);
	pq_sendint64(&message, (uint64) rate->trials);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * rate(successes, trials). Strict; raises 22023 unless 0 <= successes <= trials.
 */
PG_FUNCTION_INFO_V1(dupex_rate_construct);
Datum
dupex_rate_construct(PG_FUNCTION_ARGS)
{
	int64		successes = PG_GETARG_INT64(0);
	int64		trials = PG_GETARG_INT64(1);
	DupexRate  *rate = palloc(sizeof(DupexRate));

	if (dupex_rate_make(successes, trials, rate) != DUPEX_RATE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld successes in %lld trials are not a rate", (long long) successes, (long long) trials),
				 errdetail("Successes go from 0 to the number of trials."),
				 errhint("Count successes among the same trials; for a quotient of amounts use type er.")));
	PG_RETURN_RATE_P(rate);
}

PG_FUNCTION_INFO_V1(dupex_rate_get_successes);
Datum
dupex_rate_get_successes(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_RATE_P(0)->successes);
}

PG_FUNCTION_INFO_V1(dupex_rate_get_trials);
Datum
dupex_rate_get_trials(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_RATE_P(0)->trials);
}

/*
 * successes / trials, NULL where there are no trials.
 */
PG_FUNCTION_INFO_V1(dupex_rate_get_value);
Datum
dupex_rate_get_value(PG_FUNCTION_ARGS)
{
	DupexRate  *rate = PG_GETARG_RATE_P(0);

	if (rate->trials == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) rate->successes / (double) rate->trials);
}

/*
 * rate + rate; the transition of rollup(rate) and the combine function of the aggregates.
 */
PG_FUNCTION_INFO_V1(dupex_rate_plus);
Datum
dupex_rate_plus(PG_FUNCTION_ARGS)
{
	DupexRate  *sum = own_first_argument(fcinfo);

	if (dupex_rate_add(sum, PG_GETARG_RATE_P(1)) != DUPEX_RATE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("rate out of range"),
				 errdetail("Successes and trials are of type bigint.")));
	PG_RETURN_RATE_P(sum);
}

/*
 * rate - rate; the inverse transition of the aggregates, which only takes away what was added.
 * By hand it raises 22023 where no rate is left.
 */
PG_FUNCTION_INFO_V1(dupex_rate_minus);
Datum
dupex_rate_minus(PG_FUNCTION_ARGS)
{
	DupexRate  *subtrahend = PG_GETARG_RATE_P(1);
	DupexRate  *difference = own_first_argument(fcinfo);

	if (dupex_rate_subtract(difference, subtrahend) != DUPEX_RATE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot take %lld successes in %lld trials away from %lld in %lld",
						(long long) subtrahend->successes, (long long) subtrahend->trials,
						(long long) difference->successes, (long long) difference->trials),
				 errdetail("Neither the successes nor the failures can become negative.")));
	PG_RETURN_RATE_P(difference);
}

/*
 * Adds (or takes away, in a moving window) one trial. NULL is no trial.
 */
static Datum
count_trial(FunctionCallInfo fcinfo, DupexRate *state)
{
	DupexRate	trial = {0, 1};

	if (!PG_ARGISNULL(1))
	{
		trial.successes = PG_GETARG_BOOL(1);
		if (dupex_rate_add(state, &trial) != DUPEX_RATE_OK)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("rate out of range"),
					 errdetail("Successes and trials are of type bigint.")));
	}
	PG_RETURN_RATE_P(state);
}

/*
 * Transition of rate_agg(success). A group of only NULLs gives NULL.
 */
PG_FUNCTION_INFO_V1(dupex_rate_agg_add);
Datum
dupex_rate_agg_add(PG_FUNCTION_ARGS)
{
	if (!PG_ARGISNULL(0))
		return count_trial(fcinfo, own_first_argument(fcinfo));
	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	return count_trial(fcinfo, palloc0(sizeof(DupexRate)));
}

/*
 * The same for a moving window, where the state may not be NULL: nothing counted yet is 0/0,
 * which dupex_rate_agg_moving_final() turns into NULL.
 */
PG_FUNCTION_INFO_V1(dupex_rate_agg_moving_add);
Datum
dupex_rate_agg_moving_add(PG_FUNCTION_ARGS)
{
	return count_trial(fcinfo, PG_ARGISNULL(0) ? palloc0(sizeof(DupexRate)) : own_first_argument(fcinfo));
}

PG_FUNCTION_INFO_V1(dupex_rate_agg_moving_remove);
Datum
dupex_rate_agg_moving_remove(PG_FUNCTION_ARGS)
{
	DupexRate  *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = own_first_argument(fcinfo);
	if (!PG_ARGISNULL(1))
	{
		state->successes -= PG_GETARG_BOOL(1);
		state->trials--;
	}
	PG_RETURN_RATE_P(state);
}

PG_FUNCTION_INFO_V1(dupex_rate_agg_moving_final);
Datum
dupex_rate_agg_moving_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_GETARG_RATE_P(0)->trials == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/*
 * Comparison: dupex_rate_compare() tells the order.
 */
PG_FUNCTION_INFO_V1(dupex_rate_cmp);
Datum
dupex_rate_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(dupex_rate_compare(PG_GETARG_RATE_P(0), PG_GETARG_RATE_P(1)));
}

PG_FUNCTION_INFO_V1(dupex_rate_eq);
Datum
dupex_rate_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_RATE_P(0), PG_GETARG_RATE_P(1), sizeof(DupexRate)) == 0);
}

PG_FUNCTION_INFO_V1(dupex_rate_ne);
Datum
dupex_rate_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_RATE_P(0), PG_GETARG_RATE_P(1), sizeof(DupexRate)) != 0);
}

PG_FUNCTION_INFO_V1(dupex_rate_lt);
Datum
dupex_rate_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_rate_compare(PG_GETARG_RATE_P(0), PG_GETARG_RATE_P(1)) < 0);
}

PG_FUNCTION_INFO_V1(dupex_rate_le);
Datum
dupex_rate_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_rate_compare(PG_GETARG_RATE_P(0), PG_GETARG_RATE_P(1)) <= 0);
}

PG_FUNCTION_INFO_V1(dupex_rate_gt);
Datum
dupex_rate_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_rate_compare(PG_GETARG_RATE_P(0), PG_GETARG_RATE_P(1)) > 0);
}

PG_FUNCTION_INFO_V1(dupex_rate_ge);
Datum
dupex_rate_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(dupex_rate_compare(PG_GETARG_RATE_P(0), PG_GETARG_RATE_P(1)) >= 0);
}

PG_FUNCTION_INFO_V1(dupex_rate_hash);
Datum
dupex_rate_hash(PG_FUNCTION_ARGS)
{
	return hash_any((unsigned char *) PG_GETARG_RATE_P(0), sizeof(DupexRate));
}

PG_FUNCTION_INFO_V1(dupex_rate_hash_extended);
Datum
dupex_rate_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((unsigned char *) PG_GETARG_RATE_P(0), sizeof(DupexRate), (uint64) PG_GETARG_INT64(1));
}
