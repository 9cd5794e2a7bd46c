-- A document as it is compared with another: what the recording functions keep of a call.

CREATE FUNCTION jsonb_hash_values(document jsonb, seed text) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_jsonb_hash_values';
COMMENT ON FUNCTION jsonb_hash_values(jsonb, text) IS 'a JSON object with a hash of each value in its place, and without the keys that are null: two such objects tell whether two documents say the same, and of which key not, but nothing of what they say. The hashes depend on seed; equal numbers have equal hashes, 1.0 and 1. 22023 for a document that is no object';
