/*
 * journey_log.c
 *		The steps of a person as they come: what journey_agg works on.
 *
 * The first byte of a step has the grain of its time in bits 6 and 7 and its kind in bits 4 and 5.
 * The others are the decimals of a value, or say where the name is: its number among the last ones,
 * or that it follows. Reading a log goes through the same numbers as writing it did.
 */
#include "journey/journey_log.h"

#include <string.h>

#include "journey/event_log.h"

/* of a name that follows: it gets the next number, or none as it is too far behind */
#define NAME_FOLLOWS	8
#define NAME_IS_FAR		9

#define NOWHERE			UINT16_MAX

/* the first byte and the time */
#define HEAD_SIZE		(1 + DUPEX_LOG_NUMBER_SIZE)

/*
 * Makes a log empty; header and version are left to the caller.
 */
void
dupex_journey_log_clear(DupexJourneyLog *log)
{
	log->is_finished = 0;
	log->is_log = 1;
	log->next_name = 0;
	log->count = 0;
	log->used = 0;
	log->last = 0;
	memset(log->names, 0xff, sizeof(log->names));
	memset(log->tags, 0, sizeof(log->tags));
}

static inline unsigned char *
write_head(int64_t before, int64_t at, DupexStepKind kind, unsigned more, unsigned char *bytes)
{
	uint64_t	number;
	unsigned	grain = dupex_log_difference(before, at, &number);

	*bytes++ = (unsigned char) (grain << 6 | (unsigned) kind << 4 | more);
	return dupex_log_write(number, bytes);
}

/*
 * Writes the head of a step and makes room for so many bytes behind it. NULL when there is none.
 */
static inline unsigned char *
begin_step(DupexJourneyLog *log, size_t room, int64_t at, DupexStepKind kind, unsigned more, size_t length)
{
	unsigned char *end;

	if (room - log->used >= HEAD_SIZE + length)
		end = write_head(log->last, at, kind, more, log->bytes + log->used);
	else
	{
		unsigned char head[HEAD_SIZE];
		size_t		head_length = (size_t) (write_head(log->last, at, kind, more, head) - head);

		if (room - log->used < head_length + length)
			return NULL;
		memcpy(log->bytes + log->used, head, head_length);
		end = log->bytes + log->used + head_length;
	}
	log->used = (uint32_t) (end - log->bytes) + (uint32_t) length;
	log->count++;
	log->last = at;
	return end;
}

/*
 * Adds a touch or a milestone to a log that has room for so many bytes. False when it has not
 * enough.
 */
bool
dupex_journey_log_add_name(DupexJourneyLog *log, size_t room, int64_t at, DupexStepKind kind, const char *name, size_t length)
{
	uint8_t		tag = (uint8_t) length;
	unsigned	more = NAME_FOLLOWS;
	unsigned char *bytes;

	if (length > 0)
		tag = (uint8_t) (tag + 31 * (unsigned char) name[length - 1] + 7 * (unsigned char) name[length / 2] + 3 * (unsigned char) name[0]);
	for (unsigned i = 0; i < DUPEX_JOURNEY_LOG_NAMES; i++)
		if (log->tags[i] == tag && log->names[i] != NOWHERE && log->bytes[log->names[i]] == length &&
			memcmp(log->bytes + log->names[i] + 1, name, length) == 0)
			return begin_step(log, room, at, kind, i, 0) != NULL;
	if (log->used + HEAD_SIZE >= NOWHERE)
		more = NAME_IS_FAR;
	bytes = begin_step(log, room, at, kind, more, length + 1);
	if (bytes == NULL)
		return false;
	if (more == NAME_FOLLOWS)
	{
		log->names[log->next_name] = (uint16_t) (bytes - log->bytes);
		log->tags[log->next_name] = tag;
		log->next_name = (uint8_t) ((log->next_name + 1) % DUPEX_JOURNEY_LOG_NAMES);
	}
	*bytes = (unsigned char) length;
	memcpy(bytes + 1, name, length);
	return true;
}

/*
 * Adds a conversion likewise.
 */
bool
dupex_journey_log_add_value(DupexJourneyLog *log, size_t room, int64_t at, DupexValue value)
{
	unsigned char number[DUPEX_LOG_NUMBER_SIZE];
	size_t		length = (size_t) (dupex_log_write(((uint64_t) value.mantissa << 1) ^ (uint64_t) (value.mantissa >> 63), number) - number);
	unsigned char *bytes = begin_step(log, room, at, DUPEX_STEP_CONVERSION, (unsigned) value.scale, length);

	if (bytes == NULL)
		return false;
	memcpy(bytes, number, length);
	return true;
}

/*
 * Bytes that the names and values of a log take in a journey, at most: a name in the log takes a
 * byte more than there, a value seven less.
 */
size_t
dupex_journey_log_pool(const DupexJourneyLog *log)
{
	return log->used + 7 * (size_t) log->count;
}

/*
 * Puts the steps of a log into an empty journey that has room for them, in the order in which they
 * came.
 */
void
dupex_journey_log_read(const DupexJourneyLog *log, DupexJourney *journey)
{
	const unsigned char *bytes = log->bytes;
	DupexStep  *steps = dupex_journey_steps(journey);
	char	   *pool = dupex_journey_pool(journey);
	uint32_t	names[DUPEX_JOURNEY_LOG_NAMES] = {0};
	unsigned	next_name = 0;
	int64_t		at = 0;

	for (uint32_t i = 0; i < log->count; i++)
	{
		DupexStep  *step = &steps[i];
		unsigned	more = *bytes & 15;
		unsigned	grain = *bytes >> 6;
		uint64_t	number;

		step->kind = (uint8_t) (*bytes++ >> 4 & 3);
		bytes = dupex_log_read(bytes, &number);
		step->at = at = dupex_log_time(at, grain, number);
		step->scale = 0;
		step->unused = 0;
		step->where = journey->used;
		if (step->kind == DUPEX_STEP_CONVERSION)
		{
			int64_t		mantissa;

			bytes = dupex_log_read(bytes, &number);
			mantissa = (int64_t) (number >> 1) ^ -(int64_t) (number & 1);
			memcpy(pool + journey->used, &mantissa, sizeof(mantissa));
			journey->used += (uint32_t) sizeof(mantissa);
			step->scale = (uint8_t) more;
		}
		else if (more < DUPEX_JOURNEY_LOG_NAMES)
			step->where = names[more];
		else
		{
			size_t		length = (size_t) *bytes + 1;

			if (more == NAME_FOLLOWS)
			{
				names[next_name] = journey->used;
				next_name = (next_name + 1) % DUPEX_JOURNEY_LOG_NAMES;
			}
			memcpy(pool + journey->used, bytes, length);
			journey->used += (uint32_t) length;
			bytes += length;
		}
	}
	journey->count = log->count;
}
