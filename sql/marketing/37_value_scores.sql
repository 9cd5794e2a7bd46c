-- The scores of customers: what they have brought, what they will probably bring, their segment.

-- The marginal cost of the contacts of the twelve months until as_of. A touch costs what a piece of
-- its source code has cost so far; what is spent on a whole campaign or medium is no customer's.
CREATE OR REPLACE FUNCTION value_contact_costs(as_of timestamptz, after_customer bigint, to_customer bigint)
    RETURNS TABLE (customer_id bigint, cost numeric)
    LANGUAGE plpgsql STABLE ROWS 10000 SET search_path FROM CURRENT AS
$$
DECLARE
    zone  text        := setting_value('time_zone');
    since timestamptz := value_contact_costs.as_of - interval '12 months';
BEGIN
    RETURN QUERY
    SELECT k.customer_id, sum(k.cost)
      FROM (SELECT t.customer_id, e.cost
              FROM customer_purchases p
              JOIN touch t ON t.customer_id = p.customer_id AND t.sent_at > since AND t.sent_at <= value_contact_costs.as_of
              JOIN (SELECT d.source_code, greatest(sum(d.expense), 0) / sum(d.pieces) AS cost FROM source_day d GROUP BY d.source_code HAVING sum(d.pieces) > 0) e
                   ON e.source_code = t.source_code
             WHERE p.customer_id > value_contact_costs.after_customer AND p.customer_id <= value_contact_costs.to_customer
             UNION ALL
            SELECT f.customer_id, (SELECT n.cost FROM contact_cost n WHERE n.contact = f.contact AND n.starts_on <= (f.at AT TIME ZONE zone)::date ORDER BY n.starts_on DESC LIMIT 1)
              FROM (SELECT c.customer_id, 'call' AS contact, c.called_at AS at FROM customer_purchases p JOIN call c ON c.customer_id = p.customer_id AND c.direction = 'outbound'
                     WHERE p.customer_id > value_contact_costs.after_customer AND p.customer_id <= value_contact_costs.to_customer
                     UNION ALL
                    SELECT v.customer_id, 'visit', v.visited_at
                      FROM customer_purchases p JOIN visit v ON v.customer_id = p.customer_id AND v.kind = 'field call' AND v.status = 'completed'
                     WHERE p.customer_id > value_contact_costs.after_customer AND p.customer_id <= value_contact_costs.to_customer) f
             WHERE f.at > since AND f.at <= value_contact_costs.as_of) k
     GROUP BY k.customer_id
    HAVING sum(k.cost) IS NOT NULL;
END
$$;
COMMENT ON FUNCTION value_contact_costs(timestamptz, bigint, bigint) IS 'what the contacts of the twelve months until as_of have cost, of the customers with numbers above the first up to the second: touches, outbound calls, visits to the customer. No row for who had none. A part of refresh_value()';

-- The rows of customer_score for some customers, but for what depends on all others. Each history is
-- asked once for each of its answers: that is what OFFSET 0 is for.
CREATE OR REPLACE FUNCTION score_customers(as_of timestamptz, after_customer bigint, to_customer bigint, with_costs boolean) RETURNS SETOF customer_score
    LANGUAGE plpgsql STABLE ROWS 10000 SET search_path FROM CURRENT AS
$$
DECLARE
    unit   text             := setting_value('value_unit');
    zone   text             := setting_value('time_zone');
    year   float8           := 365.25 / value_unit_days();
    rate   float8           := power(1 + setting_number('value_discount_rate', 0, 10), 1.0 / 12) - 1;
    since  timestamptz      := score_customers.as_of - interval '12 months';
    best   text;
BEGIN
    SELECT m.model INTO best FROM value_model m WHERE m.is_best AND m.model <> 'gamma_gamma' ORDER BY m.value_model_id DESC LIMIT 1;
    RETURN QUERY
    WITH fit AS MATERIALIZED (       -- once, and not as variables, which would be copied for each customer
        SELECT jsonb_populate_record(NULL::bgnbd_model, value_fit('bgnbd')) AS bgnbd, jsonb_populate_record(NULL::mbgnbd_model, value_fit('mbgnbd')) AS mbgnbd,
               jsonb_populate_record(NULL::pareto_nbd_model, value_fit('pareto_nbd')) AS pareto, jsonb_populate_record(NULL::nbd_model, value_fit('nbd')) AS nbd,
               jsonb_populate_record(NULL::gamma_gamma_model, value_fit('gamma_gamma')) AS spend
    )
    SELECT v.customer_id, score_customers.as_of, v.first_ordered_at, v.last_ordered_at, v.orders, v.revenue::numeric(20,4), v.returned::numeric(20,4), v.margin::numeric(20,4),
           v.margin_12_months::numeric(20,4), v.cost::numeric(20,4), (v.margin_12_months - v.cost)::numeric(20,4),
           (extract(epoch FROM score_customers.as_of - v.last_ordered_at) / 86400 / 30.4375)::float8,
           v.frequency, v.recency, v.age, v.mean_value, v.alive, v.churn, v.expected_orders, v.order_value, e.expected_revenue, e.expected_margin, e.expected_margin - v.cost::float8,
           e.expected_margin - v.margin_12_months::float8, NULL::float8, NULL::float8, NULL::smallint, NULL::smallint, NULL::smallint, NULL::text
      FROM (SELECT h.customer_id, (h.ordered).first_ordered_at, (h.ordered).last_ordered_at, (h.ordered).orders, (h.ordered).amount AS revenue, h.returned, k.cost,
                   (h.ordered).amount - h.returned - h.cost AS margin,
                   (h.ordered).amount - h.returned - h.cost - (coalesce(h.ordered_before, 0) - h.returned_before - h.cost_before) AS margin_12_months,
                   (h.summary).frequency, (h.summary).recency, (h.summary).age, (h.summary).mean_value,
                   CASE best WHEN 'bgnbd'      THEN bgnbd_alive((SELECT f.bgnbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age)
                             WHEN 'mbgnbd'     THEN mbgnbd_alive((SELECT f.mbgnbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age)
                             WHEN 'pareto_nbd' THEN pareto_nbd_alive((SELECT f.pareto FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age)
                             WHEN 'nbd'        THEN nbd_alive((SELECT f.nbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age) END AS alive,
                   CASE best WHEN 'bgnbd'      THEN bgnbd_none((SELECT f.bgnbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year)
                             WHEN 'mbgnbd'     THEN mbgnbd_none((SELECT f.mbgnbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year)
                             WHEN 'pareto_nbd' THEN pareto_nbd_none((SELECT f.pareto FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year)
                             WHEN 'nbd'        THEN nbd_none((SELECT f.nbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year) END AS churn,
                   CASE best WHEN 'bgnbd'      THEN bgnbd_expected((SELECT f.bgnbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year)
                             WHEN 'mbgnbd'     THEN mbgnbd_expected((SELECT f.mbgnbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year)
                             WHEN 'pareto_nbd' THEN pareto_nbd_expected((SELECT f.pareto FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year)
                             WHEN 'nbd'        THEN nbd_expected((SELECT f.nbd FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, year) END AS expected_orders,
                   CASE best WHEN 'bgnbd'      THEN discounted_value((SELECT f.bgnbd FROM fit f), (SELECT f.spend FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, (h.summary).mean_value, 12, year / 12, rate)
                             WHEN 'mbgnbd'     THEN discounted_value((SELECT f.mbgnbd FROM fit f), (SELECT f.spend FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, (h.summary).mean_value, 12, year / 12, rate)
                             WHEN 'pareto_nbd' THEN discounted_value((SELECT f.pareto FROM fit f), (SELECT f.spend FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, (h.summary).mean_value, 12, year / 12, rate)
                             WHEN 'nbd'        THEN discounted_value((SELECT f.nbd FROM fit f), (SELECT f.spend FROM fit f), (h.summary).frequency, (h.summary).recency, (h.summary).age, (h.summary).mean_value, 12, year / 12, rate)
                             END AS discounted,
                   coalesce(gamma_gamma_expected((SELECT f.spend FROM fit f), (h.summary).frequency, (h.summary).mean_value), (h.ordered).amount::float8 / ((h.summary).frequency + 1)) AS order_value
              FROM (SELECT p.customer_id, purchase_summary(p.order_history, score_customers.as_of, unit, zone) AS summary, purchase_totals(p.order_history, score_customers.as_of) AS ordered,
                           (purchase_totals(p.order_history, since)).amount AS ordered_before,
                           coalesce((purchase_totals(p.cost_history, score_customers.as_of)).amount, 0) - coalesce((purchase_totals(p.returned_cost_history, score_customers.as_of)).amount, 0) AS cost,
                           coalesce((purchase_totals(p.cost_history, since)).amount, 0) - coalesce((purchase_totals(p.returned_cost_history, since)).amount, 0) AS cost_before,
                           coalesce((purchase_totals(p.return_history, score_customers.as_of)).amount, 0) AS returned,
                           coalesce((purchase_totals(p.return_history, since)).amount, 0) AS returned_before
                      FROM customer_purchases p JOIN customer c ON c.customer_id = p.customer_id AND NOT c.is_seed
                     WHERE p.customer_id > score_customers.after_customer AND p.customer_id <= score_customers.to_customer AND p.order_history IS NOT NULL
                    OFFSET 0) h
              LEFT JOIN value_contact_costs(CASE WHEN score_customers.with_costs THEN score_customers.as_of END, score_customers.after_customer, score_customers.to_customer) w ON w.customer_id = h.customer_id
             CROSS JOIN LATERAL (SELECT coalesce(w.cost, 0) AS cost) k
             WHERE (h.summary).frequency IS NOT NULL
            OFFSET 0) v
     CROSS JOIN LATERAL (SELECT coalesce(v.discounted, v.expected_orders * v.order_value) AS expected_revenue,
                                coalesce(v.discounted, v.expected_orders * v.order_value) * (v.margin / nullif(v.revenue, 0))::float8 AS expected_margin) e;
END
$$;
COMMENT ON FUNCTION score_customers(timestamptz, bigint, bigint, boolean) IS 'rows of customer_score of the customers with numbers above the first up to the second, by the last models; without percentiles, RFM scores and segment; without the costs of contacts unless with_costs. A part of refresh_value()';

CREATE OR REPLACE FUNCTION value_fit(model text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT m.parameters FROM value_model m
             WHERE m.model = value_fit.model AND m.as_of = (SELECT l.as_of FROM value_model l ORDER BY l.value_model_id DESC LIMIT 1)
             ORDER BY m.value_model_id DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION value_fit(text) IS 'the last fit of a model; NULL where the last time it could not be fitted. A part of refresh_value()';

-- One look at all customers. What depends on all of them: where the digits of the RFM cells and the
-- hundredths begin (equal customers have equal digits, see rfm_digit, so a digit begins at a
-- value); and what the forecast is made of: what is expected of customers alike in frequency and age differs between horizons
-- by the same factors for all of them.
CREATE OR REPLACE FUNCTION take_value_census(as_of timestamptz) RETURNS value_census
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    hundredths constant float8[] := ARRAY(SELECT n / 100.0::float8 FROM generate_series(1, 99) n);
    since      constant timestamptz := take_value_census.as_of - interval '12 months';
    census     value_census;
BEGIN
    WITH score AS MATERIALIZED (
        SELECT s.first_ordered_at, s.last_ordered_at, s.orders, s.revenue, s.revenue - s.returned AS money, s.frequency, s.age, s.mean_value, s.expected_orders, s.order_value, s.expected_margin, s.growth
          FROM score_customers(take_value_census.as_of, -1, 9223372036854775807, false) s
    ), recency AS MATERIALIZED (
        SELECT d.digit, min(d.value) AS begins
          FROM (SELECT v.value, rfm_digit((sum(v.equal) OVER (ORDER BY v.value))::bigint - v.equal, v.equal, (sum(v.equal) OVER ())::bigint, 5) AS digit
                  FROM (SELECT s.last_ordered_at AS value, count(*) AS equal FROM score s GROUP BY 1) v) d GROUP BY d.digit
    ), frequency AS MATERIALIZED (
        SELECT d.digit, min(d.value) AS begins
          FROM (SELECT v.value, rfm_digit((sum(v.equal) OVER (ORDER BY v.value))::bigint - v.equal, v.equal, (sum(v.equal) OVER ())::bigint, 5) AS digit
                  FROM (SELECT s.orders AS value, count(*) AS equal FROM score s GROUP BY 1) v) d GROUP BY d.digit
    ), monetary AS MATERIALIZED (
        SELECT d.digit, min(d.value) AS begins
          FROM (SELECT v.value, rfm_digit((sum(v.equal) OVER (ORDER BY v.value))::bigint - v.equal, v.equal, (sum(v.equal) OVER ())::bigint, 5) AS digit
                  FROM (SELECT s.money AS value, count(*) AS equal FROM score s GROUP BY 1) v) d GROUP BY d.digit
    ), kind AS MATERIALIZED (        -- numeric: the same sums in any order
        SELECT s.frequency, s.age, count(*)::float8 AS buyers, sum(s.expected_orders::numeric)::float8 AS orders,
               sum((s.expected_orders * s.order_value)::numeric)::float8 AS revenue, sum((s.expected_orders * s.order_value * s.order_value)::numeric)::float8 AS square
          FROM score s WHERE s.order_value IS NOT NULL GROUP BY s.frequency, s.age
    )
    SELECT w.customers, ARRAY(SELECT (SELECT min(r.begins) FROM recency r WHERE r.digit >= d) FROM generate_series(2, 5) d ORDER BY d),
           ARRAY(SELECT (SELECT min(f.begins) FROM frequency f WHERE f.digit >= d) FROM generate_series(2, 5) d ORDER BY d),
           ARRAY(SELECT (SELECT min(m.begins) FROM monetary m WHERE m.digit >= d) FROM generate_series(2, 5) d ORDER BY d),
           (SELECT percentile_disc(hundredths) WITHIN GROUP (ORDER BY s.expected_margin) FROM score s), (SELECT percentile_disc(hundredths) WITHIN GROUP (ORDER BY s.growth) FROM score s),
           k.frequency, k.age, k.buyers, k.orders, k.revenue, k.square, w.first_at, w.newcomers, w.first_value, w.first_square, w.later_value
      INTO census
      FROM (SELECT count(*) AS customers, min(s.first_ordered_at) AS first_at, count(*) FILTER (WHERE s.first_ordered_at > since) AS newcomers,
                   (avg(f.amount) FILTER (WHERE s.first_ordered_at > since))::float8 AS first_value, (avg(f.amount * f.amount) FILTER (WHERE s.first_ordered_at > since))::float8 AS first_square,
                   (sum(s.mean_value::numeric * s.frequency::numeric) / nullif(sum(s.frequency::numeric), 0))::float8 AS later_value
              FROM score s CROSS JOIN LATERAL (SELECT s.revenue - coalesce(s.mean_value * s.frequency, 0)::numeric(20,4) AS amount) f) w
     CROSS JOIN (SELECT array_agg(o.frequency) AS frequency, array_agg(o.age) AS age, array_agg(o.buyers) AS buyers, array_agg(o.orders) AS orders, array_agg(o.revenue) AS revenue, array_agg(o.square) AS square
                   FROM (SELECT * FROM kind ORDER BY frequency, age) o) k;
    census.value_cuts  := ARRAY(SELECT -c FROM unnest(census.value_cuts) c ORDER BY -c);
    census.growth_cuts := ARRAY(SELECT -c FROM unnest(census.growth_cuts) c ORDER BY -c);
    RETURN census;
END
$$;
COMMENT ON FUNCTION take_value_census(timestamptz) IS 'what refresh_value() needs to know of all customers together: where the digits of their RFM cells and their hundredths by expected margin and growth begin, and what the forecast is made of. A part of refresh_value()';

-- The rules as SQL. Names of measures come from the list that table segment_rule allows.
CREATE OR REPLACE FUNCTION segment_expression() RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
BEGIN
    RETURN (SELECT coalesce('CASE ' || string_agg(format('WHEN %s THEN %L', coalesce(a.condition, 'true'), s.segment), ' ' ORDER BY s.segment_no) || ' END', 'NULL::text')
              FROM segment s
              LEFT JOIN LATERAL (
                   SELECT string_agg('(' || r.condition || ')', ' OR ' ORDER BY r.alternative_no) AS condition
                     FROM (SELECT u.alternative_no, string_agg(concat_ws(' AND ', format('%I >= %L::float8', u.measure, u.at_least::text),
                                                                         CASE WHEN u.below IS NOT NULL THEN format('%I < %L::float8', u.measure, u.below::text) END),
                                                               ' AND ' ORDER BY u.measure COLLATE "C") AS condition
                             FROM (SELECT n.segment, n.alternative_no, n.measure, coalesce(n.at_least, '-infinity') AS at_least, n.below FROM segment_rule n) u
                            WHERE u.segment = s.segment GROUP BY u.alternative_no) r) a ON true);
END
$$;
COMMENT ON FUNCTION segment_expression() IS 'the segment of a customer, by the rules, as an SQL expression on the columns of customer_score. A part of refresh_value()';

-- Scores of the customers with numbers above one and up to another, by the models and ranks of the round. A
-- customer who comes into another segment leaves a row in customer_segment, in the same statement.
CREATE OR REPLACE FUNCTION score_range(state value_state, above_customer bigint, to_customer bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    columns     constant text := 'as_of, first_ordered_at, last_ordered_at, orders, revenue, returned, margin, margin_12_months, cost_to_serve, profit_12_months, months_since_order,
        frequency, recency, age, mean_value, alive, churn, expected_orders, order_value, expected_revenue, expected_margin, expected_profit, growth';
    ranks       constant text := 'value_percentile, growth_percentile, recency_score, frequency_score, monetary_score, segment';
BEGIN
    EXECUTE format($query$
        WITH ranked AS MATERIALIZED (
            SELECT r.*, %4$s AS segment
              FROM (SELECT s.customer_id, %1$s,
                           (99 - width_bucket(-s.expected_margin, $4)) / 100.0::float8 AS value_percentile, (99 - width_bucket(-s.growth, $5)) / 100.0::float8 AS growth_percentile,
                           (1 + width_bucket(s.last_ordered_at, $6))::smallint AS recency_score, (1 + width_bucket(s.orders, $7))::smallint AS frequency_score,
                           (1 + width_bucket(s.revenue - s.returned, $8))::smallint AS monetary_score
                      FROM score_customers($1, $2, $3, true) s) r
        ), moved AS (
            INSERT INTO customer_segment (customer_id, as_of, segment, previous_segment)
            SELECT r.customer_id, r.as_of, r.segment, o.segment
              FROM ranked r LEFT JOIN customer_score o ON o.customer_id = r.customer_id AND o.as_of <= r.as_of     -- of a later time after rebuild_value(): begins anew
             WHERE o.customer_id IS NULL OR o.segment IS DISTINCT FROM r.segment
             ORDER BY r.customer_id)
        INSERT INTO customer_score (customer_id, %1$s, %2$s)
        SELECT customer_id, %1$s, %2$s FROM ranked ORDER BY customer_id
        ON CONFLICT (customer_id) DO UPDATE SET (%1$s, %2$s) = ROW(%3$s)
        $query$, columns, ranks, regexp_replace(columns || ', ' || ranks, '(\w+)', 'excluded.\1', 'g'), segment_expression())
      USING state.as_of, score_range.above_customer, score_range.to_customer, state.value_cuts, state.growth_cuts,
            array_remove(state.recency_cuts, NULL), array_remove(state.frequency_cuts, NULL), array_remove(state.monetary_cuts, NULL);
END
$$;
COMMENT ON FUNCTION score_range(value_state, bigint, bigint) IS 'scores the customers of a range of numbers. A part of refresh_value()';

-- One batch, from where the round has come to.
CREATE OR REPLACE FUNCTION score_batch(state value_state, max_customers int) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    to_customer bigint;
    looked_at   bigint;
BEGIN
    SELECT max(b.customer_id), count(*) INTO to_customer, looked_at
      FROM (SELECT p.customer_id FROM customer_purchases p WHERE p.customer_id > state.scored_to ORDER BY p.customer_id LIMIT score_batch.max_customers) b;
    IF looked_at > 0 THEN
        PERFORM score_range(state, state.scored_to, to_customer);
    END IF;
    IF EXISTS (SELECT FROM customer_purchases p WHERE p.customer_id > to_customer) THEN
        UPDATE value_state s SET scored_to = to_customer WHERE s.report = state.report;
    ELSE
        -- who is a seed name now, or has no order until as_of
        DELETE FROM customer_score s WHERE s.as_of <> state.as_of;
        UPDATE value_state s SET scored_to = NULL WHERE s.report = state.report;
    END IF;
    RETURN looked_at;
END
$$;
COMMENT ON FUNCTION score_batch(value_state, int) IS 'scores the next customers of a round, at most max_customers of them (NULL: all), and ends the round after the last; returns how many it looked at. A part of refresh_value()';
