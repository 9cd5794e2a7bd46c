/*
 * pg_interval.c
 *		The SQL side of the confidence intervals of rates.
 */
#include "dupex.h"

#include "utils/builtins.h"

#include "ratio/interval.h"
#include "stats/pg_stats.h"

/*
 * rate_interval(rate, confidence, method) -> (lower, upper); both NULL without trials.
 */
PG_FUNCTION_INFO_V1(dupex_rate_get_interval);
Datum
dupex_rate_get_interval(PG_FUNCTION_ARGS)
{
	DupexRate  *rate = (DupexRate *) PG_GETARG_POINTER(0);
	double		confidence = dupex_confidence_argument(fcinfo, 1);
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
	return dupex_numbers_row(fcinfo, 2, bounds);
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
	double		confidence = dupex_confidence_argument(fcinfo, 2);
	DupexDifference result = dupex_rate_difference(*a, *b, confidence);
	double		row[3] = {result.difference, result.lower, result.upper};

	return dupex_numbers_row(fcinfo, 3, row);
}
