# A year of a real gift shop (Chen, Sain, Guo 2012) as it came: every day's invoices and
# cancellations loaded, every night the reports refreshed. At the end they are what one rebuild
# gives, and the cohorts by month of first order are what a plain count of the file gives.
# Prints the time that a night takes.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $file = ($ENV{DUPEX_SHARED_DATA} || '') . '/online_retail.csv.xz';
plan skip_all => 'the data set is not there: DUPEX_SHARED_DATA names no folder with online_retail.csv.xz' unless -r $file;
plan skip_all => 'there is no xz to unpack the data set' unless system('xz --version >/dev/null 2>&1') == 0;

my $node = PostgreSQL::Test::Cluster->new('nights');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nclient_min_messages = warning\ntimezone = 'Europe/London'\ndatestyle = 'ISO'\n");
$node->start;
sub sql { return $node->safe_psql('postgres', "SET search_path = marketing, dupex, public;\n$_[0]"); }

# A cancellation undoes the customer's last invoice before it that has all its goods; where there
# is none, the last one that has any of them; else none is known.
$node->safe_psql('postgres', 'CREATE EXTENSION dupex; SELECT dupex.install()');
sql(qq{
    CREATE TABLE public.file (invoice text, stock text, description text, quantity numeric, at timestamp, price numeric, customer text, country text);
    COPY public.file FROM PROGRAM 'xz -dc "$file"' (FORMAT csv, HEADER);
    CREATE INDEX ON public.file (customer, stock);
    CREATE TABLE public.undone AS
    WITH cancelled AS (
        SELECT invoice, customer, min(at) AS at, array_agg(DISTINCT stock) AS goods FROM public.file WHERE invoice LIKE 'C%' AND customer <> '' GROUP BY 1, 2),
    candidate AS (
        SELECT c.invoice, f.invoice AS undone, count(DISTINCT f.stock) = cardinality(c.goods) AS has_all, min(f.at) AS at
          FROM cancelled c JOIN public.file f ON f.customer = c.customer AND f.stock = ANY (c.goods) AND f.at <= c.at AND f.invoice NOT LIKE 'C%' AND f.quantity > 0
         GROUP BY c.invoice, c.goods, f.invoice)
    SELECT DISTINCT ON (invoice) invoice, undone FROM candidate ORDER BY invoice, has_all DESC, at DESC, undone DESC;
    CREATE TABLE public.lines AS
    SELECT f.at::date AS _day, CASE WHEN customer <> '' THEN 'shop' END AS system, customer AS number, invoice AS order_number, at AT TIME ZONE 'Europe/London' AS ordered_at,
           stock AS product, description, quantity, price AS unit_price, invoice LIKE 'C%' OR invoice LIKE 'A%' AND price::numeric < 0 AS is_return, u.undone AS return_of
      FROM public.file f LEFT JOIN public.undone u USING (invoice);
    CREATE INDEX ON public.lines (_day);
    CREATE TABLE public.people AS SELECT DISTINCT 'shop' AS system, customer AS number, 'internal' AS kind FROM public.file WHERE customer <> '';
    CREATE TABLE public.today (LIKE public.lines);
    ANALYZE;
});
is(sql(q{SELECT * FROM load_customers('public.people')}), '4372|0|0', 'customers');

my @days = split /\n/, sql('SELECT DISTINCT _day FROM public.lines ORDER BY 1');
my (@nights, $loaded, $rejected);
for my $day (@days) {
    my $counts = sql(qq{TRUNCATE public.today; INSERT INTO public.today SELECT * FROM public.lines WHERE _day = '$day'; ANALYZE public.today;
        SELECT loaded, rejected FROM load_orders('public.today')});
    my ($l, $r) = split /\|/, $counts;
    $loaded += $l; $rejected += $r;
    my $start = time;
    sql(qq{SELECT refresh_reports(date '$day' + interval '1 day 2 hours')});
    push @nights, time - $start;
}
is(scalar @days, 305, 'days with invoices');
is("$loaded $rejected", '541909 0', 'all lines are in');
my @sorted = sort { $a <=> $b } @nights;
diag(sprintf('a refresh a night, connecting included: median %.0f ms, longest %.0f ms; first 30 nights %.0f ms, last 30 nights %.0f ms on average',
    1000 * $sorted[ @sorted / 2 ], 1000 * $sorted[-1], 1000 / 30 * eval { my $s = 0; $s += $_ for @nights[ 0 .. 29 ]; $s }, 1000 / 30 * eval { my $s = 0; $s += $_ for @nights[ -30 .. -1 ]; $s }));

is(sql(q{SELECT sum(revenue - returned)::numeric(12,3), sum(orders) + (SELECT count(*) FROM order_return) FROM month_performance}), '9747747.934|25900', 'the published total and number of invoices');
cmp_ok(sql('SELECT count(customer_order_id) FROM order_return'), '>', 3000, 'most cancellations name the invoice that they undo');

sub picture { return sql(q{SELECT md5(string_agg(r, ' ' ORDER BY r)) FROM (SELECT d::text FROM source_performance_day d UNION ALL SELECT m::text FROM customer_milestone m
    UNION ALL SELECT o::text FROM customer_order_day o UNION ALL SELECT c::text FROM cohort_conversion c) x (r)}); }
my $night_by_night = picture();
sql('SELECT rebuild_reports()');
is(picture(), $night_by_night, 'a year of nights gives what one rebuild gives');

# by month of first order: people, and how many of them order in the months after
is(sql(q{
    WITH ordered AS (SELECT customer, date_trunc('month', at)::date AS m FROM public.file WHERE customer <> '' AND invoice NOT LIKE 'C%' GROUP BY 1, 2),
    cohort AS (SELECT customer, min(m) AS first FROM ordered GROUP BY 1),
    expected AS (SELECT c.first, (extract(year FROM age(o.m, c.first)) * 12 + extract(month FROM age(o.m, c.first)))::int AS n, count(*) AS people,
                        (SELECT count(*) FROM cohort s WHERE s.first = c.first) AS size
                   FROM cohort c JOIN ordered o USING (customer) GROUP BY 1, 2)
    SELECT count(*), count(*) FILTER (WHERE v.buyers = coalesce(e.people, 0) AND v.cohort_size = coalesce(e.size, v.cohort_size)), sum(v.buyers), (SELECT sum(people) FROM expected)
      FROM cohort_conversion v LEFT JOIN expected e ON e.first = v.cohort_month AND e.n = v.age_months WHERE v.cohort_basis = 'first order'}) =~ s/^(\d+)\|\1\|(\d+)\|\2$/all cells agree/r,
    'all cells agree', 'cohorts by month of first order');
is(sql(q{SELECT count(*) FROM check_integrity() WHERE problems > 0}), 0, 'and all is consistent');
$node->stop('fast');
done_testing();
