-- The jobs: steps in order, each logged; a failing one stops no other; inside a transaction and
-- from SELECT; one run at a time is in test/t/030_jobs.pl. Here is no pg_cron: what the
-- functions say then.
SET client_min_messages = error;
SELECT dupex.install('jobs_test') IS NOT NULL AS installed;
RESET client_min_messages;
\set VERBOSITY terse
SET search_path = jobs_test, dupex, public;

-- the steps that every marketing database has
SELECT job, step_no, step, command, is_enabled, is_repeated FROM job_step ORDER BY 1, 2;

-- steps of our own: they note what they were given
CREATE TABLE jobs_test.note (note_id int GENERATED ALWAYS AS IDENTITY, step text, as_of timestamptz, path text);
CREATE FUNCTION jobs_test.take_note(step text, as_of timestamptz) RETURNS bigint LANGUAGE sql AS
    $$INSERT INTO jobs_test.note (step, as_of, path) VALUES ($1, $2, current_setting('search_path')); SELECT 1::bigint$$;
DELETE FROM job_step;
INSERT INTO job_step (job, step_no, step, command, is_enabled) VALUES
    ('run_daily', 30, 'third',  'SELECT take_note(''third'', $1) + 2', true),
    ('run_daily', 10, 'first',  'SELECT take_note(''first'', $1)', true),
    ('run_daily', 20, 'second', 'SELECT take_note(''second'', $1) / 0', true),
    ('run_daily', 25, 'off',    'SELECT take_note(''off'', $1)', false),
    ('run_daily', 40, 'no such table', 'SELECT count(*) FROM no_such_table', true),
    ('run_daily', 50, 'not a number', 'SELECT ''many''', true),
    ('run_daily', 60, 'asserts', 'SELECT asserts($1)', true),
    ('run_daily', 70, 'last',   'SELECT NULL::bigint', true),
    ('run_hourly', 10, 'hourly', 'SELECT take_note(''hourly'', $1)', true);
CREATE FUNCTION jobs_test.asserts(timestamptz) RETURNS bigint LANGUAGE plpgsql AS
    $$BEGIN ASSERT false, 'never'; RETURN 1; END$$;

-- the procedure pins no search path, and needs none
SET search_path = pg_catalog;
CALL jobs_test.run_daily('2008-03-01 02:15+00');
SET search_path = jobs_test, dupex, public;
SELECT job, step, as_of AT TIME ZONE 'UTC' AS as_of, rows, status, sqlstate, error FROM job_run ORDER BY job_run_id;
SELECT bool_and(ended_at >= started_at AND started_at > now() - interval '1 hour' AND run_by = current_user) AS times_and_role_are_right FROM job_run;
SELECT step, as_of AT TIME ZONE 'UTC' AS as_of, path FROM jobs_test.note ORDER BY note_id;
-- the lock is given back
SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();

-- each step is a transaction of its own, but inside a transaction block all are one
UPDATE job_step SET is_enabled = step IN ('first', 'third', 'hourly');
CREATE FUNCTION jobs_test.transactions() RETURNS TABLE (runs bigint, transactions bigint) LANGUAGE sql AS
    $$SELECT count(*), count(DISTINCT xmin::text) FROM jobs_test.job_run WHERE as_of = '2008-03-02 02:15+00'$$;
CALL run_daily('2008-03-02 02:15+00');
SELECT * FROM transactions();
DELETE FROM job_run;
BEGIN;
CALL run_daily('2008-03-02 02:15+00');
SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
COMMIT;
SELECT * FROM transactions();
BEGIN;
CALL run_daily('2008-03-02 02:15+00');
ROLLBACK;
SELECT * FROM transactions();
SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
-- several statements in one message are a transaction too, and so is a function; a DO block is none
CALL run_daily('2008-03-02 02:15+00')\; SELECT 1 AS one;
CREATE FUNCTION jobs_test.calls() RETURNS void LANGUAGE plpgsql AS $$BEGIN CALL jobs_test.run_daily('2008-03-02 02:15+00'); END$$;
SELECT calls();
DO $$BEGIN CALL jobs_test.run_daily('2008-03-02 02:15+00'); END$$;
-- a block with an EXCEPTION clause forbids commits as well
DO $$BEGIN CALL jobs_test.run_daily('2008-03-02 02:15+00'); EXCEPTION WHEN division_by_zero THEN NULL; END$$;
SELECT * FROM transactions();
SELECT dupex.may_commit();
DO $$BEGIN RAISE NOTICE 'may commit: %', dupex.may_commit(); END$$;

-- for who can only SELECT
SELECT job, step, rows, status FROM run_steps('run_daily', '2008-03-03 02:15+00');
SELECT job, step, rows, status FROM run_steps('run_hourly', '2008-03-03 02:15+00');
CALL run_hourly('2008-03-03 03:15+00');
CALL run_hourly();
SELECT step, as_of BETWEEN now() - interval '1 minute' AND now() AS took_the_clock, status FROM job_run ORDER BY job_run_id DESC LIMIT 1;

-- a repeated step runs until it has no more to do; its rows are added up, each batch is committed;
-- where one fails, what was done stays done
CREATE TABLE jobs_test.batch (n int);
CREATE FUNCTION jobs_test.do_batch(batches int, fails_after int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    done int := (SELECT count(*) FROM jobs_test.batch);
BEGIN
    IF done >= fails_after THEN RAISE EXCEPTION 'batch % failed', done + 1; END IF;
    IF done >= batches THEN RETURN 0; END IF;
    INSERT INTO jobs_test.batch VALUES (done + 1);
    RETURN 10;
END $$;
INSERT INTO job_step (job, step_no, step, command, is_repeated) VALUES ('run_daily', 80, 'repeated', 'SELECT do_batch(3, 99)', true);
UPDATE job_step SET is_enabled = (step = 'repeated');
DELETE FROM job_run;
CALL run_daily('2008-03-03 05:00+00');
SELECT count(*) AS batches, count(DISTINCT xmin::text) AS transactions FROM jobs_test.batch;
UPDATE job_step SET command = 'SELECT do_batch(9, 5)' WHERE step = 'repeated';
CALL run_daily('2008-03-03 05:00+00');
SELECT count(*) AS batches, count(DISTINCT xmin::text) AS transactions FROM jobs_test.batch;
UPDATE job_step SET command = 'SELECT do_batch(9, 99)' WHERE step = 'repeated';
SELECT step, rows, status FROM run_steps('run_daily', '2008-03-03 05:00+00');
SELECT step, rows, status, sqlstate, error, ended_at IS NOT NULL AS ended FROM job_run ORDER BY job_run_id;
DELETE FROM job_step WHERE step = 'repeated';
UPDATE job_step SET is_enabled = step IN ('first', 'third', 'hourly');

-- a session that is in a job starts no second one
UPDATE job_step SET command = 'SELECT count(*) FROM run_steps(''run_hourly'', $1)' WHERE step = 'first';
DELETE FROM job_run;
CALL run_daily('2008-03-04 02:15+00');
SELECT job, step, status FROM job_run ORDER BY job_run_id;

-- a step that an interrupted run has left is called so by the next one
DELETE FROM job_run;
INSERT INTO job_run (job, step, as_of, started_at, status) VALUES
    ('run_daily', 'first', '2008-03-05 02:15+00', '2008-03-05 02:15+00', 'running'),
    ('run_hourly', 'hourly', '2008-03-05 02:15+00', '2008-03-05 02:15+00', 'running');
UPDATE job_step SET is_enabled = false WHERE job = 'run_daily';
CALL run_daily('2008-03-06 02:15+00');
SELECT job, step, status, error, ended_at FROM job_run ORDER BY job_run_id;

-- old runs are purged, as seen from as_of: 366 days from 2007-01-01 to 2008-01-01
DELETE FROM job_run;
INSERT INTO job_run (job, step, as_of, started_at, ended_at, status)
SELECT 'run_daily', 'first', t, t, t, 'done' FROM generate_series(timestamptz '2007-01-01 00:00+00', '2008-01-01 00:00+00', '1 day') t;
SELECT purge_job_runs('2008-01-15 00:00+00') AS none;
SELECT purge_job_runs('2008-02-06 00:00+00') AS first_day;
SELECT purge_job_runs('2008-02-06 00:00+00') AS nothing_more;
UPDATE setting SET value = '31' WHERE setting = 'keep_job_runs_days';
SELECT purge_job_runs('2008-01-01 00:00+00') AS january_to_november;
SELECT count(*), min(started_at) AT TIME ZONE 'UTC' AS oldest FROM job_run;
DELETE FROM setting WHERE setting = 'keep_job_runs_days';
SELECT purge_job_runs();
INSERT INTO setting VALUES ('keep_job_runs_days', 'a year', 'test');
SELECT purge_job_runs();

-- what counts as a number: setting_number() is asked wherever a setting is one
CREATE TEMP TABLE written (value text, whole boolean, otherwise text);
INSERT INTO written VALUES ('7', true, NULL), (' 7 ', true, NULL), ('7', false, NULL), ('7.', false, NULL), ('.5', false, NULL), (' 0.50 ', false, NULL), ('0', false, NULL),
    ('10', false, NULL), ('capacity', false, 'capacity'), (' capacity', true, 'capacity'),
    ('7.0', true, NULL), ('10.000001', false, NULL), ('11', true, NULL), ('-1', false, NULL), ('+1', true, NULL), ('1e0', false, NULL), ('NaN', false, NULL), ('Infinity', false, NULL),
    ('', false, NULL), ('.', false, NULL), ('1 2', true, NULL), ('1,5', false, NULL), ('99999999999999999999', true, NULL), ('capacity', false, NULL), ('Capacity', false, 'capacity');
CREATE FUNCTION said(written) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
    UPDATE setting SET value = $1.value WHERE setting = 'keep_job_runs_days';
    RETURN coalesce(setting_number('keep_job_runs_days', 0, 10, $1.whole, $1.otherwise)::text, 'as ' || $1.otherwise);
EXCEPTION WHEN invalid_parameter_value THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLERRM || '. ' || hint;
END $$;
SELECT said(w) FROM written w;
DROP FUNCTION said(written);
DROP TABLE written;

-- wrong arguments
CALL run_daily(NULL);
SELECT * FROM run_steps('nightly');
SELECT * FROM run_steps(NULL);

-- pg_cron: not here
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT * FROM cron_state();
SELECT schedule_jobs();
SELECT unschedule_jobs();
SELECT replace(cron_commands(), quote_literal(current_user), '''me''') AS statement;
SELECT cron_commands(unschedule => true);
-- schedules are settings
UPDATE setting SET value = '30 22 * * 1-5' WHERE setting = 'job_daily_schedule';
DELETE FROM setting WHERE setting = 'job_hourly_schedule';
SELECT * FROM cron_jobs();

-- names of jobs: at most 63 bytes, in whole characters, and different for different schemas
SET client_min_messages = error;
SELECT dupex.install('Vertrieb "Süd": ein sehr langer Name für ein Schema, der paßt') IS NOT NULL AS installed;
SELECT nspname AS long_schema FROM pg_namespace WHERE nspname LIKE 'Vertrieb%' \gset
RESET client_min_messages;
SELECT job, octet_length(job_name) AS bytes, job_name, command FROM :"long_schema".cron_jobs();
-- and everything that looks its own tables up works in a schema whose name must be quoted
CALL :"long_schema".run_daily('2008-03-01 02:15+00');
SELECT status, count(*) = (SELECT count(*) FROM :"long_schema".job_step WHERE job = 'run_daily' AND is_enabled) AS all_steps FROM :"long_schema".job_run GROUP BY status;
SELECT one.customer_id AS one, other.customer_id AS other FROM :"long_schema".register_customer(name => 'One', request_id => 'r1') one, :"long_schema".register_customer(name => 'Other', request_id => 'r2') other \gset
SELECT was_already_merged FROM :"long_schema".merge_customers(:one, :other, request_id => 'm1');
SELECT :"long_schema".export_person(:one)::text LIKE '%"One"%' AS exported;
CREATE ROLE long_manager;
SELECT :"long_schema".grant_access('long_manager', 'manager') ~ 'rights on \d{3} objects' AS granted;
SELECT :"long_schema".revoke_access('long_manager') IS NOT NULL AS revoked;
DROP ROLE long_manager;
SELECT * FROM :"long_schema".check_integrity() WHERE problems > 0;

SET client_min_messages = error;
DROP SCHEMA :"long_schema" CASCADE;
DROP SCHEMA jobs_test CASCADE;
