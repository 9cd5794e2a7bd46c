-- The lifetime table of what really happened: cohorts of customers by their first order, from any
-- table of orders. What ltv_table takes as arguments, measured.

CREATE FUNCTION ltv_cohorts(query text, period text DEFAULT 'year', as_of timestamptz DEFAULT now(), zone text DEFAULT 'UTC',
        OUT cohort date, OUT period_no integer, OUT is_complete boolean, OUT acquired bigint, OUT customers bigint, OUT active_share numeric, OUT retained_share numeric, OUT orders bigint,
        OUT orders_per_customer numeric, OUT average_order numeric, OUT revenue numeric, OUT margin numeric, OUT cumulative_margin numeric, OUT margin_per_acquired numeric) RETURNS SETOF record
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 100 COST 10000 AS $$
DECLARE
    months CONSTANT integer := CASE period WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 END;
    at_type    regtype;
    is_local   boolean;
BEGIN
    IF months IS NULL THEN
        RAISE 'unknown period: "%"', coalesce(period, 'NULL') USING ERRCODE = '22023', HINT = 'Periods are month, quarter and year.';
    END IF;
    PERFORM dupex.query_columns_check('ltv_cohorts', query, 'customer, ordered_at, amount, margin');
    -- a date is a day already, wherever the session is; only an instant has to be brought into the zone
    EXECUTE format(E'SELECT pg_typeof(q.ordered_at) FROM (VALUES (1)) v LEFT JOIN (SELECT p.ordered_at FROM (%s\n) p (customer, ordered_at, amount, margin) LIMIT 0) q ON true', query) INTO at_type;
    is_local := (SELECT coalesce(nullif(t.typbasetype, 0), t.oid) IN ('date'::regtype, 'timestamp'::regtype) FROM pg_type t WHERE t.oid = at_type);
    RETURN QUERY EXECUTE format($query$
        WITH purchase AS (
            SELECT q.customer, %2$s AS at, q.amount::numeric AS amount, q.margin::numeric AS margin FROM (%1$s
                ) q (customer, ordered_at, amount, margin)
            WHERE q.customer IS NOT NULL AND q.ordered_at <= %3$s),
        first_order AS (SELECT p.customer, min(p.at) AS won_at FROM purchase p GROUP BY p.customer),
        numbered AS (
            SELECT date_trunc($3, f.won_at)::date AS cohort, p.customer, p.amount, p.margin,
                ((extract(year FROM age(p.at, f.won_at)) * 12 + extract(month FROM age(p.at, f.won_at)))::integer / $4) + 1 AS period_no
            FROM purchase p JOIN first_order f ON f.customer = p.customer),
        active AS (SELECT n.cohort, n.customer, n.period_no, count(*) AS orders, sum(n.amount) AS amount, sum(n.margin) AS margin FROM numbered n GROUP BY n.cohort, n.customer, n.period_no),
        size AS (
            SELECT s.cohort, count(*) AS acquired, max(s.seen) AS periods, min(s.seen) AS complete
            FROM (SELECT date_trunc($3, f.won_at)::date AS cohort, (extract(year FROM age($2 AT TIME ZONE $1, f.won_at)) * 12 + extract(month FROM age($2 AT TIME ZONE $1, f.won_at)))::integer / $4 AS seen
                FROM first_order f) s GROUP BY s.cohort),
        summed AS (
            SELECT a.cohort, a.period_no, count(*) AS customers, count(later.customer) AS retained, sum(a.orders) AS orders, sum(a.amount) AS revenue, sum(a.margin) AS margin
            FROM active a LEFT JOIN active later ON later.cohort = a.cohort AND later.customer = a.customer AND later.period_no = a.period_no + 1 GROUP BY a.cohort, a.period_no)
        SELECT s.cohort, i.period_no, i.period_no <= s.complete, s.acquired, coalesce(c.customers, 0), round(coalesce(c.customers, 0) / s.acquired::numeric, 6),
            CASE WHEN i.period_no < s.complete THEN round(c.retained / c.customers::numeric, 6) END, coalesce(c.orders, 0)::bigint, round(c.orders / c.customers, 6), round(c.revenue / c.orders, 4), coalesce(c.revenue, 0), coalesce(c.margin, 0),
            sum(coalesce(c.margin, 0)) OVER w, round(sum(coalesce(c.margin, 0)) OVER w / s.acquired, 4)
        FROM size s CROSS JOIN LATERAL generate_series(1, s.periods + 1) i (period_no) LEFT JOIN summed c ON c.cohort = s.cohort AND c.period_no = i.period_no
        WINDOW w AS (PARTITION BY s.cohort ORDER BY i.period_no)
        ORDER BY s.cohort, i.period_no $query$, query, CASE WHEN is_local THEN 'q.ordered_at::timestamp' ELSE 'q.ordered_at AT TIME ZONE $1' END,
        CASE WHEN is_local THEN '$2 AT TIME ZONE $1' ELSE '$2' END) USING zone, as_of, period, months;
END $$;
COMMENT ON FUNCTION ltv_cohorts(text, text, timestamptz, text) IS
    'lifetime table of cohorts as it happened. query gives (customer of any type, ordered_at timestamptz, amount, margin), a row an order; ordered_at may be a date or a timestamp, which is taken as of zone; what is after as_of does not count. A customer belongs to the month, quarter or year (period, in the time zone zone) of his first order; his periods count from that order, in months as age() counts them (from 31 January the first one ends with 28 February, not before it). Of each cohort and period: customers acquired, customers who ordered in the period and their share of the acquired, the share of these who ordered in the next period too (NULL until that is complete), orders, orders per customer who ordered, average order, revenue, margin, and cumulative margin, also a customer acquired: it is above the cost of acquisition from break-even on. Shares and orders per customer have six digits after the point, money per order or customer four. is_complete: all customers of the cohort have been seen for the whole period. Raises 22023 for another period, 42804 for a query of fewer columns';
