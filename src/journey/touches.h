/*
 * touches.h
 *		Journey: what one person was touched by, what he reached and what he bought, in time.
 *
 * Pure C. touches.c tells the idea.
 */
#ifndef DUPEX_TOUCHES_H
#define DUPEX_TOUCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/time_text.h"

#define DUPEX_JOURNEY_VERSION	1
#define DUPEX_NAME_BYTES		255 /* the longest name of a channel */
#define DUPEX_VALUE_DIGITS		18
#define DUPEX_VALUE_DECIMALS	9
#define DUPEX_VALUE_LIMIT		INT64_C(1000000000000000000)	/* 10^18 */
#define DUPEX_VALUE_TEXT_SIZE	(DUPEX_VALUE_DIGITS + DUPEX_VALUE_DECIMALS + 4)

/* room for the text of a step: time, blank, mark, quoted name with each byte escaped, NUL */
#define DUPEX_STEP_TEXT_SIZE	(DUPEX_TIME_TEXT_SIZE + 2 * DUPEX_NAME_BYTES + 8)

/*
 * Kinds of steps, in the order in which they count when they happen at the same instant: who is
 * touched and buys in the same second was touched first.
 */
typedef enum DupexStepKind
{
	DUPEX_STEP_TOUCH = 0,
	DUPEX_STEP_MILESTONE = 1,
	DUPEX_STEP_CONVERSION = 2
} DupexStepKind;

/*
 * One step: microseconds since 2000-01-01 00:00 UTC, and where in the pool its name (a byte
 * with the length, then the bytes) or its value (8 bytes) is. On disk as it is: 16 bytes
 * without padding. The layout never changes.
 */
typedef struct DupexStep
{
	int64_t		at;
	uint32_t	where;
	uint8_t		kind;
	uint8_t		scale;			/* decimals of the value of a conversion */
	uint16_t	unused;
} DupexStep;

/*
 * Behind the header come the steps, capacity of them, then the pool of room bytes.
 */
typedef struct DupexJourney
{
	int32_t		varlena_header; /* PostgreSQL's */
	uint8_t		version;
	uint8_t		is_finished;	/* in order, each name once, no room left */
	uint8_t		is_log;			/* 1 only while an aggregate works on it: then
								 * it is a DupexJourneyLog */
	uint8_t		unused;
	uint32_t	count;
	uint32_t	capacity;
	uint32_t	used;			/* bytes of the pool */
	uint32_t	room;
} DupexJourney;

/*
 * A value is mantissa / 10^scale, without trailing zeros in its decimals.
 */
typedef struct DupexValue
{
	int64_t		mantissa;
	int			scale;
} DupexValue;

typedef enum DupexValueStatus
{
	DUPEX_VALUE_OK = 0,
	DUPEX_VALUE_SYNTAX,			/* not a decimal number */
	DUPEX_VALUE_RANGE			/* more than 18 digits, or more than 9
								 * decimals */
} DupexValueStatus;

/*
 * A step by itself, as text tells it.
 */
typedef struct DupexStepText
{
	int64_t		at;
	DupexStepKind kind;
	DupexValue	value;
	size_t		length;
	char		name[DUPEX_NAME_BYTES + 1];
} DupexStepText;

extern DupexValueStatus dupex_value_parse(const char *text, size_t length, DupexValue *value);
extern size_t dupex_value_format(DupexValue value, char *text);
extern bool dupex_value_is_valid(DupexValue value);

extern size_t dupex_journey_size(size_t capacity, size_t room);
extern void dupex_journey_init(DupexJourney *journey, size_t capacity, size_t room);
extern bool dupex_journey_add_name(DupexJourney *journey, int64_t at, DupexStepKind kind, const char *name, size_t length);
extern bool dupex_journey_add_value(DupexJourney *journey, int64_t at, DupexValue value);
extern void dupex_journey_copy(DupexJourney *to, const DupexJourney *from);
extern int	dupex_step_compare(const DupexStep *a, const DupexStep *b, const DupexJourney *journey);
extern size_t dupex_journey_table_size(const DupexJourney *journey);
extern void dupex_journey_finish(DupexJourney *to, const DupexJourney *from, uint32_t *table, size_t table_size);
extern size_t dupex_step_format(const DupexJourney *journey, const DupexStep *step, char *text);
extern bool dupex_step_parse(const char **text, DupexStepText *step);

/*
 * The steps of a journey.
 */
static inline DupexStep *
dupex_journey_steps(const DupexJourney *journey)
{
	return (DupexStep *) (uintptr_t) (journey + 1);
}

/*
 * The pool of a journey.
 */
static inline char *
dupex_journey_pool(const DupexJourney *journey)
{
	return (char *) (dupex_journey_steps(journey) + journey->capacity);
}

/*
 * The name at a place of the pool: its length and its bytes, without a NUL behind them.
 */
static inline const char *
dupex_journey_name(const DupexJourney *journey, uint32_t where, size_t *length)
{
	const char *name = dupex_journey_pool(journey) + where;

	*length = (unsigned char) *name;
	return name + 1;
}

extern DupexValue dupex_journey_value(const DupexJourney *journey, const DupexStep *step);

#endif							/* DUPEX_TOUCHES_H */
