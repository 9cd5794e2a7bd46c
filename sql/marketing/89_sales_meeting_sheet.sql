-- sales_meeting(day, team): the sections of the sheet put together, and printed.

CREATE OR REPLACE FUNCTION meeting_results(day date, team text)
    RETURNS TABLE (section_no int, section text, team_name text, salesperson_id bigint, figure text, customer_id bigint, lead_id bigint, actual numeric, target numeric, unit text, remark text)
    LANGUAGE plpgsql STABLE ROWS 100 SET search_path FROM CURRENT AS
$$
DECLARE
    yesterday date := working_day_beside(day, -1);
    tomorrow  date := working_day_beside(day, 1);
BEGIN
    RETURN QUERY
    SELECT 1, 'done on ' || yesterday, r.team_name, r.salesperson_id, r.name, NULL::bigint, NULL::bigint, r.actual, r.target, r.unit, NULL::text
      FROM sales_results(yesterday, yesterday, meeting_results.team) r;
    RETURN QUERY
    SELECT 3, 'month to ' || yesterday, t.team, NULL::bigint, p.name, NULL::bigint, NULL::bigint, p.actual, p.target_so_far, p.unit,
           CASE WHEN p.target_of_month IS NOT NULL AND p.unit IN ('count', 'money') THEN format('%s of the %s for the month at this pace', sales_number(p.share_of_target, 'share'), sales_number(p.target_of_month, p.unit)) END
      FROM (SELECT meeting_results.team UNION SELECT s.team FROM salesperson s WHERE meeting_results.team IS NULL ORDER BY 1 NULLS FIRST) t (team), LATERAL sales_pace(yesterday, t.team) p;
    RETURN QUERY
    SELECT 4, 'open leads', l.team_name, NULL::bigint, l.lead_grade, NULL::bigint, NULL::bigint, l.leads::numeric, NULL::numeric, 'count', nullif(concat_ws(', ', '+' || nullif(l.came, 0), '-' || nullif(l.went, 0)), '')
      FROM meeting_leads(yesterday, day, meeting_results.team) l;
    RETURN QUERY
    SELECT 2, 'visitors in the stores on ' || yesterday, t.team, NULL::bigint, s.name || ': ' || v.figure, NULL::bigint, NULL::bigint, v.actual, NULL::numeric, v.unit, NULL::text
      FROM registration_day d JOIN store s ON s.store = d.store LEFT JOIN team t ON t.store = d.store,
           LATERAL (VALUES (1, 'visitors', d.visitors::numeric, 'count'), (2, 'of whom there is a form', d.registration_rate, 'share')) v (no, figure, actual, unit)
     WHERE d.date_day = yesterday AND (t.team = meeting_results.team OR meeting_results.team IS NULL) ORDER BY s.name, t.team, v.no;
    RETURN QUERY
    SELECT 5, 'visits and calls to be made', s.team, s.salesperson_id, v.figure, NULL::bigint, NULL::bigint, v.visits::numeric, NULL::numeric, 'count', NULL::text
      FROM (SELECT p.salesperson_id, count(*) FILTER (WHERE p.planned_on < day) AS overdue, count(*) FILTER (WHERE p.planned_on BETWEEN day AND tomorrow - 1) AS today,
                   count(*) FILTER (WHERE p.planned_on = tomorrow) AS next_day FROM planned_visits p WHERE p.planned_on <= tomorrow GROUP BY 1) c
      JOIN salesperson s ON s.salesperson_id = c.salesperson_id AND (s.team = meeting_results.team OR meeting_results.team IS NULL),
           LATERAL (VALUES (1, 'overdue', c.overdue), (2, 'today', c.today), (3, 'on ' || tomorrow, c.next_day)) v (no, figure, visits)
     WHERE v.visits > 0 ORDER BY s.team, s.name, v.no;
END
$$;
COMMENT ON FUNCTION meeting_results(date, text) IS 'what was done, the pace of the month, open leads, visits to come. A part of sales_meeting()';

CREATE OR REPLACE FUNCTION meeting_leads_to_come(day date, team text)
    RETURNS TABLE (section_no int, section text, team_name text, salesperson_id bigint, figure text, customer_id bigint, lead_id bigint, actual numeric, target numeric, unit text, remark text)
    LANGUAGE plpgsql ROWS 100 SET search_path FROM CURRENT AS
$$
DECLARE
    day_at  timestamptz := day::timestamp AT TIME ZONE setting_value('time_zone');
    -- the sheet of a day that has passed does not tell what came after it
    ends_at timestamptz := (day + 1)::timestamp AT TIME ZONE setting_value('time_zone');
BEGIN
    RETURN QUERY
    SELECT 7, 'leads to be taken today', coalesce(s.team, a.team), a.to_salesperson_id, a.intent, a.customer_id, a.lead_id, NULL::numeric, NULL::numeric, NULL::text,
           concat_ws(', ', a.customer_name, a.product, a.intent_at::date)
      FROM leads_to_assign(day_at) a LEFT JOIN salesperson s ON s.salesperson_id = a.to_salesperson_id
     WHERE coalesce(s.team, a.team) = meeting_leads_to_come.team OR meeting_leads_to_come.team IS NULL ORDER BY a.intent_at DESC, a.customer_id;
    RETURN QUERY
    SELECT 8, 'will move within a week', l.team, l.salesperson_id, l.move, l.customer_id, l.lead_id, NULL::numeric, NULL::numeric, NULL::text,
           format('%s on %s%s', l.lead_grade, business_day(l.due_at), ', to ' || h.name)
      FROM stale_leads(day_at, 7) l LEFT JOIN salesperson h ON h.salesperson_id = l.to_salesperson_id
     WHERE l.team = meeting_leads_to_come.team OR meeting_leads_to_come.team IS NULL ORDER BY l.due_at, l.customer_id;
    RETURN QUERY
    SELECT 9, 'handed over and not answered', h.to_team, h.to_salesperson_id, h.from_team, h.customer_id, h.lead_id, NULL::numeric, NULL::numeric, NULL::text,
           CASE WHEN h.accept_due_at < day_at THEN 'late since ' ELSE 'until ' END || business_day(h.accept_due_at)
      FROM hand_over_status h
     WHERE h.hand_over_status = 'open' AND h.handed_over_at < ends_at AND (h.to_team = meeting_leads_to_come.team OR meeting_leads_to_come.team IS NULL) ORDER BY h.accept_due_at, h.customer_id;
    RETURN QUERY
    SELECT 6, 'not answered in time', u.team, u.salesperson_id, 'waits for ' || u.waits_for, u.customer_id, u.lead_id, u.minutes_waiting::numeric, u.target_minutes::numeric, 'minutes',
           concat_ws(', ', u.customer_name, u.product, format('since %s', to_char(u.waiting_since_at AT TIME ZONE setting_value('time_zone'), 'YYYY-MM-DD HH24:MI')))
      FROM unanswered_leads u WHERE u.is_breach AND u.waiting_since_at < ends_at AND (u.team = meeting_leads_to_come.team OR meeting_leads_to_come.team IS NULL) ORDER BY u.waiting_since_at, u.customer_id;
    RETURN QUERY
    SELECT 10, 'to be asked again', w.team, w.last_salesperson_id, w.lost_reason, w.customer_id, w.lead_id, NULL::numeric, NULL::numeric, NULL::text, concat_ws(', ', w.customer_name, w.product, w.note)
      FROM (SELECT b.*, s.team FROM win_back_list b LEFT JOIN salesperson s ON s.salesperson_id = b.last_salesperson_id WHERE b.win_back_on = day) w
     WHERE w.team = meeting_leads_to_come.team OR meeting_leads_to_come.team IS NULL ORDER BY w.customer_id;
END
$$;
COMMENT ON FUNCTION meeting_leads_to_come(date, text) IS 'leads that marketing gives out, that the rules will move, that were handed over, that are to be won back. A part of sales_meeting()';

CREATE OR REPLACE FUNCTION meeting_remarks(day date, team text)
    RETURNS TABLE (section_no int, section text, team_name text, salesperson_id bigint, figure text, customer_id bigint, lead_id bigint, actual numeric, target numeric, unit text, remark text)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
DECLARE
    yesterday date := working_day_beside(day, -1);
BEGIN
    RETURN QUERY
    SELECT 11, 'agreed', s.team, a.salesperson_id, CASE WHEN a.due_on < day THEN 'overdue' ELSE 'open' END, NULL::bigint, NULL::bigint, NULL::numeric, NULL::numeric, NULL::text, format('%s, until %s', a.action, a.due_on)
      FROM agreed_action a JOIN salesperson s ON s.salesperson_id = a.salesperson_id
     WHERE (a.done_on IS NULL OR a.done_on >= day) AND a.agreed_on <= day AND (coalesce(a.team, s.team) = meeting_remarks.team OR meeting_remarks.team IS NULL) ORDER BY a.due_on, a.agreed_action_id;
    RETURN QUERY
    SELECT 12, 'visits without proof', p.team, p.salesperson_id, 'no call reference', p.customer_id, p.lead_id, NULL::numeric, NULL::numeric, NULL::text, p.customer_name
      FROM visits_without_proof p
     WHERE p.visited_at >= yesterday::timestamp AT TIME ZONE setting_value('time_zone') AND p.visited_at < day::timestamp AT TIME ZONE setting_value('time_zone')
       AND (p.team = meeting_remarks.team OR meeting_remarks.team IS NULL) ORDER BY p.team, p.salesperson, p.visited_at, p.customer_id;
    RETURN QUERY
    SELECT 13, 'noticeable', a.team_name, NULL::bigint, a.figure, NULL::bigint, NULL::bigint, a.this_week, a.centre, f.unit, a.remark
      FROM sales_alarms(yesterday, meeting_remarks.team) a JOIN sales_figure f ON f.figure = a.figure;
    RETURN QUERY
    SELECT 14, 'bottleneck', b.team_name, NULL::bigint, b.figure, NULL::bigint, NULL::bigint, b.now_rate, b.past_rate, 'share', b.remark
      FROM sales_bottleneck(yesterday, meeting_remarks.team) b WHERE b.is_bottleneck;
    RETURN QUERY
    SELECT 15, 'needs coaching', c.team_name, c.salesperson_id, c.figure, NULL::bigint, NULL::bigint, c.own_rate, c.team_rate, 'share', c.remark
      FROM sales_coaching(yesterday, meeting_remarks.team) c;
END
$$;
COMMENT ON FUNCTION meeting_remarks(date, text) IS 'agreed actions, visits without proof, alarms, the bottleneck, coaching. A part of sales_meeting()';

CREATE OR REPLACE FUNCTION sales_meeting(day date DEFAULT current_date, team text DEFAULT NULL)
    RETURNS TABLE (section_no int, section text, line_no bigint, team_name text, salesperson_id bigint, salesperson text, figure text, customer_id bigint, lead_id bigint,
                   actual numeric, target numeric, unit text, remark text)
    LANGUAGE plpgsql ROWS 200 SET search_path FROM CURRENT SET datestyle = 'ISO' AS
$$
BEGIN
    IF day IS NULL THEN
        RAISE EXCEPTION 'day must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the day of the meeting.';
    END IF;
    PERFORM check_dimensions(team => sales_meeting.team);
    RETURN QUERY
    SELECT m.section_no, m.section, row_number() OVER (PARTITION BY m.section_no ORDER BY m.n), m.team_name, m.salesperson_id, s.name, m.figure, m.customer_id, m.lead_id, m.actual, m.target, m.unit, m.remark
      FROM (SELECT r.*, row_number() OVER () AS n FROM meeting_results(day, sales_meeting.team) r
            UNION ALL SELECT l.*, row_number() OVER () FROM meeting_leads_to_come(day, sales_meeting.team) l
            UNION ALL SELECT k.*, row_number() OVER () FROM meeting_remarks(day, sales_meeting.team) k) m
      LEFT JOIN salesperson s ON s.salesperson_id = m.salesperson_id
     ORDER BY 1, 3;
END
$$;
COMMENT ON FUNCTION sales_meeting(date, text) IS 'the sheet of the sales meeting of a day, for a team or all, one row per line: (1) figures of the last working day against target, (2) visitors in the stores and for how many there is a form, (3) the month so far and its pace, (4) open leads by grade with the changes since, (5) visits overdue, for today and the next working day, (6) enquiries not answered in time, (7) leads of marketing to be taken, (8) what the rules will move within a week, (9) hand-overs not answered, (10) who is to be asked again, (11) agreed actions, (12) visits without proof, (13) noticeable falls, (14) the bottleneck, (15) who needs coaching. Sections without lines are not there. Visits, enquiries, hand-overs and actions of the day and before are as they are now. 22004, 23503 for wrong arguments';

CREATE OR REPLACE FUNCTION sales_meeting_text(day date DEFAULT current_date, team text DEFAULT NULL, max_lines int DEFAULT 20) RETURNS SETOF text
    LANGUAGE plpgsql ROWS 200 SET search_path FROM CURRENT AS
$$
DECLARE
    line   record;
    head   int := 0;
    person text := '';
BEGIN
    RETURN NEXT format('Sales meeting of %s%s', to_char(day, 'FMDay YYYY-MM-DD'), ', ' || (SELECT t.name FROM team t WHERE t.team = sales_meeting_text.team));
    FOR line IN SELECT m.*, count(*) OVER (PARTITION BY m.section_no) AS lines FROM sales_meeting(day, team) m ORDER BY m.section_no, m.line_no LOOP
        IF line.section_no <> head THEN
            RETURN NEXT '';
            RETURN NEXT upper(left(line.section, 1)) || substr(line.section, 2) || CASE WHEN line.section_no > 5 THEN format(' (%s)', line.lines) ELSE '' END;
            head := line.section_no;
            person := '';
        END IF;
        CONTINUE WHEN line.section_no > 5 AND line.line_no > max_lines;
        IF line.section_no <= 5 THEN
            RETURN NEXT rtrim(format('  %s  %s  %s%s%s', rpad(CASE WHEN coalesce(line.salesperson, line.team_name, 'all') = person THEN '' ELSE coalesce(line.salesperson, line.team_name, 'all') END, 16), rpad(line.figure, 46),
                                     lpad(coalesce(sales_number(line.actual, line.unit), '-'), 12), CASE WHEN line.target IS NULL THEN '' ELSE '  target ' || lpad(sales_number(line.target, line.unit), 10) END, '  ' || line.remark));
            person := coalesce(line.salesperson, line.team_name, 'all');
        ELSE
            RETURN NEXT rtrim(format('  %s  %s%s', rpad(coalesce(line.salesperson, line.team_name, 'marketing'), 16),
                                     CASE WHEN line.customer_id IS NULL THEN '' ELSE rpad(format('customer %s lead %s', line.customer_id, coalesce(line.lead_id::text, '-')), 34) || rpad(coalesce(line.figure, ''), 20) END,
                                     CASE WHEN line.section_no = 11 AND line.figure = 'overdue' THEN 'OVERDUE: ' ELSE '' END || line.remark));
        END IF;
        IF line.section_no > 5 AND line.line_no = max_lines AND line.lines > max_lines THEN
            RETURN NEXT format('  ... and %s more', line.lines - max_lines);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION sales_meeting_text(date, text, int) IS 'the sheet of the sales meeting as text, a line each, to be read in psql (psql -At) or mailed; at most max_lines lines of a list. See sales_meeting()';

-- What the night keeps, for whoever opens a BI tool in the morning.
CREATE OR REPLACE FUNCTION write_sales_meeting(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    day       date;
    keep_days text := setting_value('keep_job_runs_days');
    written   bigint;
BEGIN
    PERFORM check_as_of(as_of);
    day := business_day(as_of);
    -- two at once take turns: the second writes the same again
    LOCK TABLE sales_meeting_line IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM sales_meeting_line l WHERE l.date_day = day OR l.date_day < day - keep_days::int;
    INSERT INTO sales_meeting_line (date_day, section_no, line_no, section, team, salesperson_id, figure, customer_id, lead_id, actual, target, unit, remark)
    SELECT day, m.section_no, m.line_no, m.section, m.team_name, m.salesperson_id, m.figure, m.customer_id, m.lead_id, m.actual, m.target, m.unit, m.remark
      FROM sales_meeting(day) m;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;
COMMENT ON FUNCTION write_sales_meeting(timestamptz) IS 'writes the sheet of the sales meeting of the day of as_of, for all teams, to be read in sales_meeting_day; in place of what was written for that day before. Sheets older than setting keep_job_runs_days are deleted. Returns the number of lines. A step of run_daily(). 22004, 22023 for wrong arguments';

CREATE OR REPLACE VIEW sales_meeting_day AS
SELECT l.date_day, l.section_no, l.line_no, l.section, l.team, l.salesperson_id, s.name AS salesperson, l.figure, l.customer_id, l.lead_id, l.actual, l.target, l.unit, l.remark
  FROM sales_meeting_line l LEFT JOIN salesperson s ON s.salesperson_id = l.salesperson_id;
COMMENT ON VIEW sales_meeting_day IS 'the sheets of the sales meetings as the nights wrote them, one row per line';
COMMENT ON COLUMN sales_meeting_day.date_day IS 'day of the meeting';
COMMENT ON COLUMN sales_meeting_day.section_no IS 'number of the section, see sales_meeting()';
COMMENT ON COLUMN sales_meeting_day.line_no IS 'line in the section';
COMMENT ON COLUMN sales_meeting_day.section IS 'heading of the section';
COMMENT ON COLUMN sales_meeting_day.team IS 'team; NULL: all';
COMMENT ON COLUMN sales_meeting_day.salesperson_id IS 'who; NULL: the team';
COMMENT ON COLUMN sales_meeting_day.salesperson IS 'name';
COMMENT ON COLUMN sales_meeting_day.figure IS 'figure, grade or kind';
COMMENT ON COLUMN sales_meeting_day.customer_id IS 'the customer it is about';
COMMENT ON COLUMN sales_meeting_day.lead_id IS 'the lead it is about';
COMMENT ON COLUMN sales_meeting_day.actual IS 'the figure, in its unit';
COMMENT ON COLUMN sales_meeting_day.target IS 'the target, or what it is held against';
COMMENT ON COLUMN sales_meeting_day.unit IS 'count, money, share (0 to 1), ratio or minutes';
COMMENT ON COLUMN sales_meeting_day.remark IS 'in words';
