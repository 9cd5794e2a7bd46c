/*
 * pg_state.h
 *		What the stored states of aggregates share: refusing bytes that are none.
 */
#ifndef DUPEX_PG_STATE_H
#define DUPEX_PG_STATE_H

#include "dupex.h"

extern void dupex_state_check_version(const char *type, int version, int known);
pg_noreturn extern void dupex_message_refuse(const char *type, const char *detail);

#endif							/* DUPEX_PG_STATE_H */
