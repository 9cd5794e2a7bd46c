/*
 * dupex.h
 *		What every PostgreSQL-side file of dupex shares: version shims, and nothing else.
 *
 * The pure C files (src/<subject>/<topic>.c) never include this header: they know nothing of
 * PostgreSQL. Each shim defines the name of the newer PostgreSQL where an older one lacks it.
 */
#ifndef DUPEX_H
#define DUPEX_H

#include "postgres.h"

#include "fmgr.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#include "nodes/miscnodes.h"
#else
/* before 16 there are no soft errors: an input function can only throw */
#define ereturn(context, dummy_value, ...) \
	do { (void) (context); ereport(ERROR, __VA_ARGS__); return dummy_value; } while (0)
#endif

/* 18 took pg_attribute_noreturn() away, which stands behind a declaration as well as before it */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* before 17 every interval is finite */
#if PG_VERSION_NUM < 170000
#define INTERVAL_NOT_FINITE(i) ((void) (i), false)
#endif

#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(name) EmitWarningsOnPlaceholders(name)
#endif

#endif							/* DUPEX_H */
