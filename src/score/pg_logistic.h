/*
 * pg_logistic.h
 *		What the two kinds of logistic regression, of numbers and of features, share.
 */
#ifndef DUPEX_PG_LOGISTIC_H
#define DUPEX_PG_LOGISTIC_H

#include "runner/pg_rows.h"
#include "score/pg_tally.h"

#include "score/logistic.h"

/*
 * A model for scoring. Contributions are those of a case that differs from the mean.
 */
typedef struct DupexLogisticModel
{
	int			columns;
	double	   *coefficients;	/* columns + 1, the constant first; NULL where
								 * the fit gave none */
	double	   *means;
} DupexLogisticModel;

extern double *dupex_logistic_array(Datum array, const char *what, int *count);
extern Datum dupex_logistic_make(TupleDesc type, DupexDesign *design, Datum names, bool no_names, DupexLogisticFit *fit);
extern void dupex_logistic_read(HeapTupleHeader model, DupexLogisticModel *result);
extern double dupex_logistic_constant(const DupexLogisticModel *model);
extern double dupex_logistic_contribution(const DupexLogisticModel *model, int column, double x);
extern void dupex_logistic_breathe(void);
extern void dupex_logistic_check_l2(double l2);
extern void dupex_logistic_room(DupexDesign *design, size_t rows, int columns);
extern void dupex_logistic_sparse_room(DupexDesign *design, size_t rows, size_t numbers, int columns);

#endif							/* DUPEX_PG_LOGISTIC_H */
