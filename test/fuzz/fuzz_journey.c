/*
 * fuzz_journey.c
 *		Fuzzes what journeys read and compute: events as text, funnels of any events and questions.
 *
 * Arbitrary bytes must be read or refused, never crash; what is read is written back as it was. A
 * chain has its steps in order, within the window, the gaps and the steps that are there; attempts
 * come to an end, do not overlap, and stay within the space that was asked for. The first byte
 * chooses what the rest is taken for.
 */
#include <stdlib.h>
#include <string.h>

#include "journey/funnel.h"
#include "text/time_text.h"
#include "journey/quantile.h"

#define MAX_EVENTS	200

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_event(const uint8_t *data, size_t size)
{
	char	   *text = malloc(size + 1);
	const char *at = text;
	DupexFunnelEvent event;

	memcpy(text, data, size);
	text[size] = '\0';
	if (dupex_funnel_event_parse(&at, &event))
	{
		char		written[DUPEX_FUNNEL_EVENT_TEXT_SIZE];
		const char *again = written;
		DupexFunnelEvent read;

		REQUIRE(at <= text + size && dupex_funnel_is_time(event.at));
		REQUIRE(dupex_funnel_event_format(&event, written) < DUPEX_FUNNEL_EVENT_TEXT_SIZE);
		REQUIRE(dupex_funnel_event_parse(&again, &read) && *again == '\0');
		REQUIRE(read.at == event.at && read.steps == event.steps);
	}
	free(text);
}

/*
 * The next byte, 0 behind the end.
 */
static int
take(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	--*size;
	return *(*data)++;
}

static void
make_plan(const uint8_t **data, size_t *size, DupexFunnelPlan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->step_count = 1 + take(data, size) % DUPEX_FUNNEL_MAX_STEPS;
	plan->mode = (DupexFunnelMode) (take(data, size) % 5);
	plan->entry = (DupexFunnelEntry) (take(data, size) % 3);
	plan->within = take(data, size);
	for (int step = 0; step <= plan->step_count; step++)
	{
		int			gap = take(data, size);

		plan->max_gap[step] = gap % 4 == 1 ? gap / 4 : INT64_MAX;
		plan->min_gap[step] = gap % 4 == 2 ? gap / 16 : 0;
		if (gap % 4 == 3 && step > 1 && step < plan->step_count)
			plan->optional |= dupex_funnel_bit(step);
	}
	if (plan->step_count > 1)
		for (int i = take(data, size) % 4; i > 0; i--)
		{
			DupexFunnelExclusion *exclusion = &plan->exclusions[plan->exclusion_count++];

			exclusion->event = dupex_funnel_bit(1 + take(data, size) % DUPEX_FUNNEL_MAX_STEPS);
			exclusion->after = 1 + take(data, size) % (plan->step_count - 1);
			exclusion->before = exclusion->after + 1 + take(data, size) % (plan->step_count - exclusion->after);
		}
	dupex_funnel_plan(plan);
}

static void
check_chain(const DupexFunnelPlan *plan, const DupexFunnelEvent *events, uint32_t count, const DupexFunnelChain *chain)
{
	int64_t		last = chain->at[0];

	REQUIRE(chain->level >= 1 && chain->level <= plan->step_count);
	REQUIRE((chain->taken & 1) && (chain->taken & dupex_funnel_bit(chain->level)));
	for (int step = 1; step <= chain->level; step++)
	{
		bool		is_there = false;

		if (!(chain->taken & dupex_funnel_bit(step)))
		{
			REQUIRE(plan->optional & dupex_funnel_bit(step));
			continue;
		}
		for (uint32_t i = 0; i < count && !is_there; i++)
			is_there = events[i].at == chain->at[step - 1] && (events[i].steps & dupex_funnel_bit(step));
		REQUIRE(is_there && chain->at[step - 1] >= last);
		if (step > 1)
		{
			REQUIRE(chain->at[step - 1] - last >= plan->min_gap[step] && chain->at[step - 1] - last <= plan->max_gap[step]);
			REQUIRE(plan->mode != DUPEX_FUNNEL_STRICT_INCREASE || chain->at[step - 1] > last);
		}
		last = chain->at[step - 1];
	}
	REQUIRE(last - chain->at[0] <= plan->within);
}

static void
try_funnel(const uint8_t *data, size_t size)
{
	DupexFunnelPlan plan;
	DupexFunnelEvent events[MAX_EVENTS];
	DupexFunnelEvent *space = malloc(MAX_EVENTS * sizeof(DupexFunnelEvent));
	DupexFunnelChain chain;
	DupexFunnelRun *run;
	int64_t		end = -1;
	uint32_t	count = 0;
	uint32_t	attempts = 0;
	void	   *memory;

	make_plan(&data, &size, &plan);
	while (size > 0 && count < MAX_EVENTS)
	{
		int			kind = take(&data, &size);

		events[count].at = take(&data, &size);
		events[count].steps = kind % 8 == 0 ? 0 : dupex_funnel_bit(1 + kind % DUPEX_FUNNEL_MAX_STEPS);
		if (kind > 200)
			events[count].steps |= (uint32_t) take(&data, &size) << (kind % 25);
		events[count].group = (uint32_t) kind;
		count++;
	}
	count = dupex_funnel_sort(events, count, space);
	REQUIRE(dupex_funnel_is_sorted(events, count));
	memory = malloc(dupex_funnel_space(&plan, events, count));
	run = dupex_funnel_begin(&plan, events, count, memory);
	while (dupex_funnel_next(run, &chain))
	{
		check_chain(&plan, events, count, &chain);
		REQUIRE(chain.at[0] >= end && ++attempts <= count);
		end = chain.at[chain.level - 1];
	}
	free(memory);
	free(space);
}

static void
try_quantile(const uint8_t *data, size_t size)
{
	int64_t		values[MAX_EVENTS];
	size_t		count = size < MAX_EVENTS ? size : MAX_EVENTS;
	double		fraction;
	int64_t		quantile;
	size_t		below = 0;
	size_t		not_above = 0;

	if (count < 2)
		return;
	fraction = data[0] / 255.0;
	for (size_t i = 1; i < count; i++)
		values[i - 1] = data[i];
	quantile = dupex_quantile(values, count - 1, fraction);
	for (size_t i = 0; i < count - 1; i++)
	{
		below += values[i] < quantile;
		not_above += values[i] <= quantile;
	}

	/*
	 * as many values lie below and above as the fraction says, but for the
	 * one in between
	 */
	REQUIRE((double) below <= fraction * (double) (count - 2) + 1 && (double) not_above >= fraction * (double) (count - 2));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 4)
	{
		case 0:
			try_event(data + 1, size - 1);
			break;
		case 1:
			try_quantile(data + 1, size - 1);
			break;
		default:
			try_funnel(data + 1, size - 1);
	}
	return 0;
}
