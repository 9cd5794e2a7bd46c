-- points: scores of points that decay.
--
-- The state keeps a person's events, equal ones counted. So which kinds count, up to which cap,
-- and at what time, is asked of the stored state; groups such as fit and engagement are lists of
-- kinds, or separate states.

CREATE TYPE points;
CREATE FUNCTION points_in(cstring) RETURNS points
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_points_in';
CREATE FUNCTION points_out(points) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_points_out';
CREATE FUNCTION points_recv(internal) RETURNS points
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_points_recv';
CREATE FUNCTION points_send(points) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_points_send';
CREATE TYPE points (INPUT = points_in, OUTPUT = points_out, RECEIVE = points_recv, SEND = points_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION points_in(cstring) IS 'input of points: JSON, [["kind", seconds since 1970, points, half-life in seconds or null, number of events], ...]; 22P02 for anything else';
COMMENT ON FUNCTION points_out(points) IS 'output of points: JSON, [["kind", seconds since 1970, points, half-life in seconds or null, number of events], ...], sorted';
COMMENT ON FUNCTION points_recv(internal) IS 'binary input of points: version (int1), width (int4), number of entries (int4), and of each entry its key (time, half-life, points in 8 bytes each, kind as text with its length) and its sums, whole and trillionths (int8, int8); 22P03 for what points_send cannot have sent';
COMMENT ON FUNCTION points_send(points) IS 'binary output of points: as points_recv reads it, in network order';
COMMENT ON TYPE points IS
    'events of a person that give points, each with its kind, time, points and half-life; made by points_agg. Its text is JSON';

-- not strict: NULL on either side counts as nothing
CREATE FUNCTION points_plus(points, points) RETURNS points
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_plus';
CREATE FUNCTION points_final(points) RETURNS points
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_final';
COMMENT ON FUNCTION points_plus(points, points) IS 'unites two states; transition and combine function of aggregates; NULL counts as nothing';
COMMENT ON FUNCTION points_final(points) IS 'result of aggregates: sorted, without free space';
CREATE AGGREGATE rollup(points) (
    SFUNC = points_plus, STYPE = points, FINALFUNC = points_final, COMBINEFUNC = points_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(points) IS 'unites stored states, without NULLs; NULL when there is none. Raises 22003 for sums of 10^15 or more, 54000 beyond 1 GB';

CREATE FUNCTION points_agg_add(points, timestamptz, float8, interval) RETURNS points
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_points_agg_add';
COMMENT ON FUNCTION points_agg_add(points, timestamptz, float8, interval) IS 'transition of points_agg';
CREATE AGGREGATE points_agg(at timestamptz, points float8, half_life interval) (
    SFUNC = points_agg_add, STYPE = points, FINALFUNC = points_final, COMBINEFUNC = points_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE points_agg(timestamptz, float8, interval) IS
    'events that give points (negative ones too) and lose half of them with every half_life; a NULL half_life is no decay, months have 30 days. An event without time or points is none; NULL when there is none. Raises 22023 for a half_life that is not positive, for 10^9 points or more, and for a time that is not finite';

CREATE FUNCTION points_kind_agg_add(points, text, timestamptz, float8, interval) RETURNS points
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_points_kind_agg_add';
COMMENT ON FUNCTION points_kind_agg_add(points, text, timestamptz, float8, interval) IS 'transition of points_kind_agg';
CREATE AGGREGATE points_kind_agg(kind text, at timestamptz, points float8, half_life interval) (
    SFUNC = points_kind_agg_add, STYPE = points, FINALFUNC = points_final, COMBINEFUNC = points_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE points_kind_agg(text, timestamptz, float8, interval) IS
    'points_agg with the kind of each event, so that points_at can choose kinds and cap them; a NULL kind is the empty one';

-- accessors

CREATE FUNCTION points_at(points points, at timestamptz, kinds text[] DEFAULT NULL, caps jsonb DEFAULT NULL, zone text DEFAULT 'UTC') RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_points_at';
COMMENT ON FUNCTION points_at(points, timestamptz, text[], jsonb, text) IS
    'the score at a time: sum of points * 2^(-age / half-life) over the events up to then, 0 when there are none, NULL when points, at or zone is. kinds: only these (NULL: all). caps: most points of a kind on a day of the time zone, {"open": 20}; the total of the day goes from -cap to cap, earlier events first. Equal to the sum of the ledger, exactly. Raises 22023 for caps that are none and for an unknown zone, 22008 for a time that is not finite, 22003 for a score of 10^18 or more';

CREATE FUNCTION points_ledger(points points, at timestamptz, kinds text[] DEFAULT NULL, caps jsonb DEFAULT NULL, zone text DEFAULT 'UTC',
    OUT happened_at timestamptz, OUT kind text, OUT points_each float8, OUT half_life interval, OUT events bigint, OUT counted float8, OUT contribution numeric) RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 20 AS 'MODULE_PATHNAME', 'dupex_points_ledger';
COMMENT ON FUNCTION points_ledger(points, timestamptz, text[], jsonb, text) IS
    'why the score is what it is: one row for each group of equal events in order of time, with the points that count after caps (of all its events) and what they are worth at the time, to nine decimals; sum(contribution)::float8 = points_at(...) exactly. Arguments and errors as points_at';
