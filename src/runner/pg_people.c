/*
 * pg_people.c
 *		Groups records by person without a hash table of all people.
 *
 * Each record is put at the end of one of 256 parts, chosen by the hash of its person. That writes
 * to 256 places in turn, which stay in the processor's cache, where a table of a million people
 * would wait for memory at each record. Then each part, which fits into the cache itself, is
 * grouped by a small table and a counting sort (A. Shatdal, C. Kant, J. Naughton, Cache Conscious
 * Algorithms for Relational Query Processing, VLDB 1994).
 *
 * The same division serves when memory is short: blocks of the parts are appended to one temporary
 * file, and a part is read back as a whole. A part that is still too large is divided again by
 * the next bits of the hash (G. Graefe, Query Evaluation Techniques for Large Databases, ACM
 * Computing Surveys 25(2), 1993). Only the records of a single person must fit into memory.
 */
#include "runner/pg_people.h"

#include "miscadmin.h"
#include "storage/buffile.h"
#include "utils/memutils.h"

#define PARTS			256
#define PART_BITS		8
#define MAX_DEPTH		4		/* divisions; the rest of the hash is for
								 * tables */
#define MIN_BLOCK		1024
#define MAX_BLOCK		32768
/* what grouping a part needs, as a multiple of its records: table, copy, and room to spare */
#define GROUPING_FACTOR	3

/*
 * A block of entries of a part. An entry is a head, the record, and the bytes of the key, each
 * filled up to eight bytes.
 */
typedef struct Block
{
	struct Block *next;
	uint32		used;
	uint32		size;
	char		data[FLEXIBLE_ARRAY_MEMBER];
} Block;

typedef struct NumberHead
{
	int64		number;
} NumberHead;

typedef struct BytesHead
{
	uint64		hash;
	uint32		length;
	uint32		unused;
} BytesHead;

/*
 * Where a block lies in the file.
 */
typedef struct Place
{
	int			file;
	off_t		offset;
	uint32		used;
} Place;

typedef struct Part
{
	Block	   *blocks;			/* the first is being filled */
	Place	   *places;
	uint32		place_count;
	uint32		place_capacity;
	uint64		entries;
	uint64		bytes;
} Part;

struct DupexPeople
{
	MemoryContext context;
	Size		record_size;
	bool		key_is_bytes;
	int			depth;
	Size		budget;
	Size		held;			/* in blocks */
	uint32		max_block;
	BufFile    *file;			/* NULL: all in memory */
	Part		parts[PARTS];
};

/*
 * Somebody while a part is grouped.
 */
typedef struct Person
{
	DupexQueryKey key;
	uint32		count;
	uint32		place;			/* behind his last record so far */
} Person;

typedef struct Grouping
{
	Person	   *people;
	uint32		count;
	uint32		capacity;
	uint32	   *table;			/* number of a person + 1, or 0 */
	uint32		mask;
} Grouping;

static DupexPeople *
create_at_depth(MemoryContext parent, Size record_size, int depth, Size budget)
{
	MemoryContext context = AllocSetContextCreate(parent, "dupex people", ALLOCSET_DEFAULT_SIZES);
	DupexPeople *people = MemoryContextAllocZero(context, sizeof(DupexPeople));
	Size		share = budget / 4 / PARTS;

	people->context = context;
	people->record_size = record_size;
	people->depth = depth;
	people->budget = budget;
	people->max_block = (uint32) Min(Max(share, MIN_BLOCK), MAX_BLOCK);
	return people;
}

/*
 * A store for records of a size that is a multiple of 8, in a child of the context.
 */
DupexPeople *
dupex_people_create(MemoryContext parent, Size record_size)
{
	Assert(record_size % sizeof(int64) == 0);
	return create_at_depth(parent, record_size, 0, (Size) work_mem * 1024);
}

/*
 * Gives back memory and files.
 */
void
dupex_people_free(DupexPeople *people)
{
	if (people->file)
		BufFileClose(people->file);
	MemoryContextDelete(people->context);
}

static void
write_block(DupexPeople *people, Part *part, Block *block)
{
	Place	   *place;

	if (part->place_count == part->place_capacity)
	{
		part->place_capacity = Max(8, part->place_capacity * 2);
		part->places = part->places ? repalloc(part->places, part->place_capacity * sizeof(Place))
			: palloc(part->place_capacity * sizeof(Place));
	}
	place = &part->places[part->place_count++];
	BufFileTell(people->file, &place->file, &place->offset);
	place->used = block->used;
	BufFileWrite(people->file, block->data, block->used);
}

/*
 * A list of blocks turned round.
 */
static Block *
reversed(Block *block)
{
	Block	   *turned = NULL;

	while (block)
	{
		Block	   *next = block->next;

		block->next = turned;
		turned = block;
		block = next;
	}
	return turned;
}

/*
 * Writes all blocks to the file, but of each part the one that is being filled.
 */
static void
write_full_blocks(DupexPeople *people)
{
	if (people->file == NULL)
		people->file = BufFileCreateTemp(false);
	for (int i = 0; i < PARTS; i++)
	{
		Part	   *part = &people->parts[i];
		Block	   *block = part->blocks ? reversed(part->blocks->next) : NULL;

		while (block)
		{
			Block	   *next = block->next;

			write_block(people, part, block);
			people->held -= block->size;
			pfree(block);
			block = next;
		}
		if (part->blocks)
			part->blocks->next = NULL;
	}
}

/*
 * A new first block of a part with room for an entry.
 */
static void
add_block(DupexPeople *people, Part *part, Size entry)
{
	MemoryContext before = MemoryContextSwitchTo(people->context);
	Block	   *full = part->blocks;
	Size		size = Max(full ? Min(full->size * 2, people->max_block) : MIN_BLOCK, entry);
	Block	   *block;

	if (!AllocSizeIsValid(offsetof(Block, data) + size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the key of a person has %zu bytes", entry),
				 errhint("Use a shorter one, such as a number.")));
	if (people->file && full && full->size >= size)
	{
		/* from the first overflow on a full block goes out at once */
		write_block(people, part, full);
		full->used = 0;
		MemoryContextSwitchTo(before);
		return;
	}
	block = palloc(offsetof(Block, data) + size);
	block->size = (uint32) size;
	block->used = 0;
	block->next = full;
	part->blocks = block;
	people->held += size;
	if (people->held > people->budget)
		write_full_blocks(people);
	MemoryContextSwitchTo(before);
}

/*
 * Adds a record of a person.
 */
void
dupex_people_add(DupexPeople *people, const DupexQueryKey *key, const void *record)
{
	Part	   *part = &people->parts[key->hash >> (64 - PART_BITS * (people->depth + 1)) & (PARTS - 1)];
	Size		size;
	char	   *at;

	if (key->bytes == NULL)
		size = sizeof(NumberHead) + people->record_size;
	else
		size = sizeof(BytesHead) + people->record_size + TYPEALIGN(sizeof(int64), key->length);
	if (part->blocks == NULL || part->blocks->size - part->blocks->used < size)
		add_block(people, part, size);
	at = part->blocks->data + part->blocks->used;
	part->blocks->used += (uint32) size;
	part->entries++;
	part->bytes += size;
	if (key->bytes == NULL)
	{
		((NumberHead *) at)->number = key->number;
		memcpy(at + sizeof(NumberHead), record, people->record_size);
	}
	else
	{
		BytesHead	head = {key->hash, key->length, 0};

		people->key_is_bytes = true;
		memset(at + size - sizeof(int64), 0, sizeof(int64));
		memcpy(at, &head, sizeof(head));
		memcpy(at + sizeof(head), record, people->record_size);
		memcpy(at + sizeof(head) + people->record_size, key->bytes, key->length);
	}
}

/*
 * The key and the record of the entry at a place; returns the size of the entry.
 */
static inline Size
read_entry(const DupexPeople *people, const char *at, DupexQueryKey *key, const char **record)
{
	if (!people->key_is_bytes)
	{
		key->number = ((const NumberHead *) at)->number;
		key->hash = dupex_hash_number((uint64) key->number);
		key->bytes = NULL;
		key->length = 0;
		*record = at + sizeof(NumberHead);
		return sizeof(NumberHead) + people->record_size;
	}
	key->number = 0;
	key->hash = ((const BytesHead *) at)->hash;
	key->length = ((const BytesHead *) at)->length;
	*record = at + sizeof(BytesHead);
	key->bytes = *record + people->record_size;
	return sizeof(BytesHead) + people->record_size + TYPEALIGN(sizeof(int64), key->length);
}

/*
 * Reads a block of a part back. Raises 58030 when the file has become shorter.
 */
static Block *
read_block(DupexPeople *people, const Place *place)
{
	Block	   *block = palloc(offsetof(Block, data) + place->used);

	block->next = NULL;
	block->size = block->used = place->used;
	if (BufFileSeek(people->file, place->file, place->offset, SEEK_SET) != 0 ||
		BufFileRead(people->file, block->data, place->used) != place->used)
		ereport(ERROR,
				(errcode(ERRCODE_IO_ERROR),
				 errmsg("could not read a temporary file")));
	return block;
}

/*
 * Twice as large a table of people.
 */
static void
enlarge_table(Grouping *grouping)
{
	grouping->mask = grouping->mask * 2 + 1;
	pfree(grouping->table);
	grouping->table = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) grouping->mask + 1) * sizeof(uint32),
												 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < grouping->count; i++)
	{
		uint32		slot = (uint32) grouping->people[i].key.hash & grouping->mask;

		while (grouping->table[slot] != 0)
			slot = (slot + 1) & grouping->mask;
		grouping->table[slot] = i + 1;
	}
	grouping->capacity = grouping->mask / 2 + 1;
	grouping->people = repalloc_huge(grouping->people, grouping->capacity * sizeof(Person));
}

/*
 * The number of a person, new or known.
 */
static inline uint32
find_person(Grouping *grouping, const DupexQueryKey *key)
{
	uint32		slot = (uint32) key->hash & grouping->mask;
	Person	   *person;

	for (; grouping->table[slot] != 0; slot = (slot + 1) & grouping->mask)
	{
		person = &grouping->people[grouping->table[slot] - 1];
		/* the hash of a number is another number for each */
		if (person->key.hash == key->hash &&
			(key->bytes == NULL ||
			 (person->key.length == key->length && memcmp(person->key.bytes, key->bytes, key->length) == 0)))
			return grouping->table[slot] - 1;
	}
	grouping->table[slot] = ++grouping->count;
	person = &grouping->people[grouping->count - 1];
	person->key = *key;
	person->count = 0;
	if (grouping->count == grouping->capacity)
		enlarge_table(grouping);
	return grouping->count - 1;
}

/*
 * Groups the entries of blocks that are in memory and calls person() for each.
 */
static void
group_blocks(DupexPeople *people, Block *blocks, uint64 entries, DupexPerson person, void *state)
{
	Grouping	grouping = {.mask = 255};
	uint32	   *who;
	char	   *records;
	uint32		n = 0;
	uint32		place = 0;
	DupexQueryKey key;
	const char *record;

	if (entries > PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a person has more than %u rows", PG_UINT32_MAX),
				 errhint("Is the first column of the query the person?")));
	while (grouping.mask < entries / 8)
		grouping.mask = grouping.mask * 2 + 1;
	grouping.capacity = grouping.mask / 2 + 1;
	grouping.people = MemoryContextAllocHuge(CurrentMemoryContext, grouping.capacity * sizeof(Person));
	grouping.table = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) grouping.mask + 1) * sizeof(uint32),
												MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	who = MemoryContextAllocHuge(CurrentMemoryContext, entries * sizeof(uint32));
	records = MemoryContextAllocHuge(CurrentMemoryContext, entries * people->record_size);

	for (Block *block = blocks; block; block = block->next)
		for (const char *at = block->data; at < block->data + block->used;)
		{
			at += read_entry(people, at, &key, &record);
			who[n] = find_person(&grouping, &key);
			grouping.people[who[n++]].count++;
		}
	for (uint32 i = 0; i < grouping.count; i++)
	{
		grouping.people[i].place = place;
		place += grouping.people[i].count;
	}
	n = 0;
	for (Block *block = blocks; block; block = block->next)
		for (const char *at = block->data; at < block->data + block->used;)
		{
			at += read_entry(people, at, &key, &record);
			memcpy(records + grouping.people[who[n++]].place++ * people->record_size, record, people->record_size);
		}
	for (uint32 i = 0; i < grouping.count; i++)
	{
		Person	   *whom = &grouping.people[i];

		CHECK_FOR_INTERRUPTS();
		person(state, &whom->key, records + (whom->place - whom->count) * people->record_size, whom->count);
	}
}

/*
 * Puts the entries of a block into the store of the next division, and gives the block back.
 */
static void
hand_on(const DupexPeople *people, Block *block, DupexPeople *finer)
{
	DupexQueryKey key;
	const char *record;

	CHECK_FOR_INTERRUPTS();
	for (const char *at = block->data; at < block->data + block->used;)
	{
		at += read_entry(people, at, &key, &record);
		dupex_people_add(finer, &key, record);
	}
	pfree(block);
}

/*
 * Divides a part that is too large by the next bits of the hash. Blocks in memory may be several:
 * a part that was small when the first blocks were written has grown by larger ones since.
 */
static void
divide_part(DupexPeople *people, Part *part, DupexPerson person, void *state)
{
	DupexPeople *finer = create_at_depth(people->context, people->record_size, people->depth + 1, people->budget / 2);
	Block	   *block = reversed(part->blocks);

	for (uint32 i = 0; i < part->place_count; i++)
		hand_on(people, read_block(people, &part->places[i]), finer);
	while (block)
	{
		Block	   *next = block->next;

		hand_on(people, block, finer);
		block = next;
	}
	part->blocks = NULL;
	dupex_people_each(finer, person, state);
	dupex_people_free(finer);
}

static void
each_of_part(DupexPeople *people, Part *part, DupexPerson person, void *state)
{
	MemoryContext context;
	MemoryContext before;

	if (part->entries == 0)
		return;
	if (people->file && part->bytes * GROUPING_FACTOR > people->budget && people->depth + 1 < MAX_DEPTH)
	{
		divide_part(people, part, person, state);
		return;
	}
	context = AllocSetContextCreate(people->context, "dupex people of a part", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(context);
	/* those of the file are older than those in memory */
	part->blocks = reversed(part->blocks);
	for (uint32 i = part->place_count; i-- > 0;)
	{
		Block	   *block = read_block(people, &part->places[i]);

		block->next = part->blocks;
		part->blocks = block;
	}
	group_blocks(people, part->blocks, part->entries, person, state);
	part->blocks = NULL;
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
}

/*
 * Calls person() for each person, once. After it the store is empty.
 */
void
dupex_people_each(DupexPeople *people, DupexPerson person, void *state)
{
	for (int i = 0; i < PARTS; i++)
		each_of_part(people, &people->parts[i], person, state);
}
