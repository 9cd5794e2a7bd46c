/*
 * pg_counts.h
 *		What the two files of type purchase_counts share: pg_counts.c aggregates, pg_counts_io.c
 *		reads and writes.
 */
#ifndef DUPEX_PG_COUNTS_H
#define DUPEX_PG_COUNTS_H

#include "value/pg_value.h"

#define DUPEX_PURCHASE_COUNTS_VERSION	1

extern DupexPurchaseCounts *dupex_purchase_counts_allocate(uint32 row_count);
extern bool dupex_purchase_counts_arrange(DupexPurchaseCounts *counts);

#endif							/* DUPEX_PG_COUNTS_H */
