/*
 * dupex.c
 *		The module block of the dupex library.
 *
 * dupex has no hooks, no settings, no shared memory and no background worker; it need not be
 * preloaded. What it does is in one folder per subject: source/ (source codes),
 * ratio/ (E:R and rates), stats/ (special functions), jobs/ (what a job needs of
 * the server). In each, topic.c is pure C and pg_topic.c is its thin PostgreSQL
 * side.
 */
#include "dupex.h"

#include "utils/builtins.h"

PG_MODULE_MAGIC;

/*
 * Version of the library, as text, such as 0.1: what upgrade() brings a marketing database to.
 */
PG_FUNCTION_INFO_V1(dupex_version);
Datum
dupex_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(DUPEX_VERSION));
}
