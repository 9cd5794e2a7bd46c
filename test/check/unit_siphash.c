/*
 * unit_siphash.c
 *		SipHash against the values of its authors: the key 00 01 ... 0f, the input 00 01 ... of so many
 *		bytes, the result as bytes (vectors_sip128 of their reference, 2014).
 *
 * Ours always begins with eight bytes of prefix, so the shortest input is one of eight.
 */
#include "linkage/siphash.c"

#include <stdio.h>

int
main(void)
{
	static const struct
	{
		size_t		length;
		uint8_t		result[16];
	}			known[] =

	{
		{8, {0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61, 0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97, 0xb4}},
		{9, {0x26, 0x44, 0x99, 0x06, 0x0a, 0xd9, 0xba, 0xab, 0xc4, 0x7f, 0x8b, 0x02, 0xbb, 0x6d, 0x71, 0xed}},
		{15, {0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9}},
		{16, {0x6e, 0xe2, 0xa4, 0xca, 0x67, 0xb0, 0x54, 0xbb, 0xfd, 0x33, 0x15, 0xbf, 0x85, 0x23, 0x05, 0x77}}
	};
	uint8_t		input[16];
	uint8_t		key_bytes[16];
	DupexSipKey key;
	int			failures = 0;

	for (uint8_t i = 0; i < 16; i++)
		input[i] = key_bytes[i] = i;
	key.k0 = read_word(key_bytes, 8);
	key.k1 = read_word(key_bytes + 8, 8);
	for (size_t n = 0; n < sizeof(known) / sizeof(known[0]); n++)
	{
		DupexSipHash hash = dupex_siphash(&key, read_word(input, 8), input + 8, known[n].length - 8);

		if (hash.low != read_word(known[n].result, 8) || hash.high != read_word(known[n].result + 8, 8))
		{
			printf("siphash of %zu bytes is wrong\n", known[n].length);
			failures++;
		}
	}
	return failures > 0;
}
