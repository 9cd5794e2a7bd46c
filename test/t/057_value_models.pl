# Pareto/NBD, NBD, gamma-gamma and the discounted value on real customers: the sample of CDNOW with
# its published fits; and on many simulated ones: the same bits by every plan.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('value_models');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\nmax_worker_processes = 8\nwork_mem = '64MB'\n");
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
    skip 'the data set is not there: DUPEX_SHARED_DATA names no folder with cdnow_sample.csv', 21 unless -r $file;

    # calibration to 1997-09-30 in weeks, purchases of a day merged; mean value of the repeat purchases
    $node->safe_psql('postgres', "CREATE TABLE purchase (master text, id text, day date, cds int, amount numeric); COPY purchase FROM '$file' CSV HEADER");
    $node->safe_psql('postgres', "CREATE TABLE summary AS SELECT id, (count(*) - 1)::float8 AS frequency, (max(day) - min(day)) / 7.0::float8 AS recency, (date '1997-09-30' - min(day)) / 7.0::float8 AS age,
        (sum(amount) FILTER (WHERE no > 1) / nullif(count(*) - 1, 0))::float8 AS mean_value
        FROM (SELECT id, day, sum(amount) AS amount, row_number() OVER (PARTITION BY id ORDER BY day) AS no FROM purchase WHERE day <= '1997-09-30' GROUP BY id, day) d GROUP BY id");
    $node->safe_psql('postgres', 'CREATE TABLE model AS SELECT pareto_nbd_fit(counts) AS pareto, nbd_fit(counts) AS nbd, gamma_gamma_fit(spent) AS spend, spent
        FROM (SELECT purchase_counts_agg(frequency, recency, age, 1) AS counts, gamma_gamma_agg(frequency, mean_value, 1) AS spent FROM summary) s');

    # P. Fader, B. Hardie and K. L. Lee (2005) and their notes, to the digits of full-precision fits
    my ($status, @got) = row('SELECT (pareto).status, (pareto).log_likelihood, (pareto).r, (pareto).alpha, (pareto).s, (pareto).beta FROM model');
    is($status, 'converged', 'Pareto/NBD: status');
    near(shift @got, -9594.97618, 1e-4, 'Pareto/NBD: log-likelihood');
    my @published = (.5532770, 10.5776835, .6062400, 11.6687353);
    near($got[$_], $published[$_], 1e-6 * $published[$_], 'Pareto/NBD: ' . (qw(r alpha s beta))[$_]) for 0 .. 3;
    ($status, @got) = row('SELECT (nbd).status, (nbd).log_likelihood, (nbd).r, (nbd).alpha FROM model');
    is($status, 'converged', 'NBD: status');
    near($got[0], -9763.7, .05, 'NBD: log-likelihood');
    near($got[1], .385, .0005, 'NBD: r');
    near($got[2], 12.072, .0005, 'NBD: alpha');
    ($status, @got) = row('SELECT (spend).status, (spend).log_likelihood, (spend).p, (spend).q, (spend).gamma, (spend).customers FROM model');
    is($status, 'converged', 'gamma-gamma: status');
    near(shift @got, -4055.91769, 1e-4, 'gamma-gamma: log-likelihood');
    is(pop @got, 946, 'gamma-gamma: customers with repeat purchases');
    @published = (6.2495723, 3.7442247, 15.4435210);
    near($got[$_], $published[$_], 1e-6 * $published[$_], 'gamma-gamma: ' . (qw(p q gamma))[$_]) for 0 .. 2;
    my ($expected) = row('SELECT gamma_gamma_expected(spend, 2, 22.345) FROM model');
    near($expected, 24.654, .0005, 'customer 1: expected spend');

    # 39 weeks of hold-out: 1,882 purchases; by Pareto/NBD within an eighth, by NBD far too many
    my ($pareto, $nbd, $in_range) = row('SELECT sum(pareto_nbd_expected(pareto, frequency, recency, age, 39)), sum(nbd_expected(nbd, frequency, recency, age, 39)),
        bool_and(pareto_nbd_alive(pareto, frequency, recency, age) BETWEEN 0 AND 1) FROM summary, model');
    ok(abs($pareto / 1882 - 1) < .125, "Pareto/NBD expects $pareto of 1882 purchases in the hold-out");
    ok($nbd > 1882 * 1.3, "NBD expects $nbd: without leaving far too many");
    is($in_range, 't', 'P(alive) of all in range');
    # no discount: orders times value
    is($node->safe_psql('postgres', 'SELECT bool_and(abs(discounted_value(pareto, spend, frequency, recency, age, mean_value, 9, 4, 0) - pareto_nbd_expected(pareto, frequency, recency, age, 36) * gamma_gamma_expected(spend, frequency, mean_value)) < 1e-9) FROM summary, model'),
        't', 'the value without a discount is orders times value');
}

# the same bits by every plan: 50,000 customers
$node->safe_psql('postgres', q{CREATE TABLE customer AS SELECT i AS id, x::float8 AS frequency, CASE WHEN x = 0 THEN 0 ELSE age * (1 + abs(hashint8extended(i, 2) % 1000)) / 1000.0::float8 END AS recency, age, (500 + abs(hashint8extended(i, 3) % 9000)) / 100.0::float8 AS mean_value, 1 + abs(hashint8extended(i, 4) % 3) / 3.0::float8 AS weight
    FROM (SELECT i, greatest(abs(hashint8extended(i, 1) % 12) - 5, 0) AS x, (20 + abs(hashint8extended(i, 5) % 200) / 10.0)::float8 AS age FROM generate_series(1::bigint, 50000) i) d; ANALYZE customer});
for ([ 'pareto_nbd_fit', 'purchase_counts_agg(frequency, recency, age, weight)' ], [ 'nbd_fit', 'purchase_counts_agg(frequency, recency, age, weight)' ], [ 'gamma_gamma_fit', 'gamma_gamma_agg(frequency, mean_value, weight)' ]) {
    my ($fit, $aggregate) = @$_;
    my %results;
    for my $plan (0, 1, 3) {
        my ($text) = row("SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = $plan; SELECT $fit($aggregate)::text FROM customer");
        $results{$text}++;
    }
    my ($merged) = row("SELECT $fit(rollup(c))::text FROM (SELECT $aggregate AS c FROM customer GROUP BY id % 11) p");
    $results{$merged}++;
    is(scalar(keys %results), 1, "$fit: serial, parallel and merged fits have the same bits");
}

$node->stop;
done_testing();
