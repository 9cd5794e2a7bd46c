/*
 * discount.c
 *		The present value of orders to come.
 *
 * Pure C: no memory, no state, no error.
 */
#include "value/discount.h"

/*
 * Expected orders of each of the next periods, which are period_length long, discounted to the
 * end of their period by 1 + rate a period, and added up.
 *
 * Written as a sum of differences of the orders up to the ends, it would ask for all of them
 * even without a discount, and lose digits where periods are short. So it is summed by parts
 * (Abel): what is ordered up to an end is worth the interest of the next period, or, at the last
 * end, all of it. No term is negative.
 */
double
dupex_discounted_orders(DupexExpectedOrders expected, const void *customer, int periods,
						double period_length, double rate)
{
	double		factor = 1;
	double		sum = 0;

	if (periods == 0)
		return 0;
	if (rate == 0)
		return expected(customer, periods * period_length);
	for (int k = 1; k < periods; k++)
	{
		factor /= 1 + rate;
		sum += expected(customer, k * period_length) * (factor * (rate / (1 + rate)));
	}
	return sum + expected(customer, periods * period_length) * (factor / (1 + rate));
}
