/*
 * gamma.h
 *		The incomplete gamma function and its inverse.
 *
 * Pure C. gamma.c tells range, accuracy and source of each.
 */
#ifndef DUPEX_GAMMA_H
#define DUPEX_GAMMA_H

#include <stdbool.h>

extern double dupex_gamma_power(double a, double x);
extern void dupex_gamma_tails(double a, double x, double *lower, double *upper);
extern double dupex_gamma_quantile(double a, double p, bool upper);

#endif							/* DUPEX_GAMMA_H */
