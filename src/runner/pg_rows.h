/*
 * pg_rows.h
 *		Functions that return a row, or a few rows.
 */
#ifndef DUPEX_PG_ROWS_H
#define DUPEX_PG_ROWS_H

#include "dupex.h"

#include "funcapi.h"

typedef struct DupexRows
{
	TupleDesc	type;
	HeapTuple  *rows;
	uint64		count;
	uint64		capacity;
} DupexRows;

extern TupleDesc dupex_row_type(FunctionCallInfo fcinfo, int columns);
extern TupleDesc dupex_row_type_once(FunctionCallInfo fcinfo, int columns);
extern Datum dupex_rows_return(FunctionCallInfo fcinfo, int columns,
							   void (*fill) (FunctionCallInfo fcinfo, DupexRows *rows));
extern void dupex_rows_add(DupexRows *rows, Datum *values, bool *nulls);

#endif							/* DUPEX_PG_ROWS_H */
