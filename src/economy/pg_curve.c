/*
 * pg_curve.c
 *		The SQL side of response curves: adstock, Hill, and the curve that fits best.
 */
#include "economy/pg_numbers.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "economy/curve.h"
#include "economy/fit.h"
#include "runner/pg_rows.h"
#include "runner/pg_stop.h"

/*
 * adstock(spend, retention, normalised, max_lag)
 */
PG_FUNCTION_INFO_V1(dupex_sql_adstock);
Datum
dupex_sql_adstock(PG_FUNCTION_ARGS)
{
	size_t		count;
	double	   *spend;
	double		retention;
	long		max_lag = -1;
	double	   *stock;
	Datum	   *elements;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	spend = dupex_economy_numbers(fcinfo, 0, "spend", &count, NULL);
	retention = dupex_economy_number(fcinfo, 1, "retention", 0, false, 1);
	if (retention == 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument retention is 1"),
				 errdetail("What is carried over would never end."),
				 errhint("The share of the effect that is left a period later is below 1: 0.5 for a half-life of one period.")));
	if (!PG_ARGISNULL(3))
	{
		max_lag = PG_GETARG_INT32(3);
		if (max_lag < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument max_lag is %ld", max_lag),
					 errdetail("It is the number of later periods into which an effect is carried over."),
					 errhint("Use NULL for no limit.")));
	}
	stock = palloc(sizeof(double) * Max(1, count));
	dupex_adstock(spend, count, retention, max_lag, PG_GETARG_BOOL(2), stock);
	elements = palloc(sizeof(Datum) * Max(1, count));
	for (size_t i = 0; i < count; i++)
		elements[i] = Float8GetDatum(dupex_economy_result(stock[i], "the carried over expense"));
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, (int) count, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * The curve of the arguments (spend, half_saturation, slope, maximum).
 */
static DupexCurve
curve_arguments(FunctionCallInfo fcinfo, double *spend)
{
	DupexCurve	curve;

	*spend = dupex_economy_number(fcinfo, 0, "spend", 0, false, HUGE_VAL);
	curve.half = dupex_economy_number(fcinfo, 1, "half_saturation", 0, true, HUGE_VAL);
	curve.slope = dupex_economy_number(fcinfo, 2, "slope", 0, true, HUGE_VAL);
	curve.maximum = dupex_economy_number(fcinfo, 3, "maximum", 0, true, HUGE_VAL);
	return curve;
}

/*
 * response_hill(spend, half_saturation, slope, maximum)
 */
PG_FUNCTION_INFO_V1(dupex_sql_hill);
Datum
dupex_sql_hill(PG_FUNCTION_ARGS)
{
	double		spend;
	DupexCurve	curve = curve_arguments(fcinfo, &spend);

	PG_RETURN_FLOAT8(dupex_curve_value(&curve, spend));
}

/*
 * response_hill_marginal(spend, half_saturation, slope, maximum); NULL where it is infinite.
 */
PG_FUNCTION_INFO_V1(dupex_sql_hill_marginal);
Datum
dupex_sql_hill_marginal(PG_FUNCTION_ARGS)
{
	double		spend;
	DupexCurve	curve = curve_arguments(fcinfo, &spend);
	double		marginal = dupex_curve_marginal(&curve, spend);

	if (!isfinite(marginal))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(marginal);
}

/*
 * What became of a fit, in words.
 */
static const char *
status_text(const DupexCurveFit *fit)
{
	switch (fit->status)
	{
		case DUPEX_CURVE_CONVERGED:
			return "converged";
		case DUPEX_CURVE_PROPORTIONAL:
			return "boundary: no saturation in these points, the outcome is proportional to the expense";
		case DUPEX_CURVE_FLAT:
			return "boundary: in these points more money brings no more";
		case DUPEX_CURVE_STEEP:
			return psprintf("boundary: the slope would be above %g, as if there were a threshold", DUPEX_SLOPE_MAX);
		case DUPEX_CURVE_SHALLOW:
			return psprintf("boundary: the slope would be below %g", DUPEX_SLOPE_MIN);
		case DUPEX_CURVE_LIMIT:
			return "not converged: the limit of iterations is reached";
		case DUPEX_CURVE_ROUNDING:
			return "not converged: rounding ends the search where the fit still gets a little better";
		case DUPEX_CURVE_NO_POINTS:
			return "no curve: there is no point";
		case DUPEX_CURVE_FEW_SPENDS:
			return psprintf("no curve: %zu different expenses above 0, it takes %d", fit->spends, fit->parameters);
		case DUPEX_CURVE_NO_RESPONSE:
			return "no curve: nothing came of the expenses";
		case DUPEX_CURVE_OUT_OF_RANGE:
			return "no curve: the numbers are out of range";
		case DUPEX_CURVE_STOPPED:
			return "no curve: stopped";
	}
	return "";
}

/* columns of response_fit */
enum
{
	FIT_MAXIMUM,
	FIT_HALF,
	FIT_SLOPE,
	FIT_MAXIMUM_ERROR,
	FIT_HALF_ERROR,
	FIT_SLOPE_ERROR,
	FIT_RESIDUAL_ERROR,
	FIT_RESIDUAL_SUM,
	FIT_R_SQUARED,
	FIT_POINTS,
	FIT_STATUS,
	FIT_COLUMNS
};

static Datum
fit_row(FunctionCallInfo fcinfo, const DupexCurveFit *fit, bool has_slope)
{
	Datum		values[FIT_COLUMNS] = {0};
	bool		nulls[FIT_COLUMNS];
	bool		has_curve = DUPEX_CURVE_HAS_CURVE(fit->status);
	double		freedom = (double) fit->points - fit->parameters;

	for (int i = 0; i < FIT_COLUMNS; i++)
		nulls[i] = !has_curve;
	for (int i = 0; i < 3; i++)
		nulls[FIT_MAXIMUM_ERROR + i] = !fit->has_errors || i >= fit->parameters;
	values[FIT_MAXIMUM] = Float8GetDatum(fit->curve.maximum);
	values[FIT_HALF] = Float8GetDatum(fit->curve.half);
	values[FIT_SLOPE] = Float8GetDatum(has_slope ? fit->curve.slope : 1);
	values[FIT_MAXIMUM_ERROR] = Float8GetDatum(fit->error[0]);
	values[FIT_HALF_ERROR] = Float8GetDatum(fit->error[1]);
	values[FIT_SLOPE_ERROR] = Float8GetDatum(fit->error[2]);
	nulls[FIT_RESIDUAL_ERROR] = !has_curve || freedom <= 0;
	values[FIT_RESIDUAL_ERROR] = Float8GetDatum(freedom > 0 ? sqrt(fit->residual_sum / freedom) : 0);
	values[FIT_RESIDUAL_SUM] = Float8GetDatum(fit->residual_sum);
	nulls[FIT_R_SQUARED] = !has_curve || !(fit->total_sum > 0);
	values[FIT_R_SQUARED] = Float8GetDatum(fit->total_sum > 0 ? 1 - fit->residual_sum / fit->total_sum : 0);
	values[FIT_POINTS] = Int32GetDatum((int32) fit->points);
	nulls[FIT_POINTS] = false;
	values[FIT_STATUS] = CStringGetTextDatum(status_text(fit));
	nulls[FIT_STATUS] = false;
	return HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, FIT_COLUMNS), values, nulls));
}

/*
 * response_fit(spend, outcome, shape)
 */
PG_FUNCTION_INFO_V1(dupex_sql_response_fit);
Datum
dupex_sql_response_fit(PG_FUNCTION_ARGS)
{
	size_t		spends;
	size_t		outcomes;
	size_t		count = 0;
	bool	   *spend_nulls;
	bool	   *outcome_nulls;
	double	   *spend = dupex_economy_numbers(fcinfo, 0, "spend", &spends, &spend_nulls);
	double	   *outcome = dupex_economy_numbers(fcinfo, 1, "outcome", &outcomes, &outcome_nulls);
	char	   *shape = text_to_cstring(PG_GETARG_TEXT_PP(2));
	bool		has_slope = strcmp(shape, "hill") == 0;
	DupexPoint *points;
	DupexCurveFit fit;

	if (!has_slope && strcmp(shape, "michaelis_menten") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no shape \"%s\"", shape),
				 errdetail("The shapes are michaelis_menten and hill."),
				 errhint("michaelis_menten is concave and wants two different expenses at least; hill may be S-shaped and wants more and better points.")));
	if (spends != outcomes)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%zu expenses and %zu outcomes", spends, outcomes),
				 errdetail("A point is an expense and what came of it."),
				 errhint("Make both with array_agg() over the same rows.")));
	points = palloc(sizeof(DupexPoint) * Max(1, spends));
	for (size_t i = 0; i < spends; i++)
	{
		if (spend_nulls[i] || outcome_nulls[i])
			continue;
		if (spend[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("expense %zu is %g", i + 1, spend[i]),
					 errdetail("Expenses are not negative."),
					 errhint("Add up corrections with what they correct before.")));
		points[count].spend = spend[i];
		points[count++].outcome = outcome[i];
	}
	dupex_curve_fit(points, count, has_slope, dupex_stop_by_interrupt, &fit);
	return fit_row(fcinfo, &fit, has_slope);
}
