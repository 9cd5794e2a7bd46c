/*
 * gains.c
 *		How well a score finds those who respond: gains, lift, AUC, KS, calibration.
 *
 * The state counts responders and others by score. Everything is computed from those groups, the
 * best score first, so that people of equal score are treated alike whatever order they came in:
 * where a bin ends among them, its share of their responders is what is to be expected.
 *
 * Sums run over the groups in their order, so the same state gives the same bits. Counts are
 * exact up to 2^53.
 *
 * Pure C: no memory is allocated.
 */
#include "gains.h"

#include <math.h>

#include "score/sortable.h"

/*
 * The group of an entry.
 */
DupexGainsGroup
dupex_gains_group(const DupexTally *tally, const DupexTallyEntry *entry)
{
	const DupexSum *sums = dupex_tally_sums(entry);
	DupexGainsGroup group;

	group.score = dupex_get_double((const unsigned char *) dupex_tally_key(tally, entry));
	group.responders = dupex_sum_value(&sums[0]);
	group.others = dupex_sum_value(&sums[1]);
	return group;
}

/*
 * All responders and others. The groups of this and of the functions below begin with the
 * highest score.
 */
DupexGainsGroup
dupex_gains_total(const DupexGainsGroup *groups, size_t count)
{
	DupexGainsGroup total = {0, 0, 0};

	for (size_t i = 0; i < count; i++)
	{
		total.responders += groups[i].responders;
		total.others += groups[i].others;
	}
	return total;
}

/*
 * Area under the ROC curve: the probability that a responder has a higher score than one of the
 * others, equal scores counting half (Mann and Whitney). False when there are no responders or
 * no others.
 */
bool
dupex_gains_auc(const DupexGainsGroup *groups, size_t count, double *auc)
{
	DupexGainsGroup total = dupex_gains_total(groups, count);
	double		below = total.others;
	double		area = 0;

	if (total.responders == 0 || total.others == 0)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		below -= groups[i].others;
		area += groups[i].responders * (below + groups[i].others / 2);
	}
	*auc = area / total.responders / total.others;
	return true;
}

/*
 * The statistic of Kolmogorov and Smirnov: the largest difference, over all scores, between the
 * share of the responders and the share of the others who have at least that score. False as
 * above.
 */
bool
dupex_gains_ks(const DupexGainsGroup *groups, size_t count, double *ks)
{
	DupexGainsGroup total = dupex_gains_total(groups, count);
	double		responders = 0;
	double		others = 0;

	if (total.responders == 0 || total.others == 0)
		return false;
	*ks = 0;
	for (size_t i = 0; i < count; i++)
	{
		responders += groups[i].responders;
		others += groups[i].others;
		*ks = fmax(*ks, fabs(responders / total.responders - others / total.others));
	}
	return true;
}

/*
 * How many people the first bins hold: sizes as of SQL's ntile(), the first ones larger by one
 * where it does not come out even.
 */
static double
people_of_bins(double people, int bins, int first)
{
	double		each = floor(people / bins);

	return first * each + fmin(first, people - each * bins);
}

/*
 * Makes bins of equal numbers of people, the highest scores first. Returns how many there are:
 * not more than people.
 */
int
dupex_gains_bins(const DupexGainsGroup *groups, size_t count, int bins, DupexGainsBin *bin)
{
	DupexGainsGroup total = dupex_gains_total(groups, count);
	double		people = total.responders + total.others;
	double		people_before = 0;	/* of the current group */
	double		responders_before = 0;
	size_t		at = 0;

	if (people < bins)
		bins = (int) people;
	for (int i = 0; i < bins; i++)
	{
		double		end = people_of_bins(people, bins, i + 1);
		double		start = i == 0 ? 0 : bin[i - 1].cumulative_people;
		double		size;

		bin[i].highest = groups[at].score;
		/* beyond 2^53 people the groups may add up to a little less */
		while (at + 1 < count && people_before + groups[at].responders + groups[at].others < end)
		{
			people_before += groups[at].responders + groups[at].others;
			responders_before += groups[at].responders;
			at++;
		}
		size = groups[at].responders + groups[at].others;
		bin[i].lowest = groups[at].score;
		bin[i].people = end - start;
		bin[i].cumulative_people = end;
		bin[i].cumulative_responders = responders_before + groups[at].responders * fmin(1, (end - people_before) / size);
		bin[i].responders = bin[i].cumulative_responders - (i == 0 ? 0 : bin[i - 1].cumulative_responders);
		bin[i].expected = 0;
		/* a bin that ends with its group leaves nothing of it to the next one */
		if (people_before + size == end && at + 1 < count)
		{
			people_before += size;
			responders_before += groups[at].responders;
			at++;
		}
	}
	return bins;
}

/*
 * Makes up to so many bins of which no group is torn apart: a group goes into the bin where its
 * middle would be. So the bins are not of one size where scores are equal, and those that no
 * group falls into are left out. Returns how many there are. The expected number of responders
 * is the sum of the scores.
 */
int
dupex_gains_calibration(const DupexGainsGroup *groups, size_t count, int bins, DupexGainsBin *bin)
{
	DupexGainsGroup total = dupex_gains_total(groups, count);
	double		people = total.responders + total.others;
	double		before = 0;
	double		responders = 0;
	int			used = 0;
	int			last = -1;

	for (size_t i = 0; i < count; i++)
	{
		double		size = groups[i].responders + groups[i].others;
		int			where = (int) fmin(bins - 1, floor((before + size / 2) * bins / people));
		DupexGainsBin *current;

		if (where != last)
		{
			static const DupexGainsBin empty;

			bin[used] = empty;
			bin[used].highest = groups[i].score;
			used++;
			last = where;
		}
		current = &bin[used - 1];
		before += size;
		responders += groups[i].responders;
		current->lowest = groups[i].score;
		current->people += size;
		current->responders += groups[i].responders;
		current->cumulative_people = before;
		current->cumulative_responders = responders;
		current->expected += size * groups[i].score;
	}
	return used;
}

/*
 * Whether all scores are from 0 to 1.
 */
bool
dupex_gains_are_probabilities(const DupexGainsGroup *groups, size_t count)
{
	return count == 0 || (groups[0].score <= 1 && groups[count - 1].score >= 0);
}

/*
 * The score of Brier (1950): mean squared difference between the probability and what happened
 * (1 or 0). False when there are no people.
 */
bool
dupex_gains_brier(const DupexGainsGroup *groups, size_t count, double *brier)
{
	DupexGainsGroup total = dupex_gains_total(groups, count);
	double		sum = 0;

	if (total.responders + total.others == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		sum += groups[i].responders * (1 - groups[i].score) * (1 - groups[i].score) + groups[i].others * groups[i].score * groups[i].score;
	*brier = sum / (total.responders + total.others);
	return true;
}

/*
 * Mean of -log(probability of what happened). False when there are no people, and when something
 * happened whose probability was 0: the loss is infinite then.
 */
bool
dupex_gains_log_loss(const DupexGainsGroup *groups, size_t count, double *loss)
{
	DupexGainsGroup total = dupex_gains_total(groups, count);
	double		sum = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (groups[i].responders > 0)
			sum -= groups[i].responders * log(groups[i].score);
		if (groups[i].others > 0)
			sum -= groups[i].others * log1p(-groups[i].score);
	}
	*loss = sum / (total.responders + total.others);
	return isfinite(*loss);
}

/*
 * Writes a finished state.
 */
void
dupex_gains_write(const DupexSink *sink, const DupexTally *tally)
{
	dupex_write(sink, "[");
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL;)
	{
		dupex_write(sink, "[");
		dupex_write_double(sink, dupex_gains_group(tally, entry).score);
		dupex_write(sink, ", ");
		dupex_write_sum(sink, &dupex_tally_sums(entry)[0]);
		dupex_write(sink, ", ");
		dupex_write_sum(sink, &dupex_tally_sums(entry)[1]);
		dupex_write(sink, "]");
		entry = dupex_tally_next(tally, entry);
		if (entry != NULL)
			dupex_write(sink, ", ");
	}
	dupex_write(sink, "]");
}
