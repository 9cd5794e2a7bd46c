-- What the roll-ups should hold, worked out the slow and plain way from the facts, without
-- snapshots, ledgers or increments. Run with the schema of the marketing database on the path;
-- report_differences() lists every cell in which the roll-ups and this disagree.

-- The effort of an order without a code: the last piece that was in its window on that day, of the
-- same person, else of the household.
CREATE FUNCTION pg_temp.match_of(person bigint, ordered_on date) RETURNS source_code
LANGUAGE sql STABLE AS $$
    WITH zone AS (SELECT s.value AS z FROM setting s WHERE s.setting = 'time_zone'),
    relative AS (
        SELECT r.customer_id, r.customer_id <> person AS is_other FROM customer r
         WHERE r.customer_id <> 0 AND (r.customer_id = person OR r.household_id = (SELECT household_id FROM customer WHERE customer_id = person))),
    piece AS (
        SELECT is_other, source_code, sent_at AS contacted_at, 1 AS preference FROM relative JOIN touch USING (customer_id) WHERE NOT is_seed
        UNION ALL SELECT is_other, source_code, held_out_at, 2 FROM relative JOIN hold_out USING (customer_id) JOIN customer USING (customer_id) WHERE NOT is_seed),
    effort AS (
        SELECT p.*, s.list, s.answers_until, coalesce(s.in_home_on, (p.contacted_at AT TIME ZONE z)::date) AS begins_on
          FROM piece p JOIN source s USING (source_code), zone)
    SELECT e.source_code FROM effort e
     WHERE e.begins_on <= ordered_on
       AND CASE WHEN e.answers_until IS NOT NULL THEN ordered_on <= e.answers_until
                ELSE ordered_on - e.begins_on < (SELECT value::int FROM setting WHERE setting = 'match_back_days')
                     AND NOT EXISTS (SELECT FROM source later WHERE later.list = e.list AND later.in_home_on > e.begins_on AND later.in_home_on <= ordered_on) END
     ORDER BY e.is_other, e.begins_on DESC, e.contacted_at DESC, e.preference, e.source_code LIMIT 1
$$;

CREATE FUNCTION pg_temp.code_of(kind text, customer bigint, id bigint, with_match boolean DEFAULT true) RETURNS source_code
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f    record;
    code source_code;
    found_mend boolean;
BEGIN
    SELECT * INTO f FROM attributable_fact a WHERE a.fact = kind AND a.customer_id = customer AND a.fact_id = id;
    IF NOT FOUND THEN RETURN NULL; END IF;
    SELECT m.source_code, true INTO code, found_mend FROM code_mend m
     WHERE m.fact = kind AND m.customer_id = customer AND m.fact_id = id
       AND NOT EXISTS (SELECT FROM code_mend n WHERE (n.fact, n.customer_id, n.fact_id) = (m.fact, m.customer_id, m.fact_id) AND n.code_mend_id > m.code_mend_id);
    IF found_mend IS NULL THEN code := f.own_code; END IF;
    IF code <> 'UNSOURCED' AND EXISTS (SELECT FROM source s WHERE s.source_code = code) THEN RETURN code; END IF;
    CASE kind
        WHEN 'response' THEN
            RETURN (SELECT t.source_code FROM response r JOIN touch t USING (customer_id, touch_id)
                     WHERE r.customer_id = customer AND r.response_id = id AND t.source_code <> 'UNSOURCED');
        WHEN 'lead' THEN
            RETURN pg_temp.code_of('response', customer, (SELECT response_id FROM lead l WHERE l.customer_id = customer AND l.lead_id = id));
        WHEN 'visit' THEN
            RETURN pg_temp.code_of('lead', customer, (SELECT lead_id FROM visit v WHERE v.customer_id = customer AND v.visit_id = id));
        WHEN 'event_attendance' THEN
            RETURN pg_temp.code_of('event_registration', customer,
                (SELECT min(event_registration_id) FROM event_registration r JOIN event_attendance a USING (customer_id, event_id)
                  WHERE a.customer_id = customer AND a.event_attendance_id = id));
        WHEN 'customer_order' THEN
            RETURN (SELECT coalesce(pg_temp.code_of('response', customer, o.response_id), pg_temp.code_of('lead', customer, o.lead_id),
                                    CASE WHEN with_match THEN
                                        pg_temp.match_of(customer, (o.ordered_at AT TIME ZONE (SELECT s.value FROM setting s WHERE s.setting = 'time_zone'))::date) END)
                      FROM customer_order o WHERE o.customer_id = customer AND o.customer_order_id = id);
        WHEN 'order_return' THEN
            RETURN pg_temp.code_of('customer_order', customer, (SELECT customer_order_id FROM order_return r WHERE r.customer_id = customer AND r.order_return_id = id));
        ELSE RETURN NULL;
    END CASE;
END $$;

CREATE FUNCTION pg_temp.expected_source_day() RETURNS TABLE (day date, code text, measure text, value numeric)
LANGUAGE sql STABLE AS $$
    WITH zone AS (SELECT s.value AS z FROM setting s WHERE s.setting = 'time_zone'),
    answers AS (
        SELECT f.customer_id, f.fact, f.fact_id, (f.happened_at AT TIME ZONE z)::date AS d, f.amount, f.cost_of_goods,
               coalesce(pg_temp.code_of(f.fact, f.customer_id, f.fact_id)::text, 'UNSOURCED') AS c
          FROM attributable_fact f JOIN customer USING (customer_id), zone WHERE NOT is_seed),
    cell AS (
        SELECT (sent_at AT TIME ZONE z)::date AS d, source_code::text AS c, 'pieces' AS m, 1::numeric AS v FROM touch, zone WHERE NOT is_seed
        UNION ALL SELECT (held_out_at AT TIME ZONE z)::date, source_code::text, 'held_out', 1 FROM hold_out JOIN customer USING (customer_id), zone WHERE NOT is_seed
        UNION ALL SELECT (sent_at AT TIME ZONE z)::date, t.source_code::text, k.kind, 1
          FROM touch t, zone, unnest('{delivered,opened,clicked,forwarded,bounced,complained,unsubscribed}'::text[]) k (kind)
         WHERE NOT is_seed AND EXISTS (SELECT FROM touch_event e WHERE (e.customer_id, e.touch_id, e.kind) = (t.customer_id, t.touch_id, k.kind))
        UNION ALL SELECT d, c, CASE fact WHEN 'event_registration' THEN 'registrations' WHEN 'event_attendance' THEN 'attendances'
                                    WHEN 'customer_order' THEN 'orders' ELSE fact || 's' END, 1
          FROM answers WHERE fact <> 'order_return'
        UNION ALL SELECT d, c, 'revenue', amount FROM answers WHERE fact = 'customer_order'
        UNION ALL SELECT d, c, m.measure, m.of_one FROM answers, LATERAL (VALUES ('matched_orders', 1), ('matched_revenue', amount)) m (measure, of_one)
                   WHERE fact = 'customer_order' AND c <> 'UNSOURCED' AND pg_temp.code_of(fact, customer_id, fact_id, false) IS NULL
        UNION ALL SELECT d, c, 'returned', amount FROM answers WHERE fact = 'order_return'
        UNION ALL SELECT d, c, 'cost_of_goods', CASE fact WHEN 'order_return' THEN -cost_of_goods ELSE cost_of_goods END FROM answers
        UNION ALL SELECT d, c, 'new_names', 1
          FROM (SELECT DISTINCT ON (customer_id) a.* FROM answers a JOIN customer USING (customer_id)
                 WHERE entered_as = 'external' AND customer_id <> 0 AND fact IN ('response', 'event_registration', 'customer_order')
                 ORDER BY customer_id, d, CASE fact WHEN 'response' THEN 1 WHEN 'event_registration' THEN 2 ELSE 3 END, fact_id) first_answer
        UNION ALL SELECT spent_on, source_code::text, 'expense', amount FROM expense WHERE source_code IS NOT NULL)
    SELECT d, c, m, sum(v) FROM cell GROUP BY d, c, m HAVING sum(v) <> 0
$$;

CREATE FUNCTION pg_temp.report_differences() RETURNS TABLE (roll_up text, cell text, is_there numeric, should_be numeric)
LANGUAGE sql STABLE AS $$
    WITH zone AS (SELECT s.value AS z FROM setting s WHERE s.setting = 'time_zone'),
    there AS (
        SELECT 'source_day' AS r, concat_ws(' ', d.date_day, d.source_code, m.key) AS k, m.value::numeric AS v
          FROM source_day d, jsonb_each_text(to_jsonb(d) - 'date_day' - 'source_code') m
        UNION ALL SELECT 'shared_expense_day', concat_ws(' ', date_day, campaign, medium), expense FROM shared_expense_day
        UNION ALL SELECT 'customer_order_day', concat_ws(' ', customer_id, date_day, m.key), m.value::numeric
          FROM customer_order_day d, jsonb_each_text(to_jsonb(d) - 'customer_id' - 'date_day') m
        UNION ALL SELECT 'customer_milestone', concat_ws(' ', customer_id, m.key), m.value::date - date '2000-01-01'
          FROM customer_milestone d, jsonb_each_text(to_jsonb(d) - 'customer_id') m),
    should AS (
        SELECT 'source_day' AS r, concat_ws(' ', day, code, measure) AS k, value AS v FROM pg_temp.expected_source_day()
        UNION ALL SELECT 'shared_expense_day', concat_ws(' ', spent_on, coalesce(campaign, ''), coalesce(medium, '')), sum(amount)
          FROM expense WHERE source_code IS NULL GROUP BY spent_on, campaign, medium
        UNION ALL SELECT 'customer_order_day', concat_ws(' ', customer_id, (ordered_at AT TIME ZONE z)::date, m), sum(v)
          FROM customer_order, zone, LATERAL (VALUES ('orders', 1::numeric), ('revenue', revenue)) x (m, v) WHERE customer_id <> 0 GROUP BY 1, 2
        UNION ALL SELECT 'customer_order_day', concat_ws(' ', customer_id, (returned_at AT TIME ZONE z)::date, 'returned'), sum(amount)
          FROM order_return, zone WHERE customer_id <> 0 GROUP BY 1, 2
        UNION ALL SELECT 'customer_milestone', concat_ws(' ', customer_id, 'first_touch_on'), min((sent_at AT TIME ZONE z)::date) - date '2000-01-01'
          FROM touch, zone WHERE customer_id <> 0 GROUP BY customer_id
        UNION ALL SELECT 'customer_milestone', concat_ws(' ', customer_id, 'first_order_on'), min((ordered_at AT TIME ZONE z)::date) - date '2000-01-01'
          FROM customer_order, zone WHERE customer_id <> 0 GROUP BY customer_id)
    SELECT coalesce(t.r, s.r), coalesce(t.k, s.k), t.v, s.v
      FROM (SELECT r, k, sum(v) AS v FROM there GROUP BY r, k HAVING sum(v) <> 0) t
      FULL JOIN (SELECT r, k, sum(v) AS v FROM should GROUP BY r, k HAVING sum(v) <> 0) s ON (s.r, s.k) = (t.r, t.k)
     WHERE t.v IS DISTINCT FROM s.v
     ORDER BY 1, 2
$$;
