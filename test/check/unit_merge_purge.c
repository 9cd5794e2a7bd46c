/*
 * unit_merge_purge.c
 *		The parts of merge/purge that SQL cannot reach by themselves: SipHash against the values of its
 *		authors, keys that share half of a hash, sorting, components, and attaching without bridges.
 */
#include "linkage/siphash.c"
#include "linkage/components.c"
#include "linkage/merge_purge.c"

#include <stdio.h>

#define MAX_ROWS	300
#define MAX_LISTS	12
#define MAX_LINKS	400

static int	failures;
static int	checks;

/*
 * Random numbers that are the same everywhere: Marsaglia's xorshift.
 */
static uint32_t
dice(uint32_t sides)
{
	static uint64_t state = UINT64_C(88172645463325252);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t) (state >> 20) % sides;
}

static void
check(bool holds, const char *what)
{
	checks++;
	if (!holds)
	{
		printf("%s\n", what);
		failures++;
	}
}

/*
 * The key 00 01 ... 0f, the input 00 01 ... of so many bytes, the result as bytes (vectors_sip128 of the
 * authors' reference, 2014). Ours begins with eight bytes of prefix, so the shortest input is one of eight.
 */
static void
check_siphash(void)
{
	static const struct
	{
		size_t		length;
		uint8_t		result[16];
	}			known[] =

	{
		{8, {0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61, 0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97, 0xb4}},
		{9, {0x26, 0x44, 0x99, 0x06, 0x0a, 0xd9, 0xba, 0xab, 0xc4, 0x7f, 0x8b, 0x02, 0xbb, 0x6d, 0x71, 0xed}},
		{15, {0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9}},
		{16, {0x6e, 0xe2, 0xa4, 0xca, 0x67, 0xb0, 0x54, 0xbb, 0xfd, 0x33, 0x15, 0xbf, 0x85, 0x23, 0x05, 0x77}}
	};
	uint8_t		input[16];
	DupexSipKey key;

	for (uint8_t i = 0; i < 16; i++)
		input[i] = i;
	key.k0 = read_word(input, 8);
	key.k1 = read_word(input + 8, 8);
	for (size_t n = 0; n < sizeof(known) / sizeof(known[0]); n++)
	{
		DupexSipHash hash = dupex_siphash(&key, read_word(input, 8), input + 8, known[n].length - 8);

		check(hash.low == read_word(known[n].result, 8) && hash.high == read_word(known[n].result + 8, 8), "siphash differs from its authors'");
	}
}

/*
 * Keys that share half of a hash fall apart into those with the same other half, none lost.
 */
static void
check_same_key(void)
{
	DupexPurgeKey keys[20];
	uint32_t	count = 1 + dice(20);
	uint32_t	kinds = 1 + dice(4);
	uint32_t	wanted[4] = {0};
	uint32_t	seen = 0;
	uint64_t	arrivals = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		keys[i].high = dice(kinds);
		keys[i].arrival = i;
		wanted[keys[i].high]++;
	}
	while (seen < count)
	{
		uint32_t	same = dupex_purge_same_key(&keys[seen], count - seen);

		check(same == wanted[keys[seen].high], "keys of the same hash are not together");
		for (uint32_t i = seen; i < seen + same; i++)
		{
			check(keys[i].high == keys[seen].high, "keys of another hash are among them");
			arrivals |= UINT64_C(1) << keys[i].arrival;
		}
		wanted[keys[seen].high] = 0;
		seen += same;
	}
	check(arrivals == (UINT64_C(1) << count) - 1, "a key is lost");
}

/*
 * Rows in order of list and number, each still there, and the place where each list begins.
 */
static void
check_sort(void)
{
	static DupexPurgeRow rows[MAX_ROWS];
	static DupexPurgeRow space[MAX_ROWS];
	static int64_t numbers[MAX_ROWS];
	uint32_t	starts[MAX_LISTS + 1];
	uint32_t	count = dice(MAX_ROWS + 1);
	uint32_t	lists = 1 + dice(MAX_LISTS);
	uint32_t	shift = dice(60);

	for (uint32_t i = 0; i < count; i++)
	{
		numbers[i] = rows[i].row_no = ((int64_t) dice(1000) - 500) * (INT64_C(1) << shift) / 4;
		rows[i].list = dice(lists) | (dice(2) ? DUPEX_PURGE_INVALID : 0);
		rows[i].arrival = i;
	}
	dupex_purge_sort(rows, space, count, starts, lists, NULL, NULL);
	for (uint32_t i = 0; i < count; i++)
	{
		uint32_t	list = DUPEX_PURGE_LIST(&rows[i]);

		check(rows[i].row_no == numbers[rows[i].arrival], "a row has changed");
		check(starts[list] <= i && i < starts[list + 1], "a list begins elsewhere");
		numbers[rows[i].arrival] = INT64_MIN;
		if (i > 0 && DUPEX_PURGE_LIST(&rows[i - 1]) == list)
			check(rows[i - 1].row_no <= rows[i].row_no, "rows are not in order");
	}
}

static uint32_t
highest(const uint32_t *numbers, uint32_t count)
{
	uint32_t	most = 0;

	for (uint32_t i = 0; i < count; i++)
		most = numbers[i] > most ? numbers[i] : most;
	return most;
}

/*
 * Components of equals, and the best better entity that each of them touches, against relaxing until
 * nothing changes. Rows are in classes of equals, in order.
 */
static void
check_entities(void)
{
	static uint32_t entity[MAX_ROWS];
	static uint32_t wanted[MAX_ROWS];
	static uint32_t class_of[MAX_ROWS];
	static uint32_t ends[MAX_ROWS + 1];
	static uint32_t targets[MAX_LINKS];
	static uint32_t numbers[MAX_ROWS];
	static DupexPurgeLink links[MAX_LINKS];
	uint32_t	count = 1 + dice(MAX_ROWS);
	uint32_t	link_count = 0;
	uint32_t	pairs = dice(MAX_LINKS);
	bool		changed;

	for (uint32_t i = 0; i < count; i++)
	{
		class_of[i] = i == 0 ? 0 : class_of[i - 1] + (dice(40) == 0);
		wanted[i] = i;
	}
	dupex_components_begin(entity, count);
	for (uint32_t i = 0; i < pairs; i++)
	{
		uint32_t	a = dice(count);
		uint32_t	b = dice(count);

		if (class_of[a] == class_of[b])
			dupex_components_join(entity, a, b);
		else
		{
			links[link_count].earlier = a < b ? a : b;
			links[link_count++].later = a < b ? b : a;
		}
	}
	check(dupex_components_finish(entity, count, NULL, NULL), "components were stopped");
	for (uint32_t i = 0; i < count; i++)
		check(entity[i] <= i && entity[entity[i]] == entity[i] && class_of[entity[i]] == class_of[i], "a leader is none");
	do
	{
		changed = false;
		for (uint32_t i = 0; i < link_count; i++)
			if (wanted[entity[links[i].earlier]] < wanted[entity[links[i].later]])
			{
				wanted[entity[links[i].later]] = wanted[entity[links[i].earlier]];
				changed = true;
			}
	} while (changed);
	for (uint32_t i = 0; i < count; i++)
		wanted[i] = wanted[entity[i]];
	check(dupex_components_number(entity, count, numbers) == dupex_components_count(entity, count), "components are counted differently");
	for (uint32_t i = 0; i < count; i++)
		check(numbers[i] == numbers[entity[i]] && (entity[i] != i || i == 0 || numbers[i] == 1 + highest(numbers, i)), "numbers are not in order");
	dupex_purge_attach(entity, count, links, link_count, ends, targets);
	check(memcmp(entity, wanted, count * sizeof(uint32_t)) == 0, "rows are attached to other entities");
}

int
main(void)
{
	check_siphash();
	for (int i = 0; i < 500; i++)
	{
		check_same_key();
		check_sort();
		check_entities();
	}
	printf("merge/purge: %d checks, %d failures\n", checks, failures);
	return failures > 0;
}
