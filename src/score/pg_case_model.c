/*
 * pg_case_model.c
 *		Logistic regression on features of all kinds: what becomes a column, fit and scores.
 *
 * A feature of which every value is a number becomes one column, as the difference from its mean
 * in standard deviations. Any other feature gets a column for each of its values but the most
 * frequent one, which the others are compared with. Where some cases lack the feature, that gets
 * a column too. A feature of which some case has several values (tags) gets a column for each of
 * them, and to lack it means nothing.
 *
 * The terms of a model tell all this: they stand in its arrays, so that a score needs nothing
 * else. A value that no case of the fit had says nothing: its feature is left out of the score.
 */
#include "score/pg_logistic.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/typcache.h"

#include "score/cases.h"
#include "score/naive_bayes.h"
#include "score/pg_features.h"

#define MAX_TERMS	2000

/* kinds of terms; all but reference have a column */
static const char *const kind_names[] = {"number", "value", "member", "missing", "reference"};

typedef enum TermKind
{
	TERM_NUMBER,
	TERM_VALUE,
	TERM_MEMBER,				/* value of a feature that may have several */
	TERM_MISSING,
	TERM_REFERENCE,
	TERM_KINDS
} TermKind;

typedef struct Term
{
	text	   *feature;
	TermKind	kind;
	text	   *value;			/* NULL for number and missing */
	double		mean;			/* of numbers, and their deviation */
	double		deviation;
	int			column;			/* -1 for none */
	int			group;			/* terms of one feature stand together and
								 * have the same */
} Term;

typedef struct Terms
{
	Term	   *list;
	int			count;
	int			columns;
	int			groups;
	DupexTally *index;			/* of feature, NUL, sign of the kind, value:
								 * number of the term, from 1 */
} Terms;

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

/* sums of a feature while the terms are found */
enum
{
	SEEN_WEIGHT,				/* of the cases that have it */
	SEEN_STRINGS,				/* values that are no numbers */
	SEEN_SEVERAL				/* values beyond the first of a case */
};

/*
 * The key of the index: an n for the number, an m for what is missing, a v and the value.
 */
static void
term_key(StringInfo key, const char *feature, size_t feature_length, char sign, const char *value, size_t value_length)
{
	resetStringInfo(key);
	appendBinaryStringInfo(key, feature, (int) feature_length);
	appendStringInfoChar(key, '\0');
	appendStringInfoChar(key, sign);
	if (value_length > 0)
		appendBinaryStringInfo(key, value, (int) value_length);
}

static Term *
find_term(const Terms *terms, StringInfo key, const char *feature, size_t feature_length, char sign, const char *value, size_t value_length)
{
	const DupexTallyEntry *entry;

	term_key(key, feature, feature_length, sign, value, value_length);
	entry = dupex_tally_find(terms->index, key->data, (size_t) key->len);
	return entry == NULL ? NULL : &terms->list[dupex_tally_sums(entry)->whole - 1];
}

/*
 * Adds a term, and enters it into the index.
 */
static Term *
add_term(Terms *terms, const char *feature, size_t feature_length, TermKind kind, const char *value, size_t value_length)
{
	StringInfoData key;
	Term	   *term;
	DupexSum	place;

	if (terms->count == MAX_TERMS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("features with more than %d different values are too many", MAX_TERMS),
				 errdetail("Each value of a feature that is no number becomes a column of the regression."),
				 errhint("Put rare values together, and give numbers as numbers.")));
	term = &terms->list[terms->count++];
	term->feature = cstring_to_text_with_len(feature, (int) feature_length);
	term->kind = kind;
	term->value = value == NULL ? NULL : cstring_to_text_with_len(value, (int) value_length);
	term->mean = 0;
	term->deviation = 1;
	term->group = terms->groups - 1;
	term->column = kind == TERM_REFERENCE ? -1 : terms->columns++;

	initStringInfo(&key);
	term_key(&key, feature, feature_length, kind == TERM_NUMBER ? 'n' : kind == TERM_MISSING ? 'm' : 'v', value, value_length);
	place.whole = terms->count;
	place.part = 0;
	dupex_tally_count(&terms->index, key.data, (size_t) key.len, 0, &place);
	return term;
}

static Terms *
no_terms(void)
{
	Terms	   *terms = palloc0(sizeof(Terms));

	terms->list = palloc(sizeof(Term) * MAX_TERMS);
	terms->index = dupex_tally_make(DUPEX_TALLY_LOGISTIC_CASES, 1, 0, 16);
	return terms;
}

static double
weight_of(const DupexTallyEntry *entry)
{
	return dupex_sum_value(&dupex_tally_sums(entry)[0]) + dupex_sum_value(&dupex_tally_sums(entry)[1]);
}

static bool
same_feature(const DupexCaseValue *a, const DupexCaseValue *b)
{
	return a->feature_length == b->feature_length && memcmp(a->feature, b->feature, a->feature_length) == 0;
}

/*
 * Counts features and their values over all cases. Values of one feature stand together in a
 * key.
 */
static void
count_values(const DupexTally *cases, DupexTally **features, DupexTally **values, DupexSum *total)
{
	const DupexSum one = {1, 0};
	StringInfoData key;

	initStringInfo(&key);
	for (const DupexTallyEntry *entry = dupex_tally_next(cases, NULL); entry != NULL; entry = dupex_tally_next(cases, entry))
	{
		const char *end = dupex_tally_key(cases, entry) + entry->length;
		DupexSum	weight = dupex_tally_sums(entry)[0];
		DupexCaseValue value;
		DupexCaseValue before = {0};

		if (!dupex_sum_add(&weight, &dupex_tally_sums(entry)[1]) || !dupex_sum_add(total, &weight))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("sum of weights out of range")));
		if (weight.whole == 0 && weight.part == 0)
			continue;
		for (const char *at = dupex_case_next(dupex_tally_key(cases, entry), end, &value); at != NULL; at = dupex_case_next(at, end, &value))
		{
			if (before.feature == NULL || !same_feature(&before, &value))
				dupex_tally_count(features, value.feature, value.feature_length, SEEN_WEIGHT, &weight);
			else
				dupex_tally_count(features, value.feature, value.feature_length, SEEN_SEVERAL, &one);
			if (!value.is_number)
				dupex_tally_count(features, value.feature, value.feature_length, SEEN_STRINGS, &one);
			term_key(&key, value.feature, value.feature_length, 'v', value.value, value.value_length);
			dupex_tally_count(values, key.data, (size_t) key.len, 0, &weight);
			before = value;
		}
	}
}

/*
 * The values of a feature that is no number become terms; the first of the most frequent ones is
 * the reference, unless a case may have several.
 */
static void
add_values(Terms *terms, const char *feature, size_t feature_length, bool several, const DupexTally *values,
		   const DupexTallyEntry **sorted)
{
	double		most = -1;
	uint32		reference = 0;

	for (int pass = several ? 1 : 0; pass < 2; pass++)
		for (uint32 i = 0; i < values->count; i++)
		{
			const char *key = dupex_tally_key(values, sorted[i]);
			double		weight = dupex_sum_value(dupex_tally_sums(sorted[i]));

			if (strlen(key) != feature_length || memcmp(key, feature, feature_length) != 0)
				continue;
			if (pass == 0 && weight > most)
			{
				most = weight;
				reference = i;
			}
			if (pass == 1)
				add_term(terms, feature, feature_length, several ? TERM_MEMBER : i == reference ? TERM_REFERENCE : TERM_VALUE,
						 key + feature_length + 2, sorted[i]->length - feature_length - 2);
		}
}

/*
 * What becomes a column.
 */
static Terms *
find_terms(const DupexTally *cases)
{
	Terms	   *terms = no_terms();
	DupexTally *features = dupex_tally_make(DUPEX_TALLY_NAIVE_BAYES, 3, 0, 16);
	DupexTally *values = dupex_tally_make(DUPEX_TALLY_NAIVE_BAYES, 1, 0, 16);
	DupexSum	total = {0, 0};
	const DupexTallyEntry **sorted;
	const DupexTallyEntry **sorted_values;

	count_values(cases, &features, &values, &total);
	sorted = dupex_tally_sorted(features);
	sorted_values = dupex_tally_sorted(values);
	for (uint32 i = 0; i < features->count; i++)
	{
		const char *feature = dupex_tally_key(features, sorted[i]);
		size_t		length = sorted[i]->length;
		const DupexSum *seen = dupex_tally_sums(sorted[i]);
		bool		several = seen[SEEN_SEVERAL].whole > 0;

		terms->groups++;
		if (seen[SEEN_STRINGS].whole == 0 && !several)
			add_term(terms, feature, length, TERM_NUMBER, NULL, 0);
		else
		{
			char	   *name = pnstrdup(feature, length);

			add_values(terms, name, length, several, values, sorted_values);
		}
		if (!several && (seen[SEEN_WEIGHT].whole != total.whole || seen[SEEN_WEIGHT].part != total.part))
			add_term(terms, feature, length, TERM_MISSING, NULL, 0);
	}
	return terms;
}

/*
 * Mean and standard deviation of the numbers, over the cases that have them.
 */
static void
measure_numbers(Terms *terms, const DupexTally *cases)
{
	double	   *weights = palloc0(sizeof(double) * (Size) (terms->count + 1));
	double	   *squares = palloc0(sizeof(double) * (Size) (terms->count + 1));
	StringInfoData key;

	initStringInfo(&key);
	for (int pass = 0; pass < 2; pass++)
	{
		for (const DupexTallyEntry *entry = dupex_tally_next(cases, NULL); entry != NULL; entry = dupex_tally_next(cases, entry))
		{
			const char *end = dupex_tally_key(cases, entry) + entry->length;
			double		weight = weight_of(entry);
			DupexCaseValue value;
			double		number;

			for (const char *at = dupex_case_next(dupex_tally_key(cases, entry), end, &value); at != NULL; at = dupex_case_next(at, end, &value))
			{
				Term	   *term = find_term(terms, &key, value.feature, value.feature_length, 'n', NULL, 0);

				if (term == NULL || !dupex_case_is_number(value.value, value.value_length, &number))
					continue;
				if (pass == 0)
				{
					weights[term - terms->list] += weight;
					term->mean += weight * number;
				}
				else
					squares[term - terms->list] += weight * (number - term->mean) * (number - term->mean);
			}
		}
		for (int i = 0; i < terms->count; i++)
		{
			Term	   *term = &terms->list[i];

			if (term->kind != TERM_NUMBER || weights[i] == 0)
				continue;
			if (pass == 0)
				term->mean /= weights[i];
			else if (squares[i] > 0)
				term->deviation = sqrt(squares[i] / weights[i]);
		}
	}
}

/*
 * The column that a value sets, and to what; NULL where there is none.
 */
static const Term *
look_up(const Terms *terms, StringInfo key, const DupexCaseValue *value, double *x)
{
	const Term *term = find_term(terms, key, value->feature, value->feature_length, 'n', NULL, 0);
	double		number;

	*x = 1;
	if (term == NULL)
		return find_term(terms, key, value->feature, value->feature_length, 'v', value->value, value->value_length);
	if (!value->is_number || !dupex_case_is_number(value->value, value->value_length, &number))
		return NULL;
	*x = (number - term->mean) / term->deviation;
	return term;
}

/*
 * The rows of the regression.
 */
static void
make_rows(const Terms *terms, const DupexTally *cases, DupexDesign *design)
{
	bool	   *has = palloc((Size) terms->groups + 1);
	StringInfoData key;
	size_t		row = 0;

	initStringInfo(&key);
	for (const DupexTallyEntry *entry = dupex_tally_next(cases, NULL); entry != NULL; entry = dupex_tally_next(cases, entry))
	{
		double	   *x = design->x + row * (size_t) terms->columns;
		const char *end = dupex_tally_key(cases, entry) + entry->length;
		DupexCaseValue value;

		if (weight_of(entry) == 0)
			continue;
		memset(x, 0, sizeof(double) * (Size) terms->columns);
		memset(has, 0, (Size) terms->groups);
		for (const char *at = dupex_case_next(dupex_tally_key(cases, entry), end, &value); at != NULL; at = dupex_case_next(at, end, &value))
		{
			double		set_to;
			const Term *term = look_up(terms, &key, &value, &set_to);

			if (term == NULL)
				continue;
			has[term->group] = true;
			if (term->column >= 0)
				x[term->column] = set_to;
		}
		for (int i = 0; i < terms->count; i++)
			if (terms->list[i].kind == TERM_MISSING && !has[terms->list[i].group])
				x[terms->list[i].column] = 1;
		((double *) (uintptr_t) design->won)[row] = dupex_sum_value(&dupex_tally_sums(entry)[0]);
		((double *) (uintptr_t) design->lost)[row] = dupex_sum_value(&dupex_tally_sums(entry)[1]);
		row++;
	}
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
column_names(const Terms *terms)
{
	Datum	   *names = palloc(sizeof(Datum) * (Size) (terms->columns + 1));

	for (int i = 0; i < terms->count; i++)
	{
		const Term *term = &terms->list[i];
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
put_terms(const Terms *terms, Datum *values)
{
	Datum	   *elements = palloc(sizeof(Datum) * (Size) (terms->count + 1) * 5);
	bool	   *nulls = palloc0((Size) (terms->count + 1) * 2);
	int			count = terms->count;

	for (int i = 0; i < count; i++)
	{
		const Term *term = &terms->list[i];

		elements[i] = PointerGetDatum(term->feature);
		elements[count + i] = CStringGetTextDatum(kind_names[term->kind]);
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
	Terms	   *terms;
	DupexDesign design = {0};
	DupexLogisticFit fit;
	TupleDesc	type;
	TupleDesc	model_type;
	Datum		values[CASE_COLUMNS];
	bool		nulls[CASE_COLUMNS] = {false};

	if (get_call_result_type(fcinfo, NULL, &type) != TYPEFUNC_COMPOSITE || type->natts != CASE_COLUMNS)
		elog(ERROR, "logistic_case_model is declared with other columns");
	design.l2 = PG_GETARG_FLOAT8(1);
	dupex_logistic_check_l2(design.l2);
	design.offset = -1;
	terms = find_terms(cases);
	measure_numbers(terms, cases);
	dupex_logistic_room(&design, cases->count, terms->columns);
	make_rows(terms, cases, &design);
	model_type = lookup_rowtype_tupdesc_copy(TupleDescAttr(type, CASE_MODEL)->atttypid, -1);
	values[CASE_MODEL] = dupex_logistic_make(model_type, &design, column_names(terms), false, &fit);
	put_terms(terms, values);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(type), values, nulls));
}

/* a model made ready for many scores */
typedef struct CaseModel
{
	DupexLogisticModel model;
	Terms	   *terms;
	double		constant;
	double	   *without;		/* of a feature: what it adds when all of its
								 * columns are 0 */
	double	   *with;			/* of a column: what 1 adds to that */
	bool	   *is_open;		/* of a feature: may have several values */
} CaseModel;

/*
 * The terms out of the arrays of a model. 22023 for one that no fit has made.
 */
static Terms *
read_terms(const Datum *values)
{
	Terms	   *terms = no_terms();
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
		Term	   *term;

		if (counts[1] != counts[0] || counts[2] != counts[0] || counts[3] != counts[0] || counts[4] != counts[0] || nulls[0][i] || nulls[1][i])
			break;
		feature = DatumGetTextPP(elements[0][i]);
		value = nulls[2][i] ? NULL : DatumGetTextPP(elements[2][i]);
		while (kind < TERM_KINDS && strcmp(kind_names[kind], TextDatumGetCString(elements[1][i])) != 0)
			kind++;
		if (kind == TERM_KINDS || (value == NULL) != (kind == TERM_NUMBER || kind == TERM_MISSING))
			break;
		if (i == 0 || VARSIZE_ANY_EXHDR(feature) != VARSIZE_ANY_EXHDR(terms->list[i - 1].feature) ||
			memcmp(VARDATA_ANY(feature), VARDATA_ANY(terms->list[i - 1].feature), VARSIZE_ANY_EXHDR(feature)) != 0)
			terms->groups++;
		term = add_term(terms, VARDATA_ANY(feature), VARSIZE_ANY_EXHDR(feature), (TermKind) kind,
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
		const Term *term = &model->terms->list[i];

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
	StringInfo	shown;			/* the values as text, where reasons are
								 * wanted */
	StringInfoData key;
} Scoring;

static double
added_by(const CaseModel *model, const Term *term, double x)
{
	if (term->column < 0)
		return 0;
	return dupex_logistic_contribution(&model->model, term->column, x) - dupex_logistic_contribution(&model->model, term->column, 0);
}

static void
take_value(void *context, const char *feature, size_t feature_length, const char *value, size_t value_length, Numeric number)
{
	Scoring    *scoring = context;
	const Terms *terms = scoring->model->terms;
	DupexCaseValue wanted = {feature, feature_length, number != NULL, value, value_length};
	char		digits[DUPEX_DOUBLE_TEXT_SIZE];
	double		x;
	const Term *term;

	if (number != NULL)
	{
		wanted.value_length = dupex_double_format(DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(number))), digits);
		wanted.value = digits;
	}
	term = look_up(terms, &scoring->key, &wanted, &x);
	if (term != NULL)
	{
		scoring->is_known[term->group] = true;
		scoring->added[term->group] += added_by(scoring->model, term, x);
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
		const Term *term = &model->terms->list[i];

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
			const Term *term = &model->terms->list[i];

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
