-- The model of purchase: what is known of a lead at a time, and how it is learnt what that means.
--
-- A lead is looked at several times, at the ages of setting lead_model_snapshot_days, while it was
-- open: that is how leads of all ages are scored later. Each look has two outcomes, bought within the
-- horizon after it or not, and an outcome counts only when the lead has been observed that long: a
-- younger lead says nothing, whether it is open, lost or bought. (To take those of the young that
-- have bought and leave out those that have not yet makes every probability too high; setting
-- lead_model_young_buyers does it all the same.) A lead that was lost has been observed since, too:
-- it did not buy.
--
-- Features are read as of the time of the look, from facts that had happened by then. Of the lead,
-- its customer and its product they take what does not change: region, product, codes.
--
-- Counts are made once, by fold (customer_id modulo 5), team and horizon; models are sums of them, so
-- quality is measured on customers that the model has not seen, without a second training.

-- Leads are taken so many at a time that what is known of them stays near the processor, and each
-- kind of fact is joined once for these, within the range of their customers: name the leads in
-- the order of their key, and neighbours are read. The plan depends on how many leads there are, so
-- it is made anew. What a setting leaves out is known when it is planned, and costs nothing.
CREATE OR REPLACE FUNCTION lead_features(customers bigint[], leads bigint[], times timestamptz[])
    RETURNS TABLE (customer_id bigint, lead_id bigint, at timestamptz, team text, features jsonb, contact_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS
$$
DECLARE
    at_once        constant int := 10000;
    first_no       int := 1;
    left_out       text[] := ARRAY(SELECT f.feature FROM lead_model_feature f WHERE NOT f.is_enabled AND f.form_field IS NULL);
    has_form       boolean := EXISTS (SELECT FROM lead_model_feature f WHERE f.is_enabled AND f.form_field IS NOT NULL);
    some_customers bigint[];
    some_leads     bigint[];
    some_times     timestamptz[];
    lowest         bigint;
    highest        bigint;
BEGIN
    WHILE first_no <= cardinality(customers) LOOP
        some_customers := customers[first_no:first_no + at_once - 1];
        some_leads := leads[first_no:first_no + at_once - 1];
        some_times := times[first_no:first_no + at_once - 1];
        SELECT min(n), max(n) INTO lowest, highest FROM unnest(some_customers) n;
        RETURN QUERY
        WITH u AS MATERIALIZED (SELECT n.* FROM unnest(some_customers, some_leads, some_times) WITH ORDINALITY n (customer_id, lead_id, at, no)),
        visits AS (
            SELECT u.no, count(*) AS visits, count(*) FILTER (WHERE f.kind = 'test drive') AS test_drives, max(f.visited_at) AS last_at
              FROM u JOIN visit f ON f.customer_id = u.customer_id AND f.lead_id = u.lead_id AND f.visited_at <= u.at
             WHERE f.status = 'completed' AND f.customer_id BETWEEN lowest AND highest GROUP BY u.no),
        calls AS (
            SELECT u.no, count(*) AS calls, max(f.called_at) AS last_at
              FROM u JOIN call f ON f.customer_id = u.customer_id AND f.lead_id = u.lead_id AND f.called_at <= u.at
             WHERE f.result IN ('reached', 'refused', 'promise', 'answered') AND f.customer_id BETWEEN lowest AND highest GROUP BY u.no),
        -- customer 0 is nobody: what all the unidentified did says nothing of one lead
        answers AS (
            SELECT u.no, count(*) AS answers FROM u JOIN response f ON f.customer_id = u.customer_id AND f.responded_at > u.at - interval '90 days' AND f.responded_at <= u.at
             WHERE f.customer_id BETWEEN lowest AND highest AND f.customer_id <> 0 GROUP BY u.no),
        orders AS (
            SELECT u.no, count(*) AS orders FROM u JOIN customer_order f ON f.customer_id = u.customer_id AND f.ordered_at <= u.at
             WHERE f.customer_id BETWEEN lowest AND highest AND f.customer_id <> 0 GROUP BY u.no),
        baskets AS (
            SELECT DISTINCT u.no FROM u JOIN basket_event f ON f.customer_id = u.customer_id AND f.happened_at > u.at - interval '30 days' AND f.happened_at <= u.at
             WHERE f.kind IN ('added', 'abandoned') AND f.customer_id BETWEEN lowest AND highest AND f.customer_id <> 0),
        registrations AS (
            SELECT DISTINCT u.no FROM u JOIN event_registration f ON f.customer_id = u.customer_id AND f.registered_at > u.at - interval '180 days' AND f.registered_at <= u.at
             WHERE f.customer_id BETWEEN lowest AND highest AND f.customer_id <> 0),
        owner AS (
            SELECT DISTINCT ON (u.no) u.no, p.team
              FROM u JOIN lead_move f ON f.customer_id = u.customer_id AND f.lead_id = u.lead_id AND f.moved_at <= u.at JOIN salesperson p ON p.salesperson_id = f.to_salesperson_id
             WHERE f.customer_id BETWEEN lowest AND highest ORDER BY u.no, f.moved_at DESC, f.lead_move_id DESC),
        -- the last answer to each question
        forms AS (
            SELECT q.no, jsonb_object_agg(q.feature, q.value) AS features
              FROM (SELECT DISTINCT ON (f.lead_no, g.feature) f.lead_no AS no, g.feature, left(f.form ->> g.form_field, 100) AS value
                      FROM lead_forms(CASE WHEN has_form THEN some_customers END, some_leads, some_times) f
                      JOIN lead_model_feature g ON g.form_field IS NOT NULL AND g.is_enabled AND f.form ->> g.form_field IS NOT NULL
                     ORDER BY f.lead_no, g.feature, f.answered_at DESC, f.form_no DESC) q GROUP BY q.no),
        known AS (
            SELECT u.*, coalesce(o.team, l.team, '') AS team, date_part('epoch', u.at - l.opened_at) / 86400 AS age, greatest(v.last_at, k.last_at) AS contact_at,
                   date_part('epoch', u.at - greatest(v.last_at, k.last_at)) / 86400 AS silence, coalesce(v.visits, 0) AS visits, coalesce(v.test_drives, 0) AS test_drives,
                   coalesce(k.calls, 0) AS calls, coalesce(w.answers, 0) AS answers, coalesce(d.orders, 0) AS orders, b.no AS basket, e.no AS registration,
                   r.response_channel, coalesce(l.source_code, r.source_code) AS source_code, l.product, c.region, c.is_organisation, c.recommended_by
              FROM u
              JOIN lead l ON l.customer_id = u.customer_id AND l.lead_id = u.lead_id AND l.customer_id BETWEEN lowest AND highest
              JOIN customer c ON c.customer_id = u.customer_id AND c.customer_id BETWEEN lowest AND highest
              LEFT JOIN response r ON r.customer_id = l.customer_id AND r.response_id = l.response_id AND r.customer_id BETWEEN lowest AND highest
              LEFT JOIN visits v ON v.no = u.no LEFT JOIN calls k ON k.no = u.no LEFT JOIN answers w ON w.no = u.no LEFT JOIN orders d ON d.no = u.no
              LEFT JOIN baskets b ON b.no = u.no LEFT JOIN registrations e ON e.no = u.no LEFT JOIN owner o ON o.no = u.no)
        SELECT n.customer_id, n.lead_id, n.at, n.team,
               CASE WHEN cardinality(left_out) = 0 AND NOT has_form THEN g.features
                    ELSE g.features - left_out || coalesce(a.features, '{}') END, n.contact_at
          FROM known n
          LEFT JOIN source s ON s.source_code = n.source_code
          LEFT JOIN forms a ON a.no = n.no,
               LATERAL (SELECT jsonb_object('{age,visits,test drive,calls,contact,responses,history,basket,registered,channel,medium,product,region,customer,referred}', ARRAY[
                   CASE WHEN n.age < 7 THEN '0-6' WHEN n.age < 30 THEN '7-29' WHEN n.age < 90 THEN '30-89' WHEN n.age < 180 THEN '90-179' ELSE '180+' END,
                   CASE WHEN n.visits >= 4 THEN '4+' ELSE n.visits::text END, CASE WHEN n.test_drives > 0 THEN 'yes' ELSE 'no' END,
                   CASE WHEN n.calls >= 3 THEN '3+' ELSE n.calls::text END,
                   CASE WHEN n.silence IS NULL THEN 'none' WHEN n.silence < 7 THEN '0-6' WHEN n.silence < 30 THEN '7-29' WHEN n.silence < 90 THEN '30-89' ELSE '90+' END,
                   CASE WHEN n.answers >= 3 THEN '3+' ELSE n.answers::text END, CASE WHEN n.orders >= 2 THEN '2+' ELSE n.orders::text END,
                   CASE WHEN n.basket IS NULL THEN 'no' ELSE 'yes' END, CASE WHEN n.registration IS NULL THEN 'no' ELSE 'yes' END,
                   coalesce(n.response_channel, 'none'), coalesce(s.medium, 'none'), coalesce(n.product, 'none'), coalesce(n.region, 'none'),
                   CASE WHEN n.is_organisation THEN 'organisation' ELSE 'person' END, CASE WHEN n.recommended_by IS NULL THEN 'no' ELSE 'yes' END]) AS features) g;
        first_no := first_no + at_once;
    END LOOP;
END
$$;
COMMENT ON FUNCTION lead_features(bigint[], bigint[], timestamptz[]) IS 'what the model looks at: the features of leads, each as of a time of its own, with the team of its owner at that time and the last completed contact. A part of train_lead_model() and score_leads()';

-- The three grades that a model gives, and the horizons of the first two.
CREATE OR REPLACE FUNCTION lead_model_grades(OUT grades text[], OUT horizons interval[])
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    SELECT array_agg(g.lead_grade ORDER BY g.grade_no), array_agg(g.horizon ORDER BY g.grade_no) INTO grades, horizons
      FROM (SELECT k.lead_grade, k.grade_no, k.horizon FROM lead_grade k WHERE k.horizon IS NOT NULL ORDER BY k.grade_no LIMIT 2) g;
    grades := grades || (SELECT k.lead_grade FROM lead_grade k ORDER BY k.grade_no DESC LIMIT 1);
    IF cardinality(grades) IS DISTINCT FROM 3 OR grades[3] = ANY (grades[:2]) OR horizons[1] >= horizons[2] THEN
        RAISE EXCEPTION 'the model cannot give grades: it needs two with a horizon, the shorter one first, and one after them'
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead_grade', HINT = 'See table lead_grade, columns grade_no and horizon.';
    END IF;
END
$$;
COMMENT ON FUNCTION lead_model_grades() IS 'the grades that the model gives (the two best that have a horizon, and the last one) and the two horizons; 55000 when table lead_grade has no such grades';

-- The leads to learn from, each as often as it is looked at.
CREATE OR REPLACE FUNCTION lead_snapshots(as_of timestamptz)
    RETURNS TABLE (customer_id bigint, lead_id bigint, opened_at timestamptz, at timestamptz, bought_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    days       text := setting_value('lead_model_snapshot_days');
    since      timestamptz := as_of - setting_number('lead_model_months', 1, 1200) * interval '1 month';
    most_leads bigint := setting_number('lead_model_max_leads', 1, 1e9);
    old_enough timestamptz := as_of - (lead_model_grades()).horizons[1];
BEGIN
    IF days !~ '^\s*[0-9]{1,4}(\s*,\s*[0-9]{1,4})*\s*$' THEN
        RAISE EXCEPTION 'the setting lead_model_snapshot_days is "%"', days
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is a list of days since the opening, such as 0,7,30,90,180.';
    END IF;
    RETURN QUERY
    SELECT l.customer_id, l.lead_id, l.opened_at, l.opened_at + n.days * interval '24 hours', l.bought_at
      FROM (SELECT d.customer_id, d.lead_id, d.opened_at, CASE WHEN d.closed_at <= as_of THEN d.closed_at END AS closed_at,
                   CASE WHEN d.status = 'won' AND d.closed_at <= as_of THEN d.closed_at END AS bought_at
              FROM lead d JOIN customer c ON c.customer_id = d.customer_id AND NOT c.is_seed
             WHERE d.opened_at <= as_of AND d.opened_at > since
             -- The young come last: however many there are, they push out none that counts. Of too many
             -- an even sample of the customers: the last ones would all be too young for the second horizon.
             ORDER BY d.opened_at <= old_enough DESC, hashint8extended(d.customer_id, 0), d.customer_id, d.lead_id LIMIT most_leads) l
      JOIN (SELECT DISTINCT s::int AS days FROM string_to_table(days, ',') s) n
        ON l.opened_at + n.days * interval '24 hours' <= as_of AND (l.closed_at IS NULL OR l.closed_at > l.opened_at + n.days * interval '24 hours');
END
$$;
COMMENT ON FUNCTION lead_snapshots(timestamptz) IS 'the times at which training looks at leads, while they were open, and when each was bought by as_of. A part of train_lead_model()';

-- Probabilities of the leads that are open at a time, as a model with these counts gives them.
CREATE OR REPLACE FUNCTION lead_model_blends(model bigint) RETURNS TABLE (team text, counts3 naive_bayes, counts6 naive_bayes)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT o.team, CASE o.team WHEN '' THEN o.counts ELSE naive_bayes_blend(o.counts, g.counts, m.team_strength) END,
           CASE WHEN o.team = '' OR t.counts IS NULL THEN h.counts ELSE naive_bayes_blend(t.counts, h.counts, m.team_strength) END
      FROM lead_model m
      JOIN lead_model_counts g ON g.lead_model_id = m.lead_model_id AND g.horizon_no = 1 AND g.team = ''
      JOIN lead_model_counts h ON h.lead_model_id = m.lead_model_id AND h.horizon_no = 2 AND h.team = ''
      JOIN lead_model_counts o ON o.lead_model_id = m.lead_model_id AND o.horizon_no = 1
      LEFT JOIN lead_model_counts t ON t.lead_model_id = m.lead_model_id AND t.horizon_no = 2 AND t.team = o.team
     WHERE m.lead_model_id = lead_model_blends.model;
END
$$;
COMMENT ON FUNCTION lead_model_blends(bigint) IS 'the counts by which a model scores the leads of each team (empty: of no team that it knows): its own ones, with those of the company where they are few. A part of score_leads() and explain_lead()';

CREATE OR REPLACE FUNCTION lead_probabilities(model bigint, customers bigint[], leads bigint[], times timestamptz[])
    RETURNS TABLE (customer_id bigint, lead_id bigint, at timestamptz, team text, log_odds float8, p3 float8, p6 float8, features jsonb, contact_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    smoothing float8 := (SELECT m.alpha FROM lead_model m WHERE m.lead_model_id = model);
    teams     text[];
    counts3   naive_bayes[];
    counts6   naive_bayes[];
BEGIN
    SELECT array_agg(b.team ORDER BY b.team), array_agg(b.counts3 ORDER BY b.team), array_agg(b.counts6 ORDER BY b.team) INTO teams, counts3, counts6 FROM lead_model_blends(model) b;
    -- in the order of the states, so that each is made ready once
    RETURN QUERY
    SELECT f.customer_id, f.lead_id, f.at, teams[f.place], o.log_odds3, s.p3, greatest(s.p3, o.p6), f.features, f.contact_at
      FROM (SELECT g.*, coalesce(array_position(teams, g.team), array_position(teams, '')) AS place FROM lead_features(customers, leads, times) g ORDER BY place OFFSET 0) f,
           LATERAL (SELECT naive_bayes_log_odds(counts3[f.place], f.features, smoothing) AS log_odds3, naive_bayes_score(counts6[f.place], f.features, smoothing) AS p6 OFFSET 0) o,
           LATERAL (SELECT 1 / (1 + exp(-o.log_odds3)) AS p3) s;
END
$$;
COMMENT ON FUNCTION lead_probabilities(bigint, bigint[], bigint[], timestamptz[]) IS 'leads scored by a model, each as of a time of its own. A part of score_leads() and train_lead_model()';

-- The threshold of a grade: as set, or learnt from how many leads the salespeople can look after.
CREATE OR REPLACE FUNCTION lead_model_threshold(no int, per_salesperson float8, people bigint, open_leads bigint, sorted float8[], average float8, OUT threshold float8, OUT basis text)
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    places bigint := floor(per_salesperson * people);
    looked bigint := coalesce(cardinality(sorted), 0);
    place  bigint := places;
BEGIN
    IF looked < open_leads THEN
        place := round(places::numeric * looked / open_leads);
    END IF;
    threshold := setting_number('lead_model_threshold' || no, 0, 1, otherwise => 'capacity');
    IF threshold IS NOT NULL THEN
        basis := 'set';
    ELSIF places >= open_leads OR place = 0 OR sorted[place] < average THEN
        threshold := average;
        basis := format('average, places %s for %s leads', places, open_leads);
    ELSE
        threshold := sorted[place];
        basis := format('places %s for %s leads', places, open_leads) || CASE WHEN looked < open_leads THEN format(', judged by %s of them', looked) ELSE '' END;
    END IF;
END
$$;
COMMENT ON FUNCTION lead_model_threshold(int, float8, bigint, bigint, float8[], float8) IS 'the probability from which a grade is given, and where it comes from: setting lead_model_threshold3 or 6, or the probability of the last lead that the salespeople have a place for, but not below the average. sorted are the probabilities of the open leads, or of an even sample of them. A part of train_lead_model()';

-- Looks, counts, stores the counts, and measures how well those of four folds tell the outcomes of the fifth.
CREATE OR REPLACE FUNCTION count_lead_outcomes(this lead_model, count_young boolean,
    OUT gains3 gains, OUT gains6 gains, OUT snapshots3 bigint, OUT bought3 bigint, OUT censored3 bigint, OUT snapshots6 bigint, OUT bought6 bigint, OUT censored6 bigint,
    OUT leads bigint, OUT opened_from_at timestamptz, OUT opened_until_at timestamptz)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off AS
$$
#variable_conflict use_column
DECLARE
    zone text := setting_value('time_zone');
BEGIN
    WITH look AS MATERIALIZED (
        SELECT s.customer_id, s.lead_id, s.opened_at, s.at,
               CASE WHEN e.end3 <= this.trained_at OR count_young AND s.bought_at <= e.end3 THEN coalesce(s.bought_at <= e.end3, false) END AS bought3,
               CASE WHEN e.end6 <= this.trained_at OR count_young AND s.bought_at <= e.end6 THEN coalesce(s.bought_at <= e.end6, false) END AS bought6
          FROM lead_snapshots(this.trained_at) s,
               LATERAL (SELECT ((s.at AT TIME ZONE zone) + this.horizon3) AT TIME ZONE zone AS end3, ((s.at AT TIME ZONE zone) + this.horizon6) AT TIME ZONE zone AS end6) e),
    known AS (
        SELECT array_agg(k.customer_id) AS customers, array_agg(k.lead_id) AS leads, array_agg(k.at) AS times
          FROM (SELECT * FROM look WHERE num_nonnulls(bought3, bought6) > 0 ORDER BY customer_id, lead_id, at) k),
    labelled AS MATERIALIZED (
        SELECT f.customer_id % 5 AS fold, f.team, f.features, l.bought3, l.bought6,
               CASE WHEN this.half_life_days IS NULL THEN 1 ELSE 0.5 ^ (date_part('epoch', this.trained_at - l.opened_at) / 86400 / this.half_life_days) END AS weight
          FROM known k, lead_features(k.customers, k.leads, k.times) f
          JOIN look l ON l.customer_id = f.customer_id AND l.lead_id = f.lead_id AND l.at = f.at),
    cell AS MATERIALIZED (
        SELECT c.fold, c.team, o.horizon_no, naive_bayes_agg(o.outcome, c.features, c.weight) AS counts
          FROM labelled c, LATERAL (VALUES (1, c.bought3), (2, c.bought6)) o (horizon_no, outcome) WHERE o.outcome IS NOT NULL GROUP BY c.fold, c.team, o.horizon_no),
    company AS MATERIALIZED (
        SELECT g.fold, c.horizon_no, rollup(c.counts) AS counts FROM generate_series(0, 4) g (fold) JOIN cell c ON c.fold <> g.fold GROUP BY g.fold, c.horizon_no),
    own AS MATERIALIZED (
        SELECT g.fold, c.team, c.horizon_no, rollup(c.counts) AS counts FROM generate_series(0, 4) g (fold) JOIN cell c ON c.fold <> g.fold GROUP BY g.fold, c.team, c.horizon_no),
    team_list AS MATERIALIZED (SELECT array_agg(DISTINCT c.team ORDER BY c.team) AS teams FROM cell c),
    -- the states in arrays, and the rows in their order: a state is made ready for scoring once, not for each row
    blend AS MATERIALIZED (
        SELECT h.horizon_no, array_agg(naive_bayes_blend(o.counts, c.counts, this.team_strength) ORDER BY f.fold, t.place) AS counts
          FROM generate_series(1, 2) h (horizon_no) CROSS JOIN generate_series(0, 4) f (fold) CROSS JOIN team_list CROSS JOIN LATERAL unnest(team_list.teams) WITH ORDINALITY t (team, place)
          LEFT JOIN company c ON c.fold = f.fold AND c.horizon_no = h.horizon_no
          LEFT JOIN own o ON o.fold = f.fold AND o.horizon_no = h.horizon_no AND o.team = t.team
         GROUP BY h.horizon_no),
    gain AS (
        SELECT gains_agg(naive_bayes_score(b3.counts[l.place], l.features, this.alpha), l.bought3) AS gains3,
               gains_agg(naive_bayes_score(b6.counts[l.place], l.features, this.alpha), l.bought6) AS gains6
          FROM (SELECT k.features, k.bought3, k.bought6, (k.fold * cardinality(t.teams) + array_position(t.teams, k.team))::int AS place
                  FROM labelled k, team_list t ORDER BY 4 OFFSET 0) l
          JOIN blend b3 ON b3.horizon_no = 1 JOIN blend b6 ON b6.horizon_no = 2),
    stored AS (
        INSERT INTO lead_model_counts (lead_model_id, horizon_no, team, counts)
        SELECT this.lead_model_id, c.horizon_no, coalesce(c.team, ''), rollup(c.counts) FROM cell c GROUP BY GROUPING SETS ((c.horizon_no), (c.horizon_no, c.team)) HAVING c.team IS NULL OR c.team <> '')
    SELECT g.gains3, g.gains6, n.* INTO gains3, gains6, snapshots3, bought3, censored3, snapshots6, bought6, censored6, leads, opened_from_at, opened_until_at
      FROM gain g,
           (SELECT count(*) FILTER (WHERE bought3 IS NOT NULL) AS snapshots3, count(*) FILTER (WHERE bought3) AS bought3, count(*) FILTER (WHERE bought3 IS NULL) AS censored3,
                   count(*) FILTER (WHERE bought6 IS NOT NULL) AS snapshots6, count(*) FILTER (WHERE bought6) AS bought6, count(*) FILTER (WHERE bought6 IS NULL) AS censored6,
                   count(DISTINCT (customer_id, lead_id)) FILTER (WHERE num_nonnulls(bought3, bought6) > 0) AS leads,
                   min(opened_at) FILTER (WHERE num_nonnulls(bought3, bought6) > 0) AS opened_from_at, max(opened_at) FILTER (WHERE num_nonnulls(bought3, bought6) > 0) AS opened_until_at
              FROM look) n;
END
$$;
COMMENT ON FUNCTION count_lead_outcomes(lead_model, boolean) IS 'counts the outcomes that a model is to know and stores them; returns how many there were, and the probabilities that the counts of four folds of the customers give those of the fifth, with their outcomes. A part of train_lead_model()';

CREATE OR REPLACE FUNCTION train_lead_model(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    kind         record;
    half_life    float8 := nullif(setting_number('lead_model_half_life_days', 0, 1e6), 0);
    smoothing    float8 := setting_number('lead_model_alpha', 1e-6, 1e6);
    strength     float8 := setting_number('lead_model_team_strength', 0, 1e9);
    minimum      float8 := setting_number('lead_model_minimum', 1, 1e9);
    model        bigint;
    this         lead_model;
    quality      record;
BEGIN
    PERFORM check_as_of(as_of);
    kind := lead_model_grades();
    INSERT INTO lead_model (trained_at, opened_from_at, opened_until_at, horizon3, horizon6, features, half_life_days, alpha, team_strength, leads, snapshots3, bought3, censored3,
                            snapshots6, bought6, censored6, threshold3, threshold6, threshold_basis, is_enabled)
    SELECT as_of, as_of - setting_number('lead_model_months', 1, 1200) * interval '1 month', as_of, kind.horizons[1], kind.horizons[2],
           ARRAY(SELECT f.feature FROM lead_model_feature f WHERE f.is_enabled ORDER BY f.feature COLLATE "C"), half_life, smoothing, strength, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', false
    RETURNING lead_model_id INTO model;
    SELECT m.* INTO this FROM lead_model m WHERE m.lead_model_id = model;
    quality := count_lead_outcomes(this, setting_value('lead_model_young_buyers') = 'count');
    IF least(quality.bought3, quality.snapshots3 - quality.bought3, quality.bought6, quality.snapshots6 - quality.bought6) < minimum THEN
        DELETE FROM lead_model_counts c WHERE c.lead_model_id = model;
        DELETE FROM lead_model m WHERE m.lead_model_id = model;
        RAISE NOTICE 'no lead model is trained: too few outcomes'
            USING DETAIL = format('Of %s leads observed long enough %s bought within %s, of %s within %s %s.', quality.snapshots3, quality.bought3, kind.horizons[1],
                                  quality.snapshots6, kind.horizons[2], quality.bought6),
                  HINT = format('It needs %s that bought and as many that did not: setting lead_model_minimum.', minimum);
        RETURN NULL;
    END IF;
    UPDATE lead_model m
       SET opened_from_at = quality.opened_from_at, opened_until_at = quality.opened_until_at, leads = quality.leads,
           snapshots3 = quality.snapshots3, bought3 = quality.bought3, censored3 = quality.censored3, snapshots6 = quality.snapshots6, bought6 = quality.bought6, censored6 = quality.censored6,
           brier3 = gains_brier(quality.gains3), auc3 = gains_auc(quality.gains3), ks3 = gains_ks(quality.gains3),
           brier6 = gains_brier(quality.gains6), auc6 = gains_auc(quality.gains6), ks6 = gains_ks(quality.gains6)
     WHERE m.lead_model_id = model;
    PERFORM set_lead_model_thresholds(model);
    RETURN model;
END
$$;
COMMENT ON FUNCTION train_lead_model(timestamptz) IS 'trains the model of purchase on what was known as of a time, by the settings lead_model_..., and returns its version: a row of lead_model, with quality and thresholds, by which score_leads() goes from then on. Only leads observed for a horizon count for it. NULL, with a notice, when there are too few outcomes. 22004, 22023 for wrong arguments and settings';

CREATE OR REPLACE FUNCTION set_lead_model_thresholds(model bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    this   lead_model;
    today  date;
    people bigint;
    open3  float8[];
    open6  float8[];
    first  record;
    second record;
    open_leads bigint := 0;
    most_leads bigint := setting_number('lead_model_max_leads', 1, 1e9);
BEGIN
    SELECT m.* INTO this FROM lead_model m WHERE m.lead_model_id = set_lead_model_thresholds.model;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no lead model %', coalesce(model::text, 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'The models are the rows of table lead_model.';
    END IF;
    today := (this.trained_at AT TIME ZONE setting_value('time_zone'))::date;
    SELECT count(*) INTO people FROM salesperson s WHERE NOT s.is_manager AND (s.started_on IS NULL OR s.started_on <= today) AND (s.left_on IS NULL OR s.left_on >= today);
    IF setting_number('lead_model_threshold3', 0, 1, otherwise => 'capacity') IS NULL OR setting_number('lead_model_threshold6', 0, 1, otherwise => 'capacity') IS NULL THEN
        -- of very many an even sample of the customers, as in training
        WITH o AS MATERIALIZED (SELECT d.customer_id, d.lead_id FROM lead d WHERE d.opened_at <= this.trained_at AND (d.closed_at IS NULL OR d.closed_at > this.trained_at)),
        l AS (SELECT array_agg(d.customer_id) AS customers, array_agg(d.lead_id) AS leads, array_agg(this.trained_at) AS times
                FROM (SELECT s.customer_id, s.lead_id FROM (SELECT o.customer_id, o.lead_id FROM o ORDER BY hashint8extended(o.customer_id, 0), o.customer_id, o.lead_id LIMIT most_leads) s
                       ORDER BY s.customer_id, s.lead_id) d)
        SELECT array_agg(p.p3 ORDER BY p.p3 DESC) AS p3, array_agg(p.p6 ORDER BY p.p6 DESC) AS p6, (SELECT count(*) FROM o) INTO open3, open6, open_leads
          FROM l, lead_probabilities(this.lead_model_id, l.customers, l.leads, l.times) p;
    END IF;
    first := lead_model_threshold(3, setting_number('lead_model_leads3', 0, 1e9), people, open_leads, open3, this.bought3::float8 / this.snapshots3);
    second := lead_model_threshold(6, setting_number('lead_model_leads3', 0, 1e9) + setting_number('lead_model_leads6', 0, 1e9), people, open_leads, open6, this.bought6::float8 / this.snapshots6);
    UPDATE lead_model m SET threshold3 = first.threshold, threshold6 = second.threshold, threshold_basis = concat_ws('; ', first.basis, second.basis), is_enabled = true
     WHERE m.lead_model_id = this.lead_model_id;
END
$$;
COMMENT ON FUNCTION set_lead_model_thresholds(bigint) IS 'sets the thresholds of a model by the settings of now; its next scores are graded by them. 22023 for an unknown model or a setting that is no number';

CREATE OR REPLACE FUNCTION train_lead_model_when_due(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET client_min_messages = warning AS
$$
BEGIN
    PERFORM check_as_of(as_of);
    IF EXISTS (SELECT FROM lead_model m WHERE m.trained_at > as_of - setting_number('lead_model_train_days', 0, 1e6) * interval '24 hours') THEN
        RETURN 0;
    END IF;
    RETURN (train_lead_model(as_of) IS NOT NULL)::int;
END
$$;
COMMENT ON FUNCTION train_lead_model_when_due(timestamptz) IS 'trains the model of purchase when the last training is older than setting lead_model_train_days (at as_of); returns 1 when it did, else 0. A step of run_daily()';
