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
	for (int i = 7; i >= 0; i--, value >>= 8)
		bytes[i] = (unsigned char) value;
}

/*
 * What dupex_put_bytes() has put.
 */
static inline uint64_t
dupex_get_bytes(const unsigned char *bytes)
{
	uint64_t	value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | bytes[i];
	return value;
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
