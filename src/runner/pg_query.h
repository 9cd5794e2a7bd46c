/*
 * pg_query.h
 *		Runners: functions that take a query as text and read its rows one by one.
 *
 * How to write one:
 *
 *	static const DupexQueryColumn columns[] = {
 *		{"person", DUPEX_COLUMN_KEY}, {"at", DUPEX_COLUMN_TIME}, {"value", DUPEX_COLUMN_FLOAT, .is_optional = true}
 *	};
 *	static const DupexQuery query = {
 *		.function = "cohort_table", .returns = "(person bigint or text, at timestamptz [, value float8])",
 *		.columns = columns, .count = lengthof(columns), .start = start, .row = row
 *	};
 *	...
 *	dupex_query_run(&query, PG_GETARG_TEXT_PP(0), &my_state);
 *
 * The query is planned first and its columns are checked, by number and type, before anything is
 * read. Then start() is called once, and row() for each row, straight from the executor: no row is
 * copied or collected. The query may only read, and sees what the calling statement sees.
 *
 * For what a runner has to keep: pg_people.h puts the rows of a person together within work_mem,
 * and in temporary files beyond it; pg_words.h numbers a few distinct texts (groups, channels).
 * pg_rows.h hands out the result.
 *
 * The function is declared STABLE PARALLEL UNSAFE: it only reads, with parallel workers of its own.
 */
#ifndef DUPEX_PG_QUERY_H
#define DUPEX_PG_QUERY_H

#include "dupex.h"

/*
 * What a column of the query may be, and what row() gets for it.
 */
typedef enum DupexColumnType
{
	DUPEX_COLUMN_KEY,			/* integers: int64; text, varchar, char, uuid:
								 * bytes; see DupexQueryKey */
	DUPEX_COLUMN_TIME,			/* timestamptz: TimestampTz */
	DUPEX_COLUMN_INTEGER,		/* smallint, int, bigint: int64 */
	DUPEX_COLUMN_FLOAT,			/* any number: float8 */
	DUPEX_COLUMN_NUMERIC,		/* any number: Numeric */
	DUPEX_COLUMN_TEXT,			/* text, varchar, char, name: text, packed
								 * (VARDATA_ANY) */
	DUPEX_COLUMN_BOOLEAN,		/* boolean */
	DUPEX_COLUMN_TEXTS			/* an array of text or varchar: ArrayType */
} DupexColumnType;

typedef struct DupexQueryColumn
{
	const char *name;			/* for messages; the query may call it
								 * anything */
	DupexColumnType type;
	bool		is_optional;	/* the query may end before it; only the last
								 * columns */
} DupexQueryColumn;

/*
 * Who a row is of. The hash is spread over all 64 bits.
 */
typedef struct DupexQueryKey
{
	uint64		hash;
	int64		number;			/* of an integer */
	const char *bytes;			/* of anything else, else NULL */
	uint32		length;
} DupexQueryKey;

typedef struct DupexQuery
{
	const char *function;		/* name of the runner, for messages */
	const char *returns;		/* what its query must return, for hints */
	const DupexQueryColumn *columns;
	int			count;

	/*
	 * Called once before the first row, and when there is none; may be NULL.
	 * columns: how many the query has; key_is_text: whether its column
	 * DUPEX_COLUMN_KEY is not of integers.
	 */
	void		(*start) (void *state, int columns, bool key_is_text);

	/*
	 * Called for each row with as many values as the query has columns, in a
	 * memory context that is emptied after it. A KEY's value is a pointer to
	 * a DupexQueryKey.
	 */
	void		(*row) (void *state, const Datum *values, const bool *nulls);
} DupexQuery;

extern void dupex_query_run(const DupexQuery *query, text *sql, void *state);

/* the finalizer of splitmix64: each bit of the result depends on each of the number */
static inline uint64
dupex_hash_number(uint64 number)
{
	number ^= number >> 30;
	number *= UINT64CONST(0xbf58476d1ce4e5b9);
	number ^= number >> 27;
	number *= UINT64CONST(0x94d049bb133111eb);
	return number ^ number >> 31;
}

#endif							/* DUPEX_PG_QUERY_H */
