/*
 * unit_funnel.c
 *		Tests funnels against an oracle that tries all chains, on 50,000 random histories a mode.
 *
 * The oracle knows nothing of dynamic programming: it makes every sequence of events that are
 * steps in order, checks each against the rules as they are written, one instant after the other,
 * and takes the best. Histories are short and full of equal times, steps in one event, foreign
 * events and duplicates; half of the questions have gaps, optional steps and exclusions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journey/funnel.h"

#define HISTORIES	50000
#define MAX_EVENTS	9
#define MAX_STEPS	6

static const char *const mode_names[] = {"default", "strict_order", "strict_dedup", "strict_increase", "strict_once"};

static const DupexFunnelPlan *plan;
static DupexFunnelEvent events[MAX_EVENTS];
static int	count;

/*
 * A chain in the making: the event of each of its steps.
 */
typedef struct Path
{
	int			length;
	int			step[MAX_STEPS];
	int			event[MAX_STEPS];
} Path;

static uint64_t state;

static int
dice(int sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (int) ((state >> 16) % (uint64_t) sides);
}

static int64_t
time_of(const Path *path, int i)
{
	return events[path->event[i]].at;
}

/*
 * Whether a chain may go on behind an instant that lies after its beginning.
 */
static bool
may_go_on(const Path *path, int64_t at)
{
	int			from = 0;
	int			to = 0;

	for (int i = 0; i < path->length; i++)
	{
		if (time_of(path, i) < at)
			from = path->step[i];
		if (time_of(path, i) <= at)
			to = path->step[i];
	}
	for (int e = 0; e < count; e++)
	{
		bool		is_expected = false;

		if (events[e].at != at)
			continue;
		if (plan->mode == DUPEX_FUNNEL_STRICT_ORDER)
		{
			/* steps up to the one reached, and those that may come next */
			for (int step = 1; step <= plan->step_count; step++)
			{
				bool		may_come = true;

				for (int between = to + 1; between < step; between++)
					may_come &= (plan->optional >> (between - 1)) & 1;
				is_expected |= may_come && ((events[e].steps >> (step - 1)) & 1);
			}
			if (!is_expected)
				return false;
		}
		if (plan->mode == DUPEX_FUNNEL_STRICT_DEDUP)
		{
			/*
			 * steps had already, and those that may come next if none of them
			 * was taken
			 */
			int			last = from;

			if (from == to)
				for (last = from + 1; last < plan->step_count && ((plan->optional >> (last - 1)) & 1);)
					last++;
			for (int step = 2; step <= last; step++)
				if ((events[e].steps >> (step - 1)) & 1)
					return false;
		}
		for (int i = 0; i < plan->exclusion_count; i++)
			if ((events[e].steps & plan->exclusions[i].event) && plan->exclusions[i].after <= from && to < plan->exclusions[i].before)
				return false;
	}
	return true;
}

/*
 * Whether an event can be the next step of a chain, apart from what lies between.
 */
static bool
can_follow(const Path *path, int event, int step)
{
	int64_t		at = events[event].at;
	int64_t		last;

	if (!((events[event].steps >> (step - 1)) & 1))
		return false;
	if (path->length == 0)
		return step == 1;
	if (step <= path->step[path->length - 1])
		return false;
	for (int between = path->step[path->length - 1] + 1; between < step; between++)
		if (!((plan->optional >> (between - 1)) & 1))
			return false;
	last = time_of(path, path->length - 1);
	if (at < last || at - time_of(path, 0) > plan->within || at - last < plan->min_gap[step] || at - last > plan->max_gap[step])
		return false;
	if (plan->mode == DUPEX_FUNNEL_STRICT_INCREASE && at == last)
		return false;
	if (plan->mode == DUPEX_FUNNEL_STRICT_ONCE)
		for (int i = 0; i < path->length; i++)
			if (path->event[i] == event)
				return false;
	return true;
}

/*
 * Whether the chain may go on behind every instant after its beginning and before a time.
 */
static bool
is_unbroken(const Path *path, int64_t before)
{
	for (int e = 0; e < count; e++)
		if (events[e].at > time_of(path, 0) && events[e].at < before && !may_go_on(path, events[e].at))
			return false;
	return true;
}

/*
 * Whether a chain is to be preferred: further, sooner there, begun later, then each step earlier,
 * from the last one back, and rather early than not taken.
 */
static bool
is_better(const Path *a, const Path *b)
{
	int			level;

	if (a->length == 0 || b->length == 0)
		return a->length > b->length;
	level = a->step[a->length - 1];
	if (level != b->step[b->length - 1])
		return level > b->step[b->length - 1];
	if (time_of(a, a->length - 1) != time_of(b, b->length - 1))
		return time_of(a, a->length - 1) < time_of(b, b->length - 1);
	if (time_of(a, 0) != time_of(b, 0))
		return time_of(a, 0) > time_of(b, 0);
	for (int step = level; step > 0; step--)
	{
		int64_t		at_a = INT64_MAX;
		int64_t		at_b = INT64_MAX;

		for (int i = 0; i < a->length; i++)
			if (a->step[i] == step)
				at_a = time_of(a, i);
		for (int i = 0; i < b->length; i++)
			if (b->step[i] == step)
				at_b = time_of(b, i);
		if (at_a != at_b)
			return at_a < at_b;
	}
	return false;
}

/*
 * What is asked of all chains.
 */
typedef struct Search
{
	int64_t		from;			/* events from here on */
	int64_t		start;			/* they begin here, or INT64_MIN: anywhere */
	Path		best;
	int64_t		open_before;	/* has_open: some chain with steps before this
								 * time could still go on at it */
	int64_t		open_at;		/* the same with steps up to and including
								 * this one */
	bool		has_open_before;
	bool		has_open_at;
	bool		has_step_at;	/* some chain takes a step at open_at */
} Search;

static bool
has_time_left(const Path *path, int64_t at)
{
	int			last = path->step[path->length - 1];

	if (at - time_of(path, 0) > plan->within)
		return false;
	for (int step = last + 1; step <= plan->step_count; step++)
	{
		if (at - time_of(path, path->length - 1) <= plan->max_gap[step])
			return true;
		if (!((plan->optional >> (step - 1)) & 1))
			break;
	}
	return false;
}

static void
try_all(Search *search, Path *path)
{
	for (int e = 0; e < count; e++)
		for (int step = 1; step <= plan->step_count; step++)
		{
			int64_t		at = events[e].at;

			if (at < search->from || !can_follow(path, e, step) ||
				(path->length == 0 && search->start != INT64_MIN && at != search->start))
				continue;
			path->step[path->length] = step;
			path->event[path->length] = e;
			path->length++;
			if (is_unbroken(path, at))
			{
				if (is_better(path, &search->best))
					search->best = *path;
				if (at == search->open_at)
					search->has_step_at = true;
				if (step < plan->step_count)
				{
					if (at < search->open_before && is_unbroken(path, search->open_before) && has_time_left(path, search->open_before))
						search->has_open_before = true;
					if (at <= search->open_at && is_unbroken(path, search->open_at + 1) && has_time_left(path, search->open_at))
						search->has_open_at = true;
				}
				try_all(search, path);
			}
			path->length--;
		}
}

static Search
search_from(int64_t from, int64_t start, int64_t open_at)
{
	Search		search = {.from = from,.start = start,.open_before = open_at,.open_at = open_at};
	Path		path = {.length = 0};

	try_all(&search, &path);
	return search;
}

/*
 * The next attempt on the events from a time on, and where it leaves the next one to begin. False
 * when there is none.
 */
static bool
oracle_next(int64_t *from, Path *chain)
{
	int64_t		start = INT64_MAX;
	Search		search;

	if (plan->entry != DUPEX_FUNNEL_BEST)
		for (int e = 0; e < count; e++)
			if (events[e].at >= *from && (events[e].steps & 1) && events[e].at < start)
				start = events[e].at;
	search = search_from(*from, plan->entry == DUPEX_FUNNEL_BEST ? INT64_MIN : start, INT64_MIN);
	*chain = search.best;
	if (chain->length == 0)
		return false;
	if (chain->step[chain->length - 1] == plan->step_count)
	{
		*from = time_of(chain, chain->length - 1) + 1;
		return true;
	}
	if (plan->entry == DUPEX_FUNNEL_BEST)
	{
		*from = INT64_MAX;
		return true;
	}
	for (int64_t at = start + 1;; at++)
	{
		int64_t		next = INT64_MAX;

		for (int e = 0; e < count; e++)
			if (events[e].at >= at && events[e].at < next)
				next = events[e].at;
		*from = next;
		if (next == INT64_MAX)
			return true;
		search = search_from(start, start, next);
		if (!search.has_open_before)
			return true;
		if (!search.has_open_at)
		{
			*from = search.has_step_at ? next + 1 : next;
			return true;
		}
		at = next;
	}
}

/*
 * Whether the chains are the same. With optional steps and gaps together it is enough that they
 * begin, end and get to the same: which optional steps such a chain takes is not laid down.
 */
static bool
is_same(const DupexFunnelChain *chain, const Path *path)
{
	uint32_t	taken = 0;

	if (chain->level != path->step[path->length - 1])
		return false;
	if (plan->optional != 0 && plan->has_gaps)
		return chain->at[0] == time_of(path, 0) && chain->at[chain->level - 1] == time_of(path, path->length - 1);
	for (int i = 0; i < path->length; i++)
	{
		taken |= dupex_funnel_bit(path->step[i]);
		if (chain->at[path->step[i] - 1] != time_of(path, i))
			return false;
	}
	return chain->taken == taken;
}

static void
print_case(const DupexFunnelChain *chain, const Path *path)
{
	printf("%s, entry %d, %d steps within %d, optional %x:", mode_names[plan->mode], (int) plan->entry, plan->step_count, (int) plan->within, plan->optional);
	for (int step = 2; step <= plan->step_count; step++)
		printf(" gap %d..%lld", (int) plan->min_gap[step], (long long) plan->max_gap[step]);
	for (int i = 0; i < plan->exclusion_count; i++)
		printf(" exclusion %x after %d before %d", plan->exclusions[i].event, plan->exclusions[i].after, plan->exclusions[i].before);
	printf("\n ");
	for (int e = 0; e < count; e++)
		printf(" %d@%d", (int) events[e].steps, (int) events[e].at);
	printf("\n  got level %d:", chain->level);
	for (int step = 1; step <= chain->level; step++)
		if (chain->taken & dupex_funnel_bit(step))
			printf(" %d@%d", step, (int) chain->at[step - 1]);
	printf(", wanted");
	for (int i = 0; i < path->length; i++)
		printf(" %d@%d", path->step[i], (int) time_of(path, i));
	printf("\n");
}

static int
try_history(DupexFunnelPlan *question)
{
	DupexFunnelEvent sorted[MAX_EVENTS];
	DupexFunnelEvent space[MAX_EVENTS];
	int			wrong = 0;

	uint32_t	kept;

	plan = question;
	memcpy(sorted, events, sizeof(events));
	kept = dupex_funnel_sort(sorted, (uint32_t) count, space);
	for (int entry = DUPEX_FUNNEL_FIRST; entry <= DUPEX_FUNNEL_EVERY && wrong == 0; entry++)
	{
		int64_t		from = 0;
		DupexFunnelChain chain = {0};
		Path		path = {0};
		DupexFunnelRun *run;
		void	   *memory;
		bool		has_attempt;

		question->entry = (DupexFunnelEntry) entry;
		dupex_funnel_plan(question);
		memory = malloc(dupex_funnel_space(question, sorted, kept));
		run = dupex_funnel_begin(question, sorted, kept, memory);
		for (int attempt = 0; wrong == 0; attempt++)
		{
			has_attempt = (attempt == 0 || entry != DUPEX_FUNNEL_FIRST) && oracle_next(&from, &path);
			if (dupex_funnel_next(run, &chain) != has_attempt || (has_attempt && !is_same(&chain, &path)))
			{
				if (!has_attempt)
					path.length = 0;
				print_case(&chain, &path);
				wrong = 1;
			}
			if (!has_attempt)
				break;
		}
		free(memory);
	}
	return wrong;
}

static void
make_question(DupexFunnelPlan *question, int mode, bool has_rules)
{
	memset(question, 0, sizeof(*question));
	question->step_count = 1 + dice(has_rules ? 5 : 4);
	question->mode = (DupexFunnelMode) mode;
	question->within = dice(12);
	for (int step = 0; step <= question->step_count; step++)
	{
		question->max_gap[step] = has_rules && dice(3) == 0 ? dice(7) : INT64_MAX;
		question->min_gap[step] = has_rules && dice(4) == 0 ? dice(3) : 0;
		if (has_rules && step > 1 && step < question->step_count && dice(3) == 0)
			question->optional |= dupex_funnel_bit(step);
	}
	if (has_rules)
		for (int i = dice(3); i > 0 && question->step_count > 1; i--)
		{
			DupexFunnelExclusion *exclusion = &question->exclusions[question->exclusion_count++];

			exclusion->event = dupex_funnel_bit(question->step_count + dice(2));
			exclusion->after = 1 + dice(question->step_count - 1);
			exclusion->before = exclusion->after + 1 + dice(question->step_count - exclusion->after);
		}
}

static void
make_history(const DupexFunnelPlan *question)
{
	int			span = 1 + dice(12);

	count = dice(MAX_EVENTS + 1);
	memset(events, 0, sizeof(events));
	for (int e = 0; e < count; e++)
	{
		events[e].at = dice(span);
		if (dice(7) > 0)
			events[e].steps = dupex_funnel_bit(1 + dice(question->step_count + (dice(3) == 0)));
		if (dice(4) == 0)
			events[e].steps |= dupex_funnel_bit(1 + dice(question->step_count));
		if (e > 0 && dice(12) == 0)
			events[e] = events[e - 1];
	}
}

int
main(void)
{
	int			wrong = 0;

	state = UINT64_C(88172645463325252);
	for (int mode = DUPEX_FUNNEL_DEFAULT; mode <= DUPEX_FUNNEL_STRICT_ONCE; mode++)
	{
		int			wrong_before = wrong;
		long		levels = 0;

		for (int i = 0; i < HISTORIES && wrong < 5; i++)
		{
			DupexFunnelPlan question;

			make_question(&question, mode, i % 2 == 1);
			make_history(&question);
			wrong += try_history(&question);
			levels += question.step_count;
		}
		printf("funnel, %-16s %d random histories, each with three entries: %s\n", mode_names[mode], HISTORIES,
			   wrong == wrong_before && levels > HISTORIES ? "no difference" : "WRONG");
	}
	return wrong > 0;
}
