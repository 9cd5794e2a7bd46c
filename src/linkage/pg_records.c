/*
 * pg_records.c
 *		The records of a query: each value a number, so that equal values are equal
 *		numbers and are kept once.
 *
 * The query is wrapped into another one that brings all its columns into text. Dates do not
 * depend on DateStyle there; a time with a zone is the day that it is in the zone of the session.
 */
#include "linkage/pg_linkage.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"

#include "hygiene/letters.h"
#include "hygiene/pg_readers.h"
#include "hygiene/pg_utf8.h"
#include "runner/pg_query.h"

#define RETURNS "(record bigint or text, and 1 to 15 columns to compare)"
#define FIRST_RECORDS 1024

/*
 * 53400 when more memory is in use than the caller allows.
 */
void
dupex_linkage_check_memory(const DupexLinkageArguments *arguments, MemoryContext context)
{
	Size		used = MemoryContextMemAllocated(context, true);

	if (used <= (Size) arguments->max_memory * 1024 * 1024)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 errmsg("%s needs more than %d MB of memory", arguments->function, arguments->max_memory),
			 errhint("Raise max_memory, compare fewer columns or records, or raise min_probability where there are very many pairs.")));
}

static bool
is_time(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static bool
is_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID || type == NAMEOID || type == UNKNOWNOID;
}

/*
 * Columns and types of a query, without running it; of the first list also the names.
 * Returns the query that brings them into text. 22023, 42804 for another one.
 */
static text *
wrapped_query(DupexRecords *records, text *query)
{
	MemoryContext outer = CurrentMemoryContext;
	char	   *sql = text_to_cstring(query);
	StringInfoData select;
	StringInfoData names;
	SPIPlanPtr	plan;
	CachedPlanSource *source;
	TupleDesc	type;

	for (Size length = strlen(sql); length > 0 && strchr("; \t\n\r", sql[length - 1]) != NULL; length--)
		sql[length - 1] = '\0';
	initStringInfo(&select);
	initStringInfo(&names);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare(sql, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	source = list_length(SPI_plan_get_plan_sources(plan)) == 1 ? linitial(SPI_plan_get_plan_sources(plan)) : NULL;
	type = source == NULL || source->commandTag != CMDTAG_SELECT ? NULL : source->resultDesc;
	if (type == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query of %s is not one SELECT that only reads", records->arguments->function),
				 errhint("The query must return %s.", RETURNS)));
	if (type->natts < 2 || type->natts > DUPEX_LINKAGE_COLUMNS + 1 || (records->columns > 0 && type->natts != records->columns + 1))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the query of %s returns %d columns", records->arguments->function, type->natts),
				 records->columns > 0 ? errdetail("The first query returns %d.", records->columns + 1) : 0,
				 errhint("The query must return %s.", RETURNS)));
	for (int i = 0; i < type->natts; i++)
	{
		Oid			base = getBaseType(TupleDescAttr(type, i)->atttypid);
		const char *name = NameStr(TupleDescAttr(type, i)->attname);

		appendStringInfo(&names, "%sc%d", i > 0 ? ", " : "", i);
		if (i == 0 && is_integer(base))
			appendStringInfo(&select, "SELECT c%d", i);
		else if (is_time(base))
			appendStringInfo(&select, "%s pg_catalog.to_char(c%d, 'YYYY-MM-DD')", i > 0 ? "," : "SELECT", i);
		else
			appendStringInfo(&select, "%s c%d::pg_catalog.text", i > 0 ? "," : "SELECT", i);
		if (i > 0 && records->list == 0)
		{
			DupexUtf8	utf8 = dupex_utf8_of_server(name, strlen(name));

			records->name[i - 1] = MemoryContextStrdup(records->context, utf8.text);
			records->is_text[i - 1] = is_text(base);
			records->is_time[i - 1] = is_time(base);
		}
	}
	records->columns = type->natts - 1;
	appendStringInfo(&select, " FROM (%s\n) AS q (%s)", sql, names.data);
	SPI_finish();
	MemoryContextSwitchTo(outer);
	return cstring_to_text(select.data);
}

static void *
enlarged(DupexRecords *records, void *array, Size size)
{
	return array == NULL ? MemoryContextAllocHuge(records->context, size) : repalloc_huge(array, size);
}

static void
make_room(DupexRecords *records)
{
	if (records->capacity > PG_INT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %u records", records->capacity)));
	records->capacity = records->capacity == 0 ? FIRST_RECORDS : 2 * records->capacity;
	records->key = enlarged(records, records->key, records->capacity * sizeof(int64));
	for (int c = 0; c < records->columns; c++)
		records->value[c] = enlarged(records, records->value[c], records->capacity * sizeof(uint32));
	dupex_linkage_check_memory(records->arguments, records->context);
}

static void
start(void *state, int columns, bool key_is_text)
{
	DupexRecords *records = state;

	records->key_is_text[records->list] = key_is_text;
}

static void
set_key(DupexRecords *records, const DupexQueryKey *key)
{
	if (key->bytes == NULL)
	{
		records->key[records->count] = key->number;
		return;
	}
	while (records->key_used + key->length + 1 > records->key_size)
	{
		records->key_size = records->key_size == 0 ? 16 * FIRST_RECORDS : 2 * records->key_size;
		records->key_octets = enlarged(records, records->key_octets, records->key_size);
	}
	records->key[records->count] = (int64) records->key_used;
	memcpy(records->key_octets + records->key_used, key->bytes, key->length);
	records->key_octets[records->key_used + key->length] = '\0';
	records->key_used += key->length + 1;
}

/*
 * One record of the query.
 */
static void
row(void *state, const Datum *values, const bool *nulls)
{
	DupexRecords *records = state;
	char		form[DUPEX_LINKAGE_VALUE_MAX + 1];

	if (nulls[0])
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a record of the query of %s is NULL in its first column", records->arguments->function),
				 errhint("The first column tells records apart: use the primary key.")));
	if (records->count == records->capacity)
		make_room(records);
	set_key(records, (const DupexQueryKey *) DatumGetPointer(values[0]));
	for (int c = 0; c < records->columns; c++)
	{
		Size		length = nulls[c + 1] ? 0 :
		dupex_linkage_form(records->column[c].kind, (text *) DatumGetPointer(values[c + 1]), records->arguments->country, form);

		records->value[c][records->count] = length == 0 ? 0 :
			dupex_values_number(&records->values[c], form, length, records->list);
	}
	records->count++;
	if ((records->count & 65535) == 0)
		dupex_linkage_check_memory(records->arguments, records->context);
}

static void
read_list(DupexRecords *records, text *query)
{
	DupexQueryColumn columns[DUPEX_LINKAGE_COLUMNS + 1] = {{"record", DUPEX_COLUMN_KEY, false}};
	DupexQuery	reader = {
		.function = records->arguments->function,.returns = RETURNS,
		.columns = columns,.start = start,.row = row
	};
	text	   *wrapped = wrapped_query(records, query);

	if (records->list == 0)
	{
		dupex_linkage_set_columns(records);
		for (int c = 0; c < records->columns; c++)
			dupex_values_create(&records->values[c], records->context);
		make_room(records);
	}
	for (int c = 0; c < records->columns; c++)
	{
		columns[c + 1].name = records->name[c];
		columns[c + 1].type = DUPEX_COLUMN_TEXT;
		columns[c + 1].is_optional = false;
	}
	reader.count = records->columns + 1;
	dupex_query_run(&reader, wrapped, records);
}

/* a record and what it is sorted by; its list decides which keys are texts */
typedef struct SortedRecord
{
	int64		key;
	const char *octets;			/* NULL where the key is a number */
	uint32		record;
} SortedRecord;

static int
compare_records(const void *a, const void *b)
{
	const SortedRecord *x = a;
	const SortedRecord *y = b;

	if (x->octets != NULL)
		return strcmp(x->octets, y->octets);
	return x->key < y->key ? -1 : x->key > y->key;
}

/*
 * Brings the records of a list into the order of their keys, so that no result depends
 * on the order in which they were read. 22023 when a key is there twice.
 */
static void
sort_list(DupexRecords *records, int list, uint32 from, uint32 to)
{
	uint32		count = to - from;
	SortedRecord *sorted = MemoryContextAllocHuge(CurrentMemoryContext, Max((Size) count, 1) * sizeof(SortedRecord));
	uint32	   *values;

	for (uint32 i = 0; i < count; i++)
	{
		sorted[i].key = records->key[from + i];
		sorted[i].octets = records->key_is_text[list] ? records->key_octets + sorted[i].key : NULL;
		sorted[i].record = from + i;
	}
	qsort(sorted, count, sizeof(SortedRecord), compare_records);
	for (uint32 i = 0; i < count; i++)
	{
		records->key[from + i] = sorted[i].key;
		if (i > 0 && compare_records(&sorted[i - 1], &sorted[i]) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("record \"%s\" is twice in the query of %s", text_to_cstring(dupex_records_key(records, from + i)),
							records->arguments->function),
					 errhint("The first column tells records apart: use the primary key.")));
	}
	values = MemoryContextAllocHuge(CurrentMemoryContext, Max((Size) count, 1) * sizeof(uint32));
	for (int c = 0; c < records->columns; c++)
	{
		for (uint32 i = 0; i < count; i++)
			values[i] = records->value[c][sorted[i].record];
		memcpy(records->value[c] + from, values, (Size) count * sizeof(uint32));
	}
	pfree(values);
	pfree(sorted);
}

/*
 * The key of a record as a text.
 */
text *
dupex_records_key(const DupexRecords *records, uint32 record)
{
	char		number[32];

	if (records->key_is_text[record >= records->first_count && records->arguments->other_query != NULL])
		return cstring_to_text(records->key_octets + records->key[record]);
	snprintf(number, sizeof(number), INT64_FORMAT, records->key[record]);
	return cstring_to_text(number);
}

/*
 * One row of the table of sounds.
 */
static void
sound_row(void *state, const Datum *values, const bool *nulls)
{
	DupexRecords *records = state;
	DupexLetters character;
	DupexLetters sound;
	DupexSound *entry;
	size_t		kept = 0;

	if (nulls[0] || nulls[1])
		return;
	dupex_letters_of_text((text *) DatumGetPointer(values[0]), &character);
	dupex_letters_of_text((text *) DatumGetPointer(values[1]), &sound);
	/* tones written as digits go; as accents they have gone already */
	for (size_t i = 0; i < sound.count; i++)
	{
		if (sound.letter[i] > '9')
			sound.letter[kept++] = sound.letter[i];
	}
	if (character.count != 1 || kept == 0)
		return;
	if ((records->sounds.count & (records->sounds.count - 1)) == 0)
		records->sounds.entries = enlarged(records, records->sounds.entries,
										   2 * Max(records->sounds.count, 1) * sizeof(DupexSound));
	entry = &records->sounds.entries[records->sounds.count++];
	memset(entry, 0, sizeof(*entry));
	entry->letter = character.letter[0];
	entry->initial = sound.letter[0];
	entry->sound = dupex_linkage_hash(0, sound.letter, kept * sizeof(sound.letter[0]));
}

static void
read_sounds(DupexRecords *records)
{
	static const DupexQueryColumn columns[] = {
		{"character", DUPEX_COLUMN_TEXT, false}, {"sound", DUPEX_COLUMN_TEXT, false}
	};
	static const DupexQuery query = {
		.function = "sounds",.returns = "(character text, sound text)",
		.columns = columns,.count = lengthof(columns),.row = sound_row
	};
	StringInfoData select;
	char	   *name = get_rel_name(records->arguments->sounds);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("there is no relation with OID %u", records->arguments->sounds)));
	initStringInfo(&select);
	appendStringInfo(&select, "SELECT * FROM %s",
					 quote_qualified_identifier(get_namespace_name(get_rel_namespace(records->arguments->sounds)), name));
	dupex_query_run(&query, cstring_to_text(select.data), records);
	dupex_sounds_sort(&records->sounds);
}

/*
 * Reads the records of one list or of two, into memory of the context.
 */
void
dupex_records_read(DupexRecords *records, const DupexLinkageArguments *arguments, MemoryContext context)
{
	memset(records, 0, sizeof(*records));
	records->arguments = arguments;
	records->context = context;
	if (OidIsValid(arguments->sounds))
		read_sounds(records);
	read_list(records, arguments->query);
	records->first_count = records->count;
	if (arguments->other_query != NULL)
	{
		records->list = 1;
		read_list(records, arguments->other_query);
	}
	sort_list(records, 0, 0, records->first_count);
	if (arguments->other_query != NULL)
		sort_list(records, 1, records->first_count, records->count);
}
