-- The sample's rotation and hand-overs: what next_salesperson() and hand_over_lead() say, in the last month.
--
-- These are made by the functions that apps call, one visitor and one lead after the other, in the
-- order of time: so balances, owners and moves are what they would be in life. Rows get numbers made
-- by arithmetic, or by sequences that go on after those, as everywhere in the sample.

-- When visitor number n comes, who does not leave a name: from Monday to Saturday.
CREATE FUNCTION sample_visitor_at(n bigint, salt bigint) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT day + (CASE WHEN extract(isodow FROM day) = 7 THEN 24 ELSE 0 END + 9 + 9 * dupex.sample_dice(n, salt + 91)) * interval '1 hour'
      FROM (SELECT timestamptz '2024-07-01 00:00+00' + floor(729 * dupex.sample_dice(n, salt + 95)) * interval '1 day') v(day)
$$;
COMMENT ON FUNCTION sample_visitor_at(bigint, bigint) IS 'when a visitor without a name comes; a part of load_sample()';

-- Since 1 June 2026 the showroom shares its visitors out by rotation. Who already knows somebody of
-- another team goes there, past the showroom.
CREATE FUNCTION sample_plan_turns(salt bigint, id_base bigint, scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    since constant timestamptz := timestamptz '2026-06-01 00:00+00';
    visitor record;
BEGIN
    FOR visitor IN
        SELECT r.customer_id, r.response_id AS n, r.responded_at AS at, r.product
          FROM sample_response r JOIN customer c USING (customer_id) LEFT JOIN salesperson s ON s.salesperson_id = c.salesperson_id
         WHERE r.is_walk_in AND r.responded_at >= since AND coalesce(s.team = 'showroom', true)
        UNION ALL
        SELECT 0, i.n, dupex.sample_visitor_at(i.n, salt), NULL
          FROM generate_series(1, ceil(500 * scale)::bigint) k, LATERAL (SELECT 910 * id_base + k) i(n) WHERE dupex.sample_visitor_at(i.n, salt) >= since
         ORDER BY at, n
    LOOP
        PERFORM record_turn('showroom', visitor.customer_id, 'sample-turn-' || visitor.n, visitor.at, visitor.product);
    END LOOP;
    DELETE FROM request WHERE request_id LIKE 'sample-turn-%';
    UPDATE rotation_turn SET rotation_turn_id = substr(request_id, 13)::bigint;
    UPDATE sample_response r SET salesperson_id = t.salesperson_id FROM rotation_turn t WHERE t.customer_id = r.customer_id AND t.rotation_turn_id = r.response_id;
END
$$;
COMMENT ON FUNCTION sample_plan_turns(bigint, bigint, float8) IS 'lets the rotation say who takes the visitors of June 2026; a part of load_sample()';

-- Telesales hands over to field sales what has become too large for the telephone. Half of it is
-- accepted, some comes back, and some waits for an answer.
CREATE FUNCTION sample_write_hand_overs(salt bigint, scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    handed record;
BEGIN
    INSERT INTO hand_over_agreement (from_team, to_team, accept_within, contact_within) VALUES ('telesales', 'field', '1 day', '3 days');
    INSERT INTO hand_over_criterion (from_team, to_team, criterion, name, is_required, pattern, minimum) VALUES
        ('telesales', 'field', 'product', 'which product',     true,  NULL,              NULL),
        ('telesales', 'field', 'budget',  'what can be spent', true,  NULL,              1000),
        ('telesales', 'field', 'decides', 'who decides',       false, '^(self|partner)$', NULL);
    FOR handed IN
        SELECT c.*, 'sample-hand-over-' || c.lead_id AS request,
               CASE WHEN c.fate < .5 THEN 'accepted' WHEN c.fate < .75 THEN 'returned' END AS answer,
               -- the next morning, and some too late
               date_trunc('day', c.at) + (CASE WHEN extract(isodow FROM c.at) = 5 THEN 3 ELSE 1 END + CASE WHEN c.wait > .8 THEN 1 ELSE 0 END) * interval '1 day' + (8 + 1.2 * c.wait) * interval '1 hour' AS answered_at
          FROM (SELECT l.customer_id, l.lead_id, l.salesperson_id, dupex.sample_dice(l.lead_id, salt + 101) AS fate, dupex.sample_dice(l.lead_id, salt + 102) AS wait,
                       -- in the hours of work of a day after what happened last
                       d.day + (CASE WHEN extract(isodow FROM d.day) > 5 THEN 48 ELSE 0 END + 9 + 8 * dupex.sample_dice(l.lead_id, salt + 103)) * interval '1 hour' AS at
                  FROM lead l,
                       LATERAL (SELECT date_trunc('day', greatest((SELECT max(m.moved_at) FROM lead_move m WHERE m.customer_id = l.customer_id AND m.lead_id = l.lead_id),
                                                                  (SELECT max(v.visited_at) FROM visit v WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'completed')))
                                       + interval '1 day') d(day)
                 WHERE l.status = 'open' AND l.team = 'telesales' AND l.product = 'certificate' AND l.salesperson_id IS NOT NULL) c
         WHERE c.at BETWEEN '2026-06-02' AND '2026-06-30 18:00+00'
         ORDER BY dupex.sample_dice(c.lead_id, salt + 104), c.lead_id LIMIT round((12 * scale)::numeric)
    LOOP
        PERFORM hand_over_lead(handed.customer_id, handed.lead_id, 'field', handed.request, handed.at, from_salesperson => handed.salesperson_id,
            answers => jsonb_build_object('budget', 2400 + 800 * floor(5 * handed.wait), 'decides', (ARRAY['self', 'partner', 'the board'])[1 + floor(3 * handed.fate)::int]));
        CONTINUE WHEN handed.answered_at >= timestamptz '2026-07-01 00:00+00';
        IF handed.answer = 'accepted' THEN
            PERFORM accept_lead(handed.customer_id, handed.lead_id, handed.request || '-accepted', handed.answered_at);
            INSERT INTO call (customer_id, called_at, direction, result, lead_id, salesperson_id, call_reference, seconds, request_id)
            SELECT l.customer_id, handed.answered_at + interval '40 minutes', 'outbound', 'reached', l.lead_id, l.salesperson_id, 'tel-' || handed.request, 180, handed.request || '-call'
              FROM lead l WHERE l.customer_id = handed.customer_id AND l.lead_id = handed.lead_id AND handed.answered_at + interval '40 minutes' < '2026-07-01 00:00+00';
        ELSIF handed.answer = 'returned' THEN
            PERFORM return_lead(handed.customer_id, handed.lead_id, CASE WHEN handed.fate < .65 THEN 'not ready' ELSE 'no contact' END, handed.request || '-returned', handed.answered_at);
        END IF;
    END LOOP;
    DELETE FROM request WHERE request_id LIKE 'sample-hand-over-%';
END
$$;
COMMENT ON FUNCTION sample_write_hand_overs(bigint, float8) IS 'hands some leads over from telesales to field sales, with what became of it; a part of load_sample()';

REVOKE ALL ON FUNCTION sample_plan_turns(bigint, bigint, float8), sample_write_hand_overs(bigint, float8) FROM PUBLIC;
