/*
 * pg_spend.c
 *		The aggregate gamma_gamma_agg and its relatives: from rows (repeat orders, mean value) to
 *		the state spend_counts.
 *
 * pg_spend_work.c holds the state while it grows. What is stored has its rows in order and no
 * slack: the same rows give the same bytes by whatever plan.
 */
#include "value/pg_spend.h"

#include "value/pg_left_out.h"

/*
 * Complains of a row that cannot be: 22023, and which one.
 */
static void
complain(DupexSpendStatus status, double frequency, double mean_value, double weight)
{
	if (status == DUPEX_SPEND_WEIGHT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("impossible weight %g of row: frequency %g, mean value %g", weight, frequency, mean_value),
				 errdetail("A weight is a number of customers, from 0 to 2^52.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("impossible customer: frequency %g, mean value %g", frequency, mean_value),
			 status == DUPEX_SPEND_VALUE ? errdetail("The mean value must be finite.")
			 : errdetail("Frequency is the number of repeat purchases, a whole number from 0 to 4294967295."),
			 errhint("purchase_summary() makes possible ones of orders.")));
}

void
dupex_spend_check(double frequency, double mean_value)
{
	DupexSpendRow row;
	DupexSpendStatus status = dupex_spend_row_make(frequency, mean_value, 1, &row);

	if (status != DUPEX_SPEND_OK && status != DUPEX_SPEND_NOTHING)
		complain(status, frequency, mean_value, 1);
}

/*
 * The transition of gamma_gamma_agg(frequency, mean_value, weight). Customers without repeat
 * orders do not count, whatever their mean value. Other rows with a NULL are left out and
 * counted.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_add);
Datum
dupex_spend_counts_add(PG_FUNCTION_ARGS)
{
	DupexSpendWork work = dupex_spend_work_of_call(fcinfo);
	bool		is_once = !PG_ARGISNULL(1) && PG_GETARG_FLOAT8(1) == 0;
	DupexSpendStatus status;
	DupexSpendRow row;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(3) || (PG_ARGISNULL(2) && !is_once))
	{
		work.counts->nulls = dupex_left_out_add(work.counts->nulls, 1);
		return dupex_spend_work_return(&work);
	}
	status = dupex_spend_row_make(PG_GETARG_FLOAT8(1), PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3), &row);
	if (status == DUPEX_SPEND_OK)
		dupex_spend_work_add(&work, &row);
	else if (status != DUPEX_SPEND_NOTHING)
		complain(status, PG_GETARG_FLOAT8(1), PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3));
	return dupex_spend_work_return(&work);
}

/*
 * The transition of rollup() and the combine function of the aggregates. NULL on either side
 * adds nothing. The second argument is never changed.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_combine);
Datum
dupex_spend_counts_combine(PG_FUNCTION_ARGS)
{
	DupexSpendWork work;
	const DupexSpendCounts *other;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	work = dupex_spend_work_of_call(fcinfo);
	if (PG_ARGISNULL(1))
		return dupex_spend_work_return(&work);
	other = dupex_spend_counts_in_any_form(PG_GETARG_DATUM(1));
	work.counts->nulls = dupex_left_out_add(work.counts->nulls, other->nulls);
	for (uint32 i = 0; i < other->row_count; i++)
		dupex_spend_work_add(&work, &other->rows[i]);
	return dupex_spend_work_return(&work);
}

/*
 * The final function: the stored form; NULL where nothing came. Rows that were left out count when
 * this is rolled up.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_final);
Datum
dupex_spend_counts_final(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	counts = dupex_spend_counts_in_any_form(PG_GETARG_DATUM(0));
	if (counts->row_count == 0 && counts->nulls == 0)
		PG_RETURN_NULL();
	return dupex_spend_counts_finish(PG_GETARG_DATUM(0));
}

/*
 * spend_counts_customers(counts): those the fit takes.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_customers);
Datum
dupex_spend_counts_customers(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts = dupex_spend_counts_argument(fcinfo, 0);
	double		customers = 0;

	for (uint32 i = 0; i < counts->row_count; i++)
		if (counts->rows[i].frequency > 0)
			customers += dupex_spend_weight(&counts->rows[i]);
	PG_RETURN_FLOAT8(customers);
}

/*
 * spend_counts_without_value(counts): repeat customers that the fit leaves out because their
 * orders had no value. Their row is the first.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_without_value);
Datum
dupex_spend_counts_without_value(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts = dupex_spend_counts_argument(fcinfo, 0);

	if (counts->row_count == 0 || counts->rows[0].frequency > 0)
		PG_RETURN_FLOAT8(0);
	PG_RETURN_FLOAT8(dupex_spend_weight(&counts->rows[0]));
}

PG_FUNCTION_INFO_V1(dupex_spend_counts_nulls);
Datum
dupex_spend_counts_nulls(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(dupex_spend_counts_argument(fcinfo, 0)->nulls);
}
