/*
 * event_log.h
 *		Times of events one after the other, as they come, in few bytes.
 *
 * What an aggregate costs that keeps a state for each person is memory: rows come in no order, so
 * each one finds the state of its person outside of the processor's caches, and the more lines a
 * state has, the more of them are fetched and the fewer of all states stay. So while it works, a
 * state is a log: of each time the difference to the one before, in the longest of day, second,
 * millisecond and microsecond that divides it, as a number of seven bits a byte. Events of two
 * months in whole seconds take four bytes, in microseconds seven. Nothing is rounded.
 *
 * Pure C, in a header because it runs for every row.
 */
#ifndef DUPEX_EVENT_LOG_H
#define DUPEX_EVENT_LOG_H

#include <stddef.h>
#include <stdint.h>

/* bytes of a number: times of the years 1 to 9999 differ by less than 2^59; with sign and grain 2^62 */
#define DUPEX_LOG_NUMBER_SIZE	9

/*
 * Grains are 0 to 3.
 */
static inline int64_t
dupex_log_grain(unsigned grain)
{
	static const int64_t length[4] = {INT64_C(1), INT64_C(1000), INT64_C(1000000), INT64_C(86400000000)};

	return length[grain & 3];
}

/*
 * The longest grain of which a difference of times is a multiple; *number becomes how many of it,
 * with the sign in the lowest bit.
 */
static inline unsigned
dupex_log_difference(int64_t before, int64_t at, uint64_t *number)
{
	int64_t		difference = at - before;
	unsigned	grain;

	/* divided by constants, which takes no division */
	if (difference % INT64_C(1000000) == 0)
	{
		difference /= INT64_C(1000000);
		grain = 2;
		if (difference % INT64_C(86400) == 0)
		{
			difference /= INT64_C(86400);
			grain = 3;
		}
	}
	else if (difference % INT64_C(1000) == 0)
	{
		difference /= INT64_C(1000);
		grain = 1;
	}
	else
		grain = 0;
	*number = ((uint64_t) difference << 1) ^ (uint64_t) (difference >> 63);
	return grain;
}

/*
 * The time that a difference leads to.
 */
static inline int64_t
dupex_log_time(int64_t before, unsigned grain, uint64_t number)
{
	return before + ((int64_t) (number >> 1) ^ -(int64_t) (number & 1)) * dupex_log_grain(grain);
}

/*
 * Writes a number below 2^63, the lowest bits first; returns where it ends.
 */
static inline unsigned char *
dupex_log_write(uint64_t number, unsigned char *bytes)
{
	while (number >= 128)
	{
		*bytes++ = (unsigned char) (number | 128);
		number >>= 7;
	}
	*bytes++ = (unsigned char) number;
	return bytes;
}

/*
 * Reads what dupex_log_write() has written; returns where it ends.
 */
static inline const unsigned char *
dupex_log_read(const unsigned char *bytes, uint64_t *number)
{
	uint64_t	read = *bytes & 127;

	for (int shift = 7; *bytes++ >= 128; shift += 7)
		read |= (uint64_t) (*bytes & 127) << shift;
	*number = read;
	return bytes;
}

#endif							/* DUPEX_EVENT_LOG_H */
