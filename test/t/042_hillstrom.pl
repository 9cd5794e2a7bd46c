# Real input: the e-mail test of the MineThatData challenge (K. Hillstrom, 2008), 64,000 customers
# of a shop, through the bulk loads as one campaign, and what the reports say of it: the published
# counts of each group, E:R by group and list against a plain recount, each mailed group against
# the hold-out with intervals computed here.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $file = ($ENV{DUPEX_SHARED_DATA} || '') . '/hillstrom.csv.gz';
plan skip_all => 'the data set is not there: DUPEX_SHARED_DATA names no folder with hillstrom.csv.gz' unless -r $file;

my $node = PostgreSQL::Test::Cluster->new('hillstrom');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nclient_min_messages = warning\n");
$node->start;
my $db = 'postgres';
sub sql { my ($text) = @_; return $node->safe_psql($db, "SET search_path = marketing, dupex, public;\n$text"); }

$node->safe_psql($db, 'CREATE EXTENSION dupex; SELECT dupex.install()');
sql(qq{
    CREATE TABLE public.hillstrom (customer_id text, recency text, history_segment text, history text, mens text, womens text, zip_code text,
        newbie text, channel text, segment text, visit text, conversion text, spend text);
    COPY public.hillstrom FROM PROGRAM 'gzip -dc "$file"' (FORMAT csv, HEADER);
});
is(sql('SELECT count(*) FROM public.hillstrom'), 64000, 'the file has 64,000 customers');

# The campaign: 3 test groups x 7 lists, March 2008. What a planner enters by hand is entered by
# hand, the rest comes in as sheets of text.
sql(q{
    UPDATE setting SET value = 'America/New_York' WHERE setting = 'time_zone';
    INSERT INTO campaign (campaign, name, purpose, starts_on, ends_on) VALUES ('mail2008', 'E-mail test of 2008', 'keep', '2008-03-20', '2008-04-03');
    INSERT INTO test_group (campaign, test_group, name, is_hold_out) VALUES
        ('mail2008', 'M', 'Mens E-Mail', false), ('mail2008', 'W', 'Womens E-Mail', false), ('mail2008', 'N', 'No E-Mail', true);
    INSERT INTO list (list, name, kind) SELECT DISTINCT '0' || left(history_segment, 1), history_segment, 'internal' FROM public.hillstrom;

    CREATE TABLE public.email AS
    SELECT h.*, h.segment = 'No E-Mail' AS is_held_out, '0' || left(h.history_segment, 1) AS list,
           source_build(jsonb_build_object('medium', 'D', 'group', left(h.segment, 1), 'list', '0' || left(h.history_segment, 1), 'month', '03', 'year', '8'))::text AS source_code
      FROM public.hillstrom h;
    CREATE TABLE public.codes AS SELECT DISTINCT source_code, 'mail2008' AS campaign, 'D' AS medium, left(segment, 1) AS test_group, list,
           '2008-03-01' AS issued_on, '2008-03-20' AS in_home_on, '2008-04-03' AS answers_until, CASE WHEN is_held_out THEN 'yes' ELSE 'no' END AS is_hold_out FROM public.email;
    CREATE TABLE public.people AS SELECT 'hillstrom' AS system, customer_id AS number, 'internal' AS kind, list AS lists FROM public.email;
    CREATE TABLE public.sent AS SELECT 'hillstrom' AS system, customer_id AS number, source_code, '2008-03-20 10:00' AS sent_at FROM public.email;
    CREATE TABLE public.answers AS SELECT 'hillstrom' AS system, customer_id AS number, '2008-03-21' AS responded_at, 'web' AS response_channel, lower(source_code) AS quoted_code
      FROM public.email WHERE visit = '1';
    CREATE TABLE public.orders AS SELECT 'hillstrom' AS system, customer_id AS number, 'H' || customer_id AS order_number, '3/22/2008 18:30' AS ordered_at, spend AS revenue, source_code AS quoted_code
      FROM public.email WHERE conversion = '1';
    -- an assumed cost of 12 cents per e-mail
    CREATE TABLE public.cost AS SELECT source_code, '2008-03-20' AS spent_on, (0.12 * count(*))::text AS amount, 'e-mail' AS kind
      FROM public.email WHERE NOT is_held_out GROUP BY 1;
});
is(sql('SELECT string_agg(source_code, $$ $$ ORDER BY source_code) FROM public.codes'),
    join(' ', map { my $group = $_; map { "D${group}0${_}038" } 1 .. 7 } qw(M N W)), 'a code for each of 3 groups x 7 lists');

my @loads = ([ sources => 'codes', 21 ], [ customers => 'people', 64000 ], [ touches => 'sent', 64000 ], [ responses => 'answers', 9394 ],
    [ orders => 'orders', 578 ], [ expenses => 'cost', 14 ]);
is(sql("SELECT * FROM load_$_->[0]('public.$_->[1]')"), "$_->[2]|0|0", "$_->[0]: every row is loaded") for @loads;
is(sql("SELECT * FROM load_$_->[0]('public.$_->[1]')"), "0|$_->[2]|0", "$_->[0]: again, nothing more") for @loads;
is(sql('SELECT (SELECT count(*) FROM touch), (SELECT count(*) FROM hold_out)'), '42694|21306', 'the hold-out got nothing');
sql(q{SELECT refresh_reports('2008-05-01')});

# the published counts
my %published = ('Mens E-Mail' => [ 21307, 3894, 267, '30311.69' ], 'Womens E-Mail' => [ 21387, 3238, 189, '23038.11' ], 'No E-Mail' => [ 21306, 2262, 122, '13908.33' ]);
for my $group (sort keys %published) {
    is(sql("SELECT net_pieces, responses, orders, revenue::numeric(12,2) FROM test_group_performance WHERE test_group_name = '$group'"),
        join('|', @{ $published{$group} }), "$group: people, visits, conversions, spend");
}
is(sql(q{SELECT pieces, held_out FROM test_group_performance WHERE is_hold_out}), '0|21306', 'people of the hold-out are no pieces');
is(sql(q{SELECT pieces, responses, orders, revenue::numeric(12,2), expense::numeric(12,2), er_ratio FROM medium_performance WHERE medium = 'D'}),
    '42694|7132|456|53349.80|5123.28|' . sprintf('%.6f', 5123.28 / 53349.80), 'the medium: the two mailed groups');

# every cell and list against a recount of the file
is(sql(q{
    SELECT count(*) FROM source_performance p FULL JOIN (
        SELECT source_code, count(*) AS people, sum(visit::int) AS visits, sum(conversion::int) AS conversions, sum(spend::numeric) AS spend,
               CASE WHEN NOT is_held_out THEN 0.12 * count(*) ELSE 0 END AS expense
          FROM public.email GROUP BY source_code, is_held_out) e ON e.source_code = p.source_code
     WHERE p.source_code IS DISTINCT FROM 'UNSOURCED'
       AND (p.net_pieces, p.responses, p.orders, p.revenue, p.expense, p.er_ratio)
           IS NOT DISTINCT FROM (e.people, e.visits, e.conversions, e.spend, e.expense, round(e.expense / e.spend, 6))}), 21, 'source_performance: 21 cells, E:R each');
is(sql(q{SELECT count(*) FROM source_performance WHERE source_code = 'UNSOURCED' AND num_nonnulls(nullif(responses, 0), nullif(orders, 0)) > 0}), 0, 'nothing is without a source');
is(sql(q{
    SELECT count(*) FROM list_performance p JOIN (
        SELECT list, count(*) AS people, sum(visit::int) AS visits, sum(conversion::int) AS conversions, sum(spend::numeric) AS spend
          FROM public.email WHERE NOT is_held_out GROUP BY list) e USING (list)
     WHERE (p.pieces, p.responses, p.orders, p.revenue, p.er_ratio) = (e.people, e.visits, e.conversions, e.spend, round(0.12 * e.people / e.spend, 6))}), 7, 'list_performance: 7 lists, E:R each');
is(sql(q{SELECT string_agg(DISTINCT er_ratio::text, ' ') FROM test_group_performance WHERE NOT is_hold_out}),
    join(' ', sort map { sprintf('%.6f', 0.12 * $published{$_}[0] / $published{$_}[3]) } 'Mens E-Mail', 'Womens E-Mail'), 'E:R of the two groups');

# Each mailed group against the hold-out: Newcombe's interval of a difference of rates (1998,
# method 10) from Wilson's of each.
my $z = 1.959963984540054;
sub wilson { my ($x, $n) = @_; my $p = $x / $n; my $middle = ($p + $z**2 / (2 * $n)) / (1 + $z**2 / $n);
    my $half = $z / (1 + $z**2 / $n) * sqrt($p * (1 - $p) / $n + $z**2 / (4 * $n**2)); return ($middle - $half, $middle + $half); }
sub newcombe { my ($x, $n, $y, $m) = @_; my ($p, $q) = ($x / $n, $y / $m); my ($l1, $u1) = wilson($x, $n); my ($l2, $u2) = wilson($y, $m);
    return ($p - $q, $p - $q - sqrt(($p - $l1)**2 + ($u2 - $q)**2), $p - $q + sqrt(($u1 - $p)**2 + ($q - $l2)**2)); }
my ($people, $visits, $conversions, $spend) = @{ $published{'No E-Mail'} };
for my $group ('Mens E-Mail', 'Womens E-Mail') {
    my @of = @{ $published{$group} };
    my @found = split /\|/, sql("SELECT response_difference, response_difference_lower, response_difference_upper, order_difference, order_difference_lower, order_difference_upper,
        revenue_per_person, hold_out_revenue_per_person, incremental_revenue, people, hold_out_people FROM hold_out_comparison WHERE test_group_name = '$group'");
    my @expected = (newcombe($of[1], $of[0], $visits, $people), newcombe($of[2], $of[0], $conversions, $people), $of[3] / $of[0], $spend / $people, $of[3] - $spend / $people * $of[0], $of[0], $people);
    my $wrong = grep { abs($found[$_] - $expected[$_]) > ($_ == 8 ? 1e-3 : 2e-6) } 0 .. $#expected;
    is("$wrong of " . @found, '0 of 11', "$group against the hold-out") or diag("found @found, expected @expected");
    ok($found[1] > 0 && $found[4] > 0, "$group brought visits and orders that would not have come");
}

# the raw file again, from scratch
is(sql(q{CREATE TABLE public.before AS SELECT * FROM source_day; SELECT rebuild_reports() IS NOT NULL;
    SELECT count(*) FROM (TABLE source_day EXCEPT TABLE public.before) a FULL JOIN (TABLE public.before EXCEPT TABLE source_day) b ON true}) =~ /^0$/m, 1, 'a rebuild gives the same');
$node->stop('fast');
done_testing();
