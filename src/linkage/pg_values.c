/*
 * pg_values.c
 *		Numbers for the distinct values of a column.
 */
#include "linkage/pg_values.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#define FIRST_CAPACITY 1024

static void *
enlarged(MemoryContext context, void *array, Size size)
{
	return array == NULL ? MemoryContextAllocHuge(context, size) : repalloc_huge(array, size);
}

static void
make_room(DupexValues *values, uint32 capacity)
{
	values->capacity = capacity;
	values->start = enlarged(values->context, values->start, ((Size) capacity + 1) * sizeof(Size));
	for (int list = 0; list < 2; list++)
		values->times[list] = enlarged(values->context, values->times[list], (Size) capacity * sizeof(uint32));
	if (values->table)
		pfree(values->table);
	values->mask = 2 * capacity - 1;
	values->table = MemoryContextAllocExtended(values->context, 2 * (Size) capacity * sizeof(uint32),
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/*
 * No values yet, in memory of the context.
 */
void
dupex_values_create(DupexValues *values, MemoryContext context)
{
	memset(values, 0, sizeof(*values));
	values->context = context;
	values->size = FIRST_CAPACITY * 16;
	values->octets = MemoryContextAllocHuge(context, values->size);
	make_room(values, FIRST_CAPACITY);
	values->start[0] = values->start[1] = 0;
	values->times[0][0] = values->times[1][0] = 0;
	values->count = 1;
}

static void
enlarge(DupexValues *values)
{
	if (values->capacity > PG_UINT32_MAX / 4)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %u distinct values in a column", values->capacity)));
	make_room(values, 2 * values->capacity);
	for (uint32 i = 1; i < values->count; i++)
	{
		Size		length;
		const char *octets = dupex_values_text(values, i, &length);
		uint32		slot = hash_bytes((const unsigned char *) octets, (int) length) & values->mask;

		while (values->table[slot] != 0)
			slot = (slot + 1) & values->mask;
		values->table[slot] = i;
	}
}

/*
 * The number of a value of a list (0 or 1), from 1 on; the value is counted.
 */
uint32
dupex_values_number(DupexValues *values, const char *octets, Size length, int list)
{
	uint32		slot = hash_bytes((const unsigned char *) octets, (int) length) & values->mask;
	uint32		number;

	for (; (number = values->table[slot]) != 0; slot = (slot + 1) & values->mask)
	{
		Size		known;
		const char *same = dupex_values_text(values, number, &known);

		if (known != length || memcmp(same, octets, length) != 0)
			continue;
		values->times[list][number]++;
		return number;
	}
	number = values->count++;
	values->table[slot] = number;
	while (values->start[number] + length > values->size)
	{
		values->size += values->size / 2;
		values->octets = repalloc_huge(values->octets, values->size);
	}
	memcpy(values->octets + values->start[number], octets, length);
	values->start[number + 1] = values->start[number] + length;
	values->times[list][number] = 1;
	values->times[1 - list][number] = 0;
	if (values->count == values->capacity)
		enlarge(values);
	return number;
}
