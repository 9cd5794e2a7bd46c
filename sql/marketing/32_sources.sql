-- The code generator: generate_sources() hands out one unused source code per cell of a campaign.
--
-- A cell is a medium, test group, list and month within a campaign, and the further fields of the
-- layout that the caller gives. Where the layout has a further field that nobody gives, it is a
-- running number, and the cell gets the next unused one. Where it has none (as in the house
-- layout) the cell alone makes the code.
--
-- The registry itself remembers which code a cell has got: so a second call returns the same
-- codes, also when the layout has been changed meanwhile, and a code that is in the registry,
-- retired or not, is never given out again. The row of the setting source_code_layout is the
-- turn: two callers wait for each other, nobody changes the layout meanwhile, and nobody else waits.

-- The characters that a running number may count with. Of those that are taken for one another
-- (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B) a mixed field uses only the digit.
CREATE OR REPLACE FUNCTION layout_fields(layout text, OUT name text, OUT first_position int, OUT width int, OUT alphabet text) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 6 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT f.name, 1 + f.characters_before, f.width,
           CASE coalesce(f.encoding, CASE WHEN f.name IN ('list', 'month', 'year') THEN 'digits' WHEN f.name IN ('medium', 'group') THEN 'letters' ELSE 'any' END)
               WHEN 'digits' THEN '0123456789' WHEN 'any' THEN '0123456789ACDEFHJKMNPQRTUVWXY' ELSE 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' END
      FROM (SELECT p.name, p.width, p.encoding, coalesce(sum(p.width) OVER (ORDER BY p.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::int AS characters_before
              FROM (SELECT m.n, split_part(m.part[1], ':', 1) AS name, substring(m.part[1] from ':([^0-9:][^:]*)$') AS encoding,
                           CASE WHEN m.part[1] IS NULL THEN 1
                                ELSE coalesce(substring(m.part[1] from ':([0-9]+)')::int, CASE WHEN m.part[1] = 'month' THEN 2 ELSE 1 END) END AS width
                      FROM regexp_matches(layout, '\{([^}]*)\}|[0-9A-Za-z]', 'g') WITH ORDINALITY m (part, n)) p) f
     WHERE f.name IS NOT NULL;
END
$$;
COMMENT ON FUNCTION layout_fields(text) IS 'fields of a layout of source codes: first position, width, and the characters that a running number counts with; a part of generate_sources()';

CREATE OR REPLACE FUNCTION running_number(number bigint, alphabet text, width int) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS
$$
DECLARE
    result text := '';
BEGIN
    FOR i IN 1 .. width LOOP
        result := substr(alphabet, 1 + (number % length(alphabet))::int, 1) || result;
        number := number / length(alphabet);
    END LOOP;
    RETURN result;
END
$$;
COMMENT ON FUNCTION running_number(bigint, text, int) IS 'a number written with the characters of an alphabet, the first of them for 0; a part of generate_sources()';

CREATE OR REPLACE FUNCTION running_number_value(written text, alphabet text) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint := 0;
BEGIN
    FOR i IN 1 .. length(written) LOOP
        result := result * length(alphabet) + strpos(alphabet, substr(written, i, 1)) - 1;
    END LOOP;
    RETURN result;
END
$$;
COMMENT ON FUNCTION running_number_value(text, text) IS 'the number that running_number() wrote; a part of generate_sources()';

-- The pattern of the codes that agree with these fields in those that are kept.
CREATE OR REPLACE FUNCTION source_pattern(fields jsonb, layout text, running_field text, kept text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS
$$
DECLARE
    result text;
    field  record;
BEGIN
    SELECT source_build(source_pattern.fields || coalesce((SELECT jsonb_build_object(f.name, repeat(left(f.alphabet, 1), f.width))
                                                             FROM layout_fields(layout) f WHERE f.name = running_field), '{}'), layout)::text INTO result;
    FOR field IN SELECT f.first_position, f.width FROM layout_fields(layout) f WHERE f.name <> ALL (kept) LOOP
        result := overlay(result placing repeat('?', field.width) from field.first_position for field.width);
    END LOOP;
    RETURN result;
END
$$;
COMMENT ON FUNCTION source_pattern(jsonb, text, text, text[]) IS 'pattern, as the operator ^~ takes it, of the codes that agree with fields in those kept; a part of generate_sources()';

-- The next number after the highest that has been used; at the end of the range, the lowest gap.
-- Counting in digits begins with 1.
CREATE OR REPLACE FUNCTION unused_source_code(fields jsonb, layout text, running_field text) RETURNS source_code
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    field   record;
    size    numeric;
    pattern text;
    number  bigint;
BEGIN
    SELECT f.* INTO field FROM layout_fields(layout) f WHERE f.name = running_field;
    IF NOT FOUND THEN
        RETURN source_build(fields, layout);
    END IF;
    size := length(field.alphabet)::numeric ^ field.width;
    pattern := source_pattern(fields, layout, running_field, ARRAY(SELECT f.name FROM layout_fields(layout) f WHERE f.name NOT IN (running_field, 'check')));
    SELECT running_number_value(n.written, field.alphabet) INTO number
      FROM source s CROSS JOIN LATERAL (SELECT substr(s.source_code::text, field.first_position, field.width) AS written) n
     WHERE s.source_code ^~ pattern AND n.written ~ ('^[' || field.alphabet || ']+$')
     ORDER BY s.source_code DESC LIMIT 1;
    number := 1 + coalesce(number, CASE WHEN field.alphabet ^@ '0' THEN 0 ELSE -1 END);
    IF number >= size THEN
        SELECT 1 + min(t.number) INTO number
          FROM (SELECT u.number, lead(u.number) OVER (ORDER BY u.number) AS next_number
                  FROM (SELECT -1::bigint UNION
                        SELECT running_number_value(n.written, field.alphabet)
                          FROM source s CROSS JOIN LATERAL (SELECT substr(s.source_code::text, field.first_position, field.width) AS written) n
                         WHERE s.source_code ^~ pattern AND n.written ~ ('^[' || field.alphabet || ']+$')) u (number)) t
         WHERE t.next_number IS DISTINCT FROM t.number + 1;
        IF number >= size THEN
            RAISE EXCEPTION 'all % numbers of field "%" have been used', trunc(size), running_field
                USING ERRCODE = 'program_limit_exceeded', DETAIL = format('Codes like %s, layout %s.', pattern, layout),
                      HINT = 'Give the field another width in setting source_code_layout. Codes that are retired are not given out again.';
        END IF;
    END IF;
    RETURN source_build(fields || jsonb_build_object(running_field, running_number(number, field.alphabet, field.width)), layout);
END
$$;
COMMENT ON FUNCTION unused_source_code(jsonb, text, text) IS 'the code of these fields with the next unused running number, 54000 when there is none left; without a running field, the code of these fields. A part of generate_sources()';

-- What is asked for must be there. Nothing has been written yet.
CREATE OR REPLACE FUNCTION check_cells(campaign text, media text[], test_groups text[], lists text[], month date, offer text, control_group text, hold_out_groups text[]) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
DECLARE
    missing text;
BEGIN
    IF month IS NULL OR month NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN
        RAISE EXCEPTION 'source codes cannot be generated for the month %', coalesce(month::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give any day of the month of issue.';
    ELSIF campaign IS NULL OR NOT EXISTS (SELECT FROM campaign c WHERE c.campaign = check_cells.campaign) THEN
        RAISE EXCEPTION 'campaign "%" is not registered', coalesce(campaign, 'NULL')
            USING ERRCODE = 'foreign_key_violation', HINT = 'Add it to table campaign first.';
    END IF;
    SELECT m INTO missing FROM unnest(media) m WHERE m IS NOT NULL AND m NOT IN (SELECT d.medium FROM medium d);
    IF FOUND THEN
        RAISE EXCEPTION 'medium "%" is not registered', missing USING ERRCODE = 'foreign_key_violation', HINT = 'Add it to table medium first.';
    END IF;
    SELECT l INTO missing FROM unnest(lists) l WHERE l IS NOT NULL AND l NOT IN (SELECT d.list FROM list d);
    IF FOUND THEN
        RAISE EXCEPTION 'list "%" is not registered', missing USING ERRCODE = 'foreign_key_violation', HINT = 'Add it to table list first.';
    END IF;
    SELECT d.list INTO missing FROM list d WHERE d.list = ANY (lists) AND d.status = 'retired';
    IF FOUND THEN
        RAISE EXCEPTION 'list "%" is retired', missing
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A retired list is not used again.';
    ELSIF offer IS NOT NULL AND NOT EXISTS (SELECT FROM offer o WHERE o.offer = check_cells.offer) THEN
        RAISE EXCEPTION 'offer "%" is not registered', offer USING ERRCODE = 'foreign_key_violation', HINT = 'Add it to table offer first.';
    END IF;
    SELECT g INTO missing FROM unnest(hold_out_groups || control_group) g WHERE g IS NOT NULL AND g <> ALL (coalesce(test_groups, '{}'));
    IF FOUND THEN
        RAISE EXCEPTION 'test group "%" is not one of those asked for', missing
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Name it in test_groups, too.';
    ELSIF control_group = ANY (hold_out_groups) THEN
        RAISE EXCEPTION 'test group "%" cannot be both control and hold-out', control_group
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The control group gets the usual piece, a hold-out gets nothing.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_cells(text, text[], text[], text[], date, text, text, text[]) IS 'errors for arguments of generate_sources(): 23503 for what is not registered, 55000 for a retired list, 22023 for the rest. A part of it';

CREATE OR REPLACE FUNCTION declare_test_groups(campaign text, test_groups text[], offer text, control_group text, hold_out_groups text[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
DECLARE
    other text;
BEGIN
    INSERT INTO test_group (campaign, test_group, name, offer, is_control, is_hold_out)
    SELECT DISTINCT declare_test_groups.campaign, g, 'group ' || g, declare_test_groups.offer, g IS NOT DISTINCT FROM control_group, g = ANY (hold_out_groups)
      FROM unnest(test_groups) g WHERE g IS NOT NULL
    ON CONFLICT (campaign, test_group) DO NOTHING;
    SELECT t.test_group INTO other FROM test_group t
     WHERE t.campaign = declare_test_groups.campaign AND t.test_group = ANY (test_groups)
       AND (control_group IS NOT NULL AND t.is_control <> (t.test_group = control_group)
         OR cardinality(hold_out_groups) > 0 AND t.is_hold_out <> (t.test_group = ANY (hold_out_groups)));
    IF FOUND THEN
        RAISE EXCEPTION 'test group "%" of campaign "%" is registered otherwise', other, campaign
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'It differs in is_control or is_hold_out.',
                  HINT = 'Leave control_group and hold_out_groups out to take the groups as table test_group has them.';
    END IF;
END
$$;
COMMENT ON FUNCTION declare_test_groups(text, text[], text, text, text[]) IS 'registers the test groups of a campaign that are missing; 55000 where one is registered otherwise. A part of generate_sources()';

-- Registers one cell, or finds it. Whoever registers codes by other ways takes no turn, so the code
-- may be taken under our hands.
CREATE OR REPLACE FUNCTION register_cell(cell source, fields jsonb, layout text, given text[], running_field text) RETURNS source
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    found_source source;
    taken_by     source;
    differing    text;
    written      record;
BEGIN
    SELECT s.* INTO found_source FROM source s
     WHERE s.campaign = cell.campaign AND s.medium IS NOT DISTINCT FROM cell.medium AND s.test_group IS NOT DISTINCT FROM cell.test_group
       AND s.list IS NOT DISTINCT FROM cell.list AND s.issued_on = cell.issued_on AND s.retired_on IS NULL
       AND (given = '{}' OR s.source_code ^~ source_pattern(fields, layout, running_field, given))
     ORDER BY s.source_code LIMIT 1;
    IF found_source.source_code IS NOT NULL THEN
        differing := concat_ws(', ', CASE WHEN cell.offer <> coalesce(found_source.offer, '') THEN 'offer' END,
            CASE WHEN cell.in_home_on IS NOT NULL AND cell.in_home_on IS DISTINCT FROM found_source.in_home_on THEN 'in_home_on' END,
            CASE WHEN cell.answers_until IS NOT NULL AND cell.answers_until IS DISTINCT FROM found_source.answers_until THEN 'answers_until' END,
            CASE WHEN cell.quantity IS NOT NULL AND cell.quantity IS DISTINCT FROM found_source.quantity THEN 'quantity' END);
        IF differing <> '' THEN
            RAISE EXCEPTION 'the cell of source code "%" is registered with other contents', found_source.source_code
                USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It differs in %s.', differing),
                      HINT = 'UPDATE table source where it should change; leave out what should stay as it is.';
        END IF;
        RETURN found_source;
    END IF;
    LOOP
        cell.source_code := unused_source_code(fields, layout, running_field);
        -- a code has capital letters
        SELECT v.kind, v.name, v.reads INTO written
          FROM source_read(cell.source_code::text, layout) r,
               LATERAL (VALUES ('medium', cell.medium, r.medium), ('test group', cell.test_group, r.test_group), ('list', cell.list, r.list)) v (kind, name, reads)
         WHERE v.name <> v.reads LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '% "%" would read "%" in the source code', written.kind, written.name, written.reads
                USING ERRCODE = 'invalid_parameter_value', HINT = format('Name it "%s": codes have digits and capital letters.', written.reads);
        END IF;
        INSERT INTO source (source_code, campaign, medium, test_group, list, offer, issued_on, in_home_on, answers_until, quantity, is_control, is_hold_out)
        VALUES (cell.source_code, cell.campaign, cell.medium, cell.test_group, cell.list, cell.offer, cell.issued_on, cell.in_home_on,
                cell.answers_until, cell.quantity, cell.is_control, cell.is_hold_out)
        ON CONFLICT (source_code) DO NOTHING RETURNING * INTO found_source;
        EXIT WHEN found_source.source_code IS NOT NULL;
        IF running_field IS NULL THEN
            SELECT s.* INTO taken_by FROM source s WHERE s.source_code = cell.source_code;
            RAISE EXCEPTION 'source code "%" is %', cell.source_code, CASE WHEN taken_by.retired_on IS NULL THEN 'taken' ELSE 'retired' END
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      DETAIL = format('It is that of campaign %s, medium %s, test group %s, list %s, issued %s.', coalesce(taken_by.campaign, 'none'),
                                      coalesce(taken_by.medium, 'none'), coalesce(taken_by.test_group, 'none'), coalesce(taken_by.list, 'none'),
                                      coalesce(to_char(taken_by.issued_on, 'YYYY-MM'), 'at no known time')),
                      HINT = 'Use another test group, list or month, or add a running number such as {number:2:digits} to setting source_code_layout.';
        END IF;
    END LOOP;
    RETURN found_source;
END
$$;
COMMENT ON FUNCTION register_cell(source, jsonb, text, text[], text) IS 'the source of a cell, registered if need be; 55000 where it is registered with other contents or its code is taken or retired. A part of generate_sources()';

CREATE OR REPLACE FUNCTION generate_sources(
    campaign text, media text[], test_groups text[], lists text[], month date,
    offer text DEFAULT NULL, in_home_on date DEFAULT NULL, answers_until date DEFAULT NULL, quantity bigint DEFAULT NULL,
    control_group text DEFAULT NULL, hold_out_groups text[] DEFAULT '{}', fields jsonb DEFAULT '{}') RETURNS SETOF source
    LANGUAGE plpgsql ROWS 100 SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
DECLARE
    layout   text;
    code     jsonb := coalesce(fields, '{}');
    names    text[];
    given    text[];
    running  text[];
    cell     source;
    one_cell record;
BEGIN
    -- our turn; and the layout stays what it is
    SELECT s.value INTO layout FROM setting s WHERE s.setting = 'source_code_layout' FOR UPDATE;
    layout := coalesce(layout, setting_value('source_code_layout'));
    PERFORM source_read(NULL, layout);          -- a wrong layout is an error of its own
    names := ARRAY(SELECT f.name FROM layout_fields(layout) f);
    IF jsonb_typeof(code) <> 'object' THEN
        RAISE EXCEPTION 'fields of the source code are no object' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give names and values, as in fields => ''{"number": "7"}''.';
    END IF;
    PERFORM check_cells(campaign, media, test_groups, lists, month, offer, control_group, coalesce(hold_out_groups, '{}'));
    IF in_home_on NOT BETWEEN '0001-01-01' AND '9999-12-31' OR answers_until NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN
        RAISE EXCEPTION '% "%" is out of range', CASE WHEN in_home_on NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN 'in_home_on' ELSE 'answers_until' END,
            CASE WHEN in_home_on NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN in_home_on ELSE answers_until END
            USING ERRCODE = 'datetime_field_overflow', HINT = 'It is a day of the years 1 to 9999, or NULL.';
    END IF;
    PERFORM declare_test_groups(campaign, test_groups, offer, control_group, coalesce(hold_out_groups, '{}'));
    IF offer IS NOT NULL AND 'offer' = ANY (names) AND NOT code ? 'offer' THEN
        code := code || jsonb_build_object('offer', offer);
    END IF;
    given := ARRAY(SELECT jsonb_object_keys(code));
    running := ARRAY(SELECT n FROM unnest(names) n WHERE n <> ALL ('{medium,group,list,month,year,check}' || given));
    IF cardinality(running) > 1 THEN
        RAISE EXCEPTION 'fields % of the source code are not given', array_to_string(running, ', ')
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Of layout %s one field may be left to count.', layout),
                  HINT = format('Give the others, as in fields => ''{"%s": "A"}''.', running[1]);
    END IF;
    cell.campaign := campaign;
    cell.offer := offer;
    cell.issued_on := date_trunc('month', month);
    cell.in_home_on := in_home_on;
    cell.answers_until := answers_until;
    cell.quantity := quantity;
    FOR one_cell IN
        SELECT m.medium, g.test_group, l.list, coalesce(t.is_control, false) AS is_control, coalesce(t.is_hold_out, false) AS is_hold_out
          FROM unnest(coalesce(nullif(media, '{}'), '{NULL}')) WITH ORDINALITY m (medium, n)
         CROSS JOIN unnest(coalesce(nullif(test_groups, '{}'), '{NULL}')) WITH ORDINALITY g (test_group, n)
         CROSS JOIN unnest(coalesce(nullif(lists, '{}'), '{NULL}')) WITH ORDINALITY l (list, n)
          LEFT JOIN test_group t ON t.campaign = generate_sources.campaign AND t.test_group = g.test_group
         ORDER BY m.n, g.n, l.n
    LOOP
        cell.medium := one_cell.medium;
        cell.test_group := one_cell.test_group;
        cell.list := one_cell.list;
        cell.is_control := one_cell.is_control;
        cell.is_hold_out := one_cell.is_hold_out;
        RETURN NEXT register_cell(cell, code || (
            SELECT coalesce(jsonb_object_agg(f.name, f.value), '{}')
              FROM (VALUES ('medium', cell.medium), ('group', cell.test_group), ('list', cell.list),
                           ('month', extract(month FROM month)::text), ('year', extract(year FROM month)::text)) f (name, value)
             WHERE f.name = ANY (names) AND f.value IS NOT NULL), layout, given, running[1]);
    END LOOP;
END
$$;
COMMENT ON FUNCTION generate_sources(text, text[], text[], text[], date, text, date, date, bigint, text, text[], jsonb) IS
    'registers one unused source code for each medium x test group x list of a campaign, issued in the month of the day given, and returns the rows of table source; a second call returns the same codes and writes nothing. Test groups that are missing are registered; quantity is per cell; fields are further fields of the layout, by name; one that is left out is counted. Retired codes are never given out again; callers wait for each other.
23503 for a campaign, medium or list that is not registered, 54000 where all numbers of a field have been used, 55000 where a code is taken or retired, where the cell or its group is registered with other contents, and for a retired list, 22008 for days out of range, 22023 for what the layout does not take';

CREATE OR REPLACE FUNCTION declare_seed(customer bigint, lists text[] DEFAULT '{}') RETURNS boolean
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    was_seed boolean;
    missing  text;
BEGIN
    SELECT l INTO missing FROM unnest(lists) l WHERE l IS NULL OR l NOT IN (SELECT d.list FROM list d);
    IF FOUND THEN
        PERFORM refuse_dimension('list', coalesce(missing, 'NULL'));
    END IF;
    SELECT c.is_seed INTO was_seed FROM customer c WHERE c.customer_id = declare_seed.customer AND c.customer_id <> 0 FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no customer %', coalesce(customer::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', HINT = 'Register the seed name as a customer first. The unidentified customer 0 cannot be one.';
    ELSIF NOT was_seed AND (EXISTS (SELECT FROM touch t WHERE t.customer_id = customer) OR EXISTS (SELECT FROM hold_out h WHERE h.customer_id = customer)
                         OR EXISTS (SELECT FROM attributable_fact f WHERE f.customer_id = customer)) THEN
        RAISE EXCEPTION 'customer % has been counted already', customer
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'It has touches, answers or orders.',
                  HINT = 'Plant a new name as a seed.';
    END IF;
    UPDATE customer c SET is_seed = true WHERE c.customer_id = declare_seed.customer AND NOT c.is_seed;
    INSERT INTO list_member (customer_id, list) SELECT DISTINCT declare_seed.customer, l FROM unnest(lists) l ON CONFLICT DO NOTHING;
    RETURN NOT was_seed;
END
$$;
COMMENT ON FUNCTION declare_seed(bigint, text[]) IS 'makes a customer who has done nothing yet a seed name, planted on these lists: what is sent to it and comes from it is never counted. Returns false when it was one; 23503 for an unknown customer or list, 55000 for one who has been counted already';
