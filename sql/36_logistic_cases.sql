-- logistic regression on features of all kinds: numbers, words, several values, missing ones.
--
-- Cases are collected as they are; what becomes a column of the regression is decided by
-- logistic_fit, when all of them are there, and kept with the model.

CREATE TYPE logistic_cases;
CREATE FUNCTION logistic_cases_in(cstring) RETURNS logistic_cases
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_cases_in';
CREATE FUNCTION logistic_cases_out(logistic_cases) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_cases_out';
CREATE FUNCTION logistic_cases_recv(internal) RETURNS logistic_cases
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_cases_recv';
CREATE FUNCTION logistic_cases_send(logistic_cases) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_cases_send';
CREATE TYPE logistic_cases (INPUT = logistic_cases_in, OUTPUT = logistic_cases_out, RECEIVE = logistic_cases_recv, SEND = logistic_cases_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION logistic_cases_in(cstring) IS 'input of logistic_cases: JSON, [[[[feature, value], ...], true, false], ...] with the weights of the outcomes true and false of each case; 22P02 for anything else';
COMMENT ON FUNCTION logistic_cases_out(logistic_cases) IS 'output of logistic_cases: JSON, [[[[feature, value], ...], true, false], ...] with the weights of the outcomes true and false of each case, sorted';
COMMENT ON FUNCTION logistic_cases_recv(internal) IS 'binary input of logistic_cases: version (int1), width (int4), number of entries (int4), and of each entry its number of values (int4) and of each 1 for a number or 0 for a string (int1), feature and value as texts with their lengths and its sums, whole and trillionths (int8, int8); 22P03 for what logistic_cases_send cannot have sent';
COMMENT ON FUNCTION logistic_cases_send(logistic_cases) IS 'binary output of logistic_cases: as logistic_cases_recv reads it, in network order';
COMMENT ON TYPE logistic_cases IS
    'different cases, each with its features and the weights of its outcomes true and false; made by logistic_case_agg. Its text is JSON';

-- not strict: NULL on either side counts as nothing
CREATE FUNCTION logistic_cases_plus(logistic_cases, logistic_cases) RETURNS logistic_cases
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_plus';
CREATE FUNCTION logistic_cases_final(logistic_cases) RETURNS logistic_cases
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_tally_final';
COMMENT ON FUNCTION logistic_cases_plus(logistic_cases, logistic_cases) IS 'unites two states; transition and combine function of aggregates; NULL counts as nothing';
COMMENT ON FUNCTION logistic_cases_final(logistic_cases) IS 'result of aggregates: sorted, without free space';
CREATE AGGREGATE rollup(logistic_cases) (
    SFUNC = logistic_cases_plus, STYPE = logistic_cases, FINALFUNC = logistic_cases_final, COMBINEFUNC = logistic_cases_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(logistic_cases) IS 'unites stored states, without NULLs; NULL when there is none. Raises 22003 for sums of 10^15 or more, 54000 beyond 1 GB';

CREATE FUNCTION logistic_case_agg_add(logistic_cases, boolean, jsonb, float8) RETURNS logistic_cases
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_logistic_case_agg_add';
COMMENT ON FUNCTION logistic_case_agg_add(logistic_cases, boolean, jsonb, float8) IS 'transition of logistic_case_agg';
CREATE AGGREGATE logistic_case_agg(outcome boolean, features jsonb, weight float8) (
    SFUNC = logistic_case_agg_add, STYPE = logistic_cases, FINALFUNC = logistic_cases_final, COMBINEFUNC = logistic_cases_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE logistic_case_agg(boolean, jsonb, float8) IS
    'cases for logistic_fit, equal ones put together. Features as for naive_bayes_agg: {"source": "web", "visits": 3, "tags": ["a", "b"]}. Nothing where outcome or weight is NULL; NULL when there is nothing. Raises 22023 for nested features and for a weight that is negative or not finite, 22003 for numbers beyond double precision, 54000 beyond 1 GB';

CREATE TYPE logistic_case_model AS (model logistic_model, features text[], kinds text[], feature_values text[], means float8[], deviations float8[]);
COMMENT ON TYPE logistic_case_model IS
    'a logistic regression on features of all kinds: the model of its columns, and the terms in order, each with feature, kind and value. Kinds: number (its column is the difference from the mean in standard deviations), value (1 where the feature has it), reference (the most frequent value, without a column), member (as value, of a feature that may have several), missing (1 where there is no value)';

CREATE FUNCTION logistic_fit(cases logistic_cases, l2 float8 DEFAULT 1) RETURNS logistic_case_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME', 'dupex_logistic_fit_cases';
COMMENT ON FUNCTION logistic_fit(logistic_cases, float8) IS
    'logistic regression on features of all kinds. Numbers are standardised; values of other features are compared with the most frequent one; what is missing is a value of its own. l2 is 1 by default, so that rare values do not run away; with 0 it is maximum likelihood. Standard errors and p values with l2 > 0 are those of the penalised fit and no confidence statement, as logistic_fit(logistic_data) says. What came of it is in (model).status, see logistic_fit(logistic_data). Raises 22023 for a negative l2, 54000 for more than 2000 values or 2^29 numbers';

CREATE FUNCTION logistic_score(model logistic_case_model, features jsonb) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_logistic_case_score';
COMMENT ON FUNCTION logistic_score(logistic_case_model, jsonb) IS
    'probability of the outcome, from 0 to 1; a value that no case of the fit had says nothing; NULL when the model has no coefficients. Raises 22023 for nested features';

CREATE FUNCTION logistic_log_odds(model logistic_case_model, features jsonb) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_logistic_case_log_odds';
COMMENT ON FUNCTION logistic_log_odds(logistic_case_model, jsonb) IS
    'natural logarithm of the odds, score / (1 - score): the sum of the contributions of logistic_reasons, exactly. Errors as logistic_score';

CREATE FUNCTION logistic_reasons(model logistic_case_model, features jsonb, OUT feature text, OUT value text, OUT contribution float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 10 AS 'MODULE_PATHNAME', 'dupex_logistic_case_reasons';
COMMENT ON FUNCTION logistic_reasons(logistic_case_model, jsonb) IS
    'why the score is what it is: what each feature of the model adds to the log-odds against an average case, whose log-odds are the row without a feature; value is NULL where the case lacks it. Contributions are multiples of 2^-32, so sum(contribution) = logistic_log_odds(...) exactly. Errors as logistic_score';

CREATE FUNCTION logistic_coefficients(model logistic_case_model,
    OUT feature text, OUT coefficient float8, OUT standard_error float8, OUT z_value float8, OUT p_value float8, OUT odds_ratio float8, OUT lower float8, OUT upper float8) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10
BEGIN ATOMIC
    SELECT * FROM logistic_coefficients((model).model);
END;
COMMENT ON FUNCTION logistic_coefficients(logistic_case_model) IS 'the model as rows, the constant first; of a number, the coefficient is that of one standard deviation; lower and upper: 95 % limits of the odds ratio (Wald). Of a fit with l2 > 0 they are no confidence limits, see logistic_fit()';
