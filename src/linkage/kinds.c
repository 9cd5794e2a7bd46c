/*
 * kinds.c
 *		The kinds of columns: names, levels, what is assumed of them before
 *		anything has been counted.
 */
#include "linkage/comparison.h"

#include <string.h>

/*
 * same, different: the shares of pairs of one person that are assumed to have the
 * same and a different value, as a start and as a prior of a few pairs.
 * A kind with thresholds has one level for each between same and different.
 */
static const struct
{
	const char *name;
	double		threshold[DUPEX_LINKAGE_LEVELS];	/* until a 0 */
	double		same;
	double		different;
	int			levels;			/* of a kind without thresholds */
	bool		adjusts;
}			kinds[DUPEX_LINKAGE_KINDS] =

{
	{"email", {0}, .75, .15, 4, true},
	{"phone", {0}, .75, .15, 3, true},
	{"name", {.92, .80, .70}, .75, .05, 0, true},
	{"firm", {.92, .82, .70}, .55, .05, 0, true},
	{"address", {0}, .60, .15, 5, true},
	{"birthday", {0}, .85, .05, 3, true},
	{"id", {0}, .90, .03, 3, true},
	{"exact", {0}, .85, .15, 2, true},
	{"jaro_winkler", {.92, .80}, .75, .08, 0, true},
	{"edit_distance", {1, 2}, .75, .08, 0, true},
	{"token", {.80, .50}, .60, .10, 0, true},
	{"block", {0}, 1, 0, 1, false}
};

/*
 * Parts of the names of columns, in the order in which they are looked for; a part
 * in capitals must be a word by itself. The Chinese ones are mail box, electronic
 * mail, cell phone, phone, address, birthday, date of birth, identity card, firm,
 * company, name.
 */
static const struct
{
	const char *part;
	DupexLinkageKind kind;
}			guesses[] =

{
	{"mail", DUPEX_LINKAGE_EMAIL}, {"\xE9\x82\xAE\xE7\xAE\xB1", DUPEX_LINKAGE_EMAIL},
	{"\xE9\x82\xAE\xE4\xBB\xB6", DUPEX_LINKAGE_EMAIL},
	{"phone", DUPEX_LINKAGE_PHONE}, {"mobile", DUPEX_LINKAGE_PHONE},
	{"TEL", DUPEX_LINKAGE_PHONE}, {"CELL", DUPEX_LINKAGE_PHONE},
	{"\xE6\x89\x8B\xE6\x9C\xBA", DUPEX_LINKAGE_PHONE}, {"\xE7\x94\xB5\xE8\xAF\x9D", DUPEX_LINKAGE_PHONE},
	{"birth", DUPEX_LINKAGE_BIRTHDAY}, {"DOB", DUPEX_LINKAGE_BIRTHDAY},
	{"\xE7\x94\x9F\xE6\x97\xA5", DUPEX_LINKAGE_BIRTHDAY}, {"\xE5\x87\xBA\xE7\x94\x9F", DUPEX_LINKAGE_BIRTHDAY},
	{"address", DUPEX_LINKAGE_ADDRESS}, {"street", DUPEX_LINKAGE_ADDRESS}, {"ADDR", DUPEX_LINKAGE_ADDRESS},
	{"\xE5\x9C\xB0\xE5\x9D\x80", DUPEX_LINKAGE_ADDRESS},
	{"national_id", DUPEX_LINKAGE_ID}, {"id_card", DUPEX_LINKAGE_ID}, {"idcard", DUPEX_LINKAGE_ID}, {"identity", DUPEX_LINKAGE_ID},
	{"tax_id", DUPEX_LINKAGE_ID}, {"passport", DUPEX_LINKAGE_ID}, {"SSN", DUPEX_LINKAGE_ID},
	{"\xE8\xBA\xAB\xE4\xBB\xBD\xE8\xAF\x81", DUPEX_LINKAGE_ID},
	{"company", DUPEX_LINKAGE_FIRM}, {"FIRM", DUPEX_LINKAGE_FIRM}, {"business", DUPEX_LINKAGE_FIRM},
	{"organisation", DUPEX_LINKAGE_FIRM}, {"organization", DUPEX_LINKAGE_FIRM},
	{"\xE5\x85\xAC\xE5\x8F\xB8", DUPEX_LINKAGE_FIRM},
	{"name", DUPEX_LINKAGE_NAME}, {"\xE5\xA7\x93\xE5\x90\x8D", DUPEX_LINKAGE_NAME},
	{"block", DUPEX_LINKAGE_BLOCK}
};

/*
 * The name of a kind, as comparators of SQL are called.
 */
const char *
dupex_linkage_kind_name(DupexLinkageKind kind)
{
	return kinds[kind].name;
}

/*
 * The kind of a name; false when there is none.
 */
bool
dupex_linkage_kind_named(const char *name, DupexLinkageKind *kind)
{
	for (int i = 0; i < DUPEX_LINKAGE_KINDS; i++)
	{
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		*kind = (DupexLinkageKind) i;
		return true;
	}
	return false;
}

/*
 * Whether a kind has levels by thresholds.
 */
bool
dupex_linkage_kind_has_thresholds(DupexLinkageKind kind)
{
	return kinds[kind].levels == 0;
}

/*
 * Whether the same rare value says more than the same frequent one: of everything that
 * is compared.
 */
bool
dupex_linkage_kind_adjusts(DupexLinkageKind kind)
{
	return kinds[kind].adjusts;
}

static char
lower(char c)
{
	return (char) (c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool
is_word_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/*
 * Whether part, in lower case, stands at the beginning of text; as a word by
 * itself where it is written in capitals.
 */
static bool
stands_here(const char *column, const char *text, const char *part)
{
	size_t		length = strlen(part);
	bool		word = part[0] >= 'A' && part[0] <= 'Z';

	for (size_t i = 0; i < length; i++)
	{
		if (lower(text[i]) != lower(part[i]))
			return false;
	}
	return !word || ((text == column || !is_word_letter(text[-1])) && !is_word_letter(text[length]));
}

/*
 * Whether a kind can be of numbers as well as of texts.
 */
static bool
may_be_number(DupexLinkageKind kind)
{
	return kind == DUPEX_LINKAGE_PHONE || kind == DUPEX_LINKAGE_ID ||
		kind == DUPEX_LINKAGE_BIRTHDAY || kind == DUPEX_LINKAGE_BLOCK;
}

/*
 * What a column probably is, by its name in UTF-8; values of other types than text
 * are compared exactly, unless they are numbers of something.
 */
DupexLinkageKind
dupex_linkage_kind_guessed(const char *column, bool is_text)
{
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
	{
		for (const char *text = column; *text != '\0'; text++)
		{
			if (stands_here(column, text, guesses[i].part) && (is_text || may_be_number(guesses[i].kind)))
				return guesses[i].kind;
		}
	}
	return is_text ? DUPEX_LINKAGE_JARO_WINKLER : DUPEX_LINKAGE_EXACT;
}

/*
 * Makes a column of a kind; count 0 is for the thresholds of the kind.
 */
void
dupex_linkage_column_set(DupexLinkageColumn *column, DupexLinkageKind kind,
						 const double *thresholds, int count)
{
	memset(column, 0, sizeof(*column));
	column->kind = kind;
	column->levels = kinds[kind].levels;
	if (column->levels > 0)
		return;
	if (count == 0)
	{
		thresholds = kinds[kind].threshold;
		while (thresholds[count] > 0)
			count++;
	}
	for (int i = 0; i < count; i++)
		column->threshold[i] = thresholds[i];
	column->levels = count + 2;
}

/*
 * Whether the one level between same and different is one edit.
 */
static bool
is_slip(const DupexLinkageColumn *column)
{
	return column->kind == DUPEX_LINKAGE_EDIT_DISTANCE ? column->threshold[0] < 2
		: !dupex_linkage_kind_has_thresholds(column->kind);
}

/*
 * A level in words: "same", "different", or how alike.
 */
const char *
dupex_linkage_level_name(const DupexLinkageColumn *column, int level)
{
	static const char *const alike[] = {
		"nearly the same", "alike", "a little alike", "hardly alike", "very little alike"
	};

	if (level == 0)
		return "same";
	if (level == column->levels - 1)
		return "different";
	if (column->kind == DUPEX_LINKAGE_EMAIL)
		return level == 1 ? "a slip apart" : "same local part";
	if (column->levels == 3)
		return is_slip(column) ? "a slip apart" : "alike";
	return alike[level - 1];
}

/*
 * The shares of the levels among pairs of one person that are assumed at the start.
 */
void
dupex_linkage_default_m(const DupexLinkageColumn *column, double *m)
{
	double		rest = 1 - kinds[column->kind].same - kinds[column->kind].different;
	int			last = column->levels - 1;

	m[0] = kinds[column->kind].same;
	if (last == 0)
		return;
	m[last] = kinds[column->kind].different;
	if (last == 1)
		m[last] += rest;
	for (int level = 1; level < last; level++)
		m[level] = rest / (last - 1);
}
