/*
 * compare.h
 *		How alike two names or addresses are, in characters.
 */
#ifndef DUPEX_HYGIENE_COMPARE_H
#define DUPEX_HYGIENE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* characters of a text that count; what is longer is compared by its beginning */
#define DUPEX_COMPARE_MAX 256

/* a text as characters */
typedef struct DupexLetters
{
	uint32_t	letter[DUPEX_COMPARE_MAX];
	size_t		count;
} DupexLetters;

extern void dupex_letters_fold(const char *text, size_t length,
							   DupexLetters *letters);
extern double dupex_jaro(const DupexLetters *a, const DupexLetters *b);
extern double dupex_jaro_winkler(const DupexLetters *a,
								 const DupexLetters *b);
extern int	dupex_edit_distance(const DupexLetters *a, const DupexLetters *b,
								int bound);
extern double dupex_token_set(const DupexLetters *a, const DupexLetters *b);
extern bool dupex_letter_is_han(uint32_t letter);

#endif							/* DUPEX_HYGIENE_COMPARE_H */
