/*
 * pg_left_out.c
 *		How many rows an aggregate has left out: adding up, and from a message.
 */
#include "value/pg_left_out.h"

#include "libpq/pqformat.h"

#include "state/pg_state.h"

/*
 * The sum of two numbers of rows that were left out. 22003 when it is too large.
 */
int64
dupex_left_out_add(int64 count, int64 more)
{
	if (more >= DUPEX_LEFT_OUT_LIMIT - count)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("more than " INT64_FORMAT " rows were left out", DUPEX_LEFT_OUT_LIMIT - 1)));
	return count + more;
}

/*
 * Such a number in a binary message; 22P03 for one that cannot be.
 */
int64
dupex_left_out_receive(StringInfo message, const char *type)
{
	int64		count = pq_getmsgint64(message);

	if (count < 0 || count >= DUPEX_LEFT_OUT_LIMIT)
		dupex_message_refuse(type, "A number of rows that were left out is out of range.");
	return count;
}
