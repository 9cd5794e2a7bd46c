-- A salesperson who leaves hands over everything: open leads and accounts.

-- Customers are locked before leads, and both in order of their keys, as everywhere.
CREATE OR REPLACE FUNCTION hand_over_accounts(salesperson bigint, heir bigint, at timestamptz, reason text) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    today   date := (at AT TIME ZONE setting_value('time_zone'))::date;
    handed  bigint[];
    moved   bigint;
BEGIN
    handed := ARRAY(SELECT c.customer_id FROM customer c WHERE c.salesperson_id = salesperson ORDER BY c.customer_id FOR NO KEY UPDATE);
    -- the n-th account goes to the n-th place in a queue in which each of the team stands once for
    -- every account he would then have: the one with the fewest is always the next
    WITH team AS (
        SELECT p.salesperson_id, (SELECT count(*) FROM customer c WHERE c.salesperson_id = p.salesperson_id) AS accounts,
               rank() OVER (ORDER BY p.is_manager, p.team IS DISTINCT FROM s.team) AS tier
          FROM salesperson s JOIN salesperson p ON p.salesperson_id <> s.salesperson_id AND (p.team IS NOT DISTINCT FROM s.team OR p.is_manager AND p.team IS NULL)
         WHERE s.salesperson_id = salesperson AND heir IS NULL AND coalesce(p.started_on <= today, true) AND coalesce(p.left_on >= today, true)
         UNION ALL
        SELECT heir, 0, 1 WHERE heir IS NOT NULL),
    place AS (
        SELECT t.salesperson_id, row_number() OVER (ORDER BY t.accounts + k, t.salesperson_id) AS n
          FROM team t, generate_series(1, cardinality(handed)) k WHERE t.tier = 1),
    account AS (
        SELECT h.customer_id, h.n, p.salesperson_id FROM unnest(handed) WITH ORDINALITY h(customer_id, n) LEFT JOIN place p USING (n)),
    changed AS (
        UPDATE customer c SET salesperson_id = a.salesperson_id FROM account a WHERE c.customer_id = a.customer_id RETURNING c.customer_id, c.salesperson_id)
    INSERT INTO account_owner (customer_id, since, salesperson_id, reason)
    SELECT x.customer_id, greatest(at, (SELECT max(o.since) + interval '1 microsecond' FROM account_owner o WHERE o.customer_id = x.customer_id)), x.salesperson_id, hand_over_accounts.reason
      FROM changed x;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END
$$;
COMMENT ON FUNCTION hand_over_accounts(bigint, bigint, timestamptz, text) IS 'gives the accounts of a salesperson to heir, or spreads them over his team: to who has the fewest; to nobody when nobody is left. Returns how many. A part of hand_over_salesperson()';

CREATE OR REPLACE FUNCTION hand_over_leads(salesperson bigint, heir bigint, at timestamptz, reason text) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    leaver salesperson;
    pool   salesperson_pool := salesperson_pool_at(at);
    spare  salesperson_pool := salesperson_pool_at(at, true);
    before lead;
    after  lead;
    pick   record;
    team   text;
    had    bigint[];
    moved  bigint := 0;
BEGIN
    SELECT s.* INTO leaver FROM salesperson s WHERE s.salesperson_id = salesperson;
    FOR before IN SELECT l.* FROM lead l WHERE l.salesperson_id = salesperson AND l.status = 'open' ORDER BY l.customer_id, l.lead_id FOR NO KEY UPDATE LOOP
        after := before;
        IF heir IS NOT NULL THEN
            after.salesperson_id := heir;
            after.team := coalesce((SELECT s.team FROM salesperson s WHERE s.salesperson_id = heir), before.team);
        ELSE
            team := CASE WHEN before.team = ANY (spare.team) THEN before.team ELSE leaver.team END;
            had := ARRAY(SELECT m.to_salesperson_id FROM lead_move m
                          WHERE m.customer_id = before.customer_id AND m.lead_id = before.lead_id AND m.to_salesperson_id IS NOT NULL);
            SELECT * INTO pick FROM pool_pick(pool, team, NULL, had, salesperson);
            IF pick.chosen IS NULL THEN         -- away or full: somebody must take it all the same
                SELECT * INTO pick FROM pool_pick(spare, team, NULL, had, salesperson);
                spare := pick.pool;
            ELSE
                pool := pick.pool;
            END IF;
            after.salesperson_id := pick.chosen;
            after.next_visit_on := CASE WHEN pick.chosen IS NOT NULL THEN before.next_visit_on END;
        END IF;
        PERFORM lead_change(before, after, CASE WHEN after.salesperson_id IS NULL THEN 'handed over' ELSE 'assigned' END, at, hand_over_leads.reason);
        moved := moved + 1;
    END LOOP;
    RETURN moved;
END
$$;
COMMENT ON FUNCTION hand_over_leads(bigint, bigint, timestamptz, text) IS 'gives the open leads of a salesperson to heir, or to his team as stale leads are given, and beyond duty and capacity where nobody is free; to marketing when nobody is left. Returns how many. A part of hand_over_salesperson()';

CREATE OR REPLACE FUNCTION hand_over_salesperson(salesperson bigint, at timestamptz DEFAULT now(), heir bigint DEFAULT NULL, reason text DEFAULT NULL,
                                                 OUT leads bigint, OUT accounts bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    today  date := (at AT TIME ZONE setting_value('time_zone'))::date;
    leaver salesperson;
BEGIN
    PERFORM check_as_of(at, 'at');
    IF heir = salesperson THEN
        RAISE EXCEPTION 'salesperson % cannot be his own heir', salesperson USING ERRCODE = 'invalid_parameter_value', HINT = 'Name another one, or nobody: the team takes it then.';
    ELSIF heir IS NOT NULL THEN
        PERFORM check_salesperson(heir, at);
    END IF;
    PERFORM lead_move_lock();
    UPDATE salesperson s SET left_on = least(s.left_on, today), is_on_duty = false WHERE s.salesperson_id = hand_over_salesperson.salesperson RETURNING s.* INTO leaver;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no salesperson %', salesperson USING ERRCODE = 'foreign_key_violation', HINT = 'Salespeople are the rows of table salesperson.';
    END IF;
    reason := coalesce(reason, leaver.name || ' left');
    accounts := hand_over_accounts(salesperson, heir, at, reason);
    leads := hand_over_leads(salesperson, heir, at, reason);
END
$$;
COMMENT ON FUNCTION hand_over_salesperson(bigint, timestamptz, bigint, text) IS 'a salesperson leaves: everything he has (open leads and accounts, with the visits planned for them) goes to heir, or to his team; his last day is that of at, or the one already noted if that is earlier. Open leads go as stale leads do (duty and capacity as far as possible), accounts to who has the fewest; each move is a row of lead_move or account_owner. Returns how many leads and accounts; a second call finds nothing left. 22004, 22023 for wrong arguments, 23503 for an unknown salesperson';
