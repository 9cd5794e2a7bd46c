-- RFM: cells, ties, limits, break-even index.
SET search_path = public, dupex;
\set SHOW_CONTEXT never

-- 125 customers who differ in all three: nested, each cell from 111 to 555 has one
CREATE TEMP TABLE base AS SELECT i AS id, timestamptz '2026-01-01Z' + interval '1 day' * (i / 25) + interval '1 hour' * (i % 7) AS at, 1 + i % 25 / 5 * 10 + (i * 3 % 5) AS orders, 10.0 * (i % 5) + (i % 25) / 100.0 AS amount FROM generate_series(0, 124) i;
SELECT count(*) AS customers, count(DISTINCT cell) AS cells, min(cell), max(cell), bool_and(cell = recency_score::text || frequency_score || monetary_score) AS named_by_digits FROM rfm_scores('SELECT id, at, orders, amount FROM base');
SELECT count(DISTINCT recency_score) AS r, bool_and(n = 25) AS equal_parts FROM (SELECT recency_score, count(*) AS n FROM rfm_scores('SELECT id, at, orders, amount FROM base') GROUP BY 1) s;
-- independent: a fifth of all for each digit of each
SELECT digit, count(*) FILTER (WHERE recency_score = digit) AS r, count(*) FILTER (WHERE frequency_score = digit) AS f, count(*) FILTER (WHERE monetary_score = digit) AS m
    FROM rfm_scores('SELECT id, at + interval ''1 minute'' * id, orders * 1000 + id, amount * 1000 + id FROM base', 'independent'), generate_series(1, 5) digit GROUP BY digit ORDER BY digit;
-- ties: of ten customers six have ordered once; the middle of them is at three tenths, in the second
-- fifth. One order: digit 2, whoever they are; split: as ntile() does it
CREATE TEMP TABLE tied AS SELECT i AS id, (ARRAY[1, 1, 1, 1, 1, 1, 2, 2, 3, 4])[i] AS orders FROM generate_series(1, 10) i;
SELECT t.orders, string_agg(DISTINCT s.frequency_score::text, ',') AS together, string_agg(p.frequency_score::text, ',' ORDER BY t.id) AS split
    FROM tied t JOIN rfm_scores('SELECT lpad(id::text, 2, ''0''), now(), orders, 1 FROM tied', 'independent') s ON s.customer::int = t.id
    JOIN rfm_scores('SELECT lpad(id::text, 2, ''0''), now(), orders, 1 FROM tied', 'independent', 'split') p ON p.customer::int = t.id GROUP BY t.orders ORDER BY t.orders;
SELECT bool_and(p.frequency_score = n.ntile) AS split_is_ntile FROM rfm_scores('SELECT lpad(id::text, 2, ''0''), now(), orders, 1 FROM tied', 'independent', 'split') p JOIN (SELECT id, ntile(5) OVER (ORDER BY orders, id) FROM tied) n ON n.id = p.customer::int;
-- all alike: the middle digit. The same rule for one customer
SELECT DISTINCT cell FROM rfm_scores('SELECT i, timestamptz ''2026-01-01Z'', 1, 1 FROM generate_series(1, 7) i');
SELECT cell FROM rfm_scores('SELECT 1, now(), 1, 1');
SELECT count(*) FROM rfm_scores('SELECT 1, now(), 1, 1 WHERE false');
-- turning the order around turns digits around, but where the middle is between two parts: for every number of
-- customers up to 60 and every run of ties
SELECT count(*), bool_and(d = 6 - rfm_digit(n - below - equal, equal, n)) AS mirrored, bool_and(d BETWEEN 1 AND 5) AS in_range, bool_and(d = floor(5 * (below + equal / 2.0) / n) + 1) AS by_definition
    FROM generate_series(1, 60) n, generate_series(0, n - 1) below, generate_series(1, n - below) equal, rfm_digit(below, equal, n) d WHERE 5 * (2 * below + equal) % (2 * n) <> 0;
-- nested against window functions by hand, with many ties and NULLs
CREATE TEMP TABLE random_base AS SELECT i AS id, CASE WHEN i % 17 <> 0 THEN timestamptz '2026-01-01Z' - interval '1 day' * (abs(hashint8extended(i, 1)) % 40) END AS at, abs(hashint8extended(i, 2)) % 6 AS orders, CASE WHEN i % 13 <> 0 THEN abs(hashint8extended(i, 3)) % 50 END AS amount FROM generate_series(1::bigint, 3000) i;
SELECT count(*), bool_and(s.recency_score = r.digit AND s.frequency_score = f.digit AND s.monetary_score = m.digit) AS by_counting
    FROM random_base b JOIN rfm_scores('TABLE random_base') s ON s.customer = b.id::text,
    LATERAL (SELECT floor(5 * (count(*) FILTER (WHERE coalesce(o.at, '-infinity') < coalesce(b.at, '-infinity')) + count(*) FILTER (WHERE o.at IS NOT DISTINCT FROM b.at) / 2.0) / count(*)) + 1 AS digit FROM random_base o) r,
    LATERAL (SELECT floor(5 * (count(*) FILTER (WHERE o.orders < b.orders) + count(*) FILTER (WHERE o.orders = b.orders) / 2.0) / count(*)) + 1 AS digit FROM random_base o JOIN rfm_scores('TABLE random_base') t ON t.customer = o.id::text WHERE t.recency_score = s.recency_score) f,
    LATERAL (SELECT floor(5 * (count(*) FILTER (WHERE coalesce(o.amount, -1) < coalesce(b.amount, -1)) + count(*) FILTER (WHERE o.amount IS NOT DISTINCT FROM b.amount) / 2.0) / count(*)) + 1 AS digit FROM random_base o JOIN rfm_scores('TABLE random_base') t ON t.customer = o.id::text
        WHERE t.recency_score = s.recency_score AND t.frequency_score = s.frequency_score) m WHERE b.id <= 3;
-- fixed limits: a limit that is just reached counts
SELECT rfm_threshold_cell(at, orders, amount, '2026-06-30 12:00Z'), at, orders, amount FROM (VALUES ('2026-05-31 12:00Z'::timestamptz, 10, 1000.0), ('2026-05-31 11:59Z', 9, 999.99), ('2025-06-30 12:00Z', 2, 50), ('2025-06-30 11:59Z', 1, 49.99), (NULL, NULL, NULL)) v(at, orders, amount);
SELECT rfm_threshold_cell('2026-06-01Z', 3, 120, '2026-06-30Z', days => '{60,10}', order_counts => '{2,4}', amounts => '{100}');
-- from histories
SELECT customer, cell FROM rfm_scores($$SELECT customer, t.last_ordered_at, t.orders, t.amount FROM (SELECT customer, purchase_history_agg(at, amount) AS h FROM (VALUES (1, '2026-01-01Z'::timestamptz, 5.0), (1, '2026-03-01Z', 7), (2, '2026-02-01Z', 99), (3, '2025-01-01Z', 1), (3, '2026-04-01Z', 1), (3, '2026-04-02Z', 1), (4, '2024-01-01Z', 2), (5, '2023-01-01Z', 3)) o(customer, at, amount) GROUP BY customer) c, purchase_totals(h) t$$, 'independent') ORDER BY customer;

-- break-even index (Hughes): a piece of 0.55 and a margin of 40 break even at 1.375 %; 3.49 % response is an
-- index of 153.8, 1.375 % is 0, none is -100
CREATE TEMP TABLE mailed AS SELECT cell, i <= responded AS responded FROM (VALUES ('555', 10000, 349), ('455', 8000, 110), ('111', 500, 0)) v(cell, people, responded), generate_series(1, people) i;
SELECT cell, customers, responses, response_rate, break_even_rate, round(break_even_index::numeric, 6) AS break_even_index FROM rfm_cells('TABLE mailed', 0.55, 40);
SELECT * FROM rfm_cells('SELECT ''555'', NULL::boolean', 0, 40);
-- errors
SELECT * FROM rfm_scores('SELECT 1, now(), 1, 1', 'sorted');
SELECT * FROM rfm_scores('SELECT 1, now(), 1, 1', 'nested', 'random');
SELECT * FROM rfm_cells('TABLE mailed', -1, 40);
SELECT * FROM rfm_cells('TABLE mailed', 1, 0);
SELECT * FROM rfm_cells('TABLE mailed', 'NaN', 40);
\set VERBOSITY terse
SELECT * FROM rfm_scores('SELECT 1, now(), 1');
SELECT * FROM rfm_cells('SELECT 1', 1, 40);
\set VERBOSITY default
SELECT query_columns_check('some_function', 'SELECT 1', 'one, two');
-- called by its full name, without dupex on the path
SET search_path = public;
SELECT cell FROM dupex.rfm_scores('SELECT 1, now(), 1, 1');
SELECT cell FROM dupex.rfm_scores('SELECT 1, now(), 1, 1', 'independent', 'split');
SET search_path = public, dupex;
