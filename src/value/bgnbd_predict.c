/*
 * bgnbd_predict.c
 *		The models BG/NBD and MBG/NBD: what is to be expected of a customer.
 *
 * Given that a customer is still alive, what she has done tells her rate, gamma(r+x, alpha+T),
 * and her chance to drop out at a purchase, beta(a, b+y), independently. From there on she is
 * like a new customer of BG/NBD with these four parameters. So all predictions are a chance to be
 * alive times something of that new customer (DupexBgnbdAlive), and one set of functions serves
 * both models.
 *
 * Expected orders and the chance to stay alive are hypergeometric functions. In their textbook
 * form they overflow for one who has bought two hundred times. Here Euler's transformation
 * (DLMF 15.8.1) has taken the large parameters out, and where the series that is left converges
 * slowly or cancels, the expectation over the chance to drop out is integrated numerically.
 */
#include "value/bgnbd.h"

#include <float.h>
#include <math.h>

#include "stats/special.h"
#include "stats/sum.h"
#include "value/discount.h"

/* series: at most so many terms, up to this argument, and no more cancellation than this */
#define MAX_TERMS		2000
#define SERIES_TO		0.97
#define CANCELLATION	1e3

/* the series sums up to the exponential of this, a u, and more with it */
#define EXPONENT_TO		300.0

/* three points are enough where a and b are above this, and the integrand changes by less than
 * so much of itself over one deviation of p */
#define CONCENTRATED_FROM	1e7
#define CONCENTRATED_CHANGE	1e-3

/* the integral: where it ends at most, sinh(7.5) = 904 */
#define MAX_SINH		7.5

/*
 * P(alive): 1 / (1 + E), E as in bgnbd.c. The power is never formed.
 */
double
dupex_bgnbd_alive(const DupexBgnbd *model, double frequency, double recency, double age)
{
	double		y = frequency + model->first_dropout;
	double		exponent;

	if (y == 0)
		return 1;
	exponent = log(model->a / (model->b + (y - 1))) +
		(model->r + frequency) * log1p((age - recency) / (model->alpha + recency));
	return 1 / (1 + exp(exponent));
}

/*
 * What is known of a customer if she is alive.
 */
DupexBgnbdAlive
dupex_bgnbd_when_alive(const DupexBgnbd *model, double frequency, double age)
{
	DupexBgnbdAlive customer;

	customer.shape = model->r + frequency;
	customer.rate = model->alpha + age;
	customer.a = model->a;
	customer.b = model->b + frequency + model->first_dropout;
	customer.difference = model->a + model->b + model->first_dropout - model->r;
	return customer;
}

/*
 * A new customer, right after the first purchase: what is known if she is alive, and in *alive
 * the chance that she is.
 */
DupexBgnbdAlive
dupex_bgnbd_when_new(const DupexBgnbd *model, double *alive)
{
	*alive = model->first_dropout ? model->b / (model->a + model->b) : 1;
	return dupex_bgnbd_when_alive(model, 0, 0);
}

/*
 * What is integrated over the chance p to drop out: the chance to be alive after a time, or the
 * orders until then. u is the time over rate. The second is (1 - (1+pu)^-shape) / p.
 */
static double
integrand(double p, double shape, double u, bool is_orders)
{
	double		power = -shape * log1p(p * u);

	if (!is_orders)
		return exp(power);
	return p * u * shape < 1e-300 ? shape * u : -expm1(power) / p;
}

/*
 * The trapezoidal sum of the integrand over the beta distribution, of whose ends at_0 and at_1
 * are taken off in proportion. The variable is s with log(p/(1-p)) = middle + width sinh(s),
 * over which the trapezoidal rule converges faster than any power of its step.
 */
static double
trapezoid(const DupexBgnbdAlive *customer, double u, bool is_orders, double step, double at_0, double at_1)
{
	double		a = customer->a;
	double		b = customer->b;
	double		middle = log(a / b);
	double		width = fmin(1, sqrt((a + b) / a / b)); /* of log(p/(1-p)) where
														 * it is narrow */
	DupexSum	total = {0, 0};

	for (int side = -1; side <= 1; side += 2)
		for (int k = side < 0 ? 1 : 0; k * step <= MAX_SINH; k++)
		{
			double		s = side * k * step;
			double		v = middle + width * sinh(s);
			double		p = 1 / (1 + exp(-v));
			double		q = 1 / (1 + exp(v));
			double		term;

			if (p < 1e-290 || q < 1e-290)
				break;
			term = integrand(p, customer->shape, u, is_orders) - (at_0 * q + at_1 * p);
			term *= dupex_beta_power(a, b, p, q) * cosh(s);
			dupex_sum_add(&total, term);
			if (k > 16 && total.sum != 0 && fabs(term) <= 1e-19 * fabs(dupex_sum_value(&total)))
				break;
		}
	return dupex_sum_value(&total) * step * width;
}

/*
 * The expectation where all customers have almost the same chance p, as fits at the boundary
 * a, b -> infinity say: the beta distribution is a narrow normal one there, of which the
 * Gauss-Hermite rule of three points (Abramowitz and Stegun 25.4.46) takes in five moments. What
 * it leaves out, the skewness, is below 1e-13 of the value within the bounds above.
 */
static double
concentrated(const DupexBgnbdAlive *customer, double u, bool is_orders, double deviation)
{
	double		mean = customer->a / (customer->a + customer->b);
	double		step = sqrt(3) * deviation;

	return (4 * integrand(mean, customer->shape, u, is_orders) +
			integrand(mean - step, customer->shape, u, is_orders) +
			integrand(mean + step, customer->shape, u, is_orders)) / 6;
}

/*
 * The expectation of the integrand: the step is halved until nothing changes. Where the density
 * has most of its mass at an end (a or b near 0) it has a tail there too long to be added up, so
 * the integrand's value at this end is taken off, and added again as what it is on average.
 */
static double
integrate(const DupexBgnbdAlive *customer, double u, bool is_orders)
{
	double		at_0 = 0;
	double		at_1 = 0;
	double		shift;
	double		step = 0.25;
	double		value = 0;

	if (fmin(customer->a, customer->b) > CONCENTRATED_FROM)
	{
		double		share = customer->b / (customer->a + customer->b);
		double		deviation = sqrt(customer->a / (customer->a + customer->b) * share / (customer->a + customer->b + 1));

		if ((customer->shape + 1) * sqrt(share / customer->a) < CONCENTRATED_CHANGE)
			return concentrated(customer, u, is_orders, deviation);
	}
	if (customer->a < 0.2)
		at_0 = integrand(0, customer->shape, u, is_orders);
	if (customer->b < 0.2)
		at_1 = integrand(1, customer->shape, u, is_orders);
	shift = (at_0 * customer->b + at_1 * customer->a) / (customer->a + customer->b);
	for (int halving = 0; halving < 6; halving++)
	{
		double		finer = trapezoid(customer, u, is_orders, step, at_0, at_1) + shift;

		if (halving > 0 && fabs(finer - value) <= 1e-14 * fabs(finer))
			return finer;
		value = finer;
		step /= 2;
	}
	return value;
}

/*
 * The chance that a customer who is alive still is after a time: the expectation of
 * (1 + p u)^-shape, u = ahead / rate, which is (1-z)^a 2F1(a, difference; a+b; z) with
 * z = u / (1+u).
 */
double
dupex_bgnbd_still_alive(const DupexBgnbdAlive *customer, double ahead)
{
	double		a = customer->a;
	double		c = a + customer->b;
	double		u = ahead / customer->rate;
	double		z = ahead / (customer->rate + ahead);
	double		term = 1;
	double		sum = 1;
	double		largest = 1;

	if (ahead == 0)
		return 1;
	if (z > SERIES_TO || a * u > EXPONENT_TO)
		return integrate(customer, u, false);
	for (int n = 0; n < MAX_TERMS; n++)
	{
		term *= (a + n) * (customer->difference + n) / ((c + n) * (n + 1)) * z;
		sum += term;
		if (fabs(term) > largest)
			largest = fabs(term);
		if (fabs(term) <= DBL_EPSILON / 8 * fabs(sum))
		{
			if (!(largest <= CANCELLATION * fabs(sum)) || isinf(sum))
				break;
			return exp(-a * log1p(u)) * sum;
		}
	}
	return integrate(customer, u, false);
}

/*
 * The expected number of orders within a time of a customer who is alive. With l = log(1-z),
 * c = a+b-1 and q = difference - 1
 *
 *		- c expm1((a-1) l) / (a-1)
 *		- exp((a-1) l) sum over n >= 1 of q_n (a)_(n-1) z^n / ((c+1)_(n-1) n!),
 *
 * where q_n and (a)_n are rising factorials: the textbook's c/(a-1) (1 - (1-z)^shape
 * 2F1(shape, b; c; z)) after Euler's transformation, with the pole at a = 1 divided out term by
 * term.
 */
double
dupex_bgnbd_orders(const DupexBgnbdAlive *customer, double horizon)
{
	double		a = customer->a;
	double		c = a + customer->b - 1;
	double		q = customer->difference - 1;
	double		u = horizon / customer->rate;
	double		z = horizon / (customer->rate + horizon);
	double		l = -log1p(u);
	double		first;
	double		term = q * z;
	double		sum = term;
	double		largest = fabs(term);

	if (horizon == 0)
		return 0;
	if (z > SERIES_TO || a * u > EXPONENT_TO)
		return integrate(customer, u, true);
	first = a == 1 ? -c * l : -c * expm1((a - 1) * l) / (a - 1);
	for (int n = 1; n < MAX_TERMS; n++)
	{
		term *= (q + n) * (a + (n - 1)) / ((n + 1) * (c + n)) * z;
		sum += term;
		if (fabs(term) > largest)
			largest = fabs(term);
		if (fabs(term) <= DBL_EPSILON / 8 * fabs(sum))
		{
			double		factor = exp((a - 1) * l);
			double		value = first - factor * sum;

			if (!(fmax(fabs(first), factor * largest) <= CANCELLATION * fabs(value)) || isinf(sum))
				break;
			return value;
		}
	}
	return integrate(customer, u, true);
}

/*
 * The series of dupex_bgnbd_orders() at DUPEX_HORIZONS points z in ascending order: in sum[] the
 * values, in *largest the largest number added up for the last of them, whose sum converges
 * last. False where it does not.
 */
static bool
add_up_orders(double q, double a, double c, const double *z, double *sum, double *largest)
{
	const int	last = DUPEX_HORIZONS - 1;
	double		power[DUPEX_HORIZONS] = {0};
	double		coefficient = q;
	double		most = fabs(q * z[last]);

	for (int i = 0; i < DUPEX_HORIZONS; i++)
	{
		power[i] = z[i];
		sum[i] = q * z[i];
	}
	for (int n = 1; n < MAX_TERMS; n++)
	{
		double		term;

		coefficient *= (q + n) * (a + (n - 1)) / ((n + 1) * (c + n));
		for (int i = 0; i < DUPEX_HORIZONS; i++)
		{
			power[i] *= z[i];
			sum[i] += coefficient * power[i];
		}
		term = fabs(coefficient * power[last]);
		if (term > most)
			most = term;
		if (term <= DBL_EPSILON / 8 * fabs(sum[last]))
		{
			*largest = most;
			return !isinf(sum[last]);
		}
	}
	return false;
}

/*
 * dupex_bgnbd_orders() for several horizons, ascending, at most DUPEX_HORIZONS. The coefficients of the series are
 * those of the customer, so they serve all horizons, and the sums of the horizons are added up
 * side by side. What the series does not serve is left to dupex_bgnbd_orders().
 *
 * For a z below the last one each term is smaller at least in proportion to z, which bounds both
 * what was cancelled and what was left out.
 */
void
dupex_bgnbd_orders_until(const DupexBgnbdAlive *customer, const double *horizon, int count, double *orders)
{
	double		a = customer->a;
	double		c = a + customer->b - 1;
	double		z[DUPEX_HORIZONS] = {0};
	double		sum[DUPEX_HORIZONS];
	double		z_last = horizon[count - 1] / (customer->rate + horizon[count - 1]);
	double		largest = 0;
	bool		is_series = count > 1 && horizon[0] > 0 && z_last <= SERIES_TO && a * (horizon[count - 1] / customer->rate) <= EXPONENT_TO;

	if (is_series)
	{
		for (int i = 0; i < DUPEX_HORIZONS; i++)
			z[i] = i < count ? horizon[i] / (customer->rate + horizon[i]) : z_last;
		is_series = add_up_orders(customer->difference - 1, a, c, z, sum, &largest);
	}
	for (int i = 0; i < count; i++)
	{
		if (is_series)
		{
			double		l = -log1p(horizon[i] / customer->rate);
			double		growth = expm1((a - 1) * l);
			double		factor = growth < -0.5 ? exp((a - 1) * l) : 1 + growth;
			double		first = a == 1 ? -c * l : -c * growth / (a - 1);

			orders[i] = first - factor * sum[i];
			if (fmax(fabs(first), factor * largest * (z[i] / z_last)) <= CANCELLATION * fabs(orders[i]))
				continue;
		}
		orders[i] = dupex_bgnbd_orders(customer, horizon[i]);
	}
}

/*
 * The chance of no order within a time, whether alive or not: 1 - P(alive) P(some order). Added
 * up from the chances to have dropped out and to be alive without an order, of which each keeps
 * its digits.
 */
double
dupex_bgnbd_none(const DupexBgnbd *model, const DupexBgnbdAlive *customer, double frequency, double recency,
				 double age, double horizon)
{
	double		alive = dupex_bgnbd_alive(model, frequency, recency, age);
	double		y = frequency + model->first_dropout;
	double		gone = 0;

	if (y > 0)
		gone = 1 / (1 + exp(-log(model->a / (model->b + (y - 1))) -
							(model->r + frequency) * log1p((age - recency) / (model->alpha + recency))));
	return fmin(1, gone + alive * exp(-customer->shape * log1p(horizon / customer->rate)));
}

/*
 * The chance that a customer who is alive orders exactly so often within a time, orders >= 0 a
 * whole number. Either all these orders are survived and no further one comes, or she drops out
 * with the last of them while her rate would have brought as many or more:
 *
 *		S(n) P(N = n) + a/(b+n-1) S(n) P(N >= n),		S(n) = B(a, b+n) / B(a, b),
 *
 * with N negative binomial, whose upper tail is an incomplete beta function.
 */
double
dupex_bgnbd_exactly(const DupexBgnbdAlive *customer, double orders, double horizon)
{
	double		rest = customer->rate / (customer->rate + horizon);
	double		z = horizon / (customer->rate + horizon);
	double		a = customer->a;
	double		b = customer->b;
	double		lower;
	double		upper;
	double		survived;

	if (orders == 0)
		return exp(-customer->shape * log1p(horizon / customer->rate));
	if (horizon == 0)
		return 0;
	survived = exp(dupex_log_rising(b, orders) - dupex_log_rising(a + b, orders));
	dupex_beta_tails(orders, customer->shape, z, rest, &lower, &upper);
	return survived * (dupex_beta_power(orders, customer->shape, z, rest) / orders + a / (b + (orders - 1)) * lower);
}
