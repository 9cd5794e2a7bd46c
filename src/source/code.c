/*
 * code.c
 *		Source codes as 64-bit numbers whose order is the order of the text.
 *
 * A source code has 1 to 12 characters from 0-9A-Z. With "no more characters"
 * as a symbol of its own the alphabet has 37 symbols, and 37^12 is less than
 * 2^63, so a code fits a signed 64-bit number: twelve digits to the base 37,
 * the first character in the highest place, 0 for "no more characters", 1 to 10
 * for 0-9, 11 to 36 for A-Z.
 *
 * Because the digits are aligned to the left, in the order of ASCII, and the
 * end sorts before every character, comparing the numbers compares the texts
 * byte by byte. So equality, order and hashing are those of a plain integer.
 * All codes with one prefix are one range of numbers: the prefix itself is the
 * lowest, the prefix filled up with Z the highest.
 *
 * Not every number is a code: after a 0 only 0 may follow, and all zeros (the
 * empty text) is none. dupex_code_is_valid() tells.
 */
#include "source/code.h"

#include <string.h>

/* what a character means: 1 to 36 is a digit to the base 37 */
#define BAD_CHARACTER 0
#define IGNORED 64
#define RADIX 37
#define RADIX_6 2565726409		/* 37^6 */

static const uint8_t meaning[256] = {
	/* 0x00: tab, line feed, vertical tab, form feed, carriage return */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 64, 64, 64, 64, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 0x20: space and hyphen; 0x30: digits */
	64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0,
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0,
	/* 0x40: capitals */
	0, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
	26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 0, 0, 0, 0, 0,
	/* 0x60: small letters */
	0, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
	26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 0, 0, 0, 0, 0,
	/* from 0x80 on there is nothing */
	0
};

/* the characters of the digits 0 to 36; 0 ends a text */
static const char symbol[RADIX + 1] = "\0" "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* 37 to the power of n */
static const int64_t power[DUPEX_CODE_MAX_LENGTH + 1] = {
	INT64_C(1), INT64_C(37), INT64_C(1369), INT64_C(50653), INT64_C(1874161),
	INT64_C(69343957), INT64_C(2565726409), INT64_C(94931877133),
	INT64_C(3512479453921), INT64_C(129961739795077),
	INT64_C(4808584372417849), INT64_C(177917621779460413),
	INT64_C(6582952005840035281)
};

/*
 * The number of an alphanumeric character: 0 to 9 for digits, 10 to 35 for
 * letters of either case, -1 for anything else.
 */
int
dupex_code_digit(unsigned char character)
{
	int			digit = meaning[character];

	return digit == BAD_CHARACTER || digit == IGNORED ? -1 : digit - 1;
}

/*
 * Whether the character is one that people write between the parts of a code
 * and that means nothing: white space of ASCII and the hyphen.
 */
bool
dupex_code_ignores(unsigned char character)
{
	return meaning[character] == IGNORED;
}

/*
 * Reads up to 12 characters, folding case and skipping spaces and hyphens. Sets
 * *value to the number of the characters read, aligned to the right, and
 * *digits to how many they are; on a fault, *where to the offset of the
 * character at fault. Never says EMPTY.
 */
static inline DupexCodeFault
read_digits(const char *text, size_t length, int64_t *value, int *digits,
			size_t *where)
{
	int64_t		number = 0;
	int			count = 0;

	for (size_t i = 0; i < length; i++)
	{
		uint8_t		digit = meaning[(unsigned char) text[i]];

		if (digit == IGNORED)
			continue;
		if (digit == BAD_CHARACTER || count == DUPEX_CODE_MAX_LENGTH)
		{
			*where = i;
			return digit == BAD_CHARACTER ? DUPEX_CODE_BAD_CHARACTER
				: DUPEX_CODE_TOO_LONG;
		}
		number = number * RADIX + digit;
		count++;
	}
	*value = number;
	*digits = count;
	return DUPEX_CODE_OK;
}

/*
 * Reads a source code from a text of any bytes. On success sets *code; on a
 * fault sets *where to the offset of the first byte of the character at fault
 * (the length of the text when it is empty) and leaves *code alone.
 */
DupexCodeFault
dupex_code_parse(const char *text, size_t length, int64_t *code, size_t *where)
{
	int64_t		value;
	int			digits;
	DupexCodeFault fault = read_digits(text, length, &value, &digits, where);

	if (fault != DUPEX_CODE_OK)
		return fault;
	if (digits == 0)
	{
		*where = length;
		return DUPEX_CODE_EMPTY;
	}
	*code = value * power[DUPEX_CODE_MAX_LENGTH - digits];
	return DUPEX_CODE_OK;
}

/*
 * Writes the text of a valid code to out, which has room for 12 characters and
 * a terminating zero. Returns the number of characters.
 */
int
dupex_code_format(int64_t code, char *out)
{
	uint32_t	left = (uint32_t) (code / RADIX_6);
	uint32_t	right = (uint32_t) (code % RADIX_6);

	for (int i = 5; i >= 0; i--)
	{
		out[i] = symbol[left % RADIX];
		out[i + 6] = symbol[right % RADIX];
		left /= RADIX;
		right /= RADIX;
	}
	out[DUPEX_CODE_MAX_LENGTH] = '\0';
	return (int) strlen(out);
}

/*
 * Whether a number is the number of a source code.
 */
bool
dupex_code_is_valid(int64_t code)
{
	if (code < power[DUPEX_CODE_MAX_LENGTH - 1] ||
		code >= power[DUPEX_CODE_MAX_LENGTH])
		return false;
	while (code % RADIX == 0)
		code /= RADIX;
	while (code > 0)
	{
		if (code % RADIX == 0)
			return false;
		code /= RADIX;
	}
	return true;
}

/*
 * The code with the given 1 to 12 characters, which must be 0-9A-Z.
 */
int64_t
dupex_code_pack(const char *characters, int length)
{
	int64_t		value = 0;

	for (int i = 0; i < length; i++)
		value = value * RADIX + meaning[(unsigned char) characters[i]];
	return value * power[DUPEX_CODE_MAX_LENGTH - length];
}

/*
 * The range of numbers whose first digits (count of them, as a number) are
 * value.
 */
static void
set_prefix_range(DupexCodeRange *range, int64_t value, int count)
{
	int64_t		step = power[DUPEX_CODE_MAX_LENGTH - count];

	range->first = value * step;
	range->last = value * step + (step - 1);
	range->exact = true;
}

/*
 * The range of all codes that begin with the text, which may be empty and is
 * otherwise written as a source code. A prefix of more than 12 characters gives
 * an empty range (first > last); a bad character is a fault, and *where its
 * offset.
 */
DupexCodeFault
dupex_code_parse_prefix(const char *text, size_t length, DupexCodeRange *range,
						size_t *where)
{
	int64_t		value;
	int			digits;
	DupexCodeFault fault = read_digits(text, length, &value, &digits, where);

	if (fault == DUPEX_CODE_TOO_LONG)
	{
		/* nothing begins with it, if the rest of it is in order */
		for (size_t i = *where; i < length; i++)
		{
			if (meaning[(unsigned char) text[i]] == BAD_CHARACTER)
			{
				*where = i;
				return DUPEX_CODE_BAD_CHARACTER;
			}
		}
		range->first = 1;
		range->last = 0;
		range->exact = true;
		return DUPEX_CODE_OK;
	}
	if (fault == DUPEX_CODE_OK)
		set_prefix_range(range, value, digits);
	return fault;
}

/*
 * Reads a pattern, folding case and skipping spaces and hyphens. The only fault
 * is BAD_CHARACTER, with *where its offset. Stars in a row become one.
 */
DupexCodeFault
dupex_pattern_parse(const char *text, size_t length, DupexCodePattern *pattern,
					size_t *where)
{
	int			characters = 0;
	int			symbols = 0;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char character = (unsigned char) text[i];
		uint8_t		digit = meaning[character];

		if (digit == IGNORED)
			continue;
		if (digit == BAD_CHARACTER && character != '?' && character != '*')
		{
			*where = i;
			return DUPEX_CODE_BAD_CHARACTER;
		}
		if (character == '*')
		{
			if (symbols > 0 && pattern->symbols[symbols - 1] == '*')
				continue;
		}
		else if (++characters > DUPEX_CODE_MAX_LENGTH)
			continue;			/* too long to match; but look at the rest */
		if (symbols < DUPEX_PATTERN_MAX_LENGTH)
			pattern->symbols[symbols++] =
				digit == BAD_CHARACTER ? (char) character : symbol[digit];
	}
	pattern->length = symbols;
	pattern->impossible = symbols == 0 || characters > DUPEX_CODE_MAX_LENGTH;
	return DUPEX_CODE_OK;
}

/*
 * Whether a valid code matches the pattern. The usual method: after a mismatch
 * go back to the last star and let it take one character more.
 */
bool
dupex_pattern_matches(const DupexCodePattern *pattern, int64_t code)
{
	char		text[DUPEX_CODE_MAX_LENGTH + 1];
	int			length;
	int			at = 0;
	int			in_pattern = 0;
	int			star = -1;
	int			star_at = 0;

	if (pattern->impossible)
		return false;
	length = dupex_code_format(code, text);
	while (at < length)
	{
		char		wanted = '\0';

		if (in_pattern < pattern->length)
			wanted = pattern->symbols[in_pattern];
		if (wanted == '*')
		{
			star = in_pattern++;
			star_at = at;
		}
		else if (wanted == '?' || wanted == text[at])
		{
			in_pattern++;
			at++;
		}
		else if (star >= 0)
		{
			in_pattern = star + 1;
			at = ++star_at;
		}
		else
			return false;
	}
	if (in_pattern < pattern->length && pattern->symbols[in_pattern] == '*')
		in_pattern++;
	return in_pattern == pattern->length;
}

/*
 * The smallest range that holds all codes that match the pattern, as far as its
 * characters before the first ? or * tell. False when nothing can match.
 */
bool
dupex_pattern_range(const DupexCodePattern *pattern, DupexCodeRange *range)
{
	int64_t		value = 0;
	int			literal = 0;

	if (pattern->impossible)
		return false;
	while (literal < pattern->length && pattern->symbols[literal] != '?' &&
		   pattern->symbols[literal] != '*')
	{
		value = value * RADIX +
			meaning[(unsigned char) pattern->symbols[literal]];
		literal++;
	}
	set_prefix_range(range, value, literal);
	if (literal == pattern->length)
		range->last = range->first;
	else
		range->exact = literal == pattern->length - 1 &&
			pattern->symbols[literal] == '*';
	return true;
}
