/*
 * pg_period.h
 *		Periods, time zones and cells as arguments of functions.
 */
#ifndef DUPEX_PG_PERIOD_H
#define DUPEX_PG_PERIOD_H

#include "dupex.h"

#include "pgtime.h"

#include "journey/period.h"
#include "journey/retention.h"

/* changes of the clocks of one zone that are kept */
#define DUPEX_ZONE_CHANGES	1024

/*
 * What is kept from call to call: the zone asked for last. Zeroed before its first use.
 */
typedef struct DupexZoneMemory
{
	DupexZone	zone;
	bool		is_set;
	char		name[TZ_STRLEN_MAX + 1];
	int64		from[DUPEX_ZONE_CHANGES];
	int64		offset[DUPEX_ZONE_CHANGES];
} DupexZoneMemory;

/* all of these raise 22023 for a word or number that means nothing */
extern DupexZone *dupex_zone_named(DupexZoneMemory *memory, const text *name);
extern DupexPeriodUnit dupex_period_unit_named(const text *name);
extern int	dupex_week_start_checked(int32 week_start);
extern DupexRetentionMode dupex_retention_mode_named(const text *name);
extern int	dupex_brackets_of_text(const text *list, DupexRetentionMode mode, DupexBracket *brackets);
extern void dupex_check_moment(TimestampTz at, const char *what);

#endif							/* DUPEX_PG_PERIOD_H */
