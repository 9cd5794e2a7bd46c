/*
 * pg_large_state.h
 *		States of aggregates that are too large to be copied each time they grow.
 */
#ifndef DUPEX_PG_LARGE_STATE_H
#define DUPEX_PG_LARGE_STATE_H

#include "dupex.h"

#include "utils/expandeddatum.h"

struct DupexLargeState;

/*
 * Brings a large state into the form in which it is stored, all but the length in its header, and
 * returns the size in bytes. It may be asked for that several times, and rows may be added again
 * afterwards. Each kind of states has its own, and is known by it.
 */
typedef Size (*DupexLargeFinish) (struct DupexLargeState *large);

/*
 * A large state: the first member of a struct with what else its kind needs. The flat state, and
 * all that belongs to it, is in the memory context of the header.
 */
typedef struct DupexLargeState
{
	ExpandedObjectHeader header;
	DupexLargeFinish finish;
	void	   *flat;
} DupexLargeState;

extern void *dupex_large_state_make(MemoryContext parent, DupexLargeFinish finish, Size size);
extern void *dupex_large_state_of_datum(Datum datum, DupexLargeFinish finish);
extern Datum dupex_large_state_working(DupexLargeState *large);
extern Datum dupex_large_state_finished(DupexLargeState *large);

#endif							/* DUPEX_PG_LARGE_STATE_H */
