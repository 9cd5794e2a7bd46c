-- distributions: against 60 digits by definition, each other, published tables, and at the ends
SET search_path = public, dupex;
\set VERBOSITY terse
SET extra_float_digits = -4;

-- a distribution by its name, with up to two parameters
CREATE FUNCTION pg_temp.value(name text, what text, x float8, p float8[]) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    result float8;
BEGIN
    EXECUTE format('SELECT %I($1%s)', name || '_' || what, (SELECT coalesce(string_agg(', $2[' || i || ']', '' ORDER BY i), '') FROM generate_subscripts(p, 1) i)) INTO result USING x, p;
    RETURN result;
END $$;
CREATE FUNCTION pg_temp.value(name text, what text, x bigint, p float8[]) RETURNS float8 LANGUAGE sql AS $$
    SELECT CASE name || '_' || what WHEN 'binomial_cdf' THEN binomial_cdf(x, p[1]::bigint, p[2]) WHEN 'binomial_upper' THEN binomial_upper(x, p[1]::bigint, p[2])
        WHEN 'poisson_cdf' THEN poisson_cdf(x, p[1]) WHEN 'poisson_upper' THEN poisson_upper(x, p[1]) END
$$;
CREATE FUNCTION pg_temp.tail(name text, what text, x float8, p float8[]) RETURNS float8 LANGUAGE sql AS $$
    SELECT CASE WHEN name IN ('binomial', 'poisson') THEN pg_temp.value(name, what, x::bigint, p) ELSE pg_temp.value(name, what, x, p) END
$$;

-- both tails: relative error of the smaller one, absolute of the larger (test/check/stats_oracle.py)
CREATE TEMP TABLE place (name text, x float8, p float8[], lower float8, upper float8);
INSERT INTO place VALUES
    ('normal', -37, '{}', 5.7255712225245768227e-300, 1.0),
    ('normal', -8.3, '{}', 5.2055697448902540246e-17, 9.9999999999999994794e-1),
    ('normal', -1e-10, '{}', 4.9999999996010577196e-1, 5.0000000003989422804e-1),
    ('normal', 1.96, '{}', 9.7500210485177956379e-1, 2.4997895148220436213e-2),
    ('normal', 12, '{}', 1.0, 1.7764821120776789977e-33),
    ('t', 0.001, '{1}', 5.0031830978008055895e-1, 4.9968169021991944105e-1),
    ('t', 2.5, '{1}', 8.7888105840915660128e-1, 1.2111894159084339872e-1),
    ('t', 100000000.0, '{1}', 9.9999999681690113816e-1, 3.1830988618379066093e-9),
    ('t', -3.2, '{2.5}', 3.1705514118190731862e-2, 9.6829448588180926814e-1),
    ('t', 6, '{30}', 9.9999930286156163976e-1, 6.971384383602371351e-7),
    ('t', 40, '{1000}', 1.0, 5.2394260775866804698e-210),
    ('t', 1.7, '{0.3}', 7.0444346579254648751e-1, 2.9555653420745351249e-1),
    ('t', 9, '{100000.0}', 9.9999999999999999989e-1, 1.1477045025115784988e-19),
    ('t', -1e-09, '{7}', 4.9999999961500854917e-1, 5.0000000038499145083e-1),
    ('chi_square', 1e-06, '{1}', 7.9788442782212515113e-4, 9.9920211557217787485e-1),
    ('chi_square', 3.84, '{1}', 9.4995647875129489681e-1, 5.0043521248705103189e-2),
    ('chi_square', 700, '{1}', 1.0, 2.9902269751246203369e-154),
    ('chi_square', 30.07, '{2}', 9.9999970461906247768e-1, 2.9538093752232096055e-7),
    ('chi_square', 0.01, '{50}', 1.9121258940690613571e-83, 1.0),
    ('chi_square', 99, '{100}', 4.9052780120162587336e-1, 5.0947219879837412664e-1),
    ('chi_square', 600, '{401}', 9.9999999958490286844e-1, 4.1509713155766270745e-10),
    ('chi_square', 150, '{401}', 3.395650193183068157e-33, 1.0),
    ('chi_square', 110000.0, '{100000.0}', 1.0, 2.5841772471796375976e-104),
    ('chi_square', 0.3, '{0.7}', 5.5614075248578744634e-1, 4.4385924751421255366e-1),
    ('chi_square', 2600, '{2000}', 9.9999999999999999813e-1, 1.8736155715785551242e-18),
    ('gamma', 0.001, '{0.1,1}', 5.2676856839244511182e-1, 4.7323143160755488818e-1),
    ('gamma', 2.5, '{0.1,3}', 9.6825305679466748837e-1, 3.1746943205332511634e-2),
    ('gamma', 30, '{7,0.5}', 9.9999999999999999937e-1, 6.2922413323085054367e-19),
    ('gamma', 250, '{199.5,1}', 9.9957316919887930065e-1, 4.2683080112069935275e-4),
    ('gamma', 900, '{1000,1}', 5.4990226571178292301e-4, 9.9945009773428821708e-1),
    ('f', 1e-05, '{1,1}', 2.0131617736581306343e-3, 9.9798683822634186937e-1),
    ('f', 4.2, '{3,12}', 9.6989792242473335421e-1, 3.0102077575266645785e-2),
    ('f', 10000.0, '{2,5}', 9.9999999901240559344e-1, 9.8759440655997694928e-10),
    ('f', 0.2, '{300,40}', 1.0956687873907295323e-16, 9.9999999999999989043e-1),
    ('f', 1.3, '{999,1001}', 9.9998275411842764941e-1, 1.7245881572350592425e-5),
    ('f', 7, '{1,100000}', 9.9184775342745090416e-1, 8.152246572549095835e-3),
    ('f', 0.01, '{7.5,2.5}', 2.7649127051190282536e-6, 9.9999723508729488097e-1),
    ('beta', 1e-10, '{0.5,0.5}', 6.3661977237819168421e-6, 9.9999363380227621808e-1),
    ('beta', 0.999, '{0.5,12}', 1.0, 1.6125470053372519428e-37),
    ('beta', 0.02, '{101,4001}', 2.226765500615294157e-2, 9.7773234499384705843e-1),
    ('beta', 0.11, '{1201,9801}', 6.1378681819490347916e-1, 3.8621318180509652084e-1),
    ('beta', 0.5, '{10000.0,10200.0}', 9.2032123274076666863e-1, 7.9678767259233331373e-2),
    ('beta', 0.3, '{0.001,5}', 9.999152891767765019e-1, 8.4710823223498096077e-5),
    ('poisson', 0, '{1e-12}', 9.99999999999e-1, 9.9999999999949997989e-13),
    ('poisson', 3, '{25}', 4.0867589479967457937e-8, 9.9999995913241052003e-1),
    ('poisson', 40, '{12.5}', 9.9999999985144195688e-1, 1.4855804311848887009e-10),
    ('poisson', 480, '{350}', 9.9999999998033146164e-1, 1.9668538361943247914e-11),
    ('binomial', 0, '{40,0.001}', 9.6077021073581181227e-1, 3.9229789264188187729e-2),
    ('binomial', 15, '{50,0.05}', 9.9999999853366536203e-1, 1.4663346379685065511e-9),
    ('binomial', 30, '{1000,0.06}', 8.7068264581437987299e-6, 9.999912931735418562e-1),
    ('binomial', 682, '{925,0.75}', 1.9600926705388334616e-1, 8.0399073294611665384e-1),
    ('binomial', 999, '{1000,0.9}', 1.0, 1.7478712517226947325e-46);
SELECT name, count(*) AS places, max(abs(CASE WHEN lower < upper THEN l / lower ELSE u / upper END - 1)) < 1e-12 AS smaller_tail, max(greatest(abs(l - lower), abs(u - upper))) < 1e-14 AS both
FROM place, pg_temp.tail(name, 'cdf', x, p) l, pg_temp.tail(name, 'upper', x, p) u GROUP BY name ORDER BY name COLLATE "C";
SELECT * FROM place, pg_temp.tail(name, 'cdf', x, p) l, pg_temp.tail(name, 'upper', x, p) u WHERE abs(CASE WHEN lower < upper THEN l / lower ELSE u / upper END - 1) > 1e-12;
DROP TABLE place;
CREATE TEMP TABLE wanted (name text, probability float8, p float8[], x float8);
INSERT INTO wanted VALUES
    ('normal', 1e-30, '{}', -1.146402468844361572e+1),
    ('normal', 1e-06, '{}', -4.7534243088228989573),
    ('normal', 0.025, '{}', -1.9599639845400542118),
    ('normal', 0.4, '{}', -2.5334710313579974132e-1),
    ('t', 1e-30, '{1}', -3.1830988618379064501e+29),
    ('t', 1e-06, '{1}', -3.1830988618274348839e+5),
    ('t', 0.025, '{1}', -1.2706204736174703938e+1),
    ('t', 0.4, '{1}', -3.2491969623290624903e-1),
    ('t', 1e-30, '{2.2}', -3.3616963974434220406e+13),
    ('t', 1e-06, '{2.2}', -4.1444362204752549617e+2),
    ('t', 0.025, '{2.2}', -3.9487207497127247224),
    ('t', 0.4, '{2.2}', -2.8539154588830393125e-1),
    ('t', 1e-30, '{29}', -5.3017619928763057199e+1),
    ('t', 1e-06, '{29}', -5.9171055404595621959),
    ('t', 0.025, '{29}', -2.0452296421327042717),
    ('t', 0.4, '{29}', -2.556836345712560846e-1),
    ('t', 1e-30, '{100000.0}', -1.1467821021161701187e+1),
    ('t', 1e-06, '{100000.0}', -4.7537047163912882628),
    ('t', 0.025, '{100000.0}', -1.9599877075346096148),
    ('t', 0.4, '{100000.0}', -2.5334777715717988552e-1),
    ('chi_square', 1e-30, '{1}', 1.570796326794896881e-60),
    ('chi_square', 1e-06, '{1}', 1.5707963267957189441e-12),
    ('chi_square', 0.025, '{1}', 9.820691171752560214e-4),
    ('chi_square', 0.4, '{1}', 2.7499589772845607732e-1),
    ('chi_square', 1e-30, '{2}', 2.0000000000000001667e-30),
    ('chi_square', 1e-06, '{2}', 2.0000010000006665767e-6),
    ('chi_square', 0.025, '{2}', 5.0635615968579753654e-2),
    ('chi_square', 0.4, '{2}', 1.0216512475319814404),
    ('chi_square', 1e-30, '{7.5}', 4.2295667443080895494e-8),
    ('chi_square', 1e-06, '{7.5}', 1.0744917774123811008e-1),
    ('chi_square', 0.025, '{7.5}', 1.9305886206109988834),
    ('chi_square', 0.4, '{7.5}', 5.9572460285455798651),
    ('chi_square', 1e-30, '{400}', 1.5641243097163344481e+2),
    ('chi_square', 1e-06, '{400}', 2.7963682307546582626e+2),
    ('chi_square', 0.025, '{400}', 3.4648176536291464496e+2),
    ('chi_square', 0.4, '{400}', 3.9221748189022591812e+2),
    ('gamma', 1e-30, '{0.2,1}', 6.5254808434573602338e-151),
    ('gamma', 1e-06, '{0.2,1}', 6.5254808434572559485e-31),
    ('gamma', 0.025, '{0.2,1}', 6.3725399200297658744e-9),
    ('gamma', 0.4, '{0.2,1}', 6.7195668048479175785e-3),
    ('gamma', 1e-30, '{55,2}', 1.3738669165315708285e+1),
    ('gamma', 1e-06, '{55,2}', 5.3255724115745618239e+1),
    ('gamma', 0.025, '{55,2}', 8.2867053942876952732e+1),
    ('gamma', 0.4, '{55,2}', 1.0563225691509756913e+2),
    ('f', 1e-30, '{1,1}', 2.467401100272340066e-60),
    ('f', 1e-06, '{1,1}', 2.4674011002763981435e-12),
    ('f', 0.025, '{1,1}', 1.5437125086741311377e-3),
    ('f', 0.4, '{1,1}', 5.2786404500042068462e-1),
    ('f', 1e-30, '{3,12}', 7.7478834675989493656e-21),
    ('f', 1e-06, '{3,12}', 7.748333722729321306e-5),
    ('f', 0.025, '{3,12}', 6.9751776822177457268e-2),
    ('f', 0.4, '{3,12}', 6.4644299949921643877e-1),
    ('f', 1e-30, '{250,7}', 3.2269221448173570524e-2),
    ('f', 1e-06, '{250,7}', 1.6081998060580941091e-1),
    ('f', 0.025, '{250,7}', 4.2763465458835487155e-1),
    ('f', 0.4, '{250,7}', 9.5674178975492348407e-1),
    ('beta', 1e-30, '{0.5,0.5}', 2.467401100272340066e-60),
    ('beta', 1e-06, '{0.5,0.5}', 2.4674011002703100753e-12),
    ('beta', 0.025, '{0.5,0.5}', 1.5413331334360120721e-3),
    ('beta', 0.4, '{0.5,0.5}', 3.4549150281252632112e-1),
    ('beta', 1e-30, '{5,1}', 1.0000000000000000167e-6),
    ('beta', 1e-06, '{5,1}', 6.3095734448019324372e-2),
    ('beta', 0.025, '{5,1}', 4.7817624989501849817e-1),
    ('beta', 0.4, '{5,1}', 8.3255320740187314966e-1),
    ('beta', 1e-30, '{300,400}', 2.32072576758339336e-1),
    ('beta', 1e-06, '{300,400}', 3.4179565802545868463e-1),
    ('beta', 0.025, '{300,400}', 3.9214239171134277873e-1),
    ('beta', 0.4, '{300,400}', 4.2376755904504266584e-1);
SELECT name, count(*) AS places, max(abs(q / x - 1)) < 1e-12 AS as_computed FROM wanted, pg_temp.value(name, 'quantile', probability, p) q GROUP BY name ORDER BY name COLLATE "C";
SELECT * FROM wanted, pg_temp.value(name, 'quantile', probability, p) q WHERE abs(q / x - 1) > 1e-12;
DROP TABLE wanted;

-- printed tables: Abramowitz and Stegun, Handbook (1964), 26.1 (normal), 26.8 (chi-square), 26.9 (F), 26.10 (t), Biometrika's percentage points
SELECT round(normal_cdf(1.96)::numeric, 8) AS normal, round(normal_quantile(.975)::numeric, 5) AS z, round(chi_square_quantile(.95, 1)::numeric, 5) AS chi_square_1, round(chi_square_quantile(.99, 30)::numeric, 4) AS chi_square_30,
    round(t_quantile(.975, 5)::numeric, 3) AS t_5, round(t_quantile(.995, 120)::numeric, 3) AS t_120, round(f_quantile(.95, 5, 10)::numeric, 2) AS f_5_10, round(f_quantile(.99, 1, 1)::numeric) AS f_1_1;

-- quantiles lead back, above the median too
SELECT d.name, bool_and(abs(pg_temp.value(d.name, 'cdf', pg_temp.value(d.name, 'quantile', q, p), p) - q) < 1e-13) AS back
FROM (VALUES ('normal', '{}'::float8[]), ('t', '{1}'), ('t', '{4.5}'), ('t', '{1e6}'), ('chi_square', '{1}'), ('chi_square', '{333}'), ('f', '{2,9}'), ('f', '{80,70}'), ('beta', '{0.5,3}'), ('beta', '{900,1000}'), ('gamma', '{3,2}'), ('gamma', '{1e5,1}')) d(name, p),
    unnest('{1e-9,.001,.2,.25,.3,.5,.6,.75,.9,.999,.999999}'::float8[]) q GROUP BY d.name ORDER BY d.name COLLATE "C";

-- one distribution is another one: square of normal, square of t, F and beta, sums of binomial and Poisson, exponential
SELECT bool_and(abs(chi_square_upper(z * z, 1) / (2 * normal_upper(z)) - 1) < 1e-12) AS chi_square, bool_and(abs(f_upper(z * z, 1, 7) / (2 * t_upper(z, 7)) - 1) < 1e-12) AS f, bool_and(abs(t_upper(z, 1e12) / normal_upper(z) - 1) < 1e-9) AS t_is_normal,
    bool_and(abs(chi_square_upper(z, 2) / exp(-z / 2) - 1) < 1e-14) AS exponential, bool_and(abs(gamma_upper(z, 3, 2) / chi_square_upper(z, 6) - 1) < 1e-14) AS gamma, bool_and(abs(t_cdf(z, 1) - .5 - atan(z) / pi()) < 1e-15) AS cauchy,
    bool_and(abs(t_upper(z, 'Infinity') / normal_upper(z) - 1) < 1e-15) AS limit FROM generate_series(.1, 8, .37) x, LATERAL (SELECT x::float8) y(z);
SELECT bool_and(abs(binomial_cdf(k, 40, p) - beta_cdf(1 - p, 40 - k, k + 1)) < 1e-14) AS beta, bool_and(abs(binomial_upper(k, 40, p) - (SELECT sum(factorial(40) / factorial(i) / factorial(40 - i) * p::numeric(50, 40) ^ i * (1 - p::numeric(50, 40)) ^ (40 - i)) FROM generate_series(k + 1, 40) i)) < 1e-13) AS summed,
    bool_and(abs(poisson_upper(k, 40 * p) - gamma_cdf(40 * p, k + 1)) < 1e-14) AS gamma FROM generate_series(0, 39, 3) k, unnest('{.01,.3,.9}'::float8[]) p;

-- ends and infinities
SELECT normal_cdf('-Infinity'), normal_upper('-Infinity'), normal_quantile(0), normal_quantile(1), t_cdf('Infinity', 3), t_quantile(0, 3), t_quantile(.5, 3), chi_square_cdf(-1, 2), chi_square_upper('Infinity', 2), chi_square_quantile(0, 2), chi_square_quantile(1, 2);
SELECT f_cdf(-1, 2, 3), f_upper(0, 2, 3), f_quantile(1, 2, 3), beta_cdf(-1, 2, 3), beta_upper(2, 2, 3), beta_quantile(1, 2, 3), gamma_cdf(0, 2), gamma_quantile(0, 2), binomial_cdf(-1, 5, .3), binomial_cdf(5, 5, .3), binomial_upper(4, 5, 1), binomial_cdf(0, 5, 0), poisson_cdf(-1, 3), poisson_cdf(0, 0), poisson_upper(2, 0);
SELECT normal_cdf(NULL), t_cdf(1, NULL), beta_quantile(.5, NULL, 1);

-- degrees of freedom near 0 put everything at the ends, beyond all doubles; many more than doubles tell apart are the limit
SELECT t_quantile(.7, 1e-10), t_quantile(.3, 1e-10), t_cdf(1, '5e-324'), abs(t_upper(t_quantile(.7, .01), .01) - .3) < 1e-13 AS t_back, f_quantile(.5, 1e-10, 39), f_quantile(.5, 39, 1e-10), f_cdf(39, '5e-324', 7.25), f_upper(.01, 7.25, '5e-324'),
    chi_square_cdf(1.5, '5e-324'), chi_square_quantile(.5, '5e-324'), beta_quantile(.4, .5, 1e-10), beta_quantile(.4, 1e-10, .5);
SELECT abs(f_quantile(.01, 1e308, .1) / f_quantile(.01, 1e12, .1) - 1) < 1e-9 AS f, abs(t_upper(2, 1e308) / normal_upper(2) - 1) < 1e-15 AS t, gamma_quantile(.5, 1e308, 1e-300) AS gamma;

-- errors say what to do
\set VERBOSITY default
SELECT normal_cdf('NaN');
SELECT normal_quantile(1.5);
SELECT t_cdf(1, 0);
SELECT chi_square_quantile(.5, 'Infinity');
SELECT f_upper(1, 2, -1);
SELECT beta_cdf(.5, 0, 1);
SELECT gamma_quantile(-.1, 1);
SELECT binomial_cdf(1, -2, .5);
SELECT binomial_upper(1, 2, 'NaN');
SELECT poisson_cdf(1, 'Infinity');
