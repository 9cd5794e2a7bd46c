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

CREATE OR REPLACE FUNCTION version() RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT i.version FROM installation i ORDER BY i.installation_id DESC LIMIT 1);
END
$$;
-- with its schema, because PostgreSQL has a function of that name too, and finds it first
COMMENT ON FUNCTION @schema@.version() IS 'version of dupex that this marketing database was made by or brought to';
