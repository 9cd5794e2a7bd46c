/*
 * pg_fit.c
 *		Learning what agreement is worth: keys of blocks, pairs of any records, patterns
 *		of the candidate pairs.
 *
 * Memory goes with the records (their distinct values, four octets for each value of
 * each record, twelve for each key of a block), and not with the pairs: of these the
 * patterns are counted.
 */
#include "linkage/pg_linkage.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "runner/pg_stop.h"

/* pairs of any records by which chance is judged, at most; where there are no more, all are taken */
#define CHANCE_PAIRS UINT64CONST(1000000)
#define CHANCE_PER_RECORD 50
/* results of comparisons that are remembered for a column, a power of two */
#define MEMORY_SIZE 65536
#define FIRST_PATTERNS 1024

static void
check_arguments(const DupexLinkageArguments *arguments)
{
	if (!(arguments->recall > 0 && arguments->recall <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("recall of %s is %g", arguments->function, arguments->recall),
				 errdetail("It is the part of all pairs of one person about which there is no doubt: the same identity number, or the same name and another value."),
				 errhint("Use a number above 0 up to 1, such as 0.7.")));
	if (arguments->max_block < 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_block of %s is %d", arguments->function, arguments->max_block),
				 errdetail("It is how many records of a block are compared each with each."),
				 errhint("Use at least 2.")));
	if (arguments->max_memory < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_memory of %s is %d", arguments->function, arguments->max_memory),
				 errdetail("It is in MB.")));
}

static void *
allocate(DupexLinkage *linkage, Size count, Size size)
{
	return MemoryContextAllocHuge(linkage->context, mul_size(Max(count, 1), size));
}

/*
 * What a record looks like, for putting alike ones side by side in large blocks: the
 * beginnings of its first two columns of text.
 */
static uint64
looks_of(const DupexLinkage *linkage, const DupexLinkageValue *values)
{
	uint64		looks = 0;
	int			parts = 0;

	for (int c = 0; c < linkage->records.columns && parts < 2; c++)
	{
		DupexLinkageKind kind = linkage->records.column[c].kind;

		if (kind == DUPEX_LINKAGE_PHONE || kind == DUPEX_LINKAGE_BLOCK || kind == DUPEX_LINKAGE_EXACT)
			continue;
		for (Size i = 0; i < 4; i++)
			looks = looks << 8 | (values[c].text !=NULL && i < values[c].length ? (unsigned char) values[c].text[i] : 0);
		parts++;
	}
	return looks;
}

/*
 * The keys of all records in all passes.
 */
static void
make_keys(DupexLinkage *linkage)
{
	DupexRecords *records = &linkage->records;
	uint64	   *order = allocate(linkage, records->count, sizeof(uint64));

	linkage->pairs.records = records->count;
	linkage->pairs.two_lists = linkage->arguments.other_query != NULL;
	linkage->pairs.split = linkage->pairs.two_lists ? records->first_count : 0;
	linkage->pairs.stop = dupex_stop_by_interrupt;
	linkage->pairs.max_block = (uint32) linkage->arguments.max_block;
	linkage->pairs.passes = linkage->pass_count;
	linkage->pairs.order = order;
	linkage->pairs.entries = allocate(linkage, records->count, sizeof(DupexBlockEntry));
	linkage->pairs.sorted = allocate(linkage, records->count, sizeof(DupexBlockEntry));
	for (int p = 0; p < linkage->pass_count; p++)
	{
		linkage->pairs.key[p] = allocate(linkage, records->count, sizeof(uint64));
		linkage->pairs.rank[p] = allocate(linkage, records->count, sizeof(uint32));
	}
	for (uint32 i = 0; i < records->count; i++)
	{
		DupexLinkageValue values[DUPEX_LINKAGE_COLUMNS];

		if ((i & 4095) == 0)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < records->columns; c++)
		{
			Size		length = 0;

			values[c].text = records->value[c][i] == 0 ? NULL : dupex_values_text(&records->values[c], records->value[c][i], &length);
			values[c].length = length;
		}
		for (int p = 0; p < linkage->pass_count; p++)
			linkage->pairs.key[p][i] = dupex_linkage_block_key(&linkage->pass[p], records->column, values, &records->sounds);
		order[i] = looks_of(linkage, values);
	}
	dupex_linkage_check_memory(&linkage->arguments, linkage->context);
}

/*
 * The columns, as bits, that are a pass by themselves.
 */
static uint32
complete_columns(const DupexLinkage *linkage)
{
	uint32		complete = 0;

	for (int p = 0; p < linkage->pass_count; p++)
		if (linkage->pass[p].count == 1 && linkage->pass[p].term[0] == DUPEX_BLOCK_WHOLE)
			complete |= 1u << linkage->pass[p].column[0];
	return complete;
}

/*
 * Reads the records of the arguments and gets everything ready for pairs.
 */
void
dupex_linkage_open(DupexLinkage *linkage, const DupexLinkageArguments *arguments)
{
	memset(linkage, 0, sizeof(*linkage));
	check_arguments(arguments);
	linkage->arguments = *arguments;
	linkage->context = AllocSetContextCreate(CurrentMemoryContext, "dupex linkage", ALLOCSET_DEFAULT_SIZES);
	dupex_records_read(&linkage->records, &linkage->arguments, linkage->context);
	dupex_linkage_set_passes(linkage);
	make_keys(linkage);
	for (int c = 0; c < linkage->records.columns; c++)
		if (linkage->records.column[c].levels > 3)
			linkage->memory[c] = MemoryContextAllocZero(linkage->context, MEMORY_SIZE * sizeof(DupexLevelMemory));
	linkage->model.columns = linkage->records.columns;
	memcpy(linkage->model.column, linkage->records.column, sizeof(linkage->model.column));
	dupex_linkage_set_near(&linkage->model, complete_columns(linkage));
	linkage->model.recall = arguments->recall;
	linkage->model.all_pairs = linkage->pairs.two_lists
		? (double) linkage->pairs.split * (linkage->records.count - linkage->pairs.split)
		: (double) linkage->records.count * ((double) linkage->records.count - 1) / 2;
}

/*
 * The level of a column of two records; DUPEX_LINKAGE_MISSING when one has no value.
 */
int
dupex_linkage_compare(DupexLinkage *linkage, int column, uint32 a, uint32 b)
{
	DupexRecords *records = &linkage->records;
	uint32		x = records->value[column][a];
	uint32		y = records->value[column][b];
	DupexLevelMemory *memory = NULL;
	const char *x_text;
	const char *y_text;
	Size		x_length;
	Size		y_length;
	int			level;

	if (x == 0 || y == 0)
		return DUPEX_LINKAGE_MISSING;
	if (x == y)
		return 0;
	if (linkage->memory[column] != NULL)
	{
		uint32		less = Min(x, y);
		uint32		more = Max(x, y);

		memory = &linkage->memory[column][dupex_linkage_mix((uint64) less << 32 | more) & (MEMORY_SIZE - 1)];
		if (memory->a == less && memory->b == more)
			return memory->level;
		memory->a = less;
		memory->b = more;
	}
	x_text = dupex_values_text(&records->values[column], x, &x_length);
	y_text = dupex_values_text(&records->values[column], y, &y_length);

	/*
	 * Jaro's similarity may differ with the order of its arguments, so that
	 * is fixed
	 */
	if (x_length != y_length ? x_length > y_length : memcmp(x_text, y_text, x_length) > 0)
	{
		const char *other_text = x_text;
		Size		other_length = x_length;

		x_text = y_text;
		x_length = y_length;
		y_text = other_text;
		y_length = other_length;
	}
	level = dupex_linkage_level(&records->column[column], x_text, x_length, y_text, y_length, &records->sounds);
	if (memory != NULL)
		memory->level = level;
	return level;
}

/*
 * The share of pairs of any two records that have the same value, counted exactly.
 */
static double
same_by_chance(const DupexLinkage *linkage, int column)
{
	const DupexValues *values = &linkage->records.values[column];
	double		total[2] = {0, 0};
	double		same = 0;

	for (uint32 i = 1; i < values->count; i++)
	{
		double		first = values->times[0][i];
		double		second = values->times[1][i];

		total[0] += first;
		total[1] += second;
		same += linkage->pairs.two_lists ? first * second : first * (first - 1) / 2;
	}
	if (!linkage->pairs.two_lists)
		return total[0] < 2 ? 0 : same / (total[0] * (total[0] - 1) / 2);
	return total[0] * total[1] == 0 ? 0 : same / (total[0] * total[1]);
}

/*
 * Pair n of those by which chance is judged: all of them in turn, or drawn by a hash. Of
 * two lists neither is empty.
 */
static bool
draw_pair(const DupexLinkage *linkage, uint64 n, bool all, uint32 *a, uint32 *b)
{
	uint32		count = linkage->records.count;
	bool		two_lists = linkage->pairs.two_lists;
	uint32		split = linkage->pairs.split;

	if (all)
	{
		*a = (uint32) (n / count);
		*b = (uint32) (n % count);
		return two_lists ? *a < split && *b >= split : *a < *b;
	}
	*a = (uint32) (dupex_linkage_mix(2 * n + 1) % (two_lists ? split : count));
	*b = (uint32) (dupex_linkage_mix(2 * n + 2) % (two_lists ? count - split : count)) + split;
	return *a != *b;
}

/*
 * How the levels of each column are spread among pairs of any two records.
 */
static void
judge_chance(DupexLinkage *linkage)
{
	DupexLinkageModel *model = &linkage->model;
	uint64		most = Min(CHANCE_PAIRS, (uint64) linkage->records.count * CHANCE_PER_RECORD);
	bool		all = (double) linkage->records.count * linkage->records.count <= most;
	uint64		draws = all ? (uint64) linkage->records.count * linkage->records.count : most;
	double		seen[DUPEX_LINKAGE_COLUMNS][DUPEX_LINKAGE_LEVELS] = {{0}};

	for (uint64 n = 0; n < draws && model->all_pairs > 0; n++)
	{
		uint32		a;
		uint32		b;

		if ((n & 4095) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!draw_pair(linkage, n, all, &a, &b))
			continue;
		for (int c = 0; c < model->columns; c++)
		{
			int			level = dupex_linkage_compare(linkage, c, a, b);

			if (level != DUPEX_LINKAGE_MISSING)
				seen[c][level]++;
		}
	}
	for (int c = 0; c < model->columns; c++)
	{
		int			levels = model->column[c].levels;
		double		others = 0;

		model->chance[c][0] = levels == 1 ? 1 : same_by_chance(linkage, c);
		/* a level that was not drawn may be half as rare as one pair */
		for (int l = 1; l < levels; l++)
			others += seen[c][l] += 0.5;
		for (int l = 1; l < levels; l++)
			model->chance[c][l] = (1 - model->chance[c][0]) * seen[c][l] / others;
	}
}

static void
enlarge_patterns(DupexLinkage *linkage)
{
	Size		capacity = linkage->pattern_capacity == 0 ? FIRST_PATTERNS : 2 * linkage->pattern_capacity;

	if (linkage->patterns == NULL)
		linkage->patterns = allocate(linkage, capacity, sizeof(DupexPattern));
	else
		linkage->patterns = repalloc_huge(linkage->patterns, capacity * sizeof(DupexPattern));
	if (linkage->pattern_table)
		pfree(linkage->pattern_table);
	linkage->pattern_table = MemoryContextAllocExtended(linkage->context, 2 * capacity * sizeof(uint32), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	linkage->pattern_capacity = capacity;
	for (Size i = 0; i < linkage->pattern_count; i++)
	{
		Size		slot = dupex_linkage_mix(linkage->patterns[i].levels) & (2 * capacity - 1);

		while (linkage->pattern_table[slot] != 0)
			slot = (slot + 1) & (2 * capacity - 1);
		linkage->pattern_table[slot] = (uint32) i + 1;
	}
	dupex_linkage_check_memory(&linkage->arguments, linkage->context);
}

static void
count_pattern(DupexLinkage *linkage, uint64 levels)
{
	Size		slot;

	if (linkage->pattern_count == linkage->pattern_capacity)
		enlarge_patterns(linkage);
	slot = dupex_linkage_mix(levels) & (2 * linkage->pattern_capacity - 1);
	for (; linkage->pattern_table[slot] != 0; slot = (slot + 1) & (2 * linkage->pattern_capacity - 1))
	{
		DupexPattern *pattern = &linkage->patterns[linkage->pattern_table[slot] - 1];

		if (pattern->levels != levels)
			continue;
		pattern->count++;
		return;
	}
	linkage->patterns[linkage->pattern_count].levels = levels;
	linkage->patterns[linkage->pattern_count++].count = 1;
	linkage->pattern_table[slot] = (uint32) linkage->pattern_count;
}

static void
count_pair(void *state, uint32_t a, uint32_t b)
{
	DupexLinkage *linkage = state;
	uint64		levels = 0;

	CHECK_FOR_INTERRUPTS();
	for (int c = 0; c < linkage->records.columns; c++)
		levels |= (uint64) dupex_linkage_compare(linkage, c, a, b) << (4 * c);
	count_pattern(linkage, levels);
}

static int
compare_patterns(const void *a, const void *b)
{
	const DupexPattern *x = a;
	const DupexPattern *y = b;

	return x->levels < y->levels ? -1 : x->levels > y->levels;
}

/*
 * Fits the model to the records.
 */
void
dupex_linkage_learn(DupexLinkage *linkage)
{
	judge_chance(linkage);
	dupex_pairs_each(&linkage->pairs, count_pair, linkage);
	if (linkage->pattern_count > 1)
		qsort(linkage->patterns, linkage->pattern_count, sizeof(DupexPattern), compare_patterns);
	linkage->model.stop = dupex_stop_by_interrupt;
	dupex_linkage_fit(&linkage->model, linkage->patterns, linkage->pattern_count);
}
