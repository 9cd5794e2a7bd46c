/*
 * unit_event_logs.c
 *		Writes random events into the logs that funnel_agg, retention_agg and journey_agg work on, and
 *		reads them again.
 *
 * What comes out is what went in, whatever room there was: a log that is full is copied into a
 * larger one, as the aggregates do. Runs under the sanitizers, in memory of exactly the size of the
 * log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journey/activity_log.h"
#include "journey/funnel_log.h"
#include "journey/journey_log.h"

#define MAX_EVENTS	400

static int	failures = 0;
static int	checks = 0;

static void
expect(int is_true, const char *what, int number)
{
	checks++;
	if (!is_true && failures++ < 20)
		printf("%s: case %d\n", what, number);
}

static uint64_t
dice(uint64_t sides)
{
	static uint64_t state = UINT64_C(88172645463325252);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % sides;
}

/*
 * A time of the years 1 to 9999, of some grain; near the one before, or anywhere.
 */
static int64_t
some_time(int64_t before)
{
	static const int64_t grains[] = {1, 1000, 1000000, INT64_C(60000000), INT64_C(86400000000)};
	int64_t		grain = grains[dice(5)];
	int64_t		at;

	if (dice(20) == 0)
		return dice(2) == 0 ? DUPEX_FIRST_TIME : DUPEX_END_TIME - 1;
	if (dice(3) == 0)
		at = DUPEX_FIRST_TIME + (int64_t) dice((uint64_t) (DUPEX_END_TIME - DUPEX_FIRST_TIME));
	else
		at = before + (int64_t) dice(2000) * grain - 1000 * grain;
	at -= at % grain;
	return at < DUPEX_FIRST_TIME ? DUPEX_FIRST_TIME : at >= DUPEX_END_TIME ? DUPEX_END_TIME - 1 : at;
}

static void
test_funnel(int number)
{
	DupexFunnelEvent events[MAX_EVENTS];
	DupexFunnelEvent read[MAX_EVENTS];
	size_t		room = dice(40);
	DupexFunnelLog *log = malloc(sizeof(*log) + room);
	uint32_t	count = 0;
	int64_t		at = 0;

	dupex_funnel_log_clear(log);
	for (size_t i = dice(MAX_EVENTS); i > 0; i--)
	{
		uint32_t	steps = dice(3) == 0 ? (uint32_t) dice(UINT64_C(1) << 32) : dice(8) == 0 ? 0 : UINT32_C(1) << dice(32);

		at = some_time(at);
		while (!dupex_funnel_log_add(log, room, at, steps))
		{
			room = room * 2 + 1;
			log = realloc(log, sizeof(*log) + room);
		}
		if (log->count > count)
		{
			events[count].at = at;
			events[count++].steps = steps;
		}
		else
			expect(count > 0 && events[count - 1].at == at && events[count - 1].steps == steps && (steps & (steps - 1)) == 0, "left out what makes no difference", number);
		if (dice(10) == 0)
			at = events[dice(count)].at;
	}
	expect(log->count == count && log->used <= room, "events of a funnel", number);
	dupex_funnel_log_read(log, read);
	for (uint32_t i = 0; i < count; i++)
		expect(read[i].at == events[i].at && read[i].steps == events[i].steps && read[i].group == 0, "event of a funnel", number);
	free(log);
}

static void
test_activity(int number)
{
	int64_t		times[MAX_EVENTS];
	int64_t		read[MAX_EVENTS];
	size_t		room = dice(40);
	DupexActivityLog *log = malloc(sizeof(*log) + room);
	uint32_t	count = 0;
	int64_t		at = 0;

	dupex_activity_log_clear(log);
	for (size_t i = dice(MAX_EVENTS); i > 0; i--)
	{
		if (count == 0 || dice(10) > 0)
			at = some_time(at);
		while (!dupex_activity_log_add(log, room, at))
		{
			room = room * 2 + 1;
			log = realloc(log, sizeof(*log) + room);
		}
		if (log->count > count)
			times[count++] = at;
	}
	expect(log->count == count && log->used <= room, "times", number);
	dupex_activity_log_read(log, read);
	for (uint32_t i = 0; i < count; i++)
		expect(read[i] == times[i] && (i == 0 || times[i] != times[i - 1]), "time", number);
	free(log);
}

/* a step as it went in */
typedef struct Given
{
	int64_t		at;
	DupexStepKind kind;
	DupexValue	value;
	char		name[DUPEX_NAME_BYTES];
	size_t		length;
} Given;

static Given
some_step(int64_t before, uint64_t names)
{
	Given		step = {.at = some_time(before),.kind = (DupexStepKind) dice(3)};
	uint64_t	name = dice(names);

	step.value.scale = (int) dice(DUPEX_VALUE_DECIMALS + 1);
	step.value.mantissa = (int64_t) dice((uint64_t) DUPEX_VALUE_LIMIT) * (dice(2) == 0 ? 1 : -1) / (dice(2) == 0 ? 1 : INT64_C(1000000000000));

	/*
	 * of the same length, different in one byte; the last ones as long as may
	 * be
	 */
	step.length = names > 20 && name > 10 ? DUPEX_NAME_BYTES : name % 5;
	memset(step.name, 'a', step.length);
	if (step.length > 0)
		step.name[name % step.length] = (char) ('a' + name / 5);
	return step;
}

static void
test_journey(int number)
{
	static Given given[MAX_EVENTS];
	size_t		room = dice(40);
	DupexJourneyLog *log = malloc(sizeof(*log) + room);
	uint32_t	count = (uint32_t) dice(MAX_EVENTS);
	uint64_t	names = number % 4 == 0 ? 100 : 1 + dice(20);
	DupexJourney *journey;

	dupex_journey_log_clear(log);
	for (uint32_t i = 0; i < count; i++)
	{
		given[i] = some_step(i > 0 ? given[i - 1].at : 0, names);
		while (!(given[i].kind == DUPEX_STEP_CONVERSION ? dupex_journey_log_add_value(log, room, given[i].at, given[i].value)
				 : dupex_journey_log_add_name(log, room, given[i].at, given[i].kind, given[i].name, given[i].length)))
		{
			room = room * 2 + 1;
			log = realloc(log, sizeof(*log) + room);
		}
	}
	expect(log->count == count && log->used <= room, "steps", number);
	journey = malloc(dupex_journey_size(count, dupex_journey_log_pool(log)));
	dupex_journey_init(journey, count, dupex_journey_log_pool(log));
	dupex_journey_log_read(log, journey);
	expect(journey->count == count && journey->used <= journey->room, "room for steps", number);
	for (uint32_t i = 0; i < count; i++)
	{
		const DupexStep *step = &dupex_journey_steps(journey)[i];
		size_t		length;
		const char *name;

		expect(step->at == given[i].at && step->kind == given[i].kind, "step", number);
		if (step->kind == DUPEX_STEP_CONVERSION)
		{
			expect(dupex_journey_value(journey, step).mantissa == given[i].value.mantissa && step->scale == given[i].value.scale, "value", number);
			continue;
		}
		name = dupex_journey_name(journey, step->where, &length);
		expect(length == given[i].length && memcmp(name, given[i].name, length) == 0, "name", number);
	}
	free(journey);
	free(log);
}

int
main(void)
{
	for (int number = 0; number < 2000; number++)
	{
		test_funnel(number);
		test_activity(number);
		test_journey(number);
	}
	printf("%d checks, %d failures\n", checks, failures);
	return failures != 0;
}
