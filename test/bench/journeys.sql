-- Funnels over events in no order, ten a person in sixty days, against the best exact SQL by hand: a
-- window pass for each step carries the latest start of a way that has got there.
SET client_min_messages = warning;
-- six kinds of events: 40 % step 1, 20 % step 2, 10 % each of steps 3 to 5, and 10 % that are no step
CREATE UNLOGGED TABLE bench.event AS
SELECT bench.dice(i, 1, :size / 10) AS person, timestamptz '2026-01-01 00:00Z' + bench.dice(i, 2, 5184000) * interval '1 second' AS at,
       (ARRAY[1, 1, 1, 1, 2, 2, 4, 8, 16, 0])[1 + bench.dice(i, 3, 10)] AS steps
  FROM generate_series(1::bigint, :size) i;
VACUUM ANALYZE bench.event;

-- the hand-written statement for so many steps; peers of an instant are seen together, as in dupex
CREATE FUNCTION bench.funnel_by_hand(steps int, days int) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
    query text := 'SELECT person, at, steps, max(CASE WHEN steps & 1 <> 0 THEN at END) OVER w AS s1 FROM bench.event WHERE steps <> 0 WINDOW w AS (PARTITION BY person ORDER BY at)';
BEGIN
    FOR step IN 2 .. steps LOOP
        query := format('SELECT *, max(CASE WHEN steps & %s <> 0 AND at <= s%s + interval ''%s days'' THEN s%s END) OVER w AS s%s FROM (%s) p%s WINDOW w AS (PARTITION BY person ORDER BY at)',
                        1 << (step - 1), step - 1, days, step - 1, step, query, step);
    END LOOP;
    RETURN format('SELECT %s FROM (SELECT %s FROM (%s) q GROUP BY person) r', (SELECT string_agg(format('count(s%s)', s), ', ') FROM generate_series(1, steps) s),
                  (SELECT string_agg(format('max(s%s) AS s%s', s, s), ', ') FROM generate_series(1, steps) s), query);
END
$$;
CREATE FUNCTION bench.funnel_by_aggregate(steps int, days int) RETURNS text LANGUAGE sql AS
$$
    SELECT format('SELECT level, count(*) FROM (SELECT funnel_level(funnel_agg(at, steps) FILTER (WHERE steps <> 0), ''%s days'', %s) AS level FROM bench.event GROUP BY person) p GROUP BY level', days, steps)
$$;
CREATE FUNCTION bench.funnel_by_table(steps int, days int) RETURNS text LANGUAGE sql AS
$$
    SELECT format('SELECT * FROM funnel_table(''SELECT person, at, steps FROM bench.event'', ''%s days'', %s)', days, steps)
$$;

-- three ways to the same answer, or there is nothing to measure
DO $$
DECLARE
    by_hand bigint[];
    others  bigint[];
BEGIN
    EXECUTE format('SELECT ARRAY[count, count_1, count_2, count_3, count_4] FROM (%s) x (count, count_1, count_2, count_3, count_4)', bench.funnel_by_hand(5, 30)) INTO by_hand;
    EXECUTE format('SELECT array_agg(people ORDER BY step_no) FROM (%s) x', bench.funnel_by_table(5, 30)) INTO others;
    IF by_hand <> others THEN
        RAISE 'funnel_table counts %, SQL by hand %', others, by_hand;
    END IF;
    EXECUTE format('SELECT array_agg((SELECT sum(count) FROM (%s) x (level, count) WHERE level >= step)::bigint ORDER BY step) FROM generate_series(1, 5) step', bench.funnel_by_aggregate(5, 30)) INTO others;
    IF by_hand <> others THEN
        RAISE 'funnel_agg counts %, SQL by hand %', others, by_hand;
    END IF;
END $$;

SET work_mem = '1GB';
SELECT bench.compare('funnel_table, 3 steps, 7 days', :size, '{dupex,window passes}', ARRAY[bench.funnel_by_table(3, 7), bench.funnel_by_hand(3, 7)], :size, NULL, CASE WHEN :size > 3000000 THEN 1 END);
SELECT bench.compare('funnel_table, 5 steps, 30 days', :size, '{dupex,window passes}', ARRAY[bench.funnel_by_table(5, 30), bench.funnel_by_hand(5, 30)], :size, NULL, CASE WHEN :size > 3000000 THEN 1 END);
SELECT bench.compare('funnel_table, 4 steps, 7 days, 1 GB', :size, '{dupex,count(*) GROUP BY person}', ARRAY[bench.funnel_by_table(4, 7), 'SELECT person, count(*) FROM bench.event GROUP BY person'], :size);
SELECT bench.compare('funnel_level(funnel_agg), 3 steps, 7 days', :size, '{dupex,window passes}', ARRAY[bench.funnel_by_aggregate(3, 7), bench.funnel_by_hand(3, 7)], :size, NULL, CASE WHEN :size > 3000000 THEN 1 END);
SELECT bench.compare('funnel_level(funnel_agg), 5 steps, 30 days', :size, '{dupex,window passes}', ARRAY[bench.funnel_by_aggregate(5, 30), bench.funnel_by_hand(5, 30)], :size, NULL, CASE WHEN :size > 3000000 THEN 1 END);
SELECT bench.compare('funnel_agg GROUP BY person', :size, '{dupex,count(*)}', ARRAY['SELECT count(f) FROM (SELECT person, funnel_agg(at, steps) AS f FROM bench.event GROUP BY person OFFSET 0) s', 'SELECT count(n) FROM (SELECT person, count(*) AS n FROM bench.event GROUP BY person OFFSET 0) s'], :size);
SET work_mem = '64MB';
SELECT bench.compare('funnel_table, 4 steps, 7 days, 64 MB', :size, '{dupex,count(*) GROUP BY person}', ARRAY[bench.funnel_by_table(4, 7), 'SELECT person, count(*) FROM bench.event GROUP BY person'], :size);
RESET work_mem;
DROP TABLE bench.event;
DROP FUNCTION bench.funnel_by_hand, bench.funnel_by_aggregate, bench.funnel_by_table;
