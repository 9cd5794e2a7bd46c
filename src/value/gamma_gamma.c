/*
 * gamma_gamma.c
 *		The gamma-gamma model of spending: likelihood and expected value of an order.
 *
 * The values of one customer's orders are gamma distributed with shape p and rate nu; nu is gamma
 * distributed over the customers with shape q and rate gamma (Fader and Hardie, "The
 * Gamma-Gamma Model of Monetary Value", 2013). So the mean m of x orders has the density
 *
 *		1 / (m B(p x, q)) (gamma / (gamma + x m))^q (x m / (gamma + x m))^(p x).
 *
 * Pure C: no memory, no state, no error.
 */
#include "value/gamma_gamma.h"

#include <math.h>

#include "stats/special.h"
#include "stats/sum.h"

/* between two questions whether to stop */
#define ROWS_A_STOP	8192

typedef struct SpendData
{
	const DupexSpend *rows;
	uint32_t	row_count;
	bool		(*stop) (void *);
} SpendData;

/*
 * What depends on x alone.
 */
typedef struct SpendOrders
{
	double		log_beta;		/* -log B(p x, q) */
	double		slope_p;		/* its derivative by p x */
	double		slope_q;
} SpendOrders;

static void
spend_orders(double p, double q, double x, double log_gamma_q, SpendOrders *orders)
{
	/* the smaller of the two is taken off, so that no large numbers cancel */
	if (p * x < q)
		orders->log_beta = dupex_log_rising(q, p * x) - dupex_log_gamma(p * x);
	else
		orders->log_beta = dupex_log_rising(p * x, q) - log_gamma_q;
	orders->slope_p = dupex_digamma_rising(p * x, q);
	orders->slope_q = dupex_digamma_rising(q, p * x);
}

/*
 * The log-likelihood of all rows but for the sum of -log(mean value), which no parameter
 * changes, and its derivatives by the logarithms of p, q and gamma. Rows are sorted by
 * frequency.
 */
static double
evaluate(void *data, const double *log_parameter, double *gradient)
{
	const SpendData *spend = data;
	double		p = exp(log_parameter[0]);
	double		q = exp(log_parameter[1]);
	double		gamma = exp(log_parameter[2]);
	double		log_gamma_q = dupex_log_gamma(q);
	double		x = -1;
	SpendOrders orders = {0};
	DupexSum	sum[4] = {{0}};

	for (uint32_t i = 0; i < spend->row_count; i++)
	{
		const DupexSpend *row = &spend->rows[i];
		double		log_odds = row->log_total - log_parameter[2];
		double		log_p_part;
		double		log_q_part;

		if (i % ROWS_A_STOP == ROWS_A_STOP - 1 && spend->stop && spend->stop(data))
			return NAN;
		if (row->frequency != x)
		{
			x = row->frequency;
			spend_orders(p, q, x, log_gamma_q, &orders);
		}

		/*
		 * log(1 + gamma / total) and log(1 + total / gamma), of which the
		 * smaller is the accurate one
		 */
		if (row->total < gamma)
		{
			log_q_part = log1p(row->total / gamma);
			log_p_part = log_q_part - log_odds;
		}
		else
		{
			log_p_part = log1p(gamma / row->total);
			log_q_part = log_p_part + log_odds;
		}
		dupex_sum_add(&sum[0], row->weight * (orders.log_beta - p * x * log_p_part - q * log_q_part));
		dupex_sum_add(&sum[1], row->weight * p * x * (orders.slope_p - log_p_part));
		dupex_sum_add(&sum[2], row->weight * q * (orders.slope_q - log_q_part));
		dupex_sum_add(&sum[3], row->weight * (q * row->total - p * x * gamma) / (gamma + row->total));
	}
	for (int i = 0; i < DUPEX_GAMMA_GAMMA_PARAMETERS; i++)
		gradient[i] = dupex_sum_value(&sum[i + 1]);
	return dupex_sum_value(&sum[0]);
}

/*
 * Takes each so many-th of the rows, which are in order: a sample that has its share of each
 * frequency, and is the same each time. Returns how many it took.
 */
static uint32_t
take_sample(const DupexSpend *rows, uint32_t row_count, DupexSpend *sample)
{
	uint32_t	stride = row_count / DUPEX_GAMMA_GAMMA_SAMPLE + 1;
	uint32_t	count = 0;

	for (uint64_t i = stride / 2; i < row_count; i += stride)
		sample[count++] = rows[i];
	return count;
}

/*
 * Whether all customers have the same mean value. Then the likelihood grows without limit with
 * p and q, and what the search finds on its way says nothing.
 */
static bool
is_one_value(const DupexSpend *rows, uint32_t row_count)
{
	for (uint32_t i = 1; i < row_count; i++)
		if (fabs(rows[i].total / rows[i].frequency * (rows[0].frequency / rows[0].total) - 1) > 1e-14)
			return false;
	return true;
}

/*
 * Fits p, q and gamma. Rows are sorted by frequency and mean value, without any at 0; total and
 * weight are given. They are scaled in place: money is counted in its mean, so that
 * the fit does not depend on the currency. sample is room for DUPEX_GAMMA_GAMMA_SAMPLE rows: a fit to
 * many more of them begins with these, so that it needs few steps over all.
 */
void
dupex_gamma_gamma_fit(DupexSpend *rows, uint32_t row_count, bool (*stop) (void *), DupexSpend *sample, DupexFit *fit)
{
	/* the mean value of an order p gamma / (q - 1) is 1 there */
	const double start[DUPEX_GAMMA_GAMMA_PARAMETERS] = {5, 3, 0.4};
	SpendData	data = {rows, row_count, stop};
	DupexLikelihood likelihood = {DUPEX_GAMMA_GAMMA_PARAMETERS, 0, evaluate, stop, &data};
	DupexSum	customers = {0};
	DupexSum	logs = {0};
	DupexSum	mean = {0};
	double		scale;

	for (uint32_t i = 0; i < row_count; i++)
	{
		dupex_sum_add(&customers, rows[i].weight);
		dupex_sum_add(&mean, rows[i].weight * (rows[i].total / rows[i].frequency));
	}
	likelihood.customers = dupex_sum_value(&customers);
	scale = dupex_sum_value(&mean) / likelihood.customers;
	for (uint32_t i = 0; i < row_count; i++)
	{
		dupex_sum_add(&logs, rows[i].weight * log(rows[i].total / rows[i].frequency));
		rows[i].total /= scale;
		rows[i].log_total = log(rows[i].total);
	}
	if (row_count < 4 * DUPEX_GAMMA_GAMMA_SAMPLE)
		dupex_fit_maximise(&likelihood, start, fit);
	else
	{
		SpendData	sample_data = {sample, take_sample(rows, row_count, sample), stop};
		DupexLikelihood sample_likelihood = {DUPEX_GAMMA_GAMMA_PARAMETERS, 0, evaluate, stop, &sample_data};
		DupexFit	sample_fit;

		for (uint32_t i = 0; i < sample_data.row_count; i++)
			sample_likelihood.customers += sample[i].weight;
		dupex_fit_maximise(&sample_likelihood, start, &sample_fit);
		dupex_fit_maximise_from(&likelihood, &sample_fit, start, start, fit);
	}

	if (is_one_value(rows, row_count) && fit->status != DUPEX_FIT_STOPPED && fit->status != DUPEX_FIT_NO_START)
	{
		fit->status = DUPEX_FIT_BOUNDARY;
		fit->has_standard_errors = false;
		fit->direction[0] = fit->direction[1] = 1;
		fit->direction[2] = 0;
	}
	fit->parameter[2] *= scale;
	fit->standard_error[2] *= scale;
	fit->log_likelihood -= dupex_sum_value(&logs);
}

/*
 * The expected value of an order of a customer with frequency repeat orders of mean value
 * mean_value; of one without, for frequency = 0. NaN where it is not finite: where
 * p frequency + q <= 1.
 *
 * It is a mean of his own and that of all customers, p gamma / (q - 1), weighted by
 * p frequency and q - 1.
 */
double
dupex_gamma_gamma_expected(const DupexGammaGammaModel *model, double frequency, double mean_value)
{
	double		degrees = model->p * frequency + (model->q - 1);

	if (!(degrees > 0))
		return NAN;
	if (frequency == 0)
		mean_value = 0;
	return model->p / degrees * (model->gamma + frequency * mean_value);
}
