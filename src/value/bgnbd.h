/*
 * bgnbd.h
 *		The models BG/NBD and MBG/NBD: likelihood, fit, predictions.
 *
 * Pure C. bgnbd.c and bgnbd_predict.c tell the formulas.
 */
#ifndef DUPEX_BGNBD_H
#define DUPEX_BGNBD_H

#include <stdbool.h>
#include <stdint.h>

#include "value/counts.h"
#include "value/optimise.h"

/*
 * Both models. first_dropout is 0 for BG/NBD, where a customer can drop out after each repeat
 * purchase, and 1 for MBG/NBD, where after the first purchase too.
 */
typedef struct DupexBgnbd
{
	double		r;
	double		alpha;
	double		a;
	double		b;
	int			first_dropout;
} DupexBgnbd;

/*
 * What is known of a customer who is still alive: the purchase rate is distributed as
 * gamma(shape, rate), the chance to drop out at a purchase as beta(a, b). difference is
 * a + b - shape, kept apart because it does not depend on what the customer has bought, and
 * would lose its digits for one who has bought much.
 */
typedef struct DupexBgnbdAlive
{
	double		shape;
	double		rate;
	double		a;
	double		b;
	double		difference;
} DupexBgnbdAlive;

/* rows must be in the order of dupex_purchase_row_compare() */
extern void dupex_bgnbd_fit(const DupexPurchaseRow *rows, uint32_t row_count, int first_dropout,
							bool (*stop) (void *), DupexPurchaseRow *sample, DupexFit *fit);
extern void dupex_bgnbd_reason(const DupexFit *fit, bool is_anybody_back, char *reason, size_t size);
extern double dupex_bgnbd_log_likelihood(const DupexBgnbd *model, const DupexPurchaseRow *rows, uint32_t row_count,
										 bool (*stop) (void *));

extern double dupex_bgnbd_alive(const DupexBgnbd *model, double frequency, double recency, double age);
extern DupexBgnbdAlive dupex_bgnbd_when_alive(const DupexBgnbd *model, double frequency, double age);
extern DupexBgnbdAlive dupex_bgnbd_when_new(const DupexBgnbd *model, double *alive);
extern double dupex_bgnbd_still_alive(const DupexBgnbdAlive *customer, double ahead);
extern double dupex_bgnbd_orders(const DupexBgnbdAlive *customer, double horizon);
extern void dupex_bgnbd_orders_until(const DupexBgnbdAlive *customer, const double *horizon, int count, double *orders);
extern double dupex_bgnbd_none(const DupexBgnbd *model, const DupexBgnbdAlive *customer, double frequency,
							   double recency, double age, double horizon);
extern double dupex_bgnbd_exactly(const DupexBgnbdAlive *customer, double orders, double horizon);

#endif							/* DUPEX_BGNBD_H */
