/*
 * fuzz_source.c
 *		Arbitrary bytes for everything about source codes that is pure C: the
 *		text of a code, prefixes, patterns, layouts, the reader, building codes,
 *		suggestions. Besides crashes it looks for broken promises.
 *
 * The input is cut at zero bytes into: a layout, a quoted code, a pattern. Each
 * part is copied to memory of its exact size, so that a read past the end is
 * seen.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "source/suggest.h"

#define PROMISE(condition) do { if (!(condition)) __builtin_trap(); } while (0)

typedef struct Part
{
	char	   *text;
	size_t		length;
} Part;

static Part
take_part(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size == 0 ? NULL : memchr(*data, 0, *size);
	size_t		length = end == NULL ? *size : (size_t) (end - *data);
	Part		part = {malloc(length == 0 ? 1 : length), length};

	if (length > 0)
		memcpy(part.text, *data, length);
	*data += length;
	*size -= length;
	if (*size > 0)
	{
		(*data)++;
		(*size)--;
	}
	return part;
}

static bool
is_code_character(char character)
{
	return (character >= '0' && character <= '9') ||
		(character >= 'A' && character <= 'Z');
}

/*
 * Text to code and back: the text of a code is a code, of the same number.
 */
static void
fuzz_code(Part part)
{
	int64_t		code;
	int64_t		again;
	size_t		where;
	char		text[DUPEX_CODE_MAX_LENGTH + 1];
	int			length;

	if (dupex_code_parse(part.text, part.length, &code, &where) != DUPEX_CODE_OK)
	{
		PROMISE(where <= part.length);
		return;
	}
	PROMISE(dupex_code_is_valid(code));
	length = dupex_code_format(code, text);
	PROMISE(length >= 1 && length <= DUPEX_CODE_MAX_LENGTH);
	for (int i = 0; i < length; i++)
		PROMISE(is_code_character(text[i]));
	PROMISE(dupex_code_parse(text, (size_t) length, &again, &where) == DUPEX_CODE_OK);
	PROMISE(again == code);
	PROMISE(dupex_code_pack(text, length) == code);
}

/*
 * A number is a code when, and only when, its text is one and has this number.
 * Numbers keep the order of the texts.
 */
static void
fuzz_number(const uint8_t *data, size_t size)
{
	int64_t		numbers[2] = {0, 0};
	char		texts[2][DUPEX_CODE_MAX_LENGTH + 1];
	int			lengths[2];

	memcpy(numbers, data, size < sizeof(numbers) ? size : sizeof(numbers));
	for (int i = 0; i < 2; i++)
	{
		if (!dupex_code_is_valid(numbers[i]))
			return;
		lengths[i] = dupex_code_format(numbers[i], texts[i]);
		PROMISE(dupex_code_pack(texts[i], lengths[i]) == numbers[i]);
	}
	PROMISE((strcmp(texts[0], texts[1]) < 0) == (numbers[0] < numbers[1]));
}

/*
 * What matches a pattern is in its range; what is in an exact range matches. A
 * prefix is the pattern with a star behind it.
 */
static void
fuzz_search(Part pattern_part, Part code_part)
{
	DupexCodePattern pattern;
	DupexCodeRange range;
	size_t		where;
	int64_t		code;
	bool		has_code = dupex_code_parse(code_part.text, code_part.length,
											&code, &where) == DUPEX_CODE_OK;

	if (dupex_pattern_parse(pattern_part.text, pattern_part.length, &pattern,
							&where) == DUPEX_CODE_OK)
	{
		bool		possible = dupex_pattern_range(&pattern, &range);

		PROMISE(pattern.length <= DUPEX_PATTERN_MAX_LENGTH);
		if (has_code)
		{
			bool		matches = dupex_pattern_matches(&pattern, code);
			bool		inside = possible && code >= range.first &&
			code <= range.last;

			PROMISE(!matches || inside);
			PROMISE(!inside || !range.exact || matches);
		}
	}
	else
		PROMISE(where < pattern_part.length);
	if (dupex_code_parse_prefix(pattern_part.text, pattern_part.length, &range,
								&where) == DUPEX_CODE_OK)
	{
		if (has_code && range.first > 0 && range.first <= range.last)
		{
			char		prefix[DUPEX_CODE_MAX_LENGTH + 1];
			char		text[DUPEX_CODE_MAX_LENGTH + 1];
			int			length = dupex_code_format(range.first, prefix);

			dupex_code_format(code, text);
			PROMISE((strncmp(prefix, text, (size_t) length) == 0) ==
					(code >= range.first && code <= range.last));
		}
	}
	else
		PROMISE(where < pattern_part.length);
}

/*
 * A reading is a code of the layout; read again it is the same without a
 * problem; built from its fields it is the same.
 */
static void
check_reading(const DupexLayout *layout, const DupexReading *reading)
{
	DupexReading again;
	DupexMisfit misfit;
	char		built[DUPEX_CODE_MAX_LENGTH + 1] = {0};
	int			year;

	PROMISE(strlen(reading->problem) < sizeof(reading->problem) - 1);
	if (!reading->readable)
	{
		PROMISE(reading->problem[0] != '\0');
		return;
	}
	PROMISE((int) strlen(reading->characters) == layout->width);
	PROMISE(dupex_layout_fits(layout, reading->characters, layout->width, &misfit));
	PROMISE((strcmp(reading->characters, reading->quoted) == 0) ==
			(reading->problem[0] == '\0'));
	dupex_source_read_text(layout, reading->characters, (size_t) layout->width,
						   NULL, &again);
	PROMISE(again.readable && again.problem[0] == '\0');
	PROMISE(strcmp(again.characters, reading->characters) == 0);
	PROMISE(dupex_code_is_valid(dupex_code_pack(reading->characters, layout->width)));
	for (int i = 0; i < layout->width; i++)
		built[i] = layout->fixed[i];
	for (int i = 0; i < layout->field_count; i++)
	{
		const DupexField *field = &layout->fields[i];

		if (i != layout->check)
			PROMISE(dupex_layout_put(layout, i, reading->characters + field->start,
									 (size_t) field->width, false, built) == DUPEX_BUILD_OK);
	}
	if (layout->check >= 0)
		built[layout->width - 1] = dupex_check_character(built, layout->width - 1);
	PROMISE(strcmp(built, reading->characters) == 0);
	for (int near = 1990; near < 2010; near += 3)
	{
		int			month = dupex_layout_month(layout, reading->characters);

		year = dupex_layout_year(layout, reading->characters, true, near, 6);
		if (layout->year >= 0 && layout->month >= 0 &&
			layout->fields[layout->year].encoding == DUPEX_DIGITS &&
			layout->fields[layout->year].width < 4)
		{
			PROMISE(year * 12 + month <= (near + 1) * 12 + 6);
			PROMISE(year * 12 + month > (near + 1 - (layout->fields[layout->year].width == 1 ? 10 : 100)) * 12 + 6);
		}
	}
}

/*
 * Layouts: what is wrong is inside the text; what is right has 1 to 12
 * characters, each of which is allowed something.
 */
static void
fuzz_layout(Part layout_part, Part quoted)
{
	DupexLayout layout;
	DupexLayoutFault fault = {0, NULL};
	DupexReading reading;
	char		characters[DUPEX_CODE_MAX_LENGTH + 1] = {0};
	char		text[64];

	if (!dupex_layout_parse(layout_part.text, layout_part.length, &layout, &fault))
	{
		PROMISE(fault.reason != NULL && fault.where <= layout_part.length);
		return;
	}
	PROMISE(layout.width >= 1 && layout.width <= DUPEX_CODE_MAX_LENGTH);
	PROMISE(layout.field_count <= layout.width);
	for (int i = 0; i < layout.width; i++)
	{
		int			allowed = 0;

		for (const char *c = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"; *c != '\0'; c++)
			allowed += dupex_layout_allows(&layout, i, *c);
		PROMISE(allowed > 0);
		dupex_layout_wants(&layout, i, text, sizeof(text));
	}
	for (int i = 0; i < layout.field_count; i++)
	{
		PROMISE(dupex_layout_find(&layout, layout.fields[i].name,
								  strlen(layout.fields[i].name)) == i);
		dupex_field_wants(&layout.fields[i], i == layout.month, i == layout.year,
						  text, sizeof(text));
		dupex_layout_put(&layout, i, quoted.text, quoted.length, true, characters);
	}
	dupex_source_read_text(&layout, quoted.text, quoted.length, NULL, &reading);
	check_reading(&layout, &reading);
}

/*
 * Suggestions: a distance does not depend on the bound, and only the same code
 * has none. The list is in order and has each code once.
 */
static void
fuzz_suggest(Part quoted_part, const uint8_t *data, size_t size)
{
	DupexQuoted quoted;
	DupexSuggestions suggestions;
	DupexSuggestion list[8];
	char		told[400];

	dupex_quoted_prepare(&quoted, quoted_part.text, quoted_part.length, NULL);
	PROMISE(quoted.length <= DUPEX_QUOTED_MAX && quoted.readable <= quoted.length);
	dupex_suggest_begin(&suggestions, &quoted, list, 8, 3);
	for (size_t at = 0; at + 4 <= size && at < 200; at += 4)
	{
		char		text[DUPEX_CODE_MAX_LENGTH + 1];
		int			length = 1 + data[at] % DUPEX_CODE_MAX_LENGTH;
		int64_t		code;
		int			distance;

		for (int i = 0; i < length; i++)
			text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[data[at + (size_t) i % 4] % 36];
		text[length] = '\0';
		code = dupex_code_pack(text, length);
		distance = dupex_code_distance(&quoted, code, DUPEX_COST_LONGEST);
		PROMISE(distance >= 0 && distance <= DUPEX_COST_LONGEST);
		for (int bound = 0; bound < 40; bound += 7)
		{
			int			bounded = dupex_code_distance(&quoted, code, bound);

			PROMISE(distance <= bound ? bounded == distance : bounded > bound);
		}
		dupex_suggest_tell(&quoted, code, told, sizeof(told));
		PROMISE((told[0] == '\0') == (distance == 0));
		PROMISE(strlen(told) < sizeof(told) - 1);
		PROMISE((distance == 0) == (quoted.length == length &&
									memcmp(quoted.characters, text, (size_t) length) == 0));
		dupex_suggest_offer(&suggestions, code);
	}
	dupex_suggest_finish(&suggestions);
	PROMISE(suggestions.count <= 3);
	for (size_t i = 1; i < suggestions.count; i++)
	{
		PROMISE(list[i - 1].distance <= list[i].distance);
		PROMISE(list[i - 1].code != list[i].code);
	}
}

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *rest = data;
	size_t		left = size;
	Part		layout = take_part(&rest, &left);
	Part		quoted = take_part(&rest, &left);
	Part		pattern = take_part(&rest, &left);
	static const char house[] = "{medium}{group}{list:2}{month:2}{year:1}";
	Part		house_layout = {(char *) house, sizeof(house) - 1};

	fuzz_number(data, size);
	fuzz_code(quoted);
	fuzz_search(pattern, quoted);
	fuzz_layout(layout, quoted);
	fuzz_layout(house_layout, quoted);
	fuzz_suggest(quoted, rest, left);
	free(layout.text);
	free(quoted.text);
	free(pattern.text);
	return 0;
}
