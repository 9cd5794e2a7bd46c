-- Functions for apps: visitors, calls, baskets, counts at the door.

CREATE OR REPLACE FUNCTION record_call(
    customer bigint DEFAULT NULL, direction text DEFAULT NULL, result text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    lead bigint DEFAULT NULL, salesperson bigint DEFAULT NULL, call_reference text DEFAULT NULL, seconds integer DEFAULT NULL, quoted_code text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL, call_back_at timestamptz DEFAULT NULL,
    OUT customer_id bigint, OUT call_id bigint, OUT source_code text, OUT code_problem text, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_call', record_call.request_id, jsonb_build_present(
        'customer', customer, 'direction', direction, 'result', result, 'at', request_time(at), 'lead', lead, 'salesperson', salesperson,
        'call_reference', call_reference, 'seconds', seconds, 'quoted_code', quoted_code,
        'customer_system', customer_system, 'customer_number', customer_number, 'call_back_at', extract(epoch FROM call_back_at)));
    person customer;
    code   record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_call.customer_id, call_id, source_code, code_problem, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, call_id bigint, source_code text, code_problem text);
        RETURN;
    END IF;
    at := check_time(at);
    direction := check_word('direction', direction, '{inbound,outbound}');
    result := check_word('result', result, CASE direction WHEN 'outbound' THEN '{reached,refused,call back,promise}'::text[] ELSE '{offered,answered,lost}' END);
    IF seconds < 0 THEN
        RAISE EXCEPTION 'seconds "%" is negative', seconds USING ERRCODE = 'invalid_parameter_value', COLUMN = 'seconds', HINT = 'It is the length of the call.';
    END IF;
    IF call_back_at IS NOT NULL AND (direction <> 'outbound' OR result <> 'call back' OR call_back_at <= at) THEN
        RAISE EXCEPTION 'call_back_at "%" does not go with an % call of result "%" at "%"', call_back_at, direction, result, at
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'call_back_at', HINT = 'It is for outbound calls with result "call back", and later than the call.';
    END IF;
    person := request_customer(customer, customer_system, customer_number, false);
    PERFORM check_dimensions(salesperson => salesperson);
    PERFORM check_lead(person.customer_id, lead);
    code := request_code(quoted_code, at);
    INSERT INTO call (customer_id, called_at, direction, result, lead_id, salesperson_id, call_reference, seconds,
                      quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, at, record_call.direction, record_call.result, lead, salesperson, record_call.call_reference, record_call.seconds,
            record_call.quoted_code, code.source_code, code.code_problem, record_call.request_id)
    RETURNING call.call_id INTO call_id;
    customer_id := person.customer_id;
    IF direction = 'outbound' AND customer_id <> 0 THEN
        PERFORM close_planned_call(customer_id, salesperson, call_id, at, result, call_back_at);
    END IF;
    source_code := code.source_code::text;
    code_problem := code.code_problem;
    was_already_recorded := request_end(record_call.request_id, jsonb_build_present('customer_id', customer_id, 'call_id', call_id, 'source_code', source_code, 'code_problem', code_problem));
END
$$;
COMMENT ON FUNCTION record_call(bigint, text, text, text, timestamptz, bigint, bigint, text, integer, text, text, text, timestamptz) IS 'records a telephone call: direction outbound with result reached, refused, call back or promise; direction inbound with result offered, answered or lost. call_reference is the telephone system''s proof of the call. Without a customer it is one of the unidentified customer 0. A call that is an answer to an effort is also recorded with record_response(). An outbound call closes the row of the customer on the call list (call_list()); with result call back the row comes again at call_back_at, a day later where none is given, first to the same salesperson. 22023 for an unknown direction or result and for a call_back_at that does not go with it, 23503 for an unknown customer, lead or salesperson; see request_begin()';

CREATE OR REPLACE FUNCTION record_reception(
    customer bigint DEFAULT NULL, store text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), salesperson bigint DEFAULT NULL,
    lead bigint DEFAULT NULL, party_size integer DEFAULT 1, form jsonb DEFAULT NULL, form_entered_at timestamptz DEFAULT NULL, quoted_code text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT reception_id bigint, OUT visit_id bigint, OUT source_code text, OUT code_problem text, OUT became_internal boolean,
    OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_reception', record_reception.request_id, jsonb_build_present(
        'customer', customer, 'store', store, 'at', request_time(at), 'salesperson', salesperson, 'lead', lead, 'party_size', party_size, 'form', form,
        'form_entered_at', request_time(form_entered_at), 'quoted_code', quoted_code, 'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
    code   record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_reception.customer_id, reception_id, visit_id, source_code, code_problem, became_internal, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, reception_id bigint, visit_id bigint, source_code text, code_problem text, became_internal boolean);
        RETURN;
    END IF;
    at := check_time(at);
    form_entered_at := CASE WHEN form IS NOT NULL THEN check_time(form_entered_at) END;
    IF party_size IS NULL OR party_size NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'party_size "%" is not from 1 to 1000', party_size
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'party_size', HINT = 'It is the number of people who came together.';
    END IF;
    person := request_customer(customer, customer_system, customer_number, false);
    PERFORM check_dimensions(store => store, salesperson => salesperson);
    code := request_code(quoted_code, at);
    became_internal := request_mark_internal(person, at);
    IF lead IS NOT NULL THEN
        -- a reception on a lead is a visit, and may be the one that was planned
        visit_id := (write_visit(person.customer_id, lead, record_reception.request_id, at, 'reception', 'completed', NULL, salesperson, NULL, store, NULL,
                                 NULL, NULL, quoted_code, code.source_code, code.code_problem)).visit_id;
    END IF;
    INSERT INTO reception (customer_id, store, received_at, salesperson_id, lead_id, party_size, form, form_entered_at,
                           quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, record_reception.store, at, salesperson, lead, record_reception.party_size, record_reception.form, record_reception.form_entered_at,
            record_reception.quoted_code, code.source_code, code.code_problem, record_reception.request_id)
    RETURNING reception.reception_id INTO reception_id;
    IF jsonb_typeof(form) = 'object' THEN       -- the form is scored at once
        PERFORM write_form(r, record_reception.form, NULL, greatest(record_reception.form_entered_at, r.received_at), NULL, NULL, record_reception.request_id || ' form')
           FROM reception r WHERE r.customer_id = person.customer_id AND r.reception_id = record_reception.reception_id;
    END IF;
    customer_id := person.customer_id;
    source_code := code.source_code::text;
    code_problem := code.code_problem;
    was_already_recorded := request_end(record_reception.request_id, jsonb_build_present('customer_id', customer_id, 'reception_id', reception_id, 'visit_id', visit_id,
        'source_code', source_code, 'code_problem', code_problem, 'became_internal', became_internal));
END
$$;
COMMENT ON FUNCTION record_reception(bigint, text, text, timestamptz, bigint, bigint, integer, jsonb, timestamptz, text, text, text) IS 'records visitors whom a salesperson received in a store; without a customer they left no name. form is the reception form as filled in, a JSON object with the fields of table form_field, form_entered_at when (now where it is not said); one that is entered later goes to record_reception_form(). With a lead it is a visit on it, which is recorded too and completes the planned one. An external customer becomes internal. 23503 for an unknown customer, store, salesperson or lead; see request_begin()';

CREATE OR REPLACE FUNCTION record_basket(
    customer bigint DEFAULT NULL, basket text DEFAULT NULL, kind text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    product text DEFAULT NULL, quantity numeric DEFAULT NULL, amount numeric DEFAULT NULL, reason text DEFAULT NULL, customer_order bigint DEFAULT NULL,
    quoted_code text DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT basket_event_id bigint, OUT source_code text, OUT code_problem text, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_basket', record_basket.request_id, jsonb_build_present(
        'customer', customer, 'basket', basket, 'kind', kind, 'at', request_time(at), 'product', product, 'quantity', quantity, 'amount', amount,
        'reason', reason, 'customer_order', customer_order, 'quoted_code', quoted_code, 'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
    code   record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_basket.customer_id, basket_event_id, source_code, code_problem, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, basket_event_id bigint, source_code text, code_problem text);
        RETURN;
    END IF;
    at := check_time(at);
    kind := check_word('kind', kind, '{added,abandoned,completed}');
    IF basket IS NULL OR basket = '' OR octet_length(basket) > 1000 THEN
        RAISE EXCEPTION 'the basket is missing, or its number is longer than 1000 bytes'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'basket', HINT = 'Give the number of the basket in the shop.';
    ELSIF kind <> 'abandoned' AND reason IS NOT NULL OR kind <> 'completed' AND customer_order IS NOT NULL THEN
        RAISE EXCEPTION '% does not go with a basket that is %', CASE WHEN reason IS NULL THEN 'customer_order' ELSE 'reason' END, kind
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A basket is abandoned for a reason, and completed by an order.';
    END IF;
    amount := check_amount('amount', amount);
    quantity := check_amount('quantity', quantity, may_be_negative => true);
    person := request_customer(customer, customer_system, customer_number, false);
    PERFORM check_dimensions(product => product);
    PERFORM find_order(person.customer_id, customer_order, NULL);
    code := request_code(quoted_code, at);
    INSERT INTO basket_event (customer_id, basket, kind, happened_at, product, quantity, amount, reason, customer_order_id,
                              quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, record_basket.basket, record_basket.kind, at, record_basket.product, record_basket.quantity, record_basket.amount,
            record_basket.reason, customer_order, record_basket.quoted_code, code.source_code, code.code_problem, record_basket.request_id)
    RETURNING basket_event.basket_event_id INTO basket_event_id;
    customer_id := person.customer_id;
    source_code := code.source_code::text;
    code_problem := code.code_problem;
    was_already_recorded := request_end(record_basket.request_id, jsonb_build_present('customer_id', customer_id, 'basket_event_id', basket_event_id,
        'source_code', source_code, 'code_problem', code_problem));
END
$$;
COMMENT ON FUNCTION record_basket(bigint, text, text, text, timestamptz, text, numeric, numeric, text, bigint, text, text, text) IS 'records what happened to a basket of the web shop: kind is added (product, quantity, negative when taken out), abandoned (with a reason where known) or completed (with the order). basket is its number in the shop, amount its value after it. 22023 for an unknown kind, 22004 for a missing basket, 23503 for an unknown customer, product or order; see request_begin()';

CREATE OR REPLACE FUNCTION record_door_count(
    store text DEFAULT NULL, visitors bigint DEFAULT NULL, request_id text DEFAULT NULL, day date DEFAULT NULL, hour integer DEFAULT NULL,
    is_correction boolean DEFAULT false,
    OUT door_count_id bigint, OUT date_day date, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_door_count', record_door_count.request_id, jsonb_build_present(
        'store', store, 'visitors', visitors, 'day', day, 'hour', hour, 'is_correction', is_correction));
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO door_count_id, record_door_count.date_day, was_already_recorded
          FROM jsonb_to_record(answer) a (door_count_id bigint, date_day date);
        RETURN;
    END IF;
    date_day := check_day(day);
    IF store IS NULL OR visitors IS NULL THEN
        RAISE EXCEPTION '% is missing', CASE WHEN store IS NULL THEN 'store' ELSE 'visitors' END
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Give the store and the number of visitors counted at its door.';
    ELSIF hour NOT BETWEEN 0 AND 23 THEN
        RAISE EXCEPTION 'hour "%" is not from 0 to 23', hour USING ERRCODE = 'invalid_parameter_value', COLUMN = 'hour_no', HINT = 'Leave it away for the whole day.';
    END IF;
    visitors := check_amount('visitors', visitors, is_correction);
    PERFORM check_dimensions(store => store);
    INSERT INTO door_count (store, date_day, hour_no, visitors, request_id)
    VALUES (record_door_count.store, record_door_count.date_day, hour, record_door_count.visitors, record_door_count.request_id)
    RETURNING door_count.door_count_id INTO door_count_id;
    was_already_recorded := request_end(record_door_count.request_id, jsonb_build_present('door_count_id', door_count_id, 'date_day', date_day));
END
$$;
COMMENT ON FUNCTION record_door_count(text, bigint, text, date, integer, boolean) IS 'records visitors counted at the door of a store, for a day (today where it is not said) or an hour of it; counts of one day add up. With is_correction it may be negative. 23503 for an unknown store, 22004 for what is missing; see request_begin()';
