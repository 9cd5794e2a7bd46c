/*
 * retention.h
 *		Retention: in which periods after the start people count as having come back.
 *
 * Pure C. retention.c tells the idea.
 */
#ifndef DUPEX_RETENTION_H
#define DUPEX_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* more cells of one person or cohort than that are refused: the hours of 114 years */
#define DUPEX_RETENTION_MAX_CELLS		1000000
#define DUPEX_RETENTION_MAX_BRACKETS	1000

/* so many people can be written and read: 18 digits */
#define DUPEX_RETENTION_MAX_PEOPLE		INT64_C(999999999999999999)

typedef enum DupexRetentionMode
{
	DUPEX_RETENTION_ON,			/* came in this very period */
	DUPEX_RETENTION_ON_OR_AFTER,	/* in this one or a later one */
	DUPEX_RETENTION_WITHIN		/* in this one or an earlier one */
} DupexRetentionMode;

/*
 * Periods first to last that make one cell; open ones have no end.
 */
typedef struct DupexBracket
{
	int32_t		first;
	int32_t		last;			/* -1 when open */
} DupexBracket;

/*
 * What a cell is: a period, or a bracket of periods where there are brackets.
 */
typedef struct DupexCells
{
	DupexRetentionMode mode;
	int32_t		limit;			/* cells from this one on are left out */
	int			bracket_count;
	const DupexBracket *brackets;
} DupexCells;

/*
 * A cell of a curve: people for whom it is over, those of them who count in it, those of them who
 * count in the cell before.
 */
typedef struct DupexRetentionCell
{
	int64_t		observed;
	int64_t		people;
	int64_t		before;
} DupexRetentionCell;

#define DUPEX_RETENTION_TEXT_SIZE	64

extern bool dupex_retention_mode(const char *name, DupexRetentionMode *mode);
extern int	dupex_brackets_parse(const char *text, DupexBracket *brackets, const char **problem);
extern int32_t dupex_cells_observed(const DupexCells *cells, int64_t over);
extern bool dupex_cells_of_period(const DupexCells *cells, int64_t period, int32_t observed, int32_t *first, int32_t *last);
extern void dupex_retention_count(DupexRetentionCell *sums, int32_t observed, int32_t first, int32_t last);
extern void dupex_retention_sum(DupexRetentionCell *sums, int32_t count);
extern bool dupex_retention_is_valid(const DupexRetentionCell *cells, uint32_t count, int64_t total);
extern size_t dupex_retention_format(const DupexRetentionCell *cell, char *text);
extern bool dupex_retention_parse(const char **text, DupexRetentionCell *cell);
extern bool dupex_retention_parse_count(const char **text, int64_t *count);
extern void dupex_retention_add_bits(DupexRetentionCell *cells, const unsigned char *bits, uint32_t count);

#endif							/* DUPEX_RETENTION_H */
