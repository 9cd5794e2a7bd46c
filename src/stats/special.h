/*
 * special.h
 *		Special functions: log gamma and its derivative, the incomplete beta function and its inverse.
 *
 * Pure C. special.c tells range, accuracy and source of each.
 */
#ifndef DUPEX_SPECIAL_H
#define DUPEX_SPECIAL_H

extern double dupex_difference_of_products(double a, double b, double c, double d);
extern double dupex_log1p_minus_x(double x);
extern double dupex_stirling_error(double x);
extern double dupex_log_gamma(double x);
extern double dupex_log_rising(double a, double x);
extern double dupex_digamma(double x);
extern double dupex_digamma_rising(double a, double x);
extern double dupex_beta_power(double a, double b, double x, double y);
extern void dupex_beta_tails(double a, double b, double x, double y, double *lower, double *upper);
extern void dupex_beta_quantile(double a, double b, double p, double *x, double *y);

#endif							/* DUPEX_SPECIAL_H */
