# Merges that are killed, crash, are dumped and restored. A merge that is terminated half-way, or whose server
# crashes, leaves nothing. In the middle of random merges and undoings, refreshes and new facts the reports
# are what a recount says. A restored database undoes the merges of the old one, to the bit, and knows who was erased.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use KillInTest;

srand(20080320);
my $node = PostgreSQL::Test::Cluster->new('people');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nclient_min_messages = warning\n");    # fsync stays on: we crash it
$node->start;
my $db   = 'postgres';
my $path = 'SET search_path = marketing, dupex, public;';
$node->safe_psql($db, qq{
    CREATE EXTENSION dupex;
    SET search_path = public, dupex;
    SELECT install('marketing'), load_sample('marketing', 0.02);
    $path
    SELECT refresh_reports('2026-07-01'), refresh_value('2026-07-01');
    -- all that is known of some people, but for what is derived
    CREATE FUNCTION public.picture(people bigint[]) RETURNS text LANGUAGE plpgsql SET search_path = marketing, dupex AS \$\$
    DECLARE
        t   text;
        one text;
        sum text := '';
    BEGIN
        FOR t IN SELECT p.table_name FROM person_tables() p UNION ALL SELECT 'customer' ORDER BY 1 LOOP
            EXECUTE format('SELECT md5(coalesce(string_agg(x::text, E''\\n'' ORDER BY x::text COLLATE "C"), '''')) FROM %I x WHERE x.customer_id = ANY (\$1)', t) INTO one USING people;
            sum := sum || t || ' ' || one || E'\\n';
        END LOOP;
        RETURN sum;
    END \$\$;
    -- somebody with so many pieces that one can watch
    INSERT INTO customer (customer_id, name, recorded_at) VALUES (900001, 'Ada', '2026-01-01'), (900002, 'Ada W.', '2026-01-02');
    INSERT INTO touch (customer_id, source_code, sent_at) SELECT 900002, (SELECT min(source_code) FROM source WHERE NOT is_hold_out AND source_code <> 'UNSOURCED'), '2026-02-01'::timestamptz + i * interval '1 minute' FROM generate_series(1, 20000) i;
    SELECT refresh_reports('2026-07-01');
});
my $merged   = 'SELECT (SELECT count(*) FROM marketing.customer_merge), (SELECT count(*) FROM marketing.customer_merge_row), (SELECT count(*) FROM marketing.merged_customer)';
my $problems = q{SELECT coalesce(string_agg(check_name || ': ' || example, '; '), '') FROM marketing.check_integrity() WHERE problems > 0};
my $big      = $node->safe_psql($db, q{SELECT picture('{900001,900002}')});

# starts a merge and waits until it is moving rows
sub begin_merge {
    my $psql = start_psql($node, $db, q{SELECT marketing.merge_customers(900001, 900002)}, \my $err);
    ok(is_writing($node, $db, 'customer_merge_row'), 'a merge is writing');
    return $psql;
}
my $psql = begin_merge();
is($node->safe_psql($db, q{SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%merge_customers(900001%' AND pid <> pg_backend_pid()}), 1, 'it is terminated');
$psql->finish;
is($node->safe_psql($db, $merged), '0|0|0', 'nothing is left of it');
$psql = begin_merge();
crash($node, $psql);
is($node->safe_psql($db, $merged), '0|0|0', 'nothing is left after a crash');
is($node->safe_psql($db, q{SELECT picture('{900001,900002}')}), $big, 'all rows are where they were');
is($node->safe_psql($db, $problems), '', 'and the reports say so');

# random histories: merges, undoings, refreshes, rebuilds and new facts in any order
my @people = split /\n/, $node->safe_psql($db, q{SELECT customer_id FROM marketing.customer WHERE customer_id BETWEEN 1 AND 200 AND NOT is_seed AND NOT is_organisation ORDER BY md5(customer_id::text) LIMIT 12});
my %done;
my $sql = "$path SET client_min_messages = error;\n";
for my $step (1 .. 60) {
    my ($a, $b) = @people[ int rand @people, int rand @people ];
    my $dice = rand;
    if ($dice < .3) { next if $a == $b; $sql .= "SELECT merge_customers($a, $b);\n"; $done{merges}++; }
    elsif ($dice < .5) { $sql .= "SELECT unmerge_customers(customer_merge_id) FROM customer_merges WHERE is_undoable ORDER BY md5(customer_merge_id::text || '$step') LIMIT 1;\n"; $done{undoings}++; }
    elsif ($dice < .6) { $sql .= "SELECT refresh_reports('2026-07-01');\n"; }
    elsif ($dice < .63) { $sql .= "SELECT rebuild_reports();\n"; }
    elsif ($dice < .75) { $sql .= "SELECT record_response($a, 'SA00074', 'web', 'r $step', '2026-03-01'::timestamptz + $step * interval '1 day');\n"; }
    elsif ($dice < .85) { $sql .= "SELECT record_order($a, 100, request_id => 'o $step', at => '2026-03-01'::timestamptz + $step * interval '1 day');\n"; }
    else { $sql .= "SELECT register_customer(customer => $a, household => 1 + $step % 3, email => 'p\@example.com', request_id => 'h $step');\n"; }
    $sql .= "DO \$\$ BEGIN IF EXISTS (SELECT FROM check_integrity() WHERE problems > 0) THEN RAISE EXCEPTION 'after step $step: %', (SELECT string_agg(check_name || ': ' || example, '; ') FROM check_integrity() WHERE problems > 0); END IF; END \$\$;\n" if $step % 6 == 0;
}
my ($status, $stdout, $stderr) = $node->psql($db, $sql, on_error_stop => 1);
is($stderr, '', "random histories: $done{merges} merges, $done{undoings} undoings, and the reports are right in between");

# a dump and restore in the middle of merges
my $before = $node->safe_psql($db, q{SELECT picture('{900001,900002}')});
is($node->safe_psql($db, q{SELECT rows_moved FROM marketing.merge_customers(900001, 900002)}), '20000', 'two are one');
$node->safe_psql($db, q{SELECT customer_id FROM marketing.register_customer(name => 'Gone', email => 'gone@example.com', request_id => 'gone 1')});
my $gone = $node->safe_psql($db, q{SELECT customer_id FROM marketing.erase_person((SELECT max(customer_id) FROM marketing.customer WHERE name = 'Gone'))});
my $dump = $node->basedir . '/people.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr($db), '-f', $dump ], 'dumped');
$node->safe_psql($db, 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $dump ], 'restored');
is($node->safe_psql('restored', q{SELECT loser_id FROM marketing.unmerge_customers((SELECT max(customer_merge_id) FROM marketing.customer_merge))}), '900002', 'the merge is undone there');
is($node->safe_psql('restored', q{SELECT picture('{900001,900002}')}), $before, 'to the bit');
is($node->safe_psql('restored', q{SELECT marketing.refresh_reports('2026-07-01') > 0}), 't', 'the reports are refreshed');
is($node->safe_psql('restored', $problems), '', 'and are right');
is($node->safe_psql('restored', "SELECT was_already_erased FROM marketing.erase_person($gone)"), 't', 'who was erased is known');
my $back = $node->safe_psql('restored', q{SELECT customer_id FROM marketing.register_customer(name => 'Back', email => 'Gone@example.com', request_id => 'gone 2')});
is($node->safe_psql('restored', "SELECT reason FROM marketing.may_contact($back, 'email', now() + interval '1 minute')"), 'suppressed', 'and stays suppressed');
$node->stop('fast');
done_testing();
