-- The sample's baskets, events, expenses and mended codes, and the end of load_sample().

-- The web shop: every order of a known person there was a basket before, and a fifth of these were left for a
-- day or two; other baskets never came back.
CREATE FUNCTION sample_write_baskets(salt bigint, id_base bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO basket_event (customer_id, basket_event_id, basket, kind, happened_at, product, quantity, amount, reason, customer_order_id, request_id)
    SELECT b.customer_id, b.basket_no * 4 + e.no, 'W' || b.basket_no, e.kind, e.happened_at, CASE e.kind WHEN 'added' THEN b.product END, CASE e.kind WHEN 'added' THEN b.quantity END,
           b.quantity * p.price, CASE e.kind WHEN 'abandoned' THEN b.reason END, CASE e.kind WHEN 'completed' THEN b.order_id END, 'sample-basket-' || b.basket_no || '-' || e.no
      FROM (SELECT o.customer_id, o.order_id AS basket_no, o.product, o.quantity, o.order_id, o.ordered_at AS completed_at,
                   d.u < .2 AS is_abandoned, o.ordered_at - CASE WHEN d.u < .2 THEN interval '4 hours' + d.u * interval '10 days' ELSE interval '12 minutes' END AS added_at, NULL AS reason
              FROM sample_order o, LATERAL (SELECT dupex.sample_dice(o.order_id, salt + 91)) d(u) WHERE o.channel = 'web' AND o.customer_id <> 0
            UNION ALL
            SELECT c.customer_id, n.no, (CASE c.list WHEN '01' THEN '{roofbox,tyres,service}' WHEN '04' THEN '{tyres,elearning,service}' ELSE '{elearning,course,certificate}' END::text[])
                                        [1 + floor(3 * dupex.sample_dice(n.no, salt + 92))::int], 1, NULL, NULL, true, a.added_at,
                   ('{delivery cost,payment,wants to compare,delivery takes too long,NULL}'::text[])[1 + floor(5 * dupex.sample_dice(n.no, salt + 93))::int]
              FROM sample_person c, LATERAL (SELECT 902 * id_base + c.customer_id) n(no),
                   LATERAL (SELECT timestamptz '2024-07-01 08:00+00' + floor(729 * dupex.sample_dice(n.no, salt + 94)) * interval '1 day' + 13 * dupex.sample_dice(n.no, salt + 95) * interval '1 hour') a(added_at)
             WHERE c.list IN ('01', '02', '03', '04') AND NOT c.is_seed AND dupex.sample_dice(c.customer_id, salt + 96) < .08 AND a.added_at > c.joined_on) b
      JOIN product p ON p.product = b.product,
           LATERAL (VALUES (1, 'added', b.added_at), (2, 'abandoned', CASE WHEN b.is_abandoned THEN b.added_at + interval '30 minutes' END), (3, 'completed', b.completed_at)) e(no, kind, happened_at)
     WHERE e.happened_at IS NOT NULL;
END
$$;
COMMENT ON FUNCTION sample_write_baskets(bigint, bigint) IS 'writes what happened to baskets of the web shop; a part of load_sample()';

CREATE FUNCTION sample_write_events(salt bigint, id_base bigint, people bigint, scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    -- a course each month, a day of test drives each quarter, a meeting each half year; the last ones are still to come
    INSERT INTO event (event_id, name, kind, store, campaign, product, starts_at, minimum_number, maximum_number, status)
    SELECT row_number() OVER (ORDER BY starts_on, k.kind), k.name || ', ' || to_char(starts_on, 'YYYY-MM-DD'), k.kind, k.store,
           CASE WHEN starts_on < '2026-07-01' THEN k.theme || '-' || extract(year FROM starts_on) END, k.product,
           starts_on + interval '9 hours', ceil(k.minimum * scale)::int, ceil(30 * scale)::int,
           CASE WHEN starts_on >= '2026-07-01' THEN 'planned' WHEN k.kind = 'course' AND starts_on IN ('2024-12-10', '2025-08-12') THEN 'cancelled' ELSE 'held' END
      FROM (VALUES ('course', 'one-day course', 'training', 'website', 'course', '2024-08-13', 28, 23, 6),
                   ('test-drive day', 'day of test drives', 'showroom', 'press', 'compact', '2024-09-14', 91, 8, 0),
                   ('meeting', 'meeting of customers', 'training', 'website', NULL, '2024-11-20', 182, 4, 8)) k(kind, name, store, theme, product, first, step, times, minimum),
           generate_series(0, k.times + 1) n, LATERAL (SELECT k.first::date + n * k.step) d(starts_on)
     WHERE starts_on < '2026-08-15';
    INSERT INTO event_registration (customer_id, event_registration_id, event_id, registered_at, quoted_code, source_code, code_problem, request_id)
    SELECT 1 + (start + k * 7919) % people, n, event_id, r.registered_at, q.quoted, s.code, s.problem, 'sample-registration-' || n
      FROM event v, LATERAL (SELECT floor(people * dupex.sample_dice(event_id, salt + 30))::bigint) b(start),
           generate_series(1, ceil(scale * (10 + 16 * dupex.sample_dice(event_id, salt + 31)))::bigint) k, LATERAL (SELECT event_id * id_base + k) i(n),
           LATERAL (SELECT starts_at - (2 + 33 * dupex.sample_dice(n, salt + 32)) * interval '1 day') r(registered_at)
      LEFT JOIN sample_effort e ON e.theme = 'website' AND e.issued_on = date_trunc('month', r.registered_at)::date,
           LATERAL (SELECT dupex.sample_quote(e.code::text, n, salt + 40, .35)) q(quoted)
      LEFT JOIN LATERAL source_read(q.quoted, near => r.registered_at::date) s ON q.quoted IS NOT NULL
     WHERE r.registered_at < '2026-07-01 00:00+00' AND r.registered_at >= '2024-07-01 00:00+00';
    INSERT INTO event_attendance (customer_id, event_attendance_id, event_id, attended_at, request_id)
    SELECT r.customer_id, r.event_registration_id, event_id, starts_at + 20 * dupex.sample_dice(r.event_registration_id, salt + 33) * interval '1 minute',
           'sample-attendance-' || r.event_registration_id
      FROM event_registration r JOIN event v USING (event_id)
     WHERE v.status = 'held' AND dupex.sample_dice(r.event_registration_id, salt + 34) < CASE v.kind WHEN 'course' THEN .82 ELSE .64 END;
END
$$;
COMMENT ON FUNCTION sample_write_events(bigint, bigint, bigint, float8) IS 'writes events, registrations and attendances; a part of load_sample()';

CREATE FUNCTION sample_write_expenses(scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO expense (expense_id, spent_on, amount, source_code, campaign, medium, kind, supplier, request_id)
    SELECT n, spent_on, amount, source_code, campaign, medium, kind, supplier, 'sample-expense-' || n
      FROM (SELECT row_number() OVER (ORDER BY spent_on, source_code, campaign, medium, kind) AS n, x.*
              FROM (SELECT sent_on AS spent_on, round(k.part * (e.cost + cost_per_piece * coalesce(t.pieces, 0)), 2) AS amount,
                           code AS source_code, NULL::text AS campaign, NULL::text AS medium, k.kind, k.supplier
                      FROM sample_effort e
                      LEFT JOIN (SELECT effort_no, count(*) AS pieces FROM sample_touch WHERE NOT is_seed GROUP BY effort_no) t USING (effort_no)
                      JOIN (VALUES ('D', 'creative', .7, 'agency 1'), ('D', 'sending', .3, 'mail service'), ('M', 'print', .55, 'lettershop'), ('M', 'postage', .45, 'lettershop'),
                                   ('T', 'call', 1, 'call centre'), ('X', 'sending', 1, 'text message service'), ('A', 'media', .85, 'media agency'), ('A', 'creative', .15, 'agency 2'),
                                   ('W', 'web', 1, 'web agency'), ('S', 'media', 1, 'web agency'), ('P', 'text', 1, 'press office')) k(for_medium, kind, part, supplier)
                        ON k.for_medium = e.medium
                     WHERE NOT is_hold_out
                    UNION ALL
                    -- a list is paid when it is first used, in equal parts by its cells
                    SELECT e.sent_on, round(l.cost / count(*) OVER (PARTITION BY e.list), 2), e.code, NULL, NULL, 'list', l.supplier
                      FROM sample_effort e JOIN list l USING (list)
                     WHERE l.cost > 0 AND e.sent_on = (SELECT min(f.sent_on) FROM sample_effort f WHERE f.list = e.list)
                    UNION ALL
                    SELECT c.starts_on, round((450 * scale)::numeric, 2), NULL, c.campaign, NULL, 'planning', 'marketing' FROM campaign c
                    UNION ALL
                    SELECT month_on::date, round((k.amount * scale)::numeric, 2), NULL, NULL, k.medium, k.kind, k.supplier
                      FROM generate_series(timestamp '2024-07-01', timestamp '2026-06-01', interval '1 month') month_on,
                           (VALUES ('D', 95, 'licence', 'mail service'), ('T', 180, 'telephone', 'telephone company')) k(medium, amount, kind, supplier)) x
             WHERE amount <> 0) y;
END
$$;
COMMENT ON FUNCTION sample_write_expenses(float8) IS 'writes expenses by source code, campaign and medium; a part of load_sample()';

-- Somebody asked the customer, or looked the letter up.
CREATE FUNCTION sample_write_mends(salt bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO code_mend (customer_id, code_mend_id, fact, fact_id, source_code, reason, mended_by, request_id)
    SELECT customer_id, response_id, 'response', response_id, e.code, 'looked up in the letter', 'salesperson 8', 'sample-mend-' || response_id
      FROM sample_response s JOIN response r USING (customer_id, response_id) JOIN sample_effort e USING (effort_no)
     WHERE r.quoted_code IS NOT NULL AND NOT EXISTS (SELECT FROM source WHERE source.source_code = r.source_code)
       AND dupex.sample_dice(response_id, salt + 35) < .25;
END
$$;
COMMENT ON FUNCTION sample_write_mends(bigint) IS 'writes corrections of a part of the codes that could not be read; a part of load_sample()';

-- An answer, a registration, an order or a reception makes an external person internal, for good;
-- who won a customer owns the account. Then the identities go on after the numbers given here.
CREATE FUNCTION sample_finish(schema name, scale float8, seed int) RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    item   record;
    result text;
BEGIN
    UPDATE customer c SET kind = 'internal', became_internal_at = f.first_at
      FROM (SELECT customer_id, min(at) AS first_at
              FROM (SELECT customer_id, responded_at FROM response UNION ALL SELECT customer_id, ordered_at FROM customer_order
                    UNION ALL SELECT customer_id, registered_at FROM event_registration) a(customer_id, at) GROUP BY a.customer_id) f
     WHERE c.customer_id = f.customer_id AND c.customer_id <> 0 AND (c.became_internal_at IS NULL OR c.became_internal_at > f.first_at);
    -- what the one who left had won went to the senior of the showroom
    WITH won AS (
        SELECT DISTINCT ON (customer_id) customer_id, l.salesperson_id, closed_at, s.left_on IS NOT NULL AS has_left
          FROM lead l JOIN customer c USING (customer_id) JOIN salesperson s ON s.salesperson_id = l.salesperson_id
         WHERE status = 'won' AND c.salesperson_id IS NULL ORDER BY customer_id, closed_at DESC
    ), owned AS (
        UPDATE customer c SET salesperson_id = CASE WHEN has_left THEN 2 ELSE won.salesperson_id END FROM won WHERE won.customer_id = c.customer_id
    )
    INSERT INTO account_owner (customer_id, since, salesperson_id, reason)
    SELECT customer_id, closed_at, salesperson_id, 'won the order' FROM won
    UNION ALL
    SELECT customer_id, timestamptz '2026-01-01 08:00+00', 2, 'salesperson ' || salesperson_id || ' left' FROM won WHERE has_left;

    FOR item IN SELECT table_name, column_name FROM information_schema.columns
                 WHERE table_schema = schema AND is_identity = 'YES' ORDER BY table_name LOOP
        EXECUTE pg_catalog.format('SELECT setval(pg_get_serial_sequence(%L, %L), greatest(max(%I), 1), max(%3$I) IS NOT NULL) FROM %I.%I',
            pg_catalog.format('%I.%I', schema, item.table_name), item.column_name, item.column_name, schema, item.table_name);
    END LOOP;
    PERFORM dupex.sample_write_hand_overs(seed::bigint * 1000, scale);
    FOR item IN SELECT relname FROM pg_class WHERE relnamespace = quote_ident(schema)::regnamespace AND relkind = 'r' LOOP
        EXECUTE pg_catalog.format('ANALYZE %I.%I', schema, item.relname);
    END LOOP;
    SELECT pg_catalog.format('sample of scale %s and seed %s in schema %I, 2024-07-01 to 2026-06-30: %s customers, %s source codes, %s touches with %s events, %s responses, %s leads, %s visits, %s orders, %s expenses',
               scale, seed, schema, (SELECT count(*) FROM sample_person), (SELECT count(*) FROM sample_effort), (SELECT count(*) FROM touch),
               (SELECT count(*) FROM touch_event), (SELECT count(*) FROM response), (SELECT count(*) FROM lead), (SELECT count(*) FROM visit),
               (SELECT count(*) FROM customer_order), (SELECT count(*) FROM expense)) INTO result;
    DROP TABLE sample_effort, sample_person, sample_touch, sample_response, sample_lead, sample_move, sample_order;
    RETURN result;
END
$$;
COMMENT ON FUNCTION sample_finish(name, float8, int) IS 'draws what follows from the facts, sets the identities, analyses the tables; a part of load_sample()';

REVOKE ALL ON FUNCTION load_sample(name, float8, int), sample_check_empty(name), sample_make_tables(), sample_write_dimensions(int), sample_write_lists(bigint),
    sample_plan_efforts(bigint, float8), sample_write_efforts(), sample_plan_people(bigint, bigint, int), sample_write_people(bigint, bigint),
    sample_write_contact_points(bigint), sample_plan_touches(bigint, bigint), sample_write_touches(bigint, bigint),
    sample_write_events_of_touches(bigint, bigint, bigint),
    sample_plan_responses(bigint, bigint, bigint, float8, int), sample_write_responses(bigint), sample_plan_leads(bigint, int), sample_plan_moves(),
    sample_write_leads(bigint), sample_write_visits(bigint), sample_plan_orders(bigint, bigint), sample_write_orders(bigint), sample_write_baskets(bigint, bigint),
    sample_write_receptions(bigint, bigint, float8), sample_write_calls(bigint, bigint, float8), sample_write_door_counts(bigint, float8),
    sample_write_events(bigint, bigint, bigint, float8), sample_write_expenses(float8), sample_write_mends(bigint),
    sample_finish(name, float8, int) FROM PUBLIC;
