-- gains: gains table, lift, AUC, KS; calibration, Brier, log loss, Hosmer and Lemeshow
SET search_path = public, dupex;
SET extra_float_digits = 0;
\set VERBOSITY terse

-- 100,000 names, 20,000 responders; cumulative 6000 10000 13000 15800 17000 18000 18800 19400 19800 20000: a published table of deciles
CREATE TABLE name AS SELECT decile, no <= (ARRAY[6000, 4000, 3000, 2800, 1200, 1000, 800, 600, 400, 200])[decile] AS responded FROM generate_series(1, 10) decile, generate_series(1, 10000) no;
SELECT gains_agg(-decile, responded) AS g FROM name \gset
SELECT :'g' AS g, :'g'::gains::text = :'g' AS same;
SELECT bin, people, responders, response_rate, cumulative_people, cumulative_responders, round(cumulative_lift::numeric, 6) AS cumulative_lift, round(lift::numeric, 6) AS lift, share_of_people, share_of_responders, round(ks::numeric, 6) AS ks FROM gains_table(:'g');
SELECT round(gains_ks(:'g')::numeric, 6) AS ks, gains_people(:'g'), gains_responders(:'g');
-- with decile as the only score, people of one score spread evenly over the bins; sizes are those of ntile
SELECT bin, score_from, score_to, people, round(responders::numeric, 4) AS responders, cumulative_people, round(cumulative_responders::numeric, 4) AS cumulative_responders FROM gains_table(:'g', 3);
SELECT array_agg(people ORDER BY bin) = (SELECT array_agg(n ORDER BY t) FROM (SELECT t, count(*) AS n FROM (SELECT ntile(7) OVER () AS t FROM name) x GROUP BY t) y) AS as_ntile FROM gains_table(:'g', 7);
SELECT bin, score_from, score_to, people, responders, lift, ks FROM gains_table('[[1, 1, 0], [3, 1, 1]]', 10);

-- AUC and KS against their definitions, with ties
CREATE TABLE scored AS SELECT i, ((hashint4(i) % 40) / 8.0 + CASE WHEN i % 3 = 0 THEN 0.5 ELSE 0 END)::float8 AS score, i % 3 = 0 AS responded FROM generate_series(1, 700) i;
SELECT round(gains_auc(gains_agg(score, responded))::numeric, 12) = (SELECT round(avg(CASE WHEN a.score > b.score THEN 1 WHEN a.score = b.score THEN 0.5 ELSE 0 END)::numeric, 12) FROM scored a JOIN scored b ON a.responded AND NOT b.responded) AS auc,
    round(gains_ks(gains_agg(score, responded))::numeric, 12) = (SELECT round(max(abs(d)), 12) FROM (SELECT avg((responded AND score >= t)::int) / avg(responded::int) - avg((NOT responded AND score >= t)::int) / avg((NOT responded)::int) AS d FROM scored, (SELECT DISTINCT score AS t FROM scored) x GROUP BY t) y) AS ks FROM scored;
-- a worked case: scores .1 .4 .35 .8 of outcomes 0 0 1 1 have AUC .75
SELECT gains_auc(gains_agg(score, o)) FROM (VALUES (0.1, false), (0.4, false), (0.35, true), (0.8, true)) v(score, o);
SELECT gains_auc('[[1, 3, 4]]') AS all_alike, gains_auc('[[1, 3, 0], [0, 0, 4]]') AS perfect, gains_auc('[[0, 3, 0], [1, 0, 4]]') AS reversed, gains_ks('[[0, 3, 0], [1, 0, 4]]') AS ks_reversed,
    gains_auc('[[1, 3, 0]]') IS NULL AND gains_ks('[[1, 0, 3]]') IS NULL AND gains_auc('[]') IS NULL AND gains_brier('[]') IS NULL AND gains_log_loss('[]') IS NULL AS undefined;
SELECT count(*) AS bins_of_nobody FROM gains_table('[]');
SELECT bin, people, responders, lift, share_of_responders, ks FROM gains_table('[[1, 0, 3]]', 1);
-- labels at random say nothing
SELECT abs(gains_auc(gains_agg(hashint4(i), hashint4(i + 1000000) % 2 = 0)) - 0.5) < 0.01 AS near_half FROM generate_series(1, 20000) i;
-- NULLs are nobody; both zeros are one score
SELECT gains_agg(score, o) FROM (VALUES (NULL::float8, true), (0, NULL), (0, true), ('-0', false), (1e-300, true), (-2.5, false)) v(score, o);
SELECT gains_agg(NULL, true) IS NULL AS nobody;
SELECT rollup(g)::text = (SELECT gains_agg(score, responded)::text FROM scored) AS rolled_up FROM (SELECT gains_agg(score, responded) AS g FROM scored GROUP BY i % 7) x;

-- the bins cover everybody once, whatever their number
SELECT count(*) AS tables, bool_and(people = 700 AND abs(responders - 233) < 1e-9 AND last_people = 700 AND abs(last_responders - 233) < 1e-9 AND monotone AND largest - smallest <= 1) AS as_it_should FROM (
    SELECT n, sum(people) AS people, sum(responders) AS responders, max(cumulative_people) AS last_people, max(cumulative_responders) AS last_responders, bool_and(score_from <= score_to AND responders >= -1e-9 AND responders <= people + 1e-9) AS monotone, max(people) AS largest, min(people) AS smallest
    FROM (SELECT gains_agg(score, responded) AS g FROM scored) s, generate_series(1, 1000, 13) n, gains_table(g, n) GROUP BY n) x;
-- and with more people than a double counts, too
SELECT count(*) AS tables, bool_and(rows = bins) AS all_bins FROM (SELECT bins, (SELECT count(*) FROM gains_table(g, bins)) AS rows
    FROM (SELECT ('[' || string_agg(format('[%s, %s, %s]', i, 800000000000000 + hashint4(i * s), 700000000000001 + hashint4(-i * s)), ',') || ']')::gains AS g FROM generate_series(1, 100) i, generate_series(1, 20) s GROUP BY s) y, unnest(ARRAY[1, 3, 7, 10, 13, 100]) bins) x;

-- calibration: bins keep equal scores together
SELECT bin, score_from, score_to, people, responders, expected_responders, round(response_rate::numeric, 4) AS response_rate, round(predicted_rate::numeric, 4) AS predicted_rate, round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper
FROM gains_calibration('[[0.125, 1, 9], [0.25, 2, 8], [0.5, 10, 10], [0.75, 9, 1]]', 3);
SELECT (c.lower, c.upper) = (i.lower, i.upper) AS wilson FROM gains_calibration('[[0.125, 1, 9], [0.5, 10, 10]]') c, rate_interval('10/20') i WHERE score_to = 0.5;
SELECT gains_brier(gains_agg(p, o)) AS brier, gains_log_loss(gains_agg(p, o)) AS log_loss, gains_calibration_error(gains_agg(p, o), 2) AS calibration_error FROM (VALUES (0.9, true), (0.8, true), (0.4, false), (0.3, true), (0.1, false)) v(p, o);
SELECT (0.01 + 0.04 + 0.16 + 0.49 + 0.01) / 5 AS brier, -(ln(0.9) + ln(0.8) + ln(0.6) + ln(0.3) + ln(0.9)) / 5 AS log_loss;
SELECT gains_brier('[[0, 0, 4], [1, 4, 0]]') AS brier, gains_log_loss('[[0, 0, 4], [1, 4, 0]]') AS log_loss, gains_log_loss('[[0, 1, 4]]') IS NULL AS was_impossible;
-- Hosmer and Lemeshow by hand: three bins of 10 with 1, 4, 9 responders where 2, 5, 8 were expected: 1/1.6 + 1/2.5 + 1/1.6 = 1.65, df 1
SELECT round(statistic::numeric, 12) AS statistic, df, round(p_value::numeric, 9) AS p_value FROM gains_hosmer_lemeshow('[[0.2, 1, 9], [0.5, 4, 6], [0.8, 9, 1]]', 3);
-- of other people than those of the fit: df 3, R: pchisq(1.65, 3, lower.tail = FALSE) is .648106533814; right scores are refused in 5 of 100 samples, with the df of the fit in more
SELECT round(statistic::numeric, 12) AS statistic, df, round(p_value::numeric, 9) AS p_value FROM gains_hosmer_lemeshow('[[0.2, 1, 9], [0.5, 4, 6], [0.8, 9, 1]]', 3, false);
SELECT fitted, count(*) AS samples, avg((p_value < 0.05)::int) BETWEEN 0.02 AND 0.08 AS one_in_twenty FROM (SELECT s, gains_agg(p, (hashint4(-i * 6151 - s * 31337)::bigint + 2147483648) / 4294967296.0 < p) AS g
    FROM generate_series(1, 200) i, generate_series(1, 400) s, LATERAL (SELECT (hashint4(i * 7919 + s * 104729)::bigint + 2147483648) / 4294967296.0 * 0.8 + 0.1 AS p) x GROUP BY s) y, unnest(ARRAY[true, false]) fitted, gains_hosmer_lemeshow(g, 5, fitted) GROUP BY fitted ORDER BY fitted;
SELECT * FROM gains_hosmer_lemeshow('[[0.2, 1, 9], [0.5, 4, 6]]');
SELECT * FROM gains_hosmer_lemeshow('[[0, 1, 9], [0.5, 4, 6], [0.8, 9, 1]]', 3);
-- scores that are right are not refused, scores that are wrong are: 20,000 people each
SELECT right_ones, (h).df, (h).p_value > 0.01 AS accepted, gains_calibration_error(g) < 0.02 AS small_error FROM (SELECT right_ones, gains_agg(CASE WHEN right_ones THEN p ELSE sqrt(p) END, u < p) AS g FROM unnest(ARRAY[true, false]) right_ones,
    LATERAL (SELECT (hashint4(i)::bigint + 2147483648) / 4294967296.0 AS p, (hashint4(-i)::bigint + 2147483648) / 4294967296.0 AS u FROM generate_series(1, 20000) i) x GROUP BY right_ones) y, LATERAL (SELECT gains_hosmer_lemeshow(g) AS h) z ORDER BY right_ones DESC;

-- the calibration line: of scores that are right, 0 and 1; of scores whose log-odds are twice too far out, slope 1/2; shifted by 1, intercept -1
SELECT how, abs(intercept - wanted_intercept) < 0.08 AS intercept, abs(slope - wanted_slope) < 0.05 AS slope, slope_standard_error < 0.03 AS error FROM (
    SELECT how, wanted_intercept, wanted_slope, gains_agg(1 / (1 + exp(-CASE how WHEN 'right' THEN l WHEN 'too far out' THEN 2 * l ELSE l + 1 END)), u < 1 / (1 + exp(-l))) AS g
    FROM (VALUES ('right', 0, 1), ('too far out', 0, 0.5), ('shifted', -1, 1)) h(how, wanted_intercept, wanted_slope),
        LATERAL (SELECT hashint4(i) % 30000 / 10000.0::float8 AS l, (hashint4(-i)::bigint + 2147483648) / 4294967296.0 AS u FROM generate_series(1, 20000) i) x GROUP BY how, wanted_intercept, wanted_slope) y, gains_calibration_line(g) ORDER BY how;
-- it is the regression that it says it is
SELECT abs(l.intercept - (m).coefficients[1]) < 1e-12 AS intercept, abs(l.slope - (m).coefficients[2]) < 1e-12 AS slope, abs(l.slope_standard_error - (m).standard_errors[2]) < 1e-12 AS error FROM gains_calibration_line('[[0.125, 1, 9], [0.25, 2, 8], [0.5, 10, 10], [0.75, 9, 1]]') l,
    (SELECT logistic_fit(logistic_agg(o, ARRAY[ln(p / (1 - p))], w)) AS m FROM (VALUES (0.125, true, 1), (0.125, false, 9), (0.25, true, 2), (0.25, false, 8), (0.5, true, 10), (0.5, false, 10), (0.75, true, 9), (0.75, false, 1)) v(p, o, w)) x;
SELECT count(slope) AS lines FROM unnest(ARRAY['[]', '[[0.5, 3, 4]]', '[[0, 1, 9], [0.5, 3, 3]]', '[[0.2, 0, 9], [0.5, 3, 0]]', '[[0.2, 2, 0], [0.5, 3, 0]]']::gains[]) g, gains_calibration_line(g);

-- errors
SELECT gains_agg(s, true) FROM unnest(ARRAY[1, 'NaN'::float8]) s;
SELECT gains_agg('infinity', true);
SELECT gains_table('[]', 0);
SELECT gains_table('[]', 1001);
SELECT gains_brier('[[1.5, 1, 1], [0.5, 1, 1]]');
SELECT gains_calibration('[[-0.5, 1, 1]]');
SELECT gains_hosmer_lemeshow('[]', 2);
\set VERBOSITY default
SELECT '[[0.5, 1]]'::gains;
\set VERBOSITY terse
CREATE FUNCTION pg_temp.refused(type text, literal text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('SELECT %L::%s', literal, type); RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$;
SELECT literal, pg_temp.refused('gains', literal) FROM unnest(ARRAY['', '[', '[[1, 2, 3]', '[[NaN, 1, 1]]', '[[1e999, 1, 1]]', '[[1, -1, 1]]', '[[1, 1, 0.5]]', '[[1, 1, 1], ]', '[[1, 1, 1]]]']) literal;
-- binary form: parts of people, and features where there are none or too many, are refused
CREATE FUNCTION pg_temp.receive(type text, image bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE file text := format('%s/score_wire_%s.bin', current_setting('data_directory'), pg_backend_pid());
    result text;
BEGIN
    -- a COPY BINARY file with one row of one column
    PERFORM lo_from_bytea(4711, '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(image)) || image || '\xffff');
    PERFORM lo_export(4711, file);
    PERFORM lo_unlink(4711);
    EXECUTE format('CREATE TEMP TABLE received (x %s) ON COMMIT DROP', type);
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    EXECUTE 'SELECT x::text FROM received' INTO result;
    DROP TABLE received;
    RETURN result;
EXCEPTION WHEN invalid_binary_representation THEN
    RETURN sqlstate;
END $$;
SELECT pg_temp.receive('gains', gains_send('[[1, 2, 3]]')) AS sent, pg_temp.receive('gains', substr(gains_send('[[1, 2, 3]]'), 1, 33) || '\x00000000000000010000000000000000') AS other, pg_temp.receive('gains', substr(gains_send('[[1, 2, 3]]'), 1, 41) || '\x0000000000000001') AS part,
    pg_temp.receive('gains', '\x010000000100000000') AS width, pg_temp.receive('points', '\x010000000100000000') AS width_of_points, pg_temp.receive('logistic_data', '\x01000003e800000000') AS most, pg_temp.receive('logistic_data', '\x01000003e900000000') AS too_many;
DROP TABLE name, scored;
