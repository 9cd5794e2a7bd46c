-- The sample's leads: grades, owners, visits, and how they end.
--
-- A lead is graded again at its first visit, closes after a time that depends on its grade, and
-- moves by the rules of table stale_rule: the history is what the nightly job would have written
-- if it had run every night at half past midnight until the last day. What falls due later is
-- left for the job to do.

-- The time of visit number visit_no: prospective leads are seen weekly, the others every four weeks.
CREATE FUNCTION sample_visit_at(lead_id bigint, salt bigint, opened_at timestamptz, first_grade text, visit_no int) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT day + (CASE WHEN extract(isodow FROM day) = 7 THEN 24 ELSE 0 END + 9 + 8 * dupex.sample_dice(lead_id * 16 + visit_no, salt + 66)) * interval '1 hour'
      FROM (SELECT date_trunc('day', opened_at)
                   + (CASE first_grade WHEN 'prospective' THEN 3 + floor(7 * dupex.sample_dice(lead_id, salt + 62)) + 7 * (visit_no - 1)
                                       ELSE 6 + floor(18 * dupex.sample_dice(lead_id, salt + 62)) + 28 * (visit_no - 1) END) * interval '1 day') d(day)
$$;
COMMENT ON FUNCTION sample_visit_at(bigint, bigint, timestamptz, text, int) IS 'time of a visit to a lead; a part of load_sample()';

-- The night in which the job finds that a time has passed.
CREATE FUNCTION sample_night(passed_at timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN date_trunc('day', passed_at) + interval '1 day 30 minutes';
COMMENT ON FUNCTION sample_night(timestamptz) IS 'the next nightly run after a time; a part of load_sample()';

CREATE FUNCTION sample_plan_leads(salt bigint, blocks int) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    ends_at constant timestamptz := timestamptz '2026-07-01 00:00+00';
    left_at constant timestamptz := timestamptz '2026-01-01 00:30+00';
BEGIN
    INSERT INTO sample_lead (lead_id, customer_id, opened_at, product, team, block, store, is_walk_in, place, first_owner, heir, first_grade, graded_at, grade,
                             clock_at, outcome, closed_at, stale_at, stale_owner)
    SELECT lead_id, customer_id, opened_at, product, CASE WHEN first_owner IS NULL THEN 'marketing' ELSE team END, block, store, is_walk_in, place, first_owner,
           CASE WHEN first_owner > blocks * 12 AND coalesce(least(c.closed_at, s.stale_at), ends_at) > left_at THEN (block - 1) * 12 + place END,
           first_grade, graded_at, clock_grade, clock_at, outcome, c.closed_at, s.stale_at,
           -- a senior takes it, from a senior the manager; an intention goes on to the next colleague
           (block - 1) * 12 + CASE WHEN clock_grade = 'intention' THEN CASE team WHEN 'field' THEN 21 - place ELSE team_place + 1 + (place - team_place) % 3 END
                                   WHEN place = team_place + 1 THEN team_place ELSE team_place + 1 END
      FROM (SELECT r.response_id AS lead_id, r.customer_id, r.responded_at + interval '20 minutes' AS opened_at, r.product, t.team, r.block, r.store, r.is_walk_in,
                   t.team_place, p.place, g.first_grade,
                   CASE WHEN g.first_grade = 'potential' THEN NULL
                        WHEN t.team = 'showroom' AND r.responded_at < '2025-12-10' AND dupex.sample_dice(r.response_id, salt + 61) < .2 THEN blocks * 12 + 1
                        ELSE (r.block - 1) * 12 + p.place END AS first_owner
              FROM sample_response r,
                   LATERAL (SELECT CASE WHEN r.product IN ('used', 'compact', 'family', 'electric') THEN 'showroom' WHEN r.product = 'inhouse' THEN 'field' ELSE 'telesales' END) a(team),
                   LATERAL (SELECT a.team, CASE a.team WHEN 'showroom' THEN 1 WHEN 'telesales' THEN 5 ELSE 9 END) t(team, team_place),
                   LATERAL (SELECT t.team_place + 1 + floor(CASE a.team WHEN 'field' THEN 2 ELSE 3 END * dupex.sample_dice(r.response_id, salt + 59))::int) p(place),
                   LATERAL (SELECT dupex.sample_dice(r.response_id, salt + 60) - CASE WHEN r.channel IN ('call', 'visit') THEN .1 ELSE 0 END) q(hope),
                   LATERAL (SELECT CASE WHEN q.hope < .28 THEN 'prospective' WHEN q.hope < .63 THEN 'intention' ELSE 'potential' END) g(first_grade)
             WHERE r.opens_lead OFFSET 0) l,
           -- OFFSET 0: each of these steps is computed once, not again in every step that uses it
           LATERAL (SELECT dupex.sample_visit_at(lead_id, salt, opened_at, first_grade, 1), dupex.sample_dice(lead_id, salt + 63) OFFSET 0) v(first_visit_at, change),
           LATERAL (SELECT CASE WHEN first_visit_at >= ends_at THEN NULL WHEN first_grade = 'prospective' AND change < .12 THEN 'intention'
                                WHEN first_grade = 'intention' AND change < .25 THEN 'prospective' END OFFSET 0) w(grade),
           LATERAL (SELECT CASE WHEN grade IS NOT NULL THEN first_visit_at END, coalesce(grade, first_grade) OFFSET 0) x(graded_at, clock_grade),
           LATERAL (SELECT coalesce(graded_at, opened_at)) y(clock_at),
           LATERAL (SELECT dupex.sample_dice(lead_id, salt + 64), dupex.sample_dice(lead_id, salt + 65) OFFSET 0) d(fate, wait),
           LATERAL (SELECT CASE clock_grade WHEN 'prospective' THEN CASE WHEN fate < .5 THEN 'won' WHEN fate < .72 THEN 'lost' END
                                            WHEN 'intention' THEN CASE WHEN fate < .22 THEN 'won' ELSE 'lost' END
                                            ELSE CASE WHEN fate < .07 THEN 'won' WHEN fate < .17 THEN 'lost' END END,
                           CASE clock_grade WHEN 'prospective' THEN CASE WHEN fate < .5 THEN 3 + 130 * wait * wait ELSE 10 + 120 * wait END
                                            WHEN 'intention' THEN CASE WHEN fate < .22 THEN 15 + 230 * wait ELSE 40 + 300 * wait END
                                            ELSE 60 + 420 * wait END OFFSET 0) f(fate_kind, days),
           -- closed in the hours of work
           LATERAL (SELECT CASE WHEN fate_kind IS NOT NULL
                                THEN date_trunc('day', clock_at) + floor(days + 1) * interval '1 day' + (9 + 8 * dupex.sample_dice(lead_id, salt + 68)) * interval '1 hour' END OFFSET 0) h(fate_at),
           LATERAL (SELECT dupex.sample_night(clock_at + interval '3 months') OFFSET 0) n(night),
           LATERAL (SELECT CASE WHEN clock_grade <> 'potential' AND night < ends_at AND (fate_at IS NULL OR fate_at > night) THEN night END OFFSET 0) s(stale_at),
           LATERAL (SELECT CASE WHEN clock_grade = 'prospective' AND fate_at IS NULL THEN dupex.sample_night(s.stale_at + interval '3 months') END OFFSET 0) e(defeat_at),
           LATERAL (SELECT CASE WHEN fate_at < ends_at THEN fate_at WHEN defeat_at < ends_at THEN defeat_at END,
                           CASE WHEN fate_at < ends_at THEN fate_kind WHEN defeat_at < ends_at THEN 'defeated' END) c(closed_at, outcome);
    -- a visitor stays with whoever the rotation gave him to
    UPDATE sample_lead l SET first_owner = t.salesperson_id FROM rotation_turn t WHERE t.customer_id = l.customer_id AND t.rotation_turn_id = l.lead_id AND l.first_owner IS NOT NULL;
    ANALYZE sample_lead;
END
$$;
COMMENT ON FUNCTION sample_plan_leads(bigint, int) IS 'plans the leads, from the answers that open one; a part of load_sample()';

-- Every move with the whole state after it.
CREATE FUNCTION sample_plan_moves() RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    ends_at constant timestamptz := timestamptz '2026-07-01 00:00+00';
    left_at constant timestamptz := timestamptz '2026-01-01 00:30+00';
BEGIN
    INSERT INTO sample_move (customer_id, lead_id, moved_at, kind, owner, grade, status, clock_at, reason, rule)
    SELECT l.customer_id, l.lead_id, m.moved_at, m.kind, m.owner, m.grade, m.status, m.clock_at, m.reason, m.rule
      FROM sample_lead l, LATERAL (
           SELECT opened_at, 'opened', first_owner, first_grade, 'open', opened_at, CASE WHEN first_owner IS NULL THEN 'time of purchase unknown: marketing follows up' ELSE 'first contact' END, NULL
            UNION ALL
           SELECT graded_at, 'graded', CASE WHEN graded_at > left_at THEN coalesce(heir, first_owner) ELSE first_owner END, l.grade, 'open', graded_at,
                  CASE l.grade WHEN 'prospective' THEN 'wants to decide soon' ELSE 'put off the decision' END, NULL
            WHERE graded_at IS NOT NULL
            UNION ALL
           SELECT left_at, 'assigned', heir, CASE WHEN graded_at < left_at THEN l.grade ELSE first_grade END, 'open', NULL, 'the owner left', NULL
            WHERE heir IS NOT NULL AND opened_at < left_at
            UNION ALL
           SELECT stale_at, 'stale', stale_owner, l.grade, 'open', stale_at, 'three months without a ' || CASE l.grade WHEN 'prospective' THEN 'deal' ELSE 'better grade' END,
                  l.grade || ' step 1 v1: ' || CASE l.grade WHEN 'prospective' THEN 'to senior' ELSE 'reassign' END || ' after 3 mons'
            WHERE stale_at IS NOT NULL
            UNION ALL
           -- an intention goes on moving: to the manager, and back to the senior
           SELECT s.at, 'stale', (block - 1) * 12 + CASE WHEN l.team = 'showroom' THEN 0 WHEN l.team = 'telesales' THEN 4 ELSE 8 END + s.step, l.grade, 'open', s.at,
                  'three more months without a better grade', 'intention step 1 v1: reassign after 3 mons'
             FROM LATERAL (SELECT dupex.sample_night(stale_at + interval '3 months')) n(second_at),
                  LATERAL (VALUES (1, second_at), (2, dupex.sample_night(second_at + interval '3 months'))) s(step, at)
            WHERE l.grade = 'intention' AND s.at < coalesce(closed_at, ends_at)
            UNION ALL
           SELECT closed_at, outcome, NULL, l.grade, outcome, NULL,
                  CASE outcome WHEN 'won' THEN 'ordered' WHEN 'lost' THEN 'the customer said no' ELSE 'three months with the senior without a deal' END,
                  CASE outcome WHEN 'defeated' THEN 'prospective step 2 v1: defeat after 3 mons' END
            WHERE closed_at IS NOT NULL
           ) m(moved_at, kind, owner, grade, status, clock_at, reason, rule);
    -- who closed a lead keeps it, but for the defeated ones
    UPDATE sample_move m SET owner = o.owner
      FROM (SELECT DISTINCT ON (lead_id) lead_id, owner FROM sample_move WHERE status = 'open' ORDER BY lead_id, moved_at DESC) o
     WHERE o.lead_id = m.lead_id AND m.status IN ('won', 'lost');
    ANALYZE sample_move;
END
$$;
COMMENT ON FUNCTION sample_plan_moves() IS 'plans the moves of the leads; a part of load_sample()';

CREATE FUNCTION sample_write_leads(salt bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO lead (customer_id, lead_id, opened_at, response_id, product, team, salesperson_id, lead_grade, clock_started_at, stale_step_no, next_visit_on,
                      status, closed_at, customer_order_id, lost_reason, competitor, competitor_price, request_id)
    SELECT l.customer_id, l.lead_id, l.opened_at, l.lead_id, l.product, l.team, m.owner, m.grade,
           m.clock_at, m.steps, CASE WHEN m.status = 'open' AND m.owner IS NOT NULL THEN dupex.sample_next_visit(l.lead_id, salt) END,
           m.status, l.closed_at, CASE m.status WHEN 'won' THEN l.lead_id END, r.reason, CASE r.reason WHEN 'bought elsewhere' THEN 'competitor ' || 1 + l.lead_id % 3 END,
           CASE r.reason WHEN 'bought elsewhere' THEN p.price * (88 + l.lead_id % 10) / 100 END, 'sample-lead-' || l.lead_id
      FROM sample_lead l JOIN product p USING (product)
      JOIN (SELECT DISTINCT ON (lead_id) lead_id, owner, grade, status, max(clock_at) OVER lead AS clock_at,
                   count(*) FILTER (WHERE rule IS NOT NULL) OVER lead AS steps
              FROM sample_move WINDOW lead AS (PARTITION BY lead_id) ORDER BY lead_id, moved_at DESC) m USING (lead_id),
           LATERAL (SELECT CASE m.status WHEN 'lost' THEN (ARRAY['price', 'bought elsewhere', 'no need any more', 'no answer any more', 'bought elsewhere'])
                           [1 + floor(5 * dupex.sample_dice(lead_id, salt + 69))::int] END) r(reason);
    INSERT INTO lead_move (customer_id, lead_move_id, lead_id, moved_at, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, from_status, to_status,
                           reason, rule, days_on_clock, moved_by, request_id)
    SELECT customer_id, lead_id * 16 + row_number() OVER lead, lead_id, moved_at, kind, lag(owner) OVER lead, owner, lag(grade) OVER lead, grade,
           lag(status) OVER lead, status, reason, rule,
           CASE WHEN kind <> 'opened' THEN extract(epoch FROM moved_at - max(clock_at) OVER (lead ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) / 86400 END,
           CASE WHEN rule IS NOT NULL THEN 'nightly job' WHEN owner IS NULL THEN 'marketing' ELSE 'salesperson ' || owner END,
           'sample-move-' || lead_id || '-' || row_number() OVER lead
      FROM sample_move WINDOW lead AS (PARTITION BY lead_id ORDER BY moved_at);
END
$$;
COMMENT ON FUNCTION sample_write_leads(bigint) IS 'writes leads and their moves; a part of load_sample()';

-- The next visit of a lead that is still open: some are three days overdue.
CREATE FUNCTION sample_next_visit(lead_id bigint, salt bigint) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN date '2026-06-28' + floor(11 * dupex.sample_dice(lead_id, salt + 70))::int;
COMMENT ON FUNCTION sample_next_visit(bigint, bigint) IS 'day of the next visit to an open lead; a part of load_sample()';

-- A planned visit is one row, what came of it another: completed, cancelled, or nothing.
CREATE FUNCTION sample_write_visits(salt bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO visit (customer_id, visit_id, lead_id, kind, status, planned_visit_id, visited_at, salesperson_id, store, outcome, grade_before, grade_after, request_id)
    SELECT customer_id, visit_id, lead_id, kind, status, CASE WHEN status <> 'planned' THEN visit_id - 1 END, visited_at, owner,
           CASE team WHEN 'showroom' THEN coalesce(store, 'showroom') END,
           CASE status WHEN 'completed' THEN (ARRAY['wants an offer', 'thinks it over', 'asks for another date', 'compares prices'])[1 + floor(4 * luck)::int] END,
           grade_before, CASE status WHEN 'completed' THEN grade_after END, 'sample-visit-' || visit_id
      FROM (SELECT l.customer_id, l.lead_id, l.team, l.store, lead_id * 16 + 2 * visit_no + CASE s.status WHEN 'planned' THEN 0 ELSE 1 END AS visit_id, s.status,
                   v.visited_at, d.luck,
                   CASE l.team WHEN 'showroom' THEN CASE WHEN visit_no = 1 AND d.luck < .5 THEN 'test drive' ELSE 'return visit' END
                               WHEN 'telesales' THEN 'return call' ELSE 'field call' END AS kind,
                   CASE WHEN v.visited_at > stale_at THEN stale_owner WHEN v.visited_at > '2026-01-01 00:30+00' THEN coalesce(heir, first_owner) ELSE first_owner END AS owner,
                   CASE WHEN visit_no = 1 THEN first_grade ELSE grade END AS grade_before, CASE WHEN visit_no = 1 AND graded_at IS NULL THEN first_grade ELSE grade END AS grade_after
              FROM sample_lead l, generate_series(1, 6) visit_no,
                   LATERAL (SELECT dupex.sample_visit_at(lead_id, salt, opened_at, first_grade, visit_no) OFFSET 0) v(visited_at),
                   LATERAL (SELECT dupex.sample_dice(lead_id * 16 + visit_no, salt + 67), dupex.sample_dice(lead_id * 16 + visit_no, salt + 71)) d(done, luck),
                   LATERAL (VALUES ('planned', true), ('completed', done < .86 OR (visit_no = 1 AND graded_at IS NOT NULL)),
                                   ('cancelled', done >= .86 AND done < .93 AND NOT (visit_no = 1 AND graded_at IS NOT NULL))) s(status, happens)
             WHERE first_owner IS NOT NULL AND v.visited_at < coalesce(closed_at, '2026-07-01 00:00+00') AND s.happens) t;
    -- the first contact in the shop, and the next visit of what is open
    INSERT INTO visit (customer_id, visit_id, lead_id, kind, status, visited_at, salesperson_id, store, outcome, grade_after, request_id)
    SELECT customer_id, lead_id * 16 + 1, lead_id, 'reception', 'completed', opened_at - interval '20 minutes', first_owner, store, 'lead opened', first_grade,
           'sample-visit-' || lead_id * 16 + 1
      FROM sample_lead WHERE is_walk_in
    UNION ALL
    SELECT customer_id, lead_id * 16 + 15, lead_id, CASE team WHEN 'showroom' THEN 'return visit' WHEN 'telesales' THEN 'return call' ELSE 'field call' END, 'planned',
           next_visit_on + interval '10 hours', salesperson_id, CASE team WHEN 'showroom' THEN 'showroom' END, NULL, NULL, 'sample-visit-' || lead_id * 16 + 15
      FROM lead WHERE next_visit_on IS NOT NULL;
END
$$;
COMMENT ON FUNCTION sample_write_visits(bigint) IS 'writes visits, planned and completed; a part of load_sample()';
