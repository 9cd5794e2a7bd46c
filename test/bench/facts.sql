-- bench.fill(): facts for the marketing database in schema marketing, :size at a time.

-- Each code is sent on one day of 730.
CREATE OR REPLACE FUNCTION bench.sent_at(touch bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT timestamptz '2024-01-01 09:00+00' + bench.dice(touch, 1, 2000) % 730 * interval '1 day'
$$;

-- Of a hundred facts 40 are touches, 40 what became of them, 10 responses, 2 leads, 3 visits, 5
-- orders. Numbers go on from first; people and sources must be there. A tenth of the responses
-- and a third of the orders come without a code of their own; half of the orders follow a response, and the
-- others of those without a code are matched to pieces.
CREATE OR REPLACE FUNCTION bench.fill(first bigint, facts bigint, people bigint) RETURNS void LANGUAGE plpgsql
    SET search_path = marketing, bench, dupex, pg_temp SET session_replication_role = replica AS
$$
DECLARE
    hundreds bigint := first / 100;
    per_cent bigint := facts / 100;
    codes    source_code[] := ARRAY(SELECT source_code FROM source WHERE source_code <> 'UNSOURCED' ORDER BY source_code);
BEGIN
    INSERT INTO touch (customer_id, touch_id, source_code, sent_at, request_id)
    SELECT 1 + i % people, i, codes[1 + dice(i, 1, 2000)], sent_at(i), 'touch ' || i
      FROM generate_series(hundreds * 40, (hundreds + per_cent) * 40 - 1) i;
    INSERT INTO touch_event (customer_id, touch_event_id, touch_id, kind, happened_at, request_id)
    SELECT 1 + i % people, i, i, (ARRAY['delivered', 'delivered', 'delivered', 'opened', 'clicked', 'bounced'])[1 + dice(i, 3, 6)],
           sent_at(i) + interval '3 hours', 'event ' || i
      FROM generate_series(hundreds * 40, (hundreds + per_cent) * 40 - 1) i;
    INSERT INTO response (customer_id, response_id, responded_at, source_code, request_id)
    SELECT 1 + i * 4 % people, i, sent_at(i * 4) + dice(i, 2, 30) * interval '1 day',
           CASE WHEN dice(i, 4, 10) > 0 THEN codes[1 + dice(i * 4, 1, 2000)] END, 'response ' || i
      FROM generate_series(hundreds * 10, (hundreds + per_cent) * 10 - 1) i;
    INSERT INTO lead (customer_id, lead_id, opened_at, response_id, request_id)
    SELECT 1 + i * 5 * 4 % people, i, sent_at(i * 20) + (1 + dice(i, 2, 30)) * interval '1 day', i * 5, 'lead ' || i
      FROM generate_series(hundreds * 2, (hundreds + per_cent) * 2 - 1) i;
    INSERT INTO visit (customer_id, visit_id, visited_at, lead_id, request_id)
    SELECT 1 + i * 2 / 3 * 5 * 4 % people, i, sent_at(i * 2 / 3 * 20) + (7 + dice(i, 2, 60)) * interval '1 day', i * 2 / 3, 'visit ' || i
      FROM generate_series(hundreds * 3, (hundreds + per_cent) * 3 - 1) i;
    INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods, response_id, source_code, request_id)
    SELECT 1 + i * 2 * 4 % people, i, sent_at(i * 8) + (7 + dice(i, 2, 60)) * interval '1 day', dice(i, 5, 5000000) / 10000.0, 10,
           CASE WHEN dice(i, 7, 2) = 0 THEN i * 2 END, CASE WHEN dice(i, 6, 3) > 0 THEN codes[1 + dice(i * 8, 1, 2000)] END, 'order ' || i
      FROM generate_series(hundreds * 5, (hundreds + per_cent) * 5 - 1) i;
END
$$;

-- The same for tables that are empty: their indexes, but for the primary keys, are made afterwards.
CREATE OR REPLACE FUNCTION bench.fill_empty(facts bigint, people bigint) RETURNS void LANGUAGE plpgsql SET search_path = marketing, bench, dupex, pg_temp AS
$$
DECLARE
    definitions text[];
    definition  text;
    name        text;
BEGIN
    SELECT array_agg(pg_get_indexdef(i.indexrelid)) INTO definitions FROM pg_index i
     WHERE i.indrelid = ANY ('{touch,touch_event,response,lead,visit,customer_order}'::regclass[]) AND NOT i.indisprimary;
    FOR name IN SELECT i.indexrelid::regclass::text FROM pg_index i
                 WHERE i.indrelid = ANY ('{touch,touch_event,response,lead,visit,customer_order}'::regclass[]) AND NOT i.indisprimary LOOP
        EXECUTE 'DROP INDEX ' || name;
    END LOOP;
    PERFORM bench.fill(0, facts, people);
    FOREACH definition IN ARRAY definitions LOOP
        EXECUTE definition;
    END LOOP;
END
$$;

-- From nothing: 2,000 registered codes on 50 lists, four of five with the day on which they reach people, and
-- people, of whom two thirds live in households of two.
CREATE OR REPLACE FUNCTION bench.people(people bigint) RETURNS void LANGUAGE plpgsql SET search_path = marketing, bench, dupex, pg_temp AS
$$
BEGIN
    INSERT INTO campaign VALUES ('bench', 'bench');
    INSERT INTO list (list, name) SELECT to_char(i, 'FM00'), 'list ' || i FROM generate_series(1, 50) i;
    INSERT INTO source (source_code, campaign, medium, list, in_home_on)
    SELECT code_text(936000 + i * 120)::source_code, 'bench', substr(code_text(936000 + i * 120), 1, 1), to_char(1 + i % 50, 'FM00'),
           CASE WHEN i % 5 > 0 THEN date '2024-01-03' + (i % 730)::int END
      FROM generate_series(0, 1999) i;
    INSERT INTO customer (customer_id, name, household_id)
    SELECT i, 'person ' || i, CASE WHEN i % 3 > 0 THEN i / 3 + 1 END FROM generate_series(1, people) i;
END
$$;
