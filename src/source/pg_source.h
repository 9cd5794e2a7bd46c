/*
 * pg_source.h
 *		What the PostgreSQL-side files of the source codes share.
 */
#ifndef DUPEX_PG_SOURCE_H
#define DUPEX_PG_SOURCE_H

#include "dupex.h"

#include "source/layout.h"

#define DatumGetSourceCode(datum) DatumGetInt64(datum)
#define SourceCodeGetDatum(code) Int64GetDatum(code)
#define PG_GETARG_SOURCE_CODE(n) PG_GETARG_INT64(n)
#define PG_RETURN_SOURCE_CODE(code) PG_RETURN_INT64(code)

extern char *dupex_source_quote(const char *string, size_t length);
extern char *dupex_source_character(const char *string, size_t length,
									size_t at);
extern int	dupex_source_position(const char *string, size_t at);
extern char *dupex_source_code_text(int64_t code);
extern const DupexLayout *dupex_layout_get(const char *string, size_t length);
extern char *dupex_layout_field_names(const DupexLayout *layout);
extern int	dupex_server_character_length(const char *string,
										  size_t remaining);

#endif							/* DUPEX_PG_SOURCE_H */
