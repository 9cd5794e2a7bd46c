/*
 * pg_arguments.h
 *		Arguments that functions of several models have in common, checked.
 */
#ifndef DUPEX_PG_ARGUMENTS_H
#define DUPEX_PG_ARGUMENTS_H

#include "dupex.h"

extern double dupex_horizon_argument(FunctionCallInfo fcinfo, int n);
extern double dupex_discount_argument(FunctionCallInfo fcinfo, int n);
extern int	dupex_orders_argument(FunctionCallInfo fcinfo, int n);
extern int	dupex_periods_argument(FunctionCallInfo fcinfo, int n, int limit);
extern void dupex_customer_arguments(FunctionCallInfo fcinfo, int n, double *row);

#endif							/* DUPEX_PG_ARGUMENTS_H */
