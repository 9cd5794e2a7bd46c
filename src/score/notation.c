/*
 * notation.c
 *		The text form of states: reading and writing a little JSON.
 *
 * States of the scores are written as JSON, so that people and other programs can read them
 * (::text::jsonb), with every number exact: floating point numbers in the shortest form that
 * reads back the same, sums as decimal numbers. Reading is as strict as writing, but for blanks:
 * it is not a reader of any JSON.
 *
 * Pure C: no memory is allocated. Numbers are read and written by strtod() and snprintf(), which
 * need the numeric locale C; a PostgreSQL server always has it.
 */
#include "notation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MICROS	1000000

static void
skip_blanks(DupexScan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || (*scan->at >= '\t' && *scan->at <= '\r')))
		scan->at++;
}

/*
 * Whether the next character is this one; passes over it then.
 */
bool
dupex_scan_mark(DupexScan *scan, char mark)
{
	skip_blanks(scan);
	if (scan->at >= scan->end || *scan->at != mark)
		return false;
	scan->at++;
	return true;
}

/*
 * Whether the text has ended.
 */
bool
dupex_scan_done(DupexScan *scan)
{
	skip_blanks(scan);
	return scan->at == scan->end;
}

/*
 * Passes over this word.
 */
bool
dupex_scan_word(DupexScan *scan, const char *word)
{
	size_t		length = strlen(word);

	skip_blanks(scan);
	if ((size_t) (scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
		return false;
	scan->at += length;
	return true;
}

static bool
is_digit(const DupexScan *scan)
{
	return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/*
 * A floating point number: not NaN, not infinite.
 */
bool
dupex_scan_double(DupexScan *scan, double *value)
{
	char		copy[64];
	size_t		length = 0;
	char	   *stop;

	skip_blanks(scan);
	while (scan->at + length < scan->end && length < sizeof(copy) - 1 && scan->at[length] != '\0' &&
		   strchr("+-.0123456789eE", scan->at[length]) != NULL)
	{
		copy[length] = scan->at[length];
		length++;
	}
	copy[length] = '\0';
	if (length == 0)
		return false;
	*value = strtod(copy, &stop);
	scan->at += length;
	return stop == copy + length && isfinite(*value);
}

/*
 * A whole number of up to 18 digits, maybe negative.
 */
bool
dupex_scan_whole(DupexScan *scan, int64_t *value)
{
	bool		negative = dupex_scan_mark(scan, '-');
	int			digits = 0;

	for (*value = 0; is_digit(scan); digits++, scan->at++)
	{
		if (digits == 18)
			return false;
		*value = *value * 10 + (*scan->at - '0');
	}
	if (negative)
		*value = -*value;
	return digits > 0;
}

/*
 * A sum: a decimal number that is not negative, of up to 15 digits before and 12 behind the
 * point.
 */
bool
dupex_scan_sum(DupexScan *scan, DupexSum *sum)
{
	int64_t		unit = DUPEX_SUM_PARTS;

	sum->part = 0;
	skip_blanks(scan);
	if (!is_digit(scan) || !dupex_scan_whole(scan, &sum->whole) || sum->whole >= DUPEX_SUM_LIMIT)
		return false;
	if (scan->at < scan->end && *scan->at == '.')
	{
		scan->at++;
		if (!is_digit(scan))
			return false;
		for (; is_digit(scan); scan->at++)
		{
			unit /= 10;
			if (unit == 0)
				return false;
			sum->part += unit * (*scan->at - '0');
		}
	}
	return true;
}

/*
 * Seconds with up to six decimals, as microseconds.
 */
bool
dupex_scan_micros(DupexScan *scan, int64_t *micros)
{
	bool		negative = dupex_scan_mark(scan, '-');
	int64_t		seconds;
	int64_t		unit = MICROS;

	if (!is_digit(scan) || !dupex_scan_whole(scan, &seconds) || seconds > INT64_MAX / MICROS - 1)
		return false;
	*micros = seconds * MICROS;
	if (scan->at < scan->end && *scan->at == '.')
	{
		scan->at++;
		if (!is_digit(scan))
			return false;
		for (; is_digit(scan); scan->at++)
		{
			unit /= 10;
			if (unit == 0)
				return false;
			*micros += unit * (*scan->at - '0');
		}
	}
	if (negative)
		*micros = -*micros;
	return true;
}

/*
 * The character that an escape stands for, 0 where it is none. Beyond ASCII everything is
 * written as it is, in the encoding of the database, so \u stands for ASCII only.
 */
static char
escaped(DupexScan *scan)
{
	static const char names[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *name;
	int			code = 0;

	if (scan->at >= scan->end)
		return 0;
	name = *scan->at == '\0' ? NULL : strchr(names, *scan->at);
	if (name != NULL)
	{
		scan->at++;
		return meanings[name - names];
	}
	if (*scan->at != 'u' || scan->end - scan->at < 5)
		return 0;
	for (int i = 1; i <= 4; i++)
	{
		char		c = scan->at[i];

		if (c >= '0' && c <= '9')
			code = code * 16 + (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			code = code * 16 + ((c | 32) - 'a' + 10);
		else
			return 0;
	}
	scan->at += 5;
	return (char) (code < 128 ? code : 0);
}

/*
 * A string in quotation marks. The room at out is at least what is left of the text; no NUL is
 * put behind it.
 */
bool
dupex_scan_string(DupexScan *scan, char *out, size_t *length)
{
	*length = 0;
	if (!dupex_scan_mark(scan, '"'))
		return false;
	while (scan->at < scan->end && *scan->at != '"')
	{
		char		c = *scan->at++;

		if (c == '\\')
			c = escaped(scan);
		if (c == '\0')
			return false;
		out[(*length)++] = c;
	}
	if (scan->at >= scan->end)
		return false;
	scan->at++;
	return true;
}

/*
 * Writes a number in the shortest of the forms with 15 to 17 digits that reads back the same,
 * and a NUL. Returns the length without the NUL.
 */
size_t
dupex_double_format(double value, char *text)
{
	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(text, DUPEX_DOUBLE_TEXT_SIZE, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return strlen(text);
}

/*
 * Writes a text as it is.
 */
void
dupex_write(const DupexSink *sink, const char *text)
{
	sink->write(sink->target, text, strlen(text));
}

/*
 * Writes a number as dupex_double_format() does.
 */
void
dupex_write_double(const DupexSink *sink, double value)
{
	char		text[DUPEX_DOUBLE_TEXT_SIZE];

	sink->write(sink->target, text, dupex_double_format(value, text));
}

/*
 * Writes a sum as a decimal number.
 */
void
dupex_write_sum(const DupexSink *sink, const DupexSum *sum)
{
	char		text[DUPEX_SUM_TEXT_SIZE];

	sink->write(sink->target, text, dupex_sum_format(sum, text));
}

/*
 * Writes microseconds as seconds.
 */
void
dupex_write_micros(const DupexSink *sink, int64_t micros)
{
	char		text[DUPEX_DOUBLE_TEXT_SIZE];
	uint64_t	distance = micros < 0 ? -(uint64_t) micros : (uint64_t) micros;
	int			length = snprintf(text, sizeof(text), "%s%llu", micros < 0 ? "-" : "", (unsigned long long) (distance / MICROS));

	if (distance % MICROS != 0)
	{
		length += snprintf(text + length, sizeof(text) - (size_t) length, ".%06llu", (unsigned long long) (distance % MICROS));
		while (text[length - 1] == '0')
			text[--length] = '\0';
	}
	dupex_write(sink, text);
}

/*
 * Writes a string in quotation marks. What must be escaped in JSON is.
 */
void
dupex_write_string(const DupexSink *sink, const char *string, size_t length)
{
	size_t		plain = 0;

	dupex_write(sink, "\"");
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) string[i];
		char		escape[8];

		if (c != '"' && c != '\\' && c >= 32)
			continue;
		sink->write(sink->target, string + plain, i - plain);
		plain = i + 1;
		if (c < 32)
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		else
			snprintf(escape, sizeof(escape), "\\%c", c);
		dupex_write(sink, escape);
	}
	sink->write(sink->target, string + plain, length - plain);
	dupex_write(sink, "\"");
}
