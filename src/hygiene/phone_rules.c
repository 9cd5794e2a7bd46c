/*
 * phone_rules.c
 *		Reads the lines of numbering plans (phone_plans.c shows their two forms).
 */
#include "hygiene/phone.h"

#include <stdlib.h>
#include <string.h>

/* a word of a line */
typedef struct Word
{
	const char *text;
	size_t		length;
} Word;

#define MAX_WORDS 8

static Word
word_of(const char *text, size_t length)
{
	Word		word = {text, length};

	return word;
}

/*
 * Splits a line at white space; returns the words, at most MAX_WORDS + 1.
 */
static int
split(const char *line, size_t length, Word *words)
{
	int			count = 0;
	size_t		at = 0;

	while (count <= MAX_WORDS)
	{
		size_t		from;

		while (at < length && (line[at] == ' ' || line[at] == '\t'))
			at++;
		if (at == length)
			break;
		from = at;
		while (at < length && line[at] != ' ' && line[at] != '\t')
			at++;
		words[count++] = word_of(line + from, at - from);
	}
	return count;
}

/*
 * Copies 1 to DUPEX_PHONE_PREFIX - 1 digits.
 */
static bool
copy_digits(Word word, char *out)
{
	if (word.length == 0 || word.length >= DUPEX_PHONE_PREFIX)
		return false;
	for (size_t i = 0; i < word.length; i++)
	{
		if (word.text[i] < '0' || word.text[i] > '9')
			return false;
		out[i] = word.text[i];
	}
	out[word.length] = '\0';
	return true;
}

/*
 * The rest of a word behind a name and "="; false when it does not begin so.
 */
static bool
option(Word word, const char *name, Word *value)
{
	size_t		length = strlen(name);

	if (word.length <= length || memcmp(word.text, name, length) != 0 || word.text[length] != '=')
		return false;
	*value = word_of(word.text + length + 1, word.length - length - 1);
	return true;
}

static bool
read_carriers(Word value, DupexPhoneCountry *country)
{
	size_t		from = 0;

	while (from <= value.length)
	{
		size_t		end = from;

		while (end < value.length && value.text[end] != ',')
			end++;
		if (country->carrier_count == DUPEX_PHONE_CARRIERS ||
			!copy_digits(word_of(value.text + from, end - from), country->carriers[country->carrier_count]))
			return false;
		country->carrier_count++;
		from = end + 1;
	}
	return true;
}

/*
 * The number of a country; that of a new one when it is not there yet.
 */
static int
country_number(const DupexPhoneRules *rules, const char *name)
{
	int			number = 0;

	while (number < rules->country_count && memcmp(rules->countries[number].name, name, 2) != 0)
		number++;
	return number;
}

/*
 * How numbers of a country are dialled; a second line takes the place of the first.
 */
static const char *
read_country(DupexPhoneRules *rules, const Word *words, int count)
{
	DupexPhoneCountry country = {0};
	Word		value;
	int			number = country_number(rules, words[0].text);

	memcpy(country.name, words[0].text, 2);
	if (!copy_digits(word_of(words[1].text + 1, words[1].length - 1), country.calling))
		return "the second word must be the country calling code, such as +86";
	for (int i = 2; i < count; i++)
	{
		bool		right;

		if (option(words[i], "trunk", &value))
			right = copy_digits(value, country.trunk);
		else if (option(words[i], "international", &value))
			right = copy_digits(value, country.international);
		else if (option(words[i], "carriers", &value))
			right = read_carriers(value, &country);
		else
			return "what follows the calling code is trunk=, international= or carriers=";
		if (!right)
			return "trunk and international are digits, carriers are digits with commas between them";
	}
	rules->countries[number] = country;
	if (number == rules->country_count)
		rules->country_count++;
	return NULL;
}

/*
 * Reads a set such as 3, [38] or [0-35-9]; false when it is none.
 */
static bool
read_set(Word word, size_t *at, unsigned short *set)
{
	*set = 0;
	if (word.text[*at] >= '0' && word.text[*at] <= '9')
	{
		*set = (unsigned short) (1u << (word.text[(*at)++] - '0'));
		return true;
	}
	if (word.text[(*at)++] != '[')
		return false;
	while (*at < word.length && word.text[*at] != ']')
	{
		char		low = word.text[*at];
		char		high = low;

		if (*at + 2 < word.length && word.text[*at + 1] == '-')
		{
			high = word.text[*at + 2];
			*at += 2;
		}
		(*at)++;
		if (low < '0' || high > '9' || low > high)
			return false;
		for (char digit = low; digit <= high; digit++)
			*set = (unsigned short) (*set | 1u << (digit - '0'));
	}
	return *set != 0 && (*at)++ < word.length;
}

/*
 * Reads "11" or "10-11".
 */
static bool
read_lengths(Word word, int *least, int *most)
{
	int			numbers[2] = {0, 0};
	int			count = 0;
	bool		digit_before = false;

	for (size_t i = 0; i < word.length; i++)
	{
		if (word.text[i] == '-' && digit_before && count == 0)
		{
			count = 1;
			digit_before = false;
		}
		else if (word.text[i] >= '0' && word.text[i] <= '9' && numbers[count] <= DUPEX_PHONE_DIGITS)
		{
			numbers[count] = numbers[count] * 10 + (word.text[i] - '0');
			digit_before = true;
		}
		else
			return false;
	}
	*least = numbers[0];
	*most = numbers[count];
	return digit_before && *least >= 1 && *least <= *most && *most <= DUPEX_PHONE_DIGITS;
}

static const char *
read_range(DupexPhoneRules *rules, const Word *words, int count)
{
	DupexPhoneRange range = {0};
	size_t		at = 0;

	range.country = country_number(rules, words[0].text);
	if (range.country == rules->country_count)
		return "the line with the country's calling code must come first";
	if (count != 4)
		return "a range has four words: country, kind, first digits, number of digits";
	if (words[1].length >= DUPEX_PHONE_KIND)
		return "the kind is too long";
	memcpy(range.kind, words[1].text, words[1].length);
	while (at < words[2].length)
	{
		if (range.places == DUPEX_PHONE_PATTERN || !read_set(words[2], &at, &range.digits[range.places]))
			return "the first digits are up to eight digits or sets such as [38] or [0-35-9]";
		range.places++;
	}
	if (!read_lengths(words[3], &range.least, &range.most))
		return "the number of digits is such as 11 or 10-11, 15 at the most";
	rules->ranges[rules->range_count++] = range;
	return NULL;
}

/*
 * Adds what a line says. Returns NULL, or a sentence about what is wrong with it;
 * then the rules are as they were. An empty line adds nothing.
 */
const char *
dupex_phone_rules_add(DupexPhoneRules *rules, const char *line, size_t length)
{
	Word		words[MAX_WORDS + 1];
	int			count = split(line, length, words);

	if (count == 0)
		return NULL;
	if (words[0].length != 2 || words[0].text[0] < 'A' || words[0].text[0] > 'Z' ||
		words[0].text[1] < 'A' || words[0].text[1] > 'Z')
		return "the first word must be a country of two capitals, such as CN";
	if (count < 2 || count > MAX_WORDS)
		return "a line has two to eight words";
	if (words[1].text[0] == '+')
		return read_country(rules, words, count);
	return read_range(rules, words, count);
}
