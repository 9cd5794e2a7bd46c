/*
 * pg_case_model.c
 *		Logistic regression on features of all kinds: fit, models and scores.
 *
 * What becomes a column is told by pg_case_terms.c. The terms stand in the arrays of a model, so
 * that a score needs nothing else. A value that no case of the fit had says nothing: its feature
 * is left out of the score.
 */
#include "score/pg_logistic.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/typcache.h"

#include "runner/pg_rows.h"
#include "score/naive_bayes.h"
#include "score/pg_case_terms.h"
#include "score/pg_features.h"

/* columns of logistic_case_model */
enum
{
	CASE_MODEL,
	CASE_FEATURES,
	CASE_KINDS,
	CASE_VALUES,
	CASE_MEANS,
	CASE_DEVIATIONS,
	CASE_COLUMNS
};

/*
 * How many numbers the rows of the regression may have: one for each value, and for each feature
 * that may be missing.
 */
static size_t
count_numbers(const DupexTerms *terms, const DupexTally *cases)
{
	size_t		numbers = 0;
	size_t		may_be_missing = 0;

	for (int i = 0; i < terms->count; i++)
		may_be_missing += terms->list[i].kind == TERM_MISSING;
	for (const DupexTallyEntry *entry = dupex_tally_next(cases, NULL); entry != NULL; entry = dupex_tally_next(cases, entry))
	{
		const char *end = dupex_tally_key(cases, entry) + entry->length;
		DupexCaseValue value;

		numbers += may_be_missing;
		for (const char *at = dupex_case_next(dupex_tally_key(cases, entry), end, &value); at != NULL; at = dupex_case_next(at, end, &value))
			numbers++;
	}
	return numbers;
}

/*
 * Puts a number into its place in a row, which is sorted by column. Returns how many there are
 * now: the number 1 and the word 1 of a feature that has both are one value.
 */
static size_t
put_number(DupexSparse *row, size_t count, int column, double x)
{
	size_t		place = count;

	while (place > 0 && row[place - 1].column > column)
		place--;
	if (place > 0 && row[place - 1].column == column)
		return count;
	memmove(row + place + 1, row + place, sizeof(DupexSparse) * (count - place));
	row[place].column = column;
	row[place].x = x;
	return count + 1;
}

/*
 * The rows of the regression.
 */
static void
make_rows(const DupexTerms *terms, const DupexTally *cases, DupexDesign *design)
{
	bool	   *has = palloc((Size) terms->groups + 1);
	DupexSparse *sparse = (DupexSparse *) (uintptr_t) design->sparse;
	size_t	   *starts = (size_t *) (uintptr_t) design->starts;
	StringInfoData key;
	size_t		row = 0;
	size_t		used = 0;

	initStringInfo(&key);
	for (const DupexTallyEntry *entry = dupex_tally_next(cases, NULL); entry != NULL; entry = dupex_tally_next(cases, entry))
	{
		const char *end = dupex_tally_key(cases, entry) + entry->length;
		DupexCaseValue value;

		if (dupex_case_weight(entry) == 0)
			continue;
		starts[row] = used;
		memset(has, 0, (Size) terms->groups);
		for (const char *at = dupex_case_next(dupex_tally_key(cases, entry), end, &value); at != NULL; at = dupex_case_next(at, end, &value))
		{
			double		x;
			const DupexTerm *term = dupex_terms_look_up(terms, &key, &value, &x);

			if (term == NULL)
				continue;
			has[term->group] = true;
			if (term->column >= 0)
				used = starts[row] + put_number(sparse + starts[row], used - starts[row], term->column, x);
		}
		for (int i = 0; i < terms->count; i++)
			if (terms->list[i].kind == TERM_MISSING && !has[terms->list[i].group])
				used = starts[row] + put_number(sparse + starts[row], used - starts[row], terms->list[i].column, 1);
		((double *) (uintptr_t) design->won)[row] = dupex_sum_value(&dupex_tally_sums(entry)[0]);
		((double *) (uintptr_t) design->lost)[row] = dupex_sum_value(&dupex_tally_sums(entry)[1]);
		row++;
	}
	starts[row] = used;
	design->rows = row;
}

static ArrayType *
text_array(Datum *elements, bool *nulls, int count)
{
	int			dimensions[1] = {count};
	int			lower_bounds[1] = {1};

	return construct_md_array(elements, nulls, count > 0 ? 1 : 0, dimensions, lower_bounds, TEXTOID, -1, false, TYPALIGN_INT);
}

/*
 * Names of the columns: age, age (missing), source web.
 */
static Datum
column_names(const DupexTerms *terms)
{
	Datum	   *names = palloc(sizeof(Datum) * (Size) (terms->columns + 1));

	for (int i = 0; i < terms->count; i++)
	{
		const DupexTerm *term = &terms->list[i];
		char	   *feature = text_to_cstring(term->feature);

		if (term->column < 0)
			continue;
		names[term->column] = term->kind == TERM_NUMBER ? CStringGetTextDatum(feature)
			: term->kind == TERM_MISSING ? CStringGetTextDatum(psprintf("%s (missing)", feature))
			: CStringGetTextDatum(psprintf("%s %s", feature, text_to_cstring(term->value)));
	}
	return PointerGetDatum(construct_array(names, terms->columns, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
put_terms(const DupexTerms *terms, Datum *values)
{
	Datum	   *elements = palloc(sizeof(Datum) * (Size) (terms->count + 1) * 5);
	bool	   *nulls = palloc0((Size) (terms->count + 1) * 2);
	int			count = terms->count;

	for (int i = 0; i < count; i++)
	{
		const DupexTerm *term = &terms->list[i];

		elements[i] = PointerGetDatum(term->feature);
		elements[count + i] = CStringGetTextDatum(dupex_term_kinds[term->kind]);
		elements[2 * count + i] = PointerGetDatum(term->value);
		nulls[count + i] = term->value == NULL;
		elements[3 * count + i] = Float8GetDatum(term->mean);
		elements[4 * count + i] = Float8GetDatum(term->deviation);
	}
	values[CASE_FEATURES] = PointerGetDatum(text_array(elements, nulls, count));
	values[CASE_KINDS] = PointerGetDatum(text_array(elements + count, nulls, count));
	values[CASE_VALUES] = PointerGetDatum(text_array(elements + 2 * count, nulls + count, count));
	values[CASE_MEANS] = PointerGetDatum(construct_array(elements + 3 * count, count, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[CASE_DEVIATIONS] = PointerGetDatum(construct_array(elements + 4 * count, count, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * logistic_fit(logistic_cases, l2). Strict.
 */
PG_FUNCTION_INFO_V1(dupex_logistic_fit_cases);
Datum
dupex_logistic_fit_cases(PG_FUNCTION_ARGS)
{
	const DupexTally *cases = dupex_tally_ordered(PG_GETARG_TALLY_P(0));
	DupexTerms *terms;
	DupexDesign design = {0};
	DupexLogisticFit fit;
	TupleDesc	type = dupex_row_type(fcinfo, CASE_COLUMNS);
	TupleDesc	model_type;
	Datum		values[CASE_COLUMNS];
	bool		nulls[CASE_COLUMNS] = {false};

	design.l2 = PG_GETARG_FLOAT8(1);
	dupex_logistic_check_l2(design.l2);
	design.offset = -1;
	terms = dupex_terms_find(cases);
	dupex_terms_measure(terms, cases);
	dupex_logistic_sparse_room(&design, cases->count, count_numbers(terms, cases), terms->columns);
	make_rows(terms, cases, &design);
	model_type = lookup_rowtype_tupdesc_copy(TupleDescAttr(type, CASE_MODEL)->atttypid, -1);
	values[CASE_MODEL] = dupex_logistic_make(model_type, &design, column_names(terms), false, &fit);
	put_terms(terms, values);
	return HeapTupleGetDatum(heap_form_tuple(type, values, nulls));
}

/* a model made ready for many scores */
typedef struct CaseModel
{
	DupexLogisticModel model;
	DupexTerms *terms;
	double		constant;
	double	   *without;		/* of a feature: what it adds when all of its
								 * columns are 0 */
	double	   *with;			/* of a column: what 1 adds to that */
	bool	   *is_open;		/* of a feature: may have several values */
} CaseModel;

/*
 * The terms out of the arrays of a model. 22023 for one that no fit has made.
 */
static DupexTerms *
read_terms(const Datum *values)
{
	DupexTerms *terms = dupex_terms_make();
	Datum	   *elements[3];
	bool	   *nulls[3];
	int			counts[5];
	double	   *means;
	double	   *deviations;

	for (int i = 0; i < 3; i++)
		deconstruct_array(DatumGetArrayTypeP(values[CASE_FEATURES + i]), TEXTOID, -1, false, TYPALIGN_INT, &elements[i], &nulls[i], &counts[i]);
	means = dupex_logistic_array(values[CASE_MEANS], "means", &counts[3]);
	deviations = dupex_logistic_array(values[CASE_DEVIATIONS], "deviations", &counts[4]);
	for (int i = 0; i < counts[0]; i++)
	{
		text	   *feature;
		text	   *value;
		int			kind = 0;
		DupexTerm  *term;

		if (counts[1] != counts[0] || counts[2] != counts[0] || counts[3] != counts[0] || counts[4] != counts[0] || nulls[0][i] || nulls[1][i])
			break;
		feature = DatumGetTextPP(elements[0][i]);
		value = nulls[2][i] ? NULL : DatumGetTextPP(elements[2][i]);
		while (kind < TERM_KINDS && strcmp(dupex_term_kinds[kind], TextDatumGetCString(elements[1][i])) != 0)
			kind++;
		if (kind == TERM_KINDS || (value == NULL) != (kind == TERM_NUMBER || kind == TERM_MISSING))
			break;
		if (i == 0 || VARSIZE_ANY_EXHDR(feature) != VARSIZE_ANY_EXHDR(terms->list[i - 1].feature) ||
			memcmp(VARDATA_ANY(feature), VARDATA_ANY(terms->list[i - 1].feature), VARSIZE_ANY_EXHDR(feature)) != 0)
			terms->groups++;
		term = dupex_terms_add(terms, VARDATA_ANY(feature), VARSIZE_ANY_EXHDR(feature), (DupexTermKind) kind,
							   value == NULL ? NULL : VARDATA_ANY(value), value == NULL ? 0 : VARSIZE_ANY_EXHDR(value));
		term->mean = means[i];
		term->deviation = deviations[i];
	}
	if (terms->count != counts[0])
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the value is not a model that logistic_fit() has made"),
				 errdetail("Its term %d cannot be read.", terms->count + 1),
				 errhint("Store models as they are.")));
	return terms;
}

static void *
prepare(Datum value)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(value);
	TupleDesc	type = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	CaseModel  *model = palloc0(sizeof(CaseModel));
	HeapTupleData tuple;
	Datum		values[CASE_COLUMNS];
	bool		nulls[CASE_COLUMNS];
	bool		whole = true;

	if (type->natts != CASE_COLUMNS)
		elog(ERROR, "logistic_case_model is declared with other columns");
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&(tuple.t_self));
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, type, values, nulls);
	ReleaseTupleDesc(type);
	for (int i = 0; i < CASE_COLUMNS; i++)
		whole = whole && !nulls[i];
	if (whole)
	{
		dupex_logistic_read(DatumGetHeapTupleHeader(values[CASE_MODEL]), &model->model);
		model->terms = read_terms(values);
	}
	if (!whole || model->model.columns != model->terms->columns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the value is not a model that logistic_fit() has made"),
				 errdetail("Its terms are not those of its coefficients."),
				 errhint("Store models as they are.")));
	if (model->model.coefficients == NULL)
		return model;

	model->constant = dupex_logistic_constant(&model->model);
	model->without = palloc0(sizeof(double) * (Size) (model->terms->groups + 1));
	model->with = palloc0(sizeof(double) * (Size) (model->terms->columns + 1));
	model->is_open = palloc0((Size) model->terms->groups + 1);
	for (int i = 0; i < model->terms->count; i++)
	{
		const DupexTerm *term = &model->terms->list[i];

		model->is_open[term->group] = term->kind == TERM_MEMBER;
		if (term->column >= 0)
			model->without[term->group] += dupex_logistic_contribution(&model->model, term->column, 0);
	}
	return model;
}

/* what a score is put together from, by feature */
typedef struct Scoring
{
	const CaseModel *model;
	double	   *added;			/* by its values */
	bool	   *has_value;		/* any */
	bool	   *is_known;		/* one that the fit has seen */
	bool	   *is_set;			/* of a term: its column is 1, which it cannot
								 * be twice */
	StringInfo	shown;			/* the values as text, where reasons are
								 * wanted */
	StringInfoData key;
} Scoring;

static double
added_by(const CaseModel *model, const DupexTerm *term, double x)
{
	if (term->column < 0)
		return 0;
	return dupex_logistic_contribution(&model->model, term->column, x) - dupex_logistic_contribution(&model->model, term->column, 0);
}

static void
take_value(void *context, const char *feature, size_t feature_length, const char *value, size_t value_length, Numeric number)
{
	Scoring    *scoring = context;
	const DupexTerms *terms = scoring->model->terms;
	DupexCaseValue wanted = {feature, feature_length, number != NULL, value, value_length};
	char		digits[DUPEX_DOUBLE_TEXT_SIZE];
	double		x;
	const DupexTerm *term;

	if (number != NULL)
	{
		wanted.value_length = dupex_double_format(DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(number))), digits);
		wanted.value = digits;
	}
	term = dupex_terms_look_up(terms, &scoring->key, &wanted, &x);
	if (term != NULL)
	{
		bool	   *is_set = &scoring->is_set[term - terms->list];

		scoring->is_known[term->group] = true;
		/* the number 1 and the word 1 may be one value, as in the fit */
		if (!*is_set || term->kind == TERM_NUMBER)
			scoring->added[term->group] += added_by(scoring->model, term, x);
		*is_set = true;
	}
	/* the group of a value that was never seen is found by its feature */
	for (int i = 0; term == NULL && i < terms->count; i++)
		if (VARSIZE_ANY_EXHDR(terms->list[i].feature) == feature_length && memcmp(VARDATA_ANY(terms->list[i].feature), feature, feature_length) == 0)
			term = &terms->list[i];
	if (term == NULL)
		return;
	scoring->has_value[term->group] = true;
	if (scoring->shown != NULL)
	{
		if (scoring->shown[term->group].len > 0)
			appendStringInfoString(&scoring->shown[term->group], ", ");
		appendBinaryStringInfo(&scoring->shown[term->group], value, (int) value_length);
	}
}

/*
 * Scores the features of argument 1. What a feature contributes is left in added; the sum with
 * the constant is returned.
 */
static double
score(FunctionCallInfo fcinfo, const CaseModel *model, Scoring *scoring, bool with_reasons)
{
	int			groups = model->terms->groups;
	double		sum = model->constant;

	scoring->model = model;
	scoring->added = palloc0(sizeof(double) * (Size) (groups + 1));
	scoring->has_value = palloc0((Size) groups + 1);
	scoring->is_known = palloc0((Size) groups + 1);
	scoring->is_set = palloc0((Size) model->terms->count + 1);
	scoring->shown = NULL;
	initStringInfo(&scoring->key);
	if (with_reasons)
	{
		scoring->shown = palloc(sizeof(StringInfoData) * (Size) (groups + 1));
		for (int g = 0; g < groups; g++)
			initStringInfo(&scoring->shown[g]);
	}
	dupex_features_each(PG_GETARG_JSONB_P(1), take_value, scoring);
	for (int i = 0; i < model->terms->count; i++)
	{
		const DupexTerm *term = &model->terms->list[i];

		if (term->kind == TERM_MISSING && !scoring->has_value[term->group])
		{
			scoring->is_known[term->group] = true;
			scoring->added[term->group] += added_by(model, term, 1);
		}
	}
	for (int g = 0; g < groups; g++)
	{
		scoring->added[g] = scoring->is_known[g] || model->is_open[g] ? scoring->added[g] + model->without[g] : 0;
		sum += scoring->added[g];
	}
	return sum;
}

PG_FUNCTION_INFO_V1(dupex_logistic_case_log_odds);
Datum
dupex_logistic_case_log_odds(PG_FUNCTION_ARGS)
{
	const CaseModel *model = dupex_kept(fcinfo, 0, prepare);
	Scoring		scoring;

	if (model->model.coefficients == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score(fcinfo, model, &scoring, false));
}

PG_FUNCTION_INFO_V1(dupex_logistic_case_score);
Datum
dupex_logistic_case_score(PG_FUNCTION_ARGS)
{
	const CaseModel *model = dupex_kept(fcinfo, 0, prepare);
	Scoring		scoring;

	if (model->model.coefficients == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(dupex_probability(score(fcinfo, model, &scoring, false)));
}

static void
fill_reasons(FunctionCallInfo fcinfo, DupexRows *rows)
{
	const CaseModel *model = prepare(PG_GETARG_DATUM(0));
	Scoring		scoring;
	int			group = -1;

	if (model->model.coefficients == NULL)
		return;
	score(fcinfo, model, &scoring, true);
	for (int i = -1; i < model->terms->count; i++)
	{
		Datum		values[3] = {0};
		bool		nulls[3] = {true, true, false};

		values[2] = Float8GetDatum(model->constant);
		if (i >= 0)
		{
			const DupexTerm *term = &model->terms->list[i];

			if (term->group == group)
				continue;
			group = term->group;
			values[0] = PointerGetDatum(term->feature);
			values[1] = CStringGetTextDatum(scoring.shown[group].data);
			values[2] = Float8GetDatum(scoring.added[group]);
			nulls[0] = false;
			nulls[1] = !scoring.has_value[group];
		}
		dupex_rows_add(rows, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(dupex_logistic_case_reasons);
Datum
dupex_logistic_case_reasons(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 3, fill_reasons);
}
