-- What permission leaves of the people one has: counts of a night, pressure on each person, the list.

-- Readers have no right on functions, so the night counts, and the view shows what it counted.
CREATE OR REPLACE FUNCTION refresh_permission(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '64MB' SET jit = off SET datestyle = 'ISO' AS
$$
DECLARE
    day   date := (coalesce(refresh_permission.as_of, now()) AT TIME ZONE setting_value('time_zone'))::date;
    noon  timestamptz := (day + time '12:00') AT TIME ZONE setting_value('time_zone');     -- not a quiet hour of the night
    item  record;
    done  bigint := 0;
    added bigint;
BEGIN
    IF NOT isfinite(refresh_permission.as_of) THEN
        RAISE EXCEPTION 'permission cannot be counted as of %', refresh_permission.as_of USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a time, or leave it out for now.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('dupex refresh permission', 'permission_count'::regclass::oid::bigint));      -- one at a time
    PERFORM hash_contact_points();
    DELETE FROM permission_count c WHERE c.date_day = day;
    FOR item IN SELECT c.channel, c.address_kinds, u.purpose, u.is_exempt FROM contact_channel c CROSS JOIN contact_purpose u
                 WHERE u.purpose = 'marketing' OR EXISTS (SELECT FROM campaign_contact g WHERE g.purpose = u.purpose) OR EXISTS (SELECT FROM consent_rule n WHERE n.purpose = u.purpose)
                 ORDER BY c.channel, u.purpose LOOP
        EXECUTE format($sql$
            INSERT INTO permission_count (date_day, channel, purpose, refusal, people)
            SELECT %L, %L, %L, coalesce(r.refusal, 'permitted'), count(*)
              FROM customer c LEFT JOIN (%s) r ON r.customer_id = c.customer_id
             WHERE c.customer_id <> 0 AND NOT c.is_seed GROUP BY coalesce(r.refusal, 'permitted')$sql$,
            day, item.channel, item.purpose,
            contact_refusals_sql(item.channel, noon, NULL, item.purpose, item.is_exempt, false, item.address_kinds, ''));
        GET DIAGNOSTICS added = ROW_COUNT;
        done := done + added;
    END LOOP;
    RETURN done;
END
$$;
COMMENT ON FUNCTION refresh_permission(timestamptz) IS 'counts for noon of the day of as_of how many people may be contacted through each channel, for marketing and each purpose that a campaign or a rule of consent has, and why the others may not (table permission_count, view permission_overview); hashes addresses that were written by hand first. Returns the number of rows; running it again counts again. A step of run_daily()';

CREATE OR REPLACE VIEW permission_overview AS
SELECT c.date_day, c.channel, h.name AS channel_name, c.purpose, c.refusal,
       coalesce(f.sentence, 'The person may be contacted.') AS sentence, c.refusal = 'permitted' AS is_permitted, c.people,
       (sum(c.people) OVER same)::bigint AS all_people,
       coalesce((sum(c.people) FILTER (WHERE c.refusal NOT IN ('no_address', 'bounced')) OVER same)::bigint, 0) AS reachable_people,
       (c.people / (sum(c.people) OVER same))::numeric(6,4) AS share_of_people
  FROM permission_count c
  JOIN contact_channel h ON h.channel = c.channel
  LEFT JOIN contact_refusal f ON f.refusal = c.refusal
WINDOW same AS (PARTITION BY c.date_day, c.channel, c.purpose);
COMMENT ON VIEW permission_overview IS 'how many people may be contacted, and why the others may not, by day, channel and purpose: one row per reason, one of them permitted. Seed names are left out; take one date_day, the last for how it stands now';
COMMENT ON COLUMN permission_overview.date_day IS 'the day on which it was counted';
COMMENT ON COLUMN permission_overview.channel IS 'the channel';
COMMENT ON COLUMN permission_overview.channel_name IS 'its name';
COMMENT ON COLUMN permission_overview.purpose IS 'the purpose';
COMMENT ON COLUMN permission_overview.refusal IS 'the first reason against it; permitted: there is none';
COMMENT ON COLUMN permission_overview.sentence IS 'the reason in words';
COMMENT ON COLUMN permission_overview.is_permitted IS 'these people may be contacted';
COMMENT ON COLUMN permission_overview.people IS 'people with this reason';
COMMENT ON COLUMN permission_overview.all_people IS 'all people, the same in each row of a day, channel and purpose: do not add it up';
COMMENT ON COLUMN permission_overview.reachable_people IS 'of these, people without the reasons no_address and bounced, likewise: those of whom an earlier reason is told count as reachable';
COMMENT ON COLUMN permission_overview.share_of_people IS 'people as a share of all people, 0 to 1';

CREATE OR REPLACE VIEW contact_pressure AS
WITH zone AS (
    SELECT z.value AS time_zone FROM setting z WHERE z.setting = 'time_zone'
), piece AS (
    SELECT t.customer_id, t.sent_at, m.channel
      FROM touch t JOIN source s ON s.source_code = t.source_code
      JOIN channel_medium m ON m.medium = s.medium
      LEFT JOIN campaign_contact g ON g.campaign = s.campaign
      LEFT JOIN contact_purpose u ON u.purpose = g.purpose
     WHERE u.is_exempt IS NOT TRUE AND t.customer_id <> 0 AND NOT t.is_seed AND t.sent_at <= now()
       AND t.sent_at > now() - interval '1 day' - greatest(interval '90 days', (SELECT max(d.within) FROM contact_rule d), (SELECT max(o.within) FROM customer_contact_rule o))
), counted AS (
    SELECT p.customer_id, p.channel, count(*) FILTER (WHERE p.sent_at > now() - interval '7 days') AS pieces_7_days,
           count(*) FILTER (WHERE p.sent_at > now() - interval '30 days') AS pieces_30_days,
           count(*) FILTER (WHERE p.sent_at > now() - interval '90 days') AS pieces_90_days, max(p.sent_at) AS last_sent_at
      FROM piece p GROUP BY p.customer_id, p.channel
), used AS (
    SELECT p.customer_id, p.channel, d.within, d.pieces AS cap, count(*) AS pieces
      FROM piece p CROSS JOIN zone z JOIN contact_rule d ON d.channel = p.channel AND d.rule = 'cap' AND d.pieces > 0 AND d.within > interval '0'
       AND p.sent_at > (now() AT TIME ZONE z.time_zone - d.within) AT TIME ZONE z.time_zone
     WHERE NOT EXISTS (SELECT FROM customer_contact_rule o WHERE o.customer_id = p.customer_id AND o.channel = p.channel AND o.rule = 'cap')
     GROUP BY p.customer_id, p.channel, d.within, d.pieces
    UNION ALL
    SELECT p.customer_id, p.channel, o.within, o.pieces, count(*)
      FROM piece p CROSS JOIN zone z JOIN customer_contact_rule o ON o.customer_id = p.customer_id AND o.channel = p.channel AND o.rule = 'cap' AND o.pieces > 0 AND o.within > interval '0'
       AND p.sent_at > (now() AT TIME ZONE z.time_zone - o.within) AT TIME ZONE z.time_zone
     GROUP BY p.customer_id, p.channel, o.within, o.pieces
), fullest AS (
    SELECT DISTINCT ON (u.customer_id, u.channel) u.customer_id, u.channel, u.within, u.cap, u.pieces
      FROM used u ORDER BY u.customer_id, u.channel, u.pieces::float8 / u.cap DESC, u.within
)
SELECT c.customer_id, c.channel, c.pieces_7_days, c.pieces_30_days, c.pieces_90_days, c.last_sent_at,
       f.cap AS cap_pieces, (extract(epoch FROM f.within) / 86400)::numeric(9,2) AS cap_days, f.pieces AS pieces_in_cap,
       (f.pieces::numeric / f.cap)::numeric(9,4) AS cap_share, coalesce(f.pieces >= f.cap, false) AS is_cap_reached
  FROM counted c LEFT JOIN fullest f ON f.customer_id = c.customer_id AND f.channel = c.channel;
COMMENT ON VIEW contact_pressure IS 'pieces that each person has had lately, one row per customer and channel, as of now; people who had none in 90 days (or in the longest window of a cap) are not in it. Exempt purposes do not count';
COMMENT ON COLUMN contact_pressure.customer_id IS 'the customer';
COMMENT ON COLUMN contact_pressure.channel IS 'the channel';
COMMENT ON COLUMN contact_pressure.pieces_7_days IS 'pieces in the last 7 days';
COMMENT ON COLUMN contact_pressure.pieces_30_days IS 'pieces in the last 30 days';
COMMENT ON COLUMN contact_pressure.pieces_90_days IS 'pieces in the last 90 days';
COMMENT ON COLUMN contact_pressure.last_sent_at IS 'when the last one was sent';
COMMENT ON COLUMN contact_pressure.cap_pieces IS 'pieces that the cap allows: his own or that of everybody, of several the fullest; NULL when there is none, or none of its window';
COMMENT ON COLUMN contact_pressure.cap_days IS 'days of the window of that cap';
COMMENT ON COLUMN contact_pressure.pieces_in_cap IS 'pieces in that window';
COMMENT ON COLUMN contact_pressure.cap_share IS 'pieces in the window divided by those the cap allows: may be over 1 where the cap was lowered or not asked';
COMMENT ON COLUMN contact_pressure.is_cap_reached IS 'the cap allows no further piece';

CREATE OR REPLACE VIEW suppression_overview AS
SELECT s.address_kind, coalesce(s.channel, 'all') AS channel, coalesce(s.purpose, 'all') AS purpose, s.reason, date_trunc('month', s.since AT TIME ZONE z.value)::date AS date_month,
       count(*) AS records, count(DISTINCT s.key_hash) AS addresses, count(*) FILTER (WHERE s.until <= now()) AS ended
  FROM suppression s JOIN setting z ON z.setting = 'time_zone'
 WHERE NOT s.is_lifted
 GROUP BY s.address_kind, coalesce(s.channel, 'all'), coalesce(s.purpose, 'all'), s.reason, date_trunc('month', s.since AT TIME ZONE z.value)::date;
COMMENT ON VIEW suppression_overview IS 'the suppression list by month, kind of address, channel, purpose and reason: where opt-outs come from';
COMMENT ON COLUMN suppression_overview.address_kind IS 'email, phone, postal or messenger';
COMMENT ON COLUMN suppression_overview.channel IS 'the channel that is stopped; all: every one';
COMMENT ON COLUMN suppression_overview.purpose IS 'the purpose that is stopped; all: every one that is not exempt';
COMMENT ON COLUMN suppression_overview.reason IS 'why';
COMMENT ON COLUMN suppression_overview.date_month IS 'month from which it holds';
COMMENT ON COLUMN suppression_overview.records IS 'rows of the list';
COMMENT ON COLUMN suppression_overview.addresses IS 'different addresses among them';
COMMENT ON COLUMN suppression_overview.ended IS 'rows that held until a time that is past';
