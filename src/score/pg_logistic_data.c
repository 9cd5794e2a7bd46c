/*
 * pg_logistic_data.c
 *		Type logistic_data: rows of numbers with their outcomes, equal rows put together.
 */
#include "score/pg_tally.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/array.h"

#include "score/pg_logistic.h"
#include "score/sortable.h"

/* a row of more is a mistake */
#define MAX_WIDTH	1000

static void
send_key(StringInfo message, const DupexTally *tally, const char *key, size_t length)
{
	for (uint32 j = 0; j < tally->width; j++)
		pq_sendfloat8(message, dupex_get_double((const unsigned char *) key + 8 * j));
}

static bool
receive_key(StringInfo message, uint32 width, StringInfo key)
{
	for (uint32 j = 0; j < width; j++)
	{
		double		value = pq_getmsgfloat8(message);
		unsigned char bytes[8];

		if (!isfinite(value))
			return false;
		dupex_put_double(value, bytes);
		appendBinaryStringInfo(key, (char *) bytes, sizeof(bytes));
	}
	return true;
}

/*
 * [[x, ...], true, false]: a row and the weights of its outcomes.
 */
static bool
read_row(DupexScan *scan, DupexTally **tally)
{
	unsigned char key[8 * MAX_WIDTH];
	uint32		width = (*tally)->width;
	DupexSum	weights[2];

	if (!dupex_scan_mark(scan, '[') || !dupex_scan_mark(scan, '['))
		return false;
	for (uint32 j = 0; j < width; j++)
	{
		double		value;

		if ((j > 0 && !dupex_scan_mark(scan, ',')) || !dupex_scan_double(scan, &value))
			return false;
		dupex_put_double(value, key + 8 * j);
	}
	if (!dupex_scan_mark(scan, ']') || !dupex_scan_mark(scan, ',') || !dupex_scan_sum(scan, &weights[0]) ||
		!dupex_scan_mark(scan, ',') || !dupex_scan_sum(scan, &weights[1]) || !dupex_scan_mark(scan, ']'))
		return false;
	dupex_tally_count(tally, key, 8 * (size_t) width, 0, &weights[0]);
	dupex_tally_count(tally, key, 8 * (size_t) width, 1, &weights[1]);
	return true;
}

static bool
read_text(DupexScan *scan, DupexTally **tally)
{
	int64		width;

	if (!dupex_scan_mark(scan, '{') || !dupex_scan_word(scan, "\"features\"") || !dupex_scan_mark(scan, ':') ||
		!dupex_scan_whole(scan, &width) || width < 0 || width > MAX_WIDTH || !dupex_scan_mark(scan, ',') ||
		!dupex_scan_word(scan, "\"rows\"") || !dupex_scan_mark(scan, ':') || !dupex_scan_mark(scan, '['))
		return false;
	(*tally)->width = (uint32) width;
	if (!dupex_scan_mark(scan, ']'))
	{
		do
		{
			if (!read_row(scan, tally))
				return false;
		} while (dupex_scan_mark(scan, ','));
		if (!dupex_scan_mark(scan, ']'))
			return false;
	}
	return dupex_scan_mark(scan, '}');
}

static void
write_text(const DupexSink *sink, const DupexTally *tally)
{
	char		width[16];

	snprintf(width, sizeof(width), "%u", tally->width);
	dupex_write(sink, "{\"features\": ");
	dupex_write(sink, width);
	dupex_write(sink, ", \"rows\": [");
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL;)
	{
		const unsigned char *key = (const unsigned char *) dupex_tally_key(tally, entry);

		dupex_write(sink, "[[");
		for (uint32 j = 0; j < tally->width; j++)
		{
			dupex_write(sink, j > 0 ? ", " : "");
			dupex_write_double(sink, dupex_get_double(key + 8 * j));
		}
		dupex_write(sink, "], ");
		dupex_write_sum(sink, &dupex_tally_sums(entry)[0]);
		dupex_write(sink, ", ");
		dupex_write_sum(sink, &dupex_tally_sums(entry)[1]);
		dupex_write(sink, "]");
		entry = dupex_tally_next(tally, entry);
		if (entry != NULL)
			dupex_write(sink, ", ");
	}
	dupex_write(sink, "]}");
}

static const DupexTallyForm form = {
	DUPEX_TALLY_LOGISTIC, 2, "logistic_data", "{\"features\": 2, \"rows\": [[[1, 0.5], 3, 7]]}: features of a row, weights of outcomes true and false.",
	send_key, receive_key, read_text, write_text, MAX_WIDTH
};

PG_FUNCTION_INFO_V1(dupex_logistic_data_in);
Datum
dupex_logistic_data_in(PG_FUNCTION_ARGS)
{
	return dupex_tally_in(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_logistic_data_out);
Datum
dupex_logistic_data_out(PG_FUNCTION_ARGS)
{
	return dupex_tally_out(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_logistic_data_recv);
Datum
dupex_logistic_data_recv(PG_FUNCTION_ARGS)
{
	return dupex_tally_recv(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_logistic_data_send);
Datum
dupex_logistic_data_send(PG_FUNCTION_ARGS)
{
	return dupex_tally_send(fcinfo, &form);
}

/*
 * The key of a row of features. Raises 22023 for what is no row of finite numbers, 22004 for a
 * NULL among them.
 */
static void
make_key(const double *values, int count, unsigned char *key)
{
	for (int j = 0; j < count; j++)
	{
		if (!isfinite(values[j]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("feature %d is \"%g\"", j + 1, values[j]),
					 errdetail("Features are finite numbers."),
					 errhint("Leave the row out, or give a feature of its own to what is unknown.")));
		dupex_put_double(values[j], key + 8 * j);
	}
}

/*
 * Transition of logistic_agg(outcome, features, weight). Nothing where one is NULL or the weight
 * is 0. Raises 22023 where rows have different numbers of features.
 */
PG_FUNCTION_INFO_V1(dupex_logistic_agg_add);
Datum
dupex_logistic_agg_add(PG_FUNCTION_ARGS)
{
	DupexTally *tally = dupex_tally_own(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
	{
		int			count;
		double	   *values = dupex_logistic_array(PG_GETARG_DATUM(2), "features", &count);
		DupexSum	weight = dupex_weight(PG_GETARG_FLOAT8(3));
		unsigned char key[8 * MAX_WIDTH];

		if (count > MAX_WIDTH || (tally != NULL && tally->width != (uint32) count))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 count > MAX_WIDTH ? errmsg("%d features are too many", count)
					 : errmsg("a row has %d features, others have %u", count, tally->width),
					 errdetail("All rows of one model have the same features in the same order, up to %d.", MAX_WIDTH),
					 errhint("For features that some rows lack use logistic_case_agg() with a JSON object.")));
		make_key(values, count, key);
		if (weight.whole > 0 || weight.part > 0)
		{
			if (tally == NULL)
				tally = dupex_tally_make(DUPEX_TALLY_LOGISTIC, 2, (uint32) count, 8 * (size_t) count);
			dupex_tally_count(&tally, key, 8 * (size_t) count, PG_GETARG_BOOL(1) ? 0 : 1, &weight);
		}
	}
	if (tally == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TALLY_P(tally);
}

/*
 * logistic_fit(logistic_data, l2, names, offset_feature). NULL where data or l2 is.
 */
PG_FUNCTION_INFO_V1(dupex_logistic_fit_data);
Datum
dupex_logistic_fit_data(PG_FUNCTION_ARGS)
{
	const DupexTally *tally;
	DupexDesign design = {0};
	DupexLogisticFit fit;
	TupleDesc	type;
	size_t		i = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &type) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "logistic_fit is declared with another result");
	tally = dupex_tally_ordered(PG_GETARG_TALLY_P(0));
	design.l2 = PG_GETARG_FLOAT8(1);
	dupex_logistic_check_l2(design.l2);
	design.offset = -1;
	if (!PG_ARGISNULL(3))
	{
		int			feature = PG_GETARG_INT32(3);

		if (feature < 1 || feature > (int) tally->width)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no feature %d", feature),
					 errdetail("The rows have %u features, counted from 1.", tally->width),
					 errhint("offset_feature is the place of the feature whose coefficient is 1.")));
		design.offset = feature - 1;
	}
	dupex_logistic_room(&design, tally->count, (int) tally->width);
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
	{
		const unsigned char *key = (const unsigned char *) dupex_tally_key(tally, entry);
		double		won = dupex_sum_value(&dupex_tally_sums(entry)[0]);
		double		lost = dupex_sum_value(&dupex_tally_sums(entry)[1]);

		if (won + lost == 0)
			continue;
		((double *) (uintptr_t) design.won)[i] = won;
		((double *) (uintptr_t) design.lost)[i] = lost;
		for (uint32 j = 0; j < tally->width; j++)
			design.x[i * tally->width + j] = dupex_get_double(key + 8 * j);
		i++;
	}
	design.rows = i;
	return dupex_logistic_make(BlessTupleDesc(type), &design, PG_GETARG_DATUM(2), PG_ARGISNULL(2), &fit);
}
