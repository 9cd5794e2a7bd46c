/*
 * pg_purge_lists.c
 *		The lists of merge_purge(): numbers for their names, and their order.
 */
#include "linkage/pg_merge_purge.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

static int
element_count(ArrayType *array)
{
	return array == NULL ? 0 : ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

static DupexNamedList *
find_named(DupexPurgeLists *lists, const char *name, size_t length)
{
	for (int i = 0; i < lists->named_count; i++)
		if (lists->named[i].length == length && memcmp(lists->named[i].name, name, length) == 0)
			return &lists->named[i];
	return NULL;
}

/*
 * Takes the names of an argument. ranks: their priorities, or NULL for 1, 2, 3 ...; all_suppress: 0 for all.
 */
static void
add_names(DupexPurgeLists *lists, const char *argument, ArrayType *array, const Datum *ranks, bool all_suppress)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;

	if (array == NULL)
		return;
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		DupexNamedList *named = &lists->named[lists->named_count];

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("element %d of %s is NULL", i + 1, argument),
					 errhint("Name a list.")));
		named->name = VARDATA_ANY(DatumGetPointer(names[i]));
		named->length = VARSIZE_ANY_EXHDR(DatumGetPointer(names[i]));
		named->priority = all_suppress ? 0 : ranks ? (uint32) DatumGetInt32(ranks[i]) : (uint32) i + 1;
		if (find_named(lists, named->name, named->length))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("list \"%s\" is named twice", TextDatumGetCString(names[i])),
					 errhint("A list stands once in list_priority or suppression_lists.")));
		lists->named_count++;
		lists->last_priority = Max(lists->last_priority, named->priority + 1);
	}
}

/*
 * The arguments list_priority, list_ranks and suppression_lists, each of which may be NULL. Raises 22004 and
 * 22023 where they contradict each other.
 */
void
dupex_purge_name_lists(DupexPurgeLists *lists, ArrayType *priority, ArrayType *ranks, ArrayType *suppressions)
{
	Datum	   *numbers = NULL;
	bool	   *nulls;
	int			count;

	lists->named = palloc0((element_count(priority) + element_count(suppressions) + 1) * sizeof(DupexNamedList));
	lists->last_priority = 1;
	if (ranks != NULL)
	{
		deconstruct_array(ranks, INT4OID, sizeof(int32), true, TYPALIGN_INT, &numbers, &nulls, &count);
		if (count != element_count(priority))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("list_ranks has %d elements, list_priority %d", count, element_count(priority)),
					 errhint("Give a rank for each list; equal ranks are equal lists.")));
		for (int i = 0; i < count; i++)
			if (nulls[i] || DatumGetInt32(numbers[i]) < 1 || DatumGetInt32(numbers[i]) == PG_INT32_MAX)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("element %d of list_ranks is no rank", i + 1),
						 errhint("Ranks are numbers from 1 on, 1 is the best.")));
	}
	add_names(lists, "list_priority", priority, numbers, false);
	add_names(lists, "suppression_lists", suppressions, NULL, true);
	lists->words = dupex_words_create(CurrentMemoryContext);
	lists->capacity = 64;
	lists->seen = palloc(lists->capacity * sizeof(DupexSeenList));
}

/*
 * The number of a list, new or known.
 */
uint32
dupex_purge_list_number(DupexPurgeLists *lists, text *name)
{
	uint32		count = dupex_words_count(lists->words);
	uint32		number = dupex_words_number(lists->words, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	DupexNamedList *named;

	if (number < count)
		return number;
	if (number == lists->capacity)
	{
		lists->capacity *= 2;
		lists->seen = repalloc_huge(lists->seen, lists->capacity * sizeof(DupexSeenList));
	}
	named = find_named(lists, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (named)
		named->is_met = true;
	lists->seen[number].priority = named ? named->priority : lists->last_priority;
	lists->seen[number].is_suppression = lists->seen[number].priority == 0;
	return number;
}

/*
 * What a list is sorted by: priority, then the order of bytes of its name.
 */
typedef struct Order
{
	uint32		priority;
	uint32		rank;
	uint32		number;
} Order;

static int
compare_orders(const void *left, const void *right)
{
	const Order *a = left;
	const Order *b = right;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/*
 * When all rows have been read: the places of the lists. Says which suppression lists have no row, as that
 * may be a slip.
 */
void
dupex_purge_order_lists(DupexPurgeLists *lists, int64 seed)
{
	static const DupexSipKey fixed = {0, 0};
	uint32		count = dupex_words_count(lists->words);
	uint32	   *ranks = dupex_words_ranks(lists->words);
	Order	   *orders = palloc_extended((count + 1) * sizeof(Order), MCXT_ALLOC_HUGE);

	for (int i = 0; i < lists->named_count; i++)
		if (lists->named[i].priority == 0 && !lists->named[i].is_met)
			ereport(NOTICE,
					(errmsg("suppression list \"%s\" has no row", pnstrdup(lists->named[i].name, lists->named[i].length))));
	for (uint32 i = 0; i < count; i++)
	{
		orders[i].priority = lists->seen[i].priority;
		orders[i].rank = ranks[i];
		orders[i].number = i;
	}
	qsort(orders, count, sizeof(Order), compare_orders);
	lists->places = palloc_extended((count + 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	lists->lists = palloc_extended((count + 1) * sizeof(DupexPurgeList), MCXT_ALLOC_HUGE);
	lists->names = palloc_extended((count + 1) * sizeof(Datum), MCXT_ALLOC_HUGE);
	for (uint32 place = 0; place < count; place++)
	{
		text	   *name = dupex_words_text(lists->words, orders[place].number);

		lists->places[orders[place].number] = place;
		lists->names[place] = PointerGetDatum(name);
		lists->lists[place].priority = orders[place].priority;
		lists->lists[place].hash = dupex_siphash(&fixed, (uint64) seed, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)).low;
	}
	pfree(orders);
	pfree(ranks);
}

/*
 * For each place whether the result has rows of the list: all for NULL.
 */
bool *
dupex_purge_wanted(const DupexPurgeLists *lists, ArrayType *array)
{
	uint32		count = dupex_words_count(lists->words);
	bool	   *wanted = palloc_extended(count + 1, MCXT_ALLOC_HUGE);
	Datum	   *names;
	bool	   *nulls;
	int			name_count;

	memset(wanted, array == NULL, count + 1);
	if (array == NULL)
		return wanted;
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &name_count);
	for (uint32 place = 0; place < count; place++)
		for (int i = 0; i < name_count; i++)
			if (!nulls[i] && VARSIZE_ANY_EXHDR(DatumGetPointer(names[i])) == VARSIZE_ANY_EXHDR(DatumGetPointer(lists->names[place])) &&
				memcmp(VARDATA_ANY(DatumGetPointer(names[i])), VARDATA_ANY(DatumGetPointer(lists->names[place])),
					   VARSIZE_ANY_EXHDR(DatumGetPointer(names[i]))) == 0)
				wanted[place] = true;
	return wanted;
}
