-- Bulk load of touches, touch events and responses.

-- Those who answered or ordered are internal from their earliest answer on.
CREATE OR REPLACE FUNCTION load_mark_internal() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    UPDATE customer c SET kind = 'internal', became_internal_at = a.first_at
      FROM (SELECT person_id, min(coalesce(responded_at, ordered_at)) AS first_at FROM pg_temp.load_row
             WHERE problem IS NULL AND person_id <> 0 AND NOT coalesce(is_return, return_of IS NOT NULL) GROUP BY person_id) a
     WHERE c.customer_id = a.person_id AND c.entered_as = 'external'
       AND (c.kind = 'external' OR c.became_internal_at IS NULL OR c.became_internal_at > a.first_at);
END
$$;
COMMENT ON FUNCTION load_mark_internal() IS 'makes the external people of load_row internal; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_touches(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
    held_out bigint;
BEGIN
    PERFORM load_begin('touches', staging, 'needed');
    PERFORM load_number_copies();
    PERFORM load_mark_changed('touch', 'needed', '{sent_at=r.sent_at,source_code=r.source_code}');
    PERFORM load_mark_changed('hold_out', 'needed', '{held_out_at=r.sent_at,source_code=r.source_code}');
    WITH written AS (
        INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id, is_seed, request_id)
        SELECT r.person_id, r.source_code, r.sent_at, r.found_contact_point_id, r.person_is_seed, load_request_id(r.request_key, r.content, r.copy_no)
          FROM pg_temp.load_row r JOIN source s ON s.source_code = r.source_code
         WHERE r.problem IS NULL AND NOT r.is_repeat AND NOT s.is_hold_out
           -- loaded before, when the registry had the cell as a hold-out
           AND NOT EXISTS (SELECT FROM hold_out h WHERE h.customer_id = r.person_id AND h.request_id = load_request_id(r.request_key, r.content, r.copy_no))
         ORDER BY r.person_id, r.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING 1)
    SELECT count(*) INTO loaded FROM written;
    WITH written AS (
        INSERT INTO hold_out (customer_id, source_code, held_out_at, request_id)
        SELECT r.person_id, r.source_code, r.sent_at, load_request_id(r.request_key, r.content, r.copy_no)
          FROM pg_temp.load_row r JOIN source s ON s.source_code = r.source_code
         WHERE r.problem IS NULL AND NOT r.is_repeat AND s.is_hold_out
           AND NOT EXISTS (SELECT FROM touch t WHERE t.customer_id = r.person_id AND t.request_id = load_request_id(r.request_key, r.content, r.copy_no))
         ORDER BY r.person_id, r.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING 1)
    SELECT count(*) INTO held_out FROM written;
    loaded := loaded + held_out;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('touches', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_touches(regclass) IS 'records the touches of a staging table: customer, source_code, sent_at; people of hold-out cells go to hold_out. Returns how many rows were recorded, were there already, were rejected (see load_reject). 42703 for wrong columns';

CREATE OR REPLACE FUNCTION load_touch_events(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
    people   bigint[];
    events   bigint[];
BEGIN
    PERFORM load_begin('touch_events', staging, 'needed');
    PERFORM load_number_copies();
    PERFORM load_mark_changed('touch_event', 'needed', '{touch_id=r.found_touch_id,kind=r.kind,happened_at=r.happened_at}');
    WITH written AS (
        INSERT INTO touch_event (customer_id, touch_id, kind, happened_at, detail, request_id)
        SELECT r.person_id, r.found_touch_id, r.kind, r.happened_at, r.detail, load_request_id(r.request_key, r.content, r.copy_no)
          FROM pg_temp.load_row r
         WHERE r.problem IS NULL AND NOT r.is_repeat
         ORDER BY r.person_id, r.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING customer_id, touch_event_id, kind)
    SELECT count(*), array_agg(w.customer_id) FILTER (WHERE w.kind <> 'forwarded'), array_agg(w.touch_event_id) FILTER (WHERE w.kind <> 'forwarded') INTO loaded, people, events FROM written w;
    PERFORM take_in_touch_events(people, events);
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('touch_events', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_touch_events(regclass) IS 'records what became of touches from a staging table: customer, the touch, kind, happened_at; addresses and opt-outs follow at once, as with record_touch_event(). Returns how many rows were recorded, were there already, were rejected (see load_reject). 42703 for wrong columns';

CREATE OR REPLACE FUNCTION load_responses(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
BEGIN
    PERFORM load_begin('responses', staging, 'optional');
    PERFORM load_number_copies();
    PERFORM load_mark_changed('response', 'optional', '{responded_at=r.responded_at,quoted_code=r.quoted_code}');
    PERFORM load_read_codes();
    WITH written AS (
        INSERT INTO response (customer_id, responded_at, response_channel, touch_id, salesperson_id, store, product, message,
                              quoted_code, source_code, code_problem, request_id)
        SELECT r.person_id, r.responded_at, r.response_channel, r.found_touch_id, r.found_salesperson_id, r.store, r.product, r.message,
               r.quoted_code, k.source_code, k.code_problem, load_request_id(r.request_key, r.content, r.copy_no)
          FROM pg_temp.load_row r LEFT JOIN pg_temp.load_code k ON k.quoted_code = r.quoted_code
         WHERE r.problem IS NULL AND NOT r.is_repeat
         ORDER BY r.person_id, r.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING 1)
    SELECT count(*) INTO loaded FROM written;
    PERFORM load_mark_internal();
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('responses', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_responses(regclass) IS 'records the responses of a staging table: responded_at, the customer where known, the quoted code; external people become internal. Returns how many rows were recorded, were there already, were rejected (see load_reject). 42703 for wrong columns';
