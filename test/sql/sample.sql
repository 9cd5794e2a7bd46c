-- load_sample(): the same rows for the same scale and seed, in proportion to the scale, and facts that agree
SET search_path = public, dupex;
SET client_min_messages = warning;

-- all rows of a marketing database but for the times and transactions of recording, and what is hashed under the secret of the installation: suppressions are numbered in its order
CREATE FUNCTION pg_temp.digest(schema name) RETURNS TABLE (name text, rows bigint, digest text) LANGUAGE plpgsql AS $$
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = quote_ident(schema)::regnamespace AND relkind = 'r'
                   AND relname NOT IN ('installation', 'installed_object', 'report_state', 'job_step', 'setting', 'installation_secret') ORDER BY relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*), md5(string_agg(r, '';'' ORDER BY r COLLATE "C"))
                          FROM (SELECT (to_jsonb(t) - ''{recorded_at,recorded_xid,key_hash,suppression_id}''::text[])::text FROM %I.%I t) x(r)
                         WHERE r NOT LIKE ''%%UNSOURCED%%''', schema, name)
            INTO rows, digest;
        RETURN NEXT;
    END LOOP;
END $$;

SELECT install('sample_a') IS NOT NULL AND install('sample_b') IS NOT NULL AND install('sample_c') IS NOT NULL AS installed;
SELECT load_sample('sample_a', 0.05);
-- the time zone, the date style and the search path of the session make no difference, and are as before
SET TimeZone = 'Asia/Shanghai';
SET DateStyle = 'SQL, DMY';
SET search_path = pg_catalog;
SELECT dupex.load_sample('sample_b', 0.05, 1) LIKE '%seed 1%' AS loaded, current_setting('TimeZone'), current_setting('search_path');
SELECT dupex.load_sample(schema => 'sample_c', scale => 0.05, seed => -7) LIKE '%seed -7%' AS loaded;
RESET ALL;
SET search_path = public, dupex;
SET client_min_messages = warning;

SELECT a.name, a.rows, a.digest IS DISTINCT FROM b.digest AS differs FROM pg_temp.digest('sample_a') a JOIN pg_temp.digest('sample_b') b USING (name) WHERE a.digest IS DISTINCT FROM b.digest;
SELECT count(*) FILTER (WHERE a.digest <> c.digest) >= 20 AS other_seed_differs FROM pg_temp.digest('sample_a') a JOIN pg_temp.digest('sample_c') c USING (name);
-- the same on every machine: a deliberate change of the sample changes this
SELECT md5(string_agg(r, ';' ORDER BY r COLLATE "C"))
  FROM (SELECT format('touch %s %s %s %s', customer_id, touch_id, source_code, extract(epoch FROM sent_at)) FROM sample_a.touch
        UNION ALL SELECT format('response %s %s %s %s %s', customer_id, response_id, extract(epoch FROM responded_at), quoted_code, source_code) FROM sample_a.response
        UNION ALL SELECT format('move %s %s %s %s %s', customer_id, lead_id, extract(epoch FROM moved_at), kind, to_salesperson_id) FROM sample_a.lead_move
        UNION ALL SELECT format('order %s %s %s %s', customer_id, customer_order_id, extract(epoch FROM ordered_at), revenue) FROM sample_a.customer_order
        UNION ALL SELECT format('expense %s %s %s', spent_on - date '2024-07-01', amount, source_code) FROM sample_a.expense) x(r);

-- in proportion: .05 of 100,000 touches, 20,000 people, ...
SELECT name, rows BETWEEN least AND most AS as_planned
  FROM pg_temp.digest('sample_a') JOIN (VALUES ('touch', 4500, 5800), ('customer', 1011, 1011), ('touch_event', 4800, 6200), ('response', 350, 480), ('lead', 70, 130),
        ('customer_order', 190, 310), ('source', 270, 290), ('expense', 500, 600), ('visit', 400, 800)) v(name, least, most) USING (name) ORDER BY name;
-- every table of facts and dimensions has rows
SELECT name FROM unnest('{account_owner,call,campaign,code_mend,contact_point,customer,customer_order,customer_ref,door_count,event,event_attendance,event_registration,
        expense,hold_out,lead,lead_hand_over,lead_move,list,list_member,offer,order_line,order_return,product,reception,region,response,rotation_member,rotation_turn,salesperson,source,store,team,test_group,
        touch,touch_event,visit}'::text[]) name LEFT JOIN pg_temp.digest('sample_a') d USING (name) WHERE rows IS NULL OR rows = 0;

-- facts that agree with each other: as in every marketing database, and as is so in the sample; each line counts the rows that do not
SET search_path = sample_a, public, dupex;
SELECT check_name, problems, example FROM check_integrity() WHERE problems <> 0;
-- as in real life a lead keeps its team when it is defeated
SELECT count(*) > 0 AS defeated, count(*) FILTER (WHERE team = 'marketing') AS without_a_team FROM lead WHERE status = 'defeated';
SELECT * FROM (VALUES
    ('event before its touch', (SELECT count(*) FROM touch_event e JOIN touch t USING (customer_id, touch_id) WHERE e.happened_at < t.sent_at)),
    ('delivered and bounced', (SELECT count(*) FROM touch_event e JOIN touch_event f USING (customer_id, touch_id) WHERE e.kind = 'delivered' AND f.kind = 'bounced')),
    ('clicked and not opened', (SELECT count(*) FROM touch_event e WHERE kind = 'clicked' AND NOT EXISTS (SELECT FROM touch_event f WHERE (f.customer_id, f.touch_id, f.kind) = (e.customer_id, e.touch_id, 'opened')))),
    ('e-mail after an opt-out', (SELECT count(*) FROM touch_event e JOIN touch t USING (customer_id, touch_id) JOIN source s USING (source_code) JOIN touch u ON u.customer_id = t.customer_id AND u.sent_at > t.sent_at
        JOIN source v ON v.source_code = u.source_code AND v.medium = s.medium WHERE e.kind IN ('unsubscribed', 'complained', 'bounced'))),
    ('external person mailed over twice', (SELECT count(*) FROM (SELECT FROM touch JOIN source USING (source_code) JOIN list USING (list) WHERE list.kind = 'external' GROUP BY customer_id HAVING count(*) > 2) x)),
    ('one piece twice', (SELECT count(*) FROM (SELECT FROM touch JOIN source USING (source_code) GROUP BY customer_id, medium, issued_on, list HAVING count(*) > 1) x)),
    ('touch to an address of somebody else', (SELECT count(*) FROM touch t WHERE contact_point_id IS NULL OR NOT EXISTS (SELECT FROM contact_point c WHERE (c.customer_id, c.contact_point_id) = (t.customer_id, t.contact_point_id)))),
    ('held out and touched in one campaign and list', (SELECT count(*) FROM hold_out h JOIN source s USING (source_code) JOIN touch t USING (customer_id) JOIN source u ON u.source_code = t.source_code
        WHERE u.campaign = s.campaign AND u.list = s.list AND u.medium = s.medium)),
    ('response to a touch of somebody else, or before it', (SELECT count(*) FROM response r LEFT JOIN touch t USING (customer_id, touch_id) WHERE r.touch_id IS NOT NULL AND (t.sent_at IS NULL OR t.sent_at > r.responded_at))),
    ('code not as source_read() reads it', (SELECT count(*) FROM response, source_read(quoted_code, near => (responded_at AT TIME ZONE 'UTC')::date) x WHERE x.code IS DISTINCT FROM response.source_code
        OR (quoted_code IS NOT NULL AND x.problem IS DISTINCT FROM code_problem))),
    ('lead without its response, or before it', (SELECT count(*) FROM lead l LEFT JOIN response r USING (customer_id, response_id) WHERE r.responded_at IS NULL OR r.responded_at > l.opened_at)),
    ('won lead without its order', (SELECT count(*) FROM lead l WHERE (status = 'won') <> EXISTS (SELECT FROM customer_order o WHERE (o.customer_id, o.customer_order_id, o.lead_id) = (l.customer_id, l.customer_order_id, l.lead_id)))),
    ('order of a lead of somebody else', (SELECT count(*) FROM customer_order o WHERE lead_id IS NOT NULL AND NOT EXISTS (SELECT FROM lead l WHERE (l.customer_id, l.lead_id, l.status) = (o.customer_id, o.lead_id, 'won')))),
    ('order of a response of somebody else, or before it', (SELECT count(*) FROM customer_order o LEFT JOIN response r USING (customer_id, response_id) WHERE o.response_id IS NOT NULL AND (r.responded_at IS NULL OR r.responded_at > o.ordered_at))),
    ('lead not opened by its first move', (SELECT count(*) FROM lead l LEFT JOIN (SELECT DISTINCT ON (customer_id, lead_id) * FROM lead_move ORDER BY customer_id, lead_id, moved_at) m USING (customer_id, lead_id)
        WHERE (m.kind, m.moved_at) IS DISTINCT FROM ('opened', l.opened_at))),
    ('move that does not go on from the one before', (SELECT count(*) FROM (SELECT m.*, lag(m) OVER (PARTITION BY customer_id, lead_id ORDER BY moved_at) AS b FROM lead_move m) m
        WHERE kind <> 'opened' AND (from_salesperson_id, from_grade, from_status) IS DISTINCT FROM ((b).to_salesperson_id, (b).to_grade, (b).to_status))),
    ('move of a closed lead', (SELECT count(*) FROM lead_move WHERE from_status <> 'open')),
    ('move that changes nothing', (SELECT count(*) FROM lead_move WHERE (from_salesperson_id, from_grade, from_status) IS NOT DISTINCT FROM (to_salesperson_id, to_grade, to_status))),
    ('lead owned by one who has left', (SELECT count(*) FROM lead JOIN salesperson USING (salesperson_id) WHERE left_on IS NOT NULL AND status = 'open')),
    ('account owned by one who has left', (SELECT count(*) FROM customer JOIN salesperson USING (salesperson_id) WHERE left_on IS NOT NULL)),
    ('stale lead that the last night passed over', (SELECT count(*) FROM lead JOIN stale_rule USING (lead_grade) WHERE status = 'open' AND step_no = least(stale_step_no + 1, CASE lead_grade WHEN 'prospective' THEN 2 ELSE 1 END)
        AND clock_started_at + stale_after < '2026-06-30 00:00+00')),
    ('clock unlike the moves', (SELECT count(*) FROM lead l WHERE clock_started_at <> (SELECT max(moved_at) FROM lead_move m WHERE (m.customer_id, m.lead_id) = (l.customer_id, l.lead_id) AND kind IN ('opened', 'graded', 'stale', 'handed over')))),
    ('visit of a lead of somebody else', (SELECT count(*) FROM visit v WHERE NOT EXISTS (SELECT FROM lead l WHERE (l.customer_id, l.lead_id) = (v.customer_id, v.lead_id)))),
    ('visit of a plan that is none', (SELECT count(*) FROM visit v WHERE planned_visit_id IS NOT NULL AND NOT EXISTS (SELECT FROM visit p WHERE (p.customer_id, p.visit_id, p.lead_id, p.status) = (v.customer_id, v.planned_visit_id, v.lead_id, 'planned')))),
    ('visit completed after the lead was closed', (SELECT count(*) FROM visit v JOIN lead l USING (customer_id, lead_id) WHERE v.status = 'completed' AND v.visited_at > l.closed_at)),
    ('next visit unlike the plan', (SELECT count(*) FROM lead l WHERE next_visit_on IS NOT NULL AND NOT EXISTS (SELECT FROM visit v WHERE (v.customer_id, v.lead_id, v.status) = (l.customer_id, l.lead_id, 'planned') AND v.visited_at::date = next_visit_on))),
    ('order unlike its lines', (SELECT count(*) FROM customer_order o WHERE revenue IS DISTINCT FROM (SELECT sum(amount) FROM order_line l WHERE (l.customer_id, l.customer_order_id) = (o.customer_id, o.customer_order_id)))),
    ('return of more than was sold, or before it', (SELECT count(*) FROM order_return r LEFT JOIN customer_order o USING (customer_id, customer_order_id) WHERE o.revenue IS NULL OR r.amount > o.revenue OR r.cost_of_goods > o.cost_of_goods OR returned_at < ordered_at)),
    ('attendance without registration', (SELECT count(*) FROM event_attendance a WHERE NOT EXISTS (SELECT FROM event_registration r WHERE (r.customer_id, r.event_id) = (a.customer_id, a.event_id)))),
    ('attendance of an event not held', (SELECT count(*) FROM event_attendance JOIN event USING (event_id) WHERE status <> 'held')),
    ('over the maximum number', (SELECT count(*) FROM event v WHERE maximum_number < (SELECT count(*) FROM event_registration r WHERE r.event_id = v.event_id))),
    ('one person registered twice', (SELECT count(*) - count(DISTINCT (event_id, customer_id)) FROM event_registration)),
    ('internal person without a beginning, or who did something before', (SELECT count(*) FROM customer c WHERE kind = 'internal' AND customer_id <> 0 AND NOT is_seed AND (became_internal_at IS NULL OR EXISTS (SELECT FROM response r WHERE r.customer_id = c.customer_id AND r.responded_at < became_internal_at)))),
    ('response, lead or order of a seed name', (SELECT count(*) FROM customer c WHERE is_seed AND (EXISTS (SELECT FROM response r WHERE r.customer_id = c.customer_id) OR EXISTS (SELECT FROM customer_order o WHERE o.customer_id = c.customer_id)))),
    ('mended code that is not registered, or of no response', (SELECT count(*) FROM code_mend m WHERE NOT EXISTS (SELECT FROM source s WHERE s.source_code = m.source_code) OR NOT EXISTS (SELECT FROM response r WHERE (r.customer_id, r.response_id) = (m.customer_id, m.fact_id)))),
    ('organisation, household or recommendation out of nowhere', (SELECT count(*) FROM customer c WHERE NOT EXISTS (SELECT FROM customer o WHERE o.customer_id = c.organisation_id AND o.is_organisation) AND organisation_id IS NOT NULL
        OR recommended_by IS NOT NULL AND (recommended_by = c.customer_id OR NOT EXISTS (SELECT FROM customer o WHERE o.customer_id = c.recommended_by)) OR (SELECT count(*) FROM customer o WHERE o.household_id = c.household_id) = 1)),
    ('fact without a request_id', (SELECT (SELECT count(*) FROM touch WHERE request_id IS NULL) + (SELECT count(*) FROM response WHERE request_id IS NULL) + (SELECT count(*) FROM customer_order WHERE request_id IS NULL))),
    ('fact outside the two years', (SELECT (SELECT count(*) FROM touch WHERE sent_at NOT BETWEEN '2024-07-01 00:00+00' AND '2026-07-01 00:00+00') + (SELECT count(*) FROM response WHERE responded_at NOT BETWEEN '2024-07-01 00:00+00' AND '2026-07-01 00:00+00')
        + (SELECT count(*) FROM customer_order WHERE ordered_at NOT BETWEEN '2024-07-01 00:00+00' AND '2026-07-01 00:00+00') + (SELECT count(*) FROM lead_move WHERE moved_at NOT BETWEEN '2024-07-01 00:00+00' AND '2026-07-01 00:00+00')
        + (SELECT count(*) FROM expense WHERE spent_on NOT BETWEEN '2024-07-01' AND '2026-06-30')))
    ) v(what, problems) WHERE problems <> 0;

-- identities go on after the numbers of the sample
INSERT INTO response (customer_id, responded_at) VALUES (0, '2026-07-01') RETURNING response_id > (SELECT max(response_id) FROM response) AS above_all;
INSERT INTO code_mend (customer_id, fact, fact_id) VALUES (0, 'response', 1) RETURNING code_mend_id > 0 AS above_none;

-- refused: data, no marketing database, scales
SET search_path = public, dupex;
\set SHOW_CONTEXT never
SELECT load_sample('sample_a');
\echo :SQLSTATE
SELECT load_sample('sample_nowhere');
\echo :SQLSTATE
SELECT load_sample('sample_a', 0);
\echo :SQLSTATE
SELECT load_sample('sample_a', 1000.5);
\echo :SQLSTATE
SELECT load_sample('sample_a', 'NaN');
\echo :SQLSTATE
SELECT load_sample('sample_a', NULL);
\echo :SQLSTATE
SELECT has_function_privilege('public', 'dupex.load_sample(name, float8, int)', 'EXECUTE') AS public_may;

SELECT uninstall('sample_a', drop_data => true) IS NOT NULL AND uninstall('sample_b', drop_data => true) IS NOT NULL AND uninstall('sample_c', drop_data => true) IS NOT NULL AS gone;
