/*
 * pg_planning.c
 *		The SQL side of planning tests and deciding by them: sizes, power, rollouts, tests that are
 *		looked at every day, the best of several groups.
 */
#include "stats/pg_stats.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"

#include "runner/pg_rows.h"
#include "stats/best.h"
#include "stats/fisher.h"
#include "stats/power.h"
#include "stats/sequential.h"

#define SIGNIFICANCE_HINT	"It is the chance of a false alarm; write 0.05 for 5 percent."

/*
 * An argument between 0 and 1, without the ends; raises 22023 for others.
 */
static double
inner_argument(FunctionCallInfo fcinfo, int n, const char *name, const char *hint)
{
	double		value = PG_GETARG_FLOAT8(n);

	if (!(value > 0 && value < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %g is not between 0 and 1", name, value),
				 errhint("%s", hint)));
	return value;
}

/*
 * Which of the arguments is to be computed: the only one of those numbered that is NULL. Raises
 * 22023 when there is none or more than one. Significance and everything else is not NULL.
 */
static int
missing_argument(FunctionCallInfo fcinfo, int count, const int *places, const char *names)
{
	int			missing = -1;
	int			found = 0;

	for (int i = 0; i < count; i++)
	{
		if (PG_ARGISNULL(places[i]))
		{
			missing = places[i];
			found++;
		}
	}
	if (found != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d of %s are unknown", found, names),
				 errdetail("The function gives the one that is NULL from the others."),
				 errhint("Leave exactly one of them NULL.")));
	return missing;
}

/*
 * power_prop_test(p1, p2, n, power, significance, ratio): the one that is NULL of p2, n, power.
 */
PG_FUNCTION_INFO_V1(dupex_power_prop_test);
Datum
dupex_power_prop_test(PG_FUNCTION_ARGS)
{
	static const int places[] = {1, 2, 3};
	const char *rate_hint = "Write 0.02 for 2 percent.";
	int			missing;
	DupexPowerRates test = {0};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(4) || PG_ARGISNULL(5))
		PG_RETURN_NULL();
	missing = missing_argument(fcinfo, 3, places, "p2, n and power");
	test.p1 = dupex_share_argument(fcinfo, 0, "rate p1", rate_hint);
	test.significance = inner_argument(fcinfo, 4, "significance", SIGNIFICANCE_HINT);
	test.ratio = dupex_positive_argument(fcinfo, 5, "ratio", "It is the size of the second group over the one of the first.");
	if (missing != 1)
		test.p2 = dupex_share_argument(fcinfo, 1, "rate p2", rate_hint);
	if (missing != 2)
		test.n = dupex_positive_argument(fcinfo, 2, "size n", "It is the number of people in the first group.");
	if (missing != 3)
		test.power = inner_argument(fcinfo, 3, "power", "It is the chance to find the difference; write 0.8 for 80 percent.");
	return dupex_number(fcinfo, missing == 1 ? dupex_power_rates_p2(&test) : missing == 2 ? dupex_power_rates_n(&test) : dupex_power_rates(&test));
}

/*
 * power_t_test(delta, deviation, n, power, significance): the one that is NULL of delta, n, power.
 */
PG_FUNCTION_INFO_V1(dupex_power_t_test);
Datum
dupex_power_t_test(PG_FUNCTION_ARGS)
{
	static const int places[] = {0, 2, 3};
	int			missing;
	DupexPowerMeans test = {0};

	if (PG_ARGISNULL(1) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	missing = missing_argument(fcinfo, 3, places, "delta, n and power");
	test.deviation = dupex_positive_argument(fcinfo, 1, "standard deviation", "It is the one of single people, in the unit of delta.");
	test.significance = inner_argument(fcinfo, 4, "significance", SIGNIFICANCE_HINT);
	if (missing != 0)
	{
		test.delta = PG_GETARG_FLOAT8(0);
		if (!isfinite(test.delta))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("difference %g is not a finite number", test.delta),
					 errhint("It is the difference of the means to be found, in units of the mean.")));
	}
	if (missing != 2)
	{
		test.n = dupex_positive_argument(fcinfo, 2, "size n", "It is the number of people in each group.");
		if (test.n < 2)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("size %g is less than 2", test.n),
					 errhint("A group of one has no spread.")));
	}
	if (missing != 3)
		test.power = inner_argument(fcinfo, 3, "power", "It is the chance to find the difference; write 0.8 for 80 percent.");
	return dupex_number(fcinfo, missing == 0 ? dupex_power_means_delta(&test) : missing == 2 ? dupex_power_means_n(&test) : dupex_power_means(&test));
}

/*
 * test_size(rate, margin, confidence, universe); universe may be NULL.
 */
PG_FUNCTION_INFO_V1(dupex_get_test_size);
Datum
dupex_get_test_size(PG_FUNCTION_ARGS)
{
	double		rate;
	double		margin;
	double		confidence;
	double		universe = INFINITY;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	rate = dupex_share_argument(fcinfo, 0, "rate", "Write 0.02 for 2 percent.");
	margin = dupex_positive_argument(fcinfo, 1, "margin", "It is what the interval may reach to each side; write 0.002 for .2 points.");
	confidence = dupex_confidence_argument(fcinfo, 2);
	if (!PG_ARGISNULL(3))
		universe = dupex_positive_argument(fcinfo, 3, "universe", "It is the number of names on the whole list.");
	return dupex_number(fcinfo, dupex_test_size(rate, margin, confidence, universe));
}

/*
 * rollout_interval(successes, trials, rollout, confidence, method).
 */
PG_FUNCTION_INFO_V1(dupex_rollout_interval);
Datum
dupex_rollout_interval(PG_FUNCTION_ARGS)
{
	double		successes = dupex_count_argument(fcinfo, 0, "number of successes");
	double		trials = dupex_count_argument(fcinfo, 1, "number of trials");
	double		rollout = dupex_count_argument(fcinfo, 2, "rollout");
	double		confidence = dupex_confidence_argument(fcinfo, 3);
	char	   *method = text_to_cstring(PG_GETARG_TEXT_PP(4));
	double		lower = NAN;
	double		upper = NAN;
	double		row[6];

	dupex_check_rate(successes, trials, 0);
	if (strcmp(method, "score") != 0 && strcmp(method, "exact") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no method \"%s\" for a rollout", method),
				 errdetail("The methods are score and exact."),
				 errhint("score is right for most purposes; exact never covers less than it says.")));
	if (trials > 0 && rollout > 0)
	{
		if (strcmp(method, "score") == 0)
			dupex_rollout_score(successes, trials, rollout, confidence, &lower, &upper);
		else
		{
			if (trials + rollout > DUPEX_FISHER_LIMIT)
				ereport(ERROR,
						(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						 errmsg("test and rollout of %.0f people are too large for the exact method", trials + rollout),
						 errdetail("The limit is %.0f.", DUPEX_FISHER_LIMIT),
						 errhint("At this size method score gives the same answer.")));
			CHECK_FOR_INTERRUPTS();
			dupex_rollout_exact(successes, trials, rollout, confidence, &lower, &upper);
		}
	}
	row[0] = rollout * (successes / trials);
	row[1] = lower;
	row[2] = upper;
	row[3] = successes / trials;
	row[4] = lower / rollout;
	row[5] = upper / rollout;
	return dupex_numbers_row(fcinfo, 6, row);
}

/*
 * sequential_test(successes, trials, tau2, confidence): two groups.
 */
PG_FUNCTION_INFO_V1(dupex_sequential_test);
Datum
dupex_sequential_test(PG_FUNCTION_ARGS)
{
	double	   *successes;
	double	   *trials;
	int			groups = dupex_groups_arguments(fcinfo, 0, &successes, &trials);
	double		tau2 = dupex_positive_argument(fcinfo, 2, "tau2", "It is the square of the difference that you expect; sequential_tau2() proposes one.");
	DupexTwoRates rates;
	DupexSequential test;
	double		row[4];

	if (groups != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sequential_test() compares two groups, not %d", groups),
				 errhint("Compare each group with the control, and give the p values to p_adjust().")));
	rates.successes_a = successes[0];
	rates.trials_a = trials[0];
	rates.successes_b = successes[1];
	rates.trials_b = trials[1];
	test = dupex_sequential_rates(rates, tau2, dupex_confidence_argument(fcinfo, 3));
	row[0] = test.likelihood_ratio;
	row[1] = test.p_value;
	row[2] = test.lower;
	row[3] = test.upper;
	return dupex_numbers_row(fcinfo, 4, row);
}

/*
 * sequential_tau2(rate, trials, confidence): for two groups of so many.
 */
PG_FUNCTION_INFO_V1(dupex_get_sequential_tau2);
Datum
dupex_get_sequential_tau2(PG_FUNCTION_ARGS)
{
	double		rate = inner_argument(fcinfo, 0, "rate", "Write 0.02 for 2 percent.");
	double		trials = dupex_count_argument(fcinfo, 1, "number of trials");

	if (trials == 0)
		PG_RETURN_NULL();
	return dupex_number(fcinfo, dupex_sequential_tau2(2 * rate * (1 - rate) / trials, dupex_confidence_argument(fcinfo, 2)));
}

/*
 * Successes and trials, arguments 0 and 1, with the prior of arguments n and n + 1.
 */
static int
beliefs(FunctionCallInfo fcinfo, int n, DupexBelief **belief)
{
	double	   *successes;
	double	   *trials;
	int			arms = dupex_groups_arguments(fcinfo, 0, &successes, &trials);
	double		a = dupex_positive_argument(fcinfo, n, "prior_a", "1 and 1 say nothing about the rate beforehand; 0.5 and 0.5 is Jeffreys's prior.");
	double		b = dupex_positive_argument(fcinfo, n + 1, "prior_b", "1 and 1 say nothing about the rate beforehand; 0.5 and 0.5 is Jeffreys's prior.");

	if (arms > DUPEX_BEST_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d groups are too many to compare at once", arms),
				 errdetail("The limit is %d.", DUPEX_BEST_LIMIT),
				 errhint("Leave out those that are clearly behind.")));
	*belief = palloc(sizeof(DupexBelief) * ((Size) arms + 1));
	for (int i = 0; i < arms; i++)
	{
		(*belief)[i].a = successes[i] + a;
		(*belief)[i].b = trials[i] - successes[i] + b;
	}
	return arms;
}

/*
 * The probability to be best, and the expected loss, of all groups.
 */
static void
compute_best(int arms, const DupexBelief *belief, double *best, double *loss)
{
	double	   *mesh = palloc(sizeof(double) * (DUPEX_BEST_PANELS + 1));
	double	   *room;
	size_t		panels;

	if (arms == 1)
	{
		best[0] = 1;
		loss[0] = 0;
		return;
	}
	panels = dupex_best_mesh((size_t) arms, belief, mesh);
	if (panels == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("these %d groups need too many steps of integration", arms),
				 errhint("Leave out those that are clearly behind, or use a prior of 0.5 or more.")));
	CHECK_FOR_INTERRUPTS();
	room = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(double) * dupex_best_room((size_t) arms, panels));
	dupex_best((size_t) arms, belief, panels, mesh, room, best, loss);
	pfree(room);
	pfree(mesh);
}

static void
fill_best(FunctionCallInfo fcinfo, DupexRows *rows)
{
	DupexBelief *belief;
	int			arms = beliefs(fcinfo, 2, &belief);
	double	   *best = palloc(sizeof(double) * 2 * ((Size) arms + 1));
	double	   *loss = best + arms;

	if (arms == 0)
		return;
	compute_best(arms, belief, best, loss);
	for (int i = 0; i < arms; i++)
	{
		Datum		values[3] = {Int32GetDatum(i + 1), Float8GetDatum(best[i]), Float8GetDatum(loss[i])};
		bool		nulls[3] = {false};

		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_beta_best);
Datum
dupex_beta_best(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 3, fill_best);
}

static void
fill_wave(FunctionCallInfo fcinfo, DupexRows *rows)
{
	double		pieces = dupex_count_argument(fcinfo, 2, "number of pieces");
	double		least = dupex_share_argument(fcinfo, 3, "least share", "Write 0.1 for 10 percent to each group.");
	DupexBelief *belief;
	int			arms = beliefs(fcinfo, 4, &belief);
	double	   *best = palloc(sizeof(double) * 5 * ((Size) arms + 1));
	double	   *share = best + arms;
	double	   *allocated = share + arms;

	if (arms == 0)
		return;
	if (least * arms > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a least share of %g for each of %d groups is more than there is", least, arms),
				 errhint("Use %g or less.", 1.0 / arms)));
	if (pieces > 9007199254740992.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of pieces %.0f is too large", pieces),
				 errhint("Use up to 2^53.")));
	compute_best(arms, belief, best, allocated);
	memcpy(share, best, sizeof(double) * (Size) arms);
	dupex_allocate((size_t) arms, share, least, pieces, allocated, allocated + arms);
	for (int i = 0; i < arms; i++)
	{
		Datum		values[4] = {Int32GetDatum(i + 1), Float8GetDatum(best[i]), Float8GetDatum(share[i]), Int64GetDatum((int64) allocated[i])};
		bool		nulls[4] = {false};

		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_next_wave);
Datum
dupex_next_wave(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 4, fill_wave);
}

static void
fill_shrunk(FunctionCallInfo fcinfo, DupexRows *rows)
{
	double	   *successes;
	double	   *trials;
	int			arms = dupex_groups_arguments(fcinfo, 0, &successes, &trials);
	double	   *shrunk = palloc(sizeof(double) * 2 * ((Size) arms + 1));
	double	   *own = shrunk + arms;

	dupex_shrink((size_t) arms, successes, trials, shrunk, own);
	for (int i = 0; i < arms; i++)
	{
		double		numbers[3] = {successes[i] / trials[i], shrunk[i], own[i]};
		Datum		values[4] = {Int32GetDatum(i + 1)};
		bool		nulls[4] = {false};

		for (int k = 0; k < 3; k++)
		{
			nulls[k + 1] = !isfinite(numbers[k]);
			values[k + 1] = nulls[k + 1] ? (Datum) 0 : Float8GetDatum(numbers[k]);
		}
		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_shrunk_rates);
Datum
dupex_shrunk_rates(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 4, fill_shrunk);
}
