-- Bulk load of leads, visits and expenses.

-- A lead comes with the history that its fields tell: opened, and closed where it is closed.
CREATE OR REPLACE FUNCTION load_leads(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
BEGIN
    PERFORM load_begin('leads', staging, 'needed');
    PERFORM load_number_copies();
    PERFORM load_mark_changed('lead', 'needed', '{opened_at=r.opened_at,product=r.product,quoted_code=r.quoted_code}');
    PERFORM load_read_codes();
    WITH written AS (
        INSERT INTO lead (customer_id, opened_at, response_id, product, team, salesperson_id, lead_grade, clock_started_at, next_visit_on, status,
                          closed_at, lost_reason, competitor, competitor_price, quoted_code, source_code, code_problem, request_id)
        SELECT r.person_id, r.opened_at, r.found_response_id, r.product, r.team, r.found_salesperson_id, r.lead_grade,
               coalesce(r.clock_started_at, r.opened_at), r.next_visit_on, coalesce(r.status, 'open'),
               r.closed_at, r.lost_reason, r.competitor, r.competitor_price, r.quoted_code, k.source_code, k.code_problem,
               load_request_id(r.request_key, r.content, r.copy_no)
          FROM pg_temp.load_row r LEFT JOIN pg_temp.load_code k ON k.quoted_code = r.quoted_code
         WHERE r.problem IS NULL AND NOT r.is_repeat
         ORDER BY r.person_id, r.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING *),
    moved AS (
        INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, from_grade, to_grade, from_status, to_status, reason, request_id)
        SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, NULL, lead_grade, NULL, 'open', 'bulk load', request_id || ' opened' FROM written
        UNION ALL
        SELECT customer_id, lead_id, closed_at, status, salesperson_id, lead_grade, lead_grade, 'open', status, coalesce(lost_reason, 'bulk load'), request_id || ' closed'
          FROM written WHERE status <> 'open')
    SELECT count(*) INTO loaded FROM written;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('leads', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_leads(regclass) IS 'records the leads of a staging table: customer, opened_at, and what became of them; each leaves its rows in lead_move. Returns how many rows were recorded, were there already, were rejected (see load_reject). 42703 for wrong columns';

CREATE OR REPLACE FUNCTION load_visits(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
BEGIN
    PERFORM load_begin('visits', staging, 'needed');
    PERFORM load_number_copies();
    PERFORM load_mark_changed('visit', 'needed', '{visited_at=r.visited_at,lead_id=r.found_lead_id,quoted_code=r.quoted_code}');
    PERFORM load_read_codes();
    WITH written AS (
        INSERT INTO visit (customer_id, lead_id, kind, status, visited_at, salesperson_id, store, outcome, grade_before, grade_after,
                           quoted_code, source_code, code_problem, request_id)
        SELECT r.person_id, r.found_lead_id, coalesce(r.kind, 'field call'), coalesce(r.status, 'completed'), r.visited_at, r.found_salesperson_id,
               r.store, r.outcome, r.grade_before, r.grade_after, r.quoted_code, k.source_code, k.code_problem,
               load_request_id(r.request_key, r.content, r.copy_no)
          FROM pg_temp.load_row r LEFT JOIN pg_temp.load_code k ON k.quoted_code = r.quoted_code
         WHERE r.problem IS NULL AND NOT r.is_repeat
         ORDER BY r.person_id, r.row_no
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING 1)
    SELECT count(*) INTO loaded FROM written;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('visits', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_visits(regclass) IS 'records the visits of a staging table: customer, visited_at, the lead where there is one; a lead is not graded by it. Returns how many rows were recorded, were there already, were rejected (see load_reject). 42703 for wrong columns';

CREATE OR REPLACE FUNCTION load_expenses(staging regclass, OUT loaded bigint, OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS
$$
DECLARE
    begun_at timestamptz := clock_timestamp();
BEGIN
    PERFORM load_begin('expenses', staging, 'none');
    PERFORM load_number_copies();
    PERFORM load_mark_changed('expense', 'none', '{spent_on=r.spent_on,amount=r.amount,source_code=r.source_code,campaign=r.campaign,medium=r.medium}');
    WITH written AS (
        INSERT INTO expense (spent_on, amount, source_code, campaign, medium, kind, supplier, request_id)
        SELECT r.spent_on, r.amount, r.source_code, r.campaign, r.medium, r.kind, r.supplier, load_request_id(r.request_key, r.content, r.copy_no)
          FROM pg_temp.load_row r
         WHERE r.problem IS NULL AND NOT r.is_repeat
         ORDER BY r.row_no
        ON CONFLICT (request_id) DO NOTHING RETURNING 1)
    SELECT count(*) INTO loaded FROM written;
    SELECT f.already_there, f.rejected INTO already_there, rejected FROM load_finish('expenses', staging, begun_at, loaded) f;
END
$$;
COMMENT ON FUNCTION load_expenses(regclass) IS 'records the expenses of a staging table: spent_on, amount, and just one of source_code, campaign, medium. Returns how many rows were recorded, were there already, were rejected (see load_reject). 42703 for wrong columns';
