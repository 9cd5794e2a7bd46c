/*
 * blocking.c
 *		Keys of blocks: read, written, made of a record's values.
 *
 * A key is a hash of 64 bits of its terms; that two different ones meet, so that a
 * few pairs are compared in vain, does no harm. What is put together is added, so
 * that given and family name may have changed places.
 */
#include "linkage/blocking.h"

#include "text/message.h"

#include <string.h>

static const char *const terms[DUPEX_BLOCK_TERMS] = {
	"whole", "initials", "first4", "last4", "number", "longest", "local"
};

/* letters of first4 and last4 */
#define PIECE 4

/*
 * The name of a term, as it stands before the brackets.
 */
const char *
dupex_block_term_name(DupexBlockTerm term)
{
	return terms[term];
}

/*
 * Spreads a number over all 64 bits: the finalizer of splitmix64 (Steele, Lea,
 * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
 */
uint64_t
dupex_linkage_mix(uint64_t number)
{
	number ^= number >> 30;
	number *= UINT64_C(0xbf58476d1ce4e5b9);
	number ^= number >> 27;
	number *= UINT64_C(0x94d049bb133111eb);
	return number ^ number >> 31;
}

/*
 * A hash of octets (FNV-1a, spread): the same on every machine.
 */
uint64_t
dupex_linkage_hash(uint64_t seed, const void *bytes, size_t length)
{
	const unsigned char *octets = bytes;
	uint64_t	hash = UINT64_C(0xcbf29ce484222325) ^ dupex_linkage_mix(seed);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ octets[i]) * UINT64_C(0x100000001b3);
	return dupex_linkage_mix(hash);
}

static bool
is_named(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && memcmp(name, text, length) == 0;
}

/*
 * One term, from text to end. Returns what is wrong with it, NULL for nothing.
 */
static const char *
parse_term(const char *text, const char *end, const char *const *names, int columns,
		   DupexLinkagePass *pass)
{
	const char *open;
	DupexBlockTerm term = DUPEX_BLOCK_WHOLE;

	while (text < end && *text == ' ')
		text++;
	while (end > text && end[-1] == ' ')
		end--;
	open = memchr(text, '(', (size_t) (end - text));
	if (open != NULL)
	{
		for (term = 0; term < DUPEX_BLOCK_TERMS; term++)
		{
			if (is_named(terms[term], text, (size_t) (open - text)))
				break;
		}
		if (term == DUPEX_BLOCK_TERMS || end[-1] != ')')
			return "a term is neither a column nor initials, first4, last4, number, longest or local of one";
		text = open + 1;
		end--;
	}
	if (pass->count == DUPEX_LINKAGE_TERMS)
		return "there are more than 4 terms";
	for (int i = 0; i < columns; i++)
	{
		if (!is_named(names[i], text, (size_t) (end - text)))
			continue;
		pass->term[pass->count] = term;
		pass->column[pass->count++] = i;
		return NULL;
	}
	return "a term names no column of the query";
}

/*
 * Reads a pass. Returns what is wrong with it, NULL for nothing.
 */
const char *
dupex_linkage_pass_parse(const char *text, const char *const *names, int columns,
						 DupexLinkagePass *pass)
{
	const char *end = text + strlen(text);

	pass->count = 0;
	for (;;)
	{
		const char *plus = strchr(text, '+');
		const char *fault = parse_term(text, plus == NULL ? end : plus, names, columns, pass);

		if (fault != NULL || plus == NULL)
			return fault;
		text = plus + 1;
	}
}

/*
 * Writes a pass as it is read.
 */
void
dupex_linkage_pass_text(const DupexLinkagePass *pass, const char *const *names, char *out, size_t size)
{
	dupex_message_set(out, size, "%s", "");
	for (int i = 0; i < pass->count; i++)
	{
		const char *plus = i > 0 ? "+" : "";

		if (pass->term[i] == DUPEX_BLOCK_WHOLE)
			dupex_message_add(out, size, "%s%s", plus, names[pass->column[i]]);
		else
			dupex_message_add(out, size, "%s%s(%s)", plus, terms[pass->term[i]], names[pass->column[i]]);
	}
}

static void
add_term(DupexLinkagePass *pass, DupexBlockTerm term, int column)
{
	pass->term[pass->count] = term;
	pass->column[pass->count++] = column;
}

/* passes being put together */
typedef struct Passes
{
	const DupexLinkageColumn *columns;
	int			column_count;
	DupexLinkagePass *passes;
	int			count;
	DupexLinkagePass who;		/* initials of the names: what others are put
								 * to */
} Passes;

static bool
has_room(const Passes *p)
{
	return p->count < DUPEX_LINKAGE_PASSES;
}

/*
 * A pass for each column of a kind, after the terms of before (NULL for none).
 */
static void
add_passes(Passes *p, const DupexLinkagePass *before, DupexBlockTerm term, DupexLinkageKind kind)
{
	for (int i = 0; i < p->column_count && has_room(p); i++)
	{
		DupexLinkagePass *pass = &p->passes[p->count];

		if (p->columns[i].kind != kind)
			continue;
		pass->count = 0;
		if (before != NULL)
			*pass = *before;
		add_term(pass, term, i);
		p->count++;
	}
}

/*
 * The names of up to two columns, as one.
 */
static DupexLinkagePass
names_together(const Passes *p, DupexBlockTerm term)
{
	DupexLinkagePass pass = {0};

	for (int i = 0; i < p->column_count && pass.count < 2; i++)
	{
		if (p->columns[i].kind == DUPEX_LINKAGE_NAME)
			add_term(&pass, term, i);
	}
	return pass;
}

/*
 * Passes for people: the initials with something that rarely changes.
 */
static void
add_people(Passes *p)
{
	DupexLinkagePass names = names_together(p, DUPEX_BLOCK_WHOLE);

	p->who = names_together(p, DUPEX_BLOCK_INITIALS);
	add_passes(p, &p->who, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_BIRTHDAY);
	add_passes(p, &p->who, DUPEX_BLOCK_LAST4, DUPEX_LINKAGE_PHONE);
	if (p->count >= 5)
		return;
	add_passes(p, &p->who, DUPEX_BLOCK_NUMBER, DUPEX_LINKAGE_ADDRESS);
	add_passes(p, &names, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_EXACT);
	add_passes(p, &names, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_JARO_WINKLER);
	if (p->count < 5 && has_room(p))
		p->passes[p->count++] = names;
}

/*
 * Passes for firms: a word of the name is what stays.
 */
static void
add_firms(Passes *p)
{
	add_passes(p, NULL, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_FIRM);
	add_passes(p, NULL, DUPEX_BLOCK_LONGEST, DUPEX_LINKAGE_FIRM);
	for (int i = 0; i < p->column_count; i++)
	{
		DupexLinkagePass firm = {0};
		DupexLinkagePass initials = {0};

		if (p->columns[i].kind != DUPEX_LINKAGE_FIRM)
			continue;
		add_term(&firm, DUPEX_BLOCK_FIRST4, i);
		add_term(&initials, DUPEX_BLOCK_INITIALS, i);
		add_passes(p, &firm, DUPEX_BLOCK_NUMBER, DUPEX_LINKAGE_ADDRESS);
		add_passes(p, &initials, DUPEX_BLOCK_NUMBER, DUPEX_LINKAGE_ADDRESS);
		add_passes(p, &firm, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_EXACT);
	}
}

/*
 * The passes for columns of these kinds where the user names none; each column by
 * itself where nothing else is known. Returns how many.
 */
int
dupex_linkage_default_passes(const DupexLinkageColumn *columns, int count, DupexLinkagePass *passes)
{
	Passes		p = {columns, count, passes, 0, {0}};
	bool		has_names = false;
	bool		has_firms = false;

	for (int i = 0; i < count; i++)
	{
		has_names = has_names || columns[i].kind == DUPEX_LINKAGE_NAME;
		has_firms = has_firms || columns[i].kind == DUPEX_LINKAGE_FIRM;
	}
	add_passes(&p, NULL, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_BLOCK);
	add_passes(&p, NULL, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_ID);
	add_passes(&p, NULL, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_EMAIL);
	add_passes(&p, NULL, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_PHONE);
	add_passes(&p, NULL, DUPEX_BLOCK_WHOLE, DUPEX_LINKAGE_ADDRESS);
	if (has_firms)
		add_firms(&p);
	if (has_names)
		add_people(&p);
	if (p.count == 0)
	{
		for (int kind = 0; kind < DUPEX_LINKAGE_KINDS; kind++)
			add_passes(&p, NULL, DUPEX_BLOCK_WHOLE, (DupexLinkageKind) kind);
	}
	return p.count;
}

/* words of a text */
typedef struct Words
{
	size_t		start[DUPEX_COMPARE_MAX];
	size_t		length[DUPEX_COMPARE_MAX];
	size_t		count;
} Words;

/*
 * Words are parted by spaces; of Chinese characters each is one when han_alone.
 */
static void
split(const DupexLetters *letters, bool han_alone, Words *words)
{
	words->count = 0;
	for (size_t at = 0; at < letters->count;)
	{
		size_t		from = at;

		if (letters->letter[at] == ' ')
		{
			at++;
			continue;
		}
		do
			at++;
		while (at < letters->count && letters->letter[at] != ' ' &&
			   !(han_alone && (dupex_letter_is_han(letters->letter[at]) || dupex_letter_is_han(letters->letter[at - 1]))));
		words->start[words->count] = from;
		words->length[words->count++] = at - from;
	}
}

static uint64_t
hash_letters(const DupexLetters *letters, size_t from, size_t count)
{
	return count == 0 ? 0 : dupex_linkage_hash(count, letters->letter + from, count * sizeof(letters->letter[0]));
}

/*
 * A name, whatever the order of its words; spaces between Chinese characters do
 * not count.
 */
static uint64_t
name_hash(const DupexLetters *letters)
{
	Words		words;
	uint64_t	hash = 0;
	size_t		kept = 0;
	DupexLetters whole;

	whole.count = 0;
	for (size_t i = 0; i < letters->count; i++)
	{
		kept += dupex_letter_is_han(letters->letter[i]);
		if (letters->letter[i] != ' ')
			whole.letter[whole.count++] = letters->letter[i];
	}
	if (kept > 0)
		return hash_letters(&whole, 0, whole.count);
	split(letters, false, &words);
	for (size_t i = 0; i < words.count; i++)
		hash += hash_letters(letters, words.start[i], words.length[i]);
	return hash;
}

/*
 * First letters, whatever the order of the words. Of Chinese characters the first
 * letters of their sounds; without a table of sounds only the first character, since
 * the others may be written as any of the same sound.
 */
static uint64_t
initials_hash(const DupexLetters *letters, const DupexSounds *sounds)
{
	Words		words;
	uint64_t	hash = 0;

	split(letters, true, &words);
	for (size_t i = 0; i < words.count; i++)
	{
		uint32_t	letter = letters->letter[words.start[i]];

		if (dupex_letter_is_han(letter))
		{
			uint32_t	initial = dupex_sounds_initial(sounds, letter);

			if (sounds->count == 0 && i > 0)
				continue;
			letter = initial != 0 ? initial : letter;
		}
		hash += dupex_linkage_hash(1, &letter, sizeof(letter));
	}
	return hash;
}

static uint64_t
number_hash(const DupexLetters *letters)
{
	size_t		from = 0;
	size_t		to;

	while (from < letters->count && !(letters->letter[from] >= '0' && letters->letter[from] <= '9'))
		from++;
	to = from;
	while (to < letters->count && letters->letter[to] >= '0' && letters->letter[to] <= '9')
		to++;
	return hash_letters(letters, from, to - from);
}

static uint64_t
longest_hash(const DupexLetters *letters)
{
	Words		words;
	size_t		longest = 0;

	split(letters, false, &words);
	for (size_t i = 1; i < words.count; i++)
	{
		if (words.length[i] > words.length[longest])
			longest = i;
	}
	return words.count == 0 ? 0 : hash_letters(letters, words.start[longest], words.length[longest]);
}

/*
 * One term of a value; 0 when it has none.
 */
static uint64_t
term_hash(DupexBlockTerm term, DupexLinkageKind kind, const DupexLinkageValue *value, const DupexSounds *sounds)
{
	DupexLetters letters;
	size_t		piece;

	if (term == DUPEX_BLOCK_WHOLE && kind != DUPEX_LINKAGE_NAME)
		return dupex_linkage_hash(0, value->text, value->length);
	if (term == DUPEX_BLOCK_LOCAL)
	{
		const char *at = memchr(value->text, '@', value->length);

		return at == NULL || at == value->text ? 0 : dupex_linkage_hash(0, value->text, (size_t) (at - value->text));
	}
	dupex_linkage_letters(value->text, value->length, &letters);
	piece = letters.count < PIECE ? letters.count : PIECE;
	switch (term)
	{
		case DUPEX_BLOCK_INITIALS:
			return initials_hash(&letters, sounds);
		case DUPEX_BLOCK_FIRST4:
			return hash_letters(&letters, 0, piece);
		case DUPEX_BLOCK_LAST4:
			return hash_letters(&letters, letters.count - piece, piece);
		case DUPEX_BLOCK_NUMBER:
			return number_hash(&letters);
		case DUPEX_BLOCK_LONGEST:
			return longest_hash(&letters);
		default:
			return name_hash(&letters);
	}
}

/*
 * The key of a record in a pass; 0 when it is in no block.
 */
uint64_t
dupex_linkage_block_key(const DupexLinkagePass *pass, const DupexLinkageColumn *columns,
						const DupexLinkageValue *values, const DupexSounds *sounds)
{
	uint64_t	key = 0;

	for (int i = 0; i < pass->count; i++)
	{
		const DupexLinkageValue *value = &values[pass->column[i]];
		DupexLinkageKind kind = columns[pass->column[i]].kind;
		uint64_t	hash;

		if (value->text == NULL)
			return 0;
		hash = term_hash(pass->term[i], kind, value, sounds);
		if (hash == 0)
			return 0;
		/* terms of other kinds must not meet: a name is no birthday */
		key += dupex_linkage_mix(hash + (uint64_t) kind * 16 + (uint64_t) pass->term[i]);
	}
	return key == 0 ? 1 : key;
}
