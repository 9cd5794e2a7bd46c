/*
 * pg_stop.c
 *		The callbacks by which long loops in pure C let interrupts through.
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

/*
 * The same for loops that have nobody to stop for.
 */
void
dupex_pause_for_interrupt(void)
{
	CHECK_FOR_INTERRUPTS();
}
