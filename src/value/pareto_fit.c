/*
 * pareto_fit.c
 *		Fit of the Pareto/NBD model.
 *
 * pareto.c has the likelihood of one customer, optimise.c the search; here is the sum over the
 * customers.
 *
 * Pure C: no memory, no state, no error.
 */
#include "value/pareto_fit.h"

#include <math.h>

#include "stats/sum.h"

/* between two questions whether to stop */
#define ROWS_A_STOP	8192

typedef struct ParetoData
{
	const DupexPurchaseRow *rows;
	uint32_t	row_count;
	double		unit;			/* times are divided by it */
	bool		(*stop) (void *);
} ParetoData;

/*
 * The log-likelihood of all rows and its derivatives by the logarithms of the parameters. Rows
 * are sorted by x.
 */
static double
evaluate(void *data, const double *log_parameter, double *gradient)
{
	const ParetoData *pareto = data;
	DupexParetoModel model = {exp(log_parameter[0]), exp(log_parameter[1]), exp(log_parameter[2]), exp(log_parameter[3])};
	DupexParetoRate rate = {-1, 0, 0};
	DupexSum	sum[DUPEX_PARETO_PARAMETERS + 1] = {{0}};

	for (uint32_t i = 0; i < pareto->row_count; i++)
	{
		const DupexPurchaseRow *row = &pareto->rows[i];
		double		weight = dupex_purchase_weight(row);
		double		slope[DUPEX_PARETO_PARAMETERS];

		if (i % ROWS_A_STOP == ROWS_A_STOP - 1 && pareto->stop && pareto->stop(data))
			return NAN;
		if (row->frequency != rate.x)
			dupex_pareto_rate(&model, row->frequency, &rate);
		dupex_sum_add(&sum[DUPEX_PARETO_PARAMETERS],
					  weight * dupex_pareto_row_log_likelihood(&model, &rate, row->recency / pareto->unit,
															   row->age / pareto->unit, slope));
		for (int k = 0; k < DUPEX_PARETO_PARAMETERS; k++)
			dupex_sum_add(&sum[k], weight * slope[k]);
	}
	for (int k = 0; k < DUPEX_PARETO_PARAMETERS; k++)
		gradient[k] = dupex_sum_value(&sum[k]);
	return dupex_sum_value(&sum[DUPEX_PARETO_PARAMETERS]);
}

/*
 * Where a search starts, times in units of the mean age: usually, and where that leads to a
 * boundary. See bgnbd.c: there can be several maxima.
 */
static const double start[][DUPEX_FIT_MAX_SIZE] = {
	{1, 1, 1, 1},
	{1e4, 1e3, 0.3, 1},
	{1e4, 1e3, 0.1, 0.01},
	{1, 1, 0.01, 0.1}
};

#define STARTS		((int) (sizeof(start) / sizeof(start[0])))

/*
 * Fits r, alpha, s and beta. Rows are in the order of dupex_purchase_row_compare(), their total
 * weight is above 0. Time is counted in the mean age meanwhile, so that the fit does not depend on
 * its unit. sample is room for DUPEX_PURCHASE_SAMPLE rows: a fit to many more of them begins with
 * these, so that it needs few steps over all.
 */
void
dupex_pareto_fit(const DupexPurchaseRow *rows, uint32_t row_count, bool (*stop) (void *), DupexPurchaseRow *sample, DupexFit *fit)
{
	ParetoData	data = {rows, row_count, 1, stop};
	DupexLikelihood likelihood = {DUPEX_PARETO_PARAMETERS, 0, evaluate, stop, &data};
	DupexSum	customers = {0};
	DupexSum	time = {0};
	DupexParetoModel model;

	for (uint32_t i = 0; i < row_count; i++)
	{
		double		weight = dupex_purchase_weight(&rows[i]);

		dupex_sum_add(&customers, weight);
		dupex_sum_add(&time, weight * rows[i].age);
	}
	likelihood.customers = dupex_sum_value(&customers);
	if (dupex_sum_value(&time) > 0)
		data.unit = dupex_sum_value(&time) / likelihood.customers;
	if (row_count < 4 * DUPEX_PURCHASE_SAMPLE)
		dupex_fit_maximise_best(&likelihood, start, STARTS, fit);
	else
	{
		ParetoData	sample_data = {sample, dupex_purchase_sample(rows, row_count, sample), data.unit, stop};
		DupexLikelihood sample_likelihood = {DUPEX_PARETO_PARAMETERS, 0, evaluate, stop, &sample_data};
		DupexFit	sample_fit;
		int			best;

		sample_likelihood.customers = dupex_purchase_customers(sample, sample_data.row_count);
		best = dupex_fit_maximise_best(&sample_likelihood, start, STARTS, &sample_fit);
		dupex_fit_maximise_from(&likelihood, &sample_fit, start[best], start[0], fit);
	}

	for (int i = 1; i < DUPEX_PARETO_PARAMETERS; i += 2)
	{
		fit->parameter[i] *= data.unit;
		fit->standard_error[i] *= data.unit;
	}
	model.r = fit->parameter[0];
	model.alpha = fit->parameter[1];
	model.s = fit->parameter[2];
	model.beta = fit->parameter[3];
	fit->log_likelihood = dupex_pareto_log_likelihood(&model, rows, row_count, stop);
}

/*
 * The log-likelihood of a model for other rows, likewise sorted. NaN when stopped.
 */
double
dupex_pareto_log_likelihood(const DupexParetoModel *model, const DupexPurchaseRow *rows, uint32_t row_count, bool (*stop) (void *))
{
	ParetoData	data = {rows, row_count, 1, stop};
	double		log_parameter[DUPEX_PARETO_PARAMETERS] = {log(model->r), log(model->alpha), log(model->s), log(model->beta)};
	double		gradient[DUPEX_PARETO_PARAMETERS];

	return evaluate(&data, log_parameter, gradient);
}
