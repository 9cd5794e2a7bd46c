/*
 * er.h
 *		E:R: an expense and a revenue that add up exactly.
 *
 * Pure C. er.c tells the idea.
 */
#ifndef DUPEX_ER_H
#define DUPEX_ER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUPEX_AMOUNT_DECIMALS	9
#define DUPEX_AMOUNT_DIGITS		18	/* before the decimal point */
#define DUPEX_BILLION			INT32_C(1000000000)
#define DUPEX_AMOUNT_LIMIT		INT64_C(1000000000000000000)	/* 10^18 */

/*
 * An amount is whole + billionths / 10^9 with 0 <= billionths < 10^9, so -0.25 is -1 and
 * 750,000,000. Each amount has one representation. Its absolute value is below 10^18.
 */
typedef struct DupexAmount
{
	int64_t		whole;
	int32_t		billionths;
} DupexAmount;

/*
 * What is on disk: 24 bytes without padding, so equal values have equal bytes. The layout
 * never changes.
 */
typedef struct DupexEr
{
	int64_t		expense_whole;
	int64_t		revenue_whole;
	int32_t		expense_billionths;
	int32_t		revenue_billionths;
} DupexEr;

typedef enum DupexAmountStatus
{
	DUPEX_AMOUNT_OK = 0,
	DUPEX_AMOUNT_SYNTAX,		/* not a decimal number */
	DUPEX_AMOUNT_RANGE,			/* absolute value not below 10^18 */
	DUPEX_AMOUNT_DECIMALS_LOST	/* more than nine decimals */
} DupexAmountStatus;

/* room for the text of an er: sign, 18 digits, point, 9 decimals, twice, a colon and the NUL */
#define DUPEX_AMOUNT_TEXT_SIZE	(1 + DUPEX_AMOUNT_DIGITS + 1 + DUPEX_AMOUNT_DECIMALS + 1)
#define DUPEX_ER_TEXT_SIZE		(2 * DUPEX_AMOUNT_TEXT_SIZE)

extern DupexAmountStatus dupex_amount_parse(const char *text, size_t length, DupexAmount *amount);
extern size_t dupex_amount_format(DupexAmount amount, char *text);

extern bool dupex_er_is_valid(const DupexEr *er);
extern DupexAmountStatus dupex_er_parse(const char *text, size_t length, DupexEr *er);
extern size_t dupex_er_format(const DupexEr *er, char *text);
extern DupexAmountStatus dupex_er_add(DupexEr *sum, const DupexEr *addend);
extern DupexAmountStatus dupex_er_subtract(DupexEr *difference, const DupexEr *subtrahend);
extern int	dupex_er_compare(const DupexEr *a, const DupexEr *b);

/*
 * The expense of an er.
 */
static inline DupexAmount
dupex_er_expense(const DupexEr *er)
{
	DupexAmount expense = {er->expense_whole, er->expense_billionths};

	return expense;
}

/*
 * The revenue of an er.
 */
static inline DupexAmount
dupex_er_revenue(const DupexEr *er)
{
	DupexAmount revenue = {er->revenue_whole, er->revenue_billionths};

	return revenue;
}

/*
 * The er of two amounts, which are not looked at.
 */
static inline DupexEr
dupex_er_make(DupexAmount expense, DupexAmount revenue)
{
	DupexEr		er = {expense.whole, revenue.whole, expense.billionths, revenue.billionths};

	return er;
}

#endif							/* DUPEX_ER_H */
