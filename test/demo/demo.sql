-- The reports of make demo. Each heading says what its table says.
SET search_path = marketing, public, dupex;
\pset footer off
\pset null ''
\pset pager off

-- Numbers as people read them: 48 210, 6.3 %. Of one width, so that they stand under each other.
CREATE FUNCTION pg_temp.num(x numeric, width int, digits int DEFAULT 0) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN lpad(translate(trim(to_char(x, 'FM999,999,999,990' || CASE WHEN digits > 0 THEN '.' || repeat('0', digits) ELSE '' END)), ',', ' '), width);
CREATE FUNCTION pg_temp.pct(x numeric, width int, digits int DEFAULT 1) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN lpad(trim(to_char(100 * x, 'FM99990.' || repeat('0', digits))) || ' %', width);
CREATE FUNCTION pg_temp.points(lower float8, upper float8) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN lpad(to_char(100 * lower, 'FMS90.00') || ' to ' || to_char(100 * upper, 'FMS90.00') || ' points', 23);

\echo
\echo 'What each medium brought in two years, and what it cost (E:R, expense / revenue: lower is better; matched orders gave no code; conversion is from answers to orders with one; EUR)'
\echo
WITH p AS (
    SELECT medium || ' ' || medium_name AS medium, pieces, responses, response_rate, leads, orders, matched_orders, conversion_rate, revenue, expense, er_ratio, cost_per_order, profit,
           CASE WHEN medium IS NULL THEN 2 ELSE 1 END AS part
      FROM medium_performance
    UNION ALL
    SELECT 'all', sum(pieces), sum(responses), NULL, sum(leads), sum(orders), sum(matched_orders), NULL, sum(revenue), sum(expense), sum(expense) / sum(revenue), sum(expense) / sum(orders), sum(profit), 3
      FROM medium_performance)
SELECT coalesce(medium, 'no code, or shared') AS medium, pg_temp.num(nullif(pieces, 0), 7) AS pieces, pg_temp.num(responses, 9) AS responses,
       pg_temp.pct(response_rate, 13) AS response_rate, pg_temp.num(leads, 5) AS leads, pg_temp.num(orders, 6) AS orders,
       pg_temp.num(matched_orders, 7) AS matched, pg_temp.pct(CASE WHEN part <> 2 THEN conversion_rate END, 10) AS conversion, pg_temp.num(revenue, 9) AS revenue, pg_temp.num(expense, 7) AS expense,
       pg_temp.num(CASE WHEN part <> 2 THEN er_ratio END, 6, 4) AS "E:R", pg_temp.num(CASE WHEN part <> 2 THEN cost_per_order END, 14, 2) AS cost_per_order,
       pg_temp.num(profit, 9) AS profit
  FROM p ORDER BY part, er_ratio;

\echo 'The source codes with the best and the worst E:R, of those that cost at least half the average'
\echo
WITH ranked AS (
    SELECT *, row_number() OVER (ORDER BY er_ratio, source_code) AS best, row_number() OVER (ORDER BY er_ratio DESC NULLS FIRST, expense DESC) AS worst
      FROM source_performance WHERE expense >= (SELECT avg(expense) / 2 FROM source_performance WHERE expense > 0) AND NOT is_hold_out)
SELECT CASE WHEN best <= 8 THEN 'best' ELSE 'worst' END AS " ", source_code AS code, campaign, medium_name AS medium, list_name AS list,
       pg_temp.num(nullif(pieces, 0), 6) AS pieces, pg_temp.num(responses, 9) AS responses, pg_temp.num(orders, 6) AS orders, pg_temp.num(revenue, 8) AS revenue,
       pg_temp.num(expense, 7) AS expense, coalesce(pg_temp.num(er_ratio, 7, 4), 'no revenue') AS "E:R"
  FROM ranked WHERE best <= 8 OR worst <= 8 ORDER BY CASE WHEN best <= 8 THEN best - 1000 ELSE -worst END;

\echo 'Lists of other people, the best E:R first: list 14 answers so rarely, and so much of it comes back, that it should be retired'
\echo
SELECT list || ' ' || list_name AS list, origin, pg_temp.num(pieces, 6) AS pieces, pg_temp.pct(bounced::numeric / pieces, 13) AS undeliverable,
       pg_temp.num(responses, 9) AS responses, pg_temp.pct(response_rate, 13, 2) AS response_rate,
       pg_temp.num(100 * response_rate_lower, 5, 2) || ' to' || pg_temp.pct(response_rate_upper, 8, 2) AS "limits (95 %)",
       pg_temp.num(orders, 6) AS orders, pg_temp.num(expense, 7) AS expense, pg_temp.num(er_ratio, 7, 4) AS "E:R"
  FROM list_performance WHERE kind = 'external' AND pieces > 0 ORDER BY er_ratio NULLS LAST;

\echo 'The 600 names of list 17 before anything is sent to them: what cleaning drops, and what that saves'
\echo
SELECT list || ' ' || list_name AS list, pg_temp.num(input_names, 5) AS names, pg_temp.num(invalid, 7) AS invalid, pg_temp.num(repaired, 8) AS repaired, pg_temp.num(suppressed, 10) AS suppressed,
       pg_temp.num(intra, 8) AS repeated, pg_temp.num(in_house + inter, 13) AS "known already", pg_temp.num(net_names, 9) AS new_names, pg_temp.num(money_saved, 8, 2) AS saved, pg_temp.pct(saved_share, 14) AS "of what it cost"
  FROM list_hygiene ORDER BY list_import_id;
SELECT column_name AS "column", code AS diagnosis, pg_temp.num(names, 5) AS names, pg_temp.num(repaired, 8) AS repaired, pg_temp.num(dropped, 7) AS dropped
  FROM list_hygiene_diagnosis WHERE code <> 'valid' ORDER BY list_import_id, names DESC, column_name, code;

\echo 'Whom the e-mail about the courses of autumn goes to: what each rule takes away, and what it alone takes away'
\echo
SELECT step, pg_temp.num(people_before, 6) AS before, pg_temp.num(removed, 7) AS removed, pg_temp.num(removed_alone, 10) AS "only by it", pg_temp.num(people_left, 6) AS left
  FROM selection_run r, LATERAL explain_selection(r.selection_run_id) WHERE r.selection = 'autumn courses' ORDER BY step_no;

\echo 'Two tests, each group against its control A: a difference is proven where its limits leave out zero'
\echo
WITH t AS (
    SELECT split_part(campaign, '-', 1) AS test, test_group, min(test_group_name) AS name, sum(net_pieces)::bigint AS net, sum(responses)::bigint AS responses
      FROM test_group_performance WHERE campaign ~ '^(voucher|newsletter)-' AND NOT is_hold_out AND net_pieces > 0 GROUP BY 1, 2)
SELECT t.test, t.test_group AS "group", t.name, pg_temp.num(t.net, 8) AS received, pg_temp.num(t.responses, 9) AS responses, pg_temp.pct(t.responses::numeric / t.net, 13, 2) AS response_rate,
       CASE WHEN t.test_group > 'A' THEN pg_temp.points(i.lower, i.upper) END AS "difference from A (95 %)",
       CASE WHEN t.test_group = 'A' THEN 'control' WHEN i.lower > 0 THEN 'better' WHEN i.upper < 0 THEN 'worse' ELSE 'not proven' END AS verdict
  FROM t JOIN t c ON c.test = t.test AND c.test_group = 'A', rate_difference_interval(rate(t.responses, t.net), rate(c.responses, c.net), 0.95) i ORDER BY t.test DESC, t.test_group;

\echo 'What the voucher mailing of April 2026 added: orders of the people mailed against those of people held out'
\echo
SELECT test_group AS "group", test_group_name AS name, pg_temp.num(people, 6) AS people, pg_temp.num(orders, 6) AS orders, pg_temp.pct(order_rate, 10, 2) AS order_rate,
       pg_temp.pct(hold_out_order_rate, 8, 2) AS "held out", pg_temp.points(order_difference_lower, order_difference_upper) AS "added (95 %)",
       pg_temp.pct(organic_share, 12, 0) AS "came anyway", pg_temp.num(incremental_revenue, 13) AS added_revenue, pg_temp.num(expense, 7) AS expense
  FROM hold_out_comparison ORDER BY test_group;

\echo 'A tenth more money for the next month: where each further unit brings most, by the curve of each medium; above the break-even E:R the last money is lost'
\echo
SELECT coalesce(medium || ' ', '') || medium_name AS medium, pg_temp.num(mean_expense, 7) AS "a month", pg_temp.num(planned_expense, 7) AS planned, pg_temp.num(expected_orders, 6) AS orders, pg_temp.num(expected_revenue, 8) AS revenue,
       pg_temp.num(er_ratio, 6, 4) AS "E:R", pg_temp.num(marginal_er_ratio, 14, 4) AS "of the last one", pg_temp.num(break_even_er_ratio, 10, 4) AS break_even, remark
  FROM report_status r, LATERAL media_plan((SELECT round(1.1 * sum(mean_expense)) FROM medium_response_curve), r.as_of) WHERE r.report = 'source_day' ORDER BY planned_expense DESC;

\echo 'Campaigns that took more than their budget by now, and those that run'
\echo
SELECT campaign, planner, pg_temp.num(budget, 7) AS budget, pg_temp.num(expense, 7) AS expense, pg_temp.pct(budget_used_share, 7, 0) AS used, pg_temp.pct(elapsed_share, 9, 0) AS "time over", status, pg_temp.num(er_ratio, 7, 4) AS "E:R"
  FROM campaign_budget WHERE is_over_budget OR elapsed_share < 1 ORDER BY budget_used_share DESC LIMIT 12;

\echo 'Of the people first contacted in a month, the share that had ordered by the end of that month (0) and of the months after'
\echo
SELECT to_char(cohort_month, 'YYYY-MM') || pg_temp.num(cohort_size, 7) AS "month    people", age_months, pg_temp.pct(conversion_rate, 6) AS share
  FROM cohort_conversion WHERE cohort_basis = 'first touch' AND cohort_month BETWEEN '2025-04-01' AND '2026-06-01' AND age_months <= 12 AND is_complete
 ORDER BY cohort_month, age_months \crosstabview 1 2 3

\echo 'Open leads by grade: who has them, how old they are, what is overdue'
\echo
SELECT g.lead_grade AS grade, g.followed_by, pg_temp.num(count(*), 5) AS leads, pg_temp.num(count(*) FILTER (WHERE salesperson_id IS NULL), 14) AS with_marketing,
       pg_temp.num(percentile_cont(.5) WITHIN GROUP (ORDER BY extract(epoch FROM as_of - opened_at) / 86400)::numeric, 11) AS "median days",
       pg_temp.num(count(*) FILTER (WHERE next_visit_on < as_of::date), 14) AS "visits overdue",
       pg_temp.num(count(*) FILTER (WHERE as_of - clock_started_at > interval '80 days' AND followed_by = 'sales'), 20) AS "stale within 10 days"
  FROM lead_board JOIN lead_grade g USING (lead_grade), (SELECT as_of FROM report_status) r GROUP BY g.lead_grade, g.grade_no, g.followed_by ORDER BY g.grade_no;

\echo 'What moved in the leads: the last night, and why since the beginning of June'
\echo
SELECT format('%s lead%s moved last night: ', count(*), CASE WHEN count(*) <> 1 THEN 's' END)
       || coalesce(nullif(concat_ws(', ', nullif(count(*) FILTER (WHERE kind = 'stale' AND rule ~ 'to senior'), 0) || ' to a more senior salesperson',
                                    nullif(count(*) FILTER (WHERE kind = 'stale' AND rule ~ 'reassign'), 0) || ' to a colleague',
                                    nullif(count(*) FILTER (WHERE kind = 'defeated'), 0) || ' defeated',
                                    nullif(count(*) FILTER (WHERE kind = 'handed over'), 0) || ' to marketing'), ''), 'nothing was stale')
  FROM lead_move WHERE rule IS NOT NULL AND moved_at = (SELECT as_of FROM job_run WHERE step = 'move stale leads' ORDER BY job_run_id DESC LIMIT 1)
 \g (tuples_only=on format=unaligned)
\echo
SELECT kind AS moved, coalesce(rule, reason) AS why, pg_temp.num(count(*) FILTER (WHERE moved_at < '2026-07-01'), 5) AS "in June",
       pg_temp.num(count(*) FILTER (WHERE moved_at >= '2026-07-01'), 16) AS "the three nights"
  FROM lead_move WHERE moved_at >= '2026-06-01' AND kind <> 'opened' GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2;

\echo 'What will move within a week if nothing is sold, the first five; and what is on the list of salesperson 3 for the next day'
\echo
SELECT to_char(due_at, 'YYYY-MM-DD') AS due_on, customer_id AS customer, lead_grade AS grade, team, salesperson_id AS "from", to_salesperson_id AS "to", pg_temp.num(days_on_clock, 13) AS "days on clock",
       pg_temp.num(days_without_contact, 20, 1) AS "days without contact", reason
  FROM report_status r, LATERAL stale_leads(r.as_of, 7) ORDER BY due_at, customer_id LIMIT 5;
SELECT task, planned_on, days_overdue AS "days overdue", customer_name AS customer, lead_grade AS grade, product, telephone, to_char(last_contact_at, 'YYYY-MM-DD') AS last_contact
  FROM report_status r, LATERAL tasks(3, r.as_of::date + 1) LIMIT 6;

\echo 'The sheet of the sales meeting of 3 July, of the showroom, its lists cut to three lines; the night has kept the whole in sales_meeting_day'
\echo
SELECT sales_meeting_text('2026-07-03', 'showroom', 3)
 \g (tuples_only=on format=unaligned)
\echo
\echo 'Codes that could not be read, or are not registered, and which may have been meant: the latest ten'
\echo
SELECT to_char(happened_at, 'YYYY-MM-DD') AS day, quoted_code AS quoted, coalesce(problem, 'not registered: ' || read_as) AS problem, suggestions AS "may have been"
  FROM unreadable_codes WHERE fact = 'response' ORDER BY happened_at DESC, fact_id LIMIT 10;

\echo 'The nightly job: fired by pg_cron for the time of the clock, then run by hand for three nights'
\echo
SELECT to_char(as_of, 'YYYY-MM-DD HH24:MI') AS as_of, step, pg_temp.num(extract(epoch FROM ended_at - started_at)::numeric, 7, 2) AS seconds, pg_temp.num(rows, 7) AS rows, status, error
  FROM job_run WHERE job = 'run_daily' ORDER BY job_run_id;

\echo 'What pg_cron says of it, and what it is to fire from now on (times in GMT)'
\echo
SELECT d.command, d.status, to_char(d.start_time, 'HH24:MI:SS') AS started, d.return_message AS message
  FROM cron.job_run_details d ORDER BY d.runid;
SELECT jobname AS job, schedule, command FROM cron.job ORDER BY 1;
