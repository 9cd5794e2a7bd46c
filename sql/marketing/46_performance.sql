-- The performance views: measures and ratios by source, medium, list, test group, campaign, month.
--
-- Ratios are made last, from sums. All these views have the same measures and ratios, so they are
-- made from one template; only what they are grouped by differs. Everything that was recorded is
-- in one row or other of each view: what has no medium, list or campaign is in a row where that
-- is NULL, so the sums of any two views agree. Hold-out cells got nothing and are left out of the
-- sums; they stand in the views by source and in test_group_performance. What is spent on a whole campaign
-- or medium is no source's: it is in the other views only.

-- What has moved to another day or effort, or was corrected to nothing, leaves a row of zeros
-- behind, which a rebuild does not make: such rows are left out. (Not by a function: who reads a
-- view needs the right on the functions in it.)
CREATE OR REPLACE VIEW effort_day AS
SELECT d.date_day, d.source_code, s.campaign, s.medium, s.test_group, s.list, s.is_hold_out,
       d.pieces, d.held_out, d.delivered, d.opened, d.clicked, d.forwarded, d.bounced, d.complained, d.unsubscribed,
       d.responses, d.new_names, d.leads, d.visits, d.registrations, d.attendances, d.orders, d.matched_orders,
       d.revenue, d.matched_revenue, d.returned, d.cost_of_goods, d.expense
  FROM source_day d JOIN source s ON s.source_code = d.source_code
 WHERE (d.pieces, d.held_out, d.delivered, d.opened, d.clicked, d.forwarded, d.bounced, d.complained, d.unsubscribed, d.responses, d.new_names,
        d.leads, d.visits, d.registrations, d.attendances, d.orders, d.matched_orders, d.revenue, d.matched_revenue, d.returned, d.cost_of_goods, d.expense)
    <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
UNION ALL
SELECT x.date_day, NULL, nullif(x.campaign, ''), nullif(x.medium, ''), NULL, NULL, false,
       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, x.expense
  FROM shared_expense_day x;

DO $views$
DECLARE
    template constant text := $template$
        CREATE OR REPLACE VIEW %1$I AS
        SELECT g.*, r.*, i.lower::numeric(12,6) AS response_rate_lower, i.upper::numeric(12,6) AS response_rate_upper
          FROM (SELECT %2$s,
                       coalesce(sum(d.pieces), 0)::bigint AS pieces, coalesce(sum(d.pieces - d.bounced + d.held_out), 0)::bigint AS net_pieces,
                       coalesce(sum(d.held_out), 0)::bigint AS held_out,
                       coalesce(sum(d.delivered), 0)::bigint AS delivered, coalesce(sum(d.opened), 0)::bigint AS opened,
                       coalesce(sum(d.clicked), 0)::bigint AS clicked, coalesce(sum(d.bounced), 0)::bigint AS bounced,
                       coalesce(sum(d.responses), 0)::bigint AS responses, coalesce(sum(d.new_names), 0)::bigint AS new_names,
                       coalesce(sum(d.leads), 0)::bigint AS leads, coalesce(sum(d.visits), 0)::bigint AS visits,
                       coalesce(sum(d.registrations), 0)::bigint AS registrations, coalesce(sum(d.attendances), 0)::bigint AS attendances,
                       coalesce(sum(d.orders), 0)::bigint AS orders,
                       coalesce(sum(d.orders - d.matched_orders) FILTER (WHERE d.source_code <> 'UNSOURCED'), 0)::bigint AS coded_orders,
                       coalesce(sum(d.matched_orders), 0)::bigint AS matched_orders, coalesce(sum(d.revenue), 0)::numeric(20,4) AS revenue,
                       coalesce(sum(d.matched_revenue), 0)::numeric(20,4) AS matched_revenue,
                       coalesce(sum(d.returned), 0)::numeric(20,4) AS returned, coalesce(sum(d.cost_of_goods), 0)::numeric(20,4) AS cost_of_goods,
                       coalesce(sum(d.expense), 0)::numeric(20,4) AS expense
                  FROM %3$s
                 GROUP BY %4$s) g
         CROSS JOIN LATERAL (SELECT g.revenue - g.returned - g.cost_of_goods AS margin) c
         CROSS JOIN LATERAL (SELECT
               (g.responses::numeric / nullif(g.net_pieces, 0))::numeric(20,6)     AS response_rate,
               (g.coded_orders::numeric / nullif(g.responses, 0))::numeric(20,6)   AS conversion_rate,
               (g.attendances::numeric / nullif(g.registrations, 0))::numeric(20,6) AS attendance_rate,
               (g.expense / nullif(g.revenue, 0))::numeric(20,6)                   AS er_ratio,
               (c.margin / nullif(g.revenue, 0))::numeric(20,6)                    AS break_even_er_ratio,
               (g.expense / nullif(g.orders, 0))::numeric(20,4)                    AS cost_per_order,
               (g.expense / nullif(g.leads, 0))::numeric(20,4)                     AS cost_per_lead,
               (g.expense / nullif(g.responses, 0))::numeric(20,4)                 AS cost_per_response,
               (g.expense / nullif(g.new_names, 0))::numeric(20,4)                 AS cost_per_new_name,
               (g.revenue / nullif(g.orders, 0))::numeric(20,4)                    AS average_order,
               (g.revenue / nullif(g.pieces, 0))::numeric(20,6)                    AS revenue_per_piece,
               ((c.margin - g.expense) / nullif(g.pieces, 0))::numeric(20,6)       AS profit_per_piece,
               (g.expense * g.orders / nullif(g.pieces * c.margin, 0))::numeric(20,6) AS break_even_response,
               (c.margin - g.expense)::numeric(20,4)                               AS profit) r
          LEFT JOIN LATERAL rate_interval(CASE WHEN g.responses BETWEEN 0 AND g.net_pieces THEN rate(g.responses, g.net_pieces) END,
                                          (SELECT value::float8 FROM setting WHERE setting = 'confidence')) i ON true $template$;
    view_of_performance record;
BEGIN
    FOR view_of_performance IN
        SELECT * FROM (VALUES
            ('source_performance', 'one row per registered source code, also those without an answer; UNSOURCED holds what no code was found for',
             's.source_code::text AS source_code, s.campaign, s.medium, m.name AS medium_name, s.test_group, s.list, l.name AS list_name,
              s.offer, s.issued_on, s.is_control, s.is_hold_out',
             'source s LEFT JOIN source_day d ON d.source_code = s.source_code LEFT JOIN medium m ON m.medium = s.medium LEFT JOIN list l ON l.list = s.list',
             's.source_code, m.name, l.name'),
            ('source_performance_day', 'one row per day and source code: for charts over time',
             'd.date_day, d.source_code::text AS source_code, d.campaign, d.medium, d.test_group, d.list, d.is_hold_out',
             'effort_day d WHERE d.source_code IS NOT NULL',
             'd.date_day, d.source_code, d.campaign, d.medium, d.test_group, d.list, d.is_hold_out'),
            ('medium_performance', 'one row per medium; the row without a medium holds what belongs to none',
             'd.medium, m.name AS medium_name',
             'effort_day d LEFT JOIN medium m ON m.medium = d.medium WHERE NOT d.is_hold_out', 'd.medium, m.name'),
            ('medium_performance_day', 'one row per day and medium: for charts over time',
             'd.date_day, d.medium, m.name AS medium_name',
             'effort_day d LEFT JOIN medium m ON m.medium = d.medium WHERE NOT d.is_hold_out', 'd.date_day, d.medium, m.name'),
            ('list_performance', 'one row per list; the row without a list holds what belongs to none',
             'd.list, l.name AS list_name, l.kind, l.origin, l.supplier, l.status',
             'effort_day d LEFT JOIN list l ON l.list = d.list WHERE NOT d.is_hold_out', 'd.list, l.name, l.kind, l.origin, l.supplier, l.status'),
            ('test_group_performance', 'one row per campaign and test group, hold-outs and groups without a piece included; hold_out_comparison compares them',
             't.campaign, t.test_group, t.name AS test_group_name, t.is_control, t.is_hold_out',
             'test_group t LEFT JOIN source s ON s.campaign = t.campaign AND s.test_group = t.test_group LEFT JOIN source_day d ON d.source_code = s.source_code',
             't.campaign, t.test_group'),
            ('campaign_performance', 'one row per campaign; the row without a campaign holds what belongs to none',
             'd.campaign, c.name AS campaign_name, c.purpose, c.starts_on, c.ends_on, c.budget',
             'effort_day d LEFT JOIN campaign c ON c.campaign = d.campaign WHERE NOT d.is_hold_out',
             'd.campaign, c.name, c.purpose, c.starts_on, c.ends_on, c.budget'),
            ('month_performance', 'one row per month',
             'date_trunc(''month'', d.date_day)::date AS date_month',
             'effort_day d WHERE NOT d.is_hold_out', 'date_trunc(''month'', d.date_day)::date')
        ) AS v (name, grain, keys, relations, grouped_by)
    LOOP
        EXECUTE format(template, view_of_performance.name, view_of_performance.keys, view_of_performance.relations, view_of_performance.grouped_by);
        EXECUTE format('COMMENT ON VIEW %I IS %L', view_of_performance.name, 'measures and ratios, ' || view_of_performance.grain);
    END LOOP;
END
$views$;

-- A column means the same in all these views, so it is described once.
DO $comments$
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT a.attrelid::regclass AS view, a.attname, c.meaning
          FROM pg_attribute a
          LEFT JOIN (VALUES
            ('date_day',            'the day, in the time zone of setting time_zone'),
            ('date_month',          'first day of the month'),
            ('source_code',         'the source code; UNSOURCED: none was found'),
            ('campaign',            'key of the campaign; NULL: none'),
            ('campaign_name',       'name of the campaign'),
            ('purpose',             'acquire, keep or win back'),
            ('starts_on',           'first day of the campaign'),
            ('ends_on',             'last day of the campaign'),
            ('budget',              'planned expense'),
            ('medium',              'the medium, as in the code; NULL: none'),
            ('medium_name',         'name of the medium'),
            ('test_group',          'the test group, as in the code'),
            ('test_group_name',     'what is different in the test group'),
            ('list',                'the list, as in the code; NULL: none'),
            ('list_name',           'name of the list'),
            ('kind',                'internal (house) or external'),
            ('origin',              'house, rented, bought or exchanged'),
            ('supplier',            'who supplied the list'),
            ('status',              'new, testing, active or retired'),
            ('offer',               'the offer'),
            ('issued_on',           'first day of the month of issue'),
            ('is_control',          'control cell of the test'),
            ('is_hold_out',         'hold-out cell: got nothing, left out of the other sums'),
            ('pieces',              'pieces sent, without seed names; by day of sending'),
            ('net_pieces',          'pieces less undeliverable ones: the denominator of response_rate; of a hold-out cell its people'),
            ('held_out',            'people of a hold-out cell, who got nothing'),
            ('delivered',           'pieces delivered, once per piece; by day of sending, as opened, clicked and bounced'),
            ('opened',              'pieces opened, once per piece'),
            ('clicked',             'pieces clicked, once per piece'),
            ('bounced',             'pieces that could not be delivered'),
            ('forwarded',           'pieces forwarded, once per piece'),
            ('complained',          'pieces complained of, once per piece'),
            ('unsubscribed',        'pieces that led to an opt-out, once per piece'),
            ('responses',           'answers; by day of the answer'),
            ('new_names',           'external people who answered, registered or ordered for the first time; by that day'),
            ('leads',               'leads opened; by day of opening'),
            ('visits',              'visits completed; by day of the visit'),
            ('registrations',       'registrations for events; by day of registration'),
            ('attendances',         'attendances at events; by day of the event'),
            ('orders',              'orders that count for the effort; by day of the order'),
            ('coded_orders',        'of these, orders that gave the code themselves, or followed an answer or lead with it; none under UNSOURCED'),
            ('matched_orders',      'of these, orders without a code that were matched back to a piece of the person or the household'),
            ('revenue',             'value of the orders before returns, in the currency of the database; by day of the order'),
            ('matched_revenue',     'of this, the value of matched_orders'),
            ('returned',            'money given back for returns; by day of the return'),
            ('cost_of_goods',       'cost of the goods sold, less that of goods returned'),
            ('expense',             'money spent on the effort; by day of spending'),
            ('response_rate',       'responses / net_pieces, a share of 1; over 1 where people answer more than once; NULL without pieces'),
            ('response_rate_lower', 'lower confidence limit of response_rate (Wilson; setting confidence); NULL where the rate is over 1'),
            ('response_rate_upper', 'upper confidence limit of response_rate'),
            ('conversion_rate',     'coded_orders / responses, in two steps from answer to order; over 1 where orders with the code come without an answer, or several after one; NULL without responses'),
            ('attendance_rate',     'attendances / registrations; over 1 where people come who have not registered; NULL without registrations'),
            ('er_ratio',            'E:R, expense / revenue: lower is better, above break_even_er_ratio the effort loses money; NULL without revenue'),
            ('break_even_er_ratio', '(revenue - returned - cost_of_goods) / revenue: the contribution margin before advertising'),
            ('cost_per_order',      'CPO, expense / orders'),
            ('cost_per_lead',       'CPL, expense / leads'),
            ('cost_per_response',   'expense / responses'),
            ('cost_per_new_name',   'expense / new_names'),
            ('average_order',       'revenue / orders'),
            ('revenue_per_piece',   'revenue / pieces'),
            ('profit_per_piece',    'profit / pieces'),
            ('break_even_response', 'orders per piece at which the effort pays for itself: expense per piece / margin per order'),
            ('profit',              'revenue - returned - cost_of_goods - expense')
          ) AS c (name, meaning) ON c.name = a.attname
         WHERE a.attnum > 0 AND NOT a.attisdropped
           AND a.attrelid IN ('effort_day'::regclass, 'source_performance'::regclass, 'source_performance_day'::regclass,
                              'medium_performance'::regclass, 'medium_performance_day'::regclass, 'list_performance'::regclass,
                              'test_group_performance'::regclass, 'campaign_performance'::regclass, 'month_performance'::regclass)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', named.view, named.attname, named.meaning);
    END LOOP;
END
$comments$;
COMMENT ON VIEW effort_day IS 'source_day with the dimensions of the code, and expenses shared by a campaign or medium: one row per day and code; what the performance views add up';
