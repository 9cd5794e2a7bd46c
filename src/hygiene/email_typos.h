/*
 * email_typos.h
 *		Slips among the domains of a list of addresses, told by their frequency.
 */
#ifndef DUPEX_HYGIENE_EMAIL_TYPOS_H
#define DUPEX_HYGIENE_EMAIL_TYPOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a domain of the list, and what is found: the index of the domain meant, or -1 */
typedef struct DupexListedDomain
{
	const char *name;
	size_t		length;
	int64_t		frequency;
	ptrdiff_t	meant;
} DupexListedDomain;

/* the hash of a domain with one character left out */
typedef struct DupexShortened
{
	uint64_t	hash;
	size_t		domain;
} DupexShortened;

extern size_t dupex_email_typos_room(const DupexListedDomain *domains,
									 size_t count);
extern const DupexListedDomain *dupex_email_typos_repeated(const DupexListedDomain *domains,
														   size_t count,
														   const DupexListedDomain **order);
extern bool dupex_email_typos_find(DupexListedDomain *domains, size_t count,
								   double at_least, DupexShortened *shortened,
								   bool (*stop) (void *), void *data);

#endif							/* DUPEX_HYGIENE_EMAIL_TYPOS_H */
