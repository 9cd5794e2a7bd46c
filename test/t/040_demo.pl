# What make demo prints: every section has its table, no line of noise, the figures are those of
# the tables, and a second marketing database beside it does not show.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use IPC::Run ();

my $node = PostgreSQL::Test::Cluster->new('demo');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\nmax_worker_processes = 16\n");
$node->start;
if ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_cron'}) eq '0') {
    plan skip_all => 'pg_cron is not installed on this machine';
}
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_cron'\ncron.database_name = 'demo'\ncron.use_background_workers = on\n");
$node->restart;

$node->safe_psql('postgres', 'CREATE DATABASE demo');
$node->safe_psql('demo', q{CREATE EXTENSION dupex; ALTER DATABASE demo SET search_path = public, dupex; CREATE EXTENSION pg_cron});
$node->safe_psql('demo', q{SELECT install('marketing'); SELECT install('other'); SELECT load_sample('marketing', 0.1); SELECT load_sample('other', 0.02, 5)});
my @before = split /\|/, $node->safe_psql('demo', q{SELECT count(*), sum(revenue) FROM marketing.customer_order});

# two days and nights, as demo.sh does them
my $run = sub {
    my ($file, @options) = @_;
    my ($out, $err) = ('', '');
    IPC::Run::run [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', @options, '-d', $node->connstr('demo'), '-f', "test/demo/$file" ], '>', \$out, '2>', \$err;
    return ($out, $err);
};
for my $day ('2026-07-01', '2026-07-02') {
    my ($out, $err) = $run->('day.sql', '-v', "day=$day");
    is("$out$err", '', "the day $day is recorded");
    is(join('', $run->('lists.sql')), '', 'a list is bought and an e-mail planned') if $day eq '2026-07-02';
    my ($more) = $node->safe_psql('demo', qq{CALL marketing.run_daily(date '$day' + interval '1 day 2 hours 15 minutes');
        SELECT rows > 0 AND rows < 100 OR as_of < '2026-07-03' FROM marketing.job_run WHERE step = 'refresh reports' ORDER BY job_run_id DESC LIMIT 1});
    is($more, 't', '... and the night that follows takes in what is new only');
}
$node->safe_psql('demo', q{SELECT marketing.schedule_jobs()});
is($node->safe_psql('demo', q{SELECT count(*), count(DISTINCT request_id) FROM marketing.response WHERE request_id LIKE 'day-%'}), '80|80', 'eighty answers came in');

my ($out, $err) = $run->('demo.sql');
is($err, '', 'no notice, no warning, no error');

# the sheet of the sales meeting is text
my $sheet = $out =~ s/^(The sheet of the sales meeting.*?)(?=^Codes that could not be read)//ms ? $1 : '';
like($sheet, qr/^Sales meeting of Friday 2026-07-03, showroom sales\n.*^Open leads\n  showroom +(prospective|intention) +\d+/ms, 'the sheet of the sales meeting') or diag($sheet);
cmp_ok((sort { $b <=> $a } map { length } split /\n/, $sheet)[0], '<', 180, '... not too wide');

# a section is a heading, an empty line, and at least one table
my @sections = grep { /\S/ } split /\n(?=[A-Z][^|\n]{30,}\n\n)/, $out;
is(scalar @sections, 16, 'sixteen sections');
like($out, qr/^\d+ leads? moved last night: (\d+ to a more senior salesperson|\d+ to a colleague|\d+ defeated|\d+ to marketing|nothing was stale|, )+$/m, 'what moved last night, in words');
for my $section (@sections) {
    my ($heading) = $section =~ /^\n*(.*)/;
    my @tables = $section =~ /^[-+]*--\+--[-+]*\n(?! *\n)/mg;
    # what pg_cron has run is nothing here, as it was given no time to
    cmp_ok(scalar @tables, '>=', 1, "a table, with rows: $heading");
    cmp_ok(scalar(split /\n/, $section), '<', 60, '... of less than 60 lines');
    cmp_ok((sort { $b <=> $a } map { length } split /\n/, $section)[0], '<', 180, '... and not too wide');
}

# the first table against the facts
my %cells;
for my $line (split /\n/, $out) {
    my @cells = map { s/^\s+|\s+$//gr } split /\|/, $line;
    $cells{ $cells[0] } = [ map { s/ //gr } @cells ] if @cells == 13;
}
my @now = split /\|/, $node->safe_psql('demo', q{
    SELECT count(*), round(sum(revenue)), count(*) + (SELECT count(*) FROM marketing.customer_order JOIN marketing.source USING (source_code) WHERE is_hold_out)
      FROM marketing.customer_order WHERE source_code IS NULL OR source_code NOT IN (SELECT source_code FROM marketing.source WHERE is_hold_out)});
is($cells{all}[5], $now[0], 'all orders but those of people held out are in the first table');
is($cells{all}[8], $now[1], 'all revenue, too');
is($now[2], $before[0] + 16, 'with those of the two days');
is($cells{all}[9], $node->safe_psql('demo', q{SELECT round(sum(amount)) FROM marketing.expense}), 'all expenses');
is($cells{'D e-mail'}[1], $node->safe_psql('demo', q{SELECT count(*) FROM marketing.touch JOIN marketing.source USING (source_code) WHERE medium = 'D' AND NOT is_seed}), 'all pieces of e-mail');
unlike($out, qr/NaN|Infinity|\(\d+ rows?\)/, 'nothing that is no figure');

$node->stop;
done_testing();
