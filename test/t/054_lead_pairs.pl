# Every pair of functions that may touch one lead, in two sessions at once: the second waits for
# the first or passes over the lead; nobody gets a deadlock, and afterwards the lead is as if the
# two had been called one after the other, in one order or the other (a job, which passes over what
# somebody else is working on, may also have done nothing).
#
# Each pair meets on a lead of its own. What the orders give is not foretold: they are run, on
# leads of the same history.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('pairs');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\ndeadlock_timeout = '200ms'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION dupex;
CREATE EXTENSION dblink;
ALTER DATABASE postgres SET search_path = marketing, public, dupex;
SELECT dupex.install();
SET search_path = marketing, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
-- one junior, his senior, the manager; one in the field: where a lead goes is certain
INSERT INTO team VALUES ('calls', 'call centre'), ('field', 'field sales');
INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager) VALUES
    (1, 'one', 'calls', 1, false), (2, 'two', 'calls', 2, false), (3, 'three', 'calls', 3, true), (5, 'five', 'field', 1, false);
INSERT INTO hand_over_agreement VALUES ('calls', 'field', '1 day', '3 days');
-- a model that says the same of all
INSERT INTO lead_model (lead_model_id, trained_at, opened_from_at, opened_until_at, horizon3, horizon6, features, alpha, team_strength, leads, snapshots3, bought3, censored3, snapshots6, bought6, censored6,
    threshold3, threshold6, threshold_basis) VALUES (1, '2026-01-01', '2025-01-01', '2025-02-01', '3 months', '6 months', ARRAY['visits'], 1, 50, 8, 8, 2, 0, 8, 4, 0, 0.5, 0.3, 'set');
INSERT INTO lead_model_counts SELECT 1, h, '', naive_bayes_agg(n <= CASE h WHEN 1 THEN 1 ELSE 3 END, NULL, 1) FROM generate_series(1, 2) h, generate_series(1, 6) n GROUP BY h;

-- how the lead stands when the two calls meet on it, and the calls
CREATE TABLE public.scene (scene text PRIMARY KEY, prepare text[]);
INSERT INTO public.scene VALUES
    ('with sales', '{}'),
    ('came in', '{}'),
    ('handed over', ARRAY[$$hand_over_lead(%1$s, %2$s, 'field', '%3$s hand over', '2026-02-01')$$]),
    ('with marketing', ARRAY[$$close_lead(%1$s, %2$s, 'lost', '%3$s lost', '2026-02-01', reason => 'price')$$, $$record_response(%1$s, channel => 'web', request_id => '%3$s answer', at => '2026-03-01')$$]);
CREATE TABLE public.act (scene text, act text, is_job boolean, call text, PRIMARY KEY (scene, act));
INSERT INTO public.act
SELECT s.scene, a.act, a.is_job, a.call FROM public.scene s, (VALUES
    ('visit',      false, $$record_visit(%1$s, %2$s, '%3$s', '2026-05-20', salesperson => 2, outcome => 'thinks')$$),
    ('upgrade',    false, $$record_visit(%1$s, %2$s, '%3$s', '2026-05-21', salesperson => 2, grade => 'intention')$$),
    ('plan',       false, $$record_visit(%1$s, %2$s, '%3$s', '2026-07-21', status => 'planned', salesperson => 2)$$),
    ('call',       false, $$record_call(%1$s, 'outbound', 'reached', '%3$s', '2026-05-20', lead => %2$s, salesperson => 2)$$),
    ('potential',  false, $$set_grade(%1$s, %2$s, 'potential', '%3$s', '2026-05-22')$$),
    ('lost',       false, $$close_lead(%1$s, %2$s, 'lost', '%3$s', '2026-05-23', reason => 'no need')$$),
    ('order',      false, $$record_order(%1$s, 100, '%3$s', '2026-05-24', lead => %2$s)$$),
    ('reassign',   false, $$reassign_lead(%1$s, %2$s, 2, 'by hand', '2026-05-25', request_id => '%3$s')$$),
    ('take',       false, $$take_lead(%1$s, %2$s, 3, at => '2026-05-26', request_id => '%3$s')$$),
    ('assign',     false, $$assign_lead(%1$s, %2$s, 2, at => '2026-05-26', request_id => '%3$s')$$),
    ('hand over',  false, $$hand_over_lead(%1$s, %2$s, 'field', '%3$s', '2026-05-26')$$),
    ('accept',     false, $$accept_lead(%1$s, %2$s, '%3$s', '2026-05-26')$$),
    ('return',     false, $$return_lead(%1$s, %2$s, 'not ready', '%3$s', '2026-05-27')$$),
    ('stale',      true,  $$move_stale_leads('2026-06-01')$$),
    ('visits',     true,  $$plan_visits('2026-06-01')$$),
    ('give',       true,  $$assign_leads('2026-06-01')$$),
    ('score',      true,  $$score_leads('2026-06-01')$$),
    ('leave',      false, $$hand_over_salesperson(1, '2026-05-28', 2)$$)) a (act, is_job, call);
CREATE TABLE public.lead_no AS SELECT 0 AS n;

-- a lead with the history of a scene; the leads before it are closed, so that jobs see this one alone
CREATE FUNCTION public.make_lead(what text, OUT customer bigint, OUT lead bigint) LANGUAGE plpgsql AS $$
DECLARE
    step text;
BEGIN
    UPDATE salesperson SET left_on = NULL, is_on_duty = true WHERE salesperson_id = 1;
    PERFORM close_lead(l.customer_id, l.lead_id, 'lost', 'end ' || l.lead_id, '2026-06-02', reason => 'end') FROM lead l WHERE l.status = 'open';
    DELETE FROM lead_score_run;                 -- the night may score again, and the turns begin anew
    DELETE FROM rotation_turn;
    DELETE FROM rotation_member;
    UPDATE public.lead_no SET n = n + 1 RETURNING n INTO customer;
    INSERT INTO customer (customer_id, kind, entered_as, name) VALUES (customer, 'internal', 'internal', 'customer ' || customer);
    SELECT o.lead_id INTO lead FROM open_lead(customer, NULL, 'open ' || customer, '2026-01-10', 'prospective', CASE WHEN what <> 'came in' THEN 1 END, 'calls') o;
    FOREACH step IN ARRAY (SELECT prepare FROM public.scene s WHERE s.scene = what) LOOP
        EXECUTE 'SELECT FROM ' || format(step, customer, lead, 'prepare ' || customer);
    END LOOP;
END $$;
-- what can be seen of a lead, without its numbers and the times of recording
CREATE FUNCTION public.picture(c bigint) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(E'\n', (SELECT concat_ws(',', l.status, l.team, l.salesperson_id, l.lead_grade, l.stale_step_no, l.clock_started_at, l.next_visit_on, l.closed_at, l.model_grade) FROM lead l WHERE l.customer_id = c),
        (SELECT string_agg(concat_ws(',', m.kind, m.from_salesperson_id, m.to_salesperson_id, m.to_grade, m.to_status, m.moved_at), ';' ORDER BY m.lead_move_id) FROM lead_move m WHERE m.customer_id = c),
        (SELECT string_agg(concat_ws(',', v.status, v.visited_at, v.salesperson_id), ';' ORDER BY v.status, v.visited_at, v.visit_id) FROM visit v WHERE v.customer_id = c),
        (SELECT string_agg(concat_ws(',', h.to_salesperson_id, a.answer), ';' ORDER BY h.lead_hand_over_id, a.lead_hand_over_answer_id)
           FROM lead_hand_over h LEFT JOIN lead_hand_over_answer a ON a.customer_id = h.customer_id AND a.lead_hand_over_id = h.lead_hand_over_id WHERE h.customer_id = c),
        (SELECT count(*) FROM customer_order o WHERE o.customer_id = c), (SELECT count(*) FROM call k WHERE k.customer_id = c)) $$;
-- one after the other; an error of a call is its answer
CREATE FUNCTION public.serial(what text, calls text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    c    record;
    call text;
BEGIN
    SELECT * INTO c FROM public.make_lead(what);
    FOREACH call IN ARRAY calls LOOP
        BEGIN
            EXECUTE 'SELECT FROM ' || format(call, c.customer, c.lead, md5(call) || c.customer);
        EXCEPTION WHEN object_not_in_prerequisite_state OR datetime_field_overflow OR invalid_parameter_value THEN NULL;
        END;
    END LOOP;
    RETURN public.picture(c.customer);
END $$;
SQL

# The two sessions: the first has called and not committed when the second calls.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE public.meeting (scene text, first text, second text, first_error text, second_error text, has_waited boolean, is_serial boolean, picture text);
CREATE PROCEDURE public.meet(what text, a public.act, b public.act) LANGUAGE plpgsql AS $$
DECLARE
    c        record;
    b_pid    int;
    errors   text[] := '{NULL,NULL}';
    waited   boolean := false;
    orders   text[];
BEGIN
    orders := ARRAY[public.serial(what, ARRAY[a.call, b.call])];
    COMMIT;
    orders := orders || public.serial(what, ARRAY[b.call, a.call]);
    COMMIT;
    IF b.is_job THEN
        orders := orders || public.serial(what, ARRAY[a.call]);
        COMMIT;
    END IF;
    SELECT * INTO c FROM public.make_lead(what);
    COMMIT;
    PERFORM dblink_exec('a', 'BEGIN');
    PERFORM dblink_send_query('a', 'SELECT 1 FROM ' || format(a.call, c.customer, c.lead, md5(a.call) || c.customer));
    PERFORM FROM dblink_get_result('a', false) r (n int);
    errors[1] := nullif(dblink_error_message('a'), 'OK');
    PERFORM FROM dblink_get_result('a', false) r (n int);
    SELECT pid INTO b_pid FROM dblink('b', 'SELECT pg_backend_pid()') p (pid int);
    PERFORM dblink_send_query('b', 'SELECT 1 FROM ' || format(b.call, c.customer, c.lead, md5(b.call) || c.customer));
    FOR i IN 1..400 LOOP
        waited := cardinality(pg_blocking_pids(b_pid)) > 0;
        EXIT WHEN waited OR dblink_is_busy('b') = 0;
        PERFORM pg_sleep(0.005);
    END LOOP;
    PERFORM dblink_exec('a', 'COMMIT', false);
    PERFORM FROM dblink_get_result('b', false) r (n int);
    errors[2] := nullif(dblink_error_message('b'), 'OK');
    PERFORM FROM dblink_get_result('b', false) r (n int);
    INSERT INTO public.meeting SELECT what, a.act, b.act, errors[1], errors[2], waited, public.picture(c.customer) = ANY (orders), public.picture(c.customer) || E'\n--- in turn\n' || array_to_string(orders, E'\n---\n');
    COMMIT;
END $$;
DO $$
DECLARE
    pair     record;
    where_to text := format('host=%s port=%s dbname=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'));
BEGIN
    PERFORM dblink_connect('a', where_to), dblink_connect('b', where_to);
    FOR pair IN SELECT a.scene, a, b FROM public.act a JOIN public.act b USING (scene) ORDER BY a.scene, a.act, b.act LOOP
        CALL public.meet(pair.scene, pair.a, pair.b);
    END LOOP;
END $$;
SQL

my $pairs = $node->safe_psql('postgres', 'SELECT count(*) FROM public.meeting');
is($pairs, 4 * 18 * 18, "$pairs pairs met");
is($node->safe_psql('postgres', "SELECT string_agg(format('%s: %s, %s: %s', scene, first, second, second_error), E'\\n') FROM public.meeting WHERE second_error ~* 'deadlock|serialize|canceling|timeout' OR first_error ~* 'deadlock|serialize'"),
    '', 'no deadlock, no serialization error');
is($node->safe_psql('postgres', "SELECT string_agg(format(E'%s: %s, then %s\\n%s', scene, first, second, picture), E'\\n') FROM public.meeting WHERE NOT is_serial"),
    '', 'each lead is as one order of the two calls leaves it');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM public.meeting WHERE has_waited'), '>', 100, 'most had to wait for each other: the pairs did meet');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM public.meeting WHERE first_error IS NULL AND second_error IS NULL'), '>', 300, 'and in most both were granted');
note($node->safe_psql('postgres', 'SELECT count(*) FILTER (WHERE has_waited) AS waited, count(*) FILTER (WHERE first_error IS NULL AND second_error IS NULL) AS both_granted FROM public.meeting'));
is($node->safe_psql('postgres', "SELECT string_agg(check_name || ': ' || example, E'\\n') FROM check_integrity() WHERE problems > 0 AND check_name <> 'reports unlike the facts'"), '', 'check_integrity() is clean');

done_testing();
