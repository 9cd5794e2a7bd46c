/*
 * nbd.c
 *		The NBD model of purchases, in which nobody drops out: likelihood, fit, predictions.
 *
 * Customers order at rates that are gamma distributed with shape r and rate alpha, for ever
 * (Ehrenberg 1959). It is what the other models are measured against: where one of them is not
 * better, dropout is not in the data. The log-likelihood is that of the moments of the orders, as
 * theirs is, so that the two can be compared.
 *
 * Pure C: no memory, no state, no error.
 */
#include "value/nbd.h"

#include <math.h>

#include "stats/special.h"
#include "stats/sum.h"

/* between two questions whether to stop */
#define ROWS_A_STOP	65536

typedef struct NbdData
{
	const DupexPurchaseRow *rows;
	uint32_t	row_count;
	double		unit;			/* times are divided by it */
	bool		(*stop) (void *);
} NbdData;

/*
 * The log-likelihood (r)_x alpha^r (alpha + age)^-(r+x) of all rows and its derivatives by log r and
 * log alpha. Rows are sorted by x.
 */
static double
evaluate(void *data, const double *log_parameter, double *gradient)
{
	const NbdData *nbd = data;
	double		r = exp(log_parameter[0]);
	double		alpha = exp(log_parameter[1]);
	double		x = -1;
	double		log_rising = 0;
	double		slope = 0;
	DupexSum	sum[3] = {{0}};

	for (uint32_t i = 0; i < nbd->row_count; i++)
	{
		const DupexPurchaseRow *row = &nbd->rows[i];
		double		weight = dupex_purchase_weight(row);
		double		age = row->age / nbd->unit;
		double		log_passed = log1p(age / alpha);

		if (i % ROWS_A_STOP == ROWS_A_STOP - 1 && nbd->stop && nbd->stop(data))
			return NAN;
		if (row->frequency != x)
		{
			x = row->frequency;
			log_rising = dupex_log_rising(r, x);
			slope = dupex_digamma_rising(r, x);
		}
		dupex_sum_add(&sum[0], weight * (log_rising - r * log_passed - x * log(alpha + age)));
		dupex_sum_add(&sum[1], weight * r * (slope - log_passed));
		dupex_sum_add(&sum[2], weight * (r * age - x * alpha) / (alpha + age));
	}
	gradient[0] = dupex_sum_value(&sum[1]);
	gradient[1] = dupex_sum_value(&sum[2]);
	return dupex_sum_value(&sum[0]);
}

/*
 * Fits r and alpha. Rows are sorted by frequency; their total weight is above 0. Time is
 * counted in the mean age meanwhile, so that the fit does not depend on its unit.
 */
void
dupex_nbd_fit(const DupexPurchaseRow *rows, uint32_t row_count, bool (*stop) (void *), DupexFit *fit)
{
	NbdData		data = {rows, row_count, 1, stop};
	DupexLikelihood likelihood = {DUPEX_NBD_PARAMETERS, 0, evaluate, stop, &data};
	DupexSum	customers = {0};
	DupexSum	time = {0};
	const double start[DUPEX_NBD_PARAMETERS] = {1, 1};
	DupexNbdModel model;

	for (uint32_t i = 0; i < row_count; i++)
	{
		double		weight = dupex_purchase_weight(&rows[i]);

		dupex_sum_add(&customers, weight);
		dupex_sum_add(&time, weight * rows[i].age);
	}
	likelihood.customers = dupex_sum_value(&customers);
	if (dupex_sum_value(&time) > 0)
		data.unit = dupex_sum_value(&time) / likelihood.customers;
	dupex_fit_maximise(&likelihood, start, fit);

	fit->parameter[1] *= data.unit;
	fit->standard_error[1] *= data.unit;
	model.r = fit->parameter[0];
	model.alpha = fit->parameter[1];
	fit->log_likelihood = dupex_nbd_log_likelihood(&model, rows, row_count, stop);
}

/*
 * The log-likelihood of a model for other rows, likewise sorted. NaN when stopped.
 */
double
dupex_nbd_log_likelihood(const DupexNbdModel *model, const DupexPurchaseRow *rows, uint32_t row_count, bool (*stop) (void *))
{
	NbdData		data = {rows, row_count, 1, stop};
	double		log_parameter[DUPEX_NBD_PARAMETERS] = {log(model->r), log(model->alpha)};
	double		gradient[DUPEX_NBD_PARAMETERS];

	return evaluate(&data, log_parameter, gradient);
}

/*
 * Expected orders in the horizon after age.
 */
double
dupex_nbd_kernel(const DupexNbdModel *model, double x, double age, double horizon)
{
	return (model->r + x) * (horizon / (model->alpha + age));
}

/*
 * The probability of exactly orders orders in the horizon after age.
 */
double
dupex_nbd_orders(const DupexNbdModel *model, double x, double age, double orders, double horizon)
{
	double		k = model->r + x;
	double		alpha = model->alpha + age;

	if (orders == 0)
		return exp(-k * log1p(horizon / alpha));
	if (horizon == 0)
		return 0;
	return dupex_beta_power(k, orders, alpha / (alpha + horizon), horizon / (alpha + horizon)) / orders;
}
