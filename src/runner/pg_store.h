/*
 * pg_store.h
 *		Functions that return many rows: into a store that goes to disk beyond work_mem.
 */
#ifndef DUPEX_PG_STORE_H
#define DUPEX_PG_STORE_H

#include "dupex.h"

#include "funcapi.h"
#include "utils/tuplestore.h"

typedef struct DupexStore
{
	Tuplestorestate *rows;
	TupleDesc	type;
} DupexStore;

extern void dupex_store_open(FunctionCallInfo fcinfo, int columns, DupexStore *store);

#endif							/* DUPEX_PG_STORE_H */
