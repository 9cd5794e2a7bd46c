-- Documents: as they are compared with others, which is what the recording functions keep of a call; and rows
-- as documents.

CREATE FUNCTION jsonb_hash_values(document jsonb, seed text) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_jsonb_hash_values';
COMMENT ON FUNCTION jsonb_hash_values(jsonb, text) IS 'a JSON object with a hash of each value in its place, and without the keys that are null: two such objects tell whether two documents say the same, and of which key not, but nothing of what they say. The hashes depend on seed; equal numbers have equal hashes, 1.0 and 1. 22023 for a document that is no object';

CREATE FUNCTION row_document(row_value record, without text[]) RETURNS jsonb
    LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_row_document';
COMMENT ON FUNCTION row_document(record, text[]) IS 'a row as a JSON object, without the columns that are named and without those that are null, each value as to_jsonb() writes it: the same as jsonb_strip_nulls(to_jsonb(row_value)) - without, in one pass. 54000 for a string that is too long for JSON (256 MB)';

CREATE FUNCTION jsonb_build_present(VARIADIC names_and_values "any") RETURNS jsonb
    LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_jsonb_build_present';
COMMENT ON FUNCTION jsonb_build_present(VARIADIC "any") IS 'a JSON object of names and values, given in turn, without the pairs whose value is null: jsonb_build_object() of the others. 22023 for an odd number of arguments or a name that is no text, 22004 for a name that is NULL';
