/*
 * components.c
 *		Connected components by union and find.
 *
 * The lesser of two roots becomes the parent of the other and paths are halved: m pairs of n nodes
 * cost O(m log n / log(1 + m / n)) at worst (R. E. Tarjan, J. van Leeuwen, Worst-case analysis of set union
 * algorithms, Journal of the ACM 31(2), 1984, for linking in any order with halving), and nearly
 * O(m) in practice. Linking by size would save that logarithm and cost another array; what it
 * would lose is that the root means something.
 */
#include "linkage/components.h"

#include <stddef.h>

/*
 * Each node is a component of its own.
 */
void
dupex_components_begin(uint32_t *parent, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		parent[i] = i;
}

/*
 * Makes parent[i] the least node of the component of i. stop (or NULL) is asked every
 * DUPEX_COMPONENTS_STRIDE nodes; false when it said so, and the parents are then still valid for
 * finding and joining.
 */
bool
dupex_components_finish(uint32_t *parent, uint32_t count, bool (*stop) (void *), void *data)
{
	/*
	 * parents are never larger than their children, so those before i are
	 * done
	 */
	for (uint32_t i = 0; i < count; i++)
	{
		parent[i] = parent[parent[i]];
		if (stop != NULL && i % DUPEX_COMPONENTS_STRIDE == 0 && stop(data))
			return false;
	}
	return true;
}

/*
 * How many components there are.
 */
uint32_t
dupex_components_count(const uint32_t *parent, uint32_t count)
{
	uint32_t	components = 0;

	for (uint32_t i = 0; i < count; i++)
		components += parent[i] == i;
	return components;
}

/*
 * number[i] becomes the number of i's component, from 0 on in the order of their least nodes; returns
 * how many there are. Only after dupex_components_finish(). number may be parent itself: what is
 * read of a component is its least node's place, which is written before.
 */
uint32_t
dupex_components_number(const uint32_t *parent, uint32_t count, uint32_t *number)
{
	uint32_t	components = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		uint32_t	least = parent[i];

		number[i] = least == i ? components++ : number[least];
	}
	return components;
}
