-- load_sample(): what was planted is found again: response rates, the one test group that works, the bad list
SET search_path = public, dupex;
SET client_min_messages = warning;
SELECT install('sample_effects') IS NOT NULL AND load_sample('sample_effects', 0.5, 3) IS NOT NULL AS loaded;
SET search_path = sample_effects, public, dupex;

-- The planted rates, before the season, against all answers
-- (the number of an answer to a piece is that of the piece), coded or not. B of the voucher is planted at 1.9 times A.
-- 99.9 % limits, so that of this dozen the sample of one seed lies within all of them.
CREATE TEMP VIEW answered AS
SELECT s.campaign, split_part(s.campaign, '-', 1) AS theme, s.medium, s.test_group, s.list, s.issued_on, t.customer_id,
       EXISTS (SELECT FROM response r WHERE r.customer_id = t.customer_id AND r.response_id = t.touch_id) AS is_answered,
       (ARRAY[.9, .95, 1.2, 1.15, 1.05, 1, .8, .75, 1.15, 1.2, 1.05, .8])[extract(month FROM s.issued_on)::int] AS season
  FROM touch t JOIN source s USING (source_code)
 WHERE NOT t.is_seed AND s.issued_on < '2026-06-01'
   AND NOT EXISTS (SELECT FROM touch_event e WHERE e.customer_id = t.customer_id AND e.touch_id = t.touch_id AND e.kind = 'bounced');
SELECT theme, list, test_group, planted, pieces > 300 AS enough, planted * season BETWEEN lower AND upper AS is_within
  FROM (SELECT theme, list, test_group, count(*) AS pieces, avg(season) AS season, rate_agg(is_answered) AS rate FROM answered GROUP BY theme, list, test_group) a
  JOIN (VALUES ('newsletter', '01', 'A', .034), ('newsletter', '01', 'B', .034), ('newsletter', '02', 'A', .041), ('newsletter', '02', 'B', .041), ('newsletter', '03', 'A', .026),
        ('voucher', '01', 'A', .037), ('voucher', '01', 'B', .0703), ('voucher', '01', 'C', .037), ('voucher', '02', 'B', .076), ('calls', '01', 'A', .112), ('calls', '02', 'A', .124),
        ('bargain', '14', 'A', .0025), ('partner', '13', 'A', .021)) v(theme, list, test_group, planted) USING (theme, list, test_group),
       LATERAL rate_interval(a.rate, 0.999) i
 ORDER BY 1, 2, 3;

-- what the reports say of it: the voucher works, the other creative and the newsletter's pictures do not show, the list is to be retired
SELECT refresh_reports('2026-07-01 00:00+00') > 0 AS refreshed;
CREATE TEMP VIEW test AS
SELECT split_part(campaign, '-', 1) AS theme, test_group, rate(sum(responses)::bigint, sum(net_pieces)::bigint) AS rate FROM test_group_performance WHERE net_pieces > 0 AND NOT is_hold_out GROUP BY 1, 2;
SELECT b.theme, b.test_group, i.lower > 0 AS is_better, i.upper < 0 AS is_worse FROM test a JOIN test b USING (theme), rate_difference_interval(b.rate, a.rate, 0.95) i
 WHERE theme IN ('voucher', 'newsletter') AND a.test_group = 'A' AND b.test_group > 'A' ORDER BY 1, 2;
SELECT test_group, order_difference > 0 AS more_than_hold_out, order_difference_lower > 0 AS is_proven FROM hold_out_comparison ORDER BY 1;
SELECT list, response_rate_upper < 0.008 AS deserves_retirement FROM list_performance WHERE kind = 'external' AND pieces > 0 ORDER BY 1;
-- E:R as a manager would expect; e-mail costs little, and many orders without a code are matched to it
SELECT medium, er_ratio BETWEEN least AND most AS plausible FROM medium_performance JOIN (VALUES ('D', .01, .1), ('T', .05, .14), ('M', .04, .15), ('A', .06, .25), ('W', .02, .12), ('S', .04, .2)) v(medium, least, most) USING (medium) ORDER BY 1;
-- a cohort grows with age, and ever more slowly
SELECT bool_and(more >= 0) AS grows, sum(more) FILTER (WHERE age_months BETWEEN 1 AND 6) > sum(more) FILTER (WHERE age_months BETWEEN 7 AND 12) AS ever_more_slowly
  FROM (SELECT age_months, conversion_rate - lag(conversion_rate) OVER (PARTITION BY cohort_month ORDER BY age_months) AS more
          FROM cohort_conversion WHERE cohort_basis = 'first touch' AND cohort_month < '2025-06-01') c;

SET search_path = public, dupex;
SELECT uninstall('sample_effects', drop_data => true) IS NOT NULL AS gone;
