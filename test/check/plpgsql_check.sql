-- What plpgsql_check says of every plpgsql function of dupex and of a marketing database.
-- Run by static_plpgsql.sh in a new database; prints one line a finding, and a line of counts.
\set QUIET on
\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
\pset fieldsep ' | '
SET client_min_messages = warning;
CREATE EXTENSION plpgsql_check;
CREATE EXTENSION dupex;
SET search_path = public, dupex;
SELECT to_regprocedure('dupex.install(name)') IS NOT NULL AS has_marketing \gset
\if :has_marketing
SELECT count(*) AS lines_of_install FROM (SELECT dupex.install('lint')) AS installed \gset
\endif

CREATE TABLE public.finding (function regprocedure, line int, statement text, level text, message text, detail text, hint text, query text);

-- A temporary table exists only when its function runs: before a function is checked, the
-- tables are made that it and its neighbours create by statements of their own. A statement
-- that needs a variable fails here and is passed over.
CREATE FUNCTION public.make_temporary_tables(checked oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT parts[1]
        FROM pg_proc p, regexp_matches(p.prosrc, '(CREATE\s+TEMP(?:ORARY)?\s+TABLE[^;]*);', 'gi') AS matched(parts)
        WHERE p.pronamespace = (SELECT pronamespace FROM pg_proc WHERE oid = checked)
        ORDER BY p.oid <> checked, p.oid
    LOOP
        BEGIN
            EXECUTE statement;
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END LOOP;
END
$$;

-- Each function is checked under its own search_path; one that has none runs under its
-- caller's, which has the schema itself and the toolbox. A procedure that has none (one that
-- commits cannot have it) may rely on nothing. The parts of load_sample() run under the path
-- of a marketing database, which load_sample() sets for them.
SELECT format('SET search_path = %s', CASE WHEN p.prokind = 'p' AND p.proconfig IS NULL THEN 'pg_catalog'
                                           WHEN n.nspname = 'dupex' AND p.proname ~ '^sample_' THEN 'lint, dupex'
                                           WHEN n.nspname = 'dupex' THEN 'dupex'
                                           ELSE format('%I, dupex', n.nspname) END),
       format('BEGIN; SELECT public.make_temporary_tables(%s);', p.oid),
       format('INSERT INTO public.finding
               SELECT functionid, lineno, statement, level, message, detail, hint, query
               FROM public.plpgsql_check_function_tb(%s, relid => %s, fatal_errors => false, other_warnings => true,
                       extra_warnings => true, performance_warnings => false, security_warnings => true); COMMIT',
              p.oid, coalesce((SELECT t.tgrelid FROM pg_trigger t WHERE t.tgfoid = p.oid LIMIT 1), 0)),
       'DISCARD TEMP'
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname = 'plpgsql' AND n.nspname IN ('dupex', 'lint')
ORDER BY n.nspname, p.proname, p.oid \gexec

SET search_path = public, dupex;
SELECT DISTINCT function::text || coalesce(':' || line, '') AS place, level, message, detail, hint, regexp_replace(left(query, 200), '\s+', ' ', 'g')
FROM public.finding
ORDER BY 1, 2, 3;
SELECT 'checked ' || count(*) FILTER (WHERE l.lanname = 'plpgsql') || ' plpgsql functions of dupex and '
       || count(*) FILTER (WHERE l.lanname = 'plpgsql' AND n.nspname = 'lint') || ' of them in a marketing database'
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname IN ('dupex', 'lint');
