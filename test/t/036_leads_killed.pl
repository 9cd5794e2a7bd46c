# Moving stale leads and planning visits, killed half-way: the session's process with kill -9 (the
# server then restarts itself), and the whole server at once; in batches called by hand, and by
# run_daily(). Run again, each time, until nothing is left: the tables are, row by row, those of a
# database in which nobody was killed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use KillInTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('leads_killed');
$node->init;
# fsync stays on: we crash it
$node->append_conf('postgresql.conf', "autovacuum = off\nclient_min_messages = warning\ntimezone = 'UTC'\nrestart_after_crash = on\n");
$node->start;

# 6,000 leads, a third of them stale, of 30 salespeople in three teams; some have a visit planned.
$node->safe_psql('postgres', q{
    CREATE EXTENSION dupex;
    SELECT dupex.install('m');
    SET search_path = m, dupex;
    UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
    UPDATE job_step SET is_enabled = step IN ('move stale leads', 'plan visits');
    -- small batches, each with a pause before its commit, so that there is time to kill it
    UPDATE job_step SET command = 'SELECT w.n FROM (SELECT move_stale_leads($1, 100) AS n OFFSET 0) w, LATERAL (SELECT pg_sleep(0.2 + 0 * w.n)) s' WHERE step = 'move stale leads';
    UPDATE job_step SET command = 'SELECT w.n FROM (SELECT plan_visits($1, 300) AS n OFFSET 0) w, LATERAL (SELECT pg_sleep(0.2 + 0 * w.n)) s' WHERE step = 'plan visits';
    INSERT INTO team SELECT 'team ' || n, 'team ' || n FROM generate_series(1, 3) n;
    INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager, capacity_per_month)
    SELECT n, 'salesperson ' || n, 'team ' || 1 + n % 3, 1 + n / 3 % 3, n > 27, CASE WHEN n % 4 = 0 THEN 60 END FROM generate_series(1, 30) n;
    INSERT INTO customer (customer_id, kind, entered_as, salesperson_id) SELECT n, 'internal', 'internal', CASE WHEN n > 6000 THEN 1 + n % 30 END FROM generate_series(1, 6500) n;
    INSERT INTO account_owner (customer_id, since, salesperson_id) SELECT customer_id, '2026-01-01', salesperson_id FROM customer WHERE salesperson_id IS NOT NULL;
    INSERT INTO lead (customer_id, lead_id, opened_at, team, salesperson_id, lead_grade, clock_started_at, stale_step_no)
    SELECT n, n, at, 'team ' || 1 + (1 + n % 30) % 3, 1 + n % 30, (ARRAY['prospective', 'intention'])[1 + n / 7 % 2], at, CASE WHEN n % 9 = 0 THEN 1 ELSE 0 END
      FROM generate_series(1, 6000) n, LATERAL (SELECT timestamptz '2026-05-01' - CASE WHEN n % 3 = 0 THEN interval '95 days' ELSE interval '20 days' END - n % 60 * interval '1 hour') t(at);
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, lead_grade, 'open' FROM lead;
    SELECT count(*) FROM generate_series(1, 6000, 5) n, LATERAL record_visit(n, n, 'visit ' || n, '2026-04-20 12:00+00', next_visit_on => '2026-04-27', salesperson => 1 + n % 30);
    SELECT plan_visits('2026-04-21 02:15+00', 1000);
});
$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE postgres") for qw(unkilled by_hand nightly);

# Everything that the two write, without the times and numbers that depend on when it was written.
my $tables = q{
    SET search_path = m, dupex;
    SELECT md5(string_agg(t, ' ' ORDER BY t)) FROM (
        SELECT l.customer_id || ' ' || row(l.lead_id, l.team, l.salesperson_id, l.lead_grade, l.clock_started_at, l.stale_step_no, l.next_visit_on, l.status, l.closed_at)::text FROM lead l
        UNION ALL SELECT m.customer_id || ' ' || row(m.lead_id, m.moved_at, m.kind, m.from_salesperson_id, m.to_salesperson_id, m.from_grade, m.to_grade, m.from_status, m.to_status, m.reason,
                                                     m.rule, m.days_on_clock, m.days_without_contact, m.clock_started_at, m.stale_step_no)::text FROM lead_move m
        UNION ALL SELECT v.customer_id || ' ' || row(v.lead_id, v.kind, v.status, v.visited_at, v.salesperson_id, v.outcome, v.planned_visit_id IS NULL,
                                                     CASE WHEN v.request_id NOT LIKE 'cancel%' THEN v.request_id END)::text FROM visit v) x(t)};
my $summary = q{
    SET search_path = m, dupex;
    SELECT (SELECT count(*) FROM lead_move WHERE rule IS NOT NULL), (SELECT count(*) FROM (SELECT FROM lead_move WHERE rule IS NOT NULL GROUP BY customer_id, lead_id HAVING count(*) > 1) x),
           (SELECT count(*) FROM lead l WHERE l.status = 'open' AND l.salesperson_id IS NOT NULL
               AND 1 <> (SELECT count(*) FROM visit v WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'planned'
                            AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = v.customer_id AND d.planned_visit_id = v.visit_id)))};
my $problems = q{SET search_path = m, dupex; SELECT string_agg(check_name || ' ' || problems || ' ' || example, ', ') FROM check_integrity() WHERE problems > 0};
my $night = '2026-05-01 02:15+00';
sub drained {
    my ($function, $pause) = @_;
    return "DO \$\$BEGIN WHILE m.$function('$night', 100) > 0 LOOP PERFORM pg_sleep(" . ($pause || 0) . "); END LOOP; END\$\$";
}

my $stale = $node->safe_psql('unkilled', "SELECT count(*) FROM m.stale_leads('$night') WHERE move <> 'waits'");
cmp_ok($stale, '>', 1500, 'there are stale leads');

$node->safe_psql('unkilled', drained('move_stale_leads'));
$node->safe_psql('unkilled', drained('plan_visits'));
my $expected = $node->safe_psql('unkilled', $tables);
is($node->safe_psql('unkilled', $summary), "$stale|0|0", 'unkilled: each stale lead is moved once, each open lead has one visit planned');
is($node->safe_psql('unkilled', $problems), '', '... and all is consistent');

# by hand, all in one transaction: nothing is left of it
my $before = $node->safe_psql('by_hand', $tables);
for my $what (qw(backend server)) {
    like(kill_in($node, 'by_hand', drained('move_stale_leads', 0.1), $what, 'true'), qr/connection to server was lost|terminated|closed the connection/, "move_stale_leads(): the $what is killed");
    is($node->safe_psql('by_hand', $tables), $before, '... and nothing is left of a transaction that did not end');
}
$node->safe_psql('by_hand', 'SELECT ' . join(', ', map { "m.move_stale_leads('$night', 100)" } 1 .. 4));
$node->safe_psql('by_hand', drained('move_stale_leads'));
$before = $node->safe_psql('by_hand', $tables);
for my $what (qw(backend server)) {
    like(kill_in($node, 'by_hand', drained('plan_visits', 0.1), $what, 'true'), qr/connection to server was lost|terminated|closed the connection/, "plan_visits(): the $what is killed");
    is($node->safe_psql('by_hand', $tables), $before, '... and nothing is left of it');
}
$node->safe_psql('by_hand', drained('plan_visits'));
is($node->safe_psql('by_hand', $tables), $expected, 'run again, the tables are those of an unkilled run');
is($node->safe_psql('by_hand', $problems), '', '... and all is consistent');

# by the night, which commits batch after batch: killed four times in its course
my $moved = 'SELECT count(*) FROM m.lead_move WHERE rule IS NOT NULL';
my $too_large = 'SELECT count(*) FROM (SELECT FROM m.lead_move WHERE rule IS NOT NULL GROUP BY recorded_xid HAVING count(*) > 100) b';
my $plans = q{SELECT count(*) FROM m.visit WHERE request_id LIKE 'plan_visits %'};
my $plans_before = $node->safe_psql('nightly', $plans);
for my $round ([ 'backend', "($moved) >= 200" ], [ 'server', "($moved) >= 1000" ], [ 'backend', "($plans) >= $plans_before + 300" ], [ 'server', "($plans) >= $plans_before + 900" ]) {
    my ($what, $until) = @$round;
    kill_in($node, 'nightly', "CALL m.run_daily('$night')", $what, $until);
    my $moves = $node->safe_psql('nightly', $moved);
    is($node->safe_psql('nightly', $too_large), '0', "run_daily(): the $what is killed, batches stay: $moves moves");
}
$node->safe_psql('nightly', "CALL m.run_daily('$night')");
is($node->safe_psql('nightly', $summary), "$stale|0|0", 'run again: no lead moved twice, each open lead with one visit');
is($node->safe_psql('nightly', $tables), $expected, '... and the tables are those of an unkilled run');
is($node->safe_psql('nightly', $problems), '', '... and all is consistent');
is($node->safe_psql('nightly', q{SELECT count(*) FILTER (WHERE status = 'running'), count(*) FILTER (WHERE status = 'failed' AND error LIKE 'interrupted%') FROM m.job_run}), '0|4', '... and the log tells of four interrupted steps');
is(kill_counts(), '4 4', 'all were killed that were to be');
$node->stop;
done_testing();
