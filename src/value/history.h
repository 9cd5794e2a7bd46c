/*
 * history.h
 *		Purchase history: the purchases of one customer, and their summary.
 *
 * Pure C. history.c tells the idea.
 */
#ifndef DUPEX_HISTORY_H
#define DUPEX_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ratio/er.h"
#include "text/time_text.h"

/*
 * What was bought at one moment: microseconds since 2000-01-01 00:00 UTC, the amounts of all
 * orders of this moment added up, and how many they are. On disk as it is: 24 bytes without
 * padding. The layout never changes.
 */
typedef struct DupexPurchase
{
	int64_t		at;
	int64_t		whole;
	int32_t		billionths;
	uint32_t	orders;
} DupexPurchase;

#define DUPEX_PURCHASE_TEXT_SIZE	(DUPEX_TIME_TEXT_SIZE + DUPEX_AMOUNT_TEXT_SIZE + 16)

/* a year from 1 to 9999 */
#define DUPEX_PURCHASE_FIRST_TIME	DUPEX_FIRST_TIME
#define DUPEX_PURCHASE_END_TIME		DUPEX_END_TIME

/*
 * What models of purchases want to know of a customer. Times in units.
 */
typedef struct DupexPurchaseSummary
{
	double		frequency;		/* periods with a purchase after the first */
	double		recency;		/* from the first to the last of them */
	double		age;			/* from the first to the end of observation */
	double		mean_value;		/* amount a period after the first; 0 without */
} DupexPurchaseSummary;

/*
 * A unit of time: purchases of the same period are one, and how many periods make a unit.
 */
typedef struct DupexTimeUnit
{
	const char *name;
	int64_t		period;			/* microseconds */
	double		periods;
} DupexTimeUnit;

extern const DupexTimeUnit *dupex_time_unit(const char *name, size_t length);

extern bool dupex_purchase_add(DupexPurchase *purchase, const DupexPurchase *addend);
extern bool dupex_history_merge(DupexPurchase *purchases, uint32_t *count);
extern bool dupex_purchase_is_valid(const DupexPurchase *purchase);
extern size_t dupex_purchase_format(const DupexPurchase *purchase, char *text);
extern bool dupex_purchase_parse(const char **text, DupexPurchase *purchase);
extern bool dupex_history_summarise(const DupexPurchase *purchases, uint32_t count, int64_t until,
									const DupexTimeUnit *unit, int64_t (*local) (void *zone, int64_t at), void *zone,
									DupexPurchaseSummary *summary);

#endif							/* DUPEX_HISTORY_H */
