# Dump and restore of filled marketing databases: the reports stay the same, and go on being
# refreshed, also where the transaction numbers of the old cluster are ahead of the new one's.
# Two brands in two schemas do not see each other.

use strict;
use warnings;
use Cwd ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Facts of all kinds, a different number of them for each brand; some codes are mended, some
# unknown, some orders come back. @from@ and @to@ bound the customers. Rows are inserted in order, so
# that their keys are the same everywhere.
my $fill = q{
    INSERT INTO campaign (campaign, name, purpose, starts_on) VALUES ('spring', 'Spring', 'acquire', '2008-03-01') ON CONFLICT DO NOTHING;
    INSERT INTO test_group (campaign, test_group, name, is_hold_out)
        VALUES ('spring', 'A', 'letter', false), ('spring', 'B', 'gift', false), ('spring', 'H', 'nothing', true) ON CONFLICT DO NOTHING;
    INSERT INTO list (list, name, origin) VALUES ('01', 'house', 'house'), ('02', 'fair', 'rented') ON CONFLICT DO NOTHING;
    INSERT INTO source (source_code, campaign, medium, test_group, list, issued_on, in_home_on, quantity, is_hold_out)
        SELECT (m || g || l || '038')::source_code, 'spring', m, g, l, '2008-03-01', '2008-03-05', 100, g = 'H'
          FROM unnest(ARRAY['D', 'M']) m, unnest(ARRAY['A', 'B', 'H']) g, unnest(ARRAY['01', '02']) l ON CONFLICT DO NOTHING;
    INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'salesperson 1'), (2, 'salesperson 2') ON CONFLICT DO NOTHING;
    INSERT INTO store (store, name) VALUES ('S1', 'Main street') ON CONFLICT DO NOTHING;
    CREATE TEMP TABLE code AS SELECT source_code, is_hold_out, row_number() OVER (ORDER BY source_code) - 1 AS no FROM source WHERE medium IS NOT NULL;
    CREATE TEMP TABLE person AS
        SELECT n AS customer_id, c.source_code, c.is_hold_out, timestamptz '2008-03-05 10:00+00' + n % 20 * interval '1 day' AS at
          FROM generate_series(@from@, @to@) n JOIN code c ON c.no = n % 12;
    INSERT INTO customer (customer_id, name, recorded_at) SELECT customer_id, 'customer ' || customer_id, '2008-01-01' FROM person ORDER BY customer_id;
    INSERT INTO customer_ref SELECT 'shop', 'no. ' || customer_id, customer_id FROM person ORDER BY customer_id;
    INSERT INTO touch (customer_id, source_code, sent_at, request_id)
        SELECT customer_id, source_code, at, 't' FROM person WHERE NOT is_hold_out ORDER BY customer_id;
    INSERT INTO hold_out (customer_id, source_code, held_out_at) SELECT customer_id, source_code, at FROM person WHERE is_hold_out ORDER BY customer_id;
    INSERT INTO touch_event (customer_id, touch_id, kind, happened_at)
        SELECT customer_id, touch_id, k, sent_at + interval '1 hour' FROM touch, unnest(ARRAY['delivered', 'opened', 'opened']) k
         WHERE customer_id BETWEEN @from@ AND @to@ AND customer_id % 3 = 0 ORDER BY customer_id;
    INSERT INTO response (customer_id, responded_at, response_channel, salesperson_id, quoted_code, source_code, code_problem, request_id)
        SELECT customer_id, at + interval '3 days', 'web', customer_id % 2 + 1,
               CASE customer_id % 10 WHEN 0 THEN '???' ELSE source_code::text END, CASE customer_id % 10 WHEN 0 THEN NULL WHEN 5 THEN 'XZ99999' ELSE source_code END,
               CASE customer_id % 10 WHEN 0 THEN 'malformed' END, 'r'
          FROM person WHERE customer_id % 5 IN (0, 1) AND NOT is_hold_out ORDER BY customer_id;
    INSERT INTO lead (customer_id, opened_at, response_id, lead_grade, salesperson_id, clock_started_at)
        SELECT customer_id, responded_at + interval '1 hour', response_id, 'prospective', salesperson_id, responded_at FROM response
         WHERE customer_id BETWEEN @from@ AND @to@ AND customer_id % 2 = 0 ORDER BY customer_id;
    INSERT INTO visit (customer_id, lead_id, visited_at) SELECT customer_id, lead_id, opened_at + interval '5 days' FROM lead
         WHERE customer_id BETWEEN @from@ AND @to@ AND customer_id % 4 = 0 ORDER BY customer_id;
    INSERT INTO customer_order (customer_id, ordered_at, revenue, cost_of_goods, response_id)
        SELECT customer_id, responded_at + interval '20 days', 100 + customer_id / 7.0, 60, response_id FROM response
         WHERE customer_id BETWEEN @from@ AND @to@ AND customer_id % 3 = 0 ORDER BY customer_id;
    INSERT INTO order_return (customer_id, customer_order_id, returned_at, amount)
        SELECT customer_id, customer_order_id, ordered_at + interval '9 days', 33.3333 FROM customer_order
         WHERE customer_id BETWEEN @from@ AND @to@ AND customer_id % 9 = 0 ORDER BY customer_id;
    INSERT INTO code_mend (customer_id, fact, fact_id, source_code, reason)
        SELECT customer_id, 'response', response_id, 'DA01038', 'asked again' FROM response
         WHERE customer_id BETWEEN @from@ AND @to@ AND customer_id % 20 = 0 ORDER BY customer_id;
    INSERT INTO expense (spent_on, amount, source_code) SELECT '2008-03-04', 12.3456 * (no + 1), source_code FROM code WHERE NOT is_hold_out;
    INSERT INTO expense (spent_on, amount, campaign) VALUES ('2008-03-04', 999.99, 'spring');
    INSERT INTO door_count (store, date_day, visitors) VALUES ('S1', '2008-03-05', @to@);
    DROP TABLE person, code;
};

sub fill
{
    my ($server, $database, $schema, $from, $to) = @_;
    my $sql = $fill =~ s/\@from\@/$from/gr =~ s/\@to\@/$to/gr;
    $server->safe_psql($database, "SET search_path = $schema, public, dupex; BEGIN; $sql COMMIT;");
    return;
}

# Everything that the views of a schema show, as one text: a line a view, with rows and a digest
sub reports
{
    my ($server, $database, $schema) = @_;
    my $views = $server->safe_psql($database, qq{
        SELECT format('SELECT %L, count(*), md5(string_agg(v::text, E''\\n'' ORDER BY v::text)) FROM $schema.%I v', relname, relname)
          FROM pg_class WHERE relnamespace = '$schema'::regnamespace AND relkind = 'v' AND relname NOT IN ('report_status', 'attributable_fact', 'matchable_contact',
                                                                                                   -- these say how long people have waited until now
                                                                                                   'first_response', 'first_response_day', 'unanswered_leads')
         ORDER BY relname});
    return $server->safe_psql($database, "SET search_path = public, dupex;\n" . join(";\n", split(/\n/, $views)) . ';');
}

sub refresh
{
    my ($server, $database, $schema) = @_;
    return $server->safe_psql($database, "SELECT $schema.refresh_reports('2008-12-31 00:00+00')");
}

my $old = PostgreSQL::Test::Cluster->new('old');
$old->init;
$old->start;
$old->safe_psql('postgres', q{SET client_min_messages = error; CREATE EXTENSION dupex; SELECT dupex.install('car'); SELECT dupex.install('course')});
fill($old, 'postgres', 'car', 1, 240);
refresh($old, 'postgres', 'car');
my $car_alone = reports($old, 'postgres', 'car');
like($car_alone, qr/^source_performance\|\d{2,}\|/m, 'the reports are filled');

# two brands do not see each other
fill($old, 'postgres', 'course', 1001, 1060);
refresh($old, 'postgres', 'course');
refresh($old, 'postgres', 'car');
my $course = reports($old, 'postgres', 'course');
is(reports($old, 'postgres', 'car'), $car_alone, 'a brand does not see what happens in another');
isnt($course, $car_alone, '... which has reports of its own');
is($old->safe_psql('postgres', 'SELECT count(*) FROM course.customer WHERE customer_id <> 0'), '60', '... and customers of its own');

# far on: transaction numbers of which the new cluster knows nothing. What is recorded from here
# on, refreshed and not, has such numbers.
$old->stop;
command_ok([ 'pg_resetwal', '-e', '7', '-D', $old->data_dir ], 'the transaction numbers of the old cluster jump');
$old->start;
fill($old, 'postgres', 'car', 241, 300);
refresh($old, 'postgres', 'car');
fill($old, 'postgres', 'car', 301, 360);
cmp_ok($old->safe_psql('postgres', 'SELECT max(recorded_xid::text::numeric) FROM car.touch'), '>', 7 * 2**32, '... as the facts have noted');
$old->safe_psql('postgres', q{CREATE ROLE boss; SELECT car.grant_access('boss', 'manager')});

# what somebody has refused, and an address that nobody has yet
$old->safe_psql('postgres', q{SELECT car.record_consent(1, NULL, NULL, 'refused', 'no 1'), car.add_suppression('email', 'gone@mail.cn', 'letter')});
my $permission = q{SELECT concat_ws(' ', (car.may_contact(1, 'visit')).reason, car.suppressed_keys('email', '{gone@mail.cn,other@mail.cn}'),
    encode(car.suppression_hash('email', 'gone@mail.cn'), 'hex'))};
my $permitted = $old->safe_psql('postgres', $permission);
like($permitted, qr/^opted_out gone\@mail.cn [0-9a-f]{64}$/, 'an opt-out and a suppressed address');

my $before = reports($old, 'postgres', 'car');
my $file = $old->basedir . '/dump';
$old->command_ok([ 'pg_dump', '-Fc', '-f', "$file.custom", 'postgres' ], 'dump, custom format');
$old->command_ok([ 'pg_dump', '-Fp', '-f', "$file.sql", 'postgres' ], 'dump, plain');
$old->command_ok([ 'pg_dump', '-Fc', '-n', 'car', '-f', "$file.car", 'postgres' ], 'dump of one schema');
refresh($old, 'postgres', 'car');
my $after = reports($old, 'postgres', 'car');
isnt($after, $before, 'the dump has facts that no report shows yet');
my @later = ('car', 361, 400);
fill($old, 'postgres', @later);
refresh($old, 'postgres', 'car');
my $much_later = reports($old, 'postgres', 'car');

my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
$new->start;
$new->safe_psql('postgres', 'CREATE ROLE boss; CREATE DATABASE custom; CREATE DATABASE plain; CREATE DATABASE one');
$new->command_ok([ 'pg_restore', '-e', '-1', '-d', 'custom', "$file.custom" ], 'restore elsewhere, custom format');
$new->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-1', '-d', 'plain', '-f', "$file.sql" ], 'restore elsewhere, plain');
$new->safe_psql('one', 'CREATE EXTENSION dupex');
$new->command_ok([ 'pg_restore', '-e', '-1', '-d', 'one', "$file.car" ], 'restore of one schema where dupex is');
$old->safe_psql('postgres', 'CREATE DATABASE copy');
$old->command_ok([ 'pg_restore', '-e', '-1', '-d', 'copy', "$file.custom" ], 'restore into the same cluster');

for my $place ([ $new, 'custom' ], [ $new, 'plain' ], [ $new, 'one' ], [ $old, 'copy' ])
{
    my ($server, $database) = @$place;
    my $name = $server->name . ", database $database";
    is(reports($server, $database, 'car'), $before, "$name: the reports are those of the dump");
    is($server->safe_psql($database, $permission), $permitted, '... opt-outs and suppressions hold, under the same secret');
    cmp_ok(refresh($server, $database, 'car'), '>', 0, '... the first refresh finds another era');
    is(reports($server, $database, 'car'), $after, '... and takes in what was not in them yet');
    cmp_ok(refresh($server, $database, 'car'), '==', 0, '... the second refresh finds nothing new');
    fill($server, $database, @later);
    cmp_ok(refresh($server, $database, 'car'), '>', 0, '... what is recorded here is refreshed');
    is(reports($server, $database, 'car'), $much_later, '... to the same numbers as in the old place');
    $server->safe_psql($database, 'SELECT car.rebuild_reports()');
    is(reports($server, $database, 'car'), $much_later, '... as a rebuild gives');
    is($server->safe_psql($database, q{SET ROLE boss; SELECT count(*) FROM car.customer}), '401', '... and rights are kept');
    next if $database eq 'one';
    refresh($server, $database, 'course');
    is(reports($server, $database, 'course'), $course, '... the other brand is as it was');
}

# a restored marketing database is one in all respects
is($new->safe_psql('custom', q{SELECT dupex.foreign_objects('car')}), '{}', 'nothing in it is foreign');
like($new->safe_psql('custom', q{SET client_min_messages = error; SELECT dupex.upgrade('car')}), qr/^marketing database in schema car: from version/,
    'it is upgraded');
is(reports($new, 'custom', 'car'), $much_later, '... to the same reports');
$new->safe_psql('custom', q{CALL car.run_daily('2008-12-31 00:00+00')});
is($new->safe_psql('custom', q{SELECT string_agg(DISTINCT status, ',') FROM car.job_run}), 'done', '... and its jobs run');
# the night gives out and moves leads, plans visits and scores customers: what is told of these aside, it changes no figure
my $figures = sub { return shift =~ s/^(lead_board|lead_stage|lead_forecast|stage_durations|stuck_leads|sales_event|salesperson_day|rotation_board|planned_visits|overdue_visits\w*|permission_overview|list_decision|customer_value|customer_win_back|segment_\w+|value_\w+|revenue_forecast|referral_value|sales_meeting_day)\|.*\n//mgr };
is($figures->(reports($new, 'custom', 'car')), $figures->($much_later), '... to the same reports again');

# pg_upgrade keeps the transaction numbers, but the cluster is another one
$new->stop;
my $upgraded = PostgreSQL::Test::Cluster->new('upgraded');
$upgraded->init;
my $bin = $old->config_data('--bindir');
$old->safe_psql('postgres', 'DROP DATABASE copy');
$old->stop;
my $here = Cwd::getcwd();
chdir $old->basedir or die 'chdir';             # where it leaves a script
command_ok([ 'pg_upgrade', '--no-sync', '-b', $bin, '-B', $bin, '-d', $old->data_dir, '-D', $upgraded->data_dir,
    '-s', $old->host, '-p', $old->port, '-P', $upgraded->port ], 'pg_upgrade');
chdir $here or die 'chdir';
$upgraded->start;
is(reports($upgraded, 'postgres', 'car'), $much_later, '... keeps the reports');
fill($upgraded, 'postgres', 'car', 401, 420);
refresh($upgraded, 'postgres', 'car');
my $refreshed = reports($upgraded, 'postgres', 'car');
isnt($refreshed, $much_later, '... which go on being refreshed');
$upgraded->safe_psql('postgres', 'SELECT car.rebuild_reports()');
is(reports($upgraded, 'postgres', 'car'), $refreshed, '... as a rebuild gives');

done_testing();
