-- check_integrity(): silent on what is right, and each rule finds the damage that it is for
SET search_path = public, dupex;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT install('face_check') IS NOT NULL AS installed;
SELECT count(*) > 30 AS rules, count(*) FILTER (WHERE problems <> 0) AS with_problems FROM face_check.check_integrity();

-- on the sample: before its first refresh, after it, and with facts that are not yet taken in
SELECT load_sample('face_check', 0.02) IS NOT NULL AS loaded;
SELECT * FROM face_check.check_integrity() WHERE problems <> 0;
SELECT face_check.refresh_reports('2026-07-01') > 0 AS refreshed;
SELECT * FROM face_check.check_integrity() WHERE problems <> 0;
INSERT INTO face_check.response (customer_id, responded_at) SELECT customer_id, '2026-06-30' FROM face_check.customer WHERE kind = 'internal' AND NOT is_seed;
INSERT INTO face_check.expense (spent_on, amount, medium) VALUES ('2026-06-30', 100, 'M');
SELECT * FROM face_check.check_integrity() WHERE problems <> 0;
SELECT face_check.refresh_reports('2026-07-01') > 0 AS refreshed;
SELECT * FROM face_check.check_integrity() WHERE problems <> 0;
SELECT uninstall('face_check', drop_data => true) IS NOT NULL AS gone;

-- one of everything
SELECT install('face_check') IS NOT NULL AS installed;
SET search_path = face_check, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO salesperson (salesperson_id, name, left_on) VALUES (1, 'first', NULL), (2, 'second', NULL), (3, 'third', '2025-01-01');
INSERT INTO list (list, name) VALUES ('01', 'first'), ('02', 'second');
INSERT INTO campaign (campaign, name) VALUES ('test', 'test');
INSERT INTO test_group (campaign, test_group, name, is_hold_out) VALUES ('test', 'A', 'letter', false), ('test', 'H', 'nothing', true);
INSERT INTO source (source_code, campaign, medium, test_group, list, is_hold_out) VALUES ('DA01095', 'test', 'D', 'A', '01', false), ('DH01095', 'test', 'D', 'H', '01', true), ('MB02095', NULL, 'M', NULL, '02', false);
INSERT INTO customer (customer_id, kind, entered_as, is_organisation, is_seed, organisation_id, recommended_by, salesperson_id) VALUES
    (1, 'internal', 'external', false, false, 3, 2, 1), (2, 'external', 'external', false, false, NULL, NULL, NULL), (3, 'internal', 'internal', true, false, NULL, NULL, NULL), (9, 'external', 'external', false, true, NULL, NULL, NULL);
INSERT INTO account_owner (customer_id, since, salesperson_id) VALUES (1, '2025-09-01', 3), (1, '2025-09-02', 1);
INSERT INTO contact_point (customer_id, contact_point_id, kind, value) VALUES (1, 1, 'email', 'one@example.com');
INSERT INTO touch (customer_id, touch_id, source_code, sent_at, contact_point_id, is_seed) VALUES (1, 1, 'DA01095', '2025-09-01', 1, false), (2, 2, 'MB02095', '2025-09-02', NULL, false), (9, 3, 'DA01095', '2025-09-01', NULL, true);
INSERT INTO touch_event (customer_id, touch_event_id, touch_id, kind, happened_at) VALUES (1, 1, 1, 'delivered', '2025-09-01'), (1, 2, 1, 'opened', '2025-09-02'), (1, 3, 1, 'opened', '2025-09-03'), (2, 4, 2, 'bounced', '2025-09-03');
INSERT INTO hold_out (customer_id, hold_out_id, source_code, held_out_at) VALUES (3, 1, 'DH01095', '2025-09-01');
INSERT INTO response (customer_id, response_id, responded_at, touch_id, quoted_code, source_code) VALUES (1, 1, '2025-09-03', 1, 'DA01095', 'DA01095'), (0, 2, '2025-09-04', NULL, NULL, NULL), (3, 3, '2025-09-04', NULL, '?', NULL);
INSERT INTO code_mend (customer_id, code_mend_id, fact, fact_id, source_code) VALUES (3, 1, 'response', 3, 'MB02095');
INSERT INTO lead (customer_id, lead_id, opened_at, response_id, salesperson_id, lead_grade, clock_started_at, status, closed_at, customer_order_id) VALUES
    (1, 1, '2025-09-03', 1, 1, 'prospective', '2025-09-05', 'won', '2025-09-10', 1), (3, 2, '2025-09-04', 3, 2, 'intention', '2025-09-04', 'open', NULL, NULL);
INSERT INTO lead_move (customer_id, lead_move_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) VALUES
    (1, 1, 1, '2025-09-03', 'opened', 1, 'intention', 'open'), (1, 2, 1, '2025-09-05', 'graded', 1, 'prospective', 'open'), (1, 3, 1, '2025-09-10', 'won', 1, 'prospective', 'won'),
    (3, 4, 2, '2025-09-04', 'opened', 2, 'intention', 'open'), (3, 5, 2, '2025-09-05', 'model graded', 2, 'potential', 'open');
INSERT INTO lead_model (lead_model_id, trained_at, opened_from_at, opened_until_at, horizon3, horizon6, features, alpha, team_strength, leads, snapshots3, bought3, censored3, snapshots6, bought6, censored6,
    threshold3, threshold6, threshold_basis) VALUES (1, '2025-09-01', '2025-01-01', '2025-02-01', '3 months', '6 months', '{visits}', 1, 50, 8, 8, 2, 0, 8, 4, 0, 0.5, 0.5, 'set');
-- bought within three months 1 of 6, within six 3 of 6: with alpha 1 odds of 2/6 and 4/4, whatever the one visit says to neither
INSERT INTO lead_model_counts VALUES (1, 1, '', '{"outcomes": [1, 5], "features": {}}'), (1, 2, '', '{"outcomes": [3, 3], "features": {}}');
INSERT INTO lead_score SELECT 3, 2, '2025-09-05', 1, '', naive_bayes_log_odds(c.counts, '{"visits": 1}', 1), 1 / (1 + exp(-naive_bayes_log_odds(c.counts, '{"visits": 1}', 1))), 0.5, 25, 'potential', '{"visits": 1}'
  FROM lead_model_counts c WHERE c.horizon_no = 1;
UPDATE lead SET model_grade = 'potential' WHERE lead_id = 2;
INSERT INTO visit (customer_id, visit_id, lead_id, status, planned_visit_id, visited_at) VALUES (1, 1, 1, 'planned', NULL, '2025-09-08'), (1, 2, 1, 'completed', 1, '2025-09-08'), (3, 3, 2, 'planned', NULL, '2040-01-01');
INSERT INTO call (customer_id, call_id, called_at, direction, result, lead_id) VALUES (1, 1, '2025-09-04', 'outbound', 'reached', 1);
INSERT INTO reception (customer_id, reception_id, received_at, lead_id) VALUES (1, 1, '2025-09-04', 1);
INSERT INTO event (event_id, name, kind, starts_at) VALUES (1, 'open day', 'meeting', '2025-09-20');
INSERT INTO event_registration (customer_id, event_registration_id, event_id, registered_at, source_code) VALUES (3, 1, 1, '2025-09-10', 'MB02095');
INSERT INTO event_attendance (customer_id, event_attendance_id, event_id, attended_at) VALUES (3, 1, 1, '2025-09-20');
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods, response_id, lead_id) VALUES (1, 1, '2025-09-10', 100, 60, 1, 1), (1, 2, '2025-10-10', 50, 30, NULL, NULL);
INSERT INTO order_line (customer_id, order_line_id, customer_order_id, line_no, amount) VALUES (1, 1, 1, 1, 100);
INSERT INTO order_return (customer_id, order_return_id, customer_order_id, returned_at, amount) VALUES (1, 1, 1, '2025-09-12', 10);
INSERT INTO expense (expense_id, spent_on, amount, source_code, campaign, medium) VALUES (1, '2025-09-01', 10, 'DA01095', NULL, NULL), (2, '2025-09-01', 5, NULL, 'test', NULL), (3, '2025-09-02', 3, NULL, NULL, 'M');
INSERT INTO load_run (load_run_id, kind, staging, started_at, loaded, already_there, rejected) VALUES (1, 'responses', 'sheet', '2025-09-30', 1, 0, 1);
INSERT INTO load_reject (load_run_id, row_no, reason, row_data) VALUES (1, 1, 'customer_id is missing', '{}');
SELECT refresh_reports('2025-11-01') > 0 AS refreshed, refresh_value('2025-11-01') AS scored;
SELECT * FROM check_integrity() WHERE problems <> 0;

-- Damage, one piece at a time, and what is said of it. (Constraints and keys are out of the way, as
-- they are where somebody has dropped them.)
CREATE TEMP TABLE told (damage text, check_name text, problems bigint, example text);
CREATE FUNCTION pg_temp.damage(what text) RETURNS SETOF told LANGUAGE plpgsql AS $$
DECLARE
    found told[];
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE what;
        found := ARRAY(SELECT ROW(what, c.check_name, c.problems, c.example)::told FROM check_integrity() c WHERE c.problems <> 0);
        RAISE EXCEPTION 'undo' USING ERRCODE = 'DX000';
    EXCEPTION WHEN SQLSTATE 'DX000' THEN
        NULL;
    END;
    INSERT INTO told SELECT * FROM unnest(found);
    RETURN QUERY SELECT * FROM unnest(found);
    IF found = '{}' THEN RETURN QUERY SELECT what, 'nothing'::text, NULL::bigint, NULL::text; END IF;
END $$;
\pset format unaligned
\pset tuples_only on
SELECT t.* FROM (VALUES
    ($$DELETE FROM customer WHERE customer_id = 0$$),
    ($$DELETE FROM setting WHERE setting = 'confidence'$$),
    ($$UPDATE source SET is_hold_out = false WHERE source_code = 'DH01095'$$),
    ($$UPDATE source SET medium = 'T' WHERE source_code = 'MB02095'$$),
    ($$UPDATE source SET list = '01' WHERE source_code = 'MB02095'$$),
    ($$UPDATE customer SET salesperson_id = 2 WHERE customer_id = 1$$),
    ($$UPDATE customer SET kind = 'external' WHERE customer_id = 1$$),
    ($$UPDATE customer SET organisation_id = 2 WHERE customer_id = 1$$),
    ($$UPDATE customer SET recommended_by = 77 WHERE customer_id = 1$$),
    ($$UPDATE touch_event SET customer_id = 2 WHERE touch_event_id = 3$$),
    ($$UPDATE contact_point SET customer_id = 2$$),
    ($$UPDATE contact_point SET match_key = 'two@example.com', key_hash = suppression_hash('email', 'two@example.com')$$),
    ($$UPDATE contact_point SET match_key = 'one@example.com', key_hash = ''$$),
    ($$UPDATE touch SET source_code = 'DH01095' WHERE touch_id = 3$$),
    ($$UPDATE hold_out SET source_code = 'MB02095'$$),
    ($$UPDATE touch SET is_seed = false WHERE touch_id = 3$$),
    ($$UPDATE response SET touch_id = 2 WHERE response_id = 1$$),
    ($$UPDATE lead SET response_id = 3 WHERE lead_id = 1$$),
    ($$UPDATE lead SET customer_order_id = 7 WHERE lead_id = 1$$),
    ($$UPDATE visit SET lead_id = 2 WHERE visit_id = 1$$),
    ($$UPDATE visit SET planned_visit_id = 3 WHERE visit_id = 2$$),
    ($$INSERT INTO visit (customer_id, visit_id, lead_id, status, visited_at) VALUES (1, 9, 1, 'planned', '2025-09-20')$$),
    ($$UPDATE lead SET next_visit_on = '2025-09-20' WHERE lead_id = 1$$),
    ($$INSERT INTO visit (customer_id, visit_id, lead_id, status, planned_visit_id, visited_at) VALUES (1, 9, 1, 'cancelled', 1, '2025-09-09')$$),
    ($$UPDATE call SET lead_id = 2$$),
    ($$UPDATE reception SET lead_id = 2$$),
    ($$UPDATE lead_move SET lead_id = 3 WHERE lead_move_id = 1$$),
    ($$UPDATE lead SET lead_grade = 'potential' WHERE lead_id = 2$$),
    ($$UPDATE lead SET model_grade = 'prospective' WHERE lead_id = 2$$),
    ($$UPDATE lead_score SET log_odds = 0$$),
    ($$UPDATE lead_score SET score = 26$$),
    ($$DELETE FROM lead_model_counts$$),
    ($$UPDATE lead SET salesperson_id = 1 WHERE lead_id = 2$$),
    ($$DELETE FROM lead_move WHERE lead_move_id = 3$$),
    ($$UPDATE salesperson SET left_on = '2025-01-01'$$),
    ($$UPDATE lead SET closed_at = '2025-09-10' WHERE lead_id = 2$$),
    ($$UPDATE lead SET closed_at = NULL WHERE lead_id = 1$$),
    ($$UPDATE lead SET closed_at = '2025-09-01' WHERE lead_id = 1$$),
    ($$UPDATE lead SET customer_order_id = NULL; UPDATE customer_order SET lead_id = NULL$$),
    ($$UPDATE lead_move SET rule = 'one', moved_at = '2025-09-05 10:00+00' WHERE lead_id = 1$$),
    ($$UPDATE lead SET clock_started_at = NULL, salesperson_id = 1, lead_grade = 'prospective', status = 'open', closed_at = NULL$$),
    ($$INSERT INTO lead_hand_over (customer_id, lead_hand_over_id, lead_id, handed_over_at, from_team, to_team, to_salesperson_id, version, criteria, criteria_met, accept_due_at, contact_due_at)
       VALUES (1, 1, 1, '2025-09-02', 'calls', 'field', 1, 1, 0, 0, '2025-09-03', '2025-09-04')$$),
    ($$INSERT INTO lead_hand_over_answer (customer_id, lead_hand_over_id, answered_at, answer) VALUES (1, 1, '2025-09-02', 'accepted')$$),
    ($$UPDATE customer_order SET response_id = 3 WHERE customer_order_id = 1$$),
    ($$UPDATE customer_order SET lead_id = 2 WHERE customer_order_id = 2$$),
    ($$UPDATE order_line SET customer_order_id = 9$$),
    ($$UPDATE order_return SET customer_order_id = 9$$),
    ($$INSERT INTO code_mend (customer_id, code_mend_id, fact, fact_id, source_code) VALUES (3, 2, 'response', 1, 'MB02095')$$),
    ($$INSERT INTO code_mend (customer_id, code_mend_id, fact, fact_id, source_code) VALUES (3, 2, 'response', 3, 'MB09095')$$),
    ($$ALTER TABLE expense DROP CONSTRAINT expense_check; UPDATE expense SET medium = 'D' WHERE expense_id = 1$$),
    ($$INSERT INTO call (customer_id, call_id, called_at, direction, result) VALUES (1, 2, '2999-01-01', 'outbound', 'reached')$$),
    ($$DELETE FROM load_run$$),
    ($$INSERT INTO reception_form (customer_id, reception_form_id, reception_id, form, entered_at, required_fields, filled_fields, checked_fields, plausible_fields) VALUES (3, 1, 1, '{}', '2025-09-04', 0, 0, 0, 0)$$),
    ($$INSERT INTO rotation_member (team, salesperson_id, owed) VALUES ('none', 1, .5)$$),
    ($$INSERT INTO rotation_member (team, salesperson_id, turns) VALUES ('none', 1, 2)$$),
    ($$INSERT INTO rotation_rule (rule_no, region, team) VALUES (1, 'none', 'none')$$),
    ($$UPDATE report_state SET era = 'elsewhere'$$),
    ($$DELETE FROM response WHERE response_id = 2$$),
    ($$UPDATE response SET source_code = 'MB02095' WHERE response_id = 1$$),
    ($$UPDATE visit SET visited_at = '2025-09-09' WHERE visit_id = 2$$),
    ($$UPDATE customer_order SET revenue = 51 WHERE customer_order_id = 2$$),
    ($$UPDATE customer_order SET revenue = -50 WHERE customer_order_id = 2$$),
    ($$INSERT INTO merged_customer (merged_id, customer_id) VALUES (2, 1)$$),
    ($$INSERT INTO customer_merge (survivor_id, loser_id, rule) VALUES (1, 999, 'survivor')$$),
    ($$INSERT INTO person_erasure (erased_id) VALUES (1); UPDATE customer SET name = 'known' WHERE customer_id = 1$$),
    ($$UPDATE source_day SET matched_orders = matched_orders + 1 WHERE orders > 0$$),
    ($$UPDATE attribution SET source_code = 'DA01095' WHERE fact = 'event_attendance'$$),
    ($$DELETE FROM attribution WHERE fact = 'order_return'$$),
    ($$INSERT INTO attribution (customer_id, fact, fact_id, sign, date_day, source_code, method) SELECT customer_id, fact, fact_id, sign, date_day, source_code, method FROM attribution WHERE fact = 'lead' AND fact_id = 2$$),
    ($$UPDATE attribution SET date_day = '2025-09-04' WHERE fact = 'new_name'$$),
    ($$UPDATE customer SET is_seed = true WHERE customer_id = 1$$),
    ($$UPDATE source_day SET orders = orders + 1 WHERE date_day = '2025-09-10'$$),
    ($$DELETE FROM source_day WHERE date_day = '2025-09-03'$$),
    ($$UPDATE source_day SET opened = 2 WHERE opened = 1$$),
    ($$UPDATE source_day SET held_out = 2 WHERE held_out = 1$$),
    ($$DELETE FROM touch WHERE touch_id = 2$$),
    ($$UPDATE expense SET amount = 11 WHERE expense_id = 1$$),
    ($$UPDATE shared_expense_day SET expense = 4 WHERE medium = 'M'$$),
    ($$UPDATE customer_order_day SET returned = 9 WHERE returned = 10$$),
    ($$INSERT INTO customer_order_day VALUES (3, '2025-09-10', 1, 1, 0)$$),
    ($$UPDATE customer_milestone SET first_order_on = '2025-10-10' WHERE customer_id = 1$$),
    ($$DELETE FROM value_state$$),
    ($$UPDATE customer_purchases SET return_history = NULL$$),
    ($$DELETE FROM customer_score WHERE customer_id = 1$$),
    ($$UPDATE customer_score SET segment = 'lost' WHERE customer_id = 1$$),
    ($$UPDATE value_forecast SET expected_revenue = expected_revenue + 1 WHERE part = 'all' AND month_no = 0$$)
    ) d (what), pg_temp.damage(what) t;

-- no rule that has not been seen to speak
SELECT check_name FROM integrity_rule EXCEPT SELECT check_name FROM told ORDER BY check_name;
-- all is well again
SELECT * FROM check_integrity() WHERE problems <> 0;
\pset tuples_only off
\pset format aligned

-- each query can be run by itself, and the numbers of the rules are their order
SELECT count(*) AS rules, count(DISTINCT rule_no) AS numbers, count(DISTINCT check_name) AS names, bool_and(meaning <> '' AND query ~ '^SELECT') AS complete FROM integrity_rule;
-- the rule on settings knows all that install() makes
SELECT s.setting FROM setting s, integrity_rule r WHERE r.check_name = 'settings missing' AND r.query !~ ('\m' || s.setting || '\M');
SET search_path = public, dupex;
SELECT uninstall('face_check', drop_data => true) IS NOT NULL AS gone;
