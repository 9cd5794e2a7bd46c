-- RFM: recency, frequency, monetary value; each customer gets a digit from 1 to 5 (best) for each, and
-- the three digits name a cell from 111 to 555 (A. M. Hughes, Strategic Database Marketing).

-- The digit of one who has so many customers below, so many equal ones (oneself counted), of so many:
-- the part of parts in which the middle of the equal ones lies. All whole numbers, so never a
-- question of rounding.
CREATE FUNCTION rfm_digit(below bigint, equal bigint, customers bigint, parts integer DEFAULT 5) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (1 + parts * (2 * below + equal) / (2 * customers))::integer;
COMMENT ON FUNCTION rfm_digit(bigint, bigint, bigint, integer) IS
    'digit from 1 to parts (best) of a customer with so many below and so many equal, oneself counted, of so many customers: the part in which the middle of the equal ones lies, the higher one where it lies between two. So equal customers get the same digit';

CREATE FUNCTION rfm_scores(query text, method text DEFAULT 'nested', ties text DEFAULT 'together',
    OUT customer text, OUT recency_score integer, OUT frequency_score integer, OUT monetary_score integer, OUT cell text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 10000 COST 10000 AS $$
DECLARE
    -- who is sorted together when frequency and monetary value are looked at
    frequency_group text := CASE method WHEN 'nested' THEN 'PARTITION BY r' WHEN 'independent' THEN '' END;
    monetary_group  text := CASE method WHEN 'nested' THEN 'PARTITION BY r, f' WHEN 'independent' THEN '' END;
    digit           text := CASE ties
        WHEN 'together' THEN 'dupex.rfm_digit(rank() OVER (%1$s ORDER BY %2$s NULLS FIRST) - 1, count(*) OVER (PARTITION BY %3$s %2$s), count(*) OVER (%1$s))'
        WHEN 'split' THEN 'dupex.rfm_digit(row_number() OVER (%1$s ORDER BY %2$s NULLS FIRST, customer COLLATE "C") - 1, 1, count(*) OVER (%1$s))' END;
BEGIN
    IF frequency_group IS NULL THEN
        RAISE 'unknown method: "%"', method USING ERRCODE = '22023', HINT = 'Methods are nested (frequency within recency, monetary value within both) and independent.';
    ELSIF digit IS NULL THEN
        RAISE 'unknown rule for ties: "%"', ties USING ERRCODE = '22023', HINT = 'Rules are together (equal values, equal digits) and split (by customer, parts of equal size).';
    END IF;
    PERFORM dupex.query_columns_check('rfm_scores', query, 'customer, last_ordered_at, orders, amount');
    RETURN QUERY EXECUTE format($query$
        WITH asked AS (SELECT q.customer::text AS customer, q.last_ordered_at, q.orders, q.amount FROM (%1$s
            ) q (customer, last_ordered_at, orders, amount)),
            recency AS (SELECT *, %2$s AS r FROM asked),
            frequency AS (SELECT *, %3$s AS f FROM recency),
            monetary AS (SELECT *, %4$s AS m FROM frequency)
        SELECT customer, r, f, m, r::text || f || m FROM monetary $query$,
        query, format(digit, '', 'last_ordered_at', ''), format(digit, frequency_group, 'orders', CASE method WHEN 'nested' THEN 'r,' ELSE '' END),
        format(digit, monetary_group, 'amount', CASE method WHEN 'nested' THEN 'r, f,' ELSE '' END));
END $$;
COMMENT ON FUNCTION rfm_scores(text, text, text) IS
    'RFM quintiles, a row a customer in no order. query gives (customer of any type, time of last order, number of orders, amount), a row a customer; a NULL is the lowest value. method nested: five parts by recency, each of them five parts by frequency, each of them five parts by amount; independent: five parts of all customers by each. ties together: equal values get the digit in which the middle of them lies, so parts may differ in size; split: parts of equal size, equal values in the order of customer as text. cell is the three digits, 555 best. Raises 22023 for an unknown method or rule, 42804 for a query of fewer columns';

CREATE FUNCTION rfm_threshold_cell(last_ordered_at timestamptz, orders numeric, amount numeric, as_of timestamptz, days integer[] DEFAULT '{365,180,90,30}',
        order_counts numeric[] DEFAULT '{2,3,5,10}', amounts numeric[] DEFAULT '{50,100,250,1000}') RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (1 + (SELECT count(*) FROM unnest(days) d WHERE as_of - last_ordered_at <= d * interval '24 hours'))::text
        || (1 + (SELECT count(*) FROM unnest(order_counts) c WHERE orders >= c))
        || (1 + (SELECT count(*) FROM unnest(amounts) a WHERE amount >= a));
COMMENT ON FUNCTION rfm_threshold_cell(timestamptz, numeric, numeric, timestamptz, integer[], numeric[], numeric[]) IS
    'RFM cell by fixed limits, the same for every customer base and every day: each digit is 1 plus the number of limits that are reached. days: at most so many times 24 hours since the last order; order_counts, amounts: at least so many. With four limits each the cells are 111 to 555. A NULL reaches no limit';

CREATE FUNCTION rfm_cells(query text, cost_per_piece numeric, margin_per_order numeric,
    OUT cell text, OUT customers bigint, OUT responses bigint, OUT response_rate float8, OUT break_even_rate float8, OUT break_even_index float8) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 125 COST 10000 AS $$
BEGIN
    IF NOT (cost_per_piece >= 0 AND cost_per_piece < 'infinity') THEN
        RAISE 'cost per piece of %', cost_per_piece USING ERRCODE = '22023', HINT = 'It is what one contact costs: printing, postage, list.';
    ELSIF NOT (margin_per_order > 0 AND margin_per_order < 'infinity') THEN
        RAISE 'margin per order of %', margin_per_order USING ERRCODE = '22023', HINT = 'It is what an order brings in before the cost of the contact, and above 0: otherwise nothing breaks even.';
    END IF;
    PERFORM dupex.query_columns_check('rfm_cells', query, 'cell, responded');
    RETURN QUERY EXECUTE format($query$
        SELECT c.cell, c.customers, c.responses, c.responses::float8 / c.customers, ($1 / $2)::float8,
            CASE WHEN $1 > 0 THEN ((c.responses / c.customers::numeric * $2 / $1 - 1) * 100)::float8 END
        FROM (SELECT q.cell::text AS cell, count(*) AS customers, count(*) FILTER (WHERE q.responded) AS responses FROM (%s
            ) q (cell, responded) GROUP BY q.cell::text) c
        ORDER BY c.cell COLLATE "C" DESC $query$, query) USING cost_per_piece, margin_per_order;
END $$;
COMMENT ON FUNCTION rfm_cells(text, numeric, numeric) IS
    'how cells have responded to a test mailing, best cells first. query gives (cell, responded boolean), a row a person contacted; a NULL has not responded. break_even_rate = cost_per_piece / margin_per_order; break_even_index = 100 x (response rate / break-even rate - 1): 0 breaks even, mail the cells above it; NULL when a piece costs nothing. Cells without a person are not there. Raises 22023 for a negative cost or a margin that is not above 0, 42804 for a query of fewer columns';
