/*
 * sounds.c
 *		How Chinese characters sound: a sorted table, searched by halving.
 */
#include "linkage/sounds.h"

#include <stdlib.h>

static int
compare_sounds(const void *a, const void *b)
{
	const DupexSound *x = a;
	const DupexSound *y = b;

	if (x->letter != y->letter)
		return x->letter < y->letter ? -1 : 1;
	if (x->initial != y->initial)
		return x->initial < y->initial ? -1 : 1;
	return x->sound < y->sound ? -1 : x->sound > y->sound;
}

/*
 * Brings the entries into order; to be called once all are there.
 */
void
dupex_sounds_sort(DupexSounds *sounds)
{
	if (sounds->count > 0)
		qsort(sounds->entries, sounds->count, sizeof(DupexSound), compare_sounds);
}

/*
 * The first entry of a character; NULL for none.
 */
static const DupexSound *
first_of(const DupexSounds *sounds, uint32_t letter)
{
	size_t		from = 0;
	size_t		to = sounds->count;

	while (from < to)
	{
		size_t		middle = from + (to - from) / 2;

		if (sounds->entries[middle].letter < letter)
			from = middle + 1;
		else
			to = middle;
	}
	return from < sounds->count && sounds->entries[from].letter == letter ? &sounds->entries[from] : NULL;
}

/*
 * Whether two characters have a sound in common: a DupexSoundsAlike of names.h.
 */
bool
dupex_sounds_alike(void *table, uint32_t a, uint32_t b)
{
	const DupexSounds *sounds = table;
	const DupexSound *end = sounds->entries + sounds->count;
	const DupexSound *of_b = first_of(sounds, b);

	if (of_b == NULL)
		return false;
	for (const DupexSound *x = first_of(sounds, a); x != NULL && x < end && x->letter == a; x++)
	{
		for (const DupexSound *y = of_b; y < end && y->letter == b; y++)
		{
			if (x->sound == y->sound)
				return true;
		}
	}
	return false;
}

/*
 * The letter with which a character's sound begins, the first one of several; 0
 * when it is not in the table.
 */
uint32_t
dupex_sounds_initial(const DupexSounds *sounds, uint32_t letter)
{
	const DupexSound *entry = first_of(sounds, letter);

	return entry == NULL ? 0 : entry->initial;
}
