/*
 * unit_economy.c
 *		Throws random curves, budgets, points and campaigns at the pure C of src/economy.
 *
 * What is looked at are properties that hold for all of them: no money is lost or made, no
 * allocation is above its bound or below a simple one, no curve is beaten by one beside it, every
 * number is finite. Runs under the sanitizers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "economy/allocate.h"
#include "economy/campaign.h"
#include "economy/change.h"
#include "economy/fit.h"
#include "economy/measured.h"

#define MAX_CHANNELS	6

static int	failures = 0;
static int	checks = 0;

static void
expect(int is_true, const char *what, int number)
{
	checks++;
	if (!is_true && failures++ < 20)
		printf("%s: case %d\n", what, number);
}

/*
 * A number from 0 to below 1, the same in each run.
 */
static double
dice(void)
{
	static unsigned long long state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double) (state >> 11) / 9007199254740992.0;
}

static void
test_allocate(int number)
{
	static double space[DUPEX_BUDGET_SPACE(MAX_CHANNELS) + 1];
	DupexChannel channels[MAX_CHANNELS];
	DupexAllocation result;
	size_t		count = 1 + (size_t) (dice() * MAX_CHANNELS);
	double		budget = dice() < 0.05 ? 0 : 500 * dice();
	double		least = dice() < 0.3 ? dice() : 0;
	double		even = 0;
	double		spent = 0;
	double		lower = 0;

	for (size_t i = 0; i < count; i++)
	{
		channels[i].curve.maximum = dice() < 0.05 ? 0 : 1000 * dice();
		channels[i].curve.half = 0.01 + 200 * dice() * dice();
		channels[i].curve.slope = dice() < 0.4 ? 1 : 0.2 + 6 * dice() * dice();
		channels[i].lower = dice() < 0.7 ? 0 : dice() * budget / (double) count;
		channels[i].upper = dice() < 0.7 ? fmax(budget, channels[i].lower) : channels[i].lower + dice() * budget;
		even += dupex_curve_value(&channels[i].curve, channels[i].lower);
		lower += channels[i].lower;
	}
	if (dice() < 0.5)
		dupex_budget_allocate(channels, count, budget, least, space, NULL, &result);
	else
		dupex_budget_allocate_steps(channels, count, budget, least, 0.5 + 20 * dice(), space, NULL, &result);
	for (size_t i = 0; i < count; i++)
	{
		spent += channels[i].spend;
		expect(channels[i].spend >= channels[i].lower - 1e-9 && channels[i].spend <= channels[i].upper * (1 + 1e-9) + 1e-9, "within its limits", number);
	}
	expect(spent <= budget * (1 + 1e-9) + 1e-9 && spent >= lower * (1 - 1e-9) - 1e-9, "within the budget", number);
	expect(isfinite(result.outcome) && isfinite(result.bound) && isfinite(result.last_marginal), "finite allocation", number);
	expect(result.outcome <= result.bound * (1 + 1e-9), "not above its bound", number);
	expect(result.outcome >= even * (1 - 1e-9), "not worse than the least expenses alone", number);
}

/*
 * The best outcome of the channels from number i on with so much money, on points only: all of them
 * are tried.
 */
static double
best_of_all(const DupexMeasured *points, const DupexMeasuredChannel *channels, size_t i, size_t count, double left)
{
	double		best = -HUGE_VAL;

	if (i == count)
		return 0;
	for (size_t at = channels[i].begin; at < channels[i].end; at++)
		if (points[at].spend <= left)
			best = fmax(best, points[at].outcome + best_of_all(points, channels, i + 1, count, left - points[at].spend));
	return best;
}

static void
test_points(int number)
{
	DupexMeasured points[4 * 6];
	DupexMeasuredChannel channels[4];
	DupexMeasuredResult result;
	size_t		heap[4];
	size_t		count = 1 + (size_t) (dice() * 4);
	size_t		point_count = 0;
	bool		is_concave = number % 3 == 0;
	bool		is_whole = number % 2 == 0;
	double		budget = floor(40 * dice());
	double		spent = 0;
	double		base = 0;
	double		best;

	for (size_t i = 0; i < count; i++)
	{
		double		spend = 0;
		double		outcome = number % 5 == 0 ? floor(9 * dice()) : 0;
		double		rate = 9;

		for (size_t more = (size_t) (dice() * 6) + 1; more > 0; more--)
		{
			points[point_count++] = (DupexMeasured)
			{
				.spend = spend,.outcome = outcome,.channel = i
			};
			/* whole numbers, so that sums are exact */
			rate = is_concave ? floor(rate * dice()) : floor(16 * dice()) - 3;
			spend += is_concave ? 1 + floor(6 * dice()) : floor(6 * dice());
			outcome = is_concave ? outcome + rate * (spend - points[point_count - 1].spend) : outcome + rate;
		}
	}
	/* of equal expenses the mean counts: that of the brute force as well */
	point_count = dupex_measured_prepare(points, point_count, channels, count);
	for (size_t i = 0; i < count; i++)
		base += points[channels[i].begin].outcome;
	best = best_of_all(points, channels, 0, count, budget);
	dupex_measured_allocate(points, channels, count, budget, 0, is_whole, heap, NULL, &result);
	for (size_t i = 0; i < count; i++)
	{
		bool		is_point = false;

		spent += channels[i].spend;
		for (size_t at = channels[i].begin; at < channels[i].end; at++)
			is_point |= points[at].spend == channels[i].spend && points[at].outcome == channels[i].outcome;
		expect(is_point || !is_whole, "ends on a point", number);
		expect(channels[i].spend <= points[channels[i].end - 1].spend, "not beyond the last point", number);
	}
	expect(spent <= budget * (1 + 1e-9), "within the budget", number);
	expect(result.outcome >= base - 1e-9 && result.outcome <= result.bound + 1e-9, "between nothing and the bound", number);
	expect(best <= result.bound + 1e-9, "the bound is one", number);
	expect(!is_whole || fabs(result.outcome - best) <= 1e-9, "the best of all that there is", number);
	expect(fabs(result.outcome - result.bound) <= 1e-9 * (1 + fabs(result.bound)), "and that is known", number);
	/* in parts no less than on points */
	expect(result.outcome >= best - 1e-9, "not below points", number);
}

static void
test_fit(int number)
{
	DupexPoint	points[40];
	DupexCurveFit fit;
	size_t		count = (size_t) (dice() * 40);
	double		scale = pow(10, 40 * dice() - 20);

	for (size_t i = 0; i < count; i++)
	{
		points[i].spend = dice() < 0.1 ? 0 : floor(20 * dice()) * scale;
		points[i].outcome = dice() < 0.1 ? 0 : (dice() - (number % 4 == 0 ? 0.5 : 0)) * pow(10, 10 * dice());
	}
	dupex_curve_fit(points, count, number % 2 == 0, NULL, &fit);
	expect(fit.status != DUPEX_CURVE_LIMIT && fit.status != DUPEX_CURVE_ROUNDING, "the search comes to its end", number);
	if (!DUPEX_CURVE_HAS_CURVE(fit.status))
		return;
	expect(isfinite(fit.curve.maximum) && fit.curve.maximum > 0 && fit.curve.half > 0 && isfinite(fit.curve.half) && isfinite(fit.residual_sum), "finite curve", number);
	expect(fit.curve.slope >= DUPEX_SLOPE_MIN * 0.999 && fit.curve.slope <= DUPEX_SLOPE_MAX * 1.001, "slope within its bounds", number);
	for (int k = 0; k < fit.parameters && fit.has_errors; k++)
		expect(isfinite(fit.error[k]) && fit.error[k] >= 0, "finite standard error", number);

	/* no curve beside it is better */
	for (int k = 0; k < 6 && fit.status == DUPEX_CURVE_CONVERGED; k++)
	{
		DupexCurve	beside = fit.curve;
		double		sum = 0;

		beside.maximum *= k == 0 ? 1.001 : k == 1 ? 0.999 : 1;
		beside.half *= k == 2 ? 1.001 : k == 3 ? 0.999 : 1;
		beside.slope *= number % 2 == 0 ? (k == 4 ? 1.001 : k == 5 ? 0.999 : 1) : 1;
		for (size_t i = 0; i < count; i++)
			sum += pow(points[i].outcome - dupex_curve_value(&beside, points[i].spend), 2);
		expect(sum >= fit.residual_sum * (1 - 1e-9), "none beside it is better", number);
	}
}

static void
test_campaign(int number)
{
	double		answers[60];
	DupexCampaignFit fit;
	size_t		days = (size_t) (dice() * 60);
	double		q = dice();
	double		size = pow(10, 5 * dice());

	for (size_t i = 0; i < days; i++)
		answers[i] = dice() < 0.15 ? 0 : floor(size * pow(q, (double) i) * dice() * 2 * fmin(1, (double) i / 4 + 0.2));
	dupex_campaign_fit(answers, days, number % 3 == 0 ? size * 20 : 0, number % 4 == 0 ? DUPEX_CAMPAIGN_BETA_GEOMETRIC : number % 2 == 0 ? DUPEX_CAMPAIGN_DELAYED : DUPEX_CAMPAIGN_GEOMETRIC, 0.95, NULL, &fit);
	if (!DUPEX_CAMPAIGN_HAS_FORECAST(fit.status))
		return;
	expect(isfinite(fit.expected) && fit.expected >= fit.so_far && fit.delay_rate >= 0 && fit.delay_rate < 1 && fit.share_in > 0 && fit.share_in <= 1, "finite forecast", number);
	expect(!fit.has_limits || (fit.lower >= fit.so_far && fit.upper >= fit.lower && isfinite(fit.upper)), "limits in order", number);
	expect(fit.dispersion >= 1 && isfinite(fit.dispersion), "dispersion", number);
}

static void
test_change(int number)
{
	double		amounts[2][20];
	double		bases[2][20];
	size_t		count[2] = {(size_t) (dice() * 20), (size_t) (dice() * 20)};
	DupexBlocks before = {amounts[0], bases[0], count[0]};
	DupexBlocks after = {amounts[1], bases[1], count[1]};
	DupexChange change;

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < count[side]; i++)
		{
			bases[side][i] = dice() < 0.1 ? 0 : 100 * dice();
			amounts[side][i] = number % 5 == 0 ? bases[side][i] : 50 * dice();
		}
	change = dupex_ratio_change(&before, &after, 0.95);
	expect(isfinite(change.difference), "finite difference", number);
	expect(!change.has_limits || (change.lower <= change.difference && change.upper >= change.difference && change.p_value >= 0 && change.p_value <= 1), "limits around it", number);
	expect(!change.has_limits || (change.p_value < 0.05) == (change.lower > 0 || change.upper < 0), "limits and probability agree", number);
}

/*
 * Adstock by its definition.
 */
static void
test_adstock(int number)
{
	double		spend[100];
	double		stock[100];
	size_t		count = (size_t) (dice() * 100);
	double		retention = number % 7 == 0 ? 0 : dice();
	long		lag = number % 3 == 0 ? -1 : (long) (dice() * 120);

	for (size_t i = 0; i < count; i++)
		spend[i] = dice() * 10;
	dupex_adstock(spend, count, retention, lag, 0, stock);
	for (size_t t = 0; t < count; t++)
	{
		double		sum = 0;

		for (size_t k = 0; k <= t && (lag < 0 || k <= (size_t) lag); k++)
			sum += pow(retention, (double) k) * spend[t - k];
		expect(fabs(sum - stock[t]) <= 1e-9 * (1 + sum), "adstock", number);
	}
}

int
main(void)
{
	for (int number = 0; number < 1500; number++)
	{
		test_allocate(number);
		test_points(number);
		test_fit(number);
		test_campaign(number);
		test_change(number);
		test_adstock(number);
	}
	printf("%d checks, %d failures\n", checks, failures);
	return failures != 0;
}
