/*
 * markov.c
 *		Removal effects: how many conversions a chain of channels loses without one of them.
 *
 * A person goes from the start over channels to a conversion or is lost; where he goes next depends
 * on the last channels, as many as the order says (E. Anderl, I. Becker, F. von Wangenheim, J.
 * Schumann, Mapping the customer journey, 2016). Without a channel all who would come to it are
 * lost. The share of conversions that this takes away is its removal effect.
 *
 * Others simulate the chain; here it is solved. What a removal takes away are the conversions of
 * those who have been at a state of the channel. Eliminating a state from the chain (who comes
 * to it goes on to where it leads, in the same proportions) changes nothing in who gets where. Let
 * all states be eliminated but those of the channel: what then goes from the start right to a
 * conversion does without it, what goes to them and later on to a conversion does not. The
 * elimination adds, multiplies and divides positive numbers only and takes the sum of what
 * leaves a state for 1 - what stays (W. K. Grassmann, M. I. Taksar, D. P. Heyman, Regenerative
 * analysis and steady state distributions for Markov chains, 1985), so that even the smallest
 * effect has nearly all its digits.
 *
 * All channels need nearly the same eliminations. Half of the channels have those states in
 * common that belong to none of them: these are eliminated, and each half is treated likewise on
 * the smaller chain that remains. So all effects together cost little more than one.
 *
 * Chains with more states, which orders 2 and 3 have, are followed step by step instead: first
 * backwards for what a person at a state will bring, then for each channel from the start to where
 * people come to it, until so few are on the way that they cannot matter. There too all numbers
 * are positive and are only added up.
 */
#include "journey/markov.h"

#include <math.h>
#include <string.h>

/* columns of a row behind the states */
#define CONVERTED	0
#define VALUE		1
#define LOST		2
#define ENDS		3

/* who is still on the way, against what came of the others, when it is enough */
#define NEGLIGIBLE	1e-17

/* an effect below this share of all is known to fewer digits where it is followed */
#define SMALL_EFFECT	1e-5

/*
 * A part of the work: a chain of the states that are listed and the start, as a matrix of counts.
 */
typedef struct Part
{
	double	   *matrix;			/* count + 1 rows of count + ENDS columns */
	uint32_t   *states;
	uint32_t	count;
} Part;

typedef struct Work
{
	const DupexChain *chain;
	void		(*pause) (void);
	DupexRemoval *removals;
	double		conversions;	/* of all */
	double		value;
} Work;

static bool
has_channel(const DupexChain *chain, uint32_t state, uint32_t first, uint32_t end)
{
	const uint32_t *members = chain->members + (size_t) state * (size_t) chain->order;

	for (int i = 0; i < chain->order; i++)
		if (members[i] >= first && members[i] < end)
			return true;
	return false;
}

static double *
row_of(const Part *part, uint32_t i)
{
	return part->matrix + (size_t) i * (part->count + ENDS);
}

/* doubles that a part with so many states takes, its list of states included */
static size_t
part_size(size_t count)
{
	return (count + 1) * (count + ENDS) + (count + 1) / 2 + 1;
}

static Part
part_at(double *memory, uint32_t count)
{
	Part		part;

	part.matrix = memory;
	part.states = (uint32_t *) (void *) (memory + ((size_t) count + 1) * ((size_t) count + ENDS));
	part.count = count;
	return part;
}

static uint32_t
states_with(const DupexChain *chain, uint32_t first, uint32_t end)
{
	uint32_t	count = 0;

	for (uint32_t state = 0; state < chain->states; state++)
		count += has_channel(chain, state, first, end);
	return count;
}

/*
 * Memory for the parts on the way from all channels down to one: at each level the part of the
 * larger half.
 */
static size_t
memory_of_halves(const DupexChain *chain, uint32_t first, uint32_t end)
{
	uint32_t	middle = first + (end - first) / 2;
	size_t		own = part_size(states_with(chain, first, end));
	size_t		left;
	size_t		right;

	if (end - first <= 1)
		return 2 * own;
	left = memory_of_halves(chain, first, middle);
	right = memory_of_halves(chain, middle, end);
	return own + (left > right ? left : right);
}

/*
 * Memory for following a chain: see Shares.
 */
static size_t
memory_of_shares(const DupexChain *chain)
{
	return chain->entry[chain->states + 1] + 4 * (size_t) chain->states + chain->states / sizeof(double) + 1;
}

/*
 * How many doubles dupex_chain_removals() wants.
 */
size_t
dupex_chain_memory(const DupexChain *chain)
{
	if (chain->states > DUPEX_MARKOV_DENSE)
		return memory_of_shares(chain);
	return part_size(chain->states) + memory_of_halves(chain, 0, chain->channels);
}

/*
 * Eliminates the state at position k: what leads to it leads on to where it leads. Nobody stays
 * for ever: each state is on a path that ended.
 */
static void
eliminate(const Part *part, uint32_t k, const bool *is_gone)
{
	const double *from = row_of(part, k);
	uint32_t	columns = part->count + ENDS;
	double		leaving = from[part->count + CONVERTED] + from[part->count + LOST];

	for (uint32_t j = 0; j < part->count; j++)
		if (j != k && !is_gone[j])
			leaving += from[j];
	for (uint32_t i = 0; i <= part->count; i++)
	{
		double	   *row = row_of(part, i);
		double		share;

		if (i == k || row[k] == 0 || (i < part->count && is_gone[i]))
			continue;
		share = leaving > 0 ? row[k] / leaving : 0;
		for (uint32_t j = 0; j < columns; j++)
			row[j] += share * from[j];
		row[k] = 0;
	}
}

/*
 * The part without the states that have none of the channels first to end - 1, at the memory of
 * next. is_gone has an entry for each state of the part.
 */
static Part
without_others(const Work *work, const Part *part, uint32_t first, uint32_t end, double *memory)
{
	bool		is_gone[DUPEX_MARKOV_DENSE] = {false};
	uint32_t	kept[DUPEX_MARKOV_DENSE + 1];
	uint32_t	count = 0;
	Part		copy = part_at(memory, part->count);
	Part		next;

	memcpy(copy.matrix, part->matrix, sizeof(double) * (part->count + (size_t) 1) * (part->count + (size_t) ENDS));
	for (uint32_t k = 0; k < part->count; k++)
	{
		if (has_channel(work->chain, part->states[k], first, end))
		{
			kept[count++] = k;
			continue;
		}
		work->pause();
		eliminate(&copy, k, is_gone);
		is_gone[k] = true;
	}
	/* drawn together in place: each number moves towards the beginning */
	next = part_at(memory, count);
	kept[count] = part->count;
	for (uint32_t i = 0; i <= count; i++)
	{
		const double *from = row_of(&copy, kept[i]);
		double	   *to = row_of(&next, i);

		for (uint32_t j = 0; j < count; j++)
			to[j] = from[kept[j]];
		memmove(to + count, from + part->count, ENDS * sizeof(double));
	}
	for (uint32_t i = 0; i < count; i++)
		next.states[i] = part->states[kept[i]];
	return next;
}

/*
 * Eliminates all states of a part; what its start leads to then stands in its last row.
 */
static const double *
eliminate_all(const Work *work, const Part *part)
{
	bool		is_gone[DUPEX_MARKOV_DENSE] = {false};

	for (uint32_t k = 0; k < part->count; k++)
	{
		work->pause();
		eliminate(part, k, is_gone);
		is_gone[k] = true;
	}
	return row_of(part, part->count) + part->count;
}

/*
 * The effects of the channels first to end - 1, from a part that has all their states; memory
 * behind it is free.
 */
static void
remove_halves(const Work *work, const Part *part, uint32_t first, uint32_t end, double *memory)
{
	uint32_t	middle = first + (end - first) / 2;

	if (end - first == 1)
	{
		double	   *start = row_of(part, part->count) + part->count;
		const double *through;

		/* who gets there without the channel is not lost with it */
		start[CONVERTED] = start[VALUE] = start[LOST] = 0;
		through = eliminate_all(work, part);
		work->removals[first].conversions = work->conversions > 0 ? through[CONVERTED] / work->conversions : 0;
		work->removals[first].value = work->value > 0 ? through[VALUE] / work->value : 0;
		return;
	}
	for (int half = 0; half < 2; half++)
	{
		uint32_t	from = half == 0 ? first : middle;
		uint32_t	to = half == 0 ? middle : end;
		Part		next = without_others(work, part, from, to, memory);

		remove_halves(work, &next, from, to, memory + part_size(part->count));
	}
}

/*
 * The whole chain as a matrix.
 */
static Part
whole_part(const DupexChain *chain, double *memory)
{
	Part		part = part_at(memory, chain->states);

	memset(part.matrix, 0, sizeof(double) * (chain->states + (size_t) 1) * (chain->states + (size_t) ENDS));
	for (uint32_t i = 0; i <= chain->states; i++)
	{
		double	   *row = row_of(&part, i);

		for (size_t e = chain->entry[i]; e < chain->entry[i + 1]; e++)
			row[chain->to[e]] += chain->weight[e];
		row[chain->states + CONVERTED] = chain->converted[i];
		row[chain->states + VALUE] = chain->value[i];
		row[chain->states + LOST] = chain->lost[i];
		if (i < chain->states)
			part.states[i] = i;
	}
	return part;
}

/*
 * What leaves a state or the start.
 */
static double
total_of_row(const DupexChain *chain, uint32_t i)
{
	double		total = chain->converted[i] + chain->lost[i];

	for (size_t e = chain->entry[i]; e < chain->entry[i + 1]; e++)
		total += chain->weight[e];
	return total;
}

/*
 * What a chain with many states is followed with: for each transition the share of its state's
 * people who take it, and for each state the conversions and the value that one person there
 * will bring.
 */
typedef struct Shares
{
	const DupexChain *chain;
	void		(*pause) (void);
	double	   *share;			/* of each transition */
	double	   *conversions;	/* of each state */
	double	   *value;
	double	   *now;			/* of each state, for steps */
	double	   *then;
	bool	   *is_channel;		/* of each state */
} Shares;

/*
 * What one person at each state will bring: what he brings at once, after one step, after two
 * and so on, added up until no state gets more that matters. False where that does not come to
 * an end.
 */
static bool
add_steps(const Shares *shares, const double *ends, double *sum)
{
	const DupexChain *chain = shares->chain;
	double	   *now = shares->now;
	double	   *then = shares->then;

	for (uint32_t i = 0; i < chain->states; i++)
		sum[i] = now[i] = ends[i] / total_of_row(chain, i);
	for (int steps = 0; steps < DUPEX_MARKOV_STEPS; steps++)
	{
		bool		has_more = false;
		double	   *last = now;

		shares->pause();
		for (uint32_t i = 0; i < chain->states; i++)
		{
			double		later = 0;

			for (size_t e = chain->entry[i]; e < chain->entry[i + 1]; e++)
				later += shares->share[e] * now[chain->to[e]];
			then[i] = later;
			sum[i] += later;
			has_more = has_more || later > NEGLIGIBLE * sum[i];
		}
		if (!has_more)
			return true;
		now = then;
		then = last;
	}
	return false;
}

/*
 * Conversions and value, per person at the start, of those who come to a channel: who comes to
 * it first at a state brings what that state will bring. all: conversions and value of all
 * people; worth: the most that one person will bring. False where people do not arrive.
 */
static bool
follow(const Shares *shares, uint32_t channel, const DupexRemoval *all, const DupexRemoval *worth, DupexRemoval *result)
{
	const DupexChain *chain = shares->chain;
	double	   *now = shares->now;
	double	   *then = shares->then;
	uint32_t	start = chain->states;

	for (uint32_t i = 0; i < chain->states; i++)
	{
		shares->is_channel[i] = has_channel(chain, i, channel, channel + 1);
		now[i] = 0;
	}
	result->conversions = result->value = 0;
	for (int steps = 0; steps < DUPEX_MARKOV_STEPS; steps++)
	{
		/* the first step is the one of the start */
		uint32_t	from = steps == 0 ? start : 0;
		uint32_t	end = steps == 0 ? start + 1 : start;
		double		on_the_way = 0;
		double	   *last = now;

		shares->pause();
		memset(then, 0, sizeof(double) * chain->states);
		for (uint32_t i = from; i < end; i++)
		{
			double		people = i == start ? 1 : now[i];

			for (size_t e = chain->entry[i]; people > 0 && e < chain->entry[i + 1]; e++)
			{
				uint32_t	to = chain->to[e];
				double		moving = people * shares->share[e];

				if (!shares->is_channel[to])
				{
					then[to] += moving;
					on_the_way += moving;
					continue;
				}
				result->conversions += moving * shares->conversions[to];
				result->value += moving * shares->value[to];
			}
		}
		if (on_the_way * worth->conversions <= NEGLIGIBLE * fmax(result->conversions, SMALL_EFFECT * all->conversions) &&
			on_the_way * worth->value <= NEGLIGIBLE * fmax(result->value, SMALL_EFFECT * all->value))
			return true;
		now = then;
		then = last;
	}
	return false;
}

static bool
remove_by_following(const DupexChain *chain, double *memory, void (*pause) (void), DupexRemoval *removals)
{
	size_t		transitions = chain->entry[chain->states + 1];
	Shares		shares = {.chain = chain,.pause = pause,.share = memory};
	DupexRemoval all = {0, 0};
	DupexRemoval worth = {0, 0};

	shares.conversions = memory + transitions;
	shares.value = shares.conversions + chain->states;
	shares.now = shares.value + chain->states;
	shares.then = shares.now + chain->states;
	shares.is_channel = (bool *) (void *) (shares.then + chain->states);
	for (uint32_t i = 0; i <= chain->states; i++)
	{
		double		total = total_of_row(chain, i);

		for (size_t e = chain->entry[i]; e < chain->entry[i + 1]; e++)
			shares.share[e] = chain->weight[e] / total;
	}
	if (!add_steps(&shares, chain->converted, shares.conversions) || !add_steps(&shares, chain->value, shares.value))
		return false;
	for (size_t e = chain->entry[chain->states]; e < transitions; e++)
	{
		all.conversions += shares.share[e] * shares.conversions[chain->to[e]];
		all.value += shares.share[e] * shares.value[chain->to[e]];
	}
	for (uint32_t i = 0; i < chain->states; i++)
	{
		worth.conversions = fmax(worth.conversions, shares.conversions[i]);
		worth.value = fmax(worth.value, shares.value[i]);
	}
	for (uint32_t channel = 0; channel < chain->channels; channel++)
	{
		DupexRemoval *removal = &removals[channel];

		if (!follow(&shares, channel, &all, &worth, removal))
			return false;
		removal->conversions = all.conversions > 0 ? removal->conversions / all.conversions : 0;
		removal->value = all.value > 0 ? removal->value / all.value : 0;
	}
	return true;
}

/*
 * The removal effect of each channel. pause() is called often. False where the chain is so long
 * that following it does not come to an end within DUPEX_MARKOV_STEPS steps.
 */
bool
dupex_chain_removals(const DupexChain *chain, double *memory, void (*pause) (void), DupexRemoval *removals)
{
	Work		work = {chain, pause, removals, 0, 0};
	const double *all;
	Part		part;

	if (chain->channels == 0)
		return true;
	if (chain->states > DUPEX_MARKOV_DENSE)
		return remove_by_following(chain, memory, pause, removals);
	part = whole_part(chain, memory);
	all = eliminate_all(&work, &part);
	work.conversions = all[CONVERTED];
	work.value = all[VALUE];
	part = whole_part(chain, memory);
	remove_halves(&work, &part, 0, chain->channels, memory + part_size(chain->states));
	return true;
}
