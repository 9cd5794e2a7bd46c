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

-- The groups of a selection with their source codes, which are registered here; one without a name
-- where there is no test.
CREATE OR REPLACE FUNCTION selection_groups(plan selection, as_of timestamptz, runs bigint[], is_dry boolean,
                                            OUT names text[], OUT codes source_code[], OUT shares numeric[], OUT had bigint[], OUT are_held_out boolean[])
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    day   date := (as_of AT TIME ZONE setting_value('time_zone'))::date;
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
    IF plan.campaign IS NOT NULL AND NOT is_dry THEN
        codes := ARRAY(SELECT s.source_code FROM unnest(names) WITH ORDINALITY n (name, i)
                         JOIN (SELECT r.source_code, r.test_group
                                 FROM generate_sources(plan.campaign, ARRAY[plan.medium], array_remove(names, NULL), CASE WHEN plan.list IS NOT NULL THEN ARRAY[plan.list] END, day, plan.offer,
                                                       control_group => (SELECT g.test_group FROM selection_group g WHERE g.selection = plan.selection AND g.is_control AND g.share > 0 LIMIT 1),
                                                       hold_out_groups => ARRAY(SELECT g.test_group FROM selection_group g WHERE g.selection = plan.selection AND g.is_hold_out AND g.share > 0)) r) s
                           ON s.test_group IS NOT DISTINCT FROM n.name ORDER BY n.i);
    END IF;
END
$$;
COMMENT ON FUNCTION selection_groups(selection, timestamptz, bigint[], boolean) IS 'test groups of a selection: names, source codes (registered, unless it is a dry run), shares, people so far; 22023 where the shares do not add up to 1. A part of select_list()';

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

CREATE OR REPLACE FUNCTION select_list(selection text, as_of timestamptz DEFAULT now(), dry_run boolean DEFAULT false)
    RETURNS TABLE (step_no int, step text, people_before bigint, removed bigint, removed_alone bigint, people_left bigint)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 20 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    plan   selection := find_selection(selection);
    rules  selection_rule[];
    runs   bigint[];
    gets   text;
    groups record;
    bits   bigint[];
    why    text[];
    people bigint[];
    quotas bigint[];
    housed bigint;
    chosen bigint;
    run    bigint;
    lines  selection_explanation[];
BEGIN
    PERFORM check_as_of(as_of);
    IF plan.campaign IS NULL THEN
        PERFORM FROM selection s WHERE s.selection = plan.selection FOR NO KEY UPDATE;
    ELSE
        PERFORM FROM campaign c WHERE c.campaign = plan.campaign FOR NO KEY UPDATE;
    END IF;
    SELECT r.selection_run_id INTO run FROM selection_run r WHERE r.selection = plan.selection AND r.as_of = select_list.as_of AND r.status <> 'failed';
    IF FOUND AND NOT dry_run THEN
        RETURN QUERY SELECT * FROM explain_selection(run);
        RETURN;
    END IF;
    rules := ARRAY(SELECT r FROM selection_rule r WHERE r.selection = plan.selection AND r.is_enabled ORDER BY r.rule_no);
    IF cardinality(rules) > 50 THEN
        RAISE EXCEPTION 'selection "%" has % rules', plan.selection, cardinality(rules)
            USING ERRCODE = 'program_limit_exceeded', DETAIL = 'At most 50 can be explained.', HINT = 'A rule may name many words.';
    END IF;
    gets := selection_piece(plan, as_of);
    runs := ARRAY(SELECT r.selection_run_id FROM selection_run r WHERE r.piece = gets);
    groups := selection_groups(plan, as_of, runs, dry_run);
    IF NOT dry_run THEN
        INSERT INTO selection_run AS r (selection, as_of, piece, status, expires_at) VALUES (plan.selection, select_list.as_of, gets, 'selected', as_of + make_interval(days => plan.valid_days))
        ON CONFLICT ON CONSTRAINT selection_run_selection_as_of_key DO UPDATE SET status = 'selected', error = NULL, piece = excluded.piece, expires_at = excluded.expires_at
        RETURNING r.selection_run_id INTO run;
    END IF;
    EXECUTE selection_statement(plan, rules, dry_run) INTO bits, why, people, housed, chosen, quotas
      USING as_of, (as_of AT TIME ZONE setting_value('time_zone'))::date, plan.campaign, plan.channel, runs, groups.names, groups.codes, groups.shares, groups.had, groups.are_held_out,
            run, as_of + make_interval(days => plan.valid_days), gets, CASE WHEN plan.campaign IS NOT NULL THEN people_in_line(plan, as_of) END;
    lines := selection_lines(plan, rules, bits, why, people, housed, chosen, run);
    IF NOT dry_run THEN
        INSERT INTO selection_explanation SELECT l.* FROM unnest(lines) l;
        UPDATE selection_run r SET candidates = (SELECT sum(n) FROM unnest(people) n), selected = chosen,
               held_out = (SELECT coalesce(sum(q.n), 0) FROM unnest(quotas, groups.are_held_out) q (n, is_held_out) WHERE q.is_held_out),
               seeds = (SELECT count(*) FROM selection_member m JOIN customer c ON c.customer_id = m.customer_id AND c.is_seed WHERE m.selection_run_id = run AND plan.list IS NOT NULL)
         WHERE r.selection_run_id = run;
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
