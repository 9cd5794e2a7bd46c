-- refresh_reports() and rebuild_reports() on :size stored facts, against one GROUP BY by hand of the
-- same measures over all of them, without new names, first days, corrections, late codes and match-back.
SET client_min_messages = warning;
\ir facts.sql
SELECT dupex.install('marketing') \g /dev/null
SELECT :size / 10 AS people \gset
SELECT bench.people(:people), bench.fill_empty(:size, :people) \g /dev/null
VACUUM ANALYZE;

SET search_path = marketing, bench, dupex;
CREATE VIEW bench.by_hand AS
SELECT date_day, source_code, sum(pieces) AS pieces, sum(delivered) AS delivered, sum(opened) AS opened, sum(clicked) AS clicked, sum(bounced) AS bounced,
       sum(responses) AS responses, sum(leads) AS leads, sum(visits) AS visits, sum(orders) AS orders, sum(revenue) AS revenue, sum(cost_of_goods) AS cost_of_goods
  FROM (SELECT (sent_at AT TIME ZONE 'UTC')::date AS date_day, source_code, count(*) AS pieces, 0 AS delivered, 0 AS opened, 0 AS clicked, 0 AS bounced,
               0 AS responses, 0 AS leads, 0 AS visits, 0 AS orders, 0 AS revenue, 0 AS cost_of_goods
          FROM touch GROUP BY 1, 2
         UNION ALL
        SELECT (sent_at AT TIME ZONE 'UTC')::date, source_code, 0, count(*) FILTER (WHERE kind = 'delivered'), count(*) FILTER (WHERE kind = 'opened'),
               count(*) FILTER (WHERE kind = 'clicked'), count(*) FILTER (WHERE kind = 'bounced'), 0, 0, 0, 0, 0, 0
          FROM (SELECT DISTINCT customer_id, touch_id, kind FROM touch_event) e JOIN touch USING (customer_id, touch_id) GROUP BY 1, 2
         UNION ALL
        SELECT (responded_at AT TIME ZONE 'UTC')::date, coalesce(source_code, 'UNSOURCED'), 0, 0, 0, 0, 0, count(*), 0, 0, 0, 0, 0 FROM response GROUP BY 1, 2
         UNION ALL
        SELECT (opened_at AT TIME ZONE 'UTC')::date, coalesce(l.source_code, r.source_code, 'UNSOURCED'), 0, 0, 0, 0, 0, 0, count(*), 0, 0, 0, 0
          FROM lead l LEFT JOIN response r USING (customer_id, response_id) GROUP BY 1, 2
         UNION ALL
        SELECT (visited_at AT TIME ZONE 'UTC')::date, coalesce(v.source_code, l.source_code, r.source_code, 'UNSOURCED'), 0, 0, 0, 0, 0, 0, 0, count(*), 0, 0, 0
          FROM visit v LEFT JOIN lead l USING (customer_id, lead_id) LEFT JOIN response r USING (customer_id, response_id) GROUP BY 1, 2
         UNION ALL
        SELECT (ordered_at AT TIME ZONE 'UTC')::date, coalesce(o.source_code, r.source_code, 'UNSOURCED'), 0, 0, 0, 0, 0, 0, 0, 0, count(*), sum(revenue), sum(cost_of_goods)
          FROM customer_order o LEFT JOIN response r USING (customer_id, response_id) GROUP BY 1, 2) f
 GROUP BY date_day, source_code;

-- the first refresh is a rebuild
SELECT bench.time_of('SELECT refresh_reports()') AS rebuilt \gset
SELECT bench.time_of('SELECT * FROM bench.by_hand') AS by_hand \gset
SELECT bench.line('rebuild_reports / GROUP BY by hand', :size, :rebuilt, :by_hand, :size);
SELECT bench.time_of('SELECT refresh_reports()') AS once \gset
SELECT bench.time_of('SELECT refresh_reports()') AS again \gset
SELECT bench.time_of('SELECT refresh_reports()') AS thrice \gset
SELECT bench.line('refresh_reports, nothing new / GROUP BY by hand', :size, least(:once, :again, :thrice), :by_hand);

SELECT bench.fill(:size, 1000, :people) \g /dev/null
SELECT bench.time_of('SELECT refresh_reports()') AS once \gset
SELECT bench.fill(:size + 1000, 1000, :people) \g /dev/null
SELECT bench.time_of('SELECT refresh_reports()') AS again \gset
SELECT bench.fill(:size + 2000, 1000, :people) \g /dev/null
SELECT bench.time_of('SELECT refresh_reports()') AS thrice \gset
SELECT bench.line('refresh_reports, 1,000 new facts / GROUP BY by hand', :size, least(:once, :again, :thrice), :by_hand, 1000);

SELECT bench.fill(:size + 3000, 100000, :people) \g /dev/null
SELECT bench.time_of('SELECT refresh_reports()') AS once \gset
SELECT bench.fill(:size + 103000, 100000, :people) \g /dev/null
SELECT bench.time_of('SELECT refresh_reports()') AS again \gset
SELECT bench.line('refresh_reports, 100,000 new facts / GROUP BY by hand', :size, least(:once, :again), :by_hand, 100000);

-- how many orders were matched, so that it is known that match-back was at work
SELECT format('of %s orders %s are matched by person, %s by household, %s not', count(*), count(*) FILTER (WHERE method = 'by person'),
              count(*) FILTER (WHERE method = 'by household'), count(*) FILTER (WHERE method = 'none'))
  FROM attribution WHERE fact = 'customer_order' AND sign = 1;

DROP VIEW bench.by_hand;
SELECT dupex.uninstall('marketing', true) \g /dev/null
