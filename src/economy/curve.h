/*
 * curve.h
 *		Response curves: what an expense brings, and how that is carried over into later periods.
 *
 * Pure C. curve.c tells the formulas.
 */
#ifndef DUPEX_CURVE_H
#define DUPEX_CURVE_H

#include <stddef.h>

/*
 * The Hill curve maximum * x^slope / (x^slope + half^slope). All three are above 0; a slope of 1
 * is the Michaelis-Menten curve, one above 1 is S-shaped.
 */
typedef struct DupexCurve
{
	double		maximum;
	double		half;
	double		slope;
} DupexCurve;

extern double dupex_curve_value(const DupexCurve *curve, double spend);
extern double dupex_curve_marginal(const DupexCurve *curve, double spend);
extern double dupex_curve_inflection(const DupexCurve *curve);
extern void dupex_adstock(const double *spend, size_t count, double retention, long max_lag, int is_normalised, double *stock);

#endif							/* DUPEX_CURVE_H */
