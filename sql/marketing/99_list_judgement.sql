-- The test of a list: a sample, what it said, and roll-out or retirement.
--
-- Who is in a sample follows from a hash of the customer, the list and the purpose, never from
-- chance: the same call draws the same names, and a larger sample holds the smaller one.
--
-- A list is judged by people, not by answers: of the external people contacted under its codes, at
-- least list_response_days ago, how many have answered. (Somebody who answers three times is one
-- success.) The limits are Wilson's, so that "the upper limit is under the threshold" is the score
-- test of the threshold, and the number of people that would settle it can be solved for.

-- Where a status changes it leaves its reason. retired_on follows.
CREATE OR REPLACE FUNCTION write_list_status(list text, status text, reason text, as_of timestamptz, is_by_rule boolean) RETURNS boolean
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    before text;
BEGIN
    SELECT l.status INTO before FROM list l WHERE l.list = write_list_status.list FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse_dimension('list', write_list_status.list);
    ELSIF before = write_list_status.status THEN
        RETURN false;
    END IF;
    UPDATE list l
       SET status = write_list_status.status,
           retired_on = CASE WHEN write_list_status.status = 'retired' THEN (as_of AT TIME ZONE setting_value('time_zone'))::date END
     WHERE l.list = write_list_status.list;
    INSERT INTO list_status_history (list, changed_at, from_status, to_status, reason, is_by_rule)
    VALUES (write_list_status.list, as_of, before, write_list_status.status, btrim(write_list_status.reason), write_list_status.is_by_rule);
    RETURN true;
END
$$;
COMMENT ON FUNCTION write_list_status(text, text, text, timestamptz, boolean) IS 'changes the status of a list and writes list_status_history; false when it has that status already; 23503 for an unknown list. A part of change_list_status() and retire_lists()';

CREATE OR REPLACE FUNCTION change_list_status(list text, status text, reason text, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM check_word('status', change_list_status.status, '{new,testing,active,retired}');
    IF btrim(reason) = '' OR reason IS NULL THEN
        RAISE EXCEPTION 'no reason is given for the new status of list "%"', change_list_status.list
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Say why, as in reason => ''new supplier, addresses from this year''.';
    END IF;
    RETURN write_list_status(change_list_status.list, change_list_status.status, reason, coalesce(as_of, now()), false);
END
$$;
COMMENT ON FUNCTION change_list_status(text, text, text, timestamptz) IS 'changes the status of a list by hand: new, testing, active or retired, with the reason, which list_status_history keeps. The only way back from retired: then the list is judged by what is sent to it from that time on. Returns false when it has that status already. 22023 for another status, 22004 without a reason, 23503 for an unknown list';

-- The place of a name in the order in which a sample is drawn. The two halves of the seed keep
-- lists and purposes apart.
CREATE OR REPLACE FUNCTION sample_position(customer bigint, salt text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashint8extended(customer, hashtextextended(salt, 0));
COMMENT ON FUNCTION sample_position(bigint, text) IS 'place of a customer in the random order of a salt: the first n are a sample of n; the same for the same arguments. A part of test_list()';

-- The code of the test cell, registered by generate_sources() where a campaign is given.
CREATE OR REPLACE FUNCTION test_list(
    list text, size bigint, campaign text DEFAULT NULL, medium text DEFAULT NULL, test_group text DEFAULT NULL, month date DEFAULT NULL,
    purpose text DEFAULT 'test', as_of timestamptz DEFAULT now(),
    OUT names bigint, OUT sample bigint, OUT drawn bigint, OUT source_code text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS
$$
#variable_conflict use_column
DECLARE
    present text;
    held    bigint;
    salt    text := test_list.list || chr(31) || test_list.purpose;
BEGIN
    IF size IS NULL OR size < 1 OR purpose IS NULL OR btrim(purpose) = '' THEN
        RAISE EXCEPTION 'a sample of % names for "%" is none', coalesce(size::text, 'NULL'), coalesce(purpose, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a number above 0 and what the sample is for.';
    END IF;
    PERFORM check_as_of(as_of);
    SELECT l.status INTO present FROM list l WHERE l.list = test_list.list FOR NO KEY UPDATE;     -- the turn
    IF NOT FOUND THEN
        PERFORM refuse_dimension('list', test_list.list);
    ELSIF present = 'retired' THEN
        RAISE EXCEPTION 'list "%" is retired', test_list.list
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A retired list is not used again. change_list_status() takes it back, with a reason.';
    END IF;
    SELECT count(*) INTO held FROM list_sample s WHERE s.list = test_list.list AND s.purpose = test_list.purpose;
    WITH candidate AS (
        SELECT m.customer_id FROM list_member m JOIN customer c ON c.customer_id = m.customer_id
         WHERE m.list = test_list.list AND m.left_on IS NULL AND c.kind = 'external' AND NOT c.is_seed
           AND NOT EXISTS (SELECT FROM two_strikes t WHERE t.customer_id = m.customer_id)
           AND NOT EXISTS (SELECT FROM list_sample s WHERE s.customer_id = m.customer_id AND s.list = m.list AND s.purpose = test_list.purpose)
    ), taken AS (
        INSERT INTO list_sample (customer_id, list, purpose, drawn_at)
        SELECT d.customer_id, test_list.list, test_list.purpose, test_list.as_of
          FROM (SELECT c.customer_id FROM candidate c ORDER BY sample_position(c.customer_id, salt), c.customer_id LIMIT greatest(size - held, 0)) d
        RETURNING 1)
    SELECT (SELECT count(*) FROM candidate) + held, count(*) INTO names, drawn FROM taken;
    sample := held + drawn;
    IF campaign IS NOT NULL THEN
        SELECT g.source_code::text INTO source_code
          FROM generate_sources(test_list.campaign, ARRAY[test_list.medium], ARRAY[test_list.test_group], ARRAY[test_list.list],
                                coalesce(test_list.month, (test_list.as_of AT TIME ZONE setting_value('time_zone'))::date)) g;
        UPDATE source s SET quantity = sample WHERE s.source_code = test_list.source_code::source_code AND s.quantity IS NULL OR s.source_code = test_list.source_code::source_code AND s.quantity < sample;
    END IF;
    IF present = 'new' AND sample > 0 THEN
        PERFORM write_list_status(test_list.list, 'testing', format('sample of %s of %s names for "%s"', sample, names, purpose), test_list.as_of, false);
    END IF;
END
$$;
COMMENT ON FUNCTION test_list(text, bigint, text, text, text, date, text, timestamptz) IS 'draws a random sample of so many external names of a list (table list_sample) and, with a campaign, registers its source code; a new list is then testing. The same call draws the same names, a larger one adds to them. Returns the names to draw from, the size of the sample, how many of it are new, and the code. 22023 for a size under 1, 23503 for an unknown list, 55000 for a retired one; with a campaign, also as generate_sources()';

-- The rate that a list must reach. A piece pays for itself at the rate at which the margin of the
-- answers is what the pieces cost; what an answer brings is taken from all external lists, because
-- one list's test is too small to say.
CREATE OR REPLACE VIEW list_break_even AS
SELECT l.list, l.name AS list_name, k.cost_per_piece::numeric(20,4) AS cost_per_piece, a.answers, a.margin_per_answer::numeric(20,4) AS margin_per_answer,
       CASE WHEN k.cost_per_piece < a.margin_per_answer THEN k.cost_per_piece / a.margin_per_answer END::numeric(12,6) AS break_even_rate
  FROM list l
  LEFT JOIN (SELECT d.list, sum(d.pieces) AS pieces, sum(d.expense) AS expense FROM effort_day d WHERE NOT d.is_hold_out GROUP BY d.list) e ON e.list = l.list
 CROSS JOIN LATERAL (SELECT coalesce(l.cost_per_piece, e.expense / nullif(e.pieces, 0), (SELECT nullif(s.value::numeric, 0) FROM setting s WHERE s.setting = 'list_cost_per_piece')) AS cost_per_piece) k
 CROSS JOIN (SELECT coalesce(sum(d.responses), 0)::bigint AS answers, sum(d.revenue - d.returned - d.cost_of_goods) / nullif(sum(d.responses), 0) AS margin_per_answer
               FROM effort_day d JOIN list o ON o.list = d.list AND o.kind = 'external' WHERE NOT d.is_hold_out) a
 WHERE l.kind = 'external';
COMMENT ON VIEW list_break_even IS 'the rate of answers at which a piece to an external list pays for itself; one row per external list';
COMMENT ON COLUMN list_break_even.list IS 'the list';
COMMENT ON COLUMN list_break_even.list_name IS 'name of the list';
COMMENT ON COLUMN list_break_even.cost_per_piece IS 'what a piece costs: as the list says, else as was spent, else setting list_cost_per_piece';
COMMENT ON COLUMN list_break_even.answers IS 'answers to all external lists';
COMMENT ON COLUMN list_break_even.margin_per_answer IS 'margin (revenue - returns - cost of goods) of all external lists / answers';
COMMENT ON COLUMN list_break_even.break_even_rate IS 'cost_per_piece / margin_per_answer; NULL where it is not known or no rate would do';

CREATE OR REPLACE FUNCTION list_thresholds() RETURNS TABLE (list text, threshold float8, threshold_is_of text)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
DECLARE
    same float8 := setting_number('list_response_threshold', 0, 1, otherwise => 'break-even');
BEGIN
    RETURN QUERY
    SELECT l.list, coalesce(l.response_threshold::float8, same, b.break_even_rate::float8),
           CASE WHEN l.response_threshold IS NOT NULL THEN 'list' WHEN same IS NULL THEN 'break-even' ELSE 'setting' END
      FROM list l LEFT JOIN list_break_even b ON same IS NULL AND b.list = l.list WHERE l.kind = 'external';
END
$$;
COMMENT ON FUNCTION list_thresholds() IS 'the rate of answers that each external list must reach, and where it comes from: list, setting or break-even. 22023 for a setting that is none. A part of retire_lists()';

-- Of whom was contacted long enough ago, who has answered: of external people, under codes of the
-- list, since the list was last taken back from retirement.
CREATE OR REPLACE FUNCTION list_answers(as_of timestamptz) RETURNS TABLE (list text, people bigint, answered bigint, names_untouched bigint)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    days      int := setting_number('list_response_days', 0, 3650, whole => true)::int;
    time_zone text := setting_value('time_zone');
BEGIN
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT l.list, coalesce((SELECT max(h.changed_at) FROM list_status_history h WHERE h.list = l.list AND h.from_status = 'retired' AND h.changed_at <= list_answers.as_of), '-infinity') AS since
          FROM list l WHERE l.kind = 'external' AND l.status <> 'retired'
    ), reached AS MATERIALIZED (
        SELECT j.list, t.customer_id, (min(t.sent_at) AT TIME ZONE time_zone)::date AS first_on, min(t.sent_at) <= list_answers.as_of - make_interval(days => days) AS is_due
          FROM judged j JOIN source s ON s.list = j.list AND NOT s.is_hold_out JOIN touch t ON t.source_code = s.source_code AND NOT t.is_seed AND t.sent_at <= list_answers.as_of AND t.sent_at > j.since
          JOIN customer c ON c.customer_id = t.customer_id AND c.entered_as = 'external' AND c.customer_id <> 0
         WHERE NOT EXISTS (SELECT FROM touch_event e WHERE e.customer_id = t.customer_id AND e.touch_id = t.touch_id AND e.kind = 'bounced')
         GROUP BY j.list, t.customer_id
    ), answer AS (
        SELECT s.list, a.customer_id, max(a.date_day) AS last_on
          FROM (SELECT a.customer_id, a.fact, a.fact_id, a.source_code, a.date_day FROM attribution a
                 WHERE a.fact IN ('response', 'event_registration', 'customer_order') AND a.date_day <= (list_answers.as_of AT TIME ZONE time_zone)::date
                 GROUP BY a.customer_id, a.fact, a.fact_id, a.source_code, a.date_day HAVING sum(a.sign) > 0) a
          JOIN source s ON s.source_code = a.source_code JOIN judged j ON j.list = s.list
         GROUP BY s.list, a.customer_id
    ), counted AS (
        SELECT r.list, count(*) FILTER (WHERE r.is_due) AS people, count(a.customer_id) FILTER (WHERE r.is_due AND a.last_on >= r.first_on) AS answered
          FROM reached r LEFT JOIN answer a ON a.list = r.list AND a.customer_id = r.customer_id GROUP BY r.list
    ), untouched AS (
        SELECT m.list, count(*) AS names FROM judged j JOIN list_member m ON m.list = j.list AND m.left_on IS NULL JOIN customer c ON c.customer_id = m.customer_id AND c.kind = 'external' AND NOT c.is_seed
         WHERE NOT EXISTS (SELECT FROM reached r WHERE r.list = m.list AND r.customer_id = m.customer_id) GROUP BY m.list
    )
    SELECT j.list, coalesce(c.people, 0), coalesce(c.answered, 0), coalesce(u.names, 0)
      FROM judged j LEFT JOIN counted c ON c.list = j.list LEFT JOIN untouched u ON u.list = j.list;
END
$$;
COMMENT ON FUNCTION list_answers(timestamptz) IS 'for each external list that is not retired: external people contacted under its codes long enough before as_of (setting list_response_days), how many of them have answered, and names of it that have not been contacted. A part of retire_lists()';

-- The score test of the threshold: n people settle it at the rate p when n (p - t)^2 > z^2 t (1 - t).
CREATE OR REPLACE FUNCTION names_to_settle(response_rate float8, threshold float8, confidence float8) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS
$$
DECLARE
    needed float8;
BEGIN
    IF response_rate = threshold OR threshold <= 0 OR threshold >= 1 THEN
        RETURN NULL;
    END IF;
    needed := ceil(normal_quantile((1 + confidence) / 2) ^ 2 * threshold * (1 - threshold) / (response_rate - threshold) ^ 2);
    RETURN CASE WHEN needed < 1e15 THEN needed::bigint END;
END
$$;
COMMENT ON FUNCTION names_to_settle(float8, float8, float8) IS 'how many people must have been asked, at this rate of answers, for the confidence interval to leave the threshold out; NULL where no number would do. A part of retire_lists()';

CREATE OR REPLACE FUNCTION judgement_remark(j list_judgement) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    told text;
BEGIN
    IF j.people = 0 THEN
        RETURN 'too early to say: nobody of the list has had time to answer';
    END IF;
    told := format('%s of %s people answered, %s %% (between %s and %s %%)', j.answered, j.people, round((100 * j.response_rate)::numeric, 2),
                   round((100 * j.lower_limit)::numeric, 2), round((100 * j.upper_limit)::numeric, 2));
    IF j.threshold IS NULL THEN
        RETURN told || ': too early to say, the rate at which a piece pays for itself is not known';
    END IF;
    told := format('%s; the threshold is %s %% (%s): ', told, trim_scale(round((100 * j.threshold)::numeric, 4)), j.threshold_is_of);
    RETURN told || CASE j.decision WHEN 'retire' THEN 'retire it, all of what is likely is under the threshold' WHEN 'roll out' THEN 'roll it out, all of what is likely is above the threshold'
        ELSE 'too early to say, ' || CASE
            WHEN j.more_names IS NULL THEN 'and no number of names would tell at this rate'
            WHEN j.more_names > j.names_untouched THEN format('%s more people would tell at this rate, and only %s of the list are left', j.more_names, j.names_untouched)
            ELSE format('%s more people would tell at this rate', j.more_names) END END;
END
$$;
COMMENT ON FUNCTION judgement_remark(list_judgement) IS 'a judgement in words. A part of retire_lists()';

-- One row per list of which something has changed since its last row.
CREATE OR REPLACE FUNCTION judge_lists(as_of timestamptz) RETURNS SETOF list_judgement
    LANGUAGE plpgsql ROWS 20 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    confidence float8 := setting_number('confidence', 0.5, 0.999999);
    judged     list_judgement;
BEGIN
    FOR judged.list, judged.people, judged.answered, judged.names_untouched, judged.threshold, judged.threshold_is_of, judged.lower_limit, judged.upper_limit IN
        SELECT a.list, a.people, a.answered, a.names_untouched, t.threshold, t.threshold_is_of, i.lower, i.upper
          FROM list_answers(judge_lists.as_of) a JOIN list_thresholds() t ON t.list = a.list CROSS JOIN LATERAL rate_interval(rate(a.answered, a.people), confidence) i
         WHERE a.people > 0 OR EXISTS (SELECT FROM list_member m WHERE m.list = a.list)
         ORDER BY a.list
    LOOP
        judged.as_of := judge_lists.as_of;
        judged.response_rate := judged.answered::float8 / nullif(judged.people, 0);
        judged.decision := CASE WHEN judged.upper_limit < judged.threshold THEN 'retire' WHEN judged.lower_limit > judged.threshold THEN 'roll out' ELSE 'too early' END;
        judged.more_names := CASE WHEN judged.decision = 'too early' AND judged.people > 0 THEN greatest(names_to_settle(judged.response_rate, judged.threshold, confidence) - judged.people, 1) END;
        judged.remark := judgement_remark(judged);
        RETURN NEXT judged;
    END LOOP;
END
$$;
COMMENT ON FUNCTION judge_lists(timestamptz) IS 'the judgement of each external list that is not retired and has names, as of a time: rate of answers with its limits, threshold, decision, in words. Writes nothing; retire_lists() does. 22023 for settings that are none';

CREATE OR REPLACE FUNCTION retire_lists(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
DECLARE
    judged  list_judgement;
    before  list_judgement;
    changed bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('dupex retire lists', 'list_judgement'::regclass::oid::bigint));
    FOR judged IN SELECT * FROM judge_lists(coalesce(retire_lists.as_of, now())) LOOP
        SELECT j.* INTO before FROM list_judgement j WHERE j.list = judged.list AND j.as_of <= judged.as_of ORDER BY j.as_of DESC LIMIT 1;
        IF before.list IS NULL OR (before.people, before.answered, before.threshold, before.decision) IS DISTINCT FROM (judged.people, judged.answered, judged.threshold, judged.decision) THEN
            INSERT INTO list_judgement SELECT judged.* ON CONFLICT ON CONSTRAINT list_judgement_pkey DO UPDATE
                SET people = excluded.people, answered = excluded.answered, names_untouched = excluded.names_untouched, threshold = excluded.threshold, threshold_is_of = excluded.threshold_is_of,
                    response_rate = excluded.response_rate, lower_limit = excluded.lower_limit, upper_limit = excluded.upper_limit, decision = excluded.decision,
                    more_names = excluded.more_names, remark = excluded.remark;
        END IF;
        IF judged.decision = 'retire' THEN
            changed := changed + write_list_status(judged.list, 'retired', judged.remark, judged.as_of, true)::int;
        ELSIF judged.decision = 'roll out' AND EXISTS (SELECT FROM list l WHERE l.list = judged.list AND l.status = 'testing') THEN
            changed := changed + write_list_status(judged.list, 'active', judged.remark, judged.as_of, true)::int;
        END IF;
    END LOOP;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION retire_lists(timestamptz) IS 'judges each external list by the people who have had time to answer (table list_judgement): where the upper limit of the rate is under the threshold the list is retired, where the lower limit is above it a list under test becomes active; list_status_history says why. Returns how many lists changed. Run again for the same time it changes nothing. It goes by the answers that the last refresh_reports() has attributed. 22023 for settings that are none';

CREATE OR REPLACE VIEW list_decision AS
SELECT l.list, l.name AS list_name, l.supplier, l.status, l.retired_on, j.as_of AS judged_at, j.people, j.answered, j.response_rate, j.lower_limit, j.upper_limit, j.threshold, j.threshold_is_of,
       b.break_even_rate, j.decision, j.more_names, j.names_untouched, j.remark, h.reason AS status_reason, h.changed_at AS status_changed_at
  FROM list l
  LEFT JOIN (SELECT DISTINCT ON (list) * FROM list_judgement ORDER BY list, as_of DESC) j ON j.list = l.list
  LEFT JOIN (SELECT DISTINCT ON (list) * FROM list_status_history ORDER BY list, list_status_history_id DESC) h ON h.list = l.list
  LEFT JOIN list_break_even b ON b.list = l.list
 WHERE l.kind = 'external';
COMMENT ON VIEW list_decision IS 'what to do with each external list, by the last judgement of retire_lists(): roll out, retire or wait, with the figures and in words; one row per external list';
COMMENT ON COLUMN list_decision.list IS 'the list';
COMMENT ON COLUMN list_decision.list_name IS 'name of the list';
COMMENT ON COLUMN list_decision.supplier IS 'who supplied it';
COMMENT ON COLUMN list_decision.status IS 'new, testing, active or retired';
COMMENT ON COLUMN list_decision.retired_on IS 'when it was retired';
COMMENT ON COLUMN list_decision.judged_at IS 'time for which the judgement holds; NULL: not judged yet';
COMMENT ON COLUMN list_decision.people IS 'external people who were contacted and have had time to answer';
COMMENT ON COLUMN list_decision.answered IS 'of these, people who answered';
COMMENT ON COLUMN list_decision.response_rate IS 'answered / people';
COMMENT ON COLUMN list_decision.lower_limit IS 'lower confidence limit of the rate';
COMMENT ON COLUMN list_decision.upper_limit IS 'upper confidence limit of the rate';
COMMENT ON COLUMN list_decision.threshold IS 'rate that the list must reach';
COMMENT ON COLUMN list_decision.threshold_is_of IS 'where the threshold comes from: list, setting or break-even';
COMMENT ON COLUMN list_decision.break_even_rate IS 'rate of answers at which a piece to this list pays for itself, see list_break_even';
COMMENT ON COLUMN list_decision.decision IS 'roll out, retire or too early';
COMMENT ON COLUMN list_decision.more_names IS 'too early: so many more people would settle it at this rate; NULL: no number would';
COMMENT ON COLUMN list_decision.names_untouched IS 'external people on the list who have not been contacted under its codes';
COMMENT ON COLUMN list_decision.remark IS 'the judgement in words';
COMMENT ON COLUMN list_decision.status_reason IS 'why it has its status; NULL where it never changed';
COMMENT ON COLUMN list_decision.status_changed_at IS 'since when';
