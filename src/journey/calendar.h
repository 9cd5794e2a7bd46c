/*
 * calendar.h
 *		Days and the dates that the calendar gives them.
 *
 * Pure C. Days are counted from 2000-01-01.
 */
#ifndef DUPEX_CALENDAR_H
#define DUPEX_CALENDAR_H

#include <stdint.h>

/*
 * A day as the calendar writes it; the month is 1 to 12.
 */
typedef struct DupexCalendarDay
{
	int			year;
	int			month;
	int			day;
} DupexCalendarDay;

extern DupexCalendarDay dupex_calendar_day(int64_t day);
extern int64_t dupex_calendar_number(int year, int month, int day);

#endif							/* DUPEX_CALENDAR_H */
