/*
 * pg_gains.c
 *		The SQL side of type gains: aggregate, tables of gains and calibration, measures.
 */
#include "score/pg_tally.h"

#include <math.h>

#include "libpq/pqformat.h"

#include "ratio/interval.h"
#include "runner/pg_rows.h"
#include "score/gains.h"
#include "score/pg_logistic.h"
#include "score/sortable.h"
#include "stats/distribution.h"

#define MAX_BINS	1000

static void
send_key(StringInfo message, const DupexTally *tally, const char *key, size_t length)
{
	pq_sendbytes(message, key, (int) length);
}

static bool
receive_key(StringInfo message, uint32 width, StringInfo key)
{
	unsigned char again[DUPEX_GAINS_KEY];
	double		score;

	appendBinaryStringInfo(key, pq_getmsgbytes(message, DUPEX_GAINS_KEY), DUPEX_GAINS_KEY);
	score = dupex_get_double((unsigned char *) key->data);
	if (!isfinite(score))
		return false;
	/* there are two zeros, of which a key has one */
	dupex_put_double(score, again);
	return memcmp(key->data, again, sizeof(again)) == 0;
}

/*
 * [[score, responders, others], ...]. People are whole.
 */
static bool
read_text(DupexScan *scan, DupexTally **tally)
{
	if (!dupex_scan_mark(scan, '['))
		return false;
	if (dupex_scan_mark(scan, ']'))
		return true;
	do
	{
		unsigned char key[DUPEX_GAINS_KEY];
		double		score;
		DupexSum	responders;
		DupexSum	others;

		if (!dupex_scan_mark(scan, '[') || !dupex_scan_double(scan, &score) ||
			!dupex_scan_mark(scan, ',') || !dupex_scan_sum(scan, &responders) ||
			!dupex_scan_mark(scan, ',') || !dupex_scan_sum(scan, &others) || responders.part != 0 || others.part != 0 || !dupex_scan_mark(scan, ']'))
			return false;
		dupex_put_double(score, key);
		dupex_tally_count(tally, key, sizeof(key), 0, &responders);
		dupex_tally_count(tally, key, sizeof(key), 1, &others);
	} while (dupex_scan_mark(scan, ','));
	return dupex_scan_mark(scan, ']');
}

static const DupexTallyForm form = {
	DUPEX_TALLY_GAINS, 2, "gains", "[[0.25, 3, 7]]: score, responders, others.",
	send_key, receive_key, read_text, dupex_gains_write, 0, true
};

PG_FUNCTION_INFO_V1(dupex_gains_in);
Datum
dupex_gains_in(PG_FUNCTION_ARGS)
{
	return dupex_tally_in(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_gains_out);
Datum
dupex_gains_out(PG_FUNCTION_ARGS)
{
	return dupex_tally_out(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_gains_recv);
Datum
dupex_gains_recv(PG_FUNCTION_ARGS)
{
	return dupex_tally_recv(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_gains_send);
Datum
dupex_gains_send(PG_FUNCTION_ARGS)
{
	return dupex_tally_send(fcinfo, &form);
}

/*
 * Transition of gains_agg(score, outcome). NULL for either is nobody; 22023 for a score that is
 * no finite number.
 */
PG_FUNCTION_INFO_V1(dupex_gains_agg_add);
Datum
dupex_gains_agg_add(PG_FUNCTION_ARGS)
{
	DupexTally *tally = dupex_tally_own(fcinfo);
	const DupexSum one = {1, 0};

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		score = PG_GETARG_FLOAT8(1);
		unsigned char key[DUPEX_GAINS_KEY];

		if (!isfinite(score))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("score %g is not allowed", score),
					 errdetail("People are ordered by their scores, which are finite numbers."),
					 errhint("Use NULL for who has no score; he is left out.")));
		dupex_put_double(score, key);
		if (tally == NULL)
			tally = dupex_tally_make(DUPEX_TALLY_GAINS, 2, 0, sizeof(key));
		dupex_tally_count(&tally, key, sizeof(key), PG_GETARG_BOOL(2) ? 0 : 1, &one);
	}
	if (tally == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TALLY_P(tally);
}

/*
 * The groups of a state, the highest score first, without those of nobody.
 */
static DupexGainsGroup *
groups_of(const DupexTally *tally, size_t *count)
{
	const DupexTallyEntry **entries = dupex_tally_sorted(tally);
	DupexGainsGroup *groups = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(DupexGainsGroup) * ((size_t) tally->count + 1));

	*count = 0;
	for (uint32 i = tally->count; i > 0; i--)
	{
		groups[*count] = dupex_gains_group(tally, entries[i - 1]);
		if (groups[*count].responders + groups[*count].others > 0)
			(*count)++;
	}
	pfree(entries);
	return groups;
}

/*
 * Groups whose scores must be probabilities: 22023 where they are none.
 */
static DupexGainsGroup *
probabilities_of(const DupexTally *tally, size_t *count)
{
	DupexGainsGroup *groups = groups_of(tally, count);

	if (!dupex_gains_are_probabilities(groups, *count))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scores from %g to %g are not probabilities", groups[*count - 1].score, groups[0].score),
				 errdetail("Calibration compares the score with the share of responders; both are from 0 to 1."),
				 errhint("For other scores use gains_table(), gains_auc() and gains_ks().")));
	return groups;
}

static int
bins_of(int32 bins, int least)
{
	if (bins < least || bins > MAX_BINS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bins must be from %d to %d: \"%d\"", least, MAX_BINS, bins),
				 errdetail("Bins hold people in order of their scores."),
				 errhint("Use 10 for deciles, 100 for percentiles.")));
	return bins;
}

PG_FUNCTION_INFO_V1(dupex_gains_get_people);
Datum
dupex_gains_get_people(PG_FUNCTION_ARGS)
{
	size_t		count;
	DupexGainsGroup *groups = groups_of(PG_GETARG_TALLY_P(0), &count);
	DupexGainsGroup total = dupex_gains_total(groups, count);

	PG_RETURN_INT64((int64) rint(total.responders + total.others));
}

PG_FUNCTION_INFO_V1(dupex_gains_get_responders);
Datum
dupex_gains_get_responders(PG_FUNCTION_ARGS)
{
	size_t		count;
	DupexGainsGroup *groups = groups_of(PG_GETARG_TALLY_P(0), &count);

	PG_RETURN_INT64((int64) rint(dupex_gains_total(groups, count).responders));
}

/*
 * A measure of the groups, NULL where it has no value.
 */
static Datum
measure(FunctionCallInfo fcinfo, DupexGainsGroup *(*get) (const DupexTally *, size_t *),
		bool (*compute) (const DupexGainsGroup *, size_t, double *))
{
	size_t		count;
	DupexGainsGroup *groups = get(PG_GETARG_TALLY_P(0), &count);
	double		value;

	if (!compute(groups, count, &value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

PG_FUNCTION_INFO_V1(dupex_gains_get_auc);
Datum
dupex_gains_get_auc(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, groups_of, dupex_gains_auc);
}

PG_FUNCTION_INFO_V1(dupex_gains_get_ks);
Datum
dupex_gains_get_ks(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, groups_of, dupex_gains_ks);
}

PG_FUNCTION_INFO_V1(dupex_gains_get_brier);
Datum
dupex_gains_get_brier(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, probabilities_of, dupex_gains_brier);
}

PG_FUNCTION_INFO_V1(dupex_gains_get_log_loss);
Datum
dupex_gains_get_log_loss(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, probabilities_of, dupex_gains_log_loss);
}

static Datum
quotient(double numerator, double denominator, bool *is_null)
{
	*is_null = denominator == 0;
	return *is_null ? (Datum) 0 : Float8GetDatum(numerator / denominator);
}

/* columns of gains_table() */
enum
{
	TABLE_BIN,
	TABLE_SCORE_FROM,
	TABLE_SCORE_TO,
	TABLE_PEOPLE,
	TABLE_RESPONDERS,
	TABLE_RESPONSE_RATE,
	TABLE_LIFT,
	TABLE_CUMULATIVE_PEOPLE,
	TABLE_CUMULATIVE_RESPONDERS,
	TABLE_CUMULATIVE_RESPONSE_RATE,
	TABLE_SHARE_OF_PEOPLE,
	TABLE_SHARE_OF_RESPONDERS,
	TABLE_CUMULATIVE_LIFT,
	TABLE_KS,
	TABLE_COLUMNS
};

static void
fill_table(FunctionCallInfo fcinfo, DupexRows *rows)
{
	size_t		count;
	DupexGainsGroup *groups = groups_of(PG_GETARG_TALLY_P(0), &count);
	DupexGainsGroup total = dupex_gains_total(groups, count);
	double		all = total.responders + total.others;
	int			bins = bins_of(PG_GETARG_INT32(1), 1);
	DupexGainsBin *bin = palloc(sizeof(DupexGainsBin) * (Size) bins);

	bins = dupex_gains_bins(groups, count, bins, bin);
	for (int i = 0; i < bins; i++)
	{
		Datum		values[TABLE_COLUMNS];
		bool		nulls[TABLE_COLUMNS] = {false};

		values[TABLE_BIN] = Int32GetDatum(i + 1);
		values[TABLE_SCORE_FROM] = Float8GetDatum(bin[i].lowest);
		values[TABLE_SCORE_TO] = Float8GetDatum(bin[i].highest);
		values[TABLE_PEOPLE] = Int64GetDatum((int64) bin[i].people);
		values[TABLE_RESPONDERS] = Float8GetDatum(bin[i].responders);
		values[TABLE_RESPONSE_RATE] = quotient(bin[i].responders, bin[i].people, &nulls[TABLE_RESPONSE_RATE]);
		values[TABLE_LIFT] = quotient(bin[i].responders * all, bin[i].people * total.responders, &nulls[TABLE_LIFT]);
		values[TABLE_CUMULATIVE_PEOPLE] = Int64GetDatum((int64) bin[i].cumulative_people);
		values[TABLE_CUMULATIVE_RESPONDERS] = Float8GetDatum(bin[i].cumulative_responders);
		values[TABLE_CUMULATIVE_RESPONSE_RATE] = quotient(bin[i].cumulative_responders, bin[i].cumulative_people, &nulls[TABLE_CUMULATIVE_RESPONSE_RATE]);
		values[TABLE_SHARE_OF_PEOPLE] = quotient(bin[i].cumulative_people, all, &nulls[TABLE_SHARE_OF_PEOPLE]);
		values[TABLE_SHARE_OF_RESPONDERS] = quotient(bin[i].cumulative_responders, total.responders, &nulls[TABLE_SHARE_OF_RESPONDERS]);
		values[TABLE_CUMULATIVE_LIFT] = quotient(bin[i].cumulative_responders * all, bin[i].cumulative_people * total.responders, &nulls[TABLE_CUMULATIVE_LIFT]);
		nulls[TABLE_KS] = total.responders == 0 || total.others == 0;
		values[TABLE_KS] = nulls[TABLE_KS] ? (Datum) 0
			: Float8GetDatum(bin[i].cumulative_responders / total.responders - (bin[i].cumulative_people - bin[i].cumulative_responders) / total.others);
		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_gains_table);
Datum
dupex_gains_table(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, TABLE_COLUMNS, fill_table);
}

/* columns of gains_calibration() */
enum
{
	CALIBRATION_BIN,
	CALIBRATION_SCORE_FROM,
	CALIBRATION_SCORE_TO,
	CALIBRATION_PEOPLE,
	CALIBRATION_RESPONDERS,
	CALIBRATION_EXPECTED,
	CALIBRATION_RESPONSE_RATE,
	CALIBRATION_PREDICTED_RATE,
	CALIBRATION_LOWER,
	CALIBRATION_UPPER,
	CALIBRATION_COLUMNS
};

static void
fill_calibration(FunctionCallInfo fcinfo, DupexRows *rows)
{
	size_t		count;
	DupexGainsGroup *groups = probabilities_of(PG_GETARG_TALLY_P(0), &count);
	int			bins = bins_of(PG_GETARG_INT32(1), 1);
	DupexGainsBin *bin = palloc(sizeof(DupexGainsBin) * (Size) bins);

	bins = dupex_gains_calibration(groups, count, bins, bin);
	for (int i = 0; i < bins; i++)
	{
		Datum		values[CALIBRATION_COLUMNS];
		bool		nulls[CALIBRATION_COLUMNS] = {false};
		DupexRate	rate = {(int64) rint(bin[i].responders), (int64) rint(bin[i].people)};
		DupexInterval interval = dupex_rate_interval(rate, 0.95, DUPEX_INTERVAL_WILSON);

		values[CALIBRATION_BIN] = Int32GetDatum(i + 1);
		values[CALIBRATION_SCORE_FROM] = Float8GetDatum(bin[i].lowest);
		values[CALIBRATION_SCORE_TO] = Float8GetDatum(bin[i].highest);
		values[CALIBRATION_PEOPLE] = Int64GetDatum(rate.trials);
		values[CALIBRATION_RESPONDERS] = Int64GetDatum(rate.successes);
		values[CALIBRATION_EXPECTED] = Float8GetDatum(bin[i].expected);
		values[CALIBRATION_RESPONSE_RATE] = Float8GetDatum(bin[i].responders / bin[i].people);
		values[CALIBRATION_PREDICTED_RATE] = Float8GetDatum(bin[i].expected / bin[i].people);
		values[CALIBRATION_LOWER] = Float8GetDatum(interval.lower);
		values[CALIBRATION_UPPER] = Float8GetDatum(interval.upper);
		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_gains_get_calibration);
Datum
dupex_gains_get_calibration(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, CALIBRATION_COLUMNS, fill_calibration);
}

/*
 * Expected calibration error: mean absolute difference between predicted and actual rate of the
 * bins, weighted by people. NULL without people.
 */
PG_FUNCTION_INFO_V1(dupex_gains_get_calibration_error);
Datum
dupex_gains_get_calibration_error(PG_FUNCTION_ARGS)
{
	size_t		count;
	DupexGainsGroup *groups = probabilities_of(PG_GETARG_TALLY_P(0), &count);
	int			bins = bins_of(PG_GETARG_INT32(1), 1);
	DupexGainsBin *bin = palloc(sizeof(DupexGainsBin) * (Size) bins);
	double		sum = 0;

	bins = dupex_gains_calibration(groups, count, bins, bin);
	if (bins == 0)
		PG_RETURN_NULL();
	for (int i = 0; i < bins; i++)
		sum += fabs(bin[i].expected - bin[i].responders);
	PG_RETURN_FLOAT8(sum / bin[bins - 1].cumulative_people);
}

/*
 * The test of Hosmer and Lemeshow (1980): statistic, degrees of freedom, p value. The freedom is
 * bins - 2 where the scores were fitted to these people, as many as bins where they were not. All
 * NULL with fewer than three bins, and when a bin has a predicted rate of 0 or 1.
 */
PG_FUNCTION_INFO_V1(dupex_gains_get_hosmer_lemeshow);
Datum
dupex_gains_get_hosmer_lemeshow(PG_FUNCTION_ARGS)
{
	size_t		count;
	DupexGainsGroup *groups = probabilities_of(PG_GETARG_TALLY_P(0), &count);
	int			bins = bins_of(PG_GETARG_INT32(1), 3);
	DupexGainsBin *bin = palloc(sizeof(DupexGainsBin) * (Size) bins);
	double		statistic = 0;
	Datum		values[3] = {0};
	bool		nulls[3] = {true, true, true};

	bins = dupex_gains_calibration(groups, count, bins, bin);
	for (int i = 0; i < bins; i++)
	{
		double		difference = bin[i].responders - bin[i].expected;

		statistic += difference * difference / (bin[i].expected * (1 - bin[i].expected / bin[i].people));
	}
	if (bins > 2 && isfinite(statistic))
	{
		int			freedom = PG_GETARG_BOOL(2) ? bins - 2 : bins;

		values[0] = Float8GetDatum(statistic);
		values[1] = Int32GetDatum(freedom);
		values[2] = Float8GetDatum(dupex_chi_square_upper_tail(statistic, freedom));
		nulls[0] = nulls[1] = nulls[2] = false;
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, 3), values, nulls)));
}

/*
 * The calibration line: logistic regression of the outcome on the log-odds of the score. All
 * NULL when a score is 0 or 1, and when the fit does not converge.
 */
PG_FUNCTION_INFO_V1(dupex_gains_get_calibration_line);
Datum
dupex_gains_get_calibration_line(PG_FUNCTION_ARGS)
{
	size_t		count;
	DupexGainsGroup *groups = probabilities_of(PG_GETARG_TALLY_P(0), &count);
	DupexDesign design = {0};
	double		numbers[6] = {0};
	bool		marks[4];
	double		work[16];		/* dupex_logistic_work(1) is 16 */
	DupexLogisticFit fit = {numbers, numbers + 2, numbers + 4, numbers + 5, marks, marks + 2, work};
	Datum		values[3] = {0};
	bool		nulls[3] = {true, true, true};

	if (dupex_logistic_work(1) != lengthof(work))
		elog(ERROR, "the work area of a fit has another size");
	dupex_logistic_room(&design, count, 1);
	design.offset = -1;
	for (size_t i = 0; i < count; i++)
	{
		design.x[i] = log(groups[i].score) - log1p(-groups[i].score);
		((double *) (uintptr_t) design.won)[i] = groups[i].responders;
		((double *) (uintptr_t) design.lost)[i] = groups[i].others;
	}
	/* the ends are at the ends */
	if (count > 1 && isfinite(design.x[0]) && isfinite(design.x[count - 1]))
	{
		dupex_logistic_fit(&design, &fit);
		if (fit.status == DUPEX_LOGISTIC_CONVERGED && isfinite(fit.standard_errors[1]))
		{
			values[0] = Float8GetDatum(fit.coefficients[0]);
			values[1] = Float8GetDatum(fit.coefficients[1]);
			values[2] = Float8GetDatum(fit.standard_errors[1]);
			nulls[0] = nulls[1] = nulls[2] = false;
		}
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, 3), values, nulls)));
}
