/*
 * retention.c
 *		Retention: in which periods after the start people count as having come back.
 *
 * The same activity answers in several ways, and tools differ in which one they mean by
 * "retention" (Mixpanel's default is on or after, Amplitude's N-day is on):
 *		on				came in period n
 *		on or after		came in period n or later: is not lost yet
 *		within			came in period n or before: has converted by then
 *		brackets		came in one of the periods n to m
 * A period in which somebody was active counts in a range of cells, whatever the mode: in one,
 * in all up to it, in all from it on, or in its bracket.
 *
 * A cell is observed for a person when its last period is over, and only then the person is in
 * its denominator: what has not happened yet is unknown, not zero.
 *
 * Ranges are added up as differences (one up where a range begins, one down behind its end), so
 * a person costs as many steps as she has active periods, however many cells there are;
 * dupex_retention_sum() makes counts of them at the end.
 */
#include "journey/retention.h"
#include "text/blanks.h"

#include <stdio.h>
#include <string.h>

/*
 * The mode of a name: on, on_or_after, within. False for another name.
 */
bool
dupex_retention_mode(const char *name, DupexRetentionMode *mode)
{
	static const char *const names[] = {"on", "on_or_after", "within"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
		{
			*mode = (DupexRetentionMode) i;
			return true;
		}
	return false;
}

/*
 * Reads a number of a period; false when there is none or it is too large.
 */
static bool
read_period(const char **text, int32_t *period)
{
	if (**text < '0' || **text > '9')
		return false;
	for (*period = 0; **text >= '0' && **text <= '9'; ++*text)
	{
		*period = *period * 10 + (**text - '0');
		if (*period >= DUPEX_RETENTION_MAX_CELLS)
			return false;
	}
	return true;
}

/*
 * Reads brackets written as 0, 1-3, 4-7, 8-30, 31-: periods or ranges of periods that rise and do
 * not overlap; the last one may be open. Returns how many there are, up to
 * DUPEX_RETENTION_MAX_BRACKETS, for which there is room; 0 and what is wrong for another text.
 */
int
dupex_brackets_parse(const char *text, DupexBracket *brackets, const char **problem)
{
	for (int count = 0; count < DUPEX_RETENTION_MAX_BRACKETS;)
	{
		DupexBracket *bracket = &brackets[count++];

		*problem = "Periods are whole numbers from 0 on.";
		dupex_skip_blanks(&text);
		if (!read_period(&text, &bracket->first))
			return 0;
		bracket->last = bracket->first;
		dupex_skip_blanks(&text);
		if (*text == '-')
		{
			text++;
			dupex_skip_blanks(&text);
			if (*text == '\0')
				bracket->last = -1;
			else if (!read_period(&text, &bracket->last))
				return 0;
			dupex_skip_blanks(&text);
		}
		*problem = "Brackets rise and do not overlap.";
		if (bracket->last != -1 && bracket->last < bracket->first)
			return 0;
		if (count > 1 && bracket->first <= bracket[-1].last)
			return 0;
		if (*text == '\0')
			return count;
		*problem = "Between brackets stands a comma.";
		if (*text++ != ',')
			return 0;
	}
	*problem = "There are too many brackets.";
	return 0;
}

/*
 * How many cells are over for a person of whose periods the first `over` are over. An open bracket
 * is observed as soon as its first period is over.
 */
int32_t
dupex_cells_observed(const DupexCells *cells, int64_t over)
{
	int32_t		observed = 0;

	if (cells->bracket_count == 0)
		return over < 0 ? 0 : over < cells->limit ? (int32_t) over : cells->limit;
	while (observed < cells->bracket_count && observed < cells->limit)
	{
		const DupexBracket *bracket = &cells->brackets[observed];

		if ((bracket->last == -1 ? bracket->first : bracket->last) >= over)
			break;
		observed++;
	}
	return observed;
}

/*
 * The cells in which activity in a period counts, first to last, among the observed ones. False
 * when there are none.
 */
bool
dupex_cells_of_period(const DupexCells *cells, int64_t period, int32_t observed, int32_t *first, int32_t *last)
{
	int32_t		low = 0;
	int32_t		high = observed;

	if (cells->bracket_count == 0)
	{
		*first = cells->mode == DUPEX_RETENTION_ON_OR_AFTER ? 0 : period < observed ? (int32_t) period : observed;
		*last = cells->mode == DUPEX_RETENTION_WITHIN || period >= observed ? observed - 1 : (int32_t) period;
		return *first <= *last;
	}
	/* the last bracket that begins at the period or before it */
	while (high - low > 1)
	{
		int32_t		middle = low + (high - low) / 2;

		if (cells->brackets[middle].first <= period)
			low = middle;
		else
			high = middle;
	}
	*first = *last = low;
	return observed > 0 && cells->brackets[low].first <= period &&
		(cells->brackets[low].last == -1 || cells->brackets[low].last >= period);
}

/*
 * Adds to the sums that a person who has `observed` cells counts in the cells first to last; the
 * ranges of one person do not overlap. The caller adds one to sums[observed].observed for each
 * person. sums has one element more than there are cells.
 */
void
dupex_retention_count(DupexRetentionCell *sums, int32_t observed, int32_t first, int32_t last)
{
	sums[first].people++;
	sums[last + 1].people--;

	/*
	 * who counts in a cell is a candidate of the next one, where that is
	 * observed
	 */
	if (first + 1 < observed)
	{
		sums[first + 1].before++;
		sums[last + 2 < observed ? last + 2 : observed].before--;
	}
}

/*
 * Makes the counts of count cells out of the sums that dupex_retention_count() has made; there is
 * one sum more than cells.
 */
void
dupex_retention_sum(DupexRetentionCell *sums, int32_t count)
{
	for (int32_t i = 1; i <= count; i++)
	{
		sums[i].people += sums[i - 1].people;
		sums[i].before += sums[i - 1].before;
	}
	for (int32_t i = count - 1; i >= 0; i--)
		sums[i].observed += sums[i + 1].observed;
	/* so far observed[i] are those with at least i cells: move on by one */
	for (int32_t i = 0; i < count; i++)
		sums[i].observed = sums[i + 1].observed;
}

/*
 * Whether cells are what bits of total people can have given: each cell is over for no more people
 * than the one before, and for some.
 */
bool
dupex_retention_is_valid(const DupexRetentionCell *cells, uint32_t count, int64_t total)
{
	int64_t		limit = total;
	int64_t		before_limit = 0;

	if (total < 0 || total > DUPEX_RETENTION_MAX_PEOPLE)
		return false;
	for (uint32_t i = 0; i < count; i++)
	{
		const DupexRetentionCell *cell = &cells[i];

		if (cell->observed < 1 || cell->observed > limit || cell->people < 0 || cell->people > cell->observed)
			return false;
		if (cell->before < 0 || cell->before > cell->observed || cell->before > before_limit)
			return false;

		/*
		 * those of the cell before who are not observed any more are at most
		 * those who left
		 */
		if (before_limit - cell->before > limit - cell->observed)
			return false;
		limit = cell->observed;
		before_limit = cell->people;
	}
	return true;
}

/*
 * Adds a person: as many observed cells as there are bits, the highest bit of a byte first; a set
 * bit is a cell in which the person counts.
 */
void
dupex_retention_add_bits(DupexRetentionCell *cells, const unsigned char *bits, uint32_t count)
{
	int			before = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		int			bit = bits[i / 8] >> (7 - i % 8) & 1;

		cells[i].observed++;
		cells[i].people += bit;
		cells[i].before += before;
		before = bit;
	}
}

/*
 * Writes a cell as its three numbers; returns the length. text has room for
 * DUPEX_RETENTION_TEXT_SIZE.
 */
size_t
dupex_retention_format(const DupexRetentionCell *cell, char *text)
{
	return (size_t) snprintf(text, DUPEX_RETENTION_TEXT_SIZE, "%lld %lld %lld",
							 (long long) cell->observed, (long long) cell->people, (long long) cell->before);
}

/*
 * Reads a count, of up to 18 digits, with blanks before it; moves *text behind it. False when
 * there is none.
 */
bool
dupex_retention_parse_count(const char **text, int64_t *count)
{
	int			digits = 0;

	dupex_skip_blanks(text);
	for (*count = 0; **text >= '0' && **text <= '9'; ++*text)
	{
		if (++digits > 18)
			return false;
		*count = *count * 10 + (**text - '0');
	}
	return digits > 0;
}

/*
 * Reads a cell as dupex_retention_format() writes it and moves *text behind it. False when there
 * is none. Whether cells can follow each other dupex_retention_is_valid() tells.
 */
bool
dupex_retention_parse(const char **text, DupexRetentionCell *cell)
{
	return dupex_retention_parse_count(text, &cell->observed) && (**text == ' ') &&
		dupex_retention_parse_count(text, &cell->people) && (**text == ' ') &&
		dupex_retention_parse_count(text, &cell->before);
}
