-- Bulk load of suppressions: lists of people who must not be written to.
--
-- A load can only add: there is no column that takes a suppression back. The addresses themselves are
-- not kept, but in the staging table and, of rows that are rejected, in load_reject.

-- Writes what is new of what was hashed; SECURITY DEFINER, because rows are added by functions alone. What
-- stands already and is said again with a day of its own, a later one, is written again, as by
-- add_suppression(): a consent of the time between may still come in, and lifts only what was before
-- it. Without a day it is not, or a list that is loaded every night would be kept as often.
CREATE OR REPLACE FUNCTION load_write_suppressions(rows bigint[], hashes bytea[], kinds text[], channels text[], purposes text[], reasons text[], begins timestamptz[], ends timestamptz[], dated boolean[], source text) RETURNS bigint
    -- by its key, row by row: else each batch would read the whole of what was written before
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off SET jit = off AS
$$
DECLARE
    done bigint;
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT w.*, t.since IS NULL AS is_new, row_number() OVER (PARTITION BY w.key_hash, w.channel, w.purpose, w.until ORDER BY w.since, w.row_no) AS turn,
               row_number() OVER (PARTITION BY w.key_hash, w.channel, w.purpose, w.until, (w.since AT TIME ZONE 'UTC')::date ORDER BY w.since, w.row_no) AS turn_of_day
          FROM unnest(rows, hashes, kinds, channels, purposes, reasons, begins, ends, dated) w (row_no, key_hash, address_kind, channel, purpose, reason, since, until, is_dated)
         CROSS JOIN LATERAL (
                SELECT max(s.since) AS since FROM suppression s
                 WHERE s.key_hash = w.key_hash AND NOT s.is_lifted AND coalesce(s.channel, '') = coalesce(w.channel, '') AND coalesce(s.purpose, '') = coalesce(w.purpose, '')
                   AND s.since <= w.since AND (s.until >= w.until OR s.until IS NULL)
                   AND NOT EXISTS (SELECT FROM suppression l WHERE l.key_hash = s.key_hash AND l.is_lifted AND l.since > s.since)) t
         WHERE t.since IS NULL OR w.is_dated AND t.since <= w.since - interval '1 day'
    ), written AS (
        INSERT INTO suppression (key_hash, address_kind, channel, purpose, reason, source, since, until)
        SELECT f.key_hash, f.address_kind, f.channel, f.purpose, f.reason, load_write_suppressions.source, f.since, f.until
          FROM fresh f WHERE f.turn = 1 OR f.is_dated AND f.turn_of_day = 1)
    SELECT count(DISTINCT f.row_no) INTO done FROM fresh f WHERE f.is_new AND f.turn = 1;
    RETURN done;
END
$$;
COMMENT ON FUNCTION load_write_suppressions(bigint[], bytea[], text[], text[], text[], text[], timestamptz[], timestamptz[], boolean[], text) IS 'adds suppressions that are not there yet, one for each element of the arrays, and those that are said again with a later day (dated); returns how many of the rows, by their numbers, were not there. A part of load_suppressions()';

CREATE OR REPLACE FUNCTION load_suppressions(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
    country  text := setting_value('country');
    batch    record;
BEGIN
    PERFORM load_begin('suppressions', staging, 'none');
    CREATE TEMP TABLE load_address (row_no bigint, kind text, value text, match_key text, channel text, purpose text, reason text, since timestamptz, until timestamptz, is_dated boolean) ON COMMIT DROP;
    INSERT INTO pg_temp.load_address
    SELECT r.row_no, a.kind, a.value, contact_key(a.kind, a.value, country) AS match_key, r.channel, r.purpose, r.reason, least(coalesce(r.since, now()), now()) AS since, r.until, coalesce(r.since <= now(), false) AS is_dated
      FROM pg_temp.load_row r, LATERAL (VALUES ('email', r.email), ('phone', r.phone), ('postal', r.postal), ('messenger', r.messenger)) a (kind, value)
     WHERE r.problem IS NULL AND a.value IS NOT NULL;
    UPDATE pg_temp.load_row r SET problem = w.problem
      FROM (SELECT a.row_no, string_agg(format('%s "%s" cannot be read', a.kind, a.value), '; ' ORDER BY a.kind) AS problem FROM pg_temp.load_address a WHERE a.match_key IS NULL GROUP BY a.row_no) w
     WHERE w.row_no = r.row_no;
    loaded := 0;
    FOR batch IN
        SELECT array_agg(a.kind) AS kinds, array_agg(a.match_key) AS match_keys, array_agg(a.channel) AS channels, array_agg(a.purpose) AS purposes, array_agg(a.reason) AS reasons,
               array_agg(a.since) AS begins, array_agg(a.until) AS ends, array_agg(a.is_dated) AS dated, array_agg(a.row_no) AS rows
          FROM pg_temp.load_address a JOIN pg_temp.load_row r ON r.row_no = a.row_no AND r.problem IS NULL GROUP BY a.row_no / 20000 ORDER BY a.row_no / 20000
    LOOP
        loaded := loaded + load_write_suppressions(batch.rows, suppression_hashes(batch.kinds, batch.match_keys), batch.kinds, batch.channels, batch.purposes, batch.reasons,
                                                   batch.begins, batch.ends, batch.dated, staging::text);
    END LOOP;
    DROP TABLE pg_temp.load_address;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('suppressions', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_suppressions(regclass) IS 'puts the addresses of a staging table on the suppression list: reason, and email, phone, postal or messenger. Returns how many rows added an address, were there already, were rejected (see load_reject). A row that is there already and has a later day in since is written again, and so stands against a consent given in between. 42703 for wrong columns';
