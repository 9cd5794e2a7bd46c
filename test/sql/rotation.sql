-- Whose turn it is at the door: shares, capacity, duty, absence, busy people, skills, owners,
-- managers; retries and errors. Expected figures are worked out by hand.
SET client_min_messages = warning;
SELECT dupex.install('rotation_test') IS NOT NULL AS installed;
SET search_path = rotation_test, dupex, public;
SET timezone = 'UTC';
\set VERBOSITY terse
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team VALUES ('ten', 'three with capacity 10'), ('few', 'one of them has a capacity of 10 a month'), ('half', 'fractions'), ('shop', 'shop'), ('none', 'nobody');
INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month, is_manager, seniority) VALUES
    (1, 'one', 'ten', 10, false, 1), (2, 'two', 'ten', 10, false, 1), (3, 'three', 'ten', 10, false, 1),
    (4, 'four', 'few', 10, false, 1), (5, 'five', 'few', 300, false, 1),
    (6, 'six', 'half', .5, false, 1), (7, 'seven', 'half', 1.25, false, 1), (8, 'eight', 'half', 2.25, false, 1), (9, 'nine', 'half', 0, false, 1),
    (11, 'eleven', 'shop', NULL, false, 1), (12, 'twelve', 'shop', 20, false, 1), (13, 'thirteen', 'shop', 10, false, 1), (14, 'the manager', 'shop', NULL, true, 3);
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, 9) n;

CREATE FUNCTION rotation_test.turns(team text, n int, at timestamptz, step interval DEFAULT '0') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    FOR k IN 1..n LOOP
        result := concat_ws(' ', result, (SELECT t.salesperson FROM rotation_test.next_salesperson(turns.team, at => turns.at + k * step) t));
    END LOOP;
    RETURN result;
END $$;

-- capacity 10, 10, 10: 300 visitors, each a call of its own, are 100 each (one every day: ten months)
SELECT turns('ten', 9, '2026-01-01 10:00');
SELECT length(turns('ten', 291, '2026-01-09 10:00', '1 day')) AS the_others;
SELECT salesperson_id, turns, owed = 0 AS is_even FROM rotation_member WHERE team = 'ten' ORDER BY 1;
-- a capacity of 10 a month beside one of 300 still receives: one of 31
SELECT turns('few', 31, '2026-01-01 10:00');
-- fractions: 2, 5 and 9 sixteenths; a capacity of 0 receives nothing
SELECT turns('half', 16, '2026-01-01 10:00');
SELECT salesperson_id, turns, entitled, owed FROM rotation_board WHERE team = 'half' ORDER BY 1;
-- no limit counts as the largest limit: 20, 20 and 10 of 50; managers have no part in it
SELECT turns('shop', 10, '2026-01-01 10:00');
SELECT salesperson_id, is_manager, turns, owed FROM rotation_board WHERE team = 'shop' ORDER BY 1;

-- busy: passed over, and the turn is kept, but not more than one (after four others, 11 has one that was kept and one that is due)
SELECT mark_busy(11, '2026-01-02 11:00', 'a test drive', '2026-01-02 10:00');
SELECT turns('shop', 4, '2026-01-02 10:30');
SELECT salesperson_id, owed FROM rotation_board WHERE team = 'shop' ORDER BY 1;
SELECT turns('shop', 4, '2026-01-02 10:31');
SELECT salesperson_id, owed FROM rotation_board WHERE team = 'shop' ORDER BY 1;
SELECT mark_free(11, '2026-01-02 10:40'), mark_free(11, '2026-01-02 10:40') AS again;
SELECT turns('shop', 12, '2026-01-02 10:45');
SELECT salesperson_id, owed FROM rotation_board WHERE team = 'shop' ORDER BY 1;
-- all busy: the manager; he too: whose turn it is
SELECT mark_busy(n, at => '2026-01-03 10:00') FROM generate_series(11, 13) n;
SELECT * FROM next_salesperson('shop', at => '2026-01-03 10:10');
SELECT mark_busy(14, '2026-01-03 10:20', at => '2026-01-03 10:00');
SELECT * FROM next_salesperson('shop', at => '2026-01-03 10:10');
SELECT * FROM next_salesperson('shop', at => '2026-01-03 10:20');
-- an hour later they are free, whoever forgot to say so (setting busy_minutes)
SELECT * FROM next_salesperson('shop', at => '2026-01-03 11:00');

-- away, off duty, out of hours, holidays: no part in it, and the balance stays as it is
CREATE VIEW rotation_test.balance AS SELECT salesperson_id, owed FROM rotation_board WHERE team = 'shop';
CREATE TEMP TABLE before AS SELECT * FROM balance;
INSERT INTO absence VALUES (12, '2026-02-02', '2026-02-09', 'holiday');
SELECT turns('shop', 6, '2026-02-04 10:00');
SELECT b.owed = n.owed AS is_unchanged FROM before b JOIN balance n USING (salesperson_id) WHERE salesperson_id = 12;
SELECT turns('shop', 3, '2026-02-09 00:00') ~ '12' AS is_back;
-- hours of duty: 9 to 12 and 13 to 18 on Mondays, 2026-03-02; on Tuesdays nothing
INSERT INTO duty_roster (salesperson_id, weekday_no, starts_after, ends_after) VALUES (11, 1, '09:00', '12:00'), (11, 1, '13:00', '18:00');
UPDATE salesperson SET is_on_duty = false WHERE salesperson_id IN (12, 13, 14);
SELECT h, t.salesperson, t.why FROM unnest('{2026-03-02 08:59,2026-03-02 09:00,2026-03-02 12:00,2026-03-02 13:00,2026-03-02 18:00,2026-03-03 10:00}'::timestamptz[]) h, LATERAL next_salesperson('shop', at => h) t;
UPDATE calendar SET holiday_name = 'a holiday' WHERE date_day = '2026-03-09';
SELECT salesperson, why FROM next_salesperson('shop', at => '2026-03-09 10:00');
-- the hours are those of the business
UPDATE setting SET value = 'Asia/Shanghai' WHERE setting = 'time_zone';
SELECT h, t.salesperson FROM unnest('{2026-03-16 00:59,2026-03-16 01:00}'::timestamptz[]) h, LATERAL next_salesperson('shop', at => h) t;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
DELETE FROM duty_roster;
UPDATE salesperson SET is_on_duty = true;

-- who has an owner goes to the owner, and nobody's turn is used
DELETE FROM before; INSERT INTO before SELECT * FROM balance;
UPDATE customer SET salesperson_id = 4 WHERE customer_id IN (1, 2);
SELECT lead_id IS NOT NULL AS opened FROM open_lead(2, salesperson => 13, request_id => 'lead 2', at => '2026-04-01');
SELECT * FROM next_salesperson('shop', 1, '2026-04-01 10:00');
SELECT * FROM next_salesperson('shop', 2, '2026-04-01 10:00');
SELECT count(*) AS changed FROM before b JOIN balance n USING (salesperson_id) WHERE b.owed <> n.owed;
SELECT kind, count(*) FROM rotation_turn WHERE team = 'shop' AND turned_at >= '2026-04-01' GROUP BY 1;
-- an owner who is away, and one who has left
INSERT INTO absence VALUES (4, '2026-04-02', '2026-04-03');
SELECT why FROM next_salesperson('shop', 1, '2026-04-02 10:00');
UPDATE salesperson SET left_on = '2026-04-30' WHERE salesperson_id = 4;
SELECT why FROM next_salesperson('shop', 1, '2026-05-01 10:00');

-- skills: only who has it, while one of them is free; else the whole team
INSERT INTO product (product, name, category) VALUES ('wagon', 'station wagon', 'cars'), ('plan', 'service plan', 'services');
INSERT INTO region VALUES ('N', 'north'), ('S', 'south');
UPDATE customer SET region = 'S' WHERE customer_id = 3;
INSERT INTO salesperson_skill VALUES (13, 'cars'), (12, 'south');
INSERT INTO rotation_rule (rule_no, category, region, team, skill) VALUES (10, 'cars', NULL, 'shop', 'cars'), (20, NULL, 'S', 'shop', 'south'), (90, NULL, NULL, 'ten', NULL);
SELECT salesperson_id, kind, why FROM record_turn('shop', request_id => 'turn 1', at => '2026-05-02 10:00', product => 'wagon');
SELECT salesperson_id, kind, why FROM record_turn('shop', 3, request_id => 'turn 2', at => '2026-05-02 10:00', product => 'plan');
SELECT salesperson FROM next_salesperson('shop', 3, '2026-05-02 10:00');
SELECT salesperson_id, kind, why FROM record_turn('shop', request_id => 'turn 3', at => '2026-05-02 10:00', skill => 'south', busy_minutes => 30);
SELECT salesperson_id <> 12 AS is_another, kind, why FROM record_turn('shop', request_id => 'turn 4', at => '2026-05-02 10:29', skill => 'south');
SELECT salesperson_id, why FROM record_turn('shop', request_id => 'turn 5', at => '2026-05-02 10:30', skill => 'south');
SELECT salesperson_id IS NOT NULL AS somebody, why FROM record_turn('shop', request_id => 'turn 6', at => '2026-05-02 10:30', skill => 'flying');
-- a retry uses no other turn
SELECT salesperson_id, why, was_already_recorded FROM record_turn('shop', request_id => 'turn 5', at => '2026-05-02 10:30', skill => 'south');
SELECT count(*) FROM rotation_turn WHERE request_id = 'turn 5';
SELECT record_turn('shop', request_id => 'turn 5', at => '2026-05-02 10:30');

-- who leaves or goes to another team: the others take over what he was owed; nobody wins or loses by joining
SELECT turns('ten', 1, '2026-05-03 10:00');
SELECT owed < 0 AS is_ahead FROM rotation_member WHERE salesperson_id = 1;
UPDATE salesperson SET left_on = '2026-05-03' WHERE salesperson_id = 1;
INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month) VALUES (21, 'twenty-one', 'ten', 5);
SELECT turns('ten', 5, '2026-05-04 10:00');
SELECT salesperson_id, round(owed, 6) AS owed FROM rotation_member WHERE team = 'ten' ORDER BY 1;

-- who has had his leads of the month is passed over while another has not; when all have, all go on
INSERT INTO team VALUES ('cap', 'capacity');
INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month) VALUES (31, 'thirty-one', 'cap', 1), (32, 'thirty-two', 'cap', 2);
SELECT lead_id IS NOT NULL AS opened FROM open_lead(5, salesperson => 31, request_id => 'lead 5', at => '2026-06-01');
SELECT k, t.salesperson, t.why FROM generate_series(1, 3) k, LATERAL next_salesperson('cap', at => '2026-06-02'::timestamptz + k * interval '1 minute') t;
SELECT count(*) FROM (SELECT open_lead(6, salesperson => 32, request_id => 'lead 6' || n, at => '2026-06-02') FROM generate_series(1, 2) n) x;
SELECT k, t.salesperson, t.why FROM generate_series(1, 3) k, LATERAL next_salesperson('cap', at => '2026-06-03'::timestamptz + k * interval '1 minute') t;

-- nobody, and errors
SELECT * FROM next_salesperson('none');
SELECT count(*) FROM rotation_turn WHERE team = 'none';
SELECT next_salesperson(NULL);
SELECT next_salesperson('nowhere');
SELECT next_salesperson('shop', 999);
SELECT next_salesperson('shop', at => NULL);
SELECT next_salesperson('shop', at => 'infinity');
SELECT record_turn('shop');
SELECT record_turn('shop', request_id => 'x', busy_minutes => -1);
SELECT record_turn('shop', request_id => 'x', product => 'moon');
SELECT record_turn('shop', request_id => 'x', at => 'infinity');
SELECT mark_busy(999);
SELECT mark_busy(NULL);
SELECT mark_busy(11, '2026-01-01', at => '2026-01-01');
SELECT mark_busy(1, at => '2026-06-01');
SELECT mark_free(999);
INSERT INTO duty_roster (salesperson_id, weekday_no, starts_after, ends_after) VALUES (11, 1, '12:00', '09:00');
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;
UPDATE rotation_member SET owed = owed + .5, turns = turns + 1 WHERE salesperson_id = 6;
DELETE FROM rotation_rule WHERE rule_no = 90;
SELECT check_name, problems FROM check_integrity() WHERE problems > 0;
-- what somebody who left had too much falls to the others, also to one off duty who comes to 0 by it
BEGIN;
INSERT INTO team (team, name) VALUES ('gone', 'gone');
INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month, left_on, is_on_duty) VALUES (901, 'left', 'gone', 40, '2020-01-01', false), (902, 'there', 'gone', 40, NULL, true), (903, 'away', 'gone', 40, NULL, false);
INSERT INTO rotation_member (team, salesperson_id, owed, turns) VALUES ('gone', 901, -1, 0), ('gone', 902, 0.5, 0), ('gone', 903, 0.5, 0);
SELECT salesperson FROM next_salesperson('gone');
SELECT salesperson_id, round(owed, 6) AS owed, turns FROM rotation_member WHERE team = 'gone' ORDER BY 1;
ROLLBACK;

SELECT dupex.uninstall('rotation_test', drop_data => true) IS NOT NULL AS gone;
