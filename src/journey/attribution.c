/*
 * attribution.c
 *		Rules of attribution: which touches of a journey earned a conversion, and how much of it.
 *
 * The touches that a conversion may use are a window of the person's touches. Made simpler, if
 * asked for, they are its path. A model gives each touch of a path a weight, a whole number, such
 * that the ratios of the weights are exactly those of the model's definition (2^-52 for the powers
 * of time decay). Then a total, be it one conversion or an amount of money, is divided by these
 * weights into whole units without rest: each share is cut to whole units, and the units that
 * are left go to those from whom most was cut off (the method of the largest remainder, also
 * called Hamilton's), of equals to the earlier. So shares always add up to the total.
 */
#include "journey/attribution.h"

#include <math.h>
#include <string.h>

/* the weight of the latest touch in time decay is up to 2^this, and all together below 2^62 */
#define DECAY_BITS	52
#define TOTAL_BITS	62

const char *const dupex_model_names[DUPEX_MODELS] = {
	"first", "last", "last_non_direct", "linear", "position_u", "position_j", "position_inverse_j", "position_w",
	"full_path", "time_decay"
};

const char *const dupex_transform_names[DUPEX_TRANSFORMS] = {
	"unique", "exposure", "first", "frequency", "drop_direct", "drop_last_direct"
};

/*
 * The number of a name among others; -1 when it is not there.
 */
int
dupex_name_find(const char *const *names, int count, const char *name, size_t length)
{
	for (int i = 0; i < count; i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return i;
	return -1;
}

/*
 * The first touch that a conversion at a time may use, of those before end, which are the ones
 * up to that time; end when there is none. Earlier than begin, where the window of the conversion
 * before began, none is looked for. before: the time of the conversion before, NULL when there
 * is none. Both ends of the lookback are inside.
 */
uint32_t
dupex_window_begin(const DupexAttributionWindow *window, const DupexTouch *touches,
				   uint32_t begin, uint32_t end, int64_t at, const int64_t *before)
{
	/* times differ by less than 2^62, so nothing overflows */
	if (window->lookback != INT64_MAX)
		while (begin < end && at - touches[begin].at > window->lookback)
			begin++;
	if (window->since_conversion && before != NULL)
		while (begin < end && touches[begin].at <= *before)
			begin++;
	if (end - begin > window->most_touches)
		begin = end - window->most_touches;
	return begin;
}

/*
 * Leaves out ignored touches at the end, unless all are ignored.
 */
static uint32_t
drop_last_ignored(const DupexTouch *path, uint32_t count)
{
	uint32_t	kept = count;

	while (kept > 0 && path[kept - 1].is_ignored)
		kept--;
	return kept > 0 ? kept : count;
}

/*
 * Leaves out ignored touches, unless all are ignored.
 */
static uint32_t
drop_ignored(DupexTouch *path, uint32_t count)
{
	uint32_t	kept = 0;

	if (count > 0 && path[drop_last_ignored(path, count) - 1].is_ignored)
		return count;
	for (uint32_t i = 0; i < count; i++)
		if (!path[i].is_ignored)
			path[kept++] = path[i];
	return kept;
}

/*
 * Leaves out a touch of the channel of the one just before it.
 */
static uint32_t
drop_repeats(DupexTouch *path, uint32_t count)
{
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < count; i++)
		if (kept == 0 || path[kept - 1].name != path[i].name)
			path[kept++] = path[i];
	return kept;
}

/*
 * Keeps the first touch of each channel; counts, if asked for, how many there were. seen has an
 * entry for each place of the pool and need not be cleared: an entry counts when the touch that
 * it points to is of that channel.
 */
static uint32_t
keep_first(DupexTouch *path, uint32_t count, uint32_t *seen, bool count_them)
{
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		uint32_t	where = seen[path[i].name];
		uint32_t	times = path[i].times > 0 ? path[i].times : 1;

		if (where < kept && path[where].name == path[i].name)
		{
			if (count_them)
				path[where].times += times;
			continue;
		}
		seen[path[i].name] = kept;
		path[kept] = path[i];
		if (count_them)
			path[kept].times = times;
		kept++;
	}
	return kept;
}

/*
 * Changes a path in place, and returns how many touches it has then. A touch that stands for
 * several keeps the time of the first.
 */
uint32_t
dupex_path_transform(DupexPathTransform transform, DupexTouch *path, uint32_t count, uint32_t *seen)
{
	switch (transform)
	{
		case DUPEX_PATH_UNIQUE:
			return count;
		case DUPEX_PATH_EXPOSURE:
			return drop_repeats(path, count);
		case DUPEX_PATH_FIRST:
			return keep_first(path, count, seen, false);
		case DUPEX_PATH_FREQUENCY:
			return keep_first(path, count, seen, true);
		case DUPEX_PATH_DROP_DIRECT:
			return drop_ignored(path, count);
		case DUPEX_PATH_DROP_LAST_DIRECT:
			return drop_last_ignored(path, count);
	}
	return count;
}

/*
 * One touch gets it all.
 */
static uint32_t
single(DupexPortion *portions, uint32_t touch)
{
	portions[0].weight = 1;
	portions[0].touch = touch;
	return 1;
}

/*
 * The same weight for all.
 */
static uint32_t
equal(DupexPortion *portions, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
	{
		portions[i].weight = 1;
		portions[i].touch = i;
	}
	return count;
}

/*
 * first : last fifths for the ends, and one fifth for what is between them, where both are 2
 * (U), 1 and 3 (J) or 3 and 1 (inverse J). One touch gets all, two share alike.
 */
static uint32_t
ends(DupexPortion *portions, uint32_t count, uint64_t first, uint64_t last)
{
	equal(portions, count);
	if (count > 2)
	{
		portions[0].weight = first * (count - 2);
		portions[count - 1].weight = last * (count - 2);
	}
	return count;
}

/*
 * The last touch up to a time: by halving, since touches are in order. -1 where there is none.
 */
static int64_t
touch_up_to(const DupexTouch *path, uint32_t count, int64_t at)
{
	int64_t		low = -1;
	int64_t		high = count;

	while (high - low > 1)
	{
		int64_t		middle = (low + high) / 2;

		if (path[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * Key touches get key parts each, all others together rest parts: the first touch is one, the
 * last if asked for, and for each milestone the last touch up to it. A touch that is key for two
 * reasons counts once; a milestone before the first touch is nobody's. Parts are of what there
 * is: without others, key touches share alike.
 */
static uint32_t
keys(DupexPortion *portions, const DupexAttributionCase *conversion, const DupexTouch *path, uint32_t count,
	 bool last_too, uint64_t key, uint64_t rest)
{
	uint32_t	others = count;

	equal(portions, count);
	for (uint32_t i = 0; i < conversion->milestone_count; i++)
	{
		int64_t		touch = touch_up_to(path, count, conversion->milestones[i]);

		if (touch >= 0)
			portions[touch].weight = 0;
	}
	portions[0].weight = 0;
	if (last_too)
		portions[count - 1].weight = 0;
	for (uint32_t i = 0; i < count; i++)
		others -= portions[i].weight == 0;
	for (uint32_t i = 0; i < count; i++)
		portions[i].weight = portions[i].weight != 0 ? rest : others > 0 ? key * others : 1;
	return count;
}

/*
 * Half for each half-life that a touch is older. Ages are counted from the latest touch: that
 * changes nothing in the ratios, and the largest weight is exact.
 */
static uint32_t
decay(DupexPortion *portions, double half_life, const DupexTouch *path, uint32_t count)
{
	int			bits = DECAY_BITS;

	while (bits > 0 && (UINT64_C(1) << (TOTAL_BITS - bits)) < count)
		bits--;
	for (uint32_t i = 0; i < count; i++)
	{
		double		age = (double) (path[count - 1].at - path[i].at);

		portions[i].weight = (uint64_t) rint(ldexp(exp2(-age / half_life), bits));
		portions[i].touch = i;
	}
	return count;
}

/*
 * The portions that a model gives the touches of a path of at least one touch; returns how many
 * they are. There is room for as many as there are touches.
 */
uint32_t
dupex_attribution_portions(DupexAttributionModel model, const DupexAttributionCase *conversion,
						   const DupexTouch *path, uint32_t count, DupexPortion *portions)
{
	switch (model)
	{
		case DUPEX_MODEL_FIRST:
			return single(portions, 0);
		case DUPEX_MODEL_LAST:
			return single(portions, count - 1);
		case DUPEX_MODEL_LAST_NON_DIRECT:
			return single(portions, drop_last_ignored(path, count) - 1);
		case DUPEX_MODEL_LINEAR:
			return equal(portions, count);
		case DUPEX_MODEL_POSITION_U:
			return ends(portions, count, 2, 2);
		case DUPEX_MODEL_POSITION_J:
			return ends(portions, count, 1, 3);
		case DUPEX_MODEL_POSITION_INVERSE_J:
			return ends(portions, count, 3, 1);
		case DUPEX_MODEL_POSITION_W:
			return keys(portions, conversion, path, count, false, 3, 1);
		case DUPEX_MODEL_FULL_PATH:
			return keys(portions, conversion, path, count, true, 9, 4);
		case DUPEX_MODEL_TIME_DECAY:
			return decay(portions, conversion->half_life, path, count);
	}
	return 0;
}

/*
 * share = total * weight / sum, cut to a whole number, and what is cut off, which is below sum.
 * sum is below 2^62 and weight is not above it. Where the product does not fit into 64 bits the
 * total is gone through bit by bit.
 */
static void
multiply_and_divide(DupexPortion *portion, uint64_t total, uint64_t sum)
{
	uint64_t	share = 0;
	uint64_t	remainder = 0;

	if (portion->weight == 0 || total <= UINT64_MAX / portion->weight)
	{
		portion->share = total * portion->weight / sum;
		portion->remainder = total * portion->weight % sum;
		return;
	}
	for (int bit = 63; bit >= 0; bit--)
	{
		share *= 2;
		remainder *= 2;
		if (total >> bit & 1)
			remainder += portion->weight;	/* below 3 sum, below 2^64 */
		for (; remainder >= sum; remainder -= sum)
			share++;
	}
	portion->share = share;
	portion->remainder = remainder;
}

/*
 * Whether a comes after b when units that are left are handed out.
 */
static bool
is_after(const DupexPortion *a, const DupexPortion *b)
{
	return a->remainder != b->remainder ? a->remainder < b->remainder : a->touch > b->touch;
}

static void
sift_down(DupexPortion *heap, uint32_t i, uint32_t count)
{
	DupexPortion moving = heap[i];

	for (uint64_t child; (child = 2 * (uint64_t) i + 1) < count; i = (uint32_t) child)
	{
		if (child + 1 < count && is_after(&heap[child], &heap[child + 1]))
			child++;
		if (!is_after(&moving, &heap[child]))
			break;
		heap[i] = heap[child];
	}
	heap[i] = moving;
}

/*
 * Gives one unit each to so many portions: a heap hands them out in order of their remainders.
 */
static void
hand_out(DupexPortion *portions, uint32_t count, uint64_t units)
{
	for (uint32_t i = count / 2; i-- > 0;)
		sift_down(portions, i, count);
	for (; units > 0 && count > 0; units--)
	{
		DupexPortion first = portions[0];

		first.share++;
		portions[0] = portions[--count];
		portions[count] = first;
		sift_down(portions, 0, count);
	}
}

/*
 * Divides a total by the weights of portions into shares of whole units that add up to it. The
 * portions may come out in another order.
 */
void
dupex_portions_divide(DupexPortion *portions, uint32_t count, uint64_t total)
{
	uint64_t	sum = 0;
	uint64_t	left = total;
	bool		are_alike = true;

	for (uint32_t i = 0; i < count; i++)
	{
		sum += portions[i].weight;
		are_alike = are_alike && portions[i].weight == portions[0].weight;
	}
	if (are_alike)
	{
		for (uint32_t i = 0; i < count; i++)
			portions[i].share = total / count + (portions[i].touch < total % count);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
	{
		multiply_and_divide(&portions[i], total, sum);
		left -= portions[i].share;
	}
	if (left > 0)
		hand_out(portions, count, left);
}
