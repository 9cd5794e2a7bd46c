-- Rotation: who takes the next visitor.
--
-- Turns are shared in proportion to capacity (salesperson.capacity_per_month). With each turn every
-- member who takes part becomes entitled to his share of it, 1 in all, and one of them receives it:
-- rotation_member.owed is what he was entitled to less what he received. It is carried from call to
-- call and from day to day, so a capacity of 2.5 counts as such, and a small one is served in time.
--
-- Who receives it: of those whose balance with this turn is above 0, the one who would first be owed
-- a whole turn if he went on waiting (the earliest deadline), then who is owed more, then the
-- smaller salesperson_id. This is the P-fair schedule of one resource: as long as the same people
-- take part and nobody is passed over, each has received less than one turn more or less than he was
-- entitled to, after any number of turns (S. Baruah, N. Cohen, C. Plaxton and D. Varvel,
-- Proportionate progress, Algorithmica 15, 1996; earliest deadline first among unit jobs is
-- optimal on one machine).
--
-- Who is off duty or lacks the skill that is wanted does not take part: his balance stays as it is.
-- Who is busy, or has had his leads of the month, is passed over and keeps the turn: he goes on
-- being entitled until he is owed a whole one; what goes beyond falls to those who do the work. So
-- nobody comes back from a long customer to a heap of turns, or to the end of the queue.
--
-- Whoever takes a turn locks the row of the team first, and nothing afterwards that others hold
-- while they wait for it. The lock lasts until the end of the transaction; rotation_lock() waits for
-- it twenty seconds and no longer.

CREATE OR REPLACE FUNCTION salespeople_present(at timestamptz, team text DEFAULT NULL, person bigint DEFAULT NULL) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    here    timestamp := at AT TIME ZONE setting_value('time_zone');
    today   date := here::date;
    weekday int := extract(isodow FROM here);
    hour    interval := here - date_trunc('day', here);
BEGIN
    RETURN ARRAY(
        SELECT s.salesperson_id FROM salesperson s
         WHERE (salespeople_present.person IS NULL OR s.salesperson_id = salespeople_present.person)
           AND (salespeople_present.team IS NULL OR s.team = salespeople_present.team OR s.team IS NULL AND s.is_manager)
           AND s.is_on_duty AND coalesce(s.started_on <= today, true) AND coalesce(s.left_on >= today, true)
           AND NOT EXISTS (SELECT FROM absence a WHERE a.salesperson_id = s.salesperson_id AND a.starts_at <= salespeople_present.at AND a.ends_at > salespeople_present.at)
           AND (SELECT count(*) = 0
                       OR bool_or(r.weekday_no = weekday AND r.starts_after <= hour AND r.ends_after > hour)
                          AND NOT EXISTS (SELECT FROM calendar c WHERE c.date_day = today AND c.holiday_name IS NOT NULL)
                  FROM duty_roster r WHERE r.salesperson_id = s.salesperson_id AND r.valid_from_on <= today AND coalesce(r.valid_until_on >= today, true)));
END
$$;
COMMENT ON FUNCTION salespeople_present(timestamptz, text, bigint) IS 'who is on duty at a time: employed, salesperson.is_on_duty, not away (absence), and within the hours of duty_roster if that has any for him; of all, or of a team and the managers without one, or whether one person is. A part of next_salesperson() and assign_leads()';

CREATE OR REPLACE FUNCTION rotation_pool_at(team text, at timestamptz) RETURNS rotation_pool
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    zone     text := setting_value('time_zone');
    today    date := (at AT TIME ZONE zone)::date;
    month_at timestamptz := date_trunc('month', at AT TIME ZONE zone) AT TIME ZONE zone;
    present  bigint[] := salespeople_present(at, team);
    gone     numeric;
    result   rotation_pool;
BEGIN
    WITH member AS (
        SELECT s.salesperson_id, s.name, CASE WHEN NOT s.is_manager THEN 1 WHEN s.team IS NOT NULL THEN 2 ELSE 3 END AS tier, s.capacity_per_month AS capacity,
               coalesce(s.capacity_per_month, max(s.capacity_per_month) OVER (PARTITION BY s.is_manager), 1) AS weight,
               coalesce(m.owed, 0) AS owed, coalesce(m.turns, 0) AS turns, s.salesperson_id = ANY (present) AS is_on_duty,
               EXISTS (SELECT FROM busy_spell b WHERE b.salesperson_id = s.salesperson_id AND b.started_at <= rotation_pool_at.at AND b.ends_at > rotation_pool_at.at) AS is_busy,
               CASE WHEN s.capacity_per_month IS NOT NULL
                    THEN (SELECT count(*) FROM lead_move v WHERE v.to_salesperson_id = s.salesperson_id AND v.moved_at >= month_at AND v.moved_at <= rotation_pool_at.at
                                                             AND v.from_salesperson_id IS DISTINCT FROM v.to_salesperson_id) END AS taken
          FROM salesperson s LEFT JOIN rotation_member m ON m.team = rotation_pool_at.team AND m.salesperson_id = s.salesperson_id
         WHERE (s.team = rotation_pool_at.team OR s.team IS NULL AND s.is_manager)
           AND coalesce(s.left_on >= today, true) AND s.capacity_per_month IS DISTINCT FROM 0)
    SELECT array_agg(m.salesperson_id ORDER BY m.salesperson_id), array_agg(m.name ORDER BY m.salesperson_id), array_agg(m.tier ORDER BY m.salesperson_id),
           array_agg(m.weight ORDER BY m.salesperson_id), array_agg(m.owed ORDER BY m.salesperson_id),
           array_agg(m.turns ORDER BY m.salesperson_id), array_agg(m.is_on_duty ORDER BY m.salesperson_id), array_agg(m.is_busy ORDER BY m.salesperson_id),
           array_agg(m.taken ORDER BY m.salesperson_id), array_agg(m.capacity ORDER BY m.salesperson_id)
      INTO result FROM member m;
    -- what those were owed who are no members any more, or had had too much, falls to the others
    SELECT sum(m.owed) INTO gone FROM rotation_member m WHERE m.team = rotation_pool_at.team AND NOT m.salesperson_id = ANY (result.person);
    IF gone <> 0 THEN
        -- in proportion to capacity, over the salespeople; the last decimal goes to the first of them
        SELECT array_agg(o.owed + CASE o.place WHEN 1 THEN gone - o.others ELSE o.part END ORDER BY o.n) INTO result.owed
          FROM (SELECT p.n, p.owed, p.part, p.place, coalesce(sum(p.part) FILTER (WHERE p.place > 1) OVER (), 0) AS others
                  FROM (SELECT u.n, u.owed, round(gone * u.weight / sum(u.weight) OVER (), 20) AS part, row_number() OVER (ORDER BY u.weight = 0, u.n) AS place
                          FROM (SELECT t.n, t.owed, CASE WHEN t.tier = min(t.tier) OVER () THEN t.weight ELSE 0 END AS weight
                                  FROM unnest(result.owed, result.weight, result.tier) WITH ORDINALITY t(owed, weight, tier, n)) u) p) o;
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION rotation_pool_at(text, timestamptz) IS 'the members of a team''s rotation (its salespeople, its managers, managers without a team; not who has a capacity of 0) and their state at a time. What those who have left were owed is spread over the others. A part of next_salesperson() and assign_leads()';

-- One turn: entitled are the places of those who take part, free of those who can receive it.
CREATE OR REPLACE FUNCTION rotation_take(INOUT pool rotation_pool, entitled int[], free int[], OUT place int)
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
DECLARE
    -- shares are rounded to twenty decimals; a balance is above 0, or a whole turn owed, when it is so by more than that can add up to
    grain       constant numeric := 0.000000001;
    all_weight  numeric := 0;
    free_weight numeric := 0;
    balance     numeric := 0;
    spare       numeric := 0;
    part        numeric;
    deadline    numeric;
    best        numeric;
    is_open     boolean;
    best_open   boolean := false;
    i           int;
BEGIN
    FOREACH i IN ARRAY entitled LOOP
        all_weight := all_weight + pool.weight[i];
        balance := balance + pool.owed[i];
        IF i = ANY (free) THEN
            free_weight := free_weight + pool.weight[i];
        END IF;
    END LOOP;
    FOREACH i IN ARRAY entitled LOOP
        IF NOT i = ANY (free) THEN              -- passed over: entitled until a whole turn is owed
            part := round(pool.weight[i] * 1.00000000000000000000 / all_weight, 20);
            spare := spare + part - greatest(0, least(part, 1 - pool.owed[i]));
            pool.owed[i] := pool.owed[i] + greatest(0, least(part, 1 - pool.owed[i]));
        END IF;
    END LOOP;
    FOREACH i IN ARRAY free LOOP
        part := pool.weight[i] * 1.00000000000000000000 / all_weight;
        pool.owed[i] := round(pool.owed[i] + part + spare * pool.weight[i] / free_weight, 20);
        is_open := pool.owed[i] > grain;
        deadline := ceil((1 - pool.owed[i] - grain) / part);
        IF place IS NULL OR is_open AND NOT best_open OR is_open = best_open AND (deadline < best OR deadline = best AND pool.owed[i] > pool.owed[place] + grain) THEN
            place := i;
            best := deadline;
            best_open := is_open;
        END IF;
    END LOOP;
    -- the balances of those who take part add up to what they did before, to the last decimal
    FOREACH i IN ARRAY entitled LOOP
        IF i <> place THEN
            balance := balance - pool.owed[i];
        END IF;
    END LOOP;
    pool.owed[place] := balance;
    pool.turns[place] := pool.turns[place] + 1;
    pool.taken[place] := pool.taken[place] + 1;
END
$$;
COMMENT ON FUNCTION rotation_take(rotation_pool, int[], int[]) IS 'gives one turn: the pool after it, and the place of who receives it. entitled and free (a part of it, not empty) are places in the pool, in ascending order. See the head of 76_rotation.sql. A part of rotation_pick()';

-- The places of a tier that are on duty, and of these (able: who has the skill; NULL: all) those
-- that are free (what is 1: not busy and below capacity, 2: not busy, 3: any).
CREATE OR REPLACE FUNCTION rotation_places(pool rotation_pool, of_tier int, able bigint[], what int) RETURNS int[]
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
DECLARE
    result int[] := ARRAY[]::int[];
BEGIN
    FOR i IN 1..coalesce(array_length(pool.person, 1), 0) LOOP
        IF pool.tier[i] = of_tier AND pool.present[i] AND (able IS NULL OR pool.person[i] = ANY (able))
           AND (what = 3 OR NOT pool.busy[i]) AND (what > 1 OR coalesce(pool.taken[i] < pool.capacity[i], true)) THEN
            result := result || i;
        END IF;
    END LOOP;
    RETURN result;
END
$$;
COMMENT ON FUNCTION rotation_places(rotation_pool, int, bigint[], int) IS 'places in a pool of those of a tier who are on duty and able, and free: what is 1 not busy and below capacity, 2 not busy, 3 whatever they do. A part of rotation_pick()';

CREATE OR REPLACE FUNCTION rotation_pick(INOUT pool rotation_pool, able bigint[], skill text, OUT place int, OUT why text)
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
DECLARE
    able_ids bigint[] := able;
    note     text := '';
    present  int[] := rotation_places(pool, 1, able, 3);
    free     int[];
    take     record;
BEGIN
    -- with the skill, else of the whole team
    IF skill IS NOT NULL AND cardinality(rotation_places(pool, 1, able, 2)) = 0 AND cardinality(rotation_places(pool, 1, NULL, 3)) > cardinality(present) THEN
        note := format('nobody with skill "%s" is free: ', skill);
        able_ids := NULL;
        present := rotation_places(pool, 1, NULL, 3);
    END IF;
    FOR what IN 1..2 LOOP
        free := rotation_places(pool, 1, able_ids, what);
        EXIT WHEN cardinality(free) > 0;
    END LOOP;
    IF cardinality(free) = 0 THEN               -- nobody is free: a manager, else whose turn it is when he is
        FOR of_tier IN 2..3 LOOP
            free := rotation_places(pool, of_tier, NULL, 2);
            CONTINUE WHEN cardinality(free) = 0;
            note := note || CASE WHEN cardinality(present) > 0 THEN 'all are busy: the manager' ELSE 'nobody else is on duty: the manager' END;
            SELECT * INTO take FROM rotation_take(pool, rotation_places(pool, of_tier, NULL, 3), free);
            pool := take.pool;
            place := take.place;
            why := note;
            RETURN;
        END LOOP;
        present := CASE WHEN cardinality(present) > 0 THEN present WHEN cardinality(rotation_places(pool, 2, NULL, 3)) > 0 THEN rotation_places(pool, 2, NULL, 3)
                        ELSE rotation_places(pool, 3, NULL, 3) END;
        free := present;
        note := note || 'all are busy: ';
    END IF;
    IF cardinality(present) = 0 THEN
        RETURN;
    END IF;
    SELECT * INTO take FROM rotation_take(pool, present, free);
    pool := take.pool;
    place := take.place;
    why := format('%snext in turn%s', note, CASE WHEN cardinality(present) > cardinality(free) THEN format(', %s passed over', cardinality(present) - cardinality(free)) ELSE '' END);
END
$$;
COMMENT ON FUNCTION rotation_pick(rotation_pool, bigint[], text) IS 'gives one turn by the order of who can take it: salespeople with the skill (able: their ids), salespeople without it, managers of the team, managers without a team; among salespeople, who is not busy and below capacity, else who is not busy, else, when no manager is free either, whose turn it is. place is NULL when nobody is on duty. A part of next_salesperson() and assign_leads()';

CREATE OR REPLACE FUNCTION rotation_lock(teams text[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET lock_timeout = '20s' AS
$$
BEGIN
    PERFORM FROM team t WHERE t.team = ANY (teams) ORDER BY t.team FOR NO KEY UPDATE;
EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'the rotation of team "%" has been taken by another transaction for over 20 seconds', array_to_string(teams, '", "')
        USING ERRCODE = 'lock_not_available', HINT = 'Call again. Whoever takes a turn should commit soon: all who ask for the same team wait for it.';
END
$$;
COMMENT ON FUNCTION rotation_lock(text[]) IS 'takes the rotation of teams until the end of the transaction; 55P03 after waiting for twenty seconds. A part of next_salesperson() and assign_leads()';

CREATE OR REPLACE FUNCTION rotation_save(team text, pool rotation_pool, at timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO rotation_member AS m (team, salesperson_id, owed, turns, last_turn_at)
    SELECT rotation_save.team, u.person, u.owed, u.turns, CASE WHEN u.turns > 0 THEN rotation_save.at END
      FROM unnest(pool.person, pool.owed, pool.turns) u(person, owed, turns)
     WHERE u.turns > 0 OR u.owed <> 0 OR EXISTS (SELECT FROM rotation_member o WHERE o.team = rotation_save.team AND o.salesperson_id = u.person)   -- also who comes to 0
    ON CONFLICT ON CONSTRAINT rotation_member_pkey DO UPDATE
       SET owed = excluded.owed, turns = excluded.turns, last_turn_at = CASE WHEN excluded.turns > m.turns THEN excluded.last_turn_at ELSE m.last_turn_at END
     WHERE m.owed <> excluded.owed OR m.turns <> excluded.turns;
    UPDATE rotation_member m SET owed = 0 WHERE m.team = rotation_save.team AND m.owed <> 0 AND NOT m.salesperson_id = ANY (pool.person);
END
$$;
COMMENT ON FUNCTION rotation_save(text, rotation_pool, timestamptz) IS 'writes the balances of a pool; those of people who are not in it are settled. A part of next_salesperson() and assign_leads()';

-- Who has the customer: the owner of the open lead opened last, else the owner of the account.
CREATE OR REPLACE FUNCTION rotation_owner(customer bigint, at timestamptz, OUT owner_id bigint, OUT name text, OUT is_of_lead boolean, OUT is_there boolean, OUT is_away boolean)
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    zone text := setting_value('time_zone');
BEGIN
    IF customer = 0 THEN
        RETURN;
    END IF;
    SELECT s.salesperson_id, s.name, o.is_lead, s.salesperson_id = ANY (salespeople_present(at, person => s.salesperson_id)),
           NOT s.is_on_duty OR EXISTS (SELECT FROM absence a WHERE a.salesperson_id = s.salesperson_id AND a.starts_at <= at AND a.ends_at > at)
      INTO owner_id, rotation_owner.name, is_of_lead, is_there, is_away
      FROM (SELECT l.salesperson_id, true AS is_lead, l.opened_at, l.lead_id FROM lead l
             WHERE l.customer_id = rotation_owner.customer AND l.status = 'open' AND l.salesperson_id IS NOT NULL
            UNION ALL
            SELECT c.salesperson_id, false, NULL, NULL FROM customer c WHERE c.customer_id = rotation_owner.customer AND c.salesperson_id IS NOT NULL) o
      JOIN salesperson s ON s.salesperson_id = o.salesperson_id AND coalesce(s.left_on >= (at AT TIME ZONE zone)::date, true)
     ORDER BY o.is_lead DESC, o.opened_at DESC, o.lead_id DESC LIMIT 1;
END
$$;
COMMENT ON FUNCTION rotation_owner(bigint, timestamptz) IS 'who has a customer: the owner of the open lead that was opened last, else of the account, whether he is on duty now, and whether he is away altogether; NULL when nobody has who is still employed. A part of next_salesperson() and assign_leads()';

-- The first rule that applies; that of a team, where one is given.
CREATE OR REPLACE FUNCTION rotation_rule_for(customer bigint, product text, response_channel text, team text) RETURNS rotation_rule
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    result rotation_rule;
BEGIN
    SELECT r.* INTO result
      FROM rotation_rule r LEFT JOIN customer c ON c.customer_id = rotation_rule_for.customer AND c.customer_id <> 0
      LEFT JOIN product p ON p.product = rotation_rule_for.product
     WHERE coalesce(r.team = rotation_rule_for.team, true)
       AND (r.product IS NULL OR r.product = rotation_rule_for.product) AND (r.category IS NULL OR r.category = p.category)
       AND (r.region IS NULL OR r.region = c.region) AND (r.response_channel IS NULL OR r.response_channel = rotation_rule_for.response_channel)
       AND (r.is_organisation IS NULL OR r.is_organisation = c.is_organisation) AND (r.is_key_account IS NULL OR r.is_key_account = c.is_key_account)
     ORDER BY r.rule_no LIMIT 1;
    RETURN result;
END
$$;
COMMENT ON FUNCTION rotation_rule_for(bigint, text, text, text) IS 'the first row of rotation_rule whose conditions hold for a customer, product and channel (of a team, where one is given); NULL when none does. A part of next_salesperson() and assign_leads()';

CREATE OR REPLACE FUNCTION rotation_turn_for(team text, customer bigint, at timestamptz, product text, skill text, request_id text,
                                     OUT rotation_turn_id bigint, OUT salesperson bigint, OUT name text, OUT kind text, OUT why text)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    person bigint := (request_customer(customer, NULL, NULL, false)).customer_id;
    has    record;
    wanted text := coalesce(skill, (rotation_rule_for(person, product, NULL, team)).skill);
    pool   rotation_pool;
    pick   record;
BEGIN
    IF team IS NULL THEN
        RAISE EXCEPTION 'the team is missing' USING ERRCODE = 'null_value_not_allowed', COLUMN = 'team', HINT = 'Name the team that receives: a row of table team.';
    END IF;
    PERFORM check_dimensions(team => team, product => product);
    SELECT * INTO has FROM rotation_owner(person, at);
    IF has.is_there THEN
        kind := 'owner';
        salesperson := has.owner_id;
        name := has.name;
        why := CASE WHEN has.is_of_lead THEN 'owner of the lead' ELSE 'owner of the account' END;
    ELSE
        PERFORM rotation_lock(ARRAY[team]);
        pool := rotation_pool_at(team, at);
        SELECT * INTO pick FROM rotation_pick(pool, CASE WHEN wanted IS NOT NULL THEN ARRAY(SELECT k.salesperson_id FROM salesperson_skill k WHERE k.skill = wanted) END, wanted);
        IF pick.place IS NULL THEN
            why := format('nobody of team "%s" is on duty', team);
            RETURN;
        END IF;
        kind := 'turn';
        salesperson := pool.person[pick.place];
        name := pool.name[pick.place];
        why := CASE WHEN has.owner_id IS NOT NULL THEN format('%s, the owner, is not on duty: ', has.name) ELSE '' END || pick.why;
        PERFORM rotation_save(team, pick.pool, at);
    END IF;
    INSERT INTO rotation_turn (customer_id, team, turned_at, salesperson_id, kind, why, request_id)
    VALUES (person, rotation_turn_for.team, at, salesperson, rotation_turn_for.kind, rotation_turn_for.why, rotation_turn_for.request_id)
    RETURNING rotation_turn.rotation_turn_id INTO rotation_turn_id;
END
$$;
COMMENT ON FUNCTION rotation_turn_for(text, bigint, timestamptz, text, text, text) IS 'who takes a visitor; uses the turn unless the customer goes to the owner. A part of next_salesperson() and record_turn()';

CREATE OR REPLACE FUNCTION next_salesperson(team text, customer bigint DEFAULT NULL, at timestamptz DEFAULT now(), OUT salesperson bigint, OUT name text, OUT why text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM check_as_of(at, 'at');
    SELECT t.salesperson, t.name, t.why INTO next_salesperson.salesperson, next_salesperson.name, next_salesperson.why FROM rotation_turn_for(team, customer, at, NULL, NULL, NULL) t;
END
$$;
COMMENT ON FUNCTION next_salesperson(text, bigint, timestamptz) IS 'who takes the visitor at the door: the owner of a customer who has one, else whose turn it is in the team, and uses the turn. Each call is another visitor; record_turn() does the same with an idempotency key. salesperson is NULL, and why says so, when nobody of the team is on duty. Commit soon: others who ask for this team wait. 22004 without a team, 23503 for an unknown team or customer, 55P03 after waiting for twenty seconds';

CREATE OR REPLACE FUNCTION record_turn(
    team text DEFAULT NULL, customer bigint DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), product text DEFAULT NULL, skill text DEFAULT NULL,
    busy_minutes integer DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT rotation_turn_id bigint, OUT salesperson_id bigint, OUT name text, OUT kind text, OUT why text, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    answer jsonb := request_begin('record_turn', record_turn.request_id, jsonb_build_present(
        'team', team, 'customer', customer, 'at', request_time(at), 'product', product, 'skill', skill, 'busy_minutes', busy_minutes,
        'customer_system', customer_system, 'customer_number', customer_number));
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.customer_id, a.rotation_turn_id, a.salesperson_id, s.name, a.kind, a.why, true
          INTO record_turn.customer_id, record_turn.rotation_turn_id, record_turn.salesperson_id, record_turn.name, record_turn.kind, record_turn.why, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, rotation_turn_id bigint, salesperson_id bigint, kind text, why text)
          LEFT JOIN salesperson s ON s.salesperson_id = a.salesperson_id;
        RETURN;
    END IF;
    at := check_time(at);
    IF busy_minutes NOT BETWEEN 0 AND 1440 THEN
        RAISE EXCEPTION 'busy_minutes "%" is not from 0 to 1440', busy_minutes
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the time for which the salesperson is passed over from now on; leave it away for none.';
    END IF;
    customer_id := (request_customer(customer, customer_system, customer_number, false)).customer_id;
    SELECT t.rotation_turn_id, t.salesperson, t.name, t.kind, t.why
      INTO record_turn.rotation_turn_id, record_turn.salesperson_id, record_turn.name, record_turn.kind, record_turn.why
      FROM rotation_turn_for(team, record_turn.customer_id, at, product, skill, record_turn.request_id) t;
    IF busy_minutes > 0 AND record_turn.salesperson_id IS NOT NULL THEN
        PERFORM mark_busy(record_turn.salesperson_id, at + make_interval(mins => busy_minutes), 'a visitor', at);
    END IF;
    was_already_recorded := request_end(record_turn.request_id, jsonb_build_present('customer_id', customer_id, 'rotation_turn_id', rotation_turn_id,
        'salesperson_id', salesperson_id, 'kind', kind, 'why', why));
END
$$;
COMMENT ON FUNCTION record_turn(text, bigint, text, timestamptz, text, text, integer, text, text) IS 'next_salesperson() with an idempotency key: a repetition gets the first answer and uses no other turn. product and skill choose, by rotation_rule and salesperson_skill, who is best suited; with busy_minutes the salesperson is marked busy at once. Returns the customer, the turn, the salesperson, kind (turn or owner), why, and whether the call is a repetition. 22004 without a team, 23503 for an unknown team, customer or product, 22023 for busy_minutes out of range, 55P03 after waiting for twenty seconds; see request_begin()';

CREATE OR REPLACE FUNCTION mark_busy(salesperson bigint, until timestamptz DEFAULT NULL, reason text DEFAULT NULL, at timestamptz DEFAULT now()) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    person salesperson := check_salesperson(salesperson, at);
    result timestamptz := coalesce(until, at + make_interval(mins => setting_number('busy_minutes', 1, 100000, whole => true)::int));
BEGIN
    PERFORM check_as_of(at, 'at');
    IF result <= at OR NOT isfinite(result) THEN
        RAISE EXCEPTION 'busy until "%", which is not after "%"', result, at USING ERRCODE = 'invalid_parameter_value', HINT = 'mark_free() ends a spell.';
    END IF;
    INSERT INTO busy_spell AS b (salesperson_id, started_at, ends_at, reason) VALUES (person.salesperson_id, at, result, mark_busy.reason)
    ON CONFLICT ON CONSTRAINT busy_spell_pkey DO UPDATE SET ends_at = greatest(b.ends_at, excluded.ends_at), reason = coalesce(excluded.reason, b.reason);
    RETURN result;
END
$$;
COMMENT ON FUNCTION mark_busy(bigint, timestamptz, text, timestamptz) IS 'a salesperson is busy from at until a time (setting busy_minutes later, where none is given) or mark_free(): the rotation passes him over. Spells may overlap; a repetition changes nothing. Returns the latest end. 22023 for an end that is not after at or somebody not employed, 23503 for an unknown salesperson';

CREATE OR REPLACE FUNCTION mark_free(salesperson bigint, at timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM check_as_of(at, 'at');
    PERFORM check_dimensions(salesperson => salesperson);
    UPDATE busy_spell b SET ends_at = mark_free.at
     WHERE b.salesperson_id = mark_free.salesperson AND b.started_at <= mark_free.at AND b.ends_at > mark_free.at;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION mark_free(bigint, timestamptz) IS 'a salesperson who was busy is free again from at on; false when he was not busy. 23503 for an unknown salesperson';
