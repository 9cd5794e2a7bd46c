/*
 * pg_reader.c
 *		Reading and taking apart source codes: source_read, source_code_read,
 *		source_field, source_issued.
 *
 * source_read and source_code_read are for what customers quote and never raise
 * an error because of it. source_field and source_issued are for registered
 * codes, and do: a code that does not have its layout is a mistake of the
 * caller.
 */
#include "pg_source.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/jsonb.h"

#include "runner/pg_rows.h"
#include "source/reader.h"

/* the house layout, which is also the default argument in SQL */
#define HOUSE_LAYOUT "{medium}{group}{list:2}{month:2}{year:1}"

/* columns of source_read */
enum
{
	READ_CODE,
	READ_MEDIUM,
	READ_TEST_GROUP,
	READ_LIST,
	READ_ISSUED_ON,
	READ_FIELDS,
	READ_PROBLEM,
	READ_COLUMNS
};

/*
 * The parsed layout of argument n; the house layout when it is NULL.
 */
static const DupexLayout *
layout_argument(FunctionCallInfo fcinfo, int n)
{
	text	   *argument;

	if (PG_ARGISNULL(n))
		return dupex_layout_get(HOUSE_LAYOUT, strlen(HOUSE_LAYOUT));
	argument = PG_GETARG_TEXT_PP(n);
	return dupex_layout_get(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
}

static void
read_text(const DupexLayout *layout, text *quoted, DupexReading *reading)
{
	dupex_source_read_text(layout, VARDATA_ANY(quoted),
						   VARSIZE_ANY_EXHDR(quoted),
						   GetDatabaseEncoding() == PG_UTF8 ? NULL
						   : dupex_server_character_length, reading);
}

/*
 * The first day of the month of issue of a code that fits the layout. False
 * when the layout has no month or no year, or the year cannot be told without a
 * reference date (near_null, or an infinite one).
 */
static bool
issue_date(const DupexLayout *layout, const char *characters, bool near_null,
		   DateADT near, DateADT *issued)
{
	int			month = dupex_layout_month(layout, characters);
	int			near_year = 0;
	int			near_month = 0;
	int			near_day = 0;
	bool		near_known = !near_null && !DATE_NOT_FINITE(near);
	int			year;

	if (near_known)
		j2date(near + POSTGRES_EPOCH_JDATE, &near_year, &near_month, &near_day);
	year = dupex_layout_year(layout, characters, near_known, near_year,
							 near_month);
	if (month < 1 || year < 1 || !IS_VALID_JULIAN(year, month, 1))
		return false;
	*issued = date2j(year, month, 1) - POSTGRES_EPOCH_JDATE;
	return IS_VALID_DATE(*issued);
}

/*
 * The fields of a code as jsonb: an object of texts, given in the order that
 * jsonb has them in.
 */
static Datum
fields_jsonb(const DupexLayout *layout, const char *characters)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < layout->field_count; i++)
	{
		const DupexField *field = &layout->fields[layout->by_name[i]];
		JsonbValue	name;
		JsonbValue	value;

		name.type = jbvString;
		name.val.string.val = (char *) field->name;
		name.val.string.len = (int) strlen(field->name);
		value.type = jbvString;
		value.val.string.val = (char *) characters + field->start;
		value.val.string.len = field->width;
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(object));
}

/*
 * Sets a column to the text of a field, where the layout has it.
 */
static void
set_field(Datum *values, bool *nulls, int column, const DupexLayout *layout,
		  int field, const char *characters)
{
	if (field < 0)
		return;
	values[column] = PointerGetDatum(cstring_to_text_with_len(characters + layout->fields[field].start,
															  layout->fields[field].width));
	nulls[column] = false;
}

/*
 * source_read(quoted, layout, near): the code and what it says, and what is
 * wrong with it. No text makes it raise an error; a wrong layout does (22023).
 */
PG_FUNCTION_INFO_V1(dupex_source_read);
Datum
dupex_source_read(PG_FUNCTION_ARGS)
{
	const DupexLayout *layout = layout_argument(fcinfo, 1);
	Datum		values[READ_COLUMNS] = {0};
	bool		nulls[READ_COLUMNS];
	DupexReading reading;
	DateADT		issued;

	memset(nulls, true, sizeof(nulls));
	if (PG_ARGISNULL(0))
	{
		reading.readable = false;
		strlcpy(reading.problem, "no code", sizeof(reading.problem));
	}
	else
		read_text(layout, PG_GETARG_TEXT_PP(0), &reading);
	if (reading.problem[0] != '\0')
	{
		values[READ_PROBLEM] = CStringGetTextDatum(reading.problem);
		nulls[READ_PROBLEM] = false;
	}
	if (reading.readable)
	{
		values[READ_CODE] = SourceCodeGetDatum(dupex_code_pack(reading.characters,
															   layout->width));
		nulls[READ_CODE] = false;
		set_field(values, nulls, READ_MEDIUM, layout, layout->medium,
				  reading.characters);
		set_field(values, nulls, READ_TEST_GROUP, layout, layout->group,
				  reading.characters);
		set_field(values, nulls, READ_LIST, layout, layout->list,
				  reading.characters);
		if (issue_date(layout, reading.characters, PG_ARGISNULL(2),
					   PG_ARGISNULL(2) ? 0 : PG_GETARG_DATEADT(2), &issued))
		{
			values[READ_ISSUED_ON] = DateADTGetDatum(issued);
			nulls[READ_ISSUED_ON] = false;
		}
		values[READ_FIELDS] = fields_jsonb(layout, reading.characters);
		nulls[READ_FIELDS] = false;
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, READ_COLUMNS),
													  values, nulls)));
}

/*
 * source_code_read(quoted, layout): the code alone, NULL when it cannot be
 * read. The same rules as source_read, and many times as fast.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_read);
Datum
dupex_source_code_read(PG_FUNCTION_ARGS)
{
	const DupexLayout *layout = layout_argument(fcinfo, 1);
	DupexReading reading;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	read_text(layout, PG_GETARG_TEXT_PP(0), &reading);
	if (!reading.readable)
		PG_RETURN_NULL();
	PG_RETURN_SOURCE_CODE(dupex_code_pack(reading.characters, layout->width));
}

/*
 * The characters of a registered code, which must have the layout. 22007 for a
 * wrong month or year, 22023 for anything else.
 */
static void
require_layout(FunctionCallInfo fcinfo, int layout_at,
			   const DupexLayout *layout, int64_t code, char *characters)
{
	int			length = dupex_code_format(code, characters);
	DupexMisfit misfit;
	const char *layout_text = HOUSE_LAYOUT;
	bool		is_date;

	if (dupex_layout_fits(layout, characters, length, &misfit))
		return;
	if (!PG_ARGISNULL(layout_at))
		layout_text = text_to_cstring(PG_GETARG_TEXT_PP(layout_at));
	is_date = misfit.kind == DUPEX_WRONG_MONTH || misfit.kind == DUPEX_WRONG_YEAR;
	ereport(ERROR,
			(errcode(is_date ? ERRCODE_INVALID_DATETIME_FORMAT
					 : ERRCODE_INVALID_PARAMETER_VALUE),
			 misfit.kind == DUPEX_WRONG_CHARACTER
			 ? errmsg("source code \"%s\" has %s in position %d", characters,
					  misfit.has, misfit.position)
			 : errmsg("source code \"%s\" has %s", characters, misfit.has),
			 misfit.kind == DUPEX_WRONG_LENGTH
			 ? errdetail("Layout %s wants %s.", layout_text, misfit.wants)
			 : errdetail("Layout %s wants %s in position %d.", layout_text,
						 misfit.wants, misfit.position),
			 errhint("Use source_read() for codes as customers quote them.")));
}

/*
 * source_field(code, field, layout): the characters of a field; group and
 * test_group are two names of one. 22023 when the
 * layout has no such field or the code does not have the layout, 22007 when its
 * month or year is wrong.
 */
PG_FUNCTION_INFO_V1(dupex_source_field);
Datum
dupex_source_field(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(1);
	const DupexLayout *layout = layout_argument(fcinfo, 2);
	int			field = dupex_layout_find_meant(layout, VARDATA_ANY(name),
												VARSIZE_ANY_EXHDR(name));
	char		characters[DUPEX_CODE_MAX_LENGTH + 1];

	if (field < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no field \"%s\" in the source code layout",
						dupex_source_quote(VARDATA_ANY(name),
										   VARSIZE_ANY_EXHDR(name))),
				 errdetail("The layout is %s.",
						   text_to_cstring(PG_GETARG_TEXT_PP(2))),
				 layout->field_count == 0 ? errhint("This layout has no fields.")
				 : errhint("Its fields are: %s.", dupex_layout_field_names(layout))));
	require_layout(fcinfo, 2, layout, PG_GETARG_SOURCE_CODE(0), characters);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(characters + layout->fields[field].start,
											  layout->fields[field].width));
}

/*
 * source_issued(code, near, layout): the first day of the month of issue; NULL
 * when the year cannot be told without near. 22023 when the layout has no month
 * or no year or the code does not have the layout, 22007 when its month or year
 * is wrong.
 */
PG_FUNCTION_INFO_V1(dupex_source_issued);
Datum
dupex_source_issued(PG_FUNCTION_ARGS)
{
	const DupexLayout *layout = layout_argument(fcinfo, 2);
	char		characters[DUPEX_CODE_MAX_LENGTH + 1];
	DateADT		issued;

	if (layout->month < 0 || layout->year < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the source code layout has no %s",
						layout->month < 0 ? "month" : "year"),
				 errdetail("The layout is %s.",
						   text_to_cstring(PG_GETARG_TEXT_PP(2))),
				 errhint("Use a layout with the fields month and year, such as %s.",
						 HOUSE_LAYOUT)));
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	require_layout(fcinfo, 2, layout, PG_GETARG_SOURCE_CODE(0), characters);
	if (!issue_date(layout, characters, PG_ARGISNULL(1),
					PG_ARGISNULL(1) ? 0 : PG_GETARG_DATEADT(1), &issued))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(issued);
}
