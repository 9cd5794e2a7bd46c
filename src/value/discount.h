/*
 * discount.h
 *		The present value of orders to come.
 *
 * Pure C. discount.c tells the rule.
 */
#ifndef DUPEX_DISCOUNT_H
#define DUPEX_DISCOUNT_H

#define DUPEX_DISCOUNT_MAX_PERIODS	10000

/* expected orders of a customer within a horizon */
typedef double (*DupexExpectedOrders) (const void *customer, double horizon);

extern double dupex_discounted_orders(DupexExpectedOrders expected, const void *customer, int periods,
									  double period_length, double rate);

#endif							/* DUPEX_DISCOUNT_H */
