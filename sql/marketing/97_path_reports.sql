-- From the piece to the order: how far people get, by campaign; cohorts by the effort that began them;
-- tests that are running now.

-- Steps of one campaign, once per person. People without a piece (who saw the ad) are counted, too, but
-- only of those with a piece there are shares and times, since only of them it is known when it began.
CREATE OR REPLACE VIEW campaign_path AS
WITH step AS (
    SELECT s.campaign, t.customer_id, 1 AS step_no, t.sent_at AS happened_at
      FROM touch t JOIN source s ON s.source_code = t.source_code AND s.campaign IS NOT NULL AND NOT s.is_hold_out
     WHERE NOT t.is_seed AND NOT EXISTS (SELECT FROM touch_event e WHERE e.customer_id = t.customer_id AND e.touch_id = t.touch_id AND e.kind = 'bounced')
    UNION ALL
    SELECT s.campaign, t.customer_id, CASE WHEN e.kind = 'opened' THEN 2 ELSE 3 END, e.happened_at
      FROM touch_event e JOIN touch t ON t.customer_id = e.customer_id AND t.touch_id = e.touch_id AND NOT t.is_seed
      JOIN source s ON s.source_code = t.source_code AND s.campaign IS NOT NULL AND NOT s.is_hold_out
     WHERE e.kind IN ('opened', 'clicked')
    UNION ALL
    SELECT s.campaign, a.customer_id, CASE WHEN a.fact = 'response' THEN 4 WHEN a.fact = 'lead' THEN 5 WHEN a.fact = 'visit' THEN 6 ELSE 7 END, f.happened_at
      FROM attribution a JOIN attributable_fact f ON f.customer_id = a.customer_id AND f.fact = a.fact AND f.fact_id = a.fact_id
      JOIN source s ON s.source_code = a.source_code AND s.campaign IS NOT NULL AND NOT s.is_hold_out
     WHERE a.sign = 1 AND f.fact IN ('response', 'lead', 'visit', 'customer_order')
       AND NOT EXISTS (SELECT FROM attribution n WHERE n.customer_id = a.customer_id AND n.fact = a.fact AND n.fact_id = a.fact_id AND n.attribution_id > a.attribution_id)
), began AS (
    SELECT x.campaign, x.customer_id, x.step_no, x.happened_at, min(x.happened_at) FILTER (WHERE x.step_no = 1) OVER (PARTITION BY x.campaign, x.customer_id) AS sent_at
      FROM step x JOIN customer c ON c.customer_id = x.customer_id AND NOT c.is_seed WHERE x.customer_id <> 0
), person AS (
    SELECT b.campaign, b.step_no, b.customer_id, extract(epoch FROM min(b.happened_at) FILTER (WHERE b.happened_at >= b.sent_at) - min(b.sent_at)) / 86400 AS days
      FROM began b GROUP BY b.campaign, b.step_no, b.customer_id
), reached AS (
    SELECT p.campaign, p.step_no, count(*) AS people, count(p.days) AS people_after_piece, percentile_cont(0.5) WITHIN GROUP (ORDER BY p.days) AS median_days
      FROM person p GROUP BY p.campaign, p.step_no
)
SELECT c.campaign, n.step_no, n.step, coalesce(r.people, 0) AS people, coalesce(r.people_after_piece, 0) AS people_after_piece,
       (coalesce(r.people_after_piece, 0)::numeric / nullif(max(r.people_after_piece) FILTER (WHERE n.step_no = 1) OVER (PARTITION BY c.campaign), 0))::numeric(12,6) AS share_of_pieces,
       r.median_days::numeric(12,3) AS median_days
  FROM campaign c CROSS JOIN (VALUES (1, 'piece'), (2, 'opened'), (3, 'clicked'), (4, 'answer'), (5, 'lead'), (6, 'visit'), (7, 'order')) n (step_no, step)
  LEFT JOIN reached r ON r.campaign = c.campaign AND r.step_no = n.step_no
 WHERE EXISTS (SELECT FROM reached x WHERE x.campaign = c.campaign);
COMMENT ON VIEW campaign_path IS 'from the piece to the order: how many people of each campaign got to each step, and when; one row per campaign and step, of campaigns of which anything counts. Answers, leads, visits and orders as they count for the campaign since the last refresh; a step may be left out';
COMMENT ON COLUMN campaign_path.campaign IS 'key of the campaign';
COMMENT ON COLUMN campaign_path.step_no IS 'order of the steps';
COMMENT ON COLUMN campaign_path.step IS 'piece (sent and not undeliverable), opened, clicked (of traceable media only), answer, lead, visit or order';
COMMENT ON COLUMN campaign_path.people IS 'people who took the step, without seed names, hold-outs and the unidentified customer';
COMMENT ON COLUMN campaign_path.people_after_piece IS 'of these, people who took it after the first piece of the campaign to them';
COMMENT ON COLUMN campaign_path.share_of_pieces IS 'people_after_piece / people who got a piece; NULL where nobody got one';
COMMENT ON COLUMN campaign_path.median_days IS 'median of the days from the first piece to the step, of people_after_piece';

-- Cohorts as in cohort_conversion, by the first piece that a person got.
CREATE OR REPLACE VIEW effort_cohort_conversion AS
WITH observed AS (
    SELECT (r.as_of AT TIME ZONE z.value)::date AS until, z.value AS zone FROM report_state r JOIN setting z ON z.setting = 'time_zone' WHERE r.report = 'source_day' AND r.as_of IS NOT NULL
), began AS (
    SELECT DISTINCT ON (t.customer_id) t.customer_id, (t.sent_at AT TIME ZONE o.zone)::date AS first_on, s.medium, s.list, s.campaign, s.test_group
      FROM touch t JOIN source s ON s.source_code = t.source_code JOIN customer c ON c.customer_id = t.customer_id AND NOT c.is_seed CROSS JOIN observed o
     WHERE NOT t.is_seed AND t.customer_id <> 0 ORDER BY t.customer_id, t.sent_at, t.touch_id
), member AS (
    SELECT b.*, date_trunc('month', b.first_on)::date AS cohort_month, d.ordered_on, o.until,
           ((extract(year FROM d.ordered_on) - extract(year FROM b.first_on)) * 12 + extract(month FROM d.ordered_on) - extract(month FROM b.first_on))::int AS ordered_age
      FROM began b CROSS JOIN observed o
      LEFT JOIN LATERAL (SELECT min(y.date_day) AS ordered_on FROM customer_order_day y WHERE y.customer_id = b.customer_id AND y.orders > 0 AND y.date_day BETWEEN b.first_on AND o.until) d ON true
     WHERE b.first_on <= o.until
), effort AS (
    SELECT e.effort_kind, e.effort, m.cohort_month, m.until, m.ordered_age, count(*) AS people
      FROM member m CROSS JOIN LATERAL (VALUES ('medium', m.medium), ('list', m.list), ('test group', m.campaign || ' ' || m.test_group)) e (effort_kind, effort)
     WHERE e.effort IS NOT NULL GROUP BY e.effort_kind, e.effort, m.cohort_month, m.until, m.ordered_age
), cell AS (
    SELECT g.effort_kind, g.effort, g.cohort_month, a.age_months, g.cohort_size, coalesce(e.people, 0) AS converted, (g.cohort_month + make_interval(months => a.age_months + 1))::date <= g.until AS is_complete,
           (sum(coalesce(e.people, 0)) OVER (PARTITION BY g.effort_kind, g.effort, g.cohort_month ORDER BY a.age_months))::bigint AS converted_to_date
      FROM (SELECT x.effort_kind, x.effort, x.cohort_month, x.until, sum(x.people)::bigint AS cohort_size FROM effort x GROUP BY x.effort_kind, x.effort, x.cohort_month, x.until) g
     CROSS JOIN LATERAL generate_series(0, ((extract(year FROM g.until) - extract(year FROM g.cohort_month)) * 12 + extract(month FROM g.until) - extract(month FROM g.cohort_month))::int) a (age_months)
      LEFT JOIN effort e ON e.effort_kind = g.effort_kind AND e.effort = g.effort AND e.cohort_month = g.cohort_month AND e.ordered_age = a.age_months
)
SELECT c.effort_kind, c.effort, coalesce(m.name, l.name, c.effort) AS effort_name, c.cohort_month, c.age_months, to_char(c.age_months, 'FM000') AS age_label, c.cohort_size, c.is_complete,
       c.converted, c.converted_to_date, (c.converted_to_date::numeric / c.cohort_size)::numeric(12,6) AS conversion_rate, i.lower::numeric(12,6) AS conversion_rate_lower, i.upper::numeric(12,6) AS conversion_rate_upper
  FROM cell c
  LEFT JOIN medium m ON c.effort_kind = 'medium' AND m.medium = c.effort
  LEFT JOIN list l ON c.effort_kind = 'list' AND l.list = c.effort
 CROSS JOIN LATERAL rate_interval(rate(c.converted_to_date, c.cohort_size), (SELECT value::float8 FROM setting WHERE setting = 'confidence')) i;
COMMENT ON VIEW effort_cohort_conversion IS 'of those whose first piece was of a medium, list or test group in a month: which share has ordered after 0, 1, 2 ... months. One row per kind of effort, effort, month and age; months not begun at the last refresh have no row';
COMMENT ON COLUMN effort_cohort_conversion.effort_kind IS 'medium, list or test group: each person is in one cohort of each kind, where the first piece has one';
COMMENT ON COLUMN effort_cohort_conversion.effort IS 'the medium or list as in the code; of a test group campaign and group with a space between';
COMMENT ON COLUMN effort_cohort_conversion.effort_name IS 'its name';
COMMENT ON COLUMN effort_cohort_conversion.cohort_month IS 'first day of the month of the first piece';
COMMENT ON COLUMN effort_cohort_conversion.age_months IS 'months since then: 0 is that month itself';
COMMENT ON COLUMN effort_cohort_conversion.age_label IS 'age_months as a text that sorts: 000, 001, ...';
COMMENT ON COLUMN effort_cohort_conversion.cohort_size IS 'people of the cohort, without seed names: the denominator';
COMMENT ON COLUMN effort_cohort_conversion.is_complete IS 'the month was over at the last refresh';
COMMENT ON COLUMN effort_cohort_conversion.converted IS 'people whose first order since the piece was in this month';
COMMENT ON COLUMN effort_cohort_conversion.converted_to_date IS 'the same up to and with this month';
COMMENT ON COLUMN effort_cohort_conversion.conversion_rate IS 'converted_to_date / cohort_size';
COMMENT ON COLUMN effort_cohort_conversion.conversion_rate_lower IS 'its lower confidence limit (Wilson; setting confidence)';
COMMENT ON COLUMN effort_cohort_conversion.conversion_rate_upper IS 'its upper confidence limit';

-- Tests whose window is open: they are looked at before they are over, so what decides is a test that allows
-- for as many looks as you like (mSPRT). What difference to expect is a setting, which stands before the test begins.
CREATE OR REPLACE VIEW running_test AS
WITH term AS (
    SELECT (r.as_of AT TIME ZONE (SELECT value FROM setting WHERE setting = 'time_zone'))::date AS today, (SELECT value::float8 FROM setting WHERE setting = 'confidence') AS confidence,
           (SELECT value::float8 FROM setting WHERE setting = 'test_expected_difference') AS expected
      FROM report_state r WHERE r.report = 'source_day' AND r.as_of IS NOT NULL
), effort AS (
    SELECT s.campaign, min(coalesce(w.starts_on, d.first_on)) AS starts_on, max(coalesce(w.ends_on, coalesce(d.last_on, w.starts_on) + w.max_days - 1)) AS ends_on
      FROM effort_window w JOIN source s ON s.source_code = w.source_code AND s.campaign IS NOT NULL
      LEFT JOIN (SELECT y.source_code, min(y.date_day) AS first_on, max(y.date_day) AS last_on FROM source_day y WHERE y.pieces + y.held_out > 0 GROUP BY y.source_code) d ON d.source_code = w.source_code
     GROUP BY s.campaign
), cell AS (
    SELECT p.campaign, e.starts_on, e.ends_on, m.measure, p.test_group, p.test_group_name, p.is_control, p.is_hold_out, p.net_pieces AS people, p.pieces + p.held_out AS assigned, m.successes, t.today, t.confidence, t.expected,
           CASE WHEN m.successes BETWEEN 0 AND p.net_pieces THEN rate(m.successes, p.net_pieces) END AS rate,
           (SELECT sum(s.quantity) FROM source s WHERE s.campaign = p.campaign AND s.test_group = p.test_group) AS planned
      FROM test_group_performance p JOIN effort e ON e.campaign = p.campaign JOIN term t ON t.today BETWEEN e.starts_on AND e.ends_on
     CROSS JOIN LATERAL (VALUES ('responses', p.responses), ('orders', p.orders)) m (measure, successes)
     WHERE p.net_pieces > 0
), compared AS (
    SELECT c.*, first_value(c.test_group) OVER w AS baseline_group, first_value(c.rate) OVER w AS baseline_rate, first_value(c.successes) OVER w AS baseline_successes, first_value(c.people) OVER w AS baseline_people,
           count(*) OVER (PARTITION BY c.campaign, c.measure) AS groups
      FROM cell c WINDOW w AS (PARTITION BY c.campaign, c.measure ORDER BY c.is_control DESC, c.is_hold_out DESC, c.people DESC, c.test_group COLLATE "C")
), whole AS (
    SELECT c.campaign, c.measure, array_agg(c.people ORDER BY c.test_group COLLATE "C") AS people, array_agg(c.assigned ORDER BY c.test_group COLLATE "C") AS sizes, array_agg(c.planned::float8 ORDER BY c.test_group COLLATE "C") AS planned,
           array_agg(c.successes ORDER BY c.test_group COLLATE "C") AS successes, bool_and(c.rate IS NOT NULL) AS is_testable, bool_and(coalesce(c.planned, 0) > 0) AS is_planned, count(*) AS groups
      FROM cell c GROUP BY c.campaign, c.measure
)
SELECT c.campaign, c.measure, c.test_group, c.test_group_name, c.is_control, c.is_hold_out, c.starts_on, c.ends_on, c.ends_on - c.today AS days_left, c.planned::bigint AS planned, c.people, c.successes,
       (c.successes::numeric / c.people)::numeric(20,6) AS success_rate, i.lower::numeric(12,6) AS success_rate_lower, i.upper::numeric(12,6) AS success_rate_upper, c.baseline_group,
       q.p_value::numeric(12,10) AS p_value, q.lower::numeric(12,6) AS difference_lower, q.upper::numeric(12,6) AS difference_upper, h.p_value::numeric(12,10) AS p_value_of_all, z.p_value::numeric(12,10) AS p_value_of_sizes,
       CASE WHEN z.p_value < 0.001 THEN 'sizes are not as planned: look for the reason first'
            WHEN c.test_group = c.baseline_group THEN 'what the others are compared with'
            WHEN q.p_value IS NULL THEN 'nothing to compare yet'
            WHEN q.p_value < 1 - c.confidence AND c.successes::numeric / c.people > c.baseline_successes::numeric / c.baseline_people THEN 'better: may be stopped'
            WHEN q.p_value < 1 - c.confidence THEN 'worse: may be stopped'
            ELSE 'no difference seen yet: go on' END AS verdict
  FROM compared c JOIN whole w ON w.campaign = c.campaign AND w.measure = c.measure AND w.groups > 1
  LEFT JOIN LATERAL rate_interval(c.rate, c.confidence) i ON true
  -- functions of a join are called before its condition is looked at: what they cannot take is kept from them
  LEFT JOIN LATERAL sequential_test(CASE WHEN c.test_group <> c.baseline_group AND c.rate IS NOT NULL AND c.baseline_rate IS NOT NULL THEN ARRAY[c.successes, c.baseline_successes] END,
                                    ARRAY[c.people, c.baseline_people], c.expected * c.expected, c.confidence) q ON true
  LEFT JOIN LATERAL prop_test(CASE WHEN w.is_testable THEN w.successes END, w.people) h ON true
  LEFT JOIN LATERAL srm_test(CASE WHEN w.is_planned THEN w.sizes ELSE '{}' END, CASE WHEN w.is_planned THEN w.planned END) z ON true;
COMMENT ON VIEW running_test IS 'tests that run now: campaigns with several groups or a hold-out whose window was open at the last refresh, and what a look today says; one row per campaign, measure and group that has people. When a test is over: test_comparison, hold_out_comparison, test_report()';
COMMENT ON COLUMN running_test.campaign IS 'key of the campaign';
COMMENT ON COLUMN running_test.measure IS 'what counts as success: responses or orders';
COMMENT ON COLUMN running_test.test_group IS 'the test group, as in the code';
COMMENT ON COLUMN running_test.test_group_name IS 'what is different in it';
COMMENT ON COLUMN running_test.is_control IS 'it is marked as control';
COMMENT ON COLUMN running_test.is_hold_out IS 'it gets nothing';
COMMENT ON COLUMN running_test.starts_on IS 'first day of the campaign''s windows';
COMMENT ON COLUMN running_test.ends_on IS 'last day on which an order may be matched to it';
COMMENT ON COLUMN running_test.days_left IS 'days from the last refresh to ends_on';
COMMENT ON COLUMN running_test.planned IS 'pieces planned (source.quantity); NULL: not told';
COMMENT ON COLUMN running_test.people IS 'people so far: pieces less undeliverable ones, or people held out';
COMMENT ON COLUMN running_test.successes IS 'their responses or orders';
COMMENT ON COLUMN running_test.success_rate IS 'successes / people; over 1 where people answer more than once, then there is no test';
COMMENT ON COLUMN running_test.success_rate_lower IS 'its lower confidence limit (Wilson; setting confidence)';
COMMENT ON COLUMN running_test.success_rate_upper IS 'its upper confidence limit';
COMMENT ON COLUMN running_test.baseline_group IS 'the group that it is compared with: the control, else the hold-out, else the largest';
COMMENT ON COLUMN running_test.p_value IS 'always valid p value against the baseline (sequential_test(), with the setting test_expected_difference): it may be looked at every day';
COMMENT ON COLUMN running_test.difference_lower IS 'success_rate less that of the baseline: lower end of its confidence sequence, valid at any time';
COMMENT ON COLUMN running_test.difference_upper IS 'upper end';
COMMENT ON COLUMN running_test.p_value_of_all IS 'p value of all groups together (prop_test()), for a single look at the end: too small where one looks often';
COMMENT ON COLUMN running_test.p_value_of_sizes IS 'whether the sizes, undeliverable pieces included, are as planned (srm_test()): below .001 something is wrong with the division';
COMMENT ON COLUMN running_test.verdict IS 'what a look today says, in words';
