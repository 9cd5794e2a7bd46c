/*
 * pg_spend_io.c
 *		Text and binary form of type spend_counts.
 *
 * Text: {x m weight, ...} in order, then, where rows were left out, how many because of a NULL:
 * {0 0 1, 1 15.06 1, 2 8.48 3} nulls 2. The row 0 0 counts repeat customers whose orders had no
 * value. Numbers are written so that reading them gives the same bits.
 */
#include "value/pg_spend.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "value/pg_left_out.h"
#include "value/pg_text.h"
#include "text/blanks.h"
#include "state/pg_state.h"

#define MAX_QUOTED		60

PG_FUNCTION_INFO_V1(dupex_spend_counts_out);
Datum
dupex_spend_counts_out(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts = dupex_spend_counts_argument(fcinfo, 0);
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < counts->row_count; i++)
	{
		const DupexSpendRow *row = &counts->rows[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		appendStringInfo(&string, "%s%u ", i == 0 ? "" : ", ", row->frequency);
		dupex_text_write_number(&string, row->mean_value);
		appendStringInfoChar(&string, ' ');
		dupex_text_write_weight(&string, row->weight_whole, row->weight_fraction);
	}
	appendStringInfoChar(&string, '}');
	if (counts->nulls > 0)
		appendStringInfo(&string, " nulls " INT64_FORMAT, counts->nulls);
	PG_RETURN_CSTRING(string.data);
}

/*
 * Reads a row behind a comma or brace. False when it is none.
 */
static bool
read_row(const char **at, DupexSpendRow *row)
{
	double		frequency;
	double		mean_value;
	uint64		whole;
	uint32		fraction;

	if (!dupex_text_read_number(at, &frequency) || !dupex_text_read_number(at, &mean_value) ||
		!dupex_text_read_weight(at, &whole, &fraction))
		return false;
	if (frequency == 0 && mean_value == 0)
		row->frequency = 0;
	else if (!(mean_value > 0) || dupex_spend_row_make(frequency, mean_value, 1, row) != DUPEX_SPEND_OK)
		return false;
	row->mean_value = mean_value;
	row->weight_whole = whole;
	row->weight_fraction = fraction;
	return dupex_spend_row_is_valid(row);
}

/*
 * Reads the rows up to the closing brace into counts, which has room. False when they are not
 * rows in order.
 */
static bool
read_rows(const char **at, DupexSpendCounts *counts)
{
	dupex_skip_blanks(at);
	if (**at == '}')
		return true;
	for (;;)
	{
		DupexSpendRow *row = &counts->rows[counts->row_count];

		if (counts->row_count % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!read_row(at, row))
			return false;
		if (counts->row_count > 0 && dupex_spend_row_compare(row - 1, row) >= 0)
			return false;
		counts->row_count++;
		dupex_skip_blanks(at);
		if (**at == '}')
			return true;
		if (*(*at)++ != ',')
			return false;
	}
}

/*
 * Text to spend_counts; a text that is none is 22P02, a soft error where PostgreSQL has those.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_in);
Datum
dupex_spend_counts_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	const char *at = str;
	uint32		commas = 0;
	DupexSpendCounts *counts;

	for (const char *c = str; *c; c++)
		commas += *c == ',';
	counts = dupex_spend_counts_allocate(commas + 1);
	dupex_skip_blanks(&at);
	if (*at++ == '{' && read_rows(&at, counts))
	{
		at++;
		if (dupex_text_read_count(&at, "nulls", &counts->nulls))
		{
			dupex_skip_blanks(&at);
			if (*at == '\0')
			{
				counts->capacity = counts->row_count;
				SET_VARSIZE(counts, offsetof(DupexSpendCounts, rows) + counts->row_count * sizeof(DupexSpendRow));
				PG_RETURN_POINTER(counts);
			}
		}
	}
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "spend_counts",
					strlen(str) > MAX_QUOTED ? MAX_QUOTED : (int) strlen(str), str, strlen(str) > MAX_QUOTED ? "..." : ""),
			 errdetail("A spend_counts is written {frequency mean_value weight, ...}, ordered by frequency and mean value, each once, such as {1 15.06 1, 2 8.48 3}."),
			 errhint("Make one of rows with gamma_gamma_agg(frequency, mean_value, weight).")));
}

/*
 * Binary form: version int1, rows left out int8, number of rows int4; of each row frequency
 * int4, mean value float8, weight int8 and int4 (units of 2^-32).
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_send);
Datum
dupex_spend_counts_send(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts = dupex_spend_counts_argument(fcinfo, 0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, DUPEX_SPEND_COUNTS_VERSION);
	pq_sendint64(&message, (uint64) counts->nulls);
	pq_sendint32(&message, counts->row_count);
	for (uint32 i = 0; i < counts->row_count; i++)
	{
		const DupexSpendRow *row = &counts->rows[i];

		pq_sendint32(&message, row->frequency);
		pq_sendfloat8(&message, row->mean_value);
		pq_sendint64(&message, row->weight_whole);
		pq_sendint32(&message, row->weight_fraction);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_recv);
Datum
dupex_spend_counts_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	const int	row_size = 4 + 8 + 8 + 4;
	DupexSpendCounts *counts;
	int64		nulls;
	uint32		row_count;

	if (pq_getmsgbyte(message) != DUPEX_SPEND_COUNTS_VERSION)
		dupex_message_refuse("spend_counts", "The version is not 1.");
	nulls = dupex_left_out_receive(message, "spend_counts");
	row_count = (uint32) pq_getmsgint(message, 4);
	if ((uint64) row_count * row_size > (uint64) (message->len - message->cursor))
		dupex_message_refuse("spend_counts", "The message ends before its rows do.");
	counts = dupex_spend_counts_allocate(row_count);
	counts->nulls = nulls;
	counts->row_count = row_count;
	for (uint32 i = 0; i < row_count; i++)
	{
		DupexSpendRow *row = &counts->rows[i];

		row->frequency = (uint32) pq_getmsgint(message, 4);
		row->mean_value = pq_getmsgfloat8(message);
		row->weight_whole = (uint64) pq_getmsgint64(message);
		row->weight_fraction = (uint32) pq_getmsgint(message, 4);
		if (!dupex_spend_row_is_valid(row))
			dupex_message_refuse("spend_counts", "A row cannot be that of customers.");
		if (i > 0 && dupex_spend_row_compare(row - 1, row) >= 0)
			dupex_message_refuse("spend_counts", "The rows are not in order.");
	}
	PG_RETURN_POINTER(counts);
}
