-- purchase_history: all purchases of one customer, and what models and RFM want to know of them.
--
-- What a summary depends on (end of observation, unit of time, time zone) is asked of the stored
-- history, not put into it. So a history can be extended with the orders of one day, and gives what
-- going over all orders again gives.

CREATE TYPE purchase_history;
CREATE FUNCTION purchase_history_in(cstring) RETURNS purchase_history
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_history_in';
CREATE FUNCTION purchase_history_out(purchase_history) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_history_out';
CREATE FUNCTION purchase_history_recv(internal) RETURNS purchase_history
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_history_recv';
CREATE FUNCTION purchase_history_send(purchase_history) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_history_send';
CREATE TYPE purchase_history (INPUT = purchase_history_in, OUTPUT = purchase_history_out, RECEIVE = purchase_history_recv, SEND = purchase_history_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION purchase_history_in(cstring) IS 'input of purchase_history: {time amount, ...}, times in UTC and in order; 22P02 for anything else';
COMMENT ON FUNCTION purchase_history_out(purchase_history) IS 'output of purchase_history: {time amount, ...}, times in UTC whatever the session''s zone, amounts exactly, xN behind what is N orders';
COMMENT ON FUNCTION purchase_history_recv(internal) IS 'binary input of purchase_history: version, number of purchases, purchases; 22P03 for what purchase_history_send cannot have sent';
COMMENT ON FUNCTION purchase_history_send(purchase_history) IS 'binary output of purchase_history: version int1, number of purchases int4; of each time int8 (microseconds since 2000 UTC), amount int8 and int4 (whole and billionths), orders int4';
COMMENT ON TYPE purchase_history IS
    'the purchases of a customer: times, exact amounts and numbers of orders, those of the same microsecond together; 24 bytes each; written {2026-01-31T10:15:00Z 19.99, 2026-02-14T00:00:00Z 30 x2}';

-- not strict: an order may have no amount
CREATE FUNCTION purchase_history_add(purchase_history, timestamptz, numeric) RETURNS purchase_history
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_history_add';
CREATE FUNCTION purchase_history_combine(purchase_history, purchase_history) RETURNS purchase_history
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_history_combine';
CREATE FUNCTION purchase_history_final(purchase_history) RETURNS purchase_history
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_history_final';
COMMENT ON FUNCTION purchase_history_add(purchase_history, timestamptz, numeric) IS 'transition of purchase_history_agg';
COMMENT ON FUNCTION purchase_history_combine(purchase_history, purchase_history) IS 'transition of rollup, combine function of the aggregates';
COMMENT ON FUNCTION purchase_history_final(purchase_history) IS 'final function of the aggregates: brings the purchases into order';

CREATE AGGREGATE purchase_history_agg(ordered_at timestamptz, amount numeric) (
    SFUNC = purchase_history_add, STYPE = purchase_history, COMBINEFUNC = purchase_history_combine, FINALFUNC = purchase_history_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE purchase_history_agg(timestamptz, numeric) IS
    'the purchases of a customer: GROUP BY customer. A row without time is left out, an order without amount counts with amount 0; NULL when no row is left. Raises 22023 for a negative amount (a return is no purchase) and an infinite time, 22003 for an amount with more than 9 decimals or 18 digits before the point, NaN, infinity';

CREATE AGGREGATE rollup(purchase_history) (
    SFUNC = purchase_history_combine, STYPE = purchase_history, COMBINEFUNC = purchase_history_combine, FINALFUNC = purchase_history_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(purchase_history) IS 'puts histories of the same customer together, without NULLs; NULL when there is none. Orders that are in two of them count twice';

CREATE FUNCTION purchase_summary(history purchase_history, observed_until timestamptz, unit text DEFAULT 'week', zone text DEFAULT 'UTC',
    OUT frequency float8, OUT recency float8, OUT age float8, OUT mean_value float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_purchase_summary';
COMMENT ON FUNCTION purchase_summary(purchase_history, timestamptz, text, text) IS
    'what models of purchases want to know. Purchases of the same day are one (of the same hour, where unit is hour), days being those of the time zone. frequency: days with a purchase after the first such day; recency: time from the first to the last of these days (not the time since the last one); age: time from the first day to the day of observed_until; mean_value: amount a day after the first, NULL when frequency is 0. Times in units (hour, day, week, month = 30.4375 days, year = 365.25 days). Orders after observed_until do not count; all NULL when there is none until then';

CREATE FUNCTION purchase_totals(history purchase_history, observed_until timestamptz DEFAULT 'infinity',
    OUT orders bigint, OUT amount numeric, OUT first_ordered_at timestamptz, OUT last_ordered_at timestamptz)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_purchase_totals';
COMMENT ON FUNCTION purchase_totals(purchase_history, timestamptz) IS
    'number of orders until observed_until, their amount, exactly, the times of the first and the last one; 0 orders and NULLs when there is none until then. Raises 22003 for an amount of more than 18 digits';

CREATE FUNCTION purchase_history_rows(history purchase_history, OUT ordered_at timestamptz, OUT amount numeric, OUT orders bigint) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10 AS 'MODULE_PATHNAME', 'dupex_purchase_history_rows';
COMMENT ON FUNCTION purchase_history_rows(purchase_history) IS 'the purchases in order: time, amount, number of orders at this time';
