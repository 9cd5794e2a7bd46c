/*
 * pg_points.c
 *		The SQL side of type points: aggregates, score, ledger.
 */
#include "score/pg_tally.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "pgtime.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "runner/pg_rows.h"
#include "score/points.h"

static void
send_key(StringInfo message, const DupexTally *tally, const char *key, size_t length)
{
	pq_sendbytes(message, key, DUPEX_POINTS_KEY);
	dupex_send_text(message, key + DUPEX_POINTS_KEY, length - DUPEX_POINTS_KEY);
}

static bool
receive_key(StringInfo message, uint32 width, StringInfo key)
{
	DupexPointsEvent event;
	unsigned char again[DUPEX_POINTS_KEY];

	appendBinaryStringInfo(key, pq_getmsgbytes(message, DUPEX_POINTS_KEY), DUPEX_POINTS_KEY);
	dupex_receive_text(message, key);
	event = dupex_points_get(key->data, (size_t) key->len);
	if (!dupex_points_are_valid(&event))
		return false;
	/* there are two zeros, of which a key has one */
	dupex_points_put(&event, again);
	return memcmp(key->data, again, sizeof(again)) == 0;
}

static void
count_events(DupexTally **tally, const DupexPointsEvent *event, const DupexSum *events)
{
	size_t		length = DUPEX_POINTS_KEY + event->kind_length;
	unsigned char *key = palloc(length);

	dupex_points_put(event, key);
	memcpy(key + DUPEX_POINTS_KEY, event->kind, event->kind_length);
	if (*tally == NULL)
		*tally = dupex_tally_make(DUPEX_TALLY_POINTS, 1, 0, length);
	dupex_tally_count(tally, key, length, 0, events);
	pfree(key);
}

static bool
read_text(DupexScan *scan, DupexTally **tally)
{
	char	   *kind = palloc((Size) (scan->end - scan->at) + 1);

	if (!dupex_scan_mark(scan, '['))
		return false;
	if (dupex_scan_mark(scan, ']'))
		return true;
	do
	{
		DupexPointsEvent event;
		DupexSum	events;

		if (!dupex_points_read_event(scan, kind, &event, &events))
			return false;
		count_events(tally, &event, &events);
	} while (dupex_scan_mark(scan, ','));
	return dupex_scan_mark(scan, ']');
}

static const DupexTallyForm form = {
	DUPEX_TALLY_POINTS, 1, "points", "[[\"visit\", 1767225600, 10, 604800, 1]]: kind, seconds since 1970, points, half-life in seconds or null, number of events.",
	send_key, receive_key, read_text, dupex_points_write, 0, true, true
};

PG_FUNCTION_INFO_V1(dupex_points_in);
Datum
dupex_points_in(PG_FUNCTION_ARGS)
{
	return dupex_tally_in(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_points_out);
Datum
dupex_points_out(PG_FUNCTION_ARGS)
{
	return dupex_tally_out(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_points_recv);
Datum
dupex_points_recv(PG_FUNCTION_ARGS)
{
	return dupex_tally_recv(fcinfo, &form);
}

PG_FUNCTION_INFO_V1(dupex_points_send);
Datum
dupex_points_send(PG_FUNCTION_ARGS)
{
	return dupex_tally_send(fcinfo, &form);
}

/*
 * Microseconds of a half-life; a month has 30 days, a day 24 hours. Raises 22023 unless it is
 * positive, and below 280,000 years.
 */
static int64
half_life_of(const Interval *interval)
{
	double		micros = ((double) interval->month * 30 + interval->day) * USECS_PER_DAY + (double) interval->time;

	if (!(micros >= 1 && micros < DUPEX_POINTS_HALF_LIFE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("half-life \"%s\" is not allowed", DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(interval)))),
				 errdetail("A half-life is the time in which points lose half of their value; it is positive."),
				 errhint("Use NULL for points that do not decay.")));
	return ((int64) interval->month * 30 + interval->day) * USECS_PER_DAY + interval->time;
}

/*
 * Transition of both aggregates; the arguments of the event begin at first. An event without
 * time or points is none.
 */
static Datum
add_event(FunctionCallInfo fcinfo, int first, const char *kind, size_t kind_length)
{
	DupexTally *tally = dupex_tally_own(fcinfo);
	const DupexSum one = {1, 0};
	DupexPointsEvent event = {0};

	if (!PG_ARGISNULL(first) && !PG_ARGISNULL(first + 1))
	{
		event.at = PG_GETARG_TIMESTAMPTZ(first);
		event.points = PG_GETARG_FLOAT8(first + 1);
		event.half_life = PG_ARGISNULL(first + 2) ? 0 : half_life_of(PG_GETARG_INTERVAL_P(first + 2));
		event.kind = kind;
		event.kind_length = kind_length;
		if (!dupex_points_are_valid(&event))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("event with %g points at %s is not allowed", event.points, timestamptz_to_str(event.at)),
					 errdetail("Points are below 10^9 either way, and the time is finite."),
					 errhint("Leave out events that have not happened.")));
		count_events(&tally, &event, &one);
	}
	if (tally == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TALLY_P(tally);
}

PG_FUNCTION_INFO_V1(dupex_points_agg_add);
Datum
dupex_points_agg_add(PG_FUNCTION_ARGS)
{
	return add_event(fcinfo, 1, "", 0);
}

PG_FUNCTION_INFO_V1(dupex_points_kind_agg_add);
Datum
dupex_points_kind_agg_add(PG_FUNCTION_ARGS)
{
	text	   *kind = PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1);

	return add_event(fcinfo, 2, kind == NULL ? "" : VARDATA_ANY(kind), kind == NULL ? 0 : VARSIZE_ANY_EXHDR(kind));
}

/*
 * How points are to be counted: the arguments that points_at() and points_ledger() share.
 */
typedef struct Counting
{
	const DupexTally *tally;
	int64		at;
	bool		all_kinds;
	Datum	   *kinds;
	bool	   *kind_nulls;
	int			kind_count;
	DupexPointsCap *caps;
	int			cap_count;
	pg_tz	   *zone;
} Counting;

static void
refuse_caps(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("caps must be a JSON object of points per day, none of them negative"),
			 errdetail("Each key is a kind of event, each value the most points that the kind gets on a day."),
			 errhint("Write {\"open\": 20, \"click\": 50}.")));
}

/*
 * Reads {"kind": points per day}. JSON's null is no cap.
 */
static void
read_caps(Counting *counting, Jsonb *caps)
{
	JsonbIterator *iterator = JsonbIteratorInit(&caps->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	DupexPointsCap *cap = NULL;

	if (!JB_ROOT_IS_OBJECT(caps))
		refuse_caps();
	counting->caps = palloc0(sizeof(DupexPointsCap) * (JB_ROOT_COUNT(caps) + 1));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			cap = &counting->caps[counting->cap_count];
			cap->kind = value.val.string.val;
			cap->kind_length = (size_t) value.val.string.len;
		}
		else if (token != WJB_VALUE || cap == NULL || value.type == jbvNull)
			continue;
		else if (value.type == jbvNumeric)
		{
			cap->cap = DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value.val.numeric)));
			cap->day = PG_INT64_MIN;
			if (!(cap->cap >= 0))
				refuse_caps();
			counting->cap_count++;
		}
		else
			refuse_caps();
	}
}

/*
 * Arguments points, at, kinds, caps, zone. False where one is NULL that must not be.
 */
static bool
read_counting(FunctionCallInfo fcinfo, Counting *counting)
{
	char		zone[TZ_STRLEN_MAX + 1];

	memset(counting, 0, sizeof(*counting));
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(4))
		return false;
	counting->tally = PG_GETARG_TALLY_P(0);
	counting->at = PG_GETARG_TIMESTAMPTZ(1);
	if (TIMESTAMP_NOT_FINITE(counting->at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("points are counted at a finite time, not at \"%s\"", timestamptz_to_str(counting->at)),
				 errdetail("What decays is worth nothing in the end."),
				 errhint("Give a time, such as now().")));
	counting->all_kinds = PG_ARGISNULL(2);
	if (!counting->all_kinds)
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT,
						  &counting->kinds, &counting->kind_nulls, &counting->kind_count);
	if (!PG_ARGISNULL(3))
		read_caps(counting, PG_GETARG_JSONB_P(3));
	text_to_cstring_buffer(PG_GETARG_TEXT_PP(4), zone, sizeof(zone));
	counting->zone = pg_tzset(zone);
	if (counting->zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", zone),
				 errdetail("Caps hold for days of a time zone."),
				 errhint("Use a name of pg_timezone_names, such as Asia/Shanghai.")));
	return true;
}

static bool
is_wanted(const Counting *counting, const DupexPointsEvent *event)
{
	if (event->at > counting->at)
		return false;
	if (counting->all_kinds)
		return true;
	for (int i = 0; i < counting->kind_count; i++)
	{
		text	   *kind = (text *) DatumGetPointer(counting->kinds[i]);

		if (!counting->kind_nulls[i] && VARSIZE_ANY_EXHDR(kind) == event->kind_length &&
			memcmp(VARDATA_ANY(kind), event->kind, event->kind_length) == 0)
			return true;
	}
	return false;
}

static DupexPointsCap *
cap_of(const Counting *counting, const DupexPointsEvent *event)
{
	for (int i = 0; i < counting->cap_count; i++)
		if (counting->caps[i].kind_length == event->kind_length &&
			memcmp(counting->caps[i].kind, event->kind, event->kind_length) == 0)
			return &counting->caps[i];
	return NULL;
}

/*
 * The day of a time in the time zone, as a number.
 */
static int64
day_of(const Counting *counting, int64 at)
{
	struct pg_tm tm;
	fsec_t		fraction;
	int			offset;

	if (timestamp2tm(at, &offset, &tm, &fraction, NULL, counting->zone) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
}

/*
 * What the events of an entry count, and what that is worth; false when they are not wanted.
 * Entries must come in order.
 */
static bool
count_entry(const Counting *counting, const DupexTallyEntry *entry, DupexPointsEvent *event, double *counted, DupexAmount *worth)
{
	DupexPointsCap *cap;

	*event = dupex_points_get(dupex_tally_key(counting->tally, entry), entry->length);
	if (!is_wanted(counting, event))
		return false;
	cap = cap_of(counting, event);
	*counted = dupex_points_counted(event->points * dupex_sum_value(dupex_tally_sums(entry)), cap,
									cap == NULL ? 0 : day_of(counting, event->at));
	*worth = dupex_points_decayed(*counted, event, counting->at);
	return true;
}

/*
 * points_at(points, at, kinds, caps, zone): the sum of the ledger. NULL when points, at or zone
 * is.
 */
PG_FUNCTION_INFO_V1(dupex_points_at);
Datum
dupex_points_at(PG_FUNCTION_ARGS)
{
	Counting	counting;
	DupexAmount sum = {0, 0};

	if (!read_counting(fcinfo, &counting))
		PG_RETURN_NULL();
	/* only caps want the events in order, and what is stored is in order */
	if (counting.cap_count > 0)
		counting.tally = dupex_tally_ordered(counting.tally);
	for (const DupexTallyEntry *entry = dupex_tally_next(counting.tally, NULL); entry != NULL; entry = dupex_tally_next(counting.tally, entry))
	{
		DupexPointsEvent event;
		double		counted;
		DupexAmount worth;

		if (count_entry(&counting, entry, &event, &counted, &worth) && !dupex_points_add(&sum, worth))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("score out of range"),
					 errdetail("A score stays below 10^18 either way."),
					 errhint("Give events fewer points.")));
	}
	PG_RETURN_FLOAT8(dupex_points_value(sum));
}

/* columns of points_ledger() */
enum
{
	LEDGER_AT,
	LEDGER_KIND,
	LEDGER_POINTS,
	LEDGER_HALF_LIFE,
	LEDGER_EVENTS,
	LEDGER_COUNTED,
	LEDGER_CONTRIBUTION,
	LEDGER_COLUMNS
};

static Datum
numeric_of(DupexAmount amount)
{
	char		digits[2 * DUPEX_AMOUNT_TEXT_SIZE];

	digits[dupex_amount_format(amount, digits)] = '\0';
	return DirectFunctionCall3(numeric_in, CStringGetDatum(digits), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static void
fill_ledger(FunctionCallInfo fcinfo, DupexRows *rows)
{
	Counting	counting;

	if (!read_counting(fcinfo, &counting))
		return;
	counting.tally = dupex_tally_ordered(counting.tally);
	for (const DupexTallyEntry *entry = dupex_tally_next(counting.tally, NULL); entry != NULL; entry = dupex_tally_next(counting.tally, entry))
	{
		DupexPointsEvent event;
		double		counted;
		DupexAmount worth;
		Datum		values[LEDGER_COLUMNS];
		bool		nulls[LEDGER_COLUMNS] = {false};
		Interval   *half_life;

		if (!count_entry(&counting, entry, &event, &counted, &worth))
			continue;
		half_life = palloc0(sizeof(Interval));
		half_life->day = (int32) (event.half_life / USECS_PER_DAY);
		half_life->time = event.half_life % USECS_PER_DAY;
		values[LEDGER_AT] = TimestampTzGetDatum(event.at);
		values[LEDGER_KIND] = PointerGetDatum(cstring_to_text_with_len(event.kind, (int) event.kind_length));
		values[LEDGER_POINTS] = Float8GetDatum(event.points);
		values[LEDGER_HALF_LIFE] = IntervalPGetDatum(half_life);
		nulls[LEDGER_HALF_LIFE] = event.half_life == 0;
		values[LEDGER_EVENTS] = Int64GetDatum(dupex_tally_sums(entry)->whole);
		values[LEDGER_COUNTED] = Float8GetDatum(counted);
		values[LEDGER_CONTRIBUTION] = numeric_of(worth);
		dupex_rows_add(rows, values, nulls);
	}
}

/*
 * points_ledger(points, at, kinds, caps, zone): one row for each group of equal events, in order
 * of time; the contributions add up to points_at() exactly.
 */
PG_FUNCTION_INFO_V1(dupex_points_ledger);
Datum
dupex_points_ledger(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, LEDGER_COLUMNS, fill_ledger);
}
