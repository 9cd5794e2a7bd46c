# Which model forecasts best: the sample of CDNOW, whose hold-out of 39 weeks has 1,882 purchases.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $file = ($ENV{DUPEX_SHARED_DATA} || '') . '/cdnow_sample.csv';
plan skip_all => 'the data set is not there: DUPEX_SHARED_DATA names no folder with cdnow_sample.csv' unless -r $file;

my $node = PostgreSQL::Test::Cluster->new('value_fit_report');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'America/New_York'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dupex; ALTER DATABASE postgres SET search_path = public, dupex');
$node->safe_psql('postgres', "CREATE TABLE purchase (master text, id text, day date, cds int, amount numeric); COPY purchase FROM '$file' CSV HEADER");

# Rows of a query, each the columns.
sub rows { return map { [ split /\|/, $_, -1 ] } split /\n/, $node->safe_psql('postgres', shift); }

sub near {
    my ($got, $wanted, $error, $name) = @_;
    return ok(abs($got - $wanted) <= $error, "$name: $got, published $wanted");
}

my $arguments = "'purchase', 'id', 'day', 'amount', '1997-09-30', '1998-06-30'";

# P. Fader, B. Hardie and K. L. Lee (2005) and their notes
my %published = (bgnbd => [ -9582.42921, .2425945, 4.4136020, .7929220, 2.4259068 ], mbgnbd => [ -9582.13572, .5248432, 6.1830853, .8913594, 1.6140022 ], pareto_nbd => [ -9594.97618, .5532770, 10.5776835, .6062400, 11.6687353 ]);
my @compared = rows("SELECT model, is_best, status, actual, predicted, class_error, actual_value, predicted_value, log_likelihood, array_to_string(parameters, '|') FROM value_model_comparison($arguments)");
is(scalar(@compared), 4, 'four models are compared');
for (@compared) {
    my ($model, $is_best, $status, $actual, $predicted, $class_error, $actual_value, $predicted_value, $likelihood, @parameters) = @$_;
    is("$status $actual", 'converged 1882', "$model: status, purchases of the hold-out");
    if (my $wanted = $published{$model}) {
        near($likelihood, $wanted->[0], 1e-4, "$model: log-likelihood");
        near($parameters[$_], $wanted->[ $_ + 1 ], 1e-6 * $wanted->[ $_ + 1 ], "$model: parameter " . ($_ + 1)) for 0 .. 3;
        # MBG/NBD, where one can leave after the first purchase too, expects less of the many who bought once
        ok(abs($predicted / $actual - 1) < ($model eq 'mbgnbd' ? .2 : .125), "$model: $predicted of $actual purchases");
        ok(abs($predicted_value / $actual_value - 1) < .25, "$model: value of $predicted_value of $actual_value");
    }
    else { ok($predicted > 1882 * 1.3, "$model: $predicted, without leaving far too many"); }
    note("$model: class error $class_error");
}
is($compared[0][1], 't', 'the first is the best');
is(scalar(grep { $_->[1] eq 't' } @compared), 1, '... and the only one');
is($compared[3][0], 'nbd', 'NBD is the worst');
ok($compared[0][5] <= $compared[1][5] && $compared[1][5] <= $compared[2][5] && $compared[2][5] <= $compared[3][5], 'by hold-out error of the classes');

# actual purchases by hand: those of the calibration and of the hold-out, by week and by class
$node->safe_psql('postgres', "CREATE TABLE seen AS SELECT DISTINCT id, day, min(day) OVER (PARTITION BY id) AS first_day FROM purchase WHERE day <= '1998-06-30'; CREATE TABLE report AS SELECT * FROM value_fit_report($arguments)");
my ($weeks) = rows("SELECT count(*), min(no), max(no), max(label), bool_and(actual = (SELECT count(*) FROM seen WHERE day > first_day AND day <= label::date)) FROM report WHERE section = 'cumulative'");
is("@$weeks", '78 -38 39 1998-06-30 t', 'tracking: weeks, actual purchases until each');
is(join(' ', map { $_->[0] } rows("SELECT actual FROM report WHERE section = 'cumulative' AND no IN (0, 39) ORDER BY no")), '2457 4339', 'tracking: the published totals');
is(join(' ', map { "@$_" } rows("SELECT actual = coalesce(sum(later), 0) AND customers = count(id) FROM report r LEFT JOIN (SELECT id, least(count(*) FILTER (WHERE day <= '1997-09-30') - 1, 7) AS class, count(*) FILTER (WHERE day > '1997-09-30') AS later FROM seen GROUP BY id) s ON s.class = r.no WHERE section = 'frequency' GROUP BY no, actual, customers")),
    join(' ', ('t') x 8), 'classes of frequency: customers and purchases');
is((rows("SELECT customers FROM report WHERE section = 'frequency' AND no = 0"))[0][0], 1411, 'customers without a repeat purchase');

# the published tracking: BG/NBD and Pareto/NBD stay near the actual cumulative purchases to the end
my ($end) = rows("SELECT actual, bgnbd, pareto_nbd, nbd FROM report WHERE section = 'cumulative' AND no = 39");
ok(abs($end->[$_] / $end->[0] - 1) < .08, (qw(actual BG/NBD Pareto/NBD))[$_] . " tracks: $end->[$_] of $end->[0]") for 1, 2;
ok($end->[3] > $end->[0] * 1.1, "NBD does not: $end->[3]");

$node->stop;
done_testing();
