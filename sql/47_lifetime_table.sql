-- The direct marketer's value of customers: the lifetime value table (A. M. Hughes), what retention
-- is worth, when a customer has paid for himself, what may be spent to win one, and how the value is
-- spread over the customers. Plain arithmetic in numeric; nothing is estimated here.

-- element n of an array that stands for a row of years: one that is shorter repeats its last element
CREATE FUNCTION ltv_element(numbers numeric[], n integer, otherwise numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN cardinality(numbers) > 0 THEN numbers[least(n, cardinality(numbers))] ELSE otherwise END;
COMMENT ON FUNCTION ltv_element(numeric[], integer, numeric) IS 'element n of an array from 1, the last one beyond its end; otherwise, where the array is NULL or empty';

-- what a table shows of a number, so that the rows stay readable whatever the shares were
CREATE FUNCTION ltv_shown(number numeric, digits integer DEFAULT 4) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN scale(number) > digits THEN round(number, digits) ELSE number END;
COMMENT ON FUNCTION ltv_shown(numeric, integer) IS 'number with so many digits after the point at most';

-- raises 22023 for arguments of ltv_table that cannot be
CREATE FUNCTION ltv_check(years integer, acquired numeric, shares numeric[], discount_factors numeric[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF years IS NULL OR years < 1 THEN
        RAISE 'a lifetime value table without years' USING ERRCODE = '22023', DETAIL = 'It has as many years as orders_per_customer has elements.',
            HINT = 'Give one element for each year: ARRAY[1.8, 2.5, 3].';
    END IF;
    IF acquired IS NULL OR acquired <= 0 THEN
        RAISE 'a lifetime value table of % acquired customers', coalesce(acquired::text, 'NULL') USING ERRCODE = '22023', DETAIL = 'The number of customers acquired in the first year is above 0.';
    END IF;
    IF EXISTS (SELECT FROM unnest(shares) s WHERE s < 0 OR s > 1) THEN
        RAISE 'a retention rate or cost share outside of 0 to 1: %', (SELECT s FROM unnest(shares) s WHERE s < 0 OR s > 1 LIMIT 1) USING ERRCODE = '22023', HINT = 'Write 0.6 for 60 percent.';
    END IF;
    IF EXISTS (SELECT FROM unnest(discount_factors) d WHERE d <= 0) THEN
        RAISE 'a discount factor that is not above 0' USING ERRCODE = '22023', DETAIL = 'Present values are divided by it: 1, 1.16, 1.35.';
    END IF;
END $$;
COMMENT ON FUNCTION ltv_check(integer, numeric, numeric[], numeric[]) IS 'raises 22023 for arguments of ltv_table that cannot be';

CREATE FUNCTION ltv_table(acquired numeric, retention numeric[], orders_per_customer numeric[], average_order numeric[], cost_share numeric[],
        acquisition_cost numeric, marketing_cost numeric[] DEFAULT NULL, discount_rate numeric DEFAULT 0, risk numeric DEFAULT 1, payment_days numeric DEFAULT 0,
        discount_factors numeric[] DEFAULT NULL, referral numeric[] DEFAULT NULL, referral_incentive numeric DEFAULT 0, programme_cost numeric[] DEFAULT NULL,
        database_cost numeric DEFAULT 0, other_income numeric[] DEFAULT NULL,
        OUT year_no integer, OUT customers numeric, OUT referred numeric, OUT retained_share numeric, OUT revenue numeric, OUT cost_of_sales numeric, OUT acquisition numeric,
        OUT marketing numeric, OUT referral_cost numeric, OUT programme numeric, OUT database numeric, OUT other numeric, OUT profit numeric, OUT discount_factor numeric,
        OUT present_value numeric, OUT cumulative_value numeric, OUT lifetime_value numeric) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 5 AS $$
DECLARE
    years  CONSTANT integer := cardinality(orders_per_customer);
    kept   numeric := 1;
    factor numeric;
    -- not rounded: customers, those of them referred this year, and the value up to now
    n      numeric;
    won    numeric := 0;
    value  numeric := 0;
BEGIN
    PERFORM dupex.ltv_check(years, acquired, retention || cost_share, discount_factors);
    cumulative_value := 0;
    FOR i IN 1 .. years LOOP
        year_no := i;
        won := CASE WHEN i > 1 THEN n * dupex.ltv_element(referral, i, 0) ELSE 0 END;
        n := CASE WHEN i > 1 THEN n * kept ELSE acquired END + won;
        kept := dupex.ltv_element(retention, i, 0);
        customers := dupex.ltv_shown(n);
        referred := dupex.ltv_shown(won);
        retained_share := dupex.ltv_shown(kept, 6);
        revenue := dupex.ltv_shown(n * orders_per_customer[i] * dupex.ltv_element(average_order, i, 0));
        cost_of_sales := dupex.ltv_shown(revenue * dupex.ltv_element(cost_share, i, 0));
        acquisition := CASE WHEN i = 1 THEN dupex.ltv_shown(acquired * acquisition_cost) ELSE 0 END;
        marketing := dupex.ltv_shown(n * dupex.ltv_element(marketing_cost, i, 0));
        referral_cost := dupex.ltv_shown(won * referral_incentive);
        programme := dupex.ltv_shown(n * dupex.ltv_element(programme_cost, i, 0));
        database := dupex.ltv_shown(n * database_cost);
        other := dupex.ltv_shown(n * dupex.ltv_element(other_income, i, 0));
        profit := revenue + other - cost_of_sales - acquisition - marketing - referral_cost - programme - database;
        factor := CASE WHEN cardinality(discount_factors) > 0 THEN dupex.ltv_element(discount_factors, i, 1)
            ELSE (1 + discount_rate * risk) ^ (i - 1 + payment_days / 365) END;
        discount_factor := dupex.ltv_shown(factor, 6);
        value := value + profit / factor;
        -- the difference of what is shown, so that present values add up
        present_value := dupex.ltv_shown(value) - cumulative_value;
        cumulative_value := dupex.ltv_shown(value);
        lifetime_value := dupex.ltv_shown(value / acquired);
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION ltv_table(numeric, numeric[], numeric[], numeric[], numeric[], numeric, numeric[], numeric, numeric, numeric, numeric[], numeric[], numeric, numeric[], numeric, numeric[]) IS
    'lifetime value table of the customers acquired in the first year (Hughes), a row a year, as many years as orders_per_customer has elements. Arrays have an element a year, a shorter one repeats its last: retention = share of the year''s customers who are customers in the next, average_order and cost_share (of revenue), marketing_cost, programme_cost and other_income a customer, referral = new customers brought by each customer of the year before (they stay and refer as others; referral_incentive is paid for each). acquisition_cost a customer, in the first year. Year n is discounted by (1 + discount_rate * risk)^(n - 1 + payment_days / 365), or by the given discount_factors. lifetime_value is the cumulative present value a customer acquired, never a survivor. Shown with four digits after the point, factors and shares with six; each row and the present values add up. Raises 22023 for shares outside of 0 to 1 and for no years';

-- the value of retention

CREATE FUNCTION retention_value(margin numeric, retention numeric, discount_rate numeric, is_first_now boolean DEFAULT true) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF retention < 0 OR retention > 1 OR discount_rate < 0 THEN
        RAISE 'retention % with discount rate %', retention, discount_rate USING ERRCODE = '22023', DETAIL = 'Retention is from 0 to 1, the discount rate not negative.', HINT = 'Write 0.8 for 80 percent.';
    END IF;
    RETURN margin * CASE WHEN is_first_now THEN 1 + discount_rate ELSE retention END / nullif(1 + discount_rate - retention, 0);
END $$;
COMMENT ON FUNCTION retention_value(numeric, numeric, numeric, boolean) IS
    'value of a customer who brings margin a period as long as he stays, with the same retention each period: margin (1 + i) / (1 + i - r) with the first margin now, margin r / (1 + i - r) with the first one period from now. NULL where it is infinite (r = 1, i = 0). Raises 22023 for a retention outside of 0 to 1 and a negative rate';

CREATE FUNCTION retention_gain(margin numeric, retention numeric, discount_rate numeric, change numeric DEFAULT 0.05, is_first_now boolean DEFAULT true,
        OUT value numeric, OUT new_value numeric, OUT gain numeric, OUT gain_share numeric)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    value := dupex.retention_value(margin, retention, discount_rate, is_first_now);
    new_value := dupex.retention_value(margin, retention + change, discount_rate, is_first_now);
    gain_share := round(new_value / nullif(value, 0) - 1, 6);
    value := round(value, 4);
    new_value := round(new_value, 4);
    gain := new_value - value;
END $$;
COMMENT ON FUNCTION retention_gain(numeric, numeric, numeric, numeric, boolean) IS
    'what a change of the retention rate is worth, 5 points by default: retention_value before and after to four digits after the point, the difference, and its share of the value before. Raises 22023 where the new retention is outside of 0 to 1';

-- when a customer has paid for himself, and what he may cost

CREATE FUNCTION break_even_period(acquisition_cost numeric, margins numeric[], discount_rate numeric DEFAULT 0) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT CASE WHEN acquisition_cost <= 0 THEN 0 ELSE min(n)::integer END
    FROM (SELECT n, sum(margin / (1 + discount_rate) ^ n) OVER (ORDER BY n) AS earned FROM unnest(margins) WITH ORDINALITY m (margin, n)) e WHERE earned >= acquisition_cost OR acquisition_cost <= 0);
COMMENT ON FUNCTION break_even_period(numeric, numeric[], numeric) IS
    'first period, counted from 1, at whose end the margins of the periods so far, each discounted by (1 + discount_rate)^n, cover the cost of acquisition; 0 where there is none to cover, NULL where they never do. Margins are those of a customer, or those of a cohort against its whole cost';

CREATE FUNCTION allowable_acquisition_cost(first_contribution numeric, later_value numeric DEFAULT 0, share numeric DEFAULT 1, conversion numeric DEFAULT 1) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (first_contribution + later_value * share) * conversion;
COMMENT ON FUNCTION allowable_acquisition_cost(numeric, numeric, numeric, numeric) IS
    'what may be spent to win a customer: the contribution of the first order (revenue and handling less cost of goods, fulfilment and required profit) plus a share of the value of later ones. Times the conversion rate of leads, what a lead may cost';

-- how value is spread over the customers

CREATE FUNCTION value_concentration(amounts numeric[], bins integer DEFAULT 10,
        OUT bin integer, OUT customers bigint, OUT least_amount numeric, OUT greatest_amount numeric, OUT amount numeric, OUT share numeric, OUT cumulative_customers numeric, OUT cumulative_share numeric) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 10 COST 1000 AS $$
BEGIN
    IF bins < 1 THEN
        RAISE 'concentration in % parts', bins USING ERRCODE = '22023', HINT = 'Deciles are 10 parts.';
    END IF;
    RETURN QUERY
    SELECT s.no, s.n, s.low, s.high, s.sum, s.to_here - lag(s.to_here, 1, 0.0) OVER (ORDER BY s.no), s.customers_to_here, s.to_here
    FROM (SELECT b.*, round(sum(b.n) OVER w / b.everybody, 6) AS customers_to_here, round(sum(b.sum) OVER w / nullif(b.total, 0), 6) AS to_here
    FROM (SELECT r.no, count(*) AS n, min(r.a) AS low, max(r.a) AS high, sum(r.a) AS sum, min(r.total) AS total, min(r.everybody) AS everybody
        FROM (SELECT a, ntile(bins) OVER (ORDER BY a DESC) AS no, sum(a) OVER () AS total, count(*) OVER () AS everybody FROM unnest(amounts) a WHERE a IS NOT NULL) r GROUP BY r.no) b
        WINDOW w AS (ORDER BY b.no)) s
    ORDER BY s.no;
END $$;
COMMENT ON FUNCTION value_concentration(numeric[], integer) IS
    'how revenue or margin is spread over the customers: one element a customer (array_agg), cut into bins of equally many, the best first; of each bin the number, least, greatest and total amount, its share of the total, and the cumulative shares of customers and amount. Shares have six digits after the point, and those of the bins add up to the cumulative ones; they are NULL where the total is 0. NULLs are left out. Raises 22023 for less than one bin';

CREATE FUNCTION value_gini(amounts numeric[]) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
RETURN (SELECT (2 * sum(rank * a) / nullif(count(*) * sum(a), 0)) - (count(*) + 1) / count(*)::numeric FROM (SELECT a, row_number() OVER (ORDER BY a) AS rank FROM unnest(amounts) a WHERE a IS NOT NULL) r HAVING count(*) > 0);
COMMENT ON FUNCTION value_gini(numeric[]) IS
    'Gini coefficient of the amounts of the customers: 0 where all have the same, near 1 where one has all; above 1 is possible with negative amounts. NULL without customers and where the total is 0';
