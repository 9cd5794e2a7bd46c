/*
 * pg_bgbb.h
 *		The customer of a BG/BB model among a function's arguments.
 */
#ifndef DUPEX_PG_BGBB_H
#define DUPEX_PG_BGBB_H

#include "dupex.h"

#include "value/bgbb.h"

/* arguments n to n + 2: frequency, recency, periods; raises 22023 for one who cannot be */
extern DupexBgbbRow dupex_bgbb_customer_arguments(FunctionCallInfo fcinfo, int n);

#endif							/* DUPEX_PG_BGBB_H */
