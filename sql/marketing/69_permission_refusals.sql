-- contact_refusals(): everybody who may not be contacted, each with the first reason.
--
-- The same rules as may_contact(), each as one query over all people that gives a person and the
-- number of a reason (contact_refusal.refusal_no); the least number of a person is his reason. A rule
-- that has no rows leaves its query out. What is asked is written into the text, so that the plan is
-- made for it; only the array of customers, where there is one, is a parameter. Times are written and read
-- as ISO has them: other styles name the time zone by letters, and CST of Shanghai is read as that of Chicago.

-- Who has had how many pieces: one pass over the touches of the longest window, counted for each rule
-- that holds for whoever has none of his own, and one for those who have.
CREATE OR REPLACE FUNCTION pressure_refusals_sql(channel text, at timestamptz, mine text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    zone     text := setting_value('time_zone');
    counted  text := 'SELECT s.source_code, m.channel FROM source s LEFT JOIN channel_medium m ON m.medium = s.medium
                        LEFT JOIN campaign_contact g ON g.campaign = s.campaign LEFT JOIN contact_purpose u ON u.purpose = g.purpose WHERE u.is_exempt IS NOT TRUE';
    counts   text;
    reached  text;
    since_at timestamptz;
    result   text := '';
BEGIN
    SELECT string_agg(format('count(*) FILTER (WHERE t.sent_at > %L%s) AS n%s', w.starts_at, CASE WHEN w.channel IS NOT NULL THEN format(' AND s.channel = %L', w.channel) ELSE '' END, w.n), ', ' ORDER BY w.n),
           string_agg(format('CASE WHEN c.n%s >= %s AND NOT EXISTS (SELECT FROM customer_contact_rule o WHERE o.customer_id = c.customer_id AND o.rule = %L AND %s) THEN %s END',
                             w.n, w.pieces, w.rule, CASE WHEN w.channel IS NULL THEN 'o.channel IS NULL' ELSE format('o.channel = %L', w.channel) END,
                             CASE WHEN w.rule = 'distance' THEN 72 WHEN w.channel IS NULL THEN 71 ELSE 70 END), ', ' ORDER BY w.n),
           min(w.starts_at)
      INTO counts, reached, since_at
      FROM (SELECT d.channel, d.rule, CASE d.rule WHEN 'distance' THEN 1 ELSE d.pieces END AS pieces, row_number() OVER (ORDER BY d.contact_rule_id) AS n,
                   (pressure_refusals_sql.at AT TIME ZONE zone - d.within) AT TIME ZONE zone AS starts_at
              FROM contact_rule d
             WHERE (d.channel = pressure_refusals_sql.channel OR d.channel IS NULL) AND d.within > interval '0' AND (d.rule = 'distance' OR d.pieces > 0)) w;
    IF counts IS NOT NULL THEN
        result := format($sql$
    UNION ALL
    SELECT r.customer_id, r.refusal_no FROM (
        SELECT c.customer_id, least(%s) AS refusal_no
          FROM (SELECT t.customer_id, %s FROM touch t JOIN (%s) s ON s.source_code = t.source_code
                 WHERE t.sent_at > %L AND t.sent_at <= %L%s GROUP BY t.customer_id) c) r WHERE r.refusal_no IS NOT NULL$sql$,
            reached, counts, counted, since_at, pressure_refusals_sql.at, replace(mine, '#', 't.customer_id'));
    END IF;
    IF EXISTS (SELECT FROM customer_contact_rule) THEN
        result := result || format($sql$
    UNION ALL
    SELECT o.customer_id, CASE WHEN o.rule = 'distance' THEN 72 WHEN o.channel IS NULL THEN 71 ELSE 70 END
      FROM customer_contact_rule o
      JOIN touch t ON t.customer_id = o.customer_id AND t.sent_at > (timestamptz %1$L AT TIME ZONE %2$L - o.within) AT TIME ZONE %2$L AND t.sent_at <= %1$L
      JOIN (%3$s) s ON s.source_code = t.source_code AND (s.channel = o.channel OR o.channel IS NULL)
     WHERE (o.channel = %4$L OR o.channel IS NULL) AND o.within > interval '0' AND (o.rule = 'distance' OR o.pieces > 0)%5$s
     GROUP BY o.customer_id, o.customer_contact_rule_id
    HAVING count(*) >= CASE o.rule WHEN 'distance' THEN 1 ELSE o.pieces END$sql$,
            pressure_refusals_sql.at, zone, counted, pressure_refusals_sql.channel, replace(mine, '#', 'o.customer_id'));
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION pressure_refusals_sql(text, timestamptz, text) IS 'the queries of the caps and distances of contact_refusals(), each after UNION ALL; mine: the condition on the customers, # for the column. A part of contact_refusals()';

-- What was refused and suppressed, and who cannot be reached: rules that hold for every purpose.
CREATE OR REPLACE FUNCTION standing_refusals_sql(channel text, at timestamptz, purpose text, is_exempt boolean, address_kinds text[], mine text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    named    text := format('(%%1$s.channel = %L OR %%1$s.channel IS NULL) AND (%%1$s.purpose = %L%s)', replace(standing_refusals_sql.channel, '%', '%%'), replace(standing_refusals_sql.purpose, '%', '%%'),
                            CASE WHEN is_exempt THEN '' ELSE ' OR %1$s.purpose IS NULL' END);
    hashes   text := format($sql$
        SELECT s.key_hash FROM suppression s WHERE %s AND s.since <= %L AND (s.until > %2$L OR s.until IS NULL)
         GROUP BY s.key_hash HAVING max(s.since) FILTER (WHERE NOT s.is_lifted) >= coalesce(max(s.since) FILTER (WHERE s.is_lifted), '-infinity')$sql$, format(named, 's'), standing_refusals_sql.at);
    day      date := (standing_refusals_sql.at AT TIME ZONE setting_value('time_zone'))::date;
    -- addresses of the channel that are in use and can be read
    point    text := format('p.kind = ANY (%L) AND (p.ended_on > %L OR p.ended_on IS NULL) AND CASE WHEN p.key_hash IS NULL THEN contact_key(p.kind, p.value, %L) IS NOT NULL ELSE p.key_hash <> %L END',
                            address_kinds, day, setting_value('country'), '');
    needing  text[] := ARRAY(SELECT r.region FROM region r WHERE consent_is_needed(standing_refusals_sql.purpose, standing_refusals_sql.channel, r.region));
    in_needing text := concat_ws(' OR ', CASE WHEN needing <> '{}' THEN format('c.region = ANY (%L)', needing) END,
                                 CASE WHEN consent_is_needed(standing_refusals_sql.purpose, standing_refusals_sql.channel, NULL) THEN 'c.region IS NULL' END);
    result   text;
BEGIN
    result := format($sql$
    SELECT p.customer_id, 30 AS refusal_no FROM contact_point p JOIN (%1$s) s ON s.key_hash = p.key_hash WHERE true%2$s
    UNION ALL
    SELECT p.customer_id, 30 FROM contact_point p JOIN (%1$s) s ON s.key_hash = suppression_hash(p.kind, contact_key(p.kind, p.value, %3$L)) WHERE p.key_hash IS NULL%2$s
    UNION ALL
    SELECT e.customer_id, 40 FROM consent_event e WHERE %4$s AND e.happened_at <= %5$L%6$s
     GROUP BY e.customer_id
    HAVING max(e.happened_at) FILTER (WHERE e.status = 'refused')
           >= coalesce(max(e.happened_at) FILTER (WHERE e.status = 'granted' AND e.given_by = 'person' AND e.evidence <> ''), '-infinity')
    UNION ALL
    SELECT x.customer_id, 90 FROM contact_stop x
     WHERE x.refusal = 'never_contact' AND (x.channel = %7$L OR x.channel IS NULL) AND x.starts_at <= %5$L AND (x.ends_at > %5$L OR x.ends_at IS NULL)%8$s
    UNION ALL
    SELECT c.customer_id, 20 FROM person_erasure x JOIN customer c ON c.customer_id = x.erased_id WHERE true%9$s$sql$,
        hashes, replace(mine, '#', 'p.customer_id'), setting_value('country'), format(named, 'e'), standing_refusals_sql.at, replace(mine, '#', 'e.customer_id'),
        standing_refusals_sql.channel, replace(mine, '#', 'x.customer_id'), replace(mine, '#', 'c.customer_id'));
    IF in_needing <> '' THEN
        result := result || format($sql$
    UNION ALL
    SELECT c.customer_id, 50 FROM customer c
     WHERE (%s) AND NOT EXISTS (SELECT FROM consent_event e WHERE e.customer_id = c.customer_id AND e.status = 'granted' AND %s AND e.happened_at <= %L)%s$sql$,
            in_needing, format(named, 'e'), standing_refusals_sql.at, replace(mine, '#', 'c.customer_id'));
    END IF;
    IF address_kinds <> '{}' THEN
        result := result || format($sql$
    UNION ALL
    SELECT p.customer_id, 60 FROM contact_point p
     WHERE p.status = 'bounced' AND %1$s%2$s
       AND NOT EXISTS (SELECT FROM contact_point o WHERE o.customer_id = p.customer_id AND o.status NOT IN ('bounced', 'refused') AND %3$s)
    UNION ALL
    SELECT c.customer_id, 61 FROM customer c
     WHERE NOT EXISTS (SELECT FROM contact_point p WHERE p.customer_id = c.customer_id AND p.status NOT IN ('bounced', 'refused') AND %1$s)%4$s$sql$,
            point, replace(mine, '#', 'p.customer_id'), replace(point, 'p.', 'o.'), replace(mine, '#', 'c.customer_id'));
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION standing_refusals_sql(text, timestamptz, text, boolean, text[], text) IS 'the queries of contact_refusals() for suppressions, opt-outs, consents and addresses; mine: the condition on the customers, # for the column. A part of contact_refusals()';

-- The campaign's own piece and hold-out, hours, pauses, preferences, given-up leads and retired lists.
CREATE OR REPLACE FUNCTION moment_refusals_sql(channel text, at timestamptz, campaign text, is_series boolean, mine text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    day      date := (moment_refusals_sql.at AT TIME ZONE setting_value('time_zone'))::date;
    quiet    text[] := ARRAY(SELECT r.region FROM region r WHERE is_quiet(moment_refusals_sql.channel, r.region, moment_refusals_sql.at));
    in_quiet text := concat_ws(' OR ', CASE WHEN quiet <> '{}' THEN format('c.region = ANY (%L)', quiet) END,
                               CASE WHEN is_quiet(moment_refusals_sql.channel, NULL, moment_refusals_sql.at) THEN 'c.region IS NULL' END);
    current_offers text[];
    result   text;
BEGIN
    result := format($sql$
    UNION ALL
    SELECT x.customer_id, 84 FROM contact_stop x
     WHERE x.refusal = 'paused' AND (x.channel = %1$L OR x.channel IS NULL) AND x.starts_at <= %2$L AND (x.ends_at > %2$L OR x.ends_at IS NULL)%3$s
    UNION ALL
    SELECT k.customer_id, 83 FROM two_strikes k JOIN customer c ON c.customer_id = k.customer_id AND c.kind = 'external' WHERE k.since <= %2$L%4$s$sql$,
        moment_refusals_sql.channel, moment_refusals_sql.at, replace(mine, '#', 'x.customer_id'), replace(mine, '#', 'k.customer_id'));
    IF campaign IS NOT NULL THEN
        IF is_series THEN
            current_offers := ARRAY(SELECT DISTINCT coalesce(s.offer, '') FROM source s JOIN channel_medium m ON m.medium = s.medium
                                     WHERE s.campaign = moment_refusals_sql.campaign AND m.channel = moment_refusals_sql.channel AND NOT s.is_hold_out AND (s.retired_on > day OR s.retired_on IS NULL));
        END IF;
        result := result || format($sql$
    UNION ALL
    SELECT t.customer_id, 80 FROM touch t JOIN source s ON s.source_code = t.source_code JOIN channel_medium m ON m.medium = s.medium
     WHERE s.campaign = %1$L AND m.channel = %2$L%3$s%4$s
    UNION ALL
    SELECT h.customer_id, 81 FROM hold_out h JOIN source s ON s.source_code = h.source_code WHERE s.campaign = %1$L%5$s$sql$,
            campaign, moment_refusals_sql.channel, replace(mine, '#', 't.customer_id'),
            CASE WHEN is_series THEN format(' GROUP BY t.customer_id HAVING count(DISTINCT coalesce(s.offer, %L)) FILTER (WHERE coalesce(s.offer, %1$L) = ANY (%L)) = %s',
                                            '', current_offers, cardinality(current_offers)) ELSE '' END,
            replace(mine, '#', 'h.customer_id'));
    END IF;
    IF in_quiet <> '' THEN
        result := result || format($sql$
    UNION ALL
    SELECT c.customer_id, 82 FROM customer c WHERE (%s)%s$sql$, in_quiet, replace(mine, '#', 'c.customer_id'));
    END IF;
    IF setting_value('only_preferred_channel') = 'yes' THEN
        result := result || format($sql$
    UNION ALL
    SELECT c.customer_id, 85 FROM customer c WHERE c.preferred_channel <> %L AND c.preferred_channel IN (SELECT k.channel FROM contact_channel k)%s$sql$,
            moment_refusals_sql.channel, replace(mine, '#', 'c.customer_id'));
    END IF;
    IF moment_refusals_sql.channel = ANY (string_to_array(replace(setting_value('defeated_channels'), ' ', ''), ',')) THEN
        result := result || format($sql$
    UNION ALL
    SELECT d.customer_id, 86 FROM (SELECT DISTINCT ON (l.customer_id) l.customer_id, l.status FROM lead l WHERE true%s ORDER BY l.customer_id, l.opened_at DESC, l.lead_id DESC) d
     WHERE d.status = 'defeated'$sql$, replace(mine, '#', 'l.customer_id'));
    END IF;
    IF EXISTS (SELECT FROM list l WHERE l.status = 'retired') THEN
        result := result || format($sql$
    UNION ALL
    SELECT m.customer_id, 87 FROM list_member m JOIN list l ON l.list = m.list AND l.status = 'retired' AND (l.retired_on <= %1$L OR l.retired_on IS NULL)
      JOIN customer c ON c.customer_id = m.customer_id AND c.kind = 'external'
     WHERE (m.left_on > %1$L OR m.left_on IS NULL)%2$s
       AND NOT EXISTS (SELECT FROM list_member o JOIN list u ON u.list = o.list
                        WHERE o.customer_id = m.customer_id AND (o.left_on > %1$L OR o.left_on IS NULL) AND (u.status <> 'retired' OR u.retired_on > %1$L))$sql$, day, replace(mine, '#', 'm.customer_id'));
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION moment_refusals_sql(text, timestamptz, text, boolean, text) IS 'the queries of contact_refusals() for the piece of a campaign, hours, pauses, preferences, leads and retired lists, each after UNION ALL; mine: the condition on the customers, # for the column. A part of contact_refusals()';

CREATE OR REPLACE FUNCTION contact_refusals_sql(channel text, at timestamptz, campaign text, purpose text, is_exempt boolean, is_series boolean, address_kinds text[], mine text, overlooked text[] DEFAULT '{}') RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    standing text := standing_refusals_sql(contact_refusals_sql.channel, contact_refusals_sql.at, contact_refusals_sql.purpose, is_exempt, address_kinds, mine);
    pressing text := '';
BEGIN
    IF NOT is_exempt THEN
        pressing := format($sql$
    UNION ALL
    SELECT y.customer_id, y.refusal_no FROM (SELECT NULL::bigint AS customer_id, NULL::int AS refusal_no WHERE false%s%s) y
     WHERE NOT EXISTS (SELECT FROM customer seed WHERE seed.is_seed AND seed.customer_id = y.customer_id)$sql$,
            pressure_refusals_sql(contact_refusals_sql.channel, contact_refusals_sql.at, mine),
            moment_refusals_sql(contact_refusals_sql.channel, contact_refusals_sql.at, contact_refusals_sql.campaign, is_series, mine));
    END IF;
    RETURN format('SELECT z.customer_id, f.refusal FROM (SELECT v.customer_id, min(v.refusal_no) AS refusal_no FROM (%s%s%s) v%s GROUP BY v.customer_id) z JOIN contact_refusal f ON f.refusal_no = z.refusal_no%s',
                  standing, pressing,
                  CASE WHEN mine <> '' THEN ' UNION ALL SELECT u.id, 10 FROM unnest($1) u (id) WHERE NOT EXISTS (SELECT FROM customer c WHERE c.customer_id = u.id AND c.customer_id <> 0) AND u.id IS NOT NULL' ELSE '' END,
                  (SELECT format(' WHERE v.refusal_no <> ALL (%L)', array_agg(f.refusal_no)) FROM contact_refusal f WHERE f.refusal = ANY (overlooked) HAVING count(*) > 0),
                  CASE WHEN mine = '' THEN ' WHERE z.customer_id <> 0' ELSE '' END);
END
$$;
COMMENT ON FUNCTION contact_refusals_sql(text, timestamptz, text, text, boolean, boolean, text[], text, text[]) IS 'the query of contact_refusals(), of customer_id and refusal; mine: empty, or the condition on the customers, # for the column, $1 for the array; overlooked: reasons that do not count. To be run under the DateStyle under which it was made. A part of contact_refusals()';

CREATE OR REPLACE FUNCTION contact_refusals(channel text, at timestamptz DEFAULT now(), campaign text DEFAULT NULL, customers bigint[] DEFAULT NULL)
    RETURNS TABLE (customer_id bigint, reason text)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path FROM CURRENT SET work_mem = '64MB' SET jit = off SET datestyle = 'ISO' AS
$$
DECLARE
    plan record := contact_plan(contact_refusals.channel, contact_refusals.campaign);
BEGIN
    RETURN QUERY EXECUTE contact_refusals_sql(contact_refusals.channel, coalesce(contact_refusals.at, now()), contact_refusals.campaign, plan.purpose, plan.is_exempt, plan.is_series, plan.address_kinds,
                                              CASE WHEN customers IS NULL THEN '' ELSE ' AND # = ANY ($1)' END) USING customers;
END
$$;
COMMENT ON FUNCTION contact_refusals(text, timestamptz, text, bigint[]) IS 'who may not be contacted through a channel at a time for a campaign, one row each with the first reason, as may_contact() has it: of the customers given, or of all but the unidentified customer 0. Whoever is not in the answer may be contacted. Reads whole tables once, for one person ask may_contact(). 22004 without a channel, 23503 for an unknown channel or campaign';

-- Some reasons do not count for some contacts: an hour that is quiet now, a cap for whoever was promised a call.
-- The first reason of contact_refusals() may hide another one that counts, so these are left out before.
CREATE OR REPLACE FUNCTION other_contact_refusals(overlooked text[], channel text, at timestamptz, campaign text, customers bigint[] DEFAULT NULL)
    RETURNS TABLE (customer_id bigint, reason text)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path FROM CURRENT SET work_mem = '64MB' SET jit = off SET datestyle = 'ISO' AS
$$
DECLARE
    plan record := contact_plan(other_contact_refusals.channel, other_contact_refusals.campaign);
BEGIN
    RETURN QUERY EXECUTE contact_refusals_sql(other_contact_refusals.channel, coalesce(other_contact_refusals.at, now()), other_contact_refusals.campaign, plan.purpose, plan.is_exempt, plan.is_series,
                                              plan.address_kinds, CASE WHEN customers IS NULL THEN '' ELSE ' AND # = ANY ($1)' END, other_contact_refusals.overlooked) USING customers;
END
$$;
COMMENT ON FUNCTION other_contact_refusals(text[], text, timestamptz, text, bigint[]) IS 'as contact_refusals(), as if some reasons (overlooked: contact_refusal.refusal) did not exist: of each person the first of the others that holds. A part of select_list(), call_list() and basket_call_list()';
