/*
 * comparison.h
 *		Columns of records that are compared, and how alike two values are.
 *
 * Every column has levels: 0 is the same, the last one is different, between
 * them are ever less alike ones. A value is a text in the form of its kind
 * (pg_records.c brings it there): the match key of an e-mail address, a phone
 * number in E.164, a folded name.
 */
#ifndef DUPEX_LINKAGE_COMPARISON_H
#define DUPEX_LINKAGE_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>

#include "linkage/sounds.h"

#include "hygiene/names.h"

/* columns of a record, without its key */
#define DUPEX_LINKAGE_COLUMNS 15
/* levels of a column, the last is different */
#define DUPEX_LINKAGE_LEVELS 7
/* octets of a value; what is longer is cut */
#define DUPEX_LINKAGE_VALUE_MAX (DUPEX_COMPARE_MAX * 4)

typedef enum DupexLinkageKind
{
	DUPEX_LINKAGE_EMAIL,
	DUPEX_LINKAGE_PHONE,
	DUPEX_LINKAGE_NAME,
	DUPEX_LINKAGE_FIRM,
	DUPEX_LINKAGE_ADDRESS,
	DUPEX_LINKAGE_BIRTHDAY,
	DUPEX_LINKAGE_ID,
	DUPEX_LINKAGE_EXACT,
	DUPEX_LINKAGE_JARO_WINKLER,
	DUPEX_LINKAGE_EDIT_DISTANCE,
	DUPEX_LINKAGE_TOKEN,
	DUPEX_LINKAGE_BLOCK,		/* for blocking only, not compared */
	DUPEX_LINKAGE_KINDS			/* how many there are */
} DupexLinkageKind;

/*
 * How a column is compared. threshold[l - 1] is what level l asks for:
 * similarity at least, or edits at most; for the kinds that have thresholds.
 */
typedef struct DupexLinkageColumn
{
	DupexLinkageKind kind;
	int			levels;
	double		threshold[DUPEX_LINKAGE_LEVELS];
} DupexLinkageColumn;


extern const char *dupex_linkage_kind_name(DupexLinkageKind kind);
extern bool dupex_linkage_kind_named(const char *name, DupexLinkageKind *kind);
extern bool dupex_linkage_kind_has_thresholds(DupexLinkageKind kind);
extern DupexLinkageKind dupex_linkage_kind_guessed(const char *column, bool is_text);
extern void dupex_linkage_column_set(DupexLinkageColumn *column, DupexLinkageKind kind,
									 const double *thresholds, int count);
extern const char *dupex_linkage_level_name(const DupexLinkageColumn *column, int level);
extern void dupex_linkage_default_m(const DupexLinkageColumn *column, double *m);
extern bool dupex_linkage_kind_adjusts(DupexLinkageKind kind);
extern int	dupex_linkage_level(const DupexLinkageColumn *column,
								const char *a, size_t a_length,
								const char *b, size_t b_length,
								DupexSounds *sounds);
extern void dupex_linkage_letters(const char *text, size_t length, DupexLetters *letters);

#endif							/* DUPEX_LINKAGE_COMPARISON_H */
