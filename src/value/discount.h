/*
 * discount.h
 *		The present value of orders to come.
 *
 * Pure C. discount.c tells the rule.
 */
#ifndef DUPEX_DISCOUNT_H
#define DUPEX_DISCOUNT_H

#define DUPEX_DISCOUNT_MAX_PERIODS	10000

/* so many horizons are asked for together: the months of a year */
#define DUPEX_HORIZONS	12

/* expected orders of a customer within each of count <= DUPEX_HORIZONS ascending horizons */
typedef void (*DupexExpectedOrders) (const void *customer, const double *horizon, int count, double *orders);

extern double dupex_discounted_orders(DupexExpectedOrders expected, const void *customer, int periods,
									  double period_length, double rate);

#endif							/* DUPEX_DISCOUNT_H */
