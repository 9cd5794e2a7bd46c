/*
 * allocate.c
 *		Shares a budget out among channels whose response curves are known.
 *
 * Money goes where the next unit of it brings most. With concave curves that is the optimum, and
 * there every channel that is not at a limit has the same marginal return, the shadow price of
 * the budget (W. Karush 1939, H. Kuhn and A. Tucker 1951). So one number is looked for: the
 * marginal return at which all channels together ask for the budget.
 *
 * An S-shaped curve has a stretch in which the next unit brings more than the last one. There
 * its concave envelope is a straight line from the least expense to the point where the line
 * touches the curve. The optimum over envelopes is a bound that no allocation exceeds, and it is
 * reached unless one channel comes to rest on the straight stretch. Then this channel's range is
 * cut there in two, and both halves are looked at in the same way (branch and bound, J. Falk and
 * R. Soland 1969) until bound and best allocation meet, or the nodes are used up: the caller
 * sees both.
 *
 * In steps: the same greedy rule with whole steps of money. A step may be as long as needed to
 * get over a flat start, so it follows the envelope (as Meridian's optimiser does). For concave
 * curves that is the best there is.
 *
 * Pure C.
 */
#include "economy/allocate.h"

#include <math.h>
#include <string.h>

#define MAX_NODES		400
#define GAP				1e-9	/* relative, between bound and best */
#define PRICE_STEPS		200
#define ROOT_STEPS		100
#define BREATHE_STEPS	4096

/* the concave envelope of a curve between two expenses */
typedef struct Envelope
{
	const DupexCurve *curve;
	double		lower;
	double		upper;
	double		touch;			/* from here on the curve itself */
	double		slope;			/* of the straight line before */
} Envelope;

static Envelope
make_envelope(const DupexCurve *curve, double lower, double upper)
{
	Envelope	envelope = {curve, lower, upper, lower, 0};
	double		start = dupex_curve_value(curve, lower);
	double		low = dupex_curve_inflection(curve);
	double		high = upper;

	if (low <= lower || upper <= lower)
		return envelope;
	envelope.touch = upper;
	if (low < upper &&
		dupex_curve_marginal(curve, upper) * (upper - lower) < dupex_curve_value(curve, upper) - start)
	{
		/* the tangent from the start touches between inflection and end */
		for (int i = 0; i < ROOT_STEPS && high - low > 1e-15 * high; i++)
		{
			double		middle = low + (high - low) / 2;

			if (dupex_curve_marginal(curve, middle) * (middle - lower) < dupex_curve_value(curve, middle) - start)
				high = middle;
			else
				low = middle;
		}
		envelope.touch = high;
	}
	envelope.slope = (dupex_curve_value(curve, envelope.touch) - start) / (envelope.touch - lower);
	return envelope;
}

static double
envelope_value(const Envelope *envelope, double spend)
{
	if (spend >= envelope->touch)
		return dupex_curve_value(envelope->curve, spend);
	return dupex_curve_value(envelope->curve, envelope->lower) + envelope->slope * (spend - envelope->lower);
}

/*
 * How much is worth spending at a price: as long as the next unit brings more than that. Where
 * the straight line costs just the price, nothing of it.
 */
static double
demand(const Envelope *envelope, double price)
{
	double		low = envelope->touch;
	double		high = envelope->upper;

	if (envelope->touch > envelope->lower && envelope->slope <= price)
		return envelope->lower;
	if (high <= low || dupex_curve_marginal(envelope->curve, low) <= price)
		return low;
	if (dupex_curve_marginal(envelope->curve, high) >= price)
		return high;
	if (envelope->curve->slope == 1)
		return fmin(high, fmax(low, sqrt(envelope->curve->maximum * envelope->curve->half / price) - envelope->curve->half));
	for (int i = 0; i < ROOT_STEPS && high - low > 1e-15 * high; i++)
	{
		/* by ratio where the range has orders of magnitude */
		double		middle = low > 0 && high > 4 * low ? sqrt(low) * sqrt(high) : low + (high - low) / 2;

		if (dupex_curve_marginal(envelope->curve, middle) > price)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* what a search is about */
typedef struct Problem
{
	DupexChannel *channels;
	size_t		count;
	double		budget;
	double		least_marginal;
	bool		(*stop) (void *);

	/* the box looked at, and where its envelopes touch, with what slope */
	const double *lower;
	const double *upper;
	double	   *touch;
	double	   *slope;
} Problem;

static void
enter_box(Problem *problem, const double *lower, const double *upper)
{
	problem->lower = lower;
	problem->upper = upper;
	for (size_t i = 0; i < problem->count; i++)
	{
		Envelope	envelope = make_envelope(&problem->channels[i].curve, lower[i], upper[i]);

		problem->touch[i] = envelope.touch;
		problem->slope[i] = envelope.slope;
	}
}

static Envelope
envelope_of(const Problem *problem, size_t i)
{
	Envelope	envelope = {&problem->channels[i].curve, problem->lower[i], problem->upper[i], problem->touch[i], problem->slope[i]};

	return envelope;
}

static double
total_demand(const Problem *problem, double price)
{
	double		total = 0;

	/* who says stop here is asked again where the search ends */
	if (problem->stop)
		problem->stop(NULL);
	for (size_t i = 0; i < problem->count; i++)
	{
		Envelope	envelope = envelope_of(problem, i);

		total += demand(&envelope, price);
	}
	return total;
}

/*
 * The lowest price, not below the least, at which the channels ask for no more than the budget,
 * and one just below at which they ask for more (the same one where the budget is enough).
 */
static double
find_price(const Problem *problem, double *below)
{
	double		low = problem->least_marginal;
	double		high = 0;

	*below = low;
	if (total_demand(problem, low) <= problem->budget)
		return low;
	for (size_t i = 0; i < problem->count; i++)
		high = fmax(high, fmin(1e300, problem->channels[i].curve.maximum / fmax(problem->channels[i].curve.half, 1e-300)));
	high = fmax(fmax(high, low), 1e-300);
	for (int i = 0; i < 1000 && total_demand(problem, high) > problem->budget; i++)
		high *= 8;
	if (low == 0)
	{
		low = high;
		for (int i = 0; i < 1000 && low > 0 && total_demand(problem, low) <= problem->budget; i++)
			low /= 8;
	}
	for (int i = 0; i < PRICE_STEPS && high - low > 1e-15 * high; i++)
	{
		double		middle = low > 0 && high > 4 * low ? sqrt(low) * sqrt(high) : low + (high - low) / 2;

		if (middle <= low || middle >= high)
			break;
		if (total_demand(problem, middle) > problem->budget)
			low = middle;
		else
			high = middle;
	}
	*below = low;
	return high;
}

/* the optimum over envelopes; outcomes are what they are more than least_marginal for their money */
typedef struct Relaxed
{
	double		bound;
	double		outcome;		/* of the curves themselves */
	double		price;
	double		gap;			/* the largest one between envelope and curve */
	size_t		gap_at;
} Relaxed;

static Relaxed
solve_relaxed(Problem *problem, const double *lower, const double *upper, double *spend)
{
	double		below;
	Relaxed		relaxed = {0, 0, 0, 0, 0};
	double		left = problem->budget;

	enter_box(problem, lower, upper);
	relaxed.price = find_price(problem, &below);
	for (size_t i = 0; i < problem->count; i++)
	{
		Envelope	envelope = envelope_of(problem, i);

		spend[i] = demand(&envelope, relaxed.price);
		left -= spend[i];
	}

	/*
	 * what is left goes to those who want more at the price just below; first
	 * where the curve is smooth
	 */
	for (int is_line = 0; is_line < 2 && below < relaxed.price; is_line++)
		for (size_t i = 0; i < problem->count && left > 0; i++)
		{
			Envelope	envelope = envelope_of(problem, i);
			double		more = fmin(left, demand(&envelope, below) - spend[i]);

			if (more > 0 && (spend[i] < envelope.touch) == (is_line == 1))
			{
				spend[i] += more;
				left -= more;
			}
		}
	for (size_t i = 0; i < problem->count; i++)
	{
		Envelope	envelope = envelope_of(problem, i);
		double		on_envelope = envelope_value(&envelope, spend[i]);
		double		on_curve = dupex_curve_value(envelope.curve, spend[i]);

		relaxed.bound += on_envelope - problem->least_marginal * spend[i];
		relaxed.outcome += on_curve - problem->least_marginal * spend[i];
		if (on_envelope - on_curve > relaxed.gap)
		{
			relaxed.gap = on_envelope - on_curve;
			relaxed.gap_at = i;
		}
	}
	return relaxed;
}

/*
 * Whether what has this bound may be left alone: it is not better than the best that is known.
 */
static bool
is_no_better(double bound, double best)
{
	return isfinite(best) && bound <= best + GAP * fabs(best);
}

static void
keep_best(const Problem *problem, const Relaxed *relaxed, const double *spend, DupexAllocation *result)
{
	if (relaxed->outcome <= result->outcome)
		return;
	result->outcome = relaxed->outcome;
	result->last_marginal = relaxed->price;
	result->spent = 0;
	for (size_t i = 0; i < problem->count; i++)
	{
		problem->channels[i].spend = spend[i];
		result->spent += spend[i];
	}
}

/*
 * Shares out the budget; the least expenses must fit into it. Stops where a further unit would
 * bring less than least_marginal: what is made largest is the outcome less that for all money
 * spent, and the bound is that of what is spent. space is DUPEX_BUDGET_SPACE(count) doubles.
 */
void
dupex_budget_allocate(DupexChannel *channels, size_t count, double budget, double least_marginal, double *space,
					  bool (*stop) (void *), DupexAllocation *result)
{
	double	   *spend = space + 2 * count * (DUPEX_BUDGET_DEPTH + 2);
	Problem		problem = {channels, count, budget, least_marginal, stop, NULL, NULL, spend + count, spend + 2 * count};
	double		bounds[DUPEX_BUDGET_DEPTH + 2];
	int			depth = 1;
	int			nodes = 0;

	*result = (DupexAllocation)
	{
		.outcome = -HUGE_VAL,.bound = -HUGE_VAL
	};
	for (size_t i = 0; i < count; i++)
	{
		space[i] = channels[i].lower;
		space[count + i] = channels[i].upper;
	}
	bounds[0] = HUGE_VAL;
	while (depth > 0)
	{
		/* a box of the stack: count lower ends, count upper ends */
		double	   *box = space + 2 * count * (size_t) (depth - 1);
		double		box_bound = bounds[depth - 1];
		Relaxed		relaxed;

		if (stop && stop(NULL))
		{
			result->is_stopped = true;
			break;
		}
		if (nodes == MAX_NODES)
			break;
		depth--;
		if (is_no_better(box_bound, result->outcome))
			continue;
		nodes++;
		relaxed = solve_relaxed(&problem, box, box + count, spend);
		keep_best(&problem, &relaxed, spend, result);
		if (is_no_better(relaxed.bound, result->outcome) || depth >= DUPEX_BUDGET_DEPTH)
		{
			result->bound = fmax(result->bound, relaxed.bound);
			continue;
		}
		/* cut in two where the line is furthest from the curve */
		memcpy(box + 2 * count, box, 2 * count * sizeof(double));
		box[count + relaxed.gap_at] = spend[relaxed.gap_at];
		box[2 * count + relaxed.gap_at] = spend[relaxed.gap_at];
		bounds[depth] = bounds[depth + 1] = relaxed.bound;
		depth += 2;
	}
	for (int i = 0; i < depth; i++)
		result->bound = fmax(result->bound, bounds[i]);
	result->outcome += least_marginal * result->spent;
	result->bound = fmax(result->bound + least_marginal * result->spent, result->outcome);
}

/* the best step from where a channel stands */
typedef struct Stand
{
	size_t		length;			/* 0: none */
	double		rate;			/* outcome per unit of money */
} Stand;

static Stand
best_step(const Problem *problem, const DupexChannel *channel, size_t taken, double step, size_t available)
{
	Stand		stand = {0, 0};
	double		at = channel->lower + (double) taken * step;
	double		value = dupex_curve_value(&channel->curve, at);
	size_t		most = (size_t) fmax(0, fmin(1e9, floor((channel->upper - at) / step * (1 + 1e-12) + 1e-9)));
	double		inflection = dupex_curve_inflection(&channel->curve);

	if (most > available)
		most = available;
	for (size_t length = 1; length <= most; length++)
	{
		double		rate = (dupex_curve_value(&channel->curve, at + (double) length * step) - value) / ((double) length * step);

		if (length % BREATHE_STEPS == 0 && problem->stop)
			problem->stop(NULL);
		if (stand.length == 0 || rate > stand.rate)
		{
			stand.length = length;
			stand.rate = rate;
		}
		else if (at + (double) length * step > inflection)
			break;				/* concave from here on: it only falls */
	}
	return stand;
}

/* numbers kept for each channel by a search in steps */
typedef struct Steps
{
	double	   *taken;
	double	   *length;			/* of the best next one */
	double	   *rate;
} Steps;

static void
look_ahead(const Problem *problem, Steps *steps, size_t i, double step, size_t available)
{
	Stand		stand = best_step(problem, &problem->channels[i], (size_t) steps->taken[i], step, available);

	steps->length[i] = (double) stand.length;
	steps->rate[i] = stand.rate;
}

/*
 * Takes the best step as long as there is money for one. Returns what the outcome of all channels
 * is more than least_marginal for the money.
 */
static double
take_steps(const Problem *problem, Steps *steps, double step, size_t available, DupexAllocation *result)
{
	double		outcome = 0;

	for (size_t i = 0; i < problem->count; i++)
		look_ahead(problem, steps, i, step, available);
	for (;;)
	{
		size_t		best = problem->count;

		if (problem->stop && problem->stop(NULL))
		{
			result->is_stopped = true;
			break;
		}
		for (size_t i = 0; i < problem->count; i++)
		{
			if (steps->length[i] > (double) available)
				look_ahead(problem, steps, i, step, available);
			if (steps->length[i] > 0 && (best == problem->count || steps->rate[i] > steps->rate[best]))
				best = i;
		}
		if (best == problem->count || steps->rate[best] < problem->least_marginal)
			break;
		result->last_marginal = steps->rate[best];
		available -= (size_t) steps->length[best];
		steps->taken[best] += steps->length[best];
		look_ahead(problem, steps, best, step, available);
	}
	for (size_t i = 0; i < problem->count; i++)
		outcome += dupex_curve_value(&problem->channels[i].curve, problem->channels[i].lower + steps->taken[i] * step) -
			problem->least_marginal * steps->taken[i] * step;
	return outcome;
}

/*
 * The same in whole steps of money: greedily from nothing, or from the exact allocation rounded
 * down where that ends better, as it may with S-shaped curves. What is left of the budget is less
 * than a step, unless all channels are at their upper ends or at least_marginal. At most
 * DUPEX_BUDGET_STEPS steps. space likewise.
 */
void
dupex_budget_allocate_steps(DupexChannel *channels, size_t count, double budget, double least_marginal, double step,
							double *space, bool (*stop) (void *), DupexAllocation *result)
{
	Problem		problem = {channels, count, budget, least_marginal, stop, NULL, NULL, NULL, NULL};
	Steps		steps = {space, space + count, space + 2 * count};
	double	   *first = space + 3 * count;
	DupexAllocation exact;
	DupexAllocation greedy = {0};
	DupexAllocation rounded = {0};
	double		left = budget;
	size_t		available;
	size_t		rest;

	dupex_budget_allocate(channels, count, budget, least_marginal, space, stop, &exact);
	for (size_t i = 0; i < count; i++)
		left -= channels[i].lower;
	available = (size_t) fmax(0, floor(left / step * (1 + 1e-12) + 1e-9));

	memset(steps.taken, 0, count * sizeof(double));
	greedy.outcome = take_steps(&problem, &steps, step, available, &greedy);
	memcpy(first, steps.taken, count * sizeof(double));
	rest = available;
	for (size_t i = 0; i < count; i++)
	{
		steps.taken[i] = fmin((double) rest, floor((channels[i].spend - channels[i].lower) / step + 1e-9));
		rest -= (size_t) steps.taken[i];
	}
	rounded.last_marginal = exact.last_marginal;
	rounded.outcome = take_steps(&problem, &steps, step, rest, &rounded);

	*result = rounded.outcome > greedy.outcome ? rounded : greedy;
	result->is_stopped = exact.is_stopped || greedy.is_stopped || rounded.is_stopped;
	result->outcome = 0;
	for (size_t i = 0; i < count; i++)
	{
		channels[i].spend = channels[i].lower + (rounded.outcome > greedy.outcome ? steps.taken[i] : first[i]) * step;
		result->spent += channels[i].spend;
		result->outcome += dupex_curve_value(&channels[i].curve, channels[i].spend);
	}
	result->bound = fmax(exact.bound + least_marginal * (result->spent - exact.spent), result->outcome);
}
