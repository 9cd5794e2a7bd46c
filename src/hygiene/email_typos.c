/*
 * email_typos.c
 *		Slips among the domains of a list of addresses, told by their frequency.
 *
 * A domain is a slip when one that is a single edit away stands in the same list a
 * hundred times as often: the house's own data knows its customers' companies,
 * which no list of providers does. A mailbox provider that is known never is one.
 *
 * Two domains one edit apart have in common what is left when one character is
 * taken out of one or both (the deletion neighbourhood of T. Bocek, E. Hunt and
 * B. Stiller, "Fast similarity search in large dictionaries", 2007). So all
 * domains and all their shortened forms are hashed and sorted, and only domains
 * that meet under one hash are compared. Those that have the same shortened form
 * differ in one inserted character: a few hundred at most, however long the list.
 */
#include "hygiene/email_typos.h"

#include "hygiene/email.h"

#include <stdlib.h>
#include <string.h>

/* domain names have up to 253 octets; longer texts are none and are left out */
static bool
is_compared(const DupexListedDomain *domain)
{
	return domain->length > 3 && domain->length <= DUPEX_EMAIL_DOMAIN_MAX;
}

/*
 * How many shortened forms the domains have.
 */
size_t
dupex_email_typos_room(const DupexListedDomain *domains, size_t count)
{
	size_t		room = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (is_compared(&domains[i]))
			room += domains[i].length + 1;
	}
	return room;
}

/* FNV-1a, 64 bits: Fowler, Noll, Vo. The octet at skipped is left out. */
static uint64_t
hash_without(const char *text, size_t length, size_t skipped)
{
	uint64_t	hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
	{
		if (i != skipped)
			hash = (hash ^ (unsigned char) text[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

static int
compare_shortened(const void *a, const void *b)
{
	const DupexShortened *x = a;
	const DupexShortened *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->domain < y->domain ? -1 : x->domain > y->domain;
}

/*
 * Considers that the first of two domains is a slip for the second. Of several
 * that could be meant the most frequent counts, of equally frequent ones the
 * first in the list.
 */
static void
consider(DupexListedDomain *domains, size_t slip, size_t meant,
		 double at_least)
{
	DupexListedDomain *domain = &domains[slip];
	const DupexListedDomain *other = &domains[meant];

	if ((double) other->frequency < at_least * (double) domain->frequency ||
		other->frequency <= domain->frequency)
		return;
	if (domain->meant >= 0)
	{
		int64_t		best = domains[domain->meant].frequency;

		if (best > other->frequency ||
			(best == other->frequency && (size_t) domain->meant <= meant))
			return;
	}
	if (dupex_one_edit_apart(domain->name, domain->length, other->name,
							 other->length) &&
		!dupex_email_domain_is_known(domain->name, domain->length))
		domain->meant = (ptrdiff_t) meant;
}

/* sorts pointers to domains by their names, the shorter of two like beginnings first */
static int
compare_names(const void *a, const void *b)
{
	const DupexListedDomain *x = *(const DupexListedDomain *const *) a;
	const DupexListedDomain *y = *(const DupexListedDomain *const *) b;
	int			order = memcmp(x->name, y->name, x->length < y->length ? x->length : y->length);

	if (order != 0)
		return order;
	return x->length < y->length ? -1 : x->length > y->length;
}

/*
 * A domain that is in the list twice; NULL when none is. order is work space for count
 * pointers.
 */
const DupexListedDomain *
dupex_email_typos_repeated(const DupexListedDomain *domains, size_t count,
						   const DupexListedDomain **order)
{
	for (size_t i = 0; i < count; i++)
		order[i] = &domains[i];
	if (count > 1)
		qsort(order, count, sizeof(const DupexListedDomain *), compare_names);
	for (size_t i = 1; i < count; i++)
	{
		if (compare_names(&order[i - 1], &order[i]) == 0)
			return order[i];
	}
	return NULL;
}

/*
 * Sets meant of each domain. The domains are in lower case and distinct; shortened has
 * dupex_email_typos_room() entries. False when stop said so, which is asked for each
 * shortened form.
 */
bool
dupex_email_typos_find(DupexListedDomain *domains, size_t count,
					   double at_least, DupexShortened *shortened,
					   bool (*stop) (void *), void *data)
{
	size_t		entries = 0;

	for (size_t i = 0; i < count; i++)
	{
		domains[i].meant = -1;
		if (!is_compared(&domains[i]))
			continue;
		for (size_t skipped = 0; skipped <= domains[i].length; skipped++)
		{
			shortened[entries].hash = hash_without(domains[i].name,
												   domains[i].length, skipped);
			shortened[entries++].domain = i;
		}
	}
	qsort(shortened, entries, sizeof(shortened[0]), compare_shortened);
	for (size_t first = 0, next; first < entries; first = next)
	{
		for (next = first + 1; next < entries; next++)
		{
			if (shortened[next].hash != shortened[first].hash)
				break;
			if (stop(data))
				return false;
			for (size_t i = first; i < next; i++)
			{
				consider(domains, shortened[i].domain, shortened[next].domain, at_least);
				consider(domains, shortened[next].domain, shortened[i].domain, at_least);
			}
		}
	}
	return true;
}
