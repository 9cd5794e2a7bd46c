/*
 * pg_json_value.c
 *		A value of any type as a part of a JSON document, as to_jsonb() writes it.
 *
 * to_jsonb() and jsonb_build_object() look up how a type is written for each value anew, which is
 * most of what they do. Types that most values have are written here; for all others it is
 * to_jsonb() that is called, with what it looks up about its argument given once.
 */
#include "pg_json_value.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

static bool
is_written_here(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case TEXTOID:
		case VARCHAROID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return true;
		default:
			return false;
	}
}

/* Looks up what values of a type need; what it allocates is in the current memory context. */
void
dupex_json_value_prepare(JsonValueForm *form, Oid type)
{
	form->type = getBaseType(type);
	if (!is_written_here(form->type))
	{
		/* to_jsonb() asks for the type of its argument's expression */
		Const	   *argument = makeNullConst(form->type, -1, InvalidOid);

		fmgr_info(F_TO_JSONB, &form->to_jsonb);
		fmgr_info_set_expr((Node *) makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(argument), InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL),
						   &form->to_jsonb);
	}
}

/* A string of so many bytes, which are not copied; 54000 when JSON cannot have it. */
void
dupex_json_string(JsonbValue *result, const char *string, Size length)
{
	if (length > JENTRY_OFFLENMASK)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a value of %zu bytes is too long for a JSON document", length),
				 errdetail("A string has at most %d bytes.", JENTRY_OFFLENMASK),
				 errhint("Leave it out, or shorten it.")));
	result->type = jbvString;
	result->val.string.val = unconstify(char *, string);
	result->val.string.len = (int) length;
}

/* A value by to_jsonb(): a scalar, or what is an object or array as jbvBinary. */
static void
set_by_to_jsonb(JsonbValue *result, JsonValueForm *form, Datum value)
{
	Jsonb	   *document = DatumGetJsonbP(FunctionCall1(&form->to_jsonb, value));

	if (JsonbExtractScalar(&document->root, result))
		return;
	result->type = jbvBinary;
	result->val.binary.data = &document->root;
	result->val.binary.len = VARSIZE(document) - VARHDRSZ;
}

/*
 * A value as to_jsonb() writes it; it may point into the datum. jbvNull where that is the value of a
 * JSON type. The caller keeps NULLs out. 54000 for a string that JSON cannot have.
 */
void
dupex_json_value(JsonbValue *result, JsonValueForm *form, Datum value)
{
	switch (form->type)
	{
		case BOOLOID:
			result->type = jbvBool;
			result->val.boolean = DatumGetBool(value);
			break;
		case INT2OID:
		case INT4OID:
		case INT8OID:
			result->type = jbvNumeric;
			result->val.numeric = int64_to_numeric(form->type == INT2OID ? DatumGetInt16(value) : form->type == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value));
			break;
		case NUMERICOID:
			result->type = jbvNumeric;
			result->val.numeric = DatumGetNumeric(value);
			if (numeric_is_nan(result->val.numeric) || numeric_is_inf(result->val.numeric))
			{
				char	   *word = DatumGetCString(DirectFunctionCall1(numeric_out, value));

				dupex_json_string(result, word, strlen(word));
			}
			break;
		case TEXTOID:
		case VARCHAROID:
			{
				text	   *string = DatumGetTextPP(value);

				dupex_json_string(result, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
				break;
			}
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			{
				char	   *time = JsonEncodeDateTime(NULL, value, form->type, NULL);

				dupex_json_string(result, time, strlen(time));
				break;
			}
		default:
			set_by_to_jsonb(result, form, value);
			break;
	}
}

/* An object or array, as jbvBinary, without the keys of objects that are null, at any depth. */
void
dupex_json_strip_nulls(JsonbValue *container)
{
	/*
	 * the second argument is of PostgreSQL 18: whether elements of arrays go,
	 * too
	 */
	Datum		stripped = DirectFunctionCall2(jsonb_strip_nulls, JsonbPGetDatum(JsonbValueToJsonb(container)), BoolGetDatum(false));

	container->val.binary.data = &DatumGetJsonbP(stripped)->root;
	container->val.binary.len = VARSIZE(DatumGetPointer(stripped)) - VARHDRSZ;
}
