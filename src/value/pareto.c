/*
 * pareto.c
 *		The Pareto/NBD model of purchases: likelihood, gradient, predictions.
 *
 * While alive a customer orders at a rate lambda, gamma distributed over the customers with
 * shape r and rate alpha; he drops out at a rate mu, gamma distributed with shape s and rate
 * beta (Schmittlein, Morrison and Colombo 1987). A customer is seen from his first order on for
 * the time age, with x repeat orders, the last of them t_x after the first.
 *
 * The likelihood is usually written with two hypergeometric functions and a distinction of
 * alpha and beta, whose difference loses all digits for heavy buyers. What that difference
 * stands for is an integral over the moment u at which the customer dropped out,
 *
 *		L = (r)_x alpha^r beta^s [(alpha + age)^-(r+x) (beta + age)^-s + I],
 *		I = s * integral from t_x to age of (alpha + u)^-(r+x) (beta + u)^-(s+1) du,
 *
 * which has nothing to cancel, and whose derivatives are integrals at the same nodes. With
 * u = from + (m + from) (e^v - 1), m the smaller of alpha and beta, the integrand is smooth in v on
 * panels of the length of its own decay, and ten points of Gauss and Legendre on each are enough
 * for full accuracy.
 *
 * Pure C: no memory, no state, no error.
 */
#include "value/pareto.h"

#include <float.h>
#include <math.h>

#include "value/legendre.h"
#include "stats/special.h"

/*
 * The longest panel of the integral over the moment of dropout, in decays of the integrand. It
 * falls nearly like an exponential there, for which ten points do more than elsewhere.
 */
#define DROPOUT_DECAYS	4.0

/*
 * Gauss' continued fraction: up to this argument, and so many steps; and no difference of two
 * numbers the second of which is above this share of the first.
 */
#define FRACTION_TO		0.97
#define MAX_STEPS		100
#define CANCELLING_FROM	0.9

/*
 * The integral over the moment of dropout, and means over it.
 */
typedef struct DropoutIntegral
{
	double		value;			/* of the integrand divided by its value at
								 * the start */
	double		log_alpha;		/* mean of log((alpha + u) / (alpha + from)) */
	double		log_beta;
	double		share_alpha;	/* mean of u / (alpha + u) */
	double		share_beta;
} DropoutIntegral;

/*
 * The integral from from to to of (alpha + u)^-k (beta + u)^-(s+1) du, divided by the integrand at
 * from; the means only when asked for. 0 where from = to.
 *
 * Of alpha and beta the smaller one makes the variable: for it log((alpha + u) / (alpha + from)) is
 * v itself.
 */
static void
integrate_dropout(double alpha, double beta, double k, double s, double from, double to, bool means, DropoutIntegral *result)
{
	const bool	is_alpha = alpha <= beta;
	const double near = is_alpha ? alpha : beta;
	const double far = is_alpha ? beta : alpha;
	const double near_power = is_alpha ? k : s + 1;
	const double far_power = is_alpha ? s + 1 : k;
	const double scale = near + from;
	const double ratio = scale / (far + from);
	const double end = log1p((to - from) / scale);
	double		start = 0;
	double		value = 0;
	double		log_far_sum = 0;
	double		log_near_sum = 0;
	double		share_near_sum = 0;
	double		share_far_sum = 0;

	while (start < end)
	{
		double		passed = expm1(start);
		double		rate = near_power + far_power * ratio * (1 + passed) / (1 + ratio * passed);
		double		width = fmin(DUPEX_LEGENDRE_WIDTH, DROPOUT_DECAYS / rate);
		double		panel = 0;

		if (!(width < end - start))
			width = end - start;
		for (int i = 0; i < DUPEX_LEGENDRE_NODES; i++)
		{
			double		v = start + width * dupex_legendre_node[i];
			double		step = expm1(v);
			double		log_far = log1p(ratio * step);
			double		share = dupex_legendre_weight[i] * width * exp(v - near_power * v - far_power * log_far);

			panel += share;
			if (means)
			{
				double		u = from + scale * step;

				log_near_sum += share * v;
				log_far_sum += share * log_far;
				share_near_sum += share * (u / (near + u));
				share_far_sum += share * (u / (far + u));
			}
		}
		value += panel;
		if (panel <= value * DUPEX_LEGENDRE_NEGLIGIBLE || start + width == start)
			break;
		start += width;
	}
	result->value = value * scale;
	if (!means || value == 0)
		return;
	result->log_alpha = (is_alpha ? log_near_sum : log_far_sum) / value;
	result->log_beta = (is_alpha ? log_far_sum : log_near_sum) / value;
	result->share_alpha = (is_alpha ? share_near_sum : share_far_sum) / value;
	result->share_beta = (is_alpha ? share_far_sum : share_near_sum) / value;
}

/*
 * F(a, 1; c+1; y) of Gauss for a = c - b, 0 < a < c + 1, at two y from 0 to FRACTION_TO, the larger
 * one first. False where MAX_STEPS do not do, which leaves the values undefined.
 *
 * Source: his continued fraction (DLMF 15.7.1), of which every second convergent is computed
 * (DLMF 1.12.20), numerator and denominator each by its recurrence. Nothing but y is divided by
 * what depends on y, so the two run side by side. Two successive convergents differ by a product
 * over their denominators, and the first one, which converges later, tells when to stop.
 */
static bool
gauss_fraction(double a, double b, double c, const double *y, double *value)
{
	double		odd = a / (c + 1);	/* the last coefficient */
	double		difference = 1;
	double		above[2] = {1, 1};
	double		below[2] = {1 - odd * y[0], 1 - odd * y[1]};
	double		above_before[2] = {0, 0};
	double		below_before[2] = {1, 1};

	for (int n = 1; n <= MAX_STEPS; n++)
	{
		double		low = c + (2 * n - 1);
		double		high = c + (2 * n + 1);
		double		inverse = 1 / (low * (c + 2 * n) * high);
		double		even = n * (b + n) * high * inverse;
		double		product = odd * even;

		odd = (a + n) * (c + n) * low * inverse;
		difference *= product * y[0] * y[0];
		for (int i = 0; i < 2; i++)
		{
			double		factor = 1 - (even + odd) * y[i];
			double		step = product * y[i] * y[i];
			double		next_above = factor * above[i] - step * above_before[i];
			double		next_below = factor * below[i] - step * below_before[i];

			above_before[i] = above[i];
			below_before[i] = below[i];
			above[i] = next_above;
			below[i] = next_below;
		}
		if (difference <= DBL_EPSILON / 4 * above[0] * below_before[0])
		{
			value[0] = above[0] / below[0];
			value[1] = above[1] / below[1];
			return true;
		}
	}
	return false;
}

/*
 * The integral of integrate_dropout() alone, which most customers have cheaper. With n and f, g and
 * h for near and far and their powers (the smaller one of alpha and beta is near), it is
 *
 *		[(n + from) F(from) - (n + to) F(to) w(to) / w(from)] / (g + h - 1),
 *		F(u) = F(h, 1; g+h; (f-n) / (f+u)),		w(u) = (n + u)^-g (f + u)^-h,
 *
 * by the incomplete beta function of (f-n) / (f+u) and Euler's transformation (DLMF 8.17.8, 15.8.1). Where the
 * two cancel, and where alpha and beta are too far apart, the quadrature serves.
 *
 * log_alpha and log_beta are log((alpha + to) / (alpha + from)), and likewise of beta.
 */
static double
dropout_value(double alpha, double beta, double k, double s, double from, double to, double log_alpha, double log_beta)
{
	const bool	is_alpha = alpha <= beta;
	const double near = is_alpha ? alpha : beta;
	const double far = is_alpha ? beta : alpha;
	const double near_power = is_alpha ? k : s + 1;
	const double far_power = is_alpha ? s + 1 : k;
	const double y[2] = {(far - near) / (far + from), (far - near) / (far + to)};
	const double end = (near + to) / (near + from) * exp(-k * log_alpha - (s + 1) * log_beta);
	DropoutIntegral integral = {0};
	double		fraction[2];

	if (end <= CANCELLING_FROM && y[0] <= FRACTION_TO &&
		gauss_fraction(far_power, near_power - 1, k + s, y, fraction))
		return (near + from) / (k + s) * (fraction[0] - end * fraction[1]);
	integrate_dropout(alpha, beta, k, s, from, to, false, &integral);
	return integral.value;
}

/*
 * What depends on x alone.
 */
void
dupex_pareto_rate(const DupexParetoModel *model, double x, DupexParetoRate *rate)
{
	rate->x = x;
	rate->log_rising = dupex_log_rising(model->r, x);
	rate->slope = dupex_digamma_rising(model->r, x);
}

/*
 * The log-likelihood of one customer, 0 <= t_x <= age. gradient, unless NULL, gets its derivatives
 * by log r, log alpha, log s and log beta: the optimiser works in logarithms, and with those no
 * term is large where a parameter is.
 */
double
dupex_pareto_row_log_likelihood(const DupexParetoModel *model, const DupexParetoRate *rate,
								double t_x, double age, double *gradient)
{
	const double r = model->r;
	const double alpha = model->alpha;
	const double s = model->s;
	const double beta = model->beta;
	const double x = rate->x;
	DropoutIntegral integral = {0};
	double		log_alive;
	double		log_dropped;
	double		dropped;
	double		alive;
	double		log_sum;

	integrate_dropout(alpha, beta, r + x, s, t_x, age, gradient != 0, &integral);

	/* r log(alpha / (alpha + age)) has no large parts that cancel */
	log_alive = -r * log1p(age / alpha) - s * log1p(age / beta) - x * log(alpha + age);
	if (integral.value > 0)
		log_dropped = -r * log1p(t_x / alpha) - s * log1p(t_x / beta) - x * log(alpha + t_x)
			+ log(s / (beta + t_x) * integral.value);
	else
		log_dropped = -INFINITY;
	log_sum = fmax(log_alive, log_dropped) + log1p(exp(-fabs(log_alive - log_dropped)));
	if (!gradient)
		return rate->log_rising + log_sum;

	alive = exp(log_alive - log_sum);
	dropped = exp(log_dropped - log_sum);
	gradient[0] = r * (rate->slope - alive * log1p(age / alpha) - dropped * (log1p(t_x / alpha) + integral.log_alpha));
	gradient[1] = alive * (r * age - x * alpha) / (alpha + age)
		+ dropped * (r * integral.share_alpha - x * (1 - integral.share_alpha));
	gradient[2] = dropped - s * (alive * log1p(age / beta) + dropped * (log1p(t_x / beta) + integral.log_beta));
	gradient[3] = alive * s * (age / (beta + age)) + dropped * (s * integral.share_beta - (1 - integral.share_beta));
	return rate->log_rising + log_sum;
}

/*
 * The odds that the customer has dropped out by age against that he has not.
 */
double
dupex_pareto_dropout_odds(const DupexParetoModel *model, double x, double t_x, double age)
{
	double		k = model->r + x;
	double		log_alpha = log1p((age - t_x) / (model->alpha + t_x));
	double		log_beta = log1p((age - t_x) / (model->beta + t_x));
	double		value;

	if (age == t_x)
		return 0;
	value = dropout_value(model->alpha, model->beta, k, model->s, t_x, age, log_alpha, log_beta);
	return model->s * (value / (model->beta + t_x)) * exp(k * log_alpha + model->s * log_beta);
}

/*
 * The probability that the customer is alive the time ahead after age (0: at age).
 */
double
dupex_pareto_alive(const DupexParetoModel *model, double x, double t_x, double age, double ahead)
{
	double		survives = ahead == 0 ? 1 : exp(-model->s * log1p(ahead / (model->beta + age)));

	return survives / (1 + dupex_pareto_dropout_odds(model, x, t_x, age));
}

/*
 * Expected orders in the horizon of a customer who is alive at age: mean rate times expected
 * time that he stays, (beta + age) (1 - q^(s-1)) / (s - 1) with q = (beta + age) / (beta + age + horizon),
 * and its limit at s = 1.
 */
double
dupex_pareto_kernel(const DupexParetoModel *model, double x, double age, double horizon)
{
	double		orders;

	dupex_pareto_kernels(model, x, age, &horizon, 1, &orders);
	return orders;
}

/*
 * The same for several horizons.
 */
void
dupex_pareto_kernels(const DupexParetoModel *model, double x, double age, const double *horizon, int count, double *orders)
{
	const double s1 = model->s - 1;
	const double beta = model->beta + age;
	const double rate = (model->r + x) * (beta / (model->alpha + age));

	for (int i = 0; i < count; i++)
	{
		double		log_q = -log1p(horizon[i] / beta);
		double		stays = fabs(s1 * log_q) < 1e-300 ? -log_q : -expm1(s1 * log_q) / s1;

		orders[i] = rate * stays;
	}
}

/*
 * The probability that a customer who is alive at age orders nothing in the horizon: he stays
 * and orders nothing, or drops out before his next order.
 */
double
dupex_pareto_none_if_alive(const DupexParetoModel *model, double x, double age, double horizon)
{
	double		alpha = model->alpha + age;
	double		beta = model->beta + age;
	double		k = model->r + x;
	double		log_alpha = log1p(horizon / alpha);
	double		log_beta = log1p(horizon / beta);

	if (horizon == 0)
		return 1;
	return exp(-k * log_alpha - model->s * log_beta)
		+ model->s / beta * dropout_value(alpha, beta, k, model->s, 0, horizon, log_alpha, log_beta);
}

/*
 * What integrate_orders() needs at a point w = log(u): the logarithm of
 *		u^(n+1) (alpha + u)^-(n+k) (beta + u)^-(s+1)
 * relative to the one at the point w0, and its first two derivatives.
 */
typedef struct OrderDensity
{
	double		alpha;
	double		beta;
	double		k;
	double		s;
	double		n;
	double		u0;
} OrderDensity;

/*
 * log((fixed + part e^step) / (fixed + part)): by how much a sum of positive numbers grows with
 * one of them. The sum itself where it becomes much less, of which the growth would keep nothing.
 */
static double
log_growth(double fixed, double part, double step)
{
	double		growth = part / (fixed + part) * expm1(step);

	return growth > -0.5 ? log1p(growth) : log((fixed + part * exp(step)) / (fixed + part));
}

static double
density_log(const OrderDensity *density, double step)
{
	/* (n + 1) w - n log(alpha + u) would cancel for many orders */
	return step - density->k * log_growth(density->alpha, density->u0, step)
		- (density->s + 1) * log_growth(density->beta, density->u0, step)
		- density->n * log_growth(density->u0, density->alpha, -step);
}

static double
density_slope(const OrderDensity *density, double u)
{
	return 1 + (density->n * density->alpha - density->k * u) / (density->alpha + u) - (density->s + 1) * (u / (density->beta + u));
}

static double
density_curvature(const OrderDensity *density, double u)
{
	double		in_alpha = u / (density->alpha + u) * (density->alpha / (density->alpha + u));
	double		in_beta = u / (density->beta + u) * (density->beta / (density->beta + u));

	return (density->n + density->k) * in_alpha + (density->s + 1) * in_beta;
}

/*
 * One side of the integral of density_log(), from its mode at step 0 outwards; limit is the
 * largest step. The density is log-concave, so panels of the length of its decay serve.
 */
static double
integrate_side(const OrderDensity *density, int direction, double limit)
{
	double		start = 0;
	double		sum = 0;

	while (start < limit)
	{
		double		u = density->u0 * exp(direction * start);
		double		rate = fmax(fabs(density_slope(density, u)), sqrt(density_curvature(density, u)));
		double		width = fmin(fmin(DUPEX_LEGENDRE_WIDTH, DUPEX_LEGENDRE_DECAYS / rate), limit - start);
		double		panel = 0;

		for (int i = 0; i < DUPEX_LEGENDRE_NODES; i++)
			panel += dupex_legendre_weight[i] * width * exp(density_log(density, direction * (start + width * dupex_legendre_node[i])));
		sum += panel;
		if (panel <= sum * DUPEX_LEGENDRE_NEGLIGIBLE || start + width == start)
			break;
		start += width;
	}
	return sum;
}

/*
 * The point of the largest density up to horizon.
 */
static double
density_mode(OrderDensity *density, double horizon)
{
	double		low = -700;
	double		high = log(horizon);

	if (density_slope(density, horizon) >= 0)
		return horizon;
	for (int i = 0; i < 100 && high - low > 1e-3; i++)
	{
		double		middle = (low + high) / 2;

		if (density_slope(density, exp(middle)) >= 0)
			low = middle;
		else
			high = middle;
	}
	return exp((low + high) / 2);
}

/*
 * The negative binomial probability of n >= 1 orders by the time u: p^k q^n gamma(k + n) /
 * (gamma(k) n!) with q = u / (alpha + u).
 */
static double
orders_by(double alpha, double k, double n, double u)
{
	return dupex_beta_power(k, n, alpha / (alpha + u), u / (alpha + u)) / n;
}

/*
 * The probability that a customer who is alive at age orders exactly orders times in the
 * horizon: he stays and does, or drops out at u having done so before. NaN never; 0 beyond the
 * smallest double.
 */
double
dupex_pareto_orders_if_alive(const DupexParetoModel *model, double x, double age, double orders, double horizon)
{
	OrderDensity density = {model->alpha + age, model->beta + age, model->r + x, model->s, orders, 0};
	double		stays = exp(-model->s * log1p(horizon / density.beta));
	double		dropped;

	if (orders == 0)
		return dupex_pareto_none_if_alive(model, x, age, horizon);
	if (horizon == 0)
		return 0;
	density.u0 = density_mode(&density, horizon);
	dropped = integrate_side(&density, -1, 750) + integrate_side(&density, 1, log(horizon / density.u0));

	/* s beta^s u / (beta + u)^(s+1) at the mode: the part of the dropout */
	dropped *= model->s * (density.u0 / (density.beta + density.u0)) * exp(-model->s * log1p(density.u0 / density.beta));
	return orders_by(density.alpha, density.k, orders, horizon) * stays
		+ orders_by(density.alpha, density.k, orders, density.u0) * dropped;
}

/*
 * Expected orders for ever of a customer who is alive at age, each discounted by exp(-rate times
 * its distance in time): the mean order rate times (beta + age) times the integral of
 * exp(-z w) (1 + w)^-s dw with z = rate (beta + age), which is Tricomi's U(1, 2 - s, z) (Fader, Hardie
 * and Lee 2005, "RFM and CLV", call the result DERT). Infinite for rate = 0 and s <= 1.
 *
 * With 1 + w = e^v the integrand is exp(-z (e^v - 1) + (1 - s) v).
 */
double
dupex_pareto_discounted_kernel(const DupexParetoModel *model, double x, double age, double rate)
{
	double		z = rate * (model->beta + age);
	double		s1 = model->s - 1;
	double		start = 0;
	double		sum = 0;

	if (z == 0)
		return s1 > 0 ? (model->r + x) * ((model->beta + age) / (model->alpha + age)) / s1 : INFINITY;
	if (isinf(z))
		return 0;
	for (;;)
	{
		double		slope = z * exp(start) + s1;
		double		decay = fmax(fabs(slope), sqrt(z * exp(start)));
		double		width = fmin(DUPEX_LEGENDRE_WIDTH, DUPEX_LEGENDRE_DECAYS / decay);
		double		panel = 0;

		for (int i = 0; i < DUPEX_LEGENDRE_NODES; i++)
		{
			double		v = start + width * dupex_legendre_node[i];

			panel += dupex_legendre_weight[i] * width * exp(-z * expm1(v) - s1 * v);
		}
		sum += panel;
		if (slope > 0 && panel <= sum * DUPEX_LEGENDRE_NEGLIGIBLE)
			break;
		start += width;
	}
	return (model->r + x) * ((model->beta + age) / (model->alpha + age)) * sum;
}
