/*
 * funnel.h
 *		Funnels: how far a person got through a sequence of steps.
 *
 * Pure C. funnel.c tells the idea and the rules.
 */
#ifndef DUPEX_FUNNEL_H
#define DUPEX_FUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUPEX_FUNNEL_MAX_STEPS		32
#define DUPEX_FUNNEL_MAX_EXCLUSIONS	32

/*
 * An event: microseconds since 2000, a bit for each step that it is (step 1 is 1, step 2 is 2,
 * step 3 is 4), none for a foreign event. The group counts where it begins a chain.
 */
typedef struct DupexFunnelEvent
{
	int64_t		at;
	uint32_t	steps;
	uint32_t	group;
} DupexFunnelEvent;

typedef enum DupexFunnelMode
{
	DUPEX_FUNNEL_DEFAULT,		/* other events may come between the steps */
	DUPEX_FUNNEL_STRICT_ORDER,	/* no foreign event, no later step too early */
	DUPEX_FUNNEL_STRICT_DEDUP,	/* no step but the first may come twice */
	DUPEX_FUNNEL_STRICT_INCREASE,	/* each step later than the one before */
	DUPEX_FUNNEL_STRICT_ONCE	/* an event is one step only */
} DupexFunnelMode;

typedef enum DupexFunnelEntry
{
	DUPEX_FUNNEL_FIRST,			/* from the first event of step 1 on */
	DUPEX_FUNNEL_BEST,			/* from whichever gets furthest */
	DUPEX_FUNNEL_EVERY			/* as FIRST, and again when that has ended */
} DupexFunnelEntry;

/*
 * An event between two steps that ends the chain: after and before are steps.
 */
typedef struct DupexFunnelExclusion
{
	uint32_t	event;			/* its bit */
	int			after;
	int			before;
} DupexFunnelExclusion;

/*
 * The question. Arrays have an element for each step, that of step s at s.
 */
typedef struct DupexFunnelPlan
{
	int			step_count;
	DupexFunnelMode mode;
	DupexFunnelEntry entry;
	int64_t		within;			/* from the first to the last step, inclusive */
	int64_t		min_gap[DUPEX_FUNNEL_MAX_STEPS + 1];	/* since the step before */
	int64_t		max_gap[DUPEX_FUNNEL_MAX_STEPS + 1];	/* INT64_MAX: any */
	uint32_t	optional;		/* steps that may be left out; neither first
								 * nor last */
	DupexFunnelExclusion exclusions[DUPEX_FUNNEL_MAX_EXCLUSIONS];
	int			exclusion_count;
	void		(*pause) (void);	/* called often, so that the caller may
									 * leave; may be NULL */
	/* made by dupex_funnel_plan() */
	uint32_t	all_steps;
	bool		has_gaps;
	bool		has_breaks;
	int			required_after[DUPEX_FUNNEL_MAX_STEPS + 1]; /* the next step that
															 * may not be left out */
} DupexFunnelPlan;

/*
 * How far it went. Step s was taken at[s - 1], where its bit is in taken.
 */
typedef struct DupexFunnelChain
{
	int			level;			/* the furthest step, 0 for none */
	uint32_t	taken;
	uint32_t	group;
	int64_t		at[DUPEX_FUNNEL_MAX_STEPS];
} DupexFunnelChain;

extern void dupex_funnel_plan(DupexFunnelPlan *plan);

/* so many events are sorted without space for others */
#define DUPEX_FUNNEL_SORT_ALONE	16

extern uint32_t dupex_funnel_sort(DupexFunnelEvent *events, uint32_t count, DupexFunnelEvent *space);
extern bool dupex_funnel_is_sorted(const DupexFunnelEvent *events, uint32_t count);

#define DUPEX_FUNNEL_EVENT_TEXT_SIZE	48

extern bool dupex_funnel_is_time(int64_t at);
extern size_t dupex_funnel_event_format(const DupexFunnelEvent *event, char *text);
extern bool dupex_funnel_event_parse(const char **text, DupexFunnelEvent *event);

typedef struct DupexFunnelRun DupexFunnelRun;

extern size_t dupex_funnel_space(const DupexFunnelPlan *plan, const DupexFunnelEvent *events, uint32_t count);
extern DupexFunnelRun *dupex_funnel_begin(const DupexFunnelPlan *plan, const DupexFunnelEvent *events, uint32_t count, void *space);
extern bool dupex_funnel_next(DupexFunnelRun *run, DupexFunnelChain *chain);

static inline uint32_t
dupex_funnel_bit(int step)
{
	return UINT32_C(1) << (step - 1);
}

/*
 * Steps from to last, none when last is before first.
 */
static inline uint32_t
dupex_funnel_bits(int first, int last)
{
	return last < first ? 0 : (uint32_t) ((UINT64_C(1) << last) - (UINT64_C(1) << (first - 1)));
}

#endif							/* DUPEX_FUNNEL_H */
