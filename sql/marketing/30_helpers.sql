-- Small helpers that the other modules share.

CREATE OR REPLACE FUNCTION setting_value(setting text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    result text;
BEGIN
    SELECT s.value INTO result FROM setting s WHERE s.setting = setting_value.setting;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no setting "%"', setting USING ERRCODE = 'undefined_object',
            HINT = 'The settings are the rows of table setting.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION setting_value(text) IS 'value of a setting; 42704 where there is none of that name';

-- Written as people write numbers: no exponent, no sign. So it is none of NaN, infinity, and what a
-- cast would refuse without naming the setting.
CREATE OR REPLACE FUNCTION setting_number(setting text, lowest numeric, highest numeric, whole boolean DEFAULT false, otherwise text DEFAULT NULL) RETURNS float8
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    value   text := setting_value(setting_number.setting);
    pattern text := CASE WHEN whole THEN '^\s*[0-9]{1,15}\s*$' ELSE '^\s*([0-9]{1,15}\.?[0-9]{0,30}|\.[0-9]{1,30})\s*$' END;
BEGIN
    IF btrim(value) = otherwise THEN
        RETURN NULL;
    ELSIF value !~ pattern OR value::numeric NOT BETWEEN lowest AND highest THEN
        RAISE EXCEPTION 'the setting % is "%"', setting_number.setting, value
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('It is a %s from %s to %s%s.', CASE WHEN whole THEN 'whole number' ELSE 'number' END, lowest, highest, ', or ' || otherwise);
    END IF;
    RETURN value::float8;
END
$$;
COMMENT ON FUNCTION setting_number(text, numeric, numeric, boolean, text) IS 'value of a setting that is a number, or a whole number, from lowest to highest; NULL where it is the word otherwise instead. 22023 for any other value, 42704 where there is no such setting';

CREATE OR REPLACE FUNCTION version() RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT i.version FROM installation i ORDER BY i.installation_id DESC LIMIT 1);
END
$$;
-- with its schema, because PostgreSQL has a function of that name too, and finds it first
COMMENT ON FUNCTION @schema@.version() IS 'version of dupex that this marketing database was made by or brought to';

-- How far a job that works in batches has come. A batch that looked at everything again before it
-- came to what is new would take the longer the more batches there were before. The place is kept
-- in the session, and as the session commits it. Lost or out of date it does no harm, because a job
-- that finds nothing behind its place looks at everything before it returns 0.
CREATE OR REPLACE FUNCTION batch_position(job text, as_of timestamptz) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    kept jsonb := nullif(current_setting('dupex_marketing.' || job, true), '')::jsonb;
BEGIN
    RETURN CASE WHEN kept ->> 'schema' = current_schema() AND (kept ->> 'as_of')::timestamptz = as_of THEN kept -> 'place' END;
END
$$;
COMMENT ON FUNCTION batch_position(text, timestamptz) IS 'what batch_position_keep() has kept in this session for the same job, schema and as_of; else NULL. A part of move_stale_leads() and plan_visits()';

CREATE OR REPLACE FUNCTION batch_position_keep(job text, as_of timestamptz, place jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM set_config('dupex_marketing.' || job, CASE WHEN place IS NULL THEN '' ELSE jsonb_build_object('schema', current_schema(), 'as_of', as_of, 'place', place)::text END, false);
END
$$;
COMMENT ON FUNCTION batch_position_keep(text, timestamptz, jsonb) IS 'keeps for the session how far a job has come; NULL: forgets it. A part of move_stale_leads() and plan_visits()';
