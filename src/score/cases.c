/*
 * cases.c
 *		Cases of features of all kinds, as keys of a tally.
 *
 * The key of a case is its values, sorted, each once: feature, NUL, n for a number or s for a
 * string, the value as text, NUL. So equal cases have equal keys, whatever the order in which
 * their features were written.
 *
 * Pure C: no memory is allocated.
 */
#include "cases.h"

#include <string.h>

/*
 * Reads the value at a place of the key; returns the place of the next one. NULL at the end, and
 * for what is not written as above.
 */
const char *
dupex_case_next(const char *at, const char *end, DupexCaseValue *value)
{
	const char *stop = at < end ? memchr(at, '\0', (size_t) (end - at)) : NULL;

	if (stop == NULL || end - stop < 3)
		return NULL;
	value->feature = at;
	value->feature_length = (size_t) (stop - at);
	value->is_number = stop[1] == 'n';
	if (!value->is_number && stop[1] != 's')
		return NULL;
	value->value = stop + 2;
	stop = memchr(value->value, '\0', (size_t) (end - value->value));
	if (stop == NULL)
		return NULL;
	value->value_length = (size_t) (stop - value->value);
	return stop + 1;
}

/*
 * The number that a text is; false when it is none or not finite.
 */
bool
dupex_case_is_number(const char *text, size_t length, double *number)
{
	DupexScan	scan;

	scan.at = text;
	scan.end = text + length;
	return length > 0 && text[0] > ' ' && dupex_scan_double(&scan, number) && scan.at == scan.end;
}

/*
 * Whether the bytes are the key of a case.
 */
bool
dupex_case_is_key(const char *key, size_t length)
{
	const char *end = key + length;
	const char *before = NULL;
	size_t		before_length = 0;

	for (const char *at = key; at < end;)
	{
		DupexCaseValue value;
		double		number;
		const char *next = dupex_case_next(at, end, &value);
		size_t		this_length;

		if (next == NULL || (value.is_number && !dupex_case_is_number(value.value, value.value_length, &number)))
			return false;
		/* sorted, each once */
		this_length = (size_t) (next - at);
		if (before != NULL)
		{
			int			order = memcmp(before, at, before_length < this_length ? before_length : this_length);

			if (order > 0 || (order == 0 && before_length >= this_length))
				return false;
		}
		before = at;
		before_length = this_length;
		at = next;
	}
	return true;
}

/*
 * Writes a finished state.
 */
void
dupex_cases_write(const DupexSink *sink, const DupexTally *tally)
{
	dupex_write(sink, "[");
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL;)
	{
		const char *key = dupex_tally_key(tally, entry);
		DupexCaseValue value;

		dupex_write(sink, "[[");
		for (const char *at = dupex_case_next(key, key + entry->length, &value); at != NULL;)
		{
			dupex_write(sink, "[");
			dupex_write_string(sink, value.feature, value.feature_length);
			dupex_write(sink, ", ");
			if (value.is_number)
				sink->write(sink->target, value.value, value.value_length);
			else
				dupex_write_string(sink, value.value, value.value_length);
			dupex_write(sink, "]");
			at = dupex_case_next(at, key + entry->length, &value);
			dupex_write(sink, at == NULL ? "" : ", ");
		}
		dupex_write(sink, "], ");
		dupex_write_sum(sink, &dupex_tally_sums(entry)[0]);
		dupex_write(sink, ", ");
		dupex_write_sum(sink, &dupex_tally_sums(entry)[1]);
		dupex_write(sink, "]");
		entry = dupex_tally_next(tally, entry);
		if (entry != NULL)
			dupex_write(sink, ", ");
	}
	dupex_write(sink, "]");
}
