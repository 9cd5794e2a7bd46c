-- Making load_row, the temporary table in which every row of a staging table is read.

-- The expressions of the levels for one kind and staging table: one row per column of load_column.
-- A column that the staging table lacks is there all the same, NULL, so that nobody need ask.
CREATE OR REPLACE FUNCTION load_expressions(load_kind text, staging regclass)
    RETURNS TABLE (column_name text, cell_sql text, value_sql text, problem_sql text, content_sql text)
    LANGUAGE plpgsql STABLE STRICT ROWS 30 SET search_path FROM CURRENT AS
$$
DECLARE
    c         load_column;
    is_there  boolean;
    is_direct boolean;
    cell_name text;
    -- what a sheet leaves at the ends of a cell; a no-break space where the encoding has it
    blanks    text := E' \t\r\n' || CASE WHEN getdatabaseencoding() = 'UTF8' THEN chr(160) ELSE '' END;
BEGIN
    FOR c IN SELECT * FROM load_column l WHERE l.kind = load_kind LOOP
        column_name := c.column_name;
        cell_name := CASE WHEN c.read_as = 'text' THEN c.column_name ELSE c.column_name || ' cell' END;
        SELECT true, load_is_direct(c.read_as, a.atttypid) INTO is_there, is_direct
          FROM pg_attribute a WHERE a.attrelid = staging AND a.attname = c.column_name AND a.attnum > 0 AND NOT a.attisdropped;
        value_sql := NULL;
        IF is_there IS NULL THEN
            -- the rules may ask for any column
            cell_sql := format('NULL::text AS %I', cell_name);
            IF c.read_as <> 'text' THEN
                value_sql := format('NULL::%s AS %I', load_type(c.read_as), c.column_name);
            END IF;
            problem_sql := NULL;
            content_sql := NULL;
        ELSE
            cell_sql := CASE WHEN is_direct THEN format('s.%I AS %I', c.column_name, cell_name)
                             ELSE format('nullif(btrim(s.%I::text, %L), '''') AS %I', c.column_name, blanks, cell_name) END;
            IF c.read_as <> 'text' THEN
                value_sql := format('%s AS %I', load_value_sql(format('c.%I', cell_name), c.read_as, is_direct), c.column_name);
            END IF;
            problem_sql := load_problem_sql(c, format('x.%I', cell_name));
            -- the same whatever DateStyle and TimeZone are
            content_sql := format(CASE c.read_as WHEN 'timestamp' THEN '%2$L || encode(timestamptz_send(x.%1$I), ''hex'')'
                                                 WHEN 'date' THEN '%2$L || (x.%1$I - date ''2000-01-01'')'
                                                 ELSE '%2$L || x.%1$I::text' END, c.column_name, c.column_name || '=');
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION load_expressions(text, regclass) IS 'the SQL expressions with which each column of a staging table is read; a part of the bulk load';

-- The SQL of level x that finds the row of table target to which the columns present refer, by
-- key, by request_id, by source code or address; NULL when there is none.
CREATE OR REPLACE FUNCTION load_reference_sql(target text, present text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT format('CASE %s END', string_agg(format(
                'WHEN v.%2$I IS NOT NULL THEN (SELECT t.%1$I FROM %3$I t WHERE t.customer_id = p.customer_id AND ' || w.lookup || ')',
                target || '_id', w.column_name, target), ' ' ORDER BY w.preference))
              FROM (VALUES (1, target || '_id', 't.%1$I = v.%2$I'),
                           (2, target || '_request_id', 't.request_id = v.%2$I'),
                           -- the last one before the event; failing that, the first one after it. IS TRUE keeps
                           -- the planner from looking up the code, which a whole mailing has, before the customer
                           (3, 'source_code', '(t.source_code = v.%2$I) IS TRUE ORDER BY t.sent_at > v.happened_at, abs(extract(epoch FROM v.happened_at - t.sent_at)), t.touch_id LIMIT 1'),
                           (4, 'address', 't.value = v.%2$I ORDER BY t.contact_point_id LIMIT 1')) w (preference, column_name, lookup)
             WHERE w.column_name = ANY (present));
COMMENT ON FUNCTION load_reference_sql(text, text[]) IS 'the SQL expression of the key of the row to which a row refers; a part of the bulk load';

-- What rows of a kind refer to: one row per table, with the expression of its key at level x, which
-- becomes the column found_..._id, and of what is wrong with the reference.
CREATE OR REPLACE FUNCTION load_references(load_kind text, present text[])
    RETURNS TABLE (found_name text, found_sql text, problem_sql text)
    LANGUAGE plpgsql STABLE STRICT ROWS 5 SET search_path FROM CURRENT AS
$$
DECLARE
    target text;
    used   text[];
BEGIN
    FOR target, used IN SELECT l.refers_to, array_agg(l.column_name ORDER BY l.column_name) FILTER (WHERE l.column_name = ANY (present))
                          FROM load_column l WHERE l.kind = load_kind AND l.refers_to IS NOT NULL GROUP BY 1 ORDER BY 1 LOOP
        IF target = 'salesperson' THEN
            found_sql := 'coalesce(v.salesperson_id, n.salesperson_id)';
            problem_sql := $sql$CASE WHEN x.salesperson IS NOT NULL AND x.found_salesperson_id IS NULL
                                     THEN format('salesperson "%s" is not the name of one salesperson', x.salesperson) END$sql$;
        ELSE
            found_sql := coalesce(load_reference_sql(target, used), 'NULL::bigint');
            problem_sql := (SELECT string_agg(format('CASE WHEN x.%1$I IS NULL AND x.%2$I IS NOT NULL AND x.person_id IS NOT NULL THEN format(%3$L, x.%2$I) END',
                                                     'found_' || target || '_id', u, format('%s "%%s" names no %s of the customer', u, replace(target, '_', ' '))), ', ' ORDER BY u)
                              FROM unnest(used) AS u);
        END IF;
        found_name := 'found_' || target || '_id';
        found_sql := format('%s AS %I', found_sql, found_name);
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION load_references(text, text[]) IS 'the SQL expressions of what the rows of a staging table refer to; a part of the bulk load';

-- What is wrong with the customer of a row, as SQL over level x.
CREATE OR REPLACE FUNCTION load_customer_problem_sql(is_needed boolean) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN format($sql$CASE WHEN x.system IS NULL AND x.number IS NOT NULL THEN 'system is missing'
        WHEN x.number IS NULL AND x.system IS NOT NULL THEN 'number is missing'
        WHEN x.number IS NOT NULL AND x.ref_customer_id IS NULL THEN format('number "%%s" is not known in system "%%s"', x.number, x.system)
        WHEN x.ref_customer_id <> x.customer_id AND x.ref_customer_id <> x.person_id THEN format('number "%%s" of system "%%s" is customer %%s, not %%s', x.number, x.system, x.ref_customer_id, x.customer_id)
        WHEN x.customer_id IS NOT NULL AND x.person_id IS NULL THEN format('customer_id "%%s" is not known', x.customer_id)
        %s END$sql$, CASE WHEN is_needed THEN 'WHEN x.person_id IS NULL AND x."customer_id cell" IS NULL THEN ''customer_id is missing''' ELSE '' END);
COMMENT ON FUNCTION load_customer_problem_sql(boolean) IS 'the SQL expression of what is wrong with the customer of a row; a part of the bulk load';

-- The columns of load_row: what the columns of any kind of sheet say, and what is worked out.
CREATE OR REPLACE FUNCTION load_make_rows() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    CREATE TEMP TABLE load_row (
        -- staged: the row as it stood in the staging table, whose row type it gets
        row_no bigint, staged text, problem text, content uuid, request_key text, copy_no bigint, is_repeat boolean DEFAULT false,
        person_id bigint, person_is_seed boolean, found_salesperson_id bigint, found_contact_point_id bigint, found_touch_id bigint,
        found_response_id bigint, found_lead_id bigint,
        customer_id bigint, system text, number text, request_id text, quoted_code text, source_code source_code,
        name text, kind text, is_organisation boolean, household_id bigint, organisation_id bigint, organisation_number text, role_in_decision text,
        recommended_by bigint, recommended_by_number text, is_key_account boolean, is_seed boolean, birthday date, region text, preferred_channel text,
        became_internal_at timestamptz, email text, phone text, mobile text, postal text, messenger text, place text, lists text, joined_on date,
        campaign text, medium text, test_group text, list text, offer text, issued_on date, in_home_on date, answers_until date, is_control boolean,
        is_hold_out boolean, inbound_phone text, retired_on date, sent_at timestamptz, address text, touch_id bigint, touch_request_id text,
        happened_at timestamptz, detail text, responded_at timestamptz, opened_at timestamptz, visited_at timestamptz, message text, team text,
        lead_grade text, clock_started_at timestamptz, next_visit_on date, status text, closed_at timestamptz, lost_reason text, competitor text,
        competitor_price numeric(18,4), outcome text, grade_before text, grade_after text, order_number text, ordered_at timestamptz,
        revenue numeric(18,4), cost_of_goods numeric(18,4), reason text, is_return boolean, return_of text, product text, description text,
        quantity numeric(18,4), unit_price numeric(18,4), amount numeric(18,4), spent_on date, supplier text, response_channel text, store text,
        salesperson_id bigint, salesperson text, response_id bigint, response_request_id text, lead_id bigint, lead_request_id text,
        channel text, purpose text, since timestamptz, until timestamptz
    ) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION load_make_rows() IS 'makes the temporary table load_row; a part of the bulk load';

-- Fills load_row. person: needed, optional (no customer at all is customer 0) or none (the rows
-- are no facts about a customer).
CREATE OR REPLACE FUNCTION load_read(load_kind text, staging regclass, person text) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET synchronize_seqscans = off AS
$$
DECLARE
    present        text[] := load_columns_present(staging);
    is_fact        boolean := person <> 'none';
    cells          text;
    vals           text;
    problems       text;
    contents       text;
    found          text;
    found_problems text;
    found_names    text;
    joins          text := '';
BEGIN
    SELECT string_agg(cell_sql, ', ' ORDER BY ordinality), string_agg(value_sql, ', ' ORDER BY ordinality), string_agg(problem_sql, ', ' ORDER BY ordinality),
           string_agg(content_sql, ', ' ORDER BY column_name COLLATE "C")
               FILTER (WHERE column_name <> 'request_id' AND NOT (is_fact AND column_name IN ('customer_id', 'system', 'number')))
      INTO cells, vals, problems, contents FROM load_expressions(load_kind, staging) WITH ORDINALITY;
    problems := concat_ws(', ', problems, (
        SELECT string_agg(format('CASE WHEN %s THEN format(%L, x.%I) END', r.condition, r.reason, c.column_name || CASE WHEN c.read_as = 'text' THEN '' ELSE ' cell' END), ', ' ORDER BY r.rule_no)
          FROM (SELECT l.*, row_number() OVER () AS rule_no FROM load_rule l) r JOIN load_column c ON c.kind = r.kind AND c.column_name = rtrim(split_part(r.reason, ' ', 1), ',') WHERE r.kind = load_kind));
    SELECT string_agg(found_sql, ', ' ORDER BY found_name), string_agg(problem_sql, ', ' ORDER BY found_name), string_agg(found_name, ', ' ORDER BY found_name)
      INTO found, found_problems, found_names FROM load_references(load_kind, present);
    IF is_fact THEN
        found_names := concat_ws(', ', 'person_id, person_is_seed', found_names);
        found := concat_ws(', ', 'f.customer_id AS ref_customer_id, coalesce(v.customer_id, f.first_customer_id, p.customer_id) AS named_id, p.customer_id AS person_id, p.is_seed AS person_is_seed', found);
        problems := concat_ws(', ', load_customer_problem_sql(person = 'needed'), problems);
        -- by the number as it was given: the same before and after customers are merged
        contents := concat_ws(', ', '''customer_id='' || x.named_id', contents);
        joins := format('LEFT JOIN customer_ref f ON f.system = v.system AND f.number = v.number
                         LEFT JOIN merged_customer g ON g.merged_id = v.customer_id
                         LEFT JOIN customer p ON p.customer_id = coalesce(g.customer_id, v.customer_id, f.customer_id%s)',
                        CASE WHEN person = 'optional' THEN ', CASE WHEN v."customer_id cell" IS NULL AND v.system IS NULL AND v.number IS NULL THEN 0 END' ELSE '' END);
    END IF;
    IF found LIKE '%found_salesperson_id%' THEN
        joins := joins || ' LEFT JOIN (SELECT name, min(salesperson_id) AS salesperson_id FROM salesperson
                                        GROUP BY name HAVING count(*) = 1) n ON n.name = v.salesperson';
    END IF;
    EXECUTE format('ALTER TABLE pg_temp.load_row ALTER staged TYPE %s USING NULL', staging);
    EXECUTE format($sql$
        INSERT INTO pg_temp.load_row (row_no, staged, problem, content, request_key, %9$s)
        SELECT row_no, staged, nullif(concat_ws('; ', %1$s), ''), md5(concat_ws(chr(31), %2$s))::uuid, %8$s, %9$s
          FROM (SELECT %3$s
                  FROM (SELECT c.*, %4$s
                          FROM (SELECT row_number() OVER () AS row_no, s AS staged, %5$s FROM %6$s s) c OFFSET 0) v
                       %7$s
                OFFSET 0) x$sql$,
        concat_ws(', ', problems, found_problems), contents, concat_ws(', ', 'v.*', found), vals, cells, staging, joins,
        CASE WHEN load_kind = 'orders' THEN $sql$coalesce(x.request_id, CASE WHEN coalesce(x.is_return, x.return_of IS NOT NULL) THEN 'return ' ELSE 'order ' END || x.order_number)$sql$
             WHEN load_kind IN ('customers', 'names', 'sources', 'suppressions') THEN 'NULL' ELSE 'x.request_id' END,
        concat_ws(', ', found_names, (SELECT string_agg(column_name, ', ') FROM load_column WHERE kind = load_kind AND column_name = ANY (present))));
    -- so that what follows is planned for what was read: nobody else looks at a temporary table
    ANALYZE pg_temp.load_row (row_no, problem, content, request_key, person_id, system, number, quoted_code);
END
$$;
COMMENT ON FUNCTION load_read(text, regclass, text) IS 'reads a staging table into load_row; a part of the bulk load';

-- Reads each quoted code once into the temporary table load_code. A code of the registry is taken
-- as it is, whatever the layout says: layouts change, and old codes come in for years.
CREATE OR REPLACE FUNCTION load_read_codes() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    CREATE TEMP TABLE load_code ON COMMIT DROP AS
    SELECT q.quoted_code, coalesce(s.source_code, c.code) AS source_code, CASE WHEN s.source_code IS NULL THEN c.problem END AS code_problem
      FROM (SELECT DISTINCT quoted_code FROM pg_temp.load_row WHERE quoted_code IS NOT NULL) q
      LEFT JOIN source s ON s.source_code = load_read_code(q.quoted_code) AND s.source_code <> 'UNSOURCED'
     CROSS JOIN source_read(q.quoted_code, setting_value('source_code_layout')) c;
    ANALYZE pg_temp.load_code;
END
$$;
COMMENT ON FUNCTION load_read_codes() IS 'reads the quoted codes of load_row into the temporary table load_code; a part of the bulk load';
