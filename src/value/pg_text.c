/*
 * pg_text.c
 *		Reading and writing the numbers in the text form of counts.
 *
 * What is written is read back to the same bits, whatever extra_float_digits says.
 */
#include "value/pg_text.h"
#include "text/blanks.h"
#include "value/pg_left_out.h"

#include <math.h>

#include "common/shortest_dec.h"

#define FRACTION_UNIT	4294967296.0	/* 2^32 */

/*
 * The shortest text that reads back as this number.
 */
void
dupex_text_write_number(StringInfo string, double number)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(number, digits);
	appendStringInfoString(string, digits);
}

/*
 * A weight as an exact decimal number: 32 bits of fraction have up to 32 decimals.
 */
void
dupex_text_write_weight(StringInfo string, uint64 whole, uint32 fraction)
{
	uint64		rest = fraction;

	appendStringInfo(string, UINT64_FORMAT, whole);
	if (rest == 0)
		return;
	appendStringInfoChar(string, '.');
	while (rest != 0)
	{
		rest *= 10;
		appendStringInfoChar(string, (char) ('0' + (rest >> 32)));
		rest &= PG_UINT32_MAX;
	}
}

/*
 * Reads a number; false when there is none. Hexadecimal numbers and words such as infinity are
 * none.
 */
bool
dupex_text_read_number(const char **at, double *number)
{
	char	   *end;
	size_t		length;

	dupex_skip_blanks(at);
	length = strspn(*at, "0123456789+-.eE");
	*number = strtod(*at, &end);
	if (end == *at || end != *at + length)
		return false;
	*at = end;
	return true;
}

/*
 * Reads a weight above 0 exactly: the whole part as an integer, the fraction of 32 bits by way
 * of a double, which holds it. A fraction with more bits is rounded.
 */
bool
dupex_text_read_weight(const char **at, uint64 *whole, uint32 *fraction)
{
	double		part = 0;
	const char *start;

	dupex_skip_blanks(at);
	start = *at;
	*whole = 0;
	for (; **at >= '0' && **at <= '9'; ++*at)
	{
		if (*whole > PG_INT64_MAX / 10 || (int64) (*whole * 10) > PG_INT64_MAX - (**at - '0'))
			return false;
		*whole = *whole * 10 + (uint64) (**at - '0');
	}
	if (*at == start)
		return false;
	if (**at == '.' && !dupex_text_read_number(at, &part))
		return false;
	part = rint(part * FRACTION_UNIT);
	if (!(part >= 0 && part < FRACTION_UNIT))
		return false;
	*fraction = (uint32) part;
	return *whole > 0 || *fraction > 0;
}

/*
 * Reads "word count"; leaves *count as it is when the word is not there. False when the count
 * is none.
 */
bool
dupex_text_read_count(const char **at, const char *word, int64 *count)
{
	double		number;

	dupex_skip_blanks(at);
	if (strncmp(*at, word, strlen(word)) != 0)
		return true;
	*at += strlen(word);
	if (!dupex_text_read_number(at, &number) || !(number >= 0 && number < DUPEX_LEFT_OUT_LIMIT) || number != rint(number))
		return false;
	*count = (int64) number;
	return true;
}
