-- source_code: the mark on one cell of one effort, as an 8-byte value
--
-- The value is a number whose order is the order of the text (src/source/code.c), so the
-- comparison, sorting and hashing functions are PostgreSQL's own for bigint.

CREATE TYPE source_code;

CREATE FUNCTION source_code_in(cstring) RETURNS source_code
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_in';
CREATE FUNCTION source_code_out(source_code) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_out';
CREATE FUNCTION source_code_recv(internal) RETURNS source_code
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_recv';
CREATE FUNCTION source_code_send(source_code) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_send';
COMMENT ON FUNCTION source_code_in(cstring) IS 'input of source_code: folds case, ignores spaces and hyphens; 22P02 for anything but 1 to 12 letters and digits';
COMMENT ON FUNCTION source_code_out(source_code) IS 'output of source_code: capitals and digits, no separators';
COMMENT ON FUNCTION source_code_recv(internal) IS 'binary input of source_code: 8 bytes as source_code_send gives them; 22P03 when they are not the number of a code';
COMMENT ON FUNCTION source_code_send(source_code) IS 'binary output of source_code: 8 bytes in network order, whose order is the order of the codes';

CREATE TYPE source_code (
    INPUT = source_code_in, OUTPUT = source_code_out,
    RECEIVE = source_code_recv, SEND = source_code_send,
    LIKE = pg_catalog.int8, CATEGORY = 'U'
);
COMMENT ON TYPE source_code IS 'source code (key code) of an effort: 1 to 12 characters 0-9A-Z in 8 bytes, ordered as text in the C collation';

-- casts: never implicit, so that a code is not taken for any text
CREATE FUNCTION source_code(code text) RETURNS source_code
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_from_text';
CREATE FUNCTION source_code_text(code source_code) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_to_text';
COMMENT ON FUNCTION source_code(text) IS 'text as source_code; 22P02 for anything but 1 to 12 letters and digits, spaces and hyphens ignored';
COMMENT ON FUNCTION source_code_text(source_code) IS 'source_code as text';
CREATE CAST (text AS source_code) WITH FUNCTION source_code(text) AS ASSIGNMENT;
CREATE CAST (source_code AS text) WITH FUNCTION source_code_text(source_code) AS ASSIGNMENT;
COMMENT ON CAST (text AS source_code) IS 'in assignments and where written; 22P02 when it is not a code';
COMMENT ON CAST (source_code AS text) IS 'in assignments and where written';

-- comparison
CREATE FUNCTION source_code_eq(source_code, source_code) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int8eq';
CREATE FUNCTION source_code_ne(source_code, source_code) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int8ne';
CREATE FUNCTION source_code_lt(source_code, source_code) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int8lt';
CREATE FUNCTION source_code_le(source_code, source_code) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int8le';
CREATE FUNCTION source_code_gt(source_code, source_code) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int8gt';
CREATE FUNCTION source_code_ge(source_code, source_code) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int8ge';
COMMENT ON FUNCTION source_code_eq(source_code, source_code) IS 'implementation of = operator';
COMMENT ON FUNCTION source_code_ne(source_code, source_code) IS 'implementation of <> operator';
COMMENT ON FUNCTION source_code_lt(source_code, source_code) IS 'implementation of < operator';
COMMENT ON FUNCTION source_code_le(source_code, source_code) IS 'implementation of <= operator';
COMMENT ON FUNCTION source_code_gt(source_code, source_code) IS 'implementation of > operator';
COMMENT ON FUNCTION source_code_ge(source_code, source_code) IS 'implementation of >= operator';

CREATE OPERATOR = (
    FUNCTION = source_code_eq, LEFTARG = source_code, RIGHTARG = source_code,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
    FUNCTION = source_code_ne, LEFTARG = source_code, RIGHTARG = source_code,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
    FUNCTION = source_code_lt, LEFTARG = source_code, RIGHTARG = source_code,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    FUNCTION = source_code_le, LEFTARG = source_code, RIGHTARG = source_code,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
    FUNCTION = source_code_gt, LEFTARG = source_code, RIGHTARG = source_code,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
    FUNCTION = source_code_ge, LEFTARG = source_code, RIGHTARG = source_code,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (source_code, source_code) IS 'same code';
COMMENT ON OPERATOR <> (source_code, source_code) IS 'different codes';
COMMENT ON OPERATOR < (source_code, source_code) IS 'before in the order of the text (C collation)';
COMMENT ON OPERATOR <= (source_code, source_code) IS 'same or before in the order of the text (C collation)';
COMMENT ON OPERATOR > (source_code, source_code) IS 'after in the order of the text (C collation)';
COMMENT ON OPERATOR >= (source_code, source_code) IS 'same or after in the order of the text (C collation)';

-- operator classes
CREATE FUNCTION source_code_cmp(source_code, source_code) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'btint8cmp';
CREATE FUNCTION source_code_sortsupport(internal) RETURNS void
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint8sortsupport';
CREATE FUNCTION source_code_hash(source_code) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint8';
CREATE FUNCTION source_code_hash_extended(source_code, seed bigint) RETURNS bigint
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint8extended';
COMMENT ON FUNCTION source_code_cmp(source_code, source_code) IS 'less than, equal, greater: -1, 0, 1 in the order of the text (C collation)';
COMMENT ON FUNCTION source_code_sortsupport(internal) IS 'sort support of btree, that of bigint';
COMMENT ON FUNCTION source_code_hash(source_code) IS 'hash of a source code, 32 bits';
COMMENT ON FUNCTION source_code_hash_extended(source_code, bigint) IS 'hash of a source code with a seed, 64 bits';

CREATE OPERATOR FAMILY source_code_ops USING btree;
CREATE OPERATOR CLASS source_code_ops DEFAULT FOR TYPE source_code USING btree FAMILY source_code_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 source_code_cmp(source_code, source_code),
    FUNCTION 2 source_code_sortsupport(internal),
    FUNCTION 4 btequalimage(oid);
CREATE OPERATOR FAMILY source_code_ops USING hash;
CREATE OPERATOR CLASS source_code_ops DEFAULT FOR TYPE source_code USING hash FAMILY source_code_ops AS
    OPERATOR 1 =,
    FUNCTION 1 source_code_hash(source_code),
    FUNCTION 2 source_code_hash_extended(source_code, bigint);
CREATE OPERATOR FAMILY source_code_minmax_ops USING brin;
CREATE OPERATOR CLASS source_code_minmax_ops DEFAULT FOR TYPE source_code USING brin FAMILY source_code_minmax_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 brin_minmax_opcinfo(internal),
    FUNCTION 2 brin_minmax_add_value(internal, internal, internal, internal),
    FUNCTION 3 brin_minmax_consistent(internal, internal, internal),
    FUNCTION 4 brin_minmax_union(internal, internal, internal);
COMMENT ON OPERATOR FAMILY source_code_ops USING btree IS 'order of source codes';
COMMENT ON OPERATOR CLASS source_code_ops USING btree IS 'order of source codes; serves prefix (^@) and pattern (^~) search too';
COMMENT ON OPERATOR FAMILY source_code_ops USING hash IS 'equality of source codes';
COMMENT ON OPERATOR CLASS source_code_ops USING hash IS 'equality of source codes';
COMMENT ON OPERATOR FAMILY source_code_minmax_ops USING brin IS 'lowest and highest source code of a block range';
COMMENT ON OPERATOR CLASS source_code_minmax_ops USING brin IS 'lowest and highest source code of a block range; serves prefix (^@) and pattern (^~) search too';

-- lowest and highest
CREATE FUNCTION source_code_smaller(source_code, source_code) RETURNS source_code
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8smaller';
CREATE FUNCTION source_code_larger(source_code, source_code) RETURNS source_code
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8larger';
COMMENT ON FUNCTION source_code_smaller(source_code, source_code) IS 'the first of two codes in the order of the text; step of min(source_code)';
COMMENT ON FUNCTION source_code_larger(source_code, source_code) IS 'the last of two codes in the order of the text; step of max(source_code)';

-- The names are those of the built-ins on purpose: min and max of a type are found by these
-- names, in every SQL dialect and tool. The state is the type itself.
CREATE AGGREGATE min(source_code) (
    SFUNC = source_code_smaller, STYPE = source_code, COMBINEFUNC = source_code_smaller,
    SORTOP = <, PARALLEL = SAFE
);
CREATE AGGREGATE max(source_code) (
    SFUNC = source_code_larger, STYPE = source_code, COMBINEFUNC = source_code_larger,
    SORTOP = >, PARALLEL = SAFE
);
COMMENT ON AGGREGATE min(source_code) IS 'the first code in the order of the text, NULL when there is none; uses a btree index';
COMMENT ON AGGREGATE max(source_code) IS 'the last code in the order of the text, NULL when there is none; uses a btree index';

-- search by prefix and by pattern
CREATE FUNCTION source_code_starts_with_support(internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_starts_with_support';
CREATE FUNCTION source_code_matches_support(internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_code_matches_support';
CREATE FUNCTION source_code_starts_with(code source_code, prefix text) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT source_code_starts_with_support
    AS 'MODULE_PATHNAME', 'dupex_source_code_starts_with';
CREATE FUNCTION source_code_matches(code source_code, pattern text) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT source_code_matches_support
    AS 'MODULE_PATHNAME', 'dupex_source_code_matches';
COMMENT ON FUNCTION source_code_starts_with_support(internal) IS 'planner support of ^@: an index condition';
COMMENT ON FUNCTION source_code_matches_support(internal) IS 'planner support of ^~: an index condition for what is before the first wildcard';
COMMENT ON FUNCTION source_code_starts_with(source_code, text) IS 'whether the code begins with the prefix, read like a code; operator ^@; 22023 for characters that no code has';
COMMENT ON FUNCTION source_code_matches(source_code, text) IS 'whether the whole code matches the pattern: ? one character, * any number of them; operator ^~; 22023 for characters that no pattern has';

CREATE OPERATOR ^@ (
    FUNCTION = source_code_starts_with, LEFTARG = source_code, RIGHTARG = text,
    RESTRICT = matchingsel, JOIN = matchingjoinsel
);
CREATE OPERATOR ^~ (
    FUNCTION = source_code_matches, LEFTARG = source_code, RIGHTARG = text,
    RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR ^@ (source_code, text) IS 'code begins with the prefix; uses a btree or BRIN index';
COMMENT ON OPERATOR ^~ (source_code, text) IS 'code matches the pattern, ? one character, * the rest; uses a btree or BRIN index for what is before the first wildcard';
