/*
 * pg_funnel.c
 *		The aggregate funnel_agg and its state funnel: the events of a person.
 *
 * The state keeps times and steps and answers nothing by itself: windows and modes are arguments
 * of the functions that read it. It is flat, with room for more events while an aggregate works on
 * it; its sizes are powers of two, because that is what PostgreSQL takes from its memory anyway.
 */
#include "journey/pg_funnel.h"
#include "state/pg_state.h"
#include "text/blanks.h"

#include "libpq/pqformat.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define VERSION			1
#define MAX_QUOTED		60
#define FIRST_SIZE		64		/* bytes; four events */
#define COMPACT_FROM	1024	/* events: not worth it for fewer */

static Size
size_of_count(uint64 count)
{
	return offsetof(DupexFunnel, events) + count * sizeof(DupexFunnelStored);
}

static DupexFunnel *
allocate(uint64 size)
{
	DupexFunnel *funnel;

	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events for type %s", "funnel"),
				 errdetail("They would need " UINT64_FORMAT " bytes, more than one gigabyte.", size),
				 errhint("Is the aggregate grouped by person? Events that are no step matter in mode strict_order only.")));
	funnel = palloc(size);
	memset(funnel, 0, offsetof(DupexFunnel, events));
	SET_VARSIZE(funnel, size);
	funnel->version = VERSION;
	return funnel;
}

static inline int64
time_of(const DupexFunnelStored *stored)
{
	return (int64) ((uint64) stored->at_high << 32 | stored->at_low);
}

static inline void
store(DupexFunnelStored *stored, int64 at, uint32 steps)
{
	stored->at_low = (uint32) at;
	stored->at_high = (uint32) ((uint64) at >> 32);
	stored->steps = steps;
}

static DupexFunnelEvent *
read_events(const DupexFunnel *funnel)
{
	DupexFunnelEvent *events = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) funnel->count + 1) * sizeof(DupexFunnelEvent));

	for (uint32 i = 0; i < funnel->count; i++)
	{
		events[i].at = time_of(&funnel->events[i]);
		events[i].steps = funnel->events[i].steps;
		events[i].group = 0;
	}
	return events;
}

/*
 * The events of a state in order, each that makes a difference. Returns how many.
 */
static uint32
ordered_events(const DupexFunnel *funnel, DupexFunnelEvent **events)
{
	DupexFunnelEvent *space;
	uint32		count = funnel->count;

	*events = read_events(funnel);
	if (!funnel->is_unordered)
		return count;
	space = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) count + 1) * sizeof(DupexFunnelEvent));
	count = dupex_funnel_sort(*events, count, space);
	pfree(space);
	return count;
}

static void
write_events(DupexFunnel *funnel, const DupexFunnelEvent *events, uint32 count)
{
	for (uint32 i = 0; i < count; i++)
		store(&funnel->events[i], events[i].at, events[i].steps);
	funnel->count = count;
	funnel->is_unordered = 0;
}

/*
 * A state from a datum, in whatever form it is.
 */
static DupexFunnel *
funnel_of_datum(Datum datum)
{
	DupexFunnel *funnel = (DupexFunnel *) PG_DETOAST_DATUM(datum);

	dupex_state_check_version("funnel", funnel->version, VERSION);
	return funnel;
}

/*
 * The events of argument n, in order.
 */
DupexFunnelEvent *
dupex_funnel_argument(FunctionCallInfo fcinfo, int n, uint32 *count)
{
	DupexFunnelEvent *events;

	*count = ordered_events(funnel_of_datum(PG_GETARG_DATUM(n)), &events);
	return events;
}

/*
 * A state of the given size with the events of another.
 */
static DupexFunnel *
copy_with_size(const DupexFunnel *from, uint64 size)
{
	DupexFunnel *funnel = allocate(size);

	funnel->count = from->count;
	funnel->is_unordered = from->is_unordered;
	memcpy(funnel->events, from->events, from->count * sizeof(DupexFunnelStored));
	return funnel;
}

/*
 * Room for one more event in a state that may be changed, and may move.
 */
static DupexFunnel *
make_room(DupexFunnel *funnel)
{
	Size		size = VARSIZE(funnel);

	if (size >= size_of_count((uint64) funnel->count + 1))
		return funnel;
	if (funnel->is_unordered && funnel->count >= COMPACT_FROM)
	{
		DupexFunnelEvent *events;
		uint32		count = ordered_events(funnel, &events);

		write_events(funnel, events, count);
		pfree(events);
		if (size_of_count(count) <= size / 2)
			return funnel;
	}
	if (size_of_count((uint64) funnel->count + 1) > MaxAllocSize)
		return allocate(size_of_count((uint64) funnel->count + 1));
	return copy_with_size(funnel, Min(Max((uint64) size * 2, FIRST_SIZE), MaxAllocSize));
}

/*
 * Adds an event to a state that may be changed, and may move.
 */
static inline DupexFunnel *
add_event(DupexFunnel *funnel, int64 at, uint32 steps)
{
	if (funnel->count > 0)
	{
		const DupexFunnelStored *last = &funnel->events[funnel->count - 1];
		int64		last_at = time_of(last);

		if (last_at == at && last->steps == steps)
		{
			if (pg_popcount32(steps) <= 1)
				return funnel;
			funnel->is_unordered = 1;
		}
		else if (last_at > at || (last_at == at && last->steps > steps))
			funnel->is_unordered = 1;
	}
	funnel = make_room(funnel);
	store(&funnel->events[funnel->count++], at, steps);
	return funnel;
}

/*
 * The state that a transition function may change: its first argument where an aggregate calls,
 * else a copy of it.
 */
static DupexFunnel *
own_state(FunctionCallInfo fcinfo)
{
	DupexFunnel *funnel = funnel_of_datum(PG_GETARG_DATUM(0));

	if (AggCheckCallContext(fcinfo, NULL))
		return funnel;
	return copy_with_size(funnel, size_of_count((uint64) funnel->count + 1));
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
	PG_RETURN_POINTER(add_event(PG_ARGISNULL(0) ? allocate(FIRST_SIZE) : own_state(fcinfo), at, steps));
}

/*
 * Transition of rollup() and combine function; NULL on either side adds nothing.
 */
PG_FUNCTION_INFO_V1(dupex_funnel_combine);
Datum
dupex_funnel_combine(PG_FUNCTION_ARGS)
{
	DupexFunnel *funnel;
	DupexFunnel *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = funnel_of_datum(PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(copy_with_size(other, Max(size_of_count(other->count), FIRST_SIZE)));
	funnel = own_state(fcinfo);
	for (uint32 i = 0; i < other->count; i++)
		funnel = add_event(funnel, time_of(&other->events[i]), other->events[i].steps);
	PG_RETURN_POINTER(funnel);
}

/*
 * A state as it is stored: in order and without room.
 */
static DupexFunnel *
make_funnel(const DupexFunnelEvent *events, uint32 count)
{
	DupexFunnel *funnel = allocate(size_of_count(count));

	write_events(funnel, events, count);
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
	DupexFunnelEvent *events;
	uint32		count;

	if (!funnel->is_unordered)
		PG_RETURN_POINTER(copy_with_size(funnel, size_of_count(funnel->count)));
	count = ordered_events(funnel, &events);
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
