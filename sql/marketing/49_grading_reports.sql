-- Grades compared with each other and with what happened.
--
-- The unit of a comparison is the first time that somebody (the salesperson, or the model) gave a
-- lead a grade: from then on the horizon runs, and only what has been observed that long counts,
-- bought or not. Of the scores it is the first one of each lead. Rates are judged by intervals: of
-- one rate by Wilson's, of a difference by Newcombe's, at the confidence of setting confidence; where
-- many salespeople are compared at once, the error that this allows is shared out among all
-- comparisons (Bonferroni), and fewer than ten leads on either side say nothing. What is shown has six
-- decimals; findings are told from the exact figures.

CREATE OR REPLACE VIEW lead_grades AS
SELECT l.customer_id, l.lead_id, l.status AS lead_status, l.team, l.salesperson_id, l.product, l.opened_at, l.lead_grade, l.model_grade,
       round(s.p3::numeric, 6)::float8 AS p3, round(s.p6::numeric, 6)::float8 AS p6, s.score, s.scored_at, s.lead_model_id, (m.grade_no - g.grade_no)::int AS grades_apart, l.lead_grade = l.model_grade AS is_same_grade
  FROM lead l
  LEFT JOIN lead_grade g ON g.lead_grade = l.lead_grade
  LEFT JOIN lead_grade m ON m.lead_grade = l.model_grade
  LEFT JOIN LATERAL (SELECT o.p3, o.p6, o.score, o.scored_at, o.lead_model_id FROM lead_score o
                      WHERE o.customer_id = l.customer_id AND o.lead_id = l.lead_id ORDER BY o.scored_at DESC LIMIT 1) s ON true;
COMMENT ON VIEW lead_grades IS 'the salesperson''s grade and the model''s side by side, one row per lead';
COMMENT ON COLUMN lead_grades.customer_id IS 'the customer';
COMMENT ON COLUMN lead_grades.lead_id IS 'key of the lead within the customer';
COMMENT ON COLUMN lead_grades.lead_status IS 'open, won, lost or defeated';
COMMENT ON COLUMN lead_grades.team IS 'team in charge';
COMMENT ON COLUMN lead_grades.salesperson_id IS 'its owner; NULL: marketing';
COMMENT ON COLUMN lead_grades.product IS 'product inquired about';
COMMENT ON COLUMN lead_grades.opened_at IS 'when it was opened';
COMMENT ON COLUMN lead_grades.lead_grade IS 'grade by the salesperson';
COMMENT ON COLUMN lead_grades.model_grade IS 'grade by the model';
COMMENT ON COLUMN lead_grades.p3 IS 'probability of buying within the first horizon (three months) of scored_at';
COMMENT ON COLUMN lead_grades.p6 IS 'probability of buying within the second horizon (six months)';
COMMENT ON COLUMN lead_grades.score IS 'p3 in percent';
COMMENT ON COLUMN lead_grades.scored_at IS 'since when the model says so';
COMMENT ON COLUMN lead_grades.lead_model_id IS 'version of the model';
COMMENT ON COLUMN lead_grades.grades_apart IS 'grades by which the model is less confident than the salesperson: negative when it is more confident';
COMMENT ON COLUMN lead_grades.is_same_grade IS 'both agree; NULL when either has none';

CREATE OR REPLACE VIEW lead_grade_history AS
SELECT m.customer_id, m.lead_id, m.lead_move_id, m.moved_at AS graded_at, CASE m.kind WHEN 'model graded' THEN 'model' ELSE 'salesperson' END AS graded_by,
       CASE WHEN m.kind <> 'model graded' THEN coalesce(m.to_salesperson_id, m.from_salesperson_id) END AS salesperson_id, m.from_grade AS grade_before, m.to_grade AS lead_grade,
       (b.grade_no - a.grade_no)::int AS grades_up, m.score, s.p3, s.p6, s.lead_model_id
  FROM lead_move m
  LEFT JOIN lead_grade b ON b.lead_grade = m.from_grade
  LEFT JOIN lead_grade a ON a.lead_grade = m.to_grade
  LEFT JOIN lead_score s ON m.kind = 'model graded' AND s.customer_id = m.customer_id AND s.lead_id = m.lead_id AND s.scored_at = m.moved_at
 WHERE m.to_grade IS NOT NULL AND (m.from_grade IS NULL OR m.from_grade <> m.to_grade);
COMMENT ON VIEW lead_grade_history IS 'every change of a grade, by salesperson or model, one row per change';
COMMENT ON COLUMN lead_grade_history.customer_id IS 'the customer';
COMMENT ON COLUMN lead_grade_history.lead_id IS 'the lead';
COMMENT ON COLUMN lead_grade_history.lead_move_id IS 'the row of lead_move, within the customer';
COMMENT ON COLUMN lead_grade_history.graded_at IS 'when';
COMMENT ON COLUMN lead_grade_history.graded_by IS 'salesperson or model';
COMMENT ON COLUMN lead_grade_history.salesperson_id IS 'owner after the change, or before it when marketing has the lead now; NULL for the model';
COMMENT ON COLUMN lead_grade_history.grade_before IS 'grade before; NULL: none';
COMMENT ON COLUMN lead_grade_history.lead_grade IS 'grade after';
COMMENT ON COLUMN lead_grade_history.grades_up IS 'grades upwards; negative for a downgrade, NULL for the first grade';
COMMENT ON COLUMN lead_grade_history.score IS 'score by the model at that time, in percent';
COMMENT ON COLUMN lead_grade_history.p3 IS 'for the model: probability of buying within the first horizon';
COMMENT ON COLUMN lead_grade_history.p6 IS 'for the model: within the second horizon';
COMMENT ON COLUMN lead_grade_history.lead_model_id IS 'for the model: its version';

CREATE OR REPLACE VIEW grade_outcome AS
SELECT f.customer_id, f.lead_id, f.graded_by, f.lead_grade, f.graded_at, f.salesperson_id, f.p3, f.p6, k.bought_at,
       CASE WHEN e.end3_at <= now() THEN coalesce(k.bought_at <= e.end3_at, false) END AS is_bought3,
       CASE WHEN e.end6_at <= now() THEN coalesce(k.bought_at <= e.end6_at, false) END AS is_bought6
  FROM (SELECT DISTINCT ON (h.customer_id, h.lead_id, h.graded_by, h.lead_grade) h.customer_id, h.lead_id, h.graded_by, h.lead_grade, h.graded_at, h.salesperson_id, h.p3, h.p6
          FROM lead_grade_history h ORDER BY h.customer_id, h.lead_id, h.graded_by, h.lead_grade, h.graded_at, h.lead_move_id) f
  JOIN lead l ON l.customer_id = f.customer_id AND l.lead_id = f.lead_id
 CROSS JOIN (SELECT max(n.horizon) FILTER (WHERE n.place = 1) AS horizon3, max(n.horizon) FILTER (WHERE n.place = 2) AS horizon6
               FROM (SELECT g.horizon, row_number() OVER (ORDER BY g.grade_no) AS place FROM lead_grade g WHERE g.horizon IS NOT NULL) n) h
  JOIN setting z ON z.setting = 'time_zone',
       LATERAL (SELECT CASE WHEN l.status = 'won' THEN l.closed_at END AS bought_at) k,
       LATERAL (SELECT ((f.graded_at AT TIME ZONE z.value) + h.horizon3) AT TIME ZONE z.value AS end3_at, ((f.graded_at AT TIME ZONE z.value) + h.horizon6) AT TIME ZONE z.value AS end6_at) e;
COMMENT ON VIEW grade_outcome IS 'what became of grades: the first time that salesperson or model gave a lead a grade, one row per lead, judge and grade';
COMMENT ON COLUMN grade_outcome.customer_id IS 'the customer';
COMMENT ON COLUMN grade_outcome.lead_id IS 'the lead';
COMMENT ON COLUMN grade_outcome.graded_by IS 'salesperson or model';
COMMENT ON COLUMN grade_outcome.lead_grade IS 'the grade';
COMMENT ON COLUMN grade_outcome.graded_at IS 'when it was given';
COMMENT ON COLUMN grade_outcome.salesperson_id IS 'whose lead it was; NULL for the model, and for marketing''s own';
COMMENT ON COLUMN grade_outcome.p3 IS 'for the model: probability of buying within the first horizon';
COMMENT ON COLUMN grade_outcome.p6 IS 'for the model: within the second horizon';
COMMENT ON COLUMN grade_outcome.bought_at IS 'when the lead was won; NULL when it was not';
COMMENT ON COLUMN grade_outcome.is_bought3 IS 'it was won within the first horizon of graded_at; NULL while that is not known';
COMMENT ON COLUMN grade_outcome.is_bought6 IS 'likewise within the second horizon';

CREATE OR REPLACE VIEW grade_calibration AS
WITH horizon AS (
    SELECT n.horizon_no, n.horizon, CASE WHEN n.months > 0 THEN n.months || ' months' ELSE extract(epoch FROM n.horizon)::bigint / 86400 || ' days' END AS horizon_name
      FROM (SELECT g.horizon, (row_number() OVER (ORDER BY g.grade_no))::int AS horizon_no, (extract(year FROM g.horizon) * 12 + extract(month FROM g.horizon))::int AS months
              FROM lead_grade g WHERE g.horizon IS NOT NULL) n WHERE n.horizon_no <= 2),
judged AS (
    SELECT o.graded_by, o.lead_grade, o.salesperson_id, h.horizon_no, CASE h.horizon_no WHEN 1 THEN o.is_bought3 ELSE o.is_bought6 END AS is_bought,
           CASE h.horizon_no WHEN 1 THEN o.p3 ELSE o.p6 END AS p
      FROM grade_outcome o CROSS JOIN horizon h),
counted AS (
    SELECT j.graded_by, j.lead_grade, j.horizon_no, CASE WHEN grouping(j.salesperson_id) = 1 THEN 'all' ELSE 'salesperson' END AS part, j.salesperson_id,
           count(*) AS leads, count(*) FILTER (WHERE j.is_bought) AS bought, avg(j.p) AS predicted_rate
      FROM judged j WHERE j.is_bought IS NOT NULL
     GROUP BY GROUPING SETS ((j.graded_by, j.lead_grade, j.horizon_no), (j.graded_by, j.lead_grade, j.horizon_no, j.salesperson_id))
    HAVING grouping(j.salesperson_id) = 1 OR j.salesperson_id IS NOT NULL),
compared AS (
    SELECT c.*, g.grade_no, g.horizon AS own_horizon, n.next_grade,
           CASE c.part WHEN 'all' THEN n.leads ELSE a.leads - c.leads END AS other_leads, CASE c.part WHEN 'all' THEN n.bought ELSE a.bought - c.bought END AS other_bought
      FROM counted c
      JOIN lead_grade g ON g.lead_grade = c.lead_grade
      JOIN counted a ON a.part = 'all' AND a.graded_by = c.graded_by AND a.lead_grade = c.lead_grade AND a.horizon_no = c.horizon_no
      LEFT JOIN LATERAL (SELECT w.lead_grade AS next_grade, w.leads, w.bought FROM counted w JOIN lead_grade k ON k.lead_grade = w.lead_grade
                          WHERE c.part = 'all' AND w.part = 'all' AND w.graded_by = c.graded_by AND w.horizon_no = c.horizon_no AND k.grade_no > g.grade_no
                          ORDER BY k.grade_no LIMIT 1) n ON true),
weighed AS (
    SELECT c.*, s.value::float8 AS confidence, count(*) FILTER (WHERE c.leads >= 10 AND c.other_leads >= 10) OVER (PARTITION BY c.graded_by, c.part) AS comparisons
      FROM compared c JOIN setting s ON s.setting = 'confidence')
SELECT w.graded_by, w.part, w.salesperson_id, p.name AS salesperson, w.lead_grade, w.horizon_no, h.horizon_name AS horizon, w.leads, w.bought, round(r.rate::numeric, 6)::float8 AS bought_rate,
       round(i.lower::numeric, 6)::float8 AS bought_rate_lower, round(i.upper::numeric, 6)::float8 AS bought_rate_upper, round(w.predicted_rate::numeric, 6)::float8 AS predicted_rate, w.other_leads, w.other_bought,
       round(r.other_rate::numeric, 6)::float8 AS other_rate, round(d.difference::numeric, 6)::float8 AS difference, round(d.lower::numeric, 6)::float8 AS difference_lower, round(d.upper::numeric, 6)::float8 AS difference_upper,
       w.comparisons,
       nullif(concat_ws('; ',
           CASE WHEN w.part = 'salesperson' AND w.leads >= 10 AND w.other_leads >= 10 AND (w.own_horizon = h.horizon OR w.own_horizon IS NULL AND h.horizon_no = 2) THEN
               CASE WHEN d.upper < 0 AND w.own_horizon IS NOT NULL THEN
                        format('%s leads of %s bought in %s %% of %s cases within %s where %s %% of %s others did: too optimistic', w.lead_grade, p.name, r.percent, w.leads, h.horizon_name, r.other_percent, w.other_leads)
                    WHEN d.lower > 0 AND w.grade_no > (SELECT min(k.grade_no) FROM lead_grade k) THEN
                        format('%s leads of %s bought in %s %% of %s cases within %s where %s %% of %s others did: too pessimistic', w.lead_grade, p.name, r.percent, w.leads, h.horizon_name, r.other_percent, w.other_leads) END END,
           CASE WHEN w.part = 'all' AND w.own_horizon = h.horizon AND w.leads >= 10 AND i.upper < 0.5 AND w.graded_by = 'salesperson' THEN
                    format('%s means: will buy within %s. Of %s leads called so %s did (%s %%): the grade promises too much', w.lead_grade, h.horizon_name, w.leads, w.bought, r.percent) END,
           CASE WHEN w.part = 'all' AND w.own_horizon = h.horizon AND w.leads >= 10 AND w.other_leads >= 10 AND d.upper < 0 THEN
                    format('%s leads bought in %s %% of %s cases within %s, %s leads in %s %% of %s: the grades are upside down', w.lead_grade, r.percent, w.leads, h.horizon_name, w.next_grade, r.other_percent, w.other_leads)
                WHEN w.part = 'all' AND w.own_horizon = h.horizon AND w.leads >= 100 AND w.other_leads >= 100 AND d.lower <= 0 THEN
                    format('%s leads bought in %s %% of %s cases within %s, %s leads in %s %% of %s: the grade does not tell them apart', w.lead_grade, r.percent, w.leads, h.horizon_name, w.next_grade, r.other_percent, w.other_leads) END,
           CASE WHEN w.part = 'all' AND w.leads >= 10 AND w.predicted_rate > i.upper THEN
                    format('the model expected %s %% of %s %s leads to buy within %s, %s %% did: too optimistic', round((100 * w.predicted_rate)::numeric), w.leads, w.lead_grade, h.horizon_name, r.percent)
                WHEN w.part = 'all' AND w.leads >= 10 AND w.predicted_rate < i.lower THEN
                    format('the model expected %s %% of %s %s leads to buy within %s, %s %% did: too pessimistic', round((100 * w.predicted_rate)::numeric), w.leads, w.lead_grade, h.horizon_name, r.percent) END), '') AS finding
  FROM weighed w
  JOIN horizon h ON h.horizon_no = w.horizon_no
  LEFT JOIN salesperson p ON p.salesperson_id = w.salesperson_id,
       LATERAL (SELECT 1 - (1 - w.confidence) / greatest(w.comparisons, 1) AS confidence) c,
       LATERAL (SELECT w.bought::float8 / w.leads AS rate, CASE WHEN w.other_leads > 0 THEN w.other_bought::float8 / w.other_leads END AS other_rate,
                       round(100.0 * w.bought / w.leads) AS percent, CASE WHEN w.other_leads > 0 THEN round(100.0 * w.other_bought / w.other_leads) END AS other_percent) r,
       LATERAL dupex.rate_interval(dupex.rate(w.bought, w.leads), w.confidence) i,
       LATERAL dupex.rate_difference_interval(dupex.rate(w.bought, w.leads), dupex.rate(coalesce(w.other_bought, 0), coalesce(w.other_leads, 0)), c.confidence) d;
COMMENT ON VIEW grade_calibration IS 'grades against what happened, of salespeople and model: one row per judge, part, salesperson, grade and horizon. finding says in words what is wrong, where a test says so: each salesperson is compared with all others who gave the same grade, each grade with the next one, the model''s probability with what happened';
COMMENT ON COLUMN grade_calibration.graded_by IS 'salesperson or model';
COMMENT ON COLUMN grade_calibration.part IS 'all, or salesperson: the leads of one';
COMMENT ON COLUMN grade_calibration.salesperson_id IS 'the salesperson; NULL for all';
COMMENT ON COLUMN grade_calibration.salesperson IS 'name of the salesperson';
COMMENT ON COLUMN grade_calibration.lead_grade IS 'the grade given';
COMMENT ON COLUMN grade_calibration.horizon_no IS '1: bought within the first horizon, 2: within the second';
COMMENT ON COLUMN grade_calibration.horizon IS 'the horizon in words';
COMMENT ON COLUMN grade_calibration.leads IS 'leads that got this grade and have been observed that long since';
COMMENT ON COLUMN grade_calibration.bought IS 'of which bought within the horizon';
COMMENT ON COLUMN grade_calibration.bought_rate IS 'bought / leads';
COMMENT ON COLUMN grade_calibration.bought_rate_lower IS 'lower confidence limit (Wilson, setting confidence)';
COMMENT ON COLUMN grade_calibration.bought_rate_upper IS 'upper confidence limit';
COMMENT ON COLUMN grade_calibration.predicted_rate IS 'for the model: mean of its probabilities';
COMMENT ON COLUMN grade_calibration.other_leads IS 'what it is compared with: leads of the same grade of all other salespeople; for part all, leads of the next grade';
COMMENT ON COLUMN grade_calibration.other_bought IS 'of which bought within the horizon';
COMMENT ON COLUMN grade_calibration.other_rate IS 'other_bought / other_leads';
COMMENT ON COLUMN grade_calibration.difference IS 'bought_rate - other_rate, may be negative';
COMMENT ON COLUMN grade_calibration.difference_lower IS 'lower confidence limit of the difference (Newcombe), with the error of setting confidence shared out among all comparisons; may be negative';
COMMENT ON COLUMN grade_calibration.difference_upper IS 'upper confidence limit of the difference, may be negative';
COMMENT ON COLUMN grade_calibration.comparisons IS 'comparisons that the error is shared out among: those with ten leads on either side';
COMMENT ON COLUMN grade_calibration.finding IS 'what is wrong, in words; NULL when nothing is proven';

-- The first score of each lead, for either horizon, with its outcome.
CREATE OR REPLACE VIEW lead_score_outcome AS
SELECT s.customer_id, s.lead_id, h.horizon_no, s.scored_at, s.lead_model_id, h.p, b.is_bought
  FROM (SELECT DISTINCT ON (o.customer_id, o.lead_id) o.customer_id, o.lead_id, o.scored_at, o.lead_model_id, o.p3, o.p6 FROM lead_score o ORDER BY o.customer_id, o.lead_id, o.scored_at) s
  JOIN lead l ON l.customer_id = s.customer_id AND l.lead_id = s.lead_id
  JOIN lead_model m ON m.lead_model_id = s.lead_model_id
  JOIN setting z ON z.setting = 'time_zone',
       LATERAL (VALUES (1, s.p3, m.horizon3), (2, s.p6, m.horizon6)) h (horizon_no, p, horizon),
       LATERAL (SELECT ((s.scored_at AT TIME ZONE z.value) + h.horizon) AT TIME ZONE z.value AS ends_at) e,
       LATERAL (SELECT CASE WHEN e.ends_at <= now() THEN l.status = 'won' AND l.closed_at <= e.ends_at END AS is_bought) b;
COMMENT ON VIEW lead_score_outcome IS 'the first score of each lead and whether it came true, one row per lead and horizon';
COMMENT ON COLUMN lead_score_outcome.customer_id IS 'the customer';
COMMENT ON COLUMN lead_score_outcome.lead_id IS 'the lead';
COMMENT ON COLUMN lead_score_outcome.horizon_no IS '1: the first horizon (three months), 2: the second (six)';
COMMENT ON COLUMN lead_score_outcome.scored_at IS 'when it was scored';
COMMENT ON COLUMN lead_score_outcome.lead_model_id IS 'version of the model';
COMMENT ON COLUMN lead_score_outcome.p IS 'probability of buying within the horizon';
COMMENT ON COLUMN lead_score_outcome.is_bought IS 'it was; NULL while the horizon is not over';

CREATE OR REPLACE VIEW lead_score_calibration AS
SELECT g.horizon_no, c.bin, round(c.score_from::numeric, 6)::float8 AS p_from, round(c.score_to::numeric, 6)::float8 AS p_to, c.people AS leads, c.responders AS bought,
       round(c.response_rate::numeric, 6)::float8 AS bought_rate, round(c.lower::numeric, 6)::float8 AS bought_rate_lower, round(c.upper::numeric, 6)::float8 AS bought_rate_upper, round(c.predicted_rate::numeric, 6)::float8 AS predicted_rate,
       CASE WHEN c.predicted_rate > c.upper THEN 'too optimistic' WHEN c.predicted_rate < c.lower THEN 'too pessimistic' END AS finding
  FROM (SELECT o.horizon_no, dupex.gains_agg(o.p, o.is_bought) AS gains FROM lead_score_outcome o GROUP BY o.horizon_no) g, LATERAL dupex.gains_calibration(g.gains, 10) c;
COMMENT ON VIEW lead_score_calibration IS 'probabilities of the model against what happened, by tenths of the leads, the highest first: one row per horizon and tenth (fewer where many have the same probability)';
COMMENT ON COLUMN lead_score_calibration.horizon_no IS '1: the first horizon (three months), 2: the second (six)';
COMMENT ON COLUMN lead_score_calibration.bin IS 'number of the tenth';
COMMENT ON COLUMN lead_score_calibration.p_from IS 'lowest probability in it';
COMMENT ON COLUMN lead_score_calibration.p_to IS 'highest probability in it';
COMMENT ON COLUMN lead_score_calibration.leads IS 'leads';
COMMENT ON COLUMN lead_score_calibration.bought IS 'of which bought within the horizon';
COMMENT ON COLUMN lead_score_calibration.bought_rate IS 'bought / leads';
COMMENT ON COLUMN lead_score_calibration.bought_rate_lower IS 'lower limit of the 95 % interval (Wilson)';
COMMENT ON COLUMN lead_score_calibration.bought_rate_upper IS 'upper limit';
COMMENT ON COLUMN lead_score_calibration.predicted_rate IS 'mean of the probabilities';
COMMENT ON COLUMN lead_score_calibration.finding IS 'too optimistic or too pessimistic, where the prediction is outside of the limits';

CREATE OR REPLACE VIEW lead_score_gains AS
SELECT g.horizon_no, t.bin, round(t.score_from::numeric, 6)::float8 AS p_from, round(t.score_to::numeric, 6)::float8 AS p_to, t.people AS leads, t.responders AS bought,
       round(t.response_rate::numeric, 6)::float8 AS bought_rate, round(t.lift::numeric, 6)::float8 AS lift, t.cumulative_people AS cumulative_leads, t.cumulative_responders AS cumulative_bought,
       round(t.share_of_people::numeric, 6)::float8 AS share_of_leads, round(t.share_of_responders::numeric, 6)::float8 AS share_of_bought, round(t.cumulative_lift::numeric, 6)::float8 AS cumulative_lift, round(t.ks::numeric, 6)::float8 AS ks
  FROM (SELECT o.horizon_no, dupex.gains_agg(o.p, o.is_bought) AS gains FROM lead_score_outcome o GROUP BY o.horizon_no) g, LATERAL dupex.gains_table(g.gains, 10) t;
COMMENT ON VIEW lead_score_gains IS 'gains and lift of the model''s scores by tenths of the leads, the highest first: one row per horizon and tenth';
COMMENT ON COLUMN lead_score_gains.horizon_no IS '1: the first horizon (three months), 2: the second (six)';
COMMENT ON COLUMN lead_score_gains.bin IS 'number of the tenth';
COMMENT ON COLUMN lead_score_gains.p_from IS 'lowest probability in it';
COMMENT ON COLUMN lead_score_gains.p_to IS 'highest probability in it';
COMMENT ON COLUMN lead_score_gains.leads IS 'leads';
COMMENT ON COLUMN lead_score_gains.bought IS 'of which bought within the horizon; of leads with equal scores a tenth has its share';
COMMENT ON COLUMN lead_score_gains.bought_rate IS 'bought / leads';
COMMENT ON COLUMN lead_score_gains.lift IS 'bought_rate over that of all leads, over 1 where the tenth is better';
COMMENT ON COLUMN lead_score_gains.cumulative_leads IS 'leads up to this tenth';
COMMENT ON COLUMN lead_score_gains.cumulative_bought IS 'of which bought';
COMMENT ON COLUMN lead_score_gains.share_of_leads IS 'cumulative_leads over all leads';
COMMENT ON COLUMN lead_score_gains.share_of_bought IS 'cumulative_bought over all that bought';
COMMENT ON COLUMN lead_score_gains.cumulative_lift IS 'share_of_bought / share_of_leads';
COMMENT ON COLUMN lead_score_gains.ks IS 'share of those who bought less share of those who did not, up to here; may be negative';

CREATE OR REPLACE VIEW lead_model_quality AS
SELECT m.lead_model_id, h.horizon_no, m.trained_at, m.opened_from_at, m.opened_until_at, m.is_enabled, h.snapshots, h.bought, h.censored,
       round(h.brier::numeric, 6)::float8 AS brier, round(h.auc::numeric, 6)::float8 AS auc, round(h.ks::numeric, 6)::float8 AS ks, h.threshold,
       coalesce(dupex.gains_people(g.gains), 0) AS scored_leads, coalesce(dupex.gains_responders(g.gains), 0) AS scored_bought,
       round(dupex.gains_brier(g.gains)::numeric, 6)::float8 AS scored_brier, round(dupex.gains_auc(g.gains)::numeric, 6)::float8 AS scored_auc, round(dupex.gains_ks(g.gains)::numeric, 6)::float8 AS scored_ks
  FROM lead_model m
 CROSS JOIN LATERAL (VALUES (1, m.snapshots3, m.bought3, m.censored3, m.brier3, m.auc3, m.ks3, m.threshold3),
                       (2, m.snapshots6, m.bought6, m.censored6, m.brier6, m.auc6, m.ks6, m.threshold6)) h (horizon_no, snapshots, bought, censored, brier, auc, ks, threshold)
  LEFT JOIN (SELECT o.lead_model_id, o.horizon_no, dupex.gains_agg(o.p, o.is_bought) AS gains FROM lead_score_outcome o GROUP BY o.lead_model_id, o.horizon_no) g
    ON g.lead_model_id = m.lead_model_id AND g.horizon_no = h.horizon_no;
COMMENT ON VIEW lead_model_quality IS 'the models of purchase: how good each was when it was trained, and how good its scores turned out, one row per model and horizon';
COMMENT ON COLUMN lead_model_quality.lead_model_id IS 'version of the model';
COMMENT ON COLUMN lead_model_quality.horizon_no IS '1: the first horizon (three months), 2: the second (six)';
COMMENT ON COLUMN lead_model_quality.trained_at IS 'time as of which it was trained';
COMMENT ON COLUMN lead_model_quality.opened_from_at IS 'first lead that it was trained on';
COMMENT ON COLUMN lead_model_quality.opened_until_at IS 'last lead that it was trained on';
COMMENT ON COLUMN lead_model_quality.is_enabled IS 'it may be used';
COMMENT ON COLUMN lead_model_quality.snapshots IS 'looks at leads that it was trained on';
COMMENT ON COLUMN lead_model_quality.bought IS 'of which bought within the horizon';
COMMENT ON COLUMN lead_model_quality.censored IS 'looks left out: not observed that long';
COMMENT ON COLUMN lead_model_quality.brier IS 'Brier score in training, for customers not seen';
COMMENT ON COLUMN lead_model_quality.auc IS 'area under the ROC curve, likewise';
COMMENT ON COLUMN lead_model_quality.ks IS 'statistic of Kolmogorov and Smirnov, likewise';
COMMENT ON COLUMN lead_model_quality.threshold IS 'probability from which it gives the grade of this horizon';
COMMENT ON COLUMN lead_model_quality.scored_leads IS 'leads that it was the first to score and whose outcome is known';
COMMENT ON COLUMN lead_model_quality.scored_bought IS 'of which bought within the horizon';
COMMENT ON COLUMN lead_model_quality.scored_brier IS 'Brier score of these';
COMMENT ON COLUMN lead_model_quality.scored_auc IS 'area under the ROC curve of these';
COMMENT ON COLUMN lead_model_quality.scored_ks IS 'statistic of Kolmogorov and Smirnov of these';

CREATE OR REPLACE VIEW lead_conversion AS
WITH horizon AS (
    SELECT n.horizon_no, n.horizon FROM (SELECT g.horizon, (row_number() OVER (ORDER BY g.grade_no))::int AS horizon_no FROM lead_grade g WHERE g.horizon IS NOT NULL) n WHERE n.horizon_no <= 2),
observed AS (
    SELECT h.horizon_no, l.customer_id, l.lead_id, l.product, l.response_id, l.source_code, l.opened_at, l.status = 'won' AND l.closed_at <= e.ends_at AS is_bought
      FROM lead l CROSS JOIN horizon h JOIN setting z ON z.setting = 'time_zone',
           LATERAL (SELECT ((l.opened_at AT TIME ZONE z.value) + h.horizon) AT TIME ZONE z.value AS ends_at) e
     WHERE e.ends_at <= now() AND l.customer_id <> 0),
counted AS (
    SELECT o.horizon_no, f.feature, f.feature_value, count(*) AS leads, count(*) FILTER (WHERE o.is_bought) AS bought
      FROM observed o
      JOIN customer c ON c.customer_id = o.customer_id AND NOT c.is_seed
      LEFT JOIN product p ON p.product = o.product
      LEFT JOIN response r ON r.customer_id = o.customer_id AND r.response_id = o.response_id
      LEFT JOIN source s ON s.source_code = coalesce(o.source_code, r.source_code)
      LEFT JOIN response_channel k ON k.response_channel = r.response_channel
      LEFT JOIN medium d ON d.medium = s.medium,
           LATERAL (VALUES ('product', p.name), ('category', p.category), ('channel', k.name), ('medium', d.name), ('campaign', s.campaign), ('list', s.list), ('store', r.store), ('region', c.region),
                           ('customer', CASE WHEN c.is_organisation THEN 'organisation' ELSE 'person' END), ('came as', c.entered_as), ('key account', CASE WHEN c.is_key_account THEN 'yes' ELSE 'no' END),
                           ('referred', CASE WHEN c.recommended_by IS NULL THEN 'no' ELSE 'yes' END),
                           ('bought before', CASE WHEN EXISTS (SELECT FROM customer_order b WHERE b.customer_id = o.customer_id AND b.ordered_at < o.opened_at) THEN 'yes' ELSE 'no' END)) f (feature, feature_value)
     GROUP BY o.horizon_no, f.feature, f.feature_value),
total AS (SELECT c.*, sum(c.leads) OVER feature AS all_leads, sum(c.bought) OVER feature AS all_bought,
                 count(*) FILTER (WHERE c.leads >= 10) OVER (PARTITION BY c.horizon_no) AS comparisons FROM counted c WINDOW feature AS (PARTITION BY c.horizon_no, c.feature))
SELECT t.horizon_no, t.feature, coalesce(t.feature_value, 'unknown') AS feature_value, t.leads, t.bought, round((t.bought::float8 / t.leads)::numeric, 6)::float8 AS bought_rate,
       round(i.lower::numeric, 6)::float8 AS bought_rate_lower, round(i.upper::numeric, 6)::float8 AS bought_rate_upper,
       CASE WHEN t.all_bought > 0 THEN round(((t.bought::float8 / t.leads) / (t.all_bought::float8 / t.all_leads::float8))::numeric, 6)::float8 END AS lift,
       round(d.difference::numeric, 6)::float8 AS difference, round(d.lower::numeric, 6)::float8 AS difference_lower, round(d.upper::numeric, 6)::float8 AS difference_upper,
       CASE WHEN t.leads >= 10 AND t.all_leads - t.leads >= 10 THEN CASE WHEN d.lower > 0 THEN 'better than the others' WHEN d.upper < 0 THEN 'worse than the others' END END AS finding
  FROM total t JOIN setting s ON s.setting = 'confidence',
       LATERAL (SELECT 1 - (1 - s.value::float8) / greatest(t.comparisons, 1) AS confidence) c,
       LATERAL dupex.rate_interval(dupex.rate(t.bought, t.leads), s.value::float8) i,
       LATERAL dupex.rate_difference_interval(dupex.rate(t.bought, t.leads), dupex.rate((t.all_bought - t.bought)::bigint, (t.all_leads - t.leads)::bigint), c.confidence) d;
COMMENT ON VIEW lead_conversion IS 'which kind of customer converts best: leads by what is known of them when they are opened, and how many bought within each horizon, one row per horizon, feature and value';
COMMENT ON COLUMN lead_conversion.horizon_no IS '1: bought within the first horizon (three months), 2: within the second (six); only leads opened that long ago';
COMMENT ON COLUMN lead_conversion.feature IS 'what is known: product, medium, channel, region, ...';
COMMENT ON COLUMN lead_conversion.feature_value IS 'its value; unknown where there is none';
COMMENT ON COLUMN lead_conversion.leads IS 'leads';
COMMENT ON COLUMN lead_conversion.bought IS 'of which bought within the horizon';
COMMENT ON COLUMN lead_conversion.bought_rate IS 'bought / leads';
COMMENT ON COLUMN lead_conversion.bought_rate_lower IS 'lower confidence limit (Wilson, setting confidence)';
COMMENT ON COLUMN lead_conversion.bought_rate_upper IS 'upper confidence limit';
COMMENT ON COLUMN lead_conversion.lift IS 'bought_rate over that of all leads';
COMMENT ON COLUMN lead_conversion.difference IS 'bought_rate less that of leads with other values, may be negative';
COMMENT ON COLUMN lead_conversion.difference_lower IS 'lower confidence limit of the difference (Newcombe), with the error of setting confidence shared out among all values with ten leads; may be negative';
COMMENT ON COLUMN lead_conversion.difference_upper IS 'upper confidence limit, may be negative';
COMMENT ON COLUMN lead_conversion.finding IS 'better or worse than the others, where ten leads and more on either side differ: the interval does not contain 0';
