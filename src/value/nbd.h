/*
 * nbd.h
 *		The NBD model of purchases, in which nobody drops out: likelihood, fit, predictions.
 *
 * Pure C. nbd.c tells the model.
 */
#ifndef DUPEX_NBD_H
#define DUPEX_NBD_H

#include "value/counts.h"
#include "value/optimise.h"

#define DUPEX_NBD_PARAMETERS	2

/* both above 0; the order rate has the mean r / alpha */
typedef struct DupexNbdModel
{
	double		r;
	double		alpha;
} DupexNbdModel;

extern void dupex_nbd_fit(const DupexPurchaseRow *rows, uint32_t row_count, bool (*stop) (void *), DupexFit *fit);
extern double dupex_nbd_log_likelihood(const DupexNbdModel *model, const DupexPurchaseRow *rows, uint32_t row_count,
									   bool (*stop) (void *));
extern double dupex_nbd_kernel(const DupexNbdModel *model, double x, double age, double horizon);
extern double dupex_nbd_orders(const DupexNbdModel *model, double x, double age, double orders, double horizon);

#endif							/* DUPEX_NBD_H */
