-- Every type of the extension: text and binary forms, operator classes, casts.
-- A new type must be added to the table below; without it this test fails.
SET search_path = public, dupex;
\set VERBOSITY terse

CREATE TEMP VIEW member AS SELECT classid, objid FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'dupex') AND deptype = 'e';
CREATE TEMP VIEW base_type AS SELECT t.* FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid WHERE t.typtype = 'b' AND t.typelem = 0;

-- for each base type values that between them use all of it, one a line
CREATE TEMP TABLE sample (type regtype, literal text NOT NULL);
INSERT INTO sample SELECT type::regtype, unnest(literals) FROM (VALUES
    ('er', ARRAY['0:0', '1200:4800', '-0.000000001:0.999999999', '999999999999999999.999999999:-999999999999999999.999999999']),
    ('purchase_counts', ARRAY['{}', '{0 0 39 1220, 1 2.6 39 58}', '{0 0 0 0.00000000023283064365386962890625, 4294967295 1e-300 1e+300 9223372036854775807.99999999976716935634613037109375} nulls 3 impossible 1']),
    ('purchase_history', ARRAY['{2026-01-31T10:15:00Z 19.99}', '{0001-01-01T00:00:00Z 0, 2000-02-29T23:59:59.999999Z 0.000000001 x4294967295, 2000-03-01T00:00:00.5Z 30 x2, 9999-12-31T23:59:59Z 999999999999999999.999999999}']),
    ('journey', ARRAY['{2026-01-31T10:15:00Z "mail", 2026-02-01T00:00:00Z @"lead", 2026-02-03T09:30:00Z 19.99}', '{0001-01-01T00:00:00Z "", 0001-01-01T00:00:00Z "a \"b\" \\ é", 0001-01-01T00:00:00Z @"a", 0001-01-01T00:00:00Z -999999999999999999, 9999-12-31T23:59:59.999999Z -0.000000001}']),
    ('funnel', ARRAY['{}', '{2026-01-31T10:15:00Z 1, 2026-02-02T08:00:00Z 2}', '{0001-01-01T00:00:00Z 0, 2000-02-29T23:59:59.999999Z 3, 2000-02-29T23:59:59.999999Z 3, 2000-03-01T00:00:00.5Z 2147483648, 9999-12-31T23:59:59Z 4294967295}']),
    ('spend_counts', ARRAY['{}', '{1 15.06 1, 2 8.48 3}', '{0 0 0.00000000023283064365386962890625, 1 1e-300 1, 4294967295 1e+300 9223372036854775807.99999999976716935634613037109375} nulls 3']),
    ('moments', ARRAY['0:0:0', '3:12.5:80.25', '1:-0.000000001:0.000000000000000001', '9223372036854775807:999999999999999999.999999999:999999999999999999999999999999999999.999999999999999999']),
    ('rate', ARRAY['0/0', '37/1000', '9223372036854775807/9223372036854775807']),
    ('points', ARRAY['[]', '[["visit", 1767225600, 10, 604800, 2], ["", 1767225600.000001, -0.1, null, 1]]', '[["a \"b\" \\ \u000a é", -1000000000.5, 1e-300, 0.000001, 123456]]']),
    ('naive_bayes', ARRAY['{"outcomes": [0, 0], "features": {}}', '{"outcomes": [1.5, 999999999999999], "features": {"": {"": [0.000000000001, 0]}, "a \"b\"": {"c\u0001": [1, 2], "é": [3, 4]}}}']),
    ('logistic_data', ARRAY['{"features": 0, "rows": [[[], 1, 0.5]]}', '{"features": 2, "rows": []}', '{"features": 3, "rows": [[[-1e+300, 0, 0.1], 1, 999999999999999]]}']),
    ('logistic_cases', ARRAY['[]', '[[[], 1, 0.5]]', '[[[["", ""], ["a \"b\"", -1e+300], ["a \"b\"", "x"], ["é", 0.1]], 1, 999999999999999]]']),
    ('gains', ARRAY['[]', '[[-1e+300, 1, 0], [-0.5, 0, 2], [0, 7, 1], [4.94065645841247e-324, 3, 4], [0.1, 5, 6]]']),
    ('activity', ARRAY['{2026-01-31T10:15:00Z}', '{2026-01-31T00:00:00Z, 2026-02-01T00:00:00Z}', '{0001-01-01T00:00:00Z, 2000-02-29T23:59:59.999999Z, 2000-03-01T00:00:00.5Z, 9999-12-31T23:59:59.999999Z}']),
    ('retention_counts', ARRAY['{} of 0', '{} of 7', '{10 10 0, 9 7 9} of 12', '{999999999999999999 999999999999999999 0} of 999999999999999999']),
    ('source_code', ARRAY['0', 'DB02087', 'ZZZZZZZZZZZZ', '000000000000'])) v(type, literals);
SELECT oid::regtype AS not_tested FROM base_type WHERE oid NOT IN (SELECT type FROM sample);
SELECT typname AS without_send_and_receive FROM base_type WHERE typsend = 0 OR typreceive = 0;
SELECT typname, typlen, typbyval, typalign, typstorage, typdelim, typcategory, typispreferred FROM base_type ORDER BY typname COLLATE "C";

-- text form back and forth gives the same text; so does a file of COPY in text and in binary format, with arrays and NULLs
CREATE FUNCTION pg_temp.round_trip(type regtype, format text, OUT same boolean, OUT elements bigint) LANGUAGE plpgsql AS $f$
BEGIN
    EXECUTE format('CREATE TEMP TABLE sent AS SELECT literal::%1$s AS one, ARRAY[literal::%1$s, NULL] AS many FROM sample WHERE type = %2$L::regtype UNION ALL SELECT NULL, %3$L', type, type, '{}');
    EXECUTE format('COPY sent TO %L (FORMAT %s)', current_setting('data_directory') || '/dupex_catalogue_type', format);
    CREATE TEMP TABLE received (LIKE sent);
    EXECUTE format('COPY received FROM %L (FORMAT %s)', current_setting('data_directory') || '/dupex_catalogue_type', format);
    SELECT (SELECT array_agg(one::text || many::text) FROM sent) = (SELECT array_agg(one::text || many::text) FROM received), count(one) INTO same, elements FROM received;
    DROP TABLE sent, received;
END $f$;
SELECT type, bool_and(same) AS same, elements FROM (SELECT DISTINCT type FROM sample) t, unnest(ARRAY['text', 'csv', 'binary']) format, pg_temp.round_trip(type, format) GROUP BY type, elements ORDER BY type::text;
CREATE FUNCTION pg_temp.written(type regtype, literal text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE result text; BEGIN EXECUTE format('SELECT %L::%s::text', literal, type) INTO result; RETURN result; END $$;
SELECT type, literal, pg_temp.written(type, literal) FROM sample WHERE pg_temp.written(type, literal) <> literal;
-- operator classes: valid, of one family each, btree and hash where there is equality
SELECT opcname AS invalid FROM member m JOIN pg_opclass c ON m.classid = 'pg_opclass'::regclass AND c.oid = m.objid WHERE NOT amvalidate(c.oid);
SELECT opcintype::regtype AS type, string_agg(amname || CASE WHEN opcdefault THEN '' ELSE ' (not the default)' END, ', ' ORDER BY amname) AS operator_classes
FROM member m JOIN pg_opclass c ON m.classid = 'pg_opclass'::regclass AND c.oid = m.objid JOIN pg_am ON pg_am.oid = opcmethod GROUP BY 1 ORDER BY opcintype::regtype::text;
SELECT f.opfname, a.amname AS hash_without_extended FROM member m JOIN pg_opfamily f ON m.classid = 'pg_opfamily'::regclass AND f.oid = m.objid JOIN pg_am a ON a.oid = f.opfmethod
WHERE a.amname = 'hash' AND NOT EXISTS (SELECT FROM pg_amproc p WHERE p.amprocfamily = f.oid AND p.amprocnum = 2);
-- operators: commutators and negators are mutual, estimators present for what returns boolean
SELECT o.oid::regoperator AS operator, problem FROM member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid, unnest(ARRAY[
    CASE WHEN o.oprresult = 'boolean'::regtype AND (o.oprrest = 0 OR o.oprjoin = 0) THEN 'no selectivity' END,
    CASE WHEN o.oprcom <> 0 AND (SELECT oprcom FROM pg_operator WHERE oid = o.oprcom) <> o.oid THEN 'commutator is not mutual' END,
    CASE WHEN o.oprnegate <> 0 AND (SELECT oprnegate FROM pg_operator WHERE oid = o.oprnegate) <> o.oid THEN 'negator is not mutual' END,
    CASE WHEN o.oprname = '=' AND NOT (o.oprcanhash AND o.oprcanmerge) THEN 'equality that cannot hash or merge' END,
    CASE WHEN EXISTS (SELECT FROM pg_operator s WHERE s.oid = o.oprcom AND s.oprcode <> o.oprcode) AND o.oprname IN ('=', '<>', '+') THEN 'commutator is another function' END]) problem WHERE problem IS NOT NULL;
-- no cast happens unasked but where it is listed here; none is binary coercible without a function
SELECT c.castsource::regtype AS source, c.casttarget::regtype AS target, c.castcontext AS context, c.castmethod AS method FROM member m JOIN pg_cast c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid ORDER BY c.castsource::regtype::text, c.casttarget::regtype::text;
SELECT count(*) AS implicit_to_text FROM member m JOIN pg_cast c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid WHERE c.castcontext = 'i' AND c.casttarget IN (SELECT oid FROM pg_type WHERE typcategory = 'S');

-- Binary input takes nothing that text input would not: each value with bytes changed, left out or put in, 300 times. What is
-- taken has a text that reads back to it, so a dump of it can be restored; the rest is refused as a bad message.
CREATE FUNCTION pg_temp.changed(bytes bytea, salt text) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    place int := abs(hashtextextended(salt, 1) % (length(bytes) + 1));
    width int := CASE hashtextextended(salt, 2) & 3 WHEN 0 THEN 8 ELSE 1 END;
    other bytea := CASE hashtextextended(salt, 3) & 7 WHEN 0 THEN decode(repeat('00', width), 'hex') WHEN 1 THEN decode(repeat('ff', width), 'hex') WHEN 2 THEN decode('80' || repeat('00', width - 1), 'hex')
                        WHEN 3 THEN '' ELSE substr(int8send(hashtextextended(salt, 4)), 1, width) END;
BEGIN
    RETURN substr(bytes, 1, place) || other || substr(bytes, place + 1 + CASE WHEN hashtextextended(salt, 5) & 15 = 0 THEN 0 ELSE width END);
END $$;
-- (what COPY writes of a bytea in binary format is what it reads as any other type)
CREATE FUNCTION pg_temp.received(type regtype, bytes bytea, OUT state text, OUT same boolean) LANGUAGE plpgsql AS $f$
DECLARE
    file text := current_setting('data_directory') || '/dupex_catalogue_binary';
BEGIN
    EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, file);
    state := 'taken';
    BEGIN
        EXECUTE format('CREATE TEMP TABLE received (x %s)', type);
        EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
        EXECUTE format('SELECT x::text::%s::text = x::text FROM received', type) INTO same;
        RAISE EXCEPTION USING ERRCODE = 'DX000';
    EXCEPTION WHEN SQLSTATE 'DX000' THEN NULL;
        WHEN invalid_binary_representation OR protocol_violation OR character_not_in_repertoire OR untranslatable_character THEN state := 'refused';
        WHEN OTHERS THEN state := SQLSTATE || ' ' || SQLERRM;
    END;
END $f$;
CREATE FUNCTION pg_temp.sent(type regtype, literal text) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE result bytea; BEGIN EXECUTE format('SELECT %s(%L::%s)', (SELECT typsend FROM pg_type WHERE oid = type), literal, type) INTO result; RETURN result; END $$;
CREATE TEMP TABLE changed AS
SELECT type, n, bytes, (r).state, (r).same FROM (
    SELECT type, n, bytes, pg_temp.received(type, bytes) AS r FROM (
        SELECT type, n, pg_temp.changed(CASE WHEN n % 3 = 0 THEN pg_temp.changed(pg_temp.sent(type, literal), 'first ' || literal || n) ELSE pg_temp.sent(type, literal) END, literal || n) AS bytes
        FROM sample, generate_series(1, 300) n) b OFFSET 0) s;
SELECT type, bool_or(state = 'taken') AS some_taken, bool_or(state = 'refused') AS some_refused FROM changed GROUP BY type ORDER BY type::text;
SELECT type, state, same, bytes FROM changed WHERE state NOT IN ('taken', 'refused') OR same IS FALSE;
