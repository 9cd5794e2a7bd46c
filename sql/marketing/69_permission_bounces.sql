-- What the fate of a piece says about its address and its recipient.
--
-- A hard bounce ends an address; soft bounces end it when as many pieces in a row came back as the
-- setting soft_bounces allows; a piece that arrived starts the count again. The status is worked out
-- from all events of the address by the times at which they happened, so it is the same in whatever
-- order they come in. A complaint and an unsubscription are opt-outs.
--
-- A touch that does not say its address says nothing about any; an opt-out then holds for all of the
-- channel. Who takes in events of an address locks its row first, so that two at once see each other.

CREATE OR REPLACE FUNCTION bounce_kind(detail text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN coalesce((SELECT r.bounce_kind FROM bounce_rule r WHERE bounce_kind.detail ~* r.pattern ORDER BY r.bounce_rule_id LIMIT 1), 'soft');
END
$$;
COMMENT ON FUNCTION bounce_kind(text) IS 'what a bounce means by what was reported of it: hard, soft or none (table bounce_rule); soft where no row fits';

-- The status of addresses from all that became of the pieces sent to them.
CREATE OR REPLACE FUNCTION settle_addresses(customers bigint[], contact_points bigint[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    most int := setting_number('soft_bounces', 0, 1000, whole => true);
    done bigint;
BEGIN
    PERFORM FROM contact_point p JOIN (SELECT DISTINCT u.customer_id, u.contact_point_id FROM unnest(customers, contact_points) u (customer_id, contact_point_id)) a
              ON a.customer_id = p.customer_id AND a.contact_point_id = p.contact_point_id
      ORDER BY p.customer_id, p.contact_point_id FOR NO KEY UPDATE OF p;
    WITH happened AS MATERIALIZED (
        SELECT a.customer_id, a.contact_point_id, t.touch_id, e.happened_at, e.kind = 'bounced' AS is_bounce, CASE WHEN e.kind = 'bounced' THEN bounce_kind(e.detail) END AS bounce_kind
          FROM (SELECT DISTINCT u.customer_id, u.contact_point_id FROM unnest(customers, contact_points) u (customer_id, contact_point_id)) a
          JOIN touch t ON t.customer_id = a.customer_id AND t.contact_point_id = a.contact_point_id
          JOIN touch_event e ON e.customer_id = t.customer_id AND e.touch_id = t.touch_id AND e.kind IN ('delivered', 'opened', 'clicked', 'bounced')
    ), arrived AS (
        SELECT h.customer_id, h.contact_point_id, max(h.happened_at) FILTER (WHERE NOT h.is_bounce) AS at, coalesce(bool_or(h.bounce_kind = 'hard'), false) AS is_dead
          FROM happened h GROUP BY h.customer_id, h.contact_point_id
    ), state AS (
        SELECT r.customer_id, r.contact_point_id,
               CASE WHEN r.is_dead OR most > 0 AND (SELECT count(DISTINCT h.touch_id) FROM happened h
                                                     WHERE h.customer_id = r.customer_id AND h.contact_point_id = r.contact_point_id AND h.bounce_kind = 'soft'
                                                       AND (h.happened_at > r.at OR r.at IS NULL)) >= most THEN 'bounced'
                    WHEN r.at IS NOT NULL THEN 'valid' END AS status
          FROM arrived r)
    UPDATE contact_point p SET status = s.status FROM state s
     WHERE s.customer_id = p.customer_id AND s.contact_point_id = p.contact_point_id AND p.status <> s.status AND p.status <> 'refused';
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
COMMENT ON FUNCTION settle_addresses(bigint[], bigint[]) IS 'works out the status of contact points (customers and contact_point_id, in arrays that go together) from what became of the pieces sent to them; returns how many changed. A status set by hand stays until a piece tells more; refused stays. For after a change of bounce_rule or of the setting soft_bounces, and a part of record_touch_event() and load_touch_events()';

-- Touch events that were just recorded: addresses are settled, complaints and unsubscriptions become
-- opt-outs. The same for one event and for a load of a million.
CREATE OR REPLACE FUNCTION take_in_touch_events(customers bigint[], touch_events bigint[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    addressed record;
    refusing  record;
    done      bigint := 0;
BEGIN
    SELECT array_agg(t.customer_id) AS people, array_agg(t.contact_point_id) AS points INTO addressed
      FROM unnest(customers, touch_events) u (customer_id, touch_event_id)
      JOIN touch_event e ON e.customer_id = u.customer_id AND e.touch_event_id = u.touch_event_id AND e.kind IN ('delivered', 'opened', 'clicked', 'bounced')
      JOIN touch t ON t.customer_id = e.customer_id AND t.touch_id = e.touch_id AND t.contact_point_id IS NOT NULL;
    IF addressed.people IS NOT NULL THEN
        done := settle_addresses(addressed.people, addressed.points);
    END IF;
    SELECT array_agg(o.customer_id) AS people, array_agg(o.touch_event_id) AS events, array_agg(o.touch_id) AS touches, array_agg(o.contact_point_id) AS points,
           array_agg(o.channel) AS channels, array_agg(o.purpose) AS purposes, array_agg(o.kind) AS reasons, array_agg(o.at) AS times, array_agg(o.detail) AS details INTO refusing
      FROM (SELECT e.customer_id, e.touch_event_id, e.touch_id, t.contact_point_id, m.channel, e.kind, e.detail, least(e.happened_at, now()) AS at,
                   -- an exempt purpose is refused in so many words only; who complains wants nothing more
                   CASE WHEN e.kind = 'complained' THEN NULL WHEN u.is_exempt OR u.purpose IS NULL THEN 'marketing' ELSE u.purpose END AS purpose
              FROM unnest(customers, touch_events) n (customer_id, touch_event_id)
              JOIN touch_event e ON e.customer_id = n.customer_id AND e.touch_event_id = n.touch_event_id AND e.kind IN ('complained', 'unsubscribed')
              JOIN touch t ON t.customer_id = e.customer_id AND t.touch_id = e.touch_id
              JOIN source s ON s.source_code = t.source_code
              LEFT JOIN channel_medium m ON m.medium = s.medium
              LEFT JOIN campaign_contact g ON g.campaign = s.campaign
              LEFT JOIN contact_purpose u ON u.purpose = g.purpose) o;
    IF refusing.people IS NOT NULL THEN
        PERFORM FROM customer c WHERE c.customer_id = ANY (refusing.people) ORDER BY c.customer_id FOR NO KEY UPDATE;     -- their turn, as in record_consent()
        INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, source, evidence, touch_id, happened_at, request_id)
        SELECT r.customer_id, r.channel, r.purpose, 'refused', 'person', r.kind, r.detail, r.touch_id, r.at, 'touch event ' || r.touch_event_id
          FROM unnest(refusing.people, refusing.events, refusing.touches, refusing.channels, refusing.purposes, refusing.reasons, refusing.times, refusing.details)
               r (customer_id, touch_event_id, touch_id, channel, purpose, kind, at, detail)
        ON CONFLICT (customer_id, request_id) DO NOTHING;
        PERFORM suppress_addresses(refusing.people, refusing.points, refusing.channels, refusing.purposes, refusing.reasons, refusing.times, 'touch event');
    END IF;
    RETURN done + coalesce(cardinality(refusing.people), 0);
END
$$;
COMMENT ON FUNCTION take_in_touch_events(bigint[], bigint[]) IS 'draws the conclusions of touch events (customers and touch_event_id, in arrays that go together): addresses that bounced or were reached, opt-outs of complaints and unsubscriptions. Repeating it changes nothing; returns how many addresses changed and people opted out. For events that were written by hand, and a part of record_touch_event() and load_touch_events()';
