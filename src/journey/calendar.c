/*
 * calendar.c
 *		Days and the dates that the calendar gives them.
 *
 * The calendar is the Gregorian one, also before it was introduced, as in PostgreSQL. Years are
 * shifted to begin in March, so that the leap day is the last of its year and the lengths of the
 * months follow a straight line.
 */
#include "journey/calendar.h"

/* days of 400 years, after which the calendar repeats */
#define ERA			146097
#define ERA_YEARS	400

/* from -400-03-01 to 2000-01-01: so nothing here is negative, and division rounds down */
#define DAYS_BEFORE_2000	(730425 + ERA)

/*
 * The date of a day. From the year -399 on.
 */
DupexCalendarDay
dupex_calendar_day(int64_t day)
{
	int64_t		shifted = day + DAYS_BEFORE_2000;
	int64_t		era = shifted / ERA;
	int64_t		in_era = shifted % ERA;
	int64_t		year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t		in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t		month = (5 * in_year + 2) / 153;	/* from March on */
	DupexCalendarDay date;

	date.year = (int) ((era - 1) * ERA_YEARS + year + (month >= 10));
	date.month = (int) (month < 10 ? month + 3 : month - 9);
	date.day = (int) (in_year - (153 * month + 2) / 5 + 1);
	return date;
}

/*
 * The number of a date. From the year -399 on; the date must exist.
 */
int64_t
dupex_calendar_number(int year, int month, int day)
{
	int64_t		shifted_year = year + ERA_YEARS - (month <= 2);

	return shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400
		+ (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1 - DAYS_BEFORE_2000;
}
