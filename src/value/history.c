/*
 * history.c
 *		Purchase history: the purchases of one customer, and their summary.
 *
 * A summary depends on the end of observation, on the unit of time and on which purchases count
 * as one. None of these belongs into what is stored. So the history keeps the purchases
 * themselves, those of one moment added up, exactly: then adding the orders of a day to it gives
 * what going over all orders again gives, and one stored history answers every question.
 */
#include "value/history.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/sum.h"
#include "text/time_text.h"

#define SECOND		INT64_C(1000000)
#define HOUR		(INT64_C(3600) * SECOND)
#define DAY			(INT64_C(24) * HOUR)

/*
 * The unit of a name: hour, day, week, month or year, or their plurals, in lower case; else
 * NULL. Purchases of one hour are one purchase for the unit hour, those of one day for all
 * others: who comes twice a day has one reason to come. A year has 365.25 days, a month a
 * twelfth of that.
 */
const DupexTimeUnit *
dupex_time_unit(const char *name, size_t length)
{
	static const DupexTimeUnit units[] = {
		{"hour", HOUR, 1}, {"day", DAY, 1}, {"week", DAY, 7}, {"month", DAY, 30.4375}, {"year", DAY, 365.25}
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		size_t		unit_length = strlen(units[i].name);

		if (length >= unit_length && memcmp(name, units[i].name, unit_length) == 0 &&
			(length == unit_length || (length == unit_length + 1 && name[unit_length] == 's')))
			return &units[i];
	}
	return NULL;
}

/*
 * Adds amount and orders of another purchase of the same moment. False when a sum is too large.
 */
bool
dupex_purchase_add(DupexPurchase *purchase, const DupexPurchase *addend)
{
	int64_t		whole = purchase->whole + addend->whole;	/* below 2 10^18 each */
	int32_t		billionths = purchase->billionths + addend->billionths;

	if (billionths >= DUPEX_BILLION)
	{
		billionths -= DUPEX_BILLION;
		whole++;
	}
	if (whole >= DUPEX_AMOUNT_LIMIT || purchase->orders > UINT32_MAX - addend->orders)
		return false;
	purchase->whole = whole;
	purchase->billionths = billionths;
	purchase->orders += addend->orders;
	return true;
}

/*
 * Draws together the purchases of the same moment, in an array ordered by time. False when a sum
 * is too large.
 */
bool
dupex_history_merge(DupexPurchase *purchases, uint32_t *count)
{
	uint32_t	last = 0;

	for (uint32_t i = 1; i < *count; i++)
	{
		if (purchases[i].at != purchases[last].at)
			purchases[++last] = purchases[i];
		else if (!dupex_purchase_add(&purchases[last], &purchases[i]))
			return false;
	}
	if (*count > 0)
		*count = last + 1;
	return true;
}

/*
 * Whether the bytes are those of a purchase.
 */
bool
dupex_purchase_is_valid(const DupexPurchase *purchase)
{
	return purchase->at >= DUPEX_PURCHASE_FIRST_TIME && purchase->at < DUPEX_PURCHASE_END_TIME &&
		purchase->whole >= 0 && purchase->whole < DUPEX_AMOUNT_LIMIT &&
		purchase->billionths >= 0 && purchase->billionths < DUPEX_BILLION && purchase->orders > 0;
}

/*
 * Writes a purchase as 2026-01-31T10:15:00Z 19.99, and x2 behind it where it is two orders. The
 * time is always UTC. Returns the length; text has room for DUPEX_PURCHASE_TEXT_SIZE.
 */
size_t
dupex_purchase_format(const DupexPurchase *purchase, char *text)
{
	DupexAmount amount = {purchase->whole, purchase->billionths};
	size_t		length = dupex_time_format(purchase->at, text);

	text[length++] = ' ';
	length += dupex_amount_format(amount, text + length);
	if (purchase->orders > 1)
		length += (size_t) snprintf(text + length, DUPEX_PURCHASE_TEXT_SIZE - length, " x%u", purchase->orders);
	text[length] = '\0';
	return length;
}

/*
 * Reads a purchase as dupex_purchase_format() writes it and moves *text behind it. False when
 * there is none.
 */
bool
dupex_purchase_parse(const char **text, DupexPurchase *purchase)
{
	DupexAmount amount;
	size_t		length;

	if (!dupex_time_parse(text, &purchase->at) || *(*text)++ != ' ')
		return false;
	length = strspn(*text, "0123456789.+-");
	if (dupex_amount_parse(*text, length, &amount) != DUPEX_AMOUNT_OK)
		return false;
	*text += length;
	purchase->whole = amount.whole;
	purchase->billionths = amount.billionths;
	purchase->orders = 1;
	if ((*text)[0] == ' ' && (*text)[1] == 'x')
	{
		uint64_t	orders = 0;

		for (*text += 2; **text >= '0' && **text <= '9' && orders <= UINT32_MAX; ++*text)
			orders = orders * 10 + (uint64_t) (**text - '0');
		if (orders > UINT32_MAX)
			return false;
		purchase->orders = (uint32_t) orders;
	}
	return dupex_purchase_is_valid(purchase);
}

/*
 * The number of a period, counted from 2000-01-01 00:00 of the clock on the wall. Hours begin when
 * that clock shows a full hour, but are counted as they pass, also where clocks are changed.
 */
static int64_t
period_of(int64_t at, const DupexTimeUnit *unit, int64_t (*local) (void *zone, int64_t at), void *zone)
{
	int64_t		clock = local ? local(zone, at) : at;

	if (unit->period == HOUR)
		clock = at + ((clock - at) % HOUR + HOUR) % HOUR;
	return clock >= 0 ? clock / unit->period : -((unit->period - 1 - clock) / unit->period);
}

/*
 * The summary of the purchases up to and including a moment, from an array in order. local
 * tells what the clock on the wall shows at a time (microseconds too); NULL stands for UTC.
 * False when there is no purchase until then.
 */
bool
dupex_history_summarise(const DupexPurchase *purchases, uint32_t count, int64_t until,
						const DupexTimeUnit *unit, int64_t (*local) (void *zone, int64_t at), void *zone,
						DupexPurchaseSummary *summary)
{
	DupexSum	whole = {0, 0};
	int64_t		billionths = 0;
	int64_t		periods = 0;
	int64_t		first;
	int64_t		last;

	if (count == 0 || purchases[0].at > until)
		return false;
	first = last = period_of(purchases[0].at, unit, local, zone);
	for (uint32_t i = 1; i < count && purchases[i].at <= until; i++)
	{
		int64_t		period = period_of(purchases[i].at, unit, local, zone);

		/* where clocks are set back over midnight: never step back */
		if (period > last)
		{
			periods++;
			last = period;
		}
		if (last > first)
		{
			dupex_sum_add(&whole, (double) purchases[i].whole);
			billionths += purchases[i].billionths;
		}
	}
	dupex_sum_add(&whole, (double) billionths / DUPEX_BILLION);
	summary->frequency = (double) periods;
	summary->recency = (double) (last - first) / unit->periods;
	summary->age = fmax((double) (period_of(until, unit, local, zone) - first), (double) (last - first)) / unit->periods;
	summary->mean_value = periods > 0 ? dupex_sum_value(&whole) / (double) periods : 0;
	return true;
}
