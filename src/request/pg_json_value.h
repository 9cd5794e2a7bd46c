/*
 * pg_json_value.h
 *		A value of any type as a part of a JSON document, as to_jsonb() writes it.
 */
#ifndef DUPEX_PG_JSON_VALUE_H
#define DUPEX_PG_JSON_VALUE_H

#include "dupex.h"

#include "utils/jsonb.h"

/* What is known of a type; looked up once for all values of a query. */
typedef struct
{
	Oid			type;			/* a domain's base type */
	FmgrInfo	to_jsonb;		/* not set for types that are written here */
} JsonValueForm;

extern void dupex_json_value_prepare(JsonValueForm *form, Oid type);
extern void dupex_json_value(JsonbValue *result, JsonValueForm *form, Datum value);
extern void dupex_json_strip_nulls(JsonbValue *container);
extern void dupex_json_string(JsonbValue *result, const char *string, Size length);

#endif							/* DUPEX_PG_JSON_VALUE_H */
