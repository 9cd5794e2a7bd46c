# find_duplicates() finds the same in databases of every locale: C, C.UTF-8 and ICU; also the
# same in a database of another encoding, where it is Chinese. And it stops at its limit of
# memory, and when it is told to.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('linkage');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;

my %options = (
    plain => "LOCALE 'C'",
    posix => "LOCALE 'C.UTF-8'",
    chinese => "LOCALE_PROVIDER icu ICU_LOCALE 'zh' LOCALE 'C'",
    german => "LOCALE_PROVIDER icu ICU_LOCALE 'de-u-ks-level1' LOCALE 'C'",
    euc => "ENCODING 'EUC_CN' LOCALE 'C'");
my $query = 'SELECT record, name, email, phone, birthday, address FROM generator.person';
my %found;
for my $db (sort keys %options) {
    $node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0 $options{$db}");
    $node->safe_psql($db, "CREATE EXTENSION dupex; ALTER DATABASE $db SET search_path = generator, public, dupex; SET client_min_messages = warning; SET client_encoding = 'UTF8';\n"
          . slurp_file('test/bench/people.sql')
          . 'CREATE TABLE person AS SELECT * FROM people(1200);');
    $found{$db} = $node->safe_psql($db, "SELECT record_a, record_b, cluster, weight, reason FROM find_duplicates('$query', sounds => 'sound')");
    # of the database's own order nothing must be seen
    is($found{$db}, $found{chinese}, "the same in $db as in chinese");
}
cmp_ok(() = $found{plain} =~ /\n/g, '>', 200, 'and it is a lot');
isnt(index($found{plain}, 'nearly the same'), -1, 'names by sound among it');

my ($status, $out, $err) = $node->psql('plain', "SELECT count(*) FROM find_duplicates('SELECT i, md5(i::text) AS name FROM generate_series(1, 200000) i', max_memory => 8)");
like($err, qr/find_duplicates needs more than 8 MB of memory/, 'stops at the limit of memory');
($status, $out, $err) = $node->psql('plain', "SET statement_timeout = '500ms'; SELECT count(*) FROM find_duplicates('SELECT i, md5((i % 50)::text) AS name, 1 AS block FROM generate_series(1, 100000) i', max_block => 100000)");
like($err, qr/canceling statement due to statement timeout/, 'stops when it is told to');
# what was left behind does not keep the next call from working
is($node->safe_psql('plain', "SELECT count(*) > 200 FROM find_duplicates('$query')"), 't', 'works afterwards');

$node->stop;
done_testing();
