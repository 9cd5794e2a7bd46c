/*
 * sum.h
 *		Compensated sums: a sum of any number of doubles that loses no digits on the way.
 *
 * Pure C. The error of each addition is itself added up and given back at the end, so that the
 * result is what a sum of twice the precision, rounded once, gives (A. Neumaier, Rundungs-
 * fehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974). Needs a compiler that
 * does not reorder floating point operations (no -ffast-math). The sum still depends on the
 * order of its terms in the last bit: who wants the same bits each time adds in one order.
 */
#ifndef DUPEX_SUM_H
#define DUPEX_SUM_H

typedef struct DupexSum
{
	double		sum;
	double		error;
} DupexSum;

/*
 * Adds a term.
 */
static inline void
dupex_sum_add(DupexSum *total, double term)
{
	double		sum = total->sum + term;
	double		part = sum - total->sum;

	/*
	 * the error of an addition without looking at which term is larger (D.
	 * Knuth)
	 */
	total->error += (total->sum - (sum - part)) + (term - part);
	total->sum = sum;
}

/*
 * The total.
 */
static inline double
dupex_sum_value(const DupexSum *total)
{
	return total->sum + total->error;
}

#endif							/* DUPEX_SUM_H */
