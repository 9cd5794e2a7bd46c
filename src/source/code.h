/*
 * code.h
 *		Source codes as 64-bit numbers whose order is the order of the text.
 *
 * Pure C: no PostgreSQL here. See code.c.
 */
#ifndef DUPEX_SOURCE_CODE_H
#define DUPEX_SOURCE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A source code has 1 to 12 characters 0-9A-Z. */
#define DUPEX_CODE_MAX_LENGTH 12

/* What can be wrong with a text that should be a source code. */
typedef enum DupexCodeFault
{
	DUPEX_CODE_OK,
	DUPEX_CODE_EMPTY,			/* nothing but spaces and hyphens */
	DUPEX_CODE_BAD_CHARACTER,	/* neither 0-9, A-Z, a-z, space nor hyphen */
	DUPEX_CODE_TOO_LONG			/* a thirteenth character */
} DupexCodeFault;

/*
 * A pattern: letters and digits stand for themselves, ? for one character, *
 * for any number of them, none included. Twelve characters and thirteen stars
 * is the longest that can match anything.
 */
#define DUPEX_PATTERN_MAX_LENGTH (2 * DUPEX_CODE_MAX_LENGTH + 1)

typedef struct DupexCodePattern
{
	int			length;
	bool		impossible;		/* longer than any code, or empty */
	char		symbols[DUPEX_PATTERN_MAX_LENGTH];
} DupexCodePattern;

/*
 * The codes from first to last. The range of a pattern is exact when every code
 * in it matches, so that nothing remains to be checked.
 */
typedef struct DupexCodeRange
{
	int64_t		first;
	int64_t		last;
	bool		exact;
} DupexCodeRange;

extern int	dupex_code_digit(unsigned char character);
extern bool dupex_code_ignores(unsigned char character);
extern DupexCodeFault dupex_code_parse(const char *text, size_t length,
									   int64_t *code, size_t *where);
extern int	dupex_code_format(int64_t code, char *out);
extern bool dupex_code_is_valid(int64_t code);
extern int64_t dupex_code_pack(const char *characters, int length);
extern DupexCodeFault dupex_code_parse_prefix(const char *text, size_t length,
											  DupexCodeRange *range,
											  size_t *where);
extern DupexCodeFault dupex_pattern_parse(const char *text, size_t length,
										  DupexCodePattern *pattern,
										  size_t *where);
extern bool dupex_pattern_matches(const DupexCodePattern *pattern,
								  int64_t code);
extern bool dupex_pattern_range(const DupexCodePattern *pattern,
								DupexCodeRange *range);

#endif							/* DUPEX_SOURCE_CODE_H */
