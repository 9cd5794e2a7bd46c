-- pg_cron, which calls the jobs, where there is one.
--
-- pg_cron lives in one database of the cluster; the jobs may be in another. So it is no
-- prerequisite: these functions find out where it is (by catalogues and settings that everybody
-- may look at), schedule the jobs if it is here, and else name the statements that will.
-- Its functions are called by EXECUTE, since plpgsql must compile where there is no pg_cron.

CREATE OR REPLACE FUNCTION cron_jobs(OUT job text, OUT job_name text, OUT schedule text, OUT command text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE ROWS 2 SET search_path FROM CURRENT AS
$$
DECLARE
    ending text;
BEGIN
    FOR job, schedule IN
        SELECT j.job, coalesce(s.value, j.at)
          FROM (VALUES ('run_daily', 'job_daily_schedule', '15 2 * * *'), ('run_hourly', 'job_hourly_schedule', '5 * * * *')) j (job, setting, at)
          LEFT JOIN setting s USING (setting)
    LOOP
        command := format('CALL %I.%I()', current_schema(), job);
        job_name := format('dupex:%I:%I:%s', current_database(), current_schema(), job);
        IF octet_length(job_name) > 63 THEN     -- pg_cron would cut it off behind, where the names differ
            ending := format(':%s:%s', left(md5(job_name), 8), job);
            job_name := format('dupex:%I:%I', current_database(), current_schema());
            WHILE octet_length(job_name || ending) > 63 LOOP
                job_name := left(job_name, -1);
            END LOOP;
            job_name := job_name || ending;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION cron_jobs() IS 'the jobs as pg_cron is told of them: name (at most 63 bytes), schedule in GMT (settings job_daily_schedule, job_hourly_schedule), command';

CREATE OR REPLACE FUNCTION cron_commands(unschedule boolean DEFAULT false) RETURNS SETOF text
    LANGUAGE plpgsql STABLE ROWS 2 SET search_path FROM CURRENT AS
$$
BEGIN
    IF unschedule THEN
        RETURN QUERY SELECT format('SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %L AND database = %L;', c.job_name, current_database())
                       FROM cron_jobs() c;
    ELSE
        RETURN QUERY SELECT format('SELECT cron.schedule_in_database(%L, %L, %L, %L, %L);', c.job_name, c.schedule, c.command, current_database(), current_user)
                       FROM cron_jobs() c;
    END IF;
END
$$;
COMMENT ON FUNCTION cron_commands(boolean) IS 'the statements that schedule the jobs (or, with unschedule, take them out again), one row each, for a superuser to run in the database where pg_cron lives. The jobs run as the role that calls this function; who leaves the last argument away schedules them as himself';

CREATE OR REPLACE FUNCTION cron_state(OUT state text, OUT cron_database text, OUT may_schedule boolean, OUT launcher_runs boolean, OUT advice text) RETURNS record
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    preloaded boolean;
    scheduler oid := (SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                       WHERE n.nspname = 'cron' AND p.proname = 'schedule' AND pg_get_function_identity_arguments(p.oid) = 'job_name text, schedule text, command text');
BEGIN
    BEGIN
        -- both are for superusers and members of pg_read_all_settings
        preloaded := current_setting('shared_preload_libraries') ~ '(^|[,/" ])pg_cron(\.so)?($|[," ])';
        cron_database := CASE WHEN preloaded THEN current_setting('cron.database_name', true) END;
    EXCEPTION WHEN insufficient_privilege THEN
        NULL;
    END;
    state := CASE WHEN NOT preloaded THEN 'not preloaded'
                  WHEN scheduler IS NOT NULL THEN 'here'
                  WHEN EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pg_cron') THEN 'too old'
                  WHEN cron_database = current_database() THEN 'extension missing'
                  WHEN cron_database IS NOT NULL THEN 'other database'
                  ELSE 'unknown' END;
    cron_database := CASE WHEN state IN ('here', 'too old') THEN current_database() ELSE cron_database END;
    may_schedule := state = 'here' AND has_schema_privilege('cron', 'USAGE') AND has_function_privilege(scheduler, 'EXECUTE');
    IF state = 'not preloaded' THEN
        launcher_runs := false;
    ELSIF pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN
        launcher_runs := EXISTS (SELECT FROM pg_stat_activity a WHERE a.backend_type = 'pg_cron launcher');
    END IF;
    advice := CASE
        WHEN state = 'not preloaded' THEN format('As a superuser say ALTER SYSTEM SET shared_preload_libraries = %s; restart the server; say CREATE EXTENSION pg_cron in its database (cron.database_name). Or let another scheduler say CALL %I.run_daily() each night.',
             concat_ws(', ', nullif(current_setting('shared_preload_libraries'), ''), 'pg_cron'), current_schema())
        WHEN state = 'extension missing' THEN format('As a superuser say CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO %I;', current_user)
        WHEN state = 'too old' THEN 'As a superuser say ALTER EXTENSION pg_cron UPDATE;'
        WHEN state IN ('other database', 'unknown') THEN format('As a superuser, in %s, run the statements that SELECT %I.cron_commands() returns.',
             coalesce('database ' || quote_ident(cron_database), 'the database where pg_cron lives (SHOW cron.database_name)'), current_schema())
        WHEN NOT may_schedule THEN format('As a superuser say GRANT USAGE ON SCHEMA cron TO %I;', current_user)
        WHEN NOT launcher_runs THEN 'The launcher of pg_cron has ended: restart the server.' END;
END
$$;
COMMENT ON FUNCTION cron_state() IS 'where pg_cron is. state: here, extension missing, too old, other database, not preloaded, or unknown (this role may not see the settings of the server); may_schedule: whether this role can schedule the jobs here; launcher_runs: whether anything is fired at all, NULL when this role may not see it; advice: what to do, NULL when all is well';

CREATE OR REPLACE FUNCTION schedule_jobs(OUT job_name text, OUT schedule text, OUT command text) RETURNS SETOF record
    LANGUAGE plpgsql ROWS 2 SET search_path FROM CURRENT AS
$$
DECLARE
    cron   record;
BEGIN
    SELECT * INTO cron FROM cron_state();
    IF cron.state <> 'here' THEN
        RAISE EXCEPTION 'the jobs cannot be scheduled from database "%": pg_cron is %', current_database(),
            CASE cron.state WHEN 'other database' THEN format('in database "%s"', cron.cron_database) WHEN 'unknown' THEN 'not here' ELSE cron.state END
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = cron.advice;
    ELSIF NOT cron.may_schedule THEN
        RAISE EXCEPTION 'role "%" may not schedule jobs', current_user
            USING ERRCODE = 'insufficient_privilege', HINT = cron.advice;
    ELSIF NOT cron.launcher_runs THEN
        RAISE WARNING 'the launcher of pg_cron is not running: the jobs are scheduled, but nothing starts them'
            USING HINT = cron.advice;
    END IF;
    FOR job_name, schedule, command IN SELECT c.job_name, c.schedule, c.command FROM cron_jobs() c LOOP
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' USING job_name, schedule, command;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION schedule_jobs() IS 'schedules run_daily() and run_hourly() with pg_cron as jobs of the role that calls this, and returns them; again after a change of the schedules. 55000 where pg_cron is not in this database, 42501 where the role may not, each with a hint that names the statements to run';

CREATE OR REPLACE FUNCTION unschedule_jobs() RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    cron   record;
    result bigint;
BEGIN
    SELECT * INTO cron FROM cron_state();
    IF cron.state <> 'here' THEN
        RAISE EXCEPTION 'the jobs cannot be unscheduled from database "%": pg_cron is %', current_database(),
            CASE cron.state WHEN 'other database' THEN format('in database "%s"', cron.cron_database) WHEN 'unknown' THEN 'not here' ELSE cron.state END
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = replace(cron.advice, 'cron_commands()', 'cron_commands(unschedule => true)');
    ELSIF NOT cron.may_schedule THEN
        RAISE EXCEPTION 'role "%" may not unschedule jobs', current_user
            USING ERRCODE = 'insufficient_privilege', HINT = cron.advice;
    END IF;
    EXECUTE 'SELECT count(cron.unschedule(j.jobid)) FROM cron.job j WHERE j.jobname = ANY ($1) AND j.database = current_database()'
        INTO result USING (SELECT array_agg(c.job_name) FROM cron_jobs() c);
    RETURN result;
END
$$;
COMMENT ON FUNCTION unschedule_jobs() IS 'takes the jobs of this marketing database out of pg_cron, and returns how many there were: those of the role that calls it, for a superuser everybody''s. Errors as schedule_jobs()';
