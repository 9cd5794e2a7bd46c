/*
 * build.c
 *		Putting the fields of a source code together, and its check character.
 */
#include "source/layout.h"

#include <string.h>

static bool
all_alphanumeric(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (dupex_code_digit((unsigned char) value[i]) < 0)
			return false;
	}
	return true;
}

static bool
all_digits(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (value[i] < '0' || value[i] > '9')
			return false;
	}
	return length > 0;
}

/*
 * Puts a month or year into a field that is written as one letter: the letter
 * itself, or its number.
 */
static DupexBuildFault
put_letter_number(const DupexLayout *layout, const DupexField *field,
				  const char *value, size_t length, char *characters)
{
	int			number = 0;
	char		letter;

	if (all_digits(value, length))
	{
		if (length > 4)
			return DUPEX_BUILD_RANGE;
		for (size_t i = 0; i < length; i++)
			number = number * 10 + (value[i] - '0');
		if (number < field->value_of_a || number > field->value_of_a + 25)
			return DUPEX_BUILD_RANGE;
		letter = (char) ('A' + number - field->value_of_a);
	}
	else
	{
		if (length != 1)
			return length == 0 ? DUPEX_BUILD_TOO_SHORT : DUPEX_BUILD_TOO_WIDE;
		letter = (char) ('A' + dupex_code_digit((unsigned char) value[0]) - 10);
	}
	if (!dupex_layout_allows(layout, field->start, letter))
		return DUPEX_BUILD_RANGE;
	characters[field->start] = letter;
	return DUPEX_BUILD_OK;
}

/*
 * Puts a value into the characters of a code, at the place of a field (not the
 * check character).
 *
 * Numbers are filled up with zeros on the left: in fields of digits always,
 * elsewhere when is_number says that the caller gave a number and not a text. A
 * year of four digits goes into a field of one or two by its last digits. Apart
 * from that a value must have the width of the field and characters that it
 * takes, in either case.
 */
DupexBuildFault
dupex_layout_put(const DupexLayout *layout, int number, const char *value,
				 size_t length, bool is_number, char *characters)
{
	const DupexField *field = &layout->fields[number];
	size_t		width = (size_t) field->width;
	size_t		zeros = 0;

	if (!all_alphanumeric(value, length))
		return DUPEX_BUILD_CHARACTER;
	if (field->encoding == DUPEX_LETTER_NUMBER)
		return put_letter_number(layout, field, value, length, characters);
	if (number == layout->year && length == 4 && width < 4 &&
		all_digits(value, length))
	{
		value += 4 - width;
		length = width;
	}
	if (length > width)
		return DUPEX_BUILD_TOO_WIDE;
	if (length < width)
	{
		bool		fills = field->encoding == DUPEX_DIGITS ||
		(field->encoding == DUPEX_ANY && is_number);

		if (length == 0 || !fills || (number == layout->year && width == 4))
			return DUPEX_BUILD_TOO_SHORT;
		zeros = width - length;
	}
	memset(characters + field->start, '0', zeros);
	for (size_t i = 0; i < length; i++)
	{
		int			digit = dupex_code_digit((unsigned char) value[i]);
		int			position = field->start + (int) (zeros + i);
		char		character = (char) (digit < 10 ? '0' + digit : 'A' + digit - 10);

		if (!dupex_layout_allows(layout, position, character))
			return DUPEX_BUILD_CHARACTER;
		characters[position] = character;
	}
	if (number == layout->month)
	{
		int			month = dupex_layout_month(layout, characters);

		if (month < 1 || month > 12)
			return DUPEX_BUILD_RANGE;
	}
	if (number == layout->year && width == 4 &&
		memcmp(characters + field->start, "0000", 4) == 0)
		return DUPEX_BUILD_RANGE;
	return DUPEX_BUILD_OK;
}

/*
 * The check character of the characters (0-9A-Z) before it: ISO/IEC 7064, the
 * hybrid system MOD 37,36. It tells every single wrong character and nearly
 * every transposition of two neighbours.
 */
char
dupex_check_character(const char *characters, int length)
{
	int			product = 36;
	int			check;

	for (int i = 0; i < length; i++)
	{
		int			sum = (product + dupex_code_digit((unsigned char) characters[i])) % 36;

		product = (sum == 0 ? 36 : sum) * 2 % 37;
	}
	check = (37 - product) % 36;
	return (char) (check < 10 ? '0' + check : 'A' + check - 10);
}
