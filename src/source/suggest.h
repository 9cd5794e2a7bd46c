/*
 * suggest.h
 *		Which registered codes may have been meant by a quoted one. See
 *		suggest.c.
 *
 * Pure C: no PostgreSQL here.
 */
#ifndef DUPEX_SOURCE_SUGGEST_H
#define DUPEX_SOURCE_SUGGEST_H

#include "source/reader.h"

/* of a longer quoted text only the beginning is compared */
#define DUPEX_QUOTED_MAX 40

/* Costs of the differences between two texts, in tenths of a wrong character. */
#define DUPEX_COST_LOOK_ALIKE 2
#define DUPEX_COST_SIMILAR 6
#define DUPEX_COST_SWAP 7
#define DUPEX_COST_OTHER 10
#define DUPEX_COST_LONGEST (DUPEX_QUOTED_MAX * DUPEX_COST_OTHER)

/* stands in a quoted text for a character that no code has */
#define DUPEX_NO_CODE_CHARACTER '?'

/* A quoted text, and what each of its characters costs where a code has another. */
typedef struct DupexQuoted
{
	int			length;
	int			readable;		/* how many are letters and digits */
	char		characters[DUPEX_QUOTED_MAX];
	uint8_t		cost[DUPEX_QUOTED_MAX][36];
} DupexQuoted;

typedef struct DupexSuggestion
{
	int64_t		code;
	int			distance;		/* in tenths */
} DupexSuggestion;

/*
 * The best codes so far. The caller provides the memory: capacity suggestions,
 * more than wanted, better twice as many.
 */
typedef struct DupexSuggestions
{
	const DupexQuoted *quoted;
	DupexSuggestion *list;
	size_t		capacity;
	size_t		count;
	size_t		wanted;
	int			bound;			/* worse than this is of no interest */
} DupexSuggestions;

extern void dupex_quoted_prepare(DupexQuoted *quoted, const char *text,
								 size_t length,
								 DupexCharacterLength character_length);
extern int	dupex_code_distance(const DupexQuoted *quoted, int64_t code,
								int bound);
extern void dupex_suggest_begin(DupexSuggestions *suggestions,
								const DupexQuoted *quoted,
								DupexSuggestion *list, size_t capacity,
								size_t wanted);
extern void dupex_suggest_offer(DupexSuggestions *suggestions, int64_t code);
extern void dupex_suggest_finish(DupexSuggestions *suggestions);
extern void dupex_suggest_tell(const DupexQuoted *quoted, int64_t code,
							   char *out, size_t size);

#endif							/* DUPEX_SOURCE_SUGGEST_H */
