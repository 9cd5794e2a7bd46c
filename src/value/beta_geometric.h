/*
 * beta_geometric.h
 *		Lifetimes counted in periods whose end is beta-geometric; the sBG model of retention.
 *
 * Pure C. beta_geometric.c tells the model.
 */
#ifndef DUPEX_BETA_GEOMETRIC_H
#define DUPEX_BETA_GEOMETRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "value/optimise.h"

#define DUPEX_SBG_PARAMETERS	2

extern double dupex_beta_geometric_log_survival(double a, double b, double periods);
extern double dupex_beta_geometric_survival(double a, double b, double periods);
extern double dupex_beta_geometric_annuity(double a, double b, double rate);

extern void dupex_sbg_fit(const int64_t *survivors, int count, bool (*stop) (void *), DupexFit *fit);

#endif							/* DUPEX_BETA_GEOMETRIC_H */
