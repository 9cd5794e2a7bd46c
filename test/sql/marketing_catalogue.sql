-- Rules for every object of an installed marketing database. A rule is a query that prints who
-- breaks it; the list of offenders is empty, and it is not when some are planted.
SET search_path = public, dupex;
SET client_min_messages = warning;
SELECT install('face_empty') IS NOT NULL AND install('face_filled') IS NOT NULL AS installed;
SELECT load_sample('face_filled', 0.01) IS NOT NULL AS loaded;
SELECT face_filled.refresh_reports('2026-07-01') > 0 AS refreshed;
SELECT face_filled.refresh_value('2026-07-01') > 0 AS scored;

-- What a table is. A new table has to be entered here, and then keeps the rules of its kind.
CREATE TEMP TABLE table_kind (kind text, name text PRIMARY KEY);
INSERT INTO table_kind SELECT kind, unnest(names) FROM (VALUES
    ('dimension', '{setting,calendar,region,store,team,salesperson,medium,response_channel,list,offer,campaign,test_group,source,product,lead_grade,stale_rule,event,hand_over_agreement,hand_over_criterion,hand_over_return_reason,loss_reason,
                   duty_roster,absence,busy_spell,salesperson_skill,rotation_rule,rotation_member,response_target,form_kind,form_field,gift,
                   sales_figure,sales_target,contact_cost,agreed_action,
                   grading_version,grading_threshold,grading_rule,lead_model_feature,
                   contact_channel,channel_medium,contact_purpose,campaign_contact,consent_rule,contact_rule,quiet_hours,contact_refusal,bounce_rule}'::text[]),
    ('person',    '{customer,customer_ref,account_owner,household_move,contact_point,list_member,customer_contact_rule,contact_stop}'),
    ('fact',      '{touch,touch_event,hold_out,response,door_count,reception,lead,lead_move,visit,call,event_registration,event_attendance,customer_order,order_line,order_return,code_mend,expense,basket_event,lead_hand_over,lead_hand_over_answer,lead_win_back,rotation_turn,reception_form,consent_event}'),
    ('derived',   '{attribution,source_day,shared_expense_day,customer_milestone,customer_order_day,effort_window,report_state,lead_model,lead_model_counts,lead_score,sales_meeting_line,permission_count}'),
    ('log',       '{request,lead_score_run,job_step,job_run,load_run,load_reject,access_grant,installation,installed_object,installation_secret,suppression}')) k (kind, names);
INSERT INTO table_kind SELECT kind, unnest(names) FROM (VALUES
    ('dimension', '{segment,segment_rule}'::text[]),
    ('dimension', '{strike_signal}'),
    ('person',    '{list_sample}'),
    ('derived',   '{two_strikes,two_strikes_state}'),
    ('log',       '{list_import,list_import_diagnosis,list_import_row,list_status_history,list_judgement}'),
    ('derived',   '{customer_purchases,customer_score,customer_segment,value_model,value_forecast,value_state}')) k (kind, names);

INSERT INTO table_kind SELECT kind, unnest(names) FROM (VALUES
    ('dimension', '{selection,selection_rule,selection_group,selection_relation,selection_attribute}'::text[]),
    ('log',       '{selection_run,selection_explanation,selection_member}')) k (kind, names);
INSERT INTO table_kind SELECT kind, unnest(names) FROM (VALUES
    ('dimension', '{personal_data}'::text[]),
    ('person',    '{merged_customer}'),
    ('log',       '{customer_merge,customer_merge_row,person_erasure}')) k (kind, names);

-- One row of a view is one of these. A new view has to be entered here.
CREATE TEMP TABLE view_grain (name text PRIMARY KEY, grain text[]);
INSERT INTO view_grain VALUES
    ('source_performance',     '{source_code}'),
    ('source_performance_day', '{date_day,source_code}'),
    ('medium_performance',     '{medium}'),
    ('medium_performance_day', '{date_day,medium}'),
    ('list_performance',       '{list}'),
    ('test_group_performance', '{campaign,test_group}'),
    ('campaign_performance',   '{campaign}'),
    ('month_performance',      '{date_month}'),
    ('email_performance',      '{source_code}'),
    ('hold_out_comparison',    '{campaign,test_group}'),
    ('test_comparison',        '{campaign,measure,test_group}'),
    ('cohort_conversion',      '{cohort_basis,cohort_month,age_months}'),
    ('unreadable_codes',       '{fact,customer_id,fact_id}'),
    ('code_quality',           '{salesperson_id,response_channel}'),
    ('lead_board',             '{customer_id,lead_id}'),
    ('planned_visits',         '{customer_id,lead_id}'),
    ('overdue_visits',         '{customer_id,lead_id}'),
    ('overdue_visits_by_salesperson', '{salesperson_id}'),
    ('lead_source',            '{customer_id,lead_id}'),
    ('hand_over_status',       '{customer_id,lead_hand_over_id}'),
    ('hand_over_performance',  '{campaign,medium,from_team,to_team}'),
    ('lead_answers',           '{customer_id,lead_id}'),
    ('loss_reasons',           '{lost_reason,lead_status,team,product,competitor}'),
    ('win_back_list',          '{customer_id,lead_id}'),
    ('lead_stage',             '{customer_id,lead_id,stage_no}'),
    ('stage_durations',        '{team,stage}'),
    ('stuck_leads',            '{customer_id,lead_id}'),
    ('lead_velocity_month',    '{date_month,team}'),
    ('rotation_board',         '{salesperson_id}'),
    ('first_response',         '{customer_id,lead_id}'),
    ('first_response_day',     '{date_day,team,salesperson_id,response_channel}'),
    ('unanswered_leads',       '{customer_id,lead_id}'),
    ('sales_meeting_day',      '{date_day,section_no,line_no}'),
    ('sales_event',            '{happened_at,salesperson_id,measure}'),
    ('salesperson_day',        '{date_day,salesperson_id,measure}'),
    ('visits_without_proof',   '{customer_id,visit_id}'),
    ('reception_quality',      '{customer_id,reception_id}'),
    ('form_quality',           '{store,salesperson_id}'),
    ('form_quality_day',       '{date_day,store,salesperson_id}'),
    ('registration',           '{store}'),
    ('registration_day',       '{date_day,store}'),
    ('lead_grades',            '{customer_id,lead_id}'),
    ('lead_grade_history',     '{customer_id,lead_move_id}'),
    ('grade_outcome',          '{customer_id,lead_id,graded_by,lead_grade}'),
    ('grade_calibration',      '{graded_by,part,salesperson_id,lead_grade,horizon_no}'),
    ('lead_score_outcome',     '{customer_id,lead_id,horizon_no}'),
    ('lead_score_calibration', '{horizon_no,bin}'),
    ('lead_score_gains',       '{horizon_no,bin}'),
    ('lead_model_quality',     '{lead_model_id,horizon_no}'),
    ('lead_conversion',        '{horizon_no,feature,feature_value}'),
    ('report_status',          '{report}'),
    ('integrity_rule',         '{check_name}'),
    ('load_column',            '{kind,column_name}'),
    ('load_rule',              '{kind,condition}'),
    ('attributable_fact',      '{fact,customer_id,fact_id}'),
    ('order_source',           '{customer_id,customer_order_id}'),
    ('match_back_reconciliation', '{source_code}'),
    ('revenue_allocation_month', '{date_month,source_code}'),
    ('revenue_allocation',     '{source_code}'),
    ('matchable_contact',      '{customer_id,source_code,contacted_at,is_hold_out}'),
    ('customer_value',         '{customer_id}'),
    ('segment_counts',         '{segment}'),
    ('segment_counts_month',   '{date_month,segment}'),
    ('segment_movements_month', '{date_month,from_segment,to_segment}'),
    ('value_models',           '{value_model_id}'),
    ('value_status',           '{report}'),
    ('revenue_forecast',       '{as_of,part,month_no}'),
    ('lead_forecast',          '{lead_grade}'),
    ('customer_win_back',      '{customer_id}'),
    ('customer_origin',        '{customer_id}'),
    ('value_by_source',        '{source_code}'),
    ('value_by_list',          '{list}'),
    ('value_by_medium',        '{medium}'),
    ('value_by_campaign',      '{campaign}'),
    ('value_by_cohort',        '{cohort_month}'),
    ('value_concentration',    '{decile_no}'),
    ('order_role',             '{customer_id,customer_order_id}'),
    ('first_and_repeat_orders', '{date_month}'),
    ('campaign_purpose_cost',  '{campaign}'),
    ('purpose_cost',           '{purpose}'),
    ('referral_value',         '{customer_id}'),
    ('value_of_retention',     '{medium}'),
    ('value_allowable_cost',   '{effort_kind,effort}'),
    ('source_curve_day',       '{source_code,day_no}'),
    ('medium_curve_day',       '{medium,day_no}'),
    ('campaign_curve_day',     '{campaign,day_no}'),
    ('source_response_forecast', '{source_code}'),
    ('campaign_response_forecast', '{campaign}'),
    ('medium_expense_month',   '{medium,date_month}'),
    ('medium_response_curve',  '{medium}'),
    ('campaign_budget',        '{campaign}'),
    ('campaign_role_performance', '{campaign_role,person}'),
    ('attribution_step',       '{customer_id,person_no,step,step_id}'),
    ('attribution_by_medium',  '{model,medium,is_touched}'),
    ('abandoned_basket',       '{customer_id,basket}'),
    ('basket_reasons',         '{reason}'),
    ('basket_month',           '{date_month}'),
    ('basket_call_effect',     '{reason}'),
    ('selection_results',      '{selection_run_id,test_group,source_code}'),
    ('outbox_state',           '{channel,selection}'),
    ('outbox_failures',        '{customer_id,selection_run_id}'),
    ('call_list_state',        '{selection}'),
    ('campaign_path',          '{campaign,step_no}'),
    ('effort_cohort_conversion', '{effort_kind,effort,cohort_month,age_months}'),
    ('running_test',           '{campaign,measure,test_group}'),
    ('reception_path',         '{customer_id,reception_id}'),
    ('reception_to_deal',      '{store,salesperson_id,medium}'),
    ('list_hygiene',           '{list_import_id}'),
    ('list_hygiene_diagnosis', '{list_import_id,column_name,code}'),
    ('list_break_even',        '{list}'),
    ('list_decision',          '{list}'),
    ('exhausted_people',       '{customer_id}'),
    ('list_use',               '{list,use_no}'),
    ('list_decay',             '{months_since_received}'),
    ('list_value_month',       '{list,date_month}'),
    ('pool_growth',            '{list,date_month}'),
    ('partner_overlap',        '{list,other_list}'),
    ('permission_overview',    '{date_day,channel,purpose,refusal}'),
    ('contact_pressure',       '{customer_id,channel}'),
    ('suppression_overview',   '{address_kind,channel,purpose,reason,date_month}'),
    ('effort_day',             '{date_day,source_code,campaign,medium}');

INSERT INTO view_grain VALUES
    ('customer_merges',      '{customer_merge_id}'),
    ('merged_fields_origin', '{customer_merge_id,field}'),
    ('personal_data_gap',    '{table_name,column_name}'),
    ('person_check',         '{customer_id,kind,field}'),
    ('data_quality',         '{grouped_by,group_name,kind,field}');

-- Who need not keep a rule, and why. An exception that nothing needs any more is an offender too.
CREATE TEMP TABLE exception (rule text, object text, reason text, PRIMARY KEY (rule, object));
INSERT INTO exception VALUES
    ('view column of no base type', 'attributable_fact', 'is for the refresh alone and is compared with the columns of the facts'),
    ('view column of no base type', 'matchable_contact', 'likewise'),
    ('view column of no base type', 'effort_day',        'is what the performance views are made from; they show the code as text'),
    ('no customer_id first in the key', 'customer_ref',  'is unique on the number in another system'),
    ('no customer_id first in the key', 'merged_customer', 'is unique on the number that leads to the customer'),
    ('no customer_id first in the key', 'door_count',    'visitors without a name'),
    ('no customer_id first in the key', 'sales_meeting_line', 'is about a day and a team; a line may name a customer'),
    ('no customer_id first in the key', 'list_import_row', 'is about rows of a file, most of them nobody''s'),
    ('no customer_id first in the key', 'expense',       'is about efforts, not people'),
    ('search_path not pinned', 'run_job(text,timestamp with time zone)',  'commits, which a procedure with a SET clause cannot'),
    ('search_path not pinned', 'run_daily(timestamp with time zone)',  'commits, which a procedure with a SET clause cannot'),
    ('search_path not pinned', 'run_hourly(timestamp with time zone)', 'commits, which a procedure with a SET clause cannot'),
    ('search_path not pinned', 'load_read_timestamp(text)', 'is called for every cell of a sheet, by functions that pin'),
    ('search_path not pinned', 'load_read_date(text)',      'is called for every cell of a sheet, by functions that pin'),
    ('search_path not pinned', 'load_read_number(text)',    'is called for every cell of a sheet, by functions that pin'),
    ('search_path not pinned', 'load_read_amount(text)',    'is called for every cell of a sheet, by functions that pin'),
    ('date without _on',        'birthday',      'the word says it'),
    ('date without _on',        'date_day',      'the name of days in all reports'),
    ('date without _on',        'date_month',    'the name of months in all reports'),
    ('date without _on',        'cohort_month',  'the first day of a month'),
    ('date without _on',        'answers_until', 'the end of a window, that day included'),
    ('timestamptz without _at', 'since',         'the beginning of a period'),
    ('timestamptz without _at', 'until',         'the end of a period'),
    ('timestamptz without _at', 'as_of',         'the name of that argument everywhere');
-- parts of the recording functions and jobs: these pin, and a SET clause costs more than the call itself
INSERT INTO exception
SELECT 'search_path not pinned', format('%s(%s)', p.proname, (SELECT string_agg(replace(format_type(t, NULL), 'face_empty.', ''), ',' ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY a (t, n))),
       'is called within functions that pin'
  FROM pg_proc p
 WHERE p.pronamespace = 'face_empty'::regnamespace
   AND p.proname = ANY ('{request_begin,request_end,request_customer,request_mark_internal,request_code,check_time,check_day,check_amount,check_word,
        check_dimensions,check_lead,check_owner,check_visit,check_close,check_order_origin,find_order,find_touch,find_source,find_event,find_planned_visits,
        find_registered,is_for_marketing,lead_lock,lead_last_contact,lead_clock,lead_change,lead_cancel_visits,lead_regrade,lead_win,
        read_number,read_order_lines,sum_order_lines,write_addresses,write_customer,write_visit,card_person,card_contacts,card_sales}'::text[]);

-- tables, views and their columns
CREATE FUNCTION pg_temp.relation_offenders(schema text) RETURNS TABLE (rule text, object text, detail text) LANGUAGE sql STABLE AS $$
    WITH relation AS (
        SELECT c.oid, c.relname::text AS name, c.relkind, c.relpersistence, c.relacl, c.relowner, c.reltype, k.kind
          FROM pg_class c LEFT JOIN table_kind k ON k.name = c.relname
         WHERE c.relnamespace = schema::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'S')),
    attribute AS (
        SELECT r.oid, r.name, r.relkind, r.kind, a.attnum, a.attname::text AS attname, a.atttypid, a.atttypmod, a.attidentity, a.attnotnull, a.atthasdef, a.attacl
          FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE r.relkind <> 'S'),
    key AS (
        SELECT x.indrelid, x.indexrelid, x.indisprimary, x.indisunique AND x.indpred IS NULL AS is_unique,
               ARRAY(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY k (attnum, n) JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum ORDER BY n) AS columns
          FROM pg_index x JOIN relation r ON r.oid = x.indrelid)
    SELECT 'no comment', name, NULL FROM relation WHERE relkind NOT IN ('S') AND coalesce(obj_description(CASE relkind WHEN 'c' THEN reltype ELSE oid END, CASE relkind WHEN 'c' THEN 'pg_type' ELSE 'pg_class' END), '') = ''
    UNION ALL
    SELECT 'column without comment', name, attname FROM attribute WHERE coalesce(col_description(oid, attnum), '') = ''
    UNION ALL
    SELECT 'view column of no base type', name, attname || ' ' || format_type(atttypid, atttypmod) FROM attribute
     WHERE relkind = 'v' AND atttypid NOT IN ('text'::regtype, 'integer'::regtype, 'bigint'::regtype, 'smallint'::regtype, 'double precision'::regtype, 'date'::regtype, 'timestamptz'::regtype, 'boolean'::regtype)
       AND NOT (atttypid = 'numeric'::regtype AND atttypmod <> -1)
    UNION ALL
    -- who reads a view needs the right on the functions in it, and readers have none on ours
    SELECT 'view that calls a function of ours', r.name, p.proname FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_proc'::regclass
      JOIN pg_proc p ON p.oid = d.refobjid AND p.pronamespace = schema::regnamespace
    UNION ALL
    SELECT 'table of no known kind', name, NULL FROM relation WHERE relkind IN ('r', 'p') AND kind IS NULL
    UNION ALL
    SELECT 'view of no known grain', name, NULL FROM relation r WHERE relkind = 'v' AND NOT EXISTS (SELECT FROM view_grain g WHERE g.name = r.name)
    UNION ALL
    SELECT 'no primary key', name, NULL FROM relation r WHERE relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM key WHERE indrelid = r.oid AND indisprimary)
    UNION ALL
    SELECT 'no customer_id first in the key', name, NULL FROM relation r
     WHERE relkind IN ('r', 'p') AND (kind IN ('person', 'fact') OR EXISTS (SELECT FROM attribute a WHERE a.oid = r.oid AND a.attname = 'customer_id'))
       AND NOT EXISTS (SELECT FROM key WHERE indrelid = r.oid AND indisprimary AND columns[1] = 'customer_id')
    UNION ALL
    SELECT 'trigger', r.name, t.tgname FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 'rule', r.name, w.rulename FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'foreign key to what is no dimension', r.name, c.conname FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'f' JOIN relation f ON f.oid = c.confrelid
     WHERE f.kind IS DISTINCT FROM 'dimension' AND pg_get_constraintdef(c.oid) !~ '^FOREIGN KEY \(customer_id\) REFERENCES ([^ .]+\.)?customer\(customer_id\)$'
    UNION ALL
    SELECT 'foreign key out of the schema', r.name, c.conname FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'f' WHERE c.confrelid NOT IN (SELECT oid FROM relation)
    UNION ALL
    SELECT 'neither table nor view', name, NULL FROM relation r
     WHERE relkind IN ('m', 'f') OR relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype = 'i')
    UNION ALL
    SELECT 'identity not bigint', name, attname FROM attribute WHERE attidentity <> '' AND atttypid <> 'bigint'::regtype
    UNION ALL
    SELECT 'identity GENERATED ALWAYS, which loads cannot keep', name, attname FROM attribute WHERE attidentity = 'a'
    UNION ALL
    SELECT 'reserved word', name, attname FROM (SELECT name, NULL AS attname FROM relation UNION ALL SELECT name, attname FROM attribute) n
     WHERE EXISTS (SELECT FROM pg_get_keywords() w WHERE w.word = coalesce(n.attname, n.name) AND w.catcode IN ('R', 'T'))
    UNION ALL
    SELECT 'unlogged or temporary', name, NULL FROM relation WHERE relpersistence <> 'p'
    UNION ALL
    SELECT 'fact without recorded_xid, its default and index', name, NULL FROM relation r
     WHERE (kind = 'fact' OR name IN ('customer', 'source'))
       AND NOT (EXISTS (SELECT FROM attribute a JOIN pg_attrdef d ON d.adrelid = a.oid AND d.adnum = a.attnum
                         WHERE a.oid = r.oid AND a.attname = 'recorded_xid' AND a.atttypid = 'xid8'::regtype AND a.attnotnull AND pg_get_expr(d.adbin, d.adrelid) = 'pg_current_xact_id()')
                AND EXISTS (SELECT FROM key WHERE indrelid = r.oid AND columns = '{recorded_xid}'))
    UNION ALL
    SELECT 'fact without request_id that is unique', name, NULL FROM relation r
     WHERE kind = 'fact' AND NOT EXISTS (SELECT FROM key JOIN attribute a ON a.oid = key.indrelid AND a.attname = 'request_id' AND a.atttypid = 'text'::regtype
                                          WHERE key.indrelid = r.oid AND key.is_unique AND columns IN ('{customer_id,request_id}', '{request_id}'))
    UNION ALL
    SELECT 'right of PUBLIC', r.name, string_agg(a.privilege_type, ', ') FROM relation r, aclexplode(coalesce(r.relacl, acldefault('r', r.relowner))) a WHERE a.grantee = 0 GROUP BY r.name
    UNION ALL
    SELECT 'right of PUBLIC', a.name, a.attname FROM attribute a, aclexplode(a.attacl) e WHERE e.grantee = 0
    UNION ALL
    SELECT 'date without _on', attname, name FROM attribute WHERE atttypid = 'date'::regtype AND attname !~ '_on$'
    UNION ALL
    SELECT 'timestamptz without _at', attname, name FROM attribute WHERE atttypid = 'timestamptz'::regtype AND attname !~ '_at$'
    UNION ALL
    SELECT 'boolean without is_', attname, name FROM attribute WHERE atttypid = 'boolean'::regtype AND attname !~ '^is_'
    UNION ALL
    SELECT 'timestamp without time zone', attname, name FROM attribute WHERE atttypid IN ('timestamp'::regtype, 'time'::regtype, 'timetz'::regtype)
    UNION ALL
    SELECT 'ending that says another type', attname, name FROM attribute
     WHERE attname ~ '_id$' AND atttypid NOT IN ('bigint'::regtype, 'text'::regtype) AND relkind <> 'c' OR attname ~ '_id$' AND atttypid = 'text'::regtype AND attname <> 'request_id'
        OR attname ~ '_on$' AND atttypid <> 'date'::regtype OR attname ~ '_at$' AND atttypid <> 'timestamptz'::regtype OR attname ~ '^is_' AND atttypid <> 'boolean'::regtype
    UNION ALL
    SELECT 'identity without _id', attname, name FROM attribute WHERE attidentity <> '' AND attname !~ '_id$'
    UNION ALL
    SELECT 'name not in snake_case, or cut off at 63 bytes', n, t FROM (
        SELECT name, 'relation' FROM relation UNION ALL SELECT attname, name FROM attribute
        UNION ALL SELECT c.relname, 'index' FROM pg_class c WHERE c.relnamespace = schema::regnamespace AND c.relkind IN ('i', 'I')
        UNION ALL SELECT c.conname, 'constraint' FROM pg_constraint c WHERE c.connamespace = schema::regnamespace) x (n, t)
     WHERE n !~ '^[a-z][a-z0-9]*(_[a-z0-9]+)*$' OR octet_length(n) > 62
$$;

-- functions, procedures, types and the schema
CREATE FUNCTION pg_temp.routine_offenders(schema text) RETURNS TABLE (rule text, object text, detail text) LANGUAGE sql STABLE AS $$
    WITH routine AS (
        SELECT p.*, format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS identity,
               format('%s(%s)', p.proname, (SELECT string_agg(replace(format_type(t, NULL), schema || '.', ''), ',' ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY a (t, n))) AS name
          FROM pg_proc p WHERE p.pronamespace = schema::regnamespace)
    SELECT 'no comment', name, NULL FROM routine WHERE coalesce(obj_description(oid, 'pg_proc'), '') = ''
    UNION ALL
    -- The path goes through the schema itself first, and through pg_temp last. An SQL function that
    -- is one RETURN has looked its names up when it was made, and is inlined.
    SELECT 'search_path not pinned', name, NULL FROM routine
     WHERE prosqlbody IS NULL AND NOT coalesce(format('search_path=%s, dupex, pg_temp', schema) = ANY (proconfig), false)
    UNION ALL
    SELECT 'SECURITY DEFINER without a pinned search_path', name, NULL FROM routine WHERE prosecdef AND NOT coalesce(proconfig::text ~ 'search_path=', false)
    UNION ALL
    SELECT 'right of PUBLIC', name, 'EXECUTE' FROM routine r, aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) a WHERE a.grantee = 0
    UNION ALL
    SELECT 'right of PUBLIC', 'schema', a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = schema AND a.grantee = 0
    UNION ALL
    SELECT 'overloaded', proname, count(*)::text FROM routine GROUP BY proname HAVING count(*) > 1
    UNION ALL
    -- a report of an unknown argument is an error or a hint, not an empty page; our own parts are called with what they need
    SELECT 'set-returning and STRICT', name, NULL FROM routine WHERE proretset AND proisstrict AND coalesce(obj_description(oid, 'pg_proc'), '') !~* '\ma part of'
    UNION ALL
    SELECT 'STRICT without an argument', name, NULL FROM routine WHERE proisstrict AND pronargs = 0
    UNION ALL
    SELECT 'aggregate or window function', name, NULL FROM routine WHERE prokind NOT IN ('f', 'p')
    UNION ALL
    SELECT 'neither SQL nor PL/pgSQL', name, l.lanname FROM routine r JOIN pg_language l ON l.oid = r.prolang WHERE l.lanname NOT IN ('sql', 'plpgsql')
    UNION ALL
    SELECT 'argument without a name', name, NULL FROM routine WHERE pronargs > coalesce(array_length(array_remove(proargnames, ''), 1), 0)
    UNION ALL
    SELECT 'polymorphic or variadic', name, NULL FROM routine
     WHERE provariadic <> 0 OR EXISTS (SELECT FROM unnest(proargtypes) x JOIN pg_type t ON t.oid = x WHERE t.typtype = 'p')
    UNION ALL
    SELECT 'calls random() or another source of chance', name, NULL FROM routine WHERE prosrc ~* '\m(random|gen_random_uuid|setseed)\s*\('
    UNION ALL
    SELECT 'name not in snake_case, or cut off at 63 bytes', name, a FROM routine r, unnest(r.proname::text || coalesce(r.proargnames, '{}')) a
     WHERE a !~ '^[a-z][a-z0-9]*(_[a-z0-9]+)*$' AND a <> '' OR octet_length(a) > 62
    UNION ALL
    SELECT 'no comment', t.typname, 'type' FROM pg_type t
     WHERE t.typnamespace = schema::regnamespace AND t.typtype IN ('b', 'd', 'e', 'r') AND t.typcategory <> 'A' AND coalesce(obj_description(t.oid, 'pg_type'), '') = ''
$$;

CREATE FUNCTION pg_temp.offenders(schema text) RETURNS TABLE (rule text, object text, detail text) LANGUAGE sql STABLE AS $$
    WITH found AS (SELECT * FROM pg_temp.relation_offenders(schema) UNION ALL SELECT * FROM pg_temp.routine_offenders(schema))
    SELECT * FROM found f WHERE NOT EXISTS (SELECT FROM exception e WHERE (e.rule, e.object) = (f.rule, f.object))
    UNION ALL
    SELECT 'exception that nothing needs', e.rule || ': ' || e.object, NULL FROM exception e WHERE NOT EXISTS (SELECT FROM found f WHERE (e.rule, e.object) = (f.rule, f.object))
    UNION ALL
    SELECT 'not there', k.name, NULL FROM (SELECT name FROM table_kind UNION ALL SELECT name FROM view_grain) k WHERE to_regclass(format('%I.%I', schema, k.name)) IS NULL
    ORDER BY 1, 2, 3
$$;

-- What stands in the views: no NaN and no infinity, rates from 0 to 1 where the comment does not
-- say otherwise ("over 1", "negative"), and one row for each value of the grain.
CREATE FUNCTION pg_temp.content_offenders(schema text) RETURNS TABLE (rule text, object text, detail text, rows bigint) LANGUAGE plpgsql STABLE AS $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS comment FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                 WHERE c.relnamespace = schema::regnamespace AND c.relkind = 'v' AND a.atttypid IN ('numeric'::regtype, 'float8'::regtype, 'float4'::regtype) ORDER BY c.relname, a.attnum LOOP
        rule := 'NaN or infinity'; object := item.relname; detail := item.attname;
        EXECUTE format('SELECT count(*) FROM %I.%I WHERE %I IN (''NaN'', ''Infinity'', ''-Infinity'')', schema, item.relname, item.attname) INTO rows;
        IF rows > 0 THEN RETURN NEXT; END IF;
        CONTINUE WHEN item.attname !~ '(^|_)(rate|share)(_|$)|^conversion_of_' OR item.comment ~ 'over 1|negative';
        rule := 'rate not between 0 and 1';
        EXECUTE format('SELECT count(*) FROM %I.%I WHERE %I NOT BETWEEN 0 AND 1', schema, item.relname, item.attname) INTO rows;
        IF rows > 0 THEN RETURN NEXT; END IF;
    END LOOP;
    FOR item IN SELECT g.name, (SELECT string_agg(quote_ident(k), ', ') FROM unnest(g.grain) k) AS keys FROM view_grain g LOOP
        rule := 'rows not unique by the grain'; object := item.name; detail := item.keys;
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %I.%I GROUP BY %s HAVING count(*) > 1) twice', schema, item.name, item.keys) INTO rows;
        IF rows > 0 THEN RETURN NEXT; END IF;
    END LOOP;
END $$;

-- nobody breaks a rule
SELECT * FROM pg_temp.offenders('face_filled');
SELECT * FROM pg_temp.content_offenders('face_empty');
SELECT * FROM pg_temp.content_offenders('face_filled');

-- PostgreSQL's own objects are as they were
SELECT obj_description('pg_catalog.version()'::regprocedure, 'pg_proc');

-- each rule finds who breaks it
BEGIN;
SET LOCAL search_path = face_empty, public, dupex;
CREATE UNLOGGED TABLE "order" (order_id int GENERATED ALWAYS AS IDENTITY, "user" text, "Total" numeric, customer_id bigint REFERENCES customer, reached timestamptz, sent_at text,
    fax_id int, request_id text PRIMARY KEY, said_on text, is_good text, day timestamp, since_when date, good boolean);
CREATE TABLE stranded (region text);
COMMENT ON TABLE stranded IS 'has no key';
COMMENT ON COLUMN stranded.region IS 'a region';
ALTER TABLE load_reject ADD FOREIGN KEY (load_run_id) REFERENCES load_run;
CREATE TABLE public.elsewhere (elsewhere text PRIMARY KEY);
ALTER TABLE stranded ADD FOREIGN KEY (region) REFERENCES public.elsewhere;
CREATE TRIGGER watch AFTER INSERT ON response EXECUTE FUNCTION tsvector_update_trigger();
CREATE RULE nobody AS ON DELETE TO response DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW frozen AS SELECT 1 AS one;
CREATE SEQUENCE numbers;
DROP INDEX response_recorded_xid;
ALTER TABLE touch ALTER recorded_xid DROP DEFAULT;
DROP INDEX call_request;
CREATE UNIQUE INDEX call_request ON call (customer_id, request_id) WHERE request_id IS NOT NULL;
ALTER TABLE visit DROP COLUMN request_id;
ALTER TABLE response DROP CONSTRAINT response_pkey, ADD PRIMARY KEY (response_id, customer_id);
CREATE VIEW planted AS SELECT NULL::xid8 AS xid, 1::numeric AS amount, ARRAY[1] AS numbers, setting_value('currency') AS currency;
DROP VIEW report_status;
GRANT SELECT ON medium TO PUBLIC;
GRANT UPDATE (name) ON medium TO PUBLIC;
GRANT USAGE ON SCHEMA face_empty TO PUBLIC;
CREATE FUNCTION stale(a int) RETURNS SETOF int LANGUAGE sql STRICT SECURITY DEFINER AS 'SELECT random()::int';
CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION stale(anyelement) RETURNS text LANGUAGE internal AS 'textout';
CREATE FUNCTION "Bad name"() RETURNS int LANGUAGE sql STRICT RETURN 1;
CREATE DOMAIN letter AS text;
ALTER FUNCTION load_read_number(text) SET search_path = face_empty, dupex, pg_temp;
ALTER TABLE stranded ADD number bigint GENERATED BY DEFAULT AS IDENTITY;
CREATE AGGREGATE total(total int) (SFUNC = int4pl, STYPE = int);
COMMENT ON VIEW lead_board IS NULL;
COMMENT ON COLUMN lead_board.product IS NULL;
COMMENT ON TYPE moved_fact IS NULL;
\pset format unaligned
SELECT * FROM pg_temp.offenders('face_empty');
\pset format aligned
ROLLBACK;
BEGIN;
SET LOCAL search_path = face_filled, public, dupex;
CREATE VIEW planted AS SELECT 'NaN'::numeric(5,2) AS ratio, 1.5 AS good_rate, -.5 AS lost_share, 2 AS mean_order FROM generate_series(1, 2);
CREATE OR REPLACE VIEW report_status AS SELECT s.report, s.as_of, s.refreshed_at, s.rebuilt_at FROM report_state s, generate_series(1, 2);
SELECT * FROM pg_temp.content_offenders('face_filled');
ROLLBACK;

SELECT uninstall('face_empty', drop_data => true) IS NOT NULL AND uninstall('face_filled', drop_data => true) IS NOT NULL AS gone;
