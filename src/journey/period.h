/*
 * period.h
 *		Periods of a calendar and of a person's own clock.
 *
 * Pure C. period.c tells the idea. Times are microseconds since 2000-01-01 00:00 UTC, days are
 * counted from 2000-01-01.
 */
#ifndef DUPEX_PERIOD_H
#define DUPEX_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum DupexPeriodUnit
{
	DUPEX_PERIOD_HOUR,
	DUPEX_PERIOD_DAY,
	DUPEX_PERIOD_WEEK,
	DUPEX_PERIOD_MONTH,
	DUPEX_PERIOD_QUARTER,
	DUPEX_PERIOD_YEAR
} DupexPeriodUnit;

/*
 * How far the clocks of a place are before UTC: offset[i] microseconds from the time from[i] on,
 * until from[i + 1]. Outside of [from[0], end) the callback is asked. recent is the place of the
 * last answer, where the next one most likely is.
 */
typedef struct DupexZone
{
	int			count;
	int			recent;
	int64_t		end;
	const int64_t *from;
	const int64_t *offset;
	int64_t		(*offset_at) (void *data, int64_t at);
	void	   *data;
} DupexZone;

/*
 * A way to count periods. week_start is 1 for Monday to 7 for Sunday. Rolling ones begin with a
 * person's own start, the others with the calendar of the zone.
 */
typedef struct DupexPeriod
{
	DupexPeriodUnit unit;
	bool		is_rolling;
	int			week_start;
	DupexZone  *zone;
} DupexPeriod;

/*
 * A period of one origin, ready to count: dupex_clock_start() makes it.
 */
typedef struct DupexClock
{
	const DupexPeriod *period;
	int64_t		base;			/* a time, or the number of a calendar period */
	int64_t		length;			/* of fixed periods; 0 for those of the
								 * calendar */
} DupexClock;

extern bool dupex_period_unit(const char *name, size_t length, DupexPeriodUnit *unit);
extern int64_t dupex_zone_local(DupexZone *zone, int64_t at);
extern int64_t dupex_period_of_day(DupexPeriodUnit unit, int week_start, int64_t day);
extern int64_t dupex_period_first_day(DupexPeriodUnit unit, int week_start, int64_t period);
extern int64_t dupex_period_index(const DupexPeriod *period, int64_t at);
extern DupexClock dupex_clock_start(const DupexPeriod *period, int64_t origin);
extern int64_t dupex_clock_number(const DupexClock *clock, int64_t at);

#endif							/* DUPEX_PERIOD_H */
