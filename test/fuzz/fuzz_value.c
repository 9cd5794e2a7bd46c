/*
 * fuzz_value.c
 *		Fuzzes what customer value reads and computes: purchases as text, rows of customers, fits
 *		and predictions of BG/NBD, MBG/NBD and Pareto/NBD.
 *
 * Arbitrary bytes must be read or refused, never crash; what is read is written back as it was;
 * a fit to whatever rows ends, with finite numbers; predictions are finite and in their range.
 * The first byte chooses what the rest is taken for.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "value/bgnbd.h"
#include "value/counts.h"
#include "value/discount.h"
#include "value/history.h"
#include "value/pareto.h"

#define MAX_ROWS	12

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_purchase(const uint8_t *data, size_t size)
{
	char	   *text = malloc(size + 1);
	const char *at = text;
	DupexPurchase purchase;

	memcpy(text, data, size);
	text[size] = '\0';
	if (dupex_purchase_parse(&at, &purchase))
	{
		char		written[DUPEX_PURCHASE_TEXT_SIZE];
		const char *again = written;
		DupexPurchase read;

		REQUIRE(at <= text + size && dupex_purchase_is_valid(&purchase));
		REQUIRE(dupex_purchase_format(&purchase, written) < DUPEX_PURCHASE_TEXT_SIZE);
		REQUIRE(dupex_purchase_parse(&again, &read) && *again == '\0');
		REQUIRE(memcmp(&purchase, &read, sizeof(purchase)) == 0);
	}
	free(text);
}

static int
by_order(const void *a, const void *b)
{
	return dupex_purchase_row_compare(a, b);
}

/*
 * Takes a double from the data.
 */
static double
take(const uint8_t **data, size_t *size)
{
	double		value = 0;
	size_t		length = *size < sizeof(value) ? *size : sizeof(value);

	memcpy(&value, *data, length);
	*data += length;
	*size -= length;
	return value;
}

/*
 * A positive number of moderate size, made of any double: what a parameter of a model or a time
 * can be.
 */
static double
moderate(double value, double largest)
{
	return isfinite(value) ? exp(fmod(value, log(largest))) : 1;
}

static void
try_fit(const uint8_t *data, size_t size)
{
	DupexPurchaseRow rows[MAX_ROWS];
	uint32_t	count = 0;

	while (size > 0 && count < MAX_ROWS)
	{
		double		x = floor(moderate(take(&data, &size), 1e6));
		double		recency = moderate(take(&data, &size), 1e20);
		double		age = recency + moderate(take(&data, &size), 1e20);
		double		weight = moderate(take(&data, &size), 1e6);

		if (dupex_purchase_row_make(x, x > 0 ? recency : 0, age, weight, &rows[count]) == DUPEX_PURCHASE_OK &&
			dupex_purchase_row_is_valid(&rows[count]))
			count++;
	}
	if (count == 0)
		return;
	qsort(rows, count, sizeof(DupexPurchaseRow), by_order);
	for (int first_dropout = 0; first_dropout <= 1; first_dropout++)
	{
		DupexFit	fit;

		dupex_bgnbd_fit(rows, count, first_dropout, NULL, NULL, &fit);
		REQUIRE(isfinite(fit.log_likelihood) && isfinite(fit.gradient_norm) && fit.evaluations < 20000);
		for (int i = 0; i < 4; i++)
		{
			REQUIRE(isfinite(fit.parameter[i]) && fit.parameter[i] > 0);
			REQUIRE(!fit.has_standard_errors || (isfinite(fit.standard_error[i]) && fit.standard_error[i] >= 0));
		}
	}
}

static void
try_predictions(const uint8_t *data, size_t size)
{
	DupexBgnbd	model = {moderate(take(&data, &size), 1e11), moderate(take(&data, &size), 1e11),
	moderate(take(&data, &size), 1e11), moderate(take(&data, &size), 1e11), (int) (size % 2)};
	double		x = floor(moderate(take(&data, &size), 1e6));
	double		recency = x > 0 ? moderate(take(&data, &size), 1e6) : 0;
	double		age = recency + moderate(take(&data, &size), 1e6);
	double		horizon = moderate(take(&data, &size), 1e6);
	DupexBgnbdAlive customer = dupex_bgnbd_when_alive(&model, x, age);
	double		alive = dupex_bgnbd_alive(&model, x, recency, age);
	double		still = dupex_bgnbd_still_alive(&customer, horizon);
	double		orders = dupex_bgnbd_orders(&customer, horizon);
	double		none = dupex_bgnbd_none(&model, &customer, x, recency, age, horizon);
	double		three = dupex_bgnbd_exactly(&customer, 3, horizon);
	double		horizons[DUPEX_HORIZONS];
	double		until[DUPEX_HORIZONS];

	REQUIRE(alive >= 0 && alive <= 1);
	REQUIRE(still >= 0 && still <= 1 + 1e-9);
	REQUIRE(none >= 0 && none <= 1);
	REQUIRE(three >= 0 && three <= 1 + 1e-9);

	/* at most the orders of one who never leaves, at least the chance of one */
	REQUIRE(isfinite(orders) && orders <= customer.shape / customer.rate * horizon * (1 + 1e-9));
	REQUIRE(orders >= -expm1(-customer.shape * log1p(horizon / customer.rate)) * (1 - 1e-9));

	/* several horizons together: the same as one by one */
	for (int i = 0; i < DUPEX_HORIZONS; i++)
		horizons[i] = horizon * (i + 1);
	dupex_bgnbd_orders_until(&customer, horizons, DUPEX_HORIZONS, until);
	REQUIRE(fabs(until[0] - orders) <= 1e-9 * orders);
	for (int i = 1; i < DUPEX_HORIZONS; i++)
		REQUIRE(until[i] >= until[i - 1] * (1 - 1e-9));
}

static void
try_pareto(const uint8_t *data, size_t size)
{
	DupexParetoModel model = {moderate(take(&data, &size), 1e11), moderate(take(&data, &size), 1e11),
	moderate(take(&data, &size), 1e11), moderate(take(&data, &size), 1e11)};
	double		x = floor(moderate(take(&data, &size), 1e6));
	double		recency = x > 0 ? moderate(take(&data, &size), 1e6) : 0;
	double		age = recency + moderate(take(&data, &size), 1e6);
	double		horizon = moderate(take(&data, &size), 1e6);
	double		alive = dupex_pareto_alive(&model, x, recency, age, 0);
	double		later = dupex_pareto_alive(&model, x, recency, age, horizon);
	double		none = dupex_pareto_none_if_alive(&model, x, age, horizon);
	double		orders = dupex_pareto_kernel(&model, x, age, horizon);

	REQUIRE(alive >= 0 && alive <= 1);
	REQUIRE(later >= 0 && later <= alive);
	REQUIRE(none >= 0 && none <= 1 + 1e-9);
	REQUIRE(isfinite(orders) && orders >= (1 - none) * (1 - 1e-9) - 1e-9);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	switch (data[0] % 4)
	{
		case 0:
			try_purchase(data + 1, size - 1);
			break;
		case 1:
			try_fit(data + 1, size - 1);
			break;
		case 2:
			try_pareto(data + 1, size - 1);
			break;
		default:
			try_predictions(data + 1, size - 1);
	}
	return 0;
}
