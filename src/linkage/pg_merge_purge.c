/*
 * pg_merge_purge.c
 *		merge_purge(): one entity, one row, over all lists of a query.
 *
 * What is kept of a row are 16 bytes; its keys go, as hashes of 128 bits, into a store that brings
 * together the rows of each key and spills to temporary files beyond work_mem (runner/pg_people.h). So
 * a million texts are neither sorted nor kept. When all rows are there they get their order and with it
 * their final numbers; then each key joins the rows that have it, and what is left are passes over
 * arrays (merge_purge.h): 45 bytes a row in all, beside the stores.
 *
 * Keys are told apart by SipHash under a key that is drawn for each call, so nobody can prepare a file
 * whose rows collide; of 10^9 keys two collide with a probability of 10^-21, and the effect would be two
 * rows taken for one.
 */
#include "linkage/pg_merge_purge.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "linkage/components.h"
#include "runner/pg_stop.h"

#define MAX_ROWS		2000000000

/* the prefix of the hash of a household; those of keys are their places, from 1 on */
#define HOUSEHOLD		0

static void
start(void *state, int columns, bool key_is_text)
{
	DupexPurgeJob *job = state;

	job->columns = columns;
	if (job->keep > 0 && columns < 4)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("keep_per_household is %d, and the query of merge_purge has no household", job->keep),
				 errhint("Add a fourth column, such as address_key(address).")));
}

static void
keep_key(const DupexPurgeJob *job, DupexPeople *store, uint64 kind, const text *word)
{
	DupexSipHash hash = dupex_siphash(&job->key, kind, VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));
	DupexQueryKey key = {dupex_hash_number(hash.low), (int64) hash.low, NULL, 0};
	DupexPurgeKey record = {hash.high, job->purge.count, 0};

	dupex_people_add(store, &key, &record);
}

/*
 * The keys of a row: of a kind each, or in two dimensions all of a line of one kind.
 */
static void
keep_keys(const DupexPurgeJob *job, ArrayType *array)
{
	Datum	   *words;
	bool	   *nulls;
	int			count;
	int			of_a_kind;

	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, &words, &nulls, &count);
	of_a_kind = ARR_NDIM(array) > 1 ? count / ARR_DIMS(array)[0] : 1;
	for (int i = 0; i < count; i++)
		if (!nulls[i] && VARSIZE_ANY_EXHDR(DatumGetPointer(words[i])) > 0)
			keep_key(job, job->keys, (uint64) (i / of_a_kind) + 1, (text *) DatumGetPointer(words[i]));
}

/*
 * One row of the query.
 */
static void
row(void *state, const Datum *values, const bool *nulls)
{
	DupexPurgeJob *job = state;
	DupexPurge *purge = &job->purge;
	DupexPurgeRow *r;
	bool		is_valid = job->columns < 5 || (!nulls[4] && DatumGetBool(values[4]));
	uint32		list;

	if (nulls[0] || nulls[1])
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s of a row of merge_purge is NULL", nulls[0] ? "the list" : "the number"),
				 errhint("Each row has the name of its list and a number within it, such as row_number() OVER (PARTITION BY list ORDER BY id).")));
	if (purge->count == MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("merge_purge takes %d rows at most", MAX_ROWS)));
	if (purge->count == job->capacity)
	{
		job->capacity *= 2;
		purge->rows = repalloc_huge(purge->rows, (Size) job->capacity * sizeof(DupexPurgeRow));
	}
	list = dupex_purge_list_number(&job->lists, (text *) DatumGetPointer(values[0]));
	r = &purge->rows[purge->count];
	r->row_no = DatumGetInt64(values[1]);
	r->arrival = purge->count;
	r->list = list;
	/* who asked not to be contacted need not have a good address */
	if (!is_valid && !job->lists.seen[list].is_suppression)
		r->list |= DUPEX_PURGE_INVALID;
	else
	{
		if (!nulls[2])
			keep_keys(job, DatumGetArrayTypeP(values[2]));
		if (job->keep > 0 && !nulls[3] && VARSIZE_ANY_EXHDR(DatumGetPointer(values[3])) > 0)
			keep_key(job, job->households, HOUSEHOLD, (text *) DatumGetPointer(values[3]));
	}
	purge->count++;
}

static uint32 *
allocate(const DupexPurgeJob *job)
{
	return MemoryContextAllocHuge(job->context, ((Size) job->purge.count + 1) * sizeof(uint32));
}

/*
 * Brings the rows into their order, and notes where each one went.
 */
static void
order_rows(DupexPurgeJob *job, int64 seed)
{
	DupexPurge *purge = &job->purge;
	DupexPurgeRow *space;
	uint32	   *starts;
	uint32		repeated;

	purge->rows = repalloc_huge(purge->rows, ((Size) purge->count + 1) * sizeof(DupexPurgeRow));
	space = MemoryContextAllocHuge(job->context, ((Size) purge->count + 1) * sizeof(DupexPurgeRow));
	dupex_purge_order_lists(&job->lists, seed);
	purge->lists = job->lists.lists;
	purge->list_count = dupex_words_count(job->lists.words);
	for (uint32 i = 0; i < purge->count; i++)
	{
		DupexPurgeRow *r = &purge->rows[i];

		r->list = job->lists.places[DUPEX_PURGE_LIST(r)] | (r->list & DUPEX_PURGE_INVALID);
	}
	starts = palloc_extended(((Size) purge->list_count + 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	dupex_purge_sort(purge->rows, space, purge->count, starts, purge->list_count, dupex_stop_by_interrupt, NULL);
	pfree(space);
	pfree(starts);
	repeated = dupex_purge_repeated(purge->rows, purge->count);
	if (repeated != DUPEX_PURGE_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("list \"%s\" has two rows with number " INT64_FORMAT,
						TextDatumGetCString(job->lists.names[DUPEX_PURGE_LIST(&purge->rows[repeated])]), purge->rows[repeated].row_no),
				 errhint("Number the rows of a list, such as by row_number() OVER (PARTITION BY list ORDER BY id).")));
	job->position = allocate(job);
	for (uint32 i = 0; i < purge->count; i++)
		job->position[purge->rows[i].arrival] = i;
}

static void
add_link(DupexPurgeJob *job, uint32 earlier, uint32 later)
{
	DupexPurgeLink *link;

	if (job->link_count == job->link_capacity)
	{
		if (job->link_capacity >= MAX_ROWS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("merge_purge finds more than %d pairs of rows with the same key", MAX_ROWS)));
		job->link_capacity *= 2;
		job->links = repalloc_huge(job->links, (Size) job->link_capacity * sizeof(DupexPurgeLink));
	}
	link = &job->links[job->link_count++];
	link->earlier = earlier;
	link->later = later;
}

/*
 * All rows that have a key, without bridges: equals become one component, others are linked.
 */
static void
link_rows(DupexPurgeJob *job, const DupexPurgeKey *records, uint32 count)
{
	const DupexPurge *purge = &job->purge;

	if (count > job->number_capacity)
	{
		if (job->numbers)
			pfree(job->numbers);
		job->number_capacity = Max(64, count + count / 2);
		job->numbers = MemoryContextAllocHuge(job->context, (Size) job->number_capacity * sizeof(uint32));
	}
	for (uint32 i = 0; i < count; i++)
		job->numbers[i] = job->position[records[i].arrival];
	dupex_purge_sort_numbers(job->numbers, count);
	for (uint32 i = 1; i < count; i++)
	{
		uint32		earlier = job->numbers[i - 1];
		uint32		later = job->numbers[i];

		if (purge->lists[DUPEX_PURGE_LIST(&purge->rows[earlier])].priority == purge->lists[DUPEX_PURGE_LIST(&purge->rows[later])].priority)
			dupex_components_join(purge->entity, earlier, later);
		else
			add_link(job, earlier, later);
	}
}

/*
 * All rows that have a key: one entity.
 */
static void
join_rows(void *state, const DupexQueryKey *key, void *records, uint32 count)
{
	DupexPurgeJob *job = state;
	DupexPurgeKey *record = records;

	while (count > 0)
	{
		uint32		same = dupex_purge_same_key(record, count);

		if (!job->bridging)
			link_rows(job, record, same);
		else
			for (uint32 i = 1; i < same; i++)
				dupex_components_join(job->purge.entity, job->position[record[0].arrival], job->position[record[i].arrival]);
		record += same;
		count -= same;
	}
}

/*
 * All rows of a household.
 */
static void
thin_out(void *state, const DupexQueryKey *key, void *records, uint32 count)
{
	DupexPurgeJob *job = state;
	DupexPurgeKey *record = records;

	if (count > job->member_capacity)
	{
		if (job->members)
			pfree(job->members);
		job->member_capacity = Max(64, count + count / 2);
		job->members = MemoryContextAllocHuge(job->context, (Size) job->member_capacity * sizeof(DupexPurgeMember));
	}
	while (count > 0)
	{
		uint32		same = dupex_purge_same_key(record, count);

		for (uint32 i = 0; i < same; i++)
			job->members[i].row = job->position[record[i].arrival];
		dupex_purge_household(&job->purge, job->members, same, (uint32) job->keep);
		record += same;
		count -= same;
	}
}

/*
 * Finds the entities, and the fate of each row.
 */
static void
judge(DupexPurgeJob *job)
{
	DupexPurge *purge = &job->purge;

	purge->entity = allocate(job);
	dupex_components_begin(purge->entity, purge->count);
	dupex_people_each(job->keys, join_rows, job);
	dupex_people_free(job->keys);
	dupex_components_finish(purge->entity, purge->count, dupex_stop_by_interrupt, NULL);
	purge->first = allocate(job);
	if (!job->bridging)
	{
		uint32	   *targets = MemoryContextAllocHuge(job->context, ((Size) job->link_count + 1) * sizeof(uint32));

		dupex_purge_attach(purge->entity, purge->count, job->links, job->link_count, purge->first, targets);
		pfree(targets);
		pfree(job->links);
	}
	purge->survivor = allocate(job);
	purge->on_lists = allocate(job);
	purge->next = allocate(job);
	purge->instead = allocate(job);
	purge->fate = MemoryContextAllocHuge(job->context, (Size) purge->count + 1);
	dupex_purge_judge(purge, dupex_stop_by_interrupt, NULL);
	if (job->keep > 0)
	{
		dupex_people_each(job->households, thin_out, job);
		dupex_people_free(job->households);
	}
}

static ArrayType *
array_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : PG_GETARG_ARRAYTYPE_P(number);
}

/*
 * merge_purge(query, list_priority, suppression_lists, keep_per_household, list_ranks, random_priority, seed,
 * bridging, result_lists). No row for a NULL query.
 */
PG_FUNCTION_INFO_V1(dupex_merge_purge);
Datum
dupex_merge_purge(PG_FUNCTION_ARGS)
{
	static const DupexQueryColumn columns[] = {
		{"list", DUPEX_COLUMN_TEXT},
		{"number of the row", DUPEX_COLUMN_INTEGER},
		{"keys", DUPEX_COLUMN_TEXTS},
		{"household", DUPEX_COLUMN_TEXT,.is_optional = true},
		{"validity", DUPEX_COLUMN_BOOLEAN,.is_optional = true}
	};
	static const DupexQuery query = {
		.function = "merge_purge",
		.returns = "(list text, row_no bigint, match_keys text[] [, household text [, is_valid boolean]])",
		.columns = columns,
		.count = lengthof(columns),
		.start = start,
		.row = row
	};
	DupexPurgeJob job = {0};
	MemoryContext before;
	int64		seed = PG_ARGISNULL(6) ? 0 : PG_GETARG_INT64(6);
	ArrayType  *result_lists;

	job.context = AllocSetContextCreate(CurrentMemoryContext, "dupex merge_purge", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(job.context);
	dupex_purge_name_lists(&job.lists, array_argument(fcinfo, 1), array_argument(fcinfo, 4), array_argument(fcinfo, 2));
	result_lists = array_argument(fcinfo, 8);
	if (!PG_ARGISNULL(3))
	{
		job.keep = PG_GETARG_INT32(3);
		if (job.keep < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("keep_per_household is %d", job.keep),
					 errhint("It is 1 or more; NULL keeps all.")));
	}
	job.purge.random_priority = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	job.bridging = PG_ARGISNULL(7) || PG_GETARG_BOOL(7);
	if (!job.bridging)
	{
		job.link_capacity = 1024;
		job.links = palloc(job.link_capacity * sizeof(DupexPurgeLink));
	}
	if (!pg_strong_random(&job.key, sizeof(job.key)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	job.capacity = 1024;
	job.purge.rows = palloc(job.capacity * sizeof(DupexPurgeRow));
	job.keys = dupex_people_create(job.context, sizeof(DupexPurgeKey));
	if (job.keep > 0)
		job.households = dupex_people_create(job.context, sizeof(DupexPurgeKey));
	if (!PG_ARGISNULL(0))
		dupex_query_run(&query, PG_GETARG_TEXT_PP(0), &job);
	order_rows(&job, seed);
	judge(&job);
	dupex_purge_write(&job, dupex_purge_wanted(&job.lists, result_lists), fcinfo);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(job.context);
	return (Datum) 0;
}
