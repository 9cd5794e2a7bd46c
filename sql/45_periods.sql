-- Models whose time is counted in periods: BG/BB for orders that can happen once a period, such as
-- donations to a yearly appeal, and sBG for contracts that are renewed or not.

-- BG/BB: orders that can happen once a period

-- not strict: a row with a NULL is left out and counted
CREATE FUNCTION bgbb_counts_add(purchase_counts, integer, integer, integer, float8) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_bgbb_counts_add';
CREATE FUNCTION bgbb_counts_add_possible(purchase_counts, integer, integer, integer, float8) RETURNS purchase_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_bgbb_counts_add_possible';
COMMENT ON FUNCTION bgbb_counts_add(purchase_counts, integer, integer, integer, float8) IS 'transition of bgbb_agg';
COMMENT ON FUNCTION bgbb_counts_add_possible(purchase_counts, integer, integer, integer, float8) IS 'transition of bgbb_possible_agg';
CREATE AGGREGATE bgbb_agg(frequency integer, recency integer, periods integer, weight float8) (
    SFUNC = bgbb_counts_add, STYPE = purchase_counts, COMBINEFUNC = purchase_counts_combine, FINALFUNC = purchase_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE bgbb_agg(integer, integer, integer, float8) IS
    'collects customers who can order once a period: periods = number of opportunities after the one at which the customer was won, frequency = number of those at which he ordered, recency = number of the last of these (0 for none), weight = number of such customers. A row with a NULL is left out and counted; NULL when there is no row. Raises 22023 for a customer who cannot be (0 <= frequency <= recency <= periods <= 10000)';
CREATE AGGREGATE bgbb_possible_agg(frequency integer, recency integer, periods integer, weight float8) (
    SFUNC = bgbb_counts_add_possible, STYPE = purchase_counts, COMBINEFUNC = purchase_counts_combine, FINALFUNC = purchase_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE bgbb_possible_agg(integer, integer, integer, float8) IS
    'as bgbb_agg, but a customer who cannot be is left out and counted, not an error: see purchase_counts_skipped';

CREATE TYPE bgbb_model AS (alpha float8, beta float8, gamma float8, delta float8, log_likelihood float8, customers float8, status text, iterations integer, gradient_norm float8,
    unit text, aic float8, bic float8, standard_errors float8[]);
COMMENT ON TYPE bgbb_model IS
    'a fitted BG/BB model: parameters alpha, beta (of the probabilities to order), gamma, delta (of the probabilities to leave); log-likelihood; number of customers; status: converged, or boundary or not identifiable with the reason, or not converged; iterations; largest derivative of the log-likelihood by the logarithm of a parameter, a customer; unit of time; AIC, BIC; standard errors of alpha, beta, gamma, delta, NULL where the maximum is at a boundary';

CREATE FUNCTION bgbb_fit(counts purchase_counts, unit text DEFAULT 'year') RETURNS bgbb_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_fit';
COMMENT ON FUNCTION bgbb_fit(purchase_counts, text) IS
    'fits BG/BB by maximum likelihood to what bgbb_agg has collected. unit is the period (hour, day, week, month, year) and goes into the model. Never fails because of the numbers: read status. NULL for no customer. Raises 22023 for customers whose times are no whole numbers of periods';

CREATE FUNCTION bgbb_alive(model bgbb_model, frequency integer, recency integer, periods integer, ahead integer DEFAULT 0) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_alive';
COMMENT ON FUNCTION bgbb_alive(bgbb_model, integer, integer, integer, integer) IS
    'probability that a customer is still one, ahead periods after those seen. Raises 22023 for a customer who cannot be and beyond 10000 periods';

CREATE FUNCTION bgbb_expected(model bgbb_model, frequency integer, recency integer, periods integer, horizon integer) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_expected';
COMMENT ON FUNCTION bgbb_expected(bgbb_model, integer, integer, integer, integer) IS
    'expected number of orders of a customer at the next horizon opportunities. Raises 22023 for a customer who cannot be and beyond 10000 periods';

CREATE FUNCTION bgbb_none(model bgbb_model, frequency integer, recency integer, periods integer, horizon integer) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_none';
COMMENT ON FUNCTION bgbb_none(bgbb_model, integer, integer, integer, integer) IS
    'probability that a customer does not order at the next horizon opportunities: a churn score. Raises 22023 for a customer who cannot be and beyond 10000 periods';

CREATE FUNCTION bgbb_exactly(model bgbb_model, orders integer, frequency integer, recency integer, periods integer, horizon integer) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_exactly';
COMMENT ON FUNCTION bgbb_exactly(bgbb_model, integer, integer, integer, integer, integer) IS
    'probability that a customer orders exactly so often at the next horizon opportunities. Raises 22023 for a customer who cannot be and beyond 10000 periods';

CREATE FUNCTION bgbb_new_customer(model bgbb_model, horizon integer) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_new_customer';
COMMENT ON FUNCTION bgbb_new_customer(bgbb_model, integer) IS
    'expected number of orders of a new customer at the next horizon opportunities after the one at which he was won';

CREATE FUNCTION bgbb_new_customer_exactly(model bgbb_model, orders integer, horizon integer) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_new_customer_exactly';
COMMENT ON FUNCTION bgbb_new_customer_exactly(bgbb_model, integer, integer) IS
    'probability that a new customer orders exactly so often at the next horizon opportunities';

CREATE FUNCTION bgbb_residual(model bgbb_model, frequency integer, recency integer, periods integer, rate_per_period float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_residual';
COMMENT ON FUNCTION bgbb_residual(bgbb_model, integer, integer, integer, float8) IS
    'expected number of orders of a customer for ever, the one at the k-th next opportunity counted (1 + rate_per_period)^-k. NULL where it is infinite: for rate 0 and gamma <= 1. Raises 22023 for a customer who cannot be and beyond 10000 periods';

-- sBG: renewals of a cohort

CREATE TYPE sbg_model AS (alpha float8, beta float8, log_likelihood float8, customers float8, status text, iterations integer, gradient_norm float8,
    unit text, aic float8, bic float8, standard_errors float8[]);
COMMENT ON TYPE sbg_model IS
    'a fitted sBG model: parameters alpha, beta (of the probabilities to leave at a renewal); log-likelihood; number of customers; status: converged, or boundary or not identifiable with the reason, or not converged; iterations; largest derivative of the log-likelihood by the logarithm of a parameter, a customer; unit of time; AIC, BIC; standard errors of alpha, beta, NULL where the maximum is at a boundary';

CREATE FUNCTION sbg_fit(survivors bigint[], unit text DEFAULT 'year') RETURNS sbg_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_sbg_sql_fit';
COMMENT ON FUNCTION sbg_fit(bigint[], text) IS
    'fits the sBG model of retention to a cohort: survivors are the customers at the start and those left after each period. unit is the period. Never fails because of the numbers: read status; a cohort of which no period has passed is not identifiable. NULL for no customer. Raises 22023 for an array with NULLs, without an element, or that grows';

CREATE FUNCTION sbg_retention(model sbg_model, period integer) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_sbg_sql_retention';
COMMENT ON FUNCTION sbg_retention(sbg_model, integer) IS
    'retention rate of a period, counted from 1: of the customers there before it, the share that is there after it. It rises from period to period, because those who leave easily have left';

CREATE FUNCTION sbg_survival(model sbg_model, periods integer) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_sbg_sql_survival';
COMMENT ON FUNCTION sbg_survival(sbg_model, integer) IS
    'share of a cohort that is there after so many periods';

CREATE FUNCTION sbg_residual(model sbg_model, renewals integer DEFAULT 0, rate_per_period float8 DEFAULT 0) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_sbg_sql_residual';
COMMENT ON FUNCTION sbg_residual(sbg_model, integer, float8) IS
    'expected number of further periods of a customer who has renewed so often (0: who has just been won), the k-th of them counted (1 + rate_per_period)^-k; times the margin of a period, paid at its renewal, the value of the customer. NULL where it is infinite: for rate 0 and alpha <= 1';
