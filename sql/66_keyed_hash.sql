-- Keyed hash: what is kept of an address when the address itself must not be kept

CREATE FUNCTION keyed_hash(key bytea, message bytea) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_keyed_hash';
COMMENT ON FUNCTION keyed_hash(bytea, bytea) IS
    'HMAC-SHA256 of a message under a key (RFC 2104), 32 bytes: equal messages have equal hashes, and without the key nobody can find the message by trying them all. NULL for NULL';
