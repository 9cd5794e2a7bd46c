/*
 * unit_linkage.c
 *		Tests record linkage beside PostgreSQL: candidate pairs against all pairs tried one by one,
 *		passes read as they are written, levels of texts that are anything, models of counts that
 *		are anything.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linkage/blocking.h"
#include "linkage/comparison.h"
#include "linkage/fellegi_sunter.h"
#include "linkage/firms.h"
#include "linkage/pairs.h"

#define TRIALS		3000
#define MAX_RECORDS	60
#define MAX_PASSES	4

static int	failures;
static uint64_t state = 88172645463325252u;

static int
dice(int sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (int) ((state >> 16) % (uint64_t) sides);
}

static void
fail(const char *what, int trial)
{
	if (failures++ < 10)
		printf("%s, trial %d\n", what, trial);
}

/* how often each pair was made */
static int	made[MAX_RECORDS][MAX_RECORDS];

static void
count_pair(void *unused, uint32_t a, uint32_t b)
{
	(void) unused;
	if (a >= b)
		fail("a pair is not in order", 0);
	made[a][b]++;
}

static uint64_t keys[MAX_PASSES][MAX_RECORDS];

/*
 * Whether two records share a key, and may be a pair.
 */
static int
shares_key(const DupexPairs *pairs, uint32_t a, uint32_t b)
{
	if (pairs->two_lists && (a < pairs->split) == (b < pairs->split))
		return 0;
	for (int p = 0; p < pairs->passes; p++)
	{
		if (keys[p][a] != 0 && keys[p][a] == keys[p][b])
			return 1;
	}
	return 0;
}

/*
 * Without large blocks the pairs are those that share a key; with some, they are of these, each
 * once, and of a single pass none is forgotten among those left out.
 */
static void
try_pairs(int trial)
{
	static uint32_t ranks[MAX_PASSES][MAX_RECORDS];
	static uint64_t order[MAX_RECORDS];
	static DupexBlockEntry entries[MAX_RECORDS];
	static DupexBlockEntry sorted[MAX_RECORDS];
	DupexPairs	pairs = {0};
	uint64_t	shared = 0;
	uint64_t	total = 0;
	uint64_t	left_out = 0;

	pairs.records = (uint32_t) dice(MAX_RECORDS + 1);
	pairs.two_lists = dice(2) == 0;
	pairs.split = pairs.two_lists ? (uint32_t) dice((int) pairs.records + 1) : 0;
	pairs.max_block = dice(2) ? MAX_RECORDS : (uint32_t) (2 + dice(10));
	pairs.passes = 1 + dice(MAX_PASSES);
	pairs.order = order;
	pairs.entries = entries;
	pairs.sorted = sorted;
	for (int p = 0; p < pairs.passes; p++)
	{
		int			different = 1 + dice(40);

		pairs.key[p] = keys[p];
		pairs.rank[p] = ranks[p];
		for (uint32_t i = 0; i < pairs.records; i++)
		{
			keys[p][i] = dice(8) == 0 ? 0 : dupex_linkage_mix((uint64_t) (1 + dice(different)));
			order[i] = (uint64_t) dice(5);
		}
	}
	for (int again = 0; again < 2; again++)
	{
		memset(made, 0, sizeof(made));
		dupex_pairs_each(&pairs, count_pair, NULL);
	}
	for (uint32_t a = 0; a < pairs.records; a++)
	{
		for (uint32_t b = a + 1; b < pairs.records; b++)
		{
			int			expected = shares_key(&pairs, a, b);

			shared += (uint64_t) expected;
			total += (uint64_t) made[a][b];
			if (made[a][b] > expected || (pairs.max_block == MAX_RECORDS && made[a][b] != expected))
				fail("a pair is not made once where it should be", trial);
		}
	}
	for (int p = 0; p < pairs.passes; p++)
	{
		total -= pairs.counts[p].pairs;
		left_out += pairs.counts[p].left_out;
	}
	if (total != 0)
		fail("pairs are counted wrongly", trial);
	if (pairs.passes == 1 && pairs.counts[0].pairs + left_out != shared)
		fail("pairs are forgotten among those left out", trial);
}

static bool
stop_at_once(void *calls)
{
	++*(int *) calls;
	return true;
}

/*
 * A caller who wants no more is asked soon, also while no pair comes up: all records are of one list
 * of two here, or an earlier pass has made all pairs.
 */
static void
try_stop(void)
{
	uint64_t	key[MAX_RECORDS];
	uint32_t	ranks[2][MAX_RECORDS];
	uint64_t	order[MAX_RECORDS] = {0};
	DupexBlockEntry entries[MAX_RECORDS];
	DupexBlockEntry sorted[MAX_RECORDS];
	int			calls = 0;
	DupexPairs	pairs = {.records = MAX_RECORDS,.max_block = 2,.passes = 1,.order = order,.entries = entries,
	.sorted = sorted,.stop = stop_at_once,.stop_data = &calls};

	for (int i = 0; i < MAX_RECORDS; i++)
		key[i] = 1;
	pairs.key[0] = key;
	pairs.rank[0] = ranks[0];
	memset(made, 0, sizeof(made));
	for (int two_lists = 0; two_lists < 2; two_lists++)
	{
		pairs.two_lists = two_lists == 1;
		if (dupex_pairs_each(&pairs, count_pair, NULL) || calls != two_lists + 1)
			fail("pairs are made for a caller who wants none", two_lists);
	}
}

/*
 * A caller who wants no more is asked in each round of learning.
 */
static void
try_stop_learning(void)
{
	DupexPattern pattern = {0, 1000};
	DupexLinkageModel model = {.columns = 2,.all_pairs = 1000000,.recall = 0.7,.stop = stop_at_once};
	int			calls = 0;

	model.stop_data = &calls;
	for (int c = 0; c < 2; c++)
	{
		dupex_linkage_column_set(&model.column[c], DUPEX_LINKAGE_EXACT, NULL, 0);
		model.chance[c][0] = 0.0001;
		model.chance[c][1] = 0.9999;
	}
	dupex_linkage_fit(&model, &pattern, 1);
	if (calls == 0 || model.iterations != 0)
		fail("a model is learnt for a caller who wants none", 0);
}

static const char *const names[DUPEX_LINKAGE_COLUMNS] = {
	"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"
};

static int
random_columns(DupexLinkageColumn *columns, int most)
{
	int			count = 1 + dice(most);

	for (int i = 0; i < count; i++)
		dupex_linkage_column_set(&columns[i], (DupexLinkageKind) dice(DUPEX_LINKAGE_KINDS), NULL, 0);
	return count;
}

/*
 * The usual passes of any columns can be read as they are written.
 */
static void
try_passes(int trial)
{
	DupexLinkageColumn columns[DUPEX_LINKAGE_COLUMNS];
	DupexLinkagePass passes[DUPEX_LINKAGE_PASSES];
	int			count = random_columns(columns, DUPEX_LINKAGE_COLUMNS);
	int			pass_count = dupex_linkage_default_passes(columns, count, passes);

	if (pass_count < 1 || pass_count > DUPEX_LINKAGE_PASSES)
		fail("there are no passes, or too many", trial);
	for (int p = 0; p < pass_count; p++)
	{
		char		text[DUPEX_LINKAGE_PASS_TEXT];
		DupexLinkagePass read;

		dupex_linkage_pass_text(&passes[p], names, text, sizeof(text));
		if (dupex_linkage_pass_parse(text, names, count, &read) != NULL || read.count != passes[p].count ||
			memcmp(read.term, passes[p].term, (size_t) read.count * sizeof(read.term[0])) != 0 ||
			memcmp(read.column, passes[p].column, (size_t) read.count * sizeof(read.column[0])) != 0)
			fail("a pass is not read as it is written", trial);
	}
}

/*
 * A text of letters, digits, spaces, Chinese characters, at signs and octets that are no UTF-8.
 */
static size_t
random_text(char *out)
{
	static const char *const pieces[] = {
		"a", "b", "an", "gmbh", " ", " ", "1", "23", "@", "+", "-", "\xE7\x8E\x8B", "\xE5\xB0\x8F", "\xE5\x85\xAC\xE5\x8F\xB8",
		"\xE6\x9C\x89\xE9\x99\x90\xE5\x85\xAC\xE5\x8F\xB8", "\xFF", "\xE5", "\xF0\xA0\x80\x80", "z"
	};
	size_t		length = 0;
	int			count = dice(20) == 0 ? 400 : dice(12);

	for (int i = 0; i < count && length + 16 < DUPEX_LINKAGE_VALUE_MAX; i++)
	{
		const char *piece = pieces[dice((int) (sizeof(pieces) / sizeof(pieces[0])))];

		memcpy(out + length, piece, strlen(piece));
		length += strlen(piece);
	}
	return length;
}

/*
 * Any two texts have a level, the same ones the best; any record has a key or none.
 */
static void
try_texts(int trial)
{
	static DupexSound sound[] = {{0x738B, 'w', 1}, {0x5C0F, 'x', 2}, {0x5C0F, 'x', 3}};
	DupexSounds sounds = {sound, dice(2) ? 3 : 0};
	DupexLinkageColumn columns[DUPEX_LINKAGE_COLUMNS];
	DupexLinkagePass passes[DUPEX_LINKAGE_PASSES];
	char		a[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_VALUE_MAX];
	char		b[DUPEX_LINKAGE_VALUE_MAX];
	DupexLinkageValue values[DUPEX_LINKAGE_COLUMNS];
	DupexLetters letters;
	int			count = random_columns(columns, DUPEX_LINKAGE_COLUMNS);
	int			pass_count = dupex_linkage_default_passes(columns, count, passes);

	for (int c = 0; c < count; c++)
	{
		size_t		b_length = random_text(b);
		int			level;

		values[c].length = random_text(a[c]);
		values[c].text = values[c].length == 0 ? NULL : a[c];
		level = dupex_linkage_level(&columns[c], a[c], values[c].length, b, b_length, &sounds);
		if (level < 0 || level >= columns[c].levels)
			fail("a level is none", trial);
		if (dupex_linkage_level(&columns[c], a[c], values[c].length, a[c], values[c].length, &sounds) != 0)
			fail("the same text has not the best level", trial);
		dupex_linkage_letters(b, b_length, &letters);
		dupex_firm_shorten(&letters);
		if (letters.count > DUPEX_COMPARE_MAX)
			fail("the name of a firm has grown", trial);
	}
	for (int p = 0; p < pass_count; p++)
	{
		uint64_t	key = dupex_linkage_block_key(&passes[p], columns, values, &sounds);

		if (key != dupex_linkage_block_key(&passes[p], columns, values, &sounds))
			fail("a key is not the same again", trial);
		for (int i = 0; i < passes[p].count; i++)
		{
			if (values[passes[p].column[i]].text == NULL && key != 0)
				fail("a record without a value has a key", trial);
		}
	}
}

/*
 * Whatever was counted, a model has shares that add up to 1, and weights that go down with the
 * levels, within bounds.
 */
static void
try_model(int trial)
{
	static DupexPattern patterns[200];
	DupexLinkageModel model;
	int			count = 1 + dice(200);

	memset(&model, 0, sizeof(model));
	model.columns = random_columns(model.column, 6);
	model.all_pairs = 1 + dice(1000000);
	model.recall = 0.1 + 0.1 * dice(10);
	dupex_linkage_set_near(&model, (uint32_t) dice(64));
	for (int c = 0; c < model.columns; c++)
	{
		double		rest = 1;

		for (int l = 0; l + 1 < model.column[c].levels; l++)
		{
			model.chance[c][l] = rest * dice(1000) / (dice(2) ? 1000.0 : 100000000.0);
			rest -= model.chance[c][l];
		}
		model.chance[c][model.column[c].levels - 1] = rest;
	}
	for (int i = 0; i < count; i++)
	{
		patterns[i].levels = 0;
		patterns[i].count = (uint64_t) dice(dice(3) == 0 ? 1000000 : 20);
		for (int c = 0; c < model.columns; c++)
			patterns[i].levels |= (uint64_t) (dice(6) == 0 ? DUPEX_LINKAGE_MISSING : dice(model.column[c].levels)) << (4 * c);
	}
	dupex_linkage_fit(&model, patterns, (size_t) count);
	if (!(model.prior > 0 && model.prior <= 0.5))
		fail("the prior is no share", trial);
	for (int c = 0; c < model.columns; c++)
	{
		double		m = 0;
		double		u = 0;
		double		near_u = 0;

		for (int l = 0; l < model.column[c].levels; l++)
		{
			m += model.m[c][l];
			u += model.u[c][l];
			near_u += model.near_u[c][l];
			if (!(fabs(model.weight[c][l]) <= 40 && fabs(model.near_weight[c][l]) <= 40))
				fail("a weight is out of bounds", trial);
			if (l > 0 && (model.weight[c][l] > model.weight[c][l - 1] || model.near_weight[c][l] > model.near_weight[c][l - 1]))
				fail("a level weighs more than a better one", trial);
		}
		if (!(fabs(m - 1) < 1e-9 && fabs(u - 1) < 1e-9 && fabs(near_u - 1) < 1e-9))
			fail("shares do not add up to 1", trial);
	}
}

int
main(void)
{
	try_stop();
	try_stop_learning();
	for (int trial = 0; trial < TRIALS; trial++)
	{
		try_pairs(trial);
		try_passes(trial);
		try_texts(trial);
		if (trial < TRIALS / 5)
			try_model(trial);
	}
	if (failures == 0)
		printf("record linkage: %d trials\n", TRIALS);
	return failures > 0;
}
