/*
 * activity.h
 *		Activity: the distinct times at which one person did something, in few bytes.
 *
 * Pure C. activity.c tells the idea.
 */
#ifndef DUPEX_ACTIVITY_H
#define DUPEX_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* grains are numbered, from a microsecond to a day */
#define DUPEX_ACTIVITY_GRAINS		7

/* no step between two times is longer than that in bytes */
#define DUPEX_ACTIVITY_STEP_SIZE	10

extern bool dupex_activity_is_time(int64_t at);
extern uint32_t dupex_activity_distinct(int64_t *times, uint32_t count);
extern int	dupex_activity_grain(const int64_t *times, uint32_t count);
extern size_t dupex_activity_pack(const int64_t *times, uint32_t count, int grain, unsigned char *bytes);
extern bool dupex_activity_unpack(const unsigned char *bytes, size_t size, int grain, uint32_t count, int64_t *times);

#endif							/* DUPEX_ACTIVITY_H */
