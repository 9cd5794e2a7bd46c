/*
 * suggest.c
 *		Which registered codes may have been meant by a quoted one.
 *
 * The distance is the edit distance with swaps of neighbours, each place edited
 * once ("optimal string alignment": Damerau, "A technique for computer detection
 * and correction of spelling errors", Communications of the ACM 7, 1964, in the
 * dynamic program of Wagner and Fischer, Journal of the ACM 21, 1974), with
 * costs that say how likely an error is. A wrong, missing or extra character
 * counts 1, two neighbours swapped .7, a character that resembles the right one
 * .6, and one that the reader would take for it (reader.c) .2. Costs are kept in
 * tenths, as integers: so ranks never depend on rounding.
 *
 * Of many candidates only the best are kept; once there are enough of them, the
 * worst of these bounds the search, and the comparison with most candidates
 * ends after a few rows.
 */
#include "source/suggest.h"

#include "text/message.h"

#include <stdlib.h>
#include <string.h>

#define SYMBOLS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/*
 * Pairs that resemble each other in handwriting or print, though not so much
 * that the reader would take one for the other.
 */
static const char similar[][3] = {
	"0D", "0Q", "OD", "OQ", "17", "7T", "4A", "38", "3B", "CG", "UV", "VY",
	"MN", "PR", "EF", "69", "9G", "KX"
};

static int
replacement_cost(char quoted, char right)
{
	if (quoted == right)
		return 0;
	if (strchr(dupex_look_alikes(quoted), right) != NULL)
		return DUPEX_COST_LOOK_ALIKE;
	for (size_t i = 0; i < sizeof(similar) / sizeof(similar[0]); i++)
	{
		if ((similar[i][0] == quoted && similar[i][1] == right) ||
			(similar[i][1] == quoted && similar[i][0] == right))
			return DUPEX_COST_SIMILAR;
	}
	return DUPEX_COST_OTHER;
}

/*
 * Takes the letters and digits of a quoted text, as the reader does; each other
 * character becomes DUPEX_NO_CODE_CHARACTER. Of a long text the first 40 count.
 */
void
dupex_quoted_prepare(DupexQuoted *quoted, const char *text, size_t length,
					 DupexCharacterLength character_length)
{
	size_t		at = 0;

	quoted->length = quoted->readable = 0;
	while (at < length && quoted->length < DUPEX_QUOTED_MAX)
	{
		char		character;

		at += dupex_next_character(text + at, length - at, character_length,
								   &character);
		if (character == ' ')
			continue;
		if (character == '\0')
			character = DUPEX_NO_CODE_CHARACTER;
		else
			quoted->readable++;
		for (int i = 0; i < 36; i++)
			quoted->cost[quoted->length][i] =
				(uint8_t) replacement_cost(character, SYMBOLS[i]);
		quoted->characters[quoted->length++] = character;
	}
}

static int
min_int(int a, int b)
{
	return a < b ? a : b;
}

/*
 * The distance of a valid code from the quoted text, in tenths; any number above
 * bound when it is more than bound.
 */
int
dupex_code_distance(const DupexQuoted *quoted, int64_t code, int bound)
{
	char		text[DUPEX_CODE_MAX_LENGTH + 1];
	int			symbol[DUPEX_CODE_MAX_LENGTH];
	int			rows[3][DUPEX_CODE_MAX_LENGTH + 1];
	int			length = dupex_code_format(code, text);
	int			least_before = 0;

	if (abs(length - quoted->length) * DUPEX_COST_OTHER > bound)
		return bound + 1;
	for (int j = 0; j < length; j++)
		symbol[j] = dupex_code_digit((unsigned char) text[j]);
	for (int j = 0; j <= length; j++)
		rows[0][j] = j * DUPEX_COST_OTHER;
	for (int i = 1; i <= quoted->length; i++)
	{
		const uint8_t *cost = quoted->cost[i - 1];
		const char *here = quoted->characters + i - 1;
		int		   *row = rows[i % 3];
		const int  *before = rows[(i + 2) % 3];
		const int  *two_before = rows[(i + 1) % 3];
		int			least;

		least = row[0] = i * DUPEX_COST_OTHER;
		for (int j = 1; j <= length; j++)
		{
			int			best = before[j - 1] + cost[symbol[j - 1]];

			best = min_int(best, min_int(before[j], row[j - 1]) + DUPEX_COST_OTHER);
			if (i > 1 && j > 1 && here[0] == text[j - 2] &&
				here[-1] == text[j - 1] && here[0] != here[-1])
				best = min_int(best, two_before[j - 2] + DUPEX_COST_SWAP);
			row[j] = best;
			least = min_int(least, best);
		}
		/* a swap leaps over one row, so two rows must be beyond the bound */
		if (least > bound && least_before > bound)
			return bound + 1;
		least_before = least;
	}
	return rows[quoted->length % 3][length];
}

/*
 * Starts a search for the wanted best codes; list has room for capacity, which
 * is more than wanted.
 */
void
dupex_suggest_begin(DupexSuggestions *suggestions, const DupexQuoted *quoted,
					DupexSuggestion *list, size_t capacity, size_t wanted)
{
	suggestions->quoted = quoted;
	suggestions->list = list;
	suggestions->capacity = capacity;
	suggestions->count = 0;
	suggestions->wanted = wanted;
	suggestions->bound = DUPEX_COST_LONGEST;
}

/* nearest first, in the order of the codes among equally near */
static int
compare_suggestions(const void *a, const void *b)
{
	const DupexSuggestion *left = a;
	const DupexSuggestion *right = b;

	if (left->distance != right->distance)
		return left->distance < right->distance ? -1 : 1;
	if (left->code != right->code)
		return left->code < right->code ? -1 : 1;
	return 0;
}

/*
 * Ends the search: list[0 .. count - 1] are the best codes, each once, the
 * nearest first.
 */
void
dupex_suggest_finish(DupexSuggestions *suggestions)
{
	DupexSuggestion *list = suggestions->list;
	size_t		distinct = 0;

	qsort(list, suggestions->count, sizeof(DupexSuggestion), compare_suggestions);
	for (size_t i = 0; i < suggestions->count; i++)
	{
		if (distinct == 0 || list[distinct - 1].code != list[i].code)
			list[distinct++] = list[i];
	}
	suggestions->count = distinct < suggestions->wanted ? distinct
		: suggestions->wanted;
}

/*
 * Considers one candidate, a valid code.
 */
void
dupex_suggest_offer(DupexSuggestions *suggestions, int64_t code)
{
	int			distance = dupex_code_distance(suggestions->quoted, code,
											   suggestions->bound);

	if (distance > suggestions->bound)
		return;
	suggestions->list[suggestions->count].code = code;
	suggestions->list[suggestions->count].distance = distance;
	suggestions->count++;
	if (suggestions->count < suggestions->capacity)
		return;
	dupex_suggest_finish(suggestions);
	if (suggestions->count == suggestions->wanted && suggestions->wanted > 0)
		suggestions->bound = suggestions->list[suggestions->count - 1].distance;
}

/* the steps of the cheapest way from the quoted text to the code */
typedef enum Step
{
	SAME, REPLACED, MISSING, EXTRA, SWAPPED
} Step;

typedef struct Path
{
	int			count;
	struct
	{
		Step		step;
		int			quoted;		/* offset of the (first) quoted character */
		int			code;		/* offset of the (first) character of the code */
	}			steps[DUPEX_QUOTED_MAX + DUPEX_CODE_MAX_LENGTH];
} Path;

/*
 * Finds the cheapest way, last step first, from the whole table of distances.
 * Among equally cheap ways it prefers what is likelier: replaced, swapped,
 * missing, extra.
 */
static void
find_path(const DupexQuoted *quoted, const char *text, int length, Path *path)
{
	int			table[DUPEX_QUOTED_MAX + 1][DUPEX_CODE_MAX_LENGTH + 1];
	uint8_t		step[DUPEX_QUOTED_MAX + 1][DUPEX_CODE_MAX_LENGTH + 1] = {{SAME}};
	const char *from = quoted->characters;

	for (int i = 0; i <= quoted->length; i++)
	{
		for (int j = 0; j <= length; j++)
		{
			int			best = i == 0 && j == 0 ? 0 : DUPEX_COST_LONGEST * 2;
			Step		how = SAME;

			if (i > 0 && j > 0)
			{
				int			digit = dupex_code_digit((unsigned char) text[j - 1]);

				best = table[i - 1][j - 1] + quoted->cost[i - 1][digit];
				how = from[i - 1] == text[j - 1] ? SAME : REPLACED;
			}
			if (i > 1 && j > 1 && from[i - 1] == text[j - 2] &&
				from[i - 2] == text[j - 1] && from[i - 1] != from[i - 2] &&
				table[i - 2][j - 2] + DUPEX_COST_SWAP < best)
			{
				best = table[i - 2][j - 2] + DUPEX_COST_SWAP;
				how = SWAPPED;
			}
			if (j > 0 && table[i][j - 1] + DUPEX_COST_OTHER < best)
			{
				best = table[i][j - 1] + DUPEX_COST_OTHER;
				how = MISSING;
			}
			if (i > 0 && table[i - 1][j] + DUPEX_COST_OTHER < best)
			{
				best = table[i - 1][j] + DUPEX_COST_OTHER;
				how = EXTRA;
			}
			table[i][j] = best;
			step[i][j] = (uint8_t) how;
		}
	}
	path->count = 0;
	for (int i = quoted->length, j = length; i > 0 || j > 0;)
	{
		Step		how = (Step) step[i][j];
		int			width = how == SWAPPED ? 2 : 1;

		if (how != MISSING)
			i -= width;
		if (how != EXTRA)
			j -= width;
		path->steps[path->count].step = how;
		path->steps[path->count].quoted = i;
		path->steps[path->count].code = j;
		path->count++;
	}
}

/*
 * Whether the step reads a character as one that looks like it.
 */
static bool
reads_as(const DupexQuoted *quoted, const char *code, const Path *path, int i,
		 char from, char to)
{
	return path->steps[i].step == REPLACED &&
		quoted->characters[path->steps[i].quoted] == from &&
		code[path->steps[i].code] == to &&
		replacement_cost(from, to) == DUPEX_COST_LOOK_ALIKE;
}

/*
 * Tells a look-alike with all places where it was read so; nothing when that
 * was told at an earlier place. Steps are stored last first.
 */
static void
tell_look_alike(const DupexQuoted *quoted, const char *code, const Path *path,
				int step, char *out, size_t size)
{
	char		from = quoted->characters[path->steps[step].quoted];
	char		to = code[path->steps[step].code];
	int			places = 1;

	for (int i = path->count - 1; i > step; i--)
	{
		if (reads_as(quoted, code, path, i, from, to))
			return;
	}
	for (int i = step - 1; i >= 0; i--)
		places += reads_as(quoted, code, path, i, from, to);
	dupex_message_set(out, size, "read %c as %c (position%s", from, to,
					  places > 1 ? "s" : "");
	for (int i = step, n = 0; i >= 0; i--)
	{
		if (!reads_as(quoted, code, path, i, from, to))
			continue;
		dupex_message_add(out, size, "%s %d%s", n > 0 ? "," : "",
						  path->steps[i].code + 1, n == places - 1 ? ")" : "");
		n++;
	}
}

/*
 * Says in words what one step of the path changes; may be nothing.
 */
static void
tell_step(const DupexQuoted *quoted, const char *code, const Path *path,
		  int step, char *out, size_t size)
{
	int			quoted_at = path->steps[step].quoted;
	int			code_at = path->steps[step].code;
	char		from = '\0';
	bool		unreadable;

	/* where a character was missing there is none quoted */
	if (path->steps[step].step != MISSING)
		from = quoted->characters[quoted_at];
	unreadable = from == DUPEX_NO_CODE_CHARACTER;
	out[0] = '\0';
	switch (path->steps[step].step)
	{
		case SAME:
			break;
		case REPLACED:
			if (unreadable)
				dupex_message_set(out, size, "%c in place of what is no letter or digit (position %d)",
								  code[code_at], code_at + 1);
			else if (replacement_cost(from, code[code_at]) == DUPEX_COST_LOOK_ALIKE)
				tell_look_alike(quoted, code, path, step, out, size);
			else
				dupex_message_set(out, size, "%c in place of %c (position %d)",
								  code[code_at], from, code_at + 1);
			break;
		case MISSING:
			dupex_message_set(out, size, "%c was missing (position %d)", code[code_at],
							  code_at + 1);
			break;
		case EXTRA:
			if (unreadable)
				dupex_message_set(out, size, "what is no letter or digit was too much (character %d)",
								  quoted_at + 1);
			else
				dupex_message_set(out, size, "%c was too much (character %d)", from,
								  quoted_at + 1);
			break;
		case SWAPPED:
			dupex_message_set(out, size, "%c%c in place of %c%c (positions %d, %d)",
							  code[code_at], code[code_at + 1], from,
							  quoted->characters[quoted_at + 1], code_at + 1,
							  code_at + 2);
			break;
	}
}

/*
 * Says in words what differs between the quoted text and the code: "read O as 0
 * (positions 3, 5), 8 in place of 9 (position 6)"; empty when they are the same.
 * More than six differences are only counted, so 400 bytes are enough.
 */
void
dupex_suggest_tell(const DupexQuoted *quoted, int64_t code, char *out,
				   size_t size)
{
	char		text[DUPEX_CODE_MAX_LENGTH + 1];
	char		part[100];
	int			length = dupex_code_format(code, text);
	int			differences = 0;
	Path		path;

	out[0] = '\0';
	find_path(quoted, text, length, &path);
	for (int i = 0; i < path.count; i++)
		differences += path.steps[i].step != SAME;
	if (differences > 6)
	{
		dupex_message_set(out, size, "%d differences", differences);
		return;
	}
	for (int i = path.count - 1; i >= 0; i--)
	{
		tell_step(quoted, text, &path, i, part, sizeof(part));
		if (part[0] != '\0')
			dupex_message_add(out, size, "%s%s", out[0] == '\0' ? "" : ", ", part);
	}
}
