/*
 * shapley.h
 *		Shapley values of channels, in closed form.
 *
 * Pure C. shapley.c tells the idea.
 */
#ifndef DUPEX_SHAPLEY_H
#define DUPEX_SHAPLEY_H

#include <stdint.h>

#include "stats/sum.h"

typedef struct DupexShapley
{
	DupexSum	conversions;
	DupexSum	value;
	uint64_t	path;			/* number of the last path that had it */
} DupexShapley;

extern uint32_t dupex_shapley_distinct(DupexShapley *channels, uint64_t path, uint32_t *touched, uint32_t count);
extern void dupex_shapley_add(DupexShapley *channels, const uint32_t *touched, uint32_t count, double conversions, double value);

#endif							/* DUPEX_SHAPLEY_H */
