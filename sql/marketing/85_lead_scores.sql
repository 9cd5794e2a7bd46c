-- Scores: the open leads scored in the night, in batches, and explained.
--
-- score_leads() goes through the open leads in the order of their key, and notes in lead_score_run
-- how far it has come: a batch that is killed is done again, a finished run does nothing more. Who
-- calls it at the same time takes turns at that row. What has not changed is not written. A lead
-- whose grade changes is locked first (in the order of the key, see 61_lead_state.sql) and looked
-- at again: what an app has closed meanwhile is left alone.

CREATE OR REPLACE FUNCTION lead_model_at(as_of timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT m.lead_model_id FROM lead_model m WHERE m.is_enabled AND m.trained_at <= as_of ORDER BY m.trained_at DESC, m.lead_model_id DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION lead_model_at(timestamptz) IS 'the model by which leads are scored at a time: the enabled one trained last; NULL when there is none';

CREATE OR REPLACE FUNCTION score_lead_batch(run lead_score_run, customers bigint[], leads bigint[], OUT changed bigint, OUT regraded bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off SET enable_nestloop = off AS     -- tens of thousands of rows, whatever the planner thinks of the join
$$
DECLARE
    model   lead_model;
    grades  text[] := (lead_model_grades()).grades;
    days    float8 := 86400;
    lowest  bigint := customers[1];
    highest bigint := customers[cardinality(customers)];
BEGIN
    SELECT m.* INTO model FROM lead_model m WHERE m.lead_model_id = run.lead_model_id;
    WITH scored AS MATERIALIZED (
        SELECT p.*, round((100 * p.p3)::numeric, 2) AS score, CASE WHEN p.p3 >= model.threshold3 THEN grades[1] WHEN p.p6 >= model.threshold6 THEN grades[2] ELSE grades[3] END AS grade
          FROM lead_probabilities(run.lead_model_id, customers, leads, array_fill(run.as_of, ARRAY[cardinality(customers)])) p),
    -- its last score is looked up for each lead: how many there are before it does not matter
    fresh AS MATERIALIZED (
        SELECT s.*, b.model_grade AS grade_before
          FROM scored s
          LEFT JOIN LATERAL (SELECT o.scored_at, o.p3, o.p6, o.model_grade FROM lead_score o
                              WHERE o.customer_id = s.customer_id AND o.lead_id = s.lead_id ORDER BY o.scored_at DESC LIMIT 1) b ON true
         WHERE b.scored_at IS NULL
            OR b.scored_at < run.as_of AND (b.model_grade <> s.grade OR abs(b.p3 - s.p3) >= 0.005 OR abs(b.p6 - s.p6) >= 0.005)),
    locked AS MATERIALIZED (
        SELECT l.customer_id, l.lead_id, l.salesperson_id, l.lead_grade, l.model_grade, l.clock_started_at, l.stale_step_no, l.opened_at
          FROM lead l JOIN fresh f ON f.customer_id = l.customer_id AND f.lead_id = l.lead_id
         WHERE f.grade_before IS DISTINCT FROM f.grade AND l.status = 'open' AND l.customer_id BETWEEN lowest AND highest
         ORDER BY l.customer_id, l.lead_id FOR NO KEY UPDATE OF l),
    kept AS (
        INSERT INTO lead_score (customer_id, lead_id, scored_at, lead_model_id, team, log_odds, p3, p6, score, model_grade, features)
        SELECT f.customer_id, f.lead_id, run.as_of, run.lead_model_id, f.team, f.log_odds, f.p3, f.p6, f.score, f.grade, f.features
          FROM fresh f WHERE f.grade_before = f.grade OR EXISTS (SELECT FROM locked l WHERE l.customer_id = f.customer_id AND l.lead_id = f.lead_id)
        RETURNING 1),
    graded AS (
        UPDATE lead l SET model_grade = f.grade FROM locked k JOIN fresh f ON f.customer_id = k.customer_id AND f.lead_id = k.lead_id
         WHERE l.customer_id = k.customer_id AND l.lead_id = k.lead_id AND l.customer_id BETWEEN lowest AND highest AND k.model_grade IS DISTINCT FROM f.grade),
    moved AS (
        INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, model_grade, score, from_status, to_status,
                               reason, rule, days_on_clock, days_without_contact, clock_started_at, stale_step_no)
        SELECT k.customer_id, k.lead_id, run.as_of, 'model graded', k.salesperson_id, k.salesperson_id, k.model_grade, f.grade, k.model_grade, f.score, 'open', 'open',
               format('%s %% within %s, %s %% within %s', f.score, model.horizon3, round((100 * f.p6)::numeric, 2), model.horizon6), 'model ' || run.lead_model_id,
               extract(epoch FROM run.as_of - k.clock_started_at) / days, extract(epoch FROM run.as_of - coalesce(f.contact_at, k.opened_at)) / days, k.clock_started_at, k.stale_step_no
          FROM locked k JOIN fresh f ON f.customer_id = k.customer_id AND f.lead_id = k.lead_id WHERE k.model_grade IS DISTINCT FROM f.grade
        RETURNING 1)
    SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM moved) INTO changed, regraded;
END
$$;
COMMENT ON FUNCTION score_lead_batch(lead_score_run, bigint[], bigint[]) IS 'scores some leads, in the order of their key, and writes what has changed. A part of score_leads()';

CREATE OR REPLACE FUNCTION score_leads(as_of timestamptz DEFAULT now(), max_leads int DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET intervalstyle = 'postgres' AS
$$
DECLARE
    model     bigint;
    run       lead_score_run;
    customers bigint[];
    lead_ids  bigint[];
    done      record;
BEGIN
    PERFORM check_as_of(as_of);
    IF max_leads < 1 THEN
        RAISE EXCEPTION 'max_leads must be at least 1, not %', max_leads
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it away to score all open leads in one transaction.';
    END IF;
    model := lead_model_at(as_of);
    IF model IS NULL THEN
        RETURN 0;                               -- nothing to score by yet: train_lead_model() says why
    END IF;
    INSERT INTO lead_score_run AS r (as_of, lead_model_id, last_customer_id, last_lead_id, leads, changed, regraded)
    VALUES (score_leads.as_of, model, '-9223372036854775808', '-9223372036854775808', 0, 0, 0) ON CONFLICT DO NOTHING;
    SELECT r.* INTO run FROM lead_score_run r WHERE r.as_of = score_leads.as_of FOR UPDATE;
    IF run.ended_at IS NOT NULL THEN
        RETURN 0;
    END IF;
    SELECT array_agg(l.customer_id ORDER BY l.customer_id, l.lead_id), array_agg(l.lead_id ORDER BY l.customer_id, l.lead_id) INTO customers, lead_ids
      FROM (SELECT l.customer_id, l.lead_id FROM lead l
             WHERE (l.customer_id, l.lead_id) > (run.last_customer_id, run.last_lead_id) AND l.status = 'open' AND l.opened_at <= score_leads.as_of
             ORDER BY l.customer_id, l.lead_id LIMIT max_leads) l;
    IF customers IS NULL THEN
        UPDATE lead_score_run r SET ended_at = clock_timestamp() WHERE r.as_of = score_leads.as_of;
        RETURN 0;
    END IF;
    done := score_lead_batch(run, customers, lead_ids);
    UPDATE lead_score_run r
       SET last_customer_id = customers[cardinality(customers)], last_lead_id = lead_ids[cardinality(lead_ids)], leads = r.leads + cardinality(customers),
           changed = r.changed + done.changed, regraded = r.regraded + done.regraded,
           ended_at = CASE WHEN max_leads IS NULL OR cardinality(customers) < max_leads THEN clock_timestamp() END
     WHERE r.as_of = score_leads.as_of;
    RETURN cardinality(customers);
END
$$;
COMMENT ON FUNCTION score_leads(timestamptz, int) IS 'scores the open leads as of a time by the last model trained until then: at most max_leads of them (NULL: all); returns how many, so call it until it returns 0. A lead gets a row in lead_score when its grade changes or a probability by half a percent or more; with its grade lead.model_grade and a row of lead_move change. A second run for the same as_of changes nothing; a lead that has been scored later is left alone. 0 without a model. 22004, 22023 for wrong arguments';

CREATE OR REPLACE FUNCTION explain_lead(customer bigint, lead bigint, as_of timestamptz DEFAULT now())
    RETURNS TABLE (horizon text, feature text, value text, contribution float8, odds_factor float8, scored_at timestamptz, lead_model_id bigint)
    LANGUAGE plpgsql STABLE ROWS 30 SET search_path FROM CURRENT SET intervalstyle = 'postgres' AS
$$
DECLARE
    this  lead_score;
    model lead_model;
BEGIN
    PERFORM check_as_of(as_of);
    SELECT s.* INTO this FROM lead_score s
     WHERE s.customer_id = explain_lead.customer AND s.lead_id = explain_lead.lead AND s.scored_at <= as_of ORDER BY s.scored_at DESC LIMIT 1;
    IF NOT FOUND THEN
        IF NOT EXISTS (SELECT FROM lead l WHERE l.customer_id = explain_lead.customer AND l.lead_id = explain_lead.lead) THEN
            RAISE EXCEPTION 'customer % has no lead %', coalesce(customer::text, 'NULL'), coalesce(lead::text, 'NULL')
                USING ERRCODE = 'foreign_key_violation', TABLE = 'lead', COLUMN = 'lead_id', HINT = 'customer_card() lists the leads of a customer.';
        END IF;
        RETURN;
    END IF;
    SELECT m.* INTO model FROM lead_model m WHERE m.lead_model_id = this.lead_model_id;
    RETURN QUERY
    WITH part AS (
        SELECT h.no, r.feature, r.value, r.contribution
          FROM lead_model_blends(this.lead_model_id) b, LATERAL (VALUES (1, b.counts3), (2, b.counts6)) h (no, counts), naive_bayes_reasons(h.counts, this.features, model.alpha) r
         WHERE b.team = this.team),
    total AS (SELECT p.no, sum(p.contribution) AS log_odds FROM part p GROUP BY p.no)
    SELECT CASE x.no WHEN 1 THEN model.horizon3 ELSE model.horizon6 END::text, x.feature, x.value, x.contribution, exp(x.contribution), this.scored_at, this.lead_model_id
      FROM (SELECT p.no, coalesce(p.feature, 'all leads') AS feature, p.value, p.contribution, CASE WHEN p.feature IS NULL THEN 0 ELSE 1 END AS place FROM part p
            UNION ALL
            -- never less likely in six months than in three
            SELECT 2, 'at least as within ' || model.horizon3, NULL, a.log_odds - b.log_odds, 2 FROM total a JOIN total b ON a.no = 1 AND b.no = 2 WHERE a.log_odds > b.log_odds) x
     ORDER BY x.no, x.place, abs(x.contribution) DESC, x.feature;
END
$$;
COMMENT ON FUNCTION explain_lead(bigint, bigint, timestamptz) IS 'why the last score of a lead until as_of is what it is: for each horizon, what all leads say, and what each feature adds to the log-odds (above 0 for, below 0 against; odds_factor is its factor on the odds). The contributions of the first horizon add up to lead_score.log_odds, exactly; those of each to the log-odds of its probability. No rows for a lead without a score; 23503 for an unknown one, 22004, 22023 for a wrong time';

CREATE OR REPLACE FUNCTION explain_lead_in_words(customer bigint, lead bigint, as_of timestamptz DEFAULT now(), top_reasons int DEFAULT 3) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET intervalstyle = 'postgres' AS
$$
DECLARE
    words text;
BEGIN
    words := (SELECT format('model %s, %s %% within %s: %s', s.lead_model_id, s.score, m.horizon3,
                            (SELECT reasons_in_words(array_agg(e.feature || ' ' || e.value ORDER BY e.feature), array_agg(e.contribution ORDER BY e.feature), explain_lead_in_words.top_reasons)
                               FROM explain_lead(explain_lead_in_words.customer, explain_lead_in_words.lead, explain_lead_in_words.as_of) e WHERE e.horizon = m.horizon3::text))
                FROM lead_score s JOIN lead_model m ON m.lead_model_id = s.lead_model_id
               WHERE s.customer_id = explain_lead_in_words.customer AND s.lead_id = explain_lead_in_words.lead AND s.scored_at <= explain_lead_in_words.as_of
               ORDER BY s.scored_at DESC LIMIT 1);
    IF words IS NULL THEN
        PERFORM check_lead(customer, lead);
    END IF;
    RETURN words;
END
$$;
COMMENT ON FUNCTION explain_lead_in_words(bigint, bigint, timestamptz, int) IS 'the last score of a lead until as_of with its strongest reasons for and against, as a sentence; NULL when it has none. 23503 for an unknown lead. For apps';

-- Predicted against actual where a rule applies: the first score of each lead, and what the rules
-- said of the lead at that time. As in 49_grading_reports.sql the error is shared out among all
-- comparisons, and fewer than ten leads on either side say nothing.
CREATE OR REPLACE FUNCTION grading_rule_calibration(version int DEFAULT NULL, as_of timestamptz DEFAULT now())
    RETURNS TABLE (grading_rule text, horizon_no int, leads bigint, bought bigint, bought_rate float8, bought_rate_lower float8, bought_rate_upper float8, predicted_rate float8,
                   other_leads bigint, other_bought bigint, other_rate float8, difference float8, difference_lower float8, difference_upper float8, comparisons bigint, finding text)
    LANGUAGE plpgsql STABLE ROWS 30 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    rules_version int := check_grading_version(grading_rule_calibration.version);
    zone          text := setting_value('time_zone');
    level         float8 := setting_number('confidence', 0, 0.999999);
    customers     bigint[];
    lead_ids      bigint[];
    times         timestamptz[];
BEGIN
    PERFORM check_as_of(as_of);
    SELECT array_agg(s.customer_id ORDER BY s.customer_id, s.lead_id), array_agg(s.lead_id ORDER BY s.customer_id, s.lead_id), array_agg(s.scored_at ORDER BY s.customer_id, s.lead_id)
      INTO customers, lead_ids, times
      FROM (SELECT o.customer_id, o.lead_id, min(o.scored_at) AS scored_at FROM lead_score o GROUP BY o.customer_id, o.lead_id) s
     WHERE s.customer_id <> 0 AND ((s.scored_at AT TIME ZONE zone) + (lead_model_grades()).horizons[1]) AT TIME ZONE zone <= as_of;
    RETURN QUERY
    WITH said AS MATERIALIZED (SELECT p.lead_no, p.rules FROM lead_points(coalesce(customers, '{}'), coalesce(lead_ids, '{}'), coalesce(times, '{}'), rules_version) p),
    outcome AS MATERIALIZED (
        SELECT r.lead_no, r.rules, h.horizon_no, h.p, coalesce(l.status = 'won' AND l.closed_at <= e.ends_at, false) AS is_bought
          FROM said r
          JOIN lead_score s ON s.customer_id = customers[r.lead_no] AND s.lead_id = lead_ids[r.lead_no] AND s.scored_at = times[r.lead_no]
          JOIN lead l ON l.customer_id = s.customer_id AND l.lead_id = s.lead_id
          JOIN lead_model m ON m.lead_model_id = s.lead_model_id,
               LATERAL (VALUES (1, s.p3, m.horizon3), (2, s.p6, m.horizon6)) h (horizon_no, p, horizon),
               LATERAL (SELECT ((s.scored_at AT TIME ZONE zone) + h.horizon) AT TIME ZONE zone AS ends_at) e
         WHERE e.ends_at <= as_of),
    everybody AS (SELECT o.horizon_no, count(*) AS leads, count(*) FILTER (WHERE o.is_bought) AS bought FROM outcome o GROUP BY o.horizon_no),
    counted AS (
        SELECT a.grading_rule, a.points, a.lead_grade, e.horizon_no, count(o.lead_no) AS leads, count(*) FILTER (WHERE o.is_bought) AS bought, avg(o.p) AS predicted_rate,
               e.leads - count(o.lead_no) AS other_leads, e.bought - count(*) FILTER (WHERE o.is_bought) AS other_bought
          FROM everybody e
         CROSS JOIN (SELECT g.grading_rule, g.points, g.lead_grade FROM grading_rule g WHERE g.version = rules_version AND g.is_enabled UNION ALL SELECT NULL, NULL, NULL) a
          LEFT JOIN outcome o ON o.horizon_no = e.horizon_no AND (a.grading_rule = ANY (o.rules) OR a.grading_rule IS NULL AND cardinality(o.rules) = 0)
         GROUP BY a.grading_rule, a.points, a.lead_grade, e.horizon_no, e.leads, e.bought),
    weighed AS (SELECT c.*, c.leads >= 10 AND c.other_leads >= 10 AS is_compared, count(*) FILTER (WHERE c.leads >= 10 AND c.other_leads >= 10) OVER (PARTITION BY c.horizon_no) AS comparisons FROM counted c)
    SELECT w.grading_rule, w.horizon_no, w.leads, w.bought, round((w.bought::float8 / nullif(w.leads, 0))::numeric, 6)::float8, round(i.lower::numeric, 6)::float8, round(i.upper::numeric, 6)::float8, round(w.predicted_rate::numeric, 6)::float8,
           w.other_leads, w.other_bought, round((w.other_bought::float8 / nullif(w.other_leads, 0))::numeric, 6)::float8, round(d.difference::numeric, 6)::float8, round(d.lower::numeric, 6)::float8,
           round(d.upper::numeric, 6)::float8, w.comparisons,
           CASE WHEN w.leads = 0 THEN CASE WHEN w.grading_rule IS NOT NULL THEN 'no scored lead was touched by this rule' END
                WHEN w.is_compared THEN nullif(concat_ws('; ',
                    CASE WHEN d.lower > 0 AND w.points < 0 THEN 'the rule speaks against buying, but these leads buy more often'
                         WHEN d.upper < 0 AND (w.points > 0 OR w.lead_grade <> last.lead_grade) THEN 'the rule speaks for buying, but these leads buy less often' END,
                    CASE WHEN w.predicted_rate > j.upper THEN 'the model is too optimistic here' WHEN w.predicted_rate < j.lower THEN 'the model is too pessimistic here' END), '') END
      FROM weighed w
     CROSS JOIN (SELECT k.lead_grade FROM lead_grade k ORDER BY k.grade_no DESC LIMIT 1) last,
           LATERAL (SELECT 1 - (1 - level) / greatest(w.comparisons, 1) AS shared) c,
           LATERAL rate_interval(rate(w.bought, w.leads), level) i,
           LATERAL rate_interval(rate(w.bought, w.leads), c.shared) j,
           LATERAL rate_difference_interval(rate(w.bought, w.leads), rate(w.other_bought, w.other_leads), c.shared) d
     ORDER BY w.grading_rule NULLS LAST, w.horizon_no;
END
$$;
COMMENT ON FUNCTION grading_rule_calibration(int, timestamptz) IS 'predicted against actual by grading rule: of the leads that a rule (of a version; NULL: the one in force) applied to when they got their first score, and that have been observed for the horizon since by as_of, how many bought within it, with confidence limits (setting confidence), and what the model predicted on average; against all other leads, with the limits of the difference (Newcombe), where the error is shared out among all comparisons of ten leads and more on either side. One row per rule and horizon (1: three months, 2: six); grading_rule is NULL for leads to which no rule applied. finding says where the rule points the wrong way and where the model is too optimistic or too pessimistic. 22004, 22023 for a wrong time or version';
