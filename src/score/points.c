/*
 * points.c
 *		Points: events whose weight decays.
 *
 * A score of points is the sum of what a person's events are worth today: points that halve
 * with every half-life that has passed. The state keeps the events themselves, equal ones
 * counted, sorted by time. So the score can be asked for at any time, for some kinds of events,
 * with caps by kind and day, and later events join in: nothing has been added up too early.
 *
 * What an event contributes is rounded to nine decimals and then added up exactly: the score is
 * the sum of its ledger, always, in any order.
 *
 * Pure C: no memory is allocated.
 */
#include "points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score/sortable.h"

/*
 * Writes the first DUPEX_POINTS_KEY bytes of the key of an event, sorted by time; the kind
 * follows them.
 */
void
dupex_points_put(const DupexPointsEvent *event, unsigned char *key)
{
	dupex_put_whole(event->at, key);
	dupex_put_whole(event->half_life, key + 8);
	dupex_put_double(event->points, key + 16);
}

/*
 * The event of a key, of at least DUPEX_POINTS_KEY bytes; its kind points into the key.
 */
DupexPointsEvent
dupex_points_get(const char *key, size_t length)
{
	const unsigned char *bytes = (const unsigned char *) key;
	DupexPointsEvent event;

	event.at = dupex_get_whole(bytes);
	event.half_life = dupex_get_whole(bytes + 8);
	event.points = dupex_get_double(bytes + 16);
	event.kind = key + DUPEX_POINTS_KEY;
	event.kind_length = length - DUPEX_POINTS_KEY;
	return event;
}

/*
 * Whether an event can be kept: less than 10^9 points either way, a half-life that is not
 * negative and below 280,000 years, a time that PostgreSQL has and that can be counted from 1970 too.
 */
bool
dupex_points_are_valid(const DupexPointsEvent *event)
{
	return fabs(event->points) < DUPEX_POINTS_LIMIT && event->half_life >= 0 && event->half_life < DUPEX_POINTS_HALF_LIFE &&
		event->at >= DUPEX_POINTS_FIRST && event->at < INT64_MAX - 2 * DUPEX_POINTS_EPOCH;
}

/*
 * How many of these points count on a day: what the day of this kind has got goes from -cap to
 * cap, and an event counts as far as it changes that. All of them where cap is NULL. Events must
 * come in order of time.
 */
double
dupex_points_counted(double points, DupexPointsCap *cap, int64_t day)
{
	double		before;

	if (cap == NULL)
		return points;
	if (cap->day != day)
	{
		cap->day = day;
		cap->reached = 0;
	}
	before = cap->reached;
	cap->reached = fmin(cap->cap, fmax(-cap->cap, before + points));
	return cap->reached - before;
}

/*
 * What points that an event has got are worth at a time that is not before it, rounded to nine
 * decimals: counted * 2^(-age / half-life).
 */
DupexAmount
dupex_points_decayed(double counted, const DupexPointsEvent *event, int64_t at)
{
	DupexAmount amount;
	double		value = counted;
	double		whole;
	double		billionths;

	if (event->half_life > 0)
		/* from the first day of the calendar to its last is more than 2^63 */
		value *= exp2(-((double) ((uint64_t) at - (uint64_t) event->at) / (double) event->half_life));
	/* equal events may be many: the limit of an amount is that of their sum */
	value = fmin(1e17, fmax(-1e17, value));
	whole = floor(value);
	billionths = rint((value - whole) * DUPEX_BILLION);
	if (billionths == DUPEX_BILLION)
	{
		billionths = 0;
		whole += 1;
	}
	amount.whole = (int64_t) whole;
	amount.billionths = (int32_t) billionths;
	return amount;
}

/*
 * Adds exactly. False when the sum reaches 10^18, which no amount does.
 */
bool
dupex_points_add(DupexAmount *sum, DupexAmount addend)
{
	int32_t		billionths = sum->billionths + addend.billionths;
	int32_t		carry = billionths >= DUPEX_BILLION;

	sum->whole += addend.whole + carry;
	sum->billionths = billionths - carry * DUPEX_BILLION;
	return sum->whole < DUPEX_AMOUNT_LIMIT && sum->whole >= -DUPEX_AMOUNT_LIMIT;
}

/*
 * The floating point number nearest to an amount.
 */
double
dupex_points_value(DupexAmount amount)
{
	char		text[2 * DUPEX_AMOUNT_TEXT_SIZE];

	/*
	 * below 2^53 billionths both numbers are exact, and division rounds
	 * correctly
	 */
	if (llabs(amount.whole) < 9000000)
		return (double) (amount.whole * DUPEX_BILLION + amount.billionths) / DUPEX_BILLION;
	text[dupex_amount_format(amount, text)] = '\0';
	return strtod(text, NULL);
}

/*
 * Reads ["kind", seconds since 1970, points, half-life in seconds or null, number of events]. The
 * room at kind is at least what is left of the text.
 */
bool
dupex_points_read_event(DupexScan *scan, char *kind, DupexPointsEvent *event, DupexSum *events)
{
	event->kind = kind;
	if (!dupex_scan_mark(scan, '[') || !dupex_scan_string(scan, kind, &event->kind_length) ||
		!dupex_scan_mark(scan, ',') || !dupex_scan_micros(scan, &event->at) ||
		!dupex_scan_mark(scan, ',') || !dupex_scan_double(scan, &event->points) || !dupex_scan_mark(scan, ','))
		return false;
	event->at = event->at < DUPEX_POINTS_FIRST ? INT64_MIN : event->at - DUPEX_POINTS_EPOCH;
	if (dupex_scan_word(scan, "null"))
		event->half_life = 0;
	else if (!dupex_scan_micros(scan, &event->half_life) || event->half_life <= 0)
		return false;
	return dupex_scan_mark(scan, ',') && dupex_scan_sum(scan, events) && events->part == 0 && events->whole > 0 &&
		dupex_scan_mark(scan, ']') && dupex_points_are_valid(event);
}

/*
 * Writes a finished state.
 */
void
dupex_points_write(const DupexSink *sink, const DupexTally *tally)
{
	dupex_write(sink, "[");
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL;)
	{
		DupexPointsEvent event = dupex_points_get(dupex_tally_key(tally, entry), entry->length);

		dupex_write(sink, "[");
		dupex_write_string(sink, event.kind, event.kind_length);
		dupex_write(sink, ", ");
		dupex_write_micros(sink, event.at + DUPEX_POINTS_EPOCH);
		dupex_write(sink, ", ");
		dupex_write_double(sink, event.points);
		dupex_write(sink, ", ");
		if (event.half_life > 0)
			dupex_write_micros(sink, event.half_life);
		else
			dupex_write(sink, "null");
		dupex_write(sink, ", ");
		dupex_write_sum(sink, dupex_tally_sums(entry));
		dupex_write(sink, "]");
		entry = dupex_tally_next(tally, entry);
		if (entry != NULL)
			dupex_write(sink, ", ");
	}
	dupex_write(sink, "]");
}
