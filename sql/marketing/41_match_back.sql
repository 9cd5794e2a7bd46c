-- Match-back: the effort that an order without a code came from.
--
-- An order that has no registered code, neither itself nor through its response or lead, counts
-- for the last piece that the same person got, else for the last one that somebody of the same
-- household got, if it was ordered in the window of that effort (Lett and Coogan on match-back of
-- catalogue orders):
--
--   from    the day the piece reaches people (in_home_on), else the day it was sent
--   until   the last day named in the registry (answers_until), else the day before the next drop of
--           that list (the in_home_on of the next effort to it), at most match_back_days
--
-- People held out count as if they had got the piece on that day: so their orders go to the
-- hold-out cell, and what the mailed people would have ordered anyway can be seen. Seed names and the
-- unidentified customer have no piece, were not held out, and match nothing. Only orders are matched: an answer
-- may be about anything, and a response rate that counted guesses would measure the window.
--
-- The registry can be changed and touches come late, so the refresh keeps the windows that it went
-- by (effort_window), and looks again at the orders that a new touch may explain, that lie between
-- the old window of an effort and the new one, or whose household has changed (household_move).

CREATE OR REPLACE VIEW matchable_contact AS
SELECT customer_id, source_code, sent_at AS contacted_at, false AS is_hold_out, recorded_xid
  FROM touch WHERE NOT is_seed AND customer_id <> 0
UNION ALL
SELECT customer_id, source_code, held_out_at, true, recorded_xid
  FROM hold_out WHERE customer_id <> 0 AND NOT EXISTS (SELECT FROM customer c WHERE c.customer_id = hold_out.customer_id AND c.is_seed);
COMMENT ON VIEW matchable_contact IS 'pieces that people got, or were held out from, to which their orders may be matched; for refresh_reports()';
COMMENT ON COLUMN matchable_contact.customer_id IS 'the customer';
COMMENT ON COLUMN matchable_contact.source_code IS 'the effort';
COMMENT ON COLUMN matchable_contact.contacted_at IS 'when the piece was sent, or would have been';
COMMENT ON COLUMN matchable_contact.is_hold_out IS 'the person was held out';
COMMENT ON COLUMN matchable_contact.recorded_xid IS 'transaction that recorded it';

-- The window of each contact, first and last day: this rule stands here alone. Inlined, as are the
-- functions that follow, so that only what is asked for is read: they have no SET clause, and their names
-- were looked up when they were made.
CREATE OR REPLACE FUNCTION contact_window(time_zone text, snapshot pg_snapshot)
    RETURNS TABLE (customer_id bigint, source_code source_code, contacted_at timestamptz, is_hold_out boolean, recorded_xid xid8, starts_on date, ends_on date)
    LANGUAGE sql STABLE ROWS 1000
BEGIN ATOMIC
    SELECT t.customer_id, t.source_code, t.contacted_at, t.is_hold_out, t.recorded_xid, a.starts_on,
           coalesce(w.ends_on, least(a.starts_on + w.max_days - 1,
                                     (SELECT min(n.starts_on) - 1 FROM effort_window n WHERE n.list = w.list AND n.starts_on > a.starts_on)))
      FROM matchable_contact t JOIN effort_window w ON w.source_code = t.source_code
     CROSS JOIN LATERAL (SELECT coalesce(w.starts_on, (t.contacted_at AT TIME ZONE contact_window.time_zone)::date) AS starts_on) a
     WHERE pg_visible_in_snapshot(t.recorded_xid, contact_window.snapshot);
END;
COMMENT ON FUNCTION contact_window(text, pg_snapshot) IS 'contacts with the first and last day on which an order may be matched to them; a part of refresh_reports()';

-- The last contact of a customer whose window a day lies in: the one with the latest first day, of these the
-- one sent last, of these one sent before one held out. (The last tie is broken by the text:
-- pg_upgrade makes this function before the order of our type.)
CREATE OR REPLACE FUNCTION last_contact(customer bigint, day date, time_zone text, snapshot pg_snapshot)
    RETURNS TABLE (source_code source_code, starts_on date, contacted_at timestamptz, is_hold_out boolean)
    LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT t.source_code, t.starts_on, t.contacted_at, t.is_hold_out
      FROM contact_window(last_contact.time_zone, last_contact.snapshot) t
     WHERE t.customer_id = last_contact.customer AND last_contact.day BETWEEN t.starts_on AND t.ends_on
     ORDER BY t.starts_on DESC, t.contacted_at DESC, t.is_hold_out, t.source_code::text COLLATE "C" LIMIT 1;
END;
COMMENT ON FUNCTION last_contact(bigint, date, text, pg_snapshot) IS 'the contact of a customer to which an order on a day is matched; no row where there is none. A part of refresh_reports()';

-- The effort of an order: the last contact of the person, else of the household: the last one of
-- each member, then the last of these by the same order. (So members come first in any plan. With the order written once,
-- over the person and the members together, the household was read for each order.)
CREATE OR REPLACE FUNCTION match_back(customer bigint, household bigint, day date, time_zone text, snapshot pg_snapshot)
    RETURNS TABLE (source_code source_code, method text)
    LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(p.source_code, h.source_code), CASE WHEN p.source_code IS NOT NULL THEN 'by person' WHEN h.source_code IS NOT NULL THEN 'by household' END
      FROM (SELECT 1 AS one) AS always
      LEFT JOIN LATERAL last_contact(match_back.customer, match_back.day, match_back.time_zone, match_back.snapshot) p ON true
      LEFT JOIN LATERAL (
            SELECT e.source_code
              FROM customer m CROSS JOIN LATERAL last_contact(m.customer_id, match_back.day, match_back.time_zone, match_back.snapshot) e
             WHERE p.source_code IS NULL AND match_back.customer <> 0 AND m.household_id = match_back.household
             ORDER BY e.starts_on DESC, e.contacted_at DESC, e.is_hold_out, e.source_code::text COLLATE "C" LIMIT 1) h ON true;
END;
COMMENT ON FUNCTION match_back(bigint, bigint, date, text, pg_snapshot) IS 'the effort to which an order of a customer on a day is matched, and whether by person or by household; one row, NULLs where there is none or no customer is given. A part of refresh_reports()';

-- Brings effort_window, which has one row per registered code, up to date. Notes in the window the days on
-- which orders may count otherwise, and the codes that are in the registry now and were not, or the other way
-- round: also one that was renamed or deleted, by which no transaction number tells. A new effort has no days: its touches are new
-- themselves. Days after the last order are left out, so that announcing the next drop costs nothing.
CREATE OR REPLACE FUNCTION take_in_windows(win refresh_window) RETURNS refresh_window
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    days constant int := setting_number('match_back_days', 0, 99999, whole => true);
BEGIN
    WITH wanted AS MATERIALIZED (
        SELECT s.source_code, s.list, s.in_home_on AS starts_on,
               coalesce(s.answers_until, least(s.in_home_on + days - 1, CASE WHEN s.list IS NOT NULL THEN min(s.in_home_on) OVER next_drop - 1 END)) AS ends_on
          FROM source s
         WHERE s.source_code <> 'UNSOURCED' AND pg_visible_in_snapshot(s.recorded_xid, win.snapshot)
        WINDOW next_drop AS (PARTITION BY s.list ORDER BY s.in_home_on GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING)
    ), old_drop AS (
        SELECT DISTINCT e.list, e.starts_on FROM effort_window e WHERE e.list IS NOT NULL AND e.starts_on IS NOT NULL
    ), new_drop AS (
        SELECT DISTINCT w.list, w.starts_on FROM wanted w WHERE w.list IS NOT NULL AND w.starts_on IS NOT NULL
    ), changed_drop AS (
        SELECT d.list, min(d.starts_on) AS first_on, max(d.starts_on) + days AS last_on
          FROM ((TABLE old_drop EXCEPT TABLE new_drop) UNION ALL (TABLE new_drop EXCEPT TABLE old_drop)) d GROUP BY d.list
    ), change AS (
        -- a window that is the same for all pieces: the days that are in one of the two only
        SELECT w.source_code,
               CASE WHEN w.starts_on IS NOT DISTINCT FROM e.starts_on THEN least(w.ends_on, e.ends_on) + 1
                    ELSE least(coalesce(w.starts_on, '-infinity'), coalesce(e.starts_on, '-infinity')) END AS first_on,
               greatest(w.ends_on, e.ends_on) AS last_on
          FROM wanted w JOIN effort_window e USING (source_code)
         WHERE w.ends_on IS NOT NULL AND e.ends_on IS NOT NULL
         UNION ALL
        -- one that depends on the day of sending
        SELECT w.source_code, CASE WHEN (w.list, w.ends_on, days) IS NOT DISTINCT FROM (e.list, e.ends_on, e.max_days) THEN d.first_on ELSE '-infinity' END,
               CASE WHEN (w.list, w.ends_on, days) IS NOT DISTINCT FROM (e.list, e.ends_on, e.max_days) THEN d.last_on ELSE 'infinity' END
          FROM wanted w JOIN effort_window e USING (source_code) LEFT JOIN changed_drop d ON d.list = w.list
         WHERE w.ends_on IS NULL OR e.ends_on IS NULL
    ), gone AS (
        DELETE FROM effort_window e WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.source_code = e.source_code) RETURNING e.source_code
    ), stored AS (
        INSERT INTO effort_window AS e (source_code, list, starts_on, ends_on, max_days)
        SELECT w.source_code, w.list, w.starts_on, w.ends_on, days FROM wanted w
        EXCEPT SELECT o.source_code, o.list, o.starts_on, o.ends_on, o.max_days FROM effort_window o
        ON CONFLICT (source_code) DO UPDATE SET list = excluded.list, starts_on = excluded.starts_on, ends_on = excluded.ends_on, max_days = excluded.max_days
    )
    SELECT ARRAY(SELECT ROW(c.source_code, c.first_on, c.last_on)::window_change FROM change c
                  WHERE c.first_on <= c.last_on AND c.first_on <= (SELECT max(d.date_day) FROM source_day d WHERE d.orders <> 0)),
           CASE WHEN NOT win.is_rebuild THEN
               ARRAY(SELECT w.source_code FROM wanted w WHERE NOT EXISTS (SELECT FROM effort_window e WHERE e.source_code = w.source_code) UNION ALL SELECT g.source_code FROM gone g) END
      INTO win.window_changes, win.new_sources;
    RETURN win;
END
$$;
COMMENT ON FUNCTION take_in_windows(refresh_window) IS 'brings effort_window up to date with the registry; returns the window with the changes that may concern orders, and with the codes that have come into the registry or left it. A part of refresh_reports()';

-- Orders that may be matched otherwise than the ledger says: of people, and households of people,
-- who got a piece that is new to us, in the days of its window; whose piece has another window now;
-- who were or are in one household with somebody who moved, or was merged (win.households). A day more on either side, for midnights that a change of the clocks has moved.
CREATE OR REPLACE FUNCTION reopened_orders(due_fact text, win refresh_window) RETURNS TABLE (customer_id bigint, customer_order_id bigint)
    LANGUAGE plpgsql STABLE ROWS 100 SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
BEGIN
    IF due_fact <> 'customer_order' THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH reached AS MATERIALIZED (
        SELECT DISTINCT r.customer_id, r.first_on, r.last_on
          FROM (SELECT t.customer_id, t.starts_on AS first_on, t.ends_on AS last_on
                  FROM contact_window(win.time_zone, win.snapshot) t
                 WHERE is_new(t.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
                 UNION ALL
                -- not by matchable_contact, which would be read as a whole: a table alone is joined through its index on source_code
                SELECT t.customer_id, k.first_on, k.last_on
                  FROM unnest(win.window_changes) k JOIN touch t ON t.source_code = k.source_code AND t.customer_id <> 0
                 WHERE pg_visible_in_snapshot(t.recorded_xid, win.snapshot)
                 UNION ALL
                SELECT h.customer_id, k.first_on, k.last_on
                  FROM unnest(win.window_changes) k JOIN hold_out h ON h.source_code = k.source_code AND h.customer_id <> 0
                 WHERE pg_visible_in_snapshot(h.recorded_xid, win.snapshot)
                 UNION ALL
                SELECT v.customer_id, '-infinity', 'infinity'
                  FROM household_move v WHERE is_new(v.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
                 UNION ALL
                SELECT c.customer_id, '-infinity', 'infinity'
                  FROM household_move v JOIN customer c ON c.household_id = v.from_household_id
                 WHERE is_new(v.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)) r
         WHERE r.first_on <= r.last_on
    ), concerned AS (
        SELECT r.customer_id, r.first_on, r.last_on FROM reached r
         UNION ALL
        SELECT m.customer_id, r.first_on, r.last_on
          FROM reached r JOIN customer c ON c.customer_id = r.customer_id JOIN customer m ON m.household_id = c.household_id
         WHERE m.customer_id NOT IN (0, c.customer_id)
         UNION ALL
        SELECT m.customer_id, '-infinity', 'infinity' FROM customer m WHERE m.household_id = ANY (win.households) AND m.customer_id <> 0
    )
    SELECT DISTINCT o.customer_id, o.customer_order_id
      FROM concerned p JOIN customer_order o ON o.customer_id = p.customer_id
       AND o.ordered_at >= (p.first_on - 1)::timestamp AT TIME ZONE win.time_zone AND o.ordered_at < (p.last_on + 2)::timestamp AT TIME ZONE win.time_zone;
END
$$;
COMMENT ON FUNCTION reopened_orders(text, refresh_window) IS 'orders that new touches, hold-outs or windows may explain; none for other kinds of facts. A part of refresh_reports()';
