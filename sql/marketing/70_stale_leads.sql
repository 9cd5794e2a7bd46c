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
               s.is_on_duty AND NOT EXISTS (SELECT FROM absence a WHERE a.salesperson_id = s.salesperson_id AND a.starts_at <= as_of AND a.ends_at > as_of) AS is_on_duty,
               CASE WHEN is_everybody OR s.capacity_per_month IS NULL THEN 'infinity' ELSE s.capacity_per_month::float8 END AS capacity, coalesce(r.taken, 0) AS taken,
               coalesce(nullif(coalesce(s.capacity_per_month, max(s.capacity_per_month) OVER (PARTITION BY s.team)), 0), 1)::float8 AS weight
          FROM salesperson s LEFT JOIN received r USING (salesperson_id)
         WHERE coalesce(s.started_on <= today, true) AND coalesce(s.left_on >= today, true)),
    numbered AS (
        SELECT e.*, is_everybody OR e.is_on_duty AND e.taken < e.capacity AS is_free, dense_rank() OVER w AS group_no, row_number() OVER (w ROWS UNBOUNDED PRECEDING) AS person_no
          FROM employed e WINDOW w AS (ORDER BY e.team, e.is_manager, e.seniority)),
    placed AS (
        SELECT n.*, row_number() OVER (ORDER BY n.group_no, n.taken / n.weight, n.salesperson_id) AS place FROM numbered n WHERE n.is_free),
    grouped AS (
        SELECT n.group_no, min(n.team) AS team, bool_or(n.is_manager) AS is_manager, min(n.seniority)::int AS seniority, count(*)::int AS employed,
               min(n.salesperson_id) AS person, count(*) FILTER (WHERE n.is_free)::int AS free
          FROM numbered n GROUP BY n.group_no),
    spread AS (
        SELECT g.*, (sum(g.free) OVER (ORDER BY g.group_no))::int AS last FROM grouped g)
    SELECT p.person, p.capacity, p.weight, p.taken, q.queue, g.team, g.is_manager, g.seniority, g.first, g.last, g.employed, g.person INTO result
      FROM (SELECT array_agg(salesperson_id ORDER BY person_no) AS person, array_agg(capacity ORDER BY person_no) AS capacity,
                   array_agg(weight ORDER BY person_no) AS weight, array_agg(taken ORDER BY person_no) AS taken FROM numbered) p,
           (SELECT array_agg(person_no::int ORDER BY place) AS queue FROM placed) q,
           (SELECT array_agg(team ORDER BY group_no) AS team, array_agg(is_manager ORDER BY group_no) AS is_manager, array_agg(seniority ORDER BY group_no) AS seniority,
                   array_agg(last - free + 1 ORDER BY group_no) AS first, array_agg(last ORDER BY group_no) AS last,
                   array_agg(employed ORDER BY group_no) AS employed, array_agg(person ORDER BY group_no) AS person FROM spread) g;
    RETURN result;
END
$$;
COMMENT ON FUNCTION salesperson_pool_at(timestamptz, boolean) IS 'who is employed at a time, grouped by team, managers or not, and seniority, with a queue of those who can take a lead (is_everybody: of all, whatever their duty and capacity): the least loaded first. A part of stale_moves()';

-- Takes the person at a place out of the queue and puts him back where his new load belongs.
CREATE OR REPLACE FUNCTION pool_take(pool salesperson_pool, group_no int, place int) RETURNS salesperson_pool
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
DECLARE
    chosen int := pool.queue[place];
    load   float8;
    low    int := place + 1;                    -- the person goes before the first of low .. high + 1 with a higher load
    high   int := pool.group_last[group_no];
    middle int;
    other  int;
BEGIN
    pool.taken[chosen] := pool.taken[chosen] + 1;
    IF pool.taken[chosen] >= pool.capacity[chosen] THEN
        pool.queue := pool.queue[1:place - 1] || pool.queue[place + 1:high] || chosen || pool.queue[high + 1:];
        pool.group_last[group_no] := high - 1;
        RETURN pool;
    END IF;
    load := pool.taken[chosen] / pool.weight[chosen];
    WHILE low <= high LOOP
        middle := (low + high) / 2;
        other := pool.queue[middle];
        IF (pool.taken[other] / pool.weight[other], pool.person[other]) < (load, pool.person[chosen]) THEN
            low := middle + 1;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    pool.queue := pool.queue[1:place - 1] || pool.queue[place + 1:low - 1] || chosen || pool.queue[low:];
    RETURN pool;
END
$$;
COMMENT ON FUNCTION pool_take(salesperson_pool, int, int) IS 'the pool after the person at a place of its queue has taken one more lead. A part of pool_pick()';

-- What callers may rely on: it writes nothing and asks no table; the same pool and arguments give the
-- same choice; who is chosen is in the pool's queue (employed, on duty, below his capacity, unless
-- the pool was made of everybody), is not the owner, and has not had the lead while anybody of the
-- team, its managers or managers without a team who could take it has not. The pool that comes back
-- counts the choice; hold lead_move_lock() from salesperson_pool_at() until it is committed.
-- Pass 1 looks for somebody who has not had the lead, pass 2 for anybody but its owner; tier 1 are
-- salespeople, 2 the managers of the team, 3 managers without a team.
CREATE OR REPLACE FUNCTION pool_pick(INOUT pool salesperson_pool, team text, above int, had bigint[], owner bigint,
                                     OUT chosen bigint, OUT is_manager boolean, OUT is_possible boolean)
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
DECLARE
    groups     int := coalesce(array_length(pool.group_team, 1), 0);
    best       int;
    best_place int;
    best_group int;
    person     int;
    tier_team  text;
    g          int;
BEGIN
    is_possible := false;
    <<search>>
    FOR pass IN 1..2 LOOP
        FOR tier IN 1..3 LOOP
            tier_team := CASE WHEN tier < 3 THEN coalesce(team, '') ELSE '' END;
            g := array_position(pool.group_team, tier_team);
            WHILE g <= groups AND pool.group_team[g] = tier_team LOOP
                IF pool.group_is_manager[g] = (tier > 1) AND (tier > 1 OR above IS NULL OR pool.group_seniority[g] > above) THEN
                    is_possible := is_possible OR pool.group_employed[g] > 1 OR pool.group_person[g] IS DISTINCT FROM owner;
                    FOR place IN pool.group_first[g]..pool.group_last[g] LOOP
                        person := pool.queue[place];
                        CONTINUE WHEN pool.person[person] IS NOT DISTINCT FROM owner OR (pass = 1 AND pool.person[person] = ANY (had));
                        IF best IS NULL OR (pool.taken[person] / pool.weight[person], pool.person[person])
                                           < (pool.taken[best] / pool.weight[best], pool.person[best]) THEN
                            best := person;
                            best_place := place;
                            best_group := g;
                        END IF;
                        EXIT;                   -- the others of this group are more loaded
                    END LOOP;
                END IF;
                g := g + 1;
            END LOOP;
            IF best IS NOT NULL THEN
                chosen := pool.person[best];
                is_manager := tier > 1;
                pool := pool_take(pool, best_group, best_place);
                EXIT search;
            END IF;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION pool_pick(salesperson_pool, text, int, bigint[], bigint) IS 'chooses who takes a lead of a team: of seniority greater than above (NULL: any), who is not the owner, and who has not had it if there is such a one; returns the pool after that. chosen is NULL when nobody can; is_possible tells whether anybody else is employed who could at another time. A part of stale_moves()';
