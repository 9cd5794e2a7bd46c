/*
 * firms.h
 *		Names of firms without what says only that they are firms.
 */
#ifndef DUPEX_LINKAGE_FIRMS_H
#define DUPEX_LINKAGE_FIRMS_H

#include "hygiene/compare.h"

extern void dupex_firm_shorten(DupexLetters *name);

#endif							/* DUPEX_LINKAGE_FIRMS_H */
