/*
 * layout.c
 *		Layouts of source codes: which characters mean what.
 *
 * A layout is a text such as {medium}{group}{list:2}{month:2}{year:1}:
 *
 *	layout	 = { fixed | field }			1 to 12 characters of code in all
 *	fixed	 = letter | digit				stands for itself; case is folded,
 *											spaces and hyphens are ignored
 *	field	 = "{" name [":" width] [":" encoding] "}"
 *	name	 = a-z, then a-z 0-9 _			up to 63 characters, each name once
 *	width	 = 1 to 12						1 unless given; 2 for month in digits
 *	encoding = "digits" | "letters" | "any" | letter "=" number
 *
 * Some names have a meaning. medium and group are letters unless an encoding is
 * given, list is digits. month is two digits, or one letter as in A=1. year is
 * 1, 2 or 4 digits, or one letter as in A=2000. check is the check character of
 * ISO/IEC 7064 MOD 37,36 over all characters before it, and comes last. Any
 * other name is opaque: letters and digits ("any") unless told otherwise.
 *
 * The parsed form has no pointers, so it can be copied and kept anywhere.
 */
#include "source/layout.h"

#include "text/message.h"

#include <string.h>

/* where the parser is */
typedef struct Cursor
{
	const char *text;
	size_t		length;
	size_t		at;
	DupexLayoutFault *fault;
} Cursor;

static bool
fail(Cursor *cursor, size_t where, const char *reason)
{
	cursor->fault->where = where;
	cursor->fault->reason = reason;
	return false;
}

/* the character at the cursor, 0 at the end (or where a zero byte is) */
static char
peek(const Cursor *cursor)
{
	return cursor->at < cursor->length ? cursor->text[cursor->at] : '\0';
}

static bool
is_digit(char character)
{
	return character >= '0' && character <= '9';
}

static bool
is_capital(char character)
{
	return character >= 'A' && character <= 'Z';
}

static bool
is_name(const DupexField *field, const char *name)
{
	return strcmp(field->name, name) == 0;
}

/*
 * Reads a number of at most four digits; -1 when there is none or it is longer.
 */
static int
parse_number(Cursor *cursor)
{
	int			number = 0;
	int			digits = 0;

	while (is_digit(peek(cursor)) && digits < 5)
	{
		number = number * 10 + (peek(cursor) - '0');
		digits++;
		cursor->at++;
	}
	return digits == 0 || digits > 4 ? -1 : number;
}

static bool
parse_name(Cursor *cursor, DupexLayout *layout, DupexField *field)
{
	size_t		start = cursor->at;
	size_t		length;

	while ((peek(cursor) >= 'a' && peek(cursor) <= 'z') ||
		   (cursor->at > start && (is_digit(peek(cursor)) ||
								   peek(cursor) == '_')))
		cursor->at++;
	length = cursor->at - start;
	if (length == 0)
		return fail(cursor, start, "expected the name of a field, in small letters");
	if (length > DUPEX_FIELD_NAME_MAX)
		return fail(cursor, start, "expected a name of at most 63 characters");
	if (dupex_layout_find(layout, cursor->text + start, length) >= 0)
		return fail(cursor, start, "expected another name; this field is there already");
	memcpy(field->name, cursor->text + start, length);
	field->name[length] = '\0';
	return true;
}

/*
 * Reads "A=1" or "A=2000": a letter and the number that it stands for.
 */
static bool
parse_letter_number(Cursor *cursor, DupexField *field)
{
	char		letter = peek(cursor);
	size_t		start = cursor->at;
	int			number;

	cursor->at++;
	if (peek(cursor) != '=')
		return fail(cursor, cursor->at, "expected = and the number of the letter, as in A=1 or A=2000");
	cursor->at++;
	number = parse_number(cursor);
	if (is_name(field, "month"))
	{
		if (number != 1 || letter > 'O')
			return fail(cursor, start, "expected the letter of January, A=1 to O=1");
	}
	else if (is_name(field, "year"))
	{
		if (number < 1900 || number > 2999)
			return fail(cursor, start, "expected a letter and its year between 1900 and 2999, as in A=2000");
	}
	else
		return fail(cursor, start, "expected digits, letters or any; only month and year count by letters");
	field->encoding = DUPEX_LETTER_NUMBER;
	field->value_of_a = number - (letter - 'A');
	return true;
}

static bool
parse_encoding(Cursor *cursor, DupexField *field)
{
	static const struct
	{
		const char *name;
		DupexEncoding encoding;
	}			known[] = {{"digits", DUPEX_DIGITS}, {"letters", DUPEX_LETTERS}, {"any", DUPEX_ANY}};
	size_t		start = cursor->at;
	size_t		length;

	if (is_capital(peek(cursor)))
		return parse_letter_number(cursor, field);
	while (peek(cursor) >= 'a' && peek(cursor) <= 'z')
		cursor->at++;
	length = cursor->at - start;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		if (strlen(known[i].name) == length &&
			memcmp(known[i].name, cursor->text + start, length) == 0)
		{
			field->encoding = known[i].encoding;
			return true;
		}
	}
	return fail(cursor, start, "expected a width or one of digits, letters, any, A=1, A=2000");
}

/*
 * Whether a month, year or check field is written in a way that this meaning
 * knows. start is where the field's name is in the layout.
 */
static bool
check_meaning(Cursor *cursor, size_t start, const DupexField *field)
{
	bool		by_letter = field->encoding == DUPEX_LETTER_NUMBER;

	if (by_letter && field->width != 1)
		return fail(cursor, start, "expected width 1 for a month or year by letter");
	if (is_name(field, "month") && !by_letter &&
		(field->encoding != DUPEX_DIGITS || field->width != 2))
		return fail(cursor, start, "expected a month of 2 digits or a letter as in {month:A=1}");
	if (is_name(field, "year") && !by_letter &&
		(field->encoding != DUPEX_DIGITS ||
		 (field->width != 1 && field->width != 2 && field->width != 4)))
		return fail(cursor, start, "expected a year of 1, 2 or 4 digits or a letter as in {year:A=2000}");
	if (is_name(field, "check") &&
		(field->encoding != DUPEX_ANY || field->width != 1))
		return fail(cursor, start, "expected {check}: one character, letter or digit");
	return true;
}

/*
 * Adds the positions of what was read to the layout.
 */
static bool
add_positions(Cursor *cursor, size_t start, DupexLayout *layout, int width,
			  char fixed, DupexEncoding encoding)
{
	if (layout->check >= 0)
		return fail(cursor, start, "expected nothing after the check character");
	if (layout->width + width > DUPEX_CODE_MAX_LENGTH)
		return fail(cursor, start, "expected at most 12 characters of code in all");
	for (int i = 0; i < width; i++)
	{
		layout->fixed[layout->width] = fixed;
		layout->encodings[layout->width] = (uint8_t) encoding;
		layout->width++;
	}
	return true;
}

/*
 * Remembers the number of a field that has a meaning.
 */
static void
note_meaning(DupexLayout *layout, const DupexField *field, int number)
{
	if (is_name(field, "medium"))
		layout->medium = number;
	else if (is_name(field, "group"))
		layout->group = number;
	else if (is_name(field, "list"))
		layout->list = number;
	else if (is_name(field, "month"))
		layout->month = number;
	else if (is_name(field, "year"))
		layout->year = number;
	else if (is_name(field, "check"))
		layout->check = number;
}

/*
 * Reads a field; the cursor is behind its brace.
 */
static bool
parse_field(Cursor *cursor, DupexLayout *layout)
{
	size_t		start = cursor->at;

	/* the array cannot be full: each field before has a character at least */
	DupexField	field = {.encoding = DUPEX_ANY};
	bool		has_width = false;
	bool		has_encoding = false;

	if (!parse_name(cursor, layout, &field))
		return false;
	if (is_name(&field, "medium") || is_name(&field, "group"))
		field.encoding = DUPEX_LETTERS;
	else if (is_name(&field, "list") || is_name(&field, "month") ||
			 is_name(&field, "year"))
		field.encoding = DUPEX_DIGITS;
	while (peek(cursor) == ':')
	{
		cursor->at++;
		if (!has_width && !has_encoding && is_digit(peek(cursor)))
		{
			size_t		at = cursor->at;

			field.width = parse_number(cursor);
			if (field.width < 1 || field.width > DUPEX_CODE_MAX_LENGTH)
				return fail(cursor, at, "expected a width of 1 to 12");
			has_width = true;
		}
		else if (!has_encoding)
		{
			if (!parse_encoding(cursor, &field))
				return false;
			has_encoding = true;
		}
		else
			return fail(cursor, cursor->at - 1, "expected } to end the field");
	}
	if (peek(cursor) != '}')
		return fail(cursor, cursor->at, "expected : or } in a field");
	cursor->at++;
	if (!has_width)
		field.width = is_name(&field, "month") &&
			field.encoding == DUPEX_DIGITS ? 2 : 1;
	if (!check_meaning(cursor, start, &field))
		return false;
	field.start = layout->width;
	if (!add_positions(cursor, start, layout, field.width, '\0', field.encoding))
		return false;
	note_meaning(layout, &field, layout->field_count);
	layout->fields[layout->field_count++] = field;
	return true;
}

/*
 * Numbers the fields in the order in which jsonb keeps keys: shorter names first,
 * equally long ones by their bytes. An object whose keys come in that order need
 * not be sorted, which is a quarter of the time of reading a code with all its fields.
 */
static void
order_by_name(DupexLayout *layout)
{
	for (int i = 0; i < layout->field_count; i++)
	{
		const char *name = layout->fields[i].name;
		int			at = i;

		for (; at > 0; at--)
		{
			const char *other = layout->fields[layout->by_name[at - 1]].name;
			size_t		length = strlen(name);
			size_t		other_length = strlen(other);

			if (other_length < length ||
				(other_length == length && memcmp(other, name, length) < 0))
				break;
			layout->by_name[at] = layout->by_name[at - 1];
		}
		layout->by_name[at] = (uint8_t) i;
	}
}

/*
 * Reads a layout from a text of any bytes. On a fault returns false and says in
 * *fault what and where; *layout is then of no use.
 */
bool
dupex_layout_parse(const char *text, size_t length, DupexLayout *layout,
				   DupexLayoutFault *fault)
{
	Cursor		cursor = {text, length, 0, fault};

	memset(layout, 0, sizeof(*layout));
	layout->medium = layout->group = layout->list = -1;
	layout->month = layout->year = layout->check = -1;
	if (length > DUPEX_LAYOUT_MAX_TEXT)
		return fail(&cursor, DUPEX_LAYOUT_MAX_TEXT, "expected at most 1000 characters");
	while (cursor.at < length)
	{
		char		character = text[cursor.at];
		int			digit = dupex_code_digit((unsigned char) character);

		if (character == '{')
		{
			cursor.at++;
			if (!parse_field(&cursor, layout))
				return false;
		}
		else if (digit >= 0)
		{
			char		fixed = (char) (digit < 10 ? '0' + digit : 'A' + digit - 10);

			if (!add_positions(&cursor, cursor.at, layout, 1, fixed, DUPEX_ANY))
				return false;
			cursor.at++;
		}
		else if (dupex_code_ignores((unsigned char) character))
			cursor.at++;
		else
			return fail(&cursor, cursor.at, "expected { or a letter or digit");
	}
	if (layout->width == 0)
		return fail(&cursor, length, "expected a field such as {medium}");
	order_by_name(layout);
	return true;
}

/*
 * The number of the field that a user means by a name, -1 when there is none.
 * What source_read() returns as test_group is the field group of the layout,
 * so either name will do, unless the layout has fields of both names.
 */
int
dupex_layout_find_meant(const DupexLayout *layout, const char *name, size_t length)
{
	static const char *const same[2] = {"group", "test_group"};
	int			number = dupex_layout_find(layout, name, length);

	for (int i = 0; number < 0 && i < 2; i++)
	{
		if (strlen(same[i]) == length && memcmp(same[i], name, length) == 0)
			number = dupex_layout_find(layout, same[1 - i], strlen(same[1 - i]));
	}
	return number;
}

/*
 * The number of the field with exactly that name, -1 when there is none.
 */
int
dupex_layout_find(const DupexLayout *layout, const char *name, size_t length)
{
	for (int i = 0; i < layout->field_count; i++)
	{
		if (strlen(layout->fields[i].name) == length &&
			memcmp(layout->fields[i].name, name, length) == 0)
			return i;
	}
	return -1;
}

/*
 * The field that has the character at a position (0 is the first), or NULL
 * where the text is fixed.
 */
static const DupexField *
field_at(const DupexLayout *layout, int position)
{
	for (int i = 0; i < layout->field_count; i++)
	{
		const DupexField *field = &layout->fields[i];

		if (position >= field->start && position < field->start + field->width)
			return field;
	}
	return NULL;
}

/*
 * The value of a letter in a field that counts by letters, whether or not it is
 * one of those that count.
 */
static int
letter_value(const DupexField *field, char letter)
{
	return field->value_of_a + (letter - 'A');
}

/*
 * Whether the layout has the character (0-9A-Z) at the position (0 is the
 * first), as far as one character alone can tell.
 */
bool
dupex_layout_allows(const DupexLayout *layout, int position, char character)
{
	if (layout->fixed[position] != '\0')
		return character == layout->fixed[position];
	switch ((DupexEncoding) layout->encodings[position])
	{
		case DUPEX_DIGITS:
			return is_digit(character);
		case DUPEX_LETTERS:
			return is_capital(character);
		case DUPEX_ANY:
			return true;
		case DUPEX_LETTER_NUMBER:
			break;
	}
	if (!is_capital(character))
		return false;
	if (layout->month >= 0 && layout->fields[layout->month].start == position)
	{
		int			month = letter_value(&layout->fields[layout->month], character);

		return month >= 1 && month <= 12;
	}
	return true;
}

/*
 * Says what a field holds: "2 digits", "a letter". For messages.
 */
void
dupex_field_wants(const DupexField *field, bool is_month, bool is_year,
				  char *out, size_t size)
{
	const char *things = field->encoding == DUPEX_DIGITS ? "digit"
	: field->encoding == DUPEX_ANY ? "letters and digits" : "letter";

	if (field->encoding == DUPEX_LETTER_NUMBER && is_month)
		dupex_message_set(out, size, "1 to 12 or a letter %c to %c",
						  'A' + 1 - field->value_of_a, 'A' + 12 - field->value_of_a);
	else if (field->encoding == DUPEX_LETTER_NUMBER)
		dupex_message_set(out, size, "a letter or a year from %d to %d",
						  field->value_of_a, field->value_of_a + 25);
	else if (is_month)
		dupex_message_set(out, size, "01 to 12");
	else if (is_year && field->width < 4)
		dupex_message_set(out, size, "%d digit%s or a year of 4 digits", field->width,
						  field->width == 1 ? "" : "s");
	else if (is_year)
		dupex_message_set(out, size, "a year of 4 digits, from 0001");
	else if (field->encoding == DUPEX_ANY)
		dupex_message_set(out, size, field->width == 1 ? "%d letter or digit" : "%d letters and digits",
						  field->width);
	else
		dupex_message_set(out, size, "%d %s%s", field->width, things,
						  field->width == 1 ? "" : "s");
}

/*
 * Says what the layout has at a position (0 is the first): "a digit".
 */
void
dupex_layout_wants(const DupexLayout *layout, int position, char *out,
				   size_t size)
{
	const DupexField *field = field_at(layout, position);

	if (field == NULL)
		dupex_message_set(out, size, "%c", layout->fixed[position]);
	else if (field->encoding == DUPEX_DIGITS)
		dupex_message_set(out, size, "a digit");
	else if (field->encoding == DUPEX_LETTER_NUMBER && is_name(field, "month"))
		dupex_message_set(out, size, "a letter %c to %c", 'A' + 1 - field->value_of_a,
						  'A' + 12 - field->value_of_a);
	else if (field->encoding == DUPEX_ANY)
		dupex_message_set(out, size, "a letter or digit");
	else
		dupex_message_set(out, size, "a letter");
}

/*
 * The number that the digits of a field make.
 */
static int
digits_value(const DupexField *field, const char *characters)
{
	int			value = 0;

	for (int i = 0; i < field->width; i++)
		value = value * 10 + (characters[field->start + i] - '0');
	return value;
}

/*
 * Whether month, year and check character are right, for characters each of
 * which the layout allows. Else false and *misfit says which is not.
 */
bool
dupex_layout_values(const DupexLayout *layout, const char *characters,
					DupexMisfit *misfit)
{
	misfit->kind = DUPEX_FITS;
	if (layout->month >= 0)
	{
		const DupexField *field = &layout->fields[layout->month];
		int			month = dupex_layout_month(layout, characters);

		if (month < 1 || month > 12)
		{
			misfit->kind = DUPEX_WRONG_MONTH;
			misfit->position = field->start + 1;
			dupex_message_set(misfit->has, sizeof(misfit->has), "month %.*s",
							  field->width, characters + field->start);
			dupex_message_set(misfit->wants, sizeof(misfit->wants), "01 to 12");
			return false;
		}
	}
	if (layout->year >= 0 && layout->fields[layout->year].width == 4 &&
		digits_value(&layout->fields[layout->year], characters) == 0)
	{
		misfit->kind = DUPEX_WRONG_YEAR;
		misfit->position = layout->fields[layout->year].start + 1;
		dupex_message_set(misfit->has, sizeof(misfit->has), "year 0000");
		dupex_message_set(misfit->wants, sizeof(misfit->wants), "0001 to 9999");
		return false;
	}
	if (layout->check >= 0)
	{
		int			last = layout->width - 1;
		char		right = dupex_check_character(characters, last);

		if (characters[last] != right)
		{
			misfit->kind = DUPEX_WRONG_CHECK;
			misfit->position = layout->width;
			dupex_message_set(misfit->has, sizeof(misfit->has), "check character %c",
							  characters[last]);
			dupex_message_set(misfit->wants, sizeof(misfit->wants), "%c", right);
			return false;
		}
	}
	return true;
}

/*
 * Whether the characters (0-9A-Z) are a code of this layout, to the letter.
 * Else false and *misfit says what is wrong first.
 */
bool
dupex_layout_fits(const DupexLayout *layout, const char *characters,
				  int length, DupexMisfit *misfit)
{
	if (length != layout->width)
	{
		misfit->kind = DUPEX_WRONG_LENGTH;
		misfit->position = 0;
		dupex_message_set(misfit->has, sizeof(misfit->has), "%d character%s", length,
						  length == 1 ? "" : "s");
		dupex_message_set(misfit->wants, sizeof(misfit->wants), "%d", layout->width);
		return false;
	}
	for (int i = 0; i < length; i++)
	{
		if (!dupex_layout_allows(layout, i, characters[i]))
		{
			misfit->kind = DUPEX_WRONG_CHARACTER;
			misfit->position = i + 1;
			dupex_message_set(misfit->has, sizeof(misfit->has), "%c", characters[i]);
			dupex_layout_wants(layout, i, misfit->wants, sizeof(misfit->wants));
			return false;
		}
	}
	return dupex_layout_values(layout, characters, misfit);
}

/*
 * The month of a code whose characters the layout allows, as it is written (0
 * to 99); 0 when the layout has none.
 */
int
dupex_layout_month(const DupexLayout *layout, const char *characters)
{
	const DupexField *field;

	if (layout->month < 0)
		return 0;
	field = &layout->fields[layout->month];
	if (field->encoding == DUPEX_LETTER_NUMBER)
		return letter_value(field, characters[field->start]);
	return digits_value(field, characters);
}

/*
 * The year of a code that fits the layout; 0 when the layout has none or it
 * cannot be told.
 *
 * One or two digits mean the year nearest to the reference month for which the
 * month of issue is not more than one year after it: the month of issue is at
 * latest the same month of the following year. (An issue date is the first of a
 * month, so days never matter: the first of August 2017 is not more than one
 * year after any day of August 2016.) Years that end alike are ten or a hundred
 * years apart, so the latest that is allowed is also the nearest: it is less
 * than nine years off on the one side or one year on the other. Without a month
 * of its own a code is taken to be of January.
 *
 * Without a reference month a digit cannot be told, and two digits are taken as
 * PostgreSQL takes them in dates: 1970 to 2069.
 */
int
dupex_layout_year(const DupexLayout *layout, const char *characters,
				  bool near_known, int near_year, int near_month)
{
	const DupexField *field;
	int			value;
	int			cycle;
	int			latest;
	int			behind;
	int			month = dupex_layout_month(layout, characters);

	if (layout->year < 0)
		return 0;
	field = &layout->fields[layout->year];
	if (field->encoding == DUPEX_LETTER_NUMBER)
		return letter_value(field, characters[field->start]);
	value = digits_value(field, characters);
	if (field->width == 4)
		return value;
	if (!near_known)
		return field->width == 1 ? 0 : value + (value < 70 ? 2000 : 1900);
	cycle = field->width == 1 ? 10 : 100;
	latest = (month < 1 ? 1 : month) <= near_month ? near_year + 1 : near_year;
	behind = (latest - value) % cycle;
	if (behind < 0)
		behind += cycle;
	return latest - behind < 1 ? 0 : latest - behind;
}
