/*
 * bgbb.h
 *		The BG/BB model of discrete opportunities to order: likelihood and predictions.
 *
 * Pure C. bgbb.c tells the model.
 */
#ifndef DUPEX_BGBB_H
#define DUPEX_BGBB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "value/optimise.h"

#define DUPEX_BGBB_PARAMETERS	4
#define DUPEX_BGBB_MAX_PERIODS	10000

/* all above 0: orders are beta (alpha, beta), dropout is beta (gamma, delta) */
typedef struct DupexBgbbModel
{
	double		alpha;
	double		beta;
	double		gamma;
	double		delta;
} DupexBgbbModel;

/*
 * weight customers who ordered in frequency of their first periods opportunities, the last time
 * in the one with number recency (0: never); frequency <= recency <= periods.
 */
typedef struct DupexBgbbRow
{
	int			frequency;
	int			recency;
	int			periods;
	double		weight;
} DupexBgbbRow;

/* doubles of working memory that a fit needs for rows of up to so many periods */
#define DUPEX_BGBB_TABLE_SIZE(periods) (10 * ((size_t) (periods) + 2))

extern void dupex_bgbb_fit(const DupexBgbbRow *rows, uint32_t row_count, double *table, bool (*stop) (void *), DupexFit *fit);

extern double dupex_bgbb_alive(const DupexBgbbModel *model, const DupexBgbbRow *row, int ahead);
extern double dupex_bgbb_kernel(const DupexBgbbModel *model, int frequency, int periods, int horizon);
extern double dupex_bgbb_orders_if_alive(const DupexBgbbModel *model, int frequency, int periods, int orders, int horizon);
extern double dupex_bgbb_discounted_kernel(const DupexBgbbModel *model, int frequency, int periods, int horizon, double rate);
extern double dupex_bgbb_residual_kernel(const DupexBgbbModel *model, int frequency, int periods, double rate);

#endif							/* DUPEX_BGBB_H */
