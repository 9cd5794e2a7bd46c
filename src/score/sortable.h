/*
 * sortable.h
 *		Numbers as bytes whose order is that of the numbers: parts of keys.
 *
 * Pure C. The bytes are the same on every machine.
 */
#ifndef DUPEX_SORTABLE_H
#define DUPEX_SORTABLE_H

#include <stdint.h>
#include <string.h>

#define DUPEX_SIGN_BIT	(UINT64_C(1) << 63)

/*
 * Eight bytes, the highest first.
 */
static inline void
dupex_put_bytes(uint64_t value, unsigned char *bytes)
{
	/* one by one, because compilers see a swap of bytes in that */
	bytes[0] = (unsigned char) (value >> 56);
	bytes[1] = (unsigned char) (value >> 48);
	bytes[2] = (unsigned char) (value >> 40);
	bytes[3] = (unsigned char) (value >> 32);
	bytes[4] = (unsigned char) (value >> 24);
	bytes[5] = (unsigned char) (value >> 16);
	bytes[6] = (unsigned char) (value >> 8);
	bytes[7] = (unsigned char) value;
}

/*
 * What dupex_put_bytes() has put.
 */
static inline uint64_t
dupex_get_bytes(const unsigned char *bytes)
{
	return (uint64_t) bytes[0] << 56 | (uint64_t) bytes[1] << 48 | (uint64_t) bytes[2] << 40 | (uint64_t) bytes[3] << 32 |
		(uint64_t) bytes[4] << 24 | (uint64_t) bytes[5] << 16 | (uint64_t) bytes[6] << 8 | (uint64_t) bytes[7];
}

/*
 * Eight bytes of a whole number.
 */
static inline void
dupex_put_whole(int64_t value, unsigned char *bytes)
{
	dupex_put_bytes((uint64_t) value ^ DUPEX_SIGN_BIT, bytes);
}

/*
 * What dupex_put_whole() has put.
 */
static inline int64_t
dupex_get_whole(const unsigned char *bytes)
{
	return (int64_t) (dupex_get_bytes(bytes) ^ DUPEX_SIGN_BIT);
}

/*
 * Eight bytes of a floating point number that is not NaN. Both zeros are the same.
 */
static inline void
dupex_put_double(double value, unsigned char *bytes)
{
	uint64_t	bits;

	if (value == 0)
		value = 0;
	memcpy(&bits, &value, sizeof(bits));
	dupex_put_bytes(bits & DUPEX_SIGN_BIT ? ~bits : bits | DUPEX_SIGN_BIT, bytes);
}

/*
 * What dupex_put_double() has put.
 */
static inline double
dupex_get_double(const unsigned char *bytes)
{
	uint64_t	bits = dupex_get_bytes(bytes);
	double		value;

	bits = bits & DUPEX_SIGN_BIT ? bits & ~DUPEX_SIGN_BIT : ~bits;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

#endif							/* DUPEX_SORTABLE_H */
