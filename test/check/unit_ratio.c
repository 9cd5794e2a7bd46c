/*
 * unit_ratio.c
 *		Tests er and rate against 128-bit integers, and the intervals against their definitions.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ratio/er.h"
#include "ratio/interval.h"
#include "ratio/product.h"
#include "ratio/rate.h"

typedef __int128 Wide;

static int	failures = 0;
static int	checks = 0;

#define CHECK(condition) \
	do { checks++; if (!(condition)) { failures++; printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); } } while (0)

/*
 * Numbers of arbitrary size that are the same in every run (xorshift of Marsaglia).
 */
static uint64_t
next_number(void)
{
	static uint64_t state = UINT64_C(88172645463325252);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static Wide
wide_amount(DupexAmount amount)
{
	return (Wide) amount.whole * DUPEX_BILLION + amount.billionths;
}

/*
 * An amount of a random number of digits and either sign; often at the limits of a carry.
 */
static DupexAmount
random_amount(void)
{
	DupexAmount amount;

	amount.whole = (int64_t) (next_number() % (uint64_t) DUPEX_AMOUNT_LIMIT) >> (next_number() % 60);
	amount.billionths = (int32_t) (next_number() % (uint64_t) DUPEX_BILLION);
	if (next_number() % 4 == 0)
		amount.billionths = next_number() % 2 == 0 ? 0 : DUPEX_BILLION - 1;
	if (next_number() % 2 == 0)
		amount.whole = -amount.whole;
	return amount;
}

static int
sign(Wide x)
{
	return (x > 0) - (x < 0);
}

/*
 * Sums, differences, texts and order of random values.
 */
static void
test_er(void)
{
	for (int i = 0; i < 200000; i++)
	{
		DupexEr		a = dupex_er_make(random_amount(), random_amount());
		DupexEr		b = dupex_er_make(random_amount(), random_amount());
		DupexEr		sum = a;
		DupexEr		again;
		char		text[DUPEX_ER_TEXT_SIZE];
		Wide		expense = wide_amount(dupex_er_expense(&a)) + wide_amount(dupex_er_expense(&b));
		Wide		revenue = wide_amount(dupex_er_revenue(&a)) + wide_amount(dupex_er_revenue(&b));
		size_t		length;

		CHECK(dupex_er_is_valid(&a));
		if (dupex_er_add(&sum, &b) == DUPEX_AMOUNT_OK)
		{
			CHECK(wide_amount(dupex_er_expense(&sum)) == expense && wide_amount(dupex_er_revenue(&sum)) == revenue);
			CHECK(dupex_er_subtract(&sum, &b) == DUPEX_AMOUNT_OK && memcmp(&sum, &a, sizeof(a)) == 0);
		}
		else
		{
			const Wide	limit = (Wide) DUPEX_AMOUNT_LIMIT * DUPEX_BILLION;

			CHECK(expense >= limit || expense <= -limit || revenue >= limit || revenue <= -limit);
		}

		length = dupex_er_format(&a, text);
		CHECK(length == strlen(text) && length < sizeof(text));
		CHECK(dupex_er_parse(text, length, &again) == DUPEX_AMOUNT_OK && memcmp(&again, &a, sizeof(a)) == 0);
	}
}

/*
 * The order by ratio, on values so small that 128 bits hold the products.
 */
static void
test_er_order(void)
{
	for (int i = 0; i < 200000; i++)
	{
		int			part[4];
		DupexAmount amount[4];
		DupexEr		a;
		DupexEr		b;
		Wide		left;
		Wide		right;

		for (int j = 0; j < 4; j++)
		{
			part[j] = (int) (next_number() % 13) - 6;
			amount[j].whole = part[j] < 0 ? -1 : 0;
			amount[j].billionths = part[j] < 0 ? DUPEX_BILLION + part[j] : part[j];
		}
		a = dupex_er_make(amount[0], amount[1]);
		b = dupex_er_make(amount[2], amount[3]);
		CHECK(sign(dupex_er_compare(&a, &b)) == -sign(dupex_er_compare(&b, &a)));
		CHECK((dupex_er_compare(&a, &b) == 0) == (memcmp(&a, &b, sizeof(a)) == 0));
		if (part[1] == 0 || part[3] == 0)
		{
			if (part[1] != 0 || part[3] != 0)
				CHECK(dupex_er_compare(&a, &b) == (part[1] == 0 ? 1 : -1));
			continue;
		}
		left = (Wide) part[0] * part[3] * sign(part[1]) * sign(part[3]);
		right = (Wide) part[2] * part[1] * sign(part[1]) * sign(part[3]);
		if (left != right)
			CHECK(dupex_er_compare(&a, &b) == (left < right ? -1 : 1));
	}
}

/*
 * Products of 64-bit factors against 128-bit ones; products of the largest factors.
 */
static void
test_products(void)
{
	DupexFactor largest = {{UINT32_MAX, UINT32_MAX, UINT32_MAX}};
	DupexFactor below = {{UINT32_MAX - 1, UINT32_MAX, UINT32_MAX}};

	for (int i = 0; i < 200000; i++)
	{
		uint64_t	n[4];
		DupexFactor factor[4];
		unsigned	__int128 left;
		unsigned	__int128 right;

		for (int j = 0; j < 4; j++)
		{
			n[j] = next_number() >> (next_number() % 64);
			if (i % 2 == 0 && j >= 2)
				n[j] = n[3 - j];
			factor[j] = dupex_factor_make(n[j], 1, 0);
		}
		left = (unsigned __int128) n[0] * n[1];
		right = (unsigned __int128) n[2] * n[3];
		CHECK(dupex_compare_products(factor[0], factor[1], factor[2], factor[3]) == (left > right) - (left < right));
	}
	CHECK(dupex_compare_products(largest, largest, largest, largest) == 0);
	CHECK(dupex_compare_products(largest, below, largest, largest) == -1);
	CHECK(dupex_compare_products(largest, largest, below, largest) == 1);
}

static double
miss(double rate, double bound, double z, double n)
{
	return fabs(fabs(rate - bound) / (z * sqrt(bound * (1 - bound) / n)) - 1);
}

/*
 * Wilson's bounds by their equation, also where rates are tiny; all methods in order and within
 * 0 and 1 for random counts of any size.
 */
static void
test_intervals(void)
{
	const double z = 1.959963984540054;

	for (int64_t n = 10; n < INT64_MAX / 11; n *= 11)
	{
		DupexRate	rate = {3, n};
		DupexInterval interval = dupex_rate_interval(rate, 0.95, DUPEX_INTERVAL_WILSON);

		CHECK(miss(3.0 / (double) n, interval.lower, z, (double) n) < 1e-13);
		CHECK(miss(3.0 / (double) n, interval.upper, z, (double) n) < 1e-13);
	}
	for (int i = 0; i < 20000; i++)
	{
		DupexRate	rate;
		double		confidence = 1 - pow(10, -(double) (next_number() % 15) - 0.1);

		rate.trials = (int64_t) (next_number() >> (1 + next_number() % 62)) + 1;
		rate.successes = (int64_t) (next_number() % ((uint64_t) rate.trials + 1));
		for (int method = DUPEX_INTERVAL_WILSON; method <= DUPEX_INTERVAL_JEFFREYS; method++)
		{
			DupexInterval interval = dupex_rate_interval(rate, confidence, (DupexIntervalMethod) method);
			double		p = (double) rate.successes / (double) rate.trials;
			const double slack = 2e-16;

			CHECK(interval.lower <= p * (1 + slack) && p * (1 - slack) <= interval.upper);
			if (method != DUPEX_INTERVAL_AGRESTI_COULL)
				CHECK(interval.lower >= 0 && interval.upper <= 1);
		}
	}
}

int
main(void)
{
	test_er();
	test_er_order();
	test_products();
	test_intervals();
	printf("%d checks, %d failures\n", checks, failures);
	return failures > 0;
}
