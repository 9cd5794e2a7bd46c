-- Reception forms: what is required and plausible is data; completeness, correctness, registration
-- rate, minutes, gifts and value, against figures worked out by hand; retries and errors.
SET client_min_messages = warning;
SELECT dupex.install('forms_test') IS NOT NULL AS installed;
SET search_path = forms_test, dupex, public;
SET timezone = 'UTC';
\set VERBOSITY terse
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO store VALUES ('shop', 'shop'), ('other', 'other shop');
INSERT INTO team VALUES ('shop', 'shop', 'shop');
INSERT INTO salesperson (salesperson_id, name, team) VALUES (1, 'one', 'shop'), (2, 'two', 'shop');
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, 9) n;
INSERT INTO gift VALUES ('pen', 'pen', 1.50), ('book', 'book', 8);

-- a form of our own: each kind of value, each limit
INSERT INTO form_kind VALUES ('course', 'interest in a course'), ('empty', 'no field');
INSERT INTO form_field (form_kind, applies_to, field, field_no, name, value_kind, is_required, minimum, maximum, earliest_on, latest_on, pattern, choices) VALUES
    ('course', 'visitor', 'name', 1, 'name', 'text', true, NULL, NULL, NULL, NULL, NULL, NULL),
    ('course', 'visitor', 'born', 2, 'birthday', 'past date', true, NULL, NULL, '1910-01-01', NULL, NULL, NULL),
    ('course', 'visitor', 'starts', 3, 'course of', 'date', false, NULL, NULL, '2026-01-01', '2027-12-31', NULL, NULL),
    ('course', 'visitor', 'people', 4, 'how many take part', 'number', true, 1, 30, NULL, NULL, NULL, NULL),
    ('course', 'visitor', 'news', 5, 'wants the newsletter', 'yes or no', true, NULL, NULL, NULL, NULL, NULL, NULL),
    ('course', 'visitor', 'code', 6, 'code on the letter', 'text', false, NULL, NULL, NULL, NULL, '^[A-Z]{2}[0-9]{5}$', NULL),
    ('course', 'visitor', 'level', 7, 'level', 'text', true, NULL, NULL, NULL, NULL, NULL, '{beginner,advanced}'),
    ('course', 'companion', 'age', 8, 'age', 'number', true, 0, 120, NULL, NULL, NULL, NULL),
    ('course', 'companion', 'name', 9, 'name', 'text', false, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM check_form('{"name": "Ann", "born": "1990-02-28", "people": 3, "news": true, "level": "beginner", "code": "DB02087", "starts": "2026-09-01"}', 'course');
SELECT * FROM check_form('{"name": "  ", "born": "2990-02-28", "people": 31, "news": "maybe", "level": "expert", "code": "db02087", "starts": "2025-09-01", "more": 1}', 'course');
SELECT * FROM check_form('{"name": [], "born": "1990-02-30", "people": "three", "news": null, "starts": "2028-01-01"}', 'course', 3);
SELECT * FROM check_form('{"name": 1, "born": "1909-12-31", "people": 0, "news": "no", "level": "advanced", "starts": "soon", "companions": [{"age": 121}, {"age": "7", "name": "x"}, {"age": -1}]}', 'course', 3);
SELECT * FROM check_form('{"name": "Ann", "born": "1e3", "people": "1e1", "news": "yes", "level": "beginner", "companions": "none"}', 'course', 2);
SELECT * FROM check_form('{}', 'empty');

-- the form of a first visit, as installed
SELECT * FROM check_form('{"name": "Ann Bo", "phone": "+44 7700 900123", "interest": "family car", "when": "intention"}');
SELECT * FROM check_form('{}', party_size => 2);

-- recorded with the reception, by the kind it names or by whether the lead was visited before
SELECT reception_id AS first FROM record_reception(1, 'shop', 'reception 1', '2026-03-02 10:00', 1, party_size => 2,
    form => '{"name": "Ann Bo", "phone": "0000", "interest": "family car", "gift": "pen", "companions": [{"relation": "partner"}]}', form_entered_at => '2026-03-02 10:30') \gset
SELECT form_kind, entered_at, required_fields, filled_fields, checked_fields, plausible_fields, problems, gift, gift_cost FROM reception_form WHERE customer_id = 1;
-- a better one later: it counts, the time is that of the first, and the gifts are those of both
SELECT completeness, correctness, filled_fields, required_fields, plausible_fields, checked_fields, problems, was_already_recorded
  FROM record_reception_form(1, :first, '{"name": "Ann Bo", "phone": "+44 7700 900123", "interest": "family car", "when": "intention", "companions": [{"relation": "partner", "age": 200}]}',
                             'form 1', '2026-03-02 12:00', gift => 'book');
SELECT completeness, correctness, was_already_recorded
  FROM record_reception_form(1, :first, '{"name": "Ann Bo", "phone": "+44 7700 900123", "interest": "family car", "when": "intention", "companions": [{"relation": "partner", "age": 200}]}',
                             'form 1', '2026-03-02 12:00', gift => 'book');
SELECT is_with_form, is_complete, required_fields, filled_fields, checked_fields, plausible_fields, minutes_to_entry, is_entered_in_time, gift_cost FROM reception_quality WHERE reception_id = :first;
SELECT lead_id AS lead FROM open_lead(1, salesperson => 1, request_id => 'lead 1', at => '2026-03-02 11:00') \gset
SELECT reception_id AS second FROM record_reception(1, 'shop', 'reception 2', '2026-03-09 10:00', 2, :lead, form => '{"interest": "family car", "when": "prospective"}', form_entered_at => '2026-03-09 11:30') \gset
SELECT reception_id AS third FROM record_reception(1, 'shop', 'reception 3', '2026-03-16 10:00', 2, :lead, form => '{"interest": "family car", "when": "prospective"}', form_entered_at => '2026-03-16 10:10') \gset
SELECT reception_id = :first AS first, reception_id = :second AS second, form_kind, problems, is_complete, lead_id = :lead AS is_of_lead, is_lead_counted FROM reception_quality WHERE customer_id = 1 ORDER BY reception_id;
-- what the leads brought: 1000 of the lead, counted once, at its first complete form
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, lead_id) VALUES (1, 1, '2026-03-20', 700, :lead), (1, 2, '2026-04-20', 300, :lead), (1, 3, '2026-04-21', 50, NULL);
-- without a form, without a name, at another store, by another salesperson
SELECT count(*) FROM (SELECT record_reception(NULL, 'shop', 'nobody ' || n, '2026-03-02 15:00', 2, party_size => n) FROM generate_series(1, 3) n) x;
SELECT completeness, correctness, problems FROM record_reception_form(NULL, (SELECT max(reception_id) FROM reception WHERE customer_id = 0), '{}', 'form of nobody', '2026-03-02 15:05', 'empty');
SELECT reception_id IS NOT NULL AS recorded FROM record_reception(2, 'other', 'reception 4', '2026-03-02 16:00', 2);
SELECT record_door_count('shop', 20, 'door 1', '2026-03-02') IS NOT NULL AS counted;
SELECT record_door_count('shop', -2, 'door 2', '2026-03-02', is_correction => true) IS NOT NULL AS counted;
SELECT store, salesperson_id, receptions, visitors, forms, complete_forms, form_rate, filled_fields, required_fields, completeness_rate, plausible_fields, checked_fields, correctness_rate FROM form_quality ORDER BY 1, 2;
SELECT store, salesperson_id, minutes_to_entry, mean_minutes_to_entry, entered_in_time, in_time_rate, gift_cost, gift_cost_per_complete_form, leads, orders, revenue, value_per_complete_form FROM form_quality ORDER BY 1, 2;
SELECT date_day, store, salesperson_id, receptions, forms, complete_forms, revenue FROM form_quality_day ORDER BY 1, 2, 3;
-- 18 at the door, 2 of them in a form: the visitors without one lower the rate; where nobody counted, those received
SELECT * FROM registration_day ORDER BY 1, 2;
SELECT * FROM registration ORDER BY 1;

-- forms that a load has left in table reception; once
INSERT INTO reception (customer_id, reception_id, store, received_at, salesperson_id, form, form_entered_at)
SELECT 3, 1000 + n, 'other', '2026-03-03 10:00', 1, CASE n WHEN 4 THEN '"text"' ELSE '{"name": "Cy Do", "phone": "+44 7700 900125"}'::jsonb END, '2026-03-03 10:20' FROM generate_series(1, 4) n;
SELECT score_forms('2026-03-04', 2), score_forms('2026-03-04', 2) AS rest, score_forms('2026-03-04', 2) AS again;
SELECT count(*), min(request_id), sum(filled_fields), sum(required_fields) FROM reception_form WHERE customer_id = 3;
-- a change of the form holds from then on
UPDATE form_field SET is_required = false WHERE form_kind = 'first visit' AND field IN ('interest', 'when');
SELECT completeness FROM record_reception_form(3, 1001, '{"name": "Cy Do", "phone": "+44 7700 900125"}', 'form 2', '2026-03-05');
SELECT reception_form_id = max(reception_form_id) OVER () AS is_last, filled_fields, required_fields FROM reception_form WHERE customer_id = 3 ORDER BY reception_form_id;

-- errors
SELECT record_reception_form(1, :first, '{}');
SELECT record_reception_form(1, :first, NULL, 'x');
SELECT record_reception_form(1, :first, '[1]', 'x');
SELECT record_reception_form(1, NULL, '{}', 'x');
SELECT record_reception_form(1, 999, '{}', 'x');
SELECT record_reception_form(2, :first, '{}', 'x');
SELECT record_reception_form(1, :first, '{}', 'x', form_kind => 'wedding');
SELECT record_reception_form(1, :first, '{}', 'x', gift => 'car');
SELECT record_reception_form(1, :first, '{}', 'x', gift_cost => -1);
SELECT record_reception_form(1, :first, '{}', 'x', '2026-03-02 09:59');
SELECT record_reception_form(1, :first, '{}', 'form 1', '2026-03-02 12:00');
SELECT check_form('{}', 'wedding');
SELECT check_form('[]');
SELECT check_form('{}', party_size => 0);
SELECT score_forms(NULL);
SELECT score_forms(max_forms => 0);
INSERT INTO form_field (form_kind, field, field_no, name, pattern) VALUES ('empty', 'a', 1, 'a', '(');
INSERT INTO form_field (form_kind, field, field_no, name, minimum) VALUES ('empty', 'a', 1, 'a', 1);
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;
SELECT dupex.uninstall('forms_test', drop_data => true) IS NOT NULL AS gone;
