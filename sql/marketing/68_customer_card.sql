-- Everything known of one person in order of time, for whoever has him on the telephone.
--
-- Most people have rows in few of the tables, and to open a table and its index costs more than to
-- find nothing in it. So what many kinds have, the name of a salesperson, is looked up once for all
-- of them: before_name and after_name are the words before and after it. Each name is found by its
-- key, and not by reading a small table for every row, which looks cheaper to the planner. What is
-- called within pins no search path: see 60_request.sql.

-- What everybody knows or nobody needs of a row.
CREATE OR REPLACE FUNCTION card_left_out() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '{customer_id,recorded_xid,recorded_at,request_id,match_key,key_hash}'::text[];
COMMENT ON FUNCTION card_left_out() IS 'the columns that a row does not show: customer_id and what says how it was recorded. A part of customer_card()';

-- Who the customer is and how to reach him, with the times at which it was recorded.
CREATE OR REPLACE FUNCTION card_person(customer bigint)
    RETURNS TABLE (kind text, happened_at timestamptz, before_name text, salesperson_id bigint, after_name text, fact_id bigint, source_code text, details jsonb)
    LANGUAGE plpgsql STABLE ROWS 10 AS
$$
BEGIN
    RETURN QUERY
    SELECT 'customer', c.recorded_at, concat_ws(', ', c.name, c.kind || CASE WHEN c.is_organisation THEN ' organisation' ELSE ' customer' END),
           NULL::bigint, NULL::text, NULL::bigint, NULL::text, row_document(c, card_left_out())
      FROM customer c WHERE c.customer_id = card_person.customer
    UNION ALL
    SELECT 'number', f.recorded_at, f.number || ' of system ' || f.system, NULL, NULL, NULL, NULL, row_document(f, card_left_out()) FROM customer_ref f WHERE f.customer_id = card_person.customer
    UNION ALL
    SELECT 'address', p.recorded_at, concat_ws(' ', p.place, p.kind || ':', p.value, CASE WHEN p.status <> 'unknown' THEN '(' || p.status || ')' END),
           NULL, NULL, p.contact_point_id, NULL, row_document(p, card_left_out())
      FROM contact_point p WHERE p.customer_id = card_person.customer
    UNION ALL
    SELECT 'list', coalesce(m.joined_on::timestamp AT TIME ZONE (SELECT z.value FROM setting z WHERE z.setting = 'time_zone'), m.recorded_at),
           concat_ws(' ', 'on list', m.list, (SELECT l.name FROM list l WHERE l.list = m.list)), NULL, NULL, NULL, NULL, row_document(m, card_left_out())
      FROM list_member m WHERE m.customer_id = card_person.customer
    UNION ALL
    SELECT 'account owner', o.since, concat_ws(': ', coalesce((SELECT s.name FROM salesperson s WHERE s.salesperson_id = o.salesperson_id), 'nobody'), o.reason),
           NULL, NULL, NULL, NULL, row_document(o, card_left_out())
      FROM account_owner o WHERE o.customer_id = card_person.customer
    UNION ALL
    SELECT 'household', h.recorded_at, format('from household %s to %s', coalesce(h.from_household_id::text, 'none'), coalesce(h.to_household_id::text, 'none')),
           NULL, NULL, h.household_move_id, NULL, row_document(h, card_left_out())
      FROM household_move h WHERE h.customer_id = card_person.customer
    UNION ALL
    SELECT 'consent', e.happened_at, concat_ws(' ', e.status || ':', coalesce(e.channel, 'all channels') || ',', coalesce(e.purpose, 'all purposes')), NULL, NULL, e.consent_event_id, NULL, row_document(e, card_left_out())
      FROM consent_event e WHERE e.customer_id = card_person.customer
    UNION ALL
    SELECT 'contact stop', x.starts_at, concat_ws(': ', x.refusal, x.details), NULL, NULL, x.contact_stop_id, NULL, row_document(x, card_left_out())
      FROM contact_stop x WHERE x.customer_id = card_person.customer
    UNION ALL
    SELECT 'contact rule', NULL, concat_ws(' ', coalesce(r.channel, 'all channels') || ':', r.rule, r.pieces || ' in', r.within), NULL, NULL, r.customer_contact_rule_id, NULL, row_document(r, card_left_out())
      FROM customer_contact_rule r WHERE r.customer_id = card_person.customer;
END
$$;
COMMENT ON FUNCTION card_person(bigint) IS 'who a customer is, with numbers, addresses, lists, owners and moves between households, consents and wishes. A part of customer_card()';

-- What went out to the customer, and what he answered.
CREATE OR REPLACE FUNCTION card_contacts(customer bigint)
    RETURNS TABLE (kind text, happened_at timestamptz, before_name text, salesperson_id bigint, after_name text, fact_id bigint, source_code text, details jsonb)
    LANGUAGE plpgsql STABLE ROWS 100 AS
$$
BEGIN
    RETURN QUERY
    SELECT 'touch', t.sent_at,
           (SELECT concat_ws(', ', (SELECT m.name FROM medium m WHERE m.medium = s.medium), (SELECT c.name FROM campaign c WHERE c.campaign = s.campaign))
              FROM source s WHERE s.source_code = t.source_code),
           NULL::bigint, NULL::text, t.touch_id, t.source_code::text, row_document(t, card_left_out())
      FROM touch t WHERE t.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'touch event', e.happened_at, concat_ws(': ', e.kind, e.detail), NULL, NULL, e.touch_event_id, NULL, row_document(e, card_left_out()) FROM touch_event e WHERE e.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'hold-out', h.held_out_at, 'held out of an effort', NULL, NULL, h.hold_out_id, h.source_code::text, row_document(h, card_left_out()) FROM hold_out h WHERE h.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'response', r.responded_at, concat_ws(', ', (SELECT c.name FROM response_channel c WHERE c.response_channel = r.response_channel), r.product, r.message),
           NULL, NULL, r.response_id, r.source_code::text, row_document(r, card_left_out())
      FROM response r WHERE r.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'reception', r.received_at, (SELECT s.name FROM store s WHERE s.store = r.store), r.salesperson_id, NULL, r.reception_id, r.source_code::text, row_document(r, card_left_out())
      FROM reception r WHERE r.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'reception form', f.entered_at, concat_ws(', ', f.form_kind, f.problems, f.gift), NULL, NULL, f.reception_form_id, NULL, row_document(f, card_left_out())
      FROM reception_form f WHERE f.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'turn', t.turned_at, NULL, t.salesperson_id, t.why, t.rotation_turn_id, NULL, row_document(t, card_left_out())
      FROM rotation_turn t WHERE t.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'call', l.called_at, l.direction || ': ' || l.result, l.salesperson_id, NULL, l.call_id, l.source_code::text, row_document(l, card_left_out())
      FROM call l WHERE l.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'basket', b.happened_at, concat_ws(', ', b.kind, b.product, b.reason), NULL, NULL, b.basket_event_id, b.source_code::text, row_document(b, card_left_out())
      FROM basket_event b WHERE b.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'registration', r.registered_at, (SELECT e.name FROM event e WHERE e.event_id = r.event_id), NULL, NULL, r.event_registration_id, r.source_code::text, row_document(r, card_left_out())
      FROM event_registration r WHERE r.customer_id = card_contacts.customer
    UNION ALL
    SELECT 'attendance', a.attended_at, (SELECT e.name FROM event e WHERE e.event_id = a.event_id), NULL, NULL, a.event_attendance_id, a.source_code::text, row_document(a, card_left_out())
      FROM event_attendance a WHERE a.customer_id = card_contacts.customer;
END
$$;
COMMENT ON FUNCTION card_contacts(bigint) IS 'what was sent to a customer and what came back. A part of customer_card()';

-- Leads, visits and money.
CREATE OR REPLACE FUNCTION card_sales(customer bigint)
    RETURNS TABLE (kind text, happened_at timestamptz, before_name text, salesperson_id bigint, after_name text, fact_id bigint, source_code text, details jsonb)
    LANGUAGE plpgsql STABLE ROWS 20 AS
$$
BEGIN
    -- most people have no lead, and then nothing that hangs on one
    IF EXISTS (SELECT FROM lead l WHERE l.customer_id = card_sales.customer) THEN
        RETURN QUERY
        SELECT 'lead', l.opened_at, concat_ws(', ', l.product, l.lead_grade, l.status, l.lost_reason), l.salesperson_id, NULL::text, l.lead_id, l.source_code::text, row_document(l, card_left_out())
          FROM lead l WHERE l.customer_id = card_sales.customer
        UNION ALL
        SELECT 'lead move', m.moved_at, concat_ws(', ', m.kind, CASE WHEN m.to_grade IS DISTINCT FROM m.from_grade THEN m.to_grade END),
               CASE WHEN m.to_salesperson_id IS DISTINCT FROM m.from_salesperson_id THEN m.to_salesperson_id END,
               concat_ws(', ', CASE WHEN m.to_salesperson_id IS NULL AND m.from_salesperson_id IS NOT NULL THEN 'to marketing' END, m.reason),
               m.lead_move_id, NULL, row_document(m, card_left_out())
          FROM lead_move m WHERE m.customer_id = card_sales.customer
        UNION ALL
        SELECT 'lead score', s.scored_at, concat_ws(', ', s.score || ' %', s.model_grade), NULL, NULL, s.lead_id, NULL, row_document(s, card_left_out()) FROM lead_score s WHERE s.customer_id = card_sales.customer
        UNION ALL
        SELECT 'hand-over', h.handed_over_at, h.from_team || ' to ' || h.to_team, h.to_salesperson_id,
               concat_ws(', ', CASE WHEN h.unmet <> '{}' THEN 'unmet: ' || array_to_string(h.unmet, ', ') END, h.note), h.lead_hand_over_id, NULL, row_document(h, card_left_out())
          FROM lead_hand_over h WHERE h.customer_id = card_sales.customer
        UNION ALL
        SELECT 'hand-over', a.answered_at, concat_ws(', ', a.answer, a.return_reason), a.salesperson_id, a.note, a.lead_hand_over_id, NULL, row_document(a, card_left_out())
          FROM lead_hand_over_answer a WHERE a.customer_id = card_sales.customer
        UNION ALL
        SELECT 'win-back', w.noted_at, concat_ws(', ', coalesce('on ' || w.win_back_on, 'not at all'), w.note), NULL, NULL, w.lead_win_back_id, NULL, row_document(w, card_left_out())
          FROM lead_win_back w WHERE w.customer_id = card_sales.customer;
    END IF;
    RETURN QUERY
    SELECT 'visit', v.visited_at, concat_ws(', ', v.kind, v.status), v.salesperson_id, v.outcome, v.visit_id, v.source_code::text, row_document(v, card_left_out())
      FROM visit v WHERE v.customer_id = card_sales.customer
    UNION ALL
    SELECT 'order', o.ordered_at, concat_ws(', ', trim_scale(o.revenue)::text, o.order_number, g.goods), NULL, NULL, o.customer_order_id, o.source_code::text,
           row_document(o, card_left_out()) || jsonb_build_object('lines', g.lines)
      FROM customer_order o
      LEFT JOIN LATERAL (SELECT string_agg(concat_ws(' ', trim_scale(l.quantity), coalesce(l.product, l.description)), ', ' ORDER BY l.line_no) AS goods,
                                coalesce(jsonb_agg(row_document(l, card_left_out() || '{order_line_id,customer_order_id}') ORDER BY l.line_no), '[]') AS lines
                           FROM order_line l WHERE l.customer_id = o.customer_id AND l.customer_order_id = o.customer_order_id) g ON true
     WHERE o.customer_id = card_sales.customer
    UNION ALL
    SELECT 'return', r.returned_at, concat_ws(', ', trim_scale(r.amount)::text, r.reason), NULL, NULL, r.order_return_id, r.source_code::text, row_document(r, card_left_out())
      FROM order_return r WHERE r.customer_id = card_sales.customer
    UNION ALL
    SELECT 'code mended', m.recorded_at, concat_ws(', ', m.fact, m.reason), NULL, NULL, m.code_mend_id, m.source_code::text, row_document(m, card_left_out())
      FROM code_mend m WHERE m.customer_id = card_sales.customer;
END
$$;
COMMENT ON FUNCTION card_sales(bigint) IS 'leads, visits, orders and returns of a customer. A part of customer_card()';

CREATE OR REPLACE FUNCTION customer_card(customer bigint DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL)
    RETURNS TABLE (kind text, happened_at timestamptz, what text, fact_id bigint, source_code text, details jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100 SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    person bigint := (request_customer(customer, customer_system, customer_number, true, false)).customer_id;
BEGIN
    RETURN QUERY
    SELECT a.kind, a.happened_at,
           concat_ws(', ', nullif(a.before_name, ''), (SELECT p.name FROM salesperson p WHERE p.salesperson_id = a.salesperson_id), nullif(a.after_name, '')),
           a.fact_id, a.source_code, a.details
      FROM (SELECT * FROM card_person(person) UNION ALL SELECT * FROM card_contacts(person) UNION ALL SELECT * FROM card_sales(person)) a
     ORDER BY a.happened_at, array_position('{customer,number,address,list,account owner,household,hold-out,touch,touch event,response,turn,reception,reception form,lead,lead score,lead move,hand-over}', a.kind), a.kind, a.fact_id;
END
$$;
COMMENT ON FUNCTION customer_card(bigint, text, text) IS 'everything known of a customer, one row per thing in order of time: kind is customer, number, address, list, account owner, household, touch, touch event, hold-out, response, turn, reception, reception form, call, basket, registration, attendance, lead, lead score, lead move, hand-over, win-back, visit, order, return or code mended; what says it in words; fact_id is its number, source_code the code as read, details the row as a document. Shows personal data. 22004 without a customer, 23503 for an unknown one';
