/*
 * pg_stop.h
 *		The callbacks by which long loops in pure C let interrupts through.
 */
#ifndef DUPEX_PG_STOP_H
#define DUPEX_PG_STOP_H

#include "dupex.h"

extern bool dupex_stop_by_interrupt(void *data);
extern void dupex_pause_for_interrupt(void);

#endif							/* DUPEX_PG_STOP_H */
