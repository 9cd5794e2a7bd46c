/*
 * gains.h
 *		How well a score finds those who respond: gains, lift, AUC, KS, calibration.
 *
 * Pure C. gains.c tells the idea.
 */
#ifndef DUPEX_GAINS_H
#define DUPEX_GAINS_H

#include "score/notation.h"
#include "score/tally.h"

/*
 * The people of one score.
 */
typedef struct DupexGainsGroup
{
	double		score;
	double		responders;
	double		others;
} DupexGainsGroup;

/*
 * A bin of people, the best first.
 */
typedef struct DupexGainsBin
{
	double		highest;
	double		lowest;
	double		people;
	double		responders;
	double		cumulative_people;
	double		cumulative_responders;
	double		expected;		/* sum of the scores, for calibration */
} DupexGainsBin;

#define DUPEX_GAINS_KEY	8

extern DupexGainsGroup dupex_gains_group(const DupexTally *tally, const DupexTallyEntry *entry);
extern DupexGainsGroup dupex_gains_total(const DupexGainsGroup *groups, size_t count);
extern bool dupex_gains_auc(const DupexGainsGroup *groups, size_t count, double *auc);
extern bool dupex_gains_ks(const DupexGainsGroup *groups, size_t count, double *ks);
extern int	dupex_gains_bins(const DupexGainsGroup *groups, size_t count, int bins, DupexGainsBin *bin);
extern int	dupex_gains_calibration(const DupexGainsGroup *groups, size_t count, int bins, DupexGainsBin *bin);
extern bool dupex_gains_are_probabilities(const DupexGainsGroup *groups, size_t count);
extern bool dupex_gains_brier(const DupexGainsGroup *groups, size_t count, double *brier);
extern bool dupex_gains_log_loss(const DupexGainsGroup *groups, size_t count, double *loss);
extern void dupex_gains_write(const DupexSink *sink, const DupexTally *tally);

#endif							/* DUPEX_GAINS_H */
