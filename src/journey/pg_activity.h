/*
 * pg_activity.h
 *		The state activity, for functions that read it.
 */
#ifndef DUPEX_PG_ACTIVITY_H
#define DUPEX_PG_ACTIVITY_H

#include "dupex.h"

/* the times of a datum of type activity, ascending, each once; never none */
extern const int64 *dupex_activity_times(Datum datum, uint32 *count);

#endif							/* DUPEX_PG_ACTIVITY_H */
