-- The sample's people: who they are, which list they are on, how to reach them.
--
-- Customer n is on the list that the hash of n says; every fortieth is an organisation, for which
-- people of the business lists among the thirty-nine that follow work. Nobody is invented: they
-- are called customer 17 or organisation 40, with addresses at example.com and example.org
-- (RFC 2606) and telephone numbers that the British regulator keeps free for fiction.

CREATE FUNCTION sample_plan_people(salt bigint, people bigint, blocks int) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO sample_person (customer_id, list, joined_on, affinity, has_bad_address, is_seed, is_organisation, block)
    SELECT n, l.list,
           CASE WHEN l.list = '03' THEN date '2024-01-01' + floor(910 * at)::int
                WHEN l.list = '04' THEN date '2019-01-01' + floor(1400 * at)::int
                WHEN l.list < '03' THEN CASE WHEN at < .7 THEN date '2018-01-01' + floor(3385 * at)::int ELSE date '2024-07-01' + floor(2433 * (at - .7))::int END
                ELSE x.received_on END,
           -- most people hardly ever answer, a few often: 1 on average, 4 at most
           .4 + 3.6 * love * love * love * love * love,
           dupex.sample_dice(n, salt + 5) < l.bad_addresses, false, n % 40 = 0, 1 + floor(blocks * dupex.sample_dice(n, salt + 6))::int
      FROM generate_series(1, people) n,
           LATERAL (SELECT dupex.sample_dice(n, salt + 2), dupex.sample_dice(n, salt + 3), dupex.sample_dice(n, salt + 4)) d(place, at, love)
      JOIN (VALUES ('01', .00, .17, .015), ('02', .17, .28, .015), ('03', .28, .43, .03), ('04', .43, .49, .09), ('11', .49, .61, .05),
                   ('12', .61, .73, .04), ('13', .73, .81, .03), ('14', .81, .89, .24), ('15', .89, .97, .05), ('16', .97, 1.00, .02))
           l(list, place_from, place_below, bad_addresses) ON place >= l.place_from AND place < l.place_below
      JOIN list x ON x.list = l.list;
    INSERT INTO sample_person (customer_id, list, joined_on, affinity, has_bad_address, is_seed, is_organisation, block)
    SELECT people + n, (ARRAY['01', '02', '03', '11', '13', '14', '12', '15', '16', '04'])[n], date '2024-01-01', 0, false, true, false, 1
      FROM generate_series(1, 10) n;
    ANALYZE sample_person;
END
$$;
COMMENT ON FUNCTION sample_plan_people(bigint, bigint, int) IS 'plans the people and ten seed names; a part of load_sample()';

CREATE FUNCTION sample_write_people(salt bigint, people bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO customer (customer_id, kind, entered_as, is_organisation, name, household_id, organisation_id, role_in_decision, recommended_by,
                          salesperson_id, is_key_account, is_seed, birthday, region, preferred_channel, became_internal_at)
    SELECT n, l.kind, l.kind, is_organisation,
           CASE WHEN is_seed THEN 'seed name ' || n - people WHEN is_organisation THEN 'organisation ' || n ELSE 'customer ' || n END,
           -- an odd number and the next may share a home
           CASE WHEN NOT is_seed AND NOT is_organisation AND first_of_two % 40 <> 39 AND dupex.sample_dice(first_of_two, salt + 7) < .3 THEN first_of_two END,
           organisation_id,
           CASE WHEN organisation_id IS NOT NULL
                THEN (ARRAY['decides', 'influences', 'uses', 'pays', 'gatekeeper', 'influences', 'uses', 'uses'])[1 + floor(8 * dupex.sample_dice(n, salt + 8))::int] END,
           CASE WHEN l.list IN ('01', '02', '03') AND n > 1 AND dupex.sample_dice(n, salt + 9) < .05 THEN 1 + floor((n - 1) * dupex.sample_dice(n, salt + 10))::bigint END,
           owner, is_organisation AND l.kind = 'internal' AND dupex.sample_dice(n, salt + 12) < .2, is_seed,
           CASE WHEN NOT is_organisation AND dupex.sample_dice(n, salt + 13) < .6 THEN date '1950-01-01' + floor(19000 * dupex.sample_dice(n, salt + 14))::int END,
           (ARRAY['N', 'E', 'S', 'W'])[1 + floor(4 * dupex.sample_dice(n, salt + 15))::int],
           CASE WHEN dupex.sample_dice(n, salt + 16) < .3 THEN (ARRAY['email', 'call', 'mail'])[1 + floor(3 * dupex.sample_dice(n, salt + 17))::int] END,
           CASE WHEN l.kind = 'internal' THEN joined_on + interval '10 hours' END
      FROM (SELECT customer_id AS n, p.*, (customer_id - 1) / 2 * 2 + 1 AS first_of_two,
                   CASE WHEN NOT is_organisation AND list IN ('02', '11') AND customer_id > 40 THEN customer_id / 40 * 40 END AS organisation_id,
                   CASE WHEN NOT is_seed AND list IN ('01', '02') AND dupex.sample_dice(customer_id, salt + 11) < .3
                        THEN (block - 1) * 12 + CASE WHEN is_organisation THEN 10 WHEN list = '01' THEN 2 ELSE 6 END + customer_id % 2 END AS owner
              FROM sample_person p) p
      JOIN list l USING (list);

    -- the owner since the customer came; some belonged to the salesperson who left
    INSERT INTO account_owner (customer_id, since, salesperson_id, reason)
    SELECT c.customer_id, o.since, o.salesperson_id, o.reason
      FROM (SELECT customer_id, became_internal_at, c.salesperson_id, list,
                   list = '01' AND became_internal_at < '2025-12-01' AND dupex.sample_dice(customer_id, salt + 18) < .15 AS had_another,
                   (SELECT s.salesperson_id FROM salesperson s WHERE s.left_on IS NOT NULL) AS another
              FROM customer c JOIN sample_person p USING (customer_id) WHERE c.salesperson_id IS NOT NULL) c,
           LATERAL (SELECT became_internal_at, CASE WHEN had_another THEN another ELSE c.salesperson_id END, 'first order'
                     UNION ALL
                    SELECT timestamptz '2026-01-01 08:00+00', c.salesperson_id, 'salesperson ' || another || ' left' WHERE had_another) o(since, salesperson_id, reason);

    INSERT INTO customer_ref (system, number, customer_id)
    SELECT 'shop', 'S' || 100000 + customer_id, customer_id FROM sample_person WHERE NOT is_seed AND list IN ('01', '02', '03', '04')
    UNION ALL
    SELECT 'accounts', 'K' || 500000 + customer_id, customer_id FROM sample_person WHERE NOT is_seed AND list IN ('01', '02');

    INSERT INTO list_member (customer_id, list, joined_on, left_on)
    SELECT customer_id, list, joined_on, CASE WHEN list = '15' AND customer_id % 50 = 7 THEN date '2026-05-31' END FROM sample_person
    UNION ALL
    SELECT customer_id, '05', joined_on, (date_trunc('month', joined_on) + interval '2 months')::date FROM sample_person WHERE list = '03' AND joined_on >= '2024-06-01'
    UNION ALL
    -- multi-buyers: names on two lists; each is mailed from the first only
    SELECT p.customer_id, l.list, l.received_on, NULL FROM sample_person p JOIN list l ON l.kind = 'external' AND l.list <> '00' AND l.list <> p.list
     WHERE NOT is_seed AND dupex.sample_dice(p.customer_id * 100 + l.list::int, salt + 19) < .012
    UNION ALL
    SELECT customer_id, '03', joined_on + 30, NULL FROM sample_person
     WHERE NOT is_seed AND list IN ('01', '02') AND joined_on < '2026-05-01' AND dupex.sample_dice(customer_id, salt + 20) < .1;
    PERFORM dupex.sample_write_contact_points(salt);
END
$$;
COMMENT ON FUNCTION sample_write_people(bigint, bigint) IS 'writes customers, owners of accounts, numbers of other systems, list members and contact points; a part of load_sample()';

-- contact_point_id is four times the customer's number, plus 1 e-mail, 2 telephone, 3 post
CREATE FUNCTION sample_write_contact_points(salt bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO contact_point (customer_id, contact_point_id, kind, place, value, is_preferred, status)
    SELECT n, n * 4 + 1, 'email', place,
           CASE WHEN is_seed THEN 'seed' || n || '@example.org' WHEN place = 'office' THEN 'customer' || n || '@organisation' || n / 40 * 40 || '.example.com'
                ELSE 'customer' || n || '@example.org' END,
           dupex.sample_dice(n, salt + 21) < .2, CASE WHEN has_bad_address AND t.customer_id IS NOT NULL THEN 'bounced' WHEN list < '10' THEN 'valid' ELSE 'unknown' END
      FROM (SELECT customer_id AS n, CASE WHEN list IN ('02', '11') THEN 'office' ELSE 'home' END AS place, p.* FROM sample_person p) p
      LEFT JOIN (SELECT DISTINCT customer_id FROM sample_touch WHERE is_bounced) t USING (customer_id)
    UNION ALL
    SELECT n, n * 4 + 2, CASE WHEN kind < .5 THEN 'mobile' ELSE 'phone' END, CASE WHEN list IN ('02', '11', '16') THEN 'office' ELSE 'home' END,
           CASE WHEN kind < .5 THEN '+44 7700 900' ELSE (ARRAY['+44 20 7946 0', '+44 113 496 0', '+44 114 496 0', '+44 115 496 0', '+44 116 496 0', '+44 117 496 0',
                '+44 118 496 0', '+44 121 496 0', '+44 131 496 0', '+44 141 496 0', '+44 151 496 0', '+44 161 496 0'])[1 + floor(12 * dupex.sample_dice(n, salt + 24))::int] END
           || lpad(floor(1000 * dupex.sample_dice(n, salt + 23))::text, 3, '0'), false, 'unknown'
      FROM (SELECT customer_id AS n, dupex.sample_dice(customer_id, salt + 22) AS kind, p.* FROM sample_person p) p
     WHERE list IN ('01', '02', '16') OR dupex.sample_dice(n, salt + 25) < .4
    UNION ALL
    SELECT customer_id, customer_id * 4 + 3, 'postal', CASE WHEN list = '02' THEN 'office' ELSE 'home' END,
           customer_id % 199 + 1 || ' Sample Street, district ' || customer_id % 97 + 1, false, 'unknown'
      FROM sample_person WHERE list IN ('01', '02', '04', '12', '15');
END
$$;
COMMENT ON FUNCTION sample_write_contact_points(bigint) IS 'writes e-mail addresses, telephone numbers and postal addresses; a part of load_sample()';
