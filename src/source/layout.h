/*
 * layout.h
 *		Layouts of source codes: which characters mean what. See layout.c.
 *
 * Pure C: no PostgreSQL here.
 */
#ifndef DUPEX_SOURCE_LAYOUT_H
#define DUPEX_SOURCE_LAYOUT_H

#include "source/code.h"

/* limits of a layout's text: long enough for twelve fields with long names */
#define DUPEX_LAYOUT_MAX_TEXT 1000
#define DUPEX_FIELD_NAME_MAX 63

/* How the characters of a field are written. */
typedef enum DupexEncoding
{
	DUPEX_DIGITS,				/* 0-9 */
	DUPEX_LETTERS,				/* A-Z */
	DUPEX_ANY,					/* 0-9A-Z, and nobody knows what they mean */
	DUPEX_LETTER_NUMBER			/* one letter that counts from a base */
} DupexEncoding;

typedef struct DupexField
{
	char		name[DUPEX_FIELD_NAME_MAX + 1];
	DupexEncoding encoding;
	int			start;			/* offset of its first character in the code */
	int			width;			/* number of characters */
	int			value_of_a;		/* LETTER_NUMBER: the number of the letter A */
} DupexField;

typedef struct DupexLayout
{
	int			width;			/* characters of a code */
	int			field_count;
	DupexField	fields[DUPEX_CODE_MAX_LENGTH];
	uint8_t		by_name[DUPEX_CODE_MAX_LENGTH]; /* ordered by name */
	char		fixed[DUPEX_CODE_MAX_LENGTH];	/* 0 where a field is */
	uint8_t		encodings[DUPEX_CODE_MAX_LENGTH];	/* where a field is */
	/* numbers of the fields that have a meaning, -1 where there is none */
	int			medium;
	int			group;
	int			list;
	int			month;
	int			year;
	int			check;
} DupexLayout;

/* Why a text is no layout, and the offset of what is wrong. */
typedef struct DupexLayoutFault
{
	size_t		where;
	const char *reason;			/* a sentence's rest: "expected ..." */
} DupexLayoutFault;

/* In which way a code does not have a layout. */
typedef enum DupexMisfitKind
{
	DUPEX_FITS,
	DUPEX_WRONG_LENGTH,
	DUPEX_WRONG_CHARACTER,
	DUPEX_WRONG_MONTH,
	DUPEX_WRONG_YEAR,
	DUPEX_WRONG_CHECK
} DupexMisfitKind;

typedef struct DupexMisfit
{
	DupexMisfitKind kind;
	int			position;		/* 1 is the first character; 0: the length */
	char		has[32];		/* "month 13" */
	char		wants[48];		/* "01 to 12" */
} DupexMisfit;

/* Why a value cannot be put into a field. */
typedef enum DupexBuildFault
{
	DUPEX_BUILD_OK,
	DUPEX_BUILD_TOO_WIDE,
	DUPEX_BUILD_TOO_SHORT,
	DUPEX_BUILD_CHARACTER,
	DUPEX_BUILD_RANGE
} DupexBuildFault;

extern bool dupex_layout_parse(const char *text, size_t length,
							   DupexLayout *layout, DupexLayoutFault *fault);
extern int	dupex_layout_find_meant(const DupexLayout *layout, const char *name,
									size_t length);
extern int	dupex_layout_find(const DupexLayout *layout, const char *name,
							  size_t length);
extern bool dupex_layout_allows(const DupexLayout *layout, int position,
								char character);
extern void dupex_layout_wants(const DupexLayout *layout, int position,
							   char *out, size_t size);
extern bool dupex_layout_values(const DupexLayout *layout,
								const char *characters, DupexMisfit *misfit);
extern bool dupex_layout_fits(const DupexLayout *layout,
							  const char *characters, int length,
							  DupexMisfit *misfit);
extern int	dupex_layout_month(const DupexLayout *layout,
							   const char *characters);
extern int	dupex_layout_year(const DupexLayout *layout,
							  const char *characters, bool near_known,
							  int near_year, int near_month);
extern DupexBuildFault dupex_layout_put(const DupexLayout *layout, int field,
										const char *value, size_t length,
										bool is_number, char *characters);
extern void dupex_field_wants(const DupexField *field, bool is_month,
							  bool is_year, char *out, size_t size);
extern char dupex_check_character(const char *characters, int length);

#endif							/* DUPEX_SOURCE_LAYOUT_H */
