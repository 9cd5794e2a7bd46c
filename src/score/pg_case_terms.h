/*
 * pg_case_terms.h
 *		What becomes a column of a logistic regression on features of all kinds.
 */
#ifndef DUPEX_PG_CASE_TERMS_H
#define DUPEX_PG_CASE_TERMS_H

#include "score/pg_tally.h"

#include "score/cases.h"

/*
 * Kinds of terms; all but the reference have a column.
 */
typedef enum DupexTermKind
{
	TERM_NUMBER,
	TERM_VALUE,
	TERM_MEMBER,				/* value of a feature that may have several */
	TERM_MISSING,
	TERM_REFERENCE,
	TERM_KINDS
} DupexTermKind;

/*
 * A term of a model: what becomes, or belongs to, a column.
 */
typedef struct DupexTerm
{
	text	   *feature;
	DupexTermKind kind;
	text	   *value;			/* NULL for number and missing */
	double		mean;			/* of numbers, and their deviation */
	double		deviation;
	int			column;			/* -1 for none */
	int			group;			/* terms of one feature stand together and
								 * have the same */
} DupexTerm;

/*
 * The terms of a model in order, and an index of them.
 */
typedef struct DupexTerms
{
	DupexTerm  *list;
	int			count;
	int			columns;
	int			groups;
	DupexTally *index;			/* of feature, NUL, sign of the kind, value:
								 * number of the term, from 1 */
} DupexTerms;

extern const char *const dupex_term_kinds[];

extern double dupex_case_weight(const DupexTallyEntry *entry);
extern DupexTerms *dupex_terms_make(void);
extern DupexTerm *dupex_terms_add(DupexTerms *terms, const char *feature, size_t feature_length, DupexTermKind kind, const char *value, size_t value_length);
extern DupexTerms *dupex_terms_find(const DupexTally *cases);
extern void dupex_terms_measure(DupexTerms *terms, const DupexTally *cases);
extern const DupexTerm *dupex_terms_look_up(const DupexTerms *terms, StringInfo key, const DupexCaseValue *value, double *x);

#endif							/* DUPEX_PG_CASE_TERMS_H */
