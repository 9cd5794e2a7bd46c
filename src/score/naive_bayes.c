/*
 * naive_bayes.c
 *		Naive Bayes from counts of outcomes by feature and value.
 *
 * The state counts won and lost outcomes: all of them under the empty key, and those of a value
 * under feature, NUL, value. The log-odds of a new case are those of all outcomes, plus for each
 * of its values the logarithm of how much more often it occurs among the won than among the
 * lost. With alpha .1 this is the predictive scoring of Odoo.
 *
 * Each contribution is rounded to a multiple of 2^-32 (a ten billionth), after which sums of
 * floating point numbers are exact: the reasons add up to the log-odds to the last bit, in any
 * order.
 *
 * Pure C: no memory is allocated.
 */
#include "naive_bayes.h"

#include <math.h>
#include <string.h>

/*
 * Rounds to a multiple of 2^-32.
 */
double
dupex_log_odds_round(double log_odds)
{
	return rint(log_odds * DUPEX_LOG_ODDS_UNITS) / DUPEX_LOG_ODDS_UNITS;
}

/*
 * The probability that has these log-odds.
 */
double
dupex_probability(double log_odds)
{
	return 1 / (1 + exp(-log_odds));
}

/*
 * Log-odds of all outcomes, alpha (above 0) added to either count.
 */
double
dupex_naive_bayes_prior(DupexOutcomes all, double alpha)
{
	return dupex_log_odds_round(log(all.won + alpha) - log(all.lost + alpha));
}

/*
 * The logarithm of how much larger a share is among the won than among the lost. A very small
 * alpha makes quotients that are no numbers any more; their logarithms are.
 */
static double
log_ratio(DupexOutcomes part, DupexOutcomes whole, double alpha_of_part, double alpha_of_whole)
{
	double		won = log(part.won + alpha_of_part) - log(whole.won + alpha_of_whole);
	double		lost = log(part.lost + alpha_of_part) - log(whole.lost + alpha_of_whole);

	return dupex_log_odds_round(won - lost);
}

/*
 * What a value contributes: its share among the values of its feature, won against lost. alpha
 * is added to the counts of each value, so alpha times the number of different values to those
 * of the feature.
 */
double
dupex_naive_bayes_value(DupexOutcomes value, DupexOutcomes feature, double values, double alpha)
{
	return log_ratio(value, feature, alpha, alpha * values);
}

/*
 * What a value contributes whose share is that of all outcomes: for features of which an outcome
 * has many values, such as the stages that a lead has reached.
 */
double
dupex_naive_bayes_share(DupexOutcomes value, DupexOutcomes all, double alpha)
{
	return log_ratio(value, all, alpha, alpha);
}

/*
 * The counts of an entry.
 */
DupexOutcomes
dupex_naive_bayes_outcomes(const DupexTallyEntry *entry)
{
	DupexOutcomes outcomes;

	outcomes.won = dupex_sum_value(&dupex_tally_sums(entry)[0]);
	outcomes.lost = dupex_sum_value(&dupex_tally_sums(entry)[1]);
	return outcomes;
}

/*
 * Whether the bytes are a key: none at all, or feature, NUL, value.
 */
bool
dupex_naive_bayes_is_key(const char *key, size_t length)
{
	const char *middle = length == 0 ? NULL : memchr(key, '\0', length);

	return length == 0 || (middle != NULL && memchr(middle + 1, '\0', length - (size_t) (middle + 1 - key)) == NULL);
}

static void
write_outcomes(const DupexSink *sink, const DupexTallyEntry *entry)
{
	dupex_write(sink, "[");
	dupex_write_sum(sink, &dupex_tally_sums(entry)[0]);
	dupex_write(sink, ", ");
	dupex_write_sum(sink, &dupex_tally_sums(entry)[1]);
	dupex_write(sink, "]");
}

/*
 * Writes a finished state.
 */
void
dupex_naive_bayes_write(const DupexSink *sink, const DupexTally *tally)
{
	const DupexTallyEntry *entry = dupex_tally_next(tally, NULL);
	const char *feature = NULL;
	size_t		feature_length = 0;

	dupex_write(sink, "{\"outcomes\": ");
	if (entry != NULL && entry->length == 0)
	{
		write_outcomes(sink, entry);
		entry = dupex_tally_next(tally, entry);
	}
	else
		dupex_write(sink, "[0, 0]");
	dupex_write(sink, ", \"features\": {");
	for (; entry != NULL; entry = dupex_tally_next(tally, entry))
	{
		const char *key = dupex_tally_key(tally, entry);
		size_t		length = strlen(key);

		if (feature == NULL || feature_length != length || memcmp(feature, key, length) != 0)
		{
			dupex_write(sink, feature == NULL ? "" : "}, ");
			dupex_write_string(sink, key, length);
			dupex_write(sink, ": {");
			feature = key;
			feature_length = length;
		}
		else
			dupex_write(sink, ", ");
		dupex_write_string(sink, key + length + 1, entry->length - length - 1);
		dupex_write(sink, ": ");
		write_outcomes(sink, entry);
	}
	dupex_write(sink, feature == NULL ? "}}" : "}}}");
}
