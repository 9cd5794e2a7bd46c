-- The sample's touches, their events, the answers, and the codes as customers quote them.
--
-- A person of affinity a answers an effort of response rate r with probability r * a, more in
-- spring and autumn than in August. Answers, clicks and opens of one piece agree: who answered an
-- e-mail has clicked it, who clicked has opened. Who unsubscribes, complains or cannot be reached
-- gets no more pieces through that medium.

CREATE FUNCTION sample_plan_touches(salt bigint, id_base bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO sample_touch (touch_id, customer_id, effort_no, sent_at, is_seed, is_bounced, is_opened, is_clicked, is_answered, is_last)
    SELECT touch_id, customer_id, effort_no, sent_at, is_seed, is_bounced, is_opened OR is_clicked OR is_answered, is_clicked OR is_answered, is_answered,
           is_bounced OR (medium IN ('D', 'X') AND NOT is_seed AND dupex.sample_dice(touch_id, salt + 33) < .0028)
      FROM (SELECT i.touch_id, p.customer_id, e.effort_no, e.medium, p.is_seed, b.is_bounced,
                   CASE e.medium WHEN 'D' THEN d.sent_day + (6 + 4 * d.hour) * interval '1 hour'
                                 WHEN 'T' THEN d.sent_day + CASE WHEN extract(isodow FROM d.sent_day) > 5 THEN 2 ELSE 0 END * interval '1 day' + (8.5 + 9 * d.hour) * interval '1 hour'
                                 WHEN 'X' THEN d.sent_day + (9 + d.hour) * interval '1 hour'
                                 ELSE d.sent_day + interval '5 hours' END AS sent_at,
                   e.medium = 'D' AND NOT b.is_bounced
                       AND dupex.sample_dice(i.touch_id, salt + 31) < CASE WHEN e.list < '10' THEN .31 WHEN e.list = '14' THEN .05 ELSE .15 END AS is_opened,
                   e.medium = 'D' AND NOT b.is_bounced
                       AND dupex.sample_dice(i.touch_id, salt + 32) < CASE WHEN e.list < '10' THEN .042 WHEN e.list = '14' THEN .004 ELSE .016 END AS is_clicked,
                   NOT b.is_bounced AND NOT p.is_seed AND dupex.sample_dice(i.touch_id, salt + 30) < e.response_rate * p.affinity
                       * (ARRAY[.9, .95, 1.2, 1.15, 1.05, 1, .8, .75, 1.15, 1.2, 1.05, .8]::float8[])[extract(month FROM e.sent_on)::int] AS is_answered
              FROM sample_effort e
              JOIN sample_person p ON p.list = e.member_list AND p.joined_on >= e.joined_from AND p.joined_on < e.joined_before,
                   LATERAL (SELECT e.effort_no * id_base + p.customer_id) i(touch_id),
                   LATERAL (SELECT NOT p.is_seed AND e.medium <> 'T' AND (p.has_bad_address OR dupex.sample_dice(i.touch_id, salt + 34) < .004)) b(is_bounced),
                   LATERAL (SELECT dupex.sample_dice(p.customer_id, salt + e.group_salt)) g(place),
                   LATERAL (SELECT e.sent_on::timestamptz + CASE e.medium WHEN 'T' THEN floor(17 * dupex.sample_dice(i.touch_id, salt + 35)) ELSE 0 END * interval '1 day',
                                   dupex.sample_dice(i.touch_id, salt + 36)) d(sent_day, hour)
             WHERE g.place >= e.group_from AND g.place < e.group_below
               AND (e.list_share = 1 OR dupex.sample_dice(p.customer_id, salt + 300 + e.effort_no) < e.list_share)) t
     ORDER BY customer_id, effort_no;
    DELETE FROM sample_touch t
     USING sample_effort e, (SELECT s.customer_id, f.medium, min(s.effort_no) AS last_effort
                               FROM sample_touch s JOIN sample_effort f USING (effort_no) WHERE s.is_last AND NOT f.is_hold_out GROUP BY 1, 2) l
     WHERE e.effort_no = t.effort_no AND l.customer_id = t.customer_id AND l.medium = e.medium AND t.effort_no > l.last_effort;
    CREATE INDEX ON sample_touch (customer_id);
    ANALYZE sample_touch;
END
$$;
COMMENT ON FUNCTION sample_plan_touches(bigint, bigint) IS 'plans who gets which piece and what becomes of it; a part of load_sample()';

-- Some tens of thousands of people at a time, as the checks of foreign keys that a statement has
-- to make at its end wait in memory; and in order of the customers, so that the indexes, which all
-- begin with them, grow at one place.
CREATE FUNCTION sample_write_touches(salt bigint, people bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    step  constant bigint := 50000;
    first bigint;
BEGIN
    FOR batch_no IN 0 .. ((people + 10) / step)::int LOOP
        first := batch_no * step;
        INSERT INTO touch (customer_id, touch_id, source_code, sent_at, contact_point_id, is_seed, request_id)
        SELECT customer_id, touch_id, code, sent_at, customer_id * 4 + CASE medium WHEN 'D' THEN 1 WHEN 'M' THEN 3 ELSE 2 END, is_seed, 'sample-touch-' || touch_id
          FROM sample_touch JOIN sample_effort USING (effort_no)
         WHERE customer_id >= first AND customer_id < first + step AND NOT is_hold_out ORDER BY customer_id, touch_id;
        PERFORM dupex.sample_write_events_of_touches(salt, first, first + step);
    END LOOP;
    INSERT INTO hold_out (customer_id, hold_out_id, source_code, held_out_at, request_id)
    SELECT customer_id, touch_id, code, sent_at, 'sample-hold-out-' || touch_id
      FROM sample_touch JOIN sample_effort USING (effort_no) WHERE is_hold_out AND NOT is_seed;
END
$$;
COMMENT ON FUNCTION sample_write_touches(bigint, bigint) IS 'writes touches, hold-outs and touch events; a part of load_sample()';

-- Each event as the sender reports it: some twice, opens and clicks as often as they happen.
CREATE FUNCTION sample_write_events_of_touches(salt bigint, from_customer bigint, below_customer bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO touch_event (customer_id, touch_event_id, touch_id, kind, happened_at, detail, request_id)
    SELECT customer_id, touch_id * 16 + no, touch_id, kind, happened_at, detail, 'sample-event-' || touch_id * 16 + no
      FROM (SELECT t.*, e.medium, dupex.sample_dice(touch_id, salt + 37) AS again, dupex.sample_dice(touch_id, salt + 38) AS rare,
                   sent_at + interval '20 minutes' + o.lag * interval '1 day' AS opened_at
              FROM sample_touch t JOIN sample_effort e USING (effort_no),
                   LATERAL (SELECT dupex.sample_open_lag(touch_id, salt, lag_days)) o(lag)
             WHERE t.customer_id >= from_customer AND t.customer_id < below_customer AND NOT e.is_hold_out AND (e.medium IN ('D', 'X') OR (e.medium = 'M' AND is_bounced))) t,
           LATERAL (VALUES
               (1, 'delivered', sent_at + (20 + 600 * again) * interval '1 second', NULL, NOT is_bounced),
               (2, 'delivered', sent_at + (25 + 600 * again) * interval '1 second', NULL, NOT is_bounced AND rare < .02),
               (3, 'bounced', sent_at + CASE medium WHEN 'M' THEN interval '9 days' ELSE interval '2 minutes' END,
                   CASE medium WHEN 'M' THEN 'not known at this address' WHEN 'D' THEN '550 no such user' ELSE 'number not in use' END, is_bounced),
               (4, 'bounced', sent_at + interval '4 hours', '550 no such user', is_bounced AND medium = 'D' AND again < .15),
               (5, 'opened', opened_at, NULL, is_opened),
               (6, 'opened', opened_at + (2 + 40 * rare) * interval '1 hour', NULL, is_opened AND again < .45),
               (7, 'opened', opened_at + (60 + 90 * rare) * interval '1 hour', NULL, is_opened AND again < .15),
               (8, 'clicked', opened_at + (20 + 200 * again) * interval '1 second', 'link ' || 1 + floor(3 * again), is_clicked),
               (9, 'clicked', opened_at + (30 + 210 * again) * interval '1 second', 'link 1', is_clicked AND rare < .25),
               (10, 'forwarded', opened_at + interval '6 minutes', NULL, is_opened AND medium = 'D' AND rare > .99),
               (11, CASE WHEN rare < .12 THEN 'complained' ELSE 'unsubscribed' END, opened_at + interval '7 minutes', NULL, is_last AND NOT is_bounced)
           ) v(no, kind, happened_at, detail, happens)
     WHERE happens ORDER BY customer_id, touch_id, no;
END
$$;
COMMENT ON FUNCTION sample_write_events_of_touches(bigint, bigint, bigint) IS 'writes the events of the touches of some customers; a part of load_sample()';

-- Days from sending to opening: most on the first day.
CREATE FUNCTION sample_open_lag(touch_id bigint, salt bigint, lag_days float8) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lag_days * dupex.sample_dice(touch_id, salt + 39) * dupex.sample_dice(touch_id, salt + 40) * dupex.sample_dice(touch_id, salt + 41);
COMMENT ON FUNCTION sample_open_lag(bigint, bigint, float8) IS 'days from sending to opening of a piece; a part of load_sample()';

-- A code as customers quote it: NULL in the share missing, else mostly right, often in lower case
-- or with blanks and hyphens, sometimes with O for 0 or l for 1, sometimes past reading.
CREATE FUNCTION sample_quote(code text, number bigint, salt bigint, missing float8) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$
    SELECT CASE
        WHEN dupex.sample_dice(number, salt + 42) < missing THEN NULL
        WHEN way < .66 THEN code
        WHEN way < .75 THEN lower(code)
        WHEN way < .80 THEN left(code, 2) || '-' || substr(code, 3)
        WHEN way < .84 THEN lower(left(code, 2)) || ' ' || substr(code, 3)
        WHEN way < .90 THEN replace(code, '0', 'O')
        WHEN way < .92 THEN replace(code, '1', 'l')
        -- a list that does not exist: well formed, not registered
        WHEN way < .945 THEN left(code, 2) || '7' || substr(code, 4)
        -- month 13 and worse: not to be read
        WHEN way < .965 THEN left(code, 4) || '9' || substr(code, 6)
        WHEN way < .985 THEN left(code, 4)
        ELSE (ARRAY['the one in the newspaper', '?', 'your letter', 'none'])[1 + floor((way - .985) * 260)::int]
    END
    FROM (SELECT dupex.sample_dice(number, salt + 43)) d(way)
$$;
COMMENT ON FUNCTION sample_quote(text, bigint, bigint, float8) IS 'a source code as a customer quotes it; NULL in the share missing of the cases; a part of load_sample()';

-- What is asked for, in three lines of business; place is from 0 to 1.
CREATE FUNCTION sample_product(line text, place float8) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE line
        WHEN 'training' THEN CASE WHEN place < .25 THEN 'elearning' WHEN place < .75 THEN 'course' WHEN place < .93 THEN 'certificate' ELSE 'inhouse' END
        WHEN 'showroom' THEN CASE WHEN place < .25 THEN 'service' WHEN place < .35 THEN 'roofbox' WHEN place < .45 THEN 'tyres' WHEN place < .78 THEN 'used'
                                  WHEN place < .93 THEN 'compact' WHEN place < .985 THEN 'family' ELSE 'electric' END
        WHEN 'tyres' THEN CASE WHEN place < .9 THEN 'tyres' ELSE 'service' END
        ELSE CASE WHEN place < .40 THEN 'tyres' WHEN place < .74 THEN 'service' WHEN place < .90 THEN 'roofbox' WHEN place < .965 THEN 'used'
                  WHEN place < .99 THEN 'compact' WHEN place < .998 THEN 'family' ELSE 'electric' END
    END;
COMMENT ON FUNCTION sample_product(text, float8) IS 'the product asked for in a line of business; a part of load_sample()';

-- How an answer to a medium arrives; place is from 0 to 1.
CREATE FUNCTION sample_channel(medium text, place float8) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE medium
        WHEN 'D' THEN CASE WHEN place < .80 THEN 'web' WHEN place < .95 THEN 'email' ELSE 'call' END
        WHEN 'M' THEN CASE WHEN place < .45 THEN 'coupon' WHEN place < .80 THEN 'call' ELSE 'web' END
        WHEN 'A' THEN CASE WHEN place < .45 THEN 'call' WHEN place < .65 THEN 'coupon' WHEN place < .73 THEN 'fax' ELSE 'web' END
        WHEN 'T' THEN 'call'
        WHEN 'P' THEN CASE WHEN place < .60 THEN 'web' ELSE 'call' END
        ELSE CASE WHEN place < .90 THEN 'web' ELSE 'call' END
    END;
COMMENT ON FUNCTION sample_channel(text, float8) IS 'how an answer to an effort arrives; a part of load_sample()';

-- Answers to pieces, answers to ads and pages, visitors who come by themselves and leave a name.
CREATE FUNCTION sample_plan_responses(salt bigint, id_base bigint, people bigint, scale float8, blocks int) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO sample_response (response_id, customer_id, effort_no, responded_at, channel, product, touch_id, salesperson_id, store, is_walk_in, opens_lead, buys, block)
    SELECT r.response_id, r.customer_id, r.effort_no,
           -- coupons are opened, and people call, in the hours of work
           CASE WHEN channel IN ('coupon', 'fax') OR (channel = 'call' AND medium IN ('A', 'M', 'P'))
                THEN date_trunc('day', responded_at) + (8 + 10 * dupex.sample_dice(response_id, salt + 45)) * interval '1 hour' ELSE responded_at END,
           channel, product,
           -- the web page knows the piece that was clicked, the caller the call
           CASE WHEN channel = 'web' OR medium = 'T' THEN touch_id END,
           CASE WHEN channel = 'call' THEN (block - 1) * 12 + 6 + floor(3 * dupex.sample_dice(response_id, salt + 46))::int
                WHEN channel = 'visit' THEN (block - 1) * 12 + 2 + floor(3 * dupex.sample_dice(response_id, salt + 59))::int END,
           CASE WHEN channel = 'visit' THEN CASE product WHEN 'used' THEN 'outlet' ELSE 'showroom' END END,
           channel = 'visit',
           customer_id <> 0 AND (product IN ('used', 'compact', 'family', 'electric', 'certificate', 'inhouse')
                                 OR (product = 'course' AND dupex.sample_dice(response_id, salt + 47) < .3)),
           dupex.sample_dice(response_id, salt + 48) < CASE medium WHEN 'T' THEN .62 WHEN 'M' THEN .33 WHEN 'X' THEN .38 WHEN 'D' THEN .27 WHEN 'A' THEN .20
                                                                   WHEN 'visit' THEN .35 WHEN 'P' THEN .12 ELSE .17 END,
           block
      FROM (SELECT touch_id AS response_id, t.customer_id, effort_no, medium, e.list, touch_id, p.block, dupex.sample_channel(medium, dupex.sample_dice(touch_id, salt + 49)) AS channel,
                   sent_at + CASE medium WHEN 'D' THEN interval '29 minutes' + dupex.sample_open_lag(touch_id, salt, lag_days) * interval '1 day'
                                         WHEN 'M' THEN interval '3 days' + lag_days * u * u * interval '1 day'
                                         WHEN 'T' THEN CASE WHEN u < .8 THEN interval '4 minutes' ELSE lag_days * u * interval '1 day' END
                                         ELSE interval '25 minutes' + dupex.sample_open_lag(touch_id, salt, lag_days) * interval '1 day' END AS responded_at
              FROM sample_touch t JOIN sample_effort e USING (effort_no) JOIN sample_person p USING (customer_id), LATERAL (SELECT dupex.sample_dice(touch_id, salt + 44)) d(u)
             WHERE is_answered AND NOT is_hold_out
            UNION ALL
            SELECT n, CASE WHEN dupex.sample_dice(n, salt + 50) < .15 THEN 0 ELSE 1 + floor(people * dupex.sample_dice(n, salt + 51))::bigint END,
                   effort_no, medium, list, NULL, 1 + floor(blocks * dupex.sample_dice(n, salt + 52))::int, dupex.sample_channel(medium, dupex.sample_dice(n, salt + 49)),
                   sent_on + interval '7 hours' + CASE WHEN medium IN ('W', 'S') THEN 27.5 * u ELSE lag_days * u * u END * interval '1 day'
              FROM sample_effort e, generate_series(1, e.responses) k, LATERAL (SELECT effort_no * id_base + k) i(n), LATERAL (SELECT dupex.sample_dice(n, salt + 44)) d(u)
            UNION ALL
            -- visitors: open from Monday to Saturday
            SELECT n, 1 + floor(people * dupex.sample_dice(n, salt + 51))::bigint, effort_no, 'visit', '00', NULL, 1 + floor(blocks * dupex.sample_dice(n, salt + 52))::int, 'visit',
                   visited_on + (9 + 9 * dupex.sample_dice(n, salt + 53)) * interval '1 hour'
              FROM generate_series(1, ceil(400 * scale)::bigint) k
             CROSS JOIN LATERAL (SELECT 900 * id_base + k) i(n)
             CROSS JOIN LATERAL (SELECT timestamptz '2024-07-01 00:00+00' + floor(729 * dupex.sample_dice(n, salt + 44)) * interval '1 day') v(day)
             CROSS JOIN LATERAL (SELECT day + CASE WHEN extract(isodow FROM day) = 7 THEN 1 ELSE 0 END * interval '1 day') w(visited_on)
              LEFT JOIN sample_effort e ON e.theme = 'press' AND e.issued_on = date_trunc('month', visited_on)::date AND e.sent_on <= visited_on::date
                                       AND e.test_group = CASE WHEN k % 2 = 0 THEN 'A' ELSE 'B' END
           ) r,
           LATERAL (SELECT dupex.sample_product(CASE WHEN medium = 'visit' THEN 'showroom' WHEN medium = 'X' THEN 'tyres'
                        WHEN dupex.sample_dice(response_id, salt + 54) < CASE list WHEN '01' THEN .9 WHEN '02' THEN .08 WHEN '11' THEN .1 WHEN '12' THEN .95
                                                                             WHEN '15' THEN .97 WHEN '16' THEN .2 ELSE .5 END THEN 'dealer' ELSE 'training' END,
                                                dupex.sample_dice(response_id, salt + 55))) q(product)
     WHERE responded_at < timestamptz '2026-06-30 18:00+00';
    ANALYZE sample_response;
END
$$;
COMMENT ON FUNCTION sample_plan_responses(bigint, bigint, bigint, float8, int) IS 'plans the answers, what they ask for and what follows; a part of load_sample()';

CREATE FUNCTION sample_write_responses(salt bigint) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO response (customer_id, response_id, responded_at, response_channel, touch_id, salesperson_id, store, product, message, quoted_code, source_code, code_problem, request_id)
    SELECT customer_id, response_id, responded_at, channel, touch_id, salesperson_id, store, product,
           CASE WHEN dupex.sample_dice(response_id, salt + 56) < .1 THEN (ARRAY['please call me', 'please send the brochure', 'what does it cost?', 'when can I come?'])
                     [1 + floor(4 * dupex.sample_dice(response_id, salt + 57))::int] END,
           quoted, r.code, r.problem, 'sample-response-' || response_id
      FROM sample_response s LEFT JOIN sample_effort e USING (effort_no),
           -- a link or the caller's screen gives the code as it is; people give what they remember
           LATERAL (SELECT CASE WHEN e.medium IN ('D', 'W', 'S', 'X') AND s.channel = 'web' OR e.medium = 'T'
                                THEN CASE WHEN dupex.sample_dice(response_id, salt + 58) < .93 THEN e.code::text END
                                ELSE dupex.sample_quote(e.code::text, response_id, salt, CASE s.channel WHEN 'coupon' THEN .04 WHEN 'fax' THEN .1 WHEN 'visit' THEN .7
                                                                                                WHEN 'call' THEN .33 WHEN 'email' THEN .25 ELSE .4 END) END) q(quoted)
      LEFT JOIN LATERAL source_read(quoted, near => s.responded_at::date) r ON quoted IS NOT NULL;
END
$$;
COMMENT ON FUNCTION sample_write_responses(bigint) IS 'writes the answers with the codes as quoted and as read; a part of load_sample()';
