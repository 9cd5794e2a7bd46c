/*
 * fuzz_stats.c
 *		Fuzzes the reader of moments, and the tests with arbitrary counts.
 *
 * Arbitrary bytes must be read or refused, never crash; what is read is written and read back as
 * the same value, sums do not depend on their order. Tests of any counts end soon, their p
 * values are probabilities and their bounds are in order. The first byte chooses what the rest
 * is taken for.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/best.h"
#include "stats/fisher.h"
#include "stats/moments.h"
#include "stats/proportion.h"

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

#define ARMS	3

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const uint8_t *data, size_t size)
{
	DupexMoments moments;
	DupexMoments again;
	char		text[DUPEX_MOMENTS_TEXT_SIZE];
	size_t		length;

	if (dupex_moments_parse((const char *) data, size, &moments) != DUPEX_MOMENTS_OK)
		return;
	REQUIRE(dupex_moments_is_valid(&moments));
	length = dupex_moments_format(&moments, text);
	REQUIRE(length < sizeof(text) && strlen(text) == length);
	REQUIRE(dupex_moments_parse(text, length, &again) == DUPEX_MOMENTS_OK);
	REQUIRE(memcmp(&moments, &again, sizeof(moments)) == 0);
	REQUIRE(moments.people < 2 || dupex_moments_variance(&moments) >= 0);
}

/*
 * Two values of arbitrary bytes: their sum is valid, and the same the other way round.
 */
static void
check_sum(const uint8_t *data, size_t size)
{
	DupexMoments pair[2];
	DupexMoments one;
	DupexMoments other;

	if (size < sizeof(pair))
		return;
	memcpy(pair, data, sizeof(pair));
	if (!dupex_moments_is_valid(&pair[0]) || !dupex_moments_is_valid(&pair[1]))
		return;
	one = pair[0];
	other = pair[1];
	REQUIRE(dupex_moments_add(&one, &pair[1]) == dupex_moments_add(&other, &pair[0]));
	if (one.people == pair[0].people + pair[1].people && dupex_moments_is_valid(&one))
		REQUIRE(memcmp(&one, &other, sizeof(one)) == 0);
}

/*
 * Four counts, small and large: a byte says how many bits of each count.
 */
static void
check_table(const uint8_t *data, size_t size)
{
	uint32_t	number[4];
	double		count[4];
	double		confidence;
	DupexFisher test;

	if (size < sizeof(number) + 5)
		return;
	memcpy(number, data, sizeof(number));
	for (int i = 0; i < 4; i++)
		count[i] = number[i] >> (data[sizeof(number) + (size_t) i] % 32);
	confidence = (data[sizeof(number) + 4] + 1) / 257.0;
	test = dupex_fisher_test(count[0], count[1], count[2], count[3], confidence);
	REQUIRE(test.p_value >= 0 && test.p_value <= 1 && test.p_less >= 0 && test.p_less <= 1 && test.p_greater >= 0 && test.p_greater <= 1);
	REQUIRE(test.lower <= test.upper && test.lower >= 0);
	if (!isnan(test.odds_ratio))
		REQUIRE(test.odds_ratio >= test.lower * (1 - 1e-6) || confidence < 0.5);
}

/*
 * Three groups of arbitrary counts: probabilities to be best add up to 1.
 */
static void
check_best(const uint8_t *data, size_t size)
{
	static double mesh[DUPEX_BEST_PANELS + 1];
	uint32_t	number[2 * ARMS];
	DupexBelief belief[ARMS];
	double		best[ARMS];
	double		loss[ARMS];
	double	   *room;
	size_t		panels;
	double		total = 0;

	if (size < sizeof(number) + 1)
		return;
	memcpy(number, data, sizeof(number));
	for (int i = 0; i < ARMS; i++)
	{
		double		prior = (data[sizeof(number)] % 8 + 1) / 4.0;

		belief[i].a = (number[2 * i] >> number[2 * i] % 32) + prior;
		belief[i].b = (number[2 * i + 1] >> number[2 * i + 1] % 32) + prior;
	}
	panels = dupex_best_mesh(ARMS, belief, mesh);
	REQUIRE(panels > 0);
	room = malloc(sizeof(double) * dupex_best_room(ARMS, panels));
	dupex_best(ARMS, belief, panels, mesh, room, best, loss);
	free(room);
	for (int i = 0; i < ARMS; i++)
	{
		REQUIRE(best[i] >= 0 && best[i] <= 1 + 1e-9 && loss[i] >= 0 && loss[i] <= 1);
		total += best[i];
	}
	REQUIRE(fabs(total - 1) < 1e-9);
}

/*
 * What libFuzzer calls with each input; always returns 0.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 4)
	{
		case 0:
			check_text(data + 1, size - 1);
			break;
		case 1:
			check_sum(data + 1, size - 1);
			break;
		case 2:
			check_table(data + 1, size - 1);
			break;
		case 3:
			check_best(data + 1, size - 1);
			break;
	}
	return 0;
}
