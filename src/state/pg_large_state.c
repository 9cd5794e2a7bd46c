/*
 * pg_large_state.c
 *		States of aggregates that are too large to be copied each time they grow.
 *
 * PostgreSQL copies the flat state of an aggregate whenever a transition function returns it at
 * another place, so for a moment there are three of a state that has grown. An expanded datum it
 * takes over as it is. Here that is a struct with a memory context of its own, which owns the flat
 * state and grows it where it is; at the end the state is brought into its stored form in place,
 * and those who ask for it get the struct itself, to read. Whoever stores it makes a copy.
 *
 * A memory context a group would make an aggregate with many groups slow, so a state begins flat
 * and becomes large when it has thousands of rows.
 */
#include "state/pg_large_state.h"

#include "utils/memutils.h"

static Size
flat_size(ExpandedObjectHeader *header)
{
	DupexLargeState *large = (DupexLargeState *) header;

	return large->finish(large);
}

static void
flatten(ExpandedObjectHeader *header, void *result, Size size)
{
	memcpy(result, ((DupexLargeState *) header)->flat, size);
	SET_VARSIZE(result, size);
}

static const ExpandedObjectMethods methods = {flat_size, flatten};

/*
 * A large state of a kind, zeroed, with so many bytes for its struct; in a context below the one
 * of the aggregate, which PostgreSQL wants to find there.
 */
void *
dupex_large_state_make(MemoryContext parent, DupexLargeFinish finish, Size size)
{
	MemoryContext context = AllocSetContextCreate(parent, "dupex large state", ALLOCSET_SMALL_SIZES);
	DupexLargeState *large = MemoryContextAllocZero(context, size);

	EOH_init_header(&large->header, &methods, context);
	large->finish = finish;
	return large;
}

/*
 * The large state that a datum is; NULL when it is none of this kind.
 */
void *
dupex_large_state_of_datum(Datum datum, DupexLargeFinish finish)
{
	ExpandedObjectHeader *header;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return NULL;
	header = DatumGetEOHP(datum);
	if (header->eoh_methods != &methods || ((DupexLargeState *) header)->finish != finish)
		return NULL;
	return header;
}

/*
 * What a transition function returns.
 */
Datum
dupex_large_state_working(DupexLargeState *large)
{
	return EOHPGetRWDatum(&large->header);
}

/*
 * What a final function returns: the state in its stored form, to be read. The pointer to it is
 * made in the memory of the caller, where PostgreSQL before 16 looks for results of final
 * functions: others it would copy.
 */
Datum
dupex_large_state_finished(DupexLargeState *large)
{
	varatt_expanded content;
	char	   *pointer = palloc(EXPANDED_POINTER_SIZE);

	large->finish(large);
	content.eohptr = &large->header;
	SET_VARTAG_EXTERNAL(pointer, VARTAG_EXPANDED_RO);
	memcpy(VARDATA_EXTERNAL(pointer), &content, sizeof(content));
	return PointerGetDatum(pointer);
}
