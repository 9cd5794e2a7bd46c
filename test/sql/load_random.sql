-- Bulk load of sheets made at random, of every kind, with every kind of wrong cell. Each cell is
-- drawn from a pool that says which of its values are right, so it is known beforehand which rows
-- must be recorded and which rejected; the pools are small, so many rows are equal. For each kind:
-- recorded + there already + rejected are all rows, just the wrong rows are rejected and kept
-- whole, the table grows by what was recorded, the same sheet again (in any order) adds nothing.
SET client_min_messages = warning;
SET DateStyle = ISO, MDY;
SET TimeZone = 'UTC';
SET search_path = public, dupex;
\set SHOW_CONTEXT never
SELECT dupex.install('load_random') IS NOT NULL AS installed;
SET search_path = load_random, public, dupex;
INSERT INTO store (store, name) VALUES ('s1', 'Store');
INSERT INTO region VALUES ('r1', 'Region');
INSERT INTO list (list, name) VALUES ('01', 'one'), ('02', 'two');
INSERT INTO product (product, name) VALUES ('p1', 'Product');
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Wu'), (2, 'Li'), (3, 'Li');
INSERT INTO campaign (campaign, name) VALUES ('c1', 'Campaign');
INSERT INTO test_group (campaign, test_group, name) VALUES ('c1', 'A', 'a'), ('c1', 'H', 'h');
INSERT INTO source (source_code, campaign, medium, test_group, is_hold_out) VALUES ('DA01038', 'c1', 'D', 'A', false), ('DH01038', 'c1', 'D', 'H', true);
INSERT INTO customer (name) SELECT 'customer ' || i FROM generate_series(1, 9) i;
INSERT INTO customer_ref SELECT 'shop', 'C' || customer_id, customer_id FROM customer WHERE customer_id > 0;
INSERT INTO touch (customer_id, source_code, sent_at, request_id) SELECT customer_id, 'DA01038', '2008-03-01', 't' FROM customer WHERE customer_id > 0;
INSERT INTO lead (customer_id, opened_at, request_id) SELECT customer_id, '2008-03-01', 'l' FROM customer WHERE customer_id > 0;

CREATE TABLE public.pool (kinds text, column_name text, is_right boolean, cells text[]);
INSERT INTO public.pool VALUES
    ('touches touch_events responses leads visits orders', 'system', true, '{shop," shop "}'), ('touches touch_events leads visits', 'number', true, '{C1,C2,"C3 ",C4,C5,C6,C7,C8,C9}'),
    ('responses orders', 'number', true, '{C1,C2,"C3 ",C4,C5,C6,C7,C8,C9}'), ('touches touch_events responses leads visits orders', 'number', false, '{C0,c1,NULL,""}'),
    ('touches touch_events responses leads visits orders', 'customer_id', true, '{NULL,NULL,""}'), ('touches touch_events responses leads visits orders', 'customer_id', false, '{x,1.5,99,-1,1e99}'),
    ('touches', 'sent_at', true, NULL), ('touch_events', 'happened_at', true, NULL), ('responses', 'responded_at', true, NULL), ('leads', 'opened_at', true, NULL), ('visits', 'visited_at', true, NULL), ('orders', 'ordered_at', true, NULL),
    ('touches', 'sent_at', false, NULL), ('touch_events', 'happened_at', false, NULL), ('responses', 'responded_at', false, NULL), ('leads', 'opened_at', false, NULL), ('visits', 'visited_at', false, NULL), ('orders', 'ordered_at', false, NULL),
    ('touches expenses', 'source_code', true, '{DA01038,"da-01 038"}'), ('touches expenses', 'source_code', false, '{"DA0103?",DA01048,UNSOURCED,NULL,1234567890123}'), ('touches', 'source_code', true, '{DH01038}'),
    ('touches', 'address', true, '{NULL,""}'), ('touches', 'address', false, '{nobody@example.com}'),
    ('touch_events', 'touch_request_id', true, '{t,"t "}'), ('touch_events', 'touch_request_id', false, '{T,NULL}'), ('touch_events', 'kind', true, '{opened,clicked,delivered,bounced}'), ('touch_events', 'kind', false, '{Opened,NULL,seen}'),
    ('responses orders', 'response_channel', true, '{web,call,NULL}'), ('responses orders', 'response_channel', false, '{Web}'), ('responses leads visits orders', 'quoted_code', true, '{DA01038,"da 01 038",DAO1O38,rubbish,NULL,""}'),
    ('responses leads', 'product', true, '{p1,NULL}'), ('responses leads', 'product', false, '{p2}'), ('responses leads visits orders', 'salesperson', true, '{Wu,NULL}'), ('responses leads visits orders', 'salesperson', false, '{Li,wu,Nemo}'),
    ('leads', 'status', true, '{open,NULL}'), ('leads', 'status', false, '{won,lost,closed}'), ('leads', 'lead_grade', true, '{prospective,NULL}'), ('leads', 'lead_grade', false, '{hot}'), ('leads', 'competitor_price', true, '{0,NULL,12.50}'), ('leads', 'competitor_price', false, '{-1,cheap}'),
    ('visits', 'kind', true, '{test drive,reception,NULL}'), ('visits', 'kind', false, '{tea}'), ('visits', 'lead_request_id', true, '{l,NULL}'), ('visits', 'lead_request_id', false, '{L}'), ('visits', 'grade_after', true, '{potential,NULL}'), ('visits', 'grade_after', false, '{none}'),
    ('orders', 'revenue', true, '{10," 20.5 ",1e2,0,.5}'), ('orders', 'revenue', false, '{NaN,inf,-3,"1,000",EUR 5,NULL,1e15}'), ('orders', 'cost_of_goods', true, '{NULL,"",4}'), ('orders', 'cost_of_goods', false, '{four}'), ('orders', 'is_return', true, '{no,f,NULL,0}'), ('orders', 'is_return', false, '{maybe}'),
    ('expenses', 'spent_on', true, NULL), ('expenses', 'spent_on', false, NULL), ('expenses', 'amount', true, '{10," 20.5 ",1e2,-3,.5}'), ('expenses', 'amount', false, '{NaN,inf,"1,000",EUR 5,NULL,1e15}'), ('expenses', 'campaign', true, '{NULL,""}'), ('expenses', 'campaign', false, '{c1,c2}'),
    ('customers', 'system', true, '{till}'), ('customers', 'number', true, '{1,2,3,4,5,6,7,8,9}'), ('customers', 'number', false, '{NULL}'), ('customers', 'kind', true, '{internal,external,NULL}'), ('customers', 'kind', false, '{none}'),
    ('customers', 'is_seed', true, '{yes,N,TRUE,"",NULL}'), ('customers', 'is_seed', false, '{2}'), ('customers', 'birthday', true, NULL), ('customers', 'birthday', false, '{x,1800-01-01,1980-02-30}'), ('customers', 'lists', true, '{"01, 02",01,"",NULL}'), ('customers', 'lists', false, '{03}'),
    ('customers', 'region', true, '{r1,NULL}'), ('customers', 'region', false, '{r2}'),
    ('sources', 'source_code', true, '{X1,X2,"x 3",X-4}'), ('sources', 'source_code', false, '{NULL,X!,UNSOURCED}'), ('sources', 'medium', true, '{D}'), ('sources', 'medium', false, '{d}'), ('sources', 'quantity', true, '{100,100.0}'), ('sources', 'quantity', false, '{-1,1.5}');
UPDATE public.pool SET cells = CASE WHEN is_right THEN '{2008-03-08,3/31/2008 14:00," 20080310",2008-02-29 23:59:59.25}'::text[] ELSE '{NULL,"",39512,soon,infinity,now,2008-02-30,1899-12-31,2100-01-01,12:00}'::text[] END WHERE cells IS NULL;
UPDATE public.pool SET cells = array_remove(cells, NULL) WHERE column_name = 'birthday';

-- a sheet of one kind; _row and _is_right are for us: such columns are passed over
CREATE FUNCTION pg_temp.make_sheet(load_kind text, rows int, salt int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c          record;
    sheet_sql  text := '';
    checks_sql text := 'true';
    wrong      text;
BEGIN
    FOR c IN SELECT p.column_name, array_agg(cell ORDER BY cell) FILTER (WHERE p.is_right) AS right_cells,
                    coalesce(array_agg(cell ORDER BY cell) FILTER (WHERE NOT p.is_right), '{}') AS wrong_cells
               FROM public.pool p, unnest(p.cells) AS cell WHERE load_kind = ANY (string_to_array(p.kinds, ' ')) GROUP BY p.column_name ORDER BY p.column_name LOOP
        -- one cell in twenty is wrong, where a cell of this column can be
        wrong := format('%L AND hashtextextended(%L || i, %s) %% 20 = 0', cardinality(c.wrong_cells) > 0, 'wrong ' || c.column_name, salt);
        sheet_sql := sheet_sql || format(', CASE WHEN %1$s THEN (%2$L::text[])[1 + abs(%6$s %% %3$s)] ELSE (%4$L::text[])[1 + abs(%6$s %% %5$s)] END AS %7$I', wrong,
                                         c.wrong_cells, greatest(cardinality(c.wrong_cells), 1), c.right_cells, cardinality(c.right_cells), format('hashtextextended(%L || i, %s)', c.column_name, salt), c.column_name);
        checks_sql := checks_sql || format(' AND NOT (%s)', wrong);
    END LOOP;
    EXECUTE format('CREATE TABLE public.%I AS SELECT i AS _row, %s AS _is_right%s FROM generate_series(1, %s) i', 'random_' || load_kind, checks_sql, sheet_sql, rows);
END
$$;

CREATE FUNCTION pg_temp.try(load_kind text, facts text, rows int DEFAULT 600, salt int DEFAULT 1)
    RETURNS TABLE (kind text, counts_all boolean, just_wrong_rejected boolean, kept_whole boolean, grew boolean, again_nothing boolean, shuffled_nothing boolean, example text) LANGUAGE plpgsql AS $$
DECLARE
    sheet  text := 'public.random_' || load_kind;
    before bigint;
    after  bigint;
    first  record;
    again  record;
    run    bigint;
BEGIN
    PERFORM pg_temp.make_sheet(load_kind, rows, salt);
    EXECUTE format('SELECT sum(n) FROM (%s) a', (SELECT string_agg('SELECT count(*) AS n FROM ' || f, ' UNION ALL ') FROM string_to_table(facts, ' ') f)) INTO before;
    EXECUTE format('SELECT * FROM load_%s(%L)', load_kind, sheet) INTO first;
    EXECUTE format('SELECT sum(n) FROM (%s) a', (SELECT string_agg('SELECT count(*) AS n FROM ' || f, ' UNION ALL ') FROM string_to_table(facts, ' ') f)) INTO after;
    run := (SELECT max(load_run_id) FROM load_run);
    EXECUTE format('SELECT * FROM load_%s(%L)', load_kind, sheet) INTO again;
    kind := load_kind;
    counts_all := first.loaded + first.already_there + first.rejected = rows AND first.loaded > 3 AND first.rejected > rows / 20;
    grew := after - before = first.loaded;
    again_nothing := (again.loaded, again.already_there, again.rejected) = (0, first.loaded + first.already_there, first.rejected);
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s s FULL JOIN (SELECT * FROM load_reject WHERE load_run_id = %s) r ON (r.row_data ->> ''_row'')::int = s._row WHERE s._is_right = (r.row_no IS NOT NULL) OR s._row IS NULL)', sheet, run) INTO just_wrong_rejected;
    EXECUTE format('SELECT bool_and(r.row_data = to_jsonb(s)) FROM load_reject r JOIN %s s ON s._row = (r.row_data ->> ''_row'')::int WHERE r.load_run_id = %s', sheet, run) INTO kept_whole;
    EXECUTE format('SELECT concat_ws('': '', s._row, s._is_right, r.reason, to_jsonb(s)) FROM %s s LEFT JOIN load_reject r ON r.load_run_id = %s AND (r.row_data ->> ''_row'')::int = s._row WHERE s._is_right = (r.row_no IS NOT NULL) LIMIT 1', sheet, run) INTO example;
    EXECUTE format('CREATE TABLE public.shuffled AS SELECT * FROM %s ORDER BY hashint4(_row)', sheet);
    EXECUTE format('SELECT * FROM load_%s(''public.shuffled'')', load_kind) INTO again;
    shuffled_nothing := (again.loaded, again.already_there, again.rejected) = (0, first.loaded + first.already_there, first.rejected);
    DROP TABLE public.shuffled;
    RETURN NEXT;
END
$$;
SELECT t.* FROM (VALUES ('customers', 'customer'), ('sources', 'source'), ('touches', 'touch hold_out'), ('touch_events', 'touch_event'), ('responses', 'response'), ('leads', 'lead'), ('visits', 'visit'),
    ('orders', 'customer_order'), ('expenses', 'expense')) k (load_kind, facts), pg_temp.try(load_kind, facts) t;
-- the money is all there, to the cent, by customer and day
SELECT count(*) AS differences FROM (SELECT customer_id, ordered_at, sum(revenue) AS revenue, sum(cost_of_goods) AS cost, count(*) AS orders FROM customer_order GROUP BY 1, 2) o
  FULL JOIN (SELECT substr(btrim(number), 2)::bigint AS customer_id, btrim(ordered_at)::timestamptz AS ordered_at, sum(btrim(revenue)::numeric) AS revenue,
                    sum(coalesce(nullif(cost_of_goods, '')::numeric, 0)) AS cost, count(*) AS orders FROM public.random_orders WHERE _is_right GROUP BY 1, 2) s USING (customer_id, ordered_at)
 WHERE (o.revenue, o.cost, o.orders) IS DISTINCT FROM (s.revenue, s.cost, s.orders);
SELECT (SELECT sum(amount) FROM expense) = (SELECT sum(btrim(amount)::numeric) FROM public.random_expenses WHERE _is_right) AS all_expenses;
SELECT count(*) = count(DISTINCT (customer_id, request_id)) AS keys FROM customer_order;
SELECT sum(rejected) = (SELECT count(*) FROM load_reject) AS rejects_are_kept FROM load_run;
DROP TABLE public.pool, public.random_customers, public.random_sources, public.random_touches, public.random_touch_events, public.random_responses, public.random_leads,
    public.random_visits, public.random_orders, public.random_expenses;
SELECT dupex.uninstall('load_random', drop_data => true) IS NOT NULL AS uninstalled;
