/*
 * pg_logistic_cases.c
 *		Type logistic_cases: cases of features of all kinds with their outcomes.
 *
 * The key of a case is in cases.c. What becomes a column of the regression is decided when all
 * cases are there, by pg_case_model.c.
 */
#include "score/pg_tally.h"

#include "libpq/pqformat.h"
#include "utils/fmgrprotos.h"

#include "score/cases.h"
#include "score/pg_features.h"

/* the values of a case while they are collected */
typedef struct Collector
{
	StringInfo	values;
	int			count;
	int			room;
} Collector;

static void
start_case(Collector *collector)
{
	collector->count = 0;
	collector->room = 16;
	collector->values = palloc(sizeof(StringInfoData) * (Size) collector->room);
}

static void
add_value(Collector *collector, const char *feature, size_t feature_length, const char *value, size_t value_length, bool is_number)
{
	StringInfo	place;

	if (collector->count == collector->room)
	{
		collector->room *= 2;
		collector->values = repalloc(collector->values, sizeof(StringInfoData) * (Size) collector->room);
	}
	place = &collector->values[collector->count++];
	initStringInfo(place);
	appendBinaryStringInfo(place, feature, (int) feature_length);
	appendStringInfoChar(place, '\0');
	appendStringInfoChar(place, is_number ? 'n' : 's');
	appendBinaryStringInfo(place, value, (int) value_length);
	appendStringInfoChar(place, '\0');
}

static int
compare_values(const void *a, const void *b)
{
	const StringInfoData *left = a;
	const StringInfoData *right = b;
	int			order = memcmp(left->data, right->data, (Size) Min(left->len, right->len));

	return order != 0 ? order : left->len - right->len;
}

/*
 * The key of the values: sorted, each once.
 */
static void
make_key(Collector *collector, StringInfo key)
{
	qsort(collector->values, (Size) collector->count, sizeof(StringInfoData), compare_values);
	for (int i = 0; i < collector->count; i++)
		if (i == 0 || compare_values(&collector->values[i - 1], &collector->values[i]) != 0)
			appendBinaryStringInfo(key, collector->values[i].data, collector->values[i].len);
}

static void
send_key(StringInfo message, const DupexTally *tally, const char *key, size_t length)
{
	const char *end = key + length;
	DupexCaseValue value;
	uint32		count = 0;

	for (const char *at = dupex_case_next(key, end, &value); at != NULL; at = dupex_case_next(at, end, &value))
		count++;
	pq_sendint32(message, count);
	for (const char *at = dupex_case_next(key, end, &value); at != NULL; at = dupex_case_next(at, end, &value))
	{
		pq_sendbyte(message, value.is_number);
		dupex_send_text(message, value.feature, value.feature_length);
		dupex_send_text(message, value.value, value.value_length);
	}
}

/*
 * The order of texts may be another one in another encoding, so the key is sorted anew.
 */
static bool
receive_key(StringInfo message, uint32 width, StringInfo key)
{
	uint32		count = pq_getmsgint(message, 4);
	Collector	collector;
	StringInfoData feature;
	StringInfoData value;

	start_case(&collector);
	initStringInfo(&feature);
	initStringInfo(&value);
	for (uint32 i = 0; i < count; i++)
	{
		bool		is_number = pq_getmsgbyte(message) != 0;

		resetStringInfo(&feature);
		resetStringInfo(&value);
		dupex_receive_text(message, &feature);
		dupex_receive_text(message, &value);
		add_value(&collector, feature.data, (size_t) feature.len, value.data, (size_t) value.len, is_number);
	}
	make_key(&collector, key);
	return dupex_case_is_key(key->data, (size_t) key->len);
}

/*
 * ["feature", value]: a string or a number.
 */
static bool
read_value(DupexScan *scan, Collector *collector, char *feature, char *value)
{
	size_t		feature_length;
	size_t		value_length;

	if (!dupex_scan_mark(scan, '[') || !dupex_scan_string(scan, feature, &feature_length) || !dupex_scan_mark(scan, ','))
		return false;
	if (dupex_scan_string(scan, value, &value_length))
		add_value(collector, feature, feature_length, value, value_length, false);
	else
	{
		const char *start = scan->at;
		double		number;

		if (!dupex_scan_double(scan, &number))
			return false;
		add_value(collector, feature, feature_length, start, (size_t) (scan->at - start), true);
	}
	return dupex_scan_mark(scan, ']');
}

/*
 * [[["feature", value], ...], true, false]: a case and the weights of its outcomes.
 */
static bool
read_case(DupexScan *scan, DupexTally **tally, char *feature, char *value)
{
	Collector	collector;
	StringInfoData key;
	DupexSum	weights[2];

	start_case(&collector);
	if (!dupex_scan_mark(scan, '[') || !dupex_scan_mark(scan, '['))
		return false;
	if (!dupex_scan_mark(scan, ']'))
	{
		do
		{
			if (!read_value(scan, &collector, feature, value))
				return false;
		} while (dupex_scan_mark(scan, ','));
		if (!dupex_scan_mark(scan, ']'))
			return false;
	}
	if (!dupex_scan_mark(scan, ',') || !dupex_scan_sum(scan, &weights[0]) || !dupex_scan_mark(scan, ',') ||
		!dupex_scan_sum(scan, &weights[1]) || !dupex_scan_mark(scan, ']'))
		return false;
	initStringInfo(&key);
	make_key(&collector, &key);
	dupex_tally_count(tally, key.data, (size_t) key.len, 0, &weights[0]);
	dupex_tally_count(tally, key.data, (size_t) key.len, 1, &weights[1]);
	return true;
}

static bool
read_text(DupexScan *scan, DupexTally **tally)
{
	char	   *feature = palloc((Size) (scan->end - scan->at) + 1);
	char	   *value = palloc((Size) (scan->end - scan->at) + 1);

	if (!dupex_scan_mark(scan, '['))
		return false;
	if (dupex_scan_mark(scan, ']'))
		return true;
	do
	{
		if (!read_case(scan, tally, feature, value))
			return false;
	} while (dupex_scan_mark(scan, ','));
	return dupex_scan_mark(scan, ']');
}

static const DupexTallyForm form = {
	DUPEX_TALLY_LOGISTIC_CASES, 2, "logistic_cases", "[[[[\"source\", \"web\"], [\"age\", 40]], 3, 7]]: features of a case, weights of outcomes true and false.",
	send_key, receive_key, read_text, dupex_cases_write
};

PG_FUNCTION_INFO_V1(dupex_logistic_cases_in);
Datum
dupex_logistic_cases_in(PG_FUNCTION_ARGS)
{
	return dupex_tally_in(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_logistic_cases_out);
Datum
dupex_logistic_cases_out(PG_FUNCTION_ARGS)
{
	return dupex_tally_out(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_logistic_cases_recv);
Datum
dupex_logistic_cases_recv(PG_FUNCTION_ARGS)
{
	return dupex_tally_recv(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_logistic_cases_send);
Datum
dupex_logistic_cases_send(PG_FUNCTION_ARGS)
{
	return dupex_tally_send(fcinfo, &form);
}

/*
 * A number is kept as the double precision number that it is for the regression; 22003 where it
 * is none.
 */
static void
collect(void *context, const char *feature, size_t feature_length, const char *value, size_t value_length, Numeric number)
{
	char		digits[DUPEX_DOUBLE_TEXT_SIZE];

	if (number != NULL)
	{
		value_length = dupex_double_format(DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(number))), digits);
		value = digits;
	}
	add_value(context, feature, feature_length, value, value_length, number != NULL);
}

/*
 * Transition of logistic_case_agg(outcome, features, weight). Nothing where outcome or weight is
 * NULL or the weight is 0; NULL features are none.
 */
PG_FUNCTION_INFO_V1(dupex_logistic_case_agg_add);
Datum
dupex_logistic_case_agg_add(PG_FUNCTION_ARGS)
{
	DupexTally *tally = dupex_tally_own(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(3))
	{
		DupexSum	weight = dupex_weight(PG_GETARG_FLOAT8(3));
		Collector	collector;
		StringInfoData key;

		start_case(&collector);
		initStringInfo(&key);
		if (!PG_ARGISNULL(2))
			dupex_features_each(PG_GETARG_JSONB_P(2), collect, &collector);
		make_key(&collector, &key);
		if (weight.whole > 0 || weight.part > 0)
		{
			if (tally == NULL)
				tally = dupex_tally_make(DUPEX_TALLY_LOGISTIC_CASES, 2, 0, (size_t) key.len);
			dupex_tally_count(&tally, key.data, (size_t) key.len, PG_GETARG_BOOL(1) ? 0 : 1, &weight);
		}
	}
	if (tally == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TALLY_P(tally);
}
