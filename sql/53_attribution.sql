-- journey: touches, milestones and conversions of one person, and what each touch earned.
--
-- What a model of attribution depends on (lookback, half-life, what direct is) is asked of the stored
-- journey, not put into it. So a journey can be extended with the events of one day, and one journey
-- answers every model.

CREATE TYPE journey;
CREATE FUNCTION journey_in(cstring) RETURNS journey
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_in';
CREATE FUNCTION journey_out(journey) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_out';
CREATE FUNCTION journey_recv(internal) RETURNS journey
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_recv';
CREATE FUNCTION journey_send(journey) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_send';
CREATE TYPE journey (INPUT = journey_in, OUTPUT = journey_out, RECEIVE = journey_recv, SEND = journey_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION journey_in(cstring) IS 'input of journey: {step, ...} in any order, times in UTC; 22P02 for anything else';
COMMENT ON FUNCTION journey_out(journey) IS 'output of journey: {step, ...} in order, times in UTC whatever the session''s zone, values exactly';
COMMENT ON FUNCTION journey_recv(internal) IS 'binary input of journey: version, number of steps, steps; 22P03 for what journey_send cannot have sent';
COMMENT ON FUNCTION journey_send(journey) IS 'binary output of journey: version int1, number of steps int4; of each step time int8 (microseconds since 2000 UTC), kind int1 (0 touch, 1 milestone, 2 conversion), then a name (length int4, bytes) or a value (digits int8, decimals int1)';
COMMENT ON TYPE journey IS
    'touches, milestones and conversions of one person in time; 16 bytes each, 8 more for a value, and each name once; written {2026-01-31T10:15:00Z "mail", 2026-02-01T00:00:00Z @"lead", 2026-02-03T09:30:00Z 19.99}. Of the same instant touches come first, then milestones, then conversions, and touches by the bytes of their names';

-- not strict: a touch has no value, a conversion often no channel
CREATE FUNCTION journey_add(journey, timestamptz, text, numeric) RETURNS journey
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_add';
CREATE FUNCTION journey_milestone_add(journey, timestamptz, text, numeric, text) RETURNS journey
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_add';
CREATE FUNCTION journey_combine(journey, journey) RETURNS journey
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_combine';
CREATE FUNCTION journey_final(journey) RETURNS journey
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_journey_final';
COMMENT ON FUNCTION journey_add(journey, timestamptz, text, numeric) IS 'transition of journey_agg';
COMMENT ON FUNCTION journey_milestone_add(journey, timestamptz, text, numeric, text) IS 'transition of journey_milestone_agg';
COMMENT ON FUNCTION journey_combine(journey, journey) IS 'transition of rollup, combine function of the aggregates';
COMMENT ON FUNCTION journey_final(journey) IS 'final function of the aggregates: brings the steps into order';

CREATE AGGREGATE journey_agg(at timestamptz, channel text, value numeric) (
    SFUNC = journey_add, STYPE = journey, COMBINEFUNC = journey_combine, FINALFUNC = journey_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE journey_agg(timestamptz, text, numeric) IS
    'the journey of a person: GROUP BY person. A row with a channel (or source code, as text) is a touch, one with a value a conversion (0 for one without money), one with both is both, the touch first. A row without time, or with neither, is left out; NULL when no row is left. Raises 22023 for an infinite time, 22001 for a name of more than 255 bytes, 22003 for a value of more than 18 digits or 9 decimals, NaN, infinity';

CREATE AGGREGATE journey_milestone_agg(at timestamptz, channel text, value numeric, milestone text) (
    SFUNC = journey_milestone_add, STYPE = journey, COMBINEFUNC = journey_combine, FINALFUNC = journey_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE journey_milestone_agg(timestamptz, text, numeric, text) IS
    'as journey_agg, and a row with a milestone (lead, opportunity ...) marks that it was reached then; the models position_w and full_path credit it to the last touch up to it';

CREATE AGGREGATE rollup(journey) (
    SFUNC = journey_combine, STYPE = journey, COMBINEFUNC = journey_combine, FINALFUNC = journey_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(journey) IS 'puts journeys of the same person together, without NULLs; NULL when there is none. Steps that are in two of them count twice';

-- not strict: NULL is the widest meaning of an argument
CREATE FUNCTION attribution(journey journey, models text[] DEFAULT NULL, lookback interval DEFAULT NULL, max_touches int DEFAULT NULL,
    half_life interval DEFAULT '7 days', ignored text[] DEFAULT '{direct}', transforms text[] DEFAULT '{}', milestones text[] DEFAULT NULL,
    since_conversion boolean DEFAULT false, decimals int DEFAULT 4, as_of timestamptz DEFAULT 'infinity',
    OUT model text, OUT channel text, OUT conversions numeric, OUT value numeric, OUT touched_at timestamptz, OUT converted_at timestamptz) RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 20 AS 'MODULE_PATHNAME', 'dupex_attribution';
COMMENT ON FUNCTION attribution(journey, text[], interval, int, interval, text[], text[], text[], boolean, int, timestamptz) IS
    'who earned the conversions of a journey: a row for each conversion, model and touch that gets something, in this order, touches by time. models: first, last, last_non_direct, linear, position_u (.4, .2, .4), position_j (.2, .2, .6), position_inverse_j (.6, .2, .2), position_w (.3 first touch, .3 each milestone, .1), full_path (.225 first, last touch and each milestone, .1), time_decay; NULL is all. lookback: touches at most so long before the conversion, both ends inside; max_touches: its last so many touches; since_conversion: only those after the conversion before. half_life: of time_decay. ignored: channels that last_non_direct and the transforms drop_direct leave out, unless all are such. transforms: one after the other, of unique, exposure (no repeats), first (first of each channel), frequency (so, with counts), drop_direct, drop_last_direct. milestones: names that count, NULL is all, of each its last time before the conversion. conversions adds up to exactly 1 for each conversion (in billionths), value exactly to its value (in units of decimals, or of its own decimals): by largest remainder, of equals to the earlier touch. A conversion without touch has channel NULL. Steps after as_of do not count. Raises 22023 for an unknown word, a negative or zero length of time and for months, 22004 for a NULL in an array';

CREATE FUNCTION attribution_paths(journey journey, lookback interval DEFAULT NULL, max_touches int DEFAULT NULL, ignored text[] DEFAULT '{direct}',
    transforms text[] DEFAULT '{}', since_conversion boolean DEFAULT false, as_of timestamptz DEFAULT 'infinity',
    OUT path text[], OUT conversions float8, OUT value float8, OUT nulls float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 ROWS 2 AS 'MODULE_PATHNAME', 'dupex_attribution_paths';
COMMENT ON FUNCTION attribution_paths(journey, interval, int, text[], text[], boolean, timestamptz) IS
    'the paths of a journey, as attribution_markov() and attribution_shapley() want them: for each conversion the channels of the touches that it may use (1, its value, 0), and for the touches after the last conversion one path that led to none (0, 0, 1), its lookback counted from its last touch. Arguments as of attribution(). A conversion without touch has the path {}';
