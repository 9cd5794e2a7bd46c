/*
 * pg_markov.c
 *		attribution_markov(): removal effects of channels over a query of paths.
 *
 * While the paths are read the transitions of the chain are counted in a hash table, so the memory
 * is that of the different transitions, not of the paths. A state is the last channels of a path,
 * as many as the order says; of a path that has just begun, those that there are.
 */
#include "journey/pg_paths.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "journey/markov.h"
#include "runner/pg_stop.h"

#define MAX_CHANNELS	1000
#define MAX_TRANSITIONS 2000000

/* the state before the first touch; no state has this number */
#define START			PG_UINT32_MAX

/* no channel has this number */
#define NO_CHANNEL		PG_UINT32_MAX

typedef struct StateKey
{
	uint32		channels[DUPEX_MARKOV_ORDERS];	/* the oldest first;
												 * NO_CHANNEL before the first
												 * touch and beyond the order */
} StateKey;

typedef struct State
{
	StateKey	key;
	uint32		number;
	double		converted;
	double		value;
	double		lost;
} State;

typedef struct TransitionKey
{
	uint32		from;
	uint32		to;
} TransitionKey;

typedef struct Transition
{
	TransitionKey key;
	double		weight;
} Transition;

typedef struct Counts
{
	int			order;
	HTAB	   *states;
	HTAB	   *transitions;
} Counts;

static HTAB *
make_table(const char *name, Size key_size, Size entry_size)
{
	HASHCTL		control = {0};

	control.keysize = key_size;
	control.entrysize = entry_size;
	control.hcxt = CurrentMemoryContext;
	return hash_create(name, 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Counts one transition.
 */
static void
count_transition(Counts *counts, uint32 from, uint32 to, double weight)
{
	TransitionKey key = {from, to};
	bool		found;
	Transition *transition = hash_search(counts->transitions, &key, HASH_ENTER, &found);

	if (!found)
		transition->weight = 0;
	transition->weight += weight;
	if (!found && hash_get_num_entries(counts->transitions) > MAX_TRANSITIONS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the paths have more than %d different transitions", MAX_TRANSITIONS),
				 errhint("Take a lower order, or media instead of source codes.")));
}

static State *
find_state(Counts *counts, const StateKey *key)
{
	bool		found;
	State	   *state = hash_search(counts->states, key, HASH_ENTER, &found);

	if (!found)
	{
		state->number = (uint32) hash_get_num_entries(counts->states) - 1;
		state->converted = state->value = state->lost = 0;
	}
	return state;
}

static void
add_path(DupexPaths *paths, uint32 count, double conversions, double value, double lost)
{
	Counts	   *counts = paths->state;
	StateKey	key = {{NO_CHANNEL, NO_CHANNEL, NO_CHANNEL}};
	uint32		from = START;
	State	   *state;
	uint32		i = 0;

	if (dupex_words_count(paths->channels) > MAX_CHANNELS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the paths have more than %d different channels", MAX_CHANNELS),
				 errhint("Take media or lists instead of source codes, or put rare ones together.")));
	do
	{
		memmove(key.channels, key.channels + 1, sizeof(uint32) * (size_t) (counts->order - 1));
		key.channels[counts->order - 1] = paths->touched[i];
		state = find_state(counts, &key);
		count_transition(counts, from, state->number, conversions + lost);
		from = state->number;
	} while (++i < count);
	state->converted += conversions;
	state->value += value;
	state->lost += lost;
}

static void *
allocate(Size count, Size size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, Max(count, 1) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/*
 * Order of transitions: by states.
 */
static int
compare_transitions(const void *a, const void *b)
{
	const TransitionKey *left = &((const Transition *) a)->key;
	const TransitionKey *right = &((const Transition *) b)->key;

	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	return left->to < right->to ? -1 : left->to > right->to;
}

/*
 * The transitions in order, row by row; the start is the last row.
 */
static void
set_transitions(const Counts *counts, DupexChain *chain)
{
	Size		count = (Size) hash_get_num_entries(counts->transitions);
	Transition *sorted = allocate(count, sizeof(Transition));
	size_t	   *entry = allocate(chain->states + (Size) 2, sizeof(size_t));
	uint32_t   *to = allocate(count, sizeof(uint32_t));
	double	   *weight = allocate(count, sizeof(double));
	HASH_SEQ_STATUS scan;
	Transition *transition;
	Size		i = 0;

	hash_seq_init(&scan, counts->transitions);
	while ((transition = hash_seq_search(&scan)) != NULL)
		sorted[i++] = *transition;
	qsort(sorted, count, sizeof(Transition), compare_transitions);
	for (i = 0; i < count; i++)
	{
		entry[Min(sorted[i].key.from, chain->states) + 1]++;
		to[i] = sorted[i].key.to;
		weight[i] = sorted[i].weight;
	}
	for (i = 0; i <= chain->states; i++)
		entry[i + 1] += entry[i];
	chain->entry = entry;
	chain->to = to;
	chain->weight = weight;
	pfree(sorted);
}

/*
 * The chain that was counted.
 */
static DupexChain
chain_of(const Counts *counts, uint32 channels)
{
	DupexChain	chain = {.states = (uint32_t) hash_get_num_entries(counts->states),.channels = channels,.order = counts->order};
	uint32_t   *members = allocate((Size) chain.states * (Size) counts->order, sizeof(uint32_t));
	double	   *converted = allocate(chain.states + (Size) 1, sizeof(double));
	double	   *value = allocate(chain.states + (Size) 1, sizeof(double));
	double	   *lost = allocate(chain.states + (Size) 1, sizeof(double));
	HASH_SEQ_STATUS scan;
	State	   *state;

	hash_seq_init(&scan, counts->states);
	while ((state = hash_seq_search(&scan)) != NULL)
	{
		for (int j = 0; j < counts->order; j++)
		{
			uint32		channel = state->key.channels[j];

			members[(Size) state->number * (Size) counts->order + (Size) j] =
				channel != NO_CHANNEL ? channel : state->key.channels[counts->order - 1];
		}
		converted[state->number] = state->converted;
		value[state->number] = state->value;
		lost[state->number] = state->lost;
	}
	chain.members = members;
	chain.converted = converted;
	chain.value = value;
	chain.lost = lost;
	set_transitions(counts, &chain);
	return chain;
}

/*
 * The rows: conversions and value in proportion to the effects, in order of channels.
 */
static void
add_rows(const DupexPaths *paths, const DupexRemoval *removals, DupexRows *rows)
{
	uint32		count = dupex_words_count(paths->channels);
	uint32	   *ranks = dupex_words_ranks(paths->channels);
	uint32	   *order = allocate(count, sizeof(uint32));
	DupexSum	effects = {0, 0};
	DupexSum	value_effects = {0, 0};
	double		conversions = dupex_paths_sum(paths, &paths->conversions);
	double		value = dupex_paths_sum(paths, &paths->value);

	for (uint32 i = 0; i < count; i++)
	{
		order[ranks[i]] = i;
		dupex_sum_add(&effects, removals[i].conversions);
		dupex_sum_add(&value_effects, removals[i].value);
	}
	for (uint32 i = 0; i < count; i++)
	{
		const DupexRemoval *removal = &removals[order[i]];
		Datum		values[4] = {0};
		bool		nulls[4] = {false};
		double		effect_sum = dupex_sum_value(&effects);
		double		value_sum = dupex_sum_value(&value_effects);

		values[0] = PointerGetDatum(dupex_words_text(paths->channels, order[i]));
		values[1] = Float8GetDatum(removal->conversions);
		nulls[1] = !(conversions > 0);
		values[2] = Float8GetDatum(effect_sum > 0 ? conversions * (removal->conversions / effect_sum) : 0);
		values[3] = Float8GetDatum(value_sum > 0 ? value * (removal->value / value_sum) : 0);
		dupex_rows_add(rows, values, nulls);
	}
	dupex_paths_add_untouched(paths, rows, 2);
}

static void
fill(FunctionCallInfo fcinfo, DupexRows *rows)
{
	Counts		counts;
	DupexPaths	paths = {.function = "attribution_markov",.path = add_path,.state = &counts};
	DupexChain	chain;
	DupexRemoval *removals;
	double	   *memory;

	counts.order = PG_GETARG_INT32(1);
	if (counts.order < 1 || counts.order > DUPEX_MARKOV_ORDERS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a Markov chain of order %d", counts.order),
				 errdetail("The order is the number of touches on which the next one depends: 1, 2 or 3.")));
	counts.states = make_table("dupex states of a Markov chain", sizeof(StateKey), sizeof(State));
	counts.transitions = make_table("dupex transitions of a Markov chain", sizeof(TransitionKey), sizeof(Transition));
	dupex_paths_read(&paths, PG_GETARG_TEXT_PP(0));
	chain = chain_of(&counts, dupex_words_count(paths.channels));
	removals = allocate(chain.channels, sizeof(DupexRemoval));
	memory = allocate(dupex_chain_memory(&chain), sizeof(double));
	if (!dupex_chain_removals(&chain, memory, dupex_pause_for_interrupt, removals))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("paths are too long for a Markov chain of order %d with %u states", counts.order, chain.states),
				 errdetail("After %d steps some people have not arrived at an end.", DUPEX_MARKOV_STEPS),
				 errhint("Take a lower order, or paths without repeats: transforms => '{exposure}'.")));
	pfree(memory);
	add_rows(&paths, removals, rows);
}

/*
 * attribution_markov(query, markov_order): a row for each channel in order of bytes, then one of
 * conversions without a touch.
 */
PG_FUNCTION_INFO_V1(dupex_attribution_markov);
Datum
dupex_attribution_markov(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 4, fill);
}
