-- Bulk load of orders, lines, returns and expenses: sheets of text and typed tables.
SET client_min_messages = warning;
SET DateStyle = ISO, MDY;
SET TimeZone = 'UTC';
SET search_path = public, dupex;
\set SHOW_CONTEXT never
SELECT dupex.install('load_sales') IS NOT NULL AS installed;
SET search_path = load_sales, public, dupex;
UPDATE setting SET value = 'Asia/Shanghai' WHERE setting = 'time_zone';
INSERT INTO store (store, name) VALUES ('main', 'Main street');
INSERT INTO product (product, name) VALUES ('P1', 'Product 1');
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Wu');
INSERT INTO campaign (campaign, name) VALUES ('spring', 'Spring');
INSERT INTO source (source_code, campaign, medium) VALUES ('DB02087', 'spring', 'D'), ('OLDCODE99', 'spring', 'D');
INSERT INTO customer (customer_id, name) VALUES (11, 'Ann'), (12, 'Ben');
INSERT INTO customer_ref VALUES ('shop', 'A', 11), ('shop', 'B', 12);

-- orders: times without a zone are those of the business; an external customer becomes internal
-- from the earliest order on; nobody is customer 0; codes are read, unreadable ones kept
CREATE TABLE public.sheet (customer_id text, system text, number text, order_number text, ordered_at text, revenue text, cost_of_goods text, response_channel text,
    salesperson text, store text, reason text, quoted_code text, request_id text);
INSERT INTO public.sheet VALUES
    (NULL, 'shop', 'A', '1001', '2007-08-16 08:30', '120.50', '70', 'web', 'Wu', 'main', 'price', 'db02087', NULL),
    ('11', NULL, NULL, '1000', '8/1/2007', ' 19.99 ', NULL, NULL, NULL, NULL, NULL, 'DB0Z087', NULL),
    (NULL, 'shop', 'B', NULL, '2007-08-31 23:59:59.5+02', '1e2', '', 'call', NULL, NULL, NULL, 'old code-99', 'r1'),
    (NULL, NULL, NULL, NULL, '20070901', '5', NULL, NULL, NULL, NULL, 'twice', 'the blue one', NULL),
    (NULL, NULL, NULL, NULL, '20070901', '5', NULL, NULL, NULL, NULL, 'twice', 'the blue one', NULL);
SELECT * FROM load_orders('public.sheet');
SELECT customer_id, order_number, ordered_at, revenue, cost_of_goods, response_channel, salesperson_id, store, reason, quoted_code, source_code,
       code_problem IS NOT NULL AS has_problem, regexp_replace(request_id, '[0-9a-f-]{36}', 'HASH') AS request_id FROM customer_order ORDER BY ordered_at, request_id;
SELECT customer_id, kind, entered_as, became_internal_at FROM customer ORDER BY 1;
-- again, and in another form: the same rows
SELECT * FROM load_orders('public.sheet');
UPDATE public.sheet SET ordered_at = '1 August 2007', revenue = '19.9900', customer_id = NULL, system = ' shop', number = 'A ' WHERE order_number = '1000';
SET DateStyle = SQL, DMY;
SET TimeZone = 'America/New_York';
SELECT * FROM load_orders('public.sheet');
SET DateStyle = ISO, MDY;
SET TimeZone = 'UTC';
-- a key that comes back with other contents is no repetition
UPDATE public.sheet SET revenue = '20' WHERE order_number = '1000' OR request_id = 'r1';
INSERT INTO public.sheet (ordered_at, revenue, request_id) VALUES ('2007-09-02', '1', 'r2'), ('2007-09-02', '1.00', 'r2'), ('2007-09-02', '2', 'r2');
SELECT * FROM load_orders('public.sheet');
SELECT column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY reason;
SELECT count(*), sum(revenue) FROM customer_order;

-- every reason to reject an order
CREATE TABLE public.wrong (LIKE public.sheet);
ALTER TABLE public.wrong ADD lead_id text, ADD lead_request_id text, ADD response_request_id text, ADD salesperson_id text;
INSERT INTO public.wrong (customer_id, system, number, ordered_at, revenue) VALUES
    ('99', NULL, NULL, '2007-08-01', '1'), ('A', NULL, NULL, '2007-08-01', '1'), (NULL, 'shop', 'Z', '2007-08-01', '1'), (NULL, 'till', 'A', '2007-08-01', '1'),
    (NULL, NULL, 'A', '2007-08-01', '1'), (NULL, 'shop', '', '2007-08-01', '1'), ('12', 'shop', 'A', '2007-08-01', '1'),
    ('11', NULL, NULL, '', '1'), ('11', NULL, NULL, '2007-08-01', ' '), ('11', NULL, NULL, '2007-02-29', '1'), ('11', NULL, NULL, '1899-12-31', '1'),
    ('11', NULL, NULL, '2100-01-01', '1'), ('11', NULL, NULL, 'infinity', '1'), ('11', NULL, NULL, 'yesterday', '1'), ('11', NULL, NULL, '39500.5', '1'),
    ('11', NULL, NULL, '2007-08-01 25:00', '1'), ('11', NULL, NULL, '2007-08-01', 'NaN'), ('11', NULL, NULL, '2007-08-01', '1,50'),
    ('11', NULL, NULL, '2007-08-01', '100000000000000'), ('11', NULL, NULL, '2007-08-01', '1e400'), ('11', NULL, NULL, '2007-08-01', 'Infinity'), ('11', NULL, NULL, '2007-08-01', '-0.01');
INSERT INTO public.wrong (ordered_at, revenue, response_channel, salesperson, salesperson_id, store) VALUES
    ('2007-08-01', '1', 'pigeon', NULL, NULL, NULL), ('2007-08-01', '1', NULL, 'Li', NULL, NULL), ('2007-08-01', '1', NULL, NULL, '7', NULL), ('2007-08-01', '1', NULL, NULL, NULL, 'side');
INSERT INTO public.wrong (customer_id, ordered_at, revenue, lead_id, lead_request_id, response_request_id) VALUES
    ('11', '2007-08-01', '1', '1', NULL, NULL), ('11', '2007-08-01', '1', NULL, 'l1', NULL), ('11', '2007-08-01', '1', NULL, NULL, 'r1');
INSERT INTO public.wrong (ordered_at, revenue, order_number, request_id) VALUES ('2007-08-01', '1', repeat('o', 1001), NULL), ('2007-08-01', '1', NULL, repeat('r', 1001));
INSERT INTO public.wrong (customer_id, ordered_at, revenue, cost_of_goods, store) VALUES ('no', 'no', 'no', 'no', 'no');
-- numbers and times to some versions of PostgreSQL only
INSERT INTO public.wrong (customer_id, ordered_at, revenue) VALUES ('11', '2007-08-01', '0x10'), ('11', '2007-08-01', '0B11'), ('11', '2007-08-01', '0o17'), ('11', '2007-08-01', '1_000'),
    ('0xB', '2007-08-01', '1'), ('0b1011', '2007-08-01', '1'), ('0O13', '2007-08-01', '1'), ('1_1', '2007-08-01', '1'), ('11', '2007-08-01', '1e 2'), ('11', 'y2007m08d01', '1'),
    ('11', '20070801h05', '1'), ('11', '2007-08-01 y', '1'), ('11', '2007-08-01 J', '1'), ('11', '2007-08-01 T Z 08:01', '1'), ('11', '2007-08-01T08:01', '0x');
SELECT * FROM load_orders('public.wrong');
SELECT row_no, column_name, left(reason, 120) AS reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;
SELECT count(*), sum(revenue) FROM customer_order;

-- a row a line: the rows of one order are one order, which is taken or left as a whole
CREATE TABLE public.lines (order_number text, customer_id int, ordered_at timestamp, product text, description text, quantity numeric, unit_price double precision, amount numeric, revenue numeric, cost_of_goods numeric, quoted_code text);
INSERT INTO public.lines VALUES
    ('L1', 11, '2007-10-01 10:00', 'P1', NULL, 3, 0.1, NULL, 10.30, 0.15, 'DB02087'), ('L1', 11, '2007-10-01 10:00', 'P9', NULL, NULL, 10, NULL, 10.30, 6, NULL),
    ('L2', NULL, '2007-10-02 10:00', NULL, 'postage', NULL, NULL, 4.5, NULL, NULL, NULL), ('L2', NULL, '2007-10-02 10:00', NULL, 'postage', NULL, NULL, 4.5, NULL, NULL, NULL),
    (NULL, 12, '2007-10-03 10:00', 'P1', 'as new', NULL, NULL, NULL, 7, NULL, NULL), (NULL, 12, '2007-10-03 10:00', 'P1', 'as new', NULL, NULL, NULL, 7, NULL, NULL),
    ('L3', 11, '2007-10-04 10:00', 'P1', NULL, 1, 1, NULL, NULL, NULL, NULL), ('L3', 11, '2007-10-04 10:00', 'P1', NULL, 'NaN', 1, NULL, NULL, NULL, NULL),
    ('L4', 11, '2007-10-04 10:00', 'P1', NULL, 1, 1, NULL, 3, NULL, NULL), ('L4', 11, '2007-10-04 10:00', 'P1', NULL, 1, 1, NULL, 3, NULL, NULL),
    ('L5', 11, '2007-10-04 10:00', 'P1', NULL, 1, 1, NULL, NULL, NULL, NULL), ('L5', 12, '2007-10-04 10:00', 'P1', NULL, 1, 1, NULL, NULL, NULL, NULL),
    ('L6', 11, '2007-10-04 10:00', 'P1', NULL, 9e13, 9, NULL, NULL, NULL, NULL), ('L7', 11, '2007-10-04 10:00', 'P1', NULL, NULL, NULL, 9e13, NULL, NULL, NULL), ('L7', 11, '2007-10-04 10:00', 'P1', NULL, NULL, NULL, 9e13, NULL, NULL, NULL),
    ('L8', 11, 'infinity', 'P1', NULL, NULL, 1, NULL, NULL, NULL, NULL), ('L9', 11, '2007-10-05', 'P1', NULL, NULL, 'NaN', NULL, NULL, NULL, NULL);
SELECT * FROM load_orders('public.lines');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;
SELECT o.customer_id, o.order_number, o.ordered_at, o.revenue, o.cost_of_goods, o.source_code, l.line_no, l.product, l.description, l.quantity, l.unit_price, l.amount
  FROM customer_order o JOIN order_line l USING (customer_id, customer_order_id) WHERE o.ordered_at >= '2007-10-01' ORDER BY o.ordered_at, o.customer_order_id, l.line_no;
SELECT * FROM load_orders('public.lines');
-- one line more is another order
INSERT INTO public.lines (order_number, ordered_at, amount) VALUES ('L2', '2007-10-02 10:00', 1);
DELETE FROM public.lines WHERE order_number <> 'L2' OR order_number IS NULL;
SELECT * FROM load_orders('public.lines');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

-- returns: of an order in the same sheet, of one loaded before, of an unknown one
CREATE TABLE public.returns (order_number text, customer_id int, ordered_at date, revenue numeric, is_return boolean, return_of text, reason text);
INSERT INTO public.returns VALUES
    ('C2', 11, '2007-11-03', -40, NULL, 'O2', 'too small'), ('O2', 11, '2007-11-01', 100, false, NULL, NULL), ('C1', 11, '2007-11-02', 20, true, '1001', NULL),
    ('C3', 12, '2007-11-02', -7, true, NULL, NULL), ('C4', 12, '2007-11-02', -7, true, '1001', NULL), ('C5', 12, '2007-11-02', -7, false, 'O2', NULL);
SELECT * FROM load_orders('public.returns');
SELECT * FROM load_orders('public.returns');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;
SELECT r.customer_id, o.order_number AS return_of, r.returned_at, r.amount, r.reason, r.request_id FROM order_return r LEFT JOIN customer_order o USING (customer_id, customer_order_id) ORDER BY r.request_id;
UPDATE public.returns SET revenue = -41 WHERE order_number = 'C2';
SELECT * FROM load_orders('public.returns');
-- with lines, what came back is the reason unless there is one
CREATE TABLE public.return_lines (order_number text, customer_id int, ordered_at date, product text, quantity int, unit_price numeric, is_return boolean);
INSERT INTO public.return_lines VALUES ('C9', 11, '2007-11-05', 'P1', -2, 5, true), ('C9', 11, '2007-11-05', 'P2', -1, 2.5, true), ('M1', 11, '2007-11-05', 'P1', 1, 5, true), ('M1', 11, '2007-11-05', 'P1', 1, 5, false),
    -- a negative line is fine, a negative order is none
    ('N1', 11, '2007-11-05', 'P1', 2, 5, false), ('N1', 11, '2007-11-05', 'voucher', -1, 4, NULL), ('N2', 11, '2007-11-05', 'P1', 1, 5, NULL), ('N2', 11, '2007-11-05', 'P1', -2, 5, false);
SELECT * FROM load_orders('public.return_lines');
SELECT * FROM load_orders('public.return_lines');
SELECT amount, reason FROM order_return WHERE request_id = 'return C9';
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;
-- the order that is sent back is looked up, not all orders there are
WITH other AS (INSERT INTO customer (customer_id) SELECT generate_series(2001, 6000) RETURNING customer_id)
INSERT INTO customer_order (customer_id, ordered_at, revenue) SELECT customer_id, '2007-11-05', 1 FROM other;
ANALYZE customer_order;
TRUNCATE public.returns;
INSERT INTO public.returns VALUES ('C10', 11, '2007-11-06', 1, true, 'O2', NULL);
BEGIN;
SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_xact_user_tables WHERE relid = 'customer_order'::regclass \gset
SELECT * FROM load_orders('public.returns');
SELECT seq_tup_read + idx_tup_fetch - :read < 400 AS a_few FROM pg_stat_xact_user_tables WHERE relid = 'customer_order'::regclass;
COMMIT;

-- expenses
CREATE TABLE public.spent (spent_on text, amount text, source_code text, campaign text, medium text, kind text, supplier text, request_id text);
INSERT INTO public.spent VALUES ('2007-08-01', '1000', 'db 02 087', NULL, NULL, 'print', 'Printer', NULL), ('2007-08-01', '1000', 'DB02087', NULL, NULL, 'print', 'Printer', NULL),
    ('2007-08-02', '-50.5', NULL, 'spring', NULL, NULL, NULL, 'e1'), ('2007-08-03', '7', NULL, NULL, 'D', NULL, NULL, NULL);
SELECT * FROM load_expenses('public.spent');
SELECT * FROM load_expenses('public.spent');
SELECT spent_on, amount, source_code, campaign, medium, kind, supplier FROM expense ORDER BY expense_id;
TRUNCATE public.spent;
INSERT INTO public.spent VALUES (NULL, '1', 'DB02087'), ('x', '1', 'DB02087'), ('2007-08-01', NULL, 'DB02087'), ('2007-08-01', 'x', 'DB02087'),
    ('2007-08-01', '1', 'DB02097'), ('2007-08-01', '1', 'D?'), ('2007-08-01', '1', 'unsourced'), ('2007-08-01', '1', NULL);
INSERT INTO public.spent VALUES ('2007-08-01', '1', NULL, 'fall', NULL, NULL, NULL, NULL), ('2007-08-01', '1', NULL, NULL, '?', NULL, NULL, NULL),
    ('2007-08-01', '1', 'DB02087', 'spring', NULL, NULL, NULL, NULL), ('2007-08-02', '-50', NULL, 'spring', NULL, NULL, NULL, 'e1');
SELECT * FROM load_expenses('public.spent');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

DROP TABLE public.sheet, public.wrong, public.lines, public.returns, public.return_lines, public.spent;
SELECT dupex.uninstall('load_sales', drop_data => true) IS NOT NULL AS uninstalled;
