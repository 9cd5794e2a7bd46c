-- funnel: the events of a person, and how far they got through a sequence of steps.
--
-- The state holds times and steps. Window, number of steps, mode, entry and rules are asked of it,
-- so one stored state answers many questions, and a new day's events are added to it by rollup().

CREATE TYPE funnel;
CREATE FUNCTION funnel_in(cstring) RETURNS funnel
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_funnel_in';
CREATE FUNCTION funnel_out(funnel) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_funnel_out';
CREATE FUNCTION funnel_recv(internal) RETURNS funnel
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_funnel_recv';
CREATE FUNCTION funnel_send(funnel) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_funnel_send';
CREATE TYPE funnel (INPUT = funnel_in, OUTPUT = funnel_out, RECEIVE = funnel_recv, SEND = funnel_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended);
COMMENT ON FUNCTION funnel_in(cstring) IS 'input of funnel: {time steps, ...}, times in UTC and in order, steps as a number; 22P02 for anything else';
COMMENT ON FUNCTION funnel_out(funnel) IS 'output of funnel: {time steps, ...}, times in UTC whatever the session''s zone, steps as a number of 32 bits without sign';
COMMENT ON FUNCTION funnel_recv(internal) IS 'binary input of funnel: version, number of events, events; 22P03 for what funnel_send cannot have sent';
COMMENT ON FUNCTION funnel_send(funnel) IS 'binary output of funnel: version int1, number of events int4; of each time int8 (microseconds since 2000 UTC) and steps int4';
COMMENT ON TYPE funnel IS
    'the events of a person: time and a bit for each step (step 1 is 1, step 2 is 2, step 3 is 4, to step 32), 0 for an event that is none; 12 bytes each; written {2026-01-31T10:15:00Z 1, 2026-02-02T08:00:00Z 2}. Of events of one instant with the same steps as many are kept as they have steps: more can make no difference';

-- not strict: an event may be no step
CREATE FUNCTION funnel_add(funnel, timestamptz, integer) RETURNS funnel
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_funnel_add';
CREATE FUNCTION funnel_combine(funnel, funnel) RETURNS funnel
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_funnel_combine';
CREATE FUNCTION funnel_final(funnel) RETURNS funnel
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_funnel_final';
COMMENT ON FUNCTION funnel_add(funnel, timestamptz, integer) IS 'transition of funnel_agg';
COMMENT ON FUNCTION funnel_combine(funnel, funnel) IS 'transition of rollup, combine function of the aggregates';
COMMENT ON FUNCTION funnel_final(funnel) IS 'final function of the aggregates: brings the events into order';

CREATE AGGREGATE funnel_agg(at timestamptz, steps integer) (
    SFUNC = funnel_add, STYPE = funnel, SSPACE = 128, COMBINEFUNC = funnel_combine, FINALFUNC = funnel_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE funnel_agg(timestamptz, integer) IS
    'the events of a person: GROUP BY person. steps has a bit for each step that the event is (step 1 is 1, step 2 is 2, step 3 is 4); 0 or NULL for one that is none, which matters in mode strict_order only: else leave these out with FILTER (WHERE steps <> 0). A row without time is left out; NULL when no row is left. Raises 22023 for a time that is infinite or not in the years 1 to 9999';

CREATE AGGREGATE rollup(funnel) (
    SFUNC = funnel_combine, STYPE = funnel, SSPACE = 128, COMBINEFUNC = funnel_combine, FINALFUNC = funnel_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(funnel) IS 'puts funnels of the same person together, without NULLs; NULL when there is none. An event that is one step is there once, however often it was added';

CREATE TYPE funnel_rules AS (min_gaps interval[], max_gaps interval[], optional_steps integer[], exclusions integer[]);
COMMENT ON TYPE funnel_rules IS 'what else is asked of the way through a funnel; make one with funnel_rules(...)';
COMMENT ON COLUMN funnel_rules.min_gaps IS 'element i: the shortest time from step i to step i + 1; NULL for any';
COMMENT ON COLUMN funnel_rules.max_gaps IS 'element i: the longest time from step i to step i + 1; NULL for any';
COMMENT ON COLUMN funnel_rules.optional_steps IS 'steps that may be left out';
COMMENT ON COLUMN funnel_rules.exclusions IS '{event, after, before} each: events that end the way when they come between two steps';

CREATE FUNCTION funnel_rules(min_gaps interval[] DEFAULT NULL, max_gaps interval[] DEFAULT NULL, optional_steps integer[] DEFAULT NULL, exclusions integer[] DEFAULT NULL) RETURNS funnel_rules
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ROW(min_gaps, max_gaps, optional_steps, exclusions)::funnel_rules;
COMMENT ON FUNCTION funnel_rules(interval[], interval[], integer[], integer[]) IS
    'rules for the functions of funnels; name the arguments. min_gaps, max_gaps: element i is for the way to step i + 1 from the step taken before it, inclusive, NULL for any; optional_steps: numbers of steps that may be left out, neither the first nor the last; exclusions: {{event, after, before}, ...}, an event (a number from 1 to 32 as those of steps, also behind the last step) that ends the way of those who have got to step after and not yet to step before. They are checked where they are used';

CREATE FUNCTION funnel_level(funnel, within interval, step_count integer, mode text DEFAULT 'default', entry text DEFAULT 'best', rules funnel_rules DEFAULT NULL) RETURNS integer
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_funnel_level';
COMMENT ON FUNCTION funnel_level(funnel, interval, integer, text, text, funnel_rules) IS
    'the furthest step, 0 for none. within: from the first to the last step, inclusive, in days and hours; step_count: 1 to 32. mode: default (other events may come between), strict_order (no event that is none of the steps so far or next), strict_dedup (no step but the first twice), strict_increase (each step later than the one before), strict_once (an event is one step only). entry: first (from the first event of step 1), best (from whichever gets furthest), every (as first, and again when the way has ended: completed, run out of time, or broken; the best of these). Events of the same instant are in no order: whatever order gets furthest counts. NULL when an argument but rules is NULL. Raises 22023 for a negative window, one with months, an unknown mode or entry, and rules that contradict each other, 54000 for more than 32 steps';

CREATE FUNCTION funnel_chain(funnel, within interval, step_count integer, mode text DEFAULT 'default', entry text DEFAULT 'best', rules funnel_rules DEFAULT NULL) RETURNS timestamptz[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_funnel_chain';
COMMENT ON FUNCTION funnel_chain(funnel, interval, integer, text, text, funnel_rules) IS
    'when the steps were taken, as many elements as funnel_level (same arguments and errors), NULL for an optional step left out, empty for nobody who began. Of the ways that get furthest it is the one that is the first to get there, of these the one that began last, of these the one with each step as early as possible';

CREATE FUNCTION funnel_step_times(funnel, within interval, step_count integer, mode text DEFAULT 'default', entry text DEFAULT 'best', rules funnel_rules DEFAULT NULL) RETURNS interval[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_funnel_step_times';
COMMENT ON FUNCTION funnel_step_times(funnel, interval, integer, text, text, funnel_rules) IS
    'how long each step took: element i is the time since the step taken before, 0 for the first step, of the way that funnel_chain gives (same arguments and errors)';

CREATE FUNCTION funnel_total_time(funnel, within interval, step_count integer, mode text DEFAULT 'default', entry text DEFAULT 'best', rules funnel_rules DEFAULT NULL) RETURNS interval
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_funnel_total_time';
COMMENT ON FUNCTION funnel_total_time(funnel, interval, integer, text, text, funnel_rules) IS
    'the time from the first to the last step of the way that funnel_chain gives (same arguments and errors); NULL for who did not get to the last step';

CREATE FUNCTION funnel_completions(funnel, within interval, step_count integer, mode text DEFAULT 'default', entry text DEFAULT 'best', rules funnel_rules DEFAULT NULL) RETURNS integer
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_funnel_completions';
COMMENT ON FUNCTION funnel_completions(funnel, interval, integer, text, text, funnel_rules) IS
    'how often the person went through all steps, one time after the other (arguments and errors of funnel_level). entry best: as often as possible; every: of the attempts of funnel_attempts; first: 0 or 1';

CREATE FUNCTION funnel_attempts(funnel, within interval, step_count integer, mode text DEFAULT 'default', entry text DEFAULT 'every', rules funnel_rules DEFAULT NULL,
    OUT attempt_no integer, OUT level integer, OUT chain timestamptz[]) RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 2 AS 'MODULE_PATHNAME', 'dupex_funnel_attempts';
COMMENT ON FUNCTION funnel_attempts(funnel, interval, integer, text, text, funnel_rules) IS
    'one attempt after the other: furthest step and times of the steps (arguments and errors of funnel_level). With entry every an attempt begins with the first event of step 1 behind the end of the one before: behind its last step, or where its time had run out or it was broken. With best the next one begins behind a way through all steps, and what did not get through comes last';

CREATE FUNCTION funnel_table(query text, within interval, step_count integer DEFAULT NULL, mode text DEFAULT 'default', entry text DEFAULT 'best', rules funnel_rules DEFAULT NULL, percentile float8 DEFAULT 0.9,
    OUT group_value text, OUT step_no integer, OUT people bigint, OUT share_of_first float8, OUT share_of_previous float8, OUT median_time interval,
    OUT percentile_time interval, OUT median_total_time interval, OUT percentile_total_time interval) RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE COST 100000 ROWS 5 AS 'MODULE_PATHNAME', 'dupex_funnel_table';
COMMENT ON FUNCTION funnel_table(text, interval, integer, text, text, funnel_rules, float8) IS
    'a funnel over all people of a query, which returns (person bigint or text, at timestamptz, steps int [, group_value text]) in any order and is run with the rights of the caller, read only. A row a step, and these for each group: a person counts once, in the group of the event with which the way begins (of several at one instant, the first in the order of bytes), so that groups add up; with entry every each attempt counts. people: who took the step; share_of_first, share_of_previous: among those of step 1, and of the last step before it that is not optional, 0..1, NULL when there are none; median_time, percentile_time: time since the step before, of those who took it, percentile being a fraction (between two values as percentile_cont does it); median_total_time, percentile_total_time: since step 1. step_count NULL: the last step that occurs. Rows without person or time are left out. Other arguments and errors as those of funnel_level; 42804 for a query of other columns, 22004 for NULL. Keeps within work_mem, and in temporary files beyond it, but for the groups and for the events of a single person';
