-- What the recording functions write, each on its way, and each of their errors: state, what is
-- wrong, what to do. Leads and visits are in record_leads, keys and repetitions in record_requests.
SET client_min_messages = warning;
SET timezone = 'UTC';
SELECT dupex.install('record_test') IS NOT NULL AS installed;
SET search_path = record_test, dupex, public;
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO region VALUES ('coast', 'Coast');
INSERT INTO store VALUES ('north', 'North', 'coast');
INSERT INTO list (list, name) VALUES ('02', 'bought names');
INSERT INTO product (product, name, price, cost_of_goods) VALUES ('compact', 'Compact', 19.95, 12), ('gift', 'Gift', NULL, NULL);
INSERT INTO campaign VALUES ('spring', 'Spring');
INSERT INTO test_group (campaign, test_group, name, is_hold_out) VALUES ('spring', 'B', 'letter', false), ('spring', 'H', 'nothing', true);
INSERT INTO source (source_code, campaign, medium, test_group, is_hold_out) VALUES ('DB02087', 'spring', 'D', 'B', false), ('DH02087', 'spring', 'D', 'H', true), ('OLDCODE', NULL, 'A', NULL, false);
INSERT INTO event (event_id, name, kind, starts_at, status) VALUES (1, 'First course', 'course', '2008-05-01 18:00', 'held'), (2, 'Second course', 'course', '2008-06-01 18:00', 'cancelled');

-- customers: new, with a number; the same number again, with more; a second number; external and not
SELECT * FROM register_customer(name => ' Ada ', kind => 'external', customer_system => 'shop', customer_number => '7', email => 'ada@example.com', list => '02', at => '2008-01-01', request_id => 'p1');
SELECT * FROM register_customer(customer_system => 'shop', customer_number => '7', kind => 'external', phone => '040 123', email => 'ada@example.com', place => 'office', region => 'coast', salesperson => 1, request_id => 'p2');
SELECT * FROM register_customer(customer => 1, customer_system => 'telephone', customer_number => 'A-7', kind => 'external', birthday => '1970-02-03', salesperson => 2, name => '', request_id => 'p3');
SELECT * FROM register_customer(name => 'Works', is_organisation => true, at => '2008-01-02', request_id => 'p4');
SELECT * FROM register_customer(name => 'Bo', organisation => 2, role_in_decision => 'decides', recommended_by => 1, customer_system => 'shop', customer_number => '8', at => '2008-01-03', request_id => 'p5');
SELECT * FROM register_customer(name => 'Cy', kind => 'external', at => '2008-01-03', request_id => 'p6');
SELECT customer_id, kind, entered_as, name, is_organisation, organisation_id, role_in_decision, recommended_by, salesperson_id, birthday, region, became_internal_at FROM customer WHERE customer_id > 0 ORDER BY 1;
SELECT system, number, customer_id FROM customer_ref ORDER BY 1, 2;
SELECT customer_id, kind, place, value FROM contact_point ORDER BY contact_point_id;
SELECT customer_id, salesperson_id, reason FROM account_owner ORDER BY since;
SELECT customer_id, list, joined_on FROM list_member;

-- touches: sent, held out; what became of one, by its number and by its request
SELECT * FROM record_touch(1, ' db 02087', 't1', '2008-02-01', address => 'ada@example.com');
SELECT * FROM record_touch(1, 'DH02087', 't2', '2008-02-01');
SELECT * FROM record_touch_event(1, 1, 'delivered', 't3', '2008-02-01 00:01');
SELECT * FROM record_touch_event(customer_system => 'telephone', customer_number => 'A-7', touch_request_id => 't1', kind => 'clicked', detail => 'https://example.com/a', at => '2008-02-02', request_id => 't4');
SELECT touch_id, source_code, sent_at, contact_point_id, is_seed, request_id FROM touch;
SELECT hold_out_id, source_code, held_out_at, request_id FROM hold_out;
SELECT touch_event_id, touch_id, kind, happened_at, detail, request_id FROM touch_event;

-- responses: a code that is read near the day of the answer, registered, old, unknown, no code; an external person becomes internal, once, from the earliest answer on
SELECT * FROM record_response(1, 'db-o2o87', 'web', 'r1', '2008-02-10', message => 'a leaflet please', product => 'compact', store => 'north', salesperson => 1, touch_request_id => 't1');
SELECT * FROM record_response(1, 'oldcode', 'call', 'r2', '2008-02-09', touch => 1);
SELECT * FROM record_response(1, 'DA 01 10 7', 'coupon', 'r3', '2008-02-11');
SELECT * FROM record_response(1, 'the red one', 'coupon', 'r4', '2008-02-11');
SELECT * FROM record_response(request_id => 'r5', at => '2008-02-11', quoted_code => '  ');
SELECT * FROM record_response(3, NULL, 'visit', 'r6', '2008-02-11');
SELECT customer_id, response_id, responded_at, response_channel, touch_id, salesperson_id, store, product, message, quoted_code, source_code, code_problem FROM response ORDER BY 2;
SELECT customer_id, kind, entered_as, became_internal_at FROM customer WHERE customer_id IN (0, 1, 3) ORDER BY 1;

-- receptions, calls, baskets, counts
SELECT * FROM record_reception(4, 'north', 'v1', '2008-02-12 10:00', 2, party_size => 3, form => '{"wants": "blue"}', form_entered_at => '2008-02-12 10:20', quoted_code => 'DB02087');
SELECT * FROM record_reception(store => 'north', request_id => 'v2', at => '2008-02-12 11:00');
SELECT customer_id, reception_id, store, received_at, salesperson_id, party_size, form, form_entered_at, source_code FROM reception ORDER BY 2;
SELECT * FROM record_call(1, 'inbound', 'answered', 'c1', '2008-02-13', salesperson => 2, call_reference => 'rec 17', seconds => 95, quoted_code => 'DB02087');
SELECT * FROM record_call(direction => 'inbound', result => 'lost', request_id => 'c2', at => '2008-02-13');
SELECT customer_id, called_at, direction, result, salesperson_id, call_reference, seconds, source_code FROM call ORDER BY call_id;
SELECT * FROM record_basket(1, 'b1', 'added', 'k1', '2008-02-14', 'compact', 2, 39.90, quoted_code => 'DB02087');
SELECT basket_event_id FROM record_basket(1, 'b1', 'added', 'k2', '2008-02-14', 'compact', -1, 19.95);
SELECT basket_event_id FROM record_basket(1, 'b1', 'abandoned', 'k3', '2008-02-14', amount => 19.95, reason => 'delivery cost');
SELECT customer_id, basket, kind, product, quantity, amount, reason, source_code FROM basket_event ORDER BY basket_event_id;
SELECT * FROM record_door_count('north', 40, 'd1', '2008-02-12');
SELECT * FROM record_door_count('north', -2, 'd2', '2008-02-12', 17, is_correction => true);
SELECT store, date_day, hour_no, visitors FROM door_count ORDER BY door_count_id;

-- orders: a sum, lines, one negative line, a correction that is none; returns; a basket completed; expenses; events
SELECT * FROM record_order(1, 100, 'o1', '2008-02-15', cost_of_goods => 61.5, order_number => 'N1', quoted_code => 'DB02087', channel => 'web', response => 1, salesperson => 1, store => 'north', reason => 'the colour');
SELECT * FROM record_order(1, NULL, 'o2', '2008-02-16', '[{"product": "compact", "quantity": 2}, {"product": "compact", "unit_price": "9.99", "description": "second choice"}, {"description": "delivery", "amount": 4.5}, {"product": "unheard of", "amount": 1, "cost_of_goods": 0.5}, {"product": "gift", "unit_price": 0}]');
SELECT * FROM record_order(1, 5.5, 'o3', '2008-02-16', '[{"amount": 5.5}]', cost_of_goods => 2);
SELECT * FROM record_order(1, NULL, 'o4', '2008-02-16', '[{"amount": 10}, {"description": "voucher", "amount": -4.5}]', is_correction => true);
SELECT * FROM record_order(revenue => 12.34567, request_id => 'o5', at => '2008-02-17');
SELECT * FROM record_order(4, 1, 'o6', '2008-02-17');
SELECT customer_id, customer_order_id, order_number, ordered_at, revenue, cost_of_goods, response_id, response_channel, salesperson_id, store, reason, source_code FROM customer_order ORDER BY 2;
SELECT customer_order_id, line_no, product, description, quantity, unit_price, amount, request_id FROM order_line ORDER BY 1, 2;
SELECT * FROM record_return(1, 20, 's1', '2008-02-20', order_number => 'N1', reason => 'too big', cost_of_goods => 12);
SELECT * FROM record_return(request_id => 's2', amount => 0, at => '2008-02-20');
SELECT customer_id, customer_order_id, returned_at, amount, cost_of_goods, reason FROM order_return ORDER BY order_return_id;
SELECT * FROM record_basket(1, 'b1', 'completed', 'k4', '2008-02-15', customer_order => 1);
SELECT * FROM record_expense(1000.00005, 'e1', '2008-02-01', campaign => 'spring', kind => 'print', supplier => 'printer');
SELECT * FROM record_expense(-50, 'e2', '2008-02-02', source_code => 'db02087', is_correction => true);
SELECT spent_on, amount, source_code, campaign, medium, kind, supplier FROM expense ORDER BY expense_id;
SELECT * FROM register_for_event(1, 1, 'g1', '2008-04-01', 'DB02087');
SELECT * FROM record_attendance(1, 1, 'g2');
SELECT * FROM record_attendance(3, 1, 'g3', '2008-05-01 18:20', 'oldcode');
SELECT customer_id, event_id, registered_at, source_code FROM event_registration;
SELECT customer_id, event_id, attended_at, source_code FROM event_attendance ORDER BY 1;
-- a day that is not said is today where the business is
UPDATE setting SET value = 'Pacific/Kiritimati' WHERE setting = 'time_zone';
SELECT date_day = (now() AT TIME ZONE 'Pacific/Kiritimati')::date AS today FROM record_expense(1, 'e3', medium => 'D');
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';

-- everything known of a customer, in order of time
SELECT kind, happened_at, what, fact_id, source_code FROM customer_card(1) WHERE kind NOT IN ('customer', 'number', 'address', 'list', 'account owner');
SELECT kind, what, details - 'since' AS details FROM customer_card(customer_system => 'shop', customer_number => '7') WHERE kind IN ('customer', 'number', 'address', 'list', 'account owner');
SELECT details FROM customer_card(1) WHERE kind = 'order' AND fact_id = 2;
-- every table that knows of a customer is on the card, but for what is derived
SELECT string_agg(c.relname, ', ' ORDER BY c.relname) AS not_on_the_card FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'customer_id'
 WHERE c.relnamespace = 'record_test'::regnamespace AND c.relkind = 'r'
   AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = c.relnamespace AND p.proname IN ('card_person', 'card_contacts', 'card_sales') AND p.prosrc ~ ('(FROM|JOIN) ' || c.relname || ' '));
SELECT bool_and(happened_at >= before) AS in_order FROM (SELECT happened_at, lag(happened_at) OVER () AS before FROM customer_card(1)) c;

-- the reports count what was recorded as any other fact, and nothing is wrong with it
SELECT refresh_reports('2008-07-01') > 0 AS refreshed;
SELECT source_code, pieces, delivered, clicked, responses, orders, revenue, returned, expense, registrations, attendances FROM source_performance ORDER BY source_code;
SELECT * FROM check_integrity() WHERE problems > 0;

-- errors
CREATE FUNCTION pg_temp.error_of(statement text, OUT state text, OUT at_fault text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
DECLARE
    table_name text;
    column_name text;
BEGIN
    EXECUTE 'SELECT * FROM ' || statement;
    message := 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, table_name = TABLE_NAME, column_name = COLUMN_NAME;
    at_fault := concat_ws('.', nullif(table_name, ''), nullif(column_name, ''));
    message := replace(message, (current_date + 10)::text, '<in ten days>');
END $$;
CREATE TEMP TABLE wrong_call (n int GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO wrong_call (call) VALUES
    -- the customer
    ($$record_touch(NULL, 'DB02087', 'x')$$), ($$record_touch(0, 'DB02087', 'x')$$), ($$record_response(99, request_id => 'x')$$),
    ($$record_response(customer_system => 'shop', customer_number => '99', request_id => 'x')$$), ($$record_response(customer_number => '7', request_id => 'x')$$),
    ($$record_response(customer_system => 'shop', request_id => 'x')$$), ($$record_response(3, customer_system => 'shop', customer_number => '7', request_id => 'x')$$),
    ($$customer_card()$$), ($$customer_card(99)$$),
    -- times and days
    ($$record_response(1, request_id => 'x', at => '2999-01-01')$$), ($$record_response(1, request_id => 'x', at => 'infinity')$$),
    ($$record_response(1, request_id => 'x', at => '0208-01-01')$$), ($$record_expense(1, 'x', current_date + 10, medium => 'D')$$), ($$record_door_count('north', 1, 'x', '-infinity')$$),
    -- dimensions
    ($$record_response(1, channel => 'smoke', request_id => 'x')$$), ($$record_response(1, product => 'tank', request_id => 'x')$$), ($$record_reception(1, 'south', 'x')$$),
    ($$record_call(1, 'inbound', 'answered', 'x', salesperson => 9)$$), ($$record_touch(1, 'DB99999', 'x')$$), ($$record_touch(1, 'UNSOURCED', 'x')$$), ($$record_touch(1, NULL, 'x')$$),
    ($$record_expense(1, 'x', campaign => 'autumn')$$), ($$record_expense(1, 'x', medium => '?')$$), ($$record_expense(1, 'x', source_code => 'no code!')$$),
    ($$register_customer(list => '77', request_id => 'x')$$), ($$register_customer(region => 'hill', request_id => 'x')$$), ($$register_for_event(1, 9, 'x')$$),
    -- words
    ($$record_touch_event(1, 1, 'read', 'x')$$), ($$record_touch_event(1, 1, NULL, 'x')$$), ($$record_call(1, 'up', 'reached', 'x')$$), ($$record_call(1, 'outbound', 'lost', 'x')$$),
    ($$record_call(1, 'inbound', 'reached', 'x')$$), ($$record_basket(1, 'b', 'stolen', 'x')$$), ($$register_customer(kind => 'alien', request_id => 'x')$$),
    ($$register_customer(role_in_decision => 'cooks', request_id => 'x')$$), ($$register_customer(email => 'a@b.de', place => 'beach', request_id => 'x')$$),
    -- other rows
    ($$record_touch_event(1, 77, 'opened', 'x')$$), ($$record_touch_event(1, NULL, 'opened', 'x')$$), ($$record_touch_event(3, 1, 'opened', 'x')$$),
    ($$record_touch_event(1, NULL, 'opened', 'x', touch_request_id => 'none')$$), ($$record_touch_event(1, 1, 'opened', 'x', touch_request_id => 't1')$$), ($$record_touch(1, 'DB02087', 'x', address => 'no@example.com')$$),
    ($$record_response(3, touch => 1, request_id => 'x')$$), ($$record_call(1, 'inbound', 'answered', 'x', lead => 5)$$), ($$record_return(3, 1, 'x', customer_order => 1)$$),
    ($$record_return(1, 1, 'x', order_number => 'N9')$$), ($$record_return(1, 1, 'x', customer_order => 2, order_number => 'N1')$$), ($$record_order(1, 1, 'x', response => 77)$$), ($$record_order(1, 1, 'x', lead => 77)$$),
    ($$record_basket(1, 'b', 'completed', 'x', customer_order => 77)$$), ($$register_customer(organisation => 77, request_id => 'x')$$), ($$register_customer(recommended_by => 0, request_id => 'x')$$),
    -- money and numbers
    ($$record_order(1, -1, 'x')$$), ($$record_order(1, 'NaN', 'x')$$), ($$record_order(1, 1e14, 'x')$$), ($$record_order(1, request_id => 'x')$$), ($$record_order(1, 1, 'x', cost_of_goods => -1)$$),
    ($$record_return(1, -1, 'x')$$), ($$record_return(1, NULL, 'x')$$), ($$record_expense(-1, 'x', medium => 'D')$$), ($$record_expense(NULL, 'x', medium => 'D')$$), ($$record_expense(1, 'x')$$), ($$record_expense(1, 'x', medium => 'D', campaign => 'spring')$$),
    ($$record_basket(1, 'b', 'added', 'x', amount => -1)$$), ($$record_basket(1, NULL, 'added', 'x')$$), ($$record_basket(1, 'b', 'added', 'x', reason => 'x')$$), ($$record_basket(1, 'b', 'abandoned', 'x', customer_order => 1)$$),
    ($$record_call(1, 'inbound', 'answered', 'x', seconds => -1)$$), ($$record_reception(1, 'north', 'x', party_size => 0)$$), ($$record_door_count('north', -1, 'x')$$), ($$record_door_count('north', NULL, 'x')$$),
    ($$record_door_count(NULL, 1, 'x')$$), ($$record_door_count('north', 1, 'x', hour => 24)$$),
    -- lines
    ($$record_order(1, 1, 'x', lines => '{}')$$), ($$record_order(1, 1, 'x', lines => '[]')$$), ($$record_order(1, 1, 'x', lines => '[7]')$$), ($$record_order(1, 1, 'x', lines => '[{"amount": 1}, {"price": 1}]')$$),
    ($$record_order(1, 1, 'x', lines => '[{"description": "air"}]')$$), ($$record_order(1, 1, 'x', lines => '[{"amount": "1,50"}]')$$), ($$record_order(1, 1, 'x', lines => '[{"amount": true}]')$$),
    ($$record_order(1, 2, 'x', lines => '[{"amount": 1}]')$$), ($$record_order(1, NULL, 'x', lines => '[{"amount": -1}]')$$), ($$record_order(1, NULL, 'x', lines => '[{"product": "compact", "quantity": -1}]')$$),
    ($$record_order(1, NULL, 'x', lines => '[{"quantity": 1e13, "unit_price": 1e13}]')$$),
    -- people and events
    ($$register_customer(birthday => '1066-10-14', request_id => 'x')$$), ($$register_customer(birthday => current_date + 10, request_id => 'x')$$), ($$register_customer(customer => 0, request_id => 'x')$$), ($$register_customer(customer => 99, request_id => 'x')$$),
    ($$register_customer(customer => 99, customer_system => 'shop', customer_number => '99', request_id => 'x')$$), ($$register_customer(customer => 3, customer_system => 'shop', customer_number => '7', request_id => 'x')$$),
    ($$register_customer(email => repeat('a', 1001), request_id => 'x')$$), ($$register_customer(customer_system => 'shop', customer_number => repeat('a', 1001), request_id => 'x')$$),
    ($$register_for_event(1, NULL, 'x')$$), ($$register_for_event(1, 2, 'x')$$), ($$record_attendance(1, 2, 'x', '2008-06-01')$$);
SELECT (pg_temp.error_of($$record_response(1, request_id => 'x', at => now() + interval '25 hours')$$)).state AS beyond_a_day;
SELECT (pg_temp.error_of($$record_response(1, request_id => 'tomorrow', at => now() + interval '23 hours')$$)).message AS within_a_day;
SELECT (SELECT count(*) FROM request) AS requests, (SELECT count(*) FROM customer) AS customers, (SELECT count(*) FROM customer_order) AS orders \gset
\pset format unaligned
\pset tuples_only on
SELECT format(E'%s\n    %s %s: %s%s\n    %s', w.call, e.state, e.at_fault, e.message, nullif('; ' || e.detail, '; '), e.hint) FROM wrong_call w, LATERAL pg_temp.error_of(w.call) e ORDER BY w.n;
\pset tuples_only off
\pset format aligned
-- each with a state of the standard and something to do, and none wrote anything
SELECT count(*) AS wrong_calls, count(*) FILTER (WHERE e.state IN ('22001', '22003', '22004', '22008', '22023', '23503', '55000') AND e.hint <> '') AS well_told FROM wrong_call w, LATERAL pg_temp.error_of(w.call) e;
SELECT (SELECT count(*) FROM request) - :requests AS requests, (SELECT count(*) FROM customer) - :customers AS customers, (SELECT count(*) FROM customer_order) - :orders AS orders;

SELECT uninstall('record_test', drop_data => true) IS NOT NULL AS gone;
