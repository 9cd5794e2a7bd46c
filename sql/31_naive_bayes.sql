-- naive_bayes: scores from counts of won and lost outcomes by feature and value.
--
-- The state is counts, so it adds up, ages (naive_bayes_scale) and falls back on a larger one
-- (naive_bayes_blend); everything else is an argument of the score.

CREATE TYPE naive_bayes;
CREATE FUNCTION naive_bayes_in(cstring) RETURNS naive_bayes
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_naive_bayes_in';
CREATE FUNCTION naive_bayes_out(naive_bayes) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_naive_bayes_out';
CREATE FUNCTION naive_bayes_recv(internal) RETURNS naive_bayes
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_naive_bayes_recv';
CREATE FUNCTION naive_bayes_send(naive_bayes) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_naive_bayes_send';
CREATE TYPE naive_bayes (INPUT = naive_bayes_in, OUTPUT = naive_bayes_out, RECEIVE = naive_bayes_recv, SEND = naive_bayes_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION naive_bayes_in(cstring) IS 'input of naive_bayes: JSON, {"outcomes": [won, lost], "features": {feature: {value: [won, lost], ...}, ...}}; 22P02 for anything else';
COMMENT ON FUNCTION naive_bayes_out(naive_bayes) IS 'output of naive_bayes: JSON, {"outcomes": [won, lost], "features": {feature: {value: [won, lost], ...}, ...}}, sorted';
COMMENT ON FUNCTION naive_bayes_recv(internal) IS 'binary input of naive_bayes: version (int1), width (int4), number of entries (int4), and of each entry 0 for all outcomes, or 1, feature and value as texts with their lengths and its sums, whole and trillionths (int8, int8); 22P03 for what naive_bayes_send cannot have sent';
COMMENT ON FUNCTION naive_bayes_send(naive_bayes) IS 'binary output of naive_bayes: as naive_bayes_recv reads it, in network order';
COMMENT ON TYPE naive_bayes IS
    'weights of won and lost outcomes, all of them and by feature and value, exact to 12 decimals; made by naive_bayes_agg. Its text is JSON';

-- not strict: NULL on either side counts as nothing
CREATE FUNCTION naive_bayes_plus(naive_bayes, naive_bayes) RETURNS naive_bayes
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_plus';
CREATE FUNCTION naive_bayes_final(naive_bayes) RETURNS naive_bayes
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_final';
COMMENT ON FUNCTION naive_bayes_plus(naive_bayes, naive_bayes) IS 'unites two states; transition and combine function of aggregates; NULL counts as nothing';
COMMENT ON FUNCTION naive_bayes_final(naive_bayes) IS 'result of aggregates: sorted, without free space';
CREATE AGGREGATE rollup(naive_bayes) (
    SFUNC = naive_bayes_plus, STYPE = naive_bayes, FINALFUNC = naive_bayes_final, COMBINEFUNC = naive_bayes_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(naive_bayes) IS 'unites stored states, without NULLs; NULL when there is none. Raises 22003 for sums of 10^15 or more, 54000 beyond 1 GB';

CREATE FUNCTION naive_bayes_agg_add(naive_bayes, boolean, jsonb, float8) RETURNS naive_bayes
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_naive_bayes_agg_add';
COMMENT ON FUNCTION naive_bayes_agg_add(naive_bayes, boolean, jsonb, float8) IS 'transition of naive_bayes_agg';
CREATE AGGREGATE naive_bayes_agg(outcome boolean, features jsonb, weight float8) (
    SFUNC = naive_bayes_agg_add, STYPE = naive_bayes, FINALFUNC = naive_bayes_final, COMBINEFUNC = naive_bayes_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE naive_bayes_agg(boolean, jsonb, float8) IS
    'counts won (true) and lost outcomes by feature and value, with a weight (1 for a row that counts once). Features are an object, {"source": "web", "visits": 3, "tags": ["a", "b"]}, in which null is no value and an array several values, each once; or an array of words, to_jsonb(text[]), each feature=value, or a value of the feature tag. Nothing is counted where outcome or weight is NULL; NULL when there is nothing. Raises 22023 for nested features and for a weight that is negative or not finite';

CREATE FUNCTION naive_bayes_counts(model naive_bayes, OUT feature text, OUT value text, OUT won float8, OUT lost float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 50 AS 'MODULE_PATHNAME', 'dupex_naive_bayes_counts';
COMMENT ON FUNCTION naive_bayes_counts(naive_bayes) IS 'the counts, sorted by feature and value; the first row, of which feature and value are NULL, has all outcomes';

CREATE FUNCTION naive_bayes_scale(model naive_bayes, factor float8) RETURNS naive_bayes
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_naive_bayes_scale';
COMMENT ON FUNCTION naive_bayes_scale(naive_bayes, float8) IS
    'all counts times a factor, each rounded to 12 decimals: old outcomes age by rollup(naive_bayes_scale(by_month, 0.5 ^ (age / half_life))). Raises 22023 for a negative factor, 22003 for counts of 10^15 or more';

CREATE FUNCTION naive_bayes_blend(own naive_bayes, general naive_bayes, strength float8 DEFAULT 50) RETURNS naive_bayes
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_naive_bayes_blend';
COMMENT ON FUNCTION naive_bayes_blend(naive_bayes, naive_bayes, float8) IS
    'counts of a team that fall back on those of the company: own counts plus general ones scaled down to strength outcomes (as they are where they are fewer). A share of n own outcomes becomes n/(n + strength) its own and the rest the general one. NULL for either counts as nothing; NULL when both are, or strength is. Raises 22023 for a negative strength';

-- accessors

CREATE FUNCTION naive_bayes_score(model naive_bayes, features jsonb, alpha float8 DEFAULT 0.1, of_all text[] DEFAULT '{}') RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_naive_bayes_score';
COMMENT ON FUNCTION naive_bayes_score(naive_bayes, jsonb, float8, text[]) IS
    'probability of a won outcome, from 0 to 1. alpha is added to the counts of each value (0.1: as Odoo does). of_all: features of which a value is compared with all outcomes instead of with the other values; so for stages, when a row of training has all stages that were reached. A value that was never seen says nothing. Raises 22023 for nested features and for an alpha that is not positive or not below 10^15';

CREATE FUNCTION naive_bayes_log_odds(model naive_bayes, features jsonb, alpha float8 DEFAULT 0.1, of_all text[] DEFAULT '{}') RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_naive_bayes_log_odds';
COMMENT ON FUNCTION naive_bayes_log_odds(naive_bayes, jsonb, float8, text[]) IS
    'natural logarithm of the odds, score / (1 - score): the sum of the contributions of naive_bayes_reasons, exactly. Arguments and errors as naive_bayes_score';

CREATE FUNCTION naive_bayes_reasons(model naive_bayes, features jsonb, alpha float8 DEFAULT 0.1, of_all text[] DEFAULT '{}',
    OUT feature text, OUT value text, OUT contribution float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 8 AS 'MODULE_PATHNAME', 'dupex_naive_bayes_reasons';
COMMENT ON FUNCTION naive_bayes_reasons(naive_bayes, jsonb, float8, text[]) IS
    'why the score is what it is: what each value adds to the log-odds, above 0 for, below 0 against; the row without a feature is what all outcomes say. Contributions are multiples of 2^-32, so sum(contribution) = naive_bayes_log_odds(...) exactly. Arguments and errors as naive_bayes_score';
