-- A random sequence of calls of the recording functions, wrong ones among them, gives the same
-- database whether each is sent once, or many are sent again, at once or much later. Chance is a
-- hash, so every run is the same.
SET client_min_messages = warning;
SET timezone = 'UTC';
SET search_path = public, dupex;
SELECT install('once_test') IS NOT NULL AND install('often_test') IS NOT NULL AS installed;
CREATE FUNCTION pg_temp.setup(s name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('search_path', s || ', dupex', true);
    INSERT INTO salesperson (salesperson_id, name) SELECT i, 'salesperson ' || i FROM generate_series(1, 4) i;
    INSERT INTO store VALUES ('north', 'North'), ('south', 'South');
    INSERT INTO product (product, name, price, cost_of_goods) VALUES ('compact', 'Compact', 19.95, 12), ('large', 'Large', 99, 70);
    INSERT INTO campaign VALUES ('spring', 'Spring');
    INSERT INTO source (source_code, campaign, medium) SELECT 'D' || g || '0' || l || '028', 'spring', 'D' FROM unnest('{A,B}'::text[]) g, generate_series(1, 3) l;
    INSERT INTO event (event_id, name, kind, starts_at) VALUES (1, 'course', 'course', '2008-05-01 18:00');
    INSERT INTO customer (name, kind, entered_as) SELECT 'customer ' || i, k, k FROM generate_series(1, 12) i, LATERAL (SELECT CASE WHEN i % 2 = 0 THEN 'internal' ELSE 'external' END) t (k);
END $$;
-- what the requests say is hashed with the secret of the installation
UPDATE often_test.installation_secret SET secret = (SELECT o.secret FROM once_test.installation_secret o WHERE o.secret_name = 'suppression') WHERE secret_name = 'suppression';
SELECT pg_temp.setup('once_test');
SELECT pg_temp.setup('often_test');
SET search_path = public, dupex;

CREATE FUNCTION pg_temp.dice(n int, salt int, sides int) RETURNS int LANGUAGE sql AS $$ SELECT (hashint8extended(n, salt) & 1048575)::int % sides + 1 $$;
CREATE TEMP TABLE sent (n int PRIMARY KEY, call text, answer jsonb, state text);

-- what call n is, seen from what there is: mostly right
CREATE FUNCTION pg_temp.make_call(n int) RETURNS text LANGUAGE plpgsql SET search_path = once_test, dupex, pg_temp AS $$
DECLARE
    c       int := pg_temp.dice(n, 1, 12);
    at      text := format('at => %L', timestamptz '2008-02-01 00:00+00' + n * interval '3 hours' - pg_temp.dice(n, 2, 20) * interval '1 hour');
    l       bigint := (SELECT lead_id FROM lead WHERE customer_id = c ORDER BY pg_temp.dice(lead_id::int, n, 1000), lead_id LIMIT 1);
    o       bigint := (SELECT customer_order_id FROM customer_order WHERE customer_id = c ORDER BY pg_temp.dice(customer_order_id::int, n, 1000), customer_order_id LIMIT 1);
    t       bigint := (SELECT touch_id FROM touch WHERE customer_id = c ORDER BY touch_id DESC LIMIT 1);
    grade   text := (ARRAY['prospective', 'intention', 'potential', 'prospective', 'intention', 'hot'])[pg_temp.dice(n, 3, 6)];
    code    text := (ARRAY['DA01028', 'db-o2o28', 'DB03028', 'DB07028', 'nonsense', ' '])[pg_temp.dice(n, 4, 6)];
    who     int := pg_temp.dice(n, 5, 4);
    key     text := format('request_id => %L', 'call ' || n);
BEGIN
    RETURN CASE pg_temp.dice(n, 6, 20)
        WHEN 1 THEN format('register_customer(name => %L, phone => %L, %s, %s, customer_system => ''shop'', customer_number => %L)', 'person ' || n, n, key, at, pg_temp.dice(n, 7, 30))
        WHEN 2 THEN format('record_touch(%s, %L, %s, %s)', c, code, key, at)
        WHEN 3 THEN format('record_touch_event(%s, %L, ''opened'', %s, %s)', c, t, key, at)
        WHEN 4 THEN format('record_response(%s, %L, ''web'', %s, %s, touch => %L)', c, code, key, at, t)
        WHEN 5 THEN format('record_response(quoted_code => %L, channel => ''call'', %s, %s)', code, key, at)
        WHEN 6 THEN format('record_call(%s, ''outbound'', %L, %s, %s, lead => %L, salesperson => %s)', c, (ARRAY['reached', 'promise', 'call back', 'lost'])[who], key, at, l, who)
        WHEN 7 THEN format('record_reception(%s, ''north'', %s, %s, lead => %L, salesperson => %s)', c, key, at, l, who)
        WHEN 8 THEN format('open_lead(%s, ''compact'', %s, %s, grade => %L, salesperson => %s, quoted_code => %L)', c, key, at, grade, who, code)
        WHEN 9 THEN format('open_lead(%s, ''large'', %s, %s, grade => %L)', c, key, at, grade)
        WHEN 10 THEN format('set_grade(%s, %L, %L, %s, %s, salesperson => %s)', c, l, grade, key, at, who)
        WHEN 11 THEN format('record_visit(%s, %L, %s, %s, salesperson => %s, grade => %L)', c, l, key, at, who, grade)
        WHEN 12 THEN format('record_visit(%s, %L, %s, %s, status => %L, salesperson => %s)', c, l, key, at, (ARRAY['planned', 'completed', 'cancelled', 'completed'])[who], who)
        WHEN 13 THEN format('close_lead(%s, %L, ''lost'', %s, %s, reason => ''price'', salesperson => %s)', c, l, key, at, who)
        WHEN 14 THEN format('close_lead(%s, %L, ''won'', %s, %s, customer_order => %L)', c, l, key, at, o)
        WHEN 15 THEN format('record_order(%s, NULL, %s, %s, lines => ''[{"product": "compact", "quantity": %s}, {"product": "large"}]'', quoted_code => %L, lead => %L)', c, key, at, who, code, l)
        WHEN 16 THEN format('record_order(%s, %s, %s, %s, quoted_code => %L)', c, 100 - 30 * who, key, at, code)
        WHEN 17 THEN format('record_return(%s, %s, %s, %s, customer_order => %L)', c, who, key, at, o)
        WHEN 18 THEN format('record_expense(%s, %s, spent_on => ''2008-02-20'', source_code => %L)', 10 * who, key, code)
        WHEN 19 THEN format('record_basket(%s, %L, %L, %s, %s, amount => %s)', c, 'basket ' || c, (ARRAY['added', 'abandoned', 'completed', 'stolen'])[who], key, at, n)
        ELSE format('register_for_event(%s, 1, %s, %s, quoted_code => %L)', c, key, at, code) END;
END $$;
CREATE FUNCTION pg_temp.send(s name, call text, OUT answer jsonb, OUT again boolean, OUT state text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT to_jsonb(a) FROM %I.%s a', s, call) INTO STRICT answer;
    again := answer ->> 'was_already_recorded';
    answer := answer - 'was_already_recorded';
EXCEPTION WHEN OTHERS THEN
    state := SQLSTATE;
END $$;

-- each once
DO $$
DECLARE
    text_of_call text;
BEGIN
    FOR i IN 1..700 LOOP
        text_of_call := pg_temp.make_call(i);
        INSERT INTO sent SELECT i, text_of_call, r.answer, r.state FROM pg_temp.send('once_test', text_of_call) r;
    END LOOP;
END $$;
SELECT count(*) AS calls, count(answer) > 400 AS most_are_right, count(state) > 50 AS some_are_wrong, count(DISTINCT split_part(call, '(', 1)) FILTER (WHERE state IS NULL) AS functions FROM sent;
SELECT state, call FROM sent WHERE state NOT IN ('22003', '22004', '22008', '22023', '23503', '55000');

-- the same, and after each call up to three that were sent before, the last of them very often
CREATE TEMP TABLE sent_again (n int, repeated int, problem text);
DO $$
DECLARE
    c        sent;
    earlier  sent;
    r        record;
BEGIN
    FOR c IN SELECT * FROM sent ORDER BY n LOOP
        r := pg_temp.send('often_test', c.call);
        INSERT INTO sent_again SELECT c.n, c.n, concat_ws(' ', 'first:', r.state, r.answer, r.again) WHERE r.answer IS DISTINCT FROM c.answer OR r.state IS DISTINCT FROM c.state OR r.again;
        FOR i IN 1..pg_temp.dice(c.n, 8, 4) - 1 LOOP
            SELECT * INTO earlier FROM sent s WHERE s.n = CASE i WHEN 1 THEN c.n ELSE pg_temp.dice(c.n * 4 + i, 9, c.n) END;
            -- one that was wrong then may be right now: it is sent again only at once
            CONTINUE WHEN earlier.state IS NOT NULL AND earlier.n <> c.n;
            r := pg_temp.send('often_test', earlier.call);
            INSERT INTO sent_again VALUES (c.n, earlier.n, CASE WHEN r.answer IS DISTINCT FROM earlier.answer OR r.state IS DISTINCT FROM earlier.state OR NOT r.again THEN concat_ws(' ', 'again:', r.state, r.answer, r.again) END);
        END LOOP;
    END LOOP;
END $$;
SELECT count(*) > 500 AS many_again FROM sent_again;
SELECT s.call, a.* FROM sent_again a JOIN sent s ON s.n = a.repeated WHERE a.problem IS NOT NULL LIMIT 5;

-- the two databases, table by table, but for the times of recording
CREATE FUNCTION pg_temp.differences(OUT table_name name, OUT only_once bigint, OUT only_often bigint, OUT example jsonb) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    FOR table_name IN SELECT relname FROM pg_class WHERE relnamespace = 'once_test'::regnamespace AND relkind = 'r' AND relname NOT IN ('installation', 'installed_object', 'installation_secret') ORDER BY 1 LOOP
        EXECUTE format($sql$
            WITH once AS (SELECT to_jsonb(t) - '{recorded_at,recorded_xid,registered_at,since,key_hash}'::text[] AS r FROM once_test.%1$I t),
                 often AS (SELECT to_jsonb(t) - '{recorded_at,recorded_xid,registered_at,since,key_hash}'::text[] AS r FROM often_test.%1$I t)
            SELECT (SELECT count(*) FROM (SELECT r FROM once EXCEPT ALL SELECT r FROM often) d), (SELECT count(*) FROM (SELECT r FROM often EXCEPT ALL SELECT r FROM once) d),
                   (SELECT r FROM (SELECT r FROM often EXCEPT ALL SELECT r FROM once) d LIMIT 1)$sql$, table_name) INTO only_once, only_often, example;
        IF only_once + only_often > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
SELECT * FROM pg_temp.differences();
-- the comparison finds a difference
UPDATE often_test.customer SET name = 'somebody else' WHERE customer_id = 3;
SELECT table_name, only_once, only_often FROM pg_temp.differences();

-- nothing is wrong in them, and leads are what their moves say
SELECT * FROM once_test.check_integrity() WHERE problems > 0;
SELECT count(*) > 50 AS moves, count(*) FILTER (WHERE (m.b).lead_id IS NOT NULL AND ((m.b).to_salesperson_id, (m.b).to_grade, (m.b).to_status) IS DISTINCT FROM (m.from_salesperson_id, m.from_grade, m.from_status)) AS broken
  FROM (SELECT m.*, lag(m) OVER (PARTITION BY customer_id, lead_id ORDER BY lead_move_id) AS b FROM once_test.lead_move m) m;
SELECT count(*) > 30 AS leads, count(*) FILTER (WHERE (m.to_salesperson_id, m.to_grade, m.to_status) IS DISTINCT FROM (l.salesperson_id, l.lead_grade, l.status)) AS unlike
  FROM once_test.lead l LEFT JOIN (SELECT DISTINCT ON (customer_id, lead_id) * FROM once_test.lead_move ORDER BY customer_id, lead_id, lead_move_id DESC) m USING (customer_id, lead_id);
-- who answered, registered, came or ordered is internal since the first time
SELECT count(*) AS wrong FROM once_test.customer c
  LEFT JOIN (SELECT customer_id, min(at) AS at FROM (SELECT customer_id, responded_at FROM once_test.response UNION ALL SELECT customer_id, ordered_at FROM once_test.customer_order
             UNION ALL SELECT customer_id, received_at FROM once_test.reception UNION ALL SELECT customer_id, registered_at FROM once_test.event_registration) f (customer_id, at) GROUP BY 1) f USING (customer_id)
 WHERE c.entered_as = 'external' AND ((c.kind = 'internal') IS DISTINCT FROM (f.at IS NOT NULL) OR c.became_internal_at IS DISTINCT FROM f.at);

SELECT uninstall('once_test', drop_data => true) IS NOT NULL AND uninstall('often_test', drop_data => true) IS NOT NULL AS gone;
