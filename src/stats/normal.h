/*
 * normal.h
 *		The standard normal distribution.
 *
 * Pure C.
 */
#ifndef DUPEX_NORMAL_H
#define DUPEX_NORMAL_H

extern double dupex_normal_upper_tail(double z);
extern double dupex_normal_quantile(double p);

#endif							/* DUPEX_NORMAL_H */
