/*
 * pg_code.c
 *		The type source_code: input and output, casts, binary form.
 *
 * The value is the 64-bit number of code.c, passed by value. Its operators,
 * operator classes and sort support are PostgreSQL's own for bigint, declared
 * in sql/10_source_code.sql; so nothing of them is here.
 */
#include "pg_source.h"

#include <limits.h>

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* how many bytes of a wrong value a message repeats */
#define QUOTED_BYTES 60

/*
 * A copy of a text for a message: cut at a character's end when it is long.
 */
char *
dupex_source_quote(const char *string, size_t length)
{
	int			kept;

	if (length <= QUOTED_BYTES)
		return pnstrdup(string, length);
	kept = pg_mbcliplen(string, (int) Min(length, (size_t) INT_MAX),
						QUOTED_BYTES);
	return psprintf("%.*s...", kept, string);
}

/*
 * The whole character that begins at offset at, as a text of its own.
 */
char *
dupex_source_character(const char *string, size_t length, size_t at)
{
	size_t		bytes = (size_t) pg_mblen(string + at);

	return pnstrdup(string + at, Min(bytes, length - at));
}

/*
 * The number of the character that begins at offset at: 1 is the first.
 */
int
dupex_source_position(const char *string, size_t at)
{
	return pg_mbstrlen_with_len(string, (int) at) + 1;
}

/*
 * The text of a code, as a C string.
 */
char *
dupex_source_code_text(int64_t code)
{
	char	   *string = palloc(DUPEX_CODE_MAX_LENGTH + 1);

	dupex_code_format(code, string);
	return string;
}

/*
 * Reads a source code; what is not one is an error 22P02, which goes to
 * escontext where the caller wants soft errors. Kept out of line from the
 * callers' fast path only in its error part.
 */
static Datum
refuse(const char *string, size_t length, DupexCodeFault fault, size_t where,
	   struct Node *escontext)
{
	const char *value = dupex_source_quote(string, length);

	switch (fault)
	{
		case DUPEX_CODE_EMPTY:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type source_code: \"%s\"", value),
					 errdetail("There is no letter and no digit in it."),
					 errhint("A source code has 1 to 12 letters and digits; use NULL where there is none.")));
		case DUPEX_CODE_TOO_LONG:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type source_code: \"%s\"", value),
					 errdetail("Character \"%c\" in position %d is the thirteenth letter or digit.",
							   string[where], dupex_source_position(string, where)),
					 errhint("A source code has 1 to 12 letters and digits.")));
		default:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type source_code: \"%s\"", value),
					 errdetail("Character \"%s\" in position %d is neither a letter A to Z nor a digit 0 to 9.",
							   dupex_source_character(string, length, where),
							   dupex_source_position(string, where)),
					 errhint("Spaces and hyphens are ignored. Use source_read() for codes as customers quote them.")));
	}
}

/*
 * Text to source_code. 22P02 when it is none.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_in);
Datum
dupex_source_code_in(PG_FUNCTION_ARGS)
{
	const char *string = PG_GETARG_CSTRING(0);
	size_t		length = strlen(string);
	int64_t		code;
	size_t		where;
	DupexCodeFault fault = dupex_code_parse(string, length, &code, &where);

	if (unlikely(fault != DUPEX_CODE_OK))
		return refuse(string, length, fault, where, (struct Node *) fcinfo->context);
	PG_RETURN_SOURCE_CODE(code);
}

/*
 * source_code to text: capitals and digits without separators.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_out);
Datum
dupex_source_code_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(dupex_source_code_text(PG_GETARG_SOURCE_CODE(0)));
}

/*
 * Binary form: the number, 8 bytes in network order. 22P03 when it is not the
 * number of a code.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_recv);
Datum
dupex_source_code_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int64		code = pq_getmsgint64(message);

	if (!dupex_code_is_valid(code))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type source_code: %lld",
						(long long) code),
				 errdetail("The 8 bytes are not the number of a text of 1 to 12 letters and digits."),
				 errhint("Send what source_code_send() gives, or send the code as text.")));
	PG_RETURN_SOURCE_CODE(code);
}

/*
 * The counterpart of source_code_recv.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_send);
Datum
dupex_source_code_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint64(&message, (uint64) PG_GETARG_SOURCE_CODE(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * Cast from text; same rules and errors as the input.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_from_text);
Datum
dupex_source_code_from_text(PG_FUNCTION_ARGS)
{
	text	   *argument = PG_GETARG_TEXT_PP(0);
	const char *text_data = VARDATA_ANY(argument);
	size_t		length = VARSIZE_ANY_EXHDR(argument);
	int64_t		code;
	size_t		where;
	DupexCodeFault fault = dupex_code_parse(text_data, length, &code, &where);

	if (unlikely(fault != DUPEX_CODE_OK))
		return refuse(text_data, length, fault, where, NULL);
	PG_RETURN_SOURCE_CODE(code);
}

/*
 * Cast to text.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_to_text);
Datum
dupex_source_code_to_text(PG_FUNCTION_ARGS)
{
	char		text_data[DUPEX_CODE_MAX_LENGTH + 1];
	int			length = dupex_code_format(PG_GETARG_SOURCE_CODE(0), text_data);

	PG_RETURN_TEXT_P(cstring_to_text_with_len(text_data, length));
}
