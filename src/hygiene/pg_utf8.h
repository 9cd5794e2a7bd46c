/*
 * pg_utf8.h
 *		Between the encoding of the database and the UTF-8 of the pure side.
 */
#ifndef DUPEX_PG_UTF8_H
#define DUPEX_PG_UTF8_H

#include "dupex.h"

#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"

/* octets of UTF-8; in a database without an encoding they may be none */
typedef struct DupexUtf8
{
	const char *text;
	size_t		length;
} DupexUtf8;

extern bool dupex_utf8_is_ascii(const char *octets, size_t length);
extern DupexUtf8 dupex_utf8_of_server(const char *octets, size_t length);
extern DupexUtf8 dupex_utf8_normal_form(UnicodeNormalizationForm form, const pg_wchar *letters);
extern Datum dupex_utf8_text(const char *utf8, size_t length);

#endif							/* DUPEX_PG_UTF8_H */
