/*
 * funnel_log.h
 *		The events of a person as they come: what funnel_agg works on.
 *
 * Pure C. event_log.h tells why it is a log. An event is a byte with the number of its step and
 * the grain of its time, then how much later it is than the one before; where it is several steps
 * at once these come in between.
 */
#ifndef DUPEX_FUNNEL_LOG_H
#define DUPEX_FUNNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "journey/event_log.h"
#include "journey/funnel.h"

/* what the low bits of the first byte say: 0 to 32 is the only step, or none */
#define DUPEX_FUNNEL_LOG_SEVERAL	33
#define DUPEX_FUNNEL_LOG_CODE		63

/* the longest event */
#define DUPEX_FUNNEL_LOG_EVENT		(1 + sizeof(uint32_t) + DUPEX_LOG_NUMBER_SIZE)

/*
 * Aligned as for an int32_t, so the time of the last event is in two halves.
 */
typedef struct DupexFunnelLog
{
	int32_t		varlena_header; /* PostgreSQL's */
	uint8_t		version;
	uint8_t		is_log;			/* 1; 0 in what is stored */
	uint16_t	unused;
	uint32_t	count;
	uint32_t	used;			/* bytes */
	uint32_t	last_low;
	uint32_t	last_high;
	uint32_t	last_steps;
	unsigned char bytes[];
} DupexFunnelLog;

extern void dupex_funnel_log_read(const DupexFunnelLog *log, DupexFunnelEvent *events);

/*
 * Makes a log empty; header and version are left to the caller.
 */
static inline void
dupex_funnel_log_clear(DupexFunnelLog *log)
{
	log->is_log = 1;
	log->unused = 0;
	log->count = 0;
	log->used = 0;
	log->last_low = log->last_high = 0;
	log->last_steps = 0;
}

/*
 * Writes an event at bytes; returns where it ends.
 */
static inline unsigned char *
dupex_funnel_log_write(int64_t before, int64_t at, uint32_t steps, unsigned char *bytes)
{
	uint64_t	number;
	unsigned	grain = dupex_log_difference(before, at, &number);
	unsigned	code = steps == 0 ? 0 : (unsigned) __builtin_ctz(steps) + 1;

	if ((steps & (steps - 1)) != 0)
		code = DUPEX_FUNNEL_LOG_SEVERAL;
	*bytes++ = (unsigned char) (code | grain << 6);
	if (code == DUPEX_FUNNEL_LOG_SEVERAL)
	{
		memcpy(bytes, &steps, sizeof(steps));
		bytes += sizeof(steps);
	}
	return dupex_log_write(number, bytes);
}

/*
 * Adds an event to a log that has room for so many bytes. False when it has not enough; true also for
 * one that can make no difference, as it is a single step and there already.
 */
static inline bool
dupex_funnel_log_add(DupexFunnelLog *log, size_t room, int64_t at, uint32_t steps)
{
	int64_t		before = (int64_t) ((uint64_t) log->last_high << 32 | log->last_low);
	unsigned char event[DUPEX_FUNNEL_LOG_EVENT];
	unsigned char *end;

	if (log->count > 0 && at == before && steps == log->last_steps && (steps & (steps - 1)) == 0)
		return true;
	if (room - log->used >= DUPEX_FUNNEL_LOG_EVENT)
		end = dupex_funnel_log_write(before, at, steps, log->bytes + log->used);
	else
	{
		size_t		length = (size_t) (dupex_funnel_log_write(before, at, steps, event) - event);

		if (room - log->used < length)
			return false;
		memcpy(log->bytes + log->used, event, length);
		end = log->bytes + log->used + length;
	}
	log->used = (uint32_t) (end - log->bytes);
	log->count++;
	log->last_low = (uint32_t) at;
	log->last_high = (uint32_t) ((uint64_t) at >> 32);
	log->last_steps = steps;
	return true;
}

#endif							/* DUPEX_FUNNEL_LOG_H */
