/*
 * phone.c
 *		Telephone numbers as people write them, to E.164.
 *
 * A number is read in two steps. First the digits: what people put between them is
 * left out, full-width digits are made ordinary ones, an extension behind the
 * number is cut off. Then the plan: with a "+" or the prefix for calls abroad the
 * calling code leads to the country; otherwise the number is taken for one of the
 * caller's country, with its trunk prefix, or with the calling code and no "+", or
 * as it stands, or behind the code of a carrier - in this order, and the first
 * that fits a range of the plan counts.
 *
 * A number that fits nothing is not guessed: the code says why.
 */
#include "hygiene/phone.h"

#include "hygiene/letters.h"

#include <string.h>

/* room for the digits of a text: more than any number has */
#define MAX_DIGITS 40

/* a text with its digits alone */
typedef struct Dialled
{
	char		digits[MAX_DIGITS + 1];
	size_t		count;
	bool		plus;
	size_t		doubtful;		/* place of the 0 of "(0)"; 0 for none */
	bool		extension;
	DupexPhoneCode problem;		/* VALID for none */
} Dialled;

static const char *const phone_codes[] = {
	[DUPEX_PHONE_VALID] = "valid",
	[DUPEX_PHONE_EXTENSION] = "extension",
	[DUPEX_PHONE_UNKNOWN_PLAN] = "unknown_plan",
	[DUPEX_PHONE_EMPTY] = "empty",
	[DUPEX_PHONE_LETTERS] = "letters",
	[DUPEX_PHONE_SEVERAL] = "several_numbers",
	[DUPEX_PHONE_SPREADSHEET] = "spreadsheet_number",
	[DUPEX_PHONE_TOO_SHORT] = "too_short",
	[DUPEX_PHONE_TOO_LONG] = "too_long",
	[DUPEX_PHONE_NO_AREA_CODE] = "no_area_code",
	[DUPEX_PHONE_NOT_IN_PLAN] = "not_in_plan",
	[DUPEX_PHONE_UNKNOWN_COUNTRY] = "unknown_country"
};

/*
 * The name that SQL gives a code.
 */
const char *
dupex_phone_code_name(DupexPhoneCode code)
{
	return phone_codes[code];
}

/*
 * Whether an extension begins here: "ext", "x", "#", "转", "轉", "内线", "分机".
 */
static bool
is_extension(const char *text, size_t length)
{
	static const char *const marks[] = {
		"ext", "EXT", "Ext", "x", "X", "#", ";ext=", "转", "轉", "内线", "內線",
		"分机", "分機"
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
	{
		size_t		octets = strlen(marks[i]);

		if (octets <= length && memcmp(text, marks[i], octets) == 0)
			return true;
	}
	return false;
}

/* what people put between digits */
static bool
is_between_digits(uint32_t letter)
{
	return dupex_letter_is_space(letter) || dupex_letter_is_invisible(letter) ||
		letter == '-' || letter == '.' || letter == '(' || letter == ')' ||
		letter == '[' || letter == ']' || letter == 0xB7 || letter == 0x30FB ||
		(letter >= 0x2010 && letter <= 0x2015) || letter == 0x2212 ||
		letter == 0xFF70;
}

/* what stands between two numbers in one cell */
static bool
is_between_numbers(uint32_t letter)
{
	return letter == ',' || letter == ';' || letter == '/' || letter == '|' ||
		letter == '\\' || letter == 0x3001 || letter == '&';
}

/*
 * A number that a spreadsheet has made of a telephone number: 1.38E+10 has lost
 * its digits, "13800138000.0" has not.
 */
static bool
is_exponential(const char *text, size_t length)
{
	bool		digit_before = false;

	for (size_t i = 0; i + 2 < length; i++)
	{
		bool		digit = text[i] >= '0' && text[i] <= '9';

		if (digit_before && (text[i] == 'E' || text[i] == 'e') &&
			(text[i + 1] == '+' || (text[i + 1] >= '0' && text[i + 1] <= '9')))
			return true;
		if (!digit && text[i] != '.' && text[i] != ',' && text[i] != ' ')
			return false;
		digit_before = digit;
	}
	return false;
}

static void
take_digit(Dialled *dialled, char digit)
{
	if (dialled->count < MAX_DIGITS)
		dialled->digits[dialled->count] = digit;
	dialled->count++;
}

/*
 * Whether what stands before a slash is an area code and no number, as in Germany and
 * Austria: too short for a number, and with a trunk prefix or a calling code.
 */
static bool
is_area_code(const Dialled *dialled)
{
	return dialled->count > 1 && dialled->count < 7 && (dialled->plus || dialled->digits[0] == '0');
}

/*
 * The digits of a text.
 */
static void
read_digits(const char *text, size_t length, Dialled *dialled)
{
	size_t		at = 0;
	bool		separated = false;	/* what follows is another number */

	memset(dialled, 0, sizeof(*dialled));
	if (length > 4 && (memcmp(text, "tel:", 4) == 0 || memcmp(text, "TEL:", 4) == 0))
		at = 4;
	if (is_exponential(text + at, length - at))
	{
		dialled->problem = DUPEX_PHONE_SPREADSHEET;
		return;
	}
	if (length > 6 && text[length - 2] == '.' && text[length - 1] == '0')
		length -= 2;
	while (at < length)
	{
		uint32_t	letter;
		size_t		octets = dupex_utf8_get(text + at, length - at, &letter);

		if (octets == 0)
		{
			dialled->problem = DUPEX_PHONE_LETTERS;
			return;
		}
		if (dialled->count > 0 && is_extension(text + at, length - at))
		{
			dialled->extension = true;
			return;
		}
		letter = dupex_letter_narrow(letter);
		if (separated && !is_between_digits(letter) && !is_between_numbers(letter))
		{
			dialled->problem = DUPEX_PHONE_SEVERAL;
			return;
		}
		if (letter >= '0' && letter <= '9')
			take_digit(dialled, (char) letter);
		else if (letter == '+' && dialled->count == 0)
			dialled->plus = true;
		else if (letter == '(' && dialled->count > 0 && at + 2 < length && text[at + 1] == '0' && text[at + 2] == ')')
		{
			dialled->doubtful = dialled->count;
			take_digit(dialled, '0');
			octets = 3;
		}
		else if (letter == '/' && is_area_code(dialled))
			;					/* "030/123456" */
		else if (is_between_numbers(letter))
			separated = dialled->count > 0;
		else if (!is_between_digits(letter))
		{
			dialled->problem = letter == '+' ? DUPEX_PHONE_SEVERAL : DUPEX_PHONE_LETTERS;
			return;
		}
		at += octets;
	}
}

static bool
begins_with(const char *digits, const char *prefix)
{
	return prefix[0] != '\0' && strncmp(digits, prefix, strlen(prefix)) == 0;
}

/*
 * The kind of a national number of a country; NULL when no range fits.
 */
static const char *
kind_of(const DupexPhoneRules *rules, int country, const char *digits)
{
	int			count = (int) strlen(digits);

	for (int i = 0; i < rules->range_count; i++)
	{
		const DupexPhoneRange *range = &rules->ranges[i];
		int			place = 0;

		if (range->country != country || count < range->least ||
			count > range->most || count < range->places)
			continue;
		while (place < range->places && (range->digits[place] >> (digits[place] - '0') & 1))
			place++;
		if (place == range->places)
			return range->kind;
	}
	return NULL;
}

/*
 * Takes a national number if it fits a range.
 */
static bool
take(const DupexPhoneRules *rules, int country, const char *digits, DupexPhone *phone)
{
	const char *calling = rules->countries[country].calling;
	const char *kind = kind_of(rules, country, digits);

	if (kind == NULL || strlen(calling) + strlen(digits) > DUPEX_PHONE_DIGITS)
		return false;
	phone->kind = kind;
	phone->e164[0] = '+';
	strcpy(phone->e164 + 1, calling);
	strcat(phone->e164, digits);
	return true;
}

/*
 * Takes a number of a country as it is dialled within it, in all the ways that
 * people write it.
 */
static bool
take_national(const DupexPhoneRules *rules, int at, const char *digits, DupexPhone *phone)
{
	const DupexPhoneCountry *country = &rules->countries[at];
	size_t		trunk = strlen(country->trunk);

	if (begins_with(digits, country->trunk) && take(rules, at, digits + trunk, phone))
		return true;
	if (begins_with(digits, country->calling))
	{
		const char *rest = digits + strlen(country->calling);

		if (take(rules, at, rest, phone) ||
			(begins_with(rest, country->trunk) && take(rules, at, rest + trunk, phone)))
			return true;
	}
	if (take(rules, at, digits, phone))
		return true;
	for (int i = 0; i < country->carrier_count; i++)
	{
		const char *rest = digits + strlen(country->carriers[i]);

		if (begins_with(digits, country->carriers[i]) &&
			(take(rules, at, rest, phone) ||
			 (begins_with(rest, country->trunk) && take(rules, at, rest + trunk, phone))))
			return true;
	}
	return false;
}

static DupexPhoneCode
length_code(size_t count, DupexPhoneCode otherwise)
{
	if (count < 7)
		return DUPEX_PHONE_TOO_SHORT;
	return count > DUPEX_PHONE_DIGITS ? DUPEX_PHONE_TOO_LONG : otherwise;
}

/*
 * A number that begins with a calling code. The plans know it, or it stays as it
 * is when no plan has its calling code.
 */
static DupexPhoneCode
read_international(const DupexPhoneRules *rules, const char *digits, DupexPhone *phone)
{
	bool		known = false;

	for (int i = 0; i < rules->country_count; i++)
	{
		const DupexPhoneCountry *country = &rules->countries[i];
		const char *rest = digits + strlen(country->calling);

		if (!begins_with(digits, country->calling))
			continue;
		known = true;
		if (take(rules, i, rest, phone) ||
			(begins_with(rest, country->trunk) && take(rules, i, rest + strlen(country->trunk), phone)))
			return DUPEX_PHONE_VALID;
	}
	if (known || digits[0] == '0' || length_code(strlen(digits), DUPEX_PHONE_VALID) != DUPEX_PHONE_VALID)
		return length_code(strlen(digits), DUPEX_PHONE_NOT_IN_PLAN);
	phone->e164[0] = '+';
	strcpy(phone->e164 + 1, digits);
	return DUPEX_PHONE_UNKNOWN_PLAN;
}

/*
 * What is wrong with a number that fits no range of a country: without an area code
 * it has as many digits as subscribers have, seven or eight, where all numbers of
 * persons need more.
 */
static DupexPhoneCode
misfit_code(const DupexPhoneRules *rules, int country, size_t count)
{
	int			least = DUPEX_PHONE_DIGITS;

	for (int i = 0; i < rules->range_count; i++)
	{
		if (rules->ranges[i].country == country && rules->ranges[i].least < least &&
			strcmp(rules->ranges[i].kind, "service") != 0)
			least = rules->ranges[i].least;
	}
	if ((count == 7 || count == 8) && rules->countries[country].trunk[0] != '\0' && least > 8)
		return DUPEX_PHONE_NO_AREA_CODE;
	return length_code(count, DUPEX_PHONE_NOT_IN_PLAN);
}

/*
 * The number of a country in the plans; their count for none.
 */
static int
find_country(const DupexPhoneRules *rules, const char *name, size_t length)
{
	int			at = 0;

	while (at < rules->country_count &&
		   !(length == 2 &&
			 dupex_letter_lower((unsigned char) name[0]) == dupex_letter_lower((unsigned char) rules->countries[at].name[0]) &&
			 dupex_letter_lower((unsigned char) name[1]) == dupex_letter_lower((unsigned char) rules->countries[at].name[1])))
		at++;
	return at;
}

/*
 * What the plans say of digits that are dialled in a country (the number of the plans;
 * their count when it has none).
 */
static void
read_dialled(const DupexPhoneRules *rules, const Dialled *dialled, int country, DupexPhone *phone)
{
	const char *international;

	phone->kind = NULL;
	phone->e164[0] = '\0';
	if (dialled->plus)
		phone->code = read_international(rules, dialled->digits, phone);
	else if (country == rules->country_count)
		phone->code = DUPEX_PHONE_UNKNOWN_COUNTRY;
	else if (take_national(rules, country, dialled->digits, phone))
		phone->code = DUPEX_PHONE_VALID;
	else
	{
		international = rules->countries[country].international;
		phone->code = DUPEX_PHONE_NOT_IN_PLAN;
		if (begins_with(dialled->digits, international))
			phone->code = read_international(rules, dialled->digits + strlen(international), phone);
		else if (begins_with(dialled->digits, "00"))
			phone->code = read_international(rules, dialled->digits + 2, phone);
		if (phone->e164[0] == '\0')
			phone->code = misfit_code(rules, country, dialled->count);
	}
}

/*
 * Reads a number of a country (two letters, also small).
 *
 * The 0 of "+49 (0)30" is the trunk prefix, which is not dialled from abroad; but that of
 * "+39 (0)6" belongs to the number. So it stays where a plan knows the number with it, and
 * goes otherwise.
 */
void
dupex_phone_read(const DupexPhoneRules *rules, const char *text, size_t length,
				 const char *country, size_t country_length, DupexPhone *phone)
{
	Dialled		dialled;
	int			at = find_country(rules, country, country_length);

	phone->kind = NULL;
	phone->e164[0] = '\0';
	if (length > DUPEX_PHONE_TEXT_MAX)
	{
		phone->code = DUPEX_PHONE_TOO_LONG;
		return;
	}
	read_digits(text, length, &dialled);
	if (dialled.problem != DUPEX_PHONE_VALID || dialled.count == 0)
	{
		phone->code = dialled.problem != DUPEX_PHONE_VALID ? dialled.problem : DUPEX_PHONE_EMPTY;
		return;
	}
	if (dialled.count > MAX_DIGITS)
	{
		phone->code = DUPEX_PHONE_TOO_LONG;
		return;
	}
	read_dialled(rules, &dialled, at, phone);
	if (dialled.doubtful > 0 && phone->code != DUPEX_PHONE_VALID)
	{
		memmove(dialled.digits + dialled.doubtful, dialled.digits + dialled.doubtful + 1, dialled.count - dialled.doubtful);
		dialled.count--;
		read_dialled(rules, &dialled, at, phone);
	}
	if (phone->code == DUPEX_PHONE_VALID && dialled.extension)
		phone->code = DUPEX_PHONE_EXTENSION;
}
