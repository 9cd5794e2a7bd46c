/*
 * pg_people.h
 *		Puts together the rows of each person: within work_mem, and in temporary files beyond it.
 *
 *	DupexPeople *people = dupex_people_create(CurrentMemoryContext, sizeof(MyRecord));
 *	dupex_query_run(&query, sql, &my_state);		its row() calls dupex_people_add()
 *	dupex_people_each(people, person, &my_state);	person() gets all records of one person
 *	dupex_people_free(people);
 *
 * Create it before dupex_query_run(), in a memory context that lives longer than the query: what
 * SPI has allocated is gone after it, and a temporary file with it. A record is of a fixed size
 * and holds no pointers; times, numbers and the numbers of words (pg_words.h) go into it.
 */
#ifndef DUPEX_PG_PEOPLE_H
#define DUPEX_PG_PEOPLE_H

#include "runner/pg_query.h"

typedef struct DupexPeople DupexPeople;

/*
 * All records of a person, mostly in the order in which they were added; they may be changed.
 * People come in no particular order, each once. The key's bytes are valid during the call only,
 * and what the function allocates in the current context does not stay for long.
 */
typedef void (*DupexPerson) (void *state, const DupexQueryKey *key, void *records, uint32 count);

extern DupexPeople *dupex_people_create(MemoryContext parent, Size record_size);
extern void dupex_people_add(DupexPeople *people, const DupexQueryKey *key, const void *record);
extern void dupex_people_each(DupexPeople *people, DupexPerson person, void *state);
extern void dupex_people_free(DupexPeople *people);

#endif							/* DUPEX_PG_PEOPLE_H */
