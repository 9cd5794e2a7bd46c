-- share_out(): small cases by hand, then random ones against a sort of all who could have each item.
SET search_path = public, dupex;
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Two of pool 1 and a manager in pool 2. No item has been had by anybody.
SELECT * FROM share_out('{11,12,21}', '{1,1,2}', '{1,2,NULL}', '{infinity,infinity,infinity}', '{1,1,1}', '{0,0,0}',
                        '{1,2, 1,2, 1,2}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{}', '{}');
-- by weight: 12 can do twice as much
SELECT * FROM share_out('{11,12,21}', '{1,1,2}', '{1,2,NULL}', '{infinity,infinity,infinity}', '{1,2,1}', '{0,0,0}',
                        '{1,2, 1,2, 1,2, 1,2}', '{NULL,NULL,NULL,NULL}', '{NULL,NULL,NULL,NULL}', '{}', '{}');
-- capacity: 11 may have one more, 12 half a one (that is one), then the manager, then nobody, though there are some
SELECT * FROM share_out('{11,12,21}', '{1,1,2}', '{1,2,NULL}', '{3,0.5,1}', '{1,1,1}', '{2,0,0}',
                        '{1,2, 1,2, 1,2, 1,2}', '{NULL,NULL,NULL,NULL}', '{NULL,NULL,NULL,NULL}', '{}', '{}');
-- the level: more than 1, more than 2 (only the manager), and of the only one above it, who is the owner
SELECT * FROM share_out('{11,12,21}', '{1,1,2}', '{1,2,NULL}', '{infinity,infinity,infinity}', '{1,1,1}', '{0,0,0}',
                        '{1,2, 1,2, 1,0}', '{1,2,1}', '{11,12,12}', '{}', '{}');
-- who has had it comes after the manager who has not, and before nobody
SELECT * FROM share_out('{11,12,21}', '{1,1,2}', '{1,2,NULL}', '{infinity,infinity,infinity}', '{1,1,1}', '{0,0,0}',
                        '{1,2, 1,2, 1,2}', '{NULL,NULL,NULL}', '{11,11,11}', '{1,2,2,3}', '{11,12,21,12}');
-- nothing to share out, nobody to have it
SELECT * FROM share_out('{11}', '{1}', '{1}', '{1}', '{1}', '{7}', '{}', '{}', '{}', '{}', '{}');
SELECT * FROM share_out('{}', '{}', '{}', '{}', '{}', '{}', '{1}', '{NULL}', '{NULL}', '{}', '{}');
SELECT * FROM share_out('{11}', '{1}', '{1}', '{9}', '{1}', '{2147483647}', '{1}', '{NULL}', '{NULL}', '{}', '{}');
SELECT * FROM share_out('{11}', '{1}', '{1}', '{infinity}', '{1}', '{2147483647}', '{1}', '{NULL}', '{NULL}', '{}', '{}');
SELECT share_out(NULL, '{1}', '{1}', '{9}', '{1}', '{1}', '{1}', '{NULL}', '{NULL}', '{}', '{}') IS NULL AS is_null;

-- wrong arguments
SELECT share_out('{11}', '{1,1}', '{1}', '{1}', '{1}', '{0}', '{1}', '{1}', '{1}', '{}', '{}');
SELECT share_out('{NULL}', '{1}', '{1}', '{1}', '{1}', '{0}', '{1}', '{1}', '{1}', '{}', '{}');
SELECT share_out('{11}', '{1}', '{1}', '{1}', '{0}', '{0}', '{1}', '{1}', '{1}', '{}', '{}');
SELECT share_out('{11}', '{1}', '{1}', '{NaN}', '{1}', '{0}', '{1}', '{1}', '{1}', '{}', '{}');
SELECT share_out('{11,11}', '{1,1}', '{1,1}', '{1,1}', '{1,1}', '{0,0}', '{1}', '{1}', '{1}', '{}', '{}');
SELECT share_out('{11}', '{1}', '{1}', '{1}', '{1}', '{0}', '{1,2,3}', '{1,1}', '{1,1}', '{}', '{}');
SELECT share_out('{11}', '{1}', '{1}', '{1}', '{1}', '{0}', '{1,2}', '{1,1}', '{1,1}', '{2,1}', '{5,6}');
SELECT share_out('{11}', '{1}', '{1}', '{1}', '{1}', '{0}', '{1,2}', '{1,1}', '{1,1}', '{3}', '{5}');

-- A hundred random offices of up to twenty people in three pools, thirty items each. The oracle
-- sorts all who could have an item, and takes the first.
CREATE FUNCTION pg_temp.dice(n bigint, salt int, sides int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN ((hashint8extended(n, salt) & 1073741823) % sides)::int;
CREATE TEMP TABLE person AS
SELECT office, (office * 1000 + p)::bigint AS id, 1 + pg_temp.dice(office * 1000 + p, 1, 3) AS pool, nullif(pg_temp.dice(office * 1000 + p, 2, 4), 0) AS level,
       CASE pg_temp.dice(office * 1000 + p, 3, 4) WHEN 0 THEN 'infinity' ELSE pg_temp.dice(office * 1000 + p, 4, 9) / 2.0 END::float8 AS capacity,
       (1 + pg_temp.dice(office * 1000 + p, 5, 3))::float8 AS weight, pg_temp.dice(office * 1000 + p, 6, 3) AS taken
  FROM generate_series(1, 100) office, LATERAL generate_series(1, pg_temp.dice(office, 7, 21)) p;
CREATE TEMP TABLE item AS
SELECT office, i, ARRAY[pg_temp.dice(office * 100 + i, 11, 4), pg_temp.dice(office * 100 + i, 12, 4)] AS pools, nullif(pg_temp.dice(office * 100 + i, 13, 4), 0) AS above,
       CASE WHEN pg_temp.dice(office * 100 + i, 14, 4) > 0 THEN office * 1000 + 1 + pg_temp.dice(office * 100 + i, 15, 20) END::bigint AS owner,
       ARRAY(SELECT office * 1000 + 1 + pg_temp.dice(office * 100 + i, 20 + h, 20) FROM generate_series(1, pg_temp.dice(office * 100 + i, 16, 9)) h)::bigint[] AS had
  FROM generate_series(1, 100) office, generate_series(1, 30) i;
CREATE FUNCTION pg_temp.oracle(office int) RETURNS TABLE (i int, chosen bigint, tier int, is_possible boolean) LANGUAGE plpgsql AS $$
DECLARE
    it item;
BEGIN
    CREATE TEMP TABLE now_taken AS SELECT * FROM person p WHERE p.office = oracle.office;
    FOR it IN SELECT * FROM item x WHERE x.office = oracle.office ORDER BY x.i LOOP
        i := it.i;
        SELECT bool_or(true), (array_agg(c.id ORDER BY c.has_had_it, c.tier, c.load, c.id) FILTER (WHERE c.is_free))[1], (array_agg(c.tier ORDER BY c.has_had_it, c.tier, c.load, c.id) FILTER (WHERE c.is_free))[1]
          INTO is_possible, chosen, tier
          FROM (SELECT p.id, p.taken / p.weight AS load, p.taken < p.capacity AS is_free, t.tier, p.id = ANY (it.had) AS has_had_it
                  FROM unnest(it.pools) WITH ORDINALITY t(pool, tier) JOIN now_taken p ON p.pool = t.pool
                 WHERE p.id IS DISTINCT FROM it.owner AND (it.above IS NULL OR p.level IS NULL OR p.level > it.above)) c;
        is_possible := is_possible IS NOT NULL;
        UPDATE now_taken n SET taken = n.taken + 1 WHERE n.id = chosen;
        RETURN NEXT;
    END LOOP;
    DROP TABLE now_taken;
END $$;
CREATE TEMP TABLE shared AS
SELECT o.office, c.i, c.chosen, c.tier, c.is_possible, s.taken_then
  FROM generate_series(1, 100) o(office),
       LATERAL (SELECT coalesce(array_agg(p.id ORDER BY h), '{}') AS id, coalesce(array_agg(p.pool ORDER BY h), '{}') AS pool, coalesce(array_agg(p.level ORDER BY h), '{}') AS level,
                       coalesce(array_agg(p.capacity ORDER BY h), '{}') AS capacity, coalesce(array_agg(p.weight ORDER BY h), '{}') AS weight, coalesce(array_agg(p.taken ORDER BY h), '{}') AS taken
                  FROM (SELECT x.*, pg_temp.dice(x.id, 8, 1000000) AS h FROM person x WHERE x.office = o.office) p) p,
       LATERAL (SELECT array_agg(x.above ORDER BY x.i) AS above, array_agg(x.owner ORDER BY x.i) AS owner FROM item x WHERE x.office = o.office) it,
       LATERAL (SELECT array_agg(u.pool ORDER BY x.i, u.n) AS pools FROM item x, unnest(x.pools) WITH ORDINALITY u(pool, n) WHERE x.office = o.office) ip,
       LATERAL (SELECT coalesce(array_agg(x.i ORDER BY x.i), '{}') AS items, coalesce(array_agg(u.h ORDER BY x.i), '{}') AS had FROM item x, unnest(x.had) u(h) WHERE x.office = o.office) h,
       share_out(p.id, p.pool, p.level, p.capacity, p.weight, p.taken, ip.pools, it.above, it.owner, h.items, h.had) s,
       ROWS FROM (unnest(s.chosen), unnest(s.tiers), unnest(s.is_possible)) WITH ORDINALITY c(chosen, tier, is_possible, i);
SELECT count(*) AS items, count(*) FILTER (WHERE o.chosen IS NOT NULL) > 1000 AS many_chosen, count(*) FILTER (WHERE o.chosen IS NULL AND o.is_possible) > 100 AS many_wait,
       count(*) FILTER (WHERE o.chosen IS DISTINCT FROM s.chosen OR o.tier IS DISTINCT FROM s.tier) AS other_choice,
       count(*) FILTER (WHERE o.chosen IS NULL AND o.is_possible <> s.is_possible) AS other_reason
  FROM generate_series(1, 100) f(office) CROSS JOIN LATERAL pg_temp.oracle(f.office) o JOIN shared s ON s.office = f.office AND s.i = o.i;
-- what each has then is what he had and what was chosen for him, and no more than his capacity allows
SELECT count(*) AS wrong
  FROM (SELECT DISTINCT office, taken_then FROM shared) s, LATERAL (SELECT x.*, row_number() OVER (ORDER BY pg_temp.dice(x.id, 8, 1000000)) AS place FROM person x WHERE x.office = s.office) p
 WHERE s.taken_then[p.place] <> p.taken + (SELECT count(*) FROM shared c WHERE c.chosen = p.id)
    OR s.taken_then[p.place] > greatest(p.taken, ceil(p.capacity));
