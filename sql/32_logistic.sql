-- logistic regression: from an aggregate that puts equal rows together to a model that is a value.
--
-- logistic_data holds rows of numbers; 36_logistic_cases puts features of all kinds on top.

CREATE TYPE logistic_data;
CREATE FUNCTION logistic_data_in(cstring) RETURNS logistic_data
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_data_in';
CREATE FUNCTION logistic_data_out(logistic_data) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_data_out';
CREATE FUNCTION logistic_data_recv(internal) RETURNS logistic_data
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_data_recv';
CREATE FUNCTION logistic_data_send(logistic_data) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_data_send';
CREATE TYPE logistic_data (INPUT = logistic_data_in, OUTPUT = logistic_data_out, RECEIVE = logistic_data_recv, SEND = logistic_data_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION logistic_data_in(cstring) IS 'input of logistic_data: JSON, {"features": how many, "rows": [[[x, ...], true, false], ...]} with the weights of the outcomes true and false of each row; 22P02 for anything else';
COMMENT ON FUNCTION logistic_data_out(logistic_data) IS 'output of logistic_data: JSON, {"features": how many, "rows": [[[x, ...], true, false], ...]} with the weights of the outcomes true and false of each row, sorted';
COMMENT ON FUNCTION logistic_data_recv(internal) IS 'binary input of logistic_data: version (int1), width (int4), number of entries (int4), and of each entry its features (float8 each) and its sums, whole and trillionths (int8, int8); 22P03 for what logistic_data_send cannot have sent';
COMMENT ON FUNCTION logistic_data_send(logistic_data) IS 'binary output of logistic_data: as logistic_data_recv reads it, in network order';
COMMENT ON TYPE logistic_data IS
    'different rows of features, each with the weights of its outcomes true and false; made by logistic_agg. Its text is JSON';

-- not strict: NULL on either side counts as nothing
CREATE FUNCTION logistic_data_plus(logistic_data, logistic_data) RETURNS logistic_data
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_plus';
CREATE FUNCTION logistic_data_final(logistic_data) RETURNS logistic_data
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_final';
COMMENT ON FUNCTION logistic_data_plus(logistic_data, logistic_data) IS 'unites two states; transition and combine function of aggregates; NULL counts as nothing';
COMMENT ON FUNCTION logistic_data_final(logistic_data) IS 'result of aggregates: sorted, without free space';
CREATE AGGREGATE rollup(logistic_data) (
    SFUNC = logistic_data_plus, STYPE = logistic_data, FINALFUNC = logistic_data_final, COMBINEFUNC = logistic_data_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(logistic_data) IS 'unites stored states, without NULLs; NULL when there is none. Raises 22003 for sums of 10^15 or more, 54000 beyond 1 GB';

CREATE FUNCTION logistic_agg_add(logistic_data, boolean, float8[], float8) RETURNS logistic_data
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_agg_add';
COMMENT ON FUNCTION logistic_agg_add(logistic_data, boolean, float8[], float8) IS 'transition of logistic_agg';
CREATE AGGREGATE logistic_agg(outcome boolean, features float8[], weight float8) (
    SFUNC = logistic_agg_add, STYPE = logistic_data, FINALFUNC = logistic_data_final, COMBINEFUNC = logistic_data_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE logistic_agg(boolean, float8[], float8) IS
    'rows for logistic_fit, equal ones put together: features without a constant, with a weight (1 for a row that counts once). Nothing where outcome, features or weight is NULL; NULL when there is nothing. Raises 22004 for a NULL among the features, 22023 for other than finite numbers, for rows with different numbers of features, and for a weight that is negative or not finite; 54000 beyond 1 GB';

CREATE TYPE logistic_model AS (
    coefficients float8[], standard_errors float8[], z_values float8[], p_values float8[], odds_ratios float8[], names text[], means float8[],
    log_likelihood float8, null_log_likelihood float8, saturated_log_likelihood float8, weight_true float8, weight_false float8, distinct_rows bigint,
    l2 float8, iterations integer, converged boolean, status text);
COMMENT ON TYPE logistic_model IS
    'a fitted logistic regression. Arrays begin with the constant, but names and means, which have one element for each feature. Standard errors, z values (coefficient / standard error) and two-sided p values are NULL where there are none: without convergence, for the offset, and for a feature that was left out. Log-likelihoods: of the model, of the constant alone, of a model with a parameter for each different row. Status says in words what came of the fit';

CREATE FUNCTION logistic_fit(data logistic_data, l2 float8 DEFAULT 0, names text[] DEFAULT NULL, offset_feature integer DEFAULT NULL) RETURNS logistic_model
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME', 'dupex_logistic_fit_data';
COMMENT ON FUNCTION logistic_fit(logistic_data, float8, text[], integer) IS
    'logistic regression with a constant, by maximum likelihood less l2 / 2 times the squares of the coefficients but the constant; names of the features for messages and reasons; offset_feature: place of a feature whose coefficient is 1. With l2 > 0 the standard errors, z and p values are Wald''s with the second derivatives of the penalised likelihood, that is of a fit in which each coefficient is expected to be about 0, with a variance of 1 / l2; they are no confidence statement on the coefficients of a fit without penalty, from which these are drawn away. Separation, dependent features (left out, coefficient 0) and outcomes that are all the same (no coefficients) are told by converged and status, not raised. NULL when data or l2 is. Raises 22023 for a negative l2, names that are not one for each feature, an offset_feature that there is not; 54000 for more than 2^29 numbers';

CREATE FUNCTION logistic_score(model logistic_model, features float8[]) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_logistic_score';
COMMENT ON FUNCTION logistic_score(logistic_model, float8[]) IS
    'probability of the outcome, from 0 to 1; NULL when the model has no coefficients. Raises 22023 when the number of features is not that of the model, 22004 for a NULL among them';

CREATE FUNCTION logistic_log_odds(model logistic_model, features float8[]) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_logistic_log_odds';
COMMENT ON FUNCTION logistic_log_odds(logistic_model, float8[]) IS
    'natural logarithm of the odds, score / (1 - score): the sum of the contributions of logistic_reasons, exactly. Errors as logistic_score';

CREATE FUNCTION logistic_reasons(model logistic_model, features float8[], OUT feature text, OUT value float8, OUT contribution float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 10 AS 'MODULE_PATHNAME', 'dupex_logistic_reasons';
COMMENT ON FUNCTION logistic_reasons(logistic_model, float8[]) IS
    'why the score is what it is: coefficient * (value - mean) of each feature, above 0 for, below 0 against; the row without a feature is the average case. Contributions are multiples of 2^-32, so sum(contribution) = logistic_log_odds(...) exactly. Errors as logistic_score';

CREATE FUNCTION logistic_coefficients(model logistic_model,
    OUT feature text, OUT coefficient float8, OUT standard_error float8, OUT z_value float8, OUT p_value float8, OUT odds_ratio float8, OUT lower float8, OUT upper float8) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10
BEGIN ATOMIC
    SELECT CASE WHEN no = 1 THEN '(constant)' ELSE coalesce((model).names[no - 1], 'feature ' || no - 1) END, b, s, z, p, o, exp(b - 1.959963984540054 * s), exp(b + 1.959963984540054 * s)
      FROM ROWS FROM (unnest((model).coefficients), unnest((model).standard_errors), unnest((model).z_values), unnest((model).p_values), unnest((model).odds_ratios)) WITH ORDINALITY u (b, s, z, p, o, no)
     ORDER BY no;
END;
COMMENT ON FUNCTION logistic_coefficients(logistic_model) IS 'the model as rows, the constant first; lower and upper: 95 % limits of the odds ratio (Wald). Of a fit with l2 > 0 they are no confidence limits, see logistic_fit()';
