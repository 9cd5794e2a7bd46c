/*
 * reader.c
 *		The tolerant reader of source codes as customers quote them.
 *
 * People write codes in small letters, with spaces and hyphens, with full-width
 * characters, and they take O for 0 and I for 1. The reader knows the layout,
 * so it knows where a letter and where a digit belongs, and repairs what cannot
 * be meant otherwise:
 *
 * 1. Spaces and dashes (of ASCII and of Unicode) are dropped, letters become
 *	  capitals, full-width letters and digits become plain ones.
 * 2. A character that its position allows stays, whatever it looks like. One
 *	  that is not allowed is replaced by the first of its look-alikes that is.
 *	  An opaque field of letters and digits allows everything, so nothing in it
 *	  is ever replaced by this rule.
 * 3. Month and check character must be right. When they are not, and the layout
 *	  has a check character, the reader tries every other look-alike in every
 *	  single position; if exactly one code comes out right, it is the one.
 *
 * Every repair is told. It never guesses at more: other single errors are for
 * dupex_suggest (suggest.c), where a person decides.
 */
#include "source/reader.h"

#include "text/message.h"

#include <string.h>

/* so many letters and digits are counted; what has more has "more than" it */
#define COUNTED_MAX 100

/*
 * The characters that look like this one (0-9A-Z), the likeliest first, as a
 * string; empty when none does.
 */
const char *
dupex_look_alikes(char character)
{
	switch (character)
	{
		case '0':
			return "O";
		case '1':
			return "IL";
		case '2':
			return "Z";
		case '5':
			return "S";
		case '6':
			return "G";
		case '8':
			return "B";
		case 'B':
			return "8";
		case 'G':
			return "6";
		case 'I':
			return "1L";
		case 'L':
			return "1I";
		case 'O':
			return "0";
		case 'S':
			return "5";
		case 'Z':
			return "2";
		default:
			return "";
	}
}

/*
 * What a character of Unicode means in a code: '0' to '9', 'A' to 'Z', ' ' for
 * one that is dropped, 0 for any other.
 */
static char
fold_unicode(unsigned int point)
{
	if (point >= 0xFF10 && point <= 0xFF19)
		return (char) ('0' + (point - 0xFF10));
	if (point >= 0xFF21 && point <= 0xFF3A)
		return (char) ('A' + (point - 0xFF21));
	if (point >= 0xFF41 && point <= 0xFF5A)
		return (char) ('A' + (point - 0xFF41));
	if (point == 0x00A0 || point == 0x00AD ||	/* no-break space, soft hyphen */
		(point >= 0x2000 && point <= 0x2015) || /* spaces, marks, dashes */
		point == 0x202F || point == 0x205F || point == 0x2060 ||
		point == 0x2212 ||		/* minus */
		point == 0x3000 ||		/* ideographic space */
		point == 0xFE58 || point == 0xFE63 || point == 0xFF0D ||
		point == 0xFEFF)		/* byte order mark */
		return ' ';
	return 0;
}

/*
 * Reads one character of UTF-8 of two or more bytes; returns its length (1 for
 * a byte that begins none) and its meaning as fold_unicode says.
 */
static size_t
next_unicode(const char *text, size_t length, char *character)
{
	const unsigned char *byte = (const unsigned char *) text;
	size_t		bytes = byte[0] >= 0xF0 ? 4 : byte[0] >= 0xE0 ? 3 : 2;
	unsigned int point = byte[0] & (0xFFu >> (bytes + 1));

	*character = 0;
	if (byte[0] < 0xC2 || byte[0] > 0xF4 || bytes > length)
		return 1;
	for (size_t i = 1; i < bytes; i++)
	{
		if ((byte[i] & 0xC0) != 0x80)
			return 1;
		point = (point << 6) | (byte[i] & 0x3Fu);
	}
	*character = fold_unicode(point);
	return bytes;
}

/*
 * Reads the character at the start of a text of at least one byte. Returns its
 * bytes; *character is what it means in a code: '0' to '9', 'A' to 'Z', ' ' for
 * one that is dropped, 0 for one that no code has.
 */
size_t
dupex_next_character(const char *text, size_t length,
					 DupexCharacterLength character_length, char *character)
{
	unsigned char first = (unsigned char) text[0];
	int			digit = dupex_code_digit(first);

	if (digit >= 0)
	{
		*character = (char) (digit < 10 ? '0' + digit : 'A' + digit - 10);
		return 1;
	}
	if (first < 0x80)
	{
		*character = dupex_code_ignores(first) ? ' ' : '\0';
		return 1;
	}
	if (character_length == NULL)
		return next_unicode(text, length, character);
	*character = '\0';
	return (size_t) character_length(text, length);
}

/*
 * Says which character of the text is none of a code.
 */
static void
tell_bad_character(DupexReading *reading, const char *text, size_t bytes,
				   int position)
{
	unsigned char first = (unsigned char) text[0];

	if (first < ' ' || first == 0x7F)
		dupex_message_set(reading->problem, sizeof(reading->problem),
						  "control character %d in position %d", first, position);
	else
		dupex_message_set(reading->problem, sizeof(reading->problem),
						  "character %.*s in position %d", (int) bytes, text, position);
}

/*
 * Copies the letters and digits of the text, as capitals, to reading->quoted
 * as far as there is room. Returns how many they are, or -1 (and the problem)
 * when there is another character. A text that has more than COUNTED_MAX is not
 * looked at any further: it is no code, and may be long.
 */
static int
collect(DupexReading *reading, const char *text, size_t length,
		DupexCharacterLength character_length)
{
	int			count = 0;
	size_t		at = 0;

	while (at < length && count <= COUNTED_MAX)
	{
		char		character;
		size_t		bytes = dupex_next_character(text + at, length - at,
												 character_length, &character);

		if (character == '\0')
		{
			tell_bad_character(reading, text + at, bytes, count + 1);
			return -1;
		}
		if (character != ' ')
		{
			if (count < DUPEX_CODE_MAX_LENGTH)
				reading->quoted[count] = character;
			count++;
		}
		at += bytes;
	}
	reading->quoted[count < DUPEX_CODE_MAX_LENGTH ? count : DUPEX_CODE_MAX_LENGTH] = '\0';
	return count;
}

/*
 * Puts a character that every position allows into reading->characters:
 * the quoted one, or its first look-alike. False (and the problem) where
 * neither will do.
 */
static bool
repair_positions(const DupexLayout *layout, DupexReading *reading)
{
	for (int i = 0; i < layout->width; i++)
	{
		char		quoted = reading->quoted[i];
		const char *other = dupex_look_alikes(quoted);

		if (dupex_layout_allows(layout, i, quoted))
		{
			reading->characters[i] = quoted;
			continue;
		}
		while (*other != '\0' && !dupex_layout_allows(layout, i, *other))
			other++;
		if (*other == '\0')
		{
			char		wants[40];

			dupex_layout_wants(layout, i, wants, sizeof(wants));
			dupex_message_set(reading->problem, sizeof(reading->problem),
							  "%c in position %d where the layout wants %s", quoted,
							  i + 1, wants);
			return false;
		}
		reading->characters[i] = *other;
	}
	reading->characters[layout->width] = '\0';
	return true;
}

/*
 * With a check character: tries the other look-alikes of the quoted character
 * in every single position. True when exactly one code comes out right, which
 * then is in reading->characters; else that is as it was.
 */
static bool
repair_by_check(const DupexLayout *layout, DupexReading *reading)
{
	DupexMisfit misfit;
	int			found = 0;
	int			found_at = 0;
	char		found_character = '\0';

	for (int i = 0; i < layout->width; i++)
	{
		char		before = reading->characters[i];

		/* a repaired character may have another look-alike, 1 read as L */
		for (const char *other = dupex_look_alikes(reading->quoted[i]);
			 *other != '\0'; other++)
		{
			if (*other == before || !dupex_layout_allows(layout, i, *other))
				continue;
			reading->characters[i] = *other;
			if (dupex_layout_values(layout, reading->characters, &misfit))
			{
				found++;
				found_at = i;
				found_character = *other;
			}
		}
		reading->characters[i] = before;
	}
	if (found != 1)
		return false;
	reading->characters[found_at] = found_character;
	return true;
}

/*
 * Tells the repairs: "read O as 0 (positions 3, 5), S as 5 (position 6)". Twelve
 * repairs, no two alike, are 266 characters.
 */
static void
tell_repairs(DupexReading *reading)
{
	char	   *problem = reading->problem;
	size_t		size = sizeof(reading->problem);
	bool		told[DUPEX_CODE_MAX_LENGTH] = {false};

	for (int i = 0; reading->characters[i] != '\0'; i++)
	{
		char		from = reading->quoted[i];
		char		to = reading->characters[i];
		int			count = 0;

		if (from == to || told[i])
			continue;
		for (int j = i; reading->characters[j] != '\0'; j++)
			count += reading->quoted[j] == from && reading->characters[j] == to;
		dupex_message_add(problem, size, "%s%c as %c (position%s",
						  problem[0] == '\0' ? "read " : ", ", from, to,
						  count > 1 ? "s" : "");
		for (int j = i, n = 0; reading->characters[j] != '\0'; j++)
		{
			if (reading->quoted[j] != from || reading->characters[j] != to)
				continue;
			told[j] = true;
			dupex_message_add(problem, size, "%s%d", n++ == 0 ? " " : ", ",
							  j + 1);
		}
		dupex_message_add(problem, size, ")");
	}
}

/*
 * Reads a code of the layout from a text of any bytes. Always fills *reading;
 * see there.
 */
void
dupex_source_read_text(const DupexLayout *layout, const char *text,
					   size_t length, DupexCharacterLength character_length,
					   DupexReading *reading)
{
	DupexMisfit misfit;
	int			count;

	reading->readable = false;
	reading->problem[0] = '\0';
	count = collect(reading, text, length, character_length);
	if (count < 0)
		return;
	if (count == 0)
	{
		dupex_message_set(reading->problem, sizeof(reading->problem), "no code");
		return;
	}
	if (count != layout->width)
	{
		dupex_message_set(reading->problem, sizeof(reading->problem),
						  "%s%d character%s where the layout wants %d",
						  count > COUNTED_MAX ? "more than " : "",
						  count > COUNTED_MAX ? COUNTED_MAX : count,
						  count == 1 ? "" : "s", layout->width);
		return;
	}
	if (!repair_positions(layout, reading))
		return;
	if (!dupex_layout_values(layout, reading->characters, &misfit) &&
		(layout->check < 0 || !repair_by_check(layout, reading)))
	{
		dupex_message_set(reading->problem, sizeof(reading->problem),
						  "%s in position %d", misfit.has, misfit.position);
		if (misfit.kind == DUPEX_WRONG_CHECK)
			dupex_message_add(reading->problem, sizeof(reading->problem),
							  " where the layout wants %s", misfit.wants);
		return;
	}
	reading->readable = true;
	if (memcmp(reading->characters, reading->quoted, (size_t) layout->width) != 0)
		tell_repairs(reading);
}
