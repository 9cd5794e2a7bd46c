/*
 * journey_log.h
 *		The steps of a person as they come: what journey_agg works on.
 *
 * Pure C. event_log.h tells why it is a log. A step is a byte with its kind and the grain of its
 * time, then how much later it is than the one before, then its name or its value. Of the last
 * eight different names the log knows where they are, and a step with one of them takes its number
 * only: so a person with a hundred thousand steps on a few channels takes five bytes for each.
 */
#ifndef DUPEX_JOURNEY_LOG_H
#define DUPEX_JOURNEY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journey/touches.h"

#define DUPEX_JOURNEY_LOG_NAMES	8

/*
 * It begins as a DupexJourney does.
 */
typedef struct DupexJourneyLog
{
	int32_t		varlena_header; /* PostgreSQL's */
	uint8_t		version;
	uint8_t		is_finished;	/* 0 */
	uint8_t		is_log;			/* 1 */
	uint8_t		next_name;		/* the number that the next new name gets */
	uint32_t	count;
	uint32_t	used;			/* bytes */
	int64_t		last;			/* the time of the last step */
	uint16_t	names[DUPEX_JOURNEY_LOG_NAMES]; /* where they are */
	uint8_t		tags[DUPEX_JOURNEY_LOG_NAMES];	/* of equal names equal */
	unsigned char bytes[];
} DupexJourneyLog;

extern void dupex_journey_log_clear(DupexJourneyLog *log);
extern bool dupex_journey_log_add_name(DupexJourneyLog *log, size_t room, int64_t at, DupexStepKind kind, const char *name, size_t length);
extern bool dupex_journey_log_add_value(DupexJourneyLog *log, size_t room, int64_t at, DupexValue value);
extern size_t dupex_journey_log_pool(const DupexJourneyLog *log);
extern void dupex_journey_log_read(const DupexJourneyLog *log, DupexJourney *journey);

#endif							/* DUPEX_JOURNEY_LOG_H */
