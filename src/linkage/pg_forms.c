/*
 * pg_forms.c
 *		Values in the form in which they are compared, by the kind of their column.
 *
 * What cannot be read as what it should be, is not thrown away: an address of e-mail
 * that no mail can reach and a number of no plan are still the same ones when they
 * come again.
 */
#include "linkage/pg_linkage.h"

#include "hygiene/letters.h"
#include "hygiene/pg_readers.h"
#include "hygiene/pg_utf8.h"
#include "linkage/firms.h"

/* digits of a number that no plan knows */
#define DIGITS_MIN 5

static Size
put_letters(const DupexLetters *letters, bool with_spaces, char *out)
{
	Size		length = 0;

	for (size_t i = 0; i < letters->count; i++)
	{
		if (with_spaces || letters->letter[i] != ' ')
			length += dupex_utf8_put(letters->letter[i], out + length);
	}
	return length;
}

/*
 * A name. A space between Chinese characters says nothing: short names are spread out with
 * it in tables.
 */
static Size
put_name(const DupexLetters *letters, char *out)
{
	DupexLetters kept;

	kept.count = 0;
	for (size_t i = 0; i < letters->count; i++)
	{
		/* a folded text neither begins nor ends with a space */
		if (letters->letter[i] != ' ' || i == 0 || i + 1 == letters->count ||
			!dupex_letter_is_han(letters->letter[i - 1]) || !dupex_letter_is_han(letters->letter[i + 1]))
			kept.letter[kept.count++] = letters->letter[i];
	}
	return put_letters(&kept, true, out);
}

static Size
email_form(text *value, char *out)
{
	DupexEmail	email;
	DupexLetters letters;

	dupex_email_of_text(value, &email);
	if (dupex_email_sendable(&email))
		return dupex_email_match_key(&email, out);
	dupex_letters_of_text(value, &letters);
	return put_letters(&letters, false, out);
}

static Size
phone_form(text *value, text *country, char *out)
{
	DupexUtf8	utf8 = dupex_utf8_of_server(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	DupexPhone	phone;
	DupexLetters letters;
	Size		length = 0;

	dupex_phone_read(dupex_phone_built_in_rules(), utf8.text, utf8.length, VARDATA_ANY(country),
					 VARSIZE_ANY_EXHDR(country), &phone);
	if (phone.e164[0] != '\0')
	{
		memcpy(out, phone.e164, strlen(phone.e164));
		return strlen(phone.e164);
	}
	dupex_letters_of_text(value, &letters);
	for (size_t i = 0; i < letters.count; i++)
	{
		if (letters.letter[i] >= '0' && letters.letter[i] <= '9')
			out[length++] = (char) letters.letter[i];
	}
	return length < DIGITS_MIN ? 0 : length;
}

/*
 * A date as eight digits, year first. Of dates written day or month first, the order
 * of these two stays as it is: nobody knows it.
 */
static Size
birthday_form(text *value, char *out)
{
	DupexLetters letters;
	char		group[4][5];
	int			groups = 0;
	int			digits = 0;
	bool		inside = false;
	int			year;

	dupex_letters_of_text(value, &letters);
	for (size_t i = 0; i < letters.count; i++)
	{
		bool		is_digit = letters.letter[i] >= '0' && letters.letter[i] <= '9';

		if (is_digit && !inside)
		{
			if (groups == 4)
				break;
			groups++;
			digits = 0;
		}
		inside = is_digit;
		if (!is_digit)
			continue;
		if (digits == 4)
			break;
		group[groups - 1][digits++] = (char) letters.letter[i];
		group[groups - 1][digits] = '\0';
	}
	year = groups >= 3 && strlen(group[0]) == 4 ? 0 : groups >= 3 && strlen(group[2]) == 4 ? 2 : -1;
	if (year < 0 || strlen(group[1]) > 2 || strlen(group[2 - year]) > 2)
		return put_letters(&letters, false, out);
	for (int i = 0; i < 3; i++)
	{
		/* the year, then the others as they stand */
		const char *part = i == 0 ? group[year] : year == 0 ? group[i] : group[i - 1];
		char	   *at = out + (i == 0 ? 0 : 2 + 2 * i);

		if (i > 0 && part[1] == '\0')
			*at++ = '0';
		while (*part != '\0')
			*at++ = *part++;
	}
	return 8;
}

static Size
exact_form(text *value, char *out)
{
	const char *octets = VARDATA_ANY(value);
	Size		length = VARSIZE_ANY_EXHDR(value);
	DupexUtf8	utf8;

	while (length > 0 && octets[length - 1] == ' ')
		length--;
	while (length > 0 && octets[0] == ' ')
	{
		octets++;
		length--;
	}
	length = Min(length, DUPEX_LINKAGE_VALUE_MAX / 2);
	length = pg_mbcliplen(octets, (int) length, (int) length);
	utf8 = dupex_utf8_of_server(octets, length);
	length = Min(utf8.length, DUPEX_LINKAGE_VALUE_MAX);
	memcpy(out, utf8.text, length);
	return length;
}

/*
 * Writes a value in the form of its kind, of at most DUPEX_LINKAGE_VALUE_MAX octets of
 * UTF-8; 0 when there is nothing in it.
 */
Size
dupex_linkage_form(DupexLinkageKind kind, text *value, text *country, char *out)
{
	DupexLetters letters;

	switch (kind)
	{
		case DUPEX_LINKAGE_EMAIL:
			return email_form(value, out);
		case DUPEX_LINKAGE_PHONE:
			return phone_form(value, country, out);
		case DUPEX_LINKAGE_BIRTHDAY:
			return birthday_form(value, out);
		case DUPEX_LINKAGE_EXACT:
		case DUPEX_LINKAGE_BLOCK:
			return exact_form(value, out);
		default:
			break;
	}
	dupex_letters_of_text(value, &letters);
	if (kind == DUPEX_LINKAGE_FIRM)
		dupex_firm_shorten(&letters);
	if (kind == DUPEX_LINKAGE_ADDRESS)
		return dupex_address_key(&letters, out);
	if (kind == DUPEX_LINKAGE_NAME)
		return put_name(&letters, out);
	return put_letters(&letters, kind != DUPEX_LINKAGE_ID, out);
}
