/*
 * optimise.c
 *		Maximum likelihood for models with a few positive parameters.
 *
 * The parameters of purchase models are positive and their likelihood is nearly quadratic in
 * their logarithms. So the search goes over logarithms: quasi-Newton steps (BFGS, as in
 * J. Nocedal and S. Wright, Numerical Optimization, 2nd edition, 6.1 and 3.1) with the
 * likelihood's own derivatives and a backtracking line search.
 *
 * What decides over such a search is how it ends:
 *	- Near the maximum a sum over a million rows is known to 1e-14 of itself only. A line search
 *	  that insists on an increase then never finds one. So a step may lose that much.
 *	- Data often have their maximum at infinity (nobody drops out: a -> 0). The search then walks
 *	  along a ridge that becomes flat, and stops there with a small gradient, which looks like
 *	  convergence. So the matrix of second derivatives is looked at: where it is flat in some
 *	  direction, the fit says so, and names the parameters and where they go.
 *	- There can be several maxima, as with a dropout that is the same for all, or at once or
 *	  never, or none. A search that ends at a boundary may have passed by a better one, so it is
 *	  begun again from other places, and the best is taken.
 *	- A likelihood that is not finite takes the step back and is no error.
 *
 * Every loop is bounded. Pure C, all on the stack.
 */
#include "value/optimise.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIZE				DUPEX_FIT_MAX_SIZE
#define MAX_HALVINGS		24
#define MAX_NEWTON_STEPS	8
#define MAX_STEP			3.0 /* of a logarithm: a factor of 20 */

/* derivatives, a customer: small enough; good enough when no step leads up */
#define GRADIENT_GOAL		1e-10
#define GRADIENT_ENOUGH		1e-6

/* what rounding leaves of a sum over many rows, relative */
#define NOISE				1e-14

/* second derivatives by logarithms, a customer, below this: flat */
#define FLAT				1e-6

/* a parameter has a part in a direction; it has gone far (a logarithm) */
#define SHARE				0.1
#define FAR					1.5

/* a search that rounding has stopped beyond this (a logarithm) was on its way to a boundary */
#define VERY_FAR			15.0

/* a maximum is better when it is by so much of itself, and a customer */
#define BETTER				1e-9

/* step of the differences of gradients; its error is its square */
#define DIFFERENCE			1e-4

/* a point of the search */
typedef struct Point
{
	double		x[SIZE];		/* logarithms of the parameters */
	double		value;			/* minus the log-likelihood */
	double		gradient[SIZE];
} Point;

static bool
evaluate(const DupexLikelihood *likelihood, Point *point, int *evaluations)
{
	bool		is_finite;

	++*evaluations;
	point->value = -likelihood->evaluate(likelihood->data, point->x, point->gradient);
	is_finite = isfinite(point->value);
	for (int i = 0; i < likelihood->size; i++)
	{
		point->gradient[i] = -point->gradient[i];
		is_finite = is_finite && isfinite(point->gradient[i]);
	}
	return is_finite;
}

/*
 * A parameter at the end of its box that wants further out: it stays there.
 */
static bool
is_held(const Point *point, int i)
{
	return (point->x[i] >= DUPEX_FIT_LOG_BOX && point->gradient[i] < 0) ||
		(point->x[i] <= -DUPEX_FIT_LOG_BOX && point->gradient[i] > 0);
}

static double
largest_gradient(const DupexLikelihood *likelihood, const Point *point)
{
	double		largest = 0;

	for (int i = 0; i < likelihood->size; i++)
		if (!is_held(point, i))
			largest = fmax(largest, fabs(point->gradient[i]));
	return largest / likelihood->customers;
}

/*
 * Nothing is known of the shape: a step as long as the gradient, a customer.
 */
static void
reset_inverse(const DupexLikelihood *likelihood, double inverse[SIZE][SIZE])
{
	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++)
			inverse[i][j] = i == j ? 1 / likelihood->customers : 0;
}

/*
 * The product of the inverse matrix and the gradient, downwards, over the parameters that are
 * not held. One at the end of its box that this would lead out is held too. Returns the slope
 * along it.
 */
static double
multiply(int size, const Point *point, double inverse[SIZE][SIZE], double *direction)
{
	bool		held[SIZE];
	double		slope = 0;
	bool		is_again = true;

	for (int i = 0; i < size; i++)
		held[i] = is_held(point, i);
	while (is_again)
	{
		is_again = false;
		slope = 0;
		for (int i = 0; i < size; i++)
		{
			direction[i] = 0;
			for (int j = 0; j < size && !held[i]; j++)
				if (!held[j])
					direction[i] -= inverse[i][j] * point->gradient[j];
			slope += direction[i] * point->gradient[i];
		}
		for (int i = 0; i < size; i++)
			if (!held[i] && fabs(point->x[i]) >= DUPEX_FIT_LOG_BOX && direction[i] * point->x[i] > 0)
				is_again = held[i] = true;
	}
	return slope;
}

/*
 * The direction of a step, at most MAX_STEP long in any parameter and within the box. Starts
 * again from the gradient when the matrix does not lead down. Returns the slope along it, below
 * 0, or 0 when there is nowhere to go.
 */
static double
choose_direction(const DupexLikelihood *likelihood, const Point *point, double inverse[SIZE][SIZE], double *direction)
{
	int			size = likelihood->size;

	for (int attempt = 0; attempt < 2; attempt++)
	{
		double		slope = multiply(size, point, inverse, direction);
		double		factor = 1;

		for (int i = 0; i < size; i++)
		{
			double		way = fabs(direction[i]);

			if (way > MAX_STEP)
				factor = fmin(factor, MAX_STEP / way);
			if (fabs(point->x[i] + direction[i]) > DUPEX_FIT_LOG_BOX && way > 0)
				factor = fmin(factor, (DUPEX_FIT_LOG_BOX - fabs(point->x[i])) / way);
		}
		if (slope < 0 && isfinite(slope) && factor > 0)
		{
			for (int i = 0; i < size; i++)
				direction[i] *= factor;
			return slope * factor;
		}
		reset_inverse(likelihood, inverse);
	}
	return 0;
}

/*
 * The update of the inverse matrix of second derivatives after a step (Nocedal and Wright 6.17),
 * left out when the step shows no curvature. The first one sets the scale.
 */
static void
update_inverse(int size, double inverse[SIZE][SIZE], const Point *from, const Point *to, bool is_first)
{
	double		step[SIZE] = {0};
	double		change[SIZE] = {0};
	double		product[SIZE];
	double		step_change = 0;
	double		change_change = 0;
	double		step_step = 0;
	double		quadratic = 0;

	for (int i = 0; i < size; i++)
	{
		/* what stands still is no part of the problem for now */
		step[i] = to->x[i] - from->x[i];
		change[i] = step[i] == 0 ? 0 : to->gradient[i] - from->gradient[i];
		step_change += step[i] * change[i];
		change_change += change[i] * change[i];
		step_step += step[i] * step[i];
	}
	if (!(step_change > 1e-10 * sqrt(step_step * change_change)))
		return;
	if (is_first)
		for (int i = 0; i < size; i++)
			for (int j = 0; j < size; j++)
				inverse[i][j] = i == j ? step_change / change_change : 0;
	for (int i = 0; i < size; i++)
	{
		product[i] = 0;
		for (int j = 0; j < size; j++)
			product[i] += inverse[i][j] * change[j];
		quadratic += change[i] * product[i];
	}
	for (int i = 0; i < size; i++)
		for (int j = 0; j < size; j++)
			inverse[i][j] += (1 + quadratic / step_change) * step[i] * step[j] / step_change
				- (product[i] * step[j] + step[i] * product[j]) / step_change;
}

/*
 * Walks from a point along a direction to a better one: true, and *to is it.
 */
static bool
search_line(const DupexLikelihood *likelihood, const Point *from, const double *direction, Point *to,
			int *evaluations)
{
	double		length = 1;

	for (int halving = 0; halving < MAX_HALVINGS; halving++)
	{
		double		slope = 0;
		double		moved = 0;

		for (int i = 0; i < likelihood->size; i++)
		{
			to->x[i] = fmax(-DUPEX_FIT_LOG_BOX, fmin(DUPEX_FIT_LOG_BOX, from->x[i] + length * direction[i]));
			slope += (to->x[i] - from->x[i]) * from->gradient[i];
			moved = fmax(moved, fabs(to->x[i] - from->x[i]));
		}
		if (moved == 0)
			return false;
		if (evaluate(likelihood, to, evaluations) &&
			to->value <= from->value + 1e-4 * slope + NOISE * fabs(from->value))
			return true;
		if (likelihood->stop && likelihood->stop(likelihood->data))
			return false;

		/*
		 * far from the solution halves are too timid, and a value that is not
		 * finite says nothing on where to look instead
		 */
		length *= halving < 2 ? 0.5 : 0.2;
	}
	return false;
}

/*
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations: the matrix becomes
 * diagonal, vector[k] is the k-th eigenvector.
 */
static void
diagonalise(int size, double matrix[SIZE][SIZE], double vector[SIZE][SIZE])
{
	for (int i = 0; i < size; i++)
		for (int j = 0; j < size; j++)
			vector[i][j] = i == j;
	for (int sweep = 0; sweep < 60; sweep++)
	{
		double		off = 0;

		for (int p = 0; p < size; p++)
			for (int q = p + 1; q < size; q++)
			{
				double		theta;
				double		t;
				double		c;
				double		s;

				if (matrix[p][q] == 0)
					continue;
				off = fmax(off, fabs(matrix[p][q]));
				theta = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
				t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
				c = 1 / sqrt(t * t + 1);
				s = t * c;
				for (int k = 0; k < size; k++)
				{
					double		a = matrix[k][p];
					double		b = matrix[k][q];

					matrix[k][p] = c * a - s * b;
					matrix[k][q] = s * a + c * b;
				}
				for (int k = 0; k < size; k++)
				{
					double		a = matrix[p][k];
					double		b = matrix[q][k];

					matrix[p][k] = c * a - s * b;
					matrix[q][k] = s * a + c * b;
					a = vector[p][k];
					b = vector[q][k];
					vector[p][k] = c * a - s * b;
					vector[q][k] = s * a + c * b;
				}
				matrix[p][q] = matrix[q][p] = 0;
			}
		if (off < 1e-300)
			break;
	}
}

/*
 * Second derivatives of minus the log-likelihood, a customer, by the logarithms: central
 * differences of the gradient. False when one is not finite.
 */
static bool
second_derivatives(const DupexLikelihood *likelihood, const Point *at, double matrix[SIZE][SIZE], int *evaluations)
{
	int			size = likelihood->size;

	for (int i = 0; i < size; i++)
	{
		Point		above = *at;
		Point		below = *at;

		above.x[i] += DIFFERENCE;
		below.x[i] -= DIFFERENCE;
		if (!evaluate(likelihood, &above, evaluations) || !evaluate(likelihood, &below, evaluations))
			return false;
		for (int j = 0; j < size; j++)
			matrix[i][j] = (above.gradient[j] - below.gradient[j]) / (above.x[i] - below.x[i]) / likelihood->customers;
		for (int j = 0; j < i; j++)
			matrix[i][j] = matrix[j][i] = (matrix[i][j] + matrix[j][i]) / 2;
	}
	return true;
}

/*
 * On a narrow ridge the likelihood cannot tell whether a step is one upwards, because rounding is
 * larger than what it gains, and a search ends or goes to and fro where the derivatives are not
 * small yet. These are known better: a few steps of Newton's method, each of which has to halve
 * them, go the rest of the way. Leaves *point where it is when there is none.
 */
static void
go_by_derivatives(const DupexLikelihood *likelihood, Point *point, DupexFit *fit)
{
	int			size = likelihood->size;

	for (int step = 0; step < MAX_NEWTON_STEPS; step++)
	{
		double		matrix[SIZE][SIZE] = {{0}};
		double		vector[SIZE][SIZE] = {{0}};
		Point		next = *point;
		double		largest = largest_gradient(likelihood, point);

		if (largest <= GRADIENT_GOAL || !second_derivatives(likelihood, point, matrix, &fit->evaluations))
			return;
		diagonalise(size, matrix, vector);
		for (int k = 0; k < size; k++)
		{
			double		slope = 0;

			if (is_held(point, k) || !(matrix[k][k] > 0))
				return;
			for (int i = 0; i < size; i++)
				slope += vector[k][i] * point->gradient[i] / likelihood->customers;
			for (int i = 0; i < size; i++)
				next.x[i] -= vector[k][i] * slope / matrix[k][k];
		}
		for (int i = 0; i < size; i++)
			if (!(fabs(next.x[i] - point->x[i]) <= MAX_STEP) || fabs(next.x[i]) >= DUPEX_FIT_LOG_BOX)
				return;
		if (!evaluate(likelihood, &next, &fit->evaluations) ||
			next.value > point->value + BETTER * (fabs(point->value) + likelihood->customers) ||
			largest_gradient(likelihood, &next) > largest / 2)
			return;
		fit->iterations++;
		*point = next;
	}
}

/*
 * Looks at the point where the search has ended: whether it is a maximum, or the foot of a ridge
 * that leads to infinity; standard errors where there is a maximum. The variance of log(p) is an
 * element of the inverse matrix, the standard error of p is p times that of log(p).
 *
 * Along a ridge the derivatives vanish too, so which way it leads is seen from the usual start, as
 * logarithms. A parameter that is flat but has not moved is one of which the data say nothing.
 */
static void
judge(const DupexLikelihood *likelihood, const double *usual, const Point *at, DupexFit *fit)
{
	int			size = likelihood->size;
	double		matrix[SIZE][SIZE] = {{0}};
	double		vector[SIZE][SIZE] = {{0}};
	bool		is_flat = false;
	bool		has_moved = false;

	if (!second_derivatives(likelihood, at, matrix, &fit->evaluations))
		return;
	diagonalise(size, matrix, vector);
	for (int i = 0; i < size; i++)
	{
		double		way = at->x[i] - usual[i];
		bool		is_free = is_held(at, i) ||
		(fit->status == DUPEX_FIT_LIMIT && fabs(at->x[i]) > VERY_FAR);

		for (int k = 0; k < size; k++)
			if (matrix[k][k] < FLAT)
			{
				is_flat = true;
				is_free = is_free || fabs(vector[k][i]) > SHARE;
			}
		is_flat = is_flat || is_free;
		if (!is_free || fabs(way) < FAR)
			continue;
		has_moved = true;
		fit->direction[i] = way > 0 ? 1 : -1;
	}
	if (is_flat)
	{
		/*
		 * a search that has run into a narrow ridge towards infinity until
		 * rounding stopped it has found the boundary too
		 */
		if (has_moved && fit->status == DUPEX_FIT_LIMIT)
			fit->status = DUPEX_FIT_BOUNDARY;
		if (fit->status == DUPEX_FIT_CONVERGED)
			fit->status = has_moved ? DUPEX_FIT_BOUNDARY : DUPEX_FIT_NOT_IDENTIFIABLE;
		return;
	}
	if (fit->status != DUPEX_FIT_CONVERGED)
		return;
	fit->has_standard_errors = true;
	for (int i = 0; i < size; i++)
	{
		for (int j = 0; j < size; j++)
			for (int k = 0; k < size; k++)
				fit->covariance[i][j] += vector[k][i] * vector[k][j] / matrix[k][k] / likelihood->customers;
		fit->standard_error[i] = fit->parameter[i] * sqrt(fit->covariance[i][i]);
	}
}

/*
 * The search itself, from *point, which it leaves at the best point found. sample, when not
 * NULL, is a fit whose covariance tells the shape of the likelihood.
 */
static DupexFitStatus
climb(const DupexLikelihood *likelihood, const DupexFit *sample, Point *point, DupexFit *fit)
{
	double		inverse[SIZE][SIZE] = {{0}};
	bool		is_fresh = sample == NULL;
	int			held_before = 0;

	reset_inverse(likelihood, inverse);
	for (int i = 0; sample && i < SIZE; i++)
		for (int j = 0; j < SIZE; j++)
			inverse[i][j] = sample->covariance[i][j] * (sample->customers / likelihood->customers);
	while (fit->iterations < DUPEX_FIT_MAX_ITERATIONS)
	{
		Point		next = {0};
		double		direction[SIZE] = {0};
		double		slope;
		double		largest = largest_gradient(likelihood, point);
		int			held = 0;

		if (likelihood->stop && likelihood->stop(likelihood->data))
			return DUPEX_FIT_STOPPED;
		if (largest <= GRADIENT_GOAL)
			return DUPEX_FIT_CONVERGED;
		for (int i = 0; i < likelihood->size; i++)
			held |= (fabs(point->x[i]) >= DUPEX_FIT_LOG_BOX) << i;
		if (held != held_before)
		{
			/* among other parameters the shape is another one */
			reset_inverse(likelihood, inverse);
			is_fresh = true;
			held_before = held;
		}
		slope = choose_direction(likelihood, point, inverse, direction);
		if (slope == 0 || (largest <= GRADIENT_ENOUGH && -slope <= NOISE * NOISE * fabs(point->value)))
			return largest <= GRADIENT_ENOUGH ? DUPEX_FIT_CONVERGED : DUPEX_FIT_LIMIT;
		if (!search_line(likelihood, point, direction, &next, &fit->evaluations))
		{
			if (likelihood->stop && likelihood->stop(likelihood->data))
				return DUPEX_FIT_STOPPED;
			if (is_fresh)
				return largest <= GRADIENT_ENOUGH ? DUPEX_FIT_CONVERGED : DUPEX_FIT_LIMIT;
			reset_inverse(likelihood, inverse);
			is_fresh = true;
			continue;
		}
		fit->iterations++;
		update_inverse(likelihood->size, inverse, point, &next, is_fresh);
		is_fresh = false;

		/*
		 * as good as before to the last digit, with a gradient that is small:
		 * what is left is rounding
		 */
		if (largest <= GRADIENT_ENOUGH && fabs(next.value - point->value) <= NOISE * fabs(point->value) &&
			largest_gradient(likelihood, &next) >= largest)
			return DUPEX_FIT_CONVERGED;
		*point = next;
	}
	return DUPEX_FIT_LIMIT;
}

static double
log_in_box(double parameter)
{
	return fmax(-DUPEX_FIT_LOG_BOX, fmin(DUPEX_FIT_LOG_BOX, log(parameter)));
}

/*
 * One search and what is to be said of its end. usual is where one starts usually.
 */
static void
maximise(const DupexLikelihood *likelihood, const DupexFit *sample, const double *start, const double *usual, DupexFit *fit)
{
	Point		point = {0};
	double		log_usual[SIZE] = {0};

	memset(fit, 0, sizeof(*fit));
	fit->size = likelihood->size;
	fit->customers = likelihood->customers;
	for (int i = 0; i < likelihood->size; i++)
	{
		log_usual[i] = log_in_box(usual[i]);
		point.x[i] = sample ? log(sample->parameter[i]) : log_in_box(start[i]);
	}
	if (!evaluate(likelihood, &point, &fit->evaluations))
	{
		fit->status = DUPEX_FIT_NO_START;
		for (int i = 0; i < likelihood->size; i++)
			fit->parameter[i] = exp(point.x[i]);
		return;
	}
	fit->status = climb(likelihood, sample, &point, fit);
	if (fit->status == DUPEX_FIT_LIMIT)
	{
		go_by_derivatives(likelihood, &point, fit);
		if (largest_gradient(likelihood, &point) <= GRADIENT_ENOUGH)
			fit->status = DUPEX_FIT_CONVERGED;
	}
	for (int i = 0; i < likelihood->size; i++)
		fit->parameter[i] = exp(point.x[i]);
	fit->log_likelihood = -point.value;
	fit->gradient_norm = largest_gradient(likelihood, &point);
	if (fit->status != DUPEX_FIT_STOPPED)
		judge(likelihood, log_usual, &point, fit);
}

/*
 * Finds the parameters of the largest likelihood from a start (parameters, not logarithms).
 * Whatever the data are, *fit is filled, its numbers are finite, and status tells what they are
 * worth. Standard errors are there where the maximum is one.
 */
void
dupex_fit_maximise(const DupexLikelihood *likelihood, const double *start, DupexFit *fit)
{
	maximise(likelihood, NULL, start, start, fit);
}

/*
 * The same from several starts, the usual one first. The others are tried where that one has not
 * led to a maximum at a finite point, and the fit with the largest likelihood is returned, and
 * which start led to it.
 */
int
dupex_fit_maximise_best(const DupexLikelihood *likelihood, const double (*start)[DUPEX_FIT_MAX_SIZE], int count, DupexFit *fit)
{
	int			best = 0;

	maximise(likelihood, NULL, start[0], start[0], fit);
	if (fit->status == DUPEX_FIT_CONVERGED)
		return best;
	for (int i = 1; i < count && fit->status != DUPEX_FIT_STOPPED; i++)
	{
		DupexFit	other;

		maximise(likelihood, NULL, start[i], start[0], &other);
		if (other.status == DUPEX_FIT_NO_START)
			continue;
		if (other.status == DUPEX_FIT_STOPPED || fit->status == DUPEX_FIT_NO_START ||
			other.log_likelihood > fit->log_likelihood + BETTER * (fabs(fit->log_likelihood) + likelihood->customers))
		{
			*fit = other;
			best = i;
		}
	}
	return best;
}

/*
 * The same for many rows, after a fit to a small part of them: from there few steps remain. start
 * is where that one has started, usual where one starts usually. When it has found no maximum it
 * is not used.
 */
void
dupex_fit_maximise_from(const DupexLikelihood *likelihood, const DupexFit *sample, const double *start,
						const double *usual, DupexFit *fit)
{
	maximise(likelihood, sample->has_standard_errors ? sample : NULL, start, usual, fit);
}

/*
 * Where the parameters go, in the form "a -> 0, b -> infinity"; an empty text where none does.
 */
void
dupex_fit_limit(const DupexFit *fit, const char *const *names, char *text, size_t size)
{
	size_t		length = 0;

	text[0] = '\0';
	for (int i = 0; i < fit->size && length < size; i++)
		if (fit->direction[i] != 0)
			length += (size_t) snprintf(text + length, size - length, "%s%s -> %s", length > 0 ? ", " : "",
										names[i], fit->direction[i] < 0 ? "0" : "infinity");
}

/*
 * Akaike's information criterion: twice the number of parameters less twice the log-likelihood.
 */
double
dupex_fit_aic(const DupexFit *fit)
{
	return 2.0 * fit->size - 2 * fit->log_likelihood;
}

/*
 * Schwarz's criterion: the number of parameters times the logarithm of the number of customers,
 * less twice the log-likelihood.
 */
double
dupex_fit_bic(const DupexFit *fit)
{
	return fit->size * log(fit->customers) - 2 * fit->log_likelihood;
}
