-- er and rate against sums and counts by hand.
SET client_min_messages = warning;
-- expense and revenue as money has them (four decimals), as an er can have them (nine), day of 730
CREATE UNLOGGED TABLE bench.money AS
SELECT (bench.dice(i, 1, 10000000) / 10000.0)::numeric(18,4) AS expense, (bench.dice(i, 2, 100000000) / 10000.0)::numeric(18,4) AS revenue,
       (bench.dice(i, 1, 1000000000000) / 1000000000.0)::numeric(20,9) AS fine_expense, (bench.dice(i, 2, 10000000000000) / 1000000000.0)::numeric(20,9) AS fine_revenue,
       bench.dice(i, 3, 1000) AS group_no, bench.dice(i, 4, 10) = 0 AS success
  FROM generate_series(1::bigint, :size) i;
-- states as a roll-up keeps them, a row per state, against the same sums as plain columns
CREATE UNLOGGED TABLE bench.state AS
SELECT er(expense, revenue) AS er, rate(success::int, 1) AS rate, expense, revenue, success::int::bigint AS successes, 1::bigint AS trials, group_no FROM bench.money;
CREATE UNLOGGED TABLE bench.small_state AS
SELECT group_no, id % 10 AS part, er_agg(expense, revenue) AS er FROM (SELECT *, row_number() OVER () AS id FROM bench.money) m GROUP BY 1, 2;
VACUUM ANALYZE bench.money, bench.state, bench.small_state;

SELECT bench.compare('er_agg', :size, '{dupex,sum / sum}', ARRAY[
    'SELECT er_ratio(er_agg(expense, revenue)) FROM bench.money', 'SELECT sum(expense) / nullif(sum(revenue), 0) FROM bench.money'], :size);
SELECT bench.compare('er_agg, 1,000 groups', :size, '{dupex,sum / sum}', ARRAY[
    'SELECT group_no, er_ratio(er_agg(expense, revenue)) FROM bench.money GROUP BY 1', 'SELECT group_no, sum(expense) / nullif(sum(revenue), 0) FROM bench.money GROUP BY 1'], :size);
SELECT bench.compare('er_agg, nine decimals', :size, '{dupex,sum / sum}', ARRAY[
    'SELECT er_ratio(er_agg(fine_expense, fine_revenue)) FROM bench.money', 'SELECT sum(fine_expense) / nullif(sum(fine_revenue), 0) FROM bench.money'], :size);
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SELECT bench.compare('er_agg, 2 workers', :size, '{dupex,sum / sum}', ARRAY[
    'SELECT er_ratio(er_agg(expense, revenue)) FROM bench.money', 'SELECT sum(expense) / nullif(sum(revenue), 0) FROM bench.money'], :size);
SELECT bench.compare('er_agg, 1,000 groups, 2 workers', :size, '{dupex,sum / sum}', ARRAY[
    'SELECT group_no, er_ratio(er_agg(expense, revenue)) FROM bench.money GROUP BY 1', 'SELECT group_no, sum(expense) / nullif(sum(revenue), 0) FROM bench.money GROUP BY 1'], :size);
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
SELECT bench.compare('rollup(er), a state per row', :size, '{dupex,sum / sum}', ARRAY[
    'SELECT er_ratio(rollup(er)) FROM bench.state', 'SELECT sum(expense) / nullif(sum(revenue), 0) FROM bench.state'], :size);
SELECT bench.compare('rollup(er), 10,000 states of all rows', :size, '{dupex,er_agg over the rows,sum / sum over the rows}', ARRAY[
    'SELECT group_no, er_ratio(rollup(er)) FROM bench.small_state GROUP BY 1', 'SELECT group_no, er_ratio(er_agg(expense, revenue)) FROM bench.money GROUP BY 1',
    'SELECT group_no, sum(expense) / nullif(sum(revenue), 0) FROM bench.money GROUP BY 1']);
SELECT bench.compare('rate_agg', :size, '{dupex,count filter / count}', ARRAY[
    'SELECT rate_value(rate_agg(success)) FROM bench.money', 'SELECT count(*) FILTER (WHERE success)::float8 / nullif(count(success), 0) FROM bench.money'], :size);
SELECT bench.compare('rate_agg, 1,000 groups', :size, '{dupex,count filter / count}', ARRAY[
    'SELECT group_no, rate_value(rate_agg(success)) FROM bench.money GROUP BY 1',
    'SELECT group_no, count(*) FILTER (WHERE success)::float8 / nullif(count(success), 0) FROM bench.money GROUP BY 1'], :size);
SELECT bench.compare('rollup(rate), a state per row', :size, '{dupex,sum / sum}', ARRAY[
    'SELECT rate_value(rollup(rate)) FROM bench.state', 'SELECT sum(successes)::float8 / nullif(sum(trials), 0)::float8 FROM bench.state'], :size);
DROP TABLE bench.money, bench.state, bench.small_state;
