-- load_sample(): fills a marketing database with a sample that looks like life.
--
-- A car dealer and a training company work the same lists for two years, from 2024-07-01 to
-- 2026-06-30, in UTC. The modules 82 to 89 make it in this order: dimensions and the plan of
-- efforts (here), people (83), touches and answers (84), leads and visits (85), orders, receptions,
-- calls and door counts (86), baskets, events and expenses (87), turns and hand-overs (88), permission (89). First each
-- subject is planned in a temporary table (sample_...), then the facts are written from the plan in
-- one statement a table, so that facts agree with each other.
--
-- Chance is a hash of a number and a salt (sample_dice), and of its results only sums, products
-- and comparisons are taken, which every machine rounds alike: the same scale and seed give the
-- same rows everywhere. Keys are numbers made by arithmetic, not by a sequence, for the same
-- reason: the answer to touch 5700123 is response 5700123, and in scale 1 this is customer 123
-- under effort 57.

CREATE FUNCTION sample_dice(number bigint, salt bigint) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (pg_catalog.hashint8extended(number, salt) & 9007199254740991)::float8 / 9007199254740992::float8;
COMMENT ON FUNCTION sample_dice(bigint, bigint) IS 'a number from 0 to below 1 that looks random and depends on number and salt only; a part of load_sample()';

-- Refuses a marketing database that has rows of its own where the sample puts some.
CREATE FUNCTION sample_check_empty(schema name) RETURNS void
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    item  name;
    found boolean;
BEGIN
    FOREACH item IN ARRAY '{customer, source, list, campaign, product, store, team, region, salesperson, offer, event, response, reception, door_count,
                            call, customer_order, expense}'::name[] LOOP
        -- one customer and one source code are there from the beginning
        EXECUTE pg_catalog.format('SELECT count(*) > $1 FROM (SELECT FROM %I.%I LIMIT 2) t', schema, item)
            INTO found USING CASE WHEN item IN ('customer', 'source') THEN 1 ELSE 0 END;
        IF found THEN
            RAISE EXCEPTION 'the marketing database in schema "%" already holds data', schema
                USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = pg_catalog.format('Its table %s has rows.', item),
                      HINT = 'Load the sample into a marketing database of its own, for example after SELECT dupex.install(''sample'').';
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION sample_check_empty(name) IS 'raises 55000 where a marketing database already holds data; a part of load_sample()';

CREATE FUNCTION load_sample(schema name, scale float8 DEFAULT 1, seed int DEFAULT 1) RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    saved_path text := pg_catalog.current_setting('search_path');
    saved_zone text := pg_catalog.current_setting('TimeZone');
    saved_jit  text := pg_catalog.current_setting('jit');
    people     bigint;
    -- ids are effort_no * id_base + number of the customer
    id_base    bigint := 1000;
    blocks     int;
    salt       bigint := seed::bigint * 1000;
    result     text;
BEGIN
    IF schema IS NULL OR scale IS NULL OR seed IS NULL OR scale <= 0 OR scale > 1000 THEN
        RAISE EXCEPTION 'sample of scale % and seed % in schema "%"', scale, seed, schema
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'The scale is above 0 and at most 1000.',
                  HINT = 'Scale 1 makes about 100,000 touches.';
    END IF;
    PERFORM dupex.installed_version(schema);
    PERFORM dupex.sample_check_empty(schema);

    PERFORM pg_catalog.set_config('search_path', dupex.marketing_search_path(schema), true);
    PERFORM pg_catalog.set_config('TimeZone', 'UTC', true);
    -- two dozen statements of long expressions: to compile them takes longer than to run them
    PERFORM pg_catalog.set_config('jit', 'off', true);
    people := 40 * pg_catalog.ceil(500 * scale)::bigint;
    blocks := greatest(1, pg_catalog.floor(scale)::int);
    WHILE id_base <= people + 100 LOOP
        id_base := id_base * 10;
    END LOOP;
    PERFORM dupex.sample_make_tables();
    PERFORM dupex.sample_write_dimensions(blocks);
    PERFORM dupex.sample_write_lists(people);
    PERFORM dupex.sample_plan_efforts(salt, scale);
    PERFORM dupex.sample_plan_people(salt, people, blocks);
    PERFORM dupex.sample_plan_touches(salt, id_base);
    PERFORM dupex.sample_write_efforts();
    PERFORM dupex.sample_write_people(salt, people);
    PERFORM dupex.sample_write_touches(salt, people);
    PERFORM dupex.sample_plan_responses(salt, id_base, people, scale, blocks);
    PERFORM dupex.sample_plan_turns(salt, id_base, scale);
    PERFORM dupex.sample_write_responses(salt);
    PERFORM dupex.sample_plan_leads(salt, blocks);
    PERFORM dupex.sample_plan_moves();
    PERFORM dupex.sample_write_leads(salt);
    PERFORM dupex.sample_write_visits(salt);
    PERFORM dupex.sample_plan_orders(salt, id_base);
    PERFORM dupex.sample_write_orders(salt);
    PERFORM dupex.sample_write_baskets(salt, id_base);
    PERFORM dupex.sample_write_receptions(salt, id_base, scale);
    PERFORM dupex.sample_write_calls(salt, id_base, scale);
    PERFORM dupex.sample_write_door_counts(salt, scale);
    PERFORM dupex.sample_write_events(salt, id_base, people, scale);
    PERFORM dupex.sample_write_expenses(scale);
    PERFORM dupex.sample_write_mends(salt);
    PERFORM dupex.sample_write_permission(salt);
    result := dupex.sample_finish(schema, scale, seed);
    PERFORM pg_catalog.set_config('search_path', saved_path, true);
    PERFORM pg_catalog.set_config('TimeZone', saved_zone, true);
    PERFORM pg_catalog.set_config('jit', saved_jit, true);
    RETURN result;
END
$$;
COMMENT ON FUNCTION load_sample(name, float8, int) IS 'fills an empty marketing database with a sample: a car dealer and a training company, two years to 2026-06-30. Scale 1 is about 100,000 touches; above 0, at most 1000. The same scale and seed give the same rows on every machine. Sets the time zone of the business to UTC; does not refresh the reports. Returns what it made. 55000 where there is no marketing database or it holds data, 22023 for a wrong scale';

-- The plan: one table a subject. They live until the end of load_sample().
CREATE FUNCTION sample_make_tables() RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    CREATE TEMP TABLE sample_effort (
        effort_no int PRIMARY KEY, campaign text, theme text, purpose text, medium text, test_group text, list text,
        code source_code, issued_on date, sent_on date, answers_until date, offer text, is_control boolean, is_hold_out boolean,
        -- which members of the list: when they joined, their part of the split, the sample taken
        member_list text, joined_from date, joined_before date, group_from float8, group_below float8, list_share float8, group_salt int,
        -- what comes of it: answers per piece, or answers in all where there are no pieces
        response_rate float8, responses bigint, lag_days float8, cost_per_piece numeric, cost numeric) ON COMMIT DROP;
    CREATE TEMP TABLE sample_person (
        customer_id bigint PRIMARY KEY, list text, joined_on date, affinity float8, has_bad_address boolean, is_seed boolean,
        is_organisation boolean, block int) ON COMMIT DROP;
    CREATE TEMP TABLE sample_touch (
        touch_id bigint, customer_id bigint, effort_no int, sent_at timestamptz, is_seed boolean, is_bounced boolean, is_opened boolean,
        is_clicked boolean, is_answered boolean, is_last boolean) ON COMMIT DROP;
    CREATE TEMP TABLE sample_response (
        response_id bigint, customer_id bigint, effort_no int, responded_at timestamptz, channel text, product text, touch_id bigint,
        salesperson_id bigint, store text, is_walk_in boolean, opens_lead boolean, buys boolean, block int) ON COMMIT DROP;
    CREATE TEMP TABLE sample_lead (
        lead_id bigint, customer_id bigint, opened_at timestamptz, product text, team text, block int, store text, is_walk_in boolean,
        place int, first_owner bigint, heir bigint, first_grade text, graded_at timestamptz, grade text, clock_at timestamptz,
        outcome text, closed_at timestamptz, stale_at timestamptz, stale_owner bigint) ON COMMIT DROP;
    CREATE TEMP TABLE sample_move (
        customer_id bigint, lead_id bigint, moved_at timestamptz, kind text, owner bigint, grade text, status text,
        clock_at timestamptz, reason text, rule text) ON COMMIT DROP;
    CREATE TEMP TABLE sample_order (
        order_id bigint, customer_id bigint, ordered_at timestamptz, product text, quantity int, discount int, extra_product text,
        response_id bigint, lead_id bigint, channel text, salesperson_id bigint, store text, effort_no int) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION sample_make_tables() IS 'makes the temporary tables of the plan; a part of load_sample()';

CREATE FUNCTION sample_write_dimensions(blocks int) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    UPDATE setting SET value = 'UTC' WHERE setting.setting = 'time_zone';
    INSERT INTO region VALUES ('N', 'north'), ('E', 'east'), ('S', 'south'), ('W', 'west');
    INSERT INTO store VALUES
        ('showroom', 'car showroom', 'N'),
        ('outlet', 'used car outlet', 'S'),
        ('training', 'training centre', 'E');
    INSERT INTO team VALUES
        ('showroom', 'showroom sales', 'showroom'),
        ('telesales', 'telesales', NULL),
        ('field', 'field sales', NULL),
        ('marketing', 'marketing', NULL);

    -- A block of twelve: showroom 1 to 4, telesales 5 to 8, field 9 to 11, marketing 12. The first
    -- of a team manages it, the second is its senior. One more has left.
    INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager, capacity_per_month, is_on_duty, started_on, left_on)
    SELECT s, 'salesperson ' || s,
           CASE WHEN place <= 4 THEN 'showroom' WHEN place <= 8 THEN 'telesales' WHEN place <= 11 THEN 'field' ELSE 'marketing' END,
           CASE WHEN place IN (1, 5, 9, 12) THEN 3 WHEN place IN (2, 6, 10) THEN 2 ELSE 1 END,
           place IN (1, 5, 9, 12), CASE WHEN place IN (1, 5, 9, 12) THEN NULL ELSE 40 END, place <> 8 OR s <= 12, date '2020-01-01' + (place * 31), NULL
      FROM generate_series(1, blocks * 12) s, LATERAL (SELECT (s - 1) % 12 + 1) p(place);
    INSERT INTO salesperson (salesperson_id, name, team, seniority, capacity_per_month, is_on_duty, started_on, left_on)
    VALUES (blocks * 12 + 1, 'salesperson ' || blocks * 12 + 1, 'showroom', 1, 40, false, '2021-05-01', '2025-12-31');

    -- the showroom is open on Saturdays, and its salespeople take turns; one speaks of electric cars
    INSERT INTO duty_roster (salesperson_id, weekday_no, starts_after, ends_after)
    SELECT s.salesperson_id, w, interval '9 hours', interval '18 hours' FROM salesperson s, generate_series(1, 6) w
     WHERE s.team = 'showroom' AND (w <> CASE (s.salesperson_id - 1) % 12 WHEN 1 THEN 1 WHEN 2 THEN 3 WHEN 3 THEN 6 ELSE 0 END);
    INSERT INTO absence VALUES (4, '2026-06-22 00:00+00', '2026-07-06 00:00+00', 'holiday');
    INSERT INTO salesperson_skill SELECT s.salesperson_id, 'electric cars' FROM salesperson s WHERE (s.salesperson_id - 1) % 12 = 2;
    INSERT INTO gift VALUES ('keyring', 'key ring', 2.40), ('umbrella', 'umbrella', 6.90);

    INSERT INTO offer VALUES
        ('plain', 'no offer', 'the product at its price'),
        ('voucher', 'voucher', '50 off the first order within four weeks'),
        ('gift', 'gift', 'a gift with the first visit'),
        ('seminar', 'free seminar', 'an evening seminar free of charge');
    -- the next better product comes first, as it is referred to
    INSERT INTO product (product, name, category, price, cost_of_goods, warranty_months, next_better_product) VALUES
        ('electric', 'electric car', 'new cars', 36900, 33200, 36, NULL),
        ('family', 'family car', 'new cars', 28900, 25800, 36, 'electric'),
        ('compact', 'compact car', 'new cars', 19900, 17900, 36, 'family'),
        ('used', 'used car', 'used cars', 11900, 10300, 12, 'compact'),
        ('service', 'service plan', 'car service', 480, 260, NULL, NULL),
        ('tyres', 'set of winter tyres', 'car service', 620, 430, 24, NULL),
        ('roofbox', 'roof box', 'car accessories', 290, 170, 24, NULL),
        ('inhouse', 'in-house seminar', 'training', 5600, 2100, NULL, NULL),
        ('certificate', 'certificate course', 'training', 2400, 820, NULL, 'inhouse'),
        ('course', 'one-day course', 'training', 890, 310, NULL, 'certificate'),
        ('elearning', 'e-learning course', 'training', 190, 25, NULL, 'course');
    INSERT INTO rotation_rule (rule_no, product, category, team, skill) VALUES
        (10, 'electric', NULL, 'showroom', 'electric cars'),
        (20, 'inhouse', NULL, 'field', NULL),
        (30, NULL, 'training', 'telesales', NULL),
        (40, NULL, 'new cars', 'showroom', NULL),
        (50, NULL, 'used cars', 'showroom', NULL),
        (90, NULL, NULL, 'telesales', NULL);

    -- what a contact costs with wages and travel; who says these is asked again after a while
    INSERT INTO contact_cost VALUES ('call', '2024-07-01', 5.80), ('visit', '2024-07-01', 64.00), ('visit', '2026-01-01', 68.50);
    INSERT INTO loss_reason VALUES
        ('price', 'too dear', '6 mons'),
        ('bought elsewhere', 'bought from a competitor', '2 years'),
        ('no need any more', 'no need any more', NULL),
        ('no answer any more', 'cannot be reached', '3 mons');
END
$$;
COMMENT ON FUNCTION sample_write_dimensions(int) IS 'writes stores, teams, salespeople, when they work, offers, products, rotation rules, costs of contacts, reasons of losses; a part of load_sample()';

CREATE FUNCTION sample_write_lists(people bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO list (list, name, kind, origin, supplier, names, cost, status, received_on)
    SELECT l.list, l.name, l.kind, l.origin, l.supplier, (people * l.share)::bigint, round((people * l.share)::numeric * l.price), l.status, l.received_on::date
      FROM (VALUES
        ('00', 'nobody''s list: readers and visitors', 'external', 'house', NULL, 0, NULL, 'active', NULL),
        ('01', 'customers of the car dealer', 'internal', 'house', NULL, .17, NULL, 'active', NULL),
        ('02', 'course participants', 'internal', 'house', NULL, .11, NULL, 'active', NULL),
        ('03', 'newsletter registrations', 'internal', 'house', NULL, .15, NULL, 'active', NULL),
        ('04', 'customers lost for two years', 'internal', 'house', NULL, .06, NULL, 'active', NULL),
        ('05', 'registered last month', 'internal', 'house', NULL, .005, NULL, 'active', NULL),
        ('11', 'business directory', 'external', 'bought', 'supplier 1', .12, .35, 'active', '2024-08-20'),
        ('12', 'readers of a car magazine', 'external', 'rented', 'supplier 2', .12, .22, 'active', '2024-09-10'),
        ('13', 'customers of an insurer', 'external', 'exchanged', 'partner 1', .08, .05, 'active', '2025-03-15'),
        ('14', 'low-price addresses', 'external', 'bought', 'supplier 3', .08, .12, 'testing', '2025-09-12'),
        ('15', 'owners of cars over six years old', 'external', 'rented', 'supplier 2', .08, .28, 'active', '2025-08-25'),
        ('16', 'visitors of a trade fair', 'external', 'exchanged', 'partner 2', .03, .10, 'active', '2024-10-28')
      ) l(list, name, kind, origin, supplier, share, price, status, received_on);
END
$$;
COMMENT ON FUNCTION sample_write_lists(bigint) IS 'writes the lists, in proportion to the number of people; a part of load_sample()';

-- One row per cell: a series of efforts is repeated month by month and split into its groups.
-- A group letter's part of the list: the hold-out H takes .20, the others share the rest evenly.
CREATE FUNCTION sample_plan_efforts(salt bigint, scale float8) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO sample_effort
    WITH series(theme, purpose, medium, list, first, step, times, day_no, groups, list_share, response_rate, responses, lag_days, cost_per_piece, cost) AS (VALUES
        ('newsletter', 'keep',     'D', '01', date '2024-08-01', 3,  8, 12, 'AB',   1.00, .034, 0,   5, .62,    0),
        ('newsletter', 'keep',     'D', '02', date '2024-08-01', 3,  8, 12, 'AB',   1.00, .041, 0,   5, .62,    0),
        ('newsletter', 'keep',     'D', '03', date '2024-08-01', 3,  8, 12, 'AB',   1.00, .026, 0,   5, .62,    0),
        ('welcome',    'acquire',  'D', '05', date '2024-07-01', 1, 24,  3, 'A',    1.00, .058, 0,   4, .62,    0),
        ('directory',  'acquire',  'D', '11', date '2024-09-01', 6,  2, 10, 'AB',   1.00, .016, 0,   6, .45,    0),
        ('partner',    'acquire',  'D', '13', date '2025-04-01', 5,  2,  8, 'AB',   1.00, .021, 0,   6, .45,    0),
        ('bargain',    'acquire',  'D', '14', date '2025-10-01', 5,  2,  9, 'AB',   1.00, .0025, 0,  6, .45,    0),
        ('voucher',    'keep',     'M', '01', date '2024-10-01', 6,  3,  6, 'ABC',  1.00, .037, 0,  24, 1.55,   0),
        ('voucher',    'keep',     'M', '02', date '2024-10-01', 6,  3,  6, 'ABC',  1.00, .040, 0,  24, 1.55,   0),
        ('voucher',    'keep',     'M', '01', date '2026-04-01', 6,  1,  6, 'ABCH', 1.00, .037, 0,  24, 1.55,   0),
        ('voucher',    'keep',     'M', '02', date '2026-04-01', 6,  1,  6, 'ABCH', 1.00, .040, 0,  24, 1.55,   0),
        ('readers',    'acquire',  'M', '12', date '2024-10-01', 6,  2, 15, 'AB',   1.00, .012, 0,  24, 1.25,   0),
        ('owners',     'acquire',  'M', '15', date '2025-09-01', 7,  2, 11, 'AB',   1.00, .018, 0,  24, 1.25,   0),
        ('return',     'win back', 'M', '04', date '2025-01-01', 12, 2, 20, 'AB',   1.00, .022, 0,  24, 1.55,   0),
        ('calls',      'keep',     'T', '01', date '2024-07-01', 1, 24,  2, 'A',     .09, .112, 0,   3, 5.80,   0),
        ('calls',      'keep',     'T', '02', date '2024-07-01', 1, 24,  2, 'A',     .09, .124, 0,   3, 5.80,   0),
        ('fair',       'acquire',  'T', '16', date '2024-11-01', 6,  2,  4, 'AB',   1.00, .066, 0,   3, 5.80,   0),
        ('tyres',      'keep',     'X', '01', date '2024-10-01', 6,  4,  1, 'A',     .50, .019, 0,   2, .11,    0),
        ('press',      'acquire',  'A', '00', date '2024-07-01', 1, 24,  5, 'AB',   1.00, 0,   31,  12, 0,   1700),
        ('website',    'acquire',  'W', '00', date '2024-07-01', 1, 24,  1, 'A',    1.00, 0,   46,  14, 0,    880),
        ('search',     'acquire',  'S', '00', date '2024-07-01', 1, 24,  1, 'A',    1.00, 0,   36,  14, 0,   1450),
        ('stories',    'acquire',  'P', '00', date '2024-09-01', 3,  8, 18, 'A',    1.00, 0,   14,  16, 0,    240)
    ), issue AS (
        SELECT s.*, month_on, (month_on + (day_no - 1))::date AS sent_on, theme || '-' || extract(year FROM month_on) AS campaign
          FROM series s, generate_series(0, times - 1) n, LATERAL (SELECT (first + n * step * interval '1 month')::date) m(month_on)
         WHERE medium <> 'T' OR extract(month FROM month_on) NOT IN (8, 12)
    ), cell AS (
        SELECT i.*, test_group, group_no, CASE WHEN groups LIKE '%H' THEN length(groups) - 1 ELSE length(groups) END AS sent_groups,
               CASE WHEN groups LIKE '%H' THEN .80 ELSE 1.0 END::float8 AS sent_part
          FROM issue i, string_to_table(groups, NULL) WITH ORDINALITY g(test_group, group_no)
    )
    SELECT row_number() OVER (ORDER BY sent_on, medium, list, test_group), campaign, theme, purpose, medium, test_group, list,
           (medium || test_group || list || to_char(month_on, 'MM') || right(extract(year FROM month_on)::text, 1))::source_code,
           month_on, sent_on, (sent_on + 60)::date,
           CASE WHEN theme IN ('voucher', 'return') AND test_group = 'B' THEN 'voucher' WHEN theme IN ('voucher', 'fair') AND test_group = 'C' THEN 'gift'
                WHEN purpose = 'acquire' AND test_group = 'B' THEN 'seminar' WHEN test_group <> 'H' THEN 'plain' END,
           test_group = 'A' AND length(groups) > 1, test_group = 'H',
           CASE list WHEN '05' THEN '03' ELSE list END,
           CASE list WHEN '05' THEN (month_on - interval '1 month')::date ELSE date '1990-01-01' END,
           CASE list WHEN '05' THEN month_on ELSE sent_on END,
           (group_no - 1) * sent_part / sent_groups, CASE WHEN test_group = 'H' THEN 1 ELSE group_no * sent_part / sent_groups END,
           list_share, 100 + dense_rank() OVER (ORDER BY campaign),
           -- what the groups do: a voucher works, everything else makes no difference
           response_rate * CASE WHEN theme = 'voucher' AND test_group = 'B' THEN 1.9 WHEN theme = 'return' AND test_group = 'B' THEN 1.5 ELSE 1 END,
           round((responses * scale * (.7 + .6 * dupex.sample_dice(extract(epoch FROM sent_on)::bigint + ascii(test_group), salt + 1))
                  * (ARRAY[.9, .95, 1.2, 1.15, 1.05, 1, .8, .75, 1.15, 1.2, 1.05, .8])[extract(month FROM month_on)::int])::numeric)::bigint,
           lag_days, cost_per_piece, round((cost * scale)::numeric, 2)
      FROM cell;
    ANALYZE sample_effort;
END
$$;
COMMENT ON FUNCTION sample_plan_efforts(bigint, float8) IS 'plans the efforts of two years, one row per source code; a part of load_sample()';

CREATE FUNCTION sample_write_efforts() RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO campaign (campaign, name, purpose, planner, designer, sender, starts_on, ends_on, budget)
    SELECT e.campaign, t.name || ' ' || extract(year FROM min(issued_on)), min(e.purpose),
           CASE min(e.purpose) WHEN 'acquire' THEN 'planner of new business' ELSE 'planner of house lists' END, t.designer, t.sender, min(sent_on), max(answers_until),
           -- what it should have cost; some were too hopeful
           round((sum(CASE WHEN is_hold_out THEN 0 ELSE e.cost + e.cost_per_piece * coalesce(p.pieces, 0) END) * (.95 + .35 * dupex.sample_dice(min(e.effort_no), 7))::numeric))
      FROM sample_effort e LEFT JOIN (SELECT effort_no, count(*) AS pieces FROM sample_touch GROUP BY effort_no) p USING (effort_no) JOIN (VALUES
            ('newsletter', 'newsletter to the house lists', 'agency 1', 'mail service'), ('welcome', 'welcome to new registrations', 'agency 1', 'mail service'),
            ('directory', 'courses for companies', 'agency 1', 'mail service'), ('partner', 'offer to customers of the insurer', 'agency 1', 'mail service'),
            ('bargain', 'low-price offer', 'agency 1', 'mail service'), ('voucher', 'voucher mailing', 'agency 2', 'lettershop'),
            ('readers', 'test drives for magazine readers', 'agency 2', 'lettershop'), ('owners', 'a new car for an old one', 'agency 2', 'lettershop'),
            ('return', 'come back', 'agency 2', 'lettershop'), ('calls', 'monthly calls', 'telesales', 'call centre'),
            ('fair', 'calls after the trade fair', 'telesales', 'call centre'), ('tyres', 'time for other tyres', 'telesales', 'text message service'),
            ('press', 'ads in the press', 'agency 2', 'media agency'), ('website', 'the web site', 'agency 1', 'web agency'),
            ('search', 'search ads', 'agency 1', 'web agency'), ('stories', 'stories for editors', 'press office', 'press office')
           ) t(theme, name, designer, sender) USING (theme)
     GROUP BY e.campaign, t.name, t.designer, t.sender;
    INSERT INTO test_group (campaign, test_group, name, offer, is_control, is_hold_out)
    SELECT DISTINCT e.campaign, e.test_group,
           CASE WHEN is_hold_out THEN 'hold-out' WHEN theme = 'press' AND e.test_group = 'A' THEN 'daily newspaper' WHEN theme = 'press' THEN 'magazine'
                WHEN is_control THEN 'as always' WHEN theme = 'newsletter' THEN 'pictures first' WHEN offer = 'plain' THEN 'everybody'
                ELSE offer END,
           offer, is_control AND theme <> 'press', is_hold_out
      FROM sample_effort e;
    INSERT INTO source (source_code, campaign, medium, test_group, list, offer, issued_on, in_home_on, answers_until, quantity, is_control, is_hold_out,
                        inbound_phone, registered_at)
    SELECT code, campaign, medium, e.test_group, list, offer, issued_on, sent_on + CASE medium WHEN 'M' THEN 2 ELSE 0 END, answers_until,
           coalesce(t.pieces, 0),
           is_control AND theme <> 'press', is_hold_out,
           -- numbers that the British regulator keeps free for fiction
           CASE WHEN medium IN ('A', 'M') AND NOT is_hold_out THEN '+44 1632 960' || lpad((effort_no % 1000)::text, 3, '0') END,
           issued_on - interval '20 days'
      FROM sample_effort e LEFT JOIN (SELECT effort_no, count(*) AS pieces FROM sample_touch GROUP BY effort_no) t USING (effort_no);
END
$$;
COMMENT ON FUNCTION sample_write_efforts() IS 'writes campaigns, test groups and source codes from the plan; a part of load_sample()';
