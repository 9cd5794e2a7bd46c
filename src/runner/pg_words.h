/*
 * pg_words.h
 *		Numbers for a few distinct texts: groups, channels.
 *
 * Equal are texts of the same bytes, whatever the collation. All of them are kept in memory.
 */
#ifndef DUPEX_PG_WORDS_H
#define DUPEX_PG_WORDS_H

#include "dupex.h"

typedef struct DupexWords DupexWords;

extern DupexWords *dupex_words_create(MemoryContext parent);
extern uint32 dupex_words_number(DupexWords *words, const char *bytes, Size length);
extern uint32 dupex_words_count(const DupexWords *words);
extern text *dupex_words_text(const DupexWords *words, uint32 number);
extern uint32 *dupex_words_ranks(const DupexWords *words);

#endif							/* DUPEX_PG_WORDS_H */
