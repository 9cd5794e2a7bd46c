/*
 * measured.c
 *		Shares a budget out among channels of which single points were measured.
 *
 * No curve is fitted: of each channel it is known what some expenses brought, and between two of
 * them the outcome is taken on the straight line. From the point where a channel stands the best
 * step is the one that brings most for each unit of money, whatever its length; so the steps of a
 * channel run along its concave envelope, the upper hull of its points (A. Andrew's chain, 1979,
 * from the right), and over a flat start in one go. The money goes to the best step of all
 * channels, one after the other: a heap knows which that is.
 *
 * As long as the steps fit into the budget that is the optimum: it is the greedy solution of the
 * linear relaxation of the multiple-choice knapsack problem (P. Sinha and A. Zoltners 1979). Of the
 * last step there may be money for a part only. In whole points nothing can be had for that, and a
 * part of a step that goes over points in between brings less than the envelope says. Then the
 * points of this channel are divided where the money ends, and both sides are looked at in the same
 * way (branch and bound), until bound and best allocation meet or the nodes are used up: the caller
 * sees both.
 *
 * Pure C.
 */
#include "economy/measured.h"

#include <math.h>

#define MAX_NODES	1000
#define MAX_DEPTH	64
#define ROUNDING	1e-12		/* relative */

static double
rate_of(const DupexMeasured *from, const DupexMeasured *to)
{
	return (to->outcome - from->outcome) / (to->spend - from->spend);
}

/*
 * From each point of a range the best step within it; past the range where there is none.
 */
static void
find_steps(DupexMeasured *points, size_t low, size_t high)
{
	points[high].next = high + 1;
	for (size_t i = high; i-- > low;)
	{
		size_t		to = i + 1;

		while (points[to].next <= high && rate_of(&points[i], &points[points[to].next]) >= rate_of(&points[i], &points[to]))
			to = points[to].next;
		points[i].next = to;
	}
}

/*
 * Makes channels of points that are in order of channel and expense and of which each channel has
 * one with expense 0: of the same expense only one is left, with the mean outcome. Returns how many
 * points are left.
 */
size_t
dupex_measured_prepare(DupexMeasured *points, size_t count, DupexMeasuredChannel *channels, size_t channel_count)
{
	size_t		kept = 0;

	for (size_t i = 0; i < channel_count; i++)
		channels[i].begin = channels[i].end = 0;
	for (size_t i = 0; i < count;)
	{
		DupexMeasured point = points[i];
		size_t		same = 0;
		double		mean = 0;

		for (; i < count && points[i].channel == point.channel && points[i].spend == point.spend; i++)
			mean += (points[i].outcome - mean) / (double) ++same;
		if (channels[point.channel].end == 0)
			channels[point.channel].begin = kept;
		channels[point.channel].end = kept + 1;
		points[kept] = point;
		points[kept++].outcome = mean;
	}
	return kept;
}

/* what is being shared out; outcomes are what they bring more than least_marginal for their money */
typedef struct Search
{
	DupexMeasured *points;
	DupexMeasuredChannel *channels;
	size_t		count;
	double		budget;
	bool		is_whole;
	bool		(*stop) (void *);
	size_t	   *heap;			/* channels, the one with the best step first */
	size_t		heap_size;
	double		left;
	/* the best so far is in the channels */
	double		best;
	bool		is_stopped;
} Search;

static bool
is_better(const Search *search, size_t a, size_t b)
{
	const DupexMeasuredChannel *left = &search->channels[a];
	const DupexMeasuredChannel *right = &search->channels[b];

	return left->rate > right->rate || (left->rate == right->rate && a < b);
}

/*
 * Brings the entry at a place of the heap down to where it belongs.
 */
static void
sift(Search *search, size_t place)
{
	size_t	   *heap = search->heap;
	size_t		entry = heap[place];

	for (;;)
	{
		size_t		child = 2 * place + 1;

		if (child >= search->heap_size)
			break;
		if (child + 1 < search->heap_size && is_better(search, heap[child + 1], heap[child]))
			child++;
		if (!is_better(search, heap[child], entry))
			break;
		heap[place] = heap[child];
		place = child;
	}
	heap[place] = entry;
}

static void
set_step(const Search *search, DupexMeasuredChannel *channel, size_t step)
{
	channel->step = step;
	channel->rate = step <= channel->high ? rate_of(&search->points[channel->at], &search->points[step]) : 0;
}

static double
price_of_step(const Search *search, const DupexMeasuredChannel *channel)
{
	return search->points[channel->step].spend - search->points[channel->at].spend;
}

static bool
fits(const Search *search, const DupexMeasuredChannel *channel)
{
	return price_of_step(search, channel) <= search->left + search->budget * ROUNDING;
}

/*
 * All channels at their lowest points, with the best step of each. False where there is not even
 * money for these.
 */
static bool
begin_node(Search *search)
{
	search->left = search->budget;
	search->heap_size = 0;
	for (size_t i = 0; i < search->count; i++)
	{
		DupexMeasuredChannel *channel = &search->channels[i];

		channel->at = channel->low;
		search->left -= search->points[channel->low].spend;
		set_step(search, channel, search->points[channel->low].next);
		if (channel->step <= channel->high)
			search->heap[search->heap_size++] = i;
	}
	for (size_t i = search->heap_size; i-- > 0;)
		sift(search, i);
	if (search->left < -search->budget * ROUNDING)
		return false;
	search->left = fmax(0, search->left);
	return true;
}

/*
 * The channel with the best step; NULL when there is none, or it brings nothing.
 */
static DupexMeasuredChannel *
best_channel(const Search *search)
{
	DupexMeasuredChannel *channel = search->heap_size > 0 ? &search->channels[search->heap[0]] : NULL;

	return channel != NULL && channel->rate > 0 ? channel : NULL;
}

/*
 * The best channel has got another step, or none.
 */
static void
update_best(Search *search, const DupexMeasuredChannel *channel)
{
	if (channel->step > channel->high)
		search->heap[0] = search->heap[--search->heap_size];
	if (search->heap_size > 0)
		sift(search, 0);
}

/*
 * Takes the best steps until there is no money for one.
 */
static void
take_steps(Search *search)
{
	DupexMeasuredChannel *channel;

	while ((channel = best_channel(search)) != NULL && fits(search, channel))
	{
		search->left = fmax(0, search->left - price_of_step(search, channel));
		channel->at = channel->step;
		set_step(search, channel, search->points[channel->at].next);
		update_best(search, channel);
	}
}

/*
 * And on with the best steps that there is money for.
 */
static void
take_steps_that_fit(Search *search)
{
	DupexMeasuredChannel *channel;

	while ((channel = best_channel(search)) != NULL)
	{
		size_t		best = channel->high + 1;

		for (size_t to = channel->at + 1; to <= channel->high; to++)
		{
			channel->step = to;
			if (!fits(search, channel))
				break;
			if (best > channel->high ||
				rate_of(&search->points[channel->at], &search->points[to]) > rate_of(&search->points[channel->at], &search->points[best]))
				best = to;
		}
		set_step(search, channel, best);
		update_best(search, channel);
		take_steps(search);
	}
}

static double
sum_outcomes(const Search *search)
{
	double		sum = 0;

	for (size_t i = 0; i < search->count; i++)
		sum += search->points[search->channels[i].at].outcome;
	return sum;
}

/*
 * Remembers what the channels stand at, where it is better than what is known. more: a channel that
 * gets what is left of the money as well, on the straight line to its next point; NULL for none.
 */
static void
keep_best(Search *search, const DupexMeasuredChannel *more)
{
	double		rate = more ? rate_of(&search->points[more->at], &search->points[more->at + 1]) : 0;
	double		outcome = sum_outcomes(search) + (more ? search->left * rate : 0);

	if (outcome <= search->best)
		return;
	search->best = outcome;
	for (size_t i = 0; i < search->count; i++)
	{
		DupexMeasuredChannel *channel = &search->channels[i];

		channel->spend = search->points[channel->at].spend;
		channel->outcome = search->points[channel->at].outcome;
		if (channel == more)
		{
			channel->spend += search->left;
			channel->outcome += search->left * rate;
		}
	}
}

/*
 * The channel that makes most of what is left of the money, on the straight line to its next point;
 * NULL where none makes anything of it.
 */
static const DupexMeasuredChannel *
best_filling(const Search *search)
{
	const DupexMeasuredChannel *best = NULL;
	double		best_rate = 0;

	for (size_t i = 0; i < search->count && search->left > 0; i++)
	{
		const DupexMeasuredChannel *channel = &search->channels[i];
		double		rate = channel->at < channel->high && search->points[channel->at + 1].spend - search->points[channel->at].spend >= search->left
		? rate_of(&search->points[channel->at], &search->points[channel->at + 1]) : 0;

		if (rate > best_rate)
		{
			best = channel;
			best_rate = rate;
		}
	}
	return best;
}

/*
 * Looks at the channels within their ranges. Returns the bound of what they can bring. *cut becomes
 * the channel to be divided, and *where the last point of its first part; NULL when the bound is
 * reached.
 */
static double
solve_node(Search *search, DupexMeasuredChannel **cut, size_t *where)
{
	DupexMeasuredChannel *channel;
	double		bound;
	double		end;
	size_t		from;
	size_t		to;

	*cut = NULL;
	if (!begin_node(search))
		return -HUGE_VAL;
	take_steps(search);
	channel = best_channel(search);
	bound = sum_outcomes(search);
	if (channel == NULL || !(search->left > search->budget * ROUNDING))
	{
		keep_best(search, NULL);
		return bound;
	}
	/* the money ends between two points of this channel */
	bound += search->left * channel->rate;
	from = channel->at;
	to = channel->step;
	end = search->points[from].spend + search->left;
	*where = from;
	while (*where + 1 < to && search->points[*where + 1].spend <= end)
		++* where;
	if (!search->is_whole && to == from + 1)
	{
		keep_best(search, channel);
		return bound;
	}
	/* divided at a point, which in parts belongs to both sides */
	*cut = channel;
	if (!search->is_whole && *where == from)
		*where = from + 1;
	take_steps_that_fit(search);
	keep_best(search, search->is_whole ? NULL : best_filling(search));
	return bound;
}

/* a channel that was divided: its range before, and the part that is left to be looked at */
typedef struct Division
{
	DupexMeasuredChannel *channel;
	size_t		low;
	size_t		high;
	size_t		other_low;
	size_t		other_high;
	double		bound;
	bool		is_second;		/* the other part is being looked at */
} Division;

static void
set_range(Search *search, DupexMeasuredChannel *channel, size_t low, size_t high)
{
	channel->low = low;
	channel->high = high;
	find_steps(search->points, low, high);
}

/*
 * Goes to the next part that may be better than what is known; false when there is none.
 */
static bool
next_node(Search *search, Division *divisions, int *depth)
{
	while (*depth > 0)
	{
		Division   *division = &divisions[*depth - 1];

		if (!division->is_second && division->bound > search->best + fabs(search->best) * ROUNDING)
		{
			division->is_second = true;
			set_range(search, division->channel, division->other_low, division->other_high);
			return true;
		}
		set_range(search, division->channel, division->low, division->high);
		--*depth;
	}
	return false;
}

/*
 * Branch and bound, the part with more money first. Returns the bound.
 */
static double
search_all(Search *search)
{
	Division	divisions[MAX_DEPTH];
	int			depth = 0;
	double		open = -HUGE_VAL;	/* the bound of what was not looked at */

	for (int nodes = 1;; nodes++)
	{
		DupexMeasuredChannel *cut;
		size_t		where;
		double		bound = solve_node(search, &cut, &where);
		bool		is_promising = cut != NULL && bound > search->best + fabs(search->best) * ROUNDING;

		search->is_stopped |= search->stop && search->stop(NULL);
		if (is_promising && (depth == MAX_DEPTH || nodes >= MAX_NODES || search->is_stopped))
			open = fmax(open, bound);
		else if (is_promising)
		{
			size_t		second = search->is_whole ? where + 1 : where;
			Division	division = {cut, cut->low, cut->high, cut->low, where, bound, false};

			set_range(search, cut, second, cut->high);
			divisions[depth++] = division;
			continue;
		}
		if (nodes >= MAX_NODES || search->is_stopped)
			break;
		if (!next_node(search, divisions, &depth))
			return fmax(search->best, open);
	}
	while (depth-- > 0)
	{
		if (!divisions[depth].is_second)
			open = fmax(open, divisions[depth].bound);
		set_range(search, divisions[depth].channel, divisions[depth].low, divisions[depth].high);
	}
	return fmax(search->best, open);
}

/*
 * Shares out the budget among channels whose points are prepared, and stops where a step brings
 * less than least_marginal for each unit of money, or nothing. is_whole: each channel ends on one of
 * its points. heap has room for as many as there are channels. The outcomes of the points are
 * changed.
 */
void
dupex_measured_allocate(DupexMeasured *points, DupexMeasuredChannel *channels, size_t count, double budget, double least_marginal, bool is_whole,
						size_t *heap, bool (*stop) (void *), DupexMeasuredResult *result)
{
	Search		search = {points, channels, count, budget, is_whole, stop, heap, 0, 0, -HUGE_VAL, false};
	double		spent = 0;

	for (size_t i = 0; i < count; i++)
	{
		for (size_t at = channels[i].begin; at < channels[i].end; at++)
			points[at].outcome -= least_marginal * points[at].spend;
		set_range(&search, &channels[i], channels[i].begin, channels[i].end - 1);
	}
	result->bound = search_all(&search);
	result->outcome = 0;
	result->last_marginal = 0;
	for (size_t i = 0; i < count; i++)
	{
		DupexMeasuredChannel *channel = &channels[i];
		double		last = 0;	/* what the last step brought */

		/* the last point of the envelope that the money has got to */
		channel->at = channel->begin;
		while (points[channel->at].next < channel->end && points[points[channel->at].next].spend <= channel->spend)
		{
			last = rate_of(&points[channel->at], &points[points[channel->at].next]);
			channel->at = points[channel->at].next;
		}
		set_step(&search, channel, points[channel->at].next);
		channel->marginal = channel->step <= channel->high ? channel->rate + least_marginal : 0;
		if (channel->spend > points[channel->at].spend)
			last = (channel->outcome - points[channel->at].outcome) / (channel->spend - points[channel->at].spend);
		if (channel->spend > 0 && (spent == 0 || last + least_marginal < result->last_marginal))
			result->last_marginal = last + least_marginal;
		channel->outcome += least_marginal * channel->spend;
		result->outcome += channel->outcome;
		spent += channel->spend;
	}
	result->bound = fmax(result->outcome, result->bound + least_marginal * spent);
	result->is_stopped = search.is_stopped;
}
