-- import_list(): a bought file becomes names of a list.
--
-- Each row is kept as it was given. Its addresses are diagnosed, and repaired where that is sure.
-- Then the rows are merged with each other, the house file, the names of other lists and the
-- suppression list (merge_purge() of the toolbox): what is new becomes an external customer, who is
-- known already gets his place on the list and nothing else, so no import overwrites a field or
-- takes back an opt-out.
--
-- When two are the same: the same mailbox; the same mobile number; the same landline, postal address
-- or role account (info@...) with the same name, because colleagues and families share these; the
-- same name at a messenger service.
--
-- All of it is one transaction, in its turn with the bulk loads: an import that is killed leaves
-- nothing, two at once go one after the other, and the same file is imported once, in whatever order
-- its rows stand (list_import.file_hash).

CREATE OR REPLACE FUNCTION import_make_tables() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    CREATE TEMP TABLE import_name (
        row_no bigint, problem text, name text, name_form text, is_organisation boolean, birthday date, email text, email_key text, email_code text, is_email_repaired boolean,
        mobile text, mobile_kind text, mobile_code text, is_mobile_repaired boolean, phone text, phone_kind text, phone_code text, is_phone_repaired boolean,
        postal text, postal_key text, postal_code text, messenger text, messenger_key text, messenger_code text, fate text, reason text, same_as_row_no bigint, customer_id bigint) ON COMMIT DROP;
    CREATE TEMP TABLE import_address (row_no bigint, kind text, value text, match_key text, address_no int, place int, entity_key text) ON COMMIT DROP;
    CREATE TEMP TABLE import_known (known_no bigint, customer_id bigint, customer_kind text, place int, entity_key text) ON COMMIT DROP;
    CREATE TEMP TABLE import_entity (list text, row_no bigint, match_keys text[], household text, is_valid boolean) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION import_make_tables() IS 'makes the temporary tables of an import; a part of import_list()';

-- The rows with their addresses cleaned: temporary table import_name. A telephone number is mobile
-- or not by the numbering plan, in whichever column it stands; service numbers are nobody's.
CREATE OR REPLACE FUNCTION import_clean_names() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    country      text    := setting_value('country');
    repair_typos boolean := setting_value('list_repair_typos') IN ('yes', 'y', 'true', 't', 'on', '1');
BEGIN
    INSERT INTO pg_temp.import_name
    SELECT d.row_no, d.problem, d.name, d.name_form, d.is_organisation, d.birthday,
           d.email, email_match_key(d.email) AS email_key, d.email_code, d.email_code IN ('repaired', 'typo') AND d.email IS NOT NULL AS is_email_repaired,
           d.mobile, d.mobile_kind, d.mobile_code, d.mobile <> d.mobile_given AND d.mobile_code = 'extension' AS is_mobile_repaired,
           d.phone, d.phone_kind, d.phone_code, d.phone <> d.phone_given AND d.phone_code = 'extension' AS is_phone_repaired,
           CASE WHEN octet_length(d.postal) <= 1000 THEN d.postal END AS postal, CASE WHEN octet_length(d.postal) <= 1000 THEN address_key(d.postal) END AS postal_key,
           CASE WHEN d.postal IS NOT NULL THEN CASE WHEN octet_length(d.postal) > 1000 THEN 'too_long' WHEN address_key(d.postal) IS NULL THEN 'empty' ELSE 'valid' END END AS postal_code,
           CASE WHEN octet_length(d.messenger) <= 1000 THEN d.messenger END AS messenger, CASE WHEN octet_length(d.messenger) <= 1000 THEN contact_key('messenger', d.messenger, country) END AS messenger_key,
           CASE WHEN d.messenger IS NOT NULL THEN CASE WHEN octet_length(d.messenger) > 1000 THEN 'too_long' ELSE 'valid' END END AS messenger_code,
           NULL::text AS fate, NULL::text AS reason, NULL::bigint AS same_as_row_no, NULL::bigint AS customer_id
      FROM (SELECT c.row_no, c.problem, c.name, comparison_form(c.name) AS name_form, c.is_organisation, c.birthday, c.postal, c.messenger, (c.e).code AS email_code,
                   CASE WHEN (c.e).code = 'repaired' OR (c.e).code = 'typo' AND repair_typos THEN email_normalize((c.e).suggestion) WHEN (c.e).ok THEN email_normalize(c.email) END AS email,
                   CASE WHEN (c.m).kind = 'service' THEN 'service_number' ELSE (c.m).code END AS mobile_code, CASE WHEN (c.m).kind <> 'service' THEN (c.m).e164 END AS mobile,
                   CASE (c.m).kind WHEN 'landline' THEN 'phone' ELSE 'mobile' END AS mobile_kind, c.mobile AS mobile_given,
                   CASE WHEN (c.p).kind = 'service' THEN 'service_number' ELSE (c.p).code END AS phone_code, CASE WHEN (c.p).kind <> 'service' THEN (c.p).e164 END AS phone,
                   CASE (c.p).kind WHEN 'mobile' THEN 'mobile' ELSE 'phone' END AS phone_kind, c.phone AS phone_given
              FROM (SELECT r.row_no, r.problem, r.name, r.is_organisation, r.birthday, r.email, r.mobile, r.phone, r.postal, r.messenger,
                           email_check(r.email) AS e, phone_normalize(r.mobile, country) AS m, phone_normalize(r.phone, country) AS p
                      FROM pg_temp.load_row r OFFSET 0) c OFFSET 0) d;
    -- slips that only this file can tell: a domain one edit away from one a hundred times as frequent
    UPDATE pg_temp.import_name n
       SET email = CASE WHEN repair_typos THEN split_part(n.email, '@', 1) || '@' || t.suggestion END, email_key = CASE WHEN repair_typos THEN email_match_key(split_part(n.email, '@', 1) || '@' || t.suggestion) END,
           email_code = 'typo', is_email_repaired = repair_typos
      FROM (SELECT array_agg(f.domain) AS domains, array_agg(f.names) AS names
              FROM (SELECT email_domain(m.email) AS domain, count(*) AS names FROM pg_temp.import_name m WHERE m.email_code IN ('valid', 'repaired') GROUP BY 1) f WHERE f.domain IS NOT NULL) d
     CROSS JOIN LATERAL email_domain_typos(d.domains, d.names) t
     WHERE n.email_code IN ('valid', 'repaired') AND email_domain(n.email) = t.domain;
    -- one number in both columns is one number
    UPDATE pg_temp.import_name n SET phone = NULL WHERE n.phone = n.mobile;
    ANALYZE pg_temp.import_name;
END
$$;
COMMENT ON FUNCTION import_clean_names() IS 'diagnoses and repairs the addresses of load_row: fills import_name; a part of import_list()';

-- The addresses of the rows that can be used, one row each: temporary table import_address. place is
-- where its key stands among the keys that make two rows one.
CREATE OR REPLACE FUNCTION import_split_addresses() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO pg_temp.import_address
    SELECT n.row_no, a.kind, a.value, a.match_key, a.address_no, CASE WHEN a.kind = 'mobile' THEN 2 WHEN a.kind = 'phone' THEN 3 ELSE a.place END AS place,
           CASE WHEN a.kind IN ('phone', 'postal') OR n.email_code = 'role_account' AND a.kind = 'email' THEN a.match_key || chr(31) || n.name_form
                ELSE a.match_key END AS entity_key
      FROM pg_temp.import_name n,
           LATERAL (VALUES (1, 1, 'email', n.email, n.email_key), (2, 2, n.mobile_kind, n.mobile, n.mobile), (3, 2, n.phone_kind, n.phone, n.phone),
                           (4, 4, 'postal', n.postal, n.postal_key), (5, 5, 'messenger', n.messenger, n.messenger_key)) a (address_no, place, kind, value, match_key)
     WHERE a.value IS NOT NULL AND a.match_key IS NOT NULL;
    ANALYZE pg_temp.import_address;
    UPDATE pg_temp.import_name n
       SET fate = 'invalid',
           reason = coalesce(nullif(concat_ws('; ', 'email: ' || n.email_code, 'mobile: ' || n.mobile_code, 'phone: ' || n.phone_code, 'postal: ' || n.postal_code, 'messenger: ' || n.messenger_code, n.problem), ''), 'no address')
     WHERE NOT EXISTS (SELECT FROM pg_temp.import_address a WHERE a.row_no = n.row_no);
END
$$;
COMMENT ON FUNCTION import_split_addresses() IS 'the addresses of import_name that can be used: temporary table import_address; marks the rows that have none; a part of import_list()';

-- What merge_purge() reads: temporary table import_entity. A row is split where it has two keys of a
-- kind, and each known customer by his addresses; the last place holds them together. Of the house
-- and the other lists only those are there who share an address.
CREATE OR REPLACE FUNCTION import_make_entities(household boolean) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    -- a number is what the plan calls it in the file, however it was recorded
    INSERT INTO pg_temp.import_known
    SELECT row_number() OVER (ORDER BY k.customer_id, k.place, k.entity_key) AS known_no, k.*
      FROM (SELECT DISTINCT p.customer_id, c.kind AS customer_kind, a.place,
                   CASE WHEN a.place IN (3, 4) OR a.place = 1 AND (email_check(p.value)).code = 'role_account' THEN p.match_key || chr(31) || comparison_form(c.name) ELSE p.match_key END AS entity_key
              FROM (SELECT DISTINCT d.place, d.kind, d.match_key FROM pg_temp.import_address d) a
              JOIN contact_point p ON p.match_key = a.match_key AND p.ended_on IS NULL AND (p.kind = a.kind OR p.kind IN ('phone', 'mobile') AND a.kind IN ('phone', 'mobile'))
              JOIN customer c ON c.customer_id = p.customer_id) k
     WHERE k.entity_key IS NOT NULL;
    ANALYZE pg_temp.import_known;
    INSERT INTO pg_temp.import_entity
    SELECT CASE k.customer_kind WHEN 'internal' THEN 'house' ELSE 'others' END AS list, k.known_no AS row_no,
           ARRAY[CASE k.place WHEN 1 THEN k.entity_key END, CASE k.place WHEN 2 THEN k.entity_key END, CASE k.place WHEN 3 THEN k.entity_key END,
                 CASE k.place WHEN 4 THEN k.entity_key END, CASE k.place WHEN 5 THEN k.entity_key END, 'customer ' || k.customer_id] AS match_keys,
           NULL::text AS household, true AS is_valid
      FROM pg_temp.import_known k
    UNION ALL
    SELECT 'file', n.row_no, ARRAY[max(a.entity_key) FILTER (WHERE a.place = 1), (array_agg(a.entity_key ORDER BY a.address_no) FILTER (WHERE a.place = 2))[1],
                                   (array_agg(a.entity_key ORDER BY a.address_no) FILTER (WHERE a.place = 3))[1], max(a.entity_key) FILTER (WHERE a.place = 4),
                                   max(a.entity_key) FILTER (WHERE a.place = 5), 'row ' || n.row_no],
           CASE WHEN import_make_entities.household THEN max(n.postal_key) END, n.fate IS NULL
      FROM pg_temp.import_name n LEFT JOIN pg_temp.import_address a ON a.row_no = n.row_no
     GROUP BY n.row_no, n.fate
    UNION ALL
    -- the second number of a kind
    SELECT 'file', a.row_no + 1000000000000, ARRAY[NULL, CASE a.place WHEN 2 THEN a.entity_key END, CASE a.place WHEN 3 THEN a.entity_key END, NULL, NULL, 'row ' || a.row_no], NULL, true
      FROM pg_temp.import_address a JOIN pg_temp.import_address b ON b.row_no = a.row_no AND b.place = a.place AND b.address_no < a.address_no WHERE a.place IN (2, 3);
    -- who is on the suppression list by any address
    ANALYZE pg_temp.import_entity;
    INSERT INTO pg_temp.import_entity (list, row_no, match_keys, is_valid)
    SELECT 'suppressed', e.row_no, e.match_keys, true FROM pg_temp.import_entity e
     WHERE e.list = 'file' AND e.row_no IN (SELECT a.row_no FROM import_suppressed_keys() s JOIN pg_temp.import_address a ON a.kind = s.kind AND a.match_key = s.match_key);
END
$$;
COMMENT ON FUNCTION import_make_entities(boolean) IS 'the rows of import_name, those known who share an address with them, and those suppressed, with their keys: temporary tables import_known and import_entity; a part of import_list()';

CREATE OR REPLACE FUNCTION import_suppressed_keys(OUT kind text, OUT match_key text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT AS
$$
BEGIN
    FOR kind IN SELECT DISTINCT a.kind FROM pg_temp.import_address a LOOP
        RETURN QUERY SELECT import_suppressed_keys.kind, s FROM suppressed_keys(import_suppressed_keys.kind, ARRAY(SELECT DISTINCT a.match_key FROM pg_temp.import_address a WHERE a.kind = import_suppressed_keys.kind)) s;
    END LOOP;
END
$$;
COMMENT ON FUNCTION import_suppressed_keys() IS 'the addresses of import_address that are on the suppression list; a part of import_list()';

-- Merge and purge: the fate of each row.
CREATE OR REPLACE FUNCTION import_decide(list text, keep_per_household int) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    suppression text[] := ARRAY(SELECT DISTINCT e.list FROM pg_temp.import_entity e WHERE e.list = 'suppressed');
BEGIN
    UPDATE pg_temp.import_name n
       SET fate = CASE WHEN m.fate <> 'inter' THEN m.fate WHEN k.customer_kind = 'internal' THEN 'in house' WHEN o.customer_id IS NOT NULL THEN 'intra' ELSE 'inter' END,
           customer_id = CASE WHEN m.fate IN ('inter', 'intra') THEN k.customer_id END,
           same_as_row_no = CASE WHEN m.survivor_list = 'file' THEN m.survivor_row_no END,
           reason = CASE m.fate WHEN 'net' THEN 'new' WHEN 'suppressed' THEN 'on the suppression list' WHEN 'household' THEN 'enough of the household'
                                WHEN 'intra' THEN CASE WHEN m.survivor_list = 'file' THEN format('repeats row %s', m.survivor_row_no) ELSE 'repeats a row of a name that is known' END
                                ELSE CASE WHEN k.customer_kind = 'internal' THEN 'a customer of the house' WHEN o.customer_id IS NOT NULL THEN 'on the list already'
                                          ELSE coalesce('known from list ' || (SELECT string_agg(l.list, ', ' ORDER BY l.list COLLATE "C") FROM list_member l WHERE l.customer_id = k.customer_id), 'known, and on no list') END END
      FROM merge_purge('SELECT list, row_no, match_keys, household, is_valid FROM pg_temp.import_entity', ARRAY['house', 'others', 'file'], suppression, import_decide.keep_per_household,
                       bridging => false, result_lists => ARRAY['file']) m
      LEFT JOIN pg_temp.import_known k ON k.known_no = m.survivor_row_no AND m.survivor_list IN ('house', 'others')
      LEFT JOIN list_member o ON o.customer_id = k.customer_id AND o.list = import_decide.list
     WHERE n.row_no = m.row_no AND n.fate IS NULL;
    ANALYZE pg_temp.import_name (row_no, fate);
END
$$;
COMMENT ON FUNCTION import_decide(text, int) IS 'decides the fate of each row of import_name; a part of import_list()';

-- Who imports has no right on the sequence; one call for all, because each costs.
CREATE OR REPLACE FUNCTION import_customer_ids(number bigint) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER ROWS 10000 SET search_path FROM CURRENT AS
$$
DECLARE
    sequence regclass := pg_get_serial_sequence('customer', 'customer_id');
BEGIN
    RETURN QUERY SELECT nextval(sequence) FROM generate_series(1, number);
END
$$;
COMMENT ON FUNCTION import_customer_ids(bigint) IS 'so many new numbers of customers; a part of import_list()';

-- New names become external customers, with the addresses of all of their rows; who is known gets his
-- place on the list.
CREATE OR REPLACE FUNCTION import_write_names(list text, joined_on date) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    UPDATE pg_temp.import_name n SET customer_id = i.customer_id
      FROM (SELECT m.row_no, row_number() OVER (ORDER BY m.row_no) AS no FROM pg_temp.import_name m WHERE m.fate = 'net') r
      JOIN import_customer_ids((SELECT count(*) FROM pg_temp.import_name m WHERE m.fate = 'net')) WITH ORDINALITY i (customer_id, no) ON i.no = r.no
     WHERE n.row_no = r.row_no;
    INSERT INTO customer (customer_id, kind, entered_as, is_organisation, name, birthday)
    SELECT n.customer_id, 'external', 'external', coalesce(n.is_organisation, false), n.name, n.birthday FROM pg_temp.import_name n WHERE n.fate = 'net' ORDER BY n.customer_id;
    -- who repeats a new name is that customer, and brings his addresses
    UPDATE pg_temp.import_name n SET customer_id = s.customer_id FROM pg_temp.import_name s WHERE n.fate = 'intra' AND n.customer_id IS NULL AND s.row_no = n.same_as_row_no;
    -- hashed by the thousand, as in a bulk load
    INSERT INTO contact_point (customer_id, kind, value, match_key, key_hash)
    SELECT u.*
      FROM (SELECT array_agg(g.customer_id) AS people, array_agg(g.kind) AS kinds, array_agg(g.value) AS texts, array_agg(g.match_key) AS match_keys
              FROM (SELECT n.customer_id, a.kind, a.value, a.match_key, row_number() OVER (ORDER BY n.customer_id, n.row_no, a.address_no) AS no
                      FROM pg_temp.import_name n JOIN pg_temp.import_address a ON a.row_no = n.row_no WHERE n.fate = 'net' OR n.fate = 'intra' AND n.same_as_row_no IS NOT NULL ORDER BY no) g
             GROUP BY g.no / 5000 ORDER BY g.no / 5000) b,
           LATERAL unnest(b.people, b.kinds, b.texts, b.match_keys, suppression_hashes(b.kinds, b.match_keys)) u
    ON CONFLICT (customer_id, kind, value) DO NOTHING;
    INSERT INTO list_member (customer_id, list, joined_on)
    SELECT DISTINCT n.customer_id, import_write_names.list, import_write_names.joined_on FROM pg_temp.import_name n WHERE n.fate IN ('net', 'inter', 'in house') ORDER BY 1
    ON CONFLICT ON CONSTRAINT list_member_pkey DO NOTHING;
END
$$;
COMMENT ON FUNCTION import_write_names(text, date) IS 'writes the new names of import_name and their places on the list; a part of import_list()';

-- The log: the file, its diagnoses, its rows. Of people who are suppressed nothing is kept that says
-- who they are: some of them have been erased, and come in again with every bought file.
CREATE OR REPLACE FUNCTION import_write_log(entry list_import) RETURNS list_import
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    SELECT count(*), count(*) FILTER (WHERE n.fate = 'invalid'), count(*) FILTER (WHERE n.fate = 'suppressed'), count(*) FILTER (WHERE n.fate = 'intra'), count(*) FILTER (WHERE n.fate = 'in house'),
           count(*) FILTER (WHERE n.fate = 'inter'), count(*) FILTER (WHERE n.fate = 'household'), count(*) FILTER (WHERE n.fate = 'net'),
           count(*) FILTER (WHERE n.is_email_repaired OR n.is_mobile_repaired OR n.is_phone_repaired)
      INTO entry.input_names, entry.invalid, entry.suppressed, entry.intra, entry.in_house, entry.inter, entry.household, entry.net_names, entry.repaired FROM pg_temp.import_name n;
    INSERT INTO list_import (list, staging, file_hash, imported_on, started_at, ended_at, input_names, invalid, suppressed, intra, in_house, inter, household, net_names, repaired,
                             cost_per_piece, price_per_name, net_name_floor)
    VALUES (entry.list, entry.staging, entry.file_hash, entry.imported_on, entry.started_at, clock_timestamp(), entry.input_names, entry.invalid, entry.suppressed, entry.intra, entry.in_house, entry.inter,
            entry.household, entry.net_names, entry.repaired, entry.cost_per_piece, entry.price_per_name, entry.net_name_floor)
    RETURNING * INTO entry;
    INSERT INTO list_import_diagnosis (list_import_id, column_name, code, names, usable, repaired, dropped)
    SELECT entry.list_import_id, d.column_name, d.code, count(*), count(*) FILTER (WHERE d.is_usable), count(*) FILTER (WHERE d.is_repaired), count(*) FILTER (WHERE d.is_first AND n.fate = 'invalid')
      FROM pg_temp.import_name n,
           LATERAL (SELECT v.*, v.no = min(v.no) OVER () AS is_first
                      FROM (VALUES (1, 'email', n.email_code, n.email IS NOT NULL, n.is_email_repaired), (2, 'mobile', n.mobile_code, n.mobile IS NOT NULL, n.is_mobile_repaired),
                                   (3, 'phone', n.phone_code, n.phone IS NOT NULL OR n.phone_code = 'valid', n.is_phone_repaired), (4, 'postal', n.postal_code, n.postal_key IS NOT NULL, false),
                                   (5, 'messenger', n.messenger_code, n.messenger_key IS NOT NULL, false), (6, 'row', CASE WHEN n.problem IS NOT NULL THEN 'cell_unreadable' END, false, false),
                                   (7, 'row', CASE WHEN coalesce(n.email_code, n.mobile_code, n.phone_code, n.postal_code, n.messenger_code, n.problem) IS NULL THEN 'no_address' END, false, false))
                           v (no, column_name, code, is_usable, is_repaired) WHERE v.code IS NOT NULL) d
     GROUP BY d.column_name, d.code;
    INSERT INTO list_import_row (list_import_id, row_no, row_data, fate, reason, same_as_row_no, customer_id, email, email_code, phone, phone_code, mobile, mobile_code, is_repaired)
    SELECT entry.list_import_id, n.row_no, CASE WHEN s.is_kept THEN to_jsonb(r.staged) END, n.fate, n.reason, n.same_as_row_no, n.customer_id, CASE WHEN s.is_kept THEN n.email END, n.email_code,
           CASE WHEN s.is_kept THEN n.phone END, n.phone_code, CASE WHEN s.is_kept THEN n.mobile END, n.mobile_code, coalesce(n.is_email_repaired OR n.is_mobile_repaired OR n.is_phone_repaired, false)
      FROM pg_temp.import_name n JOIN pg_temp.load_row r ON r.row_no = n.row_no CROSS JOIN LATERAL (SELECT n.fate <> 'suppressed' AS is_kept) s ORDER BY n.row_no;
    RETURN entry;
END
$$;
COMMENT ON FUNCTION import_write_log(list_import) IS 'writes list_import, list_import_diagnosis and list_import_row of the rows of import_name; a part of import_list()';

-- The list to which a file may be imported, with what its rows are assumed to cost.
CREATE OR REPLACE FUNCTION import_target(list text, cost_per_piece numeric, price_per_name numeric, input_names bigint) RETURNS list
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    target list;
BEGIN
    SELECT l.* INTO target FROM list l WHERE l.list = import_target.list;
    IF target.list IS NULL THEN
        PERFORM refuse_dimension('list', coalesce(import_target.list, 'NULL'));
    ELSIF target.kind <> 'external' THEN
        RAISE EXCEPTION 'list "%" is a list of the house', target.list
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Names of the house are loaded with load_customers(). A bought list is of the kind external.';
    ELSIF target.status = 'retired' THEN
        RAISE EXCEPTION 'list "%" is retired', target.list
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A retired list is not used again. change_list_status() takes it back, with a reason.';
    END IF;
    target.cost_per_piece := coalesce(check_amount('cost_per_piece', import_target.cost_per_piece), target.cost_per_piece, setting_number('list_cost_per_piece', 0, 1e9)::numeric);
    target.price_per_name := coalesce(check_amount('price_per_name', import_target.price_per_name), target.price_per_name, target.cost / nullif(coalesce(target.names, import_target.input_names), 0));
    RETURN target;
END
$$;
COMMENT ON FUNCTION import_target(text, numeric, numeric, bigint) IS 'the list to which a file is imported, with its costs; 23503 for an unknown list, 22023 for one of the house and for a negative cost, 22003 for one that is too large, 55000 for a retired one. A part of import_list()';

CREATE OR REPLACE FUNCTION import_list(
    list text, staging regclass, cost_per_piece numeric DEFAULT NULL, price_per_name numeric DEFAULT NULL, joined_on date DEFAULT NULL, keep_per_household int DEFAULT NULL,
    OUT list_import_id bigint, OUT input_names bigint, OUT invalid bigint, OUT suppressed bigint, OUT intra bigint, OUT in_house bigint, OUT inter bigint, OUT household bigint,
    OUT net_names bigint, OUT repaired bigint, OUT was_already_imported boolean)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '128MB' SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
DECLARE
    entry  list_import;
    target list;
    hash   uuid;
BEGIN
    entry.started_at := clock_timestamp();
    PERFORM import_target(import_list.list, import_list.cost_per_piece, import_list.price_per_name, NULL);
    PERFORM load_begin('names', staging, 'none');
    -- the same whatever the order of the rows
    SELECT md5(count(*) || ' ' || coalesce(sum(uuid_hash_extended(r.content, 1)::numeric), 0) || ' ' || coalesce(sum(uuid_hash_extended(r.content, 2)::numeric), 0))::uuid, count(*)
      INTO hash, entry.input_names FROM pg_temp.load_row r;
    target := import_target(import_list.list, import_list.cost_per_piece, import_list.price_per_name, entry.input_names);
    SELECT i.* INTO entry FROM list_import i WHERE i.list = import_list.list AND i.file_hash = hash;
    was_already_imported := FOUND;
    IF NOT FOUND THEN
        entry.started_at := clock_timestamp();
        entry.list := target.list;
        entry.file_hash := hash;
        entry.imported_on := coalesce(import_list.joined_on, (now() AT TIME ZONE current_setting('TimeZone'))::date);
        entry.cost_per_piece := target.cost_per_piece;
        entry.price_per_name := target.price_per_name;
        entry.net_name_floor := target.net_name_floor;
        SELECT format('%I.%I', n.nspname, c.relname) INTO entry.staging FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = import_list.staging;
        PERFORM import_make_tables();
        PERFORM import_clean_names();
        PERFORM import_split_addresses();
        PERFORM import_make_entities(import_list.keep_per_household IS NOT NULL);
        PERFORM import_decide(import_list.list, import_list.keep_per_household);
        PERFORM import_write_names(import_list.list, entry.imported_on);
        entry := import_write_log(entry);
        UPDATE list l SET names = coalesce(l.names, entry.input_names), received_on = coalesce(l.received_on, entry.imported_on)
         WHERE l.list = import_list.list AND (l.names IS NULL OR l.received_on IS NULL);
        DROP TABLE pg_temp.import_name, pg_temp.import_address, pg_temp.import_known, pg_temp.import_entity;
    END IF;
    DROP TABLE pg_temp.load_row;
    SELECT entry.list_import_id, entry.input_names, entry.invalid, entry.suppressed, entry.intra, entry.in_house, entry.inter, entry.household, entry.net_names, entry.repaired
      INTO import_list.list_import_id, import_list.input_names, import_list.invalid, import_list.suppressed, import_list.intra, import_list.in_house, import_list.inter, import_list.household,
           import_list.net_names, import_list.repaired;
END
$$;
COMMENT ON FUNCTION import_list(text, regclass, numeric, numeric, date, int) IS 'imports a bought file, a staging table with the columns of kind names in load_column, to an external list: cleans its addresses, merges it with itself, the house, other lists and the suppression list, makes external customers of what is new and gives those known their place on the list, nothing else. keep_per_household: so many new names of one postal address; NULL: all. Returns the counts of table list_import, which add up to input_names; what became of each row is in list_import_row. The same file to the same list is imported once. 23503 for an unknown list, 22023 for one of the house, 55000 for a retired one, 42703 for wrong columns';

CREATE OR REPLACE FUNCTION purge_list_rows(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    days   int := setting_number('keep_list_rows_days', 1, 99999, whole => true)::int;
    purged bigint;
BEGIN
    DELETE FROM list_import_row r USING list_import i
     WHERE i.list_import_id = r.list_import_id AND i.ended_at < purge_list_rows.as_of - make_interval(days => days);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION purge_list_rows(timestamptz) IS 'deletes the rows of imported files (list_import_row) that are older than the setting keep_list_rows_days, seen from as_of; their counts stay. Returns how many. 22023 for a setting that is no number of days';

-- What cleaning has saved: every row that was dropped would have got a piece, and under a net-name
-- deal it is not paid for, down to the floor.
CREATE OR REPLACE VIEW list_hygiene AS
SELECT i.list_import_id, i.list, l.name AS list_name, l.supplier, i.imported_on, i.staging, i.input_names, i.invalid, i.suppressed, i.intra, i.in_house, i.inter, i.household, i.net_names, i.repaired,
       (i.net_names::numeric / nullif(i.input_names, 0))::numeric(12,6) AS net_share, i.input_names - i.net_names AS pieces_saved, i.cost_per_piece,
       ((i.input_names - i.net_names) * i.cost_per_piece)::numeric(20,4) AS postage_saved, p.names_paid, i.price_per_name, ((i.input_names - p.names_paid) * i.price_per_name)::numeric(20,4) AS rent_saved,
       (coalesce((i.input_names - i.net_names) * i.cost_per_piece, 0) + coalesce((i.input_names - p.names_paid) * i.price_per_name, 0))::numeric(20,4) AS money_saved,
       (((i.input_names - i.net_names) * i.cost_per_piece + coalesce((i.input_names - p.names_paid) * i.price_per_name, 0)) / nullif(i.input_names * (i.cost_per_piece + coalesce(i.price_per_name, 0)), 0))::numeric(12,6) AS saved_share,
       format('each row that was dropped would have got one piece at %s; of the names %s are paid for at %s, %s', coalesce(trim_scale(i.cost_per_piece)::text, 'an unknown cost'), p.names_paid,
              coalesce(trim_scale(round(i.price_per_name, 4))::text, 'an unknown price'), CASE WHEN i.net_name_floor IS NULL THEN 'all that were supplied' ELSE format('those used, at least %s of those supplied', trim_scale(i.net_name_floor)) END) AS assumptions
  FROM list_import i JOIN list l ON l.list = i.list
 CROSS JOIN LATERAL (SELECT CASE WHEN i.net_name_floor IS NULL THEN i.input_names ELSE greatest(i.net_names, ceil(i.net_name_floor * i.input_names)) END::bigint AS names_paid) p;
COMMENT ON VIEW list_hygiene IS 'the hygiene report: what became of the names of each imported file, and the money that cleaning has saved, with what was assumed; one row per import';

CREATE OR REPLACE VIEW list_hygiene_diagnosis AS
SELECT d.list_import_id, i.list, l.name AS list_name, i.imported_on, d.column_name, d.code, d.names, (d.names::numeric / nullif(i.input_names, 0))::numeric(12,6) AS names_share, d.usable, d.repaired, d.dropped
  FROM list_import_diagnosis d JOIN list_import i ON i.list_import_id = d.list_import_id JOIN list l ON l.list = i.list;
COMMENT ON VIEW list_hygiene_diagnosis IS 'what was found in the addresses of each imported file, one row per import, column and diagnosis';

DO $comments$
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT a.attrelid::regclass AS view, a.attname, c.meaning
          FROM pg_attribute a
          JOIN (VALUES
            ('list_import_id', 'the import'),
            ('list',           'the list'),
            ('list_name',      'name of the list'),
            ('supplier',       'who supplied it'),
            ('imported_on',    'the day on which its names joined the list'),
            ('staging',        'name of the staging table'),
            ('input_names',    'rows of the file: the sum of the seven columns after it'),
            ('invalid',        'rows without any usable address; by diagnosis in list_hygiene_diagnosis'),
            ('suppressed',     'rows of people on the suppression list'),
            ('intra',          'rows that repeat an earlier row, or a name that is on the list already'),
            ('in_house',       'rows of customers of the house'),
            ('inter',          'rows of names that came in with other lists: multi-buyers'),
            ('household',      'rows of households of which there are enough'),
            ('net_names',      'new names'),
            ('repaired',       'rows with an address that was repaired; by diagnosis likewise'),
            ('net_share',      'net_names / input_names'),
            ('pieces_saved',   'input_names - net_names: pieces that are not sent, or not sent twice, in each mailing to the list'),
            ('cost_per_piece', 'what one piece costs, as assumed'),
            ('postage_saved',  'pieces_saved x cost_per_piece, for one mailing'),
            ('names_paid',     'names that the supplier is paid for'),
            ('price_per_name', 'what a name costs, as assumed; NULL: not known'),
            ('rent_saved',     '(input_names - names_paid) x price_per_name'),
            ('money_saved',    'postage_saved + rent_saved'),
            ('saved_share',    'money_saved / what names and one mailing would have cost without cleaning'),
            ('assumptions',    'what money_saved rests on, in words'),
            ('column_name',    'column of the file: email, phone, mobile, postal, messenger; row for the whole row'),
            ('code',           'the diagnosis, see email_check() and phone_normalize()'),
            ('names',          'rows with this diagnosis'),
            ('names_share',    'names / rows of the file'),
            ('usable',         'of these, rows whose address of this column can be used'),
            ('dropped',        'rows that are invalid and have this as their first diagnosis')
          ) AS c (name, meaning) ON c.name = a.attname
         WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN ('list_hygiene'::regclass, 'list_hygiene_diagnosis'::regclass)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', named.view, named.attname, named.meaning);
    END LOOP;
END
$comments$;
