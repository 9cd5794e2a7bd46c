/*
 * pg_compare.c
 *		Comparing names and addresses in SQL: comparison_form, jaro_winkler,
 *		edit_distance, token_similarity, name_similarity, address_key.
 *
 * Both texts are brought into normal form KD by PostgreSQL's own tables, folded,
 * and compared as characters: nothing depends on the locale of the database.
 */
#include "dupex.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "hygiene/letters.h"
#include "hygiene/names.h"
#include "hygiene/pg_readers.h"
#include "hygiene/pg_utf8.h"

/* octets of a text that are looked at: enough for DUPEX_COMPARE_MAX characters */
#define MAX_OCTETS 4000

/*
 * Folds a text that is not ASCII.
 */
static void
fold_normalized(const char *octets, size_t length, DupexLetters *letters)
{
	pg_wchar   *composed = palloc((length + 1) * sizeof(pg_wchar));
	DupexUtf8	decomposed;
	size_t		count = 0;

	for (size_t at = 0; at < length;)
	{
		uint32_t	letter;
		size_t		size = dupex_utf8_get(octets + at, length - at, &letter);

		if (size == 0)
		{
			at++;
			continue;
		}
		if (letter != 0)
			composed[count++] = letter;
		at += size;
	}
	composed[count] = 0;
	decomposed = dupex_utf8_normal_form(UNICODE_NFKD, composed);
	dupex_letters_fold(decomposed.text, decomposed.length, letters);
}

/*
 * A text of the database, folded. What is behind the first DUPEX_COMPARE_MAX characters
 * is not compared.
 */
void
dupex_letters_of_text(text *argument, DupexLetters *letters)
{
	char	   *octets = VARDATA_ANY(argument);
	int			length = (int) VARSIZE_ANY_EXHDR(argument);
	DupexUtf8	utf8;

	if (length > MAX_OCTETS)
		length = pg_mbcliplen(octets, length, MAX_OCTETS);
	utf8 = dupex_utf8_of_server(octets, (size_t) length);
	if (dupex_utf8_is_ascii(utf8.text, utf8.length))
		dupex_letters_fold(utf8.text, utf8.length, letters);
	else
		fold_normalized(utf8.text, utf8.length, letters);
}

/*
 * comparison_form(text): what the comparisons see of a text.
 */
PG_FUNCTION_INFO_V1(dupex_comparison_form);
Datum
dupex_comparison_form(PG_FUNCTION_ARGS)
{
	DupexLetters letters;
	char		out[DUPEX_COMPARE_MAX * DUPEX_UTF8_MAX];
	size_t		length = 0;

	dupex_letters_of_text(PG_GETARG_TEXT_PP(0), &letters);
	for (size_t i = 0; i < letters.count; i++)
		length += dupex_utf8_put(letters.letter[i], out + length);
	PG_RETURN_DATUM(dupex_utf8_text(out, length));
}

/*
 * jaro_winkler(a, b): 0 to 1.
 */
PG_FUNCTION_INFO_V1(dupex_jaro_winkler_sql);
Datum
dupex_jaro_winkler_sql(PG_FUNCTION_ARGS)
{
	DupexLetters a;
	DupexLetters b;

	dupex_letters_of_text(PG_GETARG_TEXT_PP(0), &a);
	dupex_letters_of_text(PG_GETARG_TEXT_PP(1), &b);
	PG_RETURN_FLOAT8(dupex_jaro_winkler(&a, &b));
}

/*
 * edit_distance(a, b, most): edits between two texts, NULL when they are more than
 * most. NULL as most is no limit; 22023 for a negative one.
 */
PG_FUNCTION_INFO_V1(dupex_edit_distance_sql);
Datum
dupex_edit_distance_sql(PG_FUNCTION_ARGS)
{
	DupexLetters a;
	DupexLetters b;
	int			most = PG_ARGISNULL(2) ? 2 * DUPEX_COMPARE_MAX : PG_GETARG_INT32(2);
	int			distance;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (most < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("most must not be negative: \"%d\"", most),
				 errdetail("It is the number of edits beyond which two texts are not compared further."),
				 errhint("Use NULL for no limit.")));
	most = Min(most, 2 * DUPEX_COMPARE_MAX);
	dupex_letters_of_text(PG_GETARG_TEXT_PP(0), &a);
	dupex_letters_of_text(PG_GETARG_TEXT_PP(1), &b);
	distance = dupex_edit_distance(&a, &b, most);
	if (distance > most)
		PG_RETURN_NULL();
	PG_RETURN_INT32(distance);
}

/*
 * token_similarity(a, b): 0 to 1.
 */
PG_FUNCTION_INFO_V1(dupex_token_similarity);
Datum
dupex_token_similarity(PG_FUNCTION_ARGS)
{
	DupexLetters a;
	DupexLetters b;

	dupex_letters_of_text(PG_GETARG_TEXT_PP(0), &a);
	dupex_letters_of_text(PG_GETARG_TEXT_PP(1), &b);
	PG_RETURN_FLOAT8(dupex_token_set(&a, &b));
}

/*
 * The sound of a character in a table {"character": "sound"}; NULL when it is not
 * there.
 */
static JsonbValue *
sound_of(Jsonb *table, uint32_t letter, JsonbValue *value)
{
	char		utf8[DUPEX_UTF8_MAX + 1];
	char	   *key;

	utf8[dupex_utf8_put(letter, utf8)] = '\0';
	key = pg_any_to_server(utf8, (int) strlen(utf8), PG_UTF8);
	return getKeyJsonValueFromContainer(&table->root, key, (int) strlen(key), value);
}

static bool
sounds_alike(void *table, uint32_t a, uint32_t b)
{
	JsonbValue	x;
	JsonbValue	y;

	if (sound_of(table, a, &x) == NULL || sound_of(table, b, &y) == NULL ||
		x.type != jbvString || y.type != jbvString)
		return false;
	return x.val.string.len == y.val.string.len &&
		memcmp(x.val.string.val, y.val.string.val, (size_t) x.val.string.len) == 0;
}

/*
 * name_similarity(a, b, sounds): 0 to 1. NULL as sounds is no table; 22023 when it
 * is no object.
 */
PG_FUNCTION_INFO_V1(dupex_name_similarity_sql);
Datum
dupex_name_similarity_sql(PG_FUNCTION_ARGS)
{
	DupexLetters a;
	DupexLetters b;
	Jsonb	   *table = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (table != NULL && !JB_ROOT_IS_OBJECT(table))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sounds must be an object of jsonb"),
				 errhint("Write the sound of each character, such as {\"A\": \"a\"}.")));
	dupex_letters_of_text(PG_GETARG_TEXT_PP(0), &a);
	dupex_letters_of_text(PG_GETARG_TEXT_PP(1), &b);
	PG_RETURN_FLOAT8(dupex_name_similarity(&a, &b, table == NULL ? NULL : sounds_alike, table));
}

/*
 * address_key(address): the same for the ways of writing one address; NULL when
 * there is nothing in it.
 */
PG_FUNCTION_INFO_V1(dupex_address_key_sql);
Datum
dupex_address_key_sql(PG_FUNCTION_ARGS)
{
	DupexLetters address;
	char		key[DUPEX_ADDRESS_KEY_MAX];
	size_t		length;

	dupex_letters_of_text(PG_GETARG_TEXT_PP(0), &address);
	length = dupex_address_key(&address, key);
	if (length == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(dupex_utf8_text(key, length));
}
