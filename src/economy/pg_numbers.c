/*
 * pg_numbers.c
 *		Arguments of the functions on money and time: arrays of numbers, shares; and their results.
 */
#include "economy/pg_numbers.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"

/* numbers of an array at most: as many as are still quickly sorted and summed */
#define MAX_NUMBERS	10000000

/*
 * An argument float8[] as numbers of our own. A NULL element is 0 and marked in *nulls where the
 * caller wants to know; *nulls may be NULL. Raises 22023 for a number that is not finite, 2202E
 * for more than one dimension, 54000 for too many.
 */
double *
dupex_economy_numbers(FunctionCallInfo fcinfo, int n, const char *name, size_t *count, bool **nulls)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	Datum	   *elements;
	bool	   *is_null;
	int			length;
	double	   *numbers;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("argument %s has %d dimensions", name, ARR_NDIM(array)),
				 errdetail("It is a list: an array of one dimension.")));
	if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > MAX_NUMBERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("argument %s has more than %d numbers", name, MAX_NUMBERS)));
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &is_null, &length);
	numbers = palloc(sizeof(double) * Max(1, length));
	for (int i = 0; i < length; i++)
	{
		numbers[i] = is_null[i] ? 0 : DatumGetFloat8(elements[i]);
		if (!isfinite(numbers[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %d of argument %s is %g", i + 1, name, numbers[i]),
					 errdetail("Its elements are finite numbers.")));
	}
	*count = (size_t) length;
	if (nulls)
		*nulls = is_null;
	return numbers;
}

/*
 * An argument float8 from low to high; from above low, where is_above says so. Raises 22023 for
 * another one.
 */
double
dupex_economy_number(FunctionCallInfo fcinfo, int n, const char *name, double low, bool is_above, double high)
{
	double		number = PG_GETARG_FLOAT8(n);

	if (!(is_above ? number > low : number >= low) || !(number <= high) || isinf(number))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument %s is %g", name, number),
				 isinf(high) ? errdetail("It is a finite number %s %g.", is_above ? "above" : "not below", low) :
				 errdetail("It is a number %s %g to %g.", is_above ? "from above" : "from", low, high)));
	return number;
}

/*
 * A result as it is. Raises 22003, with its name, where amounts were so large that it is none.
 */
double
dupex_economy_result(double result, const char *name)
{
	if (!isfinite(result))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s is out of range", name),
				 errhint("Use larger units, such as thousands.")));
	return result;
}
