/*
 * pg_build.c
 *		Making source codes: source_build and source_check_character.
 */
#include "pg_source.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

/* what a message needs to know of the call */
typedef struct BuildCall
{
	const DupexLayout *layout;
	const char *layout_text;
} BuildCall;

/*
 * Error 22023 for fields that do not make a code: the field is named.
 */
static void
refuse_missing(const BuildCall *call, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("field \"%s\" of the source code is missing", name),
			 errdetail("The layout is %s.", call->layout_text),
			 errhint("Give a text or a number for each of: %s%s.",
					 dupex_layout_field_names(call->layout),
					 call->layout->check < 0 ? ""
					 : " (which is computed unless given)")));
}

static void
refuse_unknown(const BuildCall *call, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no field \"%s\" in the source code layout", name),
			 errdetail("The layout is %s.", call->layout_text),
			 call->layout->field_count == 0 ? errhint("This layout has no fields.")
			 : errhint("Its fields are: %s.",
					   dupex_layout_field_names(call->layout))));
}

static void
refuse_value(const BuildCall *call, int number, const char *value,
			 DupexBuildFault fault)
{
	const DupexField *field = &call->layout->fields[number];
	char		wants[64];
	const char *what = fault == DUPEX_BUILD_TOO_WIDE ? "too wide"
	: fault == DUPEX_BUILD_TOO_SHORT ? "too short"
	: fault == DUPEX_BUILD_RANGE ? "out of range" : "not of its kind";

	dupex_field_wants(field, number == call->layout->month,
					  number == call->layout->year, wants, sizeof(wants));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("value \"%s\" of field \"%s\" is %s",
					dupex_source_quote(value, strlen(value)), field->name, what),
			 errdetail("Layout %s wants %s.", call->layout_text, wants),
			 errhint("Give a value that the field can hold, or a layout with another width or encoding.")));
}

/*
 * The text of a jsonb value that may stand for a field: a string or a number.
 */
static char *
value_text(const char *name, const JsonbValue *value, bool *is_number)
{
	*is_number = value->type == jbvNumeric;
	if (value->type == jbvString)
		return pnstrdup(value->val.string.val, value->val.string.len);
	if (value->type == jbvNumeric)
		return DatumGetCString(DirectFunctionCall1(numeric_out,
												   NumericGetDatum(value->val.numeric)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("field \"%s\" of the source code is neither a text nor a number",
					name),
			 errdetail("The value is %s.",
					   value->type == jbvNull ? "null"
					   : value->type == jbvBool ? "true or false"
					   : "an object or an array"),
			 errhint("Write it as in {\"%s\": \"02\"}.", name)));
	return NULL;				/* not reached */
}

/*
 * Puts one field into the characters. The check character is only noted.
 */
static void
put_field(const BuildCall *call, const char *name, const JsonbValue *value,
		  char *characters, bool *given, char *check)
{
	int			number = dupex_layout_find_meant(call->layout, name, strlen(name));
	bool		is_number;
	char	   *written;
	DupexBuildFault fault;

	/* a field that has been given already was given by its other name */
	if (number < 0 || given[number])
		refuse_unknown(call, name);
	written = value_text(name, value, &is_number);
	given[number] = true;
	if (number == call->layout->check)
	{
		int			digit = dupex_code_digit((unsigned char) written[0]);

		if (digit < 0 || written[1] != '\0')
			refuse_value(call, number, written, DUPEX_BUILD_CHARACTER);
		*check = (char) (digit < 10 ? '0' + digit : 'A' + digit - 10);
		return;
	}
	fault = dupex_layout_put(call->layout, number, written, strlen(written),
							 is_number, characters);
	if (fault != DUPEX_BUILD_OK)
		refuse_value(call, number, written, fault);
}

/*
 * Fills in what is fixed and the check character, and looks that nothing is
 * missing.
 */
static void
complete(const BuildCall *call, char *characters, const bool *given, char check)
{
	const DupexLayout *layout = call->layout;
	char		right;

	for (int i = 0; i < layout->field_count; i++)
	{
		if (!given[i] && i != layout->check)
			refuse_missing(call, layout->fields[i].name);
	}
	for (int i = 0; i < layout->width; i++)
	{
		if (layout->fixed[i] != '\0')
			characters[i] = layout->fixed[i];
	}
	if (layout->check < 0)
		return;
	right = dupex_check_character(characters, layout->width - 1);
	if (check != '\0' && check != right)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("check character \"%c\" is wrong for source code \"%.*s\"",
						check, layout->width - 1, characters),
				 errdetail("It is %c.", right),
				 errhint("Leave the field \"check\" out; it is computed.")));
	characters[layout->width - 1] = right;
}

/*
 * source_build(fields, layout): the code with these fields. 22023, with the name
 * of the field, for one that is missing, unknown, too wide, too short or out of
 * range.
 */
PG_FUNCTION_INFO_V1(dupex_source_build);
Datum
dupex_source_build(PG_FUNCTION_ARGS)
{
	Jsonb	   *fields = PG_GETARG_JSONB_P(0);
	text	   *layout_text = PG_GETARG_TEXT_PP(1);
	BuildCall	call;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	const char *name = "";		/* a value follows its key */
	char		characters[DUPEX_CODE_MAX_LENGTH + 1] = {0};
	bool		given[DUPEX_CODE_MAX_LENGTH] = {false};
	char		check = '\0';

	call.layout = dupex_layout_get(VARDATA_ANY(layout_text),
								   VARSIZE_ANY_EXHDR(layout_text));
	call.layout_text = text_to_cstring(layout_text);
	if (!JB_ROOT_IS_OBJECT(fields))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the fields of a source code are not an object"),
				 errdetail("The layout is %s.", call.layout_text),
				 errhint("Write them as in {\"medium\": \"D\", \"list\": \"02\"}.")));
	iterator = JsonbIteratorInit(&fields->root);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(item.val.string.val, item.val.string.len);
		else if (token == WJB_VALUE)
			put_field(&call, name, &item, characters, given, &check);
	}
	complete(&call, characters, given, check);
	PG_RETURN_SOURCE_CODE(dupex_code_pack(characters, call.layout->width));
}

/*
 * source_check_character(characters): the check character of ISO/IEC 7064 MOD
 * 37,36 for any number of letters and digits; spaces and hyphens are ignored,
 * 22023 for anything else.
 */
PG_FUNCTION_INFO_V1(dupex_source_check_character);
Datum
dupex_source_check_character(PG_FUNCTION_ARGS)
{
	text	   *argument = PG_GETARG_TEXT_PP(0);
	const char *data = VARDATA_ANY(argument);
	size_t		length = VARSIZE_ANY_EXHDR(argument);
	char	   *characters = palloc(length + 1);
	int			count = 0;
	char		check;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char character = (unsigned char) data[i];

		if (dupex_code_digit(character) >= 0)
			characters[count++] = (char) character;
		else if (!dupex_code_ignores(character))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("no check character for \"%s\"",
							dupex_source_quote(data, length)),
					 errdetail("Character \"%s\" in position %d is neither a letter A to Z nor a digit 0 to 9.",
							   dupex_source_character(data, length, i),
							   dupex_source_position(data, i)),
					 errhint("Give the letters and digits before the check character.")));
	}
	check = dupex_check_character(characters, count);
	pfree(characters);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(&check, 1));
}
