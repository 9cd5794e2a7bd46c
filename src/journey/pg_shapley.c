/*
 * pg_shapley.c
 *		attribution_shapley(): Shapley values of channels over a query of paths.
 */
#include "journey/pg_paths.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "journey/shapley.h"

typedef struct Game
{
	uint64		paths;
	uint32		size;
	DupexShapley *channels;
} Game;

static void
add_path(DupexPaths *paths, uint32 count, double conversions, double value, double lost)
{
	Game	   *game = paths->state;
	uint32		known = dupex_words_count(paths->channels);

	if (known > game->size)
	{
		uint32		size = 2 * known;

		game->channels = repalloc_huge(game->channels, (Size) size * sizeof(DupexShapley));
		memset(game->channels + game->size, 0, (Size) (size - game->size) * sizeof(DupexShapley));
		game->size = size;
	}
	count = dupex_shapley_distinct(game->channels, ++game->paths, paths->touched, count);
	dupex_shapley_add(game->channels, paths->touched, count, conversions, value);
}

static void
fill(FunctionCallInfo fcinfo, DupexRows *rows)
{
	Game		game = {0, 64, NULL};
	DupexPaths	paths = {.function = "attribution_shapley",.allows_negative = true,.path = add_path,.state = &game};
	uint32	   *ranks;
	uint32	   *order;
	uint32		count;

	game.channels = palloc0(game.size * sizeof(DupexShapley));
	dupex_paths_read(&paths, PG_GETARG_TEXT_PP(0));
	count = dupex_words_count(paths.channels);
	ranks = dupex_words_ranks(paths.channels);
	order = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) count + 1) * sizeof(uint32));
	for (uint32 i = 0; i < count; i++)
		order[ranks[i]] = i;
	for (uint32 i = 0; i < count; i++)
	{
		Datum		values[3] = {0};
		bool		nulls[3] = {false};
		uint32		channel = order[i];

		values[0] = PointerGetDatum(dupex_words_text(paths.channels, channel));
		if (channel < game.size)
		{
			values[1] = Float8GetDatum(dupex_paths_sum(&paths, &game.channels[channel].conversions));
			values[2] = Float8GetDatum(dupex_paths_sum(&paths, &game.channels[channel].value));
		}
		else
			values[1] = values[2] = Float8GetDatum(0);
		dupex_rows_add(rows, values, nulls);
	}
	dupex_paths_add_untouched(&paths, rows, 1);
}

/*
 * attribution_shapley(query): a row for each channel in order of bytes, then one of conversions
 * without a touch.
 */
PG_FUNCTION_INFO_V1(dupex_attribution_shapley);
Datum
dupex_attribution_shapley(PG_FUNCTION_ARGS)
{
	return dupex_rows_return(fcinfo, 3, fill);
}
