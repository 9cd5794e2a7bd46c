-- What people permit and refuse: functions for apps.
--
-- An opt-out is written twice: as an event of the person, and for each of his addresses of the channel
-- as a suppression, by which he is known when he is forgotten here and comes in again with a bought
-- list. A consent that the person has given himself, with evidence, is the one thing that lifts both.
-- Which came first is told by the times at which they were given and not by the order in which they
-- were recorded. Whoever records for one person takes turns with the others, so that each sees what
-- the other has written.

-- Suppressions of people who have refused at a time, and what lifts them again: consents given later,
-- recorded before. The columns of the arrays go together; contact_point NULL: all addresses of the
-- channel (channel NULL: all addresses).
CREATE OR REPLACE FUNCTION suppress_addresses(customers bigint[], contact_points bigint[], channels text[], purposes text[], reasons text[], times timestamptz[], source text) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    done bigint;
BEGIN
    WITH wanted AS MATERIALIZED (
        SELECT w.customer_id, w.channel, w.purpose, w.reason, w.since, p.kind, coalesce(p.key_hash, suppression_hash(p.kind, contact_match_key(p.kind, p.value))) AS key_hash
          FROM unnest(customers, contact_points, channels, purposes, reasons, times) w (customer_id, contact_point_id, channel, purpose, reason, since)
          LEFT JOIN contact_channel c ON c.channel = w.channel
          JOIN contact_point p ON p.customer_id = w.customer_id
         WHERE CASE WHEN w.contact_point_id IS NULL THEN w.channel IS NULL OR p.kind = ANY (c.address_kinds) ELSE p.contact_point_id = w.contact_point_id END
    ), suppressed AS (
        INSERT INTO suppression (key_hash, address_kind, channel, purpose, reason, source, since)
        SELECT DISTINCT w.key_hash, CASE w.kind WHEN 'mobile' THEN 'phone' ELSE w.kind END, w.channel, w.purpose, w.reason, suppress_addresses.source, w.since
          FROM wanted w
         WHERE w.key_hash <> ''
           AND NOT EXISTS (SELECT FROM suppression s WHERE s.key_hash = w.key_hash AND NOT s.is_lifted AND s.since = w.since
                              AND coalesce(s.channel, '') = coalesce(w.channel, '') AND coalesce(s.purpose, '') = coalesce(w.purpose, ''))
        RETURNING 1
    ), lifted AS (
        INSERT INTO suppression (key_hash, address_kind, channel, purpose, is_lifted, reason, source, since)
        SELECT DISTINCT w.key_hash, CASE w.kind WHEN 'mobile' THEN 'phone' ELSE w.kind END, e.channel, e.purpose, true, 'consent', e.source, e.happened_at
          FROM wanted w
          JOIN consent_event e ON e.customer_id = w.customer_id AND e.status = 'granted' AND e.given_by = 'person' AND e.evidence <> '' AND e.happened_at > w.since
         WHERE w.key_hash <> '' AND (e.channel IS NULL OR w.channel IS NULL OR e.channel = w.channel))
    SELECT count(*) INTO done FROM suppressed;
    RETURN done;
END
$$;
COMMENT ON FUNCTION suppress_addresses(bigint[], bigint[], text[], text[], text[], timestamptz[], text) IS 'puts addresses of customers on the suppression list: customer, contact point (NULL: all of the channel), channel, purpose, reason and time of each; returns how many rows it wrote. A part of record_consent() and record_touch_event()';

-- A consent of the person himself takes back earlier suppressions of his addresses.
CREATE OR REPLACE FUNCTION lift_suppressions(customer bigint, channel text, purpose text, source text, at timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO suppression (key_hash, address_kind, channel, purpose, is_lifted, reason, source, since)
    SELECT DISTINCT s.key_hash, s.address_kind, lift_suppressions.channel, lift_suppressions.purpose, true, 'consent', lift_suppressions.source, lift_suppressions.at
      FROM contact_point p
      JOIN suppression s ON s.key_hash = coalesce(p.key_hash, suppression_hash(p.kind, contact_match_key(p.kind, p.value))) AND NOT s.is_lifted AND s.since < lift_suppressions.at
     WHERE p.customer_id = lift_suppressions.customer AND (s.channel IS NULL OR lift_suppressions.channel IS NULL OR s.channel = lift_suppressions.channel);
END
$$;
COMMENT ON FUNCTION lift_suppressions(bigint, text, text, text, timestamptz) IS 'takes back, for a channel and purpose, what was recorded before about the addresses of a customer. A part of record_consent()';

CREATE OR REPLACE FUNCTION record_consent(
    customer bigint DEFAULT NULL, channel text DEFAULT NULL, purpose text DEFAULT NULL, status text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    given_by text DEFAULT 'person', legal_basis text DEFAULT NULL, source text DEFAULT NULL, evidence text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT consent_event_id bigint, OUT is_in_force boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS
$$
DECLARE
    answer jsonb := request_begin('record_consent', record_consent.request_id, jsonb_build_present(
        'customer', customer, 'channel', channel, 'purpose', purpose, 'status', status, 'at', request_time(at), 'given_by', given_by, 'legal_basis', legal_basis,
        'source', source, 'evidence', evidence, 'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_consent.customer_id, consent_event_id, is_in_force, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, consent_event_id bigint, is_in_force boolean);
        RETURN;
    END IF;
    at := least(check_time(at), now());         -- a clock that is ahead must not put off an opt-out
    status := check_word('status', status, '{granted,refused}');
    given_by := check_word('given_by', given_by, '{person,staff,import}');
    evidence := nullif(btrim(evidence), '');
    person := request_customer(customer, customer_system, customer_number, true);
    customer_id := person.customer_id;
    IF channel IS NOT NULL THEN
        PERFORM contact_plan(channel, NULL);
    END IF;
    IF NOT EXISTS (SELECT FROM contact_purpose u WHERE u.purpose = record_consent.purpose) AND purpose IS NOT NULL THEN
        PERFORM refuse_dimension('contact_purpose', purpose);
    ELSIF status = 'granted' AND given_by = 'person' AND evidence IS NULL THEN
        RAISE EXCEPTION 'the evidence of the consent is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'evidence', DETAIL = 'A consent of the person himself lifts his earlier opt-outs, so it must be possible to prove it.',
                  HINT = 'Give what was agreed to and how: the text of the form, the number of the recording, the confirmed address. Else say given_by => ''staff''.';
    END IF;
    -- the turn of this person: see the head of this file
    PERFORM FROM customer c WHERE c.customer_id = record_consent.customer_id FOR NO KEY UPDATE;
    INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, legal_basis, source, evidence, happened_at, request_id)
    VALUES (person.customer_id, record_consent.channel, record_consent.purpose, record_consent.status, record_consent.given_by, record_consent.legal_basis,
            record_consent.source, record_consent.evidence, at, record_consent.request_id)
    RETURNING consent_event.consent_event_id INTO consent_event_id;
    IF status = 'refused' THEN
        PERFORM suppress_addresses(ARRAY[customer_id], ARRAY[NULL::bigint], ARRAY[channel], ARRAY[purpose], ARRAY['opted out'], ARRAY[at], source);
        is_in_force := NOT EXISTS (SELECT FROM consent_event e
                                    WHERE e.customer_id = record_consent.customer_id AND e.status = 'granted' AND e.given_by = 'person' AND e.evidence <> '' AND e.happened_at > at
                                      AND (e.channel = record_consent.channel OR e.channel IS NULL OR record_consent.channel IS NULL)
                                      AND (e.purpose = record_consent.purpose OR e.purpose IS NULL OR record_consent.purpose IS NULL));
    ELSE
        IF given_by = 'person' THEN
            PERFORM lift_suppressions(customer_id, channel, purpose, source, at);
        END IF;
        is_in_force := NOT EXISTS (SELECT FROM consent_event e
                                    WHERE e.customer_id = record_consent.customer_id AND e.status = 'refused'
                                      AND (e.channel = record_consent.channel OR e.channel IS NULL OR record_consent.channel IS NULL)
                                      AND (e.purpose = record_consent.purpose OR e.purpose IS NULL OR record_consent.purpose IS NULL)
                                      AND NOT EXISTS (SELECT FROM consent_event q
                                                       WHERE q.customer_id = e.customer_id AND q.status = 'granted' AND q.given_by = 'person' AND q.evidence <> '' AND q.happened_at > e.happened_at
                                                         AND (q.channel = coalesce(record_consent.channel, e.channel) OR q.channel IS NULL)
                                                         AND (q.purpose = coalesce(record_consent.purpose, e.purpose) OR q.purpose IS NULL)));
    END IF;
    was_already_recorded := request_end(record_consent.request_id, jsonb_build_present('customer_id', customer_id, 'consent_event_id', consent_event_id, 'is_in_force', is_in_force));
END
$$;
COMMENT ON FUNCTION record_consent(bigint, text, text, text, text, timestamptz, text, text, text, text, text, text) IS 'records that a customer has agreed (status granted) or does not want it (refused): for a channel (NULL: all) and a purpose (NULL: all that are not exempt). given_by: person, staff or import. A refusal holds for ever, also for whoever comes in with an address of the customer later; only a later consent given by the person, with evidence, lifts it. Returns the customer, the event, is_in_force (false: another event is against it, wholly or in part), and whether the call is a repetition. 22004 without a status, or without evidence where the person has agreed himself, 22023 for an unknown word, 23503 for an unknown customer, channel or purpose; see request_begin()';

CREATE OR REPLACE FUNCTION add_suppression(
    kind text, value text, reason text, channel text DEFAULT NULL, purpose text DEFAULT NULL, at timestamptz DEFAULT now(), until timestamptz DEFAULT NULL,
    source text DEFAULT NULL, request_id text DEFAULT NULL, OUT is_new boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS
$$
DECLARE
    answer    jsonb;
    match_key text;
    hash      bytea;
    is_written boolean;
BEGIN
    IF add_suppression.request_id IS NOT NULL THEN
        answer := request_begin('add_suppression', add_suppression.request_id, jsonb_build_present(
            'kind', kind, 'value', value, 'reason', reason, 'channel', channel, 'purpose', purpose, 'at', request_time(at), 'until', request_time(until), 'source', source));
        IF answer IS NOT NULL THEN
            is_new := (answer ->> 'is_new')::boolean;
            was_already_recorded := true;
            RETURN;
        END IF;
    END IF;
    kind := check_word('kind', kind, '{email,phone,mobile,postal,messenger}');
    at := least(check_time(at), now());
    IF btrim(reason) = '' OR reason IS NULL THEN
        RAISE EXCEPTION 'the reason is missing' USING ERRCODE = 'null_value_not_allowed', COLUMN = 'reason', HINT = 'Say why the address must not be used, such as ''unsubscribed by letter''.';
    ELSIF until <= at THEN
        RAISE EXCEPTION 'until "%" is not after "%"', until, at USING ERRCODE = 'invalid_parameter_value', COLUMN = 'until', HINT = 'Leave it out: a suppression holds for ever.';
    END IF;
    IF channel IS NOT NULL THEN
        PERFORM contact_plan(channel, NULL);
    END IF;
    IF NOT EXISTS (SELECT FROM contact_purpose u WHERE u.purpose = add_suppression.purpose) AND purpose IS NOT NULL THEN
        PERFORM refuse_dimension('contact_purpose', purpose);
    END IF;
    match_key := contact_match_key(kind, value);
    IF match_key IS NULL THEN
        RAISE EXCEPTION '"%" cannot be read as an address of kind %', value, kind
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'value', HINT = 'See email_check() and phone_normalize() for what is wrong with it; numbers without a calling code are those of setting country.';
    END IF;
    hash := suppression_hash(kind, match_key);
    -- what is said again later is written again: a consent of the time between may still come in, and lifts only what was before it
    SELECT count(*) = 0, coalesce(max(s.since) <= at - interval '1 day', true) INTO is_new, is_written
      FROM suppression s
     WHERE s.key_hash = hash AND NOT s.is_lifted AND coalesce(s.channel, '') = coalesce(add_suppression.channel, '')
       AND coalesce(s.purpose, '') = coalesce(add_suppression.purpose, '') AND s.since <= at AND (s.until >= add_suppression.until OR s.until IS NULL)
       AND NOT EXISTS (SELECT FROM suppression l WHERE l.key_hash = s.key_hash AND l.is_lifted AND l.since > s.since);
    IF is_written THEN
        INSERT INTO suppression (key_hash, address_kind, channel, purpose, reason, source, since, until)
        VALUES (hash, CASE kind WHEN 'mobile' THEN 'phone' ELSE kind END, add_suppression.channel, add_suppression.purpose, add_suppression.reason, add_suppression.source, at, add_suppression.until);
    END IF;
    was_already_recorded := false;
    IF add_suppression.request_id IS NOT NULL THEN
        was_already_recorded := request_end(add_suppression.request_id, jsonb_build_present('is_new', is_new));
    END IF;
END
$$;
COMMENT ON FUNCTION add_suppression(text, text, text, text, text, timestamptz, timestamptz, text, text) IS 'puts an address on the suppression list: nobody who has it, now or later, is contacted through the channel (NULL: all) for the purpose (NULL: all that are not exempt). kind: email, phone, mobile, postal or messenger. Kept is a keyed hash, not the address. Repeating it changes nothing, so request_id may be left out; said again for a later day, it also stands against a consent given in between. is_new is false when it was suppressed so before. 22023 for an unknown kind or an address that cannot be read, 22004 without a reason, 23503 for an unknown channel or purpose; see request_begin()';

CREATE OR REPLACE FUNCTION suppressed_keys(kind text, match_keys text[], channel text DEFAULT NULL, purpose text DEFAULT 'marketing', at timestamptz DEFAULT now()) RETURNS SETOF text
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    kinds text[] := array_fill(suppressed_keys.kind, ARRAY[coalesce(cardinality(match_keys), 0)]);
BEGIN
    RETURN QUERY
    SELECT DISTINCT k.match_key
      FROM (SELECT u.match_key, u.key_hash FROM unnest(match_keys, suppression_hashes(kinds, match_keys)) u (match_key, key_hash) WHERE u.match_key IS NOT NULL) k
      JOIN (SELECT s.key_hash FROM suppression s
             WHERE (s.channel = suppressed_keys.channel OR s.channel IS NULL OR suppressed_keys.channel IS NULL)
               AND (s.purpose = suppressed_keys.purpose OR s.purpose IS NULL AND NOT EXISTS (SELECT FROM contact_purpose u WHERE u.purpose = suppressed_keys.purpose AND u.is_exempt))
               AND s.since <= suppressed_keys.at AND (s.until > suppressed_keys.at OR s.until IS NULL)
             GROUP BY s.key_hash, CASE WHEN suppressed_keys.channel IS NULL THEN s.channel END
            HAVING max(s.since) FILTER (WHERE NOT s.is_lifted) >= coalesce(max(s.since) FILTER (WHERE s.is_lifted), '-infinity')) s ON s.key_hash = k.key_hash;
END
$$;
COMMENT ON FUNCTION suppressed_keys(text, text[], text, text, timestamptz) IS 'of keys as contact_match_key() makes them of addresses of a kind, those that are on the suppression list: for a channel (NULL: for any) and a purpose. For lists of people who are not customers yet';
