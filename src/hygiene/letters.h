/*
 * letters.h
 *		Characters of UTF-8: reading and writing them, lower case, width, and
 *		which of them can stand in the name of a domain.
 */
#ifndef DUPEX_HYGIENE_LETTERS_H
#define DUPEX_HYGIENE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* octets of the longest character */
#define DUPEX_UTF8_MAX 4

/* the Greek sigma at the end of a word; the ordinary one is the next character */
#define DUPEX_FINAL_SIGMA 0x3C2

extern size_t dupex_utf8_get(const char *text, size_t length,
							 uint32_t *letter);
extern size_t dupex_utf8_put(uint32_t letter, char *out);
extern uint32_t dupex_letter_lower(uint32_t letter);
extern uint32_t dupex_letter_narrow(uint32_t letter);
extern bool dupex_letter_is_space(uint32_t letter);
extern bool dupex_letter_is_invisible(uint32_t letter);
extern bool dupex_letter_in_domain(uint32_t letter, bool first);

#endif							/* DUPEX_HYGIENE_LETTERS_H */
