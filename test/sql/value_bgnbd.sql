-- BG/NBD and MBG/NBD: fits and predictions against published and independently computed numbers.
SET search_path = public, dupex;
SET extra_float_digits = 0;

CREATE FUNCTION pg_temp.bg(r float8, alpha float8, a float8, b float8) RETURNS bgnbd_model LANGUAGE sql AS
    $$ SELECT ROW(r, alpha, a, b, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgnbd_model $$;
CREATE FUNCTION pg_temp.mbg(r float8, alpha float8, a float8, b float8) RETURNS mbgnbd_model LANGUAGE sql AS
    $$ SELECT ROW(r, alpha, a, b, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::mbgnbd_model $$;
-- relative error
CREATE FUNCTION pg_temp.off(got float8, wanted float8) RETURNS float8 LANGUAGE sql AS
    $$ SELECT CASE WHEN got = wanted THEN 0 WHEN wanted = 0 THEN 1 ELSE abs(got / wanted - 1) END $$;

-- 4,000 simulated customers with the fits of another implementation, given to nine digits:
-- parameters to 1e-6, log-likelihood to 1e-5
CREATE TEMP TABLE mini AS SELECT purchase_counts
'{0 0 26 1275, 0 0 39 1220, 1 2.6 26 68, 1 2.6 39 58, 1 5.2 26 51, 1 5.2 39 42, 1 7.8 26 44, 1 7.8 39 34, 1 10.4 26 30, 1 10.4 39 22,
1 13 26 29, 1 13 39 29, 1 15.6 26 25, 1 15.6 39 22, 1 18.2 26 16, 1 18.2 39 11, 1 20.8 26 20, 1 20.8 39 10, 1 23.4 26 16, 1 23.4 39 14,
1 26 26 24, 1 26 39 8, 1 28.6 39 15, 1 31.2 39 10, 1 33.8 39 7, 1 36.4 39 7, 1 39 39 10, 2 2.6 26 9, 2 2.6 39 4, 2 5.2 26 20, 2 5.2 39 7,
2 7.8 26 16, 2 7.8 39 12, 2 10.4 26 20, 2 10.4 39 14, 2 13 26 16, 2 13 39 12, 2 15.6 26 18, 2 15.6 39 11, 2 18.2 26 18, 2 18.2 39 14,
2 20.8 26 15, 2 20.8 39 8, 2 23.4 26 21, 2 23.4 39 10, 2 26 26 25, 2 26 39 11, 2 28.6 39 8, 2 31.2 39 10, 2 33.8 39 7, 2 36.4 39 14,
2 39 39 14, 3 2.6 26 2, 3 2.6 39 3, 3 5.2 26 1, 3 5.2 39 1, 3 7.8 26 6, 3 7.8 39 2, 3 10.4 26 8, 3 10.4 39 5, 3 13 26 7, 3 13 39 2,
3 15.6 26 6, 3 15.6 39 2, 3 18.2 26 11, 3 18.2 39 4, 3 20.8 26 11, 3 20.8 39 8, 3 23.4 26 19, 3 23.4 39 7, 3 26 26 14, 3 26 39 10,
3 28.6 39 4, 3 31.2 39 7, 3 33.8 39 14, 3 36.4 39 24, 3 39 39 9, 4 7.8 26 4, 4 7.8 39 1, 4 10.4 26 6, 4 10.4 39 4, 4 13 26 4, 4 13 39 2,
4 15.6 26 6, 4 15.6 39 3, 4 18.2 26 1, 4 18.2 39 1, 4 20.8 26 11, 4 20.8 39 3, 4 23.4 26 15, 4 23.4 39 5, 4 26 26 20, 4 26 39 4, 4 28.6 39 6,
4 31.2 39 9, 4 33.8 39 2, 4 36.4 39 7, 4 39 39 11, 5 5.2 26 1, 5 13 26 1, 5 13 39 3, 5 15.6 26 1, 5 18.2 26 1, 5 18.2 39 3, 5 20.8 26 8,
5 20.8 39 1, 5 23.4 26 5, 5 23.4 39 2, 5 26 26 9, 5 26 39 3, 5 28.6 39 4, 5 31.2 39 7, 5 33.8 39 5, 5 36.4 39 5, 5 39 39 8, 6 10.4 39 1,
6 13 39 1, 6 15.6 26 1, 6 15.6 39 1, 6 18.2 39 1, 6 20.8 26 1, 6 20.8 39 1, 6 23.4 26 5, 6 26 26 6, 6 26 39 1, 6 28.6 39 3, 6 33.8 39 7,
6 36.4 39 2, 6 39 39 7, 7 18.2 26 1, 7 18.2 39 2, 7 20.8 39 1, 7 23.4 26 4, 7 23.4 39 1, 7 26 26 6, 7 26 39 1, 7 28.6 39 1, 7 31.2 39 2,
7 33.8 39 5, 7 36.4 39 9, 7 39 39 6, 8 18.2 26 2, 8 18.2 39 1, 8 20.8 26 1, 8 23.4 26 1, 8 26 26 4, 8 26 39 1, 8 28.6 39 1, 8 33.8 39 2,
8 36.4 39 4, 8 39 39 3, 9 18.2 26 1, 9 20.8 26 1, 9 23.4 26 2, 9 26 26 4, 9 31.2 39 3, 9 33.8 39 5, 9 36.4 39 6, 9 39 39 8, 10 20.8 26 2,
10 23.4 26 1, 10 26 26 4, 10 28.6 39 1, 10 33.8 39 1, 10 36.4 39 3, 10 39 39 5, 11 10.4 26 1, 11 15.6 39 1, 11 26 26 3, 11 39 39 2,
12 23.4 26 1, 12 26 26 1, 12 36.4 39 1, 12 39 39 1, 13 31.2 39 1, 13 36.4 39 1, 13 39 39 1, 14 26 26 1, 14 39 39 2, 15 26 26 1, 17 36.4 39 2,
17 39 39 1, 18 26 26 1, 19 39 39 1, 22 39 39 1, 23 39 39 1, 25 39 39 1}' AS counts;
SELECT purchase_counts_customers(counts), (SELECT count(*) FROM purchase_counts_rows(counts)) AS distinct_rows FROM mini;
SELECT status, customers, unit, iterations BETWEEN 5 AND 100 AS few_iterations, gradient_norm < 1e-8 AS is_flat,
    pg_temp.off(r, 0.268093439) < 1e-6 AND pg_temp.off(alpha, 6.41919027) < 1e-6 AND pg_temp.off(a, 0.49247303) < 1e-6 AND pg_temp.off(b, 3.08333519) < 1e-6 AS same_parameters,
    abs(log_likelihood + 16358.12084) < 1e-5 AS same_likelihood, aic = 8 - 2 * log_likelihood AS aic, pg_temp.off(bic, 4 * ln(4000) - 2 * log_likelihood) < 1e-15 AS bic
    FROM mini, bgnbd_fit(counts);
SELECT status, customers, unit, iterations BETWEEN 5 AND 100 AS few_iterations, gradient_norm < 1e-8 AS is_flat,
    pg_temp.off(r, 1.11837138) < 1e-6 AND pg_temp.off(alpha, 12.6921062) < 1e-6 AND pg_temp.off(a, 0.366247819) < 1e-6 AND pg_temp.off(b, 0.366004027) < 1e-6 AS same_parameters,
    abs(log_likelihood + 16335.02676) < 1e-5 AS same_likelihood, aic = 8 - 2 * log_likelihood AS aic, pg_temp.off(bic, 4 * ln(4000) - 2 * log_likelihood) < 1e-15 AS bic
    FROM mini, mbgnbd_fit(counts, 'days');
-- the maximum and the roots of the inverse matrix of second derivatives there, by Newton's method on the
-- textbook formula in 50 digits, by mpmath 1.3; differences of gradients give the latter to 1e-8
SELECT model, max(pg_temp.off(parameter, wanted)) < 1e-7 AS parameters, max(pg_temp.off(error, wanted_error)) < 1e-6 AS standard_errors FROM (
    SELECT 'BG/NBD' AS model, ARRAY[r, alpha, a, b] AS parameters, standard_errors, ARRAY[0.268093439136266, 6.41919027265942, 0.492473029629997, 3.08333518803277] AS wanted_parameters,
        ARRAY[0.0112905624175, 0.407779545954, 0.137726193792, 1.07715107204] AS wanted_errors FROM mini, bgnbd_fit(counts)
    UNION ALL SELECT 'MBG/NBD', ARRAY[r, alpha, a, b], standard_errors, ARRAY[1.11837138182632, 12.6921061978844, 0.366247818541169, 0.366004026651896],
        ARRAY[0.165537968266, 1.39600410421, 0.0353211031711, 0.0439315859826] FROM mini, mbgnbd_fit(counts)) m,
    unnest(parameters, standard_errors, wanted_parameters, wanted_errors) u(parameter, error, wanted, wanted_error) GROUP BY model ORDER BY model;
-- a step in any direction leads down
SELECT bool_and(bgnbd_log_likelihood(pg_temp.bg(f.r * dr, f.alpha * dalpha, f.a * da, f.b * db), counts) < f.log_likelihood) AS is_maximum, count(*)
    FROM mini, bgnbd_fit(counts) f, unnest(ARRAY[0.999, 1, 1.001]) dr, unnest(ARRAY[0.999, 1, 1.001]) dalpha, unnest(ARRAY[0.999, 1, 1.001]) da, unnest(ARRAY[0.999, 1, 1.001]) db
    WHERE (dr, dalpha, da, db) <> (1, 1, 1, 1);

-- log-likelihood: the sum of the textbook formula (gamma and beta functions, powers) in 60 digits,
-- by mpmath 1.3
SELECT dropout_at_first, r, alpha, a, b, CASE dropout_at_first WHEN 0 THEN pg_temp.off(bgnbd_log_likelihood(pg_temp.bg(r, alpha, a, b), counts), wanted) ELSE pg_temp.off(mbgnbd_log_likelihood(pg_temp.mbg(r, alpha, a, b), counts), wanted) END < 1e-12 AS same
    FROM (VALUES (purchase_counts '{0 0 0 3, 0 0 39 1220, 1 2.6 39 58, 2 39 39 14, 17 36.4 39 2, 65 38 39 1, 400 20 39 0.5, 1000 39 39 1}')) c(counts), (VALUES
    (0, 0.25, 4.5, 0.8, 2.5, 1271.63357178996271),
    (1, 0.5, 6, 0.9, 1.5, 1297.48820093463310),
    (0, 1e6, 1e8, 0.001, 1, -6883.26537892148239),
    (1, 2, 30, 50, 2000, -584.004589367249330)) v(dropout_at_first, r, alpha, a, b, wanted);

-- predictions: the textbook formulas (2F1, powers, gamma, beta and incomplete beta functions) in 60
-- digits by mpmath 1.3; at a = 1 and a + b = 1 the limit, a 1e-24 away. First 0 for BG/NBD, 1 for
-- MBG/NBD; then r, alpha, a, b; frequency, recency, age; horizon; P(alive) now and at the horizon,
-- expected orders, P(none), P(1), P(3). The first eight are ordinary, the others hard
CREATE TEMP TABLE wanted (no serial, dropout_at_first int, r float8, alpha float8, a float8, b float8, frequency float8, recency float8, age float8, horizon float8,
    alive float8, alive_ahead float8, expected float8, none float8, one float8, three float8);
INSERT INTO wanted (dropout_at_first, r, alpha, a, b, frequency, recency, age, horizon, alive, alive_ahead, expected, none, one, three) VALUES
    (0, 0.25, 4.5, 0.8, 2.5, 0, 0, 38, 39, 1.00000000000000000, 0.954341808402846213, 0.204210974251815286, 0.849782592214220688, 0.113432331931044583, 0.00740258676540106710),
    (0, 0.25, 4.5, 0.8, 2.5, 2, 30, 39, 39, 0.721989735865053774, 0.564413933886767375, 1.21732776255795069, 0.449055297224880974, 0.237630092223089401, 0.0803957008472271715),
    (0, 0.25, 4.5, 0.8, 2.5, 7, 12.5, 39, 52, 0.0115607625923153630, 0.00713575884651993750, 0.0753447117859606413, 0.988477874919573141, 0.00103560270926985187, 0.00107554023698571213),
    (0, 0.25, 4.5, 0.8, 2.5, 29, 38, 39, 26, 0.950762418108850748, 0.672812175108968158, 13.8058336036189653, 0.0492386431644492701, 0.0235595941991284642, 0.0213427370663858736),
    (1, 0.5, 6, 0.9, 1.5, 0, 0, 38, 39, 0.380980293248287843, 0.345616756125327475, 0.145921284192067084, 0.896409070111259885, 0.0753400918726677476, 0.00588978883171986861),
    (1, 0.5, 6, 0.9, 1.5, 2, 30, 39, 39, 0.690031080042998169, 0.515946396644718971, 1.21783721376301734, 0.454913413710743543, 0.231047051494536960, 0.0808009585212136606),
    (1, 0.5, 6, 0.9, 1.5, 7, 12.5, 39, 52, 0.0118763184388614042, 0.00692676282428933172, 0.0750591145285554920, 0.988161091558718628, 0.00116191588814223114, 0.00114676369628195999),
    (1, 0.5, 6, 0.9, 1.5, 29, 38, 39, 26, 0.945840366714579188, 0.646747726594428386, 13.1577450202403028, 0.0541609930562311766, 0.0262875870658888184, 0.0236983206690644439),
    (0, 0.25, 4.5, 0.8, 2.5, 1000, 38.5, 39, 39, 0.0117589162152159479, 0.00705497379116931578, 8.03458361041612902, 0.988241083784784052, 9.37619154009046029e-6, 9.34262857815142906e-6),
    (1, 0.25, 4.5, 0.8, 2.5, 1000, 38.99, 39, 39, 0.998996669769516411, 0.599591590396449494, 682.735071399365610, 0.00100333023048358858, 0.000795775501160622497, 0.000792929777292197479),
    (0, 0.25, 4.5, 0.8, 2.5, 0, 0, 0, 39, 1.00000000000000000, 0.792997199008245842, 1.21823073418260872, 0.567127640352097854, 0.201237856839633440, 0.0469047128017196142),
    (1, 0.5, 6, 0.9, 1.5, 0, 0, 0, 1000, 0.624999999999999994, 0.135869158751340935, 5.11827936407422246, 0.423267705267283882, 0.170304072984184899, 0.0593602248550278529),
    (0, 0.25, 4.5, 1, 2.5, 2, 30, 39, 39, 0.675070597111853241, 0.501858357456463892, 1.09814524729373349, 0.484858923884302349, 0.232840349053227537, 0.0722939746732748073),
    (1, 0.25, 4.5, 1.000000000001, 2.5, 2, 30, 39, 39, 0.727608699384377534, 0.563000133105586651, 1.21845401740698710, 0.444767510249143847, 0.240558971708810913, 0.0809650813060940334),
    (0, 0.25, 4.5, 0.999999, 2.5, 5, 39, 39, 390, 0.866666782222237633, 0.140284352512094958, 12.7600369603380081, 0.133338180591384821, 0.101980806684606949, 0.0652581227469195391),
    (0, 0.25, 4.5, 0.25, 0.75, 0, 0, 39, 39, 1.00000000000000000, 0.957283800503918357, 0.201427410690153081, 0.852135830993155012, 0.112496263635195441, 0.00729776048237915226),
    (0, 0.25, 4.5, 0.25, 0.75, 0, 0, 0, 39, 1.00000000000000000, 0.828540060682456346, 1.40706869839893059, 0.567127640352097854, 0.203554201867716124, 0.0416375290104544918),
    (0, 0.03, 0.1, 30, 0.03, 0, 0, 0, 1000, 1.00000000000000000, 0.758598438174136979, 0.241650475005540568, 0.758575299413650996, 0.241206249320512553, 6.44436024861117388e-6),
    (1, 16, 300, 0.03, 100, 2000, 999, 1000, 1000, 0.999932605822495993, 0.983486754372675502, 1536.70314314780300, 0.0000673941775040073045, 0.0000142777486160001898, 0.0000142637631035419862),
    (0, 0.03, 0.1, 0.03, 100, 1, 0.001, 1000, 1000, 0.203465067551860902, 0.203403469217236983, 0.209485545618590973, 0.896178972104311746, 0.0513297061988851737, 0.0131459562604908764),
    (1, 16, 0.1, 30, 100, 10, 5, 10, 1000, 7.05895250748650978e-8, 1.68733108660907238e-37, 3.40777017602797024e-7, 0.999999929410474925, 1.50190478882691697e-8, 9.19515430645928879e-9),
    (0, 0.06, 0.5, 1.5, 30, 200, 300, 500, 5, 7.21987289010133242e-43, 7.12737582433357581e-43, 1.43364240176174728e-42, 1.00000000000000000, 1.98323494118159851e-43, 1.28531088838052246e-43),
    (1, 1e-6, 1e4, 1e-7, 1, 0, 0, 52, 52, 0.999999900000009481, 0.999999900000009223, 5.17309936264257572e-9, 0.999999994840235162, 5.14647610237590936e-9, 4.54369669413292237e-14),
    (0, 1e8, 1e9, 2, 3, 4, 30, 39, 39, 0.549490490834268938, 0.259205676245574711, 1.48011019763189517, 0.461632247824015434, 0.153376250909378258, 0.102411319159755019);
CREATE TEMP TABLE got AS
SELECT w.no, g.* FROM wanted w, pg_temp.bg(r, alpha, a, b) m, LATERAL (SELECT bgnbd_alive(m, frequency, recency, age) AS alive, bgnbd_alive(m, frequency, recency, age, horizon) AS alive_ahead,
    bgnbd_expected(m, frequency, recency, age, horizon) AS expected, bgnbd_none(m, frequency, recency, age, horizon) AS none,
    bgnbd_exactly(m, 1, frequency, recency, age, horizon) AS one, bgnbd_exactly(m, 3, frequency, recency, age, horizon) AS three) g WHERE dropout_at_first = 0
UNION ALL
SELECT w.no, g.* FROM wanted w, pg_temp.mbg(r, alpha, a, b) m, LATERAL (SELECT mbgnbd_alive(m, frequency, recency, age), mbgnbd_alive(m, frequency, recency, age, horizon),
    mbgnbd_expected(m, frequency, recency, age, horizon), mbgnbd_none(m, frequency, recency, age, horizon),
    mbgnbd_exactly(m, 1, frequency, recency, age, horizon), mbgnbd_exactly(m, 3, frequency, recency, age, horizon)) g WHERE dropout_at_first = 1;
SELECT no <= 8 AS ordinary, count(*), max(pg_temp.off(g.alive, w.alive)) < tolerance AS alive, max(pg_temp.off(g.alive_ahead, w.alive_ahead)) < tolerance AS alive_ahead, max(pg_temp.off(g.expected, w.expected)) < tolerance AS expected,
    max(pg_temp.off(g.none, w.none)) < tolerance AS none, max(pg_temp.off(g.one, w.one)) < tolerance AS one, max(pg_temp.off(g.three, w.three)) < tolerance AS three
    FROM wanted w JOIN got g USING (no), LATERAL (SELECT CASE WHEN no <= 8 THEN 1e-12 ELSE 1e-9 END AS tolerance) t GROUP BY no <= 8, tolerance ORDER BY 1 DESC;
SELECT g.* FROM wanted w JOIN got g USING (no) WHERE pg_temp.off(g.alive, w.alive) > 1e-12 OR pg_temp.off(g.alive_ahead, w.alive_ahead) > 1e-12 OR pg_temp.off(g.expected, w.expected) > 1e-12
    OR pg_temp.off(g.none, w.none) > 1e-12 OR pg_temp.off(g.one, w.one) > 1e-12 OR pg_temp.off(g.three, w.three) > 1e-12;
-- new customers: expected orders, P(none), P(2)
SELECT dropout_at_first, v.r, v.alpha, v.a, v.b, horizon, bool_and(pg_temp.off(g, w) < 1e-12) AS same FROM (VALUES
    (0, 0.25, 4.5, 0.8, 2.5, 1, 0.0538043125326738906, 0.951069941557029163, 0.00383256077726814069),
    (0, 0.25, 4.5, 0.8, 2.5, 52, 1.47294183679350190, 0.531240303925708547, 0.0921968019842542092),
    (1, 0.5, 6, 0.9, 1.5, 1, 0.0504559226001676743, 0.953637562357844664, 0.00334680569677817976),
    (1, 0.5, 6, 0.9, 1.5, 52, 1.32127024270379390, 0.576021100282086535, 0.0856543213722638126),
    (0, 0.25, 4.5, 1, 2.5, 52, 1.32125542120451663, 0.531240303925708547, 0.0940657985418487720),
    (0, 0.25, 4.5, 0.4, 0.6, 52, 1.33337799182604445, 0.531240303925708547, 0.0753323799900698773),
    (1, 0.25, 4.5, 0.4, 0.6, 5200, 22.8591326366429128, 0.502886791866107408, 0.0614109362002326908),
    (0, 3, 0.01, 0.01, 0.02, 10, 1852.26498024774189, 9.97005990014979090e-10, 0.00647249582501050300)) v(dropout_at_first, r, alpha, a, b, horizon, expected, none, two),
    LATERAL (SELECT pg_temp.bg(v.r, v.alpha, v.a, v.b) AS m, pg_temp.mbg(v.r, v.alpha, v.a, v.b) AS n) p, LATERAL unnest(
    CASE dropout_at_first WHEN 0 THEN ARRAY[bgnbd_new_customer(m, horizon), bgnbd_new_customer_exactly(m, 0, horizon), bgnbd_new_customer_exactly(m, 2, horizon)]
        ELSE ARRAY[mbgnbd_new_customer(n, horizon), mbgnbd_new_customer_exactly(n, 0, horizon), mbgnbd_new_customer_exactly(n, 2, horizon)] END,
    ARRAY[expected, none, two]) u(g, w) GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6;

-- identities over a grid: probabilities of 0, 1, 2, ... orders add up to 1, their mean is the expected
-- number; none is exactly 0; nothing is NaN or beyond its range; waiting longer only lowers alive
WITH grid AS (SELECT x, tx, age, h FROM unnest(ARRAY[0, 1, 2, 5, 30]) x, unnest(ARRAY[0.1, 7, 38.9, 39]) tx, unnest(ARRAY[39.0, 52]) age, unnest(ARRAY[0, 0.01, 4, 52]) h
    WHERE (x = 0) = (tx = 0.1)), customer AS (SELECT x, CASE WHEN x = 0 THEN 0 ELSE tx END AS tx, age, h FROM grid)
SELECT count(*), max(abs(total - 1)) < 1e-9 AS add_up, max(abs(mean - expected)) < 1e-7 * max(expected) AS mean_is_expected, bool_and(none = zero) AS none_is_zero, bool_and(alive BETWEEN 0 AND 1 AND ahead <= alive AND none BETWEEN 0 AND 1) AS in_range
FROM customer, pg_temp.bg(0.25, 4.5, 0.8, 2.5) m, LATERAL (SELECT sum(p) AS total, sum(p * n) AS mean, max(p) FILTER (WHERE n = 0) AS zero FROM (SELECT n, bgnbd_exactly(m, n, x, tx, age, h) AS p FROM generate_series(0, 400) n) s) s,
    LATERAL (SELECT bgnbd_expected(m, x, tx, age, h) AS expected, bgnbd_none(m, x, tx, age, h) AS none, bgnbd_alive(m, x, tx, age) AS alive, bgnbd_alive(m, x, tx, age, h) AS ahead) p;
-- at horizon 0 nothing happens; one who has just bought the first time is alive in BG/NBD
SELECT bgnbd_expected(m, 3, 20, 39, 0), bgnbd_none(m, 3, 20, 39, 0), bgnbd_exactly(m, 2, 3, 20, 39, 0), bgnbd_alive(m, 0, 0, 100), bgnbd_new_customer(m, 0), bgnbd_new_customer_exactly(m, 0, 0) FROM pg_temp.bg(0.25, 4.5, 0.8, 2.5) m;
-- the values that are kept between rows do not mix up customers, horizons or models
SELECT count(*) AS rows, count(DISTINCT v) AS different, bool_and(v = bgnbd_expected(pg_temp.bg(r, 4.5, 0.8, 2.5), x, tx, age, h)) AS same_alone FROM (
    SELECT *, bgnbd_expected(pg_temp.bg(r, 4.5, 0.8, 2.5), x, tx, age, h) AS v FROM unnest(ARRAY[0.25, 0.26]) r, unnest(ARRAY[1, 2]) x, unnest(ARRAY[10, 11]) tx, unnest(ARRAY[20, 30]) age, unnest(ARRAY[4, 5]) h ORDER BY h, tx, r, age, x) s;
