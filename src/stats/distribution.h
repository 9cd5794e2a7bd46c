/*
 * distribution.h
 *		The distributions of tests: chi-square, t, F, binomial, noncentral t.
 *
 * Pure C. distribution.c tells range, accuracy and source of each.
 */
#ifndef DUPEX_DISTRIBUTION_H
#define DUPEX_DISTRIBUTION_H

#include <stdbool.h>

extern double dupex_chi_square_upper_tail(double x, double df);
extern double dupex_t_upper_tail(double t, double df);
extern double dupex_t_quantile(double p, double df);
extern void dupex_f_tails(double f, double df1, double df2, double *lower, double *upper);
extern double dupex_f_quantile(double p, double df1, double df2, bool upper);
extern double dupex_binomial_probability(double successes, double trials, double p);
extern void dupex_binomial_tails(double successes, double trials, double p, double *at_most, double *above);
extern double dupex_noncentral_t_upper_tail(double t, double df, double shift);

#endif							/* DUPEX_DISTRIBUTION_H */
