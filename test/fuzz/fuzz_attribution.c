/*
 * fuzz_attribution.c
 *		Fuzzes journeys as text and the rules of attribution.
 *
 * Arbitrary bytes must be read or refused, never crash; a step that is read is written back as it
 * was. Whatever the touches are, each model divides a total without rest, each share being at most
 * one unit away from its exact value. The first byte chooses what the rest is taken for.
 */
#include <stdlib.h>
#include <string.h>

#include "journey/attribution.h"
#include "journey/touches.h"

#define MAX_TOUCHES		64
#define MAX_ROOM		(DUPEX_NAME_BYTES + 16)

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_step(const uint8_t *data, size_t size)
{
	char	   *text = malloc(size + 1);
	const char *at = text;
	DupexStepText step;

	memcpy(text, data, size);
	text[size] = '\0';
	if (dupex_step_parse(&at, &step))
	{
		char		written[DUPEX_STEP_TEXT_SIZE];
		const char *again = written;
		DupexStepText read;
		DupexJourney *journey = malloc(dupex_journey_size(1, MAX_ROOM));

		REQUIRE(at <= text + size);
		dupex_journey_init(journey, 1, MAX_ROOM);
		if (step.kind == DUPEX_STEP_CONVERSION)
			REQUIRE(dupex_value_is_valid(step.value) && dupex_journey_add_value(journey, step.at, step.value));
		else
			REQUIRE(dupex_journey_add_name(journey, step.at, step.kind, step.name, step.length));
		REQUIRE(dupex_step_format(journey, dupex_journey_steps(journey), written) < DUPEX_STEP_TEXT_SIZE);
		REQUIRE(dupex_step_parse(&again, &read) && *again == '\0');
		REQUIRE(read.at == step.at && read.kind == step.kind);
		if (step.kind == DUPEX_STEP_CONVERSION)
			REQUIRE(read.value.mantissa == step.value.mantissa && read.value.scale == step.value.scale);
		else
			REQUIRE(read.length == step.length && memcmp(read.name, step.name, step.length) == 0);
		free(journey);
	}
	free(text);
}

/*
 * Takes an unsigned number of up to 8 bytes from the data.
 */
static uint64_t
take(const uint8_t **data, size_t *size, size_t length)
{
	uint64_t	value = 0;

	if (length > *size)
		length = *size;
	memcpy(&value, *data, length);
	*data += length;
	*size -= length;
	return value;
}

static void
try_model(DupexAttributionModel model, const DupexAttributionCase *conversion, const DupexTouch *path, uint32_t count, uint64_t total)
{
	DupexPortion portions[MAX_TOUCHES];
	uint32_t	portion_count = dupex_attribution_portions(model, conversion, path, count, portions);
	long double weights = 0;
	uint64_t	given = 0;

	REQUIRE(portion_count >= 1 && portion_count <= count);
	for (uint32_t i = 0; i < portion_count; i++)
	{
		REQUIRE(portions[i].touch < count);
		weights += portions[i].weight;
	}
	REQUIRE(weights > 0);
	dupex_portions_divide(portions, portion_count, total);
	for (uint32_t i = 0; i < portion_count; i++)
	{
		long double exact = (long double) total * portions[i].weight / weights;
		long double distance = (long double) portions[i].share - exact;

		/* a long double has 64 bits itself */
		REQUIRE(distance < 1 + exact * 1e-17L && distance > -1 - exact * 1e-17L);
		given += portions[i].share;
	}
	REQUIRE(given == total);
}

static void
try_path(const uint8_t *data, size_t size)
{
	DupexTouch	path[MAX_TOUCHES];
	uint32_t	seen[256] = {0};
	int64_t		milestones[4];
	DupexAttributionCase conversion = {0, 1, milestones, 4};
	uint64_t	total = take(&data, &size, 8) >> 1;
	uint32_t	transforms = (uint32_t) take(&data, &size, 2);
	int64_t		at = 0;
	uint32_t	count = 0;

	conversion.half_life = 1 + (double) take(&data, &size, 5);
	for (int i = 0; i < 4; i++)
		milestones[i] = (int64_t) take(&data, &size, 3);
	while (size > 0 && count < MAX_TOUCHES)
	{
		at += (int64_t) take(&data, &size, 3);
		path[count].at = at;
		path[count].name = (uint32_t) take(&data, &size, 1);
		path[count].times = 0;
		path[count].is_ignored = path[count].name % 4 == 0;
		count++;
	}
	if (count == 0)
		return;
	conversion.converted_at = at;
	for (; transforms > 0; transforms /= DUPEX_TRANSFORMS)
	{
		uint32_t	kept = dupex_path_transform((DupexPathTransform) (transforms % DUPEX_TRANSFORMS), path, count, seen);

		REQUIRE(kept >= 1 && kept <= count);
		count = kept;
		for (uint32_t i = 1; i < count; i++)
			REQUIRE(path[i - 1].at <= path[i].at);
	}
	for (int model = 0; model < DUPEX_MODELS; model++)
		try_model((DupexAttributionModel) model, &conversion, path, count, total);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] % 2 == 0)
		try_step(data + 1, size - 1);
	else
		try_path(data + 1, size - 1);
	return 0;
}
