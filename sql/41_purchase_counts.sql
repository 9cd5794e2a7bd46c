-- purchase_counts: the customers of a model, as distinct (frequency, recency, age) with weights.
--
-- One state serves all models of purchases. Rows come in any order and by any plan; the state,
-- and so every fit, is the same to the last bit.

CREATE TYPE purchase_counts;
CREATE FUNCTION purchase_counts_in(cstring) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_in';
CREATE FUNCTION purchase_counts_out(purchase_counts) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_out';
CREATE FUNCTION purchase_counts_recv(internal) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_recv';
CREATE FUNCTION purchase_counts_send(purchase_counts) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_send';
CREATE TYPE purchase_counts (INPUT = purchase_counts_in, OUTPUT = purchase_counts_out, RECEIVE = purchase_counts_recv, SEND = purchase_counts_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION purchase_counts_in(cstring) IS 'input of purchase_counts: {frequency recency age weight, ...}, in any order; 22P02 for anything else';
COMMENT ON FUNCTION purchase_counts_out(purchase_counts) IS 'output of purchase_counts: {frequency recency age weight, ...}, in order, exactly, and how many rows were left out, where some were';
COMMENT ON FUNCTION purchase_counts_recv(internal) IS 'binary input of purchase_counts: version, rows left out, rows; 22P03 for what purchase_counts_send cannot have sent';
COMMENT ON FUNCTION purchase_counts_send(purchase_counts) IS 'binary output of purchase_counts: version int1, rows with a NULL int8, impossible rows int8, number of rows int4; of each frequency int4, recency float8, age float8, weight int8 and int4 (units of 2^-32)';
COMMENT ON TYPE purchase_counts IS
    'customers for models of purchases: the distinct (frequency, recency, age) in order, with the number of customers of each; 32 bytes a row, up to one gigabyte; written {0 0 39 1220, 1 2.6 39 58}';

-- not strict: a row with a NULL is left out and counted
CREATE FUNCTION purchase_counts_add(purchase_counts, float8, float8, float8, float8) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_add';
CREATE FUNCTION purchase_counts_add_possible(purchase_counts, float8, float8, float8, float8) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_add_possible';
CREATE FUNCTION purchase_counts_combine(purchase_counts, purchase_counts) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_combine';
CREATE FUNCTION purchase_counts_final(purchase_counts) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_final';
COMMENT ON FUNCTION purchase_counts_add(purchase_counts, float8, float8, float8, float8) IS 'transition of purchase_counts_agg';
COMMENT ON FUNCTION purchase_counts_add_possible(purchase_counts, float8, float8, float8, float8) IS 'transition of purchase_counts_possible_agg';
COMMENT ON FUNCTION purchase_counts_combine(purchase_counts, purchase_counts) IS 'transition of rollup, combine function of the aggregates';
COMMENT ON FUNCTION purchase_counts_final(purchase_counts) IS 'final function of the aggregates: brings the rows into their order; NULL when there is none';

CREATE AGGREGATE purchase_counts_agg(frequency float8, recency float8, age float8, weight float8) (
    SFUNC = purchase_counts_add, STYPE = purchase_counts, COMBINEFUNC = purchase_counts_combine, FINALFUNC = purchase_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE purchase_counts_agg(float8, float8, float8, float8) IS
    'collects customers: frequency = number of repeat purchases, recency = time from the first to the last purchase, age = time from the first purchase to the end of observation, weight = number of such customers (1 for a row a customer; kept in units of 2^-32). A row with a NULL is left out and counted; NULL when there is no row. Raises 22023 for a customer who cannot be (recency after age, frequency 0 with a recency, a repeat purchase at recency 0, negative, fractional frequency, NaN) and 54000 beyond one gigabyte';

CREATE AGGREGATE purchase_counts_possible_agg(frequency float8, recency float8, age float8, weight float8) (
    SFUNC = purchase_counts_add_possible, STYPE = purchase_counts, COMBINEFUNC = purchase_counts_combine, FINALFUNC = purchase_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE purchase_counts_possible_agg(float8, float8, float8, float8) IS
    'as purchase_counts_agg, but a customer who cannot be is left out and counted, not an error: see purchase_counts_skipped';

CREATE AGGREGATE rollup(purchase_counts) (
    SFUNC = purchase_counts_combine, STYPE = purchase_counts, COMBINEFUNC = purchase_counts_combine, FINALFUNC = purchase_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(purchase_counts) IS 'puts the customers of several purchase_counts together, without NULLs; NULL when there is none';

CREATE FUNCTION purchase_counts_customers(counts purchase_counts) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_customers';
COMMENT ON FUNCTION purchase_counts_customers(purchase_counts) IS 'the number of customers: the sum of the weights';

CREATE FUNCTION purchase_counts_skipped(counts purchase_counts, OUT nulls bigint, OUT impossible bigint)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_counts_skipped';
COMMENT ON FUNCTION purchase_counts_skipped(purchase_counts) IS 'how many rows were left out: because something was NULL, and because they cannot be';

CREATE FUNCTION purchase_counts_rows(counts purchase_counts, OUT frequency float8, OUT recency float8, OUT age float8, OUT weight float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10000 AS 'MODULE_PATHNAME', 'dupex_purchase_counts_rows';
COMMENT ON FUNCTION purchase_counts_rows(purchase_counts) IS 'the distinct rows in order, with their weights';

CREATE FUNCTION purchase_is_possible(frequency float8, recency float8, age float8) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_is_possible';
COMMENT ON FUNCTION purchase_is_possible(float8, float8, float8) IS
    'whether a customer can be: all finite, 0 <= recency <= age, frequency a whole number, recency above 0 exactly when frequency is. Models raise 22023 for others';
