/*
 * pg_stop.c
 *		The stop callback of long loops in pure C.
 *
 * Pure C asks its caller now and then whether to go on. Here a cancelled query leaves by an error,
 * so the answer is always yes.
 */
#include "runner/pg_stop.h"

#include "miscadmin.h"

/*
 * Lets interrupts through; never says stop.
 */
bool
dupex_stop_by_interrupt(void *data)
{
	CHECK_FOR_INTERRUPTS();
	return false;
}
