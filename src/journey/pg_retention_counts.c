/*
 * pg_retention_counts.c
 *		retention_counts: the sum of the bit strings of retained(), and the curve it gives.
 */
#include "dupex.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/varbit.h"

#include "journey/retention.h"
#include "ratio/interval.h"
#include "runner/pg_rows.h"
#include "state/pg_state.h"
#include "text/blanks.h"

#define VERSION			1
#define MAX_QUOTED		60
#define FIRST_CAPACITY	8

/*
 * What is stored has no slack: capacity is count.
 */
typedef struct RetentionCounts
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		unused[3];
	uint32		count;			/* of cells observed for somebody */
	uint32		capacity;
	int64		total;			/* of people */
	DupexRetentionCell cells[FLEXIBLE_ARRAY_MEMBER];
} RetentionCounts;

static RetentionCounts *
allocate(uint32 capacity)
{
	Size		size = offsetof(RetentionCounts, cells) + (Size) capacity * sizeof(DupexRetentionCell);
	RetentionCounts *counts;

	if (capacity > DUPEX_RETENTION_MAX_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many periods for type %s", "retention_counts"),
				 errdetail("There may be %d.", DUPEX_RETENTION_MAX_CELLS),
				 errhint("Use longer periods, or brackets.")));
	counts = palloc0(size);
	SET_VARSIZE(counts, size);
	counts->version = VERSION;
	counts->capacity = capacity;
	return counts;
}

static RetentionCounts *
counts_of_datum(Datum datum)
{
	RetentionCounts *counts = (RetentionCounts *) PG_DETOAST_DATUM(datum);

	dupex_state_check_version("retention_counts", counts->version, VERSION);
	return counts;
}

static RetentionCounts *
copy_with_capacity(const RetentionCounts *from, uint32 capacity)
{
	RetentionCounts *counts = allocate(capacity);

	counts->count = from->count;
	counts->total = from->total;
	memcpy(counts->cells, from->cells, from->count * sizeof(DupexRetentionCell));
	return counts;
}

/*
 * The state that a transition function may change, with room for count cells.
 */
static RetentionCounts *
own_state(FunctionCallInfo fcinfo, uint32 count)
{
	RetentionCounts *counts;

	if (PG_ARGISNULL(0))
		return allocate(Max(count, FIRST_CAPACITY));
	counts = counts_of_datum(PG_GETARG_DATUM(0));
	if (count <= counts->capacity && AggCheckCallContext(fcinfo, NULL))
		return counts;
	/* doubled, but not beyond what is allowed at all */
	return copy_with_capacity(counts, Max(Max(count, counts->count), Min(counts->capacity * 2, DUPEX_RETENTION_MAX_CELLS)));
}

static void
add_people(RetentionCounts *counts, int64 people)
{
	/* neither is above it, so their sum does not overflow */
	counts->total += people;
	if (counts->total > DUPEX_RETENTION_MAX_PEOPLE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("retention_counts out of range")));
}

/*
 * Transition of retention_counts_agg(bits): NULL is nobody.
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_add);
Datum
dupex_retention_counts_add(PG_FUNCTION_ARGS)
{
	VarBit	   *bits;
	RetentionCounts *counts;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	bits = PG_GETARG_VARBIT_P(1);
	counts = own_state(fcinfo, (uint32) VARBITLEN(bits));
	add_people(counts, 1);
	counts->count = Max(counts->count, (uint32) VARBITLEN(bits));
	dupex_retention_add_bits(counts->cells, VARBITS(bits), (uint32) VARBITLEN(bits));
	PG_RETURN_POINTER(counts);
}

/*
 * Transition of rollup() and combine function; NULL on either side adds nothing.
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_combine);
Datum
dupex_retention_counts_combine(PG_FUNCTION_ARGS)
{
	const RetentionCounts *other;
	RetentionCounts *counts;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = counts_of_datum(PG_GETARG_DATUM(1));
	counts = own_state(fcinfo, other->count);
	add_people(counts, other->total);
	counts->count = Max(counts->count, other->count);
	/* no part of a total is larger than the total */
	for (uint32 i = 0; i < other->count; i++)
	{
		counts->cells[i].observed += other->cells[i].observed;
		counts->cells[i].people += other->cells[i].people;
		counts->cells[i].before += other->cells[i].before;
	}
	PG_RETURN_POINTER(counts);
}

/*
 * Final function: the stored form.
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_final);
Datum
dupex_retention_counts_final(PG_FUNCTION_ARGS)
{
	const RetentionCounts *counts = counts_of_datum(PG_GETARG_DATUM(0));

	PG_RETURN_POINTER(copy_with_capacity(counts, counts->count));
}

/*
 * Text: {observed people before, ...} of total
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_out);
Datum
dupex_retention_counts_out(PG_FUNCTION_ARGS)
{
	const RetentionCounts *counts = counts_of_datum(PG_GETARG_DATUM(0));
	char		cell[DUPEX_RETENTION_TEXT_SIZE];
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < counts->count; i++)
	{
		if (i > 0)
			appendBinaryStringInfo(&string, ", ", 2);
		appendBinaryStringInfo(&string, cell, (int) dupex_retention_format(&counts->cells[i], cell));
	}
	appendStringInfo(&string, "} of " INT64_FORMAT, counts->total);
	PG_RETURN_CSTRING(string.data);
}

/*
 * Reads the text into counts that have room for it; false when it is none.
 */
static bool
read_counts(const char *at, RetentionCounts *counts)
{
	dupex_skip_blanks(&at);
	if (*at++ != '{')
		return false;
	dupex_skip_blanks(&at);
	for (bool more = *at != '}'; more;)
	{
		if (!dupex_retention_parse(&at, &counts->cells[counts->count]))
			return false;
		counts->count++;
		dupex_skip_blanks(&at);
		more = *at == ',';
		if (more)
			at++;
	}
	if (*at++ != '}')
		return false;
	dupex_skip_blanks(&at);
	if (strncmp(at, "of ", 3) != 0)
		return false;
	at += 3;
	if (!dupex_retention_parse_count(&at, &counts->total))
		return false;
	dupex_skip_blanks(&at);
	return *at == '\0' && dupex_retention_is_valid(counts->cells, counts->count, counts->total);
}

/*
 * Text to retention_counts; a text that is none, or counts that cannot be, is 22P02, a soft error
 * where PostgreSQL has those.
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_in);
Datum
dupex_retention_counts_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	RetentionCounts *counts;
	uint32		commas = 0;

	for (const char *c = str; *c; c++)
		commas += *c == ',';
	counts = allocate(commas + 1);
	if (read_counts(str, counts))
		PG_RETURN_POINTER(copy_with_capacity(counts, counts->count));
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "retention_counts",
					strlen(str) > MAX_QUOTED ? MAX_QUOTED : (int) strlen(str), str, strlen(str) > MAX_QUOTED ? "..." : ""),
			 errdetail("It is written {observed people before, ...} of total, such as {10 10 0, 9 7 9} of 10: no period is observed for more people than the one before."),
			 errhint("Make one with retention_counts_agg(retained(...)).")));
}

/*
 * Binary form: version int1, total int8, number of cells int4, three int8 each.
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_send);
Datum
dupex_retention_counts_send(PG_FUNCTION_ARGS)
{
	const RetentionCounts *counts = counts_of_datum(PG_GETARG_DATUM(0));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, VERSION);
	pq_sendint64(&message, (uint64) counts->total);
	pq_sendint32(&message, counts->count);
	for (uint32 i = 0; i < counts->count; i++)
	{
		pq_sendint64(&message, (uint64) counts->cells[i].observed);
		pq_sendint64(&message, (uint64) counts->cells[i].people);
		pq_sendint64(&message, (uint64) counts->cells[i].before);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_recv);
Datum
dupex_retention_counts_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	RetentionCounts *counts;
	int64		total;
	uint32		count;

	if (pq_getmsgbyte(message) != VERSION)
		dupex_message_refuse("retention_counts", "The version is not 1.");
	total = pq_getmsgint64(message);
	count = (uint32) pq_getmsgint(message, 4);
	if ((uint64) count * sizeof(DupexRetentionCell) > (uint64) (message->len - message->cursor))
		dupex_message_refuse("retention_counts", "The message ends before its cells do.");
	counts = allocate(count);
	counts->count = count;
	counts->total = total;
	for (uint32 i = 0; i < count; i++)
	{
		counts->cells[i].observed = pq_getmsgint64(message);
		counts->cells[i].people = pq_getmsgint64(message);
		counts->cells[i].before = pq_getmsgint64(message);
	}
	if (!dupex_retention_is_valid(counts->cells, count, total))
		dupex_message_refuse("retention_counts", "The counts cannot be.");
	PG_RETURN_POINTER(counts);
}

/*
 * retention_counts_people(counts): how many people there are, observed for a period or not.
 */
PG_FUNCTION_INFO_V1(dupex_retention_counts_people);
Datum
dupex_retention_counts_people(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(counts_of_datum(PG_GETARG_DATUM(0))->total);
}

/*
 * The rows of retention_curve().
 */
static void
fill_curve(FunctionCallInfo fcinfo, DupexRows *rows)
{
	const RetentionCounts *counts = counts_of_datum(PG_GETARG_DATUM(0));
	float8		confidence = PG_GETARG_FLOAT8(1);

	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence %g is not between 0 and 1", confidence),
				 errhint("Say 0.95 for 95 percent.")));
	for (uint32 i = 0; i < counts->count; i++)
	{
		const DupexRetentionCell *cell = &counts->cells[i];
		DupexRate	rate = {cell->people, cell->observed};
		DupexInterval interval = dupex_rate_interval(rate, confidence, DUPEX_INTERVAL_WILSON);
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = Int32GetDatum((int32) i);
		values[1] = Int64GetDatum(cell->observed);
		values[2] = Int64GetDatum(cell->people);
		values[3] = Float8GetDatum((double) cell->people / (double) cell->observed);
		values[4] = Float8GetDatum(interval.lower);
		values[5] = Float8GetDatum(interval.upper);
		nulls[6] = cell->before == 0;
		values[6] = Float8GetDatum(nulls[6] ? 0 : (double) cell->people / (double) cell->before);
		dupex_rows_add(rows, values, nulls);
	}
}

/*
 * retention_curve(counts, confidence)
 */
PG_FUNCTION_INFO_V1(dupex_retention_curve);
Datum
dupex_retention_curve(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 7, fill_curve);
}
