/*
 * compare.c
 *		How alike two names or addresses are, in characters.
 *
 * All measures see characters and not octets, after the same folding: lower case,
 * ordinary width, no accents, no punctuation, one space between words. So they give
 * the same in every database, whatever its locale.
 *
 * Sources: M. A. Jaro, "Advances in record-linkage methodology as applied to
 * matching the 1985 census of Tampa, Florida", Journal of the American Statistical
 * Association 84, 1989. W. E. Winkler, "String comparator metrics and enhanced
 * decision rules in the Fellegi-Sunter model of record linkage", Proceedings of the
 * Section on Survey Research Methods, ASA, 1990: the weight of a common beginning
 * is .1 a character, up to four. F. J. Damerau, Communications of the ACM 7, 1964.
 */
#include "hygiene/compare.h"

#include "hygiene/letters.h"

#include <string.h>

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Chinese characters, which are words by themselves: the unified ideographs and
 * their extensions, and the iteration mark.
 */
bool
dupex_letter_is_han(uint32_t letter)
{
	return (letter >= 0x4E00 && letter <= 0x9FFF) ||
		(letter >= 0x3400 && letter <= 0x4DBF) || letter == 0x3005 ||
		letter == 0x3007 || (letter >= 0xF900 && letter <= 0xFAFF) ||
		(letter >= 0x20000 && letter <= 0x3FFFF);
}

/*
 * Punctuation and symbols, which people set or leave out as they like.
 */
static bool
is_punctuation(uint32_t letter)
{
	if (letter < 0x80)
		return !(letter >= 'a' && letter <= 'z') &&
			!(letter >= '0' && letter <= '9');
	return (letter >= 0xA1 && letter <= 0xBF) || letter == 0xD7 ||
		letter == 0xF7 || (letter >= 0x2010 && letter <= 0x2BFF) ||
		(letter >= 0x3001 && letter <= 0x3004) ||
		(letter >= 0x3008 && letter <= 0x3020) || letter == 0x30FB ||
		(letter >= 0xFE10 && letter <= 0xFE6F) ||
		(letter >= 0xFF5F && letter <= 0xFF65);
}

/*
 * Marks that a name is written with or without: accents of all alphabets, the vowel points
 * of Hebrew and Arabic, and the stroke that makes an Arabic word longer.
 */
static bool
is_mark(uint32_t letter)
{
	return (letter >= 0x0300 && letter <= 0x036F) ||
		(letter >= 0x0591 && letter <= 0x05BD) || letter == 0x05BF ||
		letter == 0x05C1 || letter == 0x05C2 || letter == 0x05C7 ||
		letter == 0x0640 || (letter >= 0x064B && letter <= 0x065F) ||
		letter == 0x0670;
}

/*
 * Folds a text, which is in normal form KD (accents stand behind their letters):
 * accents and what nobody sees are left out, punctuation becomes a space, except
 * the apostrophe and the middle dot within names, which are left out too. The
 * German sharp s becomes two, the sigma at the end of a Greek word an ordinary one, as
 * capitals do not tell them apart.
 */
void
dupex_letters_fold(const char *text, size_t length, DupexLetters *letters)
{
	size_t		at = 0;
	bool		space = false;

	letters->count = 0;
	while (at < length && letters->count < DUPEX_COMPARE_MAX)
	{
		uint32_t	letter;
		size_t		octets = dupex_utf8_get(text + at, length - at, &letter);

		if (octets == 0)
		{
			at++;				/* no UTF-8: nothing to compare */
			continue;
		}
		at += octets;
		letter = dupex_letter_lower(dupex_letter_narrow(letter));
		if (dupex_letter_is_invisible(letter) || letter == '\'' ||
			letter == 0x2019 || letter == 0xB7 || is_mark(letter))
			continue;
		if (dupex_letter_is_space(letter) || is_punctuation(letter))
		{
			space = letters->count > 0;
			continue;
		}
		if (space && letters->count + 1 < DUPEX_COMPARE_MAX)
			letters->letter[letters->count++] = ' ';
		space = false;
		if (letter == DUPEX_FINAL_SIGMA)
			letter = DUPEX_FINAL_SIGMA + 1;
		if (letter == 0xDF && letters->count + 1 < DUPEX_COMPARE_MAX)
		{
			letters->letter[letters->count++] = 's';	/* sharp s */
			letter = 's';
		}
		if (letters->count < DUPEX_COMPARE_MAX)
			letters->letter[letters->count++] = letter;
	}
}

/*
 * Jaro's similarity: 1 for equal texts, 0 for texts that have nothing in common;
 * two empty texts are equal.
 */
double
dupex_jaro(const DupexLetters *a, const DupexLetters *b)
{
	bool		a_taken[DUPEX_COMPARE_MAX] = {false};
	bool		b_taken[DUPEX_COMPARE_MAX] = {false};
	size_t		longer = larger(a->count, b->count);
	size_t		window = longer / 2 > 0 ? longer / 2 - 1 : 0;
	size_t		common = 0;
	size_t		crossed = 0;
	size_t		j = 0;
	double		m;

	if (a->count == 0 || b->count == 0)
		return a->count == b->count ? 1.0 : 0.0;
	for (size_t i = 0; i < a->count; i++)
	{
		size_t		from = i > window ? i - window : 0;
		size_t		to = smaller(i + window + 1, b->count);

		for (size_t k = from; k < to; k++)
		{
			if (b_taken[k] || a->letter[i] != b->letter[k])
				continue;
			a_taken[i] = b_taken[k] = true;
			common++;
			break;
		}
	}
	if (common == 0)
		return 0.0;
	for (size_t i = 0; i < a->count; i++)
	{
		if (!a_taken[i])
			continue;
		while (!b_taken[j])
			j++;
		crossed += a->letter[i] != b->letter[j++];
	}
	m = (double) common;
	crossed /= 2;
	return (m / (double) a->count + m / (double) b->count + (m - (double) crossed) / m) / 3.0;
}

/*
 * Jaro's similarity, raised for a common beginning.
 */
double
dupex_jaro_winkler(const DupexLetters *a, const DupexLetters *b)
{
	double		similarity = dupex_jaro(a, b);
	size_t		most = smaller(4, smaller(a->count, b->count));
	size_t		prefix = 0;

	while (prefix < most && a->letter[prefix] == b->letter[prefix])
		prefix++;
	return similarity + (double) prefix * 0.1 * (1.0 - similarity);
}

/*
 * The number of edits between two texts: characters replaced, left out, put in, or
 * neighbours swapped, no part edited twice (optimal string alignment). bound + 1
 * when there are more than bound; only a band of that width is worked out.
 */
int
dupex_edit_distance(const DupexLetters *a, const DupexLetters *b, int bound)
{
	int			rows[3][DUPEX_COMPARE_MAX + 1];
	int			n = (int) a->count;
	int			m = (int) b->count;
	int			beyond;

	if (bound > n + m)
		bound = n + m;
	beyond = bound + 1;
	if (n - m > bound || m - n > bound)
		return beyond;
	for (int j = 0; j <= m; j++)
		rows[0][j] = j <= bound ? j : beyond;
	for (int i = 1; i <= n; i++)
	{
		int		   *row = rows[i % 3];
		const int  *before = rows[(i + 2) % 3];
		const int  *two_before = rows[(i + 1) % 3];
		int			from = i - bound > 1 ? i - bound : 1;
		int			to = i + bound < m ? i + bound : m;
		int			least;

		row[from - 1] = from == 1 && i <= bound ? i : beyond;
		least = row[from - 1];
		/* NOLINTBEGIN(clang-analyzer-*): only what has been written is read */
		for (int j = from; j <= to; j++)
		{
			int			best = before[j - 1] + (a->letter[i - 1] != b->letter[j - 1]);

			/* beyond the band of the row before nothing was worked out */
			if (j < i + bound && before[j] + 1 < best)
				best = before[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a->letter[i - 1] == b->letter[j - 2] &&
				a->letter[i - 2] == b->letter[j - 1] && two_before[j - 2] + 1 < best)
				best = two_before[j - 2] + 1;
			row[j] = best < beyond ? best : beyond;
			least = row[j] < least ? row[j] : least;
		}
		if (least > bound)
			return beyond;
	}
	return rows[n % 3][m];
	/* NOLINTEND(clang-analyzer-*) */
}

/* a word of a text */
typedef struct Token
{
	const uint32_t *start;
	size_t		count;
} Token;

/*
 * The words of a text; each Chinese character is one.
 */
static size_t
split(const DupexLetters *letters, Token *tokens)
{
	size_t		count = 0;
	size_t		at = 0;

	while (at < letters->count)
	{
		size_t		from = at;

		if (letters->letter[at] == ' ')
		{
			at++;
			continue;
		}
		if (dupex_letter_is_han(letters->letter[at]))
			at++;
		else
		{
			while (at < letters->count && letters->letter[at] != ' ' &&
				   !dupex_letter_is_han(letters->letter[at]))
				at++;
		}
		tokens[count].start = letters->letter + from;
		tokens[count++].count = at - from;
	}
	return count;
}

static bool
same_token(const Token *a, const Token *b)
{
	return a->count == b->count &&
		memcmp(a->start, b->start, a->count * sizeof(a->start[0])) == 0;
}

/*
 * What part of their words two texts have in common, in whatever order: twice the
 * common words over all words (Dice, "Measures of the amount of ecologic
 * association between species", Ecology 26, 1945). A word counts as often as it is
 * there. 1 for two empty texts.
 */
double
dupex_token_set(const DupexLetters *a, const DupexLetters *b)
{
	Token		a_tokens[DUPEX_COMPARE_MAX];
	Token		b_tokens[DUPEX_COMPARE_MAX];
	bool		taken[DUPEX_COMPARE_MAX] = {false};
	size_t		a_count = split(a, a_tokens);
	size_t		b_count = split(b, b_tokens);
	size_t		common = 0;

	if (a_count + b_count == 0)
		return 1.0;
	for (size_t i = 0; i < a_count; i++)
	{
		for (size_t j = 0; j < b_count; j++)
		{
			if (taken[j] || !same_token(&a_tokens[i], &b_tokens[j]))
				continue;
			taken[j] = true;
			common++;
			break;
		}
	}
	return 2.0 * (double) common / (double) (a_count + b_count);
}
