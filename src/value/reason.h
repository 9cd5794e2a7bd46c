/*
 * reason.h
 *		What a fit at a boundary says of customers, in words.
 *
 * Pure C.
 */
#ifndef DUPEX_REASON_H
#define DUPEX_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "value/optimise.h"

extern void dupex_pareto_reason(const DupexFit *fit, bool is_anybody_back, char *reason, size_t size);
extern void dupex_nbd_reason(const DupexFit *fit, bool is_anybody_back, char *reason, size_t size);
extern void dupex_gamma_gamma_reason(const DupexFit *fit, char *reason, size_t size);
extern void dupex_bgbb_reason(const DupexFit *fit, bool has_anybody_ordered, char *reason, size_t size);
extern void dupex_sbg_reason(const DupexFit *fit, bool has_period_passed, char *reason, size_t size);

#endif							/* DUPEX_REASON_H */
