/*
 * fisher.h
 *		Fisher's exact test of a table of two rows and two columns.
 *
 * Pure C. fisher.c names the sources.
 */
#ifndef DUPEX_FISHER_H
#define DUPEX_FISHER_H

#include <stdbool.h>

/* more counts than this are refused: the sums would run over millions of terms */
#define DUPEX_FISHER_LIMIT	1e12

/*
 * How many of the first column fall into the first row when sums of rows and columns are given:
 * a table a, b, c, d is row = a + b, other = c + d, column = a + c. Whole numbers.
 */
typedef struct DupexHypergeometric
{
	double		row;
	double		other;
	double		column;
} DupexHypergeometric;

typedef struct DupexFisher
{
	double		p_value;		/* two-sided */
	double		p_less;
	double		p_greater;
	double		odds_ratio;
	double		lower;
	double		upper;
} DupexFisher;

extern double dupex_hypergeometric_probability(DupexHypergeometric table, double count);
extern void dupex_hypergeometric_tails(DupexHypergeometric table, double count, double *at_most, double *at_least);
extern DupexFisher dupex_fisher_test(double a, double b, double c, double d, double confidence);
extern void dupex_rollout_exact(double successes, double trials, double rollout, double confidence, double *lower, double *upper);

#endif							/* DUPEX_FISHER_H */
