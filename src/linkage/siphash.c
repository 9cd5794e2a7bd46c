/*
 * siphash.c
 *		SipHash-2-4 with a result of 128 bits (J.-P. Aumasson, D. J. Bernstein, SipHash: a fast short-input
 *		PRF, INDOCRYPT 2012; the wide result as in the authors' reference, 2014).
 *
 * With a secret key the hashes of different inputs are as good as random, whoever chose the inputs:
 * among n of them two are equal with a probability of n * n / 2^129.
 */
#include "linkage/siphash.h"

#include <string.h>

typedef struct State
{
	uint64_t	v0;
	uint64_t	v1;
	uint64_t	v2;
	uint64_t	v3;
} State;

static inline uint64_t
rotated(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void
sip_round(State *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotated(s->v1, 13) ^ s->v0;
	s->v3 = rotated(s->v3, 16) ^ s->v2;
	s->v0 = rotated(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotated(s->v1, 17) ^ s->v2;
	s->v3 = rotated(s->v3, 21) ^ s->v0;
	s->v2 = rotated(s->v2, 32);
}

static inline void
absorb(State *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

/*
 * Up to eight bytes as a number, the first being the lowest, whatever the order of the machine.
 */
static inline uint64_t
read_word(const uint8_t *bytes, size_t count)
{
	uint64_t	word = 0;

	for (size_t i = 0; i < count; i++)
		word |= (uint64_t) bytes[i] << (8 * i);
	return word;
}

static uint64_t
finish(State *s)
{
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/*
 * The hash of eight bytes of prefix (its lowest first) and so many bytes behind them. With the prefix
 * one key serves several kinds of input.
 */
DupexSipHash
dupex_siphash(const DupexSipKey *key, uint64_t prefix, const void *bytes, size_t length)
{
	State		s = {
		key->k0 ^ UINT64_C(0x736f6d6570736575), key->k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		key->k0 ^ UINT64_C(0x6c7967656e657261), key->k1 ^ UINT64_C(0x7465646279746573)
	};
	const uint8_t *at = bytes;
	size_t		left = length;
	DupexSipHash hash;

	absorb(&s, prefix);
	for (; left >= 8; left -= 8, at += 8)
		absorb(&s, read_word(at, 8));
	absorb(&s, read_word(at, left) | (uint64_t) ((length + 8) & 0xff) << 56);
	s.v2 ^= 0xee;
	hash.low = finish(&s);
	s.v1 ^= 0xdd;
	hash.high = finish(&s);
	return hash;
}
