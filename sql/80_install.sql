-- install(), upgrade(), uninstall(): the marketing database in a schema of the user's choice.
--
-- What install() makes is not a member of the extension: pg_dump dumps it whole, the user may
-- add indexes and columns, and DROP EXTENSION is refused while it is there. The modules
-- (function marketing_module below, made by sql/build.sh) are of two kinds. Those numbered under
-- 30 make tables and their first rows: they run once, and a later version changes the tables by
-- an ALTER in upgrade_tables(). Those from 30 on make functions and views: upgrade() runs them
-- again. Both run under the search path "the schema, dupex, pg_temp", so their text needs no
-- prefixes; @schema@ stands for the quoted schema where a name must be written out.

-- the search path of the marketing database, for set_config
CREATE FUNCTION marketing_search_path(schema name) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pg_catalog.format('%I, dupex, pg_temp', schema);
COMMENT ON FUNCTION marketing_search_path(name) IS 'search path under which the objects of a marketing database are made: its schema, dupex, pg_temp';

-- Raises 55000 or 3F000 unless the schema holds a marketing database; returns its version.
CREATE FUNCTION installed_version(schema name) RETURNS text
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    result text;
BEGIN
    IF pg_catalog.to_regclass(pg_catalog.format('%I.installation', schema)) IS NULL THEN
        RAISE EXCEPTION 'there is no marketing database in schema "%"', schema
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = pg_catalog.format('Make one with SELECT dupex.install(%L).', schema);
    END IF;
    EXECUTE pg_catalog.format('SELECT version FROM %I.installation ORDER BY installation_id DESC LIMIT 1', schema) INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION installed_version(name) IS 'version of the marketing database in a schema; SQLSTATE 55000 where there is none';

-- Runs the modules of which the number is in [from_no, below_no); returns how many.
CREATE FUNCTION run_marketing_modules(schema name, from_no int, below_no int) RETURNS int
    LANGUAGE plpgsql AS
$$
DECLARE
    item record;
    done int := 0;
BEGIN
    IF pg_catalog.current_setting('standard_conforming_strings') = 'off' THEN
        RAISE EXCEPTION 'standard_conforming_strings is off'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'Patterns in the functions would lose their backslashes.',
                  HINT = pg_catalog.format('Say ALTER DATABASE %I SET standard_conforming_strings = on and connect again; applications that need it off set it for themselves.', pg_catalog.current_database());
    END IF;
    PERFORM pg_catalog.set_config('search_path', dupex.marketing_search_path(schema), true);
    FOR item IN SELECT module, source FROM dupex.marketing_module() ORDER BY module LOOP
        CONTINUE WHEN pg_catalog.left(item.module, 2)::int NOT BETWEEN from_no AND below_no - 1;
        EXECUTE pg_catalog.replace(item.source, '@schema@', pg_catalog.quote_ident(schema));
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;
COMMENT ON FUNCTION run_marketing_modules(name, int, int) IS 'runs the modules of the marketing database with numbers from from_no to under below_no in a schema; a part of install() and upgrade()';

-- What is in a schema, and what of it the modules have made: everything there at install is ours,
-- and afterwards what was not there before. upgrade() touches only that.
CREATE FUNCTION marketing_objects(schema name, OUT oid oid, OUT kind text, OUT identity text, OUT owner oid, OUT acl aclitem[]) RETURNS SETOF record
    -- how names and the types of arguments are written depends on both settings
    LANGUAGE sql STABLE ROWS 200 SET search_path = pg_catalog SET quote_all_identifiers = off AS
$$
    SELECT p.oid, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           pg_catalog.format('%I(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)), p.proowner, p.proacl
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
    UNION ALL
    SELECT c.oid, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'c' THEN 'type' WHEN 'S' THEN 'sequence' ELSE 'table' END,
           pg_catalog.quote_ident(c.relname), c.relowner, c.relacl
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'S')
       AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_catalog.pg_depend d                 -- of an identity column
                                             WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'i'))
    UNION ALL
    SELECT t.oid, 'type', pg_catalog.quote_ident(t.typname), t.typowner, t.typacl
      FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     WHERE n.nspname = $1 AND t.typtype IN ('b', 'd', 'e', 'r') AND t.typcategory <> 'A'
$$;
COMMENT ON FUNCTION marketing_objects(name) IS 'functions, procedures, views, tables, types and free sequences in a schema, with their names and argument types, owners and rights';

CREATE FUNCTION record_installed_objects(schema name, foreign_objects text[]) RETURNS int
    LANGUAGE plpgsql AS
$$
DECLARE
    done int;
BEGIN
    EXECUTE pg_catalog.format('DELETE FROM %I.installed_object', schema);
    EXECUTE pg_catalog.format(
        'INSERT INTO %I.installed_object SELECT row_number() OVER (ORDER BY oid), kind, identity
           FROM dupex.marketing_objects(%L) WHERE kind || '' '' || identity <> ALL ($1)', schema, schema)
        USING foreign_objects;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
COMMENT ON FUNCTION record_installed_objects(name, text[]) IS 'writes the list installed_object of a schema: all that is there but the foreign objects (each as "kind name"); a part of install() and upgrade()';

-- What the user has made in the schema, as "kind name".
CREATE FUNCTION foreign_objects(schema name) RETURNS text[]
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    result text[];
BEGIN
    EXECUTE pg_catalog.format(
        'SELECT pg_catalog.array_agg(kind || '' '' || identity ORDER BY kind, identity) FROM dupex.marketing_objects(%L) m
          WHERE NOT EXISTS (SELECT FROM %I.installed_object o WHERE o.kind = m.kind AND o.identity = m.identity)', schema, schema) INTO result;
    RETURN coalesce(result, '{}');
END
$$;
COMMENT ON FUNCTION foreign_objects(name) IS 'what the user has added in the schema of a marketing database, each as "kind name"; never NULL';

-- The owner of the schema owns all of it, whoever ran install() or upgrade(); PUBLIC may do
-- nothing. (Functions are executable by PUBLIC when they are made.)
CREATE FUNCTION own_installed_objects(schema name) RETURNS int
    LANGUAGE plpgsql AS
$$
DECLARE
    revokes text[];
    changes text[];
    command text;
BEGIN
    -- all statements first: among what changes hands is the list that they are read from
    EXECUTE pg_catalog.format(
        'SELECT array_agg(format(''REVOKE ALL ON ROUTINE %%I.%%s FROM PUBLIC'', %1$L, m.identity)) FILTER (WHERE m.kind IN (''function'', ''procedure'')),
                array_agg(format(''ALTER %%s %%I.%%s OWNER TO %%s'', m.kind, %1$L, m.identity, n.nspowner::regrole)) FILTER (WHERE m.owner <> n.nspowner)
           FROM dupex.marketing_objects(%1$L) m JOIN %1$I.installed_object o USING (kind, identity)
           JOIN pg_catalog.pg_namespace n ON n.nspname = %1$L', schema) INTO revokes, changes;
    FOREACH command IN ARRAY coalesce(revokes, '{}') || coalesce(changes, '{}') LOOP
        EXECUTE command;
    END LOOP;
    RETURN coalesce(cardinality(changes), 0);
END
$$;
COMMENT ON FUNCTION own_installed_objects(name) IS 'gives what the modules have made to the owner of the schema and takes it from PUBLIC; returns how many had another owner. A part of install() and upgrade()';

CREATE FUNCTION install(schema name DEFAULT 'marketing') RETURNS text
    LANGUAGE plpgsql SET search_path = dupex, pg_temp AS
$$
DECLARE
    result text;
BEGIN
    IF schema IS NULL OR schema = '' OR schema ~ '^pg_' OR schema IN ('information_schema', 'dupex', 'public') THEN
        RAISE EXCEPTION 'schema "%" cannot hold a marketing database', schema
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Choose a schema of its own, such as marketing.';
    ELSIF pg_catalog.to_regclass(pg_catalog.format('%I.installation', schema)) IS NOT NULL THEN
        RAISE EXCEPTION 'there is already a marketing database in schema "%", of version %', schema, dupex.installed_version(schema)
            USING ERRCODE = 'duplicate_object', HINT = pg_catalog.format('Bring it to the version of the library with SELECT dupex.upgrade(%L).', schema);
    ELSIF EXISTS (SELECT FROM dupex.marketing_objects(schema)) THEN
        RAISE EXCEPTION 'schema "%" is not empty', schema
            USING ERRCODE = 'duplicate_object', HINT = 'Choose a schema that does not exist yet, or an empty one.';
    END IF;

    EXECUTE pg_catalog.format('CREATE SCHEMA IF NOT EXISTS %I', schema);
    EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', schema);
    EXECUTE pg_catalog.format('COMMENT ON SCHEMA %I IS %L', schema, 'marketing database made by dupex ' || dupex.version()
        || ': read the views (source_performance, medium_performance, ...), call the functions, leave the rest to the jobs');
    PERFORM dupex.run_marketing_modules(schema, 0, 30);
    PERFORM dupex.run_marketing_modules(schema, 30, 100);
    PERFORM dupex.record_installed_objects(schema, '{}');
    EXECUTE pg_catalog.format('INSERT INTO %I.installation (version, action) VALUES (%L, ''install'')', schema, dupex.version());
    PERFORM dupex.own_installed_objects(schema);

    SELECT pg_catalog.format('marketing database %s in schema %I: %s tables, %s views, %s functions and procedures', dupex.version(), schema,
             pg_catalog.count(*) FILTER (WHERE kind = 'table'), pg_catalog.count(*) FILTER (WHERE kind = 'view'),
             pg_catalog.count(*) FILTER (WHERE kind IN ('function', 'procedure')))
      INTO result FROM dupex.marketing_objects(schema);
    RETURN result;
END
$$;
COMMENT ON FUNCTION install(name) IS 'makes a marketing database (ordinary tables, views and functions) in a schema, which is created if need be, must be empty, and whose owner owns all of it; returns what it made. 42710 where there is something already, 22023 for a schema of the system or public';

-- The ALTERs of tables between versions stand here, each under the version that it leads to, and
-- each such that it may run twice. 0.1 is the first version: there are none yet.
CREATE FUNCTION upgrade_tables(schema name, from_version text) RETURNS int
    LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM pg_catalog.set_config('search_path', dupex.marketing_search_path(schema), true);
    CASE from_version
        WHEN '0.1' THEN RETURN 0;
        ELSE
            RAISE EXCEPTION 'the marketing database in schema "%" has version %, which dupex % does not know', schema, from_version, dupex.version()
                USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Install the library that made it, or a newer one.';
    END CASE;
END
$$;
COMMENT ON FUNCTION upgrade_tables(name, text) IS 'changes the tables of a marketing database from a version to that of the library; returns the number of changes; 55000 for an unknown version. A part of upgrade()';

-- Rights that somebody gave on our functions and views by hand, as GRANT statements: dropping an
-- object forgets them. Roles that grant_access() knows are left out: they get what their level gives.
CREATE FUNCTION hand_made_grants(schema name) RETURNS SETOF text
    LANGUAGE plpgsql STABLE ROWS 10 AS
$$
BEGIN
    RETURN QUERY EXECUTE pg_catalog.format($query$
        SELECT pg_catalog.format('GRANT %%s ON %%s %%I.%%s TO %%s%%s', a.privilege_type, CASE WHEN m.kind = 'view' THEN 'TABLE' ELSE 'ROUTINE' END,
                 %1$L, m.identity, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END,
                 CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM dupex.marketing_objects(%1$L) m JOIN %1$I.installed_object o USING (kind, identity), pg_catalog.aclexplode(m.acl) a
         WHERE m.kind IN ('view', 'function', 'procedure') AND a.grantee <> m.owner
           AND NOT EXISTS (SELECT FROM %1$I.access_grant g WHERE g.role_name = pg_catalog.pg_get_userbyid(a.grantee)) $query$, schema);
END
$$;
COMMENT ON FUNCTION hand_made_grants(name) IS 'GRANT statements for the rights on functions and views of a marketing database that grant_access() has not given; a part of upgrade()';

-- Ours are dropped from the last to the first. One that something of the user's rests on stays,
-- and is replaced in place; returns how many. What is executed is the catalog's text, not the
-- table's, which somebody else may have written to.
CREATE FUNCTION drop_installed_objects(schema name) RETURNS int
    LANGUAGE plpgsql AS
$$
DECLARE
    object_kind     text;
    object_identity text;
    kept            int := 0;
BEGIN
    FOR object_kind, object_identity IN EXECUTE pg_catalog.format(
        'SELECT m.kind, m.identity FROM dupex.marketing_objects(%L) m JOIN %I.installed_object o USING (kind, identity)
          WHERE m.kind IN (''view'', ''function'', ''procedure'') ORDER BY o.object_no DESC', schema, schema)
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('DROP %s IF EXISTS %I.%s', object_kind, schema, object_identity);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            kept := kept + 1;
        END;
    END LOOP;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION drop_installed_objects(name) IS 'drops the functions and views of a marketing database, but for those that something of the user''s rests on; returns the number of these. A part of upgrade()';

CREATE FUNCTION upgrade(schema name) RETURNS text
    LANGUAGE plpgsql SET search_path = dupex, pg_temp AS
$$
DECLARE
    from_version  text := dupex.installed_version(schema);
    users_objects text[];
    users_grants  text[];
    statement     text;
    grantee       name;
    granted_level text;
    changes       int;
    kept          int;
    made          bigint;
BEGIN
    users_objects := dupex.foreign_objects(schema);
    users_grants := ARRAY(SELECT g FROM dupex.hand_made_grants(schema) g);
    changes := dupex.upgrade_tables(schema, from_version);
    kept := dupex.drop_installed_objects(schema);
    PERFORM dupex.run_marketing_modules(schema, 30, 100);
    PERFORM dupex.record_installed_objects(schema, users_objects);
    EXECUTE pg_catalog.format('INSERT INTO %I.installation (version, action) VALUES (%L, ''upgrade'')', schema, dupex.version());
    PERFORM dupex.own_installed_objects(schema);

    FOR grantee, granted_level IN
        EXECUTE pg_catalog.format(              -- not to a role that is no more, nor to one that has become the owner
            'SELECT g.role_name, g.level FROM %1$I.access_grant g JOIN pg_catalog.pg_roles r ON r.rolname = g.role_name
               JOIN pg_catalog.pg_namespace n ON n.nspname = %1$L AND n.nspowner <> r.oid', schema)
    LOOP
        EXECUTE pg_catalog.format('SELECT %I.grant_access($1, $2)', schema) USING grantee, granted_level;
    END LOOP;
    FOREACH statement IN ARRAY users_grants LOOP
        BEGIN
            EXECUTE statement;
        EXCEPTION WHEN undefined_table OR undefined_function THEN
            NULL;                               -- this version has no such object any more
        END;
    END LOOP;

    EXECUTE pg_catalog.format('SELECT count(*) FROM %I.installed_object WHERE kind IN (''view'', ''function'', ''procedure'')', schema) INTO made;
    RETURN pg_catalog.format('marketing database in schema %I: from version %s to %s, %s changes of tables, %s functions and views made again, %s of them in place', schema,
        from_version, dupex.version(), changes, made, kept);
END
$$;
COMMENT ON FUNCTION upgrade(name) IS 'brings the marketing database in a schema to the version of the library: changes its tables, makes its functions and views again, repeats the grants of grant_access() and those made by hand; what the user has added stays. Returns what it did. 55000 where there is no marketing database';

-- Takes the jobs of a marketing database out of pg_cron, as far as we can; returns how many. Where
-- they cannot be reached from here, a notice names the statements.
CREATE FUNCTION uninstall_jobs(schema name) RETURNS bigint
    LANGUAGE plpgsql AS
$$
DECLARE
    state        text;
    may_schedule boolean;
    commands     text;
    result       bigint := 0;
BEGIN
    EXECUTE pg_catalog.format('SELECT state, may_schedule FROM %I.cron_state()', schema) INTO state, may_schedule;
    IF state = 'here' AND may_schedule THEN
        EXECUTE pg_catalog.format('SELECT %I.unschedule_jobs()', schema) INTO result;
    ELSIF state IN ('other database', 'unknown', 'here') THEN
        EXECUTE pg_catalog.format('SELECT pg_catalog.string_agg(c, '' '') FROM %I.cron_commands(unschedule => true) c', schema) INTO commands;
        RAISE NOTICE 'if the jobs of schema "%" are scheduled with pg_cron, they will fail from now on', schema
            USING HINT = 'As a superuser, in the database where pg_cron lives, say ' || commands;
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION uninstall_jobs(name) IS 'unschedules the jobs of a marketing database, or names the statements that do; returns how many jobs there were. A part of uninstall()';

CREATE FUNCTION uninstall(schema name, drop_data boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql SET search_path = dupex, pg_temp AS
$$
DECLARE
    version       text := dupex.installed_version(schema);
    holds_data    boolean;
    users_objects text[];
    jobs          bigint;
    result        text;
BEGIN
    PERFORM pg_catalog.set_config('search_path', dupex.marketing_search_path(schema), true);
    IF NOT coalesce(drop_data, false) THEN
        EXECUTE pg_catalog.format(
            'SELECT EXISTS (SELECT FROM %1$I.customer WHERE customer_id <> 0)
                 OR EXISTS (SELECT FROM %1$I.source WHERE source_code <> ''UNSOURCED'')
                 OR EXISTS (SELECT FROM %1$I.campaign) OR EXISTS (SELECT FROM %1$I.response)
                 OR EXISTS (SELECT FROM %1$I.customer_order) OR EXISTS (SELECT FROM %1$I.expense)
                 OR EXISTS (SELECT FROM %1$I.door_count) OR EXISTS (SELECT FROM %1$I.reception)', schema) INTO holds_data;
        users_objects := dupex.foreign_objects(schema);
        IF holds_data OR users_objects <> '{}' THEN
            RAISE EXCEPTION 'the marketing database in schema "%" holds %', schema, CASE WHEN holds_data THEN 'data' ELSE 'objects of yours' END
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      DETAIL = CASE WHEN users_objects <> '{}' THEN 'Yours are: ' || pg_catalog.array_to_string(users_objects, ', ')
                                    ELSE 'Nothing has been dropped.' END,
                      HINT = pg_catalog.format('Dump it with pg_dump -n %I, then say SELECT dupex.uninstall(%L, drop_data => true).', schema, schema);
        END IF;
    END IF;
    jobs := dupex.uninstall_jobs(schema);
    SELECT pg_catalog.format('dropped the marketing database %s in schema %I with %s tables, views, functions and types; %s jobs unscheduled',
             version, schema, pg_catalog.count(*), jobs)
      INTO result FROM dupex.marketing_objects(schema);
    -- the answer says it in a line, PostgreSQL in hundreds
    IF pg_catalog.current_setting('client_min_messages') NOT IN ('warning', 'error') THEN
        PERFORM pg_catalog.set_config('client_min_messages', 'warning', true);
    END IF;
    EXECUTE pg_catalog.format('DROP SCHEMA %I CASCADE', schema);
    RETURN result;
END
$$;
COMMENT ON FUNCTION uninstall(name, boolean) IS 'drops a marketing database with its schema and takes its jobs out of pg_cron; refuses with 55000 while there is data or anything of the user''s in the schema, unless drop_data is true. Returns what it did';

REVOKE ALL ON FUNCTION run_marketing_modules(name, int, int), record_installed_objects(name, text[]), own_installed_objects(name),
    drop_installed_objects(name), upgrade_tables(name, text), uninstall_jobs(name), install(name), upgrade(name), uninstall(name, boolean) FROM PUBLIC;
