-- may_contact(): may this person be contacted, through this channel, at this time, for this campaign?
--
-- The reasons are looked for in the order of table contact_refusal, and the first that holds is told.
-- contact_refusals() asks the same of everybody at once (69_permission_refusals.sql); the two agree on
-- every person. What was refused is worked out from all events until the time that is asked about, so
-- it does not matter in which order they came in.
--
-- Rules of pressure (caps, hours, the same piece twice) hold neither for exempt purposes nor for seed
-- names, who watch what goes out; an opt-out, a suppression and a dead address hold for both.
--
-- The plans go by index, also when they were made while the tables were empty; what is read whole,
-- because it is small, then looks so expensive that it would be compiled first: hence jit = off.

-- What a campaign contacts people for. The channel is checked, too: a slip must not permit anything.
CREATE OR REPLACE FUNCTION contact_plan(channel text, campaign text, OUT address_kinds text[], OUT purpose text, OUT is_exempt boolean, OUT is_series boolean)
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    SELECT c.address_kinds INTO contact_plan.address_kinds FROM contact_channel c WHERE c.channel = contact_plan.channel;
    IF contact_plan.channel IS NULL THEN
        RAISE EXCEPTION 'the channel is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'channel', HINT = 'Channels are the rows of table contact_channel.';
    ELSIF NOT FOUND THEN
        PERFORM refuse_dimension('contact_channel', contact_plan.channel);
    END IF;
    IF contact_plan.campaign IS NULL THEN
        purpose := 'marketing';
        is_series := false;
    ELSE
        SELECT coalesce(m.purpose, 'marketing'), coalesce(m.is_series, false) INTO contact_plan.purpose, contact_plan.is_series
          FROM campaign g LEFT JOIN campaign_contact m ON m.campaign = g.campaign WHERE g.campaign = contact_plan.campaign;
        IF NOT FOUND THEN
            PERFORM refuse_dimension('campaign', contact_plan.campaign);
        END IF;
    END IF;
    SELECT u.is_exempt INTO contact_plan.is_exempt FROM contact_purpose u WHERE u.purpose = contact_plan.purpose;
END
$$;
COMMENT ON FUNCTION contact_plan(text, text) IS 'the addresses that a channel needs and the purpose of a campaign; 22004 for a missing channel, 23503 for an unknown channel or campaign. A part of may_contact() and contact_refusals()';

CREATE OR REPLACE FUNCTION consent_is_needed(purpose text, channel text, region text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN coalesce((SELECT r.is_needed FROM consent_rule r
                      WHERE r.purpose = consent_is_needed.purpose AND (r.channel = consent_is_needed.channel OR r.channel IS NULL)
                        AND (r.region = consent_is_needed.region OR r.region IS NULL)
                      ORDER BY r.region IS NULL, r.channel IS NULL LIMIT 1), false);
END
$$;
COMMENT ON FUNCTION consent_is_needed(text, text, text) IS 'whether a person of a region must have agreed to a channel and purpose (table consent_rule); region NULL: a person of no region. A part of may_contact() and contact_refusals()';

CREATE OR REPLACE FUNCTION is_quiet(channel text, region text, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    here timestamp;
    hour text;
BEGIN
    IF NOT EXISTS (SELECT FROM quiet_hours q WHERE (q.channel = is_quiet.channel OR q.channel IS NULL) AND (q.region = is_quiet.region OR q.region IS NULL)) THEN
        RETURN false;
    END IF;
    here := is_quiet.at AT TIME ZONE coalesce((SELECT r.time_zone FROM region r WHERE r.region = is_quiet.region), setting_value('time_zone'));
    hour := to_char(here, 'HH24:MI') COLLATE "C";
    RETURN EXISTS (SELECT FROM quiet_hours q
                    WHERE (q.channel = is_quiet.channel OR q.channel IS NULL) AND (q.region = is_quiet.region OR q.region IS NULL)
                      AND CASE WHEN q.starts < q.ends COLLATE "C" THEN hour >= q.starts AND hour < q.ends ELSE hour >= q.starts OR hour < q.ends END
                      AND (extract(isodow FROM here) = ANY (q.weekdays) OR q.weekdays IS NULL)
                      AND (here::date >= q.starts_on OR q.starts_on IS NULL) AND (here::date <= q.ends_on OR q.ends_on IS NULL));
END
$$;
COMMENT ON FUNCTION is_quiet(text, text, timestamptz) IS 'whether people of a region (NULL: of none) are to be left in peace on a channel at a time (table quiet_hours). A part of may_contact() and contact_refusals()';

-- The pieces that a person has had, against each rule that holds for him.
CREATE OR REPLACE FUNCTION contact_pressure_refusal(customer bigint, channel text, at timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan AS
$$
DECLARE
    zone text;
    held record;
    sent bigint;
BEGIN
    FOR held IN
        SELECT r.channel, r.rule, r.within, CASE r.rule WHEN 'distance' THEN 1 ELSE r.pieces END AS pieces
          FROM (SELECT o.channel, o.rule, o.within, o.pieces FROM customer_contact_rule o WHERE o.customer_id = contact_pressure_refusal.customer
                UNION ALL
                SELECT d.channel, d.rule, d.within, d.pieces FROM contact_rule d
                 WHERE NOT EXISTS (SELECT FROM customer_contact_rule o WHERE o.customer_id = contact_pressure_refusal.customer
                                      AND o.rule = d.rule AND (o.channel = d.channel OR o.channel IS NULL AND d.channel IS NULL))) r
         WHERE (r.channel = contact_pressure_refusal.channel OR r.channel IS NULL) AND r.within > interval '0' AND (r.rule = 'distance' OR r.pieces > 0)
         ORDER BY r.rule, r.channel IS NULL          -- the order of the reasons: cap of the channel, cap over all, distance
    LOOP
        zone := coalesce(zone, setting_value('time_zone'));
        SELECT count(*) INTO sent
          FROM touch t JOIN source s ON s.source_code = t.source_code
          LEFT JOIN channel_medium m ON m.medium = s.medium
          LEFT JOIN campaign_contact g ON g.campaign = s.campaign
          LEFT JOIN contact_purpose u ON u.purpose = g.purpose
         WHERE t.customer_id = contact_pressure_refusal.customer
           AND t.sent_at > (contact_pressure_refusal.at AT TIME ZONE zone - held.within) AT TIME ZONE zone AND t.sent_at <= contact_pressure_refusal.at
           AND (m.channel = held.channel OR held.channel IS NULL) AND u.is_exempt IS NOT TRUE;
        IF sent >= held.pieces THEN
            RETURN CASE WHEN held.rule = 'distance' THEN 'too_soon' WHEN held.channel IS NULL THEN 'total_cap' ELSE 'channel_cap' END;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION contact_pressure_refusal(bigint, text, timestamptz) IS 'channel_cap, total_cap or too_soon when a person has had too many pieces, else NULL. A part of may_contact()';

-- Whether a person is out of a campaign: has had its piece, or is held out of it.
CREATE OR REPLACE FUNCTION campaign_refusal(customer bigint, channel text, campaign text, is_series boolean, day date) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan AS
$$
BEGIN
    IF EXISTS (SELECT FROM touch t JOIN source s ON s.source_code = t.source_code JOIN channel_medium m ON m.medium = s.medium
                WHERE t.customer_id = campaign_refusal.customer AND s.campaign = campaign_refusal.campaign AND m.channel = campaign_refusal.channel)
       AND NOT (is_series
                AND EXISTS (SELECT FROM source s JOIN channel_medium m ON m.medium = s.medium
                             WHERE s.campaign = campaign_refusal.campaign AND m.channel = campaign_refusal.channel AND NOT s.is_hold_out AND (s.retired_on > day OR s.retired_on IS NULL)
                               AND NOT EXISTS (SELECT FROM touch t JOIN source had ON had.source_code = t.source_code JOIN channel_medium h ON h.medium = had.medium
                                                WHERE t.customer_id = campaign_refusal.customer AND had.campaign = s.campaign AND h.channel = m.channel
                                                  AND coalesce(had.offer, '') = coalesce(s.offer, ''))))
    THEN
        RETURN 'same_piece';
    ELSIF EXISTS (SELECT FROM hold_out h JOIN source s ON s.source_code = h.source_code WHERE h.customer_id = campaign_refusal.customer AND s.campaign = campaign_refusal.campaign) THEN
        RETURN 'held_out';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION campaign_refusal(bigint, text, text, boolean, date) IS 'same_piece when a person has had the piece of a campaign through a channel (of a series: all its offers), held_out when he is held out of it, else NULL. A part of may_contact()';

CREATE OR REPLACE FUNCTION is_stopped(refusal text, customer bigint, channel text, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN EXISTS (SELECT FROM contact_stop x
                    WHERE x.customer_id = is_stopped.customer AND x.refusal = is_stopped.refusal AND (x.channel = is_stopped.channel OR x.channel IS NULL)
                      AND x.starts_at <= is_stopped.at AND (x.ends_at > is_stopped.at OR x.ends_at IS NULL));
END
$$;
COMMENT ON FUNCTION is_stopped(text, bigint, text, timestamptz) IS 'whether a person is not contacted on a channel at a time: paused or never_contact (table contact_stop). A part of may_contact()';

-- What speaks against this moment and this channel, where the campaign does not.
CREATE OR REPLACE FUNCTION moment_refusal(person customer, channel text, at timestamptz, day date) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan AS
$$
BEGIN
    IF is_quiet(moment_refusal.channel, person.region, at) THEN
        RETURN 'quiet_hours';
    ELSIF person.kind = 'external' AND EXISTS (SELECT FROM two_strikes k WHERE k.customer_id = person.customer_id AND k.since <= at) THEN
        RETURN 'two_strikes';
    ELSIF is_stopped('paused', person.customer_id, moment_refusal.channel, at) THEN
        RETURN 'paused';
    ELSIF person.preferred_channel <> moment_refusal.channel AND setting_value('only_preferred_channel') = 'yes'
          AND EXISTS (SELECT FROM contact_channel c WHERE c.channel = person.preferred_channel) THEN
        RETURN 'not_preferred';
    ELSIF moment_refusal.channel = ANY (string_to_array(replace(setting_value('defeated_channels'), ' ', ''), ','))
          AND (SELECT l.status FROM lead l WHERE l.customer_id = person.customer_id ORDER BY l.opened_at DESC, l.lead_id DESC LIMIT 1) = 'defeated' THEN
        RETURN 'defeated';
    ELSIF person.kind = 'external'
          AND (SELECT bool_and(l.status = 'retired' AND (l.retired_on <= day OR l.retired_on IS NULL)) FROM list_member m JOIN list l ON l.list = m.list
                WHERE m.customer_id = person.customer_id AND (m.left_on > day OR m.left_on IS NULL)) THEN
        RETURN 'retired_list';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION moment_refusal(customer, text, timestamptz, date) IS 'quiet_hours, two_strikes, paused, not_preferred, defeated or retired_list, the first that holds for a person, else NULL. A part of may_contact()';

CREATE OR REPLACE FUNCTION may_contact(customer bigint, channel text, at timestamptz DEFAULT now(), campaign text DEFAULT NULL, OUT allowed boolean, OUT reason text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS
$$
DECLARE
    plan     record := contact_plan(may_contact.channel, may_contact.campaign);
    person   customer;
    day      date;
    refused  timestamptz;
    agreed   timestamptz;
    has_said boolean;
    usable   boolean;
    dead     boolean;
BEGIN
    at := coalesce(at, now());
    allowed := false;
    SELECT c.* INTO person FROM customer c WHERE c.customer_id = may_contact.customer AND c.customer_id <> 0;
    IF NOT FOUND THEN
        reason := 'unknown_customer';
        RETURN;
    ELSIF EXISTS (SELECT FROM person_erasure e WHERE e.erased_id = may_contact.customer) THEN
        reason := 'erased';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM contact_point p
                CROSS JOIN LATERAL (SELECT max(s.since) FILTER (WHERE NOT s.is_lifted) AS suppressed_at, max(s.since) FILTER (WHERE s.is_lifted) AS lifted_at
                                      FROM suppression s
                                     WHERE s.key_hash = coalesce(p.key_hash, suppression_hash(p.kind, contact_match_key(p.kind, p.value)))
                                       AND (s.channel = may_contact.channel OR s.channel IS NULL) AND (s.purpose = plan.purpose OR s.purpose IS NULL AND NOT plan.is_exempt)
                                       AND s.since <= at AND (s.until > at OR s.until IS NULL)) x
                WHERE p.customer_id = may_contact.customer AND x.suppressed_at >= coalesce(x.lifted_at, '-infinity')) THEN
        reason := 'suppressed';
        RETURN;
    END IF;
    SELECT max(e.happened_at) FILTER (WHERE e.status = 'refused'), max(e.happened_at) FILTER (WHERE e.status = 'granted' AND e.given_by = 'person' AND e.evidence <> ''),
           coalesce(bool_or(e.status = 'granted'), false) INTO refused, agreed, has_said
      FROM consent_event e
     WHERE e.customer_id = may_contact.customer AND (e.channel = may_contact.channel OR e.channel IS NULL)
       AND (e.purpose = plan.purpose OR e.purpose IS NULL AND NOT plan.is_exempt) AND e.happened_at <= at;
    IF refused >= coalesce(agreed, '-infinity') THEN
        reason := 'opted_out';
        RETURN;
    ELSIF NOT has_said AND consent_is_needed(plan.purpose, may_contact.channel, person.region) THEN
        reason := 'no_consent';
        RETURN;
    END IF;
    day := (at AT TIME ZONE setting_value('time_zone'))::date;
    IF plan.address_kinds <> '{}' THEN
        SELECT bool_or(p.status NOT IN ('bounced', 'refused')), bool_or(p.status = 'bounced') INTO usable, dead
          FROM contact_point p
         WHERE p.customer_id = may_contact.customer AND p.kind = ANY (plan.address_kinds) AND (p.ended_on > day OR p.ended_on IS NULL)
           AND CASE WHEN p.key_hash IS NULL THEN contact_match_key(p.kind, p.value) IS NOT NULL ELSE p.key_hash <> '' END;
        IF usable IS NOT TRUE THEN
            reason := CASE WHEN dead THEN 'bounced' ELSE 'no_address' END;
            RETURN;
        END IF;
    END IF;
    IF NOT plan.is_exempt AND NOT person.is_seed THEN
        reason := contact_pressure_refusal(may_contact.customer, may_contact.channel, at);
        IF reason IS NULL AND may_contact.campaign IS NOT NULL THEN
            reason := campaign_refusal(may_contact.customer, may_contact.channel, may_contact.campaign, plan.is_series, day);
        END IF;
        reason := coalesce(reason, moment_refusal(person, may_contact.channel, at, day));
    END IF;
    IF reason IS NULL AND is_stopped('never_contact', may_contact.customer, may_contact.channel, at) THEN
        reason := 'never_contact';
    END IF;
    allowed := reason IS NULL;
END
$$;
COMMENT ON FUNCTION may_contact(bigint, text, timestamptz, text) IS 'whether a customer may be contacted through a channel (email, call, sms, mail, messenger, visit: table contact_channel) at a time, now where none is said; for a campaign, which tells the purpose and whether he has had its piece; without one for marketing. reason: NULL when allowed, else the first that holds, see table contact_refusal, which has it in words. Changes nothing: ask again just before sending. 22004 without a channel, 23503 for an unknown channel or campaign; an unknown customer is no error but a reason';
