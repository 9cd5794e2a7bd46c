/*
 * legendre.h
 *		Ten points of Gauss and Legendre, for integrals over panels.
 *
 * Pure C. Each integrand here falls off smoothly in the variable that it is integrated over.
 * On a panel of the length of its own decay ten points give full accuracy, and panels are added
 * until one no longer matters.
 */
#ifndef DUPEX_LEGENDRE_H
#define DUPEX_LEGENDRE_H

#define DUPEX_LEGENDRE_NODES		10

/* the longest panel, for integrands that are analytic within pi of it; and in decays */
#define DUPEX_LEGENDRE_WIDTH		1.2
#define DUPEX_LEGENDRE_DECAYS		2.0

/* a panel that adds less than this share is the last */
#define DUPEX_LEGENDRE_NEGLIGIBLE	1e-17

/* on the interval from 0 to 1 */
static const double dupex_legendre_node[DUPEX_LEGENDRE_NODES] = {
	0.013046735741414139961, 0.067468316655507744634, 0.16029521585048779688, 0.28330230293537640460, 0.42556283050918439456,
	0.57443716949081560544, 0.71669769706462359540, 0.83970478414951220312, 0.93253168334449225537, 0.98695326425858586004
};
static const double dupex_legendre_weight[DUPEX_LEGENDRE_NODES] = {
	0.033335672154344068797, 0.074725674575290296573, 0.10954318125799102200, 0.13463335965499817755, 0.14776211235737643509,
	0.14776211235737643509, 0.13463335965499817755, 0.10954318125799102200, 0.074725674575290296573, 0.033335672154344068797
};

#endif							/* DUPEX_LEGENDRE_H */
