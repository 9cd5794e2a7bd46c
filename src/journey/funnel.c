/*
 * funnel.c
 *		The chain of steps that gets furthest, in one pass over the events of a person.
 *
 * A chain is a sequence of events that are step 1, 2, 3 ... (optional steps may be left out), none
 * before the one in front of it, the last at most "within" after the first, each within the gaps
 * of its step. For each step the pass remembers the chain that began last among those that have
 * come so far: it has the most time left, so it is as good as any other (the greedy rule of
 * windowFunnel). With gaps, what counts is also when the last step was taken: then it remembers
 * one chain for each event of a step and takes the best of those that are neither too old nor too
 * young, which is the maximum over a sliding window (D. Knuth's deque of maxima): still linear.
 *
 * Events of the same instant have no order. They are taken as a unit: a chain may take from it as
 * many steps as it finds, and it is broken by an event of the unit only when it would be broken in
 * every order. So an instant at which a chain begins never breaks it, nor one at which it ends.
 *
 * What breaks a chain that has got to step s, at an instant in between: in mode strict_order an
 * event that is none of the steps 1 to s nor one that may come next; in mode strict_dedup one of
 * the steps 2 to s, and one that may come next but is not taken (were it left out, the same step
 * would come twice); an exclusion between a step up to s and one after s. It goes no further then;
 * later events may begin another.
 *
 * Of the chains that get furthest the result is the one that is the first to get there; of these
 * the one that begins last; of these each step as early as possible, the last ones counting most.
 */
#include "journey/funnel.h"

#include <string.h>

#define NOBODY	UINT32_MAX
#define NEVER	INT64_MIN
#define FOREIGN	(DUPEX_FUNNEL_MAX_STEPS + 1)

/* so many instants are gone through between two pauses; one at which events are matched is one by itself */
#define PAUSE_AFTER	1024

/*
 * The steps that a chain has taken at an instant, and the instant before at which it took some.
 */
typedef struct Node
{
	uint32_t	unit;			/* the first event of the instant */
	uint32_t	taken;
	uint32_t	before;			/* a node, or NOBODY */
} Node;

/*
 * A chain that may go on: when it began and its last node.
 */
typedef struct Open
{
	int64_t		start;
	int64_t		at;				/* of its last step */
	uint32_t	node;
} Open;

/*
 * A way from a step to a later one, where there are gaps: the open chains that are old enough and
 * may still be the best, those that began last first.
 */
typedef struct Way
{
	uint32_t   *queue;			/* numbers of open chains */
	uint32_t	head;
	uint32_t	tail;
	uint32_t	next;			/* the first that was too young */
} Way;

/*
 * The chains that have got to a step and no further. Without gaps only the best one.
 */
typedef struct Level
{
	Open	   *open;
	uint32_t	count;
	Way		   *ways;			/* to the next step, the one after it, ... */
} Level;

/*
 * A chain that takes a step at the instant in hand, having got to "from" before it.
 */
typedef struct Arrival
{
	int			from;
	int			step;
	int64_t		start;
	uint32_t	node;
} Arrival;

/*
 * The instant in hand.
 */
typedef struct Unit
{
	uint32_t	begin;
	uint32_t	end;
	int64_t		at;
	uint32_t	steps;			/* of all its events */
	int			deepest;		/* the largest first step of an event */
} Unit;

struct DupexFunnelRun
{
	const DupexFunnelPlan *plan;
	const DupexFunnelEvent *events;
	uint32_t	count;
	uint32_t	next;			/* event of the next attempt */
	uint32_t	until_pause;	/* instants */
	bool		is_done;
	Node	   *nodes;
	uint32_t	node_count;
	Level		levels[DUPEX_FUNNEL_MAX_STEPS + 1];
	Open		best[DUPEX_FUNNEL_MAX_STEPS + 1];	/* without gaps */
	int			reached;		/* no level above it is in use */
	bool		has_begun;
	int64_t		begun_at;		/* with entry first and every */
	/* the furthest chain of the unit in hand */
	int			new_level;
	int64_t		new_start;
	uint32_t	new_taken;
	uint32_t	new_before;
};

typedef struct DupexFunnelRun Run;

/*
 * Which of the events of an instant is which step, where each is one step only.
 */
typedef struct Matching
{
	const Run  *run;
	const Unit *unit;
	uint32_t	rows[DUPEX_FUNNEL_MAX_STEPS][DUPEX_FUNNEL_MAX_STEPS];	/* that are a step */
	int			row_count[DUPEX_FUNNEL_MAX_STEPS];
	uint32_t	row_of[DUPEX_FUNNEL_MAX_STEPS]; /* of each step, or NOBODY */
	bool		is_ready;
} Matching;

/*
 * Completes a plan.
 */
void
dupex_funnel_plan(DupexFunnelPlan *plan)
{
	plan->all_steps = dupex_funnel_bits(1, plan->step_count);
	plan->has_gaps = false;
	for (int step = 2; step <= plan->step_count; step++)
		plan->has_gaps |= plan->min_gap[step] > 0 || plan->max_gap[step] != INT64_MAX;
	plan->has_breaks = plan->mode == DUPEX_FUNNEL_STRICT_ORDER || plan->mode == DUPEX_FUNNEL_STRICT_DEDUP || plan->exclusion_count > 0;
	for (int step = 0; step <= plan->step_count; step++)
	{
		plan->required_after[step] = step + 1;
		while (plan->required_after[step] <= plan->step_count && (plan->optional & dupex_funnel_bit(plan->required_after[step])))
			plan->required_after[step]++;
	}
}

/*
 * Whether two times are at most a span apart; later is not before earlier.
 */
static inline bool
is_within(int64_t earlier, int64_t later, int64_t span)
{
	return (uint64_t) later - (uint64_t) earlier <= (uint64_t) span;
}

/*
 * How many events are each step, if there are gaps; returns how many steps there are in all.
 */
static size_t
count_steps(const DupexFunnelPlan *plan, const DupexFunnelEvent *events, uint32_t count, size_t *of_step)
{
	size_t		all = 0;

	for (uint32_t i = 0; i < count; i++)
		all += (size_t) __builtin_popcount(events[i].steps & plan->all_steps);
	if (plan->has_gaps)
		for (uint32_t i = 0; i < count; i++)
			for (uint32_t steps = events[i].steps & plan->all_steps; steps != 0; steps &= steps - 1)
				of_step[__builtin_ctz(steps) + 1]++;
	return all;
}

/*
 * Bytes for a run over the events.
 */
size_t
dupex_funnel_space(const DupexFunnelPlan *plan, const DupexFunnelEvent *events, uint32_t count)
{
	size_t		of_step[DUPEX_FUNNEL_MAX_STEPS + 1] = {0};
	size_t		nodes = count_steps(plan, events, count, of_step);
	size_t		size = sizeof(Run) + (nodes + nodes % 2) * sizeof(Node);

	if (plan->has_gaps)
		for (int step = 1; step < plan->step_count; step++)
		{
			size_t		ways = (size_t) (plan->required_after[step] - step);

			size += of_step[step] * sizeof(Open) + ways * sizeof(Way) + ways * (of_step[step] + of_step[step] % 2) * sizeof(uint32_t);
		}
	return size;
}

/*
 * Makes a run over events, which are sorted, in space of dupex_funnel_space() bytes, aligned as for
 * an int64_t. Plan and events must stay where they are.
 */
DupexFunnelRun *
dupex_funnel_begin(const DupexFunnelPlan *plan, const DupexFunnelEvent *events, uint32_t count, void *space)
{
	Run		   *run = space;
	size_t		of_step[DUPEX_FUNNEL_MAX_STEPS + 1] = {0};
	char	   *at = (char *) space + sizeof(Run);

	run->plan = plan;
	run->events = events;
	run->count = count;
	run->next = 0;
	run->until_pause = PAUSE_AFTER;
	run->is_done = false;
	run->nodes = (Node *) at;
	if (plan->has_gaps)
	{
		size_t		nodes = count_steps(plan, events, count, of_step);

		at += (nodes + nodes % 2) * sizeof(Node);
		for (int step = 1; step < plan->step_count; step++)
		{
			Level	   *level = &run->levels[step];
			int			ways = plan->required_after[step] - step;

			level->open = (Open *) at;
			at += of_step[step] * sizeof(Open);
			level->ways = (Way *) at;
			at += (size_t) ways * sizeof(Way);
			for (int i = 0; i < ways; i++)
			{
				level->ways[i].queue = (uint32_t *) at;
				at += (of_step[step] + of_step[step] % 2) * sizeof(uint32_t);
			}
		}
	}
	return run;
}

/*
 * Whether a chain that had got to step "from" before the instant and is at "level" after it may go
 * on.
 */
static bool
survives(const DupexFunnelPlan *plan, const Unit *unit, int from, int level)
{
	if (from == 0)
		return true;
	if (plan->mode == DUPEX_FUNNEL_STRICT_ORDER && unit->deepest > plan->required_after[level])
		return false;
	if (plan->mode == DUPEX_FUNNEL_STRICT_DEDUP &&
		(unit->steps & dupex_funnel_bits(2, level == from ? plan->required_after[from] : from)))
		return false;
	for (int i = 0; i < plan->exclusion_count; i++)
	{
		const DupexFunnelExclusion *exclusion = &plan->exclusions[i];

		if ((unit->steps & exclusion->event) && exclusion->after <= from && level < exclusion->before)
			return false;
	}
	return true;
}

/*
 * With gaps: the best chain that may go from a level to a step now. NULL when there is none.
 */
static const Open *
best_of_way(const DupexFunnelPlan *plan, Level *level, Way *way, int step, int64_t at)
{
	while (way->next < level->count && !(plan->min_gap[step] > 0 && is_within(level->open[way->next].at, at, plan->min_gap[step] - 1)))
	{
		while (way->tail > way->head && level->open[way->queue[way->tail - 1]].start < level->open[way->next].start)
			way->tail--;
		way->queue[way->tail++] = way->next++;
	}
	while (way->head < way->tail && !is_within(level->open[way->queue[way->head]].at, at, plan->max_gap[step]))
		way->head++;
	return way->head < way->tail ? &level->open[way->queue[way->head]] : NULL;
}

/*
 * The chain with which a step can be taken from a level; NULL when there is none.
 */
static inline const Open *
best_open(Run *run, int from, int step, int64_t at)
{
	const DupexFunnelPlan *plan = run->plan;
	const Open *open;

	if (from > run->reached)
		return NULL;
	if (plan->has_gaps)
		open = best_of_way(plan, &run->levels[from], &run->levels[from].ways[step - from - 1], step, at);
	else
		open = run->best[from].start != NEVER ? &run->best[from] : NULL;
	return open && is_within(open->start, at, plan->within) ? open : NULL;
}

static inline int
add_arrival(Run *run, const Unit *unit, int from, int step, Arrival *arrivals, int count)
{
	const Open *open = best_open(run, from, step, unit->at);

	if (open == NULL)
		return count;
	arrivals[count].from = from;
	arrivals[count].step = step;
	arrivals[count].start = open->start;
	arrivals[count].node = open->node;
	return count + 1;
}

/*
 * All ways into the unit, from the highest level first, and from each to the next step first:
 * among equals the first one counts. Returns how many.
 */
static int
find_arrivals(Run *run, const Unit *unit, Arrival *arrivals)
{
	const DupexFunnelPlan *plan = run->plan;
	uint32_t	later = unit->steps & plan->all_steps & ~UINT32_C(1);
	int			count = 0;

	if (plan->optional == 0)
		while (later != 0)
		{
			int			step = DUPEX_FUNNEL_MAX_STEPS - __builtin_clz(later);

			later &= ~dupex_funnel_bit(step);
			count = add_arrival(run, unit, step - 1, step, arrivals, count);
		}
	else if (later != 0)
		for (int from = run->reached; from > 0; from--)
			for (int step = from + 1; step <= plan->required_after[from]; step++)
				if (later & dupex_funnel_bit(step))
					count = add_arrival(run, unit, from, step, arrivals, count);
	if ((unit->steps & 1) && !(run->has_begun && plan->entry != DUPEX_FUNNEL_BEST))
	{
		Arrival		first = {0, 1, unit->at, NOBODY};

		arrivals[count++] = first;
		run->has_begun = true;
		run->begun_at = unit->at;
	}
	return count;
}

/*
 * No chain is at the level any more.
 */
static void
clear_level(Run *run, int step)
{
	Level	   *level = &run->levels[step];

	run->best[step].start = NEVER;
	if (run->plan->has_gaps)
		for (int i = 0; i < run->plan->required_after[step] - step; i++)
		{
			level->ways[i].head = level->ways[i].tail = 0;
			level->ways[i].next = level->count;
		}
}

/*
 * Remembers a chain that has got to a step at the unit, unless one as good is known.
 */
static void
keep_open(Run *run, const Unit *unit, int step, const Arrival *arrival, uint32_t taken)
{
	Open	   *open = &run->best[step];
	Node	   *node;

	if (run->plan->has_gaps)
	{
		Level	   *level = &run->levels[step];

		open = &level->open[level->count];
		if (level->count > 0 && open[-1].at == unit->at)
			open--;
		else
		{
			level->count++;
			open->start = NEVER;
		}
	}
	if (open->start >= arrival->start)
		return;
	if (open->start == NEVER || open->at != unit->at)
		open->node = run->node_count++;
	node = &run->nodes[open->node];
	node->unit = unit->begin;
	node->taken = taken;
	node->before = arrival->node;
	open->start = arrival->start;
	open->at = unit->at;
	if (step > run->reached)
		run->reached = step;
}

/*
 * Lets the caller look whether to go on, after the work of so many instants.
 */
static inline void
pause_now_and_then(Run *run, uint32_t instants)
{
	if (run->until_pause > instants)
	{
		run->until_pause -= instants;
		return;
	}
	run->until_pause = PAUSE_AFTER;
	if (run->plan->pause)
		run->plan->pause();
}

/*
 * Finds which events of the unit are which steps, at most as many for each as there are steps:
 * with more, one is always free.
 */
static void
prepare_matching(Matching *matching, const Run *run, const Unit *unit)
{
	matching->run = run;
	matching->unit = unit;
	memset(matching->row_count, 0, sizeof(matching->row_count));
	memset(matching->row_of, 0, sizeof(matching->row_of));
	for (uint32_t i = unit->begin; i < unit->end; i++)
		for (uint32_t steps = run->events[i].steps & run->plan->all_steps; steps != 0; steps &= steps - 1)
		{
			int			step = __builtin_ctz(steps);

			if (matching->row_count[step] < run->plan->step_count)
				matching->rows[step][matching->row_count[step]++] = i;
		}
	matching->is_ready = true;
}

/*
 * Finds an event for one more step, moving others (an augmenting path; H. Kuhn, The Hungarian
 * method, 1955). tried: steps that were moved on this path already.
 */
/* NOLINTBEGIN(clang-analyzer-*): steps are numbered from 0 here, and a row is one of those that were found */
static bool
add_to_matching(Matching *matching, int step, uint32_t matched, uint32_t *tried)
{
	*tried |= UINT32_C(1) << step;
	for (int i = 0; i < matching->row_count[step]; i++)
	{
		uint32_t	row = matching->rows[step][i];
		int			holder = -1;

		for (uint32_t steps = matched; steps != 0 && holder < 0; steps &= steps - 1)
			if (matching->row_of[__builtin_ctz(steps)] == row)
				holder = __builtin_ctz(steps);
		if (holder >= 0 &&
			((*tried & UINT32_C(1) << holder) || !add_to_matching(matching, holder, matched, tried)))
			continue;
		matching->row_of[step] = row;
		return true;
	}
	return false;
}

/* NOLINTEND(clang-analyzer-*) */

/*
 * Whether the step can be taken too, with an event of its own. Optional steps taken before give
 * way to it, the first ones first.
 */
static bool
take_once(Matching *matching, const Arrival *arrival, uint32_t *taken, int step)
{
	uint32_t	needed = (*taken & (~matching->run->plan->optional | dupex_funnel_bit(arrival->step))) | dupex_funnel_bit(step);
	uint32_t	spare = *taken & ~needed;
	uint32_t	rows_before[DUPEX_FUNNEL_MAX_STEPS];
	uint32_t	matched = 0;
	uint32_t	tried = 0;

	if (add_to_matching(matching, step - 1, *taken, &tried))
	{
		*taken |= dupex_funnel_bit(step);
		return true;
	}
	if (spare == 0)
		return false;
	memcpy(rows_before, matching->row_of, sizeof(rows_before));
	for (uint32_t steps = needed; steps != 0; steps &= steps - 1)
	{
		tried = 0;
		if (!add_to_matching(matching, __builtin_ctz(steps), matched, &tried))
		{
			memcpy(matching->row_of, rows_before, sizeof(rows_before));
			return false;
		}
		matched |= steps & (~steps + 1);
	}
	while (spare != 0)
	{
		int			last = DUPEX_FUNNEL_MAX_STEPS - 1 - __builtin_clz(spare);

		spare &= ~(UINT32_C(1) << last);
		tried = 0;
		if (add_to_matching(matching, last, matched, &tried))
			matched |= UINT32_C(1) << last;
	}
	*taken = matched;
	return true;
}

/*
 * A chain has got to a level at the unit.
 */
static inline void
got_to(Run *run, const Unit *unit, const Arrival *arrival, int level, uint32_t taken)
{
	if (level > run->new_level || (level == run->new_level && arrival->start > run->new_start))
	{
		run->new_level = level;
		run->new_start = arrival->start;
		run->new_taken = taken;
		run->new_before = arrival->node;
	}
	if (level < run->plan->step_count && (!run->plan->has_breaks || survives(run->plan, unit, arrival->from, level)))
		keep_open(run, unit, level, arrival, taken);
}

/*
 * Takes as many steps of the unit as a chain can.
 */
static void
take_steps(Run *run, const Unit *unit, const Arrival *arrival, Matching *matching)
{
	const DupexFunnelPlan *plan = run->plan;
	uint32_t	taken = dupex_funnel_bit(arrival->step);

	got_to(run, unit, arrival, arrival->step, taken);
	if (arrival->step == plan->step_count || plan->mode == DUPEX_FUNNEL_STRICT_INCREASE ||
		(unit->steps & plan->all_steps) >> arrival->step == 0)
		return;
	if (plan->mode == DUPEX_FUNNEL_STRICT_ONCE)
	{
		uint32_t	tried = 0;

		if (unit->end - unit->begin == 1)
			return;
		if (!matching->is_ready)
		{
			prepare_matching(matching, run, unit);
			pause_now_and_then(run, PAUSE_AFTER);
		}
		(void) add_to_matching(matching, arrival->step - 1, 0, &tried);
	}
	for (int step = arrival->step + 1; step <= plan->step_count; step++)
	{
		bool		is_taken = (unit->steps & dupex_funnel_bit(step)) && plan->min_gap[step] <= 0;

		if (is_taken && plan->mode == DUPEX_FUNNEL_STRICT_ONCE)
			is_taken = take_once(matching, arrival, &taken, step);
		else if (is_taken)
			taken |= dupex_funnel_bit(step);
		if (is_taken)
			got_to(run, unit, arrival, step, taken);
		else if (!(plan->optional & dupex_funnel_bit(step)))
			return;
	}
}

/*
 * The result, from the best chain of the unit.
 */
static void
write_chain(const Run *run, const Unit *unit, DupexFunnelChain *chain)
{
	uint32_t	begin = unit->begin;
	uint32_t	taken = run->new_taken;
	uint32_t	before = run->new_before;

	chain->level = run->new_level;
	chain->taken = 0;
	for (;;)
	{
		chain->taken |= taken;
		for (uint32_t steps = taken; steps != 0; steps &= steps - 1)
			chain->at[__builtin_ctz(steps)] = run->events[begin].at;
		if (before == NOBODY)
			break;
		begin = run->nodes[before].unit;
		taken = run->nodes[before].taken;
		before = run->nodes[before].before;
	}
	/* events of one instant have no order, so that of the smallest group */
	chain->group = UINT32_MAX;
	for (uint32_t i = begin; i < unit->end && run->events[i].at == run->events[begin].at; i++)
		if ((run->events[i].steps & 1) && run->events[i].group < chain->group)
			chain->group = run->events[i].group;
}

/*
 * Whether no chain can go on at a time or later, with gaps.
 */
static bool
is_over(const Run *run, int64_t at)
{
	const DupexFunnelPlan *plan = run->plan;

	if (!is_within(run->begun_at, at, plan->within))
		return true;
	for (int step = 1; step <= run->reached && step < plan->step_count; step++)
	{
		const Level *level = &run->levels[step];

		if (!plan->has_gaps && run->best[step].start != NEVER)
			return false;
		if (!plan->has_gaps || level->count == 0)
			continue;
		for (int i = 0; i < plan->required_after[step] - step; i++)
			if ((level->ways[i].next < level->count || level->ways[i].head < level->ways[i].tail) &&
				is_within(level->open[level->count - 1].at, at, plan->max_gap[step + 1 + i]))
				return false;
	}
	return true;
}

/*
 * Reads the events of an instant.
 */
static inline void
read_unit(const DupexFunnelPlan *plan, const DupexFunnelEvent *events, uint32_t begin, uint32_t count, Unit *unit)
{
	uint32_t	i = begin;

	unit->begin = begin;
	unit->at = events[begin].at;
	unit->steps = 0;
	unit->deepest = 0;
	do
	{
		unit->steps |= events[i].steps;
		if (plan->mode == DUPEX_FUNNEL_STRICT_ORDER)
		{
			uint32_t	steps = events[i].steps & plan->all_steps;
			int			first = steps == 0 ? FOREIGN : __builtin_ctz(steps) + 1;

			if (first > unit->deepest)
				unit->deepest = first;
		}
		i++;
	} while (i < count && events[i].at == unit->at);
	unit->end = i;
}

/*
 * Takes the unit into account; true when it has brought a chain further.
 */
static bool
do_unit(Run *run, const Unit *unit, DupexFunnelChain *chain)
{
	Arrival		arrivals[DUPEX_FUNNEL_MAX_STEPS * (DUPEX_FUNNEL_MAX_STEPS + 1) / 2 + 1];
	int			count = find_arrivals(run, unit, arrivals);
	Matching	matching;

	matching.is_ready = false;
	if (run->plan->has_breaks)
		for (int step = 1; step <= run->reached && step < run->plan->step_count; step++)
			if (!survives(run->plan, unit, step, step))
				clear_level(run, step);
	run->new_level = 0;
	run->new_start = NEVER;
	for (int i = 0; i < count; i++)
		take_steps(run, unit, &arrivals[i], &matching);
	if (run->new_level > chain->level)
		write_chain(run, unit, chain);
	return count > 0;
}

/*
 * Forgets all chains.
 */
static void
begin_attempt(Run *run, DupexFunnelChain *chain)
{
	run->node_count = 0;
	run->reached = 0;
	run->has_begun = false;
	run->begun_at = 0;
	for (int step = 0; step <= run->plan->step_count; step++)
		run->best[step].start = NEVER;
	if (run->plan->has_gaps)
		for (int step = 1; step < run->plan->step_count; step++)
		{
			run->levels[step].count = 0;
			clear_level(run, step);
		}
	chain->level = 0;
	chain->taken = 0;
	chain->group = UINT32_MAX;
}

/*
 * The next attempt: the chain that gets furthest among the events that the attempts before have
 * left. False when there is none. With entry first there is one attempt, with every the next one
 * begins where one has ended; with best it begins behind a chain that went through all steps.
 */
bool
dupex_funnel_next(DupexFunnelRun *run, DupexFunnelChain *chain)
{
	const DupexFunnelPlan *plan = run->plan;
	const bool	may_end = plan->entry != DUPEX_FUNNEL_BEST;
	bool		has_ended = false;
	Unit		unit;

	if (run->is_done)
		return false;
	begin_attempt(run, chain);
	while (!has_ended && run->next < run->count)
	{
		bool		has_advanced = true;

		pause_now_and_then(run, 1);
		read_unit(plan, run->events, run->next, run->count, &unit);
		if (may_end && run->has_begun && is_over(run, unit.at))
		{
			/* the unit is left to the next attempt */
			has_ended = true;
			break;
		}
		if ((unit.steps & plan->all_steps) || plan->has_breaks)
		{
			has_advanced = do_unit(run, &unit, chain);
			has_ended = chain->level == plan->step_count ||
				(may_end && run->has_begun && plan->has_breaks && is_over(run, unit.at));
		}
		/* what has only broken the chain may begin the next one */
		run->next = has_ended && !has_advanced ? unit.begin : unit.end;
	}
	run->is_done = !has_ended || plan->entry == DUPEX_FUNNEL_FIRST;
	return has_ended || chain->level > 0;
}
