-- Attribution: which touches earned the conversions, at so many touches. People have ten touches each, and half of
-- them a conversion, within 90 days; rows are in random order, with an index on (person, at) for what can use one.
--
-- By hand: exact SQL of the shapes that are fastest here. Of five models at once: conversions joined to their touches
-- of 30 days, numbered and counted by windows, weights of all models beside each other, summed by channel; sums are of
-- float8. Of the last touch alone: an index search for each conversion.
SET client_min_messages = warning;

DROP TABLE IF EXISTS bench.step, bench.journeys, bench.paths;
CREATE UNLOGGED TABLE bench.step AS
SELECT person, timestamptz '2026-01-01Z' + bench.dice(no, 3, 7776000) * interval '1 second' AS at, CASE WHEN no <= :size THEN 'channel ' || bench.dice(no, 4, 12) END AS channel,
       CASE WHEN no > :size THEN 10 + bench.dice(no, 5, 100000) / 100.0 END AS value
  FROM (SELECT no, bench.dice(no, 2, :size / 10) AS person FROM generate_series(1::bigint, :size + :size / 20) no ORDER BY hashint8extended(no, 1)) s;
CREATE INDEX ON bench.step (person, at) INCLUDE (channel) WHERE channel IS NOT NULL;
CREATE UNLOGGED TABLE bench.journeys AS SELECT person, journey_agg(at, channel, value) AS journey FROM bench.step GROUP BY person;
CREATE UNLOGGED TABLE bench.paths AS SELECT p.* FROM bench.journeys, attribution_paths(journey, '30 days') p;
VACUUM ANALYZE bench.step, bench.journeys, bench.paths;
SELECT format('%s touches, %s conversions, %s people; %s bytes a journey', count(channel), count(value), (SELECT count(*) FROM bench.journeys),
              (SELECT round(avg(pg_column_size(journey))) FROM bench.journeys)) FROM bench.step;

SELECT bench.compare('first, last, linear, U, time decay', :size, '{attribution_table,join and windows,journey_agg and attribution}', ARRAY[
    $$SELECT count(*) FROM attribution_table('SELECT person, at, channel, value FROM bench.step', '{first,last,linear,position_u,time_decay}', '30 days')$$,
    $$WITH touch AS (
          SELECT c.conversion, c.value, t.channel, row_number() OVER (PARTITION BY c.conversion ORDER BY t.at) AS i, count(*) OVER (PARTITION BY c.conversion) AS n,
                 power(2::float8, -extract(epoch FROM c.at - t.at)::float8 / 604800) AS decay
            FROM (SELECT ctid AS conversion, * FROM bench.step WHERE value IS NOT NULL) c
            LEFT JOIN (SELECT * FROM bench.step WHERE channel IS NOT NULL) t ON t.person = c.person AND t.at <= c.at AND t.at >= c.at - interval '30 days'),
      share AS (
          SELECT channel, value::float8 AS value, (i = 1)::int AS first, (i = n)::int AS last, 1.0::float8 / n AS linear,
                 CASE WHEN n < 3 THEN 1.0::float8 / n WHEN i = 1 OR i = n THEN 0.4 ELSE 0.2 / (n - 2) END AS position_u, decay / sum(decay) OVER (PARTITION BY conversion) AS time_decay
            FROM touch)
      SELECT count(*) FROM (SELECT channel, sum(first), sum(first * value), sum(last), sum(last * value), sum(linear), sum(linear * value), sum(position_u), sum(position_u * value), sum(time_decay), sum(time_decay * value)
                              FROM share GROUP BY channel) s$$,
    $$SELECT count(*) FROM (SELECT a.model, a.channel, sum(a.conversions), sum(a.value) FROM (SELECT journey_agg(at, channel, value) AS journey FROM bench.step GROUP BY person) j,
          attribution(journey, '{first,last,linear,position_u,time_decay}', '30 days') a GROUP BY 1, 2) s$$], :size);
SELECT bench.compare('linear', :size, '{attribution_table,join and window}', ARRAY[
    $$SELECT count(*) FROM attribution_table('SELECT person, at, channel, value FROM bench.step', '{linear}', '30 days')$$,
    $$SELECT count(*) FROM (SELECT channel, sum(1.0::float8 / n), sum(value::float8 / n)
          FROM (SELECT c.value, t.channel, count(*) OVER (PARTITION BY c.conversion) AS n FROM (SELECT ctid AS conversion, * FROM bench.step WHERE value IS NOT NULL) c
                  LEFT JOIN (SELECT * FROM bench.step WHERE channel IS NOT NULL) t ON t.person = c.person AND t.at <= c.at AND t.at >= c.at - interval '30 days') s GROUP BY channel) s$$], :size);
SELECT bench.compare('last', :size, '{attribution_table,index search for each,hash join and DISTINCT ON}', ARRAY[
    $$SELECT count(*) FROM attribution_table('SELECT person, at, channel, value FROM bench.step', '{last}', '30 days')$$,
    $$SELECT count(*) FROM (SELECT t.channel, count(*), sum(c.value) FROM bench.step c
          LEFT JOIN LATERAL (SELECT channel FROM bench.step t WHERE t.person = c.person AND t.channel IS NOT NULL AND t.at <= c.at AND t.at >= c.at - interval '30 days' ORDER BY t.at DESC LIMIT 1) t ON true
          WHERE c.value IS NOT NULL GROUP BY t.channel) s$$,
    $$SELECT count(*) FROM (SELECT channel, count(*), sum(value) FROM (SELECT DISTINCT ON (c.conversion) c.value, t.channel FROM (SELECT ctid AS conversion, * FROM bench.step WHERE value IS NOT NULL) c
          LEFT JOIN (SELECT * FROM bench.step WHERE channel IS NOT NULL) t ON t.person = c.person AND t.at <= c.at AND t.at >= c.at - interval '30 days' ORDER BY c.conversion, t.at DESC) s GROUP BY channel) s$$], :size);
SELECT bench.compare('all ten models', :size, '{attribution_table}', ARRAY[
    $$SELECT count(*) FROM attribution_table('SELECT person, at, channel, value FROM bench.step', NULL, '30 days')$$], :size);
SELECT bench.compare('journeys of all people', :size, '{journey_agg,bare count(*) and group by}', ARRAY[
    'SELECT count(j) FROM (SELECT journey_agg(at, channel, value) AS j FROM bench.step GROUP BY person) s',
    'SELECT count(j) FROM (SELECT count(*) AS j FROM bench.step GROUP BY person) s'], :size);
SELECT bench.compare('five models of stored journeys', :size, '{attribution}', ARRAY[
    $$SELECT count(*) FROM (SELECT a.model, a.channel, sum(a.conversions), sum(a.value) FROM bench.journeys, attribution(journey, '{first,last,linear,position_u,time_decay}', '30 days') a GROUP BY 1, 2) s$$], :size);
SELECT bench.compare(title, :size, '{dupex}', ARRAY[statement], (SELECT count(*) FROM bench.paths))
  FROM (VALUES (1, 'attribution_markov of order 1, a path a row', 'SELECT count(*) FROM attribution_markov(''TABLE bench.paths'', 1)'),
               (2, 'attribution_markov of order 2', 'SELECT count(*) FROM attribution_markov(''TABLE bench.paths'', 2)'),
               (3, 'attribution_markov of order 3', 'SELECT count(*) FROM attribution_markov(''TABLE bench.paths'', 3)'),
               (4, 'attribution_shapley', 'SELECT count(*) FROM attribution_shapley(''TABLE bench.paths'')')) v (no, title, statement) ORDER BY no;
DROP TABLE bench.step, bench.journeys, bench.paths;
