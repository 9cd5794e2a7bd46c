/*
 * pg_request.c
 *		A document as it is compared: each value of a JSON object replaced by a hash of it.
 *
 * The recording functions of the marketing database keep what a call said in this form: enough to
 * tell whether a repetition says the same, and which argument it says otherwise. In SQL it is an
 * aggregate over jsonb_each(), which costs more than the row that it is written to.
 */
#include "dupex.h"

#include "common/hashfn.h"
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
		{
			/*
			 * the second argument is of PostgreSQL 18: whether elements of
			 * arrays go too
			 */
			Datum		stripped = DirectFunctionCall2(jsonb_strip_nulls, JsonbPGetDatum(JsonbValueToJsonb(&value)), BoolGetDatum(false));

			value.val.binary.data = &DatumGetJsonbP(stripped)->root;
			value.val.binary.len = VARSIZE(DatumGetPointer(stripped)) - VARHDRSZ;
		}
		hash.type = jbvNumeric;
		hash.val.numeric = int64_to_numeric(hash_value(&value, seed));
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &hash);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
