/*
 * pg_find_duplicates.c
 *		find_duplicates, find_matches, linkage_model: from records to pairs and clusters.
 *
 * The candidate pairs are made a second time, now to be weighed; a pair is given up as
 * soon as its remaining columns cannot lift it to the threshold. Only what is left is
 * kept, 16 octets a pair.
 */
#include "linkage/pg_linkage.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "hygiene/pg_utf8.h"
#include "linkage/components.h"
#include "runner/pg_store.h"

/* columns of find_duplicates */
enum
{
	FOUND_A,
	FOUND_B,
	FOUND_CLUSTER,
	FOUND_WEIGHT,
	FOUND_PROBABILITY,
	FOUND_CONTRIBUTIONS,
	FOUND_REASON,
	FOUND_COLUMNS
};

#define FIRST_FOUND 1024
/* others with a value from which on they cannot all be one person */
#define FREQUENT 10

typedef struct FoundPair
{
	uint32		a;
	uint32		b;
	uint64		levels;
} FoundPair;

/* the second round */
typedef struct Search
{
	DupexLinkage *linkage;
	double		least;			/* weight */
	int			turn[DUPEX_LINKAGE_COLUMNS];	/* columns, cheap ones first */
	double		rest[DUPEX_LINKAGE_COLUMNS + 1];	/* most from this turn on */
	double		values[DUPEX_LINKAGE_COLUMNS];	/* present ones */
	FoundPair  *pairs;
	Size		count;
	Size		capacity;
} Search;

/*
 * How much more, or less, the same value says in a column than agreement does on the
 * average: a rare name more than a frequent one, the telephone number of an office, or
 * one that stands for none, next to nothing. Of a value that only a few records have,
 * these may all be one person, so it never says less. Of two lists both count.
 */
static double
rarity(const Search *search, int column, uint32 value)
{
	const DupexLinkage *linkage = search->linkage;
	const DupexValues *values = &linkage->records.values[column];
	double		others = (double) values->times[0][value] + values->times[1][value] - 1;
	double		bits;

	if (!dupex_linkage_kind_adjusts(linkage->model.column[column].kind) || search->values[column] < 2)
		return 0;
	bits = dupex_linkage_log2_rounded(linkage->model.u[column][0] / (Max(others, 1) / (search->values[column] - 1)));
	return bits < 0 && others < FREQUENT ? 0 : bits;
}

/*
 * What a column says about a pair. near: the columns before it, as bits, in which the
 * two may be of one household.
 */
static double
contribution(const Search *search, int column, int level, uint32 value, uint32 near)
{
	if (level == DUPEX_LINKAGE_MISSING)
		return 0;
	if (search->linkage->model.near[column] & near)
		return search->linkage->model.near_weight[column][level];
	return search->linkage->model.weight[column][level] + (level == 0 ? rarity(search, column, value) : 0);
}

static void
keep(Search *search, uint32 a, uint32 b, uint64 levels)
{
	if (search->count == search->capacity)
	{
		search->capacity = search->capacity == 0 ? FIRST_FOUND : 2 * search->capacity;
		search->pairs = search->pairs == NULL
			? MemoryContextAllocHuge(search->linkage->context, search->capacity * sizeof(FoundPair))
			: repalloc_huge(search->pairs, search->capacity * sizeof(FoundPair));
		dupex_linkage_check_memory(&search->linkage->arguments, search->linkage->context);
	}
	search->pairs[search->count].a = a;
	search->pairs[search->count].b = b;
	search->pairs[search->count++].levels = levels;
}

static void
weigh_pair(void *state, uint32_t a, uint32_t b)
{
	Search	   *search = state;
	DupexLinkage *linkage = search->linkage;
	double		weight = linkage->model.prior_weight;
	uint32		near = 0;
	uint64		levels = 0;

	CHECK_FOR_INTERRUPTS();
	for (int turn = 0; turn < linkage->records.columns; turn++)
	{
		int			c = search->turn[turn];
		int			level = dupex_linkage_compare(linkage, c, a, b);

		weight += contribution(search, c, level, linkage->records.value[c][a], near);
		if (dupex_linkage_level_is_near(&linkage->model, c, level))
			near |= 1u << c;
		if (weight + search->rest[turn + 1] < search->least)
			return;
		levels |= (uint64) level << (4 * c);
	}
	keep(search, a, b, levels);
}

/*
 * Columns in the order in which they are weighed: those that make a household before
 * those that it matters for, then those first that cost least.
 */
static void
order_columns(Search *search)
{
	const DupexLinkageModel *model = &search->linkage->model;
	uint32		done = 0;

	for (int turn = 0; turn < model->columns; turn++)
	{
		int			next = 0;
		bool		is_found = false;

		for (int c = 0; c < model->columns; c++)
		{
			if (done >> c & 1 || model->near[c] & ~done)
				continue;
			if (!is_found || model->column[c].levels < model->column[next].levels)
				next = c;
			is_found = true;
		}
		search->turn[turn] = next;
		done |= 1u << next;
	}
}

/*
 * Plans the turns, and what can still come after each.
 */
static void
plan_turns(Search *search)
{
	const DupexLinkage *linkage = search->linkage;
	int			columns = linkage->records.columns;

	order_columns(search);
	search->rest[columns] = 0;
	for (int c = 0; c < columns; c++)
		for (uint32 i = 0; i < linkage->records.count; i++)
			search->values[c] += linkage->records.value[c][i] != 0;
	for (int turn = columns - 1; turn >= 0; turn--)
	{
		int			c = search->turn[turn];
		double		most = Max(linkage->model.weight[c][0], 0);

		if (dupex_linkage_kind_adjusts(linkage->model.column[c].kind) && search->values[c] >= 2)
			most += Max(dupex_linkage_log2_rounded(linkage->model.u[c][0] * (search->values[c] - 1)), 0);
		most = Max(most, linkage->model.near_weight[c][0]);
		search->rest[turn] = search->rest[turn + 1] + most;
	}
}

static int
compare_pairs(const void *a, const void *b)
{
	const FoundPair *x = a;
	const FoundPair *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->b < y->b ? -1 : x->b > y->b;
}

/*
 * A pair in words. Weights are in bits: each doubles the odds, or halves them.
 */
static Datum
reason_of(const Search *search, const FoundPair *pair, uint32 near, const double *parts, double weight)
{
	const DupexLinkage *linkage = search->linkage;
	bool		household = false;
	StringInfoData out;

	initStringInfo(&out);
	for (int c = 0; c < linkage->records.columns; c++)
	{
		int			level = dupex_pattern_level(pair->levels, c);
		const DupexLinkageColumn *column = &linkage->model.column[c];
		const char *name = linkage->records.name[c];

		if (column->kind == DUPEX_LINKAGE_BLOCK)
			continue;
		appendStringInfo(&out, "%s ", text_to_cstring(DatumGetTextPP(dupex_utf8_text(name, strlen(name)))));
		if (level == DUPEX_LINKAGE_MISSING)
			appendStringInfoString(&out, "missing, ");
		else
		{
			appendStringInfo(&out, "%s (%+.1f), ", dupex_linkage_level_name(column, level), parts[c + 1]);
			household = household || (linkage->model.near[c] & near) != 0;
		}
	}
	appendStringInfo(&out, "%sany two records (%+.1f): together %+.1f", household ? "weighed as of one household, " : "", parts[0], weight);
	return PointerGetDatum(cstring_to_text_with_len(out.data, out.len));
}

static void
put_pair(const Search *search, const FoundPair *pair, uint32 *parent, const DupexStore *store)
{
	const DupexLinkage *linkage = search->linkage;
	const DupexRecords *records = &linkage->records;
	Datum		values[FOUND_COLUMNS];
	bool		nulls[FOUND_COLUMNS] = {false};
	Datum		datums[DUPEX_LINKAGE_COLUMNS + 1];
	double		parts[DUPEX_LINKAGE_COLUMNS + 1];
	double		weight = linkage->model.prior_weight;
	uint32		near = 0;

	parts[0] = weight;
	for (int c = 0; c < records->columns; c++)
		if (dupex_linkage_level_is_near(&linkage->model, c, dupex_pattern_level(pair->levels, c)))
			near |= 1u << c;
	for (int c = 0; c < records->columns; c++)
	{
		parts[c + 1] = contribution(search, c, dupex_pattern_level(pair->levels, c), records->value[c][pair->a], near);
		weight += parts[c + 1];
	}
	for (int i = 0; i <= records->columns; i++)
		datums[i] = Float8GetDatum(parts[i]);
	values[FOUND_A] = PointerGetDatum(dupex_records_key(records, pair->a));
	values[FOUND_B] = PointerGetDatum(dupex_records_key(records, pair->b));
	values[FOUND_CLUSTER] = PointerGetDatum(dupex_records_key(records, dupex_components_find(parent, pair->a)));
	values[FOUND_WEIGHT] = Float8GetDatum(weight);
	values[FOUND_PROBABILITY] = Float8GetDatum(dupex_linkage_probability(weight));
	values[FOUND_CONTRIBUTIONS] = PointerGetDatum(construct_array(datums, records->columns + 1, FLOAT8OID, sizeof(float8),
																  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[FOUND_REASON] = reason_of(search, pair, near, parts, weight);
	tuplestore_putvalues(store->rows, store->type, values, nulls);
}

static void
put_pairs(Search *search, const DupexStore *store)
{
	DupexLinkage *linkage = search->linkage;
	uint32	   *parent = MemoryContextAllocHuge(linkage->context, Max((Size) linkage->records.count, 1) * sizeof(uint32));
	MemoryContext row = AllocSetContextCreate(linkage->context, "dupex row of find_duplicates", ALLOCSET_SMALL_SIZES);
	MemoryContext before;

	if (search->count > 1)
		qsort(search->pairs, search->count, sizeof(FoundPair), compare_pairs);
	dupex_components_begin(parent, linkage->records.count);
	for (Size i = 0; i < search->count; i++)
		dupex_components_join(parent, search->pairs[i].a, search->pairs[i].b);
	before = MemoryContextSwitchTo(row);
	for (Size i = 0; i < search->count; i++)
	{
		put_pair(search, &search->pairs[i], parent, store);
		MemoryContextReset(row);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(before);
}

/*
 * The arguments from number n on, as they stand in all functions: comparators, blocking,
 * recall, sounds, country, max_block, max_memory. 22004 for NULL where there is none.
 */
static void
get_arguments(FunctionCallInfo fcinfo, int n, DupexLinkageArguments *arguments)
{
	static const char *const names[] = {NULL, NULL, "recall", NULL, "country", "max_block", "max_memory"};

	if (PG_ARGISNULL(0) || (n > 1 && PG_ARGISNULL(n - 1)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s of %s is NULL", PG_ARGISNULL(0) ? "query" : "house_query", arguments->function)));
	for (int i = 0; i < (int) lengthof(names); i++)
		if (names[i] && PG_ARGISNULL(n + i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s of %s is NULL", names[i], arguments->function),
					 errhint("Leave it out for its usual value.")));
	arguments->query = PG_GETARG_TEXT_PP(0);
	arguments->other_query = n > 1 ? PG_GETARG_TEXT_PP(n - 1) : NULL;
	arguments->comparators = PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n);
	arguments->blocking = PG_ARGISNULL(n + 1) ? NULL : PG_GETARG_ARRAYTYPE_P(n + 1);
	arguments->recall = PG_GETARG_FLOAT8(n + 2);
	arguments->sounds = PG_ARGISNULL(n + 3) ? InvalidOid : PG_GETARG_OID(n + 3);
	arguments->country = PG_GETARG_TEXT_PP(n + 4);
	arguments->max_block = PG_GETARG_INT32(n + 5);
	arguments->max_memory = PG_GETARG_INT32(n + 6);
}

static void
find(FunctionCallInfo fcinfo, const char *function, int n)
{
	DupexLinkageArguments arguments = {.function = function};
	DupexStore	store;
	DupexLinkage linkage;
	Search		search = {.linkage = &linkage};
	double		probability;

	dupex_store_open(fcinfo, FOUND_COLUMNS, &store);
	get_arguments(fcinfo, n, &arguments);
	probability = PG_ARGISNULL(n + 7) ? -1 : PG_GETARG_FLOAT8(n + 7);
	if (!(probability > 0 && probability < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_probability of %s is not between 0 and 1", function),
				 errhint("Use a number such as 0.9; linkage_thresholds() tells what each will cost.")));
	search.least = log2(probability / (1 - probability));
	dupex_linkage_open(&linkage, &arguments);
	if (PG_ARGISNULL(n + 8))
		dupex_linkage_learn(&linkage);
	else
		dupex_linkage_model_from_jsonb(&linkage, PG_GETARG_JSONB_P(n + 8));
	plan_turns(&search);
	dupex_pairs_each(&linkage.pairs, weigh_pair, &search);
	dupex_linkage_warn(&linkage);
	put_pairs(&search, &store);
	MemoryContextDelete(linkage.context);
}

/*
 * find_duplicates(query, ...): pairs of records of one list that are one person.
 */
PG_FUNCTION_INFO_V1(dupex_find_duplicates);
Datum
dupex_find_duplicates(PG_FUNCTION_ARGS)
{
	find(fcinfo, "find_duplicates", 1);
	return (Datum) 0;
}

/*
 * find_matches(query, house_query, ...): pairs of a record of each of two lists.
 */
PG_FUNCTION_INFO_V1(dupex_find_matches);
Datum
dupex_find_matches(PG_FUNCTION_ARGS)
{
	find(fcinfo, "find_matches", 2);
	return (Datum) 0;
}

/*
 * linkage_model(query, ..., house_query): what agreement is worth.
 */
PG_FUNCTION_INFO_V1(dupex_linkage_model);
Datum
dupex_linkage_model(PG_FUNCTION_ARGS)
{
	DupexLinkageArguments arguments = {.function = "linkage_model"};
	DupexLinkage linkage;
	Jsonb	   *model;

	get_arguments(fcinfo, 1, &arguments);
	if (!PG_ARGISNULL(8))
		arguments.other_query = PG_GETARG_TEXT_PP(8);
	dupex_linkage_open(&linkage, &arguments);
	dupex_linkage_learn(&linkage);
	model = dupex_linkage_model_to_jsonb(&linkage);
	MemoryContextDelete(linkage.context);
	PG_RETURN_JSONB_P(model);
}
