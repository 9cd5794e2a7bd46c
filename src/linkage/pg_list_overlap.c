/*
 * pg_list_overlap.c
 *		list_overlap(): how many people two lists have in common, for all pairs of lists at once.
 *
 * The rows of an entity are put together (runner/pg_people.h), and each pair of its lists counts one more in
 * half a matrix. A self-join would make a row for each of these pairs.
 */
#include "dupex.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "linkage/merge_purge.h"
#include "runner/pg_people.h"
#include "runner/pg_store.h"
#include "runner/pg_words.h"

#define COLUMNS		4

/* half a matrix of them is 400 MB */
#define MAX_LISTS	10000

typedef struct ListRecord
{
	uint32		list;
	uint32		unused;
} ListRecord;

typedef struct Overlap
{
	DupexPeople *people;
	DupexWords *words;
	uint32	   *ranks;			/* of lists, by number */
	uint64	   *counts;			/* of pairs of ranks */
	uint32	   *lists;			/* of one entity */
	uint32		capacity;
	MemoryContext context;
} Overlap;

static void
row(void *state, const Datum *values, const bool *nulls)
{
	Overlap    *overlap = state;
	ListRecord	record = {0, 0};
	text	   *name;

	if (nulls[0] || nulls[1])
		return;
	name = (text *) DatumGetPointer(values[0]);
	record.list = dupex_words_number(overlap->words, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (record.list >= MAX_LISTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("list_overlap takes %d lists at most", MAX_LISTS),
				 errhint("Is the first column of the query the list?")));
	dupex_people_add(overlap->people, (const DupexQueryKey *) DatumGetPointer(values[1]), &record);
}

static void
entity(void *state, const DupexQueryKey *key, void *records, uint32 count)
{
	Overlap    *overlap = state;
	const ListRecord *record = records;

	if (count > overlap->capacity)
	{
		overlap->capacity = Max(64, count + count / 2);
		if (overlap->lists)
			pfree(overlap->lists);
		overlap->lists = MemoryContextAllocHuge(overlap->context, (Size) overlap->capacity * sizeof(uint32));
	}
	for (uint32 i = 0; i < count; i++)
		overlap->lists[i] = overlap->ranks[record[i].list];
	dupex_overlap_add(overlap->counts, overlap->lists, count);
}

/*
 * A share with four decimals, halves rounded up as round() does.
 */
static Datum
share_of(uint64 part, uint64 whole)
{
	char		share[32];

	/*
	 * NOLINTBEGIN(clang-analyzer-*): what two lists have in common is in each
	 * of them
	 */
	uint64		units = (part * 20000 / whole + 1) / 2;

	/* NOLINTEND(clang-analyzer-*) */

	snprintf(share, sizeof(share), UINT64_FORMAT ".%04u", units / 10000, (unsigned) (units % 10000));
	return DirectFunctionCall3(numeric_in, CStringGetDatum(share), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static void
write_rows(const Overlap *overlap, FunctionCallInfo fcinfo)
{
	uint32		count = dupex_words_count(overlap->words);
	Datum	   *names = palloc_extended((count + 1) * sizeof(Datum), MCXT_ALLOC_HUGE);
	MemoryContext row_context = AllocSetContextCreate(overlap->context, "dupex row of list_overlap", ALLOCSET_SMALL_SIZES);
	DupexStore	store;
	MemoryContext before;

	dupex_store_open(fcinfo, COLUMNS, &store);
	for (uint32 number = 0; number < count; number++)
		names[overlap->ranks[number]] = PointerGetDatum(dupex_words_text(overlap->words, number));
	before = MemoryContextSwitchTo(row_context);
	for (uint32 a = 0; a < count; a++)
		for (uint32 b = 0; b < count; b++)
		{
			uint64		common = overlap->counts[dupex_overlap_place(Min(a, b), Max(a, b))];
			Datum		values[COLUMNS] = {names[a], names[b], Int64GetDatum((int64) common), 0};
			bool		nulls[COLUMNS] = {false};

			if (common == 0)
				continue;
			CHECK_FOR_INTERRUPTS();
			values[3] = share_of(common, overlap->counts[dupex_overlap_place(a, a)]);
			tuplestore_putvalues(store.rows, store.type, values, nulls);
			MemoryContextReset(row_context);
		}
	MemoryContextSwitchTo(before);
}

/*
 * list_overlap(query): a row for each pair of lists that have something in common, and for each list
 * with itself.
 */
PG_FUNCTION_INFO_V1(dupex_list_overlap);
Datum
dupex_list_overlap(PG_FUNCTION_ARGS)
{
	static const DupexQueryColumn columns[] = {
		{"list", DUPEX_COLUMN_TEXT},
		{"entity", DUPEX_COLUMN_KEY}
	};
	static const DupexQuery query = {
		.function = "list_overlap",
		.returns = "(list text, entity bigint or text)",
		.columns = columns,
		.count = lengthof(columns),
		.row = row
	};
	Overlap		overlap = {0};
	MemoryContext before;
	uint64		count;

	overlap.context = AllocSetContextCreate(CurrentMemoryContext, "dupex list_overlap", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(overlap.context);
	overlap.words = dupex_words_create(overlap.context);
	overlap.people = dupex_people_create(overlap.context, sizeof(ListRecord));
	dupex_query_run(&query, PG_GETARG_TEXT_PP(0), &overlap);
	overlap.ranks = dupex_words_ranks(overlap.words);
	count = dupex_words_count(overlap.words);
	overlap.counts = MemoryContextAllocExtended(overlap.context, (count * (count + 1) / 2 + 1) * sizeof(uint64), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	dupex_people_each(overlap.people, entity, &overlap);
	dupex_people_free(overlap.people);
	write_rows(&overlap, fcinfo);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(overlap.context);
	return (Datum) 0;
}
