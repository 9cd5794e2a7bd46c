-- Who may load: a manager, with the rights that grant_access() gives; nobody else.
SET client_min_messages = error;
\set VERBOSITY terse
SELECT dupex.install('load_access') IS NOT NULL AS installed;
CREATE ROLE regress_load_manager;
CREATE ROLE regress_load_app;
SELECT load_access.grant_access('regress_load_manager', 'manager') IS NOT NULL AND load_access.grant_access('regress_load_app', 'app') IS NOT NULL AS granted;
INSERT INTO load_access.campaign (campaign, name) VALUES ('c', 'c');

SET ROLE regress_load_manager;
SET search_path = load_access, dupex, public, pg_temp;
CREATE TEMP TABLE people (customer_id int, system text, number text, email text, organisation_number text);
INSERT INTO people VALUES (500, 'shop', '1', 'a@example.com', '2'), (NULL, 'shop', '2', NULL, NULL);
SELECT * FROM load_customers('people');
CREATE TEMP TABLE codes AS SELECT 'DA01038' AS source_code, 'c' AS campaign, 'D' AS medium;
SELECT * FROM load_sources('codes');
CREATE TEMP TABLE sent AS SELECT 500 AS customer_id, 'DA01038' AS source_code, date '2008-03-01' AS sent_at, 't' AS request_id;
SELECT * FROM load_touches('sent');
CREATE TEMP TABLE heard AS SELECT 500 AS customer_id, 't' AS touch_request_id, 'opened' AS kind, date '2008-03-02' AS happened_at;
SELECT * FROM load_touch_events('heard');
CREATE TEMP TABLE answer AS SELECT 500 AS customer_id, date '2008-03-03' AS responded_at, 'DA01038' AS quoted_code;
SELECT * FROM load_responses('answer');
CREATE TEMP TABLE leads AS SELECT 500 AS customer_id, date '2008-03-04' AS opened_at, 'l' AS request_id;
SELECT * FROM load_leads('leads');
CREATE TEMP TABLE visits AS SELECT 500 AS customer_id, 'l' AS lead_request_id, date '2008-03-05' AS visited_at;
SELECT * FROM load_visits('visits');
CREATE TEMP TABLE orders AS SELECT 500 AS customer_id, date '2008-03-06' AS ordered_at, 'P' AS product, 10 AS amount, n = 2 AS is_return, 'O' || n AS order_number FROM generate_series(1, 2) AS n;
SELECT * FROM load_orders('orders');
CREATE TEMP TABLE spent AS SELECT date '2008-03-01' AS spent_on, 100 AS amount, 'DA01038' AS source_code;
SELECT * FROM load_expenses('spent');
-- nothing temporary is left but the sheets
SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r';
-- a sheet that the manager may not read
RESET ROLE;
CREATE TABLE public.secret_sheet AS SELECT 1 AS customer_id;
SET ROLE regress_load_manager;
SELECT * FROM load_customers('public.secret_sheet');
RESET ROLE;
SET ROLE regress_load_app;
SELECT * FROM load_customers('public.secret_sheet');
RESET ROLE;
SELECT customer_id, kind FROM customer WHERE customer_id <> 0 ORDER BY 1;

DROP TABLE public.secret_sheet, people, codes, sent, heard, answer, leads, visits, orders, spent;
RESET search_path;
SELECT load_access.revoke_access('regress_load_manager') AND load_access.revoke_access('regress_load_app') AS revoked;
SELECT dupex.uninstall('load_access', drop_data => true) IS NOT NULL AS uninstalled;
DROP ROLE regress_load_manager, regress_load_app;
