/*
 * pg_utf8.c
 *		Between the encoding of the database and the UTF-8 of the pure side.
 *
 * Addresses and numbers are nearly always ASCII, which is the same in every encoding of
 * a server: then nothing is converted and nothing copied.
 */
#include "hygiene/pg_utf8.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"

#include "hygiene/letters.h"

/*
 * Whether a text is ASCII.
 */
bool
dupex_utf8_is_ascii(const char *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if ((unsigned char) octets[i] >= 0x80)
			return false;
	}
	return true;
}

/*
 * A text of the database in UTF-8; the text itself where that is the same, and in a
 * database without an encoding, whose texts may be anything.
 */
DupexUtf8
dupex_utf8_of_server(const char *octets, size_t length)
{
	DupexUtf8	utf8 = {octets, length};

	if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII ||
		dupex_utf8_is_ascii(octets, length))
		return utf8;
	utf8.text = pg_server_to_any(octets, (int) length, PG_UTF8);
	if (utf8.text !=octets)
		utf8.length = strlen(utf8.text);
	return utf8;
}

/*
 * The normal form of characters that end with a 0, in UTF-8.
 */
DupexUtf8
dupex_utf8_normal_form(UnicodeNormalizationForm form, const pg_wchar *letters)
{
	pg_wchar   *normal = unicode_normalize(form, letters);
	size_t		count = 0;
	char	   *out;
	DupexUtf8	utf8 = {NULL, 0};

	while (normal[count] != 0)
		count++;
	out = palloc(count * DUPEX_UTF8_MAX + 1);
	for (size_t i = 0; i < count; i++)
		utf8.length += dupex_utf8_put(normal[i], out + utf8.length);
	utf8.text = out;
	return utf8;
}

/*
 * Whether the encoding of the database has all the characters.
 */
static bool
server_has(const char *utf8, size_t length)
{
	int			encoding = GetDatabaseEncoding();
	Oid			conversion;
	unsigned char *room;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return true;
	conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(conversion))
		return true;			/* the conversion itself says what is wrong */
	room = palloc(length * MAX_CONVERSION_GROWTH + 1);
	return pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding, (unsigned char *) unconstify(char *, utf8), (int) length,
										 room, (int) (length * MAX_CONVERSION_GROWTH + 1), true) == (int) length;
}

/*
 * UTF-8 in normal form C. Folded texts are decomposed: a Korean syllable into its letters, a
 * Japanese one into itself and its mark, which EUC_KR and EUC_JP do not have.
 */
static DupexUtf8
composed(const char *utf8, size_t length)
{
	pg_wchar   *letters = palloc((length + 1) * sizeof(pg_wchar));
	size_t		count = 0;

	for (size_t at = 0; at < length;)
	{
		uint32_t	letter;
		size_t		octets = dupex_utf8_get(utf8 + at, length - at, &letter);

		at += octets == 0 ? 1 : octets;
		if (octets > 0)
			letters[count++] = letter;
	}
	letters[count] = 0;
	return dupex_utf8_normal_form(UNICODE_NFC, letters);
}

/*
 * UTF-8 as a text of the database; composed where its encoding has no character as it stands.
 * 22P05 when it has none composed either.
 */
Datum
dupex_utf8_text(const char *utf8, size_t length)
{
	char	   *converted;

	if (dupex_utf8_is_ascii(utf8, length))
		return PointerGetDatum(cstring_to_text_with_len(utf8, (int) length));
	if (!server_has(utf8, length))
	{
		DupexUtf8	other = composed(utf8, length);

		utf8 = other.text;
		length = other.length;
	}
	converted = pg_any_to_server(utf8, (int) length, PG_UTF8);
	if (converted == utf8)
		return PointerGetDatum(cstring_to_text_with_len(utf8, (int) length));
	return CStringGetTextDatum(converted);
}
