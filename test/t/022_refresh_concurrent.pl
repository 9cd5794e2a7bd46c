# The refresh under real concurrency: writers that commit and roll back as fast as they can, two
# refreshers and a rebuilder at the same time; then the whole server killed in the middle of it,
# restarted, and set going again. Afterwards the roll-ups equal a plain recount and a rebuild.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $SECONDS = $ENV{DUPEX_REFRESH_SECONDS} || 6;

my $node = PostgreSQL::Test::Cluster->new('concurrent');
$node->init;
$node->append_conf('postgresql.conf', "max_connections = 50\nrestart_after_crash = on\n");    # fsync stays on: we crash it
$node->start;
my $db = 'postgres';
$node->safe_psql($db, q{
    CREATE EXTENSION dupex;
    SELECT dupex.install('marketing');
    SET search_path = marketing, dupex;
    INSERT INTO campaign VALUES ('spring', 'spring');
    INSERT INTO customer (customer_id) SELECT generate_series(1, 500);
    INSERT INTO source (source_code, campaign, medium) SELECT 'DA' || i, 'spring', 'D' FROM generate_series(1, 5) i;
});

my $dir = $node->basedir;
append_to_file("$dir/write.sql", q{
\set c random(1, 500)
\set n random(1, 8)
\set end random(1, 10)
BEGIN;
INSERT INTO marketing.touch (customer_id, source_code, sent_at) VALUES (:c, 'DA1', '2008-03-20') RETURNING touch_id AS touch \gset
INSERT INTO marketing.touch_event (customer_id, touch_id, kind, happened_at)
  SELECT :c, :touch, k, '2008-03-21' FROM unnest('{delivered,opened,opened}'::text[]) k;
INSERT INTO marketing.response (customer_id, responded_at, source_code) VALUES (:c, '2008-03-22', ('DA' || :n)::dupex.source_code) RETURNING response_id AS response \gset
\sleep 1 ms
INSERT INTO marketing.customer_order (customer_id, ordered_at, revenue, response_id) VALUES (:c, '2008-03-23', 99.95, :response);
INSERT INTO marketing.code_mend (customer_id, fact, fact_id, source_code) SELECT customer_id, 'response', response_id, 'DA2'
  FROM marketing.response WHERE customer_id = :c ORDER BY response_id LIMIT 1;
INSERT INTO marketing.expense (spent_on, amount, source_code) VALUES ('2008-03-20', 0.0001, 'DA3');
\if :end = 1
ROLLBACK;
\else
COMMIT;
\endif
} =~ s/\\if :end = 1/\\set undo :end = 1\n\\if :undo/r);
append_to_file("$dir/refresh.sql", "SELECT marketing.refresh_reports();\n");
append_to_file("$dir/rebuild.sql", "SELECT marketing.rebuild_reports();\n\\sleep 300 ms\n");

# eight writers, two refreshers and one rebuilder for some seconds; returns their handles
sub set_going {
    my $stamp = shift;
    return map {
        my ($script, $clients) = @$_;
        IPC::Run::start([ 'pgbench', '-n', '-f', "$dir/$script.sql", '-c', $clients, '-T', $SECONDS, $node->connstr($db) ],
            '>', "$dir/$script.$stamp.out", '2>', "$dir/$script.$stamp.err");
    } [ write => 8 ], [ refresh => 2 ], [ rebuild => 1 ];
}

my $oracle = slurp_file('test/check/report_oracle.sql');
sub differences { return $node->safe_psql($db, "SET search_path = marketing, dupex; $oracle; SELECT * FROM pg_temp.report_differences() LIMIT 10"); }
sub picture { return $node->safe_psql($db, q{SET search_path = marketing, dupex;
    SELECT md5(string_agg(r, ' ' ORDER BY r)) FROM (SELECT d::text FROM source_day d UNION ALL SELECT m::text FROM customer_milestone m
        UNION ALL SELECT o::text FROM customer_order_day o) x (r)}); }

# compares the reports with what the last refresh took in, so that it can be asked at any time
sub problems { return $node->safe_psql($db, q{SET search_path = marketing, dupex;
    SELECT c.* FROM check_integrity() c JOIN integrity_rule r USING (check_name) WHERE r.rule_no >= 60 AND c.problems <> 0}); }

my @running = set_going('first');
my ($asked, $problems, $until) = (0, '', time + $SECONDS - 1);
do { $problems .= problems(); $asked++; } while (time < $until);
is($problems, '', "check_integrity() finds nothing while they write, asked $asked times");
ok($_->finish, 'pgbench came to its end') for @running;
for my $script (qw(write refresh rebuild)) {
    unlike(slurp_file("$dir/$script.first.err"), qr/ERROR|aborted/, "no error reached a $script client");
}
$node->safe_psql($db, 'SELECT marketing.refresh_reports()');
is(differences(), '', 'roll-ups equal a recount after concurrent writing');
my $facts = $node->safe_psql($db, 'SELECT count(*) FROM marketing.touch');
cmp_ok($facts, '>', 100, "there was something to count: $facts touches");
my $refreshed = picture();
$node->safe_psql($db, 'SELECT marketing.rebuild_reports()');
is(picture(), $refreshed, 'and a rebuild');

# pull the plug in the middle
@running = set_going('second');
sleep($SECONDS / 2);
$node->stop('immediate');
eval { $_->finish } for @running;
$node->start;
$node->safe_psql($db, 'SELECT marketing.refresh_reports()');
is(differences(), '', 'roll-ups equal a recount after a crash');
cmp_ok($node->safe_psql($db, 'SELECT count(*) FROM marketing.touch'), '>', $facts, 'which lost nothing that was committed');

$node->stop;
done_testing();
