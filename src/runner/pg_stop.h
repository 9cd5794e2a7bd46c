/*
 * pg_stop.h
 *		The stop callback of long loops in pure C.
 */
#ifndef DUPEX_PG_STOP_H
#define DUPEX_PG_STOP_H

#include "dupex.h"

extern bool dupex_stop_by_interrupt(void *data);

#endif							/* DUPEX_PG_STOP_H */
