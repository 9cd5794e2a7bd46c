-- lead_change() and the clock of the stale rules: histories with the clock that the rules give,
-- written from the rules. The clock starts when the lead comes to a grade or to another
-- salesperson; a regrading down and up does not restart it, nor does a stay in marketing's queue.
SET client_min_messages = warning;
SELECT dupex.install('lead_test') IS NOT NULL AS installed;
SET search_path = lead_test, dupex, public;
SET timezone = 'UTC';
\set VERBOSITY terse
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cem');
INSERT INTO customer (customer_id) SELECT generate_series(1, 100);

-- A history is a list of changes: day, kind, owner, grade, status, and after it the day on which
-- the clock must have started, and the steps. Every history starts on 1 January 2008.
CREATE TEMP TABLE history (history int, step int, day date, kind text, owner bigint, grade text, status text, clock date, stale_steps int, PRIMARY KEY (history, step));
INSERT INTO history VALUES
    -- 1: up from intention: a new grade, a new clock; back down: the clock it had
    (1, 1, '2008-01-01', 'opened',   1, 'intention',   'open', '2008-01-01', 0),
    (1, 2, '2008-02-01', 'graded',   1, 'prospective', 'open', '2008-02-01', 0),
    (1, 3, '2008-03-01', 'graded',   1, 'intention',   'open', '2008-01-01', 0),
    (1, 4, '2008-03-15', 'graded',   1, 'prospective', 'open', '2008-02-01', 0),
    -- 2: a reassignment by hand starts the clock, of this grade and of the others
    (2, 1, '2008-01-01', 'opened',   1, 'prospective', 'open', '2008-01-01', 0),
    (2, 2, '2008-02-01', 'graded',   1, 'intention',   'open', '2008-02-01', 0),
    (2, 3, '2008-02-10', 'assigned', 2, 'intention',   'open', '2008-02-10', 0),
    (2, 4, '2008-02-20', 'graded',   2, 'prospective', 'open', '2008-02-10', 0),
    (2, 5, '2008-02-21', 'graded',   2, 'intention',   'open', '2008-02-10', 0),
    -- 3: the job moves it; down and up keeps the clock of the move and the step
    (3, 1, '2008-01-01', 'opened',   1, 'prospective', 'open', '2008-01-01', 0),
    (3, 2, '2008-04-01', 'stale',    2, 'prospective', 'open', '2008-04-01', 1),
    (3, 3, '2008-05-01', 'graded',   2, 'intention',   'open', '2008-05-01', 0),
    (3, 4, '2008-05-02', 'graded',   2, 'prospective', 'open', '2008-04-01', 1),
    -- 4: to potential, which is marketing's, and back to the same salesperson: no new clock
    (4, 1, '2008-01-01', 'opened',   1, 'prospective', 'open', '2008-01-01', 0),
    (4, 2, '2008-02-01', 'graded',   NULL, 'potential', 'open', '2008-02-01', 0),
    (4, 3, '2008-03-01', 'graded',   1, 'prospective', 'open', '2008-01-01', 0),
    -- 5: the same, but to another salesperson: a new clock
    (5, 1, '2008-01-01', 'opened',   1, 'prospective', 'open', '2008-01-01', 0),
    (5, 2, '2008-02-01', 'graded',   NULL, 'potential', 'open', '2008-02-01', 0),
    (5, 3, '2008-03-01', 'graded',   2, 'prospective', 'open', '2008-03-01', 0),
    -- 6: given to marketing by hand and taken back: the clock goes on
    (6, 1, '2008-01-01', 'opened',   1, 'intention',   'open', '2008-01-01', 0),
    (6, 2, '2008-02-01', 'assigned', NULL, 'intention', 'open', '2008-01-01', 0),
    (6, 3, '2008-03-01', 'assigned', 1, 'intention',   'open', '2008-01-01', 0),
    -- 7: first without an owner: who gets it begins
    (7, 1, '2008-01-01', 'opened',   NULL, 'prospective', 'open', '2008-01-01', 0),
    (7, 2, '2008-01-05', 'assigned', 2, 'prospective', 'open', '2008-01-05', 0),
    -- 8: not graded when opened: the clock of the grade starts with the grade
    (8, 1, '2008-01-01', 'opened',   1, NULL,          'open', '2008-01-01', 0),
    (8, 2, '2008-01-20', 'graded',   1, 'prospective', 'open', '2008-01-20', 0),
    -- 9: defeated and back: everything begins anew, also grades it had before
    (9, 1, '2008-01-01', 'opened',   1, 'prospective', 'open', '2008-01-01', 0),
    (9, 2, '2008-04-01', 'stale',    2, 'prospective', 'open', '2008-04-01', 1),
    (9, 3, '2008-05-01', 'graded',   2, 'intention',   'open', '2008-05-01', 0),
    (9, 4, '2008-07-01', 'defeated', NULL, 'intention', 'defeated', '2008-05-01', 0),
    (9, 5, '2008-09-01', 'reopened', 1, 'intention',   'open', '2008-09-01', 0),
    (9, 6, '2008-10-01', 'graded',   1, 'prospective', 'open', '2008-10-01', 0),
    (9, 7, '2008-10-02', 'graded',   1, 'intention',   'open', '2008-09-01', 0),
    -- 10: the model's grade moves nothing
    (10, 1, '2008-01-01', 'opened',       1, 'intention', 'open', '2008-01-01', 0),
    (10, 2, '2008-02-01', 'model graded', 1, 'intention', 'open', '2008-01-01', 0),
    (10, 3, '2008-03-01', 'graded',       1, 'prospective', 'open', '2008-03-01', 0),
    (10, 4, '2008-04-01', 'won',          1, 'prospective', 'won',  '2008-03-01', 0),
    -- 11: reassigned and regraded at once
    (11, 1, '2008-01-01', 'opened',   1, 'prospective', 'open', '2008-01-01', 0),
    (11, 2, '2008-02-01', 'graded',   1, 'intention',   'open', '2008-02-01', 0),
    (11, 3, '2008-03-01', 'assigned', 3, 'prospective', 'open', '2008-03-01', 0),
    -- 12: to another and back: both are reassignments
    (12, 1, '2008-01-01', 'opened',   1, 'prospective', 'open', '2008-01-01', 0),
    (12, 2, '2008-02-01', 'assigned', 2, 'prospective', 'open', '2008-02-01', 0),
    (12, 3, '2008-03-01', 'assigned', 1, 'prospective', 'open', '2008-03-01', 0);

CREATE FUNCTION pg_temp.play(history int) RETURNS TABLE (step int, clock date, stale_steps smallint) LANGUAGE plpgsql AS $$
DECLARE
    h      history;
    before lead;
    after  lead;
BEGIN
    FOR h IN SELECT * FROM history t WHERE t.history = play.history ORDER BY t.step LOOP
        IF h.kind = 'opened' THEN
            INSERT INTO lead (customer_id, lead_id, opened_at, salesperson_id, lead_grade, clock_started_at)
            VALUES (history, 1, h.day, h.owner, h.grade, h.day) RETURNING * INTO after;
            INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status)
            VALUES (history, 1, h.day, 'opened', h.owner, h.grade, 'open');
        ELSE
            before := lead_lock(history, 1);
            after := before;
            after.salesperson_id := h.owner;
            after.status := h.status;
            IF h.kind = 'model graded' THEN after.model_grade := 'prospective'; ELSE after.lead_grade := h.grade; END IF;
            IF h.kind = 'stale' THEN after.stale_step_no := before.stale_step_no + 1; END IF;
            after := lead_change(before, after, h.kind, h.day);
        END IF;
        step := h.step; clock := after.clock_started_at; stale_steps := after.stale_step_no;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT count(DISTINCT h.history) AS histories, count(*) AS steps,
       count(*) FILTER (WHERE (p.clock, p.stale_steps) = (h.clock, h.stale_steps)) AS right_clock
  FROM (SELECT DISTINCT history FROM history) d, LATERAL pg_temp.play(d.history) p JOIN history h ON h.step = p.step WHERE h.history = d.history;
SELECT h.history, h.step, h.clock, p.clock AS got, h.stale_steps, p.stale_steps AS got_steps
  FROM (SELECT customer_id AS history, array_agg(clock_started_at::date ORDER BY lead_move_id) c, array_agg(stale_step_no ORDER BY lead_move_id) s FROM lead_move GROUP BY 1) m
  JOIN history h ON h.history = m.history
  -- what a move says of the clock before it is the clock after the move before it
  CROSS JOIN LATERAL (SELECT m.c[h.step + 1] AS clock, m.s[h.step + 1] AS stale_steps) p
 WHERE h.step < cardinality(m.c) AND (p.clock, p.stale_steps) IS DISTINCT FROM (h.clock, h.stale_steps::smallint);

-- each move goes on from the one before, and the lead is what the last one left
SELECT count(*) AS broken FROM (SELECT m.*, lag(m) OVER (PARTITION BY customer_id, lead_id ORDER BY lead_move_id) AS b FROM lead_move m WHERE kind <> 'model graded') m
 WHERE (m.b).lead_id IS NOT NULL AND ((m.b).to_salesperson_id, (m.b).to_grade, (m.b).to_status) IS DISTINCT FROM (from_salesperson_id, from_grade, from_status);
SELECT count(*) AS unlike FROM lead l JOIN (SELECT DISTINCT ON (customer_id) * FROM lead_move ORDER BY customer_id, lead_move_id DESC) m USING (customer_id, lead_id)
 WHERE (m.to_salesperson_id, m.to_grade, m.to_status) IS DISTINCT FROM (l.salesperson_id, l.lead_grade, l.status);
SELECT lead_id, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, from_status, to_status, days_on_clock, days_without_contact, clock_started_at, stale_step_no, moved_by = session_user AS by_caller
  FROM lead_move WHERE customer_id = 9 ORDER BY lead_move_id;

-- the last contact: completed visits, calls in which somebody was spoken to, until that time
INSERT INTO visit (customer_id, lead_id, status, visited_at) VALUES (12, 1, 'completed', '2008-03-10 10:00'), (12, 1, 'planned', '2008-03-20 10:00'), (12, 1, 'completed', '2008-06-01 10:00'), (12, 2, 'completed', '2008-03-25');
INSERT INTO call (customer_id, lead_id, called_at, direction, result) VALUES (12, 1, '2008-03-12 09:00', 'outbound', 'promise'), (12, 1, '2008-03-18', 'outbound', 'call back'), (12, 1, '2008-03-19', 'inbound', 'lost');
SELECT lead_last_contact(12, 1, '2008-04-01') AS in_march, lead_last_contact(12, 1, '2008-07-01') AS in_june, lead_last_contact(12, 1, '2008-03-10 09:59') AS before_any;
SELECT (lead_change(lead_lock(12, 1), lead_lock(12, 1), 'assigned', '2008-03-22 09:00', 'same as before', moved_by => 'Ann')).clock_started_at;
SELECT reason, moved_by, days_on_clock, days_without_contact FROM lead_move WHERE customer_id = 12 ORDER BY lead_move_id DESC LIMIT 1;
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT lead_lock(12, 7);

SELECT uninstall('lead_test', drop_data => true) IS NOT NULL AS gone;
