/*
 * pg_layout.c
 *		Layouts of source codes for the functions of SQL: parsed once and kept.
 *
 * The parsed layouts are kept per backend, and not with the expression that
 * uses them: an executor may set up its expressions anew for every row. A
 * company has one layout or a few; sixteen places are plenty, and a seventeenth
 * takes the place of the oldest.
 */
#include "pg_source.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define KEPT_LAYOUTS 16

typedef struct KeptLayout
{
	size_t		length;			/* of the text; 0 where the place is free */
	char		string[DUPEX_LAYOUT_MAX_TEXT];
	DupexLayout layout;
} KeptLayout;

static KeptLayout kept[KEPT_LAYOUTS];
static int	last_used = 0;
static int	next_place = 0;

/*
 * Error 22023 for a text that is no layout: what is wrong, and where.
 */
static void
refuse_layout(const char *string, size_t length, const DupexLayoutFault *fault)
{
	size_t		where = Min(fault->where, length);
	const char *quoted = pnstrdup(string, Min(length, DUPEX_LAYOUT_MAX_TEXT));
	const char *at = where == length ? "the end"
	: psprintf("\"%s\"", dupex_source_character(string, length, where));

	if (length > DUPEX_LAYOUT_MAX_TEXT)
		quoted = dupex_source_quote(string, length);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid source code layout \"%s\"", quoted),
			 errdetail("In position %d, at %s: %s.",
					   dupex_source_position(string, where), at, fault->reason),
			 errhint("A layout names the parts of a code in their order, such as {medium}{group}{list:2}{month:2}{year:1}.")));
}

/*
 * The parsed form of a layout, which stays valid until the next call. Error
 * 22023 when the text is no layout.
 */
const DupexLayout *
dupex_layout_get(const char *string, size_t length)
{
	DupexLayout layout;
	DupexLayoutFault fault;
	KeptLayout *place = &kept[last_used];

	if (place->length == length && length > 0 &&
		memcmp(place->string, string, length) == 0)
		return &place->layout;
	for (int i = 0; i < KEPT_LAYOUTS; i++)
	{
		place = &kept[i];
		if (place->length == length && length > 0 &&
			memcmp(place->string, string, length) == 0)
		{
			last_used = i;
			return &place->layout;
		}
	}
	if (!dupex_layout_parse(string, length, &layout, &fault))
		refuse_layout(string, length, &fault);
	place = &kept[next_place];
	place->length = length;
	memcpy(place->string, string, length);
	place->layout = layout;
	last_used = next_place;
	next_place = (next_place + 1) % KEPT_LAYOUTS;
	return &place->layout;
}

/*
 * The names of a layout's fields, for messages: "medium, group, list".
 */
char *
dupex_layout_field_names(const DupexLayout *layout)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < layout->field_count; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ",
						 layout->fields[i].name);
	return names.data;
}

/*
 * Length of a character in the encoding of the database: what the reader needs
 * when that is not UTF-8.
 */
int
dupex_server_character_length(const char *string, size_t remaining)
{
	size_t		bytes = (size_t) pg_mblen(string);

	return (int) Min(bytes, remaining);
}
