/*
 * pg_purge_rows.c
 *		The result of merge_purge(): each row with its fate, what is used in its place, and why.
 */
#include "linkage/pg_merge_purge.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "runner/pg_store.h"

#define COLUMNS		9

static const char *const fate_names[DUPEX_FATES] = {
	[DUPEX_FATE_NET] = "net",
	[DUPEX_FATE_INVALID] = "invalid",
	[DUPEX_FATE_INTRA] = "intra",
	[DUPEX_FATE_SUPPRESSED] = "suppressed",
	[DUPEX_FATE_INTER] = "inter",
	[DUPEX_FATE_HOUSEHOLD] = "household"
};

static uint32
list_of(const DupexPurgeJob *job, uint32 row)
{
	return DUPEX_PURGE_LIST(&job->purge.rows[row]);
}

/*
 * Adds which row it is, such as: row 17 of list "house".
 */
static void
name_row(StringInfo words, const DupexPurgeJob *job, const char *kind, uint32 row)
{
	text	   *name = (text *) DatumGetPointer(job->lists.names[list_of(job, row)]);

	appendStringInfo(words, "row " INT64_FORMAT " of %s \"%.*s\"", job->purge.rows[row].row_no, kind, (int) VARSIZE_ANY_EXHDR(name), VARDATA_ANY(name));
}

/*
 * Why a row is not used; empty for one that is. first: of its entity in its list.
 */
static void
say_why(StringInfo words, const DupexPurgeJob *job, uint32 row, uint32 first)
{
	const DupexPurge *purge = &job->purge;
	uint32		leader = purge->entity[row];

	resetStringInfo(words);
	switch ((DupexFate) purge->fate[row])
	{
		case DUPEX_FATE_NET:
			break;
		case DUPEX_FATE_INVALID:
			appendStringInfoString(words, "not valid");
			break;
		case DUPEX_FATE_INTRA:
			appendStringInfo(words, "same as row " INT64_FORMAT " of this list", purge->rows[first].row_no);
			break;
		case DUPEX_FATE_SUPPRESSED:
			if (purge->lists[list_of(job, row)].priority == 0)
				appendStringInfoString(words, "on a suppression list");
			else
			{
				appendStringInfoString(words, "same as ");
				name_row(words, job, "suppression list", leader);
			}
			break;
		case DUPEX_FATE_INTER:
			appendStringInfoString(words, "same as ");
			name_row(words, job, "list", purge->survivor[leader]);
			break;
		case DUPEX_FATE_HOUSEHOLD:
			appendStringInfo(words, "its household keeps %d%s", job->keep, job->keep > 1 ? ", first of them " : ": ");
			name_row(words, job, "list", purge->instead[row]);
			break;
	}
}

/*
 * The row that is used instead of another one; NONE when there is none.
 */
static uint32
used_instead(const DupexPurge *purge, uint32 row)
{
	uint32		survivor;

	switch ((DupexFate) purge->fate[row])
	{
		case DUPEX_FATE_HOUSEHOLD:
			return purge->instead[row];
		case DUPEX_FATE_INTRA:
		case DUPEX_FATE_INTER:
			survivor = purge->survivor[purge->entity[row]];
			if (survivor != DUPEX_PURGE_NONE && purge->fate[survivor] == DUPEX_FATE_HOUSEHOLD)
				survivor = purge->instead[survivor];
			return survivor;
		default:
			return DUPEX_PURGE_NONE;
	}
}

/*
 * The names of the lists that an entity is on, best first.
 */
static Datum
lists_of(const DupexPurgeJob *job, uint32 leader)
{
	const DupexPurge *purge = &job->purge;
	uint32		count = purge->on_lists[leader];
	Datum	   *names = palloc_extended(count * sizeof(Datum), MCXT_ALLOC_HUGE);
	uint32		used = 0;

	for (uint32 row = leader; row != DUPEX_PURGE_NONE; row = purge->next[row])
		names[used++] = job->lists.names[list_of(job, row)];
	Assert(used == count);
	return PointerGetDatum(construct_array(names, (int) used, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
set_values(const DupexPurgeJob *job, uint32 row, const Datum *fates, Datum *values, bool *nulls)
{
	const DupexPurge *purge = &job->purge;
	uint32		leader = purge->entity[row];
	bool		is_valid = purge->fate[row] != DUPEX_FATE_INVALID;
	uint32		instead = used_instead(purge, row);

	values[0] = job->lists.names[list_of(job, row)];
	values[1] = Int64GetDatum(purge->rows[row].row_no);
	values[2] = fates[purge->fate[row]];
	nulls[3] = nulls[4] = !is_valid;
	values[3] = Int64GetDatum((int64) leader + 1);
	values[4] = Int32GetDatum((int32) purge->on_lists[leader]);
	nulls[5] = purge->fate[row] != DUPEX_FATE_NET || purge->on_lists[leader] < 2;
	if (!nulls[5])
		values[5] = lists_of(job, leader);
	nulls[6] = nulls[7] = instead == DUPEX_PURGE_NONE;
	if (instead != DUPEX_PURGE_NONE)
	{
		values[6] = job->lists.names[list_of(job, instead)];
		values[7] = Int64GetDatum(purge->rows[instead].row_no);
	}
}

/*
 * Writes all rows of the lists that are wanted.
 */
void
dupex_purge_write(DupexPurgeJob *job, const bool *wanted, FunctionCallInfo fcinfo)
{
	DupexPurge *purge = &job->purge;
	DupexStore	store;
	StringInfoData words;
	Datum		fates[DUPEX_FATES];
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {false};
	MemoryContext row_context;
	MemoryContext before;

	dupex_store_open(fcinfo, COLUMNS, &store);
	initStringInfo(&words);
	for (int i = 0; i < DUPEX_FATES; i++)
		fates[i] = CStringGetTextDatum(fate_names[i]);
	row_context = AllocSetContextCreate(job->context, "dupex row of merge_purge", ALLOCSET_SMALL_SIZES);
	before = MemoryContextSwitchTo(row_context);
	dupex_purge_forget_first(purge);
	for (uint32 row = 0; row < purge->count; row++)
	{
		uint32		first = row;

		CHECK_FOR_INTERRUPTS();
		if (!wanted[list_of(job, row)])
			continue;
		if (purge->fate[row] != DUPEX_FATE_INVALID)
			first = dupex_purge_first(purge, row);
		set_values(job, row, fates, values, nulls);
		say_why(&words, job, row, first);
		nulls[8] = words.len == 0;
		if (words.len > 0)
			values[8] = PointerGetDatum(cstring_to_text_with_len(words.data, words.len));
		tuplestore_putvalues(store.rows, store.type, values, nulls);
		MemoryContextReset(row_context);
	}
	MemoryContextSwitchTo(before);
}
