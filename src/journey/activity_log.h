/*
 * activity_log.h
 *		The times of a person as they come: what retention_agg works on.
 *
 * Pure C. event_log.h tells why it is a log. A time is one number: how much later it is than the
 * one before, and in its two lowest bits the grain of that.
 */
#ifndef DUPEX_ACTIVITY_LOG_H
#define DUPEX_ACTIVITY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "journey/event_log.h"

typedef struct DupexActivityLog
{
	int32_t		varlena_header; /* PostgreSQL's */
	uint8_t		version;
	uint8_t		is_log;			/* 1; 0 in what is stored */
	uint16_t	unused;
	uint32_t	count;
	uint32_t	used;			/* bytes */
	int64_t		last;			/* the last time */
	unsigned char bytes[];
} DupexActivityLog;

/*
 * Makes a log empty; header and version are left to the caller.
 */
static inline void
dupex_activity_log_clear(DupexActivityLog *log)
{
	log->is_log = 1;
	log->unused = 0;
	log->count = 0;
	log->used = 0;
	log->last = 0;
}

static inline unsigned char *
dupex_activity_log_write(int64_t before, int64_t at, unsigned char *bytes)
{
	uint64_t	number;
	unsigned	grain = dupex_log_difference(before, at, &number);

	return dupex_log_write(number << 2 | grain, bytes);
}

/*
 * Adds a time to a log that has room for so many bytes. False when it has not enough; true also for
 * the time that came last.
 */
static inline bool
dupex_activity_log_add(DupexActivityLog *log, size_t room, int64_t at)
{
	unsigned char time[DUPEX_LOG_NUMBER_SIZE];
	unsigned char *end;

	if (log->count > 0 && at == log->last)
		return true;
	if (room - log->used >= DUPEX_LOG_NUMBER_SIZE)
		end = dupex_activity_log_write(log->last, at, log->bytes + log->used);
	else
	{
		size_t		length = (size_t) (dupex_activity_log_write(log->last, at, time) - time);

		if (room - log->used < length)
			return false;
		memcpy(log->bytes + log->used, time, length);
		end = log->bytes + log->used + length;
	}
	log->used = (uint32_t) (end - log->bytes);
	log->count++;
	log->last = at;
	return true;
}

/*
 * The times of a log, log->count of them, in the order in which they came.
 */
static inline void
dupex_activity_log_read(const DupexActivityLog *log, int64_t *times)
{
	const unsigned char *bytes = log->bytes;
	int64_t		at = 0;

	for (uint32_t i = 0; i < log->count; i++)
	{
		uint64_t	number;

		bytes = dupex_log_read(bytes, &number);
		times[i] = at = dupex_log_time(at, (unsigned) number & 3, number >> 2);
	}
}

#endif							/* DUPEX_ACTIVITY_LOG_H */
