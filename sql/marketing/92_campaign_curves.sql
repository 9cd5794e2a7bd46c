-- How the answers to an effort come in over the days: curves of efforts, media and campaigns, the
-- doubling day, and a forecast of the final response while a campaign runs.
--
-- Days are counted from the first answer of each effort, which is day 1: efforts with different
-- delivery times then have one curve. An effort is over when no more orders are matched to it: after
-- answers_until, or match_back_days (a setting) after it reached people. Only efforts that are over
-- make the curves; one that runs is held against the curve of its medium. A day that was not over at
-- the last refresh is left out.

CREATE OR REPLACE VIEW source_curve_day AS
WITH observed AS (
    SELECT (coalesce(max(r.as_of), 'epoch') AT TIME ZONE (SELECT value FROM setting WHERE setting = 'time_zone'))::date AS until FROM report_state r)
SELECT s.source_code::text AS source_code, s.campaign, s.medium, s.list, d.date_day,
       d.date_day - min(d.date_day) OVER by_code + 1 AS day_no, d.responses,
       (sum(d.responses) OVER (by_code ORDER BY d.date_day))::bigint AS responses_to_date,
       (CASE WHEN e.over_on < o.until THEN sum(d.responses) OVER (by_code ORDER BY d.date_day) / sum(d.responses) OVER by_code END)::numeric(12,6) AS share_in,
       e.over_on < o.until AS is_over
  FROM source s JOIN source_day d ON d.source_code = s.source_code CROSS JOIN observed o
 CROSS JOIN LATERAL (SELECT coalesce(s.answers_until, coalesce(s.in_home_on, s.issued_on) + (SELECT value::int FROM setting WHERE setting = 'match_back_days')) AS over_on) e
 WHERE d.responses > 0 AND d.date_day < o.until AND s.source_code <> 'UNSOURCED' AND NOT s.is_hold_out
WINDOW by_code AS (PARTITION BY s.source_code);
COMMENT ON VIEW source_curve_day IS 'the campaign curve of each source code: answers by day from the first answer on, one row per day with an answer';
COMMENT ON COLUMN source_curve_day.source_code IS 'the source code';
COMMENT ON COLUMN source_curve_day.campaign IS 'key of the campaign; NULL: none';
COMMENT ON COLUMN source_curve_day.medium IS 'the medium, as in the code';
COMMENT ON COLUMN source_curve_day.list IS 'the list, as in the code';
COMMENT ON COLUMN source_curve_day.date_day IS 'the day, in the time zone of setting time_zone';
COMMENT ON COLUMN source_curve_day.day_no IS 'day from the first answer on, which is 1';
COMMENT ON COLUMN source_curve_day.responses IS 'answers on the day';
COMMENT ON COLUMN source_curve_day.responses_to_date IS 'answers up to and with the day';
COMMENT ON COLUMN source_curve_day.share_in IS 'responses_to_date / all answers; NULL while the effort runs';
COMMENT ON COLUMN source_curve_day.is_over IS 'the effort was over at the last refresh';

CREATE OR REPLACE VIEW medium_curve_day AS
SELECT c.medium, m.name AS medium_name, c.day_no, c.efforts, c.responses, c.responses_to_date, c.share_in, c.share_in >= 0.5 AND coalesce(c.share_before, 0) < 0.5 AS is_doubling_day
  FROM (SELECT x.*, lag(x.share_in) OVER (PARTITION BY x.medium ORDER BY x.day_no) AS share_before
          FROM (SELECT d.medium, d.day_no, count(*) AS efforts, sum(d.responses)::bigint AS responses, (sum(sum(d.responses)) OVER (PARTITION BY d.medium ORDER BY d.day_no))::bigint AS responses_to_date,
                       (sum(sum(d.responses)) OVER (PARTITION BY d.medium ORDER BY d.day_no) / sum(sum(d.responses)) OVER (PARTITION BY d.medium))::numeric(12,6) AS share_in
                  FROM source_curve_day d WHERE d.is_over AND d.medium IS NOT NULL GROUP BY d.medium, d.day_no) x) c
  JOIN medium m ON m.medium = c.medium;
COMMENT ON VIEW medium_curve_day IS 'the campaign curve of each medium: the efforts that are over, laid on each other by the day of their first answer; one row per day with an answer';
COMMENT ON COLUMN medium_curve_day.medium IS 'the medium, as in the code';
COMMENT ON COLUMN medium_curve_day.medium_name IS 'name of the medium';
COMMENT ON COLUMN medium_curve_day.day_no IS 'day from the first answer of each effort on, which is 1';
COMMENT ON COLUMN medium_curve_day.efforts IS 'efforts with an answer on that day';
COMMENT ON COLUMN medium_curve_day.responses IS 'answers on that day';
COMMENT ON COLUMN medium_curve_day.responses_to_date IS 'answers up to and with that day';
COMMENT ON COLUMN medium_curve_day.share_in IS 'responses_to_date / all answers of these efforts: divide the answers of an effort that runs by it';
COMMENT ON COLUMN medium_curve_day.is_doubling_day IS 'the doubling day: on it half of the final response is reached';

CREATE OR REPLACE VIEW campaign_curve_day AS
SELECT x.campaign, x.day_no, x.efforts, x.responses, x.responses_to_date, x.share_in, x.share_in >= 0.5 AND coalesce(lag(x.share_in) OVER (PARTITION BY x.campaign ORDER BY x.day_no), 0) < 0.5 AS is_doubling_day
  FROM (SELECT d.campaign, d.day_no, count(*) AS efforts, sum(d.responses)::bigint AS responses, (sum(sum(d.responses)) OVER (PARTITION BY d.campaign ORDER BY d.day_no))::bigint AS responses_to_date,
               (CASE WHEN bool_and(bool_and(d.is_over)) OVER (PARTITION BY d.campaign)
                     THEN sum(sum(d.responses)) OVER (PARTITION BY d.campaign ORDER BY d.day_no) / sum(sum(d.responses)) OVER (PARTITION BY d.campaign) END)::numeric(12,6) AS share_in
          FROM source_curve_day d WHERE d.campaign IS NOT NULL GROUP BY d.campaign, d.day_no) x;
COMMENT ON VIEW campaign_curve_day IS 'the campaign curve of each campaign: its efforts laid on each other by the day of their first answer; one row per day with an answer';
COMMENT ON COLUMN campaign_curve_day.campaign IS 'key of the campaign';
COMMENT ON COLUMN campaign_curve_day.day_no IS 'day from the first answer of each effort on, which is 1';
COMMENT ON COLUMN campaign_curve_day.efforts IS 'efforts with an answer on that day';
COMMENT ON COLUMN campaign_curve_day.responses IS 'answers on that day';
COMMENT ON COLUMN campaign_curve_day.responses_to_date IS 'answers up to and with that day';
COMMENT ON COLUMN campaign_curve_day.share_in IS 'responses_to_date / all answers; NULL while one of its efforts runs';
COMMENT ON COLUMN campaign_curve_day.is_doubling_day IS 'the doubling day: on it half of the final response was reached; NULL while one of its efforts runs';

-- An effort that runs: its answers so far, divided by the share that its medium has in after as many
-- days; where the medium has no effort that is over, by a curve of its own.
CREATE OR REPLACE VIEW source_response_forecast AS
WITH observed AS (
    SELECT (coalesce(max(r.as_of), 'epoch') AT TIME ZONE (SELECT value FROM setting WHERE setting = 'time_zone'))::date AS until FROM report_state r),
curve AS MATERIALIZED (
    SELECT c.source_code, c.medium, c.date_day, c.day_no, c.responses, c.is_over FROM source_curve_day c),
pooled AS (
    SELECT c.medium, c.day_no, sum(c.responses) AS responses FROM curve c WHERE c.is_over GROUP BY c.medium, c.day_no),
reference AS (
    SELECT l.medium, l.responses, array_agg(coalesce(p.responses, 0)::float8 ORDER BY g.day_no) AS by_day
      FROM (SELECT p.medium, max(p.day_no) AS days, sum(p.responses) AS responses FROM pooled p GROUP BY p.medium) l
     CROSS JOIN LATERAL generate_series(1, least(l.days, 10000)) g (day_no)
      LEFT JOIN pooled p ON p.medium = l.medium AND p.day_no = g.day_no
     GROUP BY l.medium, l.responses),
own AS (
    SELECT f.source_code, array_agg(coalesce(c.responses, 0)::float8 ORDER BY g.day) AS by_day
      FROM (SELECT c.source_code, min(c.date_day) AS first_on FROM curve c WHERE NOT c.is_over GROUP BY c.source_code) f CROSS JOIN observed o
     CROSS JOIN LATERAL generate_series(0, least(o.until - 1 - f.first_on, 9999)) g (day)
      LEFT JOIN curve c ON c.source_code = f.source_code AND c.date_day = f.first_on + g.day
     GROUP BY f.source_code),
effort AS (
    SELECT s.source_code, s.campaign, s.medium, s.test_group, s.list, s.reached_on, o.until,
           coalesce(s.answers_until, s.reached_on + (SELECT value::int FROM setting WHERE setting = 'match_back_days')) < o.until AS is_over, t.first_on, t.responses, t.net_pieces, w.by_day
      FROM (SELECT x.source_code, x.campaign, x.medium, x.test_group, x.list, x.answers_until, coalesce(x.in_home_on, x.issued_on) AS reached_on
              FROM source x WHERE x.source_code <> 'UNSOURCED' AND NOT x.is_hold_out) s CROSS JOIN observed o
     CROSS JOIN LATERAL (SELECT coalesce(sum(d.responses), 0)::bigint AS responses, coalesce(sum(d.pieces - d.bounced), 0)::bigint AS net_pieces, min(d.date_day) FILTER (WHERE d.responses > 0) AS first_on
                           FROM source_day d WHERE d.source_code = s.source_code AND d.date_day < o.until) t
      LEFT JOIN own w ON w.source_code = s.source_code::text
     WHERE s.reached_on < o.until)
SELECT e.source_code::text AS source_code, e.campaign, e.medium, e.test_group, e.list, e.reached_on, e.first_on AS first_response_on, e.is_over, e.net_pieces, e.responses,
       CASE WHEN e.is_over THEN e.responses ELSE round(x.expected::numeric, 1) END::numeric(20,1) AS expected_responses,
       CASE WHEN e.is_over THEN e.responses ELSE x.lower END::numeric(20,1) AS expected_responses_lower,
       CASE WHEN e.is_over THEN e.responses ELSE x.upper END::numeric(20,1) AS expected_responses_upper,
       CASE WHEN e.is_over THEN CASE WHEN e.responses > 0 THEN 1 END ELSE x.share_in END::numeric(12,6) AS share_in,
       (CASE WHEN e.is_over THEN e.responses ELSE x.expected::numeric END / nullif(e.net_pieces, 0))::numeric(20,6) AS expected_response_rate,
       CASE WHEN e.is_over THEN 'over' WHEN e.responses = 0 THEN 'no response yet' WHEN r.responses >= 50 THEN 'curve of the medium' ELSE 'own curve' END AS method, CASE WHEN NOT e.is_over THEN x.status END AS status
  FROM effort e LEFT JOIN reference r ON r.medium = e.medium
  LEFT JOIN LATERAL (SELECT l.expected, l.lower, l.upper, l.share_in, l.status FROM campaign_forecast_like(e.by_day, r.by_day, (SELECT value::float8 FROM setting WHERE setting = 'confidence')) l
                      WHERE NOT e.is_over AND r.responses >= 50
                      UNION ALL
                     SELECT f.expected, f.lower, f.upper, f.share_in, f.status
                       FROM campaign_forecast(e.by_day, CASE WHEN e.net_pieces > 0 THEN e.net_pieces::float8 END, CASE WHEN cardinality(e.by_day) > 1000 THEN 'delayed' ELSE 'beta_geometric' END, (SELECT value::float8 FROM setting WHERE setting = 'confidence')) f
                      WHERE NOT e.is_over AND (r.responses < 50 OR r.responses IS NULL)) x ON true;
COMMENT ON VIEW source_response_forecast IS 'the final response of each source code that has reached people: as it was, where the effort is over, else a forecast with limits';
COMMENT ON COLUMN source_response_forecast.source_code IS 'the source code';
COMMENT ON COLUMN source_response_forecast.campaign IS 'key of the campaign; NULL: none';
COMMENT ON COLUMN source_response_forecast.medium IS 'the medium, as in the code';
COMMENT ON COLUMN source_response_forecast.test_group IS 'the test group, as in the code';
COMMENT ON COLUMN source_response_forecast.list IS 'the list, as in the code';
COMMENT ON COLUMN source_response_forecast.reached_on IS 'day on which the piece reached people, else first day of the month of issue';
COMMENT ON COLUMN source_response_forecast.first_response_on IS 'day of the first answer';
COMMENT ON COLUMN source_response_forecast.is_over IS 'the effort was over at the last refresh';
COMMENT ON COLUMN source_response_forecast.net_pieces IS 'pieces less undeliverable ones';
COMMENT ON COLUMN source_response_forecast.responses IS 'answers so far';
COMMENT ON COLUMN source_response_forecast.expected_responses IS 'answers in the end; NULL where that cannot be told yet';
COMMENT ON COLUMN source_response_forecast.expected_responses_lower IS 'lower confidence limit (setting confidence): of chance alone, not of what is different this time';
COMMENT ON COLUMN source_response_forecast.expected_responses_upper IS 'upper confidence limit';
COMMENT ON COLUMN source_response_forecast.share_in IS 'share of the final response that is in';
COMMENT ON COLUMN source_response_forecast.expected_response_rate IS 'expected_responses / net_pieces; over 1 where people answer more than once';
COMMENT ON COLUMN source_response_forecast.method IS 'over, curve of the medium (at least 50 answers to efforts that are over), own curve (campaign_forecast()), or no response yet';
COMMENT ON COLUMN source_response_forecast.status IS 'what the forecast is worth, in words';

CREATE OR REPLACE VIEW campaign_response_forecast AS
SELECT c.campaign, c.name AS campaign_name, f.efforts, f.efforts_over, f.net_pieces, f.responses, f.expected_responses,
       CASE WHEN f.expected_responses IS NOT NULL THEN greatest(f.responses, f.expected_responses - f.below) END::numeric(20,1) AS expected_responses_lower, (f.expected_responses + f.above)::numeric(20,1) AS expected_responses_upper,
       (f.responses / nullif(f.expected_responses, 0))::numeric(12,6) AS share_in, (f.expected_responses / nullif(f.net_pieces, 0))::numeric(20,6) AS expected_response_rate, d.doubling_day_no
  FROM campaign c
  JOIN (SELECT x.campaign, count(*) AS efforts, count(*) FILTER (WHERE x.is_over) AS efforts_over, sum(x.net_pieces)::bigint AS net_pieces, sum(x.responses)::bigint AS responses,
               CASE WHEN bool_and(x.expected_responses IS NOT NULL) THEN sum(x.expected_responses) END::numeric(20,1) AS expected_responses,
               -- of independent efforts the squares of the distances add up
               sqrt(sum((x.expected_responses - x.expected_responses_lower) ^ 2)) AS below, sqrt(sum((x.expected_responses_upper - x.expected_responses) ^ 2)) AS above
          FROM source_response_forecast x GROUP BY x.campaign) f ON f.campaign = c.campaign
  LEFT JOIN (SELECT y.campaign, min(y.day_no) AS doubling_day_no FROM campaign_curve_day y WHERE y.is_doubling_day GROUP BY y.campaign) d ON d.campaign = c.campaign;
COMMENT ON VIEW campaign_response_forecast IS 'the final response of each campaign: its efforts that are over, and a forecast of those that run';
COMMENT ON COLUMN campaign_response_forecast.campaign IS 'key of the campaign';
COMMENT ON COLUMN campaign_response_forecast.campaign_name IS 'name of the campaign';
COMMENT ON COLUMN campaign_response_forecast.efforts IS 'source codes that have reached people';
COMMENT ON COLUMN campaign_response_forecast.efforts_over IS 'those of them that are over';
COMMENT ON COLUMN campaign_response_forecast.net_pieces IS 'pieces less undeliverable ones';
COMMENT ON COLUMN campaign_response_forecast.responses IS 'answers so far';
COMMENT ON COLUMN campaign_response_forecast.expected_responses IS 'answers in the end; NULL where that of one effort cannot be told yet';
COMMENT ON COLUMN campaign_response_forecast.expected_responses_lower IS 'lower confidence limit (setting confidence)';
COMMENT ON COLUMN campaign_response_forecast.expected_responses_upper IS 'upper confidence limit';
COMMENT ON COLUMN campaign_response_forecast.share_in IS 'responses / expected_responses';
COMMENT ON COLUMN campaign_response_forecast.expected_response_rate IS 'expected_responses / net_pieces; over 1 where people answer more than once';
COMMENT ON COLUMN campaign_response_forecast.doubling_day_no IS 'the doubling day of its efforts, counted from the first answer of each; NULL while one of them runs';
