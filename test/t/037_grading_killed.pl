# Training the model of purchase and scoring the leads, killed half-way: the session's process with
# kill -9 (the server then restarts itself), and the whole server at once; called by hand in one
# transaction, and by run_daily() in batches, with the planning of visits after it. Run again, each
# time, until nothing is left: the tables are, row by row, those of a database in which nobody was
# killed. Two nights: the first one scores all leads, the second one what has changed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use KillInTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('grading_killed');
$node->init;
# fsync stays on: we crash it
$node->append_conf('postgresql.conf', "autovacuum = off\njit = off\nclient_min_messages = warning\ntimezone = 'UTC'\nrestart_after_crash = on\n");
$node->start;

# 3,000 open leads and 1,500 that were won or lost, of 12 salespeople in two teams, with visits and
# calls; who has been visited more often buys more often. Small batches, each with a pause before
# its commit, so that there is time to kill it.
$node->safe_psql('postgres', q{
    CREATE EXTENSION dupex;
    SELECT dupex.install('m');
    SET search_path = m, dupex;
    UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
    UPDATE setting SET value = '1' WHERE setting = 'lead_model_train_days';
    UPDATE job_step SET is_enabled = step IN ('train lead model', 'score leads', 'plan visits'),
           command = CASE step WHEN 'train lead model' THEN 'SELECT w.n FROM (SELECT train_lead_model_when_due($1) AS n OFFSET 0) w, LATERAL (SELECT pg_sleep(0.5 + 0 * w.n)) s'
                               WHEN 'score leads' THEN 'SELECT w.n FROM (SELECT score_leads($1, 200) AS n OFFSET 0) w, LATERAL (SELECT pg_sleep(0.1 + 0 * w.n)) s'
                               WHEN 'plan visits' THEN 'SELECT w.n FROM (SELECT plan_visits($1, 300) AS n OFFSET 0) w, LATERAL (SELECT pg_sleep(0.1 + 0 * w.n)) s' ELSE command END;
    INSERT INTO team SELECT 'team ' || n, 'team ' || n FROM generate_series(1, 2) n;
    INSERT INTO salesperson (salesperson_id, name, team, seniority) SELECT n, 'salesperson ' || n, 'team ' || 1 + n % 2, 1 + n % 3 FROM generate_series(1, 12) n;
    INSERT INTO product (product, name) SELECT 'product ' || n, 'product ' || n FROM generate_series(1, 5) n;
    INSERT INTO customer (customer_id, kind, entered_as) SELECT n, 'internal', 'internal' FROM generate_series(1, 4500) n;
    INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id, lead_grade, clock_started_at, status, closed_at)
    SELECT n, n, at, 'product ' || 1 + n % 5, 'team ' || 1 + (1 + n % 12) % 2, 1 + n % 12, (ARRAY['prospective', 'intention'])[1 + n / 7 % 2], at,
           CASE WHEN n <= 3000 THEN 'open' WHEN n % 4 * n % 11 > 9 THEN 'won' ELSE 'lost' END, CASE WHEN n > 3000 THEN at + (20 + n % 150) * interval '1 day' END
      FROM generate_series(1, 4500) n, LATERAL (SELECT timestamptz '2026-05-01' - CASE WHEN n > 3000 THEN interval '200 days' ELSE interval '1 day' END - n::bigint * 7919 % 200 * interval '1 day') t(at);
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, lead_grade, 'open' FROM lead;
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, from_status, to_status)
    SELECT customer_id, lead_id, closed_at, status, salesperson_id, salesperson_id, lead_grade, lead_grade, 'open', status FROM lead WHERE status <> 'open';
    INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, lead_id) SELECT customer_id, lead_id, closed_at, 1000, lead_id FROM lead WHERE status = 'won';
    UPDATE lead SET customer_order_id = lead_id WHERE status = 'won';
    INSERT INTO visit (customer_id, lead_id, visited_at, salesperson_id) SELECT l.customer_id, l.lead_id, l.opened_at + k * interval '5 days', l.salesperson_id FROM lead l, generate_series(1, 3) k WHERE k <= l.lead_id % 4;
    INSERT INTO call (customer_id, lead_id, called_at, direction, result) SELECT customer_id, lead_id, opened_at + interval '3 days', 'outbound', 'reached' FROM lead WHERE lead_id % 3 = 0;
});
my @nights = ('2026-05-02 02:15+00', '2026-05-03 02:15+00');
# what happens between the nights: some leads are visited, some are new, and each fifth turns older
my $day = q{
    SET search_path = m, dupex;
    SELECT count(*) FROM generate_series(1, 3000, 5) n, LATERAL record_visit(n, n, 'visit ' || n, '2026-05-02 12:00+00', salesperson => 1 + n % 12);
    INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id, lead_grade, clock_started_at)
    SELECT n, 10000 + n, '2026-05-02 13:00+00', 'product 1', 'team 1', 2, 'intention', '2026-05-02 13:00+00' FROM generate_series(3001, 3100) n;
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, lead_grade, 'open' FROM lead WHERE lead_id > 10000;
};
$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE postgres") for qw(unkilled by_hand nightly);

# Everything that the night writes, without the times and numbers that depend on when it was written:
# a killed training leaves a gap in the numbers of the models.
my $tables = q{
    SET search_path = m, dupex;
    WITH model AS (SELECT m.lead_model_id, row_number() OVER (ORDER BY m.trained_at) AS no FROM lead_model m)
    SELECT md5(string_agg(t, ' ' ORDER BY t COLLATE "C")) FROM (
        SELECT row(l.customer_id, l.lead_id, l.salesperson_id, l.lead_grade, l.model_grade, l.clock_started_at, l.stale_step_no, l.next_visit_on, l.status)::text FROM lead l
        UNION ALL SELECT row(m.customer_id, m.lead_id, m.moved_at, m.kind, m.from_salesperson_id, m.to_salesperson_id, m.from_grade, m.to_grade, m.model_grade, m.score, m.from_status, m.to_status,
                             m.reason, CASE WHEN m.rule LIKE 'model %' THEN (SELECT d.no FROM model d WHERE 'model ' || d.lead_model_id = m.rule)::text ELSE m.rule END,
                             m.days_on_clock, m.days_without_contact, m.clock_started_at, m.stale_step_no)::text FROM lead_move m
        UNION ALL SELECT row(s.customer_id, s.lead_id, s.scored_at, d.no, s.team, s.log_odds, s.p3, s.p6, s.score, s.model_grade, s.features)::text FROM lead_score s JOIN model d USING (lead_model_id)
        UNION ALL SELECT row(r.as_of, d.no, r.last_customer_id, r.last_lead_id, r.leads, r.changed, r.regraded, r.ended_at IS NOT NULL)::text FROM lead_score_run r JOIN model d USING (lead_model_id)
        UNION ALL SELECT (to_jsonb(m) - '{lead_model_id,recorded_at}'::text[])::text FROM lead_model m
        UNION ALL SELECT row(d.no, c.horizon_no, c.team, c.counts)::text FROM lead_model_counts c JOIN model d USING (lead_model_id)
        UNION ALL SELECT row(v.customer_id, v.lead_id, v.kind, v.status, v.visited_at, v.salesperson_id, v.outcome, v.planned_visit_id IS NULL,
                             CASE WHEN v.request_id NOT LIKE 'cancel%' THEN v.request_id END)::text FROM visit v) x(t)};
my $problems = q{SET search_path = m, dupex; SELECT string_agg(check_name || ' ' || problems || ' ' || example, ', ') FROM check_integrity() WHERE problems > 0 AND check_name NOT IN ('fact of the future')};
my $scores = 'SELECT count(*) FROM m.lead_score';
my $plans = q{SELECT count(*) FROM m.visit WHERE request_id LIKE 'plan_visits %'};

$node->safe_psql('unkilled', "CALL m.run_daily('$nights[0]')");
my $first = $node->safe_psql('unkilled', $tables);
is($node->safe_psql('unkilled', $scores), '3000', 'unkilled: all leads are scored');
is($node->safe_psql('unkilled', $problems), '', '... and all is consistent');
$node->safe_psql('unkilled', $day);
$node->safe_psql('unkilled', "CALL m.run_daily('$nights[1]')");
my $second = $node->safe_psql('unkilled', $tables);
my $scored = $node->safe_psql('unkilled', "$scores WHERE scored_at = '$nights[1]'");
cmp_ok($scored, '>', 600, "the second night finds $scored changed");
is($node->safe_psql('unkilled', 'SELECT count(*) FROM m.lead_model'), '2', '... by another model');
is($node->safe_psql('unkilled', $problems), '', '... and all is consistent');

sub kill_it {
    my ($db, $statement, $what, $until) = @_;
    like(kill_in($node, $db, $statement, $what, $until), qr/connection to server was lost|terminated|closed the connection/, "$what killed");
    return;
}

# by hand, all in one transaction: nothing is left of it
my $before = $node->safe_psql('by_hand', $tables);
for my $what (qw(backend server)) {
    kill_it('by_hand', "DO \$\$BEGIN PERFORM m.train_lead_model('$nights[0]'); PERFORM pg_sleep(2); END\$\$", $what, 'true');
    is($node->safe_psql('by_hand', $tables), $before, '... and nothing is left of a training that did not end');
}
$node->safe_psql('by_hand', "SELECT m.train_lead_model('$nights[0]')");
$before = $node->safe_psql('by_hand', $tables);
for my $what (qw(backend server)) {
    kill_it('by_hand', "DO \$\$BEGIN WHILE m.score_leads('$nights[0]', 200) > 0 LOOP PERFORM pg_sleep(0.1); END LOOP; END\$\$", $what, 'true');
    is($node->safe_psql('by_hand', $tables), $before, '... and nothing is left of scores that were not committed');
}
# in batches of another size, and all that is left at once
$node->safe_psql('by_hand', "SELECT m.score_leads('$nights[0]', 700)") for 1, 2;
$node->safe_psql('by_hand', "SELECT m.score_leads('$nights[0]')");
$node->safe_psql('by_hand', "DO \$\$BEGIN WHILE m.plan_visits('$nights[0]', 500) > 0 LOOP NULL; END LOOP; END\$\$");
is($node->safe_psql('by_hand', $tables), $first, 'run again, the tables are those of an unkilled night');

# by the night, which commits batch after batch: both nights are killed in each of their steps
for my $night (0, 1) {
    my $scored_before = $node->safe_psql('nightly', $scores);
    my $plans_before = $node->safe_psql('nightly', $plans);
    my ($few, $more) = $night == 0 ? (200, 1000) : (50, 300);
    for my $round ([ 'backend', 'true', 'in training' ], [ 'backend', "($scores) >= $scored_before + $few", 'while scoring' ], [ 'server', "($scores) >= $scored_before + $more", 'while scoring' ],
                   [ 'server', "($plans) > $plans_before", 'while planning' ]) {
        my ($what, $until, $when) = @$round;
        kill_it('nightly', "CALL m.run_daily('$nights[$night]')", $what, $until);
        if ($when eq 'while scoring') {
            is($node->safe_psql('nightly', "SELECT r.leads % 200 = 0 AND r.ended_at IS NULL FROM m.lead_score_run r WHERE r.as_of = '$nights[$night]'"), 't', "night $night, $when: whole batches stay");
        }
    }
    $node->safe_psql('nightly', "CALL m.run_daily('$nights[$night]')");
    is($node->safe_psql('nightly', $tables), ($first, $second)[$night], "night $night run again: the tables are those of an unkilled night");
    is($node->safe_psql('nightly', $problems), '', '... and all is consistent');
    $node->safe_psql('nightly', $day) if $night == 0;
}
is($node->safe_psql('nightly', "SELECT m.score_leads('$nights[1]') + m.plan_visits('$nights[1]')"), '0', 'nothing is left to do');
is($node->safe_psql('nightly', q{SELECT count(*) FILTER (WHERE status = 'running'), count(*) FILTER (WHERE status = 'failed' AND error LIKE 'interrupted%') FROM m.job_run}), '0|8', 'the log tells of eight interrupted steps');
is(kill_counts(), '6 6', 'all were killed that were to be');
$node->stop;
done_testing();
