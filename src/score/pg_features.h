/*
 * pg_features.h
 *		Features of a case as SQL has them: a JSON object or a list of words.
 */
#ifndef DUPEX_PG_FEATURES_H
#define DUPEX_PG_FEATURES_H

#include "dupex.h"

#include "utils/jsonb.h"

/*
 * Gets a feature and one of its values; number is the value where JSON has a number, else NULL.
 */
typedef void (*DupexFeatureTaker) (void *context, const char *feature, size_t feature_length,
								   const char *value, size_t value_length, Numeric number);

extern void dupex_features_each(Jsonb *features, DupexFeatureTaker take, void *context);

#endif							/* DUPEX_PG_FEATURES_H */
