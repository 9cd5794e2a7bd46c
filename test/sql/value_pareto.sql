-- Pareto/NBD and NBD: published fits, independent values, identities, degenerate data, errors.
SET search_path = public, dupex;
SET extra_float_digits = 0;
\set VERBOSITY terse

-- 4,000 simulated customers (our own), fitted by another program to nine digits: parameters, log-likelihood,
-- and the sum of the orders that all of them are expected to make in the next 10 weeks
CREATE TEMP TABLE mini AS SELECT $${0 0 26 1275, 0 0 39 1220, 1 2.6 26 68, 1 2.6 39 58, 1 5.2 26 51, 1 5.2 39 42, 1 7.8 26 44, 1 7.8 39 34, 1 10.4 26 30, 1 10.4 39 22, 1 13 26 29,
1 13 39 29, 1 15.6 26 25, 1 15.6 39 22, 1 18.2 26 16, 1 18.2 39 11, 1 20.8 26 20, 1 20.8 39 10, 1 23.4 26 16, 1 23.4 39 14, 1 26 26 24, 1 26 39 8,
1 28.6 39 15, 1 31.2 39 10, 1 33.8 39 7, 1 36.4 39 7, 1 39 39 10, 2 2.6 26 9, 2 2.6 39 4, 2 5.2 26 20, 2 5.2 39 7, 2 7.8 26 16, 2 7.8 39 12,
2 10.4 26 20, 2 10.4 39 14, 2 13 26 16, 2 13 39 12, 2 15.6 26 18, 2 15.6 39 11, 2 18.2 26 18, 2 18.2 39 14, 2 20.8 26 15, 2 20.8 39 8, 2 23.4 26 21,
2 23.4 39 10, 2 26 26 25, 2 26 39 11, 2 28.6 39 8, 2 31.2 39 10, 2 33.8 39 7, 2 36.4 39 14, 2 39 39 14, 3 2.6 26 2, 3 2.6 39 3, 3 5.2 26 1, 3 5.2 39 1,
3 7.8 26 6, 3 7.8 39 2, 3 10.4 26 8, 3 10.4 39 5, 3 13 26 7, 3 13 39 2, 3 15.6 26 6, 3 15.6 39 2, 3 18.2 26 11, 3 18.2 39 4, 3 20.8 26 11, 3 20.8 39 8,
3 23.4 26 19, 3 23.4 39 7, 3 26 26 14, 3 26 39 10, 3 28.6 39 4, 3 31.2 39 7, 3 33.8 39 14, 3 36.4 39 24, 3 39 39 9, 4 7.8 26 4, 4 7.8 39 1,
4 10.4 26 6, 4 10.4 39 4, 4 13 26 4, 4 13 39 2, 4 15.6 26 6, 4 15.6 39 3, 4 18.2 26 1, 4 18.2 39 1, 4 20.8 26 11, 4 20.8 39 3, 4 23.4 26 15,
4 23.4 39 5, 4 26 26 20, 4 26 39 4, 4 28.6 39 6, 4 31.2 39 9, 4 33.8 39 2, 4 36.4 39 7, 4 39 39 11, 5 5.2 26 1, 5 13 26 1, 5 13 39 3, 5 15.6 26 1,
5 18.2 26 1, 5 18.2 39 3, 5 20.8 26 8, 5 20.8 39 1, 5 23.4 26 5, 5 23.4 39 2, 5 26 26 9, 5 26 39 3, 5 28.6 39 4, 5 31.2 39 7, 5 33.8 39 5, 5 36.4 39 5,
5 39 39 8, 6 10.4 39 1, 6 13 39 1, 6 15.6 26 1, 6 15.6 39 1, 6 18.2 39 1, 6 20.8 26 1, 6 20.8 39 1, 6 23.4 26 5, 6 26 26 6, 6 26 39 1, 6 28.6 39 3,
6 33.8 39 7, 6 36.4 39 2, 6 39 39 7, 7 18.2 26 1, 7 18.2 39 2, 7 20.8 39 1, 7 23.4 26 4, 7 23.4 39 1, 7 26 26 6, 7 26 39 1, 7 28.6 39 1, 7 31.2 39 2,
7 33.8 39 5, 7 36.4 39 9, 7 39 39 6, 8 18.2 26 2, 8 18.2 39 1, 8 20.8 26 1, 8 23.4 26 1, 8 26 26 4, 8 26 39 1, 8 28.6 39 1, 8 33.8 39 2, 8 36.4 39 4,
8 39 39 3, 9 18.2 26 1, 9 20.8 26 1, 9 23.4 26 2, 9 26 26 4, 9 31.2 39 3, 9 33.8 39 5, 9 36.4 39 6, 9 39 39 8, 10 20.8 26 2, 10 23.4 26 1, 10 26 26 4,
10 28.6 39 1, 10 33.8 39 1, 10 36.4 39 3, 10 39 39 5, 11 10.4 26 1, 11 15.6 39 1, 11 26 26 3, 11 39 39 2, 12 23.4 26 1, 12 26 26 1, 12 36.4 39 1,
12 39 39 1, 13 31.2 39 1, 13 36.4 39 1, 13 39 39 1, 14 26 26 1, 14 39 39 2, 15 26 26 1, 17 36.4 39 2, 17 39 39 1, 18 26 26 1, 19 39 39 1, 22 39 39 1,
23 39 39 1, 25 39 39 1}$$::purchase_counts AS counts;
CREATE TEMP TABLE fit AS SELECT pareto_nbd_fit(counts) AS pareto, nbd_fit(counts) AS nbd, counts FROM mini;
SELECT name, abs(got / wanted - 1) < 2e-9 AS right FROM fit, (SELECT (pareto).*, (nbd).r AS nbd_r, (nbd).alpha AS nbd_alpha, (nbd).log_likelihood AS nbd_log_likelihood FROM fit) f,
    LATERAL (VALUES ('r', r, 0.433561314), ('alpha', alpha, 10.0867745), ('s', s, 0.770166165), ('beta', beta, 32.2153331), ('log-likelihood', log_likelihood, -16334.37895),
        ('expected', (SELECT sum(weight * pareto_nbd_expected(pareto, frequency, recency, age, 10)) FROM purchase_counts_rows(counts)), 972.177802),
        ('NBD r', nbd_r, 0.335844695), ('NBD alpha', nbd_alpha, 10.3672132), ('NBD log-likelihood', nbd_log_likelihood, -16445.10853)) v(name, got, wanted);
SELECT (pareto).customers, (pareto).status, (pareto).iterations < 60 AS soon, (pareto).gradient_norm < 1e-9 AS top, (pareto).unit,
    abs((pareto).aic - (8 - 2 * (pareto).log_likelihood)) < 1e-9 AS aic, abs((pareto).bic - (4 * ln(4000) - 2 * (pareto).log_likelihood)) < 1e-9 AS bic FROM fit;
SELECT (nbd).customers, (nbd).status, (nbd).unit FROM fit;
-- the likelihood of the fit is that of its parameters, and no neighbour has a larger one
CREATE FUNCTION pg_temp.pareto(r float8, alpha float8, s float8, beta float8) RETURNS pareto_nbd_model LANGUAGE sql IMMUTABLE
RETURN ROW(r, alpha, s, beta, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::pareto_nbd_model;
CREATE FUNCTION pg_temp.nbd(r float8, alpha float8) RETURNS nbd_model LANGUAGE sql IMMUTABLE
RETURN ROW(r, alpha, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::nbd_model;
SELECT pareto_nbd_log_likelihood(pareto, counts) = (pareto).log_likelihood AS same, nbd_log_likelihood(nbd, counts) = (nbd).log_likelihood AS same_nbd FROM fit;
SELECT count(*) AS neighbours, count(*) FILTER (WHERE pareto_nbd_log_likelihood(pg_temp.pareto(r * exp(a), alpha * exp(b), s * exp(c), beta * exp(d)), counts) < log_likelihood) AS lower
FROM fit, LATERAL (SELECT (pareto).*) p, unnest(ARRAY[-0.01, 0, 0.01]) a, unnest(ARRAY[-0.01, 0, 0.01]) b, unnest(ARRAY[-0.01, 0, 0.01]) c, unnest(ARRAY[-0.01, 0, 0.01]) d
WHERE (a, b, c, d) <> (0, 0, 0, 0);
-- standard errors: where the likelihood in one parameter, the others at their best for it, falls by two, the parameter is about two
-- standard errors off; so along r, without the others, it falls by no less
SELECT every(pareto_nbd_log_likelihood(pg_temp.pareto(r + direction * 2 * standard_errors[1], alpha, s, beta), counts) < log_likelihood - 1.8) AS r
FROM fit, LATERAL (SELECT (pareto).*) p, unnest(ARRAY[-1, 1]) direction;

-- values of an independent computation with 120 digits: test/check/value_oracle.py. Relative error at most 1e-12 for ordinary
-- customers and models, 1e-9 for hard ones
CREATE TEMP TABLE point (kind text, r float8, alpha float8, s float8, beta float8, x float8, t_x float8, age float8, horizon float8, orders int, rate float8,
    log_likelihood float8, alive float8, later float8, expected float8, none float8, exactly float8, residual float8);
INSERT INTO point VALUES
    ('ordinary', 0.553277, 10.5776835, 0.60624, 11.6687353, 2, 30.428571428571427, 38.857142857142854, 39.0, 1, 0.0027, '-9.5541736117335042833', '0.86913426204820108866', '0.61443480184216289302', '1.455201666552728866', '0.40807365744864149405', '0.21926516301364105887', '6.4824023471621429561'),
    ('ordinary', 0.553277, 10.5776835, 0.60624, 11.6687353, 0, 0.0, 38.857142857142854, 39.0, 1, 0.0027, '-0.52119296068179583308', '0.29511257556906039874', '0.20862994914455432846', '0.10707022440972156839', '0.93072775921533776305', '0.04588571594822595123', '0.47695951013371584341'),
    ('ordinary', 0.553277, 10.5776835, 0.60624, 11.6687353, 0, 0.0, 0.0, 52.0, 2, 0.0027, '0', '1.0', '0.35748701189505959388', '1.4734341437521889027', '0.57378437417788009716', '0.08169437253557296513', '3.9547053276955487904'),
    ('ordinary', 0.553277, 10.5776835, 0.60624, 11.6687353, 26, 30.857142857142858, 31.0, 10.0, 7, 0.0027, '-39.130760558373662889', '0.99787340467771667115', '0.87829208949033566806', '5.9694934099425250939', '0.026672081117935144235', '0.11880422288985483908', '86.024365860596971281'),
    ('ordinary', 0.4, 10.0, 0.8, 32.0, 5, 20.8, 26.0, 10.0, 3, 0.01, '-15.789076835825012587', '0.89080755170749776761', '0.78436671293977847512', '1.2525738606525496237', '0.37722721618254248961', '0.095895570398276637491', '7.4091535517962568343'),
    ('ordinary', 1.7, 55.0, 0.35, 3.0, 4, 11.0, 60.0, 5.0, 1, 0.001, '-14.860883546925943766', '0.12763627385452865462', '0.12426968286034482941', '0.031207266026868440203', '0.97285789374470899583', '0.023496531690202340488', '2.9082649386605503133'),
    ('many orders', 0.553277, 10.5776835, 0.60624, 11.6687353, 1000, 38.0, 38.857142857142854, 39.0, 900, 0.0027, '2016.2505299121701825', '0.000041932603760769602371', '0.000029644270405077551791', '0.027512523642972129601', '0.9999580922405705521', '4.9304738037558641526e-9', '0.12255844116922203736'),
    ('many orders', 0.03, 0.1, 0.03, 300.0, 2000, 990.0, 1000.0, 100.0, 150, 1e-05, '-611.6419697532329892', '0.00016208580122607519664', '0.00016172584600629829778', '0.032377954750013833749', '0.99983791606934776398', '1.1361482065285589608e-8', '28.915457908028919805'),
    ('many orders', 4.8, 0.2, 1.0, 2.4, 1000, 407.6, 407.7, 1.0, 3, 0.1, '-117.23547765536857178', '0.99972350105705326745', '0.99729167546460117965', '2.4596700976799330276', '0.086355996293328480242', '0.21150446460004091756', '24.053503343792391182'),
    ('s = 1', 0.55, 10.6, 1.0, 11.7, 2, 30.4, 38.9, 39.0, 1, 0.0027, '-10.043559412324799602', '0.79298894451314825736', '0.44782634589693416391', '1.1811245931643698286', '0.50095038506602121629', '0.19783519810444519505', '3.6621384130843753901'),
    ('s near 1', 0.55, 10.6, 1.000000001, 11.7, 2, 30.4, 38.9, 39.0, 1, 0.0027, '-10.043559413561023954', '0.79298894433223694648', '0.44782634553887806004', '1.1811245925574602968', '0.50095038527657191079', '0.19783519805249209466', '3.6621384082515370376'),
    ('s near 1', 0.55, 10.6, 0.9999999999999, 11.7, 2, 30.4, 38.9, 1000.0, 12, 1e-09, '-10.043559412324675941', '0.79298894451316635411', '0.038192690455338273693', '6.2697277929656731865', '0.42765655906513391347', '0.0092897918339737561028', '33.53201802603580943'),
    ('alpha = beta', 0.55, 11.0, 0.6, 11.0, 3, 20.0, 38.9, 39.0, 2, 0.0027, '-12.051745312387277938', '0.5268965782037782389', '0.37260154292674555683', '1.2151347492013010173', '0.59030926338024148284', '0.0961498306342771298', '5.4320508759687241481'),
    ('alpha far below beta', 2.0, 0.01, 0.5, 10000.0, 3, 20.0, 38.9, 39.0, 2, 0.0027, '-24.334048877372057085', '0.99358533636795860289', '0.99166095778335252027', '4.9745908970826898415', '0.037676284162805766513', '0.11612315962681745712', '46.459924515143125255'),
    ('alpha far above beta', 2.0, 10000.0, 0.5, 0.01, 3, 20.0, 38.9, 39.0, 2, 0.0027, '-28.271524831341013993', '0.71600691209582072795', '0.50600082868626145588', '0.011517891017241177622', '0.98860754904055591146', '0.00012325048051592573521', '0.05450527904225716321'),
    ('just ordered', 0.553277, 10.5776835, 0.60624, 11.6687353, 7, 38.857142857142854, 38.857142857142854, 39.0, 2, 0.0027, '-21.882258553759065583', '1.0', '0.70695038577145301262', '4.9530623109853724239', '0.081067968141024335195', '0.10055231296820814757', '22.06411900725273824'),
    ('just ordered', 0.553277, 10.5776835, 0.60624, 11.6687353, 7, 38.85714285, 38.857142857142854, 39.0, 2, 0.0027, '-21.882258553673361335', '0.99999999991429575218', '0.70695038571086436157', '4.9530623105608739442', '0.081067968219780713782', '0.10055231295959038722', '22.064119005361749517'),
    ('just seen', 0.553277, 10.5776835, 0.60624, 11.6687353, 0, 0.0, 1e-09, 39.0, 2, 0.0027, '-5.2306064929951300761e-11', '0.99999999994804578351', '0.41057347147350397908', '1.2134039007173627381', '0.59353241053921440357', '0.082504246172192000809', '3.9547053272800478965'),
    ('customers alike', 5000.0, 50000.0, 0.6, 11.7, 3, 20.0, 38.9, 39.0, 2, 0.0027, '-10.947228036650578989', '0.48221478606760485221', '0.34225202566777748448', '1.5661497237166844876', '0.5691074695986837565', '0.077521152633097956746', '7.0247776046932926304'),
    ('dropout alike', 0.55, 10.6, 500.0, 50000.0, 3, 20.0, 38.9, 39.0, 2, 0.0027, '-11.741907804747817614', '0.65444813549006962925', '0.44330025107624377062', '1.5160232801275566507', '0.48841933709441272938', '0.12028555897422920802', '3.7025327703187237064'),
    ('hardly any dropout', 0.55, 10.6, 1e-08, 11.7, 3, 20.0, 38.9, 39.0, 2, 0.0027, '-11.777021989330096656', '0.99999998765726254707', '0.99999998194322519704', '2.796969653699535043', '0.12711590325902806221', '0.19936653732351983661', '26.561914652368880995'),
    ('short horizon', 0.553277, 10.5776835, 0.60624, 11.6687353, 2, 30.0, 38.0, 1e-06, 2, 50.0, '-9.5056014886001882341', '0.87476687293025467277', '0.87476686225314245586', '4.5978358012562069107e-8', '0.99999995402164366901', '1.6815728396982982449e-15', '0.00091934283230342654271'),
    ('long horizon', 0.553277, 10.5776835, 0.60624, 11.6687353, 2, 30.0, 38.0, 1000000.0, 50, 1e-12, '-9.5056014886001882341', '0.87476687293025467277', '0.0021511597881458310704', '281.36019672234430821', '0.29080226795417148929', '0.0015440843137978707857', '58730.028117281245949');
CREATE TEMP VIEW computed AS
SELECT kind, what, got, wanted, abs(got - wanted) / greatest(abs(wanted), CASE WHEN what = 'log-likelihood' THEN 1 ELSE 1e-300 END) AS error
FROM point p, pg_temp.pareto(r, alpha, s, beta) m, LATERAL (VALUES
    ('log-likelihood', pareto_nbd_log_likelihood(m, format('{%s %s %s 1}', x, t_x, age)::purchase_counts), p.log_likelihood),
    ('alive', pareto_nbd_alive(m, x, t_x, age), alive),
    ('alive later', pareto_nbd_alive(m, x, t_x, age, horizon), later),
    ('expected', pareto_nbd_expected(m, x, t_x, age, horizon), expected),
    ('none', pareto_nbd_none(m, x, t_x, age, horizon), none),
    ('exactly', pareto_nbd_exactly(m, orders, x, t_x, age, horizon), exactly),
    ('residual', pareto_nbd_residual(m, x, t_x, age, rate), residual)) v(what, got, wanted);
-- exact times are needed for this
SET extra_float_digits = 1;
SELECT kind = 'ordinary' AS ordinary, count(*), count(*) FILTER (WHERE error <= CASE kind WHEN 'ordinary' THEN 1e-12 ELSE 1e-9 END) AS right FROM computed GROUP BY 1 ORDER BY 1 DESC;
SELECT * FROM computed WHERE NOT coalesce(error <= CASE kind WHEN 'ordinary' THEN 1e-12 ELSE 1e-9 END, false);
CREATE TEMP TABLE nbd_point (kind text, r float8, alpha float8, x float8, age float8, horizon float8, orders int, log_likelihood float8, expected float8, none float8, exactly float8);
INSERT INTO nbd_point VALUES
    ('ordinary', 0.385, 12.072, 2, 38.857142857142854, 39.0, 1, '-9.0439078638646958516', '1.826360994547045901', '0.25766901807553902899', '0.26651075452113703378'),
    ('ordinary', 0.385, 12.072, 0, 0.0, 39.0, 3, '0', '1.2437872763419484238', '0.57389785185530298443', '0.05416608664797426311'),
    ('many orders', 0.385, 12.072, 1000, 38.0, 39.0, 900, '1993.034194565052552', '779.17828327208820583', '5.7204246603370923199e-251', '0.000071412377107756958885'),
    ('customers alike', 10000000000.0, 100000000000.0, 3, 38.9, 39.0, 4, '-10.79775527909253191', '3.8999999996529000001', '0.020241911468224329588', '0.1951186160305587399'),
    ('short horizon', 0.385, 12.072, 3, 38.9, 1e-06, 2, '-12.107991348005371185', '6.640900886761359187e-8', '0.99999993359099398889', '2.8565042878436504082e-15');
CREATE TEMP VIEW nbd_computed AS
SELECT kind, what, got, wanted, abs(got - wanted) / greatest(abs(wanted), CASE WHEN what = 'log-likelihood' THEN 1 ELSE 1e-300 END) AS error
FROM nbd_point p, pg_temp.nbd(r, alpha) m, LATERAL (VALUES
    ('log-likelihood', nbd_log_likelihood(m, format('{%s %s %s 1}', x, CASE WHEN x > 0 THEN age ELSE 0 END, age)::purchase_counts), p.log_likelihood),
    ('expected', nbd_expected(m, x, CASE WHEN x > 0 THEN age ELSE 0 END, age, horizon), expected),
    ('none', nbd_none(m, x, CASE WHEN x > 0 THEN age ELSE 0 END, age, horizon), none),
    ('exactly', nbd_exactly(m, orders, x, CASE WHEN x > 0 THEN age ELSE 0 END, age, horizon), exactly)) v(what, got, wanted);
SELECT kind = 'ordinary' AS ordinary, count(*), count(*) FILTER (WHERE error <= CASE kind WHEN 'ordinary' THEN 1e-12 ELSE 1e-9 END) AS right FROM nbd_computed GROUP BY 1 ORDER BY 1 DESC;
SELECT * FROM nbd_computed WHERE NOT coalesce(error <= CASE kind WHEN 'ordinary' THEN 1e-12 ELSE 1e-9 END, false);
RESET extra_float_digits;
SET extra_float_digits = 0;

-- identities, on the models of the points: probabilities of all numbers of orders add up to 1, and their mean is what is expected
SELECT every(abs(total - 1) < 1e-12) AS adds_up, every(abs(mean / pareto_nbd_expected(m, 2, 20, 38, 10) - 1) < 1e-10) AS mean,
    every(none = pareto_nbd_none(m, 2, 20, 38, 10)) AS none
FROM (SELECT DISTINCT pg_temp.pareto(r, alpha, s, beta) AS m FROM point WHERE r < 10) p,
    LATERAL (SELECT sum(pareto_nbd_exactly(m, n, 2, 20, 38, 10)) AS total, sum(n * pareto_nbd_exactly(m, n, 2, 20, 38, 10)) AS mean, min(pareto_nbd_exactly(m, n, 2, 20, 38, 10)) FILTER (WHERE n = 0) AS none
        FROM generate_series(0, 400) n) q;
-- a new customer is one who has just been seen; nothing happens in no time; who is alive later is alive now
SELECT every(pareto_nbd_new_customer(m, 39) = pareto_nbd_expected(m, 0, 0, 0, 39)) AS expected, every(pareto_nbd_new_customer_exactly(m, 3, 39) = pareto_nbd_exactly(m, 3, 0, 0, 0, 39)) AS exactly,
    every(pareto_nbd_alive(m, 0, 0, 0) = 1) AS alive, every(pareto_nbd_expected(m, 2, 20, 38, 0) = 0) AS nothing, every(abs(pareto_nbd_none(m, 2, 20, 38, 0) - 1) < 1e-15) AS none,
    every(pareto_nbd_exactly(m, 1, 2, 20, 38, 0) = 0) AS one, every(pareto_nbd_alive(m, 2, 20, 38, 5) <= pareto_nbd_alive(m, 2, 20, 38)) AS falls
FROM (SELECT DISTINCT pg_temp.pareto(r, alpha, s, beta) AS m FROM point) p;
-- the orders of a long time, discounted by little, are the residual ones; with rate 0 they are finite for s > 1 only
SELECT abs(pareto_nbd_residual(m, 2, 20, 38, 0) / pareto_nbd_expected(m, 2, 20, 38, 1e9) - 1) < 1e-9 AS residual, abs(pareto_nbd_residual(m, 2, 20, 38, 1e-13) / pareto_nbd_residual(m, 2, 20, 38, 0) - 1) < 1e-8 AS continuous,
    pareto_nbd_residual(pg_temp.pareto(1, 10, 1, 20), 2, 20, 38, 0) IS NULL AS infinite,
    pareto_nbd_residual(m, 2, 20, 1e10, 1e300) = 0 AS nothing_for_the_future FROM pg_temp.pareto(1, 10, 2.5, 20) m;
-- the moment of dropout can lie anywhere between scales far apart, as fits at a boundary have them: integrals over it with 40 digits
SELECT count(*), count(*) FILTER (WHERE abs(pareto_nbd_new_customer_exactly(pg_temp.pareto(r, alpha, s, beta), orders, horizon) / exactly - 1) < 1e-12) AS right FROM (VALUES
    (1.4e-11, 1.4e-11, 1.4e-11, 2.5, 3, 1e6, '4.666666664229244855e-12'::float8),
    (1.4e-11, 1.4e-11, 300, 7e10, 3, 1e12, '4.6666666639106195768e-12'),
    (1e-4, 1.4e-11, 1.4e-11, 7e10, 1, 1e6, '0.000099612677293453441874'),
    (0.3, 1e-4, 2.5, 1e-4, 2, 1e6, '0.019090695488721803817'),
    (2.5, 1e6, 3.001, 1e-9, 3, 1e6, '5.9084608035771561776e-43'),
    (0.5, 1e9, 2.01, 1e-11, 2, 1e3, '1.9924726678896487845e-39')) v(r, alpha, s, beta, orders, horizon, exactly);
-- nobody drops out: NBD
SELECT every(abs(pareto_nbd_expected(pg_temp.pareto(0.5, 10, 1e-15, 20), x, x, 38, 39) / nbd_expected(pg_temp.nbd(0.5, 10), x, x, 38, 39) - 1) < 1e-9) AS expected,
    every(abs(pareto_nbd_exactly(pg_temp.pareto(0.5, 10, 1e-15, 20), 3, x, x, 38, 39) / nbd_exactly(pg_temp.nbd(0.5, 10), 3, x, x, 38, 39) - 1) < 1e-9) AS exactly,
    every(nbd_alive(pg_temp.nbd(0.5, 10), x, x, 38, 100) = 1) AS alive,
    every(nbd_new_customer(pg_temp.nbd(0.5, 10), 39) = nbd_expected(pg_temp.nbd(0.5, 10), 0, 0, 0, 39)) AS new_customer,
    every(nbd_new_customer_exactly(pg_temp.nbd(0.5, 10), x, 39) = nbd_exactly(pg_temp.nbd(0.5, 10), x, 0, 0, 0, 39)) AS new_exactly
FROM generate_series(0, 30) x;

-- the same customers in parts, merged, in any order: the same bits
CREATE TEMP TABLE customer AS SELECT r.*, row_number() OVER () AS id FROM mini, purchase_counts_rows(counts) r;
SELECT pareto_nbd_fit(whole) = pareto_nbd_fit(merged) AS same, nbd_fit(whole) = nbd_fit(merged) AS same_nbd, (pareto_nbd_fit(merged)).log_likelihood = (pareto).log_likelihood AS log_likelihood
FROM fit, (SELECT purchase_counts_agg(frequency, recency, age, weight ORDER BY id DESC) AS whole FROM customer) a,
    (SELECT rollup(part ORDER BY part_no DESC) AS merged FROM (SELECT id % 7 AS part_no, purchase_counts_agg(frequency, recency, age, weight) AS part FROM customer GROUP BY 1) p) b;

-- degenerate data: a status in words, and numbers that are finite
CREATE TEMP TABLE degenerate (data text, counts purchase_counts);
INSERT INTO degenerate VALUES
    ('nobody has ordered again', '{0 0 10 50, 0 0 20 50}'), ('everybody has just been seen', '{0 0 0 100}'), ('one customer', '{3 10 20 1}'),
    ('all alike', '{2 15 20 1000}'), ('in seconds', '{0 0 2e+07 100, 1 1e+07 2e+07 30, 2 1.5e+07 2e+07 10}'), ('all have ordered just now', '{1 20 20 100, 2 20 20 100, 3 20 20 100}'), ('a giant', '{0 0 20 100, 1 10 20 20, 1000000 19.9 20 1}'), ('beyond any range', '{0 0 1e+300 100, 1 5e+299 1e+300 30, 2 8e+299 1e+300 10}'),
    ('in nanoseconds', '{0 0 1e+16 100, 1 5e+15 1e+16 30, 2 8e+15 1e+16 10}'), ('in ages', '{0 0 1e-06 100, 1 5e-07 1e-06 30, 2 8e-07 1e-06 10}');
SELECT data, (f).status, isfinite AS finite FROM (SELECT data, pareto_nbd_fit(counts) AS f FROM degenerate) d,
    LATERAL (SELECT every(v BETWEEN 1e-12 AND 1e12) AS isfinite FROM unnest(ARRAY[(f).r, (f).alpha, (f).s, (f).beta]) v) q ORDER BY data;
SELECT data, (f).status, (f).r BETWEEN 1e-12 AND 1e12 AND (f).alpha BETWEEN 1e-12 AND 1e12 AS finite FROM (SELECT data, nbd_fit(counts) AS f FROM degenerate) d ORDER BY data;
-- a log-likelihood that is no number is NULL, and a model says of a customer what is in range, whatever its status
SELECT every((f).log_likelihood <> 'NaN' AND (g).log_likelihood <> 'NaN') AS numbers, count(*) FILTER (WHERE (f).log_likelihood IS NULL) AS none_of_pareto, count(*) FILTER (WHERE (g).log_likelihood IS NULL) AS none_of_nbd,
    every(pareto_nbd_alive(f, 3, 20, 39) BETWEEN 0 AND 1 AND pareto_nbd_none(f, 3, 20, 39, 52) BETWEEN 0 AND 1 AND pareto_nbd_expected(f, 3, 20, 39, 52) BETWEEN 0 AND 1e308 AND nbd_expected(g, 3, 20, 39, 52) BETWEEN 0 AND 1e308) AS in_range
  FROM (SELECT pareto_nbd_fit(counts) AS f, nbd_fit(counts) AS g FROM degenerate) d;
SELECT pareto_nbd_fit(purchase_counts_agg(0, 0, 1, 0)) IS NULL AS nobody, nbd_fit('{}') IS NULL AS empty;

-- NULL in, NULL out; what cannot be is 22023
SELECT pareto_nbd_alive(m, NULL, 1, 2) IS NULL AND pareto_nbd_expected(m, 1, 1, 2, NULL) IS NULL AND pareto_nbd_none(NULL, 1, 1, 2, 3) IS NULL AS nothing FROM pg_temp.pareto(1, 10, 1, 20) m;
SELECT pareto_nbd_alive(pg_temp.pareto(1, 10, 1, 20), 2, 39, 38);
SELECT pareto_nbd_expected(pg_temp.pareto(1, 10, 1, 20), 0, 5, 38, 1);
SELECT pareto_nbd_none(pg_temp.pareto(1, 10, 1, 20), 1, 5, 38, -1);
SELECT pareto_nbd_exactly(pg_temp.pareto(1, 10, 1, 20), -1, 1, 5, 38, 1);
SELECT pareto_nbd_residual(pg_temp.pareto(1, 10, 1, 20), 1, 5, 38, -0.01);
SELECT pareto_nbd_alive(pg_temp.pareto(1, 10, 0, 20), 1, 5, 38);
SELECT nbd_expected(pg_temp.nbd(1, 'NaN'), 1, 5, 38, 1);
SELECT nbd_alive(pg_temp.nbd(1, 10), 1.5, 5, 38);
SELECT pareto_nbd_fit(counts, 'fortnight') FROM mini;
