/*
 * campaign.c
 *		How the answers to a mailing come in over the days, and how many are still to come.
 *
 * The model of Y. Chun and Y. Jung (Predictive modeling of customer response behavior in direct
 * marketing, 2014): of the people mailed a share will answer; who will answer does so on each day
 * with the same probability 1 - q, and the piece and the answer are under way for some days,
 * which are Poisson-distributed. So P(day i) = q P(day i - 1) + (1 - q) Poisson(i). With a fixed
 * delivery time it is the geometric model (Y. Chun 2012), of which Huxley's exponential approach
 * (1980) is the form in continuous time, with rate -log q.
 *
 * A campaign that still runs is seen up to a day only. Given how many have answered by then, the
 * days on which they did are multinomial with P(i) / F(last): the likelihood of truncated data,
 * maximised by value/optimise.c. The final response is the answers so far divided by F(last).
 *
 * People who differ make a longer tail than that: campaign_mixed.c has the model. The first days
 * hardly tell how long it is, and taking it for none, as maximum likelihood often does, is more
 * certain than anybody can be. So there the heterogeneity has a prior distribution, log-normal with
 * median 1/4 and standard deviation 1, and the maximum is that of likelihood and prior.
 *
 * How many are still to come has three uncertainties: their own number (Poisson), that of the
 * answers so far, from which it is scaled up, and that of the curve (delta method). Together a
 * Poisson number with a gamma-distributed mean: a negative binomial, whose quantiles are the
 * limits. Where the days scatter by more than chance (weekends), all of it is widened by
 * Pearson's dispersion.
 *
 * Pure C.
 */
#include "economy/campaign.h"

#include <math.h>

#include "economy/campaign_mixed.h"
#include "stats/special.h"
#include "value/optimise.h"

/* expected answers of a day for it to count for the dispersion, and how many such days it wants */
#define LEAST_EXPECTED		1.0
#define LEAST_FREEDOM		5

/* the prior of the heterogeneity: logarithm of its median, and variance of the logarithm */
#define PRIOR_LOG_MEDIAN	(-1.3862943611198906)
#define PRIOR_VARIANCE		1.0

/* variance of the logarithm of what is to come: above this it could be anything */
#define MOST_UNCERTAIN		1.0

/*
 * One day after the other: what comes on it, what has come, and their derivatives by q and by
 * the mean delivery time.
 */
typedef struct Walk
{
	const DupexMixed *mixed;	/* where people differ; then only on_day and
								 * so_far are known */
	double		q;
	double		p;				/* 1 - q */
	double		mean;			/* delivery time; 0: none */
	long		day;			/* the next one */
	double		log_factorial;
	double		delivered;		/* Poisson probability of the day, and up to
								 * it */
	double		delivered_so_far;
	double		on_day;
	double		so_far;
	double		on_day_by_q;
	double		on_day_by_mean;
	double		so_far_by_q;
	double		so_far_by_mean;
} Walk;

static Walk
begin_walk(double odds, double mean)
{
	Walk		walk = {NULL, odds / (1 + odds), 1 / (1 + odds), mean, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

	return walk;
}

static void
walk_on(Walk *walk)
{
	double		before = walk->delivered;
	double		by_mean;

	if (walk->mixed)
	{
		walk->on_day = walk->mixed->on_day[walk->day++];
		walk->so_far = fmin(1, walk->so_far + walk->on_day);
		return;
	}
	if (walk->day > 0)
		walk->log_factorial += log((double) walk->day);
	if (walk->mean > 0)
		walk->delivered = exp((double) walk->day * log(walk->mean) - walk->mean - walk->log_factorial);
	else
		walk->delivered = walk->day == 0;
	walk->delivered_so_far = fmin(1, walk->delivered_so_far + walk->delivered);
	by_mean = before - walk->delivered;

	walk->on_day_by_q = walk->on_day + walk->q * walk->on_day_by_q - walk->delivered;
	walk->on_day_by_mean = walk->q * walk->on_day_by_mean + walk->p * by_mean;
	walk->on_day = walk->q * walk->on_day + walk->p * walk->delivered;
	walk->so_far_by_q = walk->so_far + walk->q * walk->so_far_by_q - walk->delivered_so_far;
	walk->so_far_by_mean = walk->q * walk->so_far_by_mean - walk->p * walk->delivered;
	walk->so_far = fmin(1, walk->q * walk->so_far + walk->p * walk->delivered_so_far);
	walk->day++;
}

/*
 * The share of the final response that is in after so many days, counted from the first day of
 * the campaign. A fixed delivery time is rounded down to days. heterogeneity is that of model
 * beta_geometric, for up to DUPEX_MIXED_DAYS days.
 */
double
dupex_campaign_share(DupexCampaignModel model, double delay_rate, double delivery, double heterogeneity, long days)
{
	bool		is_fixed = model == DUPEX_CAMPAIGN_GEOMETRIC;
	Walk		walk = begin_walk(delay_rate / (1 - delay_rate), is_fixed ? 0 : delivery);
	DupexMixed	mixed;

	if (heterogeneity > 0 && delay_rate > 0)
	{
		dupex_mixed_days(delay_rate / (1 - delay_rate), delivery, heterogeneity, (size_t) (days < DUPEX_MIXED_DAYS ? days : DUPEX_MIXED_DAYS), &mixed);
		return mixed.so_far;
	}

	for (long day = is_fixed ? (long) floor(delivery) : 0; day < days; day++)
		walk_on(&walk);
	return fmin(1, walk.so_far);
}

/*
 * The place of the first answer; days where there is none.
 */
size_t
dupex_campaign_first(const double *answers, size_t days)
{
	size_t		first = 0;

	while (first < days && !(answers[first] > 0))
		first++;
	return first;
}

/*
 * Days from the first answer until half of total is in, evenly within the day; NaN where that
 * is not reached.
 */
double
dupex_campaign_doubling_day(const double *answers, size_t days, double total)
{
	size_t		first = dupex_campaign_first(answers, days);
	double		so_far = 0;

	for (size_t i = first; i < days; i++)
	{
		if (so_far + answers[i] >= total / 2 && answers[i] > 0)
			return (double) (i - first) + (total / 2 - so_far) / answers[i];
		so_far += answers[i];
	}
	return NAN;
}

/*
 * The number at or below which a negative binomial variable is with a probability.
 */
static double
negative_binomial_quantile(double size, double p, double y, double probability)
{
	double		low = -1;
	double		high = 1;
	double		below;
	double		above;

	for (;;)
	{
		dupex_beta_tails(size, high + 1, p, y, &below, &above);
		if (below >= probability || high > 1e15)
			break;
		low = high;
		high *= 2;
	}
	dupex_beta_tails(size, 1, p, y, &below, &above);
	if (below >= probability)
		return 0;
	while (high - low > 1)
	{
		double		middle = floor(low + (high - low) / 2);

		dupex_beta_tails(size, middle + 1, p, y, &below, &above);
		if (below >= probability)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/*
 * Limits of a count with the given mean, which is itself known up to relative_variance (the
 * variance of its logarithm), and with dispersion times the variance of a Poisson number.
 */
void
dupex_campaign_limits(double mean, double relative_variance, double dispersion, double confidence, double *lower, double *upper)
{
	double		excess = fmax(dispersion - 1 + mean * relative_variance, 1e-6);
	double		size = mean / excess;
	double		p = 1 / (1 + excess);
	double		y = excess / (1 + excess);

	*lower = *upper = 0;
	if (!(mean > 1e-9))
		return;
	*lower = negative_binomial_quantile(size, p, y, (1 - confidence) / 2);
	*upper = negative_binomial_quantile(size, p, y, (1 + confidence) / 2);
}

/* what is to be maximised */
typedef struct Campaign
{
	const double *answers;
	size_t		days;
	double		total;
	double		mailed;			/* 0: not known */
	bool		has_delivery;
	bool		is_mixed;
	bool		(*stop) (void *);
} Campaign;

/*
 * What the answers so far say as a number: of the days on which they came, given that they have
 * come by now. factor: by what its derivatives follow those of log so_far.
 */
static double
likelihood_of_total(const Campaign *campaign, double so_far, double *factor)
{
	double		rest = campaign->mailed - campaign->total;

	*factor = -campaign->total;
	if (campaign->mailed > 0 && campaign->total > campaign->mailed * so_far)
	{
		/* more than all cannot answer: those who have not yet will */
		*factor = -rest * so_far / (1 - so_far);
		return rest > 0 ? rest * log(1 - so_far) : 0;
	}
	if (campaign->mailed > campaign->total)
		return campaign->total * log(campaign->total / campaign->mailed) + rest * log1p(-campaign->total / campaign->mailed) -
			campaign->total * log(so_far);
	return -campaign->total * log(so_far);
}

static double
evaluate(void *data, const double *x, double *gradient)
{
	const Campaign *campaign = data;
	Walk		walk = begin_walk(exp(x[0]), campaign->has_delivery ? exp(x[1]) : 0);
	double		result = 0;
	double		by_q = 0;
	double		by_mean = 0;
	double		factor;

	for (size_t i = 0; i < campaign->days; i++)
	{
		walk_on(&walk);
		if (!(campaign->answers[i] > 0))
			continue;
		result += campaign->answers[i] * log(walk.on_day);
		by_q += campaign->answers[i] * walk.on_day_by_q / walk.on_day;
		by_mean += campaign->answers[i] * walk.on_day_by_mean / walk.on_day;
	}
	result += likelihood_of_total(campaign, walk.so_far, &factor);
	by_q += factor * walk.so_far_by_q / walk.so_far;
	by_mean += factor * walk.so_far_by_mean / walk.so_far;
	gradient[0] = by_q * walk.q * walk.p;
	if (campaign->has_delivery)
		gradient[1] = by_mean * walk.mean;
	return result;
}

/*
 * The parameter that is number k of a search where people differ.
 */
static int
mixed_parameter(const Campaign *campaign, int k)
{
	return k == 0 || campaign->has_delivery ? k : DUPEX_MIXED_HETEROGENEITY;
}

static double
log_prior(double log_heterogeneity)
{
	return -(log_heterogeneity - PRIOR_LOG_MEDIAN) * (log_heterogeneity - PRIOR_LOG_MEDIAN) / (2 * PRIOR_VARIANCE);
}

static double
evaluate_mixed(void *data, const double *x, double *gradient)
{
	const Campaign *campaign = data;
	DupexMixed	mixed;
	double		result = 0;
	double		factor;
	int			size = campaign->has_delivery ? 3 : 2;

	dupex_mixed_days(exp(x[0]), campaign->has_delivery ? exp(x[1]) : 0, exp(x[size - 1]), campaign->days, &mixed);
	for (int k = 0; k < size; k++)
		gradient[k] = 0;
	for (size_t i = 0; i < campaign->days; i++)
	{
		if (!(campaign->answers[i] > 0))
			continue;
		result += campaign->answers[i] * log(mixed.on_day[i]);
		for (int k = 0; k < size; k++)
			gradient[k] += campaign->answers[i] * mixed.on_day_by[mixed_parameter(campaign, k)][i] / mixed.on_day[i];
	}
	result += likelihood_of_total(campaign, mixed.so_far, &factor);
	for (int k = 0; k < size; k++)
		gradient[k] += factor * mixed.so_far_by[mixed_parameter(campaign, k)] / mixed.so_far;
	gradient[size - 1] -= (x[size - 1] - PRIOR_LOG_MEDIAN) / PRIOR_VARIANCE;
	return result + log_prior(x[size - 1]);
}

static bool
stop_search(void *data)
{
	const Campaign *campaign = data;

	return campaign->stop && campaign->stop(NULL);
}

/*
 * The better of two searches: one begins with a short delivery, one with a long one.
 */
static DupexFit
maximise(Campaign *campaign)
{
	DupexLikelihood likelihood = {campaign->has_delivery ? 2 : 1, campaign->total, evaluate, stop_search, campaign};
	double		mean = 0;
	size_t		peak = 0;
	DupexFit	best = {0};

	for (size_t i = 0; i < campaign->days; i++)
	{
		mean += (double) i * campaign->answers[i] / campaign->total;
		if (campaign->answers[i] > campaign->answers[peak])
			peak = i;
	}
	for (int attempt = 0; attempt < (campaign->has_delivery ? 2 : 1); attempt++)
	{
		double		delivery = attempt == 0 ? 0.5 + (double) peak / 2 : 0.1 + 0.9 * mean;
		double		start[2] = {fmax(0.2, campaign->has_delivery ? mean - delivery : mean), delivery};
		DupexFit	fit;

		dupex_fit_maximise(&likelihood, start, &fit);
		if (attempt == 0 || (fit.status != DUPEX_FIT_NO_START && fit.log_likelihood > best.log_likelihood + 1e-9 * fabs(best.log_likelihood)))
			best = fit;
	}
	return best;
}

/*
 * The same where people differ, beginning with what was found without differences. False when
 * nothing is found.
 */
static bool
maximise_mixed(Campaign *campaign, const DupexFit *alike, DupexFit *found)
{
	int			size = campaign->has_delivery ? 3 : 2;
	DupexLikelihood likelihood = {size, campaign->total, evaluate_mixed, stop_search, campaign};
	bool		is_found = false;

	for (int attempt = 0; attempt < 2; attempt++)
	{
		double		start[3] = {alike->parameter[0] * (attempt == 0 ? 0.8 : 0.5), campaign->has_delivery ? alike->parameter[1] : 0, 0};
		DupexFit	fit;

		start[size - 1] = attempt == 0 ? 0.2 : 1;
		dupex_fit_maximise(&likelihood, start, &fit);
		if (fit.status == DUPEX_FIT_CONVERGED && fit.has_standard_errors && (!is_found || fit.log_likelihood > found->log_likelihood))
		{
			*found = fit;
			is_found = true;
		}
	}
	return is_found;
}

/*
 * By how much the days scatter around the curve: Pearson's chi-square by its degrees of freedom,
 * 1 at least.
 */
static double
measure_dispersion(const Campaign *campaign, Walk walk, double share_in)
{
	double		chi_square = 0;
	int			freedom = -2 - campaign->has_delivery - campaign->is_mixed;

	for (size_t i = 0; i < campaign->days; i++)
	{
		double		expected;

		walk_on(&walk);
		expected = campaign->total * walk.on_day / share_in;
		if (expected < LEAST_EXPECTED)
			continue;
		chi_square += (campaign->answers[i] - expected) * (campaign->answers[i] - expected) / expected;
		freedom++;
	}
	return freedom >= LEAST_FREEDOM ? fmax(1, chi_square / freedom) : 1;
}

/*
 * The day on which half of the final response is in, from the first day of the campaign, evenly
 * within the day; NaN where that is too far away. walk is at its beginning.
 */
static double
model_doubling_day(const Campaign *campaign, const DupexFit *found, Walk walk, double heterogeneity)
{
	DupexMixed	mixed;
	long		most = DUPEX_CAMPAIGN_MAX_DAYS;

	if (campaign->is_mixed)
	{
		most = DUPEX_MIXED_DAYS;
		dupex_mixed_days(found->parameter[0], walk.mean, heterogeneity, DUPEX_MIXED_DAYS, &mixed);
		walk.mixed = &mixed;
	}
	for (long day = 0; day < most; day++)
	{
		double		before = walk.so_far;

		walk_on(&walk);
		if (walk.so_far >= 0.5)
			return (double) day + (0.5 - before) / (walk.so_far - before);
	}
	return NAN;
}

/*
 * What follows from the parameters: shares, forecast, limits.
 */
static void
conclude(const Campaign *campaign, const DupexFit *found, double confidence, DupexCampaignFit *fit)
{
	const Walk	begin = begin_walk(found->parameter[0], campaign->has_delivery ? found->parameter[1] : 0);
	Walk		walk = begin;
	DupexMixed	mixed;
	double		still;
	double		relative_variance;

	if (campaign->is_mixed)
	{
		fit->heterogeneity = found->parameter[found->size - 1];
		dupex_mixed_days(found->parameter[0], walk.mean, fit->heterogeneity, campaign->days, &mixed);
		walk.mixed = &mixed;
	}
	for (size_t i = 0; i < campaign->days; i++)
		walk_on(&walk);
	fit->share_in = walk.so_far;
	fit->delay_rate = walk.q;
	fit->log_likelihood = found->log_likelihood - (campaign->is_mixed ? log_prior(log(fit->heterogeneity)) : 0);
	fit->expected = fit->so_far / walk.so_far;
	if (fit->status == DUPEX_CAMPAIGN_ALL_IN || (campaign->mailed > 0 && fit->so_far >= campaign->mailed))
	{
		fit->status = DUPEX_CAMPAIGN_ALL_IN;
		fit->expected = fit->so_far;
		fit->share_in = 1;
	}
	else if (campaign->mailed > 0 && fit->expected > campaign->mailed)
		fit->status = DUPEX_CAMPAIGN_BEYOND_MAILED;
	still = fit->expected - fit->so_far;
	{
		Walk		again = begin;

		again.mixed = walk.mixed;
		fit->dispersion = measure_dispersion(campaign, again, walk.so_far);
	}
	if (found->has_standard_errors && walk.so_far < 1 && fit->status == DUPEX_CAMPAIGN_CONVERGED)
	{
		/*
		 * of the logarithm of (1 - F) / F, by the logarithms of the
		 * parameters
		 */
		double		by[3] = {walk.so_far_by_q * walk.q * walk.p, walk.so_far_by_mean * walk.mean, 0};
		double		variance = 0;

		for (int k = 0; k < found->size && walk.mixed != NULL; k++)
			by[k] = walk.mixed->so_far_by[mixed_parameter(campaign, k)];

		/* NOLINTBEGIN(clang-analyzer-*): there are at most three parameters */
		for (int i = 0; i < found->size; i++)
			for (int j = 0; j < found->size; j++)
				variance += by[i] * by[j] * found->covariance[i][j];
		/* NOLINTEND(clang-analyzer-*) */
		variance /= walk.so_far * walk.so_far * (1 - walk.so_far) * (1 - walk.so_far);
		relative_variance = fit->dispersion * (variance + 1 / fit->so_far);
		if (relative_variance > MOST_UNCERTAIN && still > 1)
			fit->status = DUPEX_CAMPAIGN_UNCERTAIN;
		dupex_campaign_limits(still, relative_variance, fit->dispersion, confidence, &fit->lower, &fit->upper);
		fit->lower += fit->so_far;
		fit->upper += fit->so_far;
		if (campaign->mailed > 0)
			fit->upper = fmin(fit->upper, fmax(campaign->mailed, fit->so_far));
		fit->has_limits = true;
	}
	else if (fit->status == DUPEX_CAMPAIGN_CONVERGED && still > 0.5)
		fit->status = DUPEX_CAMPAIGN_UNCERTAIN; /* at a boundary, as when only
												 * the delivery has been seen */

	fit->doubling_day = model_doubling_day(campaign, found, begin, fit->heterogeneity);
}

/*
 * Fits a model to the answers of each day, from the first day of the campaign to the last one
 * seen; mailed is the number of pieces, 0 where it is not known. All numbers are finite and not
 * negative. stop (may be NULL) is asked between the steps.
 */
void
dupex_campaign_fit(const double *answers, size_t days, double mailed, DupexCampaignModel model, double confidence,
				   bool (*stop) (void *), DupexCampaignFit *fit)
{
	size_t		first = dupex_campaign_first(answers, days);
	size_t		skipped = model == DUPEX_CAMPAIGN_GEOMETRIC ? first : 0;
	Campaign	campaign = {answers + skipped, days - skipped, 0, mailed, model != DUPEX_CAMPAIGN_GEOMETRIC, false, stop};
	DupexFit	found;
	DupexFit	of_people_who_differ;

	*fit = (DupexCampaignFit)
	{
		.status = DUPEX_CAMPAIGN_CONVERGED,.dispersion = 1
	};
	for (size_t i = 0; i < days; i++)
		fit->so_far += answers[i];
	campaign.total = fit->so_far;
	if (first == days)
		fit->status = DUPEX_CAMPAIGN_NO_ANSWERS;
	else if (days - first < 3)
		fit->status = DUPEX_CAMPAIGN_FEW_DAYS;
	if (fit->status != DUPEX_CAMPAIGN_CONVERGED)
		return;

	found = maximise(&campaign);
	if (campaign.has_delivery && !found.has_standard_errors && found.direction[0] <= 0 &&
		(found.direction[1] < 0 || found.parameter[1] < 1e-3))
	{
		/*
		 * nothing is under way: the answers begin at once, with the most of
		 * them
		 */
		campaign.has_delivery = false;
		found = maximise(&campaign);
	}
	if (found.status == DUPEX_FIT_NO_START || found.status == DUPEX_FIT_STOPPED || found.status == DUPEX_FIT_LIMIT)
		fit->status = DUPEX_CAMPAIGN_NOT_CONVERGED;
	else if (found.direction[0] > 0 || found.parameter[0] > 1e6 || (found.status == DUPEX_FIT_NOT_IDENTIFIABLE && found.parameter[0] > 1))
		fit->status = DUPEX_CAMPAIGN_GROWING;
	else if (!campaign.has_delivery && found.direction[0] < 0)
		fit->status = DUPEX_CAMPAIGN_ALL_IN;
	if (!DUPEX_CAMPAIGN_HAS_FORECAST(fit->status))
		return;
	if (model == DUPEX_CAMPAIGN_BETA_GEOMETRIC && fit->status == DUPEX_CAMPAIGN_CONVERGED && maximise_mixed(&campaign, &found, &of_people_who_differ))
	{
		found = of_people_who_differ;
		campaign.is_mixed = true;
	}
	conclude(&campaign, &found, confidence, fit);
	fit->delivery = campaign.has_delivery ? found.parameter[1] : (double) skipped;
	if (!isnan(fit->doubling_day))
		fit->doubling_day = fmax(0, fit->doubling_day - (double) (first - skipped));
}
