/*
 * pareto.h
 *		The Pareto/NBD model of purchases: likelihood, gradient, predictions.
 *
 * Pure C. pareto.c tells the model and the idea.
 */
#ifndef DUPEX_PARETO_H
#define DUPEX_PARETO_H

#include <stdbool.h>

#define DUPEX_PARETO_PARAMETERS	4

/* all above 0; rate in time units of 1/alpha, dropout of 1/beta */
typedef struct DupexParetoModel
{
	double		r;
	double		alpha;
	double		s;
	double		beta;
} DupexParetoModel;

/*
 * What the likelihood of a customer needs of x and the parameters alone; rows sorted by x
 * compute it once for each x.
 */
typedef struct DupexParetoRate
{
	double		x;
	double		log_rising;		/* log of gamma(r + x) / gamma(r) */
	double		slope;			/* its derivative by r */
} DupexParetoRate;

extern void dupex_pareto_rate(const DupexParetoModel *model, double x, DupexParetoRate *rate);
extern double dupex_pareto_row_log_likelihood(const DupexParetoModel *model, const DupexParetoRate *rate,
											  double t_x, double age, double *gradient);

extern double dupex_pareto_alive(const DupexParetoModel *model, double x, double t_x, double age, double ahead);
extern double dupex_pareto_kernel(const DupexParetoModel *model, double x, double age, double horizon);
extern void dupex_pareto_kernels(const DupexParetoModel *model, double x, double age, const double *horizon, int count, double *orders);
extern double dupex_pareto_none_if_alive(const DupexParetoModel *model, double x, double age, double horizon);
extern double dupex_pareto_orders_if_alive(const DupexParetoModel *model, double x, double age, double orders, double horizon);
extern double dupex_pareto_discounted_kernel(const DupexParetoModel *model, double x, double age, double rate);
extern double dupex_pareto_dropout_odds(const DupexParetoModel *model, double x, double t_x, double age);

#endif							/* DUPEX_PARETO_H */
