-- The keys of addresses: by which two are the same, and by which they are on the suppression list.

-- One expression, for statements over many rows, into which it is inlined. An e-mail address to which
-- no mailing can go (of a domain that is reserved, say) is the same as another when it is written the
-- same: it can be suppressed as well.
CREATE OR REPLACE FUNCTION contact_key(kind text, value text, country text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE kind WHEN 'email' THEN coalesce(email_match_key(value), CASE WHEN btrim(value) LIKE '_%@_%' THEN lower(btrim(value) COLLATE "C") END)
                     WHEN 'phone' THEN (phone_normalize(value, country)).e164
                     WHEN 'mobile' THEN (phone_normalize(value, country)).e164
                     WHEN 'postal' THEN address_key(value)
                     ELSE nullif(lower(btrim(value) COLLATE "C"), '') END;
COMMENT ON FUNCTION contact_key(text, text, text) IS 'contact_match_key() for telephone numbers written in a country (two letters)';

CREATE OR REPLACE FUNCTION contact_match_key(kind text, value text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN contact_key(contact_match_key.kind, contact_match_key.value, (SELECT s.value FROM setting s WHERE s.setting = 'country'));
END
$$;
COMMENT ON FUNCTION contact_match_key(text, text) IS 'the key by which two addresses of a kind (email, phone, mobile, postal, messenger) are the same: the mailbox, the number with its calling code (setting country), the folded postal address, else the text in lower case; NULL when the value cannot be read: an e-mail address without @, a number that is none. It is for comparing and never to be sent to';

-- Hashes many at once: the secret is read once. SECURITY DEFINER: the secret is for the owner only.
CREATE OR REPLACE FUNCTION suppression_hashes(kinds text[], match_keys text[]) RETURNS bytea[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    secret bytea := (SELECT s.secret FROM installation_secret s WHERE s.secret_name = 'suppression');
BEGIN
    RETURN ARRAY(SELECT CASE WHEN u.match_key IS NULL THEN bytea ''
                             ELSE keyed_hash(secret, convert_to(CASE u.kind WHEN 'mobile' THEN 'phone' ELSE u.kind END || ':' || u.match_key, 'UTF8')) END
                   FROM unnest(kinds, match_keys) WITH ORDINALITY u (kind, match_key, n) ORDER BY u.n);
END
$$;
COMMENT ON FUNCTION suppression_hashes(text[], text[]) IS 'suppression_hash() of many addresses: of each the kind and the match_key, in arrays of one length; an empty hash for a match_key that is NULL. A part of the bulk load';

CREATE OR REPLACE FUNCTION suppression_hash(kind text, match_key text) RETURNS bytea
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN keyed_hash((SELECT s.secret FROM installation_secret s WHERE s.secret_name = 'suppression'),
                      convert_to(CASE suppression_hash.kind WHEN 'mobile' THEN 'phone' ELSE suppression_hash.kind END || ':' || suppression_hash.match_key, 'UTF8'));
END
$$;
COMMENT ON FUNCTION suppression_hash(text, text) IS 'what the suppression list holds of an address: a hash of its kind (mobile counts as phone) and contact_match_key() under the secret of this installation. NULL for NULL';

-- Rows that were written by hand or by another program, or all where the country has changed.
CREATE OR REPLACE FUNCTION hash_contact_points(all_rows boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    country text := setting_value('country');
    done    bigint;
BEGIN
    -- in the order of settle_addresses(), so that nobody waits in a circle
    PERFORM FROM contact_point p WHERE p.key_hash IS NULL OR all_rows ORDER BY p.customer_id, p.contact_point_id FOR NO KEY UPDATE;
    WITH numbered AS (
        SELECT p.customer_id, p.contact_point_id, p.kind, contact_key(p.kind, p.value, country) AS match_key, row_number() OVER (ORDER BY p.customer_id, p.contact_point_id) AS n
          FROM contact_point p WHERE p.key_hash IS NULL OR all_rows
    ), hashed AS (
        SELECT u.* FROM (SELECT array_agg(m.customer_id) AS people, array_agg(m.contact_point_id) AS ids, array_agg(m.kind) AS kinds, array_agg(m.match_key) AS match_keys
                           FROM (SELECT * FROM numbered ORDER BY numbered.n) m GROUP BY m.n / 5000) b,
               LATERAL unnest(b.people, b.ids, b.match_keys, suppression_hashes(b.kinds, b.match_keys)) u (customer_id, contact_point_id, match_key, key_hash))
    UPDATE contact_point p SET match_key = h.match_key, key_hash = h.key_hash
      FROM hashed h
     WHERE h.customer_id = p.customer_id AND h.contact_point_id = p.contact_point_id AND (p.key_hash IS DISTINCT FROM h.key_hash OR p.match_key IS DISTINCT FROM h.match_key);
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
COMMENT ON FUNCTION hash_contact_points(boolean) IS 'fills match_key and key_hash of the rows of contact_point that have none, as rows written by hand; with all_rows works all of them out again, as after a change of setting country. Returns how many rows it changed';
