/*
 * pg_model.c
 *		A model as jsonb, out and in, and in words.
 */
#include "linkage/pg_linkage.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/numeric.h"


#include "hygiene/pg_utf8.h"

/* probabilities whose cost the model tells */
static const double thresholds[] = {0.5, 0.8, 0.9, 0.95, 0.99, 0.999};

static const char *const statuses[] = {
	[DUPEX_LINKAGE_FITTED] = "fitted",
	[DUPEX_LINKAGE_NOTHING_CERTAIN] = "nothing certain",
	[DUPEX_LINKAGE_COLLAPSED] = "collapsed",
	[DUPEX_LINKAGE_NOT_CONVERGED] = "not converged"
};

/* texts of the pure side are in UTF-8 */
static void
put_text(StringInfo out, const char *utf8)
{
	escape_json(out, text_to_cstring(DatumGetTextPP(dupex_utf8_text(utf8, strlen(utf8)))));
}

static void
put_number(StringInfo out, const char *name, double number)
{
	char	   *digits = float8out_internal(number);

	appendStringInfo(out, ", \"%s\": %s", name, digits);
	pfree(digits);
}

static void
put_columns(StringInfo out, const DupexLinkage *linkage)
{
	const DupexLinkageModel *model = &linkage->model;

	appendStringInfoString(out, ", \"columns\": [");
	for (int c = 0; c < model->columns; c++)
	{
		appendStringInfo(out, "%s{\"column\": ", c > 0 ? ", " : "");
		put_text(out, linkage->records.name[c]);
		appendStringInfo(out, ", \"comparator\": \"%s\", \"levels\": [", dupex_linkage_kind_name(model->column[c].kind));
		for (int l = 0; l < model->column[c].levels; l++)
		{
			appendStringInfo(out, "%s{\"level\": \"%s\"", l > 0 ? ", " : "", dupex_linkage_level_name(&model->column[c], l));
			put_number(out, "m", model->m[c][l]);
			put_number(out, "u", model->u[c][l]);
			put_number(out, "near_u", model->near_u[c][l]);
			put_number(out, "weight", model->weight[c][l]);
			put_number(out, "near_weight", model->near_weight[c][l]);
			appendStringInfoChar(out, '}');
		}
		appendStringInfoString(out, "]}");
	}
	appendStringInfoChar(out, ']');
}

static void
put_blocking(StringInfo out, const DupexLinkage *linkage)
{
	char		pass[DUPEX_LINKAGE_PASS_TEXT];

	appendStringInfoString(out, ", \"blocking\": [");
	for (int p = 0; p < linkage->pass_count; p++)
	{
		const DupexPassCounts *counts = &linkage->pairs.counts[p];

		appendStringInfo(out, "%s{\"pass\": ", p > 0 ? ", " : "");
		dupex_linkage_pass_text(&linkage->pass[p], (const char *const *) linkage->records.name, pass, sizeof(pass));
		put_text(out, pass);
		appendStringInfo(out, ", \"records\": " UINT64_FORMAT ", \"blocks\": " UINT64_FORMAT ", \"pairs\": " UINT64_FORMAT
						 ", \"largest_block\": " UINT64_FORMAT ", \"large_blocks\": " UINT64_FORMAT ", \"pairs_left_out\": " UINT64_FORMAT "}",
						 counts->records, counts->blocks, counts->pairs, counts->largest, counts->large_blocks, counts->left_out);
	}
	appendStringInfoChar(out, ']');
}

static void
put_thresholds(StringInfo out, const DupexLinkage *linkage)
{
	appendStringInfoString(out, ", \"thresholds\": [");
	for (int i = 0; i < (int) lengthof(thresholds); i++)
	{
		DupexLinkageErrors errors;
		double		weight = log2(thresholds[i] / (1 - thresholds[i]));

		dupex_linkage_errors(&linkage->model, linkage->patterns, linkage->pattern_count, weight, &errors);
		appendStringInfo(out, "%s{\"probability\": %g", i > 0 ? ", " : "", thresholds[i]);
		put_number(out, "weight", weight);
		put_number(out, "pairs", errors.pairs);
		put_number(out, "false_matches", errors.false_matches);
		put_number(out, "missed", errors.missed);
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, ']');
}

/*
 * What became of the model, as a sentence.
 */
void
dupex_linkage_tell(const DupexLinkage *linkage, StringInfo out)
{
	const DupexLinkageModel *model = &linkage->model;
	double		expected = model->prior * model->all_pairs;

	switch (model->status)
	{
		case DUPEX_LINKAGE_FITTED:
			appendStringInfo(out, "%.0f pairs are beyond doubt and %.0f were expected at a recall of %g; the weights were learnt from %.0f.",
							 model->certain, expected, model->recall, model->found);
			break;
		case DUPEX_LINKAGE_NOTHING_CERTAIN:
			appendStringInfoString(out, "Hardly any pair is beyond doubt, so nothing could be learnt: the weights are assumed ones.");
			break;
		case DUPEX_LINKAGE_NOT_CONVERGED:
			appendStringInfo(out, "The weights still changed after %d rounds.", model->iterations);
			break;
		case DUPEX_LINKAGE_COLLAPSED:
			if (model->worst_column >= 0)
				appendStringInfo(out, "Learning has collapsed: the same value in column \"%s\" would speak against one person. The weights are assumed ones.",
								 text_to_cstring(DatumGetTextPP(dupex_utf8_text(linkage->records.name[model->worst_column],
																				strlen(linkage->records.name[model->worst_column])))));
			else
				appendStringInfo(out, "Learning has collapsed: %.0f pairs of one person were expected and %.0f found%s, which must be something else. The weights are assumed ones.",
								 expected, model->found, model->shift < 1 ? ", far more if they were not held back" : "");
			break;
	}
}

/*
 * The model with all that is known about how it came about.
 */
Jsonb *
dupex_linkage_model_to_jsonb(const DupexLinkage *linkage)
{
	const DupexLinkageModel *model = &linkage->model;
	StringInfoData out;
	StringInfoData message;

	initStringInfo(&out);
	initStringInfo(&message);
	dupex_linkage_tell(linkage, &message);
	appendStringInfo(&out, "{\"status\": \"%s\", \"message\": ", statuses[model->status]);
	escape_json(&out, message.data);
	appendStringInfo(&out, ", \"records\": %u, \"iterations\": %d", linkage->records.count, model->iterations);
	put_number(&out, "all_pairs", model->all_pairs);
	put_number(&out, "certain_pairs", model->certain);
	put_number(&out, "recall", model->recall);
	put_number(&out, "recall_found", model->recall_found);
	put_number(&out, "expected_pairs", model->prior * model->all_pairs);
	put_number(&out, "found_pairs", model->found);
	put_number(&out, "prior", model->prior);
	put_number(&out, "prior_weight", model->prior_weight);
	put_columns(&out, linkage);
	put_blocking(&out, linkage);
	put_thresholds(&out, linkage);
	appendStringInfoChar(&out, '}');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data)));
}

/*
 * Tells the user what is not as it should be: a model that was not learnt, blocks that
 * were too large.
 */
void
dupex_linkage_warn(const DupexLinkage *linkage)
{
	if (linkage->model.status != DUPEX_LINKAGE_FITTED && linkage->model.all_pairs > 0)
	{
		StringInfoData message;

		initStringInfo(&message);
		dupex_linkage_tell(linkage, &message);
		ereport(WARNING,
				(errmsg("%s: %s", linkage->arguments.function, message.data),
				 errhint("Look at linkage_model() for the same query; give recall, more columns, or the model of a larger list.")));
	}
	for (int p = 0; p < linkage->pass_count; p++)
	{
		const DupexPassCounts *counts = &linkage->pairs.counts[p];
		char		pass[DUPEX_LINKAGE_PASS_TEXT];

		if (counts->left_out == 0)
			continue;
		dupex_linkage_pass_text(&linkage->pass[p], (const char *const *) linkage->records.name, pass, sizeof(pass));
		ereport(NOTICE,
				(errmsg("%s: in pass \"%s\" " UINT64_FORMAT " blocks have more than %d records, the largest " UINT64_FORMAT,
						linkage->arguments.function, text_to_cstring(DatumGetTextPP(dupex_utf8_text(pass, strlen(pass)))),
						counts->large_blocks, linkage->arguments.max_block, counts->largest),
				 errdetail("Each of these records was compared with the %d that look most like it; " UINT64_FORMAT " pairs were left out.",
						   linkage->arguments.max_block / 2, counts->left_out)));
	}
}

static void
refuse_model(const DupexLinkage *linkage, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the model of %s is none for this query", linkage->arguments.function),
			 errdetail("%s", detail),
			 errhint("Make it with linkage_model() for a query with the same columns and comparators.")));
}

/*
 * A member of an object; of another type than it should be is as bad as none.
 */
static JsonbValue *
member(const DupexLinkage *linkage, JsonbContainer *object, const char *name, enum jbvType type, JsonbValue *value)
{
	JsonbValue *found = JsonContainerIsObject(object) ? getKeyJsonValueFromContainer(object, name, (int) strlen(name), value) : NULL;

	if (found == NULL || found->type != type)
		refuse_model(linkage, psprintf("It has no \"%s\", or one of another type.", name));
	return found;
}

static double
number_member(const DupexLinkage *linkage, JsonbContainer *object, const char *name)
{
	JsonbValue	value;
	JsonbValue *found = member(linkage, object, name, jbvNumeric, &value);

	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(found->val.numeric)));
}

static JsonbContainer *
element_of(const DupexLinkage *linkage, JsonbContainer *array, int i)
{
	JsonbValue *element = getIthJsonbValueFromContainer(array, (uint32) i);

	if (element == NULL || element->type != jbvBinary)
		refuse_model(linkage, "An element of an array is no object.");
	return element->val.binary.data;
}

static JsonbContainer *
array_member(const DupexLinkage *linkage, JsonbContainer *object, const char *name, int count)
{
	JsonbValue	value;
	JsonbContainer *array = member(linkage, object, name, jbvBinary, &value)->val.binary.data;

	if (!JsonContainerIsArray(array) || (int) JsonContainerSize(array) != count)
		refuse_model(linkage, psprintf("Its \"%s\" should have %d elements.", name, count));
	return array;
}

static void
read_column(DupexLinkage *linkage, JsonbContainer *object, int c)
{
	DupexLinkageModel *model = &linkage->model;
	JsonbValue	value;
	char	   *name = text_to_cstring(DatumGetTextPP(dupex_utf8_text(linkage->records.name[c], strlen(linkage->records.name[c]))));
	const char *kind = dupex_linkage_kind_name(model->column[c].kind);
	JsonbValue *found = member(linkage, object, "column", jbvString, &value);
	JsonbContainer *levels;

	if ((Size) found->val.string.len != strlen(name) || memcmp(found->val.string.val, name, strlen(name)) != 0)
		refuse_model(linkage, psprintf("Column %d is \"%s\" here and \"%s\" in the model.", c + 1, name,
									   pnstrdup(found->val.string.val, found->val.string.len)));
	found = member(linkage, object, "comparator", jbvString, &value);
	if ((Size) found->val.string.len != strlen(kind) || memcmp(found->val.string.val, kind, strlen(kind)) != 0)
		refuse_model(linkage, psprintf("Column \"%s\" is compared as %s here and as %s in the model.", name, kind,
									   pnstrdup(found->val.string.val, found->val.string.len)));
	levels = array_member(linkage, object, "levels", model->column[c].levels);
	for (int l = 0; l < model->column[c].levels; l++)
	{
		JsonbContainer *level = element_of(linkage, levels, l);

		model->m[c][l] = number_member(linkage, level, "m");
		model->u[c][l] = number_member(linkage, level, "u");
		model->near_u[c][l] = number_member(linkage, level, "near_u");
		if (!(model->m[c][l] >= 0 && model->m[c][l] <= 1 && model->u[c][l] > 0 && model->u[c][l] <= 1 &&
			  model->near_u[c][l] > 0 && model->near_u[c][l] <= 1))
			refuse_model(linkage, "Its m and u must be shares.");
	}
}

/*
 * Takes a model over, for a list of another size too: a record has as many doubles as
 * before, so the part of pairs that are one person goes down as the list grows.
 */
void
dupex_linkage_model_from_jsonb(DupexLinkage *linkage, Jsonb *model)
{
	JsonbContainer *root = &model->root;
	JsonbContainer *columns = array_member(linkage, root, "columns", linkage->model.columns);
	double		records = number_member(linkage, root, "records");
	double		prior = number_member(linkage, root, "prior");

	for (int c = 0; c < linkage->model.columns; c++)
		read_column(linkage, element_of(linkage, columns, c), c);
	prior *= records / Max(linkage->records.count, 1);
	if (!(prior > 0))
		refuse_model(linkage, "Its prior must be above 0.");
	linkage->model.prior = Min(prior, 0.5);
	linkage->model.status = DUPEX_LINKAGE_FITTED;
	dupex_linkage_weigh(&linkage->model);
}
