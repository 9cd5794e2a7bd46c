-- Functions for apps: customers, and who registers for and comes to events.

-- The addresses of a customer: what is new is added; what is there already stays.
CREATE OR REPLACE FUNCTION write_addresses(customer bigint, email text, phone text, mobile text, postal text, messenger text, place text) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    too_long text;
BEGIN
    IF greatest(octet_length(email), octet_length(phone), octet_length(mobile), octet_length(postal), octet_length(messenger)) > 1000 THEN
        SELECT min(a.kind) INTO too_long
          FROM (VALUES ('email', email), ('phone', phone), ('mobile', mobile), ('postal', postal), ('messenger', messenger)) a (kind, value) WHERE octet_length(a.value) > 1000;
        RAISE EXCEPTION '% is longer than 1000 bytes', too_long USING ERRCODE = 'string_data_right_truncation', COLUMN = too_long, HINT = 'Send one address.';
    ELSIF place IS NOT NULL THEN
        place := check_word('place', place, '{office,home}');
    END IF;
    IF num_nonnulls(email, phone, mobile, postal, messenger) = 0 THEN
        RETURN;
    END IF;
    INSERT INTO contact_point (customer_id, kind, value, place, match_key, key_hash)
    SELECT customer, k.kind, k.value, write_addresses.place, k.match_key, coalesce(suppression_hash(k.kind, k.match_key), '')
      FROM (SELECT a.kind, btrim(a.value) AS value, contact_match_key(a.kind, btrim(a.value)) AS match_key
              FROM (VALUES ('email', email), ('phone', phone), ('mobile', mobile), ('postal', postal), ('messenger', messenger)) a (kind, value)
             WHERE btrim(a.value) <> '' OFFSET 0) k
    ON CONFLICT (customer_id, kind, value) DO NOTHING;
END
$$;
COMMENT ON FUNCTION write_addresses(bigint, text, text, text, text, text, text) IS 'adds contact points to a customer. A part of register_customer()';

-- The customer of a registration: named, or by the number of another system; none where he is new. Two
-- registrations of one number at once take turns.
CREATE OR REPLACE FUNCTION find_registered(customer bigint, customer_system text, customer_number text) RETURNS customer
    LANGUAGE plpgsql AS
$$
DECLARE
    has_new_number boolean := false;
    result         customer;
BEGIN
    IF num_nonnulls(customer_system, customer_number) = 2 THEN
        IF octet_length(customer_system) > 1000 OR octet_length(customer_number) > 1000 THEN
            RAISE EXCEPTION 'customer_number is longer than 1000 bytes' USING ERRCODE = 'string_data_right_truncation', COLUMN = 'number', HINT = 'Send a shorter one.';
        END IF;
        has_new_number := NOT EXISTS (SELECT FROM customer_ref f WHERE f.system = customer_system AND f.number = customer_number);
        IF has_new_number THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(customer_system || chr(31) || customer_number, 'customer_ref'::regclass::oid::bigint));
            has_new_number := NOT EXISTS (SELECT FROM customer_ref f WHERE f.system = customer_system AND f.number = customer_number);
        END IF;
    END IF;
    IF find_registered.customer IS NULL AND (has_new_number OR num_nonnulls(customer_system, customer_number) = 0) THEN
        RETURN NULL;
    ELSIF has_new_number THEN                   -- a further number of somebody known
        result := request_customer(find_registered.customer, NULL, NULL, true);
    ELSE
        result := request_customer(find_registered.customer, customer_system, customer_number, true);
    END IF;
    IF EXISTS (SELECT FROM person_erasure e WHERE e.erased_id = result.customer_id) THEN
        RAISE EXCEPTION 'customer % was erased', result.customer_id
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'customer', HINT = 'Who comes again is a new customer: register him without a number.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION find_registered(bigint, text, text) IS 'the customer of a registration, NULL when he is new; 55000 for one who was erased, else errors as of request_customer(). A part of register_customer()';

-- Who is new is written with all that is given; else what is given replaces what was known, and what is not
-- given stays.
CREATE OR REPLACE FUNCTION write_customer(person customer, kind text, name text, is_organisation boolean, household bigint, organisation bigint, role_in_decision text,
                                          recommended_by bigint, salesperson bigint, is_key_account boolean, birthday date, region text, preferred_channel text,
                                          at timestamptz) RETURNS bigint
    LANGUAGE plpgsql AS
$$
DECLARE
    unknown bigint;
    result  bigint := person.customer_id;
BEGIN
    IF num_nonnulls(organisation, recommended_by) > 0 THEN
        SELECT min(k) INTO unknown FROM unnest(ARRAY[organisation, recommended_by]) k WHERE NOT EXISTS (SELECT FROM customer c WHERE c.customer_id = k AND k <> 0);
    END IF;
    IF salesperson IS NOT NULL THEN
        PERFORM check_dimensions(salesperson => salesperson);
    END IF;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no customer %', unknown
            USING ERRCODE = 'foreign_key_violation', TABLE = 'customer', COLUMN = 'customer_id', HINT = 'Register the organisation, or who recommended us, first.';
    ELSIF region IS NOT NULL AND NOT EXISTS (SELECT FROM region d WHERE d.region = write_customer.region) THEN
        PERFORM refuse_dimension('region', region);
    ELSIF role_in_decision IS NOT NULL THEN
        role_in_decision := check_word('role_in_decision', role_in_decision, '{decides,influences,uses,pays,gatekeeper}');
    END IF;
    IF birthday > at::date OR birthday < '1850-01-01' THEN
        RAISE EXCEPTION 'birthday "%" is %', birthday, CASE WHEN birthday < '1850-01-01' THEN 'before 1850' ELSE 'in the future' END
            USING ERRCODE = 'datetime_field_overflow', COLUMN = 'birthday', HINT = 'Look at the century, and at the order of day and month.';
    END IF;
    IF result IS NULL THEN
        INSERT INTO customer (kind, entered_as, became_internal_at, name, is_organisation, household_id, organisation_id, role_in_decision, recommended_by,
                              salesperson_id, is_key_account, birthday, region, preferred_channel)
        VALUES (write_customer.kind, write_customer.kind, CASE write_customer.kind WHEN 'internal' THEN at END, nullif(btrim(write_customer.name), ''),
                coalesce(write_customer.is_organisation, false), household, organisation, write_customer.role_in_decision, write_customer.recommended_by,
                salesperson, coalesce(write_customer.is_key_account, false), write_customer.birthday, write_customer.region, write_customer.preferred_channel)
        RETURNING customer.customer_id INTO result;
        IF household IS NOT NULL THEN
            INSERT INTO household_move (customer_id, from_household_id, to_household_id) VALUES (result, NULL, household);
        END IF;
    ELSE
        IF household IS NOT NULL THEN
            INSERT INTO household_move (customer_id, from_household_id, to_household_id)
            SELECT c.customer_id, c.household_id, household FROM customer c
             WHERE c.customer_id = result AND household <> coalesce(c.household_id, household - 1) FOR NO KEY UPDATE;
        END IF;
        UPDATE customer c
           SET name = coalesce(nullif(btrim(write_customer.name), ''), c.name), is_organisation = coalesce(write_customer.is_organisation, c.is_organisation),
               household_id = coalesce(household, c.household_id), organisation_id = coalesce(organisation, c.organisation_id),
               role_in_decision = coalesce(write_customer.role_in_decision, c.role_in_decision), recommended_by = coalesce(write_customer.recommended_by, c.recommended_by),
               salesperson_id = coalesce(salesperson, c.salesperson_id), is_key_account = coalesce(write_customer.is_key_account, c.is_key_account),
               birthday = coalesce(write_customer.birthday, c.birthday), region = coalesce(write_customer.region, c.region),
               preferred_channel = coalesce(write_customer.preferred_channel, c.preferred_channel)
         WHERE c.customer_id = result;
    END IF;
    IF salesperson IS DISTINCT FROM person.salesperson_id AND salesperson IS NOT NULL THEN
        INSERT INTO account_owner (customer_id, since, salesperson_id, reason) VALUES (result, clock_timestamp(), salesperson, 'registered');
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION write_customer(customer, text, text, boolean, bigint, bigint, text, bigint, bigint, boolean, date, text, text, timestamptz) IS 'writes what is given into the row of a customer, a new one where person is NULL, and returns his number; 23503 for an unknown salesperson, region or other customer, 22023 for an unknown role, 22008 for an impossible birthday. A part of register_customer()';

CREATE OR REPLACE FUNCTION register_customer(
    customer bigint DEFAULT NULL, name text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), kind text DEFAULT 'internal',
    is_organisation boolean DEFAULT NULL, email text DEFAULT NULL, phone text DEFAULT NULL, mobile text DEFAULT NULL, postal text DEFAULT NULL,
    messenger text DEFAULT NULL, place text DEFAULT NULL, birthday date DEFAULT NULL, region text DEFAULT NULL, preferred_channel text DEFAULT NULL,
    household bigint DEFAULT NULL, organisation bigint DEFAULT NULL, role_in_decision text DEFAULT NULL, recommended_by bigint DEFAULT NULL,
    salesperson bigint DEFAULT NULL, is_key_account boolean DEFAULT NULL, list text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT is_new boolean, OUT became_internal boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('register_customer', register_customer.request_id, jsonb_build_present(
        'customer', customer, 'name', name, 'at', request_time(at), 'kind', kind, 'is_organisation', is_organisation, 'email', email, 'phone', phone,
        'mobile', mobile, 'postal', postal, 'messenger', messenger, 'place', place, 'birthday', birthday, 'region', region,
        'preferred_channel', preferred_channel, 'household', household, 'organisation', organisation, 'role_in_decision', role_in_decision,
        'recommended_by', recommended_by, 'salesperson', salesperson, 'is_key_account', is_key_account, 'list', list,
        'customer_system', customer_system, 'customer_number', customer_number));
    person         customer;
    has_new_number boolean;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO register_customer.customer_id, is_new, became_internal, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, is_new boolean, became_internal boolean);
        RETURN;
    END IF;
    at := check_time(at);
    kind := check_word('kind', kind, '{internal,external}');
    IF list IS NOT NULL AND NOT EXISTS (SELECT FROM list d WHERE d.list = register_customer.list) THEN
        PERFORM refuse_dimension('list', list);
    END IF;
    person := find_registered(customer, customer_system, customer_number);
    is_new := person.customer_id IS NULL;
    customer_id := write_customer(person, kind, name, is_organisation, household, organisation, role_in_decision, recommended_by, salesperson, is_key_account,
                                  birthday, region, preferred_channel, at);
    IF customer_number IS NOT NULL THEN
        has_new_number := is_new;
        IF NOT is_new THEN                      -- a further number of somebody known?
            has_new_number := NOT EXISTS (SELECT FROM customer_ref f WHERE f.system = customer_system AND f.number = customer_number);
        END IF;
        IF has_new_number THEN
            INSERT INTO customer_ref (system, number, customer_id) VALUES (customer_system, customer_number, register_customer.customer_id);
        END IF;
    END IF;
    PERFORM write_addresses(customer_id, email, phone, mobile, postal, messenger, place);
    IF list IS NOT NULL THEN
        INSERT INTO list_member (customer_id, list, joined_on)
        VALUES (register_customer.customer_id, register_customer.list, (at AT TIME ZONE setting_value('time_zone'))::date)
        ON CONFLICT ON CONSTRAINT list_member_pkey DO NOTHING;
    END IF;
    became_internal := kind = 'internal' AND NOT is_new AND request_mark_internal(person, at);
    was_already_recorded := request_end(register_customer.request_id, jsonb_build_present('customer_id', customer_id, 'is_new', is_new, 'became_internal', became_internal));
END
$$;
COMMENT ON FUNCTION register_customer(bigint, text, text, timestamptz, text, boolean, text, text, text, text, text, text, date, text, text, bigint, bigint, text, bigint, bigint, boolean, text, text, text) IS 'registers a customer. Without customer, and with a customer_number that is not known yet or none, he is new; else what is given replaces what was known of him, and what is not given stays. Addresses (email, phone, mobile, postal, messenger; at the place office or home) and the list are added. Whoever registers is internal; kind external is for bought names. Returns the customer, is_new, became_internal, and whether the call is a repetition. 22023 for an unknown word, 23503 for an unknown customer, salesperson, region or list, 22008 for an impossible birthday; see request_begin()';

-- The event somebody registers for or comes to.
CREATE OR REPLACE FUNCTION find_event(event bigint) RETURNS event
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    result event;
BEGIN
    result := (SELECT e FROM event e WHERE e.event_id = find_event.event);
    IF find_event.event IS NULL THEN
        RAISE EXCEPTION 'the event is missing' USING ERRCODE = 'null_value_not_allowed', COLUMN = 'event_id', HINT = 'Give its event_id of table event.';
    ELSIF result.event_id IS NULL THEN
        PERFORM refuse_dimension('event', find_event.event::text);
    ELSIF result.status = 'cancelled' THEN
        RAISE EXCEPTION 'event % is cancelled', find_event.event
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'event', COLUMN = 'status', HINT = 'Offer another event.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION find_event(bigint) IS 'an event; 23503 when there is none, 55000 when it is cancelled. A part of the recording functions';

-- Who registers for an event with a limit takes turns with the others: the row is locked, and written
-- by whoever gets a place, so that a transaction of a stricter isolation, which would count what was
-- there when it began, ends with a serialization failure and is tried again. Who gets none writes
-- nothing: PostgreSQL 18.6 may fail with "new multixact has more than one updating member" where many
-- wait for a row that a savepoint has written and given up.
CREATE OR REPLACE FUNCTION check_event_places(event bigint, customer bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    places     int;
    registered bigint;
BEGIN
    SELECT e.maximum_number INTO places FROM event e WHERE e.event_id = check_event_places.event AND e.maximum_number IS NOT NULL FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM event_registration r WHERE r.customer_id = check_event_places.customer AND r.event_id = check_event_places.event) THEN
        RETURN;                                 -- no limit, or has a place
    END IF;
    SELECT count(DISTINCT r.customer_id) INTO registered FROM event_registration r WHERE r.event_id = check_event_places.event;
    IF registered >= places THEN
        RAISE EXCEPTION 'event % is full', check_event_places.event
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'event', COLUMN = 'maximum_number',
                  DETAIL = format('%s people are registered, %s fit in.', registered, places), HINT = 'Offer another event; or raise maximum_number, if there is more room.';
    END IF;
    UPDATE event e SET maximum_number = e.maximum_number WHERE e.event_id = check_event_places.event;
END
$$;
COMMENT ON FUNCTION check_event_places(bigint, bigint) IS '55000 when an event has no place left for one more customer (event.maximum_number); waits for others who register for it until the end of their transactions. A part of register_for_event()';

CREATE OR REPLACE FUNCTION register_for_event(
    customer bigint DEFAULT NULL, event bigint DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), quoted_code text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT event_registration_id bigint, OUT source_code text, OUT code_problem text, OUT became_internal boolean,
    OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('register_for_event', register_for_event.request_id, jsonb_build_present(
        'customer', customer, 'event', event, 'at', request_time(at), 'quoted_code', quoted_code,
        'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
    code   record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO register_for_event.customer_id, event_registration_id, source_code, code_problem, became_internal, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, event_registration_id bigint, source_code text, code_problem text, became_internal boolean);
        RETURN;
    END IF;
    at := check_time(at);
    PERFORM find_event(event);
    person := request_customer(customer, customer_system, customer_number, true);
    PERFORM check_event_places(event, person.customer_id);
    code := request_code(quoted_code, at);
    INSERT INTO event_registration (customer_id, event_id, registered_at, quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, event, at, register_for_event.quoted_code, code.source_code, code.code_problem, register_for_event.request_id)
    RETURNING event_registration.event_registration_id INTO event_registration_id;
    customer_id := person.customer_id;
    source_code := code.source_code::text;
    code_problem := code.code_problem;
    became_internal := request_mark_internal(person, at);
    was_already_recorded := request_end(register_for_event.request_id, jsonb_build_present('customer_id', customer_id, 'event_registration_id', event_registration_id,
        'source_code', source_code, 'code_problem', code_problem, 'became_internal', became_internal));
END
$$;
COMMENT ON FUNCTION register_for_event(bigint, bigint, text, timestamptz, text, text, text) IS 'registers a customer for an event; an external customer becomes internal. Returns the customer, the registration, the code as read and its problem, became_internal, and whether the call is a repetition. 22004 without a customer or event, 23503 for an unknown one, 55000 for an event that is cancelled or full (who is registered may register again); see request_begin()';

CREATE OR REPLACE FUNCTION record_attendance(
    customer bigint DEFAULT NULL, event bigint DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT NULL, quoted_code text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT event_attendance_id bigint, OUT attended_at timestamptz, OUT was_registered boolean, OUT became_internal boolean,
    OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer    jsonb := request_begin('record_attendance', record_attendance.request_id, jsonb_build_present(
        'customer', customer, 'event', event, 'at', request_time(at), 'quoted_code', quoted_code,
        'customer_system', customer_system, 'customer_number', customer_number));
    happening event;
    person    customer;
    code      record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_attendance.customer_id, event_attendance_id, attended_at, was_registered, became_internal, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, event_attendance_id bigint, attended_at timestamptz, was_registered boolean, became_internal boolean);
        RETURN;
    END IF;
    happening := find_event(event);
    attended_at := check_time(coalesce(at, happening.starts_at));
    person := request_customer(customer, customer_system, customer_number, true);
    code := request_code(quoted_code, attended_at);
    INSERT INTO event_attendance (customer_id, event_id, attended_at, quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, event, record_attendance.attended_at, record_attendance.quoted_code, code.source_code, code.code_problem, record_attendance.request_id)
    RETURNING event_attendance.event_attendance_id INTO event_attendance_id;
    customer_id := person.customer_id;
    was_registered := EXISTS (SELECT FROM event_registration r WHERE r.customer_id = person.customer_id AND r.event_id = event);
    became_internal := request_mark_internal(person, attended_at);
    was_already_recorded := request_end(record_attendance.request_id, jsonb_build_present('customer_id', customer_id, 'event_attendance_id', event_attendance_id,
        'attended_at', attended_at, 'was_registered', was_registered, 'became_internal', became_internal));
END
$$;
COMMENT ON FUNCTION record_attendance(bigint, bigint, text, timestamptz, text, text, text) IS 'records that a customer came to an event, at its start where no time is said; an external customer becomes internal. Returns the customer, the attendance, its time, whether he had registered, became_internal, and whether the call is a repetition. 22004 without a customer or event, 23503 for an unknown one, 55000 for an event that is cancelled; see request_begin()';
