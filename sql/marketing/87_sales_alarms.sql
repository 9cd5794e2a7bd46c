-- What is noticeable: figures that fall, the step that lost most, and who needs coaching in what.
-- Each has a rule that keeps still where numbers are small.
--
-- Falling figures. Weeks of seven days, the last of which ends with the day asked for, are held against the
-- 26 weeks before, on a control chart: for counts (per working day) and shares Laney's u'- and p'-chart,
-- whose limits grow with what the weeks differ by beyond chance (D. B. Laney, Improved control charts for
-- attributes, Quality Engineering 14, 2002); for money and other ratios the chart of individual values,
-- with the mean moving range / 1.128 as deviation (D. J. Wheeler). An alarm: the last week is more than
-- three deviations on the bad side, or the last eight weeks all are on the bad side of the centre line.
-- Silent with fewer than 8 weeks of past, where fewer than 9 were to be expected (of a share: 9 that succeed and
-- 9 that fail), because three deviations below a smaller number there is nothing, and for money and other ratios
-- where half of the past weeks had none.

-- amounts and bases begin with the last block and go back in time.
CREATE OR REPLACE FUNCTION control_chart(amounts numeric[], bases numeric[], unit text, is_high_good boolean,
    OUT latest numeric, OUT centre numeric, OUT lower_limit numeric, OUT upper_limit numeric, OUT past int, OUT deviations numeric, OUT rule text) RETURNS record
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
DECLARE
    c record;
BEGIN
    WITH point AS (
        SELECT a.block_no - 1 AS block_no, a.num, a.den, CASE WHEN unit <> 'log ratio' THEN a.num / a.den WHEN a.num > 0 THEN ln(a.num / a.den) END AS x
          FROM unnest(amounts, bases) WITH ORDINALITY a (num, den, block_no) WHERE a.den > 0),
    centred AS (
        SELECT p.*, sum(p.num) FILTER (WHERE p.block_no > 0) OVER () / nullif(sum(p.den) FILTER (WHERE p.block_no > 0) OVER (), 0) AS mean,
               avg(p.x) FILTER (WHERE p.block_no > 0) OVER () AS plain_mean, count(*) FILTER (WHERE p.block_no > 0) OVER () AS past
          FROM point p WHERE p.x IS NOT NULL),
    spread AS (
        SELECT n.*, CASE WHEN unit = 'count' THEN sqrt(nullif(n.mean, 0) / n.den) WHEN unit = 'share' AND n.mean < 1 THEN sqrt(nullif(n.mean * (1 - n.mean), 0) / n.den)
                         WHEN unit NOT IN ('count', 'share') THEN 1 END AS sigma,
               CASE WHEN unit IN ('count', 'share') THEN n.mean ELSE n.plain_mean END AS middle
          FROM centred n WHERE n.mean > 0),
    moved AS (
        SELECT s.*, (s.x - s.middle) / s.sigma AS z, abs((s.x - s.middle) / s.sigma - lag((s.x - s.middle) / s.sigma) OVER (ORDER BY s.block_no)) AS range
          FROM spread s WHERE s.sigma > 0)
    SELECT max(m.past)::int AS past, max(m.middle) AS middle, max(m.x) FILTER (WHERE m.block_no = 0) AS x0, max(m.den) FILTER (WHERE m.block_no = 0) AS den0,
           max(m.sigma) FILTER (WHERE m.block_no = 0) AS sigma0, max(m.z) FILTER (WHERE m.block_no = 0) * CASE WHEN is_high_good THEN 1 ELSE -1 END AS z0,
           -- the range between the last block and the one before is not of the past
           CASE WHEN unit IN ('count', 'share') THEN greatest(1, avg(m.range) FILTER (WHERE m.block_no > 1) / 1.128) ELSE nullif(avg(m.range) FILTER (WHERE m.block_no > 1) / 1.128, 0) END AS sigma_z,
           count(*) FILTER (WHERE m.block_no > 0 AND m.num <> 0) AS blocks_with,
           count(*) FILTER (WHERE m.block_no < 8 AND m.z * CASE WHEN is_high_good THEN 1 ELSE -1 END < 0) AS on_bad_side
      INTO c FROM moved m;
    past := c.past;
    deviations := c.z0 / c.sigma_z;
    latest := CASE WHEN unit = 'log ratio' THEN exp(c.x0) ELSE c.x0 END;
    centre := CASE WHEN unit = 'log ratio' THEN exp(c.middle) ELSE c.middle END;
    lower_limit := CASE WHEN unit = 'log ratio' THEN exp(c.middle - 3 * c.sigma_z) ELSE greatest(0, c.middle - 3 * c.sigma0 * c.sigma_z) END;
    upper_limit := CASE WHEN unit = 'log ratio' THEN exp(c.middle + 3 * c.sigma_z) ELSE c.middle + 3 * c.sigma0 * c.sigma_z END;
    IF past >= 8 AND (CASE unit WHEN 'count' THEN c.middle * c.den0 >= 9 WHEN 'share' THEN least(c.middle, 1 - c.middle) * c.den0 >= 9 ELSE c.blocks_with * 2 > past END) THEN
        rule := CASE WHEN deviations < -3 THEN 'beyond three deviations' WHEN c.on_bad_side = 8 AND deviations < -1 THEN 'eight on one side' END;
    END IF;
END
$$;
COMMENT ON FUNCTION control_chart(numeric[], numeric[], text, boolean) IS 'the last block of time on the control chart of those before it, by the rule at the head of its module. amounts / bases: of each block, the last one first; a block without a base is left out. unit: count (amount per base, Poisson), share (binomial), log ratio (of two sums of money, on their logarithm), or another (individual values). rule: beyond three deviations on the bad side, or eight on one side; NULL where nothing is noticeable or numbers are too small. deviations: negative is bad. A part of sales_alarms() and marketing_alarms()';

CREATE OR REPLACE FUNCTION sales_alarms(day date, team text DEFAULT NULL)
    RETURNS TABLE (team_name text, figure text, this_week numeric, centre numeric, lower_limit numeric, upper_limit numeric, weeks int, deviations numeric, rule text, remark text)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    WITH measure AS MATERIALIZED (
        SELECT b.team, b.measure, max(b.block_no) AS oldest, jsonb_object_agg(b.block_no, b.amount) AS amounts
          FROM (SELECT m.team, m.measure, m.block_no, sum(m.amount) AS amount FROM sales_measures(day - 188, day, 7) m
                 WHERE m.team IS NOT NULL AND (m.team = sales_alarms.team OR sales_alarms.team IS NULL) GROUP BY 1, 2, 3) b
         GROUP BY 1, 2),
    week AS MATERIALIZED (
        SELECT w.block_no, working_days(day - 7 * w.block_no - 6, day - 7 * w.block_no)::numeric AS days FROM generate_series(0, 26) w (block_no)),
    point AS (
        SELECT c.team, f.figure, f.name, f.unit, f.is_high_good, array_agg(coalesce((n.amounts ->> w.block_no::text)::numeric, 0) ORDER BY w.block_no) AS num,
               array_agg(CASE WHEN f.denominator IS NULL THEN w.days ELSE coalesce((c.amounts ->> w.block_no::text)::numeric, 0) END ORDER BY w.block_no) AS den
          FROM sales_figure f
          JOIN measure c ON c.measure = coalesce(f.denominator, f.numerator)
          LEFT JOIN measure n ON n.team = c.team AND n.measure = f.numerator
          -- the weeks since the team began with it
          JOIN week w ON w.block_no <= c.oldest
         GROUP BY c.team, f.figure, f.name, f.unit, f.is_high_good)
    SELECT p.team, p.figure, round(c.latest, 4), round(c.centre, 4), round(c.lower_limit, 4), round(c.upper_limit, 4), c.past, round(c.deviations, 2), r.rule,
           format('%s of %s: %s in the week to %s, %s', p.name, p.team, sales_number(c.latest, p.unit), day,
                  CASE c.rule WHEN 'beyond three deviations' THEN format('against %s in the %s weeks before (limit %s)', sales_number(c.centre, p.unit), c.past,
                                                                        sales_number(CASE WHEN p.is_high_good THEN c.lower_limit ELSE c.upper_limit END, p.unit))
                              ELSE format('for eight weeks %s the %s of the half year', CASE WHEN p.is_high_good THEN 'below' ELSE 'above' END, sales_number(c.centre, p.unit)) END)
      FROM point p, LATERAL control_chart(p.num, p.den, p.unit, p.is_high_good) c, LATERAL (SELECT CASE c.rule WHEN 'eight on one side' THEN 'eight weeks on one side' ELSE c.rule END AS rule) r
     WHERE c.rule IS NOT NULL
     ORDER BY c.deviations, p.team, p.figure;
END
$$;
COMMENT ON FUNCTION sales_alarms(date, text) IS 'figures of a team that are noticeably worse in the seven days to day than in the 26 weeks before, by the rule at the head of its module: beyond three deviations of the control chart, or eight weeks on the bad side (the last by more than one deviation). Counts are per working day. deviations: how far, negative is bad; remark says it in words. Nothing where numbers are too small';

CREATE OR REPLACE FUNCTION sales_number(amount numeric, unit text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN unit = 'share' THEN round(100 * amount, 1) || ' %' WHEN unit IN ('ratio', 'minutes') OR abs(amount) < 100 AND amount <> trunc(amount) THEN round(amount, 2)::text
                ELSE round(amount)::text END;
COMMENT ON FUNCTION sales_number(numeric, text) IS 'a figure as people read it: shares in per cent, large numbers without decimals. A part of the sales meeting';

-- Steps: rows of sales_figure with step_no. The last 28 days against the 182 before.
CREATE OR REPLACE FUNCTION sales_bottleneck(day date, team text DEFAULT NULL)
    RETURNS TABLE (team_name text, figure text, step_no smallint, now_rate numeric, past_rate numeric, relative_change numeric, lost numeric, is_bottleneck boolean, remark text)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    WITH measure AS MATERIALIZED (
        SELECT m.team, m.block_no = 0 AS is_now, m.measure, sum(m.amount)::bigint AS amount
          FROM (SELECT x.team, least(1, x.block_no) AS block_no, x.measure, x.amount FROM sales_measures(day - 209, day, 28) x) m
         WHERE m.team IS NOT NULL AND (m.team = sales_bottleneck.team OR sales_bottleneck.team IS NULL) GROUP BY 1, 2, 3),
    step AS (
        SELECT d.team, f.figure, f.name, f.step_no, d.is_now, coalesce(n.amount, 0) AS num, d.amount AS den
          FROM sales_figure f JOIN measure d ON d.measure = f.denominator
          LEFT JOIN measure n ON n.team = d.team AND n.is_now = d.is_now AND n.measure = f.numerator
         WHERE f.step_no IS NOT NULL AND d.amount > 0 AND coalesce(n.amount, 0) BETWEEN 0 AND d.amount),
    compared AS (
        SELECT s.team, s.figure, s.name, s.step_no, s.num::numeric / s.den AS now_rate, p.num::numeric / p.den AS past_rate, s.den, i.upper < 0 AS is_worse
          FROM step s JOIN step p ON p.team = s.team AND p.figure = s.figure AND NOT p.is_now AND p.num > 0,
               LATERAL rate_difference_interval(rate(s.num, s.den), rate(p.num, p.den), 0.95) i
         WHERE s.is_now)
    SELECT c.team, c.figure, c.step_no, round(c.now_rate, 4), round(c.past_rate, 4), round(c.now_rate / c.past_rate - 1, 4), round(greatest(0, c.past_rate - c.now_rate) * c.den, 1),
           c.is_worse AND rank() OVER (PARTITION BY c.team ORDER BY CASE WHEN c.is_worse THEN c.now_rate / c.past_rate END NULLS LAST, c.step_no) = 1,
           CASE WHEN c.is_worse THEN format('%s: %s in the last four weeks, %s in the half year before; about %s lost at this step', c.name, sales_number(c.now_rate, 'share'),
                                            sales_number(c.past_rate, 'share'), round((c.past_rate - c.now_rate) * c.den)) END
      FROM compared c ORDER BY c.team, c.step_no;
END
$$;
COMMENT ON FUNCTION sales_bottleneck(date, text) IS 'the steps from the first contact to the deal, by team: the share that passed in the 28 days to day against the 182 days before, and how many were lost by the difference. is_bottleneck marks the step that fell most, relative to its own past, among those that fell by more than chance explains (95 % interval of the difference, Newcombe); remark says it in words';

-- The last 91 days of each against the others of the team.
CREATE OR REPLACE FUNCTION sales_coaching(day date, team text DEFAULT NULL)
    RETURNS TABLE (team_name text, salesperson_id bigint, salesperson text, figure text, own_rate numeric, team_rate numeric, of_cases bigint, remark text)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    WITH measure AS MATERIALIZED (
        SELECT m.salesperson_id, m.team, m.measure, sum(m.amount)::bigint AS amount FROM sales_measures(day - 90, day) m
         WHERE m.team IS NOT NULL AND (m.team = sales_coaching.team OR sales_coaching.team IS NULL) GROUP BY 1, 2, 3),
    own AS (
        SELECT d.team, d.salesperson_id, f.figure, f.figure_no, f.name, f.is_high_good, coalesce(n.amount, 0) AS num, d.amount AS den
          FROM sales_figure f JOIN measure d ON d.measure = f.denominator
          LEFT JOIN measure n ON n.salesperson_id = d.salesperson_id AND n.measure = f.numerator
         WHERE f.unit = 'share' AND d.amount > 0 AND coalesce(n.amount, 0) BETWEEN 0 AND d.amount),
    compared AS (
        SELECT o.*, (sum(o.num) OVER w - o.num)::bigint AS other_num, (sum(o.den) OVER w - o.den)::bigint AS other_den FROM own o WINDOW w AS (PARTITION BY o.team, o.figure))
    SELECT c.team, c.salesperson_id, s.name, c.figure, round(c.num::numeric / c.den, 4), round(c.other_num::numeric / c.other_den, 4), c.den,
           format('%s: %s of %s, %s of the others', c.name, sales_number(c.num::numeric / c.den, 'share'), c.den, sales_number(c.other_num::numeric / c.other_den, 'share'))
      FROM compared c JOIN salesperson s ON s.salesperson_id = c.salesperson_id AND (s.left_on IS NULL OR s.left_on >= day),
           LATERAL rate_difference_interval(rate(c.num, c.den), rate(c.other_num, c.other_den), 0.99) i
     WHERE c.den >= 20 AND c.other_den >= 20 AND CASE WHEN c.is_high_good THEN i.upper < 0 ELSE i.lower > 0 END
     ORDER BY c.team, s.name, c.figure_no;
END
$$;
COMMENT ON FUNCTION sales_coaching(date, text) IS 'who needs coaching in what: shares in which a salesperson was worse than the others of the team in the 91 days to day, by more than chance explains (99 % interval of the difference, Newcombe; at least 20 cases on both sides)';
