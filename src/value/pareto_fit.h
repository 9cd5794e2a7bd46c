/*
 * pareto_fit.h
 *		Fit of the Pareto/NBD model.
 *
 * Pure C. pareto_fit.c tells more.
 */
#ifndef DUPEX_PARETO_FIT_H
#define DUPEX_PARETO_FIT_H

#include "value/counts.h"
#include "value/optimise.h"
#include "value/pareto.h"

extern void dupex_pareto_fit(const DupexPurchaseRow *rows, uint32_t row_count, bool (*stop) (void *),
							 DupexPurchaseRow *sample, DupexFit *fit);
extern double dupex_pareto_log_likelihood(const DupexParetoModel *model, const DupexPurchaseRow *rows, uint32_t row_count,
										  bool (*stop) (void *));

#endif							/* DUPEX_PARETO_FIT_H */
