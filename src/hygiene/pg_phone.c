/*
 * pg_phone.c
 *		Telephone numbers in SQL: phone_normalize, phone_rules.
 *
 * The numbering plans are lines of text (phone_plans.c). They are parsed once: the
 * built-in ones for the life of the process, those of an argument for the life of
 * the expression, and again when it changes.
 */
#include "dupex.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "hygiene/pg_readers.h"
#include "hygiene/pg_utf8.h"
#include "hygiene/phone.h"
#include "runner/pg_rows.h"

/* columns of phone_normalize */
enum
{
	PHONE_E164,
	PHONE_KIND,
	PHONE_CODE,
	PHONE_COLUMNS
};

/* what an expression keeps between its calls */
typedef struct PhoneCache
{
	TupleDesc	type;
	MemoryContext context;		/* of the rules of an argument */
	ArrayType  *given;			/* the argument that they were made of */
	DupexPhoneRules rules;
} PhoneCache;

static DupexPhoneRules *built_in;

static void
make_room(DupexPhoneRules *rules, size_t lines)
{
	memset(rules, 0, sizeof(*rules));
	rules->countries = palloc(Max(lines, 1) * sizeof(DupexPhoneCountry));
	rules->ranges = palloc(Max(lines, 1) * sizeof(DupexPhoneRange));
}

/*
 * The numbering plans that are built in.
 */
const DupexPhoneRules *
dupex_phone_built_in_rules(void)
{
	MemoryContext before;
	DupexPhoneRules *rules;

	if (built_in != NULL)
		return built_in;
	before = MemoryContextSwitchTo(TopMemoryContext);
	rules = palloc(sizeof(DupexPhoneRules));
	make_room(rules, dupex_phone_plan_count);
	MemoryContextSwitchTo(before);
	for (size_t i = 0; i < dupex_phone_plan_count; i++)
	{
		const char *line = dupex_phone_plans[i];
		const char *fault = dupex_phone_rules_add(rules, line, strlen(line));

		if (fault != NULL)
			elog(ERROR, "built-in numbering plan \"%s\": %s", line, fault);
	}
	built_in = rules;
	return rules;
}

/*
 * Parses the lines of an argument. 22023 for a wrong one; NULLs are passed over.
 */
static void
parse_rules(ArrayType *lines, DupexPhoneRules *rules)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(lines, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	make_room(rules, (size_t) count);
	for (int i = 0; i < count; i++)
	{
		const char *fault;
		char	   *line;

		if (nulls[i])
			continue;
		line = TextDatumGetCString(elements[i]);
		fault = dupex_phone_rules_add(rules, line, strlen(line));
		if (fault != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("cannot read the line \"%s\" of a numbering plan", line),
					 errdetail("In it, %s.", fault),
					 errhint("Lines are such as \"CN +86 trunk=0 international=00\" and \"CN mobile 1[38] 11\"; phone_rules() shows those that are built in.")));
	}
}

static PhoneCache *
cache_of(FunctionCallInfo fcinfo)
{
	PhoneCache *cache = fcinfo->flinfo->fn_extra;
	MemoryContext before;

	if (cache != NULL)
		return cache;
	before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	cache = palloc0(sizeof(PhoneCache));
	cache->type = dupex_row_type(fcinfo, PHONE_COLUMNS);
	cache->context = AllocSetContextCreate(CurrentMemoryContext, "dupex numbering plans", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(before);
	fcinfo->flinfo->fn_extra = cache;
	return cache;
}

/*
 * The rules of argument n; the built-in ones when it is NULL.
 */
static const DupexPhoneRules *
rules_argument(FunctionCallInfo fcinfo, int n, PhoneCache *cache)
{
	ArrayType  *given;
	MemoryContext before;

	if (PG_ARGISNULL(n))
		return dupex_phone_built_in_rules();
	given = PG_GETARG_ARRAYTYPE_P(n);
	if (cache->given != NULL && VARSIZE(cache->given) == VARSIZE(given) &&
		memcmp(cache->given, given, VARSIZE(given)) == 0)
		return &cache->rules;
	cache->given = NULL;
	MemoryContextReset(cache->context);
	before = MemoryContextSwitchTo(cache->context);
	parse_rules(given, &cache->rules);
	cache->given = palloc(VARSIZE(given));
	memcpy(cache->given, given, VARSIZE(given));
	MemoryContextSwitchTo(before);
	return &cache->rules;
}

/*
 * phone_normalize(number, country, rules): the number in E.164, its kind, and a
 * code. No number and no country raises an error; a wrong rule does (22023).
 */
PG_FUNCTION_INFO_V1(dupex_phone_normalize);
Datum
dupex_phone_normalize(PG_FUNCTION_ARGS)
{
	PhoneCache *cache = cache_of(fcinfo);
	const DupexPhoneRules *rules;
	text	   *number;
	text	   *country;
	DupexUtf8	utf8;
	DupexPhone	phone;
	Datum		values[PHONE_COLUMNS] = {0};
	bool		nulls[PHONE_COLUMNS] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	rules = rules_argument(fcinfo, 2, cache);
	number = PG_GETARG_TEXT_PP(0);
	country = PG_ARGISNULL(1) ? cstring_to_text("") : PG_GETARG_TEXT_PP(1);
	utf8 = dupex_utf8_of_server(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number));
	dupex_phone_read(rules, utf8.text, utf8.length, VARDATA_ANY(country),
					 VARSIZE_ANY_EXHDR(country), &phone);
	nulls[PHONE_E164] = phone.e164[0] == '\0';
	if (!nulls[PHONE_E164])
		values[PHONE_E164] = CStringGetTextDatum(phone.e164);
	nulls[PHONE_KIND] = phone.kind == NULL;
	if (!nulls[PHONE_KIND])
		values[PHONE_KIND] = CStringGetTextDatum(phone.kind);
	values[PHONE_CODE] = CStringGetTextDatum(dupex_phone_code_name(phone.code));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(cache->type, values, nulls)));
}

/*
 * phone_rules(): the built-in numbering plans, line by line.
 */
PG_FUNCTION_INFO_V1(dupex_phone_rules);
Datum
dupex_phone_rules(PG_FUNCTION_ARGS)
{
	Datum	   *lines = palloc(dupex_phone_plan_count * sizeof(Datum));

	for (size_t i = 0; i < dupex_phone_plan_count; i++)
		lines[i] = CStringGetTextDatum(dupex_phone_plans[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(lines, (int) dupex_phone_plan_count, TEXTOID, -1, false, TYPALIGN_INT));
}
