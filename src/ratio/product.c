/*
 * product.c
 *		Exact comparison of two products, so that ratios can be compared without dividing.
 *
 * a/b < c/d is a*d < c*b when b and d are positive. The parts of a ratio have up to 90 bits, a
 * product 180: more than any integer type of C has, so it is done by the schoolbook method on
 * limbs of 32 bits. Pure C.
 */
#include "product.h"

#define PRODUCT_LIMBS (2 * DUPEX_FACTOR_LIMBS)

DupexFactor
dupex_factor_make(uint64_t value, uint32_t multiplier, uint32_t addend)
{
	DupexFactor result;
	uint64_t	low = (value & UINT32_MAX) * multiplier + addend;
	uint64_t	high = (value >> 32) * multiplier + (low >> 32);

	result.limb[0] = (uint32_t) low;
	result.limb[1] = (uint32_t) high;
	result.limb[2] = (uint32_t) (high >> 32);
	return result;
}

/*
 * product = a * b. The carry cannot overflow: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
 */
static void
multiply(DupexFactor a, DupexFactor b, uint32_t product[PRODUCT_LIMBS])
{
	for (int i = 0; i < PRODUCT_LIMBS; i++)
		product[i] = 0;

	for (int i = 0; i < DUPEX_FACTOR_LIMBS; i++)
	{
		uint64_t	carry = 0;

		for (int j = 0; j < DUPEX_FACTOR_LIMBS; j++)
		{
			carry += (uint64_t) a.limb[i] * b.limb[j] + product[i + j];
			product[i + j] = (uint32_t) carry;
			carry >>= 32;
		}
		product[i + DUPEX_FACTOR_LIMBS] = (uint32_t) carry;
	}
}

int
dupex_compare_products(DupexFactor a, DupexFactor b, DupexFactor c, DupexFactor d)
{
	uint32_t	left[PRODUCT_LIMBS];
	uint32_t	right[PRODUCT_LIMBS];

	multiply(a, b, left);
	multiply(c, d, right);
	for (int i = PRODUCT_LIMBS - 1; i >= 0; i--)
	{
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	}
	return 0;
}
