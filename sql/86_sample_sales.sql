-- The sample's orders, returns, receptions, calls and door counts.

-- Orders come from leads that were won, from answers that bought at once, and by themselves
-- (people who come in any case: what a hold-out shows). About a third of them bring another one.
-- Number: that of the lead or answer, 901 for the unasked ones, and 1000 per repetition, as effort.
CREATE FUNCTION sample_plan_orders(salt bigint, id_base bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO sample_order (order_id, customer_id, ordered_at, product, response_id, lead_id, channel, salesperson_id, store, effort_no)
    SELECT l.lead_id, l.customer_id, l.closed_at, l.product, l.lead_id, l.lead_id, CASE l.team WHEN 'showroom' THEN 'visit' ELSE 'call' END, m.owner, l.store, NULL
      FROM sample_lead l JOIN sample_move m USING (lead_id) WHERE m.kind = 'won'
    UNION ALL
    SELECT response_id, customer_id, o.ordered_at, product, response_id, NULL, channel, salesperson_id, store, effort_no
      FROM sample_response r, LATERAL (SELECT dupex.sample_dice(response_id, salt + 72)) d(u),
           LATERAL (SELECT responded_at + CASE WHEN u < .5 THEN interval '20 minutes' ELSE (1 + 48 * (u - .5) * (u - .5)) * interval '1 day' END) o(ordered_at)
     WHERE buys AND NOT opens_lead AND o.ordered_at < '2026-06-30 20:00+00'
    UNION ALL
    SELECT n, customer_id, o.ordered_at, dupex.sample_product(CASE list WHEN '02' THEN 'training' ELSE 'dealer' END, .9 * dupex.sample_dice(n, salt + 55)),
           NULL, NULL, CASE list WHEN '01' THEN 'visit' ELSE 'web' END, NULL, CASE list WHEN '01' THEN 'showroom' END, NULL
      FROM sample_person p, LATERAL (SELECT 901 * id_base + customer_id) i(n), LATERAL (SELECT dupex.sample_dice(n, salt + 73)) d(u),
           LATERAL (SELECT CASE WHEN joined_on >= '2024-07-01' AND list <> '03' THEN joined_on::timestamptz ELSE timestamptz '2024-07-01 00:00+00' + floor(729 * dupex.sample_dice(n, salt + 74)) * interval '1 day' END
                           + (9 + 9 * dupex.sample_dice(n, salt + 75)) * interval '1 hour') o(ordered_at)
     WHERE NOT is_seed AND list IN ('01', '02', '03', '04') AND o.ordered_at > joined_on
       AND u < CASE WHEN list IN ('03', '04') THEN .03 WHEN joined_on >= '2024-07-01' THEN .45 ELSE .12 END;

    INSERT INTO sample_order (order_id, customer_id, ordered_at, product, channel, store)
    SELECT o.order_id + n * 1000 * id_base, o.customer_id, t.ordered_at,
           CASE WHEN p.category = 'training' THEN CASE WHEN d.u < .15 THEN 'certificate' WHEN d.u < .25 THEN 'course' ELSE 'elearning' END
                ELSE CASE WHEN d.u < .13 THEN 'tyres' WHEN d.u < .27 THEN 'service' ELSE 'roofbox' END END,
           CASE p.category WHEN 'training' THEN 'web' ELSE 'visit' END, CASE p.category WHEN 'training' THEN NULL ELSE 'showroom' END
      FROM sample_order o JOIN product p USING (product), LATERAL (SELECT dupex.sample_dice(order_id, salt + 76), dupex.sample_dice(order_id, salt + 77)) d(u, gap),
           generate_series(1, 3) n,
           LATERAL (SELECT date_trunc('day', o.ordered_at) + floor(n * (40 + 160 * gap)) * interval '1 day'
                           + (9 + 9 * dupex.sample_dice(order_id * 4 + n, salt + 78)) * interval '1 hour') t(ordered_at)
     WHERE o.customer_id <> 0 AND d.u < CASE n WHEN 1 THEN .34 WHEN 2 THEN .16 ELSE .07 END AND t.ordered_at < '2026-07-01 00:00+00';
    -- The campaign with a hold-out is matched back: what its people, mailed or held out, order
    -- without a code in the time of the answers carries the code of their cell.
    UPDATE sample_order o SET effort_no = e.effort_no
      FROM sample_touch t JOIN sample_effort e USING (effort_no)
     WHERE t.customer_id = o.customer_id AND NOT t.is_seed AND o.response_id IS NULL AND o.ordered_at >= e.sent_on AND o.ordered_at < e.answers_until + 1
       AND e.campaign IN (SELECT h.campaign FROM sample_effort h WHERE h.is_hold_out);
    UPDATE sample_order SET
        quantity = CASE WHEN product IN ('course', 'elearning') THEN 1 + floor(3 * dupex.sample_dice(order_id, salt + 79) * dupex.sample_dice(order_id, salt + 80))::int ELSE 1 END,
        discount = CASE WHEN dupex.sample_dice(order_id, salt + 81) < .3 THEN floor(9 * dupex.sample_dice(order_id, salt + 82))::int ELSE 0 END,
        extra_product = CASE WHEN dupex.sample_dice(order_id, salt + 83) < .18 THEN
                            CASE WHEN product IN ('used', 'compact', 'family', 'electric') THEN 'roofbox' WHEN product = 'tyres' THEN 'service'
                                 WHEN product IN ('course', 'certificate') THEN 'elearning' END END;
    ANALYZE sample_order;
END
$$;
COMMENT ON FUNCTION sample_plan_orders(bigint, bigint) IS 'plans the orders; a part of load_sample()';

CREATE FUNCTION sample_write_orders(salt bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO customer_order (customer_id, customer_order_id, order_number, ordered_at, revenue, cost_of_goods, response_id, lead_id, response_channel,
                                salesperson_id, store, reason, quoted_code, source_code, code_problem, request_id)
    SELECT customer_id, order_id, 'A' || order_id, ordered_at, round(p.price * quantity * (100 - discount) / 100, 2) + coalesce(x.price, 0),
           p.cost_of_goods * quantity + coalesce(x.cost_of_goods, 0), response_id, lead_id, channel, salesperson_id, o.store,
           CASE WHEN dupex.sample_dice(order_id, salt + 84) < .5 THEN (ARRAY['price', 'quality', 'recommended', 'near by', 'bought before'])
                     [1 + floor(5 * dupex.sample_dice(order_id, salt + 85))::int] END,
           q.quoted, r.code, r.problem, 'sample-order-' || order_id
      FROM sample_order o JOIN product p USING (product) LEFT JOIN product x ON x.product = o.extra_product LEFT JOIN sample_effort e USING (effort_no),
           LATERAL (SELECT CASE WHEN o.response_id IS NULL THEN e.code::text ELSE dupex.sample_quote(e.code::text, order_id, salt + 50, .75) END) q(quoted)
      LEFT JOIN LATERAL source_read(q.quoted, near => o.ordered_at::date) r ON q.quoted IS NOT NULL;
    INSERT INTO order_line (customer_id, order_line_id, customer_order_id, line_no, product, quantity, unit_price, amount, request_id)
    SELECT customer_id, order_id * 2, order_id, 1, product, quantity, p.price, round(p.price * quantity * (100 - discount) / 100, 2), 'sample-line-' || order_id * 2
      FROM sample_order JOIN product p USING (product)
    UNION ALL
    SELECT customer_id, order_id * 2 + 1, order_id, 2, extra_product, 1, x.price, x.price, 'sample-line-' || order_id * 2 + 1
      FROM sample_order JOIN product x ON x.product = extra_product;
    -- what can be sent back, and courses cancelled in time: the first line of the order
    INSERT INTO order_return (customer_id, order_return_id, customer_order_id, returned_at, amount, cost_of_goods, reason, request_id)
    SELECT customer_id, order_id, order_id, r.returned_at, round(p.price * quantity * (100 - discount) / 100, 2), p.cost_of_goods * quantity,
           CASE p.category WHEN 'training' THEN 'cancelled in time' ELSE 'does not fit' END, 'sample-return-' || order_id
      FROM sample_order JOIN product p USING (product),
           LATERAL (SELECT date_trunc('day', ordered_at) + floor(4 + 20 * dupex.sample_dice(order_id, salt + 86)) * interval '1 day' + interval '11 hours') r(returned_at)
     WHERE r.returned_at < '2026-07-01 00:00+00'
       AND dupex.sample_dice(order_id, salt + 87) < CASE WHEN product IN ('tyres', 'roofbox') THEN .06 WHEN product IN ('course', 'certificate') THEN .03 ELSE 0 END;
END
$$;
COMMENT ON FUNCTION sample_write_orders(bigint) IS 'writes orders, their lines and returns; a part of load_sample()';

CREATE FUNCTION sample_write_receptions(salt bigint, id_base bigint, scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO reception (customer_id, reception_id, store, received_at, salesperson_id, lead_id, party_size, form, form_entered_at, quoted_code, source_code, code_problem, request_id)
    SELECT s.customer_id, s.response_id, s.store, s.responded_at, coalesce(l.first_owner, s.salesperson_id), l.lead_id, 1 + floor(3 * d.u * d.u)::int,
           -- what the form asks for; some fill in less, and some numbers are wrong
           jsonb_strip_nulls(jsonb_build_object('name', 'customer ' || s.customer_id, 'interest', s.product,
               'phone', CASE WHEN d.care < .06 THEN '0000' WHEN d.care < .8 THEN '+44 7700 900' || lpad((s.customer_id % 1000)::text, 3, '0') END,
               'budget', CASE WHEN d.care > .35 THEN p.price END, 'when', CASE WHEN d.care > .25 THEN coalesce(l.first_grade, 'potential') END,
               -- who came along
               'companions', CASE WHEN d.care > .45 AND floor(3 * d.u * d.u) > 0
                                  THEN (SELECT jsonb_agg(jsonb_build_object('relation', (ARRAY['partner', 'child', 'friend'])[k])) FROM generate_series(1, floor(3 * d.u * d.u)::int) k) END,
               'gift', CASE WHEN d.u < .3 THEN CASE WHEN d.care < .5 THEN 'keyring' ELSE 'umbrella' END END)),
           s.responded_at + (10 + 300 * d.u * d.u) * interval '1 minute', r.quoted_code, r.source_code, r.code_problem, 'sample-reception-' || s.response_id
      FROM sample_response s JOIN response r USING (customer_id, response_id) JOIN product p ON p.product = s.product
      LEFT JOIN sample_lead l ON l.lead_id = s.response_id,
           LATERAL (SELECT dupex.sample_dice(s.response_id, salt + 88), dupex.sample_dice(s.response_id, salt + 89)) d(u, care)
     WHERE s.is_walk_in
    UNION ALL
    SELECT 0, n, CASE WHEN dupex.sample_dice(n, salt + 90) < .7 THEN 'showroom' ELSE 'outlet' END,
           dupex.sample_visitor_at(n, salt), coalesce(t.salesperson_id, 2 + floor(3 * dupex.sample_dice(n, salt + 92))::int), NULL, 1 + floor(3 * dupex.sample_dice(n, salt + 93) * dupex.sample_dice(n, salt + 94))::int,
           NULL, NULL, NULL, NULL, NULL, 'sample-reception-' || n
      FROM generate_series(1, ceil(500 * scale)::bigint) k CROSS JOIN LATERAL (SELECT 910 * id_base + k) i(n)
      LEFT JOIN rotation_turn t ON t.customer_id = 0 AND t.rotation_turn_id = n;
    PERFORM score_forms(timestamptz '2026-07-01 00:00+00');
END
$$;
COMMENT ON FUNCTION sample_write_receptions(bigint, bigint, float8) IS 'writes the receptions, with and without a name, and scores their forms; a part of load_sample()';

CREATE FUNCTION sample_write_calls(salt bigint, id_base bigint, scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO call (customer_id, call_id, called_at, direction, result, lead_id, salesperson_id, call_reference, seconds, quoted_code, source_code, code_problem, request_id)
    SELECT customer_id, touch_id * 2, sent_at, 'outbound',
           CASE WHEN is_answered THEN 'promise' WHEN d.u < .38 THEN 'reached' WHEN d.u < .66 THEN 'refused' ELSE 'call back' END,
           NULL::bigint, (block - 1) * 12 + 6 + floor(3 * d.who)::int, 'tel-' || touch_id * 2,
           CASE WHEN NOT is_answered AND d.u >= .66 THEN 0 ELSE 20 + floor(400 * d.who * d.u)::int END, e.code::text, e.code, NULL::text, 'sample-call-' || touch_id * 2
      FROM sample_touch t JOIN sample_effort e USING (effort_no) JOIN sample_person p USING (customer_id),
           LATERAL (SELECT dupex.sample_dice(touch_id, salt + 96), dupex.sample_dice(touch_id, salt + 97)) d(u, who)
     WHERE e.medium = 'T'
    UNION ALL
    SELECT customer_id, s.response_id * 2 + 1, s.responded_at, 'inbound', 'answered', NULL, s.salesperson_id, 'tel-' || s.response_id * 2 + 1,
           30 + floor(500 * dupex.sample_dice(s.response_id, salt + 97))::int, r.quoted_code, r.source_code, r.code_problem, 'sample-call-' || s.response_id * 2 + 1
      FROM sample_response s JOIN sample_effort e USING (effort_no) JOIN response r USING (customer_id, response_id)
     WHERE s.channel = 'call' AND e.medium <> 'T'
    UNION ALL
    -- nobody answered in time
    SELECT 0, n * 2, timestamptz '2024-07-01 00:00+00' + floor(730 * dupex.sample_dice(n, salt + 96)) * interval '1 day' + (8 + 10 * dupex.sample_dice(n, salt + 97)) * interval '1 hour',
           'inbound', 'lost', NULL, NULL, 'tel-' || n * 2, 0, NULL, NULL, NULL, 'sample-call-' || n * 2
      FROM generate_series(1, ceil(60 * scale)::bigint) k, LATERAL (SELECT 912 * id_base + k) i(n);
END
$$;
COMMENT ON FUNCTION sample_write_calls(bigint, bigint, float8) IS 'writes the calls; a part of load_sample()';

CREATE FUNCTION sample_write_door_counts(salt bigint, scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO door_count (store, date_day, visitors, door_count_id, request_id)
    SELECT s.store, day, round((scale * s.visitors * (.6 + .8 * dupex.sample_dice(n, salt + 98)) * CASE WHEN extract(isodow FROM day) = 6 THEN 1.8 ELSE 1 END
                                * (ARRAY[.9, .95, 1.2, 1.15, 1.05, 1, .8, .75, 1.15, 1.2, 1.05, .8])[extract(month FROM day)::int])::numeric)::bigint,
           n, 'sample-door-' || n
      FROM generate_series(date '2024-07-01', date '2026-06-30', interval '1 day') g(at), LATERAL (SELECT at::date) c(day),
           (VALUES (1, 'showroom', 14), (2, 'outlet', 8), (3, 'training', 5)) s(no, store, visitors), LATERAL (SELECT (day - date '2024-07-01') * 4::bigint + s.no) i(n)
     WHERE extract(isodow FROM day) <> 7;
    -- the counter in the showroom counted the fitters, too
    INSERT INTO door_count (store, date_day, visitors, door_count_id, request_id)
    VALUES ('showroom', '2025-05-14', -ceil(3 * scale)::bigint, 4000, 'sample-door-4000');
END
$$;
COMMENT ON FUNCTION sample_write_door_counts(bigint, float8) IS 'writes the visitors counted at the doors; a part of load_sample()';
