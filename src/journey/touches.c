/*
 * touches.c
 *		Journey: what one person was touched by, what he reached and what he bought, in time.
 *
 * Every model of attribution is a question to the same facts: touches (a time and the name of a
 * channel or source code), conversions (a time and a value) and milestones (a time and a name,
 * such as a lead). None of the parameters of a model belongs into what is stored. So the journey
 * keeps the facts, 16 bytes each, and names beside them, each name once.
 *
 * While an aggregate works on it a journey is a log (journey_log.h). Before it is finished its steps
 * are in the order in which they came, and a name may be there several times: only the last few
 * steps are looked at for it, so that a person with a hundred thousand names costs no more than one
 * with three. Finishing it brings the steps into order and the names together. Then equal journeys
 * have equal bytes, and two touches are of the same channel when their names are at the same place.
 */
#include "journey/touches.h"

#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(DupexStep) == 16, "the layout of a step on disk has no padding");
_Static_assert(sizeof(DupexJourney) == 24, "the layout of a journey on disk has no padding");

/* so many steps back a name is looked for, so that it is not kept again */
#define STEPS_BACK	8

/*
 * Reads a decimal number without exponent. Trailing zeros of the decimals do not count.
 */
DupexValueStatus
dupex_value_parse(const char *text, size_t length, DupexValue *value)
{
	const char *end = text + length;
	bool		negative = false;
	bool		any_digit = false;
	bool		is_large = false;
	int			zeros = 0;		/* decimals that are 0 so far */

	value->mantissa = 0;
	value->scale = -1;			/* no point yet */
	if (text < end && (*text == '-' || *text == '+'))
		negative = *text++ == '-';
	for (; text < end; text++)
	{
		if (*text == '.' && value->scale < 0)
		{
			value->scale = 0;
			continue;
		}
		if (*text < '0' || *text > '9')
			return DUPEX_VALUE_SYNTAX;
		any_digit = true;
		if (value->scale >= 0 && *text == '0')
		{
			zeros++;
			continue;
		}
		if (value->scale >= 0)
			zeros++;
		/* the zeros that turned out not to be the last ones, and the digit */
		for (; zeros > 1 && !is_large; zeros--)
		{
			is_large = value->mantissa >= DUPEX_VALUE_LIMIT / 10 || ++value->scale > DUPEX_VALUE_DECIMALS;
			value->mantissa *= is_large ? 0 : 10;
		}
		zeros = 0;
		is_large = is_large || value->mantissa >= DUPEX_VALUE_LIMIT / 10 ||
			(value->scale >= 0 && ++value->scale > DUPEX_VALUE_DECIMALS);
		if (!is_large)
			value->mantissa = value->mantissa * 10 + (*text - '0');
	}
	if (!any_digit)
		return DUPEX_VALUE_SYNTAX;
	if (is_large)
		return DUPEX_VALUE_RANGE;
	if (value->scale < 0)
		value->scale = 0;
	if (negative)
		value->mantissa = -value->mantissa;
	return DUPEX_VALUE_OK;
}

/*
 * Writes a value with as many decimals as it has. Returns the length; text has room for
 * DUPEX_VALUE_TEXT_SIZE.
 */
size_t
dupex_value_format(DupexValue value, char *text)
{
	int64_t		magnitude = value.mantissa < 0 ? -value.mantissa : value.mantissa;
	int64_t		unit = 1;
	const char *sign = value.mantissa < 0 ? "-" : "";

	for (int i = 0; i < value.scale; i++)
		unit *= 10;
	if (value.scale == 0)
		return (size_t) snprintf(text, DUPEX_VALUE_TEXT_SIZE, "%s%lld", sign, (long long) magnitude);
	return (size_t) snprintf(text, DUPEX_VALUE_TEXT_SIZE, "%s%lld.%0*lld", sign, (long long) (magnitude / unit),
							 value.scale, (long long) (magnitude % unit));
}

/*
 * Whether a value is one that dupex_value_parse() makes.
 */
bool
dupex_value_is_valid(DupexValue value)
{
	return value.mantissa > -DUPEX_VALUE_LIMIT && value.mantissa < DUPEX_VALUE_LIMIT &&
		value.scale >= 0 && value.scale <= DUPEX_VALUE_DECIMALS && (value.scale == 0 || value.mantissa % 10 != 0);
}

/*
 * Bytes of a journey with room for so many steps and so many bytes of names and values.
 */
size_t
dupex_journey_size(size_t capacity, size_t room)
{
	return sizeof(DupexJourney) + capacity * sizeof(DupexStep) + room;
}

/*
 * Makes an empty journey in memory of dupex_journey_size(capacity, room); the varlena header is
 * left to the caller.
 */
void
dupex_journey_init(DupexJourney *journey, size_t capacity, size_t room)
{
	journey->version = DUPEX_JOURNEY_VERSION;
	journey->is_finished = 0;
	journey->is_log = 0;
	journey->unused = 0;
	journey->count = 0;
	journey->capacity = (uint32_t) capacity;
	journey->used = 0;
	journey->room = (uint32_t) room;
}

static void
add_step(DupexJourney *journey, int64_t at, DupexStepKind kind, int scale, uint32_t where)
{
	DupexStep  *step = dupex_journey_steps(journey) + journey->count++;

	step->at = at;
	step->where = where;
	step->kind = (uint8_t) kind;
	step->scale = (uint8_t) scale;
	step->unused = 0;
	journey->is_finished = 0;
}

/*
 * Adds a touch or a milestone. False when there is no room, also where there would just be room
 * if the name were known already.
 */
bool
dupex_journey_add_name(DupexJourney *journey, int64_t at, DupexStepKind kind, const char *name, size_t length)
{
	const DupexStep *steps = dupex_journey_steps(journey);
	char	   *pool = dupex_journey_pool(journey);
	uint32_t	where;

	if (journey->count == journey->capacity)
		return false;
	for (uint32_t back = 1; back <= STEPS_BACK && back <= journey->count; back++)
	{
		const DupexStep *step = &steps[journey->count - back];

		if (step->kind != DUPEX_STEP_CONVERSION && (unsigned char) pool[step->where] == length &&
			memcmp(pool + step->where + 1, name, length) == 0)
		{
			add_step(journey, at, kind, 0, step->where);
			return true;
		}
	}
	if (journey->room - journey->used < length + 1)
		return false;
	where = journey->used;
	pool[where] = (char) length;
	memcpy(pool + where + 1, name, length);
	journey->used += (uint32_t) length + 1;
	add_step(journey, at, kind, 0, where);
	return true;
}

/*
 * Adds a conversion. False when there is no room.
 */
bool
dupex_journey_add_value(DupexJourney *journey, int64_t at, DupexValue value)
{
	if (journey->count == journey->capacity || journey->room - journey->used < sizeof(value.mantissa))
		return false;
	memcpy(dupex_journey_pool(journey) + journey->used, &value.mantissa, sizeof(value.mantissa));
	journey->used += (uint32_t) sizeof(value.mantissa);
	add_step(journey, at, DUPEX_STEP_CONVERSION, value.scale, journey->used - (uint32_t) sizeof(value.mantissa));
	return true;
}

/*
 * Copies steps and pool into an empty journey that has room for them.
 */
void
dupex_journey_copy(DupexJourney *to, const DupexJourney *from)
{
	memcpy(dupex_journey_steps(to), dupex_journey_steps(from), from->count * sizeof(DupexStep));
	memcpy(dupex_journey_pool(to), dupex_journey_pool(from), from->used);
	to->count = from->count;
	to->used = from->used;
}

/*
 * The value of a conversion.
 */
DupexValue
dupex_journey_value(const DupexJourney *journey, const DupexStep *step)
{
	DupexValue	value = {0, step->scale};

	memcpy(&value.mantissa, dupex_journey_pool(journey) + step->where, sizeof(value.mantissa));
	return value;
}

/*
 * Order of steps: by time; at the same instant touches, then milestones, then conversions; of
 * those names by their bytes, values by decimals and mantissa. Steps that compare as equal are
 * equal.
 */
int
dupex_step_compare(const DupexStep *a, const DupexStep *b, const DupexJourney *journey)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == DUPEX_STEP_CONVERSION)
	{
		DupexValue	left = dupex_journey_value(journey, a);
		DupexValue	right = dupex_journey_value(journey, b);

		if (left.scale != right.scale)
			return left.scale < right.scale ? -1 : 1;
		return left.mantissa < right.mantissa ? -1 : left.mantissa > right.mantissa;
	}
	else
	{
		size_t		left_length;
		size_t		right_length;
		const char *left = dupex_journey_name(journey, a->where, &left_length);
		const char *right = dupex_journey_name(journey, b->where, &right_length);
		int			order = a->where == b->where ? 0
		: memcmp(left, right, left_length < right_length ? left_length : right_length);

		if (order != 0)
			return order;
		return left_length < right_length ? -1 : left_length > right_length;
	}
}

/*
 * Entries of the table that dupex_journey_finish() wants: a power of two, twice as many as there
 * are steps at least.
 */
size_t
dupex_journey_table_size(const DupexJourney *journey)
{
	size_t		size = 8;

	while (size < 2 * (size_t) journey->count)
		size *= 2;
	return size;
}

/*
 * A hash of bytes (FNV-1a by G. Fowler, L. C. Noll and K.-P. Vo).
 */
static uint32_t
hash_of(const char *bytes, size_t length)
{
	uint32_t	hash = UINT32_C(2166136261);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char) bytes[i]) * UINT32_C(16777619);
	return hash ^ (hash >> 15);
}

/*
 * The place of a name in the pool of to, where it is put unless it is there. The table holds
 * places, 1 higher, so that 0 is an empty entry.
 */
static uint32_t
place_of_name(DupexJourney *to, const char *name, uint32_t *table, size_t table_size)
{
	size_t		length = (unsigned char) *name + (size_t) 1;
	char	   *pool = dupex_journey_pool(to);
	size_t		i = hash_of(name, length) & (table_size - 1);

	for (; table[i] != 0; i = (i + 1) & (table_size - 1))
		if (pool[table[i] - 1] == *name && memcmp(pool + table[i], name + 1, length - 1) == 0)
			return table[i] - 1;
	memcpy(pool + to->used, name, length);
	table[i] = to->used + 1;
	to->used += (uint32_t) length;
	return table[i] - 1;
}

/*
 * Puts the steps of a journey that are in order into an empty one that has room for them: names
 * once, names and values in the order of the steps. The table has dupex_journey_table_size()
 * entries.
 */
void
dupex_journey_finish(DupexJourney *to, const DupexJourney *from, uint32_t *table, size_t table_size)
{
	const DupexStep *steps = dupex_journey_steps(from);
	const char *pool = dupex_journey_pool(from);

	memset(table, 0, table_size * sizeof(*table));
	for (uint32_t i = 0; i < from->count; i++)
	{
		if (steps[i].kind == DUPEX_STEP_CONVERSION)
			dupex_journey_add_value(to, steps[i].at, dupex_journey_value(from, &steps[i]));
		else
			add_step(to, steps[i].at, (DupexStepKind) steps[i].kind, 0,
					 place_of_name(to, pool + steps[i].where, table, table_size));
	}
	to->is_finished = 1;
}

/*
 * Writes a step: a touch as 2026-01-31T10:15:00Z "e-mail", a milestone as
 * 2026-02-01T00:00:00Z @"lead", a conversion as 2026-02-03T09:30:00Z 19.99. In names " and \ have
 * a \ before them. Returns the length; text has room for DUPEX_STEP_TEXT_SIZE.
 */
size_t
dupex_step_format(const DupexJourney *journey, const DupexStep *step, char *text)
{
	size_t		length = dupex_time_format(step->at, text);
	size_t		name_length;
	const char *name;

	text[length++] = ' ';
	if (step->kind == DUPEX_STEP_CONVERSION)
		return length + dupex_value_format(dupex_journey_value(journey, step), text + length);
	if (step->kind == DUPEX_STEP_MILESTONE)
		text[length++] = '@';
	text[length++] = '"';
	name = dupex_journey_name(journey, step->where, &name_length);
	for (size_t i = 0; i < name_length; i++)
	{
		if (name[i] == '"' || name[i] == '\\')
			text[length++] = '\\';
		text[length++] = name[i];
	}
	text[length++] = '"';
	text[length] = '\0';
	return length;
}

/*
 * Reads a step as dupex_step_format() writes it and moves *text behind it. False when there is
 * none, or its name is longer than DUPEX_NAME_BYTES.
 */
bool
dupex_step_parse(const char **text, DupexStepText *step)
{
	size_t		length;

	if (!dupex_time_parse(text, &step->at) || *(*text)++ != ' ')
		return false;
	while (**text == ' ')
		++* text;
	step->kind = DUPEX_STEP_TOUCH;
	if (**text == '@')
	{
		step->kind = DUPEX_STEP_MILESTONE;
		++*text;
	}
	if (**text != '"')
	{
		if (step->kind == DUPEX_STEP_MILESTONE)
			return false;
		step->kind = DUPEX_STEP_CONVERSION;
		length = strspn(*text, "0123456789.+-");
		if (dupex_value_parse(*text, length, &step->value) != DUPEX_VALUE_OK)
			return false;
		*text += length;
		return true;
	}
	step->length = 0;
	for (++*text; **text != '"'; ++*text)
	{
		if (**text == '\\')
			++* text;
		if (**text == '\0' || step->length == DUPEX_NAME_BYTES)
			return false;
		step->name[step->length++] = **text;
	}
	++*text;
	return true;
}
