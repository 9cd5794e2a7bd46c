-- The jobs: run_daily() and run_hourly(), which run the steps of table job_step.
--
-- A run takes the lock of its job, then does step after step: each leaves a row in job_run, and
-- is committed for itself, so that what is done stays done and a step that fails stops no other.
-- The procedures commit, so they can have neither a SET clause nor an EXCEPTION clause: they name
-- everything with its schema and leave the work to functions that pin their search path.
-- Where they may not commit (inside a transaction), the whole run is one transaction.
-- pg_cron comes in 82_cron.sql; nothing here knows of it.

CREATE OR REPLACE FUNCTION job_lock_key(job text) RETURNS bigint
    LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN hashtextextended(format('dupex %I %s', current_schema(), job), 0);
END
$$;
COMMENT ON FUNCTION job_lock_key(text) IS 'key of the advisory lock that a run of the job holds, by schema and job';

CREATE OR REPLACE FUNCTION begin_job(job text, as_of timestamptz, keep_after_commit boolean) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    IF as_of IS NULL THEN
        RAISE EXCEPTION 'as_of must not be NULL'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave it away for now().';
    ELSIF begin_job.job IS NULL OR begin_job.job NOT IN ('run_daily', 'run_hourly') THEN
        RAISE EXCEPTION 'there is no job "%"', begin_job.job
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The jobs are run_daily and run_hourly.';
    ELSIF job_lock(job_lock_key(begin_job.job), keep_after_commit) THEN
        -- nobody else has the lock, so a step still called running has not come to its end
        UPDATE job_run r SET status = 'failed', error = 'interrupted: the session or the server ended while the step ran'
         WHERE r.job = begin_job.job AND r.status = 'running';
        RETURN NULL;
    END IF;
    RAISE NOTICE '% is running already: nothing done', begin_job.job
        USING HINT = 'Table job_run says what it is at.';
    INSERT INTO job_run (job, step, as_of, started_at, ended_at, status)
    VALUES (begin_job.job, 'all steps', begin_job.as_of, clock_timestamp(), clock_timestamp(), 'skipped')
    RETURNING job_run_id INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION begin_job(text, timestamptz, boolean) IS 'takes the lock of a job, marks the steps that an earlier run did not finish, and returns NULL; while another run has the lock, returns the key of a row "skipped" in job_run, with a notice. 22023 for an unknown job, 22004 for no time. A part of run_job()';

CREATE OR REPLACE FUNCTION begin_job_step(job text, step_no int, as_of timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    INSERT INTO job_run (job, step, as_of, started_at, status)
    SELECT s.job, s.step, begin_job_step.as_of, clock_timestamp(), 'running'
      FROM job_step s WHERE s.job = begin_job_step.job AND s.step_no = begin_job_step.step_no
    RETURNING job_run_id INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION begin_job_step(text, int, timestamptz) IS 'writes the row "running" of a step into job_run and returns its key. A part of run_job()';

CREATE OR REPLACE FUNCTION run_job_step(job_run_id bigint) RETURNS text
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    run      job_run;
    query    text;
    repeated boolean;
    changed  bigint;
    state    text;
    message  text;
    detail   text;
    hint     text;
BEGIN
    SELECT * INTO run FROM job_run r WHERE r.job_run_id = run_job_step.job_run_id;
    SELECT s.command, s.is_repeated INTO query, repeated FROM job_step s WHERE s.job = run.job AND s.step = run.step;
    BEGIN
        EXECUTE query INTO changed USING run.as_of;
    EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        message := concat_ws('; ', message, nullif(detail, ''), nullif(hint, ''));
        RAISE WARNING 'step "%" of % failed: %', run.step, run.job, message USING ERRCODE = state;
    END;
    repeated := repeated AND state IS NULL AND changed > 0;
    UPDATE job_run r
       SET ended_at = CASE WHEN NOT repeated THEN clock_timestamp() END, rows = CASE WHEN changed IS NULL THEN r.rows ELSE coalesce(r.rows, 0) + changed END,
           sqlstate = state, error = message, status = CASE WHEN state IS NOT NULL THEN 'failed' WHEN repeated THEN 'running' ELSE 'done' END
     WHERE r.job_run_id = run_job_step.job_run_id;
    RETURN state;
END
$$;
COMMENT ON FUNCTION run_job_step(bigint) IS 'runs the step of a row of job_run and completes the row, which stays "running" while a repeated step has more to do; an error is caught, written there and raised as a warning. Returns the SQLSTATE, NULL when it went well. A part of run_job()';

CREATE OR REPLACE FUNCTION job_step_is_running(job_run_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN EXISTS (SELECT FROM job_run r WHERE r.job_run_id = job_step_is_running.job_run_id AND r.status = 'running');
END
$$;
COMMENT ON FUNCTION job_step_is_running(bigint) IS 'whether the repeated step of a row of job_run has more to do. A part of run_job()';

CREATE OR REPLACE FUNCTION job_step_numbers(job text) RETURNS int[]
    LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT coalesce(array_agg(s.step_no::int ORDER BY s.step_no), '{}') FROM job_step s WHERE s.job = job_step_numbers.job AND s.is_enabled);
END
$$;
COMMENT ON FUNCTION job_step_numbers(text) IS 'numbers of the steps of a job that are switched on, in order; empty when there are none. A part of run_job()';

CREATE OR REPLACE FUNCTION run_steps(job text, as_of timestamptz DEFAULT now()) RETURNS SETOF job_run
    LANGUAGE plpgsql ROWS 10 SET search_path FROM CURRENT AS
$$
DECLARE
    step_no int;
    run     bigint;
    state   text;
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN;                                 -- a standby gets its rows from the primary
    END IF;
    run := begin_job(run_steps.job, run_steps.as_of, false);
    IF run IS NOT NULL THEN
        RETURN QUERY SELECT * FROM job_run r WHERE r.job_run_id = run;
        RETURN;
    END IF;
    FOREACH step_no IN ARRAY job_step_numbers(run_steps.job) LOOP
        run := begin_job_step(run_steps.job, step_no, run_steps.as_of);
        LOOP
            state := run_job_step(run);
            EXIT WHEN NOT job_step_is_running(run);
        END LOOP;
        IF state = '57014' THEN
            RAISE EXCEPTION '% was cancelled', run_steps.job
                USING ERRCODE = 'query_canceled', HINT = 'Call it again: nothing is done of this run.';
        END IF;
        RETURN QUERY SELECT * FROM job_run r WHERE r.job_run_id = run;
    END LOOP;
END
$$;
COMMENT ON FUNCTION run_steps(text, timestamptz) IS 'runs the steps of a job (run_daily, run_hourly) as the procedure of that name does, but all in the transaction of the caller, and returns their rows of job_run: for tools that can only SELECT';

CREATE OR REPLACE PROCEDURE run_job(job text, as_of timestamptz)
    LANGUAGE plpgsql AS
$$
DECLARE
    step_no int;
    run     bigint;
    state   text;
BEGIN
    IF pg_catalog.pg_is_in_recovery() THEN
        RETURN;                                 -- a standby gets its rows from the primary
    ELSIF NOT dupex.may_commit() THEN
        RAISE NOTICE '% runs inside a transaction: its steps are committed together, with it', job;
        PERFORM job_run_id FROM @schema@.run_steps(job, as_of);
        RETURN;
    ELSIF @schema@.begin_job(job, as_of, true) IS NOT NULL THEN
        RETURN;
    END IF;
    FOREACH step_no IN ARRAY @schema@.job_step_numbers(job) LOOP
        run := @schema@.begin_job_step(job, step_no, as_of);
        COMMIT;
        LOOP                                    -- once, but for steps that work in batches
            state := @schema@.run_job_step(run);
            COMMIT;
            EXIT WHEN NOT @schema@.job_step_is_running(run);
        END LOOP;
        IF state = '57014' THEN
            RAISE EXCEPTION '% was cancelled: the steps after this one have not run', job
                USING ERRCODE = 'query_canceled', HINT = 'Call it again: it takes up what is left.';
        END IF;
    END LOOP;
    PERFORM dupex.job_unlock();
END
$$;
COMMENT ON PROCEDURE run_job(text, timestamptz) IS 'runs the steps of a job in order and commits after each; inside a transaction, all of them in it. See run_daily()';

CREATE OR REPLACE PROCEDURE run_daily(as_of timestamptz DEFAULT now())
    LANGUAGE plpgsql AS
$$
BEGIN
    CALL @schema@.run_job('run_daily', as_of);
END
$$;
COMMENT ON PROCEDURE run_daily(timestamptz) IS 'the nightly job, for the time as_of: runs its steps (table job_step) in order, each in a transaction of its own with a row in job_run; a step that fails is logged with a warning and stops no other. Only one run at a time: a second one is skipped with a notice. May be run again for the same time. Does nothing on a standby';

CREATE OR REPLACE PROCEDURE run_hourly(as_of timestamptz DEFAULT now())
    LANGUAGE plpgsql AS
$$
BEGIN
    CALL @schema@.run_job('run_hourly', as_of);
END
$$;
COMMENT ON PROCEDURE run_hourly(timestamptz) IS 'the hourly job, for what cannot wait for the night; otherwise like run_daily()';

CREATE OR REPLACE FUNCTION purge_job_runs(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    keep_days int := setting_number('keep_job_runs_days', 1, 99999, whole => true);
    purged    bigint;
BEGIN
    DELETE FROM job_run r
     WHERE r.started_at < purge_job_runs.as_of - make_interval(days => keep_days) AND r.status <> 'running';
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION purge_job_runs(timestamptz) IS 'deletes the rows of job_run that are older than the setting keep_job_runs_days, seen from as_of; returns how many. 22023 for a setting that is no number of days';
