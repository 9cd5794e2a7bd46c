\echo Use "CREATE EXTENSION dupex" to load this file. \quit

-- The schema is made here, not named in the control file: so it is ours alone, fails
-- where somebody else's exists, and goes away with DROP EXTENSION.
CREATE SCHEMA dupex;
GRANT USAGE ON SCHEMA dupex TO PUBLIC;
COMMENT ON SCHEMA dupex IS 'dupex, the toolbox: types, aggregates and functions for database marketing, for any table; holds no data of users';

SET LOCAL search_path = dupex, pg_temp;

CREATE FUNCTION version() RETURNS text
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_version';
COMMENT ON FUNCTION dupex.version() IS 'version of the dupex library that is loaded, such as 0.1';
