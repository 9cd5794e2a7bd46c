-- Retention and cohorts: who comes back, how many of those who came in together, and what they bring.
--
-- The state of a person holds the distinct times of her events, nothing else. Which start, which
-- periods, which time zone, what counts as coming back: that is asked of the stored state, so one
-- state answers all of it.

CREATE TYPE activity;
CREATE FUNCTION activity_in(cstring) RETURNS activity
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_in';
CREATE FUNCTION activity_out(activity) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_out';
CREATE FUNCTION activity_recv(internal) RETURNS activity
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_recv';
CREATE FUNCTION activity_send(activity) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_send';
CREATE TYPE activity (INPUT = activity_in, OUTPUT = activity_out, RECEIVE = activity_recv, SEND = activity_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION activity_in(cstring) IS 'input of activity: {time, ...}, times in UTC and in order; 22P02 for anything else';
COMMENT ON FUNCTION activity_out(activity) IS 'output of activity: {time, ...}, times in UTC whatever the session''s zone';
COMMENT ON FUNCTION activity_recv(internal) IS 'binary input of activity: version, number of times, times; 22P03 for what activity_send cannot have sent';
COMMENT ON FUNCTION activity_send(activity) IS 'binary output of activity: version int1, number of times int4, each time int8 (microseconds since 2000 UTC)';
COMMENT ON TYPE activity IS
    'the distinct times at which one person did something, exactly, in few bytes: dates take one byte a day, times of whole seconds three each. Written {2026-01-31T10:15:00Z, 2026-02-14T00:00:00Z}';

-- not strict: the first event makes the state
CREATE FUNCTION activity_add(activity, timestamptz) RETURNS activity
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_add';
CREATE FUNCTION activity_combine(activity, activity) RETURNS activity
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_combine';
CREATE FUNCTION activity_final(activity) RETURNS activity
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_final';
COMMENT ON FUNCTION activity_add(activity, timestamptz) IS 'transition of retention_agg';
COMMENT ON FUNCTION activity_combine(activity, activity) IS 'transition of rollup, combine function of the aggregates';
COMMENT ON FUNCTION activity_final(activity) IS 'final function of the aggregates: brings the times into order and packs them';

CREATE AGGREGATE retention_agg(at timestamptz) (
    SFUNC = activity_add, STYPE = activity, COMBINEFUNC = activity_combine, FINALFUNC = activity_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE retention_agg(timestamptz) IS
    'the distinct times of a person''s events: GROUP BY person. A NULL is no event; NULL when there is none. Raises 22023 for an infinite time';

CREATE AGGREGATE rollup(activity) (
    SFUNC = activity_combine, STYPE = activity, COMBINEFUNC = activity_combine, FINALFUNC = activity_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(activity) IS 'puts activities of the same person together, without NULLs; NULL when there is none. What is in two of them counts once';

CREATE FUNCTION activity_first(activity) RETURNS timestamptz
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_first';
COMMENT ON FUNCTION activity_first(activity) IS 'the first time';
CREATE FUNCTION activity_last(activity) RETURNS timestamptz
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_last';
COMMENT ON FUNCTION activity_last(activity) IS 'the last time';
CREATE FUNCTION activity_count(activity) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_activity_count';
COMMENT ON FUNCTION activity_count(activity) IS 'the number of distinct times';
CREATE FUNCTION activity_times(activity) RETURNS SETOF timestamptz
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10 AS 'MODULE_PATHNAME', 'dupex_activity_times_rows';
COMMENT ON FUNCTION activity_times(activity) IS 'the times in order, a row each';

-- periods of single events: for GROUP BY, with any aggregate

CREATE FUNCTION period_number(at timestamptz, origin timestamptz, period text, zone text DEFAULT 'UTC', week_start integer DEFAULT 1, rolling boolean DEFAULT false) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_period_number';
COMMENT ON FUNCTION period_number(timestamptz, timestamptz, text, text, integer, boolean) IS
    'the number of the period that at lies in, 0 being that of the origin; NULL before the origin. Periods: hour, day, week, month, quarter, year. By the calendar of the time zone zone (weeks begin on week_start, 1 Monday to 7 Sunday); hours are full ones on the clock of the origin. rolling: counted from the origin itself, in hours, 24 hours, 7, 30, 90 or 365 times 24 hours. Raises 22023 for another period, zone or day, and for an infinite time';

CREATE FUNCTION period_start(at timestamptz, period text, zone text DEFAULT 'UTC', week_start integer DEFAULT 1) RETURNS date
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_period_start';
COMMENT ON FUNCTION period_start(timestamptz, text, text, integer) IS
    'the first day of the calendar period (day, week, month, quarter, year) of the time zone that at lies in. Raises 22023 for another period, zone or day of the week, and for an infinite time';

-- not strict: NULL is the activity of somebody who never came back
CREATE FUNCTION retained(activity activity, origin timestamptz, period text DEFAULT 'day', zone text DEFAULT 'UTC', observed_until timestamptz DEFAULT now(),
        mode text DEFAULT 'on', brackets text DEFAULT NULL, week_start integer DEFAULT 1, rolling boolean DEFAULT false) RETURNS bit varying
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_retained';
COMMENT ON FUNCTION retained(activity, timestamptz, text, text, timestamptz, text, text, integer, boolean) IS
    'in which periods after the origin a person came back, as bits: bit n is 1 where the person counts in period n (0 is that of the origin), 0 where not, and there is no bit n as long as period n is not over at observed_until. What is before the origin or after observed_until does not count. Mode on: was active in period n; on_or_after: in period n or later; within: in period n or before. brackets, such as 0, 1-3, 4-7, 8-30, 31-: a bit for each of these ranges of periods (mode on). Periods, zone, week_start, rolling: see period_number. NULL as activity is nobody''s: all bits are 0; NULL when another argument but brackets is NULL. Raises 22023 for another mode, period, zone, day of the week, for brackets that do not rise, an infinite time; 54000 for more than a million periods';

CREATE TYPE retention_counts;
CREATE FUNCTION retention_counts_in(cstring) RETURNS retention_counts
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_in';
CREATE FUNCTION retention_counts_out(retention_counts) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_out';
CREATE FUNCTION retention_counts_recv(internal) RETURNS retention_counts
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_recv';
CREATE FUNCTION retention_counts_send(retention_counts) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_send';
CREATE TYPE retention_counts (INPUT = retention_counts_in, OUTPUT = retention_counts_out, RECEIVE = retention_counts_recv, SEND = retention_counts_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON FUNCTION retention_counts_in(cstring) IS 'input of retention_counts: {observed people before, ...} of total; 22P02 for anything else and for counts that cannot be';
COMMENT ON FUNCTION retention_counts_out(retention_counts) IS 'output of retention_counts: {observed people before, ...} of total';
COMMENT ON FUNCTION retention_counts_recv(internal) IS 'binary input of retention_counts; 22P03 for what retention_counts_send cannot have sent';
COMMENT ON FUNCTION retention_counts_send(retention_counts) IS 'binary output of retention_counts: version int1, total int8, number of periods int4, of each observed, people, before int8';
COMMENT ON TYPE retention_counts IS
    'a sum of bit strings of retained(): of each period the people for whom it is over, those of them who count in it, and those of them who count in the period before; and the number of all people. Written {10 10 0, 9 7 9} of 10';

CREATE FUNCTION retention_counts_add(retention_counts, bit varying) RETURNS retention_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_add';
CREATE FUNCTION retention_counts_combine(retention_counts, retention_counts) RETURNS retention_counts
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_combine';
CREATE FUNCTION retention_counts_final(retention_counts) RETURNS retention_counts
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_final';
COMMENT ON FUNCTION retention_counts_add(retention_counts, bit varying) IS 'transition of retention_counts_agg';
COMMENT ON FUNCTION retention_counts_combine(retention_counts, retention_counts) IS 'transition of rollup, combine function of the aggregates';
COMMENT ON FUNCTION retention_counts_final(retention_counts) IS 'final function of the aggregates';

CREATE AGGREGATE retention_counts_agg(retained bit varying) (
    SFUNC = retention_counts_add, STYPE = retention_counts, COMBINEFUNC = retention_counts_combine, FINALFUNC = retention_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE retention_counts_agg(bit varying) IS
    'adds up people, each a bit string of retained(): GROUP BY cohort. NULL is nobody; NULL when there is nobody. Raises 54000 for more than a million periods';

CREATE AGGREGATE rollup(retention_counts) (
    SFUNC = retention_counts_combine, STYPE = retention_counts, COMBINEFUNC = retention_counts_combine, FINALFUNC = retention_counts_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(retention_counts) IS 'adds up counts of different people, without NULLs; NULL when there is none';

CREATE FUNCTION retention_counts_people(retention_counts) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_retention_counts_people';
COMMENT ON FUNCTION retention_counts_people(retention_counts) IS 'number of people, also of those for whom no period is over yet';

CREATE FUNCTION retention_curve(counts retention_counts, confidence float8 DEFAULT 0.95, OUT period_no integer, OUT observed bigint, OUT people bigint, OUT rate float8,
        OUT rate_lower float8, OUT rate_upper float8, OUT share_of_previous float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20 COST 100 AS 'MODULE_PATHNAME', 'dupex_retention_curve';
COMMENT ON FUNCTION retention_curve(retention_counts, float8) IS
    'the curve of retention, a row a period (or bracket, counted from 0) that is over for somebody. observed: people for whom it is over; people: those of them who count in it; rate: people / observed, with its Wilson interval; share_of_previous: people / those of the observed who count in the period before, NULL when there are none. Raises 22023 for a confidence that is not between 0 and 1';

-- the whole table at once

-- not strict: brackets, cohort_period and max_periods may be NULL
CREATE FUNCTION cohort_table(query text, period text DEFAULT 'month', zone text DEFAULT 'UTC', observed_until timestamptz DEFAULT now(), mode text DEFAULT 'on', brackets text DEFAULT NULL,
        cohort_period text DEFAULT NULL, entry text DEFAULT 'first', max_periods integer DEFAULT NULL, week_start integer DEFAULT 1, rolling boolean DEFAULT false, confidence float8 DEFAULT 0.95,
        OUT cohort date, OUT period_no integer, OUT cohort_size bigint, OUT people bigint, OUT rate float8, OUT value numeric, OUT period_to integer, OUT observed bigint,
        OUT rate_lower float8, OUT rate_upper float8, OUT share_of_previous float8, OUT group_value text) RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 500 COST 100000 AS 'MODULE_PATHNAME', 'dupex_cohort_table';
COMMENT ON FUNCTION cohort_table(text, text, text, timestamptz, text, text, text, text, integer, integer, boolean, float8) IS
    'cohorts of people by the period of their start, and how many of each came back in the periods after it: a row a group, cohort and period, 0 being that of the start. query returns (person bigint or text, at timestamptz), a row an event, and behind them in any order: a number, the value; a text, the group; a boolean, whether the event is a start; a second boolean, whether it is a return. Without booleans each event is both, with one each event is either. A person belongs to the cohort and group of the first start (entry first), or to each cohort with a start (entry every). period, zone, week_start, rolling: as period_number; mode, brackets: as retained. cohort_period: of the cohorts'' dates, NULL: period (day where that is hour). max_periods: rows a cohort, NULL: all. Events after observed_until do not count.
cohort: first day of the period; cohort_size: its people; observed: those of them for whom the period is over at observed_until; people: those of the observed who count; rate = people / observed with its Wilson interval rate_lower, rate_upper; share_of_previous: people / those of the observed who count in the row before; value: sum of the values of the returns that count, exactly. Where the period is not over for anybody observed is 0, and people, rate, value are NULL. period_to: last period of the row, NULL when open.
Rows without person or time are left out. People are put together within work_mem, in temporary files beyond it. Raises 22023 for an argument that means nothing and for an infinite time, 22004 for a NULL, 42804 for a query with other columns, 22003 for a value with more than 9 decimals or 18 digits before the point, 54000 beyond 10,000,000 cells';
