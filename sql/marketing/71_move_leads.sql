-- Moving stale leads: which, where to, and the writing. The rules are told in 70_stale_leads.sql.
--
-- move_stale_leads() never waits for a lead that an app is working on (it skips its row, the next
-- call takes it), so it is in no deadlock. It looks for the leads of a batch first, which may be
-- long when there are few, and then locks those that have not changed meanwhile: so an app waits
-- only for the choosing and the writing of one batch. Two at once take turns, for both would count
-- the same people's capacity.

-- The rows of leads in order of their clocks, as index lead_open_clock has them, so that a batch reads
-- little more than it moves. The last contact is that of lead_last_contact(), written out for speed.
-- $1 grade, $2 time on the clock, $3 until, $4 time zone, $5 step, $6 last step, $7 as_of;
-- is_resumed: behind the lead with the clock $8, customer $9 and number $10
CREATE OR REPLACE FUNCTION stale_query(clock text, is_resumed boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SET search_path FROM CURRENT AS
$$
DECLARE
    due       text;
    condition text;
BEGIN
    CASE clock
    WHEN 'marketing' THEN
        due := 'coalesce(l.clock_started_at, l.opened_at)';
        condition := due || ' <= $3';
    WHEN 'deal' THEN
        due := 'stale_due_at(l.clock_started_at, $2, $4)';
        -- what an index can find: months differ by less than four days
        condition := 'l.clock_started_at <= $3 - $2 + interval ''4 days'' AND ' || due
                     || ' <= $3 AND (l.stale_step_no = $5 - 1 OR $5 = $6 AND l.stale_step_no >= $5)';
    WHEN 'contact' THEN
        -- since the owner has it, if there was no contact since; the clock without a deal comes first
        due := 'stale_due_at(greatest(lead_last_contact(l.customer_id, l.lead_id, $7), (
                   SELECT coalesce(max(m.moved_at), l.opened_at) FROM lead_move m
                    WHERE m.customer_id = l.customer_id AND m.lead_id = l.lead_id AND m.to_salesperson_id = l.salesperson_id
                      AND (m.from_salesperson_id IS DISTINCT FROM m.to_salesperson_id OR m.kind = ''stale''))), $2, $4)';
        condition := 'l.opened_at <= $3 - $2 + interval ''4 days'' AND NOT EXISTS (
                   SELECT FROM visit v WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = ''completed''
                                         AND v.visited_at > $3 - $2 + interval ''4 days'' AND v.visited_at <= $7)
               AND NOT EXISTS (
                   SELECT FROM stale_rule d WHERE d.lead_grade = l.lead_grade AND d.clock = ''deal'' AND stale_due_at(l.clock_started_at, d.stale_after, $4) <= $7
                      AND d.step_no = least(l.stale_step_no + 1, (SELECT max(o.step_no) FROM stale_rule o WHERE o.lead_grade = l.lead_grade AND o.clock = ''deal'')))
               AND ' || due || ' <= $3';
    END CASE;
    RETURN format($query$
        SELECT l.*,
               greatest((SELECT max(v.visited_at) FROM visit v
                          WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'completed' AND v.visited_at <= $7),
                        (SELECT max(c.called_at) FROM call c
                          WHERE c.customer_id = l.customer_id AND c.lead_id = l.lead_id AND c.result IN ('reached', 'refused', 'promise', 'answered') AND c.called_at <= $7)),
               ARRAY(SELECT p.salesperson_id FROM lead_move m, LATERAL (VALUES (m.to_salesperson_id), (m.from_salesperson_id)) p(salesperson_id)
                      WHERE m.customer_id = l.customer_id AND m.lead_id = l.lead_id AND p.salesperson_id IS NOT NULL)
          FROM (SELECT l.customer_id, l.lead_id, l.team, l.salesperson_id, l.lead_grade, l.model_grade, l.opened_at, l.clock_started_at, l.stale_step_no, %s AS due_at, l.xmin AS row_version
                  FROM lead l
                 WHERE l.status = 'open' AND l.salesperson_id IS NOT NULL AND l.lead_grade = $1 AND %s %s
                 ORDER BY l.clock_started_at, l.customer_id, l.lead_id) l$query$,
        due, condition, CASE WHEN is_resumed THEN 'AND (l.clock_started_at, l.customer_id, l.lead_id) > ($8, $9, $10)' END);
END
$$;
COMMENT ON FUNCTION stale_query(text, boolean) IS 'text of the query for the leads that a rule applies to; clock is deal, contact or marketing (of a grade that marketing follows); is_resumed: only those behind a lead. A part of stale_moves()';

CREATE OR REPLACE FUNCTION stale_rules(OUT lead_grade text, OUT clock text, OUT step_no int, OUT last_step_no int, OUT stale_after interval, OUT action text, OUT rule text, OUT without text)
    RETURNS SETOF record LANGUAGE sql STABLE ROWS 5 SET search_path FROM CURRENT SET intervalstyle = 'postgres' AS
$$
    SELECT g.lead_grade, 'marketing', NULL, NULL, NULL, 'to marketing', g.lead_grade || ': to marketing at once', 'followed by marketing'
      FROM lead_grade g WHERE g.followed_by = 'marketing'
    UNION ALL
    (SELECT r.lead_grade, r.clock, r.step_no, max(r.step_no) OVER (PARTITION BY r.lead_grade, r.clock), r.stale_after, r.action,
            format('%s %s v%s: %s after %s', r.lead_grade, CASE r.clock WHEN 'deal' THEN 'step ' || r.step_no ELSE 'without contact' END, r.version, r.action, r.stale_after),
            format('%s without %s', r.stale_after, CASE WHEN r.clock = 'contact' THEN 'a completed contact' WHEN g.grade_no = min(g.grade_no) OVER () THEN 'a deal' ELSE 'a better grade' END)
       FROM stale_rule r JOIN lead_grade g USING (lead_grade) WHERE g.followed_by = 'sales'
      ORDER BY g.grade_no, r.clock DESC, r.step_no)
$$;
COMMENT ON FUNCTION stale_rules() IS 'the rules that move leads, in the order in which they are applied: those of lead_grade (what marketing follows) and stale_rule, with the words that lead_move gets. A part of stale_moves()';

CREATE OR REPLACE FUNCTION stale_lock(leads stale_lead[]) RETURNS stale_lead[]
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN ARRAY(
        SELECT ROW(b.customer_id, b.lead_id, b.team, b.salesperson_id, b.lead_grade, b.model_grade, b.opened_at, b.clock_started_at, b.stale_step_no,
                   b.due_at, b.row_version, b.contact_at, b.had)::stale_lead
          FROM unnest(leads) WITH ORDINALITY b
         CROSS JOIN LATERAL (SELECT true FROM lead l WHERE l.customer_id = b.customer_id AND l.lead_id = b.lead_id AND l.xmin = b.row_version
                               FOR NO KEY UPDATE SKIP LOCKED) k
         ORDER BY b.ordinality);
END
$$;
COMMENT ON FUNCTION stale_lock(stale_lead[]) IS 'locks the rows of leads: those of them that are as they were and that nobody else has locked. A part of stale_moves()';

-- Who is to have leads that one rule moves: share_out() chooses for all of them at once. Who waits is
-- among the moves, too.
CREATE OR REPLACE FUNCTION stale_choose(leads stale_lead[], clock text, action text, rule text, without text, INOUT pool salesperson_pool, OUT moves stale_move[])
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    is_shared   boolean := action NOT IN ('to marketing', 'defeat');
    owners      bigint[];
    teams       text[];
    seniorities int[];
    lead        stale_lead;
    move        stale_move;
    item_pools  int[] := ARRAY[]::int[];
    item_above  int[] := ARRAY[]::int[];
    item_owners bigint[] := ARRAY[]::bigint[];
    had_items   int[] := ARRAY[]::int[];
    had         bigint[] := ARRAY[]::bigint[];
    choice      record;
BEGIN
    SELECT array_agg(s.salesperson_id), array_agg(coalesce(s.team, '')), array_agg(s.seniority) INTO owners, teams, seniorities FROM salesperson s;
    moves := '{}';
    FOREACH lead IN ARRAY leads LOOP
        move := ROW(lead.customer_id, lead.lead_id, CASE WHEN lead.team = ANY (pool.team) THEN lead.team ELSE teams[array_position(owners, lead.salesperson_id)] END,
                    lead.lead_grade, lead.model_grade, lead.salesperson_id, NULL, CASE action WHEN 'to marketing' THEN 'handed over' WHEN 'defeat' THEN 'defeated' ELSE 'stale' END,
                    lead.due_at, lead.clock_started_at, coalesce(lead.contact_at, lead.opened_at), lead.stale_step_no,
                    lead.stale_step_no + CASE WHEN clock = 'deal' THEN 1 ELSE 0 END, rule, without);
        moves := moves || move;
        IF is_shared THEN
            item_pools := item_pools || pool_tiers(pool.team, move.team);
            item_above := item_above || CASE WHEN action = 'to senior' THEN seniorities[array_position(owners, lead.salesperson_id)] END;
            item_owners := item_owners || lead.salesperson_id;
            had_items := had_items || array_fill(cardinality(moves), ARRAY[cardinality(lead.had)]);
            had := had || lead.had;
        END IF;
    END LOOP;
    IF NOT is_shared THEN
        RETURN;
    END IF;
    SELECT * INTO choice FROM share_out(pool.person, pool.pool_no, pool.level, pool.capacity, pool.weight, pool.taken, item_pools, item_above, item_owners, had_items, had);
    pool.taken := choice.taken_then;
    moves := ARRAY(
        SELECT ROW(m.customer_id, m.lead_id, m.team, m.lead_grade, m.model_grade, m.from_salesperson_id,
                   CASE w.what WHEN 'stays' THEN m.from_salesperson_id ELSE m.chosen END,
                   CASE w.what WHEN 'waits' THEN 'waits' WHEN 'nobody' THEN 'handed over' ELSE m.kind END,
                   m.due_at, m.clock_started_at, m.contact_at, m.stale_step_no, CASE WHEN w.what IN ('waits', 'nobody') THEN m.stale_step_no ELSE m.next_stale_step_no END, m.rule,
                   without || CASE w.what WHEN 'manager' THEN ': taken by the manager'
                                          WHEN 'other' THEN CASE action WHEN 'to senior' THEN ': to a more senior salesperson' ELSE ': to another salesperson' END
                                          WHEN 'waits' THEN ': waits, all who could take it are off duty or have their share'
                                          WHEN 'stays' THEN ': stays, there is nobody else'
                                          ELSE ': to marketing, there is nobody to take it' END)::stale_move
          FROM ROWS FROM (unnest(moves), unnest(choice.chosen), unnest(choice.tiers), unnest(choice.is_possible)) WITH ORDINALITY
                   m(customer_id, lead_id, team, lead_grade, model_grade, from_salesperson_id, to_salesperson_id, kind, due_at, clock_started_at, contact_at,
                     stale_step_no, next_stale_step_no, rule, reason, chosen, tier, is_possible, n),
               LATERAL (SELECT CASE WHEN m.tier = 1 THEN 'other' WHEN m.tier > 1 THEN 'manager' WHEN m.is_possible THEN 'waits'
                                    WHEN m.from_salesperson_id = ANY (pool.person) THEN 'stays' ELSE 'nobody' END) w(what)
         ORDER BY m.n);
END
$$;
COMMENT ON FUNCTION stale_choose(stale_lead[], text, text, text, text, salesperson_pool) IS 'the moves of leads to which a rule applies, and the pool after them. A part of stale_moves()';

-- The leads of a rule are read slice by slice. A call of at most max_moves ends with the first slice
-- that has moves, so that it does not go on looking with rows locked. Its last row is then no move
-- but of the kind "place": after which lead, in the order of rules and clocks, the next call may
-- begin (clock infinity: after all of the rule).
CREATE OR REPLACE FUNCTION stale_moves(as_of timestamptz, until timestamptz, max_moves bigint, for_update boolean, after stale_move DEFAULT NULL) RETURNS SETOF stale_move
    LANGUAGE plpgsql ROWS 1000 SET search_path FROM CURRENT SET jit = off SET enable_sort = off AS      -- read in the order of the index, and no further than needed
$$
DECLARE
    zone        text := setting_value('time_zone');
    slice       bigint := coalesce(max_moves, 1000);
    is_reached  boolean := after.rule IS NULL;
    is_resumed  boolean;
    is_last     boolean := false;
    rule        record;
    found_leads refcursor;
    lead        stale_lead;
    last_lead   stale_lead;
    leads       stale_lead[];
    place       stale_move;
    chosen      record;
    n           bigint;
BEGIN
    SELECT salesperson_pool_at(as_of) AS pool, NULL::stale_move[] AS moves INTO chosen;
    FOR rule IN SELECT * FROM stale_rules() LOOP
        is_resumed := rule.rule = after.rule AND NOT is_reached;
        is_reached := is_reached OR is_resumed;
        CONTINUE WHEN NOT is_reached;
        OPEN found_leads NO SCROLL FOR EXECUTE stale_query(rule.clock, is_resumed)
            USING rule.lead_grade, rule.stale_after, until, zone, rule.step_no, rule.last_step_no, as_of, after.clock_started_at, after.customer_id, after.lead_id;
        LOOP
            leads := '{}';
            WHILE cardinality(leads) < slice LOOP
                FETCH found_leads INTO lead;
                EXIT WHEN NOT FOUND;
                leads := leads || lead;
                last_lead := lead;
            END LOOP;
            is_last := cardinality(leads) < slice;
            IF for_update THEN
                leads := stale_lock(leads);
            END IF;
            SELECT * INTO chosen FROM stale_choose(leads, rule.clock, rule.action, rule.rule, rule.without, chosen.pool);
            RETURN QUERY SELECT m.* FROM unnest(chosen.moves) m WHERE NOT (for_update AND m.kind = 'waits');
            GET DIAGNOSTICS n = ROW_COUNT;
            IF max_moves IS NOT NULL AND n > 0 THEN
                CLOSE found_leads;
                place.kind := 'place';
                place.rule := rule.rule;
                place.clock_started_at := CASE WHEN is_last THEN 'infinity' ELSE last_lead.clock_started_at END;
                place.customer_id := last_lead.customer_id;
                place.lead_id := last_lead.lead_id;
                RETURN NEXT place;
                RETURN;
            END IF;
            EXIT WHEN is_last;
        END LOOP;
        CLOSE found_leads;
    END LOOP;
END
$$;
COMMENT ON FUNCTION stale_moves(timestamptz, timestamptz, bigint, boolean, stale_move) IS 'the moves of the leads that are stale at until, chosen among the people of as_of: at most max_moves, and then a row of the kind place (NULL: all). for_update locks the rows of the leads, leaves out those that others have locked or changed, and those that wait; after: only those behind the place that an earlier call has given. A part of move_stale_leads() and stale_leads()';

CREATE OR REPLACE FUNCTION check_as_of(as_of timestamptz, argument text DEFAULT 'as_of') RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
BEGIN
    IF as_of IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', argument USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave it away for now().';
    ELSIF NOT isfinite(as_of) THEN
        RAISE EXCEPTION '% must be a time, not %', argument, as_of USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it away for now().';
    ELSIF as_of < '0001-01-01' OR as_of >= '10000-01-01' THEN
        RAISE EXCEPTION 'time "%" is out of range', as_of
            USING ERRCODE = 'datetime_field_overflow', DETAIL = 'Times are of the years 1 to 9999.', HINT = 'Look at the century, and at the order of day and month.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_as_of(timestamptz, text) IS 'raises 22004, 22023 or 22008 unless as_of, the argument of that name of the caller, is a time of the years 1 to 9999';

-- Whoever moves leads by rule takes this lock until the end of the transaction.
CREATE OR REPLACE FUNCTION lead_move_lock() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(format('dupex %I move leads', current_schema()), 0));
END
$$;
COMMENT ON FUNCTION lead_move_lock() IS 'waits until nobody else distributes leads, and keeps others from it until the end of the transaction';

CREATE OR REPLACE FUNCTION move_stale_leads(as_of timestamptz DEFAULT now(), max_moves int DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    moves stale_move[];
    place stale_move;
    moved bigint;
BEGIN
    PERFORM check_as_of(as_of);
    IF max_moves < 1 THEN
        RAISE EXCEPTION 'max_moves must be at least 1, not %', max_moves
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it away to move all stale leads in one transaction.';
    END IF;
    PERFORM lead_move_lock();
    IF max_moves IS NOT NULL THEN
        place := jsonb_populate_record(NULL::stale_move, batch_position('move_stale_leads', as_of));
    END IF;
    LOOP
        moves := ARRAY(SELECT m FROM stale_moves(as_of, as_of, max_moves, true, place) m);
        EXIT WHEN cardinality(moves) > 0 OR place.rule IS NULL;
        place := NULL;                          -- nothing left behind it: look at all before saying so
    END LOOP;
    place := NULL;
    IF max_moves IS NOT NULL AND cardinality(moves) > 0 THEN
        place := moves[cardinality(moves)];
        moves := moves[:cardinality(moves) - 1];
    END IF;
    PERFORM batch_position_keep('move_stale_leads', as_of, CASE WHEN place.rule IS NOT NULL THEN to_jsonb(place) END);
    UPDATE lead l
       SET salesperson_id = m.to_salesperson_id, stale_step_no = m.next_stale_step_no,
           clock_started_at = CASE m.kind WHEN 'stale' THEN as_of ELSE l.clock_started_at END,
           status = CASE m.kind WHEN 'defeated' THEN 'defeated' ELSE l.status END, closed_at = CASE m.kind WHEN 'defeated' THEN as_of ELSE l.closed_at END,
           next_visit_on = CASE WHEN m.to_salesperson_id IS NOT NULL THEN l.next_visit_on END
      FROM unnest(moves) m
     WHERE l.customer_id = m.customer_id AND l.lead_id = m.lead_id;
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, model_grade, score, from_status, to_status,
                           reason, rule, days_on_clock, days_without_contact, clock_started_at, stale_step_no)
    SELECT m.customer_id, m.lead_id, as_of, m.kind, m.from_salesperson_id, m.to_salesperson_id, m.lead_grade, m.lead_grade, m.model_grade,
           (SELECT p.score FROM lead_score p WHERE p.customer_id = m.customer_id AND p.lead_id = m.lead_id AND p.scored_at <= as_of ORDER BY p.scored_at DESC LIMIT 1),
           'open', CASE m.kind WHEN 'defeated' THEN 'defeated' ELSE 'open' END, m.reason, m.rule,
           extract(epoch FROM as_of - m.clock_started_at) / 86400, extract(epoch FROM as_of - m.contact_at) / 86400, m.clock_started_at, m.stale_step_no
      FROM unnest(moves) m;
    GET DIAGNOSTICS moved = ROW_COUNT;
    -- as lead_cancel_visits() does
    INSERT INTO visit (customer_id, lead_id, kind, status, planned_visit_id, visited_at, salesperson_id, store, outcome, request_id)
    SELECT v.customer_id, v.lead_id, v.kind, 'cancelled', v.visit_id, as_of, m.from_salesperson_id, v.store,
           'the lead is ' || CASE m.kind WHEN 'defeated' THEN 'defeated' ELSE 'with marketing' END, 'cancel visit ' || v.visit_id
      FROM unnest(moves) m JOIN visit v ON v.customer_id = m.customer_id AND v.lead_id = m.lead_id AND v.status = 'planned'
     WHERE m.to_salesperson_id IS NULL
       AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = v.customer_id AND d.lead_id = v.lead_id AND d.planned_visit_id = v.visit_id);
    RETURN moved;
END
$$;
COMMENT ON FUNCTION move_stale_leads(timestamptz, int) IS 'moves the leads that are stale at as_of, by the rules of stale_rule and lead_grade, the oldest clocks first: at most max_moves of them (NULL: all); returns how many. Each move is a row of lead_move; the planned visits of a lead that leaves sales are cancelled. Call it until it returns 0. A second call for the same as_of moves nothing more. 22004, 22023 for wrong arguments';

CREATE OR REPLACE FUNCTION stale_leads(as_of timestamptz DEFAULT now(), days_ahead int DEFAULT 0)
    RETURNS TABLE (customer_id bigint, lead_id bigint, lead_grade text, team text, salesperson_id bigint, due_at timestamptz, move text, to_salesperson_id bigint,
                   days_on_clock numeric, days_without_contact numeric, rule text, reason text)
    LANGUAGE plpgsql ROWS 1000 SET search_path FROM CURRENT AS
$$
DECLARE
    zone text := setting_value('time_zone');
BEGIN
    PERFORM check_as_of(as_of);
    IF days_ahead < 0 OR days_ahead IS NULL THEN
        RAISE EXCEPTION 'days_ahead must be 0 or more, not %', coalesce(days_ahead::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'stale_leads(as_of, 7) shows what will move within a week after as_of.';
    END IF;
    RETURN QUERY
    SELECT m.customer_id, m.lead_id, m.lead_grade, m.team, m.from_salesperson_id, m.due_at, m.kind, m.to_salesperson_id,
           round(extract(epoch FROM as_of - m.clock_started_at) / 86400, 2), round(extract(epoch FROM as_of - m.contact_at) / 86400, 2), m.rule, m.reason
      FROM (SELECT DISTINCT ON (s.customer_id, s.lead_id) s.*        -- by two rules: the one that comes first
              FROM stale_moves(as_of, stale_due_at(as_of, make_interval(days => days_ahead), zone), NULL, false) s
             ORDER BY s.customer_id, s.lead_id, greatest(s.due_at, as_of)) m
     ORDER BY m.due_at, m.customer_id, m.lead_id;
END
$$;
COMMENT ON FUNCTION stale_leads(timestamptz, int) IS 'the leads that are stale at as_of or will be within days_ahead days if nothing happens: when, by which rule, and where they would go from the people of today; move is stale, defeated, handed over (to marketing) or waits (nobody can take it now). With days_ahead 0 it shows exactly what move_stale_leads(as_of) will do. 22004, 22023 for wrong arguments';
