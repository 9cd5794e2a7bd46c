/*
 * optimise.h
 *		Maximum likelihood for models with a few positive parameters.
 *
 * Pure C. optimise.c tells the method.
 */
#ifndef DUPEX_OPTIMISE_H
#define DUPEX_OPTIMISE_H

#include <stdbool.h>
#include <stddef.h>

#define DUPEX_FIT_MAX_SIZE	4

/* steps of a search at most */
#define DUPEX_FIT_MAX_ITERATIONS	400

/* logarithms of parameters stay within plus and minus this */
#define DUPEX_FIT_LOG_BOX	25.0

/*
 * What is to be maximised.
 *
 * evaluate returns the log-likelihood at the logarithms of the parameters and stores its
 * derivatives by these logarithms. A value or a derivative that is not finite says that there is
 * nothing to be found there: the step is taken back. So it must never end by itself. Where it
 * sums over many rows it asks stop from time to time (or raises an error from within, as nothing
 * here needs to be released); true makes the fit end with DUPEX_FIT_STOPPED. stop may be NULL.
 */
typedef struct DupexLikelihood
{
	int			size;			/* number of parameters */
	double		customers;		/* total weight of the rows, above 0 */
	double		(*evaluate) (void *data, const double *log_parameter, double *gradient);
	bool		(*stop) (void *data);
	void	   *data;
} DupexLikelihood;

typedef enum DupexFitStatus
{
	DUPEX_FIT_CONVERGED = 0,
	DUPEX_FIT_BOUNDARY,			/* the likelihood grows towards a limit that
								 * direction tells, and is as good as there */
	DUPEX_FIT_NOT_IDENTIFIABLE, /* the data say nothing on the parameters that
								 * direction tells */
	DUPEX_FIT_LIMIT,			/* iterations used up, or no step upwards
								 * found while the gradient is not small */
	DUPEX_FIT_STOPPED,			/* stop said so */
	DUPEX_FIT_NO_START			/* the likelihood is not finite at the start */
} DupexFitStatus;

typedef struct DupexFit
{
	int			size;
	DupexFitStatus status;
	double		parameter[DUPEX_FIT_MAX_SIZE];
	bool		has_standard_errors;
	double		standard_error[DUPEX_FIT_MAX_SIZE]; /* of the parameters
													 * themselves */
	double		log_likelihood;
	double		customers;
	double		gradient_norm;	/* largest derivative by a logarithm, a
								 * customer */
	int			iterations;
	int			evaluations;

	/* of the logarithms of the parameters; where there are standard errors */
	double		covariance[DUPEX_FIT_MAX_SIZE][DUPEX_FIT_MAX_SIZE];

	/*
	 * where the maximum is at no finite point: -1 for a parameter that goes
	 * to 0, 1 for one that grows without limit, 0 for one that is not
	 * concerned
	 */
	int			direction[DUPEX_FIT_MAX_SIZE];
} DupexFit;

extern void dupex_fit_maximise(const DupexLikelihood *likelihood, const double *start, DupexFit *fit);
extern int	dupex_fit_maximise_best(const DupexLikelihood *likelihood, const double (*start)[DUPEX_FIT_MAX_SIZE],
									int count, DupexFit *fit);
extern void dupex_fit_maximise_from(const DupexLikelihood *likelihood, const DupexFit *sample, const double *start,
									const double *usual, DupexFit *fit);
extern void dupex_fit_limit(const DupexFit *fit, const char *const *names, char *text, size_t size);
extern double dupex_fit_aic(const DupexFit *fit);
extern double dupex_fit_bic(const DupexFit *fit);

#endif							/* DUPEX_OPTIMISE_H */
