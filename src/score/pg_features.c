/*
 * pg_features.c
 *		Features of a case as SQL has them: a JSON object or a list of words.
 *
 * {"source": "web", "visits": 3, "tags": ["a", "b"]}: a value is a string, a number, true or
 * false; null is no value; an array is several values of one feature, each once. ["source=web",
 * "vip"] is the form of a text array: what stands before the first = is the feature, and a word
 * without = is a value of the feature tag.
 */
#include "score/pg_features.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "score/pg_tally.h"

static void
refuse(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("features cannot be read: %s", what),
			 errdetail("Features are a JSON object of strings, numbers, booleans, null and arrays of these, or an array of strings."),
			 errhint("Write {\"source\": \"web\", \"visits\": 3, \"tags\": [\"a\", \"b\"]}; a text array goes in as to_jsonb(ARRAY['source=web', 'vip']).")));
}

/*
 * Hands over a value; null is none.
 */
static void
take_value(const char *feature, size_t feature_length, const JsonbValue *value, DupexFeatureTaker take, void *context)
{
	char	   *digits;

	switch (value->type)
	{
		case jbvString:
			take(context, feature, feature_length, value->val.string.val, (size_t) value->val.string.len, NULL);
			break;
		case jbvNumeric:
			digits = numeric_normalize(value->val.numeric);
			take(context, feature, feature_length, digits, strlen(digits), value->val.numeric);
			pfree(digits);
			break;
		case jbvBool:
			take(context, feature, feature_length, value->val.boolean ? "true" : "false", value->val.boolean ? 4 : 5, NULL);
			break;
		case jbvNull:
			break;
		default:
			refuse("a value is an object or an array within an array");
	}
}

/* who gets the values of an array, and those that are there already */
typedef struct Once
{
	DupexFeatureTaker take;
	void	   *context;
	DupexTally *seen;
} Once;

/*
 * Hands over a value, unless it has been before: a case has it or has it not.
 */
static void
take_once(void *context, const char *feature, size_t feature_length, const char *value, size_t value_length, Numeric number)
{
	Once	   *once = context;
	uint32		before;
	StringInfoData key;

	initStringInfo(&key);
	appendBinaryStringInfo(&key, feature, (int) feature_length);
	appendStringInfoChar(&key, '\0');
	appendStringInfoChar(&key, number != NULL ? 'n' : 's');
	appendBinaryStringInfo(&key, value, (int) value_length);
	if (once->seen == NULL)
		once->seen = dupex_tally_make(DUPEX_TALLY_LOGISTIC_CASES, 1, 0, (size_t) key.len);
	before = once->seen->count;
	dupex_tally_reach(&once->seen, key.data, (size_t) key.len);
	pfree(key.data);
	if (once->seen->count > before)
		once->take(once->context, feature, feature_length, value, value_length, number);
}

static void
take_word(const JsonbValue *value, DupexFeatureTaker take, void *context)
{
	const char *word;
	size_t		length;
	const char *equals;

	if (value->type == jbvNull)
		return;
	if (value->type != jbvString)
		refuse("an element of the array is no string");
	word = value->val.string.val;
	length = (size_t) value->val.string.len;
	equals = length == 0 ? NULL : memchr(word, '=', length);
	if (equals == NULL)
		take(context, "tag", 3, word, length, NULL);
	else
		take(context, word, (size_t) (equals - word), equals + 1, length - (size_t) (equals + 1 - word), NULL);
}

/*
 * Calls take once for each value of each feature, in an order that depends on the features alone.
 * Raises 22023 for what are no features.
 */
void
dupex_features_each(Jsonb *features, DupexFeatureTaker take, void *context)
{
	JsonbIterator *iterator = JsonbIteratorInit(&features->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	const char *feature = NULL;
	size_t		feature_length = 0;
	int			depth = 0;
	bool		words = JB_ROOT_IS_ARRAY(features);
	Once		once = {take, context, NULL};

	if (JB_ROOT_IS_SCALAR(features))
		refuse("they are a single value");
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		switch (token)
		{
			case WJB_KEY:
				feature = value.val.string.val;
				feature_length = (size_t) value.val.string.len;
				break;
			case WJB_VALUE:
				take_value(feature, feature_length, &value, take, context);
				break;
			case WJB_ELEM:
				if (words)
					take_word(&value, take_once, &once);
				else
					take_value(feature, feature_length, &value, take_once, &once);
				break;
			case WJB_BEGIN_OBJECT:
				if (depth++ > 0)
					refuse("a value is an object");
				break;
			case WJB_BEGIN_ARRAY:
				if (depth++ > (words ? 0 : 1))
					refuse("an array is within an array");
				break;
			default:
				depth--;
		}
	}
}
