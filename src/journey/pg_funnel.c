/*
 * pg_funnel.c
 *		The aggregate funnel_agg and its state funnel: the events of a person.
 *
 * The state keeps times and steps and answers nothing by itself: windows and modes are arguments
 * of the functions that read it. It is flat: while an aggregate works on it a log with room for
 * more (funnel_log.h), and as it is stored an array in order. Sizes of logs are powers of two,
 * because that is what PostgreSQL takes from its memory anyway.
 */
#include "journey/pg_funnel.h"

#include "journey/funnel_log.h"
#include "state/pg_state.h"
#include "text/blanks.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define VERSION			1
#define MAX_QUOTED		60
#define FIRST_SIZE		64		/* bytes; seven events in whole seconds */
#define COMPACT_FROM	1024	/* events: not worth it for fewer */
#define FEW				32		/* events that are sorted on the stack */

static Size
size_of_count(uint64 count)
{
	return offsetof(DupexFunnel, events) + count * sizeof(DupexFunnelStored);
}

static void
check_size(uint64 size)
{
	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events for type %s", "funnel"),
				 errdetail("They would need " UINT64_FORMAT " bytes, more than one gigabyte.", size),
				 errhint("Is the aggregate grouped by person? Events that are no step matter in mode strict_order only.")));
}

static inline int64
time_of(const DupexFunnelStored *stored)
{
	return (int64) ((uint64) stored->at_high << 32 | stored->at_low);
}

/*
 * A state from a datum, in whatever form it is.
 */
static inline DupexFunnel *
funnel_of_datum(Datum datum)
{
	DupexFunnel *funnel = (DupexFunnel *) DatumGetPointer(datum);

	if (unlikely(VARATT_IS_EXTENDED(funnel)))
		funnel = (DupexFunnel *) PG_DETOAST_DATUM(datum);
	if (unlikely(funnel->version != VERSION))
		dupex_state_check_version("funnel", funnel->version, VERSION);
	return funnel;
}

/*
 * The events of a state in order, each that makes a difference. few has room for FEW and is taken
 * where that is enough; it may be NULL. Returns how many.
 */
static uint32
ordered_events(const DupexFunnel *funnel, DupexFunnelEvent *few, DupexFunnelEvent **events)
{
	DupexFunnelEvent *space = NULL;
	uint32		count = funnel->count;

	*events = few != NULL && count <= FEW ? few : MemoryContextAllocHuge(CurrentMemoryContext, ((Size) count + 1) * sizeof(DupexFunnelEvent));
	if (!funnel->is_log)
	{
		for (uint32 i = 0; i < count; i++)
		{
			(*events)[i].at = time_of(&funnel->events[i]);
			(*events)[i].steps = funnel->events[i].steps;
			(*events)[i].group = 0;
		}
		return count;
	}
	dupex_funnel_log_read((const DupexFunnelLog *) funnel, *events);
	if (count > DUPEX_FUNNEL_SORT_ALONE)
		space = MemoryContextAllocHuge(CurrentMemoryContext, (Size) count * sizeof(DupexFunnelEvent));
	count = dupex_funnel_sort(*events, count, space);
	if (space)
		pfree(space);
	return count;
}

/*
 * The events of argument n, in order.
 */
DupexFunnelEvent *
dupex_funnel_argument(FunctionCallInfo fcinfo, int n, uint32 *count)
{
	DupexFunnelEvent *events;

	*count = ordered_events(funnel_of_datum(PG_GETARG_DATUM(n)), NULL, &events);
	return events;
}

static DupexFunnelLog *
make_log(uint64 size)
{
	DupexFunnelLog *log;

	check_size(size);
	log = palloc(size);
	SET_VARSIZE(log, size);
	log->version = VERSION;
	dupex_funnel_log_clear(log);
	return log;
}

static inline size_t
room_of_log(const DupexFunnelLog *log)
{
	return VARSIZE(log) - offsetof(DupexFunnelLog, bytes);
}

/*
 * Writes events into an empty log; false when there is not enough room.
 */
static bool
write_log(DupexFunnelLog *log, const DupexFunnelEvent *events, uint32 count)
{
	for (uint32 i = 0; i < count; i++)
		if (!dupex_funnel_log_add(log, room_of_log(log), events[i].at, events[i].steps))
			return false;
	return true;
}

static void
copy_log(DupexFunnelLog *to, const DupexFunnelLog *from)
{
	const size_t first = offsetof(DupexFunnelLog, count);

	memcpy((char *) to + first, (const char *) from + first, offsetof(DupexFunnelLog, bytes) - first + from->used);
}

/*
 * A log with more room, or the same one where putting it in order has made room: events that make
 * no difference are left out then, and times are closer to each other.
 */
static DupexFunnelLog *
make_room(DupexFunnelLog *log)
{
	DupexFunnelLog *larger = make_log(Min((uint64) VARSIZE(log) * 2, MaxAllocSize));

	if (log->count >= COMPACT_FROM)
	{
		DupexFunnelEvent *events;
		uint32		count = ordered_events((const DupexFunnel *) log, NULL, &events);
		bool		is_written = write_log(larger, events, count);

		pfree(events);
		if (is_written && larger->used <= room_of_log(log) / 2)
		{
			copy_log(log, larger);
			pfree(larger);
			return log;
		}
		if (is_written)
			return larger;

		/*
		 * days and microseconds in turn take more bytes than one after the
		 * other
		 */
	}
	copy_log(larger, log);
	return larger;
}

/*
 * Adds an event to a log that may be changed, and may move.
 */
static inline DupexFunnelLog *
add_event(DupexFunnelLog *log, int64 at, uint32 steps)
{
	if (likely(dupex_funnel_log_add(log, room_of_log(log), at, steps)))
		return log;
	log = make_room(log);
	if (!dupex_funnel_log_add(log, room_of_log(log), at, steps))
		check_size((uint64) MaxAllocSize + 1);
	return log;
}

/*
 * Adds the events of a state.
 */
static DupexFunnelLog *
add_events(DupexFunnelLog *log, const DupexFunnel *other)
{
	DupexFunnelEvent few[FEW];
	DupexFunnelEvent *events;
	uint32		count = ordered_events(other, few, &events);

	for (uint32 i = 0; i < count; i++)
		log = add_event(log, events[i].at, events[i].steps);
	if (events != few)
		pfree(events);
	return log;
}

/*
 * The log that a transition function may change: its first argument where an aggregate calls, else
 * a copy of it; a new one where that is NULL.
 */
static inline DupexFunnelLog *
own_log(FunctionCallInfo fcinfo)
{
	DupexFunnel *funnel;

	if (PG_ARGISNULL(0))
		return make_log(FIRST_SIZE);
	funnel = funnel_of_datum(PG_GETARG_DATUM(0));
	if (likely(funnel->is_log && AggCheckCallContext(fcinfo, NULL)))
		return (DupexFunnelLog *) funnel;
	return add_events(make_log(FIRST_SIZE), funnel);
}

/*
 * Raises 22023 for a time that is infinite or out of the years that a state can hold.
 */
void
dupex_funnel_check_time(TimestampTz at)
{
	if (unlikely(!dupex_funnel_is_time(at)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an event at %s", TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : TIMESTAMP_IS_NOEND(at) ? "infinity" : timestamptz_to_str(at)),
				 errdetail("Times of events are in the years 1 to 9999."),
				 errhint("Leave such rows out: WHERE isfinite(at).")));
}

/*
 * Transition of funnel_agg(at, steps). A row without time is left out; no steps are none.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_add);
Datum
dupex_funnel_add(PG_FUNCTION_ARGS)
{
	int64		at;
	uint32		steps;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	at = PG_GETARG_TIMESTAMPTZ(1);
	steps = PG_ARGISNULL(2) ? 0 : (uint32) PG_GETARG_INT32(2);
	dupex_funnel_check_time(at);
	PG_RETURN_POINTER(add_event(own_log(fcinfo), at, steps));
}

/*
 * Transition of rollup() and combine function; NULL on either side adds nothing.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_combine);
Datum
dupex_funnel_combine(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	PG_RETURN_POINTER(add_events(own_log(fcinfo), funnel_of_datum(PG_GETARG_DATUM(1))));
}

/*
 * A state as it is stored: in order and without room.
 */
static DupexFunnel *
make_funnel(const DupexFunnelEvent *events, uint32 count)
{
	Size		size = size_of_count(count);
	DupexFunnel *funnel;

	check_size(size);
	funnel = palloc(size);
	memset(funnel, 0, offsetof(DupexFunnel, events));
	SET_VARSIZE(funnel, size);
	funnel->version = VERSION;
	funnel->count = count;
	for (uint32 i = 0; i < count; i++)
	{
		funnel->events[i].at_low = (uint32) events[i].at;
		funnel->events[i].at_high = (uint32) ((uint64) events[i].at >> 32);
		funnel->events[i].steps = events[i].steps;
	}
	return funnel;
}

/*
 * Final function: the stored form.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_final);
Datum
dupex_funnel_final(PG_FUNCTION_ARGS)
{
	DupexFunnel *funnel = funnel_of_datum(PG_GETARG_DATUM(0));
	DupexFunnelEvent few[FEW];
	DupexFunnelEvent *events;
	uint32		count;

	if (!funnel->is_log)
		PG_RETURN_POINTER(funnel);
	count = ordered_events(funnel, few, &events);
	PG_RETURN_POINTER(make_funnel(events, count));
}

/*
 * Text: {time steps, time steps, ...}, times in UTC, steps as a number.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_out);
Datum
dupex_funnel_out(PG_FUNCTION_ARGS)
{
	uint32		count;
	DupexFunnelEvent *events = dupex_funnel_argument(fcinfo, 0, &count);
	char		event[DUPEX_FUNNEL_EVENT_TEXT_SIZE];
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < count; i++)
	{
		size_t		length = dupex_funnel_event_format(&events[i], event);

		if (i > 0)
			appendStringInfoString(&string, ", ");
		appendBinaryStringInfo(&string, event, (int) length);
	}
	appendStringInfoChar(&string, '}');
	PG_RETURN_CSTRING(string.data);
}

/*
 * Reads {event, event, ...}; false when it is anything else.
 */
static bool
read_list(const char *at, DupexFunnelEvent *events, uint32 *count)
{
	*count = 0;
	dupex_skip_blanks(&at);
	if (*at++ != '{')
		return false;
	dupex_skip_blanks(&at);
	if (*at == '}')
		at++;
	else
		for (;;)
		{
			dupex_skip_blanks(&at);
			if (!dupex_funnel_event_parse(&at, &events[*count]))
				return false;
			++*count;
			dupex_skip_blanks(&at);
			if (*at != ',' && *at != '}')
				return false;
			if (*at++ == '}')
				break;
		}
	dupex_skip_blanks(&at);
	return *at == '\0' && dupex_funnel_is_sorted(events, *count);
}

/*
 * Text to funnel; a text that is none, or not in order, is 22P02, a soft error where PostgreSQL
 * has those.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_in);
Datum
dupex_funnel_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	Size		commas = 0;
	uint32		count;
	DupexFunnelEvent *events;

	for (const char *c = str; *c; c++)
		commas += *c == ',';
	events = MemoryContextAllocHuge(CurrentMemoryContext, (commas + 1) * sizeof(DupexFunnelEvent));
	if (read_list(str, events, &count))
		PG_RETURN_POINTER(make_funnel(events, count));
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "funnel",
					strlen(str) > MAX_QUOTED ? MAX_QUOTED : (int) strlen(str), str, strlen(str) > MAX_QUOTED ? "..." : ""),
			 errdetail("A funnel is written {time steps, ...} with times in UTC, in order, and the steps as a number, such as {2026-01-31T10:15:00Z 1, 2026-02-02T08:00:00Z 2}; step 1 is 1, step 2 is 2, step 3 is 4."),
			 errhint("Make one of events with funnel_agg(at, steps).")));
}

/*
 * Binary form: version int1, number of events int4; of each time int8 (microseconds since 2000)
 * and steps int4.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_send);
Datum
dupex_funnel_send(PG_FUNCTION_ARGS)
{
	uint32		count;
	DupexFunnelEvent *events = dupex_funnel_argument(fcinfo, 0, &count);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, VERSION);
	pq_sendint32(&message, count);
	for (uint32 i = 0; i < count; i++)
	{
		pq_sendint64(&message, (uint64) events[i].at);
		pq_sendint32(&message, events[i].steps);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_recv);
Datum
dupex_funnel_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	DupexFunnelEvent *events;
	uint32		count;

	if (pq_getmsgbyte(message) != VERSION)
		dupex_message_refuse("funnel", "The version is not 1.");
	count = (uint32) pq_getmsgint(message, 4);
	if ((uint64) count * 12 > (uint64) (message->len - message->cursor))
		dupex_message_refuse("funnel", "The message ends before the events do.");
	events = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) count + 1) * sizeof(DupexFunnelEvent));
	for (uint32 i = 0; i < count; i++)
	{
		events[i].at = pq_getmsgint64(message);
		events[i].steps = (uint32) pq_getmsgint(message, 4);
		events[i].group = 0;
		if (!dupex_funnel_is_time(events[i].at))
			dupex_message_refuse("funnel", "The time of an event is not in the years 1 to 9999.");
	}
	if (!dupex_funnel_is_sorted(events, count))
		dupex_message_refuse("funnel", "The events are not in order, or one is there too often.");
	PG_RETURN_POINTER(make_funnel(events, count));
}
