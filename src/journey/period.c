/*
 * period.c
 *		Periods of a calendar and of a person's own clock.
 *
 * There are two ways to say "in the second week". By the calendar: weeks are those of a wall
 * calendar in a time zone, and who came on a Sunday evening is in her second one on Monday. By
 * one's own clock (rolling): a week is seven times 24 hours from one's own start. Both give a
 * number, 0 for the period of the start; that number is all that retention needs.
 *
 * Days and all that is made of them are counted by the date on the wall, so a day with a change
 * of the clocks is a day. Hours are hours of real time, beginning where the wall clock showed a
 * full hour at the origin: an hour that comes twice when clocks are set back is two.
 */
#include "journey/period.h"

#include <string.h>

#include "journey/calendar.h"

#define SECOND		INT64_C(1000000)
#define HOUR		(INT64_C(3600) * SECOND)
#define DAY			(INT64_C(24) * HOUR)

/*
 * Division that rounds down, for a divisor above 0.
 */
static inline int64_t
divide_down(int64_t dividend, int64_t divisor)
{
	return dividend >= 0 ? dividend / divisor : -((divisor - 1 - dividend) / divisor);
}

/*
 * The first day of week 0, which holds day 0, a Saturday: from -6 for weeks that begin on Sundays
 * to 0 for those that begin on Saturdays.
 */
static inline int64_t
week_zero(int week_start)
{
	return week_start == 7 ? -6 : week_start - 6;
}

/*
 * The unit of a name: hour, day, week, month, quarter or year, or their plurals, in lower case.
 * False for another name.
 */
bool
dupex_period_unit(const char *name, size_t length, DupexPeriodUnit *unit)
{
	static const char *const names[] = {"hour", "day", "week", "month", "quarter", "year"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		size_t		name_length = strlen(names[i]);

		if (length >= name_length && memcmp(name, names[i], name_length) == 0 &&
			(length == name_length || (length == name_length + 1 && name[name_length] == 's')))
		{
			*unit = (DupexPeriodUnit) i;
			return true;
		}
	}
	return false;
}

/*
 * What the clock on the wall shows at a time, as if it were UTC.
 */
int64_t
dupex_zone_local(DupexZone *zone, int64_t at)
{
	int			low = 0;
	int			high = zone->count;

	if (zone->count == 0 || at < zone->from[0] || at >= zone->end)
		return at + (zone->offset_at ? zone->offset_at(zone->data, at) : 0);
	if (at >= zone->from[zone->recent] && (zone->recent + 1 == zone->count || at < zone->from[zone->recent + 1]))
		return at + zone->offset[zone->recent];
	while (high - low > 1)
	{
		int			middle = (low + high) / 2;

		if (at >= zone->from[middle])
			low = middle;
		else
			high = middle;
	}
	zone->recent = low;
	return at + zone->offset[low];
}

/*
 * The number of the calendar period that a day lies in: of days, weeks (those that begin with
 * week_start; week 0 holds 2000-01-01), months, quarters or years, counted from 2000. Not of
 * hours.
 */
int64_t
dupex_period_of_day(DupexPeriodUnit unit, int week_start, int64_t day)
{
	DupexCalendarDay date;
	int64_t		month;

	switch (unit)
	{
		case DUPEX_PERIOD_HOUR:
		case DUPEX_PERIOD_DAY:
			return day;
		case DUPEX_PERIOD_WEEK:
			return divide_down(day - week_zero(week_start), 7);
		case DUPEX_PERIOD_MONTH:
		case DUPEX_PERIOD_QUARTER:
		case DUPEX_PERIOD_YEAR:
			break;
	}
	date = dupex_calendar_day(day);
	month = (int64_t) (date.year - 2000) * 12 + date.month - 1;
	return unit == DUPEX_PERIOD_MONTH ? month : divide_down(month, unit == DUPEX_PERIOD_QUARTER ? 3 : 12);
}

/*
 * The first day of a calendar period whose number dupex_period_of_day() has given.
 */
int64_t
dupex_period_first_day(DupexPeriodUnit unit, int week_start, int64_t period)
{
	int64_t		month;
	int64_t		year;

	switch (unit)
	{
		case DUPEX_PERIOD_HOUR:
		case DUPEX_PERIOD_DAY:
			return period;
		case DUPEX_PERIOD_WEEK:
			return period * 7 + week_zero(week_start);
		case DUPEX_PERIOD_MONTH:
		case DUPEX_PERIOD_QUARTER:
		case DUPEX_PERIOD_YEAR:
			break;
	}
	month = period * (unit == DUPEX_PERIOD_MONTH ? 1 : unit == DUPEX_PERIOD_QUARTER ? 3 : 12);
	year = divide_down(month, 12);
	return dupex_calendar_number((int) (2000 + year), (int) (month - 12 * year) + 1, 1);
}

/*
 * The number of the calendar period that a time lies in. Hours are counted as days are: who wants
 * hours starts a clock.
 */
int64_t
dupex_period_index(const DupexPeriod *period, int64_t at)
{
	return dupex_period_of_day(period->unit, period->week_start, divide_down(dupex_zone_local(period->zone, at), DAY));
}

/*
 * A clock that counts from an origin on. Rolling periods: an hour, 24 hours, 7 days, 30 days (a
 * month), 90 days (a quarter), 365 days (a year).
 */
DupexClock
dupex_clock_start(const DupexPeriod *period, int64_t origin)
{
	static const int64_t lengths[] = {HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY};
	DupexClock	clock = {period, origin, 0};

	if (period->is_rolling)
		clock.length = lengths[period->unit];
	else if (period->unit == DUPEX_PERIOD_HOUR)
	{
		int64_t		local = dupex_zone_local(period->zone, origin);

		clock.length = HOUR;
		clock.base = origin - (local - divide_down(local, HOUR) * HOUR);
	}
	else
		clock.base = dupex_period_index(period, origin);
	return clock;
}

/*
 * The number of the period that a time lies in, 0 being that of the origin; at is not before the
 * origin. Where clocks are set back over midnight the date on the wall steps back for an hour:
 * that hour still counts as period 0.
 */
int64_t
dupex_clock_number(const DupexClock *clock, int64_t at)
{
	int64_t		number;

	if (clock->length > 0)
		return (at - clock->base) / clock->length;
	number = dupex_period_index(clock->period, at) - clock->base;
	return number < 0 ? 0 : number;
}
