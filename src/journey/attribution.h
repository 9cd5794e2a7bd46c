/*
 * attribution.h
 *		Rules of attribution: which touches of a journey earned a conversion, and how much of it.
 *
 * Pure C. attribution.c tells the idea.
 */
#ifndef DUPEX_ATTRIBUTION_H
#define DUPEX_ATTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum DupexAttributionModel
{
	DUPEX_MODEL_FIRST,
	DUPEX_MODEL_LAST,
	DUPEX_MODEL_LAST_NON_DIRECT,
	DUPEX_MODEL_LINEAR,
	DUPEX_MODEL_POSITION_U,
	DUPEX_MODEL_POSITION_J,
	DUPEX_MODEL_POSITION_INVERSE_J,
	DUPEX_MODEL_POSITION_W,
	DUPEX_MODEL_FULL_PATH,
	DUPEX_MODEL_TIME_DECAY
} DupexAttributionModel;

#define DUPEX_MODELS	10

typedef enum DupexPathTransform
{
	DUPEX_PATH_UNIQUE,
	DUPEX_PATH_EXPOSURE,
	DUPEX_PATH_FIRST,
	DUPEX_PATH_FREQUENCY,
	DUPEX_PATH_DROP_DIRECT,
	DUPEX_PATH_DROP_LAST_DIRECT
} DupexPathTransform;

#define DUPEX_TRANSFORMS	6

/* weights of conversions are whole billionths */
#define DUPEX_WEIGHT_UNITS	UINT64_C(1000000000)

/*
 * A touch of a path.
 */
typedef struct DupexTouch
{
	int64_t		at;
	uint32_t	name;			/* its place in the pool of the journey */
	uint32_t	times;			/* how many touches it stands for; 0 when
								 * nobody counts */
	bool		is_ignored;		/* of a channel that does not earn, such as
								 * direct */
} DupexTouch;

/*
 * Which touches a conversion may use.
 */
typedef struct DupexAttributionWindow
{
	int64_t		lookback;		/* microseconds, INT64_MAX: without end */
	uint32_t	most_touches;	/* UINT32_MAX: all */
	bool		since_conversion;	/* only those after the conversion before */
} DupexAttributionWindow;

/*
 * What is asked of one conversion.
 */
typedef struct DupexAttributionCase
{
	int64_t		converted_at;
	double		half_life;		/* microseconds */
	const int64_t *milestones;	/* times */
	uint32_t	milestone_count;
} DupexAttributionCase;

/*
 * A part of a total that was divided: the weight it goes by, what it got, and what was cut off,
 * as a numerator over the sum of weights.
 */
typedef struct DupexPortion
{
	uint64_t	weight;
	uint64_t	share;
	uint64_t	remainder;
	uint32_t	touch;			/* number in the path */
} DupexPortion;

extern const char *const dupex_model_names[DUPEX_MODELS];
extern const char *const dupex_transform_names[DUPEX_TRANSFORMS];

extern int	dupex_name_find(const char *const *names, int count, const char *name, size_t length);
extern uint32_t dupex_window_begin(const DupexAttributionWindow *window, const DupexTouch *touches,
								   uint32_t begin, uint32_t end, int64_t at, const int64_t *before);
extern uint32_t dupex_path_transform(DupexPathTransform transform, DupexTouch *path, uint32_t count, uint32_t *seen);
extern uint32_t dupex_attribution_portions(DupexAttributionModel model, const DupexAttributionCase *conversion,
										   const DupexTouch *path, uint32_t count, DupexPortion *portions);
extern void dupex_portions_divide(DupexPortion *portions, uint32_t count, uint64_t total);

#endif							/* DUPEX_ATTRIBUTION_H */
