/*
 * logistic.h
 *		Logistic regression by Newton's method.
 *
 * Pure C. logistic.c tells the idea.
 */
#ifndef DUPEX_LOGISTIC_H
#define DUPEX_LOGISTIC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A number of a row that is mostly zeros.
 */
typedef struct DupexSparse
{
	int			column;
	double		x;
} DupexSparse;

/*
 * What is fitted: rows of columns, with the weights of the outcomes of each row. Full rows are
 * standardised in place. Sparse rows, where x is NULL, stay as they are; their columns should be
 * of about the same size.
 */
typedef struct DupexDesign
{
	size_t		rows;
	int			columns;
	double	   *x;				/* rows times columns */
	const DupexSparse *sparse;	/* what is not 0, row by row, by column */
	const size_t *starts;		/* of the rows in sparse, and the end */
	const double *won;
	const double *lost;
	int			offset;			/* column whose coefficient is 1; -1 for none */
	double		l2;				/* penalty l2 / 2 times the squares of the
								 * coefficients but the first */
	void		(*breathe) (void);	/* called now and then; may not return */
} DupexDesign;

typedef enum DupexLogisticStatus
{
	DUPEX_LOGISTIC_CONVERGED,
	DUPEX_LOGISTIC_ONE_OUTCOME, /* no row has won, or none has lost */
	DUPEX_LOGISTIC_SEPARATED,	/* a combination of columns predicts without
								 * error on at least one side */
	DUPEX_LOGISTIC_COMPLETELY_SEPARATED,	/* on both sides */
	DUPEX_LOGISTIC_NOT_CONVERGED
} DupexLogisticStatus;

/*
 * The result. The arrays are the caller's: coefficients and standard errors have columns + 1
 * elements, the first that of the constant; means and deviations have columns.
 */
typedef struct DupexLogisticFit
{
	double	   *coefficients;
	double	   *standard_errors;	/* NaN where there is none */
	double	   *means;
	double	   *deviations;		/* 0 for a column that is constant */
	bool	   *is_fixed;		/* columns + 1: the offset, and columns that
								 * are combinations of others */
	bool	   *is_separating;	/* columns + 1 */
	double	   *work;			/* dupex_logistic_work() numbers */
	bool		is_standardised;	/* rows were full */
	double		won;
	double		lost;
	double		log_likelihood;
	double		saturated_log_likelihood;
	int			iterations;
	DupexLogisticStatus status;
} DupexLogisticFit;

extern size_t dupex_logistic_work(int columns);
extern void dupex_logistic_fit(DupexDesign *design, DupexLogisticFit *fit);

#endif							/* DUPEX_LOGISTIC_H */
