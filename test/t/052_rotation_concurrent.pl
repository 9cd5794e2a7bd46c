# A hundred callers ask at once who takes the next visitor, while leads come in and are assigned, stale
# ones move and one salesperson leaves: everybody gets an answer, in time, and the answers are fair.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('rotation');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 130\nclient_min_messages = error\ntimezone = 'UTC'\ndeadlock_timeout = '200ms'\n");
$node->start;
my $db = 'postgres';
sub sql { return $node->safe_psql($db, "SET search_path = marketing, dupex, public;\n$_[0]"); }
$node->safe_psql($db, q{
    CREATE EXTENSION dupex;
    SELECT dupex.install('marketing');
    SET search_path = marketing, dupex;
    UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
    INSERT INTO team VALUES ('floor', 'floor'), ('phone', 'phone');
    INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month)
    SELECT n, 'number ' || n, 'floor', (ARRAY[10, 10, 10, 2.5, 40, 7.75, 1])[n] FROM generate_series(1, 7) n UNION ALL SELECT 10 + n, 'number ' || 10 + n, 'phone', NULL FROM generate_series(1, 5) n;
    INSERT INTO customer (customer_id, kind, entered_as) SELECT n, 'internal', 'internal' FROM generate_series(1, 2000) n;
    CREATE TABLE public.answer (client int, n int, salesperson bigint, waited interval);
    CREATE SEQUENCE public.lead_number;
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

# a hundred callers, one visitor each, all at the same moment; then five each
append_to_file("$dir/visitor.sql", q{
INSERT INTO public.answer SELECT :client_id, 0, t.salesperson, clock_timestamp() - statement_timestamp() FROM marketing.next_salesperson('floor', at => '2026-05-01') t;
});
ends_well('visitor', set_going('visitor', '-c', 100, '-t', 1));
is(sql('SELECT count(*), count(salesperson) FROM answer'), '100|100', 'a hundred callers got a hundred answers');
ends_well('visitor', set_going('visitor', '-c', 100, '-t', 5));
is(sql('SELECT count(*), count(salesperson) FROM answer'), '600|600', 'and five hundred more');
is(sql(q{SELECT count(*) FROM (SELECT salesperson, count(*) AS n FROM answer GROUP BY 1) a FULL JOIN rotation_member m ON m.salesperson_id = a.salesperson WHERE a.n IS DISTINCT FROM m.turns}), '0', 'each answer is a turn in the books');
is(sql(q{SELECT count(*) FROM salesperson s LEFT JOIN rotation_member m USING (team, salesperson_id)
         WHERE s.team = 'floor' AND abs(coalesce(m.turns, 0) * 81.25 - 600 * s.capacity_per_month) >= 81.25}), '0', 'nobody has a turn more or less than the share');
diag('longest wait: ' . sql('SELECT max(waited) FROM answer'));

# visitors, incoming leads, assignments, the night, and somebody who leaves, all at once
append_to_file("$dir/lead.sql", q{
SELECT nextval('public.lead_number') AS n \gset
SELECT marketing.open_lead(1 + :n % 2000, request_id => 'lead ' || :n, at => '2026-04-30', team => CASE :n % 3 WHEN 0 THEN 'floor' ELSE 'phone' END, grade => CASE :n % 2 WHEN 0 THEN 'prospective' END);
});
append_to_file("$dir/assign.sql", "SELECT marketing.assign_leads('2026-05-01', 40);\n");
append_to_file("$dir/night.sql", "SELECT marketing.move_stale_leads('2026-09-01', 20);\n\\sleep 50 ms\n");
append_to_file("$dir/busy.sql", "\\set who random(1, 7)\nSELECT marketing.mark_busy(:who, '2026-05-01 00:01', at => '2026-05-01');\nSELECT marketing.mark_free(:who, '2026-05-01');\n");
append_to_file("$dir/keyed.sql", "\\set n random(1, 300)\nSELECT marketing.record_turn('floor', 1 + :n, 'turn ' || :n, at => '2026-05-01 10:00');\n");
my %running = map { my ($script, $clients) = @$_; $script => set_going($script, '-c', $clients, '-T', 15) }
  [ 'visitor', 30 ], [ 'lead', 4 ], [ 'assign', 2 ], [ 'night', 1 ], [ 'busy', 2 ], [ 'keyed', 20 ];
sleep 5;
# after the nights: a clock that is set back by hand would make a lead stale again for the same night
sql("SELECT hand_over_salesperson(12, '2026-09-02')");
ends_well($_, $running{$_}) for sort keys %running;
sql(q{SELECT assign_leads('2026-05-01')});
is(sql(q{SELECT count(*) FROM lead l WHERE l.status = 'open' AND l.salesperson_id IS NULL AND NOT EXISTS (SELECT FROM lead_move m WHERE m.customer_id = l.customer_id AND m.lead_id = l.lead_id AND m.to_salesperson_id IS NOT NULL)}), '0', 'no lead is left over');
is(sql(q{SELECT count(*) FROM (SELECT FROM rotation_turn WHERE lead_id IS NOT NULL GROUP BY customer_id, lead_id HAVING count(*) > 1) x}), '0', 'none was given twice');
is(sql(q{SELECT count(*) FROM (SELECT FROM rotation_turn WHERE request_id IS NOT NULL GROUP BY request_id HAVING count(*) > 1) x}), '0', 'a retry used no other turn');
is(sql(q{SELECT string_agg(check_name || ': ' || problems || ' ' || example, e'\n') FROM check_integrity() WHERE problems > 0}), '', 'all is consistent');
diag(sql(q{SELECT 'turns: ' || count(*) || ', of leads: ' || count(lead_id) FROM rotation_turn}));

# who sits on the turn for long makes others wait for twenty seconds, not for ever
{
    my ($in, $out, $err) = ("BEGIN;\nSELECT marketing.next_salesperson('floor', at => '2026-05-01');\n\\echo taken\n", '', '');
    my $run = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr($db) ], '<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
    $run->pump until $out =~ /taken/;
    my ($status, $said, $complaint) = $node->psql($db, "SELECT marketing.next_salesperson('floor', at => '2026-05-01')", on_error_stop => 1, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
    like($complaint, qr/55P03.*has been taken by another transaction/, 'after twenty seconds a caller is told so');
    ($status, $said) = $node->psql($db, "SELECT salesperson IS NOT NULL FROM marketing.next_salesperson('phone', at => '2026-05-01')");
    is($said, 't', 'another team is free');
    $in .= "ROLLBACK;\n\\q\n";
    $run->finish;
}
$node->stop;
done_testing();
