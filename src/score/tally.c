/*
 * tally.c
 *		A flat table of keys with sums: the state of the aggregates for scores.
 *
 * Naive Bayes counts outcomes by feature and value, gains by score, logistic regression by row
 * of features, points count equal events. All of these are the same thing, a table from a key of
 * bytes to one or two sums that add up exactly. Two such tables are united by adding up what has
 * the same key: that is associative and commutative, so the result does not depend on the order
 * of the rows or on how a plan splits them.
 *
 * The table is one piece of memory without pointers: a head, an index of buckets (open
 * addressing, linear probing), and the entries one after the other as they came. Up to 8 entries
 * there is no index, they are looked through. It is the caller who makes it larger, by
 * dupex_tally_size_for(), dupex_tally_init() and dupex_tally_copy(), when dupex_tally_slot()
 * says that there is no room. A finished table has no index and no free
 * space: dupex_tally_init_compact() and dupex_tally_append() in the order wanted.
 *
 * Pure C: no memory is allocated.
 */
#include "tally.h"

#include <string.h>

/* up to this many entries there is no index */
#define LOOK_THROUGH	8

/* the room of a new table, in entries like its first one */
#define FIRST_ENTRIES	2

static size_t
padded(size_t length)
{
	return (length + 7) & ~(size_t) 7;
}

static size_t
entry_size(size_t key_length, int sums)
{
	return sizeof(DupexTallyEntry) + (size_t) sums * sizeof(DupexSum) + padded(key_length);
}

static uint32_t *
index_of(const DupexTally *tally)
{
	return (uint32_t *) (uintptr_t) (tally + 1);
}

/* the index of up to 2^n buckets has 4 bytes each: a multiple of 8 from 2 buckets on */
static char *
entries_of(const DupexTally *tally)
{
	return (char *) (index_of(tally) + tally->buckets);
}

static DupexTallyEntry *
entry_at(const DupexTally *tally, uint32_t offset)
{
	return (DupexTallyEntry *) (uintptr_t) (entries_of(tally) + offset);
}

/*
 * Hash of a key: 8 bytes at a time, multiplied and folded. Not kept across versions: the stored
 * one is only compared with that of the same library.
 */
uint32_t
dupex_tally_hash(const void *key, size_t length)
{
	const unsigned char *at = key;
	uint64_t	hash = UINT64_C(0x9E3779B97F4A7C15) ^ length;
	uint64_t	word;

	for (; length >= 8; length -= 8, at += 8)
	{
		memcpy(&word, at, 8);
		hash = (hash ^ word) * UINT64_C(0xD6E8FEB86659FD93);
		hash ^= hash >> 32;
	}
	if (length > 0)
	{
		word = 0;
		memcpy(&word, at, length);
		hash = (hash ^ word) * UINT64_C(0xD6E8FEB86659FD93);
		hash ^= hash >> 32;
	}
	hash *= UINT64_C(0xD6E8FEB86659FD93);
	return (uint32_t) (hash >> 32);
}

/*
 * Bytes of a new table that has room for a few keys of this length.
 */
size_t
dupex_tally_least_size(size_t key_length, int sums)
{
	return sizeof(DupexTally) + FIRST_ENTRIES * entry_size(key_length, sums);
}

/*
 * Buckets for this many entries: a third of them stays free at least.
 */
static size_t
buckets_for(size_t count)
{
	size_t		buckets = 0;

	if (count > LOOK_THROUGH)
		for (buckets = 2 * LOOK_THROUGH; buckets < count + count / 2; buckets *= 2)
			;
	return buckets;
}

/*
 * Bytes of a table with room for so many entries of so many bytes.
 */
size_t
dupex_tally_size_for(size_t count, size_t bytes)
{
	return sizeof(DupexTally) + buckets_for(count) * sizeof(uint32_t) + bytes;
}

/*
 * Bytes that an entry takes.
 */
size_t
dupex_tally_entry_size(size_t key_length, int sums)
{
	return entry_size(key_length, sums);
}

/*
 * Bytes of the finished form.
 */
size_t
dupex_tally_compact_size(const DupexTally *tally)
{
	return sizeof(DupexTally) + tally->used;
}

/*
 * Makes an empty table in the memory given: size is that of dupex_tally_least_size(), or for what
 * will take the entries of another one, of dupex_tally_size_for(). The caller writes the length
 * word.
 */
void
dupex_tally_init(DupexTally *tally, size_t size, int kind, int sums, uint32_t width)
{
	memset(tally, 0, size);
	tally->version = DUPEX_TALLY_VERSION;
	tally->kind = (uint8_t) kind;
	tally->sums = (uint8_t) sums;
	tally->width = width;
	tally->room = (uint32_t) (size - sizeof(DupexTally));
}

/*
 * Makes an empty table in dupex_tally_compact_size() bytes for the entries of another one, to be
 * appended in the order in which they shall stay.
 */
void
dupex_tally_init_compact(DupexTally *tally, const DupexTally *like)
{
	dupex_tally_init(tally, dupex_tally_compact_size(like), like->kind, like->sums, like->width);
}

static void
enter_into_index(DupexTally *tally, uint32_t offset, uint32_t hash)
{
	uint32_t   *index = index_of(tally);
	uint32_t	mask = tally->buckets - 1;
	uint32_t	bucket = hash & mask;

	while (index[bucket] != 0)
		bucket = (bucket + 1) & mask;
	index[bucket] = offset / 8 + 1;
}

/*
 * Puts a copy of an entry of another table at the end, without looking whether its key is there
 * already. There must be room.
 */
void
dupex_tally_append(DupexTally *tally, const DupexTally *from, const DupexTallyEntry *entry)
{
	size_t		size = entry_size(entry->length, from->sums);

	memcpy(entries_of(tally) + tally->used, entry, size);
	if (tally->buckets > 0)
		enter_into_index(tally, tally->used, entry->hash);
	tally->used += (uint32_t) size;
	tally->count++;
}

/*
 * Copies all entries to a new empty table of the size that dupex_tally_size_for() gave for count
 * entries, and gives it the index for so many.
 */
void
dupex_tally_copy(DupexTally *to, const DupexTally *from, size_t count)
{
	to->buckets = (uint32_t) buckets_for(count);
	to->room -= to->buckets * (uint32_t) sizeof(uint32_t);
	for (const DupexTallyEntry *entry = dupex_tally_next(from, NULL); entry != NULL; entry = dupex_tally_next(from, entry))
		dupex_tally_append(to, from, entry);
}

static bool
is_key(const DupexTally *tally, const DupexTallyEntry *entry, const void *key, size_t length, uint32_t hash)
{
	return entry->hash == hash && entry->length == length && memcmp(dupex_tally_key(tally, entry), key, length) == 0;
}

static DupexTallyEntry *
look_up(const DupexTally *tally, const void *key, size_t length, uint32_t hash)
{
	if (tally->buckets == 0)
	{
		for (const DupexTallyEntry *entry = dupex_tally_next(tally, NULL); entry != NULL; entry = dupex_tally_next(tally, entry))
			if (is_key(tally, entry, key, length, hash))
				return (DupexTallyEntry *) (uintptr_t) entry;
	}
	else
	{
		uint32_t   *index = index_of(tally);
		uint32_t	mask = tally->buckets - 1;

		for (uint32_t bucket = hash & mask; index[bucket] != 0; bucket = (bucket + 1) & mask)
		{
			DupexTallyEntry *entry = entry_at(tally, (index[bucket] - 1) * 8);

			if (is_key(tally, entry, key, length, hash))
				return entry;
		}
	}
	return NULL;
}

/*
 * The sums of the key, which are 0 where it is new. NULL when there is no room for a new key, or
 * when the table has come without an index and is too long to be looked through: then it is to
 * be made larger.
 */
DupexSum *
dupex_tally_slot(DupexTally *tally, const void *key, size_t length, uint32_t hash)
{
	DupexTallyEntry *entry;
	size_t		size = entry_size(length, tally->sums);

	if (tally->buckets == 0 && tally->count > LOOK_THROUGH)
		return NULL;
	entry = look_up(tally, key, length, hash);
	if (entry != NULL)
		return dupex_tally_sums(entry);

	if (size > tally->room - tally->used || (tally->buckets == 0 && tally->count == LOOK_THROUGH) ||
		(tally->buckets > 0 && tally->count >= tally->buckets / 4 * 3))
		return NULL;
	entry = entry_at(tally, tally->used);
	memset(entry, 0, size);
	entry->hash = hash;
	entry->length = (uint32_t) length;
	memcpy((char *) dupex_tally_sums(entry) + tally->sums * sizeof(DupexSum), key, length);
	if (tally->buckets > 0)
		enter_into_index(tally, tally->used, hash);
	tally->used += (uint32_t) size;
	tally->count++;
	return dupex_tally_sums(entry);
}

/*
 * The entry of a key; NULL where there is none. A table without an index is looked through from
 * its beginning.
 */
const DupexTallyEntry *
dupex_tally_find(const DupexTally *tally, const void *key, size_t length)
{
	return look_up(tally, key, length, dupex_tally_hash(key, length));
}

/*
 * The entry after this one, the first one after NULL; NULL after the last.
 */
const DupexTallyEntry *
dupex_tally_next(const DupexTally *tally, const DupexTallyEntry *entry)
{
	uint32_t	offset = 0;

	if (entry != NULL)
		offset = (uint32_t) ((const char *) entry - entries_of(tally) + (ptrdiff_t) entry_size(entry->length, tally->sums));
	return offset < tally->used ? entry_at(tally, offset) : NULL;
}
