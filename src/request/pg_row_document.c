/*
 * pg_row_document.c
 *		A row as a JSON object, without its NULLs and without the columns that are named.
 *
 * It says what jsonb_strip_nulls(to_jsonb(row)) - '{a,b}' says, in one pass instead of three, and
 * what to do with each column is looked up once for a query.
 */
#include "dupex.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "request/pg_json_value.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

typedef struct
{
	bool		is_left_out;
	JsonValueForm form;
} RowColumn;

/* What is known of the rows of a query; kept in fn_extra. */
typedef struct
{
	MemoryContext memory;		/* which this is all of */
	Oid			type;			/* of the rows, with typmod */
	int32		typmod;
	int			column_count;
	Datum		without;		/* the array that is_left_out comes from */
	RowColumn	columns[FLEXIBLE_ARRAY_MEMBER];
} RowForm;

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

/* Looks up what rows of a type need; in memory of its own, within that of the query. */
static RowForm *
row_form_make(TupleDesc desc, Datum without, MemoryContext query)
{
	MemoryContext memory = AllocSetContextCreate(query, "dupex row_document", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(memory);
	RowForm    *form = palloc0(offsetof(RowForm, columns) + sizeof(RowColumn) * desc->natts);
	Datum	   *names;
	bool	   *nulls;
	int			count;
	int			i;

	form->memory = memory;
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
		if (!column->is_left_out)
			dupex_json_value_prepare(&column->form, attribute->atttypid);
	}
	MemoryContextSwitchTo(before);
	return form;
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
	{
		/* rows of types in turn need one at a time */
		fcinfo->flinfo->fn_extra = NULL;
		if (form != NULL)
			MemoryContextDelete(form->memory);
		form = fcinfo->flinfo->fn_extra = row_form_make(desc, without, fcinfo->flinfo->fn_mcxt);
	}

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
		dupex_json_value(&value, &form->columns[i].form, values[i]);
		if (value.type == jbvNull)
			continue;
		if (value.type == jbvBinary)
			dupex_json_strip_nulls(&value);
		dupex_json_string(&key, NameStr(TupleDescAttr(desc, i)->attname), strlen(NameStr(TupleDescAttr(desc, i)->attname)));
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	ReleaseTupleDesc(desc);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
