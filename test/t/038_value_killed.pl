# refresh_value() killed half-way: the session's process with kill -9 (the server then restarts
# itself), and the whole server at once, while it takes in orders and between its batches, which
# run_daily() commits one by one. Run again, the tables are those of a database in which nobody was
# killed. And two at once: the second waits, and has nothing left to do.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use KillInTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('value_killed');
$node->init;
# fsync stays on: we crash it
$node->append_conf('postgresql.conf', "autovacuum = off\njit = off\nclient_min_messages = warning\ntimezone = 'UTC'\nrestart_after_crash = on\n");
$node->start;

# 3,000 customers with about 10,000 orders; half of them leave soon. Small batches, each with a pause
# before its commit, so that there is time to kill it.
$node->safe_psql('postgres', q{
    CREATE EXTENSION dupex;
    SELECT dupex.install('m');
    SET search_path = m, dupex;
    UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
    UPDATE job_step SET is_enabled = step = 'refresh value',
           command = CASE step WHEN 'refresh value' THEN 'SELECT w.n FROM (SELECT refresh_value($1, 300) AS n OFFSET 0) w, LATERAL (SELECT pg_sleep(0.4 + 0 * w.n)) s' ELSE command END;
    INSERT INTO customer (customer_id, kind, entered_as) SELECT n, 'internal', 'internal' FROM generate_series(1, 3000) n;
    INSERT INTO customer_order (customer_id, ordered_at, revenue, cost_of_goods)
    SELECT n, timestamptz '2024-01-01 10:00+00' + (n % 300 + k * (10 + n % 7 * 13)) * interval '1 day' + n % 5 * interval '1 hour', 20 + n % 90 + k, 10
      FROM generate_series(1, 3000) n, generate_series(0, 9) k WHERE k <= CASE WHEN n % 2 = 0 THEN n % 3 ELSE n % 10 END;
    INSERT INTO order_return (customer_id, returned_at, amount) SELECT n, timestamptz '2024-12-01' + n % 30 * interval '1 day', 5 FROM generate_series(1, 3000, 17) n;
    SELECT refresh_reports('2025-06-30');
    SELECT refresh_value('2025-06-30 02:15+00');
    -- the day: some order again, some order long ago
    INSERT INTO customer_order (customer_id, ordered_at, revenue, cost_of_goods)
    SELECT n, CASE WHEN n % 2 = 0 THEN timestamptz '2025-07-20 10:00+00' ELSE timestamptz '2024-11-11 10:00+00' END, 100, 10 FROM generate_series(1, 3000, 13) n;
});
$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE postgres") for qw(unkilled nightly);

# everything that is written, without the times and numbers that depend on when it was written
my $tables = q{
    SET search_path = m, dupex;
    SELECT md5(string_agg(t, ' ' ORDER BY t COLLATE "C")) FROM (
        SELECT p::text FROM customer_purchases p
        UNION ALL SELECT s::text FROM customer_score s
        UNION ALL SELECT row(h.customer_id, h.as_of, h.segment, h.previous_segment)::text FROM customer_segment h
        UNION ALL SELECT f::text FROM value_forecast f
        UNION ALL SELECT row(m.as_of, m.model, m.unit, m.parameters, m.status, m.hold_out_customers, m.hold_out_orders, m.hold_out_expected, m.hold_out_error, m.is_best)::text FROM value_model m
        UNION ALL SELECT row(s.as_of, s.scored_to, s.customers, s.rules, s.recency_cuts, s.frequency_cuts, s.monetary_cuts, s.value_cuts, s.growth_cuts)::text FROM value_state s) x(t)};
my $problems = q{SET search_path = m, dupex; SELECT string_agg(check_name || ' ' || problems || ' ' || example, ', ') FROM check_integrity() WHERE problems > 0 AND check_name NOT IN ('fact of the future', 'reports of another cluster')};
my $night = '2025-08-01 02:15+00';
my $scored = qq{SELECT count(*) FROM m.customer_score WHERE as_of = '$night'};

is($node->safe_psql('unkilled', $problems), '', 'before the night all is consistent');
$node->safe_psql('unkilled', "CALL m.run_daily('$night')");
my $expected = $node->safe_psql('unkilled', $tables);
is($node->safe_psql('unkilled', $scored), '3000', 'unkilled: all are scored');
is($node->safe_psql('unkilled', $problems), '', '... and all is consistent');

for my $round ([ 'backend', '= 0' ], [ 'server', '>= 300' ], [ 'backend', '>= 1200' ], [ 'server', '>= 2100' ]) {
    my ($what, $until) = @$round;
    kill_in($node, 'nightly', "CALL m.run_daily('$night')", $what, "($scored) $until");
    my $done = $node->safe_psql('nightly', $scored);
    ok($done < 3000 && $done % 300 == 0, "the $what is killed: whole batches stay, $done customers");
}
is(kill_counts(), '2 2', 'all were killed that were to be');

# two go on at once: in turn
my @both = map { start_psql($node, 'nightly', "CALL m.run_daily('$night')", \my $error) } 1, 2;
$_->finish for @both;
$node->safe_psql('nightly', "SELECT m.refresh_value('$night')") for 1, 2;
is($node->safe_psql('nightly', $tables), $expected, 'run again, the tables are those of an unkilled night');
is($node->safe_psql('nightly', $problems), '', '... and all is consistent');
is($node->safe_psql('nightly', "SELECT m.refresh_value('$night')"), '0', '... and nothing is left to do');

# a dump restored in another cluster, where the old numbers of transactions are still to come
my $other = PostgreSQL::Test::Cluster->new('value_restored');
$other->init;
$other->append_conf('postgresql.conf', "autovacuum = off\njit = off\nclient_min_messages = warning\ntimezone = 'UTC'\n");
$other->start;
my $dump = $node->basedir . '/dump';
$node->safe_psql('nightly', 'SELECT pg_current_xact_id()') for 1 .. 50;
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('nightly') ], 'it is dumped');
$other->safe_psql('postgres', 'CREATE DATABASE nightly');
$other->command_ok([ 'pg_restore', '-d', $other->connstr('nightly'), $dump ], '... and restored elsewhere');
is($other->safe_psql('nightly', $tables), $expected, '... the same');
$other->safe_psql('nightly', "SELECT m.refresh_value('$night')");
is($other->safe_psql('nightly', $tables), $expected, '... and the same when it is made anew there');
is($other->safe_psql('nightly', $problems), '', '... and all is consistent');
$_->stop for $node, $other;
done_testing();
