-- Stale leads: who takes a lead that nobody has sold, and when.
--
-- The rules are rows: stale_rule says after what time on which clock a lead of a grade moves, and
-- where to; a grade that marketing follows (lead_grade.followed_by) goes to marketing at once.
-- stale_query() finds the leads that a rule applies to, stale_moves() chooses for each where it
-- goes, move_stale_leads() writes it; stale_leads() shows the same without writing.
--
-- A lead that needs another owner goes, within its team, to who has not had it yet (salespeople
-- before managers, managers of the team before managers without a team), then to who has had it
-- before. Of those: who has received the fewest leads this month, relative to capacity; on a tie,
-- the smaller salesperson_id. Leads are served in the order of their clocks. So the same facts give the same moves,
-- in one call or in many small ones. Only people who are employed, on duty, not away (absence) and below
-- their capacity get one. While all who could are away or full, the lead waits and is offered again the next
-- night. When there is nobody else at all, it stays where it is, and the ladder goes on.
--
-- Times are calendar months in the time zone of the business (setting time_zone).

CREATE OR REPLACE FUNCTION stale_due_at(since timestamptz, after interval, zone text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (since AT TIME ZONE zone + after) AT TIME ZONE zone;
COMMENT ON FUNCTION stale_due_at(timestamptz, interval, text) IS 'when a time on the clock is over, counted in the calendar of a time zone: a month after 31 January is the last day of February';

-- Employed is who has started and not left, by the day in the time zone of the business.
CREATE OR REPLACE FUNCTION salesperson_pool_at(as_of timestamptz, is_everybody boolean DEFAULT false) RETURNS salesperson_pool
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    zone      text := setting_value('time_zone');
    today     date := (as_of AT TIME ZONE zone)::date;
    month_at  timestamptz := date_trunc('month', as_of AT TIME ZONE zone) AT TIME ZONE zone;
    result    salesperson_pool;
BEGIN
    WITH received AS (
        SELECT m.to_salesperson_id AS salesperson_id, count(*)::int AS taken FROM lead_move m
         WHERE m.moved_at >= month_at AND m.moved_at <= as_of AND m.to_salesperson_id IS DISTINCT FROM m.from_salesperson_id
         GROUP BY 1),
    employed AS (
        SELECT s.salesperson_id, coalesce(s.team, '') AS team, s.is_manager, s.seniority,
               CASE WHEN is_everybody THEN 'infinity'
                    WHEN NOT s.is_on_duty OR EXISTS (SELECT FROM absence a WHERE a.salesperson_id = s.salesperson_id AND a.starts_at <= as_of AND a.ends_at > as_of) THEN 0
                    ELSE coalesce(s.capacity_per_month::float8, 'infinity') END AS capacity, coalesce(r.taken, 0) AS taken,
               coalesce(nullif(coalesce(s.capacity_per_month, max(s.capacity_per_month) OVER (PARTITION BY s.team)), 0), 1)::float8 AS weight
          FROM salesperson s LEFT JOIN received r USING (salesperson_id)
         WHERE coalesce(s.started_on <= today, true) AND coalesce(s.left_on >= today, true)),
    numbered AS (SELECT e.*, dense_rank() OVER (ORDER BY e.team) AS team_no FROM employed e)
    SELECT array_agg(n.salesperson_id ORDER BY n.salesperson_id), array_agg((2 * n.team_no - CASE WHEN n.is_manager THEN 0 ELSE 1 END)::int ORDER BY n.salesperson_id),
           array_agg(CASE WHEN NOT n.is_manager THEN n.seniority::int END ORDER BY n.salesperson_id), array_agg(n.capacity ORDER BY n.salesperson_id),
           array_agg(n.weight ORDER BY n.salesperson_id), array_agg(n.taken ORDER BY n.salesperson_id),
           (SELECT array_agg(DISTINCT t.team ORDER BY t.team) FROM numbered t) INTO result
      FROM numbered n;
    RETURN CASE WHEN result.person IS NULL THEN ROW('{}', '{}', '{}', '{}', '{}', '{}', '{}')::salesperson_pool ELSE result END;
END
$$;
COMMENT ON FUNCTION salesperson_pool_at(timestamptz, boolean) IS 'who is employed at a time, with the leads they have received in its month; those who are away have a capacity of 0, but with is_everybody no capacity counts. A part of stale_moves()';

CREATE OR REPLACE FUNCTION pool_tiers(teams text[], team text) RETURNS int[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY[coalesce(2 * array_position(teams, coalesce(team, '')) - 1, 0), coalesce(2 * array_position(teams, coalesce(team, '')), 0), coalesce(2 * array_position(teams, ''), 0)];
COMMENT ON FUNCTION pool_tiers(text[], text) IS 'where to look for who takes a lead of a team, by the teams of a pool: numbers of its salespeople, its managers, and managers without a team; 0 when there are none. A part of pool_pick()';

-- What callers may rely on: it writes nothing and asks no table; the same pool and arguments give the
-- same choice; who is chosen is in the pool (employed, on duty, below his capacity, unless
-- the pool was made of everybody), is not the owner, and has not had the lead while anybody of the
-- team, its managers or managers without a team who could take it has not. The pool that comes back
-- counts the choice; hold lead_move_lock() from salesperson_pool_at() until it is committed.
CREATE OR REPLACE FUNCTION pool_pick(INOUT pool salesperson_pool, team text, above int, had bigint[], owner bigint,
                                     OUT chosen bigint, OUT is_manager boolean, OUT is_possible boolean)
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
BEGIN
    SELECT s.chosen[1], s.tiers[1] > 1, s.is_possible[1], s.taken_then INTO chosen, is_manager, is_possible, pool.taken
      FROM share_out(pool.person, pool.pool_no, pool.level, pool.capacity, pool.weight, pool.taken,
                     pool_tiers(pool.team, pool_pick.team), ARRAY[above], ARRAY[owner], array_fill(1, ARRAY[coalesce(cardinality(had), 0)]), coalesce(had, '{}')) s;
END
$$;
COMMENT ON FUNCTION pool_pick(salesperson_pool, text, int, bigint[], bigint) IS 'chooses who takes a lead of a team: of seniority greater than above (NULL: any), who is not the owner, and who has not had it if there is such a one; returns the pool after that. chosen is NULL when nobody can; is_possible tells then whether anybody else is employed who could at another time. stale_moves() does the same for many leads at once';
