-- Stale leads: small histories, each with the owner that the rules give it on every day. The
-- expected owners are written from the rules (three calendar months and so on), by hand.
SET client_min_messages = warning;
SELECT dupex.install('stale_test') IS NOT NULL AS installed;
SET search_path = stale_test, dupex, public;
SET timezone = 'Asia/Tokyo';                     -- counts for nothing: the business is in UTC
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
\set VERBOSITY terse

-- Three grades more, to have more rules: "warm" moves after ten days without a contact too, "slow"
-- has two clocks of the same length, "steady" only the one without contact.
INSERT INTO lead_grade VALUES ('warm', 11, 'moves by two clocks', NULL, NULL, 'sales'), ('slow', 12, 'the other way round', NULL, NULL, 'sales'),
                              ('steady', 13, 'one clock, defeats', NULL, NULL, 'sales'), ('monthly', 14, 'every month', NULL, NULL, 'sales');
INSERT INTO stale_rule (lead_grade, step_no, stale_after, clock, action) VALUES
    ('warm', 1, '1 month', 'deal', 'to senior'), ('warm', 2, '1 month', 'deal', 'defeat'), ('warm', 1, '10 days', 'contact', 'reassign'),
    ('slow', 1, '1 month', 'deal', 'reassign'), ('slow', 1, '1 month', 'contact', 'defeat'),
    ('steady', 1, '30 days', 'contact', 'defeat'), ('monthly', 1, '1 month', 'deal', 'reassign');

-- A history is a team of its own, what happens, and who has the lead from which day on.
-- People: letter, seniority, m for a manager, then options: cap= (leads a month), from=, left=
-- (days), off. What happens, happens at noon; the night's job runs at three in the morning of each
-- day (so a lead graded at noon of the 15th moves in the night to the 16th, and three months later
-- at three sharp again), and the owner is looked at after it, on every day until five days after the
-- last one named. "marketing" is nobody, "-" a lead that was won or lost. A day with +1 is next year's.
CREATE TABLE stale_test.history (history_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text, people text, happens text, owners text, year int NOT NULL DEFAULT 2026);
INSERT INTO history (title, people, happens, owners) VALUES
-- the ladder of prospective
('prospective: senior after three months, defeated after three more', 'A1 S2 M3m',
 '01-15 open A prospective', '01-16 A, 04-16 S, 07-16 defeated'),
('no senior: the manager takes it', 'A1 B1 M3m',
 '01-15 open A prospective', '01-16 A, 04-16 M, 07-16 defeated'),
('the owner is the senior: the manager takes it', 'A1 S2 M3m',
 '01-15 open S prospective', '01-16 S, 04-16 M, 07-16 defeated'),
('the owner is the manager: nobody above, he keeps it and the ladder goes on', 'A1 S2 M3m',
 '01-15 open M prospective', '01-16 M, 04-16 M, 07-16 defeated'),
('alone in the team', 'A1',
 '01-15 open A prospective', '01-16 A, 04-16 A, 07-16 defeated'),
('a manager and nobody else', 'M1m',
 '01-15 open M prospective', '01-16 M, 07-16 defeated'),
('peers are not more senior', 'A1 B1 C1',
 '01-15 open A prospective', '01-16 A, 07-16 defeated'),
('two seniors: the smaller number when both have none', 'A1 S2 T2 M3m',
 '01-15 open A prospective', '01-16 A, 04-16 S, 07-16 defeated'),
('any seniority above counts, not only the next', 'A1 S5 T3',
 '01-15 open A prospective', '01-16 A, 04-16 S, 07-16 defeated'),
-- calendar months
('30 November and three months: 28 February', 'A1 S2',
 '11-30 open A prospective', '12-01 A, 03-01+1 S, 06-01+1 defeated'),
('29 November and three months: 28 February too', 'A1 S2',
 '11-29 open A prospective', '11-30 A, 03-01+1 S'),
('28 November and three months: 28 February', 'A1 S2',
 '11-28 open A prospective', '11-29 A, 03-01+1 S'),
('31 August and three months: 30 November', 'A1 S2',
 '08-31 open A prospective', '09-01 A, 12-01 S, 03-01+1 defeated'),
('1 December and three months: 1 March', 'A1 S2',
 '12-01 open A prospective', '12-02 A, 03-02+1 S'),
-- a deal, or a loss, stops it
('won before three months are over', 'A1 S2', '01-15 open A prospective; 04-15 won', '01-16 A, 04-16 -'),
('lost by hand', 'A1 S2', '01-15 open A prospective; 03-01 lost', '01-16 A, 03-02 -'),
('won by the senior', 'A1 S2', '01-15 open A prospective; 05-01 won', '01-16 A, 04-16 S, 05-02 -'),
-- visits, done or planned, do not move the clock
('visited every week', 'A1 S2',
 '01-15 open A prospective; 01-22 visit; 01-29 visit; 02-05 visit; 02-12 visit; 03-12 visit; 04-14 visit', '01-16 A, 04-16 S, 07-16 defeated'),
('a visit planned for tomorrow', 'A1 S2', '01-15 open A prospective; 04-14 plan 04-20', '01-16 A, 04-16 S'),
('a call in the last minute', 'A1 S2', '01-15 open A prospective; 04-15 call', '01-16 A, 04-16 S'),
-- regrading
('down and up does not restart the clock', 'A1 S2',
 '01-15 open A prospective; 03-01 grade intention; 03-02 grade prospective', '01-16 A, 04-16 S, 07-16 defeated'),
('down before, up after the three months: moves the same night', 'A1 S2',
 '01-15 open A prospective; 04-10 grade intention; 05-20 grade prospective', '01-16 A, 05-21 S, 08-21 defeated'),
('down for good: three months as an intention', 'A1 S2',
 '01-15 open A prospective; 03-01 grade intention', '01-16 A, 06-02 S, 09-02 A, 12-02 S'),
('an upgrade starts the clock of the better grade', 'A1 B1 S2 M3m',
 '01-15 open A intention; 04-01 grade prospective', '01-16 A, 07-02 S, 10-02 defeated'),
('up and down again: the intention''s clock runs from its beginning', 'A1 S2',
 '01-15 open A intention; 02-01 grade prospective; 02-10 grade intention', '01-16 A, 04-16 S'),
('steps stay with the grade: a senior who regrades down and up wins no third term', 'A1 S2 M3m',
 '01-15 open A prospective; 05-01 grade intention; 05-02 grade prospective', '01-16 A, 04-16 S, 07-16 defeated'),
('reassigned as a prospective, then first graded down: the intention''s clock starts then', 'A1 S2 M3m',
 '01-15 open A prospective; 05-01 grade intention', '01-16 A, 04-16 S, 08-02 M'),
('down to potential: to marketing the same night, and stays there', 'A1 S2',
 '01-15 open A prospective; 02-01 grade potential', '01-16 A, 02-02 marketing'),
-- the ladder of intention: reassigned again and again
('intention: to everybody else before anybody gets it twice, the manager last', 'A1 B1 M3m',
 '01-15 open A intention', '01-16 A, 04-16 B, 07-16 M, 10-16 A, 01-16+1 B'),
('two people: it goes to and fro', 'A1 B1',
 '01-15 open A intention', '01-16 A, 04-16 B, 07-16 A, 10-16 B'),
('alone: it stays, every three months anew', 'A1', '01-15 open A intention', '01-16 A, 12-31 A'),
('the senior may get it as well as a junior: the smaller number', 'A1 S2 B1',
 '01-15 open A intention', '01-16 A, 04-16 S, 07-16 B'),
-- potential
('potential with an owner: to marketing the next night', 'A1', '01-15 open A potential', '01-16 marketing'),
('potential of marketing stays there', 'A1', '01-15 open - potential', '01-16 marketing, 12-31 marketing'),
('prospective of marketing: no clock moves it, it is for the next meeting', 'A1 S2', '01-15 open - prospective', '01-16 marketing, 12-31 marketing'),
('not graded yet: no rule', 'A1 S2', '01-15 open A none', '01-16 A, 12-31 A'),
-- by hand
('the manager moves it by hand: the clock starts anew, the steps do not', 'A1 B1 S2 M3m',
 '01-15 open A prospective; 03-01 assign B', '01-16 A, 03-02 B, 06-02 S, 09-02 defeated'),
('taken by the manager from the senior: his three months, then defeated', 'A1 S2 M3m',
 '01-15 open A prospective; 05-01 assign M', '01-16 A, 04-16 S, 05-02 M, 08-02 defeated'),
('who had it by hand does not get it back while there is another', 'A1 S2 T2 M3m',
 '01-15 open A prospective; 02-01 assign S; 02-02 assign A', '01-16 A, 02-02 S, 02-03 A, 05-03 T, 08-03 defeated'),
-- duty, absence, capacity
('the senior is off duty: the manager', 'A1 S2 M3m', '01-15 open A prospective; 04-01 off S', '01-16 A, 04-16 M, 07-16 defeated'),
('all are off duty: it waits, and goes when one is back', 'A1 S2 M3m',
 '01-15 open A prospective; 04-01 off S; 04-01 off M; 04-25 on M', '01-16 A, 04-26 M, 07-26 defeated'),
('the senior left: the manager', 'A1 S2,left=2026-04-14 M3m', '01-15 open A prospective', '01-16 A, 04-16 M, 07-16 defeated'),
('the last day of the senior is a day', 'A1 S2,left=2026-04-16 M3m', '01-15 open A prospective', '01-16 A, 04-16 S'),
('the senior comes too late', 'A1 S2,from=2026-04-17 M3m', '01-15 open A prospective', '01-16 A, 04-16 M'),
('the senior takes no leads: capacity 0', 'A1 S2,cap=0 M3m', '01-15 open A prospective', '01-16 A, 04-16 M'),
('capacity full in April, free in May', 'A1 S2,cap=1', '01-15 open A prospective; 04-10 another S', '01-16 A, 05-01 S, 08-01 defeated'),
('half a lead a month is one lead', 'A1 S2,cap=0.5', '01-15 open A prospective', '01-16 A, 04-16 S'),
('relative to capacity: one of ten is less than one of two', 'A1 S2,cap=2 T2,cap=10', '01-15 open A prospective; 04-10 another S; 04-10 another T', '01-16 A, 04-16 T'),
('both juniors had it: the senior before the manager before a second time', 'A1 B1 S2 M3m',
 '01-15 open A intention; 02-01 assign B', '01-16 A, 02-02 B, 05-02 S, 08-02 M, 11-02 A'),
('the only other has left: the owner keeps it', 'A1 B1,left=2026-03-01', '01-15 open A intention', '01-16 A, 12-31 A'),
('everybody has left: to marketing', 'A1,left=2026-03-01', '01-15 open A prospective', '01-16 A, 04-16 marketing'),
-- the second clock: days without a completed contact
('no contact for ten days: reassigned, and ten days again', 'A1 B1 C1', '01-15 open A warm; 01-18 visit', '01-16 A, 01-29 B, 02-08 C, 02-18 A'),
('a visit moves this clock', 'A1 B1', '01-15 open A warm; 01-20 visit; 01-28 visit; 02-05 visit; 02-12 visit; 02-14 won', '01-16 A, 02-15 -'),
('a planned visit does not', 'A1 B1', '01-15 open A warm; 01-20 plan 01-30; 01-28 won', '01-16 A, 01-26 B, 01-29 -'),
('a call that reached nobody does not, one that did does', 'A1 B1', '01-15 open A warm; 01-18 call; 01-20 lost-call; 01-30 won', '01-16 A, 01-29 B, 01-31 -'),
('both clocks at once: the clock without a deal is asked first', 'A1 B1 S2', '01-15 open A slow', '01-16 A, 02-16 B, 03-16 S, 04-16 A'),
('contact moves are no steps of the ladder', 'A1 S2 M3m',
 '01-15 open A warm; 01-26 visit; 02-04 visit; 02-13 visit; 02-22 visit; 03-03 visit; 03-12 visit; 03-21 visit',
 '01-16 A, 01-26 S, 02-26 M, 03-26 defeated'),
('a rule without contact may defeat', 'A1 B1', '01-15 open A steady; 02-01 call', '01-16 A, 03-04 defeated'),
-- whose team
('the lead names no team: that of its owner', 'A1 S2', '01-15 open A prospective noteam', '01-16 A, 04-16 S, 07-16 defeated');
INSERT INTO history (year, title, people, happens, owners) VALUES
(2031, 'a manager without a team stands above all teams', 'A1 G4m,team=none,left=2031-12-31', '01-15 open A prospective', '01-16 A, 04-16 G, 07-16 defeated'),
(2031, 'but the team''s own comes first', 'A1 M2m', '01-15 open A prospective', '01-16 A, 04-16 M, 07-16 defeated'),
(2031, 'and takes an intention when there is no colleague', 'A1', '01-15 open A intention', '01-16 A, 04-16 G, 07-16 A'),
(2033, 'a company without teams', 'A1,team=none B1,team=none S2,team=none', '01-15 open A prospective', '01-16 A, 04-16 S, 07-16 defeated');
INSERT INTO history (title, people, happens, owners) VALUES
-- ends of months
('31 January and a month: 28 February; the next month runs from the move', 'A1 B1', '01-31 open A monthly', '02-01 A, 03-01 B, 04-01 A, 05-01 B'),
('31 March and a month: 30 April', 'A1 B1', '03-31 open A monthly', '04-01 A, 05-01 B, 06-01 A'),
-- closed and opened again: the ladder begins anew, and what was before does not count
('lost, and back to a senior', 'A1 S2 M3m', '01-15 open A prospective; 02-01 lost; 03-01 give S', '01-16 A, 02-02 -, 03-02 S, 06-02 M, 09-02 defeated'),
('defeated, and back to who had it first: the senior had it, so the manager', 'A1 S2 M3m',
 '01-15 open A prospective; 08-01 give A', '01-16 A, 04-16 S, 07-16 defeated, 08-02 A, 11-02 M, 02-02+1 defeated'),
('the grades of the first life do not count in the second', 'A1 S2',
 '01-15 open A prospective; 03-01 grade intention; 03-10 lost; 04-01 give A; 04-02 grade prospective', '01-16 A, 03-11 -, 04-02 A, 07-03 S'),
('closed on the last day: not moved', 'A1 S2', '01-15 open A prospective; 04-15 lost; 04-20 give A', '01-16 A, 04-16 -, 04-21 A, 07-21 S'),
-- in marketing's queue and back
('a stay with marketing is no new beginning for the same salesperson', 'A1 S2',
 '01-15 open A prospective; 02-01 grade potential; 03-01 give A prospective', '01-16 A, 02-02 marketing, 03-02 A, 04-16 S'),
('but it is for another one', 'A1 B1 S2',
 '01-15 open A prospective; 02-01 grade potential; 03-01 give B prospective', '01-16 A, 02-02 marketing, 03-02 B, 06-02 S'),
-- down, moved meanwhile, and up: from the reassignment on
('moved as an intention, then up: the clock runs from that move', 'A1 S2 M3m',
 '01-15 open A prospective; 02-15 grade intention; 06-01 grade prospective', '01-16 A, 05-16 S, 08-16 M, 11-16 defeated'),
('up and down every month', 'A1 S2',
 '01-15 open A prospective; 02-15 grade intention; 03-01 grade prospective; 03-15 grade intention; 04-01 grade prospective; 04-14 grade intention; 04-15 grade prospective', '01-16 A, 04-16 S'),
('an intention regraded up and down at the end of its time', 'A1 B1',
 '01-15 open A intention; 04-14 grade prospective; 04-15 grade intention', '01-16 A, 04-16 B'),
-- who is there
('everybody has his share: it waits for the next month', 'A1 S2,cap=1 M3m,cap=1', '01-15 open A prospective; 04-10 another S; 04-11 another M', '01-16 A, 05-01 S, 08-01 defeated'),
('one of two seniors is off', 'A1 S2 T2', '01-15 open A prospective; 04-01 off S', '01-16 A, 04-16 T'),
('the owner himself is off: it moves all the same', 'A1 S2', '01-15 open A prospective; 02-01 off A', '01-16 A, 04-16 S'),
('waits two months for an absent senior, defeated three months after he has got it', 'A1 S2', '01-15 open A prospective; 04-01 off S; 06-15 on S', '01-16 A, 06-16 S, 09-16 defeated'),
('the senior comes back: the lead stays with the manager', 'A1 S2 M3m', '01-15 open A prospective; 04-01 off S; 05-01 on S', '01-16 A, 04-16 M, 07-16 defeated'),
('a deal while it waits', 'A1 S2', '01-15 open A prospective; 04-01 off S; 05-10 won', '01-16 A, 05-11 -'),
('two who are full, a third who has had it', 'A1 B1,cap=0 C1', '01-15 open A intention; 02-01 assign C; 02-02 assign A', '01-16 A, 02-02 C, 02-03 A, 05-03 C');
INSERT INTO history (year, title, people, happens, owners) VALUES
(2027, '30 November and three months, a leap year: 29 February', 'A1 S2', '11-30 open A prospective', '12-01 A, 03-01+1 S'),
(2027, '28 November and three months, a leap year: 28 February', 'A1 S2', '11-28 open A prospective', '11-29 A, 02-29+1 S'),
(2028, '29 February and a month: 29 March', 'A1 B1', '02-29 open A monthly', '03-01 A, 03-30 B');
SELECT count(*) >= 40 AS enough, count(DISTINCT title) = count(*) AS each_once FROM history;

-- salesperson_id is 100 times the history's number plus the place in its list of people
CREATE TABLE stale_test.person AS
SELECT history_id, 100 * history_id + n AS salesperson_id, left(word, 1) AS letter, word, year FROM history, regexp_split_to_table(people, ' ') WITH ORDINALITY w(word, n);
INSERT INTO team SELECT 'team ' || history_id, title FROM history;
INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager, capacity_per_month, started_on, left_on)
SELECT salesperson_id, letter, CASE WHEN word !~ 'team=none' THEN 'team ' || history_id END, substring(word, 2, 1)::int, word ~ '^..m',
       substring(word from 'cap=([0-9.]+)')::numeric, coalesce(substring(word from 'from=([0-9-]+)')::date, CASE WHEN year > 2026 THEN make_date(year, 1, 1) END),
       substring(word from 'left=([0-9-]+)')::date
  FROM person;
INSERT INTO customer (customer_id) SELECT history_id FROM history;
CREATE FUNCTION stale_test.day_of(year int, word text) RETURNS date LANGUAGE sql AS
    $$SELECT make_date(year + CASE WHEN word ~ '\+1' THEN 1 ELSE 0 END, left(word, 2)::int, substring(word, 4, 2)::int)$$;
CREATE TABLE stale_test.happening AS
SELECT history_id, n, (day_of(year, word[1]) + time '12:00') AT TIME ZONE 'UTC' AS at, word[2] AS what, word[3] AS name, word[4] AS grade, word[5] AS option
  FROM history, regexp_split_to_table(happens, '; ') WITH ORDINALITY h(item, n), regexp_split_to_array(item, ' ') word;
CREATE TABLE stale_test.expected AS
SELECT history_id, generate_series(day_of(year, word[1]), coalesce(lead(day_of(year, word[1])) OVER w - 1, day_of(year, word[1]) + 5), interval '1 day')::date AS date_day, word[2] AS owner
  FROM history, regexp_split_to_table(owners, ', ') WITH ORDINALITY o(item, n), regexp_split_to_array(item, ' ') word WINDOW w AS (PARTITION BY history_id ORDER BY n);

CREATE PROCEDURE stale_test.happen(h stale_test.happening) LANGUAGE plpgsql AS $$
DECLARE
    a lead;
    b lead;
    who bigint := (SELECT salesperson_id FROM person p WHERE p.history_id = h.history_id AND p.letter = h.name);
BEGIN
    IF h.what = 'open' THEN
        INSERT INTO lead (customer_id, lead_id, opened_at, team, salesperson_id, lead_grade, clock_started_at)
        VALUES (h.history_id, 1, h.at, CASE WHEN h.option IS NULL THEN (SELECT team FROM person JOIN salesperson USING (salesperson_id) WHERE history_id = h.history_id LIMIT 1) END,
                who, nullif(h.grade, 'none'), CASE WHEN h.grade <> 'none' THEN h.at END);
        INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) VALUES (h.history_id, 1, h.at, 'opened', who, nullif(h.grade, 'none'), 'open');
        RETURN;
    ELSIF h.what = 'another' THEN
        INSERT INTO lead (customer_id, lead_id, opened_at, salesperson_id) VALUES (h.history_id, 1 + who, h.at, who);
        INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_status) VALUES (h.history_id, 1 + who, h.at, 'opened', who, 'open');
        RETURN;
    ELSIF h.what IN ('on', 'off') THEN
        UPDATE salesperson SET is_on_duty = (h.what = 'on') WHERE salesperson_id = who;
        RETURN;
    END IF;
    a := lead_lock(h.history_id, 1);
    b := a;
    CASE h.what
    WHEN 'visit' THEN
        INSERT INTO visit (customer_id, lead_id, visited_at, salesperson_id) VALUES (h.history_id, 1, h.at, a.salesperson_id);
    WHEN 'plan' THEN
        INSERT INTO visit (customer_id, lead_id, status, visited_at, salesperson_id) VALUES (h.history_id, 1, 'planned', day_of(extract(year FROM h.at)::int, h.name), a.salesperson_id);
    WHEN 'call', 'lost-call' THEN
        INSERT INTO call (customer_id, lead_id, called_at, direction, result) VALUES (h.history_id, 1, h.at, 'inbound', CASE h.what WHEN 'call' THEN 'answered' ELSE 'lost' END);
    WHEN 'grade' THEN
        b.lead_grade := h.name;
        PERFORM lead_change(a, b, 'graded', h.at);
    WHEN 'assign' THEN
        PERFORM reassign_lead(h.history_id, 1, who, at => h.at);
    WHEN 'give' THEN
        PERFORM assign_lead(h.history_id, 1, who, at => h.at, grade => h.grade);
    WHEN 'won', 'lost' THEN
        b.status := h.what;
        b.closed_at := h.at;
        PERFORM lead_change(a, b, h.what, h.at);
    END CASE;
END $$;

CREATE TABLE stale_test.change AS SELECT DISTINCT date_day FROM (SELECT date_day, owner, lag(owner) OVER (PARTITION BY history_id ORDER BY date_day) AS before FROM expected) e WHERE owner <> before;

-- the years, day by day; only days on which a history has an expectation are lived
CREATE TABLE stale_test.lived (date_day date, history_id int, owner text, moves bigint, again bigint);
DO $$
DECLARE
    d date;
    h happening;
    night timestamptz;
    is_looked_at boolean;
    shown text;
    done text;
    moves bigint;
    again bigint;
BEGIN
    FOR d IN SELECT DISTINCT date_day FROM expected ORDER BY 1 LOOP
        night := (d + time '03:00') AT TIME ZONE 'UTC';
        FOR h IN SELECT * FROM happening x WHERE x.at < night AND x.at >= night - interval '1 day' ORDER BY x.at, x.history_id, x.n LOOP
            CALL happen(h);
        END LOOP;
        -- on the days of change, and on some others, what was shown before is what happens
        is_looked_at := d IN (SELECT date_day FROM change) OR (d - date '2026-01-01') % 30 = 0;
        IF is_looked_at THEN
            SELECT coalesce(string_agg(format('%s %s %s %s', s.customer_id, s.move, s.to_salesperson_id, s.rule), ', ' ORDER BY s.customer_id), '') INTO shown FROM stale_leads(night) s WHERE s.move <> 'waits';
        END IF;
        moves := move_stale_leads(night);
        IF is_looked_at THEN
            SELECT coalesce(string_agg(format('%s %s %s %s', m.customer_id, m.kind, m.to_salesperson_id, m.rule), ', ' ORDER BY m.customer_id), '') INTO done FROM lead_move m WHERE m.moved_at = night AND m.rule IS NOT NULL;
            IF shown <> done THEN
                RAISE EXCEPTION 'on % was shown "%", and happened "%"', d, shown, done;
            END IF;
            again := move_stale_leads(night);
        END IF;
        INSERT INTO lived SELECT d, l.customer_id, CASE l.status WHEN 'open' THEN coalesce(s.name, 'marketing') WHEN 'defeated' THEN 'defeated' ELSE '-' END, moves, again
          FROM lead l LEFT JOIN salesperson s USING (salesperson_id) WHERE l.lead_id = 1;
    END LOOP;
END $$;

-- the days on which a history is not what the rules say: the first of each
SELECT DISTINCT ON (history_id) h.title, e.date_day, e.owner AS expected, l.owner AS lived
  FROM expected e JOIN history h USING (history_id) LEFT JOIN lived l USING (history_id, date_day)
 WHERE e.owner IS DISTINCT FROM l.owner ORDER BY history_id, date_day;
SELECT count(DISTINCT history_id) AS histories, count(*) > 5000 AS many_days, sum(again) AS moved_twice FROM lived JOIN expected USING (history_id, date_day);

-- one history in full: what a move leaves behind
SELECT kind, moved_at AT TIME ZONE 'UTC' AS moved_at, f.name AS from_salesperson, t.name AS to_salesperson, from_status, to_status, rule, reason, days_on_clock, days_without_contact, stale_step_no
  FROM lead_move m LEFT JOIN salesperson f ON f.salesperson_id = from_salesperson_id LEFT JOIN salesperson t ON t.salesperson_id = to_salesperson_id
 WHERE customer_id = (SELECT history_id FROM history WHERE title = 'visited every week') ORDER BY lead_move_id \gx
SELECT reason, count(*) FROM lead_move WHERE rule IS NOT NULL GROUP BY reason ORDER BY reason COLLATE "C";
SELECT status, closed_at AT TIME ZONE 'UTC' AS closed_at, salesperson_id, next_visit_on FROM lead
 WHERE customer_id = (SELECT history_id FROM history WHERE title = 'visited every week');

-- the instant: three months less a second, and three months; with another zone, another instant
DELETE FROM lead_move;
DELETE FROM lead;
DELETE FROM visit;
DELETE FROM call;
INSERT INTO salesperson (salesperson_id, name, team, seniority) VALUES (1, 'one', 'team 1', 1), (2, 'two', 'team 1', 2);
DELETE FROM salesperson WHERE salesperson_id > 2;
INSERT INTO lead (customer_id, lead_id, opened_at, salesperson_id, lead_grade, model_grade, clock_started_at)
VALUES (1, 1, '2026-11-30 00:30+00', 1, 'prospective', 'intention', '2026-11-30 00:30+00');
SELECT move_stale_leads('2027-02-28 00:29:59+00') AS too_early, (SELECT count(*) FROM stale_leads('2027-02-28 00:29:59+00')) AS none,
       (SELECT due_at AT TIME ZONE 'UTC' FROM stale_leads('2027-02-28 00:29:59+00', 1)) AS tomorrow,
       (SELECT count(*) FROM stale_leads('2027-02-20 00:29:59+00', 7)) AS not_in_a_week, (SELECT count(*) FROM stale_leads('2027-02-20 00:30+00', 8)) AS in_eight_days;
BEGIN;
SELECT move_stale_leads('2027-02-28 00:30+00') AS moved, move_stale_leads('2027-02-28 00:30+00') AS again, move_stale_leads('2027-02-27 00:30+00') AS before, move_stale_leads('2020-01-01') AS long_before;
SELECT move_stale_leads('2027-05-28 00:30+00') AS next_step;
SELECT kind, from_salesperson_id, to_salesperson_id, from_grade, model_grade, days_on_clock, rule FROM lead_move ORDER BY lead_move_id;
ROLLBACK;
-- a year without a run: one step, not two, for nobody has had the time
BEGIN;
SELECT move_stale_leads('2028-03-01') AS moved, move_stale_leads('2028-03-01') AS again;
SELECT salesperson_id, stale_step_no, status FROM lead;
SELECT move_stale_leads('2028-03-02') AS next_night, move_stale_leads('2028-05-29 14:59:59+00') AS almost, move_stale_leads('2028-05-29 15:00+00') AS three_months_later;
ROLLBACK;
-- the calendar of the business: clocks that are put forward and back, ends of months, leap years
SELECT since, after, zone, due AT TIME ZONE zone AS due, due = stale_due_at(since, after, zone) AS is_right
  FROM (VALUES ('2025-12-29 02:30+01'::timestamptz, '3 months'::interval, 'Europe/Berlin', '2026-03-29 03:30+02'::timestamptz),
               ('2026-03-25 12:00+01', '10 days', 'Europe/Berlin', '2026-04-04 12:00+02'), ('2026-07-25 12:00+02', '3 months', 'Europe/Berlin', '2026-10-25 12:00+01'),
               ('2026-10-20 23:30+02', '7 days', 'Europe/Berlin', '2026-10-27 23:30+01'), ('2026-12-31 23:30-05', '2 months', 'America/New_York', '2027-02-28 23:30-05'),
               ('2023-01-31 12:00+00', '1 month', 'UTC', '2023-02-28 12:00+00'), ('2024-01-31 12:00+00', '1 month', 'UTC', '2024-02-29 12:00+00'),
               ('2024-02-29 12:00+00', '12 months', 'UTC', '2025-02-28 12:00+00'), ('2024-02-29 12:00+00', '3 months', 'UTC', '2024-05-29 12:00+00')) v(since, after, zone, due);
-- a rule of no time at all would move leads for ever
UPDATE stale_rule SET stale_after = '0 days' WHERE lead_grade = 'intention';
-- in New York it is still 29 November then, and three months later the end of the 28th
UPDATE setting SET value = 'America/New_York' WHERE setting = 'time_zone';
SELECT due_at AT TIME ZONE 'UTC' AS due_at FROM stale_leads('2027-03-01 00:30+00');
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
-- the rule is a row: its version and its words are in the move
BEGIN;
UPDATE stale_rule SET stale_after = '10 days', action = 'reassign', version = 2 WHERE lead_grade = 'prospective' AND step_no = 1;
SELECT move_stale_leads('2026-12-10 00:30+00') AS moved;
SELECT rule, reason FROM lead_move;
ROLLBACK;
INSERT INTO stale_rule (lead_grade, step_no, stale_after, clock, action) VALUES ('intention', 2, '1 month', 'contact', 'defeat');
-- batches of any size give the same moves
INSERT INTO lead (customer_id, lead_id, opened_at, salesperson_id, lead_grade, clock_started_at, team)
SELECT 1 + n % 5, n, at, 1 + n % 2, (ARRAY['prospective', 'intention', 'potential', 'warm'])[1 + n % 4], at, 'team 1'
  FROM (SELECT n, '2026-11-30 00:30+00'::timestamptz + n % 7 * interval '1 hour' AS at FROM generate_series(2, 101) n) x;
INSERT INTO salesperson (salesperson_id, name, team, seniority, capacity_per_month) SELECT n, 'number ' || n, 'team 1', 1 + n % 3, CASE WHEN n % 2 = 1 THEN n END FROM generate_series(3, 12) n;
CREATE FUNCTION stale_test.in_batches(size int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
    result text;
BEGIN
    LOOP
        n := move_stale_leads('2027-03-05', size);
        EXIT WHEN n = 0;
        IF n > size THEN RAISE EXCEPTION 'moved %', n; END IF;
    END LOOP;
    SELECT md5(string_agg(format('%s %s %s', lead_id, to_salesperson_id, rule), ', ' ORDER BY lead_id)) || ' ' || count(*) INTO result FROM lead_move;
    RAISE EXCEPTION '%', result;
EXCEPTION WHEN raise_exception THEN RETURN SQLERRM;
END $$;
SELECT count(DISTINCT b) AS results, max(split_part(b, ' ', 2)) AS moves FROM (SELECT in_batches(size) FROM unnest('{1,2,3,7,50,1000,NULL}'::int[]) size) x(b);
-- A batch begins where the last one of the session ended; what became stale before that place is
-- moved all the same before 0 is returned, and then the place is forgotten.
BEGIN;
SELECT move_stale_leads('2027-03-05', 40) AS first_batch, batch_position('move_stale_leads', '2027-03-05') IS NOT NULL AS place_is_kept, batch_position('move_stale_leads', '2027-03-06') IS NULL AS of_its_night;
INSERT INTO lead (customer_id, lead_id, opened_at, salesperson_id, lead_grade, clock_started_at) VALUES (1, 500, '2026-10-01', 1, 'potential', '2026-10-01');
DO $$ BEGIN LOOP EXIT WHEN move_stale_leads('2027-03-05', 40) = 0; END LOOP; END $$;
SELECT kind, moved_at = '2027-03-05' AS in_that_night FROM lead_move WHERE lead_id = 500;
SELECT count(*) AS left_over, batch_position('move_stale_leads', '2027-03-05') IS NULL AS place_is_forgotten FROM stale_leads('2027-03-05') WHERE move <> 'waits';
ROLLBACK;
SELECT batch_position('move_stale_leads', '2027-03-05') IS NULL AS gone_with_the_transaction;

-- wrong arguments
SELECT move_stale_leads(NULL);
SELECT move_stale_leads('294276-12-31');
SELECT move_stale_leads('infinity');
SELECT move_stale_leads('2027-03-05', 0);
SELECT * FROM stale_leads(NULL);
SELECT * FROM stale_leads('2027-03-05', -1);
SELECT * FROM stale_leads('2027-03-05', NULL);
DROP SCHEMA stale_test CASCADE;
