/*
 * pg_period.c
 *		Periods, time zones and cells as arguments of functions; period_number and period_start.
 *
 * Asking PostgreSQL for the local time costs more than everything else that is done with an
 * event, so the changes of the clocks of a zone from 1970 to 2100 are copied once, and what lies
 * outside is asked for one by one.
 */
#include "dupex.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "journey/activity.h"
#include "journey/pg_period.h"

/* seconds of Unix time: 1970 and 2100 */
#define TABLE_BEGIN		INT64CONST(0)
#define TABLE_END		INT64CONST(4102444800)

/*
 * A time of a number of seconds since 1970.
 */
static int64
time_of_seconds(pg_time_t seconds)
{
	return (int64) (seconds - ((pg_time_t) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)) * SECS_PER_DAY) * USECS_PER_SEC;
}

/*
 * How far the clocks of a zone are before UTC at any time.
 */
static int64
offset_at(void *zone, int64 at)
{
	pg_time_t	seconds = timestamptz_to_time_t(at);
	struct pg_tm *tm = pg_localtime(&seconds, zone);

	return tm ? tm->tm_gmtoff * USECS_PER_SEC : 0;
}

/*
 * Copies the changes of the clocks of a zone.
 */
static void
fill_zone(DupexZoneMemory *memory, pg_tz *zone)
{
	pg_time_t	at = TABLE_BEGIN;
	pg_time_t	next = TABLE_BEGIN;
	long int	before;
	long int	after;
	int			is_dst;
	int			count = 0;
	int			found = 1;

	while (found == 1 && next < TABLE_END && count < DUPEX_ZONE_CHANGES)
	{
		at = next;
		found = pg_next_dst_boundary(&at, &before, &is_dst, &next, &after, &is_dst, zone);
		if (found < 0)
			break;
		memory->from[count] = time_of_seconds(at);
		memory->offset[count++] = before * USECS_PER_SEC;
	}
	memory->zone.count = count;
	memory->zone.recent = 0;
	memory->zone.end = time_of_seconds(found == 1 ? Min(next, TABLE_END) : found == 0 ? TABLE_END : at);
	memory->zone.from = memory->from;
	memory->zone.offset = memory->offset;
	memory->zone.offset_at = offset_at;
	memory->zone.data = zone;
}

/*
 * A time zone by its name.
 */
DupexZone *
dupex_zone_named(DupexZoneMemory *memory, const text *name)
{
	size_t		length = VARSIZE_ANY_EXHDR(name);
	char	   *word;
	pg_tz	   *zone;

	if (memory->is_set && strlen(memory->name) == length && memcmp(memory->name, VARDATA_ANY(name), length) == 0)
		return &memory->zone;
	word = text_to_cstring(name);
	zone = length > 0 && length <= TZ_STRLEN_MAX ? pg_tzset(word) : NULL;
	if (zone == NULL || !pg_tz_acceptable(zone))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%.60s\" not recognized", word),
				 errhint("View pg_timezone_names lists them, such as Asia/Shanghai.")));
	memory->is_set = false;
	fill_zone(memory, zone);
	strcpy(memory->name, word);
	memory->is_set = true;
	pfree(word);
	return &memory->zone;
}

/*
 * A unit of periods by its name.
 */
DupexPeriodUnit
dupex_period_unit_named(const text *name)
{
	DupexPeriodUnit unit;

	if (!dupex_period_unit(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &unit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown period: \"%.60s\"", text_to_cstring(name)),
				 errhint("Periods are hour, day, week, month, quarter and year.")));
	return unit;
}

/*
 * A day of the week with which weeks begin: 1 for Monday to 7 for Sunday.
 */
int
dupex_week_start_checked(int32 week_start)
{
	if (week_start < 1 || week_start > 7)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("week_start %d is no day of the week", week_start),
				 errhint("Days are 1 for Monday to 7 for Sunday.")));
	return week_start;
}

/*
 * A mode by its name.
 */
DupexRetentionMode
dupex_retention_mode_named(const text *name)
{
	DupexRetentionMode mode;
	char	   *word = text_to_cstring(name);

	if (!dupex_retention_mode(word, &mode))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown mode of retention: \"%.60s\"", word),
				 errhint("Modes are on, on_or_after and within.")));
	pfree(word);
	return mode;
}

/*
 * Brackets of a list, into an array of DUPEX_RETENTION_MAX_BRACKETS; returns how many.
 */
int
dupex_brackets_of_text(const text *list, DupexRetentionMode mode, DupexBracket *brackets)
{
	char	   *string = text_to_cstring(list);
	const char *problem = NULL;
	int			count = dupex_brackets_parse(string, brackets, &problem);

	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid brackets of periods: \"%.60s\"", string),
				 errdetail("%s", problem),
				 errhint("Write them like 0, 1-3, 4-7, 8-30, 31-.")));
	if (mode != DUPEX_RETENTION_ON)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("brackets go with mode \"on\" only"),
				 errhint("For on or after period 8 use the open bracket 8-.")));
	pfree(string);
	return count;
}

/*
 * A time that is finite, and in the years 1 to 9999; what names it in the message.
 */
void
dupex_check_moment(TimestampTz at, const char *what)
{
	if (!dupex_activity_is_time(at))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is %s", what,
						TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : TIMESTAMP_IS_NOEND(at) ? "infinity" : timestamptz_to_str(at)),
				 errdetail("Times are in the years 1 to 9999.")));
}

/*
 * The memory of a function that only needs a zone.
 */
static DupexZoneMemory *
zone_memory(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(DupexZoneMemory));
	return fcinfo->flinfo->fn_extra;
}

/*
 * period_number(at, origin, period, zone, week_start, rolling): NULL before the origin.
 */
PG_FUNCTION_INFO_V1(dupex_period_number);
Datum
dupex_period_number(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	TimestampTz origin = PG_GETARG_TIMESTAMPTZ(1);
	DupexPeriod period;
	DupexClock	clock;

	dupex_check_moment(at, "time");
	dupex_check_moment(origin, "origin");
	period.unit = dupex_period_unit_named(PG_GETARG_TEXT_PP(2));
	period.zone = dupex_zone_named(zone_memory(fcinfo), PG_GETARG_TEXT_PP(3));
	period.week_start = dupex_week_start_checked(PG_GETARG_INT32(4));
	period.is_rolling = PG_GETARG_BOOL(5);
	if (at < origin)
		PG_RETURN_NULL();
	clock = dupex_clock_start(&period, origin);
	PG_RETURN_INT32((int32) dupex_clock_number(&clock, at));
}

/*
 * period_start(at, period, zone, week_start): the first day of the period.
 */
PG_FUNCTION_INFO_V1(dupex_period_start);
Datum
dupex_period_start(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	DupexPeriod period = {0};

	dupex_check_moment(at, "time");
	period.unit = dupex_period_unit_named(PG_GETARG_TEXT_PP(1));
	period.zone = dupex_zone_named(zone_memory(fcinfo), PG_GETARG_TEXT_PP(2));
	period.week_start = dupex_week_start_checked(PG_GETARG_INT32(3));
	if (period.unit == DUPEX_PERIOD_HOUR)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an hour has no first day"),
				 errhint("Use date_trunc('hour', at, zone).")));
	PG_RETURN_DATEADT((DateADT) dupex_period_first_day(period.unit, period.week_start, dupex_period_index(&period, at)));
}
