-- The recording functions as a family: each records once, gives a repetition the first answer and
-- writes nothing for it, refuses its key for anything else; an app may call all of them and do
-- nothing else; an error leaves nothing; old requests are forgotten.
SET client_min_messages = warning;
SELECT dupex.install('request_test') IS NOT NULL AS installed;
RESET client_min_messages;
SET search_path = request_test, dupex, public;
SET timezone = 'UTC';
\set SHOW_CONTEXT never

INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO store VALUES ('north', 'North');
INSERT INTO product (product, name, price, cost_of_goods) VALUES ('compact', 'Compact', 19.95, 12);
INSERT INTO campaign VALUES ('spring', 'Spring');
INSERT INTO source (source_code, campaign, medium) VALUES ('DB02087', 'spring', 'D');
INSERT INTO event (event_id, name, kind, starts_at) VALUES (1, 'First course', 'course', '2008-05-01 18:00');
SELECT customer_id FROM register_customer(name => 'Ada', kind => 'external', customer_system => 'shop', customer_number => '7', request_id => 'setup 1');
SELECT lead_id FROM open_lead(1, 'compact', 'setup 2', '2008-03-01', grade => 'intention', salesperson => 1);
SELECT lead_id FROM open_lead(1, 'compact', 'setup 3', '2008-03-02', grade => 'intention', salesperson => 1);
SELECT touch_id FROM record_touch(1, 'DB02087', 'setup 4', '2008-02-20');

-- one call of each, and what a repetition says otherwise
CREATE TEMP TABLE a_call (n int PRIMARY KEY, function_name text, arguments text, other text);
INSERT INTO a_call VALUES
    (1, 'register_customer', $$name => 'Bo', email => 'bo@example.com', at => '2008-03-01'$$, $$phone => '1'$$),
    (2, 'record_touch', $$customer => 1, source_code => 'DB02087', at => '2008-03-03'$$, $$address => 'x'$$),
    (3, 'record_touch_event', $$customer => 1, touch => 1, kind => 'opened', at => '2008-03-03'$$, $$detail => 'x'$$),
    (4, 'record_response', $$customer => 1, quoted_code => 'db-o2o87', channel => 'web', at => '2008-03-04'$$, $$message => 'x'$$),
    (5, 'record_call', $$customer => 1, direction => 'outbound', result => 'promise', lead => 1, at => '2008-03-04'$$, $$seconds => 1$$),
    (6, 'record_reception', $$customer => 1, store => 'north', at => '2008-03-05', lead => 1, salesperson => 1, form => '{"wants": "blue"}'$$, $$party_size => 2$$),
    (7, 'record_basket', $$customer => 1, basket => 'b1', kind => 'added', product => 'compact', quantity => 1, amount => 19.95, at => '2008-03-06'$$, $$quoted_code => 'x'$$),
    (8, 'record_door_count', $$store => 'north', visitors => 31, day => '2008-03-06'$$, $$hour => 9$$),
    (9, 'open_lead', $$customer => 1, product => 'compact', at => '2008-03-06', grade => 'prospective', salesperson => 1$$, $$reason => 'x'$$),
    (10, 'set_grade', $$customer => 1, lead => 1, grade => 'prospective', at => '2008-03-07', reason => 'wants it soon'$$, $$salesperson => 2$$),
    (11, 'record_visit', $$customer => 1, lead => 1, at => '2008-03-08', salesperson => 1, outcome => 'puts it off', grade => 'intention', next_visit_on => '2008-04-08'$$, $$store => 'north'$$),
    (12, 'record_order', $$customer_system => 'shop', customer_number => '7', lead => 1, lines => '[{"product": "compact", "quantity": 2}]', at => '2008-03-09', quoted_code => 'DB02087'$$, $$reason => 'x'$$),
    (13, 'close_lead', $$customer => 1, lead => 2, outcome => 'lost', reason => 'price', competitor => 'another', competitor_price => 18, at => '2008-03-10'$$, $$salesperson => 1$$),
    (14, 'record_return', $$customer => 1, customer_order => 1, amount => 19.95, at => '2008-03-20'$$, $$reason => 'x'$$),
    (15, 'record_expense', $$amount => 100, spent_on => '2008-03-01', source_code => 'DB02087'$$, $$kind => 'print'$$),
    (16, 'register_for_event', $$customer => 1, event => 1, at => '2008-04-01'$$, $$quoted_code => 'x'$$),
    (17, 'record_attendance', $$customer => 1, event => 1$$, $$quoted_code => 'x'$$),
    (18, 'record_turn', $$customer => 1, team => 'desk', at => '2008-03-05'$$, $$skill => 'x'$$),
    (19, 'record_reception_form', $$customer => 1, reception => 1, form => '{"wants": "red"}', at => '2008-03-05 12:00'$$, $$gift_cost => 1$$),
    (20, 'hand_over_lead', $$customer => 1, lead => 3, to_team => 'floor', from_salesperson => 3, answers => '{"budget": 9}', at => '2008-03-09'$$, $$note => 'x'$$),
    (21, 'accept_lead', $$customer => 1, lead => 3, at => '2008-03-09 10:00'$$, $$note => 'x'$$),
    (22, 'return_lead', $$customer => 1, lead => 3, reason => 'not ready', at => '2008-03-10'$$, $$note => 'x'$$),
    (23, 'record_win_back', $$customer => 1, lead => 2, win_back_on => '2008-09-01', at => '2008-03-11'$$, $$note => 'x'$$),
    (24, 'agree_action', $$salesperson => 1, action => 'call them', due_on => '2008-03-20', day => '2008-03-10'$$, $$team => 'desk'$$),
    (25, 'finish_action', $$agreed_action => 1, day => '2008-03-12'$$, $$outcome => 'x'$$),
    (26, 'record_consent', $$customer => 1, channel => 'email', purpose => 'marketing', status => 'refused', at => '2008-03-13'$$, $$evidence => 'x'$$),
    (27, 'record_contact_stop', $$customer => 1, refusal => 'paused', at => '2008-03-14', until => '2008-04-01'$$, $$details => 'x'$$),
    (28, 'record_contact_rule', $$customer => 1, channel => 'call', pieces => 2$$, $$distance => '3 days'$$),
    (29, 'add_suppression', $$kind => 'email', value => 'nobody@example.com', reason => 'letter', at => '2008-03-15'$$, $$source => 'x'$$);
INSERT INTO team VALUES ('desk', 'desk'), ('floor', 'floor');
INSERT INTO salesperson (salesperson_id, name, team) VALUES (3, 'Cy', 'desk'), (4, 'Di', 'floor');
INSERT INTO hand_over_agreement VALUES ('desk', 'floor', '1 day', '3 days');

CREATE FUNCTION pg_temp.row_counts() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    result jsonb := '{}';
    t      name;
    n      bigint;
BEGIN
    FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'request_test'::regnamespace AND relkind = 'r' ORDER BY 1 LOOP
        EXECUTE format('SELECT count(*) FROM request_test.%I', t) INTO n;
        result := result || jsonb_build_object(t, n);
    END LOOP;
    RETURN result;
END $$;
-- calls, as the text says; the answer without was_already_recorded
CREATE FUNCTION pg_temp.call(name text, arguments text, key text, OUT answer jsonb, OUT again boolean) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT to_jsonb(a) FROM request_test.%I(request_id => %L, %s) a', name, key, arguments) INTO STRICT answer;
    again := answer ->> 'was_already_recorded';
    answer := answer - 'was_already_recorded';
END $$;
CREATE FUNCTION pg_temp.error_of(statement text, OUT state text, OUT message text, OUT detail text, OUT hint text, OUT at_fault text) LANGUAGE plpgsql AS $$
DECLARE
    table_name text;
    column_name text;
BEGIN
    EXECUTE statement;
    message := 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, table_name = TABLE_NAME, column_name = COLUMN_NAME;
    detail := regexp_replace(detail, 'recorded it at .* (\d{4} UTC|\+00)', 'recorded it at <time>');
    at_fault := concat_ws('.', nullif(table_name, ''), nullif(column_name, ''));
END $$;

CREATE FUNCTION pg_temp.try_call(c a_call, OUT written text, OUT same_again boolean, OUT nothing_written boolean, OUT conflict text, OUT not_another boolean)
    LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    before jsonb := pg_temp.row_counts();
    after  jsonb;
    first  record;
    second record;
BEGIN
    first := pg_temp.call(c.function_name, c.arguments, 'call ' || c.n);
    after := pg_temp.row_counts();
    SELECT string_agg(format('%s %s', k, (after ->> k)::int - (before ->> k)::int), ', ' ORDER BY k) INTO written
      FROM jsonb_object_keys(after) k WHERE after -> k <> before -> k;
    second := pg_temp.call(c.function_name, c.arguments, 'call ' || c.n);
    same_again := NOT first.again AND second.again AND first.answer = second.answer;
    nothing_written := after = pg_temp.row_counts();
    SELECT concat_ws(' ', e.state, e.detail) INTO conflict
      FROM pg_temp.error_of(format('SELECT pg_temp.call(%L, %L, %L)', c.function_name, c.arguments || ', ' || c.other, 'call ' || c.n)) e;
    not_another := (pg_temp.error_of(format('SELECT pg_temp.call(%L, %L, %L)', 'record_door_count', 'visitors => 1', CASE WHEN c.n = 8 THEN 'setup 1' ELSE 'call ' || c.n END))).state = '23505';
END $$;
SELECT c.function_name, t.* FROM a_call c, LATERAL pg_temp.try_call(c) t ORDER BY c.n;
-- there is no other that says whether it was already recorded, but for report_outbox(), which knows by the row that it reports on
SELECT count(*) AS functions, count(c.n) AS tried FROM pg_proc p LEFT JOIN a_call c ON c.function_name = p.proname
 WHERE p.pronamespace = 'request_test'::regnamespace AND 'was_already_recorded' = ANY (p.proargnames) AND p.proname <> 'report_outbox';
SELECT request_id, function_name, answer FROM request WHERE request_id LIKE 'call %' ORDER BY length(request_id), request_id;
-- each wrote what it should, with the key
SELECT f.fact, f.request_id FROM (SELECT 'touch' AS fact, request_id FROM touch UNION ALL SELECT 'response', request_id FROM response UNION ALL SELECT 'visit', request_id FROM visit
    UNION ALL SELECT 'lead_move', request_id FROM lead_move UNION ALL SELECT 'order_line', request_id FROM order_line UNION ALL SELECT 'expense', request_id FROM expense) f ORDER BY 1, length(f.request_id), 2;

-- each that has a customer takes the number of another system instead, and knows who it is
SELECT p.proname AS without_customer_number FROM pg_proc p JOIN a_call c ON c.function_name = p.proname
 WHERE p.pronamespace = 'request_test'::regnamespace AND NOT p.proargnames && '{customer_system,customer_number}' ORDER BY 1;
CREATE FUNCTION pg_temp.try_number(c a_call, OUT by_number text, OUT unknown_number text) LANGUAGE plpgsql AS $$
DECLARE
    named text := regexp_replace(c.arguments, 'customer => 1,|customer_system => .shop., customer_number => .7.,', 'customer_system => ''shop'', customer_number => ''%s'',');
BEGIN
    BEGIN
        by_number := 'customer ' || ((pg_temp.call(c.function_name, format(named, '7'), 'by number ' || c.n)).answer ->> 'customer_id');
        RAISE EXCEPTION USING ERRCODE = 'ZZ001';    -- takes it back
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN NULL;
              WHEN OTHERS THEN by_number := SQLSTATE || ' ' || SQLERRM;
    END;
    SELECT concat_ws(' ', e.state, e.message) INTO unknown_number
      FROM pg_temp.error_of(format('SELECT pg_temp.call(%L, %L, %L)', c.function_name, format(named, '8'), 'unknown ' || c.n)) e;
END $$;
SELECT c.function_name, t.* FROM a_call c, LATERAL pg_temp.try_number(c) t WHERE c.function_name NOT IN ('register_customer', 'record_door_count', 'record_expense', 'agree_action', 'finish_action', 'add_suppression') ORDER BY c.n;
-- A call without a time gets the present one; its retry is the same call all the same.
BEGIN;
SELECT was_already_recorded FROM record_response(customer => 1, channel => 'web', request_id => 'no time');
COMMIT;
SELECT was_already_recorded FROM record_response(customer => 1, channel => 'web', request_id => 'no time');
SELECT (e).state, (e).detail FROM (SELECT pg_temp.error_of($$SELECT * FROM record_response(customer => 1, channel => 'web', request_id => 'no time', at => '2008-01-01')$$) e) x;
-- the same instant in another zone, the same amount with other zeros, are the same
SELECT was_already_recorded FROM record_basket(1, 'b1', 'added', 'call 7', product => 'compact', quantity => 1.00, amount => 19.9500, at => '2008-03-06 08:00+08');
SET timezone = 'Asia/Shanghai';
SELECT was_already_recorded FROM record_basket(1, 'b1', 'added', 'call 7', product => 'compact', quantity => 1, amount => 19.95, at => '2008-03-06 00:00Z');
SET timezone = 'UTC';

-- without a key there is no call
SELECT (e).* FROM (SELECT pg_temp.error_of(s) e FROM (VALUES (1, 'SELECT record_response(1)'), (2, $$SELECT record_response(1, request_id => '')$$),
    (3, $$SELECT record_response(1, request_id => repeat('x', 1001))$$)) v (n, s) ORDER BY n) x \gx

-- a call that fails leaves nothing, and its key may be used
SELECT pg_temp.row_counts() AS before \gset
SELECT record_response(1, channel => 'smoke', request_id => 'failed');
SELECT record_order(1, lines => '[{"product": "compact"}, {"amount": -30}]', request_id => 'failed');
SELECT record_order(1, revenue => -30, request_id => 'failed', is_correction => true);
SELECT close_lead(1, 3, 'lost', 'failed', '2008-03-10');
SELECT pg_temp.row_counts() = :'before'::jsonb AS nothing_left;
SELECT was_already_recorded FROM record_response(1, channel => 'web', request_id => 'failed', at => '2008-03-11');

-- An app calls them all and does nothing else; the request and the move say who it was.
CREATE ROLE regress_record_app;
SELECT grant_access('regress_record_app', 'app') IS NOT NULL AS granted;
SET ROLE regress_record_app;
SELECT was_already_recorded FROM request_test.record_response(customer => 1, request_id => 'app 1');
SELECT lead_id IS NOT NULL AS opened FROM request_test.open_lead(customer => 1, request_id => 'app 2');
SELECT count(*) > 10 AS reads_the_card FROM request_test.customer_card(1);
SELECT * FROM request_test.request;
SELECT request_test.request_begin('x', 'y', '{}');
SELECT request_test.lead_lock(1, 1);
RESET ROLE;
SELECT recorded_by FROM request WHERE request_id = 'app 1';
SELECT moved_by FROM lead_move WHERE request_id = 'app 2';
SELECT revoke_access('regress_record_app');
DROP ROLE regress_record_app;

-- what is kept of a call: hashes, which do not show that two calls have said the same
SELECT jsonb_object_keys(contents) AS argument FROM request WHERE request_id = 'call 1' ORDER BY 1;
SELECT count(*) AS personal FROM request WHERE contents::text || answer::text ~ 'example|Bo|Ada';
-- nor can it be tried out, without the secret of the installation
SELECT count(*) AS guessed FROM request r, jsonb_hash_values('{"customer": 1}', r.request_id) g WHERE r.contents -> 'customer' = g -> 'customer';
SELECT count(DISTINCT contents -> 'customer') = count(*) AS all_differ FROM request WHERE function_name = 'record_response';

-- forgotten after keep_request_days; the facts keep their keys, so that a late retry records nothing
UPDATE request SET recorded_at = '2008-03-01' WHERE request_id IN ('call 4', 'call 5');
UPDATE request SET recorded_at = '2008-03-31' WHERE request_id = 'call 6';
SELECT purge_requests('2008-06-15') AS purged;
SELECT count(*) FROM request WHERE request_id IN ('call 4', 'call 5', 'call 6');
SELECT (e).state, (e).message FROM (SELECT pg_temp.error_of($$SELECT record_response(customer => 1, quoted_code => 'db-o2o87', channel => 'web', at => '2008-03-04', request_id => 'call 4')$$) e) x;
UPDATE setting SET value = 'never' WHERE setting = 'keep_request_days';
SELECT purge_requests();
UPDATE setting SET value = '7' WHERE setting = 'keep_request_days';
SELECT purge_requests('2008-06-15');
-- after all are forgotten, no call records anything again; a customer is still the first one
UPDATE request SET recorded_at = '2008-03-01';
SELECT purge_requests('2008-06-15') > 20 AS purged;
SELECT DISTINCT function_name FROM request;
CREATE FUNCTION pg_temp.try_late(c a_call, OUT outcome text, OUT nothing_written boolean) LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := pg_temp.row_counts();
BEGIN
    SELECT CASE WHEN e.state IS NULL THEN 'repeated: ' || (pg_temp.call(c.function_name, c.arguments, 'call ' || c.n)).again ELSE concat_ws(' ', e.state, e.message, e.detail) END INTO outcome
      FROM pg_temp.error_of(format('SELECT pg_temp.call(%L, %L, %L)', c.function_name, c.arguments, 'call ' || c.n)) e;
    nothing_written := before = pg_temp.row_counts();
END $$;
SELECT c.function_name, t.* FROM a_call c, LATERAL pg_temp.try_late(c) t ORDER BY c.n;

SET client_min_messages = warning;
SELECT uninstall('request_test', drop_data => true) IS NOT NULL AS gone;
