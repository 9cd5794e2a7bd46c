/*
 * er.c
 *		E:R: an expense and a revenue that add up exactly.
 *
 * A ratio cannot be averaged; its two parts can be added. So the parts are kept, as decimal
 * fixed point: eighteen digits before the point and nine after it. Nine decimals, and not the
 * four of money, because costs per piece and converted currencies have more than four; eighteen
 * digits before the point so that the takings of a national retailer in a small currency unit
 * do not overflow. Nothing is ever rounded: what does not fit is an error.
 *
 * A carry happens once per addition at most, and since absolute values are below 10^18 the sum
 * of two wholes cannot overflow 64 bits; so addition needs no wider type than C has everywhere.
 *
 * Pure C: no memory is allocated, nothing depends on the locale.
 */
#include "er.h"

#include <string.h>

#include "product.h"

_Static_assert(sizeof(DupexEr) == 24, "the layout of er on disk has no padding");

/*
 * Is the amount one that dupex could have made?
 */
static bool
amount_is_valid(DupexAmount amount)
{
	if (amount.billionths < 0 || amount.billionths >= DUPEX_BILLION)
		return false;
	if (amount.whole >= DUPEX_AMOUNT_LIMIT || amount.whole < -DUPEX_AMOUNT_LIMIT)
		return false;
	return !(amount.whole == -DUPEX_AMOUNT_LIMIT && amount.billionths == 0);
}

static DupexAmount
amount_negate(DupexAmount amount)
{
	if (amount.billionths == 0)
		amount.whole = -amount.whole;
	else
	{
		amount.whole = -amount.whole - 1;
		amount.billionths = DUPEX_BILLION - amount.billionths;
	}
	return amount;
}

static DupexAmountStatus
amount_add(DupexAmount a, DupexAmount b, DupexAmount *sum)
{
	sum->whole = a.whole + b.whole;
	sum->billionths = a.billionths + b.billionths;	/* below 2 * 10^9 < 2^31 */
	if (sum->billionths >= DUPEX_BILLION)
	{
		sum->billionths -= DUPEX_BILLION;
		sum->whole++;
	}
	return amount_is_valid(*sum) ? DUPEX_AMOUNT_OK : DUPEX_AMOUNT_RANGE;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Reads a decimal number without exponent: sign, digits, point, digits; a digit must be there.
 * Spaces around it are ignored.
 */
DupexAmountStatus
dupex_amount_parse(const char *text, size_t length, DupexAmount *amount)
{
	const char *end = text + length;
	bool		negative = false;
	bool		any_digit = false;
	int64_t		whole = 0;
	int32_t		billionths = 0;
	int32_t		unit = DUPEX_BILLION / 10;
	DupexAmountStatus status = DUPEX_AMOUNT_OK;

	while (text < end && is_space(*text))
		text++;
	while (text < end && is_space(end[-1]))
		end--;
	if (text < end && (*text == '-' || *text == '+'))
		negative = *text++ == '-';

	/*
	 * a wrong character further on matters more than a number that does not
	 * fit: read on
	 */
	for (; text < end && is_digit(*text); text++)
	{
		any_digit = true;
		if (whole >= DUPEX_AMOUNT_LIMIT / 10)
			status = DUPEX_AMOUNT_RANGE;
		else
			whole = whole * 10 + (*text - '0');
	}
	if (text < end && *text == '.')
	{
		for (text++; text < end && is_digit(*text); text++)
		{
			any_digit = true;
			if (unit == 0 && *text != '0' && status == DUPEX_AMOUNT_OK)
				status = DUPEX_AMOUNT_DECIMALS_LOST;
			billionths += (*text - '0') * unit;
			unit /= 10;
		}
	}
	if (text < end || !any_digit)
		return DUPEX_AMOUNT_SYNTAX;

	amount->whole = whole;
	amount->billionths = billionths;
	if (negative)
		*amount = amount_negate(*amount);
	return status;
}

/*
 * Writes the amount as a decimal number, trailing zeros trimmed, into text, which has room for
 * DUPEX_AMOUNT_TEXT_SIZE bytes. Returns the length without the NUL.
 */
size_t
dupex_amount_format(DupexAmount amount, char *text)
{
	char	   *start = text;
	char		reversed[DUPEX_AMOUNT_DIGITS];
	int			ndigits = 0;

	if (amount.whole < 0)
	{
		*text++ = '-';
		amount = amount_negate(amount);
	}
	do
	{
		reversed[ndigits++] = (char) ('0' + amount.whole % 10);
		amount.whole /= 10;
	} while (amount.whole > 0 && ndigits < DUPEX_AMOUNT_DIGITS);
	while (ndigits > 0)
		*text++ = reversed[--ndigits];

	if (amount.billionths > 0)
	{
		*text++ = '.';
		for (int32_t unit = DUPEX_BILLION / 10; amount.billionths > 0; unit /= 10)
		{
			*text++ = (char) ('0' + amount.billionths / unit);
			amount.billionths %= unit;
		}
	}
	*text = '\0';
	return (size_t) (text - start);
}

/*
 * Is this a value that dupex could have made? For what comes in over the wire.
 */
bool
dupex_er_is_valid(const DupexEr *er)
{
	return amount_is_valid(dupex_er_expense(er)) && amount_is_valid(dupex_er_revenue(er));
}

/*
 * Reads "expense:revenue".
 */
DupexAmountStatus
dupex_er_parse(const char *text, size_t length, DupexEr *er)
{
	const char *colon = memchr(text, ':', length);
	DupexAmount expense;
	DupexAmount revenue;
	DupexAmountStatus expense_status;
	DupexAmountStatus revenue_status;

	if (colon == NULL)
		return DUPEX_AMOUNT_SYNTAX;
	expense_status = dupex_amount_parse(text, (size_t) (colon - text), &expense);
	revenue_status = dupex_amount_parse(colon + 1, length - (size_t) (colon + 1 - text), &revenue);
	if (expense_status == DUPEX_AMOUNT_SYNTAX || revenue_status == DUPEX_AMOUNT_SYNTAX)
		return DUPEX_AMOUNT_SYNTAX;
	if (expense_status != DUPEX_AMOUNT_OK)
		return expense_status;
	if (revenue_status != DUPEX_AMOUNT_OK)
		return revenue_status;
	*er = dupex_er_make(expense, revenue);
	return DUPEX_AMOUNT_OK;
}

/*
 * Writes "expense:revenue" into text, which has room for DUPEX_ER_TEXT_SIZE bytes. Returns the
 * length without the NUL.
 */
size_t
dupex_er_format(const DupexEr *er, char *text)
{
	size_t		length = dupex_amount_format(dupex_er_expense(er), text);

	text[length++] = ':';
	return length + dupex_amount_format(dupex_er_revenue(er), text + length);
}

/*
 * sum += addend, both parts. After a failure sum is not to be used.
 */
DupexAmountStatus
dupex_er_add(DupexEr *sum, const DupexEr *addend)
{
	DupexAmount expense;
	DupexAmount revenue;
	DupexAmountStatus status;

	status = amount_add(dupex_er_expense(sum), dupex_er_expense(addend), &expense);
	if (status == DUPEX_AMOUNT_OK)
		status = amount_add(dupex_er_revenue(sum), dupex_er_revenue(addend), &revenue);
	if (status == DUPEX_AMOUNT_OK)
		*sum = dupex_er_make(expense, revenue);
	return status;
}

/*
 * difference -= subtrahend, both parts. After a failure difference is not to be used.
 */
DupexAmountStatus
dupex_er_subtract(DupexEr *difference, const DupexEr *subtrahend)
{
	DupexEr		negated = dupex_er_make(amount_negate(dupex_er_expense(subtrahend)),
										amount_negate(dupex_er_revenue(subtrahend)));

	return dupex_er_add(difference, &negated);
}

static int
amount_sign(DupexAmount amount)
{
	if (amount.whole < 0)
		return -1;
	return amount.whole > 0 || amount.billionths > 0;
}

/* the absolute value in billionths, below 10^27 < 2^90 */
static DupexFactor
amount_magnitude(DupexAmount amount)
{
	if (amount.whole < 0)
		amount = amount_negate(amount);
	return dupex_factor_make((uint64_t) amount.whole, (uint32_t) DUPEX_BILLION, (uint32_t) amount.billionths);
}

static int
amount_compare(DupexAmount a, DupexAmount b)
{
	if (a.whole != b.whole)
		return a.whole < b.whole ? -1 : 1;
	return (a.billionths > b.billionths) - (a.billionths < b.billionths);
}

/*
 * The order of er: by the ratio expense / revenue, exactly; those without revenue, which have no
 * ratio, come last; equal ratios by expense, then by revenue. So it is a total order in which
 * only identical values are equal.
 */
int
dupex_er_compare(const DupexEr *a, const DupexEr *b)
{
	DupexAmount expense_a = dupex_er_expense(a);
	DupexAmount revenue_a = dupex_er_revenue(a);
	DupexAmount expense_b = dupex_er_expense(b);
	DupexAmount revenue_b = dupex_er_revenue(b);
	int			result;

	if (amount_sign(revenue_a) != 0 && amount_sign(revenue_b) != 0)
	{
		int			sign_a = amount_sign(expense_a) * amount_sign(revenue_a);
		int			sign_b = amount_sign(expense_b) * amount_sign(revenue_b);

		if (sign_a != sign_b)
			return sign_a < sign_b ? -1 : 1;
		result = sign_a * dupex_compare_products(amount_magnitude(expense_a), amount_magnitude(revenue_b),
												 amount_magnitude(expense_b), amount_magnitude(revenue_a));
	}
	else
		result = (amount_sign(revenue_a) == 0) - (amount_sign(revenue_b) == 0);

	if (result == 0)
		result = amount_compare(expense_a, expense_b);
	if (result == 0)
		result = amount_compare(revenue_a, revenue_b);
	return result;
}
