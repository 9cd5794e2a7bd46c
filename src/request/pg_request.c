/*
 * pg_request.c
 *		The documents of a request: the arguments of a call, and how they are compared.
 *
 * The recording functions of the marketing database keep what a call said with each value replaced
 * by a hash of it: enough to tell whether a repetition says the same, and which argument it says
 * otherwise. In SQL it is an aggregate over jsonb_each(), which costs more than the row that it is
 * written to; and jsonb_build_object() looks up the type of each argument at each call.
 */
#include "dupex.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "request/pg_json_value.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

/* The hash of a value, as jsonb_hash_extended() has it: equal numbers are equal, 1.0 and 1. */
static int64
hash_value(JsonbValue *value, uint64 seed)
{
	Jsonb	   *document = JsonbValueToJsonb(value);

	return DatumGetInt64(DirectFunctionCall2(jsonb_hash_extended, JsonbPGetDatum(document), UInt64GetDatum(seed)));
}

/*
 * A JSON object of the same keys, each with a hash of its value, and without those that are null;
 * within a value that is an object itself, keys that are null do not count either. The seed is a
 * hash of the text seed. 22023 for a document that is no object.
 */
PG_FUNCTION_INFO_V1(dupex_jsonb_hash_values);
Datum
dupex_jsonb_hash_values(PG_FUNCTION_ARGS)
{
	Jsonb	   *document = PG_GETARG_JSONB_P(0);
	text	   *seed_text = PG_GETARG_TEXT_PP(1);
	uint64		seed = DatumGetUInt64(hash_any_extended((unsigned char *) VARDATA_ANY(seed_text), VARSIZE_ANY_EXHDR(seed_text), 0));
	JsonbParseState *state = NULL;
	JsonbIterator *iterator;
	JsonbValue	value;
	JsonbIteratorToken token;

	if (!JB_ROOT_IS_OBJECT(document))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the document is no JSON object"),
				 errhint("Only the values of an object have names.")));

	iterator = JsonbIteratorInit(&document->root);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		JsonbValue	key;
		JsonbValue	hash;

		if (token != WJB_KEY)
			continue;
		key = value;
		(void) JsonbIteratorNext(&iterator, &value, true);	/* containers come whole */
		if (value.type == jbvNull)
			continue;
		if (value.type == jbvBinary)
			dupex_json_strip_nulls(&value);
		hash.type = jbvNumeric;
		hash.val.numeric = int64_to_numeric(hash_value(&value, seed));
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &hash);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/* The name at an even place of the arguments: a literal or a text. */
static void
set_name(JsonbValue *result, FunctionCallInfo fcinfo, int n)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, n);

	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument %d is NULL, and names a value", n + 1),
				 errhint("Give names and values in turn: 'a', 1, 'b', 2.")));
	if (type == UNKNOWNOID)
	{
		char	   *name = PG_GETARG_CSTRING(n);

		dupex_json_string(result, name, strlen(name));
	}
	else if (type == TEXTOID)
	{
		text	   *name = PG_GETARG_TEXT_PP(n);

		dupex_json_string(result, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument %d is no text, and names a value", n + 1),
				 errhint("Give names and values in turn: 'a', 1, 'b', 2.")));
}

/*
 * jsonb_build_present(VARIADIC "any") returns jsonb: jsonb_build_object() of the pairs whose value is
 * not null, and without looking up the type of each argument at each call. 22023 for an odd number of
 * arguments, an array in place of them, or a name that is no text, 22004 for a name that is NULL.
 */
PG_FUNCTION_INFO_V1(dupex_jsonb_build_present);
Datum
dupex_jsonb_build_present(PG_FUNCTION_ARGS)
{
	JsonValueForm *forms = fcinfo->flinfo->fn_extra;
	JsonbParseState *state = NULL;
	int			n;

	if (PG_NARGS() % 2 != 0 || get_fn_expr_variadic(fcinfo->flinfo))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the arguments are no pairs of a name and a value"),
				 errhint("Give names and values in turn: 'a', 1, 'b', 2.")));
	if (forms == NULL)
	{
		MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		forms = palloc0(sizeof(JsonValueForm) * PG_NARGS());
		for (n = 1; n < PG_NARGS(); n += 2)
		{
			Oid			type = get_fn_expr_argtype(fcinfo->flinfo, n);

			if (type != UNKNOWNOID)
				dupex_json_value_prepare(&forms[n], type);
		}
		fcinfo->flinfo->fn_extra = forms;
		MemoryContextSwitchTo(before);
	}
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (n = 1; n < PG_NARGS(); n += 2)
	{
		JsonbValue	name;
		JsonbValue	value;

		set_name(&name, fcinfo, n - 1);
		if (PG_ARGISNULL(n))
			continue;
		if (forms[n].type == InvalidOid)	/* a literal */
			dupex_json_string(&value, PG_GETARG_CSTRING(n), strlen(PG_GETARG_CSTRING(n)));
		else
			dupex_json_value(&value, &forms[n], PG_GETARG_DATUM(n));
		if (value.type == jbvNull)
			continue;
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
