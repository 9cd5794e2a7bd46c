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
 * Chains with more states, which orders 2 and 3 have, are followed step by step instead, people
 * who have been at the channel apart from those who have not, until so few are on the way that they
 * cannot matter.
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
 * How many doubles dupex_chain_removals() wants.
 */
size_t
dupex_chain_memory(const DupexChain *chain)
{
	if (chain->states > DUPEX_MARKOV_DENSE)
		return 4 * (size_t) chain->states;
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
 * People on their way: those who have not been at the channel, and those who have; and what the
 * latter brought.
 */
typedef struct Walkers
{
	double	   *before;
	double	   *after;
	double		conversions;
	double		value;
} Walkers;

/*
 * Lets people go one step on; returns how many are on the way after it. With channel UINT32_MAX
 * everyone counts as having been there.
 */
static double
step(const DupexChain *chain, uint32_t channel, Walkers *now, Walkers *then)
{
	double		on_the_way = 0;

	memset(then->before, 0, sizeof(double) * chain->states);
	memset(then->after, 0, sizeof(double) * chain->states);
	for (uint32_t i = 0; i < chain->states; i++)
	{
		double		total;

		if (now->before[i] == 0 && now->after[i] == 0)
			continue;
		total = total_of_row(chain, i);
		now->conversions += now->after[i] * chain->converted[i] / total;
		now->value += now->after[i] * chain->value[i] / total;
		for (size_t e = chain->entry[i]; e < chain->entry[i + 1]; e++)
		{
			double		share = chain->weight[e] / total;
			uint32_t	to = chain->to[e];

			if (has_channel(chain, to, channel, channel + 1))
				then->after[to] += share * (now->before[i] + now->after[i]);
			else
			{
				then->before[to] += share * now->before[i];
				then->after[to] += share * now->after[i];
			}
		}
	}
	for (uint32_t i = 0; i < chain->states; i++)
		on_the_way += then->before[i] + then->after[i];
	return on_the_way;
}

/*
 * Conversions and value, per person at the start, of those who have been at a channel; UINT32_MAX
 * stands for any. False where people do not arrive.
 */
static bool
follow(const DupexChain *chain, uint32_t channel, double floor, double *memory, void (*pause) (void), DupexRemoval *result)
{
	Walkers		one = {memory, memory + chain->states, 0, 0};
	Walkers		other = {memory + 2 * (size_t) chain->states, memory + 3 * (size_t) chain->states, 0, 0};
	Walkers    *now = &one;
	Walkers    *then = &other;
	double		total = total_of_row(chain, chain->states);
	double		worth = 0;		/* of one conversion, at most */
	int			steps;

	memset(memory, 0, sizeof(double) * 4 * chain->states);
	for (uint32_t i = 0; i < chain->states; i++)
		if (chain->converted[i] > 0)
			worth = fmax(worth, chain->value[i] / chain->converted[i]);
	for (size_t e = chain->entry[chain->states]; e < chain->entry[chain->states + 1]; e++)
	{
		double	   *at = channel == UINT32_MAX || has_channel(chain, chain->to[e], channel, channel + 1) ? now->after : now->before;

		at[chain->to[e]] += chain->weight[e] / total;
	}
	for (steps = 0; steps < DUPEX_MARKOV_STEPS; steps++)
	{
		double		on_the_way = step(chain, channel, now, then);
		Walkers    *last = now;

		pause();
		then->conversions = now->conversions;
		then->value = now->value;
		now = then;
		then = last;
		if (on_the_way <= NEGLIGIBLE * fmax(now->conversions, floor) &&
			(now->value == 0 || on_the_way * worth <= NEGLIGIBLE * fmax(now->value, floor * worth)))
			break;
	}
	result->conversions = now->conversions;
	result->value = now->value;
	return steps < DUPEX_MARKOV_STEPS;
}

static bool
remove_by_following(const DupexChain *chain, double *memory, void (*pause) (void), DupexRemoval *removals)
{
	DupexRemoval all;
	bool		has_conversion = false;

	for (uint32_t i = 0; i <= chain->states; i++)
		has_conversion = has_conversion || chain->converted[i] > 0;
	if (!has_conversion)
	{
		memset(removals, 0, sizeof(DupexRemoval) * chain->channels);
		return true;
	}
	if (!follow(chain, UINT32_MAX, 0, memory, pause, &all))
		return false;
	for (uint32_t channel = 0; channel < chain->channels; channel++)
	{
		DupexRemoval *removal = &removals[channel];

		if (!follow(chain, channel, all.conversions * 1e-5, memory, pause, removal))
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
