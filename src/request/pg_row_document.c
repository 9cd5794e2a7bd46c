/*
 * pg_row_document.c
 *		A row as a JSON object, without its NULLs and without the columns that are named.
 *
 * It says what jsonb_strip_nulls(to_jsonb(row)) - '{a,b}' says, in one pass instead of three, and
 * what to do with each column is looked up once for a query. Types that most columns have are
 * written here as to_jsonb() writes them; all others go through to_jsonb() itself.
 */
#include "dupex.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

typedef struct
{
	Oid			type;			/* a domain's base type */
	bool		is_left_out;
	FmgrInfo	to_jsonb;		/* not set for types that are written here */
} RowColumn;

/* What is known of the rows of a query; kept in fn_extra. */
typedef struct
{
	Oid			type;			/* of the rows, with typmod */
	int32		typmod;
	int			column_count;
	Datum		without;		/* the array that is_left_out comes from */
	RowColumn	columns[FLEXIBLE_ARRAY_MEMBER];
} RowForm;

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

static bool
is_named(const char *name, Datum *names, bool *nulls, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		if (!nulls[i] && VARSIZE_ANY_EXHDR(DatumGetPointer(names[i])) == strlen(name) &&
			memcmp(VARDATA_ANY(DatumGetPointer(names[i])), name, strlen(name)) == 0)
			return true;
	return false;
}

/* Looks up what rows of a type need; allocated in the memory of the query. */
static RowForm *
row_form_make(TupleDesc desc, Datum without, MemoryContext context)
{
	MemoryContext before = MemoryContextSwitchTo(context);
	RowForm    *form = palloc0(offsetof(RowForm, columns) + sizeof(RowColumn) * desc->natts);
	Datum	   *names;
	bool	   *nulls;
	int			count;
	int			i;

	form->type = desc->tdtypeid;
	form->typmod = desc->tdtypmod;
	form->column_count = desc->natts;
	form->without = PointerGetDatum(DatumGetArrayTypePCopy(without));
	deconstruct_array(DatumGetArrayTypeP(form->without), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		RowColumn  *column = &form->columns[i];

		column->is_left_out = attribute->attisdropped || is_named(NameStr(attribute->attname), names, nulls, count);
		if (column->is_left_out)
			continue;
		column->type = getBaseType(attribute->atttypid);
		if (!is_written_here(column->type))
		{
			/* to_jsonb() asks for the type of its argument's expression */
			Const	   *argument = makeNullConst(column->type, -1, InvalidOid);

			fmgr_info(F_TO_JSONB, &column->to_jsonb);
			fmgr_info_set_expr((Node *) makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(argument), InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL),
							   &column->to_jsonb);
		}
	}
	MemoryContextSwitchTo(before);
	return form;
}

static void
set_string(JsonbValue *result, const char *string, Size length)
{
	if (length > JENTRY_OFFLENMASK)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a value of %zu bytes is too long for a JSON document", length),
				 errdetail("A string has at most %d bytes.", JENTRY_OFFLENMASK),
				 errhint("Leave its column out.")));
	result->type = jbvString;
	result->val.string.val = unconstify(char *, string);
	result->val.string.len = (int) length;
}

/* A value by to_jsonb(); what is an object or array is without its NULLs, too. */
static void
set_by_to_jsonb(JsonbValue *result, RowColumn *column, Datum value)
{
	Jsonb	   *document = DatumGetJsonbP(FunctionCall1(&column->to_jsonb, value));

	if (JsonbExtractScalar(&document->root, result))
		return;

	/*
	 * the second argument is of PostgreSQL 18: whether elements of arrays go,
	 * too
	 */
	document = DatumGetJsonbP(DirectFunctionCall2(jsonb_strip_nulls, JsonbPGetDatum(document), BoolGetDatum(false)));
	result->type = jbvBinary;
	result->val.binary.data = &document->root;
	result->val.binary.len = VARSIZE(document) - VARHDRSZ;
}

/* The value of a column as to_jsonb() writes it. */
static void
column_value(JsonbValue *result, RowColumn *column, Datum value)
{
	switch (column->type)
	{
		case BOOLOID:
			result->type = jbvBool;
			result->val.boolean = DatumGetBool(value);
			break;
		case INT2OID:
		case INT4OID:
		case INT8OID:
			result->type = jbvNumeric;
			result->val.numeric = int64_to_numeric(column->type == INT2OID ? DatumGetInt16(value) : column->type == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value));
			break;
		case NUMERICOID:
			result->type = jbvNumeric;
			result->val.numeric = DatumGetNumeric(value);
			if (numeric_is_nan(result->val.numeric) || numeric_is_inf(result->val.numeric))
			{
				char	   *word = DatumGetCString(DirectFunctionCall1(numeric_out, value));

				set_string(result, word, strlen(word));
			}
			break;
		case TEXTOID:
		case VARCHAROID:
			{
				text	   *string = DatumGetTextPP(value);

				set_string(result, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
				break;
			}
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			{
				char	   *time = JsonEncodeDateTime(NULL, value, column->type, NULL);

				set_string(result, time, strlen(time));
				break;
			}
		default:
			set_by_to_jsonb(result, column, value);
			break;
	}
}

/*
 * row_document(row_value record, without text[]) returns jsonb: strict. Within a value that is an
 * object itself, keys that are null do not count either. 54000 for a string that JSON cannot have.
 */
PG_FUNCTION_INFO_V1(dupex_row_document);
Datum
dupex_row_document(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	Datum		without = PointerGetDatum(PG_GETARG_ARRAYTYPE_P(1));
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	RowForm    *form = fcinfo->flinfo->fn_extra;
	HeapTupleData tuple;
	Datum	   *values = palloc(sizeof(Datum) * desc->natts);
	bool	   *nulls = palloc(sizeof(bool) * desc->natts);
	JsonbParseState *state = NULL;
	int			i;

	if (form == NULL || form->type != desc->tdtypeid || form->typmod != desc->tdtypmod || form->column_count != desc->natts ||
		!datumIsEqual(form->without, without, false, -1))
		form = fcinfo->flinfo->fn_extra = row_form_make(desc, without, fcinfo->flinfo->fn_mcxt);

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (i = 0; i < desc->natts; i++)
	{
		JsonbValue	key;
		JsonbValue	value;

		if (nulls[i] || form->columns[i].is_left_out)
			continue;
		column_value(&value, &form->columns[i], values[i]);
		if (value.type == jbvNull)
			continue;
		set_string(&key, NameStr(TupleDescAttr(desc, i)->attname), strlen(NameStr(TupleDescAttr(desc, i)->attname)));
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	ReleaseTupleDesc(desc);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
