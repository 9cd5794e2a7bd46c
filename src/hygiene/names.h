/*
 * names.h
 *		How alike two names of persons are; the key of a household's address.
 */
#ifndef DUPEX_HYGIENE_NAMES_H
#define DUPEX_HYGIENE_NAMES_H

#include "hygiene/compare.h"

/*
 * Whether two Chinese characters sound alike, by the caller's table.
 */
typedef bool (*DupexSoundsAlike) (void *table, uint32_t a, uint32_t b);

extern double dupex_name_similarity(const DupexLetters *a, const DupexLetters *b,
									DupexSoundsAlike sounds_alike,
									void *table);
extern size_t dupex_address_key(const DupexLetters *address, char *out);

/* room for a key */
#define DUPEX_ADDRESS_KEY_MAX (DUPEX_COMPARE_MAX * 4)

#endif							/* DUPEX_HYGIENE_NAMES_H */
