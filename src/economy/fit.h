/*
 * fit.h
 *		The response curve that fits expenses and their outcomes best.
 *
 * Pure C. fit.c tells the method.
 */
#ifndef DUPEX_ECONOMY_FIT_H
#define DUPEX_ECONOMY_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "economy/curve.h"

typedef struct DupexPoint
{
	double		spend;
	double		outcome;
} DupexPoint;

typedef enum DupexCurveStatus
{
	DUPEX_CURVE_CONVERGED = 0,
	DUPEX_CURVE_PROPORTIONAL,	/* no saturation to be seen */
	DUPEX_CURVE_FLAT,			/* more money brings no more */
	DUPEX_CURVE_STEEP,			/* slope at its upper bound */
	DUPEX_CURVE_SHALLOW,		/* slope at its lower bound */
	DUPEX_CURVE_LIMIT,			/* not converged within the iterations */
	DUPEX_CURVE_ROUNDING,		/* rounding ended the search before */
	/* from here on there is no curve */
	DUPEX_CURVE_NO_POINTS,
	DUPEX_CURVE_FEW_SPENDS,
	DUPEX_CURVE_NO_RESPONSE,
	DUPEX_CURVE_OUT_OF_RANGE,
	DUPEX_CURVE_STOPPED
} DupexCurveStatus;

#define DUPEX_CURVE_HAS_CURVE(status) ((status) < DUPEX_CURVE_NO_POINTS)

typedef struct DupexCurveFit
{
	DupexCurveStatus status;
	DupexCurve	curve;
	size_t		points;
	size_t		spends;			/* different ones above 0 */
	int			parameters;
	double		residual_sum;	/* of squares */
	double		total_sum;		/* of squares about the mean */
	bool		has_errors;
	double		error[3];		/* standard errors of maximum, half, slope */
} DupexCurveFit;

#define DUPEX_SLOPE_MIN	0.2
#define DUPEX_SLOPE_MAX	10.0

extern void dupex_curve_fit(DupexPoint *points, size_t count, bool has_slope, bool (*stop) (void *), DupexCurveFit *fit);

#endif							/* DUPEX_ECONOMY_FIT_H */
