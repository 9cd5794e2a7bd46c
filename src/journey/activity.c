/*
 * activity.c
 *		Activity: the distinct times at which one person did something, in few bytes.
 *
 * Which period a time lies in depends on the length of the periods, on the time zone, on the day
 * that weeks begin with and on the start from which one counts. None of these belongs into what is
 * stored, and a bitmap of periods would have them all in it. So the times themselves are kept,
 * each once: any period of any zone can be asked later, exactly, and putting two lists together is
 * associative, commutative and changes nothing when done twice.
 *
 * Lists are short because of how they are written. A list has a grain, the longest of day, hour,
 * quarter of an hour, minute, second, millisecond and microsecond of UTC of which all its times
 * are multiples, and holds the first time and the steps from each time to the next in grains, as
 * numbers of seven bits a byte (the eighth tells that more follow). Dates take one byte a day,
 * times of whole seconds three bytes each, and nothing is rounded.
 */
#include "journey/activity.h"

#include "text/time_text.h"

static const int64_t grain_length[DUPEX_ACTIVITY_GRAINS] = {
	INT64_C(1), INT64_C(1000), INT64_C(1000000), INT64_C(60000000), INT64_C(900000000), INT64_C(3600000000),
	INT64_C(86400000000)
};

/*
 * Whether a time can be part of an activity: years 1 to 9999.
 */
bool
dupex_activity_is_time(int64_t at)
{
	return at >= DUPEX_FIRST_TIME && at < DUPEX_END_TIME;
}

/*
 * Removes what occurs again from an ascending array; returns how many are left.
 */
uint32_t
dupex_activity_distinct(int64_t *times, uint32_t count)
{
	uint32_t	last = 0;

	if (count == 0)
		return 0;
	for (uint32_t i = 1; i < count; i++)
		if (times[i] != times[last])
			times[++last] = times[i];
	return last + 1;
}

/*
 * The number of the longest grain of which all times are multiples.
 */
int
dupex_activity_grain(const int64_t *times, uint32_t count)
{
	int			grain = DUPEX_ACTIVITY_GRAINS - 1;

	/*
	 * each grain is a multiple of the one before it: never look at longer
	 * ones
	 */
	for (uint32_t i = 0; i < count && grain > 0; i++)
		while (times[i] % grain_length[grain] != 0)
			grain--;
	return grain;
}

/*
 * Writes a number of seven bits a byte, the lowest first; returns how many bytes. bytes may be NULL.
 */
static size_t
write_number(uint64_t number, unsigned char *bytes)
{
	size_t		size = 0;

	for (; number >= 128; number >>= 7, size++)
		if (bytes)
			bytes[size] = (unsigned char) (number | 128);
	if (bytes)
		bytes[size] = (unsigned char) number;
	return size + 1;
}

/*
 * Packs ascending distinct times of a grain; returns how many bytes that takes. With bytes NULL
 * nothing is written.
 */
size_t
dupex_activity_pack(const int64_t *times, uint32_t count, int grain, unsigned char *bytes)
{
	int64_t		length = grain_length[grain];
	size_t		size = 0;
	int64_t		before = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		int64_t		at = times[i] / length;

		/* the first one may be before 2000: its sign goes to the lowest bit */
		size += write_number(i > 0 ? (uint64_t) (at - before) : at >= 0 ? (uint64_t) at << 1 : ((uint64_t) (-(at + 1)) << 1) | 1,
							 bytes ? bytes + size : NULL);
		before = at;
	}
	return size;
}

/*
 * Reads a number as write_number() writes it, at *bytes, and moves behind it. False when it does
 * not end before the end, or has more than 63 bits.
 */
static bool
read_number(const unsigned char **bytes, const unsigned char *end, uint64_t *number)
{
	*number = 0;
	for (int shift = 0; shift < 63; shift += 7)
	{
		unsigned char byte;

		if (*bytes == end)
			return false;
		byte = *(*bytes)++;
		*number |= (uint64_t) (byte & 127) << shift;
		if (byte < 128)
			return true;
	}
	return false;
}

/*
 * Unpacks what dupex_activity_pack() has written. False when these are other bytes: then times
 * has no meaning.
 */
bool
dupex_activity_unpack(const unsigned char *bytes, size_t size, int grain, uint32_t count, int64_t *times)
{
	const unsigned char *end = bytes + size;
	int64_t		length;
	int64_t		at = 0;

	if (grain < 0 || grain >= DUPEX_ACTIVITY_GRAINS)
		return false;
	length = grain_length[grain];
	for (uint32_t i = 0; i < count; i++)
	{
		uint64_t	number;

		if (!read_number(&bytes, end, &number))
			return false;
		if (i == 0)
			at = number & 1 ? -(int64_t) (number >> 1) - 1 : (int64_t) (number >> 1);
		else
		{
			/* no sum of two such numbers overflows */
			if (number == 0 || number >= (uint64_t) 1 << 62)
				return false;
			at += (int64_t) number;
		}
		if (at < DUPEX_FIRST_TIME / length || at > (DUPEX_END_TIME - 1) / length)
			return false;
		times[i] = at * length;
	}
	return bytes == end;
}
