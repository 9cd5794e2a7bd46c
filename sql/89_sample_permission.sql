-- The sample's permission: what people asked for, and what the pieces that they had said of them.

CREATE FUNCTION sample_write_permission(salt bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    -- the rules of the house: not more than three e-mails a week and eight pieces a month, calls by day
    UPDATE contact_rule SET pieces = CASE WHEN channel = 'email' THEN 3 ELSE 8 END WHERE rule = 'cap' AND (channel = 'email' OR channel IS NULL);
    INSERT INTO quiet_hours (channel, starts, ends) VALUES ('call', '20:00', '09:00');
    INSERT INTO quiet_hours (channel, starts, ends, weekdays) VALUES ('call', '00:00', '00:00', '{7}');
    -- who registered for the newsletter agreed to it; a few said that they want no calls, some are away for the summer
    INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, legal_basis, source, evidence, happened_at, request_id)
    SELECT customer_id, 'email', 'marketing', 'granted', 'person', 'consent', 'registration form', 'confirmed the link in the mail', joined_on + interval '9 hours', 'sample-consent-' || customer_id
      FROM sample_person WHERE list = '03' AND NOT is_seed
    UNION ALL
    SELECT customer_id, 'call', 'marketing', 'refused', 'person', NULL, 'telephone', NULL, timestamptz '2025-01-02 10:00+00' + floor(500 * dupex.sample_dice(customer_id, salt + 98)) * interval '1 day', 'sample-refusal-' || customer_id
      FROM sample_person WHERE list IN ('01', '02', '16') AND NOT is_seed AND dupex.sample_dice(customer_id, salt + 97) < .02;
    INSERT INTO contact_stop (customer_id, refusal, starts_at, ends_at, details, request_id)
    SELECT customer_id, 'paused', '2026-06-20 00:00+00', '2026-08-01 00:00+00', 'away for the summer', 'sample-pause-' || customer_id
      FROM sample_person WHERE list IN ('01', '02', '03') AND NOT is_seed AND dupex.sample_dice(customer_id, salt + 99) < .005;
    PERFORM hash_contact_points();
    PERFORM suppress_addresses(array_agg(e.customer_id), array_agg(NULL::bigint), array_agg(e.channel), array_agg(e.purpose), array_agg('opted out'::text), array_agg(e.happened_at), 'telephone')
       FROM consent_event e WHERE e.status = 'refused';
    PERFORM take_in_touch_events(array_agg(e.customer_id ORDER BY e.touch_event_id), array_agg(e.touch_event_id ORDER BY e.touch_event_id))
       FROM touch_event e WHERE e.kind IN ('complained', 'unsubscribed');
END
$$;
COMMENT ON FUNCTION sample_write_permission(bigint) IS 'writes rules of contact, consents, opt-outs and suppressions; a part of load_sample()';

REVOKE ALL ON FUNCTION sample_write_permission(bigint) FROM PUBLIC;
