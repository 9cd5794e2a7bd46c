/*
 * pg_arguments.c
 *		Arguments that functions of several models have in common, checked.
 */
#include "value/pg_arguments.h"

#include <math.h>

#include "value/pg_value.h"

/*
 * A time to look ahead, argument n; raises 22023 for a negative one, and for one beyond 10^100
 * units, at which nothing changes any more and products leave the range of a double.
 */
double
dupex_horizon_argument(FunctionCallInfo fcinfo, int n)
{
	double		horizon = PG_GETARG_FLOAT8(n);

	if (!(horizon >= 0 && horizon <= 1e100))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a time to look ahead of %g", horizon),
				 errdetail("It is counted in units of the model from the end of observation on, from 0 to 10^100.")));
	return horizon;
}

/*
 * A discount rate, argument n: .01 is one percent. Raises 22023 for a negative or infinite one.
 */
double
dupex_discount_argument(FunctionCallInfo fcinfo, int n)
{
	double		rate = PG_GETARG_FLOAT8(n);

	if (!(rate >= 0) || isinf(rate))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a discount rate of %g", rate),
				 errdetail("A rate is finite and not negative."),
				 errhint("Write 0.01 for one percent.")));
	return rate;
}

/*
 * A number of orders, argument n.
 */
int
dupex_orders_argument(FunctionCallInfo fcinfo, int n)
{
	int			orders = PG_GETARG_INT32(n);

	if (orders < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a number of orders of %d", orders),
				 errdetail("It is not negative.")));
	return orders;
}

/*
 * A number of periods, argument n, from 0 to a limit.
 */
int
dupex_periods_argument(FunctionCallInfo fcinfo, int n, int limit)
{
	int			periods = PG_GETARG_INT32(n);

	if (periods < 0 || periods > limit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a number of periods of %d", periods),
				 errdetail("It goes from 0 to %d.", limit)));
	return periods;
}

/*
 * Frequency, recency and age of a customer, arguments n to n + 2, into row; raises 22023 for
 * one that cannot be.
 */
void
dupex_customer_arguments(FunctionCallInfo fcinfo, int n, double *row)
{
	DupexPurchaseStatus status;

	for (int i = 0; i < 3; i++)
		row[i] = PG_GETARG_FLOAT8(n + i);
	status = dupex_purchase_check(row[0], row[1], row[2]);
	if (status != DUPEX_PURCHASE_OK)
		dupex_purchase_complain(status, row[0], row[1], row[2], 1, false);
}
