/*
 * pg_model.c
 *		Fitted models as composite values: made of a fit, and read again by the functions that
 *		predict.
 *
 * A composite type prints with its columns, is stored in a table and survives a dump as it is.
 * Reading one costs a lookup of its row type and several attributes, which is more than a
 * prediction. A query that scores a million customers passes the same model each time, so the
 * bytes of the last one are kept and compared: then a row costs the comparison.
 */
#include "dupex.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "runner/pg_rows.h"
#include "value/pg_value.h"

/* what a parameter cannot go beyond; a fit stays well within */
#define PARAMETER_MIN	1e-100
#define PARAMETER_MAX	1e100

/* columns behind the parameters */
#define COMMON_COLUMNS	9

static const char *
status_word(const DupexFit *fit)
{
	switch (fit->status)
	{
		case DUPEX_FIT_CONVERGED:
			return "converged";
		case DUPEX_FIT_BOUNDARY:
			return "boundary";
		case DUPEX_FIT_NOT_IDENTIFIABLE:
			return "not identifiable";
		case DUPEX_FIT_LIMIT:
			return fit->iterations >= DUPEX_FIT_MAX_ITERATIONS ? "not converged: the limit of iterations is reached"
				: "not converged: rounding ends the search where the likelihood still rises a little";
		case DUPEX_FIT_STOPPED:
			return "not converged: stopped";
		case DUPEX_FIT_NO_START:
			return "not converged: the likelihood is not finite where the search starts";
	}
	return "";
}

/*
 * An array of float8, which has no NULLs.
 */
static Datum
float8_array(const double *values, int count)
{
	Datum	   *elements = palloc(count * sizeof(Datum));

	for (int i = 0; i < count; i++)
		elements[i] = Float8GetDatum(values[i]);
	return PointerGetDatum(construct_array(elements, count, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * Brings a fit into the range that models have, and tells whether it was outside: a time or an
 * amount of 1e300 fits in itself, but not with what is made of it.
 */
static bool
fit_into_range(DupexFit *fit)
{
	bool		is_outside = !isfinite(fit->log_likelihood) || !isfinite(fit->gradient_norm);

	for (int i = 0; i < fit->size; i++)
	{
		double		parameter = fit->parameter[i];

		if (parameter >= PARAMETER_MIN && parameter <= PARAMETER_MAX)
			continue;
		is_outside = true;
		fit->parameter[i] = parameter > PARAMETER_MAX ? PARAMETER_MAX : PARAMETER_MIN;
	}
	return is_outside;
}

/*
 * The composite value of a fit. Log-likelihood, gradient norm, AIC and BIC are NULL where the
 * search has not begun or has left the range of numbers, the standard errors where there are none.
 */
Datum
dupex_model_return(FunctionCallInfo fcinfo, DupexFit *fit, const char *reason, const char *unit)
{
	Datum		values[DUPEX_FIT_MAX_SIZE + COMMON_COLUMNS];
	bool		nulls[DUPEX_FIT_MAX_SIZE + COMMON_COLUMNS] = {false};
	bool		is_outside = fit_into_range(fit);
	bool		has_begun = fit->status != DUPEX_FIT_NO_START && !is_outside;
	bool		has_errors = fit->has_standard_errors && !is_outside;
	bool		is_limit = fit->status == DUPEX_FIT_BOUNDARY || fit->status == DUPEX_FIT_NOT_IDENTIFIABLE;
	int			n = fit->size;

	for (int i = 0; i < fit->size; i++)
		values[i] = Float8GetDatum(fit->parameter[i]);
	values[n] = Float8GetDatum(fit->log_likelihood);
	nulls[n] = !has_begun;
	values[n + 1] = Float8GetDatum(fit->customers);
	values[n + 2] = CStringGetTextDatum(is_outside ? "not converged: the numbers are beyond the range of a model: count in another unit" : is_limit && reason ? psprintf("%s: %s", status_word(fit), reason) : status_word(fit));
	values[n + 3] = Int32GetDatum(fit->iterations);
	values[n + 4] = Float8GetDatum(fit->gradient_norm);
	nulls[n + 4] = !has_begun;
	values[n + 5] = unit ? CStringGetTextDatum(unit) : (Datum) 0;
	nulls[n + 5] = unit == NULL;
	values[n + 6] = Float8GetDatum(dupex_fit_aic(fit));
	nulls[n + 6] = !has_begun;
	values[n + 7] = Float8GetDatum(dupex_fit_bic(fit));
	nulls[n + 7] = !has_begun;
	values[n + 8] = has_errors ? float8_array(fit->standard_error, fit->size) : (Datum) 0;
	nulls[n + 8] = !has_errors;
	return HeapTupleGetDatum(heap_form_tuple(dupex_row_type(fcinfo, n + COMMON_COLUMNS), values, nulls));
}

/*
 * Reads the parameters of a model into *memory.
 */
static void
read_parameters(HeapTupleHeader model, int size, DupexModelMemory *memory)
{
	for (int i = 0; i < size; i++)
	{
		bool		isnull;
		Datum		value = GetAttributeByNum(model, i + 1, &isnull);

		if (isnull)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("parameter %d of the model is NULL", i + 1),
					 errdetail("Its first %d columns are its parameters.", size)));
		memory->parameter[i] = DatumGetFloat8(value);
		if (!(memory->parameter[i] >= PARAMETER_MIN && memory->parameter[i] <= PARAMETER_MAX))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("parameter %d of the model is %g", i + 1, memory->parameter[i]),
					 errdetail("Parameters go from %g to %g.", PARAMETER_MIN, PARAMETER_MAX)));
	}
}

/*
 * See pg_value.h. In the memory between the calls are the model's bytes as they came, before any
 * decompression.
 */
DupexModelMemory *
dupex_model_argument(FunctionCallInfo fcinfo, int n, int size, Size memory_size)
{
	DupexModelMemory *memory = fcinfo->flinfo->fn_extra;
	struct varlena *datum = (struct varlena *) PG_GETARG_POINTER(n);
	Size		model_size;

	/*
	 * what stands elsewhere (a toast pointer, the record of a plpgsql
	 * variable) is fetched, as the same pointer may mean another value
	 */
	if (VARATT_IS_EXTERNAL(datum))
		datum = (struct varlena *) PG_GETARG_HEAPTUPLEHEADER(n);
	model_size = VARSIZE_ANY(datum);
	if (memory != NULL && memory->model_size == model_size && memcmp(memory->model, datum, model_size) == 0)
		return memory;

	if (memory == NULL)
		fcinfo->flinfo->fn_extra = memory = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, memory_size);
	else if (memory->model)
		pfree(memory->model);
	memset(memory, 0, memory_size);
	read_parameters(DatumGetHeapTupleHeader(PointerGetDatum(datum)), size, memory);
	memory->model = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, model_size);
	memcpy(memory->model, datum, model_size);
	memory->model_size = model_size;
	return memory;
}

/*
 * See pg_value.h.
 */
const DupexTimeUnit *
dupex_time_unit_argument(FunctionCallInfo fcinfo, int n)
{
	text	   *word = PG_GETARG_TEXT_PP(n);
	int			length = VARSIZE_ANY_EXHDR(word);
	const DupexTimeUnit *unit = dupex_time_unit(VARDATA_ANY(word), length);

	if (unit == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown unit of time: \"%.*s\"", Min(length, 60), VARDATA_ANY(word)),
				 errhint("Units are hour, day, week, month and year.")));
	return unit;
}

/*
 * See pg_value.h.
 */
const char *
dupex_unit_argument(FunctionCallInfo fcinfo, int n)
{
	return dupex_time_unit_argument(fcinfo, n)->name;
}
