/*
 * pg_left_out.h
 *		How many rows an aggregate has left out: part of the states of purchases and spending.
 */
#ifndef DUPEX_PG_LEFT_OUT_H
#define DUPEX_PG_LEFT_OUT_H

#include "dupex.h"

#include "lib/stringinfo.h"

/* more than a state can count: its text is read as a double, which is exact up to 2^53 */
#define DUPEX_LEFT_OUT_LIMIT	INT64CONST(9000000000000000)

extern int64 dupex_left_out_add(int64 count, int64 more);
extern int64 dupex_left_out_receive(StringInfo message, const char *type);

#endif							/* DUPEX_PG_LEFT_OUT_H */
