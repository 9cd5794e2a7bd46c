/*
 * points.h
 *		Points: events whose weight decays.
 *
 * Pure C. points.c tells the idea.
 */
#ifndef DUPEX_POINTS_H
#define DUPEX_POINTS_H

#include "ratio/er.h"
#include "score/notation.h"
#include "score/tally.h"

/*
 * An event that gives points. Times are microseconds since 2000, as PostgreSQL has them.
 */
typedef struct DupexPointsEvent
{
	int64_t		at;
	int64_t		half_life;		/* microseconds, 0 for no decay */
	double		points;
	const char *kind;
	size_t		kind_length;
} DupexPointsEvent;

/*
 * A cap of the points that a kind gets on a day, and what the day before us has got so far.
 */
typedef struct DupexPointsCap
{
	const char *kind;
	size_t		kind_length;
	double		cap;
	int64_t		day;
	double		reached;
} DupexPointsCap;

/* microseconds from 1970 to 2000 */
#define DUPEX_POINTS_EPOCH	INT64_C(946684800000000)

/* the first moment of a timestamp, in 4714 BC */
#define DUPEX_POINTS_FIRST	INT64_C(-211813488000000000)

/* the key of an event without its kind */
#define DUPEX_POINTS_KEY	24
#define DUPEX_POINTS_LIMIT	1e9

/* microseconds that no half-life reaches */
#define DUPEX_POINTS_HALF_LIFE	INT64_C(9000000000000000000)

extern void dupex_points_put(const DupexPointsEvent *event, unsigned char *key);
extern DupexPointsEvent dupex_points_get(const char *key, size_t length);
extern bool dupex_points_are_valid(const DupexPointsEvent *event);
extern double dupex_points_counted(double points, DupexPointsCap *cap, int64_t day);
extern DupexAmount dupex_points_decayed(double counted, const DupexPointsEvent *event, int64_t at);
extern bool dupex_points_add(DupexAmount *sum, DupexAmount addend);
extern double dupex_points_value(DupexAmount amount);
extern bool dupex_points_read_event(DupexScan *scan, char *kind, DupexPointsEvent *event, DupexSum *events);
extern void dupex_points_write(const DupexSink *sink, const DupexTally *tally);

#endif							/* DUPEX_POINTS_H */
