/*
 * pg_journey.c
 *		The aggregates journey_agg and journey_milestone_agg and their state journey.
 *
 * The state is flat: steps, then names and values. While an aggregate works on it, it is a log with
 * room for more, which doubles when it is full; the final function brings it into order.
 */
#include "journey/pg_journey.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "journey/event_log.h"
#include "journey/journey_log.h"
#include "score/pg_tally.h"
#include "state/pg_state.h"
#include "text/blanks.h"

#define MAX_QUOTED		60

/* bytes of a log: about five steps, each with another name */
#define FIRST_LOG		128

/* what is read from text begins with */
#define FIRST_CAPACITY	8
#define FIRST_ROOM		104

/* tables for finishing that fit on the stack */
#define SMALL_TABLE		256

/*
 * Order of steps for the sort.
 */
#define ST_SORT sort_steps
#define ST_ELEMENT_TYPE DupexStep
#define ST_COMPARE(a, b, journey) ((a)->at != (b)->at ? ((a)->at < (b)->at ? -1 : 1) : dupex_step_compare(a, b, journey))
#define ST_COMPARE_ARG_TYPE const DupexJourney
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static void
complain_of_size(uint64 steps)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many steps for type %s", "journey"),
			 errdetail("A journey of " UINT64_FORMAT " steps would be larger than one gigabyte.", steps),
			 errhint("Is the aggregate grouped by person?")));
}

static DupexJourney *
allocate(uint64 capacity, uint64 room)
{
	Size		size = dupex_journey_size(capacity, room);
	DupexJourney *journey;

	if (capacity > PG_INT32_MAX || room > PG_INT32_MAX || !AllocSizeIsValid(size))
		complain_of_size(capacity);
	journey = palloc(size);
	dupex_journey_init(journey, capacity, room);
	SET_VARSIZE(journey, size);
	return journey;
}

static DupexJourney *
copy_with_room(const DupexJourney *from, uint64 capacity, uint64 room)
{
	DupexJourney *journey = allocate(capacity, room);

	dupex_journey_copy(journey, from);
	return journey;
}

/*
 * A copy that has room for one step more with a name of so many bytes. Steps and names grow
 * together, to twice the size at least: a copy is made once more by the executor.
 */
static DupexJourney *
grow(const DupexJourney *from, size_t length)
{
	uint64		capacity = 2 * (uint64) from->count;
	uint64		room = 2 * (uint64) from->used + length + 1;

	return copy_with_room(from, Max(capacity, from->capacity), Max(room, from->room));
}

static DupexJourney *
read_log(const DupexJourneyLog *log)
{
	DupexJourney *journey = allocate(log->count, dupex_journey_log_pool(log));

	dupex_journey_log_read(log, journey);
	return journey;
}

/*
 * The finished form: in order, without room to spare. The argument itself where it is that.
 */
static const DupexJourney *
finish(const DupexJourney *journey)
{
	DupexJourney *sorted;
	DupexJourney *finished;
	uint32		small[SMALL_TABLE];
	uint32	   *table = small;
	size_t		table_size = dupex_journey_table_size(journey);

	if (journey->is_finished)
		return journey;
	sorted = journey->is_log ? read_log((const DupexJourneyLog *) journey) : copy_with_room(journey, journey->count, journey->used);
	sort_steps(dupex_journey_steps(sorted), sorted->count, sorted);
	finished = allocate(sorted->count, sorted->used);
	if (table_size > SMALL_TABLE)
		table = MemoryContextAllocHuge(CurrentMemoryContext, table_size * sizeof(*table));
	dupex_journey_finish(finished, sorted, table, table_size);
	if (table != small)
		pfree(table);
	pfree(sorted);
	finished->room = finished->used;
	SET_VARSIZE(finished, dupex_journey_size(finished->capacity, finished->room));
	return finished;
}

static inline DupexJourney *
journey_as_it_is(Datum datum)
{
	DupexJourney *journey = (DupexJourney *) DatumGetPointer(datum);

	if (unlikely(VARATT_IS_EXTENDED(journey)))
		journey = (DupexJourney *) PG_DETOAST_DATUM(datum);
	if (unlikely(journey->version != DUPEX_JOURNEY_VERSION))
		dupex_state_check_version("journey", journey->version, DUPEX_JOURNEY_VERSION);
	return journey;
}

/*
 * A journey in its finished form; may be the datum itself.
 */
const DupexJourney *
dupex_journey_of_datum(Datum datum)
{
	return finish(journey_as_it_is(datum));
}

static void
add_name(DupexJourney **journey, int64 at, DupexStepKind kind, const char *name, size_t length)
{
	if (!dupex_journey_add_name(*journey, at, kind, name, length))
	{
		*journey = grow(*journey, length);
		dupex_journey_add_name(*journey, at, kind, name, length);
	}
}

static void
add_value(DupexJourney **journey, int64 at, DupexValue value)
{
	if (!dupex_journey_add_value(*journey, at, value))
	{
		*journey = grow(*journey, sizeof(value.mantissa));
		dupex_journey_add_value(*journey, at, value);
	}
}

static DupexJourneyLog *
make_log(uint64 size)
{
	DupexJourneyLog *log;

	log = palloc(size);
	SET_VARSIZE(log, size);
	log->version = DUPEX_JOURNEY_VERSION;
	dupex_journey_log_clear(log);
	return log;
}

static inline size_t
room_of_log(const DupexJourneyLog *log)
{
	return VARSIZE(log) - offsetof(DupexJourneyLog, bytes);
}

/*
 * A copy of twice the size, or as much as it takes for a name of so many bytes.
 */
static DupexJourneyLog *
make_room(const DupexJourneyLog *log, size_t length)
{
	const size_t first = offsetof(DupexJourneyLog, version);
	uint64		size = (uint64) VARSIZE(log) * 2;
	DupexJourneyLog *larger;

	while (size - VARSIZE(log) < length + DUPEX_LOG_NUMBER_SIZE + 2)
		size *= 2;
	if (!AllocSizeIsValid(size))
		complain_of_size((uint64) log->count + 1);
	larger = make_log(size);
	memcpy((char *) larger + first, (const char *) log + first, offsetof(DupexJourneyLog, bytes) - first + log->used);
	return larger;
}

static void
log_name(DupexJourneyLog **log, int64 at, DupexStepKind kind, const char *name, size_t length)
{
	if (!dupex_journey_log_add_name(*log, room_of_log(*log), at, kind, name, length))
	{
		*log = make_room(*log, length);
		dupex_journey_log_add_name(*log, room_of_log(*log), at, kind, name, length);
	}
}

static void
log_value(DupexJourneyLog **log, int64 at, DupexValue value)
{
	if (!dupex_journey_log_add_value(*log, room_of_log(*log), at, value))
	{
		*log = make_room(*log, DUPEX_LOG_NUMBER_SIZE);
		dupex_journey_log_add_value(*log, room_of_log(*log), at, value);
	}
}

static void
log_steps(DupexJourneyLog **log, const DupexJourney *other)
{
	const DupexStep *steps;

	if (other->is_log)
		other = read_log((const DupexJourneyLog *) other);
	steps = dupex_journey_steps(other);
	for (uint32 i = 0; i < other->count; i++)
	{
		if (steps[i].kind == DUPEX_STEP_CONVERSION)
			log_value(log, steps[i].at, dupex_journey_value(other, &steps[i]));
		else
		{
			size_t		length;
			const char *name = dupex_journey_name(other, steps[i].where, &length);

			log_name(log, steps[i].at, (DupexStepKind) steps[i].kind, name, length);
		}
	}
}

/*
 * The log that a transition function may change: its first argument where an aggregate calls and
 * it is one, else a copy of it; a new one where that is NULL.
 */
static DupexJourneyLog *
own_log(FunctionCallInfo fcinfo)
{
	DupexJourney *journey;
	DupexJourneyLog *log;

	if (PG_ARGISNULL(0))
		return make_log(FIRST_LOG);
	journey = journey_as_it_is(PG_GETARG_DATUM(0));
	if (likely(journey->is_log && AggCheckCallContext(fcinfo, NULL)))
		return (DupexJourneyLog *) journey;
	log = make_log(FIRST_LOG);
	log_steps(&log, journey);
	return log;
}

/*
 * Adds the name that is argument n, where it is one. Raises 22001 for one that is too long.
 */
static void
add_name_argument(FunctionCallInfo fcinfo, int n, DupexJourneyLog **log, int64 at, DupexStepKind kind)
{
	text	   *name;
	size_t		length;

	if (PG_ARGISNULL(n))
		return;
	name = PG_GETARG_TEXT_PP(n);
	length = VARSIZE_ANY_EXHDR(name);
	if (length > DUPEX_NAME_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("%s too long: \"%.*s...\"", kind == DUPEX_STEP_TOUCH ? "channel" : "milestone",
						pg_mbcliplen(VARDATA_ANY(name), (int) length, MAX_QUOTED), VARDATA_ANY(name)),
				 errdetail("It has %zu bytes; a name in a journey has up to %d.", length, DUPEX_NAME_BYTES),
				 errhint("Use the code or the key of the channel.")));
	log_name(log, at, kind, VARDATA_ANY(name), length);
	PG_FREE_IF_COPY(name, n);
}

/*
 * Adds the conversion whose value is argument n, where it is one. Raises 22003 for a value that
 * cannot be kept exactly.
 */
static void
add_value_argument(FunctionCallInfo fcinfo, int n, DupexJourneyLog **log, int64 at)
{
	char	   *str;
	DupexValue	value;

	if (PG_ARGISNULL(n))
		return;
	str = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(n)));
	if (dupex_value_parse(str, strlen(str), &value) != DUPEX_VALUE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value %.60s is out of range for type %s", str, "journey"),
				 errdetail("The value of a conversion is a number of up to %d digits, at most %d of them decimals.", DUPEX_VALUE_DIGITS, DUPEX_VALUE_DECIMALS),
				 errhint("Round it first, such as with round(value, 4).")));
	pfree(str);
	log_value(log, at, value);
}

/*
 * Transition of the aggregates (at, channel, value) and (at, channel, value, milestone). Each
 * argument that is not NULL adds what it stands for; a row without time is left out.
 */
PG_FUNCTION_INFO_V1(dupex_journey_add);
Datum
dupex_journey_add(PG_FUNCTION_ARGS)
{
	DupexJourneyLog *log;
	TimestampTz at;
	bool		has_milestone = PG_NARGS() > 4 && !PG_ARGISNULL(4);

	if (PG_ARGISNULL(1) || (PG_ARGISNULL(2) && PG_ARGISNULL(3) && !has_milestone))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	at = PG_GETARG_TIMESTAMPTZ(1);
	if (at < DUPEX_FIRST_TIME || at >= DUPEX_END_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a step of a journey at %s", TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : TIMESTAMP_IS_NOEND(at) ? "infinity" : timestamptz_to_str(at)),
				 errdetail("Times of touches, milestones and conversions are in the years 1 to 9999."),
				 errhint("Leave out what has not happened; a row without time does not count.")));
	log = own_log(fcinfo);
	add_name_argument(fcinfo, 2, &log, at, DUPEX_STEP_TOUCH);
	add_value_argument(fcinfo, 3, &log, at);
	if (has_milestone)
		add_name_argument(fcinfo, 4, &log, at, DUPEX_STEP_MILESTONE);
	PG_RETURN_POINTER(log);
}

/*
 * Transition of rollup() and combine function; NULL on either side adds nothing.
 */
PG_FUNCTION_INFO_V1(dupex_journey_combine);
Datum
dupex_journey_combine(PG_FUNCTION_ARGS)
{
	DupexJourneyLog *log;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	log = own_log(fcinfo);
	log_steps(&log, journey_as_it_is(PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(log);
}

/*
 * Final function: the stored form.
 */
PG_FUNCTION_INFO_V1(dupex_journey_final);
Datum
dupex_journey_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(dupex_journey_of_datum(PG_GETARG_DATUM(0)));
}

/*
 * Text: {step, step, ...} as dupex_step_format() writes them.
 */
PG_FUNCTION_INFO_V1(dupex_journey_out);
Datum
dupex_journey_out(PG_FUNCTION_ARGS)
{
	const DupexJourney *journey = dupex_journey_of_datum(PG_GETARG_DATUM(0));
	const DupexStep *steps = dupex_journey_steps(journey);
	char		step[DUPEX_STEP_TEXT_SIZE];
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < journey->count; i++)
	{
		if (i > 0)
			appendStringInfoString(&string, ", ");
		appendBinaryStringInfo(&string, step, (int) dupex_step_format(journey, &steps[i], step));
	}
	appendStringInfoChar(&string, '}');
	PG_RETURN_CSTRING(string.data);
}

/*
 * Reads the steps of a text into *journey; false for what cannot be read.
 */
static bool
read_steps(const char *at, DupexJourney **journey)
{
	dupex_skip_blanks(&at);
	if (*at++ != '{')
		return false;
	for (;;)
	{
		DupexStepText step;

		dupex_skip_blanks(&at);
		if (!dupex_step_parse(&at, &step))
			return false;
		if (step.kind == DUPEX_STEP_CONVERSION)
			add_value(journey, step.at, step.value);
		else
			add_name(journey, step.at, step.kind, step.name, step.length);
		dupex_skip_blanks(&at);
		if (*at == '}')
			break;
		if (*at++ != ',')
			return false;
		CHECK_FOR_INTERRUPTS();
	}
	at++;
	dupex_skip_blanks(&at);
	return *at == '\0';
}

/*
 * Text to journey, steps in any order; a text that is none is 22P02, a soft error where
 * PostgreSQL has those.
 */
PG_FUNCTION_INFO_V1(dupex_journey_in);
Datum
dupex_journey_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	DupexJourney *journey = allocate(FIRST_CAPACITY, FIRST_ROOM);
	int			length = (int) strlen(str);

	if (read_steps(str, &journey))
		PG_RETURN_POINTER(finish(journey));
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "journey",
					pg_mbcliplen(str, length, MAX_QUOTED), str, length > MAX_QUOTED ? "..." : ""),
			 errdetail("A journey is written {step, ...}: a time in UTC, and \"channel\" for a touch, @\"name\" for a milestone, a value for a conversion, such as {2026-01-31T10:15:00Z \"mail\", 2026-02-01T00:00:00Z @\"lead\", 2026-02-03T09:30:00Z 19.99}."),
			 errhint("Make one of events with journey_agg(at, channel, value).")));
}

/*
 * Binary form: version int1, number of steps int4; of each step time int8 (microseconds since
 * 2000), kind int1 (0 touch, 1 milestone, 2 conversion), and a name (length int4, bytes) or a
 * value (mantissa int8, decimals int1).
 */
PG_FUNCTION_INFO_V1(dupex_journey_send);
Datum
dupex_journey_send(PG_FUNCTION_ARGS)
{
	const DupexJourney *journey = dupex_journey_of_datum(PG_GETARG_DATUM(0));
	const DupexStep *steps = dupex_journey_steps(journey);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, DUPEX_JOURNEY_VERSION);
	pq_sendint32(&message, journey->count);
	for (uint32 i = 0; i < journey->count; i++)
	{
		pq_sendint64(&message, (uint64) steps[i].at);
		pq_sendint8(&message, steps[i].kind);
		if (steps[i].kind == DUPEX_STEP_CONVERSION)
		{
			DupexValue	value = dupex_journey_value(journey, &steps[i]);

			pq_sendint64(&message, (uint64) value.mantissa);
			pq_sendint8(&message, (uint8) value.scale);
		}
		else
		{
			size_t		length;
			const char *name = dupex_journey_name(journey, steps[i].where, &length);

			dupex_send_text(&message, name, length);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static void
receive_step(StringInfo message, DupexJourney **journey)
{
	int64		at = pq_getmsgint64(message);
	int			kind = pq_getmsgbyte(message);

	if (at < DUPEX_FIRST_TIME || at >= DUPEX_END_TIME || kind > DUPEX_STEP_CONVERSION)
		dupex_message_refuse("journey", "A step is of no known kind, or at a time that cannot be.");
	if (kind == DUPEX_STEP_CONVERSION)
	{
		DupexValue	value;

		value.mantissa = pq_getmsgint64(message);
		value.scale = pq_getmsgbyte(message);
		if (!dupex_value_is_valid(value))
			dupex_message_refuse("journey", "A value cannot be.");
		add_value(journey, at, value);
	}
	else
	{
		StringInfoData name;

		initStringInfo(&name);
		dupex_receive_text(message, &name);
		if (name.len > DUPEX_NAME_BYTES)
			dupex_message_refuse("journey", "A name is too long.");
		add_name(journey, at, (DupexStepKind) kind, name.data, (size_t) name.len);
		pfree(name.data);
	}
}

/*
 * What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_journey_recv);
Datum
dupex_journey_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	DupexJourney *journey = allocate(FIRST_CAPACITY, FIRST_ROOM);
	uint32		count;

	if (pq_getmsgbyte(message) != DUPEX_JOURNEY_VERSION)
		dupex_message_refuse("journey", "The version is not 1.");
	count = (uint32) pq_getmsgint(message, 4);
	/* a step has a time, a kind and a length at least */
	if (count == 0 || (uint64) count * 13 > (uint64) (message->len - message->cursor))
		dupex_message_refuse("journey", "There is no step, or the message ends before they do.");
	for (uint32 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		receive_step(message, &journey);
	}
	PG_RETURN_POINTER(finish(journey));
}
