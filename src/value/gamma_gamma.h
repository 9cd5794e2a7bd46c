/*
 * gamma_gamma.h
 *		The gamma-gamma model of spending: likelihood and expected value of an order.
 *
 * Pure C. gamma_gamma.c tells the model.
 */
#ifndef DUPEX_GAMMA_GAMMA_H
#define DUPEX_GAMMA_GAMMA_H

#include <stdbool.h>
#include <stdint.h>

#include "value/optimise.h"

#define DUPEX_GAMMA_GAMMA_PARAMETERS	3
#define DUPEX_GAMMA_GAMMA_SAMPLE		8192

typedef struct DupexGammaGammaModel
{
	double		p;
	double		q;
	double		gamma;
} DupexGammaGammaModel;

/*
 * A customer, or weight of them, with frequency > 0 repeat orders of the mean value > 0. The
 * logarithm is that of their total, frequency mean_value; dupex_gamma_gamma_fit() fills it.
 */
typedef struct DupexSpend
{
	double		frequency;
	double		total;
	double		log_total;
	double		weight;
} DupexSpend;

extern void dupex_gamma_gamma_fit(DupexSpend *rows, uint32_t row_count, bool (*stop) (void *),
								  DupexSpend *sample, DupexFit *fit);
extern double dupex_gamma_gamma_expected(const DupexGammaGammaModel *model, double frequency, double mean_value);

#endif							/* DUPEX_GAMMA_GAMMA_H */
