/*
 * components.h
 *		Connected components: which nodes hang together by pairs.
 *
 *	uint32_t   *parent = ...;							room for count nodes
 *	dupex_components_begin(parent, count);
 *	dupex_components_join(parent, a, b);				for each pair, in any order
 *	dupex_components_finish(parent, count, stop, data);	now parent[i] is the least node of i's component
 *
 * Pure C. Four bytes a node. The result does not depend on the order of the pairs: a component is
 * known by its least node, so number the nodes by preference and the best one leads.
 */
#ifndef DUPEX_COMPONENTS_H
#define DUPEX_COMPONENTS_H

#include <stdbool.h>
#include <stdint.h>

/* nodes between two calls of stop */
#define DUPEX_COMPONENTS_STRIDE	65536

/*
 * The least node of a component so far. Each node on the way is moved up to its grandparent (path
 * halving), which leaves the answer the same.
 */
static inline uint32_t
dupex_components_find(uint32_t *parent, uint32_t node)
{
	while (parent[node] != node)
	{
		parent[node] = parent[parent[node]];
		node = parent[node];
	}
	return node;
}

/*
 * Puts the components of two nodes together; false when they were one already.
 */
static inline bool
dupex_components_join(uint32_t *parent, uint32_t a, uint32_t b)
{
	a = dupex_components_find(parent, a);
	b = dupex_components_find(parent, b);
	if (a == b)
		return false;
	if (a < b)
		parent[b] = a;
	else
		parent[a] = b;
	return true;
}

extern void dupex_components_begin(uint32_t *parent, uint32_t count);
extern bool dupex_components_finish(uint32_t *parent, uint32_t count, bool (*stop) (void *), void *data);
extern uint32_t dupex_components_count(const uint32_t *parent, uint32_t count);
extern uint32_t dupex_components_number(const uint32_t *parent, uint32_t count, uint32_t *number);

#endif							/* DUPEX_COMPONENTS_H */
