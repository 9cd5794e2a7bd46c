# The refresh of the reports against what it must survive: thousands of random operations in
# several sessions, with overlapping, rolled-back and long transactions, some of which refresh
# and then go on recording; facts that come before what they hang on; codes that are mended,
# registered late, renamed or deleted; touches that come after the orders they explain; windows of efforts and their
# greatest length that change. At many points, and at the end, the roll-ups are compared cell by cell with
# a plain recount of the facts (test/check/report_oracle.sql), and at the end with a rebuild.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $STEPS = $ENV{DUPEX_REFRESH_STEPS} || 1500;
my $SEED  = $ENV{DUPEX_REFRESH_SEED}  || 20080320;
srand($SEED);

my $node = PostgreSQL::Test::Cluster->new('refresh');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nclient_min_messages = warning\n");
$node->start;
my $db   = 'postgres';
my $path = 'SET search_path = marketing, dupex;';
$node->safe_psql($db, q{
    CREATE EXTENSION dupex;
    SET TimeZone = 'Asia/Shanghai';
    SELECT dupex.install('marketing');
    SET search_path = marketing, dupex;
    INSERT INTO campaign VALUES ('spring', 'spring');
    INSERT INTO list (list, name) VALUES ('01', 'one'), ('02', 'two');
    INSERT INTO customer (customer_id, entered_as, is_seed, household_id)
    SELECT i, CASE WHEN i % 3 = 0 THEN 'internal' ELSE 'external' END, i = 10, CASE WHEN i IN (1, 4, 7) THEN 1 WHEN i IN (2, 5, 8, 10) THEN 2 END
      FROM generate_series(1, 10) i;
    INSERT INTO source (source_code, campaign, medium, list, in_home_on, answers_until) VALUES
        ('DA1', 'spring', 'D', '01', '2008-01-10', NULL), ('DA2', 'spring', 'D', '01', '2008-02-05', NULL), ('DA3', 'spring', 'D', '01', NULL, NULL),
        ('DA4', 'spring', 'D', '02', NULL, '2008-02-20'), ('DA5', 'spring', 'D', NULL, NULL, NULL);
    INSERT INTO event (event_id, name, kind, starts_at) SELECT i, 'event ' || i, 'course', '2008-03-20' FROM generate_series(1, 3) i;
});

# Facts have small explicit keys, and a fact's customer follows from its key, so that they can
# name one another before they exist, after they were rolled back, or never.
my %last;
sub fact_id { my $kind = shift; return ++$last{$kind}; }
sub some_id { my ($kind, $id) = @_; my $top = ($last{$kind} || 0) + 10; my $pick = 1 + int(rand($top)); return $pick - $pick % 10 + $id % 10; }
sub customer { my $id = shift; return $id % 11; }
sub one_of { return $_[ int rand @_ ]; }
sub day { return sprintf("'2008-%02d-%02d %02d:30+00'", 1 + int(rand 3), 1 + int(rand 27), int(rand 24)); }
sub date { return sprintf("date '2008-%02d-%02d'", 1 + int(rand 3), 1 + int(rand 27)); }
sub code { my $n = 1 + int(rand 14); return rand() < .3 ? 'NULL' : "'DA$n'"; }
sub money { return sprintf('%.4f', rand(1000) - 50); }

# keys of one person are equal modulo 110, so that a parent is of the same customer
sub relative_id { my ($kind, $id) = @_; my $top = int((($last{$kind} || 0) + 110) / 110) + 1; return $id % 110 + 110 * int(rand $top) || 110; }

my %record = (
    # customers 4, 5 and 8 get nothing, so that their orders are matched by household
    touch => sub { my ($id, $c); do { $id = fact_id('touch'); $c = customer($id); } while ($c == 4 || $c == 5 || $c == 8); my $n = 1 + int(rand(rand() < .9 ? 5 : 14));
        return "INSERT INTO touch (customer_id, touch_id, source_code, sent_at, is_seed) VALUES ($c, $id, 'DA$n', ${\ day()}, $c = 10)"; },
    touch_event => sub { my $id = 1 + int(rand(($last{touch} || 0) + 5)); my $c = customer($id); my $k = one_of(qw(delivered opened opened clicked bounced unsubscribed));
        return "INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) VALUES ($c, $id, '$k', ${\ day()})"; },
    hold_out => sub { my $c = one_of(0 .. 3, 6, 7, 9, 10); return "INSERT INTO hold_out (customer_id, source_code, held_out_at) VALUES ($c, 'DA1', ${\ day()})"; },
    response => sub { my $id = fact_id('response'); my $c = customer($id); my $t = rand() < .5 ? 'NULL' : $c + 11 * int(rand(($last{touch} || 0) / 11 + 2)) || 11;
        return "INSERT INTO response (customer_id, response_id, responded_at, source_code, touch_id) VALUES ($c, $id, ${\ day()}, ${\ code()}, $t)"; },
    lead => sub { my $id = fact_id('lead'); my $c = customer($id); my $r = relative_id('response', $id);
        return "INSERT INTO lead (customer_id, lead_id, opened_at, source_code, response_id) VALUES ($c, $id, ${\ day()}, ${\ (rand() < .7 ? 'NULL' : code())}, $r)"; },
    visit => sub { my $id = fact_id('visit'); my $c = customer($id); my $l = relative_id('lead', $id); my $s = one_of(qw(completed completed planned));
        return "INSERT INTO visit (customer_id, visit_id, visited_at, status, lead_id) VALUES ($c, $id, ${\ day()}, '$s', $l)"; },
    registration => sub { my $id = fact_id('event_registration'); my $c = customer($id); my $e = 1 + int(rand 3);
        return "INSERT INTO event_registration (customer_id, event_registration_id, event_id, registered_at, source_code) VALUES ($c, $id, $e, ${\ day()}, ${\ code()})"; },
    attendance => sub { my $id = fact_id('event_attendance'); my $c = customer($id); my $e = 1 + int(rand 3);
        return "INSERT INTO event_attendance (customer_id, event_attendance_id, event_id, attended_at) VALUES ($c, $id, $e, ${\ day()})"; },
    order => sub { my $id = fact_id('customer_order'); my $c = customer($id); my ($r, $l) = (relative_id('response', $id), relative_id('lead', $id));
        return "INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods, source_code, response_id, lead_id) VALUES "
          . "($c, $id, ${\ day()}, ${\ money()}, ${\ money()}, ${\ (rand() < .5 ? 'NULL' : code())}, $r, $l)"; },
    return => sub { my $id = fact_id('order_return'); my $c = customer($id); my $o = relative_id('customer_order', $id);
        return "INSERT INTO order_return (customer_id, order_return_id, returned_at, amount, cost_of_goods, customer_order_id) VALUES ($c, $id, ${\ day()}, ${\ money()}, 1.5, $o)"; },
    mend => sub { my $kind = one_of(qw(response response lead visit event_registration event_attendance customer_order order_return));
        my $id = 1 + int(rand(($last{$kind} || 0) + 3)); my $c = customer($id);
        return "INSERT INTO code_mend (customer_id, fact, fact_id, source_code) VALUES ($c, '$kind', $id, ${\ code()})"; },
    expense => sub { my $where = one_of("source_code) VALUES ('DA2'", "campaign) VALUES ('spring'", "medium) VALUES ('D'");
        my ($column, $value) = $where =~ /^(\w+)\) VALUES \((.*)$/;
        return "INSERT INTO expense (spent_on, amount, $column) VALUES (date ${\ day()}, ${\ money()}, $value)"; },
    source => sub { my $n = 6 + int(rand 9); my $l = one_of("'01'", "'02'", 'NULL');
        return "INSERT INTO source (source_code, campaign, medium, list, in_home_on) VALUES ('DA$n', 'spring', 'D', $l, ${\ (rand() < .5 ? 'NULL' : date())}) ON CONFLICT DO NOTHING"; },
    rename => sub { my ($n, $m) = (6 + int(rand 9), 6 + int(rand 9));
        return rand() < .7 ? "UPDATE source SET source_code = 'DA$m' WHERE source_code = 'DA$n' AND NOT EXISTS (SELECT FROM source WHERE source_code = 'DA$m') AND NOT EXISTS (SELECT FROM touch WHERE source_code = 'DA$n')"
                           : "DELETE FROM source WHERE source_code = 'DA$n' AND NOT EXISTS (SELECT FROM touch WHERE source_code = 'DA$n')"; },
    window => sub { my $n = 1 + int(rand 10); my $l = one_of("'01'", "'01'", "'02'", 'NULL'); my $i = rand() < .4 ? 'NULL' : date();
        return "UPDATE source SET list = $l, in_home_on = $i, answers_until = ${\ (rand() < .7 ? 'NULL' : 'coalesce(' . $i . ', ' . date() . ') + ' . int(rand 40))} WHERE source_code IN "
          . "(SELECT source_code FROM source WHERE source_code = 'DA$n' FOR NO KEY UPDATE SKIP LOCKED)"; },
    household => sub { my $c = 1 + int(rand 9); my $h = one_of(1, 2, 3, 'NULL');
        return "WITH old AS (SELECT customer_id, household_id FROM customer WHERE customer_id = $c FOR NO KEY UPDATE SKIP LOCKED), "
          . "moved AS (INSERT INTO household_move (customer_id, from_household_id, to_household_id) SELECT customer_id, household_id, $h FROM old) "
          . "UPDATE customer SET household_id = $h WHERE customer_id IN (SELECT customer_id FROM old)"; },
    match_back_days => sub { return "UPDATE setting SET value = ${\ one_of(90, 90, 30, 7)} WHERE setting IN "
          . "(SELECT setting FROM setting WHERE setting = 'match_back_days' AND ${\ (rand() < .2 ? 'true' : 'false')} FOR NO KEY UPDATE SKIP LOCKED)"; },
);
my @kinds = (sort(keys %record), 'order', 'order', 'touch');

# A session that would wait for another's turn gives up after a moment: its transaction fails,
# which is one more thing to survive.
my @session = map { my $s = $node->background_psql($db, on_error_stop => 0); $s->query("$path SET lock_timeout = '20ms'; SET TimeZone = 'UTC'"); $s } 1 .. 6;
my @open = (0) x @session;
my %done;

sub step {
    my $n = int(rand @session);
    my $s = $session[$n];
    my $dice = rand;
    my @sql;
    if (!$open[$n] && $dice < .35) { push @sql, 'BEGIN'; $open[$n] = 1; $done{transactions}++; }
    elsif ($open[$n] && $dice < .10) { push @sql, 'ROLLBACK'; $open[$n] = 0; $done{rollbacks}++; }
    elsif ($open[$n] && $dice < .30) { push @sql, 'COMMIT'; $open[$n] = 0; }
    elsif ($dice < .42) { push @sql, 'SELECT refresh_reports()'; $done{ $open[$n] ? 'refreshes inside transactions' : 'refreshes' }++; }
    elsif ($dice < .425) { push @sql, 'SELECT rebuild_reports()'; $done{rebuilds}++; }
    my $savepoint = $open[$n] && rand() < .15;
    push @sql, 'SAVEPOINT s' if $savepoint;
    for (1 .. 1 + int(rand 6)) { push @sql, $record{ $kinds[ int rand @kinds ] }->(); $done{facts}++; }
    push @sql, 'ROLLBACK TO s' if $savepoint;
    $s->query(join('; ', @sql) . ';');
}

# The truth at one moment: refresh and recount in one snapshot. As a fact of a transaction that
# is still open is not there for either of them, they must agree. The rules of check_integrity() on the
# reports count again in a third way.
my $oracle = slurp_file('test/check/report_oracle.sql');
my $judge  = $node->background_psql($db, on_error_stop => 0);
$judge->query("$path SET TimeZone = 'UTC'; SET lock_timeout = '20ms'; $oracle");
sub differences {
    my $refresh = shift;
    my $rows = $judge->query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 'turn' FROM $refresh() AS done; "
          . 'SELECT * FROM pg_temp.report_differences() LIMIT 10; '
          . 'SELECT c.* FROM check_integrity() c JOIN integrity_rule r USING (check_name) WHERE r.rule_no >= 60 AND c.problems <> 0; COMMIT;');
    return $rows =~ s/^turn\n?//r;
}

my ($compared, $wrong) = (0, '');
for my $i (1 .. $STEPS) {
    step();
    if ($i % 100 == 0) {
        my $turn = $judge->query('BEGIN; SELECT count(*) FROM take_turn(); COMMIT;');
        next unless $turn eq '1';    # another session holds the turn in an open transaction
        my $differences = differences('refresh_reports');
        $compared++;
        $wrong .= "after step $i:\n$differences\n" if $differences ne '';
    }
}
is($wrong, '', "roll-ups equal a recount while transactions are open");
cmp_ok($compared, '>=', $STEPS / 100 / 4, 'and were compared often enough');
cmp_ok($done{$_} || 0, '>', 0, "there were $_: " . ($done{$_} || 0)) for 'facts', 'transactions', 'rollbacks', 'refreshes', 'refreshes inside transactions', 'rebuilds';

for my $n (0 .. $#session) { $session[$n]->query($open[$n] ? 'COMMIT;' : ''); $session[$n]->quit; }
is(differences('refresh_reports'), '', 'roll-ups equal a recount after all have committed');

my $picture = q{SELECT md5(string_agg(r, e'\n' ORDER BY r)) FROM (
    SELECT row(d.date_day, d.source_code, pieces, held_out, delivered, opened, clicked, forwarded, bounced, complained, unsubscribed, responses, new_names,
               leads, visits, registrations, attendances, orders, matched_orders, trim_scale(revenue), trim_scale(matched_revenue), trim_scale(returned), trim_scale(cost_of_goods), trim_scale(expense))::text
      FROM source_day d WHERE (pieces, held_out, delivered, opened, clicked, forwarded, bounced, complained, unsubscribed, responses, new_names, leads, visits,
               registrations, attendances, orders, matched_orders, revenue, matched_revenue, returned, cost_of_goods, expense) <> (0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0)
    UNION ALL SELECT s::text FROM shared_expense_day s UNION ALL SELECT m::text FROM customer_milestone m UNION ALL SELECT w::text FROM effort_window w
    UNION ALL SELECT row(customer_id, date_day, orders, trim_scale(revenue), trim_scale(returned))::text FROM customer_order_day
    UNION ALL SELECT row(customer_id, fact, fact_id, date_day, source_code, method, amount, cost_of_goods)::text
      FROM attribution GROUP BY customer_id, fact, fact_id, date_day, source_code, method, amount, cost_of_goods HAVING sum(sign) <> 0) x (r);};
my $refreshed = $judge->query($picture);
cmp_ok($judge->query("SELECT count(*) FROM attribution WHERE method = '$_' AND sign = -1;"), '>', 3, "orders were matched $_ and matched otherwise later") for 'by person', 'by household';
$judge->query('SELECT rebuild_reports();');
is($judge->query($picture), $refreshed, 'a rebuild gives the same, ledger and all');
is($judge->query('SELECT count(*) FROM (SELECT FROM attribution GROUP BY customer_id, fact, fact_id HAVING sum(sign) <> 1) x;'), '0',
    'each fact counts once in the ledger');
is($judge->query('SELECT refresh_reports();'), '0', 'a refresh with nothing new changes nothing');

# More facts than one refresh moves: the reports are made again. The bound is lowered to 30 for this.
sub rebuilt_by_refresh { my $facts = shift;
    $judge->query("INSERT INTO response (customer_id, responded_at, source_code) SELECT 1 + i % 9, '2008-03-20', 'DA1' FROM generate_series(1, $facts) i;");
    my $before = $judge->query('SELECT rebuilt_at FROM report_state;');
    is(differences('refresh_reports'), '', "$facts new facts, where one refresh may move 30");
    return $judge->query("SELECT rebuilt_at > '$before' FROM report_state;"); }
$judge->query('CREATE OR REPLACE FUNCTION most_moved_facts() RETURNS bigint LANGUAGE sql IMMUTABLE RETURN 30;');
is(rebuilt_by_refresh(30), 'f', 'are added');
is(rebuilt_by_refresh(31), 't', 'are one too many: the reports are made again');
$judge->query("INSERT INTO lead (customer_id, opened_at, response_id) SELECT customer_id, '2008-03-21', response_id FROM response WHERE responded_at = '2008-03-20' LIMIT 20;");
is(differences('refresh_reports'), '', 'leads come later than their responses');
$judge->query("INSERT INTO code_mend (customer_id, fact, fact_id, source_code) SELECT l.customer_id, 'response', l.response_id, 'DA2' FROM lead l WHERE opened_at = '2008-03-21' AND source_code IS NULL;");
my $before = $judge->query('SELECT rebuilt_at FROM report_state;');
is(differences('refresh_reports'), '', 'and move with them');
is($judge->query("SELECT rebuilt_at > '$before' FROM report_state;"), 't', 'facts of all kinds count towards the bound');

# A transaction that refreshes and then records, and one that records and then refreshes.
$judge->query("BEGIN; SELECT refresh_reports(); INSERT INTO touch (customer_id, source_code, sent_at) VALUES (1, 'DA1', '2008-03-20'); COMMIT;");
is(differences('refresh_reports'), '', 'a transaction may refresh and then record');
$judge->query("BEGIN; INSERT INTO touch (customer_id, source_code, sent_at) VALUES (1, 'DA1', '2008-03-20'); SELECT refresh_reports(); COMMIT;");
is(differences('refresh_reports'), '', 'or record and then refresh');

$judge->quit;
$node->stop;
done_testing();
