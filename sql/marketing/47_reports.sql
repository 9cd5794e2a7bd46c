-- Further reports: e-mail, tests against a hold-out, cohorts, codes that could not be read, leads.

CREATE OR REPLACE VIEW email_performance AS
SELECT s.source_code::text AS source_code, s.campaign, s.medium, s.test_group, s.list, s.issued_on, g.*, r.*
  FROM source s JOIN medium m ON m.medium = s.medium AND m.is_traceable
 CROSS JOIN LATERAL (
        SELECT coalesce(sum(d.pieces), 0)::bigint AS pieces, coalesce(sum(d.delivered), 0)::bigint AS delivered,
               coalesce(sum(d.opened), 0)::bigint AS opened, coalesce(sum(d.clicked), 0)::bigint AS clicked,
               coalesce(sum(d.forwarded), 0)::bigint AS forwarded, coalesce(sum(d.bounced), 0)::bigint AS bounced,
               coalesce(sum(d.complained), 0)::bigint AS complained, coalesce(sum(d.unsubscribed), 0)::bigint AS unsubscribed,
               coalesce(sum(d.responses), 0)::bigint AS responses, coalesce(sum(d.leads), 0)::bigint AS leads,
               coalesce(sum(d.orders), 0)::bigint AS orders, coalesce(sum(d.orders - d.matched_orders), 0)::bigint AS coded_orders,
               coalesce(sum(d.matched_orders), 0)::bigint AS matched_orders, coalesce(sum(d.revenue), 0)::numeric(20,4) AS revenue,
               coalesce(sum(d.expense), 0)::numeric(20,4) AS expense
          FROM source_day d WHERE d.source_code = s.source_code) g
 CROSS JOIN LATERAL (
        SELECT (g.delivered::numeric / nullif(g.pieces, 0))::numeric(20,6)       AS delivery_rate,
               (g.opened::numeric / nullif(g.delivered, 0))::numeric(20,6)       AS open_rate,
               (g.clicked::numeric / nullif(g.opened, 0))::numeric(20,6)         AS click_rate,
               (g.clicked::numeric / nullif(g.delivered, 0))::numeric(20,6)      AS click_through_rate,
               (g.bounced::numeric / nullif(g.pieces, 0))::numeric(20,6)         AS bounce_rate,
               (g.complained::numeric / nullif(g.delivered, 0))::numeric(20,6)   AS complaint_rate,
               (g.unsubscribed::numeric / nullif(g.delivered, 0))::numeric(20,6) AS unsubscribe_rate,
               (g.orders::numeric / nullif(g.pieces, 0))::numeric(20,6)          AS conversion_of_sent,
               (g.orders::numeric / nullif(g.opened, 0))::numeric(20,6)          AS conversion_of_opened,
               (g.orders::numeric / nullif(g.clicked, 0))::numeric(20,6)         AS conversion_of_clicked,
               (g.leads::numeric / nullif(g.pieces, 0))::numeric(20,6)           AS leads_per_piece,
               (g.expense / nullif(g.revenue, 0))::numeric(20,6)                 AS er_ratio) r
 WHERE NOT s.is_hold_out;
COMMENT ON VIEW email_performance IS 'what became of traceable pieces (e-mail, text message, instant messaging), one row per source code';
COMMENT ON COLUMN email_performance.source_code IS 'the source code';
COMMENT ON COLUMN email_performance.campaign IS 'key of the campaign';
COMMENT ON COLUMN email_performance.medium IS 'the medium, as in the code';
COMMENT ON COLUMN email_performance.test_group IS 'the test group, as in the code';
COMMENT ON COLUMN email_performance.list IS 'the list, as in the code';
COMMENT ON COLUMN email_performance.issued_on IS 'first day of the month of issue';
COMMENT ON COLUMN email_performance.pieces IS 'pieces sent, without seed names';
COMMENT ON COLUMN email_performance.delivered IS 'pieces delivered, once per piece';
COMMENT ON COLUMN email_performance.opened IS 'pieces opened, once per piece';
COMMENT ON COLUMN email_performance.clicked IS 'pieces clicked, once per piece';
COMMENT ON COLUMN email_performance.forwarded IS 'pieces forwarded, once per piece';
COMMENT ON COLUMN email_performance.bounced IS 'pieces that could not be delivered';
COMMENT ON COLUMN email_performance.complained IS 'pieces complained of, once per piece';
COMMENT ON COLUMN email_performance.unsubscribed IS 'pieces that led to an opt-out, once per piece';
COMMENT ON COLUMN email_performance.responses IS 'answers';
COMMENT ON COLUMN email_performance.leads IS 'leads opened: sales opportunities handed over';
COMMENT ON COLUMN email_performance.orders IS 'orders that count for the code: what the conversions are of, as readers of e-mail order without quoting a code';
COMMENT ON COLUMN email_performance.coded_orders IS 'of these, orders that gave the code themselves, or followed an answer or lead with it';
COMMENT ON COLUMN email_performance.matched_orders IS 'of these, orders without a code that were matched back to a piece of the person or the household';
COMMENT ON COLUMN email_performance.revenue IS 'value of the orders before returns';
COMMENT ON COLUMN email_performance.expense IS 'money spent on the code';
COMMENT ON COLUMN email_performance.delivery_rate IS 'delivered / pieces';
COMMENT ON COLUMN email_performance.open_rate IS 'opened / delivered; over 1 where the sender reports no deliveries';
COMMENT ON COLUMN email_performance.click_rate IS 'clicked / opened; over 1 where openings go unseen, as without images';
COMMENT ON COLUMN email_performance.click_through_rate IS 'clicked / delivered; over 1 where the sender reports no deliveries';
COMMENT ON COLUMN email_performance.bounce_rate IS 'bounced / pieces';
COMMENT ON COLUMN email_performance.complaint_rate IS 'complained / delivered; over 1 where the sender reports no deliveries';
COMMENT ON COLUMN email_performance.unsubscribe_rate IS 'unsubscribed / delivered; over 1 where the sender reports no deliveries';
COMMENT ON COLUMN email_performance.conversion_of_sent IS 'orders / pieces, matched ones included; over 1 where people order more than once';
COMMENT ON COLUMN email_performance.conversion_of_opened IS 'orders / opened, matched ones included; over 1 where people order more than once';
COMMENT ON COLUMN email_performance.conversion_of_clicked IS 'orders / clicked, matched ones included; over 1 where people order more than once';
COMMENT ON COLUMN email_performance.leads_per_piece IS 'leads / pieces';
COMMENT ON COLUMN email_performance.er_ratio IS 'E:R, expense / revenue: lower is better';

-- Each group of a test against the hold-out of its campaign: what the effort added.
CREATE OR REPLACE VIEW hold_out_comparison AS
WITH people AS (
    SELECT p.campaign, p.test_group, p.test_group_name, p.is_hold_out, p.net_pieces AS people, p.responses, p.orders, p.revenue, p.matched_revenue, p.expense
      FROM test_group_performance p)
SELECT t.campaign, t.test_group, t.test_group_name, t.people, t.responses, t.orders, t.revenue, t.matched_revenue, t.expense,
       h.people AS hold_out_people, h.responses AS hold_out_responses, h.orders AS hold_out_orders, h.revenue AS hold_out_revenue,
       r.response_rate, r.hold_out_response_rate, (r.response_rate - r.hold_out_response_rate)::numeric(20,6) AS response_difference,
       i.lower::numeric(12,6) AS response_difference_lower, i.upper::numeric(12,6) AS response_difference_upper,
       r.order_rate, r.hold_out_order_rate, (r.order_rate - r.hold_out_order_rate)::numeric(20,6) AS order_difference,
       j.lower::numeric(12,6) AS order_difference_lower, j.upper::numeric(12,6) AS order_difference_upper,
       r.revenue_per_person, r.hold_out_revenue_per_person,
       (t.revenue - c.organic_revenue)::numeric(20,4) AS incremental_revenue,
       c.organic_revenue::numeric(20,4) AS organic_revenue,
       (c.organic_revenue / nullif(t.revenue, 0))::numeric(20,6) AS organic_share,
       (t.expense / nullif(t.revenue - c.organic_revenue, 0))::numeric(20,6) AS incremental_er_ratio
  FROM people t
  JOIN (SELECT campaign, sum(people)::bigint AS people, sum(responses)::bigint AS responses, sum(orders)::bigint AS orders,
               sum(revenue)::numeric(20,4) AS revenue
          FROM people WHERE is_hold_out GROUP BY campaign) h ON h.campaign = t.campaign
 CROSS JOIN LATERAL (SELECT h.revenue * t.people / nullif(h.people, 0) AS organic_revenue) c
 CROSS JOIN LATERAL (
        SELECT (t.responses::numeric / nullif(t.people, 0))::numeric(20,6) AS response_rate,
               (h.responses::numeric / nullif(h.people, 0))::numeric(20,6) AS hold_out_response_rate,
               (t.orders::numeric / nullif(t.people, 0))::numeric(20,6)    AS order_rate,
               (h.orders::numeric / nullif(h.people, 0))::numeric(20,6)    AS hold_out_order_rate,
               (t.revenue / nullif(t.people, 0))::numeric(20,6)            AS revenue_per_person,
               (h.revenue / nullif(h.people, 0))::numeric(20,6)            AS hold_out_revenue_per_person) r
  LEFT JOIN LATERAL rate_difference_interval(
                CASE WHEN t.responses BETWEEN 0 AND t.people THEN rate(t.responses, t.people) END,
                CASE WHEN h.responses BETWEEN 0 AND h.people THEN rate(h.responses, h.people) END,
                (SELECT value::float8 FROM setting WHERE setting = 'confidence')) i ON true
  LEFT JOIN LATERAL rate_difference_interval(
                CASE WHEN t.orders BETWEEN 0 AND t.people THEN rate(t.orders, t.people) END,
                CASE WHEN h.orders BETWEEN 0 AND h.people THEN rate(h.orders, h.people) END,
                (SELECT value::float8 FROM setting WHERE setting = 'confidence')) j ON true
 WHERE NOT t.is_hold_out AND t.people > 0;
COMMENT ON VIEW hold_out_comparison IS 'each test group against the hold-out of its campaign: what the effort added to what would have come anyway. One row per campaign and group that was contacted';
COMMENT ON COLUMN hold_out_comparison.campaign IS 'key of the campaign';
COMMENT ON COLUMN hold_out_comparison.test_group IS 'the group that was contacted';
COMMENT ON COLUMN hold_out_comparison.test_group_name IS 'what is different in it';
COMMENT ON COLUMN hold_out_comparison.people IS 'people who got the piece: pieces less undeliverable ones';
COMMENT ON COLUMN hold_out_comparison.responses IS 'their answers';
COMMENT ON COLUMN hold_out_comparison.orders IS 'their orders, those with a code and those matched back';
COMMENT ON COLUMN hold_out_comparison.revenue IS 'value of their orders before returns';
COMMENT ON COLUMN hold_out_comparison.matched_revenue IS 'of this, the value of orders without a code that were matched back';
COMMENT ON COLUMN hold_out_comparison.expense IS 'money spent on the group';
COMMENT ON COLUMN hold_out_comparison.hold_out_people IS 'people of the hold-out';
COMMENT ON COLUMN hold_out_comparison.hold_out_responses IS 'answers of the hold-out';
COMMENT ON COLUMN hold_out_comparison.hold_out_orders IS 'orders of the hold-out, matched back to it by the same rules';
COMMENT ON COLUMN hold_out_comparison.hold_out_revenue IS 'value of the orders of the hold-out';
COMMENT ON COLUMN hold_out_comparison.response_rate IS 'responses / people; over 1 where people answer more than once';
COMMENT ON COLUMN hold_out_comparison.hold_out_response_rate IS 'the same of the hold-out; over 1 likewise';
COMMENT ON COLUMN hold_out_comparison.response_difference IS 'response_rate less that of the hold-out';
COMMENT ON COLUMN hold_out_comparison.response_difference_lower IS 'its lower confidence limit (Newcombe; setting confidence): above 0, the effort worked';
COMMENT ON COLUMN hold_out_comparison.response_difference_upper IS 'its upper confidence limit';
COMMENT ON COLUMN hold_out_comparison.order_rate IS 'orders / people; over 1 where people order more than once';
COMMENT ON COLUMN hold_out_comparison.hold_out_order_rate IS 'the same of the hold-out; over 1 likewise';
COMMENT ON COLUMN hold_out_comparison.order_difference IS 'order_rate less that of the hold-out';
COMMENT ON COLUMN hold_out_comparison.order_difference_lower IS 'its lower confidence limit';
COMMENT ON COLUMN hold_out_comparison.order_difference_upper IS 'its upper confidence limit';
COMMENT ON COLUMN hold_out_comparison.revenue_per_person IS 'revenue / people';
COMMENT ON COLUMN hold_out_comparison.hold_out_revenue_per_person IS 'the same of the hold-out';
COMMENT ON COLUMN hold_out_comparison.incremental_revenue IS 'revenue above what the same number of hold-out people brought';
COMMENT ON COLUMN hold_out_comparison.organic_revenue IS 'revenue that the same number of hold-out people brought: would have come anyway';
COMMENT ON COLUMN hold_out_comparison.organic_share IS 'share of the revenue that would have come anyway; over 1 where the hold-out brought more';
COMMENT ON COLUMN hold_out_comparison.incremental_er_ratio IS 'expense / incremental_revenue: negative where the hold-out brought more';

-- Cohorts: people by the month in which they were first contacted, or first ordered, and what they
-- ordered in that month (age 0) and in each month after. A month that had not begun at the last
-- refresh has no row: unknown is not zero.
CREATE OR REPLACE VIEW cohort_conversion AS
WITH observed AS (
    SELECT (coalesce(max(r.as_of), 'epoch') AT TIME ZONE (SELECT value FROM setting WHERE setting = 'time_zone'))::date AS until FROM report_state r
), member AS (
    SELECT b.cohort_basis, m.customer_id, b.first_on, date_trunc('month', b.first_on)::date AS cohort_month
      FROM customer_milestone m JOIN customer c USING (customer_id) CROSS JOIN observed o
     CROSS JOIN LATERAL (VALUES ('first touch', m.first_touch_on), ('first order', m.first_order_on)) b (cohort_basis, first_on)
     WHERE b.first_on <= o.until AND NOT c.is_seed
), cohort AS (
    SELECT cohort_basis, cohort_month, count(*) AS cohort_size FROM member GROUP BY 1, 2
), activity AS (
    SELECT b.cohort_basis, b.cohort_month, b.age_months, sum(b.orders)::bigint AS orders, sum(b.revenue) AS revenue, sum(b.returned) AS returned,
           count(DISTINCT b.customer_id) FILTER (WHERE b.orders > 0) AS buyers, count(DISTINCT b.customer_id) FILTER (WHERE b.is_first) AS converted
      FROM (SELECT m.cohort_basis, m.cohort_month, m.customer_id, d.orders, d.revenue, d.returned,
                   ((extract(year FROM d.date_day) - extract(year FROM m.cohort_month)) * 12
                    + extract(month FROM d.date_day) - extract(month FROM m.cohort_month))::int AS age_months,
                   d.orders > 0 AND d.date_day = min(d.date_day) FILTER (WHERE d.orders > 0) OVER (PARTITION BY m.cohort_basis, m.customer_id) AS is_first
              FROM member m JOIN customer_order_day d ON d.customer_id = m.customer_id AND d.date_day >= m.first_on CROSS JOIN observed o
             WHERE d.date_day <= o.until) b
     GROUP BY 1, 2, 3
), cell AS (
    SELECT c.cohort_basis, c.cohort_month, c.cohort_size, a.age_months,
           (c.cohort_month + make_interval(months => a.age_months + 1))::date <= o.until AS is_complete
      FROM cohort c CROSS JOIN observed o
     CROSS JOIN LATERAL generate_series(0, ((extract(year FROM o.until) - extract(year FROM c.cohort_month)) * 12
                                            + extract(month FROM o.until) - extract(month FROM c.cohort_month))::int) a (age_months))
SELECT cohort_basis, cohort_month, age_months, to_char(age_months, 'FM000') AS age_label, cohort_size, is_complete,
       coalesce(a.converted, 0) AS converted,
       (sum(coalesce(a.converted, 0)) OVER so_far)::bigint AS converted_to_date,
       (sum(coalesce(a.converted, 0)) OVER so_far / cohort_size)::numeric(12,6) AS conversion_rate,
       coalesce(a.buyers, 0) AS buyers,
       (coalesce(a.buyers, 0)::numeric / cohort_size)::numeric(12,6) AS buyer_rate,
       coalesce(a.orders, 0) AS orders, coalesce(a.revenue, 0)::numeric(20,4) AS revenue, coalesce(a.returned, 0)::numeric(20,4) AS returned,
       (sum(coalesce(a.revenue, 0)) OVER so_far / cohort_size)::numeric(20,4) AS revenue_per_person_to_date
  FROM cell LEFT JOIN activity a USING (cohort_basis, cohort_month, age_months)
WINDOW so_far AS (PARTITION BY cohort_basis, cohort_month ORDER BY age_months);
COMMENT ON VIEW cohort_conversion IS 'of those first contacted, or first ordering, in a month: how many ordered in the months after. One row per basis, month and age; months not begun at the last refresh have no row';
COMMENT ON COLUMN cohort_conversion.cohort_basis IS 'first touch (month of the first piece sent) or first order';
COMMENT ON COLUMN cohort_conversion.cohort_month IS 'first day of the month in which these people came in';
COMMENT ON COLUMN cohort_conversion.age_months IS 'months since then: 0 is that month itself';
COMMENT ON COLUMN cohort_conversion.age_label IS 'age_months as a text that sorts: 000, 001, ...';
COMMENT ON COLUMN cohort_conversion.cohort_size IS 'people who came in that month, without seed names: the denominator';
COMMENT ON COLUMN cohort_conversion.is_complete IS 'the month was over at the last refresh';
COMMENT ON COLUMN cohort_conversion.converted IS 'people whose first order since they came in was in this month';
COMMENT ON COLUMN cohort_conversion.converted_to_date IS 'the same up to and with this month';
COMMENT ON COLUMN cohort_conversion.conversion_rate IS 'converted_to_date / cohort_size';
COMMENT ON COLUMN cohort_conversion.buyers IS 'people who ordered in this month';
COMMENT ON COLUMN cohort_conversion.buyer_rate IS 'buyers / cohort_size';
COMMENT ON COLUMN cohort_conversion.orders IS 'orders in this month';
COMMENT ON COLUMN cohort_conversion.revenue IS 'value of these orders before returns';
COMMENT ON COLUMN cohort_conversion.returned IS 'money given back in this month';
COMMENT ON COLUMN cohort_conversion.revenue_per_person_to_date IS 'revenue up to and with this month / cohort_size';

-- Codes that count for no effort although one was quoted.
CREATE OR REPLACE VIEW unreadable_codes AS
SELECT f.fact, f.customer_id, f.fact_id, f.happened_at, f.quoted_code, f.source_code::text AS read_as,
       CASE WHEN f.source_code IS NULL THEN 'unreadable' ELSE 'unregistered' END AS status, f.code_problem AS problem,
       (SELECT string_agg(x.code::text, ', ' ORDER BY x.distance, x.code)
          FROM source_suggest(f.quoted_code, ARRAY(SELECT s.source_code FROM source s WHERE s.source_code <> 'UNSOURCED')) x) AS suggestions
  FROM (SELECT 'response' AS fact, customer_id, response_id AS fact_id, responded_at AS happened_at, quoted_code, source_code, code_problem FROM response
         UNION ALL
        SELECT 'lead', customer_id, lead_id, opened_at, quoted_code, source_code, code_problem FROM lead
         UNION ALL
        SELECT 'visit', customer_id, visit_id, visited_at, quoted_code, source_code, code_problem FROM visit
         UNION ALL
        SELECT 'event_registration', customer_id, event_registration_id, registered_at, quoted_code, source_code, code_problem FROM event_registration
         UNION ALL
        SELECT 'event_attendance', customer_id, event_attendance_id, attended_at, quoted_code, source_code, code_problem FROM event_attendance
         UNION ALL
        SELECT 'customer_order', customer_id, customer_order_id, ordered_at, quoted_code, source_code, code_problem FROM customer_order
         UNION ALL
        SELECT 'order_return', customer_id, order_return_id, returned_at, quoted_code, source_code, code_problem FROM order_return) f
  JOIN customer c ON c.customer_id = f.customer_id AND NOT c.is_seed
 WHERE f.quoted_code IS NOT NULL
   AND NOT EXISTS (SELECT FROM source s WHERE s.source_code = f.source_code)
   AND NOT EXISTS (SELECT FROM code_mend m WHERE m.customer_id = f.customer_id AND m.fact = f.fact AND m.fact_id = f.fact_id);
COMMENT ON VIEW unreadable_codes IS 'codes that customers quoted and that count for no effort: unreadable or not registered, and not mended yet. One row per fact';
COMMENT ON COLUMN unreadable_codes.fact IS 'table of the fact';
COMMENT ON COLUMN unreadable_codes.customer_id IS 'the customer';
COMMENT ON COLUMN unreadable_codes.fact_id IS 'key of the fact within the customer';
COMMENT ON COLUMN unreadable_codes.happened_at IS 'when it happened';
COMMENT ON COLUMN unreadable_codes.quoted_code IS 'the code as it was quoted';
COMMENT ON COLUMN unreadable_codes.read_as IS 'the code as it was read; NULL when it could not be';
COMMENT ON COLUMN unreadable_codes.status IS 'unreadable, or unregistered: well formed, but not in the registry';
COMMENT ON COLUMN unreadable_codes.problem IS 'what was wrong with it';
COMMENT ON COLUMN unreadable_codes.suggestions IS 'registered codes that look like it, the likeliest first';

-- Who asks for the code, and gets it right.
CREATE OR REPLACE VIEW code_quality AS
SELECT r.salesperson_id, p.name AS salesperson, r.response_channel, count(*) AS responses,
       count(r.quoted_code) AS with_code, count(q.source_code) AS with_readable_code, count(s.source_code) AS with_registered_code,
       (count(q.source_code)::numeric / count(*))::numeric(12,6) AS readable_share,
       (count(s.source_code)::numeric / count(*))::numeric(12,6) AS registered_share
  FROM response r JOIN customer c ON c.customer_id = r.customer_id
 CROSS JOIN LATERAL (SELECT CASE WHEN r.quoted_code IS NOT NULL THEN r.source_code END AS source_code) q      -- not one that was matched back
  LEFT JOIN source s ON s.source_code = q.source_code LEFT JOIN salesperson p ON p.salesperson_id = r.salesperson_id
 WHERE NOT c.is_seed
 GROUP BY r.salesperson_id, p.name, r.response_channel;
COMMENT ON VIEW code_quality IS 'share of the responses with a readable code, by who took them and how they came; one row per salesperson and channel';
COMMENT ON COLUMN code_quality.salesperson_id IS 'who took the responses; NULL: nobody is named';
COMMENT ON COLUMN code_quality.salesperson IS 'name';
COMMENT ON COLUMN code_quality.response_channel IS 'how they arrived';
COMMENT ON COLUMN code_quality.responses IS 'responses, without those of seed names: the denominator';
COMMENT ON COLUMN code_quality.with_code IS 'responses in which a code was quoted';
COMMENT ON COLUMN code_quality.with_readable_code IS 'responses whose code could be read';
COMMENT ON COLUMN code_quality.with_registered_code IS 'responses whose code is in the registry';
COMMENT ON COLUMN code_quality.readable_share IS 'with_readable_code / responses';
COMMENT ON COLUMN code_quality.registered_share IS 'with_registered_code / responses';

CREATE OR REPLACE VIEW lead_board AS
SELECT l.customer_id, l.lead_id, c.name AS customer_name, l.lead_grade, l.model_grade, l.salesperson_id, p.name AS salesperson, l.team,
       l.product, l.opened_at, l.clock_started_at, l.stale_step_no, l.next_visit_on, v.last_visit_at, a.source_code::text AS source_code, s.medium
  FROM lead l
  JOIN customer c ON c.customer_id = l.customer_id
  LEFT JOIN salesperson p ON p.salesperson_id = l.salesperson_id
  LEFT JOIN LATERAL (SELECT max(v.visited_at) AS last_visit_at FROM visit v
                      WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'completed') v ON true
  LEFT JOIN LATERAL (SELECT a.source_code FROM attribution a
                      WHERE a.customer_id = l.customer_id AND a.fact = 'lead' AND a.fact_id = l.lead_id AND a.sign = 1
                      ORDER BY a.attribution_id DESC LIMIT 1) a ON true
  LEFT JOIN source s ON s.source_code = a.source_code
 WHERE l.status = 'open' AND NOT c.is_seed;
COMMENT ON VIEW lead_board IS 'open leads, those of seed names left out, one row each';
COMMENT ON COLUMN lead_board.customer_id IS 'the customer';
COMMENT ON COLUMN lead_board.lead_id IS 'key of the lead within the customer';
COMMENT ON COLUMN lead_board.customer_name IS 'name of the customer';
COMMENT ON COLUMN lead_board.lead_grade IS 'grade by the salesperson; NULL when not yet graded';
COMMENT ON COLUMN lead_board.model_grade IS 'grade by the model';
COMMENT ON COLUMN lead_board.salesperson_id IS 'owner; NULL: marketing has it';
COMMENT ON COLUMN lead_board.salesperson IS 'name of the owner';
COMMENT ON COLUMN lead_board.team IS 'team in charge';
COMMENT ON COLUMN lead_board.product IS 'product inquired about';
COMMENT ON COLUMN lead_board.opened_at IS 'when it was opened';
COMMENT ON COLUMN lead_board.clock_started_at IS 'since when the clock of the stale rules runs';
COMMENT ON COLUMN lead_board.stale_step_no IS 'steps of the stale ladder taken at this grade';
COMMENT ON COLUMN lead_board.next_visit_on IS 'next planned visit';
COMMENT ON COLUMN lead_board.last_visit_at IS 'last completed visit';
COMMENT ON COLUMN lead_board.source_code IS 'the effort it counts for, at the last refresh';
COMMENT ON COLUMN lead_board.medium IS 'medium of that effort';

CREATE OR REPLACE VIEW report_status AS
SELECT report, as_of, refreshed_at, rebuilt_at FROM report_state;
COMMENT ON VIEW report_status IS 'how fresh the reports are';
COMMENT ON COLUMN report_status.report IS 'name of the set of roll-ups';
COMMENT ON COLUMN report_status.as_of IS 'time for which they were last refreshed';
COMMENT ON COLUMN report_status.refreshed_at IS 'when that was done';
COMMENT ON COLUMN report_status.rebuilt_at IS 'when they were last made again from scratch';
