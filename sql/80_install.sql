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

-- Notes which functions and views the modules have made, so that upgrade() touches only those.
-- Everything there at install is ours, and afterwards what was not there before.
CREATE FUNCTION record_installed_objects(schema name, foreign_objects text[]) RETURNS int
    LANGUAGE plpgsql AS
$$
DECLARE
    done int;
BEGIN
    EXECUTE pg_catalog.format('DELETE FROM %I.installed_object', schema);
    EXECUTE pg_catalog.format(
        'INSERT INTO %I.installed_object SELECT row_number() OVER (ORDER BY oid), kind, identity
           FROM dupex.marketing_objects(%L) WHERE kind <> ''table'' AND identity <> ALL ($1)', schema, schema)
        USING foreign_objects;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
COMMENT ON FUNCTION record_installed_objects(name, text[]) IS 'writes the list installed_object of a schema: all its functions and views but the foreign ones; a part of install() and upgrade()';

CREATE FUNCTION marketing_objects(schema name, OUT oid oid, OUT kind text, OUT identity text) RETURNS SETOF record
    LANGUAGE sql STABLE ROWS 100 AS
$$
    SELECT p.oid, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           pg_catalog.format('%I(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
    UNION ALL
    SELECT c.oid, CASE WHEN c.relkind = 'v' THEN 'view' WHEN c.relkind = 'm' THEN 'materialized view' ELSE 'table' END,
           pg_catalog.quote_ident(c.relname)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
$$;
COMMENT ON FUNCTION marketing_objects(name) IS 'functions, procedures, views and tables in a schema, with their names and argument types';

CREATE FUNCTION install(schema name DEFAULT 'marketing') RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    saved_path text := pg_catalog.current_setting('search_path');
    result     text;
BEGIN
    IF schema ~ '^pg_' OR schema IN ('information_schema', 'dupex') THEN
        RAISE EXCEPTION 'schema "%" cannot hold a marketing database', schema
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Choose a schema of your own, such as marketing.';
    ELSIF pg_catalog.to_regclass(pg_catalog.format('%I.installation', schema)) IS NOT NULL THEN
        RAISE EXCEPTION 'there is already a marketing database in schema "%", of version %', schema, dupex.installed_version(schema)
            USING ERRCODE = 'duplicate_object', HINT = pg_catalog.format('Bring it to the version of the library with SELECT dupex.upgrade(%L).', schema);
    ELSIF EXISTS (SELECT FROM dupex.marketing_objects(schema)) THEN
        RAISE EXCEPTION 'schema "%" is not empty', schema
            USING ERRCODE = 'duplicate_object', HINT = 'Choose a schema that does not exist yet, or an empty one.';
    END IF;

    EXECUTE pg_catalog.format('CREATE SCHEMA IF NOT EXISTS %I', schema);
    EXECUTE pg_catalog.format('COMMENT ON SCHEMA %I IS %L', schema, 'marketing database made by dupex ' || dupex.version()
        || ': read the views (source_performance, medium_performance, ...), call the functions, leave the rest to the jobs');
    PERFORM dupex.run_marketing_modules(schema, 0, 30);
    PERFORM dupex.run_marketing_modules(schema, 30, 100);
    PERFORM dupex.record_installed_objects(schema, '{}');
    EXECUTE pg_catalog.format('INSERT INTO %I.installation (version, action) VALUES (%L, ''install'')', schema, dupex.version());
    EXECUTE pg_catalog.format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC', schema);

    SELECT pg_catalog.format('marketing database %s in schema %I: %s tables, %s views, %s functions and procedures', dupex.version(), schema,
             pg_catalog.count(*) FILTER (WHERE kind = 'table'), pg_catalog.count(*) FILTER (WHERE kind = 'view'),
             pg_catalog.count(*) FILTER (WHERE kind IN ('function', 'procedure')))
      INTO result FROM dupex.marketing_objects(schema);
    PERFORM pg_catalog.set_config('search_path', saved_path, true);
    RETURN result;
END
$$;
COMMENT ON FUNCTION install(name) IS 'makes a marketing database (ordinary tables, views and functions) in a schema, which is created if need be and must be empty; returns what it made. 42710 where there is one already, 22023 for a schema of the system';

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

CREATE FUNCTION upgrade(schema name) RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    saved_path      text := pg_catalog.current_setting('search_path');
    from_version    text := dupex.installed_version(schema);
    object_kind     text;
    object_identity text;
    grantee         name;
    granted_level   text;
    foreign_objects text[];
    changes         int;
    kept            int := 0;
    recorded        int;
BEGIN
    -- The list was written under this path, and how a type is written depends on the path.
    PERFORM pg_catalog.set_config('search_path', dupex.marketing_search_path(schema), true);

    -- what the user has made in this schema is not ours to touch
    EXECUTE pg_catalog.format(
        'SELECT pg_catalog.array_agg(identity) FROM dupex.marketing_objects(%L) m
          WHERE NOT EXISTS (SELECT FROM %I.installed_object o WHERE o.identity = m.identity)', schema, schema) INTO foreign_objects;
    changes := dupex.upgrade_tables(schema, from_version);

    -- Ours are dropped from the last to the first. One that something of the user's rests on
    -- stays, and is replaced in place. What is executed is the catalog's text, not the table's,
    -- which somebody else may have written to.
    FOR object_kind, object_identity IN EXECUTE pg_catalog.format(
        'SELECT m.kind, m.identity FROM dupex.marketing_objects(%L) m JOIN %I.installed_object o USING (kind, identity)
          ORDER BY o.object_no DESC', schema, schema)
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('DROP %s IF EXISTS %I.%s', object_kind, schema, object_identity);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            kept := kept + 1;
        END;
    END LOOP;
    PERFORM dupex.run_marketing_modules(schema, 30, 100);
    recorded := dupex.record_installed_objects(schema, coalesce(foreign_objects, '{}'));
    EXECUTE pg_catalog.format('INSERT INTO %I.installation (version, action) VALUES (%L, ''upgrade'')', schema, dupex.version());
    FOR object_identity IN EXECUTE pg_catalog.format(
        'SELECT m.identity FROM dupex.marketing_objects(%L) m JOIN %I.installed_object o USING (kind, identity) WHERE m.kind <> ''view''',
        schema, schema)
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %I.%s FROM PUBLIC', schema, object_identity);
    END LOOP;
    FOR grantee, granted_level IN
        EXECUTE pg_catalog.format('SELECT g.role_name, g.level FROM %I.access_grant g JOIN pg_catalog.pg_roles r ON r.rolname = g.role_name', schema)
    LOOP
        EXECUTE pg_catalog.format('SELECT %I.grant_access($1, $2)', schema) USING grantee, granted_level;
    END LOOP;
    PERFORM pg_catalog.set_config('search_path', saved_path, true);
    RETURN pg_catalog.format('marketing database in schema %I: from version %s to %s, %s changes of tables, %s functions and views made again, %s of them in place', schema,
        from_version, dupex.version(), changes, recorded, kept);
END
$$;
COMMENT ON FUNCTION upgrade(name) IS 'brings the marketing database in a schema to the version of the library: changes its tables, makes its functions and views again, repeats the grants of grant_access(); what the user has added stays. Returns what it did. 55000 where there is no marketing database';

CREATE FUNCTION uninstall(schema name, drop_data boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    version text := dupex.installed_version(schema);
    facts   bigint;
    result  text;
BEGIN
    EXECUTE pg_catalog.format(
        'SELECT (SELECT count(*) FROM (SELECT FROM %1$I.customer WHERE customer_id <> 0 LIMIT 1) a)
              + (SELECT count(*) FROM (SELECT FROM %1$I.source WHERE source_code <> ''UNSOURCED'' LIMIT 1) b)
              + (SELECT count(*) FROM (SELECT FROM %1$I.response LIMIT 1) c)
              + (SELECT count(*) FROM (SELECT FROM %1$I.customer_order LIMIT 1) d)
              + (SELECT count(*) FROM (SELECT FROM %1$I.expense LIMIT 1) e)
              + (SELECT count(*) FROM (SELECT FROM %1$I.door_count LIMIT 1) f)
              + (SELECT count(*) FROM (SELECT FROM %1$I.reception LIMIT 1) g)', schema) INTO facts;
    IF facts > 0 AND NOT drop_data THEN
        RAISE EXCEPTION 'the marketing database in schema "%" holds data', schema
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = pg_catalog.format('Dump it with pg_dump -n %I, then say SELECT dupex.uninstall(%L, drop_data => true).', schema, schema);
    END IF;
    SELECT pg_catalog.format('dropped the marketing database %s in schema %I with %s tables, views and functions', version, schema, pg_catalog.count(*))
      INTO result FROM dupex.marketing_objects(schema);
    EXECUTE pg_catalog.format('DROP SCHEMA %I CASCADE', schema);
    RETURN result;
END
$$;
COMMENT ON FUNCTION uninstall(name, boolean) IS 'drops a marketing database with its schema; refuses with 55000 while there is data, unless drop_data is true. Returns what it did';

REVOKE ALL ON FUNCTION run_marketing_modules(name, int, int), record_installed_objects(name, text[]), upgrade_tables(name, text),
    install(name), upgrade(name), uninstall(name, boolean) FROM PUBLIC;
