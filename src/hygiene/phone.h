/*
 * phone.h
 *		Telephone numbers: to E.164 by the numbering plans of countries.
 */
#ifndef DUPEX_HYGIENE_PHONE_H
#define DUPEX_HYGIENE_PHONE_H

#include <stdbool.h>
#include <stddef.h>

/* digits of an international number (ITU-T E.164, 6.1) */
#define DUPEX_PHONE_DIGITS 15
/* longer texts are no numbers */
#define DUPEX_PHONE_TEXT_MAX 200

#define DUPEX_PHONE_PREFIX 8
#define DUPEX_PHONE_CARRIERS 8
#define DUPEX_PHONE_PATTERN 8
#define DUPEX_PHONE_KIND 20

/* how the numbers of a country are dialled */
typedef struct DupexPhoneCountry
{
	char		name[3];
	char		calling[DUPEX_PHONE_PREFIX];	/* country calling code */
	char		trunk[DUPEX_PHONE_PREFIX];	/* before national numbers, or "" */
	char		international[DUPEX_PHONE_PREFIX];	/* before foreign ones */
	char		carriers[DUPEX_PHONE_CARRIERS][DUPEX_PHONE_PREFIX];
	int			carrier_count;
} DupexPhoneCountry;

/*
 * Numbers of one kind: which digits they begin with, as a set of digits (bit d for
 * digit d) for each place, and how many digits they have, without the trunk prefix.
 */
typedef struct DupexPhoneRange
{
	int			country;		/* index */
	char		kind[DUPEX_PHONE_KIND];
	unsigned short digits[DUPEX_PHONE_PATTERN];
	int			places;
	int			least;
	int			most;
} DupexPhoneRange;

/* numbering plans; the arrays belong to the caller, who gives room for each line */
typedef struct DupexPhoneRules
{
	DupexPhoneCountry *countries;
	int			country_count;
	DupexPhoneRange *ranges;
	int			range_count;
} DupexPhoneRules;

typedef enum DupexPhoneCode
{
	DUPEX_PHONE_VALID,
	DUPEX_PHONE_EXTENSION,		/* valid; what is behind it was cut off */
	DUPEX_PHONE_UNKNOWN_PLAN,	/* of a country whose plan is not given */
	/* from here on: no number */
	DUPEX_PHONE_EMPTY,
	DUPEX_PHONE_LETTERS,
	DUPEX_PHONE_SEVERAL,
	DUPEX_PHONE_SPREADSHEET,
	DUPEX_PHONE_TOO_SHORT,
	DUPEX_PHONE_TOO_LONG,
	DUPEX_PHONE_NO_AREA_CODE,
	DUPEX_PHONE_NOT_IN_PLAN,
	DUPEX_PHONE_UNKNOWN_COUNTRY
} DupexPhoneCode;

typedef struct DupexPhone
{
	DupexPhoneCode code;
	const char *kind;			/* points into the rules; NULL for none */
	char		e164[DUPEX_PHONE_DIGITS + 2];	/* with the "+"; "" for none */
} DupexPhone;

extern const char *const dupex_phone_plans[];
extern const size_t dupex_phone_plan_count;

extern const char *dupex_phone_rules_add(DupexPhoneRules *rules,
										 const char *line, size_t length);
extern void dupex_phone_read(const DupexPhoneRules *rules,
							 const char *text, size_t length,
							 const char *country, size_t country_length,
							 DupexPhone *phone);
extern const char *dupex_phone_code_name(DupexPhoneCode code);

#endif							/* DUPEX_HYGIENE_PHONE_H */
