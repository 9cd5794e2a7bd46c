-- Bulk load of customers and source codes from sheets of text: what is recorded, what is there
-- already, what is rejected and why.
SET client_min_messages = warning;
SET DateStyle = ISO, MDY;
SET search_path = public, dupex;
\set SHOW_CONTEXT never
SELECT dupex.install('load_people') IS NOT NULL AS installed;
SET search_path = load_people, public, dupex;
INSERT INTO region VALUES ('north', 'North');
INSERT INTO list (list, name) VALUES ('01', 'fair'), ('02', 'magazine');
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Wu'), (2, 'Li'), (3, 'Li');

-- a first sheet: everything that a customer can bring
CREATE TABLE public.people (system text, number text, name text, kind text, is_organisation text, household_id text, organisation_number text,
    role_in_decision text, recommended_by_number text, salesperson text, is_key_account text, is_seed text, birthday text, region text,
    preferred_channel text, became_internal_at text, email text, phone text, mobile text, postal text, messenger text, place text, lists text, joined_on text);
INSERT INTO public.people VALUES
    ('shop', '1', '  Ann Able ', 'internal', 'no', '77', 'F1', 'decides', '2', 'Wu', 'yes', NULL, '2/29/1980', 'north', 'email', '2007-01-31 12:30',
     'ann@example.com', '', '+44 20 7946 0000', '1 High Street', 'ann1', 'home', '01, 02,', '2007-02-01'),
    ('shop', '2', 'Ben Baker', NULL, NULL, NULL, 'F1', 'pays', NULL, NULL, NULL, '1', NULL, NULL, NULL, NULL, 'ben@example.com', NULL, NULL, NULL, NULL, NULL, '02', NULL),
    ('shop', 'F1', 'Firm', 'external', 'true', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '020 7946 0001', NULL, NULL, NULL, 'office', NULL, NULL);
SELECT * FROM load_customers('public.people');
SELECT r.number, c.name, c.kind, c.entered_as, c.is_organisation, c.household_id, o.name AS organisation, c.role_in_decision, b.name AS recommended_by,
       s.name AS owner, c.is_key_account, c.is_seed, c.birthday, c.region, c.preferred_channel, c.became_internal_at AT TIME ZONE setting_value('time_zone') AS became_internal
  FROM customer_ref r JOIN customer c USING (customer_id) LEFT JOIN customer o ON o.customer_id = c.organisation_id
  LEFT JOIN customer b ON b.customer_id = c.recommended_by LEFT JOIN salesperson s ON s.salesperson_id = c.salesperson_id ORDER BY r.number;
SELECT r.number, p.kind, p.place, p.value FROM contact_point p JOIN customer_ref r USING (customer_id) ORDER BY 1, 2;
SELECT r.number, m.list, m.joined_on FROM list_member m JOIN customer_ref r USING (customer_id) ORDER BY 1, 2;
SELECT r.number, a.salesperson_id, a.reason FROM account_owner a JOIN customer_ref r USING (customer_id) ORDER BY 1;

-- the same again, and with news: the customer stays, numbers, addresses and lists are added; what
-- was given up does not come back
UPDATE contact_point SET status = 'refused' WHERE value = 'ben@example.com';
UPDATE list_member SET left_on = '2008-01-01' WHERE list = '02';
SELECT * FROM load_customers('public.people');
UPDATE public.people SET name = 'Benjamin', email = 'ben2@example.com', lists = '01' WHERE number = '2';
SELECT * FROM load_customers('public.people');
SELECT c.name, p.value, p.status FROM customer c JOIN customer_ref r USING (customer_id) JOIN contact_point p USING (customer_id) WHERE r.number = '2' ORDER BY 2;
SELECT r.number, m.list, m.left_on FROM list_member m JOIN customer_ref r USING (customer_id) ORDER BY 1, 2;

-- named by customer_id, by both, not at all; typed columns
CREATE TABLE public.named (customer_id bigint, system text, number int, name text, birthday date, is_seed boolean);
INSERT INTO public.named VALUES
    (1000, NULL, NULL, 'thousand', '1970-01-01', true), (1000, 'shop', 8, 'thousand again', NULL, NULL), (NULL, 'shop', 8, 'by number only', NULL, NULL),
    (NULL, 'shop', 9, 'nine', NULL, NULL), (1001, 'shop', 9, 'nine has an id', NULL, NULL),
    (NULL, NULL, NULL, 'nobody', NULL, NULL), (NULL, NULL, NULL, 'nobody', NULL, NULL), (NULL, NULL, NULL, 'somebody', NULL, NULL);
SELECT * FROM load_customers('public.named');
SELECT * FROM load_customers('public.named');
SELECT c.customer_id >= 1000 AS by_id, c.name, c.birthday, c.is_seed, r.system, r.system = 'sheet' OR r.number IN ('8', '9') AS number FROM customer c LEFT JOIN customer_ref r USING (customer_id)
 WHERE NOT (r.system = 'shop' AND r.number NOT IN ('8', '9')) AND c.customer_id > 0 ORDER BY 1 DESC, 2, 5;
-- a customer made next gets a free id
INSERT INTO customer (name) VALUES ('next') RETURNING customer_id;
-- a number after which none would be left is refused
TRUNCATE public.named;
INSERT INTO public.named (customer_id, name) VALUES (9223372036854775807, 'last'), (1000000000000000000, 'nearly');
SELECT * FROM load_customers('public.named');
SELECT reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

-- every reason to reject one
CREATE TABLE public.wrong (customer_id text, system text, number text, kind text, is_organisation text, household_id text, organisation_id text, organisation_number text,
    role_in_decision text, recommended_by text, recommended_by_number text, salesperson_id text, salesperson text, birthday text, region text, place text, lists text, email text);
INSERT INTO public.wrong (customer_id, system, number) VALUES
    ('x', NULL, NULL), ('-1', NULL, NULL), (NULL, 'shop', NULL), (NULL, NULL, '1'), ('17.5', NULL, NULL), (NULL, 'shop', repeat('9', 1001)),
    ('5000', 'shop', '1'), ('6000', 'shop', '60'), ('6001', 'shop', '60');
INSERT INTO public.wrong (system, number, kind) VALUES ('shop', '20', 'internel');
INSERT INTO public.wrong (system, number, is_organisation) VALUES ('shop', '21', 'perhaps');
INSERT INTO public.wrong (system, number, household_id) VALUES ('shop', '22', '1e30');
INSERT INTO public.wrong (system, number, role_in_decision) VALUES ('shop', '23', 'boss');
INSERT INTO public.wrong (system, number, salesperson_id) VALUES ('shop', '24', '99');
INSERT INTO public.wrong (system, number, salesperson) VALUES ('shop', '25', 'Nemo'), ('shop', '26', 'Li');
INSERT INTO public.wrong (system, number, birthday) VALUES ('shop', '27', '1980-02-30'), ('shop', '28', '31.12.1899'), ('shop', '29', '39512'), ('shop', '30', 'today'), ('shop', '31', 'infinity');
INSERT INTO public.wrong (system, number, region) VALUES ('shop', '32', 'south');
INSERT INTO public.wrong (system, number, place) VALUES ('shop', '33', 'boat');
INSERT INTO public.wrong (system, number, lists) VALUES ('shop', '34', '01,2');
INSERT INTO public.wrong (system, number, organisation_id) VALUES ('shop', '35', '123456');
INSERT INTO public.wrong (system, number, organisation_number) VALUES ('shop', '36', 'F9'), (NULL, NULL, 'F1');
-- 37 is recommended by 38, 38 by 39, and 39 is wrong: all three are
INSERT INTO public.wrong (system, number, recommended_by_number) VALUES ('shop', '37', '38'), ('shop', '38', '39');
INSERT INTO public.wrong (system, number, region, email) VALUES ('shop', '39', 'west', 'several@example.com');
INSERT INTO public.wrong (system, number, region, place, birthday) VALUES ('shop', '40', 'west', 'boat', 'x');
SELECT * FROM load_customers('public.wrong');
SELECT row_no, column_name, left(reason, 110) AS reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;
-- nothing of them was recorded, and the whole row is kept
SELECT count(*) FROM customer_ref WHERE number >= '20' AND number < '41' AND system = 'shop';
SELECT row_data - 'customer_id' AS row_data FROM load_reject WHERE reason LIKE 'region "west"%' ORDER BY row_no LIMIT 1;

-- source codes
INSERT INTO campaign (campaign, name) VALUES ('spring', 'Spring'), ('fall', 'Fall');
INSERT INTO test_group (campaign, test_group, name) VALUES ('spring', 'A', 'usual offer'), ('spring', 'H', 'hold-out');
INSERT INTO offer (offer, name) VALUES ('free', 'free delivery');
CREATE TABLE public.codes (source_code text, campaign text, medium text, test_group text, list text, offer text, issued_on text, in_home_on text, answers_until text, quantity text,
    is_control text, is_hold_out text, inbound_phone text, retired_on text);
INSERT INTO public.codes VALUES
    ('da-01 038', 'spring', 'D', 'A', '01', 'free', '2008-03-01', '2008-03-10', '2008-04-10', '5000', 'yes', NULL, '0800 1', '2009-01-01'),
    ('DH01038', 'spring', 'D', 'H', '01', NULL, '2008-03-01', NULL, NULL, NULL, NULL, 'yes', NULL, NULL),
    ('DA01038', 'spring', 'D', 'A', '01', 'free', '2008-03-01', '2008-03-10', '2008-04-10', '5000', 'yes', NULL, '0800 1', '2009-01-01');
SELECT * FROM load_sources('public.codes');
SELECT * FROM load_sources('public.codes');
SELECT source_code, campaign, medium, test_group, list, offer, issued_on, in_home_on, answers_until, quantity, is_control, is_hold_out, inbound_phone, retired_on
  FROM source WHERE source_code <> 'UNSOURCED' ORDER BY 1;
-- what is registered is not changed by a load, and it says so
UPDATE public.codes SET in_home_on = '2008-03-20', quantity = '6000', retired_on = NULL WHERE source_code = 'DH01038' OR quantity = '5000';
SELECT * FROM load_sources('public.codes');
SELECT reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;
TRUNCATE public.codes;
INSERT INTO public.codes (source_code) VALUES (NULL), ('DA0*'), ('1234567890123'), ('unsourced');
INSERT INTO public.codes (source_code, campaign, medium, test_group, list, offer, in_home_on, answers_until, quantity, is_control, is_hold_out) VALUES
    ('DA01038', 'fall', 'D', NULL, '01', NULL, NULL, NULL, NULL, NULL, NULL),
    ('X1', 'summer', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('X2', NULL, '?', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('X3', 'fall', NULL, 'A', NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('X4', NULL, NULL, 'A', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('X5', NULL, NULL, NULL, '9', NULL, NULL, NULL, NULL, NULL, NULL), ('X6', NULL, NULL, NULL, NULL, 'gift', NULL, NULL, NULL, NULL, NULL),
    ('X7', NULL, NULL, NULL, NULL, NULL, '2008-03-10', '2008-03-09', NULL, NULL, NULL), ('X8', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '-1', NULL, NULL),
    ('X9', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'y', 'y'),
    ('Y1', 'fall', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('Y1', 'spring', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM load_sources('public.codes');
SELECT row_no, column_name, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;

-- every call is in the log
SELECT load_run_id, kind, staging, loaded, already_there, rejected, ended_at >= started_at AS ended FROM load_run ORDER BY 1;

-- the columns of the sheet are checked before anything is written
CREATE TABLE public.sheet (nummer text, name text);
SELECT * FROM load_sources('public.sheet');
SELECT * FROM load_customers('public.sheet');
SELECT * FROM load_customers(NULL);
ALTER TABLE public.sheet RENAME nummer TO number;
SELECT * FROM load_customers('public.sheet');
ALTER TABLE public.sheet ADD system text, ADD _note text;
SELECT * FROM load_customers('public.sheet');

-- day and month in the other order than DateStyle's: the first would be read as 8 May
SET DateStyle = 'ISO, MDY';
CREATE TABLE public.born (system text, number text, birthday text);
INSERT INTO public.born VALUES ('born', '1', '05.08.1980'), ('born', '2', '13.08.1980'), ('born', '3', ' 31/12/1981 00:00'), ('born', '4', '12/31/1982'), ('born', '5', '1983-12-31'), ('born', '6', '6/6/1984');
SELECT * FROM load_customers('public.born');
SELECT count(*) AS written FROM customer_ref WHERE system = 'born';
SET DateStyle = 'ISO, DMY';
SELECT * FROM load_customers('public.born');
SELECT row_no, reason FROM load_reject WHERE load_run_id = (SELECT max(load_run_id) FROM load_run) ORDER BY row_no;
SELECT number, birthday FROM customer JOIN customer_ref USING (customer_id) WHERE system = 'born' ORDER BY number;
-- one slip does not stop a sheet of the right order, nor do dates that can be read in one order only; there is nothing to tell where the year comes first
UPDATE public.born SET number = 'm' || number, birthday = CASE number WHEN '1' THEN '01/14/1980' WHEN '2' THEN '02/15/1980' ELSE birthday END;
SELECT * FROM load_customers('public.born');
UPDATE public.born SET number = 's' || number;
SET DateStyle = 'SQL, MDY';
SELECT * FROM load_customers('public.born');
SET DateStyle = 'SQL, DMY';
DELETE FROM public.born WHERE number LIKE '%6';
UPDATE public.born SET number = 'o' || number;
SELECT * FROM load_customers('public.born');
UPDATE public.born SET number = 'y' || number;
SET DateStyle = 'ISO, YMD';
SELECT * FROM load_customers('public.born');
SELECT row_no, reason FROM load_reject WHERE load_run_id >= (SELECT max(load_run_id) - 1 FROM load_run) ORDER BY load_run_id, row_no;
SET DateStyle = 'ISO, MDY';

DROP TABLE public.people, public.named, public.wrong, public.codes, public.sheet, public.born;
SELECT dupex.uninstall('load_people', drop_data => true) IS NOT NULL AS uninstalled;
