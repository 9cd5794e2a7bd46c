/*
 * moments.c
 *		How many, their sum and the sum of their squares: all that a mean and its test need.
 *
 * The variance is n times the sum of squares less the square of the sum, over n (n - 1). In
 * floating point these two nearly cancel where the spread is small beside the mean, and the
 * result depends on the order of the rows. So the sums are exact: decimal fixed point as in type
 * er, and squares as whole numbers of 192 bits. Only the quotient at the end is rounded. The same
 * rows give the same bits in any order, in parallel, and rolled up from stored states.
 *
 * Pure C: no memory is allocated, nothing depends on the locale.
 */
#include "moments.h"

#include <math.h>
#include <string.h>

#define LIMBS		DUPEX_SQUARES_LIMBS
#define WIDE		8			/* limbs of n times the squares */
#define AMOUNT		3			/* limbs of an amount in billionths */

_Static_assert(sizeof(DupexMoments) == 48, "the layout of moments on disk has no padding");

/*
 * product = a * b, for products that fit.
 */
static void
multiply(const uint32_t *a, int a_limbs, const uint32_t *b, int b_limbs, uint32_t *product, int limbs)
{
	for (int i = 0; i < limbs; i++)
		product[i] = 0;
	for (int i = 0; i < a_limbs; i++)
	{
		uint64_t	carry = 0;

		for (int j = 0; j < b_limbs && i + j < limbs; j++)
		{
			carry += (uint64_t) a[i] * b[j] + product[i + j];
			product[i + j] = (uint32_t) carry;
			carry >>= 32;
		}
		for (int k = i + b_limbs; k < limbs; k++)
		{
			carry += product[k];
			product[k] = (uint32_t) carry;
			carry >>= 32;
		}
	}
}

/*
 * number = number * factor + addend; returns what does not fit.
 */
static uint32_t
multiply_small(uint32_t *number, int limbs, uint32_t factor, uint32_t addend)
{
	uint64_t	carry = addend;

	for (int i = 0; i < limbs; i++)
	{
		carry += (uint64_t) number[i] * factor;
		number[i] = (uint32_t) carry;
		carry >>= 32;
	}
	return (uint32_t) carry;
}

/*
 * number = number / divisor; returns the remainder.
 */
static uint32_t
divide_small(uint32_t *number, int limbs, uint32_t divisor)
{
	uint64_t	rest = 0;

	for (int i = limbs - 1; i >= 0; i--)
	{
		rest = (rest << 32) + number[i];
		number[i] = (uint32_t) (rest / divisor);
		rest %= divisor;
	}
	return (uint32_t) rest;
}

static int
compare(const uint32_t *a, const uint32_t *b, int limbs)
{
	for (int i = limbs - 1; i >= 0; i--)
	{
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

/*
 * Squares stay below 10^54, so that their text has a bound.
 */
static bool
squares_fit(const uint32_t *squares)
{
	uint32_t	limit[LIMBS] = {1};

	for (int i = 0; i < DUPEX_SQUARES_DIGITS + DUPEX_SQUARES_DECIMALS; i++)
		multiply_small(limit, LIMBS, 10, 0);
	return compare(squares, limit, LIMBS) < 0;
}

/*
 * The absolute value of an amount in billionths.
 */
static void
magnitude(int64_t whole, int32_t billionths, uint32_t number[AMOUNT])
{
	uint64_t	absolute = (uint64_t) whole;
	uint32_t	rest = (uint32_t) billionths;

	if (whole < 0)
	{
		absolute = 0 - absolute;
		if (rest > 0)
		{
			absolute--;
			rest = (uint32_t) DUPEX_BILLION - rest;
		}
	}
	number[0] = (uint32_t) absolute;
	number[1] = (uint32_t) (absolute >> 32);
	number[2] = 0;
	multiply_small(number, AMOUNT, (uint32_t) DUPEX_BILLION, rest);
}

/*
 * n times the squares, less the square of the sum, in units of 10^-18; false where that is
 * negative, which no set of amounts has.
 */
static bool
spread(const DupexMoments *moments, uint32_t difference[WIDE])
{
	uint32_t	people[2] = {(uint32_t) (uint64_t) moments->people, (uint32_t) ((uint64_t) moments->people >> 32)};
	uint32_t	sum[AMOUNT];
	uint32_t	square[WIDE];
	int64_t		borrow = 0;

	magnitude(moments->sum_whole, moments->sum_billionths, sum);
	multiply(sum, AMOUNT, sum, AMOUNT, square, WIDE);
	multiply(moments->squares, LIMBS, people, 2, difference, WIDE);
	if (compare(difference, square, WIDE) < 0)
		return false;
	for (int i = 0; i < WIDE; i++)
	{
		borrow += (int64_t) difference[i] - (int64_t) square[i];
		difference[i] = (uint32_t) (uint64_t) borrow;
		borrow >>= 32;
	}
	return true;
}

/*
 * One person who spent this amount.
 */
DupexMoments
dupex_moments_of(DupexAmount amount)
{
	DupexMoments moments = {1, amount.whole, amount.billionths, {0}, 0};
	uint32_t	number[AMOUNT];

	magnitude(amount.whole, amount.billionths, number);
	multiply(number, AMOUNT, number, AMOUNT, moments.squares, LIMBS);
	return moments;
}

/*
 * sum += addend. After a failure sum is not to be used.
 */
DupexMomentsStatus
dupex_moments_add(DupexMoments *sum, const DupexMoments *addend)
{
	DupexEr		money = {sum->sum_whole, 0, sum->sum_billionths, 0};
	const DupexEr more = {addend->sum_whole, 0, addend->sum_billionths, 0};
	uint64_t	carry = 0;

	if (addend->people > INT64_MAX - sum->people || dupex_er_add(&money, &more) != DUPEX_AMOUNT_OK)
		return DUPEX_MOMENTS_RANGE;
	sum->people += addend->people;
	sum->sum_whole = money.expense_whole;
	sum->sum_billionths = money.expense_billionths;
	for (int i = 0; i < LIMBS; i++)
	{
		carry += (uint64_t) sum->squares[i] + addend->squares[i];
		sum->squares[i] = (uint32_t) carry;
		carry >>= 32;
	}
	return squares_fit(sum->squares) ? DUPEX_MOMENTS_OK : DUPEX_MOMENTS_RANGE;
}

/*
 * Is this a value that dupex could have made? For what comes in over the wire.
 */
bool
dupex_moments_is_valid(const DupexMoments *moments)
{
	const DupexEr money = {moments->sum_whole, 0, moments->sum_billionths, 0};
	uint32_t	difference[WIDE];
	uint32_t	any = 0;

	for (int i = 0; i < LIMBS; i++)
		any |= moments->squares[i];
	if (moments->zero != 0 || moments->people < 0 || !dupex_er_is_valid(&money) || !squares_fit(moments->squares))
		return false;
	if (moments->people == 0)
		return moments->sum_whole == 0 && moments->sum_billionths == 0 && any == 0;
	return spread(moments, difference);
}

/*
 * Reads a whole number without sign.
 */
static DupexMomentsStatus
parse_people(const char *text, const char *end, int64_t *people)
{
	DupexMomentsStatus status = DUPEX_MOMENTS_OK;

	*people = 0;
	if (text == end)
		return DUPEX_MOMENTS_SYNTAX;
	for (; text < end; text++)
	{
		int			digit = *text - '0';

		if (digit < 0 || digit > 9)
			return DUPEX_MOMENTS_SYNTAX;
		if (*people > (INT64_MAX - digit) / 10)
			status = DUPEX_MOMENTS_RANGE;
		else
			*people = *people * 10 + digit;
	}
	return status;
}

/*
 * Reads a decimal number without sign and exponent in units of 10^-18.
 */
static DupexMomentsStatus
parse_squares(const char *text, const char *end, uint32_t squares[LIMBS])
{
	DupexMomentsStatus status = DUPEX_MOMENTS_OK;
	bool		any_digit = false;
	int			decimals = -1;	/* before the point */

	for (int i = 0; i < LIMBS; i++)
		squares[i] = 0;
	for (; text < end; text++)
	{
		int			digit = *text - '0';

		if (*text == '.' && decimals < 0)
			decimals = 0;
		else if (digit < 0 || digit > 9)
			return DUPEX_MOMENTS_SYNTAX;
		else
		{
			any_digit = true;
			if (decimals == DUPEX_SQUARES_DECIMALS)
			{
				if (digit != 0 && status == DUPEX_MOMENTS_OK)
					status = DUPEX_MOMENTS_DECIMALS_LOST;
				continue;
			}
			decimals += decimals >= 0;
			if (multiply_small(squares, LIMBS, 10, (uint32_t) digit) != 0 || !squares_fit(squares))
				return DUPEX_MOMENTS_RANGE;
		}
	}
	if (!any_digit)
		return DUPEX_MOMENTS_SYNTAX;
	for (int i = decimals < 0 ? 0 : decimals; i < DUPEX_SQUARES_DECIMALS; i++)
	{
		if (multiply_small(squares, LIMBS, 10, 0) != 0 || !squares_fit(squares))
			return DUPEX_MOMENTS_RANGE;
	}
	return status;
}

/*
 * Reads "people:sum:sum of squares".
 */
DupexMomentsStatus
dupex_moments_parse(const char *text, size_t length, DupexMoments *moments)
{
	const char *end = text + length;
	const char *first = memchr(text, ':', length);
	const char *second = first == NULL ? NULL : memchr(first + 1, ':', (size_t) (end - first - 1));
	DupexMomentsStatus people_status;
	DupexMomentsStatus squares_status;
	DupexAmountStatus sum_status;
	DupexAmount sum;

	if (second == NULL)
		return DUPEX_MOMENTS_SYNTAX;
	moments->zero = 0;
	people_status = parse_people(text, first, &moments->people);
	sum_status = dupex_amount_parse(first + 1, (size_t) (second - first - 1), &sum);
	squares_status = parse_squares(second + 1, end, moments->squares);
	if (people_status == DUPEX_MOMENTS_SYNTAX || sum_status == DUPEX_AMOUNT_SYNTAX || squares_status == DUPEX_MOMENTS_SYNTAX)
		return DUPEX_MOMENTS_SYNTAX;
	if (people_status != DUPEX_MOMENTS_OK)
		return people_status;
	if (sum_status != DUPEX_AMOUNT_OK)
		return sum_status == DUPEX_AMOUNT_RANGE ? DUPEX_MOMENTS_RANGE : DUPEX_MOMENTS_DECIMALS_LOST;
	if (squares_status != DUPEX_MOMENTS_OK)
		return squares_status;
	moments->sum_whole = sum.whole;
	moments->sum_billionths = sum.billionths;
	return dupex_moments_is_valid(moments) ? DUPEX_MOMENTS_OK : DUPEX_MOMENTS_IMPOSSIBLE;
}

/*
 * Writes the sum of squares as a decimal number, trailing zeros trimmed, into text, which has
 * room for DUPEX_MOMENTS_TEXT_SIZE bytes. Returns the length without the NUL.
 */
size_t
dupex_moments_format_squares(const DupexMoments *moments, char *text)
{
	const int	digits = DUPEX_SQUARES_DIGITS + DUPEX_SQUARES_DECIMALS;
	uint32_t	rest[LIMBS];
	char		all[DUPEX_SQUARES_DIGITS + DUPEX_SQUARES_DECIMALS];
	int			from = 0;
	int			to = digits;
	size_t		length = 0;

	memcpy(rest, moments->squares, sizeof(rest));
	memset(all, '0', sizeof(all));
	for (int i = digits - 1; i >= 0; i--)
		all[i] = (char) ('0' + divide_small(rest, LIMBS, 10));
	while (from < DUPEX_SQUARES_DIGITS - 1 && all[from] == '0')
		from++;
	while (to > DUPEX_SQUARES_DIGITS && all[to - 1] == '0')
		to--;
	for (int i = from; i < to; i++)
	{
		if (i == DUPEX_SQUARES_DIGITS)
			text[length++] = '.';
		text[length++] = all[i];
	}
	text[length] = '\0';
	return length;
}

/*
 * Writes "people:sum:sum of squares" into text, which has room for DUPEX_MOMENTS_TEXT_SIZE bytes.
 * Returns the length without the NUL.
 */
size_t
dupex_moments_format(const DupexMoments *moments, char *text)
{
	DupexAmount people = {0, 0};
	DupexAmount sum = {moments->sum_whole, moments->sum_billionths};
	size_t		length;

	/* a count may have a digit more than an amount */
	people.whole = moments->people / 10;
	length = people.whole > 0 ? dupex_amount_format(people, text) : 0;
	text[length++] = (char) ('0' + moments->people % 10);
	text[length++] = ':';
	length += dupex_amount_format(sum, text + length);
	text[length++] = ':';
	return length + dupex_moments_format_squares(moments, text + length);
}

/*
 * The mean; NaN of nobody.
 */
double
dupex_moments_mean(const DupexMoments *moments)
{
	return ((double) moments->sum_whole + (double) moments->sum_billionths / DUPEX_BILLION) / (double) moments->people;
}

/*
 * The variance, over n - 1; NaN of fewer than two. Relative accuracy 1e-15.
 */
double
dupex_moments_variance(const DupexMoments *moments)
{
	uint32_t	difference[WIDE];
	double		n = (double) moments->people;
	double		result = 0;

	if (moments->people < 2 || !spread(moments, difference))
		return NAN;
	for (int i = WIDE - 1; i >= 0; i--)
		result = result * 4294967296.0 + difference[i];
	return result / 1e18 / n / (n - 1);
}
