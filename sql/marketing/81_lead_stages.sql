-- How long leads stay in a stage, where they get stuck, and how fast they bring money.
--
-- The stage of a lead is its grade while sales has it, "not graded" before it has one, and
-- "marketing" while marketing has it. It is read off the history: moves that change neither belong
-- to the stage before. So stages of a lead follow each other without gap or overlap.

CREATE OR REPLACE VIEW lead_stage AS
SELECT s.customer_id, s.lead_id, s.stage_no, s.stage, s.team, s.salesperson_id, s.entered_at, s.left_at, s.left_to,
       (extract(epoch FROM coalesce(s.left_at, now()) - s.entered_at) / 86400)::numeric(12,2) AS days
  FROM (SELECT m.customer_id, m.lead_id, m.stage, m.team, m.salesperson_id, m.entered_at,
               row_number() OVER (PARTITION BY m.customer_id, m.lead_id ORDER BY m.lead_move_id) AS stage_no,
               lead(m.entered_at) OVER (PARTITION BY m.customer_id, m.lead_id ORDER BY m.lead_move_id) AS left_at,
               lead(m.stage) OVER (PARTITION BY m.customer_id, m.lead_id ORDER BY m.lead_move_id) AS left_to
          FROM (SELECT h.*, lag(h.stage) OVER (PARTITION BY h.customer_id, h.lead_id ORDER BY h.lead_move_id) AS stage_before
                  FROM (SELECT m.customer_id, m.lead_id, m.lead_move_id, l.team, m.to_salesperson_id AS salesperson_id,
                               max(m.moved_at) OVER (PARTITION BY m.customer_id, m.lead_id ORDER BY m.lead_move_id) AS entered_at,
                               CASE WHEN m.to_status <> 'open' THEN m.to_status WHEN m.to_salesperson_id IS NULL THEN 'marketing'
                                    ELSE coalesce(m.to_grade, 'not graded') END AS stage
                          FROM lead_move m JOIN lead l ON l.customer_id = m.customer_id AND l.lead_id = m.lead_id WHERE m.kind <> 'model graded') h) m
         WHERE m.stage_before IS NULL OR m.stage <> m.stage_before) s
 WHERE s.stage NOT IN ('won', 'lost', 'defeated');
COMMENT ON VIEW lead_stage IS 'the stages that each lead went through, one row per stay: its grade while sales has it, not graded, or marketing';
COMMENT ON COLUMN lead_stage.customer_id IS 'the customer';
COMMENT ON COLUMN lead_stage.lead_id IS 'key of the lead within the customer';
COMMENT ON COLUMN lead_stage.stage_no IS 'order of the stays of the lead; closed times are counted and not shown';
COMMENT ON COLUMN lead_stage.stage IS 'a grade, not graded, or marketing';
COMMENT ON COLUMN lead_stage.team IS 'team that has the lead now';
COMMENT ON COLUMN lead_stage.salesperson_id IS 'who had it when it entered the stage';
COMMENT ON COLUMN lead_stage.entered_at IS 'when it entered the stage';
COMMENT ON COLUMN lead_stage.left_at IS 'when it left it; NULL: it is there';
COMMENT ON COLUMN lead_stage.left_to IS 'the stage after it: another stage, won, lost or defeated';
COMMENT ON COLUMN lead_stage.days IS 'days it stayed, until now when it is still there';

CREATE OR REPLACE VIEW stage_durations AS
SELECT s.team, s.stage, count(*) AS entered, count(s.left_at) AS passed, count(*) - count(s.left_at) AS in_stage,
       count(*) FILTER (WHERE s.left_to = 'won') AS won, count(*) FILTER (WHERE s.left_to IN ('lost', 'defeated')) AS lost,
       ((count(*) FILTER (WHERE s.left_to = 'won'))::numeric / nullif(count(s.left_at), 0))::numeric(20,6) AS won_rate,
       avg(s.days) FILTER (WHERE s.left_at IS NOT NULL)::numeric(12,1) AS mean_days,
       (percentile_cont(0.5) WITHIN GROUP (ORDER BY s.days) FILTER (WHERE s.left_at IS NOT NULL))::numeric(12,1) AS median_days,
       (percentile_cont(0.9) WITHIN GROUP (ORDER BY s.days) FILTER (WHERE s.left_at IS NOT NULL))::numeric(12,1) AS days_90,
       (percentile_cont(0.5) WITHIN GROUP (ORDER BY s.days) FILTER (WHERE s.left_at IS NULL))::numeric(12,1) AS median_days_in_stage
  FROM lead_stage s
 GROUP BY s.team, s.stage;
COMMENT ON VIEW stage_durations IS 'how long leads stay in a stage and what they leave it for, by team and stage';
COMMENT ON COLUMN stage_durations.team IS 'team';
COMMENT ON COLUMN stage_durations.stage IS 'a grade, not graded, or marketing';
COMMENT ON COLUMN stage_durations.entered IS 'stays that began';
COMMENT ON COLUMN stage_durations.passed IS 'of which ended';
COMMENT ON COLUMN stage_durations.in_stage IS 'of which last';
COMMENT ON COLUMN stage_durations.won IS 'stays that ended with a deal';
COMMENT ON COLUMN stage_durations.lost IS 'stays that ended with a loss, or defeated';
COMMENT ON COLUMN stage_durations.won_rate IS 'won / passed';
COMMENT ON COLUMN stage_durations.mean_days IS 'average days of the stays that ended';
COMMENT ON COLUMN stage_durations.median_days IS 'days in which half of them ended';
COMMENT ON COLUMN stage_durations.days_90 IS 'days in which nine of ten of them ended';
COMMENT ON COLUMN stage_durations.median_days_in_stage IS 'median of the days so far of the stays that last';

CREATE OR REPLACE VIEW stuck_leads AS
SELECT s.customer_id, s.lead_id, c.name AS customer_name, s.team, l.salesperson_id, s.stage, s.entered_at, s.days, d.days_90 AS usual_days, d.passed AS compared_with
  FROM lead_stage s
  JOIN stage_durations d ON d.stage = s.stage AND (d.team = s.team OR d.team IS NULL AND s.team IS NULL)
  JOIN lead l ON l.customer_id = s.customer_id AND l.lead_id = s.lead_id AND l.status = 'open'
  JOIN customer c ON c.customer_id = s.customer_id AND NOT c.is_seed
 WHERE s.left_at IS NULL AND d.passed >= 20 AND s.days > d.days_90;
COMMENT ON VIEW stuck_leads IS 'open leads that have been in their stage longer than nine of ten others of the team were, where at least 20 have passed it';
COMMENT ON COLUMN stuck_leads.customer_id IS 'the customer';
COMMENT ON COLUMN stuck_leads.lead_id IS 'key of the lead within the customer';
COMMENT ON COLUMN stuck_leads.customer_name IS 'name of the customer';
COMMENT ON COLUMN stuck_leads.team IS 'team';
COMMENT ON COLUMN stuck_leads.salesperson_id IS 'its owner; NULL: marketing';
COMMENT ON COLUMN stuck_leads.stage IS 'the stage';
COMMENT ON COLUMN stuck_leads.entered_at IS 'since when';
COMMENT ON COLUMN stuck_leads.days IS 'days in it until now';
COMMENT ON COLUMN stuck_leads.usual_days IS 'days in which nine of ten leave it';
COMMENT ON COLUMN stuck_leads.compared_with IS 'stays that this is taken from';

CREATE OR REPLACE VIEW lead_velocity_month AS
SELECT v.date_month, v.team, v.leads_closed, v.leads_won, v.revenue::numeric(20,4) AS revenue, (v.leads_won::numeric / nullif(v.leads_closed, 0))::numeric(20,6) AS won_rate,
       (v.revenue / nullif(v.leads_won, 0))::numeric(18,2) AS average_value, v.cycle_days::numeric(12,1) AS cycle_days,
       (v.revenue / nullif(v.cycle_days, 0))::numeric(18,2) AS revenue_per_day
  FROM (SELECT date_trunc('month', l.closed_at AT TIME ZONE z.value)::date AS date_month, l.team, count(*) AS leads_closed,
               count(*) FILTER (WHERE l.status = 'won') AS leads_won, coalesce(sum(o.revenue), 0) AS revenue,
               avg(extract(epoch FROM l.closed_at - l.opened_at) / 86400) FILTER (WHERE l.status = 'won') AS cycle_days
          FROM lead l
          JOIN setting z ON z.setting = 'time_zone'
          JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed
          LEFT JOIN customer_order o ON o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id AND l.status = 'won'
         WHERE l.status <> 'open' AND l.closed_at IS NOT NULL
         GROUP BY 1, l.team) v;
COMMENT ON VIEW lead_velocity_month IS 'sales velocity by month of closing and team: leads closed x rate won x average value / days from opening to the deal';
COMMENT ON COLUMN lead_velocity_month.date_month IS 'first day of the month';
COMMENT ON COLUMN lead_velocity_month.team IS 'team in charge; defeated leads count for the team they had';
COMMENT ON COLUMN lead_velocity_month.leads_closed IS 'leads won, lost or defeated in the month';
COMMENT ON COLUMN lead_velocity_month.leads_won IS 'of which won';
COMMENT ON COLUMN lead_velocity_month.revenue IS 'value of their orders before returns, in the currency of the database';
COMMENT ON COLUMN lead_velocity_month.won_rate IS 'leads_won / leads_closed';
COMMENT ON COLUMN lead_velocity_month.average_value IS 'revenue / leads_won';
COMMENT ON COLUMN lead_velocity_month.cycle_days IS 'average days from opening to the deal';
COMMENT ON COLUMN lead_velocity_month.revenue_per_day IS 'the velocity: revenue / cycle_days, which is leads_closed x won_rate x average_value / cycle_days';
