/*
 * pg_activity.c
 *		The aggregate retention_agg, its state activity, and what can be read from it at once.
 *
 * What is stored is packed (activity.c). What an aggregate works on is a log with room for more
 * (activity_log.h), which doubles when it is full; it is brought into order at the end, and when it
 * is full and long, since it may hold the same times many times. Its sizes are powers of two,
 * because that is what the allocator hands out in any case.
 */
#include "dupex.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "journey/activity.h"
#include "journey/activity_log.h"
#include "journey/pg_activity.h"
#include "journey/pg_period.h"
#include "text/time_text.h"
#include "state/pg_state.h"
#include "text/blanks.h"

#define VERSION			1
#define MAX_QUOTED		60
#define FIRST_SIZE		32		/* bytes: one time or two, since many came
								 * once */
#define COMPACT_FROM	256		/* times: not worth it for fewer */
#define FEW				64		/* times that are finished on the stack */

/* on disk: the layout never changes */
typedef struct Activity
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		is_log;			/* 1 only while an aggregate works on it: then
								 * it is a DupexActivityLog */
	uint8		unused;
	uint8		grain;
	uint32		count;
	unsigned char packed[FLEXIBLE_ARRAY_MEMBER];
} Activity;

#define STORED_HEADER		offsetof(Activity, packed)
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
			 errdetail("The times of one person would need more than one gigabyte."),
			 errhint("Is the aggregate grouped by person?")));
}

/*
 * The stored form of ascending distinct times.
 */
static Activity *
pack(const int64 *times, uint32 count)
{
	unsigned char few[FEW * DUPEX_ACTIVITY_STEP_SIZE];
	int			grain = dupex_activity_grain(times, count);
	size_t		packed_size = dupex_activity_pack(times, count, grain, count <= FEW ? few : NULL);
	size_t		size = STORED_HEADER + packed_size;
	Activity   *state;

	if (!AllocSizeIsValid(size))
		complain_of_size();
	state = palloc(size);
	memset(state, 0, STORED_HEADER);
	SET_VARSIZE(state, size);
	state->version = VERSION;
	state->grain = (uint8) grain;
	state->count = count;
	if (count <= FEW)
		memcpy(state->packed, few, packed_size);
	else
		dupex_activity_pack(times, count, grain, state->packed);
	return state;
}

/*
 * A state from a datum, in whatever form it is.
 */
static inline Activity *
state_of_datum(Datum datum)
{
	Activity   *state = (Activity *) DatumGetPointer(datum);

	if (unlikely(VARATT_IS_EXTENDED(state)))
		state = (Activity *) PG_DETOAST_DATUM(datum);
	if (unlikely(VARSIZE(state) < STORED_HEADER || state->version != VERSION))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type %s has version %d", "activity", state->version),
				 errdetail("This library knows version %d.", VERSION)));
	return state;
}

/*
 * The times of a state, ascending, each once. few has room for FEW and is taken where that is
 * enough; it may be NULL.
 */
static int64 *
times_of_state(const Activity *state, int64 *few, uint32 *count)
{
	int64	   *times;

	/* a packed time has one byte at least */
	if (!state->is_log && (state->count == 0 || state->count > STORED_SIZE(state)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type %s is damaged", "activity")));
	*count = state->count;
	times = few != NULL && *count <= FEW ? few : MemoryContextAllocHuge(CurrentMemoryContext, *count * sizeof(int64));
	if (state->is_log)
	{
		dupex_activity_log_read((const DupexActivityLog *) state, times);
		for (uint32 i = 1; i < *count; i++)
			if (times[i - 1] >= times[i])
			{
				sort_times(times, *count);
				*count = dupex_activity_distinct(times, *count);
				break;
			}
	}
	else if (!dupex_activity_unpack(state->packed, STORED_SIZE(state), state->grain, *count, times))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type %s is damaged", "activity")));
	return times;
}

/*
 * The times of a datum of type activity, ascending, each once.
 */
const int64 *
dupex_activity_times(Datum datum, uint32 *count)
{
	return times_of_state(state_of_datum(datum), NULL, count);
}

static DupexActivityLog *
make_log(uint64 size)
{
	DupexActivityLog *log;

	if (!AllocSizeIsValid(size))
		complain_of_size();
	log = palloc(size);
	SET_VARSIZE(log, size);
	log->version = VERSION;
	dupex_activity_log_clear(log);
	return log;
}

static inline size_t
room_of_log(const DupexActivityLog *log)
{
	return VARSIZE(log) - offsetof(DupexActivityLog, bytes);
}

static void
copy_log(DupexActivityLog *to, const DupexActivityLog *from)
{
	const size_t first = offsetof(DupexActivityLog, count);

	memcpy((char *) to + first, (const char *) from + first, offsetof(DupexActivityLog, bytes) - first + from->used);
}

/*
 * A log with more room, or the same one where putting it in order has made room: each time is there
 * once then, and times are closer to each other.
 */
static DupexActivityLog *
make_room(DupexActivityLog *log)
{
	DupexActivityLog *larger = make_log(Min((uint64) VARSIZE(log) * 2, MaxAllocSize));

	if (log->count >= COMPACT_FROM)
	{
		uint32		count;
		int64	   *times = times_of_state((const Activity *) log, NULL, &count);
		bool		is_written = true;

		for (uint32 i = 0; i < count && is_written; i++)
			is_written = dupex_activity_log_add(larger, room_of_log(larger), times[i]);
		pfree(times);
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
 * Adds a time to a log that may be changed, and may move.
 */
static inline DupexActivityLog *
add_time(DupexActivityLog *log, int64 at)
{
	if (likely(dupex_activity_log_add(log, room_of_log(log), at)))
		return log;
	log = make_room(log);
	if (!dupex_activity_log_add(log, room_of_log(log), at))
		complain_of_size();
	return log;
}

static DupexActivityLog *
add_times(DupexActivityLog *log, const Activity *other)
{
	int64		few[FEW];
	uint32		count;
	int64	   *times = times_of_state(other, few, &count);

	for (uint32 i = 0; i < count; i++)
		log = add_time(log, times[i]);
	if (times != few)
		pfree(times);
	return log;
}

/*
 * The log that a transition function may change: its first argument where an aggregate calls and
 * it is one, else a copy of it; a new one where that is NULL.
 */
static inline DupexActivityLog *
own_log(FunctionCallInfo fcinfo)
{
	Activity   *state;

	if (PG_ARGISNULL(0))
		return make_log(FIRST_SIZE);
	state = state_of_datum(PG_GETARG_DATUM(0));
	if (likely(state->is_log && AggCheckCallContext(fcinfo, NULL)))
		return (DupexActivityLog *) state;
	return add_times(make_log(FIRST_SIZE), state);
}

/*
 * Transition of retention_agg(at): NULL is no event. Raises 22023 for an infinite time.
 */
PG_FUNCTION_INFO_V1(dupex_activity_add);
Datum
dupex_activity_add(PG_FUNCTION_ARGS)
{
	int64		at;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	at = PG_GETARG_TIMESTAMPTZ(1);
	dupex_check_moment(at, "time of an event");
	PG_RETURN_POINTER(add_time(own_log(fcinfo), at));
}

/*
 * Transition of rollup() and combine function; NULL on either side adds nothing.
 */
PG_FUNCTION_INFO_V1(dupex_activity_combine);
Datum
dupex_activity_combine(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	PG_RETURN_POINTER(add_times(own_log(fcinfo), state_of_datum(PG_GETARG_DATUM(1))));
}

/*
 * Final function: the stored form.
 */
PG_FUNCTION_INFO_V1(dupex_activity_final);
Datum
dupex_activity_final(PG_FUNCTION_ARGS)
{
	Activity   *state = state_of_datum(PG_GETARG_DATUM(0));
	int64		few[FEW];
	int64	   *times;
	uint32		count;

	if (!state->is_log)
		PG_RETURN_POINTER(state);
	times = times_of_state(state, few, &count);
	state = pack(times, count);
	if (times != few)
		pfree(times);
	PG_RETURN_POINTER(state);
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
