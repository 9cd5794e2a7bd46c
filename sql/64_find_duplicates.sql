-- Duplicates in a list, and persons of one list in another

CREATE FUNCTION find_duplicates(query text, comparators jsonb DEFAULT NULL, blocking text[] DEFAULT NULL, recall float8 DEFAULT 0.7,
    sounds regclass DEFAULT NULL, country text DEFAULT 'CN', max_block integer DEFAULT 200, max_memory integer DEFAULT 4096,
    min_probability float8 DEFAULT 0.9, model jsonb DEFAULT NULL,
    OUT record_a text, OUT record_b text, OUT cluster text, OUT weight float8, OUT probability float8, OUT contributions float8[], OUT reason text) RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE COST 1000000 ROWS 1000 AS 'MODULE_PATHNAME', 'dupex_find_duplicates';
COMMENT ON FUNCTION find_duplicates(text, jsonb, text[], float8, regclass, text, integer, integer, float8, jsonb) IS
    'pairs of records of a query that are probably one person, record_a before record_b. The query returns (record bigint or text, and 1 to 15 columns to compare), is run with the rights of the caller, and its first column tells records apart.
cluster: the smallest record of all that hang together. weight: bits for one person, the sum of contributions (first that of any two records, then of each column); probability: 2^weight / (1 + 2^weight). reason: the same in words.
comparators: {"column": "email" | "phone" | "name" | "firm" | "address" | "birthday" | "id" | "exact" | "jaro_winkler" | "edit_distance" | "token" | "block"}, or ["jaro_winkler", .95, .85] with thresholds, the best first; columns left out go by their names. blocking: passes such as {email, initials(name)+last4(phone)}; only records with a pass in common are compared; NULL for usual ones. recall: assumed part of pairs of one person that are beyond doubt (same name and another value, or the same id).
sounds: a relation of (character, sound) for Chinese names. country: of phone numbers. max_block: records of a block that are all compared; of a larger one each with its max_block / 2 most alike, with a NOTICE. max_memory: MB, 53400 when more are needed. min_probability: of the pairs returned. model: of linkage_model(), else it is learnt from these records.
A WARNING when nothing could be learnt. 22023 for arguments that make no sense and for a record that is there twice, 42804 for a query of other columns, 22004 for NULL';

CREATE FUNCTION find_matches(query text, house_query text, comparators jsonb DEFAULT NULL, blocking text[] DEFAULT NULL, recall float8 DEFAULT 0.7,
    sounds regclass DEFAULT NULL, country text DEFAULT 'CN', max_block integer DEFAULT 200, max_memory integer DEFAULT 4096,
    min_probability float8 DEFAULT 0.9, model jsonb DEFAULT NULL,
    OUT record text, OUT house_record text, OUT cluster text, OUT weight float8, OUT probability float8, OUT contributions float8[], OUT reason text) RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE COST 1000000 ROWS 1000 AS 'MODULE_PATHNAME', 'dupex_find_matches';
COMMENT ON FUNCTION find_matches(text, text, jsonb, text[], float8, regclass, text, integer, integer, float8, jsonb) IS
    'pairs of a record of a query and a record of another one, the house file, that are probably one person; pairs within one of them are not looked for. Both queries return the same columns, the names are those of the first. cluster: the smallest record of the first query of all that hang together. Everything else as find_duplicates()';

CREATE FUNCTION duplicate_clusters(query text, comparators jsonb DEFAULT NULL, blocking text[] DEFAULT NULL, recall float8 DEFAULT 0.7,
    sounds regclass DEFAULT NULL, country text DEFAULT 'CN', max_block integer DEFAULT 200, max_memory integer DEFAULT 4096,
    min_probability float8 DEFAULT 0.9, model jsonb DEFAULT NULL,
    OUT record text, OUT cluster text, OUT cluster_size bigint) RETURNS SETOF record
    LANGUAGE sql STABLE PARALLEL UNSAFE COST 1000000 ROWS 1000
BEGIN ATOMIC
    WITH pair AS MATERIALIZED (
        SELECT d.record_a, d.record_b, d.cluster
          FROM find_duplicates(query, comparators, blocking, recall, sounds, country, max_block, max_memory, min_probability, model) AS d),
    member AS (SELECT p.record_a AS record, p.cluster FROM pair AS p UNION SELECT p.record_b, p.cluster FROM pair AS p)
    SELECT m.record, m.cluster, count(*) OVER (PARTITION BY m.cluster) FROM member AS m;
END;
COMMENT ON FUNCTION duplicate_clusters(text, jsonb, text[], float8, regclass, text, integer, integer, float8, jsonb) IS
    'the records that are in a pair of find_duplicates() (same arguments and errors), each once, with its cluster (the smallest record of all that hang together) and how many records that has; records that are nobody''s duplicate are left out. For a key of merge_purge(): coalesce(cluster, record) after a LEFT JOIN';
