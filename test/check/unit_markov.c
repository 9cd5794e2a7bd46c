/*
 * unit_markov.c
 *		The two ways to solve a Markov chain of channels agree: elimination, and following it.
 *
 * They have nothing in common but the chain: one works on a matrix from which states are
 * eliminated, half of the channels at a time, the other steps through the list of transitions. So
 * both run on the same random chains, of states with one to three channels, with rare channels
 * among them whose effects are 10^-9 and less. The file under test is included, for the second way
 * is not meant for small chains and cannot be called for them from outside.
 */
#include "journey/markov.c"

#include <stdio.h>
#include <stdlib.h>

#define MAX_STATES		150
#define MAX_CHANNELS	12

static int	failures;

/*
 * Random numbers that are the same everywhere: Marsaglia's xorshift.
 */
static uint32_t
dice(uint32_t sides)
{
	static uint64_t state = UINT64_C(88172645463325252);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t) (state >> 20) % sides;
}

static void
do_nothing(void)
{
}

/*
 * A random chain in static memory: each state leads on to some others, most of them to an end too.
 */
static DupexChain
random_chain(uint32_t states, uint32_t channels, int order)
{
	static uint32_t members[MAX_STATES * DUPEX_MARKOV_ORDERS];
	static size_t entry[MAX_STATES + 2];
	static uint32_t to[(MAX_STATES + 1) * MAX_STATES];
	static double weight[(MAX_STATES + 1) * MAX_STATES];
	static double converted[MAX_STATES + 1];
	static double value[MAX_STATES + 1];
	static double lost[MAX_STATES + 1];
	DupexChain	chain = {states, channels, order, members, entry, to, weight, converted, value, lost};
	size_t		transitions = 0;

	for (uint32_t i = 0; i < states * (uint32_t) order; i++)
		members[i] = dice(channels);
	for (uint32_t i = 0; i <= states; i++)
	{
		entry[i] = transitions;
		for (uint32_t j = 0; j < states; j++)
		{
			if (dice(4) > 0)
				continue;
			to[transitions] = j;
			/* one channel is hardly ever seen */
			weight[transitions++] = members[j * (uint32_t) order] == 0 ? 1e-9 : 1 + dice(20);
		}
		converted[i] = i < states ? dice(5) : 0;
		value[i] = converted[i] * dice(100);
		lost[i] = i < states ? 1 + dice(40) : 0;
	}
	entry[states + 1] = transitions;
	return chain;
}

static void
compare(const DupexChain *chain)
{
	size_t		transitions = chain->entry[chain->states + 1];
	size_t		size = dupex_chain_memory(chain) + transitions + 8 * (size_t) chain->states + 8;
	double	   *memory = malloc(size * sizeof(double));
	DupexRemoval eliminated[MAX_CHANNELS];
	DupexRemoval followed[MAX_CHANNELS];

	if (memory == NULL || !dupex_chain_removals(chain, memory, do_nothing, eliminated) ||
		!remove_by_following(chain, memory, do_nothing, followed))
	{
		printf("a chain of %u states was not solved\n", chain->states);
		failures++;
		free(memory);
		return;
	}
	for (uint32_t i = 0; i < chain->channels; i++)
	{
		if (fabs(eliminated[i].conversions - followed[i].conversions) <= 1e-12 * followed[i].conversions &&
			fabs(eliminated[i].value - followed[i].value) <= 1e-12 * followed[i].value)
			continue;
		printf("channel %u of a chain of %u states, order %d: %.17g and %.17g, %.17g and %.17g\n", i, chain->states, chain->order,
			   eliminated[i].conversions, followed[i].conversions, eliminated[i].value, followed[i].value);
		failures++;
	}
	free(memory);
}

int
main(void)
{
	int			chains = 0;

	for (int order = 1; order <= DUPEX_MARKOV_ORDERS; order++)
		for (int i = 0; i < 100; i++, chains++)
		{
			DupexChain	chain = random_chain(2 + dice(MAX_STATES - 2), 1 + dice(MAX_CHANNELS), order);

			compare(&chain);
		}
	printf("unit_markov: %d chains, %d faults\n", chains, failures);
	return failures > 0;
}
