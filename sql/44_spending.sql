-- The gamma-gamma model: what an order of a customer is worth.
--
-- The values of one customer's purchases vary around a mean of her own, and these means vary over the
-- customers; how often she buys says nothing of how much. Only repeat purchases count.

CREATE TYPE spend_counts;
CREATE FUNCTION spend_counts_in(cstring) RETURNS spend_counts
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_in';
CREATE FUNCTION spend_counts_out(spend_counts) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_out';
CREATE FUNCTION spend_counts_recv(internal) RETURNS spend_counts
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_recv';
CREATE FUNCTION spend_counts_send(spend_counts) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_send';
CREATE TYPE spend_counts (INPUT = spend_counts_in, OUTPUT = spend_counts_out, RECEIVE = spend_counts_recv, SEND = spend_counts_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION spend_counts_in(cstring) IS 'input of spend_counts: {frequency mean_value weight, ...}, in order; 22P02 for anything else';
COMMENT ON FUNCTION spend_counts_out(spend_counts) IS 'output of spend_counts: {frequency mean_value weight, ...}, in order, exactly, and how many rows were left out, where some were';
COMMENT ON FUNCTION spend_counts_recv(internal) IS 'binary input of spend_counts: version, rows left out, rows; 22P03 for what spend_counts_send cannot have sent';
COMMENT ON FUNCTION spend_counts_send(spend_counts) IS 'binary output of spend_counts: version int1, rows with a NULL int8, number of rows int4; of each frequency int4, mean value float8, weight int8 and int4 (units of 2^-32)';
COMMENT ON TYPE spend_counts IS
    'repeat customers for the model of spending: the distinct (frequency, mean value) in order, with the number of customers of each; 24 bytes a row, up to one gigabyte; written {1 15.06 1, 2 8.48 3}. A row 0 0 counts repeat customers whose purchases had no value';

-- not strict: a row with a NULL is left out and counted
CREATE FUNCTION spend_counts_add(spend_counts, float8, float8, float8) RETURNS spend_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_add';
CREATE FUNCTION spend_counts_combine(spend_counts, spend_counts) RETURNS spend_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_combine';
CREATE FUNCTION spend_counts_final(spend_counts) RETURNS spend_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_final';
COMMENT ON FUNCTION spend_counts_add(spend_counts, float8, float8, float8) IS 'transition of gamma_gamma_agg';
COMMENT ON FUNCTION spend_counts_combine(spend_counts, spend_counts) IS 'transition of rollup, combine function of the aggregates';
COMMENT ON FUNCTION spend_counts_final(spend_counts) IS 'final function of the aggregates: brings the rows into their order; NULL when there is none';

CREATE AGGREGATE gamma_gamma_agg(frequency float8, mean_value float8, weight float8) (
    SFUNC = spend_counts_add, STYPE = spend_counts, COMBINEFUNC = spend_counts_combine, FINALFUNC = spend_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE gamma_gamma_agg(float8, float8, float8) IS
    'collects repeat customers: frequency = number of repeat purchases, mean_value = their mean value, weight = number of such customers (1 for a row a customer; kept in units of 2^-32). A customer without repeat purchases does not count; one whose repeat purchases had no value, or a negative one, is counted apart (spend_counts_without_value). Another row with a NULL is left out and counted; NULL when there is no row. Raises 22023 for a frequency that is negative or no whole number, NaN and infinity, and 54000 beyond one gigabyte';

CREATE AGGREGATE rollup(spend_counts) (
    SFUNC = spend_counts_combine, STYPE = spend_counts, COMBINEFUNC = spend_counts_combine, FINALFUNC = spend_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(spend_counts) IS 'puts the customers of several spend_counts together, without NULLs; NULL when there is none';

CREATE FUNCTION spend_counts_customers(counts spend_counts) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_customers';
COMMENT ON FUNCTION spend_counts_customers(spend_counts) IS
    'the number of customers that a model is fitted to: those with repeat purchases of a value above 0';

CREATE FUNCTION spend_counts_without_value(counts spend_counts) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_without_value';
COMMENT ON FUNCTION spend_counts_without_value(spend_counts) IS
    'the number of customers left out because their repeat purchases had no value, or a negative one';

CREATE FUNCTION spend_counts_nulls(counts spend_counts) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_spend_counts_nulls';
COMMENT ON FUNCTION spend_counts_nulls(spend_counts) IS
    'how many rows were left out because something was NULL';

-- the model

CREATE TYPE gamma_gamma_model AS (p float8, q float8, gamma float8, log_likelihood float8, customers float8, status text, iterations integer, gradient_norm float8,
    unit text, aic float8, bic float8, standard_errors float8[]);
COMMENT ON TYPE gamma_gamma_model IS
    'a fitted gamma-gamma model: parameters p, q, gamma (gamma in money); log-likelihood; number of customers; status: converged, or boundary or not identifiable with the reason, or not converged; iterations; largest derivative of the log-likelihood by the logarithm of a parameter, a customer; unit (NULL: it has none); AIC, BIC; standard errors of p, q, gamma, NULL where the maximum is at a boundary';

CREATE FUNCTION gamma_gamma_fit(counts spend_counts) RETURNS gamma_gamma_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'dupex_gamma_gamma_sql_fit';
COMMENT ON FUNCTION gamma_gamma_fit(spend_counts) IS
    'fits the gamma-gamma model by maximum likelihood. Never fails because of the data: read status. NULL where no customer is left';

CREATE FUNCTION gamma_gamma_expected(model gamma_gamma_model, frequency float8, mean_value float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_gamma_gamma_sql_expected';
COMMENT ON FUNCTION gamma_gamma_expected(gamma_gamma_model, float8, float8) IS
    'expected value of an order of a customer with frequency repeat purchases of this mean value: between his own mean and that of all customers. With frequency 0 that of all customers, p gamma / (q - 1), whatever mean_value is. NULL where it is infinite (p frequency + q <= 1) and for a NULL. Raises 22023 for a customer who cannot be';
