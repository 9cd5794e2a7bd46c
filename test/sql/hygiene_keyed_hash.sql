-- keyed_hash(): the vectors of RFC 4231, section 4, for HMAC-SHA-256
SET search_path = public, dupex;
WITH vector (test_case, key, message, hash) AS (VALUES
    (1, decode(repeat('0b', 20), 'hex'), convert_to('Hi There', 'UTF8'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'),
    (2, convert_to('Jefe', 'UTF8'), convert_to('what do ya want for nothing?', 'UTF8'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'),
    (3, decode(repeat('aa', 20), 'hex'), decode(repeat('dd', 50), 'hex'), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'),
    (4, decode('0102030405060708090a0b0c0d0e0f10111213141516171819', 'hex'), decode(repeat('cd', 50), 'hex'), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'),
    (5, decode(repeat('0c', 20), 'hex'), convert_to('Test With Truncation', 'UTF8'), 'a3b6167473100ee06e0c796c2955552b'),
    (6, decode(repeat('aa', 131), 'hex'), convert_to('Test Using Larger Than Block-Size Key - Hash Key First', 'UTF8'), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'),
    (7, decode(repeat('aa', 131), 'hex'), convert_to('This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.', 'UTF8'), '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'))
SELECT test_case, left(encode(keyed_hash(key, message), 'hex'), length(hash)) = hash AS is_right FROM vector ORDER BY 1;

-- nothing in, and nothing known
SELECT encode(keyed_hash('', ''), 'hex') AS of_nothing, octet_length(keyed_hash('k', 'm')) AS bytes, keyed_hash(NULL, 'm') IS NULL AND keyed_hash('k', NULL) IS NULL AS null_for_null;
-- a compressed and a short value are hashed as what they mean
CREATE TEMP TABLE kept AS SELECT decode(repeat('00', 5000), 'hex') AS message;
SELECT keyed_hash('k', message) = keyed_hash('k', decode(repeat('00', 5000), 'hex')) AS is_same, pg_column_size(message) < 5000 AS is_compressed FROM kept;
DROP TABLE kept;
