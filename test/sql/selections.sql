-- Selections: the explanation against a count of our own, test groups to the person, nobody twice, and
-- what is recorded when it is sent. 2,000 people by rules of arithmetic.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
SELECT install('selections') IS NOT NULL AS installed;
SET search_path = selections, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO campaign (campaign, name, starts_on, ends_on) VALUES ('spring', 'spring', '2026-03-01', '2026-05-31'), ('autumn', 'autumn', NULL, NULL);
INSERT INTO list (list, name) VALUES ('01', 'house'), ('02', 'fair');
INSERT INTO region VALUES ('north', 'North'), ('south', 'South');
INSERT INTO customer (customer_id, name, kind, entered_as, region, household_id, birthday)
SELECT n, 'customer ' || n, 'internal', 'internal', (ARRAY['north', 'south', NULL])[1 + n % 3], CASE WHEN n % 7 < 3 THEN n / 7 END, date '1950-01-15' + 11 * n::int FROM generate_series(1, 2000) n;
INSERT INTO customer (customer_id, name, kind, entered_as, is_seed) VALUES (3000, 'seed', 'internal', 'internal', true), (3001, 'seed elsewhere', 'internal', 'internal', true);
INSERT INTO contact_point (customer_id, kind, value) SELECT n, 'email', 'n' || n || '@firm.example' FROM generate_series(1, 2000) n WHERE n % 40 <> 0;
INSERT INTO contact_point (customer_id, kind, value) VALUES (3000, 'email', 'seed@firm.example');
INSERT INTO list_member (customer_id, list, left_on) SELECT n, '01', CASE WHEN n % 50 = 1 THEN date '2026-01-01' END FROM generate_series(1, 1800) n;
INSERT INTO list_member (customer_id, list) VALUES (3000, '01'), (3001, '02');
INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, happened_at) SELECT n, 'email', 'marketing', 'refused', 'person', '2026-01-01' FROM generate_series(1, 2000) n WHERE n % 11 = 0;
INSERT INTO selection (selection, name, campaign, medium, list, channel) VALUES ('mail', 'spring mailing', 'spring', 'D', '01', 'email');
INSERT INTO selection_rule (selection, rule_no, kind, attribute, words, at_least, below) VALUES
    ('mail', 10, 'include', 'list', '{01,03}', NULL, NULL), ('mail', 20, 'exclude', 'region', '{south,west}', NULL, NULL), ('mail', 30, 'include', 'birthday month', NULL, 2, 11);
INSERT INTO selection_rule (selection, rule_no, attribute, words, is_enabled) VALUES ('mail', 40, 'region', '{nowhere}', false);
INSERT INTO selection_group VALUES ('mail', 'A', 0.5, true, false), ('mail', 'B', 0.35, false, false), ('mail', 'H', 0.15, false, true), ('mail', 'X', 0, false, false);

-- a dry run shows the numbers and writes nothing
SELECT * FROM select_list('mail', '2026-03-01 02:00', dry_run => true);
SELECT (SELECT count(*) FROM selection_run) AS runs, (SELECT count(*) FROM selection_member) AS members, (SELECT count(*) FROM source WHERE campaign = 'spring') AS codes;
-- the numbers by counting person by person
CREATE TEMP VIEW judged AS
SELECT c.customer_id, ARRAY[NOT EXISTS (SELECT FROM list_member m WHERE m.customer_id = c.customer_id AND m.list IN ('01', '03') AND m.left_on IS NULL), coalesce(c.region = 'south', false),
       extract(month FROM c.birthday) NOT BETWEEN 2 AND 10, false, c.customer_id % 11 = 0 OR c.customer_id % 40 = 0] AS removed
  FROM customer c WHERE c.customer_id BETWEEN 1 AND 2000;
SELECT i AS step_no, count(*) FILTER (WHERE NOT true = ANY (removed[1:i - 1])) AS before, count(*) FILTER (WHERE removed[i] AND NOT true = ANY (removed[1:i - 1])) AS removed,
       count(*) FILTER (WHERE removed[i] AND cardinality(array_remove(removed, false)) = 1) AS alone, count(*) FILTER (WHERE NOT true = ANY (removed[1:i])) AS left_over
  FROM judged, generate_series(1, 5) i GROUP BY i ORDER BY i;

-- a quiet time of day hides no other reason: what is selected at night is what is selected by day
INSERT INTO contact_stop (customer_id, refusal, starts_at) SELECT n, 'paused', '2026-01-01' FROM generate_series(100, 199) n;
CREATE TEMP TABLE by_day AS SELECT * FROM select_list('mail', '2026-03-01 02:00', true);
INSERT INTO quiet_hours (starts, ends) VALUES ('00:00', '00:00');
SELECT step, removed FROM select_list('mail', '2026-03-01 02:00', true) WHERE step ~ 'paused';
SELECT count(*) AS otherwise_at_night FROM (TABLE by_day EXCEPT SELECT * FROM select_list('mail', '2026-03-01 02:00', true)) d;
DELETE FROM quiet_hours;
DELETE FROM contact_stop;

-- the run: the same numbers, and a row for each person
SELECT sum(removed) AS removed, min(people_left) AS people_left FROM select_list('mail', '2026-03-01 02:00');
SELECT count(*) AS chosen, count(*) FILTER (WHERE true = ANY (j.removed)) AS wrong FROM selection_member m LEFT JOIN judged j USING (customer_id) WHERE m.customer_id < 3000;
SELECT test_group, source_code, status, count(*), round(count(*) / sum(count(*)) OVER (), 4) AS share FROM selection_member WHERE customer_id < 3000 GROUP BY 1, 2, 3 ORDER BY 1;
-- the seed name of the list gets it too, that of another list does not
SELECT customer_id, test_group, status FROM selection_member WHERE customer_id >= 3000;
SELECT selection_run_id, piece, status, candidates, selected, held_out, seeds, expires_at, first_sent_at FROM selection_run;
-- a repetition returns the same and writes nothing; nothing counts as sent
CREATE TEMP TABLE first_run AS SELECT customer_id, test_group FROM selection_member;
SELECT count(*) AS differing FROM (SELECT * FROM select_list('mail', '2026-03-01 02:00') EXCEPT SELECT * FROM explain_selection(1)) d;
SELECT (SELECT count(*) FROM selection_member) - (SELECT count(*) FROM first_run) AS more, (SELECT count(*) FROM touch) AS touches, (SELECT count(*) FROM hold_out) AS hold_outs;
-- the split shows no trace of the number: mean and spread of the numbers are those of any sample
SELECT test_group, abs(avg(customer_id) - 900) < 4 * 520 / sqrt(count(*)) AS mean_is_chance, abs(avg((customer_id % 2)::int) - .5) < 4 * .5 / sqrt(count(*)) AS parity_is_chance FROM first_run WHERE customer_id < 3000 GROUP BY 1 ORDER BY 1;
-- taken back and run again: the same people in the same groups
SELECT cancel_selection(1) = (SELECT count(*) FROM first_run) AS cancelled;
SELECT min(people_left) AS people_left FROM select_list('mail', '2026-03-02 02:00');
SELECT count(*) AS differing FROM (SELECT customer_id, test_group FROM selection_member WHERE selection_run_id = 2 EXCEPT SELECT * FROM first_run) d;

-- sending: who unsubscribed since gets nothing, and frees nothing
INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, happened_at) SELECT customer_id, 'email', 'marketing', 'refused', 'person', '2026-03-02 10:00' FROM selection_member WHERE selection_run_id = 2 AND test_group = 'A' AND customer_id < 400;
SELECT count(*) AS addresses, count(DISTINCT address) AS distinct_addresses, count(*) FILTER (WHERE test_group = 'H') AS of_hold_outs FROM selection_addresses(2, '2026-03-03 09:00');
SELECT * FROM send_selection(2, '2026-03-03 09:00');
SELECT * FROM send_selection(2, '2026-03-04 09:00');
SELECT t.source_code, count(*) AS pieces, min(sent_at) AS sent_at, count(*) FILTER (WHERE t.is_seed) AS to_seeds, count(*) FILTER (WHERE p.value IS NULL) AS without_address
  FROM touch t LEFT JOIN contact_point p USING (customer_id, contact_point_id) GROUP BY 1 ORDER BY 1;
SELECT source_code, count(*) AS held_out, min(held_out_at) AS held_out_at FROM hold_out GROUP BY 1;
SELECT test_group, status, result, count(*) FROM selection_member WHERE selection_run_id = 2 GROUP BY 1, 2, 3 ORDER BY 1, 2;
SELECT count(*) AS touch_is_not_noted FROM selection_member m LEFT JOIN touch t USING (customer_id, touch_id) WHERE m.status = 'done' AND t.request_id IS DISTINCT FROM 'selection 2';

-- the list grows: nobody twice, nobody changes the group, and old and new together keep the shares
INSERT INTO list_member (customer_id, list) SELECT n, '01' FROM generate_series(1801, 2000) n;
SELECT step, removed, people_left FROM select_list('mail', '2026-03-10 02:00') ORDER BY step_no DESC LIMIT 3;
SELECT test_group, count(*), round(count(*) - sum(count(*)) OVER () * (ARRAY[.5, .35, .15])[strpos('ABH', test_group)], 2) AS off FROM selection_member
 WHERE status IN ('chosen', 'done', 'held out') AND customer_id < 3000 GROUP BY 1 ORDER BY 1;
SELECT count(*) AS twice FROM (SELECT FROM selection_member WHERE status IN ('chosen', 'done', 'held out') GROUP BY customer_id, piece HAVING count(*) > 1) x;
-- another selection of the same campaign and medium is the same piece
INSERT INTO selection (selection, name, campaign, medium, list, channel) VALUES ('again', 'again', 'spring', 'D', '01', 'email');
INSERT INTO selection_group VALUES ('again', 'A', 1);
SELECT step, removed, people_left FROM select_list('again', '2026-03-11', true) WHERE step = 'has the piece already';

-- household, order and limit, against a count of our own
INSERT INTO selection (selection, name, campaign, medium, list, channel, order_by, is_ascending, per_household, max_people) VALUES ('few', 'few', 'autumn', 'D', '01', 'email', 'age', true, 2, 120);
INSERT INTO selection_group VALUES ('few', 'A', 1);
SELECT * FROM select_list('few', '2026-09-01') ORDER BY step_no DESC LIMIT 2;
SELECT max(n) AS most_of_a_household FROM (SELECT count(*) AS n FROM selection_member JOIN customer USING (customer_id) WHERE selection = 'few' AND household_id IS NOT NULL GROUP BY household_id) h;
WITH may AS (SELECT c.customer_id, c.household_id, extract(year FROM age(date '2026-09-01', c.birthday)) AS age FROM customer c JOIN judged j USING (customer_id)
              WHERE NOT j.removed[5] AND c.customer_id NOT IN (SELECT customer_id FROM consent_event)),
housed AS (SELECT m.*, row_number() OVER (PARTITION BY coalesce(household_id, -customer_id) ORDER BY age) AS i FROM may m)
SELECT count(*) AS may, count(*) FILTER (WHERE i <= 2) AS housed, (SELECT max(age) FROM (SELECT age FROM housed WHERE i <= 2 ORDER BY age LIMIT 120) y) AS oldest FROM housed;
SELECT max(extract(year FROM age(date '2026-09-01', c.birthday))) AS oldest, count(*) FROM selection_member JOIN customer c USING (customer_id) WHERE selection = 'few' AND NOT c.is_seed;
-- on the next day the households count those of the first
SELECT step, removed FROM select_list('few', '2026-09-02') WHERE step ~ 'household';
SELECT max(n) AS most_of_a_household FROM (SELECT count(*) AS n FROM selection_member JOIN customer USING (customer_id) WHERE selection = 'few' AND household_id IS NOT NULL GROUP BY household_id) h;

-- a piece that comes again each month
UPDATE selection SET repeats = 'month' WHERE selection = 'few';
INSERT INTO campaign_contact (campaign, is_series) VALUES ('autumn', true);
SELECT people_left FROM select_list('few', '2026-10-01') ORDER BY step_no DESC LIMIT 1;
SELECT DISTINCT piece FROM selection_run WHERE selection = 'few' ORDER BY 1;

-- quotas: they add up, and nobody is a whole person off, whatever the shares and whoever was there
WITH cases AS (SELECT n, ARRAY(SELECT (1 + abs(hashint8extended(n * 10 + i, 1)) % 100)::numeric FROM generate_series(1, 1 + n % 5) i) AS weights,
                      ARRAY(SELECT CASE WHEN n % 3 = 0 THEN 0 ELSE abs(hashint8extended(n * 10 + i, 2)) % 50 END FROM generate_series(1, 1 + n % 5) i) AS had, abs(hashint8extended(n, 3)) % 400 AS people
                 FROM generate_series(1, 400) n),
shared AS (SELECT c.*, ARRAY(SELECT w / (SELECT sum(x) FROM unnest(c.weights) x) FROM unnest(c.weights) WITH ORDINALITY u (w, i) ORDER BY i) AS shares FROM cases c),
given AS (SELECT s.*, split_quotas(shares, had, people) AS quotas, people + (SELECT sum(h) FROM unnest(had) h) AS total FROM shared s)
SELECT count(*) AS cases, count(*) FILTER (WHERE (SELECT sum(q) FROM unnest(quotas) q) <> people) AS do_not_add_up, count(*) FILTER (WHERE (SELECT min(q) FROM unnest(quotas) q) < 0) AS negative,
       count(*) FILTER (WHERE o.overfull = 0) AS without_overfull, count(*) FILTER (WHERE o.overfull = 0 AND o.off >= 1) AS off_by_a_person,
       -- a group with too many gets none, and among the others nobody could give one away for the better
       count(*) FILTER (WHERE o.overfull > 0 AND o.fed > 0) AS fed_though_overfull
  FROM given g CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE u.had > u.share * total) AS overfull, max(abs(u.had + u.q - u.share * total)) AS off, count(*) FILTER (WHERE u.had > u.share * total AND u.q > 0) AS fed
                                     FROM unnest(g.shares, g.had, g.quotas) u (share, had, q)) o;
SELECT split_quotas('{0.5,0.5}', '{0,0}', 3) AS tie, split_quotas('{0.5,0.3,0.2}', '{9,0,0}', 5) AS catches_up, split_quotas('{1}', '{0}', 0) AS nobody, split_quotas('{0.9,0.05,0.05}', '{0,0,0}', 10) AS remainders;

-- every attribute can be asked
DO $$
DECLARE
    a selection_attribute;
BEGIN
    INSERT INTO selection (selection, name, campaign, medium, list, channel) VALUES ('all', 'all', 'autumn', 'M', '01', 'email');
    INSERT INTO selection_group VALUES ('all', 'A', 1);
    FOR a IN SELECT * FROM selection_attribute LOOP
        UPDATE selection_rule SET is_enabled = false WHERE selection = 'all';
        INSERT INTO selection_rule (selection, rule_no, attribute, at_least, words)
        SELECT 'all', 1 + count(*), a.attribute, CASE a.kind WHEN 'number' THEN 0 END, CASE WHEN a.kind = 'text' OR strpos(a.expression, '{words}') > 0 THEN ARRAY['DA01036', CASE WHEN a.attribute ~ 'source' THEN 'DB01036' ELSE 'it''s' END] END FROM selection_rule WHERE selection = 'all';
        UPDATE selection SET order_by = a.attribute WHERE selection = 'all' AND a.kind = 'number';
        PERFORM FROM select_list('all', '2026-06-01', true);
    END LOOP;
    -- and all together: each relation is joined once
    UPDATE selection_rule SET is_enabled = rule_no <= 50 WHERE selection = 'all';
    PERFORM FROM select_list('all', '2026-06-01', true);
END $$;
-- words are words, whatever is in them
INSERT INTO list (list, name) VALUES ('''); DROP TABLE touch; --', 'odd');
INSERT INTO selection (selection, name, campaign, medium, list, channel) VALUES ('odd', 'odd', 'autumn', 'M', '02', 'email');
INSERT INTO selection_rule (selection, rule_no, attribute, words) VALUES ('odd', 1, 'list', ARRAY['''); DROP TABLE touch; --', '{a,"b\\']), ('odd', 2, 'region', ARRAY['$1', '%s', '{words}']);
SELECT * FROM select_list('odd', '2026-06-01', true);
-- an attribute of the owner's own
CREATE TABLE own_points (customer_id bigint PRIMARY KEY, points int);
INSERT INTO own_points SELECT n, n FROM generate_series(1, 2000, 10) n;
INSERT INTO selection_relation VALUES ('own', 'SELECT p.* FROM own_points p', 'points of our own');
INSERT INTO selection_attribute VALUES ('own points', 'number', '{own}', 'own.points', 'points');
INSERT INTO selection (selection, name, campaign, medium, list, channel, max_people, order_by) VALUES ('own', 'own', 'autumn', 'M', '02', 'email', 5, 'own points');
INSERT INTO selection_rule (selection, rule_no, attribute, at_least) VALUES ('own', 1, 'own points', 1500);
SELECT * FROM select_list('own', '2026-06-01', true);

-- nightly runs: what is due, in order of priority, within the campaign, each once; one that fails stops no other
UPDATE selection SET runs_every_days = 1, priority = 3 WHERE selection = 'mail';
UPDATE selection SET runs_every_days = 7, priority = 5 WHERE selection = 'again';
UPDATE selection SET runs_every_days = 7 WHERE selection = 'few';
UPDATE selection SET runs_every_days = 1, priority = 9 WHERE selection = 'own';
UPDATE selection_rule SET words = '{a}', at_least = NULL WHERE selection = 'own';
SET client_min_messages = error;
SELECT run_selections('2026-05-30 02:00') AS one, run_selections('2026-05-30 02:00') AS two, run_selections('2026-05-30 02:00') AS three, run_selections('2026-05-30 02:00') AS none;
SELECT run_selections('2026-06-01 02:00') AS one, run_selections('2026-06-01 02:00') AS none;
SET client_min_messages = warning;
SELECT selection, as_of, status, error FROM selection_run WHERE as_of >= '2026-05-30' AND as_of < '2026-07-01' ORDER BY as_of, selection;

-- what came of it
INSERT INTO response (customer_id, responded_at, source_code) SELECT customer_id, '2026-03-05', source_code FROM selection_member WHERE selection_run_id = 2 AND status = 'done' AND customer_id % 10 = 3 AND customer_id < 3000;
INSERT INTO customer_order (customer_id, ordered_at, revenue, source_code) SELECT customer_id, '2026-03-06', 100, source_code FROM selection_member WHERE selection_run_id = 2 AND status = 'done' AND customer_id % 30 = 3 AND customer_id < 3000;
SELECT test_group, source_code, planned, waiting, done, held_out, refused, dropped, responses, response_rate, orders, revenue FROM selection_results WHERE selection_run_id = 2 ORDER BY 1;
SELECT check_name, problems FROM check_integrity() WHERE problems > 0;

-- errors say what to do
\set VERBOSITY terse
SELECT * FROM select_list('nothing');
SELECT * FROM select_list('mail', NULL);
UPDATE selection_group SET share = 0.4 WHERE selection = 'mail' AND test_group = 'A';
SELECT * FROM select_list('mail', '2026-04-01', true);
UPDATE selection_group SET share = 0.5 WHERE selection = 'mail' AND test_group = 'A';
UPDATE selection_rule SET words = NULL WHERE selection = 'mail' AND rule_no = 10;
SELECT * FROM select_list('mail', '2026-04-01', true);
UPDATE selection SET order_by = 'region' WHERE selection = 'few';
SELECT * FROM select_list('few', '2026-11-01', true);
SELECT * FROM send_selection(77);
SELECT * FROM send_selection(1);
SELECT * FROM explain_selection(77);
INSERT INTO selection (selection, name, channel) VALUES ('bad', 'bad', 'email');
INSERT INTO selection_rule (selection, rule_no, attribute) VALUES ('few', 1, 'colour of the eyes');
UPDATE selection_attribute SET relations = '{nowhere}' WHERE attribute = 'own points';
SELECT * FROM select_list('own', '2026-11-01', true);
\set VERBOSITY default
SELECT uninstall('selections', drop_data => true) IS NOT NULL AS gone;
