/*
 * names.c
 *		How alike two names of persons are; the key of a household's address.
 *
 * A Chinese name has two to four characters, and measures made for alphabets say
 * little of it: one wrong character of two is half of the name. What happens to
 * such names is that a character is heard and written as another of the same
 * sound, or mistyped. So the similarity has steps, in the order in which a person
 * would believe that two names are one: equal; the same sounds; one character off.
 *
 * Names in alphabets are compared by Jaro and Winkler, as they stand and with their
 * words sorted, since forms differ in which name comes first.
 */
#include "hygiene/names.h"

#include "hygiene/letters.h"

#include <string.h>

/* steps for Chinese names */
#define SAME_SOUND 0.95
#define ONE_OFF_LONG 0.85
#define ONE_OFF_SHORT 0.70
#define REST 0.50

/* what a name loses for having its words in another order */
#define OTHER_ORDER 0.98

static bool
has_han(const DupexLetters *letters)
{
	for (size_t i = 0; i < letters->count; i++)
	{
		if (dupex_letter_is_han(letters->letter[i]))
			return true;
	}
	return false;
}

static void
without_spaces(const DupexLetters *letters, DupexLetters *out)
{
	out->count = 0;
	for (size_t i = 0; i < letters->count; i++)
	{
		if (letters->letter[i] != ' ')
			out->letter[out->count++] = letters->letter[i];
	}
}

static bool
equal(const DupexLetters *a, const DupexLetters *b)
{
	return a->count == b->count &&
		memcmp(a->letter, b->letter, a->count * sizeof(a->letter[0])) == 0;
}

static double
chinese_similarity(const DupexLetters *a, const DupexLetters *b,
				   DupexSoundsAlike sounds_alike, void *table)
{
	DupexLetters x;
	DupexLetters y;
	bool		same_sound = sounds_alike != NULL;

	without_spaces(a, &x);
	without_spaces(b, &y);
	if (equal(&x, &y))
		return 1.0;
	same_sound = same_sound && x.count == y.count;
	for (size_t i = 0; same_sound && i < x.count; i++)
		same_sound = x.letter[i] == y.letter[i] || sounds_alike(table, x.letter[i], y.letter[i]);
	if (same_sound)
		return SAME_SOUND;
	if (x.count >= 2 && y.count >= 2 && dupex_edit_distance(&x, &y, 1) == 1)
		return x.count + y.count >= 5 ? ONE_OFF_LONG : ONE_OFF_SHORT;
	return REST * dupex_jaro(&x, &y);
}

static int
compare_words(const DupexLetters *letters, size_t a, size_t b)
{
	for (;; a++, b++)
	{
		uint32_t	x = a < letters->count ? letters->letter[a] : ' ';
		uint32_t	y = b < letters->count ? letters->letter[b] : ' ';

		if (x != y)
			return x < y ? -1 : 1;
		if (x == ' ')
			return 0;
	}
}

/*
 * The words of a text in order.
 */
static void
sort_words(const DupexLetters *letters, DupexLetters *out)
{
	size_t		start[DUPEX_COMPARE_MAX];
	size_t		count = 0;

	for (size_t i = 0; i < letters->count; i++)
	{
		size_t		at = count;

		if (letters->letter[i] == ' ' || (i > 0 && letters->letter[i - 1] != ' '))
			continue;
		while (at > 0 && compare_words(letters, start[at - 1], i) > 0)
		{
			start[at] = start[at - 1];
			at--;
		}
		start[at] = i;
		count++;
	}
	out->count = 0;
	for (size_t i = 0; i < count; i++)
	{
		if (i > 0)
			out->letter[out->count++] = ' ';
		for (size_t k = start[i]; k < letters->count && letters->letter[k] != ' '; k++)
			out->letter[out->count++] = letters->letter[k];
	}
}

/*
 * From 0 to 1; 1 only for names that are equal once folded. sounds_alike may be
 * NULL.
 */
double
dupex_name_similarity(const DupexLetters *a, const DupexLetters *b,
					  DupexSoundsAlike sounds_alike, void *table)
{
	DupexLetters x;
	DupexLetters y;
	double		as_written;
	double		sorted;

	if (has_han(a) || has_han(b))
		return chinese_similarity(a, b, sounds_alike, table);
	as_written = dupex_jaro_winkler(a, b);
	sort_words(a, &x);
	sort_words(b, &y);
	sorted = OTHER_ORDER * dupex_jaro_winkler(&x, &y);
	return as_written > sorted ? as_written : sorted;
}

/* words of addresses that have one short form; folded already */
static const char *const short_forms[][2] = {
	{"street", "st"}, {"strasse", "str"}, {"road", "rd"}, {"avenue", "ave"},
	{"boulevard", "blvd"}, {"drive", "dr"}, {"lane", "ln"}, {"place", "pl"},
	{"square", "sq"}, {"court", "ct"}, {"apartment", "apt"}, {"flat", "apt"},
	{"unit", "apt"}, {"building", "bldg"}, {"floor", "fl"}, {"north", "n"},
	{"south", "s"}, {"east", "e"}, {"west", "w"}, {"number", ""}, {"no", ""}
};

/*
 * What stands between the numbers of a Chinese address: number, building, tower,
 * entrance, room, lane, floor. Behind a digit they all become a hyphen.
 */
static bool
is_unit(uint32_t letter)
{
	static const uint32_t units[] = {
		0x53F7, 0x865F,			/* number, short and long form */
		0x680B, 0x5E62, 0x5EA7, /* buildings */
		0x697C, 0x6A13,			/* floor or building */
		0x5355, 0x5143,			/* the two of "entrance" */
		0x5BA4, 0x5F04, 0x5C42, 0x5C64, 0x5DF7
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		if (units[i] == letter)
			return true;
	}
	return false;
}

/* the value of a Chinese digit, -1 for none */
static int
chinese_digit(uint32_t letter)
{
	static const uint32_t digits[] = {
		0x3007, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D
	};

	for (int i = 0; i < 10; i++)
	{
		if (digits[i] == letter)
			return i;
	}
	return -1;
}

static bool
is_digit(uint32_t letter)
{
	return letter >= '0' && letter <= '9';
}

/*
 * The key of a Chinese address: no spaces, Chinese digits before a unit as digits,
 * units between numbers as hyphens.
 */
static size_t
chinese_key(const DupexLetters *address, char *out)
{
	DupexLetters kept;
	size_t		length = 0;

	kept.count = 0;
	for (size_t i = 0; i < address->count; i++)
	{
		uint32_t	letter = address->letter[i];
		uint32_t	next = i + 1 < address->count ? address->letter[i + 1] : 0;
		uint32_t	before = kept.count > 0 ? kept.letter[kept.count - 1] : 0;

		if (chinese_digit(letter) >= 0 && is_unit(next))
			letter = '0' + (uint32_t) chinese_digit(letter);
		else if (is_unit(letter) && (is_digit(before) || before == '-'))
			letter = '-';
		else if (letter == ' ')
			letter = is_digit(before) && is_digit(next) ? '-' : ' ';
		if (letter == ' ' || (letter == '-' && before == '-'))
			continue;
		kept.letter[kept.count++] = letter;
	}
	while (kept.count > 0 && kept.letter[kept.count - 1] == '-')
		kept.count--;
	for (size_t i = 0; i < kept.count; i++)
		length += dupex_utf8_put(kept.letter[i], out + length);
	return length;
}

/*
 * Writes a word, or its short form; returns its octets.
 */
static size_t
put_word(const DupexLetters *letters, size_t from, size_t to, char *out)
{
	size_t		length = 0;

	for (size_t i = from; i < to; i++)
		length += dupex_utf8_put(letters->letter[i], out + length);
	for (size_t i = 0; i < sizeof(short_forms) / sizeof(short_forms[0]); i++)
	{
		const char *full = short_forms[i][0];

		if (strlen(full) == length && memcmp(full, out, length) == 0)
		{
			length = strlen(short_forms[i][1]);
			memcpy(out, short_forms[i][1], length);
			break;
		}
	}
	return length;
}

/*
 * The key under which the ways of writing one address meet. Writes up to
 * DUPEX_ADDRESS_KEY_MAX octets; returns how many, 0 for an empty address.
 */
size_t
dupex_address_key(const DupexLetters *address, char *out)
{
	size_t		length = 0;
	size_t		at = 0;

	if (has_han(address))
		return chinese_key(address, out);
	while (at < address->count)
	{
		size_t		from = at;
		size_t		octets;

		while (at < address->count && address->letter[at] != ' ')
			at++;
		octets = put_word(address, from, at, out + length + (length > 0));
		if (octets > 0)
		{
			if (length > 0)
				out[length++] = ' ';
			length += octets;
		}
		at++;
	}
	return length;
}
