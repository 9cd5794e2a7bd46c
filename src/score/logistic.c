/*
 * logistic.c
 *		Logistic regression by Newton's method.
 *
 * Maximum likelihood, with a penalty on the squares of the coefficients where wanted. Newton's
 * method (which is iteratively reweighted least squares here: McCullagh and Nelder, Generalized
 * Linear Models, 2.5) on standardised columns, so that units do not matter for accuracy; a step
 * that makes the likelihood smaller is halved. It stops when the square of what is left to go,
 * in units of standard errors (the Newton decrement), is below 1e-16 (times the sum of the weights
 * where that is below 1); one more step is taken then.
 *
 * Where a combination of columns separates the outcomes there is no maximum: the coefficients
 * would grow for ever, each step about as long as the one before. The direction of such steps is
 * then tried as a proof: along it no row of only won outcomes gets less likely, none of only
 * lost ones more likely, and rows of both stay (Albert and Anderson, Biometrika 71, 1984). So
 * separation is reported, and not looped on. One row far away from all others makes steps of that
 * kind too, until it is certain of its outcome; so what stays has to stay to ten digits.
 *
 * Rows are added up in the order given. Equal rows in equal order give equal bits.
 *
 * Pure C: no memory is allocated.
 */
#include "logistic.h"

#include <math.h>
#include <string.h>

#define MAX_ITERATIONS	100
#define MAX_HALVINGS	40
#define ENOUGH			1e-16
#define BREATHE_ROWS	4096

/* a column is a combination of those before it when this little of its variance is left */
#define COLLINEAR		1e-11

/* separation: from which iteration on it is looked for, and how exact the proof has to be */
#define SEPARATION_FROM	6
#define SEPARATION_EXACT	1e-10
/* a step that changes the log-odds of some row by more than this is no last one */
#define STILL_MOVING		0.1

/* where the parts of the work area are */
typedef struct Work
{
	int			size;			/* columns + 1 */
	double	   *beta;
	double	   *trial;
	double	   *step;
	double	   *gradient;
	double	   *hessian;		/* lower triangle, row by row */
	double	   *factor;			/* likewise, of Cholesky's decomposition */
	double	   *penalty;
} Work;

static size_t
triangle(int size)
{
	return (size_t) size * ((size_t) size + 1) / 2;
}

/*
 * How many numbers of work area a fit needs.
 */
size_t
dupex_logistic_work(int columns)
{
	return 5 * ((size_t) columns + 1) + 2 * triangle(columns + 1);
}

static void
divide_work(Work *work, int columns, double *area)
{
	size_t		size = (size_t) columns + 1;

	work->size = columns + 1;
	work->beta = area;
	work->trial = area + size;
	work->step = area + 2 * size;
	work->gradient = area + 3 * size;
	work->penalty = area + 4 * size;
	work->hessian = area + 5 * size;
	work->factor = work->hessian + triangle(columns + 1);
}

/*
 * Means and standard deviations of sparse columns.
 */
static void
measure_sparse(const DupexDesign *design, DupexLogisticFit *fit)
{
	double		total = fit->won + fit->lost;

	for (size_t i = 0; i < design->rows; i++)
	{
		double		share = (design->won[i] + design->lost[i]) / total;

		for (size_t k = design->starts[i]; k < design->starts[i + 1]; k++)
		{
			const DupexSparse *element = &design->sparse[k];

			fit->means[element->column] += share * element->x;
			fit->deviations[element->column] += share * element->x * element->x;
		}
	}
	for (int j = 0; j < design->columns; j++)
		fit->deviations[j] = sqrt(fmax(0, fit->deviations[j] - fit->means[j] * fit->means[j]));
}

/*
 * Means and standard deviations of full columns.
 */
static void
measure_full(const DupexDesign *design, DupexLogisticFit *fit)
{
	int			columns = design->columns;
	double		total = fit->won + fit->lost;

	for (size_t i = 0; i < design->rows; i++)
	{
		const double *x = design->x + i * (size_t) columns;
		double		share = (design->won[i] + design->lost[i]) / total;

		for (int j = 0; j < columns; j++)
			fit->means[j] += share * x[j];
	}
	for (size_t i = 0; i < design->rows; i++)
	{
		const double *x = design->x + i * (size_t) columns;
		double		share = (design->won[i] + design->lost[i]) / total;

		for (int j = 0; j < columns; j++)
			fit->deviations[j] += share * (x[j] - fit->means[j]) * (x[j] - fit->means[j]);
	}
	for (int j = 0; j < columns; j++)
	{
		fit->deviations[j] = sqrt(fit->deviations[j]);
		/* what rounding of the mean leaves of a constant */
		if (fit->deviations[j] <= 1e-14 * fabs(fit->means[j]))
			fit->deviations[j] = 0;
	}
}

/*
 * Weighted means and standard deviations of the columns; full columns become deviations from the
 * mean in units of the standard deviation. The offset stays as it is.
 */
static void
standardise(DupexDesign *design, DupexLogisticFit *fit)
{
	int			columns = design->columns;

	for (int j = 0; j < columns; j++)
		fit->means[j] = fit->deviations[j] = 0;
	fit->is_standardised = design->x != NULL;
	if (!fit->is_standardised)
	{
		measure_sparse(design, fit);
		return;
	}
	measure_full(design, fit);
	for (size_t i = 0; i < design->rows; i++)
	{
		double	   *x = design->x + i * (size_t) columns;

		for (int j = 0; j < columns; j++)
			if (j != design->offset)
				x[j] = fit->deviations[j] == 0 ? 0 : (x[j] - fit->means[j]) / fit->deviations[j];
	}
}

/*
 * How a column that the fit has worked with came from the one given: (given - shift) / scale.
 */
static double
shift_of(const DupexLogisticFit *fit, int column)
{
	return fit->is_standardised ? fit->means[column] : 0;
}

static double
scale_of(const DupexLogisticFit *fit, int column)
{
	return fit->is_standardised ? fit->deviations[column] : 1;
}

/*
 * Adds a row to gradient and Hessian: residual times x, weight times x x'.
 */
static void
add_row(const double *x, int columns, double residual, double weight, double *gradient, double *hessian)
{
	gradient[0] += residual;
	hessian[0] += weight;
	for (int j = 0; j < columns; j++)
	{
		double		weighted = weight * x[j];
		double	   *row = hessian + triangle(j + 1);

		gradient[j + 1] += residual * x[j];
		row[0] += weighted;
		for (int k = 0; k <= j; k++)
			row[k + 1] += weighted * x[k];
	}
}

/*
 * The same for a sparse row.
 */
static void
add_sparse(const DupexSparse *row, size_t count, double residual, double weight, double *gradient, double *hessian)
{
	gradient[0] += residual;
	hessian[0] += weight;
	for (size_t a = 0; a < count; a++)
	{
		double		weighted = weight * row[a].x;
		double	   *line = hessian + triangle(row[a].column + 1);

		gradient[row[a].column + 1] += residual * row[a].x;
		line[0] += weighted;
		for (size_t b = 0; b <= a; b++)
			line[row[b].column + 1] += weighted * row[b].x;
	}
}

/*
 * A row times a vector, whose first element belongs to the constant.
 */
static double
along(const DupexDesign *design, size_t row, const double *vector)
{
	double		sum = vector[0];

	if (design->x != NULL)
	{
		const double *x = design->x + row * (size_t) design->columns;

		for (int j = 0; j < design->columns; j++)
			sum += vector[j + 1] * x[j];
	}
	else
		for (size_t k = design->starts[row]; k < design->starts[row + 1]; k++)
			sum += vector[design->sparse[k].column + 1] * design->sparse[k].x;
	return sum;
}

/*
 * Log-likelihood less the penalty at beta, with its gradient and the negative of its Hessian.
 */
static double
evaluate(const DupexDesign *design, const Work *work, const double *beta)
{
	double		sum = 0;

	memset(work->gradient, 0, (size_t) work->size * sizeof(double));
	memset(work->hessian, 0, triangle(work->size) * sizeof(double));
	for (size_t i = 0; i < design->rows; i++)
	{
		double		won = design->won[i];
		double		lost = design->lost[i];
		double		eta = along(design, i, beta);
		double		small;
		double		residual;
		double		weight;

		if (i % BREATHE_ROWS == 0 && design->breathe != NULL)
			design->breathe();
		small = exp(-fabs(eta));
		/* nothing is taken away that is much larger than what is left */
		residual = (eta >= 0 ? won * small - lost : won - lost * small) / (1 + small);
		weight = (won + lost) * small / ((1 + small) * (1 + small));
		sum -= (won + lost) * log1p(small) + (eta >= 0 ? lost * eta : won * -eta);
		if (design->x != NULL)
			add_row(design->x + i * (size_t) design->columns, design->columns, residual, weight, work->gradient, work->hessian);
		else
			add_sparse(design->sparse + design->starts[i], design->starts[i + 1] - design->starts[i], residual, weight, work->gradient, work->hessian);
	}
	for (int j = 1; j < work->size; j++)
	{
		sum -= work->penalty[j] / 2 * beta[j] * beta[j];
		work->gradient[j] -= work->penalty[j] * beta[j];
		work->hessian[triangle(j) + (size_t) j] += work->penalty[j];
	}
	return sum;
}

/*
 * Cholesky's decomposition of the Hessian without what is fixed. The first time, columns of
 * which nothing is left beside those before them become fixed. False when the matrix is not
 * positive definite.
 */
static bool
decompose(const Work *work, bool *is_fixed, bool first)
{
	double	   *factor = work->factor;

	memcpy(factor, work->hessian, triangle(work->size) * sizeof(double));
	for (int j = 0; j < work->size; j++)
	{
		double	   *row = factor + triangle(j);
		double		before = row[j];

		for (int k = 0; k < j; k++)
		{
			const double *above = factor + triangle(k);

			if (is_fixed[k])
			{
				row[k] = 0;
				continue;
			}
			for (int m = 0; m < k; m++)
				row[k] -= row[m] * above[m];
			row[k] /= above[k];
			row[j] -= row[k] * row[k];
		}
		if (first && j > 0 && !is_fixed[j] && !(row[j] > COLLINEAR * before))
			is_fixed[j] = true;
		if (is_fixed[j])
		{
			memset(row, 0, (size_t) j * sizeof(double));
			row[j] = 1;
		}
		if (!(row[j] > 0))
			return false;
		row[j] = sqrt(row[j]);
	}
	return true;
}

/*
 * Solves with the decomposition; what is fixed becomes 0.
 */
static void
solve(const Work *work, const bool *is_fixed, double *vector)
{
	for (int j = 0; j < work->size; j++)
	{
		const double *row = work->factor + triangle(j);

		for (int k = 0; k < j; k++)
			vector[j] -= row[k] * vector[k];
		vector[j] = is_fixed[j] ? 0 : vector[j] / row[j];
	}
	for (int j = work->size - 1; j >= 0; j--)
	{
		for (int k = j + 1; k < work->size; k++)
			vector[j] -= work->factor[triangle(k) + (size_t) j] * vector[k];
		vector[j] /= work->factor[triangle(j) + (size_t) j];
	}
}

/*
 * By how much the step changes the log-odds of the row that it changes most.
 */
static double
largest_change(const DupexDesign *design, const Work *work)
{
	double		largest = 0;

	for (size_t i = 0; i < design->rows; i++)
		largest = fmax(largest, fabs(along(design, i, work->step)));
	return largest;
}

/*
 * Whether the last step proves separation, and which columns it is due to.
 */
static bool
is_separated(const DupexDesign *design, DupexLogisticFit *fit, const Work *work)
{
	double		largest = largest_change(design, work);
	double		tolerance = SEPARATION_EXACT * largest;
	bool		complete = true;

	if (!(largest > STILL_MOVING))
		return false;
	for (size_t i = 0; i < design->rows; i++)
	{
		double		change = along(design, i, work->step);

		if ((design->won[i] > 0 && change < -tolerance) || (design->lost[i] > 0 && change > tolerance))
			return false;
		complete = complete && fabs(change) > tolerance;
	}
	for (int j = 1; j < work->size; j++)
		fit->is_separating[j] = fabs(work->step[j]) > 1e-3 * largest;
	fit->status = complete ? DUPEX_LOGISTIC_COMPLETELY_SEPARATED : DUPEX_LOGISTIC_SEPARATED;
	return true;
}

/*
 * From the step to the next trial: as long as it can be without making the likelihood smaller.
 * False when there is none.
 */
static bool
advance(const DupexDesign *design, DupexLogisticFit *fit, Work *work)
{
	double		length = 1;

	for (int halvings = 0; halvings <= MAX_HALVINGS; halvings++, length /= 2)
	{
		double		value;
		double	   *before = work->beta;

		for (int j = 0; j < work->size; j++)
			work->trial[j] = work->beta[j] + length * work->step[j];
		value = evaluate(design, work, work->trial);
		if (value >= fit->log_likelihood - 1e-12 * fabs(fit->log_likelihood))
		{
			fit->log_likelihood = value;
			work->beta = work->trial;
			work->trial = before;
			return true;
		}
	}
	return false;
}

/*
 * About the constant with which the offset alone predicts as many won outcomes as there are:
 * whatever the offset is, Newton's method then begins where rows have some weight.
 */
static double
constant_beside_offset(const DupexDesign *design, const DupexLogisticFit *fit)
{
	double		low = HUGE_VAL;
	double		high = -HUGE_VAL;

	for (size_t i = 0; i < design->rows; i++)
	{
		double		difference = log(fit->won / fit->lost) - design->x[i * (size_t) design->columns + (size_t) design->offset];

		low = fmin(low, difference);
		high = fmax(high, difference);
	}
	for (int i = 0; i < MAX_ITERATIONS && high - low > 0.01; i++)
	{
		double		middle = low + (high - low) / 2;
		double		predicted = 0;

		for (size_t row = 0; row < design->rows; row++)
		{
			if (row % BREATHE_ROWS == 0 && design->breathe != NULL)
				design->breathe();
			predicted += (design->won[row] + design->lost[row]) /
				(1 + exp(-middle - design->x[row * (size_t) design->columns + (size_t) design->offset]));
		}
		if (predicted < fit->won)
			low = middle;
		else
			high = middle;
	}
	return low + (high - low) / 2;
}

static DupexLogisticStatus
iterate(const DupexDesign *design, DupexLogisticFit *fit, Work *work)
{
	const double unit = fmin(1, fit->won + fit->lost);

	fit->log_likelihood = evaluate(design, work, work->beta);
	/* what is a combination of others is so without the offset, too */
	if (!decompose(work, fit->is_fixed, true))
		return DUPEX_LOGISTIC_NOT_CONVERGED;
	if (design->offset >= 0)
	{
		work->beta[design->offset + 1] = 1;
		work->beta[0] = constant_beside_offset(design, fit);
		fit->log_likelihood = evaluate(design, work, work->beta);
	}
	for (fit->iterations = 0; fit->iterations < MAX_ITERATIONS; fit->iterations++)
	{
		double		decrement = 0;

		if (!decompose(work, fit->is_fixed, false))
			break;
		memcpy(work->step, work->gradient, (size_t) work->size * sizeof(double));
		solve(work, fit->is_fixed, work->step);
		for (int j = 0; j < work->size; j++)
			decrement += fit->is_fixed[j] ? 0 : work->step[j] * work->gradient[j];
		if (fit->iterations >= SEPARATION_FROM && design->l2 == 0 && is_separated(design, fit, work))
			return fit->status;
		if (decrement < ENOUGH * unit && largest_change(design, work) <= STILL_MOVING)
		{
			/* the last step doubles the number of right digits */
			for (int j = 0; j < work->size; j++)
				work->beta[j] += work->step[j];
			fit->log_likelihood = evaluate(design, work, work->beta);
			return DUPEX_LOGISTIC_CONVERGED;
		}
		if (!advance(design, fit, work))
		{
			/* rounding is all that is left to gain, or something is wrong */
			fit->log_likelihood = evaluate(design, work, work->beta);
			return decrement < 1e-10 * unit && largest_change(design, work) <= STILL_MOVING ? DUPEX_LOGISTIC_CONVERGED
				: DUPEX_LOGISTIC_NOT_CONVERGED;
		}
	}
	if (design->l2 == 0 && is_separated(design, fit, work))
		return fit->status;
	return DUPEX_LOGISTIC_NOT_CONVERGED;
}

/*
 * Standard errors in the units of the columns, from the inverse of the Hessian. The constant's
 * belongs to what it is once the means are taken out.
 */
static void
find_errors(DupexLogisticFit *fit, const Work *work)
{
	double		constant = 0;

	for (int j = 0; j < work->size; j++)
		fit->standard_errors[j] = NAN;
	if (fit->status != DUPEX_LOGISTIC_CONVERGED || !decompose(work, fit->is_fixed, false))
		return;
	for (int j = 0; j < work->size; j++)
	{
		if (fit->is_fixed[j])
			continue;
		memset(work->step, 0, (size_t) work->size * sizeof(double));
		work->step[j] = 1;
		solve(work, fit->is_fixed, work->step);
		if (j > 0)
			fit->standard_errors[j] = sqrt(work->step[j]) / scale_of(fit, j - 1);
	}
	/* a' H^-1 a with a = (1, -mean / deviation, ...) */
	memset(work->step, 0, (size_t) work->size * sizeof(double));
	work->step[0] = 1;
	for (int j = 1; j < work->size; j++)
		work->step[j] = fit->is_fixed[j] ? 0 : -shift_of(fit, j - 1) / scale_of(fit, j - 1);
	memcpy(work->trial, work->step, (size_t) work->size * sizeof(double));
	solve(work, fit->is_fixed, work->step);
	for (int j = 0; j < work->size; j++)
		constant += work->trial[j] * work->step[j];
	fit->standard_errors[0] = sqrt(constant);
}

static double
times_log(double weight, double share)
{
	return weight > 0 ? weight * log(share) : 0;
}

/*
 * Fits. Every member of *fit but the arrays' places is set. Where the status is
 * DUPEX_LOGISTIC_ONE_OUTCOME, there are no coefficients.
 */
void
dupex_logistic_fit(DupexDesign *design, DupexLogisticFit *fit)
{
	Work		work;

	divide_work(&work, design->columns, fit->work);
	fit->won = fit->lost = fit->saturated_log_likelihood = 0;
	for (size_t i = 0; i < design->rows; i++)
	{
		double		both = design->won[i] + design->lost[i];

		fit->won += design->won[i];
		fit->lost += design->lost[i];
		fit->saturated_log_likelihood += times_log(design->won[i], design->won[i] / both) + times_log(design->lost[i], design->lost[i] / both);
	}
	fit->iterations = 0;
	fit->log_likelihood = 0;
	fit->status = DUPEX_LOGISTIC_ONE_OUTCOME;
	standardise(design, fit);
	for (int j = 0; j < work.size; j++)
	{
		bool		is_offset = j > 0 && j - 1 == design->offset;

		fit->is_separating[j] = false;
		fit->is_fixed[j] = is_offset || (j > 0 && fit->deviations[j - 1] == 0);
		work.beta[j] = 0;
		work.penalty[j] = j == 0 || fit->is_fixed[j] ? 0 : design->l2 / (scale_of(fit, j - 1) * scale_of(fit, j - 1));
	}
	if (fit->won == 0 || fit->lost == 0)
		return;
	work.beta[0] = log(fit->won / fit->lost);
	fit->status = iterate(design, fit, &work);
	for (int j = 1; j < work.size; j++)
		fit->log_likelihood += work.penalty[j] / 2 * work.beta[j] * work.beta[j];

	fit->coefficients[0] = work.beta[0];
	for (int j = 1; j < work.size; j++)
	{
		bool		is_offset = j - 1 == design->offset;

		fit->coefficients[j] = is_offset ? 1 : fit->is_fixed[j] ? 0 : work.beta[j] / scale_of(fit, j - 1);
		if (!is_offset)
			fit->coefficients[0] -= fit->coefficients[j] * shift_of(fit, j - 1);
	}
	find_errors(fit, &work);
}
