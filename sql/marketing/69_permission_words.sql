-- The answer of may_contact() as a sentence for whoever has the customer on the telephone.

-- What there is to say about a reason: when, what, until when.
CREATE OR REPLACE FUNCTION refusal_details(customer bigint, channel text, at timestamptz, campaign text, reason text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    zone text := coalesce((SELECT r.time_zone FROM customer c JOIN region r ON r.region = c.region WHERE c.customer_id = refusal_details.customer), setting_value('time_zone'));
BEGIN
    RETURN CASE reason
        WHEN 'suppressed' THEN (SELECT format('%s since %s', s.reason, to_char(s.since AT TIME ZONE zone, 'YYYY-MM-DD')) FROM contact_point p
                                  JOIN suppression s ON s.key_hash = coalesce(p.key_hash, suppression_hash(p.kind, contact_match_key(p.kind, p.value))) AND NOT s.is_lifted
                                 WHERE p.customer_id = refusal_details.customer AND (s.channel = refusal_details.channel OR s.channel IS NULL) AND s.since <= at AND (s.until > at OR s.until IS NULL)
                                 ORDER BY s.since DESC, s.suppression_id DESC LIMIT 1)
        WHEN 'opted_out' THEN (SELECT concat_ws(', ', to_char(e.happened_at AT TIME ZONE zone, 'YYYY-MM-DD'), e.source, e.evidence) FROM consent_event e
                                WHERE e.customer_id = refusal_details.customer AND e.status = 'refused' AND (e.channel = refusal_details.channel OR e.channel IS NULL) AND e.happened_at <= at
                                ORDER BY e.happened_at DESC, e.consent_event_id DESC LIMIT 1)
        WHEN 'erased' THEN (SELECT to_char(e.erased_at AT TIME ZONE zone, 'YYYY-MM-DD') FROM person_erasure e WHERE e.erased_id = refusal_details.customer)
        WHEN 'quiet_hours' THEN format('it is %s there', to_char(at AT TIME ZONE zone, 'Dy HH24:MI'))
        WHEN 'two_strikes' THEN (SELECT format('%s pieces without an answer from %s to %s', k.touches, to_char(k.first_touched_at AT TIME ZONE zone, 'YYYY-MM-DD'), to_char(k.last_touched_at AT TIME ZONE zone, 'YYYY-MM-DD'))
                                   FROM two_strikes k WHERE k.customer_id = refusal_details.customer)
        WHEN 'not_preferred' THEN (SELECT h.name FROM customer c JOIN contact_channel h ON h.channel = c.preferred_channel WHERE c.customer_id = refusal_details.customer)
        WHEN 'same_piece' THEN (SELECT format('%s sent %s', t.source_code::text, to_char(t.sent_at AT TIME ZONE zone, 'YYYY-MM-DD')) FROM touch t
                                  JOIN source s ON s.source_code = t.source_code JOIN channel_medium m ON m.medium = s.medium AND m.channel = refusal_details.channel
                                 WHERE t.customer_id = refusal_details.customer AND s.campaign = refusal_details.campaign ORDER BY t.sent_at DESC, t.touch_id DESC LIMIT 1)
        WHEN 'held_out' THEN campaign
        ELSE CASE
            WHEN reason IN ('channel_cap', 'total_cap', 'too_soon')
            THEN (SELECT format('last piece %s', to_char(max(t.sent_at) AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI')) FROM touch t
                    JOIN source s ON s.source_code = t.source_code LEFT JOIN channel_medium m ON m.medium = s.medium
                   WHERE t.customer_id = refusal_details.customer AND t.sent_at <= at AND (m.channel = refusal_details.channel OR reason <> 'channel_cap'))
            WHEN reason IN ('paused', 'never_contact')
            THEN (SELECT nullif(concat_ws(', ', 'until ' || to_char(x.ends_at AT TIME ZONE zone, 'YYYY-MM-DD'), x.details), '') FROM contact_stop x
                   WHERE x.customer_id = refusal_details.customer AND x.refusal = reason AND (x.channel = refusal_details.channel OR x.channel IS NULL) AND x.starts_at <= at AND (x.ends_at > at OR x.ends_at IS NULL)
                   ORDER BY x.ends_at DESC NULLS FIRST, x.contact_stop_id LIMIT 1)
            WHEN reason IN ('bounced', 'no_address')
            THEN (SELECT string_agg(format('%s %s', p.value, CASE WHEN p.status IN ('bounced', 'refused') THEN p.status WHEN p.ended_on <= (at AT TIME ZONE zone)::date THEN 'ended ' || p.ended_on ELSE 'cannot be read' END), ', ' ORDER BY p.contact_point_id)
                    FROM contact_point p JOIN contact_channel h ON h.channel = refusal_details.channel AND p.kind = ANY (h.address_kinds) WHERE p.customer_id = refusal_details.customer) END END;
END
$$;
COMMENT ON FUNCTION refusal_details(bigint, text, timestamptz, text, text) IS 'when and why, for a reason of may_contact(); NULL when there is nothing more to say. A part of explain_contact()';

CREATE OR REPLACE FUNCTION explain_contact(customer bigint, channel text, at timestamptz DEFAULT now(), campaign text DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    answer  record;
    details text;
BEGIN
    at := coalesce(at, now());
    answer := may_contact(explain_contact.customer, explain_contact.channel, at, explain_contact.campaign);
    IF answer.allowed THEN
        RETURN 'The person may be contacted.';
    END IF;
    details := refusal_details(explain_contact.customer, explain_contact.channel, at, explain_contact.campaign, answer.reason);
    RETURN concat_ws(' ', (SELECT f.sentence FROM contact_refusal f WHERE f.refusal = answer.reason), '(' || details || ')');
END
$$;
COMMENT ON FUNCTION explain_contact(bigint, text, timestamptz, text) IS 'what may_contact() says, as a sentence of table contact_refusal with when and why: for people. Times are those of the region of the customer. Errors as may_contact()';
