-- The grading rules of the house: what they propose for a lead, why, and what they would have
-- proposed in the past.
--
-- A rule looks at signals: what came of a lead until a time, and what its customer did. Points are
-- added up by the toolbox's points, so that they decay, are capped, and are always the sum of
-- their ledger. The grade proposed is the best of those whose minimum the points reach and those
-- that rules give outright; without any, the last grade.
--
-- Everything is asked as of a time: signals count by when they happened. What was entered later than
-- that is known now and was not known then.

-- The version to go by; 22023 for one that is not there.
CREATE OR REPLACE FUNCTION check_grading_version(version int) RETURNS int
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    result int;
BEGIN
    SELECT v.version INTO result FROM grading_version v WHERE v.version = check_grading_version.version OR check_grading_version.version IS NULL AND v.is_enabled;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', CASE WHEN check_grading_version.version IS NULL THEN 'no version of the grading rules is switched on'
                                  ELSE format('there is no version %s of the grading rules', check_grading_version.version) END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The versions are the rows of table grading_version; enable_grading_rules() switches one on.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION check_grading_version(int) IS 'the version of the grading rules: that given, or the one in force for NULL; 22023 when there is none';

-- A form stands in reception as it came in, and in reception_form with those that came later.
CREATE OR REPLACE FUNCTION lead_forms(customers bigint[], leads bigint[], times timestamptz[]) RETURNS TABLE (lead_no bigint, form jsonb, answered_at timestamptz, form_no bigint)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan AS
$$
BEGIN
    IF customers IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT u.lead_no, f.form, f.answered_at, f.form_no
      FROM unnest(customers, leads, times) WITH ORDINALITY u (customer_id, lead_id, at, lead_no)
      JOIN reception r ON r.customer_id = u.customer_id AND r.lead_id = u.lead_id AND r.customer_id <> 0,
           LATERAL (SELECT r.form, greatest(r.received_at, r.form_entered_at) AS answered_at, 0::bigint AS form_no
                    UNION ALL SELECT q.form, q.entered_at, q.reception_form_id FROM reception_form q WHERE q.customer_id = r.customer_id AND q.reception_id = r.reception_id) f
     WHERE jsonb_typeof(f.form) = 'object' AND f.answered_at <= u.at;
END
$$;
COMMENT ON FUNCTION lead_forms(bigint[], bigint[], timestamptz[]) IS 'the reception forms of leads, each until a time of its own; lead_no is the place in the arrays. A part of lead_signals() and lead_features()';

CREATE OR REPLACE FUNCTION lead_signals(customers bigint[], leads bigint[], times timestamptz[])
    RETURNS TABLE (lead_no bigint, signal text, field text, value text, happened_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT SET jit = off AS
$$
BEGIN
    RETURN QUERY
    WITH t AS MATERIALIZED (
        SELECT u.lead_no, u.customer_id, u.lead_id, u.at, u.at - interval '6 months' AS customer_since, l.opened_at, l.product, coalesce(l.source_code, r.source_code) AS source_code, r.response_channel
          FROM unnest(customers, leads, times) WITH ORDINALITY u (customer_id, lead_id, at, lead_no)
          JOIN lead l ON l.customer_id = u.customer_id AND l.lead_id = u.lead_id
          LEFT JOIN response r ON r.customer_id = l.customer_id AND r.response_id = l.response_id)
    SELECT t.lead_no, s.signal, NULL::text, s.value, v.visited_at
      FROM t JOIN visit v ON v.customer_id = t.customer_id AND v.lead_id = t.lead_id AND v.status = 'completed' AND v.visited_at <= t.at,
           LATERAL (VALUES ('visit', v.kind), ('outcome', v.outcome)) s (signal, value) WHERE s.value IS NOT NULL
    UNION ALL
    SELECT t.lead_no, 'call', NULL, c.result, c.called_at FROM t JOIN call c ON c.customer_id = t.customer_id AND c.lead_id = t.lead_id AND c.called_at <= t.at
    UNION ALL
    SELECT * FROM (SELECT DISTINCT ON (t.lead_no, a.key) t.lead_no, 'answer', a.key, a.value, f.answered_at
                     FROM t JOIN lead_forms(customers, leads, times) f ON f.lead_no = t.lead_no CROSS JOIN LATERAL jsonb_each_text(f.form) a
                    WHERE a.value IS NOT NULL ORDER BY t.lead_no, a.key, f.answered_at DESC, f.form_no DESC) answer
    UNION ALL
    SELECT t.lead_no, 'lead', f.field, f.value, t.opened_at
      FROM t JOIN customer c ON c.customer_id = t.customer_id LEFT JOIN product p ON p.product = t.product LEFT JOIN source s ON s.source_code = t.source_code,
           LATERAL (VALUES ('product', t.product), ('category', p.category), ('medium', s.medium), ('channel', t.response_channel), ('region', c.region)) f (field, value)
     WHERE f.value IS NOT NULL AND t.opened_at <= t.at
    UNION ALL
    -- customer 0 is nobody: what all the unidentified did says nothing of one lead
    SELECT t.lead_no, 'response', NULL, coalesce(r.response_channel, ''), r.responded_at
      FROM t JOIN response r ON r.customer_id = t.customer_id AND r.responded_at <= t.at AND r.responded_at > t.customer_since WHERE t.customer_id <> 0
    UNION ALL
    SELECT t.lead_no, 'registration', NULL, e.kind, r.registered_at
      FROM t JOIN event_registration r ON r.customer_id = t.customer_id AND r.registered_at <= t.at AND r.registered_at > t.customer_since JOIN event e ON e.event_id = r.event_id WHERE t.customer_id <> 0
    UNION ALL
    SELECT t.lead_no, 'attendance', NULL, e.kind, a.attended_at
      FROM t JOIN event_attendance a ON a.customer_id = t.customer_id AND a.attended_at <= t.at AND a.attended_at > t.customer_since JOIN event e ON e.event_id = a.event_id WHERE t.customer_id <> 0
    UNION ALL
    SELECT t.lead_no, 'basket', NULL, b.kind, b.happened_at
      FROM t JOIN basket_event b ON b.customer_id = t.customer_id AND b.happened_at <= t.at AND b.happened_at > t.customer_since WHERE t.customer_id <> 0;
END
$$;
COMMENT ON FUNCTION lead_signals(bigint[], bigint[], timestamptz[]) IS 'the signals of leads, each until a time of its own: what came of the lead, its answers on forms (the last one to each question), what it was opened with, and what its customer did in the six months before. lead_no is the place in the arrays. A part of lead_points()';

CREATE OR REPLACE FUNCTION signal_matches(value text, operator text, operand text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS
$$
BEGIN
    CASE operator
    WHEN 'is there' THEN
        RETURN true;
    WHEN 'is' THEN
        RETURN value = operand;
    WHEN 'is one of' THEN
        RETURN value = ANY (regexp_split_to_array(btrim(operand), '\s*,\s*'));
    WHEN 'matches' THEN
        RETURN value ~ operand;
    ELSE
        IF value !~ '^\s*[-+]?[0-9]{1,15}(\.[0-9]{0,15})?\s*$' THEN
            RETURN false;                       -- what is no number is neither large nor small
        END IF;
        RETURN CASE operator WHEN 'at least' THEN value::numeric >= operand::numeric ELSE value::numeric <= operand::numeric END;
    END CASE;
END
$$;
COMMENT ON FUNCTION signal_matches(text, text, text) IS 'whether a value is as an operator of grading_rule asks. A part of lead_points()';

CREATE OR REPLACE FUNCTION grading_caps(version int) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT jsonb_object_agg(r.grading_rule, r.cap_per_day) FROM grading_rule r WHERE r.version = grading_caps.version AND r.cap_per_day IS NOT NULL);
END
$$;
COMMENT ON FUNCTION grading_caps(int) IS 'the caps of a version of the rules, for points_at(). A part of suggest_grade()';

-- Each value of a signal is compared once with each rule, however many leads have it.
CREATE OR REPLACE FUNCTION lead_points(customers bigint[], leads bigint[], times timestamptz[], version int)
    RETURNS TABLE (lead_no bigint, points points, score float8, rules text[], lead_grade text)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    caps jsonb := grading_caps(version);
    zone text := setting_value('time_zone');
BEGIN
    RETURN QUERY
    WITH s AS MATERIALIZED (SELECT * FROM lead_signals(customers, leads, times)),
    matching AS MATERIALIZED (
        SELECT v.signal, v.field, v.value, r.grading_rule, r.points, r.lead_grade, r.half_life, r.look_back
          FROM (SELECT DISTINCT s.signal, s.field, s.value FROM s) v
          JOIN grading_rule r ON r.version = lead_points.version AND r.is_enabled AND r.signal = v.signal AND (r.field IS NULL OR r.field = v.field)
                             AND signal_matches(v.value, r.operator, r.operand)),
    hit AS (
        SELECT s.lead_no, s.happened_at, m.grading_rule, m.points, m.lead_grade, m.half_life
          FROM s JOIN matching m ON m.signal = s.signal AND m.value = s.value AND m.field IS NOT DISTINCT FROM s.field
         WHERE m.look_back IS NULL OR s.happened_at > times[s.lead_no] - m.look_back),
    total AS (
        SELECT h.lead_no, points_kind_agg(h.grading_rule, h.happened_at, h.points, h.half_life) AS points,
               array_agg(DISTINCT h.grading_rule) AS rules, array_agg(DISTINCT h.lead_grade) FILTER (WHERE h.lead_grade IS NOT NULL) AS grades
          FROM hit h GROUP BY h.lead_no)
    SELECT n::bigint, t.points, p.score, coalesce(t.rules, '{}'),
           (SELECT g.lead_grade FROM lead_grade g
             WHERE g.lead_grade = ANY (t.grades)
                OR EXISTS (SELECT FROM grading_threshold h WHERE h.version = lead_points.version AND h.lead_grade = g.lead_grade AND h.minimum_points <= p.score)
                OR g.grade_no = (SELECT max(o.grade_no) FROM lead_grade o)
             ORDER BY g.grade_no LIMIT 1)
      FROM generate_subscripts(customers, 1) n LEFT JOIN total t ON t.lead_no = n,
           LATERAL (SELECT coalesce(points_at(t.points, times[n], NULL, caps, zone), 0) OFFSET 0) p (score);
END
$$;
COMMENT ON FUNCTION lead_points(bigint[], bigint[], timestamptz[], int) IS 'what a version of the rules says of leads, each as of a time of its own: their points (with what they were made of), the rules that apply, and the grade proposed. lead_no is the place in the arrays. A part of suggest_grade() and test_grading_rules()';

CREATE OR REPLACE FUNCTION suggest_grade(customer bigint, lead bigint, as_of timestamptz DEFAULT now(), version int DEFAULT NULL,
    OUT lead_grade text, OUT points float8, OUT reasons text, OUT rules_version int)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    result record;
BEGIN
    PERFORM check_as_of(as_of);
    rules_version := check_grading_version(suggest_grade.version);
    IF NOT EXISTS (SELECT FROM lead l WHERE l.customer_id = customer AND l.lead_id = lead) THEN
        RAISE EXCEPTION 'customer % has no lead %', coalesce(customer::text, 'NULL'), coalesce(lead::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'lead', COLUMN = 'lead_id', HINT = 'open_lead() returns the number of the lead; customer_card() lists the leads of a customer.';
    END IF;
    SELECT p.* INTO result FROM lead_points(ARRAY[customer], ARRAY[lead], ARRAY[as_of], rules_version) p;
    lead_grade := result.lead_grade;
    points := result.score;
    reasons := concat_ws('; ', (SELECT string_agg(r.grading_rule || ': at least ' || r.lead_grade, ', ' ORDER BY r.grading_rule)
                                  FROM grading_rule r WHERE r.version = rules_version AND r.lead_grade IS NOT NULL AND r.grading_rule = ANY (result.rules)),
                         points_words(result.points, as_of, NULL, grading_caps(rules_version), setting_value('time_zone')));
END
$$;
COMMENT ON FUNCTION suggest_grade(bigint, bigint, timestamptz, int) IS 'the grade that the rules of the house propose for a lead as of a time, its points, why in words, and the version of the rules (NULL for version: the one in force). Changes nothing: set_grade() does. 22004, 22023 for a wrong time or version, 23503 for an unknown lead';

CREATE OR REPLACE FUNCTION grading_ledger(customer bigint, lead bigint, as_of timestamptz DEFAULT now(), version int DEFAULT NULL)
    RETURNS TABLE (happened_at timestamptz, grading_rule text, lead_grade text, points_each float8, events bigint, counted float8, contribution numeric)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
DECLARE
    rules_version int := (suggest_grade(customer, lead, as_of, version)).rules_version;
    result        record;
BEGIN
    SELECT p.* INTO result FROM lead_points(ARRAY[customer], ARRAY[lead], ARRAY[as_of], rules_version) p;
    RETURN QUERY
    SELECT l.happened_at, l.kind, NULL::text, l.points_each, l.events, l.counted, l.contribution
      FROM points_ledger(result.points, as_of, NULL, grading_caps(rules_version), setting_value('time_zone')) l
    UNION ALL
    SELECT NULL, r.grading_rule, r.lead_grade, NULL, NULL, NULL, 0
      FROM grading_rule r WHERE r.version = rules_version AND r.lead_grade IS NOT NULL AND r.grading_rule = ANY (result.rules)
     ORDER BY 1 NULLS FIRST, 2;
END
$$;
COMMENT ON FUNCTION grading_ledger(bigint, bigint, timestamptz, int) IS 'why suggest_grade() says what it says: one row for each group of equal signals with what it is worth at that time (after caps and decay), and one for each rule that gives a grade outright; sum(contribution) is its points, exactly. Arguments and errors as suggest_grade()';

CREATE OR REPLACE FUNCTION copy_grading_rules(from_version int DEFAULT NULL, description text DEFAULT NULL) RETURNS int
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    source int := check_grading_version(from_version);
    result int;
BEGIN
    INSERT INTO grading_version (version, description)
    SELECT max(v.version) + 1, coalesce(copy_grading_rules.description, 'copy of version ' || source) FROM grading_version v RETURNING version INTO result;
    INSERT INTO grading_threshold SELECT result, t.lead_grade, t.minimum_points FROM grading_threshold t WHERE t.version = source;
    INSERT INTO grading_rule (version, grading_rule, signal, field, operator, operand, points, lead_grade, half_life, look_back, cap_per_day, is_enabled)
    SELECT result, r.grading_rule, r.signal, r.field, r.operator, r.operand, r.points, r.lead_grade, r.half_life, r.look_back, r.cap_per_day, r.is_enabled
      FROM grading_rule r WHERE r.version = source;
    RETURN result;
END
$$;
COMMENT ON FUNCTION copy_grading_rules(int, text) IS 'copies a version of the grading rules (NULL: the one in force) to a new draft, to be changed and tested; returns its number. 22023 for an unknown version';

CREATE OR REPLACE FUNCTION check_grading_rules(version int) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT r.* FROM grading_rule r WHERE r.version = check_grading_rules.version AND r.operand IS NOT NULL ORDER BY r.grading_rule LOOP
        BEGIN
            PERFORM signal_matches('0', rule.operator, rule.operand);
        EXCEPTION WHEN data_exception THEN
            RAISE EXCEPTION 'rule "%" of version %: "%" does not go with "%"', rule.grading_rule, rule.version, rule.operand, rule.operator
                USING ERRCODE = 'invalid_parameter_value', DETAIL = SQLERRM, HINT = 'at least and at most take a number, matches a regular expression.';
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION check_grading_rules(int) IS 'error 22023 for a rule of a version whose operand is no number or regular expression where it must be one, with the name of the rule. A part of enable_grading_rules() and test_grading_rules()';

CREATE OR REPLACE FUNCTION enable_grading_rules(version int, at timestamptz DEFAULT now()) RETURNS int
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    before int;
BEGIN
    IF enable_grading_rules.version IS NULL THEN
        RAISE EXCEPTION 'version must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the version that is to be in force.';
    END IF;
    PERFORM check_as_of(at, 'at'), check_grading_version(enable_grading_rules.version);
    -- a rule that cannot be applied is found now, not when the next visitor comes
    PERFORM check_grading_rules(enable_grading_rules.version);
    UPDATE grading_version v SET is_enabled = false WHERE v.is_enabled AND v.version <> enable_grading_rules.version RETURNING v.version INTO before;
    UPDATE grading_version v SET is_enabled = true, enabled_at = at WHERE v.version = enable_grading_rules.version AND NOT v.is_enabled;
    RETURN before;
END
$$;
COMMENT ON FUNCTION enable_grading_rules(int, timestamptz) IS 'switches a version of the grading rules on, in place of the one in force, which is returned; NULL when there was no other. 22023 for an unknown version and for a rule whose operand is no number or regular expression where it must be one';

-- Two rates apart: by Newcombe's interval of their difference.
CREATE OR REPLACE FUNCTION test_grading_rules(version int DEFAULT NULL, opened_from timestamptz DEFAULT NULL, opened_until timestamptz DEFAULT NULL, as_of timestamptz DEFAULT now(),
                                              after interval DEFAULT '7 days')
    RETURNS TABLE (part text, value text, horizon text, leads bigint, bought bigint, bought_rate float8, rate_lower float8, rate_upper float8,
                   other_leads bigint, other_bought bigint, other_rate float8, difference_lower float8, difference_upper float8, auc float8, ks float8, finding text)
    LANGUAGE plpgsql STABLE ROWS 30 SET search_path FROM CURRENT SET jit = off SET intervalstyle = 'postgres' AS
$$
DECLARE
    rules_version int := check_grading_version(test_grading_rules.version);
    zone          text := setting_value('time_zone');
    confidence    float8 := setting_number('confidence', 0, 0.999999);
    customers     bigint[];
    lead_ids      bigint[];
    times         timestamptz[];
    closed        timestamptz[];
BEGIN
    PERFORM check_as_of(as_of), check_grading_rules(rules_version);
    IF after IS NULL OR after < interval '0' THEN
        RAISE EXCEPTION 'after must be 0 or more, not %', coalesce(after::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the time after the opening at which the rules look at each lead.';
    END IF;
    SELECT array_agg(l.customer_id ORDER BY l.customer_id, l.lead_id), array_agg(l.lead_id ORDER BY l.customer_id, l.lead_id), array_agg(l.opened_at + after ORDER BY l.customer_id, l.lead_id),
           array_agg(CASE WHEN l.status = 'won' AND l.closed_at <= as_of THEN l.closed_at END ORDER BY l.customer_id, l.lead_id)
      INTO customers, lead_ids, times, closed
      FROM lead l
     WHERE l.opened_at >= coalesce(opened_from, as_of - interval '24 months') AND l.opened_at < coalesce(opened_until, as_of) AND l.opened_at + after <= as_of
       AND (l.closed_at IS NULL OR l.closed_at > l.opened_at + after) AND l.customer_id <> 0;
    RETURN QUERY
    WITH graded AS MATERIALIZED (SELECT p.lead_no, p.score, p.rules, p.lead_grade FROM lead_points(coalesce(customers, '{}'), coalesce(lead_ids, '{}'), coalesce(times, '{}'), rules_version) p),
    outcome AS MATERIALIZED (
        SELECT g.*, h.name AS horizon, coalesce(closed[g.lead_no] <= e.ends_at, false) AS is_bought
          FROM graded g,
               LATERAL (SELECT k.horizon AS after, min(k.grade_no) AS grade_no, format('%s', k.horizon) AS name FROM lead_grade k WHERE k.horizon IS NOT NULL GROUP BY k.horizon) h,
               LATERAL (SELECT ((times[g.lead_no] AT TIME ZONE zone) + h.after) AT TIME ZONE zone) e (ends_at)
         WHERE e.ends_at <= as_of),
    everybody AS (SELECT o.horizon, count(*) AS leads, count(*) FILTER (WHERE o.is_bought) AS bought, gains_agg(o.score, o.is_bought) AS gains FROM outcome o GROUP BY o.horizon),
    piece AS (
        SELECT 'all' AS part, NULL::text AS value, NULL::int AS place, e.horizon, e.leads, e.bought FROM everybody e
        UNION ALL
        SELECT 'grade', k.lead_grade, k.grade_no, e.horizon, count(o.lead_no), count(*) FILTER (WHERE o.is_bought)
          FROM lead_grade k CROSS JOIN everybody e LEFT JOIN outcome o ON o.lead_grade = k.lead_grade AND o.horizon = e.horizon GROUP BY k.lead_grade, k.grade_no, e.horizon
        UNION ALL
        SELECT 'rule', r.grading_rule, NULL, e.horizon, count(o.lead_no), count(*) FILTER (WHERE o.is_bought)
          FROM grading_rule r CROSS JOIN everybody e LEFT JOIN outcome o ON o.horizon = e.horizon AND r.grading_rule = ANY (o.rules)
         WHERE r.version = rules_version AND r.is_enabled GROUP BY r.grading_rule, e.horizon)
    SELECT p.part, p.value, p.horizon, p.leads, p.bought, round((p.bought::float8 / nullif(p.leads, 0))::numeric, 6)::float8, round(i.lower::numeric, 6)::float8, round(i.upper::numeric, 6)::float8,
           b.leads, b.bought, round((b.bought::float8 / nullif(b.leads, 0))::numeric, 6)::float8, round(d.lower::numeric, 6)::float8, round(d.upper::numeric, 6)::float8,
           CASE p.part WHEN 'all' THEN round(gains_auc(e.gains)::numeric, 6)::float8 END, CASE p.part WHEN 'all' THEN round(gains_ks(e.gains)::numeric, 6)::float8 END,
           CASE WHEN p.part = 'all' THEN CASE WHEN gains_auc(e.gains) < 0.5 THEN 'the points put those who buy behind those who do not' END
                WHEN p.leads = 0 THEN 'no lead ' || CASE p.part WHEN 'grade' THEN 'gets this grade' ELSE 'was touched by this rule' END
                WHEN p.part = 'rule' THEN
                    CASE WHEN d.lower > 0 AND r.points < 0 THEN 'speaks against buying, but these leads buy more often'
                         WHEN d.upper < 0 AND (r.points > 0 OR r.lead_grade <> last.lead_grade) THEN 'speaks for buying, but these leads buy less often'
                         WHEN d.lower <= 0 AND d.upper >= 0 THEN 'no difference is proven' END END
      FROM piece p
      JOIN everybody e ON e.horizon = p.horizon
      LEFT JOIN grading_rule r ON p.part = 'rule' AND r.version = rules_version AND r.grading_rule = p.value
     CROSS JOIN (SELECT k.lead_grade FROM lead_grade k ORDER BY k.grade_no DESC LIMIT 1) last,
           LATERAL (SELECT CASE WHEN p.part <> 'all' THEN e.leads - p.leads END, CASE WHEN p.part <> 'all' THEN e.bought - p.bought END) b (leads, bought),
           LATERAL rate_interval(rate(p.bought, p.leads), confidence) i,
           LATERAL rate_difference_interval(rate(p.bought, p.leads), rate(b.bought, b.leads), confidence) d
     ORDER BY array_position('{all,grade,rule}', p.part), p.place, p.value, p.horizon;
END
$$;
COMMENT ON FUNCTION test_grading_rules(int, timestamptz, timestamptz, timestamptz, interval) IS 'a version of the rules (a draft, too; NULL: the one in force) tried on leads of the past: opened in [opened_from, opened_until) (NULL: within 24 months before as_of), each graded as of its opening plus after if it was open then. For each horizon of table lead_grade, of those observed that long: all leads, those of each grade, and those that each rule touches: how many bought within the horizon, with confidence limits (setting confidence), against all other leads, and the limits of the difference (Newcombe). auc and ks of the points stand with all. Changes nothing. 22004, 22023 for wrong arguments';
