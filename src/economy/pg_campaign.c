/*
 * pg_campaign.c
 *		The SQL side of campaign curves: doubling day, share in, forecast of the final response.
 */
#include "economy/pg_numbers.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "economy/campaign.h"
#include "economy/campaign_mixed.h"
#include "runner/pg_rows.h"
#include "runner/pg_stop.h"
#include "stats/pg_stats.h"

/*
 * The answers of each day; NULL is none. Raises 22023 for a negative number, 22003 for a sum beyond
 * all numbers, 54000 for too many days.
 */
static double *
answers_argument(FunctionCallInfo fcinfo, int n, const char *name, size_t *days, double *total)
{
	double	   *answers = dupex_economy_numbers(fcinfo, n, name, days, NULL);

	if (*days > DUPEX_CAMPAIGN_MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a campaign of %zu days", *days),
				 errdetail("There are at most %d.", DUPEX_CAMPAIGN_MAX_DAYS),
				 errhint("Count weeks instead of days.")));
	*total = 0;
	for (size_t i = 0; i < *days; i++)
	{
		if (answers[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %zu of argument %s is %g", i + 1, name, answers[i]),
					 errdetail("It is the number of responses of a day, not negative.")));
		*total += answers[i];
	}
	dupex_economy_result(*total, "the sum of the responses");
	return answers;
}

static DupexCampaignModel
model_argument(FunctionCallInfo fcinfo, int n)
{
	char	   *model = text_to_cstring(PG_GETARG_TEXT_PP(n));

	if (strcmp(model, "geometric") == 0)
		return DUPEX_CAMPAIGN_GEOMETRIC;
	if (strcmp(model, "beta_geometric") == 0)
		return DUPEX_CAMPAIGN_BETA_GEOMETRIC;
	if (strcmp(model, "delayed") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no model \"%s\"", model),
				 errdetail("The models are geometric (fewer each day, from the first response on), delayed (delivery takes some days, more or less) and beta_geometric (that, and people differ in how long they wait).")));
	return DUPEX_CAMPAIGN_DELAYED;
}

/*
 * campaign_doubling_day(responses, total); NULL where half of the total is not yet in.
 */
PG_FUNCTION_INFO_V1(dupex_sql_campaign_doubling_day);
Datum
dupex_sql_campaign_doubling_day(PG_FUNCTION_ARGS)
{
	size_t		days;
	double		total;
	double	   *answers;
	double		result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	answers = answers_argument(fcinfo, 0, "responses", &days, &total);
	if (!PG_ARGISNULL(1))
		total = dupex_economy_number(fcinfo, 1, "total", 0, false, HUGE_VAL);
	result = dupex_campaign_doubling_day(answers, days, total);
	if (!(total > 0) || isnan(result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

/*
 * campaign_share_in(responses, day, total); NULL without responses, and for a day of which with
 * a total of the future nothing is known.
 */
PG_FUNCTION_INFO_V1(dupex_sql_campaign_share_in);
Datum
dupex_sql_campaign_share_in(PG_FUNCTION_ARGS)
{
	size_t		days;
	double		total;
	double	   *answers;
	int64		day;
	size_t		first;
	double		so_far = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	answers = answers_argument(fcinfo, 0, "responses", &days, &total);
	day = PG_GETARG_INT32(1);
	if (day < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument day is " INT64_FORMAT, day),
				 errdetail("Days are counted from that of the first response, which is 1.")));
	first = dupex_campaign_first(answers, days);
	for (size_t i = first; i < days && i < first + (size_t) day; i++)
		so_far += answers[i];
	if (!PG_ARGISNULL(2))
	{
		total = dupex_economy_number(fcinfo, 2, "total", 0, false, HUGE_VAL);
		if (first + (size_t) day > days)
			PG_RETURN_NULL();
	}
	if (!(total > 0))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(so_far / total);
}

/*
 * Raises 54000 for more days than people who differ can be followed.
 */
static void
check_mixed_days(size_t days)
{
	if (days > DUPEX_MIXED_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a campaign of %zu days", days),
				 errdetail("In the model beta_geometric there are at most %d.", DUPEX_MIXED_DAYS),
				 errhint("Count weeks instead of days.")));
}

/*
 * campaign_model_share(day, delay_rate, delivery_days, model, heterogeneity)
 */
PG_FUNCTION_INFO_V1(dupex_sql_campaign_model_share);
Datum
dupex_sql_campaign_model_share(PG_FUNCTION_ARGS)
{
	int32		day = PG_GETARG_INT32(0);
	double		delay_rate = dupex_economy_number(fcinfo, 1, "delay_rate", 0, false, 1);
	double		delivery = dupex_economy_number(fcinfo, 2, "delivery_days", 0, false, DUPEX_CAMPAIGN_MAX_DAYS);
	DupexCampaignModel model = model_argument(fcinfo, 3);
	double		heterogeneity = dupex_economy_number(fcinfo, 4, "heterogeneity", 0, false, HUGE_VAL);

	if (heterogeneity > 0 && model != DUPEX_CAMPAIGN_BETA_GEOMETRIC)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("heterogeneity of %g", heterogeneity),
				 errdetail("Only in the model beta_geometric people differ.")));
	if (heterogeneity > 0)
		check_mixed_days((size_t) Max(day, 0));
	if (day < 0 || day > DUPEX_CAMPAIGN_MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument day is %d", day),
				 errdetail("It goes from 0 to %d.", DUPEX_CAMPAIGN_MAX_DAYS)));
	PG_RETURN_FLOAT8(delay_rate < 1 ? dupex_campaign_share(model, delay_rate, delivery, heterogeneity, day) : 0);
}

/* columns of campaign_forecast; those of campaign_forecast_like are the first five, and the status */
enum
{
	FORECAST_SO_FAR,
	FORECAST_EXPECTED,
	FORECAST_LOWER,
	FORECAST_UPPER,
	FORECAST_SHARE_IN,
	FORECAST_DOUBLING_DAY,
	FORECAST_DELAY_RATE,
	FORECAST_DELIVERY,
	FORECAST_ULTIMATE_RATE,
	FORECAST_HETEROGENEITY,
	FORECAST_DISPERSION,
	FORECAST_LOG_LIKELIHOOD,
	FORECAST_STATUS,
	FORECAST_COLUMNS
};

static const char *
status_text(const DupexCampaignFit *fit)
{
	switch (fit->status)
	{
		case DUPEX_CAMPAIGN_CONVERGED:
			return fit->has_limits ? "converged" : "boundary: no limits";
		case DUPEX_CAMPAIGN_ALL_IN:
			return "boundary: nothing more is expected";
		case DUPEX_CAMPAIGN_NO_ANSWERS:
			return "no forecast: there is no response yet";
		case DUPEX_CAMPAIGN_FEW_DAYS:
			return "no forecast: it takes three days from the first response on";
		case DUPEX_CAMPAIGN_GROWING:
			return "no forecast: the responses have not begun to become fewer";
		case DUPEX_CAMPAIGN_BEYOND_MAILED:
			return "no forecast: the curve leads to more responses than pieces";
		case DUPEX_CAMPAIGN_UNCERTAIN:
			return "no forecast: it is too early, the curve could be anything";
		case DUPEX_CAMPAIGN_NOT_CONVERGED:
			return "no forecast: not converged";
	}
	return "";
}

/*
 * campaign_forecast(responses, mailed, model, confidence)
 */
PG_FUNCTION_INFO_V1(dupex_sql_campaign_forecast);
Datum
dupex_sql_campaign_forecast(PG_FUNCTION_ARGS)
{
	Datum		values[FORECAST_COLUMNS] = {0};
	bool		nulls[FORECAST_COLUMNS] = {false};
	size_t		days;
	double		total;
	double	   *answers;
	double		mailed = 0;
	DupexCampaignModel model;
	DupexCampaignFit fit;
	bool		has_forecast;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	answers = answers_argument(fcinfo, 0, "responses", &days, &total);
	if (!PG_ARGISNULL(1))
		mailed = dupex_economy_number(fcinfo, 1, "mailed", 0, true, HUGE_VAL);
	model = model_argument(fcinfo, 2);
	if (model == DUPEX_CAMPAIGN_BETA_GEOMETRIC)
		check_mixed_days(days);
	dupex_campaign_fit(answers, days, mailed >= total ? mailed : 0, model, dupex_confidence_argument(fcinfo, 3),
					   dupex_stop_by_interrupt, &fit);
	has_forecast = DUPEX_CAMPAIGN_HAS_FORECAST(fit.status);
	for (int i = FORECAST_EXPECTED; i < FORECAST_STATUS; i++)
		nulls[i] = !has_forecast;
	values[FORECAST_SO_FAR] = Float8GetDatum(fit.so_far);
	values[FORECAST_EXPECTED] = Float8GetDatum(fit.expected);
	nulls[FORECAST_LOWER] = nulls[FORECAST_UPPER] = !has_forecast || !fit.has_limits;
	values[FORECAST_LOWER] = Float8GetDatum(fit.lower);
	values[FORECAST_UPPER] = Float8GetDatum(fit.upper);
	values[FORECAST_SHARE_IN] = Float8GetDatum(fit.share_in);
	nulls[FORECAST_DOUBLING_DAY] = !has_forecast || isnan(fit.doubling_day);
	values[FORECAST_DOUBLING_DAY] = Float8GetDatum(fit.doubling_day);
	values[FORECAST_DELAY_RATE] = Float8GetDatum(fit.delay_rate);
	values[FORECAST_DELIVERY] = Float8GetDatum(fit.delivery);
	nulls[FORECAST_ULTIMATE_RATE] = !has_forecast || !(mailed > 0);
	values[FORECAST_ULTIMATE_RATE] = Float8GetDatum(mailed > 0 ? fit.expected / mailed : 0);
	values[FORECAST_HETEROGENEITY] = Float8GetDatum(fit.heterogeneity);
	values[FORECAST_DISPERSION] = Float8GetDatum(fit.dispersion);
	values[FORECAST_LOG_LIKELIHOOD] = Float8GetDatum(fit.log_likelihood);
	values[FORECAST_STATUS] = CStringGetTextDatum(status_text(&fit));
	return HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, FORECAST_COLUMNS), values, nulls));
}

/*
 * campaign_forecast_like(responses, reference, confidence): by the curve of campaigns that are
 * over. The share in of theirs is itself a count of so many, which widens the limits.
 */
PG_FUNCTION_INFO_V1(dupex_sql_campaign_forecast_like);
Datum
dupex_sql_campaign_forecast_like(PG_FUNCTION_ARGS)
{
	enum
	{
		STATUS = FORECAST_SHARE_IN + 1, COLUMNS
	};
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {false};
	size_t		days;
	size_t		reference_days;
	double		so_far;
	double		reference_total;
	double	   *answers = answers_argument(fcinfo, 0, "responses", &days, &so_far);
	double	   *reference = answers_argument(fcinfo, 1, "reference", &reference_days, &reference_total);
	double		confidence = dupex_confidence_argument(fcinfo, 2);
	size_t		first = dupex_campaign_first(answers, days);
	size_t		reference_first = dupex_campaign_first(reference, reference_days);
	double		in = 0;
	double		still = 0;
	double		lower = 0;
	double		upper = 0;
	bool		is_known = so_far > 0 && reference_total > 0;

	for (size_t i = reference_first; i < reference_days; i++)
		if (i - reference_first < days - first)
			in += reference[i];
	if (is_known && in < reference_total)
	{
		still = so_far * (reference_total - in) / in;
		dupex_campaign_limits(still, 1 / so_far + 1 / in + 1 / (reference_total - in), 1, confidence, &lower, &upper);
	}
	values[FORECAST_SO_FAR] = Float8GetDatum(so_far);
	values[FORECAST_EXPECTED] = Float8GetDatum(dupex_economy_result(so_far + still, "expected"));
	values[FORECAST_LOWER] = Float8GetDatum(dupex_economy_result(so_far + lower, "lower"));
	values[FORECAST_UPPER] = Float8GetDatum(dupex_economy_result(so_far + upper, "upper"));
	values[FORECAST_SHARE_IN] = Float8GetDatum(is_known ? in / reference_total : 0);
	for (int i = FORECAST_EXPECTED; i <= FORECAST_SHARE_IN; i++)
		nulls[i] = !is_known;
	values[STATUS] = CStringGetTextDatum(!(so_far > 0) ? "no forecast: there is no response yet" :
										 !(reference_total > 0) ? "no forecast: the reference has no response" :
										 in < reference_total ? "as in the reference" : "over: the reference had no more after so many days");
	return HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, COLUMNS), values, nulls));
}
