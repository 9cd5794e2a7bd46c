-- Functions for apps: orders, returns, expenses, events.

-- The lines of an order, as the app sends them: checked, with their values worked out. A product
-- that is not registered becomes the description, as in load_orders().
CREATE OR REPLACE FUNCTION read_order_lines(lines jsonb, OUT checked_lines order_line[], OUT total numeric, OUT total_cost numeric)
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    keys    constant text[] := ARRAY['product', 'description', 'quantity', 'unit_price', 'amount', 'cost_of_goods'];
    line    jsonb;
    given   text;
    known   product;
    checked order_line;
    amount  numeric;
    cost    numeric;
BEGIN
    IF jsonb_typeof(lines) <> 'array' OR jsonb_array_length(lines) = 0 THEN
        RAISE EXCEPTION 'lines is no array of lines' USING ERRCODE = 'invalid_parameter_value', COLUMN = 'lines',
            HINT = 'Send such as [{"product": "compact", "quantity": 2, "unit_price": 19.95}].';
    END IF;
    total := 0;
    total_cost := 0;
    FOR n IN 1 .. jsonb_array_length(lines) LOOP
        line := lines -> n - 1;
        checked.line_no := n;
        IF jsonb_typeof(line) <> 'object' OR line - keys <> '{}' THEN
            RAISE EXCEPTION 'line % of the order has %', n, CASE jsonb_typeof(line) WHEN 'object' THEN 'the unknown key ' || (SELECT string_agg(k, ', ') FROM jsonb_object_keys(line - keys) k) ELSE 'no keys' END
                USING ERRCODE = 'invalid_parameter_value', COLUMN = 'lines', HINT = 'A line has product, description, quantity, unit_price, amount, cost_of_goods.';
        END IF;
        given := line ->> 'product';
        known := NULL;
        IF given IS NOT NULL THEN
            SELECT p.* INTO known FROM product p WHERE p.product = given;
        END IF;
        checked.product := known.product;
        checked.description := coalesce(line ->> 'description', CASE WHEN known.product IS NULL THEN given END);
        checked.quantity := coalesce(check_amount('quantity', read_number(line, 'quantity', n), true), 1);
        amount := read_number(line, 'amount', n);
        checked.unit_price := check_amount('unit_price', coalesce(read_number(line, 'unit_price', n), CASE WHEN amount IS NULL THEN known.price END));
        amount := check_amount('amount', coalesce(amount, round(checked.quantity * checked.unit_price, 4)), true);
        cost := check_amount('cost_of_goods', coalesce(read_number(line, 'cost_of_goods', n), round(checked.quantity * known.cost_of_goods, 4), 0), true);
        IF amount IS NULL THEN
            RAISE EXCEPTION 'line % of the order has no amount', n
                USING ERRCODE = 'null_value_not_allowed', COLUMN = 'amount', HINT = 'Give amount or unit_price; the price of a registered product stands in table product.';
        END IF;
        checked.amount := amount;
        total := total + amount;
        total_cost := total_cost + cost;
        checked_lines := checked_lines || checked;
    END LOOP;
END
$$;
COMMENT ON FUNCTION read_order_lines(jsonb) IS 'the lines of an order, as rows of order_line, and the sums of their values and costs: amount is as given, else quantity (1) times unit_price, else times the price of the product; cost_of_goods as given, else that of the product, else 0. 22023 for what is no line, 22004 for one without a value. A part of record_order()';

CREATE OR REPLACE FUNCTION read_number(line jsonb, key text, line_no integer) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
    IF jsonb_typeof(line -> key) IN ('number', 'null') THEN
        RETURN (nullif(line -> key, 'null'))::numeric;
    ELSIF line -> key IS NULL THEN
        RETURN NULL;
    ELSIF jsonb_typeof(line -> key) = 'string' AND line ->> key ~ '^-?\d{1,18}(\.\d{1,8})?$' THEN
        RETURN (line ->> key)::numeric;         -- drivers that keep decimals exact send them as texts
    END IF;
    RAISE EXCEPTION '% "%" of line % is no number', key, line ->> key, line_no
        USING ERRCODE = 'invalid_parameter_value', COLUMN = key, HINT = 'Send it such as 19.95 or "19.95".';
END
$$;
COMMENT ON FUNCTION read_number(jsonb, text, integer) IS 'a number of a line of an order, NULL where there is none; 22023 for what is no number. A part of record_order()';

-- The value of an order. A line may be negative (a voucher, a discount), the order may not: each row
-- of customer_order counts as one order. Revenue and cost of goods are as given, else of the lines.
CREATE OR REPLACE FUNCTION sum_order_lines(lines jsonb, INOUT revenue numeric, INOUT cost_of_goods numeric, OUT checked_lines order_line[])
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    read  record;
    total numeric;
BEGIN
    revenue := check_amount('revenue', revenue, true);
    cost_of_goods := check_amount('cost_of_goods', cost_of_goods);
    IF lines IS NOT NULL THEN
        read := read_order_lines(lines);
        IF revenue <> read.total THEN
            RAISE EXCEPTION 'revenue "%" is not the sum of the lines, %', revenue, read.total
                USING ERRCODE = 'invalid_parameter_value', COLUMN = 'revenue', HINT = 'Leave revenue away, or send a line for what is missing, such as the delivery.';
        END IF;
        total := check_amount('revenue', read.total, true);
        cost_of_goods := coalesce(cost_of_goods, read.total_cost);
        checked_lines := read.checked_lines;
    END IF;
    revenue := coalesce(revenue, total);
    cost_of_goods := coalesce(cost_of_goods, 0);
    IF revenue IS NULL THEN
        RAISE EXCEPTION 'the value of the order is missing' USING ERRCODE = 'null_value_not_allowed', COLUMN = 'revenue', HINT = 'Give revenue, or lines.';
    ELSIF revenue < 0 THEN
        RAISE EXCEPTION 'revenue "%" is negative', revenue
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'revenue', DETAIL = 'It would count as one more order.',
                  HINT = 'Money given back, and an order that was recorded too high, is recorded with record_return().';
    END IF;
END
$$;
COMMENT ON FUNCTION sum_order_lines(jsonb, numeric, numeric) IS 'value and cost of an order, as given or of its lines, and these as rows (NULL: none); 22023 when revenue is not the sum of the lines or is negative, 22004 when neither is given. A part of record_order()';

-- What an order may hang on.
CREATE OR REPLACE FUNCTION check_order_origin(customer bigint, response bigint, channel text, salesperson bigint, store text) RETURNS void
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    PERFORM check_dimensions(channel => channel, salesperson => salesperson, store => store);
    IF response IS NULL THEN
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM response r WHERE r.customer_id = customer AND r.response_id = check_order_origin.response) THEN
        RAISE EXCEPTION 'customer % has no response %', customer, response
            USING ERRCODE = 'foreign_key_violation', TABLE = 'response', COLUMN = 'response_id', HINT = 'record_response() returns its number.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_order_origin(bigint, bigint, text, bigint, text) IS '23503 for an unknown response, channel, salesperson or store. A part of record_order()';

CREATE OR REPLACE FUNCTION record_order(
    customer bigint DEFAULT NULL, revenue numeric DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), lines jsonb DEFAULT NULL,
    order_number text DEFAULT NULL, quoted_code text DEFAULT NULL, channel text DEFAULT NULL, response bigint DEFAULT NULL, lead bigint DEFAULT NULL,
    salesperson bigint DEFAULT NULL, store text DEFAULT NULL, reason text DEFAULT NULL, cost_of_goods numeric DEFAULT NULL, is_correction boolean DEFAULT false,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT customer_order_id bigint, OUT order_revenue numeric, OUT line_count integer, OUT lead_status text, OUT source_code text,
    OUT code_problem text, OUT is_registered_code boolean, OUT became_internal boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_order', record_order.request_id, jsonb_build_present(
        'customer', customer, 'revenue', revenue, 'at', request_time(at), 'lines', lines, 'order_number', order_number, 'quoted_code', quoted_code,
        'channel', channel, 'response', response, 'lead', lead, 'salesperson', salesperson, 'store', store, 'reason', reason,
        'cost_of_goods', cost_of_goods, 'is_correction', is_correction, 'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
    state  lead;
    code   record;
    total  record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_order.customer_id, customer_order_id, order_revenue, line_count, lead_status, source_code, code_problem, is_registered_code, became_internal, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, customer_order_id bigint, order_revenue numeric, line_count integer, lead_status text,
                                          source_code text, code_problem text, is_registered_code boolean, became_internal boolean);
        RETURN;
    END IF;
    at := check_time(at);
    person := request_customer(customer, customer_system, customer_number, false);
    customer_id := person.customer_id;
    PERFORM check_order_origin(customer_id, response, channel, salesperson, store);
    total := sum_order_lines(lines, revenue, cost_of_goods);
    code := request_code(quoted_code, at);
    became_internal := request_mark_internal(person, at);
    IF lead IS NOT NULL THEN
        state := lead_lock(customer_id, lead);
    END IF;
    INSERT INTO customer_order (customer_id, order_number, ordered_at, revenue, cost_of_goods, response_id, lead_id, response_channel, salesperson_id, store,
                                reason, quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, record_order.order_number, at, total.revenue, total.cost_of_goods, response, lead, channel, salesperson, record_order.store,
            record_order.reason, record_order.quoted_code, code.source_code, code.code_problem, record_order.request_id)
    RETURNING customer_order.customer_order_id INTO customer_order_id;
    line_count := coalesce(cardinality(total.checked_lines), 0);
    IF line_count > 0 THEN
        INSERT INTO order_line (customer_id, customer_order_id, line_no, product, description, quantity, unit_price, amount, request_id)
        SELECT person.customer_id, record_order.customer_order_id, l.line_no, l.product, l.description, l.quantity, l.unit_price, l.amount,
               record_order.request_id || ' ' || l.line_no
          FROM unnest(total.checked_lines) l;
    END IF;
    IF state.status <> 'won' AND NOT is_correction THEN
        state := lead_win(state, customer_order_id, greatest(at, state.opened_at), coalesce(reason, 'ordered'),
                          (SELECT s.name FROM salesperson s WHERE s.salesperson_id = salesperson), record_order.request_id);
    END IF;
    order_revenue := total.revenue;
    lead_status := state.status;
    source_code := code.source_code::text;
    code_problem := code.code_problem;
    is_registered_code := code.is_registered;
    was_already_recorded := request_end(record_order.request_id, jsonb_build_present('customer_id', customer_id, 'customer_order_id', customer_order_id,
        'order_revenue', order_revenue, 'line_count', line_count, 'lead_status', lead_status, 'source_code', source_code, 'code_problem', code_problem,
        'is_registered_code', is_registered_code, 'became_internal', became_internal));
END
$$;
COMMENT ON FUNCTION record_order(bigint, numeric, text, timestamptz, jsonb, text, text, text, bigint, bigint, bigint, text, text, numeric, boolean, text, text) IS 'records an order; without a customer it is one of the unidentified customer 0. lines is an array of objects with product, description, quantity, unit_price, amount, cost_of_goods; revenue is their sum and may then be left away. quoted_code is kept as it was quoted and as it was read. An order with a lead wins it; an external customer becomes internal. With is_correction it adds what an earlier order missed, and wins no lead. The order may not be negative, a line of it may; what is given back is a return. Returns the customer, the order, its value and number of lines, the status of the lead, the code as read and its problem, whether it is registered, became_internal, and whether the call is a repetition. 22004 for a missing value, 22023 for negative money or wrong lines, 23503 for an unknown customer, lead, response, channel, salesperson or store; see request_begin()';

CREATE OR REPLACE FUNCTION record_return(
    customer bigint DEFAULT NULL, amount numeric DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), customer_order bigint DEFAULT NULL,
    order_number text DEFAULT NULL, reason text DEFAULT NULL, cost_of_goods numeric DEFAULT 0, quoted_code text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT order_return_id bigint, OUT customer_order_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_return', record_return.request_id, jsonb_build_present(
        'customer', customer, 'amount', amount, 'at', request_time(at), 'customer_order', customer_order, 'order_number', order_number, 'reason', reason,
        'cost_of_goods', cost_of_goods, 'quoted_code', quoted_code, 'customer_system', customer_system, 'customer_number', customer_number));
    code   record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_return.customer_id, order_return_id, customer_order_id, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, order_return_id bigint, customer_order_id bigint);
        RETURN;
    END IF;
    at := check_time(at);
    amount := check_amount('amount', amount);
    cost_of_goods := coalesce(check_amount('cost_of_goods', cost_of_goods), 0);
    IF amount IS NULL THEN
        RAISE EXCEPTION 'the money given back is missing' USING ERRCODE = 'null_value_not_allowed', COLUMN = 'amount', HINT = 'Give amount, positive; 0 for an exchange.';
    END IF;
    customer_id := (request_customer(customer, customer_system, customer_number, false)).customer_id;
    customer_order_id := find_order(customer_id, customer_order, order_number);
    code := request_code(quoted_code, at);
    INSERT INTO order_return (customer_id, customer_order_id, returned_at, amount, cost_of_goods, reason, quoted_code, source_code, code_problem, request_id)
    VALUES (record_return.customer_id, record_return.customer_order_id, at, record_return.amount, record_return.cost_of_goods, record_return.reason,
            record_return.quoted_code, code.source_code, code.code_problem, record_return.request_id)
    RETURNING order_return.order_return_id INTO order_return_id;
    was_already_recorded := request_end(record_return.request_id, jsonb_build_present('customer_id', customer_id, 'order_return_id', order_return_id, 'customer_order_id', customer_order_id));
END
$$;
COMMENT ON FUNCTION record_return(bigint, numeric, text, timestamptz, bigint, text, text, numeric, text, text, text) IS 'records goods sent back: amount is the money given back, cost_of_goods the cost of what came back to stock, both positive. The order is given by its number here or in the system it came from, or is unknown. 22004 for a missing amount, 22023 for a negative one, 23503 for an unknown customer or order; see request_begin()';

CREATE OR REPLACE FUNCTION record_expense(
    amount numeric DEFAULT NULL, request_id text DEFAULT NULL, spent_on date DEFAULT NULL, source_code text DEFAULT NULL, campaign text DEFAULT NULL,
    medium text DEFAULT NULL, kind text DEFAULT NULL, supplier text DEFAULT NULL, is_correction boolean DEFAULT false,
    OUT expense_id bigint, OUT date_day date, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_expense', record_expense.request_id, jsonb_build_present(
        'amount', amount, 'spent_on', spent_on, 'source_code', source_code, 'campaign', campaign, 'medium', medium, 'kind', kind, 'supplier', supplier,
        'is_correction', is_correction));
    cell   source_code;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO expense_id, record_expense.date_day, was_already_recorded
          FROM jsonb_to_record(answer) a (expense_id bigint, date_day date);
        RETURN;
    END IF;
    date_day := check_day(spent_on);
    amount := check_amount('amount', amount, is_correction);
    IF amount IS NULL OR num_nonnulls(source_code, campaign, medium) <> 1 THEN
        RAISE EXCEPTION '%', CASE WHEN amount IS NULL THEN 'the amount is missing' ELSE 'source_code, campaign, medium: just one must be given' END
            USING ERRCODE = CASE WHEN amount IS NULL OR num_nonnulls(source_code, campaign, medium) = 0 THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END,
                  HINT = 'Book an expense to a cell by its source code; to a campaign or a medium only what was spent on all of it.';
    ELSIF campaign IS NOT NULL AND NOT EXISTS (SELECT FROM campaign d WHERE d.campaign = record_expense.campaign) THEN
        PERFORM refuse_dimension('campaign', campaign);
    ELSIF medium IS NOT NULL AND NOT EXISTS (SELECT FROM medium d WHERE d.medium = record_expense.medium) THEN
        PERFORM refuse_dimension('medium', medium);
    END IF;
    IF source_code IS NOT NULL THEN
        cell := (find_source(source_code)).source_code;
    END IF;
    INSERT INTO expense (spent_on, amount, source_code, campaign, medium, kind, supplier, request_id)
    VALUES (date_day, record_expense.amount, cell,
            record_expense.campaign, record_expense.medium, record_expense.kind, record_expense.supplier, record_expense.request_id)
    RETURNING expense.expense_id INTO expense_id;
    was_already_recorded := request_end(record_expense.request_id, jsonb_build_present('expense_id', expense_id, 'date_day', date_day));
END
$$;
COMMENT ON FUNCTION record_expense(numeric, text, date, text, text, text, text, text, boolean) IS 'records money spent on a source code, a campaign or a medium, just one of them, on a day (today where it is not said). kind is list, print, postage, media, call, creative, gift or another word. With is_correction it may be negative. 22004 for a missing amount or effort, 22023 for several efforts or negative money, 23503 for an unknown effort; see request_begin()';
