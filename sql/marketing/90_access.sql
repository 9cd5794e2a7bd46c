-- Who may do what: grant_access(role, level).
--
-- reader   reads the views and calls the report_functions(). They are the owner's, so a reader sees the
--          reports and none of the tables (customers, addresses) beneath.
-- app      also calls the recording functions (record_... and those of app_functions()). These are
--          SECURITY DEFINER: an app has no right on any table, so it can record what they record and
--          nothing else.
-- privacy  reads the views, too, shows all that is held of a person, records refusals and erases
--          people: see privacy_functions(). Only this level and the owner erase anybody.
-- manager  also reads all tables, changes dimensions and settings, loads and runs jobs. It may add
--          facts but never change or delete one. Loads and jobs run with the caller's rights, but
--          what is derived is written by the refresh alone, which is SECURITY DEFINER.
--
-- What the jobs are to run (job_step.command) only the owner may write: the nightly job runs it
-- with the rights of whoever scheduled it. PUBLIC has no right on anything here: install() and
-- upgrade() see to that.

ALTER FUNCTION refresh_reports(timestamptz) SECURITY DEFINER;
ALTER FUNCTION rebuild_reports() SECURITY DEFINER;
ALTER FUNCTION write_sales_meeting(timestamptz) SECURITY DEFINER;

CREATE OR REPLACE FUNCTION manager_table_grants(OUT table_name text, OUT privileges text) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 60 SET search_path FROM CURRENT AS
$$
    -- dimensions, and people and leads, whose present state is kept in their rows
    SELECT t, 'SELECT, INSERT, UPDATE' FROM unnest(ARRAY['setting', 'calendar', 'region', 'store', 'team', 'salesperson', 'medium',
        'response_channel', 'list', 'offer', 'campaign', 'test_group', 'source', 'product', 'lead_grade', 'stale_rule', 'event',
        'duty_roster', 'absence', 'busy_spell', 'salesperson_skill', 'rotation_rule', 'rotation_member', 'response_target',
        'form_kind', 'form_field', 'gift',
        'customer', 'customer_ref', 'contact_point', 'list_member', 'lead', 'job_run', 'load_run', 'hand_over_agreement', 'hand_over_criterion',
        'hand_over_return_reason', 'loss_reason', 'sales_figure', 'sales_target', 'contact_cost', 'agreed_action',
        'grading_version', 'grading_threshold', 'grading_rule', 'lead_model_feature']) t
    UNION ALL
    -- facts and history: a correction is a further row
    SELECT t, 'SELECT, INSERT' FROM unnest(ARRAY['account_owner', 'household_move', 'touch', 'touch_event', 'hold_out', 'response', 'door_count',
        'reception', 'lead_move', 'visit', 'call', 'event_registration', 'event_attendance', 'customer_order', 'order_line',
        'order_return', 'code_mend', 'expense', 'load_reject', 'basket_event', 'lead_hand_over', 'lead_hand_over_answer', 'lead_win_back',
        'rotation_turn', 'reception_form']) t
    UNION ALL
    SELECT t, 'SELECT, INSERT, UPDATE' FROM unnest(ARRAY['segment', 'segment_rule']) t
    UNION ALL
    SELECT t, 'SELECT, INSERT, UPDATE' FROM unnest(ARRAY['list_import', 'list_import_diagnosis', 'list_import_row', 'strike_signal']) t
    UNION ALL
    SELECT t, 'SELECT' FROM unnest(ARRAY['list_sample', 'list_status_history', 'list_judgement', 'two_strikes', 'two_strikes_state']) t
    UNION ALL
    SELECT t, 'SELECT' FROM unnest(ARRAY['customer_purchases', 'customer_score', 'customer_segment', 'value_model', 'value_forecast', 'value_state']) t
    UNION ALL
    -- plans of selections; what they run and whom they chose is written by their functions alone
    SELECT t, 'SELECT, INSERT, UPDATE' FROM unnest(ARRAY['selection', 'selection_rule', 'selection_group']) t
    UNION ALL
    SELECT t, 'SELECT' FROM unnest(ARRAY['selection_relation', 'selection_attribute', 'selection_run', 'selection_explanation', 'selection_member']) t
    UNION ALL
    -- what the refresh derives, and what install(), upgrade() and grant_access() note
    SELECT t, 'SELECT' FROM unnest(ARRAY['attribution', 'source_day', 'shared_expense_day', 'customer_milestone', 'customer_order_day', 'sales_meeting_line',
        'effort_window', 'report_state', 'request', 'installation', 'installed_object', 'access_grant',
        'lead_model_counts', 'lead_score', 'lead_score_run']) t
    UNION ALL
    SELECT t, 'SELECT, UPDATE (is_enabled)' FROM unnest(ARRAY['job_step', 'lead_model']) t
    UNION ALL
    -- permission: its rules are the manager's, but what a person has refused is recorded by functions alone
    SELECT t, 'SELECT, INSERT, UPDATE' FROM unnest(ARRAY['contact_channel', 'channel_medium', 'contact_purpose', 'campaign_contact', 'consent_rule', 'contact_rule',
        'customer_contact_rule', 'quiet_hours', 'bounce_rule', 'contact_stop']) t
    UNION ALL
    SELECT 'contact_refusal', 'SELECT, UPDATE (sentence)'
    UNION ALL
    SELECT t, 'SELECT' FROM unnest(ARRAY['consent_event', 'suppression', 'permission_count']) t
    UNION ALL
    -- who is who: written by merge_customers() and erase_person() alone, but for what the tables of the house hold
    SELECT t, 'SELECT' FROM unnest(ARRAY['customer_merge', 'customer_merge_row', 'merged_customer', 'person_erasure']) t
    UNION ALL
    SELECT 'personal_data', 'SELECT, INSERT, UPDATE'
    UNION ALL
    SELECT 'installation_secret', ''            -- the owner's alone
$$;
COMMENT ON FUNCTION manager_table_grants() IS 'the rights of level manager on each table; a part of grant_access()';

-- What apps call and is not named record_...
CREATE OR REPLACE FUNCTION app_functions() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY['register_customer', 'register_for_event', 'open_lead', 'set_grade', 'close_lead', 'hand_over_lead', 'accept_lead', 'return_lead', 'customer_card', 'tasks',
        'take_from_outbox', 'report_outbox', 'call_list', 'callable_names',
        'next_salesperson', 'mark_busy', 'mark_free', 'check_form', 'basket_call_list', 'agree_action', 'finish_action',
        'may_contact', 'explain_contact', 'add_suppression',
        'suggest_grade', 'explain_lead_in_words'];
COMMENT ON FUNCTION app_functions() IS 'names of the functions for apps, beside those that begin with record_; a part of grant_access()';

-- What the one does who answers for personal data: shows people what is held of them, and erases it.
CREATE OR REPLACE FUNCTION privacy_functions() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY['customer_card', 'export_person', 'erase_person', 'may_contact', 'record_consent', 'record_contact_stop', 'add_suppression'];
COMMENT ON FUNCTION privacy_functions() IS 'names of the functions of level privacy; a part of grant_access()';

-- Reports that are functions because they want to be asked something. They show figures of efforts, never a
-- person, so readers may call them as they may read the views; like these they are the owner's.
CREATE OR REPLACE FUNCTION report_functions() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY['test_report', 'before_after', 'marketing_alarms', 'media_plan', 'attribution_by_model'];
COMMENT ON FUNCTION report_functions() IS 'names of the reports that may be called by all who may read the views, SECURITY DEFINER; a part of grant_access()';

CREATE OR REPLACE FUNCTION key_sequences(OUT table_name text, OUT sequence text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE ROWS 40 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT t.relname::text, format('%I.%I', current_schema(), s.relname)
      FROM pg_class t
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'
      JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
     WHERE t.relnamespace = quote_ident(current_schema())::regnamespace AND t.relname IN (SELECT g.table_name FROM manager_table_grants() g);
END
$$;
COMMENT ON FUNCTION key_sequences() IS 'the sequences from which our tables take their keys: who loads takes keys from them, too. A part of grant_access()';

CREATE OR REPLACE FUNCTION object_grants(level text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE STRICT ROWS 100 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT format('SELECT ON TABLE %I.%s', current_schema(), m.identity)
      FROM marketing_objects(current_schema()) m JOIN installed_object o USING (kind, identity)
     WHERE m.kind = 'view' AND (m.identity NOT IN ('attributable_fact', 'matchable_contact') OR level = 'manager')
    UNION ALL
    SELECT format('EXECUTE ON ROUTINE %I.%s', current_schema(), m.identity)
      FROM marketing_objects(current_schema()) m JOIN installed_object o USING (kind, identity)
     WHERE m.kind IN ('function', 'procedure')
       AND (level IN ('reader', 'app', 'privacy') AND split_part(m.identity, '(', 1) = ANY (report_functions())
         OR level = 'app' AND (m.identity LIKE 'record\_%' OR split_part(m.identity, '(', 1) = ANY (app_functions()))
         OR level = 'privacy' AND split_part(m.identity, '(', 1) = ANY (privacy_functions())
         OR level = 'manager' AND m.identity NOT LIKE 'grant\_access(%' AND m.identity NOT LIKE 'revoke\_access(%' AND m.identity NOT LIKE 'erase\_person(%')
    UNION ALL
    SELECT format('%s ON TABLE %I.%I', g.privileges, current_schema(), g.table_name)
      FROM manager_table_grants() g WHERE level = 'manager' AND g.privileges <> ''
    UNION ALL
    SELECT format('USAGE ON SEQUENCE %s', k.sequence)
      FROM key_sequences() k JOIN manager_table_grants() g USING (table_name) WHERE level = 'manager' AND g.privileges LIKE '%INSERT%';
END
$$;
COMMENT ON FUNCTION object_grants(text) IS 'what a level grants on the objects of this marketing database, as the text between GRANT and TO; a part of grant_access()';

CREATE OR REPLACE FUNCTION check_access_role(role name) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    owner name := (SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.nspname = current_schema());
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) OR role IS NULL THEN
        RAISE EXCEPTION 'role "%" does not exist', role
            USING ERRCODE = 'undefined_object', HINT = 'Make it with CREATE ROLE first. PUBLIC is no role: what everybody may do is nothing.';
    ELSIF role = owner THEN
        RAISE EXCEPTION 'role "%" owns the marketing database in schema "%"', role, current_schema()
            USING ERRCODE = 'invalid_grant_operation', HINT = 'It may do everything. Give people and programs roles of their own.';
    ELSIF NOT pg_has_role(owner, 'USAGE') THEN
        RAISE EXCEPTION 'role "%" may not give access to the marketing database in schema "%"', current_user, current_schema()
            USING ERRCODE = 'insufficient_privilege', HINT = format('Let its owner do it, role %I.', owner);
    END IF;
END
$$;
COMMENT ON FUNCTION check_access_role(name) IS '42704 for a role that does not exist, 0LP01 for the owner, 42501 for a caller who is not the owner. A part of grant_access()';

CREATE OR REPLACE FUNCTION revoke_access(role name) RETURNS boolean
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    object_kind     text;
    object_identity text;
BEGIN
    PERFORM check_access_role(role);
    -- only what is ours: a right on a table of the user's own is none of our business. The names are
    -- the catalog's.
    FOR object_kind, object_identity IN
        SELECT m.kind, m.identity FROM marketing_objects(current_schema()) m JOIN installed_object o USING (kind, identity) WHERE m.kind <> 'type'
    LOOP
        EXECUTE format('REVOKE ALL ON %s %I.%s FROM %I', CASE WHEN object_kind IN ('table', 'view') THEN 'TABLE' ELSE 'ROUTINE' END,
                       current_schema(), object_identity, role);
    END LOOP;
    FOR object_identity IN SELECT k.sequence FROM key_sequences() k LOOP
        EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM %I', object_identity, role);
    END LOOP;
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', current_schema(), role);
    DELETE FROM access_grant a WHERE a.role_name = role;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION revoke_access(name) IS 'takes all rights on this marketing database from a role; false when grant_access() had given it none. Needed before DROP ROLE. 42704 for a role that does not exist';

CREATE OR REPLACE FUNCTION grant_access(role name, level text) RETURNS text
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    privilege text;
    done      int := 0;
BEGIN
    IF level IS NULL OR level NOT IN ('reader', 'app', 'privacy', 'manager') THEN
        RAISE EXCEPTION 'there is no level "%"', level
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The levels are reader, app, privacy and manager.';
    END IF;
    PERFORM revoke_access(role);                -- a role has one level, and what that gives
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role);
    IF NOT has_schema_privilege(role, 'dupex', 'USAGE') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA dupex TO %I', role);
    END IF;
    FOR privilege IN SELECT g FROM object_grants(grant_access.level) g LOOP
        EXECUTE format('GRANT %s TO %I', privilege, role);
        done := done + 1;
    END LOOP;
    INSERT INTO access_grant (role_name, level) VALUES (grant_access.role, grant_access.level);
    RETURN format('role %I is %s of the marketing database in schema %I: rights on %s objects', role, level, current_schema(), done);
END
$$;
COMMENT ON FUNCTION grant_access(name, text) IS 'gives a role the rights of a level, in place of those it had: reader (reads the views, calls the report_functions()), app (also calls the recording functions), privacy (reads the views, shows and erases people) or manager (reads the views and the tables, changes dimensions and settings, records, loads, runs jobs; deletes nothing and erases nobody). upgrade() gives them again. 22023 for an unknown level, 42704 for an unknown role, 0LP01 for the owner, 42501 for a caller who is not the owner';
