-- test_comparison and test_report(): a test of three groups whose numbers the toolbox gives as well, a hold-out, sizes, days, what is missing
SET search_path = public, dupex;
SET client_min_messages = warning;
SELECT install('trial') IS NOT NULL AS installed;
SET search_path = trial, public, dupex;
INSERT INTO campaign (campaign, name) VALUES ('offer', 'three offers'), ('plain', 'no test'), ('none', 'nothing sent'), ('twice', 'people order twice'), ('zero', 'no answer yet'), ('lost', 'people lost on the way');
INSERT INTO test_group (campaign, test_group, name, is_control, is_hold_out) VALUES ('offer', 'A', 'as always', true, false), ('offer', 'B', 'gift', false, false), ('offer', 'C', 'discount', false, false), ('offer', 'H', 'nobody', false, true),
    ('plain', 'A', 'everybody', false, false), ('twice', 'A', 'small', false, false), ('twice', 'B', 'large', false, false), ('zero', 'A', 'one', true, false), ('zero', 'B', 'two', false, false), ('lost', 'A', 'one', false, false), ('lost', 'B', 'two', false, false);
INSERT INTO source (source_code, campaign, medium, test_group, issued_on, quantity, answers_until, is_control, is_hold_out)
SELECT code, campaign, 'D', test_group, '2026-03-01', quantity, until, is_control, is_hold_out FROM (VALUES
    ('DA01036', 'offer', 'A', 10000, date '2026-05-01'), ('DB01036', 'offer', 'B', 10000, '2026-05-01'), ('DC01036', 'offer', 'C', 10000, '2026-05-01'), ('DH01036', 'offer', 'H', 5000, '2026-05-01'), ('DA02036', 'plain', 'A', 100, NULL),
    ('DA03036', 'twice', 'A', 10, NULL), ('DB03036', 'twice', 'B', 20, NULL), ('DA04036', 'zero', 'A', NULL, NULL), ('DB04036', 'zero', 'B', 50, NULL), ('DA05036', 'lost', 'A', 1000, NULL), ('DB05036', 'lost', 'B', 1000, NULL)) v(code, campaign, test_group, quantity, until) JOIN test_group USING (campaign, test_group);
INSERT INTO source_day (date_day, source_code, pieces, held_out, bounced, responses, orders)
VALUES ('2026-03-02', 'DA01036', 10010, 0, 10, 300, 158), ('2026-03-02', 'DB01036', 10000, 0, 0, 300, 202), ('2026-03-02', 'DC01036', 9990, 0, 0, 330, 178), ('2026-03-02', 'DH01036', 0, 5000, 0, 0, 40), ('2026-03-02', 'DA02036', 100, 0, 0, 5, 2),
    ('2026-03-02', 'DA03036', 10, 0, 0, 3, 12), ('2026-03-02', 'DB03036', 20, 0, 0, 4, 15), ('2026-03-02', 'DA04036', 50, 0, 0, 0, 0), ('2026-03-02', 'DB04036', 50, 0, 0, 0, 0), ('2026-03-02', 'DA05036', 1000, 0, 0, 100, 20), ('2026-03-02', 'DB05036', 800, 0, 0, 20, 18);

-- the long form: what the toolbox says of the same counts
SELECT test_group, is_control, is_baseline, baseline_group, people, successes, success_rate, difference, difference_lower AS lower, difference_upper AS upper, p_value, p_value_adjusted AS adjusted, probability_best, expected_loss FROM test_comparison WHERE campaign = 'offer' AND measure = 'orders' ORDER BY test_group;
SELECT t.test_group, t.p_value = z.p_value::numeric(12,10) AS p_value, t.difference_lower = d.lower::numeric(12,6) AS lower, t.p_value_adjusted = (p_adjust(ARRAY[(rate_z_test('202/10000', '158/10000')).p_value, (rate_z_test('178/9990', '158/10000')).p_value]))[CASE t.test_group WHEN 'B' THEN 1 ELSE 2 END]::numeric(12,10) AS adjusted,
    t.probability_best = b.probability_best::numeric(12,6) AS best FROM test_comparison t JOIN (VALUES ('B', rate '202/10000', 2), ('C', '178/9990', 3)) v(g, r, arm) ON v.g = t.test_group, rate_z_test(v.r, '158/10000') z, rate_difference_interval(v.r, '158/10000') d, beta_best('{158,202,178}', '{10000,10000,9990}') b
WHERE t.campaign = 'offer' AND t.measure = 'orders' AND b.arm = v.arm ORDER BY 1;
SELECT campaign, measure, count(*) AS groups, count(*) FILTER (WHERE is_baseline) AS baselines, min(baseline_group) AS baseline, count(p_value) AS tested FROM test_comparison GROUP BY 1, 2 ORDER BY 1, 2;

-- in sentences
SELECT * FROM test_report('offer', as_of => '2026-04-20 12:00+00');
SELECT line FROM test_report('plain', '2026-04-20');
SELECT line FROM test_report('none', '2026-04-20');
SELECT line FROM test_report('twice', '2026-04-20');
SELECT line FROM test_report('zero', '2026-04-20');
SELECT line FROM test_report('lost', '2026-04-20');
SELECT line FROM test_report('offer', '2026-05-01') WHERE line LIKE 'Answers%';
SELECT line FROM test_report('offer', '2026-05-02') WHERE line LIKE 'Answers%';
-- a winner is called one at a lower confidence, and then nothing is missing
UPDATE setting SET value = '0.9' WHERE setting = 'confidence';
SELECT line FROM test_report('offer', '2026-04-20') WHERE line ~ '^(B|To) ' ORDER BY line_no;
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT test_report('spring');

-- a reader may ask as a manager does, and gets the same; the parts of the report, and its tables, are not for readers
CREATE ROLE trial_manager;
CREATE ROLE trial_reader;
SELECT grant_access('trial_manager', 'manager') IS NOT NULL AS manager, grant_access('trial_reader', 'reader') IS NOT NULL AS reader;
SET ROLE trial_manager;
SELECT count(*) FROM test_report('offer', '2026-04-20');
SET ROLE trial_reader;
SELECT count(*) FROM test_comparison;
SELECT count(*) FROM test_report('offer', '2026-04-20');
SELECT count(*) FROM test_report_measure('offer', 'orders');
SELECT count(*) FROM campaign;
RESET ROLE;
SELECT revoke_access('trial_manager'), revoke_access('trial_reader');
DROP ROLE trial_manager, trial_reader;
SET search_path = public, dupex;
SELECT uninstall('trial', drop_data => true) IS NOT NULL AS gone;
