/*
 * pg_value.h
 *		What the PostgreSQL side of customer value shares: the state purchase_counts, models as
 *		composite values.
 */
#ifndef DUPEX_PG_VALUE_H
#define DUPEX_PG_VALUE_H

#include "dupex.h"

#include "runner/pg_stop.h"
#include "value/counts.h"
#include "value/history.h"
#include "value/optimise.h"

/*
 * The state purchase_counts: a flat varlena. What is stored has its rows in order
 * (dupex_purchase_row_compare), each (x, t_x, T) once, and neither slack nor slots. What an
 * aggregate works on has room for more rows, unordered, and the slots of a hash table that
 * finds a row by its (x, t_x, T), behind them or, when there are many, apart (pg_counts_work.c):
 * dupex_purchase_counts_argument() hides it.
 */
typedef struct DupexPurchaseCounts
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		is_working;		/* 1 in an aggregate, 0 when stored */
	uint16		unused;
	uint32		row_count;
	uint32		capacity;		/* rows there is room for */
	uint32		slot_count;		/* of the hash table; 0 when stored */
	uint32		unused2;
	int64		nulls;			/* rows left out because something was NULL */
	int64		impossible;		/* rows left out because they cannot be */
	DupexPurchaseRow rows[FLEXIBLE_ARRAY_MEMBER];
} DupexPurchaseCounts;

/* argument n as it would be stored: rows in order, each once; may be the argument itself */
extern const DupexPurchaseCounts *dupex_purchase_counts_argument(FunctionCallInfo fcinfo, int n);

/* raises 22023 with the row in the message for a row that cannot be, collected or asked of a model */
pg_noreturn extern void dupex_purchase_complain(DupexPurchaseStatus status, double frequency, double recency,
												double age, double weight, bool is_collecting);

/*
 * Fitted models are composite types whose columns are
 *		the parameters float8, log_likelihood float8, customers float8, status text,
 *		iterations int, gradient_norm float8, unit text, aic float8, bic float8,
 *		standard_errors float8[]
 * so that they can be read by column, stored, printed and compared. unit is NULL in those
 * without one (spend, cohorts by period).
 *
 * dupex_model_return() makes one, of the result type of the calling function. reason says in
 * words what a boundary means (only asked for where status is no DUPEX_FIT_CONVERGED; may be
 * NULL). Parameters beyond the range of a model are put at its ends.
 */
extern Datum dupex_model_return(FunctionCallInfo fcinfo, DupexFit *fit, const char *reason, const char *unit);

/*
 * Argument n, a unit of time: hour, day, week, month or year, or their plurals. Raises 22023 for
 * another one. The second gives its name only, in the singular.
 */
extern const DupexTimeUnit *dupex_time_unit_argument(FunctionCallInfo fcinfo, int n);
extern const char *dupex_unit_argument(FunctionCallInfo fcinfo, int n);

/*
 * The parameters of a model that is argument n: its first size columns. Raises 22023 for a
 * parameter that is NULL, not above 0 or not finite. The values are kept in the function's
 * fn_extra and found again as long as the same model comes (equal bytes), which makes the call
 * cheap: the result is a DupexModelMemory whose first part is filled and whose rest, of
 * memory_size bytes in total, is the caller's own, zeroed when the model has changed.
 */
typedef struct DupexModelMemory
{
	double		parameter[DUPEX_FIT_MAX_SIZE];
	Size		model_size;		/* bytes of the model below */
	char	   *model;
} DupexModelMemory;

extern DupexModelMemory *dupex_model_argument(FunctionCallInfo fcinfo, int n, int size, Size memory_size);

#endif							/* DUPEX_PG_VALUE_H */
