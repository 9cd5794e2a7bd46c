/*
 * fellegi_sunter.c
 *		What an agreement is worth, learnt from counted patterns.
 *
 * I. P. Fellegi, A. B. Sunter, "A theory for record linkage", Journal of the
 * American Statistical Association 64, 1969: the evidence of a level is
 * log2(m / u), m its share among pairs of one person, u among pairs of two; the
 * evidence of the columns adds up, to the logarithm of the odds that any two
 * records are one person.
 *
 * u comes from pairs of any records, which are nearly all of two persons. m is
 * found by EM (W. E. Winkler, "Using the EM algorithm for weight computation in the
 * Fellegi-Sunter model of record linkage", Proceedings of the Section on Survey
 * Research Methods, ASA, 1988) over the patterns of the candidate pairs. What EM is
 * not allowed to find is how many pairs are of one person: left to it, it takes
 * something else that comes in two kinds, such as households, for persons. That
 * share is fixed beforehand, from the pairs about which there is no doubt and the
 * part of all that they are assumed to be; EM is held back from finding far more.
 *
 * That the evidence adds up is true of columns that agree independently. Two people
 * of one household do not: with the address they share a family name and often a
 * phone. So there are two u for a column: one for any two people, and one for two
 * who share the address or the phone, which a family has in common.
 * The second is counted among the candidate pairs, of which a pass by that column has
 * all, in the same rounds as m.
 */
#include "linkage/fellegi_sunter.h"

#include <math.h>
#include <string.h>

#define MAX_ITERATIONS 1000
#define TOLERANCE 1e-6
/* what is assumed of m counts as much as so many pairs */
#define ASSUMED_PAIRS 10.0
/* of the pairs that agree on a value, at least so many are two persons */
#define LEAST_CHANCE 0.01
/* a share that was never seen */
#define UNSEEN 1e-12
/* weights are whole multiples of 2^-20, so that their sums are exact */
#define WEIGHT_UNITS 1048576.0
#define WEIGHT_MOST 40.0
/* a rule's pairs that chance would bring, as a part of those that were counted */
#define RULE_CHANCE 0.05
/* fewer pairs without doubt say nothing */
#define CERTAIN_LEAST 5.0
/* how many times more, or less, than expected may be found */
#define FOUND_FACTOR 3.0
/* m of the same value, as a part of u, below which it speaks against one person, where the
 * pairs seen are so many standard deviations fewer than u of them */
#define AGAINST 0.9
#define AGAINST_DEVIATIONS 3.0
/* the u of any two people counts as much as so many pairs of a household */
#define ANY_PAIRS 20.0

/*
 * The logarithm to the base 2, as a whole number of 2^-20, between -40 and 40.
 */
double
dupex_linkage_log2_rounded(double ratio)
{
	double		bits = ratio > 0 ? log2(ratio) : -WEIGHT_MOST;

	if (bits > WEIGHT_MOST)
		bits = WEIGHT_MOST;
	if (bits < -WEIGHT_MOST)
		bits = -WEIGHT_MOST;
	return floor(bits * WEIGHT_UNITS + 0.5) / WEIGHT_UNITS;
}

/*
 * The probability of odds given by their logarithm to the base 2.
 */
double
dupex_linkage_probability(double weight)
{
	return 1.0 / (1.0 + exp2(-weight));
}

/*
 * What a household has in common, in the order in which it is looked at; 0 for a
 * column of a person alone.
 */
static int
household_order(DupexLinkageKind kind)
{
	switch (kind)
	{
		case DUPEX_LINKAGE_ADDRESS:
			return 1;
		case DUPEX_LINKAGE_PHONE:
			return 2;
		default:
			return 0;
	}
}

/*
 * Sets which columns make a household for which others. complete: the columns, as
 * bits, of which every pair with the same value is a candidate.
 */
void
dupex_linkage_set_near(DupexLinkageModel *model, uint32_t complete)
{
	for (int c = 0; c < model->columns; c++)
	{
		int			order = household_order(model->column[c].kind);

		model->near[c] = 0;
		for (int other = 0; other < model->columns; other++)
		{
			int			other_order = household_order(model->column[other].kind);

			if (other_order > 0 && (complete >> other & 1) &&
				(order == 0 || other_order < order || (other_order == order && other < c)))
				model->near[c] |= 1u << other;
		}
	}
}

/*
 * Whether a column agrees well enough for the rule: firms and their addresses are
 * hardly ever written the same way twice.
 */
static int
agreeing_levels(const DupexLinkageModel *model, int c, bool has_firm)
{
	DupexLinkageKind kind = model->column[c].kind;

	return has_firm && (kind == DUPEX_LINKAGE_FIRM || kind == DUPEX_LINKAGE_ADDRESS) ? 2 : 1;
}

static bool
has_firm(const DupexLinkageModel *model)
{
	for (int c = 0; c < model->columns; c++)
	{
		if (model->column[c].kind == DUPEX_LINKAGE_FIRM)
			return true;
	}
	return false;
}

/*
 * Pairs about which there is no doubt: the same identity number; or the same name
 * and another value that is the same, where there are names; or two values that are
 * the same. For firms nearly the same is enough.
 */
bool
dupex_linkage_is_certain(const DupexLinkageModel *model, uint64_t levels)
{
	bool		firms = has_firm(model);
	int			same = 0;
	int			names = 0;
	int			other_names = 0;

	for (int c = 0; c < model->columns; c++)
	{
		int			level = dupex_pattern_level(levels, c);
		DupexLinkageKind kind = model->column[c].kind;
		bool		is_name = kind == DUPEX_LINKAGE_NAME || kind == DUPEX_LINKAGE_FIRM;
		bool		agrees = level < agreeing_levels(model, c, firms);

		if (kind == DUPEX_LINKAGE_BLOCK)
			continue;
		if (kind == DUPEX_LINKAGE_ID && level != DUPEX_LINKAGE_MISSING)
			return level == 0;
		same += agrees;
		names += is_name;
		other_names += is_name && !agrees;
	}
	return other_names == 0 && same >= (names > 0 ? names + 1 : 2);
}

/*
 * Whether two records with this level of a column may be of one household: an address
 * may be written with a slip.
 */
bool
dupex_linkage_level_is_near(const DupexLinkageModel *model, int c, int level)
{
	return level == 0 || (level == 1 && model->column[c].kind == DUPEX_LINKAGE_ADDRESS);
}

/*
 * The columns of a pattern, as bits, that may be of one household.
 */
static uint32_t
near_columns(const DupexLinkageModel *model, uint64_t levels)
{
	uint32_t	near = 0;

	for (int c = 0; c < model->columns; c++)
	{
		if (dupex_linkage_level_is_near(model, c, dupex_pattern_level(levels, c)))
			near |= 1u << c;
	}
	return near;
}

/*
 * The columns of a pattern that agree well enough for the rule, as bits.
 */
static uint32_t
agreeing_columns(const DupexLinkageModel *model, uint64_t levels)
{
	bool		firms = has_firm(model);
	uint32_t	agreeing = 0;

	for (int c = 0; c < model->columns; c++)
	{
		if (dupex_pattern_level(levels, c) < agreeing_levels(model, c, firms))
			agreeing |= 1u << c;
	}
	return agreeing;
}

/*
 * How many pairs would agree on these columns if it were chance.
 */
static double
by_chance(const DupexLinkageModel *model, uint32_t agreeing)
{
	bool		firms = has_firm(model);
	double		expected = model->all_pairs;

	for (int c = 0; c < model->columns; c++)
	{
		double		share = model->chance[c][0];

		if (agreeing_levels(model, c, firms) == 2)
			share += model->chance[c][1];
		if (agreeing >> c & 1)
			expected *= share;
	}
	return expected;
}

/*
 * Counts the pairs without doubt and fixes the prior. Patterns that agree on the
 * same columns are looked at together: where chance would bring more than a few of
 * them they are not counted.
 */
static void
fix_prior(DupexLinkageModel *model, const DupexPattern *patterns, size_t count)
{
	double		observed[1 << DUPEX_LINKAGE_COLUMNS];
	double		pairs;

	memset(observed, 0, sizeof(double) << model->columns);
	for (size_t i = 0; i < count; i++)
	{
		if (dupex_linkage_is_certain(model, patterns[i].levels))
			observed[agreeing_columns(model, patterns[i].levels)] += (double) patterns[i].count;
	}
	model->certain = 0;
	for (uint32_t set = 0; set >> model->columns == 0; set++)
	{
		double		chance = by_chance(model, set);

		if (chance <= RULE_CHANCE * observed[set])
			model->certain += observed[set] - chance;
	}
	pairs = model->certain < CERTAIN_LEAST ? 1.0 : model->certain / model->recall;
	if (model->certain < CERTAIN_LEAST)
		model->status = DUPEX_LINKAGE_NOTHING_CERTAIN;
	model->prior = pairs < 0.5 * model->all_pairs ? pairs / model->all_pairs : 0.5;
}

/*
 * u of a column: what any two records have, without the pairs of one person.
 */
static void
set_u(DupexLinkageModel *model, int c)
{
	int			levels = model->column[c].levels;
	double		sum = 0;

	for (int l = 0; l < levels; l++)
	{
		double		share = model->chance[c][l];
		double		u = (share - model->prior * model->m[c][l]) / (1 - model->prior);

		if (u < LEAST_CHANCE * share)
			u = LEAST_CHANCE * share;
		model->u[c][l] = u < UNSEEN ? UNSEEN : u;
		sum += model->u[c][l];
	}
	for (int l = 0; l < levels; l++)
		model->u[c][l] /= sum;
}

/* m / u of any two people, and of two of a household */
typedef struct Ratios
{
	double		any[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];
	double		near[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];
} Ratios;

/*
 * The odds of a pattern, without the shift.
 */
static double
pattern_odds(const DupexLinkageModel *model, const Ratios *ratios, uint64_t levels)
{
	double		odds = model->prior / (1 - model->prior);
	uint32_t	near = near_columns(model, levels);

	for (int c = 0; c < model->columns; c++)
	{
		int			level = dupex_pattern_level(levels, c);

		if (level != DUPEX_LINKAGE_MISSING)
			odds *= (model->near[c] & near) != 0 ? ratios->near[c][level] : ratios->any[c][level];
	}
	return odds;
}

/*
 * How many pairs of one person there are if the odds are shifted.
 */
static double
pairs_found(const DupexLinkageModel *model, const Ratios *ratios, const DupexPattern *patterns,
			size_t count, double shift)
{
	double		found = 0;

	for (size_t i = 0; i < count; i++)
	{
		double		odds = shift * pattern_odds(model, ratios, patterns[i].levels);

		found += (double) patterns[i].count * (odds < 1e300 ? odds / (1 + odds) : 1);
	}
	return found;
}

/*
 * Whether the caller wants no more: with millions of patterns a round takes seconds, and
 * there may be a thousand rounds.
 */
static bool
is_stopped(const DupexLinkageModel *model)
{
	return model->stop != NULL && model->stop(model->stop_data);
}

/*
 * By how much the odds must be lowered so that not far more pairs are found than the
 * prior expects; by halving.
 */
static double
shift_needed(const DupexLinkageModel *model, const Ratios *ratios, const DupexPattern *patterns, size_t count)
{
	double		most = FOUND_FACTOR * model->prior * model->all_pairs;
	double		low = -60;
	double		high = 0;

	if (pairs_found(model, ratios, patterns, count, 1) <= most)
		return 1;
	for (int i = 0; i < 40 && !is_stopped(model); i++)
	{
		double		middle = (low + high) / 2;

		if (pairs_found(model, ratios, patterns, count, exp2(middle)) > most)
			high = middle;
		else
			low = middle;
	}
	return exp2(low);
}

/* pairs by level, as they are expected */
typedef struct Seen
{
	double		one[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];	/* of one person */
	double		near_two[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];	/* of two, of a
																		 * household */
} Seen;

/*
 * Expectation: the pairs of one person, and those of two of a household, by level.
 */
static void
expect(DupexLinkageModel *model, const Ratios *ratios, const DupexPattern *patterns, size_t count, Seen *seen)
{
	double		certain = 0;

	memset(seen, 0, sizeof(*seen));
	model->shift = shift_needed(model, ratios, patterns, count);
	model->found = 0;
	for (size_t i = 0; i < count; i++)
	{
		uint64_t	levels = patterns[i].levels;
		uint32_t	near = near_columns(model, levels);
		double		odds = model->shift * pattern_odds(model, ratios, levels);
		double		pairs = (double) patterns[i].count;
		double		one = pairs * (odds < 1e300 ? odds / (1 + odds) : 1);

		model->found += one;
		if (dupex_linkage_is_certain(model, levels))
			certain += one;
		for (int c = 0; c < model->columns; c++)
		{
			int			level = dupex_pattern_level(levels, c);

			if (level == DUPEX_LINKAGE_MISSING)
				continue;
			seen->one[c][level] += one;
			if (model->near[c] & near)
				seen->near_two[c][level] += pairs - one;
		}
	}
	model->recall_found = model->found > 0 ? certain / model->found : 0;
}

/*
 * u of a household: what was seen, and the u of any two people as if it were a few
 * pairs.
 */
static void
set_near_u(DupexLinkageModel *model, int c, const double *seen)
{
	double		sum = ANY_PAIRS;

	for (int l = 0; l < model->column[c].levels; l++)
		sum += seen[l];
	for (int l = 0; l < model->column[c].levels; l++)
		model->near_u[c][l] = (seen[l] + ANY_PAIRS * model->u[c][l]) / sum;
}

/*
 * One round: expectation over the patterns, then m and u of each column. Returns the
 * largest change of an m.
 */
static double
iterate(DupexLinkageModel *model, const DupexPattern *patterns, size_t count)
{
	Ratios		ratios;
	Seen		seen;
	double		change = 0;

	for (int c = 0; c < model->columns; c++)
	{
		for (int l = 0; l < model->column[c].levels; l++)
		{
			ratios.any[c][l] = model->m[c][l] / model->u[c][l];
			ratios.near[c][l] = model->m[c][l] / model->near_u[c][l];
		}
	}
	expect(model, &ratios, patterns, count, &seen);
	for (int c = 0; c < model->columns; c++)
	{
		double		assumed[DUPEX_LINKAGE_LEVELS];
		double		sum = 0;

		dupex_linkage_default_m(&model->column[c], assumed);
		model->one_same[c] = seen.one[c][0];
		model->one_pairs[c] = 0;
		for (int l = 0; l < model->column[c].levels; l++)
			model->one_pairs[c] += seen.one[c][l];
		for (int l = 0; l < model->column[c].levels; l++)
			sum += seen.one[c][l] += ASSUMED_PAIRS * assumed[l];
		for (int l = 0; l < model->column[c].levels; l++)
		{
			change = fmax(change, fabs(seen.one[c][l] / sum - model->m[c][l]));
			model->m[c][l] = seen.one[c][l] / sum;
		}
		set_u(model, c);
		set_near_u(model, c, seen.near_two[c]);
	}
	return change;
}

/*
 * Whether the same value in a column clearly speaks against one person. Where nearly
 * everybody has the same value, in a list of one town, m may be below u by a little, or
 * only by what is assumed of it: that says nothing.
 */
static bool
speaks_against(const DupexLinkageModel *model, int c)
{
	double		u = model->u[c][0];
	double		expected = u * model->one_pairs[c];

	return model->m[c][0] <= AGAINST * u &&
		expected - model->one_same[c] > AGAINST_DEVIATIONS * sqrt(expected * (1 - u));
}

/*
 * Whether what was found cannot be the persons that were expected: far fewer pairs,
 * far more if they were not held back, or a column in which agreement speaks against
 * one person.
 */
static bool
has_collapsed(DupexLinkageModel *model)
{
	double		expected = model->prior * model->all_pairs;

	model->worst_column = -1;
	if (model->shift < 1 || model->found < expected / FOUND_FACTOR)
		return true;
	for (int c = 0; c < model->columns; c++)
	{
		if (model->column[c].levels < 2 || model->chance[c][0] <= 0 || !speaks_against(model, c))
			continue;
		model->worst_column = c;
		return true;
	}
	return false;
}

/*
 * Sets the assumed m, and u after it.
 */
static void
assume(DupexLinkageModel *model)
{
	static const double none[DUPEX_LINKAGE_LEVELS];

	model->shift = 1;
	for (int c = 0; c < model->columns; c++)
	{
		dupex_linkage_default_m(&model->column[c], model->m[c]);
		set_u(model, c);
		set_near_u(model, c, none);
	}
}

/*
 * Weights of m and u. A level must not be worth more than a better one: such
 * neighbours, which only few pairs make so, are taken together.
 */
static void
weigh_column(int levels, const double *m, const double *u, double *weight)
{
	for (int from = 0; from < levels;)
	{
		int			best_to = from + 1;
		double		m_sum = 0;
		double		u_sum = 0;
		double		best = -1;

		/* the pool of levels from here on that is worth most */
		for (int to = from + 1; to <= levels; to++)
		{
			m_sum += m[to - 1];
			u_sum += u[to - 1];
			if (m_sum / u_sum < best)
				continue;
			best = m_sum / u_sum;
			best_to = to;
		}
		for (int l = from; l < best_to; l++)
			weight[l] = levels < 2 ? 0 : dupex_linkage_log2_rounded(best);
		from = best_to;
	}
}

/*
 * The weights of all columns, and of the prior.
 */
void
dupex_linkage_weigh(DupexLinkageModel *model)
{
	model->prior_weight = dupex_linkage_log2_rounded(model->prior / (1 - model->prior));
	for (int c = 0; c < model->columns; c++)
	{
		weigh_column(model->column[c].levels, model->m[c], model->u[c], model->weight[c]);
		weigh_column(model->column[c].levels, model->m[c], model->near_u[c], model->near_weight[c]);
	}
}

/*
 * Fits the model to the patterns of all candidate pairs. columns, column, all_pairs,
 * chance, recall and stop are set before. Where it has collapsed, or nothing is certain,
 * the assumed m stand, and status says so. Stopped, it is of no use.
 */
void
dupex_linkage_fit(DupexLinkageModel *model, const DupexPattern *patterns, size_t count)
{
	model->status = DUPEX_LINKAGE_NOT_CONVERGED;
	model->iterations = 0;
	fix_prior(model, patterns, count);
	assume(model);
	if (model->status == DUPEX_LINKAGE_NOTHING_CERTAIN)
	{
		(void) iterate(model, patterns, count);
		assume(model);
		dupex_linkage_weigh(model);
		return;
	}
	while (model->iterations < MAX_ITERATIONS && model->status == DUPEX_LINKAGE_NOT_CONVERGED && !is_stopped(model))
	{
		model->iterations++;
		if (iterate(model, patterns, count) < TOLERANCE)
			model->status = DUPEX_LINKAGE_FITTED;
	}
	if (has_collapsed(model))
	{
		model->status = DUPEX_LINKAGE_COLLAPSED;
		assume(model);
	}
	dupex_linkage_weigh(model);
}

/*
 * The weight of a pattern: the evidence of all columns, and of the prior.
 */
double
dupex_linkage_weight(const DupexLinkageModel *model, uint64_t levels)
{
	double		weight = model->prior_weight;
	uint32_t	near = near_columns(model, levels);

	for (int c = 0; c < model->columns; c++)
	{
		int			level = dupex_pattern_level(levels, c);

		if (level != DUPEX_LINKAGE_MISSING)
			weight += (model->near[c] & near) != 0 ? model->near_weight[c][level] : model->weight[c][level];
	}
	return weight;
}

/*
 * What a threshold will cost, by the model: pairs of two persons among those at or
 * above it, pairs of one person below it. Those that no pass has found count as
 * missed, as far as the prior expects them.
 */
void
dupex_linkage_errors(const DupexLinkageModel *model, const DupexPattern *patterns, size_t count,
					 double weight, DupexLinkageErrors *errors)
{
	double		right = 0;
	double		one_person = 0;

	errors->pairs = 0;
	for (size_t i = 0; i < count; i++)
	{
		double		pattern_weight = dupex_linkage_weight(model, patterns[i].levels);
		double		expected = (double) patterns[i].count * dupex_linkage_probability(pattern_weight);

		one_person += expected;
		if (pattern_weight < weight)
			continue;
		errors->pairs += (double) patterns[i].count;
		right += expected;
	}
	errors->false_matches = errors->pairs - right;
	errors->missed = fmax(one_person, model->prior * model->all_pairs) - right;
}
