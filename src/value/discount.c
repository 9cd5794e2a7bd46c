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
 *
 * Horizons are asked for by the dozen, as most of what a model computes for one serves the others.
 */
double
dupex_discounted_orders(DupexExpectedOrders expected, const void *customer, int periods,
						double period_length, double rate)
{
	double		horizon[DUPEX_HORIZONS];
	double		orders[DUPEX_HORIZONS];
	double		factor = 1;
	double		sum = 0;

	if (periods == 0)
		return 0;
	if (rate == 0)
	{
		horizon[0] = periods * period_length;
		expected(customer, horizon, 1, orders);
		return orders[0];
	}
	for (int done = 0; done < periods; done += DUPEX_HORIZONS)
	{
		int			count = periods - done < DUPEX_HORIZONS ? periods - done : DUPEX_HORIZONS;

		for (int i = 0; i < count; i++)
			horizon[i] = (done + i + 1) * period_length;
		expected(customer, horizon, count, orders);
		for (int i = 0; i < count; i++)
		{
			factor /= 1 + rate;
			sum += orders[i] * (done + i + 1 < periods ? factor * (rate / (1 + rate)) : factor);
		}
	}
	return sum;
}
