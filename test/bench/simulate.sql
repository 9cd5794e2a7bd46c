-- Simulated customers, the same ones each time: for the measurements of customer value, and for the tests that
-- parameters are found again. Needs a schema bench.

-- Gamma with shape r and rate 1 (G. Marsaglia, W. Tsang, A simple method for generating gamma
-- variables, 2000), for r below 1 by way of r + 1.
CREATE OR REPLACE FUNCTION bench.random_gamma(shape float8) RETURNS float8 LANGUAGE plpgsql AS
$$
DECLARE
    d float8 := CASE WHEN shape < 1 THEN shape + 1 ELSE shape END - 1.0 / 3;
    c float8 := 1 / sqrt(9 * d);
    x float8;
    v float8;
BEGIN
    LOOP
        x := sqrt(-2 * ln(1 - random())) * cos(6.283185307179586 * random());
        v := (1 + c * x) ^ 3;
        IF v > 0 AND ln(1 - random()) < 0.5 * x * x + d - d * v + d * ln(v) THEN
            RETURN d * v * CASE WHEN shape < 1 THEN (1 - random()) ^ (1 / shape) ELSE 1 END;
        END IF;
    END LOOP;
END
$$;

-- The purchases of so many customers, in weeks since the first one, which is at 0. A customer can leave after
-- each repeat purchase (BG/NBD), with first_dropout 1 after the first purchase too (MBG/NBD).
CREATE OR REPLACE FUNCTION bench.simulate_purchases(customers bigint, r float8, alpha float8, a float8, b float8, first_dropout integer DEFAULT 0, seed float8 DEFAULT 0.25)
    RETURNS TABLE (customer bigint, age float8, at float8, amount numeric) LANGUAGE plpgsql AS
$$
DECLARE
    rate    float8;
    dropout float8;
    one     float8;
BEGIN
    PERFORM setseed(seed);
    FOR i IN 1 .. customers LOOP
        customer := i;
        age := 27 + 12 * random();
        at := 0;
        rate := bench.random_gamma(r) / alpha;
        one := bench.random_gamma(a);
        dropout := one / (one + bench.random_gamma(b));
        amount := round((10 + 40 * random())::numeric, 2);
        RETURN NEXT;
        CONTINUE WHEN first_dropout = 1 AND random() < dropout;
        LOOP
            at := at - ln(1 - random()) / rate;
            EXIT WHEN at > age;
            amount := round((10 + 40 * random())::numeric, 2);
            RETURN NEXT;
            EXIT WHEN random() < dropout;
        END LOOP;
    END LOOP;
END
$$;
