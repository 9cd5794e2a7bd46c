/*
 * pg_tally.c
 *		States of the scores as PostgreSQL sees them: growth, roll-up, input and output.
 *
 * A state is a flat varlena (tally.c). A transition function changes it in place while there is
 * room. When there is none it makes one twice as large in the memory of the row and returns
 * that: the executor copies it to where states live and frees the old one. The final function
 * drops the index and the free space and sorts the entries, so equal states have equal bytes and
 * equal texts, whatever the plan was.
 */
#include "score/pg_tally.h"
#include "state/pg_state.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* text of a state that an error message quotes */
#define MAX_QUOTED	60

/* from so many entries on it matters how a state grows */
#define MANY		64

/*
 * A new empty state with room for a few keys of this length.
 */
DupexTally *
dupex_tally_make(int kind, int sums, uint32 width, size_t key_length)
{
	size_t		size = dupex_tally_least_size(key_length, sums);
	DupexTally *tally = palloc(size);

	dupex_tally_init(tally, size, kind, sums, width);
	SET_VARSIZE(tally, size);
	return tally;
}

/*
 * The state that a transition function may change: its first argument where an aggregate calls,
 * else a copy of it; NULL where that is NULL.
 */
DupexTally *
dupex_tally_own(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return NULL;
	if (AggCheckCallContext(fcinfo, NULL))
		return PG_GETARG_TALLY_P(0);
	return (DupexTally *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
}

/*
 * A copy with room for so many entries of so many bytes, and an index for them. Raises 54000 where
 * the state would be larger than a value can be.
 */
static DupexTally *
enlarge(const DupexTally *tally, size_t count, size_t bytes)
{
	size_t		size = dupex_tally_size_for(count, bytes);
	DupexTally *enlarged;

	if (size > MaxAllocSize)
	{
		if (size - bytes / 2 > MaxAllocSize)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the state of the aggregate would be larger than 1 GB"),
					 errdetail("It has %u different entries.", tally->count),
					 errhint("Round numbers, or put them into classes, so that more rows are equal.")));
		size = MaxAllocSize / 8 * 8;
	}
	enlarged = palloc(size);
	dupex_tally_init(enlarged, size, tally->kind, tally->sums, tally->width);
	dupex_tally_copy(enlarged, tally, count);
	SET_VARSIZE(enlarged, size);
	return enlarged;
}

/*
 * A copy that is twice as large, and has room for a key of this length.
 */
static DupexTally *
grow(const DupexTally *tally, size_t key_length)
{
	return enlarge(tally, 2 * ((size_t) tally->count + 1),
				   2 * ((size_t) tally->used + dupex_tally_entry_size(key_length, tally->sums)));
}

/*
 * The sums of a key, 0 where it is new; *tally is replaced by a larger state when there is no
 * room.
 */
DupexSum *
dupex_tally_reach(DupexTally **tally, const void *key, size_t length)
{
	uint32		hash = dupex_tally_hash(key, length);
	DupexSum   *sums = dupex_tally_slot(*tally, key, length, hash);

	if (sums == NULL)
	{
		*tally = grow(*tally, length);
		sums = dupex_tally_slot(*tally, key, length, hash);
	}
	if (sums == NULL)
		elog(ERROR, "no room for an entry of a state that has just grown");
	return sums;
}

static void
add(DupexSum *sum, const DupexSum *addend)
{
	if (!dupex_sum_add(sum, addend))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights out of range"),
				 errdetail("A sum of weights stays below 10^15."),
				 errhint("Use weights in a larger unit.")));
}

/*
 * Adds a weight to one of the sums of a key.
 */
void
dupex_tally_count(DupexTally **tally, const void *key, size_t length, int which, const DupexSum *weight)
{
	add(&dupex_tally_reach(tally, key, length)[which], weight);
}

/*
 * A weight as a sum. Raises 22023 for what is none.
 */
DupexSum
dupex_weight(double weight)
{
	DupexSum	sum;

	if (!dupex_sum_from(weight, &sum))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight %g is not allowed", weight),
				 errdetail("A weight is a number from 0 up to 10^15; it is rounded to 12 decimals."),
				 errhint("Use 1 for a row that counts once, and NULL for one that does not count.")));
	return sum;
}

/*
 * Order of entries: by the bytes of their keys, a key before its continuations. The keys of each
 * kind are made such that this is the order that is wanted.
 */
static int
compare_entries(const void *a, const void *b, void *tally)
{
	const DupexTallyEntry *left = *(const DupexTallyEntry *const *) a;
	const DupexTallyEntry *right = *(const DupexTallyEntry *const *) b;
	int			order = memcmp(dupex_tally_key(tally, left), dupex_tally_key(tally, right), Min(left->length, right->length));

	if (order != 0)
		return order;
	return left->length < right->length ? -1 : left->length > right->length;
}

typedef struct HashedEntry
{
	uint32		hash;
	const DupexTallyEntry *entry;
} HashedEntry;

/*
 * Another order, which is the same for the same keys too, and much cheaper where there are very
 * many of them: by hash. For kinds of which nobody needs the order of the keys.
 */
static int
compare_hashes(const void *a, const void *b, void *tally)
{
	const HashedEntry *left = a;
	const HashedEntry *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return compare_entries(&left->entry, &right->entry, tally);
}

static bool
goes_by_hash(const DupexTally *tally)
{
	return tally->kind == DUPEX_TALLY_LOGISTIC || tally->kind == DUPEX_TALLY_LOGISTIC_CASES;
}

static void
sort_by_hash(const DupexTallyEntry **entries, size_t count, const DupexTally *tally)
{
	HashedEntry *hashed = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(HashedEntry) * (count + 1));

	for (size_t i = 0; i < count; i++)
	{
		hashed[i].hash = entries[i]->hash;
		hashed[i].entry = entries[i];
	}
	qsort_arg(hashed, count, sizeof(*hashed), compare_hashes, (void *) (uintptr_t) tally);
	for (size_t i = 0; i < count; i++)
		entries[i] = hashed[i].entry;
	pfree(hashed);
}

/*
 * Whether entries are in the order of a finished state.
 */
static bool
is_before(const DupexTallyEntry *a, const DupexTallyEntry *b, const DupexTally *tally)
{
	if (goes_by_hash(tally) && a->hash != b->hash)
		return a->hash < b->hash;
	return compare_entries(&a, &b, (void *) (uintptr_t) tally) < 0;
}

static bool
is_in_order(const DupexTally *tally)
{
	const DupexTallyEntry *before = NULL;

	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
	{
		if (before != NULL && !is_before(before, entry, tally))
			return false;
		before = entry;
	}
	return true;
}

/*
 * The entries in order.
 */
const DupexTallyEntry **
dupex_tally_sorted(const DupexTally *tally)
{
	const DupexTallyEntry **entries = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(const DupexTallyEntry *) * ((size_t) tally->count + 1));
	uint32		i = 0;

	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
		entries[i++] = entry;
	if (is_in_order(tally))
		return entries;
	if (goes_by_hash(tally))
		sort_by_hash(entries, i, tally);
	else
		qsort_arg(entries, i, sizeof(const DupexTallyEntry *), compare_entries, (void *) (uintptr_t) tally);
	return entries;
}

/*
 * The state itself where it is finished, else its finished form.
 */
const DupexTally *
dupex_tally_ordered(const DupexTally *tally)
{
	return is_in_order(tally) ? tally : dupex_tally_finish(tally);
}

/*
 * The finished form of a state: a copy, sorted, without index and free space.
 */
DupexTally *
dupex_tally_finish(const DupexTally *tally)
{
	const DupexTallyEntry **entries = dupex_tally_sorted(tally);
	DupexTally *finished = palloc(dupex_tally_compact_size(tally));

	dupex_tally_init_compact(finished, tally);
	for (uint32 i = 0; i < tally->count; i++)
		dupex_tally_append(finished, tally, entries[i]);
	SET_VARSIZE(finished, dupex_tally_compact_size(tally));
	pfree(entries);
	return finished;
}

/*
 * A copy of a state with an index, for many look-ups.
 */
DupexTally *
dupex_tally_indexed(const DupexTally *tally)
{
	return grow(tally, 0);
}

/*
 * Final function of the aggregates.
 */
PG_FUNCTION_INFO_V1(dupex_tally_final);
Datum
dupex_tally_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_TALLY_P(dupex_tally_finish(PG_GETARG_TALLY_P(0)));
}

/*
 * Adds the entries of the second state to the first: the transition of rollup(), and the combine
 * function. NULL on either side counts as nothing. The second is left as it is. Raises 22023
 * where the rows of the two have different numbers of features.
 */
Datum
dupex_tally_combine(FunctionCallInfo fcinfo)
{
	DupexTally *sum = dupex_tally_own(fcinfo);
	DupexTally *addend;

	if (PG_ARGISNULL(1))
	{
		if (sum == NULL)
			PG_RETURN_NULL();
		PG_RETURN_TALLY_P(sum);
	}
	if (sum == NULL)
		PG_RETURN_DATUM(PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(1))));

	addend = PG_GETARG_TALLY_P(1);
	if (sum->width != addend->width)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot unite rows of %u features and rows of %u", sum->width, addend->width),
				 errdetail("All rows of one model have the same features in the same order."),
				 errhint("Roll up states that were made by the same query.")));
	/* grow once, not again and again, where much is to come */
	if (addend->count > MANY && sum->room - sum->used < addend->used / 2)
		sum = enlarge(sum, (size_t) sum->count + addend->count, (size_t) sum->used + addend->used);
	for (const DupexTallyEntry *entry = dupex_tally_next(addend, NULL); entry != NULL; entry = dupex_tally_next(addend, entry))
	{
		const DupexSum *from = dupex_tally_sums(entry);
		DupexSum   *to = dupex_tally_slot(sum, dupex_tally_key(addend, entry), entry->length, entry->hash);

		if (to == NULL)
			to = dupex_tally_reach(&sum, dupex_tally_key(addend, entry), entry->length);
		for (int i = 0; i < sum->sums; i++)
			add(&to[i], &from[i]);
	}
	PG_RETURN_TALLY_P(sum);
}

PG_FUNCTION_INFO_V1(dupex_tally_plus);
Datum
dupex_tally_plus(PG_FUNCTION_ARGS)
{
	return dupex_tally_combine(fcinfo);
}

static void
write_to_buffer(void *target, const char *string, size_t length)
{
	appendBinaryStringInfo(target, string, (int) length);
}

/*
 * Input: the text that dupex_tally_out() writes. 22P02 for anything else.
 */
Datum
dupex_tally_in(FunctionCallInfo fcinfo, const DupexTallyForm *form)
{
	const char *str = PG_GETARG_CSTRING(0);
	size_t		length = strlen(str);
	DupexScan	scan = {str, str + length};
	DupexTally *tally = dupex_tally_make(form->kind, form->sums, 0, 0);

	if (!form->read(&scan, &tally) || !dupex_scan_done(&scan))
	{
		int			where = (int) (scan.at - str);
		const char *quoted = length > MAX_QUOTED ? psprintf("%s...", pnstrdup(str, (Size) pg_mbcliplen(str, (int) length, MAX_QUOTED))) : str;

		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", form->type, quoted),
				 errdetail("It cannot be read from byte %d on.", where + 1),
				 errhint("A value looks like %s", form->example)));
	}
	PG_RETURN_TALLY_P(dupex_tally_finish(tally));
}

/*
 * Output: JSON with exact numbers and sorted keys.
 */
Datum
dupex_tally_out(FunctionCallInfo fcinfo, const DupexTallyForm *form)
{
	const DupexTally *tally = dupex_tally_ordered(PG_GETARG_TALLY_P(0));
	StringInfoData buffer;
	DupexSink	sink = {write_to_buffer, &buffer};

	initStringInfo(&buffer);
	form->write(&sink, tally);
	PG_RETURN_CSTRING(buffer.data);
}

/*
 * Sends a text with its length before it, in the encoding of the client.
 */
void
dupex_send_text(StringInfo message, const char *string, size_t length)
{
	const char *converted = pg_server_to_client(string, (int) length);
	size_t		converted_length = converted == string ? length : strlen(converted);

	pq_sendint32(message, (uint32) converted_length);
	pq_sendbytes(message, converted, (int) converted_length);
}

/*
 * Receives what dupex_send_text() sends, in the encoding of the server, which it is checked for.
 */
void
dupex_receive_text(StringInfo message, StringInfo string)
{
	int			length = (int) pq_getmsgint(message, 4);
	int			converted_length;
	char	   *converted = pq_getmsgtext(message, length, &converted_length);

	pg_verifymbstr(converted, converted_length, false);
	appendBinaryStringInfo(string, converted, converted_length);
}

/*
 * Binary input: version (int1), width (int4), number of entries (int4), and of each entry the
 * key, as the kind has it, and the sums: whole and trillionths (int8, int8). 22P03 for what
 * dupex_tally_send() cannot have sent.
 */
Datum
dupex_tally_recv(FunctionCallInfo fcinfo, const DupexTallyForm *form)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(message);
	uint32		width = pq_getmsgint(message, 4);
	uint32		count = pq_getmsgint(message, 4);
	DupexTally *tally = dupex_tally_make(form->kind, form->sums, width, 0);
	StringInfoData key;

	if (version != DUPEX_TALLY_VERSION)
		dupex_message_refuse(form->type, "The version is not one that this library knows.");
	if (width > form->max_width)
		dupex_message_refuse(form->type, "It has too many features.");
	if (count > (uint32) message->len / sizeof(DupexSum))
		dupex_message_refuse(form->type, "There are fewer entries than announced.");
	initStringInfo(&key);
	for (uint32 i = 0; i < count; i++)
	{
		DupexSum   *sums;

		CHECK_FOR_INTERRUPTS();
		resetStringInfo(&key);
		if (!form->receive_key(message, width, &key))
			dupex_message_refuse(form->type, "A key is not valid.");
		sums = dupex_tally_reach(&tally, key.data, (size_t) key.len);
		if (tally->count != i + 1)
			dupex_message_refuse(form->type, "A key is there twice.");
		for (int j = 0; j < form->sums; j++)
		{
			sums[j].whole = pq_getmsgint64(message);
			sums[j].part = pq_getmsgint64(message);
			if (!dupex_sum_is_valid(&sums[j]) || (form->is_whole && sums[j].part != 0) || (form->is_positive && sums[j].whole == 0))
				dupex_message_refuse(form->type, "A sum is out of range.");
		}
	}
	PG_RETURN_TALLY_P(dupex_tally_finish(tally));
}

/*
 * Binary output, in network order.
 */
Datum
dupex_tally_send(FunctionCallInfo fcinfo, const DupexTallyForm *form)
{
	const DupexTally *tally = dupex_tally_ordered(PG_GETARG_TALLY_P(0));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, DUPEX_TALLY_VERSION);
	pq_sendint32(&message, tally->width);
	pq_sendint32(&message, tally->count);
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
	{
		form->send_key(&message, tally, dupex_tally_key(tally, entry), entry->length);
		for (int i = 0; i < tally->sums; i++)
		{
			pq_sendint64(&message, (uint64) dupex_tally_sums(entry)[i].whole);
			pq_sendint64(&message, (uint64) dupex_tally_sums(entry)[i].part);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

typedef struct KeptArgument
{
	MemoryContext context;		/* holds the two */
	struct varlena *value;		/* as it came, maybe a toast pointer */
	void	   *prepared;
} KeptArgument;

/*
 * What a function of SQL has made of an argument that is mostly the same from row to row, such
 * as a model. It is made anew when the bytes of the argument change, by prepare, in a memory
 * context that lives as long as the call site. Only speed depends on whether it is kept.
 */
void *
dupex_kept(FunctionCallInfo fcinfo, int argument, void *(*prepare) (Datum value))
{
	Datum		value = PG_GETARG_DATUM(argument);
	struct varlena *bytes = (struct varlena *) DatumGetPointer(value);
	KeptArgument *kept = fcinfo->flinfo->fn_extra;
	MemoryContext before;
	Size		size;

	/*
	 * what is only a pointer into memory may mean something else the next
	 * time
	 */
	if (VARATT_IS_EXTERNAL(bytes) && !VARATT_IS_EXTERNAL_ONDISK(bytes))
		bytes = PG_DETOAST_DATUM(value);
	size = VARSIZE_ANY(bytes);

	if (kept != NULL && VARSIZE_ANY(kept->value) == size && memcmp(kept->value, bytes, size) == 0)
		return kept->prepared;

	if (kept == NULL)
	{
		kept = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(KeptArgument));
		kept->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "dupex kept argument", ALLOCSET_DEFAULT_SIZES);
	}
	fcinfo->flinfo->fn_extra = NULL;
	MemoryContextReset(kept->context);
	before = MemoryContextSwitchTo(kept->context);
	kept->value = palloc(size);
	memcpy(kept->value, bytes, size);
	kept->prepared = prepare(PointerGetDatum(kept->value));
	MemoryContextSwitchTo(before);
	fcinfo->flinfo->fn_extra = kept;
	return kept->prepared;
}
