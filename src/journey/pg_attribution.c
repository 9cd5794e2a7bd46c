/*
 * pg_attribution.c
 *		The arguments of attribution, checked.
 *
 * The functions attribution(), attribution_paths() and attribution_table() ask the same
 * questions; an argument is read here once, for all of them. Each may be NULL, which stands for
 * its widest meaning.
 */
#include "journey/pg_attribution.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * A question that asks for everything; its memory is the current context.
 */
DupexAttributionQuestion *
dupex_attribution_question(void)
{
	DupexAttributionQuestion *question = palloc0(sizeof(DupexAttributionQuestion));

	question->window.lookback = PG_INT64_MAX;
	question->window.most_touches = PG_UINT32_MAX;
	question->all_milestones = true;
	question->half_life = 7.0 * USECS_PER_DAY;
	question->as_of = DT_NOEND;
	question->memory = CurrentMemoryContext;
	return question;
}

/*
 * An array of texts, argument n. Raises 22004 for a NULL in it.
 */
static DupexNameList
names_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	DupexNameList list = {0, NULL};
	Datum	   *elements;
	bool	   *nulls;

	if (PG_ARGISNULL(n))
		return list;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(n), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &list.count);
	list.names = palloc(Max(list.count, 1) * sizeof(text *));
	for (int i = 0; i < list.count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s %d is null", what, i + 1),
					 errhint("Leave it out of the array.")));
		list.names[i] = DatumGetTextPP(elements[i]);
	}
	return list;
}

/*
 * The names that there are, for a hint.
 */
static char *
names_in_one(const char *const *names, int count)
{
	StringInfoData string;

	initStringInfo(&string);
	for (int i = 0; i < count; i++)
		appendStringInfo(&string, "%s%s", i == 0 ? "" : i == count - 1 ? " and " : ", ", names[i]);
	return string.data;
}

/*
 * The number of a word that must be one of some. Raises 22023 for another.
 */
static int
find_or_complain(const text *word, const char *what, const char *const *names, int count)
{
	int			found = dupex_name_find(names, count, VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));

	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no %s \"%.60s\"", what, text_to_cstring(word)),
				 errhint("There are %s.", names_in_one(names, count))));
	return found;
}

/*
 * models text[], argument n: NULL stands for all. One that is there twice counts once.
 */
void
dupex_models_argument(FunctionCallInfo fcinfo, int n, DupexAttributionQuestion *question)
{
	DupexNameList list = names_argument(fcinfo, n, "model");
	bool		taken[DUPEX_MODELS] = {false};

	if (PG_ARGISNULL(n))
		for (int i = 0; i < DUPEX_MODELS; i++)
			question->models[question->model_count++] = (DupexAttributionModel) i;
	for (int i = 0; i < list.count; i++)
	{
		int			model = find_or_complain(list.names[i], "model of attribution", dupex_model_names, DUPEX_MODELS);

		if (!taken[model])
			question->models[question->model_count++] = (DupexAttributionModel) model;
		taken[model] = true;
	}
}

/*
 * Microseconds of an interval, argument n. Raises 22023 for one with months or years and for a
 * negative one.
 */
static int64
interval_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	const Interval *interval = PG_GETARG_INTERVAL_P(n);

	/* so that the sum of both cannot overflow */
	bool		is_large = interval->day > 100000000 || interval->day < -100000000 ||
	interval->time > PG_INT64_MAX / 2 || interval->time < PG_INT64_MIN / 2;
	int64		micros = is_large ? -1 : interval->day * USECS_PER_DAY + interval->time;

	if (interval->month != 0 && !INTERVAL_NOT_FINITE(interval))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of %s", what, DatumGetCString(DirectFunctionCall1(interval_out, PG_GETARG_DATUM(n)))),
				 errdetail("Months and years are not always of the same length."),
				 errhint("Say it in days, such as interval '30 days'.")));
	if (micros < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of %s", what, DatumGetCString(DirectFunctionCall1(interval_out, PG_GETARG_DATUM(n)))),
				 errdetail("It is not negative, and of up to 100000000 days."),
				 errhint("NULL stands for no limit.")));
	return micros;
}

/*
 * lookback interval, max_touches int, since_conversion boolean: which touches a conversion may
 * use. -1 for an argument that the function does not have.
 */
void
dupex_window_arguments(FunctionCallInfo fcinfo, int lookback, int max_touches, int since_conversion,
					   DupexAttributionQuestion *question)
{
	if (!PG_ARGISNULL(lookback))
		question->window.lookback = interval_argument(fcinfo, lookback, "lookback");
	if (!PG_ARGISNULL(max_touches))
	{
		int32		most = PG_GETARG_INT32(max_touches);

		if (most < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("max_touches of %d", most),
					 errdetail("A conversion uses its last touch at least."),
					 errhint("NULL stands for no limit.")));
		question->window.most_touches = (uint32) most;
	}
	question->window.since_conversion = !PG_ARGISNULL(since_conversion) && PG_GETARG_BOOL(since_conversion);
}

/*
 * ignored text[], transforms text[]: what is done to a path before a model looks at it.
 */
void
dupex_path_arguments(FunctionCallInfo fcinfo, int ignored, int transforms, DupexAttributionQuestion *question)
{
	DupexNameList list = names_argument(fcinfo, transforms, "transform");

	question->ignored = names_argument(fcinfo, ignored, "ignored channel");
	question->transforms = palloc(Max(list.count, 1) * sizeof(DupexPathTransform));
	for (int i = 0; i < list.count; i++)
		question->transforms[i] = (DupexPathTransform) find_or_complain(list.names[i], "transform of paths", dupex_transform_names, DUPEX_TRANSFORMS);
	question->transform_count = list.count;
}

/*
 * half_life interval, milestones text[], decimals int: how weights and values are made.
 */
void
dupex_weight_arguments(FunctionCallInfo fcinfo, int half_life, int milestones, int decimals,
					   DupexAttributionQuestion *question)
{
	if (!PG_ARGISNULL(half_life))
	{
		int64		micros = interval_argument(fcinfo, half_life, "half-life");

		if (micros == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("half-life of 0"),
					 errdetail("In a half-life the weight of a touch becomes half of what it was."),
					 errhint("For the last touch alone take the model last.")));
		question->half_life = (double) micros;
	}
	question->all_milestones = PG_ARGISNULL(milestones);
	question->milestones = names_argument(fcinfo, milestones, "milestone");
	question->decimals = PG_ARGISNULL(decimals) ? 0 : PG_GETARG_INT32(decimals);
	if (question->decimals < 0 || question->decimals > DUPEX_VALUE_DECIMALS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("decimals of %d", question->decimals),
				 errdetail("Values are divided into units of 0 to %d decimals.", DUPEX_VALUE_DECIMALS)));
}

/*
 * as_of timestamptz, argument n: steps after it do not count.
 */
void
dupex_as_of_argument(FunctionCallInfo fcinfo, int n, DupexAttributionQuestion *question)
{
	if (!PG_ARGISNULL(n))
		question->as_of = PG_GETARG_TIMESTAMPTZ(n);
}

/*
 * Whether a name is one of a list.
 */
bool
dupex_name_is_in(const DupexNameList *list, const char *name, size_t length)
{
	for (int i = 0; i < list->count; i++)
		if (VARSIZE_ANY_EXHDR(list->names[i]) == length && memcmp(VARDATA_ANY(list->names[i]), name, length) == 0)
			return true;
	return false;
}
