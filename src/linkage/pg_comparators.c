/*
 * pg_comparators.c
 *		How the columns of the query are compared and blocked: what the user says, and
 *		what their names say where he says nothing.
 */
#include "linkage/pg_linkage.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "hygiene/pg_utf8.h"

#define KINDS_HINT "Use email, phone, name, firm, address, birthday, id, exact, jaro_winkler, edit_distance, token or block; the first of an array, thresholds after it, such as [\"jaro_winkler\", 0.95, 0.85]."

/*
 * A text of jsonb in UTF-8, with a 0 behind it.
 */
static char *
text_of_value(const JsonbValue *value)
{
	char	   *server = pnstrdup(value->val.string.val, value->val.string.len);
	DupexUtf8	utf8 = dupex_utf8_of_server(server, strlen(server));

	return pnstrdup(utf8.text, utf8.length);
}

static char *
server_text(const char *utf8)
{
	return text_to_cstring(DatumGetTextPP(dupex_utf8_text(utf8, strlen(utf8))));
}

/*
 * All columns, for hints.
 */
static char *
list_of_columns(const DupexRecords *records)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int c = 0; c < records->columns; c++)
		appendStringInfo(&list, "%s%s", c > 0 ? ", " : "", server_text(records->name[c]));
	return list.data;
}

static DupexLinkageKind
kind_argument(const JsonbValue *value, const char *column)
{
	DupexLinkageKind kind = DUPEX_LINKAGE_EXACT;

	if (value->type != jbvString || !dupex_linkage_kind_named(text_of_value(value), &kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 value->type == jbvString ? errmsg("there is no comparator \"%s\"", server_text(text_of_value(value)))
				 : errmsg("the comparator of column \"%s\" is no text", server_text(column)),
				 errhint(KINDS_HINT)));
	return kind;
}

static void
check_thresholds(DupexLinkageKind kind, const double *thresholds, int count, const char *column)
{
	bool		edits = kind == DUPEX_LINKAGE_EDIT_DISTANCE;

	if (count > 0 && !dupex_linkage_kind_has_thresholds(kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the comparator %s of column \"%s\" has no thresholds", dupex_linkage_kind_name(kind), server_text(column)),
				 errhint("Leave them out, or use name, firm, jaro_winkler, edit_distance or token.")));
	for (int i = 0; i < count; i++)
	{
		double		before = i == 0 ? (edits ? 0 : 1) : thresholds[i - 1];
		bool		right = edits ? thresholds[i] > before && thresholds[i] <= DUPEX_COMPARE_MAX
		: thresholds[i] < before && thresholds[i] > 0;

		if (!right)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("threshold %d of column \"%s\" is %g", i + 1, server_text(column), thresholds[i]),
					 errdetail("Thresholds go from the best level to the worst: similarities below 1 ever smaller, edits ever more.")));
	}
}

/*
 * "kind" or ["kind", threshold, ...].
 */
static void
set_column(DupexRecords *records, int c, JsonbValue *value)
{
	double		thresholds[DUPEX_LINKAGE_LEVELS];
	int			count = 0;
	DupexLinkageKind kind;

	if (value->type != jbvBinary)
		kind = kind_argument(value, records->name[c]);
	else
	{
		JsonbContainer *array = value->val.binary.data;
		int			elements = JsonContainerIsArray(array) ? (int) JsonContainerSize(array) : 0;

		if (elements == 0 || elements > DUPEX_LINKAGE_LEVELS - 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("cannot read the comparator of column \"%s\"", server_text(records->name[c])),
					 errdetail("It is a text, or an array of a text and up to %d thresholds.", DUPEX_LINKAGE_LEVELS - 2),
					 errhint(KINDS_HINT)));
		kind = kind_argument(getIthJsonbValueFromContainer(array, 0), records->name[c]);
		for (int i = 1; i < elements; i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(array, i);

			thresholds[count++] = element->type == jbvNumeric
				? DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(element->val.numeric))) : -1;
		}
		check_thresholds(kind, thresholds, count, records->name[c]);
	}
	dupex_linkage_column_set(&records->column[c], kind, thresholds, count);
}

/*
 * Sets how each column is compared. 22023 for comparators that cannot be read.
 */
void
dupex_linkage_set_columns(DupexRecords *records)
{
	Jsonb	   *comparators = records->arguments->comparators;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	int			column = -1;

	for (int c = 0; c < records->columns; c++)
	{
		DupexLinkageKind kind = dupex_linkage_kind_guessed(records->name[c], records->is_text[c]);

		if (kind == DUPEX_LINKAGE_EXACT && records->is_time[c])
			kind = DUPEX_LINKAGE_BIRTHDAY;
		dupex_linkage_column_set(&records->column[c], kind, NULL, 0);
	}
	if (comparators == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(comparators))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("comparators must be an object of jsonb"),
				 errhint("Write the comparator of each column, such as {\"tel\": \"phone\", \"town\": \"exact\"}.")));
	iterator = JsonbIteratorInit(&comparators->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			char	   *name = text_of_value(&value);

			for (column = records->columns - 1; column >= 0; column--)
				if (strcmp(records->name[column], name) == 0)
					break;
			if (column < 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("comparators name a column \"%s\" that the query does not return", server_text(name)),
						 errhint("Its columns behind the first are: %s.", list_of_columns(records))));
		}
		else if (token == WJB_VALUE)
			set_column(records, column, &value);
	}
}

/*
 * Sets the passes of blocking. 22023 for one that cannot be read.
 */
void
dupex_linkage_set_passes(DupexLinkage *linkage)
{
	const DupexRecords *records = &linkage->records;
	ArrayType  *blocking = linkage->arguments.blocking;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (blocking == NULL)
	{
		linkage->pass_count = dupex_linkage_default_passes(records->column, records->columns, linkage->pass);
		return;
	}
	deconstruct_array(blocking, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count == 0 || count > DUPEX_LINKAGE_PASSES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("blocking has %d passes", count),
				 errdetail("It must have 1 to %d.", DUPEX_LINKAGE_PASSES)));
	for (int i = 0; i < count; i++)
	{
		text	   *given = nulls[i] ? cstring_to_text("") : DatumGetTextPP(elements[i]);
		DupexUtf8	utf8 = dupex_utf8_of_server(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
		const char *fault = dupex_linkage_pass_parse(pnstrdup(utf8.text, utf8.length), (const char *const *) records->name,
													 records->columns, &linkage->pass[i]);

		if (fault != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("cannot read the pass \"%s\" of blocking", text_to_cstring(given)),
					 errdetail("In it, %s.", fault),
					 errhint("A pass is such as \"email\" or \"initials(name)+last4(phone)\"; the columns are: %s.", list_of_columns(records))));
	}
	linkage->pass_count = count;
}
