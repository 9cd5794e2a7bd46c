/*
 * time_text.h
 *		Times as text, the same in every session: ISO 8601, in UTC, to the microsecond.
 *
 * Pure C. Times are microseconds since 2000-01-01 00:00 UTC.
 */
#ifndef DUPEX_TIME_TEXT_H
#define DUPEX_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a year from 1 to 9999 */
#define DUPEX_FIRST_TIME	INT64_C(-63082281600000000)
#define DUPEX_END_TIME		INT64_C(252455616000000000)

#define DUPEX_TIME_TEXT_SIZE	32

extern size_t dupex_time_format(int64_t at, char *text);
extern bool dupex_time_parse(const char **text, int64_t *at);

#endif							/* DUPEX_TIME_TEXT_H */
