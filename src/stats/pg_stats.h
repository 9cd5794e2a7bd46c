/*
 * pg_stats.h
 *		What the functions of statistics share: arguments checked, rows of numbers returned.
 */
#ifndef DUPEX_PG_STATS_H
#define DUPEX_PG_STATS_H

#include "dupex.h"

/*
 * Counts of an argument, as doubles. Arrays of two dimensions are row by row.
 */
typedef struct DupexCounts
{
	int			count;
	int			dimensions;
	int			rows;
	int			columns;
	double	   *values;
	double		total;
} DupexCounts;

extern double dupex_confidence_argument(FunctionCallInfo fcinfo, int n);
extern double dupex_share_argument(FunctionCallInfo fcinfo, int n, const char *name, const char *hint);
extern double dupex_positive_argument(FunctionCallInfo fcinfo, int n, const char *name, const char *hint);
extern double dupex_count_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern DupexCounts dupex_counts_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern double *dupex_numbers_argument(FunctionCallInfo fcinfo, int n, const char *name, int count);
extern int	dupex_groups_arguments(FunctionCallInfo fcinfo, int n, double **successes, double **trials);
extern void dupex_check_rate(double successes, double trials, int group);
extern Datum dupex_numbers_row(FunctionCallInfo fcinfo, int columns, const double *numbers);
extern Datum dupex_number(FunctionCallInfo fcinfo, double number);

#endif							/* DUPEX_PG_STATS_H */
