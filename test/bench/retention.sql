-- Retention: triangles of weekly cohorts from a table of events, against exact SQL by hand. All sides
-- count the same and print rows of the same shape.
--   bench.event_r (person, at, amount)   :size events of :size / 10 people over 60 days, in no order
-- count(distinct): as most people write it; distinct pairs: persons and weeks first; bitmap by hand: bit_or
-- of weeks a person, the fastest that SQL allows, and only up to 63 weeks.
SET client_min_messages = warning;
DROP TABLE IF EXISTS bench.event_r, bench.state_r;
CREATE UNLOGGED TABLE bench.event_r AS
SELECT bench.dice(i, 1, :size / 10) AS person, timestamptz '2026-01-05Z' + interval '1 second' * bench.dice(i, 2, 60 * 86400) AS at, (bench.dice(i, 3, 100000) / 100.0)::numeric(10,2) AS amount
  FROM generate_series(1::bigint, :size) i;
CREATE UNLOGGED TABLE bench.state_r AS SELECT person, retention_agg(at) AS activity FROM bench.event_r GROUP BY person;
VACUUM ANALYZE bench.event_r, bench.state_r;
SELECT format('%s people, %s bytes a state of 10 events', count(*), round(avg(pg_column_size(activity)), 1)) FROM bench.state_r;

CREATE TEMP VIEW by_count_distinct AS
WITH born AS (SELECT person, min(date_trunc('week', at AT TIME ZONE 'UTC')::date) AS cohort FROM bench.event_r GROUP BY person)
SELECT b.cohort, (date_trunc('week', e.at AT TIME ZONE 'UTC')::date - b.cohort) / 7 AS period_no, count(DISTINCT e.person) AS people FROM bench.event_r e JOIN born b USING (person) GROUP BY 1, 2;
CREATE TEMP VIEW by_distinct_pairs AS
SELECT cohort, (week - cohort) / 7 AS period_no, count(*) AS people
  FROM (SELECT week, min(week) OVER (PARTITION BY person) AS cohort FROM (SELECT DISTINCT person, date_trunc('week', at AT TIME ZONE 'UTC')::date AS week FROM bench.event_r) d) w GROUP BY 1, 2;
CREATE TEMP VIEW by_bitmap AS
SELECT date '2026-01-05' + 7 * (first_week) AS cohort, n AS period_no, count(*) AS people
  FROM (SELECT min(week) AS first_week, bit_or(1::bigint << week) AS weeks FROM (SELECT person, ((at AT TIME ZONE 'UTC')::date - date '2026-01-05') / 7 AS week FROM bench.event_r) w GROUP BY person) p
 CROSS JOIN generate_series(0, 9) n WHERE (weeks >> (first_week + n)) & 1 = 1 GROUP BY 1, 2;
CREATE TEMP VIEW by_cohort_table AS
SELECT cohort, period_no, people FROM cohort_table('SELECT person, at FROM bench.event_r', 'week', observed_until => '2026-03-09Z') WHERE people > 0;
CREATE TEMP VIEW by_states AS
SELECT cohort, period_no, people FROM (SELECT period_start(activity_first(activity), 'week') AS cohort, retention_counts_agg(retained(activity, activity_first(activity), 'week', observed_until => '2026-03-09Z')) AS counts FROM bench.state_r GROUP BY 1) s, retention_curve(counts)
 WHERE people > 0;
SELECT CASE WHEN count(*) FILTER (WHERE a.people IS DISTINCT FROM b.people OR a.people IS DISTINCT FROM c.people OR a.people IS DISTINCT FROM d.people OR a.people IS DISTINCT FROM s.people) = 0
            THEN format('all count the same: %s cells', count(*)) ELSE 'THEY COUNT DIFFERENTLY' END
  FROM by_cohort_table a FULL JOIN by_count_distinct b USING (cohort, period_no) FULL JOIN by_distinct_pairs c USING (cohort, period_no) FULL JOIN by_bitmap d USING (cohort, period_no) FULL JOIN by_states s USING (cohort, period_no);

SELECT bench.compare('weekly retention: cohort_table', :size, '{dupex,bitmap by hand,distinct pairs,count(distinct)}',
    ARRAY['SELECT count(*) FROM by_cohort_table', 'SELECT count(*) FROM by_bitmap', 'SELECT count(*) FROM by_distinct_pairs', 'SELECT count(*) FROM by_count_distinct'], :size, repetitions => 2);
SELECT bench.compare('weekly retention: cohort_table, work_mem 4 MB', :size, '{dupex}', ARRAY['SELECT count(*) FROM by_cohort_table'], :size, '{SET work_mem = ''4MB''}', 2);
SET work_mem = '256MB';
SELECT bench.compare('weekly retention, and money: cohort_table', :size, '{dupex,sum by hand}', ARRAY[
    'SELECT sum(value) FROM cohort_table(''SELECT person, at, amount FROM bench.event_r'', ''week'', observed_until => ''2026-03-09Z'')',
    'SELECT sum(v) FROM (SELECT cohort, (week - cohort) / 7, count(*), sum(v) AS v FROM (SELECT week, v, min(week) OVER (PARTITION BY person) AS cohort FROM (SELECT person, date_trunc(''week'', at AT TIME ZONE ''UTC'')::date AS week, sum(amount) AS v FROM bench.event_r GROUP BY 1, 2) d) w GROUP BY 1, 2) t'], :size, repetitions => 2);
SELECT bench.compare('one state a person: retention_agg', :size, '{dupex,count(*) GROUP BY person}', ARRAY[
    'SELECT count(activity) FROM (SELECT person, retention_agg(at) AS activity FROM bench.event_r GROUP BY person OFFSET 0) s', 'SELECT count(n) FROM (SELECT person, count(*) AS n FROM bench.event_r GROUP BY person OFFSET 0) s'], :size, repetitions => 2);
SELECT bench.compare('weekly retention from stored states', :size, '{dupex}', ARRAY['SELECT count(*) FROM by_states'], :size / 10, repetitions => 2);
