/*
 * pg_retained.c
 *		retained(): of one person, in which periods after the start she came back, as bits.
 *
 * A bit string says three things at once: bit n is 1 where the person counts in period n, 0 where
 * she does not, and there is no bit n as long as that period is not over. So a sum of bit strings
 * knows its denominators.
 */
#include "dupex.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/varbit.h"

#include "journey/activity.h"
#include "journey/pg_activity.h"
#include "journey/pg_period.h"

/* clocks are set back by less than that: by an hour, or a day where a date line was moved */
#define SET_BACK	(2 * USECS_PER_DAY)

/*
 * What is kept from call to call.
 */
typedef struct RetainedMemory
{
	DupexZoneMemory zones;
	text	   *list;			/* the brackets as they were written; NULL:
								 * none yet */
	DupexRetentionMode list_mode;
	int			bracket_count;
	DupexBracket brackets[DUPEX_RETENTION_MAX_BRACKETS];
} RetainedMemory;

/*
 * The cells that the arguments mode and brackets speak of. brackets may be NULL.
 */
static DupexCells
cells_of_arguments(FunctionCallInfo fcinfo, int mode_no, int brackets_no, RetainedMemory *memory)
{
	DupexCells	cells = {dupex_retention_mode_named(PG_GETARG_TEXT_PP(mode_no)), DUPEX_RETENTION_MAX_CELLS + 1, 0, NULL};
	text	   *list;

	if (PG_ARGISNULL(brackets_no))
		return cells;
	list = PG_GETARG_TEXT_PP(brackets_no);
	if (memory->list == NULL || memory->list_mode != cells.mode || VARSIZE_ANY_EXHDR(memory->list) != VARSIZE_ANY_EXHDR(list) ||
		memcmp(VARDATA_ANY(memory->list), VARDATA_ANY(list), VARSIZE_ANY_EXHDR(list)) != 0)
	{
		if (memory->list)
			pfree(memory->list);
		memory->list = NULL;
		memory->bracket_count = dupex_brackets_of_text(list, cells.mode, memory->brackets);
		memory->list = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, VARSIZE_ANY(list));
		memcpy(memory->list, list, VARSIZE_ANY(list));
		memory->list_mode = cells.mode;
	}
	cells.bracket_count = memory->bracket_count;
	cells.brackets = memory->brackets;
	return cells;
}

static VarBit *
no_bits(int count)
{
	VarBit	   *bits = palloc0(VARBITTOTALLEN(count));

	SET_VARSIZE(bits, VARBITTOTALLEN(count));
	VARBITLEN(bits) = count;
	return bits;
}

static void
set_cells(VarBit *bits, const DupexCells *cells, int64 period)
{
	bits8	   *bytes = VARBITS(bits);
	int32		first;
	int32		last;

	if (dupex_cells_of_period(cells, period, VARBITLEN(bits), &first, &last))
		for (int32 bit = first; bit <= last; bit++)
			bytes[bit / BITS_PER_BYTE] |= (bits8) (HIGHBIT >> bit % BITS_PER_BYTE);
}

/*
 * Sets the bits of all cells in which the times from the origin until the end of observation
 * count. Of on_or_after only the last period matters, of within the first one. That is the period
 * of the last or the first time, but where clocks were set back over midnight after it or before
 * it: so all times near it are looked at.
 */
static void
set_bits(VarBit *bits, const DupexCells *cells, const DupexClock *clock, const int64 *times, uint32 count,
		 TimestampTz origin, TimestampTz until)
{
	uint32		begin = 0;
	uint32		end = count;
	int64		period = -1;

	while (begin < end && times[begin] < origin)
		begin++;
	while (end > begin && times[end - 1] > until)
		end--;
	if (begin == end)
		return;
	if (cells->mode == DUPEX_RETENTION_ON_OR_AFTER)
		while (times[end - 1] - times[begin] > SET_BACK)
			begin++;
	if (cells->mode == DUPEX_RETENTION_WITHIN)
		while (times[end - 1] - times[begin] > SET_BACK)
			end--;
	for (uint32 i = begin; i < end; i++)
	{
		int64		number = dupex_clock_number(clock, times[i]);

		if (cells->mode != DUPEX_RETENTION_ON)
		{
			if (period < 0 || (cells->mode == DUPEX_RETENTION_WITHIN ? number < period : number > period))
				period = number;
			continue;
		}
		if (number != period)
			set_cells(bits, cells, number);
		period = number;
	}
	if (cells->mode != DUPEX_RETENTION_ON)
		set_cells(bits, cells, period);
}

/*
 * retained(activity, origin, period, zone, observed_until, mode, brackets, week_start, rolling):
 * no activity (NULL) is a person who never came back; every other NULL but brackets gives NULL.
 */
PG_FUNCTION_INFO_V1(dupex_retained);
Datum
dupex_retained(PG_FUNCTION_ARGS)
{
	RetainedMemory *memory = fcinfo->flinfo->fn_extra;
	TimestampTz origin;
	TimestampTz until;
	DupexPeriod period;
	DupexClock	clock;
	DupexCells	cells;
	int32		observed;
	VarBit	   *bits;

	for (int i = 1; i < 9; i++)
		if (PG_ARGISNULL(i) && i != 6)
			PG_RETURN_NULL();
	if (memory == NULL)
		memory = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(RetainedMemory));
	origin = PG_GETARG_TIMESTAMPTZ(1);
	until = PG_GETARG_TIMESTAMPTZ(4);
	dupex_check_moment(origin, "origin");
	dupex_check_moment(until, "observed_until");
	period.unit = dupex_period_unit_named(PG_GETARG_TEXT_PP(2));
	period.zone = dupex_zone_named(&memory->zones, PG_GETARG_TEXT_PP(3));
	period.week_start = dupex_week_start_checked(PG_GETARG_INT32(7));
	period.is_rolling = PG_GETARG_BOOL(8);
	cells = cells_of_arguments(fcinfo, 5, 6, memory);
	if (until < origin)
		PG_RETURN_VARBIT_P(no_bits(0));
	clock = dupex_clock_start(&period, origin);
	observed = dupex_cells_observed(&cells, dupex_clock_number(&clock, until));
	if (observed > DUPEX_RETENTION_MAX_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d periods from %s on", DUPEX_RETENTION_MAX_CELLS, timestamptz_to_str(origin)),
				 errhint("Use longer periods, or brackets.")));
	bits = no_bits(observed);
	if (!PG_ARGISNULL(0))
	{
		uint32		count;
		const int64 *times = dupex_activity_times(PG_GETARG_DATUM(0), &count);

		set_bits(bits, &cells, &clock, times, count, origin, until);
	}
	PG_RETURN_VARBIT_P(bits);
}
