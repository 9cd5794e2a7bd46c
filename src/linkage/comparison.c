/*
 * comparison.c
 *		How alike two values of a column are, as a level.
 *
 * A level is a statement that a person would make of the two values: the same; a
 * slip apart; alike; different. What a level is worth is counted (fellegi_sunter.c),
 * so the borders between levels need not be exact.
 */
#include "linkage/comparison.h"

#include "hygiene/letters.h"

#include <string.h>

/* a local part of an address that says something */
#define LOCAL_PART_MIN 4

/* from which on two addresses with the same numbers are nearly the same, and alike */
#define ADDRESS_NEAR 0.8
#define ADDRESS_ALIKE 0.5
#define ADDRESS_EDITS 2

/*
 * A value as characters.
 */
void
dupex_linkage_letters(const char *text, size_t length, DupexLetters *letters)
{
	letters->count = 0;
	for (size_t at = 0; at < length && letters->count < DUPEX_COMPARE_MAX;)
	{
		unsigned char octet = (unsigned char) text[at];
		uint32_t	letter = octet;
		size_t		size = 1;

		if (octet >= 0x80)
			size = dupex_utf8_get(text + at, length - at, &letter);
		if (size == 0)
		{
			at++;
			continue;
		}
		letters->letter[letters->count++] = letter;
		at += size;
	}
}

static bool
is_digit(uint32_t letter)
{
	return letter >= '0' && letter <= '9';
}

/* digits in a row */
typedef struct Number
{
	size_t		from;
	size_t		count;
} Number;

static size_t
find_numbers(const DupexLetters *letters, Number *numbers)
{
	size_t		count = 0;

	for (size_t i = 0; i < letters->count; i++)
	{
		if (!is_digit(letters->letter[i]))
			continue;
		if (i == 0 || !is_digit(letters->letter[i - 1]))
		{
			numbers[count].from = i;
			numbers[count++].count = 0;
		}
		numbers[count - 1].count++;
	}
	return count;
}

typedef enum NumbersInCommon
{
	NUMBERS_DIFFER,
	NUMBERS_WITHIN,				/* those of one are among those of the other */
	NUMBERS_SAME
} NumbersInCommon;

/*
 * What numbers two addresses have in common, in whatever order. Without any number
 * they are the same if the other has none either.
 */
static NumbersInCommon
numbers_in_common(const DupexLetters *a, const DupexLetters *b)
{
	Number		a_numbers[DUPEX_COMPARE_MAX];
	Number		b_numbers[DUPEX_COMPARE_MAX];
	bool		taken[DUPEX_COMPARE_MAX] = {false};
	size_t		a_count = find_numbers(a, a_numbers);
	size_t		b_count = find_numbers(b, b_numbers);
	size_t		common = 0;

	for (size_t i = 0; i < a_count; i++)
	{
		for (size_t j = 0; j < b_count; j++)
		{
			if (taken[j] || a_numbers[i].count != b_numbers[j].count ||
				memcmp(a->letter + a_numbers[i].from, b->letter + b_numbers[j].from,
					   a_numbers[i].count * sizeof(a->letter[0])) != 0)
				continue;
			taken[j] = true;
			common++;
			break;
		}
	}
	if (common == a_count && common == b_count)
		return NUMBERS_SAME;
	return common > 0 && (common == a_count || common == b_count) ? NUMBERS_WITHIN : NUMBERS_DIFFER;
}

/*
 * Same, a slip apart, another provider, different.
 */
static int
email_level(const char *a, size_t a_length, const char *b, size_t b_length)
{
	const char *a_at = memchr(a, '@', a_length);
	const char *b_at = memchr(b, '@', b_length);
	DupexLetters x;
	DupexLetters y;

	if ((a_length > b_length ? a_length - b_length : b_length - a_length) <= 1)
	{
		dupex_linkage_letters(a, a_length, &x);
		dupex_linkage_letters(b, b_length, &y);
		if (dupex_edit_distance(&x, &y, 1) <= 1)
			return 1;
	}
	if (a_at && b_at && a_at - a == b_at - b && a_at - a >= LOCAL_PART_MIN &&
		memcmp(a, b, (size_t) (a_at - a)) == 0)
		return 2;
	return 3;
}

/*
 * 1 where two texts are one edit apart, else 2.
 */
static int
slip_level(const char *a, size_t a_length, const char *b, size_t b_length)
{
	DupexLetters x;
	DupexLetters y;

	if ((a_length > b_length ? a_length - b_length : b_length - a_length) > DUPEX_UTF8_MAX)
		return 2;
	dupex_linkage_letters(a, a_length, &x);
	dupex_linkage_letters(b, b_length, &y);
	return dupex_edit_distance(&x, &y, 1) <= 1 ? 1 : 2;
}

/*
 * Dates of eight digits: a slip apart is one edit, or day and month exchanged.
 */
static int
birthday_level(const char *a, size_t a_length, const char *b, size_t b_length)
{
	if (a_length == 8 && b_length == 8 && memcmp(a, b, 4) == 0 &&
		memcmp(a + 4, b + 6, 2) == 0 && memcmp(a + 6, b + 4, 2) == 0)
		return 1;
	return slip_level(a, a_length, b, b_length);
}

/*
 * Nearly the same: the same numbers, and close. Alike: many words in common, and the
 * numbers of one among those of the other (a flat or a postcode is left out). With
 * other numbers they are neighbours at best, a little alike.
 */
static int
address_level(const DupexLetters *a, const DupexLetters *b)
{
	double		common = dupex_token_set(a, b);
	NumbersInCommon numbers;

	if (common < ADDRESS_ALIKE && dupex_edit_distance(a, b, ADDRESS_EDITS) > ADDRESS_EDITS)
		return 4;
	numbers = numbers_in_common(a, b);
	if (numbers == NUMBERS_SAME &&
		(common >= ADDRESS_NEAR || dupex_edit_distance(a, b, ADDRESS_EDITS) <= ADDRESS_EDITS))
		return 1;
	return numbers != NUMBERS_DIFFER ? 2 : 3;
}

/*
 * The level of a similarity, from 1 on.
 */
static int
level_of_similarity(const DupexLinkageColumn *column, double similarity)
{
	int			level = 1;

	while (level < column->levels - 1 && similarity < column->threshold[level - 1])
		level++;
	return level;
}

static int
level_of_distance(const DupexLinkageColumn *column, const DupexLetters *a, const DupexLetters *b)
{
	int			most = (int) column->threshold[column->levels - 3];
	int			distance = dupex_edit_distance(a, b, most);
	int			level = 1;

	while (level < column->levels - 1 && distance > column->threshold[level - 1])
		level++;
	return level;
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/* kinds of letters that are told apart when letters in common are counted */
#define BUCKETS 64

/*
 * The letter with which a text begins, and the least with which one of its words does:
 * the one with which it begins when its words are sorted.
 */
static void
first_letters(const DupexLetters *letters, uint32_t *first, uint32_t *least)
{
	uint32_t	before = ' ';

	*first = letters->count > 0 ? letters->letter[0] : 0;
	*least = *first;
	for (size_t i = 0; i < letters->count; i++)
	{
		uint32_t	letter = letters->letter[i];

		if (before == ' ' && letter < *least)
			*least = letter;
		before = letter;
	}
}

/*
 * Whether two texts have too few letters in common to reach a similarity of Jaro and
 * Winkler, as they stand or with their words sorted: what can be said without working
 * it out. Two texts have a common beginning only when their first letters are the
 * same.
 */
static bool
is_out_of_reach(const DupexLetters *a, const DupexLetters *b, double least)
{
	unsigned short of_a[BUCKETS] = {0};
	unsigned short of_b[BUCKETS] = {0};
	uint32_t	first_a;
	uint32_t	first_b;
	uint32_t	least_a;
	uint32_t	least_b;
	double		common = 0;
	double		most;

	if (a->count == 0 || b->count == 0)
		return false;
	for (size_t i = 0; i < a->count; i++)
		of_a[a->letter[i] % BUCKETS]++;
	for (size_t i = 0; i < b->count; i++)
		of_b[b->letter[i] % BUCKETS]++;
	for (int i = 0; i < BUCKETS; i++)
		common += of_a[i] < of_b[i] ? of_a[i] : of_b[i];
	most = (common / (double) a->count + common / (double) b->count + 1) / 3;
	first_letters(a, &first_a, &least_a);
	first_letters(b, &first_b, &least_b);
	if (first_a == first_b || least_a == least_b)
		most += 0.4 * (1 - most);
	return most < least - 1e-9;
}

static bool
has_han(const DupexLetters *letters)
{
	for (size_t i = 0; i < letters->count; i++)
	{
		if (letters->letter[i] >= 0x80 && dupex_letter_is_han(letters->letter[i]))
			return true;
	}
	return false;
}

/*
 * The similarity of two names, or 0 where it is certainly below least. Those of
 * Chinese ones are steps of their own.
 */
static double
name_similarity(const DupexLetters *a, const DupexLetters *b, double least, DupexSounds *sounds)
{
	if (is_out_of_reach(a, b, least) && !has_han(a) && !has_han(b))
		return 0;
	return dupex_name_similarity(a, b, sounds != NULL && sounds->count > 0 ? dupex_sounds_alike : NULL, sounds);
}

/*
 * The level of two values, in the form of their kind, from 0 (the same) to the last
 * (different).
 */
int
dupex_linkage_level(const DupexLinkageColumn *column,
					const char *a, size_t a_length,
					const char *b, size_t b_length,
					DupexSounds *sounds)
{
	DupexLetters x;
	DupexLetters y;
	double		least;

	if (a_length == b_length && memcmp(a, b, a_length) == 0)
		return 0;
	if (column->levels <= 2)
		return column->levels - 1;
	least = column->threshold[column->levels - 3];
	switch (column->kind)
	{
		case DUPEX_LINKAGE_EMAIL:
			return email_level(a, a_length, b, b_length);
		case DUPEX_LINKAGE_PHONE:
		case DUPEX_LINKAGE_ID:
			return slip_level(a, a_length, b, b_length);
		case DUPEX_LINKAGE_BIRTHDAY:
			return birthday_level(a, a_length, b, b_length);
		default:
			break;
	}
	dupex_linkage_letters(a, a_length, &x);
	dupex_linkage_letters(b, b_length, &y);
	switch (column->kind)
	{
		case DUPEX_LINKAGE_NAME:
			return level_of_similarity(column, name_similarity(&x, &y, least, sounds));
		case DUPEX_LINKAGE_FIRM:
			return level_of_similarity(column, larger(dupex_token_set(&x, &y), name_similarity(&x, &y, least, NULL)));
		case DUPEX_LINKAGE_ADDRESS:
			return address_level(&x, &y);
		case DUPEX_LINKAGE_EDIT_DISTANCE:
			return level_of_distance(column, &x, &y);
		case DUPEX_LINKAGE_TOKEN:
			return level_of_similarity(column, dupex_token_set(&x, &y));
		default:
			return is_out_of_reach(&x, &y, least) ? column->levels - 1
				: level_of_similarity(column, dupex_jaro_winkler(&x, &y));
	}
}
