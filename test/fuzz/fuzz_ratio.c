/*
 * fuzz_ratio.c
 *		Fuzzes the readers of er and rate: their text forms; and their arithmetic.
 *
 * Arbitrary bytes must be read or refused, never crash; and what is read is held against
 * properties: what is written is read back as the same value, sums and differences agree with
 * 128-bit integers, the order is total. The first byte chooses what the rest is taken for.
 */
#include <stdlib.h>
#include <string.h>

#include "ratio/er.h"
#include "ratio/interval.h"
#include "ratio/rate.h"

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

typedef __int128 Wide;

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Wide
ten_to_the(int exponent)
{
	Wide		power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

static Wide
wide_amount(DupexAmount amount)
{
	return (Wide) amount.whole * DUPEX_BILLION + amount.billionths;
}

static bool
wide_fits(Wide value)
{
	return value > -ten_to_the(27) && value < ten_to_the(27);
}

static bool
same_er(const DupexEr *a, const DupexEr *b)
{
	return memcmp(a, b, sizeof(DupexEr)) == 0;
}

/*
 * A decimal number read digit by digit into billionths, without a limit but that of 128 bits.
 * Only for a text that was accepted: there are no wrong characters and few digits that count.
 */
static Wide
wide_text(const uint8_t *data, size_t size)
{
	Wide		value = 0;
	Wide		unit = ten_to_the(DUPEX_AMOUNT_DECIMALS);
	bool		after_point = false;

	for (size_t i = 0; i < size; i++)
	{
		if (data[i] == '.')
			after_point = true;
		else if (data[i] >= '0' && data[i] <= '9' && after_point)
		{
			unit /= 10;
			REQUIRE(unit > 0 || data[i] == '0');
			value += (data[i] - '0') * unit;
		}
		else if (data[i] >= '0' && data[i] <= '9')
		{
			value = value * 10 + (data[i] - '0') * ten_to_the(DUPEX_AMOUNT_DECIMALS);
			REQUIRE(wide_fits(value));
		}
	}
	return memchr(data, '-', size) == NULL ? value : -value;
}

static void
check_amount_text(const uint8_t *data, size_t size)
{
	DupexAmount amount;

	if (dupex_amount_parse((const char *) data, size, &amount) == DUPEX_AMOUNT_OK)
		REQUIRE(wide_amount(amount) == wide_text(data, size));
}

/*
 * An interval of an arbitrary rate at an arbitrary confidence: its bounds are in order; it lies
 * within 0 and 1, but for Agresti and Coull's, which is a plain sum and difference; and those
 * that invert a test contain the rate.
 */
static void
check_interval(const uint8_t *data, size_t size)
{
	DupexRate	rate;
	uint64_t	number;
	double		confidence;
	double		value;
	DupexInterval interval;

	if (size < sizeof(rate) + sizeof(number) + 1)
		return;
	memcpy(&rate, data, sizeof(rate));
	memcpy(&number, data + sizeof(rate), sizeof(number));
	if (dupex_rate_make(rate.successes, rate.trials, &rate) != DUPEX_RATE_OK || rate.trials == 0)
		return;
	confidence = ((double) (number >> 14) + 1) / 1125899906842626.0;	/* 2^50 + 2 */
	value = (double) rate.successes / (double) rate.trials;
	for (int method = DUPEX_INTERVAL_WILSON; method <= DUPEX_INTERVAL_JEFFREYS; method++)
	{
		interval = dupex_rate_interval(rate, confidence, (DupexIntervalMethod) method);
		/* an interval may be narrower than what a double can tell apart */
		REQUIRE(interval.lower <= interval.upper + 1e-12 * value);
		if (method == DUPEX_INTERVAL_AGRESTI_COULL)
			continue;
		REQUIRE(interval.lower >= 0 && interval.upper <= 1);
		if (method == DUPEX_INTERVAL_WILSON || method == DUPEX_INTERVAL_WILSON_CC || method == DUPEX_INTERVAL_CLOPPER_PEARSON)
			REQUIRE(interval.lower <= value * (1 + 1e-12) && interval.upper >= value * (1 - 1e-12));
	}
}

static void
check_er_text(const uint8_t *data, size_t size)
{
	DupexEr		er;
	DupexEr		again;
	char		text[DUPEX_ER_TEXT_SIZE];
	size_t		length;

	if (dupex_er_parse((const char *) data, size, &er) != DUPEX_AMOUNT_OK)
		return;
	REQUIRE(dupex_er_is_valid(&er));
	length = dupex_er_format(&er, text);
	REQUIRE(length < sizeof(text) && strlen(text) == length);
	REQUIRE(dupex_er_parse(text, length, &again) == DUPEX_AMOUNT_OK);
	REQUIRE(same_er(&er, &again));
}

static void
check_er_sum(const DupexEr *a, const DupexEr *b)
{
	DupexEr		sum = *a;
	Wide		expense = wide_amount(dupex_er_expense(a)) + wide_amount(dupex_er_expense(b));
	Wide		revenue = wide_amount(dupex_er_revenue(a)) + wide_amount(dupex_er_revenue(b));
	DupexAmountStatus status = dupex_er_add(&sum, b);

	REQUIRE((status == DUPEX_AMOUNT_OK) == (wide_fits(expense) && wide_fits(revenue)));
	if (status != DUPEX_AMOUNT_OK)
		return;
	REQUIRE(wide_amount(dupex_er_expense(&sum)) == expense);
	REQUIRE(wide_amount(dupex_er_revenue(&sum)) == revenue);
	REQUIRE(dupex_er_subtract(&sum, b) == DUPEX_AMOUNT_OK);
	REQUIRE(same_er(&sum, a));
}

/*
 * Three values of arbitrary bytes: sums of any two, and the order is total.
 */
static void
check_er_values(const uint8_t *data, size_t size)
{
	DupexEr		er[3];

	if (size < sizeof(er))
		return;
	memcpy(er, data, sizeof(er));
	for (int i = 0; i < 3; i++)
	{
		if (!dupex_er_is_valid(&er[i]))
			return;
	}
	for (int i = 0; i < 3; i++)
	{
		const DupexEr *a = &er[i];
		const DupexEr *b = &er[(i + 1) % 3];
		const DupexEr *c = &er[(i + 2) % 3];
		int			order = dupex_er_compare(a, b);

		check_er_sum(a, b);
		REQUIRE(order == -dupex_er_compare(b, a));
		REQUIRE((order == 0) == same_er(a, b));
		REQUIRE(dupex_er_compare(a, a) == 0);
		if (order <= 0 && dupex_er_compare(b, c) <= 0)
			REQUIRE(dupex_er_compare(a, c) <= 0);
	}
}

static void
check_rate_text(const uint8_t *data, size_t size)
{
	DupexRate	rate;
	DupexRate	again;
	char		text[DUPEX_RATE_TEXT_SIZE];
	size_t		length;

	if (dupex_rate_parse((const char *) data, size, &rate) != DUPEX_RATE_OK)
		return;
	REQUIRE(rate.successes >= 0 && rate.successes <= rate.trials);
	length = dupex_rate_format(&rate, text);
	REQUIRE(length < sizeof(text) && strlen(text) == length);
	REQUIRE(dupex_rate_parse(text, length, &again) == DUPEX_RATE_OK);
	REQUIRE(rate.successes == again.successes && rate.trials == again.trials);
}

/*
 * Three rates of arbitrary bytes, likewise.
 */
static void
check_rate_values(const uint8_t *data, size_t size)
{
	DupexRate	rate[3];
	DupexRate	sum;
	bool		fits;

	if (size < sizeof(rate))
		return;
	memcpy(rate, data, sizeof(rate));
	for (int i = 0; i < 3; i++)
	{
		if (dupex_rate_make(rate[i].successes, rate[i].trials, &rate[i]) != DUPEX_RATE_OK)
			return;
	}
	for (int i = 0; i < 3; i++)
	{
		const DupexRate *a = &rate[i];
		const DupexRate *b = &rate[(i + 1) % 3];
		const DupexRate *c = &rate[(i + 2) % 3];
		int			order = dupex_rate_compare(a, b);

		REQUIRE(order == -dupex_rate_compare(b, a));
		REQUIRE((order == 0) == (memcmp(a, b, sizeof(*a)) == 0));
		if (order <= 0 && dupex_rate_compare(b, c) <= 0)
			REQUIRE(dupex_rate_compare(a, c) <= 0);
		sum = *a;
		fits = (Wide) a->trials + b->trials <= INT64_MAX;
		REQUIRE((dupex_rate_add(&sum, b) == DUPEX_RATE_OK) == fits);
		if (fits)
		{
			REQUIRE(sum.successes == a->successes + b->successes && sum.trials == a->trials + b->trials);
			REQUIRE(dupex_rate_subtract(&sum, b) == DUPEX_RATE_OK && memcmp(&sum, a, sizeof(sum)) == 0);
		}
	}
}

/*
 * What libFuzzer calls with each input; always returns 0.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 6)
	{
		case 0:
			check_er_text(data + 1, size - 1);
			break;
		case 1:
			check_rate_text(data + 1, size - 1);
			break;
		case 2:
			check_amount_text(data + 1, size - 1);
			break;
		case 3:
			check_er_values(data + 1, size - 1);
			break;
		case 4:
			check_rate_values(data + 1, size - 1);
			break;
		case 5:
			check_interval(data + 1, size - 1);
			break;
	}
	return 0;
}
