/*
 * reader.h
 *		The tolerant reader of source codes as customers quote them, and the
 *		look-alikes of characters. See reader.c.
 *
 * Pure C: no PostgreSQL here.
 */
#ifndef DUPEX_SOURCE_READER_H
#define DUPEX_SOURCE_READER_H

#include "source/layout.h"

/*
 * The number of bytes of the character at the start of the text, at most
 * remaining. NULL instead of such a function means UTF-8.
 */
typedef int (*DupexCharacterLength) (const char *text, size_t remaining);

/* What the reader makes of a quoted code. */
typedef struct DupexReading
{
	bool		readable;
	char		characters[DUPEX_CODE_MAX_LENGTH + 1];	/* the code, when
														 * readable */
	char		quoted[DUPEX_CODE_MAX_LENGTH + 1];	/* the same before repair */
	char		problem[280];	/* empty when there is none */
} DupexReading;

extern const char *dupex_look_alikes(char character);
extern size_t dupex_next_character(const char *text, size_t length,
								   DupexCharacterLength character_length,
								   char *character);
extern void dupex_source_read_text(const DupexLayout *layout,
								   const char *text, size_t length,
								   DupexCharacterLength character_length,
								   DupexReading *reading);

#endif							/* DUPEX_SOURCE_READER_H */
