-- Layouts of source codes: reading what customers quote, taking codes apart, making them

CREATE FUNCTION source_read(
    quoted text, layout text DEFAULT '{medium}{group}{list:2}{month:2}{year:1}', near date DEFAULT NULL,
    OUT code source_code, OUT medium text, OUT test_group text, OUT list text, OUT issued_on date,
    OUT fields jsonb, OUT problem text
) RETURNS record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_source_read';
COMMENT ON FUNCTION source_read(text, text, date) IS
    'reads a source code as a customer quoted it, tolerantly, and never raises an error because of it.
code: NULL when it cannot be read; medium, test_group, list: texts as in the code, NULL where the layout has none; issued_on: first day of the month of issue, the year nearest to near that is not more than one year after it, NULL when that cannot be told; fields: all fields, texts by name; problem: NULL when there is none, what was repaired, or why it cannot be read.
22023 for a wrong layout; NULL as layout is the default one';

CREATE FUNCTION source_code_read(quoted text, layout text DEFAULT '{medium}{group}{list:2}{month:2}{year:1}') RETURNS source_code
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'dupex_source_code_read';
COMMENT ON FUNCTION source_code_read(text, text) IS
    'the code that source_read() reads, alone and faster: NULL when it cannot be read; 22023 for a wrong layout';

CREATE FUNCTION source_field(code source_code, field text, layout text DEFAULT '{medium}{group}{list:2}{month:2}{year:1}') RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'dupex_source_field';
COMMENT ON FUNCTION source_field(source_code, text, text) IS
    'one field of a registered code, the characters as they are in it; group and test_group are two names of one; 22023 when the layout has no such field or the code does not have the layout, 22007 when its month or year is wrong';

CREATE FUNCTION source_issued(code source_code, near date, layout text DEFAULT '{medium}{group}{list:2}{month:2}{year:1}') RETURNS date
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'dupex_source_issued';
COMMENT ON FUNCTION source_issued(source_code, date, text) IS
    'first day of the month in which a registered code was issued: the year nearest to near that is not more than one year after it; NULL when near is NULL and the year is a single digit; 22023 when the layout has no month and year or the code does not have the layout, 22007 when its month or year is wrong';

CREATE FUNCTION source_build(fields jsonb, layout text DEFAULT '{medium}{group}{list:2}{month:2}{year:1}') RETURNS source_code
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_source_build';
COMMENT ON FUNCTION source_build(jsonb, text) IS
    'the code with these fields, texts or numbers by name; numbers are filled up with zeros, a year of four digits is shortened, the check character is computed, group may be called test_group; 22023 for a field that is missing, unknown, too wide, too short or out of range';

CREATE FUNCTION source_check_character(characters text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_source_check_character';
COMMENT ON FUNCTION source_check_character(text) IS
    'check character of ISO/IEC 7064 MOD 37,36 for letters and digits; case, spaces and hyphens do not matter; 22023 for other characters';

CREATE FUNCTION source_suggest(quoted text, candidates source_code[], max_results integer DEFAULT 3,
    OUT code source_code, OUT distance double precision, OUT repair text) RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 3 AS 'MODULE_PATHNAME', 'dupex_source_suggest';
COMMENT ON FUNCTION source_suggest(text, source_code[], integer) IS
    'the registered codes that may have been meant by a quoted one, the nearest first, each once, at most max_results (NULL: all).
distance: 1 for a wrong, missing or extra character, .7 for two neighbours swapped, .6 for a similar and .2 for a look-alike character; repair: in words what differs, NULL when nothing does.
No rows for a quoted text without a letter or digit; 22023 for a negative max_results';
