/*
 * pg_stats.c
 *		What the functions of statistics share: arguments checked, rows of numbers returned.
 *
 * The pure functions answer NaN to what has no answer, and infinity where there is no bound. SQL
 * gets NULL for both: a report can show that, and an average of it is not spoilt.
 */
#include "stats/pg_stats.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"

#include "runner/pg_rows.h"

/*
 * The confidence argument. Raises 22023 unless it is between 0 and 1.
 */
double
dupex_confidence_argument(FunctionCallInfo fcinfo, int n)
{
	double		confidence = PG_GETARG_FLOAT8(n);

	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence %g is not between 0 and 1", confidence),
				 errdetail("It is the probability with which the interval shall hold the true value."),
				 errhint("Write 0.95 for 95 percent.")));
	return confidence;
}

/*
 * An argument from 0 to 1, such as a rate; raises 22023 for others.
 */
double
dupex_share_argument(FunctionCallInfo fcinfo, int n, const char *name, const char *hint)
{
	double		value = PG_GETARG_FLOAT8(n);

	if (!(value >= 0 && value <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %g is not from 0 to 1", name, value),
				 errhint("%s", hint)));
	return value;
}

/*
 * An argument above 0 and finite; raises 22023 for others.
 */
double
dupex_positive_argument(FunctionCallInfo fcinfo, int n, const char *name, const char *hint)
{
	double		value = PG_GETARG_FLOAT8(n);

	if (!(value > 0) || isinf(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %g is not a positive number", name, value),
				 errhint("%s", hint)));
	return value;
}

/*
 * A count, a bigint not below 0; raises 22023 for others.
 */
double
dupex_count_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	int64		value = PG_GETARG_INT64(n);

	if (value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %lld is negative", name, (long long) value),
				 errhint("Counts are 0 or more.")));
	return (double) value;
}

/*
 * The elements of an array of bigint or float8; raises 22023 for one with a NULL in it.
 */
static Datum *
elements_of(ArrayType *array, Oid type, const char *name, int *count)
{
	Datum	   *elements;
	bool	   *nulls;

	deconstruct_array(array, type, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, count);
	for (int i = 0; i < *count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a NULL among the %s", name),
					 errdetail("A group is tested with all of its counts or not at all."),
					 errhint("Leave the group out, such as with array_agg(...) FILTER (WHERE ...), or write coalesce(..., 0).")));
	}
	return elements;
}

/*
 * An array of counts, of one or two dimensions; raises 22023 for one with NULLs or with negative
 * counts, and for more dimensions.
 */
DupexCounts
dupex_counts_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	DupexCounts counts = {0};
	Datum	   *elements = elements_of(array, INT8OID, name, &counts.count);

	counts.dimensions = ARR_NDIM(array);
	if (counts.dimensions > 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an array of %d dimensions for the %s", counts.dimensions, name),
				 errhint("Counts are a list, or a table of rows and columns.")));
	counts.rows = counts.dimensions == 2 ? ARR_DIMS(array)[0] : 1;
	counts.columns = counts.dimensions == 2 ? ARR_DIMS(array)[1] : counts.count;
	counts.values = palloc(sizeof(double) * ((Size) counts.count + 1));
	for (int i = 0; i < counts.count; i++)
	{
		int64		value = DatumGetInt64(elements[i]);

		if (value < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%lld is negative, element %d of the %s", (long long) value, i + 1, name),
					 errhint("Counts are 0 or more.")));
		counts.values[i] = (double) value;
		counts.total += counts.values[i];
	}
	return counts;
}

/*
 * An array of so many finite numbers; raises 22023 for another one.
 */
double *
dupex_numbers_argument(FunctionCallInfo fcinfo, int n, const char *name, int count)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	int			found;
	Datum	   *elements = elements_of(array, FLOAT8OID, name, &found);
	double	   *values = palloc(sizeof(double) * ((Size) found + 1));

	if (found != count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d %s for %d groups", found, name, count),
				 errhint("Give one for each group, in the same order.")));
	for (int i = 0; i < count; i++)
	{
		values[i] = DatumGetFloat8(elements[i]);
		if (!isfinite(values[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%g is not a finite number, element %d of the %s", values[i], i + 1, name),
					 errhint("Leave the group out.")));
	}
	return values;
}

/*
 * Raises 22023 unless there are at most as many successes as trials. Group counts from 1; 0 for
 * none.
 */
void
dupex_check_rate(double successes, double trials, int group)
{
	if (successes > trials)
	{
		char		where[32] = "";

		if (group > 0)
			snprintf(where, sizeof(where), " in group %d", group);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%.0f successes in %.0f trials%s", successes, trials, where),
				 errdetail("Successes go from 0 to the number of trials."),
				 errhint("Count people, not answers, where a person can answer more than once.")));
	}
}

/*
 * Successes and trials of several groups, arguments n and n + 1. Returns how many; raises 22023
 * for arrays that do not fit together.
 */
int
dupex_groups_arguments(FunctionCallInfo fcinfo, int n, double **successes, double **trials)
{
	DupexCounts s = dupex_counts_argument(fcinfo, n, "successes");
	DupexCounts t = dupex_counts_argument(fcinfo, n + 1, "trials");

	if (s.count != t.count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("successes of %d groups, but trials of %d", s.count, t.count),
				 errhint("Build both arrays from the same rows, such as array_agg(orders ORDER BY cell), array_agg(pieces ORDER BY cell).")));
	for (int i = 0; i < s.count; i++)
		dupex_check_rate(s.values[i], t.values[i], i + 1);
	*successes = s.values;
	*trials = t.values;
	return s.count;
}

/*
 * A row of float8 columns, NULL where a number is not finite.
 */
Datum
dupex_numbers_row(FunctionCallInfo fcinfo, int columns, const double *numbers)
{
	Datum	   *values = palloc(sizeof(Datum) * (Size) columns);
	bool	   *nulls = palloc(sizeof(bool) * (Size) columns);

	for (int i = 0; i < columns; i++)
	{
		nulls[i] = !isfinite(numbers[i]);
		values[i] = nulls[i] ? (Datum) 0 : Float8GetDatum(numbers[i]);
	}
	return HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, columns), values, nulls));
}

/*
 * A float8, NULL where it is not finite.
 */
Datum
dupex_number(FunctionCallInfo fcinfo, double number)
{
	if (!isfinite(number))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(number);
}
