/*
 * fellegi_sunter.h
 *		What an agreement is worth: weights of the model of Fellegi and Sunter.
 */
#ifndef DUPEX_LINKAGE_FELLEGI_SUNTER_H
#define DUPEX_LINKAGE_FELLEGI_SUNTER_H

#include "linkage/comparison.h"

#include <stdint.h>

/* the level of a column whose value is missing in one of the records */
#define DUPEX_LINKAGE_MISSING 15

/*
 * The levels of all columns of a pair, four bits each, and how many pairs have
 * them.
 */
typedef struct DupexPattern
{
	uint64_t	levels;
	uint64_t	count;
} DupexPattern;

typedef enum DupexLinkageStatus
{
	DUPEX_LINKAGE_FITTED,
	DUPEX_LINKAGE_NOTHING_CERTAIN,	/* no pair to fix the prior by */
	DUPEX_LINKAGE_COLLAPSED,	/* what was found are not the same persons */
	DUPEX_LINKAGE_NOT_CONVERGED
} DupexLinkageStatus;

/*
 * The shares of levels are among the pairs in which both values are there.
 */
typedef struct DupexLinkageModel
{
	int			columns;
	DupexLinkageColumn column[DUPEX_LINKAGE_COLUMNS];
	uint32_t	near[DUPEX_LINKAGE_COLUMNS];	/* columns before this one
												 * that make a household, as
												 * bits */
	double		all_pairs;		/* of all records, or of two lists */
	double		chance[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];	/* of any two records */
	double		certain;		/* pairs by the rule, without those by chance */
	double		recall;			/* of the rule, assumed */
	double		prior;			/* share of pairs of one person among all */
	double		m[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS]; /* of one person */
	double		u[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS]; /* of two */
	double		near_u[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];	/* of two of a household */
	double		weight[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];
	double		near_weight[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS];
	double		prior_weight;
	double		shift;			/* of the odds while learning, so that not far
								 * more pairs are found than expected; 1 for
								 * none */
	double		found;			/* pairs of one person among the candidates */
	double		recall_found;	/* of the rule, by the model */
	double		one_pairs[DUPEX_LINKAGE_COLUMNS];	/* found, with both values */
	double		one_same[DUPEX_LINKAGE_COLUMNS];	/* of these, with the same */
	int			worst_column;	/* where collapsed: -1 for all of it */
	int			iterations;
	bool		(*stop) (void *);	/* asked in each round, or NULL */
	void	   *stop_data;
	DupexLinkageStatus status;
} DupexLinkageModel;

/* a threshold and what it will cost */
typedef struct DupexLinkageErrors
{
	double		pairs;			/* at or above it */
	double		false_matches;	/* expected among these */
	double		missed;			/* expected below it */
} DupexLinkageErrors;

static inline int
dupex_pattern_level(uint64_t levels, int column)
{
	return (int) (levels >> (4 * column) & 15);
}

extern void dupex_linkage_set_near(DupexLinkageModel *model, uint32_t complete);
extern bool dupex_linkage_level_is_near(const DupexLinkageModel *model, int c, int level);
extern double dupex_linkage_log2_rounded(double ratio);
extern double dupex_linkage_probability(double weight);
extern bool dupex_linkage_is_certain(const DupexLinkageModel *model, uint64_t levels);
extern void dupex_linkage_fit(DupexLinkageModel *model, const DupexPattern *patterns, size_t count);
extern void dupex_linkage_weigh(DupexLinkageModel *model);
extern double dupex_linkage_weight(const DupexLinkageModel *model, uint64_t levels);
extern void dupex_linkage_errors(const DupexLinkageModel *model, const DupexPattern *patterns,
								 size_t count, double weight, DupexLinkageErrors *errors);

#endif							/* DUPEX_LINKAGE_FELLEGI_SUNTER_H */
