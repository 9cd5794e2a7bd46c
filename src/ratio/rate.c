/*
 * rate.c
 *		Rates: successes of trials, which add up exactly.
 *
 * A response rate is 37 of 1000, not .037: with both counts at hand two rates can be put
 * together, and it can be said how sure the rate is.
 *
 * Pure C: no memory is allocated, nothing depends on the locale.
 */
#include "rate.h"

#include <string.h>

#include "product.h"

/*
 * Makes a rate of two counts; fails with DUPEX_RATE_IMPOSSIBLE unless
 * 0 <= successes <= trials.
 */
DupexRateStatus
dupex_rate_make(int64_t successes, int64_t trials, DupexRate *rate)
{
	if (successes < 0 || successes > trials)
		return DUPEX_RATE_IMPOSSIBLE;
	rate->successes = successes;
	rate->trials = trials;
	return DUPEX_RATE_OK;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Reads a whole number, with an optional sign so that a negative count gets the message that
 * it deserves. Spaces around it are ignored.
 */
static DupexRateStatus
count_parse(const char *text, size_t length, int64_t *count)
{
	const char *end = text + length;
	bool		negative = false;
	DupexRateStatus status = DUPEX_RATE_OK;

	while (text < end && is_space(*text))
		text++;
	while (text < end && is_space(end[-1]))
		end--;
	if (text < end && (*text == '-' || *text == '+'))
		negative = *text++ == '-';
	if (text == end)
		return DUPEX_RATE_SYNTAX;

	for (*count = 0; text < end; text++)
	{
		int			digit = *text - '0';

		if (digit < 0 || digit > 9)
			return DUPEX_RATE_SYNTAX;
		if (*count > (INT64_MAX - digit) / 10)
			status = DUPEX_RATE_RANGE;
		else
			*count = *count * 10 + digit;
	}
	if (negative)
		*count = -*count;
	return status;
}

/*
 * Reads "successes/trials".
 */
DupexRateStatus
dupex_rate_parse(const char *text, size_t length, DupexRate *rate)
{
	const char *slash = memchr(text, '/', length);
	int64_t		successes;
	int64_t		trials;
	DupexRateStatus successes_status;
	DupexRateStatus trials_status;

	if (slash == NULL)
		return DUPEX_RATE_SYNTAX;
	successes_status = count_parse(text, (size_t) (slash - text), &successes);
	trials_status = count_parse(slash + 1, length - (size_t) (slash + 1 - text), &trials);
	if (successes_status == DUPEX_RATE_SYNTAX || trials_status == DUPEX_RATE_SYNTAX)
		return DUPEX_RATE_SYNTAX;
	if (successes_status != DUPEX_RATE_OK || trials_status != DUPEX_RATE_OK)
		return DUPEX_RATE_RANGE;
	return dupex_rate_make(successes, trials, rate);
}

static size_t
count_format(int64_t count, char *text)
{
	char		reversed[DUPEX_RATE_TEXT_SIZE];
	size_t		length = 0;

	do
	{
		reversed[length++] = (char) ('0' + count % 10);
		count /= 10;
	} while (count > 0);
	for (size_t i = 0; i < length; i++)
		text[i] = reversed[length - 1 - i];
	return length;
}

/*
 * Writes "successes/trials" into text, which has room for DUPEX_RATE_TEXT_SIZE bytes. Returns
 * the length without the NUL.
 */
size_t
dupex_rate_format(const DupexRate *rate, char *text)
{
	size_t		length = count_format(rate->successes, text);

	text[length++] = '/';
	length += count_format(rate->trials, text + length);
	text[length] = '\0';
	return length;
}

/*
 * sum += addend. Successes cannot overflow where trials do not.
 */
DupexRateStatus
dupex_rate_add(DupexRate *sum, const DupexRate *addend)
{
	if (sum->trials > INT64_MAX - addend->trials)
		return DUPEX_RATE_RANGE;
	sum->successes += addend->successes;
	sum->trials += addend->trials;
	return DUPEX_RATE_OK;
}

/*
 * difference -= subtrahend: takes away what was added before. Fails with DUPEX_RATE_IMPOSSIBLE
 * where that leaves no rate.
 */
DupexRateStatus
dupex_rate_subtract(DupexRate *difference, const DupexRate *subtrahend)
{
	return dupex_rate_make(difference->successes - subtrahend->successes,
						   difference->trials - subtrahend->trials, difference);
}

static DupexFactor
count_factor(int64_t count)
{
	return dupex_factor_make((uint64_t) count, 1, 0);
}

/*
 * The order of rate: by successes / trials, exactly; those without trials, which have no value,
 * come last; equal values by trials. So it is a total order in which only identical values are
 * equal.
 */
int
dupex_rate_compare(const DupexRate *a, const DupexRate *b)
{
	int			result;

	if (a->trials == 0 || b->trials == 0)
		return (a->trials == 0) - (b->trials == 0);
	result = dupex_compare_products(count_factor(a->successes), count_factor(b->trials),
									count_factor(b->successes), count_factor(a->trials));
	if (result == 0)
		result = (a->trials > b->trials) - (a->trials < b->trials);
	return result;
}
