# A hundred agents ask for names at once while names are called and apps drain the outbox: no name goes to
# two, nobody gets a piece twice, nobody more pieces than the limit allows. And a selection that is killed
# half-way leaves nothing: run again, it chooses the same people in the same groups.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('selections');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 140\nclient_min_messages = error\ntimezone = 'UTC'\ndeadlock_timeout = '200ms'\n");
$node->start;
my $db = 'postgres';
sub sql { return $node->safe_psql($db, "SET search_path = marketing, dupex, public;\n$_[0]"); }
$node->safe_psql($db, q{
    CREATE EXTENSION dupex;
    SELECT dupex.install('marketing');
    SET search_path = marketing, dupex;
    UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
    INSERT INTO campaign (campaign, name) VALUES ('spring', 'spring'), ('summer', 'summer');
    INSERT INTO list (list, name) VALUES ('01', 'house');
    INSERT INTO salesperson (salesperson_id, name) SELECT n, 'agent ' || n FROM generate_series(1, 100) n;
    INSERT INTO customer (customer_id, kind, entered_as, birthday) SELECT n, 'internal', 'internal', date '1950-01-01' + 10 * n::int FROM generate_series(1, 2000) n;
    INSERT INTO contact_point (customer_id, kind, value) SELECT n, 'email', 'n' || n || '@firm.example' FROM generate_series(1, 2000) n UNION ALL SELECT n, 'mobile', '+86 138 0013 ' || 1000 + n FROM generate_series(1, 2000) n;
    INSERT INTO selection (selection, name, campaign, medium, list, channel, delivery, priority, order_by, max_people) VALUES
        ('calls', 'calls', 'spring', 'T', '01', 'call', 'calls', 1, 'age', NULL), ('spring', 'spring', 'spring', 'D', '01', 'email', 'outbox', 1, 'age', 600), ('summer', 'summer', 'summer', 'D', '01', 'email', 'outbox', 9, 'age', 400);
    INSERT INTO selection_group VALUES ('calls', 'A', 1, false, false), ('spring', 'A', 0.8, true, false), ('spring', 'H', 0.2, false, true), ('summer', 'S', 1, false, false);
    -- the youngest are called and the oldest written to: who is with an agent gets no mail meanwhile
    UPDATE selection SET is_ascending = true WHERE selection = 'calls';
    UPDATE contact_rule SET pieces = 1 WHERE channel = 'email' AND rule = 'cap';
    CREATE TABLE public.handed (agent bigint, customer_id bigint, at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE public.sent (worker text, customer_id bigint, selection_run_id bigint);
});
my $dir = $node->basedir;
sub set_going {
    my ($script, @options) = @_;
    return IPC::Run::start([ 'pgbench', '-n', '-f', "$dir/$script.sql", '-j', 1, @options, $node->connstr($db) ], '>', "$dir/$script.out", '2>', "$dir/$script.err");
}
sub ends_well {
    my ($script, $run) = @_;
    $run->finish;
    my $err = slurp_file("$dir/$script.err");
    unlike($err, qr/ERROR|aborted/, "$script: no error reached a client") or diag($err);
    return;
}
my $members = q{SELECT md5(string_agg(concat_ws(' ', customer_id, selection, test_group, source_code, rank_value, status), ',' ORDER BY customer_id, selection)) FROM selection_member};

# killed while the people are being written, and again: nothing is left of it, and the next run chooses whom it would have chosen
is(sql(q{SELECT min(people_left) FROM select_list('spring', '2026-05-01')}), '600', 'a selection');
my $undisturbed = sql($members);
sql(q{SELECT cancel_selection(1); DELETE FROM selection_member; DELETE FROM selection_explanation; DELETE FROM selection_run});
my ($code, $out, $err) = $node->psql($db, q{
    SET search_path = marketing, dupex;
    CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF (SELECT count(*) FROM marketing.selection_member) > 300 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN new; END$$;
    CREATE TRIGGER die AFTER INSERT ON selection_member FOR EACH ROW EXECUTE FUNCTION public.die();
    SELECT min(people_left) FROM select_list('spring', '2026-05-01');});
like($err, qr/terminating connection/, 'a selection that is killed half-way');
is(sql('SELECT count(*) FROM selection_member') . sql('SELECT count(*) FROM selection_run'), '00', '... leaves nothing');
sql('DROP TRIGGER die ON selection_member');
$node->stop('immediate');
$node->start;
is(sql(q{SELECT min(people_left) FROM select_list('spring', '2026-05-01')}), '600', '... and run again after a crash of the server');
is(sql($members), $undisturbed, '... chooses the same people in the same groups');
sql(q{SELECT count(*) FROM select_list('summer', '2026-05-01') UNION ALL SELECT count(*) FROM select_list('calls', '2026-05-01')});

# a hundred agents at the same moment; then they call, five names each time, and take new ones
append_to_file("$dir/agent.sql", "INSERT INTO public.handed (agent, customer_id) SELECT 1 + :client_id, customer_id FROM marketing.call_list(1 + :client_id, 5, at => '2026-05-04 09:00');\n");
ends_well('agent', set_going('agent', '-c', 100, '-t', 1));
is(sql('SELECT count(*), count(DISTINCT customer_id), count(DISTINCT agent) FROM handed'), '500|500|100', 'a hundred agents got five names each, and no name went to two');
append_to_file("$dir/call.sql", q{
SELECT customer_id AS c FROM marketing.call_list(1 + :client_id, 1, at => '2026-05-04 09:10') \gset
SELECT marketing.record_call(:c, 'outbound', 'reached', 'call ' || :c, '2026-05-04 09:11', salesperson => 1 + :client_id);
});
append_to_file("$dir/app.sql", q{
BEGIN;
CREATE TEMP TABLE IF NOT EXISTS got (customer_id bigint, selection_run_id bigint);
TRUNCATE got;
INSERT INTO got SELECT customer_id, selection_run_id FROM marketing.take_from_outbox(7, 'email', 'app ' || :client_id, '2026-05-04 09:10');
COMMIT;
INSERT INTO public.sent SELECT 'app ' || :client_id, g.customer_id, g.selection_run_id FROM got g, marketing.report_outbox(g.customer_id, g.selection_run_id, 'sent', at => '2026-05-04 09:05', worker => 'app ' || :client_id) r;
SELECT count(*) FROM got g, marketing.report_outbox(g.customer_id, g.selection_run_id, 'sent', at => '2026-05-04 09:06', worker => 'app ' || :client_id) r WHERE r.was_already_recorded;
});
my %running = (call => set_going('call', '-c', 30, '-t', 8), app => set_going('app', '-c', 10, '-t', 14));
ends_well($_, $running{$_}) for sort keys %running;
is(sql('SELECT count(*) FROM call'), '240', 'each call is recorded');
is(sql(q{SELECT count(*) FROM selection_member WHERE selection = 'calls' AND status = 'done'}), '240', '... and has closed its name');
is(sql('SELECT count(*) FROM (SELECT FROM sent GROUP BY customer_id HAVING count(*) > 1) x'), '0', 'nobody was sent more than the limit of one piece, by whichever campaign');
is(sql(q{SELECT count(*) FROM sent s LEFT JOIN touch t ON t.customer_id = s.customer_id AND t.request_id = 'selection ' || s.selection_run_id WHERE t.touch_id IS NULL}), '0', 'each piece is a touch');
is(sql(q{SELECT count(*) FROM touch t JOIN source USING (source_code) WHERE medium = 'D'}), sql('SELECT count(*) FROM sent'), '... and no touch is without its piece');
is(sql(q{SELECT count(*) FROM selection_member WHERE selection = 'summer' AND status = 'done'}), '400', 'whom both wanted got what has the higher priority');
is(sql(q{SELECT count(*) FROM selection_member m JOIN selection_member o USING (customer_id) WHERE m.selection = 'spring' AND m.status = 'done' AND o.selection = 'summer'}), '0', '... and not the other');
is(sql('SELECT count(*) FROM hold_out'), '120', 'hold-outs are recorded once');
is(sql(q{SELECT string_agg(check_name || ': ' || problems || ' ' || example, e'\n') FROM check_integrity() WHERE problems > 0}), '', 'all is consistent');

# what waits survives a dump: the codes, the groups, the order
my $before = sql($members);
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/dump", $node->connstr($db) ], 'a dump');
$node->safe_psql($db, 'CREATE DATABASE other');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('other'), "$dir/dump" ], '... and its restore');
is($node->safe_psql('other', "SET search_path = marketing, dupex, public;\n$members"), $before, '... has the same people waiting');
is($node->safe_psql('other', q{SET search_path = marketing, dupex, public; SELECT count(*) FROM take_from_outbox(5, 'email', 'app', '2026-05-12 09:00')}), '5', '... and hands them out');
$node->stop;
done_testing();
