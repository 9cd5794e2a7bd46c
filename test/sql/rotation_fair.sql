-- The rotation is fair: forty teams of chance, and two years of a team whose people come and go and
-- are busy, against balances worked out anew from who was there. Chance is a hash.
SET client_min_messages = warning;
SELECT dupex.install('rotation_fair') IS NOT NULL AS installed;
SET search_path = rotation_fair, dupex, public;
SET timezone = 'UTC';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
CREATE FUNCTION rotation_fair.dice(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(n, salt) & 1073741823) / 1073741824.0;

-- forty teams of one to twelve people with capacities from .01 to 40, some without a limit; a hundred turns each
INSERT INTO team SELECT 'team ' || n, 'team ' || n FROM generate_series(1, 40) n;
INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month)
SELECT t * 100 + k, 'number ' || t * 100 + k, 'team ' || t,
       CASE WHEN dice(t * 100 + k, 1) < .9 THEN greatest(.01, round((40 * dice(t * 100 + k, 2) ^ (1 + t % 4))::numeric, t % 3)) END
  FROM generate_series(1, 40) t, generate_series(1, 1 + floor(12 * dice(t, 3))::int) k;
DO $$BEGIN
    FOR k IN 1..100 LOOP
        PERFORM next_salesperson(t.team, at => '2026-01-01'::timestamptz + k * interval '1 hour') FROM team t;
        COMMIT;
    END LOOP;
END $$;
CREATE TABLE rotation_fair.member AS
SELECT s.team, s.salesperson_id, coalesce(s.capacity_per_month, max(s.capacity_per_month) OVER (PARTITION BY s.team), 1) AS weight FROM salesperson s;
CREATE TABLE rotation_fair.step AS
SELECT team, salesperson_id, row_number() OVER (PARTITION BY team ORDER BY rotation_turn_id) AS n FROM rotation_turn;
-- in whole numbers: received * sum of weights against n * weight, after each turn
SELECT count(*) > 20000 AS many, count(*) FILTER (WHERE abs(received * total - n * weight) >= total) AS a_turn_off,
       count(*) FILTER (WHERE n = 100 AND abs(m.owed - (n * weight / total - received)) > 1e-15) AS balance_off
  FROM (SELECT s.n, p.team, p.salesperson_id, p.weight, sum(p.weight) OVER (PARTITION BY p.team, s.n) AS total,
               count(*) FILTER (WHERE s.salesperson_id = p.salesperson_id) OVER (PARTITION BY p.team, p.salesperson_id ORDER BY s.n) AS received
          FROM member p JOIN step s USING (team)) x
  JOIN rotation_member m USING (team, salesperson_id);

-- two years: ten people, of whom some are away for days, two work by the roster, one leaves, one
-- joins and one gets another capacity; in team "door" they are busy as well
INSERT INTO team VALUES ('quiet', 'quiet'), ('door', 'door');
INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month, left_on, started_on)
SELECT 10000 * t + k, 'person ' || 10000 * t + k, CASE t WHEN 1 THEN 'quiet' ELSE 'door' END, (ARRAY[10, 10, 20, 7.5, 2.25, 40, .33, 12, 30, 5])[k],
       CASE k WHEN 3 THEN date '2025-02-10' END, CASE k WHEN 8 THEN date '2024-07-01' END
  FROM generate_series(1, 2) t, generate_series(1, 10) k;
INSERT INTO absence
SELECT salesperson_id, d, d + interval '1 day' * ceil(10 * dice(salesperson_id * 1000 + extract(epoch FROM d)::bigint / 86400, 5)), 'away'
  FROM salesperson, generate_series(timestamptz '2024-01-01', '2025-12-31', '1 day') d WHERE salesperson_id > 10000 AND dice(salesperson_id * 1000 + extract(epoch FROM d)::bigint / 86400, 4) < .03;
INSERT INTO duty_roster (salesperson_id, weekday_no, starts_after, ends_after) SELECT t * 10000 + 4, w, '09:00', '13:00' FROM generate_series(1, 2) t, generate_series(1, 5) w;
INSERT INTO duty_roster (salesperson_id, weekday_no, starts_after, ends_after) SELECT t * 10000 + 6, w, '12:00', '18:00' FROM generate_series(1, 2) t, generate_series(3, 7) w;
CREATE TABLE rotation_fair.oracle (salesperson_id bigint PRIMARY KEY, team text, weight numeric, owed numeric NOT NULL, busy_until timestamptz);
INSERT INTO oracle SELECT salesperson_id, team, capacity_per_month, 0, NULL FROM salesperson WHERE salesperson_id > 10000;
CREATE TABLE rotation_fair.moment (team text, at timestamptz, salesperson_id bigint, here int, free int, was_free boolean, largest numeric, passed_over numeric, off numeric);

-- the same in SQL, from what is known of each person: who is entitled to what part of one turn
CREATE PROCEDURE rotation_fair.visitor(team_name text, at timestamptz, n bigint) LANGUAGE plpgsql AS $$
DECLARE
    hour float8 := extract(hour FROM at);
    chosen bigint;
    m rotation_fair.moment;
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS share (salesperson_id bigint, weight numeric, owed numeric, is_free boolean, part numeric);
    DELETE FROM share;
    INSERT INTO share SELECT o.salesperson_id, o.weight, o.owed, coalesce(o.busy_until <= at, true)
      FROM oracle o JOIN salesperson s USING (salesperson_id)
     WHERE o.team = team_name AND coalesce(s.left_on >= at::date, true) AND coalesce(s.started_on <= at::date, true)
       AND NOT EXISTS (SELECT FROM absence a WHERE a.salesperson_id = o.salesperson_id AND at >= a.starts_at AND at < a.ends_at)
       AND (o.salesperson_id % 100 <> 4 OR extract(isodow FROM at) <= 5 AND hour BETWEEN 9 AND 12)
       AND (o.salesperson_id % 100 <> 6 OR extract(isodow FROM at) >= 3 AND hour BETWEEN 12 AND 17);
    SELECT salesperson INTO chosen FROM next_salesperson(team_name, at => visitor.at);
    m := ROW(team_name, at, chosen, (SELECT count(*) FROM share), (SELECT count(*) FROM share WHERE is_free), (SELECT is_free FROM share WHERE salesperson_id = chosen));
    UPDATE share SET is_free = true WHERE NOT EXISTS (SELECT FROM share WHERE is_free);
    UPDATE share s SET part = CASE WHEN is_free THEN t.w ELSE least(t.w, greatest(0, 1 - s.owed)) END
      FROM (SELECT salesperson_id, weight * 1.0000000000000000000000000000000000000000 / (SELECT sum(weight) FROM share) AS w FROM share) t WHERE t.salesperson_id = s.salesperson_id;
    UPDATE share s SET part = part + (1 - (SELECT sum(part) FROM share)) * weight / (SELECT sum(weight) FROM share WHERE is_free) WHERE is_free;
    UPDATE oracle o SET owed = round(o.owed + s.part - CASE WHEN s.salesperson_id = chosen THEN 1 ELSE 0 END, 40) FROM share s WHERE s.salesperson_id = o.salesperson_id;
    SELECT max(abs(o.owed)), max(o.owed) FILTER (WHERE NOT s.is_free AND s.owed <= 1), max(abs(o.owed - r.owed)) INTO m.largest, m.passed_over, m.off
      FROM oracle o LEFT JOIN share s USING (salesperson_id) LEFT JOIN rotation_member r ON r.team = team_name AND r.salesperson_id = o.salesperson_id WHERE o.team = team_name;
    INSERT INTO moment SELECT m.*;
    IF team_name = 'door' AND dice(n, 6) < .7 THEN
        UPDATE oracle SET busy_until = mark_busy(chosen, visitor.at + ceil(3000 * dice(n, 7)) * interval '1 minute', at => visitor.at) WHERE salesperson_id = chosen;
    END IF;
END $$;

DO $$
DECLARE
    d timestamptz;
    k int;
    gone numeric;
BEGIN
    FOR d IN SELECT generate_series(timestamptz '2024-01-01', '2025-12-31', '1 day') LOOP
        IF d = '2025-02-11' THEN                -- the third has left: the others take over, in proportion
            FOR k IN 1..2 LOOP
                UPDATE oracle o SET owed = owed + (SELECT g.owed FROM oracle g WHERE g.salesperson_id = k * 10000 + 3) * weight * 1.0000000000000000000000000000000000000000
                       / (SELECT sum(weight) FROM oracle a WHERE a.team = o.team AND a.salesperson_id % 100 <> 3)
                 WHERE salesperson_id / 10000 = k AND salesperson_id % 100 <> 3;
                UPDATE oracle SET owed = 0 WHERE salesperson_id = k * 10000 + 3;
            END LOOP;
        ELSIF d = '2025-06-01' THEN
            UPDATE salesperson SET capacity_per_month = 22.2 WHERE salesperson_id IN (10001, 20001);
            UPDATE oracle SET weight = 22.2 WHERE salesperson_id IN (10001, 20001);
        END IF;
        FOR k IN 1..1 + floor(1.8 * dice(extract(epoch FROM d)::bigint, 8))::int LOOP
            CALL visitor('door', d + interval '8 hours' + k * interval '2 hours' - interval '30 minutes', extract(epoch FROM d)::bigint + k);
            CALL visitor('quiet', d + interval '8 hours' + k * interval '2 hours' - interval '30 minutes', extract(epoch FROM d)::bigint + k);
        END LOOP;
        COMMIT;
    END LOOP;
END $$;
-- balances are as worked out; nobody who was busy or not there received, while another was free; who
-- is busy is owed one turn at most; nobody is ever far off, and without busy people hardly a turn
SELECT team, count(*) > 1000 AS many, count(*) FILTER (WHERE off > 1e-12) AS balance_off, count(*) FILTER (WHERE salesperson_id IS NULL AND here > 0) AS nobody,
       count(*) FILTER (WHERE was_free IS NULL AND salesperson_id IS NOT NULL) AS not_there, count(*) FILTER (WHERE NOT was_free AND free > 0) AS busy,
       count(*) FILTER (WHERE free < here) > 500 AS often_busy, count(*) FILTER (WHERE passed_over > 1) AS owed_too_much,
       count(*) FILTER (WHERE largest >= CASE team WHEN 'quiet' THEN 1.5 ELSE 4 END) AS far_off
  FROM moment GROUP BY team ORDER BY team;
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0 AND check_name <> 'fact of the future';
SELECT dupex.uninstall('rotation_fair', drop_data => true) IS NOT NULL AS gone;
