-- er: an expense and a revenue that add up exactly, so that ratios can be rolled up.
--
-- Every aggregate of dupex follows the pattern of this module: the state is a type with a
-- name, text and binary forms; x_agg(raw values) makes it, rollup(x) adds up stored ones,
-- accessor functions read it.

CREATE TYPE er;
CREATE FUNCTION er_in(cstring) RETURNS er
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_in';
CREATE FUNCTION er_out(er) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_out';
CREATE FUNCTION er_recv(internal) RETURNS er
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_recv';
CREATE FUNCTION er_send(er) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_send';
CREATE TYPE er (INPUT = er_in, OUTPUT = er_out, RECEIVE = er_recv, SEND = er_send,
    INTERNALLENGTH = 24, ALIGNMENT = double);
COMMENT ON FUNCTION er_in(cstring) IS 'input of er: expense:revenue; 22P02 for anything else, 22003 for more than 18 digits before or 9 behind the point';
COMMENT ON FUNCTION er_out(er) IS 'output of er: expense:revenue, decimal numbers of which the zeros at the end are trimmed';
COMMENT ON FUNCTION er_recv(internal) IS 'binary input of er: whole and billionths of expense, then of revenue (int8, int4, int8, int4); 22P03 for what er_send cannot have sent';
COMMENT ON FUNCTION er_send(er) IS 'binary output of er: whole and billionths of expense, then of revenue (int8, int4, int8, int4), in network order';
COMMENT ON TYPE er IS
    'E:R: expense and revenue, each exact, up to 18 digits before and 9 behind the decimal point, of either sign; written 1200:4800. Sorted by the ratio';

CREATE FUNCTION er(expense numeric, revenue numeric) RETURNS er
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_construct';
COMMENT ON FUNCTION er(numeric, numeric) IS
    'an er of its two parts. Raises 22003 for NaN, infinity, more than 9 decimals, more than 18 digits before the point';

CREATE FUNCTION er_expense(er) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_get_expense';
COMMENT ON FUNCTION er_expense(er) IS 'the expense, exactly';

CREATE FUNCTION er_revenue(er) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_get_revenue';
COMMENT ON FUNCTION er_revenue(er) IS 'the revenue, exactly';

CREATE FUNCTION er_ratio(er) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_get_ratio';
COMMENT ON FUNCTION er_ratio(er) IS
    'expense / revenue as numeric''s division gives it: at least 16 significant digits, zeros at the end trimmed; NULL when the revenue is 0';

CREATE FUNCTION er_plus(er, er) RETURNS er
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_plus';
CREATE OPERATOR + (LEFTARG = er, RIGHTARG = er, FUNCTION = er_plus, COMMUTATOR = +);
COMMENT ON FUNCTION er_plus(er, er) IS 'implementation of + operator, transition and combine function of aggregates';
COMMENT ON OPERATOR + (er, er) IS 'sum of the expenses and sum of the revenues; raises 22003 beyond 18 digits before the point';

CREATE FUNCTION er_minus(er, er) RETURNS er
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_minus';
CREATE OPERATOR - (LEFTARG = er, RIGHTARG = er, FUNCTION = er_minus);
COMMENT ON FUNCTION er_minus(er, er) IS 'implementation of - operator, inverse transition of rollup(er)';
COMMENT ON OPERATOR - (er, er) IS 'difference of the expenses and of the revenues; raises 22003 beyond 18 digits before the point';

-- not strict: a row may have an expense and no revenue, or the other way round
CREATE FUNCTION er_agg_add(er, numeric, numeric) RETURNS er
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_er_agg_add';
COMMENT ON FUNCTION er_agg_add(er, numeric, numeric) IS 'transition of er_agg';
CREATE AGGREGATE er_agg(expense numeric, revenue numeric) (
    SFUNC = er_agg_add, STYPE = er, COMBINEFUNC = er_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE er_agg(numeric, numeric) IS
    'adds up expense and revenue exactly. NULL counts as nothing; NULL when no row has either. Raises 22003 for NaN, infinity, more than 9 decimals, more than 18 digits before the point';

CREATE AGGREGATE rollup(er) (
    SFUNC = er_plus, STYPE = er, COMBINEFUNC = er_plus, PARALLEL = SAFE,
    MSFUNC = er_plus, MINVFUNC = er_minus, MSTYPE = er);
COMMENT ON AGGREGATE rollup(er) IS 'adds up ers exactly, without NULLs; NULL when there is none. Raises 22003 beyond 18 digits before the point';

-- comparison

CREATE FUNCTION er_lt(er, er) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_lt';
CREATE FUNCTION er_le(er, er) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_le';
CREATE FUNCTION er_eq(er, er) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_eq';
CREATE FUNCTION er_ne(er, er) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_ne';
CREATE FUNCTION er_ge(er, er) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_ge';
CREATE FUNCTION er_gt(er, er) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_gt';
CREATE FUNCTION er_cmp(er, er) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_cmp';
CREATE FUNCTION er_hash(er) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_hash';
CREATE FUNCTION er_hash_extended(er, bigint) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'dupex_er_hash_extended';

CREATE OPERATOR < (LEFTARG = er, RIGHTARG = er, FUNCTION = er_lt, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (LEFTARG = er, RIGHTARG = er, FUNCTION = er_le, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR = (LEFTARG = er, RIGHTARG = er, FUNCTION = er_eq, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR <> (LEFTARG = er, RIGHTARG = er, FUNCTION = er_ne, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR >= (LEFTARG = er, RIGHTARG = er, FUNCTION = er_ge, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR > (LEFTARG = er, RIGHTARG = er, FUNCTION = er_gt, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);

COMMENT ON FUNCTION er_lt(er, er) IS 'implementation of < operator';
COMMENT ON FUNCTION er_le(er, er) IS 'implementation of <= operator';
COMMENT ON FUNCTION er_eq(er, er) IS 'implementation of = operator';
COMMENT ON FUNCTION er_ne(er, er) IS 'implementation of <> operator';
COMMENT ON FUNCTION er_ge(er, er) IS 'implementation of >= operator';
COMMENT ON FUNCTION er_gt(er, er) IS 'implementation of > operator';
COMMENT ON FUNCTION er_cmp(er, er) IS 'before, same, after: -1, 0, 1; ordered by expense / revenue, those without revenue last; equal ratios by expense, then revenue';
COMMENT ON FUNCTION er_hash(er) IS 'hash of an er, 32 bits';
COMMENT ON FUNCTION er_hash_extended(er, bigint) IS 'hash of an er with a seed, 64 bits';

COMMENT ON OPERATOR < (er, er) IS 'is before: ordered by expense / revenue, those without revenue last; equal ratios by expense, then revenue';
COMMENT ON OPERATOR <= (er, er) IS 'is before or equal: ordered by expense / revenue, those without revenue last; equal ratios by expense, then revenue';
COMMENT ON OPERATOR = (er, er) IS 'both expense and revenue are equal';
COMMENT ON OPERATOR <> (er, er) IS 'not both expense and revenue are equal';
COMMENT ON OPERATOR >= (er, er) IS 'is after or equal: ordered by expense / revenue, those without revenue last; equal ratios by expense, then revenue';
COMMENT ON OPERATOR > (er, er) IS 'is after: ordered by expense / revenue, those without revenue last; equal ratios by expense, then revenue';

CREATE OPERATOR CLASS er_ops DEFAULT FOR TYPE er USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 er_cmp(er, er);
CREATE OPERATOR CLASS er_ops DEFAULT FOR TYPE er USING hash AS
    OPERATOR 1 =, FUNCTION 1 er_hash(er), FUNCTION 2 er_hash_extended(er, bigint);
COMMENT ON OPERATOR FAMILY er_ops USING btree IS 'order of er';
COMMENT ON OPERATOR CLASS er_ops USING btree IS 'order of er: by expense / revenue, those without revenue last; equal ratios by expense, then revenue';
COMMENT ON OPERATOR FAMILY er_ops USING hash IS 'equality of er';
COMMENT ON OPERATOR CLASS er_ops USING hash IS 'equality of er: both expense and revenue are equal';
