-- From the piece to the order, cohorts by effort, tests that run now: an example worked out by hand, and
-- the sample against other views.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT install('ways') IS NOT NULL AS installed;
SET search_path = ways, public, dupex;
INSERT INTO list (list, name) VALUES ('01', 'house list');
INSERT INTO campaign (campaign, name) VALUES ('p', 'path'), ('s', 'same'), ('b', 'better'), ('d', 'division'), ('w', 'wrong division'), ('o', 'over'), ('a', 'alone'), ('h', 'with a hold-out'), ('n', 'nothing');
INSERT INTO test_group (campaign, test_group, name, is_control, is_hold_out)
SELECT c, g, 'group ' || g, g = 'A', g = 'H' FROM (VALUES ('s', 'A'), ('s', 'B'), ('b', 'A'), ('b', 'B'), ('d', 'B'), ('d', 'C'), ('w', 'A'), ('w', 'B'), ('o', 'A'), ('o', 'B'), ('a', 'A'), ('h', 'B'), ('h', 'H')) v (c, g);
INSERT INTO source (source_code, campaign, medium, test_group, list, is_control, is_hold_out, in_home_on, answers_until, quantity)
SELECT code::source_code, c, 'M', g, '01', g IS NOT DISTINCT FROM 'A', g IS NOT DISTINCT FROM 'H', date '2026-01-05', CASE WHEN c = 'o' THEN date '2026-01-31' ELSE '2026-03-01' END, planned
  FROM (VALUES ('MA01016', 'p', NULL, NULL), ('SA01016', 's', 'A', NULL), ('SB01016', 's', 'B', 10000), ('BA01016', 'b', 'A', NULL), ('BB01016', 'b', 'B', NULL), ('EB01016', 'd', 'B', 5000), ('EC01016', 'd', 'C', 5000),
               ('WA01016', 'w', 'A', 2000), ('WB01016', 'w', 'B', 2000), ('PA01016', 'o', 'A', NULL), ('PB01016', 'o', 'B', NULL), ('AA01016', 'a', 'A', NULL), ('HB01016', 'h', 'B', NULL), ('HH01016', 'h', 'H', NULL)) v (code, c, g, planned);
INSERT INTO customer (customer_id, is_seed) SELECT n, n = 5 FROM generate_series(1, 6) n;
INSERT INTO touch (customer_id, touch_id, source_code, sent_at, is_seed) SELECT n, n, 'MA01016', '2026-01-05 12:00', n = 5 FROM generate_series(1, 5) n;
INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) VALUES (1, 1, 'opened', '2026-01-06 12:00'), (1, 1, 'opened', '2026-01-09 12:00'), (1, 1, 'clicked', '2026-01-06 18:00'), (4, 4, 'bounced', '2026-01-05 13:00'), (5, 5, 'opened', '2026-01-06 12:00');
INSERT INTO response (customer_id, response_id, responded_at, quoted_code, source_code) VALUES (1, 1, '2026-01-07 12:00', 'MA01016', 'MA01016'), (2, 2, '2026-01-09 12:00', 'MA01016', 'MA01016'), (2, 3, '2026-01-19 12:00', 'MA01016', 'MA01016'),
    (6, 4, '2026-01-10 12:00', 'MA01016', 'MA01016'), (0, 5, '2026-01-10 12:00', 'MA01016', 'MA01016'), (5, 6, '2026-01-10 12:00', 'MA01016', 'MA01016');
INSERT INTO lead (customer_id, lead_id, opened_at, response_id) VALUES (1, 1, '2026-01-08 12:00', 1);
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, lead_id, quoted_code, source_code) VALUES (1, 1, '2026-01-15 12:00', 100, 1, NULL, NULL), (2, 2, '2026-01-25 12:00', 50, NULL, 'MA01016', 'MA01016'), (0, 3, '2026-01-25 12:00', 50, NULL, 'MA01016', 'MA01016');
SELECT count(*) AS before_the_first_refresh FROM running_test;
SELECT refresh_reports('2026-02-01 02:00') > 0 AS refreshed;

-- 1 2 3 got a piece that did not come back; 1 opened after a day and clicked after 1.25; 1 and 2 answered after 2 and 4 days, 6 without a piece; the orders came after 10 and 20
SELECT * FROM campaign_path WHERE campaign = 'p';
SELECT DISTINCT campaign FROM campaign_path;
-- of 1 2 3 4 two ordered in January: 2/4, Wilson .150039 .849961; February has begun
SELECT * FROM effort_cohort_conversion ORDER BY effort_kind, age_months;

-- Tests, made of roll-ups. s: 200 and 250 of 10,000 with tau2 = .01 x .01: likelihood ratio 3.124282722, p .320073466; chi-square of all 5.6834, p .017126. b: 400 and 200.
-- d: 1,000 and 1,050 pieces, planned alike: p .269456; w: 1,000 and 1,300: 39.130, p 4e-10. o is over, a has one group, h is compared with its hold-out (which answers nothing).
INSERT INTO source_day (date_day, source_code, pieces, held_out, bounced, responses, orders) VALUES ('2026-01-06', 'SA01016', 10100, 0, 100, 200, 20), ('2026-01-06', 'SB01016', 10000, 0, 0, 250, 20), ('2026-01-06', 'BA01016', 10000, 0, 0, 400, 3), ('2026-01-06', 'BB01016', 10000, 0, 0, 200, 3),
    ('2026-01-06', 'EB01016', 1000, 0, 0, 30, 1100), ('2026-01-06', 'EC01016', 1050, 0, 0, 30, 0), ('2026-01-06', 'WA01016', 1000, 0, 0, 30, 1), ('2026-01-06', 'WB01016', 1300, 0, 0, 90, 1),
    ('2026-01-06', 'PA01016', 1000, 0, 0, 30, 1), ('2026-01-06', 'PB01016', 1000, 0, 0, 90, 1), ('2026-01-06', 'AA01016', 1000, 0, 0, 30, 1), ('2026-01-06', 'HB01016', 1000, 0, 0, 30, 60), ('2026-01-06', 'HH01016', 0, 1000, 0, 0, 10);
SELECT campaign, test_group, is_control, is_hold_out, starts_on, ends_on, days_left, planned, people, successes, success_rate, success_rate_lower AS lower, success_rate_upper AS upper, baseline_group AS base
  FROM running_test WHERE measure = 'responses' ORDER BY campaign, test_group;
SELECT campaign, measure, test_group, round(p_value, 6) AS p_value, difference_lower AS lower, difference_upper AS upper, round(p_value_of_all, 6) AS p_of_all, round(p_value_of_sizes, 6) AS p_of_sizes, verdict
  FROM running_test ORDER BY measure DESC, campaign, test_group;
-- the window shuts
UPDATE report_state SET as_of = '2026-03-02';
SELECT count(*) FROM running_test;
SET search_path = public, dupex;
SELECT uninstall('ways', drop_data => true) IS NOT NULL AS gone;

-- The sample
SELECT install('ways') IS NOT NULL AS installed;
SELECT load_sample('ways', 0.05) IS NOT NULL AS loaded;
SET search_path = ways, public, dupex;
SELECT refresh_reports('2026-07-01') > 0 AS refreshed;
-- the media of the first pieces together are all cohorts, at every age
SELECT count(*) > 200 AS cells, count(*) FILTER (WHERE (m.size, m.converted, m.to_date, m.is_complete) IS DISTINCT FROM (c.cohort_size, c.converted, c.converted_to_date, c.is_complete)) AS different
  FROM (SELECT cohort_month, age_months, sum(cohort_size) AS size, sum(converted) AS converted, sum(converted_to_date) AS to_date, bool_and(is_complete) AS is_complete
          FROM effort_cohort_conversion WHERE effort_kind = 'medium' GROUP BY 1, 2) m
  FULL JOIN (SELECT * FROM cohort_conversion WHERE cohort_basis = 'first touch') c USING (cohort_month, age_months);
-- people by campaign, counted from the facts
SELECT count(*) > 10 AS campaigns, count(*) FILTER (WHERE p.orders IS DISTINCT FROM coalesce(o.people, 0) OR p.pieces IS DISTINCT FROM coalesce(t.people, 0)) AS different, bool_and(p.least >= 0) AS in_time
  FROM (SELECT campaign, sum(people) FILTER (WHERE step = 'order') AS orders, sum(people) FILTER (WHERE step = 'piece') AS pieces, min(median_days) AS least FROM campaign_path GROUP BY campaign) p
  LEFT JOIN (SELECT o.campaign, count(DISTINCT o.customer_id) AS people FROM order_source o JOIN customer c USING (customer_id) WHERE NOT c.is_seed AND o.customer_id <> 0 AND NOT o.is_hold_out GROUP BY 1) o ON o.campaign = p.campaign
  LEFT JOIN (SELECT s.campaign, count(DISTINCT t.customer_id) AS people FROM touch t JOIN source s USING (source_code) LEFT JOIN touch_event e ON e.customer_id = t.customer_id AND e.touch_id = t.touch_id AND e.kind = 'bounced'
              WHERE NOT t.is_seed AND e.touch_id IS NULL GROUP BY 1) t ON t.campaign = p.campaign;
-- running: those with an open window and two groups, with the figures of test_group_performance
SELECT count(*) > 0 AS running, count(*) FILTER (WHERE (r.people, r.successes) IS DISTINCT FROM (p.net_pieces, p.responses)) AS different, bool_and(r.success_rate BETWEEN r.success_rate_lower AND r.success_rate_upper) AS within
  FROM running_test r JOIN test_group_performance p USING (campaign, test_group) WHERE r.measure = 'responses';
SET search_path = public, dupex;
SELECT uninstall('ways', drop_data => true) IS NOT NULL AS gone;
