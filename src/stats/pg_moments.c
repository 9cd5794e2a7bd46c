/*
 * pg_moments.c
 *		The SQL side of type moments: input and output, aggregates, tests of means.
 *
 * Built as pg_er.c, which tells why.
 */
#include "stats/pg_stats.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "stats/mean.h"
#include "stats/moments.h"
#include "stats/sequential.h"

#define PG_GETARG_MOMENTS_P(n)	((DupexMoments *) PG_GETARG_POINTER(n))

#define MAX_QUOTED_DIGITS		60

/*
 * Raises the error of a text that is no value of the type; a soft one where PostgreSQL has
 * those. Returns true when all is well.
 */
static bool
check_text(DupexMomentsStatus status, const char *str, struct Node *context)
{
	switch (status)
	{
		case DUPEX_MOMENTS_OK:
			return true;
		case DUPEX_MOMENTS_RANGE:
			ereturn(context, false,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" is out of range for type %s", str, "moments"),
					 errdetail("People are counted by a bigint; the sum has up to %d digits before the point, the sum of squares %d.",
							   DUPEX_AMOUNT_DIGITS, DUPEX_SQUARES_DIGITS)));
		case DUPEX_MOMENTS_DECIMALS_LOST:
			ereturn(context, false,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" has too many decimals for type %s", str, "moments"),
					 errdetail("The sum has up to %d decimals, the sum of squares %d; nothing is rounded.",
							   DUPEX_AMOUNT_DECIMALS, DUPEX_SQUARES_DECIMALS)));
		case DUPEX_MOMENTS_IMPOSSIBLE:
			ereturn(context, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid value for type %s: \"%s\"", "moments", str),
					 errdetail("People times the sum of squares is at least the square of the sum; nobody has sums of 0."),
					 errhint("The order is people, sum, sum of squares.")));
		default:
			ereturn(context, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"", "moments", str),
					 errdetail("It is written people:sum:sum of squares."),
					 errhint("Write 3:12.5:80.25 for three people, their sum and the sum of their squares.")));
	}
}

PG_FUNCTION_INFO_V1(dupex_moments_in);
Datum
dupex_moments_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	DupexMoments *moments = palloc(sizeof(DupexMoments));

	if (!check_text(dupex_moments_parse(str, strlen(str), moments), str, fcinfo->context))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(moments);
}

PG_FUNCTION_INFO_V1(dupex_moments_out);
Datum
dupex_moments_out(PG_FUNCTION_ARGS)
{
	char	   *str = palloc(DUPEX_MOMENTS_TEXT_SIZE);

	dupex_moments_format(PG_GETARG_MOMENTS_P(0), str);
	PG_RETURN_CSTRING(str);
}

/*
 * Binary form: people (int8), the sum as whole and billionths (int8, int4), the sum of squares as
 * six int4, the most significant first, in units of 10^-18. What dupex could not have sent is
 * 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_moments_recv);
Datum
dupex_moments_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	DupexMoments *moments = palloc0(sizeof(DupexMoments));

	moments->people = pq_getmsgint64(message);
	moments->sum_whole = pq_getmsgint64(message);
	moments->sum_billionths = (int32) pq_getmsgint(message, 4);
	for (int i = DUPEX_SQUARES_LIMBS - 1; i >= 0; i--)
		moments->squares[i] = pq_getmsgint(message, 4);
	if (!dupex_moments_is_valid(moments))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", "moments"),
				 errdetail("The sums of %lld people are impossible or out of range.", (long long) moments->people),
				 errhint("Send what moments_send has made.")));
	PG_RETURN_POINTER(moments);
}

PG_FUNCTION_INFO_V1(dupex_moments_send);
Datum
dupex_moments_send(PG_FUNCTION_ARGS)
{
	const DupexMoments *moments = PG_GETARG_MOMENTS_P(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint64(&message, (uint64) moments->people);
	pq_sendint64(&message, (uint64) moments->sum_whole);
	pq_sendint32(&message, (uint32) moments->sum_billionths);
	for (int i = DUPEX_SQUARES_LIMBS - 1; i >= 0; i--)
		pq_sendint32(&message, moments->squares[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * moments(people, sum, sum_of_squares), from figures that a table has already. By way of the
 * text, so that its checks are the same; raises 22023 where that would be 22P02.
 */
PG_FUNCTION_INFO_V1(dupex_moments_construct);
Datum
dupex_moments_construct(PG_FUNCTION_ARGS)
{
	int64		people = PG_GETARG_INT64(0);
	char	   *sum = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(1)));
	char	   *squares = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(2)));
	char	   *str = psprintf("%lld:%s:%s", (long long) people, sum, squares);
	DupexMoments *moments = palloc(sizeof(DupexMoments));
	DupexMomentsStatus status = dupex_moments_parse(str, strlen(str), moments);

	if (status == DUPEX_MOMENTS_IMPOSSIBLE || status == DUPEX_MOMENTS_SYNTAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld people cannot have a sum of %s and a sum of squares of %s", (long long) people, sum, squares),
				 errdetail("People times the sum of squares is at least the square of the sum; nobody has sums of 0."),
				 errhint("Take count(*), sum(x) and sum(x * x) of the same rows, with x 0 for who spent nothing.")));
	check_text(status, str, NULL);
	PG_RETURN_POINTER(moments);
}

/*
 * One person from a numeric. Raises 22003 for what does not fit exactly.
 */
static DupexMoments
moments_from_numeric(Datum value)
{
	char	   *str = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	size_t		length = strlen(str);
	DupexAmount amount = {0, 0};
	DupexAmountStatus status = dupex_amount_parse(str, length, &amount);

	/* a numeric can have 150,000 digits */
	if (length > MAX_QUOTED_DIGITS)
		strcpy(str + MAX_QUOTED_DIGITS - 3, "...");
	if (status == DUPEX_AMOUNT_DECIMALS_LOST)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s has more than %d decimals", str, DUPEX_AMOUNT_DECIMALS),
				 errdetail("Type moments adds up exactly and therefore never rounds by itself."),
				 errhint("Round it first, such as with round(amount, 4).")));
	if (status != DUPEX_AMOUNT_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s is out of range for type moments", str),
				 errdetail("It has up to %d digits before the decimal point.", DUPEX_AMOUNT_DIGITS),
				 errhint("Use a larger unit of money, such as thousands, and NULL for an unknown amount.")));
	return dupex_moments_of(amount);
}

/*
 * The state that a transition function may change: its first argument where an aggregate calls,
 * else a copy of it.
 */
static DupexMoments *
own_first_argument(FunctionCallInfo fcinfo)
{
	DupexMoments *moments = PG_GETARG_MOMENTS_P(0);

	if (!AggCheckCallContext(fcinfo, NULL))
	{
		DupexMoments *copy = palloc(sizeof(DupexMoments));

		*copy = *moments;
		moments = copy;
	}
	return moments;
}

static void
add(DupexMoments *sum, const DupexMoments *addend)
{
	if (dupex_moments_add(sum, addend) != DUPEX_MOMENTS_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("moments out of range"),
				 errdetail("The sum has up to %d digits before the point, the sum of squares %d.", DUPEX_AMOUNT_DIGITS, DUPEX_SQUARES_DIGITS),
				 errhint("Add up in a larger unit of money, such as thousands.")));
}

/*
 * moments + moments; the transition of rollup(moments) and the combine function of the
 * aggregates.
 */
PG_FUNCTION_INFO_V1(dupex_moments_plus);
Datum
dupex_moments_plus(PG_FUNCTION_ARGS)
{
	DupexMoments *sum = own_first_argument(fcinfo);

	add(sum, PG_GETARG_MOMENTS_P(1));
	PG_RETURN_POINTER(sum);
}

/*
 * Transition of moments_agg(amount). NULL is nobody; a group of only NULLs gives NULL.
 */
PG_FUNCTION_INFO_V1(dupex_moments_agg_add);
Datum
dupex_moments_agg_add(PG_FUNCTION_ARGS)
{
	DupexMoments person;
	DupexMoments *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	person = moments_from_numeric(PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
	{
		state = palloc(sizeof(DupexMoments));
		*state = person;
	}
	else
	{
		state = own_first_argument(fcinfo);
		add(state, &person);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(dupex_moments_get_people);
Datum
dupex_moments_get_people(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_MOMENTS_P(0)->people);
}

static Datum
numeric_of(const char *str)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(str), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

PG_FUNCTION_INFO_V1(dupex_moments_get_sum);
Datum
dupex_moments_get_sum(PG_FUNCTION_ARGS)
{
	const DupexMoments *moments = PG_GETARG_MOMENTS_P(0);
	DupexAmount sum = {moments->sum_whole, moments->sum_billionths};
	char		str[DUPEX_AMOUNT_TEXT_SIZE];

	dupex_amount_format(sum, str);
	PG_RETURN_DATUM(numeric_of(str));
}

PG_FUNCTION_INFO_V1(dupex_moments_get_squares);
Datum
dupex_moments_get_squares(PG_FUNCTION_ARGS)
{
	char		str[DUPEX_MOMENTS_TEXT_SIZE];

	dupex_moments_format_squares(PG_GETARG_MOMENTS_P(0), str);
	PG_RETURN_DATUM(numeric_of(str));
}

PG_FUNCTION_INFO_V1(dupex_moments_get_mean);
Datum
dupex_moments_get_mean(PG_FUNCTION_ARGS)
{
	return dupex_number(fcinfo, dupex_moments_mean(PG_GETARG_MOMENTS_P(0)));
}

PG_FUNCTION_INFO_V1(dupex_moments_get_variance);
Datum
dupex_moments_get_variance(PG_FUNCTION_ARGS)
{
	return dupex_number(fcinfo, dupex_moments_variance(PG_GETARG_MOMENTS_P(0)));
}

PG_FUNCTION_INFO_V1(dupex_moments_get_deviation);
Datum
dupex_moments_get_deviation(PG_FUNCTION_ARGS)
{
	return dupex_number(fcinfo, sqrt(dupex_moments_variance(PG_GETARG_MOMENTS_P(0))));
}

static DupexMean
mean_of(const DupexMoments *moments)
{
	DupexMean	mean = {dupex_moments_mean(moments), dupex_moments_variance(moments), (double) moments->people};

	return mean;
}

/*
 * mean_interval(moments, confidence).
 */
PG_FUNCTION_INFO_V1(dupex_mean_interval);
Datum
dupex_mean_interval(PG_FUNCTION_ARGS)
{
	DupexMeanTest test = dupex_test_mean(mean_of(PG_GETARG_MOMENTS_P(0)), dupex_confidence_argument(fcinfo, 1));
	double		row[3] = {test.difference, test.lower, test.upper};

	return dupex_numbers_row(fcinfo, 3, row);
}

/*
 * mean_test(a, b, confidence).
 */
PG_FUNCTION_INFO_V1(dupex_mean_test);
Datum
dupex_mean_test(PG_FUNCTION_ARGS)
{
	DupexMeanTest test = dupex_test_means(mean_of(PG_GETARG_MOMENTS_P(0)), mean_of(PG_GETARG_MOMENTS_P(1)), dupex_confidence_argument(fcinfo, 2));
	double		row[6] = {test.difference, test.lower, test.upper, test.statistic, test.df, test.p_value};

	return dupex_numbers_row(fcinfo, 6, row);
}

/*
 * sequential_mean_test(a, b, tau2, confidence).
 */
PG_FUNCTION_INFO_V1(dupex_sequential_mean_test);
Datum
dupex_sequential_mean_test(PG_FUNCTION_ARGS)
{
	DupexMean	a = mean_of(PG_GETARG_MOMENTS_P(0));
	DupexMean	b = mean_of(PG_GETARG_MOMENTS_P(1));
	double		tau2 = dupex_positive_argument(fcinfo, 2, "tau2", "It is the square of the difference that you expect, in units of the mean.");
	DupexSequential test = dupex_sequential(a.mean - b.mean, a.variance / a.people + b.variance / b.people, tau2, dupex_confidence_argument(fcinfo, 3));
	double		row[4] = {test.likelihood_ratio, test.p_value, test.lower, test.upper};

	return dupex_numbers_row(fcinfo, 4, row);
}
