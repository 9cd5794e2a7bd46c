/*
 * best.h
 *		Which of several groups is best: probabilities, expected loss, the next wave.
 *
 * Pure C. best.c tells the method.
 */
#ifndef DUPEX_BEST_H
#define DUPEX_BEST_H

#include <stddef.h>

#define DUPEX_BEST_NODES	16

/* groups that can be compared at once */
#define DUPEX_BEST_LIMIT	200

/* panels at most: the mesh of so many groups has less */
#define DUPEX_BEST_PANELS	20000

/*
 * What is known of the rate of a group: a beta distribution.
 */
typedef struct DupexBelief
{
	double		a;
	double		b;
} DupexBelief;

extern size_t dupex_best_mesh(size_t arms, const DupexBelief *belief, double *mesh);
extern size_t dupex_best_room(size_t arms, size_t panels);
extern void dupex_best(size_t arms, const DupexBelief *belief, size_t panels, const double *mesh, double *room, double *best, double *loss);
extern void dupex_shrink(size_t arms, const double *successes, const double *trials, double *shrunk, double *own_share);
extern void dupex_allocate(size_t arms, double *share, double least_share, double pieces, double *allocated, double *scratch);

#endif							/* DUPEX_BEST_H */
