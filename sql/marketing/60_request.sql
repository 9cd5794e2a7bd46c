-- What all recording functions share: the request, the customer, the code, the checks.
--
-- A recording function goes this way: request_begin() with its arguments; when that returns an
-- answer, the call is a repetition, and the answer is given again. Else it checks everything,
-- writes, and leaves its answer with request_end(). All of it is one transaction of the caller: an
-- error leaves nothing, not even the request, so the call may be sent again when it is mended.
--
-- The row of a request is written first. Two calls with one key at once meet there: the second
-- waits until the first has committed, then finds its answer; or, when the first has failed, does
-- the work itself.
--
-- Only what apps call pins the search path: all that it calls runs under it, and a SET clause costs
-- more than the call of a function itself. And what is called within is plpgsql, which keeps its
-- plans: an SQL function with a subquery, which cannot be inlined, is read, planned and thrown away
-- in each call. A call that is assigned to a variable is evaluated as it stands; PERFORM and SELECT
-- INTO start the executor for it. So a check of one value returns it, and request_end() returns
-- was_already_recorded.
--
-- All plans are generic from the first call on: each finds a row by its key, or a customer's few
-- rows, and to plan it five times more for the values of the call takes as long as ten calls. And
-- all go by an index, so that a session whose first calls found empty tables does not go on to read
-- them from end to end when they are large.
--
-- SQLSTATEs: 22004 an argument is missing, 22023 it is none of the allowed values or does not go
-- with the others, 22003 a number is too large, 22008 a time is out of range, 23503 it names a
-- row that is not there, 23505 the key was used with other contents, 55000 the state of the row does
-- not allow it (a lead that is closed, an event that is cancelled).

CREATE OR REPLACE FUNCTION request_begin(function_name text, request_id text, contents jsonb) RETURNS jsonb
    LANGUAGE plpgsql AS
$$
DECLARE
    hashes  jsonb;
    earlier request;
    unlike  text;
BEGIN
    IF request_begin.request_id IS NULL OR request_begin.request_id = '' THEN
        RAISE EXCEPTION '%() needs a request_id', request_begin.function_name
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'request_id',
                  DETAIL = 'It is the key by which a repetition of the call is recognised.',
                  HINT = 'Give each call a text of its own, such as the name of the app and a number, and send the same with each retry.';
    ELSIF octet_length(request_begin.request_id) > 1000 THEN
        RAISE EXCEPTION 'request_id is longer than 1000 bytes'
            USING ERRCODE = 'string_data_right_truncation', COLUMN = 'request_id', HINT = 'Send a hash of it instead.';
    END IF;
    -- the key itself is part of the seed, so that equal values of different calls do not show; and so is the secret of the
    -- installation, without which whoever reads the row could try out all telephone numbers or birthdays
    INSERT INTO request (request_id, function_name, contents)
    SELECT request_begin.request_id, request_begin.function_name, jsonb_hash_values(request_begin.contents, request_begin.request_id || s.secret::text)
      FROM installation_secret s WHERE s.secret_name = 'suppression'
    ON CONFLICT ON CONSTRAINT request_pkey DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT r.* INTO STRICT earlier FROM request r WHERE r.request_id = request_begin.request_id;
    hashes := jsonb_hash_values(request_begin.contents, request_begin.request_id || (SELECT s.secret FROM installation_secret s WHERE s.secret_name = 'suppression')::text);
    IF earlier.function_name = request_begin.function_name AND earlier.contents = hashes THEN
        RETURN earlier.answer;
    END IF;
    SELECT string_agg(k, ', ' ORDER BY k) INTO unlike
      FROM (SELECT jsonb_object_keys(earlier.contents) UNION SELECT jsonb_object_keys(hashes)) u (k)
     WHERE earlier.contents -> k IS DISTINCT FROM hashes -> k;
    RAISE EXCEPTION 'request_id "%" was used before for another call', request_begin.request_id
        USING ERRCODE = 'unique_violation', TABLE = 'request', COLUMN = 'request_id', CONSTRAINT = 'request_pkey',
              DETAIL = CASE WHEN earlier.function_name <> request_begin.function_name
                            THEN format('%s() recorded it at %s.', earlier.function_name, earlier.recorded_at)
                            ELSE format('%s() recorded it at %s with another value of %s.', earlier.function_name, earlier.recorded_at, unlike) END,
              HINT = 'A retry must say what the first call said, its time included where one was given. What is new gets a request_id of its own.';
END
$$;
COMMENT ON FUNCTION request_begin(text, text, jsonb) IS 'takes an idempotency key: NULL when it is new, else the answer that the first call got; waits while that call is under way. 22004 without a key, 22001 for one that is too long, 23505 for one that was used with other contents. A part of the recording functions';

CREATE OR REPLACE FUNCTION request_end(request_id text, answer jsonb) RETURNS boolean
    LANGUAGE plpgsql AS
$$
BEGIN
    UPDATE request r SET answer = request_end.answer WHERE r.request_id = request_end.request_id;
    RETURN false;
END
$$;
COMMENT ON FUNCTION request_end(text, jsonb) IS 'keeps the answer to a request for its repetitions; returns was_already_recorded for this call: false. A part of the recording functions';

-- The time of a call as it is compared: not at all where it is the time of the transaction, which
-- is what a call without a time gets, and which a retry cannot repeat. As a number, because its
-- text depends on the time zone of the session.
CREATE OR REPLACE FUNCTION request_time(at timestamptz) RETURNS numeric
    LANGUAGE sql STABLE
    RETURN extract(epoch FROM nullif(at, now()));
COMMENT ON FUNCTION request_time(timestamptz) IS 'the time of a call as seconds, NULL where none was given. A part of the recording functions';

-- The row of the customer is locked as the foreign key of what is recorded would do it: who merges two customers
-- waits for us, or we for him. A number that is not there may be that of a customer who was merged: only
-- then merged_customer is looked at.
CREATE OR REPLACE FUNCTION request_customer(customer bigint, customer_system text, customer_number text, is_needed boolean, is_recording boolean DEFAULT true) RETURNS customer
    LANGUAGE plpgsql AS
$$
DECLARE
    result     customer;
    named_id   bigint;
    present_id bigint;
BEGIN
    IF customer_number IS NOT NULL AND customer_system IS NOT NULL THEN
        SELECT f.customer_id INTO named_id FROM customer_ref f WHERE f.system = customer_system AND f.number = customer_number;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'customer number "%" is not known in system "%"', customer_number, customer_system
                USING ERRCODE = 'foreign_key_violation', TABLE = 'customer_ref', COLUMN = 'number', HINT = 'Make the customer known with register_customer().';
        ELSIF named_id <> request_customer.customer AND named_id <> present_customer(request_customer.customer) THEN
            RAISE EXCEPTION 'customer number "%" of system "%" is customer %, not %', customer_number, customer_system, named_id, request_customer.customer
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the one or the other.';
        END IF;
    ELSIF num_nonnulls(customer_number, customer_system) = 1 THEN
        RAISE EXCEPTION '% is missing', CASE WHEN customer_system IS NULL THEN 'customer_system' ELSE 'customer_number' END
            USING ERRCODE = 'null_value_not_allowed', HINT = 'A number of another system is given with the name of that system.';
    ELSE
        named_id := coalesce(request_customer.customer, CASE WHEN NOT is_needed THEN 0 END);
    END IF;
    IF named_id IS NULL OR named_id = 0 AND is_needed THEN
        RAISE EXCEPTION 'the customer is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'customer_id',
                  DETAIL = CASE named_id WHEN 0 THEN 'Customer 0 is the unidentified customer.' ELSE 'None was given.' END,
                  HINT = 'Give customer, or customer_system and customer_number.';
    END IF;
    -- the row as one value: a column of its own for each of its fields would be made ready at each call
    IF NOT is_recording OR named_id = 0 THEN
        result := (SELECT c FROM customer c WHERE c.customer_id = named_id);
    ELSE
        result := (SELECT c FROM customer c WHERE c.customer_id = named_id FOR KEY SHARE);
    END IF;
    IF result.customer_id IS NULL THEN
        SELECT m.customer_id INTO present_id FROM merged_customer m WHERE m.merged_id = named_id;
        IF FOUND THEN
            RETURN request_customer(present_id, NULL, NULL, is_needed, is_recording);
        END IF;
        RAISE EXCEPTION 'there is no customer %', named_id
            USING ERRCODE = 'foreign_key_violation', TABLE = 'customer', COLUMN = 'customer_id', HINT = 'Make the customer known with register_customer().';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION request_customer(bigint, text, text, boolean, boolean) IS 'the customer of a call, by number here or in another system; the survivor of one who was merged; customer 0 where none is given and none is needed. Locks the row as a foreign key does, unless the call records nothing. 22004 for a missing one, 23503 for an unknown one, 22023 when both numbers are given and differ. A part of the recording functions';

CREATE OR REPLACE FUNCTION request_mark_internal(person customer, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql AS
$$
BEGIN
    -- whoever came in as internal, or has answered earlier, stays as he is
    IF person.customer_id = 0 OR person.entered_as = 'internal' OR person.kind = 'internal' AND person.became_internal_at <= at THEN
        RETURN false;
    END IF;
    -- somebody else may have answered for him in the meantime: what his row has now counts
    IF person.kind = 'external' THEN
        UPDATE customer c SET kind = 'internal', became_internal_at = least(c.became_internal_at, at)
         WHERE c.customer_id = person.customer_id AND c.kind = 'external';
        IF FOUND THEN
            RETURN true;
        END IF;
    END IF;
    UPDATE customer c SET became_internal_at = at
     WHERE c.customer_id = person.customer_id AND c.kind = 'internal' AND (c.became_internal_at IS NULL OR c.became_internal_at > at);
    RETURN false;
END
$$;
COMMENT ON FUNCTION request_mark_internal(customer, timestamptz) IS 'makes an external customer internal, from the earliest answer on; true when it was external. A part of the recording functions';

-- A code of the registry is taken as it is, whatever the layout says: layouts change, and old codes
-- come in for years.
CREATE OR REPLACE FUNCTION request_code(quoted_code text, at timestamptz,
                                        OUT source_code source_code, OUT code_problem text, OUT is_registered boolean)
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF btrim(quoted_code) = '' OR quoted_code IS NULL THEN
        RETURN;
    END IF;
    source_code := load_read_code(quoted_code);
    is_registered := EXISTS (SELECT FROM source s WHERE s.source_code = request_code.source_code AND s.source_code <> 'UNSOURCED');
    IF NOT is_registered THEN
        SELECT r.code, r.problem INTO source_code, code_problem
          FROM source_read(request_code.quoted_code, (SELECT t.value FROM setting t WHERE t.setting = 'source_code_layout'),
                           (at AT TIME ZONE (SELECT t.value FROM setting t WHERE t.setting = 'time_zone'))::date) r;
        is_registered := EXISTS (SELECT FROM source s WHERE s.source_code = request_code.source_code AND s.source_code <> 'UNSOURCED');
    END IF;
END
$$;
COMMENT ON FUNCTION request_code(text, timestamptz) IS 'a source code as it was quoted: as read, what was wrong with it, and whether it is registered; all NULL where none was quoted. A part of the recording functions';

CREATE OR REPLACE FUNCTION check_time(at timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF at IS NULL THEN
        RETURN now();
    ELSIF at > now() + interval '1 day' THEN
        RAISE EXCEPTION 'time "%" is in the future', at
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Record what has happened. A day is allowed for clocks that differ.';
    ELSIF at < '1900-01-01' THEN
        RAISE EXCEPTION 'time "%" is before 1900', at
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Look at the century, and at the order of day and month.';
    END IF;
    RETURN at;
END
$$;
COMMENT ON FUNCTION check_time(timestamptz) IS 'a time from 1900 to tomorrow, now() where it is NULL; 22008 otherwise. A part of the recording functions';

-- The day on which it is now where the business is; a day of tomorrow may be where it is not yet.
CREATE OR REPLACE FUNCTION check_day(day date) RETURNS date
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    today date := (now() AT TIME ZONE (SELECT t.value FROM setting t WHERE t.setting = 'time_zone'))::date;
BEGIN
    IF day > today + 1 OR day < '1900-01-01' THEN
        RAISE EXCEPTION 'day "%" is %', day, CASE WHEN day > today THEN 'in the future' ELSE 'before 1900' END
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Record what has happened. A day is allowed for clocks that differ.';
    END IF;
    RETURN coalesce(day, today);
END
$$;
COMMENT ON FUNCTION check_day(date) IS 'a day from 1900 to tomorrow, today where it is NULL; 22008 otherwise. A part of the recording functions';

CREATE OR REPLACE FUNCTION check_amount(argument text, amount numeric, may_be_negative boolean DEFAULT false) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
    IF abs(amount) >= 1e14 - 0.00005 THEN       -- NaN counts as greater than every number
        RAISE EXCEPTION '% "%" is no number of at most 14 digits before the point', argument, amount
            USING ERRCODE = 'numeric_value_out_of_range', COLUMN = argument, HINT = 'Amounts are in the currency of the database, with up to four decimals.';
    ELSIF amount < 0 AND NOT may_be_negative THEN
        RAISE EXCEPTION '% "%" is negative', argument, amount
            USING ERRCODE = 'invalid_parameter_value', COLUMN = argument,
                  HINT = 'What comes back is recorded with record_return(); an expense or a count at the door is corrected with is_correction => true.';
    END IF;
    RETURN round(amount, 4);
END
$$;
COMMENT ON FUNCTION check_amount(text, numeric, boolean) IS 'an amount with four decimals; 22003 for one that is too large or no number, 22023 for a negative one unless it may be. A part of the recording functions';

CREATE OR REPLACE FUNCTION check_word(argument text, word text, allowed text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
    IF word = ANY (allowed) THEN
        RETURN word;
    ELSIF word IS NULL THEN
        RAISE EXCEPTION '% is missing', argument
            USING ERRCODE = 'null_value_not_allowed', COLUMN = argument, HINT = format('It is one of: %s.', array_to_string(allowed, ', '));
    END IF;
    RAISE EXCEPTION 'there is no % "%"', argument, word
        USING ERRCODE = 'invalid_parameter_value', COLUMN = argument, HINT = format('It is one of: %s.', array_to_string(allowed, ', '));
END
$$;
COMMENT ON FUNCTION check_word(text, text, text[]) IS 'a word that is among the allowed ones; 22004 for a missing one, 22023 for another one. A part of the recording functions';

-- The error of check_dimensions(): names what is there, where that is not too much.
CREATE OR REPLACE FUNCTION refuse_dimension(dimension text, value text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    key   text := CASE WHEN dimension IN ('salesperson', 'event') THEN dimension || '_id' ELSE replace(dimension, 'contact_', '') END;
    known text;
BEGIN
    EXECUTE format('SELECT string_agg(k::text, '', '' ORDER BY k) FROM (SELECT %I AS k FROM %I LIMIT 21) d HAVING count(*) <= 20', key, dimension) INTO known;
    RAISE EXCEPTION 'there is no % "%"', replace(dimension, '_', ' '), value
        USING ERRCODE = 'foreign_key_violation', TABLE = dimension, COLUMN = key,
              HINT = CASE WHEN known IS NULL THEN format('It is looked up in table %s.', dimension)
                          ELSE format('Table %s has: %s.', dimension, known) END;
END
$$;
COMMENT ON FUNCTION refuse_dimension(text, text) IS 'raises 23503 for a key that a dimension does not have. A part of the recording functions';

CREATE OR REPLACE FUNCTION check_dimensions(channel text DEFAULT NULL, store text DEFAULT NULL, product text DEFAULT NULL, salesperson bigint DEFAULT NULL,
                                            grade text DEFAULT NULL, team text DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    salesperson_name text;
BEGIN
    -- what is not given costs no query
    IF channel IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM response_channel d WHERE d.response_channel = channel) THEN
            PERFORM refuse_dimension('response_channel', channel);
        END IF;
    END IF;
    IF store IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM store d WHERE d.store = check_dimensions.store) THEN
            PERFORM refuse_dimension('store', store);
        END IF;
    END IF;
    IF product IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM product d WHERE d.product = check_dimensions.product) THEN
            PERFORM refuse_dimension('product', product);
        END IF;
    END IF;
    IF salesperson IS NOT NULL THEN
        salesperson_name := (SELECT d.name FROM salesperson d WHERE d.salesperson_id = check_dimensions.salesperson);
        IF salesperson_name IS NULL THEN
            PERFORM refuse_dimension('salesperson', salesperson::text);
        END IF;
    END IF;
    IF grade IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM lead_grade d WHERE d.lead_grade = grade) THEN
            PERFORM refuse_dimension('lead_grade', grade);
        END IF;
    END IF;
    IF team IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM team d WHERE d.team = check_dimensions.team) THEN
            PERFORM refuse_dimension('team', team);
        END IF;
    END IF;
    RETURN salesperson_name;
END
$$;
COMMENT ON FUNCTION check_dimensions(text, text, text, bigint, text, text) IS 'the name of the salesperson, NULL where none is given; 23503 for a key that its dimension does not have. A part of the recording functions';

CREATE OR REPLACE FUNCTION check_lead(customer bigint, lead bigint) RETURNS void
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF check_lead.lead IS NULL THEN
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM lead l WHERE l.customer_id = customer AND l.lead_id = check_lead.lead) THEN
        RAISE EXCEPTION 'customer % has no lead %', customer, check_lead.lead
            USING ERRCODE = 'foreign_key_violation', TABLE = 'lead', COLUMN = 'lead_id',
                  HINT = 'open_lead() returns the number of the lead; customer_card() lists the leads of a customer.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_lead(bigint, bigint) IS '23503 for a lead that the customer does not have; a lead of NULL is none. A part of the recording functions';

CREATE OR REPLACE FUNCTION find_order(customer bigint, customer_order bigint, order_number text) RETURNS bigint
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    result bigint;
BEGIN
    IF num_nonnulls(find_order.customer_order, find_order.order_number) = 0 THEN
        RETURN NULL;
    END IF;
    IF find_order.customer_order IS NULL THEN
        SELECT min(o.customer_order_id) INTO result FROM customer_order o
         WHERE o.customer_id = customer AND o.order_number = find_order.order_number;
    ELSE
        SELECT o.customer_order_id INTO result FROM customer_order o
         WHERE o.customer_id = customer AND o.customer_order_id = find_order.customer_order
           AND (o.order_number = find_order.order_number OR find_order.order_number IS NULL);
    END IF;
    IF result IS NULL THEN
        RAISE EXCEPTION 'customer % has no order %', customer, concat_ws(' with order_number ', find_order.customer_order, '"' || find_order.order_number || '"')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'customer_order', COLUMN = 'customer_order_id', HINT = 'record_order() returns the number of the order.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION find_order(bigint, bigint, text) IS 'an order of a customer by its number here or in the system it came from; NULL when neither is given, 23503 when there is none. A part of the recording functions';

CREATE OR REPLACE FUNCTION purge_requests(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    keep_days int := setting_number('keep_request_days', 1, 99999, whole => true);
    purged    bigint;
BEGIN
    -- what register_customer() writes has no key of its own, so its requests stay
    DELETE FROM request r WHERE r.recorded_at < purge_requests.as_of - make_interval(days => keep_days) AND r.function_name <> 'register_customer';
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION purge_requests(timestamptz) IS 'deletes the rows of request that are older than the setting keep_request_days, seen from as_of; returns how many. What they recorded stays, with its request_id, so that a very late retry is an error (23505) and records nothing; requests of register_customer() are kept, because a customer has no request_id. 22023 for a setting that is no number of days';
