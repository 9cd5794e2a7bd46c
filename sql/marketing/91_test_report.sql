-- Tests: the groups of each campaign compared, and a report in sentences.
--
-- test_comparison is the long form, for BI tools and for looking things up; test_report() says of
-- one campaign what a colleague would: who won, by how much, how sure that is, and what is missing.
-- Both stand on the roll-ups, so they are as fresh as the last refresh_reports().

CREATE OR REPLACE VIEW test_comparison AS
WITH cell AS (
    SELECT p.campaign, m.measure, p.test_group, p.test_group_name, p.is_control, p.net_pieces AS people, m.successes,
           -- people who answer or order twice make more successes than people: such a rate has no test
           CASE WHEN m.successes BETWEEN 0 AND p.net_pieces THEN rate(m.successes, p.net_pieces) END AS rate
      FROM test_group_performance p CROSS JOIN LATERAL (VALUES ('responses', p.responses), ('orders', p.orders)) m (measure, successes)
     WHERE NOT p.is_hold_out AND p.net_pieces > 0
), compared AS (
    SELECT c.*, first_value(c.test_group) OVER w AS baseline_group, first_value(c.rate) OVER w AS baseline_rate,
           c.test_group = first_value(c.test_group) OVER w AS is_baseline
      FROM cell c WINDOW w AS (PARTITION BY c.campaign, c.measure ORDER BY c.is_control DESC, c.people DESC, c.test_group)
), adjusted AS (
    SELECT x.campaign, x.measure, u.test_group, u.p_value, u.p_value_adjusted
      FROM (SELECT c.campaign, c.measure, array_agg(c.test_group ORDER BY c.test_group) AS groups, array_agg(z.p_value ORDER BY c.test_group) AS p
              FROM compared c LEFT JOIN LATERAL rate_z_test(c.rate, c.baseline_rate) z ON true WHERE NOT c.is_baseline GROUP BY c.campaign, c.measure) x
     CROSS JOIN LATERAL unnest(x.groups, x.p, p_adjust(x.p)) u (test_group, p_value, p_value_adjusted)
), best AS (
    SELECT x.campaign, x.measure, x.groups[b.arm] AS test_group, b.probability_best, b.expected_loss
      FROM (SELECT c.campaign, c.measure, array_agg(c.test_group ORDER BY c.test_group) AS groups, array_agg(c.successes ORDER BY c.test_group) AS successes,
                   array_agg(c.people ORDER BY c.test_group) AS people
              FROM cell c WHERE c.rate IS NOT NULL GROUP BY c.campaign, c.measure) x
     CROSS JOIN LATERAL beta_best(x.successes, x.people) b
)
SELECT c.campaign, c.measure, c.test_group, c.test_group_name, c.is_control, c.is_baseline, c.baseline_group, c.people, c.successes,
       (c.successes::numeric / c.people)::numeric(20,6) AS success_rate,
       d.difference::numeric(12,6) AS difference, d.lower::numeric(12,6) AS difference_lower, d.upper::numeric(12,6) AS difference_upper,
       a.p_value::numeric(12,10) AS p_value, a.p_value_adjusted::numeric(12,10) AS p_value_adjusted,
       b.probability_best::numeric(12,6) AS probability_best, b.expected_loss::numeric(12,8) AS expected_loss
  FROM compared c
  LEFT JOIN LATERAL rate_difference_interval(c.rate, c.baseline_rate, (SELECT value::float8 FROM setting WHERE setting = 'confidence')) d ON NOT c.is_baseline
  LEFT JOIN adjusted a ON a.campaign = c.campaign AND a.measure = c.measure AND a.test_group = c.test_group
  LEFT JOIN best b ON b.campaign = c.campaign AND b.measure = c.measure AND b.test_group = c.test_group;
COMMENT ON VIEW test_comparison IS 'the groups of each test against its control, one row per campaign, measure (responses, orders) and group that was contacted. Without a control the largest group is the baseline; hold_out_comparison compares with those who got nothing';
COMMENT ON COLUMN test_comparison.campaign IS 'key of the campaign';
COMMENT ON COLUMN test_comparison.measure IS 'what counts as success: responses or orders';
COMMENT ON COLUMN test_comparison.test_group IS 'the test group, as in the code';
COMMENT ON COLUMN test_comparison.test_group_name IS 'what is different in it';
COMMENT ON COLUMN test_comparison.is_control IS 'it is marked as control';
COMMENT ON COLUMN test_comparison.is_baseline IS 'it is the group that the others are compared with';
COMMENT ON COLUMN test_comparison.baseline_group IS 'the group that it is compared with';
COMMENT ON COLUMN test_comparison.people IS 'people who got the piece: pieces less undeliverable ones';
COMMENT ON COLUMN test_comparison.successes IS 'their responses or orders';
COMMENT ON COLUMN test_comparison.success_rate IS 'successes / people; over 1 where people answer more than once, then there is no test';
COMMENT ON COLUMN test_comparison.difference IS 'success_rate less that of the baseline; NULL of the baseline itself';
COMMENT ON COLUMN test_comparison.difference_lower IS 'its lower confidence limit (Newcombe; setting confidence)';
COMMENT ON COLUMN test_comparison.difference_upper IS 'its upper confidence limit';
COMMENT ON COLUMN test_comparison.p_value IS 'of the z test against the baseline, two-sided, from 0 to 1';
COMMENT ON COLUMN test_comparison.p_value_adjusted IS 'the same, adjusted for the number of groups compared (Holm)';
COMMENT ON COLUMN test_comparison.probability_best IS 'probability that its true rate is the highest of the test, from 0 to 1';
COMMENT ON COLUMN test_comparison.expected_loss IS 'rate that is lost on average when it is chosen and another one is better';

CREATE OR REPLACE FUNCTION test_report_percent(rate numeric, decimals int DEFAULT 2) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (round(100 * rate, decimals))::text;
COMMENT ON FUNCTION test_report_percent(numeric, int) IS 'a rate as percent, without the sign; a part of test_report()';

-- What is to be said of one measure: who leads, each comparison, who is probably best, how many
-- people are missing.
CREATE OR REPLACE FUNCTION test_report_measure(campaign text, measure text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE ROWS 5 SET search_path FROM CURRENT AS
$$
DECLARE
    level     numeric := (SELECT 1 - s.value::numeric FROM setting s WHERE s.setting = 'confidence');
    base      test_comparison;
    leader    test_comparison;
    c         test_comparison;
    compared  bigint;
    needed    float8;
    smallest  bigint;
BEGIN
    SELECT * INTO base FROM test_comparison t WHERE t.campaign = $1 AND t.measure = $2 AND t.is_baseline;
    SELECT * INTO leader FROM test_comparison t WHERE t.campaign = $1 AND t.measure = $2 ORDER BY t.success_rate DESC, t.is_baseline DESC, t.test_group LIMIT 1;
    SELECT count(*) FILTER (WHERE NOT t.is_baseline), min(t.people) INTO compared, smallest FROM test_comparison t WHERE t.campaign = $1 AND t.measure = $2;
    IF leader.successes = 0 THEN
        RETURN NEXT format('No group has any %s yet.', measure);
        RETURN;
    END IF;
    RETURN NEXT format('%s: group %s (%s)%s leads with %s %% (%s of %s people).', initcap(measure), leader.test_group, leader.test_group_name,
        CASE WHEN leader.is_control THEN ', the control,' ELSE '' END, test_report_percent(leader.success_rate), leader.successes, leader.people);
    FOR c IN SELECT * FROM test_comparison t WHERE t.campaign = $1 AND t.measure = $2 AND NOT t.is_baseline ORDER BY t.success_rate DESC, t.test_group LOOP
        IF c.p_value_adjusted IS NULL THEN
            RETURN NEXT format('%s against %s cannot be tested: %s against %s of %s and %s people.', c.test_group, c.baseline_group, c.successes, base.successes, c.people, base.people);
            CONTINUE;
        END IF;
        RETURN NEXT format('%s against %s (%s): %s points, between %s and %s; p %s%s. %s', c.test_group, c.baseline_group,
            CASE WHEN base.is_control THEN 'the control' ELSE 'the largest group, no control is marked' END,
            test_report_percent(c.difference), test_report_percent(c.difference_lower), test_report_percent(c.difference_upper), CASE WHEN c.p_value < 0.0001 THEN 'below 0.0001' ELSE round(c.p_value, 4)::text END,
            CASE WHEN compared > 1 THEN format(', adjusted for %s comparisons %s', compared, CASE WHEN c.p_value_adjusted < 0.0001 THEN 'below 0.0001' ELSE round(c.p_value_adjusted, 4)::text END) ELSE '' END,
            CASE WHEN c.p_value_adjusted >= level THEN 'That may be chance.' WHEN c.difference > 0 THEN c.test_group || ' is better.' ELSE c.test_group || ' is worse.' END);
    END LOOP;
    IF leader.probability_best IS NOT NULL THEN
        RETURN NEXT format('%s is the best with a probability of %s %%; who takes it loses %s points on average, should it not be.', leader.test_group,
            test_report_percent(leader.probability_best, 1), test_report_percent(leader.expected_loss, 3));
    END IF;
    -- the comparison that decides is the leader's with the baseline, or the closest one with a leading baseline
    SELECT * INTO c FROM test_comparison t WHERE t.campaign = $1 AND t.measure = $2 AND NOT t.is_baseline ORDER BY t.success_rate DESC, t.test_group LIMIT 1;
    IF c.p_value_adjusted >= level AND c.success_rate <> base.success_rate THEN
        needed := ceil(power_prop_test(base.success_rate::float8, c.success_rate::float8, power => 0.8, significance => level::float8));
        RETURN NEXT format('To find a difference such as that of %s and %s four times in five, each group needs %s people; the smallest has %s.', c.test_group, base.test_group, needed, smallest);
    END IF;
END
$$;
COMMENT ON FUNCTION test_report_measure(text, text) IS 'the sentences of test_report() on one measure (responses, orders) of a campaign';

-- Did the groups get the people that were planned for them?
CREATE OR REPLACE FUNCTION test_report_sizes(campaign text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    groups  text[];
    planned float8[];
    got     bigint[];
    p       float8;
BEGIN
    SELECT array_agg(x.test_group ORDER BY x.test_group), array_agg(x.planned::float8 ORDER BY x.test_group), array_agg(x.pieces ORDER BY x.test_group)
      INTO groups, planned, got
      FROM (SELECT t.test_group, t.pieces, (SELECT sum(s.quantity) FROM source s WHERE s.campaign = t.campaign AND s.test_group = t.test_group AND NOT s.is_hold_out) AS planned
              FROM test_group_performance t WHERE t.campaign = test_report_sizes.campaign AND NOT t.is_hold_out) x;
    IF array_position(planned, NULL) IS NOT NULL OR 0 = ANY (planned) THEN
        RETURN 'Sizes cannot be checked: not every group has a planned quantity (source.quantity).';
    END IF;
    p := (SELECT s.p_value FROM srm_test(got, planned) s);
    RETURN CASE WHEN p < 0.001
                THEN format('The groups %s got %s pieces where %s were planned (p %s): people were lost or doubled on the way. Find out before you believe the rest.',
                            array_to_string(groups, ', '), array_to_string(got, ', '), array_to_string(planned, ', '), p::numeric(12,6))
                ELSE format('The sizes are as planned: %s.', (SELECT string_agg(format('%s %s', u.g, u.n), ', ' ORDER BY u.g) FROM unnest(groups, got) u (g, n))) END;
END
$$;
COMMENT ON FUNCTION test_report_sizes(text) IS 'the sentence of test_report() on pieces sent against pieces planned';

CREATE OR REPLACE FUNCTION test_report(campaign text, as_of timestamptz DEFAULT now(), OUT line_no int, OUT line text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE ROWS 12 SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    named    campaign;
    today    date := (as_of AT TIME ZONE (SELECT s.value FROM setting s WHERE s.setting = 'time_zone'))::date;
    answers  date := (SELECT max(s.answers_until) FROM source s WHERE s.campaign = test_report.campaign);
    groups   bigint := (SELECT count(*) FROM test_group_performance t WHERE t.campaign = test_report.campaign AND NOT t.is_hold_out AND t.net_pieces > 0);
    held_out bigint := (SELECT sum(t.net_pieces)::bigint FROM test_group_performance t WHERE t.campaign = test_report.campaign AND t.is_hold_out);
    lines    text[];
BEGIN
    SELECT * INTO named FROM campaign c WHERE c.campaign = test_report.campaign;
    IF named.campaign IS NULL THEN
        RAISE EXCEPTION 'there is no campaign "%"', test_report.campaign
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT campaign, name FROM campaign shows those that there are.';
    END IF;
    lines := ARRAY[format('Campaign %s (%s): %s%s.', named.campaign, named.name, CASE WHEN groups = 1 THEN '1 group was contacted' ELSE format('%s groups were contacted', groups) END,
                          CASE WHEN held_out > 0 THEN format(', %s people were held out', held_out) ELSE ', nobody was held out' END)];
    IF groups >= 2 THEN
        lines := lines || test_report_sizes(test_report.campaign)
              || ARRAY(SELECT m FROM test_report_measure(test_report.campaign, 'responses') m) || ARRAY(SELECT m FROM test_report_measure(test_report.campaign, 'orders') m);
    ELSE
        lines := lines || 'There is nothing to compare: a test needs two groups that were contacted.'::text;
    END IF;
    lines := lines || ARRAY(
        SELECT format('%s against those who got nothing, in orders: %s points%s.', h.test_group, test_report_percent(h.order_difference),
                      CASE WHEN h.order_difference_lower IS NULL THEN '' ELSE format(', between %s and %s; %s', test_report_percent(h.order_difference_lower), test_report_percent(h.order_difference_upper),
                           CASE WHEN h.order_difference_lower > 0 THEN 'the effort worked' WHEN h.order_difference_upper < 0 THEN 'the effort did harm' ELSE 'that it worked is not shown' END) END)
          FROM hold_out_comparison h WHERE h.campaign = test_report.campaign ORDER BY h.test_group);
    lines := lines || CASE WHEN answers IS NULL THEN 'No code says until when answers count (source.answers_until).'
                           WHEN answers >= today THEN format('Answers count until %s: %s left, the figures will change.', to_char(answers, 'YYYY-MM-DD'), CASE WHEN answers = today THEN '1 day is' ELSE format('%s days are', answers - today + 1) END)
                           ELSE format('Answers counted until %s: the test is over.', to_char(answers, 'YYYY-MM-DD')) END;
    RETURN QUERY SELECT u.n::int, u.l FROM unnest(lines) WITH ORDINALITY u (l, n) ORDER BY u.n;
END
$$;
COMMENT ON FUNCTION test_report(text, timestamptz) IS 'what a colleague would say of the test of a campaign, in sentences: sizes against plan, who leads in responses and orders, each comparison with its limits, who is probably best and what that risks, how many people are missing, hold-out, days left. As of the last refresh_reports(). 22023 for an unknown campaign; test_comparison is the long form';
