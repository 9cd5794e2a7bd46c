-- Bulk load of customers and of source codes.
--
-- A customer is named by customer_id, by its number in another system, or by both. A row that names
-- a new one makes it; a row that names one known already changes nothing of the customer, but what
-- it adds (a number, an address, a list) is added. A row without any name gets a number in the
-- system "sheet", made of its contents, so that the same sheet does not make the person twice.

-- Works out whom each good row names, by what it says and by what other rows say of the same number:
-- the temporary table load_name. identity is the same for rows of one person.
CREATE OR REPLACE FUNCTION load_name_people() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    CREATE TEMP TABLE load_name ON COMMIT DROP AS
    SELECT m.*, coalesce('#' || m.named_id, m.system || chr(31) || m.number) AS identity, c.customer_id IS NOT NULL AS is_known
      FROM (SELECT n.*, f.customer_id AS ref_id,
                   coalesce(f.customer_id, n.given_id, CASE WHEN n.number IS NOT NULL THEN min(n.given_id) OVER same END) AS named_id,
                   n.number IS NOT NULL AND min(n.given_id) OVER same <> max(n.given_id) OVER same AS is_ambiguous
              FROM (SELECT row_no, coalesce((SELECT g.customer_id FROM merged_customer g WHERE g.merged_id = r.customer_id), customer_id) AS given_id, CASE WHEN is_unnamed THEN 'sheet' ELSE system END AS system,
                           CASE WHEN is_unnamed THEN load_request_id(NULL, content, nullif(row_number() OVER (PARTITION BY content ORDER BY row_no), 1)) ELSE number END AS number
                      FROM (SELECT *, customer_id IS NULL AND number IS NULL AS is_unnamed FROM pg_temp.load_row WHERE problem IS NULL) r) n
              LEFT JOIN customer_ref f ON f.system = n.system AND f.number = n.number
            WINDOW same AS (PARTITION BY n.system, n.number)) m
      LEFT JOIN customer c ON c.customer_id = m.named_id;
    ANALYZE pg_temp.load_name;
END
$$;
COMMENT ON FUNCTION load_name_people() IS 'works out whom the rows of load_row name: temporary table load_name; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_check_names() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    UPDATE pg_temp.load_row r
       SET problem = CASE WHEN n.is_ambiguous THEN format('number "%s" of system "%s" has several customer_id in this load', r.number, r.system)
                          ELSE format('number "%s" of system "%s" is customer %s, not %s', r.number, r.system, n.ref_id, n.given_id) END
      FROM pg_temp.load_name n WHERE n.row_no = r.row_no AND (n.is_ambiguous OR n.ref_id <> n.given_id);
    UPDATE pg_temp.load_row r
       SET problem = format('customer %s was erased: who comes again is a new customer', n.named_id)
      FROM pg_temp.load_name n JOIN person_erasure e ON e.erased_id = n.named_id WHERE n.row_no = r.row_no;
END
$$;
COMMENT ON FUNCTION load_check_names() IS 'marks rows of load_row whose number and customer_id do not agree, and those of people who were erased; a part of the bulk load';

-- An organisation or recommender must be known, or be in the same sheet. One that is rejected takes
-- those who name it along, and so on.
CREATE OR REPLACE FUNCTION load_check_relations() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    changed bigint;
BEGIN
    SELECT count(*) INTO changed FROM (SELECT FROM pg_temp.load_row
                                        WHERE num_nonnulls(organisation_id, recommended_by, organisation_number, recommended_by_number) > 0 LIMIT 1) a;
    WHILE changed > 0 LOOP
        WITH wrong AS (
            UPDATE pg_temp.load_row r SET problem = w.problem
              FROM (SELECT a.row_no, string_agg(format(CASE WHEN a.by_id IS NOT NULL THEN '%s "%s" is not known' ELSE '%s "%s" is not known in this system' END,
                                                       a.column_name, coalesce(a.by_id::text, a.by_number)), '; ' ORDER BY a.column_name) AS problem
                      FROM (SELECT l.row_no, l.system, v.*
                              FROM pg_temp.load_row l,
                                   LATERAL (VALUES ('organisation_id', l.organisation_id, NULL), ('recommended_by', l.recommended_by, NULL),
                                                   ('organisation_number', NULL, l.organisation_number),
                                                   ('recommended_by_number', NULL, l.recommended_by_number)) v (column_name, by_id, by_number)
                             WHERE l.problem IS NULL AND num_nonnulls(v.by_id, v.by_number) = 1) a
                      LEFT JOIN customer c ON c.customer_id = a.by_id
                      LEFT JOIN customer_ref f ON f.system = a.system AND f.number = a.by_number
                     WHERE num_nonnulls(c.customer_id, f.customer_id) = 0
                       AND NOT EXISTS (SELECT FROM pg_temp.load_row o WHERE o.problem IS NULL AND o.customer_id = a.by_id)
                       AND NOT EXISTS (SELECT FROM pg_temp.load_row o WHERE o.problem IS NULL AND o.system = a.system AND o.number = a.by_number)
                     GROUP BY a.row_no) w
             WHERE w.row_no = r.row_no RETURNING 1)
        SELECT count(*) INTO changed FROM wrong;
    END LOOP;
END
$$;
COMMENT ON FUNCTION load_check_relations() IS 'marks customers in load_row whose organisation or recommender is not known; a part of the bulk load';

-- Who loads may record customers but has no right on their sequence: these two have it.
CREATE OR REPLACE FUNCTION load_next_customer_id() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
    SELECT nextval(pg_get_serial_sequence('customer', 'customer_id'))
$$;
COMMENT ON FUNCTION load_next_customer_id() IS 'a new customer_id; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_pass_customer_id(last_id bigint) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    sequence regclass := pg_get_serial_sequence('customer', 'customer_id');
BEGIN
    -- never so far that no number is left, whoever asks for it
    IF last_id > coalesce(pg_sequence_last_value(sequence), 0) AND last_id < 1e18 THEN
        PERFORM setval(sequence, last_id);
    END IF;
END
$$;
COMMENT ON FUNCTION load_pass_customer_id(bigint) IS 'makes customer_id go on after one that was given, of 18 digits at most; a part of the bulk load';

-- The new customers, with their keys: temporary table load_person.
CREATE OR REPLACE FUNCTION load_number_people() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    CREATE TEMP TABLE load_person ON COMMIT DROP AS
    SELECT f.identity, f.row_no, coalesce(f.named_id, load_next_customer_id()) AS customer_id
      FROM (SELECT DISTINCT ON (n.identity) n.identity, n.row_no, n.named_id
              FROM pg_temp.load_name n JOIN pg_temp.load_row r USING (row_no)
             WHERE r.problem IS NULL AND NOT n.is_known ORDER BY n.identity, n.row_no) f
     ORDER BY f.row_no;
    ANALYZE pg_temp.load_person;
END
$$;
COMMENT ON FUNCTION load_number_people() IS 'gives keys to the new customers of load_name: temporary table load_person; a part of the bulk load';

-- Makes the new customers, with their numbers in other systems; returns how many.
CREATE OR REPLACE FUNCTION load_write_customers() RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    WITH written AS (
        INSERT INTO customer (customer_id, kind, entered_as, is_organisation, name, household_id, organisation_id, role_in_decision, recommended_by,
                              salesperson_id, is_key_account, is_seed, birthday, region, preferred_channel, became_internal_at)
        SELECT p.customer_id, coalesce(r.kind, 'external'), coalesce(r.kind, 'external'), coalesce(r.is_organisation, false), r.name, r.household_id,
               r.organisation_id, r.role_in_decision, r.recommended_by, r.found_salesperson_id, coalesce(r.is_key_account, false),
               coalesce(r.is_seed, false), r.birthday, r.region, r.preferred_channel, r.became_internal_at
          FROM pg_temp.load_person p JOIN pg_temp.load_row r USING (row_no) ORDER BY p.customer_id
        RETURNING customer_id, salesperson_id),
    owned AS (
        INSERT INTO account_owner (customer_id, since, salesperson_id, reason)
        SELECT customer_id, now(), salesperson_id, 'bulk load' FROM written WHERE salesperson_id IS NOT NULL)
    SELECT count(*) INTO result FROM written;
    -- ids that were given must not be given out again
    PERFORM load_pass_customer_id(max(customer_id)) FROM pg_temp.load_person;
    INSERT INTO customer_ref (system, number, customer_id)
    SELECT DISTINCT ON (n.system, n.number) n.system, n.number, coalesce(p.customer_id, n.named_id)
      FROM pg_temp.load_name n JOIN pg_temp.load_row r USING (row_no) LEFT JOIN pg_temp.load_person p USING (identity)
     WHERE r.problem IS NULL AND n.number IS NOT NULL AND n.ref_id IS NULL
     ORDER BY n.system, n.number;
    UPDATE customer c SET organisation_id = coalesce(c.organisation_id, o.customer_id), recommended_by = coalesce(c.recommended_by, b.customer_id)
      FROM pg_temp.load_person p JOIN pg_temp.load_row r USING (row_no)
      LEFT JOIN customer_ref o ON o.system = r.system AND o.number = r.organisation_number
      LEFT JOIN customer_ref b ON b.system = r.system AND b.number = r.recommended_by_number
     WHERE c.customer_id = p.customer_id AND num_nonnulls(r.organisation_number, r.recommended_by_number) > 0;
    RETURN result;
END
$$;
COMMENT ON FUNCTION load_write_customers() IS 'records the new customers of load_name; a part of the bulk load';

-- Adds what the rows say of addresses and lists; what is there already stays as it is, so that no
-- load brings back an address that was given up or a list that was left. The addresses are hashed by
-- the thousand: whoever loads may not read the secret, and each call that may costs.
CREATE OR REPLACE FUNCTION load_write_addresses() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    country text := setting_value('country');
BEGIN
    INSERT INTO contact_point (customer_id, kind, value, place, match_key, key_hash)
    SELECT u.*
      FROM (SELECT array_agg(g.customer_id) AS people, array_agg(g.kind) AS kinds, array_agg(g.value) AS texts, array_agg(g.place) AS places, array_agg(g.match_key) AS match_keys
              FROM (SELECT d.*, contact_key(d.kind, d.value, country) AS match_key
                      FROM (SELECT coalesce(p.customer_id, n.named_id) AS customer_id, a.kind, a.value, r.place, row_number() OVER (ORDER BY coalesce(p.customer_id, n.named_id), n.row_no, a.kind_no) AS row_no
                              FROM pg_temp.load_name n JOIN pg_temp.load_row r USING (row_no) LEFT JOIN pg_temp.load_person p USING (identity),
                                   LATERAL (VALUES (1, 'email', r.email), (2, 'phone', r.phone), (3, 'mobile', r.mobile), (4, 'postal', r.postal), (5, 'messenger', r.messenger)) a (kind_no, kind, value)
                             WHERE r.problem IS NULL AND a.value IS NOT NULL
                             ORDER BY row_no) d) g
             GROUP BY g.row_no / 5000 ORDER BY g.row_no / 5000) b,
           LATERAL unnest(b.people, b.kinds, b.texts, b.places, b.match_keys, suppression_hashes(b.kinds, b.match_keys)) u
    ON CONFLICT (customer_id, kind, value) DO NOTHING;
    INSERT INTO list_member (customer_id, list, joined_on)
    SELECT coalesce(p.customer_id, n.named_id), btrim(l), r.joined_on
      FROM pg_temp.load_name n JOIN pg_temp.load_row r USING (row_no) LEFT JOIN pg_temp.load_person p USING (identity),
           string_to_table(r.lists, ',') AS l
     WHERE r.problem IS NULL AND btrim(l) <> ''
     ORDER BY 1, n.row_no
    ON CONFLICT (customer_id, list) DO NOTHING;
END
$$;
COMMENT ON FUNCTION load_write_addresses() IS 'records the contact points and lists of the customers of load_row; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_customers(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
BEGIN
    PERFORM load_begin('customers', staging, 'none');
    PERFORM load_name_people();
    PERFORM load_check_names();
    PERFORM load_check_relations();
    PERFORM load_number_people();
    loaded := load_write_customers();
    PERFORM load_write_addresses();
    DROP TABLE pg_temp.load_name;
    DROP TABLE pg_temp.load_person;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('customers', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_customers(regclass) IS 'records the customers of a staging table, with their numbers in other systems, addresses and lists; of one known already only these are added. Returns how many rows made a customer, named one that was there already, were rejected (see load_reject). 42703 for wrong columns';

CREATE OR REPLACE FUNCTION load_sources(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
BEGIN
    PERFORM load_begin('sources', staging, 'none');
    UPDATE pg_temp.load_row r SET problem = format('source_code "%s" stands in this load with other fields', r.source_code::text)
      FROM (SELECT row_no, content <> first_value(content) OVER (PARTITION BY source_code ORDER BY row_no) AS is_other
              FROM pg_temp.load_row WHERE problem IS NULL) d
     WHERE d.row_no = r.row_no AND d.is_other;
    -- what says which cell it is must be the same; the rest, which the sheet may leave to the registry, where it says something
    UPDATE pg_temp.load_row r SET problem = format('source_code "%s" is registered with another %s', r.source_code::text, d.fields)
      FROM (SELECT l.row_no, (SELECT string_agg(f.name, ', ' ORDER BY f.n)
                                FROM (VALUES (1, 'campaign', true, l.campaign, s.campaign), (2, 'medium', true, l.medium, s.medium), (3, 'test_group', true, l.test_group, s.test_group),
                                             (4, 'list', true, l.list, s.list), (5, 'offer', true, l.offer, s.offer), (6, 'is_control', true, coalesce(l.is_control, false)::text, s.is_control::text),
                                             (7, 'is_hold_out', true, coalesce(l.is_hold_out, false)::text, s.is_hold_out::text), (8, 'issued_on', false, l.issued_on::text, s.issued_on::text),
                                             (9, 'in_home_on', false, l.in_home_on::text, s.in_home_on::text), (10, 'answers_until', false, l.answers_until::text, s.answers_until::text),
                                             (11, 'quantity', false, l.quantity::bigint::text, s.quantity::text), (12, 'inbound_phone', false, l.inbound_phone, s.inbound_phone),
                                             (13, 'retired_on', false, l.retired_on::text, s.retired_on::text)) f (n, name, is_needed, theirs, ours)
                               WHERE f.theirs IS DISTINCT FROM f.ours AND (f.is_needed OR f.theirs IS NOT NULL)) AS fields
              FROM pg_temp.load_row l JOIN source s ON s.source_code = l.source_code WHERE l.problem IS NULL) d
     WHERE d.row_no = r.row_no AND d.fields IS NOT NULL;
    WITH written AS (
        INSERT INTO source (source_code, campaign, medium, test_group, list, offer, issued_on, in_home_on, answers_until, quantity,
                            is_control, is_hold_out, inbound_phone, retired_on)
        SELECT r.source_code, r.campaign, r.medium, r.test_group, r.list, r.offer, r.issued_on, r.in_home_on, r.answers_until, r.quantity::bigint,
               coalesce(r.is_control, false), coalesce(r.is_hold_out, false), r.inbound_phone, r.retired_on
          FROM pg_temp.load_row r WHERE r.problem IS NULL ORDER BY r.source_code, r.row_no
        ON CONFLICT (source_code) DO NOTHING RETURNING 1)
    SELECT count(*) INTO loaded FROM written;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('sources', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_sources(regclass) IS 'registers the source codes of a staging table; media, lists, campaigns, test groups and offers must be registered before. Returns how many rows were registered, were there already, were rejected (see load_reject). 42703 for wrong columns';
