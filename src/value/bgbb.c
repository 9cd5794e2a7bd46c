/*
 * bgbb.c
 *		The BG/BB model of discrete opportunities to order: likelihood and predictions.
 *
 * For orders that can only happen once a period: a yearly appeal, a congress, a mailing. While
 * alive a customer orders at each opportunity with his own probability p, beta (alpha, beta)
 * distributed over the customers; before each opportunity he drops out with his own probability
 * theta, beta (gamma, delta) distributed (Fader, Hardie and Shang 2010).
 *
 * The likelihood is a sum over the opportunities after the last order at which he may have
 * dropped out. Its terms are products of rising factorials of the four parameters; an
 * evaluation makes tables of their logarithms and of the slopes of these, so a term costs no
 * logarithm. All terms are positive.
 *
 * Pure C: no state, no error; the caller gives the memory.
 */
#include "value/bgbb.h"

#include <math.h>

#include "value/beta_geometric.h"
#include "stats/sum.h"

/* between two questions whether to stop, in terms */
#define TERMS_A_STOP	100000

typedef struct BgbbData
{
	const DupexBgbbRow *rows;
	uint32_t	row_count;
	int			max_periods;
	double	   *table;
	bool		(*stop) (void *);
} BgbbData;

/*
 * For n from 0 to a maximum: the logarithm of the rising factorial (z)_n, and its derivative by z.
 */
typedef struct RisingTable
{
	double	   *log;
	double	   *slope;
} RisingTable;

static RisingTable
fill_table(double *memory, int max_n, double z)
{
	RisingTable table = {memory, memory + max_n + 1};
	DupexSum	log_sum = {0};
	DupexSum	slope_sum = {0};

	for (int n = 0; n <= max_n; n++)
	{
		table.log[n] = dupex_sum_value(&log_sum);
		table.slope[n] = dupex_sum_value(&slope_sum);
		dupex_sum_add(&log_sum, log(z + n));
		dupex_sum_add(&slope_sum, 1 / (z + n));
	}
	return table;
}

/*
 * The tables of one evaluation: (alpha)_n, (beta)_n and so on.
 */
typedef struct BgbbTables
{
	double		alpha;
	double		beta;
	double		gamma;
	double		delta;
	RisingTable by_alpha;
	RisingTable by_beta;
	RisingTable by_alpha_beta;
	RisingTable by_delta;
	RisingTable by_gamma_delta;
} BgbbTables;

/*
 * Adds a term of a likelihood, with its share, to the derivatives by the parameters themselves:
 * orders in frequency of the first tried opportunities, gone before the next one (or not).
 */
static void
add_slopes(const BgbbTables *t, double share, int frequency, int tried, int gone, double *slope)
{
	double		both = t->by_alpha_beta.slope[tried];
	double		dropout = t->by_gamma_delta.slope[tried + gone];

	slope[0] += share * (t->by_alpha.slope[frequency] - both);
	slope[1] += share * (t->by_beta.slope[tried - frequency] - both);
	slope[2] += share * (gone / t->gamma - dropout);
	slope[3] += share * (t->by_delta.slope[tried] - dropout);
}

/*
 * The log-likelihood of one row, and its derivatives by the parameters.
 */
static double
row_log_likelihood(const BgbbTables *t, const DupexBgbbRow *row, double *slope)
{
	const int	x = row->frequency;
	double		log_alive = t->by_alpha.log[x] + t->by_beta.log[row->periods - x] - t->by_alpha_beta.log[row->periods]
	+ t->by_delta.log[row->periods] - t->by_gamma_delta.log[row->periods];
	double		log_scale = log_alive;
	double		log_first;
	double		term = 0;
	double		sum = 0;

	for (int i = 0; i < 4; i++)
		slope[i] = 0;
	if (row->recency < row->periods)
	{
		/* gone right after the last order, the likeliest moment */
		log_first = t->by_alpha.log[x] + t->by_beta.log[row->recency - x] - t->by_alpha_beta.log[row->recency]
			+ t->by_delta.log[row->recency] - t->by_gamma_delta.log[row->recency + 1] + log(t->gamma);
		log_scale = fmax(log_alive, log_first);
		term = exp(log_first - log_scale);
	}
	for (int tried = row->recency; tried < row->periods; tried++)
	{
		sum += term;
		add_slopes(t, term, x, tried, 1, slope);
		term *= (t->beta + (tried - x)) / (t->alpha + t->beta + tried)
			* ((t->delta + tried) / (t->gamma + t->delta + tried + 1));
	}
	term = exp(log_alive - log_scale);
	sum += term;
	add_slopes(t, term, x, row->periods, 0, slope);
	for (int i = 0; i < 4; i++)
		slope[i] /= sum;
	return log_scale + log(sum);
}

/*
 * The log-likelihood of all rows and its derivatives by the logarithms of the parameters.
 */
static double
evaluate(void *data, const double *log_parameter, double *gradient)
{
	const BgbbData *bgbb = data;
	size_t		size = 2 * ((size_t) bgbb->max_periods + 2);
	int			max_n = bgbb->max_periods + 1;
	double		parameter[4];
	BgbbTables	t;
	DupexSum	sum[5] = {{0}};
	int			terms = 0;

	for (int i = 0; i < 4; i++)
		parameter[i] = exp(log_parameter[i]);
	t.alpha = parameter[0];
	t.beta = parameter[1];
	t.gamma = parameter[2];
	t.delta = parameter[3];
	t.by_alpha = fill_table(bgbb->table, max_n, t.alpha);
	t.by_beta = fill_table(bgbb->table + size, max_n, t.beta);
	t.by_alpha_beta = fill_table(bgbb->table + 2 * size, max_n, t.alpha + t.beta);
	t.by_delta = fill_table(bgbb->table + 3 * size, max_n, t.delta);
	t.by_gamma_delta = fill_table(bgbb->table + 4 * size, max_n, t.gamma + t.delta);

	for (uint32_t i = 0; i < bgbb->row_count; i++)
	{
		const DupexBgbbRow *row = &bgbb->rows[i];
		double		slope[4];

		terms += row->periods - row->recency + 1;
		if (terms > TERMS_A_STOP)
		{
			if (bgbb->stop && bgbb->stop(data))
				return NAN;
			terms = 0;
		}
		dupex_sum_add(&sum[4], row->weight * row_log_likelihood(&t, row, slope));
		for (int k = 0; k < 4; k++)
			dupex_sum_add(&sum[k], row->weight * parameter[k] * slope[k]);
	}
	for (int k = 0; k < 4; k++)
		gradient[k] = dupex_sum_value(&sum[k]);
	return dupex_sum_value(&sum[4]);
}

/*
 * Where a search starts: usually, and where that leads to a boundary. See bgnbd.c: there can be
 * several maxima.
 */
static const double start[][DUPEX_FIT_MAX_SIZE] = {
	{1, 1, 1, 1},
	{1e3, 1e3, 1, 3},
	{1e3, 1e3, 1e-3, 1e-2},
	{1, 1, 0.01, 0.1}
};

#define STARTS		((int) (sizeof(start) / sizeof(start[0])))

/*
 * Fits the four parameters; table has DUPEX_BGBB_TABLE_SIZE(largest periods) doubles.
 */
void
dupex_bgbb_fit(const DupexBgbbRow *rows, uint32_t row_count, double *table, bool (*stop) (void *), DupexFit *fit)
{
	BgbbData	data = {rows, row_count, 0, table, stop};
	DupexLikelihood likelihood = {DUPEX_BGBB_PARAMETERS, 0, evaluate, stop, &data};
	DupexSum	customers = {0};

	for (uint32_t i = 0; i < row_count; i++)
	{
		dupex_sum_add(&customers, rows[i].weight);
		if (rows[i].periods > data.max_periods)
			data.max_periods = rows[i].periods;
	}
	likelihood.customers = dupex_sum_value(&customers);
	dupex_fit_maximise_best(&likelihood, start, STARTS, fit);
}

/*
 * The probability that the customer is alive ahead opportunities after those seen: that he has
 * not dropped out before the last of them.
 */
double
dupex_bgbb_alive(const DupexBgbbModel *model, const DupexBgbbRow *row, int ahead)
{
	double		odds = 0;
	double		term = 1;

	/*
	 * The odds of having dropped out against being alive. Backwards from the
	 * last opportunity, relative to being alive, a step earlier multiplies by
	 * the inverse of what a step later does.
	 */
	for (int tried = row->periods - 1; tried >= row->recency; tried--)
	{
		term *= (model->alpha + model->beta + tried) / (model->beta + (tried - row->frequency))
			* ((model->gamma + model->delta + tried) / (model->delta + tried));
		odds += term * model->gamma / (model->gamma + model->delta + tried);
	}
	return dupex_beta_geometric_survival(model->gamma, model->delta + row->periods, ahead) / (1 + odds);
}

/*
 * Expected orders at the next horizon opportunities of a customer who is alive after periods.
 */
double
dupex_bgbb_kernel(const DupexBgbbModel *model, int frequency, int periods, int horizon)
{
	return dupex_bgbb_discounted_kernel(model, frequency, periods, horizon, 0);
}

/*
 * The same, the k-th of them discounted by (1 + rate)^-k. There is a closed form for rate = 0,
 * which cancels around gamma = 1.
 */
double
dupex_bgbb_discounted_kernel(const DupexBgbbModel *model, int frequency, int periods, int horizon, double rate)
{
	double		factor = 1;
	double		sum = 0;

	for (int i = periods; i < periods + horizon; i++)
	{
		factor *= (model->delta + i) / (model->gamma + model->delta + i) / (1 + rate);
		sum += factor;
	}
	return (model->alpha + frequency) / (model->alpha + model->beta + periods) * sum;
}

/*
 * The probability that a customer who is alive after periods orders exactly orders times at the
 * next horizon opportunities: a sum over those at which he may drop out, and staying.
 */
double
dupex_bgbb_orders_if_alive(const DupexBgbbModel *model, int frequency, int periods, int orders, int horizon)
{
	const double huge = 1e250;
	double		alpha = model->alpha + frequency;
	double		beta = model->beta + (periods - frequency);
	double		delta = model->delta + periods;
	double		log_scale;
	double		term = 1;
	double		sum = 0;

	if (orders > horizon)
		return 0;

	/*
	 * to order at the first opportunities, all of them, and then again and
	 * again at a later one: term is the probability of orders at i
	 * opportunities while alive, relative to the first
	 */
	log_scale = dupex_beta_geometric_log_survival(beta, alpha, orders)
		+ dupex_beta_geometric_log_survival(model->gamma, delta, orders);
	for (int i = orders; i < horizon; i++)
	{
		sum += term * model->gamma / (model->gamma + delta + i);
		term *= (i + 1.0) / (i + 1 - orders) * ((beta + (i - orders)) / (alpha + beta + i))
			* ((delta + i) / (model->gamma + delta + i));
		if (term > huge)
		{
			term /= huge;
			sum /= huge;
			log_scale += log(huge);
		}
	}
	return exp(log_scale + log(sum + term));
}

/*
 * Expected orders for ever of a customer who is alive after periods, the k-th next opportunity
 * discounted by (1 + rate)^-k. Infinite for rate = 0 and gamma <= 1.
 */
double
dupex_bgbb_residual_kernel(const DupexBgbbModel *model, int frequency, int periods, double rate)
{
	return (model->alpha + frequency) / (model->alpha + model->beta + periods)
		* dupex_beta_geometric_annuity(model->gamma, model->delta + periods, rate);
}
