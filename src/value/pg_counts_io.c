/*
 * pg_counts_io.c
 *		Text and binary form of type purchase_counts.
 *
 * Text: {x t_x T weight, x t_x T weight, ...} in order (on input in any order), then, where rows were left out, how many
 * because of a NULL and how many because they cannot be: {0 0 39 1220, 1 2.6 39 58} nulls 3
 * impossible 1. Numbers are written so that reading them gives the same bits.
 */
#include "dupex.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "value/pg_counts.h"

#define MAX_QUOTED		60

/*
 * A weight as an exact decimal number: 32 bits of fraction have up to 32 decimals.
 */
static void
write_weight(StringInfo string, const DupexPurchaseRow *row)
{
	uint64		fraction = row->weight_fraction;

	appendStringInfo(string, UINT64_FORMAT, (uint64) row->weight_whole);
	if (fraction == 0)
		return;
	appendStringInfoChar(string, '.');
	while (fraction != 0)
	{
		fraction *= 10;
		appendStringInfoChar(string, (char) ('0' + (fraction >> 32)));
		fraction &= PG_UINT32_MAX;
	}
}

PG_FUNCTION_INFO_V1(dupex_purchase_counts_out);
Datum
dupex_purchase_counts_out(PG_FUNCTION_ARGS)
{
	const DupexPurchaseCounts *counts = dupex_purchase_counts_argument(fcinfo, 0);
	char		number[DOUBLE_SHORTEST_DECIMAL_LEN];
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < counts->row_count; i++)
	{
		const DupexPurchaseRow *row = &counts->rows[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		double_to_shortest_decimal_buf(row->recency, number);
		appendStringInfo(&string, "%s%u %s ", i == 0 ? "" : ", ", row->frequency, number);
		double_to_shortest_decimal_buf(row->age, number);
		appendStringInfo(&string, "%s ", number);
		write_weight(&string, row);
	}
	appendStringInfoChar(&string, '}');
	if (counts->nulls > 0)
		appendStringInfo(&string, " nulls " INT64_FORMAT, counts->nulls);
	if (counts->impossible > 0)
		appendStringInfo(&string, " impossible " INT64_FORMAT, counts->impossible);
	PG_RETURN_CSTRING(string.data);
}

static void
skip_blanks(const char **at)
{
	while (**at == ' ' || (**at >= '\t' && **at <= '\r'))
		++* at;
}

/*
 * Reads a number; false when there is none. Hexadecimal numbers and words such as infinity are
 * none.
 */
static bool
read_number(const char **at, double *number)
{
	char	   *end;
	size_t		length;

	skip_blanks(at);
	length = strspn(*at, "0123456789+-.eE");
	*number = strtod(*at, &end);
	if (end == *at || end != *at + length)
		return false;
	*at = end;
	return true;
}

/*
 * Reads a weight exactly: the whole part as an integer, the fraction of 32 bits by way of a
 * double, which holds it. A fraction with more bits is rounded.
 */
static bool
read_weight(const char **at, DupexPurchaseRow *row)
{
	double		fraction = 0;
	uint64		whole = 0;
	const char *start;

	skip_blanks(at);
	start = *at;
	for (; **at >= '0' && **at <= '9'; ++*at)
	{
		if (whole > PG_INT64_MAX / 10 || (int64) (whole * 10) > PG_INT64_MAX - (**at - '0'))
			return false;
		whole = whole * 10 + (uint64) (**at - '0');
	}
	if (*at == start)
		return false;
	if (**at == '.' && !read_number(at, &fraction))
		return false;
	fraction = rint(fraction * 4294967296.0);
	if (!(fraction >= 0 && fraction < 4294967296.0))
		return false;
	row->weight_whole = whole;
	row->weight_fraction = (uint32) fraction;
	return whole > 0 || fraction > 0;
}

/*
 * Reads " word count"; leaves *count as it is when the word is not there. False when a count is
 * none.
 */
static bool
read_count(const char **at, const char *word, int64 *count)
{
	double		number;

	skip_blanks(at);
	if (strncmp(*at, word, strlen(word)) != 0)
		return true;
	*at += strlen(word);
	if (!read_number(at, &number) || !(number >= 0 && number < 9e15) || number != rint(number))
		return false;
	*count = (int64) number;
	return true;
}

/*
 * Reads the rows up to the closing brace into counts, which has room. False when they are not
 * rows of customers.
 */
static bool
read_rows(const char **at, DupexPurchaseCounts *counts)
{
	counts->row_count = 0;
	skip_blanks(at);
	if (**at == '}')
		return true;
	for (;;)
	{
		DupexPurchaseRow *row = &counts->rows[counts->row_count];
		DupexPurchaseRow weight;
		double		number[3];

		if (counts->row_count % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < 3; i++)
			if (!read_number(at, &number[i]))
				return false;
		if (!read_weight(at, &weight) || dupex_purchase_row_make(number[0], number[1], number[2], 1, row) != DUPEX_PURCHASE_OK)
			return false;
		row->weight_whole = weight.weight_whole;
		row->weight_fraction = weight.weight_fraction;
		counts->row_count++;
		skip_blanks(at);
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
	skip_blanks(&at);
	if (*at++ == '{' && read_rows(&at, counts))
	{
		at++;
		if (read_count(&at, "nulls", &counts->nulls) && read_count(&at, "impossible", &counts->impossible))
		{
			skip_blanks(&at);
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

static void
complain_of_message(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid external \"%s\" value", "purchase_counts"),
			 errdetail("%s", detail)));
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
		complain_of_message("The version is not 1.");
	nulls = pq_getmsgint64(message);
	impossible = pq_getmsgint64(message);
	row_count = (uint32) pq_getmsgint(message, 4);
	if (nulls < 0 || impossible < 0)
		complain_of_message("A count is below 0.");
	if ((uint64) row_count * row_size > (uint64) (message->len - message->cursor))
		complain_of_message("The message ends before its rows do.");
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
			complain_of_message("A row cannot be that of a customer.");
		if (i > 0 && dupex_purchase_row_compare(row - 1, row) >= 0)
			complain_of_message("The rows are not in order.");
	}
	PG_RETURN_POINTER(counts);
}
