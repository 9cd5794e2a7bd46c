/*
 * best.c
 *		Which of several groups is best: probabilities, expected loss, the next wave.
 *
 * What is known of each rate is a beta distribution. The probability that group i is the best is
 * the integral of its density times the distribution functions of all others; what is lost by
 * choosing it, E[max(0, best of the others - i)], is the integral of
 *		P(i is below x) P(one of the others is above x).
 * Both integrands are positive, so nothing cancels, and no random number is drawn.
 *
 * The integrals run over u = log(x / (1 - x)), in which every beta density is smooth (that is
 * x^a (1-x)^b / B(a, b)), whatever the counts and the prior. A mesh of panels is made that is as
 * fine everywhere as the narrowest distribution there wants it. On a panel every density is
 * known at sixteen points of Gauss and Legendre; its distribution function at these points
 * comes from integrating the polynomial through them. So each distribution costs one density
 * per point, and no incomplete beta function at all.
 *
 * Pure C: the caller passes the memory.
 */
#include "best.h"

#include <math.h>

#include "special.h"

#define NODES	DUPEX_BEST_NODES

/* points and weights from -1 to 1, the upper half */
static const double node[NODES / 2] = {
	0.0950125098376374401853, 0.2816035507792589132304, 0.4580167776572273863424, 0.6178762444026437484466,
	0.7554044083550030338951, 0.8656312023878317438804, 0.9445750230732325760779, 0.9894009349916499325961
};
static const double weight[NODES / 2] = {
	0.1894506104550684962853, 0.1826034150449235888667, 0.1691565193950025381893, 0.1495959888165767320815,
	0.1246289712555338720524, 0.0951585116824927848099, 0.0622535239386478928628, 0.0271524594117540948517
};

/* the points in rising order */
static double
point(int i)
{
	return i < NODES / 2 ? -node[NODES / 2 - 1 - i] : node[i - NODES / 2];
}

static double
weight_of(int i)
{
	return i < NODES / 2 ? weight[NODES / 2 - 1 - i] : weight[i - NODES / 2];
}

/*
 * How far a distribution matters to either side of its centre log(a / b), and how narrow panels
 * must be near it.
 */
typedef struct Reach
{
	double		centre;
	double		left;
	double		right;
	double		scale;
} Reach;

static Reach
reach_of(DupexBelief belief)
{
	double		deviation = sqrt(1 / belief.a + 1 / belief.b);
	Reach		reach;

	reach.centre = log(belief.a / belief.b);

	/*
	 * near the centre as the normal distribution, far out as exp(-a |u|) and
	 * exp(-b u)
	 */
	reach.left = 10 * deviation + 42 / belief.a;
	reach.right = 10 * deviation + 42 / belief.b;
	reach.scale = fmin(1, 1.2 * deviation);
	return reach;
}

/*
 * Is a panel narrow enough for all distributions that matter on it?
 */
static int
is_fine(size_t arms, const DupexBelief *belief, double from, double to)
{
	double		width = to - from;
	double		outside = fmax(0, fmax(from, -to));

	/* the rate itself changes within 1 or so, but where it is near 0 or 1 */
	if (width > 1.5 && width > outside / 4)
		return 0;
	for (size_t i = 0; i < arms; i++)
	{
		Reach		reach = reach_of(belief[i]);
		double		distance = fmax(0, fmax(from - reach.centre, reach.centre - to));
		double		allowed = reach.scale;

		if (to < reach.centre - reach.left || from > reach.centre + reach.right)
			continue;

		/*
		 * far out the logarithm of the density is a straight line, which
		 * wants a panel per 2 / a only
		 */
		if (to < reach.centre && distance > 3)
			allowed = fmax(allowed, fmin(distance / 3, 2 / belief[i].a));
		else if (from > reach.centre && distance > 3)
			allowed = fmax(allowed, fmin(distance / 3, 2 / belief[i].b));
		if (width > allowed)
			return 0;
	}
	return 1;
}

/*
 * Makes the mesh: the ends of the panels from left to right. mesh has room for
 * DUPEX_BEST_PANELS + 1 numbers. Returns the number of panels; 0 when they are too many.
 *
 * Panels are halved until they are fine. What is still to be looked at is kept at the upper end
 * of the array, the nearest one first.
 */
size_t
dupex_best_mesh(size_t arms, const DupexBelief *belief, double *mesh)
{
	double		from = INFINITY;
	double		to = -INFINITY;
	size_t		panels = 0;
	size_t		waiting = DUPEX_BEST_PANELS + 1;

	for (size_t i = 0; i < arms; i++)
	{
		Reach		reach = reach_of(belief[i]);

		from = fmin(from, reach.centre - reach.left);
		to = fmax(to, reach.centre + reach.right);
	}
	mesh[0] = from;
	mesh[--waiting] = to;
	while (waiting <= DUPEX_BEST_PANELS)
	{
		double		end = mesh[waiting];
		double		middle = mesh[panels] + (end - mesh[panels]) / 2;

		if (is_fine(arms, belief, mesh[panels], end) || !(middle > mesh[panels] && middle < end))
		{
			mesh[++panels] = end;
			waiting++;
		}
		else
		{
			if (waiting <= panels + 2)
				return 0;
			mesh[--waiting] = middle;
		}
	}
	return panels;
}

/*
 * How many numbers dupex_best() needs to work with.
 */
size_t
dupex_best_room(size_t arms, size_t panels)
{
	return arms * panels * (NODES + 1) + arms * 8 + NODES * NODES;
}

/*
 * The matrix that gives the integral from -1 to each point of the polynomial through values at
 * all points. Row by row of points.
 *
 * From the expansion in Legendre polynomials: the integral of P(k) up to x is
 * (P(k+1)(x) - P(k-1)(x)) / (2 k + 1).
 */
static void
integration_matrix(double *matrix)
{
	double		legendre[NODES][NODES + 1];

	for (int i = 0; i < NODES; i++)
	{
		double		x = point(i);

		legendre[i][0] = 1;
		legendre[i][1] = x;
		for (int k = 1; k < NODES; k++)
			legendre[i][k + 1] = ((2 * k + 1) * x * legendre[i][k] - k * legendre[i][k - 1]) / (k + 1);
	}
	for (int i = 0; i < NODES; i++)
	{
		for (int j = 0; j < NODES; j++)
		{
			double		sum = (legendre[i][1] + 1) / 2;

			for (int k = 1; k < NODES; k++)
				sum += legendre[j][k] / 2 * (legendre[i][k + 1] - legendre[i][k - 1]);
			matrix[i * NODES + j] = sum * weight_of(j);
		}
	}
}

/*
 * Densities at all points of all panels, and the masses of the panels, scaled such that the
 * masses of a distribution add up to 1.
 */
static void
fill_densities(DupexBelief belief, size_t panels, const double *mesh, double *density, double *mass)
{
	double		total = 0;

	for (size_t p = 0; p < panels; p++)
	{
		double		half = (mesh[p + 1] - mesh[p]) / 2;
		double		middle = mesh[p] + half;

		mass[p] = 0;
		for (int i = 0; i < NODES; i++)
		{
			double		u = middle + half * point(i);
			double		odds = exp(-fabs(u));
			double		small = odds / (1 + odds);
			double		large = 1 / (1 + odds);
			double		value = u < 0 ? dupex_beta_power(belief.a, belief.b, small, large)
			: dupex_beta_power(belief.a, belief.b, large, small);

			/* further out than doubles go */
			if (!(value >= 0))
				value = 0;
			density[p * NODES + (size_t) i] = value * half;
			mass[p] += value * half * weight_of(i);
		}
		total += mass[p];
	}
	for (size_t p = 0; p < panels; p++)
	{
		mass[p] /= total;
		for (int i = 0; i < NODES; i++)
			density[p * NODES + (size_t) i] /= total;
	}
}

/* what is kept of each group while the panels are gone through */
typedef struct Sweep
{
	size_t		arms;
	double	   *below;			/* P(below the panel) */
	double	   *above;			/* P(above the panel) */
	double	   *lower;			/* at a point */
	double	   *upper;
	double	   *lower_before;	/* product of the lower ones of the groups
								 * before */
	double	   *upper_before;	/* 1 - that product */
} Sweep;

/*
 * One point: adds to the probabilities and losses of all groups. density is that of the groups at
 * this point, stride apart; weight and loss_weight are those of the point.
 */
static void
add_point(const Sweep *sweep, const double *density, size_t stride, double density_weight, double loss_weight, double *best, double *loss)
{
	double		lower_after = 1;
	double		upper_after = 0;

	sweep->lower_before[0] = 1;
	sweep->upper_before[0] = 0;
	for (size_t i = 0; i + 1 < sweep->arms; i++)
	{
		sweep->lower_before[i + 1] = sweep->lower_before[i] * sweep->lower[i];
		sweep->upper_before[i + 1] = sweep->upper_before[i] + sweep->lower_before[i] * sweep->upper[i];
	}
	for (size_t i = sweep->arms; i-- > 0;)
	{
		best[i] += density_weight * density[i * stride] * sweep->lower_before[i] * lower_after;
		loss[i] += loss_weight * sweep->lower[i] * (sweep->upper_before[i] + sweep->lower_before[i] * upper_after);
		upper_after += lower_after * sweep->upper[i];
		lower_after *= sweep->lower[i];
	}
}

/*
 * The probability of each group to be the best, and the expected loss of choosing it. mesh comes
 * from dupex_best_mesh(), room has dupex_best_room() numbers.
 *
 * Absolute accuracy 1e-13, plus 1e-15 times the root of the counts: at 10^6 trials 1e-12, at 10^9
 * 1e-10.
 */
void
dupex_best(size_t arms, const DupexBelief *belief, size_t panels, const double *mesh, double *room, double *best, double *loss)
{
	size_t		stride = panels * NODES;
	double	   *density = room;
	double	   *mass = density + arms * stride;
	double	   *matrix = mass + arms * panels;
	double	   *rest = matrix + NODES * NODES;
	Sweep		sweep = {arms, rest, rest + arms, rest + 2 * arms, rest + 3 * arms, rest + 4 * arms, rest + 5 * arms};

	integration_matrix(matrix);
	for (size_t i = 0; i < arms; i++)
	{
		fill_densities(belief[i], panels, mesh, density + i * stride, mass + i * panels);
		sweep.below[i] = 0;
		sweep.above[i] = 1;
		best[i] = loss[i] = 0;
	}
	for (size_t p = 0; p < panels; p++)
	{
		double		half = (mesh[p + 1] - mesh[p]) / 2;
		double		middle = mesh[p] + half;

		for (size_t i = 0; i < arms; i++)
			sweep.above[i] = fmax(0, sweep.above[i] - mass[i * panels + p]);
		for (int k = 0; k < NODES; k++)
		{
			double		odds = exp(-fabs(middle + half * point(k)));
			double		step = half * weight_of(k) * odds / (1 + odds) / (1 + odds);	/* in the rate */

			for (size_t i = 0; i < arms; i++)
			{
				const double *at = density + i * stride + p * NODES;
				double		part = 0;

				for (int j = 0; j < NODES; j++)
					part += matrix[k * NODES + j] * at[j];
				part = fmin(fmax(0, part), mass[i * panels + p]);
				sweep.lower[i] = fmin(1, sweep.below[i] + part);
				sweep.upper[i] = fmin(1, sweep.above[i] + (mass[i * panels + p] - part));
			}
			add_point(&sweep, density + p * NODES + (size_t) k, stride, weight_of(k), step, best, loss);
		}
		for (size_t i = 0; i < arms; i++)
			sweep.below[i] = fmin(1, sweep.below[i] + mass[i * panels + p]);
	}
}

/*
 * The rates of several groups, each drawn towards the rate of all: what the best of them will
 * probably do when it is repeated. The best of several is also the luckiest; the less the groups
 * differ beyond what chance explains, the more its lead is luck.
 *
 * own_share is what counts of a group's own rate, from 0 to 1; NaN without trials, where the
 * rate of all is all that is known. The variance between groups is estimated by moments (R.
 * DerSimonian and N. Laird, 1986), the shrinkage is that of empirical Bayes (B. Efron and C.
 * Morris, 1975). All NaN when there are no trials at all.
 */
void
dupex_shrink(size_t arms, const double *successes, const double *trials, double *shrunk, double *own_share)
{
	double		all_successes = 0;
	double		all_trials = 0;
	double		square = 0;
	double		heterogeneity = 0;
	double		counted = 0;
	double		noise;
	double		between = 0;
	double		mean;
	double		weights = 0;
	double		weighted = 0;

	for (size_t i = 0; i < arms; i++)
	{
		all_successes += successes[i];
		all_trials += trials[i];
		square += trials[i] * trials[i];
		counted += trials[i] > 0;
	}
	mean = all_successes / all_trials;
	noise = mean * (1 - mean);	/* the variance of one trial */
	for (size_t i = 0; i < arms; i++)
	{
		double		distance = trials[i] > 0 ? successes[i] / trials[i] - mean : 0;

		heterogeneity += trials[i] * distance * distance;
	}
	if (counted > 1 && noise > 0)
		between = fmax(0, (heterogeneity - (counted - 1) * noise) / (all_trials - square / all_trials));
	for (size_t i = 0; i < arms; i++)
	{
		if (trials[i] > 0 && noise > 0)
		{
			double		w = 1 / (between + noise / trials[i]);

			weights += w;
			weighted += w * (successes[i] / trials[i]);
		}
	}
	if (weights > 0)
		mean = weighted / weights;
	for (size_t i = 0; i < arms; i++)
	{
		own_share[i] = trials[i] > 0 ? (noise > 0 ? between / (between + noise / trials[i]) : 0) : NAN;
		shrunk[i] = trials[i] > 0 ? mean + own_share[i] * (successes[i] / trials[i] - mean) : mean;
	}
}

/*
 * Divides the next wave: each group gets its probability to be the best, but at least
 * least_share of the pieces; whole pieces by the largest remainder. share is changed into what
 * was aimed at. least_share times arms is at most 1. scratch has room for arms numbers.
 *
 * Thompson sampling (1933) in its exact form: the expected share instead of draws.
 */
void
dupex_allocate(size_t arms, double *share, double least_share, double pieces, double *allocated, double *scratch)
{
	double		given = 0;
	double		total = 0;

	for (size_t i = 0; i < arms; i++)
		total += share[i];
	for (size_t i = 0; i < arms; i++)
	{
		share[i] = least_share + (1 - least_share * (double) arms) * (share[i] / total);
		allocated[i] = floor(pieces * share[i]);
		scratch[i] = pieces * share[i] - allocated[i];
		given += allocated[i];
	}
	for (; given < pieces; given += 1)
	{
		size_t		next = 0;

		for (size_t i = 1; i < arms; i++)
		{
			if (scratch[i] > scratch[next])
				next = i;
		}
		scratch[next] -= 1;
		allocated[next] += 1;
	}
}
