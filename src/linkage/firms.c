/*
 * firms.c
 *		Names of firms without what says only that they are firms: legal forms and a
 *		few words that people set or leave out. What is nothing else stays as it is.
 */
#include "linkage/firms.h"

#include <string.h>

/* words, folded; "&" has become a space */
static const char *const forms[] = {
	"ag", "and", "bv", "co", "company", "corp", "corporation", "ek", "ev", "gmbh", "group", "holding", "inc",
	"incorporated", "kg", "limited", "llc", "llp", "ltd", "mbh", "nv", "ohg", "oy", "plc", "pte", "pty", "sa",
	"sarl", "spa", "srl", "the", "u", "und", "ug"
};

/* endings of Chinese names: limited company, of shares, group, company */
static const uint32_t endings[][6] = {
	{0x6709, 0x9650, 0x8D23, 0x4EFB, 0x516C, 0x53F8}, {0x6709, 0x9650, 0x516C, 0x53F8, 0, 0},
	{0x80A1, 0x4EFD, 0, 0, 0, 0}, {0x96C6, 0x56E2, 0, 0, 0, 0}, {0x516C, 0x53F8, 0, 0, 0, 0}
};

static bool
is_form(const uint32_t *word, size_t length)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
	{
		size_t		at = 0;

		if (strlen(forms[i]) != length)
			continue;
		while (at < length && word[at] == (unsigned char) forms[i][at])
			at++;
		if (at == length)
			return true;
	}
	return false;
}

/*
 * Cuts Chinese endings, as long as a name of two characters is left.
 */
static void
cut_endings(DupexLetters *name)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
	{
		size_t		length = 0;

		while (length < 6 && endings[i][length] != 0)
			length++;
		if (name->count >= length + 2 &&
			memcmp(name->letter + name->count - length, endings[i], length * sizeof(uint32_t)) == 0)
			name->count -= length;
	}
}

/*
 * Shortens a folded name.
 */
void
dupex_firm_shorten(DupexLetters *name)
{
	DupexLetters kept;
	size_t		from = 0;

	kept.count = 0;
	while (from < name->count)
	{
		size_t		to = from;

		while (to < name->count && name->letter[to] != ' ')
			to++;
		if (to > from && !is_form(name->letter + from, to - from))
		{
			if (kept.count > 0)
				kept.letter[kept.count++] = ' ';
			memcpy(kept.letter + kept.count, name->letter + from, (to - from) * sizeof(uint32_t));
			kept.count += to - from;
		}
		from = to + 1;
	}
	if (kept.count > 0)
		*name = kept;
	cut_endings(name);
}
