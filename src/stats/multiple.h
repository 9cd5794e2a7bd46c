/*
 * multiple.h
 *		P values of several tests, adjusted for their number.
 *
 * Pure C. multiple.c names the sources.
 */
#ifndef DUPEX_MULTIPLE_H
#define DUPEX_MULTIPLE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum DupexAdjustment
{
	DUPEX_ADJUST_HOLM,
	DUPEX_ADJUST_HOCHBERG,
	DUPEX_ADJUST_HOMMEL,
	DUPEX_ADJUST_BONFERRONI,
	DUPEX_ADJUST_BH,
	DUPEX_ADJUST_BY,
	DUPEX_ADJUST_NONE
} DupexAdjustment;

extern bool dupex_adjustment_method(const char *name, DupexAdjustment *method);
extern void dupex_adjust(size_t count, double *p, DupexAdjustment method, double *scratch);

#endif							/* DUPEX_MULTIPLE_H */
