-- select_list(): runs a selection, and says what each of its rules removed.
--
-- Runs of one campaign take turns by the lock on its row, so that a run sees whom the one before has
-- chosen; the unique index on person and piece holds also where somebody works in another isolation.
-- All of a run is one transaction: killed, it leaves nothing.

CREATE OR REPLACE FUNCTION find_selection(selection text) RETURNS selection
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    result selection;
BEGIN
    SELECT s.* INTO result FROM selection s WHERE s.selection = find_selection.selection;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no selection "%"', coalesce(find_selection.selection, 'NULL')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'selection', HINT = 'The selections are the rows of table selection.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION find_selection(text) IS 'a row of table selection; 23503 where there is none. A part of select_list()';

-- The groups of a selection; one without a name where there is no test.
CREATE OR REPLACE FUNCTION selection_groups(plan selection, runs bigint[], OUT names text[], OUT shares numeric[], OUT had bigint[], OUT are_held_out boolean[])
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    total numeric;
BEGIN
    SELECT array_agg(g.test_group ORDER BY g.test_group COLLATE "C"), array_agg(g.share ORDER BY g.test_group COLLATE "C"), array_agg(g.is_hold_out ORDER BY g.test_group COLLATE "C"), sum(g.share)
      INTO names, shares, are_held_out, total FROM selection_group g WHERE g.selection = plan.selection AND g.share > 0;
    IF names IS NULL THEN
        names := '{NULL}';
        shares := '{1}';
        are_held_out := '{f}';
    ELSIF abs(total - 1) > 0.000001 THEN
        RAISE EXCEPTION 'the shares of the test groups of selection "%" add up to %', plan.selection, trim_scale(total)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'They are fractions of 1, in table selection_group; what gets nothing is a group with is_hold_out.';
    ELSIF plan.campaign IS NULL THEN
        RAISE EXCEPTION 'selection "%" has test groups but no campaign', plan.selection
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A test belongs to a campaign.';
    END IF;
    had := ARRAY(SELECT count(m.customer_id) FROM unnest(names) WITH ORDINALITY n (name, i)
                   LEFT JOIN (SELECT k.customer_id, k.test_group FROM selection_member k JOIN customer c ON c.customer_id = k.customer_id AND NOT c.is_seed
                               WHERE k.selection = plan.selection AND k.selection_run_id = ANY (runs) AND k.status IN ('chosen', 'waiting', 'taken', 'done', 'held out')) m
                          ON m.test_group = n.name OR n.name IS NULL
                  GROUP BY n.i ORDER BY n.i);
END
$$;
COMMENT ON FUNCTION selection_groups(selection, bigint[]) IS 'test groups of a selection: names, shares, people so far, whether they get nothing; 22023 where the shares do not add up to 1. A part of select_list()';

CREATE OR REPLACE FUNCTION selection_codes(plan selection, names text[], as_of timestamptz) RETURNS source_code[]
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result source_code[];
BEGIN
    IF plan.campaign IS NOT NULL THEN
        result := ARRAY(SELECT s.source_code FROM unnest(names) WITH ORDINALITY n (name, i)
                          JOIN (SELECT r.source_code, r.test_group
                                  FROM generate_sources(plan.campaign, ARRAY[plan.medium], array_remove(names, NULL), CASE WHEN plan.list IS NOT NULL THEN ARRAY[plan.list] END,
                                                        (as_of AT TIME ZONE setting_value('time_zone'))::date, plan.offer,
                                                        control_group => (SELECT g.test_group FROM selection_group g WHERE g.selection = plan.selection AND g.is_control AND g.share > 0 LIMIT 1),
                                                        hold_out_groups => ARRAY(SELECT g.test_group FROM selection_group g WHERE g.selection = plan.selection AND g.is_hold_out AND g.share > 0)) r) s
                            ON s.test_group IS NOT DISTINCT FROM n.name ORDER BY n.i);
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION selection_codes(selection, text[], timestamptz) IS 'the source codes of test groups, registered where they are missing; NULL for a selection without a campaign. A part of select_list()';

-- People come in the order of the hash, so the first ones are the first group. The seed names of the
-- list are added, in the first group that gets anything.
CREATE OR REPLACE FUNCTION write_members(plan selection, run selection_run, people bigint[], ranks float8[], names text[], codes source_code[], quotas bigint[], are_held_out boolean[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    bounds bigint[] := ARRAY(SELECT sum(q.n) OVER (ORDER BY q.i) FROM unnest(quotas) WITH ORDINALITY q (n, i) ORDER BY q.i);
    fed    int := array_position(are_held_out, false);
    first_status text := CASE plan.delivery WHEN 'at once' THEN 'chosen' ELSE 'waiting' END;
    done   bigint;
BEGIN
    INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, test_group, source_code, priority, rank_value, status, due_at, expires_at)
    SELECT w.customer_id, run.selection_run_id, plan.selection, run.piece, plan.channel, names[w.group_no], codes[w.group_no], plan.priority, w.rank_value,
           CASE WHEN are_held_out[w.group_no] THEN 'held out' ELSE first_status END, run.as_of, run.expires_at
      FROM (SELECT u.customer_id, u.rank_value, 1 + width_bucket(u.hash_no - 1, bounds[1:cardinality(bounds) - 1]) AS group_no FROM unnest(people, ranks) WITH ORDINALITY u (customer_id, rank_value, hash_no)) w
     ORDER BY w.customer_id;
    INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, test_group, source_code, priority, status, due_at, expires_at)
    SELECT c.customer_id, run.selection_run_id, plan.selection, run.piece, plan.channel, names[fed], codes[fed], plan.priority, first_status, run.as_of, run.expires_at
      FROM list_member l JOIN customer c ON c.customer_id = l.customer_id AND c.is_seed
     WHERE l.list = plan.list AND (l.left_on IS NULL OR l.left_on > (run.as_of AT TIME ZONE setting_value('time_zone'))::date) AND fed IS NOT NULL
       AND NOT EXISTS (SELECT FROM selection_member m WHERE m.customer_id = c.customer_id AND m.piece = run.piece AND m.status IN ('chosen', 'waiting', 'taken', 'done', 'held out'));
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
COMMENT ON FUNCTION write_members(selection, selection_run, bigint[], float8[], text[], source_code[], bigint[], boolean[]) IS 'writes the people of a run with their test groups and source codes, and the seed names of its list; returns how many seed names. A part of select_list()';

-- From the counts of all combinations to the steps one by one.
CREATE OR REPLACE FUNCTION selection_steps(steps text[], removed_by bigint[], reasons text[], numbers bigint[])
    RETURNS TABLE (step_no int, step text, people_before bigint, removed bigint, removed_alone bigint, people_left bigint)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    WITH counted AS (
        SELECT c.bits, c.reason, c.n FROM unnest(selection_steps.removed_by, selection_steps.reasons, selection_steps.numbers) c (bits, reason, n)
    ), refusal AS (
        SELECT r.reason, row_number() OVER (ORDER BY r.n DESC, r.reason COLLATE "C") AS i FROM (SELECT c.reason, sum(c.n) AS n FROM counted c WHERE c.reason IS NOT NULL GROUP BY c.reason) r
    ), taken AS (
        SELECT s.i, s.name, coalesce(sum(c.n) FILTER (WHERE c.bits & ((1::bigint << (s.i - 1)::int) - 1) = 0), 0) AS removed,
               coalesce(sum(c.n) FILTER (WHERE c.bits = 1::bigint << (s.i - 1)::int AND c.reason IS NULL), 0) AS alone
          FROM unnest(selection_steps.steps) WITH ORDINALITY s (name, i) LEFT JOIN counted c ON c.bits & (1::bigint << (s.i - 1)::int) <> 0 GROUP BY s.i, s.name
        UNION ALL
        SELECT cardinality(selection_steps.steps) + r.i, 'no permission: ' || r.reason, coalesce(sum(c.n) FILTER (WHERE c.bits = 0), 0), coalesce(sum(c.n) FILTER (WHERE c.bits = 0), 0)
          FROM refusal r JOIN counted c ON c.reason = r.reason GROUP BY r.i, r.reason
    )
    SELECT row_number() OVER (ORDER BY t.i)::int, t.name, ((SELECT sum(n) FROM unnest(selection_steps.numbers) n) - sum(t.removed) OVER (ORDER BY t.i) + t.removed)::bigint, t.removed::bigint, t.alone::bigint,
           ((SELECT sum(n) FROM unnest(selection_steps.numbers) n) - sum(t.removed) OVER (ORDER BY t.i))::bigint
      FROM taken t WHERE t.removed > 0 OR t.i <= cardinality(selection_steps.steps) ORDER BY t.i;
END
$$;
COMMENT ON FUNCTION selection_steps(text[], bigint[], text[], bigint[]) IS 'what each step of a selection removed, from the numbers of people by the set of steps (as bits) that remove them and the reason of the refusal. A part of select_list()';

CREATE OR REPLACE FUNCTION explain_selection(selection_run bigint)
    RETURNS TABLE (step_no int, step text, people_before bigint, removed bigint, removed_alone bigint, people_left bigint)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM selection_run r WHERE r.selection_run_id = explain_selection.selection_run) THEN
        RAISE EXCEPTION 'there is no run % of a selection', coalesce(selection_run::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'selection_run', HINT = 'The runs are the rows of table selection_run.';
    END IF;
    RETURN QUERY
    SELECT e.step_no::int, e.step, e.people_before, e.removed, e.removed_alone, e.people_left FROM selection_explanation e WHERE e.selection_run_id = explain_selection.selection_run ORDER BY e.step_no;
END
$$;
COMMENT ON FUNCTION explain_selection(bigint) IS 'what each rule of a run removed, as select_list() returned it then; 23503 for an unknown run';

-- Who may not be contacted, or comes second: asked before, so that the statement may run on several
-- processors. A quiet time of day is asked about when it comes to sending.
CREATE OR REPLACE FUNCTION selection_refusals(plan selection, as_of timestamptz, OUT people bigint[], OUT reasons text[])
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    in_line bigint[];
BEGIN
    SELECT array_agg(f.customer_id), array_agg(split_part(f.reason, ':', 1)) INTO people, reasons FROM other_contact_refusals('{quiet_hours}', plan.channel, as_of, plan.campaign) f;
    IF plan.campaign IS NOT NULL THEN
        in_line := people_in_line(plan, as_of);
        IF cardinality(in_line) > 0 THEN
            SELECT people || array_agg(l.id), reasons || array_agg('another campaign comes first'::text) INTO people, reasons
              FROM unnest(in_line) l (id) WHERE NOT EXISTS (SELECT FROM unnest(people) p (id) WHERE p.id = l.id);
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION selection_refusals(selection, timestamptz) IS 'who may not be contacted by a selection, with the reason, in arrays of one length. A part of select_list()';

CREATE OR REPLACE FUNCTION select_list(selection text, as_of timestamptz DEFAULT now(), dry_run boolean DEFAULT false)
    RETURNS TABLE (step_no int, step text, people_before bigint, removed bigint, removed_alone bigint, people_left bigint)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 20 SET search_path FROM CURRENT SET jit = off SET parallel_tuple_cost = 0.01 AS
$$
DECLARE
    plan    selection := find_selection(selection);
    rules   selection_rule[];
    runs    bigint[];
    groups  record;
    refused record;
    bits    bigint[];
    why     text[];
    numbers bigint[];
    housed  bigint;
    people  bigint[];
    ranks   float8[];
    quotas  bigint[];
    run     selection_run;
    lines   selection_explanation[];
BEGIN
    PERFORM check_as_of(as_of);
    IF plan.campaign IS NULL THEN
        PERFORM FROM selection s WHERE s.selection = plan.selection FOR NO KEY UPDATE;
    ELSE
        PERFORM FROM campaign c WHERE c.campaign = plan.campaign FOR NO KEY UPDATE;
    END IF;
    SELECT r.* INTO run FROM selection_run r WHERE r.selection = plan.selection AND r.as_of = select_list.as_of AND r.status <> 'failed';
    IF FOUND AND NOT dry_run THEN
        RETURN QUERY SELECT * FROM explain_selection(run.selection_run_id);
        RETURN;
    END IF;
    rules := ARRAY(SELECT r FROM selection_rule r WHERE r.selection = plan.selection AND r.is_enabled ORDER BY r.rule_no);
    IF cardinality(rules) > 50 THEN
        RAISE EXCEPTION 'selection "%" has % rules', plan.selection, cardinality(rules)
            USING ERRCODE = 'program_limit_exceeded', DETAIL = 'At most 50 can be explained.', HINT = 'A rule may name many words.';
    END IF;
    run.piece := selection_piece(plan, as_of);
    run.expires_at := as_of + make_interval(days => plan.valid_days);
    runs := ARRAY(SELECT r.selection_run_id FROM selection_run r WHERE r.piece = run.piece);
    groups := selection_groups(plan, runs);
    refused := selection_refusals(plan, as_of);
    EXECUTE selection_statement(plan, rules, cardinality(runs) > 0) INTO bits, why, numbers, housed, people, ranks
      USING as_of, (as_of AT TIME ZONE setting_value('time_zone'))::date, plan.channel, runs, refused.people, refused.reasons;
    IF NOT dry_run THEN
        quotas := split_quotas(groups.shares, groups.had, cardinality(people));
        INSERT INTO selection_run AS r (selection, as_of, piece, status, expires_at, candidates, selected, held_out)
        VALUES (plan.selection, select_list.as_of, run.piece, 'selected', run.expires_at, (SELECT coalesce(sum(n), 0) FROM unnest(numbers) n), cardinality(people),
                (SELECT coalesce(sum(q.n), 0) FROM unnest(quotas, groups.are_held_out) q (n, is_held_out) WHERE q.is_held_out))
        ON CONFLICT ON CONSTRAINT selection_run_selection_as_of_key DO UPDATE
           SET status = 'selected', error = NULL, piece = excluded.piece, expires_at = excluded.expires_at, candidates = excluded.candidates, selected = excluded.selected, held_out = excluded.held_out
        RETURNING r.* INTO run;
        UPDATE selection_run r SET seeds = write_members(plan, run, people, ranks, groups.names, selection_codes(plan, groups.names, select_list.as_of), quotas, groups.are_held_out)
         WHERE r.selection_run_id = run.selection_run_id;
    END IF;
    lines := selection_lines(plan, rules, bits, why, numbers, housed, cardinality(people), run.selection_run_id);
    IF NOT dry_run THEN
        INSERT INTO selection_explanation SELECT l.* FROM unnest(lines) l;
    END IF;
    RETURN QUERY SELECT l.step_no::int, l.step, l.people_before, l.removed, l.removed_alone, l.people_left FROM unnest(lines) l ORDER BY l.step_no;
END
$$;
COMMENT ON FUNCTION select_list(text, timestamptz, boolean) IS 'runs a selection for a time: whoever matches its rules, has no row of the same piece, may be contacted, and is left by household and limit, becomes a row of selection_member, in a test group with a source code. Nothing counts as sent yet: see send_selection(), take_from_outbox(), call_list(). Returns what each step removed. A repetition for the same time returns the same and writes nothing; dry_run writes nothing and registers no codes. Waits for another run of the same campaign. 23503 for an unknown selection, 22023 for rules, order or shares that are wrong; see generate_sources()';

-- The lines of the explanation: rules, piece, place, permission, household, limit, groups.
CREATE OR REPLACE FUNCTION selection_lines(plan selection, rules selection_rule[], removed_by bigint[], reasons text[], numbers bigint[], housed bigint, chosen bigint, run bigint)
    RETURNS selection_explanation[]
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    steps  text[] := ARRAY(SELECT selection_rule_text(r) FROM unnest(rules) r ORDER BY r.rule_no);
    result selection_explanation[];
    before bigint;
BEGIN
    steps := steps || 'has the piece already'::text || CASE WHEN plan.place IS NOT NULL THEN format('no %s %s', plan.place, CASE plan.channel WHEN 'call' THEN 'number' ELSE 'address' END) END;
    steps := array_remove(steps, NULL);
    result := ARRAY(SELECT ROW(coalesce(run, 0), s.step_no, s.step, s.people_before, s.removed, s.removed_alone, s.people_left)::selection_explanation
                      FROM selection_steps(steps, removed_by, reasons, numbers) s ORDER BY s.step_no);
    before := coalesce(result[cardinality(result)].people_left, 0);
    IF plan.per_household IS NOT NULL THEN
        result := result || ROW(coalesce(run, 0), cardinality(result) + 1, format('more than %s of a household', plan.per_household), before, before - housed, before - housed, housed)::selection_explanation;
    END IF;
    IF plan.max_people IS NOT NULL THEN
        result := result || ROW(coalesce(run, 0), cardinality(result) + 1, format('more than %s people', plan.max_people), housed, housed - chosen, housed - chosen, chosen)::selection_explanation;
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION selection_lines(selection, selection_rule[], bigint[], text[], bigint[], bigint, bigint, bigint) IS 'the lines of the explanation of a selection. A part of select_list()';
