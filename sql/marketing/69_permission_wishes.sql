-- How often and when a person wants to be contacted: functions for apps.

CREATE OR REPLACE FUNCTION record_contact_stop(
    customer bigint DEFAULT NULL, refusal text DEFAULT 'paused', request_id text DEFAULT NULL, at timestamptz DEFAULT now(), until timestamptz DEFAULT NULL,
    channel text DEFAULT NULL, details text DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT contact_stop_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS
$$
DECLARE
    answer jsonb := request_begin('record_contact_stop', record_contact_stop.request_id, jsonb_build_present(
        'customer', customer, 'refusal', refusal, 'at', request_time(at), 'until', request_time(until), 'channel', channel, 'details', details,
        'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_contact_stop.customer_id, contact_stop_id, was_already_recorded FROM jsonb_to_record(answer) a (customer_id bigint, contact_stop_id bigint);
        RETURN;
    END IF;
    refusal := check_word('refusal', refusal, '{paused,never_contact}');
    at := coalesce(at, now());
    person := request_customer(customer, customer_system, customer_number, true);
    customer_id := person.customer_id;
    IF channel IS NOT NULL THEN
        PERFORM contact_plan(channel, NULL);
    END IF;
    IF until <= at THEN
        RAISE EXCEPTION 'until "%" is not after "%"', until, at USING ERRCODE = 'invalid_parameter_value', COLUMN = 'until', HINT = 'Give the first moment after the pause.';
    ELSIF until IS NULL AND refusal = 'paused' THEN
        RAISE EXCEPTION 'the end of the pause is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'until', HINT = 'Give until; or refusal => ''never_contact'' where it is to be for good, or record_consent() where the person opts out.';
    END IF;
    INSERT INTO contact_stop (customer_id, refusal, channel, starts_at, ends_at, details, request_id)
    VALUES (person.customer_id, record_contact_stop.refusal, record_contact_stop.channel, at, until, record_contact_stop.details, record_contact_stop.request_id)
    RETURNING contact_stop.contact_stop_id INTO contact_stop_id;
    was_already_recorded := request_end(record_contact_stop.request_id, jsonb_build_present('customer_id', customer_id, 'contact_stop_id', contact_stop_id));
END
$$;
COMMENT ON FUNCTION record_contact_stop(bigint, text, text, timestamptz, timestamptz, text, text, text, text) IS 'records that a customer is not contacted from a time (may be to come) until another, that moment not included, through a channel or, NULL, any: refusal is paused, or never_contact, which holds for exempt purposes, too, and needs no end. Returns the customer, the stop, and whether the call is a repetition. 22004 without a customer or the end of a pause, 22023 for an unknown word or an end before the beginning, 23503 for an unknown customer or channel; see request_begin()';

CREATE OR REPLACE FUNCTION record_contact_rule(
    customer bigint DEFAULT NULL, channel text DEFAULT NULL, pieces integer DEFAULT NULL, request_id text DEFAULT NULL, within interval DEFAULT '30 days', distance interval DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL, OUT customer_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS
$$
DECLARE
    answer jsonb := request_begin('record_contact_rule', record_contact_rule.request_id, jsonb_build_present(
        'customer', customer, 'channel', channel, 'pieces', pieces, 'within', extract(epoch FROM within), 'distance', extract(epoch FROM distance), 'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
BEGIN
    IF answer IS NOT NULL THEN
        customer_id := (answer ->> 'customer_id')::bigint;
        was_already_recorded := true;
        RETURN;
    END IF;
    person := request_customer(customer, customer_system, customer_number, true);
    customer_id := person.customer_id;
    IF channel IS NOT NULL THEN
        PERFORM contact_plan(channel, NULL);
    END IF;
    IF num_nonnulls(pieces, distance) = 0 THEN
        RAISE EXCEPTION 'neither pieces nor distance is given'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'pieces', HINT = 'Give pieces (of a window within), distance, or both; 0 for no limit.';
    ELSIF pieces < 0 OR within < interval '0' OR distance < interval '0' OR within IS NULL THEN
        RAISE EXCEPTION '%', CASE WHEN pieces < 0 THEN format('pieces "%s" is negative', pieces) WHEN within IS NULL THEN 'within is missing'
                                  WHEN within < interval '0' THEN format('within "%s" is negative', within) ELSE format('distance "%s" is negative', distance) END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Say 0 for no limit.';
    END IF;
    PERFORM FROM customer c WHERE c.customer_id = record_contact_rule.customer_id FOR NO KEY UPDATE;       -- one wish after the other
    DELETE FROM customer_contact_rule r
     WHERE r.customer_id = record_contact_rule.customer_id AND coalesce(r.channel, '') = coalesce(record_contact_rule.channel, '')
       AND (r.rule = 'cap' AND record_contact_rule.pieces IS NOT NULL OR r.rule = 'distance' AND distance IS NOT NULL);
    INSERT INTO customer_contact_rule (customer_id, channel, rule, within, pieces)
    SELECT person.customer_id, record_contact_rule.channel, w.rule, w.within, w.pieces
      FROM (VALUES ('cap', record_contact_rule.within, record_contact_rule.pieces, record_contact_rule.pieces IS NOT NULL), ('distance', distance, NULL, distance IS NOT NULL)) w (rule, within, pieces, is_given)
     WHERE w.is_given;
    was_already_recorded := request_end(record_contact_rule.request_id, jsonb_build_present('customer_id', customer_id));
END
$$;
COMMENT ON FUNCTION record_contact_rule(bigint, text, integer, text, interval, interval, text, text) IS 'records how often a customer wants to be contacted: at most so many pieces through a channel (NULL: in all) within a rolling window, and at what distance; 0: as often as it comes. It takes the place of his earlier rules of that kind and channel, and of those of contact_rule for the same channel only. Returns the customer and whether the call is a repetition. 22004 when neither pieces nor distance is given, 22023 for a negative one, 23503 for an unknown customer or channel; see request_begin()';
