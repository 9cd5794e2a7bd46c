-- Which model of purchases forecasts best on this data: fitted to the first part of any table of
-- orders, tried on the rest (P. Fader and B. Hardie judge their models so, by tracking plots and
-- conditional expectations).
--
-- The likelihood says how well a model describes the orders it has seen. What an analyst wants to
-- know is how well it foretells those it has not seen, so the choice is made there.

-- The only part that reads the table, and it uses nothing but PostgreSQL's own functions: so it works
-- wherever dupex lies on the caller's search path. Columns may have any name, hence dynamic.
CREATE FUNCTION value_holdout(orders regclass, customer_column name DEFAULT 'customer', at_column name DEFAULT 'ordered_at', amount_column name DEFAULT NULL,
        calibration_until timestamptz DEFAULT NULL, observed_until timestamptz DEFAULT NULL, unit text DEFAULT 'week', zone text DEFAULT 'UTC',
        OUT frequency float8, OUT recency float8, OUT age float8, OUT mean_value float8, OUT later_orders bigint, OUT later_value numeric,
        OUT repeats float8[], OUT split_at timestamp, OUT horizon float8) RETURNS SETOF record
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 10000 COST 10000 AS $$
DECLARE
    unit_seconds CONSTANT float8 := CASE unit WHEN 'hour' THEN 3600 WHEN 'day' THEN 86400 WHEN 'week' THEN 604800 WHEN 'month' THEN 2629800 WHEN 'year' THEN 31557600 END;
    grain        CONSTANT text := CASE unit WHEN 'hour' THEN 'hour' ELSE 'day' END;
    given        text;
    local_time   text;
    amount       text;
    purchases    text;
    first_at     timestamp;
    last_at      timestamp;
BEGIN
    IF orders IS NULL OR customer_column IS NULL OR at_column IS NULL OR zone IS NULL THEN
        RAISE 'table, customer_column, at_column and zone must be given' USING ERRCODE = '22004', HINT = 'Only amount_column, calibration_until and observed_until may be NULL.';
    ELSIF unit_seconds IS NULL THEN
        RAISE 'unknown unit: "%"', coalesce(unit, 'NULL') USING ERRCODE = '22023', HINT = 'Units are hour, day, week, month and year.';
    END IF;
    FOREACH given IN ARRAY array_remove(ARRAY[customer_column, at_column, amount_column], NULL) LOOP
        IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = orders AND a.attname = given AND a.attnum > 0 AND NOT a.attisdropped) THEN
            RAISE 'table % has no column "%"', orders, given USING ERRCODE = '42703', HINT = 'Name the columns with customer_column, at_column and amount_column.';
        END IF;
    END LOOP;
    -- a date is a day already; only an instant has to be brought into the zone
    local_time := (SELECT CASE WHEN coalesce(nullif(t.typbasetype, 0), t.oid) = 'timestamptz'::regtype THEN format('o.%I AT TIME ZONE %L', at_column, zone) ELSE format('o.%I::timestamp', at_column) END
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = orders AND a.attname = at_column);
    amount := CASE WHEN amount_column IS NULL THEN 'NULL::numeric' ELSE format('o.%I::numeric', amount_column) END;
    purchases := format($query$SELECT o.%1$I AS customer, date_trunc(%2$L, %3$s) AS day, sum(%4$s) AS amount FROM %5$s o
        WHERE o.%1$I IS NOT NULL AND isfinite(o.%6$I) AND coalesce(%4$s, 0) >= 0 AND coalesce(%4$s, 0) < 'Infinity' GROUP BY 1, 2$query$, customer_column, grain, local_time, amount, orders, at_column);

    EXECUTE format('SELECT min(p.day), coalesce(date_trunc($1, $2 AT TIME ZONE $3), max(p.day)) FROM (%s) p', purchases) INTO first_at, last_at USING grain, observed_until, zone;
    IF first_at IS NULL THEN
        RAISE 'table % has no orders', orders USING ERRCODE = '22023', HINT = 'Orders need a customer, a time, and an amount that is not negative, where amount_column is given.';
    END IF;
    split_at := date_trunc(grain, coalesce(calibration_until AT TIME ZONE zone, first_at + (last_at - first_at) * 2 / 3));
    IF NOT (split_at > first_at AND split_at < last_at) THEN
        RAISE 'calibration until % leaves nothing to fit or nothing to try: orders are looked at from % to %', split_at, first_at, last_at
            USING ERRCODE = '22023', HINT = 'calibration_until lies between the first order and observed_until.';
    END IF;
    horizon := extract(epoch FROM last_at - split_at) / unit_seconds;

    RETURN QUERY EXECUTE format($query$
        SELECT (count(*) FILTER (WHERE p.day <= $1) - 1)::float8, (extract(epoch FROM max(p.day) FILTER (WHERE p.day <= $1) - p.first_day) / $3)::float8, (extract(epoch FROM $1 - p.first_day) / $3)::float8,
            avg(p.amount) FILTER (WHERE p.day > p.first_day AND p.day <= $1)::float8,
            count(*) FILTER (WHERE p.day > $1), sum(p.amount) FILTER (WHERE p.day > $1),
            array_agg((extract(epoch FROM p.day - $1) / $3)::float8) FILTER (WHERE p.day > p.first_day), $1, $4
        FROM (SELECT d.customer, d.day, d.amount, min(d.day) OVER (PARTITION BY d.customer) AS first_day FROM (%s) d WHERE d.day <= $2) p
        WHERE p.first_day <= $1 GROUP BY p.customer, p.first_day $query$, purchases) USING split_at, last_at, unit_seconds, horizon;
END $$;
COMMENT ON FUNCTION value_holdout(regclass, name, name, name, timestamptz, timestamptz, text, text) IS
    'any table of orders (or view), split into calibration and hold-out: a row a customer who first bought in the calibration, in no order. Orders of the same day (of the same hour, where unit is hour) are one purchase, days being those of zone; a column of type date or timestamp is taken as it is. The days of calibration_until and of observed_until belong to the part they end. observed_until NULL: the day of the last order; calibration_until NULL: the day at two thirds of the time from the first order to observed_until, rounded down. frequency, recency, age, mean_value: of the calibration, as purchase_summary gives them (mean_value NULL without amount_column), but hours are those of the clock of zone: UTC where clocks are changed; later_orders, later_value: purchases and their amount in the hold-out; repeats: times of all repeat purchases, in units from the end of the calibration, negative before it; split_at, horizon: the last day of the calibration, and length of the hold-out in units, the same in each row. Rows without customer or finite time are left out, and with amount_column those of a negative amount (a return is no purchase) or NaN or infinity. Raises 42703 for a column that is not there, 22023 for another unit, no orders, or a calibration that does not end between the first order and observed_until';

-- Everything that both reports need, from one pass over the customers.
CREATE FUNCTION value_holdout_fit(orders regclass, customer_column name DEFAULT 'customer', at_column name DEFAULT 'ordered_at', amount_column name DEFAULT NULL,
        calibration_until timestamptz DEFAULT NULL, observed_until timestamptz DEFAULT NULL, unit text DEFAULT 'week', zone text DEFAULT 'UTC',
        OUT split_at timestamp, OUT horizon float8, OUT bgnbd bgnbd_model, OUT mbgnbd mbgnbd_model, OUT pareto_nbd pareto_nbd_model, OUT nbd nbd_model, OUT spend gamma_gamma_model,
        OUT cohort_ages float8[], OUT cohort_customers bigint[], OUT period_nos integer[], OUT period_orders bigint[],
        OUT class_customers bigint[], OUT class_orders bigint[], OUT class_predicted float8[], OUT later_value numeric, OUT predicted_values float8[]) RETURNS SETOF record
    LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 1 COST 100000
BEGIN ATOMIC
    WITH customer AS MATERIALIZED (
        SELECT * FROM value_holdout(orders, customer_column, at_column, amount_column, calibration_until, observed_until, unit, zone)),
    fit AS MATERIALIZED (
        SELECT bgnbd_fit(s.counts, unit) AS bgnbd, mbgnbd_fit(s.counts, unit) AS mbgnbd, pareto_nbd_fit(s.counts, unit) AS pareto_nbd, nbd_fit(s.counts, unit) AS nbd, gamma_gamma_fit(s.spent) AS spend, s.split_at, s.horizon
        FROM (SELECT purchase_counts_agg(c.frequency, c.recency, c.age, 1) AS counts, gamma_gamma_agg(c.frequency, c.mean_value, 1) FILTER (WHERE c.mean_value > 0) AS spent, min(c.split_at) AS split_at, min(c.horizon) AS horizon FROM customer c) s),
    expected AS MATERIALIZED (         -- otherwise each prediction is made twice
        SELECT least(c.frequency, 7)::integer AS class, c.later_orders, c.later_value,
            bgnbd_expected(f.bgnbd, c.frequency, c.recency, c.age, f.horizon) AS bgnbd, mbgnbd_expected(f.mbgnbd, c.frequency, c.recency, c.age, f.horizon) AS mbgnbd,
            pareto_nbd_expected(f.pareto_nbd, c.frequency, c.recency, c.age, f.horizon) AS pareto_nbd, nbd_expected(f.nbd, c.frequency, c.recency, c.age, f.horizon) AS nbd,
            -- whose repeat purchases had no amount says nothing of what his next one is worth
            CASE WHEN c.mean_value > 0 THEN gamma_gamma_expected(f.spend, c.frequency, c.mean_value) ELSE gamma_gamma_expected(f.spend, 0, NULL) END AS value
        FROM customer c CROSS JOIN fit f),
    by_class AS (
        SELECT e.class, count(*) AS customers, sum(e.later_orders)::bigint AS orders, sum(e.later_value) AS value, ARRAY[sum(e.bgnbd), sum(e.mbgnbd), sum(e.pareto_nbd), sum(e.nbd)] AS predicted,
            -- NULL as soon as one customer's is: a sum without some would pass for a forecast
            CASE WHEN bool_and(e.value IS NOT NULL) THEN ARRAY[sum(e.bgnbd * e.value), sum(e.mbgnbd * e.value), sum(e.pareto_nbd * e.value), sum(e.nbd * e.value)] END AS predicted_value
        FROM expected e GROUP BY e.class),
    classes AS (
        SELECT array_agg(coalesce(b.customers, 0) ORDER BY k.class) AS customers, array_agg(coalesce(b.orders, 0) ORDER BY k.class) AS orders,
            array_agg(coalesce(b.predicted, ARRAY[0, 0, 0, 0]::float8[]) ORDER BY k.class) AS predicted, sum(b.value) AS value,
            CASE WHEN bool_and(b.customers IS NULL OR b.predicted_value IS NOT NULL) THEN ARRAY[sum(b.predicted_value[1]), sum(b.predicted_value[2]), sum(b.predicted_value[3]), sum(b.predicted_value[4])] END AS predicted_values
        FROM generate_series(0, 7) k (class) LEFT JOIN by_class b ON b.class = k.class),
    cohorts AS (SELECT array_agg(g.age ORDER BY g.age) AS ages, array_agg(g.customers ORDER BY g.age) AS customers FROM (SELECT c.age, count(*) AS customers FROM customer c GROUP BY c.age) g),
    periods AS (
        SELECT array_agg(g.period_no ORDER BY g.period_no) AS nos, array_agg(g.orders ORDER BY g.period_no) AS orders
        FROM (SELECT ceil(t.at)::integer AS period_no, count(*) AS orders FROM customer c CROSS JOIN LATERAL unnest(c.repeats) t (at) GROUP BY 1) g)
    SELECT f.split_at, f.horizon, f.bgnbd, f.mbgnbd, f.pareto_nbd, f.nbd, f.spend, h.ages, h.customers, p.nos, p.orders, k.customers, k.orders, k.predicted,
        CASE WHEN amount_column IS NOT NULL THEN coalesce(k.value, 0) END, k.predicted_values
    FROM fit f CROSS JOIN classes k CROSS JOIN cohorts h CROSS JOIN periods p;
END;
COMMENT ON FUNCTION value_holdout_fit(regclass, name, name, name, timestamptz, timestamptz, text, text) IS
    'one row: the four models of purchases and the gamma-gamma model, fitted to the calibration of value_holdout (same arguments, same errors), with what they are tried on. cohort_ages, cohort_customers: customers by age at split_at; period_nos, period_orders: repeat purchases by period, 1 being the first of the hold-out; class_customers, class_orders, class_predicted: by frequency in the calibration, 0 to 7 and more: customers, purchases in the hold-out, expected ones (an array of BG/NBD, MBG/NBD, Pareto/NBD, NBD each); later_value, predicted_values: amount of the hold-out and expected one by the four, NULL without amount_column, and where gamma-gamma has no mean. The customers are those of the calibration';

CREATE FUNCTION value_model_comparison(orders regclass, customer_column name DEFAULT 'customer', at_column name DEFAULT 'ordered_at', amount_column name DEFAULT NULL,
        calibration_until timestamptz DEFAULT NULL, observed_until timestamptz DEFAULT NULL, unit text DEFAULT 'week', zone text DEFAULT 'UTC',
        OUT model text, OUT parameters float8[], OUT status text, OUT log_likelihood float8, OUT aic float8, OUT bic float8, OUT predicted float8, OUT actual bigint,
        OUT total_error float8, OUT class_error float8, OUT predicted_value float8, OUT actual_value numeric, OUT is_best boolean) RETURNS SETOF record
    LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 4 COST 100000
BEGIN ATOMIC
    WITH fit AS MATERIALIZED (
        SELECT * FROM value_holdout_fit(orders, customer_column, at_column, amount_column, calibration_until, observed_until, unit, zone)),
    compared AS (
        SELECT m.no, m.model, m.parameters, m.status, m.log_likelihood, m.aic, m.bic, e.predicted, e.actual, e.class_error, f.predicted_values[m.no] AS predicted_value, f.later_value
        FROM fit f CROSS JOIN LATERAL (VALUES
            (1, 'bgnbd', ARRAY[(f.bgnbd).r, (f.bgnbd).alpha, (f.bgnbd).a, (f.bgnbd).b], (f.bgnbd).status, (f.bgnbd).log_likelihood, (f.bgnbd).aic, (f.bgnbd).bic),
            (2, 'mbgnbd', ARRAY[(f.mbgnbd).r, (f.mbgnbd).alpha, (f.mbgnbd).a, (f.mbgnbd).b], (f.mbgnbd).status, (f.mbgnbd).log_likelihood, (f.mbgnbd).aic, (f.mbgnbd).bic),
            (3, 'pareto_nbd', ARRAY[(f.pareto_nbd).r, (f.pareto_nbd).alpha, (f.pareto_nbd).s, (f.pareto_nbd).beta], (f.pareto_nbd).status, (f.pareto_nbd).log_likelihood, (f.pareto_nbd).aic, (f.pareto_nbd).bic),
            (4, 'nbd', ARRAY[(f.nbd).r, (f.nbd).alpha], (f.nbd).status, (f.nbd).log_likelihood, (f.nbd).aic, (f.nbd).bic)) m (no, model, parameters, status, log_likelihood, aic, bic)
        CROSS JOIN LATERAL (
            SELECT sum(f.class_predicted[k.i][m.no]) AS predicted, sum(f.class_orders[k.i])::bigint AS actual, sum(abs(f.class_predicted[k.i][m.no] - f.class_orders[k.i])) / sum(f.class_customers[k.i])::float8 AS class_error
            FROM generate_series(1, 8) k (i)) e),
    ranked AS (
        SELECT c.*, c.status ~ '^(converged|boundary)' AND c.class_error < 'infinity' AS can_forecast,
            row_number() OVER (PARTITION BY c.status ~ '^(converged|boundary)' AND c.class_error < 'infinity' ORDER BY round(c.class_error::numeric, 6), round((abs(c.predicted - c.actual) / greatest(c.actual, 1))::numeric, 6), c.bic, c.no) AS place
        FROM compared c)
    SELECT r.model, r.parameters, r.status, r.log_likelihood, r.aic, r.bic, r.predicted, r.actual, CASE WHEN r.actual > 0 THEN r.predicted / r.actual - 1 END, r.class_error, r.predicted_value, r.later_value,
        coalesce(r.can_forecast AND r.place = 1, false)
    FROM ranked r ORDER BY coalesce(r.can_forecast, false) DESC, r.place;
END;
COMMENT ON FUNCTION value_model_comparison(regclass, name, name, name, timestamptz, timestamptz, text, text) IS
    'BG/NBD, MBG/NBD, Pareto/NBD and NBD fitted to the calibration of a table of orders and tried on its hold-out (value_holdout says what these are, and what the arguments mean), best first. parameters: r, alpha, a, b (Pareto/NBD: r, alpha, s, beta; NBD: r, alpha); status, log_likelihood, aic, bic: of the fit; predicted, actual: repeat purchases of the hold-out by customers of the calibration; total_error = predicted / actual - 1, NULL where there were none; class_error: purchases a customer by which the forecast is wrong: the absolute differences of the classes of frequency 0, 1, ..., 7 and more, added up, divided by the customers; predicted_value, actual_value: amount of the hold-out, with amount_column, predicted as expected purchases times gamma-gamma''s expected value. is_best: the least class_error among models whose fit converged or lies at a boundary, then the least error of the total, then the least BIC; errors that are the same to six decimals are equal. By class, since a total can be right by two errors that cancel; not by likelihood, which knows nothing of the hold-out. Errors as value_holdout';

-- Each period is compared with each cohort, so many of them would take for ever.
CREATE FUNCTION value_report_periods(age float8, horizon float8) RETURNS SETOF integer
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 200 AS
$$
BEGIN
    IF ceil(age) + ceil(horizon) > 20000 THEN
        RAISE EXCEPTION 'a report of % periods', ceil(age) + ceil(horizon)
            USING ERRCODE = 'program_limit_exceeded', DETAIL = format('%s of calibration and %s of hold-out; together there are at most 20000.', ceil(age), ceil(horizon)),
                  HINT = 'Take a longer unit, or an earlier observed_until.';
    END IF;
    RETURN QUERY SELECT generate_series(floor(- age)::integer + 1, ceil(horizon)::integer);
END
$$;
COMMENT ON FUNCTION value_report_periods(float8, float8) IS 'numbers of the periods from the first purchase to the end of the hold-out; 54000 for more than 20000. A part of value_fit_report()';

CREATE FUNCTION value_fit_report(orders regclass, customer_column name DEFAULT 'customer', at_column name DEFAULT 'ordered_at', amount_column name DEFAULT NULL,
        calibration_until timestamptz DEFAULT NULL, observed_until timestamptz DEFAULT NULL, unit text DEFAULT 'week', zone text DEFAULT 'UTC',
        OUT section text, OUT no integer, OUT label text, OUT in_holdout boolean, OUT customers bigint, OUT actual bigint, OUT bgnbd float8, OUT mbgnbd float8, OUT pareto_nbd float8, OUT nbd float8) RETURNS SETOF record
    LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 200 COST 100000
BEGIN ATOMIC
    WITH fit AS MATERIALIZED (
        SELECT * FROM value_holdout_fit(orders, customer_column, at_column, amount_column, calibration_until, observed_until, unit, zone)),
    cohort AS (SELECT c.age, c.customers FROM fit f CROSS JOIN LATERAL unnest(f.cohort_ages, f.cohort_customers) c (age, customers)),
    period AS (
        SELECT i.no, least(i.no, f.horizon) AS ends, coalesce(p.orders, 0) AS orders
        FROM fit f CROSS JOIN LATERAL value_report_periods(f.cohort_ages[cardinality(f.cohort_ages)], f.horizon) i (no)
        LEFT JOIN LATERAL unnest(f.period_nos, f.period_orders) p (no, orders) ON p.no = i.no),
    -- what the models expect of customers who were only known to have come, until the end of each period
    expected AS (
        SELECT p.no, p.ends, p.orders, coalesce(sum(c.customers), 0)::bigint AS customers, coalesce(sum(c.customers * bgnbd_new_customer(f.bgnbd, p.ends + c.age)), 0) AS bgnbd, coalesce(sum(c.customers * mbgnbd_new_customer(f.mbgnbd, p.ends + c.age)), 0) AS mbgnbd,
            coalesce(sum(c.customers * pareto_nbd_new_customer(f.pareto_nbd, p.ends + c.age)), 0) AS pareto_nbd, coalesce(sum(c.customers * nbd_new_customer(f.nbd, p.ends + c.age)), 0) AS nbd
        FROM fit f CROSS JOIN period p LEFT JOIN cohort c ON p.ends + c.age >= 0 GROUP BY p.no, p.ends, p.orders),
    row_of AS (
        SELECT 1 AS part, 'cumulative' AS section, e.no, e.ends, e.customers, sum(e.orders) OVER (ORDER BY e.no)::bigint AS orders, e.bgnbd, e.mbgnbd, e.pareto_nbd, e.nbd FROM expected e
        UNION ALL
        SELECT 2, 'incremental', e.no, e.ends, e.customers, e.orders, e.bgnbd - lag(e.bgnbd, 1, 0::float8) OVER w, e.mbgnbd - lag(e.mbgnbd, 1, 0::float8) OVER w, e.pareto_nbd - lag(e.pareto_nbd, 1, 0::float8) OVER w, e.nbd - lag(e.nbd, 1, 0::float8) OVER w
        FROM expected e WINDOW w AS (ORDER BY e.no)
        UNION ALL
        SELECT 3, 'frequency', k.i - 1, NULL, f.class_customers[k.i], f.class_orders[k.i], f.class_predicted[k.i][1], f.class_predicted[k.i][2], f.class_predicted[k.i][3], f.class_predicted[k.i][4] FROM fit f CROSS JOIN generate_series(1, 8) k (i))
    SELECT r.section, r.no, CASE WHEN r.part < 3 THEN to_char(f.split_at + r.ends * CASE unit WHEN 'hour' THEN interval '1 hour' WHEN 'day' THEN interval '24 hours' WHEN 'week' THEN interval '168 hours' WHEN 'month' THEN interval '730.5 hours' ELSE interval '8766 hours' END,
            CASE unit WHEN 'hour' THEN 'YYYY-MM-DD HH24:MI' ELSE 'YYYY-MM-DD' END) WHEN r.no = 7 THEN '7+' ELSE r.no::text END,
        r.part = 3 OR r.no > 0, r.customers, r.orders, r.bgnbd, r.mbgnbd, r.pareto_nbd, r.nbd
    FROM row_of r CROSS JOIN fit f ORDER BY r.part, r.no;
END;
COMMENT ON FUNCTION value_fit_report(regclass, name, name, name, timestamptz, timestamptz, text, text) IS
    'actual repeat purchases against those predicted by the four models, which are fitted to the calibration of a table of orders alone (value_holdout says what that is, and what the arguments mean). section cumulative and incremental (tracking): a row a period of one unit, no counted from the end of the calibration (0 is its last period, 1 the first of the hold-out; the first and last may be shorter), label its last day in zone; customers who had come by then; repeat purchases until then, or in it; predicted from the days of the first purchases alone. section frequency: a row a class of frequency in the calibration, 0 to 7 and more, with its customers; purchases in the hold-out, predicted from what each customer had done. Customers are those who first bought in the calibration. Which model is best: value_model_comparison. Errors as value_holdout, and 54000 for more than 20,000 periods';
