/*
 * pg_attribution_walk.c
 *		One person's conversions, one after the other, and what each touch gets of them.
 *
 * Both ends of the window of touches only move forward, so going over all conversions costs what
 * the paths are long, and nothing for models that look at one touch only.
 */
#include "journey/pg_attribution.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/*
 * Where the walk is: the touches of the conversion that is looked at are begin to end - 1.
 */
typedef struct Walk
{
	DupexAttributionQuestion *question;
	const DupexAttributionFacts *facts;
	uint32		begin;
	uint32		end;
	bool		has_before;
	int64		before;			/* time of the conversion before */

	/* of each name the last milestone so far */
	uint32		milestone_end;
	uint32		milestone_count;
	DupexMilestone milestones[DUPEX_MILESTONE_NAMES];
} Walk;

/*
 * The steps of a journey up to as_of, by kinds, with names as their places in its pool. Allocates
 * in the current context.
 */
void
dupex_journey_facts(const DupexAttributionQuestion *question, const DupexJourney *journey, DupexAttributionFacts *facts)
{
	const DupexStep *steps = dupex_journey_steps(journey);
	uint32		kinds[3] = {0, 0, 0};
	uint32		count;

	for (count = 0; count < journey->count && steps[count].at <= question->as_of; count++)
		kinds[steps[count].kind]++;
	facts->touches = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(DupexTouch) * Max(kinds[DUPEX_STEP_TOUCH], 1));
	facts->milestones = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(DupexMilestone) * Max(kinds[DUPEX_STEP_MILESTONE], 1));
	facts->conversions = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(DupexConversion) * Max(kinds[DUPEX_STEP_CONVERSION], 1));
	facts->touch_count = facts->milestone_count = facts->conversion_count = 0;
	facts->name_count = journey->used;
	for (uint32 i = 0; i < count; i++)
	{
		size_t		length;
		const char *name;

		if (steps[i].kind == DUPEX_STEP_CONVERSION)
		{
			facts->conversions[facts->conversion_count].at = steps[i].at;
			facts->conversions[facts->conversion_count++].value = dupex_journey_value(journey, &steps[i]);
			continue;
		}
		name = dupex_journey_name(journey, steps[i].where, &length);
		if (steps[i].kind == DUPEX_STEP_TOUCH)
		{
			DupexTouch *touch = &facts->touches[facts->touch_count++];

			touch->at = steps[i].at;
			touch->name = steps[i].where;
			touch->times = 0;
			touch->is_ignored = dupex_name_is_in(&question->ignored, name, length);
		}
		else if (question->all_milestones || dupex_name_is_in(&question->milestones, name, length))
		{
			facts->milestones[facts->milestone_count].at = steps[i].at;
			facts->milestones[facts->milestone_count++].name = steps[i].where;
		}
	}
}

/*
 * Memory for paths of all touches of the person.
 */
static void
make_room(DupexAttributionQuestion *question, const DupexAttributionFacts *facts)
{
	MemoryContext before = MemoryContextSwitchTo(question->memory);

	if (facts->touch_count > question->capacity)
	{
		if (question->capacity > 0)
		{
			pfree(question->path);
			pfree(question->portions);
			pfree(question->weights);
			pfree(question->values);
		}
		question->capacity = Max(64, 2 * facts->touch_count);
		question->path = MemoryContextAllocHuge(question->memory, question->capacity * sizeof(DupexTouch));
		question->portions = MemoryContextAllocHuge(question->memory, question->capacity * sizeof(DupexPortion));
		question->weights = MemoryContextAllocHuge(question->memory, question->capacity * sizeof(int64));
		question->values = MemoryContextAllocHuge(question->memory, question->capacity * sizeof(int64));
	}
	if (facts->name_count > question->seen_size && question->transform_count > 0)
	{
		if (question->seen_size > 0)
			pfree(question->seen);
		question->seen_size = Max(256, 2 * facts->name_count);
		question->seen = MemoryContextAllocHuge(question->memory, question->seen_size * sizeof(uint32));
		memset(question->seen, 0, question->seen_size * sizeof(uint32));
	}
	MemoryContextSwitchTo(before);
}

/*
 * Takes in milestones up to a time: of each name the last one counts. Raises 54000 where there
 * are more names than a milestone is for.
 */
static void
take_in_milestones(Walk *walk, int64 at)
{
	const DupexAttributionFacts *facts = walk->facts;

	for (; walk->milestone_end < facts->milestone_count && facts->milestones[walk->milestone_end].at <= at; walk->milestone_end++)
	{
		const DupexMilestone *milestone = &facts->milestones[walk->milestone_end];
		uint32		i = 0;

		while (i < walk->milestone_count && walk->milestones[i].name != milestone->name)
			i++;
		if (i == DUPEX_MILESTONE_NAMES)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("more than %d milestones of one person", DUPEX_MILESTONE_NAMES),
					 errdetail("Milestones are a few steps of selling, such as lead and opportunity; of each the last time before a conversion counts."),
					 errhint("Name those that count, such as milestones => '{lead,opportunity}'.")));
		walk->milestones[i] = *milestone;
		walk->milestone_count = Max(walk->milestone_count, i + 1);
	}
}

/*
 * The path of the walk's window: the touches themselves, or what the transforms make of them.
 */
static const DupexTouch *
path_of_window(Walk *walk, uint32 *count)
{
	DupexAttributionQuestion *question = walk->question;
	const DupexTouch *touches = &walk->facts->touches[walk->begin];

	*count = walk->end - walk->begin;
	if (question->transform_count == 0 || *count == 0)
		return touches;
	memcpy(question->path, touches, *count * sizeof(DupexTouch));
	for (int i = 0; i < question->transform_count; i++)
		*count = dupex_path_transform(question->transforms[i], question->path, *count, question->seen);
	return question->path;
}

/*
 * Moves on to the window of a time. Conversions at the same instant have the same one.
 */
static void
move_to(Walk *walk, int64 at)
{
	const DupexAttributionFacts *facts = walk->facts;

	while (walk->end < facts->touch_count && facts->touches[walk->end].at <= at)
		walk->end++;
	walk->begin = dupex_window_begin(&walk->question->window, facts->touches, walk->begin, walk->end, at,
									 walk->has_before ? &walk->before : NULL);
}

/*
 * Notes the time of a conversion for the one that follows at a later time.
 */
static void
note_before(Walk *walk, uint32 i)
{
	const DupexConversion *conversions = walk->facts->conversions;

	if (i + 1 < walk->facts->conversion_count && conversions[i + 1].at > conversions[i].at)
	{
		walk->has_before = true;
		walk->before = conversions[i].at;
	}
}

/*
 * The value in whole units, of as many decimals as are asked for, or as it has. Raises 22003 when
 * it does not fit.
 */
static uint64
units_of_value(const DupexAttributionQuestion *question, DupexValue value, int *decimals)
{
	uint64		units = (uint64) (value.mantissa < 0 ? -value.mantissa : value.mantissa);

	*decimals = Max(question->decimals, value.scale);
	for (int i = value.scale; i < *decimals; i++)
	{
		if (units > PG_INT64_MAX / 10)
		{
			char		str[DUPEX_VALUE_TEXT_SIZE];

			dupex_value_format(value, str);
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value %s cannot be divided into units of %d decimals", str, *decimals),
					 errdetail("It would be more than " INT64_FORMAT " of them.", PG_INT64_MAX),
					 errhint("Ask for fewer with decimals => 0.")));
		}
		units *= 10;
	}
	return units;
}

/*
 * Divides a total among portions, and puts what each touch gets at its number in the path.
 */
static void
divide(DupexPortion *portions, uint32 count, uint64 total, bool is_negative, int64 *shares)
{
	dupex_portions_divide(portions, count, total);
	for (uint32 i = 0; i < count; i++)
		shares[portions[i].touch] = is_negative ? -(int64) portions[i].share : (int64) portions[i].share;
}

/*
 * One conversion and one model.
 */
static void
credit_model(DupexAttributionQuestion *question, const DupexAttributionCase *asked, const DupexTouch *path, uint32 count,
			 uint64 units, bool is_negative, DupexCredit *result, void (*credit) (void *state, const DupexCredit *credit), void *state)
{
	DupexPortion *portions = question->portions;
	uint32		portion_count = dupex_attribution_portions(result->model, asked, path, count, portions);
	uint32		single = portions[0].touch;

	divide(portions, portion_count, DUPEX_WEIGHT_UNITS, false, question->weights);
	divide(portions, portion_count, units, is_negative, question->values);
	for (uint32 i = 0; i < portion_count; i++)
	{
		uint32		touch = portion_count == 1 ? single : i;

		result->touch = &path[touch];
		result->weight = question->weights[touch];
		result->value = question->values[touch];
		/* who gets nothing of a conversion of long ago is not told of */
		if (result->weight != 0 || result->value != 0)
			credit(state, result);
	}
}

/*
 * Calls credit() for each conversion in order of time, each model, and each touch of the path
 * that gets something, in order of time; for a conversion without touch once a model, with no
 * touch.
 */
void
dupex_attribution_walk(DupexAttributionQuestion *question, const DupexAttributionFacts *facts,
					   void (*credit) (void *state, const DupexCredit *credit), void *state)
{
	Walk		walk = {question, facts};
	int64		milestones[DUPEX_MILESTONE_NAMES];

	make_room(question, facts);
	for (uint32 i = 0; i < facts->conversion_count; i++)
	{
		const DupexConversion *conversion = &facts->conversions[i];
		DupexAttributionCase asked = {conversion->at, question->half_life, milestones, 0};
		DupexCredit result = {.converted_at = conversion->at};
		uint64		units = units_of_value(question, conversion->value, &result.decimals);
		bool		is_negative = conversion->value.mantissa < 0;
		const DupexTouch *path;
		uint32		count;

		CHECK_FOR_INTERRUPTS();
		move_to(&walk, conversion->at);
		take_in_milestones(&walk, conversion->at);
		for (uint32 j = 0; j < walk.milestone_count; j++)
			if (!(question->window.since_conversion && walk.has_before && walk.milestones[j].at <= walk.before))
				milestones[asked.milestone_count++] = walk.milestones[j].at;
		path = path_of_window(&walk, &count);
		for (int m = 0; m < question->model_count; m++)
		{
			result.model = question->models[m];
			if (count > 0)
				credit_model(question, &asked, path, count, units, is_negative, &result, credit, state);
			else
			{
				result.touch = NULL;
				result.weight = (int64) DUPEX_WEIGHT_UNITS;
				result.value = is_negative ? -(int64) units : (int64) units;
				credit(state, &result);
			}
		}
		note_before(&walk, i);
	}
}

/*
 * Calls path() for each conversion in order of time, and once more for the touches after the
 * last one, if there are any: they have led to nothing so far. Their lookback is counted from the
 * last of them.
 */
void
dupex_path_walk(DupexAttributionQuestion *question, const DupexAttributionFacts *facts,
				void (*path) (void *state, const DupexPath *path), void *state)
{
	Walk		walk = {question, facts};
	DupexPath	result;
	uint32		last;

	make_room(question, facts);
	for (uint32 i = 0; i < facts->conversion_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		result.conversion = &facts->conversions[i];
		move_to(&walk, result.conversion->at);
		result.touches = path_of_window(&walk, &result.count);
		path(state, &result);
		note_before(&walk, i);
	}
	last = walk.end;
	if (last < facts->touch_count)
	{
		walk.begin = last;
		walk.has_before = false;
		move_to(&walk, facts->touches[facts->touch_count - 1].at);
		result.conversion = NULL;
		result.touches = path_of_window(&walk, &result.count);
		path(state, &result);
	}
}
