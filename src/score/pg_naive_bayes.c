/*
 * pg_naive_bayes.c
 *		The SQL side of type naive_bayes: aggregate, score, reasons, roll-up with weights.
 */
#include "score/pg_tally.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "score/naive_bayes.h"
#include "score/pg_features.h"
#include "runner/pg_rows.h"

/*
 * A key goes as: 0 for all outcomes; else 1, feature, value.
 */
static void
send_key(StringInfo message, const DupexTally *tally, const char *key, size_t length)
{
	pq_sendbyte(message, length > 0);
	if (length > 0)
	{
		size_t		feature_length = strlen(key);

		dupex_send_text(message, key, feature_length);
		dupex_send_text(message, key + feature_length + 1, length - feature_length - 1);
	}
}

static bool
receive_key(StringInfo message, uint32 width, StringInfo key)
{
	if (pq_getmsgbyte(message) != 0)
	{
		dupex_receive_text(message, key);
		appendStringInfoChar(key, '\0');
		dupex_receive_text(message, key);
	}
	return dupex_naive_bayes_is_key(key->data, (size_t) key->len);
}

static bool
read_outcomes(DupexScan *scan, DupexSum *won, DupexSum *lost)
{
	return dupex_scan_mark(scan, '[') && dupex_scan_sum(scan, won) && dupex_scan_mark(scan, ',') &&
		dupex_scan_sum(scan, lost) && dupex_scan_mark(scan, ']');
}

/*
 * The values of a feature, whose name and a NUL are in key, from behind the colon.
 */
static bool
read_values(DupexScan *scan, DupexTally **tally, char *key, size_t feature_length)
{
	if (!dupex_scan_mark(scan, '{'))
		return false;
	do
	{
		size_t		value_length;
		DupexSum	won;
		DupexSum	lost;

		if (!dupex_scan_string(scan, key + feature_length + 1, &value_length) || !dupex_scan_mark(scan, ':') ||
			!read_outcomes(scan, &won, &lost))
			return false;
		dupex_tally_count(tally, key, feature_length + 1 + value_length, 0, &won);
		dupex_tally_count(tally, key, feature_length + 1 + value_length, 1, &lost);
	} while (dupex_scan_mark(scan, ','));
	return dupex_scan_mark(scan, '}');
}

/*
 * {"outcomes": [won, lost], "features": {feature: {value: [won, lost], ...}, ...}}
 */
static bool
read_text(DupexScan *scan, DupexTally **tally)
{
	char	   *key = palloc((Size) (scan->end - scan->at) + 2);
	DupexSum	won;
	DupexSum	lost;

	if (!dupex_scan_mark(scan, '{') || !dupex_scan_word(scan, "\"outcomes\"") || !dupex_scan_mark(scan, ':') ||
		!read_outcomes(scan, &won, &lost) || !dupex_scan_mark(scan, ',') || !dupex_scan_word(scan, "\"features\"") ||
		!dupex_scan_mark(scan, ':') || !dupex_scan_mark(scan, '{'))
		return false;
	dupex_tally_count(tally, "", 0, 0, &won);
	dupex_tally_count(tally, "", 0, 1, &lost);
	if (!dupex_scan_mark(scan, '}'))
	{
		do
		{
			size_t		feature_length;

			if (!dupex_scan_string(scan, key, &feature_length) || !dupex_scan_mark(scan, ':'))
				return false;
			key[feature_length] = '\0';
			if (!read_values(scan, tally, key, feature_length))
				return false;
		} while (dupex_scan_mark(scan, ','));
		if (!dupex_scan_mark(scan, '}'))
			return false;
	}
	return dupex_scan_mark(scan, '}');
}

static const DupexTallyForm form = {
	DUPEX_TALLY_NAIVE_BAYES, 2, "naive_bayes", "{\"outcomes\": [3, 7], \"features\": {\"source\": {\"web\": [2, 5]}}}: won, lost.",
	send_key, receive_key, read_text, dupex_naive_bayes_write
};

PG_FUNCTION_INFO_V1(dupex_naive_bayes_in);
Datum
dupex_naive_bayes_in(PG_FUNCTION_ARGS)
{
	return dupex_tally_in(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_naive_bayes_out);
Datum
dupex_naive_bayes_out(PG_FUNCTION_ARGS)
{
	return dupex_tally_out(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_naive_bayes_recv);
Datum
dupex_naive_bayes_recv(PG_FUNCTION_ARGS)
{
	return dupex_tally_recv(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_naive_bayes_send);
Datum
dupex_naive_bayes_send(PG_FUNCTION_ARGS)
{
	return dupex_tally_send(fcinfo, &form);
}

/*
 * Makes the key of a feature's value.
 */
static void
make_key(StringInfo key, const char *feature, size_t feature_length, const char *value, size_t value_length)
{
	resetStringInfo(key);
	appendBinaryStringInfo(key, feature, (int) feature_length);
	appendStringInfoChar(key, '\0');
	appendBinaryStringInfo(key, value, (int) value_length);
}

/* what the transition counts a row's values with */
typedef struct Counter
{
	DupexTally *tally;
	int			which;
	DupexSum	weight;
	StringInfoData key;
} Counter;

static void
count_value(void *context, const char *feature, size_t feature_length, const char *value, size_t value_length, Numeric number)
{
	Counter    *counter = context;

	make_key(&counter->key, feature, feature_length, value, value_length);
	dupex_tally_count(&counter->tally, counter->key.data, (size_t) counter->key.len, counter->which, &counter->weight);
}

/*
 * Transition of naive_bayes_agg(outcome, features, weight). Nothing where outcome or weight is
 * NULL or the weight is 0; NULL features are none.
 */
PG_FUNCTION_INFO_V1(dupex_naive_bayes_agg_add);
Datum
dupex_naive_bayes_agg_add(PG_FUNCTION_ARGS)
{
	Counter		counter;

	counter.tally = dupex_tally_own(fcinfo);
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(3))
	{
		counter.weight = dupex_weight(PG_GETARG_FLOAT8(3));
		counter.which = PG_GETARG_BOOL(1) ? 0 : 1;
		if (counter.weight.whole > 0 || counter.weight.part > 0)
		{
			if (counter.tally == NULL)
				counter.tally = dupex_tally_make(DUPEX_TALLY_NAIVE_BAYES, 2, 0, 16);
			dupex_tally_count(&counter.tally, "", 0, counter.which, &counter.weight);
			if (!PG_ARGISNULL(2))
			{
				initStringInfo(&counter.key);
				dupex_features_each(PG_GETARG_JSONB_P(2), count_value, &counter);
			}
		}
	}
	if (counter.tally == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TALLY_P(counter.tally);
}

/* a state made ready for many scores */
typedef struct Model
{
	DupexTally *cells;
	DupexTally *features;		/* won and lost of each, and how many values */
	DupexOutcomes all;
} Model;

static void *
prepare(Datum value)
{
	const DupexTally *state = DatumGetTallyP(value);
	const DupexSum one = {1, 0};
	Model	   *model = palloc0(sizeof(Model));

	model->cells = dupex_tally_indexed(state);
	model->features = dupex_tally_make(DUPEX_TALLY_NAIVE_BAYES, 3, 0, 16);
	for (const DupexTallyEntry *entry = dupex_tally_next(state, NULL); entry != NULL; entry = dupex_tally_next(state, entry))
	{
		const char *key = dupex_tally_key(state, entry);
		const DupexSum *sums = dupex_tally_sums(entry);

		if (entry->length == 0)
			model->all = dupex_naive_bayes_outcomes(entry);
		else
		{
			dupex_tally_count(&model->features, key, strlen(key), 0, &sums[0]);
			dupex_tally_count(&model->features, key, strlen(key), 1, &sums[1]);
			dupex_tally_count(&model->features, key, strlen(key), 2, &one);
		}
	}
	return model;
}

/* what a score is put together from */
typedef struct Scoring
{
	const Model *model;
	double		alpha;
	ArrayType  *of_all;
	double		log_odds;
	DupexRows  *rows;			/* the reasons, where they are wanted */
	StringInfoData key;
} Scoring;

static bool
is_of_all(const Scoring *scoring, const char *feature, size_t length)
{
	ArrayIterator iterator;
	Datum		element;
	bool		is_null;
	bool		found = false;

	if (ARR_NDIM(scoring->of_all) == 0)
		return false;
	iterator = array_create_iterator(scoring->of_all, 0, NULL);
	while (!found && array_iterate(iterator, &element, &is_null))
	{
		text	   *name = (text *) DatumGetPointer(element);

		found = !is_null && VARSIZE_ANY_EXHDR(name) == length && memcmp(VARDATA_ANY(name), feature, length) == 0;
	}
	array_free_iterator(iterator);
	return found;
}

static void
add_reason(Scoring *scoring, const char *feature, size_t feature_length, const char *value, size_t value_length, double contribution)
{
	Datum		values[3] = {0, 0, Float8GetDatum(contribution)};
	bool		nulls[3] = {feature == NULL, feature == NULL, false};

	scoring->log_odds += contribution;
	if (scoring->rows == NULL)
		return;
	if (feature != NULL)
	{
		values[0] = PointerGetDatum(cstring_to_text_with_len(feature, (int) feature_length));
		values[1] = PointerGetDatum(cstring_to_text_with_len(value, (int) value_length));
	}
	dupex_rows_add(scoring->rows, values, nulls);
}

/*
 * Adds what a value contributes; one that was never seen says nothing.
 */
static void
score_value(void *context, const char *feature, size_t feature_length, const char *value, size_t value_length, Numeric number)
{
	Scoring    *scoring = context;
	const Model *model = scoring->model;
	const DupexTallyEntry *cell;
	const DupexTallyEntry *total;
	double		contribution;

	make_key(&scoring->key, feature, feature_length, value, value_length);
	cell = dupex_tally_find(model->cells, scoring->key.data, (size_t) scoring->key.len);
	if (cell == NULL)
		return;
	if (is_of_all(scoring, feature, feature_length))
		contribution = dupex_naive_bayes_share(dupex_naive_bayes_outcomes(cell), model->all, scoring->alpha);
	else
	{
		total = dupex_tally_find(model->features, feature, feature_length);
		contribution = dupex_naive_bayes_value(dupex_naive_bayes_outcomes(cell), dupex_naive_bayes_outcomes(total),
											   dupex_sum_value(&dupex_tally_sums(total)[2]), scoring->alpha);
	}
	add_reason(scoring, feature, feature_length, value, value_length, contribution);
}

/*
 * Scores the features (argument 1) with alpha (2) and the features whose shares are of all
 * outcomes (3).
 */
static void
score(FunctionCallInfo fcinfo, const Model *model, Scoring *scoring, DupexRows *rows)
{
	scoring->model = model;
	scoring->alpha = PG_GETARG_FLOAT8(2);
	scoring->of_all = PG_GETARG_ARRAYTYPE_P(3);
	scoring->log_odds = 0;
	scoring->rows = rows;
	if (!(scoring->alpha > 0 && scoring->alpha < (double) DUPEX_SUM_LIMIT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("alpha must be positive, and below 10^15: \"%g\"", scoring->alpha),
				 errdetail("It is added to each count, so that what was never seen is not impossible."),
				 errhint("Use 0.1 as Odoo does, or 1 (Laplace).")));
	initStringInfo(&scoring->key);
	add_reason(scoring, NULL, 0, NULL, 0, dupex_naive_bayes_prior(model->all, scoring->alpha));
	dupex_features_each(PG_GETARG_JSONB_P(1), score_value, scoring);
}

PG_FUNCTION_INFO_V1(dupex_naive_bayes_log_odds);
Datum
dupex_naive_bayes_log_odds(PG_FUNCTION_ARGS)
{
	Scoring		scoring;

	score(fcinfo, dupex_kept(fcinfo, 0, prepare), &scoring, NULL);
	PG_RETURN_FLOAT8(scoring.log_odds);
}

PG_FUNCTION_INFO_V1(dupex_naive_bayes_score);
Datum
dupex_naive_bayes_score(PG_FUNCTION_ARGS)
{
	Scoring		scoring;

	score(fcinfo, dupex_kept(fcinfo, 0, prepare), &scoring, NULL);
	PG_RETURN_FLOAT8(dupex_probability(scoring.log_odds));
}

static void
fill_reasons(FunctionCallInfo fcinfo, DupexRows *rows)
{
	Scoring		scoring;

	score(fcinfo, prepare(PG_GETARG_DATUM(0)), &scoring, rows);
}

PG_FUNCTION_INFO_V1(dupex_naive_bayes_reasons);
Datum
dupex_naive_bayes_reasons(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 3, fill_reasons);
}

static void
fill_counts(FunctionCallInfo fcinfo, DupexRows *rows)
{
	const DupexTally *tally = dupex_tally_ordered(PG_GETARG_TALLY_P(0));

	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
	{
		const char *key = dupex_tally_key(tally, entry);
		DupexOutcomes outcomes = dupex_naive_bayes_outcomes(entry);
		Datum		values[4] = {0, 0, Float8GetDatum(outcomes.won), Float8GetDatum(outcomes.lost)};
		bool		nulls[4] = {entry->length == 0, entry->length == 0, false, false};

		if (entry->length > 0)
		{
			values[0] = CStringGetTextDatum(key);
			values[1] = PointerGetDatum(cstring_to_text_with_len(key + strlen(key) + 1, (int) (entry->length - strlen(key) - 1)));
		}
		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_naive_bayes_counts);
Datum
dupex_naive_bayes_counts(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 4, fill_counts);
}

/*
 * Multiplies all counts of a state that is ours.
 */
static void
scale(DupexTally *tally, double factor)
{
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
		for (int i = 0; i < tally->sums; i++)
			if (!dupex_sum_scale(&dupex_tally_sums(entry)[i], factor))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("counts times %g are out of range", factor),
						 errdetail("Counts stay below 10^15."),
						 errhint("Use a factor from 0 to 1.")));
}

/*
 * naive_bayes_scale(naive_bayes, factor): 22023 for a factor that is negative or not finite.
 */
PG_FUNCTION_INFO_V1(dupex_naive_bayes_scale);
Datum
dupex_naive_bayes_scale(PG_FUNCTION_ARGS)
{
	DupexTally *tally = dupex_tally_finish(PG_GETARG_TALLY_P(0));
	double		factor = PG_GETARG_FLOAT8(1);

	if (!(factor >= 0 && isfinite(factor)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("factor must be a number from 0 on: \"%g\"", factor),
				 errdetail("All counts are multiplied by it."),
				 errhint("Use 0.5 for outcomes that shall count half.")));
	scale(tally, factor);
	PG_RETURN_TALLY_P(tally);
}

/*
 * naive_bayes_blend(own, general, strength): own counts plus general ones scaled down to strength
 * outcomes, or as they are where they are fewer. So a share becomes n/(n + k) of the own one and
 * k/(n + k) of the general one. NULL for either is a state of nothing; NULL when both are, or
 * strength is. 22023 for a negative strength.
 */
PG_FUNCTION_INFO_V1(dupex_naive_bayes_blend);
Datum
dupex_naive_bayes_blend(PG_FUNCTION_ARGS)
{
	double		strength;
	double		outcomes = 0;
	DupexTally *general;
	DupexTally *blended;

	LOCAL_FCINFO(plus, 2);

	if (PG_ARGISNULL(2) || (PG_ARGISNULL(0) && PG_ARGISNULL(1)))
		PG_RETURN_NULL();
	strength = PG_GETARG_FLOAT8(2);
	if (!(strength >= 0 && isfinite(strength)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("strength must be a number from 0 on: \"%g\"", strength),
				 errdetail("It is the number of outcomes that the general counts are worth."),
				 errhint("With 50, a team of 50 outcomes relies on its own and on the company's alike.")));
	if (PG_ARGISNULL(1))
		PG_RETURN_TALLY_P(dupex_tally_finish(PG_GETARG_TALLY_P(0)));

	general = dupex_tally_finish(PG_GETARG_TALLY_P(1));
	for (const DupexTallyEntry *entry = dupex_tally_next(general, NULL); entry != NULL; entry = dupex_tally_next(general, entry))
		if (entry->length == 0)
			outcomes = dupex_naive_bayes_outcomes(entry).won + dupex_naive_bayes_outcomes(entry).lost;
	if (outcomes > strength)
		scale(general, strength / outcomes);

	InitFunctionCallInfoData(*plus, NULL, 2, InvalidOid, NULL, NULL);
	plus->args[0].value = PointerGetDatum(general);
	plus->args[0].isnull = false;
	plus->args[1] = fcinfo->args[0];
	blended = DatumGetTallyP(dupex_tally_combine(plus));
	PG_RETURN_TALLY_P(dupex_tally_finish(blended));
}
