/*
 * pg_words.c
 *		Numbers for distinct texts, by a hash table with open addresses.
 */
#include "runner/pg_words.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

typedef struct Word
{
	const char *bytes;
	uint32		length;
	uint32		hash;
	uint32		number;
} Word;

struct DupexWords
{
	MemoryContext context;
	Word	   *words;
	uint32		count;
	uint32		capacity;		/* half of the table */
	uint32	   *table;			/* number + 1, or 0 */
	uint32		mask;
};

/*
 * No words yet, in a child of the context.
 */
DupexWords *
dupex_words_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "dupex words", ALLOCSET_SMALL_SIZES);
	DupexWords *words = MemoryContextAllocZero(context, sizeof(DupexWords));

	words->context = context;
	words->capacity = 16;
	words->mask = 31;
	words->words = MemoryContextAlloc(context, words->capacity * sizeof(Word));
	words->table = MemoryContextAllocZero(context, (words->mask + 1) * sizeof(uint32));
	return words;
}

static void
enlarge(DupexWords *words)
{
	words->capacity *= 2;
	words->mask = words->mask * 2 + 1;
	words->words = repalloc_huge(words->words, (Size) words->capacity * sizeof(Word));
	pfree(words->table);
	words->table = MemoryContextAllocExtended(words->context, ((Size) words->mask + 1) * sizeof(uint32), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < words->count; i++)
	{
		uint32		slot = words->words[i].hash & words->mask;

		while (words->table[slot] != 0)
			slot = (slot + 1) & words->mask;
		words->table[slot] = i + 1;
	}
}

/*
 * The number of a text: 0 for the first one seen, 1 for the next other one, and so on.
 */
uint32
dupex_words_number(DupexWords *words, const char *bytes, Size length)
{
	uint32		hash = hash_bytes((const unsigned char *) bytes, (int) length);
	uint32		slot = hash & words->mask;
	Word	   *word;
	char	   *copy;

	for (; words->table[slot] != 0; slot = (slot + 1) & words->mask)
	{
		word = &words->words[words->table[slot] - 1];
		if (word->hash == hash && word->length == length && memcmp(word->bytes, bytes, length) == 0)
			return word->number;
	}
	if (words->count >= PG_INT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d distinct texts", PG_INT32_MAX / 2)));
	copy = MemoryContextAlloc(words->context, length + 1);
	memcpy(copy, bytes, length);
	words->table[slot] = words->count + 1;
	word = &words->words[words->count];
	word->bytes = copy;
	word->length = (uint32) length;
	word->hash = hash;
	word->number = words->count++;
	if (words->count == words->capacity)
		enlarge(words);
	return words->count - 1;
}

/*
 * How many distinct texts there are.
 */
uint32
dupex_words_count(const DupexWords *words)
{
	return words->count;
}

/*
 * The text of a number.
 */
text *
dupex_words_text(const DupexWords *words, uint32 number)
{
	return cstring_to_text_with_len(words->words[number].bytes, (int) words->words[number].length);
}

static int
compare_words(const void *a, const void *b)
{
	const Word *left = a;
	const Word *right = b;
	int			order = memcmp(left->bytes, right->bytes, Min(left->length, right->length));

	if (order != 0)
		return order;
	return left->length < right->length ? -1 : left->length > right->length;
}

/*
 * For each number the text's place in the order of bytes, from 0 on: what does not depend on the
 * order in which the texts were seen.
 */
uint32 *
dupex_words_ranks(const DupexWords *words)
{
	Word	   *sorted = MemoryContextAllocHuge(CurrentMemoryContext, (Size) words->capacity * sizeof(Word));
	uint32	   *ranks = MemoryContextAllocHuge(CurrentMemoryContext, (Size) words->capacity * sizeof(uint32));

	memcpy(sorted, words->words, (Size) words->count * sizeof(Word));
	qsort(sorted, words->count, sizeof(Word), compare_words);
	for (uint32 i = 0; i < words->count; i++)
		ranks[sorted[i].number] = i;
	pfree(sorted);
	return ranks;
}
