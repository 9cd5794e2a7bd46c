-- Bulk load of touches, touch events, responses, leads and visits from sheets of text.
SET client_min_messages = warning;
SET DateStyle = ISO, MDY;
SET TimeZone = 'UTC';
SET search_path = public, dupex;
\set SHOW_CONTEXT never
SELECT dupex.install('load_contacts') IS NOT NULL AS installed;
SET search_path = load_contacts, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO store (store, name) VALUES ('main', 'Main street');
INSERT INTO team (team, name) VALUES ('shop', 'Showroom');
INSERT INTO product (product, name) VALUES ('P1', 'Product 1');
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Wu');
INSERT INTO campaign (campaign, name) VALUES ('spring', 'Spring');
INSERT INTO test_group (campaign, test_group, name, is_hold_out) VALUES ('spring', 'A', 'mailed', false), ('spring', 'H', 'hold-out', true);
INSERT INTO source (source_code, campaign, medium, test_group, is_hold_out) VALUES ('DA01038', 'spring', 'D', 'A', false), ('DH01038', 'spring', 'D', 'H', true);
INSERT INTO customer (customer_id, name, is_seed) VALUES (11, 'Ann', false), (12, 'Ben', false), (13, 'Seed', true);
INSERT INTO customer_ref VALUES ('shop', 'A', 11), ('shop', 'B', 12), ('shop', 'S', 13);
INSERT INTO contact_point (customer_id, contact_point_id, kind, value) VALUES (11, 501, 'email', 'ann@example.com');

-- touches; people of a hold-out cell are no touches; seed names stay seed names
CREATE TABLE public.sent (system text, number text, source_code text, sent_at text, address text, request_id text);
INSERT INTO public.sent VALUES ('shop', 'A', 'da01038', '2008-03-08 10:00', 'ann@example.com', 't1'), ('shop', 'S', 'DA01038', '2008-03-08 10:00', NULL, NULL),
    ('shop', 'B', 'DH01038', '2008-03-08 10:00', NULL, NULL), ('shop', 'A', 'DA01038', '2008-03-15 10:00', '', NULL), ('shop', 'A', 'DA01038', '2008-03-15 10:00', '', NULL);
SELECT * FROM load_touches('public.sent');
SELECT * FROM load_touches('public.sent');
SELECT customer_id, source_code, sent_at, contact_point_id, is_seed, regexp_replace(request_id, '[0-9a-f-]{36}', 'HASH') AS request_id FROM touch ORDER BY touch_id;
SELECT customer_id, source_code, held_out_at FROM hold_out;
-- a sheet that is loaded again after the cells were mended in the registry counts nobody twice
UPDATE source SET is_hold_out = NOT is_hold_out WHERE source_code <> 'UNSOURCED';
SELECT * FROM load_touches('public.sent');
UPDATE source SET is_hold_out = NOT is_hold_out WHERE source_code <> 'UNSOURCED';
TRUNCATE public.sent;
INSERT INTO public.sent VALUES ('shop', 'A', NULL, '2008-03-08'), ('shop', 'A', 'DA01039', '2008-03-08'), ('shop', 'A', 'D.A', '2008-03-08'), ('shop', 'A', 'UNSOURCED', '2008-03-08'),
    ('shop', 'A', 'DA01038', 'soon'), ('shop', 'A', 'DA01038', NULL), ('shop', 'X', 'DA01038', '2008-03-08'), (NULL, NULL, 'DA01038', '2008-03-08');
INSERT INTO public.sent VALUES ('shop', 'B', 'DA01038', '2008-03-08', 'ann@example.com', NULL), ('shop', 'A', 'DA01038', '2008-03-09', 'ann@example.com', 't1'), ('shop', 'A', 'DH01038', '2008-03-08 10:00', NULL, 't1');
SELECT * FROM load_touches('public.sent');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

-- events: the touch by key, by request_id, by code (the last one before the event)
CREATE TABLE public.event (customer_id bigint, touch_id text, touch_request_id text, source_code text, kind text, happened_at text, detail text);
INSERT INTO public.event SELECT 13, touch_id::text, NULL, NULL, 'delivered', '2008-03-08 10:01', NULL FROM touch WHERE customer_id = 13;
INSERT INTO public.event VALUES (11, NULL, 't1', NULL, 'bounced', '2008-03-08 10:02', '550'), (11, NULL, NULL, 'DA01038', 'opened', '2008-03-14 10:00', NULL), (11, NULL, NULL, 'DA01038', 'clicked', '2008-03-16', 'link 1'),
    (11, NULL, NULL, 'DA01038', 'opened', '2008-03-08 09:59', 'clock of the sender is late');
SELECT * FROM load_touch_events('public.event');
SELECT * FROM load_touch_events('public.event');
SELECT t.customer_id, t.sent_at, e.kind, e.happened_at, e.detail FROM touch_event e JOIN touch t USING (customer_id, touch_id) ORDER BY happened_at;
TRUNCATE public.event;
INSERT INTO public.event VALUES (11, NULL, NULL, NULL, 'opened', '2008-03-14'), (11, '1000', NULL, NULL, 'opened', '2008-03-14'), (11, NULL, 't2', NULL, 'opened', '2008-03-14'), (12, NULL, 't1', NULL, 'opened', '2008-03-14'),
    (12, NULL, NULL, 'DH01038', 'opened', '2008-03-14'), (11, NULL, 't1', NULL, 'read', '2008-03-14'), (11, NULL, 't1', NULL, NULL, '2008-03-14'), (11, NULL, 't1', NULL, 'opened', 'x'), (99, NULL, 't1', NULL, 'opened', '2008-03-14');
SELECT * FROM load_touch_events('public.event');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

-- responses: who answers becomes internal, with the earliest answer, also when it is loaded late
CREATE TABLE public.answer (system text, number text, responded_at text, response_channel text, touch_request_id text, salesperson text, store text, product text, message text, quoted_code text, request_id text);
INSERT INTO public.answer VALUES ('shop', 'A', '2008-03-10 09:00', 'web', 't1', 'Wu', 'main', 'P1', 'please call', 'da 01-038', 'a1'), (NULL, NULL, '2008-03-11', 'call', NULL, NULL, NULL, NULL, NULL, 'D101038', NULL), ('shop', 'S', '2008-03-11', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM load_responses('public.answer');
SELECT * FROM load_responses('public.answer');
SELECT r.customer_id, r.responded_at, r.response_channel, t.request_id AS touch, r.salesperson_id, r.store, r.product, r.message, r.quoted_code, r.source_code, r.code_problem IS NOT NULL AS has_problem
  FROM response r LEFT JOIN touch t USING (customer_id, touch_id) ORDER BY r.response_id;
INSERT INTO public.answer (system, number, responded_at) VALUES ('shop', 'A', '2008-03-09');
SELECT * FROM load_responses('public.answer');
SELECT customer_id, kind, entered_as, became_internal_at FROM customer ORDER BY 1;
TRUNCATE public.answer;
INSERT INTO public.answer (system, number, responded_at, response_channel, touch_request_id, salesperson, store, product) VALUES
    ('shop', 'A', NULL, NULL, NULL, NULL, NULL, NULL), ('shop', 'A', '2008-13-01', NULL, NULL, NULL, NULL, NULL), ('shop', 'A', '2008-03-01', 'drum', NULL, NULL, NULL, NULL),
    ('shop', 'A', '2008-03-01', NULL, 't9', NULL, NULL, NULL), ('shop', 'A', '2008-03-01', NULL, NULL, 'Li', NULL, NULL), ('shop', 'A', '2008-03-01', NULL, NULL, NULL, 'side', NULL),
    ('shop', 'A', '2008-03-01', NULL, NULL, NULL, NULL, 'P2'), ('shop', 'C', '2008-03-01', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.answer (system, number, responded_at, quoted_code, request_id) VALUES ('shop', 'A', '2008-03-10 09:00', 'DH01038', 'a1');
SELECT * FROM load_responses('public.answer');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

-- leads come with the history that they tell
CREATE TABLE public.leads (system text, number text, opened_at text, response_request_id text, product text, team text, salesperson_id text, lead_grade text, clock_started_at text, next_visit_on text, status text,
    closed_at text, lost_reason text, competitor text, competitor_price text, quoted_code text, request_id text);
INSERT INTO public.leads VALUES ('shop', 'A', '2008-03-10', 'a1', 'P1', 'shop', '1', 'prospective', '2008-03-20', '2008-03-27', NULL, NULL, NULL, NULL, NULL, 'DA01038', 'l1'),
    ('shop', 'B', '2008-03-11', NULL, NULL, NULL, NULL, 'intention', NULL, NULL, 'lost', '2008-05-01', 'too dear', 'Other', '99.5', NULL, NULL);
SELECT * FROM load_leads('public.leads');
SELECT * FROM load_leads('public.leads');
SELECT l.customer_id, l.opened_at, r.request_id AS response, l.product, l.team, l.salesperson_id, l.lead_grade, l.clock_started_at, l.next_visit_on, l.status, l.closed_at, l.lost_reason, l.competitor, l.competitor_price, l.source_code
  FROM lead l LEFT JOIN response r USING (customer_id, response_id) ORDER BY lead_id;
SELECT customer_id, moved_at, kind, to_salesperson_id, to_grade, from_status, to_status, reason FROM lead_move ORDER BY customer_id, moved_at;
TRUNCATE public.leads;
INSERT INTO public.leads (system, number, opened_at, team, lead_grade, status, closed_at, competitor_price) VALUES
    (NULL, NULL, '2008-03-10', NULL, NULL, NULL, NULL, NULL), ('shop', 'A', NULL, NULL, NULL, NULL, NULL, NULL), ('shop', 'A', '2008-03-10', 'golf', NULL, NULL, NULL, NULL), ('shop', 'A', '2008-03-10', NULL, 'hot', NULL, NULL, NULL),
    ('shop', 'A', '2008-03-10', NULL, NULL, 'gone', NULL, NULL), ('shop', 'A', '2008-03-10', NULL, NULL, 'won', NULL, NULL), ('shop', 'A', '2008-03-10', NULL, NULL, 'open', '2008-03-11', NULL),
    ('shop', 'A', '2008-03-10', NULL, NULL, 'lost', '2008-03-09', NULL), ('shop', 'A', '2008-03-10', NULL, NULL, NULL, NULL, '-1');
SELECT * FROM load_leads('public.leads');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

-- visits
CREATE TABLE public.visits (system text, number text, lead_request_id text, kind text, status text, visited_at text, salesperson text, store text, outcome text, grade_before text, grade_after text, quoted_code text);
INSERT INTO public.visits VALUES ('shop', 'A', 'l1', 'test drive', 'completed', '2008-03-20 15:00', 'Wu', 'main', 'liked it', 'intention', 'prospective', NULL), ('shop', 'A', 'l1', NULL, 'planned', '2008-03-27', NULL, NULL, NULL, NULL, NULL, NULL),
    ('shop', 'B', NULL, NULL, NULL, '2008-03-21', NULL, NULL, NULL, NULL, NULL, 'DA01038');
SELECT * FROM load_visits('public.visits');
SELECT * FROM load_visits('public.visits');
SELECT v.customer_id, l.request_id AS lead, v.kind, v.status, v.visited_at, v.salesperson_id, v.store, v.outcome, v.grade_before, v.grade_after, v.source_code FROM visit v LEFT JOIN lead l USING (customer_id, lead_id) ORDER BY visit_id;
TRUNCATE public.visits;
INSERT INTO public.visits (system, number, lead_request_id, kind, status, visited_at, grade_before, grade_after) VALUES
    (NULL, NULL, NULL, NULL, NULL, '2008-03-20', NULL, NULL), ('shop', 'B', 'l1', NULL, NULL, '2008-03-20', NULL, NULL), ('shop', 'A', NULL, 'tea', NULL, '2008-03-20', NULL, NULL), ('shop', 'A', NULL, NULL, 'done', '2008-03-20', NULL, NULL),
    ('shop', 'A', NULL, NULL, NULL, NULL, NULL, NULL), ('shop', 'A', NULL, NULL, NULL, '2008-03-20', 'cold', 'warm');
SELECT * FROM load_visits('public.visits');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

DROP TABLE public.sent, public.event, public.answer, public.leads, public.visits;
SELECT dupex.uninstall('load_contacts', drop_data => true) IS NOT NULL AS uninstalled;
