-- Money: what the media brought for what they cost, the curve behind it, the plan for the next
-- budget; budgets against expenses; E:R by who planned, designed and sent.
--
-- A point of a medium's curve is a month: what was spent on the efforts that reached people in it, and
-- what these efforts have brought, whenever it came. So expense and revenue belong to each other, which
-- those of a calendar month do not. Efforts that still run are left out of the curves.

CREATE OR REPLACE VIEW medium_expense_month AS
SELECT e.medium, m.name AS medium_name, e.date_month, count(*) AS efforts, max(e.over_on) AS over_on, sum(e.pieces)::bigint AS pieces, sum(e.responses)::bigint AS responses, sum(e.orders)::bigint AS orders,
       sum(e.revenue)::numeric(20,4) AS revenue, sum(e.margin)::numeric(20,4) AS margin, sum(e.expense)::numeric(20,4) AS expense, (sum(e.expense) / nullif(sum(e.revenue), 0))::numeric(20,6) AS er_ratio
  FROM (SELECT s.medium, date_trunc('month', x.reached_on)::date AS date_month, coalesce(s.answers_until, x.reached_on + (SELECT value::int FROM setting WHERE setting = 'match_back_days')) AS over_on, d.*
          FROM source s
         CROSS JOIN LATERAL (SELECT coalesce(s.in_home_on, s.issued_on) AS reached_on) x
         CROSS JOIN LATERAL (SELECT coalesce(sum(y.pieces), 0) AS pieces, coalesce(sum(y.responses), 0) AS responses, coalesce(sum(y.orders), 0) AS orders, coalesce(sum(y.revenue), 0) AS revenue,
                                    coalesce(sum(y.revenue - y.returned - y.cost_of_goods), 0) AS margin, coalesce(sum(y.expense), 0) AS expense
                               FROM source_day y WHERE y.source_code = s.source_code) d
         WHERE s.medium IS NOT NULL AND NOT s.is_hold_out AND x.reached_on IS NOT NULL) e
  JOIN medium m ON m.medium = e.medium
 GROUP BY e.medium, m.name, e.date_month;
COMMENT ON VIEW medium_expense_month IS 'what the efforts of a medium have brought that reached people in a month, and what they cost; expenses of a whole campaign or medium are not in it';
COMMENT ON COLUMN medium_expense_month.medium IS 'the medium, as in the code';
COMMENT ON COLUMN medium_expense_month.medium_name IS 'name of the medium';
COMMENT ON COLUMN medium_expense_month.date_month IS 'first day of the month in which the efforts reached people';
COMMENT ON COLUMN medium_expense_month.efforts IS 'source codes';
COMMENT ON COLUMN medium_expense_month.over_on IS 'last day of the last of these efforts: after it they are over';
COMMENT ON COLUMN medium_expense_month.pieces IS 'pieces sent';
COMMENT ON COLUMN medium_expense_month.responses IS 'answers, whenever they came';
COMMENT ON COLUMN medium_expense_month.orders IS 'orders, whenever they came';
COMMENT ON COLUMN medium_expense_month.revenue IS 'value of these orders before returns';
COMMENT ON COLUMN medium_expense_month.margin IS 'revenue less returns and cost of goods';
COMMENT ON COLUMN medium_expense_month.expense IS 'money spent on these source codes';
COMMENT ON COLUMN medium_expense_month.er_ratio IS 'E:R, expense / revenue; NULL without revenue';

CREATE OR REPLACE VIEW medium_response_curve AS
SELECT m.medium, m.medium_name, f.points AS months, m.mean_expense::numeric(20,4) AS mean_expense, m.largest_expense::numeric(20,4) AS largest_expense, f.maximum AS maximum_revenue, f.half_saturation,
       f.maximum_error AS maximum_revenue_error, f.half_saturation_error, f.residual_error, f.r_squared,
       (m.expense / nullif(m.revenue, 0))::numeric(20,6) AS er_ratio,
       CASE WHEN f.maximum > 0 THEN 1 / response_hill_marginal(m.mean_expense::float8, f.half_saturation, 1, f.maximum) END AS marginal_er_ratio,
       (m.margin / nullif(m.revenue, 0))::numeric(20,6) AS break_even_er_ratio, f.status
  FROM (SELECT p.medium, p.medium_name, array_agg(p.expense::float8) AS spend, array_agg(p.revenue::float8) AS outcome, avg(p.expense) AS mean_expense, max(p.expense) AS largest_expense,
               sum(p.expense) AS expense, sum(p.revenue) AS revenue, sum(p.margin) AS margin
          FROM medium_expense_month p CROSS JOIN (SELECT (coalesce(max(r.as_of), 'epoch') AT TIME ZONE (SELECT value FROM setting WHERE setting = 'time_zone'))::date AS until FROM report_state r) o
         WHERE p.over_on < o.until AND p.expense > 0 GROUP BY p.medium, p.medium_name) m
 CROSS JOIN LATERAL response_fit(m.spend, m.outcome) f;
COMMENT ON VIEW medium_response_curve IS 'the response curve of each medium: monthly revenue = maximum_revenue * expense / (half_saturation + expense), fitted to the months of medium_expense_month whose efforts are over';
COMMENT ON COLUMN medium_response_curve.medium IS 'the medium, as in the code';
COMMENT ON COLUMN medium_response_curve.medium_name IS 'name of the medium';
COMMENT ON COLUMN medium_response_curve.months IS 'months it is fitted to';
COMMENT ON COLUMN medium_response_curve.mean_expense IS 'mean expense of these months';
COMMENT ON COLUMN medium_response_curve.largest_expense IS 'largest expense of these months: beyond it the curve is a guess';
COMMENT ON COLUMN medium_response_curve.maximum_revenue IS 'monthly revenue that the curve comes near to; NULL without a curve';
COMMENT ON COLUMN medium_response_curve.half_saturation IS 'monthly expense that brings half of it; NULL without a curve';
COMMENT ON COLUMN medium_response_curve.maximum_revenue_error IS 'its standard error; NULL where the data do not show where it ends';
COMMENT ON COLUMN medium_response_curve.half_saturation_error IS 'its standard error';
COMMENT ON COLUMN medium_response_curve.residual_error IS 'by how much months differ from the curve (standard deviation)';
COMMENT ON COLUMN medium_response_curve.r_squared IS 'share of the variance of the months that the curve explains; negative where it explains nothing';
COMMENT ON COLUMN medium_response_curve.er_ratio IS 'E:R of these months, expense / revenue';
COMMENT ON COLUMN medium_response_curve.marginal_er_ratio IS 'E:R of one more unit of money at mean_expense: always above er_ratio of the curve; above break_even_er_ratio it no longer pays';
COMMENT ON COLUMN medium_response_curve.break_even_er_ratio IS 'margin / revenue of these months';
COMMENT ON COLUMN medium_response_curve.status IS 'what the curve is worth, in words';

-- The plan. Where the curve is a guess, it is not followed far: no medium gets more than most_growth
-- above its largest month, or loses more than most_cut of its mean (unless even that would lose money).
-- A medium of which no curve is known (it always got the same money) keeps its mean expense: to learn
-- its curve, spend more in one month and less in another.
CREATE OR REPLACE FUNCTION media_plan(budget numeric, as_of timestamptz DEFAULT now(), months int DEFAULT 24, most_growth numeric DEFAULT 0.5, most_cut numeric DEFAULT 0.5, keep_unknown boolean DEFAULT true)
    RETURNS TABLE (medium text, medium_name text, mean_expense numeric, planned_expense numeric, expected_responses numeric, expected_orders numeric, expected_revenue numeric, expected_margin numeric,
                   er_ratio numeric, marginal_er_ratio numeric, break_even_er_ratio numeric, remark text)
    LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    until date := (as_of AT TIME ZONE setting_value('time_zone'))::date;
    known numeric;
BEGIN
    PERFORM economics_amount(budget, 'budget'), economics_amount(most_growth, 'most_growth'), economics_share(most_cut, 'most_cut');
    IF months IS NULL OR months < 1 OR num_nulls(budget, as_of, most_growth, most_cut, keep_unknown) > 0 THEN
        RAISE EXCEPTION 'a plan of % from % months', coalesce(budget::text, 'NULL'), coalesce(months::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'No argument is NULL.', HINT = 'Give the budget of a month, and the number of past months to learn from, such as 24.';
    END IF;
    known := (SELECT sum(x.mean) FROM (SELECT avg(p.expense) AS mean FROM medium_expense_month p WHERE p.over_on < until AND p.date_month >= until - make_interval(months => media_plan.months) AND p.expense > 0
                                       GROUP BY p.medium HAVING count(DISTINCT p.expense) < 2) x);
    IF keep_unknown AND known > budget THEN
        RAISE EXCEPTION 'a budget of %', budget USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The media of which no curve is known spend %s a month.', round(known, 2)),
            HINT = 'Give a larger budget, or keep_unknown => false: then these media get nothing.';
    END IF;
    RETURN QUERY
    WITH past AS (
        SELECT p.medium, p.medium_name, array_agg(p.expense::float8) AS spend, array_agg(p.revenue::float8) AS outcome, avg(p.expense) AS mean, max(p.expense) AS largest,
               sum(p.expense) AS expense, sum(p.responses) AS responses, sum(p.orders) AS orders, sum(p.revenue) AS revenue, sum(p.margin) AS margin, count(DISTINCT p.expense) < 2 AS is_unknown
          FROM medium_expense_month p WHERE p.over_on < until AND p.date_month >= until - make_interval(months => media_plan.months) AND p.expense > 0 GROUP BY p.medium, p.medium_name),
    fitted AS (
        SELECT p.*, row_number() OVER (ORDER BY p.medium) AS channel, f.maximum, f.half_saturation, f.status, coalesce(f.half_saturation_error > f.half_saturation, true) AS is_uncertain, m.margin_share,
               CASE WHEN p.is_unknown THEN CASE WHEN keep_unknown THEN p.mean ELSE 0 END
                    WHEN m.margin_share::float8 * response_hill((p.mean * (1 - most_cut))::float8, f.half_saturation, 1, f.maximum) >= p.mean * (1 - most_cut) THEN p.mean * (1 - most_cut) ELSE 0 END AS least
          FROM past p, LATERAL response_fit(p.spend, p.outcome) f, LATERAL (SELECT p.margin / nullif(p.revenue, 0) AS margin_share) m),
    bounded AS (
        -- where the budget is too small for all that is kept, they share it
        SELECT f.*, CASE WHEN f.is_unknown THEN f.least ELSE f.least * least(1, (budget - sum(f.least) FILTER (WHERE f.is_unknown) OVER ()) / nullif(sum(f.least) FILTER (WHERE NOT f.is_unknown) OVER (), 0)) END AS lower
          FROM fitted f),
    shared AS (
        -- what is shared out is margin: revenue of one medium may be worth more than that of another
        SELECT a.channel, trunc(a.spend::numeric, 2) AS planned
          FROM (SELECT array_agg(CASE WHEN f.margin_share > 0 THEN f.maximum * f.margin_share::float8 END ORDER BY f.channel) AS maximum, array_agg(f.half_saturation ORDER BY f.channel) AS half,
                       array_agg(trunc(f.lower, 2)::float8 ORDER BY f.channel) AS lower, array_agg((f.largest * (1 + most_growth))::float8 ORDER BY f.channel) AS upper FROM bounded f) l,
               LATERAL budget_allocate(budget::float8, l.maximum, l.half, lower => l.lower, upper => l.upper, least_marginal => 1) a),
    planned AS (
        SELECT f.*, s.planned, s.planned >= trunc(f.largest * (1 + most_growth), 2) AS is_at_limit,
               -- of all that came in these months; without a curve in proportion to the expense
               CASE WHEN f.maximum IS NULL THEN s.planned / f.expense ELSE response_hill(s.planned::float8, f.half_saturation, 1, f.maximum)::numeric / f.revenue END AS part
          FROM bounded f JOIN shared s ON s.channel = f.channel)
    SELECT p.medium, p.medium_name, round(p.mean, 2), p.planned, round(p.part * p.responses, 1), round(p.part * p.orders, 1), round(p.part * p.revenue, 2),
           round(p.part * p.margin, 2), round(p.planned / nullif(p.part * p.revenue, 0), 4), round((1 / response_hill_marginal(p.planned::float8, p.half_saturation, 1, p.maximum))::numeric, 4), round(p.margin_share, 4),
           CASE WHEN p.margin_share <= 0 THEN 'no margin: its orders cost more than they bring'
                WHEN p.is_unknown THEN CASE WHEN keep_unknown THEN 'kept: always the same expense, no curve' ELSE 'left out: always the same expense, no curve' END
                WHEN p.maximum IS NULL THEN p.status
                ELSE CASE WHEN p.planned = 0 THEN 'nothing: it would lose money' WHEN p.is_at_limit THEN format('at the limit, %s above its largest month', sales_number(most_growth, 'share'))
                          WHEN p.planned <= p.lower + 0.01 AND p.lower < p.least - 0.01 THEN 'cut in proportion: the budget is below what is kept'
                          WHEN p.planned <= p.lower + 0.01 THEN format('at the limit, %s below its mean', sales_number(most_cut, 'share'))
                          WHEN p.planned < p.mean THEN 'less: the money brings more elsewhere' ELSE 'more: the next money brings most here' END
                     || CASE WHEN p.status LIKE 'boundary: no saturation%' THEN '; no saturation seen yet' WHEN p.is_uncertain THEN '; the curve is uncertain' ELSE '' END END
      FROM planned p
    UNION ALL
    SELECT NULL, 'not spent', NULL, budget - coalesce(sum(p.planned), 0), NULL, NULL, NULL, NULL, NULL, NULL, NULL, CASE WHEN count(*) = 0 THEN 'nothing is known: no effort with a date (in_home_on, issued_on) was over' ELSE 'a unit more brings less than a unit of margin, or the limits are reached' END
      FROM planned p HAVING budget - coalesce(sum(p.planned), 0) >= 1
     ORDER BY 1 NULLS LAST;
END
$$;
COMMENT ON FUNCTION media_plan(numeric, timestamptz, int, numeric, numeric, boolean) IS 'a plan for the budget of a month: shared out among the media where the next unit of money brings most margin, by the response curves of the months before as_of (see medium_response_curve), as long as it brings more than it costs. No medium gets more than most_growth above its largest month (0.5: half as much again) or loses more than most_cut of its mean. Media whose expense never changed have no curve: they keep their mean expense, or get nothing without keep_unknown. marginal_er_ratio: E:R of one more unit of money; where no limit binds, margin share / marginal E:R is the same for all. What is not worth spending is in a row without medium. 22023 for wrong arguments or a budget below what is kept';

CREATE OR REPLACE VIEW campaign_budget AS
SELECT c.campaign, c.name AS campaign_name, c.purpose, c.planner, c.starts_on, c.ends_on, c.budget::numeric(20,4) AS budget, e.expense, e.last_expense_on,
       (c.budget - e.expense)::numeric(20,4) AS budget_left, (e.expense / nullif(c.budget, 0))::numeric(12,6) AS budget_used_share,
       CASE WHEN c.starts_on <= c.ends_on THEN greatest(0, least(1, (o.until - c.starts_on)::numeric / (c.ends_on - c.starts_on + 1))) END::numeric(12,6) AS elapsed_share,
       e.expense > c.budget AS is_over_budget,
       CASE WHEN c.budget IS NULL THEN 'no budget' WHEN e.expense > c.budget THEN 'over budget' WHEN o.until > c.ends_on THEN 'within budget'
            WHEN o.until <= c.starts_on THEN 'not begun' WHEN e.expense > c.budget * 0.9 THEN 'nearly spent' ELSE 'runs within budget' END AS status,
       e.revenue, (e.expense / nullif(e.revenue, 0))::numeric(20,6) AS er_ratio
  FROM campaign c
 CROSS JOIN (SELECT (coalesce(max(r.as_of), 'epoch') AT TIME ZONE (SELECT value FROM setting WHERE setting = 'time_zone'))::date AS until FROM report_state r) o
  LEFT JOIN LATERAL (SELECT coalesce(sum(d.expense), 0)::numeric(20,4) AS expense, max(d.date_day) FILTER (WHERE d.expense <> 0) AS last_expense_on, coalesce(sum(d.revenue), 0)::numeric(20,4) AS revenue
                       FROM effort_day d WHERE d.campaign = c.campaign) e ON true;
COMMENT ON VIEW campaign_budget IS 'budget against expense, one row per campaign';
COMMENT ON COLUMN campaign_budget.campaign IS 'key of the campaign';
COMMENT ON COLUMN campaign_budget.campaign_name IS 'name of the campaign';
COMMENT ON COLUMN campaign_budget.purpose IS 'acquire, keep or win back';
COMMENT ON COLUMN campaign_budget.planner IS 'who planned it';
COMMENT ON COLUMN campaign_budget.starts_on IS 'first day of the campaign';
COMMENT ON COLUMN campaign_budget.ends_on IS 'last day of the campaign';
COMMENT ON COLUMN campaign_budget.budget IS 'planned expense; NULL: none was planned';
COMMENT ON COLUMN campaign_budget.expense IS 'money spent on the campaign and on its source codes';
COMMENT ON COLUMN campaign_budget.last_expense_on IS 'day of the last expense';
COMMENT ON COLUMN campaign_budget.budget_left IS 'budget - expense; negative when more was spent';
COMMENT ON COLUMN campaign_budget.budget_used_share IS 'expense / budget; over 1 when more was spent';
COMMENT ON COLUMN campaign_budget.elapsed_share IS 'share of the campaign''s days that were over at the last refresh';
COMMENT ON COLUMN campaign_budget.is_over_budget IS 'more was spent than planned; NULL without a budget';
COMMENT ON COLUMN campaign_budget.status IS 'no budget, not begun, runs within budget, nearly spent (over nine tenths), over budget, or within budget (it has ended)';
COMMENT ON COLUMN campaign_budget.revenue IS 'value of its orders before returns';
COMMENT ON COLUMN campaign_budget.er_ratio IS 'E:R, expense / revenue; NULL without revenue';

CREATE OR REPLACE VIEW campaign_role_performance AS
WITH effort AS (
    SELECT d.campaign, d.medium, d.pieces, d.bounced, d.responses, d.orders, d.revenue, d.revenue - d.returned - d.cost_of_goods AS margin, d.expense FROM effort_day d WHERE NOT d.is_hold_out),
usual AS (
    SELECT e.medium, sum(e.revenue) / nullif(sum(e.expense), 0) AS revenue_per_expense FROM effort e WHERE e.medium IS NOT NULL GROUP BY e.medium)
SELECT r.campaign_role, r.person, count(DISTINCT e.campaign) AS campaigns, sum(e.pieces)::bigint AS pieces, sum(e.responses)::bigint AS responses, sum(e.orders)::bigint AS orders, sum(e.revenue)::numeric(20,4) AS revenue,
       sum(e.expense)::numeric(20,4) AS expense, (sum(e.expense) / nullif(sum(e.revenue), 0))::numeric(20,6) AS er_ratio, (sum(e.margin) / nullif(sum(e.revenue), 0))::numeric(20,6) AS break_even_er_ratio,
       (sum(e.expense) FILTER (WHERE u.revenue_per_expense IS NOT NULL) / nullif(sum(e.expense * u.revenue_per_expense), 0))::numeric(20,6) AS er_ratio_of_media,
       (sum(e.expense) / nullif(sum(e.orders), 0))::numeric(20,4) AS cost_per_order, (sum(e.margin) - sum(e.expense))::numeric(20,4) AS profit
  FROM effort e JOIN campaign c ON c.campaign = e.campaign LEFT JOIN usual u ON u.medium = e.medium
 CROSS JOIN LATERAL (VALUES ('planner', c.planner), ('designer', c.designer), ('sender', c.sender)) r (campaign_role, person)
 GROUP BY r.campaign_role, r.person;
COMMENT ON VIEW campaign_role_performance IS 'E:R by who planned, designed and sent the campaigns: one row per role and person or house';
COMMENT ON COLUMN campaign_role_performance.campaign_role IS 'planner, designer or sender';
COMMENT ON COLUMN campaign_role_performance.person IS 'who, as in the campaign; NULL: nobody is named';
COMMENT ON COLUMN campaign_role_performance.campaigns IS 'campaigns with any figure';
COMMENT ON COLUMN campaign_role_performance.pieces IS 'pieces sent';
COMMENT ON COLUMN campaign_role_performance.responses IS 'answers';
COMMENT ON COLUMN campaign_role_performance.orders IS 'orders';
COMMENT ON COLUMN campaign_role_performance.revenue IS 'value of the orders before returns';
COMMENT ON COLUMN campaign_role_performance.expense IS 'money spent on the campaigns and their source codes';
COMMENT ON COLUMN campaign_role_performance.er_ratio IS 'E:R, expense / revenue: lower is better; NULL without revenue';
COMMENT ON COLUMN campaign_role_performance.break_even_er_ratio IS 'margin / revenue; negative where returns and goods cost more than the revenue';
COMMENT ON COLUMN campaign_role_performance.er_ratio_of_media IS 'the E:R that the same expense has on average in the media used: compare er_ratio with this, not with that of others who use other media';
COMMENT ON COLUMN campaign_role_performance.cost_per_order IS 'CPO, expense / orders';
COMMENT ON COLUMN campaign_role_performance.profit IS 'revenue - returned - cost_of_goods - expense';
