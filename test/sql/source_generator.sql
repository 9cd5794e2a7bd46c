-- generate_sources(): one unused code per cell, the same at a second call; running numbers, their
-- end and their gaps; layouts that change; retired and taken codes; test groups, hold-outs, seeds.
SET client_min_messages = error;
SELECT dupex.install('generate_test') IS NOT NULL AS installed;
RESET client_min_messages;
SET datestyle = ISO;
\set SHOW_CONTEXT never
SET search_path = generate_test, dupex, public;
INSERT INTO campaign (campaign, name) VALUES ('spring', 'spring offers'), ('autumn', 'autumn offers');
INSERT INTO list (list, name) VALUES ('01', 'house'), ('02', 'rented'), ('03', 'worn out');
UPDATE list SET status = 'retired' WHERE list = '03';
INSERT INTO offer (offer, name) VALUES ('F', 'free lesson'), ('T', 'ten percent');

-- the house layout: the cell makes the code (DB02087 of the handbook is among them)
SELECT source_code, campaign, medium, test_group, list, issued_on, in_home_on, answers_until, quantity, is_control, is_hold_out
  FROM generate_sources('spring', '{D,M}', '{A,B,H}', '{01,02}', '2007-08-15', in_home_on => '2007-08-20', answers_until => '2007-10-01', quantity => 5000,
                        control_group => 'A', hold_out_groups => '{H}');
SELECT test_group, name, is_control, is_hold_out FROM test_group ORDER BY 1;

-- a second call writes nothing and returns the same; what is left out is not compared
SELECT count(*), count(DISTINCT source_code) FROM source WHERE campaign = 'spring';
SELECT array_agg(source_code::text) FROM generate_sources('spring', '{D,M}', '{A,B,H}', '{01,02}', '2007-08-31');
SELECT count(*), count(DISTINCT xmin::text) FROM source WHERE campaign = 'spring';
-- more of the same campaign: only what is new is added
SELECT array_agg(source_code::text) FROM generate_sources('spring', '{M,T}', '{B}', '{02}', '2007-08-01');

-- errors: nothing is written
\set VERBOSITY terse
SELECT count(*) AS before FROM source \gset
SELECT generate_sources('spring', '{D}', '{A}', '{01}', '2007-08-01', quantity => 6000);
SELECT generate_sources('winter', '{D}', '{A}', '{01}', '2007-08-01');
SELECT generate_sources(NULL, '{D}', '{A}', '{01}', '2007-08-01');
SELECT generate_sources('spring', '{Q}', '{A}', '{01}', '2007-08-01');
SELECT generate_sources('spring', '{D}', '{A}', '{77}', '2007-08-01');
SELECT generate_sources('spring', '{D}', '{A}', '{03}', '2007-08-01');
SELECT generate_sources('spring', '{D}', '{Z}', '{01}', '2007-08-01', 'gift');
SELECT generate_sources('spring', '{D}', '{b}', '{01}', '2007-10-01');
SELECT generate_sources('spring', '{D}', '{A}', '{01}', '2007-08-01', fields => '[]');
SELECT generate_sources('spring', '{D}', '{A}', '{01}', NULL);
SELECT generate_sources('spring', '{D}', '{A}', '{01}', 'infinity');
SELECT generate_sources('spring', '{D}', '{A}', '{01}', '10000-01-01');
SELECT generate_sources('spring', '{D}', '{A}', '{01}', '2007-08-01', answers_until => '294277-01-01');
SELECT generate_sources('spring', '{D}', '{A}', '{01}', '2007-08-01', in_home_on => '-infinity', answers_until => '2007-08-01');
SELECT generate_sources('spring', '{D}', '{}', '{01}', '2007-09-01');
SELECT generate_sources('spring', '{D}', '{1}', '{01}', '2007-09-01');
SELECT generate_sources('spring', '{D}', '{A}', '{01}', '2007-09-01', control_group => 'B');
SELECT generate_sources('spring', '{D}', '{C}', '{01}', '2007-09-01', control_group => 'C', hold_out_groups => '{C}');
SELECT generate_sources('spring', '{D}', '{A,B}', '{01}', '2007-09-01', control_group => 'B');
SELECT generate_sources('spring', '{D}', '{A}', '{01}', '2007-09-01', fields => '{"number": "7"}');
\set VERBOSITY default
-- taken by another campaign, and by the same month ten years ago
SELECT generate_sources('autumn', '{M,D}', '{B}', '{02}', '2007-08-01');
SELECT generate_sources('spring', '{D}', '{B}', '{02}', '2017-08-01');
-- a retired code is not given out again
UPDATE source SET retired_on = '2007-12-31' WHERE source_code = 'TB02087';
SELECT generate_sources('spring', '{T}', '{B}', '{02}', '2007-08-01');
\set VERBOSITY terse
SELECT count(*) - :before AS written_by_errors FROM source;
SELECT count(*) AS groups_by_errors FROM test_group WHERE test_group = 'C';

-- a running number; the codes that have been given out stay with their cells
UPDATE setting SET value = '{medium}{group}{list:2}{number:1:digits}{check}' WHERE setting = 'source_code_layout';
SELECT array_agg(source_code::text) FROM generate_sources('spring', '{D}', '{A,B}', '{01}', '2007-08-01');
SELECT source_code, issued_on, (source_read(source_code::text, setting_value('source_code_layout'))).problem
  FROM generate_sources('autumn', '{D}', '{A,B}', '{01}', '2008-01-01');
SELECT source_code FROM generate_sources('autumn', '{D}', '{A}', '{01}', '2008-02-01');
SELECT source_code FROM generate_sources('autumn', '{D}', '{A}', '{01}', '2008-01-01');
-- a retired one is passed over, and its cell gets another
UPDATE source SET retired_on = '2008-03-01' WHERE source_code ^@ 'DA011';
SELECT source_code FROM generate_sources('autumn', '{D}', '{A}', '{01}', '2008-01-01');
-- numbers that others have registered; at the end of the range the gaps are used, 0 among them
INSERT INTO source (source_code) VALUES (source_build('{"medium": "D", "group": "A", "list": "01", "number": 9}', '{medium}{group}{list:2}{number:1:digits}{check}')),
                                        (source_build('{"medium": "D", "group": "A", "list": "01", "number": 5}', '{medium}{group}{list:2}{number:1:digits}{check}'));
SELECT string_agg(s.source_code::text, ' ' ORDER BY m) FROM generate_series(timestamp '2008-03-01', '2008-07-01', '1 month') m, LATERAL generate_sources('autumn', '{D}', '{A}', '{01}', m::date) s;
\set VERBOSITY default
SELECT generate_sources('autumn', '{D}', '{A}', '{01}', '2008-08-01');
\set VERBOSITY terse
SELECT source_code AS still_there FROM generate_sources('autumn', '{D}', '{A}', '{01}', '2008-07-01');
SELECT source_code AS still_there FROM generate_sources('autumn', '{D}', '{A}', '{01}', '2008-07-01', fields => '{"number": 8}');

-- letters count AAA, AAB, ...; a layout without any field of the cell
UPDATE setting SET value = '{code:3:letters}' WHERE setting = 'source_code_layout';
SELECT string_agg(source_code::text, ' ') FROM generate_sources('spring', '{D,M}', '{A,B}', '{01,02}', '2009-01-01');
INSERT INTO source (source_code) VALUES ('AZZ');
SELECT string_agg(source_code::text, ' ') FROM generate_sources('spring', '{D}', '{A}', '{01,02}', '2009-02-01');
SELECT string_agg(source_code::text, ' ') FROM generate_sources('autumn', NULL, NULL, NULL, '2009-02-01');
SELECT string_agg(source_code::text, ' ') FROM generate_sources('autumn', '{}', '{}', '{}', '2009-02-01');

-- a mixed field leaves out the characters that are taken for others: no two codes of 29 ^ 2 differ in a look-alike only
UPDATE setting SET value = 'Z{number:2}' WHERE setting = 'source_code_layout';
INSERT INTO source (source_code) VALUES ('Z1Y'), ('Z1Z');
SELECT string_agg(source_code::text, ' ') FROM generate_sources('spring', '{D}', '{A,B}', '{01}', '2009-03-01');
SELECT count(*), count(DISTINCT translate(source_code::text, 'OILZSGB', '0112568')), bool_or(source_code::text ~ '.[OILZSGB]') AS has_look_alikes
  FROM generate_series(1, 800) i, LATERAL generate_sources('spring', '{D}', '{A}', '{01}', (date '2010-01-01' + make_interval(months => i))::date) s;

-- given fields are part of the cell: year letter, month letter, medium, theme, offer, publication
UPDATE setting SET value = '{year:A=2000}{month:A=1}{medium}{theme}{offer}{publication:2:digits}' WHERE setting = 'source_code_layout';
SELECT source_code, offer FROM generate_sources('spring', '{D}', NULL, NULL, '2007-08-01', offer => 'F', fields => '{"theme": "X"}');
SELECT source_code, offer FROM generate_sources('spring', '{D}', NULL, NULL, '2007-08-01', offer => 'T', fields => '{"theme": "X"}');
SELECT source_code, offer FROM generate_sources('spring', '{D}', NULL, NULL, '2007-08-01', offer => 'F', fields => '{"theme": "X"}');
SELECT source_code, offer FROM generate_sources('spring', '{D}', NULL, NULL, '2007-08-01', offer => 'F', fields => '{"theme": "Y", "publication": 77}');
SELECT source_code, offer FROM generate_sources('spring', '{D}', NULL, NULL, '2007-08-01', offer => 'F', fields => '{"theme": "Y", "publication": 77}');
SELECT generate_sources('spring', '{D}', NULL, NULL, '2007-08-01');
SELECT generate_sources('spring', '{D}', NULL, NULL, '2031-08-01', offer => 'F', fields => '{"theme": "X"}');
UPDATE setting SET value = '{mdium}{' WHERE setting = 'source_code_layout';
SELECT generate_sources('spring', '{D}', NULL, NULL, '2007-08-01');

-- seed names
INSERT INTO customer (customer_id, name) VALUES (1, 'seed'), (2, 'buyer');
INSERT INTO customer_order (customer_id, ordered_at, revenue) VALUES (2, '2007-09-01', 10);
SELECT declare_seed(1, '{01,02}'), declare_seed(1, '{01}');
SELECT c.is_seed, array_agg(l.list ORDER BY l.list) FROM customer c JOIN list_member l USING (customer_id) GROUP BY c.customer_id;
SELECT declare_seed(2);
SELECT declare_seed(0);
SELECT declare_seed(3);
SELECT declare_seed(1, '{77}');

SET client_min_messages = error;
SELECT dupex.uninstall('generate_test', drop_data => true) IS NOT NULL AS uninstalled;
