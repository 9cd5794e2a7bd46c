/*
 * fuzz_retention.c
 *		Fuzzes what retention reads: packed activities, times, brackets and cells as text; and the
 *		sums of ranges against counting one by one.
 *
 * Arbitrary bytes must be read or refused, never crash; what is read is written back as it was.
 * The first byte chooses what the rest is taken for.
 */
#include <stdlib.h>
#include <string.h>

#include "journey/activity.h"
#include "journey/period.h"
#include "journey/retention.h"
#include "text/time_text.h"

#define MAX_TIMES	64
#define MAX_CELLS	40

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_activity(const uint8_t *data, size_t size)
{
	int64_t		times[MAX_TIMES];
	uint32_t	count;
	int			grain;
	size_t		length;
	unsigned char bytes[MAX_TIMES * DUPEX_ACTIVITY_STEP_SIZE];
	int64_t		again[MAX_TIMES];

	if (size < 2)
		return;
	count = data[1] % MAX_TIMES + 1;
	if (!dupex_activity_unpack(data + 2, size - 2, data[0], count, times))
		return;
	for (uint32_t i = 0; i < count; i++)
		REQUIRE(dupex_activity_is_time(times[i]) && (i == 0 || times[i - 1] < times[i]));
	REQUIRE(dupex_activity_distinct(times, count) == count);
	grain = dupex_activity_grain(times, count);
	REQUIRE(grain >= data[0]);
	length = dupex_activity_pack(times, count, grain, NULL);
	REQUIRE(length <= sizeof(bytes) && dupex_activity_pack(times, count, grain, bytes) == length);
	REQUIRE(dupex_activity_unpack(bytes, length, grain, count, again));
	REQUIRE(memcmp(times, again, count * sizeof(int64_t)) == 0);
	REQUIRE(!dupex_activity_unpack(bytes, length - 1, grain, count, again));
}

static void
try_text(const char *text)
{
	const char *at = text;
	const char *problem = NULL;
	static DupexBracket brackets[DUPEX_RETENTION_MAX_BRACKETS];
	DupexRetentionCell cell;
	int64_t		moment;
	int			count;

	if (dupex_time_parse(&at, &moment))
	{
		char		written[DUPEX_TIME_TEXT_SIZE];
		const char *again = written;
		int64_t		read;

		REQUIRE(dupex_activity_is_time(moment) && dupex_time_format(moment, written) < sizeof(written));
		REQUIRE(dupex_time_parse(&again, &read) && *again == '\0' && read == moment);
	}
	at = text;
	if (dupex_retention_parse(&at, &cell))
	{
		char		written[DUPEX_RETENTION_TEXT_SIZE];
		const char *again = written;
		DupexRetentionCell read;

		REQUIRE(dupex_retention_format(&cell, written) < sizeof(written));
		REQUIRE(dupex_retention_parse(&again, &read) && *again == '\0' && memcmp(&read, &cell, sizeof(cell)) == 0);
	}
	count = dupex_brackets_parse(text, brackets, &problem);
	REQUIRE(count > 0 || problem != NULL);
	for (int i = 0; i < count; i++)
	{
		REQUIRE(brackets[i].first >= 0 && (brackets[i].last >= brackets[i].first || (brackets[i].last == -1 && i == count - 1)));
		REQUIRE(i == 0 || brackets[i - 1].last < brackets[i].first);
	}
}

/*
 * People of a few periods each, counted as ranges and one by one.
 */
static void
try_counts(const uint8_t *data, size_t size)
{
	static const DupexBracket brackets[] = {{0, 0}, {2, 5}, {6, 6}, {9, 20}, {25, -1}};
	DupexCells	cells = {DUPEX_RETENTION_ON, MAX_CELLS, 0, NULL};
	DupexRetentionCell sums[MAX_CELLS + 1] = {{0, 0, 0}};
	DupexRetentionCell wanted[MAX_CELLS + 1] = {{0, 0, 0}};
	int64_t		total = 0;

	if (size < 1)
		return;
	if (data[0] % 4 == 3)
	{
		cells.bracket_count = sizeof(brackets) / sizeof(brackets[0]);
		cells.brackets = brackets;
	}
	else
		cells.mode = (DupexRetentionMode) (data[0] % 4);
	for (size_t i = 1; i + 1 < size; i += 2)
	{
		/* one person: active in two periods, so many of hers are over */
		int64_t		active[2] = {data[i] % 16, data[i] / 16};
		int32_t		observed = dupex_cells_observed(&cells, data[i + 1] % (MAX_CELLS + 8));
		int			hit[MAX_CELLS] = {0};

		REQUIRE(observed >= 0 && observed <= MAX_CELLS);
		total++;
		sums[observed].observed++;
		for (int k = 0; k < 2; k++)
		{
			int32_t		first;
			int32_t		last;

			if (dupex_cells_of_period(&cells, active[k], observed, &first, &last))
			{
				REQUIRE(first >= 0 && first <= last && last < observed);
				for (int32_t n = first; n <= last; n++)
				{
					if (!hit[n])
						dupex_retention_count(sums, observed, n, n);
					hit[n] = 1;
				}
			}
		}
		for (int32_t n = 0; n < observed; n++)
		{
			wanted[n].observed++;
			wanted[n].people += hit[n];
			wanted[n].before += n > 0 ? hit[n - 1] : 0;
		}
	}
	dupex_retention_sum(sums, MAX_CELLS);
	REQUIRE(memcmp(sums, wanted, MAX_CELLS * sizeof(DupexRetentionCell)) == 0);
	{
		uint32_t	count = 0;

		while (count < MAX_CELLS && sums[count].observed > 0)
			count++;
		REQUIRE(dupex_retention_is_valid(sums, count, total));
	}
}

static void
try_calendar(const uint8_t *data, size_t size)
{
	int64_t		at = 0;
	DupexZone	zone = {0};
	DupexPeriod period;

	if (size < sizeof(at) + 2)
		return;
	memcpy(&at, data, sizeof(at));
	if (!dupex_activity_is_time(at))
		return;
	period.unit = (DupexPeriodUnit) (data[8] % 6);
	period.is_rolling = data[8] >= 128;
	period.week_start = data[9] % 7 + 1;
	period.zone = &zone;
	for (int64_t step = 0; step < 3; step++)
	{
		int64_t		index = dupex_period_index(&period, at) + step;

		/* a period's first day lies in it, the day before does not */
		REQUIRE(dupex_period_of_day(period.unit, period.week_start, dupex_period_first_day(period.unit, period.week_start, index)) == index);
		REQUIRE(dupex_period_of_day(period.unit, period.week_start, dupex_period_first_day(period.unit, period.week_start, index) - 1) == index - 1);
	}
	{
		DupexClock	clock = dupex_clock_start(&period, at);

		REQUIRE(dupex_clock_number(&clock, at) == 0);
		REQUIRE(dupex_clock_number(&clock, at + INT64_C(86400000000) * 366) >= 1);
	}
}

/*
 * What the fuzzer calls.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text;

	if (size < 1)
		return 0;
	switch (data[0] % 4)
	{
		case 0:
			try_activity(data + 1, size - 1);
			break;
		case 1:
			text = malloc(size);
			memcpy(text, data + 1, size - 1);
			text[size - 1] = '\0';
			try_text(text);
			free(text);
			break;
		case 2:
			try_counts(data + 1, size - 1);
			break;
		default:
			try_calendar(data + 1, size - 1);
			break;
	}
	return 0;
}
