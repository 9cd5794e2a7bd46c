/*
 * root.h
 *		The root of a monotone function between two points.
 *
 * Pure C. root.c tells the method.
 */
#ifndef DUPEX_ROOT_H
#define DUPEX_ROOT_H

typedef double (*DupexFunction) (double x, const void *context);

extern double dupex_find_root(DupexFunction function, const void *context, double low, double high);

#endif							/* DUPEX_ROOT_H */
