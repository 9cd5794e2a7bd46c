-- Money and time in the marketing database: campaign curves and forecasts, the media plan, budgets,
-- E:R by role, alarms, before and after. On roll-ups written by hand, so that each figure can be
-- worked out; the roll-ups themselves are tested elsewhere.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET extra_float_digits = 0;
SET datestyle = ISO;
\set SHOW_CONTEXT never
SELECT install('econ') IS NOT NULL AS installed;
SET search_path = econ, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
CREATE FUNCTION pg_temp.dice(number bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(number, salt) & 9007199254740991)::float8 / 9007199254740992::float8;

-- campaign curves: two mailings that are over have 40 30 20 10 answers on days 1 2 3 5 together; one runs since three days
INSERT INTO campaign (campaign, name, planner, designer, sender, starts_on, ends_on, budget) VALUES ('spring', 'spring mailing', 'in-house', 'agency', 'lettershop', '2026-03-01', '2026-05-31', 1000), ('open', 'open end', NULL, 'agency', NULL, NULL, NULL, NULL);
INSERT INTO list (list, name) VALUES ('01', 'house list'), ('02', 'new list');
INSERT INTO source (source_code, campaign, medium, list, in_home_on, answers_until) VALUES ('MA01036', 'spring', 'M', '01', '2026-03-01', '2026-04-15'), ('MB01036', 'spring', 'M', '01', '2026-03-02', '2026-04-15'),
    ('MA01056', 'spring', 'M', '01', '2026-05-04', '2026-06-30'), ('EA00056', 'open', 'E', '01', '2026-05-01', NULL), ('MB01056', 'spring', 'M', '01', '2026-05-05', '2026-06-30');
INSERT INTO source_day (date_day, source_code, pieces, bounced, responses, orders, revenue, cost_of_goods, expense) VALUES
    ('2026-03-01', 'MA01036', 1000, 20, 0, 0, 0, 0, 600), ('2026-03-04', 'MA01036', 0, 0, 25, 4, 800, 400, 0), ('2026-03-05', 'MA01036', 0, 0, 20, 3, 500, 250, 0), ('2026-03-06', 'MA01036', 0, 0, 10, 1, 100, 50, 0), ('2026-03-08', 'MA01036', 0, 0, 5, 0, 0, 0, 0),
    ('2026-03-02', 'MB01036', 500, 0, 15, 2, 300, 150, 350), ('2026-03-03', 'MB01036', 0, 0, 10, 0, 0, 0, 0), ('2026-03-04', 'MB01036', 0, 0, 10, 0, 0, 0, 0), ('2026-03-06', 'MB01036', 0, 0, 5, 0, 0, 0, 0),
    ('2026-05-04', 'MA01056', 400, 0, 0, 0, 0, 0, 200), ('2026-05-06', 'MA01056', 0, 0, 9, 1, 100, 50, 0), ('2026-05-07', 'MA01056', 0, 0, 5, 0, 0, 0, 0), ('2026-05-08', 'MA01056', 0, 0, 7, 0, 0, 0, 0),
    ('2026-05-01', 'EA00056', 0, 0, 16, 0, 0, 0, 90), ('2026-05-02', 'EA00056', 0, 0, 8, 0, 0, 0, 0), ('2026-05-03', 'EA00056', 0, 0, 4, 0, 0, 0, 0), ('2026-05-04', 'EA00056', 0, 0, 2, 0, 0, 0, 0), ('2026-05-06', 'EA00056', 0, 0, 1, 0, 0, 0, 0);
INSERT INTO shared_expense_day (date_day, campaign, medium, expense) VALUES ('2026-03-10', 'spring', '', 150);
-- nothing was refreshed: nothing is known
SELECT (SELECT count(*) FROM source_curve_day) AS curve_days, (SELECT count(*) FROM source_response_forecast) AS forecasts;
-- the 9th of May was not over
UPDATE report_state SET as_of = '2026-05-09 02:15+00', refreshed_at = '2026-05-09 02:15+00';
SELECT source_code, date_day, day_no, responses, responses_to_date, share_in, is_over FROM source_curve_day WHERE source_code IN ('MA01036', 'MA01056') ORDER BY 1, 2;
SELECT medium, medium_name, day_no, efforts, responses, responses_to_date, share_in, is_doubling_day FROM medium_curve_day ORDER BY 1, 3;
SELECT campaign, day_no, efforts, responses, responses_to_date, share_in, is_doubling_day FROM campaign_curve_day WHERE campaign = 'spring' ORDER BY 2;
-- 21 answers in three days, when .9 were in: 23.3 in the end; no medium's curve for E, so its own
SELECT source_code, first_response_on, net_pieces, responses, expected_responses, expected_responses_lower AS lower, expected_responses_upper AS upper, share_in, expected_response_rate AS rate, method, status FROM source_response_forecast ORDER BY 1;
SELECT expected, lower, upper FROM campaign_forecast_like('{9,5,7}', '{40,30,20,0,10}');
SELECT campaign, efforts, efforts_over, net_pieces, responses, expected_responses, expected_responses_lower AS lower, expected_responses_upper AS upper, share_in, doubling_day_no FROM campaign_response_forecast ORDER BY 1;
DELETE FROM source WHERE source_code = 'MB01056';
SELECT campaign, efforts, responses, expected_responses, expected_responses_lower AS lower, expected_responses_upper AS upper, share_in FROM campaign_response_forecast WHERE campaign = 'spring';

-- budgets: 600 + 350 + 200 and 150 for the whole campaign
SELECT campaign, budget, expense, last_expense_on, budget_left, budget_used_share, elapsed_share, is_over_budget, status, revenue, er_ratio FROM campaign_budget ORDER BY 1;
-- roles: direct mail brings 1800 for 1150; the 150 that belong to no medium are left out of what media usually cost
SELECT campaign_role, person, campaigns, pieces, responses, orders, revenue, expense, er_ratio, break_even_er_ratio, er_ratio_of_media, cost_per_order, profit FROM campaign_role_performance ORDER BY 1, 2;

-- the media plan: two media whose months lie on 1000 x / (x + 50) and 800 x / (x + 100), one that always got the same; with all limits open
-- the budget of 200 + 30 is shared out as in practice 104.531454 and 95.468546, marginal return 2.0938049503
DELETE FROM source_day; DELETE FROM source; DELETE FROM shared_expense_day;
INSERT INTO source (source_code, medium, list, in_home_on, answers_until)
SELECT (m || 'A01' || to_char(d, 'MM') || right(extract(year FROM d)::text, 1))::source_code, m, '01', d, d + 45 FROM unnest('{A,B,S}'::text[]) m, generate_series(timestamp '2025-01-05', '2025-08-05', '1 month') g (at), LATERAL (SELECT at::date) c (d);
INSERT INTO source_day (date_day, source_code, pieces, responses, orders, revenue, expense)
SELECT s.in_home_on + 10, s.source_code, 0, 20 * x, 4 * x, round((CASE s.medium WHEN 'A' THEN 1000.0 * x / (x + 50) WHEN 'B' THEN 800.0 * x / (x + 100) ELSE 45 END)::numeric, 4), CASE s.medium WHEN 'S' THEN 30 ELSE x END
  FROM source s, LATERAL (SELECT extract(month FROM s.in_home_on)::int * 20 AS x) e WHERE s.medium IS NOT NULL;
UPDATE report_state SET as_of = '2026-01-01 02:15+00';
SELECT medium, date_month, efforts, expense, revenue, er_ratio, over_on FROM medium_expense_month WHERE medium = 'A' ORDER BY 2 LIMIT 2;
SELECT medium, months, mean_expense, largest_expense, round(maximum_revenue::numeric, 2) AS maximum, round(half_saturation::numeric, 2) AS half, round(r_squared::numeric, 6) AS r_squared, er_ratio, round(marginal_er_ratio::numeric, 6) AS marginal, break_even_er_ratio, status
  FROM medium_response_curve ORDER BY 1;
SELECT medium, mean_expense, planned_expense, expected_orders, expected_revenue, er_ratio, marginal_er_ratio, round(1 / marginal_er_ratio, 3) AS marginal_return, remark FROM media_plan(230, '2026-01-01', most_growth => 10, most_cut => 1);
-- half of the revenue is cost of goods at B: there the marginal revenue must be twice as high
UPDATE source_day d SET cost_of_goods = revenue / 2 FROM source s WHERE s.source_code = d.source_code AND s.medium = 'B';
SELECT medium, planned_expense, expected_margin, round(break_even_er_ratio / marginal_er_ratio, 2) AS marginal_margin, remark FROM media_plan(230, '2026-01-01', most_growth => 10, most_cut => 1);
-- limits; more money than is worth spending; less than is kept; none for unknown curves; a plan for a time when nothing was known
SELECT medium, planned_expense, remark FROM media_plan(150, '2026-01-01', most_growth => 0);
SELECT medium, planned_expense, remark FROM media_plan(2000, '2026-01-01', most_growth => 10);
SELECT medium, planned_expense, remark FROM media_plan(60, '2026-01-01');
SELECT medium, planned_expense, remark FROM media_plan(60, '2026-01-01', keep_unknown => false);
SELECT count(*) AS rows FROM media_plan(60, '2024-01-01');
-- only what was spent is planned, to a cent a medium
SELECT b, sum(planned_expense) BETWEEN b - 0.05 AND b AS all_planned, bool_and(planned_expense >= 0) AS none_negative FROM unnest('{31,60,150,500,900,5000}'::int[]) b, LATERAL media_plan(b, '2026-01-01') GROUP BY b ORDER BY b;
SELECT * FROM media_plan(-1, '2026-01-01');
SELECT * FROM media_plan(10, '2026-01-01');
SELECT * FROM media_plan(100, '2026-01-01', months => 0);
SELECT * FROM media_plan(100, '2026-01-01', most_cut => 2);

-- the control chart: 500 series of 27 blocks, counts of mean 12 that nothing has happened to; an alarm in at most 1.5 % of them
SELECT count(*) FILTER (WHERE c.rule IS NOT NULL) BETWEEN 0 AND 7 AS few_false_alarms, count(*) AS series
  FROM (SELECT s, array_agg(n::numeric ORDER BY b) AS amounts FROM (SELECT s, b, count(*) FILTER (WHERE pg_temp.dice(s * 10000 + b * 100 + i, 3) < 0.12) AS n FROM generate_series(1, 500) s, generate_series(0, 26) b, generate_series(1, 99) i GROUP BY 1, 2) x GROUP BY s) a,
       LATERAL control_chart(amounts, array_fill(1::numeric, ARRAY[27]), 'count', true) c;
-- mean 20, then 3; a mean of 3 that falls to none is too small for an alarm; money, on its logarithm; eight times a little less
SELECT round(latest, 4) AS latest, round(centre, 4) AS centre, round(lower_limit, 4) AS lower, round(upper_limit, 4) AS upper, past, round(deviations, 3) AS deviations, rule
  FROM (VALUES (1, '{3,20,22,18,20,19,21,20,20,20}'::numeric[], array_fill(1::numeric, ARRAY[10]), 'count', true), (2, '{0,3,3,3,3,3,3,3,3,3}', array_fill(1::numeric, ARRAY[10]), 'count', true),
               (3, '{900,100,110,90,100,95,105,100,100,100}', array_fill(1000::numeric, ARRAY[10]), 'log ratio', false), (4, '{70,100,100,100}', array_fill(1::numeric, ARRAY[4]), 'count', true),
               (5, '{80,90,85,88,86,87,85,84,120,119,121,118,120,122,120,119,121,120}', array_fill(1::numeric, ARRAY[18]), 'count', true), (6, '{200,20,22,18,20,19,21,20,20,20}', array_fill(1::numeric, ARRAY[10]), 'count', true)) v (no, amounts, bases, unit, is_high_good),
       LATERAL control_chart(amounts, bases, unit, is_high_good) ORDER BY no;

-- alarms: 27 monthly mailings to two lists that answer differently, in turn; then the answers are halved, a tenth is not delivered, and orders vanish
DELETE FROM source_day; DELETE FROM source;
INSERT INTO source (source_code, medium, list, in_home_on, answers_until)
SELECT (CASE m WHEN 'D' THEN 'D' ELSE 'X' END || chr(65 + b) || CASE b % 2 WHEN 0 THEN '01' ELSE '02' END || '010')::source_code, m, CASE b % 2 WHEN 0 THEN '01' ELSE '02' END, date '2026-06-02' - 28 * b, date '2026-07-01' - 28 * b
  FROM unnest('{D,X}'::text[]) m, generate_series(0, 25) b;
-- D sends 1000 pieces a time, X 20
CREATE TEMP TABLE usual AS
SELECT s.source_code, s.medium, s.list, s.in_home_on, b, CASE s.medium WHEN 'D' THEN 1000 ELSE 20 END AS pieces, CASE s.list WHEN '01' THEN 0.10 ELSE 0.02 END AS rate
  FROM source s, LATERAL (SELECT (date '2026-06-02' - s.in_home_on) / 28 AS b) x WHERE s.medium IS NOT NULL;
INSERT INTO source_day (date_day, source_code, pieces, delivered, responses, orders, revenue, expense)
SELECT in_home_on + 1, source_code, pieces, pieces - round(pieces * 0.02 * (0.7 + 0.6 * pg_temp.dice(b, 4))), round(pieces * rate * (0.8 + 0.4 * pg_temp.dice(b, 5))), round(pieces * rate * 0.4 * (0.8 + 0.4 * pg_temp.dice(b, 6))),
       100 * round(pieces * rate * 0.4 * (0.8 + 0.4 * pg_temp.dice(b, 6))), pieces * 0.5 FROM usual;
SELECT count(*) AS without_cause FROM generate_series(timestamp '2025-08-01', '2026-06-30', '7 days') d, LATERAL marketing_alarms(d::date);
UPDATE source_day d SET responses = responses / 2, delivered = delivered - d.pieces / 10, orders = orders / 4, revenue = revenue / 4 FROM usual u WHERE u.source_code = d.source_code AND u.b = 0;
SELECT medium_key, figure, latest, centre, blocks, deviations < -3 AS far, rule, remark FROM marketing_alarms('2026-06-30') ORDER BY figure COLLATE "C";
SELECT count(*) AS of_a_small_medium FROM marketing_alarms('2026-06-30', medium => 'X');
-- before they are four weeks old nothing is said; the small list takes their place, which answers a fifth as often: no alarm
SELECT count(*) AS too_young FROM marketing_alarms('2026-06-28');
SELECT * FROM marketing_alarms('2026-06-30', medium => 'Q');
SELECT * FROM marketing_alarms('2026-06-30', block_days => 0);

-- before and after: eight weeks of 10 orders for 100 each, alternately one more or less; then 14; E:R from .2 to .1429
DELETE FROM source_day; DELETE FROM source;
INSERT INTO source (source_code, medium, list, campaign, in_home_on) VALUES ('TA01010', 'T', '01', 'open', '2024-01-01');
INSERT INTO source_day (date_day, source_code, pieces, bounced, responses, orders, revenue, expense)
SELECT date '2026-01-05' + 7 * w + 2, 'TA01010', 100, 5, 30 + w % 2, n, 100 * n, 200 FROM generate_series(-8, 7) w, LATERAL (SELECT CASE WHEN w < 0 THEN 10 ELSE 14 END + CASE w % 2 WHEN 0 THEN 1 ELSE -1 END AS n) x;
UPDATE report_state SET as_of = '2026-03-04 02:15+00';
SELECT figure, weeks, before_value, after_value, difference, difference_lower, difference_upper, relative_change, year_ago_change, verdict, remark FROM before_after('2026-01-05');
-- by hand: means 10 and 14, squared deviations of 1 each, 8 weeks: variance of the difference 2 * 8/7/8, 14 degrees of freedom, t = 2.1447867
SELECT round(4 - 2.1447867 * sqrt(2.0 / 7), 2) AS lower, round(4 + 2.1447867 * sqrt(2.0 / 7), 2) AS upper;
SELECT figure, weeks, verdict FROM before_after('2026-02-16', medium => 'T') WHERE figure IN ('orders', 'pieces');
SELECT count(*) AS other_medium, count(after_value) FILTER (WHERE after_value <> 0) AS with_a_value FROM before_after('2026-01-05', campaign => 'spring');
-- Student's sleep data, Welch: 95 % limits -0.2054832 and 3.3654832, p .07939
SELECT round(difference::numeric, 2) AS difference, round(lower::numeric, 7) AS lower, round(upper::numeric, 7) AS upper, round(p_value::numeric, 5) AS p_value
  FROM ratio_change('{0.7,-1.6,-0.2,-1.2,-0.1,3.4,3.7,0.8,0.0,2.0}', NULL, '{1.9,0.8,1.1,0.1,-0.1,4.4,5.5,1.6,4.6,3.4}', NULL);
SELECT * FROM ratio_change('{1}', NULL, '{2,3}', NULL) UNION ALL SELECT * FROM ratio_change('{1,2}', '{0,0}', '{2,3}', '{1,1}') UNION ALL SELECT * FROM ratio_change('{}', NULL, '{}', NULL);
SELECT ratio_change('{1,2}', '{1}', '{2,3}', NULL);
SELECT ratio_change('{1,2}', '{1,-1}', '{2,3}', NULL);
SELECT before_after('2026-03-01');
SELECT before_after('2026-01-05', days => 7);
SELECT before_after('2026-01-05', medium => 'Q');

-- who may: a reader the views and the reports, but no table; a manager these too
CREATE ROLE econ_reader; CREATE ROLE econ_manager;
SELECT grant_access('econ_reader', 'reader') IS NOT NULL AND grant_access('econ_manager', 'manager') IS NOT NULL AS granted;
SET ROLE econ_reader;
SELECT (SELECT count(*) FROM source_response_forecast) AS forecasts, (SELECT count(*) FROM campaign_budget) AS budgets, (SELECT count(*) FROM medium_response_curve) AS curves;
SELECT count(*) AS plan_rows FROM media_plan(1000, '2026-03-04'); SELECT count(*) AS alarms FROM marketing_alarms('2026-03-04'); SELECT count(*) AS figures FROM before_after('2026-01-05');
SELECT count(*) FROM expense;
SET ROLE econ_manager;
SELECT count(*) AS plan_rows FROM media_plan(1000, '2026-03-04'); SELECT count(*) AS alarms FROM marketing_alarms('2026-03-04'); SELECT count(*) AS figures FROM before_after('2026-01-05');
RESET ROLE;
SELECT revoke_access('econ_reader') AND revoke_access('econ_manager') AS revoked;
DROP ROLE econ_reader; DROP ROLE econ_manager;
SET search_path = public, dupex;
SELECT uninstall('econ', drop_data => true) IS NOT NULL AS gone;
