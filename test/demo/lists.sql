-- What marketing does on 3 July: a list is bought and cleaned, and an e-mail goes to whom it is good for.
-- Run by demo.sh before the last night.
SET search_path = marketing, public, dupex;
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
\o /dev/null

-- The names of a trade fair, as they come: some we have, some do not want us, slips, repetitions.
CREATE TABLE public.fair_visitors AS
SELECT 'visitor ' || n AS name,
       CASE WHEN n % 12 = 5 THEN 'fair.visitor' || n - 1 ELSE 'fair.visitor' || n END
       || CASE WHEN n % 25 = 1 THEN '@@gmail.com' WHEN n % 25 = 2 THEN '@gmial.com' WHEN n % 25 = 3 THEN '@gmail' WHEN n % 25 = 4 THEN '@mailinator.com' ELSE '@gmail.com' END AS email,
       CASE WHEN n <= 45 THEN (SELECT p.value FROM contact_point p WHERE p.kind = 'mobile' ORDER BY p.customer_id OFFSET n * 3 LIMIT 1)
            WHEN n <= 55 THEN (SELECT p.value FROM contact_point p JOIN consent_event e ON e.customer_id = p.customer_id AND e.status = 'refused' AND e.channel = 'call'
                                WHERE p.kind = 'mobile' ORDER BY p.customer_id OFFSET n - 46 LIMIT 1)
            WHEN n % 17 = 0 THEN '0000' END AS phone
  FROM generate_series(1, 600) n;
INSERT INTO list (list, name, kind, origin, supplier, names, cost, status, received_on) VALUES ('17', 'visitors of a trade fair in July', 'external', 'bought', 'partner 2', 600, 180, 'new', '2026-07-03');
SELECT * FROM import_list('17', 'public.fair_visitors', cost_per_piece => 0.62, price_per_name => 0.30, joined_on => '2026-07-03');

-- An e-mail about the courses of autumn: to people of the house lists who showed interest and were left in peace lately.
INSERT INTO campaign (campaign, name, purpose, planner, starts_on, ends_on, budget) VALUES ('autumn-2026', 'courses of autumn', 'keep', 'planner of house lists', '2026-07-04', '2026-09-30', 400);
INSERT INTO selection (selection, name, campaign, medium, list, channel, order_by, max_people, per_household)
VALUES ('autumn courses', 'courses of autumn to the house lists', 'autumn-2026', 'D', '02', 'email', 'value percentile', 1000, 1);
INSERT INTO selection_rule (selection, rule_no, kind, attribute, at_least, below, words) VALUES
    ('autumn courses', 1, 'include', 'list', NULL, NULL, '{02,03}'),
    ('autumn courses', 2, 'include', 'days since answer', 0, 730, NULL),
    ('autumn courses', 3, 'exclude', 'days since contact', 0, 14, NULL),
    ('autumn courses', 4, 'exclude', 'grade', NULL, NULL, '{prospective}');
INSERT INTO selection_group (selection, test_group, share, is_control, is_hold_out) VALUES
    ('autumn courses', 'A', .45, true, false), ('autumn courses', 'B', .45, false, false), ('autumn courses', 'H', .10, false, true);
SELECT * FROM select_list('autumn courses', '2026-07-03 10:00+00');
\o
