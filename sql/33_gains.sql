-- gains: how well a score finds those who respond.
--
-- The state counts responders and others by score; tables of gains, lift and calibration and the
-- measures are read from it, with as many bins as wanted.

CREATE TYPE gains;
CREATE FUNCTION gains_in(cstring) RETURNS gains
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_gains_in';
CREATE FUNCTION gains_out(gains) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_gains_out';
CREATE FUNCTION gains_recv(internal) RETURNS gains
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_gains_recv';
CREATE FUNCTION gains_send(gains) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_gains_send';
CREATE TYPE gains (INPUT = gains_in, OUTPUT = gains_out, RECEIVE = gains_recv, SEND = gains_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION gains_in(cstring) IS 'input of gains: JSON, [[score, responders, others], ...], whole numbers of people; 22P02 for anything else';
COMMENT ON FUNCTION gains_out(gains) IS 'output of gains: JSON, [[score, responders, others], ...], sorted';
COMMENT ON FUNCTION gains_recv(internal) IS 'binary input of gains: version (int1), width (int4), number of entries (int4), and of each entry its score in 8 bytes that sort as the number does and its sums, whole and trillionths (int8, int8); 22P03 for what gains_send cannot have sent';
COMMENT ON FUNCTION gains_send(gains) IS 'binary output of gains: as gains_recv reads it, in network order';
COMMENT ON TYPE gains IS
    'responders and others by score; made by gains_agg. Its text is JSON';

-- not strict: NULL on either side counts as nothing
CREATE FUNCTION gains_plus(gains, gains) RETURNS gains
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_plus';
CREATE FUNCTION gains_final(gains) RETURNS gains
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_final';
COMMENT ON FUNCTION gains_plus(gains, gains) IS 'unites two states; transition and combine function of aggregates; NULL counts as nothing';
COMMENT ON FUNCTION gains_final(gains) IS 'result of aggregates: sorted, without free space';
CREATE AGGREGATE rollup(gains) (
    SFUNC = gains_plus, STYPE = gains, FINALFUNC = gains_final, COMBINEFUNC = gains_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(gains) IS 'unites stored states, without NULLs; NULL when there is none. Raises 22003 for sums of 10^15 or more, 54000 beyond 1 GB';

CREATE FUNCTION gains_agg_add(gains, float8, boolean) RETURNS gains
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_gains_agg_add';
COMMENT ON FUNCTION gains_agg_add(gains, float8, boolean) IS 'transition of gains_agg';
CREATE AGGREGATE gains_agg(score float8, outcome boolean) (
    SFUNC = gains_agg_add, STYPE = gains, FINALFUNC = gains_final, COMBINEFUNC = gains_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE gains_agg(float8, boolean) IS
    'counts responders (outcome true) and others by score. Nobody where either is NULL; NULL when there is nobody. Raises 22023 for a score that is not finite';

-- accessors

CREATE FUNCTION gains_people(gains) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_people';
COMMENT ON FUNCTION gains_people(gains) IS 'how many people have a score and an outcome';

CREATE FUNCTION gains_responders(gains) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_responders';
COMMENT ON FUNCTION gains_responders(gains) IS 'how many of them responded';

CREATE FUNCTION gains_table(gains gains, bins integer DEFAULT 10,
    OUT bin integer, OUT score_from float8, OUT score_to float8, OUT people bigint, OUT responders float8, OUT response_rate float8, OUT lift float8,
    OUT cumulative_people bigint, OUT cumulative_responders float8, OUT cumulative_response_rate float8,
    OUT share_of_people float8, OUT share_of_responders float8, OUT cumulative_lift float8, OUT ks float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'dupex_gains_table';
COMMENT ON FUNCTION gains_table(gains, integer) IS
    'gains and lift by bins of equal numbers of people (as ntile), the highest scores first; no more bins than people. Of people with equal scores a bin has its share of responders, so the order of rows does not matter. Shares are cumulative, from 0 to 1; lift is the response rate over that of all; ks is the share of the responders less the share of the others up to here. What would be divided by 0 is NULL. Raises 22023 for bins below 1 or above 1000';

CREATE FUNCTION gains_auc(gains) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_auc';
COMMENT ON FUNCTION gains_auc(gains) IS 'area under the ROC curve: the probability that a responder has a higher score than one of the others, equal scores counting half; NULL without responders or without others';

CREATE FUNCTION gains_ks(gains) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_ks';
COMMENT ON FUNCTION gains_ks(gains) IS 'statistic of Kolmogorov and Smirnov: largest difference between the shares of responders and others with at least some score, over all scores; NULL without responders or without others';
