-- Mending source codes: what a customer meant is said by a further row, the fact stays as it was
-- recorded. The next refresh counts the fact, and all that hangs on it, for the mended code.

-- The registered code that a person means who types it: nothing is repaired here.
CREATE OR REPLACE FUNCTION registered_code(code text) RETURNS source_code
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    characters text := upper(regexp_replace(code, '[\s-]', '', 'g'));
    result     source_code;
BEGIN
    IF characters ~ '^[0-9A-Z]{1,12}$' THEN
        SELECT s.source_code INTO result FROM source s WHERE s.source_code = characters::source_code AND s.source_code <> 'UNSOURCED';
    END IF;
    IF code IS NOT NULL AND result IS NULL THEN
        RAISE EXCEPTION 'source code "%" is not registered', code
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = (SELECT coalesce('Registered codes that look like it: ' || string_agg(x.code::text, ', ' ORDER BY x.distance, x.code) || '.',
                                              'No registered code looks like it.')
                              FROM source_suggest(registered_code.code, ARRAY(SELECT s.source_code FROM source s WHERE s.source_code <> 'UNSOURCED')) x),
                  HINT = 'Register it in table source first; NULL says that there is no code.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION registered_code(text) IS 'a code of the registry, case, spaces and hyphens ignored; NULL for NULL; 22023 with suggestions for one that is not registered. A part of mend_code()';

CREATE OR REPLACE FUNCTION mend_code(fact text, customer bigint, fact_id bigint, code text, reason text DEFAULT NULL, request_id text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
DECLARE
    mended source_code := registered_code(code);
    result bigint;
BEGIN
    IF fact IS NULL OR fact NOT IN ('response', 'lead', 'visit', 'event_registration', 'event_attendance', 'customer_order', 'order_return') THEN
        RAISE EXCEPTION 'the code of a fact of kind "%" cannot be mended', coalesce(fact, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Kinds are response, lead, visit, event_registration, event_attendance, customer_order and order_return.';
    END IF;
    IF request_id IS NOT NULL THEN
        SELECT m.code_mend_id INTO result FROM code_mend m
         WHERE m.customer_id = mend_code.customer AND m.request_id = mend_code.request_id
           AND (m.fact, m.fact_id, m.source_code, m.reason) IS NOT DISTINCT FROM (mend_code.fact, mend_code.fact_id, mended, mend_code.reason);
        IF FOUND THEN
            RETURN result;
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM attributable_fact f WHERE f.fact = mend_code.fact AND f.customer_id = mend_code.customer AND f.fact_id = mend_code.fact_id)
       AND NOT (fact = 'visit' AND EXISTS (SELECT FROM visit v WHERE v.customer_id = mend_code.customer AND v.visit_id = mend_code.fact_id)) THEN
        RAISE EXCEPTION 'customer % has no % %', coalesce(customer::text, 'NULL'), fact, coalesce(fact_id::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', HINT = 'View unreadable_codes lists what there is to mend.';
    END IF;
    INSERT INTO code_mend (customer_id, fact, fact_id, source_code, reason, request_id)
    VALUES (mend_code.customer, mend_code.fact, mend_code.fact_id, mended, mend_code.reason, mend_code.request_id)
    ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING code_mend_id INTO result;
    IF result IS NULL THEN
        -- either somebody else has just sent the same, or the key was used for something else
        SELECT m.code_mend_id INTO result FROM code_mend m
         WHERE m.customer_id = mend_code.customer AND m.request_id = mend_code.request_id
           AND (m.fact, m.fact_id, m.source_code, m.reason) IS NOT DISTINCT FROM (mend_code.fact, mend_code.fact_id, mended, mend_code.reason);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'request_id "%" was used before for another call', request_id
                USING ERRCODE = 'unique_violation', HINT = 'A retry must say what the first call said. What is new gets a request_id of its own.';
        END IF;
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION mend_code(text, bigint, bigint, text, text, text) IS 'says which source code a fact should have had, whatever was quoted; NULL: none. It and what hangs on it count for that code from the next refresh on; the last mending counts. Returns code_mend_id; a repetition with the same request_id returns the first. 22023 for an unknown kind or a code that is not registered (with suggestions), 23503 where there is no such fact, 23505 for a request_id that was used otherwise';

CREATE OR REPLACE FUNCTION mend_quoted_code(quoted_code text, code text, reason text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
DECLARE
    mended source_code := registered_code(code);
    result bigint;
BEGIN
    IF quoted_code IS NULL THEN
        RAISE EXCEPTION 'the quoted code is missing' USING ERRCODE = 'null_value_not_allowed', HINT = 'Give it as view unreadable_codes shows it.';
    END IF;
    WITH quoted AS (
        SELECT 'response' AS fact, customer_id, response_id AS fact_id, source_code FROM response q WHERE q.quoted_code = mend_quoted_code.quoted_code
         UNION ALL
        SELECT 'lead', customer_id, lead_id, source_code FROM lead q WHERE q.quoted_code = mend_quoted_code.quoted_code
         UNION ALL
        SELECT 'visit', customer_id, visit_id, source_code FROM visit q WHERE q.quoted_code = mend_quoted_code.quoted_code
         UNION ALL
        SELECT 'event_registration', customer_id, event_registration_id, source_code FROM event_registration q WHERE q.quoted_code = mend_quoted_code.quoted_code
         UNION ALL
        SELECT 'event_attendance', customer_id, event_attendance_id, source_code FROM event_attendance q WHERE q.quoted_code = mend_quoted_code.quoted_code
         UNION ALL
        SELECT 'customer_order', customer_id, customer_order_id, source_code FROM customer_order q WHERE q.quoted_code = mend_quoted_code.quoted_code
         UNION ALL
        SELECT 'order_return', customer_id, order_return_id, source_code FROM order_return q WHERE q.quoted_code = mend_quoted_code.quoted_code
    ), written AS (
        INSERT INTO code_mend (customer_id, fact, fact_id, source_code, reason)
        SELECT q.customer_id, q.fact, q.fact_id, mended, mend_quoted_code.reason
          FROM quoted q
          LEFT JOIN LATERAL (SELECT m.customer_id, m.source_code FROM code_mend m
                              WHERE m.customer_id = q.customer_id AND m.fact = q.fact AND m.fact_id = q.fact_id
                              ORDER BY m.code_mend_id DESC LIMIT 1) m ON true
         WHERE CASE WHEN m.customer_id IS NULL THEN q.source_code ELSE m.source_code END IS DISTINCT FROM mended
         ORDER BY q.customer_id, q.fact, q.fact_id
        RETURNING 1)
    SELECT count(*) INTO result FROM written;
    RETURN result;
END
$$;
COMMENT ON FUNCTION mend_quoted_code(text, text, text) IS 'mends all facts with which a code was quoted, to the letter, to a registered code or NULL; returns how many: those that have that code already are left alone, so a repetition writes nothing. Reads all facts. 22023 for a code that is not registered (with suggestions), 22004 without a quoted code';
