/*
 * pg_logistic.c
 *		Models of logistic regression as values of SQL, and scores from them.
 *
 * A model is of the composite type logistic_model: its coefficients and what is known of them can
 * be stored, printed and queried. To score many rows with one, it is taken apart once.
 */
#include "score/pg_logistic.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "score/naive_bayes.h"
#include "stats/normal.h"

/* numbers of a design at most: 4 GB */
#define MAX_NUMBERS	(UINT64CONST(1) << 29)

/* columns of logistic_model */
enum
{
	MODEL_COEFFICIENTS,
	MODEL_STANDARD_ERRORS,
	MODEL_Z_VALUES,
	MODEL_P_VALUES,
	MODEL_ODDS_RATIOS,
	MODEL_NAMES,
	MODEL_MEANS,
	MODEL_LOG_LIKELIHOOD,
	MODEL_NULL_LOG_LIKELIHOOD,
	MODEL_SATURATED_LOG_LIKELIHOOD,
	MODEL_WEIGHT_TRUE,
	MODEL_WEIGHT_FALSE,
	MODEL_DISTINCT_ROWS,
	MODEL_L2,
	MODEL_ITERATIONS,
	MODEL_CONVERGED,
	MODEL_STATUS,
	MODEL_COLUMNS
};

/*
 * The numbers of an array of one dimension or none. Raises 22004 for a NULL among them, 2202E for
 * more dimensions.
 */
double *
dupex_logistic_array(Datum array, const char *what, int *count)
{
	ArrayType  *numbers = DatumGetArrayTypeP(array);

	if (ARR_NDIM(numbers) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%s must be an array of one dimension", what),
				 errdetail("It has %d dimensions.", ARR_NDIM(numbers)),
				 errhint("Write one number for each feature.")));
	if (array_contains_nulls(numbers))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not contain NULL", what),
				 errdetail("A regression of numbers needs all of them."),
				 errhint("Leave the row out, or use logistic_case_agg(), which takes what is missing for a value of its own.")));
	*count = ARR_NDIM(numbers) == 0 ? 0 : ARR_DIMS(numbers)[0];
	/* ARR_DATA_PTR() mixes signed and unsigned numbers */
	return (double *) ((char *) numbers + (ARR_HASNULL(numbers) ? (Size) numbers->dataoffset : ARR_OVERHEAD_NONULLS(ARR_NDIM(numbers))));
}

/*
 * Lets the user stop a long fit.
 */
void
dupex_logistic_breathe(void)
{
	CHECK_FOR_INTERRUPTS();
}

/*
 * Raises 22023 for a penalty that is negative or not finite.
 */
void
dupex_logistic_check_l2(double l2)
{
	if (!(l2 >= 0 && isfinite(l2)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("l2 must be a number from 0 on: \"%g\"", l2),
				 errdetail("Half of it, times the squares of the coefficients, is taken off the log-likelihood."),
				 errhint("Use 0 for maximum likelihood.")));
}

static void
make_room(DupexDesign *design, size_t rows, size_t numbers, int columns)
{
	if ((uint64) numbers > MAX_NUMBERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%zu different rows of %d columns are too many", rows, columns),
				 errdetail("A fit holds up to 4 GB of numbers."),
				 errhint("Round numbers, or put them into classes, so that more rows are equal; or fit a sample.")));
	design->rows = rows;
	design->columns = columns;
	design->breathe = dupex_logistic_breathe;
	design->won = MemoryContextAllocHuge(CurrentMemoryContext, (rows + 1) * sizeof(double));
	design->lost = MemoryContextAllocHuge(CurrentMemoryContext, (rows + 1) * sizeof(double));
}

/*
 * Memory for a design of full rows. Raises 54000 where it would be more than 4 GB.
 */
void
dupex_logistic_room(DupexDesign *design, size_t rows, int columns)
{
	make_room(design, rows, rows * ((size_t) columns + 2), columns);
	design->x = MemoryContextAllocHuge(CurrentMemoryContext, (rows * (size_t) columns + 1) * sizeof(double));
}

/*
 * Memory for a design of sparse rows, which have so many numbers in all. Errors as above.
 */
void
dupex_logistic_sparse_room(DupexDesign *design, size_t rows, size_t numbers, int columns)
{
	make_room(design, rows, 2 * numbers + 3 * rows, columns);
	design->sparse = MemoryContextAllocHuge(CurrentMemoryContext, (numbers + 1) * sizeof(DupexSparse));
	design->starts = MemoryContextAllocHuge(CurrentMemoryContext, (rows + 2) * sizeof(size_t));
}

/*
 * An array of numbers in which NaN becomes NULL.
 */
static Datum
array_of(const double *numbers, int count)
{
	Datum	   *elements = palloc(sizeof(Datum) * (Size) (count + 1));
	bool	   *nulls = palloc(sizeof(bool) * (Size) (count + 1));
	int			dimensions[1] = {count};
	int			lower_bounds[1] = {1};

	for (int i = 0; i < count; i++)
	{
		nulls[i] = !isfinite(numbers[i]);
		elements[i] = Float8GetDatum(numbers[i]);
	}
	return PointerGetDatum(construct_md_array(elements, nulls, count > 0 ? 1 : 0, dimensions, lower_bounds,
											  FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * The name of a column, for messages.
 */
static char *
name_of(const Datum *names, int count, int column)
{
	return column < count ? TextDatumGetCString(names[column]) : psprintf("feature %d", column + 1);
}

/*
 * The names of the columns that are marked, which begin behind the constant.
 */
static char *
list_of(const bool *marks, int columns, int leave_out, const Datum *names, int name_count)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int j = 0; j < columns; j++)
		if (marks[j + 1] && j != leave_out)
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", name_of(names, name_count, j));
	return list.data;
}

/*
 * What came of the fit, in words.
 */
static const char *
status_of(const DupexDesign *design, const DupexLogisticFit *fit, const Datum *names, int name_count)
{
	char	   *dependent = list_of(fit->is_fixed, design->columns, design->offset, names, name_count);
	char	   *separating = list_of(fit->is_separating, design->columns, -1, names, name_count);

	switch (fit->status)
	{
		case DUPEX_LOGISTIC_CONVERGED:
			return dependent[0] == '\0' ? "converged"
				: psprintf("converged; constant or a combination of others, left out: %s", dependent);
		case DUPEX_LOGISTIC_ONE_OUTCOME:
			return "all outcomes are the same: there is nothing to tell apart";
		case DUPEX_LOGISTIC_SEPARATED:
			return psprintf("separation: where %s says so, all outcomes are the same; use l2 > 0 or leave it out", separating);
		case DUPEX_LOGISTIC_COMPLETELY_SEPARATED:
			return psprintf("complete separation: %s predicts every outcome; use l2 > 0 or leave it out", separating);
		default:
			return psprintf("not converged after %d iterations", fit->iterations);
	}
}

/*
 * Derived statistics of the coefficients: z, two-sided p, odds ratios.
 */
static void
put_statistics(const DupexLogisticFit *fit, int count, Datum *values)
{
	double	   *numbers = palloc(sizeof(double) * (Size) count);

	values[MODEL_COEFFICIENTS] = array_of(fit->coefficients, count);
	values[MODEL_STANDARD_ERRORS] = array_of(fit->standard_errors, count);
	for (int j = 0; j < count; j++)
		numbers[j] = fit->coefficients[j] / fit->standard_errors[j];
	values[MODEL_Z_VALUES] = array_of(numbers, count);
	for (int j = 0; j < count; j++)
		numbers[j] = isfinite(numbers[j]) ? fmin(1, 2 * dupex_normal_upper_tail(fabs(numbers[j]))) : NAN;
	values[MODEL_P_VALUES] = array_of(numbers, count);
	for (int j = 0; j < count; j++)
		numbers[j] = exp(fit->coefficients[j]);
	values[MODEL_ODDS_RATIOS] = array_of(numbers, count);
}

/*
 * Names given to the columns: NULL, or a text array of one for each column. 22023 otherwise.
 */
static int
read_names(Datum names, bool no_names, int columns, Datum **elements)
{
	int			count;
	bool	   *nulls;

	*elements = NULL;
	if (no_names)
		return 0;
	deconstruct_array(DatumGetArrayTypeP(names), TEXTOID, -1, false, TYPALIGN_INT, elements, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (nulls[i])
			count = -1;
	if (count != columns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("names must be one for each of %d features", columns),
				 errdetail("The names are shown by logistic_coefficients() and logistic_reasons()."),
				 errhint("Give them in the order of the features, the constant has none.")));
	return count;
}

/*
 * Log-likelihood of a model of the constant alone.
 */
static double
null_log_likelihood(const DupexLogisticFit *fit)
{
	double		total = fit->won + fit->lost;

	return (fit->won > 0 ? fit->won * log(fit->won / total) : 0) + (fit->lost > 0 ? fit->lost * log(fit->lost / total) : 0);
}

/*
 * Fits, and makes a logistic_model, whose row type is given, of what came of it.
 */
Datum
dupex_logistic_make(TupleDesc type, DupexDesign *design, Datum names, bool no_names, DupexLogisticFit *fit)
{
	int			count = design->columns + 1;
	Datum	   *name;
	int			name_count = read_names(names, no_names, design->columns, &name);
	Datum		values[MODEL_COLUMNS] = {0};
	bool		nulls[MODEL_COLUMNS] = {false};
	bool		none;

	if (type->natts != MODEL_COLUMNS)
		elog(ERROR, "logistic_model is declared with other columns");
	fit->coefficients = palloc0(sizeof(double) * (Size) count);
	fit->standard_errors = palloc0(sizeof(double) * (Size) count);
	fit->means = palloc0(sizeof(double) * (Size) count);
	fit->deviations = palloc0(sizeof(double) * (Size) count);
	fit->is_fixed = palloc0((Size) count);
	fit->is_separating = palloc0((Size) count);
	fit->work = palloc0(sizeof(double) * dupex_logistic_work(design->columns));
	dupex_logistic_fit(design, fit);

	none = fit->status == DUPEX_LOGISTIC_ONE_OUTCOME;
	for (int i = MODEL_COEFFICIENTS; i <= MODEL_ODDS_RATIOS; i++)
		nulls[i] = none;
	if (!none)
		put_statistics(fit, count, values);
	nulls[MODEL_NAMES] = no_names;
	values[MODEL_NAMES] = names;
	values[MODEL_MEANS] = array_of(fit->means, design->columns);
	values[MODEL_LOG_LIKELIHOOD] = Float8GetDatum(fit->log_likelihood);
	nulls[MODEL_NULL_LOG_LIKELIHOOD] = design->offset >= 0;
	values[MODEL_NULL_LOG_LIKELIHOOD] = Float8GetDatum(null_log_likelihood(fit));
	values[MODEL_SATURATED_LOG_LIKELIHOOD] = Float8GetDatum(fit->saturated_log_likelihood);
	values[MODEL_WEIGHT_TRUE] = Float8GetDatum(fit->won);
	values[MODEL_WEIGHT_FALSE] = Float8GetDatum(fit->lost);
	values[MODEL_DISTINCT_ROWS] = Int64GetDatum((int64) design->rows);
	values[MODEL_L2] = Float8GetDatum(design->l2);
	values[MODEL_ITERATIONS] = Int32GetDatum(fit->iterations);
	values[MODEL_CONVERGED] = BoolGetDatum(fit->status == DUPEX_LOGISTIC_CONVERGED);
	values[MODEL_STATUS] = CStringGetTextDatum(status_of(design, fit, name, name_count));
	return HeapTupleGetDatum(heap_form_tuple(type, values, nulls));
}

/*
 * Takes a model apart. Raises 22023 for one that no fit has made.
 */
void
dupex_logistic_read(HeapTupleHeader model, DupexLogisticModel *result)
{
	TupleDesc	type = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(model), HeapTupleHeaderGetTypMod(model));
	HeapTupleData tuple;
	Datum		values[MODEL_COLUMNS];
	bool		nulls[MODEL_COLUMNS];
	int			count = 0;

	if (type->natts != MODEL_COLUMNS)
		elog(ERROR, "logistic_model is declared with other columns");
	tuple.t_len = HeapTupleHeaderGetDatumLength(model);
	ItemPointerSetInvalid(&(tuple.t_self));
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = model;
	heap_deform_tuple(&tuple, type, values, nulls);
	ReleaseTupleDesc(type);

	result->coefficients = NULL;
	result->columns = 0;
	if (!nulls[MODEL_MEANS])
		result->means = dupex_logistic_array(values[MODEL_MEANS], "means", &result->columns);
	if (!nulls[MODEL_COEFFICIENTS])
		result->coefficients = dupex_logistic_array(values[MODEL_COEFFICIENTS], "coefficients", &count);
	if (nulls[MODEL_MEANS] || (result->coefficients != NULL && count != result->columns + 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the value is not a model that logistic_fit() has made"),
				 errdetail("It has %d coefficients and %d means of features.", count, result->columns),
				 errhint("Store models as they are.")));
}

/*
 * What the model says of an average case.
 */
double
dupex_logistic_constant(const DupexLogisticModel *model)
{
	double		sum = model->coefficients[0];

	for (int j = 0; j < model->columns; j++)
		sum += model->coefficients[j + 1] * model->means[j];
	return dupex_log_odds_round(sum);
}

/*
 * What a column adds to that.
 */
double
dupex_logistic_contribution(const DupexLogisticModel *model, int column, double x)
{
	return dupex_log_odds_round(model->coefficients[column + 1] * (x - model->means[column]));
}

static void *
prepare(Datum value)
{
	DupexLogisticModel *model = palloc(sizeof(DupexLogisticModel));

	dupex_logistic_read(DatumGetHeapTupleHeader(value), model);
	return model;
}

/*
 * The features of a case, as many as the model has. 22023 otherwise.
 */
static const double *
features_of(FunctionCallInfo fcinfo, const DupexLogisticModel *model)
{
	int			count;
	const double *features = dupex_logistic_array(PG_GETARG_DATUM(1), "features", &count);

	if (count != model->columns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d features given, the model has %d", count, model->columns),
				 errdetail("Features are those that the model was fitted with, in the same order, without a constant."),
				 errhint("See logistic_coefficients() of the model.")));
	return features;
}

/*
 * Log-odds, exactly the sum of the contributions; false where the model has no coefficients.
 */
static bool
log_odds_of(FunctionCallInfo fcinfo, double *log_odds)
{
	const DupexLogisticModel *model = dupex_kept(fcinfo, 0, prepare);
	const double *features = features_of(fcinfo, model);

	if (model->coefficients == NULL)
		return false;
	*log_odds = dupex_logistic_constant(model);
	for (int j = 0; j < model->columns; j++)
		*log_odds += dupex_logistic_contribution(model, j, features[j]);
	return true;
}

PG_FUNCTION_INFO_V1(dupex_logistic_log_odds);
Datum
dupex_logistic_log_odds(PG_FUNCTION_ARGS)
{
	double		log_odds;

	if (!log_odds_of(fcinfo, &log_odds) || isnan(log_odds))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(log_odds);
}

PG_FUNCTION_INFO_V1(dupex_logistic_score);
Datum
dupex_logistic_score(PG_FUNCTION_ARGS)
{
	double		log_odds;

	if (!log_odds_of(fcinfo, &log_odds) || isnan(log_odds))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(dupex_probability(log_odds));
}

static void
fill_reasons(FunctionCallInfo fcinfo, DupexRows *rows)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	const DupexLogisticModel *model = prepare(PG_GETARG_DATUM(0));
	const double *features = features_of(fcinfo, model);
	bool		no_names;
	Datum		names = GetAttributeByNum(header, MODEL_NAMES + 1, &no_names);
	Datum	   *name;
	int			name_count = read_names(names, no_names, model->columns, &name);

	if (model->coefficients == NULL)
		return;
	for (int j = -1; j < model->columns; j++)
	{
		Datum		values[3] = {0};
		bool		nulls[3] = {j < 0, j < 0, false};

		if (j >= 0)
		{
			values[0] = CStringGetTextDatum(name_of(name, name_count, j));
			values[1] = Float8GetDatum(features[j]);
		}
		values[2] = Float8GetDatum(j < 0 ? dupex_logistic_constant(model) : dupex_logistic_contribution(model, j, features[j]));
		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_logistic_reasons);
Datum
dupex_logistic_reasons(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 3, fill_reasons);
}
