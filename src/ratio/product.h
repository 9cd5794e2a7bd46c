/*
 * product.h
 *		Exact comparison of two products, so that ratios can be compared without dividing.
 *
 * Pure C.
 */
#ifndef DUPEX_PRODUCT_H
#define DUPEX_PRODUCT_H

#include <stdint.h>

#define DUPEX_FACTOR_LIMBS 3

/* A whole number below 2^96, the least significant 32 bits first. */
typedef struct DupexFactor
{
	uint32_t	limb[DUPEX_FACTOR_LIMBS];
} DupexFactor;

/* Returns value * multiplier + addend, which must be below 2^96. */
extern DupexFactor dupex_factor_make(uint64_t value, uint32_t multiplier, uint32_t addend);

/* Returns -1, 0 or 1 as a * b is below, equal to or above c * d. */
extern int	dupex_compare_products(DupexFactor a, DupexFactor b, DupexFactor c, DupexFactor d);

#endif							/* DUPEX_PRODUCT_H */
