-- Record linkage: what agreement of columns is worth, learnt from the records themselves

CREATE FUNCTION linkage_model(query text, comparators jsonb DEFAULT NULL, blocking text[] DEFAULT NULL, recall float8 DEFAULT 0.7,
    sounds regclass DEFAULT NULL, country text DEFAULT 'CN', max_block integer DEFAULT 200, max_memory integer DEFAULT 4096,
    house_query text DEFAULT NULL) RETURNS jsonb
    LANGUAGE C STABLE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'dupex_linkage_model';
COMMENT ON FUNCTION linkage_model(text, jsonb, text[], float8, regclass, text, integer, integer, text) IS
    'learns for find_duplicates(), or with house_query for find_matches() (same arguments and errors), how much the levels of each column say: the model of Fellegi and Sunter, as jsonb. status: fitted; nothing certain, collapsed (then the weights are assumed ones); not converged. message: the same as a sentence. prior_weight and the weights of levels are in bits: log2(m / u), m the share of a level among pairs of one person, u of two. Read it with linkage_weights(), linkage_thresholds(), linkage_blocking(); keep it and give it to find_duplicates() for other lists of the same columns';

CREATE FUNCTION linkage_weights(model jsonb,
    OUT column_name text, OUT comparator text, OUT level text, OUT m float8, OUT u float8, OUT weight float8) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT c.value ->> 'column', c.value ->> 'comparator', l.value ->> 'level', (l.value ->> 'm')::float8, (l.value ->> 'u')::float8, (l.value ->> 'weight')::float8
      FROM jsonb_array_elements(model -> 'columns') WITH ORDINALITY AS c (value, no),
           jsonb_array_elements(c.value -> 'levels') WITH ORDINALITY AS l (value, no)
     ORDER BY c.no, l.no;
END;
COMMENT ON FUNCTION linkage_weights(jsonb) IS
    'the levels of the columns of a model of linkage_model(), the best one first: their shares among pairs of one person (m) and of two (u), and the weight in bits of a pair that has it, before it is adjusted for rare and frequent values';

CREATE FUNCTION linkage_thresholds(model jsonb,
    OUT probability float8, OUT weight float8, OUT pairs float8, OUT false_matches float8, OUT missed float8) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 6
BEGIN ATOMIC
    SELECT t.probability, t.weight, t.pairs, t.false_matches, t.missed
      FROM jsonb_to_recordset(model -> 'thresholds') AS t (probability float8, weight float8, pairs float8, false_matches float8, missed float8)
     ORDER BY t.probability;
END;
COMMENT ON FUNCTION linkage_thresholds(jsonb) IS
    'what thresholds of probability will cost by a model of linkage_model(): pairs at or above each, how many of them are expected to be two persons (false_matches), and how many pairs of one person are expected to stay below it or to be in no block (missed). Without the adjustment for rare and frequent values';

CREATE FUNCTION linkage_blocking(model jsonb,
    OUT pass text, OUT records bigint, OUT blocks bigint, OUT pairs bigint, OUT largest_block bigint, OUT large_blocks bigint, OUT pairs_left_out bigint) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 6
BEGIN ATOMIC
    SELECT b.value ->> 'pass', (b.value ->> 'records')::bigint, (b.value ->> 'blocks')::bigint, (b.value ->> 'pairs')::bigint,
           (b.value ->> 'largest_block')::bigint, (b.value ->> 'large_blocks')::bigint, (b.value ->> 'pairs_left_out')::bigint
      FROM jsonb_array_elements(model -> 'blocking') WITH ORDINALITY AS b (value, no)
     ORDER BY b.no;
END;
COMMENT ON FUNCTION linkage_blocking(jsonb) IS
    'the passes of blocking of a model of linkage_model(): records with a key, blocks of two and more, pairs that no earlier pass had; blocks of more than max_block records, the largest block, and how many pairs of large blocks were not compared';
