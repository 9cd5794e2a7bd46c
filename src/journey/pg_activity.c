/*
 * pg_activity.c
 *		The aggregate retention_agg, its state activity, and what can be read from it at once.
 *
 * What is stored is packed (activity.c). What an aggregate works on is a plain array of times with
 * room for more, which doubles when it is full; a time that comes late is put at the end, and the
 * array is sorted when it is full or finished, so that no event costs a shift of all others. Its
 * sizes are powers of two, because that is what the allocator hands out in any case.
 */
#include "dupex.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "journey/activity.h"
#include "journey/pg_activity.h"
#include "journey/pg_period.h"
#include "text/time_text.h"
#include "state/pg_state.h"
#include "text/blanks.h"

#define VERSION			1
#define MAX_QUOTED		60
#define FIRST_SIZE		32		/* bytes: two times, since many came once */

typedef struct Activity
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		is_working;		/* 1 only while an aggregate works on it */
	uint8		is_unordered;	/* of what is worked on */
	uint8		grain;			/* of what is stored */
	uint32		count;
	uint32		capacity;		/* of what is worked on; here the packed times
								 * of what is stored begin */
	int64		times[FLEXIBLE_ARRAY_MEMBER];
} Activity;

#define STORED_HEADER		offsetof(Activity, capacity)
#define STORED_BYTES(state) ((unsigned char *) (state) + STORED_HEADER)
#define STORED_SIZE(state)	(VARSIZE(state) - STORED_HEADER)

#define ST_SORT sort_times
#define ST_ELEMENT_TYPE int64
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static void
complain_of_size(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many times for type %s", "activity"),
			 errdetail("A state holds the distinct times of one person, at most 134217725."),
			 errhint("Is the aggregate grouped by person?")));
}

static Activity *
allocate_working(uint64 size)
{
	Activity   *state;

	if (!AllocSizeIsValid(size))
		complain_of_size();
	state = palloc(size);
	memset(state, 0, offsetof(Activity, times));
	SET_VARSIZE(state, size);
	state->version = VERSION;
	state->is_working = 1;
	state->capacity = (uint32) ((size - offsetof(Activity, times)) / sizeof(int64));
	return state;
}

/*
 * The size of a state to work on that has room for at least so many times.
 */
static uint64
working_size(uint64 capacity)
{
	uint64		size = FIRST_SIZE;

	while (size - offsetof(Activity, times) < capacity * sizeof(int64))
		size *= 2;
	/* the last doubling would pass the limit of the allocator by one byte */
	return size == (uint64) MaxAllocSize + 1 ? size - sizeof(int64) : size;
}

/*
 * The stored form of ascending distinct times.
 */
static Activity *
pack(const int64 *times, uint32 count)
{
	int			grain = dupex_activity_grain(times, count);
	size_t		size = STORED_HEADER + dupex_activity_pack(times, count, grain, NULL);
	Activity   *state;

	if (!AllocSizeIsValid(size))
		complain_of_size();
	/* the struct is longer than the least that is stored */
	state = palloc0(Max(size, sizeof(Activity)));
	SET_VARSIZE(state, size);
	state->version = VERSION;
	state->grain = (uint8) grain;
	state->count = count;
	dupex_activity_pack(times, count, grain, STORED_BYTES(state));
	return state;
}

/*
 * A state from a datum, in whatever form it is.
 */
static Activity *
state_of_datum(Datum datum)
{
	Activity   *state = (Activity *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(state) < STORED_HEADER || state->version != VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type %s has version %d", "activity", state->version),
				 errdetail("This library knows version %d.", VERSION)));
	return state;
}

/*
 * Brings the times of a state that is worked on into order, each once.
 */
static void
put_in_order(Activity *state)
{
	if (!state->is_unordered)
		return;
	sort_times(state->times, state->count);
	state->count = dupex_activity_distinct(state->times, state->count);
	state->is_unordered = 0;
}

/*
 * The times of a stored state, unpacked.
 */
static void
unpack(const Activity *state, int64 *times)
{
	if (!dupex_activity_unpack(STORED_BYTES(state), STORED_SIZE(state), state->grain, state->count, times))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type %s is damaged", "activity")));
}

/*
 * A copy to work on, with room for one time more at least.
 */
static Activity *
working_copy(const Activity *from, uint64 capacity)
{
	Activity   *state = allocate_working(working_size(Max(capacity, (uint64) from->count + 1)));

	state->count = from->count;
	if (from->is_working)
	{
		state->is_unordered = from->is_unordered;
		memcpy(state->times, from->times, from->count * sizeof(int64));
	}
	else
		unpack(from, state->times);
	return state;
}

/*
 * The times of a datum of type activity, ascending, each once.
 */
const int64 *
dupex_activity_times(Datum datum, uint32 *count)
{
	Activity   *state = state_of_datum(datum);
	int64	   *times;

	if (state->is_working && !state->is_unordered)
	{
		*count = state->count;
		return state->times;
	}
	if (state->is_working)
	{
		state = working_copy(state, 0);
		put_in_order(state);
		*count = state->count;
		return state->times;
	}
	/* a packed time has one byte at least */
	if (state->count == 0 || state->count > STORED_SIZE(state))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type %s is damaged", "activity")));
	if ((uint64) state->count * sizeof(int64) > MaxAllocSize)
		complain_of_size();
	times = palloc(state->count * sizeof(int64));
	unpack(state, times);
	*count = state->count;
	return times;
}

/*
 * Adds a time to a state that may be changed, and may move.
 */
static inline Activity *
add_time(Activity *state, int64 at)
{
	int64		last = state->count > 0 ? state->times[state->count - 1] : PG_INT64_MIN;

	if (at == last)
		return state;
	if (state->count == state->capacity)
	{
		put_in_order(state);
		if (state->count > state->capacity / 2)
			state = working_copy(state, (uint64) state->capacity * 2);
		last = state->times[state->count - 1];
		if (at == last)
			return state;
	}
	if (at < last)
		state->is_unordered = 1;
	state->times[state->count++] = at;
	return state;
}

/*
 * The state that a transition function may change: its first argument where an aggregate calls
 * and it is one to work on, else a copy of it.
 */
static Activity *
own_state(FunctionCallInfo fcinfo)
{
	Activity   *state = state_of_datum(PG_GETARG_DATUM(0));

	if (state->is_working && AggCheckCallContext(fcinfo, NULL))
		return state;
	return working_copy(state, 0);
}

/*
 * Transition of retention_agg(at): NULL is no event. Raises 22023 for an infinite time.
 */
PG_FUNCTION_INFO_V1(dupex_activity_add);
Datum
dupex_activity_add(PG_FUNCTION_ARGS)
{
	Activity   *state;
	int64		at;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	at = PG_GETARG_TIMESTAMPTZ(1);
	dupex_check_moment(at, "time of an event");
	if (PG_ARGISNULL(0))
	{
		state = allocate_working(FIRST_SIZE);
		state->times[0] = at;
		state->count = 1;
	}
	else
		state = add_time(own_state(fcinfo), at);
	PG_RETURN_POINTER(state);
}

/*
 * Transition of rollup() and combine function; NULL on either side adds nothing.
 */
PG_FUNCTION_INFO_V1(dupex_activity_combine);
Datum
dupex_activity_combine(PG_FUNCTION_ARGS)
{
	Activity   *state;
	const int64 *times;
	uint32		count;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	times = dupex_activity_times(PG_GETARG_DATUM(1), &count);
	if (PG_ARGISNULL(0))
	{
		state = allocate_working(working_size(count));
		memcpy(state->times, times, count * sizeof(int64));
		state->count = count;
		PG_RETURN_POINTER(state);
	}
	state = own_state(fcinfo);
	for (uint32 i = 0; i < count; i++)
		state = add_time(state, times[i]);
	PG_RETURN_POINTER(state);
}

/*
 * Final function: the stored form.
 */
PG_FUNCTION_INFO_V1(dupex_activity_final);
Datum
dupex_activity_final(PG_FUNCTION_ARGS)
{
	uint32		count;
	const int64 *times = dupex_activity_times(PG_GETARG_DATUM(0), &count);

	PG_RETURN_POINTER(pack(times, count));
}

/*
 * Text: {time, time, ...}, times in UTC.
 */
PG_FUNCTION_INFO_V1(dupex_activity_out);
Datum
dupex_activity_out(PG_FUNCTION_ARGS)
{
	uint32		count;
	const int64 *times = dupex_activity_times(PG_GETARG_DATUM(0), &count);
	char		moment[DUPEX_TIME_TEXT_SIZE];
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < count; i++)
	{
		if (i > 0)
			appendBinaryStringInfo(&string, ", ", 2);
		appendBinaryStringInfo(&string, moment, (int) dupex_time_format(times[i], moment));
	}
	appendStringInfoChar(&string, '}');
	PG_RETURN_CSTRING(string.data);
}

/*
 * Text to activity; a text that is none, or not in order, is 22P02, a soft error where PostgreSQL
 * has those.
 */
PG_FUNCTION_INFO_V1(dupex_activity_in);
Datum
dupex_activity_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	const char *at = str;
	uint64		commas = 0;
	uint32		count = 0;
	int64	   *times;
	bool		is_valid;

	for (const char *c = str; *c; c++)
		commas += *c == ',';
	times = palloc((commas + 1) * sizeof(int64));	/* less than the text
													 * takes */
	dupex_skip_blanks(&at);
	is_valid = *at++ == '{';
	while (is_valid)
	{
		dupex_skip_blanks(&at);
		is_valid = dupex_time_parse(&at, &times[count]) && (count == 0 || times[count - 1] < times[count]);
		if (!is_valid)
			break;
		count++;
		dupex_skip_blanks(&at);
		if (*at != ',')
		{
			is_valid = *at++ == '}';
			break;
		}
		at++;
	}
	if (is_valid)
		dupex_skip_blanks(&at);
	if (is_valid && *at == '\0')
		PG_RETURN_POINTER(pack(times, count));
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "activity",
					strlen(str) > MAX_QUOTED ? MAX_QUOTED : (int) strlen(str), str, strlen(str) > MAX_QUOTED ? "..." : ""),
			 errdetail("An activity is written {time, ...} with times in UTC, in order and each once, such as {2026-01-31T10:15:00Z, 2026-02-14T00:00:00Z}."),
			 errhint("Make one of events with retention_agg(at).")));
}

/*
 * Binary form: version int1, number of times int4, each time int8 (microseconds since 2000).
 */
PG_FUNCTION_INFO_V1(dupex_activity_send);
Datum
dupex_activity_send(PG_FUNCTION_ARGS)
{
	uint32		count;
	const int64 *times = dupex_activity_times(PG_GETARG_DATUM(0), &count);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, VERSION);
	pq_sendint32(&message, count);
	for (uint32 i = 0; i < count; i++)
		pq_sendint64(&message, (uint64) times[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_activity_recv);
Datum
dupex_activity_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int64	   *times;
	uint32		count;

	if (pq_getmsgbyte(message) != VERSION)
		dupex_message_refuse("activity", "The version is not 1.");
	count = (uint32) pq_getmsgint(message, 4);
	if (count == 0 || (uint64) count * sizeof(int64) > (uint64) (message->len - message->cursor))
		dupex_message_refuse("activity", "There is no time, or the message ends before they do.");
	times = palloc(count * sizeof(int64));
	for (uint32 i = 0; i < count; i++)
	{
		times[i] = pq_getmsgint64(message);
		if (!dupex_activity_is_time(times[i]) || (i > 0 && times[i - 1] >= times[i]))
			dupex_message_refuse("activity", "A time cannot be, or is not in order.");
	}
	PG_RETURN_POINTER(pack(times, count));
}

/*
 * activity_first(activity), activity_last(activity), activity_count(activity)
 */
PG_FUNCTION_INFO_V1(dupex_activity_first);
Datum
dupex_activity_first(PG_FUNCTION_ARGS)
{
	uint32		count;

	PG_RETURN_TIMESTAMPTZ(dupex_activity_times(PG_GETARG_DATUM(0), &count)[0]);
}

PG_FUNCTION_INFO_V1(dupex_activity_last);
Datum
dupex_activity_last(PG_FUNCTION_ARGS)
{
	uint32		count;
	const int64 *times = dupex_activity_times(PG_GETARG_DATUM(0), &count);

	PG_RETURN_TIMESTAMPTZ(times[count - 1]);
}

PG_FUNCTION_INFO_V1(dupex_activity_count);
Datum
dupex_activity_count(PG_FUNCTION_ARGS)
{
	uint32		count;

	(void) dupex_activity_times(PG_GETARG_DATUM(0), &count);
	PG_RETURN_INT64((int64) count);
}

/*
 * activity_times(activity): the times in order, a row each.
 */
typedef struct TimesLeft
{
	const int64 *times;
	uint32		count;
} TimesLeft;

PG_FUNCTION_INFO_V1(dupex_activity_times_rows);
Datum
dupex_activity_times_rows(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	TimesLeft  *left;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext before;

		context = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		left = palloc(sizeof(TimesLeft));
		left->times = dupex_activity_times(PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))), &left->count);
		context->user_fctx = left;
		MemoryContextSwitchTo(before);
	}
	context = SRF_PERCALL_SETUP();
	left = context->user_fctx;
	if (context->call_cntr < left->count)
	{
		TimestampTz at = left->times[context->call_cntr];

		SRF_RETURN_NEXT(context, TimestampTzGetDatum(at));
	}
	SRF_RETURN_DONE(context);
}
