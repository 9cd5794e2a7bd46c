-- A mail list: from :size customers a tenth is chosen by seven rules, permission, a limit and three test
-- groups, with an explanation; then sent. The other side is the same list by hand: one CREATE TABLE AS of
-- joins, EXISTS and ORDER BY ... LIMIT, with ntile() for the groups, and without an explanation.
SET client_min_messages = warning;
SET timezone = 'UTC';
SELECT dupex.install('selecting') IS NOT NULL AS installed \gset
SET search_path = selecting, bench, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO campaign (campaign, name) VALUES ('spring', 'spring'), ('winter', 'winter');
INSERT INTO list (list, name) VALUES ('01', 'house'), ('02', 'bought');
INSERT INTO region VALUES ('north', 'North'), ('south', 'South'), ('west', 'West');
INSERT INTO source (source_code, campaign, medium, issued_on) VALUES ('DW00125', 'winter', 'D', '2025-12-01');
-- the tables as they are when they have been filled for years: the constraints hold, the keys are there
ALTER TABLE customer DISABLE TRIGGER ALL; ALTER TABLE contact_point DISABLE TRIGGER ALL; ALTER TABLE list_member DISABLE TRIGGER ALL; ALTER TABLE touch DISABLE TRIGGER ALL; ALTER TABLE consent_event DISABLE TRIGGER ALL;
INSERT INTO customer (customer_id, kind, entered_as, name, region, household_id, birthday)
SELECT i, CASE WHEN i % 3 = 0 THEN 'external' ELSE 'internal' END, 'external', 'customer ' || i, (ARRAY['north', 'south', 'west'])[1 + bench.dice(i, 1, 3)], CASE WHEN bench.dice(i, 2, 10) < 4 THEN i / 3 END, date '1940-01-01' + bench.dice(i, 3, 24000)::int
  FROM generate_series(1, :size) i;
INSERT INTO contact_point (customer_id, kind, value, match_key, key_hash) SELECT i, 'email', 'n' || i || '@firm.example', 'n' || i || '@firm.example', decode(md5(i::text), 'hex') FROM generate_series(1, :size) i WHERE i % 50 <> 0;
INSERT INTO list_member (customer_id, list) SELECT i, CASE WHEN i % 5 = 0 THEN '02' ELSE '01' END FROM generate_series(1, :size) i WHERE i % 20 <> 0;
INSERT INTO touch (customer_id, source_code, sent_at) SELECT i, 'DW00125', timestamptz '2026-01-01' + bench.dice(i, 4, 100) * interval '1 day' FROM generate_series(1, :size) i WHERE i % 2 = 0;
INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, happened_at) SELECT i, 'email', 'marketing', 'refused', 'person', '2026-01-01' FROM generate_series(1, :size) i WHERE i % 25 = 0;
INSERT INTO customer_score (customer_id, as_of, first_ordered_at, last_ordered_at, orders, revenue, returned, margin, margin_12_months, cost_to_serve, profit_12_months, months_since_order, frequency, recency, age, expected_margin, value_percentile, segment)
SELECT i, '2026-06-01', '2024-01-01', '2026-01-01', 1 + bench.dice(i, 5, 6), bench.dice(i, 6, 5000), 0, 100, 50, 10, 40, bench.dice(i, 7, 24), 1, 10, 20, bench.dice(i, 8, 1000), bench.dice(i, 9, 100) / 100.0, (ARRAY['loyal', 'growing', 'lost', 'one order'])[1 + bench.dice(i, 10, 4)]
  FROM generate_series(1, :size) i WHERE i % 4 <> 0;
ALTER TABLE customer ENABLE TRIGGER ALL; ALTER TABLE contact_point ENABLE TRIGGER ALL; ALTER TABLE list_member ENABLE TRIGGER ALL; ALTER TABLE touch ENABLE TRIGGER ALL; ALTER TABLE consent_event ENABLE TRIGGER ALL;
INSERT INTO contact_rule (channel, rule, within, pieces) VALUES ('email', 'cap', '30 days', 4);
VACUUM ANALYZE;
INSERT INTO selection (selection, name, campaign, medium, list, channel, order_by, max_people) VALUES ('spring', 'spring', 'spring', 'D', '01', 'email', 'expected margin', :size / 10);
INSERT INTO selection_rule (selection, rule_no, kind, attribute, words, at_least, below) VALUES
    ('spring', 1, 'include', 'list', '{01,02}', NULL, NULL), ('spring', 2, 'exclude', 'region', '{west}', NULL, NULL), ('spring', 3, 'include', 'segment', '{loyal,growing,one order}', NULL, NULL),
    ('spring', 4, 'include', 'months since order', NULL, NULL, 20), ('spring', 5, 'include', 'revenue', NULL, 500, NULL), ('spring', 6, 'exclude', 'birthday month', NULL, 12, 13), ('spring', 7, 'exclude', 'days since contact', NULL, NULL, 30);
INSERT INTO selection_group VALUES ('spring', 'A', 0.5, true, false), ('spring', 'B', 0.4, false, false), ('spring', 'H', 0.1, false, true);

SELECT bench.compare('select_list(), 7 rules and permission: a dry run', :size, '{dupex,by hand}', ARRAY[
    $$SELECT count(*) FROM select_list('spring', '2026-06-01', true)$$,
    $$SELECT count(*) FROM (SELECT c.customer_id, ntile(10) OVER (ORDER BY hashint8(c.customer_id)) AS part
        FROM customer c JOIN customer_score s USING (customer_id)
       WHERE NOT c.is_seed AND c.customer_id <> 0 AND c.region <> 'west' AND s.segment IN ('loyal', 'growing', 'one order') AND s.months_since_order < 20 AND s.revenue >= 500 AND extract(month FROM c.birthday) < 12
         AND EXISTS (SELECT FROM list_member m WHERE m.customer_id = c.customer_id AND m.list IN ('01', '02'))
         AND NOT EXISTS (SELECT FROM touch t WHERE t.customer_id = c.customer_id AND t.sent_at > timestamptz '2026-06-01' - interval '30 days')
         AND EXISTS (SELECT FROM contact_point p WHERE p.customer_id = c.customer_id AND p.kind = 'email' AND p.status NOT IN ('bounced', 'refused'))
         AND NOT EXISTS (SELECT FROM consent_event e WHERE e.customer_id = c.customer_id AND e.channel = 'email' AND e.status = 'refused')
         AND NOT EXISTS (SELECT FROM suppression u JOIN contact_point p ON p.key_hash = u.key_hash WHERE p.customer_id = c.customer_id)
       ORDER BY s.expected_margin DESC LIMIT $$ || :size / 10 || $$) y$$], :size, NULL, 1);
SELECT bench.line('the same, written with its test groups and codes', :size, bench.time_of($$SELECT count(*) FROM select_list('spring', '2026-06-01')$$), NULL, :size);
SELECT bench.line('  of it contact_refusals() for all', :size, bench.time_of($$SELECT count(*) FROM contact_refusals('email', '2026-06-01', 'spring')$$), NULL, :size);
SELECT selected AS chosen FROM selection_run \gset
SELECT bench.line('send_selection(): permission again, touches, hold-outs', :chosen, bench.time_of('SELECT * FROM send_selection(1, ''2026-06-02'')'), NULL, :chosen);
SELECT step, people_before, removed, removed_alone, people_left FROM explain_selection(1);
SELECT test_group, status, count(*) FROM selection_member GROUP BY 1, 2 ORDER BY 1;
DROP SCHEMA selecting CASCADE;
