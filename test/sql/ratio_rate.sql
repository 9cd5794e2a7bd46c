-- type rate: text and binary forms, arithmetic, order, errors
SET search_path = public, dupex;
\set VERBOSITY terse

SELECT text AS written, text::rate AS rate, rate_successes(text::rate), rate_trials(text::rate), rate_value(text::rate)
FROM unnest(ARRAY['37/1000', ' 1 / +8 ', '0/20', '0/0', '007/007', '9223372036854775807/9223372036854775807', '-0/1']) text;
SELECT rate::text = '37/1000' AS to_text, '37/1000'::text::rate = rate AS from_text, rate(37, 1000) = rate AS made FROM (SELECT rate '37/1000') r(rate);

SELECT rate '';
SELECT rate '37';
SELECT rate '37:1000';
SELECT rate '37/';
SELECT rate '3.7/10';
SELECT rate '1/2/3';
SELECT rate '1e1/20';
SELECT rate '1/9223372036854775808';
SELECT rate '99999999999999999999999999/1';
SELECT rate '5/3';
SELECT rate '-1/3';
SELECT rate(5, 3);
SELECT rate(-1, 3);
SELECT rate(0, -1);
\set VERBOSITY default
SELECT rate '37 of 1000';
SELECT rate '1000/37';
SELECT rate(1000, 37);
SELECT rate '1/2' - rate '0/2';
\set VERBOSITY terse
SELECT rate(NULL, 1) IS NULL AND rate_value(NULL) IS NULL AND rate_successes(NULL) IS NULL AND rate_trials(NULL) IS NULL AND (NULL::rate + '1/2') IS NULL AS strict;

SELECT rate '37/1000' + rate '3/500' AS sum, rate '40/1500' - rate '3/500' AS difference, rate_value('1/3'), rate_value('0/0') IS NULL AS undefined;
SELECT rate '0/9223372036854775807' + rate '0/1';
SELECT rate '3/9223372036854775806' + rate '1/1' AS just_fits;

-- order: by the value, those without trials last; equal values by trials
SELECT rate, rate_value(rate) FROM unnest('{1/4,2/8,0/0,0/1,0/7,1/1,NULL,9223372036854775806/9223372036854775807,9223372036854775805/9223372036854775806,3/4}'::rate[]) rate ORDER BY rate;
WITH sample(r) AS (SELECT rate(s, t) FROM generate_series(0, 12) t, generate_series(0, t) s)
SELECT count(*) FILTER (WHERE rate_cmp(a.r, b.r) <> -rate_cmp(b.r, a.r)) AS not_antisymmetric,
       count(*) FILTER (WHERE (rate_cmp(a.r, b.r) = 0) <> (a.r::text = b.r::text)) AS equal_unlike_text,
       count(*) FILTER (WHERE sign(rate_value(a.r) - rate_value(b.r)) NOT IN (0, rate_cmp(a.r, b.r))) AS against_the_value,
       count(*) FILTER (WHERE (rate_cmp(a.r, b.r) < 0) <> (a.r < b.r) OR (rate_cmp(a.r, b.r) <= 0) <> (a.r <= b.r) OR (rate_cmp(a.r, b.r) > 0) <> (a.r > b.r)
           OR (rate_cmp(a.r, b.r) >= 0) <> (a.r >= b.r) OR (rate_cmp(a.r, b.r) = 0) <> (a.r = b.r) OR (a.r = b.r) = (a.r <> b.r)) AS operators_disagree
FROM sample a, sample b;

CREATE TABLE ratio_rate (r rate);
INSERT INTO ratio_rate SELECT rate(i % 5, 5 + i % 3) FROM generate_series(1, 3000) i;
CREATE INDEX ON ratio_rate USING btree (r);
CREATE INDEX ON ratio_rate USING hash (r);
SELECT count(DISTINCT r), (SELECT count(*) FROM (SELECT r FROM ratio_rate GROUP BY r) g) AS groups FROM ratio_rate;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM ratio_rate WHERE r = '3/7';
SELECT count(*), bool_and(rate_value(r) < .5) AS below FROM ratio_rate WHERE r < '1/2';
RESET enable_seqscan;
RESET enable_bitmapscan;
DROP TABLE ratio_rate;
SELECT rate_hash_extended('1/2', 0) & 4294967295 = rate_hash('1/2')::bigint & 4294967295 AS hash_agrees, rate_hash_extended('1/2', 1) <> rate_hash_extended('1/2', 2) AS seeded;

-- binary form: what cannot be is refused
SELECT rate_send('37/1000');
CREATE FUNCTION pg_temp.receive_rate(image bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE file text := format('%s/ratio_wire_%s.bin', current_setting('data_directory'), pg_backend_pid());
BEGIN
    PERFORM lo_from_bytea(4711, '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(image)) || image || '\xffff');
    PERFORM lo_export(4711, file);
    PERFORM lo_unlink(4711);
    CREATE TEMP TABLE received (r rate) ON COMMIT DROP;
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    RETURN (SELECT r::text FROM received);
END $$;
SELECT pg_temp.receive_rate(rate_send('37/1000'));
SELECT pg_temp.receive_rate(int8send(5) || int8send(3));
SELECT pg_temp.receive_rate(int8send(-1) || int8send(3));
SELECT pg_temp.receive_rate(int8send(1));
