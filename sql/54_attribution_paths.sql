-- Attribution over all people at once: the rules over a query of touches and conversions, Markov chains
-- and Shapley values over a query of paths, and a report that compares them.
--
-- A query may only read, and sees what the calling statement sees: stable. Unsafe in parallel, since it may call what it likes.

CREATE FUNCTION attribution_table(query text, models text[] DEFAULT NULL, lookback interval DEFAULT NULL, max_touches int DEFAULT NULL,
    half_life interval DEFAULT '7 days', ignored text[] DEFAULT '{direct}', transforms text[] DEFAULT '{}', milestones text[] DEFAULT NULL,
    since_conversion boolean DEFAULT false, decimals int DEFAULT 4, as_of timestamptz DEFAULT 'infinity',
    OUT model text, OUT channel text, OUT conversions numeric, OUT value numeric) RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE COST 100000 ROWS 100 AS 'MODULE_PATHNAME', 'dupex_attribution_table';
COMMENT ON FUNCTION attribution_table(text, text[], interval, int, interval, text[], text[], text[], boolean, int, timestamptz) IS
    'what each channel earned, by model: the sums of attribution() over all people. query returns (person bigint or text, at timestamptz, channel text, value numeric [, milestone text]), rows as for journey_milestone_agg, in any order; rows without person or time are left out. The other arguments are those of attribution(). Rows: models as asked for, channels by their bytes, then channel NULL for conversions without touch. conversions adds up to the number of conversions, value to their value, exactly, for each model. Reads the query once, within work_mem and in temporary files beyond it. Errors as journey_agg and attribution(), and 42804 for a query with other columns';

CREATE FUNCTION attribution_markov(query text, markov_order int DEFAULT 1,
    OUT channel text, OUT removal_effect float8, OUT conversions float8, OUT value float8) RETURNS SETOF record
    LANGUAGE C STRICT STABLE PARALLEL UNSAFE COST 100000 ROWS 30 AS 'MODULE_PATHNAME', 'dupex_attribution_markov';
COMMENT ON FUNCTION attribution_markov(text, int) IS
    'who earned the conversions of paths, by what would be missing without them. query returns (path text[], conversions float8 [, value float8 [, nulls float8]]): channels in order, how often they led to a conversion, of what value in all, and how often to none; NULL is 0. People go from channel to channel in the proportions of these paths, the next one depending on the last markov_order (1 to 3) channels. removal_effect: share of the conversions that is lost when all who would come to the channel are lost; NULL where there are no conversions. conversions: all of them in proportion to these effects. value: all of it in proportion to the shares of the value that are lost. Rows by the bytes of the channel, then channel NULL for conversions of empty paths. Solved, not simulated: by elimination without subtraction up to 1,000 states (combinations of markov_order channels), so that small effects have all their digits, by following the chain to 1e-17 beyond. Raises 22023 for another order, a number below 0 or not finite, a value without conversion; 22004 for a NULL in a path; 54000 for more than 1,000 channels, 2,000,000 transitions, or paths without end';

CREATE FUNCTION attribution_shapley(query text,
    OUT channel text, OUT conversions float8, OUT value float8) RETURNS SETOF record
    LANGUAGE C STRICT STABLE PARALLEL UNSAFE COST 100000 ROWS 30 AS 'MODULE_PATHNAME', 'dupex_attribution_shapley';
COMMENT ON FUNCTION attribution_shapley(text) IS
    'who earned the conversions of paths, as a game in which channels come one after the other: the Shapley values of the game in which a set of channels is worth what the paths within it brought. In closed form: each path is shared alike by its different channels. query and rows as of attribution_markov; nulls do not matter, and values may be negative. Raises 22023 for a number that is not finite or a value without conversion, 22004 for a NULL in a path';

CREATE FUNCTION attribution_report(query text, expense_query text DEFAULT NULL, models text[] DEFAULT NULL, lookback interval DEFAULT NULL, max_touches int DEFAULT NULL,
    half_life interval DEFAULT '7 days', ignored text[] DEFAULT '{direct}', transforms text[] DEFAULT '{}', milestones text[] DEFAULT NULL,
    since_conversion boolean DEFAULT false, as_of timestamptz DEFAULT 'infinity', markov_order int DEFAULT 1,
    OUT model text, OUT channel text, OUT conversions numeric, OUT value numeric, OUT share numeric, OUT expense numeric,
    OUT er_ratio numeric, OUT cost_per_conversion numeric, OUT return_on_expense numeric) RETURNS SETOF record
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1000000 ROWS 100 AS
$$
DECLARE
    asked text[] := coalesce(models, '{first,last,last_non_direct,linear,position_u,position_j,position_inverse_j,position_w,full_path,time_decay,markov,shapley}');
    rules text[] := ARRAY(SELECT a.word FROM unnest(asked) WITH ORDINALITY a (word, no) WHERE a.word IS NULL OR a.word NOT IN ('markov', 'shapley') ORDER BY a.no);
    -- the query may return what attribution_table() takes: any text, any number
    paths text := format(E'SELECT p.* FROM (SELECT dupex.journey_agg(q.at, q.channel::text, q.value::numeric) AS journey FROM (%s\n) q (person, at, channel, value) WHERE q.person IS NOT NULL GROUP BY q.person) j, '
                         'dupex.attribution_paths(j.journey, %L, %L, %L, %L, %L, %L) p', query, lookback, max_touches, ignored, transforms, since_conversion,
                         to_jsonb(as_of) #>> '{}');         -- the same time in every DateStyle
BEGIN
    PERFORM dupex.query_columns_check('attribution_report', query, 'person, at, channel, value'), dupex.query_columns_check('attribution_report', expense_query, 'channel, expense');
    RETURN QUERY EXECUTE format($query$
        WITH credit AS MATERIALIZED (
            SELECT t.model, t.channel, t.conversions, t.value FROM dupex.attribution_table($1, $2, $3, $4, $5, $6, $7, $8, $9, 4, $10) t WHERE cardinality($2) > 0
            UNION ALL SELECT 'markov', m.channel, round(m.conversions::numeric, 9), round(m.value::numeric, 4) FROM dupex.attribution_markov($11, $12) m WHERE 'markov' = ANY ($13)
            UNION ALL SELECT 'shapley', s.channel, round(s.conversions::numeric, 9), round(s.value::numeric, 4) FROM dupex.attribution_shapley($11) s WHERE 'shapley' = ANY ($13)),
        spent AS MATERIALIZED (SELECT e.channel, sum(e.expense)::numeric AS expense FROM (%s
            ) e (channel, expense) WHERE e.channel IS NOT NULL GROUP BY e.channel),
        asked AS (SELECT a.model, min(a.no) AS no FROM unnest($13) WITH ORDINALITY a (model, no) GROUP BY a.model),
        line AS (SELECT a.model, a.no, n.channel FROM asked a CROSS JOIN (SELECT c.channel FROM credit c UNION SELECT s.channel FROM spent s) n)
        SELECT l.model, l.channel, coalesce(c.conversions, 0.000000000), coalesce(c.value, 0.0000), round(coalesce(c.conversions, 0) / nullif(sum(c.conversions) OVER (PARTITION BY l.model), 0), 4), s.expense,
            round(s.expense / nullif(c.value, 0), 4), round(s.expense / nullif(c.conversions, 0), 4), round(c.value / nullif(s.expense, 0), 4)
        FROM line l LEFT JOIN credit c ON c.model = l.model AND c.channel IS NOT DISTINCT FROM l.channel LEFT JOIN spent s ON s.channel = l.channel
        ORDER BY l.no, l.channel COLLATE "C" NULLS LAST $query$, coalesce(expense_query, 'SELECT NULL::text, NULL::numeric WHERE false'))
    USING query, rules, lookback, max_touches, half_life, ignored, transforms, milestones, since_conversion, as_of, paths, markov_order, asked;
END
$$;
COMMENT ON FUNCTION attribution_report(text, text, text[], interval, int, interval, text[], text[], text[], boolean, timestamptz, int) IS
    'what each model of attribution says of each channel, in long form. query and the other arguments as of attribution_table(); models may name markov and shapley too, NULL is all. expense_query returns (channel text, expense numeric), rows of the same channel are added up. Rows: models as asked for, and for each all channels with a conversion in any model or with expense, by their bytes, then channel NULL for conversions without touch. share: of the conversions of the model; er_ratio = expense / value, cost_per_conversion = expense / conversions, return_on_expense = value / expense, each NULL where it is not defined or no expense is known. markov wants values that are not negative. Values of markov and shapley are rounded to 9 decimals (conversions) and 4 (value)';
