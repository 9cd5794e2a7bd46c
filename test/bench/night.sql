-- The leads of test/bench/night.sh: :leads open ones and a quarter as many that were won or lost, of
-- one salesperson for each thousand, in teams of 20, on 1 July 2026; opened in the year before, by
-- answers of ten media and six channels, with visits, calls, orders, baskets and registrations. Who
-- buys depends on what the model is to find. Everything is a function of the number of the lead: the
-- same each time.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS dupex;
SELECT dupex.install('night') IS NOT NULL AS installed \gset
SET search_path = night, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
SET session_replication_role = replica;         -- no foreign keys here: they cost a minute
SELECT greatest(:leads / 1000, 20) AS people \gset
INSERT INTO store VALUES ('showroom', 'showroom');
INSERT INTO team SELECT 'team ' || n, 'team ' || n, 'showroom' FROM generate_series(1, (:people + 19) / 20) n;
INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager)
SELECT n, 'salesperson ' || n, 'team ' || 1 + (n - 1) / 20, CASE WHEN n % 20 = 0 THEN 4 ELSE 1 + n % 3 END, n % 20 = 0 FROM generate_series(1, :people) n;
INSERT INTO region SELECT 'region ' || n, 'region ' || n FROM generate_series(1, 16) n;
INSERT INTO product (product, name) SELECT 'product ' || n, 'product ' || n FROM generate_series(1, 12) n;
INSERT INTO campaign (campaign, name) VALUES ('all', 'all');
INSERT INTO source (source_code, campaign, medium, issued_on)
SELECT m || 'A' || lpad(l::text, 2, '0') || '016', 'all', m, '2026-01-01' FROM string_to_table('A,D,E,K,M,S,T,V,W,X', ',') m, generate_series(1, 5) l ON CONFLICT DO NOTHING;
INSERT INTO event (event_id, name, kind, starts_at) VALUES (1, 'seminar', 'meeting', '2026-06-15 18:00+00');

-- how a lead was, from hashes of its number: dice(lead, what) is from 0 to 1
CREATE FUNCTION public.dice(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN (hashint8extended(n, salt) & 1048575) / 1048576.0;
CREATE TABLE public.generated AS
SELECT n AS lead_id, n > :leads AS is_closed, 1 + (n * 7919 % :people) AS salesperson_id, 1 + (12 * public.dice(n, 1) ^ 2)::int % 12 AS product, 1 + (16 * public.dice(n, 2))::int % 16 AS region,
       (string_to_array('A,D,E,K,M,S,T,V,W,X', ','))[1 + (10 * public.dice(n, 3))::int % 10] AS medium, 1 + (5 * public.dice(n, 4))::int % 5 AS list,
       (string_to_array('call,coupon,fax,email,web,visit', ','))[1 + (6 * public.dice(n, 5) ^ 1.5)::int % 6] AS channel,
       date_trunc('second', timestamptz '2026-07-01 00:00+00' - CASE WHEN n > :leads THEN 60 + 660 * public.dice(n, 6) ELSE 365 * public.dice(n, 6) END * interval '1 day') AS opened_at,
       CASE WHEN public.dice(n, 7) < .45 THEN 'prospective' WHEN public.dice(n, 7) < .9 THEN 'intention' ELSE 'potential' END AS grade,
       (5 * public.dice(n, 8) ^ 3)::int AS visits, (4 * public.dice(n, 9) ^ 2)::int AS calls, public.dice(n, 10) AS luck, public.dice(n, 11) AS wait
  FROM generate_series(1::bigint, :leads + :leads / 4) n;
INSERT INTO customer (customer_id, kind, entered_as, name, region, is_organisation)
SELECT lead_id, 'internal', 'internal', 'customer ' || lead_id, 'region ' || region, public.dice(lead_id, 12) < .3 FROM public.generated;
-- accounts: a tenth as many as leads
INSERT INTO customer (customer_id, kind, entered_as, name, salesperson_id)
SELECT :leads * 2 + n, 'internal', 'internal', 'account ' || n, 1 + n % :people FROM generate_series(1, :leads / 10) n;
INSERT INTO response (customer_id, response_id, responded_at, response_channel, source_code)
SELECT lead_id, lead_id, opened_at - interval '1 hour', channel, (medium || 'A' || lpad(list::text, 2, '0') || '016')::source_code FROM public.generated;
INSERT INTO response (customer_id, responded_at, response_channel) SELECT lead_id, opened_at + wait * 60 * interval '1 day', 'web' FROM public.generated WHERE lead_id % 5 = 0 AND opened_at < '2026-05-01';
INSERT INTO lead (customer_id, lead_id, opened_at, response_id, product, team, salesperson_id, lead_grade, clock_started_at, status, closed_at)
SELECT lead_id, lead_id, opened_at, lead_id, 'product ' || product, 'team ' || 1 + (salesperson_id - 1) / 20, salesperson_id, grade, opened_at, CASE WHEN is_closed THEN c.status ELSE 'open' END,
       CASE WHEN is_closed THEN least(opened_at + (3 + 200 * wait ^ 2) * interval '1 day', timestamptz '2026-06-30 17:00+00') END
  FROM public.generated, LATERAL (SELECT CASE WHEN luck < .08 + .05 * visits + .02 * calls + CASE WHEN medium IN ('E', 'T') THEN .15 ELSE 0 END - CASE WHEN product > 8 THEN .1 ELSE 0 END THEN 'won' ELSE 'lost' END) c(status);
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) SELECT lead_id, lead_id, opened_at, 'opened', salesperson_id, grade, 'open' FROM public.generated;
INSERT INTO visit (customer_id, lead_id, kind, visited_at, salesperson_id, outcome)
SELECT g.lead_id, g.lead_id, CASE WHEN n = 1 AND g.lead_id % 7 = 0 THEN 'test drive' ELSE 'return visit' END, least(g.opened_at + n * (5 + 20 * g.wait) * interval '1 day', timestamptz '2026-06-30 17:00+00'), g.salesperson_id, 'thinks it over'
  FROM public.generated g, generate_series(1, g.visits) n;
INSERT INTO call (customer_id, lead_id, called_at, direction, result)
SELECT g.lead_id, g.lead_id, least(g.opened_at + n * (3 + 30 * g.luck) * interval '1 day', timestamptz '2026-06-30 16:00+00'), 'outbound', CASE WHEN n = 2 THEN 'call back' ELSE 'reached' END FROM public.generated g, generate_series(1, g.calls) n;
INSERT INTO customer_order (customer_id, ordered_at, revenue)
SELECT lead_id, opened_at - (10 + 300 * wait) * interval '1 day' - n * interval '100 days', 1000 + lead_id % 100 FROM public.generated, generate_series(1, (3 * public.dice(lead_id, 13) ^ 2)::int) n;
INSERT INTO basket_event (customer_id, basket, happened_at, kind) SELECT lead_id, 'basket ' || lead_id, timestamptz '2026-07-01' - 60 * wait * interval '1 day', 'added' FROM public.generated WHERE lead_id % 20 = 3;
INSERT INTO event_registration (customer_id, event_id, registered_at) SELECT lead_id, 1, timestamptz '2026-06-01' - 60 * wait * interval '1 day' FROM public.generated WHERE lead_id % 25 = 4;
RESET session_replication_role;
VACUUM ANALYZE;
CHECKPOINT;
