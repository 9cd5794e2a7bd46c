/*
 * sounds.h
 *		How Chinese characters sound: a table of the caller, without tones.
 */
#ifndef DUPEX_LINKAGE_SOUNDS_H
#define DUPEX_LINKAGE_SOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* one way in which a character sounds; a character may have several */
typedef struct DupexSound
{
	uint32_t	letter;
	uint32_t	initial;		/* first letter of the sound */
	uint64_t	sound;			/* hash of the sound */
} DupexSound;

/* the array belongs to the caller */
typedef struct DupexSounds
{
	DupexSound *entries;
	size_t		count;
} DupexSounds;

extern void dupex_sounds_sort(DupexSounds *sounds);
extern bool dupex_sounds_alike(void *sounds, uint32_t a, uint32_t b);
extern uint32_t dupex_sounds_initial(const DupexSounds *sounds, uint32_t letter);

#endif							/* DUPEX_LINKAGE_SOUNDS_H */
