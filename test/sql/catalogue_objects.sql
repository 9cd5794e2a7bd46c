-- The list of all objects of the extension with their labels, frozen. After a change read the
-- difference: every line of it is something that users see or rely on.
SET search_path = pg_catalog;

-- Without the types that come along with another (arrays of it, the rows of a table): members in PostgreSQL 17, not in 15.
CREATE TEMP VIEW member AS SELECT classid, objid, objsubid FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'dupex') AND deptype = 'e'
  AND NOT (classid = 'pg_type'::regclass AND (EXISTS (SELECT FROM pg_type t WHERE t.typarray = objid) OR EXISTS (SELECT FROM pg_class c WHERE c.reltype = objid AND c.relkind <> 'c')));

-- functions: volatility (i s v), strict, parallel (s r u), leakproof, language, cost and rows where they are not the default; settings, defaults and names of arguments with the signature
\pset format unaligned
\pset tuples_only on
SELECT p.oid::regprocedure || ' -> ' || pg_get_function_result(p.oid) || ' | ' || CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window' ELSE l.lanname END
    || ' ' || p.provolatile::text || CASE WHEN p.proisstrict THEN ' strict' ELSE '' END || ' parallel ' || p.proparallel::text
    || CASE WHEN p.proleakproof THEN ' leakproof' ELSE '' END || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END
    || CASE WHEN p.procost <> (CASE WHEN l.lanname IN ('c', 'internal') THEN 1 ELSE 100 END) THEN ' cost ' || p.procost ELSE '' END
    || CASE WHEN p.proretset THEN ' rows ' || p.prorows ELSE '' END || coalesce(' set ' || array_to_string(p.proconfig, ', '), '')
    || CASE WHEN p.prosupport <> 0 THEN ' support ' || p.prosupport ELSE '' END
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid JOIN pg_language l ON l.oid = p.prolang ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C";
-- named arguments and their defaults, which callers may rely on
SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')'
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid WHERE p.proargnames IS NOT NULL ORDER BY p.proname COLLATE "C", pg_get_function_arguments(p.oid) COLLATE "C";
-- aggregates: state, functions, moving form
SELECT a.aggfnoid::regprocedure || ' | state ' || a.aggtranstype::regtype || ' | ' || a.aggtransfn || ' | combine ' || a.aggcombinefn || CASE WHEN a.aggfinalfn <> 0 THEN ' | final ' || a.aggfinalfn ELSE '' END
    || CASE WHEN a.aggmtransfn <> 0 THEN ' | moving ' || a.aggmtransfn || ', ' || a.aggminvtransfn ELSE '' END || coalesce(' | from ' || a.agginitval, '') || CASE WHEN a.aggsortop <> 0 THEN ' | sort ' || a.aggsortop::regoperator ELSE '' END
FROM member m JOIN pg_aggregate a ON m.classid = 'pg_proc'::regclass AND a.aggfnoid = m.objid ORDER BY a.aggfnoid::regprocedure::text COLLATE "C";
-- everything else
SELECT i.type || ' ' || i.identity FROM member m, pg_identify_object(m.classid, m.objid, m.objsubid) i WHERE m.classid <> 'pg_proc'::regclass ORDER BY i.type COLLATE "C", i.identity COLLATE "C";
\pset tuples_only off
\pset format aligned

-- rules
CREATE TEMP VIEW broken_rule AS
SELECT 'has no COMMENT' AS rule, i.type || ' ' || i.identity AS object FROM member m, pg_identify_object(m.classid, m.objid, m.objsubid) i WHERE coalesce(obj_description(m.objid, m.classid::regclass::name), '') = ''
UNION ALL
SELECT 'is outside of the schema', i.type || ' ' || i.identity FROM member m, pg_identify_object(m.classid, m.objid, m.objsubid) i
WHERE i.schema <> 'dupex' OR i.schema IS NULL AND i.type NOT IN ('schema', 'cast') OR i.type = 'schema' AND i.identity <> 'dupex'
UNION ALL
-- what comes from here holds no data of users
SELECT 'is a table, view or sequence', c.oid::regclass::text FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid WHERE c.relkind <> 'c'
UNION ALL
SELECT rule, p.oid::regprocedure::text FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid JOIN pg_language l ON l.oid = p.prolang, unnest(ARRAY[
    CASE WHEN p.prosecdef AND NOT coalesce(p.proconfig::text ~ 'search_path=.*pg_temp"?}?$', false) THEN 'is SECURITY DEFINER without a pinned search_path' END,
    CASE WHEN p.proisstrict AND p.pronargs = 0 THEN 'is strict without an argument' END,
    CASE WHEN l.lanname = 'c' AND p.prosrc !~ '^dupex_' THEN 'is a C function that does not begin with dupex_' END,
    -- (names and values are of any types, as those of PostgreSQL's own function are)
    CASE WHEN EXISTS (SELECT FROM unnest(p.proargtypes) x JOIN pg_type t ON t.oid = x WHERE t.typname ~ '^any') AND p.proname <> 'jsonb_build_present' THEN 'is polymorphic' END,
    -- (what takes and gives back advisory locks, or asks, is as open as PostgreSQL's own functions for that)
    CASE WHEN p.provolatile = 'v' AND has_function_privilege('pg_monitor', p.oid, 'EXECUTE') AND p.proname NOT IN ('job_lock', 'job_unlock', 'may_commit') THEN 'may write and is open to PUBLIC' END,
    CASE WHEN p.provolatile = 'i' AND NOT has_function_privilege('pg_monitor', p.oid, 'EXECUTE') THEN 'is pure, but closed to PUBLIC' END]) rule WHERE rule IS NOT NULL
UNION ALL
-- so that a later argument with a default does not make old calls ambiguous
SELECT 'is overloaded, and not by types of dupex', string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text)
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid GROUP BY p.proname
HAVING count(*) > 1 AND count(*) <> count(DISTINCT (SELECT string_agg(x::regtype::text, ',') FROM unnest(p.proargtypes) x JOIN pg_type t ON t.oid = x WHERE t.typnamespace = 'dupex'::regnamespace));
TABLE broken_rule ORDER BY rule COLLATE "C", object COLLATE "C";
SELECT has_schema_privilege('pg_monitor', 'dupex', 'USAGE') AS everybody_uses_the_schema, has_schema_privilege('pg_monitor', 'dupex', 'CREATE') AS everybody_makes_objects;

-- the rules find what is wrong with these
BEGIN;
CREATE FUNCTION dupex.planted() RETURNS int LANGUAGE sql STRICT SECURITY DEFINER RETURN 1;
CREATE FUNCTION dupex.planted(int) RETURNS int LANGUAGE sql IMMUTABLE RETURN 1;
REVOKE EXECUTE ON FUNCTION dupex.planted(int) FROM PUBLIC;
CREATE FUNCTION public.planted(anyelement) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE TABLE dupex.planted (i int);
ALTER EXTENSION dupex ADD FUNCTION dupex.planted();
ALTER EXTENSION dupex ADD FUNCTION dupex.planted(int);
ALTER EXTENSION dupex ADD FUNCTION public.planted(anyelement);
ALTER EXTENSION dupex ADD TABLE dupex.planted;
TABLE broken_rule ORDER BY rule COLLATE "C", object COLLATE "C";
ROLLBACK;
