/*
 * funnel_events.c
 *		The events of a person in order, without those that can make no difference, and as text.
 *
 * The order is that of time, and at the same instant that of the steps as a number. So there is one
 * form for the same events, in whatever order they came.
 */
#include "journey/funnel.h"

#include <stdio.h>
#include <string.h>

#include "text/time_text.h"

static inline int
compare_events(const DupexFunnelEvent *a, const DupexFunnelEvent *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->steps < b->steps ? -1 : a->steps > b->steps;
}

/*
 * Leaves out events that can make no difference: of those of one instant and the same steps as
 * many are of use as they have steps, and of foreign ones a single one. The group of those that
 * stay is the smallest ones.
 */
static uint32_t
leave_out(DupexFunnelEvent *events, uint32_t count)
{
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < count;)
	{
		int			useful = events[i].steps == 0 ? 1 : __builtin_popcount(events[i].steps);
		uint32_t	first = kept;
		DupexFunnelEvent event = events[i];

		for (; i < count && compare_events(&events[i], &event) == 0; i++)
		{
			if (kept - first < (uint32_t) useful)
				events[kept++] = events[i];
			if (events[i].group < events[first].group)
				events[first].group = events[i].group;
		}
	}
	return kept;
}

/*
 * Brings events into their order (time, steps) and leaves out those that can make no difference.
 * space has room for as many; NULL will do for up to DUPEX_FUNNEL_SORT_ALONE. Returns how many are left. A merge sort, because it takes the same
 * time for every order, and less for one that is nearly there.
 */
uint32_t
dupex_funnel_sort(DupexFunnelEvent *events, uint32_t count, DupexFunnelEvent *space)
{
	const uint32_t run_length = DUPEX_FUNNEL_SORT_ALONE;
	DupexFunnelEvent *from = events;
	DupexFunnelEvent *into = space;

	for (uint32_t begin = 0; begin < count; begin += run_length)
	{
		uint32_t	end = count - begin < run_length ? count : begin + run_length;

		for (uint32_t i = begin + 1; i < end; i++)
		{
			DupexFunnelEvent event = events[i];
			uint32_t	j = i;

			for (; j > begin && compare_events(&events[j - 1], &event) > 0; j--)
				events[j] = events[j - 1];
			events[j] = event;
		}
		if (count - begin <= run_length)
			break;
	}
	for (uint64_t width = run_length; width < count; width *= 2)
	{
		DupexFunnelEvent *swap = from;

		for (uint64_t begin = 0; begin < count; begin += 2 * width)
		{
			uint64_t	middle = begin + width < count ? begin + width : count;
			uint64_t	end = begin + 2 * width < count ? begin + 2 * width : count;
			uint64_t	left = begin;
			uint64_t	right = middle;

			if (middle == end || compare_events(&from[middle - 1], &from[middle]) <= 0)
			{
				memcpy(into + begin, from + begin, (end - begin) * sizeof(*from));
				continue;
			}
			for (uint64_t i = begin; i < end; i++)
				into[i] = right == end || (left < middle && compare_events(&from[left], &from[right]) <= 0) ? from[left++] : from[right++];
		}
		from = into;
		into = swap;
	}
	if (from != events)
		memcpy(events, from, count * sizeof(*events));
	return leave_out(events, count);
}

/*
 * Whether dupex_funnel_sort() would leave events as they are.
 */
bool
dupex_funnel_is_sorted(const DupexFunnelEvent *events, uint32_t count)
{
	uint32_t	same = 1;

	for (uint32_t i = 1; i < count; i++)
	{
		int			order = compare_events(&events[i - 1], &events[i]);

		same = order == 0 ? same + 1 : 1;
		if (order > 0 || same > (events[i].steps == 0 ? 1 : (uint32_t) __builtin_popcount(events[i].steps)))
			return false;
	}
	return true;
}

/*
 * Whether a time can be that of an event: a year from 1 to 9999.
 */
bool
dupex_funnel_is_time(int64_t at)
{
	return at >= DUPEX_FIRST_TIME && at < DUPEX_END_TIME;
}

/*
 * Writes an event as 2026-01-31T10:15:00Z 3, the steps as a number. Returns the length; text has
 * room for DUPEX_FUNNEL_EVENT_TEXT_SIZE.
 */
size_t
dupex_funnel_event_format(const DupexFunnelEvent *event, char *text)
{
	size_t		length = dupex_time_format(event->at, text);

	return length + (size_t) snprintf(text + length, DUPEX_FUNNEL_EVENT_TEXT_SIZE - length, " %u", (unsigned) event->steps);
}

/*
 * Reads an event as dupex_funnel_event_format() writes it and moves *text behind it. False when
 * there is none.
 */
bool
dupex_funnel_event_parse(const char **text, DupexFunnelEvent *event)
{
	uint64_t	steps = 0;
	const char *first;

	if (!dupex_time_parse(text, &event->at) || *(*text)++ != ' ')
		return false;
	for (first = *text; **text >= '0' && **text <= '9' && steps <= UINT32_MAX; ++*text)
		steps = steps * 10 + (uint64_t) (**text - '0');
	if (*text == first || steps > UINT32_MAX)
		return false;
	event->steps = (uint32_t) steps;
	event->group = 0;
	return dupex_funnel_is_time(event->at);
}
