/*
 * pg_paths.c
 *		Reads a query of paths: what attribution_markov() and attribution_shapley() have in common.
 *
 * A path is an array of channels, with how many conversions of what value it led to and how many
 * times to none. Conversions of an empty path have nobody to be credited to: they are counted
 * apart and come back with channel NULL, so that the sums are those of the query.
 */
#include "journey/pg_paths.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "runner/pg_query.h"

static const DupexQueryColumn columns[] = {
	{"path", DUPEX_COLUMN_TEXTS},
	{"number of conversions", DUPEX_COLUMN_FLOAT},
	{"value", DUPEX_COLUMN_FLOAT,.is_optional = true},
	{"number without conversion", DUPEX_COLUMN_FLOAT,.is_optional = true}
};

/*
 * A number of a path; NULL is 0. Raises 22023 for what it cannot be.
 */
static double
number_of(const Datum *values, const bool *nulls, int n, bool allows_negative)
{
	double		number = nulls[n] ? 0 : DatumGetFloat8(values[n]);

	if (isnan(number) || isinf(number) || (number < 0 && !allows_negative))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a path with %g as its %s", number, columns[n].name),
				 errdetail("It is a finite number%s.", allows_negative ? "" : ", not negative"),
				 number < 0 ? errhint("Leave out what was returned, or subtract it from the value of its own path.") : 0));
	return number;
}

/*
 * The channels of a path into paths->touched; returns how many. Raises 22004 for a NULL among
 * them, 22023 for an array of more dimensions.
 */
static uint32
read_channels(DupexPaths *paths, Datum path)
{
	ArrayType  *array = DatumGetArrayTypeP(path);
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a path of %d dimensions", ARR_NDIM(array)),
				 errhint("A path is an array of channels in order of time, such as '{mail,call}'.")));
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if ((uint32) count > paths->touched_size)
	{
		pfree(paths->touched);
		paths->touched_size = 2 * (uint32) count;
		paths->touched = MemoryContextAllocHuge(paths->memory, paths->touched_size * sizeof(uint32));
	}
	for (int i = 0; i < count; i++)
	{
		text	   *channel;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("channel %d of a path is null", i + 1),
					 errhint("Leave it out, or give it a name, such as coalesce(channel, 'unknown').")));
		channel = DatumGetTextPP(elements[i]);
		paths->touched[i] = dupex_words_number(paths->channels, VARDATA_ANY(channel), VARSIZE_ANY_EXHDR(channel));
	}
	return (uint32) count;
}

static void
start(void *state, int count, bool key_is_text)
{
	((DupexPaths *) state)->columns = count;
}

static void
read_path(void *state, const Datum *values, const bool *nulls)
{
	DupexPaths *paths = state;
	double		conversions = number_of(values, nulls, 1, false);
	double		value = paths->columns > 2 ? number_of(values, nulls, 2, paths->allows_negative) : 0;
	double		lost = paths->columns > 3 ? number_of(values, nulls, 3, false) : 0;
	uint32		count = nulls[0] ? 0 : read_channels(paths, values[0]);

	if (conversions == 0 && value != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a path without conversions has a value of %g", value),
				 errhint("Conversions and their value belong to the same row.")));
	if (count == 0)
	{
		dupex_sum_add(&paths->untouched_conversions, conversions);
		dupex_sum_add(&paths->untouched_value, value);
		return;
	}
	dupex_sum_add(&paths->conversions, conversions);
	dupex_sum_add(&paths->value, value);
	if (conversions > 0 || lost > 0)
		paths->path(paths, count, conversions, value, lost);
}

/*
 * A sum of numbers of paths. Raises 22003 when they are so large that they add up to no number.
 */
double
dupex_paths_sum(const DupexPaths *paths, const DupexSum *sum)
{
	if (!isfinite(dupex_sum_value(sum)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a sum of %s is out of range", paths->function),
				 errhint("Use larger units, such as thousands.")));
	return dupex_sum_value(sum);
}

/*
 * Reads all paths of a query and calls path() for each. Raises 42804 for a query that returns
 * something else.
 */
void
dupex_paths_read(DupexPaths *paths, text *sql)
{
	DupexQuery	query = {
		.returns = "(path text[], conversions float8 [, value float8 [, nulls float8]])",
		.columns = columns,
		.count = lengthof(columns),
		.start = start,
		.row = read_path
	};

	query.function = paths->function;
	paths->memory = CurrentMemoryContext;
	paths->channels = dupex_words_create(paths->memory);
	paths->touched_size = 64;
	paths->touched = palloc(paths->touched_size * sizeof(uint32));
	dupex_query_run(&query, sql, paths);
}

/*
 * The row of conversions without a touch, if there are any. The value is in the column behind
 * that of the conversions; all before it are NULL.
 */
void
dupex_paths_add_untouched(const DupexPaths *paths, DupexRows *rows, int conversions_column)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {true, true, true, true};

	if (dupex_paths_sum(paths, &paths->untouched_conversions) == 0)
		return;
	values[conversions_column] = Float8GetDatum(dupex_paths_sum(paths, &paths->untouched_conversions));
	values[conversions_column + 1] = Float8GetDatum(dupex_paths_sum(paths, &paths->untouched_value));
	nulls[conversions_column] = nulls[conversions_column + 1] = false;
	dupex_rows_add(rows, values, nulls);
}
