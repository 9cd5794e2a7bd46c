/*
 * pg_interval.c
 *		The SQL side of the confidence intervals of rates.
 */
#include "dupex.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "ratio/interval.h"

/*
 * The confidence argument. Raises 22023 unless it is between 0 and 1.
 */
static double
confidence_argument(FunctionCallInfo fcinfo, int n)
{
	double		confidence = PG_GETARG_FLOAT8(n);

	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence %g is not between 0 and 1", confidence),
				 errdetail("It is the probability with which the interval shall hold the true rate."),
				 errhint("Write 0.95 for 95 percent.")));
	return confidence;
}

/*
 * A row of float8 columns, each NULL where undefined.
 */
static Datum
float8_row(FunctionCallInfo fcinfo, int columns, const double *numbers, bool defined)
{
	TupleDesc	tupdesc;
	Datum		values[3];
	bool		nulls[3];

	Assert(columns <= 3);
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE || tupdesc->natts != columns)
		elog(ERROR, "function returning %d columns called in an unknown context", columns);
	for (int i = 0; i < columns; i++)
	{
		nulls[i] = !defined;
		values[i] = defined ? Float8GetDatum(numbers[i]) : (Datum) 0;
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls));
}

/*
 * rate_interval(rate, confidence, method) -> (lower, upper); both NULL without trials.
 */
PG_FUNCTION_INFO_V1(dupex_rate_get_interval);
Datum
dupex_rate_get_interval(PG_FUNCTION_ARGS)
{
	DupexRate  *rate = (DupexRate *) PG_GETARG_POINTER(0);
	double		confidence = confidence_argument(fcinfo, 1);
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	DupexIntervalMethod method;
	DupexInterval interval;
	double		bounds[2];

	if (!dupex_interval_method(name, &method))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no interval method \"%s\"", name),
				 errdetail("The methods are wilson, wilson_cc, clopper_pearson, agresti_coull and jeffreys."),
				 errhint("wilson is right for most purposes; clopper_pearson never covers less than it says.")));
	interval = dupex_rate_interval(*rate, confidence, method);
	bounds[0] = interval.lower;
	bounds[1] = interval.upper;
	return float8_row(fcinfo, 2, bounds, rate->trials > 0);
}

/*
 * rate_difference_interval(a, b, confidence) -> (difference, lower, upper); all NULL where either
 * has no trials.
 */
PG_FUNCTION_INFO_V1(dupex_rate_get_difference_interval);
Datum
dupex_rate_get_difference_interval(PG_FUNCTION_ARGS)
{
	DupexRate  *a = (DupexRate *) PG_GETARG_POINTER(0);
	DupexRate  *b = (DupexRate *) PG_GETARG_POINTER(1);
	double		confidence = confidence_argument(fcinfo, 2);
	DupexDifference result = dupex_rate_difference(*a, *b, confidence);
	double		row[3] = {result.difference, result.lower, result.upper};

	return float8_row(fcinfo, 3, row, a->trials > 0 && b->trials > 0);
}
