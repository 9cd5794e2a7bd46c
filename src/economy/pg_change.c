/*
 * pg_change.c
 *		The SQL side of before and after: ratio_change.
 */
#include "economy/pg_numbers.h"

#include <math.h>

#include "funcapi.h"

#include "economy/change.h"
#include "runner/pg_rows.h"
#include "stats/pg_stats.h"

/* columns of ratio_change */
enum
{
	CHANGE_BEFORE,
	CHANGE_AFTER,
	CHANGE_DIFFERENCE,
	CHANGE_LOWER,
	CHANGE_UPPER,
	CHANGE_P_VALUE,
	CHANGE_COLUMNS
};

/*
 * Amounts in argument n and bases in argument n + 1 of one side; NULL bases are 1 each.
 */
static DupexBlocks
blocks_argument(FunctionCallInfo fcinfo, int n, const char *amounts, const char *bases)
{
	DupexBlocks blocks = {NULL, NULL, 0};
	double	   *base;
	size_t		count;

	blocks.amounts = dupex_economy_numbers(fcinfo, n, amounts, &blocks.count, NULL);
	if (PG_ARGISNULL(n + 1))
		return blocks;
	base = dupex_economy_numbers(fcinfo, n + 1, bases, &count, NULL);
	if (count != blocks.count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%zu amounts and %zu bases", blocks.count, count),
				 errdetail("Each block of time has an amount and a base.")));
	for (size_t i = 0; i < count; i++)
		if (base[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %zu of argument %s is %g", i + 1, bases, base[i]),
					 errdetail("Bases are not negative.")));
	blocks.bases = base;
	return blocks;
}

/*
 * ratio_change(before_amounts, before_bases, after_amounts, after_bases, confidence)
 */
PG_FUNCTION_INFO_V1(dupex_sql_ratio_change);
Datum
dupex_sql_ratio_change(PG_FUNCTION_ARGS)
{
	Datum		values[CHANGE_COLUMNS];
	bool		nulls[CHANGE_COLUMNS];
	DupexBlocks before;
	DupexBlocks after;
	DupexChange change;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	before = blocks_argument(fcinfo, 0, "before_amounts", "before_bases");
	after = blocks_argument(fcinfo, 2, "after_amounts", "after_bases");
	change = dupex_ratio_change(&before, &after, dupex_confidence_argument(fcinfo, 4));
	for (int i = 0; i < CHANGE_COLUMNS; i++)
		nulls[i] = !change.has_limits;
	nulls[CHANGE_BEFORE] = !change.is_known[0];
	nulls[CHANGE_AFTER] = !change.is_known[1];
	nulls[CHANGE_DIFFERENCE] = !change.is_known[0] || !change.is_known[1];
	values[CHANGE_BEFORE] = Float8GetDatum(change.ratio[0]);
	values[CHANGE_AFTER] = Float8GetDatum(change.ratio[1]);
	values[CHANGE_DIFFERENCE] = Float8GetDatum(change.difference);
	values[CHANGE_LOWER] = Float8GetDatum(change.lower);
	values[CHANGE_UPPER] = Float8GetDatum(change.upper);
	values[CHANGE_P_VALUE] = Float8GetDatum(change.p_value);
	return HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, CHANGE_COLUMNS), values, nulls));
}
