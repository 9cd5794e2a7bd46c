/*
 * fuzz_score.c
 *		Fuzzes the reader of the scores' text forms, their sums, and the flat table.
 *
 * Arbitrary bytes must be read or refused, never crash. What is read is held against properties:
 * numbers, sums and strings that are written are read back the same; sums agree with 128-bit
 * integers; the table agrees with one that is looked through. The first byte chooses what the
 * rest is taken for.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/cases.h"
#include "score/notation.h"
#include "score/points.h"
#include "score/sortable.h"
#include "score/tally.h"

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

#define ROOM	4096

typedef __int128 Wide;

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Buffer
{
	char		text[2 * ROOM];
	size_t		length;
} Buffer;

static void
write_to(void *target, const char *text, size_t length)
{
	Buffer	   *buffer = target;

	REQUIRE(buffer->length + length < sizeof(buffer->text));
	memcpy(buffer->text + buffer->length, text, length);
	buffer->length += length;
}

static DupexScan
scan_of(const Buffer *buffer)
{
	DupexScan	scan;

	scan.at = buffer->text;
	scan.end = buffer->text + buffer->length;
	return scan;
}

static void
check_double(const char *text, size_t size)
{
	DupexScan	scan = {text, text + size};
	Buffer		buffer = {.length = 0};
	DupexSink	sink = {write_to, &buffer};
	unsigned char key[8];
	double		value;
	double		again;

	if (!dupex_scan_double(&scan, &value))
		return;
	dupex_write_double(&sink, value);
	scan = scan_of(&buffer);
	REQUIRE(dupex_scan_double(&scan, &again) && dupex_scan_done(&scan) && value == again);
	dupex_put_double(value, key);
	REQUIRE(dupex_get_double(key) == value);
}

static void
check_sum(const char *text, size_t size)
{
	DupexScan	scan = {text, text + size};
	DupexSum	sum[2];
	Wide		wide;
	bool		fits;

	for (int i = 0; i < 2; i++)
	{
		Buffer		buffer = {.length = 0};
		DupexSink	sink = {write_to, &buffer};
		DupexScan	scan_again;
		DupexSum	again;

		if (!dupex_scan_sum(&scan, &sum[i]))
			return;
		REQUIRE(dupex_sum_is_valid(&sum[i]));
		dupex_write_sum(&sink, &sum[i]);
		scan_again = scan_of(&buffer);
		REQUIRE(dupex_scan_sum(&scan_again, &again) && dupex_scan_done(&scan_again));
		REQUIRE(again.whole == sum[i].whole && again.part == sum[i].part);
	}
	wide = (Wide) sum[0].whole * DUPEX_SUM_PARTS + sum[0].part + (Wide) sum[1].whole * DUPEX_SUM_PARTS + sum[1].part;
	fits = wide < (Wide) DUPEX_SUM_LIMIT * DUPEX_SUM_PARTS;
	REQUIRE(dupex_sum_add(&sum[0], &sum[1]) == fits);
	if (fits)
		REQUIRE((Wide) sum[0].whole * DUPEX_SUM_PARTS + sum[0].part == wide);
}

static void
check_weight(const uint8_t *data, size_t size)
{
	double		weight;
	DupexSum	sum;

	if (size < sizeof(weight))
		return;
	memcpy(&weight, data, sizeof(weight));
	if (!dupex_sum_from(weight, &sum))
	{
		REQUIRE(!(weight >= 0 && weight < 999999999999999.0));
		return;
	}
	REQUIRE(dupex_sum_is_valid(&sum));
	REQUIRE(fabs(dupex_sum_value(&sum) - weight) <= 1e-12 + weight * 1e-15);
}

static void
check_string(const char *text, size_t size)
{
	DupexScan	scan = {text, text + size};
	Buffer		buffer = {.length = 0};
	DupexSink	sink = {write_to, &buffer};
	char		string[ROOM];
	char		again[8 * ROOM];
	size_t		length;
	size_t		again_length;

	if (size >= ROOM / 4 || !dupex_scan_string(&scan, string, &length))
		return;
	dupex_write_string(&sink, string, length);
	scan = scan_of(&buffer);
	REQUIRE(dupex_scan_string(&scan, again, &again_length) && dupex_scan_done(&scan));
	REQUIRE(length == again_length && memcmp(string, again, length) == 0);
}

static void
check_event(const char *text, size_t size)
{
	DupexScan	scan = {text, text + size};
	char		kind[ROOM];
	unsigned char key[DUPEX_POINTS_KEY + ROOM];
	DupexPointsEvent event;
	DupexPointsEvent again;
	DupexSum	events;

	if (size >= ROOM || !dupex_points_read_event(&scan, kind, &event, &events))
		return;
	REQUIRE(dupex_points_are_valid(&event));
	dupex_points_put(&event, key);
	memcpy(key + DUPEX_POINTS_KEY, event.kind, event.kind_length);
	again = dupex_points_get((const char *) key, DUPEX_POINTS_KEY + event.kind_length);
	REQUIRE(again.at == event.at && again.half_life == event.half_life && again.points == event.points);
	REQUIRE(again.kind_length == event.kind_length && memcmp(again.kind, event.kind, event.kind_length) == 0);
}

/*
 * Each byte is a key of 1 + byte % 20 bytes that counts one; the table grows as it must.
 */
static void
check_table(const uint8_t *data, size_t size)
{
	unsigned	expected[256] = {0};
	unsigned	keys = 0;
	unsigned	found = 0;
	DupexSum	one = {1, 0};
	size_t		bytes = dupex_tally_least_size(1, 2);
	DupexTally *tally = calloc(1, bytes);

	dupex_tally_init(tally, bytes, DUPEX_TALLY_GAINS, 2, 0);
	for (size_t i = 0; i < size; i++)
	{
		uint8_t		key[20];
		size_t		length = 1 + data[i] % 20;
		uint32_t	hash;
		DupexSum   *sums;

		memset(key, data[i], sizeof(key));
		hash = dupex_tally_hash(key, length);
		sums = dupex_tally_slot(tally, key, length, hash);
		if (sums == NULL)
		{
			DupexTally *grown;

			bytes = dupex_tally_size_for(2 * (tally->count + 1), 2 * (tally->used + dupex_tally_entry_size(length, 2)));
			grown = calloc(1, bytes);
			dupex_tally_init(grown, bytes, DUPEX_TALLY_GAINS, 2, 0);
			dupex_tally_copy(grown, tally, 2 * (tally->count + 1));
			free(tally);
			tally = grown;
			sums = dupex_tally_slot(tally, key, length, hash);
		}
		REQUIRE(sums != NULL && dupex_sum_add(&sums[data[i] % 2], &one));
		keys += expected[data[i]]++ == 0;
	}
	REQUIRE(tally->count == keys);
	for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
	{
		uint8_t		byte = *(const uint8_t *) dupex_tally_key(tally, entry);

		REQUIRE(entry->length == 1u + byte % 20 && dupex_tally_find(tally, dupex_tally_key(tally, entry), entry->length) == entry);
		REQUIRE((unsigned) dupex_tally_sums(entry)[byte % 2].whole == expected[byte]);
		found++;
	}
	REQUIRE(found == keys);
	free(tally);
}

/*
 * Arbitrary bytes as the key of a case: where they are one, its values cover all of it.
 */
static void
check_case(const char *key, size_t size)
{
	const char *end = key + size;
	const char *at = key;
	size_t		covered = 0;
	DupexCaseValue value;
	bool		is_key = dupex_case_is_key(key, size);

	while ((at = dupex_case_next(at, end, &value)) != NULL)
	{
		REQUIRE(value.feature >= key && value.value + value.value_length < end);
		covered = (size_t) (at - key);
	}
	if (is_key)
		REQUIRE(covered == size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char		text[ROOM];

	if (size == 0 || size > sizeof(text))
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % 7)
	{
		case 0:
			check_double(text, size - 1);
			break;
		case 1:
			check_sum(text, size - 1);
			break;
		case 2:
			check_weight(data + 1, size - 1);
			break;
		case 3:
			check_string(text, size - 1);
			break;
		case 4:
			check_event(text, size - 1);
			break;
		case 5:
			check_case(text, size - 1);
			break;
		default:
			check_table(data + 1, size - 1);
	}
	return 0;
}
