/*
 * naive_bayes.h
 *		Naive Bayes from counts of outcomes by feature and value.
 *
 * Pure C. naive_bayes.c tells the idea.
 */
#ifndef DUPEX_NAIVE_BAYES_H
#define DUPEX_NAIVE_BAYES_H

#include "score/notation.h"
#include "score/tally.h"

/*
 * Weights of outcomes, won and lost.
 */
typedef struct DupexOutcomes
{
	double		won;
	double		lost;
} DupexOutcomes;

/* contributions are multiples of 2^-32, so that their sums are exact */
#define DUPEX_LOG_ODDS_UNITS	4294967296.0

extern double dupex_log_odds_round(double log_odds);
extern double dupex_probability(double log_odds);
extern double dupex_naive_bayes_prior(DupexOutcomes all, double alpha);
extern double dupex_naive_bayes_value(DupexOutcomes value, DupexOutcomes feature, double values, double alpha);
extern double dupex_naive_bayes_share(DupexOutcomes value, DupexOutcomes all, double alpha);
extern DupexOutcomes dupex_naive_bayes_outcomes(const DupexTallyEntry *entry);
extern bool dupex_naive_bayes_is_key(const char *key, size_t length);
extern void dupex_naive_bayes_write(const DupexSink *sink, const DupexTally *tally);

#endif							/* DUPEX_NAIVE_BAYES_H */
