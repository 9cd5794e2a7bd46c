-- rate: successes of trials, which add up exactly; built as 20_er

CREATE TYPE rate;
CREATE FUNCTION rate_in(cstring) RETURNS rate
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_in';
CREATE FUNCTION rate_out(rate) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_out';
CREATE FUNCTION rate_recv(internal) RETURNS rate
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_recv';
CREATE FUNCTION rate_send(rate) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_send';
CREATE TYPE rate (INPUT = rate_in, OUTPUT = rate_out, RECEIVE = rate_recv, SEND = rate_send,
    INTERNALLENGTH = 16, ALIGNMENT = double);
COMMENT ON FUNCTION rate_in(cstring) IS 'input of rate: successes/trials; 22P02 for anything else, 22003 beyond bigint';
COMMENT ON FUNCTION rate_out(rate) IS 'output of rate: successes/trials';
COMMENT ON FUNCTION rate_recv(internal) IS 'binary input of rate: successes and trials (int8, int8); 22P03 for what rate_send cannot have sent';
COMMENT ON FUNCTION rate_send(rate) IS 'binary output of rate: successes and trials (int8, int8), in network order';
COMMENT ON TYPE rate IS
    'successes and trials (bigint each, 0 <= successes <= trials), written 37/1000. Sorted by the value';

CREATE FUNCTION rate(successes bigint, trials bigint) RETURNS rate
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_construct';
COMMENT ON FUNCTION rate(bigint, bigint) IS 'a rate of its two counts. Raises 22023 unless 0 <= successes <= trials';

CREATE FUNCTION rate_successes(rate) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_get_successes';
COMMENT ON FUNCTION rate_successes(rate) IS 'the number of successes';

CREATE FUNCTION rate_trials(rate) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_get_trials';
COMMENT ON FUNCTION rate_trials(rate) IS 'the number of trials';

CREATE FUNCTION rate_value(rate) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_get_value';
COMMENT ON FUNCTION rate_value(rate) IS 'successes / trials, from 0 to 1; NULL when there are no trials';

CREATE FUNCTION rate_plus(rate, rate) RETURNS rate
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_plus';
CREATE OPERATOR + (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_plus, COMMUTATOR = +);
COMMENT ON FUNCTION rate_plus(rate, rate) IS 'implementation of + operator, transition and combine function of aggregates';
COMMENT ON OPERATOR + (rate, rate) IS 'sum of the successes and sum of the trials; raises 22003 beyond bigint';

CREATE FUNCTION rate_minus(rate, rate) RETURNS rate
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_minus';
CREATE OPERATOR - (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_minus);
COMMENT ON FUNCTION rate_minus(rate, rate) IS 'implementation of - operator, inverse transition of rollup(rate)';
COMMENT ON OPERATOR - (rate, rate) IS 'takes the successes and trials of the second away; raises 22023 when no rate is left';

-- not strict: the first trial makes the state. In a moving window the state may not be NULL,
-- there 0/0 stands for no trial yet
CREATE FUNCTION rate_agg_add(rate, boolean) RETURNS rate
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_agg_add';
CREATE FUNCTION rate_agg_moving_add(rate, boolean) RETURNS rate
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_agg_moving_add';
CREATE FUNCTION rate_agg_moving_remove(rate, boolean) RETURNS rate
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_agg_moving_remove';
CREATE FUNCTION rate_agg_moving_final(rate) RETURNS rate
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_rate_agg_moving_final';
COMMENT ON FUNCTION rate_agg_add(rate, boolean) IS 'transition of rate_agg';
COMMENT ON FUNCTION rate_agg_moving_add(rate, boolean) IS 'transition of rate_agg in a moving window';
COMMENT ON FUNCTION rate_agg_moving_remove(rate, boolean) IS 'inverse transition of rate_agg in a moving window';
COMMENT ON FUNCTION rate_agg_moving_final(rate) IS 'result of rate_agg in a moving window';
CREATE AGGREGATE rate_agg(success boolean) (
    SFUNC = rate_agg_add, STYPE = rate, COMBINEFUNC = rate_plus, PARALLEL = SAFE,
    MSFUNC = rate_agg_moving_add, MINVFUNC = rate_agg_moving_remove, MSTYPE = rate, MFINALFUNC = rate_agg_moving_final);
COMMENT ON AGGREGATE rate_agg(boolean) IS 'counts successes and trials. NULL is no trial; NULL when there is none';

CREATE AGGREGATE rollup(rate) (
    SFUNC = rate_plus, STYPE = rate, COMBINEFUNC = rate_plus, PARALLEL = SAFE,
    MSFUNC = rate_plus, MINVFUNC = rate_minus, MSTYPE = rate);
COMMENT ON AGGREGATE rollup(rate) IS 'adds up rates exactly, without NULLs; NULL when there is none. Raises 22003 beyond bigint';

-- comparison

CREATE FUNCTION rate_lt(rate, rate) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_lt';
CREATE FUNCTION rate_le(rate, rate) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_le';
CREATE FUNCTION rate_eq(rate, rate) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_eq';
CREATE FUNCTION rate_ne(rate, rate) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_ne';
CREATE FUNCTION rate_ge(rate, rate) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_ge';
CREATE FUNCTION rate_gt(rate, rate) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_gt';
CREATE FUNCTION rate_cmp(rate, rate) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_cmp';
CREATE FUNCTION rate_hash(rate) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_hash';
CREATE FUNCTION rate_hash_extended(rate, bigint) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_rate_hash_extended';

CREATE OPERATOR < (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_lt, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_le, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR = (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_eq, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR <> (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_ne, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR >= (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_ge, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR > (LEFTARG = rate, RIGHTARG = rate, FUNCTION = rate_gt, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);

COMMENT ON FUNCTION rate_lt(rate, rate) IS 'implementation of < operator';
COMMENT ON FUNCTION rate_le(rate, rate) IS 'implementation of <= operator';
COMMENT ON FUNCTION rate_eq(rate, rate) IS 'implementation of = operator';
COMMENT ON FUNCTION rate_ne(rate, rate) IS 'implementation of <> operator';
COMMENT ON FUNCTION rate_ge(rate, rate) IS 'implementation of >= operator';
COMMENT ON FUNCTION rate_gt(rate, rate) IS 'implementation of > operator';
COMMENT ON FUNCTION rate_cmp(rate, rate) IS 'before, same, after: -1, 0, 1; ordered by successes / trials, those without trials last; equal values by trials';
COMMENT ON FUNCTION rate_hash(rate) IS 'hash of a rate, 32 bits';
COMMENT ON FUNCTION rate_hash_extended(rate, bigint) IS 'hash of a rate with a seed, 64 bits';

COMMENT ON OPERATOR < (rate, rate) IS 'is before: ordered by successes / trials, those without trials last; equal values by trials';
COMMENT ON OPERATOR <= (rate, rate) IS 'is before or equal: ordered by successes / trials, those without trials last; equal values by trials';
COMMENT ON OPERATOR = (rate, rate) IS 'both successes and trials are equal';
COMMENT ON OPERATOR <> (rate, rate) IS 'not both successes and trials are equal';
COMMENT ON OPERATOR >= (rate, rate) IS 'is after or equal: ordered by successes / trials, those without trials last; equal values by trials';
COMMENT ON OPERATOR > (rate, rate) IS 'is after: ordered by successes / trials, those without trials last; equal values by trials';

CREATE OPERATOR CLASS rate_ops DEFAULT FOR TYPE rate USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 rate_cmp(rate, rate);
CREATE OPERATOR CLASS rate_ops DEFAULT FOR TYPE rate USING hash AS
    OPERATOR 1 =, FUNCTION 1 rate_hash(rate), FUNCTION 2 rate_hash_extended(rate, bigint);
COMMENT ON OPERATOR FAMILY rate_ops USING btree IS 'order of rate';
COMMENT ON OPERATOR CLASS rate_ops USING btree IS 'order of rate: by successes / trials, those without trials last; equal values by trials';
COMMENT ON OPERATOR FAMILY rate_ops USING hash IS 'equality of rate';
COMMENT ON OPERATOR CLASS rate_ops USING hash IS 'equality of rate: both successes and trials are equal';
