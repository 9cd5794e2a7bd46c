/*
 * pg_state.c
 *		What the stored states of aggregates share: refusing bytes that are none.
 *
 * Layouts on disk never change, so a version that is not known is not an older one: it
 * comes from a newer library, or the bytes are damaged. A message comes from a client,
 * which may send anything.
 */
#include "state/pg_state.h"

/*
 * XX001 when a stored value has another version than the one that the library knows.
 */
void
dupex_state_check_version(const char *type, int version, int known)
{
	if (version != known)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type %s has version %d", type, version),
				 errdetail("This library knows version %d.", known)));
}

/*
 * 22P03: what came in binary could not have been sent by dupex.
 */
void
dupex_message_refuse(const char *type, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid external \"%s\" value", type),
			 errdetail("%s", detail)));
}
