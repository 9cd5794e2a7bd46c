/*
 * cases.h
 *		Cases of features of all kinds, as keys of a tally.
 *
 * Pure C. cases.c tells the idea.
 */
#ifndef DUPEX_CASES_H
#define DUPEX_CASES_H

#include "score/notation.h"
#include "score/tally.h"

/*
 * A feature with a value; both point into the key.
 */
typedef struct DupexCaseValue
{
	const char *feature;
	size_t		feature_length;
	bool		is_number;
	const char *value;
	size_t		value_length;
} DupexCaseValue;

extern const char *dupex_case_next(const char *at, const char *end, DupexCaseValue *value);
extern bool dupex_case_is_key(const char *key, size_t length);
extern bool dupex_case_is_number(const char *text, size_t length, double *number);
extern void dupex_cases_write(const DupexSink *sink, const DupexTally *tally);

#endif							/* DUPEX_CASES_H */
