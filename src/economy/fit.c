/*
 * fit.c
 *		The response curve that fits expenses and their outcomes best.
 *
 * Least squares with bounds. For given half and slope the best maximum is a division, so the
 * search is over one or two numbers: a grid finds the valley, whatever the start would have
 * been, and steps of Levenberg and Marquardt (J. More, The Levenberg-Marquardt algorithm, 1978)
 * go to its bottom. Where the expenses do not reach saturation, maximum and half can hardly be
 * told apart, and the valley is long and bent; so the steps are over the outcome at the largest
 * expense, log half and log slope. A number at a bound is held there while the others go on.
 * Money and outcome are scaled to 1, so that their units do not matter.
 *
 * Data that cannot tell a curve are the rule, not the exception: a medium always got the same
 * money, or never enough to see it saturate. So half stays within a thousandth of the least and a
 * thousand times the largest expense, and a fit that comes to rest at a bound says what that
 * means. Standard errors are those of the linearised problem; there are none at a bound.
 *
 * Pure C; the points are sorted in place, so that their order does not matter to the last bit.
 */
#include "economy/fit.h"

#include <math.h>
#include <stdlib.h>

#define GRID_HALF		72
#define GRID_SLOPE		24
#define MAX_ITERATIONS	3000
#define MAX_PARAMETERS	3

/* steps that change the sum of squares by rounding alone */
#define MAX_QUIET		8

/* less of the sum of squares is not to be gained; is not to be seen, it is rounding; is good enough */
#define NOTHING			1e-26
#define ROUNDING		1e-15
#define ALMOST_NOTHING	1e-10
#define EXACT			1e-25	/* of outcomes scaled to 1 */

/* of the logarithm: beyond the expenses there were */
#define BEYOND			6.9077552789821368	/* log 1000 */

/* nearer than this to a bound is at it */
#define AT_BOUND		1e-4

typedef struct Problem
{
	const DupexPoint *points;
	size_t		count;
	double		spend_unit;
	double		outcome_unit;
	double		lower[MAX_PARAMETERS];
	double		upper[MAX_PARAMETERS];
	int			parameters;
} Problem;

static int
compare_points(const void *left, const void *right)
{
	const DupexPoint *a = left;
	const DupexPoint *b = right;

	if (a->spend != b->spend)
		return a->spend < b->spend ? -1 : 1;
	return a->outcome < b->outcome ? -1 : a->outcome > b->outcome;
}

/*
 * The share of the maximum at a scaled expense.
 */
static double
share(double spend, double log_half, double slope)
{
	return spend > 0 ? 1 / (1 + exp(slope * (log_half - log(spend)))) : 0;
}

/*
 * The best maximum for half and slope, not below 0; stores it and returns the sum of squares
 * that is left.
 */
static double
best_maximum(const Problem *problem, double log_half, double slope, double *maximum)
{
	double		products = 0;
	double		squares = 0;
	double		left = 0;

	for (size_t i = 0; i < problem->count; i++)
	{
		double		part = share(problem->points[i].spend / problem->spend_unit, log_half, slope);

		products += part * problem->points[i].outcome / problem->outcome_unit;
		squares += part * part;
	}
	*maximum = products > 0 && squares > 0 ? products / squares : 0;
	for (size_t i = 0; i < problem->count; i++)
	{
		double		part = share(problem->points[i].spend / problem->spend_unit, log_half, slope);
		double		off = problem->points[i].outcome / problem->outcome_unit - *maximum * part;

		left += off * off;
	}
	return left;
}

/*
 * The sum of squares at x (maximum, log half, log slope), the products of the derivatives, and
 * of these with what is left. With is_at_end x begins with the outcome at the largest expense
 * instead of the maximum.
 */
static double
linearise(const Problem *problem, const double *x, bool is_at_end, double matrix[MAX_PARAMETERS][MAX_PARAMETERS], double *vector)
{
	double		left = 0;
	double		slope = exp(x[2]);
	double		end = is_at_end ? share(1, x[1], slope) : 1;
	double		beyond = is_at_end ? 1 - end : 0;

	for (int i = 0; i < MAX_PARAMETERS; i++)
	{
		vector[i] = 0;
		for (int j = 0; j < MAX_PARAMETERS; j++)
			matrix[i][j] = 0;
	}
	for (size_t i = 0; i < problem->count; i++)
	{
		double		spend = problem->points[i].spend / problem->spend_unit;
		double		part = share(spend, x[1], slope);
		double		off = problem->points[i].outcome / problem->outcome_unit - x[0] * part / end;
		double		bend = x[0] * part / end * slope;
		double		derivative[MAX_PARAMETERS] = {part / end, bend * (beyond - (1 - part)),
		spend > 0 ? bend * ((1 - part) * (log(spend) - x[1]) + beyond * x[1]) : 0};

		left += off * off;
		for (int j = 0; j < problem->parameters; j++)
		{
			vector[j] += derivative[j] * off;
			for (int k = 0; k < problem->parameters; k++)
				matrix[j][k] += derivative[j] * derivative[k];
		}
	}
	return left;
}

/*
 * Inverts a symmetric positive matrix of the given size in place by elimination; false when it
 * is not to be inverted.
 */
static bool
invert(double matrix[MAX_PARAMETERS][MAX_PARAMETERS], int size)
{
	for (int p = 0; p < size; p++)
	{
		double		pivot = matrix[p][p];

		if (!(pivot > 0) || !isfinite(pivot))
			return false;
		matrix[p][p] = 1;
		for (int j = 0; j < size; j++)
			matrix[p][j] /= pivot;
		for (int i = 0; i < size; i++)
		{
			double		factor = matrix[i][p];

			if (i == p)
				continue;
			matrix[i][p] = 0;
			for (int j = 0; j < size; j++)
				matrix[i][j] -= factor * matrix[p][j];
		}
	}
	return true;
}

/*
 * Whether a number is at a bound and would go beyond: it stays there.
 */
static bool
is_held(const Problem *problem, const double *x, const double *vector, int i)
{
	return (x[i] <= problem->lower[i] && vector[i] < 0) || (x[i] >= problem->upper[i] && vector[i] > 0);
}

/*
 * A damped step from x to next, within the bounds; false where the matrix does not allow one.
 */
static bool
step_from(const Problem *problem, const double *x, double matrix[MAX_PARAMETERS][MAX_PARAMETERS],
		  const double *vector, double damping, double *next)
{
	double		damped[MAX_PARAMETERS][MAX_PARAMETERS];
	bool		held[MAX_PARAMETERS];
	int			n = problem->parameters;

	for (int i = 0; i < n; i++)
		held[i] = is_held(problem, x, vector, i);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
		{
			if (held[i] || held[j])
				damped[i][j] = i == j;
			else
				damped[i][j] = matrix[i][j] + (i == j ? damping * (matrix[i][i] + 1e-30) : 0);
		}
	if (!invert(damped, n))
		return false;
	for (int i = 0; i < MAX_PARAMETERS; i++)
	{
		double		step = 0;

		for (int j = 0; j < n && i < n; j++)
			step += held[j] ? 0 : damped[i][j] * vector[j];
		next[i] = fmin(problem->upper[i], fmax(problem->lower[i], x[i] + step));
		if (!isfinite(next[i]))
			return false;
	}
	return true;
}

/*
 * How steep it is at x, as a part of the sum of squares: what could be gained if each number were by
 * itself. What is held at a bound does not count.
 */
static double
steepness(const Problem *problem, const double *x, double matrix[MAX_PARAMETERS][MAX_PARAMETERS], const double *vector)
{
	double		sum = 0;

	for (int i = 0; i < problem->parameters; i++)
		if (!is_held(problem, x, vector, i) && matrix[i][i] > 0)
			sum += vector[i] * vector[i] / matrix[i][i];
	return sum;
}

/*
 * From the best point of the grid, with the outcome at the largest expense instead of the maximum,
 * to the bottom of the valley. Returns how the search has ended.
 *
 * Where the sum of squares changes by no more than its rounding, which is some ten-millionths of the
 * numbers before the bottom, it cannot tell a good step from a bad one, and steps may go to and fro for
 * ever. After a few of these a step has to make it less steep. Bold steps, which often go too far, are
 * the quick way through a long and bent valley; but where what is left is large, all of them may go too
 * far and gain next to nothing. So after half of the iterations such steps are made shorter.
 */
static DupexCurveStatus
descend(const Problem *problem, double *x, bool (*stop) (void *))
{
	double		matrix[MAX_PARAMETERS][MAX_PARAMETERS];
	double		vector[MAX_PARAMETERS];
	double		left = linearise(problem, x, true, matrix, vector);
	double		steep = steepness(problem, x, matrix, vector);
	double		damping = 1e-4;
	int			quiet = 0;

	for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++)
	{
		double		next[MAX_PARAMETERS];
		double		next_matrix[MAX_PARAMETERS][MAX_PARAMETERS];
		double		next_vector[MAX_PARAMETERS];
		double		next_left;
		double		next_steep;
		double		rounding = ROUNDING * (10 * left + sqrt((double) problem->count * left));
		double		promised = 0;
		double		beyond = 0;

		if (stop && stop(NULL))
			return DUPEX_CURVE_STOPPED;
		if (steep < NOTHING * left + EXACT)
			return DUPEX_CURVE_CONVERGED;
		if (damping > 1e12 || !step_from(problem, x, matrix, vector, damping, next))
			return steep < ALMOST_NOTHING * left ? DUPEX_CURVE_CONVERGED : DUPEX_CURVE_ROUNDING;
		next_left = linearise(problem, next, true, next_matrix, next_vector);
		next_steep = steepness(problem, next, next_matrix, next_vector);
		for (int i = 0; i < problem->parameters; i++)
		{
			promised += (next[i] - x[i]) * vector[i];
			beyond += (x[i] - next[i]) * next_vector[i];
		}
		quiet = fabs(next_left - left) <= rounding ? quiet + 1 : 0;
		if (!(next_left <= left + rounding) || (quiet > MAX_QUIET && next_steep > 0.9 * steep))
		{
			damping *= 8;
			continue;
		}
		for (int i = 0; i < MAX_PARAMETERS; i++)
		{
			x[i] = next[i];
			vector[i] = next_vector[i];
			for (int j = 0; j < MAX_PARAMETERS; j++)
				matrix[i][j] = next_matrix[i][j];
		}
		if (iteration > MAX_ITERATIONS / 2 && beyond > promised / 2 && left - next_left < promised / 4)
			damping *= 4;
		else
			damping = fmax(damping / 10, 1e-14);
		left = next_left;
		steep = next_steep;
	}
	return DUPEX_CURVE_LIMIT;
}

/*
 * The best point of the grid into x. False when stopped.
 */
static bool
search_grid(const Problem *problem, bool has_slope, bool (*stop) (void *), double *x)
{
	double		least = HUGE_VAL;
	int			slopes = has_slope ? GRID_SLOPE : 0;

	for (int j = 0; j <= slopes; j++)
	{
		double		log_slope = has_slope ? problem->lower[2] + (problem->upper[2] - problem->lower[2]) * j / slopes : 0;

		for (int i = 0; i <= GRID_HALF; i++)
		{
			double		log_half = problem->lower[1] + (problem->upper[1] - problem->lower[1]) * i / GRID_HALF;
			double		maximum;
			double		left = best_maximum(problem, log_half, exp(log_slope), &maximum);

			if (stop && stop(NULL))
				return false;
			if (left < least)
			{
				least = left;
				x[0] = maximum;
				x[1] = log_half;
				x[2] = log_slope;
			}
		}
	}
	return true;
}

/*
 * What the point means where the search has ended as given.
 */
static DupexCurveStatus
judge(const Problem *problem, bool has_slope, DupexCurveStatus ended, const double *x)
{
	if (ended == DUPEX_CURVE_STOPPED)
		return ended;
	if (!(x[0] > 0))
		return DUPEX_CURVE_NO_RESPONSE;
	if (x[1] > problem->upper[1] - AT_BOUND)
		return DUPEX_CURVE_PROPORTIONAL;
	if (x[1] < problem->lower[1] + AT_BOUND)
		return DUPEX_CURVE_FLAT;
	if (has_slope && x[2] > problem->upper[2] - AT_BOUND)
		return DUPEX_CURVE_STEEP;
	if (has_slope && x[2] < problem->lower[2] + AT_BOUND)
		return DUPEX_CURVE_SHALLOW;
	return ended;
}

/*
 * The sums of squares, and the standard errors where there are degrees of freedom and no bound.
 */
static void
measure(const Problem *problem, const double *x, DupexCurveFit *fit)
{
	double		matrix[MAX_PARAMETERS][MAX_PARAMETERS];
	double		vector[MAX_PARAMETERS];
	double		scale[MAX_PARAMETERS] = {problem->outcome_unit, fit->curve.half, fit->curve.slope};
	double		mean = 0;

	fit->residual_sum = linearise(problem, x, false, matrix, vector) * problem->outcome_unit * problem->outcome_unit;
	if (!isfinite(fit->residual_sum))
	{
		fit->status = DUPEX_CURVE_OUT_OF_RANGE;
		return;
	}
	for (size_t i = 0; i < problem->count; i++)
		mean += problem->points[i].outcome / (double) problem->count;
	fit->total_sum = 0;
	for (size_t i = 0; i < problem->count; i++)
		fit->total_sum += (problem->points[i].outcome - mean) * (problem->points[i].outcome - mean);
	if (fit->status != DUPEX_CURVE_CONVERGED || problem->count <= (size_t) problem->parameters || !invert(matrix, problem->parameters))
		return;
	fit->has_errors = true;
	for (int i = 0; i < problem->parameters; i++)
		fit->error[i] = scale[i] * sqrt(matrix[i][i] * fit->residual_sum / (double) (problem->count - (size_t) problem->parameters)) /
			problem->outcome_unit;
}

/*
 * Fits a curve to points of finite numbers, expenses not negative; with has_slope the Hill
 * curve, else that of Michaelis and Menten. Sorts the points. stop (may be NULL) is asked from
 * time to time and ends the fit with DUPEX_CURVE_STOPPED.
 */
void
dupex_curve_fit(DupexPoint *points, size_t count, bool has_slope, bool (*stop) (void *), DupexCurveFit *fit)
{
	Problem		problem = {points, count, 0, 0, {0, 0, 0}, {HUGE_VAL, 0, 0}, has_slope ? 3 : 2};
	double		least = 0;
	double		x[MAX_PARAMETERS] = {0, 0, 0};
	DupexCurveStatus ended;

	*fit = (DupexCurveFit)
	{
		.points = count,.parameters = problem.parameters
	};
	qsort(points, count, sizeof(DupexPoint), compare_points);
	for (size_t i = 0; i < count; i++)
	{
		if (points[i].spend > 0 && (i == 0 || points[i].spend != points[i - 1].spend))
			fit->spends++;
		if (least == 0)
			least = points[i].spend;
		problem.spend_unit = fmax(problem.spend_unit, points[i].spend);
		problem.outcome_unit = fmax(problem.outcome_unit, fabs(points[i].outcome));
	}
	if (count == 0)
		fit->status = DUPEX_CURVE_NO_POINTS;
	else if (problem.outcome_unit == 0)
		fit->status = DUPEX_CURVE_NO_RESPONSE;
	else if (fit->spends < (size_t) problem.parameters)
		fit->status = DUPEX_CURVE_FEW_SPENDS;
	if (!DUPEX_CURVE_HAS_CURVE(fit->status))
		return;

	problem.lower[1] = log(least) - log(problem.spend_unit) - BEYOND;
	problem.upper[1] = BEYOND;
	problem.lower[2] = has_slope ? log(DUPEX_SLOPE_MIN) : 0;
	problem.upper[2] = has_slope ? log(DUPEX_SLOPE_MAX) : 0;
	if (!search_grid(&problem, has_slope, stop, x))
	{
		fit->status = DUPEX_CURVE_STOPPED;
		return;
	}
	x[0] *= share(1, x[1], exp(x[2]));
	ended = descend(&problem, x, stop);
	x[0] /= share(1, x[1], exp(x[2]));
	fit->status = judge(&problem, has_slope, ended, x);
	fit->curve.maximum = x[0] * problem.outcome_unit;
	fit->curve.half = exp(x[1]) * problem.spend_unit;
	fit->curve.slope = exp(x[2]);
	if (!(fit->curve.half > 0) || !isfinite(fit->curve.half) || !isfinite(fit->curve.maximum))
		fit->status = DUPEX_CURVE_OUT_OF_RANGE;
	if (DUPEX_CURVE_HAS_CURVE(fit->status))
		measure(&problem, x, fit);
}
