/*
 * beta_geometric.c
 *		Lifetimes counted in periods whose end is beta-geometric; the sBG model of retention.
 *
 * In each period a customer leaves with his own probability theta, which is beta (a, b)
 * distributed over the customers. He stays for n periods with the probability
 * (b)_n / (a + b)_n. This is the shifted beta-geometric model of renewals of Fader and Hardie
 * ("How to Project Customer Retention", 2007), and the dropout of the BG/BB model.
 *
 * Pure C: no memory, no state, no error.
 */
#include "value/beta_geometric.h"

#include <math.h>

#include "value/legendre.h"
#include "stats/special.h"
#include "stats/sum.h"

/* between two questions whether to stop */
#define PERIODS_A_STOP	8192

/* from this a on moments do, whatever b is; a rate below this is none */
#define ANNUITY_CONCENTRATED	1e5
#define ANNUITY_LEAST_RATE		1e-200

/*
 * log((b)_n / (a + b)_n) for a, b > 0 and n >= 0.
 *
 * Of gamma(b + n) gamma(a + b) / (gamma(b) gamma(a + b + n)) either n or a can be taken for the step of
 * a rising factorial; the smaller one leaves less to cancel.
 */
double
dupex_beta_geometric_log_survival(double a, double b, double periods)
{
	if (periods <= a)
		return dupex_log_rising(b, periods) - dupex_log_rising(a + b, periods);
	return dupex_log_rising(b, a) - dupex_log_rising(b + periods, a);
}

/*
 * (b)_n / (a + b)_n: the share that is still there after n periods. Relative accuracy 1e-14 and
 * what the exponential loses of its logarithm.
 */
double
dupex_beta_geometric_survival(double a, double b, double periods)
{
	double		product = 1;

	if (periods > 64)
		return exp(dupex_beta_geometric_log_survival(a, b, periods));
	for (int i = 0; i < periods; i++)
		product *= (b + i) / (a + b + i);
	return product;
}

/*
 * The density whose integral is the annuity, at a point of it.
 */
typedef struct AnnuityDensity
{
	double		a;
	double		b;
	double		rate;
	double		theta;			/* its mode */
	double		stays;			/* 1 - theta */
} AnnuityDensity;

/*
 * The slope of the logarithm of theta^a (1 - theta)^(b + 1) / (rate + theta) by the logarithm of the
 * odds of theta.
 */
static double
annuity_slope(const AnnuityDensity *density, double theta, double stays)
{
	return density->a * stays - (density->b + 1) * theta - theta * stays / (density->rate + theta);
}

/*
 * The density at a step of the logarithm of the odds from the mode, relative to that at the mode.
 */
static double
annuity_value(const AnnuityDensity *density, double step)
{
	double		grown = density->theta * expm1(step);
	double		moved = grown * density->stays / ((1 + grown) * (density->rate + density->theta));

	return exp(density->a * step - (density->a + density->b + 1) * log1p(grown) - log1p(moved));
}

/*
 * One side of the integral over the logarithm of the odds, from the mode outwards, of that
 * density relative to the mode's. It is log-concave and analytic within pi of the real line, so
 * panels of the length of its decay serve.
 */
static double
annuity_side(const AnnuityDensity *density, int direction)
{
	const double theta0 = density->theta;
	double		start = 0;
	double		sum = 0;

	for (;;)
	{
		double		odds = theta0 / density->stays * exp(direction * start);
		double		theta = odds / (1 + odds);
		double		rate = fmax(fabs(annuity_slope(density, theta, 1 / (1 + odds))), sqrt((density->a + density->b + 1) * theta / (1 + odds)));
		double		width = fmin(DUPEX_LEGENDRE_WIDTH, DUPEX_LEGENDRE_DECAYS / rate);
		double		panel = 0;

		for (int i = 0; i < DUPEX_LEGENDRE_NODES; i++)
		{
			double		step = direction * (start + width * dupex_legendre_node[i]);

			panel += dupex_legendre_weight[i] * width * annuity_value(density, step);
		}
		sum += panel;
		start += width;
		if (panel <= sum * DUPEX_LEGENDRE_NEGLIGIBLE)
			return sum;

		/*
		 * far to the left nothing is left but theta^a, which may fall very
		 * slowly
		 */
		if (direction < 0 && theta < fmin(1, density->rate) * 1e-17)
			return sum + annuity_value(density, -start) / density->a;
	}
}

/*
 * The annuity where theta hardly varies, as fits at the boundary say: by the central moments of
 * the beta distribution. With mu and 1 - mu for its mean and d = rate + mu, it is
 *
 *		(1 - mu) / d + (1 + rate) / d * (m2/d^2 - m3/d^3 + m4/d^4 - ...),
 *
 * of which what is left out is of the order a^-3. In the integral below a step would be lost
 * beside the large a.
 */
static double
annuity_concentrated(double a, double b, double rate)
{
	double		n = a + b;
	double		mean = a / n;
	double		stays = b / n;
	double		d = rate + mean;
	double		m2 = mean / d * (stays / d) / (n + 1);	/* over d^2, and so on */
	double		m3 = m2 * 2 * (stays - mean) / (n + 2) / d;
	double		m4 = m2 * 3 * (2 + mean * stays * (n - 6)) / (n + 2) / (n + 3) / d / d;

	return (stays + (1 + rate) * (m2 - m3 + m4)) / d;
}

/*
 * The present value of 1 a period, first one period from now, as long as the customer stays: the
 * sum of (b)_k / (a + b)_k (1 + rate)^-k, k from 1. Infinite for rate = 0 and a <= 1; a rate so
 * small that no double of the integral could show it is 0. Relative accuracy 1e-12.
 *
 * The sum is the mean of (1 - theta) / (rate + theta), an integral without anything to cancel; as
 * a series or a continued fraction it would need the more terms, the smaller the rate is.
 */
double
dupex_beta_geometric_annuity(double a, double b, double rate)
{
	AnnuityDensity density = {a, b, rate, 0, 0};
	double		low = -700;
	double		high = 700;

	if (rate < ANNUITY_LEAST_RATE)
		return a > 1 ? b / (a - 1) : INFINITY;
	if (a > ANNUITY_CONCENTRATED)
		return annuity_concentrated(a, b, rate);

	/* the mode, as logarithm of the odds; any point near it would do */
	for (int i = 0; i < 60 && high - low > 1e-3; i++)
	{
		double		middle = (low + high) / 2;
		double		odds = exp(middle);

		if (annuity_slope(&density, odds / (1 + odds), 1 / (1 + odds)) >= 0)
			low = middle;
		else
			high = middle;
	}
	density.theta = 1 / (1 + exp(-low));
	density.stays = 1 / (1 + exp(low));
	return dupex_beta_power(a, b, density.theta, density.stays) * density.stays / (rate + density.theta)
		* (annuity_side(&density, -1) + annuity_side(&density, 1));
}

typedef struct SbgData
{
	const int64_t *survivors;
	int			count;
	bool		(*stop) (void *);
} SbgData;

/*
 * The log-likelihood of the losses of each period and of those who stay beyond the last.
 */
static double
evaluate(void *data, const double *log_parameter, double *gradient)
{
	const SbgData *sbg = data;
	double		alpha = exp(log_parameter[0]);
	double		beta = exp(log_parameter[1]);
	DupexSum	log_survival = {0};
	DupexSum	by_beta = {0};	/* of log_survival */
	DupexSum	by_both = {0};
	DupexSum	sum[3] = {{0}};

	/* each customer counts for the periods that he stayed, and for his end */
	for (int t = 0; t < sbg->count; t++)
	{
		bool		is_last = t == sbg->count - 1;
		double		weight = (double) (is_last ? sbg->survivors[t] : sbg->survivors[t] - sbg->survivors[t + 1]);
		double		lost = is_last ? 0 : 1;

		if (t % PERIODS_A_STOP == PERIODS_A_STOP - 1 && sbg->stop && sbg->stop(data))
			return NAN;
		if (weight > 0)
		{
			double		survival = dupex_sum_value(&log_survival);
			double		both = dupex_sum_value(&by_both);

			dupex_sum_add(&sum[0], weight * (survival - lost * log1p((beta + t) / alpha)));
			dupex_sum_add(&sum[1], weight * (alpha * both + lost * ((beta + t) / (alpha + beta + t))));
			dupex_sum_add(&sum[2], weight * beta * (both + dupex_sum_value(&by_beta) - lost / (alpha + beta + t)));
		}
		dupex_sum_add(&log_survival, -log1p(alpha / (beta + t)));
		dupex_sum_add(&by_beta, 1 / (beta + t));
		dupex_sum_add(&by_both, -1 / (alpha + beta + t));
	}
	gradient[0] = dupex_sum_value(&sum[1]);
	gradient[1] = dupex_sum_value(&sum[2]);
	return dupex_sum_value(&sum[0]);
}

/*
 * Fits alpha and beta of the sBG model to a cohort: survivors[t] of survivors[0] > 0 customers are
 * there after t periods, never growing. Of count 1, before a period has passed, nothing can be
 * said: not identifiable.
 */
void
dupex_sbg_fit(const int64_t *survivors, int count, bool (*stop) (void *), DupexFit *fit)
{
	const double start[DUPEX_SBG_PARAMETERS] = {1, 1};
	SbgData		data = {survivors, count, stop};
	DupexLikelihood likelihood = {DUPEX_SBG_PARAMETERS, (double) survivors[0], evaluate, stop, &data};

	dupex_fit_maximise(&likelihood, start, fit);
}
