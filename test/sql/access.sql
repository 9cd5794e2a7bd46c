-- grant_access(): what a reader, an app and a manager may do and what not, as real roles; what
-- PUBLIC may do (nothing); owners; grants by hand and grants of levels after an upgrade.
SET client_min_messages = error;
SELECT dupex.install('access_test') IS NOT NULL AS installed;
RESET client_min_messages;
\set VERBOSITY terse
CREATE ROLE regress_reader;
CREATE ROLE regress_app;
CREATE ROLE regress_manager;
CREATE ROLE regress_stranger;
SET search_path = access_test, dupex, public;

-- every table has a place in the rights of the manager
SELECT c.relname AS table_without_rule FROM pg_class c
 WHERE c.relnamespace = 'access_test'::regnamespace AND c.relkind IN ('r', 'p')
   AND c.relname NOT IN (SELECT table_name FROM manager_table_grants());
SELECT table_name AS rule_without_table FROM manager_table_grants() WHERE to_regclass('access_test.' || quote_ident(table_name)) IS NULL;
SELECT table_name, count(*) FROM manager_table_grants() GROUP BY 1 HAVING count(*) > 1;

-- what apps call runs with the owner's rights, and cannot be led astray by the caller's path
SELECT p.oid::regprocedure AS open_function FROM pg_proc p
 WHERE p.pronamespace = 'access_test'::regnamespace
   AND (p.prosecdef AND (p.proconfig IS NULL OR p.proconfig[1] <> 'search_path=access_test, dupex, pg_temp')
     OR (p.proname LIKE 'record\_%' OR p.proname = ANY (app_functions() || report_functions())) AND NOT p.prosecdef);
SELECT f AS app_function_that_is_not FROM unnest(app_functions() || report_functions()) f WHERE NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'access_test'::regnamespace AND p.proname = f);

-- PUBLIC, and with it everybody else, may do nothing
SELECT m.kind, m.identity, a.privilege_type FROM dupex.marketing_objects('access_test') m,
       aclexplode(coalesce(m.acl, acldefault(CASE WHEN m.kind IN ('function', 'procedure') THEN 'f'::"char" ELSE 'r' END, m.owner))) a
 WHERE a.grantee = 0 AND m.kind <> 'type';
SELECT has_schema_privilege('regress_stranger', 'access_test', 'USAGE') AS usage, has_schema_privilege('regress_stranger', 'access_test', 'CREATE') AS creates;
SET ROLE regress_stranger;
SELECT * FROM access_test.setting;
CALL access_test.run_daily();
SELECT dupex.install('strangers');
SELECT dupex.upgrade('access_test');
SELECT dupex.uninstall('access_test');
RESET ROLE;

-- a recording function, as later modules bring them
CREATE FUNCTION access_test.record_probe(customer bigint, request_id text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    INSERT INTO response (customer_id, responded_at, request_id) VALUES (customer, '2008-03-01 12:00+00', request_id) RETURNING response_id INTO result;
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind) VALUES (customer, 1, '2008-03-01 12:00+00', 'opened');
    RETURN result;
END
$$;
REVOKE ALL ON FUNCTION access_test.record_probe(bigint, text) FROM PUBLIC;
INSERT INTO installed_object SELECT max(object_no) + 1, 'function', 'record_probe(customer bigint, request_id text)' FROM installed_object;
CREATE FUNCTION access_test.record_of_my_own() RETURNS int LANGUAGE sql RETURN 1;
REVOKE ALL ON FUNCTION access_test.record_of_my_own() FROM PUBLIC;

-- wrong arguments
SELECT grant_access('regress_reader', 'admin');
SELECT grant_access('regress_reader', NULL);
SELECT grant_access('regress_nobody', 'reader');
SELECT grant_access('public', 'reader');
SELECT grant_access(NULL, 'reader');
\set VERBOSITY sqlstate
SELECT grant_access(current_user, 'reader');
\set VERBOSITY terse
SELECT revoke_access('regress_nobody');

SELECT left(grant_access('regress_reader', 'reader'), 76);
SELECT left(grant_access('regress_app', 'app'), 73);
SELECT left(grant_access('regress_manager', 'manager'), 77);
SELECT role_name, level FROM access_grant ORDER BY 1;

-- what a level has of the tables, views and routines: reader none, app none, manager no DELETE
CREATE VIEW public.regress_rights AS
SELECT role_name, count(*) FILTER (WHERE m.kind = 'table' AND has_table_privilege(role_name, m.oid, 'SELECT')) > 0 AS reads,
       count(*) FILTER (WHERE m.kind = 'table' AND has_table_privilege(role_name, m.oid, 'SELECT')) = count(*) FILTER (WHERE m.kind = 'table' AND m.identity <> 'installation_secret') AS reads_all,
       count(*) FILTER (WHERE m.kind = 'table' AND has_any_column_privilege(role_name, m.oid, 'INSERT, UPDATE')) > 0 AS writes,
       count(*) FILTER (WHERE m.kind = 'table' AND has_table_privilege(role_name, m.oid, 'DELETE, TRUNCATE, TRIGGER, REFERENCES')) AS deletes,
       count(*) FILTER (WHERE m.kind = 'view' AND m.identity NOT IN ('attributable_fact', 'matchable_contact') AND NOT has_table_privilege(role_name, m.oid, 'SELECT')) > 0 AS hidden_views,
       count(*) FILTER (WHERE m.kind = 'view' AND has_table_privilege(role_name, m.oid, 'INSERT, UPDATE, DELETE')) AS writable_views,
       has_table_privilege(role_name, 'access_test.attributable_fact', 'SELECT') AS inner_view,
       coalesce(string_agg(split_part(m.identity, '(', 1), ' ' ORDER BY m.identity) FILTER (WHERE m.kind = 'function' AND has_function_privilege(role_name, m.oid, 'EXECUTE') AND role_name <> 'regress_manager'), '-') AS functions,
       string_agg(m.identity, ', ' ORDER BY m.identity) FILTER (WHERE m.kind = 'function' AND NOT has_function_privilege(role_name, m.oid, 'EXECUTE') AND role_name = 'regress_manager') AS not_functions
  FROM dupex.marketing_objects('access_test') m, unnest(ARRAY['regress_reader', 'regress_app', 'regress_manager', 'regress_stranger']) role_name
 GROUP BY role_name;
SELECT * FROM public.regress_rights ORDER BY role_name \gx

-- the reader: each view can be read, with nothing but the view
CREATE FUNCTION public.regress_read_views() RETURNS TABLE (views_read boolean, failed text) LANGUAGE plpgsql AS
$$
DECLARE
    tried int := 0;
    view_name name;
BEGIN
    FOR view_name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'access_test'::regnamespace AND c.relkind = 'v'
                        AND c.relname NOT IN ('attributable_fact', 'matchable_contact') ORDER BY 1 LOOP
        BEGIN
            EXECUTE format('SELECT count(*) FROM (SELECT * FROM access_test.%I OFFSET 0) v WHERE v::text IS NOT NULL', view_name);
            tried := tried + 1;
        EXCEPTION WHEN insufficient_privilege THEN
            RETURN QUERY SELECT false, view_name || ': ' || SQLERRM;
        END;
    END LOOP;
    RETURN QUERY SELECT tried > 10 AND tried = (SELECT count(*) - 2 FROM pg_class c WHERE c.relnamespace = 'access_test'::regnamespace AND c.relkind = 'v'), NULL::text;
END
$$;
SET ROLE regress_reader;
SELECT * FROM public.regress_read_views();
SELECT count(*) FROM customer;
SELECT count(*) FROM source_day;
INSERT INTO medium VALUES ('Z', 'none');
DELETE FROM response;
SELECT record_probe(0, 'reader');
SELECT refresh_reports();
CALL run_daily();
CREATE TABLE access_test.mine (a int);
SELECT grant_access('regress_reader', 'manager');
RESET ROLE;

-- the app: records, and that is all
SET ROLE regress_app;
SELECT record_probe(0, 'app') > 0 AS recorded;
SELECT * FROM public.regress_read_views();
SELECT record_of_my_own();
SELECT count(*) FROM response;
INSERT INTO response (customer_id, responded_at) VALUES (0, now());
UPDATE response SET customer_id = 0;
DELETE FROM response;
TRUNCATE response;
SELECT refresh_reports();
SELECT * FROM run_steps('run_daily');
RESET ROLE;
-- the history says who called, not who owns the function
SELECT moved_by FROM lead_move;

-- the manager: dimensions, settings, further facts, jobs; no change of what happened
SET ROLE regress_manager;
INSERT INTO medium VALUES ('Z', 'none');
UPDATE medium SET name = 'nothing' WHERE medium = 'Z';
UPDATE setting SET value = '0.9' WHERE setting = 'confidence';
INSERT INTO expense (spent_on, amount, medium) VALUES ('2008-03-01', 100, 'Z');
SELECT nextval('customer_customer_id_seq') > 0 AS takes_a_key;
SELECT setval('customer_customer_id_seq', 1);
SELECT count(*) FROM response;
SELECT record_probe(0, 'manager') > 0 AS recorded;
SELECT refresh_reports('2008-03-02 00:00+00') > 0 AS refreshed;
SELECT rebuild_reports() > 0 AS rebuilt;
CALL run_daily('2008-03-03 00:00+00');
SELECT step, status, run_by FROM job_run ORDER BY job_run_id;
UPDATE job_step SET is_enabled = true;
UPDATE job_step SET command = 'SELECT 1';
INSERT INTO job_step VALUES ('run_daily', 1, 'mine', 'SELECT 1');
UPDATE expense SET amount = 0;
DELETE FROM expense;
DELETE FROM medium WHERE medium = 'Z';
UPDATE source_day SET expense = 0;
DELETE FROM attribution;
INSERT INTO access_grant VALUES ('regress_app', 'manager');
UPDATE installed_object SET identity = 'x';
SELECT grant_access('regress_app', 'manager');
CREATE FUNCTION access_test.trap() RETURNS int LANGUAGE sql RETURN 1;
RESET ROLE;

-- a role has one level: the last one given
SELECT left(grant_access('regress_manager', 'reader'), 77);
SELECT role_name, reads, writes, deletes, hidden_views, inner_view FROM public.regress_rights WHERE role_name = 'regress_manager';

-- An upgrade gives all again: the levels, and what was given by hand to others. It drops our
-- probe, which the library does not have.
GRANT SELECT ON access_test.attributable_fact TO regress_stranger;
GRANT EXECUTE ON FUNCTION access_test.purge_job_runs(timestamptz) TO regress_stranger WITH GRANT OPTION;
GRANT SELECT ON access_test.attributable_fact TO regress_reader;
SELECT dupex.upgrade('access_test') IS NOT NULL AS upgraded;
SELECT role_name, reads, deletes, hidden_views, inner_view, functions FROM public.regress_rights ORDER BY role_name;
SELECT has_function_privilege('regress_stranger', 'access_test.purge_job_runs(timestamptz)', 'EXECUTE WITH GRANT OPTION') AS grant_option;
SELECT count(*) AS executable_by_public FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
 WHERE p.pronamespace = 'access_test'::regnamespace AND a.grantee = 0;

-- taken back
SELECT left(grant_access('regress_manager', 'manager'), 77);
SELECT revoke_access('regress_reader'), revoke_access('regress_app'), revoke_access('regress_manager'), revoke_access('regress_stranger');
SELECT role_name, reads, writes, functions, has_schema_privilege(role_name, 'access_test', 'USAGE') AS usage,
       has_sequence_privilege(role_name, 'customer_customer_id_seq', 'USAGE') AS takes_keys FROM public.regress_rights ORDER BY role_name;
SELECT * FROM access_grant;

-- the owner of the schema owns everything in it, whoever installs and upgrades
CREATE ROLE regress_owner;
CREATE SCHEMA access_owned AUTHORIZATION regress_owner;
SET client_min_messages = error;
SELECT dupex.install('access_owned') IS NOT NULL AS installed;
SELECT kind, identity FROM dupex.marketing_objects('access_owned') WHERE owner <> 'regress_owner'::regrole;
SELECT dupex.upgrade('access_owned') IS NOT NULL AS upgraded;
SELECT kind, identity FROM dupex.marketing_objects('access_owned') WHERE owner <> 'regress_owner'::regrole;
SET ROLE regress_owner;
SELECT left(access_owned.grant_access('regress_reader', 'reader'), 77);
SET ROLE regress_reader;
SELECT count(*) FROM access_owned.customer;
RESET ROLE;
-- a new owner, who had a level, and a role that is no more: an upgrade makes it right
CREATE ROLE regress_gone;
SELECT left(access_owned.grant_access('regress_gone', 'app'), 20);
DROP OWNED BY regress_gone;
DROP ROLE regress_gone;
ALTER SCHEMA access_owned OWNER TO regress_reader;
SELECT dupex.upgrade('access_owned') IS NOT NULL AS upgraded;
SELECT DISTINCT owner::regrole FROM dupex.marketing_objects('access_owned');

DROP VIEW public.regress_rights;
DROP FUNCTION public.regress_read_views();
DROP SCHEMA access_owned CASCADE;
DROP SCHEMA access_test CASCADE;
DROP ROLE regress_reader, regress_app, regress_manager, regress_stranger, regress_owner;
