-- may_contact() and contact_refusals() on random worlds: one by one equals all at once equals a slow
-- oracle, which reads the rules of doc/permission.md person by person, with suppressed addresses in
-- clear text and hours in minutes.
SET client_min_messages = warning;
SELECT dupex.install('rules_test') IS NOT NULL AS installed;
SET search_path = rules_test, dupex, public;
SET timezone = 'UTC';
UPDATE setting SET value = 'Europe/London' WHERE setting = 'time_zone';

-- 0 to sides - 1, the same in every run
CREATE FUNCTION pg_temp.dice(n bigint, salt int, sides int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN ((hashint8extended(n, salt) & 1073741823) % sides)::int;

-- the world
INSERT INTO region VALUES ('east', 'East', 'Asia/Shanghai'), ('west', 'West', 'America/New_York'), ('mid', 'Mid', NULL);
INSERT INTO campaign VALUES ('plain', 'Plain'), ('recall', 'Recall'), ('order', 'Order'), ('series', 'Series');
INSERT INTO campaign_contact VALUES ('recall', 'service', false), ('order', 'transactional', false), ('series', 'marketing', true);
INSERT INTO offer VALUES ('one', 'One'), ('two', 'Two'), ('three', 'Three');
INSERT INTO source (source_code, campaign, medium, offer, retired_on, is_hold_out) VALUES
    ('DA01018', 'plain', 'D', 'one', NULL, false), ('DB01018', 'plain', 'D', 'two', NULL, false), ('TA01018', 'plain', 'T', NULL, NULL, false), ('DH01018', 'plain', 'D', NULL, NULL, true),
    ('DA02018', 'recall', 'D', NULL, NULL, false), ('MA02018', 'recall', 'M', NULL, NULL, false), ('DA03018', 'order', 'D', NULL, NULL, false), ('XA03018', 'order', 'X', NULL, NULL, false),
    ('DA04018', 'series', 'D', 'one', NULL, false), ('DB04018', 'series', 'D', 'two', NULL, false), ('DC04018', 'series', 'D', 'three', '2026-03-10', false), ('TA04018', 'series', 'T', 'one', NULL, false),
    ('VA05018', NULL, 'V', NULL, NULL, false), ('KA05018', NULL, 'K', NULL, NULL, false), ('DA05018', NULL, 'D', NULL, NULL, false);
INSERT INTO customer (customer_id, name, kind, is_seed, region, preferred_channel)
SELECT n, 'customer ' || n, CASE WHEN pg_temp.dice(n, 1, 2) = 0 THEN 'external' ELSE 'internal' END, n % 20 = 7,
       (ARRAY['east', 'west', 'mid', NULL])[1 + pg_temp.dice(n, 2, 4)], (ARRAY['email', 'call', 'carrier pigeon', NULL, NULL, NULL])[1 + pg_temp.dice(n, 3, 6)]
  FROM generate_series(1, 60) n;
-- every second address is somebody else's, too; every third row was written by hand, without a hash
INSERT INTO contact_point (customer_id, kind, value, status, ended_on)
SELECT n, k, CASE k WHEN 'email' THEN format('Person.%s@Example.com', (n + i) / 2) WHEN 'phone' THEN '021 6100 ' || 1000 + (n + i) / 2 WHEN 'mobile' THEN '138 0000 ' || 1000 + (n + i) / 2
                    WHEN 'postal' THEN format('%s Long Street', (n + i) / 2) ELSE 'name' || n || i END || CASE WHEN pg_temp.dice(n * 10 + i, 5, 12) = 0 AND k IN ('phone', 'mobile') THEN '?unreadable' ELSE '' END,
       (ARRAY['unknown', 'valid', 'valid', 'bounced', 'refused'])[1 + pg_temp.dice(n * 10 + i, 6, 5)],
       (ARRAY[NULL, NULL, NULL, '2026-03-10', '2026-03-05']::date[])[1 + pg_temp.dice(n * 10 + i, 7, 5)]
  FROM generate_series(1, 60) n, unnest('{email,phone,mobile,postal,messenger}'::text[]) WITH ORDINALITY u (k, i), generate_series(1, 2) again
 WHERE pg_temp.dice(n * 10 + i, 4, 10) > 2 AND (again = 1 OR k = 'email' AND pg_temp.dice(n, 8, 3) = 0)
ON CONFLICT DO NOTHING;
INSERT INTO contact_point (customer_id, kind, value, status) SELECT n, 'email', format('second%s@example.com', n / 3), 'valid' FROM generate_series(1, 60, 4) n;
SELECT hash_contact_points() > 100 AS hashed;
UPDATE contact_point SET match_key = NULL, key_hash = NULL WHERE contact_point_id % 3 = 0;
INSERT INTO touch (customer_id, source_code, sent_at, is_seed)
SELECT n, (SELECT source_code FROM source WHERE source_code <> 'UNSOURCED' AND NOT is_hold_out ORDER BY source_code OFFSET pg_temp.dice(n * 20 + i, 9, 14) LIMIT 1),
       -- on the edges of the windows that end at the moments that are asked about
       timestamptz '2026-03-10 12:00+00' - make_interval(days => pg_temp.dice(n * 20 + i, 10, 9), hours => pg_temp.dice(n * 20 + i, 11, 2) * 12, secs => pg_temp.dice(n * 20 + i, 12, 3) - 1), n % 20 = 7
  FROM generate_series(1, 60) n, generate_series(1, 5) i WHERE pg_temp.dice(n * 20 + i, 13, 3) > 0;
INSERT INTO hold_out (customer_id, source_code, held_out_at) SELECT n, 'DH01018', '2026-03-01' FROM generate_series(1, 60) n WHERE pg_temp.dice(n, 14, 10) = 0;
INSERT INTO lead (customer_id, opened_at, status) SELECT n, timestamptz '2026-01-01' + make_interval(days => pg_temp.dice(n * 3 + i, 15, 3)), (ARRAY['open', 'defeated', 'won'])[1 + pg_temp.dice(n * 3 + i, 16, 3)]
  FROM generate_series(1, 60) n, generate_series(1, 2) i WHERE pg_temp.dice(n, 17, 3) = 0;
INSERT INTO two_strikes (customer_id, since, touches, first_touched_at, last_touched_at)
SELECT n, timestamptz '2026-03-10 12:00+00' - make_interval(days => pg_temp.dice(n, 18, 3) - 1), 2, '2026-01-01', '2026-03-01' FROM generate_series(1, 60) n WHERE pg_temp.dice(n, 19, 8) = 0;
-- some are on lists that are retired, some of these on another one, too, or were
INSERT INTO list (list, name, kind, status, retired_on) VALUES ('71', 'worn out', 'external', 'retired', '2026-03-09'), ('72', 'worn out later', 'external', 'retired', '2026-03-10'), ('73', 'in use', 'external', 'active', NULL);
INSERT INTO list_member (customer_id, list, left_on) SELECT n, l, (ARRAY[NULL, NULL, '2026-03-09', '2026-03-10']::date[])[1 + pg_temp.dice(n * 10 + i, 81, 4)]
  FROM generate_series(1, 60) n, unnest('{71,72,73}'::text[]) WITH ORDINALITY u (l, i) WHERE pg_temp.dice(n * 10 + i, 80, 3) = 0;

INSERT INTO person_erasure (erased_id, erased_at) SELECT n, '2026-03-09' FROM generate_series(1, 60) n WHERE pg_temp.dice(n, 80, 25) = 0;

-- the moments, and in each some more events and other rules
CREATE TEMP TABLE clear_suppression (family text, match_key text, channel text, purpose text, is_lifted boolean, since timestamptz, until timestamptz);
CREATE FUNCTION pg_temp.turn_the_world(round int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    i int;
    d bigint;
BEGIN
    DELETE FROM contact_rule; DELETE FROM customer_contact_rule; DELETE FROM quiet_hours; DELETE FROM consent_rule; DELETE FROM contact_stop;
    FOR i IN 1..3 LOOP
        d := round * 100 + i;
        INSERT INTO contact_rule (channel, rule, within, pieces)
        VALUES ((ARRAY['email', 'email', 'call', 'call', NULL])[1 + pg_temp.dice(d, 20, 5)], (ARRAY['cap', 'cap', 'cap', 'distance'])[1 + pg_temp.dice(d, 21, 4)],
                (ARRAY['1 day', '3 days', '7 days', '7 days', '0']::interval[])[1 + pg_temp.dice(d, 22, 5)], (ARRAY[1, 1, 2, 2, 0, NULL])[1 + pg_temp.dice(d, 23, 6)]) ON CONFLICT DO NOTHING;
        INSERT INTO quiet_hours (channel, region, starts, ends, weekdays, starts_on, ends_on)
        SELECT (ARRAY['email', 'call', 'sms', NULL])[1 + pg_temp.dice(d, 24, 4)], (ARRAY['east', 'west', 'mid', NULL])[1 + pg_temp.dice(d, 25, 4)],
               (ARRAY['21:00', '12:00', '08:00', '00:00'])[1 + pg_temp.dice(d, 26, 4)], (ARRAY['08:00', '12:00', '20:00', '00:00'])[1 + pg_temp.dice(d, 27, 4)],
               NULL, (ARRAY['2026-03-10', NULL, NULL]::date[])[1 + pg_temp.dice(d, 29, 3)], (ARRAY['2026-03-10', NULL, NULL]::date[])[1 + pg_temp.dice(d, 30, 3)]
         WHERE pg_temp.dice(d, 31, 3) = 0;
        UPDATE quiet_hours SET weekdays = CASE pg_temp.dice(d, 32, 3) WHEN 0 THEN '{1,2}'::smallint[] WHEN 1 THEN '{3,4,5,6,7}' END WHERE quiet_hours_id = (SELECT max(quiet_hours_id) FROM quiet_hours);
        INSERT INTO consent_rule (purpose, channel, region, is_needed)
        SELECT (ARRAY['marketing', 'service', 'transactional'])[1 + pg_temp.dice(d, 33, 3)], (ARRAY['email', 'sms', NULL])[1 + pg_temp.dice(d, 34, 3)], (ARRAY['east', 'west', NULL, NULL])[1 + pg_temp.dice(d, 35, 4)], pg_temp.dice(d, 36, 2) = 0
         WHERE pg_temp.dice(d, 37, 4) = 0 ON CONFLICT DO NOTHING;
    END LOOP;
    INSERT INTO customer_contact_rule (customer_id, channel, rule, within, pieces)
    SELECT n, (ARRAY['email', 'call', 'sms', NULL])[1 + pg_temp.dice(round * 100 + n, 38, 4)], (ARRAY['cap', 'distance'])[1 + pg_temp.dice(round * 100 + n, 39, 2)], (ARRAY['2 days', '7 days', '0']::interval[])[1 + pg_temp.dice(round * 100 + n, 40, 3)],
           (ARRAY[1, 2, 0, NULL])[1 + pg_temp.dice(round * 100 + n, 41, 4)] FROM generate_series(1, 60) n WHERE pg_temp.dice(round * 100 + n, 42, 6) = 0;
    INSERT INTO contact_stop (customer_id, refusal, channel, starts_at, ends_at)
    SELECT n, (ARRAY['paused', 'never_contact', 'never_contact'])[1 + pg_temp.dice(round * 100 + n, 43, 3)], (ARRAY['email', NULL])[1 + pg_temp.dice(round * 100 + n, 44, 2)],
           timestamptz '2026-03-08 12:00+00' + make_interval(days => pg_temp.dice(round * 100 + n, 45, 3)), (ARRAY['2026-03-10 12:00+00', '2026-03-11', NULL]::timestamptz[])[1 + pg_temp.dice(round * 100 + n, 46, 3)]
      FROM generate_series(1, 60) n WHERE pg_temp.dice(round * 100 + n, 47, 6) = 0;
    UPDATE setting SET value = (ARRAY['yes', 'no'])[1 + pg_temp.dice(round, 48, 2)] WHERE setting = 'only_preferred_channel';
    UPDATE setting SET value = (ARRAY['', 'call', 'call, email'])[1 + pg_temp.dice(round, 49, 3)] WHERE setting = 'defeated_channels';
    -- facts only come on top
    INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, evidence, happened_at)
    SELECT n, (ARRAY['email', 'call', NULL])[1 + pg_temp.dice(round * 100 + n, 50, 3)], (ARRAY['marketing', 'service', 'transactional', NULL])[1 + pg_temp.dice(round * 100 + n, 51, 4)],
           (ARRAY['granted', 'granted', 'granted', 'refused'])[1 + pg_temp.dice(round * 100 + n, 52, 4)], (ARRAY['person', 'person', 'import', 'staff'])[1 + pg_temp.dice(round * 100 + n, 53, 4)],
           (ARRAY['form 7', 'form 8', NULL])[1 + pg_temp.dice(round * 100 + n, 54, 3)], timestamptz '2026-03-06 12:00+00' + make_interval(days => pg_temp.dice(round * 100 + n, 55, 5))
      FROM generate_series(1, 60) n WHERE pg_temp.dice(round * 100 + n, 56, 12) = 0;
    WITH chosen AS (
        SELECT p.kind, contact_match_key(p.kind, p.value) AS match_key, p.customer_id * 10 + round AS n FROM contact_point p WHERE pg_temp.dice(p.contact_point_id * 100 + round, 57, 60) = 0
    ), noted AS (
        INSERT INTO clear_suppression
        SELECT CASE kind WHEN 'mobile' THEN 'phone' ELSE kind END, match_key, (ARRAY['email', 'call', NULL])[1 + pg_temp.dice(n, 58, 3)], (ARRAY['marketing', 'transactional', NULL, NULL])[1 + pg_temp.dice(n, 59, 4)],
               pg_temp.dice(n, 60, 4) = 0, timestamptz '2026-03-06 12:00+00' + make_interval(days => pg_temp.dice(n, 61, 5)), CASE WHEN pg_temp.dice(n, 60, 4) = 1 THEN timestamptz '2026-03-09 12:00+00' + make_interval(days => pg_temp.dice(n, 62, 3)) END
          FROM chosen WHERE match_key IS NOT NULL RETURNING *)
    INSERT INTO suppression (key_hash, address_kind, channel, purpose, is_lifted, reason, since, until)
    SELECT suppression_hash(family, match_key), family, channel, purpose, is_lifted, 'test', since, until FROM noted;
END $$;

CREATE FUNCTION pg_temp.oracle(person bigint, way text, moment timestamptz, effort text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    c       customer;
    a       contact_point;
    x       record;
    r       record;
    aim     text := coalesce((SELECT m.purpose FROM campaign_contact m WHERE m.campaign = effort), 'marketing');
    exempt  boolean := aim = 'transactional';
    kinds   text[] := (SELECT k.address_kinds FROM contact_channel k WHERE k.channel = way);
    needed  boolean := false;
    weight  int := -1;
    refused timestamptz;
    lifted  timestamptz;
    said    boolean := false;
    good    boolean := false;
    dead    boolean := false;
    has_own boolean;
    pieces  int;
    minute  int;
    key     text;
    here    timestamp;
    had     text[];
    reasons text[] := '{}';
BEGIN
    SELECT * INTO c FROM customer WHERE customer_id = person;
    IF c.customer_id IS NULL OR c.customer_id = 0 THEN RETURN 'unknown_customer'; END IF;
    IF person IN (SELECT erased_id FROM person_erasure) THEN RETURN 'erased'; END IF;
    FOR a IN SELECT * FROM contact_point p WHERE p.customer_id = person LOOP
        refused := NULL; lifted := NULL; key := contact_match_key(a.kind, a.value);
        FOR x IN SELECT * FROM clear_suppression s WHERE s.family = CASE a.kind WHEN 'mobile' THEN 'phone' ELSE a.kind END AND s.match_key = key LOOP
            CONTINUE WHEN x.channel <> way OR x.purpose <> aim OR x.purpose IS NULL AND exempt OR x.since > moment OR x.until <= moment;
            IF x.is_lifted THEN lifted := greatest(lifted, x.since); ELSE refused := greatest(refused, x.since); END IF;
        END LOOP;
        IF refused IS NOT NULL AND (lifted IS NULL OR lifted <= refused) THEN RETURN 'suppressed'; END IF;
        IF a.kind = ANY (kinds) AND NOT coalesce(a.ended_on <= (moment AT TIME ZONE 'Europe/London')::date, false) AND key IS NOT NULL THEN
            IF a.status IN ('unknown', 'valid') THEN good := true; ELSIF a.status = 'bounced' THEN dead := true; END IF;
        END IF;
    END LOOP;
    refused := NULL; lifted := NULL;
    FOR x IN SELECT * FROM consent_event e WHERE e.customer_id = person AND e.happened_at <= moment LOOP
        CONTINUE WHEN x.channel <> way OR x.purpose <> aim OR x.purpose IS NULL AND exempt;
        IF x.status = 'refused' THEN refused := greatest(refused, x.happened_at);
        ELSE
            said := true;
            IF x.given_by = 'person' AND x.evidence IS NOT NULL THEN lifted := greatest(lifted, x.happened_at); END IF;
        END IF;
    END LOOP;
    IF refused IS NOT NULL AND (lifted IS NULL OR lifted <= refused) THEN RETURN 'opted_out'; END IF;
    FOR r IN SELECT * FROM consent_rule WHERE purpose = aim LOOP
        CONTINUE WHEN r.channel <> way OR r.region IS NOT NULL AND (c.region IS NULL OR c.region <> r.region);
        IF (r.region IS NOT NULL)::int * 2 + (r.channel IS NOT NULL)::int > weight THEN
            weight := (r.region IS NOT NULL)::int * 2 + (r.channel IS NOT NULL)::int;
            needed := r.is_needed;
        END IF;
    END LOOP;
    IF needed AND NOT said THEN RETURN 'no_consent'; END IF;
    IF kinds <> '{}' AND NOT good THEN RETURN CASE WHEN dead THEN 'bounced' ELSE 'no_address' END; END IF;
    IF NOT exempt AND NOT c.is_seed THEN
        FOR r IN SELECT NULL::bigint AS owner, d.channel, d.rule, d.within, d.pieces FROM contact_rule d UNION ALL SELECT o.customer_id, o.channel, o.rule, o.within, o.pieces FROM customer_contact_rule o WHERE o.customer_id = person LOOP
            SELECT count(*) > 0 INTO has_own FROM customer_contact_rule o WHERE o.customer_id = person AND o.rule = r.rule AND o.channel IS NOT DISTINCT FROM r.channel;
            CONTINUE WHEN r.owner IS NULL AND has_own OR r.channel <> way OR r.within = '0' OR r.rule = 'cap' AND coalesce(r.pieces, 0) = 0;
            pieces := 0;
            FOR x IN SELECT t.sent_at, s.campaign, (SELECT h.channel FROM channel_medium h WHERE h.medium = s.medium) AS sent_by FROM touch t JOIN source s USING (source_code) WHERE t.customer_id = person LOOP
                IF x.campaign IS DISTINCT FROM 'order' AND (r.channel IS NULL OR x.sent_by = r.channel) AND x.sent_at <= moment AND moment - x.sent_at < r.within THEN pieces := pieces + 1; END IF;
            END LOOP;
            IF pieces >= (CASE r.rule WHEN 'cap' THEN r.pieces ELSE 1 END) THEN
                reasons := reasons || CASE WHEN r.rule = 'distance' THEN '72 too_soon' WHEN r.channel IS NULL THEN '71 total_cap' ELSE '70 channel_cap' END;
            END IF;
        END LOOP;
        SELECT array_agg(DISTINCT coalesce(s.offer, 'none')) INTO had FROM touch t JOIN source s USING (source_code) JOIN channel_medium h USING (medium) WHERE t.customer_id = person AND s.campaign = effort AND h.channel = way;
        IF had IS NOT NULL THEN
            IF effort <> 'series' THEN reasons := reasons || '80 same_piece'::text;
            ELSIF way = 'email' AND had @> '{one,two}' AND (had @> '{three}' OR (moment AT TIME ZONE 'Europe/London')::date >= '2026-03-10') THEN reasons := reasons || '80 same_piece'::text;
            ELSIF way = 'call' THEN reasons := reasons || '80 same_piece'::text;
            END IF;
        END IF;
        IF effort = 'plain' AND EXISTS (SELECT FROM hold_out h WHERE h.customer_id = person) THEN reasons := reasons || '81 held_out'::text; END IF;
        here := moment AT TIME ZONE CASE c.region WHEN 'east' THEN 'Asia/Shanghai' WHEN 'west' THEN 'America/New_York' ELSE 'Europe/London' END;
        minute := extract(hour FROM here) * 60 + extract(minute FROM here);
        FOR r IN SELECT q.*, left(q.starts, 2)::int * 60 + right(q.starts, 2)::int AS first, left(q.ends, 2)::int * 60 + right(q.ends, 2)::int AS past FROM quiet_hours q LOOP
            CONTINUE WHEN r.channel <> way OR r.region IS NOT NULL AND (c.region IS NULL OR c.region <> r.region) OR NOT extract(isodow FROM here) = ANY (r.weekdays) OR here::date < r.starts_on OR here::date > r.ends_on;
            IF (minute - r.first + 1440) % 1440 < (CASE WHEN r.past = r.first THEN 1440 ELSE (r.past - r.first + 1440) % 1440 END) THEN reasons := reasons || '82 quiet_hours'::text; END IF;
        END LOOP;
        IF c.kind = 'external' AND EXISTS (SELECT FROM two_strikes k WHERE k.customer_id = person AND k.since <= moment) THEN reasons := reasons || '83 two_strikes'::text; END IF;
        IF c.preferred_channel IN ('email', 'call') AND c.preferred_channel <> way AND (SELECT value FROM setting WHERE setting = 'only_preferred_channel') = 'yes' THEN reasons := reasons || '85 not_preferred'::text; END IF;
        IF (SELECT value FROM setting WHERE setting = 'defeated_channels') LIKE '%' || way || '%'
           AND 'defeated' = (SELECT array_agg(l.status ORDER BY l.opened_at, l.lead_id) FROM lead l WHERE l.customer_id = person)[(SELECT count(*) FROM lead l WHERE l.customer_id = person)] THEN reasons := reasons || '86 defeated'::text; END IF;
        IF c.kind = 'external' AND (SELECT count(*) > 0 AND count(*) = count(*) FILTER (WHERE m.list = '71' AND (moment AT TIME ZONE 'Europe/London')::date >= '2026-03-09' OR m.list = '72' AND (moment AT TIME ZONE 'Europe/London')::date >= '2026-03-10')
                                      FROM list_member m WHERE m.customer_id = person AND (m.left_on IS NULL OR m.left_on > (moment AT TIME ZONE 'Europe/London')::date)) THEN reasons := reasons || '87 retired_list'::text; END IF;
    END IF;
    FOR x IN SELECT * FROM contact_stop s WHERE s.customer_id = person LOOP
        IF coalesce(x.channel, way) = way AND x.starts_at <= moment AND coalesce(x.ends_at, 'infinity') > moment AND (x.refusal = 'never_contact' OR NOT exempt AND NOT c.is_seed) THEN
            reasons := reasons || CASE x.refusal WHEN 'paused' THEN '84 paused' ELSE '90 never_contact' END;
        END IF;
    END LOOP;
    RETURN (SELECT substr(min(u), 4) FROM unnest(reasons) u);
END $$;

CREATE TEMP TABLE verdict (round int, way text, moment timestamptz, effort text, person bigint, oracle text, single text, bulk text, of_few text);
DO $$
DECLARE
    round  int;
    way    text;
    moment timestamptz;
    effort text;
    few    bigint[];
BEGIN
    FOR round IN 1..16 LOOP
        PERFORM pg_temp.turn_the_world(round);
        way := (ARRAY['email', 'email', 'email', 'call', 'call', 'sms', 'mail', 'visit'])[1 + pg_temp.dice(round, 70, 8)];
        effort := (ARRAY['plain', 'recall', 'order', 'series', 'series', NULL])[1 + pg_temp.dice(round, 71, 6)];
        moment := (ARRAY['2026-03-10 12:00+00', '2026-03-09 12:00+00', '2026-03-10 00:00+00', '2026-03-09 23:59:59+00'])[1 + pg_temp.dice(round, 72, 4)];
        few := ARRAY(SELECT n FROM generate_series(0, 61) n WHERE pg_temp.dice(n, 73 + round, 3) = 0);
        INSERT INTO verdict
        SELECT round, way, moment, effort, n, pg_temp.oracle(n, way, moment, effort), (may_contact(n, way, moment, effort)).reason, f.reason, CASE WHEN n = ANY (few) THEN coalesce(g.reason, '') END
          FROM generate_series(0, 61) n LEFT JOIN contact_refusals(way, moment, effort) f ON f.customer_id = n LEFT JOIN contact_refusals(way, moment, effort, few) g ON g.customer_id = n;
    END LOOP;
END $$;
-- nobody is judged differently; whoever is no customer is in no answer about all
SELECT * FROM verdict WHERE oracle IS DISTINCT FROM single LIMIT 5;
SELECT * FROM verdict WHERE bulk IS DISTINCT FROM CASE WHEN person BETWEEN 1 AND 60 THEN single END LIMIT 5;
SELECT * FROM verdict WHERE of_few <> coalesce(single, '') LIMIT 5;
-- and there was something to judge: every reason is met
SELECT f.refusal_no, f.refusal, count(v.oracle) > 0 AS is_met FROM contact_refusal f LEFT JOIN verdict v ON v.oracle = f.refusal GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) FILTER (WHERE oracle IS NULL) > 200 AS permitted FROM verdict;
-- no customer twice
SELECT count(*) AS twice FROM (SELECT customer_id FROM contact_refusals('email', '2026-03-10 12:00+00', 'series') GROUP BY 1 HAVING count(*) > 1) t;

SELECT uninstall('rules_test', drop_data => true) IS NOT NULL AS gone;
