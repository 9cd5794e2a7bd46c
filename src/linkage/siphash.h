/*
 * siphash.h
 *		SipHash-2-4 with a result of 128 bits: a hash that nobody can foresee without its key.
 *
 * Pure C. For telling keys apart without keeping them, where they come from other people's files.
 */
#ifndef DUPEX_SIPHASH_H
#define DUPEX_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct DupexSipKey
{
	uint64_t	k0;
	uint64_t	k1;
} DupexSipKey;

typedef struct DupexSipHash
{
	uint64_t	low;
	uint64_t	high;
} DupexSipHash;

extern DupexSipHash dupex_siphash(const DupexSipKey *key, uint64_t prefix, const void *bytes, size_t length);

#endif							/* DUPEX_SIPHASH_H */
