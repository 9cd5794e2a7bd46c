# A bulk load whose session is terminated half-way, or whose server crashes, leaves nothing: no
# fact, no row in the log, no lock. The same sheet then is loaded whole.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use KillInTest;

my $node = PostgreSQL::Test::Cluster->new('load_killed');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nclient_min_messages = warning\n");    # fsync stays on: we crash it
$node->start;
my $db   = 'postgres';
my $rows = 100000;
$node->safe_psql($db, qq{
    CREATE EXTENSION dupex;
    SELECT dupex.install();
    INSERT INTO marketing.customer (name) SELECT 'customer ' || i FROM generate_series(1, 1000) i;
    CREATE TABLE public.sheet AS SELECT (1 + i % 1000)::text AS customer_id, '2008-03-01' AS ordered_at, (i % 100)::text AS revenue FROM generate_series(1, $rows) i;
});
my $left = 'SELECT (SELECT count(*) FROM marketing.customer_order), (SELECT count(*) FROM marketing.load_run),
    (SELECT count(*) FROM marketing.customer WHERE kind = $$internal$$ AND customer_id <> 0), (SELECT count(*) FROM pg_locks WHERE locktype = $$advisory$$)';

# starts a load and waits until it is writing the orders
sub begin_load {
    my $psql = start_psql($node, $db, q{SELECT * FROM marketing.load_orders('public.sheet')}, \my $err);
    ok(is_writing($node, $db, 'customer_order'), 'a load is writing');
    return $psql;
}

my $psql = begin_load();
is($node->safe_psql($db, q{SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%load_orders%' AND pid <> pg_backend_pid()}), 1, 'it is terminated');
$psql->finish;
is($node->safe_psql($db, $left), '0|0|0|0', 'nothing is left of it');

$psql = begin_load();
crash($node, $psql);
is($node->safe_psql($db, $left), '0|0|0|0', 'nothing is left after a crash');

is($node->safe_psql($db, q{SELECT * FROM marketing.load_orders('public.sheet')}), "$rows|0|0", 'then the sheet is loaded whole');
is($node->safe_psql($db, q{SELECT * FROM marketing.load_orders('public.sheet')}), "0|$rows|0", 'and once');
$node->stop('fast');
done_testing();
