/*
 * pg_paths.h
 *		Reads a query of paths: what attribution_markov() and attribution_shapley() have in common.
 */
#ifndef DUPEX_PG_PATHS_H
#define DUPEX_PG_PATHS_H

#include "dupex.h"

#include "runner/pg_words.h"
#include "runner/pg_rows.h"
#include "stats/sum.h"

/*
 * What is known of the paths when all are read.
 */
typedef struct DupexPaths
{
	const char *function;
	bool		allows_negative;	/* values */
	int			columns;		/* of the query */
	MemoryContext memory;		/* of what is kept */
	DupexWords *channels;
	uint32	   *touched;		/* channels of the path that is read */
	uint32		touched_size;
	DupexSum	conversions;	/* of paths with a touch */
	DupexSum	value;
	DupexSum	untouched_conversions;	/* of the others */
	DupexSum	untouched_value;

	/* a path with a touch and with a weight; touched holds count channels */
	void		(*path) (struct DupexPaths *paths, uint32 count, double conversions, double value, double nulls);
	void	   *state;
} DupexPaths;

extern void dupex_paths_read(DupexPaths *paths, text *sql);
extern double dupex_paths_sum(const DupexPaths *paths, const DupexSum *sum);
extern void dupex_paths_add_untouched(const DupexPaths *paths, DupexRows *rows, int conversions_column);

#endif							/* DUPEX_PG_PATHS_H */
