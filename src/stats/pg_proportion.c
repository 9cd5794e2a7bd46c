/*
 * pg_proportion.c
 *		The SQL side of the tests of counts and rates.
 */
#include "stats/pg_stats.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "ratio/rate.h"
#include "stats/distribution.h"
#include "stats/fisher.h"
#include "stats/multiple.h"
#include "stats/normal.h"
#include "stats/proportion.h"
#include "stats/special.h"
#include "stats/strata.h"

/* for the method whose time grows with the square of their number */
#define MAX_HOMMEL	10000

/*
 * prop_test(successes, trials, correct, confidence).
 */
PG_FUNCTION_INFO_V1(dupex_prop_test);
Datum
dupex_prop_test(PG_FUNCTION_ARGS)
{
	double	   *successes;
	double	   *trials;
	int			groups = dupex_groups_arguments(fcinfo, 0, &successes, &trials);
	DupexTest	test = dupex_test_proportions((size_t) groups, successes, trials, PG_GETARG_BOOL(2), dupex_confidence_argument(fcinfo, 3));
	double		row[5] = {test.statistic, test.df, test.p_value, test.lower, test.upper};

	return dupex_numbers_row(fcinfo, 5, row);
}

/*
 * Arguments n and n + 1 of type rate.
 */
static DupexTwoRates
two_rates(FunctionCallInfo fcinfo, int n)
{
	const DupexRate *a = (DupexRate *) PG_GETARG_POINTER(n);
	const DupexRate *b = (DupexRate *) PG_GETARG_POINTER(n + 1);
	DupexTwoRates rates = {(double) a->successes, (double) a->trials, (double) b->successes, (double) b->trials};

	return rates;
}

/*
 * rate_z_test(a, b, correct).
 */
PG_FUNCTION_INFO_V1(dupex_rate_z_test);
Datum
dupex_rate_z_test(PG_FUNCTION_ARGS)
{
	double		z = dupex_rate_z(two_rates(fcinfo, 0), PG_GETARG_BOOL(2));
	double		row[4] = {z, 2 * dupex_normal_upper_tail(fabs(z)), dupex_normal_upper_tail(-z), dupex_normal_upper_tail(z)};

	return dupex_numbers_row(fcinfo, 4, row);
}

/*
 * rate_ratio_interval(a, b, confidence, method).
 */
PG_FUNCTION_INFO_V1(dupex_rate_ratio_interval);
Datum
dupex_rate_ratio_interval(PG_FUNCTION_ARGS)
{
	DupexTwoRates rates = two_rates(fcinfo, 0);
	double		confidence = dupex_confidence_argument(fcinfo, 2);
	char	   *method = text_to_cstring(PG_GETARG_TEXT_PP(3));
	DupexEstimate estimate;
	double		row[3];

	if (strcmp(method, "koopman") == 0)
		estimate = dupex_rate_ratio_koopman(rates, confidence);
	else if (strcmp(method, "katz") == 0)
		estimate = dupex_rate_ratio_katz(rates, confidence);
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no method \"%s\" for the interval of a ratio", method),
				 errdetail("The methods are koopman and katz."),
				 errhint("koopman is right for most purposes, for small counts too.")));
	row[0] = estimate.value;
	row[1] = estimate.lower;
	row[2] = estimate.upper;
	return dupex_numbers_row(fcinfo, 3, row);
}

/*
 * chisq_test(counts, correct). A list of counts is tested for equal shares, as R does.
 */
PG_FUNCTION_INFO_V1(dupex_chisq_test);
Datum
dupex_chisq_test(PG_FUNCTION_ARGS)
{
	DupexCounts counts = dupex_counts_argument(fcinfo, 0, "counts");
	double		least;
	DupexTest	test;
	double		row[5];
	double		strength = NAN;

	if (counts.rows > 1 && counts.columns > 1)
	{
		test = dupex_test_table((size_t) counts.rows, (size_t) counts.columns, counts.values, PG_GETARG_BOOL(1), &least);
		strength = sqrt(test.statistic / counts.total / (Min(counts.rows, counts.columns) - 1));
	}
	else
		test = dupex_test_shares((size_t) counts.count, counts.values, NULL, &least);
	row[0] = test.statistic;
	row[1] = test.df;
	row[2] = test.p_value;
	row[3] = least;
	row[4] = strength;
	return dupex_numbers_row(fcinfo, 5, row);
}

/*
 * srm_test(observed, planned); planned may be NULL.
 */
PG_FUNCTION_INFO_V1(dupex_srm_test);
Datum
dupex_srm_test(PG_FUNCTION_ARGS)
{
	DupexCounts observed;
	double	   *planned = NULL;
	double		least;
	DupexTest	test;
	double		row[3];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	observed = dupex_counts_argument(fcinfo, 0, "observed counts");
	if (!PG_ARGISNULL(1))
	{
		planned = dupex_numbers_argument(fcinfo, 1, "planned shares", observed.count);
		for (int i = 0; i < observed.count; i++)
		{
			if (!(planned[i] > 0))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("planned share %g of group %d is not above 0", planned[i], i + 1),
						 errdetail("A group that should get nobody cannot be compared with its share."),
						 errhint("Leave the group out, or give the share that it should have had.")));
		}
	}
	test = dupex_test_shares((size_t) observed.count, observed.values, planned, &least);
	row[0] = test.statistic;
	row[1] = test.df;
	row[2] = test.p_value;
	return dupex_numbers_row(fcinfo, 3, row);
}

/*
 * prop_trend_test(successes, trials, scores); scores may be NULL.
 */
PG_FUNCTION_INFO_V1(dupex_prop_trend_test);
Datum
dupex_prop_trend_test(PG_FUNCTION_ARGS)
{
	double	   *successes;
	double	   *trials;
	double	   *scores = NULL;
	int			groups;
	DupexTest	test;
	double		row[3];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	groups = dupex_groups_arguments(fcinfo, 0, &successes, &trials);
	if (!PG_ARGISNULL(2))
		scores = dupex_numbers_argument(fcinfo, 2, "scores", groups);
	test = dupex_test_trend((size_t) groups, successes, trials, scores);
	row[0] = test.statistic;
	row[1] = test.df;
	row[2] = test.p_value;
	return dupex_numbers_row(fcinfo, 3, row);
}

/*
 * fisher_test(a, b, c, d, confidence).
 */
PG_FUNCTION_INFO_V1(dupex_get_fisher_test);
Datum
dupex_get_fisher_test(PG_FUNCTION_ARGS)
{
	double		a = dupex_count_argument(fcinfo, 0, "count");
	double		b = dupex_count_argument(fcinfo, 1, "count");
	double		c = dupex_count_argument(fcinfo, 2, "count");
	double		d = dupex_count_argument(fcinfo, 3, "count");
	double		confidence = dupex_confidence_argument(fcinfo, 4);
	DupexFisher test;
	double		row[6];

	if (a + b + c + d > DUPEX_FISHER_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a table of %.0f counts is too large for the exact test", a + b + c + d),
				 errdetail("The limit is %.0f.", DUPEX_FISHER_LIMIT),
				 errhint("At this size chisq_test() and prop_test() give the same answer.")));
	CHECK_FOR_INTERRUPTS();
	test = dupex_fisher_test(a, b, c, d, confidence);
	row[0] = test.p_value;
	row[1] = test.p_less;
	row[2] = test.p_greater;
	row[3] = test.odds_ratio;
	row[4] = test.lower;
	row[5] = test.upper;
	return dupex_numbers_row(fcinfo, 6, row);
}

/*
 * binomial_test(successes, trials, probability, confidence). Without trials nothing speaks
 * against any rate: the p values are 1 and the interval is all there is.
 */
PG_FUNCTION_INFO_V1(dupex_binomial_test);
Datum
dupex_binomial_test(PG_FUNCTION_ARGS)
{
	double		successes = dupex_count_argument(fcinfo, 0, "number of successes");
	double		trials = dupex_count_argument(fcinfo, 1, "number of trials");
	double		p = dupex_share_argument(fcinfo, 2, "success rate", "It is the rate to compare with; write 0.02 for 2 percent.");
	double		tail = 0.5 * (1 - dupex_confidence_argument(fcinfo, 3));
	double		complement;
	double		above;
	double		row[5] = {0, 0, 0, 0, 1};

	dupex_check_rate(successes, trials, 0);
	row[0] = dupex_binomial_two_sided(successes, trials, p);
	dupex_binomial_tails(successes, trials, p, &row[1], &above);
	dupex_binomial_tails(successes - 1, trials, p, &above, &row[2]);
	if (successes > 0)
		dupex_beta_quantile(successes, trials - successes + 1, tail, &row[3], &complement);
	if (successes < trials)
		dupex_beta_quantile(trials - successes, successes + 1, tail, &complement, &row[4]);
	return dupex_numbers_row(fcinfo, 5, row);
}

/*
 * mcnemar_test(only_first, only_second, correct).
 */
PG_FUNCTION_INFO_V1(dupex_mcnemar_test);
Datum
dupex_mcnemar_test(PG_FUNCTION_ARGS)
{
	DupexTest	test = dupex_test_pairs(dupex_count_argument(fcinfo, 0, "count"), dupex_count_argument(fcinfo, 1, "count"), PG_GETARG_BOOL(2));
	double		row[3] = {test.statistic, test.df, test.p_value};

	return dupex_numbers_row(fcinfo, 3, row);
}

/*
 * mantel_haenszel_test(successes_a, trials_a, successes_b, trials_b, correct, confidence): one
 * element a stratum.
 */
PG_FUNCTION_INFO_V1(dupex_mantel_haenszel_test);
Datum
dupex_mantel_haenszel_test(PG_FUNCTION_ARGS)
{
	double	   *successes[2];
	double	   *trials[2];
	int			strata = dupex_groups_arguments(fcinfo, 0, &successes[0], &trials[0]);
	int			others = dupex_groups_arguments(fcinfo, 2, &successes[1], &trials[1]);
	double		confidence = dupex_confidence_argument(fcinfo, 5);
	DupexTwoRates *rates;
	DupexStrata test;
	double		row[7];

	if (strata != others)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d strata of the first group, but %d of the second", strata, others),
				 errhint("Give each stratum in both, with 0 where a group has nobody.")));
	rates = palloc(sizeof(DupexTwoRates) * ((Size) strata + 1));
	for (int i = 0; i < strata; i++)
	{
		rates[i].successes_a = successes[0][i];
		rates[i].trials_a = trials[0][i];
		rates[i].successes_b = successes[1][i];
		rates[i].trials_b = trials[1][i];
	}
	test = dupex_test_strata((size_t) strata, rates, PG_GETARG_BOOL(4), confidence);
	row[0] = test.statistic;
	row[1] = test.df;
	row[2] = test.p_value;
	row[3] = test.odds_ratio;
	row[4] = test.lower;
	row[5] = test.upper;
	row[6] = test.difference;
	return dupex_numbers_row(fcinfo, 7, row);
}

/* a p value and its place */
typedef struct PlacedP
{
	double		p;
	int			place;
} PlacedP;

static int
compare_p(const void *left, const void *right)
{
	const PlacedP *a = left;
	const PlacedP *b = right;

	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

/*
 * p_adjust(p, method): NULLs stay where they are and are not counted as tests.
 */
PG_FUNCTION_INFO_V1(dupex_p_adjust);
Datum
dupex_p_adjust(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	DupexAdjustment method;
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int			known = 0;
	PlacedP    *placed;
	double	   *p;

	if (!dupex_adjustment_method(name, &method))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no adjustment method \"%s\"", name),
				 errdetail("The methods are holm, hochberg, hommel, bonferroni, BH (or fdr), BY and none."),
				 errhint("holm bounds the chance of any false alarm, BH the share of false ones among the alarms.")));
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &count);
	if (count > MAX_HOMMEL && method == DUPEX_ADJUST_HOMMEL)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d p values are too many for method \"hommel\"", count),
				 errdetail("Its time grows with the square of their number; the limit is %d.", MAX_HOMMEL),
				 errhint("Use hochberg, which is nearly as sharp.")));
	placed = palloc(sizeof(PlacedP) * ((Size) count + 1));
	p = palloc(sizeof(double) * 3 * ((Size) count + 1));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			continue;
		placed[known].p = DatumGetFloat8(elements[i]);
		placed[known].place = i;
		if (!(placed[known].p >= 0 && placed[known].p <= 1))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%g is not a p value, element %d", placed[known].p, i + 1),
					 errhint("P values go from 0 to 1; use NULL for a test that has none.")));
		known++;
	}
	qsort(placed, (size_t) known, sizeof(PlacedP), compare_p);
	for (int i = 0; i < known; i++)
		p[i] = placed[i].p;
	dupex_adjust((size_t) known, p, method, p + known);
	for (int i = 0; i < known; i++)
		elements[placed[i].place] = Float8GetDatum(p[i]);
	if (count == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(FLOAT8OID));
	PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, ARR_NDIM(array), ARR_DIMS(array), ARR_LBOUND(array),
											 FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
