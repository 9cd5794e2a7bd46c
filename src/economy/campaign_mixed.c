/*
 * campaign_mixed.c
 *		The days on which people answer who do not all wait alike.
 *
 * Who will answer does so on each day with a probability of his own, which differs from person to
 * person as a beta distribution: the beta-geometric distribution of waiting times (J. Potter and
 * R. Parker 1964). The quick ones answer first, so the probability falls from day to day among those
 * who are left: after t days it is 1 / (1 + odds + heterogeneity t), where the parameters of the
 * beta distribution are 1 / heterogeneity and odds / heterogeneity. Without heterogeneity it is the
 * geometric model; with it the tail is long, as t^(-1 / heterogeneity). Delivery takes a Poisson
 * number of days, as in campaign.c.
 *
 * Pure C.
 */
#include "economy/campaign_mixed.h"

#include <math.h>
#include <string.h>

/* deliveries that are less probable do not count */
#define LEAST_PROBABILITY	1e-18

/*
 * What waiting alone brings on each day, and its derivatives by the parameters themselves.
 */
typedef struct Waiting
{
	double		on_day[DUPEX_MIXED_DAYS];
	double		by_odds[DUPEX_MIXED_DAYS];
	double		by_heterogeneity[DUPEX_MIXED_DAYS];
} Waiting;

static void
set_waiting(double odds, double heterogeneity, size_t days, Waiting *waiting)
{
	double		left = 1;
	double		log_left_by_odds = 0;
	double		log_left_by_heterogeneity = 0;

	for (size_t t = 0; t < days; t++)
	{
		double		waits = odds + heterogeneity * (double) t;
		double		answers = 1 / (1 + waits);
		double		on_day = left * answers;

		waiting->on_day[t] = on_day;
		waiting->by_odds[t] = on_day * (log_left_by_odds - answers);
		waiting->by_heterogeneity[t] = on_day * (log_left_by_heterogeneity - (double) t * answers);
		left *= waits * answers;
		log_left_by_odds += answers / waits;
		log_left_by_heterogeneity += (double) t * answers / waits;
	}
}

/*
 * The days of a campaign, from its first one. odds and heterogeneity are above 0; delivery is the
 * mean number of days under way, 0 for none; at most DUPEX_MIXED_DAYS days.
 */
void
dupex_mixed_days(double odds, double delivery, double heterogeneity, size_t days, DupexMixed *mixed)
{
	Waiting		waiting;
	double		log_factorial = 0;
	double		before = 0;

	memset(mixed, 0, sizeof(*mixed));
	set_waiting(odds, heterogeneity, days, &waiting);
	for (size_t under_way = 0; under_way < days; under_way++)
	{
		double		probability;
		double		by_delivery;

		if (under_way > 0)
			log_factorial += log((double) under_way);
		probability = delivery > 0 ? exp((double) under_way * log(delivery) - delivery - log_factorial) : under_way == 0;
		by_delivery = before - probability;
		before = probability;
		if (probability < LEAST_PROBABILITY && fabs(by_delivery) < LEAST_PROBABILITY)
		{
			if ((double) under_way > delivery)
				break;
			continue;
		}
		for (size_t day = under_way; day < days; day++)
		{
			size_t		t = day - under_way;

			mixed->on_day[day] += probability * waiting.on_day[t];
			mixed->on_day_by[DUPEX_MIXED_ODDS][day] += probability * waiting.by_odds[t];
			mixed->on_day_by[DUPEX_MIXED_DELIVERY][day] += by_delivery * waiting.on_day[t];
			mixed->on_day_by[DUPEX_MIXED_HETEROGENEITY][day] += probability * waiting.by_heterogeneity[t];
		}
	}
	for (size_t day = 0; day < days; day++)
	{
		mixed->on_day_by[DUPEX_MIXED_ODDS][day] *= odds;
		mixed->on_day_by[DUPEX_MIXED_DELIVERY][day] *= delivery;
		mixed->on_day_by[DUPEX_MIXED_HETEROGENEITY][day] *= heterogeneity;
		mixed->so_far += mixed->on_day[day];
		for (int k = 0; k < DUPEX_MIXED_PARAMETERS; k++)
			mixed->so_far_by[k] += mixed->on_day_by[k][day];
	}
	mixed->so_far = fmin(1, mixed->so_far);
}
