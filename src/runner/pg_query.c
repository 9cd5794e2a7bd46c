/*
 * pg_query.c
 *		Reads the rows of a query given as text. pg_query.h tells how to use it.
 *
 * The rows come into a destination of our own instead of a table of SPI, as the executor makes
 * them: ten million of them cost little more than the scan.
 */
#include "runner/pg_query.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/uuid.h"

#define MAX_COLUMNS 16

/*
 * Brings a value of the query's column into the form that the runner wants.
 */
typedef Datum (*Convert) (Datum value, DupexQueryKey *key);

typedef struct Receiver
{
	DestReceiver pub;
	const DupexQuery *query;
	void	   *state;
	MemoryContext row_context;
	int			count;			/* columns of the query */
	bool		key_is_text;
	Convert		convert[MAX_COLUMNS];	/* NULL: as it is */
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
	DupexQueryKey key;
} Receiver;

static Datum
key_of_number(int64 number, DupexQueryKey *key)
{
	key->hash = dupex_hash_number((uint64) number);
	key->number = number;
	key->bytes = NULL;
	key->length = 0;
	return PointerGetDatum(key);
}

static Datum
key_of_bytes(const char *bytes, int length, DupexQueryKey *key)
{
	key->hash = hash_bytes_extended((const unsigned char *) bytes, length, 0);
	key->number = 0;
	key->bytes = bytes;
	key->length = (uint32) length;
	return PointerGetDatum(key);
}

static Datum
key_of_int2(Datum value, DupexQueryKey *key)
{
	return key_of_number(DatumGetInt16(value), key);
}

static Datum
key_of_int4(Datum value, DupexQueryKey *key)
{
	return key_of_number(DatumGetInt32(value), key);
}

static Datum
key_of_int8(Datum value, DupexQueryKey *key)
{
	return key_of_number(DatumGetInt64(value), key);
}

static Datum
key_of_text(Datum value, DupexQueryKey *key)
{
	text	   *word = DatumGetTextPP(value);

	return key_of_bytes(VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word), key);
}

static Datum
key_of_char(Datum value, DupexQueryKey *key)
{
	text	   *word = DatumGetTextPP(value);
	int			length = VARSIZE_ANY_EXHDR(word);

	/* blanks at the end do not make char(n) another value */
	while (length > 0 && VARDATA_ANY(word)[length - 1] == ' ')
		length--;
	return key_of_bytes(VARDATA_ANY(word), length, key);
}

static Datum
key_of_uuid(Datum value, DupexQueryKey *key)
{
	return key_of_bytes((const char *) DatumGetUUIDP(value)->data, UUID_LEN, key);
}

static Datum
integer_of_int2(Datum value, DupexQueryKey *key)
{
	return Int64GetDatum(DatumGetInt16(value));
}

static Datum
integer_of_int4(Datum value, DupexQueryKey *key)
{
	return Int64GetDatum(DatumGetInt32(value));
}

static Datum
float_of_int2(Datum value, DupexQueryKey *key)
{
	return Float8GetDatum(DatumGetInt16(value));
}

static Datum
float_of_int4(Datum value, DupexQueryKey *key)
{
	return Float8GetDatum(DatumGetInt32(value));
}

static Datum
float_of_int8(Datum value, DupexQueryKey *key)
{
	return Float8GetDatum((float8) DatumGetInt64(value));
}

static Datum
float_of_float4(Datum value, DupexQueryKey *key)
{
	return Float8GetDatum(DatumGetFloat4(value));
}

static Datum
float_of_numeric(Datum value, DupexQueryKey *key)
{
	return DirectFunctionCall1(numeric_float8, value);
}

static Datum
numeric_of_int2(Datum value, DupexQueryKey *key)
{
	return DirectFunctionCall1(int2_numeric, value);
}

static Datum
numeric_of_int4(Datum value, DupexQueryKey *key)
{
	return DirectFunctionCall1(int4_numeric, value);
}

static Datum
numeric_of_int8(Datum value, DupexQueryKey *key)
{
	return DirectFunctionCall1(int8_numeric, value);
}

static Datum
numeric_of_float4(Datum value, DupexQueryKey *key)
{
	return DirectFunctionCall1(float4_numeric, value);
}

static Datum
numeric_of_float8(Datum value, DupexQueryKey *key)
{
	return DirectFunctionCall1(float8_numeric, value);
}

static Datum
detoasted(Datum value, DupexQueryKey *key)
{
	return PointerGetDatum(PG_DETOAST_DATUM(value));
}

static Datum
detoasted_packed(Datum value, DupexQueryKey *key)
{
	return PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
}

static Datum
text_of_char(Datum value, DupexQueryKey *key)
{
	DupexQueryKey trimmed;

	key_of_char(value, &trimmed);
	return PointerGetDatum(cstring_to_text_with_len(trimmed.bytes, (int) trimmed.length));
}

static Datum
text_of_name(Datum value, DupexQueryKey *key)
{
	return PointerGetDatum(cstring_to_text(NameStr(*DatumGetName(value))));
}

/*
 * What types a column may have, and how their values are brought into its form.
 */
static const struct
{
	DupexColumnType type;
	Oid			given;
	Convert		convert;
}			conversions[] =

{
	{DUPEX_COLUMN_KEY, INT8OID, key_of_int8},
	{DUPEX_COLUMN_KEY, INT4OID, key_of_int4},
	{DUPEX_COLUMN_KEY, INT2OID, key_of_int2},
	{DUPEX_COLUMN_KEY, TEXTOID, key_of_text},
	{DUPEX_COLUMN_KEY, VARCHAROID, key_of_text},
	{DUPEX_COLUMN_KEY, BPCHAROID, key_of_char},
	{DUPEX_COLUMN_KEY, UUIDOID, key_of_uuid},
	{DUPEX_COLUMN_TIME, TIMESTAMPTZOID, NULL},
	{DUPEX_COLUMN_INTEGER, INT8OID, NULL},
	{DUPEX_COLUMN_INTEGER, INT4OID, integer_of_int4},
	{DUPEX_COLUMN_INTEGER, INT2OID, integer_of_int2},
	{DUPEX_COLUMN_FLOAT, FLOAT8OID, NULL},
	{DUPEX_COLUMN_FLOAT, FLOAT4OID, float_of_float4},
	{DUPEX_COLUMN_FLOAT, NUMERICOID, float_of_numeric},
	{DUPEX_COLUMN_FLOAT, INT8OID, float_of_int8},
	{DUPEX_COLUMN_FLOAT, INT4OID, float_of_int4},
	{DUPEX_COLUMN_FLOAT, INT2OID, float_of_int2},
	{DUPEX_COLUMN_NUMERIC, NUMERICOID, detoasted},
	{DUPEX_COLUMN_NUMERIC, INT8OID, numeric_of_int8},
	{DUPEX_COLUMN_NUMERIC, INT4OID, numeric_of_int4},
	{DUPEX_COLUMN_NUMERIC, INT2OID, numeric_of_int2},
	{DUPEX_COLUMN_NUMERIC, FLOAT8OID, numeric_of_float8},
	{DUPEX_COLUMN_NUMERIC, FLOAT4OID, numeric_of_float4},
	{DUPEX_COLUMN_TEXT, TEXTOID, detoasted_packed},
	{DUPEX_COLUMN_TEXT, VARCHAROID, detoasted_packed},
	{DUPEX_COLUMN_TEXT, BPCHAROID, text_of_char},
	{DUPEX_COLUMN_TEXT, NAMEOID, text_of_name},
	{DUPEX_COLUMN_BOOLEAN, BOOLOID, NULL},
	{DUPEX_COLUMN_TEXTS, TEXTARRAYOID, detoasted},
	{DUPEX_COLUMN_TEXTS, VARCHARARRAYOID, detoasted},
};

/*
 * What a user is told a column should be cast to.
 */
static const char *
name_of_type(DupexColumnType type)
{
	static const char *const names[] = {
		[DUPEX_COLUMN_KEY] = "bigint or text",
		[DUPEX_COLUMN_TIME] = "timestamp with time zone",
		[DUPEX_COLUMN_INTEGER] = "integer",
		[DUPEX_COLUMN_FLOAT] = "double precision",
		[DUPEX_COLUMN_NUMERIC] = "numeric",
		[DUPEX_COLUMN_TEXT] = "text",
		[DUPEX_COLUMN_BOOLEAN] = "boolean",
		[DUPEX_COLUMN_TEXTS] = "text[]"
	};

	return names[type];
}

/*
 * How column n comes into the form that it must have. Raises 42804.
 */
static void
set_conversion(Receiver *receiver, int n, Oid given)
{
	const DupexQueryColumn *column = &receiver->query->columns[n];
	Oid			base = getBaseType(given);

	for (size_t i = 0; i < lengthof(conversions); i++)
		if (conversions[i].type == column->type && conversions[i].given == base)
		{
			receiver->convert[n] = conversions[i].convert;
			if (column->type == DUPEX_COLUMN_KEY)
				receiver->key_is_text = base != INT8OID && base != INT4OID && base != INT2OID;
			return;
		}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column %d of the query of %s is of type %s", n + 1, receiver->query->function, format_type_be(given)),
			 errdetail("It is the %s, and must be of type %s.", column->name, name_of_type(column->type)),
			 errhint("The query must return %s: cast the column.", receiver->query->returns)));
}

/*
 * Checks what the query returns: 22023 when it is not one SELECT that only reads, 42804 for another
 * number of columns or a column of another type.
 */
static void
check_columns(Receiver *receiver, SPIPlanPtr plan)
{
	const DupexQuery *query = receiver->query;
	List	   *sources = SPI_plan_get_plan_sources(plan);
	CachedPlanSource *source = list_length(sources) == 1 ? linitial(sources) : NULL;
	int			required = 0;

	while (required < query->count && !query->columns[required].is_optional)
		required++;
	if (source == NULL || source->commandTag != CMDTAG_SELECT || source->resultDesc == NULL ||
		linitial_node(Query, source->query_list)->hasModifyingCTE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query of %s is not one SELECT that only reads", query->function),
				 errhint("The query must return %s.", query->returns)));
	receiver->count = source->resultDesc->natts;
	if (receiver->count < required || receiver->count > query->count)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the query of %s returns %d columns", query->function, receiver->count),
				 errhint("The query must return %s.", query->returns)));
	for (int i = 0; i < receiver->count; i++)
		set_conversion(receiver, i, TupleDescAttr(source->resultDesc, i)->atttypid);
}

static void
receive_nothing(DestReceiver *self, int operation, TupleDesc type)
{
}

static void
finish_nothing(DestReceiver *self)
{
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	Receiver   *receiver = (Receiver *) self;
	MemoryContext before = MemoryContextSwitchTo(receiver->row_context);

	CHECK_FOR_INTERRUPTS();
	slot_getsomeattrs(slot, receiver->count);
	for (int i = 0; i < receiver->count; i++)
	{
		receiver->nulls[i] = slot->tts_isnull[i];
		if (receiver->nulls[i])
			receiver->values[i] = (Datum) 0;
		else if (receiver->convert[i])
			receiver->values[i] = receiver->convert[i] (slot->tts_values[i], &receiver->key);
		else
			receiver->values[i] = slot->tts_values[i];
	}
	receiver->query->row(receiver->state, receiver->values, receiver->nulls);
	MemoryContextSwitchTo(before);
	MemoryContextReset(receiver->row_context);
	return true;
}

/*
 * Runs the query and calls the runner's functions with state. Raises 22023 and 42804 for a query
 * that returns something else, and what the query raises.
 */
void
dupex_query_run(const DupexQuery *query, text *sql, void *state)
{
	Receiver   *receiver = palloc0(sizeof(Receiver));
	SPIExecuteOptions options = {0};
	SPIPlanPtr	plan;
	int			code;

	Assert(query->count <= MAX_COLUMNS);
	receiver->pub.receiveSlot = receive_row;
	receiver->pub.rStartup = receive_nothing;
	receiver->pub.rShutdown = finish_nothing;
	receiver->pub.rDestroy = finish_nothing;
	receiver->pub.mydest = DestNone;
	receiver->query = query;
	receiver->state = state;
	receiver->row_context = AllocSetContextCreate(CurrentMemoryContext, "dupex row of a query", ALLOCSET_SMALL_SIZES);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare_cursor(text_to_cstring(sql), 0, NULL, CURSOR_OPT_PARALLEL_OK);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	check_columns(receiver, plan);
	if (query->start)
	{
		MemoryContext before = MemoryContextSwitchTo(receiver->row_context);

		query->start(state, receiver->count, receiver->key_is_text);
		MemoryContextSwitchTo(before);
		MemoryContextReset(receiver->row_context);
	}
	options.read_only = true;
	options.dest = &receiver->pub;
	code = SPI_execute_plan_extended(plan, &options);
	if (code < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(code));
	SPI_finish();
	MemoryContextDelete(receiver->row_context);
	pfree(receiver);
}
