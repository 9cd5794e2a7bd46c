/*
 * time_text.c
 *		Times as text, the same in every session: ISO 8601, in UTC, to the microsecond.
 *
 * The text form of a state must not depend on the settings of a session. So times in it are
 * written and read here and not by PostgreSQL. The calendar is the Gregorian one, also before
 * it was introduced, as in PostgreSQL; days are counted from a 1st of March, so that the leap
 * day is the last of its year.
 */
#include "text/time_text.h"

#include <stdio.h>

#define SECOND		INT64_C(1000000)
#define HOUR		(INT64_C(3600) * SECOND)
#define DAY			(INT64_C(24) * HOUR)

/* from 0000-03-01 to 2000-01-01 */
#define DAYS_BEFORE_2000	730425

/*
 * Writes a time as 2026-01-31T10:15:00Z, with as many decimals of the second as it needs. Returns
 * the length; text has room for DUPEX_TIME_TEXT_SIZE.
 */
size_t
dupex_time_format(int64_t at, char *text)
{
	int64_t		day = (at - DUPEX_FIRST_TIME) / DAY;	/* since 0001-01-01 */
	int64_t		rest = (at - DUPEX_FIRST_TIME) % DAY;
	int64_t		shifted = day + 306;	/* since 0000-03-01: the leap day is
										 * the last of its year */
	int64_t		era = shifted / 146097; /* of 400 years */
	int64_t		in_era = shifted % 146097;
	int64_t		year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t		in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t		month = (5 * in_year + 2) / 153;	/* from March on */
	size_t		length;

	length = (size_t) snprintf(text, DUPEX_TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d",
							   (int) (era * 400 + year + (month >= 10)), (int) (month < 10 ? month + 3 : month - 9),
							   (int) (in_year - (153 * month + 2) / 5 + 1),
							   (int) (rest / HOUR), (int) (rest / (60 * SECOND) % 60), (int) (rest / SECOND % 60));
	if (rest % SECOND != 0)
	{
		length += (size_t) snprintf(text + length, DUPEX_TIME_TEXT_SIZE - length, ".%06d", (int) (rest % SECOND));
		while (text[length - 1] == '0')
			length--;
	}
	text[length++] = 'Z';
	text[length] = '\0';
	return length;
}

/*
 * Reads digits of a fixed number; false when they are not there.
 */
static bool
read_digits(const char **text, int digits, int *number)
{
	*number = 0;
	for (int i = 0; i < digits; i++, ++*text)
	{
		if (**text < '0' || **text > '9')
			return false;
		*number = *number * 10 + (**text - '0');
	}
	return true;
}

/*
 * Reads a number that must be followed by a character, which is taken too.
 */
static bool
read_part(const char **text, int digits, char next, int *number)
{
	return read_digits(text, digits, number) && *(*text)++ == next;
}

/*
 * Reads a time as dupex_time_format() writes it, up to and with Z, and moves *text behind it.
 * False when there is none.
 */
bool
dupex_time_parse(const char **text, int64_t *at)
{
	int			year;
	int			month;
	int			day;
	int			hour;
	int			minute;
	int			second;
	int			micros = 0;
	int			days_of_month;
	int64_t		shifted_year;
	int64_t		days;

	if (!read_part(text, 4, '-', &year) || !read_part(text, 2, '-', &month) || !read_part(text, 2, 'T', &day) ||
		!read_part(text, 2, ':', &hour) || !read_part(text, 2, ':', &minute) || !read_digits(text, 2, &second))
		return false;
	if (**text == '.')
		for (int unit = 100000; (*++*text >= '0' && **text <= '9'); unit /= 10)
		{
			if (unit == 0)
				return false;
			micros += (**text - '0') * unit;
		}
	if (*(*text)++ != 'Z')
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
		return false;
	days_of_month = month == 2 ? (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28)
		: (month + (month >= 8)) % 2 == 1 ? 31 : 30;
	if (day > days_of_month)
		return false;
	shifted_year = month <= 2 ? year - 1 : year;
	days = shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400
		+ (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1 - DAYS_BEFORE_2000;
	*at = days * DAY + hour * HOUR + minute * 60 * SECOND + second * SECOND + micros;
	return true;
}
