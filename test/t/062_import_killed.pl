# The import of a bought list whose session is terminated half-way, or whose server crashes, leaves
# nothing: no customer, no address, no place on the list, no log, no lock. The same file then is
# imported whole, and once. What is there survives a dump and a restore, where the file is still known
# and two strikes are counted anew.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use KillInTest;

my $node = PostgreSQL::Test::Cluster->new('import_killed');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nclient_min_messages = warning\n");    # fsync stays on: we crash it
$node->start;
my $db   = 'postgres';
my $rows = 30000;
$node->safe_psql($db, qq{
    CREATE EXTENSION dupex;
    SELECT dupex.install();
    INSERT INTO marketing.list (list, name, kind) VALUES ('21', 'bought', 'external');
    CREATE TABLE public.file AS SELECT 'Person ' || i AS name, 'p' || i || '\@qq.com' AS email, '138' || lpad(i::text, 8, '0') AS mobile FROM generate_series(1, $rows) i;
    CREATE TABLE public.others AS SELECT * FROM public.file WHERE email LIKE '%5\@%';
});
my $left = 'SELECT (SELECT count(*) FROM marketing.customer WHERE customer_id <> 0), (SELECT count(*) FROM marketing.contact_point), (SELECT count(*) FROM marketing.list_member),
    (SELECT count(*) FROM marketing.list_import), (SELECT count(*) FROM marketing.list_import_row), (SELECT count(*) FROM pg_locks WHERE locktype = $$advisory$$)';

# starts an import and waits until it is writing the table
sub begin_import {
    my $table = shift;
    my $psql = start_psql($node, $db, q{SELECT * FROM marketing.import_list('21', 'public.file')}, \my $err);
    ok(is_writing($node, $db, $table), "an import is writing $table");
    return $psql;
}

my $psql = begin_import('contact_point');
is($node->safe_psql($db, q{SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%import_list%' AND pid <> pg_backend_pid()}), 1, 'it is terminated');
$psql->finish;
is($node->safe_psql($db, $left), '0|0|0|0|0|0', 'nothing is left of it');

$psql = begin_import('list_member');
crash($node, $psql);
is($node->safe_psql($db, $left), '0|0|0|0|0|0', 'nothing is left after a crash');

is($node->safe_psql($db, q{SELECT net_names, was_already_imported FROM marketing.import_list('21', 'public.file')}), "$rows|f", 'then the file is imported whole');
is($node->safe_psql($db, q{SELECT net_names, was_already_imported FROM marketing.import_list('21', 'public.file')}), "$rows|t", 'and once');

# a retired list, a sample, strikes: all of it goes through a dump
$node->safe_psql($db, q{
    INSERT INTO marketing.campaign (campaign, name) VALUES ('spring', 'spring');
    INSERT INTO marketing.setting VALUES ('mine', '1', 'x');
    UPDATE marketing.list SET response_threshold = 0.5 WHERE list = '21';
    SELECT marketing.test_list('21', 500, 'spring', 'D', 'A', '2025-01-01', as_of => '2025-01-01');
    INSERT INTO marketing.touch (customer_id, source_code, sent_at) SELECT customer_id, 'DA21015', t FROM marketing.list_sample, (VALUES ('2025-01-01'::timestamptz), ('2025-02-01')) v (t);
    SELECT marketing.apply_two_strikes('2025-06-01'), marketing.retire_lists('2025-06-01');
});
my $state = q{SELECT (SELECT count(*) FROM marketing.two_strikes), (SELECT md5(string_agg(customer_id::text, ',' ORDER BY customer_id)) FROM marketing.list_sample),
    (SELECT status || ' ' || retired_on || (SELECT reason FROM marketing.list_status_history h WHERE h.list = l.list ORDER BY list_status_history_id DESC LIMIT 1) FROM marketing.list l WHERE list = '21')};
my $before = $node->safe_psql($db, $state);
like($before, qr/^500\|.*retired 2025-06-01/, 'a sample of 500, all worn out, and the list retired');
$node->command_ok([ 'pg_dump', '-d', $node->connstr($db), '-f', "$PostgreSQL::Test::Utils::tmp_check/dump.sql" ], 'dumped');
$node->safe_psql($db, 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-d', $node->connstr('restored'), '-f', "$PostgreSQL::Test::Utils::tmp_check/dump.sql" ], 'restored');
is($node->safe_psql('restored', $state), $before, 'the same stands in the copy');
is($node->safe_psql('restored', q{SELECT marketing.apply_two_strikes('2025-06-01')}), 0, 'where counting anew, because transaction numbers mean nothing there, changes nothing');
$node->safe_psql('restored', q{SELECT marketing.change_list_status('21', 'active', 'to look at it again', '2025-06-01')});
is($node->safe_psql('restored', q{SELECT net_names, was_already_imported FROM marketing.import_list('21', 'public.file')}), "$rows|t", 'and the file is still known');
$node->stop('fast');
done_testing();
