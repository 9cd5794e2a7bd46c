-- Functions for apps: what went out and what came back. 60_request.sql says how they all go.
--
-- All arguments have a default, so that calls name what they give; what is needed is checked. The
-- customer is given by customer, or by the number that the app itself gives him: customer_system
-- and customer_number.

CREATE OR REPLACE FUNCTION find_touch(customer bigint, touch bigint, touch_request_id text) RETURNS bigint
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    result bigint;
BEGIN
    -- each by its own key: one condition for both would read all touches of the customer
    IF find_touch.touch IS NOT NULL THEN
        result := (SELECT t.touch_id FROM touch t WHERE t.customer_id = customer AND t.touch_id = find_touch.touch);
    ELSE
        result := (SELECT t.touch_id FROM touch t WHERE t.customer_id = customer AND t.request_id = find_touch.touch_request_id);
    END IF;
    IF result IS NULL THEN
        RAISE EXCEPTION 'customer % has no touch %', customer, coalesce(find_touch.touch::text, format('recorded with request_id "%s"', touch_request_id))
            USING ERRCODE = 'foreign_key_violation', TABLE = 'touch', COLUMN = 'touch_id', HINT = 'record_touch() returns the number of the touch.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION find_touch(bigint, bigint, text) IS 'the touch of a customer, by its number or its request_id; 23503 when there is none. A part of the recording functions';

-- The registered code of what we send or pay ourselves: it must be right.
CREATE OR REPLACE FUNCTION find_source(source_code text) RETURNS source
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    code   source_code := load_read_code(source_code);
    result source;
BEGIN
    IF find_source.source_code IS NULL THEN
        RAISE EXCEPTION 'the source code is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'source_code', HINT = 'What is sent or paid for has a code of table source.';
    END IF;
    result := (SELECT s FROM source s WHERE s.source_code = code AND s.source_code <> 'UNSOURCED');
    IF result.source_code IS NULL THEN
        RAISE EXCEPTION 'source code "%" is not registered', find_source.source_code
            USING ERRCODE = 'foreign_key_violation', TABLE = 'source', COLUMN = 'source_code',
                  HINT = 'What is sent or paid for has a code of table source. UNSOURCED is reserved.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION find_source(text) IS 'the row of a registered source code; 22004 for NULL, 23503 when it is not registered. A part of the recording functions';

CREATE OR REPLACE FUNCTION record_touch(
    customer bigint DEFAULT NULL, source_code text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), address text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT touch_id bigint, OUT is_held_out boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer   jsonb := request_begin('record_touch', record_touch.request_id, jsonb_build_present(
        'customer', customer, 'source_code', source_code, 'at', request_time(at), 'address', address,
        'customer_system', customer_system, 'customer_number', customer_number));
    person   customer;
    effort   source;
    point_id bigint;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_touch.customer_id, touch_id, is_held_out, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, touch_id bigint, is_held_out boolean);
        RETURN;
    END IF;
    at := check_time(at);
    person := request_customer(customer, customer_system, customer_number, true);
    effort := find_source(record_touch.source_code);
    IF address IS NOT NULL THEN
        SELECT p.contact_point_id INTO point_id FROM contact_point p
         WHERE p.customer_id = person.customer_id AND p.value = address ORDER BY p.contact_point_id LIMIT 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'customer % has no address "%"', person.customer_id, address
                USING ERRCODE = 'foreign_key_violation', TABLE = 'contact_point', COLUMN = 'value', HINT = 'Make it known with register_customer().';
        END IF;
    END IF;
    is_held_out := effort.is_hold_out;
    IF is_held_out THEN
        INSERT INTO hold_out (customer_id, source_code, held_out_at, request_id)
        VALUES (person.customer_id, effort.source_code, at, record_touch.request_id);
    ELSE
        INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id, is_seed, request_id)
        VALUES (person.customer_id, effort.source_code, at, point_id, person.is_seed, record_touch.request_id)
        RETURNING touch.touch_id INTO touch_id;
    END IF;
    customer_id := person.customer_id;
    was_already_recorded := request_end(record_touch.request_id, jsonb_build_present('customer_id', customer_id, 'touch_id', touch_id, 'is_held_out', is_held_out));
END
$$;
COMMENT ON FUNCTION record_touch(bigint, text, text, timestamptz, text, text, text) IS 'records one outgoing contact to a customer, under a registered source code; a person of a hold-out cell is recorded as held out. address is a contact point of the customer. Returns the customer, the touch (NULL when held out), is_held_out, and whether the call is a repetition. 23503 for an unknown customer, code or address, 22004 for a missing one; see request_begin()';

CREATE OR REPLACE FUNCTION record_touch_event(
    customer bigint DEFAULT NULL, touch bigint DEFAULT NULL, kind text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    detail text DEFAULT NULL, touch_request_id text DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT touch_id bigint, OUT touch_event_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    address_status text;
    answer jsonb := request_begin('record_touch_event', record_touch_event.request_id, jsonb_build_present(
        'customer', customer, 'touch', touch, 'kind', kind, 'at', request_time(at), 'detail', detail, 'touch_request_id', touch_request_id,
        'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_touch_event.customer_id, touch_id, touch_event_id, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, touch_id bigint, touch_event_id bigint);
        RETURN;
    END IF;
    at := check_time(at);
    kind := check_word('kind', kind, '{delivered,opened,clicked,forwarded,bounced,complained,unsubscribed}');
    person := request_customer(customer, customer_system, customer_number, true);
    customer_id := person.customer_id;
    IF num_nonnulls(touch, touch_request_id) <> 1 THEN
        RAISE EXCEPTION 'give the touch by its number or by its request_id'
            USING ERRCODE = CASE WHEN touch IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END, COLUMN = 'touch_id',
                  HINT = 'record_touch() returns its number; touch_request_id is the request_id that you gave it.';
    END IF;
    touch_id := find_touch(person.customer_id, touch, touch_request_id);
    INSERT INTO touch_event (customer_id, touch_id, kind, happened_at, detail, request_id)
    VALUES (person.customer_id, record_touch_event.touch_id, record_touch_event.kind, at, record_touch_event.detail, record_touch_event.request_id)
    RETURNING touch_event.touch_event_id INTO touch_event_id;
    -- most pieces arrive at an address that is known to be good; its row is locked all the same, for
    -- whoever counts its bounces at this moment
    IF kind IN ('delivered', 'opened', 'clicked') THEN
        SELECT p.status INTO address_status FROM touch t JOIN contact_point p ON p.customer_id = t.customer_id AND p.contact_point_id = t.contact_point_id
         WHERE t.customer_id = record_touch_event.customer_id AND t.touch_id = record_touch_event.touch_id FOR NO KEY UPDATE OF p;
    END IF;
    IF address_status IN ('unknown', 'bounced') OR kind IN ('bounced', 'complained', 'unsubscribed') THEN
        PERFORM take_in_touch_events(ARRAY[customer_id], ARRAY[touch_event_id]);
    END IF;
    was_already_recorded := request_end(record_touch_event.request_id, jsonb_build_present('customer_id', customer_id, 'touch_id', touch_id, 'touch_event_id', touch_event_id));
END
$$;
COMMENT ON FUNCTION record_touch_event(bigint, bigint, text, text, timestamptz, text, text, text, text) IS 'records what became of a touch: kind is delivered, opened, clicked, forwarded, bounced, complained or unsubscribed; the touch is given by its number or by the request_id with which it was recorded. Each call is a row; the reports count each kind once per touch. In the same transaction a bounce or an arrival settles the status of the address, and a complaint or unsubscription becomes an opt-out (see take_in_touch_events()). 23503 for an unknown customer or touch, 22023 for an unknown kind; see request_begin()';

CREATE OR REPLACE FUNCTION record_response(
    customer bigint DEFAULT NULL, quoted_code text DEFAULT NULL, channel text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    message text DEFAULT NULL, product text DEFAULT NULL, store text DEFAULT NULL, salesperson bigint DEFAULT NULL, touch bigint DEFAULT NULL,
    touch_request_id text DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT response_id bigint, OUT source_code text, OUT code_problem text, OUT is_registered_code boolean,
    OUT became_internal boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_response', record_response.request_id, jsonb_build_present(
        'customer', customer, 'quoted_code', quoted_code, 'channel', channel, 'at', request_time(at), 'message', message, 'product', product,
        'store', store, 'salesperson', salesperson, 'touch', touch, 'touch_request_id', touch_request_id,
        'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
    code   record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_response.customer_id, response_id, source_code, code_problem, is_registered_code, became_internal, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, response_id bigint, source_code text, code_problem text, is_registered_code boolean, became_internal boolean);
        RETURN;
    END IF;
    at := check_time(at);
    person := request_customer(customer, customer_system, customer_number, false);
    PERFORM check_dimensions(channel => channel, store => store, product => product, salesperson => salesperson);
    IF num_nonnulls(touch, touch_request_id) > 0 THEN
        touch := find_touch(person.customer_id, touch, touch_request_id);
    END IF;
    code := request_code(quoted_code, at);
    INSERT INTO response (customer_id, responded_at, response_channel, touch_id, salesperson_id, store, product, message,
                          quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, at, channel, touch, salesperson, record_response.store, record_response.product, record_response.message,
            record_response.quoted_code, code.source_code, code.code_problem, record_response.request_id)
    RETURNING response.response_id INTO response_id;
    customer_id := person.customer_id;
    source_code := code.source_code::text;
    code_problem := code.code_problem;
    is_registered_code := code.is_registered;
    became_internal := request_mark_internal(person, at);
    was_already_recorded := request_end(record_response.request_id, jsonb_build_present('customer_id', customer_id, 'response_id', response_id,
        'source_code', source_code, 'code_problem', code_problem, 'is_registered_code', is_registered_code, 'became_internal', became_internal));
END
$$;
COMMENT ON FUNCTION record_response(bigint, text, text, text, timestamptz, text, text, text, bigint, bigint, text, text, text) IS 'records one inbound answer; without a customer it is one of the unidentified customer 0. quoted_code is kept as it was quoted and as it was read; a code that cannot be read or is not registered is no error. An external customer becomes internal. Returns the customer, the response, the code as read and its problem, whether it is registered (NULL without a code), became_internal, and whether the call is a repetition. 23503 for an unknown customer, channel, product, store, salesperson or touch; see request_begin()';
