-- Bulk load of orders, with or without lines, and of returns.
--
-- A row is an order, or, where the staging table has columns of lines, a line: then the rows of
-- one order_number (or request_id) are one order. Either way the rows of load_row become one row
-- per order or return in load_order, and that is what is recorded.

CREATE OR REPLACE FUNCTION load_line_amount(amount numeric, quantity numeric, unit_price numeric, revenue numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(amount, round(coalesce(quantity, 1) * unit_price, 4), revenue);
COMMENT ON FUNCTION load_line_amount(numeric, numeric, numeric, numeric) IS 'value of a line: as given, else quantity times unit price, else the revenue of the row; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_make_orders() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    CREATE TEMP TABLE load_order (
        order_key text, rows bigint, row_no bigint, person_id bigint, ordered_at timestamptz, is_return boolean, return_of text, total numeric,
        cost_of_goods numeric, order_number text, found_response_id bigint, found_lead_id bigint, response_channel text, found_salesperson_id bigint,
        store text, reason text, quoted_code text, request_id text, problem text
    ) ON COMMIT DROP;
    CREATE TEMP TABLE load_written (customer_id bigint, customer_order_id bigint, request_id text) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION load_make_orders() IS 'makes the temporary tables load_order and load_written; a part of the bulk load';

-- Fills load_order from rows that are orders.
CREATE OR REPLACE FUNCTION load_take_orders() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO pg_temp.load_order (order_key, rows, row_no, person_id, ordered_at, is_return, return_of, total, cost_of_goods, order_number,
                                    found_response_id, found_lead_id, response_channel, found_salesperson_id, store, reason, quoted_code, request_id)
    SELECT load_request_id(request_key, content, copy_no), 1, row_no, person_id, ordered_at, coalesce(is_return, return_of IS NOT NULL), return_of, revenue,
           coalesce(cost_of_goods, 0), order_number, found_response_id, found_lead_id, response_channel, found_salesperson_id, store, reason, quoted_code,
           request_id
      FROM pg_temp.load_row WHERE problem IS NULL AND NOT is_repeat;
END
$$;
COMMENT ON FUNCTION load_take_orders() IS 'fills load_order from rows that are orders; a part of the bulk load';

-- Fills load_order from rows that are lines; what the rows of an order have in common is read in
-- the first. An order of which one row is wrong is wrong as a whole: with the others alone its
-- revenue would be too small, and the mended sheet would find it there with other contents.
CREATE OR REPLACE FUNCTION load_gather_orders() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO pg_temp.load_order
    SELECT g.order_key, g.rows, g.row_no, g.person_id, g.ordered_at, g.is_return, g.return_of, g.total, g.cost_of_goods, r.order_number,
           r.found_response_id, r.found_lead_id, r.response_channel, r.found_salesperson_id, r.store, coalesce(r.reason, g.returned_goods), r.quoted_code,
           r.request_id,
           CASE WHEN g.has_problem THEN load_key_words(r.request_id, g.order_key) || ' has another row that was rejected'
                WHEN g.person_id <> g.last_person_id THEN load_key_words(r.request_id, g.order_key) || ' has rows of different customers'
                WHEN g.is_return <> g.all_return THEN load_key_words(r.request_id, g.order_key) || ' has rows of an order and of a return'
                WHEN g.revenue <> g.last_revenue OR g.total <> g.revenue THEN format('revenue "%s" is not the sum of the lines, %s', g.last_revenue, g.total)
                WHEN abs(g.total) >= 1e14 OR abs(g.cost_of_goods) >= 1e14 THEN 'amount has more than 14 digits in the sum of the lines' END
      FROM (SELECT load_request_id(request_key, content, copy_no) AS order_key, min(row_no) AS row_no, count(*) AS rows,
                   min(person_id) AS person_id, max(person_id) AS last_person_id, min(ordered_at) AS ordered_at,
                   bool_or(coalesce(is_return, return_of IS NOT NULL)) AS is_return, bool_and(coalesce(is_return, return_of IS NOT NULL)) AS all_return,
                   min(return_of) AS return_of, sum(load_line_amount(amount, quantity, unit_price, revenue)) AS total,
                   min(revenue) AS revenue, max(revenue) AS last_revenue, coalesce(sum(cost_of_goods), 0) AS cost_of_goods,
                   string_agg(concat_ws(' ', trim_scale(abs(quantity)), coalesce(product, description)), ', ' ORDER BY row_no)
                       FILTER (WHERE is_return OR return_of IS NOT NULL) AS returned_goods,
                   bool_or(problem IS NOT NULL) AS has_problem
              FROM pg_temp.load_row GROUP BY 1) g
      JOIN pg_temp.load_row r ON r.row_no = g.row_no;
END
$$;
COMMENT ON FUNCTION load_gather_orders() IS 'fills load_order from rows that are lines; a part of the bulk load';

-- What was recorded before with the same key must have meant the same; an order is not negative.
CREATE OR REPLACE FUNCTION load_check_orders() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    UPDATE pg_temp.load_order o SET problem = load_key_words(o.request_id, o.order_key) || ' was recorded before with other contents'
      FROM customer_order t
     WHERE o.problem IS NULL AND NOT o.is_return AND t.customer_id = o.person_id AND t.request_id = o.order_key
       AND (t.ordered_at <> o.ordered_at OR t.revenue <> o.total);
    UPDATE pg_temp.load_order o SET problem = load_key_words(o.request_id, o.order_key) || ' was recorded before with other contents'
      FROM order_return t
     WHERE o.problem IS NULL AND o.is_return AND t.customer_id = o.person_id AND t.request_id = o.order_key
       AND (t.returned_at <> o.ordered_at OR t.amount <> abs(o.total));
    -- as in record_order(): it would count as one more order
    UPDATE pg_temp.load_order o SET problem = format('revenue "%s" is negative: what is given back is a return (is_return, return_of)', trim_scale(o.total))
     WHERE o.problem IS NULL AND NOT o.is_return AND o.total < 0;
END
$$;
COMMENT ON FUNCTION load_check_orders() IS 'marks orders in load_order that were recorded with other contents, or are negative; a part of the bulk load';

-- What is wrong with an order is wrong with its rows.
CREATE OR REPLACE FUNCTION load_spread_problems() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    IF EXISTS (SELECT FROM pg_temp.load_order WHERE problem IS NOT NULL) THEN
        UPDATE pg_temp.load_row r SET problem = o.problem
          FROM pg_temp.load_order o
         WHERE o.problem IS NOT NULL AND r.problem IS NULL AND o.order_key = load_request_id(r.request_key, r.content, r.copy_no)
           AND (o.rows > 1 OR o.person_id = r.person_id);
    END IF;
END
$$;
COMMENT ON FUNCTION load_spread_problems() IS 'marks the rows of the orders in load_order that are wrong; a part of the bulk load';

-- Records the orders, and notes them in load_written where lines follow; returns how many.
CREATE OR REPLACE FUNCTION load_write_orders(are_lines boolean) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    WITH written AS (
        INSERT INTO customer_order (customer_id, order_number, ordered_at, revenue, cost_of_goods, response_id, lead_id, response_channel,
                                    salesperson_id, store, reason, quoted_code, source_code, code_problem, request_id)
        SELECT o.person_id, o.order_number, o.ordered_at, o.total, o.cost_of_goods, o.found_response_id, o.found_lead_id, o.response_channel,
               o.found_salesperson_id, o.store, o.reason, o.quoted_code, k.source_code, k.code_problem, o.order_key
          FROM pg_temp.load_order o LEFT JOIN pg_temp.load_code k ON k.quoted_code = o.quoted_code
         WHERE o.problem IS NULL AND NOT o.is_return
         ORDER BY o.person_id, o.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING customer_id, customer_order_id, request_id),
    kept AS (
        INSERT INTO pg_temp.load_written SELECT * FROM written WHERE are_lines)
    SELECT count(*) INTO result FROM written;
    RETURN result;
END
$$;
COMMENT ON FUNCTION load_write_orders(boolean) IS 'records the orders of load_order; a part of the bulk load';

-- Records the lines of the orders in load_written; returns how many.
CREATE OR REPLACE FUNCTION load_write_lines() RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    WITH written AS (
        INSERT INTO order_line (customer_id, customer_order_id, line_no, product, description, quantity, unit_price, amount, request_id)
        SELECT w.customer_id, w.customer_order_id, l.line_no, p.product, coalesce(l.description, CASE WHEN p.product IS NULL THEN l.product END),
               coalesce(l.quantity, 1), l.unit_price, l.amount, w.request_id || ' ' || l.line_no
          FROM pg_temp.load_written w
          JOIN (SELECT order_key, row_number() OVER (PARTITION BY order_key ORDER BY row_no) AS line_no, product, description, quantity, unit_price, amount
                  FROM (SELECT load_request_id(request_key, content, copy_no) AS order_key, row_no, product, description, quantity, unit_price,
                               load_line_amount(amount, quantity, unit_price, revenue) AS amount
                          FROM pg_temp.load_row WHERE problem IS NULL) n) l ON l.order_key = w.request_id
          LEFT JOIN product p ON p.product = l.product
         ORDER BY w.customer_id, w.customer_order_id, l.line_no
        RETURNING 1)
    SELECT count(*) INTO result FROM written;
    RETURN result;
END
$$;
COMMENT ON FUNCTION load_write_lines() IS 'records the lines of the orders in load_written; a part of the bulk load';

-- Records the returns, after the orders, because these may be in the same sheet. Returns the number
-- of rows of the sheet that they are made of.
CREATE OR REPLACE FUNCTION load_write_returns() RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    UPDATE pg_temp.load_order o SET problem = format('return_of "%s" is no order_number of the customer', o.return_of)
     WHERE o.problem IS NULL AND o.return_of IS NOT NULL
       AND NOT EXISTS (SELECT FROM customer_order t WHERE t.customer_id = o.person_id AND t.order_number = o.return_of);
    PERFORM load_spread_problems();
    WITH written AS (
        INSERT INTO order_return (customer_id, customer_order_id, returned_at, amount, cost_of_goods, reason, quoted_code, source_code, code_problem, request_id)
        SELECT o.person_id, t.customer_order_id, o.ordered_at, abs(o.total), abs(o.cost_of_goods), o.reason, o.quoted_code, k.source_code, k.code_problem, o.order_key
          FROM pg_temp.load_order o LEFT JOIN pg_temp.load_code k ON k.quoted_code = o.quoted_code
          LEFT JOIN (SELECT c.customer_id, c.order_number, min(c.customer_order_id) AS customer_order_id FROM customer_order c
                      WHERE (c.customer_id, c.order_number) IN (SELECT r.person_id, r.return_of FROM pg_temp.load_order r WHERE r.return_of IS NOT NULL) GROUP BY 1, 2) t
                 ON t.customer_id = o.person_id AND t.order_number = o.return_of
         WHERE o.problem IS NULL AND o.is_return
         ORDER BY o.person_id, o.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING customer_id, request_id)
    SELECT coalesce(sum(o.rows), 0) INTO result FROM written w JOIN pg_temp.load_order o ON o.person_id = w.customer_id AND o.order_key = w.request_id AND o.is_return;
    RETURN result;
END
$$;
COMMENT ON FUNCTION load_write_returns() IS 'records the returns of load_order; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_orders(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at  timestamptz := clock_timestamp();
    are_lines boolean := load_columns_present(staging) && '{product,description,quantity,unit_price,amount}';
BEGIN
    PERFORM load_begin('orders', staging, 'optional');
    PERFORM load_number_copies(are_lines);
    PERFORM load_read_codes();
    PERFORM load_make_orders();
    IF are_lines THEN
        PERFORM load_gather_orders();
    ELSE
        PERFORM load_take_orders();
    END IF;
    ANALYZE pg_temp.load_order;
    PERFORM load_check_orders();
    PERFORM load_spread_problems();
    loaded := load_write_orders(are_lines);
    IF are_lines THEN
        ANALYZE pg_temp.load_written;
        loaded := load_write_lines();
    END IF;
    IF load_columns_present(staging) && '{is_return,return_of}' THEN
        loaded := loaded + load_write_returns();
    END IF;
    PERFORM load_mark_internal();
    DROP TABLE pg_temp.load_order, pg_temp.load_written;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('orders', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_orders(regclass) IS 'records the orders of a staging table: ordered_at, the customer where known, revenue, the quoted code; or one row per line; or returns. External people become internal. Returns how many rows were recorded, were there already, were rejected (see load_reject). 42703 for wrong columns';
