-- The revenue of the next twelve months.
--
-- Who has ordered is forecast by the best model, customer by customer; who will come, by the pace of
-- the twelve months before and what the model expects of a new customer. The limits are made of two
-- parts: that orders come by chance (as of a Poisson process, with values that vary), and that the
-- model errs: its relative error is taken to be the one it made in its test (value_model), and to go
-- the same way for all customers. Without a test there are no limits.

-- The standard normal deviate of the setting confidence, from Wilson's upper limit of 0 in 1, which
-- is z^2 / (1 + z^2).
CREATE OR REPLACE FUNCTION value_deviate() RETURNS float8
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    upper float8 := (SELECT i.upper FROM rate_interval(rate(0, 1), setting_number('confidence', 0, 0.999999)) i);
BEGIN
    RETURN sqrt(upper / (1 - upper));
END
$$;
COMMENT ON FUNCTION value_deviate() IS 'how many standard deviations the limits of a forecast are away; a part of refresh_value()';

-- Purchases expected of each kind of customer until so many units after as_of, by the best model.
CREATE OR REPLACE FUNCTION expected_purchases(frequency float8[], recency float8[], age float8[], horizons float8[])
    RETURNS TABLE (customer_no bigint, period_no bigint, expected float8)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path FROM CURRENT AS
$$
DECLARE
    best   text := (SELECT m.model FROM value_model m WHERE m.is_best AND m.model <> 'gamma_gamma' ORDER BY m.value_model_id DESC LIMIT 1);
BEGIN
    RETURN QUERY
    WITH fit AS MATERIALIZED (       -- once, and not as variables, which would be copied for each customer
        SELECT jsonb_populate_record(NULL::bgnbd_model, value_fit('bgnbd')) AS bgnbd, jsonb_populate_record(NULL::mbgnbd_model, value_fit('mbgnbd')) AS mbgnbd,
               jsonb_populate_record(NULL::pareto_nbd_model, value_fit('pareto_nbd')) AS pareto, jsonb_populate_record(NULL::nbd_model, value_fit('nbd')) AS nbd
    )
    SELECT c.n, h.n,
           CASE best WHEN 'bgnbd'      THEN CASE WHEN c.f IS NULL THEN bgnbd_new_customer((SELECT m.bgnbd FROM fit m), h.t) ELSE bgnbd_expected((SELECT m.bgnbd FROM fit m), c.f, c.r, c.a, h.t) END
                     WHEN 'mbgnbd'     THEN CASE WHEN c.f IS NULL THEN mbgnbd_new_customer((SELECT m.mbgnbd FROM fit m), h.t) ELSE mbgnbd_expected((SELECT m.mbgnbd FROM fit m), c.f, c.r, c.a, h.t) END
                     WHEN 'pareto_nbd' THEN CASE WHEN c.f IS NULL THEN pareto_nbd_new_customer((SELECT m.pareto FROM fit m), h.t) ELSE pareto_nbd_expected((SELECT m.pareto FROM fit m), c.f, c.r, c.a, h.t) END
                     WHEN 'nbd'        THEN CASE WHEN c.f IS NULL THEN nbd_new_customer((SELECT m.nbd FROM fit m), h.t) ELSE nbd_expected((SELECT m.nbd FROM fit m), c.f, c.r, c.a, h.t) END END
      FROM unnest(expected_purchases.frequency, expected_purchases.recency, expected_purchases.age) WITH ORDINALITY c (f, r, a, n)
     CROSS JOIN unnest(expected_purchases.horizons) WITH ORDINALITY h (t, n);
END
$$;
COMMENT ON FUNCTION expected_purchases(float8[], float8[], float8[], float8[]) IS 'purchases that the best model expects within each horizon of each customer, of a new one where frequency is NULL, in the unit of the models; numbered as the arguments. A part of refresh_value()';

-- What is expected in each month of those who have ordered: orders, revenue, and the variance of it
-- that comes from chance. Of customers alike in frequency and age, what is expected within a horizon is the same
-- share of what is expected within twelve months, whoever is how probably alive: so one of them
-- who has just ordered stands for all.
CREATE OR REPLACE FUNCTION forecast_customers(census value_census, horizons float8[])
    RETURNS TABLE (month_no int, buyers float8, orders float8, revenue float8, variance float8)
    LANGUAGE plpgsql STABLE ROWS 12 SET search_path FROM CURRENT AS
$$
DECLARE
    year      constant float8 := 365.25 / value_unit_days();
    -- square of the coefficient of variation of a customer's single purchases: 1 / p in the gamma-gamma model
    variation float8 := coalesce(1 / nullif((value_fit('gamma_gamma') ->> 'p')::float8, 0), 1);
    people    float8 := (SELECT sum(b) FROM unnest(census.buyers) b);
    -- variables of their own: an element of a field would copy the whole array
    expected  float8[] := census.orders;
    value     float8[] := census.revenue;
    square    float8[] := census.square;
BEGIN
    RETURN QUERY
    SELECT (e.period_no - 2)::int, people, sum(e.additional * expected[e.customer_no]), sum(e.additional * value[e.customer_no]), sum(e.additional * square[e.customer_no]) * (1 + variation)
      FROM (SELECT x.customer_no, x.period_no, (x.expected - lag(x.expected) OVER own) / nullif(first_value(x.expected) OVER own, 0) AS additional
              FROM expected_purchases(census.frequency, ARRAY(SELECT CASE WHEN k.f > 0 THEN k.a ELSE 0 END FROM unnest(census.frequency, census.age) WITH ORDINALITY k (f, a, n) ORDER BY k.n),
                                      census.age, year || forecast_customers.horizons) x
            WINDOW own AS (PARTITION BY x.customer_no ORDER BY x.period_no)
             ORDER BY x.customer_no, x.period_no) e
     WHERE e.period_no > 2
     GROUP BY e.period_no;
END
$$;
COMMENT ON FUNCTION forecast_customers(value_census, float8[]) IS 'what is expected between each of the horizons and the next of those who have ordered until as_of: customers, purchases, revenue, its variance by chance. A part of refresh_value()';

-- Likewise of those who will order for the first time. Who comes within a month is there for half of it.
CREATE OR REPLACE FUNCTION forecast_new_customers(census value_census, as_of timestamptz, horizons float8[])
    RETURNS TABLE (month_no int, buyers float8, orders float8, revenue float8, variance float8)
    LANGUAGE plpgsql STABLE ROWS 12 SET search_path FROM CURRENT AS
$$
DECLARE
    since       timestamptz := forecast_new_customers.as_of - interval '12 months';
    pace        float8;     -- new customers in a unit of time
    later_value float8;
    later_2nd   float8;
BEGIN
    IF coalesce(census.newcomers, 0) = 0 OR census.first_at >= forecast_new_customers.as_of THEN
        RETURN;
    END IF;
    pace := census.newcomers::float8 / extract(epoch FROM forecast_new_customers.as_of - greatest(since, census.first_at)) * 86400 * value_unit_days();
    later_value := coalesce(gamma_gamma_expected(jsonb_populate_record(NULL::gamma_gamma_model, value_fit('gamma_gamma')), 0, NULL), census.later_value, census.first_value);
    later_2nd := later_value * later_value * census.first_square / nullif(census.first_value * census.first_value, 0);
    RETURN QUERY
    WITH month AS (
        SELECT n AS no, horizons[n] AS begins, horizons[n + 1] AS ends, pace * (horizons[n + 1] - horizons[n]) AS newcomers FROM generate_series(1, cardinality(horizons) - 1) n
    ), repeated AS (
        SELECT m.no, sum(c.newcomers * (e.expected - b.expected)) AS orders
          FROM month m JOIN month c ON c.no <= m.no
         -- from the middle of the month in which they come
         CROSS JOIN LATERAL expected_purchases('{NULL}', '{NULL}', '{NULL}', ARRAY[m.ends - (c.begins + c.ends) / 2]) e
         CROSS JOIN LATERAL expected_purchases('{NULL}', '{NULL}', '{NULL}', ARRAY[greatest(m.begins - (c.begins + c.ends) / 2, 0)]) b
         GROUP BY m.no)
    SELECT m.no, m.newcomers, m.newcomers + coalesce(r.orders, 0), m.newcomers * census.first_value + coalesce(r.orders, 0) * later_value,
           m.newcomers * census.first_square + coalesce(r.orders * later_2nd, 0)
      FROM month m LEFT JOIN repeated r ON r.no = m.no;
END
$$;
COMMENT ON FUNCTION forecast_new_customers(value_census, timestamptz, float8[]) IS 'what is expected between each of the horizons and the next of customers who will order for the first time: customers, purchases, revenue, its variance by chance; no row where nobody has come within a year. A part of refresh_value()';

-- Open leads: what became of the closed ones of the same grade within two years is what they are worth.
CREATE OR REPLACE FUNCTION forecast_leads(as_of timestamptz)
    RETURNS TABLE (leads bigint, won float8, revenue float8, variance float8)
    LANGUAGE plpgsql STABLE ROWS 1 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    WITH closed AS (
        SELECT coalesce(l.lead_grade, '') AS grade, l.status = 'won' AS is_won, o.revenue::float8 AS revenue
          FROM lead l JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed
          LEFT JOIN customer_order o ON l.status = 'won' AND o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id
         WHERE l.status <> 'open' AND l.closed_at <= forecast_leads.as_of AND l.closed_at > forecast_leads.as_of - interval '24 months'
    ), whole AS (
        SELECT (avg(d.is_won::int))::float8 AS share, avg(d.revenue) AS mean, avg(d.revenue * d.revenue) AS square FROM closed d
    ), graded AS (
        SELECT d.grade, (avg(d.is_won::int))::float8 AS share, avg(d.revenue) AS mean, avg(d.revenue * d.revenue) AS square FROM closed d GROUP BY d.grade
    ), waiting AS (
        SELECT coalesce(l.lead_grade, '') AS grade, count(*) AS leads
          FROM lead l JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed
         WHERE l.opened_at <= forecast_leads.as_of AND (l.status = 'open' OR l.closed_at > forecast_leads.as_of) GROUP BY 1
    )
    SELECT sum(x.leads)::bigint, sum(x.leads * x.share), sum(x.leads * x.share * x.mean), sum(x.leads * (x.share * x.square - power(x.share * x.mean, 2)))
      FROM (SELECT w.leads, coalesce(g.share, a.share) AS share, coalesce(g.mean, a.mean, 0) AS mean, coalesce(g.square, a.square, 0) AS square
              FROM waiting w CROSS JOIN whole a LEFT JOIN graded g ON g.grade = w.grade) x
    HAVING sum(x.leads * x.share) IS NOT NULL;
END
$$;
COMMENT ON FUNCTION forecast_leads(timestamptz) IS 'leads that were open at as_of, how many of them will be won and what they will bring, by what became of the leads of the same grade that were closed in the 24 months before; no row where none was. A part of refresh_value()';

CREATE OR REPLACE FUNCTION write_forecast(census value_census, as_of timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    zone     text   := setting_value('time_zone');
    deviate  float8 := value_deviate();
    day      date   := (write_forecast.as_of AT TIME ZONE zone)::date;
    days     float8 := value_unit_days();
    horizons float8[] := ARRAY(SELECT ((day + n * interval '1 month')::date - day) / days FROM generate_series(0, 12) n ORDER BY n);
    error    float8;
    written  bigint;
    total    bigint;
BEGIN
    SELECT abs(m.hold_out_expected / nullif(m.hold_out_orders, 0) - 1) INTO error
      FROM value_model m WHERE m.is_best AND m.model <> 'gamma_gamma' ORDER BY m.value_model_id DESC LIMIT 1;
    DELETE FROM value_forecast f
     WHERE date_trunc('month', f.as_of AT TIME ZONE zone) = date_trunc('month', write_forecast.as_of AT TIME ZONE zone);
    INSERT INTO value_forecast (as_of, part, month_no, starts_on, ends_on, buyers, expected_orders, expected_revenue, lower, upper)
    WITH month AS MATERIALIZED (
        SELECT 'customers' AS part, f.* FROM forecast_customers(census, horizons) f
        UNION ALL
        SELECT 'new customers', f.* FROM forecast_new_customers(census, write_forecast.as_of, horizons) f
    ), part AS (
        SELECT coalesce(m.part, 'all') AS part, coalesce(m.month_no, 0) AS month_no,
               -- the same customers in each month, but other new ones
               coalesce(max(m.buyers) FILTER (WHERE m.part = 'customers'), 0) + coalesce(sum(m.buyers) FILTER (WHERE m.part <> 'customers'), 0) AS buyers,
               sum(m.orders) AS orders, sum(m.revenue) AS revenue, sum(m.variance) AS variance
          FROM month m WHERE m.revenue IS NOT NULL GROUP BY GROUPING SETS ((m.part, m.month_no), (m.part), (m.month_no), ())
        HAVING count(*) > 0
    )
    SELECT write_forecast.as_of, p.part, p.month_no, CASE WHEN p.month_no = 0 THEN day + 1 ELSE (day + (p.month_no - 1) * interval '1 month')::date + 1 END,
           (day + CASE WHEN p.month_no = 0 THEN 12 ELSE p.month_no END * interval '1 month')::date,
           round(p.buyers)::bigint, p.orders, p.revenue, greatest(p.revenue - l.reach, 0), p.revenue + l.reach
      FROM part p CROSS JOIN LATERAL (SELECT deviate * sqrt(p.variance + power(error * p.revenue, 2)) AS reach) l;
    GET DIAGNOSTICS total = ROW_COUNT;
    INSERT INTO value_forecast (as_of, part, month_no, starts_on, ends_on, buyers, expected_orders, expected_revenue, lower, upper)
    SELECT write_forecast.as_of, 'open leads', 0, day + 1, (day + interval '12 months')::date, f.leads, f.won, f.revenue,
           greatest(f.revenue - deviate * sqrt(f.variance), 0), f.revenue + deviate * sqrt(f.variance)
      FROM forecast_leads(write_forecast.as_of) f;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN total + written;
END
$$;
COMMENT ON FUNCTION write_forecast(value_census, timestamptz) IS 'writes the forecast of the twelve months after as_of into value_forecast, in place of another of the same calendar month; returns the number of rows. A part of refresh_value()';
