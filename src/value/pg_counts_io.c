/*
 * pg_counts_io.c
 *		Text and binary form of type purchase_counts.
 *
 * Text: {x t_x T weight, x t_x T weight, ...} in order (on input in any order), then, where rows were left out, how many
 * because of a NULL and how many because they cannot be: {0 0 39 1220, 1 2.6 39 58} nulls 3
 * impossible 1. Numbers are written so that reading them gives the same bits.
 */
#include "dupex.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "value/pg_counts.h"
#include "value/pg_left_out.h"
#include "value/pg_text.h"
#include "text/blanks.h"
#include "state/pg_state.h"

#define MAX_QUOTED		60

PG_FUNCTION_INFO_V1(dupex_purchase_counts_out);
Datum
dupex_purchase_counts_out(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < counts->row_count; i++)
	{
		const DupexPurchaseRow *row = &counts->rows[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		appendStringInfo(&string, "%s%u ", i == 0 ? "" : ", ", row->frequency);
		dupex_text_write_number(&string, row->recency);
		appendStringInfoChar(&string, ' ');
		dupex_text_write_number(&string, row->age);
		appendStringInfoChar(&string, ' ');
		dupex_text_write_weight(&string, row->weight_whole, row->weight_fraction);
	}
	appendStringInfoChar(&string, '}');
	if (counts->nulls > 0)
		appendStringInfo(&string, " nulls " INT64_FORMAT, counts->nulls);
	if (counts->impossible > 0)
		appendStringInfo(&string, " impossible " INT64_FORMAT, counts->impossible);
	PG_RETURN_CSTRING(string.data);
}

/*
 * Reads the rows up to the closing brace into counts, which has room. False when they are not
 * rows of customers.
 */
static bool
read_rows(const char **at, DupexPurchaseCounts *counts)
{
	counts->row_count = 0;
	dupex_skip_blanks(at);
	if (**at == '}')
		return true;
	for (;;)
	{
		DupexPurchaseRow *row = &counts->rows[counts->row_count];
		uint64		whole;
		uint32		fraction;
		double		number[3];

		if (counts->row_count % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < 3; i++)
			if (!dupex_text_read_number(at, &number[i]))
				return false;
		if (!dupex_text_read_weight(at, &whole, &fraction) || dupex_purchase_row_make(number[0], number[1], number[2], 1, row) != DUPEX_PURCHASE_OK)
			return false;
		row->weight_whole = whole;
		row->weight_fraction = fraction;
		counts->row_count++;
		dupex_skip_blanks(at);
		if (**at == '}')
			return true;
		if (**at != ',')
			return false;
		++*at;
	}
}

/*
 * Text to purchase_counts; a text that is none is 22P02, a soft error where PostgreSQL has
 * those.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_in);
Datum
dupex_purchase_counts_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	const char *at = str;
	uint32		commas = 0;
	DupexPurchaseCounts *counts;

	for (const char *c = str; *c; c++)
		commas += *c == ',';
	counts = dupex_purchase_counts_allocate(commas + 1);
	dupex_skip_blanks(&at);
	if (*at++ == '{' && read_rows(&at, counts))
	{
		at++;
		if (dupex_text_read_count(&at, "nulls", &counts->nulls) && dupex_text_read_count(&at, "impossible", &counts->impossible))
		{
			dupex_skip_blanks(&at);
			if (*at == '\0' && dupex_purchase_counts_arrange(counts))
				PG_RETURN_POINTER(counts);
		}
	}
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "purchase_counts",
					strlen(str) > MAX_QUOTED ? MAX_QUOTED : (int) strlen(str), str, strlen(str) > MAX_QUOTED ? "..." : ""),
			 errdetail("A purchase_counts is written {frequency recency age weight, ...}, such as {0 0 39 1220, 1 2.6 39 58}."),
			 errhint("Make one of rows with purchase_counts_agg(frequency, recency, age, weight).")));
}

/*
 * Binary form: version int1, rows left out int8, int8, number of rows int4; of each row
 * frequency int4, recency float8, age float8, weight int8 and int4 (units of 2^-32).
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_send);
Datum
dupex_purchase_counts_send(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, DUPEX_PURCHASE_COUNTS_VERSION);
	pq_sendint64(&message, (uint64) counts->nulls);
	pq_sendint64(&message, (uint64) counts->impossible);
	pq_sendint32(&message, counts->row_count);
	for (uint32 i = 0; i < counts->row_count; i++)
	{
		const DupexPurchaseRow *row = &counts->rows[i];

		pq_sendint32(&message, row->frequency);
		pq_sendfloat8(&message, row->recency);
		pq_sendfloat8(&message, row->age);
		pq_sendint64(&message, row->weight_whole);
		pq_sendint32(&message, row->weight_fraction);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_counts_recv);
Datum
dupex_purchase_counts_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	const int	row_size = 4 + 8 + 8 + 8 + 4;
	DupexPurchaseCounts *counts;
	int64		nulls;
	int64		impossible;
	uint32		row_count;

	if (pq_getmsgbyte(message) != DUPEX_PURCHASE_COUNTS_VERSION)
		dupex_message_refuse("purchase_counts", "The version is not 1.");
	nulls = dupex_left_out_receive(message, "purchase_counts");
	impossible = dupex_left_out_receive(message, "purchase_counts");
	row_count = (uint32) pq_getmsgint(message, 4);
	if ((uint64) row_count * row_size > (uint64) (message->len - message->cursor))
		dupex_message_refuse("purchase_counts", "The message ends before its rows do.");
	counts = dupex_purchase_counts_allocate(row_count);
	counts->nulls = nulls;
	counts->impossible = impossible;
	for (uint32 i = 0; i < row_count; i++)
	{
		DupexPurchaseRow *row = &counts->rows[i];

		row->frequency = (uint32) pq_getmsgint(message, 4);
		row->recency = pq_getmsgfloat8(message);
		row->age = pq_getmsgfloat8(message);
		row->weight_whole = (uint64) pq_getmsgint64(message);
		row->weight_fraction = (uint32) pq_getmsgint(message, 4);
		if (!dupex_purchase_row_is_valid(row))
			dupex_message_refuse("purchase_counts", "A row cannot be that of a customer.");
		if (i > 0 && dupex_purchase_row_compare(row - 1, row) >= 0)
			dupex_message_refuse("purchase_counts", "The rows are not in order.");
	}
	PG_RETURN_POINTER(counts);
}
