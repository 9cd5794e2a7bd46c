/*
 * pg_values.h
 *		Numbers for the distinct values of a column, of which there may be as many
 *		as records.
 *
 * Like runner/pg_words.h, but packed: about 20 bytes a value beside its octets.
 */
#ifndef DUPEX_PG_VALUES_H
#define DUPEX_PG_VALUES_H

#include "dupex.h"

typedef struct DupexValues
{
	MemoryContext context;
	char	   *octets;			/* of all values, one behind the other */
	Size		size;
	Size	   *start;			/* of value n, and of the one behind the last */
	uint32	   *times[2];		/* how often, in the first and the second list */
	uint32		count;			/* value 0 is "missing" */
	uint32		capacity;
	uint32	   *table;			/* number of a value, or 0 */
	uint32		mask;
} DupexValues;

extern void dupex_values_create(DupexValues *values, MemoryContext context);
extern uint32 dupex_values_number(DupexValues *values, const char *octets, Size length, int list);

static inline const char *
dupex_values_text(const DupexValues *values, uint32 number, Size *length)
{
	*length = values->start[number + 1] - values->start[number];
	return values->octets + values->start[number];
}

#endif							/* DUPEX_PG_VALUES_H */
