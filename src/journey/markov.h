/*
 * markov.h
 *		Removal effects: how many conversions a chain of channels loses without one of them.
 *
 * Pure C. markov.c tells the idea.
 */
#ifndef DUPEX_MARKOV_H
#define DUPEX_MARKOV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUPEX_MARKOV_ORDERS		3

/* up to so many states the chain is solved by elimination */
#define DUPEX_MARKOV_DENSE		1000

/* steps that the other way takes at most */
#define DUPEX_MARKOV_STEPS		100000

/*
 * A chain. States are 0 to states - 1; the start is the row states. Rows are of counts, not of
 * shares: from state i the transitions entry[i] to entry[i + 1] - 1 lead on, converted[i]
 * conversions, worth value[i], and lost[i] ends without one.
 */
typedef struct DupexChain
{
	uint32_t	states;
	uint32_t	channels;
	int			order;
	const uint32_t *members;	/* order channels of each state; the last one
								 * again where it has fewer */
	const size_t *entry;		/* states + 2 */
	const uint32_t *to;
	const double *weight;
	const double *converted;	/* states + 1, as the next two */
	const double *value;
	const double *lost;
} DupexChain;

/*
 * What the removal of a channel takes away, as shares of all conversions and of all value; 0
 * where there are none.
 */
typedef struct DupexRemoval
{
	double		conversions;
	double		value;
} DupexRemoval;

extern size_t dupex_chain_memory(const DupexChain *chain);
extern bool dupex_chain_removals(const DupexChain *chain, double *memory, void (*pause) (void), DupexRemoval *removals);

#endif							/* DUPEX_MARKOV_H */
