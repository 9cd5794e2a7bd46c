-- What lists are worth over time, for readers: use by use, month by month, and against each other.
--
-- Figures of efforts are those of source_day, as in list_performance, so that the sheets agree. Only
-- list_value_month counts people, and reads the touches for it.

-- A use of a list is all that reached people on one day. Where a code says neither day nor month,
-- it is the day of its first piece.
CREATE OR REPLACE VIEW list_use AS
SELECT u.list, l.name AS list_name, l.kind, l.supplier, u.use_no, u.reached_on,
       CASE WHEN l.received_on <= u.reached_on THEN (extract(year FROM age(u.reached_on, l.received_on)) * 12 + extract(month FROM age(u.reached_on, l.received_on)))::integer END AS months_since_received,
       u.source_codes, u.pieces, u.net_pieces, u.responses, (u.responses::numeric / nullif(u.net_pieces, 0))::numeric(20,6) AS response_rate,
       i.lower::numeric(12,6) AS response_rate_lower, i.upper::numeric(12,6) AS response_rate_upper, u.new_names, u.orders, u.revenue, u.expense,
       (u.expense / nullif(u.revenue, 0))::numeric(20,6) AS er_ratio
  FROM (SELECT e.list, dense_rank() OVER (PARTITION BY e.list ORDER BY e.reached_on)::integer AS use_no, e.reached_on, count(*) AS source_codes, sum(e.pieces)::bigint AS pieces, sum(e.net_pieces)::bigint AS net_pieces,
               sum(e.responses)::bigint AS responses, sum(e.new_names)::bigint AS new_names, sum(e.orders)::bigint AS orders, sum(e.revenue)::numeric(20,4) AS revenue, sum(e.expense)::numeric(20,4) AS expense
          FROM (SELECT s.list, s.source_code, coalesce(s.in_home_on, s.issued_on, min(d.date_day) FILTER (WHERE d.pieces > 0)) AS reached_on, sum(d.pieces) AS pieces, sum(d.pieces - d.bounced) AS net_pieces,
                       sum(d.responses) AS responses, sum(d.new_names) AS new_names, sum(d.orders) AS orders, sum(d.revenue) AS revenue, sum(d.expense) AS expense
                  FROM source s JOIN source_day d ON d.source_code = s.source_code
                 WHERE s.list IS NOT NULL AND NOT s.is_hold_out GROUP BY s.source_code HAVING sum(d.pieces) > 0) e
         WHERE e.reached_on IS NOT NULL GROUP BY e.list, e.reached_on) u
  JOIN list l ON l.list = u.list
  LEFT JOIN LATERAL rate_interval(CASE WHEN u.responses BETWEEN 0 AND u.net_pieces THEN rate(u.responses, u.net_pieces) END, (SELECT value::float8 FROM setting WHERE setting = 'confidence')) i ON true;
COMMENT ON VIEW list_use IS 'each use of a list, one row per list and day on which its pieces reached people: how the answers fall off from use to use';

CREATE OR REPLACE VIEW list_decay AS
SELECT m.months_since_received, m.lists, m.uses, m.net_pieces, m.responses, (m.responses::numeric / nullif(m.net_pieces, 0))::numeric(20,6) AS response_rate,
       i.lower::numeric(12,6) AS response_rate_lower, i.upper::numeric(12,6) AS response_rate_upper
  FROM (SELECT u.months_since_received, count(DISTINCT u.list) AS lists, count(*) AS uses, sum(u.net_pieces)::bigint AS net_pieces, sum(u.responses)::bigint AS responses
          FROM list_use u WHERE u.kind = 'external' AND u.months_since_received IS NOT NULL GROUP BY u.months_since_received) m
  LEFT JOIN LATERAL rate_interval(CASE WHEN m.responses BETWEEN 0 AND m.net_pieces THEN rate(m.responses, m.net_pieces) END, (SELECT value::float8 FROM setting WHERE setting = 'confidence')) i ON true;
COMMENT ON VIEW list_decay IS 'how external lists fall off with age: answers by months since the list was received, all external lists together; one row per number of months';

-- What the people who joined a list in one month have brought under its codes, and what those are
-- worth whom it won. The price of the list is shared out by names.
CREATE OR REPLACE VIEW list_value_month AS
WITH member AS (
    SELECT m.list, m.customer_id, date_trunc('month', coalesce(m.joined_on, (m.recorded_at AT TIME ZONE z.value)::date))::date AS date_month, c.kind
      FROM list_member m JOIN customer c ON c.customer_id = m.customer_id AND NOT c.is_seed CROSS JOIN setting z WHERE z.setting = 'time_zone'
), price AS (
    SELECT l.list, coalesce(l.price_per_name, l.cost / nullif(coalesce(l.names, (SELECT count(*) FROM list_member m WHERE m.list = l.list)), 0), 0) AS per_name FROM list l
), touched AS (
    SELECT s.list, t.customer_id, count(*) AS touches, sum(p.per_piece) AS expense
      FROM touch t JOIN source s ON s.source_code = t.source_code AND s.list IS NOT NULL
      LEFT JOIN (SELECT d.source_code, sum(d.expense) / nullif(sum(d.pieces), 0) AS per_piece FROM source_day d GROUP BY d.source_code) p ON p.source_code = s.source_code
     WHERE NOT t.is_seed GROUP BY s.list, t.customer_id
), brought AS (
    SELECT s.list, a.customer_id, sum(a.sign) FILTER (WHERE a.fact = 'response') AS responses, sum(a.sign) FILTER (WHERE a.fact = 'customer_order') AS orders,
           sum(a.sign * a.amount) FILTER (WHERE a.fact = 'customer_order') AS revenue, sum(a.sign) FILTER (WHERE a.fact IN ('response', 'event_registration', 'customer_order')) AS answers
      FROM attribution a JOIN source s ON s.source_code = a.source_code AND s.list IS NOT NULL GROUP BY s.list, a.customer_id
), won AS (
    SELECT o.list, s.customer_id, s.margin + s.expected_margin AS lifetime_margin FROM customer_score s JOIN customer_origin o ON o.customer_id = s.customer_id AND NOT o.is_hold_out
), month AS (
    SELECT m.list, m.date_month, count(*) AS names, count(*) FILTER (WHERE m.kind = 'internal') AS internal_names, count(*) * max(p.per_name) AS list_cost, coalesce(sum(t.touches), 0) AS touches,
           coalesce(sum(t.expense), 0) AS expense, count(t.customer_id) AS people_touched, count(t.customer_id) FILTER (WHERE b.answers > 0) AS people_answered, coalesce(sum(b.responses), 0) AS responses,
           coalesce(sum(b.orders), 0) AS orders, coalesce(sum(b.revenue), 0) AS revenue, count(w.customer_id) AS customers_won, sum(w.lifetime_margin) AS lifetime_margin
      FROM member m JOIN price p ON p.list = m.list
      LEFT JOIN touched t ON t.list = m.list AND t.customer_id = m.customer_id LEFT JOIN brought b ON b.list = m.list AND b.customer_id = m.customer_id
      LEFT JOIN won w ON w.list = m.list AND w.customer_id = m.customer_id
     GROUP BY m.list, m.date_month
)
SELECT v.list, l.name AS list_name, l.kind, l.supplier, v.date_month, v.names, v.internal_names, v.list_cost::numeric(20,4) AS list_cost, v.touches::bigint AS touches, v.expense::numeric(20,4) AS expense,
       v.people_touched, v.people_answered, (v.people_answered::numeric / nullif(v.people_touched, 0))::numeric(20,6) AS people_response_rate, i.lower::numeric(12,6) AS people_response_rate_lower, i.upper::numeric(12,6) AS people_response_rate_upper,
       v.responses::bigint AS responses, v.orders::bigint AS orders, v.revenue::numeric(20,4) AS revenue, ((v.list_cost + v.expense) / nullif(v.revenue, 0))::numeric(20,6) AS er_ratio,
       v.customers_won, v.lifetime_margin::numeric(20,2) AS lifetime_margin, (v.lifetime_margin / nullif(v.customers_won, 0))::numeric(20,2) AS lifetime_margin_per_customer,
       (coalesce(v.lifetime_margin, 0) - v.list_cost - v.expense)::numeric(20,2) AS lifetime_profit
  FROM month v JOIN list l ON l.list = v.list
  LEFT JOIN LATERAL rate_interval(rate(v.people_answered, v.people_touched), (SELECT value::float8 FROM setting WHERE setting = 'confidence')) i ON true;
COMMENT ON VIEW list_value_month IS 'value of a list over time: the people who joined it in a month, what they have cost and brought under its codes, and what those are worth whom it won; one row per list and month of joining. It reads all touches';

-- A name leaves the pool once, at the first of these: taken off the list, became internal, suppressed,
-- worn out. Suppressed for all channels: by an address of his, or by an opt-out.
CREATE OR REPLACE VIEW pool_growth AS
WITH hashed AS (
    SELECT s.key_hash, min(s.since) FILTER (WHERE NOT s.is_lifted) AS since FROM suppression s WHERE s.channel IS NULL AND (s.purpose IS NULL OR s.purpose = 'marketing') AND s.until IS NULL
     GROUP BY s.key_hash HAVING max(s.since) FILTER (WHERE NOT s.is_lifted) >= coalesce(max(s.since) FILTER (WHERE s.is_lifted), '-infinity')
), refused AS (
    SELECT e.customer_id, min(e.happened_at) FILTER (WHERE e.status = 'refused') AS since FROM consent_event e WHERE e.channel IS NULL AND (e.purpose IS NULL OR e.purpose = 'marketing')
     GROUP BY e.customer_id HAVING max(e.happened_at) FILTER (WHERE e.status = 'refused') >= coalesce(max(e.happened_at) FILTER (WHERE e.status = 'granted' AND e.given_by = 'person'), '-infinity')
), suppressed AS (
    SELECT x.customer_id, min(x.since) AS since FROM (SELECT p.customer_id, h.since FROM hashed h JOIN contact_point p ON p.key_hash = h.key_hash UNION ALL SELECT r.customer_id, r.since FROM refused r) x GROUP BY x.customer_id
), member AS (
    SELECT m.list, coalesce(m.joined_on, (m.recorded_at AT TIME ZONE z.value)::date) AS joined_on, m.left_on AS off_on,
           CASE WHEN c.entered_as = 'external' THEN (c.became_internal_at AT TIME ZONE z.value)::date END AS internal_on, CASE WHEN c.kind = 'external' THEN (t.since AT TIME ZONE z.value)::date END AS exhausted_on,
           (s.since AT TIME ZONE z.value)::date AS suppressed_on
      FROM list_member m JOIN customer c ON c.customer_id = m.customer_id AND NOT c.is_seed AND c.entered_as = 'external' LEFT JOIN two_strikes t ON t.customer_id = m.customer_id
      LEFT JOIN suppressed s ON s.customer_id = m.customer_id CROSS JOIN setting z
     WHERE z.setting = 'time_zone'
), event AS (
    SELECT m.list, date_trunc('month', m.joined_on)::date AS date_month, 1 AS joined, 'none' AS way FROM member m
    UNION ALL
    SELECT m.list, date_trunc('month', greatest(x.gone_on, m.joined_on))::date, 0,
           CASE x.gone_on WHEN m.off_on THEN 'off' WHEN m.internal_on THEN 'internal' WHEN m.suppressed_on THEN 'suppressed' ELSE 'exhausted' END
      FROM member m CROSS JOIN LATERAL (SELECT least(m.off_on, m.internal_on, m.suppressed_on, m.exhausted_on) AS gone_on) x WHERE x.gone_on IS NOT NULL
)
SELECT g.list, l.name AS list_name, l.supplier, g.date_month, g.names_joined, g.names_taken_off, g.names_internal, g.names_suppressed, g.names_exhausted, g.net_growth,
       (sum(g.net_growth) OVER (PARTITION BY g.list ORDER BY g.date_month))::bigint AS names_at_end
  FROM (SELECT e.list, e.date_month, sum(e.joined)::bigint AS names_joined, count(*) FILTER (WHERE e.way = 'off') AS names_taken_off, count(*) FILTER (WHERE e.way = 'internal') AS names_internal,
               count(*) FILTER (WHERE e.way = 'suppressed') AS names_suppressed, count(*) FILTER (WHERE e.way = 'exhausted') AS names_exhausted, sum(e.joined) - count(*) FILTER (WHERE e.joined = 0) AS net_growth
          FROM event e GROUP BY e.list, e.date_month) g
  JOIN list l ON l.list = g.list;
COMMENT ON VIEW pool_growth IS 'the pool of external names: who came onto each list, and who left it for good, by month; a name leaves once, at the first reason. One row per list and month with a movement';

CREATE OR REPLACE VIEW partner_overlap AS
SELECT o.list, l.name AS list_name, o.other_list, p.name AS other_list_name, n.names, o.shared_names, (o.shared_names::numeric / n.names)::numeric(12,6) AS shared_share, o.shared_internal_names
  FROM (SELECT a.list, b.list AS other_list, count(*) AS shared_names, count(*) FILTER (WHERE c.kind = 'internal') AS shared_internal_names
          FROM list_member a JOIN list_member b ON b.customer_id = a.customer_id AND b.list <> a.list AND b.left_on IS NULL JOIN customer c ON c.customer_id = a.customer_id AND NOT c.is_seed
         WHERE a.left_on IS NULL GROUP BY a.list, b.list) o
  JOIN (SELECT m.list, count(*) AS names FROM list_member m JOIN customer c ON c.customer_id = m.customer_id AND NOT c.is_seed WHERE m.left_on IS NULL GROUP BY m.list) n ON n.list = o.list
  JOIN list l ON l.list = o.list JOIN list p ON p.list = o.other_list;
COMMENT ON VIEW partner_overlap IS 'names that two lists have in common; one row per ordered pair of lists that share a name';

-- A column means the same in all these views, so it is described once.
DO $comments$
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT a.attrelid::regclass AS view, a.attname, c.meaning
          FROM pg_attribute a
          JOIN (VALUES
            ('list',                  'the list'),
            ('list_name',             'name of the list'),
            ('kind',                  'internal (house) or external'),
            ('supplier',              'who supplied the list'),
            ('use_no',                'number of the use, 1 for the first'),
            ('reached_on',            'day on which the pieces reached people: in_home_on of the source code, else its month, else the day of its first piece'),
            ('months_since_received', 'whole months since the list was received (list.received_on); NULL where that is not known'),
            ('source_codes',          'source codes of this use'),
            ('lists',                 'lists that were used at that age'),
            ('uses',                  'uses'),
            ('pieces',                'pieces sent, without seed names'),
            ('net_pieces',            'pieces less undeliverable ones: the denominator of response_rate'),
            ('responses',             'answers that count for the codes of the list'),
            ('response_rate',         'responses / net_pieces, a share of 1; over 1 where people answer more than once; NULL without pieces'),
            ('response_rate_lower',   'lower confidence limit of response_rate (Wilson; setting confidence); NULL where the rate is over 1'),
            ('response_rate_upper',   'upper confidence limit of response_rate'),
            ('new_names',             'external people who answered, registered or ordered for the first time'),
            ('orders',                'orders that count for the codes of the list'),
            ('revenue',               'value of these orders before returns, in the currency of the database'),
            ('expense',               'money spent on these pieces; of single people, their share of what their codes have cost'),
            ('er_ratio',              'E:R, expense / revenue, by month with list_cost in the expense; NULL without revenue'),
            ('date_month',            'first day of the month in which the names joined, or of the movement'),
            ('names',                 'names on the list, seed names left out; by month, those who joined in it'),
            ('internal_names',        'of these, names that are internal by now'),
            ('list_cost',             'their share of the price of the list: names x list.price_per_name, else list.cost shared out by names'),
            ('touches',               'contacts under codes of the list'),
            ('people_touched',        'people with at least one of these'),
            ('people_answered',       'of these, people with an answer, registration or order that counts for the list'),
            ('people_response_rate',  'people_answered / people_touched, from 0 to 1; NULL where nobody was contacted'),
            ('people_response_rate_lower', 'its lower confidence limit'),
            ('people_response_rate_upper', 'its upper confidence limit'),
            ('customers_won',         'customers whose first order counts for the list'),
            ('lifetime_margin',       'margin of these so far and expected; NULL where there are none'),
            ('lifetime_margin_per_customer', 'lifetime_margin / customers_won'),
            ('lifetime_profit',       'lifetime_margin - list_cost - expense'),
            ('names_joined',          'external names that came onto the list'),
            ('names_taken_off',       'names that were taken off it'),
            ('names_internal',        'names that became internal: they answered or registered'),
            ('names_suppressed',      'names that are suppressed for all channels: an opt-out, or an address on the suppression list'),
            ('names_exhausted',       'names that are not contacted any more: two strikes'),
            ('net_growth',            'names_joined less those who left the pool; negative where it shrinks'),
            ('names_at_end',          'names in the pool at the end of the month'),
            ('other_list',            'the other list'),
            ('other_list_name',       'name of the other list'),
            ('shared_names',          'names on both lists'),
            ('shared_share',          'shared_names / names, from 0 to 1'),
            ('shared_internal_names', 'of these, internal people')
          ) AS c (name, meaning) ON c.name = a.attname
         WHERE a.attnum > 0 AND NOT a.attisdropped
           AND a.attrelid IN ('list_use'::regclass, 'list_decay'::regclass, 'list_value_month'::regclass, 'pool_growth'::regclass, 'partner_overlap'::regclass)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', named.view, named.attname, named.meaning);
    END LOOP;
END
$comments$;
