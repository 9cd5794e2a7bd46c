# Models of purchases on many customers: the sample of CDNOW with its published fits, and simulated
# customers whose parameters are found again, by every plan.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('purchases');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'America/New_York'\nmax_worker_processes = 8\nwork_mem = '64MB'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dupex; ALTER DATABASE postgres SET search_path = public, dupex');

# Columns of a row.
sub row { return split /\|/, $node->safe_psql('postgres', shift), -1; }

sub near {
    my ($got, $wanted, $error, $name) = @_;
    return ok(abs($got - $wanted) <= $error, "$name: $got, published $wanted");
}

SKIP: {
    my $file = ($ENV{DUPEX_SHARED_DATA} || '') . '/cdnow_sample.csv';
    skip 'the data set is not there: DUPEX_SHARED_DATA names no folder with cdnow_sample.csv', 24 unless -r $file;

    $node->safe_psql('postgres', "CREATE TABLE purchase (master text, id text, day date, cds int, amount numeric); COPY purchase FROM '$file' CSV HEADER");
    $node->safe_psql('postgres', "CREATE TABLE history AS SELECT id, purchase_history_agg(day::timestamptz, amount) AS h FROM purchase GROUP BY id");
    $node->safe_psql('postgres', "CREATE TABLE summary AS SELECT id, s.* FROM history, purchase_summary(h, '1997-09-30', 'week', 'America/New_York') s");

    # P. Fader, B. Hardie, K. L. Lee (2005) and their notes: calibration to 1997-09-30, 39 weeks of hold-out
    is(join(' ', row('SELECT count(*), sum(frequency), count(*) FILTER (WHERE frequency = 0) FROM summary')), '2357 2457 1411', 'customers, repeat purchases, customers without');
    is($node->safe_psql('postgres', "SELECT sum(later.frequency - s.frequency) FROM summary s JOIN history USING (id), purchase_summary(h, '1998-06-30', 'week', 'America/New_York') later"),
        '1882', 'purchases of the hold-out');
    $node->safe_psql('postgres', 'CREATE TABLE counts AS SELECT purchase_counts_agg(frequency, recency, age, 1) AS c FROM summary');
    for ([ 'bgnbd', [ .2425945, 4.4136020, .7929220, 2.4259068 ], -9582.42921 ], [ 'mbgnbd', [ .5248432, 6.1830853, .8913594, 1.6140022 ], -9582.13572 ]) {
        my ($model, $parameters, $likelihood) = @$_;
        my ($status, @got) = row("SELECT status, log_likelihood, r, alpha, a, b FROM counts, ${model}_fit(c)");
        is($status, 'converged', "$model: status");
        near(shift @got, $likelihood, 1e-4, "$model: log-likelihood");
        near($got[$_], $parameters->[$_], 1e-6 * $parameters->[$_], "$model: " . (qw(r alpha a b))[$_]) for 0 .. 3;
    }
    my ($alive, $expected, $one, $three) = row(
        'SELECT bgnbd_alive(m, 2, 213 / 7.0, 272 / 7.0), bgnbd_expected(m, 2, 213 / 7.0, 272 / 7.0, 39), bgnbd_new_customer(m, 1), bgnbd_new_customer(m, 3) FROM counts, bgnbd_fit(c) m');
    near($alive, .726620, 5e-7, 'customer 1: P(alive)');
    near($expected, 1.225994, 5e-7, 'customer 1: expected purchases in 39 weeks');
    near($one, .0531842915, 5e-10, 'a new customer, one week');
    near($three, .1506308392, 5e-10, 'a new customer, three weeks');
    is(join(' ', row("SELECT frequency, recency = 213 / 7.0, age = 272 / 7.0, mean_value FROM summary WHERE id = '0001'")), '2 t t 22.345', 'customer 1: summary');
    # nothing of the totals is lost
    is($node->safe_psql('postgres', 'SELECT sum(t.orders) = (SELECT count(*) FROM purchase) AND sum(t.amount) = (SELECT sum(amount) FROM purchase) FROM history, purchase_totals(h) t'), 't', 'orders and amounts add up');
    is($node->safe_psql('postgres', 'SELECT bool_and(bgnbd_alive(m, frequency, recency, age) BETWEEN 0 AND 1 AND bgnbd_expected(m, frequency, recency, age, 39) >= 0) FROM summary, counts, bgnbd_fit(c) m'), 't', 'scores of all are in range');
    my ($sum) = row('SELECT sum(bgnbd_expected(m, frequency, recency, age, 39)) FROM summary, counts, bgnbd_fit(c) m');
    ok($sum > 1882 * 0.85 && $sum < 1882 * 1.15, "expected purchases of the hold-out: $sum of 1882");
}

# 100,000 customers as the model describes them: its parameters lie within their own 99 % intervals. The
# customers are the same each time; that the intervals are neither too wide nor too narrow is seen below.
$node->safe_psql('postgres', 'CREATE SCHEMA bench');
$node->safe_psql('postgres', slurp_file('test/bench/simulate.sql'));
for ([ 'bgnbd', [ .25, 4.5, .8, 2.5 ], 0 ], [ 'mbgnbd', [ .6, 6, .9, 1.6 ], 1 ]) {
    my ($model, $parameters, $first) = @$_;
    $node->safe_psql('postgres', "DROP TABLE IF EXISTS customer; CREATE TABLE customer AS SELECT customer, (count(*) - 1)::float8 AS frequency, max(at) AS recency, max(age) AS age FROM bench.simulate_purchases(100000, "
          . join(', ', @$parameters) . ", $first, 0.5) GROUP BY customer; ANALYZE customer");
    my ($status, @got) = row("SELECT f.status, f.r, f.alpha, f.a, f.b, array_to_string(f.standard_errors, '|') FROM (SELECT purchase_counts_agg(frequency, recency, age, 1) AS c FROM customer) s, ${model}_fit(c) f");
    is($status, 'converged', "simulated $model: status");
    for (0 .. 3) {
        my $distance = abs($got[$_] - $parameters->[$_]) / $got[ $_ + 4 ];
        ok($distance < 2.576, "simulated $model: " . (qw(r alpha a b))[$_] . " is $got[$_], was $parameters->[$_]: $distance standard errors");
    }
    my %results;
    for my $plan (0, 1, 3) {
        my ($fit) = row("SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = $plan; SELECT md5(${model}_fit(purchase_counts_agg(frequency, recency, age, 1))::text) FROM customer");
        $results{$fit}++;
    }
    my ($merged) = row("SELECT md5(${model}_fit(rollup(c))::text) FROM (SELECT purchase_counts_agg(frequency, recency, age, 1) AS c FROM customer GROUP BY customer % 11) p");
    $results{$merged}++;
    is(scalar(keys %results), 1, "simulated $model: serial, parallel and merged fits have the same bits");
}

# 100 times 3,000 customers: the distances of the parameters in standard errors have mean 0 and deviation 1
my @distances = row('SELECT ' . join(', ', map { "avg(z[$_]), stddev(z[$_])" } 1 .. 4) . ' FROM (SELECT ARRAY[(f.r - 0.25) / f.standard_errors[1], (f.alpha - 4.5) / f.standard_errors[2], ln(f.a / 0.8) * f.a / f.standard_errors[3], ln(f.b / 2.5) * f.b / f.standard_errors[4]] AS z'
      . ' FROM generate_series(1, 100) s, LATERAL (SELECT purchase_counts_agg(frequency, recency, age, 1) AS c FROM (SELECT (count(*) - 1)::float8 AS frequency, max(at) AS recency, max(age) AS age FROM bench.simulate_purchases(3000, 0.25, 4.5, 0.8, 2.5, 0, s / 101.0) GROUP BY customer) q) p, bgnbd_fit(c) f) d');
for (0 .. 3) {
    my ($mean, $deviation) = @distances[ 2 * $_, 2 * $_ + 1 ];
    ok(abs($mean) < 0.4 && $deviation > 0.75 && $deviation < 1.3, "many fits: distance of " . (qw(r alpha a b))[$_] . " has mean $mean and deviation $deviation");
}

$node->stop;
done_testing();
