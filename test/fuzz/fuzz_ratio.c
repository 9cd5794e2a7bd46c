/*
 * fuzz_ratio.c
 *		Fuzzes the readers of er and rate: their text forms and numeric's binary form.
 *
 * Arbitrary bytes must be read or refused, never crash; and what is read is held against
 * properties: what is written is read back as the same value, sums and differences agree with
 * 128-bit integers, the order is total. The first byte chooses what the rest is taken for.
 */
#include <stdlib.h>
#include <string.h>

#include "ratio/er.h"
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
 * The value that a numeric of the wire stands for, in billionths. Only for one that was
 * accepted: there no digit is out of range.
 */
static Wide
wide_numeric(const uint8_t *wire)
{
	int			ndigits = wire[0] << 8 | wire[1];
	int			weight = (int16_t) (wire[2] << 8 | wire[3]);
	bool		negative = (wire[4] & 0x40) != 0;
	Wide		value = 0;

	for (int i = 0; i < ndigits; i++)
	{
		int			digit = wire[8 + 2 * i] << 8 | wire[9 + 2 * i];
		int			exponent = 4 * (weight - i) + DUPEX_AMOUNT_DECIMALS;

		if (digit == 0)
			continue;
		REQUIRE(digit < 10000 && exponent <= 28 && exponent > -4);
		if (exponent >= 0)
			value += digit * ten_to_the(exponent);
		else
		{
			REQUIRE(digit % ten_to_the(-exponent) == 0);
			value += digit / ten_to_the(-exponent);
		}
	}
	return negative ? -value : value;
}

static void
check_numeric(const uint8_t *data, size_t size)
{
	DupexAmount amount;

	if (dupex_amount_from_numeric(data, size, &amount) == DUPEX_AMOUNT_OK)
	{
		REQUIRE(wide_amount(amount) == wide_numeric(data));
		REQUIRE(wide_fits(wide_amount(amount)));
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
	switch (data[0] % 5)
	{
		case 0:
			check_er_text(data + 1, size - 1);
			break;
		case 1:
			check_rate_text(data + 1, size - 1);
			break;
		case 2:
			check_numeric(data + 1, size - 1);
			break;
		case 3:
			check_er_values(data + 1, size - 1);
			break;
		case 4:
			check_rate_values(data + 1, size - 1);
			break;
	}
	return 0;
}
