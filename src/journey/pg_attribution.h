/*
 * pg_attribution.h
 *		What attribution is asked, and the walk over one person's conversions.
 */
#ifndef DUPEX_PG_ATTRIBUTION_H
#define DUPEX_PG_ATTRIBUTION_H

#include "dupex.h"

#include "journey/attribution.h"
#include "journey/touches.h"
#include "datatype/timestamp.h"
#include "utils/array.h"

/* milestones of different names that one question may have */
#define DUPEX_MILESTONE_NAMES	32

typedef struct DupexNameList
{
	int			count;
	text	  **names;
} DupexNameList;

/*
 * The arguments, and memory that is used again for each person.
 */
typedef struct DupexAttributionQuestion
{
	int			model_count;
	DupexAttributionModel models[DUPEX_MODELS];
	int			transform_count;
	DupexPathTransform *transforms;
	DupexAttributionWindow window;
	double		half_life;
	DupexNameList ignored;
	DupexNameList milestones;	/* those that count */
	bool		all_milestones;
	int			decimals;
	TimestampTz as_of;

	MemoryContext memory;
	uint32		capacity;		/* touches that the next four have room for */
	DupexTouch *path;
	DupexPortion *portions;
	int64	   *weights;
	int64	   *values;
	uint32		seen_size;
	uint32	   *seen;
} DupexAttributionQuestion;

/*
 * A conversion and a milestone of one person.
 */
typedef struct DupexConversion
{
	int64		at;
	DupexValue	value;
} DupexConversion;

typedef struct DupexMilestone
{
	int64		at;
	uint32		name;
} DupexMilestone;

/*
 * One person: each array in order of time. Names are numbers below name_count.
 */
typedef struct DupexAttributionFacts
{
	DupexTouch *touches;
	uint32		touch_count;
	DupexConversion *conversions;
	uint32		conversion_count;
	DupexMilestone *milestones;
	uint32		milestone_count;
	uint32		name_count;
} DupexAttributionFacts;

/*
 * What one touch gets of one conversion.
 */
typedef struct DupexCredit
{
	DupexAttributionModel model;
	const DupexTouch *touch;	/* NULL: nobody touched */
	int64		weight;			/* billionths of a conversion */
	int64		value;			/* in units of 10^-decimals */
	int			decimals;
	int64		converted_at;
} DupexCredit;

/*
 * What has led, or has not led, to a conversion.
 */
typedef struct DupexPath
{
	const DupexTouch *touches;
	uint32		count;
	const DupexConversion *conversion;	/* NULL: none so far */
} DupexPath;

extern DupexAttributionQuestion *dupex_attribution_question(void);
extern void dupex_models_argument(FunctionCallInfo fcinfo, int n, DupexAttributionQuestion *question);
extern void dupex_window_arguments(FunctionCallInfo fcinfo, int lookback, int max_touches, int since_conversion,
								   DupexAttributionQuestion *question);
extern void dupex_path_arguments(FunctionCallInfo fcinfo, int ignored, int transforms, DupexAttributionQuestion *question);
extern void dupex_weight_arguments(FunctionCallInfo fcinfo, int half_life, int milestones, int decimals,
								   DupexAttributionQuestion *question);
extern void dupex_as_of_argument(FunctionCallInfo fcinfo, int n, DupexAttributionQuestion *question);

extern bool dupex_name_is_in(const DupexNameList *list, const char *name, size_t length);
extern void dupex_journey_facts(const DupexAttributionQuestion *question, const DupexJourney *journey, DupexAttributionFacts *facts);
extern void dupex_attribution_walk(DupexAttributionQuestion *question, const DupexAttributionFacts *facts,
								   void (*credit) (void *state, const DupexCredit *credit), void *state);
extern void dupex_path_walk(DupexAttributionQuestion *question, const DupexAttributionFacts *facts,
							void (*path) (void *state, const DupexPath *path), void *state);

#endif							/* DUPEX_PG_ATTRIBUTION_H */
