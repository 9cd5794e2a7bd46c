/*
 * pg_case_terms.c
 *		What becomes a column of a logistic regression on features of all kinds.
 *
 * A feature of which every value is a number becomes one column, as the difference from its mean
 * in standard deviations. Any other feature gets a column for each of its values but the most
 * frequent one, which the others are compared with. Where some cases lack the feature, that gets
 * a column too. A feature of which some case has several values (tags) gets a column for each of
 * them, and to lack it means nothing.
 */
#include "score/pg_case_terms.h"

#include <math.h>

#include "utils/builtins.h"

#define MAX_TERMS	2000

/*
 * Names of the kinds, as they stand in a model.
 */
const char *const dupex_term_kinds[] = {"number", "value", "member", "missing", "reference"};

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

static DupexTerm *
find_term(const DupexTerms *terms, StringInfo key, const char *feature, size_t feature_length, char sign, const char *value, size_t value_length)
{
	const DupexTallyEntry *entry;

	term_key(key, feature, feature_length, sign, value, value_length);
	entry = dupex_tally_find(terms->index, key->data, (size_t) key->len);
	return entry == NULL ? NULL : &terms->list[dupex_tally_sums(entry)->whole - 1];
}

/*
 * Adds a term, and enters it into the index.
 */
DupexTerm *
dupex_terms_add(DupexTerms *terms, const char *feature, size_t feature_length, DupexTermKind kind, const char *value, size_t value_length)
{
	StringInfoData key;
	DupexTerm  *term;
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

/*
 * No terms yet.
 */
DupexTerms *
dupex_terms_make(void)
{
	DupexTerms *terms = palloc0(sizeof(DupexTerms));

	terms->list = palloc(sizeof(DupexTerm) * MAX_TERMS);
	terms->index = dupex_tally_make(DUPEX_TALLY_LOGISTIC_CASES, 1, 0, 16);
	return terms;
}

/*
 * Weight of a case, of both outcomes.
 */
double
dupex_case_weight(const DupexTallyEntry *entry)
{
	return dupex_sum_value(&dupex_tally_sums(entry)[0]) + dupex_sum_value(&dupex_tally_sums(entry)[1]);
}

static bool
same_feature(const DupexCaseValue *a, const DupexCaseValue *b)
{
	return a->feature_length == b->feature_length && memcmp(a->feature, b->feature, a->feature_length) == 0;
}

/*
 * Counts features over all cases. Values of one feature stand together in a key.
 */
static void
count_features(const DupexTally *cases, DupexTally **features, DupexSum *total)
{
	const DupexSum one = {1, 0};

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
			before = value;
		}
	}
}

static bool
is_number(const DupexTallyEntry *feature)
{
	const DupexSum *seen = dupex_tally_sums(feature);

	return seen[SEEN_STRINGS].whole == 0 && seen[SEEN_SEVERAL].whole == 0;
}

/*
 * Counts the values of those features that are no numbers.
 */
static void
count_values(const DupexTally *cases, const DupexTally *features, DupexTally **values)
{
	StringInfoData key;

	initStringInfo(&key);
	for (const DupexTallyEntry *entry = dupex_tally_next(cases, NULL); entry != NULL; entry = dupex_tally_next(cases, entry))
	{
		const char *end = dupex_tally_key(cases, entry) + entry->length;
		DupexSum	weight = dupex_tally_sums(entry)[0];
		DupexCaseValue value;

		if (dupex_case_weight(entry) == 0 || !dupex_sum_add(&weight, &dupex_tally_sums(entry)[1]))
			continue;
		for (const char *at = dupex_case_next(dupex_tally_key(cases, entry), end, &value); at != NULL; at = dupex_case_next(at, end, &value))
		{
			if (is_number(dupex_tally_find(features, value.feature, value.feature_length)))
				continue;
			term_key(&key, value.feature, value.feature_length, 'v', value.value, value.value_length);
			dupex_tally_count(values, key.data, (size_t) key.len, 0, &weight);
		}
	}
}

/*
 * The values of a feature that is no number become terms; the first of the most frequent ones is
 * the reference, unless a case may have several.
 */
static void
add_values(DupexTerms *terms, const char *feature, size_t feature_length, bool several, const DupexTally *values,
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
				dupex_terms_add(terms, feature, feature_length, several ? TERM_MEMBER : i == reference ? TERM_REFERENCE : TERM_VALUE,
								key + feature_length + 2, sorted[i]->length - feature_length - 2);
		}
}

/*
 * What becomes a column.
 */
DupexTerms *
dupex_terms_find(const DupexTally *cases)
{
	DupexTerms *terms = dupex_terms_make();
	DupexTally *features = dupex_tally_make(DUPEX_TALLY_NAIVE_BAYES, 3, 0, 16);
	DupexTally *values = dupex_tally_make(DUPEX_TALLY_NAIVE_BAYES, 1, 0, 16);
	DupexSum	total = {0, 0};
	const DupexTallyEntry **sorted;
	const DupexTallyEntry **sorted_values;

	count_features(cases, &features, &total);
	count_values(cases, features, &values);
	sorted = dupex_tally_sorted(features);
	sorted_values = dupex_tally_sorted(values);
	for (uint32 i = 0; i < features->count; i++)
	{
		const char *feature = dupex_tally_key(features, sorted[i]);
		size_t		length = sorted[i]->length;
		const DupexSum *seen = dupex_tally_sums(sorted[i]);
		bool		several = seen[SEEN_SEVERAL].whole > 0;

		terms->groups++;
		if (is_number(sorted[i]))
			dupex_terms_add(terms, feature, length, TERM_NUMBER, NULL, 0);
		else
		{
			char	   *name = pnstrdup(feature, length);

			add_values(terms, name, length, several, values, sorted_values);
		}
		if (!several && (seen[SEEN_WEIGHT].whole != total.whole || seen[SEEN_WEIGHT].part != total.part))
			dupex_terms_add(terms, feature, length, TERM_MISSING, NULL, 0);
	}
	return terms;
}

/*
 * Mean and standard deviation of the numbers, over the cases that have them.
 */
void
dupex_terms_measure(DupexTerms *terms, const DupexTally *cases)
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
			double		weight = dupex_case_weight(entry);
			DupexCaseValue value;
			double		number;

			for (const char *at = dupex_case_next(dupex_tally_key(cases, entry), end, &value); at != NULL; at = dupex_case_next(at, end, &value))
			{
				DupexTerm  *term = find_term(terms, &key, value.feature, value.feature_length, 'n', NULL, 0);

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
			DupexTerm  *term = &terms->list[i];

			/*
			 * NOLINTBEGIN(clang-analyzer-*): there is a list where there is a
			 * count
			 */
			if (term->kind != TERM_NUMBER || weights[i] == 0)
				continue;
			/* NOLINTEND(clang-analyzer-*) */
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
const DupexTerm *
dupex_terms_look_up(const DupexTerms *terms, StringInfo key, const DupexCaseValue *value, double *x)
{
	const DupexTerm *term = find_term(terms, key, value->feature, value->feature_length, 'n', NULL, 0);
	double		number;

	*x = 1;
	if (term == NULL)
		return find_term(terms, key, value->feature, value->feature_length, 'v', value->value, value->value_length);
	if (!value->is_number || !dupex_case_is_number(value->value, value->value_length, &number))
		return NULL;
	*x = (number - term->mean) / term->deviation;
	return term;
}
